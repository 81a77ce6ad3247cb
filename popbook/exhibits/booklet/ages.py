"""Ages of a district: pyramids of two censuses, and ageing beside the city."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.demography.age_structure import pyramid_table, read_census
from popbook.exhibits.booklet.units import (
    CENSUS_SOURCES,
    CENSUSES,
    FIRST,
    PERSONS,
    SECOND,
    Unit,
    broad,
    census_fact,
    gap,
    has,
    is_redrawn,
    scope_short,
    scope_words,
    share_fact,
    step_fact,
    units_of,
)
from popbook.exhibits.chapters.status.structure import age_words, census_pyramid
from popbook.exhibits.charts import shares_chart
from popbook.exhibits.model import Block, Column, Figure, Note, Section, Table
from popbook.exhibits.phrases import change_word
from popbook.exhibits.theme import COLOURS

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

PARTS = {"0—14岁": "0_14", "15—59岁": "15_59", "60岁及以上": "60plus"}
PART_COLOURS = {
    "0—14岁": COLOURS["age_0_14"],
    "15—59岁": COLOURS["age_15_59"],
    "60岁及以上": COLOURS["age_60plus"],
}


def _older(report: Report, unit: Unit) -> str:
    now, then = (share_fact(report, unit.id, year, "60plus") for year in (SECOND, FIRST))
    step = step_fact(report, unit.id, now, then, "share-60plus", "个百分点")
    verb = change_word(step.value or 0, "rate", 0.05)
    return f"{now}，比2010年{verb}{step:a}" if verb != "持平" else f"{now}，与2010年持平"


def opener(report: Report) -> Section:
    """Return the opening of the page.

    Parameters
    ----------
    report
        The booklet.
    """
    if not has(report, SECOND):
        return gap(report, "ages", f"{report.region.name_zh}的年龄结构", level=1)
    units = units_of(report)
    heading = "年龄：2020年60岁及以上占比，" + "、".join(
        f"{unit.name}{share_fact(report, unit.id, SECOND, '60plus')}" for unit in units
    )
    city = share_fact(report, report.ledger.city, SECOND, "60plus")
    words = "；".join(f"{unit.name}60岁及以上占{_older(report, unit)}" for unit in units)
    return Section("ages", heading, f"{scope_words(report)}{words}；全市{city}。", level=1)


def pyramid(report: Report) -> Section:
    """Return the section with the pyramid of every census unit."""
    census = read_census(report.ledger)
    years = [year for year in CENSUSES if has(report, year)]
    if not years:
        return gap(report, "booklet-pyramid", "年龄金字塔")
    latest = years[-1]
    blocks: list[Block] = []
    heading = ""
    for unit in units_of(report):
        tables = {year: pyramid_table(census, year, unit.id) for year in years}
        for table in tables.values():
            table["total"] = (table["male"] + table["female"]) / PERSONS
        row = tables[latest].sort_values("total", kind="stable").iloc[-1]
        count = report.fact(
            f"fact-{unit.id}-largest-group-{latest}",
            f"{unit.name}{latest}年普查{age_words(str(row['label']))}人口",
            float(row["total"]), "万人", 2, year=latest, basis="census", region_id=unit.id, source_ids=(CENSUS_SOURCES[latest],),
        )  # fmt: skip
        finding = f"{unit.name}{latest}年{age_words(str(row['label']))}最多，{count}"
        heading = heading or finding
        ages = [census_fact(report, unit.id, year, "median_age", "人口年龄中位数", "岁", 1) for year in years]
        median = f"年龄中位数{ages[-1]}"
        if len(ages) > 1:
            step = (ages[1].value or 0) - (ages[0].value or 0)
            median = f"年龄中位数由2010年的{ages[0]}{change_word(step, 'rate', 0.05)}到2020年的{ages[1]}"
        moved = _moved(report, unit, tables) if len(years) > 1 else ""
        sexes = census_fact(report, unit.id, latest, "sex_ratio", "人口性别比（女=100）", "", 1)
        blocks += [_figure(unit, tables), f"{finding}；{median}；性别比{sexes}（女性为100）。{moved}"]
    lead = scope_short(report)
    if SECOND not in years:
        lead = "2020年普查分区县、分年龄的表在本版截止日以前未公布，只能画出2010年。"
    return Section("booklet-pyramid", heading, lead, tuple(blocks))


def _moved(report: Report, unit: Unit, tables: dict[int, pd.DataFrame]) -> str:
    """Say which five-year groups grew and shrank most between the censuses."""
    step = tables[SECOND]["total"] - tables[FIRST]["total"]
    words = []
    for verb, i in (("增加", int(step.to_numpy().argmax())), ("减少", int(step.to_numpy().argmin()))):
        if (step[i] > 0) != (verb == "增加"):
            continue
        label = age_words(str(tables[SECOND]["label"][i]))
        change = report.fact(
            f"fact-{unit.id}-age-{int(tables[SECOND]['age'][i])}-change-{FIRST}-{SECOND}", f"{unit.name}{label}人口2020年比2010年增减",
            float(step[i]), "万人", 2, year=SECOND, basis="census", region_id=unit.id, source_ids=tuple(CENSUS_SOURCES.values()),
            derivation=f"{tables[SECOND]['total'][i]:.4f} − {tables[FIRST]['total'][i]:.4f}",
        )  # fmt: skip
        words.append(f"{verb}最多的是{label}（{change:a}）")
    return f"与2010年相比，{'，'.join(words)}。"


def _figure(unit: Unit, tables: dict[int, pd.DataFrame]) -> Figure:
    latest, earlier = max(tables), min(tables) if len(tables) > 1 else None
    row = tables[latest].sort_values("total", kind="stable").iloc[-1]
    title = f"{unit.name}{latest}年{age_words(str(row['label']))}人数最多，共{row['total']:.2f}万人"
    notes = [f"实心柱为{latest}年，折线轮廓为{earlier}年。"] if earlier else ["2020年分年龄、性别的表在本版截止日以前未公布。"]
    notes.append("85岁及以上合为一组。")
    return census_pyramid(f"fig-pyramid-{unit.id}", title, tables, unit.id, (*notes, *unit.scope_notes), decimals=4)


def ageing(report: Report) -> Section:
    """Return the section on ageing: broad ages of both censuses beside the city."""
    if not has(report, *CENSUSES):
        return gap(report, "booklet-ageing", "老龄化程度")
    units, city = units_of(report), report.ledger.city
    here, there = (share_fact(report, place, SECOND, "60plus") for place in (units[0].id, city))
    distance = (here.value or 0) - (there.value or 0)
    side = report.fact(
        f"fact-{units[0].id}-share-60plus-minus-city-{SECOND}", f"{units[0].name}2020年60岁及以上比重与全市之差",
        distance, "个百分点", 1, year=SECOND, basis="census", region_id=units[0].id, source_ids=(CENSUS_SOURCES[SECOND],),
        derivation=f"{here.value:.1f} − {there.value:.1f}",
    )  # fmt: skip
    words = "与全市相同" if abs(distance) < 0.05 else f"{'高于' if distance > 0 else '低于'}全市{side:a}"
    texts = []
    for unit in units:
        before, after = (census_fact(report, unit.id, year, "count_60plus", "60岁及以上人口", "万人", 2) for year in CENSUSES)
        index = census_fact(report, unit.id, SECOND, "ageing_index", "老少比（65岁及以上比0—14岁）", "%", 1)
        burden = census_fact(report, unit.id, SECOND, "dependency_15_64", "总抚养比（15—64岁口径）", "%", 1)
        verb = change_word((after.value or 0) - (before.value or 0), "level", 0.005)
        texts.append(
            f"{unit.name}60岁及以上由2010年的{before}{verb}到2020年的{after}；每百名0—14岁儿童对应65岁及以上老人{index:v}人，总抚养比{burden}。"
        )
    note = Note(
        "口径：比重怎样计算",
        "比重由普查分年龄、性别的人数计算，分母是同一普查、同一区界的总人口。总抚养比按（0—14岁＋65岁及以上）÷15—64岁计算。"
        "户籍老年人口比重（规划表2）以户籍人口为分母，与本节不是同一口径，不能比较。",
    )
    return Section(
        "booklet-ageing",
        f"{units[0].name}60岁及以上占{here}，{words}",
        scope_short(report),
        (_figure_shares(report), *texts, _table(report), note),
    )


def _places(report: Report) -> list[tuple[str, str]]:
    return [*((unit.id, unit.name) for unit in units_of(report)), (report.ledger.city, "全市")]


def _figure_shares(report: Report) -> Figure:
    table = broad(report)
    places = _places(report)
    frame = pd.DataFrame(
        [
            {"地区和年份": f"{name} {year}", **{word: round(table[year, place][f"share_{key}"], 4) for word, key in PARTS.items()}}
            for place, name in places
            for year in CENSUSES
        ]
    )  # fmt: skip
    unit = units_of(report)[0]
    then, now = (table[year, unit.id]["share_60plus"] for year in CENSUSES)
    title = f"{unit.name}60岁及以上比重十年由{then:.1f}%{change_word(now - then, 'rate', 0.05)}到{now:.1f}%"
    return Figure(
        id=f"fig-age-shares-{report.region_id}",
        title=title,
        subtitle="占普查人口的比重，%",
        alt="堆积条形图，各普查单元和全市两次普查三个年龄组的比重。"
        + "；".join(f"{r['地区和年份']}年60岁及以上{r['60岁及以上']:.1f}%" for r in frame.to_dict("records")) + "。",
        frame=frame,
        draw=lambda layout: shares_chart(
            frame, layout, category="地区和年份", parts=PART_COLOURS, breaks_after=tuple(f"{name} {SECOND}" for _, name in places[:-1])
        ),
        unit="%",
        basis="census",
        region_id=report.region_id,
        years=CENSUSES,
        source_ids=tuple(CENSUS_SOURCES.values()),
        notes=("2021年4月以前的区界。",) if is_redrawn(report) else (),
        indicator_ids=("census_population",),
    )  # fmt: skip


def _table(report: Report) -> Table:
    table = broad(report)
    measures = ("share_0_14", "share_15_59", "share_60plus", "share_65plus", "share_80plus", "dependency_15_64", "median_age")
    frame = pd.DataFrame(
        [
            {"place": name, "year": str(year), "total": table[year, place]["total"] / PERSONS,
             **{measure: table[year, place][measure] for measure in measures}}
            for place, name in _places(report)
            for year in CENSUSES
        ]
    )  # fmt: skip
    return Table(
        id=f"tbl-age-structure-{report.region_id}",
        title="两次普查的年龄结构，与全市对照",
        frame=frame,
        columns=(
            Column("place", "地区"),
            Column("year", "普查"),
            Column("total", "人口", "万人", 2),
            Column("share_0_14", "0—14岁", "%", 1, group="比重"),
            Column("share_15_59", "15—59岁", "%", 1, group="比重"),
            Column("share_60plus", "60岁及以上", "%", 1, group="比重", emphasis=True),
            Column("share_65plus", "65岁及以上", "%", 1, group="比重"),
            Column("share_80plus", "80岁及以上", "%", 1, group="比重"),
            Column("dependency_15_64", "总抚养比", "%", 1),
            Column("median_age", "年龄中位数", "岁", 1),
        ),
        unit="万人、%、岁",
        basis="census",
        region_id=report.region_id,
        years=CENSUSES,
        source_ids=tuple(CENSUS_SOURCES.values()),
        notes=("比重和中位数由分年龄、性别的普查人数计算。", *(f"{unit.note}" for unit in units_of(report) if unit.relation != "same")),
        indicator_ids=("census_population",),
    )
