from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from popbook.exhibits.charts import state_matrix
from popbook.exhibits.model import NARROW, WIDE, Layout
from popbook.exhibits.render import draw_svg, drawn_text, figure_specs
from tests.exhibits.samples import figure

LAYOUTS = [WIDE, NARROW]
STATES = {"触发": ("square", "#9a5708"), "未触发": ("ring", "#18794e"), "无法判断": ("dash", "#8a949f")}


def rules(**overrides: Any) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "类别": ["人口总量", "老龄化"],
        "规则": ["常住人口低于低方案", "60岁及以上占比越过上限"],
        "2023": ["触发", "未触发"],
        "2024": ["触发", "触发"],
        "首次": ["2021", "2024"],
        **overrides,
    }
    return pd.DataFrame(columns)


def draw(layout: Layout, frame: pd.DataFrame, **options: Any) -> str:
    made = figure(draw=lambda chosen: state_matrix(
        frame, chosen, row="规则", columns=["2023", "2024"], states=STATES, group="类别", texts=("首次",), **options))  # fmt: skip
    (spec,) = figure_specs(made, layout)
    return draw_svg(spec, made.id, layout, made.title, made.alt)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_names_heads_and_texts_are_printed(layout: Layout) -> None:
    text = drawn_text(draw(layout, rules()))
    for words in ("人口总量", "老龄化", "常住人口低于低方案", "2023", "2024", "首次", "2021"):
        assert words in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_key_names_only_the_states_that_occur(layout: Layout) -> None:
    assert "无法判断" not in drawn_text(draw(layout, rules()))
    assert "无法判断" in drawn_text(draw(layout, rules(**{"2023": ["无法判断", "未触发"]})))


def test_every_state_has_its_own_shape_in_its_own_cell() -> None:
    svg = draw(WIDE, rules())
    # Squares of the grid: three fired cells and one in the key; one ring in the grid and one in the key.
    squares = re.findall(r'fill="#9a5708"', svg)
    rings = re.findall(r'stroke="#18794e"', svg)
    assert (len(squares), len(rings)) == (4, 2)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_drawing_is_as_wide_as_its_layout(layout: Layout) -> None:
    chart = state_matrix(
        rules(), layout, row="规则", columns=["2023", "2024"], states=STATES, texts=("首次",)
    )
    assert chart.padding["left"] + chart.width + chart.padding["right"] == layout.width


def test_the_current_edition_is_tinted() -> None:
    assert draw(WIDE, rules(), latest="2024") != draw(WIDE, rules())
