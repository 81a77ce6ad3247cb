"""What stands behind a figure of this chapter: its sources, its doubts, its rows for drawing, its breaks."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from popbook.exhibits.charts import BreakLine
from popbook.ledger.model import Observation
from popbook.ledger.series import Series

SAME_CENSUS_BASE = "同以七普为基础，普查为11月1日零时，年度数为年末"
"""Reason for setting a yearly figure of 2020 and later beside the 2020 census."""


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


def latest_segment(series: Series) -> list[Observation]:
    """Return the observations of the last stretch without a break, oldest first."""
    segments = series.segments()
    years = set(segments[-1]["year"]) if segments else set()
    return [item for item in series.observations() if item.year in years]


def doubtful_notes(*series: Series) -> list[str]:
    """Return one sentence per value of confidence C: what it is and why it decides nothing alone.

    Values of one year with the same reason share a sentence.
    """
    reasons: dict[tuple[int, str], list[str]] = {}
    for item in series:
        for value in item.observations():
            if value.confidence == "C":
                reasons.setdefault((value.year, value.note), []).append(item.indicator.name_zh)
    return [
        f"{year}年{'、'.join(dict.fromkeys(names))}为C级数据（{reason}），不单独作判断依据。"
        for (year, reason), names in sorted(reasons.items())
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


def break_lines(series: Iterable[Series]) -> list[BreakLine]:
    """Return the breaks that cut the values at hand, each name once per place."""
    found: dict[tuple[int, str], None] = {}
    for item in series:
        for point in item.break_points():
            # A census re-basing is drawn at the census, even where the next yearly value came a year later.
            year = point.after_year if point.after_year <= point.cause.year else point.cause.year
            found[year, point.cause.name_zh] = None
    return [BreakLine(year, name) for year, name in sorted(found)]


def minus(later: float, earlier: float, decimals: int) -> str:
    """Return the arithmetic behind a difference.

    Examples
    --------
    >>> minus(1262.4, -3, 1)
    '1262.4 − −3.0'
    """
    return f"{later:.{decimals}f} − {earlier:.{decimals}f}".replace("-", "−")
