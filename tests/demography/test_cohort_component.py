from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from popbook.demography.cohort_component import (
    BLOCK,
    NegativePopulationError,
    project_cohorts,
    project_trajectories,
)
from popbook.demography.life_table import survival_ratios
from tests.demography.tables import PUBLISHED


@pytest.fixture(scope="module")
def sweden() -> pd.DataFrame:
    return pd.read_csv(PUBLISHED / "preston_box_6_1_sweden_females_closed.csv")


def test_box_6_1_is_reproduced_to_one_person(sweden):
    ratios = survival_ratios(sweden["nLx_radix100000"], step=5)
    run = project_cohorts(
        [sweden["pop_1993"]], np.tile(ratios, (2, 1, 1)), np.tile(sweden["asfr"], (2, 1)), 1.05, step=5
    )
    assert np.abs(run.population[1, 0] - sweden["expected_pop_1998"]).max() <= 1
    assert np.abs(run.population[2, 0] - sweden["expected_pop_2003"]).max() <= 1
    assert [round(stock.sum()) for stock in run.population] == [4_397_428, 4_449_570, 4_478_712]


def test_box_6_2_with_migrants_that_come_evenly_is_reproduced_to_one_person():
    table = pd.read_csv(PUBLISHED / "preston_box_6_2_sweden_females_with_migration.csv")
    # Men get the women's table here, as the case is published; births are of both sexes.
    both = [np.tile(table[name], (2, 1)) for name in ("pop_1993", "net_migration_1993_1998")]
    ratios = np.tile(survival_ratios(table["nLx_radix100000"], step=5), (1, 2, 1))
    run = project_cohorts(both[0], ratios, [table["asfr"]], 1.05, [both[1]], step=5, timing="even")
    assert np.abs(run.population[1, 1] - table["expected_pop_1998"]).max() < 0.5
    assert run.births.sum() == pytest.approx(table["expected_births"].sum(), abs=1)
    assert run.population[1, 0, 0] == pytest.approx(317_340, abs=0.5)  # boys
    # At the end of the step nobody who comes dies or bears children in it.
    end = project_cohorts(both[0], ratios, [table["asfr"]], 1.05, [both[1]], step=5)
    closed = project_cohorts(both[0], ratios, [table["asfr"]], 1.05, step=5)
    assert np.allclose(end.population[1], closed.population[1] + both[1])


def inputs(ages: int, steps: int, paths: int = 3):
    unit = st.floats(0, 1)
    persons = st.floats(1, 1e6)
    return st.tuples(
        hnp.arrays(float, (paths, 2, ages), elements=persons),
        hnp.arrays(float, (steps, 2, ages), elements=unit),
        hnp.arrays(float, (steps, paths, ages), elements=st.floats(0, 0.3)),
        hnp.arrays(float, (steps, paths, 2, ages), elements=st.floats(0, 1e5)),
        st.sampled_from(["end", "even"]),
        st.sampled_from([1, 5]),
    )


@given(inputs(ages=6, steps=4))
def test_population_equals_births_minus_deaths_plus_migration(case):
    population, survival, fertility, migration, timing, step = case
    # Survival ratios need the axis of trajectories too.
    run = project_cohorts(population, survival[:, None], fertility, 1.06, migration, step, timing)
    assert run.imbalance <= 1e-9 * run.population.sum(axis=-1).max()
    assert (run.population >= 0).all()
    assert (run.deaths >= -1e-9).all()


@given(st.floats(0.1, 10))
def test_doubling_everybody_doubles_everything(factor):
    population = np.array([[50.0, 40.0, 30.0], [50.0, 45.0, 35.0]])
    survival = np.tile([0.99, 0.98, 0.5], (5, 2, 1))
    fertility = np.tile([0.0, 0.05, 0.0], (5, 1))
    migration = np.tile([0.0, 2.0, 0.5], (5, 2, 1))
    one = project_cohorts(population, survival, fertility, 1.05, migration)
    many = project_cohorts(factor * population, survival, fertility, 1.05, factor * migration)
    assert np.allclose(many.population, factor * one.population)


