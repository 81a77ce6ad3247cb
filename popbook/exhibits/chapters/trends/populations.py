"""The forecasts of the three population concepts: fan, intervals, measured coverage, the plan and the naive beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.trends.coherence import coherence_blocks
from popbook.exhibits.chapters.trends.evidence import (
    CONCEPTS,
    INDICATORS,
    NAIVE,
    SCENARIOS,
    Outlook,
    chance_words,
    concept_outlook,
    coverage_cell,
    coverage_sentence,
    drawn_actuals,
    drawn_forecast,
    drawn_paths,
    forecast_sources,
    forecasts_of,
    has_path,
    horizons,
    naive_value,
    near_year,
    number,
    plan_fact,
    published_series,
    signed_gap,
)
from popbook.exhibits.chapters.trends.interval_sources import interval_blocks
from popbook.exhibits.charts import fan_chart
from popbook.exhibits.model import Block, Column, Figure, Layout, Note, Section, Table
from popbook.exhibits.phrases import list_phrase
from popbook.forecasting.backtest import score_panel
from popbook.monitoring.rounding import rounded_text

if TYPE_CHECKING:
    import altair

    from popbook.exhibits.report import Report

FIRST_DRAWN = {"resident": 2014, "hukou": 2010, "floating": 2011}
PANEL_SERIES = {"resident": "resident-rebased", "hukou": "hukou"}


@or_gap("trends-resident", "常住人口预测", Needs(paths=("resident",)))
def resident(report: Report) -> Section:
    """Return the section on the forecast of residents.

    Parameters
    ----------
    report
        The edition.
    """
    ahead = near_year(report)
    near, far = concept_outlook(report, "resident", ahead), concept_outlook(report, "resident", report.last_year)
    heading = f"预计{report.last_year}年常住人口{far.point:.0}，80%区间{far.span(80, 0)}"
    lead = f"以{forecasts_of(report).resident.origin_year}年末公布数为起点，{ahead}年预计{near.words()}。{_against_plan(report, near)}。"
    long_term = f"{report.last_year}年预计{far.words()}。{_long_plan_words(report, far)}。"
    blocks: tuple[Block, ...] = (
        _figure(report, "resident", heading_title(report, "resident", far)),
        f"{long_term}{_crossing_words(report)}",
        _table(report, "resident"),
        f"{_coverage_words(report, 'resident')}{_naive_words(report, 'resident')}",
        *interval_blocks(report),
        _method_note(report, "resident"),
    )
    return Section("trends-resident", heading, lead, blocks, _policy(report, near))


@or_gap("trends-hukou", "户籍人口预测", Needs(paths=("hukou",)))
def hukou(report: Report) -> Section:
    """Return the section on the forecast of the registered population.

    Parameters
    ----------
    report
        The edition.
    """
    ahead = near_year(report, "hukou")
    near, far = concept_outlook(report, "hukou", ahead), concept_outlook(report, "hukou", report.last_year)
    forecast = forecasts_of(report).hukou
    heading = f"预计{ahead}年户籍人口{near.point:.0}，80%区间{near.span(80, 0)}"
    start = f"最近可用的公布数是{forecast.origin_year}年的{report.fact_of(('hukou_population', forecast.origin_year))}。"
    lead = start + f"{_against_plan(report, near, 'hukou')}。"
    latest = report.ledger.latest("hukou_population")
    text = f"{ahead}年预计{near.words()}，{report.last_year}年预计{far.words()}。"
    if forecast.origin_year < report.edition:
        first = forecast.origin_year + 1
        span = f"{first}—{report.edition}年" if first < report.edition else f"{report.edition}年"
        text += f"{span}已经过去，但没有主管部门公布数，图中仍为预测。"
    if latest is not None and latest.confidence == "C":
        text += f"{latest.year}年见有二手转述的{report.fact_of(latest)}（C级），只作对照，不作起点。"
    blocks: tuple[Block, ...] = (
        _figure(report, "hukou", heading_title(report, "hukou", near)),
        text,
        _table(report, "hukou"),
        f"{_coverage_words(report, 'hukou')}{_naive_words(report, 'hukou')}",
        _method_note(report, "hukou"),
    )
    policy = (
        "户籍人口随落户条件变动，政策一变，过去的增速就不再适用。教育、医疗和社会保障按户籍安排的部分，宜在调整落户条件的同时重算。"
    )
    if forecast.origin_year < report.edition:
        policy += f"{forecast.origin_year + 1}年以后的户籍人口宜恢复逐年公布，否则目标无法核对。"
    return Section("trends-hukou", heading, lead, blocks, policy)


@or_gap("trends-floating", "登记流动人口预测", Needs(paths=("floating",)))
def floating(report: Report) -> Section:
    """Return the section on the forecast of the floating population, unpublished since the census year.

    Parameters
    ----------
    report
        The edition.
    """
    forecast = forecasts_of(report).floating
    ahead = near_year(report, "floating")
    near, far = concept_outlook(report, "floating", ahead), concept_outlook(report, "floating", report.last_year)
    last = report.fact_of(("floating_population", forecast.origin_year))
    if forecast.origin_year < report.edition:
        heading = f"登记流动人口{forecast.origin_year}年后未公布，{ahead}年80%区间宽至{near.span(80, 0)}"
        lead = f"最近的公布数是{forecast.origin_year}年的{last}。没有后续数据，预测只能说明范围很宽，不能说明目标是否可达。"
    else:
        heading = f"预计{ahead}年登记流动人口{near.point:.0}，80%区间{near.span(80, 0)}"
        lead = f"起点是{forecast.origin_year}年的{last}。同口径的公布数只有{len(forecast.history)}个，区间因此很宽。"
    members = forecast.members[forecast.members["year"] == ahead].sort_values("value")
    lowest, highest = members.iloc[0], members.iloc[-1]
    ends = [
        report.fact(
            f"fact-floating-member-{end}-{ahead}", f"{ahead}年登记流动人口各模型{name}", round(float(row["value"]), 10),
            "万人", 1, year=ahead, basis="floating", source_ids=forecast_sources(report, "floating"),
            derivation=str(row["name_zh"]),
        )
        for end, name, row in (("lowest", "最低", lowest), ("highest", "最高", highest))
    ]  # fmt: skip
    text = (
        f"{ahead}年预计{near.words()}，{report.last_year}年预计{far.words()}。{_against_plan(report, near, 'floating')}。"
        f"各模型{ahead}年由{ends[0]}（{lowest['name_zh']}）到{ends[1]}（{highest['name_zh']}），分歧大，是数据太少所致。"
    )
    naive = (
        "区间由五个同口径公布数的历年变动估计，数据太少，覆盖率不能实测；各模型是否优于朴素基准也不能检验，不作优于基准的说法。"
    )
    blocks: tuple[Block, ...] = (
        _figure(report, "floating", heading_title(report, "floating", near)),
        text,
        _table(report, "floating"),
        naive,
        *coherence_blocks(report),
        _method_note(report, "floating"),
    )
    policy = "居住登记仍在进行，宜恢复逐年公布登记流动人口，并注明登记范围。2016年登记范围变化前后的数不能相连，今后变更口径应同时公布新旧两数。"
    return Section("trends-floating", heading, lead, blocks, policy)


def heading_title(report: Report, concept: str, outlook: Outlook) -> str:
    """Return the finding of a fan chart as plain text."""
    p = {key: getattr(outlook, key).value for key in ("point", "lo80", "hi80")}
    centre = f"预计{outlook.year}年{CONCEPTS[concept]}{p['point']:.0f}万人，80%区间{p['lo80']:.0f}万—{p['hi80']:.0f}万人"
    if not has_path(report, concept, outlook.year):
        return centre
    path = plan_fact(report, concept, "medium", outlook.year).value or 0
    side = signed_gap(p["point"] - path)
    inside = "在80%区间之内" if outlook.holds(path) else "在80%区间之外"
    return (
        f"{centre}；"
        f"{'与规划中方案相等' if side == '等于' else f'规划中方案{path:.0f}万人{inside}'}"
    )


def _against_plan(report: Report, outlook: Outlook, concept: str = "resident") -> str:
    """Say where the plan's three values lie against the intervals; words follow from the numbers."""
    if not has_path(report, concept, outlook.year):
        return f"规划没有列出{outlook.year}年的方案数"
    values = {name: plan_fact(report, concept, name, outlook.year) for name in SCENARIOS}
    within80 = [n for n in SCENARIOS if outlook.holds(values[n].value or 0)]
    within95 = [n for n in SCENARIOS if outlook.holds(values[n].value or 0, 95) and n not in within80]
    outside = [n for n in SCENARIOS if n not in within80 and n not in within95]
    parts = []
    for names, words in ((within80, "在80%区间之内"), (within95, "在80%区间之外、95%区间之内"), (outside, "在95%区间之外")):
        if names:
            listed = list_phrase([f"{SCENARIOS[n]}{values[n]}" for n in names])
            parts.append(f"{listed}{'都' if len(names) > 1 else ''}{words}")
    return f"规划{outlook.year}年的" + "，".join(parts)


