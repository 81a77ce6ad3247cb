from __future__ import annotations

import csv

import pytest

from popbook.forecasting.ages import forecast_ages
from popbook.forecasting.district_ages import decade_migration, project_district_ages
from popbook.forecasting.districts import forecast_districts
from popbook.forecasting.hamilton_perry import census_groups
from popbook.ledger.datapackage import find_data_dir
from tests.forecasting.editions import edition


def counted(unit: str, year: int, low: int, high: int = 200) -> int:
    """Persons of an age range, added up from the file itself."""
    path = find_data_dir() / "demography" / "census_age_sex.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return sum(
            int(row["population"])
            for row in csv.DictReader(stream)
            if row["region_id"] == unit and int(row["census_year"]) == year and low <= int(row["age"]) < high
        )


def test_districts_add_to_the_city_by_age_and_ages_to_the_district():
    result = project_district_ages(edition(2024))
    assert result is not None and len(result.table) == 13
    assert result.table.sum().to_numpy() == pytest.approx(result.city.to_numpy())
    by_year = forecast_districts(edition(2024)).table.pivot(index="region_id", columns="year", values="point")
    on_day = by_year[2029] / 6 + by_year[2030] * 5 / 6
    assert result.table.sum(axis=1).to_numpy() == pytest.approx(on_day[result.table.index].to_numpy())


def test_the_city_has_the_ages_of_its_own_forecast():
    result = project_district_ages(edition(2024))
    older = forecast_ages(edition(2024)).measure("share_60plus").set_index("year").point
    share = 100 * (result.city["60_64"] + result.city["65plus"]) / result.city.sum()
    assert older[2029] - 0.05 <= share <= older[2030] + 0.05


def test_the_older_district_stays_older():
    result = project_district_ages(edition(2024))
    assert result.share("330127", "60_64", "65plus") > 40 > 20 > result.share("330108", "60_64", "65plus")
    assert result.theta.between(0, 1).all()


@pytest.mark.parametrize("unit", ["330108", "330127", "330110-old"])
def test_groups_are_the_counts_of_the_file(unit):
    for year in (2010, 2020):
        groups = census_groups(edition(2024), unit, year)
        assert groups.shape == (2, 18)
        assert groups.sum() == counted(unit, year, 0)
        assert groups[:, 12:].sum() == counted(unit, year, 60)


@pytest.mark.parametrize("unit", ["330102-old", "330108", "330127"])
def test_the_decade_is_deaths_and_migration_and_children(unit):
    moved = decade_migration(edition(2024), unit)
    assert moved["after"].sum() == pytest.approx(counted(unit, 2020, 10) / 10_000)
    assert moved["before"].sum() == pytest.approx(counted(unit, 2010, 0) / 10_000)
    assert (moved["survivors"] <= moved["before"]).all()
    assert moved["net_migration"].to_numpy() == pytest.approx(
        (moved["after"] - moved["survivors"]).to_numpy()
    )


@pytest.mark.parametrize("year", [2020, 2021])
def test_an_edition_without_both_tables_has_no_ages(year):
    assert project_district_ages(edition(year)) is None
    assert decade_migration(edition(year), "330108") is None


