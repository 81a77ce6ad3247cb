"""Ageing: the share of people aged 60 and over, of residents by year and of registered people by district."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from popbook.demography.age_structure import read_census
from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.problems.birth_rates import rate_text
from popbook.exhibits.chapters.problems.early_warning import warning_block
from popbook.exhibits.chapters.problems.observed import base_word, is_comparable, sources_of
from popbook.exhibits.charts import BreakLine, Level, dumbbell_chart, line_chart
from popbook.exhibits.model import Column, Fact, Figure, Layout, Note, Section, Table
from popbook.exhibits.phrases import list_phrase
from popbook.exhibits.report import Report
from popbook.exhibits.theme import COLOURS
from popbook.ledger.concepts import share
from popbook.ledger.model import Observation

if TYPE_CHECKING:
    import altair as alt

FIRST, LAST = 2015, 2020
_HUKOU_RANGE = (FIRST, LAST)


@or_gap("problems-ageing", "老龄化", Needs(tables=("plan_table2_hukou_60plus",)))
def ageing(report: Report) -> Section:
    """Return the section on ageing.

    Parameters
    ----------
    report
        The edition.
    """
    districts = district_table(report)
    return Section(
        "problems-ageing",
        heading(report),
        _lead(report),
        (
            _figure_share(report),
            _yearly(report),
            _figure_districts(report, districts),
            _districts(report, districts),
            _table_districts(report, districts),
            _why_fell(report, districts),
            Note("两种老龄化率与表2的单位", _method(report, districts)),
            warning_block(report, "w-ageing-share"),
        ),
        _policy(report, districts),
    )


def _method(report: Report, table: pd.DataFrame) -> str:
    row = table.sort_values("share_last", ascending=False).iloc[0]
    first = _district_fact(report, row, "share_first", f"{FIRST}年末60岁及以上占户籍人口", "%")
    return _METHOD.format(
        name=_short(row["name"]), first=first, last=_share_fact(report, row), change=_change_fact(report, row),
        stages="国家卫生健康部门以60岁及以上占20%—30%为中度、超过30%为重度。"
        if report.ledger.sources["nhc-ageing-2022"].published <= report.about.cut_off
        else "",
        wrong=f"{_change_fact(report, row):v}%",
    )


_METHOD = """户籍老龄化率的分母是户口登记在本市的人口，常住老龄化率的分母是居住在本市的人口。外来常住人口以劳动年龄为主，常住比重因此低于户籍比重，两者不能前后相接。

规划判断全市“已进入中度老龄化”，用的是户籍比重。{stages}

规划表2把两个百分比之差印作“%”。一个百分比减另一个百分比，单位是个百分点：{name}由{first}到{last}，是上升{change}，不是上升{wrong}。本报告一律用个百分点。

表2按2021年4月调整前的行政区划；“上城”“拱墅”“余杭”“萧山”与现在同名的区范围不同。各区户籍总人口由“人数÷占比”倒算，占比只有一位小数，倒算的增幅误差约0.5个百分点。"""


def _target(report: Report) -> Fact:
    rows = report.ledger.plan.targets
    row = rows[rows["indicator_id"] == "resident_share_60plus"].iloc[0]
    year = int(row["target_year"])
    return report.fact(
        f"fact-share-60plus-limit-{year}", f"规划{year}年60岁及以上占比上限", float(row["target_value"]), "%", 0, year=year,
        basis="resident", source_ids=(report.plan_source,), indicator_id="resident_share_60plus",
    )


def hukou_share(report: Report, year: int) -> Fact | None:
    """Return the city's registered share of people aged 60 and over: published, or count over registered population."""
    ledger = report.ledger
    printed = ledger.observation("hukou_share_60plus", year, report.region_id)
    if printed is not None:
        return report.fact_of(printed)
    count = ledger.observation("hukou_count_60plus", year, report.region_id)
    total = ledger.observation("hukou_population", year, report.region_id)
    if count is None or total is None:
        return None
    return report.fact(
        f"fact-hukou-share-60plus-computed-{year}",
        f"{report.region.name_zh}{year}年60岁及以上户籍人口比重（计算）",
        share(count, total),
        "%",
        2,
        year=year,
        basis="hukou",
        source_ids=sources_of([count, total]),
        indicator_id="hukou_share_60plus",
        derivation=f"{count.value:.2f} ÷ {total.value:.2f}",
    )


