"""The models one by one: what each does, what it says, how it did, and what the regression cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from popbook.exhibits.chapters.needs import or_gap
from popbook.exhibits.chapters.trends.evidence import (
    NAIVE,
    count_fact,
    drawn_actuals,
    forecast_sources,
    forecasts_of,
    horizons,
    near_year,
    number,
    whole,
)
from popbook.exhibits.chapters.trends.families import families
from popbook.exhibits.charts import interval_chart, line_chart
from popbook.exhibits.model import Block, Column, Fact, Figure, Note, Section, Table
from popbook.exhibits.phrases import list_phrase
from popbook.exhibits.theme import COLOURS
from popbook.forecasting.backtest import score_panel
from popbook.forecasting.trend import CANDIDATE_MEMBERS, MEMBER_NAMES_ZH, TREND_MEMBERS

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

COMBINATION = "combination"
SERIES_MEMBERS = (*TREND_MEMBERS, *CANDIDATE_MEMBERS)
SIGNIFICANT_T = 1.96
SCORED_HORIZONS = (1, 3, 5)
CARDS = {
    "log_linear": (
        "本市常住人口数列", "最近十年的平均增速不变", "增速放缓时持续偏高"),
    "damped_holt": ("本市常住人口数列", "增速按每年0.9衰减", "增速加快时偏低；数列短，平滑参数不稳"),
    "theta": ("本市常住人口数列", "近期水平加长期趋势的一半", "增速急变时反应慢"),
    "damped_drift": ("本市常住人口数列", "近五年平均增速按每年0.9衰减", "增速放缓时偏高"),
    "local_linear": ("本市常住人口数列", "水平和增速都随机游走，无衰减", "把最近的变化当作长期变化"),
    "arima_drift": ("本市常住人口数列", "增速围绕平均数波动", "增速放缓时偏高"),
    "province_share": ("本市和全省各市常住人口数列", "占全省比重的变化按每年0.9衰减，全省总量另行外推", "只能在本省城市实测；全省外推有误时随之出错"),
    "factor": ("各城市常住人口和生产总值增速", "惯性与相对经济增长决定增速，年份效应取近三年平均", "未来年份效应未知；不能说明因果"),
    "cohort": ("普查分年龄性别人口，生育、死亡水平", "净迁移由本市近年水平向同类城市靠拢", "迁移假定出错时总量随之出错"),
}  # fmt: skip


@or_gap("trends-models", "预测模型")
def models(report: Report) -> Section:
    """Return the section on the members of the combination.

    Parameters
    ----------
    report
        The edition.
    """
    forecast = forecasts_of(report).resident
    members = list(dict.fromkeys(forecast.members["member"]))
    ends = forecast.members[forecast.members["year"] == report.last_year].sort_values("value")
    low, high = ends.iloc[0], ends.iloc[-1]
    facts = [_member_fact(report, str(row["member"]), report.last_year) for row in (low, high)]
    count = count_fact(
        report, f"fact-members-{report.edition}", "常住人口组合的模型个数", len(members), "个", report.edition
    )
    heading = f"{count}模型{report.last_year}年由{facts[0]:v.0}到{facts[1]:.0}，组合取等权平均"
    lead = f"最低的是{low['name_zh']}，最高的是{high['name_zh']}。模型之间的差别说明单一模型不可靠，取等权组合，不凭事后表现选模型。"
    blocks: list[Block] = [*families(report), _beaten_words(report), _table_members(report), _table_cards(report)]
    if forecast.history["published"].sum() < len(forecast.history):
        blocks += [_figure_splice(report), _splice_words(report)]
    notes = "\n".join(f"- {text}。" for text in forecast.notes)
    blocks.append(
        Note(
            "方法：组合与取舍",
            f"各模型对数平均，等权。趋势成员由方法标准事先写明，在同类城市上差于“维持末值”的退出；候选模型须不差于最好的朴素基准才列入。取舍不看在本市的表现。\n\n{notes}\n\n"
            "公式见[趋势模型](#methods-trend)、[组合](#methods-combination)。",
        )
    )
    return Section("trends-models", heading, lead, tuple(blocks))


def _member_fact(report: Report, member: str, year: int) -> Fact:
    forecast = forecasts_of(report).resident
    row = forecast.members[(forecast.members["member"] == member) & (forecast.members["year"] == year)].iloc[0]
    return report.fact(
        f"fact-member-{member.replace('_', '-')}-{year}", f"{year}年常住人口：{row['name_zh']}", round(float(row["value"]), 10),
        "万人", 1, year=year, basis="resident", source_ids=forecast_sources(report, "resident"),
        derivation=f"以{forecast.origin_year}年为起点",
    )  # fmt: skip


def _beaten_words(report: Report) -> str:
    """Say which members beat the naive forecasts in the peer cities, and which do not."""
    forecast = forecasts_of(report).resident
    if not forecast.skill:
        return (
            "本版截止日以前没有可用的同口径城市序列，不能检验各模型是否优于朴素基准，方法标准事先写明的趋势成员有数据的全部列入，候选模型没有证据，不列入；不作优于基准的说法。"
        )
    best_name = min(NAIVE, key=lambda name: forecast.skill.get(name, 9.0))
    best = forecast.skill[best_name]
    entered = set(forecast.members["member"])

    def names(is_entered: bool, low: float, high: float) -> list[str]:
        return [
            MEMBER_NAMES_ZH[m] for m in SERIES_MEMBERS
            if m in forecast.skill and (m in entered) == is_entered and low <= forecast.skill[m] < high
        ]  # fmt: skip

    better, middle = names(True, 0, best), names(True, best, 9)
    close, worse = names(False, 0, 1), names(False, 1, 9)
    fact = report.fact(
        f"fact-best-naive-skill-{report.edition}", f"最好的朴素基准（{NAIVE[best_name]}）的误差与维持末值之比", round(best, 10), "", 2,
        year=report.edition, basis="resident", source_ids=forecast_sources(report, "resident"),
        derivation="各年期平均绝对误差之比的几何平均",
    )  # fmt: skip
    text = f"在同类城市上，误差以“维持末值”为1，最好的朴素基准是{NAIVE[best_name]}（{fact}）。"
    if better:
        text += f"{list_phrase(better)}优于所有朴素基准。"
    if middle:
        text += f"{list_phrase(middle)}优于维持末值，但没有胜过{NAIVE[best_name]}。"
    if close:
        text += f"{list_phrase(close)}没有胜过最好的朴素基准，不列入组合。"
    if worse:
        text += f"{list_phrase(worse)}连维持末值也没有胜过，不列入组合。"
    if "province_share" in entered:
        text += f"{MEMBER_NAMES_ZH['province_share']}只在本省城市实测。"
    others = [str(name) for member, name in zip(forecast.members["member"], forecast.members["name_zh"], strict=True) if member not in forecast.skill]
    others = list(dict.fromkeys(others))
    return text + f"{list_phrase(others)}没有在同类城市逐城重做，是否优于基准只能看本市回测。"


def _table_members(report: Report) -> Table:
    forecast = forecasts_of(report).resident
    shown, h_near = horizons(report, forecast.origin_year), near_year(report) - forecast.origin_year
    panel = score_panel(report.ledger)
    mae = panel.pivot(index="member", columns="h", values="mae_percent") if not panel.empty else pd.DataFrame()
    entered = set(forecast.members["member"])
    rows: list[dict[str, Any]] = []
    listed = [(COMBINATION, "组合"), *[(m, "成员") for m in dict.fromkeys(forecast.members["member"])]]
    listed += [(m, "未列入") for m in SERIES_MEMBERS if m not in entered and m in forecast.fits] + [(m, "朴素基准") for m in NAIVE]
    for member, kind in listed:
        rows.append(
            {
                "name": MEMBER_NAMES_ZH[member], "kind": kind,
                **{str(year): _value(report, member, year) for year in shown},
                "skill": forecast.skill.get(member), "verdict": _verdict(report, member, kind, mae),
                **{f"mae{h}": number(mae.at[member, h]) if member in mae.index and h in mae.columns else None for h in SCORED_HORIZONS},
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows).astype({f"mae{h}": float for h in SCORED_HORIZONS} | {"skill": float})
    columns = [Column("name", "模型")]
    columns += [Column(str(year), f"{year}年", "万人", 1, group="本市预测") for year in shown]
    if not panel.empty:
        columns += [Column(f"mae{h}", f"{h}年期", "%", 2, group="同类城市平均绝对误差") for h in SCORED_HORIZONS]
        columns.append(Column("skill", "误差比", decimals=2))
    columns.append(Column("verdict", "与朴素基准相比"))
    covered = forecast.coverage_at(h_near)
    notes = ["空格表示没有在同类城市逐城重做或不能检验。"]
    if not panel.empty:
        notes.append("误差比：各年期平均绝对误差与维持末值之比的几何平均，小于1为优于维持末值。")
    if not panel.empty:
        n = panel[panel["member"] == COMBINATION].set_index("h")
        notes.insert(
            0,
            "同类城市回测：" + "，".join(f"{h}年期{whole(n.at[h, 'n'])}次、{whole(n.at[h, 'cities'])}个城市" for h in SCORED_HORIZONS if h in n.index)
            + "；误差为对数误差绝对值的平均。组合在同类城市只含趋势成员。",
        )
    notes += _province_note(panel)
    if covered is not None:
        notes.append(
            f"组合的80%区间在{h_near}年期覆盖{round(float(covered['covered80']) * int(covered['n']))}次，"
            f"实测{int(covered['n'])}次；单个模型不给区间。"
        )
    else:
        notes.append("单个模型不给区间；组合的区间本版不能实测覆盖率。")
    return Table(
        id="tbl-members",
        title="各模型的预测、同类城市误差和与朴素基准的比较（常住人口）",
        frame=frame,
        columns=tuple(columns),
        unit="万人、%",
        basis="resident",
        region_id=report.region_id,
        years=shown,
        source_ids=forecast_sources(report, "resident"),
        notes=tuple(notes),
        indicator_ids=("resident_population",),
        group_by="kind",
        missing="blank",
    )


def _province_note(panel: pd.DataFrame) -> list[str]:
    """Say on how many cities the share of the province was scored, because its errors are not of the same cities."""
    rows = panel[panel["member"] == "province_share"] if not panel.empty else panel
    if rows.empty:
        return []
    first = rows.sort_values("h").iloc[0]
    return [
        f"{MEMBER_NAMES_ZH['province_share']}只在本省{whole(first['cities'])}个城市实测（1年期{whole(first['n'])}次），平均误差的城市范围与其他模型不同，不宜直接相比。"
    ]


def _value(report: Report, member: str, year: int) -> float:
    forecast = forecasts_of(report).resident
    if member == COMBINATION:
        return number(forecast.path.set_index("year").at[year, "point"])
    if member in forecast.fits and member not in set(forecast.members["member"]):
        return float(forecast.fits[member].values[year - forecast.origin_year - 1])
    table = pd.concat([forecast.members, forecast.benchmarks])
    return float(table[(table["member"] == member) & (table["year"] == year)]["value"].iloc[0])


def _verdict(report: Report, member: str, kind: str, mae: pd.DataFrame) -> str:
    skill = forecasts_of(report).resident.skill
    if kind == "朴素基准":
        return "基准"
    if mae.empty:
        return "不能检验"
    if member == COMBINATION:
        best = mae.loc[list(NAIVE)].min()
        lost = [str(h) for h in mae.columns if mae.at[COMBINATION, h] >= best[h]]
        return "优于" if not lost else f"{'、'.join(lost)}年期不优于" + ("" if len(lost) == len(mae.columns) else "，其余优于")
    if member not in skill:
        return "只有本市回测"
    best_skill = min(skill[name] for name in NAIVE if name in skill)
    if skill[member] < best_skill:
        return "优于"
    return "优于维持末值，不优于最好的基准" if skill[member] <= 1 else "不优于"


def _table_cards(report: Report) -> Table:
    forecast = forecasts_of(report).resident
    used = set(forecast.members["member"])
    panel = score_panel(report.ledger)
    mae = panel.pivot(index="member", columns="h", values="mae_percent") if not panel.empty else pd.DataFrame()
    rows = []
    for member, (data, assumption, failure) in CARDS.items():
        if member == "factor" and member not in used:
            accuracy = "本版没有估计"
        elif member in mae.index:
            h = max(h for h in SCORED_HORIZONS if h in mae.columns)
            accuracy = f"同类城市{h}年期{number(mae.at[member, h]):.1f}%"
        else:
            accuracy = "同类城市没有逐城重做，见本市回测" if report.edition > 2020 else "本版不能实测"
        rows.append(
            {
                "name": MEMBER_NAMES_ZH[member], "data": data, "assumption": assumption, "failure": failure, "accuracy": accuracy,
                "entered": "列入" if member in used else "未列入",
            }
        )  # fmt: skip
    return Table(
        id="tbl-model-cards",
        title="模型卡片：数据、假定、已知的失误和实测误差",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "模型"), Column("entered", "组合"), Column("data", "数据"), Column("assumption", "假定"),
            Column("failure", "已知的失误"), Column("accuracy", "实测平均绝对误差"),
        ),
        unit="",
        basis="resident",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=forecast_sources(report, "resident"),
    )  # fmt: skip


def _figure_splice(report: Report) -> Figure:
    """Show the rebuilt decade beside the published series (only where the edition had no re-based values)."""
    history = forecasts_of(report).resident.history
    old, breaks = drawn_actuals(report, "resident", int(history["year"].iloc[0]))
    rebuilt = pd.DataFrame({"年份": history["year"], "人口（万人）": history["value"], "分段": "r", "系列": "本报告回推"})
    rows = pd.concat([old.assign(系列="公布数"), rebuilt], ignore_index=True)
    last = rebuilt.iloc[-2]
    title = f"回推后{int(last['年份'])}年为{last['人口（万人）']:.0f}万人，公布的是{float(old[old['年份'] == last['年份']]['人口（万人）'].iloc[0]):.0f}万人"
    return Figure(
        id="fig-splice",
        title=title,
        subtitle="常住人口，万人；按六普基础公布的数与两次普查之间的回推",
        alt=f"折线图。回推与2010年、2020年两次普查衔接，2010年{rebuilt['人口（万人）'].iloc[0]:.1f}万人，2020年{rebuilt['人口（万人）'].iloc[-1]:.1f}万人。{title}。",
        frame=rows[["年份", "系列", "人口（万人）"]].round(2),
        draw=lambda layout: line_chart(
            rows, layout, y="人口（万人）", series="系列", segment="分段", decimals=1,
            colours={"公布数": COLOURS["actual"], "本报告回推": COLOURS["forecast"]}, breaks=breaks,
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(int(year) for year in history["year"]),
        source_ids=forecast_sources(report, "resident"),
        notes=("回推是模型结果，不是公布数，不进入台账。",),
        indicator_ids=("resident_population",),
    )  # fmt: skip


def _splice_words(report: Report) -> str:
    return (
        "本版截止日以前，2019年及以前的常住人口没有按七普修订。为了不跨断点拟合，先把两次普查之间的各年用几种方法回推到同一基数，取对数平均。"
        "官方修订数公布后，以后各版改用修订数。"
    )


@or_gap("trends-factor", "因素回归")
def factor(report: Report) -> Section:
    """Return the section on the panel regression: coefficients with standard errors and what they cannot tell.

    Parameters
    ----------
    report
        The edition.
    """
    regression = forecasts_of(report).regression
    if regression is None:
        return Section(
            "trends-factor",
            "城市面板回归：本版没有可用的同口径城市序列，不作估计",
            "各城市按七普修订的历年常住人口在本版截止日以前没有公布。用断点两侧的数作回归，得到的只是基数调整，不是增长规律。",
            (
                "规划提到使用线性因子回归，没有公布因子、样本、系数和误差，本报告无从复核。待各城市修订数公布后，以后各版给出回归的样本数、系数和标准误。",
            ),
        )
    table = regression.coefficients
    lag, gdp = table.loc["growth_lag"], table.loc["gdp_relative_lag"]
    facts = {key: _coefficient(report, str(key), row) for key, row in table.iterrows()}
    heading = f"增速的惯性系数{facts['growth_lag'][0]}，{_gdp_words(gdp)}"
    n = count_fact(report, f"fact-panel-n-{report.edition}", "城市面板回归样本数", regression.n, "个", regression.last_year)
    cities = count_fact(report, f"fact-panel-cities-{report.edition}", "城市面板回归城市数", regression.cities, "个城市", regression.last_year)
    within = report.fact(
        f"fact-panel-r2-{report.edition}", "两个因素解释的城市内增速差异", round(100 * regression.r_squared_within, 10), "%", 0,
        year=regression.last_year, source_ids=forecast_sources(report, "resident"), derivation="1 − 残差平方和 ÷ 只含城市和年份效应时的残差平方和",
    )  # fmt: skip
    lead = (
        f"上年增速每高1个百分点，当年增速平均高{facts['growth_lag'][0]}个百分点。{_sign_words(lag, gdp)}"
    )
    text = (
        f"样本是{cities}{regression.first_year}—{regression.last_year}年的{n}观测，含城市效应和年份效应，标准误按城市聚类。"
        f"两个因素合计解释城市内增速差异的{within}。"
    )
    limit = "这一回归不能说明：经济增长是否引起人口增长（人随就业走，就业也随人走）；落户、住房等政策的作用；未来的年份效应。滞后项系数有向下的偏误。"
    blocks: tuple[Block, ...] = (
        _figure_coefficients(report), text, _table_factor(report), limit,
        Note("方法：面板回归", f"被解释变量为常住人口对数增速（%）。{regression.limits}公式见[因子回归](#methods-factor)。"),
    )  # fmt: skip
    policy = "规划以经济发展势头作为人口继续流入的理由之一。" + (
        "这一面板没有显出上年经济增速对人口增速的稳定作用，按经济增速推算人口增量没有依据。"
        if abs(number(gdp["t"])) < SIGNIFICANT_T
        else "这一面板显出二者相关，但相关不是因果，仍不宜按经济增速推算人口增量。"
    )
    return Section("trends-factor", heading, lead, blocks, policy)


def _coefficient(report: Report, key: str, row: pd.Series) -> tuple[Fact, Fact]:
    stem = f"fact-panel-{key.replace('_', '-')}"
    sources = forecast_sources(report, "resident")
    value = report.fact(
        f"{stem}-{report.edition}", f"面板回归系数：{row['name_zh']}", round(float(row["coefficient"]), 10), "", 2,
        year=report.edition, source_ids=sources, derivation="双向固定效应最小二乘",
    )  # fmt: skip
    error = report.fact(
        f"{stem}-se-{report.edition}", f"面板回归标准误：{row['name_zh']}", round(float(row["standard_error"]), 10), "", 2,
        year=report.edition, source_ids=sources, derivation="按城市聚类的标准误",
    )  # fmt: skip
    return value, error


def _gdp_words(row: Any) -> str:
    if abs(float(row["t"])) < SIGNIFICANT_T:
        return "经济增速的系数与零没有显著差别"
    return "经济增速的系数显著为正" if float(row["coefficient"]) > 0 else "经济增速的系数显著为负，与预期相反"


def _sign_words(lag: Any, gdp: Any) -> str:
    agree = [bool(float(row["coefficient"]) > 0) for row in (lag, gdp)]
    if all(agree):
        words = "两个因素的符号事先定为正，估计结果都为正"
    elif not any(agree):
        words = "两个因素的符号事先定为正，估计结果都为负，与预期不符"
    else:
        wrong = "上年增速" if not agree[0] else "相对经济增速"
        words = f"两个因素的符号事先定为正，{wrong}的估计为负，与预期不符"
    weak = [str(row["name_zh"]) for row in (lag, gdp) if abs(float(row["t"])) < SIGNIFICANT_T]
    return words + (f"，但{list_phrase(weak)}的系数与零没有显著差别（5%水平）。" if weak else "，都在5%水平上显著。")


def _figure_coefficients(report: Report) -> Figure:
    regression = forecasts_of(report).regression
    assert regression is not None
    table = regression.coefficients
    rows = pd.DataFrame(
        {
            "因素": table["name_zh"].to_list(),
            "系数": table["coefficient"].to_list(),
            "下限": (table["coefficient"] - SIGNIFICANT_T * table["standard_error"]).to_list(),
            "上限": (table["coefficient"] + SIGNIFICANT_T * table["standard_error"]).to_list(),
        }
    )
    title = f"惯性系数{rows['系数'][0]:.2f}；{_gdp_words(table.loc['gdp_relative_lag'])}"
    return Figure(
        id="fig-factor-coefficients",
        title=title,
        subtitle="因素提高1个百分点时增速的变动，个百分点；点为系数，线段为95%置信区间",
        alt="区间图。" + "；".join(f"{r['因素']}系数{r['系数']:.2f}，95%置信区间{r['下限']:.2f}到{r['上限']:.2f}" for r in rows.to_dict("records")).replace("-", "−")
        + f"。{title}。",
        frame=rows.round(4),
        draw=lambda layout: interval_chart(rows, layout, category="因素", point="系数", intervals=[("下限", "上限")], decimals=2),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(regression.first_year, regression.last_year),
        source_ids=forecast_sources(report, "resident"),
        notes=(f"{regression.cities}个城市，{regression.first_year}—{regression.last_year}年，{regression.n}个观测；置信区间是系数的，不是预测区间。",),
    )


def _table_factor(report: Report) -> Table:
    regression = forecasts_of(report).regression
    assert regression is not None
    table = regression.coefficients
    rows = table.assign(
        expected=table["expected_sign"].map({"+": "正", "-": "负"}),
        agrees=["相符" if value > 0 else "不符" for value in table["coefficient"]],
        significant=["是" if abs(t) >= SIGNIFICANT_T else "否" for t in table["t"]],
    )
    return Table(
        id="tbl-factor-regression",
        title=f"城市面板回归：常住人口增速（{regression.first_year}—{regression.last_year}年，{regression.cities}个城市，n＝{regression.n}）",
        frame=rows[["name_zh", "expected", "coefficient", "standard_error", "t", "agrees", "significant"]].reset_index(drop=True),
        columns=(
            Column("name_zh", "因素"), Column("expected", "事先定的符号"), Column("coefficient", "系数", decimals=3, emphasis=True),
            Column("standard_error", "标准误", decimals=3), Column("t", "t值", decimals=2), Column("agrees", "符号"),
            Column("significant", "与零有显著差别（5%）"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(regression.first_year, regression.last_year),
        source_ids=forecast_sources(report, "resident"),
        notes=(
            "含城市效应和年份效应；相对经济增速为该城市地区生产总值实际增速减当年各城市平均。",
            f"城市内判定系数{regression.r_squared_within:.2f}。相关不是因果。",
        ),
    )  # fmt: skip