def test_without_migration_a_closed_population_needs_no_table_of_zeros():
    population = [[10.0, 10.0, 10.0]]
    survival = np.ones((2, 1, 3))
    closed = project_cohorts(population, survival, np.zeros((2, 3)), 1.05)
    zeros = project_cohorts(population, survival, np.zeros((2, 3)), 1.05, np.zeros((2, 1, 3)))
    assert np.array_equal(closed.population, zeros.population)
    assert closed.population[-1].sum() == 30  # nobody dies, nobody is born


def test_a_stationary_population_stays_stationary():
    lived = np.array([99_000.0, 98_000.0, 97_000.0, 300_000.0])
    ratios = survival_ratios(lived)
    # One girl per woman of the second and third group's life time: births = radix.
    fertility = np.array([0, 1, 0, 0]) * 2.05 * 100_000 / 98_000
    run = project_cohorts([lived], np.tile(ratios, (40, 1, 1)), np.tile(fertility, (40, 1)), 1.05)
    assert np.allclose(run.population[-1, 0], lived)


def test_migrants_that_come_evenly_die_and_bear_children_and_those_at_the_end_do_not():
    population = np.zeros((2, 3))
    survival = np.full((1, 2, 3), 0.5)
    fertility = np.full((1, 3), 0.1)
    migration = np.array([[[0, 100.0, 0], [0, 100.0, 0]]])
    end = project_cohorts(population, survival, fertility, 1.0, migration)
    even = project_cohorts(population, survival, fertility, 1.0, migration, timing="even")
    assert (end.births.sum(), end.deaths.sum(), end.population[1].sum()) == (0, 0, 200)
    # Women: 50 at the start, 25 survive into the next group, 50 more arrive: 0.1 * (50 + 75) / 2 births.
    assert even.births.sum() == pytest.approx(0.1 * (50 + 75) / 2)
    assert even.deaths[..., 1:].sum() == pytest.approx(50)


def test_the_two_oldest_groups_are_joined():
    run = project_cohorts([[0.0, 30.0, 10.0]], [[[1.0, 1.0, 0.5]]], np.zeros((1, 3)), 1.05)
    assert run.population[1, 0].tolist() == [0.0, 0.0, 20.0]


def test_boys_and_girls_are_born_by_the_sex_ratio():
    run = project_cohorts(np.full((2, 3), 1000.0), np.ones((1, 2, 3)), [[0.0, 0.1, 0.0]], 1.08)
    assert run.births[0, 0] / run.births[0, 1] == pytest.approx(1.08)


def test_trajectories_do_not_touch_each_other():
    population = np.full((2, 2, 4), 100.0)
    survival = np.tile([0.99, 0.98, 0.97, 0.5], (3, 2, 1))
    fertility = np.stack([np.full((3, 4), 0.01), np.full((3, 4), 0.05)], axis=1)
    both = project_cohorts(population, survival[:, None], fertility, 1.05)
    for path in range(2):
        alone = project_cohorts(population[path], survival, fertility[:, path], 1.05)
        assert np.allclose(both.population[:, path], alone.population)


def test_a_long_horizon_keeps_every_cohort():
    # Projection years beyond the number of ages must not lose the oldest (a known defect of such programs).
    run = project_cohorts([[100.0] * 5], np.ones((20, 1, 5)), np.zeros((20, 5)), 1.05)
    assert run.population[-1].sum() == pytest.approx(500)


