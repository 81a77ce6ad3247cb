from __future__ import annotations

import re

import pandas as pd
import pytest

from popbook.exhibits.charts import waterfall_chart
from popbook.exhibits.model import NARROW, WIDE, Layout
from popbook.exhibits.render import draw_svg, drawn_text, figure_specs
from tests.exhibits.samples import figure

TERM, TOTAL = "#8a4fc9", "#1f3a5f"


def svg_of(layout: Layout, *values: float) -> str:
    names = [*(f"第{i}项" for i in range(1, len(values))), "合计"]
    frame = pd.DataFrame({"项目": names, "变化": values})
    made = figure(draw=lambda chosen: waterfall_chart(
        frame, chosen, category="项目", value="变化", total="合计", colour=TERM, total_colour=TOTAL))
    (spec,) = figure_specs(made, layout)
    return draw_svg(spec, made.id, layout, made.title, made.alt)


def bars(svg: str) -> list[tuple[float, float]]:
    """Left and right end of each bar, in the order of drawing."""
    found = re.findall(r'<path d="M([\d.]+),[\d.]+h([\d.]+)v[\d.]+h-[\d.]+Z" fill="#[0-9a-f]{6}" stroke="(?:#8a4fc9|#1f3a5f)"', svg)
    return [(float(x), float(x) + float(width)) for x, width in found]


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_every_term_and_the_sum_are_printed_with_their_sign(layout: Layout) -> None:
    text = drawn_text(svg_of(layout, -7.6, 0.7, -20.0, -26.9))
    for words in ("第1项", "合计", "−7.6", "+0.7", "−20.0", "−26.9"):
        assert words in text


def test_a_term_begins_where_the_one_before_it_ended() -> None:
    first, second, third, total = bars(svg_of(WIDE, -8.0, 3.0, -5.0, -10.0))
    assert second[0] == pytest.approx(first[0], abs=0.1)
    assert third[1] == pytest.approx(second[1], abs=0.1)
    assert total[0] == pytest.approx(third[0], abs=0.1)
    assert total[1] == pytest.approx(first[1], abs=0.1)


def test_terms_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        svg_of(WIDE, -8.0, 3.0, -9.0)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        waterfall_chart(pd.DataFrame({"项目": [], "变化": []}), WIDE, category="项目", value="变化", total="合计", colour=TERM,
                        total_colour=TOTAL)
