"""The straight-line arithmetic of targets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.monitoring.pace import breach_year, good_side, is_met, pace_share, reach_year, yearly_pace

COMPARISONS = st.sampled_from(["gt", "ge", "lt", "le"])
TENTHS = st.integers(min_value=-500, max_value=500).map(lambda n: n / 10)


@pytest.mark.parametrize(("comparison", "at_bound"), [("gt", False), ("ge", True), ("lt", False), ("le", True)])
def test_only_non_strict_bounds_are_met_at_the_bound(comparison: str, at_bound: bool) -> None:
    assert is_met(20.0, comparison, 20.0) is at_bound


def test_binary_dust_does_not_break_a_non_strict_bound() -> None:
    assert is_met(0.1 + 0.2, "le", 0.3)


def test_about_takes_the_side_that_leads_from_base_to_target() -> None:
    assert good_side("about", 1196.5, 1370) == 1
    assert good_side("about", 110.0, 107.5) == -1
    assert is_met(107.0, "about", 107.5, side=-1)
    assert not is_met(1369.9, "about", 1370.0, side=1)


def test_pace_is_the_mean_yearly_change() -> None:
    assert yearly_pace(2020, 1196.5, 2024, 1262.4) == pytest.approx((1262.4 - 1196.5) / 4)


def test_no_time_passed_has_no_pace() -> None:
    assert yearly_pace(2020, 1.0, 2020, 2.0) is None


def test_nothing_required_has_no_share() -> None:
    assert pace_share(1.0, 0.0) is None


def test_sixty_plus_ceiling_breaks_in_the_year_the_line_touches_it() -> None:
    # 18.4 + 0.8 a year touches 20.0 exactly after two years: "below 20" is then broken.
    assert breach_year(2022, 18.4, 0.8, "lt", 20.0, -1) == 2024
    assert breach_year(2022, 18.4, 0.8, "le", 20.0, -1) == 2025


def test_reaching_a_strict_target_needs_passing_it() -> None:
    assert reach_year(2024, 34.0, 0.5, "gt", 35.0, 1) == 2027
    assert reach_year(2024, 34.0, 0.5, "ge", 35.0, 1) == 2026


def test_a_pace_away_from_the_bound_never_breaches() -> None:
    assert breach_year(2024, 67.1, 0.3, "gt", 66.0, 1) is None


def test_a_pace_away_from_the_target_never_reaches() -> None:
    assert reach_year(2024, 1262.4, -1.0, "ge", 1370.0, 1) is None


@given(value=TENTHS, bound=TENTHS, pace=st.integers(-50, 50).filter(bool).map(lambda n: n / 10), comparison=COMPARISONS)
def test_breach_year_is_the_first_year_the_line_is_outside(
        value: float, bound: float, pace: float, comparison: str) -> None:
    side = good_side(comparison, None, bound)
    year = breach_year(2020, value, pace, comparison, bound, side)
    if year is None:
        assert is_met(value + 100 * pace, comparison, bound)
        return
    assert not is_met(value + (year - 2020) * pace, comparison, bound)
    assert year == 2020 or is_met(value + (year - 2021) * pace, comparison, bound)


@given(value=TENTHS, bound=TENTHS, pace=st.integers(-50, 50).filter(bool).map(lambda n: n / 10), comparison=COMPARISONS)
def test_reach_year_is_the_first_year_the_line_is_inside(
        value: float, bound: float, pace: float, comparison: str) -> None:
    side = good_side(comparison, None, bound)
    year = reach_year(2020, value, pace, comparison, bound, side)
    if year is None:
        assert not is_met(value + 100 * pace, comparison, bound)
        return
    assert is_met(value + (year - 2020) * pace, comparison, bound)
    assert year == 2020 or not is_met(value + (year - 2021) * pace, comparison, bound)