def test_the_table_has_the_stocks_of_all_years_and_the_flows_of_all_steps():
    run = project_cohorts([[10.0, 10.0]], np.full((2, 1, 2), 0.9), np.full((2, 2), 0.1), 1.05)
    table = run.to_frame(2020, [0, 1], ("female",))
    assert table[table.component == "population"].year.unique().tolist() == [2020, 2021, 2022]
    assert table[table.component == "births"].groupby("year").size().tolist() == [1, 1]
    total = table.groupby(["component", "year"]).value.sum()
    change = total["population"][2021] - total["population"][2020]
    assert change == pytest.approx(total["births"][2021] - total["deaths"][2021] + total["net_migration"][2021])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"survival": np.full((1, 1, 3), 1.2)}, "outside"),
        ({"sex_ratio_at_birth": 105.0}, "boys per girl"),
        ({"timing": "begin"}, "timing"),
        ({"step": 10}, "step"),
        ({"net_migration": np.array([[[0.0, -99.0, 0.0]]])}, "more people"),
        ({"fertility": np.zeros((2, 3))}, "steps"),
        ({"population": [[-1.0, 1.0, 1.0]]}, "negative"),
        ({"population": [[np.nan, 1.0, 1.0]]}, "missing"),
        ({"survival": np.full((1, 1, 3), np.nan)}, "missing"),
        ({"net_migration": np.full((1, 1, 3), np.nan)}, "missing"),
        ({"population": [[1.0]], "survival": np.ones((1, 1, 1)), "fertility": np.zeros((1, 1))}, "open age group"),
        ({"one_sex": "both"}, "one_sex"),
    ],
)
def test_impossible_input_is_refused(change, message):
    good = {
        "population": [[10.0, 10.0, 10.0]], "survival": np.full((1, 1, 3), 0.9), "fertility": np.zeros((1, 3)),
        "sex_ratio_at_birth": 1.05,
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        project_cohorts(**(good | change))


def stochastic(paths: int, steps: int = 4, ages: int = 6) -> dict:
    generator = np.random.default_rng(7)
    return {
        "population": np.linspace(900, 100, 2 * ages).reshape(2, ages),
        "survival": generator.uniform(0.7, 1, (steps, 2, ages)),
        "fertility": generator.uniform(0, 0.2, (steps, ages)),
        "sex_ratio_at_birth": 1.06,
        "net_migration": generator.uniform(-5, 30, (steps, 2, ages)),
        "mortality_factor": np.exp(generator.normal(0, 0.2, (steps, paths))),
        "fertility_factor": np.exp(generator.normal(0, 0.2, (steps, paths))),
        "migration_factor": generator.normal(1, 0.2, (steps, paths)),
    }


@pytest.mark.parametrize("timing", ["end", "even"])
def test_each_stochastic_trajectory_equals_its_own_run(timing):
    case = stochastic(paths=BLOCK + 7)  # a full block and a part of one
    many = project_trajectories(**case, timing=timing)
    for path in (0, BLOCK - 1, BLOCK, BLOCK + 6):
        alone = project_cohorts(
            case["population"], case["survival"] ** case["mortality_factor"][:, path, None, None],
            case["fertility"] * case["fertility_factor"][:, path, None], 1.06,
            case["net_migration"] * case["migration_factor"][:, path, None, None], timing=timing,
        )  # fmt: skip
        assert np.allclose(many.population[:, path], alone.population, rtol=1e-12)
        assert np.allclose(many.births[:, path], alone.births, rtol=1e-12)
        assert np.allclose(many.deaths[:, path], alone.deaths.sum(axis=-1), rtol=1e-12)
        assert np.allclose(many.net_migration[:, path], alone.net_migration.sum(axis=-1), rtol=1e-12)


def test_stochastic_trajectories_reconcile_and_start_from_their_own_population():
    case = stochastic(paths=5)
    case["population"] = case["population"] * np.linspace(0.9, 1.1, 5)[:, None, None]
    many = project_trajectories(**case)
    assert np.allclose(many.population[0], case["population"])
    assert many.imbalance <= 1e-9 * many.population.sum(axis=-1).max()
    change = np.diff(many.population.sum(axis=-1), axis=0)
    assert np.allclose(change, many.births - many.deaths + many.net_migration)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mortality_factor": np.ones((4, 2))}, "shape"),
        ({"mortality_factor": np.full((4, 3), -1.0)}, "negative"),
        ({"survival": np.zeros((4, 2, 6))}, "survival"),
    ],
)
def test_impossible_factors_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        project_trajectories(**(stochastic(paths=3) | change))


@given(inputs(ages=5, steps=3))
def test_the_effect_of_migrants_adds_to_the_closed_population(case):
    population, survival, fertility, migration, timing, step = case
    common = (survival[:, None], fertility, 1.05)
    open_run = project_cohorts(population, *common, migration, step, timing)
    closed = project_cohorts(population, *common, None, step, timing)
    nobody = project_cohorts(np.zeros_like(population), *common, migration, step, timing)
    assert np.allclose(open_run.population, closed.population + nobody.population, rtol=1e-9)


