from __future__ import annotations

import pandas as pd
import pytest

from popbook.forecasting.scenarios import project_scenarios
from popbook.forecasting.sensitivity import WORTH_YEAR, assumption_worth, required_migration
from tests.forecasting.editions import EDITIONS, edition


@pytest.mark.parametrize("year", EDITIONS)
def test_every_assumption_moves_the_total_to_its_own_side(year):
    worth = assumption_worth(edition(year)).set_index("key").worth
    assert worth["medium"] == 0
    for key in ("fertility", "migration", "base"):
        assert worth[f"{key}_low"] < 0 < worth[f"{key}_high"]
    assert worth["mortality_high"] < 0 < worth["mortality_low"]
    # Before the census by age was published the profile already was the model schedule.
    assert (abs(worth["migration_ages"]) > 0) == (year >= 2022)
    assert worth["no_migration"] < 0


def test_the_medium_row_is_the_medium_scenario():
    table = project_scenarios(edition(2024))
    medium = table[(table.scenario == "medium") & (table.year == WORTH_YEAR)].population.item()
    assert assumption_worth(edition(2024)).population.iloc[0] == pytest.approx(medium)


def test_a_larger_base_is_worth_about_its_own_size():
    table = assumption_worth(edition(2024)).set_index("key")
    assert table.worth["base_high"] == pytest.approx(0.005 * table.population["medium"], rel=0.05)


def test_a_required_path_is_met_exactly_and_balances():
    table = required_migration(edition(2022), pd.Series({2025: 1370.0, 2030: 1450.0}))
    assert table.year.tolist() == list(range(2023, 2031))
    totals = table.set_index("year").population
    assert totals[2025] == pytest.approx(1370.0) and totals[2030] == pytest.approx(1450.0)
    start = edition(2022).observation("resident_population", 2022).value
    before = pd.concat([pd.Series([start]), table.population[:-1]]).to_numpy()
    assert (table.population - before).to_numpy() == pytest.approx((table.natural + table.net_migration).to_numpy(), abs=1e-6)
    assert (table.natural == table.births - table.deaths).all()


def test_a_path_of_the_past_is_refused():
    with pytest.raises(ValueError, match="no year after"):
        required_migration(edition(2024), pd.Series({2024: 1300.0}))
