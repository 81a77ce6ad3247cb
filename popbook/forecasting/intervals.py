"""Intervals from measured errors: rolling origins pooled over cities, conformal quantiles, coverage city by city.

The width of an interval is what the same method missed by, at the same horizon, in cities like this one. Errors
are logs, divided by the scale of the series at the origin (mean absolute log change), so that slow and fast
cities share one pool. Intervals are symmetric in logs: pooled errors say how wide, not in which direction (Rayer,
Smith & Tayman 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from popbook.forecasting.batch import forecast_members_batch
from popbook.forecasting.panel import Window
from popbook.forecasting.trend import DRIFT_WINDOW, INCREMENT_WINDOW, MINIMUM_POINTS

LEVELS = (0.80, 0.95)

SCALE_FLOOR = 0.002
"""Smallest scale, 0.2 % a year: published totals are rounded to about 0.01 %, a flat series is not error-free."""

MINIMUM_CITIES = 12
"""A horizon with fewer cities is not measured but extrapolated."""

EXPONENT_BOUNDS = (0.7, 1.0)
"""Errors of growth rates persist, so widths grow almost in proportion to the horizon (methods brief, 9.2)."""

SMOOTHING_BOUNDS = (0.5, 1.5)
"""Bounds of the power that smooths measured widths; a wider range than for extrapolation, because it is measured."""

# Simpson, Wilson & Shalley (2020, Applied Spatial Analysis and Policy 13): median absolute percentage error of the
# official forecasts for London boroughs, 7 % after ten years: the outside view where no city series is visible yet.
OUTSIDE_MEDIAN_ERROR = 0.07
OUTSIDE_HORIZON = 10
OUTSIDE_EXPONENT = 0.9

NO_COVERAGE = pd.DataFrame(columns=["h", "n", "cities", "covered80", "covered95"])

RULE_POOLED = "同口径城市序列滚动起点误差的经验分位数（保形预测修正），按年期的幂函数平滑，超出实测年数按幂律外推"
RULE_OUTSIDE = "外部经验：伦敦各区官方人口预测十年中位绝对误差7%，按幂律分摊到各年；当时没有可用的同口径城市序列"
RULE_OWN = "本序列历年变动的标准差，按随机游走累积，用t分布分位数；序列太短，覆盖率不能实测"


@dataclass(frozen=True)
class ErrorModel:
    """Half-widths of intervals by horizon, and the coverage they had.

    Parameters
    ----------
    half_width : pandas.DataFrame
        Index h = 1, 2, ...; columns 0.80 and 0.95; in logs, in multiples of the scale of a series; a power law
        through the measured quantiles. Never falls with h; 95 % is never narrower than 80 %.
    measured_horizon : int
        Last horizon with measured errors; beyond it the power law holds. 0 = nothing measured.
    exponent : float
        Power by which widths grow beyond ``measured_horizon``.
    coverage : pandas.DataFrame
        Columns ``h, n, cities, covered80, covered95`` (shares of n): each city scored with quantiles that were
        computed without it. Empty if it could not be measured.
    is_scaled : bool
        True if widths are multiples of a series' scale, False if they are logs as they stand.
    rule : str
        Chinese sentence: how the width came about.
    """

    half_width: pd.DataFrame
    measured_horizon: int
    exponent: float
    coverage: pd.DataFrame
    is_scaled: bool
    rule: str

    def log_half_widths(self, values: ArrayLike, horizon: int) -> NDArray[np.float64]:
        """Half-widths in logs for a series.

        Parameters
        ----------
        values : array of float
            Levels up to the origin; give the scale.
        horizon : int
            Years ahead; at most the length of ``half_width``.

        Returns
        -------
        numpy.ndarray, shape (horizon, 2)
            80 % and 95 %.
        """
        scale = series_scale(np.log(np.asarray(values, dtype=float))) if self.is_scaled else 1.0
        return self.half_width.loc[1:horizon, list(LEVELS)].to_numpy() * scale


def series_scale(log_values: ArrayLike) -> float:
    """Scale of a series at its end: mean absolute log change, at least `SCALE_FLOOR`.

    Parameters
    ----------
    log_values : array of float, shape (n,)
        Logs of yearly levels.

    Returns
    -------
    float

    Examples
    --------
    >>> series_scale([0.0, 0.02, 0.01])
    0.015
    """
    return max(float(np.abs(np.diff(np.asarray(log_values, dtype=float))).mean()), SCALE_FLOOR)


def rolling_errors(windows: Sequence[Window], horizon: int, minimum: int = MINIMUM_POINTS) -> pd.DataFrame:
    """Errors of every trend member and benchmark at every origin of every window.

    Parameters
    ----------
    windows : sequence of Window
        Clean windows; each is forecast from its own past only.
    horizon : int
        Longest horizon, years.
    minimum : int
        Points before the first origin.

    Returns
    -------
    pandas.DataFrame
        Columns ``region_id, name_zh, origin, h, member, error`` (log actual - log forecast) ``, scale``.

    Examples
    --------
    >>> city = Window("r", "城市", 2010, 100 * 1.02 ** np.arange(8.0))
    >>> errors = rolling_errors([city], 3)
    >>> bool(errors[errors.member == "drift"].error.abs().max() < 1e-12)
    True
    """
    parts = []
    for length in sorted({len(window.values) for window in windows}):
        group = [window for window in windows if len(window.values) == length]
        log = np.log(np.array([window.values for window in group]))
        regions = np.array([window.region_id for window in group], dtype=object)
        cities = np.array([window.name_zh for window in group], dtype=object)
        firsts = np.array([window.first_year for window in group])
        for n in range(minimum, length):
            ahead = min(horizon, length - n)
            paths = _all_paths(log[:, :n], ahead)
            scale = np.maximum(np.abs(np.diff(log[:, :n])).mean(axis=1), SCALE_FLOOR)
            actual = log[:, n : n + ahead]
            names = list(paths)
            error = np.stack([actual - paths[name] for name in names], axis=-1)
            shape = error.shape
            parts.append(
                {
                    "region_id": np.broadcast_to(regions[:, None, None], shape),
                    "name_zh": np.broadcast_to(cities[:, None, None], shape),
                    "origin": np.broadcast_to(firsts[:, None, None] + n - 1, shape),
                    "h": np.broadcast_to(np.arange(1, ahead + 1)[None, :, None], shape),
                    "member": np.broadcast_to(np.array(names, dtype=object), shape),
                    "error": error,
                    "scale": np.broadcast_to(scale[:, None, None], shape),
                }
            )
    columns = ["region_id", "name_zh", "origin", "h", "member", "error", "scale"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.DataFrame({name: np.concatenate([part[name].reshape(-1) for part in parts]) for name in columns})


def _all_paths(past: NDArray[np.float64], ahead: int) -> dict[str, NDArray[np.float64]]:
    steps = np.arange(1, ahead + 1)
    last = past[:, -1:]
    paths = forecast_members_batch(past, ahead)
    paths["random_walk"] = np.repeat(last, ahead, axis=1)
    paths["drift"] = last + np.diff(past)[:, -DRIFT_WINDOW:].mean(axis=1, keepdims=True) * steps
    level = np.exp(last)
    increment = np.diff(np.exp(past))[:, -INCREMENT_WINDOW:].mean(axis=1, keepdims=True)
    paths["last_increment"] = np.log(np.maximum(level + increment * steps, level / 10))
    return paths


def conformal_quantile(values: ArrayLike, level: float) -> float:
    """Finite-sample quantile of conformal prediction: the value of rank ``ceil((n + 1) level)``.

    Parameters
    ----------
    values : array of float, shape (n,)
        Absolute errors.
    level : float
        Coverage wanted, in (0, 1).

    Returns
    -------
    float
        The largest value if the rank exceeds n.

    Examples
    --------
    >>> conformal_quantile([1, 2, 3, 4, 5, 6, 7, 8, 9], 0.8)
    8.0
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    rank = int(np.ceil((len(ordered) + 1) * level - 1e-9))
    return float(ordered[min(rank, len(ordered)) - 1])


