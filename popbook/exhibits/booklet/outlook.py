"""Projection of a district on the old boundaries: totals that add to the city in every path, ages that add to it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.booklet.units import (
    CENSUS_SOURCES,
    CENSUSES,
    PERSONS,
    SECOND,
    Unit,
    broad,
    census_fact,
    gap,
    has,
    is_redrawn,
    scope_words,
    share_fact,
    units_of,
)
from popbook.exhibits.chapters.status.evidence import sources_of
from popbook.exhibits.chapters.trends.evidence import age_sources, forecast_sources
from popbook.exhibits.charts import fan_chart, shares_chart
from popbook.exhibits.model import Block, Column, Fact, Figure, Note, Section, Table
from popbook.exhibits.phrases import change_word
from popbook.exhibits.theme import COLOURS
from popbook.forecasting.district_ages import RULE as AGE_RULE
from popbook.forecasting.district_ages import DistrictAges, project_district_ages
from popbook.forecasting.districts import RULE, DistrictForecast, forecast_districts
from popbook.forecasting.hamilton_perry import TARGET_YEAR
from popbook.ledger.model import Observation

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

PARTS = {
    "0—14岁": COLOURS["age_0_14"],
    "15—59岁": COLOURS["age_15_59"],
    "60岁及以上": COLOURS["age_60plus"],
}
Y = "人口（万人）"

WHY_NO_INTERVAL = (
    "年龄构成是推算，不是带区间的预测：本报告收录的各区分年龄人口，按可比的区界只有2010年和2020年两次普查，推算两次都要用，"
    "没有留下一次来检验误差。"
)


def _sources(report: Report) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*CENSUS_SOURCES.values(), *forecast_sources(report, "resident"))))


def _point(result: DistrictForecast, unit_id: str, year: int, column: str = "point") -> float:
    table = result.table
    return float(table[(table["region_id"] == unit_id) & (table["year"] == year)][column].iloc[0])


def projected_fact(report: Report, result: DistrictForecast, unit_id: str, year: int, column: str = "point") -> Fact:
    """Return a projected number of residents of a census unit as a fact."""
    words = {"point": "点推算", "lo80": "80%区间下限", "hi80": "80%区间上限"}[column]
    return report.fact(
        f"fact-{unit_id}-projected-{column}-{year}", f"{report.ledger.regions[unit_id].name_zh}{year}年末常住人口{words}",
        _point(result, unit_id, year, column), "万人", 1, year=year, basis="resident", region_id=unit_id, status="E",
        source_ids=_sources(report),
    )  # fmt: skip


def opener(report: Report) -> Section:
    """Return the opening of the page."""
    result = forecast_districts(report.ledger)
    if result is None or not has(report, *CENSUSES):
        return gap(report, "outlook", f"{report.region.name_zh}的推算", level=1)
    heads, words = [], []
    for unit in units_of(report):
        census = census_fact(report, unit.id, SECOND, "total", "人口", "万人", 2)
        ahead = projected_fact(report, result, unit.id, report.last_year)
        low, high = (projected_fact(report, result, unit.id, report.last_year, column) for column in ("lo80", "hi80"))
        heads.append(f"{unit.name}{ahead}")
        words.append(f"{unit.name}2020年普查{census}，{report.last_year}年末80%区间为{low:l}—{high}")
    lead = f"{scope_words(report)}{'；'.join(words)}。区间很宽，使用时取区间，不取单个数。"
    return Section("outlook", f"推算：{report.last_year}年末{'、'.join(heads)}", lead, level=1)


def totals(report: Report) -> Section:
    """Return the section on the totals, reconciled with the city."""
    result = forecast_districts(report.ledger)
    if result is None or not has(report, *CENSUSES):
        return gap(report, "booklet-outlook", "人口总量推算")
    blocks: list[Block] = [_figure(report, result, unit) for unit in units_of(report)]
    shares = []
    for unit in units_of(report):
        before = float(broad(report)[SECOND, unit.id]["total"] / broad(report)[SECOND, report.ledger.city]["total"]) * 100
        after = _point(result, unit.id, report.last_year, "share")
        first, last = (
            report.fact(
                f"fact-{unit.id}-share-of-city-{year}", f"{unit.name}{year}年占全市比重{what}", value, "%", 1, year=year, basis=basis,
                region_id=unit.id, source_ids=_sources(report), status=status,
            )
            for year, value, what, basis, status in (
                (SECOND, before, "（普查）", "census", ""), (report.last_year, after, "（推算）", "resident", "E"),
            )
        )  # fmt: skip
        shares.append(f"{unit.name}占全市的比重由2020年普查的{first}{change_word(after - before, 'rate', 0.05)}到{report.last_year}年的{last}")
    every = result.table[result.table["year"] == report.last_year]["point"].sum()
    total = report.fact(
        f"fact-city-projected-point-{report.last_year}", f"全市{report.last_year}年末常住人口点预测", float(every), "万人", 1, year=report.last_year,
        basis="resident", region_id=report.ledger.city, status="E", source_ids=_sources(report),
        derivation=f"{result.table['region_id'].nunique()}个普查单元点推算之和",
    )  # fmt: skip
    text = f"{'；'.join(shares)}。{result.table['region_id'].nunique()}个普查单元{report.last_year}年的点推算相加为{total}，等于全市的预测。"
    note = Note("方法：分区推算怎样与全市衔接", f"{RULE}。点推算之和等于全市，区间不能相加。公式见全市年度版的方法说明。")
    lead = "推算以两次普查间份额的变动为据，逐年减弱，并与全市预测衔接；" + (
        "".join(f"{unit.name}{item.year}年末公布{report.fact_of(item)}，没有用于推算，画在图中供核对。"
                for unit in units_of(report) for item in _published(report, unit)[-1:])
        or "2021年以来没有同一区界的公布数可以核对。"
    )  # fmt: skip
    heading = f"各单元推算之和等于全市{report.last_year}年的{total}"
    return Section("booklet-outlook", heading, lead, (*blocks, text, _table(report, result), note))


def _published(report: Report, unit: Unit) -> list[Observation]:
    """Year-end figures since the census of a unit whose boundaries are today's."""
    years = range(SECOND + 1, report.edition + 1) if unit.relation == "same" else ()
    found = (report.ledger.observation("resident_population", year, unit.id) for year in years)
    return [item for item in found if item is not None]


