"""Where growth comes from, and what each assumption is worth: components of the forecast and named scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from popbook.exhibits.chapters.needs import or_gap
from popbook.exhibits.chapters.trends.evidence import (
    Outlook,
    age_outlook,
    age_sources,
    ages_of,
    forecast_sources,
    forecasts_of,
    horizons,
    late_inputs_note,
    near_age_year,
    number,
    published_series,
)
from popbook.exhibits.charts import BreakLine, components_chart
from popbook.exhibits.model import Block, Column, Fact, Figure, Note, Section, Table
from popbook.exhibits.theme import COLOURS
from popbook.forecasting.scenarios import project_scenarios
from popbook.forecasting.sensitivity import WORTH_YEAR, assumption_worth
from popbook.monitoring.components import components_of_change

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

SENSITIVITY_YEAR = WORTH_YEAR


@or_gap("trends-scenarios", "推算方案")
def scenarios(report: Report) -> Section:
    """Return the section on natural growth, migration and the scenarios of the cohort model.

    Parameters
    ----------
    report
        The edition.
    """
    births, deaths = age_outlook(report, "births", report.last_year), age_outlook(report, "deaths", report.last_year)
    ahead = near_age_year(report)
    moved = age_outlook(report, "net_migration", ahead)
    turn = _turning_year(report)
    if turn is None:
        heading = f"推算到{report.last_year}年出生仍多于死亡，增长主要取决于迁移" if _migration_leads(report) else (
            f"推算到{report.last_year}年出生仍多于死亡"
        )
    else:
        heading = f"推算{turn}年起死亡多于出生，此后增长只能来自迁移"
    lead = (
        f"{ahead}年净迁入预计{moved.words()}。{report.last_year}年出生预计{births.words()}，死亡预计{deaths.words()}。"
    )
    blocks: tuple[Block, ...] = (
        _figure(report, turn, moved),
        _worth_words(report),
        _table_sensitivity(report),
        _table_scenarios(report),
        Note(
            "方法：方案与区间的分别",
            "方案是一组写明的假定，不带概率：中方案保持现有生育水平，净迁移向同类城市近年增速的中位数靠拢；"
            "低、高方案分别取生育水平的下降、上升和同类城市增速的第10、第90百分位。无迁移参照只作分析用，不是方案。"
            "预测区间另行得出，见前面各节。方案的公式见[队列要素推算](#methods-cohort-city)。",
        ),
    )
    policy = (
        "迁移假定对总量的影响大于生育假定。人口总量的不确定性主要看就业和住房能否留人；生育支持的作用在托育和入学规模上，不在本规划期的总量上。"
        if _migration_is_worth_more(report)
        else "生育假定对总量的影响不小于迁移假定，总量核算应同时跟踪两项。"
    )
    return Section("trends-scenarios", heading, lead, blocks, policy)


def _worth(report: Report, key: str) -> Fact:
    row = assumption_worth(report.ledger).set_index("key").loc[key]
    return report.fact(
        f"fact-sensitivity-{key.replace('_', '-')}-{SENSITIVITY_YEAR}",
        f"{SENSITIVITY_YEAR}年常住人口对假定的敏感度：{row['change']}", round(number(row["worth"]), 10), "万人", 1,
        year=SENSITIVITY_YEAR, basis="resident", source_ids=age_sources(report), derivation="只改一项假定的推算 − 中方案推算",
    )  # fmt: skip


def _migration_is_worth_more(report: Report) -> bool:
    worth = assumption_worth(report.ledger).set_index("key")["worth"]
    return abs(worth["migration_high"] - worth["migration_low"]) > abs(worth["fertility_high"] - worth["fertility_low"])


def _worth_words(report: Report) -> str:
    f_low, f_high, m_low, m_high = (
        _worth(report, key) for key in ("fertility_low", "fertility_high", "migration_low", "migration_high")
    )
    return (
        f"只改一项假定，{SENSITIVITY_YEAR}年常住人口的变动：生育水平取低、高两端，为{f_low:+}和{f_high:+}；"
        f"净迁移取低、高两端，为{m_low:+}和{m_high:+}。这是推算之间的差，不是区间。"
    )


def _flows(report: Report) -> pd.DataFrame:
    """Natural growth and net migration by year: published until the edition, then the central run."""
    past = components_of_change(report.ledger)
    ages = ages_of(report)
    rows = [
        {"年份": int(row["year"]), "自然增长": row["natural"], "净迁移": row["net_migration"], "类别": "按公布数推得"}
        for row in past[past["year"] <= ages.origin_year].to_dict("records")
        if row["year"] > 2020
    ]
    parts = {name: ages.measure(name).set_index("year")["point"] for name in ("births", "deaths", "net_migration")}
    for year in parts["births"].index:
        rows.append(
            {
                "年份": int(year), "自然增长": parts["births"][year] - parts["deaths"][year],
                "净迁移": parts["net_migration"][year], "类别": "推算",
            }
        )  # fmt: skip
    return pd.DataFrame(rows).assign(常住人口增量=lambda t: t["自然增长"] + t["净迁移"])


def _turning_year(report: Report) -> int | None:
    """Return the first projected year from which deaths exceed births to the end, or None."""
    rows = _flows(report)
    ahead = rows[rows["类别"] == "推算"]
    negative = (ahead["自然增长"] < 0).to_numpy()
    if not negative[-1]:
        return None
    start = len(negative) - int(np.argmin(negative[::-1])) if not negative.all() else 0
    return int(ahead["年份"].iloc[start])


def _migration_leads(report: Report) -> bool:
    rows = _flows(report)
    ahead = rows[rows["类别"] == "推算"]
    return float(ahead["净迁移"].sum()) > float(ahead["自然增长"].sum())


def _figure(report: Report, turn: int | None, moved: Outlook) -> Figure:
    rows = _flows(report)
    origin = ages_of(report).origin_year
    last = rows.iloc[-1]
    title = f"推算{report.last_year}年自然增长{last['自然增长']:.1f}万人、净迁入{last['净迁移']:.1f}万人".replace("-", "−")
    if turn is not None:
        title = f"推算{turn}年起自然增长转负，{report.last_year}年为{last['自然增长']:.1f}万人".replace("-", "−")
    breaks = (BreakLine(origin + 1, f"{origin + 1}年起为推算"),)
    known = (rows["类别"] == "按公布数推得").any()
    series = published_series(report, "resident")
    return Figure(
        id="fig-forecast-components",
        title=title,
        subtitle="常住人口年增量及构成，万人；" + (f"{origin}年及以前按公布数推得，以后为" if known else "") + "队列要素推算的中心值",
        alt="柱形图，各年自然增长和净迁移。"
        + "；".join(f"{int(r['年份'])}年自然增长{r['自然增长']:.1f}、净迁移{r['净迁移']:.1f}" for r in rows.to_dict("records") if int(r["年份"]) % 5 == 0)
        + f"万人。{title}。",
        frame=rows[["年份", "类别", "自然增长", "净迁移", "常住人口增量"]].rename(
            columns={name: f"{name}（万人）" for name in ("自然增长", "净迁移", "常住人口增量")}
        ).round(3),
        draw=lambda layout: components_chart(
            rows, layout, parts={"自然增长": COLOURS["natural"], "净迁移": COLOURS["migration"]}, total="常住人口增量", unit="万人",
            breaks=breaks if known else (),
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(int(year) for year in rows["年份"]),
        source_ids=tuple(dict.fromkeys((*forecast_sources(report, "resident"), *age_sources(report), *set(series.frame["source_id"].tail(1))))),
        notes=(
            f"推算值是中心值。净迁入的不确定性最大：{moved.year}年95%区间为{moved.lo95.value:.1f}万至{moved.hi95.value:.1f}万人。".replace("-", "−"),
            "净迁移是总增量减自然增长的余项。",
            *late_inputs_note(report),
        ),
        indicator_ids=("resident_population",),
    )  # fmt: skip


def _table_sensitivity(report: Report) -> Table:
    return Table(
        id="tbl-sensitivity",
        title=f"每项假定值多少：只改一项时{SENSITIVITY_YEAR}年常住人口的变动",
        frame=assumption_worth(report.ledger),
        columns=(
            Column("assumption", "假定"),
            Column("change", "取值"),
            Column("population", f"{SENSITIVITY_YEAR}年推算", "万人", 1),
            Column("worth", "比中方案", "万人", 1, signed=True, emphasis=True),
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=(SENSITIVITY_YEAR,),
        source_ids=tuple(dict.fromkeys((*forecast_sources(report, "resident"), *age_sources(report)))),
        notes=("推算之间的差，不含概率；各项不能简单相加。",),
        indicator_ids=("resident_population",),
    )


def _table_scenarios(report: Report) -> Table:
    table = project_scenarios(report.ledger)
    shown = horizons(report, forecasts_of(report).resident.origin_year)
    rows = table[table["year"].isin(shown)].assign(when=lambda t: t["year"].astype(str) + "年")
    rows = rows.assign(natural=rows["births"] - rows["deaths"])
    return Table(
        id="tbl-scenarios",
        title="本报告的低、中、高方案（队列要素推算，不是区间）",
        frame=rows[
            ["name_zh", "when", "population", "births", "deaths", "natural", "net_migration", "share_0_14", "share_60plus"]
        ].reset_index(drop=True),
        columns=(
            Column("when", "年份"),
            Column("population", "常住人口", "万人", 1, emphasis=True),
            Column("births", "出生", "万人", 1, group="当年"),
            Column("deaths", "死亡", "万人", 1, group="当年"),
            Column("natural", "自然增长", "万人", 1, group="当年", signed=True),
            Column("net_migration", "净迁移", "万人", 1, group="当年", signed=True),
            Column("share_0_14", "0—14岁", "%", 1, group="比重"),
            Column("share_60plus", "60岁及以上", "%", 1, group="比重"),
        ),
        unit="万人、%",
        basis="resident",
        region_id=report.region_id,
        years=shown,
        source_ids=tuple(dict.fromkeys((*forecast_sources(report, "resident"), *age_sources(report)))),
        notes=(
            "本报告的三个方案与规划的三个方案同名不同义：假定不同，不能互相替代。",
            "方案由单一模型推算，中方案不等于前面的组合预测。",
        ),
        group_by="name_zh",
    )
