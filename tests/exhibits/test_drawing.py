from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.exhibits.drawing import (
    free_place,
    key_layers,
    line_crosses,
    linear,
    nice_ticks,
    rows_of,
    spread,
    values_of,
    year_ticks,
)


@given(
    st.lists(st.floats(0, 300), min_size=1, max_size=8),
    st.floats(8, 30),
)
def test_spread_labels_never_overlap_and_stay_inside(positions: list[float], gap: float) -> None:
    moved = spread(positions, [gap] * len(positions), 0, 300)
    ordered = sorted(moved)
    assert all(b - a >= gap - 0.05 for a, b in zip(ordered, ordered[1:], strict=False))
    assert ordered[0] >= -0.05
    if gap * (len(positions) - 1) <= 300:
        assert ordered[-1] <= 300.05


def test_labels_that_stand_apart_are_not_moved() -> None:
    assert spread([10, 100, 200], [16, 16, 16], 0, 300) == [10, 100, 200]


def test_spread_keeps_the_order_of_the_lines() -> None:
    moved = spread([50, 40, 45], [20, 20, 20], 0, 300)
    assert moved[1] < moved[2] < moved[0]


@given(st.floats(-1e4, 1e4), st.floats(0.01, 1e4), st.integers(3, 8))
def test_ticks_enclose_the_values(low: float, width: float, count: int) -> None:
    ticks = nice_ticks(low, low + width, count)
    assert ticks[0] <= low + 1e-6
    assert ticks[-1] >= low + width - 1e-6
    assert len(ticks) <= 2 * count + 2


def test_ticks_of_a_constant_series_have_extent() -> None:
    assert nice_ticks(5, 5)[0] < nice_ticks(5, 5)[-1]


@pytest.mark.parametrize("width", [120, 200, 300, 600])
def test_last_year_is_always_printed_and_years_stand_apart(width: int) -> None:
    ticks = year_ticks(2000, 2024, width, 11)
    assert ticks[-1] == 2024
    assert all((b - a) * width / 24 >= 24 for a, b in zip(ticks, ticks[1:], strict=False))


def test_linear_scale_of_a_single_value_does_not_fail() -> None:
    assert linear(3, 3, 0, 100)(3) == 0


def test_missing_values_become_null() -> None:
    frame = pd.DataFrame({"年份": [2020, 2021], "值": pd.array([1.5, None], dtype="Float64")})
    assert rows_of(frame, {"x": "年份", "y": "值"}) == [{"x": 2020, "y": 1.5}, {"x": 2021, "y": None}]


def test_a_chart_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        values_of([{"y": None}], "y")


def test_a_long_key_takes_a_second_row() -> None:
    items = [("square", "#000000", "一二三四五六七八九十")] * 3
    _, one = key_layers(items, 0, 2000, 12)
    _, more = key_layers(items, 0, 200, 12)
    assert more > 2 * one


def test_label_goes_where_no_line_runs() -> None:
    rising = [(0.0, 200.0), (100.0, 100.0), (200.0, 0.0)]
    left, middle = free_place(100, 100, 60, 12, [rising], 300)
    assert not line_crosses(rising, left, left + 60, middle - 8, middle + 8)
