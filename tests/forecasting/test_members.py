from __future__ import annotations

import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing, SimpleExpSmoothing

from popbook.forecasting.members import (
    DAMPINGS,
    fit_damped_trend,
    linear_slope,
    project_damped_trend,
    project_theta,
    smooth_level,
    smooth_trend,
    stack_series,
)
from popbook.forecasting.panel import read_windows
from tests.forecasting.editions import edition


@cache
def samples() -> list[np.ndarray]:
    """Logs of real cities, and random walks of several lengths and smoothness."""
    cities = [np.log(window.values) for window in read_windows(edition(2024), "resident-rebased", 8)]
    generator = np.random.default_rng(5)
    walks = [np.cumsum(generator.normal(0.5, 1, n)) for n in (12, 20, 35, 60)]
    smooth = [np.cumsum(np.cumsum(generator.normal(0, 1, n))) for n in (15, 30)]
    return [*cities, *walks, *smooth]


def mean_change(values: np.ndarray) -> float:
    return float(np.abs(np.diff(values)).mean())


def test_stacked_series_keep_their_values_and_lengths():
    stack, order = stack_series([np.arange(3.0), np.arange(5.0), np.arange(4.0)])
    assert order.tolist() == [1, 2, 0]
    assert stack.lengths.tolist() == [5, 4, 3]
    assert [(count, values.tolist()) for count, values in stack.steps()][-2:] == [(2, [3.0, 3.0]), (1, [4.0])]


def test_slopes_are_those_of_least_squares():
    stack, order = stack_series(samples())
    expected = [np.polyfit(np.arange(len(samples()[i])), samples()[i], 1)[0] for i in order]
    assert linear_slope(stack) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("weight", [0.1, 0.7, 1.0])
def test_smoothing_gives_the_level_and_the_errors_of_statsmodels(weight):
    stack, order = stack_series(samples())
    level, squares = smooth_level(stack, np.full((1, len(order)), weight))
    for column, i in enumerate(order):
        values = samples()[i]
        model = SimpleExpSmoothing(values, initialization_method="known", initial_level=values[0])
        result = model.fit(smoothing_level=weight, optimized=False)
        assert level[0, column] == pytest.approx(result.forecast(1)[0])
        assert squares[0, column] == pytest.approx(result.sse)


def damped_in_statsmodels(values: np.ndarray, damping: float) -> ExponentialSmoothing:
    trend = (values[2] - values[0]) / 2
    return ExponentialSmoothing(
        values, trend="add", damped_trend=True, initialization_method="known",
        initial_level=values[0] - damping * trend, initial_trend=trend,
    )  # fmt: skip


@pytest.mark.parametrize("damping", DAMPINGS)
def test_a_damped_trend_with_given_weights_is_that_of_statsmodels(damping):
    stack, order = stack_series(samples())
    weights = np.full((1, len(order)), 0.6), np.full((1, len(order)), 0.25)
    level, trend, squares = smooth_trend(stack, *weights, damping)
    for column, i in enumerate(order):
        result = damped_in_statsmodels(samples()[i], damping).fit(
            smoothing_level=0.6, smoothing_trend=0.25, damping_trend=damping, optimized=False
        )
        ahead = [level[0, column] + damping * trend[0, column], level[0, column] + (damping + damping**2) * trend[0, column]]
        assert ahead == pytest.approx(result.forecast(2).tolist())
        assert squares[0, column] == pytest.approx(result.sse)


@pytest.mark.parametrize("damping", DAMPINGS)
def test_fitted_weights_are_at_least_as_good_as_those_of_statsmodels(damping):
    stack, order = stack_series(samples())
    squares = fit_damped_trend(stack, damping)[2]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its optimiser complains of weights on their bound
        for column, i in enumerate(order):
            result = damped_in_statsmodels(samples()[i], damping).fit(damping_trend=damping)
            assert squares[column] <= 1.001 * result.sse


def test_the_damping_with_the_smallest_errors_is_chosen():
    stack, order = stack_series(samples())
    fits = [fit_damped_trend(stack, damping) for damping in DAMPINGS]
    path = project_damped_trend(stack, 3)
    chosen = np.array([squares for _, _, squares in fits]).argmin(axis=0)
    assert len(set(chosen.tolist())) > 1
    for column, k in enumerate(chosen):
        level, trend, _ = fits[k]
        steps = np.cumsum(DAMPINGS[k] ** np.arange(1, 4))
        assert path[:, column] == pytest.approx(level[column] + trend[column] * steps)


def test_theta_is_that_of_statsmodels():
    stack, order = stack_series(samples())
    path = project_theta(stack, 6)
    for column, i in enumerate(order):
        values = samples()[i]
        index = pd.period_range("2000", periods=len(values), freq="Y")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = ThetaModel(pd.Series(values, index=index), period=1, deseasonalize=False).fit()
        expected = result.forecast(6, theta=2).to_numpy()
        assert path[:, column] == pytest.approx(expected, abs=0.002 * mean_change(values))


@pytest.mark.parametrize("project", [project_damped_trend, project_theta])
def test_a_series_gets_the_same_forecast_alone_and_in_company(project):
    together, order = stack_series(samples())
    path = project(together, 4)
    for column, i in enumerate(order):
        alone, _ = stack_series([samples()[i]])
        assert project(alone, 4)[:, 0].tolist() == path[:, column].tolist()
