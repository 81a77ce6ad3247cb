"""Charts over years: lines, forecast fans, components of change, small multiples, sparklines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from popbook.exhibits.drawing import (
    LABEL_GAP,
    MARGIN,
    BreakLine,
    EndLabel,
    Level,
    at_pixels,
    axis_extent,
    break_layers,
    compose,
    decimals_of,
    end_labels,
    end_text,
    free_place,
    haloed,
    key_layers,
    level_layers,
    linear,
    marks,
    moved_down,
    nice_ticks,
    rows_of,
    spread,
    text_layer,
    value_axis,
    values_of,
    year_axis,
    year_ticks,
    zero_rule,
)
from popbook.exhibits.fonts import text_width
from popbook.exhibits.model import Layout
from popbook.exhibits.theme import (
    COLOURS,
    GRID,
    INK,
    MUTED,
    PAPER,
    TINT_80,
    TINT_95,
    mix,
    plot_height,
    text_colour,
    type_scale,
)
from popbook.monitoring.rounding import rounded_text

# A value this near to the lower end of the axis, as a share of its length, asks for one more step below.
NEAR_AXIS = 0.015


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
    rows = rows_of(work, {"x": x, "y": y, "s": "_s", "g": "_g"})
    path_rows = rows_of(paths, {"x": x, "y": y, "s": "名称"}) if paths is not None else []
    colour_of = (lambda s: colours) if isinstance(colours, str) else colours.__getitem__
    known = [row for row in rows if row["y"] is not None]
    values = [*values_of(known, "y"), *(row["y"] for row in path_rows), *(level.value for level in levels)]
    ticks = nice_ticks(min(0, *values) if zero else min(values), max(values), 5 if layout.is_narrow else 6)
    if min(values) - ticks[0] < NEAR_AXIS * (ticks[-1] - ticks[0]) and ticks[0] != 0:
        ticks = [round(2 * ticks[0] - ticks[1], 10), *ticks]  # a point on the axis line would look cut off
    left = axis_extent([rounded_text(t, decimals_of(ticks)) for t in ticks], sizes.label)
    first, last = int(min(r["x"] for r in [*rows, *path_rows])), int(max(r["x"] for r in [*rows, *path_rows]))
    newest = int(max(row["x"] for row in known))

    limit = 92 if layout.is_narrow else 150
    shown = list(dict.fromkeys(row["s"] for row in known))
    ends = [(name, max((r for r in known if r["s"] == name), key=lambda r: r["x"])) for name in shown]
    path_names = list(dict.fromkeys(row["s"] for row in path_rows))
    path_digits = 0 if all(float(row["y"]).is_integer() for row in path_rows) else decimals
    path_ends = [
        (name, max((r for r in path_rows if r["s"] == name), key=lambda r: r["x"])) for name in path_names
    ]
    texts = [
        (
            *end_text({}, name, rounded_text(row["y"], decimals), layout, sizes.label, limit),
            row,
            colour_of(series_name),
        )
        for name, row, series_name in (
            (dated((names or {}).get(name, name), int(row["x"]), newest), row, name) for name, row in ends
        )
    ] + [
        (
            *end_text({}, name, rounded_text(row["y"], path_digits), layout, sizes.label, limit),
            row,
            COLOURS["plan"],
        )
        for name, row in path_ends
    ]
    right = math.ceil(max(width for _, width, _, _ in texts)) + LABEL_GAP + 4
    width = layout.width - left - right
    margin = min(0.5, (last - first) * 0.02 + 0.15)
    domain = [first - margin, last + margin]

    x_pixel = linear(domain[0], domain[1], 0, width)
    y_pixel = linear(ticks[0], ticks[-1], plot, 0)

    x_encoding = alt.X(
        "x:Q",
        scale=alt.Scale(domain=domain, nice=False, zero=False),
        axis=year_axis(year_ticks(first, last, width, sizes.label)),
    )
    y_encoding = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[ticks[0], ticks[-1]], nice=False, zero=False),
        axis=value_axis(ticks, left),
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
        layers.append(zero_rule(y_pixel(0), width))
    for name in path_names:
        part = [row for row in path_rows if row["s"] == name]
        layers.append(
            marks(part)
            .mark_line(color=COLOURS["plan"], strokeWidth=1.2, strokeDash=[5, 3])
            .encode(x=x_encoding, y=y_encoding)
        )
    drawn_lines = [[(x_pixel(r["x"]), y_pixel(r["y"])) for r in known if r["s"] == name] for name in shown]
    layers += level_layers(levels, y_pixel, width, plot, sizes.label, drawn_lines)
    for name in shown:
        part = [row for row in rows if row["s"] == name]
        drawn = marks(part).encode(x=x_encoding, y=y_encoding)
        layers.append(
            drawn.mark_line(color=colour_of(name), strokeWidth=2.2, strokeJoin="round").encode(
                detail=alt.Detail("g:N"), order=alt.Order("x:Q")
            )
        )
        seen = [row for row in part if row["y"] is not None]
        marked = seen if show_points else [max(seen, key=lambda r: r["x"])]
        layers.append(
            marks(marked)
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
    dotted, above = break_layers(breaks, x_pixel, -left, width + right, plot, sizes.label)
    labels = [EndLabel(y_pixel(row["y"]), lines, colour) for lines, _, row, colour in texts]
    return compose(
        [*dotted, *layers, *end_labels(labels, width + LABEL_GAP, plot, sizes.label)],
        layout,
        height=plot,
        left=left,
        right=right,
        top=above + 6,
    )


def dated(name: str, year: int, newest: int) -> str:
    """Return a series name with the year of its last value, where that is older than the newest in the chart.

    Examples
    --------
    >>> dated("普查", 2020, 2024), dated("年末", 2024, 2024), dated("2020年普查", 2020, 2024), dated("", 2020, 2024)
    ('普查（2020年）', '年末', '2020年普查', '')
    """
    return f"{name}（{year}年）" if name and year < newest and f"{year}年" not in name else name


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
    ahead = rows_of(forecast, fields)
    rows = rows_of(actual.assign(_g=actual[segment] if segment else ""), {"x": x, "y": y, "g": "_g"})
    seen = [row for row in rows if row["y"] is not None]
    path_rows = rows_of(paths, {"x": x, "y": y, "s": "名称"}) if paths is not None else []
    bench_rows = rows_of(benchmark, {"x": x, "y": y, "s": "名称"}) if benchmark is not None else []
    values = values_of([*seen, *path_rows, *bench_rows], "y")
    values += [row[key] for row in ahead for key in row if key != "x" and row[key] is not None]
    ticks = nice_ticks(min(values), max(values), 6)
    left = axis_extent([rounded_text(t, decimals_of(ticks)) for t in ticks], sizes.label)
    every = [*rows, *ahead, *path_rows, *bench_rows]
    first, last = int(min(r["x"] for r in every)), int(max(r["x"] for r in every))

    limit = 84 if layout.is_narrow else 130
    ends: list[tuple[str, float, str]] = [("预测", ahead[-1]["m"], colour)]
    for group, hue in ((path_rows, COLOURS["plan"]), (bench_rows, colour)):
        for name in dict.fromkeys(row["s"] for row in group):
            end = max((r for r in group if r["s"] == name), key=lambda r: r["x"])
            ends.append((name, end["y"], hue))
    texts = [
        (*end_text({}, n, rounded_text(v, decimals), layout, sizes.label, limit), v, hue)
        for n, v, hue in ends
    ]
    right = math.ceil(max(width for _, width, _, _ in texts)) + LABEL_GAP + 4
    width = layout.width - left - right
    domain = [first - 0.3, last + 0.3]

    x_pixel = linear(domain[0], domain[1], 0, width)
    y_pixel = linear(ticks[0], ticks[-1], plot, 0)

    x_encoding = alt.X(
        "x:Q",
        scale=alt.Scale(domain=domain, nice=False, zero=False),
        axis=year_axis(year_ticks(first, last, width, sizes.label)),
    )
    scale = alt.Scale(domain=[ticks[0], ticks[-1]], nice=False, zero=False)
    y_axis = value_axis(ticks, left)

    def y_of(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=scale, axis=y_axis)

    suffix = f"（{unit}）" if unit else ""
    year = alt.Tooltip("x:Q", title=x, format="d")
    layers: list[alt.Chart] = []
    shades = [TINT_95, TINT_80] if len(intervals) == 2 else [TINT_80]
    for i, shade in zip(range(len(intervals)), shades, strict=True):
        layers.append(
            marks(ahead)
            .mark_area(color=mix(colour, shade))
            .encode(x=x_encoding, y=y_of(f"l{i}"), y2=alt.Y2(f"h{i}:Q"))
        )
    for name in dict.fromkeys(row["s"] for row in path_rows):
        layers.append(
            marks([row for row in path_rows if row["s"] == name])
            .mark_line(color=COLOURS["plan"], strokeWidth=1.2)
            .encode(x=x_encoding, y=y_of("y"), tooltip=alt.Undefined)
        )
    for name in dict.fromkeys(row["s"] for row in bench_rows):
        layers.append(
            marks([row for row in bench_rows if row["s"] == name])
            .mark_line(color=colour, strokeWidth=1.3, strokeDash=[2, 3])
            .encode(x=x_encoding, y=y_of("y"))
        )
    layers.append(
        marks(ahead)
        .mark_line(color=colour, strokeWidth=2.2, strokeDash=[6, 3])
        .encode(x=x_encoding, y=y_of("m"), order=alt.Order("x:Q"))
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
        marks(ahead)
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
        marks(rows)
        .mark_line(color=actual_colour, strokeWidth=2.4, strokeJoin="round")
        .encode(x=x_encoding, y=y_of("y"), detail=alt.Detail("g:N"), order=alt.Order("x:Q"))
    )
    layers.append(
        marks(seen)
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
    dotted, above = break_layers(breaks, x_pixel, -left, width + right, plot, sizes.label)
    legend, key_height = key_layers(key, -left, layout.width - 6, sizes.label)
    if above:
        legend = [moved_down(layer, -above) for layer in legend]
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
    text = f"{latest['x']}年 {rounded_text(latest['y'], decimals)}"
    px, py = free_place(
        x_pixel(latest["x"]),
        y_pixel(latest["y"]),
        text_width(text, sizes.label, "bold"),
        sizes.label,
        lines_drawn,
        plot,
    )
    note = [{"px": px, "py": py, "t": text, "c": text_colour(actual_colour)}]
    labels = [EndLabel(y_pixel(v), lines, hue) for lines, _, v, hue in texts]
    return compose(
        [
            *legend,
            *dotted,
            *layers,
            *haloed(note, fontSize=sizes.label, fontWeight="bold"),
            *end_labels(labels, width + LABEL_GAP, plot, sizes.label),
        ],
        layout,
        height=plot,
        left=left,
        right=right,
        top=above + key_height + 6,
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
    rows = rows_of(frame, {"x": x, "t": total, **{f"p{i}": name for i, name in enumerate(names)}})
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
    ticks = nice_ticks(min(0.0, *values), max(0.0, *values), 7)
    left = axis_extent([rounded_text(t, decimals_of(ticks)) for t in ticks], sizes.label)
    width = layout.width - left - 6
    first, last = min(years), max(years)
    domain = [first - 0.6, last + 0.6]
    step = width / (last - first + 1.2)

    x_pixel = linear(domain[0], domain[1], 0, width)
    y_pixel = linear(ticks[0], ticks[-1], plot, 0)

    x_encoding = alt.X(
        "x:Q",
        scale=alt.Scale(domain=domain, nice=False, zero=False),
        axis=year_axis(year_ticks(first, last, width, sizes.label)),
    )
    scale = alt.Scale(domain=[ticks[0], ticks[-1]], nice=False)
    axis = value_axis(ticks, left)
    suffix = f"（{unit}）" if unit else ""
    bars = (
        marks(stacked)
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
    diamonds = (
        marks([{"x": row["x"], "t": row["t"]} for row in totals])
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
    # Signs only where they tell something: more labels stand side by side without them.
    signed = any(row["t"] < 0 for row in totals)
    room = max(
        (text_width(rounded_text(r["t"], decimals, signed), sizes.label, "bold") for r in totals), default=0
    )
    every = max(1, math.ceil((room + 3) / step))
    for row in totals:
        if (years[-1] - int(row["x"])) % every:
            continue
        text = rounded_text(row["t"], decimals, signed)
        py = y_pixel(tops[row["x"]]) - sizes.label * (1.25 if row["t"] >= tops[row["x"]] else 0.8)
        beside = [tops[year] for year in (row["x"] - 1, row["x"] + 1) if year in tops]
        if every > 1 and any(y_pixel(top) < py + sizes.label * 0.5 for top in beside):
            continue  # it would stand on a neighbour's bar
        labels.append(
            {
                "px": round(x_pixel(row["x"]) - text_width(text, sizes.label, "bold") / 2, 2),
                "py": round(py, 2),
                "t": text,
                "c": INK,
            }
        )
    dotted, above = break_layers(breaks, x_pixel, -left, width + 6, plot, sizes.label)
    key = [("square", hue, name) for name, hue in parts.items()] + [("diamond", INK, total)]
    legend, key_height = key_layers(key, -left, layout.width - 6, sizes.label)
    if above:
        legend = [moved_down(layer, -above) for layer in legend]
    return compose(
        [
            *legend,
            *dotted,
            bars,
            zero_rule(y_pixel(0), width),
            diamonds,
            *haloed(labels, fontSize=sizes.label, fontWeight="bold"),
        ],
        layout,
        height=plot,
        left=left,
        right=6,
        top=above + key_height + (14 if not breaks else 8),
    )


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
        r for r in rows_of(work, {"p": panel, "x": x, "y": y, "s": "_s", "g": "_g"}) if r["y"] is not None
    ]
    colour_of = (lambda s: colours) if isinstance(colours, str) else colours.__getitem__
    names = list(dict.fromkeys(r["p"] for r in rows))
    first, last = int(min(r["x"] for r in rows)), int(max(r["x"] for r in rows))
    scales = {}
    for name in names:
        values = [r["y"] for r in rows if shared or r["p"] == name]
        scales[name] = nice_ticks(min([*values, 0]) if zero else min(values), max(values), 4)
    left = max(
        axis_extent([rounded_text(t, decimals_of(ticks)) for t in ticks], sizes.label)
        for ticks in scales.values()
    )
    gutter = 14
    cell = (layout.width - gutter * (per_row - 1)) / per_row
    ends = [
        max((r for r in rows if r["p"] == n and r["s"] == s), key=lambda r: r["x"], default=None)
        for n in names
        for s in dict.fromkeys(r["s"] for r in rows)
    ]
    tail = (
        math.ceil(max(text_width(rounded_text(r["y"], decimals), sizes.label, "bold") for r in ends if r)) + 8
    )
    inner, body = cell - left - tail, 86 if layout.is_narrow else 96
    head, foot = sizes.label * 2.5, sizes.label * 2.1
    pitch = head + body + foot + 6
    grid, axis_texts, heads, tails, lines, points, verticals = [], [], [], [], [], [], []
    for i, name in enumerate(names):
        ox, oy = (i % per_row) * (cell + gutter) + left, (i // per_row) * pitch + head
        ticks = scales[name]

        def x_pixel(value: float, ox: float = ox) -> float:
            return round(ox + 4 + (value - first) / max(last - first, 1) * (inner - 8), 2)

        def y_pixel(value: float, oy: float = oy, ticks: list[float] = ticks) -> float:
            return round(oy + body - (value - ticks[0]) / (ticks[-1] - ticks[0]) * body, 2)

        heads.append({"px": ox - left + MARGIN, "py": oy - head / 2 - 4, "t": name, "c": INK})
        for tick in ticks:
            grid.append({"px": ox, "qx": ox + inner, "py": y_pixel(tick)})
            text = rounded_text(tick, decimals_of(ticks))
            axis_texts.append(
                {
                    "px": round(ox - 6 - text_width(text, sizes.label), 2),
                    "py": y_pixel(tick),
                    "t": text,
                    "c": MUTED,
                }
            )
        for year in (first, last):
            text = str(year).replace("-", "−")
            shift = 0.0 if year == first else text_width(text, sizes.label)
            axis_texts.append(
                {
                    "px": round(x_pixel(year) - shift + (-4 if year == first else 4), 2),
                    "py": oy + body + sizes.label,
                    "t": text,
                    "c": MUTED,
                }
            )
        for broken in (breaks or {}).get(name, ()):
            verticals.append({"px": x_pixel(broken - 0.5), "py": oy, "qy": oy + body})
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
            # A value alone in its segment has no line to be seen by.
            segments = [r["g"] for r in part]
            points += [
                line
                for r, line in zip(part, lines[-len(part) :], strict=True)
                if r is part[-1] or segments.count(r["g"]) == 1
            ]
            labels.append((y_pixel(part[-1]["y"]), rounded_text(part[-1]["y"], decimals), colour_of(s)))
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
    layers = [at_pixels(marks(grid).mark_rule(color=GRID)).encode(x2=alt.X2("qx:Q"))]
    if verticals:
        layers.append(
            at_pixels(marks(verticals).mark_rule(color=MUTED, strokeDash=[1.5, 3], strokeWidth=1.2)).encode(
                y2=alt.Y2("qy:Q")
            )
        )
    layers += [
        text_layer(axis_texts, fontSize=sizes.label),
        text_layer(heads, fontSize=sizes.strong, fontWeight="bold"),
        at_pixels(marks(lines).mark_line(strokeWidth=1.9, strokeJoin="round")).encode(
            color=no_scale, detail=alt.Detail("k:N"), order=alt.Order("x:Q"), tooltip=tooltip
        ),
        at_pixels(marks(points).mark_point(filled=True, size=34, opacity=1)).encode(
            color=no_scale, tooltip=tooltip
        ),
        text_layer(tails, fontSize=sizes.label, fontWeight="bold"),
    ]
    key = []
    if series and not isinstance(colours, str):
        shown = list(dict.fromkeys(r["s"] for r in rows))
        key = [("line", colours[s], s) for s in shown] if len(shown) > 1 else []
    legend, key_height = key_layers(key, 0, layout.width - 6, sizes.label)
    height = math.ceil(len(names) / per_row) * pitch
    return compose([*legend, *layers], layout, height=height, left=0, right=0, top=key_height + 6, bottom=2)


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
