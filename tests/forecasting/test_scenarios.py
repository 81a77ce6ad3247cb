from __future__ import annotations

import pytest

from popbook.forecasting.scenarios import SCENARIOS, project_scenarios
from tests.forecasting.editions import EDITIONS, edition


@pytest.mark.parametrize("year", EDITIONS)
def test_low_medium_and_high_never_cross(year):
    table = project_scenarios(edition(year)).pivot(index="year", columns="scenario", values="population")
    assert (table["low"] < table["medium"]).all()
    assert (table["medium"] < table["high"]).all()


def test_scenarios_start_from_the_same_jump_off_and_balance():
    table = project_scenarios(edition(2024))
    assert table.scenario.unique().tolist() == list(SCENARIOS)
    for _, part in table.groupby("scenario"):
        before = part.population.shift().fillna(1262.4)
        flows = part.births - part.deaths + part.net_migration
        assert (part.population - before).to_numpy() == pytest.approx(flows.to_numpy(), abs=1e-6)


def test_the_reference_without_migration_has_none():
    table = project_scenarios(edition(2024))
    part = table[table.scenario == "no_migration"]
    assert (part.net_migration == 0).all()
    assert part.population.iloc[-1] < table[table.scenario == "low"].population.iloc[-1]


def test_shares_add_up():
    table = project_scenarios(edition(2024))
    assert (table.share_0_14 + table.share_15_59 + table.share_60plus).to_numpy() == pytest.approx(100)
