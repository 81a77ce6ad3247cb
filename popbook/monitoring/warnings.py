"""Early warning by published rules: what fired, since when, and how often a rule cried wolf.

The rules are data (``data/warning_rules.csv``). A rule reads published figures of confidence A or B only, never across
a break; where there is no figure for the year it says 无法判断 instead of carrying the last state forward.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any, Final

import pandas as pd

from popbook.ledger.concepts import require_same_concept
from popbook.ledger.errors import DataError, Problem, UsageError
from popbook.ledger.model import Observation
from popbook.ledger.reads import remember
from popbook.ledger.series import Series
from popbook.ledger.store import Ledger
from popbook.monitoring.derived import monitored_series
from popbook.monitoring.rounding import rounded_text

FIRED: Final = "触发"
QUIET: Final = "未触发"
UNKNOWN: Final = "无法判断"

#: Kinds of rule and how readers are told about them.
RULE_KINDS: Final = {
    "below": "低于界限即触发",
    "above": "高于界限即触发",
    "falls_for": "连续下降达到规定次数即触发",
    "rises_by": "一年上升快于界限即触发",
    "falls_by": "一年下降快于界限即触发",
    "below_path": "低于规划方案当年的数即触发",
    "outlier": "与各区县中位数相差超过界限个稳健标准差即触发",
    "outlier_growth": "年均增速与各区县中位数相差超过界限个稳健标准差即触发",
}
SCENARIO_ZH: Final = {"low": "低方案", "medium": "中方案", "high": "高方案"}
#: Units of amounts, which 增加 and 减少; rates and shares 上升 and 下降.
COUNTED: Final = ("人", "万人")
_DIFFERENCE_UNIT: Final = {"%": "个百分点", "‰": "个千分点"}
_DIGITS: Final = 9
_OUTLIERS: Final = ("outlier", "outlier_growth")
_SCHEMES: Final = ("pre-2021", "post-2021")
# The median absolute deviation of a normal distribution is 0.6745 standard deviations (Iglewicz & Hoaglin 1993).
_NORMAL_MAD: Final = 0.6745
# Fewer districts give no spread to be measured against.
FEWEST_DISTRICTS: Final = 8


@dataclass(frozen=True)
class WarningRule:
    """One row of ``data/warning_rules.csv``.

    Parameters
    ----------
    kind
        A key of :data:`RULE_KINDS`.
    threshold
        A number in the indicator's unit, or the name of a scenario for ``below_path``.
    region
        A region id, ``district`` (every district) or a group of ``regions.csv`` (``west``).
    headline
        Whether the rule is the one that a section of chapter two leads with.
    """

    rule_id: str
    section: str
    indicator_id: str
    name: str
    kind: str
    threshold: str
    unit: str
    region: str
    headline: bool
    reason: str
    source_id: str

    @property
    def limit(self) -> float:
        """The threshold as a number (not for ``below_path``)."""
        return float(self.threshold)


@dataclass(frozen=True)
class Reading:
    """What one rule saw in one region and year.

    Parameters
    ----------
    observation
        The figure.
    measure
        What is held against the threshold: the value, a yearly change, a number of falls in a row, a number of robust
        standard deviations.
    limit
        The threshold of that year.
    fired
        Whether the rule fires.
    figure, middle
        For outliers: the figure compared (the value, or its mean yearly growth in per cent) and the median of all
        districts.
    """

    observation: Observation
    measure: float
    limit: float
    fired: bool
    figure: float | None = None
    middle: float | None = None


@dataclass(frozen=True)
class Warning:
    """One rule in one edition.

    Parameters
    ----------
    state
        触发, 未触发 or 无法判断.
    year, value
        The figure it rests on (of the region that is furthest over the limit); the last one known if 无法判断.
    measure, limit
        What was held against what.
    regions
        Names of the regions that fire, for rules over several regions.
    since
        First year of the present run of firing; None if it does not fire.
    first_fired
        First year since the plan's base year in which the rule would have fired, in the figures this edition knows.
        Earlier years stand on other bases and are no years of the plan.
    history
        (edition, state) for every edition up to this one, each by what it could know.
    false_alarms
        Editions whose warning the next edition took back.
    """

    edition: int
    rule_id: str
    section: str
    indicator_id: str
    name: str
    kind: str
    threshold: str
    unit: str
    region: str
    headline: bool
    rule_reason: str
    source_id: str
    state: str
    year: int | None = None
    value: float | None = None
    measure: float | None = None
    limit: float | None = None
    regions: tuple[str, ...] = ()
    since: int | None = None
    first_fired: int | None = None
    sentence: str = ""
    history: tuple[tuple[int, str], ...] = ()
    false_alarms: int = 0


@remember(maxsize=16)
def read_rules(ledger: Ledger) -> tuple[WarningRule, ...]:
    """Read the warning rules.

    Raises
    ------
    DataError
        If a rule is of an unknown kind or its threshold does not fit the kind; names every bad cell.
    """
    rules, problems = [], []
    for place, row in enumerate(ledger.table("warning_rules", as_published=False).to_dict("records"), start=2):
        rule = WarningRule(
            rule_id=str(row["rule_id"]), section=str(row["chapter_section"]), indicator_id=str(row["indicator_id"]),
            name=str(row["name_zh"]), kind=str(row["kind"]), threshold=str(row["threshold"]), unit=_text(row["unit"]),
            region=_text(row["region"]) or ledger.city, headline=bool(row["headline"]), reason=_text(row["reason"]),
            source_id=_text(row["source_id"]))
        problems += _rule_problems(rule, place)
        rules.append(rule)
    if problems:
        raise DataError(problems)
    return tuple(rules)


@remember(maxsize=16, on_disk=True)
def evaluate_warnings(ledger: Ledger) -> tuple[Warning, ...]:
    """Evaluate every rule with what an edition could know, and every earlier edition with what it could know.

    Parameters
    ----------
    ledger
        The ledger of an edition.

    Returns
    -------
    tuple of Warning
        In the order of ``warning_rules.csv``.

    Raises
    ------
    UsageError
        If the ledger is not the ledger of an edition.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> warnings = evaluate_warnings(read_ledger().for_edition(2024))
    >>> [w.state for w in warnings if w.rule_id == "w-ageing-share"]
    ['触发']
    """
    if ledger.edition is None:
        raise UsageError("预警需要某一年度版的台账", "evaluate_warnings", "先用 ledger.for_edition(年份)")
    past = [ledger.for_edition(edition) for edition in sorted(ledger.editions) if edition < ledger.edition]
    before = [evaluate_rules(view) for view in past]
    results = []
    for place, now in enumerate(evaluate_rules(ledger)):
        known = (*((then[place].edition, then[place].state) for then in before), (ledger.edition, now.state))
        results.append(replace(now, history=known, false_alarms=count_false_alarms([state for _, state in known])))
    return tuple(results)


@remember(maxsize=16, on_disk=True)
def evaluate_rules(ledger: Ledger) -> tuple[Warning, ...]:
    """Evaluate every rule in one edition, without its history.

    Parameters
    ----------
    ledger
        The ledger of an edition.

    Returns
    -------
    tuple of Warning
        In the order of ``warning_rules.csv``, with ``history`` empty.
    """
    return tuple(evaluate_rule(rule, ledger) for rule in read_rules(ledger))


def evaluate_rule(rule: WarningRule, ledger: Ledger) -> Warning:
    """Evaluate one rule in one edition, without its history.

    Parameters
    ----------
    rule
        The rule.
    ledger
        The ledger of an edition.

    Returns
    -------
    Warning
        With ``history`` empty.
    """
    edition = ledger.edition or 0
    result = Warning(
        edition=edition, rule_id=rule.rule_id, section=rule.section, indicator_id=rule.indicator_id, name=rule.name,
        kind=rule.kind, threshold=rule.threshold, unit=rule.unit, region=rule.region, headline=rule.headline,
        rule_reason=rule.reason, source_id=rule.source_id, state=UNKNOWN)
    start = ledger.plan.document.base_year
    by_region = read_regions(rule, ledger)
    if not by_region:
        latest = _latest_of(rule, ledger)
        sentence = f"没有可用的数，{UNKNOWN}。" if latest is None else \
            f"最近的数是{latest.year}年{_amount(latest, latest.value)}，没有可比的数，{UNKNOWN}。"
        return replace(result, sentence=sentence, year=None if latest is None else latest.year,
                       value=None if latest is None else latest.value)
    fired_years = sorted({r.observation.year for readings in by_region.values() for r in readings
                          if r.fired and r.observation.year >= start})
    latest_by_region = {region_id: readings[-1] for region_id, readings in by_region.items()}
    newest = max(reading.observation.year for reading in latest_by_region.values())
    current = {key: reading for key, reading in latest_by_region.items()
               if _is_current(rule, reading.observation, edition)}
    firing = {key: reading for key, reading in (current or latest_by_region).items() if reading.fired}
    shown = _furthest(rule, list((firing or current or latest_by_region).values()))
    result = replace(
        result, year=shown.observation.year, value=shown.observation.value, measure=shown.measure, limit=shown.limit,
        first_fired=fired_years[0] if fired_years else None)
    if not current:
        then = "当时已越过界限" if firing else "当时没有越过界限"
        return replace(result, sentence=f"最近一次可以判断的是{newest}年：{_said(rule, shown)}，{then}；"
                                        f"{edition}年没有公布，{UNKNOWN}。")
    names = tuple(ledger.regions[key].name_zh for key in firing) if rule.region not in ledger.regions else ()
    since = min((_run_start(by_region[key], start) for key in firing), default=None)
    return replace(result, state=FIRED if firing else QUIET, regions=names, since=since,
                   sentence=_sentence(rule, shown, names, since, len(current)))


def regions_of(rule: WarningRule, ledger: Ledger) -> tuple[str, ...]:
    """Region ids a rule looks at: one region, every district, or a group of districts."""
    if rule.region in ledger.regions:
        return (rule.region,)
    districts = [region for region in ledger.regions.values() if region.level == "district"]
    if rule.region == "district":
        return tuple(region.region_id for region in districts)
    return tuple(region.region_id for region in districts if region.group == rule.region)


def read_regions(rule: WarningRule, ledger: Ledger) -> dict[str, list[Reading]]:
    """Hold the figures of every region of a rule against it.

    Returns
    -------
    dict
        Readings by region id, oldest first; only regions with usable figures.
    """
    series = {key: monitored_series(ledger, rule.indicator_id, key) for key in regions_of(rule, ledger)}
    if rule.kind in _OUTLIERS:
        return _read_outliers(rule, series)
    found = {key: read_figures(rule, item, ledger) for key, item in series.items()}
    return {key: readings for key, readings in found.items() if readings}


def read_figures(rule: WarningRule, series: Series, ledger: Ledger) -> list[Reading]:
    """Hold every usable figure of a series against the rule, oldest first.

    Figures of confidence C are left out; comparisons with an earlier figure stay within a segment.
    """
    figures = [o for o in series.observations() if o.confidence != "C"]
    if rule.kind in ("below", "above"):
        side = -1 if rule.kind == "below" else 1
        return [Reading(o, o.value, rule.limit, side * round(o.value - rule.limit, _DIGITS) > 0) for o in figures]
    if rule.kind == "below_path":
        if not ledger.plan.has_paths(series.indicator.basis):
            return []
        path = ledger.plan.path(series.indicator.basis, rule.threshold)
        return [Reading(o, o.value, float(path[o.year]), o.value < path[o.year]) for o in figures if o.year in path.index]
    # A census every ten years is compared with the census before; yearly figures only with the year before.
    yearly = rule.unit != "次"
    readings, falls = [], 0
    for before, now in pairwise(figures):
        if before.behind != now.behind or (yearly and now.year - before.year != 1):
            falls = 0
            continue
        change = round(now.value - before.value, _DIGITS)
        if rule.kind in ("rises_by", "falls_by"):
            side = 1 if rule.kind == "rises_by" else -1
            readings.append(Reading(now, change, side * rule.limit, side * change > rule.limit))
            continue
        falls = falls + 1 if change < 0 else 0
        readings.append(Reading(now, float(falls), rule.limit, falls >= rule.limit))
    return readings


def _read_outliers(rule: WarningRule, series: dict[str, Series]) -> dict[str, list[Reading]]:
    """Compare the districts of one boundary scheme with one another, year by year.

    ``0.6745 (x - median) / MAD``, the modified z-score: unlike mean and standard deviation it does not move with the very
    figure it is to judge.
    """
    found: dict[str, dict[int, Reading]] = {}
    for scheme in _SCHEMES:
        figures: dict[int, dict[str, tuple[Observation, float]]] = {}
        for key, item in series.items():
            if item.region.scheme not in (scheme, "all"):
                continue
            seen = [o for o in item.observations() if o.confidence != "C"]
            pairs = [(o, o.value) for o in seen] if rule.kind == "outlier" else [
                (now, 100 * ((now.value / before.value) ** (1 / (now.year - before.year)) - 1))
                for before, now in pairwise(seen) if before.behind == now.behind and before.value > 0]
            for observation, figure in pairs:
                figures.setdefault(observation.year, {})[key] = (observation, figure)
        for year, members in figures.items():
            if len(members) < FEWEST_DISTRICTS:
                continue
            require_same_concept(*(observation for observation, _ in members.values()))
            middle = median(figure for _, figure in members.values())
            spread = median(abs(figure - middle) for _, figure in members.values())
            for key, (observation, figure) in members.items():
                # Districts that are all alike have no outlier.
                score = round(_NORMAL_MAD * (figure - middle) / spread, _DIGITS) if spread else 0.0
                reading = Reading(observation, score, rule.limit, abs(score) > rule.limit, figure, middle)
                found.setdefault(key, {}).setdefault(year, reading)
    return {key: [readings[year] for year in sorted(readings)] for key, readings in found.items()}


def count_false_alarms(states: Iterable[str]) -> int:
    """Count the warnings that the next edition took back (触发 followed by 未触发).

    Examples
    --------
    >>> count_false_alarms(["触发", "未触发", "无法判断", "触发"])
    1
    """
    return sum(first == FIRED and second == QUIET for first, second in pairwise(states))


def warnings_table(warnings: Iterable[Warning]) -> pd.DataFrame:
    """Lay the warnings open, one row per rule (warnings.csv).

    Returns
    -------
    DataFrame
        The fields of :class:`Warning`; ``regions`` and ``history`` as text separated by "；".
    """
    rows = []
    for warning in warnings:
        row = asdict(warning)
        row["regions"] = "；".join(warning.regions)
        row["history"] = "；".join(f"{edition}:{state}" for edition, state in warning.history)
        rows.append(row)
    return pd.DataFrame(rows).astype(dict.fromkeys(["year", "since", "first_fired"], "Int64"))


def _is_current(rule: WarningRule, observation: Observation, edition: int) -> bool:
    # A census holds until the next one; district figures come late and unevenly, so each unit's latest counts.
    if observation.indicator.reference == "census_day" or rule.region == "district":
        return True
    return observation.year == edition


def _furthest(rule: WarningRule, readings: list[Reading]) -> Reading:
    if rule.kind in _OUTLIERS:
        return max(readings, key=lambda r: (abs(r.measure), r.observation.region.region_id))
    side = 1 if rule.kind in ("above", "rises_by", "falls_for") else -1
    return max(readings, key=lambda r: (side * (r.measure - r.limit), r.observation.region.region_id))


def _run_start(readings: list[Reading], first_year: int) -> int:
    start = readings[-1].observation.year
    for reading in reversed(readings):
        if not reading.fired or reading.observation.year < first_year:
            break
        start = reading.observation.year
    return start


def _latest_of(rule: WarningRule, ledger: Ledger) -> Observation | None:
    found = [o for region_id in regions_of(rule, ledger)
             for o in monitored_series(ledger, rule.indicator_id, region_id).observations() if o.confidence != "C"]
    return max(found, key=lambda o: o.year, default=None)


def _sentence(rule: WarningRule, shown: Reading, names: tuple[str, ...], since: int | None, regions: int) -> str:
    said = f"{shown.observation.year}年{_said(rule, shown)}".replace("年年末", "年末")
    if rule.region == shown.observation.region.region_id:
        return f"{said}，{since}年起{FIRED}。" if since else f"{said}，{QUIET}。"
    place = shown.observation.region.name_zh
    if not names:
        return f"有数的{regions}个区县都没有越过界限，最接近的是{place}（{said}），{QUIET}。"
    if len(names) == 1:
        return f"有数的{regions}个区县中越过界限的是{place}（{said}），{since}年起{FIRED}。"
    return f"有数的{regions}个区县中{len(names)}个越过界限（{'、'.join(names)}），最突出的是{place}（{said}），{since}年起{FIRED}。"


def _said(rule: WarningRule, reading: Reading) -> str:
    o = reading.observation
    value = f"{o.indicator.name_zh}{_amount(o, o.value)}"
    unit = _DIFFERENCE_UNIT.get(o.indicator.unit, o.indicator.unit)
    distance = f"{rounded_text(abs(reading.measure - reading.limit), o.indicator.decimals)}{unit}"
    if rule.kind == "falls_for":
        falls = int(reading.measure)
        if rule.unit == "次":
            return f"{value}，{'比上次普查减少' if falls == 1 else f'连续{falls}次减少'}" if falls else f"{value}，没有减少"
        word = "减少" if o.indicator.unit in COUNTED else "下降"
        return f"{value}，连续{falls}{rule.unit}{word}" if falls else f"{value}，比上年没有{word}"
    if rule.kind in ("rises_by", "falls_by"):
        verb = "上升" if reading.measure > 0 else "下降"
        change = f"{value}，比上年{verb}{rounded_text(abs(reading.measure), o.indicator.decimals)}{unit}"
        return f"{change}，界限为每年{'' if rule.kind == 'rises_by' else '下降'}{rule.threshold}{unit}"
    if rule.kind in _OUTLIERS:
        figure, middle = reading.figure or 0.0, reading.middle or 0.0
        growth = rule.kind == "outlier_growth"
        digits, own = (2, "%") if growth else (o.indicator.decimals, o.indicator.unit)
        said = f"{o.indicator.name_zh}年均增速{rounded_text(figure, digits)}%" if growth else value
        return (f"{said}，{'高于' if figure > middle else '低于'}各区县中位数{rounded_text(middle, digits)}{own}，"
                f"相差{rounded_text(abs(reading.measure), 1)}个稳健标准差，界限{rule.limit:g}个")
    name = SCENARIO_ZH.get(rule.threshold, "界限")
    limit = f"{name}{reading.limit:g}{o.indicator.unit}"
    if round(reading.measure - reading.limit, _DIGITS) == 0:
        return f"{value}，等于{limit}"
    return f"{value}，{'低于' if reading.measure < reading.limit else '高于'}{limit}，相差{distance}"


def _amount(observation: Observation, value: float) -> str:
    unit = observation.indicator.unit
    # A ratio such as "per 100 women" is no unit that can follow a number.
    return f"{rounded_text(value, observation.indicator.decimals)}{'' if '=' in unit or unit == '-' else unit}"


def _rule_problems(rule: WarningRule, row: int) -> list[Problem]:
    file = "warning_rules.csv"
    if rule.kind not in RULE_KINDS:
        return [Problem(file, row, "kind", "rule-kind", f"没有“{rule.kind}”这种规则", f"可选：{'、'.join(RULE_KINDS)}")]
    if rule.kind == "below_path":
        if rule.threshold not in SCENARIO_ZH:
            return [Problem(file, row, "threshold", "rule-threshold", f"没有“{rule.threshold}”方案",
                            f"可选：{'、'.join(SCENARIO_ZH)}")]
        return []
    try:
        float(rule.threshold)
    except ValueError:
        return [Problem(file, row, "threshold", "rule-threshold", f"界限“{rule.threshold}”不是数", "填一个数")]
    return []


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
