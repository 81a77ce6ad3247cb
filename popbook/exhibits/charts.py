"""The few kinds of chart the report needs, each drawn for the desktop and for the phone.

Every function takes a tidy frame and a :class:`~popbook.exhibits.model.Layout` and returns an Altair chart whose drawing
is exactly as wide as the layout: room for axis labels and direct labels is measured with the shipped font, so that
nothing is clipped and nothing overlaps. Chapters choose a kind and name the columns; they never style.

Rules kept here: light horizontal grid only, one y axis, direct labels instead of legends, bars from zero, no line
across a break, the last value printed.
"""

from __future__ import annotations

from popbook.exhibits.drawing import BreakLine, Level
from popbook.exhibits.rank_charts import (
    bar_chart,
    dumbbell_chart,
    interval_chart,
    pyramid_chart,
    shares_chart,
    tile_map,
)
from popbook.exhibits.series_charts import components_chart, fan_chart, line_chart, small_multiples, sparkline
from popbook.exhibits.state_matrix import state_matrix
from popbook.exhibits.timeline_chart import timeline_chart
from popbook.exhibits.waterfall_chart import waterfall_chart

__all__ = [
    "BreakLine",
    "Level",
    "bar_chart",
    "components_chart",
    "dumbbell_chart",
    "fan_chart",
    "interval_chart",
    "line_chart",
    "pyramid_chart",
    "shares_chart",
    "small_multiples",
    "sparkline",
    "state_matrix",
    "tile_map",
    "timeline_chart",
    "waterfall_chart",
]
