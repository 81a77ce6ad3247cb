"""Imbalance: core, new districts and the three western counties, compared on one set of boundaries at a time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from popbook.demography.age_structure import BROAD_GROUPS, read_census
from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.problems.early_warning import warning_block
from popbook.exhibits.charts import shares_chart
from popbook.exhibits.model import Block, Column, Fact, Figure, Layout, Note, Section, Table
from popbook.exhibits.phrases import list_phrase
from popbook.exhibits.report import Report
from popbook.exhibits.theme import COLOURS
from popbook.ledger.model import Observation

if TYPE_CHECKING:
    import altair as alt

BULLETIN = "census-2020-bulletin"
SURVEY = "hz-popsurvey-2016"
FIRST, LAST, SURVEY_YEAR = 2010, 2020, 2016
GROUPS = {"core": "主城区", "new": "新区", "west": "西部三县（市）"}
_PLAN_QUANTITIES = {
    "core": ("q-c1-1-4-02", "q-c1-1-4-04"),
    "new": ("q-c1-1-4-05", "q-c1-1-4-06"),
    "west": ("q-c1-1-4-08", "q-c1-1-4-09"),
}


@or_gap("problems-imbalance", "区域均衡", Needs(districts=True))
def imbalance(report: Report) -> Section:
    """Return the section on the distribution over the city's area.

    Parameters
    ----------
    report
        The edition.
    """
    shares = new_boundary_shares(report)
    counts = old_boundary_counts(report)
    return Section(
        "problems-imbalance",
        heading(report, shares),
        _lead(report, shares),
        (
            _figure(report, shares, counts),
            _decade(report, shares, counts),
            _table(report, shares, counts),
            _later(report),
            *_vintage_blocks(report, shares),
            Note("分组与区划", _METHOD),
            warning_block(report, "w-imbalance-west"),
        ),
        _policy(report, counts),
    )


_METHOD = """主城区、新区、西部三县（市）按规划的划分，滨江随规划“现状”部分列入主城区。

- 调整后区划（2021年4月起）：主城区为上城、拱墅、西湖（含西湖风景名胜区）、滨江；新区为萧山、余杭、临平、钱塘、富阳、临安；西部为桐庐、淳安、建德。
- 调整前区划：主城区为上城、下城、江干（含下沙）、拱墅、西湖（含景区）、滨江；新区为萧山（含大江东）、余杭、富阳、临安；西部相同。

