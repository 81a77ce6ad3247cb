"""The trend engine: point forecast and intervals for anybody's annual series.

Five members with equal weights: the pooled regression, and the damped trend and Theta each on levels and on logs.
Equal weights, because on the development sets every weighting of good members ties within 0.02 OWA. Series that are
not all positive are forecast on levels only; the table names what was done to each series.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from popbook.forecasting.error_scale import WidthTable, error_scale, interval_bounds
from popbook.forecasting.members import Array, project_damped_trend, project_theta, stack_series
from popbook.forecasting.pooled import mean_absolute_change, project_pooled

MINIMUM_POINTS = 5
MAXIMUM_POINTS = 800
HISTORY = 40
"""Latest years that enter a forecast: on the development sets 20, 30, 40 and all years tie, and cost grows with years."""

LARGEST_FACTOR = 100.0
"""No forecast is more than this many times the last value of a positive series."""

SMALLEST_PART = 0.1
"""No member takes a positive series below this share of its smallest value."""

MEMBERS_ON_LEVELS = 3
"""The pooled regression, the damped trend and Theta; the other two members need logs."""

COMBINATION = "combination"
LEVELS_ONLY = "combination_levels"
CAPPED = "combination_capped"
CONSTANT = "constant"


@dataclass(frozen=True)
class EngineConstants:
    """What was fitted once on public series (`benchmarks/fit_forecast_constants.py`).

    Parameters
    ----------
    coefficients : numpy.ndarray, shape (fitted horizons, 6)
        Of `popbook.forecasting.pooled.project_pooled`.
    widths : WidthTable
        Half-widths of the intervals.
    """

    coefficients: Array
    widths: WidthTable


@dataclass(frozen=True)
class EngineForecast:
    """Forecasts of several series.

    Parameters
    ----------
    point : numpy.ndarray, shape (series, horizon)
    lower, upper : numpy.ndarray, shape (levels, series, horizon)
        Bounds of the intervals.
    models : tuple of str
        Per series: ``combination``; ``combination_levels`` (not all values positive: no logs);
        ``combination_capped`` (a member ran out of bounds and was held there); ``constant`` (all values equal).
    """

    point: Array
    lower: Array
    upper: Array
    models: tuple[str, ...]


@cache
def read_constants() -> EngineConstants:
    """Constants that come with the package.

    Returns
    -------
    EngineConstants

    Examples
    --------
    >>> read_constants().coefficients.shape
    (6, 6)
    """
    text = (
        resources.files("popbook.forecasting").joinpath("constants/engine.json").read_text(encoding="utf-8")
    )
    content = json.loads(text)
    widths = content["half_widths"]
    table = WidthTable(
        tuple(widths["levels"]), tuple(widths["lengths"]), np.array(widths["multiples"]), widths["exponent"]
    )
    return EngineConstants(np.array(content["pooled_coefficients"]), table)


def forecast_series(
    series: Sequence[Array],
    horizon: int,
    levels: Sequence[int] = (80, 95),
    constants: EngineConstants | None = None,
) -> EngineForecast:
    """Forecast annual series, each from its own past.

    Parameters
    ----------
    series : sequence of numpy.ndarray
        Yearly values without a gap, any unit, at least `MINIMUM_POINTS` each.
    horizon : int
        Years ahead.
    levels : sequence of int
        Percent, out of ``constants.widths.levels``.
    constants : EngineConstants, optional
        Default: those of the package.

    Returns
    -------
    EngineForecast

    Raises
    ------
    ValueError
        If a series is too short or a level was not measured.

    Examples
    --------
    >>> forecast = forecast_series([np.array([100.0, 102.0, 104.0, 106.0, 108.0, 110.0])], 2)
    >>> forecast.point.round().tolist(), forecast.models
    ([[112.0, 113.0]], ('combination',))
    """
    constants = constants or read_constants()
    if any(len(values) < MINIMUM_POINTS for values in series):
        raise ValueError(f"a forecast needs at least {MINIMUM_POINTS} points")
    unknown = [level for level in levels if level not in constants.widths.levels]
    if unknown:
        raise ValueError(f"levels {unknown} were not measured; there are {list(constants.widths.levels)}")
    rows = [constants.widths.levels.index(level) for level in levels]
    recent = [np.asarray(values, dtype=float)[-HISTORY:] for values in series]
    positive = np.array([bool((values > 0).all()) for values in recent])
    # The scale of a series needs the disagreement of its members at the last measured horizon.
    measured = constants.widths.multiples.shape[2]
    members, capped = project_members(recent, positive, constants.coefficients, max(horizon, measured))
    point = np.empty((len(series), horizon))
    lower, upper = (np.empty((len(constants.widths.levels), len(series), horizon)) for _ in range(2))
    models = []
    for i, values in enumerate(recent):
        paths = members[:, i] if positive[i] else members[:MEMBERS_ON_LEVELS, i]
        point[i] = paths.mean(axis=0)[:horizon]
        width = constants.widths.half_widths(len(values), horizon) * error_scale(
            values, paths[:, measured - 1].std()
        )
        if not positive[i] and values.min() >= 0:
            point[i] = np.maximum(point[i], 0.0)
        lower[:, i], upper[:, i] = interval_bounds(point[i], width, bool(positive[i]))
        if not positive[i] and values.min() >= 0:
            lower[:, i] = np.maximum(lower[:, i], 0.0)
        constant = bool((values == values[0]).all())
        models.append(
            CONSTANT if constant else LEVELS_ONLY if not positive[i] else CAPPED if capped[i] else COMBINATION
        )
    return EngineForecast(point, lower[rows], upper[rows], tuple(models))


def project_members(
    series: Sequence[Array], positive: NDArray[np.bool_], coefficients: Array, horizon: int
) -> tuple[Array, NDArray[np.bool_]]:
    """Forecast every member.

    Parameters
    ----------
    series : sequence of numpy.ndarray
        Yearly values, at least `MINIMUM_POINTS` each.
    positive : numpy.ndarray of bool, shape (series,)
        Where all values are above zero.
    coefficients : numpy.ndarray, shape (fitted horizons, 6)
        Of the pooled regression.
    horizon : int
        Years ahead.

    Returns
    -------
    (numpy.ndarray, shape (5, series, horizon), numpy.ndarray of bool)
        Pooled regression, damped trend and Theta on levels, damped trend and Theta on logs (not a number where the
        series is not positive); and whether a member of a positive series had to be held within bounds.

    Examples
    --------
    >>> paths, capped = project_members([np.full(6, 3.0)], np.array([True]), np.zeros((6, 6)), 1)
    >>> paths[:, 0, 0].tolist(), capped.tolist()
    ([3.0, 3.0, 3.0, 3.0, 3.0], [False])
    """
    last = np.array([values[-1] for values in series])
    unit = np.array([mean_absolute_change(values) or 1.0 for values in series])
    levels = [(values - end) / one for values, end, one in zip(series, last, unit, strict=True)]
    paths = np.full((5, len(series), horizon), np.nan)
    stack, order = stack_series(levels)
    paths[1, order] = project_damped_trend(stack, horizon).T
    paths[2, order] = project_theta(stack, horizon).T
    paths[1:3] = last[:, None] + unit[:, None] * paths[1:3]

    on_logs = np.flatnonzero(positive).tolist()
    growth = np.empty((3, len(on_logs), horizon))
    if len(on_logs):
        logs = [np.log(series[i] / last[i]) for i in on_logs]
        stack, order = stack_series(logs)
        growth[1, order] = project_damped_trend(stack, horizon).T
        growth[2, order] = project_theta(stack, horizon).T
        growth[0] = _pooled_or_constant(logs, coefficients, horizon)
    # No member on logs may grow faster than the series ever did in a year, nor beyond the largest factor.
    fastest = np.array([np.abs(np.diff(np.log(series[i]))).max() for i in on_logs])[:, None]
    limit = np.minimum(fastest * np.arange(1, horizon + 1), np.log(LARGEST_FACTOR))
    held = np.clip(growth, -limit, limit)
    for member, path in zip((0, 3, 4), last[on_logs][:, None] * np.exp(held), strict=True):
        paths[member, on_logs] = path

    on_levels = np.flatnonzero(~positive).tolist()
    if len(on_levels):
        paths[0, on_levels] = last[on_levels][:, None] + unit[on_levels][:, None] * _pooled_or_constant(
            [levels[i] for i in on_levels], coefficients, horizon
        )

    capped = np.zeros(len(series), dtype=bool)
    capped[on_logs] = (held != growth).any(axis=(0, 2))
    floor = np.array([SMALLEST_PART * values.min() for values in series])
    ceiling = LARGEST_FACTOR * last
    inside = np.clip(paths[1:3], floor[:, None], ceiling[:, None])
    capped |= positive & (inside != paths[1:3]).any(axis=(0, 2))
    paths[1:3] = np.where(positive[:, None], inside, paths[1:3])
    return paths, capped


def _pooled_or_constant(series: Sequence[Array], coefficients: Array, horizon: int) -> Array:
    """Change by the pooled regression; none for a constant series, which has no features."""
    path = np.zeros((len(series), horizon))
    moving = [i for i, values in enumerate(series) if np.ptp(values) > 0]
    if moving:
        path[moving] = project_pooled([series[i] for i in moving], coefficients, horizon).T
    return path
