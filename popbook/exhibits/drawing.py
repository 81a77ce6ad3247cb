"""Parts that charts are put together from: scales, direct labels, keys, break lines, text at measured places.

Room for every label is measured with the shipped font before anything is drawn, so that a drawing is exactly as wide as
its layout and nothing is clipped or overlaps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import altair as alt
import pandas as pd

from popbook.exhibits.fonts import text_width, wrap_text
from popbook.exhibits.model import Layout
from popbook.exhibits.specs import layer_spec
from popbook.exhibits.theme import (
    AXIS,
    COLOURS,
    INK,
    MUTED,
    PAPER,
    config,
    text_colour,
    type_scale,
)

LABEL_GAP = 8
LABEL_SPACE = 5
MARGIN = 2
LINE_HEIGHT = 1.45
TITLE_GAP = 8
HALO = 3.5
ROW_HEIGHT = 25


@dataclass(frozen=True)
class BreakLine:
    """A break of a series as a chart shows it: a dotted vertical between ``year - 1`` and ``year``, with its name."""

    year: float
    name: str


@dataclass(frozen=True)
class Level:
    """A horizontal line at a value, with its name (a target, a threshold)."""

    value: float
    name: str


@dataclass(frozen=True)
class EndLabel:
    """Direct label at the end of a line."""

    y: float
    lines: tuple[str, ...]
    colour: str


def rows_of(frame: pd.DataFrame, columns: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows of a frame under short ASCII field names, without rows whose value is missing.

    Chinese column names with brackets and points would be read as paths by Vega; short names also keep pages light.
    """
    part = frame[list(columns.values())]
    rows = []
    for values in part.itertuples(index=False, name=None):
        row: dict[str, Any] = {}
        for key, value in zip(columns, values, strict=True):
            if value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NA:
                row[key] = None
            elif isinstance(value, bool | str):
                row[key] = value
            else:
                number = float(value)
                row[key] = int(number) if number.is_integer() else round(number, 6)
        rows.append(row)
    return rows


def values_of(rows: Iterable[Mapping[str, Any]], *keys: str) -> list[float]:
    """Return the known values of rows under the given keys.

    Raises
    ------
    ValueError
        If there is none: a chart of nothing is not drawn, the chapter says 未公布 instead.
    """
    values = [float(row[key]) for row in rows for key in keys if row.get(key) is not None]
    if not values:
        raise ValueError("nothing to draw: every value is missing")
    return values


