"""Own back-casts between two counts of different bases, by several methods, and a level-shift check.

Between the census of 2010 and the first value on the base of 2020 no consistent yearly series was published. Four
methods rebuild it; every path starts on the first count and ends on the second. The results are estimates of a
model: they never enter the ledger and carry the vintage ``backcast-<method>``. The methods disagree, and their
disagreement is drawn into the intervals (`draw_backcasts`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.regression.linear_model import OLS
from statsmodels.tools import add_constant

from popbook.ledger.store import Ledger

METHOD_NAMES_ZH = {
    "geometric": "几何增长",
    "closure": "旧序列按比例闭合",
    "indicator": "按户籍人口增量分摊",
    "bridge": "自然增长加均匀净迁移",
}

FIRST_YEAR = 2010
"""The census that opens the decade of the old series."""

Point = tuple[int, float]


@dataclass(frozen=True)
class LevelShift:
    """A level shift at a break, estimated and not used for any forecast.

    Parameters
    ----------
    year : int
        First year on the new base.
    shift, standard_error : float
        Per cent of the old level.
    drift : float
        Growth a year that the model takes as normal, per cent.
    n : int
        Years.
    years_after : int
        Years on the new base; with one of them the shift swallows that year's growth.
    """

    year: int
    shift: float
    standard_error: float
    drift: float
    n: int
    years_after: int


def backcast_by_method(
    old: pd.Series, first: Point, second: Point, hukou: pd.Series | None = None, natural: pd.Series | None = None
) -> pd.DataFrame:
    """Rebuild the years between two counts by every method that the data allow.

    With ``u(t) = (t - t0) / (t1 - t0)``: geometric ``P0 (P1 / P0)^u``; closure (Das Gupta) ``Q(t) (P1 / Q1)^u`` with
    the old series ``Q`` scaled to ``P0`` and extended by its last growth; indicator ``Q(t) + (P1 - Q1) W(t) / W(t1)``
    with ``W`` the cumulated increments of the registered population; bridge ``P(t) = P(t-1) (1 + n(t)) + m`` with
    natural growth ``n`` and one ``m`` that closes on ``P1``.

    Parameters
    ----------
    old : pandas.Series
        Old-base levels by consecutive years after the first count.
    first, second : (int, float)
        Year and count, in the unit of the series.
    hukou : pandas.Series, optional
        Registered population by year, from the first to the second year; increments must not be negative.
    natural : pandas.Series, optional
        Natural growth by year, per thousand; years between are interpolated, ends are held.

    Returns
    -------
    pandas.DataFrame
        Index year, from the first to the second; a column per method; both counts are met exactly.

    Raises
    ------
    ValueError
        If the old series does not begin in the year after the first count.

    Examples
    --------
    >>> old = pd.Series([101.0, 102.0, 104.0], index=[2011, 2012, 2013])
    >>> table = backcast_by_method(old, (2010, 100.0), (2015, 150.0))
    >>> list(table.columns), table.iloc[[0, -1]].to_numpy().tolist()
    (['geometric', 'closure'], [[100.0, 100.0], [150.0, 150.0]])
    """
    (year0, count0), (year1, count1) = first, second
    if not len(old) or int(old.index[0]) != year0 + 1:
        raise ValueError(f"the old series must begin in {year0 + 1}")
    years = np.arange(year0, year1 + 1)
    share = (years - year0) / (year1 - year0)
    extended = _extended(old, first, years)
    paths = {
        "geometric": count0 * (count1 / count0) ** share,
        "closure": extended * (count1 / extended[-1]) ** share,
    }
    if hukou is not None and set(years) <= set(hukou.index) and (np.diff(hukou[years]) >= 0).all():
        gained = (hukou[years] - hukou[year0]).to_numpy()
        paths["indicator"] = extended + (count1 - extended[-1]) * gained / gained[-1]
    if natural is not None and len(natural):
        rate = np.interp(years[1:], natural.index.to_numpy(dtype=float), natural.to_numpy(dtype=float)) / 1000
        paths["bridge"] = _bridge(count0, count1, rate)
    table = pd.DataFrame(paths, index=pd.Index(years, name="year"))
    table.iloc[0], table.iloc[-1] = count0, count1  # exact: powers leave a last digit
    return table


def backcast_residents(ledger: Ledger, region_id: str | None = None) -> pd.DataFrame:
    """Back-cast the city's residents between the last census on the old base and the first value on the new one.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition. The 2020 edition closes 2010-2020, later editions close 2010-2014, where the
        official re-based values begin.
    region_id : str

    Returns
    -------
    pandas.DataFrame
        As `backcast_by_method`; empty where there is no break or no census to close on.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> table = backcast_residents(read_ledger().for_edition(2024))
    >>> int(table.index[0]), int(table.index[-1]), table["bridge"].iloc[-1].item()
    (2010, 2014, 1013.5)
    """
    region_id = region_id or ledger.city
    segments = ledger.series("resident_population", region_id).segments()
    census = ledger.series("census_population", region_id).frame.set_index("year")["value"]
    if len(segments) < 2 or census.empty:
        return pd.DataFrame()
    old, new = (segment.set_index("year")["value"].astype(float) for segment in segments[-2:])
    before = census[census.index < new.index[0]]
    if before.empty:
        return pd.DataFrame()
    year0 = int(before.index[-1])
    old = old[(old.index > year0) & (old.index < new.index[0])]
    if old.empty or int(old.index[0]) != year0 + 1 or not (np.diff(old.index) == 1).all():
        return pd.DataFrame()
    # The census is of 1 November; the year-end of the same year closes the rebuilt series.
    return backcast_by_method(
        old, (year0, float(before[year0])), (int(new.index[0]), float(new.iloc[0])),
        hukou=_published(ledger, "hukou_population", region_id),
        natural=_published(ledger, "resident_natural_rate", region_id),
    )  # fmt: skip


def backcast_frame(table: pd.DataFrame) -> pd.DataFrame:
    """Long form with the vintage label that keeps estimates apart from published figures.

    Parameters
    ----------
    table : pandas.DataFrame
        From `backcast_by_method`.

    Returns
    -------
    pandas.DataFrame
        Columns ``year, method, name_zh, vintage, value``; without the two counts, which are published.

    Examples
    --------
    >>> table = backcast_by_method(pd.Series([101.0], index=[2011]), (2010, 100.0), (2012, 110.0))
    >>> backcast_frame(table).vintage.tolist()
    ['backcast-geometric', 'backcast-closure']
    """
    long = table.iloc[1:-1].reset_index().melt(id_vars="year", var_name="method", value_name="value")
    long["name_zh"] = long["method"].map(METHOD_NAMES_ZH)
    return long.assign(vintage="backcast-" + long["method"])[["year", "method", "name_zh", "vintage", "value"]]


def mean_backcast(table: pd.DataFrame) -> pd.Series:
    """Mean of the methods in logs: the centre of the draws.

    Parameters
    ----------
    table : pandas.DataFrame
        From `backcast_by_method`.

    Returns
    -------
    pandas.Series
        By year; the two counts stay as they are.
    """
    mean = np.exp(np.log(table).mean(axis=1))
    mean.iloc[[0, -1]] = table.iloc[[0, -1], 0]
    return mean


def draw_backcasts(table: pd.DataFrame, paths: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Draw rebuilt series: weighted means of the methods in logs, weights uniform on all mixtures (Dirichlet 1).

    Parameters
    ----------
    table : pandas.DataFrame
        From `backcast_by_method`.
    paths : int
    generator : numpy.random.Generator
        Seeded by the caller.

    Returns
    -------
    numpy.ndarray, shape (paths, years)
        Every path meets both counts.

    Examples
    --------
    >>> table = backcast_by_method(pd.Series([101.0], index=[2011]), (2010, 100.0), (2012, 110.0))
    >>> drawn = draw_backcasts(table, 3, np.random.default_rng(1))
    >>> drawn.shape, drawn[:, -1].round(9).tolist()
    ((3, 3), [110.0, 110.0, 110.0])
    """
    weights = generator.dirichlet(np.ones(table.shape[1]), size=paths)
    return np.exp(weights @ np.log(table.to_numpy()).T)


