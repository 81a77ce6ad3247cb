from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.exhibits import phrases


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(phrases)
    assert results.attempted >= 5
    assert results.failed == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_a_run_mirrors_when_the_values_change_sign(values: list[float]) -> None:
    opposite = {"up": "down", "down": "up", "flat": "flat"}
    count, direction = phrases.closing_run(values)
    assert phrases.closing_run([-v for v in values]) == (count, opposite[direction])


def test_a_flat_last_move_ends_every_run() -> None:
    assert phrases.closing_run([5.0, 4.0, 3.0, 3.02], tolerance=0.05) == (0, "flat")


def test_a_turn_restarts_the_run() -> None:
    assert phrases.closing_run([7.6, 7.2, 6.7, 7.5]) == (1, "up")


@pytest.mark.parametrize(("change", "word"), [(0.6, "上升"), (-0.6, "下降"), (0.0, "持平")])
def test_rates_rise_and_fall(change: float, word: str) -> None:
    assert phrases.change_word(change, "rate") == word


@given(st.sets(st.integers(1900, 2100)))
def test_spans_name_each_year_once(years: set[int]) -> None:
    named: list[int] = []
    for span in phrases.year_spans(years).split("、"):
        if span:
            first, _, last = span.partition("—")
            named += range(int(first), int(last or first) + 1)
    assert named == sorted(years)
