from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.demography.hamilton_perry import cohort_change_ratios, project_hamilton_perry, temper_ratios
from popbook.demography.migration import survive_ten_years
from tests.demography.tables import read_census

GROUPS = 18


def hangzhou(year: int) -> np.ndarray:
    census = read_census()
    part = census[(census.region_id == "330100") & (census.census_year == year)]
    return part.groupby([part.age // 5, "sex"])["population"].sum().unstack("sex")[["male", "female"]].to_numpy(float).T


def survival() -> np.ndarray:
    return np.tile(np.linspace(0.999, 0.6, GROUPS), (2, 1))


def test_students_and_workers_doubled_their_cohorts_between_the_censuses():
    # README of the inputs: 10-14 in 2010 to 20-24 in 2020, women 2.73, men 2.83.
    ratios = cohort_change_ratios(hangzhou(2010), hangzhou(2020))
    assert ratios[:, 4 - 2].round(2).tolist() == [2.83, 2.73]


def test_untempered_it_is_the_cohort_change_ratio_times_the_cohort():
    first, second = hangzhou(2010), hangzhou(2020)
    projected = project_hamilton_perry(first, second, survival())
    expected = second[:, 2:15] * (second[:, 4:17] / first[:, 2:15])
    assert np.allclose(projected[:, 4:17], expected)
    assert np.allclose(projected[:, -1], second[:, -3:].sum(axis=1) * second[:, -1] / first[:, -3:].sum(axis=1))


def test_with_theta_zero_only_survivors_are_left():
    second = hangzhou(2020)
    projected = project_hamilton_perry(hangzhou(2010), second, survival(), theta=0)
    assert np.allclose(projected[:, 2:], survive_ten_years(second, survival())[:, 2:])


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_migration_gives_more_people(one, other):
    low, high = sorted((one, other))
    totals = [
        project_hamilton_perry(hangzhou(2010), hangzhou(2020), survival(), theta).sum() for theta in (low, high)
    ]
    assert totals[0] <= totals[1] + 1e-6


def test_children_keep_their_ratio_to_their_mothers():
    second = hangzhou(2020)
    projected = project_hamilton_perry(hangzhou(2010), second, survival(), 0.5)
    before = second[:, 0].sum() / second[1, 4:9].sum()
    assert projected[:, 0].sum() / projected[1, 4:9].sum() == pytest.approx(before)
    # Boys to girls stay as they were counted.
    assert projected[0, 1] / projected[1, 1] == pytest.approx(second[0, 1] / second[1, 1])


def test_a_population_that_changes_by_survival_alone_is_not_changed_by_theta():
    first = hangzhou(2010)
    second = survive_ten_years(first, survival())
    second[:, :2] = first[:, :2]
    runs = [project_hamilton_perry(first, second, survival(), theta)[:, 2:-1] for theta in (0, 0.5, 1)]
    assert np.allclose(runs[0], runs[1])
    assert np.allclose(runs[0], runs[2])


def test_impossible_input_is_refused():
    with pytest.raises(ValueError, match="same groups"):
        cohort_change_ratios([1, 2, 3], [1, 2, 3, 4])
    with pytest.raises(ValueError, match="empty"):
        cohort_change_ratios([0, 2, 3, 4], [1, 2, 3, 4])
    with pytest.raises(ValueError, match="positive"):
        temper_ratios([1.0], [0.0], 1)
    with pytest.raises(ValueError, match="eleven"):
        project_hamilton_perry(np.ones((2, 5)), np.ones((2, 5)), np.ones((2, 5)))
