"""Charts over places and groups: bars, pyramids, shares, changes, tiles, intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from popbook.exhibits.drawing import (
    LABEL_GAP,
    ROW_HEIGHT,
    Level,
    at_pixels,
    axis_extent,
    compose,
    decimals_of,
    haloed,
    key_layers,
    linear,
    marks,
    moved_down,
    moved_right,
    nice_ticks,
    rows_of,
    text_layer,
    values_of,
)
from popbook.exhibits.fonts import text_width
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
from popbook.monitoring.rounding import rounded_text


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
    rows = [row for row in rows_of(frame, fields) if row["v"] is not None]
    values_of(rows, "v")
    if sort:
        rows.sort(key=lambda r: (-r["v"], r["n"]))
    left = axis_extent([row["n"] for row in rows], sizes.label)
    ends = [row["v"] for row in rows] + [row["m"] for row in rows if row.get("m") is not None]
    ends += [level.value] if level else []
    low, high = min(0.0, *ends), max(0.0, *ends)
    texts = [rounded_text(row["v"], decimals, signed) for row in rows]
    label_room = math.ceil(max(text_width(t, sizes.label, "bold") for t in texts)) + 10
    width = layout.width - left - 4
    inner_right = width - (label_room if high > 0 else 0)
    inner_left = label_room if low < 0 else 0

    x_pixel = linear(low, high, inner_left, inner_right)

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
        marks(rows)
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
            marks(seen)
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
    numbers = haloed(labels, fontSize=sizes.label, fontWeight="bold")
    zero = x_pixel(0)
    axis = at_pixels(
        marks([{"px": round(zero, 2), "py": 0, "qy": height}]).mark_rule(color=AXIS, strokeWidth=1)
    )
    layers.append(axis.encode(y2=alt.Y2("qy:Q")))
    legend, key_height = key_layers(key, -left, layout.width - 6, sizes.label)
    above = 0
    if level:
        at = x_pixel(level.value)
        above = round(sizes.label * 1.5)
        room = text_width(level.name, sizes.label)
        rule = at_pixels(
            marks([{"px": round(at, 2), "py": -4, "qy": height}]).mark_rule(
                color=COLOURS["plan"], strokeDash=[4, 3], strokeWidth=1.4
            )
        )
        layers.append(rule.encode(y2=alt.Y2("qy:Q")))
        start = min(max(at - room / 2, -left), width - room)
        layers.append(
            text_layer(
                [{"px": round(start, 2), "py": -above / 2 - 3, "t": level.name, "c": MUTED}],
                fontSize=sizes.label,
            )
        )
        legend = [moved_down(layer, -above) for layer in legend]
    return compose(
        [*legend, *layers, *numbers],
        layout,
        height=height,
        left=left,
        right=4,
        top=key_height + above + 6,
        bottom=4,
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
    rows = rows_of(frame.assign(**{age: frame[age].astype(str)}), {"a": age, "s": sex, "v": value, "y": year})
    top_value = max(row["v"] for row in rows if row["y"] in (latest, earlier))
    ticks = nice_ticks(0, top_value, 3 if layout.is_narrow else 4)
    limit = max(top_value * 1.04, ticks[-1] if ticks[-1] <= top_value * 1.04 else ticks[-2])
    ticks = [t for t in ticks if t <= limit]
    both = [-t for t in ticks[:0:-1]] + ticks
    left = axis_extent(groups, sizes.label)
    width = layout.width - left - 8
    band = plot / len(groups)
    digits = decimals_of(ticks)
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
        marks([row for row in rows if row["y"] == latest])
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
            layers.append(
                at_pixels(marks(steps).mark_line(color=INK, strokeWidth=1.4)).encode(order=alt.Order("k:Q"))
            )
    middle = at_pixels(
        marks([{"px": round(width / 2, 2), "py": 0, "qy": plot}]).mark_rule(color=PAPER, strokeWidth=1.5)
    ).encode(y2=alt.Y2("qy:Q"))
    legend, key_height = key_layers(key, -left, layout.width - 6, sizes.label)
    return compose([*legend, *layers, middle], layout, height=plot, left=left, right=8, top=key_height + 6)


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
    rows = rows_of(
        frame.assign(**{category: frame[category].astype(str)}),
        {"n": category, **{f"p{i}": name for i, name in enumerate(names)}},
    )
    left = axis_extent([row["n"] for row in rows], sizes.label)
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
            text = rounded_text(value, decimals)
            if text_width(text, sizes.label, "bold") + 4 <= span:
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
    bars = at_pixels(marks(rects).mark_rect(stroke=PAPER, strokeWidth=1)).encode(
        x2=alt.X2("qx:Q"),
        y2=alt.Y2("qy:Q"),
        color=alt.Color("s:N", scale=alt.Scale(domain=names, range=list(parts.values())), legend=None),
        tooltip=[
            alt.Tooltip("n:N", title=category),
            alt.Tooltip("s:N", title="构成"),
            alt.Tooltip("v:Q", title=f"比重{suffix}", format=f".{decimals}f"),
        ],
    )
    legend, key_height = key_layers(
        [("square", hue, name) for name, hue in parts.items()], -left, layout.width - 6, sizes.label
    )
    return compose(
        [
            *legend,
            bars,
            text_layer(heads, fontSize=sizes.label),
            text_layer(texts, fontSize=sizes.label, fontWeight="bold"),
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
    rows = [row for row in rows_of(frame, fields) if row["a"] is not None or row["b"] is not None]
    if sort:
        rows.sort(key=lambda r: (-(r["b"] if r["b"] is not None else r["a"]), r["n"]))
    left = axis_extent([row["n"] for row in rows], sizes.label)
    values = values_of(rows, "a", "b", "t")
    room = math.ceil(max(text_width(rounded_text(v, decimals), sizes.label, "bold") for v in values)) + 12
    width = layout.width - left - 4
    low, high = min(values), max(values)
    span = (high - low) or 1

    x_pixel = linear(low, low + span, room, width - room)

    height = ROW_HEIGHT * len(rows)
    y_encoding = alt.Y(
        "n:N",
        sort=[row["n"] for row in rows],
        axis=alt.Axis(title=None, minExtent=left, maxExtent=left, labelColor=INK, labelLimit=400, grid=False),
    )
    scale = alt.Scale(domain=[low, low + span], range=[room, width - room], nice=False, zero=False)
    suffix = f"（{unit}）" if unit else ""
    both = [row for row in rows if row["a"] is not None and row["b"] is not None]
    guide = at_pixels(
        marks([{"px": 0, "py": ROW_HEIGHT * (i + 0.5), "qx": width} for i in range(len(rows))]).mark_rule(
            color=GRID
        )
    ).encode(x2=alt.X2("qx:Q"))
    stem = (
        marks(both)
        .mark_rule(color=mix(colour, TINT_80), strokeWidth=4)
        .encode(y=y_encoding, x=alt.X("a:Q", scale=scale, axis=None), x2=alt.X2("b:Q"))
    )
    layers = [guide, stem]

    def points(field: str, name: str, **mark: Any) -> alt.Chart:
        return (
            marks([row for row in rows if row.get(field) is not None])
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
    key = [("ring", colour, start)]
    if any(row["b"] is not None for row in rows):
        key.append(("dot", colour, end))
    if target:
        layers.append(points("t", target, shape="diamond", fill=INK, stroke=PAPER, strokeWidth=1, size=70))
        key.append(("diamond", INK, target))
    texts = []
    for i, row in enumerate(rows):
        pair = [(row[k], hue) for k, hue in (("a", MUTED), ("b", text_colour(colour))) if row[k] is not None]
        pair.sort(key=lambda p: p[0])
        # Numbers stand outside all marks of the row that they would otherwise cover.
        places = sorted(x_pixel(row[k]) for k in ("a", "b", "t") if row.get(k) is not None)
        for rank, (number, hue) in enumerate(pair):
            text = rounded_text(number, decimals)
            taken = text_width(text, sizes.label, "bold")
            x = x_pixel(number)
            if rank == 0 and len(pair) == 2:
                for place in reversed(places):
                    x = place if x - 14 - taken < place < x else x
                left_edge = x - 9 - taken
            else:
                for place in places:
                    x = place if x < place < x + 14 + taken else x
                left_edge = x + 9
            texts.append({"px": round(left_edge, 2), "py": ROW_HEIGHT * (i + 0.5), "t": text, "c": hue})
    layers += haloed(texts, fontSize=sizes.label, fontWeight="bold")
    legend, key_height = key_layers(key, -left, layout.width - 6, sizes.label)
    return compose(
        [*legend, *layers], layout, height=height, left=left, right=4, top=key_height + 6, bottom=4
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
    rows = rows_of(frame, {"n": name, "v": value, "r": row, "c": column})
    known = [r["v"] for r in rows if r["v"] is not None]
    if not known:
        bounds = []
    elif bounds is None:
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
        number = "未公布" if r["v"] is None else rounded_text(r["v"], decimals, signed)
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
    squares = at_pixels(marks(tiles).mark_rect(stroke=GRID, strokeWidth=1, cornerRadius=3)).encode(
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
        text_layer(
            [{k: v for k, v in entry.items() if k != "w"} for entry in texts if entry["w"] == weight],
            fontSize=sizes.label,
            align="center",
            fontWeight="bold" if weight == "bold" else "normal",
        )
        for weight in ("regular", "bold")
    ]
    key = []
    digits = max((decimals_of([b]) for b in bounds), default=0)
    for i in range(len(bounds) + 1):
        if not bounds:
            break
        text = (
            f"{rounded_text(bounds[0], digits)}以下"
            if i == 0
            else f"{rounded_text(bounds[-1], digits)}及以上"
            if i == len(bounds)
            else f"{rounded_text(bounds[i - 1], digits)}—{rounded_text(bounds[i], digits)}"
        )
        key.append(("square", SEQUENCE[spread_of_tints[i]], text))
    legend, key_height = key_layers(key, 0, layout.width - 6, sizes.label)
    height = (row_numbers[-1] - row_numbers[0] + 1) * (tile_height + gap) - gap
    left = max(round((layout.width - columns * (tile_width + gap) + gap) / 2), 1)
    legend = [moved_right(layer, -left + 1) for layer in legend]
    return compose(
        [*legend, squares, *labels],
        layout,
        height=height,
        left=left,
        right=left,
        top=key_height + 8,
        bottom=4,
    )


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
    rows = rows_of(frame, fields)
    left = axis_extent([r["n"] for r in rows], sizes.label)
    values = [v for r in rows for k, v in r.items() if k != "n" and v is not None] + (
        [level.value] if level else []
    )
    ticks = nice_ticks(min(values), max(values), 4 if layout.is_narrow else 6)
    texts = [rounded_text(r["m"], decimals) if r["m"] is not None else "" for r in rows]
    right = math.ceil(max(text_width(t, sizes.label, "bold") for t in texts)) + LABEL_GAP + 4
    width = layout.width - left - right
    height = (ROW_HEIGHT + 3) * len(rows)
    scale = alt.Scale(domain=[ticks[0], ticks[-1]], nice=False, zero=False)
    axis = alt.Axis(values=ticks, title=None, grid=True, format=f".{decimals_of(ticks)}f", domain=False)
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
            marks(bounded)
            .mark_rule(
                color=mix(colour, TINT_95 if i == 0 and len(intervals) > 1 else TINT_80), strokeWidth=9
            )
            .encode(y=y_encoding, x=alt.X(f"l{i}:Q", scale=scale, axis=axis), x2=alt.X2(f"h{i}:Q"))
        )
    layers.append(
        marks([r for r in rows if r["m"] is not None])
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
    layers.append(text_layer(labels, fontSize=sizes.label, fontWeight="bold"))
    above = 0
    if level:
        at = (level.value - ticks[0]) / (ticks[-1] - ticks[0]) * width
        above = round(sizes.label * 1.5)
        room = text_width(level.name, sizes.label)
        rule = at_pixels(
            marks([{"px": round(at, 2), "py": -3, "qy": height}]).mark_rule(
                color=INK, strokeDash=[4, 3], strokeWidth=1.4
            )
        )
        layers.append(rule.encode(y2=alt.Y2("qy:Q")))
        start = min(max(at - room / 2, -left), width + right - room)
        layers.append(
            text_layer(
                [{"px": round(start, 2), "py": -above / 2 - 2, "t": level.name, "c": INK}],
                fontSize=sizes.label,
            )
        )
    return compose(layers, layout, height=height, left=left, right=right, top=above + 6)