def heading(report: Report) -> str:
    """Return the finding: the resident share against the limit, or both concepts of 2020."""
    now = report.ledger.observation("resident_share_60plus", report.edition, report.region_id)
    limit = _target(report)
    if now is None:
        census = report.ledger.observation("census_share_60plus", LAST, report.region_id)
        hukou = hukou_share(report, LAST)
        parts = [f"户籍占{hukou}"] if hukou else []
        parts += [f"常住占{report.fact_of(census)}"] if census else []
        return f"{LAST}年60岁及以上人口，{'，'.join(parts)}" if parts else "60岁及以上人口比重未公布"
    fact = report.fact_of(now)
    assert limit.value is not None
    if now.value >= limit.value:
        return f"60岁及以上占常住人口{fact}，越过规划的{limit}上限"
    return f"60岁及以上占常住人口{fact}，距规划上限{_room(report, now, limit)}"


def _room(report: Report, now: Observation, limit: Fact) -> Fact:
    assert limit.value is not None
    return report.fact(
        f"fact-share-60plus-room-{now.year}", f"{now.year}年60岁及以上占比与规划上限之差", round(limit.value - now.value, 9),
        "个百分点", 1, year=now.year, basis="resident", source_ids=(now.source_id, report.plan_source),
        indicator_id="resident_share_60plus", derivation=f"{limit.value:.1f} − {now.value:.1f}",
    )


def _pace(report: Report) -> tuple[Fact, Fact, int] | None:
    """Mean yearly rise since the first comparable year-end, the rise the plan allowed, and that first year."""
    series = report.ledger.series("resident_share_60plus", report.region_id)
    now = series.at(report.edition)
    if now is None:
        return None
    first = next(o for o in series.observations() if is_comparable(o, now))
    if first.year == now.year:
        return None
    base = report.ledger.observation("census_share_60plus", LAST, report.region_id)
    limit = _target(report)
    if base is None or limit.value is None:
        return None
    pace = report.fact(
        f"fact-share-60plus-pace-{first.year}-{now.year}", f"{first.year}—{now.year}年60岁及以上占比平均每年升幅",
        (now.value - first.value) / (now.year - first.year), "个百分点", 2, year=now.year, basis="resident",
        source_ids=sources_of([now, first]), indicator_id="resident_share_60plus",
        derivation=f"（{now.value:.1f} − {first.value:.1f}）÷ {now.year - first.year}",
    )
    allowed = report.fact(
        f"fact-share-60plus-allowed-pace-{limit.year}", "规划允许的60岁及以上占比平均每年升幅",
        (limit.value - base.value) / (limit.year - base.year), "个百分点", 2, year=limit.year, basis="resident",
        source_ids=(base.source_id, report.plan_source), indicator_id="resident_share_60plus",
        derivation=f"（{limit.value:.0f} − {base.value:.2f}）÷ {limit.year - base.year}",
    )
    return pace, allowed, first.year


def _lead(report: Report) -> str:
    paced = _pace(report)
    if paced is not None:
        pace, allowed, first = paced
        side = "快于" if (pace.value or 0) > (allowed.value or 0) else "没有快于"
        return (
            f"{first}年末以来，60岁及以上占常住人口的比重平均每年升{pace}，{side}规划所留的{allowed}。"
            f"户籍比重更高：{LAST}年为{hukou_share(report, LAST)}。"
        )
    before, after = hukou_share(report, FIRST), hukou_share(report, LAST)
    text = ""
    if before and after and before.value is not None and after.value is not None:
        change = _hukou_change(report, before, after)
        text = f"户籍比重五年{'上升' if after.value > before.value else '下降'}{change:a}。"
    return text + "常住比重低于户籍比重，是因为外来常住人口以劳动年龄为主；判断老龄化程度，须先说明是哪种人口。"


