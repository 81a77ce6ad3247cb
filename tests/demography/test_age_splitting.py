from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from popbook.demography.age_splitting import cohort_births, fit_margins, split_to_single_ages
from tests.demography.tables import DATA, read_census

BOUNDS = [0, 1, *range(5, 86, 5)]
TAIL = np.exp(-0.08 * np.arange(101))


@given(st.lists(st.integers(0, 1_000_000), min_size=len(BOUNDS), max_size=len(BOUNDS)), st.booleans())
def test_every_group_keeps_its_total_and_no_age_is_negative(counts, weighted):
    weights = np.where((np.arange(101) >= 25) & (np.arange(101) < 70), 100.0 + np.arange(101), np.nan)
    single = split_to_single_ages(BOUNDS, counts, TAIL, weights if weighted else None)
    edges = np.append(BOUNDS, 101)
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        assert single[low:high].sum() == pytest.approx(count, rel=1e-9, abs=1e-6)
    assert (single >= 0).all()


def test_births_put_the_famine_trough_of_1961_inside_its_group():
    births = pd.read_csv(DATA / "china_births.csv").set_index("year")["births"]
    census = read_census()
    part = census[(census.census_year == 2020) & (census.region_id == "330100") & (census.sex == "male")]
    plain = split_to_single_ages(part.age, part.population, TAIL)
    weighted = split_to_single_ages(part.age, part.population, TAIL, cohort_births(births, 2020, 100))
    # Aged 59 at the census: born Nov 1960 - Oct 1961, the smallest cohort; aged 57: born 1962-63, the boom.
    assert weighted[59] < 0.75 * plain[59]
    assert weighted[57] > 1.8 * weighted[59]
    assert weighted[55:60].sum() == pytest.approx(plain[55:60].sum())


def test_cohort_births_mix_two_calendar_years():
    births = pd.Series({1960: 12.0, 1961: 24.0})
    result = cohort_births(births, 2020, 60)
    assert result[59] == pytest.approx(22.0)
    assert np.isnan(result[60])


def test_margins_are_met_and_structural_zeros_stay():
    seed = np.array([[1.0, 2.0, 0.0], [3.0, 4.0, 5.0]])
    table = fit_margins(seed, [40, 60], [55, 45], [0, 0, 1])
    assert np.allclose(table.sum(axis=1), [40, 60])
    assert np.allclose([table[:, :2].sum(), table[:, 2].sum()], [55, 45])
    assert table[0, 2] == 0


def test_margins_that_disagree_are_refused():
    with pytest.raises(ValueError, match="disagree"):
        fit_margins([[1, 1]], [3], [1, 1], [0, 1])


@given(arrays(float, (4, 3), elements=st.floats(0.1, 10)), arrays(float, (4, 3), elements=st.floats(0.1, 10)))
def test_fitting_meets_both_margins(seed, wanted):
    fitted = fit_margins(seed, wanted.sum(axis=1), wanted.sum(axis=0))
    assert fitted.sum(axis=1) == pytest.approx(wanted.sum(axis=1))
    assert fitted.sum(axis=0) == pytest.approx(wanted.sum(axis=0))


def test_bounds_must_start_at_zero():
    with pytest.raises(ValueError, match="start at 0"):
        split_to_single_ages([5, 10], [1, 1], np.ones(20))


def test_an_empty_row_stays_empty_and_cannot_be_filled():
    seed = np.array([[0.0, 0.0], [1.0, 3.0]])
    assert fit_margins(seed, [0, 10], [4, 6], [0, 1]).tolist() == [[0, 0], [4, 6]]
    with pytest.raises(ValueError, match="empty in the seed"):
        fit_margins(seed, [5, 5], [4, 6], [0, 1])
    with pytest.raises(ValueError, match="empty in the seed"):
        fit_margins([[1.0, 0.0]], [10], [4, 6], [0, 1])


def test_the_fitted_table_keeps_the_odds_of_the_seed():
    # Deming & Stephan: interactions (odds ratios) of the seed survive any margins.
    seed = np.array([[1.0, 2.0], [3.0, 10.0]])
    table = fit_margins(seed, [30, 70], [45, 55], [0, 1])
    odds = table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0])
    assert odds == pytest.approx(1 * 10 / (2 * 3))


def test_margins_that_zeros_forbid_do_not_converge():
    with pytest.raises(ValueError, match="converge"):
        fit_margins([[1.0, 0.0], [1.0, 1.0]], [60, 40], [50, 50], [0, 1])


def test_without_groups_every_column_is_a_group_of_its_own():
    seed = np.array([[1.0, 2.0], [3.0, 10.0]])
    assert np.array_equal(fit_margins(seed, [30, 70], [45, 55]), fit_margins(seed, [30, 70], [45, 55], [0, 1]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": [[1.0, np.nan], [1.0, 1.0]]}, "missing"),
        ({"seed": [[1.0, -1.0], [1.0, 1.0]]}, "negative"),
        ({"column_totals": [50, 30, 20]}, "does not fit"),
        ({"row_totals": [100]}, "does not fit"),
        ({"column_groups": [0, 2]}, "does not fit"),
    ],
)
def test_margins_of_another_shape_or_sign_are_refused(change, message):
    good = {"seed": [[1.0, 1.0], [1.0, 1.0]], "row_totals": [40, 60], "column_totals": [50, 50]}
    with pytest.raises(ValueError, match=message):
        fit_margins(**(good | change))


def test_an_open_group_without_a_profile_falls_with_age():
    census = read_census()
    part = census[(census.census_year == 2020) & (census.region_id == "330100") & (census.sex == "female")].sort_values("age")
    single = split_to_single_ages(part.age, part.population)
    assert len(single) == 101
    assert single.sum() == pytest.approx(part.population.sum())
    assert (np.diff(single[85:]) < 0).all()
    assert single[85:].sum() == pytest.approx(part.population.iloc[-1])