def estimate_level_shift(ledger: Ledger, region_id: str | None = None) -> LevelShift | None:
    """Estimate the step at the last break of residents: a random walk with drift on logs and a level shift.

    In differences the shift is a pulse, ``g[t] = c + w 1(t = break) + e[t]``: least squares, exact also with one
    year after the break, where the moving-average weight of an ARIMA(0,1,1) is not identified. A check beside the
    back-casts: the step should be near the gap that they close. Nothing is forecast from it.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    region_id : str

    Returns
    -------
    LevelShift or None
        None where the series has no break, or too few years.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> shift = estimate_level_shift(read_ledger().for_edition(2020))
    >>> shift.year, shift.years_after
    (2020, 1)
    """
    region_id = region_id or ledger.city
    segments = ledger.series("resident_population", region_id).segments()
    if len(segments) < 2:
        return None
    values = pd.concat([segment.set_index("year")["value"].astype(float) for segment in segments[-2:]])
    breaks = int(segments[-1]["year"].iloc[0])
    values = values[values.index >= FIRST_YEAR]
    if len(values) < 8 or not (np.diff(values.index) == 1).all():
        return None
    pulse = (values.index[1:] == breaks).astype(float)
    result = OLS(100 * np.diff(np.log(values.to_numpy())), add_constant(pulse)).fit()
    shift = 100 * float(np.expm1(result.params[1] / 100))
    return LevelShift(
        breaks, shift, float(result.bse[1]) * (1 + shift / 100), float(result.params[0]), len(values),
        int((values.index >= breaks).sum()),
    )  # fmt: skip


def _extended(old: pd.Series, first: Point, years: NDArray[np.int64]) -> NDArray[np.float64]:
    """The old series from the first count on, extended to the last year by its last growth rate."""
    log = pd.concat([pd.Series({first[0]: first[1]}), old[old.index <= years[-1]]]).pipe(np.log).reindex(years)
    last = int(log.last_valid_index())
    growth = float(log[last] - log[last - 1])
    return np.exp(log.fillna(pd.Series(log[last] + growth * (years - last), index=years)).to_numpy())


def _bridge(start: float, end: float, rate: NDArray[np.float64]) -> NDArray[np.float64]:
    # Compounded growth of a person present at the start, and of one migrant a year, to the end.
    grown = np.cumprod(1 + rate)
    migrants = (end - start * grown[-1]) / (grown[-1] / grown).sum()
    path = [start]
    for n in rate:
        path.append(path[-1] * (1 + n) + migrants)
    return np.array(path)


def _published(ledger: Ledger, indicator_id: str, region_id: str) -> pd.Series:
    frame = ledger.series(indicator_id, region_id).frame
    frame = frame[frame["confidence"] != "C"]
    return frame.set_index("year")["value"].astype(float)