def _hukou_change(report: Report, before: Fact, after: Fact) -> Fact:
    assert before.value is not None and after.value is not None
    return report.fact(
        f"fact-hukou-share-60plus-change-{FIRST}-{LAST}", f"{FIRST}—{LAST}年60岁及以上户籍人口比重变化",
        after.value - before.value, "个百分点", 2, year=LAST, basis="hukou",
        source_ids=dict.fromkeys((*after.source_ids, *before.source_ids)), indicator_id="hukou_share_60plus",
        derivation=f"{after.value:.2f} − {before.value:.2f}",
    )


def _share_points(report: Report) -> list[Observation]:
    """Census and year-end shares of residents from 2010 on, in order of time."""
    ledger = report.ledger
    found = [
        *(o for o in ledger.series("census_share_60plus", report.region_id).observations() if o.year >= 2010),
        *ledger.series("resident_share_60plus", report.region_id).observations(),
    ]
    return sorted(found, key=lambda o: (o.year, o.indicator.indicator_id))


def _figure_share(report: Report) -> Figure:
    points = _share_points(report)
    limit = _target(report)
    rows: list[tuple[int, float | None, str, str]] = []
    before: Observation | None = None
    for point in points:
        if before is not None and point.year - before.year > 1 and before.indicator is point.indicator:
            rows.append((before.year + 1, None, base_word(before), ""))
        base = "普查" if point.indicator.basis == "census" else base_word(point)
        rows.append((point.year, point.value, base, report.ledger.sources[point.source_id].title))
        before = point
    frame = pd.DataFrame(rows, columns=["年份", "60岁及以上占比（%）", "基础", "来源"])
    # Every census stands alone: its day and its base differ from the year-ends beside it.
    frame["段"] = [f"{base}{year if base == '普查' else ''}" for year, base in zip(frame["年份"], frame["基础"], strict=True)]
    frame["时点"] = ["普查" if base == "普查" else "年末" for base in frame["基础"]]
    latest = points[-1]
    text = f"{latest.value:.1f}%" if latest.indicator.basis == "resident" else f"{latest.value:.2f}%"
    name = "末" if latest.indicator.basis == "resident" else "普查"
    assert limit.value is not None
    side = "越过" if latest.value >= limit.value else "低于"
    title = f"60岁及以上占常住人口，{latest.year}年{name}{text}，{side}规划上限{limit.text()}"
    old = [o for o in points if o.behind]
    notes = ["普查数为11月1日时点，与年末数不相连。"]
    if old:
        notes.append(f"{old[0].year}—{old[-1].year}年以六普为基础，{old[-1].year}年的{old[-1].value:.1f}%与2020年普查的差距是基数变化，不是下降。")
    return Figure(
        id="fig-ageing-share",
        title=title,
        subtitle="60岁及以上占常住人口的比重，%；年末数与普查时点数",
        alt=f"折线图：{points[0].year}—{latest.year}年60岁及以上占常住人口的比重。"
        + "；".join(f"{o.year}年{o.value:g}%" for o in points)
        + f"。规划上限{limit.text()}。",
        frame=frame[["年份", "60岁及以上占比（%）", "基础", "来源"]].dropna(subset=["60岁及以上占比（%）"]),
        draw=partial(_draw_share, frame, limit),
        unit="%",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({o.year for o in points})),
        source_ids=tuple(dict.fromkeys((*sources_of(points), report.plan_source))),
        notes=tuple(notes),
        indicator_ids=("resident_share_60plus", "census_share_60plus"),
    )


def _draw_share(frame: pd.DataFrame, limit: Fact, layout: Layout) -> alt.LayerChart:
    assert limit.value is not None
    has_old = frame["基础"].eq("六普基础").any()
    return line_chart(
        frame,
        layout,
        y="60岁及以上占比（%）",
        series="时点",
        colours={"普查": COLOURS["census"], "年末": COLOURS["resident"]},
        segment="段",
        unit="%",
        decimals=1,
        points=True,
        breaks=[BreakLine(2020, "七普调整基数")] if has_old else [],
        levels=[Level(limit.value, f"规划{limit.year}年上限{limit.text()}")],
    )


