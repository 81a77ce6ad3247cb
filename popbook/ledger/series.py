"""A series: the selected value of each year for one indicator and region, cut into segments at its breaks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from popbook.ledger.model import Break, Indicator, Observation, Region

SERIES_COLUMNS = ["year", "value", "status", "vintage", "confidence", "source_id", "published", "note"]


@dataclass(frozen=True)
class BreakPoint:
    """Where a declared break cuts a series: between two observed years."""

    before_year: int
    after_year: int
    cause: Break


@dataclass(frozen=True, eq=False)
class Series:
    """Values of one indicator in one region, one per year, in order of years.

    Parameters
    ----------
    indicator : Indicator
    region : Region
        Its boundary scheme is the scheme of every value.
    frame : DataFrame
        Columns year (int), value (in the indicator's unit), status, vintage, confidence, source_id, published
        (ISO date), note; one row per year, ascending.
    breaks : tuple of Break
        Breaks declared for this indicator and region, whether or not they cut the values at hand.
    """

    indicator: Indicator
    region: Region
    frame: pd.DataFrame
    breaks: tuple[Break, ...] = ()

    def __len__(self) -> int:
        return len(self.frame)

    def at(self, year: int) -> Observation | None:
        """The observation of one year, or None where nothing is published."""
        return self._by_year.get(year)

    @property
    def latest(self) -> Observation | None:
        """The observation of the last observed year, or None for an empty series."""
        return next(reversed(self._by_year.values()), None)

    def observations(self) -> list[Observation]:
        """All observations, oldest first."""
        return list(self._by_year.values())

    def break_points(self) -> list[BreakPoint]:
        """Where the declared breaks lie between observed years of this series.

        A break lies between two neighbouring values when one stands on its old side and the other does not
        (`Break.has_before`). A re-basing therefore moves with the data: in an edition that has re-based figures back
        to 2014, it lies between 2013 and 2014; in an older edition, at the census.

        Returns
        -------
        list of BreakPoint
            In order of years; several causes at one place give several points.
        """
        rows = list(zip(self.frame["year"], self.frame["vintage"], strict=True))
        points = []
        for (year, vintage), (next_year, next_vintage) in pairwise(rows):
            for cause in self.breaks:
                if cause.has_before(year, vintage) != cause.has_before(next_year, next_vintage):
                    points.append(BreakPoint(int(year), int(next_year), cause))
        return points

    def segments(self) -> list[pd.DataFrame]:
        """The stretches of the series within which values are comparable, oldest first.

        Returns
        -------
        list of DataFrame
            Columns as `frame`; together they are `frame`.
        """
        if self.frame.empty:
            return []
        starts = {point.after_year for point in self.break_points()}
        number = self.frame["year"].isin(starts).cumsum()
        return [segment.reset_index(drop=True) for _, segment in self.frame.groupby(number, sort=True)]

    def changes(self, gaps: bool = False) -> pd.DataFrame:
        """Differences between neighbouring years, never across a break.

        Parameters
        ----------
        gaps : bool
            Also report differences over several years where the years between are not published.

        Returns
        -------
        DataFrame
            Columns from_year, year, span (years), change (indicator's unit; percentage points for a share).
        """
        pairs = self._pairs(gaps)
        return _pair_table(pairs, "change", [second - first for _, _, first, second in pairs])

    def growth(self, gaps: bool = False) -> pd.DataFrame:
        """Mean yearly growth in per cent, never across a break: ``100 * ((v1 / v0) ** (1 / span) - 1)``.

        Parameters
        ----------
        gaps : bool
            Also report mean yearly growth over several years where the years between are not published.

        Returns
        -------
        DataFrame
            Columns from_year, year, span (years), growth (per cent a year; NaN where a value is not positive).
        """
        pairs = self._pairs(gaps)
        before, year, first, second = np.array(pairs, dtype=np.float64).reshape(-1, 4).T
        is_positive = (first > 0) & (second > 0)
        ratio = np.divide(second, first, out=np.full(len(pairs), np.nan), where=is_positive)
        return _pair_table(pairs, "growth", 100 * (ratio ** (1 / (year - before)) - 1))

    def _pairs(self, gaps: bool) -> list[tuple[int, int, float, float]]:
        """Neighbouring values of one segment: both years, both values."""
        starts = {point.after_year for point in self.break_points()}
        rows = zip(self.frame["year"].tolist(), self.frame["value"].tolist(), strict=True)
        return [
            (before, year, first, second)
            for (before, first), (year, second) in pairwise(rows)
            if year not in starts and (gaps or year - before == 1)
        ]

    @cached_property
    def _by_year(self) -> dict[int, Observation]:
        years, values, *texts = (self.frame[name].tolist() for name in SERIES_COLUMNS)
        return {
            int(year): Observation(
                indicator=self.indicator,
                region=self.region,
                year=int(year),
                value=float(value),
                **dict(zip(SERIES_COLUMNS[2:], map(_text, row), strict=True)),
                breaks=self.breaks,
            )
            for year, value, *row in zip(years, values, *texts, strict=True)
        }


def _pair_table(pairs: list[tuple[int, int, float, float]], name: str, measure: ArrayLike) -> pd.DataFrame:
    years = np.array([pair[:2] for pair in pairs], dtype=np.int64).reshape(-1, 2)
    return pd.DataFrame(
        {
            "from_year": years[:, 0],
            "year": years[:, 1],
            "span": years[:, 1] - years[:, 0],
            name: np.array(measure, dtype=np.float64),
        }
    )


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
