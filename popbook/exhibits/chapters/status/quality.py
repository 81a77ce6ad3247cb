"""Quality: life expectancy of the registered population, talent and labour productivity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.status.evidence import (
    doubtful_notes,
    drawn_rows,
    minus,
    plan_target,
    sources_of,
    unsigned,
)
from popbook.exhibits.charts import Level, bar_chart, line_chart
from popbook.exhibits.model import Block, Column, Fact, Figure, Note, Section, Table
from popbook.exhibits.phrases import change_word, year_spans
from popbook.exhibits.theme import COLOURS
from popbook.ledger.concepts import difference
from popbook.ledger.model import Observation
from popbook.ledger.series import Series

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

LIFE = {"life_expectancy_female": "女性", "life_expectancy": "合计", "life_expectancy_male": "男性"}
LIFE_COLOURS = {"女性": COLOURS["female"], "合计": COLOURS["hukou"], "男性": COLOURS["male"]}
LIFE_TARGET, TALENT_TARGET = "life_expectancy", "talent_total"
TALENT_RISE, PRODUCTIVITY_RISE, PRODUCTIVITY_PACE = "q-c1-1-3-07", "q-c1-1-3-12", "q-c1-1-3-10"
LABOUR = (
    "talent_total", "talent_per_10k_employed", "high_skill_share", "senior_title_share", "rd_per_10k_labour",
    "schooling_years_working_age", "labour_productivity",
)  # fmt: skip
FIVE_YEARS = 5


def _firm(series: Series) -> list[Observation]:
    """Observations of confidence A or B, oldest first."""
    return [item for item in series.observations() if item.confidence != "C"]


@or_gap("status-health", "人均预期寿命", Needs(targets=("life_expectancy",)))
def health(report: Report) -> Section:
    """Return the section on life expectancy; a figure of confidence C is shown and never leads.

    Parameters
    ----------
    report
        The edition.
    """
    ledger = report.ledger
    series = {name: ledger.series(name) for name in LIFE}
    firm = _firm(series["life_expectancy"])
    if not firm:
        return Section("status-health", "人均预期寿命未公布", "本版截止日以前没有公布的人均预期寿命。")
    now = firm[-1]
    before = series["life_expectancy"].at(now.year - FIVE_YEARS)
    heading = f"{now.year}年户籍人口预期寿命{report.fact_of(now)}"
    step = None
    if now.year < report.edition:
        heading += "，此后没有主管部门公布数"
    elif before is not None:
        step = report.difference(now, before)
        verb = {"上升": "提高", "下降": "降低", "持平": "持平"}[change_word(step.value or 0, "rate", 0.005)]
        heading += f"，五年{verb}{unsigned(report, step)}"
    text = []
    if before is not None:
        step = report.difference(now, before)
        verb = {"上升": "提高", "下降": "降低", "持平": "持平"}[change_word(step.value or 0, "rate", 0.005)]
        yearly = report.fact(
            f"fact-life-expectancy-yearly-change-{before.year}-{now.year}",
            f"{before.year}—{now.year}年人均预期寿命年均变动",
            round((step.value or 0) / FIVE_YEARS, 10),
            "岁",
            2,
            year=now.year,
            basis="hukou",
            source_ids=sources_of(now, before),
            derivation=f"{step.value:.2f} ÷ {FIVE_YEARS}".replace("-", "−"),
        )
        text.append(
            f"{before.year}—{now.year}年，人均预期寿命由{report.fact_of(before)}到{report.fact_of(now)}，"
            f"{verb}{unsigned(report, step)}，年均{verb}{unsigned(report, yearly)}。"
        )
    text.append(_sexes(report, series, now.year))
    doubt = series["life_expectancy"].latest
    if doubt is not None and doubt.confidence == "C" and doubt.year > now.year:
        text.append(
            f"媒体汇总的{doubt.year}年数为{report.fact_of(doubt)}，未注明口径，也未见主管部门原文，列为C级，图中单独标出，不与前面的数连成一条线，不作判断依据。"
        )
    target = plan_target(ledger, LIFE_TARGET)
    goal, due = target.goal, target.due
    bound = report.fact(
        f"fact-target-life-expectancy-{due}", f"规划{due}年人均预期寿命目标", goal, "岁", 2, year=due, basis="hukou",
        source_ids=(report.plan_source,), indicator_id="life_expectancy",
    )  # fmt: skip
    gap = report.fact(
        f"fact-life-expectancy-target-gap-{now.year}", f"{now.year}年人均预期寿命距规划{due}年目标",
        round(abs(goal - now.value), 10), "岁", 2, year=now.year, basis="hukou",
        source_ids=(now.source_id, report.plan_source), derivation=minus(goal, now.value, 2),
    )  # fmt: skip
    side = "已高于" if now.value >= goal else "低于"
    policy = f"{now.year}年的数{side}规划{due}年{bound}的目标{gap}。" if gap.value else f"{now.year}年的数已等于规划{due}年目标{bound}。"
    if now.year < report.edition:
        policy += f"{now.year + 1}年以后没有主管部门公布数，目标无法逐年核对；应每年公布，并注明户籍或常住口径。"
    else:
        policy += "指标只覆盖户籍人口，住在本市而户籍在外地的人的健康水平没有公布数，宜同时建立常住口径。"
    lead = "这项指标按户籍人口的死亡登记计算，不覆盖户籍在外地的常住人口。"
    note = Note(
        "口径：人均预期寿命",
        "卫生健康部门按当年户籍人口分年龄死亡水平计算，假定新生一代一生都按当年的死亡水平度过。"
        + _published_twice(report),
    )
    blocks: tuple[Block, ...] = (_figure_life(report, series, goal, due), *[t for t in text if t], note)
    return Section("status-health", heading, lead, blocks, policy)


def _sexes(report: Report, series: dict[str, Series], year: int) -> str:
    women, men = series["life_expectancy_female"].at(year), series["life_expectancy_male"].at(year)
    if women is None or men is None:
        return ""
    gap = report.fact(
        f"fact-life-expectancy-sex-gap-{year}",
        f"{year}年女性与男性人均预期寿命之差",
        round(difference(women, men), 10),
        "岁",
        2,
        year=year,
        basis="hukou",
        source_ids=sources_of(women, men),
        derivation=minus(women.value, men.value, 2),
    )
    text = f"{year}年女性{report.fact_of(women)}、男性{report.fact_of(men)}，相差{gap}。"
    earlier = [(series[name].at(year - 1), item) for name, item in (("life_expectancy_female", women), ("life_expectancy_male", men))]
    moved = []
    for (before, item), name in zip(earlier, ("女性", "男性"), strict=True):
        if before is not None:
            step = report.difference(item, before)
            verb = change_word(step.value or 0, "rate", 0.005)
            moved.append(f"{name}{verb}{unsigned(report, step) if verb != '持平' else ''}")
    return text + (f"与上年相比，{'，'.join(moved)}。" if moved else "")


def _figure_life(report: Report, series: dict[str, Series], goal: float, due: int) -> Figure:
    parts = []
    for name, label in LIFE.items():
        item = series[name]
        parts.append(drawn_rows(Series(item.indicator, item.region, item.frame[item.frame["confidence"] != "C"], item.breaks), label))
    total = series["life_expectancy"]
    doubtful = total.frame[total.frame["confidence"] == "C"]
    colours = dict(LIFE_COLOURS)
    if len(doubtful):
        parts.append(drawn_rows(Series(total.indicator, total.region, doubtful, total.breaks), "媒体汇总（C级）"))
        colours["媒体汇总（C级）"] = COLOURS["plan"]
    rows = pd.concat(parts, ignore_index=True).rename(columns={"数值": "人均预期寿命（岁）"})
    firm = _firm(total)
    now, first = firm[-1], firm[0]
    rise = now.value - first.value
    verb = {"上升": "提高", "下降": "降低", "持平": "持平"}[change_word(rise, "rate", 0.005)]
    title = f"{now.year}年户籍人口预期寿命{now.value:.2f}岁，比{first.year}年{verb}{abs(rise):.2f}岁"
    last = int(rows["年份"].max())
    ends = {label: (label if rows[rows["口径"] == label]["年份"].max() == last else f"{label}（{now.year}年）") for label in LIFE.values()}
    missing = [y for y in range(first.year, now.year) if y not in {o.year for o in firm}]
    notes = [f"合计{year_spans(missing)}年未公布，不连线；分性别只有部分年份公布。"] if missing else []
    return Figure(
        id="fig-life-expectancy",
        title=title,
        subtitle="人均预期寿命，岁；户籍人口",
        alt=f"折线图。合计：{'，'.join(f'{o.year}年{o.value:.2f}岁' for o in firm)}。规划{due}年目标{goal:.2f}岁。{title}。",
        frame=rows,
        draw=lambda layout: line_chart(
            rows, layout, y="人均预期寿命（岁）", series="口径", segment="分段", colours=colours, unit="岁", decimals=2,
            levels=(Level(goal, f"规划{due}年目标 {goal:.2f}"),), points=True, names=ends,
        ),
        unit="岁",
        basis="hukou",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in rows["年份"]})),
        source_ids=(*sources_of(*series.values()), report.plan_source),
        notes=(*notes, *doubtful_notes(total)),
        indicator_ids=tuple(LIFE),
    )  # fmt: skip


def _published_twice(report: Report) -> str:
    """Say for which years two life expectancies were published."""
    rows = report.ledger.rows_of("life_expectancy")
    rows = rows[rows["region_id"] == report.region_id]
    said = ""
    for year, own in rows.groupby("year"):
        values = sorted(set(own["value"]))
        if len(values) > 1:
            shown = "和".join(f"{value:.2f}岁" for value in values)
            said += f"{year}年有两个公布数（{shown}），取后公布的一个，另一个列入数据来源的冲突表。"
    return said


@or_gap("status-talent", "人才", Needs(targets=("talent_total",)))
def talent(report: Report) -> Section:
    """Return the section on talent and labour productivity: what is published, and what does not fit together.

    Parameters
    ----------
    report
        The edition.
    """
    ledger = report.ledger
    total, output = ledger.series("talent_total"), ledger.series("labour_productivity")
    now = total.latest
    if now is None:
        return Section("status-talent", "人才资源总量未公布", "本版截止日以前没有公布的人才资源总量。")
    silent = "，此后未公布" if now.year < report.edition else ""
    heading = f"{now.year}年人才资源总量{report.fact_of(now)}{silent}"
    latest = output.latest
    if latest is not None and latest.year == now.year:
        heading = f"{now.year}年人才资源总量{report.fact_of(now)}、劳动生产率{report.fact_of(latest)}{silent}"
    elif latest is not None and latest.year > now.year:
        heading += f"；{latest.year}年劳动生产率{report.fact_of(latest)}"
    lead = (
        "人才总量来自人才工作部门的统计，劳动生产率来自国民经济核算，都不区分常住和户籍。"
        "各年统计范围不尽一致，只能看水平，不能当作连续序列。"
    )
    blocks: list[Block] = [_figure_talent(report, total), *_talent_words(report, total), _table_labour(report)]
    density = _density_words(report)
    productivity = _productivity_words(report, output)
    blocks[1 + 1 : 1 + 1] = [productivity] if productivity else []
    if density:
        blocks.append(Note("存疑：每万名就业人口的人才资源数", density))
    target = plan_target(ledger, TALENT_TARGET)
    goal, due, base = target.goal, target.due, target.base_year
    bound = report.fact(
        f"fact-target-talent-{due}", f"规划{due}年人才资源总量目标", goal, "万人", 0, year=due,
        source_ids=(report.plan_source,), indicator_id="talent_total",
    )  # fmt: skip
    pace = report.fact(
        f"fact-talent-target-yearly-increase-{due}", f"规划目标对应的人才资源总量年均增加数（{base + 1}—{due}年）",
        round((goal - target.base) / (due - base), 10), "万人", 1, year=due, source_ids=(report.plan_source,),
        derivation=f"（{goal:.0f} − {target.base:.0f}）÷ {due - base}",
    )  # fmt: skip
    policy = f"规划目标是{due}年达到{bound}，相当于每年增加{pace}。"
    policy += (
        f"{now.year}年以后没有公布总量，目标无法逐年核对；应固定统计范围和时点，每年公布一次。"
        if silent
        else "公布总量时应同时公布统计范围和时点，以便逐年核对。"
    )
    return Section("status-talent", heading, lead, tuple(blocks), policy)


def _talent_words(report: Report, total: Series) -> list[str]:
    items = _firm(total)
    if len(items) < 2:
        return []
    words = "、".join(f"{item.year}年{report.fact_of(item)}" for item in items)
    text = f"已公布的总量有{words}。"
    base = total.at(2020)
    if base is not None:
        rise, implied = _implied_2015(report, base, TALENT_RISE, "talent", "人才资源总量")
        text += f"规划称2020年比2015年增长{rise}，反推2015年约{implied}；2017年数截至10月，三个数的统计范围未见说明。"
    return [text]


def _implied_2015(report: Report, base: Observation, quantity_id: str, stem: str, name: str) -> tuple[Fact, Fact]:
    """Return the rise 2015-2020 that the plan prints, and the value of 2015 it implies."""
    rows = report.ledger.plan.quantities
    printed = float(rows.loc[rows["quantity_id"] == quantity_id, "value"].iloc[0])
    rise = report.fact(
        f"fact-{stem}-plan-rise-2015-2020",
        f"{name}2020年比2015年的增幅（规划）",
        printed,
        "%",
        1,
        year=2020,
        source_ids=(report.plan_source,),
    )
    implied = report.fact(
        f"fact-{stem}-implied-2015",
        f"2015年{name}（由规划的增幅反推）",
        round(base.value / (1 + printed / 100), 10),
        base.indicator.unit,
        1,
        year=2015,
        status="E",
        source_ids=(report.plan_source,),
        derivation=f"{base.value:g} ÷ {1 + printed / 100:.3f}",
    )
    return rise, implied


def _pace_words(report: Report, rise: Fact) -> str:
    """Set the plan's yearly pace beside the pace that its own five-year rise implies."""
    rows = report.ledger.plan.quantities
    printed = report.fact(
        "fact-labour-productivity-plan-pace-2015-2020",
        "全员劳动生产率年均增速（规划）",
        float(rows.loc[rows["quantity_id"] == PRODUCTIVITY_PACE, "value"].iloc[0]),
        "%",
        0,
        year=2020,
        source_ids=(report.plan_source,),
    )
    implied = report.fact(
        "fact-labour-productivity-implied-pace-2015-2020",
        "全员劳动生产率年均增速（由五年增幅计算）",
        round(100 * ((1 + (rise.value or 0) / 100) ** (1 / FIVE_YEARS) - 1), 10),
        "%",
        1,
        year=2020,
        source_ids=(report.plan_source,),
        derivation=f"（1 ＋ {rise.value:.1f}%）开{FIVE_YEARS}次方 − 1",
    )
    text = f"规划称比2015年增长{rise}，折合年均{implied}"
    agrees = abs((implied.value or 0) - (printed.value or 0)) < 0.5
    return text + (f"，与“年均{printed}左右”相符。" if agrees else f"，与同段“年均{printed}左右”不符，见勘误。")


