"""How wide an interval must be: the scale of a series at its end, times the errors that series like it had.

An error is measured in scales of its own series; the quantiles of pooled errors, multiplied back, are the half-widths.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from popbook.forecasting.members import Array

SMALLEST_CHANGE = 1e-4
"""Mean yearly changes below this share of the mean level count as this: the smallest of 1,267 development series is
nine times as large, and a width of exactly zero would claim certainty."""

SMALLEST_SHARE = 0.2
"""Second differences and disagreement count at least this share of the mean yearly change: a few years on a straight
line do not make a series certain."""

WIDEST_RATIO = 100.0
"""Half-widths below a positive forecast count at most this many times the forecast, so that ``exp`` stays above zero."""


def error_scale(values: Array, disagreement: float) -> float:
    """Scale of the forecast errors of one series: geometric mean of three things that errors grow with.

    ``(m1 m2 d)^(1/3)``: mean absolute first difference, mean absolute second difference, and the standard deviation
    of the members' forecasts for the last measured horizon.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        Levels up to the origin, at least three.
    disagreement : float
        Standard deviation of the members' forecasts, in the unit of ``values``.

    Returns
    -------
    float
        Positive, unless all values are zero.

    Examples
    --------
    >>> round(error_scale(np.array([0.0, 1.0, 0.0, 1.0]), 4.0), 12)
    2.0
    """
    change = np.diff(values)
    first = max(float(np.abs(change).mean()), SMALLEST_CHANGE * float(np.abs(values).mean()))
    second = max(float(np.abs(np.diff(change)).mean()), SMALLEST_SHARE * first)
    return float(np.cbrt(first) * np.cbrt(second) * np.cbrt(max(disagreement, SMALLEST_SHARE * first)))


@dataclass(frozen=True)
class WidthTable:
    """Half-widths of intervals in multiples of `error_scale`, by level, length of the series and horizon.

    Parameters
    ----------
    levels : tuple of int
        Percent, rising.
    lengths : tuple of int
        Points in the series, rising: between two of them the widths are interpolated in the log of the length.
    multiples : numpy.ndarray, shape (levels, lengths, measured horizons)
    exponent : float
        Beyond the measured horizons a width grows with this power of the horizon.
    """

    levels: tuple[int, ...]
    lengths: tuple[int, ...]
    multiples: Array
    exponent: float

    def half_widths(self, points: int, horizon: int) -> Array:
        """Multiples for a series.

        Parameters
        ----------
        points : int
            Its length.
        horizon : int
            Years ahead.

        Returns
        -------
        numpy.ndarray, shape (levels, horizon)
            Never falling with the horizon or the level.

        Examples
        --------
        >>> table = WidthTable((80,), (5, 20), np.array([[[2.0, 4.0], [1.0, 2.0]]]), 1.0)
        >>> table.half_widths(10, 3).round(6).tolist()
        [[1.5, 3.0, 4.5]]
        """
        measured = self.multiples.shape[2]
        position = np.interp(np.log(points), np.log(self.lengths), np.arange(len(self.lengths)))
        lower = int(min(position, len(self.lengths) - 2)) if len(self.lengths) > 1 else 0
        share = position - lower
        upper = min(lower + 1, len(self.lengths) - 1)
        width = (1 - share) * self.multiples[:, lower] + share * self.multiples[:, upper]
        beyond = (np.arange(measured + 1, horizon + 1) / measured) ** self.exponent
        width = np.concatenate([width, width[:, -1:] * beyond], axis=1)[:, :horizon]
        return np.maximum.accumulate(np.maximum.accumulate(width, axis=1), axis=0)


def interval_bounds(point: Array, half_width: Array, positive: bool) -> tuple[Array, Array]:
    """Bounds of intervals around a forecast.

    ``f + w`` above; below ``f - w``, or, for a positive series, ``f exp(-w/f)``: nearly the same where w is small
    beside f, and never zero. Where a falling forecast would make the interval of a positive series narrower than a
    year earlier, the upper bound is raised.

    Parameters
    ----------
    point : numpy.ndarray, shape (horizon,)
    half_width : numpy.ndarray, shape (levels, horizon)
        In the unit of the series; never falling with level or horizon.
    positive : bool
        All values of the series are above zero.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray), shape (levels, horizon)
        Lower and upper bounds.

    Examples
    --------
    >>> lower, upper = interval_bounds(np.array([100.0]), np.array([[1.0]]), True)
    >>> lower.round(3).tolist(), upper.round(3).tolist()
    ([[99.005]], [[101.0]])
    """
    lower = point * np.exp(-np.minimum(half_width / point, WIDEST_RATIO)) if positive else point - half_width
    upper = point + half_width
    if positive:
        for level, bound in enumerate(lower):
            if level:
                upper[level] = np.maximum(upper[level], upper[level - 1])
            upper[level] = np.maximum(upper[level], bound + np.maximum.accumulate(upper[level] - bound))
    return lower, upper


def scaled_errors(actual: NDArray[np.float64], point: Array, scale: float, positive: bool) -> Array:
    """Absolute errors in scales, so that an interval of that many scales just holds the actual (`interval_bounds`).

    Parameters
    ----------
    actual, point : numpy.ndarray, shape (horizon,)
    scale : float
        `error_scale` of the series.
    positive : bool
        All values of the series are above zero.

    Returns
    -------
    numpy.ndarray, shape (horizon,)
        Infinite where a positive series fell to zero or below.

    Examples
    --------
    >>> scaled_errors(np.array([110.0, 90.0]), np.array([100.0, 100.0]), 5.0, False).tolist()
    [2.0, 2.0]
    """
    above = (actual - point) / scale
    if not positive:
        return np.abs(above)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.where(actual > 0, point * np.log(point / actual), np.inf) / scale
    return np.where(actual >= point, above, below)
