"""What stands behind a figure of this chapter: its sources, its doubts, its rows for drawing, its breaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.charts import BreakLine
from popbook.exhibits.model import Fact
from popbook.ledger.model import Observation
from popbook.ledger.series import Series
from popbook.ledger.store import Ledger

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

SAME_CENSUS_BASE = "同以七普为基础，普查为11月1日零时，年度数为年末"
"""Reason for setting a yearly figure of 2020 and later beside the 2020 census."""


@dataclass(frozen=True)
class Target:
    """One target of the plan's table 4 as numbers: goal and due year, base and base year."""

    goal: float
    due: int
    base: float
    base_year: int


def plan_target(ledger: Ledger, indicator_id: str) -> Target:
    """Return a target of the plan by the indicator that monitors it."""
    row = next(item for item in ledger.plan.targets.to_dict("records") if item["indicator_id"] == indicator_id)
    return Target(
        float(row["target_value"]), int(row["target_year"]), float(row["base_value"]), int(row["base_year"])
    )


def sources_of(*items: Series | Observation | None) -> tuple[str, ...]:
    """Return the source ids of observations and series in order of first use, each once."""
    ids: dict[str, None] = {}
    for item in items:
        if isinstance(item, Series):
            ids |= dict.fromkeys(str(name) for name in item.frame["source_id"])
        elif item is not None:
            ids[item.source_id] = None
    return tuple(ids)


def since(series: Series, year: int) -> Series:
    """Return a series from a year on."""
    frame = series.frame[series.frame["year"] >= year].reset_index(drop=True)
    return Series(series.indicator, series.region, frame, series.breaks)


def doubtful_notes(*series: Series) -> list[str]:
    """Return sentences on the values of confidence C: which they are, why, and that they decide nothing alone.

    Values with the same years and the same reason share a sentence; the arithmetic behind each stays in the ledger.
    """
    years: dict[tuple[str, str], list[int]] = {}
    for item in series:
        for value in item.observations():
            if value.confidence == "C":
                name = item.indicator.name_zh.removeprefix("年末")
                years.setdefault((value.note.split("：")[0], name), []).append(value.year)
    shared: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    for (reason, name), found in years.items():
        shared.setdefault((reason, tuple(sorted(set(found)))), []).append(name)
    return [
        f"{'、'.join(str(year) for year in when)}年{'、'.join(names)}为C级数据（{reason}），不单独作判断依据。"
        for (reason, when), names in sorted(shared.items(), key=lambda entry: entry[0][1])
    ]


def drawn_rows(series: Series, name: str, *, single: bool = False) -> pd.DataFrame:
    """Return a series as rows for a line chart; a line never runs across a break or an unpublished year.

    Parameters
    ----------
    series
        Series to draw.
    name
        Name of the line.
    single
        Whether values stand apart (censuses ten years from each other) and are not joined at all.

    Returns
    -------
    DataFrame
        Columns 年份, 口径, 数值, 分段.
    """
    rows: list[tuple[int, str, float, str]] = []
    part = 0
    before = None
    cuts = {point.after_year for point in series.break_points()}
    for year, value in zip(series.frame["year"], series.frame["value"], strict=True):
        if before is not None and (single or year in cuts or year > before + 1):
            part += 1
        rows.append((int(year), name, float(value), f"{name}{part + 1}"))
        before = int(year)
    return pd.DataFrame(rows, columns=["年份", "口径", "数值", "分段"])


def break_lines(series: Iterable[Series], until: int = 0) -> list[BreakLine]:
    """Return the breaks that cut the values at hand, each name once per place.

    Parameters
    ----------
    series
        Series that are drawn.
    until
        Last year of what else is drawn: a break up to that year is marked even where the series itself has no value
        after it (an old survey series beside a new census).
    """
    found: dict[tuple[int, str], None] = {}
    for item in series:
        latest = item.latest
        for cause in latest.behind if latest is not None else ():
            if cause.year <= until:
                found[cause.year, cause.name_zh] = None
        for point in item.break_points():
            # A census re-basing is drawn at the census, even where the next yearly value came a year later.
            year = point.after_year if point.after_year <= point.cause.year else point.cause.year
            found[year, point.cause.name_zh] = None
    return [BreakLine(year, name) for year, name in sorted(found)]


def unsigned(report: Report, fact: Fact) -> Fact:
    """Return a fact without its sign, for use behind a verb that carries the sign."""
    if (fact.value or 0) >= 0:
        return fact
    return report.fact(
        f"{fact.id}-size",
        f"{fact.label}（绝对值）",
        abs(fact.value or 0),
        fact.unit,
        fact.decimals,
        year=fact.year,
        basis=fact.basis,
        region_id=fact.region_id,
        status=fact.status,
        source_ids=fact.source_ids,
        indicator_id=fact.indicator_id,
        derivation=fact.derivation,
    )


def minus(later: float, earlier: float, decimals: int) -> str:
    """Return the arithmetic behind a difference.

    Examples
    --------
    >>> minus(1262.4, -3, 1)
    '1262.4 − −3.0'
    """
    return f"{later:.{decimals}f} − {earlier:.{decimals}f}".replace("-", "−")
