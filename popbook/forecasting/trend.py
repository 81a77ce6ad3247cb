"""Trend members on the logarithm of one annual series, fitted in statsmodels, and the naive benchmarks.

Every member extrapolates from the last observation of one series without a break (`popbook.forecasting.splice`
makes such a series). Logs keep every forecast positive. `popbook.forecasting.batch` computes the same members
for many series at once; a test ties the two to each other.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from statsmodels.regression.linear_model import OLS
from statsmodels.tools import add_constant
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing
from statsmodels.tsa.statespace.structural import UnobservedComponents

MINIMUM_POINTS = 5
"""Below this no member is fitted: the rolling-origin errors start here too."""

DAMPING = 0.9
"""Share of the growth rate that survives a year. Fixed, because with fewer than about 12 points the optimiser
runs to the bound; Gardner & McKenzie (1985) and the M competitions find 0.8-0.95 for annual series."""

TREND_WINDOW = 10
"""Years of the log-linear fit: older growth says little about a city whose growth changes within a decade."""

DRIFT_WINDOW = 5
"""Years of the mean growth in the drift benchmark and in the damped drift."""

INCREMENT_WINDOW = 3

TREND_MEMBERS = ("damped_holt", "theta", "province_share")
"""Members named by the method standard before anything was scored, because growth that fades is the rule for cities and
the literature agrees on them: they enter even where no error of other cities is known yet."""

CANDIDATE_MEMBERS = ("log_linear", "damped_drift", "local_linear", "arima_drift")
"""Members that enter only on evidence: measured errors, known at the edition, no worse than the best naive forecast."""

BENCHMARKS = ("random_walk", "drift", "last_increment")

MEMBER_NAMES_ZH = {
    "log_linear": "对数线性趋势",
    "damped_holt": "阻尼霍尔特",
    "theta": "Theta法",
    "damped_drift": "阻尼漂移",
    "local_linear": "局部线性趋势",
    "arima_drift": "带漂移的ARIMA",
    "province_share": "全省份额",
    "factor": "城市面板回归",
    "cohort": "队列要素推算",
    "fixed_ratio": "固定比率",
    "combination": "等权组合",
    "random_walk": "维持末值",
    "drift": "近五年平均增速",
    "last_increment": "近三年平均增量",
}


@dataclass(frozen=True)
class TrendFit:
    """One fitted member.

    Parameters
    ----------
    member : str
        A key of `MEMBER_NAMES_ZH`.
    values : numpy.ndarray, shape (horizon,)
        Forecast level for h = 1, 2, ...
    parameters : dict of str to float
        Estimates worth printing: slope a year, standard error, smoothing weights.
    n : int
        Observations used.
    """

    member: str
    values: NDArray[np.float64]
    parameters: dict[str, float] = field(default_factory=dict)
    n: int = 0


def fit_log_linear(values: ArrayLike, horizon: int) -> TrendFit:
    """Log-linear trend by ordinary least squares with HAC standard errors, started at the last observation.

    ``log y = a + b t`` over the last `TREND_WINDOW` years; ``forecast = y_n exp(b h)``. HAC (Newey & West 1987,
    one lag) because errors of yearly stocks are serially correlated; at this length they are a rough guide.

    Parameters
    ----------
    values : array of float, shape (n,)
        Positive yearly levels without a gap, at least `MINIMUM_POINTS`.
    horizon : int
        Years ahead.

    Returns
    -------
    TrendFit

    Raises
    ------
    ValueError
        If the series is too short or not positive.

    Examples
    --------
    >>> fit_log_linear([100, 102, 104.04, 106.1208, 108.243216], 1).values.round(2).tolist()
    [110.41]
    """
    log = _log(values)[-TREND_WINDOW:]
    design = add_constant(np.arange(len(log), dtype=float))
    result = OLS(log, design).fit(cov_type="HAC", cov_kwds={"maxlags": 1})
    slope = float(result.params[1])
    path = np.exp(log[-1] + slope * np.arange(1, horizon + 1))
    return TrendFit("log_linear", path, {"slope": slope, "se": float(result.bse[1])}, len(log))


def fit_damped_holt(values: ArrayLike, horizon: int) -> TrendFit:
    """Holt's method on logs with a damped trend (Gardner & McKenzie 1985).

    The damping is fixed at `DAMPING`; the states start on the first observation and the mean of the first two
    changes; the two smoothing weights minimise the squared one-step errors.

    Parameters
    ----------
    values : array of float, shape (n,)
        Positive yearly levels without a gap, at least `MINIMUM_POINTS`.
    horizon : int
        Years ahead.

    Returns
    -------
    TrendFit

    Raises
    ------
    ValueError
        If the series is too short or not positive.

    Examples
    --------
    >>> fit_damped_holt([100.0] * 6, 2).values.round(6).tolist()
    [100.0, 100.0]
    """
    log = _log(values)
    if np.ptp(log) == 0:  # nothing to estimate; the optimiser would divide by a zero error
        return TrendFit("damped_holt", np.full(horizon, np.exp(log[-1])), {}, len(log))
    trend = (log[2] - log[0]) / 2
    model = ExponentialSmoothing(
        log, trend="add", damped_trend=True, initialization_method="known",
        initial_level=log[0] - DAMPING * trend, initial_trend=trend,
    )  # fmt: skip
    with warnings.catch_warnings():
        # The optimiser reports non-convergence when a weight sits on its bound, which is a valid optimum.
        warnings.simplefilter("ignore", ConvergenceWarning)
        result = model.fit(damping_trend=DAMPING, optimized=True)
    parameters = {
        "level_weight": float(result.params["smoothing_level"]),
        "trend_weight": float(result.params["smoothing_trend"]),
    }
    return TrendFit("damped_holt", np.exp(result.forecast(horizon)), parameters, len(log))


def fit_theta(values: ArrayLike, horizon: int) -> TrendFit:
    """Theta method on logs (Assimakopoulos & Nikolopoulos 2000): smoothing with half the linear trend as drift.

    Parameters
    ----------
    values : array of float, shape (n,)
        Positive yearly levels without a gap, at least `MINIMUM_POINTS`.
    horizon : int
        Years ahead.

    Returns
    -------
    TrendFit

    Raises
    ------
    ValueError
        If the series is too short or not positive.

    Examples
    --------
    >>> fit_theta([100.0] * 6, 1).values.round(6).tolist()
    [100.0]
    """
    log = _log(values)
    if np.ptp(log) == 0:
        return TrendFit("theta", np.full(horizon, np.exp(log[-1])), {}, len(log))
    index = pd.period_range("2000", periods=len(log), freq="Y")  # the model wants an index; its dates are unused
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        result = ThetaModel(pd.Series(log, index=index), period=1, deseasonalize=False).fit()
        path = np.exp(np.asarray(result.forecast(horizon, theta=2)))
    parameters = {"slope": float(result.params["b0"]), "level_weight": float(result.params["alpha"])}
    return TrendFit("theta", path, parameters, len(log))


def fit_damped_drift(values: ArrayLike, horizon: int) -> TrendFit:
    """Mean growth of the last five years, fading by `DAMPING` a year.

    ``log y[n+h] = log y[n] + g (d + d^2 + ... + d^h)`` with ``g`` the mean log growth of `DRIFT_WINDOW` years.

    Parameters
    ----------
    values : array of float, shape (n,)
        Positive yearly levels without a gap, at least `MINIMUM_POINTS`.
    horizon : int
        Years ahead.

    Returns
    -------
    TrendFit

    Raises
    ------
    ValueError
        If the series is too short or not positive.

    Examples
    --------
    >>> fit_damped_drift([100, 102, 104.04, 106.1208, 108.243216], 1).values.round(3).tolist()
    [110.19]
    """
    log = _log(values)
    growth = float(np.diff(log)[-DRIFT_WINDOW:].mean())
    path = np.exp(log[-1] + growth * np.cumsum(DAMPING ** np.arange(1, horizon + 1)))
    return TrendFit("damped_drift", path, {"growth": growth}, len(log))


def fit_local_linear(values: ArrayLike, horizon: int) -> TrendFit:
    """Local linear trend on logs, in state space form (Harvey 1989): ``y = m + e``, ``m' = m + s + u``, ``s' = s + v``.

    The three variances maximise the diffuse likelihood. On short series it often has its maximum on the edge,
    where a numerical optimiser stops anywhere; the point is therefore searched on the refined grid of
    `popbook.forecasting.batch.local_linear_variances` and handed to statsmodels, which filters and forecasts.

    Parameters
    ----------
    values : array of float, shape (n,)
        Positive yearly levels without a gap, at least `MINIMUM_POINTS`.
    horizon : int
        Years ahead.

    Returns
    -------
    TrendFit

    Raises
    ------
    ValueError
        If the series is too short or not positive.

    Examples
    --------
    >>> fit_local_linear([100, 102, 104.04, 106.1208, 108.243216], 1).values.round(2).tolist()
    [110.41]
    """
    from popbook.forecasting.batch import local_linear_variances  # it takes its constants from here

    log = _log(values)
    variances = local_linear_variances(log[None])[0]
    if variances.sum() == 0:  # a straight line: nothing to estimate
        slope = log[-1] - log[-2]
        return TrendFit("local_linear", np.exp(log[-1] + slope * np.arange(1, horizon + 1)), {"slope": slope}, len(log))
    unit = float(np.sqrt(variances.max()))  # statsmodels' diffuse prior wants errors of about 1
    result = UnobservedComponents(log / unit, level="local linear trend").smooth(variances / unit**2)
    path = np.exp(unit * np.asarray(result.forecast(horizon)))
    names = ("irregular_sd", "level_sd", "slope_sd")
    parameters = {"slope": unit * float(result.filtered_state[1, -1])}
    parameters |= {name: float(np.sqrt(value)) for name, value in zip(names, variances, strict=True)}
    return TrendFit("local_linear", path, parameters, len(log))


def fit_arima_drift(values: ArrayLike, horizon: int) -> TrendFit:
    """ARIMA(1,1,0) with drift on logs: growth returns to its own mean at a rate that is estimated.

    ``g[t] = c + r (g[t-1] - c) + e[t]`` with ``g`` the log growth; exact likelihood. The order is fixed, because
    no criterion can choose one on fewer than twenty points.

    Parameters
    ----------
    values : array of float, shape (n,)
        Positive yearly levels without a gap, at least `MINIMUM_POINTS`.
    horizon : int
        Years ahead.

    Returns
    -------
    TrendFit

    Raises
    ------
    ValueError
        If the series is too short or not positive.

    Examples
    --------
    >>> fit_arima_drift([100.0] * 6, 2).values.round(6).tolist()
    [100.0, 100.0]
    """
    from popbook.forecasting.batch import autoregression  # it takes its constants from here

    log = _log(values)
    growth = np.diff(log)
    if np.ptp(growth) < 1e-12:
        path = np.exp(log[-1] + growth.mean() * np.arange(1, horizon + 1))
        return TrendFit("arima_drift", path, {"drift": float(growth.mean())}, len(log))
    lag, mean, variance = (float(item[0]) for item in autoregression(growth[None]))
    unit = float(np.sqrt(variance))
    result = ARIMA(log / unit, order=(1, 1, 0), trend="t").smooth([mean / unit, lag, 1.0])
    path = np.exp(unit * np.asarray(result.forecast(horizon)))
    return TrendFit("arima_drift", path, {"drift": mean, "autoregression": lag, "sd": unit}, len(log))


def forecast_benchmarks(values: ArrayLike, horizon: int) -> pd.DataFrame:
    """The naive benchmarks that stand beside every model.

    ``random_walk``: the last value stays. ``drift``: mean log growth of the last five years goes on.
    ``last_increment``: the mean yearly increment of the last three years goes on (not below zero in total).

    Parameters
    ----------
    values : array of float, shape (n,)
        Positive yearly levels, at least two.
    horizon : int
        Years ahead.

    Returns
    -------
    pandas.DataFrame
        Index h = 1, 2, ...; columns `BENCHMARKS`; levels.

    Examples
    --------
    >>> forecast_benchmarks([100.0, 110.0], 1).round(1).values.tolist()
    [[110.0, 121.0, 120.0]]
    """
    level = np.asarray(values, dtype=float)
    log = np.log(level)
    steps = np.arange(1, horizon + 1)
    growth = np.diff(log)[-DRIFT_WINDOW:].mean()
    increment = np.diff(level)[-INCREMENT_WINDOW:].mean()
    # A long run of a negative increment would end below zero; a tenth of the last value is far below any use.
    linear = np.maximum(level[-1] + increment * steps, level[-1] / 10)
    table = {"random_walk": np.full(horizon, level[-1]), "drift": np.exp(log[-1] + growth * steps), "last_increment": linear}
    return pd.DataFrame(table, index=pd.Index(steps, name="h"))


def fit_trend_members(values: ArrayLike, horizon: int) -> dict[str, TrendFit]:
    """Fit the trend members that need nothing but the series.

    Parameters
    ----------
    values : array of float, shape (n,)
        Positive yearly levels without a gap, at least `MINIMUM_POINTS`.
    horizon : int
        Years ahead.

    Returns
    -------
    dict of str to TrendFit
        All trend models that need one series only; the share of the province needs another one.

    Raises
    ------
    ValueError
        If the series is too short or not positive.

    Examples
    --------
    >>> list(fit_trend_members([100, 101, 103, 104, 106, 107], 3))
    ['log_linear', 'damped_holt', 'theta', 'damped_drift', 'local_linear', 'arima_drift']
    """
    methods = (fit_log_linear, fit_damped_holt, fit_theta, fit_damped_drift, fit_local_linear, fit_arima_drift)
    fits = [fit(values, horizon) for fit in methods]
    return {fit.member: fit for fit in fits}


def _log(values: ArrayLike) -> NDArray[np.float64]:
    level = np.asarray(values, dtype=float)
    if len(level) < MINIMUM_POINTS:
        raise ValueError(f"{len(level)} points; a trend needs at least {MINIMUM_POINTS}")
    if not (level > 0).all():
        raise ValueError("a trend on logs needs positive values without gaps")
    return np.log(level)
