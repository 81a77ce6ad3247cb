"""The targets of an edition in readers' words: every number as a fact, one wording for chapter, board and overview.

The arithmetic and the judgement are made in :mod:`popbook.monitoring.targets`; here they are only said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from popbook.exhibits.phrases import change_word
from popbook.exhibits.theme import STATUS_CLASSES
from popbook.ledger.reads import remember
from popbook.monitoring.rounding import rounded_text
from popbook.monitoring.status import (
    ACHIEVED,
    AT_RISK,
    BREACHED,
    MISSED,
    NOT_ASSESSABLE,
    NOT_PUBLISHED,
    OFF_TRACK,
    ON_TRACK,
    STALE_YEARS,
)
from popbook.monitoring.targets import TargetStatus, assess_targets

if TYPE_CHECKING:
    from popbook.exhibits.model import Fact
    from popbook.exhibits.report import Report


#: Status words in the order in which a reader should hear of them.
MOST_URGENT_FIRST: Final = (BREACHED, MISSED, OFF_TRACK, AT_RISK, ON_TRACK, ACHIEVED)
WITHOUT_JUDGEMENT: Final = (NOT_PUBLISHED, NOT_ASSESSABLE)

# Table 4 of the plan spells out basis and age limits; cards and headings have room for eight characters or so.
_SHORT_NAMES: Final = {
    "resident_population": "常住人口",
    "hukou_population": "户籍人口",
    "hukou_birth_rate": "户籍出生率",
    "hukou_natural_rate": "户籍自然增长率",
    "total_fertility_rate": "总和生育率",
    "sex_ratio_at_birth": "出生性别比",
    "resident_dependency": "总抚养比",
    "resident_share_15_59": "15—59岁比重",
    "resident_share_60plus": "60岁及以上比重",
    "life_expectancy": "人均预期寿命",
    "schooling_years_working_age": "劳动年龄受教育年限",
    "rd_per_10k_labour": "万名劳动力研发人员",
    "senior_title_share": "高级职称比例",
    "high_skill_share": "高技能人才比例",
    "talent_total": "人才资源总量",
    "resident_urban_rate": "常住人口城镇化率",
}
#: How a comparison is printed before a number.
SIGNS: Final = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤", "about": "约"}
_WORDS: Final = {"gt": "高于", "ge": "不低于", "lt": "低于", "le": "不高于"}


@remember(maxsize=16)
def target_statuses(report: Report) -> tuple[TargetStatus, ...]:
    """Return the assessment of all targets in a report's edition, in the order of table 4."""
    return assess_targets(report.ledger)


def by_urgency(statuses: Iterable[TargetStatus]) -> list[TargetStatus]:
    """Return the targets that carry a judgement, the most urgent first.

    Within a word, the guard rail that breaks first at the present pace comes first, then the order of table 4.
    """
    judged = [status for status in statuses if status.status in MOST_URGENT_FIRST]
    return sorted(
        judged,
        key=lambda s: (MOST_URGENT_FIRST.index(s.status), s.breach_year is None, s.breach_year or 0, s.number),
    )


def is_closing_edition(statuses: Sequence[TargetStatus]) -> bool:
    """Whether the target years have come, so that the edition closes the plan's period instead of looking ahead."""
    return all(status.is_due for status in statuses)


def is_base_edition(statuses: Sequence[TargetStatus]) -> bool:
    """Whether the edition is the base year itself, so that no target can have made progress."""
    return all(status.edition <= status.base_year for status in statuses)


def short_name(status: TargetStatus) -> str:
    """Return a target's name for headings and cards."""
    return _SHORT_NAMES.get(status.indicator_id, status.name)


def target_sign(status: TargetStatus) -> str:
    """Return the target as a sign and a number, as it stands in tables.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> statuses = assess_targets(read_ledger().for_edition(2024))
    >>> target_sign(statuses[0]), target_sign(statuses[8])
    ('约1370', '<20')
    """
    if status.target_value is None:
        return ""
    return f"{SIGNS[status.comparison]}{rounded_text(status.target_value, _printed_digits(status.target_printed))}"


def pace_digits(status: TargetStatus, pace: float) -> int:
    """Return the digits a yearly pace is printed with: one more than the figures where it is small."""
    return status.decimals + (abs(pace) < 10)