def calibrate_errors(errors: pd.DataFrame, horizon: int, measure_coverage: bool = True) -> ErrorModel:
    """Turn pooled rolling-origin errors into half-widths, with their leave-one-city-out coverage.

    Parameters
    ----------
    errors : pandas.DataFrame
        Errors of one method (`popbook.forecasting.combine.combination_errors`): columns ``region_id, h, error,
        scale``.
    horizon : int
        Longest horizon wanted.
    measure_coverage : bool
        False leaves the coverage empty: for a caller who only wants the widths, many times.

    Returns
    -------
    ErrorModel
        The outside view (`outside_view`) if fewer than `MINIMUM_CITIES` cities have an error at one year ahead.

    Examples
    --------
    >>> calibrate_errors(rolling_errors([], 5), 15).measured_horizon
    0
    """
    pool = ErrorPool.of(errors)
    found = pool.widths(horizon)
    if found is None:
        return outside_view(horizon)
    widths, measured, exponent = found
    known = pool.h <= measured
    coverage = (
        _leave_one_city_out(pool.h[known], pool.city[known], pool.ratio[known]) if measure_coverage else NO_COVERAGE
    )
    half_width = pd.DataFrame(widths, index=pd.RangeIndex(1, horizon + 1, name="h"), columns=list(LEVELS))
    return ErrorModel(half_width, measured, exponent, coverage, True, RULE_POOLED)


