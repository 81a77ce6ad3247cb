"""What would have to be true for the plan's paths: net migration that each of them requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.trends.evidence import (
    SCENARIOS,
    age_outlook,
    age_sources,
    forecast_sources,
    forecasts_of,
    late_inputs_note,
    near_year,
)
from popbook.exhibits.model import Block, Column, Fact, Section, Table
from popbook.forecasting.sensitivity import required_migration
from popbook.monitoring.components import components_of_change

if TYPE_CHECKING:
    from popbook.exhibits.report import Report



@or_gap("trends-required", "达到方案所需的净迁入", Needs(paths=("resident",)))
def requirements(report: Report) -> Section:
    """Return the section on the net migration that the plan's paths require.

    Parameters
    ----------
    report
        The edition.
    """
    frame = required_frame(report)
    report.result("required_migration", frame)
    origin = forecasts_of(report).resident.origin_year
    ahead = near_year(report)
    first = f"{origin + 1}—{ahead}年" if origin + 1 < ahead else f"{ahead}年"
    medium = _required(report, frame, "medium")
    expected = age_outlook(report, "net_migration", ahead)
    highest = _highest(report)
    each = "平均每年" if origin + 1 < ahead else "一年"
    heading = f"要达到{ahead}年中方案，{first}{each}须净迁入{medium}"
    lead = f"预计{ahead}年净迁入{expected.point}，80%区间{expected.span()}。"
    if highest is not None:
        times = (medium.value or 0) / (highest.value or 1)
        multiple = report.fact(
            f"fact-required-multiple-{report.edition}", f"中方案所需净迁入与{highest.year}年净迁入之比", round(times, 10), "倍", 1,
            year=ahead, source_ids=medium.source_ids, derivation=f"{medium.text('v')} ÷ {highest.text('v')}",
        )  # fmt: skip
        lead += f"{report.census_year}年普查以后净迁入最多的是{highest.year}年，{highest}；中方案所需" + (
            f"为其{multiple}。" if times >= 1.05 else "与其相当。" if times > 0.95 else "低于该数。"
        )
    blocks: list[Block] = [
        "所需净迁入按规划各方案的总量倒推：生育、死亡取本报告的现有水平，其余增量都由迁移补足。" + _later_words(report, frame),
        _table(report, frame),
    ]
    policy = "规划路径能否实现，取决于净迁入能否达到上列数。宜按年公布净迁入，并据此调整服务设施的建设时序，不宜继续按原路径安排总量。"
    return Section("trends-required", heading, lead, tuple(blocks), policy)


def required_frame(report: Report) -> pd.DataFrame:
    """Return yearly means that each path of the plan requires, by scenario and stretch of years.

    Returns
    -------
    DataFrame
        Columns scenario, name_zh, since, until, when, population (万人, at the end), natural, net_migration (万人 a year).
    """
    rows = []
    for scenario, name in SCENARIOS.items():
        path = report.ledger.plan.path("resident", scenario)
        table = required_migration(report.ledger, path[path.index <= report.last_year].astype(float))
        since = int(table["year"].iloc[0])
        for until in report.plan.milestones:
            part = table[(table["year"] >= since) & (table["year"] <= until)]
            if part.empty:
                continue
            when = f"{since}—{until}年" if since < until else f"{until}年"
            rows.append(
                (scenario, f"规划{name}", since, until, when, float(part["population"].iloc[-1]), float(part["natural"].mean()),
                 float(part["net_migration"].mean()))
            )  # fmt: skip
            since = until + 1
    columns = ["scenario", "name_zh", "since", "until", "when", "population", "natural", "net_migration"]
    return pd.DataFrame(rows, columns=columns)


def _required(report: Report, frame: pd.DataFrame, scenario: str) -> Fact:
    ahead = near_year(report)
    row = frame[(frame["scenario"] == scenario) & (frame["until"] == ahead)].iloc[0]
    return report.fact(
        f"fact-required-migration-{scenario}-{ahead}-{report.edition}", f"达到规划{ahead}年{SCENARIOS[scenario]}所需的年均净迁入",
        round(float(row["net_migration"]), 10), "万人", 1, year=ahead, basis="resident",
        source_ids=(report.plan_source, *age_sources(report)), derivation="（规划总量 − 上年末总量）− 自然增长，逐年平均",
    )  # fmt: skip


def _later_words(report: Report, frame: pd.DataFrame) -> str:
    """Say that the last stretch of the low path asks for little, where it does."""
    row = frame[frame["scenario"] == "low"].iloc[-1]
    last = int(row["until"])
    ahead = near_year(report)
    until = frame[(frame["scenario"] == "low") & (frame["until"] == ahead)].iloc[0]
    if float(row["net_migration"]) >= float(until["net_migration"]) / 2:
        return ""
    fact = report.fact(
        f"fact-required-migration-low-{last}-{report.edition}", f"规划低方案{row['when']}所需的年均净迁入", round(float(row["net_migration"]), 10),
        "万人", 1, year=last, basis="resident", source_ids=(report.plan_source, *age_sources(report)), derivation="（规划总量 − 上年末总量）− 自然增长，逐年平均",
    )  # fmt: skip
    return f"{row['when']}低方案每年只须净迁入{fact}，差距集中在{ahead}年以前。"


def _highest(report: Report) -> Fact | None:
    """Highest net migration that published figures on one base show, since the census."""
    table = components_of_change(report.ledger)
    table = table[(table["year"] > report.census_year) & table["net_migration"].notna()]
    if table.empty:
        return None
    row = table.sort_values("net_migration").iloc[-1]
    year = int(row["year"])
    return report.fact(
        f"fact-highest-migration-{year}", f"{year}年净迁入（{report.census_year}年以后最多）", round(float(row["net_migration"]), 10), "万人", 1, year=year,
        basis="resident", source_ids=forecast_sources(report, "resident"), derivation="年增量 − 自然增长",
    )  # fmt: skip


def _table(report: Report, frame: pd.DataFrame) -> Table:
    return Table(
        id="tbl-required-migration",
        title="规划各方案所需的净迁入",
        frame=frame[["name_zh", "when", "population", "natural", "net_migration"]],
        columns=(
            Column("when", "时段"),
            Column("population", "期末总量", "万人", 1),
            Column("natural", "自然增长", "万人", 1, signed=True, group="年均"),
            Column("net_migration", "须净迁入", "万人", 1, signed=True, emphasis=True, group="年均"),
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in frame["until"]})),
        source_ids=tuple(dict.fromkeys((report.plan_source, *forecast_sources(report, "resident"), *age_sources(report)))),
        notes=("自然增长按所需总量推算，含迁入者的生育。所需数不是预测。", *late_inputs_note(report)),
        indicator_ids=("resident_population",),
        group_by="name_zh",
    )
