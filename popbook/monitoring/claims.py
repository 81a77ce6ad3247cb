"""What the sentences of the overview claim, as conditions instead of words.

A sentence changes its meaning when its condition changes, not when a number in it does. The overview writes the
sentences (:mod:`popbook.exhibits.pages.overview`); the same figures decide here which of them can be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from popbook.ledger.store import Ledger
from popbook.monitoring.components import components_of_change
from popbook.monitoring.status import BREACHED, MISSED, OFF_TRACK
from popbook.monitoring.targets import TargetStatus
from popbook.monitoring.warnings import FIRED, Warning

RESIDENTS: Final = "resident_population"
SCENARIOS: Final = (("low", "低方案"), ("medium", "中方案"), ("high", "高方案"))
TARGET_CLAIMS: Final = (
    ("ageing", "老龄化", "resident_share_60plus"),
    ("working-age", "劳动年龄", "resident_share_15_59"),
    ("urban", "城镇化", "resident_urban_rate"),
)
#: Increments printed with one digit that differ by less are the same.
INCREMENT_TOLERANCE: Final = 0.05


@dataclass(frozen=True)
class Claim:
    """What one sentence claims in one edition.

    Parameters
    ----------
    claim_id, name
        The sentence, the same in every edition.
    condition
        What must hold for the sentence to be true, as a key; two editions claim the same if their keys are equal.
    words
        The condition in Chinese.
    """

    claim_id: str
    name: str
    condition: str
    words: str


def overview_claims(
    ledger: Ledger, statuses: Sequence[TargetStatus], warnings: Sequence[Warning], region_id: str | None = None
) -> tuple[Claim, ...]:
    """Return what the eight sentences of the overview claim in an edition.

    Parameters
    ----------
    ledger
        The ledger of an edition.
    statuses, warnings
        From :func:`popbook.monitoring.targets.assess_targets` and
        :func:`popbook.monitoring.warnings.evaluate_warnings` on the same ledger.
    region_id
        Id in ``regions.csv``.

    Returns
    -------
    tuple of Claim
        In the order of the sentences.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> from popbook.monitoring.targets import assess_targets
    >>> from popbook.monitoring.warnings import evaluate_warnings
    >>> ledger = read_ledger().for_edition(2024)
    >>> claims = overview_claims(ledger, assess_targets(ledger), evaluate_warnings(ledger))
    >>> claims[1].words
    '低于低方案'
    """
    region_id = region_id or ledger.city
    by_indicator = {status.indicator_id: status for status in statuses}
    return (
        _population(ledger, region_id),
        _against_the_plan(ledger, region_id),
        _components(ledger, region_id),
        *(_target(claim_id, name, by_indicator[key]) for claim_id, name, key in TARGET_CLAIMS if key in by_indicator),
        _targets(statuses),
        _warnings(warnings),
    )


def _population(ledger: Ledger, region_id: str) -> Claim:
    def claim(condition: str, words: str) -> Claim:
        return Claim("population", "总量", condition, words)

    edition = ledger.edition or 0
    series = ledger.series(RESIDENTS, region_id)
    latest, before = series.at(edition), series.at(edition - 1)
    if latest is None:
        return claim("unpublished", "没有公布")
    if before is None:
        return claim("no-previous", "上年末没有公布，不比较")
    if any(point.after_year == edition for point in series.break_points()):
        return claim("rebased", "基数调整，不与上年比较")
    change = round(latest.value - before.value, 6)
    if change <= 0:
        return claim("falls", "比上年减少") if change else claim("flat", "与上年持平")
    changes = series.changes()
    by_year = dict(zip(changes["year"].tolist(), changes["change"].tolist(), strict=True))
    if edition - 1 not in by_year:
        return claim("rises", "比上年增加")
    step = round(change - by_year[edition - 1], 6)
    if abs(step) <= INCREMENT_TOLERANCE:
        return claim("rises-steadily", "比上年增加，增量持平")
    return claim("rises-faster", "比上年增加，增量扩大") if step > 0 else claim("rises-slower", "比上年增加，增量收窄")


def _against_the_plan(ledger: Ledger, region_id: str) -> Claim:
    def claim(condition: str, words: str) -> Claim:
        return Claim("plan", "对照方案", condition, words)

    value = ledger.observation(RESIDENTS, ledger.edition or 0, region_id)
    paths = [ledger.plan.path("resident", key) for key, _ in SCENARIOS] if ledger.plan.has_paths("resident") else []
    if value is None or not paths or any(value.year not in path.index for path in paths):
        return claim("no-path", "方案没有当年的数，不比较")
    below = [value.value < float(path[value.year]) for path in paths]
    place = below.count(False)
    names = [name for _, name in SCENARIOS]
    if place == 0:
        return claim("below-low", f"低于{names[0]}")
    if place == len(names):
        return claim("above-high", f"不低于{names[-1]}")
    return claim(f"above-{SCENARIOS[place - 1][0]}", f"介于{names[place - 1]}和{names[place]}之间")


def _components(ledger: Ledger, region_id: str) -> Claim:
    def claim(condition: str, words: str) -> Claim:
        return Claim("components", "增量来源", condition, words)

    table = components_of_change(ledger, region_id).dropna(subset=["natural", "net_migration"])
    rows = table[table["year"] == ledger.edition]
    if rows.empty:
        return claim("unknown", "不能分解")
    natural, migration = float(rows.iloc[0]["natural"]), float(rows.iloc[0]["net_migration"])
    if natural > 0 and migration > 0:
        return claim("mainly-migration", "主要来自迁入") if migration > natural else claim("mainly-natural", "主要来自自然增长")
    if migration > 0:
        return claim("migration-only", "自然减少，全部来自迁入")
    return claim("out-migration", "自然增长，净迁出") if natural > 0 else claim("both-fall", "自然减少，净迁出")


def _target(claim_id: str, name: str, status: TargetStatus) -> Claim:
    return Claim(claim_id, name, status.status, status.status)


def _targets(statuses: Sequence[TargetStatus]) -> Claim:
    parts, keys = [], []
    for word in (BREACHED, MISSED, OFF_TRACK):
        found = [status for status in statuses if status.status == word]
        keys.append(f"{word}:{','.join(status.target_id for status in found)}")
        if found:
            parts.append(f"{word}{len(found)}项（{'、'.join(status.name for status in found)}）")
    return Claim("targets", "目标", ";".join(keys), "；".join(parts) or "没有已突破或难以达成的")


def _warnings(warnings: Sequence[Warning]) -> Claim:
    fired = [warning for warning in warnings if warning.state == FIRED and warning.headline]
    return Claim("warnings", "预警", ",".join(warning.rule_id for warning in fired),
                 "首要规则触发：" + "、".join(warning.name for warning in fired) if fired else "首要规则没有触发")