# --- facts -----------------------------------------------------------------------------------------------------------


def count_fact(report: Report, what: str, count: int, label: str, unit: str = "项") -> Fact:
    """Register a count of targets.

    Parameters
    ----------
    report
        The edition.
    what
        Middle of the fact's id, ``fact-targets-<what>-<edition>``.
    count, label, unit
        The count, what is counted, and the measure word.
    """
    return report.fact(
        f"fact-targets-{what}-{report.edition}", f"{report.edition}年度版{label}", count, unit, 0,
        year=report.edition, source_ids=(report.plan_source,),
    )


def status_count(report: Report, word: str) -> Fact:
    """Register how many targets have a status."""
    count = sum(status.status == word for status in target_statuses(report))
    return count_fact(report, STATUS_CLASSES[word], count, f"状态为“{word}”的目标数")


def base_fact(report: Report, status: TargetStatus) -> Fact:
    """Register the base value of a target, as published where the ledger has it, else as the plan prints it."""
    observation = report.ledger.observation(status.base_indicator_id, status.base_year)
    same_unit = observation is not None and observation.indicator.unit == status.unit
    if observation is not None and same_unit and observation.value == status.base_value:
        return report.fact_of(observation)
    return _fact(
        report, status, "base", "规划基期值", status.base_value, _printed_digits(status.base_printed),
        year=status.base_year, source_ids=(report.plan_source,),
    )


def target_fact(report: Report, status: TargetStatus) -> Fact:
    """Register the target value."""
    return _fact(
        report, status, "goal", "规划目标值", status.target_value, _printed_digits(status.target_printed),
        year=status.target_year, source_ids=(report.plan_source,),
    )


def target_words(report: Report, status: TargetStatus) -> str:
    """Return the target in words ("低于20%", "1370万人左右")."""
    goal = target_fact(report, status)
    return f"{goal}左右" if status.comparison == "about" else f"{_WORDS[status.comparison]}{goal}"


def latest_fact(report: Report, status: TargetStatus) -> Fact:
    """Register the figure that decides the status; 未公布 where there is none."""
    if status.latest_year is None:
        return _fact(report, status, "latest", "最近的数", None, status.decimals, year=report.edition)
    if not status.latest_derivation:
        return report.fact_of((status.indicator_id, status.latest_year))
    return _fact(
        report, status, "latest", "按公布的年龄组计算的值", status.latest_value, status.decimals,
        year=status.latest_year, source_ids=_latest_sources(status), derivation=status.latest_derivation.rstrip("。"),
    )


def newest_fact(report: Report, status: TargetStatus) -> Fact:
    """Register the newest figure whatever its confidence, for a figure that is shown and does not decide."""
    return report.fact_of((status.indicator_id, status.newest_year or report.edition))


def margin_fact(report: Report, status: TargetStatus) -> Fact:
    """Register the distance of the deciding figure from the target: headroom positive, gap negative."""
    sides = (status.latest_value, status.target_value)
    first, second = sides if status.side > 0 else sides[::-1]
    return _fact(
        report, status, "margin", "与目标的距离（正为余量，负为差距）", status.margin, status.decimals,
        year=status.latest_year or report.edition, unit=status.difference_unit, source_ids=_both_sources(report, status),
        derivation=f"{_plain(first)} − {_plain(second)}",
    )


def base_margin_fact(report: Report, status: TargetStatus) -> Fact:
    """Register how far inside a guard rail the base year stood."""
    base, goal = status.base_value or 0.0, status.target_value or 0.0
    digits = max(_printed_digits(status.base_printed), _printed_digits(status.target_printed))
    first, second = (base, goal) if status.side > 0 else (goal, base)
    return _fact(
        report, status, "base-margin", "基期与目标的距离（正为余量，负为差距）", round(first - second, 9), digits,
        year=status.base_year, unit=status.difference_unit, source_ids=(report.plan_source,),
        derivation=f"{_plain(first)} − {_plain(second)}",
    )