def _long_plan_words(report: Report, far: Outlook) -> str:
    return _against_plan(report, far)


def _crossing_words(report: Report) -> str:
    """Say when the centre reaches the plan's 2025 figure, and the chance of each path in that year."""
    forecast = forecasts_of(report).resident
    target = plan_fact(report, "resident", "medium", report.plan.target_year)
    later = forecast.path[forecast.path["point"] >= (target.value or 0)]
    if later.empty:
        text = f"预测中位数到{report.last_year}年仍未达到规划{report.plan.target_year}年的{target}。"
    elif int(later["year"].iloc[0]) <= report.plan.target_year:
        text = f"预测中位数在{int(later['year'].iloc[0])}年达到规划{report.plan.target_year}年的{target}。"
    else:
        text = f"预测中位数到{int(later['year'].iloc[0])}年才达到规划{report.plan.target_year}年的{target}。"
    if forecast.origin_year >= report.plan.target_year:
        return text
    chances = {
        name: chance_words(
            forecast.probability(report.plan.target_year, "ge", plan_fact(report, "resident", name, report.plan.target_year).value or 0)
        )
        for name in SCENARIOS
    }
    if len(set(chances.values())) == 1:
        return text + f"按同一分布，{report.plan.target_year}年达到低、中、高方案的概率都{chances['low']}。"
    return text + f"按同一分布，{report.plan.target_year}年达到规划各方案的概率：{'，'.join(SCENARIOS[n] + w for n, w in chances.items())}。"


