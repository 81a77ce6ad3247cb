"""Demand that is coming: children of school age and the very old, by each edition's own forecast of ages.

No number of beds or places is published against which a forecast could be held. A rule therefore asks only what a
forecast can answer: does the whole prediction interval, some years on, lie above (below) the number of today? The
rules are data (``data/demand_rules.csv``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

import pandas as pd

from popbook.forecasting.ages import MEASURE_NAMES_ZH, AgeForecast, forecast_ages
from popbook.ledger.errors import DataError, MissingDataError, Problem, UsageError
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger
from popbook.monitoring.rounding import rounded_text
from popbook.monitoring.warnings import FIRED, QUIET, Warning, count_false_alarms, evaluate_warnings

FILE: Final = "demand_rules.csv"
SECTION: Final = "demand"


@dataclass(frozen=True)
class DemandRule:
    """One row of ``data/demand_rules.csv``.

    Parameters
    ----------
    measure
        A key of :data:`popbook.forecasting.ages.MEASURE_NAMES_ZH`.
    direction
        ``rise`` or ``fall``.
    years
        How many years after the jump-off.
    level
        80 or 95: the prediction interval that must lie beyond the jump-off.
    """

    rule_id: str
    measure: str
    name: str
    direction: Literal["rise", "fall"]
    years: int
    level: int
    reason: str
    source_id: str


@dataclass(frozen=True)
class DemandWarning:
    """One rule in one edition.

    Parameters
    ----------
    origin_year, origin_value
        Jump-off of the edition's forecast, 万人.
    year, point, low, high
        The forecast some years on and its interval, 万人.
    state
        触发 or 未触发.
    first_fired
        The first edition in which the rule fires; None if in none so far.
    history
        (edition, state) for every edition up to this one, each by its own forecast.
    false_alarms
        Editions whose warning the next edition took back.
    """

    edition: int
    rule_id: str
    measure: str
    name: str
    direction: str
    level: int
    reason: str
    source_id: str
    origin_year: int
    origin_value: float
    year: int
    point: float
    low: float
    high: float
    state: str
    first_fired: int | None = None
    history: tuple[tuple[int, str], ...] = ()
    false_alarms: int = 0


def read_demand_rules(ledger: Ledger) -> tuple[DemandRule, ...]:
    """Read the rules.

    Raises
    ------
    DataError
        If a rule names a measure that is not forecast; names every bad cell.
    """
    rules, problems = [], []
    for place, row in enumerate(ledger.table("demand_rules", as_published=False).to_dict("records"), start=2):
        rules.append(DemandRule(
            str(row["rule_id"]), str(row["measure"]), str(row["name_zh"]), row["direction"], int(row["years"]),
            int(row["level"]), str(row["reason"]), "" if pd.isna(row["source_id"]) else str(row["source_id"])))
        if rules[-1].measure not in MEASURE_NAMES_ZH:
            problems.append(Problem(FILE, place, "measure", "rule-measure", f"没有预测“{rules[-1].measure}”这个量",
                                    f"可选：{'、'.join(MEASURE_NAMES_ZH)}"))
    if problems:
        raise DataError(problems)
    return tuple(rules)


@remember(maxsize=16, on_disk=True)
def evaluate_demand(ledger: Ledger) -> tuple[DemandWarning, ...]:
    """Evaluate every rule with the edition's forecast, and every earlier edition with its own.

    Parameters
    ----------
    ledger
        The ledger of an edition.

    Returns
    -------
    tuple of DemandWarning
        In the order of ``demand_rules.csv``.

    Raises
    ------
    UsageError
        If the ledger is not the ledger of an edition.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> found = evaluate_demand(read_ledger().for_edition(2024))
    >>> [w.state for w in found if w.rule_id == "d-care-rise"]
    ['触发']
    """
    if ledger.edition is None:
        raise UsageError("预警需要某一年度版的台账", "evaluate_demand", "先用 ledger.for_edition(年份)")
    rules = read_demand_rules(ledger)
    if not rules:
        return ()
    views = [ledger.for_edition(e) for e in sorted(ledger.editions) if e < ledger.edition] + [ledger]
    try:
        ages = {view.edition or 0: forecast_ages(view) for view in views}
    except MissingDataError:  # nothing can be said of ages in a city without the inputs of their forecast
        return ()
    results = []
    for rule in rules:
        judged = {edition: judge_demand(rule, forecast, edition) for edition, forecast in ages.items()}
        history = tuple((edition, warning.state) for edition, warning in judged.items())
        results.append(replace(
            judged[ledger.edition], history=history, false_alarms=count_false_alarms(state for _, state in history),
            first_fired=next((edition for edition, state in history if state == FIRED), None)))
    return tuple(results)


def judge_demand(rule: DemandRule, ages: AgeForecast, edition: int) -> DemandWarning:
    """Hold one forecast against one rule.

    Parameters
    ----------
    rule
        The rule.
    ages
        The forecast of ages of an edition.
    edition
        Its data year.

    Returns
    -------
    DemandWarning
        With empty ``history``.
    """
    rows = ages.table[ages.table["measure"] == rule.measure]
    by_year: dict[int, dict[str, Any]] = {int(row["year"]): row for row in rows.to_dict("records")}  # type: ignore[misc]
    year = min(ages.origin_year + rule.years, max(by_year))
    start, then = float(by_year[ages.origin_year]["point"]), by_year[year]
    low, high = float(then[f"lo{rule.level}"]), float(then[f"hi{rule.level}"])
    fired = low > start if rule.direction == "rise" else high < start
    return DemandWarning(
        edition=edition, rule_id=rule.rule_id, measure=rule.measure, name=rule.name, direction=rule.direction,
        level=rule.level, reason=rule.reason, source_id=rule.source_id, origin_year=ages.origin_year, origin_value=start,
        year=year, point=float(then["point"]), low=low, high=high, state=FIRED if fired else QUIET)


def watch(ledger: Ledger) -> tuple[Warning, ...]:
    """Evaluate everything that warns: the rules on published figures, then the demand that a forecast sees coming.

    Parameters
    ----------
    ledger
        The ledger of an edition.

    Returns
    -------
    tuple of Warning
        In the order of ``warning_rules.csv`` and ``demand_rules.csv``.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> found = watch(read_ledger().for_edition(2024))
    >>> [w.name for w in found if w.section == "demand" and w.state == "触发"]
    ['80岁及以上人口上升', '15—17岁人口上升']
    """
    return (*evaluate_warnings(ledger), *(as_warning(found, ledger.city) for found in evaluate_demand(ledger)))


def as_warning(found: DemandWarning, region_id: str) -> Warning:
    """Say a demand warning in the form of the warnings on published figures.

    Parameters
    ----------
    found
        One of :func:`evaluate_demand`.

    Returns
    -------
    Warning
        ``year`` and ``value`` are those of the forecast, ``limit`` the number of today, ``since`` the first edition of the
        present run.
    """
    run = [edition for edition, _ in found.history]
    for edition, state in reversed(found.history):
        if state != FIRED:
            run = [later for later in run if later > edition]
            break
    rising = found.direction == "rise"
    beyond = found.state == FIRED
    side = "高于" if rising else "低于"
    sentence = (
        f"{found.origin_year}年末约{rounded_text(found.origin_value, 1)}万人，预测{found.year}年"
        f"{rounded_text(found.low, 1)}万—{rounded_text(found.high, 1)}万人（{found.level}%区间），"
        f"{'整个' if beyond else '没有整个'}{side}起点，"
        + (f"{run[0]}年度版起{FIRED}。" if beyond and run else f"{found.state}。"))
    return Warning(
        edition=found.edition, rule_id=found.rule_id, section=SECTION, indicator_id=found.measure, name=found.name,
        kind=found.direction, threshold=rounded_text(found.origin_value, 1), unit="万人", region=region_id, headline=False,
        rule_reason=found.reason, source_id=found.source_id, state=found.state, year=found.year, value=found.point,
        measure=found.low if rising else found.high, limit=found.origin_value,
        since=run[0] if beyond and run else None, first_fired=found.first_fired, sentence=sentence,
        history=found.history, false_alarms=found.false_alarms)


def demand_table(warnings: Iterable[DemandWarning]) -> pd.DataFrame:
    """Lay the warnings open, one row per rule (demand.csv); ``history`` as text separated by "；"."""
    rows = [{**asdict(w), "history": "；".join(f"{edition}:{state}" for edition, state in w.history)} for w in warnings]
    return pd.DataFrame(rows).astype({"first_fired": "Int64"})