下沙、大江东2021年并入钱塘区，两种区划的主城区和新区范围不同，只在同一区划内比较两次普查。西部三县（市）的区划没有变化。2010年按调整后区划的比重，由2021年普查公报重算公布。"""


def new_boundary_shares(report: Report) -> pd.DataFrame:
    """Return each group's share of the census population on the boundaries of April 2021, %.

    Returns
    -------
    DataFrame
        Index ``core, new, west``; column 2010: sums of the shares that the bulletin prints with two digits (it prints
        no counts of 2010 on these boundaries); column 2020: counts over their sum.
    """
    shares, counts = (report.ledger.rows_of(name) for name in ("census_share_of_city", "census_population"))
    shares = _by_group(report, shares[shares["source_id"] == BULLETIN])
    counts = _by_group(report, counts[(counts["source_id"] == BULLETIN) & (counts["year"] == LAST)])
    return pd.DataFrame({FIRST: shares[FIRST], LAST: 100 * counts[LAST] / counts[LAST].sum()})


def _by_group(report: Report, rows: pd.DataFrame, moved: dict[str, str] | None = None) -> pd.DataFrame:
    regions = report.ledger.regions
    places = rows[rows["region_id"].isin([k for k, r in regions.items() if r.parent_id == report.region_id])]
    group = places["region_id"].map(lambda key: (moved or {}).get(key, regions[key].group)).rename("group")
    table = places.groupby([group, "year"])["value"].sum().unstack("year")
    return table.reindex(list(GROUPS)).round(6)


def old_boundary_counts(report: Report) -> pd.DataFrame | None:
    """Return each district's census population and broad ages on the boundaries before April 2021.

    Returns
    -------
    DataFrame or None
        One row per district: ``region_id, name, group, first, last`` (万人), ``older_first, older_last`` (% aged 60 and
        over), ``working_first, working_last`` (% aged 15-59); None before the second census table was published.
    """
    census = read_census(report.ledger)
    districts = census[census["region_id"] != report.region_id]
    if not {FIRST, LAST} <= set(districts["census_year"]):
        return None
    keys = ["region_id", "census_year"]
    total = districts.groupby(keys)["population"].sum().unstack()
    older = districts[districts["age"] >= BROAD_GROUPS["60plus"][0]].groupby(keys)["population"].sum().unstack()
    regions = report.ledger.regions
    table = pd.DataFrame({"first": total[FIRST] / 10000, "last": total[LAST] / 10000})
    table["older_first"], table["older_last"] = older[FIRST] / 10000, older[LAST] / 10000
    table["name"] = [regions[key].name_zh.split("（")[0] for key in table.index]
    table["group"] = [regions[key].group for key in table.index]
    return table.reset_index()


def _west(report: Report) -> list[tuple[Observation, Observation]]:
    """Both censuses of each western county; their boundaries never changed."""
    pairs = []
    for region in report.ledger.regions.values():
        if region.group == "west":
            first, last = (report.ledger.observation("census_population", y, region.region_id) for y in (FIRST, LAST))
            if first and last:
                pairs.append((first, last))
    return pairs


def _cell(table: pd.DataFrame, row: str, column: object) -> float:
    """One number of a table; pandas types a cell as anything."""
    return float(table[column][row])


def _share_fact(report: Report, shares: pd.DataFrame, group: str, year: int) -> Fact:
    return report.fact(
        f"fact-census-share-{group}-{year}",
        f"{GROUPS[group]}{year}年占全市普查人口比重（调整后区划）",
        _cell(shares, group, year),
        "%",
        2,
        year=year,
        basis="census",
        source_ids=(BULLETIN,),
        indicator_id="census_share_of_city",
        derivation="公报各区县比重相加" if year == FIRST else "公报各区县人数相加 ÷ 全市",
    )


def _share_change(report: Report, shares: pd.DataFrame, group: str) -> Fact:
    first, last = _cell(shares, group, FIRST), _cell(shares, group, LAST)
    return report.fact(
        f"fact-census-share-{group}-change-{FIRST}-{LAST}",
        f"{GROUPS[group]}占全市普查人口比重{FIRST}—{LAST}年变化（调整后区划）",
        round(last - first, 6),
        "个百分点",
        2,
        year=LAST,
        basis="census",
        source_ids=(BULLETIN,),
        indicator_id="census_share_of_city",
        derivation=f"{last:.2f} − {first:.2f}",
    )


def heading(report: Report, shares: pd.DataFrame) -> str:
    """Return the finding: the west's share at both censuses and the counties that lost people."""
    first, last = (_share_fact(report, shares, "west", year) for year in (FIRST, LAST))
    assert first.value is not None and last.value is not None
    verb = "降至" if last.value < first.value else "升至"
    text = f"西部三县（市）占比十年由{first}{verb}{last}"
    lost = [(a, b) for a, b in _west(report) if b.value < a.value]
    if len(lost) == 1:
        change = report.difference(lost[0][1], lost[0][0])
        return f"{text}，{_short(lost[0][0])}减少{change:a}"
    if lost:
        return f"{text}，{list_phrase(_short(a) for a, _ in lost)}人口减少"
    return text


def _short(observation: Observation) -> str:
    name = observation.region.name_zh.split("（")[0]
    return name[:-1] if len(name) > 2 else name


def _lead(report: Report, shares: pd.DataFrame) -> str:
    changes = {group: _share_change(report, shares, group) for group in GROUPS}
    up = [g for g in GROUPS if (changes[g].value or 0) > 0]
    down = [g for g in GROUPS if (changes[g].value or 0) < 0]
    said = []
    if up:
        said.append("、".join(f"{GROUPS[g]}升{changes[g]:a}" for g in up))
    if down:
        said.append("、".join(f"{GROUPS[g]}降{changes[g]:a}" for g in down))
    return f"同一区划比较两次普查，占全市人口的比重，{'，'.join(said)}。人口向{list_phrase(GROUPS[g] for g in up)}集中。"


