from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from popbook.forecasting.probability import (
    ALREADY_KNOWN,
    NO_BOUND,
    NO_MODEL,
    TOO_SHORT,
    _drift_chance,
    _same,
    chance,
)
from tests.forecasting.editions import EDITIONS, edition

TARGETS = {
    "resident_population": ("ge", 1370),
    "hukou_population": ("ge", 895),
    "floating_population": ("ge", 792),
    "resident_share_60plus": ("lt", 20),
    "resident_share_15_59": ("gt", 66),
    "resident_dependency": ("lt", 40),
    "resident_urban_rate": ("ge", 85),
    "life_expectancy": ("ge", 83.88),
}


@pytest.mark.parametrize("year", EDITIONS)
def test_every_modelled_target_has_a_probability_with_a_model(year):
    for indicator_id, (comparison, bound) in TARGETS.items():
        if indicator_id == "resident_urban_rate" and year < 2024:
            continue  # its own test
        answer = chance(edition(year), indicator_id, 2025, comparison, bound)
        assert answer.probability is not None and 0 <= answer.probability <= 1
        assert answer.model and not answer.reason


def test_urbanisation_has_a_chance_once_four_changes_of_confidence_a_or_b_are_published():
    # Within segments: 2016-18, 2018-19, 2021-22, 2022-24; the values of 2015, 2017 and 2023 are of confidence C.
    assert chance(edition(2023), "resident_urban_rate", 2025, "ge", 85).reason == TOO_SHORT
    assert chance(edition(2024), "resident_urban_rate", 2025, "ge", 85).probability is not None


def test_the_chance_of_the_resident_target_melts_with_every_edition():
    chances = [chance(edition(year), "resident_population", 2025, "ge", 1370).probability for year in EDITIONS]
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] < 0.01


def test_both_sides_of_a_bound_sum_to_one():
    for indicator_id, (_, bound) in TARGETS.items():
        above = chance(edition(2024), indicator_id, 2030, "ge", bound).probability
        below = chance(edition(2024), indicator_id, 2030, "lt", bound).probability
        assert above + below == pytest.approx(1)


@pytest.mark.parametrize(
    ("indicator_id", "year", "comparison", "reason"),
    [
        ("schooling_years_working_age", 2025, "ge", NO_MODEL),
        ("resident_population", 2025, "about", NO_BOUND),
        ("resident_share_60plus", 2023, "lt", ALREADY_KNOWN),
    ],
)
def test_without_a_probability_there_is_a_reason(indicator_id, year, comparison, reason):
    answer = chance(edition(2024), indicator_id, year, comparison, 20)
    assert (answer.probability, answer.model, answer.reason) == (None, "", reason)


def test_drift_by_hand():
    changes = np.array([1.0, 2.0, 3.0, 2.0])
    answer = _drift_chance(changes, (2020, 10.0), 2022, "ge", 15.0, _same, "m")
    spread = changes.std(ddof=1) * np.sqrt(2 + 4 / 4)
    assert answer.probability == pytest.approx(stats.t.sf((15 - 10 - 4) / spread, 3))


def test_three_changes_are_too_few():
    assert _drift_chance(np.ones(3), (2020, 1.0), 2025, "ge", 2.0, _same, "m").reason == TOO_SHORT