def _productivity_words(report: Report, output: Series) -> str:
    items = output.observations()
    by_year = {item.year: item for item in items}
    plan = by_year.get(2020)
    if plan is None:
        return ""
    text = f"全员劳动生产率，规划公布2020年为{report.fact_of(plan)}。"
    old = by_year.get(2011)
    if old is not None:
        rise, implied = _implied_2015(report, plan, PRODUCTIVITY_RISE, "labour-productivity", "全员劳动生产率")
        text += _pace_words(report, rise)
        text += f"由{rise}反推2015年约{implied}；2011年另有一个公布数{report.fact_of(old)}，"
        text += (
            "比四年后的反推数还高，可见口径不同，不与2020年相连。"
            if old.value > (implied.value or 0)
            else "两者口径是否相同未见说明，不相连。"
        )
    pair = [(by_year[y - 1], by_year[y]) for y in by_year if y > 2021 and y - 1 in by_year]
    if pair:
        before, after = pair[-1]
        if before.source_id == after.source_id:
            rate = report.fact(
                f"fact-labour-productivity-growth-{after.year}", f"{after.year}年全员劳动生产率比上年增长（当年价）",
                round(100 * (after.value / before.value - 1), 10), "%", 1, year=after.year, source_ids=sources_of(after, before),
                derivation=f"{after.value:.1f} ÷ {before.value:.1f} − 1",
            )  # fmt: skip
            moved = "增长" if (rate.value or 0) >= 0 else "下降"
            text += (
                f"{after.year}年为{report.fact_of(after)}，同一公报引述的上年数为{report.fact_of(before)}，"
                f"按当年价计算{moved}{unsigned(report, rate)}。"
            )
        text += "公报没有说明与规划的2020年数口径是否相同，本报告不计算2020年以来的增幅。"
    return text


