from __future__ import annotations

import re
from typing import Any

import altair as alt
import pandas as pd
import pytest

from popbook.exhibits.charts import (
    Level,
    bar_chart,
    dumbbell_chart,
    interval_chart,
    pyramid_chart,
    shares_chart,
    tile_map,
)
from popbook.exhibits.model import NARROW, WIDE, Layout
from popbook.exhibits.render import draw_svg, drawn_text, figure_specs
from popbook.exhibits.theme import COLOURS, PAPER, SEQUENCE
from tests.exhibits.samples import figure

LAYOUTS = [WIDE, NARROW]


def _draw(layout: Layout, draw: Any) -> str:
    made = figure(draw=draw)
    (spec,) = figure_specs(made, layout)
    alt.LayerChart.validate(spec)
    return draw_svg(spec, made.id, layout, made.title, made.alt)


def _districts(**overrides: Any) -> pd.DataFrame:
    columns = {
        "地区": ["上城区", "萧山区", "淳安县"],
        "增减": [22.3, 50.0, -0.7],
        "2010年": [110.1, 151.2, 33.6],
        "2020年": [132.4, 201.2, 32.9],
        "tile_row": [2, 3, 5],
        "tile_col": [3, 4, 1],
        **overrides,
    }
    return pd.DataFrame(columns)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_bars_are_ranked_and_carry_their_value(layout: Layout) -> None:
    svg = _draw(
        layout, lambda chosen: bar_chart(_districts(), chosen, category="地区", value="增减", signed=True)
    )
    text = drawn_text(svg)
    assert [words for words in ("+50.0", "+22.3", "−0.7") if words in text] == ["+50.0", "+22.3", "−0.7"]
    heights = [svg.index(">" + name) for name in ("萧山区", "上城区", "淳安县")]
    assert heights == sorted(heights)


def test_bars_begin_at_zero() -> None:
    svg = _draw(WIDE, lambda layout: bar_chart(_districts(), layout, category="地区", value="2020年"))
    bars = re.findall(rf'<path d="M([\d.]+),[^"]*h([\d.]+)v[^"]*" fill="{COLOURS["resident"]}"', svg)
    assert len(bars) == 3
    assert {float(start) for start, _ in bars} == {0.0}
    widths = sorted(float(width) for _, width in bars)
    assert widths[0] / widths[-1] == pytest.approx(32.9 / 201.2, rel=0.01)


def test_missing_bar_is_left_out() -> None:
    frame = _districts(增减=[22.3, None, -0.7])
    assert "萧山区" not in drawn_text(
        _draw(WIDE, lambda chosen: bar_chart(frame, chosen, category="地区", value="增减"))
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_tile_without_value_reads_unpublished_on_paper(layout: Layout) -> None:
    frame = _districts(增减=[22.3, 50.0, None])
    svg = _draw(layout, lambda chosen: tile_map(frame, chosen, name="地区", value="增减"))
    assert "未公布" in drawn_text(svg)
    assert len(re.findall(rf'<path d="[^"]*" fill="{PAPER}" stroke', svg)) == 1


def test_tiles_take_the_tint_of_their_class() -> None:
    svg = _draw(
        WIDE, lambda chosen: tile_map(_districts(), chosen, name="地区", value="增减", bounds=[0, 40])
    )
    text = drawn_text(svg)
    assert "0以下" in text
    assert "40及以上" in text
    assert SEQUENCE[0] in svg
    assert SEQUENCE[-1] in svg


def test_tile_map_without_any_value_is_still_drawn() -> None:
    frame = _districts(增减=[None, None, None])
    assert (
        drawn_text(_draw(WIDE, lambda chosen: tile_map(frame, chosen, name="地区", value="增减"))).count(
            "未公布"
        )
        == 3
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pyramid_counts_outwards_on_both_sides(layout: Layout) -> None:
    rows = [
        {"年龄": age, "性别": sex, "人数": value, "年份": year}
        for age, value in (("0—4岁", 30.0), ("5—9岁", 40.0))
        for sex in "男女"
        for year in (2010, 2020)
    ]
    svg = _draw(
        layout,
        lambda chosen: pyramid_chart(pd.DataFrame(rows), chosen, value="人数", latest=2020, earlier=2010),
    )
    text = drawn_text(svg)
    assert "男 2020年" in text
    assert "2010年" in text
    assert "−" not in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_shares_print_their_numbers(layout: Layout) -> None:
    frame = pd.DataFrame(
        {
            "年份": ["2010", "2020"],
            "0—14岁": [11.4, 13.0],
            "15—59岁": [75.2, 70.1],
            "60岁及以上": [13.4, 16.9],
        }
    )
    parts = {
        "0—14岁": COLOURS["age_0_14"],
        "15—59岁": COLOURS["age_15_59"],
        "60岁及以上": COLOURS["age_60plus"],
    }
    text = drawn_text(_draw(layout, lambda chosen: shares_chart(frame, chosen, category="年份", parts=parts)))
    for words in ("11.4", "70.1", "16.9", "60岁及以上"):
        assert words in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_dumbbell_prints_both_ends(layout: Layout) -> None:
    text = drawn_text(
        _draw(
            layout,
            lambda chosen: dumbbell_chart(
                _districts(), chosen, category="地区", start="2010年", end="2020年"
            ),
        )
    )
    for words in ("110.1", "132.4", "33.6", "32.9"):
        assert words in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_intervals_print_points_and_level(layout: Layout) -> None:
    frame = pd.DataFrame(
        {"模型": ["趋势", "基准"], "预测": [1350.0, 1262.4], "低": [1270, 1200], "高": [1430, 1320]}
    )
    text = drawn_text(
        _draw(
            layout,
            lambda chosen: interval_chart(
                frame,
                chosen,
                category="模型",
                point="预测",
                intervals=[("低", "高")],
                level=Level(1400, "低方案 1400"),
            ),
        )
    )
    for words in ("1350.0", "1262.4", "低方案 1400"):
        assert words in text
