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

AUTOREGRESSION_BOUND = 0.95
"""Growth that never returned to its mean would be a random walk of growth; 0.95 keeps the mean identified."""


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
        Log forecasts by member, in the order of `popbook.forecasting.trend.fit_trend_members`.

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
        "local_linear": _local_linear(log, steps),
        "arima_drift": _arima_drift(log, steps),
    }


def autoregression(growth: ArrayLike) -> tuple[Array, Array, Array]:
    """First-order autoregression with a mean by exact likelihood, series by series.

    The likelihood is concentrated: for a given lag coefficient the mean is generalised least squares in closed
    form; the coefficient is searched on a refined grid within `AUTOREGRESSION_BOUND`.

    Parameters
    ----------
    growth : array of float, shape (series, n)
        Stationary values, at least three.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray, numpy.ndarray)
        Lag coefficient, mean and innovation variance, each of shape (series,).

    Examples
    --------
    >>> lag, mean, variance = autoregression([[0.02, 0.02, 0.02, 0.02]])
    >>> mean.round(6).tolist(), variance.round(6).tolist()
    ([0.02], [0.0])
    """
    g = np.atleast_2d(np.asarray(growth, dtype=float))
    n = g.shape[1]
    centre = np.zeros(len(g))
    reach = AUTOREGRESSION_BOUND
    for _ in range(2 * REFINEMENTS):
        lag = np.clip(centre[:, None] + np.linspace(-reach, reach, 2 * GRID), -AUTOREGRESSION_BOUND, AUTOREGRESSION_BOUND)
        _, squares = _mean_and_squares(g, lag)
        loss = n * np.log(np.maximum(squares, 1e-300)) - np.log(1 - lag**2)
        centre = lag[np.arange(len(g)), loss.argmin(axis=1)]
        reach /= 4
    mean, squares = _mean_and_squares(g, centre[:, None])
    return centre, mean[:, 0], squares[:, 0] / n


def _mean_and_squares(g: Array, lag: Array) -> tuple[Array, Array]:
    first = 1 - lag**2
    step = g[:, None, 1:] - lag[..., None] * g[:, None, :-1]
    weight = first + (g.shape[1] - 1) * (1 - lag) ** 2
    mean = (first * g[:, :1] + (1 - lag) * step.sum(axis=-1)) / weight
    squares = first * (g[:, :1] - mean) ** 2 + ((step - ((1 - lag) * mean)[..., None]) ** 2).sum(axis=-1)
    return mean, squares


def _arima_drift(log: Array, steps: NDArray[np.int64]) -> Array:
    growth = np.diff(log, axis=1)
    lag, mean, _ = autoregression(growth)
    ahead = mean[:, None] + (growth[:, -1:] - mean[:, None]) * lag[:, None] ** steps
    return log[:, -1:] + np.cumsum(ahead, axis=1)


def local_linear_variances(log_values: ArrayLike) -> Array:
    """Variances of the local linear trend with the largest diffuse likelihood, series by series.

    Parameters
    ----------
    log_values : array of float, shape (series, n)
        At least five points.

    Returns
    -------
    numpy.ndarray, shape (series, 3)
        Irregular, level and slope variance; all 0 for a straight line.

    Examples
    --------
    >>> local_linear_variances([[1.0, 2.0, 3.0, 4.0, 5.0]]).tolist()
    [[0.0, 0.0, 0.0]]
    """
    log = np.atleast_2d(np.asarray(log_values, dtype=float))
    shares, scale = _local_linear_shares(log)
    straight = np.ptp(np.diff(log, axis=1), axis=1) < 1e-12
    return np.where(straight[:, None], 0.0, shares * scale[:, None])


def _local_linear(log: Array, steps: NDArray[np.int64]) -> Array:
    shares, _ = _local_linear_shares(log)
    level, slope, _, _ = _filter_local_linear(log, shares[:, None, :])
    return level + slope * steps


def _local_linear_shares(log: Array) -> tuple[Array, Array]:
    """Shares of the three variances, and their common scale."""
    rows = np.arange(len(log))
    angles = np.full((len(log), 2), 0.5)
    reach = 0.5
    best = np.zeros((len(log), 3))
    scale = np.zeros(len(log))
    for _ in range(REFINEMENTS + 1):
        offset = np.linspace(-reach, reach, GRID)
        a = np.clip(angles[:, :1] + np.repeat(offset, GRID), 0.0, 1.0)
        b = np.clip(angles[:, 1:] + np.tile(offset, GRID), 0.0, 1.0)
        # Cubes crowd the grid where a variance nearly vanishes, as it mostly does.
        irregular, slope = (1 - a**3) * (1 - b**3), (1 - a**3) * b**3
        shares = np.stack([irregular, a**3, slope], axis=-1)
        _, _, loss, squares = _filter_local_linear(log, shares)
        chosen = loss.argmin(axis=1)
        angles = np.stack([a[rows, chosen], b[rows, chosen]], axis=1)
        best, scale = shares[rows, chosen], squares[rows, chosen]
        reach *= 2 / (GRID - 1)
    return best, scale


def _filter_local_linear(log: Array, shares: Array) -> tuple[Array, Array, Array, Array]:
    """Kalman filter from the exact diffuse state after two points; last state, -2 log likelihood, scale."""
    irregular, level_share, slope_share = (shares[..., i] for i in range(3))
    level = np.broadcast_to(log[:, 1:2], irregular.shape)
    slope = np.broadcast_to(log[:, 1:2] - log[:, :1], irregular.shape)
    p11, p12, p22 = irregular, irregular, 2 * irregular + level_share + slope_share
    squares, determinant = np.zeros(irregular.shape), np.zeros(irregular.shape)
    for t in range(2, log.shape[1]):
        # Predict, then take in the value of the year.
        q11, q12, q22 = p11 + 2 * p12 + p22 + level_share, p12 + p22, p22 + slope_share
        variance = q11 + irregular
        error = log[:, t : t + 1] - level - slope
        level = level + slope + q11 / variance * error
        slope = slope + q12 / variance * error
        p11, p12, p22 = q11 - q11**2 / variance, q12 - q11 * q12 / variance, q22 - q12**2 / variance
        squares = squares + error**2 / variance
        determinant = determinant + np.log(variance)
    count = log.shape[1] - 2
    loss = count * np.log(np.maximum(squares, 1e-300)) + determinant
    return level, slope, loss, squares / count


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
