"""Small exhibits for tests, made by factories with overrides."""

from __future__ import annotations

from typing import Any

import pandas as pd

from popbook.exhibits.charts import BreakLine, line_chart
from popbook.exhibits.model import Column, Figure, Layout, Table
from popbook.exhibits.theme import COLOURS


def residents(**overrides: Any) -> pd.DataFrame:
    """Residents with a re-basing between 2019 and 2020."""
    columns = {
        "年份": list(range(2014, 2025)),
        "常住人口（万人）": [
            889.2,
            901.8,
            918.8,
            946.8,
            980.6,
            1036.0,
            1196.5,
            1220.4,
            1237.6,
            1252.2,
            1262.4,
        ],
        "段": ["前"] * 6 + ["后"] * 5,
        **overrides,
    }
    return pd.DataFrame(columns)


def figure(**overrides: Any) -> Figure:
    """A line chart of residents."""
    frame = residents()

    def draw(layout: Layout) -> Any:
        return line_chart(
            frame,
            layout,
            y="常住人口（万人）",
            segment="段",
            colours=COLOURS["resident"],
            breaks=[BreakLine(2020, "七普修正基数")],
        )

    fields: dict[str, Any] = {
        "id": "fig-residents",
        "title": "常住人口增量连续收窄：2021年23.9万人，2024年10.2万人",
        "subtitle": "常住人口，万人，年末",
        "alt": "折线图：2020年前后为两段，2024年为1262.4万人。",
        "frame": frame,
        "draw": draw,
        "unit": "万人",
        "basis": "resident",
        "region_id": "330100",
        "years": (2014, 2024),
        "source_ids": ("census-2020-bulletin",),
        "notes": ("2020年起为七普修正后口径。",),
        "indicator_ids": ("resident_population",),
        **overrides,
    }
    return Figure(**fields)


def table(**overrides: Any) -> Table:
    """A table with groups, spanning heads, a status column and a missing number."""
    frame = pd.DataFrame(
        {
            "组": ["人口总量", "人口总量", "人口结构"],
            "指标": ["常住人口", "总和生育率", "抚养比，见[方法](methods.md)"],
            "基期": [1036.0, 1.2, 36.04],
            "最新": [1262.4, None, 36.0],
            "差距": [9.4, None, -0.04],
            "状态": ["达成", "未公布", "有风险"],
        }
    )
    fields: dict[str, Any] = {
        "id": "tbl-targets",
        "title": "三项指标中一项达成",
        "frame": frame,
        "columns": (
            Column("指标", "指标"),
            Column("基期", "2020年", "万人", 1, group="数值"),
            Column("最新", "2024年", "万人", 1, emphasis=True, group="数值"),
            Column("差距", "差距", "个百分点", 1, signed=True),
            Column("状态", "状态"),
        ),
        "unit": "",
        "basis": "none",
        "region_id": "330100",
        "years": (2020, 2024),
        "source_ids": (),
        "group_by": "组",
        "status_column": "状态",
        **overrides,
    }
    return Table(**fields)