def _figure(report: Report, shares: pd.DataFrame, counts: pd.DataFrame | None) -> Figure:
    rows = [(f"{year}年（调整后区划）", *shares[year]) for year in (FIRST, LAST)]
    sources = [BULLETIN]
    if counts is not None:
        by_group = counts.groupby("group")[["first", "last"]].sum().reindex(list(GROUPS))
        for year, key in ((FIRST, "first"), (LAST, "last")):
            rows.append((f"{year}年（调整前区划）", *(100 * by_group[key] / by_group[key].sum()).round(2)))
        sources += ["census-2010-yearbook", "census-2020-yearbook"]
    frame = pd.DataFrame(rows, columns=["普查", *GROUPS.values()])
    change = _share_change(report, shares, "new")
    title = f"新区占全市人口的比重十年{'升' if (change.value or 0) > 0 else '降'}{change.text('a')}"
    west = _share_change(report, shares, "west")
    title += f"，西部三县（市）{'升' if (west.value or 0) > 0 else '降'}{west.text('a')}"
    return Figure(
        id="fig-area-groups",
        title=title,
        subtitle="占全市普查常住人口的比重，%；11月1日，区划以2021年4月调整前、后分列",
        alt="堆叠条图，三类地区占全市普查人口的比重："
        + "；".join(f"{r[0]}" + "、".join(f"{n}{v:.2f}%" for n, v in zip(GROUPS.values(), r[1:], strict=True)) for r in rows)
        + "。",
        frame=frame,
        draw=partial(_draw, frame),
        unit="%",
        basis="census",
        region_id=report.region_id,
        years=(FIRST, LAST),
        source_ids=tuple(sources),
        notes=("两种区划的主城区、新区范围不同，只在同一区划内比较。",)
        if counts is not None
        else ("2010年比重由公报按调整后区划重算。",),
        indicator_ids=("census_share_of_city", "census_population"),
    )


def _draw(frame: pd.DataFrame, layout: Layout) -> alt.LayerChart:
    if layout.is_narrow:
        # Short names leave the bars enough room for the smallest share.
        frame = frame.assign(普查=[f"{name[6:9]}{name[:4]}" for name in frame["普查"]])
    return shares_chart(
        frame,
        layout,
        category="普查",
        parts={name: COLOURS[group] for group, name in GROUPS.items()},
        unit="%",
        decimals=1,
        breaks_after=(f"{LAST}年（调整后区划）", f"调整后{LAST}"),
    )


def _decade(report: Report, shares: pd.DataFrame, counts: pd.DataFrame | None) -> str:
    told = "；".join(
        f"{GROUPS[g]}由{_share_fact(report, shares, g, FIRST)}到{_share_fact(report, shares, g, LAST)}" for g in GROUPS
    )
    text = f"按调整后区划，{told}。"
    counties = []
    for first, last in _west(report):
        change = report.difference(last, first)
        counties.append(f"{_short(first)}{'增加' if last.value > first.value else '减少'}{change:a}")
    if counties:
        text += f"西部三县（市）区划未变：十年间{'，'.join(counties)}。"
    if counts is None:
        return text + f"按调整前区划的{LAST}年分区县数，到本版截止时未公布。"
    lost = counts[(counts["last"] < counts["first"]) & (counts["group"] != "west")]
    for _, row in lost.iterrows():
        change = report.fact(
            f"fact-census-population-change-{row['region_id']}-{FIRST}-{LAST}",
            f"{row['name']}（调整前区划）{FIRST}—{LAST}年普查人口增减",
            float(row["last"] - row["first"]),
            "万人",
            2,
            year=LAST,
            basis="census",
            region_id=row["region_id"],
            source_ids=("census-2010-yearbook", "census-2020-yearbook"),
            derivation=f"{row['last']:.2f} − {row['first']:.2f}",
        )
        text += f"主城区内的{row['name']}（调整前）也减少{change:a}。" if row["group"] == "core" else f"{row['name']}减少{change:a}。"
    return text + _older(report, counts)


def _older(report: Report, counts: pd.DataFrame) -> str:
    by_group = counts.groupby("group")[["first", "last", "older_first", "older_last"]].sum()
    facts = {}
    for group in GROUPS:
        for year, total, older in ((FIRST, "first", "older_first"), (LAST, "last", "older_last")):
            facts[group, year] = report.fact(
                f"fact-census-share-60plus-{group}-{year}",
                f"{GROUPS[group]}{year}年60岁及以上占普查常住人口比重（调整前区划）",
                100 * _cell(by_group, group, older) / _cell(by_group, group, total),
                "%",
                1,
                year=year,
                basis="census",
                source_ids=(f"census-{year}-yearbook",),
                derivation="60岁及以上人数 ÷ 总人数",
            )
    told = "、".join(f"{GROUPS[g]}{facts[g, LAST]}" for g in GROUPS)
    first, last = facts["west", FIRST], facts["west", LAST]
    verb = "升" if (last.value or 0) > (first.value or 0) else "降"
    return f"年龄构成也不同：{LAST}年60岁及以上占常住人口，{told}；西部三县（市）{FIRST}年为{first}，十年{verb}到{last}。"