@dataclass(frozen=True)
class ErrorPool:
    """Pooled errors as arrays, not as a table: a track record calibrates anew at every origin and for every city.

    Parameters
    ----------
    h : numpy.ndarray of int, shape (n,)
        Years ahead.
    city : numpy.ndarray of int, shape (n,)
        Number of the city.
    ratio : numpy.ndarray, shape (n,)
        Absolute errors in multiples of the scale of their series.
    """

    h: NDArray[np.int64]
    city: NDArray[np.int64]
    ratio: NDArray[np.float64]

    @classmethod
    def of(cls, errors: pd.DataFrame) -> ErrorPool:
        """Return the pool of a table of errors of one method, its rows in their order."""
        ratio = np.abs(errors["error"].to_numpy(dtype=float)) / errors["scale"].to_numpy(dtype=float)
        return cls(errors["h"].to_numpy(dtype=np.int64), pd.factorize(errors["region_id"])[0], ratio)

    def part(self, rows: NDArray[np.bool_]) -> ErrorPool:
        """Return a part of the pool."""
        return ErrorPool(self.h[rows], self.city[rows], self.ratio[rows])

    def widths(self, horizon: int) -> tuple[NDArray[np.float64], int, float] | None:
        """Return half-widths of shape (horizon, 2), the last measured horizon, and the power beyond it.

        None if fewer than `MINIMUM_CITIES` cities have an error at one year ahead.
        """
        measured = 0
        while len(np.unique(self.city[self.h == measured + 1])) >= MINIMUM_CITIES:
            measured += 1
        if measured == 0:
            return None
        known = self.h <= measured
        _, widths, power = _smooth_widths(self.h[known], self.ratio[known])
        exponent = float(np.clip(power, *EXPONENT_BOUNDS))
        return _extend(widths, horizon, exponent), measured, exponent


def outside_view(horizon: int) -> ErrorModel:
    """Half-widths from published experience elsewhere, for a vintage that shows no clean city series.

    ``w(h) = 0.07 z(level) / z(0.5) (h / 10)^0.9`` with normal quantiles ``z``: the median absolute error of London
    boroughs after ten years, spread over horizons by the power law.

    Parameters
    ----------
    horizon : int
        Years.

    Returns
    -------
    ErrorModel

    Examples
    --------
    >>> outside_view(10).half_width.loc[10].round(3).tolist()
    [0.133, 0.203]
    """
    steps = np.arange(1, horizon + 1)
    sd = OUTSIDE_MEDIAN_ERROR / stats.norm.ppf(0.75) * (steps / OUTSIDE_HORIZON) ** OUTSIDE_EXPONENT
    widths = pd.DataFrame(
        {level: sd * stats.norm.ppf((1 + level) / 2) for level in LEVELS}, index=pd.Index(steps, name="h")
    )
    return ErrorModel(widths, 0, OUTSIDE_EXPONENT, NO_COVERAGE, False, RULE_OUTSIDE)


def own_history(values: ArrayLike, horizon: int) -> ErrorModel:
    """Half-widths from the volatility of one short series: ``t[n-2] sd(log changes) sqrt(h)``.

    Parameters
    ----------
    values : array of float, shape (n,)
        Yearly levels, at least three.
    horizon : int
        Years.

    Returns
    -------
    ErrorModel

    Examples
    --------
    >>> own_history([100.0, 110.0, 100.0, 110.0], 4).half_width[0.8].round(2).tolist()
    [0.21, 0.29, 0.36, 0.42]
    """
    change = np.diff(np.log(np.asarray(values, dtype=float)))
    steps = np.arange(1, horizon + 1)
    sd = change.std(ddof=1) * np.sqrt(steps)
    widths = pd.DataFrame(
        {level: sd * stats.t.ppf((1 + level) / 2, len(change) - 1) for level in LEVELS},
        index=pd.Index(steps, name="h"),
    )
    return ErrorModel(widths, 0, 0.5, NO_COVERAGE, False, RULE_OWN)