def marks(rows: Iterable[Mapping[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return round tick values that enclose an interval (1, 2, 2.5 or 5 times a power of ten apart).

    Examples
    --------
    >>> nice_ticks(713, 1262)
    [600.0, 800.0, 1000.0, 1200.0, 1400.0]
    """
    if high <= low:
        high = low + max(abs(low) * 0.1, 1.0)
    raw = (high - low) / max(count - 1, 1)
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def year_ticks(first: int, last: int, width: float, size: float) -> list[int]:
    """Return the years printed under an axis, as many as stand apart at a width in pixels; the last one always.

    Examples
    --------
    >>> year_ticks(2010, 2024, 240, 11)
    [2010, 2015, 2020, 2024]
    """
    room = width / max(last - first, 1)
    needed = text_width("2020", size) + 10
    step = next((s for s in (1, 2, 5, 10, 20) if s * room >= needed), 50)
    if step == 2:
        return list(range(last, first - 1, -2))[::-1]
    ticks = [year for year in range(first, last) if year % step == 0]
    while ticks and (last - ticks[-1]) * room < needed:
        ticks.pop()
    return [*ticks, last]


def linear(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """Return the scale that takes low to start and high to end.

    Examples
    --------
    >>> linear(0, 10, 100, 0)(2.5)
    75.0
    """
    span = (high - low) or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def decimals_of(ticks: Sequence[float]) -> int:
    return next((d for d in range(4) if all(abs(t - round(t, d)) < 1e-9 for t in ticks)), 4)


def axis_extent(labels: Iterable[str], size: float) -> int:
    return math.ceil(max((text_width(label, size) for label in labels), default=0)) + 7 + MARGIN


def spread(positions: Sequence[float], gaps: Sequence[float], low: float, high: float) -> list[float]:
    """Return positions moved apart so that labels of given heights do not overlap, each as near as can be.

    Parameters
    ----------
    positions
        Wanted centres in pixels.
    gaps
        Height of each label in pixels.
    low, high
        Bounds of the centres in pixels.

    Examples
    --------
    >>> spread([10, 12, 50], [16, 16, 16], 0, 100)
    [3.0, 19.0, 50.0]
    """
    order = sorted(range(len(positions)), key=lambda i: (positions[i], i))
    # Blocks of touching labels are moved as one around the mean of their wanted places.
    blocks: list[list[int]] = [[i] for i in order]

    def extent(block: list[int]) -> tuple[float, float]:
        offsets = _offsets(block, gaps)
        start = sum(positions[i] - offset for i, offset in zip(block, offsets, strict=True)) / len(block)
        start = min(max(start, low), max(high - offsets[-1], low))
        return start, start + offsets[-1]

    moved = True
    while moved:
        moved = False
        for k in range(len(blocks) - 1):
            _, end = extent(blocks[k])
            start, _ = extent(blocks[k + 1])
            if start - end < (gaps[blocks[k][-1]] + gaps[blocks[k + 1][0]]) / 2 - 1e-9:
                blocks[k : k + 2] = [blocks[k] + blocks[k + 1]]
                moved = True
                break
    result = [0.0] * len(positions)
    for block in blocks:
        start, _ = extent(block)
        for i, offset in zip(block, _offsets(block, gaps), strict=True):
            result[i] = round(start + offset, 2)
    return result


def _offsets(block: Sequence[int], gaps: Sequence[float]) -> list[float]:
    offsets = [0.0]
    for before, here in zip(block, block[1:], strict=False):
        offsets.append(offsets[-1] + (gaps[before] + gaps[here]) / 2)
    return offsets


def at_pixels(chart: alt.Chart, x: str | None = "px", y: str | None = "py") -> alt.Chart:
    """Place marks by pixel instead of by value."""
    encoding: dict[str, Any] = {}
    if x:
        encoding["x"] = alt.X(f"{x}:Q", scale=None, axis=None)
    if y:
        encoding["y"] = alt.Y(f"{y}:Q", scale=None, axis=None)
    return chart.encode(**encoding)


def text_layer(rows: Sequence[Mapping[str, Any]], **mark: Any) -> alt.Chart:
    """Text at pixel places; each row has px, py, t and c (colour)."""
    mark = {"align": "left", "baseline": "middle", **mark}
    return at_pixels(marks(rows).mark_text(**mark)).encode(
        # A channel named by a bare string is looked up among all classes of the schema, 7 ms each time.
        text=alt.Text("t:N"),
        color=alt.Color("c:N", scale=None, legend=None),
    )


def haloed(rows: Sequence[Mapping[str, Any]], **mark: Any) -> list[alt.Chart]:
    """Text on a rim of paper, legible where it stands over lines and bars."""
    rim = text_layer(
        [{**row, "c": PAPER} for row in rows], **mark, stroke=PAPER, strokeWidth=3.5, strokeJoin="round"
    )
    return [rim, text_layer(rows, **mark)]


def key_layers(
    items: Sequence[tuple[str, str, str]], left: float, width: float, size: float
) -> tuple[list[alt.Chart], int]:
    """Return the layers of a key in rows above the plot, and its height.

    Parameters
    ----------
    items
        (shape, colour, text) with shape ``square``, ``line``, ``dash``, ``ring``, ``dot``, ``diamond``, ``outline``.
    left
        Where the key begins, in pixels relative to the plot.
    width
        Width the rows may take.
    size
        Font size.
    """
    if not items:
        return [], 0
    line, swatch, x, row = round(size * 1.75), 14.0, 0.0, 0
    placed: list[tuple[str, str, str, float, int]] = []
    for shape, colour, text in items:
        room = swatch + 5 + text_width(text, size) + 16
        if x and x + room - 16 > width:
            x, row = 0.0, row + 1
        placed.append((shape, colour, text, x, row))
        x += room
    height = (row + 1) * line + 4
    layers: list[alt.Chart] = []
    texts = []
    for shape, colour, text, at, level in placed:
        px, py = left + MARGIN + at, -height + level * line + line / 2
        texts.append({"px": round(px + swatch + 5, 2), "py": py, "t": text, "c": INK})
        if shape in ("square", "outline"):
            fill = (
                {"fill": colour}
                if shape == "square"
                else {"fillOpacity": 0, "stroke": colour, "strokeWidth": 1.4}
            )
            layers.append(
                at_pixels(
                    marks([{"px": px, "py": py - 5, "qx": px + swatch, "qy": py + 5}]).mark_rect(**fill)
                ).encode(x2=alt.X2("qx:Q"), y2=alt.Y2("qy:Q"))
            )
        elif shape in ("line", "dash"):
            dash = [4, 3] if shape == "dash" else alt.Undefined
            layers.append(
                at_pixels(
                    marks([{"px": px, "py": py, "qx": px + swatch}]).mark_rule(
                        color=colour, strokeWidth=2, strokeDash=dash
                    )
                ).encode(x2=alt.X2("qx:Q"))
            )
        else:
            inside = PAPER if shape == "ring" else colour
            layers.append(
                at_pixels(
                    marks([{"px": px + swatch / 2, "py": py}]).mark_point(
                        shape="diamond" if shape == "diamond" else "circle",
                        filled=True,
                        fill=inside,
                        stroke=colour,
                        strokeWidth=1.6,
                        size=52,
                        opacity=1,
                    )
                )
            )
    return [*layers, text_layer(texts, fontSize=size)], height


def end_labels(
    labels: Sequence[EndLabel], x: float, height: float, size: float, top: float = 0
) -> list[alt.Chart]:
    """Return the direct labels at the line ends, moved apart where they would overlap."""
    if not labels:
        return []
    line = size * 1.28
    centres = spread(
        [label.y for label in labels],
        [len(label.lines) * line + LABEL_SPACE for label in labels],
        top,
        height,
    )
    rows = []
    for label, centre in zip(labels, centres, strict=True):
        for i, text in enumerate(label.lines):
            y = centre + (i - (len(label.lines) - 1) / 2) * line
            rows.append({"px": round(x, 2), "py": round(y, 2), "t": text, "c": text_colour(label.colour)})
    return [text_layer(rows, fontSize=size, fontWeight="bold")]


def label_lines(name: str, value: str, layout: Layout, size: float, room: float) -> tuple[str, ...]:
    """Return a direct label as one line, or name over value where the margin is narrow."""
    one = f"{name} {value}".strip()
    if text_width(one, size, "bold") <= room or not name or not value:
        return (one,) if text_width(one, size, "bold") <= room else tuple(wrap_text(one, room, size, "bold"))
    return (*wrap_text(name, room, size, "bold"), value)


def break_layers(
    breaks: Sequence[BreakLine],
    x_pixel: Callable[[float], float],
    left: float,
    right: float,
    height: float,
    size: float,
) -> tuple[list[alt.Chart], int]:
    """Return dotted verticals with their names above the plot, and the height the names take.

    A name that would run into its neighbour goes to a row of its own.
    """
    if not breaks:
        return [], 0
    line = round(size * 1.5)
    rows_end: list[float] = []
    rows: list[dict[str, Any]] = []
    places: list[tuple[float, int]] = []
    for item in sorted(breaks, key=lambda b: b.year):
        x = x_pixel(item.year - 0.5)
        width = text_width(item.name, size)
        start = min(max(x - width / 2, left), right - width)
        row = next((i for i, end in enumerate(rows_end) if start > end + 10), len(rows_end))
        if row == len(rows_end):
            rows_end.append(0)
        rows_end[row] = start + width
        rows.append({"px": round(start, 2), "row": row, "t": item.name, "c": MUTED})
        places.append((x, row))
    height_of_names = len(rows_end) * line + 4
    for entry in rows:
        entry["py"] = -height_of_names + entry.pop("row") * line + line / 2
    rules = [
        {"px": round(x, 2), "py": -height_of_names + (row + 1) * line, "qy": height} for x, row in places
    ]
    rule = at_pixels(
        marks(rules).mark_rule(color=AXIS, strokeDash=[1.5, 3], strokeWidth=1.3, strokeCap="round")
    )
    return [rule.encode(y2=alt.Y2("qy:Q")), *haloed(rows, fontSize=size)], height_of_names


def compose(
    layers: Sequence[alt.Chart],
    layout: Layout,
    *,
    height: float,
    left: float,
    right: float,
    top: float = 6,
    bottom: float | None = None,
) -> alt.LayerChart:
    """Put layers into one view whose drawing is exactly as wide as the layout.

    Parameters
    ----------
    layers
        Layers in drawing order.
    layout
        Layout to draw for.
    height
        Height of the plot.
    left, right, top, bottom
        Room around the plot for axis labels, direct labels, keys and break names; the bottom defaults to one line of
        axis labels.
    """
    below = round(type_scale(layout).label * 1.9 + 2) if bottom is None else bottom
    made = alt.LayerChart(
        width=layout.width - left - right,
        height=round(height),
        padding={"left": left, "right": right, "top": top, "bottom": below},
        autosize=alt.AutoSizeParams(type="none"),
    )
    # Set and not passed: Altair copies what is passed four times over, to merge selections that these charts do not have.
    made.layer = list(layers)
    return made


def framed_specs(
    chart: alt.LayerChart, titles: Sequence[str], subtitle: str, layout: Layout
) -> list[dict[str, Any]]:
    """Return Vega-Lite specifications of the chart with wrapped title and subtitle and the shared configuration.

    Chinese has no spaces a converter could break at, so lines are broken here by measured width, and set as text at
    measured places, because the converter's own titles move with whatever else stands above the plot.

    Parameters
    ----------
    chart
        Chart made by :func:`compose`.
    titles
        Finding, for each specification; may be "".
    subtitle
        Measure with unit and concept; may be "".
    layout
        Layout the chart was drawn for.
    """
    datasets: dict[str, Any] = {}
    drawn = [layer_spec(layer, datasets) for layer in chart.layer]
    return [_framed(chart, title, subtitle, layout, drawn, datasets) for title in titles]


@cache
def _frame(layout: Layout) -> dict[str, Any]:
    """Return what all specifications of a layout have in common, in the order in which Altair writes it."""
    empty = compose([], layout, height=0, left=0, right=0)
    empty["config"] = config(layout)
    return empty.to_dict(validate=False)


def _framed(
    chart: alt.LayerChart,
    title: str,
    subtitle: str,
    layout: Layout,
    drawn: Sequence[dict[str, Any]],
    datasets: Mapping[str, Any],
) -> dict[str, Any]:
    sizes = type_scale(layout)
    width = layout.width - 2 * MARGIN
    padding = dict(chart.padding)
    x, y = MARGIN - padding["left"], -float(padding["top"])
    lines: list[tuple[str, float, float, str, str]] = []
    for text, size, weight, colour in (
        (title, sizes.title, "bold", INK),
        (subtitle, sizes.subtitle, "normal", MUTED),
    ):
        for line in wrap_text(text, width, size, "bold" if weight == "bold" else "regular") if text else []:
            lines.append((line, size, round(size * LINE_HEIGHT, 1), weight, colour))
    block = sum(line[2] for line in lines) + (TITLE_GAP if lines else 0)
    y -= block
    layers = []
    for text, size, line_height, weight, colour in lines:
        layers.append(
            text_layer(
                [{"px": x, "py": round(y + line_height / 2, 2), "t": text, "c": colour}],
                fontSize=size,
                fontWeight=weight,
            )
        )
        y += line_height
    words: dict[str, Any] = {}
    shown = [*(layer_spec(layer, words) for layer in layers), *drawn]
    return {
        **_frame(layout),
        "layer": shown,
        "height": chart.height,
        "padding": {**padding, "top": round(padding["top"] + block)},
        "width": chart.width,
        "datasets": {**words, **datasets},
    }


def year_axis(years: Sequence[int], **more: Any) -> alt.Axis:
    return alt.Axis(values=list(years), format="d", title=None, grid=False, **more)


def value_axis(
    ticks: Sequence[float], extent: int, decimals: int | None = None, signed: bool = False
) -> alt.Axis:
    digits = decimals_of(ticks) if decimals is None else decimals
    return alt.Axis(
        values=list(ticks),
        format=f"{'+' if signed else ''}.{digits}f",
        title=None,
        minExtent=extent,
        maxExtent=extent,
        labelOverlap=False,
    )


def end_text(
    names: Mapping[str, str], name: str, value: str, layout: Layout, size: float, limit: float
) -> tuple[tuple[str, ...], float]:
    lines = label_lines(names.get(name, name), value, layout, size, limit)
    return lines, max(text_width(line, size, "bold") for line in lines)


def zero_rule(y: float, width: float) -> alt.Chart:
    return at_pixels(
        marks([{"px": 0, "py": round(y, 2), "qx": width}]).mark_rule(color=AXIS, strokeWidth=1)
    ).encode(x2=alt.X2("qx:Q"))


def level_layers(
    levels: Sequence[Level],
    y_pixel: Callable[[float], float],
    width: float,
    height: float,
    size: float,
    lines: Sequence[Sequence[tuple[float, float]]] = (),
) -> list[alt.Chart]:
    """Return horizontal lines, each with its name inside the plot where it meets as few other lines as possible."""
    if not levels:
        return []
    rules, texts = [], []
    for level in levels:
        y = y_pixel(level.value)
        room = text_width(level.name, size)
        rules.append({"px": 0, "py": round(y, 2), "qx": width})
        places = [(x, y + dy * size) for dy in (-0.8, 0.9) for x in (4, width - room - 4, (width - room) / 2)]
        inside = [place for place in places if size * 0.6 <= place[1] <= height - size * 0.6] or places
        left, middle = min(
            inside,
            key=lambda place: sum(
                line_crosses(
                    line, place[0] - 2, place[0] + room + 2, place[1] - size * 0.7, place[1] + size * 0.7
                )
                for line in lines
            ),
        )
        texts.append(
            {"px": round(left, 2), "py": round(middle, 2), "t": level.name, "c": text_colour(COLOURS["plan"])}
        )
    rule = at_pixels(marks(rules).mark_rule(color=COLOURS["plan"], strokeWidth=1.3, strokeDash=[6, 3]))
    return [rule.encode(x2=alt.X2("qx:Q")), *haloed(texts, fontSize=size)]


def free_place(
    x: float, y: float, width: float, size: float, lines: Sequence[Sequence[tuple[float, float]]], plot: float
) -> tuple[float, float]:
    """Return where a label near a point begins (left, middle) so that it crosses as few lines as possible."""
    best: tuple[int, float, float, float] | None = None
    for dy in (-1.3, 1.5, -2.4, 2.6, -3.6, 3.8, 5.2, 6.6):
        for dx in (-width - 4, -width / 2, 4):
            left, middle = x + dx, y + dy * size
            if not (left >= 0 and size < middle < plot - size):
                continue
            crossings = sum(
                line_crosses(line, left - 2, left + width + 2, middle - size * 0.75, middle + size * 0.75)
                for line in lines
            )
            candidate = (crossings, abs(dy) + abs(dx + width / 2) / (width * 4), left, middle)
            if best is None or candidate < best:
                best = candidate
    if best is None:
        return round(x - width - 4, 2), round(y - 1.3 * size, 2)
    return round(best[2], 2), round(best[3], 2)


def line_crosses(
    line: Sequence[tuple[float, float]], left: float, right: float, top: float, bottom: float
) -> bool:
    """Whether a polyline touches a rectangle, looked at every two pixels."""
    for (x0, y0), (x1, y1) in zip(line, line[1:], strict=False):
        steps = max(int(max(abs(x1 - x0), abs(y1 - y0)) / 2), 1)
        for k in range(steps + 1):
            x, y = x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps
            if left <= x <= right and top <= y <= bottom:
                return True
    return False


def moved_down(layer: alt.Chart, dy: float) -> alt.Chart:
    """Return a layer placed by pixels, moved down by ``dy``."""
    values = [
        {k: (round(v + dy, 2) if k in ("py", "qy") else v) for k, v in row.items()}
        for row in layer.data.values
    ]
    moved = layer.copy()
    moved.data = alt.InlineData(values=values)
    return moved


def moved_right(layer: alt.Chart, dx: float) -> alt.Chart:
    """Return a layer placed by pixels, moved right by ``dx``."""
    values = [
        {k: (round(v + dx, 2) if k in ("px", "qx") else v) for k, v in row.items()}
        for row in layer.data.values
    ]
    moved = layer.copy()
    moved.data = alt.InlineData(values=values)
    return moved
