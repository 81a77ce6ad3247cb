from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from popbook.forecasting.combine import combination_errors
from popbook.forecasting.intervals import (
    EXPONENT_BOUNDS,
    LEVELS,
    calibrate_errors,
    conformal_quantile,
    draw_log_errors,
    interval_score,
    interval_table,
    outside_view,
    own_history,
    rolling_errors,
    series_scale,
    shelf_life,
    student_parameters,
)
from popbook.forecasting.panel import read_windows
from popbook.forecasting.province import panel_errors
from popbook.forecasting.trend import TREND_MEMBERS
from tests.forecasting.editions import edition, errors_of, many_windows, window


def combined(windows, horizon=8):
    return combination_errors(rolling_errors(windows, horizon), TREND_MEMBERS)


def test_an_origin_sees_only_its_past():
    base, changed = window(noise=0.02), window(noise=0.02)
    changed.values[-1] *= 1.5
    a, b = rolling_errors([base], 3), rolling_errors([changed], 3)
    before = a["origin"] + a["h"] < 2022
    assert np.allclose(a.loc[before, "error"], b.loc[before, "error"])
    assert not np.allclose(a.loc[~before, "error"], b.loc[~before, "error"])


def test_naive_errors_by_hand():
    errors = rolling_errors([window(growth=0.02, years=7)], 2)
    walk = errors[(errors.member == "random_walk") & (errors.origin == 2015)]
    assert walk.sort_values("h").error.tolist() == pytest.approx([0.02, 0.04])
    assert errors.scale.to_numpy() == pytest.approx(0.02)


def test_cities_of_different_length_are_scored_together():
    errors = rolling_errors([window("a", years=7), window("b", years=9)], 3)
    counts = errors[(errors.member == "theta") & (errors.h == 1)].groupby("region_id").size()
    assert counts.to_dict() == {"a": 2, "b": 4}


def test_conformal_rank():
    assert conformal_quantile(np.arange(1, 100), 0.95) == 95
    assert conformal_quantile([1, 2, 3], 0.95) == 3


@given(st.lists(st.floats(0.001, 1), min_size=20, max_size=20), st.floats(0.5, 3))
def test_conformal_quantile_covers_at_least_its_level(values, factor):
    limit = conformal_quantile(values, 0.8)
    assert np.mean(np.array(values) <= limit) >= 0.8


def test_widths_rise_with_the_horizon_and_with_the_level():
    model = calibrate_errors(combined(many_windows()), 15)
    widths = model.half_width
    assert widths.index.tolist() == list(range(1, 16))
    assert (widths.diff().iloc[1:] >= 0).all().all()
    assert (widths[LEVELS[1]] >= widths[LEVELS[0]]).all()
    assert EXPONENT_BOUNDS[0] <= model.exponent <= EXPONENT_BOUNDS[1]


def test_beyond_the_measured_horizon_the_power_law_holds():
    model = calibrate_errors(combined(many_windows(years=9)), 12)
    last = model.measured_horizon
    assert last == 4
    ratio = model.half_width.loc[12, 0.8] / model.half_width.loc[last, 0.8]
    assert ratio == pytest.approx((12 / last) ** model.exponent)


def test_measured_coverage_is_that_of_the_city_left_out():
    # Twenty cities miss by their number; the largest city's miss is outside every limit made without it.
    errors = errors_of([(f"{i:02d}", 1, float(i)) for i in range(1, 21)])
    coverage = calibrate_errors(errors, 3).coverage.iloc[0]
    assert (coverage.n, coverage.cities) == (20, 20)
    assert coverage.covered80 == pytest.approx(16 / 20)
    assert coverage.covered95 == pytest.approx(19 / 20)


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024])
def test_coverage_in_the_panel_is_near_nominal(year):
    errors = combined(read_windows(edition(year), "resident-rebased", 6), 15)
    coverage = calibrate_errors(errors, 15).coverage
    assert coverage.n.max() > 100
    coverage = coverage[coverage.n >= 40]  # with fewer, chance alone leaves the range
    assert coverage.covered80.between(0.74, 0.88).all()
    assert coverage.covered95.between(0.92, 0.99).all()


def test_without_cities_the_outside_view_speaks():
    model = calibrate_errors(rolling_errors([], 5), 15)
    assert (model.measured_horizon, model.is_scaled) == (0, False)
    assert model.coverage.empty
    # Median absolute error 7 % after ten years is the normal quantile 0.6745 of its spread.
    assert outside_view(10).half_width.loc[10, 0.8] == pytest.approx(0.07 * 1.2816 / 0.6745, rel=1e-3)