@given(inputs(ages=5, steps=3), st.floats(1, 2))
def test_higher_assumptions_never_give_fewer_people_in_any_group(case, factor):
    population, survival, fertility, migration, timing, step = case
    low = project_cohorts(population, survival[:, None], fertility, 1.05, migration, step, timing)
    high = project_cohorts(
        population, survival[:, None] ** (1 / factor), factor * fertility, 1.05, factor * migration, step, timing
    )
    assert (high.population >= low.population * (1 - 1e-12)).all()


@given(inputs(ages=5, steps=3))
def test_a_closed_population_without_births_never_grows(case):
    population, survival, fertility, _, timing, step = case
    run = project_cohorts(population, survival[:, None], 0 * fertility, 1.05, None, step, timing)
    total = run.population.sum(axis=(-2, -1))
    assert (np.diff(total, axis=0) <= 1e-9 * total[0].max()).all()


@pytest.mark.parametrize("timing", ["end", "even"])
def test_too_many_leavers_are_named_by_step_and_cell(timing):
    moved = np.zeros((2, 2, 3))
    moved[1, 0, 1] = -500
    moved[1, 0, 2] = 400  # arrivals a group older must not hide that a group was overdrawn
    with pytest.raises(NegativePopulationError) as refused:
        project_cohorts(np.full((2, 3), 100.0), np.ones((2, 2, 3)), np.zeros((2, 3)), 1.05, moved, timing=timing)
    assert refused.value.step == 1
    assert refused.value.cells.tolist() == [[0, 1]]


def test_men_alone_receive_the_boys():
    case = ([[0.0, 1000.0, 0.0]], np.ones((1, 1, 3)), [[0.0, 0.1, 0.0]], 1.5)
    men = project_cohorts(*case, one_sex="male").births.item()
    women = project_cohorts(*case).births.item()
    assert men / women == pytest.approx(1.5)
    assert men + women == pytest.approx(0.1 * 1000 / 2)


def project_by_hand(population, survival, fertility, srb, migration, step, timing):
    """One trajectory, cell by cell, as the book writes it (Preston, Heuveline & Guillot 2001, section 6.3)."""
    sexes, ages = len(population), len(population[0])
    early = 0.5 if timing == "even" else 0.0
    stock = [[float(cell) for cell in sex] for sex in population]
    for t in range(len(survival)):
        start = [[stock[s][x] + early * migration[t][s][x] for x in range(ages)] for s in range(sexes)]
        alive = [[0.0] * ages for _ in range(sexes)]
        for s in range(sexes):
            for x in range(1, ages - 1):
                alive[s][x] = start[s][x - 1] * survival[t][s][x]
            alive[s][-1] = (start[s][-2] + start[s][-1]) * survival[t][s][-1]
        women = [(start[-1][x] + alive[-1][x] + early * migration[t][-1][x]) / 2 for x in range(ages)]
        births = step * sum(fertility[t][x] * women[x] for x in range(ages))
        shares = [srb / (1 + srb), 1 / (1 + srb)][-sexes:]
        for s in range(sexes):
            alive[s][0] = births * shares[s] * survival[t][s][0]
        stock = [[alive[s][x] + (1 - early) * migration[t][s][x] for x in range(ages)] for s in range(sexes)]
    return np.array(stock)


@given(inputs(ages=5, steps=3))
def test_the_engine_equals_the_book_cell_by_cell(case):
    population, survival, fertility, migration, timing, step = case
    # The youngest bear no children: at age 0 the women at the end are still to be born.
    fertility = fertility * np.array([0, 1, 1, 1, 1])
    run = project_cohorts(population, survival[:, None], fertility, 1.06, migration, step, timing)
    for path in range(len(population)):
        expected = project_by_hand(
            population[path], survival, fertility[:, path], 1.06, migration[:, path], step, timing
        )
        assert np.allclose(run.population[-1, path], expected, rtol=1e-12)