def _yearly(report: Report) -> str:
    ledger = report.ledger
    parts = []
    census = [ledger.observation("census_share_60plus", year, report.region_id) for year in (2010, 2020)]
    if census[0] and census[1]:
        change = report.difference(census[1], census[0])
        verb = "上升" if (change.value or 0) > 0 else "下降"
        parts.append(f"两次普查之间，60岁及以上占常住人口由{report.fact_of(census[0])}变为{report.fact_of(census[1])}，{verb}{change:a}。")
    series = ledger.series("resident_count_60plus", report.region_id)
    now, before = series.at(report.edition), series.at(report.edition - 1)
    if now is not None:
        parts.append(f"{now.year}年末60岁及以上常住人口{report.fact_of(now)}")
        if before is not None and is_comparable(now, before):
            change = report.difference(now, before)
            parts.append(f"，一年{'增加' if (change.value or 0) > 0 else '减少'}{change:a}")
        parts.append(_share_step(report))
    parts.append(_cohorts(report))
    counts = [ledger.observation("hukou_count_60plus", year, report.region_id) for year in _HUKOU_RANGE]
    shares = [hukou_share(report, year) for year in _HUKOU_RANGE]
    if counts[0] and counts[1] and shares[0] and shares[1]:
        change = _hukou_change(report, shares[0], shares[1])
        parts.append(
            f"户籍口径，60岁及以上由{FIRST}年末的{report.fact_of(counts[0])}到{LAST}年末的{report.fact_of(counts[1])}，"
            f"比重由{shares[0]}到{shares[1]}，{'上升' if (change.value or 0) > 0 else '下降'}{change:a}。"
        )
        if report.edition > LAST:
            parts.append(f"{LAST + 1}年以后，全市户籍老年人口未公布。")
    return "".join(parts)


def _share_step(report: Report) -> str:
    series = report.ledger.series("resident_share_60plus", report.region_id)
    now, before = series.at(report.edition), series.at(report.edition - 1)
    if now is None or before is None or not is_comparable(now, before):
        return "。"
    change = report.difference(now, before)
    return f"，占比一年{'上升' if (change.value or 0) > 0 else '下降'}{change:a}。"


def _cohorts(report: Report) -> str:
    """The census cohort that turned 60 between 2020 and 2025, against the one before it."""
    census = read_census(report.ledger)
    here = census[(census["census_year"] == LAST) & (census["region_id"] == report.region_id)]
    if here.empty:
        return ""
    sizes = here.groupby("age")["population"].sum()
    facts = [
        report.fact(
            f"fact-census-age-{age}-{age + 4}-{LAST}", f"{LAST}年普查{age}—{age + 4}岁常住人口", float(sizes[age]) / 10000, "万人", 1,
            year=LAST, basis="census", source_ids=("census-2020-yearbook",),
        )
        for age in (55, 60)
    ]
    assert facts[0].value is not None and facts[1].value is not None
    more = report.fact(
        f"fact-census-cohort-ratio-{LAST}", f"{LAST}年普查55—59岁比60—64岁多（少）", 100 * (facts[0].value / facts[1].value - 1), "%", 0,
        year=LAST, basis="census", source_ids=("census-2020-yearbook",), derivation=f"{facts[0].value:.1f} ÷ {facts[1].value:.1f} − 1",
    )
    if (more.value or 0) <= 0:
        return ""
    return (
        f"加快的来由在年龄构成里：{LAST}年普查，55—59岁（1960年11月至1965年10月出生）常住人口{facts[0]}，"
        f"比60—64岁的{facts[1]}多{more}；这批人在2020年末至2025年陆续满60岁。"
    )


