"""Components of change stay inside a segment and on one base."""

from __future__ import annotations

import pandas as pd
import pytest

from popbook.ledger.store import Ledger, read_ledger
from popbook.monitoring.components import components_of_change


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return read_ledger()


def test_net_migration_of_2024_is_the_residual(ledger: Ledger) -> None:
    row = components_of_change(ledger.for_edition(2024)).set_index("year").loc[2024]
    natural = (7.5 - 5.2) / 1000 * (1252.2 + 1262.4) / 2
    assert row["natural"] == pytest.approx(natural)
    assert row["net_migration"] == pytest.approx(1262.4 - 1252.2 - natural)


def test_components_add_up_to_the_change(ledger: Ledger) -> None:
    table = components_of_change(ledger.for_edition(2024))
    pd.testing.assert_series_equal(table["natural"] + table["net_migration"], table["change"], check_names=False)
    assert table["year"].tolist() == [2021, 2022, 2023, 2024]


def test_the_census_step_is_never_migration(ledger: Ledger) -> None:
    for edition in (2020, 2021, 2024):
        assert 2020 not in components_of_change(ledger.for_edition(edition))["year"].tolist()


def test_rates_of_the_old_base_are_not_applied_to_rebased_residents(ledger: Ledger) -> None:
    assert components_of_change(ledger.for_edition(2021))["year"].tolist() == [2021]


def test_a_missing_death_rate_follows_from_birth_and_natural_growth(ledger: Ledger) -> None:
    table = components_of_change(ledger.for_edition(2020)).set_index("year")
    deaths = 1000 * table["deaths"] / table["mean_population"]
    assert deaths.loc[2019] == pytest.approx(11.1 - 6.0)