def _coverage_words(report: Report, concept: str) -> str:
    near = coverage_sentence(report, concept, near_year(report, concept))
    far = coverage_sentence(report, concept, report.last_year)
    return f"{near}。" if near == far else f"{near}；{far}。"


def _naive_words(report: Report, concept: str) -> str:
    """Set the combination beside the naive forecasts in the peer cities and say where it does not win."""
    panel = score_panel(report.ledger, PANEL_SERIES[concept])
    if panel.empty:
        return "没有可用的同口径城市序列，本版不能检验组合是否优于朴素基准，不作优于基准的说法。"
    wide = panel.pivot(index="h", columns="member", values="mae_percent")
    horizon = int(wide.index.max())
    best = wide[list(NAIVE)].min(axis=1)
    lost = [int(h) for h in wide.index if wide.at[h, "combination"] >= best[h]]
    facts = {
        name: report.fact(
            f"fact-panel-error-{concept}-{name.replace('_', '-')}-h{horizon}",
            f"{label}在同类城市的{horizon}年期平均绝对误差（{CONCEPTS[concept]}）", round(number(wide.at[horizon, name]), 10), "%", 1,
            year=report.edition, basis=concept, source_ids=forecast_sources(report, concept),
            derivation="各城市各起点对数误差绝对值的平均",
        )
        for name, label in {"combination": "组合", **NAIVE}.items()
    }  # fmt: skip
    listed = "，".join(f"{label}{facts[name]}" for name, label in NAIVE.items())
    text = f"在同类城市回测，{horizon}年期平均绝对误差：组合{facts['combination']}，朴素基准中{listed}。"
    if not lost:
        return text + f"1—{horizon}年期组合都优于三个朴素基准。"
    if len(lost) == len(wide):
        names = [label for name, label in NAIVE.items() if (wide[name] <= wide["combination"]).all()]
        which = f"（{list_phrase(names)}各年期都更准）" if names else ""
        return text + f"1—{horizon}年期组合都没有胜过最好的朴素基准{which}，使用时应以区间为准，不以中位数为准。"
    years = "、".join(f"{h}" for h in lost)
    return text + f"其中{years}年期组合没有胜过最好的朴素基准。"