def district_table(report: Report) -> pd.DataFrame:
    """Return table 2 by district with ranks, changes and the registered population it implies.

    Returns
    -------
    DataFrame
        One row per district of the old boundaries, largest share of 2020 first: ``region_id, name, group,
        count_first, count_last`` (persons), ``share_first, share_last`` (%), ``change`` (percentage points), ``rank,
        rank_change`` (1 = highest), ``older_growth, total_growth, younger_growth`` (% over five years; totals are
        count over share).
    """
    rows = report.ledger.plan.table2
    wide = rows.pivot(index="region_id", columns="year", values=["count", "share"])
    names = rows.drop_duplicates("region_id").set_index("region_id")["name_zh"]
    table = pd.DataFrame(
        {
            "name": names.reindex(wide.index),
            "count_first": wide["count"][FIRST].astype(float),
            "count_last": wide["count"][LAST].astype(float),
            "share_first": wide["share"][FIRST].astype(float),
            "share_last": wide["share"][LAST].astype(float),
        }
    )
    table["group"] = [report.ledger.regions[key].group for key in table.index]
    table["change"] = (table["share_last"] - table["share_first"]).round(9)
    table["rank"] = table["share_last"].rank(ascending=False, method="min").astype(int)
    table["rank_change"] = table["change"].rank(ascending=False, method="min").astype(int)
    first, last = (100 * table[f"count_{key}"] / table[f"share_{key}"] for key in ("first", "last"))
    table["older_growth"] = 100 * (table["count_last"] / table["count_first"] - 1)
    table["total_growth"] = 100 * (last / first - 1)
    table["younger_growth"] = 100 * ((last - table["count_last"]) / (first - table["count_first"]) - 1)
    return table.sort_values(["share_last", "name"], ascending=[False, True]).reset_index()


def _short(name: str) -> str:
    return name[:-1] if len(name) > 2 and name[-1] in "区县市" else name


def _figure_districts(report: Report, table: pd.DataFrame) -> Figure:
    rising, falling = table[table["change"] > 0], table[table["change"] < 0]
    top = table.sort_values("change", ascending=False).iloc[0]
    title = f"{len(table)}个区县中{len(rising)}个的户籍老龄化率上升，{_short(top['name'])}升{top['change']:.1f}个百分点"
    if len(falling):
        title += f"；{list_phrase(_short(n) for n in falling.sort_values('change')['name'])}下降"
    frame = table[["name", "share_first", "share_last", "change"]].set_axis(
        ["区县（调整前区划）", f"{FIRST}年末", f"{LAST}年末", "变化（个百分点）"], axis=1
    )
    return Figure(
        id="fig-ageing-districts",
        title=title,
        subtitle=f"60岁及以上占户籍人口的比重，%；{FIRST}年末与{LAST}年末，2021年4月调整前的区划",
        alt="哑铃图，各区县两个年末的比重："
        + "；".join(f"{r['name']}{r['share_first']:.1f}%到{r['share_last']:.1f}%" for r in table.to_dict("records"))
        + "。",
        frame=frame,
        draw=partial(_draw_districts, frame),
        unit="%",
        basis="hukou",
        region_id=report.region_id,
        years=_HUKOU_RANGE,
        source_ids=(report.plan_source,),
        notes=("按2020年末比重由高到低排列。",),
        indicator_ids=("hukou_share_60plus",),
    )


def _draw_districts(frame: pd.DataFrame, layout: Layout) -> alt.LayerChart:
    return dumbbell_chart(
        frame,
        layout,
        category="区县（调整前区划）",
        start=f"{FIRST}年末",
        end=f"{LAST}年末",
        unit="%",
        decimals=1,
        colour=COLOURS["hukou"],
    )


def _district_fact(report: Report, row: pd.Series, key: str, label: str, unit: str, derivation: str = "") -> Fact:
    return report.fact(
        f"fact-hukou-60plus-{key.replace('_', '-')}-{row['region_id']}-{LAST}",
        f"{row['name']}（调整前区划）{label}",
        float(row[key]),
        unit,
        1,
        year=LAST,
        basis="hukou",
        region_id=row["region_id"],
        source_ids=(report.plan_source,),
        status="E" if derivation else "",
        indicator_id="hukou_share_60plus",
        derivation=derivation,
    )


def _share_fact(report: Report, row: pd.Series) -> Fact:
    return _district_fact(report, row, "share_last", f"{LAST}年末60岁及以上占户籍人口", "%")


def _change_fact(report: Report, row: pd.Series) -> Fact:
    return _district_fact(report, row, "change", f"{FIRST}—{LAST}年60岁及以上占户籍人口比重变化", "个百分点")


