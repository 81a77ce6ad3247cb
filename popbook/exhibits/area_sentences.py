"""One sentence on each of the plan's four fields: 总量, 结构, 素质, 分布. What nobody has published is said to be so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from popbook.exhibits.model import Section
from popbook.exhibits.phrases import change_word, list_phrase
from popbook.exhibits.target_facts import (
    MOST_URGENT_FIRST,
    WITHOUT_JUDGEMENT,
    base_fact,
    count_fact,
    is_base_edition,
    latest_fact,
    newest_fact,
    short_name,
    standing,
    target_statuses,
)
from popbook.exhibits.theme import STATUS_CLASSES
from popbook.ledger.errors import ConceptError

if TYPE_CHECKING:
    from popbook.exhibits.report import Report
    from popbook.ledger.model import Observation
    from popbook.monitoring.targets import TargetStatus

#: The plan's fields: key for ids, the word of the overview, the heading in table 4.
FIELDS: Final = (
    ("scale", "总量", "人口规模"), ("structure", "结构", "人口结构"), ("quality", "素质", "人口素质"), ("space", "分布", "人口分布"),
)  # fmt: skip
_AGES: Final = (("0—14岁", "share_0_14"), ("15—59岁", "share_15_59"), ("60岁及以上", "share_60plus"))
_PEOPLE_FIRST: Final = ("schooling_years_working_age", "life_expectancy")
NEW_SCHEMES: Final = ("all", "post-2021")


def areas(report: Report) -> Section:
    """Return the section with one sentence for each field, headed by the fields that can and cannot be judged."""
    statuses = target_statuses(report)
    sentences = {"scale": scale, "structure": structure, "quality": quality, "space": space}
    lines = [f"- **{word}**　{sentences[key](report)}" for key, word, _ in FIELDS]
    if is_base_edition(statuses):
        heading = f"总量、结构、素质、分布：{report.edition}年的起点"
    else:
        planned = {s.field for s in statuses}
        judged = {s.field for s in statuses if s.status in MOST_URGENT_FIRST}
        open_ = [word for _, word, field in FIELDS if field in judged]
        blank = [word for _, word, field in FIELDS if field in planned - judged]
        parts = [f"{list_phrase(open_)}有目标可以评估"] if open_ else []
        parts += [f"{list_phrase(blank)}没有一项能评估"] if blank else []
        heading = "，".join(parts) or "总量、结构、素质、分布各一句"
    return Section("overview-areas", heading, "规划的四个方面各一句，依据见第一章和第四章。", ("\n".join(lines),))


def scale(report: Report) -> str:
    """Say where residents stand, what is known of the registered population, and which rates are not published."""
    members = _members(report, "人口规模")
    said = [standing(report, s).rstrip("。") for s in members if s.indicator_id == "resident_population"]
    said += [_known(report, s) for s in members if s.indicator_id == "hukou_population"]
    if not members:
        return "规划没有这方面的目标。"
    rates = [s for s in members if s.indicator_id not in ("resident_population", "hukou_population")]
    return "；".join([*said, *_one_by_one(report, rates)]) + "。"


def structure(report: Report) -> str:
    """Say the three age groups of the year, how the share of the old moved, and how the targets stand."""
    found = [(name, o) for name, key in _AGES if (o := _firm(report, f"resident_{key}", report.edition)) is not None]
    if not found:
        said = f"{report.edition}年末的年龄结构没有公布"
        earlier = [_latest_shares(report, basis) for basis in ("census", "resident")]
        if any(earlier):
            basis, shares = max(zip(("普查", "末"), earlier, strict=True), key=lambda pair: pair[1][0][1].year if pair[1] else 0)
            said += f"，最近一次是{shares[0][1].year}年{basis}：{_shares(report, shares)}"
    else:
        said = f"{report.edition}年末{_shares(report, found)}"
        now, before = found[-1][1], _firm(report, found[-1][1].indicator.indicator_id, report.edition - 1)
        if before is not None:
            said += _moved(report, now, before)
    return f"{said}{_tally(report, 'structure', '人口结构')}。"


def _latest_shares(report: Report, basis: str) -> list[tuple[str, Observation]]:
    """The age groups of the last year for which a basis has any."""
    found = [(name, o) for name, key in _AGES if (o := _firm(report, f"{basis}_{key}", None)) is not None]
    last = max((o.year for _, o in found), default=0)
    return [(name, o) for name, o in found if o.year == last]


def quality(report: Report) -> str:
    """Say what is known of schooling, life expectancy and talent, the oldest news named with its year."""
    members = _members(report, "人口素质")
    if not members:
        return "规划没有这方面的目标。"
    first = [s for key in _PEOPLE_FIRST for s in members if s.indicator_id == key]
    said = [_known(report, status) for status in first]
    said += _one_by_one(report, [s for s in members if s not in first])
    return f"{'；'.join(said)}{_tally(report, 'quality', '人口素质')}。"


def space(report: Report) -> str:
    """Say where urbanisation stands, and for how many districts the year's residents are published."""
    said = "；".join(standing(report, s).rstrip("。") for s in _members(report, "人口分布")) or "规划没有这方面的目标"
    places = [r for r in report.ledger.regions.values() if r.level == "district" and r.scheme in NEW_SCHEMES]
    if not places:
        return f"{said}。"
    known = [r for r in places if _firm(report, "resident_population", report.edition, r.region_id) is not None]
    total = count_fact(report, "districts", len(places), "现行区县数", "个")
    number = count_fact(report, "districts-known", len(known), "公布年末常住人口的区县数", "个")
    said += f"；{total}区县中" + (f"{number}有{report.edition}年末常住人口的可用数" if known else f"没有一个有{report.edition}年末常住人口的可用数")
    counted = [o for r in places if (o := _firm(report, "census_population", None, r.region_id)) is not None]
    if len(counted) == len(places):
        year = max(o.year for o in counted)
        ranked = sorted((o for o in counted if o.year == year), key=lambda o: o.value)
        said += f"，{year}年普查时最多的是{ranked[-1].region.name_zh}（{report.fact_of(ranked[-1])}），最少的是{ranked[0].region.name_zh}（{report.fact_of(ranked[0])}）"
    return f"{said}。"


