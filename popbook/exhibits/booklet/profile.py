"""The first page of a booklet: the district in figures, what of it nobody has published, and on which boundaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.booklet.units import (
    CENSUS_SOURCES,
    CENSUSES,
    FIRST,
    SECOND,
    growth_words,
    has,
    is_redrawn,
    share_fact,
    units_of,
)
from popbook.exhibits.chapters.status.evidence import sources_of
from popbook.exhibits.model import Column, Section, Table
from popbook.exhibits.phrases import list_phrase
from popbook.ledger.model import BASIS_ZH, Observation

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

KEY_FIGURES = (
    "resident_population",
    "resident_increment",
    "hukou_population",
    "floating_population",
    "resident_urban_rate",
    "resident_share_60plus",
    "resident_share_65plus",
    "resident_share_0_14",
    "hukou_birth_rate",
    "hukou_death_rate",
    "hukou_natural_rate",
    "hukou_share_60plus",
)
"""What a reader looks for first, in the order of the city's status chapter; few of them are published by district."""

CENSUS_ROWS = (
    ("census_population", "普查常住人口"),
    ("census_share_0_14", "0—14岁比重"),
    ("census_share_15_64", "15—64岁比重"),
    ("census_share_65plus", "65岁及以上比重"),
    ("census_sex_ratio", "性别比（女=100）"),
    ("census_household_size", "平均家庭户规模"),
    ("census_schooling_6plus", "平均受教育年限（6岁及以上）"),
    ("census_migrants_other_county", "人户分离：省内其他区县"),
    ("census_migrants_other_province", "人户分离：省外"),
)


def overview(report: Report) -> tuple[Section, ...]:
    """Return the sections of the first page.

    Parameters
    ----------
    report
        The booklet.
    """
    return (_profile(report), _census(report))


def _profile(report: Report) -> Section:
    ledger, name = report.ledger, report.region.name_zh
    census = ledger.observation("census_population", SECOND, report.region_id)
    share = ledger.observation("census_share_of_city", SECOND, report.region_id)
    latest = _latest(report, "resident_population")
    if census is None or share is None:
        return Section("booklet-profile", f"{name}的普查人口未公布", "本版截止日以前没有公布按现行区界的普查人口。")
    heading = f"{name}2020年普查人口{report.fact_of(census)}，占全市{report.fact_of(share)}"
    heading += f"；{latest.year}年末{report.fact_of(latest)}" if latest else ""
    texts = []
    units = units_of(report)
    if has(report, *CENSUSES):
        lines = []
        for unit in units:
            lines.append(f"{growth_words(report, unit)}，2020年60岁及以上占{share_fact(report, unit.id, SECOND, '60plus')}")
        texts.append("；".join(lines) + "。" + ("以上为2021年4月以前的区界。" if is_redrawn(report) else ""))
    known = [item for item in KEY_FIGURES if _latest(report, item)]
    silent = [ledger.indicators[item].name_zh for item in KEY_FIGURES if item not in known]
    lead = "普查为2020年11月1日，按现行区界。" + ("" if latest else "2021年以来的年末常住人口未公布。")
    if silent:
        texts.append(f"2021年以来没有查到主管部门按区县公布的：{list_phrase(silent)}。本分册不推补。")
    texts.append("".join(unit.note for unit in units))
    # Pages beside the booklet that lead on: where the city lies differs between the built site and the published one.
    home = (
        f'全市的数和方法见<a href="../city-{report.edition}.html">全市{report.edition}年度版</a>；'
        '其他区县见<a href="../districts.html">区县分册</a>。'
    )
    return Section("booklet-profile", heading, lead, (*texts, _table(report), home))


def _latest(report: Report, indicator_id: str, since: int = SECOND + 1) -> Observation | None:
    """The latest figure of today's district from a year on; what was published on older boundaries has another code."""
    found = report.ledger.latest(indicator_id, report.region_id)
    return found if found is not None and found.year >= since else None


def _table(report: Report) -> Table:
    ledger = report.ledger
    rows, used = [], []
    for indicator_id in KEY_FIGURES:
        indicator = ledger.indicators[indicator_id]
        now = ledger.observation(indicator_id, report.edition, report.region_id)
        latest = _latest(report, indicator_id, SECOND)
        rows.append(
            {
                "name": indicator.name_zh,
                "basis": BASIS_ZH.get(indicator.basis, indicator.basis),
                "unit": indicator.unit,
                "now": str(report.fact_of((indicator_id, report.edition))),
                "latest": str(report.fact_of(latest)) if latest and now is None else "",
                "year": f"{latest.year}{'*' if latest.confidence == 'C' else ''}" if latest else "",
            }
        )
        used += [latest] if latest else []
    notes = ["未公布：本版截止日以前没有查到主管部门按现行区界公布的数；普查的数见下表。"]
    if any(item.confidence == "C" for item in used):
        notes.append("*为C级数据（二手转述，未见原文），不单独作判断依据。")
    return Table(
        id=f"tbl-key-figures-{report.region_id}",
        title=f"{report.region.name_zh}主要人口指标，{report.edition}年和最近一次公布",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "指标"),
            Column("basis", "口径"),
            Column("now", f"{report.edition}年", emphasis=True),
            Column("latest", "最近一次公布"),
            Column("year", "年份"),
        ),
        unit="见各行",
        basis="none",
        region_id=report.region_id,
        years=tuple(sorted({report.edition, *(item.year for item in used)})),
        source_ids=sources_of(*used),
        notes=tuple(notes),
        indicator_ids=KEY_FIGURES,
        missing="blank",
    )


def _census(report: Report) -> Section:
    """The census in full, on the boundaries on which it was published."""
    units = units_of(report)
    names = list_phrase(unit.name for unit in units)
    ledger = report.ledger
    rows, used = [], []
    for indicator_id, label in CENSUS_ROWS:
        row: dict[str, object] = {"name": label, "unit": ledger.indicators[indicator_id].unit}
        for unit in units:
            for year in CENSUSES:
                found = ledger.observation(indicator_id, year, unit.id)
                row[f"{unit.id}-{year}"] = str(report.fact_of((indicator_id, year), unit.id))
                used += [found] if found else []
        rows.append(row)
    columns = [Column("name", "指标")]
    for unit in units:
        columns += [Column(f"{unit.id}-{year}", f"{year}年", group=unit.name, emphasis=year == SECOND) for year in CENSUSES]
    table = Table(
        id=f"tbl-census-{report.region_id}",
        title=f"{names}两次普查的主要数",
        frame=pd.DataFrame(rows),
        columns=tuple(columns),
        unit="见各行",
        basis="census",
        region_id=report.region_id,
        years=CENSUSES,
        source_ids=sources_of(*used) or (CENSUS_SOURCES[FIRST],),
        notes=tuple(unit.note for unit in units if unit.relation != "same"),
        indicator_ids=tuple(name for name, _ in CENSUS_ROWS),
        missing="blank",
    )
    lead = "2020年普查分区县的详表" + ("按普查时（2021年4月以前）的区界公布，2010年的同表范围相同。" if is_redrawn(report) else "和2010年的同表范围相同。")
    if not has(report, SECOND):
        lead = "2020年普查分区县的详表在本版截止日以前没有公布。"
    return Section("booklet-census", f"{names}的普查资料", lead, (table,))
