"""Coherence: forecasts that must add are made to add, in every draw, with the least change they can bear.

``y~ = y - W C' (C W C')^-1 C y`` for linear constraints ``C y = 0`` (Wickramasuriya, Athanasopoulos & Hyndman 2019,
minimum trace in zero-constrained form; Di Fonzo & Girolimetto 2023): series with a large error variance in ``W``
give way most, a series with variance zero does not move. The same matrix serves every draw, so that quantiles are
taken of coherent draws and are never reconciled or added themselves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

TOLERANCE = 1e-9


def reconcile(forecasts: ArrayLike, constraints: ArrayLike, covariance: ArrayLike, non_negative: bool = True) -> Array:
    """Reconcile forecasts with linear constraints by minimum trace.

    Parameters
    ----------
    forecasts : array of float, shape (..., series)
        Base forecasts; leading axes are draws or years.
    constraints : array of float, shape (constraints, series)
        Each row times a coherent vector is zero.
    covariance : array of float, shape (series, series) or (series,)
        Error covariance of the base forecasts, or variances; zero = the series must not move.
    non_negative : bool
        Set cells that come out negative to zero and spread the rest again over the others.

    Returns
    -------
    numpy.ndarray, shape (..., series)

    Raises
    ------
    ValueError
        If shapes disagree or the series that may move cannot meet the constraints.

    Examples
    --------
    >>> reconcile([[30.0, 60.0, 100.0]], [[1, 1, -1]], [1.0, 1.0, 0.0]).round(6).tolist()
    [[35.0, 65.0, 100.0]]
    """
    base = np.asarray(forecasts, dtype=float)
    matrix = np.atleast_2d(np.asarray(constraints, dtype=float))
    spread = np.asarray(covariance, dtype=float)
    spread = np.diag(spread) if spread.ndim == 1 else spread
    series = base.shape[-1]
    if matrix.shape[1] != series or spread.shape != (series, series):
        raise ValueError("forecasts, constraints and covariance disagree in the number of series")
    flat = base.reshape(-1, series)
    result = _project(flat, matrix, spread)
    if non_negative:
        for i in np.flatnonzero((result < -TOLERANCE).any(axis=1)):
            result[i] = _non_negative(flat[i], matrix, spread)
    return result.reshape(base.shape)


def shrunk_covariance(errors: ArrayLike) -> Array:
    """Covariance of errors, shrunk to its diagonal by the amount that the sample itself suggests.

    Correlations are multiplied by ``1 - l`` with ``l = sum var(r_ij) / sum r_ij^2`` over ``i != j``, within [0, 1]
    (Schafer & Strimmer 2005).

    Parameters
    ----------
    errors : array of float, shape (n, series)
        Forecast errors, at least two rows; taken as centred on zero.

    Returns
    -------
    numpy.ndarray, shape (series, series)

    Raises
    ------
    ValueError
        If there are fewer than two errors.

    Examples
    --------
    >>> shrunk_covariance([[1.0, -1.0], [-1.0, 1.0]]).diagonal().tolist()
    [1.0, 1.0]
    """
    e = np.asarray(errors, dtype=float)
    n = len(e)
    if n < 2:
        raise ValueError("a covariance needs at least two errors")
    sd = np.sqrt((e**2).mean(axis=0))
    z = e / np.where(sd > 0, sd, 1.0)
    correlation = z.T @ z / n
    variance = ((z**2).T @ (z**2) / n - correlation**2) / (n - 1)
    off = ~np.eye(len(sd), dtype=bool)
    total = float((correlation[off] ** 2).sum())
    shrinkage = float(np.clip(variance[off].sum() / total, 0.0, 1.0)) if total > 0 else 1.0
    correlation[off] *= 1 - shrinkage
    np.fill_diagonal(correlation, 1.0)
    return correlation * np.outer(sd, sd)


def sum_constraint(parts: int) -> Array:
    """Constraint row that parts, listed first, add to the total, listed last.

    Parameters
    ----------
    parts : int

    Returns
    -------
    numpy.ndarray, shape (1, parts + 1)

    Examples
    --------
    >>> sum_constraint(2).tolist()
    [[1.0, 1.0, -1.0]]
    """
    return np.append(np.ones(parts), -1.0)[None]


def ratio_constraint(kappa: float) -> Array:
    """Constraint row of residents, registered and floating population: ``H + F - kappa R = 0``, in the order R, H, F.

    The three concepts do not add; ``kappa`` is the ratio that their registers keep.

    Parameters
    ----------
    kappa : float
        (hukou + floating) / residents, above 0.

    Returns
    -------
    numpy.ndarray, shape (1, 3)

    Examples
    --------
    >>> ratio_constraint(1.25).tolist()
    [[-1.25, 1.0, 1.0]]
    """
    return np.array([[-kappa, 1.0, 1.0]])


def _project(base: Array, matrix: Array, spread: Array) -> Array:
    gap = base @ matrix.T
    inner = matrix @ spread @ matrix.T
    try:
        weights = np.linalg.solve(inner, gap.T).T
    except np.linalg.LinAlgError as error:
        raise ValueError("the series that may move cannot meet the constraints") from error
    return base - weights @ matrix @ spread


def _non_negative(base: Array, matrix: Array, spread: Array) -> Array:
    held = np.zeros(len(base), dtype=bool)
    while True:
        start, freed = base.copy(), spread.copy()
        start[held] = 0.0
        freed[held], freed[:, held] = 0.0, 0.0
        result = _project(start[None], matrix, freed)[0]
        negative = (result < -TOLERANCE) & ~held
        if not negative.any():
            return np.maximum(result, 0.0)
        held |= negative
