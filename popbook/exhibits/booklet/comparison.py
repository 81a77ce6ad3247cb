"""A district among the others: on the old boundaries by the full census, on today's by what the bulletin printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.booklet.units import (
    BULLETIN,
    CENSUS_SOURCES,
    CENSUSES,
    FIRST,
    PERSONS,
    SECOND,
    all_units,
    broad,
    gap,
    growth_rate,
    has,
    is_redrawn,
    scope_words,
    units_of,
)
from popbook.exhibits.charts import Level, bar_chart
from popbook.exhibits.model import Block, Column, Fact, Figure, Section, Table
from popbook.exhibits.phrases import change_word
from popbook.exhibits.theme import COLOURS

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

OWN, OWN_UNIT, OTHERS = "本区县", "本分册的普查单元", "其他区县"
MARKED = {OWN: COLOURS["resident"], OWN_UNIT: COLOURS["resident"], OTHERS: COLOURS["plan"]}
YEARBOOK_MEASURES = {
    "migrants": "省内其他区县和省外流入人口比重",
    "census_schooling_6plus": "平均受教育年限（6岁及以上）",
    "census_household_size": "平均家庭户规模",
}
MOVERS = ("census_migrants_other_county", "census_migrants_other_province")


def old_table(report: Report) -> pd.DataFrame:
    """Return all census units by name: growth, ages, movers, schooling, households; empty where not all are published."""
    if not has(report, *CENSUSES):
        return pd.DataFrame()
    own = {unit.id for unit in units_of(report)}
    table, ledger = broad(report), report.ledger
    rows = []
    for region in all_units(report):
        place = region.region_id
        total = table[SECOND, place]["total"] / PERSONS
        moved = [ledger.observation(name, SECOND, place) for name in MOVERS]
        school, household = (ledger.observation(name, SECOND, place) for name in list(YEARBOOK_MEASURES)[1:])
        rows.append(
            {
                "id": place,
                "name": short_name(region.name_zh),
                "group": OWN_UNIT if place in own else OTHERS,
                "population": total,
                "growth": growth_rate(report, place),
                "share_0_14": table[SECOND, place]["share_0_14"],
                "share_60plus": table[SECOND, place]["share_60plus"],
                "migrants": 100 * sum(item.value for item in moved if item) / total if all(moved) else None,
                "schooling": None if school is None else school.value,
                "household": None if household is None else household.value,
            }
        )
    return pd.DataFrame(rows)


def short_name(name: str) -> str:
    """Return a name without class of unit, but with the mark of its boundaries.

    Examples
    --------
    >>> short_name("上城区（旧）"), short_name("西湖区（含景区）"), short_name("淳安县")
    ('上城（旧）', '西湖（含景区）', '淳安')
    """
    return re.sub(r"[区县市](?=$|（)", "", name)


def rank(frame: pd.DataFrame, place: str, column: str) -> int:
    """Return the place of a district by a column, the largest first."""
    values = frame.set_index("id")[column]
    return int((values > values[place]).sum()) + 1


def _rank_fact(report: Report, frame: pd.DataFrame, place: str, column: str, what: str) -> Fact:
    name = report.ledger.regions[place].name_zh
    sources = (BULLETIN,) if column == "count" else tuple(CENSUS_SOURCES.values())
    return report.fact(
        f"fact-{place}-rank-{column.replace('_', '-')}-{SECOND}", f"{name}{what}在{len(frame)}个区县中的位次", rank(frame, place, column), "", 0,
        year=SECOND, basis="census", region_id=place, source_ids=sources,
    )  # fmt: skip


def opener(report: Report) -> Section:
    """Return the opening of the page."""
    frame = old_table(report)
    if frame.empty:
        lead = "普查分区县的详表在本版截止日以前没有公布，只能按公报比较人数和占全市的比重。"
        return Section("comparison", "比较：按公报公布的人数", lead, level=1)
    places = "，".join(
        f"{unit.name}居第{_rank_fact(report, frame, unit.id, 'growth', '2010—2020年普查人口增减幅度')}位" for unit in units_of(report)
    )
    heading = f"比较：十年人口增减幅度，{places}"
    words = "；".join(
        f"{item.name}增减幅度第{_rank_fact(report, frame, item.id, 'growth', '2010—2020年普查人口增减幅度')}位，"
        f"60岁及以上比重第{_rank_fact(report, frame, item.id, 'share_60plus', '2020年60岁及以上比重')}位"
        for item in units_of(report)
    )
    return Section("comparison", heading, f"{scope_words(report)}在{len(frame)}个普查单元中，{words}（由高到低）。", level=1)


def old(report: Report) -> Section:
    """Return the section that ranks the census units on the old boundaries."""
    frame = old_table(report)
    if frame.empty:
        return gap(report, "booklet-rank", "与其他区县的比较")
    unit = units_of(report)[0]
    own = next(row for row in frame.to_dict("records") if row["id"] == unit.id)
    city = broad(report)[SECOND, report.ledger.city]["share_60plus"]
    top = frame.sort_values("growth", kind="stable").iloc[-1]
    oldest = frame.sort_values("share_60plus", kind="stable").iloc[-1]
    what = f"在{len(frame)}个普查单元中，2010—2020年增幅最大的是{top['name']}，60岁及以上比重最高的是{oldest['name']}。"
    heading = f"{unit.name}60岁及以上比重在{len(frame)}个区县中居第{_rank_fact(report, frame, unit.id, 'share_60plus', '2020年60岁及以上比重')}位"
    growth = _bars(
        report, frame, "growth", "增减幅度（%）", f"fig-rank-growth-{report.region_id}",
        f"{unit.name}十年人口{change_word(float(own['growth']), 'level', 0.05)}{abs(own['growth']):.1f}%，居第{rank(frame, unit.id, 'growth')}位",
        "2010—2020年普查人口增减幅度，%；2021年4月以前的区界", growth_rate(report, report.ledger.city), signed=True,
    )  # fmt: skip
    older = _bars(
        report, frame, "share_60plus", "60岁及以上比重（%）", f"fig-rank-60plus-{report.region_id}",
        f"{unit.name}60岁及以上占{own['share_60plus']:.1f}%，居第{rank(frame, unit.id, 'share_60plus')}位",
        "2020年普查60岁及以上人口比重，%；2021年4月以前的区界", city,
    )  # fmt: skip
    blocks: tuple[Block, ...] = (growth, older, what, _table(report, frame))
    return Section("booklet-rank", heading, "位次由高到低，比重高低本身没有好坏之分。", blocks)


def _bars(
    report: Report, frame: pd.DataFrame, column: str, label: str, id: str, title: str, subtitle: str, city: float, signed: bool = False
) -> Figure:
    shown = frame[["name", column, "group"]].rename(columns={"name": "区县", column: label, "group": "类别"}).sort_values(
        label, ascending=False, kind="stable"
    )
    data = shown.round({label: 4})
    return Figure(
        id=id,
        title=title,
        subtitle=subtitle,
        alt=f"条形图，{len(frame)}个普查单元由高到低。{title}。全市{city:.1f}%。",
        frame=data,
        draw=lambda layout: bar_chart(
            shown, layout, category="区县", value=label, unit="%", decimals=1, group="类别", colours=MARKED,
            level=Level(city, f"全市 {city:.1f}"), signed=signed,
        ),
        unit="%",
        basis="census",
        region_id=report.region_id,
        years=CENSUSES if column == "growth" else (SECOND,),
        source_ids=tuple(CENSUS_SOURCES.values()) if column == "growth" else (CENSUS_SOURCES[SECOND],),
        notes=(f"{frame['name'].nunique()}个普查单元，由高到低。",),
        indicator_ids=("census_population",),
    )  # fmt: skip


def _table(report: Report, frame: pd.DataFrame) -> Table:
    shown = frame.sort_values("growth", ascending=False, kind="stable").reset_index(drop=True)
    shown.insert(0, "place", [str(i + 1) for i in range(len(shown))])
    shown["name"] = [f"**{name}**" if group == OWN_UNIT else name for name, group in zip(shown["name"], shown["group"], strict=True)]
    return Table(
        id=f"tbl-rank-{report.region_id}",
        title="各普查单元的人口、年龄和构成，按十年增减幅度排列",
        frame=shown.drop(columns=["id", "group"]),
        columns=(
            Column("place", "位次"),
            Column("name", "区县"),
            Column("population", "2020年普查", "万人", 2),
            Column("growth", "十年增减幅度", "%", 1, signed=True, emphasis=True),
            Column("share_0_14", "0—14岁", "%", 1, group="2020年比重"),
            Column("share_60plus", "60岁及以上", "%", 1, group="2020年比重"),
            Column("migrants", "外区县流入", "%", 1, group="2020年比重"),
            Column("schooling", "平均受教育年限", "年", 2),
            Column("household", "平均家庭户规模", "人", 2),
        ),
        unit="万人、%、年、人",
        basis="census",
        region_id=report.region_id,
        years=CENSUSES,
        source_ids=tuple(CENSUS_SOURCES.values()),
        notes=(
            "粗体为本分册的普查单元。2021年4月以前的区界。",
            "外区县流入指户口登记地在省内其他区县和省外的人户分离人口占普查人口的比重。平均受教育年限为6岁及以上，与规划的劳动年龄人口指标口径不同。",
        ),
        indicator_ids=("census_population", *MOVERS, "census_schooling_6plus", "census_household_size"),
    )


def new_table(report: Report) -> pd.DataFrame:
    """Return the districts of today: 2020 count and share of the city at both censuses; empty where not published."""
    ledger, rows = report.ledger, []
    for place in dict.fromkeys(ledger.table("district_units")["region_id"]):
        count = ledger.observation("census_population", SECOND, place)
        shares = [ledger.observation("census_share_of_city", year, place) for year in CENSUSES]
        if count is None or shares[0] is None or shares[1] is None:
            return pd.DataFrame()
        rows.append(
            {
                "id": place, "name": short_name(ledger.regions[place].name_zh), "group": OWN if place == report.region_id else OTHERS,
                "count": count.value, "before": shares[0].value, "after": shares[1].value,
                "change": round(shares[1].value - shares[0].value, 10),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def new(report: Report) -> Section:
    """Return the section that ranks the districts of today by what the bulletin printed."""
    frame = new_table(report)
    name = report.region.name_zh
    if frame.empty:
        return Section("booklet-rank-new", f"{name}按现行区界的普查人口未公布", "本版截止日以前没有公布按现行区界的普查人口。")
    count = report.fact_of(("census_population", SECOND))
    share = [report.ledger.observation("census_share_of_city", year, report.region_id) for year in CENSUSES]
    assert share[0] is not None and share[1] is not None
    step = report.difference(share[1], share[0])
    place = _rank_fact(report, frame, report.region_id, "count", "2020年普查人口（现行区界）")
    heading = f"按现行区界，{name}2020年普查{count}，在{len(frame)}个区县中居第{place}位"
    verb = change_word(step.value or 0, "rate", 0.005)
    lead = f"占全市的比重由2010年的{report.fact_of(share[0])}{verb}到2020年的{report.fact_of(share[1])}。"
    if is_redrawn(report):
        lead += "本节是现行区界，上一节是旧区界的普查单元，范围不同。" + units_of(report)[0].note
    return Section("booklet-rank-new", heading, lead, (_figure_new(report, frame),))


def _figure_new(report: Report, frame: pd.DataFrame) -> Figure:
    own = next(row for row in frame.to_dict("records") if row["id"] == report.region_id)
    shown = frame[["name", "change", "group"]].rename(columns={"name": "区县", "change": "比重变动（个百分点）", "group": "类别"})
    name = report.region.name_zh
    moved = float(own["change"])
    title = f"{name}占全市比重十年{change_word(moved, 'rate', 0.005)}{abs(moved):.2f}个百分点，变动由高到低居第{rank(frame, report.region_id, 'change')}位"
    return Figure(
        id=f"fig-rank-new-{report.region_id}",
        title=title,
        subtitle=f"占全市普查人口比重的变动，{FIRST}—{SECOND}年，个百分点；现行区界",
        alt=f"条形图，{len(frame)}个现行区县由高到低。{title}。",
        frame=shown.sort_values("比重变动（个百分点）", ascending=False, kind="stable"),
        draw=lambda layout: bar_chart(
            shown, layout, category="区县", value="比重变动（个百分点）", unit="个百分点", decimals=2, group="类别", colours=MARKED, signed=True
        ),
        unit="个百分点",
        basis="census",
        region_id=report.region_id,
        years=CENSUSES,
        source_ids=(BULLETIN,),
        notes=("2010年的比重由公报按现行区界重算。西湖风景名胜区在公报中单列，没有画入。",),
        indicator_ids=("census_share_of_city",),
    )  # fmt: skip