def _figure(report: Report, concept: str, title: str) -> Figure:
    forecast = forecasts_of(report).concepts()[concept]
    first = min(FIRST_DRAWN[concept], 2010) if concept == "resident" and report.edition == report.census_year else FIRST_DRAWN[concept]
    rows, breaks = drawn_actuals(report, concept, first)
    fan, paths = drawn_forecast(forecast), drawn_paths(report, concept)
    naive = pd.concat(
        [
            pd.DataFrame({"年份": [forecast.origin_year], "人口（万人）": [forecast.origin_value], "名称": [NAIVE["drift"]]}),
            _naive_rows(forecast.benchmarks, "drift"),
        ],
        ignore_index=True,
    )
    data = _figure_data(rows, fan, paths, naive)

    def draw(layout: Layout) -> altair.LayerChart:
        return fan_chart(
            rows, fan, layout, y="人口（万人）", segment="分段", paths=paths, benchmark=naive, unit="万人", decimals=0,
            breaks=breaks,
        )  # fmt: skip

    last = fan.iloc[-1]
    notes = [
        f"预测起点为{forecast.origin_year}年末；深色带为80%区间，浅色带为95%区间，覆盖率见下表。灰线为规划方案，不是区间；"
        f"点线为朴素基准“{NAIVE['drift']}”。",
    ]
    if breaks:
        notes.append("断点两侧口径或基数不同，不连线，不计算增速。")
    if concept == "floating":
        notes.append(f"{forecast.origin_year}年以后未公布。" if forecast.origin_year < report.edition else "同口径公布数只有五个。")
    return Figure(
        id=f"fig-forecast-{concept}",
        title=title,
        subtitle=f"年末{CONCEPTS[concept]}，万人；实际、预测及80%和95%区间、规划低中高方案",
        alt=f"扇形图。实际数到{forecast.origin_year}年{forecast.origin_value:.1f}万人；{report.last_year}年预测中位数{last['预测中位数']:.0f}万人，"
        f"80%区间{last['下限80']:.0f}万—{last['上限80']:.0f}万人，95%区间{last['下限95']:.0f}万—{last['上限95']:.0f}万人。{title}。",
        frame=data,
        draw=draw,
        unit="万人",
        basis=concept,
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in data["年份"]})),
        source_ids=(*forecast_sources(report, concept), report.plan_source),
        notes=tuple(notes),
        indicator_ids=(INDICATORS[concept],),
    )


def _naive_rows(benchmarks: pd.DataFrame, member: str) -> pd.DataFrame:
    table = benchmarks[benchmarks["member"] == member]
    return pd.DataFrame({"年份": table["year"], "人口（万人）": table["value"], "名称": NAIVE[member]})


def _figure_data(rows: pd.DataFrame, fan: pd.DataFrame, paths: pd.DataFrame, naive: pd.DataFrame) -> pd.DataFrame:
    parts = [rows.assign(系列="实际").rename(columns={"人口（万人）": "数值（万人）"})[["年份", "系列", "数值（万人）"]]]
    ahead = fan.iloc[1:]
    names = {
        "预测中位数": "预测中位数", "下限80": "80%区间下限", "上限80": "80%区间上限", "下限95": "95%区间下限", "上限95": "95%区间上限",
    }  # fmt: skip
    for column, name in names.items():
        parts.append(pd.DataFrame({"年份": ahead["年份"], "系列": name, "数值（万人）": ahead[column].round(2)}))
    for table, prefix in ((paths, "规划"), (naive.iloc[1:], "朴素基准：")):
        parts.append(
            pd.DataFrame({"年份": table["年份"], "系列": prefix + table["名称"], "数值（万人）": table["人口（万人）"].round(2)})
        )
    return pd.concat(parts, ignore_index=True)


