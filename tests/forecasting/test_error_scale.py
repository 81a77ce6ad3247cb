from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.forecasting.engine import read_constants
from popbook.forecasting.error_scale import (
    SMALLEST_CHANGE,
    SMALLEST_SHARE,
    error_scale,
    interval_bounds,
    scaled_errors,
)


def test_the_scale_is_the_geometric_mean_of_its_three_parts():
    values = np.array([0.0, 2.0, 1.0, 5.0])  # first differences 2 -1 4, second -3 5
    assert error_scale(values, 3.0) == pytest.approx((7 / 3 * 4 * 3) ** (1 / 3))


def test_a_straight_line_is_not_certain():
    assert error_scale(np.arange(5.0), 0.0) == pytest.approx((SMALLEST_SHARE**2) ** (1 / 3))


def test_a_constant_series_keeps_a_small_scale():
    assert error_scale(np.full(5, 100.0), 0.0) == pytest.approx(100 * SMALLEST_CHANGE * (SMALLEST_SHARE**2) ** (1 / 3))


@pytest.mark.parametrize("factor", [1e-90, 1e90])
def test_the_scale_follows_the_unit_however_extreme(factor):
    values = np.array([1.0, 2.0, 4.0, 3.0])
    assert error_scale(factor * values, factor) == pytest.approx(factor * error_scale(values, 1.0))


@pytest.mark.parametrize("points", [5, 6, 10, 17, 40])
def test_half_widths_never_fall_with_horizon_or_level(points):
    widths = read_constants().widths.half_widths(points, 50)
    assert (np.diff(widths, axis=0) > 0).all()
    assert (np.diff(widths, axis=1) >= 0).all()
    assert (widths > 0).all()


def test_short_series_get_wider_intervals():
    table = read_constants().widths
    row = table.levels.index(80)
    assert table.half_widths(5, 6)[row, 5] > table.half_widths(10, 6)[row, 5] > table.half_widths(20, 6)[row, 5]


def test_lengths_between_two_measured_ones_get_widths_between():
    table = read_constants().widths
    short, between, long = (table.half_widths(points, 6) for points in (7, 8, 10))
    assert ((np.minimum(short, long) <= between) & (between <= np.maximum(short, long))).all()


def test_beyond_the_measured_horizons_widths_grow_by_the_power_law():
    table = read_constants().widths
    widths = table.half_widths(20, 12)
    assert widths[:, 11] / widths[:, 5] == pytest.approx(2**table.exponent)


@given(
    st.lists(st.floats(0.01, 1e6), min_size=6, max_size=6),
    st.lists(st.floats(0.01, 1e6), min_size=6, max_size=6),
    st.booleans(),
)
def test_intervals_nest_hold_the_point_and_never_narrow(point, width, positive):
    centre = np.array(point)
    half = np.maximum.accumulate(np.array(width))
    lower, upper = interval_bounds(centre, np.array([half, 2 * half]), positive)
    assert (lower[1] <= lower[0]).all() and (lower <= centre).all()
    assert (upper[1] >= upper[0]).all() and (upper >= centre).all()
    assert (np.diff(upper - lower, axis=1) >= -1e-9 * upper.max()).all()
    if positive:
        assert (lower >= 0).all()


@pytest.mark.parametrize("positive", [True, False])
@pytest.mark.parametrize("actual", [55.0, 99.0, 100.0, 130.0])
def test_an_interval_of_as_many_scales_as_the_error_just_holds_the_actual(actual, positive):
    point = np.array([100.0])
    error = scaled_errors(np.array([actual]), point, 5.0, positive)
    lower, upper = interval_bounds(point, 5.0 * error[None], positive)
    assert (lower if actual < 100 else upper).item() == pytest.approx(actual)


def test_a_positive_series_that_falls_to_zero_is_missed_by_every_interval():
    assert np.isinf(scaled_errors(np.array([0.0]), np.array([100.0]), 5.0, True)).all()