def interval_table(point: ArrayLike, half_widths: ArrayLike, years: ArrayLike) -> pd.DataFrame:
    """Forecast table with 80 % and 95 % bounds: ``point * exp(-+ w)``, so that bounds stay positive.

    Parameters
    ----------
    point : array of float, shape (horizon,)
        Positive central forecast.
    half_widths : array of float, shape (horizon, 2)
        In logs, 80 % and 95 %.
    years : array of int, shape (horizon,)

    Returns
    -------
    pandas.DataFrame
        Columns ``year, h, point, lo80, hi80, lo95, hi95``.

    Examples
    --------
    >>> interval_table([100.0], [[0.01, 0.02]], [2025]).round(1).values.tolist()
    [[2025.0, 1.0, 100.0, 99.0, 101.0, 98.0, 102.0]]
    """
    centre = np.asarray(point, dtype=float)
    width = np.asarray(half_widths, dtype=float)
    return pd.DataFrame(
        {
            "year": np.asarray(years, dtype=int), "h": np.arange(1, len(centre) + 1), "point": centre,
            "lo80": centre * np.exp(-width[:, 0]), "hi80": centre * np.exp(width[:, 0]),
            "lo95": centre * np.exp(-width[:, 1]), "hi95": centre * np.exp(width[:, 1]),
        }
    )  # fmt: skip


def interval_score(actual: ArrayLike, low: ArrayLike, high: ArrayLike, level: ArrayLike) -> NDArray[np.float64]:
    """Interval score (Winkler 1972; Gneiting & Raftery 2007): width, plus ``2 / alpha`` times what an actual lies outside.

    Parameters
    ----------
    actual, low, high : array of float
        Shapes that broadcast.
    level : array of float
        Nominal coverage, ``1 - alpha``.

    Returns
    -------
    numpy.ndarray
        In the unit of the actuals; smaller = better.

    Examples
    --------
    >>> interval_score([10.0, 14.0], 8.0, 12.0, 0.8).round(6).tolist()
    [4.0, 24.0]
    """
    y, below, above = (np.asarray(x, dtype=float) for x in (actual, low, high))
    outside = np.maximum(below - y, 0) + np.maximum(y - above, 0)
    return np.asarray(above - below + 2 / (1 - np.asarray(level, dtype=float)) * outside)


def shelf_life(errors: pd.DataFrame, within: float = 0.10, share: float = 0.80) -> int:
    """Longest horizon up to which a share of the forecasts was within a margin of the truth (Simpson and others 2020).

    Parameters
    ----------
    errors : pandas.DataFrame
        Errors of one method: columns ``region_id, h, error``; horizons with fewer than `MINIMUM_CITIES` cities are left out.
    within : float
        Margin, share of the actual value.
    share : float
        Share of the forecasts.

    Returns
    -------
    int
        Years; 0 if already the first year fails or nothing is measured.

    Examples
    --------
    >>> cities = [f"{i}" for i in range(12)]
    >>> rows = [(city, h, 0.01 * h * (i % 5)) for i, city in enumerate(cities) for h in range(1, 7)]
    >>> shelf_life(pd.DataFrame(rows, columns=["region_id", "h", "error"]))
    3
    """
    last = 0
    for h, part in errors.groupby("h"):
        # Errors are logs of actual over forecast: forecast over actual - 1 = exp(-error) - 1.
        good = (np.abs(np.expm1(-part["error"].to_numpy(dtype=float))) <= within).mean()
        if part["region_id"].nunique() < MINIMUM_CITIES or good < share:
            break
        last = int(str(h))
    return last


def student_parameters(width80: float, width95: float) -> tuple[float, float]:
    """Student's t that has the given 80 % and 95 % half-widths: degrees of freedom and scale.

    Parameters
    ----------
    width80, width95 : float
        Half-widths, 0 < width80 <= width95.

    Returns
    -------
    (float, float)
        Degrees of freedom between 2 and 200 (the 80 % width is met exactly, the 95 % width where the ratio
        allows it), scale.

    Examples
    --------
    >>> nu, scale = student_parameters(1.2816, 1.9600)
    >>> round(scale, 1)
    1.0
    """
    ratio, freedom = _student_ratios()
    nu = float(np.interp(width95 / width80, ratio, freedom))
    # The quantile as `stats.t.ppf` computes it, without its checks of the arguments, which cost most of the time.
    return nu, float(width80 / special.stdtrit(nu, 0.90))


