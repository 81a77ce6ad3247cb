"""One small regression for all series: how many mean yearly changes will a series move in h years?

Features and answer are divided by the mean absolute yearly change of the series, so that one set of coefficients serves
any unit. The coefficients are least absolute deviations, fitted once (`benchmarks/fit_forecast_constants.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from popbook.forecasting.members import Array

RECENT = 5
"""Yearly changes that enter one by one."""

FADING = 0.95
"""Beyond the fitted horizons, each further yearly change is this share of the one before. On 441 long development
series, horizons 7-20, shares from 0.9 to 1 tie; below 1 no path can explode."""


def mean_absolute_change(values: Array) -> float:
    """Mean absolute yearly change.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)

    Returns
    -------
    float

    Examples
    --------
    >>> mean_absolute_change(np.array([0.0, 2.0, 1.0]))
    1.5
    """
    return float(np.abs(np.diff(values)).mean())


def pooled_features(values: Array) -> Array:
    """Features of one series, in mean absolute yearly changes.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        Logs or levels, not constant; at least three points.

    Returns
    -------
    numpy.ndarray, shape (6,)
        The last five yearly changes, newest first (the mean change where there are fewer), and the mean change.

    Examples
    --------
    >>> pooled_features(np.array([0.0, 1.0, 2.0, 3.0])).round(6).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    change = np.diff(values)
    recent = change[: -RECENT - 1 : -1]
    recent = np.append(recent, np.full(RECENT - len(recent), change.mean()))
    return np.append(recent, change.mean()) / mean_absolute_change(values)


def project_pooled(series: Sequence[Array], coefficients: Array, horizon: int) -> Array:
    """Change of each series after 1, 2, … years by the pooled regression.

    ``y[n+h] - y[n] = m (b[h] . x)``, ``m`` the mean absolute yearly change and ``x`` the features; beyond the fitted
    horizons the last yearly change fades by `FADING` a year.

    Parameters
    ----------
    series : sequence of numpy.ndarray
        Logs or levels, none constant.
    coefficients : numpy.ndarray, shape (fitted horizons, 6)
    horizon : int
        Years ahead.

    Returns
    -------
    numpy.ndarray, shape (horizon, series)

    Examples
    --------
    >>> last_change_goes_on = np.arange(1, 4)[:, None] * np.eye(6)[:1]
    >>> project_pooled([np.array([0.0, 1.0, 3.0])], last_change_goes_on, 4).round(6).tolist()
    [[2.0], [4.0], [6.0], [7.9]]
    """
    features = np.array([pooled_features(values) * mean_absolute_change(values) for values in series])
    # Summed feature by feature, not by a matrix product, whose order of summation depends on the number of series.
    path = sum(coefficients[:, k, None] * features[:, k] for k in range(features.shape[1]))
    return _extend(path, horizon)


def _extend(path: NDArray[np.float64], horizon: int) -> Array:
    fitted = len(path)
    further = np.arange(1, max(horizon - fitted, 0) + 1)[:, None]
    tail = path[-1] + (path[-1] - path[-2]) * np.cumsum(FADING**further, axis=0)
    return np.concatenate([path, tail])[:horizon]
