from __future__ import annotations

import json
from typing import Any

import altair as alt
import pytest

from popbook.exhibits import render
from popbook.exhibits.drawer import draw
from popbook.exhibits.drawing import compose, framed_specs, haloed, marks, text_layer, value_axis, year_axis
from popbook.exhibits.lettering import with_texts, without_texts
from popbook.exhibits.model import NARROW, WIDE, Layout
from popbook.exhibits.render import draw_figure, figure_specs
from tests.exhibits.samples import figure


def converted(spec: dict[str, Any]) -> str:
    return draw(json.dumps(spec, ensure_ascii=False)).decode()


def lettered(**mark: Any) -> dict[str, Any]:
    """A drawing of texts alone: with signs of markup, with none, and on a rim of paper."""
    rows = [
        {"px": 10, "py": 12.25 * place, "t": text, "c": "#1f2933"}
        for place, text in enumerate(["15岁以下", "<15岁 & “60+”", "", "> 1"])
    ]
    chart = compose([*haloed(rows, **mark), text_layer(rows, **mark)], NARROW, height=200, left=20, right=20)
    return framed_specs(chart, [""], "万人", NARROW)[0]


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_chart_is_drawn_as_the_converter_draws_it(layout: Layout) -> None:
    (spec,) = figure_specs(figure(subtitle="万人 & <人>"), layout)
    emptied, texts = without_texts(spec)
    assert with_texts(converted(emptied), texts) == render._svg(spec) == converted(spec)


@pytest.mark.parametrize(
    "mark", [{"fontSize": 12}, {"align": "center", "fontWeight": "bold"}, {"angle": 90, "dx": 3}]
)
def test_texts_stand_where_the_converter_sets_them(mark: dict[str, Any]) -> None:
    spec = lettered(**mark)
    assert render._svg(spec) == converted(spec)


def test_texts_that_the_converter_would_change_are_left_to_it() -> None:
    spec = lettered(limit=20)
    emptied, texts = without_texts(spec)
    assert "".join(texts) == "万人"
    assert render._svg(spec) == converted(spec)
    (name,) = {layer["data"]["name"] for layer in spec["layer"][1:3]} - {spec["layer"][2]["data"]["name"]}
    spec["datasets"][name][0]["t"] = " 15岁以下 "
    assert render._svg(spec) == converted(spec)


def test_the_converter_gets_no_text_to_measure() -> None:
    made = draw_figure(figure())
    emptied, texts = without_texts(made["spec"]["wide"])
    assert "七普修正基数" in texts
    assert "七普修正基数" not in json.dumps(emptied["layer"], ensure_ascii=False)


def with_axes(x: alt.Axis, y: alt.Axis, domain: tuple[float, float] = (2020, 2024)) -> dict[str, Any]:
    """A drawing of one mark between two axes of numbers."""
    layer = (
        marks([{"x": 2021, "y": 0.5}])
        .mark_point()
        .encode(
            x=alt.X("x:Q", axis=x, scale=alt.Scale(domain=list(domain), nice=False, zero=False)),
            y=alt.Y("y:Q", axis=y, scale=alt.Scale(domain=[-1.5, 1.5], nice=False)),
        )
    )
    return framed_specs(compose([layer], NARROW, height=200, left=40, right=20), [""], "万人", NARROW)[0]


@pytest.mark.parametrize(
    "y",
    [
        value_axis([-1.5, 0, 1.5], 30),
        value_axis([-1.5, -0.5, 0, 1.5], 30, signed=True),
        value_axis([-1, 0, 1], 30, 2),
    ],
)
def test_axes_of_numbers_read_as_the_converter_writes_them(y: alt.Axis) -> None:
    spec = with_axes(year_axis([2020, 2022, 2024]), y)
    _, texts = without_texts(spec)
    assert "2022" in texts
    assert any(text.startswith("−1") for text in texts)
    assert render._svg(spec) == converted(spec)


@pytest.mark.parametrize(
    "x",
    [
        year_axis(range(2020, 2025), labelExpr="datum.value + '年'"),
        alt.Axis(values=[2020 + place / 10 for place in range(41)], format=".1f", title=None),
        alt.Axis(values=[2020, 2024, 2028], format="d", title=None),
        alt.Axis(values=[2020, 2024], title=None),
    ],
    ids=["an expression", "labels without room", "a value beyond the scale", "no format"],
)
def test_labels_that_the_converter_may_change_or_leave_out_are_left_to_it(x: alt.Axis) -> None:
    spec = with_axes(x, value_axis([-1, 0, 1], 30))
    _, texts = without_texts(spec)
    assert "2024" not in texts
    assert render._svg(spec) == converted(spec)
