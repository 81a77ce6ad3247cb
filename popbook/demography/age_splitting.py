"""From five-year groups to single years of age, and from groups to other groups, keeping every published total."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from popbook.demography.life_table import MAXIMUM_AGE

FASTEST_FALL, SLOWEST_FALL = 0.7, 0.95
"""Bounds of the yearly fall of an open group that comes without a profile: mortality at 100 and at about 75."""

CENSUS_MONTHS_BEFORE = 10 / 12
"""Share of a cohort aged x on 1 November that was born in the calendar year of its x-th birthday's year."""


def split_to_single_ages(
    age: ArrayLike,
    population: ArrayLike,
    tail: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Split age groups into single years; every group keeps its total and no cell is negative.

    The cumulated population is interpolated by a monotone piecewise cubic (Fritsch & Carlson 1980). Where
    ``weights`` are given (births of the cohorts) the smooth split is multiplied by births over smoothed births
    before the group is scaled back to its total: a famine cohort stays small inside its group. The open group
    follows ``tail``.

    Parameters
    ----------
    age : array of int, shape (groups,)
        Lower bounds 0, 1, 5, ..., the last group open.
    population : array of float, shape (groups,)
        Persons.
    tail : array of float, shape (maximum age + 1,), optional
        Any positive profile by single age (a stationary population); its length sets the open single age, and
        its values from the open group on spread that group. Default: ages to `MAXIMUM_AGE`, falling from the open
        group on at the yearly rate between the two groups before it.
    weights : array of float, shape (maximum age + 1,), optional
        Births of the cohort aged x; NaN where unknown.

    Returns
    -------
    numpy.ndarray, shape (maximum age + 1,)

    Raises
    ------
    ValueError
        If bounds do not start at 0 and rise, or a count is negative.

    Examples
    --------
    >>> split_to_single_ages([0, 5, 10], [50.0, 50.0, 30.0], [1.0] * 13).tolist()
    [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0]
    >>> len(split_to_single_ages([0, 5, 10, 15], [50.0, 40.0, 30.0, 60.0]))
    101
    """
    bound = np.asarray(age, dtype=int)
    count = np.asarray(population, dtype=float)
    profile = _falling_tail(bound, count) if tail is None else np.asarray(tail, dtype=float)
    if bound[0] != 0 or (np.diff(bound) <= 0).any() or bound.shape != count.shape:
        raise ValueError("age bounds must start at 0 and rise, one count per group")
    if (count < 0).any():
        raise ValueError("a population count is negative")
    single = np.arange(len(profile))
    group = np.searchsorted(bound, single, side="right") - 1
    smooth = _smooth_split(bound, count, single)
    smooth[single >= bound[-1]] = profile[bound[-1] :]
    if weights is not None:
        births = np.asarray(weights, dtype=float)
        known = ~np.isnan(births)
        closed = pd.Series(known & (single < bound[-1])).groupby(group).transform("all").to_numpy(dtype=bool)
        if closed.any():
            first, last = single[closed][0], single[closed][-1] + 1
            inner = np.append(bound[(bound >= first) & (bound < last)], last)
            totals = [births[a:b].sum() for a, b in zip(inner[:-1], inner[1:], strict=True)]
            relative = _smooth_split(inner - first, np.append(totals, 0.0), np.arange(last - first))
            smooth[first:last] *= births[first:last] / relative
    totals_now = np.bincount(group, weights=smooth, minlength=len(bound))
    factor = np.divide(count, totals_now, out=np.zeros_like(count), where=totals_now > 0)
    return smooth * factor[group]


def _falling_tail(bound: NDArray, count: NDArray) -> NDArray[np.float64]:
    fall = SLOWEST_FALL
    if len(bound) > 2 and count[-3] > 0:
        fall = float(np.clip((count[-2] / count[-3]) ** (1 / (bound[-1] - bound[-2])), FASTEST_FALL, SLOWEST_FALL))
    return np.asarray(fall ** np.arange(max(MAXIMUM_AGE, int(bound[-1])) + 1), dtype=float)


def _smooth_split(bound: NDArray, count: NDArray, single: NDArray) -> NDArray[np.float64]:
    cumulative = np.concatenate([[0.0], np.cumsum(count[:-1])])
    curve = PchipInterpolator(bound, cumulative)
    inside = single[single < bound[-1]]
    result = np.zeros(len(single))
    # The curve is monotone; the difference of two equal values may round below zero.
    result[: len(inside)] = np.maximum(curve(inside + 1) - curve(inside), 0.0)
    return result


def cohort_births(births: pd.Series, census_year: int, maximum_age: int) -> NDArray[np.float64]:
    """Births of the cohorts aged 0, 1, ... on 1 November of a census year.

    Somebody aged x was born between 2 November of ``year - x - 1`` and 1 November of ``year - x``: ten twelfths
    of the births of the later calendar year and two twelfths of the earlier.

    Parameters
    ----------
    births : pandas.Series
        Births by calendar year.
    census_year : int
    maximum_age : int

    Returns
    -------
    numpy.ndarray, shape (maximum_age + 1,)
        NaN where one of the two calendar years is missing.

    Examples
    --------
    >>> cohort_births(pd.Series({1960: 60.0, 1961: 120.0}), 2020, 60)[59].round(6)
    np.float64(110.0)
    """
    years = census_year - np.arange(maximum_age + 1)
    later = births.reindex(years).to_numpy(dtype=float)
    earlier = births.reindex(years - 1).to_numpy(dtype=float)
    return CENSUS_MONTHS_BEFORE * later + (1 - CENSUS_MONTHS_BEFORE) * earlier


def fit_margins(
    seed: ArrayLike, row_totals: ArrayLike, column_totals: ArrayLike, column_groups: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Fit a table to the totals of its rows and of its columns, or groups of columns (Deming & Stephan 1940).

    Parameters
    ----------
    seed : array of float, shape (rows, columns)
        Starting table, for instance sexes by single ages; zeros stay zeros.
    row_totals : array of float, shape (rows,)
        Published totals by sex.
    column_totals : array of float, shape (groups,)
        Published totals by broad age group; must sum to the row totals.
    column_groups : array of int, shape (columns,), optional
        Group of each column, 0, 1, ...; default: every column is a group of its own.

    Returns
    -------
    numpy.ndarray, shape (rows, columns)

    Raises
    ------
    ValueError
        If shapes or margins disagree, a number is negative or missing, an empty row or group should hold people, or the
        iteration does not converge.

    Examples
    --------
    >>> fit_margins([[1, 1], [1, 3]], [40, 60], [50, 50]).round(2).tolist()
    [[26.41, 13.59], [23.59, 36.41]]
    """
    table = np.asarray(seed, dtype=float).copy()
    rows = np.asarray(row_totals, dtype=float)
    columns = np.asarray(column_totals, dtype=float)
    groups = np.arange(table.shape[-1]) if column_groups is None else np.asarray(column_groups, dtype=int)
    if table.shape != (len(rows), len(groups)) or groups.min() < 0 or groups.max() != len(columns) - 1:
        raise ValueError(f"a seed of {table.shape} does not fit {len(rows)} row totals and {len(columns)} column totals")
    if not (table.min() >= 0 and rows.min() >= 0 and columns.min() >= 0):
        raise ValueError("seed and totals must not be negative or missing")
    if not np.isclose(rows.sum(), columns.sum(), rtol=1e-6):
        raise ValueError(f"margins disagree: {rows.sum()} and {columns.sum()}")
    for _ in range(1000):
        grouped = np.bincount(groups, weights=table.sum(axis=0), minlength=len(columns))
        table *= np.divide(columns, grouped, out=np.zeros_like(columns), where=grouped > 0)[groups]
        fitted = table.sum(axis=1)
        if ((fitted == 0) & (rows > 0)).any() or ((grouped == 0) & (columns > 0)).any():
            raise ValueError("a total is published for a row or group that is empty in the seed")
        factor = np.divide(rows, fitted, out=np.ones_like(rows), where=fitted > 0)
        table *= factor[:, None]
        if np.abs(factor - 1).max() < 1e-12:
            return table
    raise ValueError("iterative proportional fitting did not converge")
