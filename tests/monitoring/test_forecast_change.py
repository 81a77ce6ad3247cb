"""The terms of a changed forecast add up, and each says what its name says."""

from __future__ import annotations

from itertools import combinations

import pytest

from popbook.forecasting.concepts import forecast_concepts
from popbook.ledger.errors import UsageError
from popbook.ledger.store import Ledger, read_ledger
from popbook.monitoring.forecast_change import (
    CHANGE_COLUMNS,
    TERMS,
    decompose_forecast_change,
    forecast_assumptions,
)

EDITIONS = (2020, 2021, 2022, 2023, 2024)


@pytest.fixture(scope="module")
def views() -> dict[int, Ledger]:
    ledger = read_ledger()
    return {edition: ledger.for_edition(edition) for edition in EDITIONS}


@pytest.mark.parametrize("pair", list(combinations(EDITIONS, 2)))
def test_the_terms_add_up_to_the_change(views: dict[int, Ledger], pair: tuple[int, int]) -> None:
    table = decompose_forecast_change(views[pair[0]], views[pair[1]])
    assert list(table.columns) == list(CHANGE_COLUMNS)
    assert table["year"].tolist() == [2025, 2030, 2035]
    assert table[list(TERMS)].sum(axis=1).to_numpy() == pytest.approx(table["change"].to_numpy(), abs=1e-6)
    assert (table["after"] - table["before"]).to_numpy() == pytest.approx(table["change"].to_numpy())


def test_before_and_after_are_the_forecasts_of_the_editions(views: dict[int, Ledger]) -> None:
    table = decompose_forecast_change(views[2023], views[2024]).set_index("year")
    for edition, column in ((2023, "before"), (2024, "after")):
        path = forecast_concepts(views[edition]).resident.path.set_index("year")["point"]
        assert table[column].to_dict() == pytest.approx({year: path[year] for year in table.index})


def test_the_new_jump_off_is_the_miss_of_the_earlier_forecast(views: dict[int, Ledger]) -> None:
    table = decompose_forecast_change(views[2023], views[2024])
    expected = forecast_concepts(views[2023]).resident.path.set_index("year").at[2024, "point"]
    assert table["jump_off"].tolist() == pytest.approx([1262.4 - expected] * 3)


def test_components_are_those_of_the_cohort_member(views: dict[int, Ledger]) -> None:
    """Without a model term the change would be that of the cohort projection alone."""
    table = decompose_forecast_change(views[2023], views[2024]).set_index("year")
    paths = {}
    for edition in (2023, 2024):
        members = forecast_concepts(views[edition]).resident.members
        paths[edition] = members[members["member"] == "cohort"].set_index("year")["value"]
    for year in (2025, 2035):
        flows = table.loc[year, ["births", "deaths", "net_migration"]].sum()
        assert flows == pytest.approx((paths[2024][year] - 1262.4) - (paths[2023][year] - paths[2023][2024]))


def test_a_year_that_is_published_is_not_decomposed(views: dict[int, Ledger]) -> None:
    assert decompose_forecast_change(views[2023], views[2024], (2024, 2026))["year"].tolist() == [2026]


@pytest.mark.parametrize("pair", [(2024, 2023), (2024, 2024)])
def test_editions_must_be_in_order(views: dict[int, Ledger], pair: tuple[int, int]) -> None:
    with pytest.raises(UsageError):
        decompose_forecast_change(views[pair[0]], views[pair[1]])


def test_assumptions_name_the_jump_off(views: dict[int, Ledger]) -> None:
    assert forecast_assumptions(views[2024])["起点"] == "2024年末1262.4万人"
