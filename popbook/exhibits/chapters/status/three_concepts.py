"""Size: the three population concepts side by side, and why they must not be added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.status.evidence import (
    break_lines,
    doubtful_notes,
    drawn_rows,
    minus,
    since,
    sources_of,
    unsigned,
)
from popbook.exhibits.charts import BreakLine, line_chart
from popbook.exhibits.model import Block, Column, Fact, Figure, Section, Table
from popbook.exhibits.phrases import change_word
from popbook.exhibits.theme import COLOURS
from popbook.ledger.concepts import difference
from popbook.ledger.model import REFERENCE_ZH, Observation

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

CONCEPTS = ("resident_population", "hukou_population", "floating_population")
SHORT = {"resident_population": "常住人口", "hukou_population": "户籍人口", "floating_population": "登记流动人口"}
CROSS_CONCEPT = "说明两种口径相差多少，不作净迁移估计"
FIRST_YEAR = 2010
FIRST_COMPONENT_YEAR = 2015
WHO = {
    "resident_population": "住满半年或按规定计入的人，不论户口在何处",
    "hukou_population": "户口登记在本市的人，不论住在何处",
    "floating_population": "在册持证的非本市户籍人员",
    "census_population": "普查时点按常住标准登记的人",
}
NOT_COUNTED = {
    "resident_population": "户口在本市、长期住在外地的人",
    "hukou_population": "住在本市、户口在外地的人",
    "floating_population": "本市户籍人口，未登记的外来人员",
    "census_population": "同常住人口（登记时点不同）",
}


def concepts(report: Report) -> Section:
    """Return the section on the three concepts: what each counts, by how much they disagree, where they break.

    Parameters
    ----------
    report
        The edition.
    """
    ledger = report.ledger
    resident, hukou, floating = (ledger.series(name) for name in CONCEPTS)
    now = resident.latest
    if now is None:
        return Section("status-concepts", "年末常住人口未公布", "本版截止日以前没有公布的年末常住人口。")
    shared = _latest_shared(report)
    heading = f"{now.year}年末常住人口{report.fact_of(now)}"
    paragraphs: list[str] = []
    policy = ""
    if shared is not None:
        r, h, f = shared
        total = report.fact(
            f"fact-hukou-plus-floating-{r.year}",
            f"{r.year}年末户籍人口与登记流动人口之和（不是人口数）",
            round(h.value + f.value, 10),
            "万人",
            2,
            year=r.year,
            basis="none",
            source_ids=sources_of(h, f),
            derivation=f"{h.value:.2f} ＋ {f.value:.2f}",
        )
        excess = report.fact(
            f"fact-hukou-plus-floating-excess-{r.year}",
            f"{r.year}年末户籍人口与登记流动人口之和超出常住人口",
            round(h.value + f.value - r.value, 10),
            "万人",
            1,
            year=r.year,
            basis="none",
            source_ids=sources_of(h, f, r),
            derivation=f"{h.value:.2f} ＋ {f.value:.2f} − {r.value:.1f}",
        )
        more = "多" if (excess.value or 0) >= 0 else "少"
        size = excess if more == "多" else unsigned(report, excess)
        beyond = "超出" if more == "多" else "少于"
        heading += (
            f"，户籍加登记流动{beyond}{size}，不能相加"
            if r.year == now.year
            else f"；{r.year}年户籍加登记流动{beyond}常住{size}"
        )
        paragraphs.append(
            f"{r.year}年末，户籍人口{report.fact_of(h)}与登记流动人口{report.fact_of(f)}相加得{total}，"
            f"比常住人口{report.fact_of(r)}{more}{size}。"
            "按定义，差额可以来自三种情况：户口在本市而长期住在外地的人，计入户籍、不计入常住；"
            "在册流动人口中有住不满半年的，也有已经离开而尚未注销的；规划没有公布这些人各有多少。"
        )
        part = report.fact(
            f"fact-hukou-plus-floating-excess-share-{r.year}",
            f"{r.year}年末户籍与登记流动人口之和超出常住人口的幅度",
            round(100 * ((h.value + f.value) / r.value - 1), 10),
            "%",
            1,
            year=r.year,
            basis="none",
            source_ids=sources_of(h, f, r),
            derivation=f"（{h.value:.2f} ＋ {f.value:.2f}）÷ {r.value:.1f} − 1",
        )
        if more == "多":
            policy = (
                f"按“户籍加流动”测算学位、床位和住房，{r.year}年的需求会高估{part}。"
                "公共服务总量按常住人口测算，户籍和登记流动人口只用于与户口、登记直接有关的事项。"
            )
    paragraphs.append(_gap_words(report))
    migrants = _census_migrants(report)
    if migrants:
        paragraphs.append(migrants)
    paragraphs.append(_break_words(report))
    silent = [
        (SHORT[name], series.latest.year)
        for name, series in zip(CONCEPTS, (resident, hukou, floating), strict=True)
        if series.latest is not None and series.latest.year < report.edition
    ]
    if silent:
        words = "，".join(f"{name}在{year}年以后" for name, year in silent)
        policy += f"{words}没有公开数，规划对这{'两个' if len(silent) > 1 else '个'}口径的测算无法逐年核对，年度公报应与常住人口同时公布。"
    lead = (
        "三个口径数的是三群互有重叠的人：常住人口看住在哪里，户籍人口看户口在哪里，登记流动人口看是否在册。"
        "比较和测算只在同一口径内进行。"
    )
    blocks: list[Block] = [_figure_concepts(report), paragraphs[0], _table_concepts(report), *paragraphs[1:]]
    return Section("status-concepts", heading, lead, tuple(blocks), policy)


def _latest_shared(report: Report) -> tuple[Observation, Observation, Observation] | None:
    """Return the three concepts in the last year for which all three are published."""
    resident, hukou, floating = (report.ledger.series(name) for name in CONCEPTS)
    for f in reversed(floating.observations()):
        r, h = resident.at(f.year), hukou.at(f.year)
        if r is not None and h is not None:
            return r, h, f
    return None


@dataclass(frozen=True)
class _Gap:
    """Residents minus registered, at the last year with both and at the first year on the same base."""

    last: tuple[Observation, Observation]
    first: tuple[Observation, Observation]
    value: float
    first_value: float


def _gap(report: Report) -> _Gap | None:
    ledger = report.ledger
    resident, hukou = ledger.series("resident_population"), ledger.series("hukou_population")
    pairs = [(r, h) for r in resident.observations() if (h := hukou.at(r.year)) is not None]
    # A secondary figure decides nothing: the gap is read at the last year with two firm figures.
    pairs = [(r, h) for r, h in pairs if "C" not in (r.confidence, h.confidence)]
    if not pairs:
        return None
    last = pairs[-1]
    base = [pair for pair in pairs if pair[0].behind == last[0].behind]
    values = [difference(r, h, allow=CROSS_CONCEPT) for r, h in (last, base[0])]
    return _Gap(last, base[0], round(values[0], 10), round(values[1], 10))


def _gap_facts(report: Report, gap: _Gap) -> tuple[Fact, Fact]:
    facts = []
    for (r, h), value in ((gap.last, gap.value), (gap.first, gap.first_value)):
        facts.append(
            report.fact(
                f"fact-resident-minus-hukou-{r.year}",
                f"{r.year}年末常住人口与户籍人口之差",
                value,
                "万人",
                1,
                year=r.year,
                basis="none",
                source_ids=sources_of(r, h),
                derivation=f"{r.value:.1f} − {h.value:.2f}",
            )
        )
    return facts[0], facts[1]


def _gap_words(report: Report) -> str:
    gap = _gap(report)
    if gap is None:
        return "户籍人口未公布，不能与常住人口对照。"
    last, first = _gap_facts(report, gap)
    year, first_year = gap.last[0].year, gap.first[0].year
    side = "多" if gap.value >= 0 else "少"
    text = f"{year}年末常住人口比户籍人口{side}{last if gap.value >= 0 else unsigned(report, last)}"
    text += "，说明户口在外地而住在本市的人，多于户口在本市而住在外地的人。" if gap.value > 0 else "。"
    if first_year < year:
        widened = report.fact(
            f"fact-resident-minus-hukou-change-{first_year}-{year}",
            f"常住人口与户籍人口之差{year}年末比{first_year}年末增减",
            round(abs(gap.value - gap.first_value), 10),
            "万人",
            1,
            year=year,
            basis="none",
            source_ids=sources_of(*gap.last, *gap.first),
            derivation=minus(gap.value, gap.first_value, 2),
        )
        word = change_word(gap.value - gap.first_value, "increment", 0.05)
        text += f"同以七普为基础，{first_year}年末这一差额为{first}，到{year}年末{word}{widened if word != '持平' else ''}。"
    else:
        text += f"{year}年以前的常住人口以六普为基础，差额不与{year}年相比。"
    return text


def _census_migrants(report: Report) -> str:
    names = ("census_migrants_same_county", "census_migrants_other_county", "census_migrants_other_province")
    parts = [report.ledger.observation(name, 2020) for name in names]
    floating = report.ledger.observation("floating_population", 2020)
    if any(item is None for item in parts) or floating is None:
        return ""
    known = [item for item in parts if item is not None]
    total = report.fact(
        "fact-census-separated-2020",
        "2020年普查人户分离人口",
        round(sum(item.value for item in known), 10),
        "万人",
        2,
        year=2020,
        basis="census",
        source_ids=sources_of(*known),
        derivation=" ＋ ".join(f"{item.value:.2f}" for item in known),
    )
    inside, county, province = (report.fact_of(item) for item in known)
    return (
        f"普查另有“人户分离人口”一项：2020年为{total}，其中本区县内{inside}、省内其他区县{county}、省外{province}。"
        f"它包含在市内搬家的本市户籍人口，与登记流动人口{report.fact_of(floating)}不是一个概念，不能互相校核。"
    )


def _break_words(report: Report) -> str:
    """Say where the series break, with what the edition knows of the re-basing."""
    ledger = report.ledger
    first = ledger.series("resident_population", vintage="first-published").at(2019)
    known, census_year = ledger.observation("resident_population", 2019), ledger.observation("resident_population", 2020)
    text = ""
    in_plan = not ledger.plan.table1.empty and first is not None and bool(first.behind)
    if in_plan and first is not None and known is not None and census_year is not None:
        old = report.fact(
            "fact-resident-population-first-published-2019",
            "2019年末常住人口（首次公布数，六普基础）",
            first.value,
            "万人",
            1,
            year=2019,
            basis="resident",
            source_ids=sources_of(first),
            indicator_id="resident_population",
        )
        step = report.fact(
            "fact-resident-step-2019-2020",
            "规划表1中2020年与2019年常住人口之差（两种基数，不是增长）",
            round(difference(census_year, first, allow="说明换基数造成的差额"), 10),
            "万人",
            1,
            year=2020,
            basis="resident",
            source_ids=sources_of(census_year, first),
            derivation=minus(census_year.value, first.value, 1),
        )
        text = f"规划表1中2019年{old}与2020年{report.fact_of(census_year)}相差{step}，这不是一年的增长：前者以六普为基础，后者以七普为基础。"
        if known.behind:
            text += "截至本版截止日，2019年及以前的年末数没有按七普修订，两段不能相连，也不计算跨越2020年的增速。"
        else:
            change = report.difference(census_year, known)
            text += f"统计年鉴按七普回溯修订，把2019年改为{report.fact_of(known)}，同口径的2020年增量为{change}。"
    if census_year is not None and (census := ledger.observation("census_population", 2020)) is not None:
        text += (
            f"普查登记的{report.fact_of(census)}是2020年11月1日零时的数，{report.fact_of(census_year)}是年末数，不混用。"
        )
    floats = ledger.series("floating_population", vintage="plan-2021")
    a, b = floats.at(2015), floats.at(2016)
    if a is not None and b is not None:
        jump = report.fact(
            "fact-floating-step-2015-2016",
            "登记流动人口2016年与2015年之差（登记范围疑有变化，不是增长）",
            round(difference(b, a, allow="说明登记范围变化造成的差额"), 10),
            "万人",
            2,
            year=2016,
            basis="floating",
            source_ids=sources_of(b, a),
            derivation=minus(b.value, a.value, 2),
        )
        text += f"\n\n登记流动人口2016年比上年多{jump}，次年又回落，规划没有说明原因，本报告按登记范围变化处理，2016年前后不相连。"
    return text


def _figure_concepts(report: Report) -> Figure:
    ledger = report.ledger
    series = [since(ledger.series(name), FIRST_YEAR) for name in CONCEPTS]
    drawn = [(SHORT[name], item) for name, item in zip(CONCEPTS, series, strict=True) if len(item)]
    rows = pd.concat([drawn_rows(item, name) for name, item in drawn], ignore_index=True)
    rows = rows.rename(columns={"数值": "人口（万人）"})
    # A break belongs to one of the lines; its name says to which.
    breaks = [
        BreakLine(line.year, line.name if name in line.name or "流动" in line.name else f"{name}：{line.name}")
        for name, item in drawn
        for line in break_lines([item])
    ]
    last_year = int(rows["年份"].max())
    names = {}
    for name, item in drawn:
        latest = item.latest
        if latest is not None:
            names[name] = name if latest.year == last_year else f"{name}（{latest.year}年）"
    gap = _gap(report)
    title = f"三个口径的人口不在一条线上，{last_year}年末常住人口最新"
    if gap is not None:
        more = "多" if gap.value >= 0 else "少"
        title = f"{gap.last[0].year}年末常住人口比户籍人口{more}{abs(gap.value):.1f}万人"
        if gap.first[0].year < gap.last[0].year:
            widened = gap.value - gap.first_value
            title += f"，比{gap.first[0].year}年{change_word(widened, 'increment', 0.05)}"
            title += f"{abs(widened):.1f}万人" if abs(widened) > 0.05 else ""
    notes = []
    if breaks:
        notes.append("虚线为口径断点，线不跨过断点。")
    if any(v == "rebased-2020-census" for v in series[0].frame["vintage"]):
        notes.append("2014—2019年常住人口为按七普回溯修订的数，2013年及以前以六普为基础。")
    notes += doubtful_notes(*series)
    colours = {SHORT[name]: COLOURS[name.split("_")[0]] for name in CONCEPTS}
    ends = "，".join(f"{name}{item.latest.year}年{item.latest.value:.1f}万人" for name, item in drawn if item.latest)
    return Figure(
        id="fig-three-concepts",
        title=title,
        subtitle="年末人口，万人；常住、户籍、登记流动三个口径，不能相加",
        alt=f"折线图，{FIRST_YEAR}—{last_year}年三个口径的年末人口。{ends}。{title}。线在口径断点处断开。",
        frame=rows,
        draw=lambda layout: line_chart(
            rows, layout, y="人口（万人）", series="口径", segment="分段", colours=colours, unit="万人", decimals=1,
            breaks=breaks, names=names,
        ),
        unit="万人",
        basis="none",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in rows["年份"]})),
        source_ids=sources_of(*series),
        notes=tuple(notes),
        indicator_ids=CONCEPTS,
    )  # fmt: skip


def _table_concepts(report: Report) -> Table:
    ledger = report.ledger
    shared = _latest_shared(report)
    year = shared[0].year if shared else report.edition
    rows = []
    series = []
    for name in (*CONCEPTS, "census_population"):
        item = ledger.series(name)
        latest = item.latest
        series.append(item)
        at = item.at(year)
        rows.append(
            {
                "concept": SHORT.get(name, "普查人口"),
                "who": WHO[name],
                "without": NOT_COUNTED[name],
                "when": "11月1日零时" if name == "census_population" else REFERENCE_ZH["year_end"],
                "shared": _printed(at),
                "latest": _printed(latest),
                "year": "" if latest is None else str(latest.year),
            }
        )
    columns = [
        Column("concept", "口径"),
        Column("shared", f"{year}年", "万人", 1),
    ]
    if any(row["year"] != str(year) for row in rows):
        columns += [Column("latest", "最新", "万人", 1, emphasis=True), Column("year", "最新年份")]
    columns += [Column("who", "统计对象"), Column("without", "不包括"), Column("when", "时点")]
    shown = [ledger.observation(name, year) for name in (*CONCEPTS, "census_population")]
    newest = [item.latest for item in series]
    doubtful = [f"{o.year}年{SHORT[o.indicator.indicator_id]}为C级数据（{o.note}）。" for o in newest if o and o.confidence == "C"]
    return Table(
        id="tbl-three-concepts",
        title=f"统计对象和时点不同，{year}年四个人口数互不相等",
        frame=pd.DataFrame(rows),
        columns=tuple(columns),
        unit="万人",
        basis="none",
        region_id=report.region_id,
        years=tuple(sorted({year, *(o.year for o in newest if o)})),
        source_ids=sources_of(*shown, *newest),
        notes=("各行不能相加。", *doubtful),
        indicator_ids=(*CONCEPTS, "census_population"),
    )


def _printed(item: Observation | None) -> str | None:
    """Return a value with the digits of its indicator: the concepts are published with different digits."""
    return None if item is None else f"{item.value:.{item.indicator.decimals}f}"
