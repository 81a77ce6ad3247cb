"""The sixteen targets of the plan: base, target, latest, gap, pace, chance, and the status with its reason.

A figure of confidence C is shown, never decides: the last A or B figure does, and the reason says so. Where the plan's
base is a census count and the yearly figure a survey estimate, they meet through the concept guard with a named reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import pandas as pd

from popbook.forecasting.probability import Chance
from popbook.forecasting.probability import chance as forecast_chance
from popbook.ledger.concepts import require_same_concept
from popbook.ledger.errors import ConceptError, UsageError
from popbook.ledger.model import Break, Indicator, Observation
from popbook.ledger.series import Series
from popbook.ledger.store import Ledger
from popbook.monitoring.derived import DERIVATION, monitored_series
from popbook.monitoring.pace import (
    breach_year,
    good_side,
    is_met,
    pace_share,
    reach_year,
    yearly_pace,
)
from popbook.monitoring.status import AT_RISK, STALE_YEARS, Progress, StatusRule, decide_status

ALLOW_PLAN_BASE: Final = "规划本身以该值为基期、以年度公布数监测，两者之差即规划所说的进展"

_DIFFERENCE_UNIT: Final = {"%": "个百分点", "‰": "个千分点"}
_COUNTED: Final = ("人", "人年", "万人", "人年/万人")
_DIGITS: Final = 9


#: ``chance(ledger, indicator_id, target_year, comparison, bound)``; `popbook.forecasting.probability.chance` is one.
ChanceFunction = Callable[[Ledger, str, int, str, float], Chance]


@dataclass(frozen=True)
class Target:
    """One row of the plan's table 4.

    Parameters
    ----------
    indicator_id, base_indicator_id
        The indicator that is monitored, and the one the base value was taken from.
    base_value, target_value
        In ``unit``; None where the plan gives none.
    comparison
        "gt", "ge", "lt", "le" or "about".
    kind
        "reach", "stay_above" or "stay_below".
    """

    target_id: str
    number: int
    field: str
    name: str
    indicator_id: str
    base_indicator_id: str
    unit: str
    base_year: int
    base_value: float | None
    target_year: int
    comparison: str
    target_value: float | None
    base_printed: str
    target_printed: str
    kind: str
    clause_id: str


@dataclass(frozen=True)
class TargetStatus:
    """One target in one edition: every component of the judgement, the word and the reason.

    Values are in ``unit``, differences in ``difference_unit``, paces in ``difference_unit`` a year.

    Parameters
    ----------
    newest_year, newest_value, newest_confidence
        The newest published figure after the base year, whatever its confidence.
    latest_year, …, latest_vintage
        The deciding figure (A or B); None and "" where there is none.
    margin
        Distance of the deciding figure from the target, positive on the good side (headroom), negative short of it (gap).
    from_year, from_value
        Where the pace is measured from: the base, or the first figure after a break.
    pace, pace_required, pace_needed
        Mean yearly change so far; the one that leads from the starting point to the target; the one still needed from now
        (None once the target is met or the target year has come).
    pace_share
        ``pace / pace_required``; for a guard rail the share of the pace that would just exhaust it by the target year.
    last_change
        Change in the latest single year, within a segment.
    projected_value
        The straight line at the present pace in the target year.
    reach_year, breach_year
        Year in which that line reaches a reach target, or breaks a guard rail; None if never.
    breached_since
        First year of the present run outside a guard rail.
    latest_derivation
        How the deciding figure was computed from published parts, or "".
    basis_note, break_note
        How base and figure differ in concept (a note to the table); why the pace does not start at the base (part of
        the reason).
    """

    edition: int
    target_id: str
    number: int
    field: str
    name: str
    indicator_id: str
    base_indicator_id: str
    unit: str
    difference_unit: str
    decimals: int
    kind: str
    comparison: str
    side: int
    base_year: int
    base_value: float | None
    target_year: int
    target_value: float | None
    base_printed: str
    target_printed: str
    clause_id: str
    obstacle: str
    newest_year: int | None = None
    newest_value: float | None = None
    newest_confidence: str = ""
    latest_year: int | None = None
    latest_value: float | None = None
    latest_mark: str = ""
    latest_confidence: str = ""
    latest_vintage: str = ""
    latest_source_id: str = ""
    latest_published: str = ""
    latest_derivation: str = ""
    met: bool | None = None
    margin: float | None = None
    from_year: int | None = None
    from_value: float | None = None
    pace: float | None = None
    pace_required: float | None = None
    pace_share: float | None = None
    pace_needed: float | None = None
    last_change: float | None = None
    projected_value: float | None = None
    reach_year: int | None = None
    breach_year: int | None = None
    breached_since: int | None = None
    basis_note: str = ""
    break_note: str = ""
    chance: float | None = None
    chance_model: str = ""
    chance_reason: str = ""
    status: str = ""
    rule_number: int = 0
    reason: str = ""

    @property
    def is_guard_rail(self) -> bool:
        """Whether the target was met in the base year and can only be kept or broken."""
        return self.kind != "reach"

    @property
    def is_due(self) -> bool:
        """Whether the target year has come, so that only its own figure decides and no pace leads on."""
        return self.edition >= self.target_year

    @property
    def is_final(self) -> bool:
        """Whether the figure of the target year itself is published."""
        return self.latest_year == self.target_year

    @property
    def gap(self) -> float | None:
        """What is still missing to the target, in its own direction; 0 once met, None without a figure."""
        return None if self.margin is None else max(0.0, -self.margin)

    @property
    def headroom(self) -> float | None:
        """Room left to a guard rail, negative once broken; None for reach targets and without a figure."""
        return self.margin if self.is_guard_rail else None

    @property
    def progress(self) -> Progress:
        """What the published rule looks at."""
        return Progress(
            kind=self.kind,  # type: ignore[arg-type]
            edition=self.edition,
            base_year=self.base_year,
            target_year=self.target_year,
            published=self.newest_year is not None,
            latest_year=self.latest_year,
            met=self.met,
            pace=None if self.pace is None else self.side * self.pace,
            pace_share=self.pace_share,
            breach_year=self.breach_year,
            chance=self.chance,
            obstacle=self.obstacle,
        )


def read_targets(ledger: Ledger) -> tuple[Target, ...]:
    """Read table 4 of the plan.

    Parameters
    ----------
    ledger
        Any ledger with a plan.

    Returns
    -------
    tuple of Target
        In the order of the table.
    """
    return tuple(
        Target(
            target_id=str(row["target_id"]), number=int(row["number"]), field=str(row["field_zh"]),
            name=str(row["name_zh"]), indicator_id=str(row["indicator_id"]),
            base_indicator_id=str(row["indicator_base_id"]), unit=_unit(row["unit_printed"]),
            base_year=int(row["base_year"]), base_value=_number(row["base_value"]),
            target_year=int(row["target_year"]), comparison=str(row["comparison"]),
            target_value=_number(row["target_value"]), base_printed=_text(row["base_printed"]),
            target_printed=_text(row["target_printed"]),
            kind=str(row["kind"]), clause_id=str(row["clause_id"]))
        for row in ledger.plan.targets.sort_values("number").to_dict("records"))


def assess_targets(ledger: Ledger, chance: ChanceFunction | None = forecast_chance) -> tuple[TargetStatus, ...]:
    """Assess every target of the plan with what an edition could know.

    Parameters
    ----------
    ledger
        The ledger of an edition (:meth:`Ledger.for_edition`).
    chance
        Where probabilities come from; None leaves them out, and the pace alone decides.

    Returns
    -------
    tuple of TargetStatus
        In the order of table 4.

    Raises
    ------
    UsageError
        If the ledger is not the ledger of an edition.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> statuses = assess_targets(read_ledger().for_edition(2024))
    >>> [s.status for s in statuses if s.target_id == "T09"]
    ['已突破']
    """
    if ledger.edition is None:
        raise UsageError("评估目标需要某一年度版的台账", "assess_targets", "先用 ledger.for_edition(年份)")
    statuses = []
    for target in read_targets(ledger):
        series = monitored_series(ledger, target.indicator_id)
        base = ledger.observation(target.base_indicator_id, target.base_year)
        base_indicator = ledger.indicators.get(target.base_indicator_id, series.indicator)
        measured = measure_target(target, series, ledger.edition, base, base_indicator)
        if chance is not None and target.target_value is not None:
            answer = chance(ledger, target.indicator_id, target.target_year, sided_comparison(target), target.target_value)
            measured = replace(measured, chance=answer.probability, chance_model=answer.model,
                               chance_reason=answer.reason)
        statuses.append(judge(measured))
    return tuple(statuses)


def measure_target(target: Target, series: Series, edition: int, base: Observation | None,
                   base_indicator: Indicator) -> TargetStatus:
    """Do the arithmetic of one target, without judging it.

    Parameters
    ----------
    target
        The target.
    series
        Published figures of its indicator that the edition may know.
    edition
        Data year of the edition.
    base
        The base as an observation, for its vintage; None if only the plan states it.
    base_indicator
        Indicator of the base value (basis and reference date of the plan's base).

    Returns
    -------
    TargetStatus
        With empty ``status`` and ``reason``.

    Raises
    ------
    ConceptError
        If base and figure have different units.
    """
    side = good_side(target.comparison, target.base_value, target.target_value or 0.0)  # type: ignore[arg-type]
    found = TargetStatus(
        edition=edition, side=side, decimals=series.indicator.decimals,
        difference_unit=_DIFFERENCE_UNIT.get(target.unit, target.unit), obstacle=_obstacle(target, series),
        **asdict(target))
    if found.obstacle:
        return found
    after = [o for o in series.observations()
             if target.base_year < o.year <= min(edition, target.target_year) and math.isfinite(o.value)]
    if not after:
        return found
    found = replace(found, newest_year=after[-1].year, newest_value=after[-1].value,
                    newest_confidence=after[-1].confidence)
    trusted = [o for o in after if o.confidence != "C"]
    if not trusted:
        return found
    return _measure_pace(_measure_distance(found, trusted), target, trusted, series, base, base_indicator)


def judge(measured: TargetStatus) -> TargetStatus:
    """Apply the published rule and write the reason.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> assess_targets(read_ledger().for_edition(2020))[0].status
    '无法评估'
    """
    rule = decide_status(measured.progress)
    return replace(measured, status=rule.word, rule_number=rule.number, reason=_reason(measured, rule))


def targets_table(statuses: Iterable[TargetStatus]) -> pd.DataFrame:
    """Lay the assessment open, one row per target, one column per component (targets.csv).

    Returns
    -------
    DataFrame
        Every component of :class:`TargetStatus`, so that each status can be recomputed by hand.
    """
    frame = pd.DataFrame([asdict(status) for status in statuses])
    years = [name for name in frame.columns if name.endswith("_year")] + ["breached_since"]
    return frame.astype(dict.fromkeys(years, "Int64"))


def restart(status: TargetStatus, year: int, value: float) -> TargetStatus:
    """Count the pace of a target from another starting point; status and reason stay those of the original.

    Parameters
    ----------
    status
        A target with a deciding figure.
    year, value
        The other starting point, in the target's unit.

    Returns
    -------
    TargetStatus
        With the pace, its share of the required one and the projections that follow from the starting point; unchanged
        where no time lies between it and the deciding figure.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> residents = assess_targets(read_ledger().for_edition(2024), chance=None)[0]
    >>> restart(residents, 2023, 1252.2).pace
    10.2
    """
    if status.latest_year is None or status.latest_value is None or status.target_value is None:
        return status
    pace = yearly_pace(year, value, status.latest_year, status.latest_value)
    if pace is None:
        return status
    moved = replace(status, from_year=year, from_value=value)
    return _with_pace(moved, pace, status.latest_year, status.latest_value)


def sided_comparison(target: Target | TargetStatus) -> str:
    """Return the comparison a forecast can compute: "about" means reaching the value from the base's side."""
    if target.comparison != "about":
        return target.comparison
    return "ge" if good_side("about", target.base_value, target.target_value or 0.0) > 0 else "le"


def _measure_distance(found: TargetStatus, trusted: list[Observation]) -> TargetStatus:
    latest = trusted[-1]
    bound, comparison = _bound(found), found.comparison
    outside = [not is_met(o.value, comparison, bound, found.side) for o in trusted]  # type: ignore[arg-type]
    run = 0
    while run < len(outside) and outside[-1 - run]:
        run += 1
    return replace(
        found, latest_year=latest.year, latest_value=latest.value, latest_mark=latest.status,
        latest_confidence=latest.confidence, latest_vintage=latest.vintage, latest_source_id=latest.source_id,
        latest_published=latest.published,
        latest_derivation=latest.note if latest.note.startswith(DERIVATION) else "", met=not outside[-1],
        margin=round(found.side * (latest.value - bound), _DIGITS),
        breached_since=trusted[-run].year if found.is_guard_rail and run else None)


def _measure_pace(found: TargetStatus, target: Target, trusted: list[Observation], series: Series,
                  base: Observation | None, base_indicator: Indicator) -> TargetStatus:
    latest = trusted[-1]
    found = replace(found, last_change=_last_change(series, latest),
                    **_start(target, trusted, base, base_indicator))
    if found.from_year is None or found.from_value is None:
        return found
    pace = yearly_pace(found.from_year, found.from_value, latest.year, latest.value)
    return found if pace is None else _with_pace(found, pace, latest.year, latest.value)


def _last_change(series: Series, latest: Observation) -> float | None:
    before = series.at(latest.year - 1)
    if before is None or before.confidence == "C" or before.behind != latest.behind:
        return None
    return round(latest.value - before.value, _DIGITS)


def _start(target: Target, trusted: list[Observation], base: Observation | None,
           base_indicator: Indicator) -> dict[str, Any]:
    """Where the pace is measured from: the plan's base, or the first figure on this side of a break."""
    latest = trusted[-1]
    cuts = [b for b in latest.breaks if _separates(b, target, base, latest)]
    if cuts:
        here = [o for o in trusted if not any(b.has_before(o.year, o.vintage) for b in cuts)]
        names = "、".join(b.name_zh for b in cuts)
        if here[0].year == latest.year:
            return {"break_note": f"基期与最近的数之间有口径断点（{names}），断点后只有一个数，算不出进度。"}
        return {"from_year": here[0].year, "from_value": here[0].value,
                "break_note": f"基期与最近的数之间有口径断点（{names}），进度从断点后的{here[0].year}年算起。"}
    if target.base_value is None:
        return {"break_note": "规划没有给出基期值，算不出进度。"}
    # The reason excuses another reference date, never another unit.
    if base_indicator.unit != latest.indicator.unit:
        raise ConceptError(
            f"目标“{target.name}”的基期指标“{base_indicator.name_zh}”（{base_indicator.unit}）与监测指标"
            f"“{latest.indicator.name_zh}”（{latest.indicator.unit}）单位不同", "plan/targets.csv",
            "核对 indicator_base_id 和 indicator_id")
    require_same_concept(latest, base or base_indicator, allow=ALLOW_PLAN_BASE)
    note = ""
    if base_indicator.basis != latest.indicator.basis or base_indicator.reference != latest.indicator.reference:
        note = f"基期是{base_indicator.name_zh}，以后各年是{latest.indicator.name_zh}，两者时点和来源不同，进度为近似值。"
    return {"from_year": target.base_year, "from_value": target.base_value, "basis_note": note}


def _separates(cut: Break, target: Target, base: Observation | None, latest: Observation) -> bool:
    base_is_old = cut.has_before(target.base_year, "" if base is None else base.vintage)
    return base_is_old and not cut.has_before(latest.year, latest.vintage)


def _with_pace(found: TargetStatus, pace: float, latest_year: int, latest_value: float) -> TargetStatus:
    bound, left = _bound(found), found.target_year - latest_year
    start, value = found.from_year, found.from_value
    required = None if start is None or value is None else yearly_pace(start, value, found.target_year, bound)
    line = (latest_year, latest_value, pace, found.comparison, bound, found.side)
    return replace(
        found, pace=pace, pace_required=required,
        pace_share=None if required is None else pace_share(pace, required),
        pace_needed=None if found.is_due or found.met else round((bound - latest_value) / left, _DIGITS),
        projected_value=round(latest_value + pace * left, _DIGITS),
        reach_year=None if found.is_guard_rail else reach_year(*line),  # type: ignore[arg-type]
        breach_year=breach_year(*line) if found.is_guard_rail else None)  # type: ignore[arg-type]


def _obstacle(target: Target, series: Series) -> str:
    if target.target_value is None:
        return "规划没有给出目标值"
    if target.target_year <= target.base_year:
        return "目标年不晚于基期年"
    repeated = sorted(set(series.frame.loc[series.frame["year"].duplicated(), "year"]))
    if repeated:
        return f"同一年有两个数（{'、'.join(str(year) for year in repeated)}年）"
    return ""


def _bound(found: TargetStatus) -> float:
    # _obstacle has sent targets without a value back before any arithmetic.
    assert found.target_value is not None
    return found.target_value


def _reason(s: TargetStatus, rule: StatusRule) -> str:
    base = f"{s.base_year}年的{s.base_printed}{s.unit}" if s.base_value is not None else ""
    before = f"最近一次是{base}" if base else "此前也没有数"
    if s.obstacle:
        return f"{s.obstacle}，无法评估。"
    if s.edition <= s.base_year:
        value = f"（{s.base_printed}{s.unit}）" if base else ""
        return f"{s.base_year}年是基期{value}，评估从{s.base_year + 1}年度版开始。{_chance_sentence(s)}"
    if s.newest_year is None:
        return f"{s.base_year}年之后没有公布，{before}。既不算达成，也不算未达成。"
    if s.latest_year is None:
        return (f"{s.base_year}年之后只有参考级（C级）的数（{s.newest_year}年{_value(s, s.newest_value)}），不单独定级；"
                f"A级、B级的数{before}。")
    sentences = [_where(s)]
    if not s.met or s.is_guard_rail:
        sentences += [_pace_sentence(s), _outlook(s), _chance_sentence(s)]
    if rule.number == 5:
        sentences.append(f"{s.target_year}年的数没有公布，既不算达成，也不算未达成。")
    if s.progress.age >= STALE_YEARS and not s.is_due:
        sentences.append(f"{s.latest_year}年之后没有可用的新数{'，不评“有望”' if rule.word == AT_RISK else ''}。")
    if s.newest_year > s.latest_year:
        sentences.append(f"{s.newest_year}年另有参考级（C级）的数{_value(s, s.newest_value)}，不作定级依据。")
    return "".join([*sentences, s.break_note])


def _where(s: TargetStatus) -> str:
    latest = f"{s.latest_year}年{_value(s, s.latest_value)}"
    distance = _difference(s, abs(s.margin or 0.0))
    if not s.is_guard_rail:
        target = f"目标{s.target_printed}{s.unit}"
        if s.met:
            return f"{latest}，已符合{target}。"
        return f"{latest}，没有达到{target}，差{distance}。" if s.is_final else f"{latest}，距{target}差{distance}。"
    bound = f"{'下限' if s.side > 0 else '上限'}{_plain(s.target_value)}{s.unit}"
    above = (s.latest_value or 0.0) > (s.target_value or 0.0)
    if s.met:
        return f"{latest}，{'高于' if above else '低于'}{bound}，余量{distance}。"
    if s.margin == 0:
        return f"{latest}，触及{bound}，自{s.breached_since}年起不再符合。"
    side = ("高于", "超出") if above else ("低于", "缺口")
    return f"{latest}，{side[0]}{bound}，{side[1]}{distance}，自{s.breached_since}年起突破。"


def _pace_sentence(s: TargetStatus) -> str:
    if s.pace is None or s.latest_year is None:
        return ""
    rise, fall = ("增加", "减少") if s.unit in _COUNTED else ("上升", "下降")
    so_far = f"{s.from_year}年以来没有变化"
    if s.pace:
        so_far = f"{s.from_year}年以来平均每年{rise if s.pace > 0 else fall}{_pace(s, s.pace)}"
    if s.is_guard_rail:
        return f"{so_far}。"
    if s.pace_share is not None and s.pace_share > 0:
        so_far += f"，为应有进度的{s.pace_share:.0%}"
    elif s.pace:
        so_far += "，与目标方向相反"
    if s.pace_needed is None:
        return f"{so_far}。"
    first, last = s.latest_year + 1, s.target_year
    years = f"{last}年" if first == last else f"{first}—{last}年每年"
    return f"{so_far}；{years}需{rise if s.pace_needed > 0 else fall}{_pace(s, s.pace_needed)}。"


def _outlook(s: TargetStatus) -> str:
    # A line drawn from an old figure would date an event before the edition that prints it.
    if s.pace is None or s.latest_year is None or s.is_due or s.progress.age >= STALE_YEARS:
        return ""
    if s.is_guard_rail:
        if not s.met:
            return ""
        edge = "跌破下限" if s.side > 0 else "突破上限"
        return f"按此速度，{s.breach_year}年{edge}。" if s.breach_year else f"按此速度不会{edge}。"
    return f"按此速度，{s.reach_year}年达到。" if s.reach_year else "按此速度不会达到。"


def _chance_sentence(s: TargetStatus) -> str:
    if s.chance is None or (s.latest_year is not None and s.latest_year >= s.target_year):
        return ""
    number = "低于1%" if s.chance < 0.01 else "高于99%" if s.chance > 0.99 else f"为{s.chance:.0%}"
    verb = "守住" if s.is_guard_rail else "达到"
    model = f"（{s.chance_model}）" if s.chance_model else ""
    if s.is_due:
        return f"按已公布的数预测，{s.target_year}年{verb}目标的概率{number}{model}。"
    return f"{s.target_year}年{verb}目标的概率{number}{model}。"


def _value(s: TargetStatus, value: float | None) -> str:
    return "" if value is None else f"{value:.{s.decimals}f}{s.unit}"


def _difference(s: TargetStatus, value: float) -> str:
    return f"{value:.{s.decimals}f}{s.difference_unit}"


def _pace(s: TargetStatus, pace: float) -> str:
    # A small mean over years needs a digit more than the figures it comes from; a large one does not.
    digits = s.decimals + (abs(pace) < 10)
    return f"{abs(pace):.{digits}f}{s.difference_unit}"


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _unit(printed: Any) -> str:
    return "" if pd.isna(printed) or str(printed) == "-" else str(printed)


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