def _density_words(report: Report) -> str:
    """Lay open why the printed talent density cannot stand: it implies more employed persons than people of working age."""
    ledger = report.ledger
    density, total = ledger.observation("talent_per_10k_employed", 2020), ledger.observation("talent_total", 2020)
    working = ledger.observation("census_count_15_59", 2020)
    if density is None or total is None or working is None:
        return ""
    implied = report.fact(
        "fact-employed-implied-by-talent-density-2020", "由人才密度反推的2020年就业人口",
        round(total.value / density.value * 10_000, 10), "万人", 0, year=2020, source_ids=sources_of(total, density),
        derivation=f"{total.value:.0f} ÷ {density.value:.0f} × 10000",
    )  # fmt: skip
    text = f"规划同时公布人才资源总量{report.fact_of(total)}和每万名就业人口{report.fact_of(density):v}人。两数相除，就业人口应为{implied}，"
    if (implied.value or 0) > working.value:
        return text + f"超过2020年普查全部15—59岁人口{report.fact_of(working)}，分子或分母的范围存疑。本报告照录原数，不据以推算就业人口。"
    return text + f"低于2020年普查15—59岁人口{report.fact_of(working)}，两数可以并存。"


def _figure_talent(report: Report, total: Series) -> Figure:
    items = _firm(total)
    rows = pd.DataFrame([{"年份": f"{o.year}年", "人才资源总量（万人）": o.value} for o in items])
    target = plan_target(report.ledger, TALENT_TARGET)
    goal, due = target.goal, target.due
    now = items[-1]
    title = f"{now.year}年人才资源总量{now.value:.0f}万人，比{due}年目标少{goal - now.value:.0f}万人"
    if now.value >= goal:
        title = f"{now.year}年人才资源总量{now.value:.0f}万人，达到{due}年目标"
    return Figure(
        id="fig-talent",
        title=title,
        subtitle="人才资源总量，万人；人才工作部门统计，各年范围不尽一致",
        alt=f"条形图。{'，'.join(f'{o.year}年{o.value:.0f}万人' for o in items)}；规划{due}年目标{goal:.0f}万人。",
        frame=rows,
        draw=lambda layout: bar_chart(
            rows, layout, category="年份", value="人才资源总量（万人）", unit="万人", decimals=0, colour=COLOURS["actual"],
            level=Level(goal, f"规划{due}年目标 {goal:.0f}"), sort=False,
        ),
        unit="万人",
        basis="none",
        region_id=report.region_id,
        years=tuple(o.year for o in items),
        source_ids=(*sources_of(*items), report.plan_source),
        notes=("其他年份未公布；2017年为10月底数。",) if any(o.year == 2017 for o in items) else ("其他年份未公布。",),
        indicator_ids=("talent_total",),
    )  # fmt: skip


