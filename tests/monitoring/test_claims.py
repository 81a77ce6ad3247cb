"""A claim changes with the condition of its sentence, and the sentence of the overview says the same."""

from __future__ import annotations

import pytest

from popbook.exhibits.inline import plain_text
from popbook.exhibits.pages import overview
from popbook.exhibits.report import Report, open_report
from popbook.monitoring.claims import Claim, overview_claims
from popbook.monitoring.targets import assess_targets
from popbook.monitoring.warnings import evaluate_warnings
from tests.exhibits.amending import EDITIONS, amended

#: What the overview must, and must not, say where a claim holds.
SAID = {
    "unpublished": ("没有公布", "比上年末"),
    "rebased": ("不是一年的增长", "比上年末"),
    "falls": ("比上年末减少", "增量"),
    "rises-faster": ("扩大", "收窄"),
    "rises-slower": ("收窄", "扩大"),
    "rises-steadily": ("比上年末增加", "收窄"),
    "no-path": ("逐年给出", "低于"),
    "below-low": ("比规划低方案", "介于"),
    "above-low": ("介于规划低方案", "不低于规划高方案"),
    "above-medium": ("介于规划中方案", "不低于规划高方案"),
    "above-high": ("不低于规划高方案", "介于"),
    "unknown": ("不能分解", "主要来自"),
    "mainly-migration": ("主要来自迁入", "净迁出"),
    "mainly-natural": ("主要来自自然增长", "主要来自迁入"),
    "migration-only": ("全部来自迁入", "净迁出"),
    "out-migration": ("净迁出", "主要来自"),
    "both-fall": ("净迁出", "主要来自"),
}


def claims_of(report: Report) -> dict[str, Claim]:
    ledger = report.ledger
    found = overview_claims(ledger, assess_targets(ledger, chance=None), evaluate_warnings(ledger))
    return {claim.claim_id: claim for claim in found}


def agrees(report: Report) -> None:
    (block,) = overview.year(report).blocks
    sentences = [plain_text(line) for line in str(block).splitlines()]
    claims = claims_of(report)
    for place, claim_id in enumerate(("population", "plan", "components")):
        expected, excluded = SAID[claims[claim_id].condition]
        assert expected in sentences[place], (claims[claim_id].condition, sentences[place])
        assert excluded not in sentences[place], (claims[claim_id].condition, sentences[place])


def test_there_is_one_claim_for_each_sentence() -> None:
    report = open_report(2024, chapter="overview")
    (block,) = overview.year(report).blocks
    names = [line.split("**")[1] for line in str(block).splitlines()]
    assert names == [claim.name for claim in claims_of(report).values()]


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_overview_says_what_is_claimed(edition: int) -> None:
    agrees(open_report(edition, chapter="overview"))


@pytest.mark.parametrize(
    ("value", "population", "plan"),
    [
        (None, "unpublished", "no-path"),
        (1250.0, "falls", "below-low"),
        (1262.4, "rises-slower", "below-low"),
        (1266.8, "rises-steadily", "below-low"),
        (1290.0, "rises-faster", "below-low"),
        (1320.0, "rises-faster", "above-low"),
        (1400.0, "rises-faster", "above-high"),
    ],
)
def test_a_flipped_population_flips_claim_and_sentence(value: float | None, population: str, plan: str) -> None:
    report = amended(2024, ("resident_population", 2024, value), chapter="overview")
    claims = claims_of(report)
    assert claims["population"].condition == population
    if value is not None:
        assert claims["plan"].condition == plan
        agrees(report)


def test_a_new_figure_with_the_same_meaning_leaves_the_claim() -> None:
    before = claims_of(open_report(2024, chapter="overview"))
    after = claims_of(amended(2024, ("resident_population", 2024, 1262.5), chapter="overview"))
    assert {key: claim.condition for key, claim in before.items()} == {key: c.condition for key, c in after.items()}


def test_more_births_than_migrants_flip_the_source_of_the_increment() -> None:
    report = amended(2024, ("resident_birth_rate", 2024, 12.0), ("resident_natural_rate", 2024, 6.8), chapter="overview")
    assert claims_of(report)["components"].condition == "mainly-natural"
    agrees(report)


def test_a_share_back_under_its_ceiling_flips_target_warning_and_count() -> None:
    now = claims_of(open_report(2024, chapter="overview"))
    flipped = claims_of(amended(2024, ("resident_share_60plus", 2024, 19.9), chapter="overview"))
    assert now["ageing"].condition == "已突破" != flipped["ageing"].condition
    assert "w-ageing-share" in now["warnings"].condition and "w-ageing-share" not in flipped["warnings"].condition
    assert "已突破:T09" in now["targets"].condition and "已突破:;" in flipped["targets"].condition
