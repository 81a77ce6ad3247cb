from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.statespace.structural import UnobservedComponents

from popbook.forecasting.trend import (
    BENCHMARKS,
    CANDIDATE_MEMBERS,
    DAMPING,
    MEMBER_NAMES_ZH,
    TREND_MEMBERS,
    fit_arima_drift,
    fit_damped_drift,
    fit_damped_holt,
    fit_local_linear,
    fit_log_linear,
    fit_theta,
    fit_trend_members,
    forecast_benchmarks,
)

STEADY = 100 * 1.02 ** np.arange(10)


def test_steady_growth_goes_on_in_the_log_linear_trend():
    assert fit_log_linear(STEADY, 3).values == pytest.approx(STEADY[-1] * 1.02 ** np.arange(1, 4))


def test_theta_keeps_half_of_a_steady_trend():
    # Smoothing lags one year behind and gains it back through the drift: 0.5 b (h - 1 + 1/alpha).
    fit = fit_theta(STEADY, 2)
    assert np.log(fit.values[1] / fit.values[0]) == pytest.approx(np.log(1.02) / 2, rel=1e-6)


def test_damped_members_slow_down_by_the_damping_factor():
    for fit in (fit_damped_drift(STEADY, 4), fit_damped_holt(STEADY, 4)):
        growth = np.diff(np.log(np.append(STEADY[-1], fit.values)))
        assert growth[1:] / growth[:-1] == pytest.approx(np.full(3, DAMPING), rel=1e-4)


def test_a_straight_line_in_logs_goes_on_in_the_local_linear_trend_and_the_arima():
    for fit in (fit_local_linear(STEADY, 3), fit_arima_drift(STEADY, 3)):
        assert fit.values == pytest.approx(STEADY[-1] * 1.02 ** np.arange(1, 4), rel=1e-9)


def test_arima_growth_returns_to_its_drift_by_the_estimated_coefficient():
    growth = np.array([0.03, 0.02, 0.025, 0.015, 0.018, 0.012, 0.016])
    fit = fit_arima_drift(100 * np.exp(np.concatenate([[0.0], np.cumsum(growth)])), 3)
    start = 100 * np.exp(growth.sum())
    ahead = np.diff(np.log(np.append(start, fit.values))) - fit.parameters["drift"]
    assert ahead[1:] / ahead[:-1] == pytest.approx(np.full(2, fit.parameters["autoregression"]), rel=1e-6)


def test_the_likelihoods_found_on_the_grid_are_those_of_statsmodels():
    growth = np.array([0.031, 0.024, 0.026, 0.017, 0.019, 0.011, 0.014, 0.009])
    log = np.concatenate([[6.0], 6 + np.cumsum(growth)])
    fit = fit_local_linear(np.exp(log), 1)
    variances = np.array([fit.parameters[f"{name}_sd"] ** 2 for name in ("irregular", "level", "slope")])
    unit = np.sqrt(variances.max())
    model = UnobservedComponents(log / unit, level="local linear trend")
    assert model.loglike(variances / unit**2) == pytest.approx(model.fit(disp=0, maxiter=500).llf, abs=0.01)
    ours = fit_arima_drift(np.exp(log), 1).parameters
    arima = ARIMA(log / ours["sd"], order=(1, 1, 0), trend="t")
    found = arima.loglike([ours["drift"] / ours["sd"], ours["autoregression"], 1.0])
    assert found == pytest.approx(arima.fit().llf, abs=0.01)


def test_log_linear_reports_slope_and_standard_error():
    noisy = STEADY * np.exp(0.01 * np.array([1, -1, 1, -1, 1, -1, 1, -1, 1, -1]))
    fit = fit_log_linear(noisy, 1)
    assert fit.parameters["slope"] == pytest.approx(np.log(1.02), abs=0.002)
    assert fit.parameters["se"] > 0
    assert fit.n == 10


def test_a_flat_series_stays_flat_in_every_member():
    for fit in fit_trend_members([50.0] * 6, 5).values():
        assert fit.values == pytest.approx(np.full(5, 50.0))


@given(st.lists(st.floats(-0.1, 0.1), min_size=4, max_size=14), st.integers(1, 15))
def test_forecasts_of_a_positive_series_are_positive(growth, horizon):
    values = 100 * np.exp(np.concatenate([[0.0], np.cumsum(growth)]))
    for fit in fit_trend_members(values, horizon).values():
        assert (fit.values > 0).all()
        assert len(fit.values) == horizon
    assert (forecast_benchmarks(values, horizon) > 0).all().all()


VALUES = np.array([100, 102, 101, 104, 107, 108, 111.0])


@cache
def plain_fits():
    return fit_trend_members(VALUES, 3)


@given(st.floats(0.01, 100))
def test_the_unit_of_the_series_does_not_matter(factor):
    plain, scaled = plain_fits(), fit_trend_members(factor * VALUES, 3)
    for name in plain:
        assert scaled[name].values == pytest.approx(factor * plain[name].values, rel=2e-4)


def test_benchmarks_by_hand():
    table = forecast_benchmarks([100, 110, 120, 130], 2)
    assert table["random_walk"].tolist() == [130, 130]
    assert table["last_increment"].tolist() == [140, 150]
    assert table["drift"][1] == pytest.approx(130 * (1.3) ** (1 / 3))


def test_every_member_has_a_chinese_name():
    assert not set(TREND_MEMBERS) & set(CANDIDATE_MEMBERS)
    assert set(TREND_MEMBERS) | set(CANDIDATE_MEMBERS) | set(BENCHMARKS) <= set(MEMBER_NAMES_ZH)


@pytest.mark.parametrize("values", [[1, 2, 3, 4], [1, 2, 0, 4, 5], [1, 2, float("nan"), 4, 5]])
def test_too_short_or_not_positive_is_refused(values):
    with pytest.raises(ValueError, match="trend"):
        fit_trend_members(values, 3)
