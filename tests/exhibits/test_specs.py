from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pytest

from popbook.exhibits.drawing import (
    BreakLine,
    Level,
    break_layers,
    key_layers,
    level_layers,
    text_layer,
    value_axis,
    year_axis,
)
from popbook.exhibits.model import NARROW, WIDE, Layout
from popbook.exhibits.specs import layer_spec
from tests.exhibits.samples import figure

ROWS = [
    {"x": 2020, "px": 1.5, "y": 1196.5, "qx": 8, "t": "七普"},
    {"x": 2024, "px": 2, "y": None, "qx": 9, "t": ""},
]
MARK = alt.Chart(alt.InlineData(values=ROWS)).mark_line(
    color="#0a5a4c", strokeDash=[4, 3], clip=alt.Undefined
)


def as_altair_writes(layer: Any, datasets: dict[str, Any]) -> dict[str, Any]:
    return layer.to_dict(validate=False, context={"datasets": datasets, "top_level": False})


def layers_of(*channels: Any, **named: Any) -> list[Any]:
    return [MARK.encode(*channels, **named)]


@pytest.mark.parametrize(
    "layers",
    [
        layers_of(
            x=alt.X("x:Q", axis=year_axis([2020, 2024]), scale=alt.Scale(domain=[2020, np.float64(2024)]))
        ),
        layers_of(y=alt.Y("y:Q", axis=value_axis([0, 500, 1000], 40, signed=True), title=None)),
        layers_of(x=alt.X("px:Q", scale=None, axis=None), x2=alt.X2("qx:Q"), y2=alt.Y2("qx")),
        layers_of(y=alt.Y("t:N", sort=["七普", ""], scale=alt.Scale(paddingInner=0.2))),
        layers_of(y=alt.Y(field="t", type="nominal"), detail=alt.Detail("t:N")),
        layers_of(
            color=alt.Color("t:N", scale=alt.Scale(range=("#fff", "#000")), legend=None),
            opacity=alt.value(0.5),
        ),
        [alt.Chart(alt.InlineData(values=ROWS)).mark_area()],
        [text_layer([{"px": 1, "py": 2, "t": "万人", "c": "#000000"}], fontSize=np.int64(12))],
        key_layers(
            [(shape, "#0a5a4c", shape) for shape in ("square", "outline", "dash", "ring", "diamond")],
            0,
            90,
            11,
        )[0],
        break_layers([BreakLine(2020, "七普修正基数")], float, 0, 600, 200, 12)[0],
        level_layers([Level(3.5, "规划目标")], float, 600, 200, 12),
    ],
)
def test_a_layer_reads_as_altair_writes_it(layers: list[Any]) -> None:
    for layer in layers:
        theirs: dict[str, Any] = {}
        ours: dict[str, Any] = {}
        # As text, because the order of keys is part of the bytes of a page.
        assert repr(layer_spec(layer, ours)) == repr(as_altair_writes(layer, theirs))
        assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_layers_of_a_chart_read_as_altair_writes_them(layout: Layout) -> None:
    layers = figure().draw(layout).layer
    assert len(layers) > 5
    assert [layer_spec(layer, {}) for layer in layers] == [as_altair_writes(layer, {}) for layer in layers]


def test_the_chart_itself_is_not_changed() -> None:
    (layer,) = layers_of(x=alt.X("x:Q", scale=alt.Scale(domain=[2020, 2024])))
    before = repr(as_altair_writes(layer, {}))
    spec = layer_spec(layer, {})
    spec["encoding"]["x"]["scale"]["domain"].append(0)
    spec["mark"]["strokeDash"].append(0)
    assert repr(as_altair_writes(layer, {})) == before
