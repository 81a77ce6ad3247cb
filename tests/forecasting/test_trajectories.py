from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from popbook.forecasting.concepts import forecast_concepts
from popbook.forecasting.province import panel_errors
from popbook.forecasting.trajectories import (
    ASSUMED_MIGRATION_SD,
    SERIES,
    SOURCE_NAMES_ZH,
    compare_intervals,
    draw_residents,
    migration_spread,
    mixture_coverage,
)
from tests.forecasting.editions import edition

PATHS = 200


def test_every_member_has_as_many_trajectories_and_the_mixture_holds_them_all():
    drawn = draw_residents(edition(2023), paths=PATHS)
    members = forecast_concepts(edition(2023)).resident.members
    assert list(drawn.members) == list(dict.fromkeys(members["member"]))
    assert {draws.shape for draws in drawn.members.values()} == {(PATHS, len(drawn.years))}
    assert drawn.mixture.shape == (PATHS * len(drawn.members), len(drawn.years))
    assert (drawn.mixture > 0).all()


def test_trajectories_lie_around_the_path_of_their_member():
    drawn = draw_residents(edition(2023), paths=2000)
    members = forecast_concepts(edition(2023)).resident.members
    for name, draws in drawn.members.items():
        path = members[members["member"] == name]["value"].to_numpy()
        # The cohort model draws the level that migration converges to, and its central path takes the mean of it.
        assert np.median(draws, axis=0) == pytest.approx(path, rel=0.02 if name == "cohort" else 0.01)


def test_trajectories_of_the_cohort_model_keep_the_accounting_identity():
    drawn = draw_residents(edition(2024), paths=PATHS)
    assert drawn.imbalance < 1e-9 * 1e4 * drawn.members["cohort"].max()


@pytest.mark.parametrize("year", [2020, 2024])
def test_bounds_are_ordered_and_fans_widen_with_the_horizon(year):
    table = compare_intervals(edition(year))
    assert list(dict.fromkeys(table["source"])) == list(SOURCE_NAMES_ZH)
    for low, high in (("lo95", "lo80"), ("lo80", "median"), ("median", "hi80"), ("hi80", "hi95")):
        assert (table[low] <= table[high]).all()
    for _, rows in table.groupby("source"):
        for level in (80, 95):
            assert (np.diff(rows[f"hi{level}"] - rows[f"lo{level}"]) > 0).all()


def test_the_headline_interval_is_that_of_the_combination():
    ledger = edition(2024)
    own = compare_intervals(ledger).query("source == 'combination'")
    path = forecast_concepts(ledger).resident.path
    assert own["lo80"].to_numpy() == pytest.approx(path["lo80"].to_numpy())


def test_the_same_ledger_gives_the_same_trajectories():
    first, again = (
        draw_residents(edition(2022), paths=50),
        draw_residents(edition(2022).for_edition(2022), paths=50),
    )
    assert np.array_equal(first.mixture, again.mixture)


def test_the_spread_of_migration_is_assumed_where_no_city_is_visible_and_measured_later():
    assert migration_spread(edition(2020)) == ASSUMED_MIGRATION_SD
    assert 0.003 < migration_spread(edition(2024)) < 0.008


def test_the_mixture_covers_at_least_its_nominal_share_where_many_errors_measure_it():
    table = mixture_coverage(panel_errors(edition(2024), SERIES, 8), 8)
    measured = table[table["n"] >= 40]
    assert len(measured) >= 6
    assert measured["covered80"].between(0.80, 0.95).all()
    assert measured["covered95"].between(0.93, 1.0).all()


def test_errors_of_one_distribution_are_covered_at_the_nominal_share():
    # Two members with the same errors: their mixture is that one distribution.
    generator = np.random.default_rng(1)
    rows = []
    for city in range(30):
        for origin in range(12):
            for h in (1, 2):
                error = 0.01 * h * generator.standard_normal()
                rows += [
                    (f"{city}", "城", origin, h, member, error, 0.01)
                    for member in ("theta", "damped_holt", "random_walk")
                ]
    errors = pd.DataFrame(rows, columns=["region_id", "name_zh", "origin", "h", "member", "error", "scale"])
    table = mixture_coverage(errors, 2)
    assert table["n"].tolist() == [360, 360]
    assert table["covered80"].to_numpy() == pytest.approx([0.8, 0.8], abs=0.06)
    assert table["covered95"].to_numpy() == pytest.approx([0.95, 0.95], abs=0.04)


def test_nothing_measured_gives_no_coverage():
    assert mixture_coverage(panel_errors(edition(2020), SERIES, 5), 5).empty
