"""One series without a break from a series with breaks: the census step handled in the open.

No growth is ever taken across a declared break. The rule, in this order:

1. If the last segment of the series has at least five yearly values, it is used alone. From the 2021 edition on
   this is the official back-cast of 2014-2019 joined to the surveys of 2020 and later, one vintage.
2. Otherwise (the 2020 edition, which knew one value after the census) the years between the last two censuses are
   rebuilt so that both counts are met: the mean, in logs, of the methods of `popbook.forecasting.backcast`. The
   rebuilt years are a model's back-cast: they are never stored in the ledger, and the disagreement of the methods
   widens the intervals.
3. If there are no two censuses to close on, the segments are chained by their own growth and the growth of each
   break year is left at the mean of the years around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from popbook.forecasting.backcast import backcast_residents, mean_backcast
from popbook.forecasting.trend import MINIMUM_POINTS
from popbook.ledger.errors import MissingDataError
from popbook.ledger.store import Ledger

METHOD_NAMES_ZH = {
    "published": "最近一段同口径公布数",
    "census-closure": "两次普查之间的回推（几种方法的对数平均）",
    "chained": "各段增速相接，断点当年增速取前后两年平均",
}


@dataclass(frozen=True)
class SplicedSeries:
    """A yearly series without a break, on the base of its last value.

    Parameters
    ----------
    indicator_id : str
    years : numpy.ndarray of int, shape (n,)
        Consecutive.
    values : numpy.ndarray, shape (n,)
        Levels in the unit of the indicator.
    published : numpy.ndarray of bool, shape (n,)
        False where the value is rebuilt and not a published figure.
    method : str
        A key of `METHOD_NAMES_ZH`.
    """

    indicator_id: str
    years: NDArray[np.int64]
    values: NDArray[np.float64]
    published: NDArray[np.bool_]
    method: str

    @property
    def origin_year(self) -> int:
        """Year of the last value: the jump-off."""
        return int(self.years[-1])

    @property
    def origin_value(self) -> float:
        """Last value: the jump-off."""
        return float(self.values[-1])


def splice_series(ledger: Ledger, indicator_id: str, region_id: str | None = None) -> SplicedSeries:
    """Make one series without a break out of what the ledger shows of an indicator.

    Values of confidence C at the end of a segment do not enter, unless it has nothing else: a secondary page
    must not decide where a forecast starts.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition for an honest vintage.
    indicator_id : str
    region_id : str

    Returns
    -------
    SplicedSeries

    Raises
    ------
    ValueError
        If too little is published.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> spliced = splice_series(read_ledger().for_edition(2023), "resident_population")
    >>> spliced.method, int(spliced.years[0]), spliced.origin_year
    ('published', 2014, 2023)
    """
    region_id = region_id or ledger.city
    series = ledger.series(indicator_id, region_id)
    segments = [_without_doubtful_end(segment) for segment in series.segments()]
    runs = [run for segment in segments for run in _consecutive(segment)]
    if not runs:
        raise MissingDataError(f"{ledger.indicators[indicator_id].name_zh}的公布数")
    last = runs[-1]
    if len(last) >= MINIMUM_POINTS:
        return _spliced(indicator_id, last, last.index, "published")
    rebuilt = backcast_residents(ledger, region_id) if indicator_id == "resident_population" else pd.DataFrame()
    if len(rebuilt) and int(rebuilt.index[-1]) == int(last.index[0]):
        return _spliced(indicator_id, pd.concat([mean_backcast(rebuilt), last.iloc[1:]]), last.index, "census-closure")
    return _spliced(indicator_id, chain_segments(runs), pd.concat(runs).index, "chained")


def chain_segments(segments: list[pd.Series]) -> pd.Series:
    """Chain segments backwards from the last one by their own growth.

    The growth of a year between two segments is not known; it is set to the mean of the nearest known growth
    rate on either side, so that it says nothing new about the slope.

    Parameters
    ----------
    segments : list of pandas.Series
        Levels by consecutive years, oldest first; gaps between segments may be several years.

    Returns
    -------
    pandas.Series
        Levels by year, on the base of the last segment.

    Raises
    ------
    ValueError
        If no segment has two values.

    Examples
    --------
    >>> old, new = pd.Series([100.0, 110.0], index=[2018, 2019]), pd.Series([200.0], index=[2020])
    >>> chain_segments([old, new]).round(2).tolist()
    [165.29, 181.82, 200.0]
    """
    growth = pd.concat([np.log(segment).diff().iloc[1:] for segment in segments])
    if growth.empty:
        raise ValueError("no segment has two values: growth is not known")
    first, final = int(segments[0].index[0]), segments[-1]
    years = np.arange(first + 1, int(final.index[-1]) + 1)
    known = growth.reindex(years)
    # Nearest known rate before and after; at the ends only one of them exists.
    filled = pd.concat([known.ffill(), known.bfill()], axis=1).mean(axis=1)
    log = np.log(float(final.iloc[-1])) - np.append(filled.to_numpy()[::-1].cumsum()[::-1], 0.0)
    chained = pd.Series(np.exp(log), index=np.arange(first, int(final.index[-1]) + 1))
    chained[final.index] = final  # exact: logs and back leave a last digit
    return chained


def _without_doubtful_end(segment: pd.DataFrame) -> pd.Series:
    certain = np.flatnonzero(segment["confidence"] != "C")
    kept = segment.iloc[: certain[-1] + 1] if len(certain) else segment
    return kept.set_index("year")["value"].astype(float)


def _consecutive(values: pd.Series) -> list[pd.Series]:
    jumps = np.append(True, np.diff(values.index) > 1).cumsum()
    return [part for _, part in values.groupby(jumps)] if len(values) else []


def _spliced(indicator_id: str, values: pd.Series, published: pd.Index, method: str) -> SplicedSeries:
    years = values.index.to_numpy(dtype=np.int64)
    return SplicedSeries(indicator_id, years, values.to_numpy(dtype=float), np.isin(years, published), method)
