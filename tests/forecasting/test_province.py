from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.forecasting.concepts import forecast_concepts
from popbook.forecasting.panel import read_windows
from popbook.forecasting.province import (
    forecast_province_share,
    forecast_share,
    panel_errors,
    province_totals,
    share_errors,
)
from popbook.forecasting.splice import splice_series
from tests.forecasting.editions import edition


def test_the_eleven_cities_sum_to_the_published_provincial_totals():
    totals = province_totals(read_windows(edition(2024), "resident-rebased"))
    assert totals.loc[[2020, 2021, 2022, 2023]].round(1).tolist() == [6468.0, 6540.0, 6577.0, 6627.0]
    assert int(totals.index[0]) == 2014  # Hangzhou's official back-cast begins here


def test_a_constant_share_follows_the_whole():
    whole = 1000 * 1.01 ** np.arange(8)
    ahead = forecast_share(0.2 * whole, whole, 5)
    assert ahead[1:] / ahead[:-1] == pytest.approx(np.exp(np.log(1.01) * 0.9 ** np.arange(2, 6)))


@given(st.floats(-0.3, 0.3), st.floats(0.05, 0.9))
def test_a_share_never_leaves_zero_and_one(step, first):
    logit = np.log(first / (1 - first)) + step * np.arange(7)
    path = forecast_share(1 / (1 + np.exp(-logit)), np.ones(7), 40)
    assert ((path > 0) & (path < 1)).all()


def test_impossible_shares_are_refused():
    with pytest.raises(ValueError, match="smaller"):
        forecast_share([5.0] * 5, [5.0] * 5, 2)
    with pytest.raises(ValueError, match="at least"):
        forecast_share([5.0] * 4, [9.0] * 4, 2)


def test_errors_exist_for_the_province_and_use_only_the_past():
    windows = read_windows(edition(2024), "resident-rebased", 6)
    errors = share_errors(windows, 3)
    assert errors.region_id.str.startswith("33").all() and errors.region_id.nunique() == 11
    assert int((errors.origin + errors.h).max()) == 2024
    earlier = share_errors(read_windows(edition(2022), "resident-rebased", 6), 3)
    keys = ["region_id", "origin", "h"]
    both = earlier.merge(errors, on=keys)
    assert len(both) == len(earlier) > 0
    assert both.error_x.to_numpy() == pytest.approx(both.error_y.to_numpy())


def test_the_first_edition_says_what_it_cannot_do():
    spliced = splice_series(edition(2020), "resident_population")
    assert forecast_province_share(edition(2020), spliced.years, spliced.values, 5) is None
    resident = forecast_concepts(edition(2020)).resident
    assert any("全省份额法不能用" in note for note in resident.notes)
    assert any("候选模型" in note for note in resident.notes)


def test_the_share_enters_the_combination_on_evidence_and_hukou_has_none():
    assert "province_share" in set(forecast_concepts(edition(2024)).resident.members.member)
    assert "province_share" not in set(panel_errors(edition(2024), "hukou", 3).member)
