from __future__ import annotations

import pandas as pd
import pytest

from popbook.demography.age_structure import (
    broad_age_table,
    compare_censuses,
    dependency_ratio,
    median_age,
    pyramid_table,
)
from tests.demography.tables import read_census

CITY = "330100"


@pytest.fixture(scope="module")
def broad() -> pd.DataFrame:
    return broad_age_table(read_census()).set_index(["census_year", "region_id"])


def test_census_totals_are_the_published_ones(broad):
    assert broad.total[2020, CITY] == 11_936_010
    assert broad.total[2010, CITY] == 8_700_373
    assert (broad.male[2020, CITY], broad.female[2020, CITY]) == (6_215_953, 5_720_057)


def test_districts_sum_to_the_city_at_both_censuses(broad):
    for year in (2010, 2020):
        districts = broad.loc[year].drop(CITY)
        assert len(districts) == 13
        for column in ("total", "count_0_14", "count_60plus"):
            assert districts[column].sum() == broad.loc[(year, CITY), column]


def test_broad_groups_of_2020_are_the_bulletin(broad):
    city = broad.loc[(2020, CITY)]
    assert [city[f"count_{name}"] for name in ("0_14", "15_59", "60plus", "65plus")] == [
        1_553_544, 8_369_169, 2_013_297, 1_391_404,
    ]  # fmt: skip
    assert [round(city[f"share_{name}"], 2) for name in ("0_14", "15_59", "60plus", "65plus")] == [
        13.02, 70.12, 16.87, 11.66,
    ]  # fmt: skip
    assert round(city["sex_ratio"], 2) == 108.67


def test_the_plans_dependency_ratio_uses_15_to_64(broad):
    city = broad.loc[(2020, CITY)]
    assert round(city["dependency_15_64"], 2) == 32.75  # plan, table 4
    assert round(city["dependency_15_59"], 2) == 42.62
    assert city["child_dependency"] + city["aged_dependency"] == pytest.approx(city["dependency_15_64"])


def test_dependency_ratio_of_the_2024_bulletin():
    assert dependency_ratio(157.0, 1262.4 - 157.0 - 177.2, 177.2) == pytest.approx(36.0, abs=0.05)
    with pytest.raises(ValueError, match="empty"):
        dependency_ratio(1, 0, 1)


def test_pyramid_shares_sum_to_a_hundred_and_join_the_youngest():
    table = pyramid_table(read_census(), 2020, CITY)
    assert len(table) == 18
    assert table.label.iloc[0] == "0-4"
    assert table.label.iloc[-1] == "85+"
    assert table[["male_share", "female_share"]].to_numpy().sum() == pytest.approx(100)
    assert table.male.iloc[0] == 47_910 + 257_107


def test_an_unknown_region_is_refused():
    with pytest.raises(KeyError, match="999"):
        pyramid_table(read_census(), 2020, "999")


def test_growth_between_the_censuses():
    change = compare_censuses(read_census()).set_index("region_id")
    assert len(change) == 14
    assert change.loc[CITY, "change"] == 3_235_637
    assert change.loc[CITY, "annual_growth"] == pytest.approx(3.21, abs=0.01)
    # Young people came to 滨江; 淳安 lost people and aged.
    assert change.loc["330108", "growth"] > 50
    assert change.loc["330127", "share_60plus_change"] > change.loc[CITY, "share_60plus_change"]


def test_median_age_interpolates_and_refuses_the_open_group(broad):
    assert median_age([0, 10, 20, 30], [10, 10, 10, 10]) == 20
    with pytest.raises(ValueError, match="open"):
        median_age([0, 60], [1, 9])
    assert broad.median_age[2010, CITY] < broad.median_age[2020, CITY] < 42
