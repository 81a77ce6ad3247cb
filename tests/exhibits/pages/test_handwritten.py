"""The pages written by hand say what the code does, and their terms and links exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from latex2mathml.converter import convert

from popbook.forecasting import ages, concepts, factor, intervals, probability, trend
from popbook.ledger.model import STATUS_ZH
from popbook.ledger.store import read_ledger
from popbook.monitoring.commitments import COMMITMENT_STATES
from popbook.monitoring.status import (
    CHANCE_LIKELY,
    CHANCE_VERY_UNLIKELY,
    PACE_ENOUGH,
    PACE_TOO_LITTLE,
    STALE_YEARS,
    STATUS_WORDS,
)
from popbook.monitoring.warnings import RULE_KINDS

BOOK = Path(__file__).parents[3] / "book"
PAGES = sorted(path.name for path in BOOK.glob("*.md"))


def text_of(name: str) -> str:
    return (BOOK / name).read_text(encoding="utf-8")


def section_of(name: str, label: str) -> str:
    """The text from one label to the next."""
    return re.split(r"^\([a-z-]+\)=$", text_of(name).split(f"({label})=")[1], maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_title(name: str) -> None:
    outside_code = re.sub(r"^```.*?^```", "", text_of(name), flags=re.MULTILINE | re.DOTALL)
    assert len(re.findall(r"^# ", outside_code, re.MULTILINE)) == 1


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_files_and_labels_that_exist(name: str) -> None:
    labels = {label for page in PAGES for label in re.findall(r"^\(([a-z-]+)\)=$", text_of(page), re.MULTILINE)}
    for target in re.findall(r"\]\(([^)]+)\)", text_of(name)):
        if target.startswith("#"):
            assert target[1:] in labels
        else:
            assert (BOOK / target).resolve().is_file()


def test_the_glossary_defines_each_term_once() -> None:
    terms = re.findall(r"^(\S+)\n  \S", text_of("glossary.md"), re.MULTILINE)
    assert len(terms) == len(set(terms)) >= 40


@pytest.mark.parametrize("name", PAGES)
def test_every_term_used_is_in_the_glossary(name: str) -> None:
    terms = set(re.findall(r"^(\S+)\n  \S", text_of("glossary.md"), re.MULTILINE))
    assert set(re.findall(r"\{term\}`([^`]+)`", text_of(name))) <= terms


def test_every_status_word_is_explained() -> None:
    rows = re.findall(r"^\| (\S+) \|", section_of("reading.md", "reading-status"), re.MULTILINE)
    assert [row for row in rows if row in STATUS_WORDS] == list(STATUS_WORDS)


def test_every_status_mark_is_explained() -> None:
    marks = section_of("reading.md", "reading-marks")
    for mark, name in STATUS_ZH.items():
        if mark:
            assert f"| {mark} {name} |" in marks


def test_the_thresholds_of_the_status_rule_are_the_ones_in_force() -> None:
    rule = section_of("methods.md", "methods-targets")
    for said in (
        f"进度比不低于{PACE_ENOUGH:.0%}",
        f"进度比低于{PACE_TOO_LITTLE:.0%}",
        f"达到的概率不低于{CHANCE_LIKELY:.0%}",
        f"达到的概率低于{CHANCE_VERY_UNLIKELY:.0%}",
        f"比年度版早{STALE_YEARS}年或更久",
    ):
        assert said in rule


def test_every_formula_can_be_drawn_as_mathml() -> None:
    text = text_of("methods.md")
    displayed = re.findall(r"\$\$(.+?)\$\$", text, re.DOTALL)
    inline = re.findall(r"(?<!\$)\$([^$\n]+)\$(?!\$)", text)
    assert len(displayed) >= 10
    for formula in [*displayed, *inline]:
        mathml = convert(formula)
        # What the converter does not know stays in the output as a command.
        assert "\\" not in mathml, formula


def test_the_constants_of_the_trend_members_are_the_ones_in_force() -> None:
    trend_section = section_of("methods.md", "methods-trend")
    for said in (
        f"$\\phi = {trend.DAMPING}$",
        f"对近{trend.TREND_WINDOW}年用最小二乘",
        f"近{'零一二三四五'[trend.DRIFT_WINDOW]}年平均对数增速",
        f"近{'零一二三四五'[trend.INCREMENT_WINDOW]}年平均增量",
        f"至少{'零一二三四五'[trend.MINIMUM_POINTS]}个数",
        *(trend.MEMBER_NAMES_ZH[member] for member in (*trend.TREND_MEMBERS, *trend.BENCHMARKS)),
    ):
        assert said in trend_section


def test_the_constants_of_the_intervals_are_the_ones_in_force() -> None:
    said = section_of("methods.md", "methods-intervals")
    lowest, highest = intervals.EXPONENT_BOUNDS
    assert f"不小于{intervals.SCALE_FLOOR:.1%}" in said
    assert f"不足{intervals.MINIMUM_CITIES}个" in said
    assert f"{lowest}—{highest}之间" in said
    assert f"为{intervals.OUTSIDE_MEDIAN_ERROR:.0%}" in said
    assert f"$h^{{{intervals.OUTSIDE_EXPONENT}}}$" in said
    assert all(f"{level:.0%}" in said for level in intervals.LEVELS)


def test_the_constants_of_regression_and_migration_are_the_ones_in_force() -> None:
    regression = section_of("methods.md", "methods-factor")
    assert f"不足{factor.MINIMUM_CITIES}个" in regression
    assert f"不足{factor.MINIMUM_YEARS}年" in regression
    assert f"最近{'零一二三'[factor.RECENT_YEARS]}年平均" in regression
    assert f"{concepts.MIGRATION_PERSISTENCE}^h" in section_of("methods.md", "methods-cohort-city")


def test_every_member_of_a_forecast_is_described() -> None:
    described = section_of("methods.md", "methods-combination") + section_of("methods.md", "methods-trend")
    forecasts = concepts.forecast_concepts(read_ledger().for_edition(2024))
    members = {name for item in forecasts.concepts().values() for name in item.members["name_zh"]}
    assert not {name for name in members if name not in described}


def test_the_panel_has_as_many_cities_as_said() -> None:
    cities = read_ledger().table("panel_resident")["region_id"].nunique()
    assert f"用{cities}个城市的常住人口面板" in section_of("methods.md", "methods-factor")


def test_the_constants_of_the_age_forecast_are_the_ones_in_force() -> None:
    said = section_of("methods.md", "methods-forecast-ages")
    assert f"{ages.PATHS}条轨迹" in said
    assert f"标准差{ages.FERTILITY_SD}，相关{ages.FERTILITY_PERSISTENCE}" in said
    assert f"每年标准差{ages.MORTALITY_SD}" in said
    assert f"误差标准差{ages.BASE_SD:.1%}" in said


def test_the_kinds_of_warning_rules_are_counted_right() -> None:
    assert f"规则有{'零一二三四五六七八九'[len(RULE_KINDS)]}种" in section_of("methods.md", "methods-warnings")


def test_every_state_of_a_commitment_is_explained() -> None:
    said = section_of("methods.md", "methods-commitments")
    assert f"状态只有{'零一二三四五六七八九'[len(COMMITMENT_STATES)]}种" in said
    assert all(state in said for state in COMMITMENT_STATES)


def test_every_model_of_a_chance_is_described() -> None:
    said = section_of("methods.md", "methods-probability")
    assert f"{ages.PATHS}条轨迹" in probability.MODEL_AGES
    assert f"{ages.PATHS}条轨迹" in said
    assert f"少于{'零一二三四五'[probability.MINIMUM_CHANGES]}个" in said


def test_the_sampling_error_of_the_survey_is_the_one_in_force() -> None:
    said = section_of("methods.md", "methods-forecast-ages")
    effective = ages.SURVEY_FRACTION / ages.DESIGN_EFFECT
    assert f"样本约{1000 * ages.SURVEY_FRACTION:g}‰" in said
    assert f"设计效应按{ages.DESIGN_EFFECT:g}计，相当于简单随机样本{1000 * effective:g}‰" in said
