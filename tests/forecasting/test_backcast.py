from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.forecasting.backcast import (
    backcast_by_method,
    backcast_frame,
    backcast_residents,
    draw_backcasts,
    estimate_level_shift,
    mean_backcast,
)
from popbook.forecasting.concepts import forecast_concepts
from popbook.forecasting.intervals import outside_view
from tests.forecasting.editions import EDITIONS, edition, full_ledger

OLD = pd.Series([873.8, 880.2, 884.4, 889.2, 901.8, 918.8, 946.8, 980.6, 1036.0], index=range(2011, 2020))
HUKOU = pd.Series([689.0, 696, 701, 707, 716, 724, 736, 754, 774, 795, 814], index=range(2010, 2021))
NATURAL = pd.Series([6.0, 6.2], index=[2016, 2018])


def table(second: float = 1196.5) -> pd.DataFrame:
    return backcast_by_method(OLD, (2010, 870.0373), (2020, second), HUKOU, NATURAL)


@given(st.floats(900.0, 2000.0))
def test_every_method_meets_both_counts_exactly(second):
    rebuilt = table(second)
    assert list(rebuilt.columns) == ["geometric", "closure", "indicator", "bridge"]
    assert (rebuilt.iloc[0] == 870.0373).all() and (rebuilt.iloc[-1] == second).all()


def test_the_methods_by_hand():
    rebuilt = table()
    assert rebuilt["geometric"][2015] == pytest.approx(np.sqrt(870.0373 * 1196.5))
    end = 1036.0**2 / 980.6
    assert rebuilt["closure"][2015] == pytest.approx(901.8 * (1196.5 / end) ** 0.5)
    assert rebuilt["indicator"][2015] == pytest.approx(901.8 + (1196.5 - end) * 35 / 125)
    change = rebuilt["bridge"].diff()[2017] - 0.0061 * rebuilt["bridge"][2016]
    assert change == pytest.approx(rebuilt["bridge"].diff()[2012] - 0.006 * rebuilt["bridge"][2011])


def test_without_registered_or_natural_figures_their_methods_are_left_out():
    assert list(backcast_by_method(OLD, (2010, 870.0), (2020, 1196.5)).columns) == ["geometric", "closure"]
    falling = HUKOU.copy()
    falling[2015] = 690
    assert "indicator" not in backcast_by_method(OLD, (2010, 870.0), (2020, 1196.5), falling)


def test_the_old_series_must_follow_the_first_count():
    with pytest.raises(ValueError, match="begin"):
        backcast_by_method(OLD.loc[2013:], (2010, 870.0), (2020, 1000.0))


def test_the_city_never_shrinks_in_a_back_cast():
    for year in EDITIONS:
        assert (backcast_residents(edition(year)).diff().iloc[1:] > 0).all().all()


def test_the_later_editions_rebuild_only_what_nobody_published():
    rebuilt = backcast_residents(edition(2024))
    assert rebuilt.index.tolist() == [2010, 2011, 2012, 2013, 2014]
    long = backcast_frame(rebuilt)
    assert sorted(long.year.unique()) == [2011, 2012, 2013]
    assert long.vintage.str.startswith("backcast-").all()


def test_back_casts_are_not_in_the_ledger():
    assert not full_ledger().observations.vintage.str.contains("backcast").any()


@given(st.integers(0, 1000))
def test_drawn_paths_lie_between_the_methods_and_meet_both_counts(seed):
    rebuilt = table()
    drawn = draw_backcasts(rebuilt, 20, np.random.default_rng(seed))
    assert (drawn <= rebuilt.max(axis=1).to_numpy() + 1e-6).all()
    assert (drawn >= rebuilt.min(axis=1).to_numpy() - 1e-6).all()
    assert drawn[:, [0, -1]] == pytest.approx(np.tile([870.0373, 1196.5], (20, 1)))


def test_the_mean_is_the_centre_of_the_draws():
    rebuilt = table()
    drawn = draw_backcasts(rebuilt, 20_000, np.random.default_rng(1))
    assert np.log(drawn).mean(axis=0) == pytest.approx(np.log(mean_backcast(rebuilt)).to_numpy(), abs=5e-4)


def test_the_splice_widens_the_intervals_of_the_first_edition_and_of_no_other():
    first = forecast_concepts(edition(2020)).resident
    assert (first.half_widths > outside_view(len(first.path)).half_width.to_numpy()).all()
    for year in (2021, 2024):
        resident = forecast_concepts(edition(year)).resident
        values = resident.history["value"].to_numpy()
        assert resident.half_widths == pytest.approx(resident.errors.log_half_widths(values, len(resident.path)))


def test_the_level_shift_is_the_growth_of_the_break_year_less_the_mean_of_the_others():
    shift = estimate_level_shift(edition(2020))
    assert shift is not None and (shift.year, shift.years_after, shift.n) == (2020, 1, 11)
    old = np.log([870.54, *OLD])
    expected = 100 * np.expm1(np.log(1196.5) - old[-1] - np.diff(old).mean())
    assert shift.shift == pytest.approx(expected, abs=0.01)
    assert 0 < shift.standard_error < 5


def test_official_re_basing_confirms_the_size_of_the_shift():
    # Old base 884.4 (2013) against 1013.5 (2014) with about 2 % growth.
    later = estimate_level_shift(edition(2024))
    assert later is not None and later.year == 2014
    assert later.shift == pytest.approx(12.5, abs=0.5)
