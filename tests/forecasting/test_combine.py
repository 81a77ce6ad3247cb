from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from popbook.forecasting.combine import combination_errors, combine_equally, relative_errors, select_members
from popbook.forecasting.intervals import rolling_errors
from popbook.forecasting.trend import TREND_MEMBERS
from tests.forecasting.editions import many_windows


def test_the_combination_lies_between_its_members_and_is_the_geometric_mean():
    path = combine_equally({"a": [100.0, 80.0], "b": [144.0, 80.0]})
    assert path == pytest.approx([120.0, 80.0])


def test_no_member_or_a_negative_one_is_refused():
    with pytest.raises(ValueError, match="no member"):
        combine_equally({})
    with pytest.raises(ValueError, match="positive"):
        combine_equally({"a": [1.0, -1.0]})


def test_a_member_worse_than_the_last_value_is_left_out():
    rows = [(name, 1, 0.01) for name in TREND_MEMBERS[1:]] + [("log_linear", 1, 0.05), ("random_walk", 1, 0.03)]
    errors = pd.DataFrame(rows, columns=["member", "h", "error"])
    assert select_members(errors) == TREND_MEMBERS[1:]
    assert relative_errors(errors)["log_linear"] == pytest.approx(5 / 3)


def test_nothing_measured_means_all_members():
    assert select_members(rolling_errors([], 5)) == TREND_MEMBERS


def test_a_candidate_enters_only_if_it_is_no_worse_than_the_best_naive():
    naive = [("random_walk", 1, 0.05), ("drift", 1, 0.04), ("last_increment", 1, 0.03)]
    base = [(name, 1, 0.04) for name in TREND_MEMBERS]
    for size, enters in ((0.02, True), (0.04, False)):
        errors = pd.DataFrame([*naive, *base, ("log_linear", 1, size)], columns=["member", "h", "error"])
        assert ("log_linear" in select_members(errors)) == enters


def test_a_member_of_some_cities_is_compared_in_those_cities_only():
    rows = [("a", 1, "random_walk", 0.02), ("b", 1, "random_walk", 0.10), ("a", 1, "province_share", 0.01)]
    errors = pd.DataFrame(rows, columns=["region_id", "h", "member", "error"]).assign(origin=2020)
    assert relative_errors(errors)["province_share"] == pytest.approx(0.5)


def test_if_none_beats_the_naive_forecast_all_stay():
    rows = [(name, 1, 0.09) for name in TREND_MEMBERS] + [("random_walk", 1, 0.01)]
    assert select_members(pd.DataFrame(rows, columns=["member", "h", "error"])) == TREND_MEMBERS


def test_combined_errors_are_the_mean_of_the_members_errors():
    errors = rolling_errors(many_windows(3), 2)
    table = combination_errors(errors, ("theta", "damped_holt"))
    one = errors[(errors.region_id == "01") & (errors.origin == 2018) & (errors.h == 2)].set_index("member").error
    ours = table[(table.region_id == "01") & (table.origin == 2018) & (table.h == 2)].error.item()
    assert ours == pytest.approx(np.mean([one["theta"], one["damped_holt"]]))