def _figure(report: Report, result: DistrictForecast, unit: Unit) -> Figure:
    table = broad(report)
    later = _published(report, unit)
    actual = pd.DataFrame(
        [
            *({"年份": year, Y: table[year, unit.id]["total"] / PERSONS, "分段": f"普查{year}"} for year in CENSUSES),
            *({"年份": item.year, Y: item.value, "分段": f"年末{item.year}"} for item in later),
        ]
    )
    own = result.table[result.table["region_id"] == unit.id]
    fan = pd.DataFrame(
        {"年份": own["year"], "预测中位数": own["point"], "下限80": own["lo80"], "上限80": own["hi80"], "下限95": own["lo95"], "上限95": own["hi95"]}
    ).reset_index(drop=True)
    last = fan.iloc[-1]
    told = f"{'、'.join(str(item.year) for item in later)}年的点为公布的年末常住人口。" if later else ""
    data = pd.concat([actual.drop(columns="分段"), fan.rename(columns={"预测中位数": "点推算（万人）"})], ignore_index=True).round(4)
    title = f"{unit.name}{report.last_year}年{last['预测中位数']:.1f}万人，80%区间{last['下限80']:.1f}万—{last['上限80']:.1f}万人"
    return Figure(
        id=f"fig-outlook-{unit.id}",
        title=title,
        subtitle="普查人口（11月1日）和推算的年末常住人口，万人",
        alt=f"扇形图。2010年和2020年普查两个点，{int(fan['年份'].iloc[0])}—{report.last_year}年推算及80%、95%区间。{title}。",
        frame=data,
        draw=lambda layout: fan_chart(actual, fan, layout, y=Y, segment="分段", unit="万人", decimals=1),
        unit="万人",
        basis="resident",
        region_id=unit.id,
        years=(*CENSUSES, *(int(year) for year in fan["年份"])),
        source_ids=tuple(dict.fromkeys((*_sources(report), *sources_of(*later)))),
        notes=(
            f"深色带为80%区间，浅色带为95%区间；区间宽度借用同类城市的误差，没有实测的覆盖率。同一区界没有成套的历年数，各点不连线。{told}",
            *unit.scope_notes,
        ),
        indicator_ids=("census_population", "resident_population"),
    )  # fmt: skip


def _table(report: Report, result: DistrictForecast) -> Table:
    table, city = broad(report), report.ledger.city
    rows = []
    for unit in units_of(report):
        row: dict[str, object] = {"name": unit.name, "census": table[SECOND, unit.id]["total"] / PERSONS}
        for year in (TARGET_YEAR, report.last_year):
            row |= {f"{column}{year}": _point(result, unit.id, year, column) for column in ("point", "lo80", "hi80")}
        rows.append(row)
    every = result.table.groupby("year")["point"].sum()
    rows.append(
        {"name": "全市（各单元之和）", "census": table[SECOND, city]["total"] / PERSONS,
         **{f"point{year}": float(every[year]) for year in (TARGET_YEAR, report.last_year)}}
    )  # fmt: skip
    columns = [Column("name", "地区"), Column("census", "2020年普查", "万人", 2)]
    for year in (TARGET_YEAR, report.last_year):
        columns += [
            Column(f"point{year}", "点推算", "万人", 1, group=f"{year}年末", emphasis=year == report.last_year),
            Column(f"lo80{year}", "80%下限", "万人", 1, group=f"{year}年末"),
            Column(f"hi80{year}", "80%上限", "万人", 1, group=f"{year}年末"),
        ]
    return Table(
        id=f"tbl-outlook-{report.region_id}",
        title=f"常住人口推算，{TARGET_YEAR}年和{report.last_year}年",
        frame=pd.DataFrame(rows),
        columns=tuple(columns),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=(SECOND, TARGET_YEAR, report.last_year),
        source_ids=_sources(report),
        notes=("各区区间不能相加，全市的区间见全市年度版。", *(("2021年4月以前的区界。",) if is_redrawn(report) else ())),
        indicator_ids=("resident_population",),
        missing="blank",
    )


