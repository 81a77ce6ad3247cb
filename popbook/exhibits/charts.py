"""The few kinds of chart the report needs, each drawn for the desktop and for the phone.

Every function takes a tidy frame and a :class:`~popbook.exhibits.model.Layout` and returns an Altair chart whose drawing
is exactly as wide as the layout: room for axis labels and direct labels is measured with the shipped font, so that
nothing is clipped and nothing overlaps. Chapters choose a kind and name the columns; they never style.

Rules kept here: light horizontal grid only, one y axis, direct labels instead of legends, bars from zero, no line
across a break, the last value printed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from popbook.exhibits.fonts import text_width, wrap_text
from popbook.exhibits.model import Layout
from popbook.exhibits.theme import (
    AXIS,
    COLOURS,
    DARK_TEXT_ON_SEQUENCE,
    GRID,
    INK,
    MUTED,
    PAPER,
    SEQUENCE,
    TINT_80,
    TINT_95,
    mix,
    plot_height,
    text_colour,
    type_scale,
)

Chart = alt.Chart | alt.LayerChart
LABEL_GAP = 8
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
class _Label:
    """Direct label at the end of a line."""

    y: float
    lines: tuple[str, ...]
    colour: str


def _number(value: float, decimals: int, signed: bool = False) -> str:
    text = f"{value:{'+' if signed else ''}.{decimals}f}".replace("-", "−")
    return text.lstrip("+−") if float(f"{value:.{decimals}f}") == 0 else text


def _records(frame: pd.DataFrame, columns: Mapping[str, str]) -> list[dict[str, Any]]:
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


def _data(rows: Iterable[Mapping[str, Any]]) -> alt.Chart:
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
    """Return the years printed under an axis, as many as stand apart at a width in pixels."""
    room = width / max(last - first, 1)
    needed = text_width("2020", size) + 10
    step = next((s for s in (1, 2, 5, 10, 20) if s * room >= needed), 50)
    if step == 2:
        return list(range(last, first - 1, -2))[::-1]
    return [year for year in range(first, last + 1) if year % step == 0]


def _decimals_of(ticks: Sequence[float]) -> int:
    return next((d for d in range(4) if all(abs(t - round(t, d)) < 1e-9 for t in ticks)), 4)


def _axis_extent(labels: Iterable[str], size: float) -> int:
    return math.ceil(max((text_width(label, size) for label in labels), default=0)) + 7


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


def _pixels(chart: alt.Chart, x: str | None = "px", y: str | None = "py") -> alt.Chart:
    """Place marks by pixel instead of by value."""
    encoding: dict[str, Any] = {}
    if x:
        encoding["x"] = alt.X(f"{x}:Q", scale=None, axis=None)
    if y:
        encoding["y"] = alt.Y(f"{y}:Q", scale=None, axis=None)
    return chart.encode(**encoding)


def _texts(rows: Sequence[Mapping[str, Any]], **mark: Any) -> alt.Chart:
    """Text at pixel places; each row has px, py, t and c (colour)."""
    mark = {"align": "left", "baseline": "middle", **mark}
    return _pixels(_data(rows).mark_text(**mark)).encode(
        text="t:N", color=alt.Color("c:N", scale=None, legend=None)
    )


def _key(
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
        px, py = left + at, -height + level * line + line / 2
        texts.append({"px": round(px + swatch + 5, 2), "py": py, "t": text, "c": INK})
        if shape in ("square", "outline"):
            fill = (
                {"fill": colour}
                if shape == "square"
                else {"fillOpacity": 0, "stroke": colour, "strokeWidth": 1.4}
            )
            layers.append(
                _pixels(
                    _data([{"px": px, "py": py - 5, "qx": px + swatch, "qy": py + 5}]).mark_rect(**fill)
                ).encode(x2=alt.X2("qx:Q"), y2=alt.Y2("qy:Q"))
            )
        elif shape in ("line", "dash"):
            dash = {"strokeDash": [4, 3]} if shape == "dash" else {}
            layers.append(
                _pixels(
                    _data([{"px": px, "py": py, "qx": px + swatch}]).mark_rule(
                        color=colour, strokeWidth=2, **dash
                    )
                ).encode(x2=alt.X2("qx:Q"))
            )
        else:
            fill = PAPER if shape == "ring" else colour
            layers.append(
                _pixels(
                    _data([{"px": px + swatch / 2, "py": py}]).mark_point(
                        shape="diamond" if shape == "diamond" else "circle",
                        filled=True,
                        fill=fill,
                        stroke=colour,
                        strokeWidth=1.6,
                        size=52,
                        opacity=1,
                    )
                )
            )
    return [*layers, _texts(texts, fontSize=size)], height


def _end_labels(
    labels: Sequence[_Label], x: float, height: float, size: float, top: float = 0
) -> list[alt.Chart]:
    """Return the direct labels at the line ends, moved apart where they would overlap."""
    if not labels:
        return []
    line = size * 1.28
    centres = spread(
        [label.y for label in labels], [len(label.lines) * line + 3 for label in labels], top, height
    )
    rows = []
    for label, centre in zip(labels, centres, strict=True):
        for i, text in enumerate(label.lines):
            y = centre + (i - (len(label.lines) - 1) / 2) * line
            rows.append({"px": round(x, 2), "py": round(y, 2), "t": text, "c": text_colour(label.colour)})
    return [_texts(rows, fontSize=size, fontWeight="bold")]


def _label_lines(name: str, value: str, layout: Layout, size: float, room: float) -> tuple[str, ...]:
    """Return a direct label as one line, or name over value where the margin is narrow."""
    one = f"{name} {value}".strip()
    if text_width(one, size, "bold") <= room or not name or not value:
        return (one,) if text_width(one, size, "bold") <= room else tuple(wrap_text(one, room, size, "bold"))
    return (*wrap_text(name, room, size, "bold"), value)


def _break_layers(
    breaks: Sequence[BreakLine], x_pixel: Any, left: float, right: float, height: float, size: float
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
    rule = _pixels(
        _data(rules).mark_rule(color=MUTED, strokeDash=[1.5, 3], strokeWidth=1.3, strokeCap="round")
    )
    return [rule.encode(y2=alt.Y2("qy:Q")), _texts(rows, fontSize=size)], height_of_names


def _finish(
    layers: Sequence[alt.Chart],
    layout: Layout,
    *,
    height: float,
    left: float,
    right: float,
    top: float = 6,
    bottom: float | None = None,
) -> alt.LayerChart:
    """Put layers into one view whose drawing is exactly as wide as the layout."""
    below = round(type_scale(layout).label * 1.9 + 2) if bottom is None else bottom
    chart: alt.LayerChart = alt.layer(*layers).properties(
        width=layout.width - left - right,
        height=height,
        padding={"left": left, "right": right, "top": top, "bottom": below},
        autosize=alt.AutoSizeParams(type="none"),
    )
    return chart


def _year_axis(years: Sequence[int], **more: Any) -> alt.Axis:
    return alt.Axis(values=list(years), format="d", title=None, grid=False, **more)


def _value_axis(
    ticks: Sequence[float], extent: int, decimals: int | None = None, signed: bool = False
) -> alt.Axis:
    digits = _decimals_of(ticks) if decimals is None else decimals
    return alt.Axis(
        values=list(ticks),
        format=f"{'+' if signed else ''}.{digits}f",
        title=None,
        minExtent=extent,
        maxExtent=extent,
        labelOverlap=False,
    )


def line_chart(
    frame: pd.DataFrame,
    layout: Layout,
    *,
    y: str,
    colours: Mapping[str, str] | str,
    x: str = "年份",
    series: str = "",
    segment: str = "",
    unit: str = "",
    decimals: int = 1,
    breaks: Sequence[BreakLine] = (),
    paths: pd.DataFrame | None = None,
    levels: Sequence[Level] = (),
    zero: bool = False,
    points: bool | None = None,
    names: Mapping[str, str] | None = None,
    height: int | None = None,
) -> alt.LayerChart:
    """Draw annual series as lines with direct labels and the last value printed.

    Parameters
    ----------
    frame
        One row per year and series; missing values leave a gap.
    layout
        Drawing to make.
    y, x, series, segment
        Columns: value, year, series name ("" for one series), and a column whose changes cut the line ("" where the
        series has no break). Lines never run from one segment to the next.
    colours
        Colour by series name, or one colour.
    unit, decimals
        Unit and digits of the value, for the tooltip and the end label.
    breaks
        Breaks to mark.
    paths
        Plan paths drawn thin and grey under the series: the same ``x``, ``y`` and a column ``名称``.
    levels
        Horizontal lines with names.
    zero
        Whether the axis begins at zero.
    points
        Whether each year carries a point; default where there is room.
    names
        Shorter series names for the end labels.

    Returns
    -------
    alt.LayerChart
        Chart without title.
    """
    sizes = type_scale(layout)
    plot = height or plot_height("line", layout)
    work = frame.assign(_s=frame[series] if series else "", _g=frame[segment] if segment else "")
    rows = _records(work, {"x": x, "y": y, "s": "_s", "g": "_g"})
    path_rows = _records(paths, {"x": x, "y": y, "s": "名称"}) if paths is not None else []
    colour_of = (lambda s: colours) if isinstance(colours, str) else colours.__getitem__
    known = [row for row in rows if row["y"] is not None]
    values = [row["y"] for row in [*known, *path_rows]] + [level.value for level in levels]
    ticks = nice_ticks(min(0, *values) if zero else min(values), max(values), 5 if layout.is_narrow else 6)
    left = _axis_extent([_number(t, _decimals_of(ticks)) for t in ticks], sizes.label)
    first, last = int(min(r["x"] for r in [*rows, *path_rows])), int(max(r["x"] for r in [*rows, *path_rows]))

    limit = 92 if layout.is_narrow else 150
    shown = list(dict.fromkeys(row["s"] for row in known))
    ends = [(name, max((r for r in known if r["s"] == name), key=lambda r: r["x"])) for name in shown]
    path_names = list(dict.fromkeys(row["s"] for row in path_rows))
    path_ends = [
        (name, max((r for r in path_rows if r["s"] == name), key=lambda r: r["x"])) for name in path_names
    ]
    texts = [
        (
            *_end_text(names or {}, name, _number(row["y"], decimals), layout, sizes.label, limit),
            row,
            colour_of(name),
        )
        for name, row in ends
    ] + [
        (*_end_text({}, name, _number(row["y"], decimals), layout, sizes.label, limit), row, COLOURS["plan"])
        for name, row in path_ends
    ]
    right = math.ceil(max(width for _, width, _, _ in texts)) + LABEL_GAP + 4
    width = layout.width - left - right
    margin = min(0.5, (last - first) * 0.02 + 0.15)
    domain = [first - margin, last + margin]

    def x_pixel(value: float) -> float:
        return (value - domain[0]) / (domain[1] - domain[0]) * width

    def y_pixel(value: float) -> float:
        return plot - (value - ticks[0]) / (ticks[-1] - ticks[0]) * plot

    x_encoding = alt.X(
        "x:Q",
        scale=alt.Scale(domain=domain, nice=False, zero=False),
        axis=_year_axis(year_ticks(first, last, width, sizes.label)),
    )
    y_encoding = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[ticks[0], ticks[-1]], nice=False, zero=False),
        axis=_value_axis(ticks, left),
    )
    title = f"{y}（{unit}）" if unit and unit not in y else y
    tooltip = [
        alt.Tooltip("x:Q", title=x, format="d"),
        alt.Tooltip("y:Q", title=title, format=f".{decimals}f"),
    ]
    if series:
        tooltip.insert(0, alt.Tooltip("s:N", title=series))
    show_points = points if points is not None else width / max(last - first, 1) >= 11
    layers: list[alt.Chart] = []
    if ticks[0] < 0 < ticks[-1]:
        layers.append(_zero_rule(y_pixel(0), width))
    for name in path_names:
        part = [row for row in path_rows if row["s"] == name]
        layers.append(
            _data(part)
            .mark_line(color=COLOURS["plan"], strokeWidth=1.2, strokeDash=[5, 3])
            .encode(x=x_encoding, y=y_encoding)
        )
    layers += _level_layers(levels, y_pixel, width, sizes.label)
    for name in shown:
        part = [row for row in rows if row["s"] == name]
        drawn = _data(part).encode(x=x_encoding, y=y_encoding)
        layers.append(
            drawn.mark_line(color=colour_of(name), strokeWidth=2.2, strokeJoin="round").encode(
                detail="g:N", order="x:Q"
            )
        )
        seen = [row for row in part if row["y"] is not None]
        marked = seen if show_points else [max(seen, key=lambda r: r["x"])]
        layers.append(
            _data(marked)
            .mark_point(
                filled=True,
                fill=colour_of(name),
                stroke=PAPER,
                strokeWidth=1,
                size=30 if layout.is_narrow else 38,
                opacity=1,
            )
            .encode(x=x_encoding, y=y_encoding, tooltip=tooltip)
        )
    break_layers, above = _break_layers(breaks, x_pixel, -left, width + right, plot, sizes.label)
    labels = [_Label(y_pixel(row["y"]), lines, colour) for lines, _, row, colour in texts]
    return _finish(
        [*break_layers, *layers, *_end_labels(labels, width + LABEL_GAP, plot, sizes.label)],
        layout,
        height=plot,
        left=left,
        right=right,
        top=above + 6,
    )


def _end_text(
    names: Mapping[str, str], name: str, value: str, layout: Layout, size: float, limit: float
) -> tuple[tuple[str, ...], float]:
    lines = _label_lines(names.get(name, name), value, layout, size, limit)
    return lines, max(text_width(line, size, "bold") for line in lines)


def _zero_rule(y: float, width: float) -> alt.Chart:
    return _pixels(
        _data([{"px": 0, "py": round(y, 2), "qx": width}]).mark_rule(color=AXIS, strokeWidth=1)
    ).encode(x2=alt.X2("qx:Q"))


def _level_layers(levels: Sequence[Level], y_pixel: Any, width: float, size: float) -> list[alt.Chart]:
    """Return horizontal lines with names above their left end."""
    if not levels:
        return []
    rules = [{"px": 0, "py": round(y_pixel(level.value), 2), "qx": width} for level in levels]
    texts = [
        {
            "px": 4,
            "py": round(y_pixel(level.value) - size * 0.75, 2),
            "t": level.name,
            "c": text_colour(COLOURS["plan"]),
        }
        for level in levels
    ]
    rule = _pixels(_data(rules).mark_rule(color=COLOURS["plan"], strokeWidth=1.3, strokeDash=[6, 3]))
    return [rule.encode(x2=alt.X2("qx:Q")), _texts(texts, fontSize=size)]


def fan_chart(
    actual: pd.DataFrame,
    forecast: pd.DataFrame,
    layout: Layout,
    *,
    y: str,
    x: str = "年份",
    median: str = "预测中位数",
    bands: Mapping[str, tuple[str, str]] | None = None,
    paths: pd.DataFrame | None = None,
    benchmark: pd.DataFrame | None = None,
    segment: str = "",
    unit: str = "",
    decimals: int = 1,
    breaks: Sequence[BreakLine] = (),
    colour: str = COLOURS["forecast"],
    actual_colour: str = COLOURS["actual"],
    height: int | None = None,
) -> alt.LayerChart:
    """Draw actuals, a forecast with its 80 % and 95 % bands, the plan's paths and a benchmark.

    Parameters
    ----------
    actual
        Columns ``x`` and ``y`` (and ``segment``).
    forecast
        Columns ``x``, ``median`` and the bounds named in ``bands``; the first row may repeat the last actual.
    layout
        Drawing to make.
    bands
        Bounds by name, widest first; default ``{"95%": ("下限95", "上限95"), "80%": ("下限80", "上限80")}``.
    paths
        Plan paths: ``x``, ``y`` and ``名称``; thin grey lines with their names.
    benchmark
        Benchmark forecast: ``x``, ``y`` and ``名称``; a thin dashed line in the forecast's colour.
    unit, decimals, breaks, segment
        As in :func:`line_chart`.
    colour, actual_colour
        Colour of forecast and of actuals.

    Returns
    -------
    alt.LayerChart
        Chart without title.
    """
    sizes = type_scale(layout)
    plot = height or plot_height("fan", layout)
    intervals = dict(bands or {"95%": ("下限95", "上限95"), "80%": ("下限80", "上限80")})
    fields = {"x": x, "m": median}
    for i, (low, high) in enumerate(intervals.values()):
        fields |= {f"l{i}": low, f"h{i}": high}
    ahead = _records(forecast, fields)
    rows = _records(actual.assign(_g=actual[segment] if segment else ""), {"x": x, "y": y, "g": "_g"})
    seen = [row for row in rows if row["y"] is not None]
    path_rows = _records(paths, {"x": x, "y": y, "s": "名称"}) if paths is not None else []
    bench_rows = _records(benchmark, {"x": x, "y": y, "s": "名称"}) if benchmark is not None else []
    values = [row["y"] for row in [*seen, *path_rows, *bench_rows]]
    values += [row[key] for row in ahead for key in row if key != "x" and row[key] is not None]
    ticks = nice_ticks(min(values), max(values), 6)
    left = _axis_extent([_number(t, _decimals_of(ticks)) for t in ticks], sizes.label)
    every = [*rows, *ahead, *path_rows, *bench_rows]
    first, last = int(min(r["x"] for r in every)), int(max(r["x"] for r in every))

    limit = 84 if layout.is_narrow else 130
    ends: list[tuple[str, float, str]] = [("预测", ahead[-1]["m"], colour)]
    for group, hue in ((path_rows, COLOURS["plan"]), (bench_rows, colour)):
        for name in dict.fromkeys(row["s"] for row in group):
            end = max((r for r in group if r["s"] == name), key=lambda r: r["x"])
            ends.append((name, end["y"], hue))
    texts = [
        (*_end_text({}, n, _number(v, decimals), layout, sizes.label, limit), v, hue) for n, v, hue in ends
    ]
    right = math.ceil(max(width for _, width, _, _ in texts)) + LABEL_GAP + 4
    width = layout.width - left - right
    domain = [first - 0.3, last + 0.3]

    def x_pixel(value: float) -> float:
        return (value - domain[0]) / (domain[1] - domain[0]) * width

    def y_pixel(value: float) -> float:
        return plot - (value - ticks[0]) / (ticks[-1] - ticks[0]) * plot

    x_encoding = alt.X(
        "x:Q",
        scale=alt.Scale(domain=domain, nice=False, zero=False),
        axis=_year_axis(year_ticks(first, last, width, sizes.label)),
    )
    scale = alt.Scale(domain=[ticks[0], ticks[-1]], nice=False, zero=False)
    y_axis = _value_axis(ticks, left)

    def y_of(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=scale, axis=y_axis)

    suffix = f"（{unit}）" if unit else ""
    year = alt.Tooltip("x:Q", title=x, format="d")
    layers: list[alt.Chart] = []
    shades = [TINT_95, TINT_80] if len(intervals) == 2 else [TINT_80]
    for i, shade in zip(range(len(intervals)), shades, strict=True):
        layers.append(
            _data(ahead)
            .mark_area(color=mix(colour, shade))
            .encode(x=x_encoding, y=y_of(f"l{i}"), y2=alt.Y2(f"h{i}:Q"))
        )
    for name in dict.fromkeys(row["s"] for row in path_rows):
        layers.append(
            _data([row for row in path_rows if row["s"] == name])
            .mark_line(color=COLOURS["plan"], strokeWidth=1.2)
            .encode(x=x_encoding, y=y_of("y"), tooltip=alt.Undefined)
        )
    for name in dict.fromkeys(row["s"] for row in bench_rows):
        layers.append(
            _data([row for row in bench_rows if row["s"] == name])
            .mark_line(color=colour, strokeWidth=1.3, strokeDash=[2, 3])
            .encode(x=x_encoding, y=y_of("y"))
        )
    layers.append(
        _data(ahead)
        .mark_line(color=colour, strokeWidth=2.2, strokeDash=[6, 3])
        .encode(x=x_encoding, y=y_of("m"), order="x:Q")
    )
    band_tips = [
        tip
        for i, name in enumerate(intervals)
        for tip in (
            alt.Tooltip(f"l{i}:Q", title=f"{name}区间下限{suffix}", format=f".{decimals}f"),
            alt.Tooltip(f"h{i}:Q", title=f"{name}区间上限{suffix}", format=f".{decimals}f"),
        )
    ]
    layers.append(
        _data(ahead)
        .mark_point(
            filled=True,
            fill=colour,
            stroke=PAPER,
            strokeWidth=0.8,
            size=14 if layout.is_narrow else 22,
            opacity=1,
        )
        .encode(
            x=x_encoding,
            y=y_of("m"),
            tooltip=[year, alt.Tooltip("m:Q", title=f"{median}{suffix}", format=f".{decimals}f"), *band_tips],
        )
    )
    layers.append(
        _data(rows)
        .mark_line(color=actual_colour, strokeWidth=2.4, strokeJoin="round")
        .encode(x=x_encoding, y=y_of("y"), detail="g:N", order="x:Q")
    )
    layers.append(
        _data(seen)
        .mark_point(filled=True, fill=actual_colour, stroke=PAPER, strokeWidth=1, size=30, opacity=1)
        .encode(
            x=x_encoding,
            y=y_of("y"),
            tooltip=[year, alt.Tooltip("y:Q", title=f"{y}{suffix}", format=f".{decimals}f")],
        )
    )
    key: list[tuple[str, str, str]] = [("line", actual_colour, "实际"), ("dash", colour, "预测中位数")]
    key += [
        ("square", mix(colour, shade), f"{name}预测区间")
        for name, shade in zip(intervals, shades, strict=True)
    ][::-1]
    if path_rows:
        key.append(("line", COLOURS["plan"], "规划方案"))
    break_layers, above = _break_layers(breaks, x_pixel, -left, width + right, plot, sizes.label)
    key_layers, key_height = _key(key, -left, layout.width - 6, sizes.label)
    if above:
        key_layers = [_shift(layer, -above) for layer in key_layers]
    # The last actual is printed where the forecast leaves it: it is the number readers look for first.
    latest = max(seen, key=lambda r: r["x"])
    lines_drawn = [
        [(x_pixel(r["x"]), y_pixel(r[field])) for r in group if r[field] is not None]
        for group, field in [(seen, "y"), (ahead, "m"), (bench_rows, "y")]
        + [
            ([r for r in path_rows if r["s"] == name], "y")
            for name in dict.fromkeys(r["s"] for r in path_rows)
        ]
    ]
    lines_drawn += [[(x_pixel(b.year - 0.5), 0.0), (x_pixel(b.year - 0.5), float(plot))] for b in breaks]
    text = f"{latest['x']}年 {_number(latest['y'], decimals)}"
    px, py = _free_place(
        x_pixel(latest["x"]),
        y_pixel(latest["y"]),
        text_width(text, sizes.label, "bold"),
        sizes.label,
        lines_drawn,
        plot,
    )
    note = [{"px": px, "py": py, "t": text, "c": text_colour(actual_colour)}]
    labels = [_Label(y_pixel(v), lines, hue) for lines, _, v, hue in texts]
    return _finish(
        [
            *key_layers,
            *break_layers,
            *layers,
            _texts(note, fontSize=sizes.label, fontWeight="bold"),
            *_end_labels(labels, width + LABEL_GAP, plot, sizes.label),
        ],
        layout,
        height=plot,
        left=left,
        right=right,
        top=above + key_height + 6,
    )


def _free_place(
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
                _crosses(line, left - 2, left + width + 2, middle - size * 0.75, middle + size * 0.75)
                for line in lines
            )
            candidate = (crossings, abs(dy) + abs(dx + width / 2) / (width * 4), left, middle)
            if best is None or candidate < best:
                best = candidate
    if best is None:
        return round(x - width - 4, 2), round(y - 1.3 * size, 2)
    return round(best[2], 2), round(best[3], 2)


def _crosses(
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


def _shift(layer: alt.Chart, dy: float) -> alt.Chart:
    """Return a layer placed by pixels, moved down by ``dy``."""
    values = [
        {k: (round(v + dy, 2) if k in ("py", "qy") else v) for k, v in row.items()}
        for row in layer.data.values
    ]
    moved = layer.copy()
    moved.data = alt.InlineData(values=values)
    return moved


def bar_chart(
    frame: pd.DataFrame,
    layout: Layout,
    *,
    category: str,
    value: str,
    unit: str = "",
    decimals: int = 1,
    colour: str = COLOURS["resident"],
    colours: Mapping[str, str] | None = None,
    group: str = "",
    marker: str = "",
    marker_name: str = "",
    level: Level | None = None,
    sort: bool = True,
    signed: bool = False,
) -> alt.LayerChart:
    """Draw a ranking as horizontal bars from zero, each with its value.

    Parameters
    ----------
    frame
        One row per bar.
    layout
        Drawing to make.
    category, value
        Columns.
    unit, decimals, signed
        How the value is printed.
    colour, colours, group
        One colour, or colours by the values of column ``group`` (with a key).
    marker, marker_name
        Column of a second value marked by a ring on each bar (an earlier year), and its name in the key; the key names
        the bar by the column ``value``.
    level
        Vertical reference line (the city's value), with its name.
    sort
        Whether bars are sorted by value, largest first.

    Returns
    -------
    alt.LayerChart
        Chart without title.
    """
    sizes = type_scale(layout)
    fields = {"n": category, "v": value}
    if group:
        fields["g"] = group
    if marker:
        fields["m"] = marker
    rows = [row for row in _records(frame, fields) if row["v"] is not None]
    if sort:
        rows.sort(key=lambda r: (-r["v"], r["n"]))
    left = _axis_extent([row["n"] for row in rows], sizes.label)
    ends = [row["v"] for row in rows] + [row["m"] for row in rows if row.get("m") is not None]
    ends += [level.value] if level else []
    low, high = min(0.0, *ends), max(0.0, *ends)
    texts = [_number(row["v"], decimals, signed) for row in rows]
    label_room = math.ceil(max(text_width(t, sizes.label, "bold") for t in texts)) + 10
    width = layout.width - left - 4
    inner_right = width - (label_room if high > 0 else 0)
    inner_left = label_room if low < 0 else 0

    def x_pixel(number: float) -> float:
        return inner_left + (number - low) / ((high - low) or 1) * (inner_right - inner_left)

    height = ROW_HEIGHT * len(rows)
    y_encoding = alt.Y(
        "n:N",
        sort=[row["n"] for row in rows],
        scale=alt.Scale(paddingInner=0.32, paddingOuter=0.16),
        axis=alt.Axis(title=None, minExtent=left, maxExtent=left, labelColor=INK, labelLimit=400, grid=False),
    )
    x_encoding = alt.X(
        "v:Q",
        scale=alt.Scale(domain=[low, high], range=[inner_left, inner_right], nice=False),
        axis=None,
    )
    title = f"{value}（{unit}）" if unit and unit not in value else value
    tooltip = [alt.Tooltip("n:N", title=category), alt.Tooltip("v:Q", title=title, format=f".{decimals}f")]
    for row in rows:
        row["c"] = (colours or {}).get(row.get("g", ""), colour)
    bars = (
        _data(rows)
        .mark_bar()
        .encode(y=y_encoding, x=x_encoding, color=alt.Color("c:N", scale=None, legend=None), tooltip=tooltip)
    )
    key: list[tuple[str, str, str]] = []
    if group and colours:
        present = {row["g"] for row in rows}
        key = [("square", hue, name) for name, hue in colours.items() if name in present]
    layers: list[alt.Chart] = [bars]
    label_at = {row["n"]: row["v"] for row in rows}
    if marker:
        key += [] if key else [("square", colour, value)]
        key.append(("ring", INK, marker_name or marker))
        seen = [row for row in rows if row.get("m") is not None]
        layers.append(
            _data(seen)
            .mark_point(
                shape="circle", filled=True, fill=PAPER, stroke=INK, strokeWidth=1.5, size=44, opacity=1
            )
            .encode(
                y=y_encoding,
                x=alt.X(
                    "m:Q", scale=alt.Scale(domain=[low, high], range=[inner_left, inner_right], nice=False)
                ),
                tooltip=[
                    alt.Tooltip("n:N", title=category),
                    alt.Tooltip("m:Q", title=marker_name or marker, format=f".{decimals}f"),
                ],
            )
        )
        for row in seen:
            # The number stands beyond the ring where the ring lies just past the bar's end.
            if row["v"] >= 0 and 0 <= x_pixel(row["m"]) - x_pixel(row["v"]) < label_room:
                label_at[row["n"]] = row["m"]
    labels = []
    for i, (row, text) in enumerate(zip(rows, texts, strict=True)):
        negative = row["v"] < 0
        at = x_pixel(label_at[row["n"]])
        shift = 10 if marker and label_at[row["n"]] != row["v"] else 5
        labels.append(
            {
                "px": round(
                    at - shift - text_width(text, sizes.label, "bold") if negative else at + shift, 2
                ),
                "py": ROW_HEIGHT * i + ROW_HEIGHT / 2,
                "t": text,
                "c": INK,
            }
        )
    layers.append(_texts(labels, fontSize=sizes.label, fontWeight="bold"))
    zero = x_pixel(0)
    axis = _pixels(
        _data([{"px": round(zero, 2), "py": 0, "qy": height}]).mark_rule(color=AXIS, strokeWidth=1)
    )
    layers.append(axis.encode(y2=alt.Y2("qy:Q")))
    key_layers, key_height = _key(key, -left, layout.width - 6, sizes.label)
    above = 0
    if level:
        at = x_pixel(level.value)
        above = round(sizes.label * 1.5)
        room = text_width(level.name, sizes.label)
        rule = _pixels(
            _data([{"px": round(at, 2), "py": -4, "qy": height}]).mark_rule(
                color=COLOURS["plan"], strokeDash=[4, 3], strokeWidth=1.4
            )
        )
        layers.append(rule.encode(y2=alt.Y2("qy:Q")))
        start = min(max(at - room / 2, -left), width - room)
        layers.append(
            _texts(
                [{"px": round(start, 2), "py": -above / 2 - 3, "t": level.name, "c": MUTED}],
                fontSize=sizes.label,
            )
        )
        key_layers = [_shift(layer, -above) for layer in key_layers]
    return _finish(
        [*key_layers, *layers],
        layout,
        height=height,
        left=left,
        right=4,
        top=key_height + above + 6,
        bottom=4,
    )


def components_chart(
    frame: pd.DataFrame,
    layout: Layout,
    *,
    parts: Mapping[str, str],
    total: str,
    x: str = "年份",
    unit: str = "",
    decimals: int = 1,
    breaks: Sequence[BreakLine] = (),
    height: int | None = None,
) -> alt.LayerChart:
    """Draw yearly components that add up (natural growth, net migration) as bars around zero, with their sum.

    Parameters
    ----------
    frame
        One row per year.
    layout
        Drawing to make.
    parts
        Colour by column; each column is one component.
    total
        Column of the sum, drawn as a diamond with its value.
    x, unit, decimals, breaks, height
        As in :func:`line_chart`.

    Returns
    -------
    alt.LayerChart
        Chart without title.
    """
    sizes = type_scale(layout)
    plot = height or plot_height("components", layout)
    names = list(parts)
    rows = _records(frame, {"x": x, "t": total, **{f"p{i}": name for i, name in enumerate(names)}})
    stacked: list[dict[str, Any]] = []
    for row in rows:
        up = down = 0.0
        for i, name in enumerate(names):
            value = row[f"p{i}"]
            if value is None:
                continue
            base = up if value >= 0 else down
            stacked.append(
                {"x": row["x"], "a": round(base, 6), "b": round(base + value, 6), "s": name, "v": value}
            )
            if value >= 0:
                up += value
            else:
                down += value
    years = [int(row["x"]) for row in rows]
    values = [entry[key] for entry in stacked for key in ("a", "b")] + [
        r["t"] for r in rows if r["t"] is not None
    ]
    ticks = nice_ticks(min(0.0, *values), max(0.0, *values), 5)
    left = _axis_extent([_number(t, _decimals_of(ticks)) for t in ticks], sizes.label)
    width = layout.width - left - 6
    first, last = min(years), max(years)
    domain = [first - 0.6, last + 0.6]
    step = width / (last - first + 1.2)

    def x_pixel(value: float) -> float:
        return (value - domain[0]) / (domain[1] - domain[0]) * width

    def y_pixel(value: float) -> float:
        return plot - (value - ticks[0]) / (ticks[-1] - ticks[0]) * plot

    x_encoding = alt.X(
        "x:Q",
        scale=alt.Scale(domain=domain, nice=False, zero=False),
        axis=_year_axis(year_ticks(first, last, width, sizes.label)),
    )
    scale = alt.Scale(domain=[ticks[0], ticks[-1]], nice=False)
    axis = _value_axis(ticks, left)
    suffix = f"（{unit}）" if unit else ""
    bars = (
        _data(stacked)
        .mark_bar(size=round(min(step * 0.62, 46), 1))
        .encode(
            x=x_encoding,
            y=alt.Y("a:Q", scale=scale, axis=axis),
            y2=alt.Y2("b:Q"),
            color=alt.Color("s:N", scale=alt.Scale(domain=names, range=list(parts.values())), legend=None),
            tooltip=[
                alt.Tooltip("x:Q", title=x, format="d"),
                alt.Tooltip("s:N", title="构成"),
                alt.Tooltip("v:Q", title=f"数值{suffix}", format=f"+.{decimals}f"),
            ],
        )
    )
    totals = [row for row in rows if row["t"] is not None]
    marks = (
        _data([{"x": row["x"], "t": row["t"]} for row in totals])
        .mark_point(shape="diamond", filled=True, fill=INK, stroke=PAPER, strokeWidth=1.4, size=80, opacity=1)
        .encode(
            x=x_encoding,
            y=alt.Y("t:Q", scale=scale, axis=axis),
            tooltip=[
                alt.Tooltip("x:Q", title=x, format="d"),
                alt.Tooltip("t:Q", title=f"{total}{suffix}", format=f"+.{decimals}f"),
            ],
        )
    )
    tops = {
        row["x"]: max([0.0, row["t"] or 0.0] + [e["b"] for e in stacked if e["x"] == row["x"]])
        for row in rows
    }
    labels = []
    room = max((text_width(_number(r["t"], decimals, True), sizes.label, "bold") for r in totals), default=0)
    every = max(1, math.ceil((room + 4) / step))
    for row in totals:
        if (years[-1] - int(row["x"])) % every:
            continue
        text = _number(row["t"], decimals, True)
        labels.append(
            {
                "px": round(x_pixel(row["x"]) - text_width(text, sizes.label, "bold") / 2, 2),
                "py": round(
                    y_pixel(tops[row["x"]]) - sizes.label * (1.25 if row["t"] >= tops[row["x"]] else 0.8), 2
                ),
                "t": text,
                "c": INK,
            }
        )
    break_layers, above = _break_layers(breaks, x_pixel, -left, width + 6, plot, sizes.label)
    key = [("square", hue, name) for name, hue in parts.items()] + [("diamond", INK, total)]
    key_layers, key_height = _key(key, -left, layout.width - 6, sizes.label)
    if above:
        key_layers = [_shift(layer, -above) for layer in key_layers]
    return _finish(
        [
            *key_layers,
            *break_layers,
            bars,
            _zero_rule(y_pixel(0), width),
            marks,
            _texts(labels, fontSize=sizes.label, fontWeight="bold"),
        ],
        layout,
        height=plot,
        left=left,
        right=6,
        top=above + key_height + (14 if not breaks else 8),
    )


def pyramid_chart(
    frame: pd.DataFrame,
    layout: Layout,
    *,
    age: str = "年龄",
    sex: str = "性别",
    value: str,
    year: str = "年份",
    latest: int,
    earlier: int | None = None,
    unit: str = "",
    decimals: int = 1,
    height: int | None = None,
) -> alt.LayerChart:
    """Draw an age pyramid: filled bars for one census, an outline for an earlier one.

    Parameters
    ----------
    frame
        One row per age group, sex (男, 女) and year; age groups in order of age.
    layout
        Drawing to make.
    age, sex, value, year
        Columns.
    latest, earlier
        Year drawn filled, and year drawn as an outline.
    unit, decimals
        How values are printed in tooltips.

    Returns
    -------
    alt.LayerChart
        Chart without title; men on the left, women on the right, both counted from zero outwards.
    """
    sizes = type_scale(layout)
    plot = height or plot_height("pyramid", layout)
    groups = [str(g) for g in dict.fromkeys(frame[age])]
    rows = _records(
        frame.assign(**{age: frame[age].astype(str)}), {"a": age, "s": sex, "v": value, "y": year}
    )
    top_value = max(row["v"] for row in rows if row["y"] in (latest, earlier))
    ticks = nice_ticks(0, top_value, 3 if layout.is_narrow else 4)
    limit = max(top_value * 1.04, ticks[-1] if ticks[-1] <= top_value * 1.04 else ticks[-2])
    ticks = [t for t in ticks if t <= limit]
    both = [-t for t in ticks[:0:-1]] + ticks
    left = _axis_extent(groups, sizes.label)
    width = layout.width - left - 8
    band = plot / len(groups)
    digits = _decimals_of(ticks)
    scale = alt.Scale(domain=[-limit, limit], nice=False)
    x_axis = alt.Axis(
        values=both,
        title=None,
        grid=True,
        format=f".{digits}f",
        labelExpr=f"format(abs(datum.value), '.{digits}f')",
    )
    y_encoding = alt.Y(
        "a:N",
        sort=groups[::-1],
        scale=alt.Scale(paddingInner=0.12, paddingOuter=0.06),
        axis=alt.Axis(title=None, minExtent=left, maxExtent=left, grid=False, labelOverlap=False),
    )
    suffix = f"（{unit}）" if unit else ""
    for row in rows:
        row["w"] = -row["v"] if row["s"] == "男" else row["v"]
    tooltip = [
        alt.Tooltip("y:Q", title=year, format="d"),
        alt.Tooltip("s:N", title=sex),
        alt.Tooltip("a:N", title=age),
        alt.Tooltip("v:Q", title=f"{value}{suffix}" if unit not in value else value, format=f".{decimals}f"),
    ]
    colour = alt.Color(
        "s:N", scale=alt.Scale(domain=["男", "女"], range=[COLOURS["male"], COLOURS["female"]]), legend=None
    )
    filled = (
        _data([row for row in rows if row["y"] == latest])
        .mark_bar()
        .encode(y=y_encoding, x=alt.X("w:Q", scale=scale, axis=x_axis), color=colour, tooltip=tooltip)
    )
    layers = [filled]
    key = [
        ("square", COLOURS["male"], f"男 {latest}年"),
        ("square", COLOURS["female"], f"女 {latest}年"),
    ]
    if earlier is not None:
        key.append(("line", INK, f"{earlier}年"))
        x_of = {(r["s"], r["a"]): width / 2 + r["w"] / limit * width / 2 for r in rows if r["y"] == earlier}
        for name in ("男", "女"):
            path = []
            for i, group in enumerate(groups[::-1]):
                if (name, group) not in x_of:
                    continue
                px = round(x_of[name, group], 2)
                path += [{"px": px, "py": round(i * band, 2)}, {"px": px, "py": round((i + 1) * band, 2)}]
            steps = [{**point, "k": k} for k, point in enumerate(path)]
            layers.append(_pixels(_data(steps).mark_line(color=INK, strokeWidth=1.4)).encode(order="k:Q"))
    middle = _pixels(
        _data([{"px": round(width / 2, 2), "py": 0, "qy": plot}]).mark_rule(color=PAPER, strokeWidth=1.5)
    ).encode(y2=alt.Y2("qy:Q"))
    key_layers, key_height = _key(key, -left, layout.width - 6, sizes.label)
    return _finish(
        [*key_layers, *layers, middle], layout, height=plot, left=left, right=8, top=key_height + 6
    )


def shares_chart(
    frame: pd.DataFrame,
    layout: Layout,
    *,
    category: str,
    parts: Mapping[str, str],
    unit: str = "%",
    decimals: int = 1,
    breaks_after: Sequence[str] = (),
) -> alt.LayerChart:
    """Draw shares that add up to a whole as stacked bars, one row per year or place, with the numbers inside.

    Parameters
    ----------
    frame
        One row per bar; one column per part.
    layout
        Drawing to make.
    category
        Column naming the rows.
    parts
        Colour by column, in stacking order.
    unit, decimals
        How values are printed.
    breaks_after
        Rows after which a gap marks a break (a change of source).

    Returns
    -------
    alt.LayerChart
        Chart without title.
    """
    sizes = type_scale(layout)
    names = list(parts)
    rows = _records(
        frame.assign(**{category: frame[category].astype(str)}),
        {"n": category, **{f"p{i}": name for i, name in enumerate(names)}},
    )
    left = _axis_extent([row["n"] for row in rows], sizes.label)
    width = layout.width - left - 4
    total = max(sum(row[f"p{i}"] or 0 for i in range(len(names))) for row in rows)
    bar, gap = ROW_HEIGHT - 5, 5
    rects, texts, heads = [], [], []
    y = 0.0
    for row in rows:
        x = 0.0
        for i, name in enumerate(names):
            value = row[f"p{i}"]
            if value is None:
                continue
            span = value / total * width
            rects.append(
                {
                    "px": round(x, 2),
                    "qx": round(x + span, 2),
                    "py": y,
                    "qy": y + bar,
                    "s": name,
                    "n": row["n"],
                    "v": value,
                }
            )
            text = _number(value, decimals)
            if text_width(text, sizes.label, "bold") + 6 <= span:
                texts.append(
                    {
                        "px": round(x + span / 2 - text_width(text, sizes.label, "bold") / 2, 2),
                        "py": y + bar / 2,
                        "t": text,
                        "c": PAPER,
                    }
                )
            x += span
        heads.append(
            {
                "px": round(-7 - text_width(row["n"], sizes.label), 2),
                "py": y + bar / 2,
                "t": row["n"],
                "c": INK,
            }
        )
        y += ROW_HEIGHT + (gap * 2 if row["n"] in breaks_after else 0)
    suffix = f"（{unit}）" if unit else ""
    bars = _pixels(_data(rects).mark_rect(stroke=PAPER, strokeWidth=1)).encode(
        x2=alt.X2("qx:Q"),
        y2=alt.Y2("qy:Q"),
        color=alt.Color("s:N", scale=alt.Scale(domain=names, range=list(parts.values())), legend=None),
        tooltip=[
            alt.Tooltip("n:N", title=category),
            alt.Tooltip("s:N", title="构成"),
            alt.Tooltip("v:Q", title=f"比重{suffix}", format=f".{decimals}f"),
        ],
    )
    key_layers, key_height = _key(
        [("square", hue, name) for name, hue in parts.items()], -left, layout.width - 6, sizes.label
    )
    return _finish(
        [
            *key_layers,
            bars,
            _texts(heads, fontSize=sizes.label),
            _texts(texts, fontSize=sizes.label, fontWeight="bold"),
        ],
        layout,
        height=y,
        left=left,
        right=4,
        top=key_height + 6,
        bottom=4,
    )


def dumbbell_chart(
    frame: pd.DataFrame,
    layout: Layout,
    *,
    category: str,
    start: str,
    end: str,
    target: str = "",
    unit: str = "",
    decimals: int = 1,
    colour: str = COLOURS["resident"],
    sort: bool = True,
) -> alt.LayerChart:
    """Draw a change between two points in time per row: ring (start), dot (end), and a target as a diamond.

    Parameters
    ----------
    frame
        One row per place or indicator, all in one unit.
    layout
        Drawing to make.
    category, start, end, target
        Columns; ``target`` may be "".
    unit, decimals
        How values are printed.
    colour
        Colour of the end point.
    sort
        Whether rows are sorted by the end value, largest first.

    Returns
    -------
    alt.LayerChart
        Chart without title.
    """
    sizes = type_scale(layout)
    fields = {"n": category, "a": start, "b": end, **({"t": target} if target else {})}
    rows = [row for row in _records(frame, fields) if row["a"] is not None or row["b"] is not None]
    if sort:
        rows.sort(key=lambda r: (-(r["b"] if r["b"] is not None else r["a"]), r["n"]))
    left = _axis_extent([row["n"] for row in rows], sizes.label)
    values = [row[k] for row in rows for k in ("a", "b", "t") if row.get(k) is not None]
    room = math.ceil(max(text_width(_number(v, decimals), sizes.label, "bold") for v in values)) + 12
    width = layout.width - left - 4
    low, high = min(values), max(values)
    span = (high - low) or 1

    def x_pixel(number: float) -> float:
        return room + (number - low) / span * (width - 2 * room)

    height = ROW_HEIGHT * len(rows)
    y_encoding = alt.Y(
        "n:N",
        sort=[row["n"] for row in rows],
        axis=alt.Axis(title=None, minExtent=left, maxExtent=left, labelColor=INK, labelLimit=400, grid=False),
    )
    scale = alt.Scale(domain=[low, low + span], range=[room, width - room], nice=False, zero=False)
    suffix = f"（{unit}）" if unit else ""
    both = [row for row in rows if row["a"] is not None and row["b"] is not None]
    guide = _pixels(
        _data([{"px": 0, "py": ROW_HEIGHT * (i + 0.5), "qx": width} for i in range(len(rows))]).mark_rule(
            color=GRID
        )
    ).encode(x2=alt.X2("qx:Q"))
    stem = (
        _data(both)
        .mark_rule(color=mix(colour, TINT_80), strokeWidth=4)
        .encode(y=y_encoding, x=alt.X("a:Q", scale=scale, axis=None), x2=alt.X2("b:Q"))
    )
    layers = [guide, stem]

    def points(field: str, name: str, **mark: Any) -> alt.Chart:
        return (
            _data([row for row in rows if row.get(field) is not None])
            .mark_point(filled=True, opacity=1, **mark)
            .encode(
                y=y_encoding,
                x=alt.X(f"{field}:Q", scale=scale, axis=None),
                tooltip=[
                    alt.Tooltip("n:N", title=category),
                    alt.Tooltip(f"{field}:Q", title=f"{name}{suffix}", format=f".{decimals}f"),
                ],
            )
        )

    layers.append(points("a", start, fill=PAPER, stroke=colour, strokeWidth=1.8, size=58))
    layers.append(points("b", end, fill=colour, stroke=PAPER, strokeWidth=1, size=80))
    key = [("ring", colour, start), ("dot", colour, end)]
    if target:
        layers.append(points("t", target, shape="diamond", fill=INK, stroke=PAPER, strokeWidth=1, size=70))
        key.append(("diamond", INK, target))
    texts = []
    for i, row in enumerate(rows):
        pair = [(row[k], hue) for k, hue in (("a", MUTED), ("b", text_colour(colour))) if row[k] is not None]
        pair.sort(key=lambda p: p[0])
        for k, (number, hue) in enumerate(pair):
            text = _number(number, decimals)
            at_left = k == 0 and len(pair) == 2
            x = x_pixel(number)
            texts.append(
                {
                    "px": round(x - 9 - text_width(text, sizes.label, "bold") if at_left else x + 9, 2),
                    "py": ROW_HEIGHT * (i + 0.5),
                    "t": text,
                    "c": hue,
                }
            )
    layers.append(_texts(texts, fontSize=sizes.label, fontWeight="bold"))
    key_layers, key_height = _key(key, -left, layout.width - 6, sizes.label)
    return _finish(
        [*key_layers, *layers], layout, height=height, left=left, right=4, top=key_height + 6, bottom=4
    )


def tile_map(
    frame: pd.DataFrame,
    layout: Layout,
    *,
    name: str,
    value: str,
    row: str = "tile_row",
    column: str = "tile_col",
    unit: str = "",
    decimals: int = 1,
    signed: bool = False,
    bounds: Sequence[float] | None = None,
) -> alt.LayerChart:
    """Draw districts as tiles of one size in their rough position, tinted by class and labelled with the value.

    This is a schematic, not a map: tiles show neither boundaries nor areas. Districts without a value are left white and
    read 未公布.

    Parameters
    ----------
    frame
        One row per district.
    layout
        Drawing to make.
    name, value, row, column
        Columns; row and column count from the north-west corner.
    unit, decimals, signed
        How values are printed.
    bounds
        Inner bounds of the classes, at most four, ascending; default round values between least and greatest.

    Returns
    -------
    alt.LayerChart
        Chart without title.
    """
    sizes = type_scale(layout)
    rows = _records(frame, {"n": name, "v": value, "r": row, "c": column})
    known = [r["v"] for r in rows if r["v"] is not None]
    if bounds is None:
        ticks = nice_ticks(min(known), max(known), 5)
        bounds = [t for t in ticks if min(known) < t <= max(known)]
        if len(bounds) > len(SEQUENCE) - 1:
            bounds = bounds[:: math.ceil(len(bounds) / (len(SEQUENCE) - 1))][: len(SEQUENCE) - 1]
    spread_of_tints = [round(i * (len(SEQUENCE) - 1) / max(len(bounds), 1)) for i in range(len(bounds) + 1)]
    row_numbers = sorted({r["r"] for r in rows})
    column_numbers = sorted({r["c"] for r in rows})
    columns = column_numbers[-1] - column_numbers[0] + 1
    gap = 4
    tile_width = min((layout.width - 2) / columns, 128) - gap
    tile_height = min(tile_width * 0.72, 62) if not layout.is_narrow else max(min(tile_width * 0.9, 52), 44)
    tiles, texts = [], []
    for r in rows:
        x = (r["c"] - column_numbers[0]) * (tile_width + gap)
        y = (r["r"] - row_numbers[0]) * (tile_height + gap)
        step = None if r["v"] is None else spread_of_tints[sum(r["v"] >= bound for bound in bounds)]
        tiles.append(
            {
                "px": round(x, 2),
                "py": round(y, 2),
                "qx": round(x + tile_width, 2),
                "qy": round(y + tile_height, 2),
                "n": r["n"],
                "v": r["v"],
                "f": PAPER if step is None else SEQUENCE[step],
            }
        )
        ink = PAPER if step is not None and step >= DARK_TEXT_ON_SEQUENCE else INK
        number = "未公布" if r["v"] is None else _number(r["v"], decimals, signed)
        for text, dy, weight in ((r["n"], -0.62, "regular"), (number, 0.68, "bold")):
            texts.append(
                {
                    "px": round(x + tile_width / 2, 2),
                    "py": round(y + tile_height / 2 + dy * (sizes.label + 1), 2),
                    "t": text,
                    "c": ink,
                    "w": weight,
                }
            )
    suffix = f"（{unit}）" if unit else ""
    squares = _pixels(_data(tiles).mark_rect(stroke=GRID, strokeWidth=1, cornerRadius=3)).encode(
        x2=alt.X2("qx:Q"),
        y2=alt.Y2("qy:Q"),
        color=alt.Color("f:N", scale=None, legend=None),
        tooltip=[
            alt.Tooltip("n:N", title="地区"),
            alt.Tooltip(
                "v:Q", title=f"{value}{suffix}" if unit not in value else value, format=f".{decimals}f"
            ),
        ],
    )
    labels = [
        _texts(
            [{k: v for k, v in entry.items() if k != "w"} for entry in texts if entry["w"] == weight],
            fontSize=sizes.label,
            align="center",
            fontWeight="bold" if weight == "bold" else "normal",
        )
        for weight in ("regular", "bold")
    ]
    key = []
    digits = max((_decimals_of([b]) for b in bounds), default=0)
    for i in range(len(bounds) + 1):
        if not bounds:
            break
        text = (
            f"{_number(bounds[0], digits)}以下"
            if i == 0
            else f"{_number(bounds[-1], digits)}及以上"
            if i == len(bounds)
            else f"{_number(bounds[i - 1], digits)}—{_number(bounds[i], digits)}"
        )
        key.append(("square", SEQUENCE[spread_of_tints[i]], text))
    key_layers, key_height = _key(key, 0, layout.width - 6, sizes.label)
    height = (row_numbers[-1] - row_numbers[0] + 1) * (tile_height + gap) - gap
    left = max(round((layout.width - columns * (tile_width + gap) + gap) / 2), 1)
    key_layers = [_move(layer, -left + 1) for layer in key_layers]
    return _finish(
        [*key_layers, squares, *labels],
        layout,
        height=height,
        left=left,
        right=left,
        top=key_height + 8,
        bottom=4,
    )


def _move(layer: alt.Chart, dx: float) -> alt.Chart:
    """Return a layer placed by pixels, moved right by ``dx``."""
    values = [
        {k: (round(v + dx, 2) if k in ("px", "qx") else v) for k, v in row.items()}
        for row in layer.data.values
    ]
    moved = layer.copy()
    moved.data = alt.InlineData(values=values)
    return moved


def interval_chart(
    frame: pd.DataFrame,
    layout: Layout,
    *,
    category: str,
    point: str,
    intervals: Sequence[tuple[str, str]],
    unit: str = "",
    decimals: int = 1,
    colour: str = COLOURS["forecast"],
    level: Level | None = None,
) -> alt.LayerChart:
    """Draw a point with its intervals per row.

    Parameters
    ----------
    frame
        One row per model, place or indicator, in the order of drawing.
    layout
        Drawing to make.
    category, point
        Columns.
    intervals
        Columns of lower and upper bound, widest interval first.
    unit, decimals
        How values are printed.
    colour
        Colour of points and intervals.
    level
        Vertical reference line (what happened, a target), with its name.

    Returns
    -------
    alt.LayerChart
        Chart without title.
    """
    sizes = type_scale(layout)
    fields = {"n": category, "m": point}
    for i, (low_name, high_name) in enumerate(intervals):
        fields |= {f"l{i}": low_name, f"h{i}": high_name}
    rows = _records(frame, fields)
    left = _axis_extent([r["n"] for r in rows], sizes.label)
    values = [v for r in rows for k, v in r.items() if k != "n" and v is not None] + (
        [level.value] if level else []
    )
    ticks = nice_ticks(min(values), max(values), 4 if layout.is_narrow else 6)
    texts = [_number(r["m"], decimals) if r["m"] is not None else "" for r in rows]
    right = math.ceil(max(text_width(t, sizes.label, "bold") for t in texts)) + LABEL_GAP + 4
    width = layout.width - left - right
    height = (ROW_HEIGHT + 3) * len(rows)
    scale = alt.Scale(domain=[ticks[0], ticks[-1]], nice=False, zero=False)
    axis = alt.Axis(values=ticks, title=None, grid=True, format=f".{_decimals_of(ticks)}f", domain=False)
    y_encoding = alt.Y(
        "n:N",
        sort=[r["n"] for r in rows],
        axis=alt.Axis(title=None, minExtent=left, maxExtent=left, labelColor=INK, labelLimit=400, grid=False),
    )
    suffix = f"（{unit}）" if unit else ""
    layers: list[alt.Chart] = []
    for i in range(len(intervals)):
        bounded = [r for r in rows if r[f"l{i}"] is not None and r[f"h{i}"] is not None]
        layers.append(
            _data(bounded)
            .mark_rule(
                color=mix(colour, TINT_95 if i == 0 and len(intervals) > 1 else TINT_80), strokeWidth=9
            )
            .encode(y=y_encoding, x=alt.X(f"l{i}:Q", scale=scale, axis=axis), x2=alt.X2(f"h{i}:Q"))
        )
    layers.append(
        _data([r for r in rows if r["m"] is not None])
        .mark_point(filled=True, fill=colour, stroke=PAPER, strokeWidth=1.2, size=80, opacity=1)
        .encode(
            y=y_encoding,
            x=alt.X("m:Q", scale=scale, axis=axis),
            tooltip=[
                alt.Tooltip("n:N", title=category),
                alt.Tooltip("m:Q", title=f"{point}{suffix}", format=f".{decimals}f"),
                *[
                    alt.Tooltip(f"{k}{i}:Q", title=f"{names[j]}{suffix}", format=f".{decimals}f")
                    for i, names in enumerate(intervals)
                    for j, k in enumerate("lh")
                ],
            ],
        )
    )
    labels = [
        {"px": width + LABEL_GAP, "py": (ROW_HEIGHT + 3) * (i + 0.5), "t": text, "c": text_colour(colour)}
        for i, text in enumerate(texts)
        if text
    ]
    layers.append(_texts(labels, fontSize=sizes.label, fontWeight="bold"))
    above = 0
    if level:
        at = (level.value - ticks[0]) / (ticks[-1] - ticks[0]) * width
        above = round(sizes.label * 1.5)
        room = text_width(level.name, sizes.label)
        rule = _pixels(
            _data([{"px": round(at, 2), "py": -3, "qy": height}]).mark_rule(
                color=INK, strokeDash=[4, 3], strokeWidth=1.4
            )
        )
        layers.append(rule.encode(y2=alt.Y2("qy:Q")))
        start = min(max(at - room / 2, -left), width + right - room)
        layers.append(
            _texts(
                [{"px": round(start, 2), "py": -above / 2 - 2, "t": level.name, "c": INK}],
                fontSize=sizes.label,
            )
        )
    return _finish(layers, layout, height=height, left=left, right=right, top=above + 6)


def small_multiples(
    frame: pd.DataFrame,
    layout: Layout,
    *,
    panel: str,
    y: str,
    colours: Mapping[str, str] | str,
    x: str = "年份",
    series: str = "",
    segment: str = "",
    decimals: int = 1,
    unit: str = "",
    columns: int | None = None,
    shared: bool = True,
    zero: bool = False,
    breaks: Mapping[str, Sequence[float]] | None = None,
) -> alt.LayerChart:
    """Draw one small line chart per panel, all of one size.

    Parameters
    ----------
    frame
        One row per panel, year and series.
    layout
        Drawing to make.
    panel, y, x, series, segment
        Columns.
    colours
        Colour by series, or one colour.
    decimals, unit
        How values are printed.
    columns
        Panels in a row; default three (desktop) or two (phone).
    shared
        Whether all panels share one value axis; otherwise each panel has its own, printed on it.
    zero
        Whether the value axis begins at zero.
    breaks
        Years (a break lies before the year) by panel, drawn as dotted verticals.

    Returns
    -------
    alt.LayerChart
        Chart without title.
    """
    sizes = type_scale(layout)
    per_row = columns or (2 if layout.is_narrow else 3)
    work = frame.assign(_s=frame[series] if series else "", _g=frame[segment] if segment else "")
    rows = [
        r for r in _records(work, {"p": panel, "x": x, "y": y, "s": "_s", "g": "_g"}) if r["y"] is not None
    ]
    colour_of = (lambda s: colours) if isinstance(colours, str) else colours.__getitem__
    names = list(dict.fromkeys(r["p"] for r in rows))
    first, last = int(min(r["x"] for r in rows)), int(max(r["x"] for r in rows))
    scales = {}
    for name in names:
        values = [r["y"] for r in rows if shared or r["p"] == name]
        scales[name] = nice_ticks(min([*values, 0]) if zero else min(values), max(values), 3)
    left = max(
        _axis_extent([_number(t, _decimals_of(ticks)) for t in ticks], sizes.label)
        for ticks in scales.values()
    )
    gutter = 14
    cell = (layout.width - gutter * (per_row - 1)) / per_row
    ends = [
        max((r for r in rows if r["p"] == n and r["s"] == s), key=lambda r: r["x"], default=None)
        for n in names
        for s in dict.fromkeys(r["s"] for r in rows)
    ]
    tail = math.ceil(max(text_width(_number(r["y"], decimals), sizes.label, "bold") for r in ends if r)) + 8
    inner, body = cell - left - tail, 86 if layout.is_narrow else 96
    head, foot = sizes.label * 1.9, sizes.label * 2.1
    pitch = head + body + foot + 6
    grid, axis_texts, heads, tails, lines, points, verticals = [], [], [], [], [], [], []
    for i, name in enumerate(names):
        ox, oy = (i % per_row) * (cell + gutter) + left, (i // per_row) * pitch + head
        ticks = scales[name]

        def x_pixel(value: float, ox: float = ox) -> float:
            return round(ox + 4 + (value - first) / max(last - first, 1) * (inner - 8), 2)

        def y_pixel(value: float, oy: float = oy, ticks: list[float] = ticks) -> float:
            return round(oy + body - (value - ticks[0]) / (ticks[-1] - ticks[0]) * body, 2)

        heads.append({"px": ox - left, "py": oy - head / 2 - 2, "t": name, "c": INK})
        for tick in ticks:
            grid.append({"px": ox, "qx": ox + inner, "py": y_pixel(tick)})
            text = _number(tick, _decimals_of(ticks))
            axis_texts.append(
                {
                    "px": round(ox - 6 - text_width(text, sizes.label), 2),
                    "py": y_pixel(tick),
                    "t": text,
                    "c": MUTED,
                }
            )
        for year in (first, last):
            text = str(year)
            shift = 0 if year == first else text_width(text, sizes.label)
            axis_texts.append(
                {
                    "px": round(x_pixel(year) - shift + (-4 if year == first else 4), 2),
                    "py": oy + body + sizes.label,
                    "t": text,
                    "c": MUTED,
                }
            )
        for year in (breaks or {}).get(name, ()):
            verticals.append({"px": x_pixel(year - 0.5), "py": oy, "qy": oy + body})
        labels = []
        for s in dict.fromkeys(r["s"] for r in rows if r["p"] == name):
            part = sorted((r for r in rows if r["p"] == name and r["s"] == s), key=lambda r: r["x"])
            for r in part:
                lines.append(
                    {
                        "px": x_pixel(r["x"]),
                        "py": y_pixel(r["y"]),
                        "k": f"{i}|{s}|{r['g']}",
                        "c": colour_of(s),
                        "x": r["x"],
                        "y": r["y"],
                        "p": name,
                        "s": s,
                    }
                )
            points.append(lines[-1])
            labels.append((y_pixel(part[-1]["y"]), _number(part[-1]["y"], decimals), colour_of(s)))
        centres = spread([label[0] for label in labels], [sizes.label * 1.25] * len(labels), oy, oy + body)
        tails += [
            {"px": round(ox + inner + 3, 2), "py": centre, "t": text, "c": text_colour(hue)}
            for centre, (_, text, hue) in zip(centres, labels, strict=True)
        ]
    no_scale = alt.Color("c:N", scale=None, legend=None)
    suffix = f"（{unit}）" if unit else ""
    tooltip = [
        alt.Tooltip("p:N", title=panel),
        *([alt.Tooltip("s:N", title=series)] if series else []),
        alt.Tooltip("x:Q", title=x, format="d"),
        alt.Tooltip("y:Q", title=f"{y}{suffix}" if unit not in y else y, format=f".{decimals}f"),
    ]
    layers = [_pixels(_data(grid).mark_rule(color=GRID)).encode(x2=alt.X2("qx:Q"))]
    if verticals:
        layers.append(
            _pixels(_data(verticals).mark_rule(color=MUTED, strokeDash=[1.5, 3], strokeWidth=1.2)).encode(
                y2=alt.Y2("qy:Q")
            )
        )
    layers += [
        _texts(axis_texts, fontSize=sizes.label),
        _texts(heads, fontSize=sizes.strong, fontWeight="bold"),
        _pixels(_data(lines).mark_line(strokeWidth=1.9, strokeJoin="round")).encode(
            color=no_scale, detail="k:N", order="x:Q", tooltip=tooltip
        ),
        _pixels(_data(points).mark_point(filled=True, size=34, opacity=1)).encode(
            color=no_scale, tooltip=tooltip
        ),
        _texts(tails, fontSize=sizes.label, fontWeight="bold"),
    ]
    key = []
    if series and not isinstance(colours, str):
        shown = list(dict.fromkeys(r["s"] for r in rows))
        key = [("line", colours[s], s) for s in shown] if len(shown) > 1 else []
    key_layers, key_height = _key(key, 0, layout.width - 6, sizes.label)
    height = math.ceil(len(names) / per_row) * pitch
    return _finish(
        [*key_layers, *layers], layout, height=height, left=0, right=0, top=key_height + 6, bottom=2
    )


def sparkline(
    values: Sequence[tuple[int, float | None]],
    *,
    target: tuple[int, float] | None = None,
    width: int = 132,
    height: int = 40,
    colour: str = COLOURS["actual"],
    label: str = "",
) -> str:
    """Return a word-sized line chart as SVG: the values, the last one as a dot, the target as a dashed line and ring.

    Parameters
    ----------
    values
        (year, value); None leaves a gap.
    target
        Year and value of the target.
    width, height
        Size in pixels.
    colour
        Colour of the line.
    label
        Accessible name; "" hides the drawing from screen readers (the card says it in words).

    Examples
    --------
    >>> sparkline([(2020, 1.0), (2021, 2.0)])[:4]
    '<svg'
    """
    known = [(year, value) for year, value in values if value is not None]
    access = f'role="img" aria-label="{label}"' if label else 'aria-hidden="true"'
    opening = f'<svg class="pb-spark pb-chart" width="{width}" height="{height}" viewBox="0 0 {width} {height}" {access}>'
    if not known:
        return opening + "</svg>"
    years = [year for year, _ in values] + ([target[0]] if target else [])
    numbers = [value for _, value in known] + ([target[1]] if target else [])
    first, last, low, high = min(years), max(years), min(numbers), max(numbers)
    pad = 6

    def at(year: float, value: float) -> tuple[float, float]:
        x = pad + (year - first) / max(last - first, 1) * (width - 2 * pad)
        y = height / 2 if high == low else height - pad - (value - low) / (high - low) * (height - 2 * pad)
        return round(x, 1), round(y, 1)

    parts = []
    if target:
        x, y = at(*target)
        parts.append(
            f'<line x1="{pad}" y1="{y}" x2="{x}" y2="{y}" stroke="{COLOURS["plan"]}" stroke-width="1.2" stroke-dasharray="4 3"/>'
        )
    runs: list[list[tuple[float, float]]] = [[]]
    for year, value in values:
        if value is None:
            runs.append([])
        else:
            runs[-1].append(at(year, value))
    for run in runs:
        if len(run) > 1:
            points = " ".join(f"{x},{y}" for x, y in run)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        elif run:
            parts.append(f'<circle cx="{run[0][0]}" cy="{run[0][1]}" r="1.8" fill="{colour}"/>')
    x, y = at(*known[-1])
    parts.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>')
    if target:
        x, y = at(*target)
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="3" fill="{PAPER}" stroke="{COLOURS["plan"]}" stroke-width="1.6"/>'
        )
    return opening + "".join(parts) + "</svg>"
