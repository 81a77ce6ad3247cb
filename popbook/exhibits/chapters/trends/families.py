"""The three families of models, each in two sentences with a figure of its own: trends, panel regression, cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from popbook.exhibits.chapters.trends.evidence import (
    BOUNDS,
    NAIVE,
    age_sources,
    drawn_actuals,
    forecast_sources,
    forecasts_of,
    late_inputs_note,
    number,
    whole,
)
from popbook.exhibits.charts import fan_chart, line_chart, small_multiples
from popbook.exhibits.model import Block, Figure, Layout
from popbook.exhibits.theme import COLOURS
from popbook.forecasting.trajectories import compare_intervals
from popbook.monitoring.rounding import rounded_text

if TYPE_CHECKING:
    import altair

    from popbook.exhibits.report import Report

OTHER_FAMILIES = ("factor", "cohort")
PATHS = {"low": "低路径", "medium": "中路径", "high": "高路径"}
"""Declared paths of relative GDP growth (`data/panel/factor_paths.csv`)."""

UNIT = "人口（万人）"


def families(report: Report) -> tuple[Block, ...]:
    """Return words and figure of every family of models that the edition has.

    Parameters
    ----------
    report
        The edition.
    """
    blocks: list[Block] = [
        "**趋势模型**只用本市自己的数列，取对数后外推。各种外推的分别在于过去的增速保留多少：阻尼霍尔特逐年减弱，Theta法保留长期趋势的一半，全省份额另看本市占全省的比重。",
        _figure_trends(report),
    ]
    if forecasts_of(report).regression is None:
        blocks.append("**城市面板回归**借用同类城市的经验，用增速惯性和相对经济增长解释增速。本版没有可用的同口径城市序列，未列入。")
    else:
        blocks += [
            "**城市面板回归**借用同类城市的经验，用上年增速和上年生产总值相对增速解释本年增速。未来的因子按写明的低、中、高三条路径取值，成员用中路径；未来的年份效应未知。",
            _figure_factor(report),
        ]
    blocks += [
        "**队列要素推算**从分年龄、性别人口出发，逐年推算出生、死亡和净迁移，使总量与年龄结构相符。误差主要来自净迁移：轨迹让净迁移、生育、死亡和年龄一起变动。",
        _figure_cohort(report),
    ]
    return tuple(blocks)


def _first_year(report: Report) -> int:
    return 2014 if report.edition > 2020 else 2010


def _break_note(report: Report) -> tuple[str, ...]:
    return ("2019年与2020年之间基数不同，不连线。",) if report.edition == 2020 else ()


def _figure_trends(report: Report) -> Figure:
    forecast = forecasts_of(report).resident
    members = forecast.members[~forecast.members["member"].isin(OTHER_FAMILIES)]
    actual, _ = drawn_actuals(report, "resident", _first_year(report))
    naive = forecast.benchmarks[forecast.benchmarks["member"] == "drift"]
    start = pd.DataFrame({"年份": [forecast.origin_year], UNIT: [forecast.origin_value]})
    parts = []
    names = list(dict.fromkeys(members["name_zh"]))
    for name in names:
        rows = members[members["name_zh"] == name]
        parts.append(actual[["年份", UNIT, "分段"]].assign(模型=name, 系列="实际"))
        for series, table in ((NAIVE["drift"], naive), ("本模型", rows)):
            part = pd.concat([start, pd.DataFrame({"年份": table["year"], UNIT: table["value"]})], ignore_index=True)
            parts.append(part.assign(分段="0", 模型=name, 系列=series))
    rows = pd.concat(parts, ignore_index=True)[["模型", "系列", "年份", UNIT, "分段"]]
    ends = members[members["year"] == report.last_year].sort_values("value")
    low, high = ends.iloc[0], ends.iloc[-1]
    title = f"{report.last_year}年：{low['name_zh']}{low['value']:.0f}万人最低，{high['name_zh']}{high['value']:.0f}万人最高"

    def draw(layout: Layout) -> altair.LayerChart:
        return small_multiples(
            rows, layout, panel="模型", y=UNIT, series="系列", segment="分段", decimals=0, unit="万人",
            colours={"实际": COLOURS["actual"], NAIVE["drift"]: COLOURS["plan"], "本模型": COLOURS["forecast"]},
        )  # fmt: skip

    return Figure(
        id="fig-members",
        title=title,
        subtitle="年末常住人口，万人；每格一个趋势模型，与实际和朴素基准并列",
        alt=f"分格折线图，{len(names)}个趋势模型。{report.last_year}年：" + "，".join(f"{r['name_zh']}{r['value']:.0f}" for r in ends.to_dict("records"))
        + f"万人；{NAIVE['drift']}{float(naive['value'].iloc[-1]):.0f}万人。{title}。",
        frame=rows.drop(columns="分段").round(2),
        draw=draw,
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in rows["年份"]})),
        source_ids=forecast_sources(report, "resident"),
        notes=("单个模型的点预测，不带区间；组合的区间见常住人口一节。", *_break_note(report)),
        indicator_ids=("resident_population",),
    )


def _figure_factor(report: Report) -> Figure:
    forecasts = forecasts_of(report)
    forecast, regression = forecasts.resident, forecasts.regression
    assert regression is not None
    actual, breaks = drawn_actuals(report, "resident", _first_year(report))
    parts = [actual.assign(系列="实际")]
    ends = {}
    years = forecast.origin_year + np.arange(len(regression.path_growth) + 1)
    for name, label in PATHS.items():
        levels = forecast.origin_value * np.exp(np.append(0.0, regression.path_growth[name].cumsum()))
        parts.append(pd.DataFrame({"年份": years, UNIT: levels, "分段": name, "系列": label}))
        ends[label] = float(levels[-1])
    rows = pd.concat(parts, ignore_index=True)
    title = f"{report.last_year}年：生产总值相对增速取低、高路径，相差{max(ends.values()) - min(ends.values()):.0f}万人"
    return Figure(
        id="fig-factor-paths",
        title=title,
        subtitle="年末常住人口，万人；实际与面板回归在三条因子路径下的推算",
        alt="折线图。" + "，".join(f"{label}{report.last_year}年{value:.0f}万人" for label, value in ends.items()) + f"。{title}。",
        frame=rows[["年份", "系列", UNIT]].round(2),
        draw=lambda layout: line_chart(
            rows, layout, y=UNIT, series="系列", segment="分段", decimals=0, breaks=breaks,
            colours={"实际": COLOURS["actual"], **{label: COLOURS[name] for name, label in PATHS.items()}},
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in rows["年份"]})),
        source_ids=forecast_sources(report, "resident"),
        notes=(_path_words(report),),
        indicator_ids=("resident_population",),
    )  # fmt: skip


def _path_words(report: Report) -> str:
    """Name the declared paths of the factor as the data folder has them."""
    table = report.ledger.table("panel_factor_paths", as_published=False).set_index("scenario")
    parts = [f"{label}{rounded_text(number(table.at[name, 'value']), 1, signed=True)}" for name, label in PATHS.items()]
    years = whole(table["years_to_reach"].max())
    return f"路径是写明的假定：生产总值增速减各城市平均，{'、'.join(parts)}个百分点，{years}年内到达；不是区间，也不是规划的方案。"


def _figure_cohort(report: Report) -> Figure:
    forecast = forecasts_of(report).resident
    table = compare_intervals(report.ledger)
    table = table[table["source"] == "cohort"].rename(columns={"median": "point"})
    start = {"year": forecast.origin_year, **dict.fromkeys(BOUNDS, forecast.origin_value)}
    names = {
        "year": "年份", "point": "预测中位数", "lo80": "下限80", "hi80": "上限80", "lo95": "下限95", "hi95": "上限95",
    }  # fmt: skip
    fan = pd.concat([pd.DataFrame([start]), table[list(start)]], ignore_index=True)[list(names)].rename(columns=names)
    actual, breaks = drawn_actuals(report, "resident", _first_year(report))
    last = fan.iloc[-1]
    title = f"队列要素轨迹：{report.last_year}年中位数{last['预测中位数']:.0f}万人，80%区间{last['下限80']:.0f}—{last['上限80']:.0f}万人"
    parts = [actual.assign(系列="实际").rename(columns={UNIT: "数值（万人）"})[["年份", "系列", "数值（万人）"]]]
    for column in list(fan.columns)[1:]:
        parts.append(pd.DataFrame({"年份": fan["年份"].iloc[1:], "系列": column, "数值（万人）": fan[column].iloc[1:].round(2)}))
    data = pd.concat(parts, ignore_index=True)
    return Figure(
        id="fig-cohort-trajectories",
        title=title,
        subtitle="年末常住人口，万人；实际、1000条队列要素轨迹的中位数及80%和95%区间",
        alt=f"扇形图。实际数到{forecast.origin_year}年{forecast.origin_value:.1f}万人；{report.last_year}年95%区间{last['下限95']:.0f}—{last['上限95']:.0f}万人。{title}。",
        frame=data,
        draw=lambda layout: fan_chart(actual, fan, layout, y=UNIT, segment="分段", unit="万人", decimals=0, breaks=breaks),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in data["年份"]})),
        source_ids=tuple(dict.fromkeys((*forecast_sources(report, "resident"), *age_sources(report)))),
        notes=("单个模型的轨迹，不是本报告采用的区间；三种区间的比较见常住人口一节。", *_break_note(report), *late_inputs_note(report)),
        indicator_ids=("resident_population",),
    )
