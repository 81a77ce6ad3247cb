from __future__ import annotations

import re
from typing import Any

import altair as alt
import pandas as pd
import pytest

from popbook.exhibits.charts import components_chart, fan_chart, line_chart, small_multiples, sparkline
from popbook.exhibits.model import NARROW, WIDE, Layout
from popbook.exhibits.render import draw_svg, drawn_text, figure_specs
from popbook.exhibits.theme import COLOURS
from tests.exhibits.samples import figure, residents

LAYOUTS = [WIDE, NARROW]


def _draw(layout: Layout, draw: Any) -> str:
    made = figure(draw=draw)
    (spec,) = figure_specs(made, layout)
    alt.LayerChart.validate(spec)
    return draw_svg(spec, made.id, layout, made.title, made.alt)


def _forecast(**overrides: Any) -> pd.DataFrame:
    years = list(range(2024, 2036))
    columns: dict[str, Any] = {"年份": years, "预测中位数": [1262.4 + 8 * (y - 2024) for y in years]}
    for name, width in (("80", 6), ("95", 11)):
        columns[f"下限{name}"] = [1262.4 + (8 - width) * (y - 2024) for y in years]
        columns[f"上限{name}"] = [1262.4 + (8 + width) * (y - 2024) for y in years]
    return pd.DataFrame({**columns, **overrides})


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_line_runs_across_a_break(layout: Layout) -> None:
    svg = _draw(layout, figure().draw)
    lines = re.findall(rf'<path d="(M[^"]*)"[^>]*stroke="{COLOURS["resident"]}"', svg)
    points = [line.count("L") + 1 for line in lines]
    assert sorted(points) == [5, 6]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_last_value_and_break_name_are_printed(layout: Layout) -> None:
    text = drawn_text(_draw(layout, figure().draw))
    assert "1262.4" in text
    assert "七普修正基数" in text
    assert "2024" in text


def test_series_without_values_is_left_out() -> None:
    frame = pd.DataFrame(
        {"年份": [2019, 2020] * 2, "值": [1, 2, None, None], "系列": ["常住", "常住", "流动", "流动"]}
    )
    colours = {"常住": COLOURS["resident"], "流动": COLOURS["floating"]}
    svg = _draw(WIDE, lambda layout: line_chart(frame, layout, y="值", series="系列", colours=colours))
    assert "流动" not in drawn_text(svg)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_fan_prints_paths_median_and_latest_actual(layout: Layout) -> None:
    paths = pd.DataFrame(
        {
            "年份": [2020, 2035] * 2,
            "常住人口（万人）": [1196.5, 1400, 1196.5, 1490],
            "名称": ["低方案"] * 2 + ["中方案"] * 2,
        }
    )
    text = drawn_text(
        _draw(
            layout,
            lambda chosen: fan_chart(
                residents(), _forecast(), chosen, y="常住人口（万人）", segment="段", paths=paths, unit="万人"
            ),
        )
    )
    for words in ("低方案", "中方案", "1350.4", "2024年 1262.4", "80%预测区间", "95%预测区间"):
        assert words in text


def test_fan_draws_wide_band_under_narrow_band() -> None:
    svg = _draw(
        WIDE, lambda layout: fan_chart(residents(), _forecast(), layout, y="常住人口（万人）", segment="段")
    )
    from popbook.exhibits.theme import TINT_80, TINT_95, mix

    areas = re.findall(r'<path d="[^"]*Z"[^>]*fill="(#\w+)"', svg)
    bands = [c for c in areas if c in (mix(COLOURS["forecast"], TINT_80), mix(COLOURS["forecast"], TINT_95))]
    assert bands[-2:] == [mix(COLOURS["forecast"], TINT_95), mix(COLOURS["forecast"], TINT_80)]


def components(layout: Layout, natural: list[float], migration: list[float]) -> str:
    frame = pd.DataFrame({"年份": range(2025 - len(natural), 2025), "自然增长": natural, "净迁入": migration})
    frame["合计"] = frame["自然增长"] + frame["净迁入"]
    parts = {"自然增长": COLOURS["natural"], "净迁入": COLOURS["migration"]}
    return drawn_text(
        _draw(layout, lambda chosen: components_chart(frame, chosen, parts=parts, total="合计"))
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_components_print_their_sums(layout: Layout) -> None:
    text = components(layout, [3.0, 1.1, -1.3], [14.2, 13.5, 11.5])
    for words in ("17.2", "14.6", "10.2", "净迁入"):
        assert words in text
    assert "+10.2" not in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_sums_carry_signs_where_one_is_negative(layout: Layout) -> None:
    text = components(layout, [1.0, -3.0], [2.5, 1.0])
    assert "+3.5" in text
    assert "−2.0" in text


def test_a_crowded_sum_is_not_printed_on_its_neighbours_bar() -> None:
    text = components(NARROW, [0.0] * 20, [20.0 + 10 * (i % 3 == 0) for i in range(20)])
    assert "30.0" in text
    assert text.count("20.0") < text.count("30.0")


def test_a_series_that_ends_early_is_labelled_with_its_last_year() -> None:
    frame = pd.DataFrame({"年份": [2019, 2020, 2019, 2024], "值": [3.0, 4.0, 5.0, 6.0], "列": ["普查"] * 2 + ["年末"] * 2})
    colours = {"普查": COLOURS["census"], "年末": COLOURS["resident"]}
    text = drawn_text(
        _draw(WIDE, lambda layout: line_chart(frame, layout, y="值", series="列", colours=colours))
    )
    assert "普查（2020年） 4.0" in text
    assert "年末 6.0" in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_whole_numbers_of_the_plan_are_printed_as_the_plan_prints_them(layout: Layout) -> None:
    paths = pd.DataFrame({"年份": [2020, 2025], "常住人口（万人）": [1226, 1342], "名称": "低方案"})
    text = drawn_text(
        _draw(
            layout,
            lambda chosen: line_chart(
                residents(), chosen, y="常住人口（万人）", segment="段", colours=COLOURS["resident"], paths=paths
            ),
        )
    )
    assert "1342" in text
    assert "1342.0" not in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_small_multiples_name_every_panel(layout: Layout) -> None:
    frame = pd.DataFrame(
        {"地区": ["上城区"] * 2 + ["淳安县"] * 2, "年份": [2020, 2024] * 2, "比重": [20.0, 22.1, 26.0, 31.9]}
    )
    text = drawn_text(
        _draw(
            layout,
            lambda chosen: small_multiples(frame, chosen, panel="地区", y="比重", colours=COLOURS["hukou"]),
        )
    )
    for words in ("上城区", "淳安县", "22.1", "31.9"):
        assert words in text


def test_sparkline_marks_last_value_and_target() -> None:
    svg = sparkline([(2020, 1.0), (2021, None), (2022, 2.0)], target=(2025, 3.0))
    assert svg.count("<circle") == 4  # two lone values, the dot of the last one, the target
    assert COLOURS["plan"] in svg
    assert 'aria-hidden="true"' in svg


def test_sparkline_of_nothing_is_empty() -> None:
    assert sparkline([(2020, None)]).endswith("></svg>")