def _table_labour(report: Report) -> Table:
    ledger = report.ledger
    targets = ledger.plan.targets.set_index("indicator_id")["target_printed"].to_dict()
    rows, used = [], []
    for name in LABOUR:
        indicator = ledger.indicators[name]
        latest = ledger.latest(name)
        if latest is None:
            continue
        used.append(latest)
        unit = indicator.unit
        rows.append(
            {
                "name": indicator.name_zh,
                "unit": unit,
                "value": f"{latest.value:.{indicator.decimals}f}",
                "year": str(latest.year),
                "target": str(targets.get(name, "—")),
                "since": "未公布" if latest.year < report.edition else "—",
            }
        )
    columns = [
        Column("name", "指标"),
        Column("unit", "单位"),
        Column("value", "最新公布值", decimals=1, emphasis=True),
        Column("year", "年份"),
        Column("target", f"规划{report.plan.target_year}年目标", decimals=1),
    ]
    if any(row["since"] == "未公布" for row in rows):
        columns.append(Column("since", f"{report.edition}年"))
    base = report.plan.base_year
    silent = sum(item.year <= base for item in used) if report.edition > base else 0
    title = f"{len(rows)}项人才和劳动力指标中，{silent}项在{base}年以后没有公布数" if silent else f"{len(rows)}项人才和劳动力指标的最新公布值"
    return Table(
        id="tbl-labour",
        title=title,
        frame=pd.DataFrame(rows),
        columns=tuple(columns),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=tuple(sorted({item.year for item in used})),
        source_ids=sources_of(*used),
        notes=("规划未为“—”的指标设目标值。每万名就业人口拥有人才资源数存疑，见本节“存疑”。",),
        indicator_ids=tuple(item.indicator.indicator_id for item in used),
    )
