"""Ages to 2035: broad shares with intervals, the pyramid, and the people whom schools and care serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.trends.evidence import (
    Outlook,
    age_outlook,
    age_sources,
    ages_of,
    concept_outlook,
    horizons,
    late_inputs_note,
    near_age_year,
    number,
    peak_year,
)
from popbook.exhibits.charts import fan_chart, pyramid_chart, small_multiples
from popbook.exhibits.model import Block, Column, Fact, Figure, Layout, Note, Section, Table
from popbook.exhibits.phrases import change_word, list_phrase
from popbook.exhibits.theme import COLOURS

if TYPE_CHECKING:
    import altair

    from popbook.exhibits.report import Report

SERVICE_AGES = ("0_2", "3_5", "6_14", "15_17", "60plus", "80plus")
SERVICE_USES = {
    "0_2": "托育", "3_5": "学前教育", "6_14": "义务教育", "15_17": "高中阶段", "60plus": "养老", "80plus": "照护",
}  # fmt: skip
SHARES = ("0_14", "15_59", "60plus", "65plus")
NAMES = {
    "0_2": "0—2岁", "3_5": "3—5岁", "6_14": "6—14岁", "15_17": "15—17岁", "0_14": "0—14岁", "15_59": "15—59岁",
    "60plus": "60岁及以上", "65plus": "65岁及以上", "80plus": "80岁及以上",
}  # fmt: skip
OLD_TARGET, WORK_TARGET = 9, 8
NOT_MEASURED = "年龄结构只有一个城市、数年可比，区间的覆盖率不能实测"


@or_gap("trends-ages", "年龄结构预测", Needs(targets=("resident_share_60plus", "resident_share_15_59")))
def ages(report: Report) -> Section:
    """Return the section on broad ages and dependency.

    Parameters
    ----------
    report
        The edition.
    """
    ahead = near_age_year(report)
    near, far = age_outlook(report, "share_60plus", ahead), age_outlook(report, "share_60plus", report.last_year)
    work = age_outlook(report, "share_15_59", ahead)
    heading = f"60岁及以上比重预计{report.last_year}年{far.point}，80%区间{far.span()}"
    lead = f"{ahead}年60岁及以上比重预计{near.words()}，{_rail(report, near, OLD_TARGET, 'lt')}。"
    work_far = age_outlook(report, "share_15_59", report.last_year)
    text = (
        f"15—59岁比重{ahead}年预计{work.words()}，{_rail(report, work, WORK_TARGET, 'gt')}；{report.last_year}年预计{work_far.words()}。"
    )
    ratio, other = (age_outlook(report, f"dependency_{name}", report.last_year) for name in ("15_64", "15_59"))
    text += (
        f"总抚养比按15—64岁口径{report.last_year}年预计{ratio.words()}，按15—59岁口径预计{other.words()}，两种口径不能混用。"
    )
    blocks: list[Block] = [
        _fan(report, "60plus", far), _fan(report, "15_59", work_far), text, _table(report), f"{NOT_MEASURED}。{_hindcast_words(report)}",
    ]
    if not ages_of(report).hindcast.empty:
        blocks.append(_table_hindcast(report))
    blocks.append(_method_note(report))
    policy = _age_policy(report, near, far)
    return Section("trends-ages", heading, lead, tuple(blocks), policy)


def _target(report: Report, target: int) -> tuple[float, Fact]:
    row = report.ledger.plan.targets.set_index("number").loc[target]
    value = number(row["target_value"])
    name = "60岁及以上比重" if target == OLD_TARGET else "15—59岁比重"
    fact = report.fact(
        f"fact-target-{target}-{report.plan.target_year}", f"规划{report.plan.target_year}年{name}目标", value, "%", 0, year=report.plan.target_year, basis="resident",
        source_ids=(report.plan_source,),
    )  # fmt: skip
    return value, fact


def _rail(report: Report, outlook: Outlook, target: int, side: str) -> str:
    """Say where an outlook stands against a guard rail of the plan; words follow from the interval."""
    value, fact = _target(report, target)
    word = "低于" if side == "lt" else "高于"
    low, high = outlook.lo80.value or 0, outlook.hi80.value or 0
    kept, broken = (high < value, low >= value) if side == "lt" else (low > value, high <= value)
    if kept:
        return f"80%区间全部{word}规划目标界限{fact}"
    if broken:
        return f"80%区间全部越过规划目标界限（{word}{fact}）"
    return f"规划目标界限（{word}{fact}）在80%区间之内，能否守住尚不确定"


def _age_policy(report: Report, near: Outlook, far: Outlook) -> str:
    ages = ages_of(report)
    now = float(ages.measure("count_60plus")["point"].iloc[0])
    later = age_outlook(report, "count_60plus", report.last_year)
    rise = (later.point.value or 0) - now
    value, _ = _target(report, OLD_TARGET)
    text = f"60岁及以上人口到{report.last_year}年预计{later.words()}，比{ages.origin_year}年{change_word(rise, 'level', 0.05)}，"
    text += "届时的老年人现已在世。"
    if _relative_width(later) < _relative_width(concept_outlook(report, "resident", report.last_year)):
        text += "这一区间相对于中位数比总量的区间窄，养老设施可以先按区间下限安排。"
    if (near.lo80.value or 0) >= value:
        text += f"{report.plan.target_year}年低于{value:.0f}%的目标按现有预测难以守住，考核宜转向服务供给。" if near.year == report.plan.target_year else ""
    return text


def _relative_width(outlook: Outlook) -> float:
    """Width of the 80 % interval as a share of its centre."""
    return ((outlook.hi80.value or 0) - (outlook.lo80.value or 0)) / (outlook.point.value or 1)


def _actual_shares(report: Report, group: str) -> pd.DataFrame:
    """Census and later surveys on its base; the census stands apart because its day differs."""
    ledger = report.ledger
    rows = []
    for year in (2010, report.census_year):
        found = ledger.observation(f"census_share_{group}", year)
        if found is not None and found.confidence != "C":
            rows.append((year, found.value, f"census{year}"))
    for item in ledger.series(f"resident_share_{group}").observations():
        if item.year > report.census_year and item.confidence != "C":
            rows.append((item.year, item.value, "survey"))
    return pd.DataFrame(rows, columns=["年份", "比重（%）", "分段"])


def _fan(report: Report, group: str, far: Outlook) -> Figure:
    measure = ages_of(report).measure(f"share_{group}")
    names = {"year": "年份", "point": "预测中位数", "lo80": "下限80", "hi80": "上限80", "lo95": "下限95", "hi95": "上限95"}
    fan = measure[list(names)].rename(columns=names)
    actual = _actual_shares(report, group)
    name = NAMES[group]
    title = f"预计{report.last_year}年{name}占{far.point.value:.1f}%，80%区间{far.lo80.value:.1f}%—{far.hi80.value:.1f}%"
    parts = [actual.assign(系列="实际").rename(columns={"比重（%）": "数值（%）"})[["年份", "系列", "数值（%）"]]]
    for column in list(fan.columns)[1:]:
        parts.append(pd.DataFrame({"年份": fan["年份"].iloc[1:], "系列": column, "数值（%）": fan[column].iloc[1:].round(3)}))
    data = pd.concat(parts, ignore_index=True)
    shown = actual[actual["年份"] >= (2010 if report.edition == report.census_year else report.census_year)]
    return Figure(
        id="fig-forecast-ages" if group == "60plus" else "fig-forecast-working-ages",
        title=title,
        subtitle=f"{name}人口占常住人口的比重，%；实际、推算及80%和95%区间",
        alt="扇形图。实际：" + "，".join(f"{int(r['年份'])}年{r['比重（%）']:.1f}%" for r in actual.to_dict("records")) + f"。{title}。",
        frame=data,
        draw=lambda layout: fan_chart(shown, fan, layout, y="比重（%）", segment="分段", unit="%", decimals=1),
        unit="%",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in data["年份"]})),
        source_ids=age_sources(report),
        notes=(
            "2010年、2020年为普查11月1日零时，两次普查之间不连线。"
            if report.edition == report.census_year
            else "2020年为普查11月1日零时，其余为年末抽样调查，两者不连线。",
            f"{NOT_MEASURED}。", *late_inputs_note(report),
        ),
        indicator_ids=(f"census_share_{group}", f"resident_share_{group}"),
    )  # fmt: skip


def _table(report: Report) -> Table:
    return _measure_table(
        report, "tbl-forecast-ages", "年龄结构和抚养比推算，80%和95%区间",
        [*[f"share_{name}" for name in SHARES], "dependency_15_64", "dependency_15_59"], "%",
    )  # fmt: skip


def _measure_table(report: Report, id: str, title: str, measures: list[str], unit: str) -> Table:
    ages = ages_of(report)
    rows: list[dict[str, Any]] = []
    for measure in measures:
        table = ages.measure(measure).set_index("year")
        for year in horizons(report, ages.origin_year):
            row = table.loc[year]
            start = table["point"].get(ages.origin_year)
            rows.append(
                {
                    "name": _row_name(measure, str(row["name_zh"])), "year": f"{year}年",
                    "start": None if pd.isna(start) else float(start),
                    **{key: number(row[key]) for key in ("point", "lo80", "hi80", "lo95", "hi95")},
                }
            )  # fmt: skip
    return Table(
        id=id,
        title=title,
        frame=pd.DataFrame(rows),
        columns=(
            Column("year", "年份"),
            Column("start", f"{ages.origin_year}年（起点）", unit, 1),
            Column("point", "中位数", unit, 1, emphasis=True, group="推算"),
            Column("lo80", "80%下限", unit, 1, group="推算"), Column("hi80", "80%上限", unit, 1, group="推算"),
            Column("lo95", "95%下限", unit, 1, group="推算"), Column("hi95", "95%上限", unit, 1, group="推算"),
        ),
        unit=unit,
        basis="resident",
        region_id=report.region_id,
        years=horizons(report, ages.origin_year),
        source_ids=age_sources(report),
        notes=(f"起点的分年龄人口由普查推到{ages.origin_year}年并与公布的年龄组衔接。" if ages.origin_year > report.census_year else _base_note(report),
               f"分位数分别取自各组，不相加。{NOT_MEASURED}。"),
        group_by="name",
    )  # fmt: skip


def _row_name(measure: str, name: str) -> str:
    group = measure.removeprefix("count_")
    return f"{name}（{SERVICE_USES[group]}）" if measure.startswith("count_") and group in SERVICE_USES else name


def _base_note(report: Report) -> str:
    return f"起点：{ages_of(report).notes[0]}。"


def _hindcast_words(report: Report) -> str:
    """Say how far the model, run from the census alone, is off the bulletins in the last year."""
    table = ages_of(report).hindcast
    if table.empty:
        return "2020年分年龄、性别的普查表在本版截止日以前没有公布，起点由2010年分年龄人口推到2020年，再与普查公报的大年龄组衔接；模型没有可比的后续公布数。" if (
            report.edition < 2022
        ) else ""
    last = int(table["year"].max())
    rows = table[table["year"] == last].set_index("measure")
    parts = []
    for group in ("60plus", "15_59"):
        row = rows.loc[group]
        modelled = report.fact(
            f"fact-hindcast-{group.replace('_', '-')}-{last}", f"只从2020年普查推算的{last}年{NAMES[group]}比重",
            round(number(row["modelled"]), 10), "%", 1, year=last, basis="resident", source_ids=age_sources(report),
            derivation="不使用2021年以后公报的年龄构成",
        )  # fmt: skip
        published = report.fact_of((f"resident_share_{group}", last))
        gap = round(number(row["modelled"]), 1) - round(number(row["published"]), 1)
        word = {"up": "偏高", "down": "偏低", "flat": "相符"}["up" if gap > 0.05 else "down" if gap < -0.05 else "flat"]
        parts.append(f"{NAMES[group]}推得{modelled}，公布{published}，{word}")
    return f"作为核对，只从2020年普查推到{last}年、不用公报的年龄构成：{'；'.join(parts)}。正式推算已按公报衔接。"


def _table_hindcast(report: Report) -> Table:
    table = ages_of(report).hindcast
    rows = table.assign(
        name=table["measure"].map(NAMES), when=table["year"].astype(str) + "年", gap=table["modelled"] - table["published"]
    )
    return Table(
        id="tbl-age-hindcast",
        title="核对：只从2020年普查推算的年龄构成与公报",
        frame=rows[["when", "name", "modelled", "published", "gap"]].reset_index(drop=True),
        columns=(
            Column("name", "年龄组"), Column("modelled", "推算", "%", 1), Column("published", "公布", "%", 1, emphasis=True),
            Column("gap", "推算减公布", "个百分点", 1, signed=True),
        ),
        unit="%",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in table["year"]})),
        source_ids=age_sources(report),
        group_by="when",
    )  # fmt: skip


def _method_note(report: Report) -> Note:
    items = "\n".join(f"- {text}。" for text in ages_of(report).notes)
    return Note("方法：年龄结构怎样推算", f"{items}\n\n公式见[年龄结构的预测](#methods-forecast-ages)。")


@or_gap("trends-pyramid", "人口金字塔预测")
def pyramid(report: Report) -> Section:
    """Return the section on the pyramid now, in 2030 and 2035, and on the people whom services are built for.

    Parameters
    ----------
    report
        The edition.
    """
    ages = ages_of(report)
    falling, rising = _service_directions(report)
    old = age_outlook(report, "count_80plus", report.last_year)
    heading = f"80岁及以上{report.last_year}年预计{old.point}，80%区间{old.span()}"
    school = age_outlook(report, "count_6_14", report.last_year)
    peak = ages.measure("count_6_14")
    top_year = peak_year(peak)
    lead = "服务人口的方向并不一致。"
    if rising:
        lead += f"与{ages.origin_year}年相比，{report.last_year}年{list_phrase([NAMES[g] for g in rising])}中位数增加"
        lead += f"，{list_phrase([NAMES[g] for g in falling])}减少。" if falling else "。"
    elif falling:
        lead = f"与{ages.origin_year}年相比，{report.last_year}年各服务年龄组中位数都减少。"
    if rising and not falling:
        lead = f"与{ages.origin_year}年相比，{report.last_year}年各服务年龄组中位数都增加。"
    youngest = age_outlook(report, "count_0_2", report.last_year)
    text = f"6—14岁人口{report.last_year}年预计{school.words()}"
    if ages.origin_year < top_year < report.last_year:
        top = age_outlook(report, "count_6_14", top_year)
        text += f"。中位数在{top_year}年最高，为{top.words()}，此后减少。"
    else:
        text += "。"
    text += f"0—2岁人口取决于尚未发生的生育，{report.last_year}年预计{youngest.words()}，相对区间最宽。" if _is_widest(report, "0_2") else (
        f"0—2岁人口取决于尚未发生的生育，{report.last_year}年预计{youngest.words()}。"
    )
    blocks: tuple[Block, ...] = (
        _figure_pyramid(report, 2030), _figure_pyramid(report, 2035), text, _figure_services(report), _table_services(report),
        _pyramid_note(report),
    )  # fmt: skip
    return Section("trends-pyramid", heading, lead, blocks, _service_policy(report, top_year, old))


def _service_policy(report: Report, top_year: int, old: Outlook) -> str:
    upper = ages_of(report).measure("count_15_17")
    upper_peak = peak_year(upper)
    if top_year < upper_peak:
        text = f"6—14岁人口中位数在{top_year}年最高，15—17岁在{upper_peak}年最高，学位宜按学段错峰安排，校舍留出改用的可能。"
    elif top_year >= report.last_year:
        text = "学位需求在推算期内仍在增加，宜按区间下限先建、按公布数追加。"
    else:
        text = f"6—14岁人口中位数在{top_year}年最高，新建学校宜留出改用的可能。"
    widest = max(_relative_width(age_outlook(report, f"count_{group}", report.last_year)) for group in SERVICE_AGES)
    if _relative_width(old) < widest / 2:
        text += "80岁及以上人口的相对区间不到最宽一组的一半，照护床位和人员可以提前安排。"
    return text


def _service_directions(report: Report) -> tuple[list[str], list[str]]:
    """Groups that fall and that rise between the jump-off and the last year."""
    ages = ages_of(report)
    change = {
        group: float(table["point"].iloc[-1] - table["point"].iloc[0])
        for group, table in ((g, ages.measure(f"count_{g}")) for g in SERVICE_AGES)
    }
    return [g for g in SERVICE_AGES if change[g] < 0], [g for g in SERVICE_AGES if change[g] >= 0]


def _is_widest(report: Report, group: str) -> bool:
    def width(name: str) -> float:
        last = ages_of(report).measure(f"count_{name}").iloc[-1]
        return float((last["hi80"] - last["lo80"]) / last["point"])

    return width(group) == max(width(name) for name in SERVICE_AGES)


def _pyramid_rows(report: Report) -> pd.DataFrame:
    table = ages_of(report).pyramids
    top = int(table["age"].max())
    return pd.DataFrame(
        {
            "年份": table["year"].astype(int),
            "年龄": [f"{age}岁及以上" if age == top else f"{age}—{age + 4}岁" for age in table["age"]],
            "性别": table["sex"].map({"male": "男", "female": "女"}),
            "人口（万人）": table["population"] / 10000,
        }
    )


def _figure_pyramid(report: Report, year: int) -> Figure:
    ages = ages_of(report)
    rows = _pyramid_rows(report)
    table = ages.pyramids
    origin = ages.origin_year

    def old(which: int) -> float:
        part = table[table["year"] == which]
        return float(100 * part[part["age"] >= 60]["population"].sum() / part["population"].sum())

    rise = old(year) - old(origin)
    title = f"推算{year}年60岁及以上占{old(year):.1f}%，比{origin}年{change_word(rise, 'rate', 0.05)}{abs(rise):.1f}个百分点"
    return Figure(
        id=f"fig-pyramid-{year}",
        title=title,
        subtitle=f"常住人口分年龄、性别，万人；实心为{year}年推算，轮廓为{origin}年",
        alt=f"人口金字塔，男性在左，女性在右。{title}。",
        frame=rows[rows["年份"].isin((origin, year))].reset_index(drop=True).round(4),
        draw=lambda layout: pyramid_chart(
            rows[rows["年份"].isin((origin, year))], layout, value="人口（万人）", latest=year, earlier=origin, unit="万人", decimals=1,
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=(origin, year),
        source_ids=age_sources(report),
        notes=("各五岁组是中心推算，不带区间；大年龄组的区间见前一节的表。", *late_inputs_note(report)),
    )  # fmt: skip


def _figure_services(report: Report) -> Figure:
    ages = ages_of(report)
    parts = []
    for group in SERVICE_AGES:
        table = ages.measure(f"count_{group}")
        for column, name in (("hi80", "80%区间上限"), ("point", "中位数"), ("lo80", "80%区间下限")):
            parts.append(
                pd.DataFrame(
                    {
                        "年龄组": f"{NAMES[group]}（{SERVICE_USES[group]}）", "系列": name, "年份": table["year"].astype(int),
                        "人口（万人）": table[column],
                    }
                )
            )  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    falling, rising = _service_directions(report)
    first, last = ages.measure("count_80plus").iloc[0], ages.measure("count_80plus").iloc[-1]
    title = f"80岁及以上由{ages.origin_year}年{first['point']:.1f}万人到{report.last_year}年{last['point']:.1f}万人"
    if falling:
        title += f"；{list_phrase([NAMES[g] for g in falling])}减少"
    colours = {"中位数": COLOURS["forecast"], "80%区间上限": COLOURS["plan"], "80%区间下限": COLOURS["plan"]}

    def draw(layout: Layout) -> altair.LayerChart:
        return small_multiples(
            rows, layout, panel="年龄组", y="人口（万人）", series="系列", colours=colours, decimals=1, unit="万人", shared=False,
        )  # fmt: skip

    return Figure(
        id="fig-service-ages-forecast",
        title=title,
        subtitle=f"各服务年龄组常住人口，万人；{ages.origin_year}—{report.last_year}年，中位数和80%区间上下限；各格刻度不同",
        alt="分格折线图。" + "；".join(
            f"{NAMES[g]}{ages.origin_year}年{ages.measure(f'count_{g}')['point'].iloc[0]:.1f}万人，{report.last_year}年"
            f"{ages.measure(f'count_{g}')['point'].iloc[-1]:.1f}万人" for g in SERVICE_AGES
        ) + "。",
        frame=rows.round(3),
        draw=draw,
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in rows["年份"]})),
        source_ids=age_sources(report),
        notes=("起点年的单岁人口由模型分解，不是公布数。", f"{NOT_MEASURED}。", *late_inputs_note(report)),
    )  # fmt: skip


def _table_services(report: Report) -> Table:
    return _measure_table(
        report, "tbl-service-ages-forecast", "服务年龄组人口推算，80%和95%区间", [f"count_{group}" for group in SERVICE_AGES], "万人"
    )


def _pyramid_note(report: Report) -> Note:
    return Note(
        "读法：推算与预测",
        "金字塔是队列要素推算的中心值，回答“假定成立时各年龄会怎样”；表中的区间来自1000条轨迹，总量、生育、死亡、起点年龄和迁移年龄同时变动。"
        "常住人口的学龄人数不等于学位需求：跨区、跨户籍就读的规定会改变两者的关系。",
    )