def _table(report: Report, concept: str) -> Table:
    forecast = forecasts_of(report).concepts()[concept]
    path = forecast.path.set_index("year")
    shown = horizons(report, forecast.origin_year)
    lines: list[tuple[str, str, list[str]]] = []
    labels = {"point": "中位数", "lo80": "80%下限", "hi80": "80%上限", "lo95": "95%下限", "hi95": "95%上限"}
    for key, label in labels.items():
        values = [rounded_text(number(path.at[year, key]), 1) for year in shown]
        lines.append(("预测（等权组合，万人）", label, values))
    for level in (80, 95):
        lines.append(("实测覆盖（次）", f"{level}%区间", [coverage_cell(forecast, year, level) for year in shown]))
    for name, label in SCENARIOS.items():
        path_of_plan = report.ledger.plan.path(concept, name)
        lines.append(("规划方案（万人）", label, [rounded_text(number(path_of_plan[year]), 0) if year in path_of_plan.index else "未列" for year in shown]))
    for name, label in NAIVE.items():
        values = [rounded_text(naive_value(forecast, name, year), 1) for year in shown]
        lines.append(("朴素基准（万人）", label, values))
    rows = [{"group": group, "name": name, **dict(zip(map(str, shown), values, strict=True))} for group, name, values in lines]
    columns = [Column("name", "项目"), *[Column(str(year), f"{year}年", decimals=1) for year in shown]]
    measured = forecast.errors.measured_horizon
    notes = [f"起点为{forecast.origin_year}年末{forecast.origin_value:.1f}万人。"]
    if measured:
        notes.append(f"实测覆盖：同类城市同年期的区间覆盖次数/实测次数，逐一留出城市；{measured}年期以上未实测，区间按幂律外推。")
    elif concept == "floating":
        notes.append("区间由本序列历年变动估计，覆盖率不能实测。")
    else:
        notes.append("区间取自外部经验（伦敦各区官方人口预测），本版覆盖率不能实测。")
    notes.append("规划方案没有概率含义，不能与区间混用。")
    return Table(
        id=f"tbl-forecast-{concept}",
        title=f"{CONCEPTS[concept]}预测：{'、'.join(str(y) for y in shown)}年，与规划方案和朴素基准并列",
        frame=pd.DataFrame(rows),
        columns=tuple(columns),
        unit="万人",
        basis=concept,
        region_id=report.region_id,
        years=shown,
        source_ids=(*forecast_sources(report, concept), report.plan_source),
        notes=tuple(notes),
        indicator_ids=(INDICATORS[concept],),
        group_by="group",
    )


def _method_note(report: Report, concept: str) -> Note:
    forecast = forecasts_of(report).concepts()[concept]
    items = "\n".join(f"- {text}。" for text in forecast.notes)
    return Note(
        f"方法：{CONCEPTS[concept]}预测怎样得出",
        f"{items}\n\n公式和出处见[趋势模型](#methods-trend)、[区间](#methods-intervals)。",
    )


def _policy(report: Report, near: Outlook) -> str:
    medium = plan_fact(report, "resident", "medium", near.year).value or 0
    series = published_series(report, "resident").latest
    assert series is not None
    if (near.hi95.value or 0) < medium:
        return (
            f"规划中方案在95%区间之外，本章预测不支持按中方案配置{near.year}年的公共服务规模。新开工项目的服务人口宜取预测中位数，用80%区间上下限作压力检验。"
        )
    if (near.hi80.value or 0) < medium:
        return "规划中方案在80%区间之外，服务人口宜取预测中位数，用80%区间上下限作压力检验。"
    return "规划中方案在预测区间之内，但区间很宽。设施宜分期建设，先按区间下限落实，再按每年公布数追加。"
