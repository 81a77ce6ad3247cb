from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.forecasting.trend import (
    BENCHMARKS,
    DAMPING,
    MEMBER_NAMES_ZH,
    TREND_MEMBERS,
    fit_damped_drift,
    fit_damped_holt,
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


@given(st.floats(0.01, 100))
def test_the_unit_of_the_series_does_not_matter(factor):
    values = np.array([100, 102, 101, 104, 107, 108, 111.0])
    plain, scaled = fit_trend_members(values, 3), fit_trend_members(factor * values, 3)
    for name in TREND_MEMBERS:
        assert scaled[name].values == pytest.approx(factor * plain[name].values, rel=2e-4)


def test_benchmarks_by_hand():
    table = forecast_benchmarks([100, 110, 120, 130], 2)
    assert table["random_walk"].tolist() == [130, 130]
    assert table["last_increment"].tolist() == [140, 150]
    assert table["drift"][1] == pytest.approx(130 * (1.3) ** (1 / 3))


def test_every_member_has_a_chinese_name():
    assert set(TREND_MEMBERS) | set(BENCHMARKS) <= set(MEMBER_NAMES_ZH)


@pytest.mark.parametrize("values", [[1, 2, 3, 4], [1, 2, 0, 4, 5], [1, 2, float("nan"), 4, 5]])
def test_too_short_or_not_positive_is_refused(values):
    with pytest.raises(ValueError, match="trend"):
        fit_trend_members(values, 3)
