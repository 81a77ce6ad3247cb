from __future__ import annotations

import numpy as np
import pytest

from popbook.forecasting.engine import read_constants
from popbook.forecasting.pooled import FADING, pooled_features, project_pooled


def test_features_are_the_latest_changes_newest_first_and_the_mean_change():
    values = np.array([0.0, 1.0, 1.0, 3.0, 2.0, 6.0, 7.0])  # changes 1 0 2 -1 4 1, mean absolute 1.5
    assert pooled_features(values) * 1.5 == pytest.approx([1, 4, -1, 2, 0, 7 / 6])


def test_changes_that_a_short_series_lacks_are_its_mean_change():
    assert pooled_features(np.array([0.0, 1.0, 4.0])) * 2 == pytest.approx([3, 1, 2, 2, 2, 2])


@pytest.mark.parametrize(("factor", "shift"), [(1e-6, 0), (1e6, 0), (1, 1e3)])
def test_the_forecast_change_follows_the_unit_and_not_the_level(factor, shift):
    values = np.array([5.0, 7.0, 6.0, 9.0, 12.0, 11.0])
    coefficients = read_constants().coefficients
    path = project_pooled([values], coefficients, 9)
    moved = project_pooled([factor * values + shift], coefficients, 9)
    assert moved == pytest.approx(factor * path, rel=1e-9)


def test_beyond_the_fitted_horizons_the_last_change_fades():
    values = np.array([5.0, 7.0, 6.0, 9.0, 12.0, 11.0])
    change = np.diff(project_pooled([values], read_constants().coefficients, 9)[:, 0])
    assert change[5:] / change[4:-1] == pytest.approx([FADING] * 3)


def test_a_falling_series_mirrors_a_rising_one():
    values = np.array([5.0, 7.0, 6.0, 9.0, 12.0, 11.0])
    coefficients = read_constants().coefficients
    assert project_pooled([-values], coefficients, 6) == pytest.approx(-project_pooled([values], coefficients, 6))