def pace_fact(report: Report, status: TargetStatus) -> Fact:
    """Register the mean yearly change since the starting point."""
    pace = status.pace or 0.0
    return _fact(
        report, status, "pace", f"{status.from_year}年以来的年均变化", status.pace, pace_digits(status, pace),
        year=status.latest_year or report.edition, unit=status.difference_unit, source_ids=_both_sources(report, status),
        derivation=f"（{_plain(status.latest_value)} − {_plain(status.from_value)}）÷"
        f"{(status.latest_year or 0) - (status.from_year or 0)}",
    )


def needed_fact(report: Report, status: TargetStatus) -> Fact:
    """Register the yearly change still needed until the target year."""
    needed = status.pace_needed or 0.0
    return _fact(
        report, status, "needed", "到目标年每年还需的变化", status.pace_needed, pace_digits(status, needed),
        year=status.latest_year or report.edition, unit=status.difference_unit, source_ids=_both_sources(report, status),
        derivation=f"（{_plain(status.target_value)} − {_plain(status.latest_value)}）÷"
        f"{status.target_year - (status.latest_year or 0)}",
    )


def share_fact(report: Report, status: TargetStatus) -> Fact:
    """Register the pace so far as a share of the pace that leads from the starting point to the target."""
    share = None if status.pace_share is None else status.pace_share * 100
    return _fact(
        report, status, "pace-share", "进度比（已有年均变化占应有年均变化）", share, 0,
        year=status.latest_year or report.edition, unit="%", source_ids=_both_sources(report, status),
        derivation=f"{_plain(status.pace)} ÷ {_plain(status.pace_required)}",
    )


def outlook_fact(report: Report, status: TargetStatus) -> Fact:
    """Register the year in which the present pace reaches a target or breaks a guard rail."""
    reaching = not status.is_guard_rail
    what = "按已有速度达到目标的年份" if reaching else "按已有速度越过界限的年份"
    return _fact(
        report, status, "reach-year" if reaching else "breach-year", what,
        status.reach_year if reaching else status.breach_year, 0,
        year=status.latest_year or report.edition, unit="年", source_ids=_both_sources(report, status),
        derivation=f"自{status.latest_year}年起每年{rounded_text(status.pace or 0.0, 3, signed=True)}",
    )


def chance_fact(report: Report, status: TargetStatus) -> Fact:
    """Register the probability of meeting the target in its year."""
    value = None if status.chance is None else status.chance * 100
    return _fact(
        report, status, "chance", "达到或守住目标的概率", value, 0, year=status.target_year, unit="%",
        source_ids=_both_sources(report, status), derivation=f"预测模型：{status.chance_model}" if status.chance_model else "",
    )


# --- sentences -------------------------------------------------------------------------------------------------------


def chance_words(report: Report, status: TargetStatus) -> str:
    """Return the probability in words ("低于1%", "37%"), or "" without a forecast."""
    if status.chance is None:
        return ""
    if status.chance < 0.01:
        return "低于1%"
    return "高于99%" if status.chance > 0.99 else f"{chance_fact(report, status)}"


def standing(report: Report, status: TargetStatus) -> str:
    """Say where a target stands in one sentence of facts; every clause depends on the values.

    Parameters
    ----------
    report
        The edition.
    status
        One of :func:`target_statuses`.

    Returns
    -------
    str
        A sentence with its full stop.
    """
    name = short_name(status)
    if status.obstacle:
        return f"{name}无法评估：{status.obstacle}。"
    if status.edition <= status.base_year:
        return f"{status.base_year}年{name}{base_fact(report, status)}，{_base_position(report, status)}。"
    if status.latest_year is None:
        newest = ""
        if status.newest_year is not None:
            newest = f"；{status.newest_year}年只有参考级的数{newest_fact(report, status)}，不作依据"
        return f"{name}{status.base_year}年以后没有可用的数，规划基期为{base_fact(report, status)}{newest}。"
    said = f"{status.latest_year}年{name}{latest_fact(report, status)}，{_position(report, status)}"
    return f"{said}{_outlook_clause(report, status)}。"


def pace_words(report: Report, status: TargetStatus) -> str:
    """Say the mean yearly change so far ("2020年以来年均增加16.5万人"), or "" where none can be computed."""
    if status.pace is None:
        return ""
    kind = "level" if status.difference_unit == status.unit else "rate"
    word = change_word(status.pace, kind)  # type: ignore[arg-type]
    amount = "" if status.pace == 0 else f"{pace_fact(report, status):a}"
    return f"{status.from_year}年以来年均{word}{amount}"