def _table(report: Report, shares: pd.DataFrame, counts: pd.DataFrame | None) -> Table:
    if counts is None:
        return _table_early(report, shares)
    rows = []
    city = counts[["first", "last"]].sum()
    for group, name in GROUPS.items():
        part = counts[counts["group"] == group].sort_values("last", ascending=False)
        total = part[["first", "last", "older_first", "older_last"]].sum()
        for label, row in [("合计", total), *((r["name"], r) for _, r in part.iterrows())]:
            rows.append(
                {
                    "group": name,
                    "name": f"**{label}**" if label == "合计" else label,
                    "first": row["first"],
                    "last": row["last"],
                    "change": row["last"] - row["first"],
                    "growth": 100 * ((row["last"] / row["first"]) ** (1 / (LAST - FIRST)) - 1),
                    "share_first": 100 * row["first"] / city["first"],
                    "share_last": 100 * row["last"] / city["last"],
                    "older": 100 * row["older_last"] / row["last"],
                }
            )
    return Table(
        id="tbl-area-groups",
        title=f"{FIRST}—{LAST}年三类地区和各区县的普查人口（调整前区划）",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "地区"),
            Column("first", f"{FIRST}年", "万人", 2, group="普查常住人口"),
            Column("last", f"{LAST}年", "万人", 2, group="普查常住人口", emphasis=True),
            Column("change", "增减", "万人", 2, signed=True),
            Column("growth", "年均增速", "%", 1, signed=True),
            Column("share_first", f"{FIRST}年", "%", 2, group="占全市"),
            Column("share_last", f"{LAST}年", "%", 2, group="占全市"),
            Column("older", "60岁及以上占比", "%", 1),
        ),
        unit="万人",
        basis="census",
        region_id=report.region_id,
        years=(FIRST, LAST),
        source_ids=("census-2010-yearbook", "census-2020-yearbook"),
        notes=("西湖区含西湖风景名胜区，江干区含下沙，萧山区含大江东；富阳、临安2010年为市。年均增速为几何平均。",),
        indicator_ids=("census_population",),
        group_by="group",
    )


def _table_early(report: Report, shares: pd.DataFrame) -> Table:
    frame = pd.DataFrame(
        [
            {
                "name": name,
                "share_first": _cell(shares, group, FIRST),
                "share_last": _cell(shares, group, LAST),
                "change": _cell(shares, group, LAST) - _cell(shares, group, FIRST),
            }
            for group, name in GROUPS.items()
        ]
    )
    return Table(
        id="tbl-area-groups",
        title=f"{FIRST}—{LAST}年三类地区占全市普查人口的比重（调整后区划）",
        frame=frame,
        columns=(
            Column("name", "地区"),
            Column("share_first", f"{FIRST}年", "%", 2, group="占全市普查人口"),
            Column("share_last", f"{LAST}年", "%", 2, group="占全市普查人口", emphasis=True),
            Column("change", "变化", "个百分点", 2, signed=True),
        ),
        unit="%",
        basis="census",
        region_id=report.region_id,
        years=(FIRST, LAST),
        source_ids=(BULLETIN,),
        notes=("2010年由公报各区县比重（两位小数）相加，2020年由公报各区县人数计算。",),
        indicator_ids=("census_share_of_city",),
    )


