from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from popbook.forecasting.backcast import backcast_residents
from popbook.forecasting.splice import chain_segments, splice_series
from popbook.ledger.errors import MissingDataError
from tests.forecasting.editions import EDITIONS, edition


def test_the_raw_step_of_2020_is_never_taken():
    for year in EDITIONS:
        spliced = splice_series(edition(year), "resident_population")
        growth = np.diff(np.log(spliced.values))
        # 1036.0 -> 1196.5 would be 14.4 % in a year.
        assert growth.max() < 0.055
        assert (np.diff(spliced.years) == 1).all()


def test_later_editions_use_the_official_back_cast_alone():
    for year in (2021, 2022, 2023, 2024):
        spliced = splice_series(edition(year), "resident_population")
        assert spliced.method == "published"
        assert (int(spliced.years[0]), spliced.origin_year) == (2014, year)
        assert spliced.published.all()
        assert spliced.values[0] == 1013.5


def test_the_first_edition_closes_the_decade_on_both_censuses():
    spliced = splice_series(edition(2020), "resident_population")
    assert spliced.method == "census-closure"
    assert spliced.values[0] == pytest.approx(870.0373)
    assert spliced.origin_value == 1196.5
    assert spliced.published.tolist() == [False] * 10 + [True]
    methods = backcast_residents(edition(2020))
    assert methods.shape == (11, 4)
    assert np.log(spliced.values) == pytest.approx(np.log(methods).mean(axis=1).to_numpy())


def test_chained_growth_inside_segments_is_kept():
    a = pd.Series([100.0, 102.0, 105.0], index=[2014, 2015, 2016])
    b = pd.Series([300.0, 303.0], index=[2018, 2019])
    chained = chain_segments([a, b])
    assert chained.index.tolist() == list(range(2014, 2020))
    assert chained.loc[2018:].tolist() == [300, 303]
    assert chained[2016] / chained[2014] == pytest.approx(1.05)
    # The two unknown years get the mean of the neighbouring rates, 2.9 % and 1 % a year.
    assert np.log(chained[2018] / chained[2016]) == pytest.approx(np.log(105 / 102) + np.log(303 / 300))


def test_floating_population_starts_after_its_break():
    spliced = splice_series(edition(2024), "floating_population")
    assert spliced.years.tolist() == [2016, 2017, 2018, 2019, 2020]


def test_a_value_of_confidence_c_does_not_start_a_forecast():
    hukou = edition(2024).latest("hukou_population")
    assert hukou is not None and (hukou.year, hukou.confidence) == (2022, "C")
    assert splice_series(edition(2024), "hukou_population").origin_year == 2021


def test_nothing_published_is_said():
    with pytest.raises(MissingDataError, match="年末常住人口的公布数"):
        splice_series(edition(2020), "resident_population", "330114")