def _base_position(report: Report, status: TargetStatus) -> str:
    margin = base_margin_fact(report, status)
    goal = f"规划{status.target_year}年目标{target_words(report, status)}"
    if status.is_guard_rail:
        return f"{goal}，余量{margin:a}"
    return f"{goal}，相差{margin:a}"


def _position(report: Report, status: TargetStatus) -> str:
    margin = margin_fact(report, status)
    goal = target_fact(report, status)
    if not status.is_guard_rail:
        # A plain number reads on; a bound or an "about" needs its brackets.
        words = f"{goal}" if status.comparison in ("ge", "le") else f"（{target_words(report, status)}）"
        aim = f"{status.target_year}年目标{words}"
        if status.met:
            return f"已符合{aim}"
        return f"没有达到{aim}，差{margin:a}" if status.is_final else f"距{aim}差{margin:a}"
    bound = f"规划{'下限' if status.side > 0 else '上限'}{goal}"
    if status.met:
        return f"{'高于' if status.side > 0 else '低于'}{bound}，余量{margin:a}"
    if status.margin == 0:
        return f"已到{bound}，自{status.breached_since}年起不再符合"
    return f"自{status.breached_since}年起突破{bound}，{'缺口' if status.side > 0 else '超出'}{margin:a}"


def _outlook_clause(report: Report, status: TargetStatus) -> str:
    latest = status.latest_year or status.edition
    if status.is_final:
        return ""
    if status.is_due:
        # No pace leads on from a year that is over; only its own figure can end the matter.
        said = f"；{status.target_year}年的数没有公布"
        verb = ("守住" if status.met else "回到界限以内") if status.is_guard_rail else "达到"
        return said if status.chance is None else f"{said}，按已公布的数预测，{verb}的概率{chance_words(report, status)}"
    parts = []
    if status.progress.age >= STALE_YEARS:
        parts.append(f"{latest}年以后没有可用的新数")
    elif _dates_something(status):
        speed = f"按{status.from_year}年以来的速度"
        if status.is_guard_rail:
            edge = "跌破下限" if status.side > 0 else "突破上限"
            parts.append(f"{speed}，{outlook_fact(report, status)}{edge}" if status.breach_year else f"{speed}不会{edge}")
        else:
            parts.append(f"{speed}，{outlook_fact(report, status)}达到" if status.reach_year else f"{speed}不会达到")
    if status.chance is not None:
        verb = ("守住" if status.met else "回到界限以内") if status.is_guard_rail else "达到"
        parts.append(f"{status.target_year}年{verb}的概率{chance_words(report, status)}")
    return "".join(f"；{part}" for part in parts)


def _dates_something(status: TargetStatus) -> bool:
    """Whether the pace may be drawn on to a year: not from a single year's change, not where the matter is settled."""
    if status.pace is None or status.latest_year is None or status.from_year is None:
        return False
    settled = status.is_due or status.status == BREACHED or (status.met and not status.is_guard_rail)
    return not settled and status.latest_year - status.from_year > 1


def _fact(
    report: Report, status: TargetStatus, what: str, label: str, value: float | None, decimals: int, *,
    year: int, unit: str | None = None, source_ids: Iterable[str] = (), derivation: str = "",
) -> Fact:
    indicator = report.ledger.indicators[status.indicator_id]
    return report.fact(
        f"fact-target-{status.number:02d}-{what}-{year}", f"{status.name}：{label}", value,
        status.unit if unit is None else unit, decimals, year=year, basis=indicator.basis,
        status=status.latest_mark if year == status.latest_year else "", source_ids=source_ids,
        indicator_id=status.indicator_id, derivation=derivation if value is not None else "",
    )


def _latest_sources(status: TargetStatus) -> tuple[str, ...]:
    return (status.latest_source_id,) if status.latest_source_id else ()


def _both_sources(report: Report, status: TargetStatus) -> tuple[str, ...]:
    return (report.plan_source, *_latest_sources(status))


def _printed_digits(printed: str) -> int:
    return len(printed.partition(".")[2].rstrip("%‰ 万人年岁"))


def _plain(value: float | None) -> str:
    return "" if value is None else f"{round(value, 6):.10g}".replace("-", "−")