def _members(report: Report, field: str) -> list[TargetStatus]:
    return [status for status in target_statuses(report) if status.field == field]


def _one_by_one(report: Report, members: list[TargetStatus]) -> list[str]:
    """The figures of some targets in one clause, and those without any in another."""
    if not members:
        return []
    if is_base_edition(members):
        return ["，".join(f"{short_name(s)}{base_fact(report, s)}" for s in members)]
    known = [f"{s.latest_year}年{short_name(s)}{latest_fact(report, s)}" for s in members if s.latest_year is not None]
    silent = [s for s in members if s.latest_year is None]
    if silent:
        known.append(f"{list_phrase(short_name(s) for s in silent)}{silent[0].base_year}年以后没有可用的公布数")
    return known


def _firm(report: Report, indicator_id: str, year: int | None, region_id: str = "") -> Observation | None:
    """The figure of a year (the latest one if None), unless it is of confidence C or was never published."""
    if indicator_id not in report.ledger.indicators:
        return None
    series = report.ledger.series(indicator_id, region_id or report.region_id)
    found = series.latest if year is None else series.at(year)
    return None if found is None or found.confidence == "C" else found


def _shares(report: Report, found: list[tuple[str, Observation]]) -> str:
    return "、".join(f"{name}占{report.fact_of(o)}" for name, o in found)


def _moved(report: Report, now: Observation, before: Observation) -> str:
    try:
        change = report.difference(now, before)
    except ConceptError:
        return ""
    word = change_word(change.value or 0.0, "rate", 0.05)
    return f"，其中60岁及以上比上年{word}{'' if word == '持平' else f'{change:a}'}"


def _known(report: Report, status: TargetStatus) -> str:
    """The latest usable figure of a target with its year; a doubtful newer one is named as such."""
    name = short_name(status)
    if status.latest_year is not None:
        stale = "，此后没有可用的新数" if status.latest_year < status.edition else ""
        return f"{status.latest_year}年{name}{latest_fact(report, status)}{stale}"
    if is_base_edition([status]):
        return f"{name}{base_fact(report, status)}"
    if status.base_value is None:
        return f"{name}没有公布"
    said = f"{name}最近一次是{status.base_year}年的{base_fact(report, status)}"
    if status.newest_year is not None:
        said += f"（{status.newest_year}年的{newest_fact(report, status)}为参考级，不作依据）"
    return said


def _tally(report: Report, key: str, field: str) -> str:
    members = _members(report, field)
    if not members:
        return ""
    words = [s.status for s in members]
    total = count_fact(report, key, len(members), f"{field}的目标数")
    if is_base_edition(members):
        return f"；{total}目标从下一版起评估"
    counted = "、".join(
        f"{word}{count_fact(report, f'{key}-{STATUS_CLASSES[word]}', words.count(word), f'{field}中状态为“{word}”的目标数')}"
        for word in (*MOST_URGENT_FIRST, *WITHOUT_JUDGEMENT)
        if word in words
    )
    return f"；{total}目标中{counted}"
