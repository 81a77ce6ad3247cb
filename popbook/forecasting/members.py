"""Damped trend and Theta for many annual series of unequal length at once, on any scale.

A year's step of the recursions is one array operation over all series and all candidate weights, so that thousands of
series cost little more than the longest of them. Every operation is element by element: a series gets the same
forecast alone and in any company. Tests tie the members to statsmodels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DAMPINGS = (0.8, 0.9, 0.98)
"""Candidates for the share of the trend that survives a year; Gardner & McKenzie (1985) find 0.8-0.98 for annual series."""

SMALLEST_WEIGHT = 0.01
LEVEL_WEIGHTS = (0.05, 0.2, 0.4, 0.6, 0.8, 1.0)
TREND_SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
REFINEMENTS = 2
"""Refinements of the grid of weights around its best point; a third one changes no score of the benchmark by 0.001."""


@dataclass(frozen=True)
class RaggedSeries:
    """Series of unequal length as one array, longest first.

    Parameters
    ----------
    values : numpy.ndarray, shape (longest, series)
        Row t holds the t-th value of each series; zero after the end of a series.
    lengths : numpy.ndarray of int, shape (series,)
        Falling.
    """

    values: Array
    lengths: NDArray[np.int64]

    def steps(self) -> Iterator[tuple[int, Array]]:
        """Yield, year by year, how many series still run, and their values."""
        # Series are sorted by falling length: those that still run are the first ones.
        running = np.searchsorted(-self.lengths, -np.arange(1, len(self.values) + 1), side="right")
        for count, row in zip(running.tolist(), self.values, strict=True):
            yield count, row[:count]


def stack_series(series: Sequence[Array]) -> tuple[RaggedSeries, NDArray[np.int64]]:
    """Put series of unequal length into one array.

    Parameters
    ----------
    series : sequence of numpy.ndarray
        At least one.

    Returns
    -------
    (RaggedSeries, numpy.ndarray of int)
        The stack, and the position in ``series`` of each of its columns.

    Examples
    --------
    >>> stack, order = stack_series([np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])])
    >>> stack.values.tolist(), order.tolist()
    ([[3.0, 1.0], [4.0, 2.0], [5.0, 0.0]], [1, 0])
    """
    lengths = np.array([len(values) for values in series])
    order = np.argsort(-lengths, kind="stable")
    table = np.zeros((lengths.max(), len(series)))
    for column, position in enumerate(order):
        table[: lengths[position], column] = series[position]
    return RaggedSeries(table, lengths[order]), order


def linear_slope(stack: RaggedSeries) -> Array:
    """Slope of the least-squares line through each series.

    Parameters
    ----------
    stack : RaggedSeries

    Returns
    -------
    numpy.ndarray, shape (series,)

    Examples
    --------
    >>> linear_slope(stack_series([np.array([1.0, 3.0, 5.0])])[0]).tolist()
    [2.0]
    """
    centre = (stack.lengths - 1) / 2
    total = np.zeros(len(centre))
    for year, (count, values) in enumerate(stack.steps()):
        total[:count] += (year - centre[:count]) * values
    return total * 12 / (stack.lengths * (stack.lengths**2 - 1.0))


def smooth_level(stack: RaggedSeries, weight: Array) -> tuple[Array, Array]:
    """Simple exponential smoothing, ``l[t] = l[t-1] + a (y[t] - l[t-1])``, started at the first value.

    Parameters
    ----------
    stack : RaggedSeries
    weight : numpy.ndarray, shape (candidates, series)
        Smoothing weights a.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray), shape (candidates, series)
        Last level, and the sum of squared one-step errors.

    Examples
    --------
    >>> level, squares = smooth_level(stack_series([np.array([0.0, 1.0])])[0], np.array([[0.5]]))
    >>> level.tolist(), squares.tolist()
    ([[0.5]], [[1.0]])
    """
    level = np.repeat(stack.values[:1], len(weight), axis=0)
    squares = np.zeros_like(level)
    for count, values in stack.steps():
        error = values - level[:, :count]
        squares[:, :count] += error * error
        level[:, :count] += weight[:, :count] * error
    return level, squares


def smooth_trend(stack: RaggedSeries, level_weight: Array, trend_share: Array, damping: float) -> tuple[Array, Array, Array]:
    """Holt's recursions with a damped trend (Gardner & McKenzie 1985).

    ``e = y[t] - l - d b;  l <- l + d b + a e;  b <- d b + a s e``, started at the first value and the mean of the
    first two changes.

    Parameters
    ----------
    stack : RaggedSeries
        At least three points each.
    level_weight, trend_share : numpy.ndarray, shape (candidates, series)
        a, and s = the trend's weight over a, both in [0, 1].
    damping : float
        d, the share of the trend that survives a year.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray, numpy.ndarray), shape (candidates, series)
        Last level, last trend, sum of squared one-step errors.

    Examples
    --------
    >>> stack, _ = stack_series([np.array([1.0, 2.0, 3.0])])
    >>> level, trend, squares = smooth_trend(stack, np.ones((1, 1)), np.ones((1, 1)), 1.0)
    >>> level.item(), trend.item(), squares.item()
    (3.0, 1.0, 0.0)
    """
    trend = np.repeat((stack.values[2:3] - stack.values[:1]) / 2, len(level_weight), axis=0)
    level = stack.values[:1] - damping * trend
    squares = np.zeros_like(level)
    trend_weight = level_weight * trend_share
    for count, values in stack.steps():
        carried = damping * trend[:, :count]
        expected = level[:, :count] + carried
        error = values - expected
        squares[:, :count] += error * error
        level[:, :count] = expected + level_weight[:, :count] * error
        trend[:, :count] = carried + trend_weight[:, :count] * error
    return level, trend, squares


def project_theta(stack: RaggedSeries, horizon: int) -> Array:
    """Theta method: smoothed level plus half the linear trend (Assimakopoulos & Nikolopoulos 2000).

    ``f[h] = l + b/2 (h - 1 + (1 - (1 - a)^n) / a)`` with ``b`` the least-squares slope and ``a`` the weight with the
    smallest squared one-step errors: Hyndman & Billah (2003).

    Parameters
    ----------
    stack : RaggedSeries
        At least two points each.
    horizon : int
        Years ahead.

    Returns
    -------
    numpy.ndarray, shape (horizon, series)

    Examples
    --------
    >>> project_theta(stack_series([np.array([0.0, 1.0, 2.0, 3.0])])[0], 2).round(6).tolist()
    [[3.5], [4.0]]
    """
    series = len(stack.lengths)
    weight = np.repeat(np.linspace(SMALLEST_WEIGHT, 1, 16)[:, None], series, axis=1)
    reach = weight[1, 0] - weight[0, 0]
    for _ in range(REFINEMENTS + 1):
        best = _at(weight, smooth_level(stack, weight)[1].argmin(axis=0))
        weight = np.clip(best + reach * np.linspace(-1, 1, 9)[:, None], SMALLEST_WEIGHT, 1)
        reach /= 4
    level, squares = smooth_level(stack, weight)
    chosen = squares.argmin(axis=0)
    a, level = _at(weight, chosen), _at(level, chosen)
    ahead = np.arange(horizon)[:, None]
    return level + linear_slope(stack) / 2 * (ahead + (1 - (1 - a) ** stack.lengths) / a)


def project_damped_trend(stack: RaggedSeries, horizon: int) -> Array:
    """Damped trend with the weights and the damping that have the smallest squared one-step errors.

    ``f[h] = l + b (d + d^2 + ... + d^h)`` with level, trend and damping of `smooth_trend`; ``d`` is one of `DAMPINGS`.

    Parameters
    ----------
    stack : RaggedSeries
        At least three points each.
    horizon : int
        Years ahead.

    Returns
    -------
    numpy.ndarray, shape (horizon, series)

    Examples
    --------
    >>> project_damped_trend(stack_series([np.full(6, 2.0)])[0], 2).tolist()
    [[2.0], [2.0]]
    """
    fits = [fit_damped_trend(stack, damping) for damping in DAMPINGS]
    chosen = np.array([squares for _, _, squares in fits]).argmin(axis=0)
    level = _at(np.array([level for level, _, _ in fits]), chosen)
    trend = _at(np.array([trend for _, trend, _ in fits]), chosen)
    damping = np.array(DAMPINGS)[chosen]
    return level + trend * np.cumsum(damping ** np.arange(1, horizon + 1)[:, None], axis=0)


def fit_damped_trend(stack: RaggedSeries, damping: float) -> tuple[Array, Array, Array]:
    """Weights of `smooth_trend` with the smallest squared one-step errors, on a grid that is refined.

    Parameters
    ----------
    stack : RaggedSeries
        At least three points each.
    damping : float
        Share of the trend that survives a year.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray, numpy.ndarray), shape (series,)
        Last level, last trend, sum of squared one-step errors.

    Examples
    --------
    >>> level, trend, squares = fit_damped_trend(stack_series([np.array([0.0, 1.0, 2.0, 3.0])])[0], 1.0)
    >>> level.item(), trend.item(), squares.item()
    (3.0, 1.0, 0.0)
    """
    series = len(stack.lengths)
    a, s = (axis.ravel()[:, None] for axis in np.meshgrid(LEVEL_WEIGHTS, TREND_SHARES))
    a, s = np.repeat(a, series, axis=1), np.repeat(s, series, axis=1)
    step_a, step_s = (axis.ravel()[:, None] for axis in np.meshgrid(np.linspace(-0.1, 0.1, 5), np.linspace(-0.12, 0.12, 5)))
    for refinement in range(REFINEMENTS):
        best = smooth_trend(stack, a, s, damping)[2].argmin(axis=0)
        narrowing = 0.4**refinement
        a, s = (
            np.clip(_at(a, best) + step_a * narrowing, SMALLEST_WEIGHT, 1),
            np.clip(_at(s, best) + step_s * narrowing, 0, 1),
        )
    level, trend, squares = smooth_trend(stack, a, s, damping)
    best = squares.argmin(axis=0)
    return _at(level, best), _at(trend, best), _at(squares, best)


def _at(table: Array, rows: NDArray[np.int64]) -> Array:
    """The entry of each column in its own row."""
    return table[rows, np.arange(table.shape[1])]
