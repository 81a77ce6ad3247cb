from __future__ import annotations

import numpy as np
import pytest

from popbook.forecasting.cohort import (
    BASE_CENSUS,
    BASE_FITTED,
    PERSONS,
    close_step,
    implied_fertility,
    read_cohort_model,
)
from tests.forecasting.editions import EDITIONS, edition


@pytest.mark.parametrize("year", EDITIONS)
def test_the_base_stands_at_the_last_published_total(year):
    inputs, base = read_cohort_model(edition(year), 2035)
    total = edition(year).observation("resident_population", year).value
    assert base.year == year
    assert base.population.sum() == pytest.approx(total * PERSONS, rel=1e-9)
    assert (base.population >= 0).all()
    assert inputs.migration_profile.sum() == pytest.approx(1)


def test_two_published_figures_agree_on_the_level_of_mortality():
    # k comes from the life expectancy of 83.12; the death rate it gives is held against the bulletins.
    inputs, base = read_cohort_model(edition(2024), 2035)
    assert inputs.mortality_scale == pytest.approx(0.60, abs=0.01)
    deaths = close_step(
        base.population, inputs.survival_of(2025), inputs.fertility, 1.08, inputs.migration_profile, None
    )[2]
    assert 1000 * deaths / base.population.sum() == pytest.approx(5.2, abs=0.4)


def test_fertility_follows_the_resident_birth_rate_and_not_the_printed_1_33():
    levels = {year: read_cohort_model(edition(year), 2035)[0].total_fertility for year in EDITIONS}
    assert all(0.8 < level < 1.0 for level in levels.values())
    # 7.6 per mille in 2021 on 1208.45: births 9.18 ten thousand.
    assert levels[2021] == pytest.approx(0.90, abs=0.01)


def test_the_census_by_age_is_used_only_after_its_publication():
    assert read_cohort_model(edition(2021), 2035)[1].description == BASE_FITTED
    assert read_cohort_model(edition(2022), 2035)[1].description == BASE_CENSUS


def test_before_its_publication_the_base_meets_the_census_bulletin():
    population = read_cohort_model(edition(2020), 2035)[1].population
    share = population[:, :15].sum() / population.sum()
    # Two months of ageing lie between the census day and the year-end.
    assert 100 * share == pytest.approx(13.02, abs=0.1)
    assert 100 * population[:, 60:].sum() / population.sum() == pytest.approx(16.87, abs=0.2)


def test_the_jump_off_meets_the_margins_of_the_last_bulletin():
    population = read_cohort_model(edition(2024), 2035)[1].population / PERSONS
    assert population[:, :15].sum() == pytest.approx(157.0, abs=0.05)
    assert population[:, 60:].sum() == pytest.approx(258.2, abs=0.05)
    assert population[:, 65:].sum() == pytest.approx(177.2, abs=0.05)
    assert population.sum(axis=1) == pytest.approx([657.3, 605.1], abs=0.05)


def test_four_years_without_the_bulletins_ages_miss_them_by_less_than_a_point():
    table = read_cohort_model(edition(2024), 2035)[1].hindcast
    assert sorted(table.year.unique().tolist()) == [2021, 2022, 2023, 2024]
    gap = (table.modelled - table.published).abs()
    assert gap.max() < 1.0
    # The famine cohorts are in place: the share of 60+ jumps by a point a year from 2022 on.
    rise = table[table.measure == "60plus"].modelled.diff()
    assert rise.iloc[-1] > 0.9


def test_a_step_closes_on_its_total_by_gain_and_by_loss():
    start = np.full((2, 4), 1000.0)
    survival = np.tile([0.99, 0.99, 0.99, 0.5], (2, 1))
    profile = np.full((2, 4), 1 / 8)
    for total in (9000.0, 6000.0):
        end, births, deaths, moved = close_step(start, survival, np.zeros(4), 1.05, profile, np.array(total))
        assert end.sum() == pytest.approx(total)
        assert total - 8000 == pytest.approx(births - deaths + moved)
        assert (end >= 0).all()


def test_without_a_target_nobody_moves():
    start = np.full((2, 4), 1000.0)
    assert close_step(start, np.ones((2, 4)) * 0.9, np.zeros(4), 1.05, start / 8000, None)[3] == 0


def test_implied_fertility_counts_women_at_both_ends():
    before, after = np.array([[0.0], [100.0]]), np.array([[0.0], [300.0]])
    assert implied_fertility(20.0, before, after, np.array([1.0])) == pytest.approx(0.1)
