"""One series without a break from a series with breaks: the census step handled in the open.

No growth is ever taken across a declared break. The rule, in this order:

1. If the last segment of the series has at least five yearly values, it is used alone. From the 2021 edition on
   this is the official back-cast of 2014-2019 joined to the surveys of 2020 and later, one vintage.
2. Otherwise (the 2020 edition, which knew one value after the census) the years between the last two censuses are
   rebuilt so that both counts are met: the mean of two bounds, in logs,
   (a) geometric growth from census to census and
   (b) the old yearly growth plus the constant that closes the old series on the new census (Das Gupta's
   intercensal method). The rebuilt years are a model's back-cast: they are never stored in the ledger.
3. If there are no two censuses to close on, the segments are chained by their own growth and the growth of each
   break year is left at the mean of the years around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from popbook.forecasting.trend import MINIMUM_POINTS
from popbook.ledger.store import CITY, Ledger

METHOD_NAMES_ZH = {
    "published": "最近一段同口径公布数",
    "census-closure": "两次普查之间的回推（几何增长与旧序列闭合的平均）",
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


def splice_series(ledger: Ledger, indicator_id: str, region_id: str = CITY) -> SplicedSeries:
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
    series = ledger.series(indicator_id, region_id)
    segments = [_without_doubtful_end(segment) for segment in series.segments()]
    runs = [run for segment in segments for run in _consecutive(segment)]
    if not runs:
        raise ValueError(f"nothing is published for {indicator_id} in {region_id}")
    last = runs[-1]
    if len(last) >= MINIMUM_POINTS:
        return _spliced(indicator_id, last, last.index, "published")
    rebuilt = _close_on_censuses(ledger, region_id, runs) if indicator_id == "resident_population" else None
    if rebuilt is not None:
        return _spliced(indicator_id, rebuilt, last.index, "census-closure")
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


def close_on_censuses(old: pd.Series, first: tuple[int, float], second: tuple[int, float]) -> pd.Series:
    """Rebuild the years between two censuses: mean in logs of geometric growth and the closed old series.

    (a) ``P(t) = P0 (P1 / P0)^((t - t0) / (t1 - t0))``; (b) ``P(t) = Q(t) (P1 / Q1)^((t - t0) / (t1 - t0))`` with
    the old series ``Q`` scaled to start on ``P0`` and extended to ``t1`` by its last growth rate.

    Parameters
    ----------
    old : pandas.Series
        Old-base levels by consecutive years after the first census.
    first, second : (int, float)
        Year and count of the two censuses, in the unit of the series.

    Returns
    -------
    pandas.Series
        Levels by year from ``first`` to ``second``; both counts are met exactly.

    Raises
    ------
    ValueError
        If the old series does not begin in the year after the first census.

    Examples
    --------
    >>> rebuilt = close_on_censuses(pd.Series([101.0, 102.0, 104.0], index=[2011, 2012, 2013]), (2010, 100.0),
    ...                             (2015, 150.0))
    >>> rebuilt.iloc[[0, -1]].tolist()
    [100.0, 150.0]
    """
    (year0, count0), (year1, count1) = first, second
    if int(old.index[0]) != year0 + 1:
        raise ValueError(f"the old series must begin in {year0 + 1}")
    years = np.arange(year0, year1 + 1)
    share = (years - year0) / (year1 - year0)
    geometric = np.log(count0) + share * np.log(count1 / count0)
    log_old = pd.concat([pd.Series({year0: count0}), old[old.index <= year1]]).pipe(np.log).reindex(years)
    last = int(log_old.last_valid_index())
    extension = float(log_old[last] - log_old[last - 1])
    log_old = log_old.fillna(pd.Series(log_old[last] + extension * (years - last), index=years))
    closed = log_old.to_numpy() + share * (np.log(count1) - log_old.iloc[-1])
    rebuilt = pd.Series(np.exp((geometric + closed) / 2), index=years)
    rebuilt.iloc[[0, -1]] = count0, count1  # exact: logs and back leave a last digit
    return rebuilt


def _close_on_censuses(ledger: Ledger, region_id: str, runs: list[pd.Series]) -> pd.Series | None:
    census = ledger.series("census_population", region_id).frame.set_index("year")["value"]
    final = runs[-1]
    if len(census) < 2 or int(census.index[-1]) != int(final.index[0]):
        return None
    first = int(census.index[-2])
    after = [run[run.index > first] for run in runs[:-1]]
    old = pd.concat([run for run in after if len(run)] or [pd.Series(dtype=float)])
    if old.empty or int(old.index[0]) != first + 1 or not (np.diff(old.index) == 1).all():
        return None
    # The census is of 1 November; the year-end of the same year closes the rebuilt series.
    rebuilt = close_on_censuses(old, (first, float(census[first])), (int(final.index[0]), float(final.iloc[0])))
    return pd.concat([rebuilt, final.iloc[1:]])


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