@cache
def _student_ratios() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ratio of the 95 % to the 80 % half-width of Student's t, rising, and its degrees of freedom."""
    freedom = np.geomspace(200, 2, 200)
    return stats.t.ppf(0.975, freedom) / stats.t.ppf(0.90, freedom), freedom


def draw_log_errors(
    half_widths: ArrayLike, paths: int, generator: np.random.Generator, persistence: float = 0.9
) -> NDArray[np.float64]:
    """Draw error paths whose margins have the given half-widths and whose years hang together.

    Growth-rate errors follow a first-order autoregression that starts at zero; their sums, standardised, are the
    Gaussian copula that joins Student margins by horizon. A path is therefore about as smooth as a population.

    Parameters
    ----------
    half_widths : array of float, shape (horizon, 2)
        In logs, 80 % and 95 %.
    paths : int
    generator : numpy.random.Generator
        Seeded by the caller.
    persistence : float
        Autocorrelation of the growth-rate errors.

    Returns
    -------
    numpy.ndarray, shape (paths, horizon)

    Examples
    --------
    >>> draw_log_errors([[0.01, 0.02]] * 3, 5, np.random.default_rng(1)).shape
    (5, 3)
    """
    width = np.asarray(half_widths, dtype=float)
    steps = np.arange(len(width))
    # Row h holds the weights of the shocks in the sum of the first h + 1 growth errors.
    weights = np.tril(np.cumsum(np.tril(persistence ** np.abs(steps[:, None] - steps)), axis=0))
    weights /= np.sqrt((weights**2).sum(axis=1, keepdims=True))
    uniform = stats.norm.cdf(generator.standard_normal((paths, len(width))) @ weights.T)
    columns = []
    for h, (width80, width95) in enumerate(width):
        nu, scale = student_parameters(width80, width95)
        columns.append(scale * stats.t.ppf(uniform[:, h], nu))
    return np.stack(columns, axis=1)


def _smooth_widths(
    h: NDArray[np.int64], ratio: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
    """Power law through the conformal quantiles by horizon: ``w(h) = s[level] h^a``, one ``a`` for both levels.

    Least squares in logs, weighted by the number of errors: the quantiles of the longest horizons rest on a handful
    of overlapping errors and jump from one horizon to the next, which says nothing about the population. Returns the
    horizons, the widths with one row for each, and ``a``.
    """
    steps, count = np.unique(h, return_counts=True)
    quantiles = np.array([[conformal_quantile(ratio[h == step], level) for level in LEVELS] for step in steps])
    log = np.log(np.maximum(quantiles, 1e-12))
    x, weight = np.log(steps), count / count.sum()
    centre, level = weight @ x, weight @ log
    spread = weight @ (x - centre) ** 2
    slope = float((weight * (x - centre)) @ (log - level).mean(axis=1) / spread) if spread > 0 else OUTSIDE_EXPONENT
    power = float(np.clip(slope, *SMOOTHING_BOUNDS))
    return steps, np.exp(level + power * (x - centre)[:, None]), power


def _extend(widths: NDArray[np.float64], horizon: int, exponent: float) -> NDArray[np.float64]:
    """Let widths of the horizons 1, 2 … rise, and go on beyond them with a power law."""
    measured = len(widths)
    rising = np.maximum.accumulate(widths, axis=0)
    rising[:, 1] = np.maximum(rising[:, 1], rising[:, 0])
    beyond = np.arange(measured + 1, horizon + 1)
    tail = rising[-1] * ((beyond / measured) ** exponent)[:, None]
    return np.concatenate([rising, tail])[:horizon]


def _leave_one_city_out(
    h: NDArray[np.int64], city: NDArray[np.int64], ratio: NDArray[np.float64]
) -> pd.DataFrame:
    inside = np.zeros((len(h), len(LEVELS)))
    for i in range(city.max() + 1):
        own = city == i
        steps, widths, _ = _smooth_widths(h[~own], ratio[~own])
        place = np.minimum(np.searchsorted(steps, h[own]), len(steps) - 1)
        is_measured = steps[place] == h[own]  # a horizon that no other city has holds nothing
        inside[own] = (ratio[own, None] <= widths[place]) & is_measured[:, None]
    table = pd.DataFrame({"h": h, "city": city, "covered80": inside[:, 0], "covered95": inside[:, 1]})
    grouped = table.groupby("h")
    counts = grouped.agg(n=("h", "size"), cities=("city", "nunique"))
    return counts.join(grouped[["covered80", "covered95"]].mean()).reset_index()