def ages(report: Report) -> Section:
    """Return the section on the ages of 2030, fitted to the city's."""
    result = project_district_ages(report.ledger)
    if result is None or not has(report, *CENSUSES):
        return gap(report, "booklet-outlook-ages", "年龄结构推算")
    units = units_of(report)
    words = []
    for unit in units:
        now, ahead = share_fact(report, unit.id, SECOND, "60plus"), _age_fact(report, result, unit)
        verb = change_word((ahead.value or 0) - (now.value or 0), "rate", 0.05)
        words.append(f"{unit.name}60岁及以上由2020年普查的{now}{verb}到2030年的{ahead}")
    city_value = 100 * float(result.city["60_64"] + result.city["65plus"]) / float(result.city.sum())
    city = report.fact(
        f"fact-city-projected-share-60plus-{TARGET_YEAR}", f"全市{TARGET_YEAR}年60岁及以上比重推算", city_value, "%", 1, year=TARGET_YEAR,
        basis="resident", region_id=report.ledger.city, status="E", source_ids=age_sources(report),
    )  # fmt: skip
    heading = f"{units[0].name}{TARGET_YEAR}年60岁及以上约占{_age_fact(report, result, units[0])}"
    lead = f"{'；'.join(words)}；全市{city}。时点为2030年11月1日，与普查同日。"
    note = Note("方法：各区年龄怎样推算", f"{AGE_RULE}。{WHY_NO_INTERVAL}总量的不确定性见上一节。")
    return Section("booklet-outlook-ages", heading, lead, (_figure_ages(report, result), note))


def _age_fact(report: Report, result: DistrictAges, unit: Unit) -> Fact:
    return report.fact(
        f"fact-{unit.id}-projected-share-60plus-{TARGET_YEAR}", f"{unit.name}{TARGET_YEAR}年60岁及以上比重推算",
        result.share(unit.id, "60_64", "65plus"), "%", 1, year=TARGET_YEAR, basis="resident", region_id=unit.id, status="E",
        source_ids=_age_sources(report),
    )  # fmt: skip


def _age_sources(report: Report) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_sources(report), *age_sources(report))))


def _figure_ages(report: Report, result: DistrictAges) -> Figure:
    table = broad(report)
    rows = []
    places = [*((unit.id, unit.name) for unit in units_of(report)), (report.ledger.city, "全市")]
    for place, name in places:
        census = [table[SECOND, place][f"share_{key}"] for key in ("0_14", "15_59", "60plus")]
        parts = result.broad(None if place == report.ledger.city else place)
        rows.append((f"{name} {SECOND}", *census))
        rows.append((f"{name} {TARGET_YEAR}推算", *(100 * part / sum(parts) for part in parts)))
    frame = pd.DataFrame(rows, columns=["地区和年份", *PARTS]).round(4)
    unit = units_of(report)[0]
    share = result.share(unit.id, "60_64", "65plus")
    title = f"推算{unit.name}{TARGET_YEAR}年60岁及以上占{share:.1f}%，0—14岁占{result.share(unit.id, '0_14'):.1f}%"
    return Figure(
        id=f"fig-outlook-ages-{report.region_id}",
        title=title,
        subtitle="占常住人口的比重，%；2020年为普查，2030年为推算",
        alt="堆积条形图，2020年普查和2030年推算三个年龄组的比重。"
        + "；".join(f"{r['地区和年份']}60岁及以上{r['60岁及以上']:.1f}%" for r in frame.to_dict("records")) + "。",
        frame=frame,
        draw=lambda layout: shares_chart(
            frame, layout, category="地区和年份", parts=PARTS,
            breaks_after=tuple(f"{name} {TARGET_YEAR}推算" for _, name in places[:-1]),
        ),
        unit="%",
        basis="resident",
        region_id=report.region_id,
        years=(SECOND, TARGET_YEAR),
        source_ids=_age_sources(report),
        notes=("各区各年龄组之和等于全市；没有可实测的区间。", *(("2021年4月以前的区界。",) if is_redrawn(report) else ())),
        indicator_ids=("census_population",),
    )  # fmt: skip
