from __future__ import annotations

import pytest

from popbook.demography.fertility import (
    age_specific_fertility,
    expected_births,
    general_fertility_rate,
    implied_total_fertility,
    mean_age_at_childbearing,
)
from tests.demography.tables import read_fertility, women_15_49

BIRTHS = 92_390 / 0.997
"""Residents aged 0 in the 2020 census, raised by the infants that died."""


def test_resident_births_of_2020_imply_a_fertility_far_below_the_printed_1_33():
    women = women_15_49()
    assert women.sum() == 3_095_098
    assert implied_total_fertility(BIRTHS, women, read_fertility("fuzhou-2020-five-year")["value"]) == pytest.approx(
        0.895, abs=0.001
    )
    assert implied_total_fertility(BIRTHS, women, read_fertility("un-china-2020-2025")["value"]) == pytest.approx(
        0.917, abs=0.001
    )


def test_the_printed_rate_would_need_half_as_many_births_again():
    births = expected_births(1.33, women_15_49(), read_fertility("fuzhou-2020-five-year")["value"])
    assert round(births, -3) == 138_000
    assert births / BIRTHS == pytest.approx(1.33 / 0.895, abs=0.003)


def test_general_fertility_rate_of_2020():
    assert general_fertility_rate(BIRTHS, women_15_49()) == pytest.approx(29.9, abs=0.05)


def test_rates_sum_to_the_total():
    rates = age_specific_fertility(0.9, [3, 40, 99, 66, 27, 6, 1])
    assert 5 * rates.sum() == pytest.approx(0.9)


def test_mean_age_of_mothers_in_fuzhou():
    shape = read_fertility("fuzhou-2020-five-year")
    assert mean_age_at_childbearing(shape["value"], shape["age"]) == pytest.approx(29.6, abs=0.1)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="groups"):
        expected_births(1.0, [1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="pattern"):
        age_specific_fertility(1.0, [0, 0])
