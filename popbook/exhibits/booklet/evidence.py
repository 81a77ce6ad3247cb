"""Where the numbers of a booklet come from, and on which boundaries each kind of them stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from popbook.exhibits.booklet.units import BULLETIN, CENSUS_SOURCES, is_redrawn, units_of
from popbook.exhibits.citations import source_words
from popbook.exhibits.model import Section

if TYPE_CHECKING:
    from popbook.exhibits.report import Report


def sources(report: Report) -> tuple[Section, ...]:
    """Return the sections on boundaries and sources.

    Parameters
    ----------
    report
        The booklet.
    """
    return (_boundaries(report), _sources(report))


def _boundaries(report: Report) -> Section:
    name = report.region.name_zh
    if not is_redrawn(report):
        return Section(
            "booklet-boundaries", f"{name}的范围2010年以来没有变化", "两次普查和以后的公布数属于同一块地方，可以比较。", (units_of(report)[0].note,)
        )
    notes = "\n".join(f"- {unit.name}：{unit.note}" for unit in units_of(report))
    text = (
        "- 现行区界：2020年普查人数、占全市比重，以及2021年以来的公布数。\n"
        "- 2021年4月以前的区界：分年龄、性别的普查资料，由此得出的老龄化、净迁移、推算和位次。"
    )
    lead = "同名的地区在调整前后不是同一块地方；两套区界的数分开列出，不相减、不拼接。"
    return Section("booklet-boundaries", f"{name}的数分属两套区界", lead, (text, notes))


def _sources(report: Report) -> Section:
    ledger = report.ledger
    places = [report.region_id, *(unit.id for unit in units_of(report))]
    used = ledger.observations[ledger.observations["region_id"].isin(places)]["source_id"]
    census = [name for name in (BULLETIN, *CENSUS_SOURCES.values()) if name in set(ledger.observations["source_id"])]
    ids = list(dict.fromkeys((*census, *sorted(set(used)))))
    listed = "\n".join(f"- {source_words(ledger.sources[name])}" for name in ids)
    lead = "本分册直接采用的资料。推算另用全市年度版的资料，见该版的数据来源。"
    return Section("booklet-sources", "资料来源", lead, (listed,))