def _growth_fact(report: Report, row: pd.Series, key: str) -> Fact:
    label = {
        "older_growth": "60岁及以上户籍人口增幅",
        "younger_growth": "60岁以下户籍人口增幅（倒算）",
        "total_growth": "户籍总人口增幅（倒算）",
    }[key]
    how = {
        "older_growth": f"{row['count_last']:.0f} ÷ {row['count_first']:.0f} − 1",
        "younger_growth": "60岁以下＝人数÷占比−人数",
        "total_growth": "总人口＝人数÷占比",
    }[key]
    return _district_fact(report, row, key, f"{FIRST}—{LAST}年{label}", "%", how)


def _districts(report: Report, table: pd.DataFrame) -> str:
    oldest, youngest = table.iloc[0], table.iloc[-1]
    fastest = table.sort_values(["change", "name"], ascending=[False, True]).head(5)
    listed = "、".join(f"{_short(row['name'])}{_change_fact(report, row):v}" for _, row in fastest.iterrows())
    text = (
        f"{LAST}年末，{_short(oldest['name'])}最高（{_share_fact(report, oldest)}），{_short(youngest['name'])}最低"
        f"（{_share_fact(report, youngest)}）。五年升幅居前的是{listed}（个百分点）"
    )
    outside = [_short(row["name"]) for _, row in fastest.iterrows() if row["group"] != "core"]
    if len(outside) >= 3:
        text += f"，其中{list_phrase(outside)}不在主城区"
    text += "。"
    shrinking = table[table["younger_growth"] < -0.5].sort_values(["younger_growth", "name"])
    if len(shrinking):
        least = shrinking.iloc[0]
        text += (
            f"按表2倒算，{list_phrase(_short(n) for n in shrinking['name'])}60岁以下的户籍人口在减少，"
            f"{_short(least['name'])}减少最多（{_growth_fact(report, least, 'younger_growth'):a}）。"
            "这些地方比重上升，既因老年人增多，也因年轻人减少。"
        )
    return text


def _table_districts(report: Report, table: pd.DataFrame) -> Table:
    frame = table.assign(younger_growth=table["younger_growth"].round(1))
    return Table(
        id="tbl-ageing-districts",
        title=f"{FIRST}—{LAST}年各区县户籍老龄化率、位次与人口增幅",
        frame=frame[
            ["name", "rank", "share_first", "share_last", "change", "rank_change", "count_last", "older_growth", "younger_growth"]
        ],
        columns=(
            Column("name", "区县（调整前）"),
            Column("rank", f"{LAST}年位次", decimals=0),
            Column("share_first", f"{FIRST}年末", "%", 1, group="60岁及以上占户籍人口"),
            Column("share_last", f"{LAST}年末", "%", 1, group="60岁及以上占户籍人口", emphasis=True),
            Column("change", "变化", "个百分点", 1, signed=True),
            Column("rank_change", "变化位次", decimals=0),
            Column("count_last", f"{LAST}年末60岁及以上", "人", 0),
            Column("older_growth", "60岁及以上", "%", 1, group="五年增幅", signed=True),
            Column("younger_growth", "60岁以下（倒算）", "%", 1, group="五年增幅", signed=True),
        ),
        unit="%",
        basis="hukou",
        region_id=report.region_id,
        years=_HUKOU_RANGE,
        source_ids=(report.plan_source,),
        notes=(
            "位次由高到低；区划为2021年4月调整前。变化原表印作“%”，应为个百分点。",
            "60岁以下的增幅由人数和占比倒算，占比只有一位小数，误差约0.5个百分点。",
        ),
        indicator_ids=("hukou_share_60plus", "hukou_count_60plus"),
    )


def _why_fell(report: Report, table: pd.DataFrame) -> str:
    falling = table[table["change"] < 0].sort_values("change")
    if falling.empty:
        return "各区县的户籍老龄化率都没有下降。"
    parts = []
    for _, row in falling.iterrows():
        parts.append(
            f"{_short(row['name'])}60岁及以上增加{_growth_fact(report, row, 'older_growth')}、"
            f"60岁以下增加{_growth_fact(report, row, 'younger_growth')}，比重降{_change_fact(report, row):a}"
        )
    names = list_phrase(_short(n) for n in falling["name"])
    text = f"**比重下降不等于老年人减少。** {names}的户籍老年人都在增加，只是60岁以下的增加更快：{'；'.join(parts)}。"
    return text + _inflow(report, falling) + _census_witness(report, falling)