def _later(report: Report) -> str:
    """What districts published after the census: year-end residents and their yearly change, on the new boundaries."""
    year = report.edition
    if year <= LAST:
        return f"{LAST}年末分区县常住人口到本版截止时未公布。"
    told, increments = [], []
    for region in report.ledger.regions.values():
        if region.level != "district" or region.scheme == "pre-2021":
            continue
        stock = report.ledger.series("resident_population", region.region_id)
        now, before = stock.at(year), stock.at(year - 1)
        if now is None:
            continue
        mark = "，二手转述" if now.confidence == "C" else ""
        printed = report.ledger.observation("resident_increment", year, region.region_id)
        change = None
        if printed is not None:
            change = report.fact_of(printed)
        elif before is not None:
            change = report.difference(now, before)
        said = f"{region.name_zh}{report.fact_of(now)}"
        if printed is None and before is not None and before.confidence == "C" and not mark:
            mark = "，上年数为二手转述"
        if change is not None and change.value is not None:
            said += f"（一年{'增' if change.value > 0 else '减'}{change:a}{mark}）"
            if now.confidence != "C" and (printed is not None or (before is not None and before.confidence != "C")):
                increments.append((region, change))
        elif mark:
            said += f"（{mark[1:]}）"
        told.append(said)
    if not told:
        return f"{year}年末分区县常住人口未见公布。"
    text = f"普查以后只有部分区县的年末常住人口可查。{year}年末：{'、'.join(told)}；其余区县未公布。"
    city = report.ledger.observation("resident_increment", year, report.region_id)
    positive = [(r, c) for r, c in increments if (c.value or 0) > 0 and r.group == "new"]
    if city is not None and city.value > 0 and len(positive) > 1:
        total = sum(c.value or 0 for _, c in positive)
        part = report.fact(
            f"fact-increment-share-{'-'.join(r.region_id for r, _ in positive)}-{year}",
            f"{list_phrase(r.name_zh for r, _ in positive)}{year}年常住人口增量占全市增量的比重",
            100 * total / city.value,
            "%",
            0,
            year=year,
            basis="resident",
            source_ids=dict.fromkeys([s for _, c in positive for s in c.source_ids] + [city.source_id]),
            derivation=f"{total:.1f} ÷ {city.value:.1f}",
        )
        text += f"{list_phrase(r.name_zh for r, _ in positive)}的增量合计占全市{report.fact_of(city)}的{part}。"
    return text


def _plan_share(report: Report, group: str) -> tuple[Fact, Fact, Fact]:
    """The plan's share of 2020, its change against 2015, and the 2015 share that follows."""
    table = report.ledger.plan.quantities.set_index("quantity_id")
    now_id, change_id = _PLAN_QUANTITIES[group]
    now, change = _cell(table, now_id, "value"), _cell(table, change_id, "value")
    make = report.fact
    return (
        make(f"fact-plan-share-{group}-2020", f"规划所列{GROUPS[group]}2020年占比", now, "%", 2, year=2020, basis="census",
             source_ids=(report.plan_source,)),
        make(f"fact-plan-share-{group}-change-2015-2020", f"规划所列{GROUPS[group]}占比比2015年变化", change, "个百分点", 1, year=2020,
             source_ids=(report.plan_source,)),
        make(f"fact-plan-share-{group}-2015", f"由规划推得的{GROUPS[group]}2015年占比", now - change, "%", 2, year=2015, basis="resident",
             source_ids=(report.plan_source,), derivation=f"{now:.2f} − （{change:.1f}）".replace("-", "−")),
    )


def survey_shares(report: Report) -> pd.Series | None:
    """Return each group's share of the 2016 survey population, %; None where not published.

    The development zone of 下沙 counts with the new districts, as it does since 2021: that brings the survey as near to
    the new boundaries as its rows allow.
    """
    rows = report.ledger.rows_of("resident_population")
    table = _by_group(report, rows[rows["source_id"] == SURVEY], moved={"330104-zone": "new"})
    if SURVEY_YEAR not in table or table[SURVEY_YEAR].isna().any():
        return None
    return 100 * table[SURVEY_YEAR] / table[SURVEY_YEAR].sum()


def _vintage_blocks(report: Report, shares: pd.DataFrame) -> tuple[Block, ...]:
    """What the plan says of the shares, if it says anything, beside the censuses."""
    return (_vintages(report, shares), _table_vintages(report, shares)) if _is_told(report) else ()


def _is_told(report: Report) -> bool:
    named = {quantity_id for pair in _PLAN_QUANTITIES.values() for quantity_id in pair}
    return named <= set(report.ledger.plan.quantities["quantity_id"])


