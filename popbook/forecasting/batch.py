"""The trend members for many series of one length at once, in closed form or on a refined grid.

Rolling-origin errors of thirty cities need hundreds of fits; one by one in statsmodels they take a minute, here
some milliseconds. `popbook.forecasting.trend` is the definition; a test holds the two together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from popbook.forecasting.trend import DAMPING, DRIFT_WINDOW, MINIMUM_POINTS, TREND_WINDOW

Array = NDArray[np.float64]

GRID = 11
REFINEMENTS = 4


def forecast_members_batch(log_values: ArrayLike, horizon: int) -> dict[str, Array]:
    """Forecast every series of a matrix with every trend member.

    Parameters
    ----------
    log_values : array of float, shape (series, n)
        Logs of yearly levels without gaps, at least `MINIMUM_POINTS` points.
    horizon : int
        Years ahead.

    Returns
    -------
    dict of str to numpy.ndarray, shape (series, horizon)
        Log forecasts by member, in the order of `popbook.forecasting.trend.TREND_MEMBERS`.

    Raises
    ------
    ValueError
        If the series are too short.

    Examples
    --------
    >>> flat = forecast_members_batch([[1.0] * 6], 2)
    >>> {member: path.tolist() for member, path in flat.items()}["theta"]
    [[1.0, 1.0]]
    """
    log = np.atleast_2d(np.asarray(log_values, dtype=float))
    if log.shape[1] < MINIMUM_POINTS:
        raise ValueError(f"{log.shape[1]} points; a trend needs at least {MINIMUM_POINTS}")
    steps = np.arange(1, horizon + 1)
    last = log[:, -1:]
    drift = np.diff(log, axis=1)[:, -DRIFT_WINDOW:].mean(axis=1, keepdims=True)
    return {
        "log_linear": last + _slope(log[:, -TREND_WINDOW:]) * steps,
        "damped_holt": _damped_holt(log, horizon),
        "theta": _theta(log, steps),
        "damped_drift": last + drift * np.cumsum(DAMPING**steps),
    }


def _slope(log: Array) -> Array:
    t = np.arange(log.shape[1]) - (log.shape[1] - 1) / 2
    return (log @ t / (t @ t))[:, None]


def _theta(log: Array, steps: NDArray[np.int64]) -> Array:
    n = log.shape[1]
    alpha = _minimise(lambda a, _: _smooth(log, a)[1], len(log), two=False)[0]
    level = _smooth(log, alpha[:, None])[0]
    trend = _slope(log) * (steps - 1 + (1 - (1 - alpha[:, None]) ** n) / alpha[:, None])
    return level + trend / 2


def _smooth(log: Array, alpha: Array) -> tuple[Array, Array]:
    level = np.broadcast_to(log[:, :1], np.broadcast_shapes(log[:, :1].shape, alpha.shape)).copy()
    squares = np.zeros_like(level)
    for t in range(log.shape[1]):
        error = log[:, t : t + 1] - level
        squares += error**2
        level += alpha * error
    return level, squares


def _damped_holt(log: Array, horizon: int) -> Array:
    alpha, share = _minimise(lambda a, b: _holt(log, a, b)[2], len(log), two=True)
    level, trend, _ = _holt(log, alpha[:, None], share[:, None])
    return level + trend * np.cumsum(DAMPING ** np.arange(1, horizon + 1))


def _holt(log: Array, alpha: Array, share: Array) -> tuple[Array, Array, Array]:
    shape = np.broadcast_shapes(log[:, :1].shape, alpha.shape)
    trend = np.broadcast_to((log[:, 2:3] - log[:, :1]) / 2, shape).copy()
    level = log[:, :1] - DAMPING * trend
    squares = np.zeros(shape)
    for t in range(log.shape[1]):
        expected = level + DAMPING * trend
        error = log[:, t : t + 1] - expected
        squares += error**2
        level = expected + alpha * error
        # statsmodels keeps the weight of the trend at or below that of the level; `share` is their ratio.
        trend = DAMPING * trend + alpha * (alpha * share) * error
    return level, trend, squares


def _minimise(loss, series: int, two: bool) -> tuple[Array, Array]:  # type: ignore[no-untyped-def]
    """Weights in [0, 1] with the smallest loss per series, on a grid that is refined around its best point."""
    centre_a, centre_b = np.full(series, 0.5), np.full(series, 0.5)
    reach = 0.5
    for _ in range(REFINEMENTS):
        offset = np.linspace(-reach, reach, GRID)
        a = np.clip(centre_a[:, None] + np.repeat(offset, GRID if two else 1), 1e-4, 1.0)
        b = np.clip(centre_b[:, None] + np.tile(offset, GRID), 0.0, 1.0) if two else a
        best = loss(a, b).argmin(axis=1)
        centre_a, centre_b = a[np.arange(series), best], b[np.arange(series), best]
        reach *= 2 / (GRID - 1)
    return centre_a, centre_b
