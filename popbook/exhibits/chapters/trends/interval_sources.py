"""Three intervals of residents side by side: measured errors, the cohort model's draws, the mixture; and what each held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.trends.evidence import (
    age_sources,
    count_fact,
    forecast_sources,
    forecasts_of,
    horizons,
    late_inputs_note,
    number,
    whole,
)
from popbook.exhibits.charts import interval_chart
from popbook.exhibits.model import Block, Column, Figure, Table
from popbook.forecasting.backtest import score_intervals
from popbook.forecasting.combine import combination_errors, select_members
from popbook.forecasting.intervals import shelf_life
from popbook.forecasting.province import panel_errors
from popbook.forecasting.trajectories import (
    SERIES,
    SOURCE_NAMES_ZH,
    compare_intervals,
    panel_mixture_coverage,
)

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

SHOWN = (1, 3, 5)
MARGIN = 0.05
"""Share within which a forecast is called usable for sizing services."""


def interval_blocks(report: Report) -> tuple[Block, ...]:
    """Return figure, words and table of the three intervals.

    Parameters
    ----------
    report
        The edition.
    """
    return (_figure(report), _words(report) + _shelf_words(report), _table(report))


def measured_coverage(report: Report) -> dict[str, pd.DataFrame]:
    """Return the coverage in the peer cities by source: index h, columns n, covered80, covered95; empty frames if none.

    The cohort model is not run for the peer cities: their ages are not in the data folder.
    """
    resident = forecasts_of(report).resident
    mixture = panel_mixture_coverage(report.ledger, len(resident.path))
    found = {"combination": resident.errors.coverage, "mixture": mixture}
    return {name: table.set_index("h") for name, table in found.items()}


def _words(report: Report) -> str:
    text = (
        "区间有三种做法。一是组合预测在同类城市实际犯过的误差，本报告采用；二是队列要素模型随机抽取生育、死亡和净迁移；"
        "三是把各模型的轨迹等量混合，模型之间的分歧也算在内。"
    )
    measured = measured_coverage(report)
    parts = []
    for source, name in (("combination", "第一种"), ("mixture", "第三种")):
        table = measured[source]
        if table.empty:
            continue
        h = min(table.index)
        fact = report.fact(
            f"fact-interval-coverage-{source}-h{h}-{report.edition}", f"同类城市{h}年期80%区间的实测覆盖率：{SOURCE_NAMES_ZH[source]}",
            round(100 * number(table.at[h, "covered80"]), 10), "%", 0, year=report.edition, basis="resident",
            source_ids=forecast_sources(report, "resident"), derivation=f"逐一留出城市，{whole(table.at[h, 'n'])}次",
        )  # fmt: skip
        parts.append(f"{name}{fact}")
    text += f"80%区间在同类城市{min(SHOWN)}年期的实测覆盖：{'，'.join(parts)}；第二种没有各城市的年龄数据，不能在同类城市实测。" if parts else (
        "本版没有可用的同口径城市序列，三种都不能在同类城市实测。"
    )
    scored = score_intervals(report.ledger)
    if scored.empty:
        return text
    n = count_fact(
        report, f"fact-interval-scored-{report.edition}", "三种区间在以前各版的检验次数", len(scored[scored["source"] == "combination"]),
        "次", report.edition,
    )  # fmt: skip
    hits = []
    for source, name in (("combination", "第一种"), ("cohort", "第二种"), ("mixture", "第三种")):
        inside = count_fact(
            report, f"fact-interval-hits-{source}-{report.edition}", f"以前各版80%区间在内的次数：{SOURCE_NAMES_ZH[source]}",
            int(scored[scored["source"] == source]["inside80"].sum()), "次", report.edition,
        )  # fmt: skip
        hits.append(f"{name}{inside}")
    return text + f"以前各版对本市的{n}检验，80%区间在内的：{'，'.join(hits)}。"


def _shelf_words(report: Report) -> str:
    """Say up to which horizon four forecasts in five were within the margin, in the peer cities."""
    errors = panel_errors(report.ledger, SERIES, len(forecasts_of(report).resident.path))
    if errors.empty:
        return ""
    years = shelf_life(combination_errors(errors, select_members(errors)), MARGIN)
    if not years:
        return ""
    fact = count_fact(
        report, f"fact-shelf-life-{report.edition}", f"同类城市中80%的预测误差在{100 * MARGIN:.0f}%以内的最长年期", years, "年", report.edition,
        "各城市各起点误差的比例",
    )  # fmt: skip
    return f"在同类城市，{fact}以内的预测有八成误差不超过{100 * MARGIN:.0f}%，超过这一年期应当重做。"


def _figure(report: Report) -> Figure:
    table = compare_intervals(report.ledger)
    rows = table[table["year"] == report.last_year]
    frame = pd.DataFrame(
        {
            "区间": rows["name_zh"].to_list(), "中位数": rows["median"].to_list(), "下限80": rows["lo80"].to_list(),
            "上限80": rows["hi80"].to_list(), "下限95": rows["lo95"].to_list(), "上限95": rows["hi95"].to_list(),
        }
    ).round(2)  # fmt: skip
    low, high = rows["lo80"], rows["hi80"]
    title = f"{report.last_year}年80%区间：下限{low.min():.0f}—{low.max():.0f}万人，上限{high.min():.0f}—{high.max():.0f}万人"
    spans = "；".join(f"{r['区间']}{r['下限80']:.0f}—{r['上限80']:.0f}万人" for r in frame.to_dict("records"))
    return Figure(
        id="fig-interval-sources",
        title=title,
        subtitle=f"{report.last_year}年末常住人口，万人；点为中位数，深色为80%区间，浅色为95%区间",
        alt=f"区间图，80%区间：{spans}。{title}。",
        frame=frame,
        draw=lambda layout: interval_chart(
            frame, layout, category="区间", point="中位数", intervals=[("下限95", "上限95"), ("下限80", "上限80")], decimals=0
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=(report.last_year,),
        source_ids=tuple(dict.fromkeys((*forecast_sources(report, "resident"), *age_sources(report)))),
        notes=("三种区间的中位数不同：第二种只用队列要素模型。", *late_inputs_note(report)),
        indicator_ids=("resident_population",),
    )


def _table(report: Report) -> Table:
    table = compare_intervals(report.ledger).set_index(["source", "year"])
    measured = measured_coverage(report)
    scored = score_intervals(report.ledger)
    shown = horizons(report, forecasts_of(report).resident.origin_year)
    rows = []
    for source, name in SOURCE_NAMES_ZH.items():
        row: dict[str, object] = {"name": name}
        for year in shown:
            for bound in ("lo80", "hi80"):
                row[f"{bound}-{year}"] = number(table.at[(source, year), bound])
        own = measured.get(source, pd.DataFrame())
        for h in SHOWN:
            row[f"cover{h}"] = 100 * number(own.at[h, "covered80"]) if h in own.index else None
        hits = scored[scored["source"] == source] if len(scored) else scored
        row["hits80"] = f"{int(hits['inside80'].sum())}/{len(hits)}" if len(hits) else "未实测"
        row["hits95"] = f"{int(hits['inside95'].sum())}/{len(hits)}" if len(hits) else "未实测"
        rows.append(row)
    frame = pd.DataFrame(rows).astype({f"cover{h}": float for h in SHOWN})
    columns = [Column("name", "区间的来源")]
    for year in shown:
        columns += [Column(f"{bound}-{year}", label, "万人", 1, group=f"{year}年80%区间") for bound, label in (("lo80", "下限"), ("hi80", "上限"))]
    columns += [Column(f"cover{h}", f"{h}年期", "%", 0, group="同类城市80%实测覆盖") for h in SHOWN]
    columns += [Column(f"hits{level}", f"{level}%", group="本市以前各版在内（次）") for level in (80, 95)]
    return Table(
        id="tbl-interval-sources",
        title="三种区间及其实测覆盖",
        frame=frame,
        columns=tuple(columns),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=shown,
        source_ids=tuple(dict.fromkeys((*forecast_sources(report, "resident"), *age_sources(report)))),
        notes=(
            "同类城市的覆盖率逐一留出城市实测；队列要素模型没有各城市的年龄数据，空格为不能实测。",
            "以前各版的次数少，且各次相关，只能看出明显偏窄的区间。", *late_inputs_note(report),
        ),
        indicator_ids=("resident_population",),
        missing="blank",
    )  # fmt: skip
