"""Numbers as printed and the interval rounding leaves open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.monitoring.rounding import Rounded, half_unit, rounded_text


@pytest.mark.parametrize(("printed", "half"), [("83.12岁", 0.005), ("2个百分点", 0.5), ("94.0%", 0.05), ("-37.62", 0.005)])
def test_half_unit_follows_the_printed_digits(printed: str, half: float) -> None:
    assert half_unit(printed) == pytest.approx(half)


def test_text_without_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="no number"):
        half_unit("一核九星")


def test_a_divisor_that_may_be_zero_is_refused() -> None:
    with pytest.raises(ZeroDivisionError):
        Rounded.exact(1.0) / Rounded.of(0.0, "0")


def test_two_percent_points_agree_with_the_unrounded_rise() -> None:
    rise = Rounded.of(23.13, "23.13") - Rounded.of(21.07, "21.07")
    assert rise.meets(Rounded.of(2.0, "2个百分点"))
    assert not rise.meets(Rounded.of(2.0, "2.00"))


@given(a=st.floats(-1e4, 1e4), b=st.floats(1, 1e4), da=st.floats(-0.005, 0.005), db=st.floats(-0.005, 0.005),
       operation=st.sampled_from(["+", "-", "*", "/"]))
def test_the_interval_holds_every_unrounded_result(a: float, b: float, da: float, db: float, operation: str) -> None:
    x, y = Rounded(a, a - 0.005, a + 0.005), Rounded(b, b - 0.005, b + 0.005)
    result = {"+": x + y, "-": x - y, "*": x * y, "/": x / y}[operation]
    true_a, true_b = a + da, b + db
    true = {"+": true_a + true_b, "-": true_a - true_b, "*": true_a * true_b, "/": true_a / true_b}[operation]
    slack = 1e-6 * max(1.0, abs(true))
    assert result.low - slack <= true <= result.high + slack


@pytest.mark.parametrize(
    ("value", "decimals", "said"),
    [(1.275, 2, "1.28"), (-0.755, 2, "−0.76"), (0.125, 2, "0.13"), (2.5, 0, "3"), (-0.04, 1, "0.0"), (0.30000000000000004, 1, "0.3")],
)
def test_ties_round_away_from_zero_as_published_figures_do(value: float, decimals: int, said: str) -> None:
    assert rounded_text(value, decimals) == said


def test_a_sign_is_printed_where_asked_but_never_on_zero() -> None:
    assert (rounded_text(0.6, 1, signed=True), rounded_text(-0.01, 1, signed=True)) == ("+0.6", "0.0")