def _inflow(report: Report, falling: pd.DataFrame) -> str:
    """Even at the city's peak birth rate and without a single death, births explain only part of the growth."""
    rates = [o for o in report.ledger.series("hukou_birth_rate", report.region_id).observations() if FIRST < o.year <= LAST]
    if not rates:
        return ""
    peak = max(rates, key=lambda o: o.value)
    bound = report.fact(
        f"fact-hukou-natural-bound-{LAST}",
        f"按{peak.year}年户籍出生率、不计死亡，五年人口增幅的上界",
        100 * ((1 + peak.value / 1000) ** (LAST - FIRST) - 1),
        "%",
        1,
        year=LAST,
        basis="hukou",
        source_ids=(peak.source_id,),
        status="E",
        derivation=f"（1 + {peak.value:g}‰）的{LAST - FIRST}次方 − 1",
    )
    if (falling["younger_growth"] <= (bound.value or 0)).any():
        return ""
    return f"即使每年都按全市{peak.year}年的{rate_text(report.fact_of(peak))}出生、且无人死亡，五年也只增{bound}，超出的部分只能来自户口迁入。"


def _census_witness(report: Report, falling: pd.DataFrame) -> str:
    """Growth of residents aged 20-34 between the censuses, as a witness from another population."""
    census = read_census(report.ledger)
    young = census[(census["age"] >= 20) & (census["age"] < 35)]
    counts = young.groupby(["region_id", "census_year"])["population"].sum().unstack()
    if not {2010, LAST} <= set(counts.columns):
        return "常住人口的分区县年龄构成，待普查分县资料公布后可作旁证。"
    growth = 100 * (counts[LAST] / counts[2010] - 1)
    told = []
    for region_id, name in [*zip(falling["region_id"], falling["name"], strict=True), (report.region_id, "全市")]:
        if region_id in growth.index:
            change = report.fact(
                f"fact-census-20-34-growth-{region_id}-{LAST}",
                f"{name}2010—{LAST}年普查20—34岁常住人口增幅",
                float(growth[region_id]),
                "%",
                1,
                year=LAST,
                basis="census",
                region_id=region_id,
                source_ids=("census-2010-yearbook", "census-2020-yearbook"),
                derivation=f"{counts.loc[region_id, LAST]:.0f} ÷ {counts.loc[region_id, 2010]:.0f} − 1",
            )
            told.append(f"{_short(name) if name != '全市' else name}{'增' if (change.value or 0) > 0 else '减'}{change:a}")
    city = float(growth[report.region_id])
    above = [_short(n) for k, n in zip(falling["region_id"], falling["name"], strict=True) if growth[k] > city]
    below = [_short(n) for k, n in zip(falling["region_id"], falling["name"], strict=True) if growth[k] <= city]
    text = f"常住人口可作旁证，口径不同，只看方向：2010—{LAST}年20—34岁普查人口，{'，'.join(told)}"
    if above and below:
        return f"{text}；{list_phrase(above)}快于全市，与户籍的变化相符；{list_phrase(below)}慢于全市，只能印证方向。"
    return text + "。"


def _policy(report: Report, table: pd.DataFrame) -> str:
    now = report.ledger.observation("resident_share_60plus", report.edition, report.region_id)
    limit = _target(report)
    west = table[(table["group"] == "west") & (table["younger_growth"] < -0.5)].sort_values("change", ascending=False)
    parts = []
    if now is not None and limit.value is not None and now.value >= limit.value:
        parts.append(f"60岁及以上占比的{limit.year}年上限已被越过，年龄构成短期不会回落；考核宜转向照护床位、家庭养老床位和社区服务的供给。")
    elif now is not None:
        parts.append("年龄构成变化缓慢而确定，照护床位和社区服务宜按满60岁人数的年度增量提前安排。")
    else:
        parts.append("养老设施按服务对象配置：面向居住者的看常住人口，面向本地户籍的补贴看户籍人口。")
    fastest = west[west["change"] > 3]
    if len(fastest):
        parts.append(f"{list_phrase(_short(n) for n in fastest['name'])}比重升得快而年轻人减少，养老服务的人手须由市级统筹。")
    return "".join(parts)
