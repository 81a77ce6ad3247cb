from __future__ import annotations

import numpy as np
import pytest

from popbook.forecasting.ages import (
    COUNTS,
    DESIGN_EFFECT,
    MEASURE_NAMES_ZH,
    SURVEY_FRACTION,
    _as_surveyed,
    forecast_ages,
)
from popbook.forecasting.concepts import forecast_concepts
from tests.forecasting.editions import EDITIONS, edition, full_ledger


def point(year: int, measure: str):
    return forecast_ages(edition(year)).measure(measure).set_index("year").point


@pytest.mark.parametrize("year", EDITIONS)
def test_ages_sum_to_the_forecast_of_residents(year):
    total = forecast_concepts(edition(year)).resident.path.set_index("year").point
    parts = point(year, "count_0_14") + point(year, "count_15_59") + point(year, "count_60plus")
    assert parts.loc[total.index].to_numpy() == pytest.approx(total.to_numpy())


def test_ages_sum_to_the_total_in_every_trajectory():
    draws = forecast_ages(edition(2024)).draws
    shares = draws["share_0_14"] + draws["share_15_59"] + draws["share_60plus"]
    assert shares == pytest.approx(np.full_like(shares, 100))
    service = sum(draws[f"count_{name}"] for name in ("0_2", "3_5", "6_14"))
    assert service == pytest.approx(draws["count_0_14"])


@pytest.mark.parametrize("year", EDITIONS)
def test_the_accounting_identity_holds_in_every_trajectory(year):
    assert forecast_ages(edition(year)).imbalance < 1e-3  # persons


def test_trajectories_spread_like_the_interval_of_residents():
    ages = forecast_ages(edition(2024))
    path = forecast_concepts(edition(2024)).resident.path
    total = sum(ages.draws[f"count_{name}"] for name in ("0_14", "15_59", "60plus"))
    inside = ((total >= path.lo80.to_numpy()) & (total <= path.hi80.to_numpy())).mean(axis=0)
    assert inside == pytest.approx(np.full(len(path), 0.8), abs=0.05)


@pytest.mark.parametrize("year", EDITIONS)
def test_bounds_enclose_the_point(year):
    table = forecast_ages(edition(year)).table
    assert ((table.lo95 <= table.lo80) & (table.lo80 <= table.point)).all()
    assert ((table.point <= table.hi80) & (table.hi80 <= table.hi95)).all()


def test_dependency_follows_both_definitions():
    a = {name: point(2024, name) for name in ("count_0_14", "count_15_64", "count_65plus", "count_15_59", "count_60plus")}
    wide = 100 * (a["count_0_14"] + a["count_65plus"]) / a["count_15_64"]
    narrow = 100 * (a["count_0_14"] + a["count_60plus"]) / a["count_15_59"]
    assert point(2024, "dependency_15_64").to_numpy() == pytest.approx(wide.to_numpy())
    assert point(2024, "dependency_15_59").to_numpy() == pytest.approx(narrow.to_numpy())
    assert (narrow > wide).all()


def test_the_edition_of_2022_against_the_bulletins_of_2023_and_2024():
    ages = forecast_ages(edition(2022))
    frame = full_ledger().series("resident_share_60plus").frame.set_index("year")["value"]
    table = ages.measure("share_60plus").set_index("year")
    for year in (2023, 2024):
        assert table.lo95[year] <= frame[year] <= table.hi95[year]


def test_survey_noise_has_the_sampling_error_and_keeps_the_total():
    population = np.full((40_000, 2, 101), 62_500.0)
    noise = np.random.default_rng(3).standard_normal((40_000, 4))
    seen = _as_surveyed(population, noise)
    assert seen.sum(axis=(1, 2)) == pytest.approx(np.full(40_000, population[0].sum()))
    share = seen[:, :, :15].sum(axis=(1, 2)) / seen.sum(axis=(1, 2))
    p, n = 15 / 101, population[0].sum() * SURVEY_FRACTION / DESIGN_EFFECT
    assert share.mean() == pytest.approx(p, abs=1e-4)
    assert share.std() == pytest.approx(np.sqrt(p * (1 - p) / n), rel=0.02)


def test_one_year_ahead_most_published_shares_lie_inside():
    inside = []
    for year in (2020, 2021, 2022, 2023):
        ages = forecast_ages(edition(year))
        for group in ("0_14", "15_59", "60plus", "65plus"):
            actual = full_ledger().observation(f"resident_share_{group}", year + 1).value
            row = ages.measure(f"share_{group}").set_index("year").loc[year + 1]
            inside.append(row.lo80 <= actual <= row.hi80)
    assert np.mean(inside) >= 0.8


def test_the_same_ledger_gives_the_same_trajectories():
    again = forecast_ages(full_ledger().for_edition(2024))
    assert again.table.equals(forecast_ages(edition(2024)).table)


def test_probability_counts_trajectories_and_never_claims_certainty():
    ages = forecast_ages(edition(2024))
    values = ages.draws["share_60plus"][:, 2030 - 2025]
    assert ages.probability("share_60plus", 2030, "ge", float(np.median(values))) == pytest.approx(0.5, abs=0.01)
    assert ages.probability("share_60plus", 2030, "lt", 0.0) == 0.5 / len(values)
    with pytest.raises(KeyError):
        ages.probability("share_60plus", 2024, "lt", 20)


def test_pyramids_hold_the_jump_off_and_every_fifth_year():
    pyramids = forecast_ages(edition(2024)).pyramids
    assert pyramids.year.unique().tolist() == [2024, 2025, 2030, 2035]
    assert pyramids[pyramids.year == 2024].population.sum() == pytest.approx(12_624_000)
    assert pyramids.groupby(["year", "sex"]).size().eq(18).all()


def test_every_measure_has_a_name_and_a_unit():
    table = forecast_ages(edition(2024)).table
    assert set(table.measure) == set(MEASURE_NAMES_ZH)
    assert set(table.unit) == {"%", "万人"}
    assert {f"count_{name}" for name in COUNTS} <= set(table.measure)