def test_own_history_uses_the_t_distribution_of_its_few_changes():
    values = np.exp([0.0, 0.1, 0.1, 0.3, 0.4])
    sd = np.std([0.1, 0.0, 0.2, 0.1], ddof=1)
    assert own_history(values, 4).half_width.loc[4, 0.8] == pytest.approx(2 * sd * stats.t.ppf(0.9, 3))


def test_the_interval_score_is_smallest_for_the_interval_of_the_right_quantiles():
    draws = np.random.default_rng(3).standard_normal(20_000)
    mean = {z: interval_score(draws, -z, z, 0.8).mean() for z in (0.8, 1.2816, 2.0)}
    assert min(mean, key=mean.__getitem__) == 1.2816


def test_the_shelf_life_ends_where_too_few_forecasts_are_near_and_where_too_few_cities_measure():
    rows = [(f"{c}", h, 0.02 * h) for c in range(20) for h in range(1, 9)]
    errors = pd.DataFrame(rows, columns=["region_id", "h", "error"])
    assert shelf_life(errors, within=0.10) == 5  # 1 - exp(-0.10) is just under a tenth
    assert shelf_life(errors, within=0.01) == 0
    few = errors[(errors["h"] < 3) | (errors["region_id"].astype(int) < 5)]
    assert shelf_life(few, within=0.10) == 2


def test_bounds_enclose_the_point_and_stay_positive():
    table = interval_table([100.0, 90.0], [[0.5, 3.0], [0.6, 4.0]], [2025, 2026])
    assert (table.lo95 > 0).all()
    assert ((table.lo95 <= table.lo80) & (table.lo80 <= table.point)).all()
    assert ((table.point <= table.hi80) & (table.hi80 <= table.hi95)).all()


@given(st.floats(0.001, 1), st.floats(1.53, 4))
def test_student_margins_have_the_widths_asked_for(width, ratio):
    freedom, scale = student_parameters(width, width * ratio)
    assert scale * stats.t.ppf(0.9, freedom) == pytest.approx(width, rel=1e-6)
    if ratio < 2.27:  # two degrees of freedom are the fattest tail used
        assert scale * stats.t.ppf(0.975, freedom) == pytest.approx(width * ratio, rel=0.01)


def test_drawn_errors_have_the_margins_and_hang_together():
    widths = np.array([[0.01, 0.02], [0.02, 0.04], [0.04, 0.06]])
    draws = draw_log_errors(widths, 20_000, np.random.default_rng(7))
    inside = (np.abs(draws) <= widths[:, 0]).mean(axis=0)
    assert inside == pytest.approx(np.full(3, 0.8), abs=0.01)
    assert stats.spearmanr(draws[:, 1], draws[:, 2]).statistic > 0.9


def test_draws_are_the_same_for_the_same_seed():
    widths = [[0.01, 0.02]] * 4
    a = draw_log_errors(widths, 10, np.random.default_rng(1))
    assert np.array_equal(a, draw_log_errors(widths, 10, np.random.default_rng(1)))


def test_scale_has_a_floor():
    assert series_scale([1.0, 1.0, 1.0]) == 0.002
    assert series_scale(pd.Series([0.0, 0.03, 0.02])) == pytest.approx(0.02)


def test_measured_widths_lie_on_one_power_law_without_a_kink():
    for year, series in ((2021, "resident-rebased"), (2024, "resident-rebased"), (2024, "hukou")):
        combined = combination_errors(panel_errors(edition(year), series, 12), ("theta", "damped_holt"))
        model = calibrate_errors(combined, 15)
        log = np.log(model.half_width.loc[1 : model.measured_horizon])
        slopes = np.diff(log, axis=0) / np.diff(np.log(log.index.to_numpy(dtype=float)))[:, None]
        assert slopes == pytest.approx(np.full_like(slopes, slopes[0, 0]))


def test_widths_that_follow_a_power_law_are_found_again():
    rows = [(f"{i:02d}", h, 0.01 * h**0.8 * (0.5 + i / 40)) for i in range(40) for h in range(1, 7)]
    model = calibrate_errors(errors_of(rows), 6)
    assert model.exponent == pytest.approx(0.8)
    assert model.half_width.loc[4, 0.8] == pytest.approx(conformal_quantile([e for _, h, e in rows if h == 4], 0.8))
