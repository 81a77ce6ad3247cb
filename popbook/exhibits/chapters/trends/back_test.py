"""Back tests: what each earlier edition would have said, beside the plan and the naive, and what happened."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from popbook.exhibits.chapters.needs import or_gap
from popbook.exhibits.chapters.trends.evidence import (
    CONCEPTS,
    INDICATORS,
    NAIVE,
    ages_of,
    count_fact,
    drawn_actuals,
    drawn_paths,
    forecast_sources,
    forecasts_of,
    number,
    published_series,
    whole,
)
from popbook.exhibits.charts import line_chart
from popbook.exhibits.model import Block, Column, Figure, Note, Section, Table
from popbook.exhibits.phrases import list_phrase
from popbook.exhibits.plan_words import plan_date
from popbook.exhibits.theme import COLOURS
from popbook.forecasting.backtest import score_panel, score_vintages
from popbook.forecasting.trend import CANDIDATE_MEMBERS, MEMBER_NAMES_ZH, TREND_MEMBERS
from popbook.monitoring.rounding import rounded_text

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

COMBINATION = "combination"
MEMBERS = (*TREND_MEMBERS, *CANDIDATE_MEMBERS, "factor", "cohort")
PLANS = {"low": "低方案", "medium": "中方案", "high": "高方案"}


@or_gap("trends-backtest", "回测")
def backtest(report: Report) -> Section:
    """Return the section on the back tests and register the edition's forecasts for later scoring.

    Parameters
    ----------
    report
        The edition.
    """
    report.result("forecasts", archive_frame(report))
    table = score_vintages(report.ledger)
    if table.empty:
        return _first_edition(report)
    report.result("backtest", table.drop(columns=["name_zh"]))
    combined = table[table["kind"] == COMBINATION]
    n, hits80, hits95 = len(combined), int(combined["inside80"].sum()), int(combined["inside95"].sum())
    high = int((combined["error_percent"] > 0).sum())
    facts = {
        key: count_fact(report, f"fact-backtest-{key}-{report.edition}", label, value, "次", report.edition)
        for key, label, value in (
            ("n", "本市回测次数", n), ("hits80", "回测落在80%区间内的次数", hits80), ("hits95", "回测落在95%区间内的次数", hits95),
            ("high", "回测高于实际的次数", high),
        )
    }  # fmt: skip
    if n == 1:
        side = "偏高" if high else "偏低"
        heading = f"上一版对{report.edition}年的预测{side}{_error(report, combined)}，实际在80%区间之{'内' if hits80 else '外'}"
    elif high == n:
        heading = f"{facts['n']}回测，预测全部偏高，{facts['hits80']}落在80%区间内"
    elif high == 0:
        heading = f"{facts['n']}回测，预测全部偏低，{facts['hits80']}落在80%区间内"
    else:
        heading = f"{facts['n']}回测中{facts['high']}偏高，{facts['hits80']}落在80%区间内"
    lead = _bias_words(report, combined)
    blocks: list[Block] = [_figure(report), _beside_words(report, table), _table(report, table)]
    blocks += [text for text in (_hukou_words(report),) if text]
    panel = score_panel(report.ledger)
    if not panel.empty:
        blocks += [_panel_words(report, panel), _table_panel(report, panel)]
    blocks.append(_note(report))
    policy = (
        "组合的误差同方向，说明增长放缓快于组合的设想。使用预测时宜同时核算区间下限，并在每年公报发布后更新。"
        if high == n and n > 1
        else "每年公报发布后应先核对上一版预测，再使用新一版。"
    )
    return Section("trends-backtest", heading, lead, tuple(blocks), policy)


def archive_frame(report: Report) -> pd.DataFrame:
    """Return everything the edition forecasts, in long form.

    Returns
    -------
    DataFrame
        Columns indicator, indicator_id, unit, origin_year, year, h, model, point, lo80, hi80, lo95, hi95,
        coverage80, coverage95, coverage_n; bounds and coverage only for the combination and the ages.
    """
    forecasts, ages = forecasts_of(report), ages_of(report)
    parts = []
    for concept, item in forecasts.concepts().items():
        both = pd.concat([item.members, item.benchmarks]).rename(columns={"member": "model", "value": "point"})
        table = pd.concat([item.path.assign(model=COMBINATION), both.drop(columns="name_zh")], ignore_index=True)
        covered = item.errors.coverage.set_index("h")
        is_combined = table["model"] == COMBINATION
        for column, source in (("coverage80", "covered80"), ("coverage95", "covered95"), ("coverage_n", "n")):
            values = table["h"].map(covered[source].to_dict()) if len(covered) else pd.Series(float("nan"), index=table.index)
            table[column] = values.astype(float).where(is_combined)
        parts.append(
            table.assign(indicator=CONCEPTS[concept], indicator_id=INDICATORS[concept], unit="万人", origin_year=item.origin_year)
        )
    table = ages.table[ages.table["year"] > ages.origin_year]
    parts.append(
        table.rename(columns={"name_zh": "indicator", "measure": "indicator_id"}).assign(
            model="cohort_trajectories", origin_year=ages.origin_year, h=lambda t: t["year"] - ages.origin_year,
            coverage80=float("nan"), coverage95=float("nan"), coverage_n=float("nan"),
        )
    )  # fmt: skip
    columns = ["indicator", "indicator_id", "unit", "origin_year", "year", "h", "model", "point", "lo80", "hi80", "lo95", "hi95",
               "coverage80", "coverage95", "coverage_n"]
    return pd.concat(parts, ignore_index=True)[columns]


def _first_edition(report: Report) -> Section:
    return Section(
        "trends-backtest",
        f"本版是第一版，{report.edition + 1}年以后的数公布后才能回测",
        "预测的好坏只能由以后的公布数判断。本版的全部预测连同区间已经存档，以后各版逐年核对，并与规划三个方案和朴素基准并列。",
        (
            "截止日以前没有可用的常住人口同口径城市序列，同类城市的回测也不能做。因此本版的常住人口区间取自外部经验，覆盖率没有实测，使用时应当留有余地。",
            _note(report),
        ),
    )


def _error(report: Report, rows: pd.DataFrame) -> Any:
    row = rows.iloc[-1]
    return report.fact(
        f"fact-backtest-error-{int(row['vintage'])}-{int(row['year'])}",
        f"{int(row['vintage'])}年版对{int(row['year'])}年常住人口预测的误差", round(abs(float(row["error_percent"])), 10), "%", 1,
        year=int(row["year"]), basis="resident", source_ids=forecast_sources(report, "resident"),
        derivation=f"{row['forecast']:.1f} ÷ {row['actual']:.1f} − 1",
    )  # fmt: skip


def _bias_words(report: Report, combined: pd.DataFrame) -> str:
    parts = []
    for h, rows in combined.groupby("h"):
        bias = float(rows["error_percent"].mean())
        fact = report.fact(
            f"fact-backtest-bias-h{h}-{report.edition}", f"组合{h}年期的平均误差", round(bias, 10), "%", 1, year=report.edition,
            basis="resident", source_ids=forecast_sources(report, "resident"), derivation=f"{len(rows)}次误差的平均",
        )  # fmt: skip
        count = f"（{len(rows)}次）"
        parts.append(f"{h}年期{fact:+}{count}")
    return f"组合的平均误差（正为偏高）：{'，'.join(parts)}。次数很少，只能看方向，不能当作误差的分布。"


def _beside_words(report: Report, table: pd.DataFrame) -> str:
    """Set the first vintage beside the plan of the same spring and the naive forecasts, in the last year."""
    planned = table[table["kind"] == "plan"]
    first = int((table if planned.empty else planned)["vintage"].min())
    year = int(table["year"].max())
    rows = table[(table["vintage"] == first) & (table["year"] == year)]
    errors = {(str(r["kind"]), str(r["member"])): r for r in rows.to_dict("records")}
    combined = errors[COMBINATION, COMBINATION]

    def fact(key: tuple[str, str], name: str) -> Any:
        row = errors[key]
        return report.fact(
            f"fact-backtest-{first}-{key[1].replace('_', '-')}-{key[0]}-{year}", f"{first}年版起点，{name}对{year}年的误差",
            round(float(row["error_percent"]), 10), "%", 1, year=year, basis="resident",
            source_ids=(*forecast_sources(report, "resident"), report.plan_source), derivation=f"{row['forecast']:.1f} ÷ {row['actual']:.1f} − 1",
        )  # fmt: skip

    mine = fact((COMBINATION, COMBINATION), "组合")
    plans = [f"{label}{fact(('plan', name), f'规划{label}'):+}" for name, label in PLANS.items() if ("plan", name) in errors]
    naive = [f"{label}{fact(('benchmark', name), label):+}" for name, label in NAIVE.items()]
    size = abs(float(combined["error_percent"]))
    better_plans = [PLANS[n] for n in PLANS if ("plan", n) in errors and abs(float(errors["plan", n]["error_percent"])) < size]
    better_naive = [NAIVE[n] for n in NAIVE if abs(float(errors["benchmark", n]["error_percent"])) < size]
    members = {str(r["name_zh"]): abs(float(r["error_percent"])) for r in rows[rows["kind"] == "member"].to_dict("records")}
    best = min(members, key=lambda name: members[name])
    beside = f"规划{'，'.join(plans)}；" if plans else ""
    text = (
        f"以{first}年为起点、对{year}年的误差：组合{mine:+}；{beside}朴素基准{'，'.join(naive)}。"
    )
    if better_plans or better_naive:
        names = [*(f"规划{n}" for n in better_plans), *better_naive]
        text += f"这一起点上，组合没有胜过{list_phrase(names)}。"
    else:
        text += f"这一起点上，组合的误差小于{'规划三个方案和' if plans else ''}三个朴素基准。"
    outside = not bool(combined["inside80"])
    text += f"实际数落在该版80%区间之{'外' if outside else '内'}、95%区间之{'内' if combined['inside95'] else '外'}。"
    return text + f"单个模型中误差最小的是{best}，但这是事后看到的，不作为选模型的依据。"


def _hukou_words(report: Report) -> str:
    table = score_vintages(report.ledger, "hukou")
    combined = table[table["kind"] == COMBINATION] if not table.empty else table
    if combined.empty:
        return "户籍人口和登记流动人口没有可比的后续公布数，不能回测。"
    first = int(combined["vintage"].min())
    row = combined[combined["vintage"] == first].iloc[-1]
    year = int(row["year"])
    fact = report.fact(
        f"fact-backtest-hukou-{year}", f"{first}年版对{year}年户籍人口预测的误差", round(float(row["error_percent"]), 10), "%", 1,
        year=year, basis="hukou", source_ids=forecast_sources(report, "hukou"), derivation=f"{row['forecast']:.1f} ÷ {row['actual']:.1f} − 1",
    )  # fmt: skip
    inside = "之内" if row["inside80"] else "之外"
    text = f"户籍人口只有{year}年可比：{first}年版的误差为{fact:+}，实际数在80%区间{inside}。"
    floating = published_series(report, "floating").latest
    return text + (f"登记流动人口{floating.year}年后未公布，不能回测。" if floating is not None and floating.year <= first else "")


def _figure(report: Report) -> Figure:
    actual, _ = drawn_actuals(report, "resident", 2017)
    parts = [actual.assign(系列="实际")]
    colours = {"实际": COLOURS["actual"]}
    summary = []
    scored = score_vintages(report.ledger)
    scored = scored[scored["kind"] == COMBINATION].sort_values(["vintage", "year"])
    origin = dict(zip(actual["年份"], actual["人口（万人）"], strict=True))
    for vintage, path in scored.groupby("vintage"):
        name = f"{vintage}年版"
        start = {} if vintage not in origin or vintage in set(path["year"]) else {vintage: origin[vintage]}
        points = {**start, **dict(zip(path["year"], path["forecast"], strict=True))}
        colours[name] = COLOURS["forecast"]
        parts.append(pd.DataFrame({"年份": list(points), "人口（万人）": list(points.values()), "系列": name, "分段": name}))
        summary.append(f"{name}预测{report.edition}年{float(path['forecast'].iloc[-1]):.1f}万人")
    rows = pd.concat(parts, ignore_index=True)
    now = float(actual["人口（万人）"].iloc[-1])
    paths = drawn_paths(report, "resident", report.edition)
    paths = paths[paths["名称"].isin(["低方案", "中方案"])].assign(名称=lambda t: "规划" + t["名称"])
    last = scored[scored["year"] == report.edition]
    sides = {("高于" if e > 0 else "低于") for e in last["error_percent"]}
    title = f"{report.edition}年实际{now:.1f}万人，各版预测{'都' if len(last) > 1 else ''}{sides.pop()}实际" if len(sides) == 1 else (
        f"{report.edition}年实际{now:.1f}万人，各版预测有高有低"
    )
    if len(last) == 1:
        title = title.replace("各版预测", f"{int(last['vintage'].iloc[0])}年版预测")
    return Figure(
        id="fig-backtest",
        title=title,
        subtitle="年末常住人口，万人；实际、以前各版的组合预测中位数、规划低方案和中方案",
        alt=f"折线图。{'；'.join(summary)}；实际{now:.1f}万人。{title}。",
        frame=pd.concat(
            [rows[["年份", "系列", "人口（万人）"]], paths.rename(columns={"名称": "系列"})[["年份", "系列", "人口（万人）"]]], ignore_index=True
        ).round(2),
        draw=lambda layout: line_chart(
            rows, layout, y="人口（万人）", series="系列", segment="分段", decimals=1, colours=colours, paths=paths,
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in rows["年份"]})),
        source_ids=(*forecast_sources(report, "resident"), report.plan_source),
        notes=("各版只用当时已公布的数重做。2020年版当时没有修订后的历史序列，起点以前用两次普查之间的回推。",),
        indicator_ids=("resident_population",),
    )  # fmt: skip


def _table(report: Report, table: pd.DataFrame) -> Table:
    combined = table[table["kind"] == COMBINATION].sort_values(["vintage", "year"])
    keys = list(zip(combined["vintage"].astype(int), combined["year"].astype(int), strict=True))
    errors = {
        (int(r["vintage"]), int(r["year"]), str(r["kind"]), str(r["member"])): float(r["error_percent"]) for r in table.to_dict("records")
    }
    scored = combined.set_index(["vintage", "year"])

    def line(group: str, name: str, cells: list[str]) -> dict[str, str]:
        return {"group": group, "name": name, **{f"{v}-{y}": cell for (v, y), cell in zip(keys, cells, strict=True)}}

    def error_cells(kind: str, member: str) -> list[str]:
        found = [errors.get((v, y, kind, member)) for v, y in keys]
        return ["" if value is None else rounded_text(value, 1, signed=True) for value in found]

    actual = combined["actual"].tolist()
    rows = [
        line("年期和实际", "年期（年）", [str(int(h)) for h in combined["h"]]),
        line("年期和实际", "实际（万人）", [rounded_text(float(value), 1) for value in actual]),
        line("组合", "误差", error_cells(COMBINATION, COMBINATION)),
        *[line("组合", f"在{n}%区间", ["内" if hit else "外" for hit in scored[f"inside{n}"]]) for n in (80, 95)],
    ]
    members = [m for m in MEMBERS if any(key[2:] == ("member", m) for key in errors)]
    rows += [line("单个模型的误差", MEMBER_NAMES_ZH[m], error_cells("member", m)) for m in members]
    rows += [line("朴素基准的误差", label, error_cells("benchmark", m)) for m, label in NAIVE.items()]
    rows += [line(f"规划（{plan_date(report.ledger)}）的误差", label, error_cells("plan", m)) for m, label in PLANS.items()]
    n = len(combined)
    return Table(
        id="tbl-backtest",
        title="回测：各版对以后各年常住人口的误差（%），与朴素基准和规划方案并列",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "项目"),
            *[Column(f"{v}-{y}", str(y), decimals=1, group=f"{v}年版", emphasis=y == report.edition) for v, y in keys],
        ),
        unit="%",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in table["year"]})),
        source_ids=(*forecast_sources(report, "resident"), report.plan_source),
        notes=(
            "误差＝预测÷实际−1，正为偏高。各版只用当时已公布的数；空格表示该模型当时没有列入组合或不能估计。",
            f"80%区间{n}次中{int(combined['inside80'].sum())}次在内，95%区间{n}次中{int(combined['inside95'].sum())}次在内；次数少，且各次相关。",
            *(f"规划方案只在{int(v)}年版一组列出，起点相同。" for v in table.loc[table["kind"] == "plan", "vintage"].unique()),
        ),
        indicator_ids=("resident_population",),
        group_by="group",
        missing="blank",
    )


def _panel_words(report: Report, panel: pd.DataFrame) -> str:
    combined = panel[panel["member"] == COMBINATION].set_index("h")
    measured = combined.dropna(subset=["covered80"])
    text = "同一程序在同类城市逐城、逐个起点重做，区间只用起点以前已知的误差确定。"
    if measured.empty:
        return text + "本版可用的起点太少，区间的覆盖率不能这样检验。"
    h = int(measured.index.max())
    row = measured.loc[h]
    facts = [
        report.fact(
            f"fact-panel-honest-coverage-{level}-h{h}-{report.edition}", f"同类城市{h}年期{level}%区间的实测覆盖率（只用起点以前的误差）",
            round(100 * number(row[f"covered{level}"]), 10), "%", 0, year=report.edition, basis="resident",
            source_ids=forecast_sources(report, "resident"), derivation="落在区间内的次数 ÷ 可检验的次数",
        )
        for level in (80, 95)
    ]  # fmt: skip
    side = "偏高" if number(row["bias_percent"]) < 0 else "偏低"
    bias = report.fact(
        f"fact-panel-bias-h{h}-{report.edition}", f"同类城市{h}年期组合的平均误差（绝对值）", abs(round(number(row["bias_percent"]), 10)), "%", 1,
        year=report.edition, basis="resident", source_ids=forecast_sources(report, "resident"), derivation="对数误差的平均",
    )  # fmt: skip
    text += f"{h}年期80%区间覆盖{facts[0]}，95%区间覆盖{facts[1]}；组合平均{side}{bias}。"
    best = _best_counts(panel)
    return text + best


def _best_counts(panel: pd.DataFrame) -> str:
    wide = panel.pivot(index="h", columns="member", values="mae_percent")
    naive = wide[list(NAIVE)].min(axis=1)
    lost = [str(h) for h in wide.index if wide.at[h, COMBINATION] >= naive[h]]
    if not lost:
        return "各年期的平均绝对误差，组合都小于最好的朴素基准。"
    return f"平均绝对误差在{'、'.join(lost)}年期没有小于最好的朴素基准。"


def _table_panel(report: Report, panel: pd.DataFrame) -> Table:
    mae = panel.pivot(index="member", columns="h", values="mae_percent")
    bias = panel.pivot(index="member", columns="h", values="bias_percent")
    combined = panel[panel["member"] == COMBINATION].set_index("h")
    order = [COMBINATION, *[m for m in MEMBERS if m in mae.index], *NAIVE]
    horizons = [int(h) for h in mae.columns]
    rows = [
        {
            "name": MEMBER_NAMES_ZH[m], "kind": "组合" if m == COMBINATION else "朴素基准" if m in NAIVE else "单个模型",
            **{f"mae{h}": number(mae.at[m, h]) for h in horizons}, f"bias{horizons[0]}": -number(bias.at[m, horizons[0]]),
            f"bias{horizons[-1]}": -number(bias.at[m, horizons[-1]]),
        }
        for m in order
    ]  # fmt: skip
    ends = list(dict.fromkeys((horizons[0], horizons[-1])))
    province = panel[panel["member"] == "province_share"].sort_values("h")
    narrower = (
        [f"全省份额只在本省{whole(province['cities'].iloc[0])}个城市实测，城市范围与其他模型不同，不宜直接相比。"] if len(province) else []
    )
    covered = [
        f"{h}年期{_coverage_text(combined.loc[h], 80)}、{_coverage_text(combined.loc[h], 95)}" for h in horizons
        if not math.isnan(number(combined.at[h, "covered80"]))
    ]  # fmt: skip
    return Table(
        id="tbl-backtest-panel",
        title="同类城市回测：按年期的平均绝对误差和平均误差（常住人口）",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "模型"),
            *[Column(f"mae{h}", f"{h}年期", "%", 2, group="平均绝对误差", emphasis=h == horizons[-1]) for h in horizons],
            *[Column(f"bias{h}", f"{h}年期", "%", 2, group="平均误差（正为偏高）", signed=True) for h in ends],
        ),
        unit="%",
        basis="resident",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=forecast_sources(report, "resident"),
        notes=(
            "次数：" + "，".join(f"{h}年期{whole(combined.at[h, 'n'])}次、{whole(combined.at[h, 'cities'])}个城市" for h in horizons) + "。对数误差，组合只含趋势成员。",
            *narrower,
            ("区间覆盖（80%、95%）：" + "；".join(covered) + "。") if covered else "可用的起点太少，区间覆盖率不能检验。",
        ),
        indicator_ids=("resident_population",),
        group_by="kind",
    )  # fmt: skip


def _coverage_text(row: Any, level: int) -> str:
    share = float(row[f"covered{level}"])
    scored = row.get("scored")
    if scored is not None and not pd.isna(scored):
        return f"{round(share * int(scored))}/{int(scored)}"
    return f"{100 * share:.0f}%"


def _note(report: Report) -> Note:
    return Note(
        "方法：回测只用当时已公布的数",
        "每一版的预测都在该版截止日可见的台账上重做，之后的修订和新公布数一概不用；模型和参数不因回测结果调整。"
        f"规划三个方案以公布的路径计，起点同为{report.plan.base_year}年末。公式见[回测](#methods-backtest)。本版的全部预测存入 forecasts.csv，供以后各版核对。",
    )