def _vintages(report: Report, shares: pd.DataFrame) -> str:
    now, change, _ = _plan_share(report, "west")
    survey = survey_shares(report)
    same = all(abs(_plan_share(report, g)[0].value - _cell(shares, g, LAST)) < 0.015 for g in GROUPS)  # type: ignore[operator]
    text = f"规划称西部三县（市）占比{now}，比2015年{'降' if (change.value or 0) < 0 else '升'}{change:a}。"
    if same:
        text += "2020年一端就是七普、调整后区划的数，2015年一端则是普查前的抽样推算，以六普为基础。两端基数不同，这一变化本报告不采用。"
    else:
        text += "2020年一端与七普公报不一致，2015年一端又是普查前的抽样推算，这一变化本报告不采用。"
    if survey is None:
        return text
    fact = report.fact(
        f"fact-survey-share-west-{SURVEY_YEAR}",
        f"西部三县（市）{SURVEY_YEAR}年占全市常住人口比重（抽样推算，六普基础）",
        float(survey["west"]),
        "%",
        2,
        year=SURVEY_YEAR,
        basis="resident",
        source_ids=(SURVEY,),
        indicator_id="resident_population",
        derivation="三县（市）合计 ÷ 全市",
    )
    gap = report.fact(
        f"fact-survey-share-west-gap-{SURVEY_YEAR}",
        f"西部三县（市）{SURVEY_YEAR}年抽样推算占比与{FIRST}年普查占比之差（同为六普基础）",
        float(survey["west"]) - _cell(shares, "west", FIRST),
        "个百分点",
        2,
        year=SURVEY_YEAR,
        source_ids=(SURVEY, BULLETIN),
        derivation=f"{survey['west']:.2f} − {_cell(shares, 'west', FIRST):.2f}",
    )
    side = "低" if (gap.value or 0) < 0 else "高"
    return text + (
        f"{SURVEY_YEAR}年同类推算，西部占{fact}，只比{FIRST}年普查{side}{gap:a}（同为六普基础）：普查之间的移动，抽样推算大多没有测到，"
        f"到{LAST}年普查才一次显出。把两者相接，十年的变化就被算成最后五年的变化。"
    )


def _table_vintages(report: Report, shares: pd.DataFrame) -> Table:
    survey = survey_shares(report)
    rows = []
    for group, name in GROUPS.items():
        now, change, before = _plan_share(report, group)
        rows.append(
            {
                "name": name,
                "census_first": _cell(shares, group, FIRST),
                "census_last": _cell(shares, group, LAST),
                "census_change": _cell(shares, group, LAST) - _cell(shares, group, FIRST),
                "plan_first": before.value,
                "plan_last": now.value,
                "plan_change": change.value,
                "survey": None if survey is None else float(survey[group]),
            }
        )
    return Table(
        id="tbl-area-vintages",
        title="同一区划的普查变化，与规划混用两种数据版次的变化",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "地区"),
            Column("census_first", f"{FIRST}年", "%", 2, group="普查，调整后区划"),
            Column("census_last", f"{LAST}年", "%", 2, group="普查，调整后区划", emphasis=True),
            Column("census_change", "变化", "个百分点", 2, group="普查，调整后区划", signed=True),
            Column("survey", f"{SURVEY_YEAR}年", "%", 2, group="抽样推算"),
            Column("plan_first", "2015年（推得）", "%", 2, group="规划"),
            Column("plan_last", "2020年", "%", 2, group="规划"),
            Column("plan_change", "变化", "个百分点", 1, group="规划", signed=True),
        ),
        unit="%",
        basis="census",
        region_id=report.region_id,
        years=(FIRST, 2015, SURVEY_YEAR, LAST),
        source_ids=(BULLETIN, report.plan_source, *((SURVEY,) if survey is not None else ())),
        notes=(
            "规划2015年一端由2020年占比减所列变化推得。规划正文列出的是调整前的区名，数字却与调整后区划一致，见[勘误](../book/corrections.md)。",
            f"{SURVEY_YEAR}年抽样推算以六普为基础，把下沙计入新区后与规划的2015年一端相近。",
        ),
        indicator_ids=("census_share_of_city",),
    )


def _policy(report: Report, counts: pd.DataFrame | None) -> str:
    lost = [_short(a) for a, b in _west(report) if b.value < a.value]
    parts = ["区域评估宜用同一区划、同一基数的两次普查，分区县年末数公布前不按年考核占比。"]
    if lost:
        parts.append(f"{list_phrase(lost)}等人口减少地区，学校、医院和村级设施宜按常住人口收缩布局，养老和医疗服务按老年人口加强。")
    if counts is None and _is_told(report):
        parts.append("规划引用的2015—2020年占比变化不宜写入考核。")
    return "".join(parts)
