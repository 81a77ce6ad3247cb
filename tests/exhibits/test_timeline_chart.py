from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from popbook.exhibits.charts import timeline_chart
from popbook.exhibits.model import NARROW, WIDE, Layout
from popbook.exhibits.render import draw_svg, drawn_text, figure_specs
from tests.exhibits.samples import figure

LAYOUTS = [WIDE, NARROW]
PROMISES = pd.DataFrame({
    "组": ["交通", "住房"], "事项": ["轨道交通骨干网络总长度", "改造老旧小区"], "期限": ["2022-12-31", "2025-12-31"],
    "状态": ["完成", "进行中"],
})  # fmt: skip
EVIDENCE = pd.DataFrame({
    "事项": ["轨道交通骨干网络总长度", "改造老旧小区", "没有画出的事项"],
    "日期": ["2023-02-23", "2021-11-17", "2022-01-01"], "作用": ["完成", "进展", "进展"],
})  # fmt: skip
OPTIONS: dict[str, Any] = {
    "row": "事项", "due": "期限", "state": "状态", "when": "日期", "kind": "作用", "start": date(2021, 6, 30),
    "today": date(2025, 6, 30), "today_name": "截止2025年6月30日", "colours": {"完成": "#18794e", "进行中": "#2067b0"},
    "kinds": {"完成": ("dot", "#18794e"), "进展": ("diamond", "#2067b0"), "背景": ("ring", "#55606e")}, "group": "组",
}  # fmt: skip


def draw(layout: Layout) -> str:
    made = figure(draw=lambda chosen: timeline_chart(PROMISES, EVIDENCE, chosen, **OPTIONS))
    (spec,) = figure_specs(made, layout)
    return draw_svg(spec, made.id, layout, made.title, made.alt)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_names_states_years_and_the_cut_off_are_printed(layout: Layout) -> None:
    text = drawn_text(draw(layout))
    for words in (
        "轨道交通骨干网络总长度",
        "改造老旧小区",
        "完成",
        "进行中",
        "2022",
        "2025",
        "截止2025年6月30日",
        "交通",
    ):
        assert words in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_drawing_is_as_wide_as_its_layout(layout: Layout) -> None:
    chart = timeline_chart(PROMISES, EVIDENCE, layout, **OPTIONS)
    assert chart.padding["left"] + chart.width + chart.padding["right"] == layout.width


def layer_rows(chart: Any, key: str) -> list[dict[str, Any]]:
    return [row for layer in chart.layer for row in layer.data.values if key in row]


def test_evidence_stands_in_the_order_of_its_dates_on_its_own_line() -> None:
    chart = timeline_chart(PROMISES, EVIDENCE, WIDE, **OPTIONS)
    dots = {row["n"]: row for row in layer_rows(chart, "k") if "d" in row}
    assert set(dots) == {"轨道交通骨干网络总长度", "改造老旧小区"}
    assert dots["改造老旧小区"]["px"] < dots["轨道交通骨干网络总长度"]["px"]
    assert dots["改造老旧小区"]["py"] > dots["轨道交通骨干网络总长度"]["py"]


def test_the_line_ends_at_the_due_date() -> None:
    chart = timeline_chart(PROMISES, EVIDENCE, WIDE, **OPTIONS)
    rails = [row for row in layer_rows(chart, "qx") if row.keys() == {"px", "qx", "py"}]
    assert rails[0]["qx"] < rails[1]["qx"]


def test_only_kinds_that_occur_stand_in_the_key() -> None:
    assert "背景" not in drawn_text(draw(WIDE))
