from __future__ import annotations

import json
from typing import Any

import pytest

from popbook.exhibits import render
from popbook.exhibits.drawer import draw
from popbook.exhibits.drawing import compose, framed_specs, haloed, text_layer
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
