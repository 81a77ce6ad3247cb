"""The opening of the chapter: what the city's population is now, in one heading and three sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from popbook.exhibits.chapters.status.evidence import unsigned
from popbook.exhibits.chapters.status.growth import growth_fact, yearly_growth
from popbook.exhibits.chapters.status.structure import latest_share
from popbook.exhibits.model import Section

if TYPE_CHECKING:
    from popbook.exhibits.report import Report


def opener(report: Report) -> Section:
    """Return the chapter's opening section.

    Parameters
    ----------
    report
        The edition.
    """
    ledger = report.ledger
    now = ledger.latest("resident_population")
    if now is None:
        return Section("status", "现状：年末常住人口未公布", "本版截止日以前没有公布的年末常住人口。", level=1)
    growth = yearly_growth(report)
    old = latest_share(report, "60plus")
    heading = f"现状：常住人口{report.fact_of(now)}"
    if growth is not None and growth.year == now.year and growth.words:
        heading += f"，增量{growth.words}"
    if old is not None:
        when = "" if old.year == now.year else f"{old.year}年"
        heading += f"，{when}60岁及以上占{report.fact_of(old)}"
    first = f"{now.year}年末，{ledger.regions[report.region_id].name_zh}常住人口{report.fact_of(now)}"
    if growth is not None and growth.year == now.year:
        change = growth_fact(report, growth.year)
        first += f"，比上年{'增加' if growth.value >= 0 else '减少'}{unsigned(report, change)}"
    else:
        first += "，以第七次全国人口普查为基础，与2019年及以前的公布数不能直接相减"
    second: list[str] = []
    for group, name in (("60plus", "60岁及以上"), ("0_14", "0—14岁")):
        item = latest_share(report, group)
        if item is not None:
            when = "" if item.year == now.year or second else f"{item.year}年末"
            second.append(f"{when}{name}占{report.fact_of(item)}")
    urban = ledger.observation("resident_urban_rate", now.year) or ledger.observation("census_urban_rate", now.year)
    if urban is not None:
        second.append(f"城镇化率{report.fact_of(urban)}")
    silent = [
        words
        for name, words in (
            ("hukou_population", "户籍人口"), ("floating_population", "登记流动人口"), ("life_expectancy", "人均预期寿命"),
            ("talent_total", "人才资源总量"),
        )
        if not _is_firm(report, name)
    ]  # fmt: skip
    third = (
        f"{'、'.join(silent)}在本版截止日以前没有{now.year}年的主管部门公布数，正文注明最近的年份。"
        if silent
        else "户籍人口、登记流动人口、人均预期寿命和人才资源总量均有当年公布数。"
    )
    lead = f"{first}。{'，'.join(second)}。{third}" if second else f"{first}。{third}"
    return Section("status", heading, lead, level=1)


def _is_firm(report: Report, indicator_id: str) -> bool:
    found = report.ledger.observation(indicator_id, report.edition)
    return found is not None and found.confidence != "C"
