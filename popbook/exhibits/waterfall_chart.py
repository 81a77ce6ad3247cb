"""A change taken apart: each term hangs where the one before it ends, and the last bar is what they come to."""

from __future__ import annotations

import math

import altair as alt
import pandas as pd

from popbook.exhibits.drawing import (
    LABEL_GAP,
    ROW_HEIGHT,
    at_pixels,
    axis_extent,
    compose,
    linear,
    marks,
    rows_of,
    text_layer,
    values_of,
)
from popbook.exhibits.fonts import text_width
from popbook.exhibits.model import Layout
from popbook.exhibits.theme import AXIS, GRID, INK, TINT_80, mix, text_colour, type_scale
from popbook.monitoring.rounding import rounded_text


def waterfall_chart(
    frame: pd.DataFrame,
    layout: Layout,
    *,
    category: str,
    value: str,
    total: str,
    colour: str,
    total_colour: str,
    unit: str = "",
    decimals: int = 1,
) -> alt.LayerChart:
    """Draw terms from the top down, each from where the one before ended, and their sum from zero.

    Parameters
    ----------
    frame
        One row per term, in order of drawing, and the total as the last one.
    layout
        Drawing to make.
    category, value
        Columns: name and signed value of a term.
    total
        Name of the total.
    colour, total_colour
        Colours of terms and total; up and down are told by the sign at the bar and by the side on which it lies.
    unit, decimals
        How values are printed.

    Returns
    -------
    alt.LayerChart
        Chart without title.

    Raises
    ------
    ValueError
        If the terms do not add up to the total in the digits that are printed.
    """
    sizes = type_scale(layout)
    rows = rows_of(frame, {"n": category, "v": value})
    values_of(rows, "v")
    reached = 0.0
    bars = []
    for row in rows:
        amount = float(row["v"])
        start = 0.0 if row["n"] == total else reached
        bars.append({"n": row["n"], "v": amount, "a": round(start, 6), "b": round(start + amount, 6)})
        reached = start + amount
        if row["n"] == total and abs(amount - (bars[-2]["b"] if len(bars) > 1 else 0.0)) > 0.6 * 10.0**-decimals:
            raise ValueError("the terms of a waterfall must add up to its total")
    left = axis_extent([bar["n"] for bar in bars], sizes.label)
    texts = [rounded_text(bar["v"], decimals, signed=True) for bar in bars]
    room = math.ceil(max(text_width(text, sizes.label, "bold") for text in texts)) + LABEL_GAP + 4
    width = layout.width - left - 4
    ends = [0.0, *(bar["a"] for bar in bars), *(bar["b"] for bar in bars)]
    low, high = min(ends), max(ends)
    # Numbers stand at the outer end of each bar, so both sides keep room for one.
    x_pixel = linear(low, high if high > low else low + 1, room, width - room)
    pitch = ROW_HEIGHT + 4
    thick = pitch * 0.56
    height = pitch * len(bars)
    boxes, links, labels, names = [], [], [], []
    for place, (bar, text) in enumerate(zip(bars, texts, strict=True)):
        middle = pitch * (place + 0.5)
        x0, x1 = x_pixel(bar["a"]), x_pixel(bar["b"])
        boxes.append({
            "px": round(min(x0, x1), 2), "qx": round(max(x0, x1), 2), "py": round(middle - thick / 2, 2),
            "qy": round(middle + thick / 2, 2), "n": bar["n"], "v": bar["v"], "s": bar["n"] == total,
        })  # fmt: skip
        if place + 1 < len(bars):
            links.append({"px": round(x1, 2), "py": round(middle + thick / 2, 2), "qy": round(middle + pitch - thick / 2, 2)})
        taken = text_width(text, sizes.label, "bold")
        at = x1 - LABEL_GAP - taken if bar["v"] < 0 else x1 + LABEL_GAP
        labels.append({"px": round(at, 2), "py": middle, "t": text, "c": text_colour(total_colour if bar["n"] == total else colour)})
        names.append({
            "px": round(-LABEL_GAP - text_width(bar["n"], sizes.label), 2), "py": middle, "t": bar["n"], "c": INK,
        })  # fmt: skip
    zero = round(x_pixel(0.0), 2)
    guide = [{"px": -left + 2, "qx": width, "py": pitch * (len(bars) - 1)}]
    suffix = f"（{unit}）" if unit else ""
    tooltip = [alt.Tooltip("n:N", title=category), alt.Tooltip("v:Q", title=f"{value}{suffix}", format=f"+.{decimals}f")]

    def drawn(is_total: bool, fill: str) -> alt.Chart:
        part = marks([box for box in boxes if box["s"] == is_total]).mark_rect(fill=fill, stroke=total_colour if is_total else colour)
        return at_pixels(part).encode(x2=alt.X2("qx:Q"), y2=alt.Y2("qy:Q"), tooltip=tooltip)

    layers = [
        at_pixels(marks(guide).mark_rule(color=GRID)).encode(x2=alt.X2("qx:Q")),
        at_pixels(marks([{"px": zero, "py": 0, "qy": height}]).mark_rule(color=AXIS)).encode(y2=alt.Y2("qy:Q")),
    ]
    if links:
        layers.append(at_pixels(marks(links).mark_rule(color=AXIS, strokeDash=[2, 2])).encode(y2=alt.Y2("qy:Q")))
    layers += [drawn(False, mix(colour, TINT_80)), drawn(True, total_colour)]
    layers += [text_layer(labels, fontSize=sizes.label, fontWeight="bold"), text_layer(names, fontSize=sizes.label)]
    return compose(layers, layout, height=height, left=left, right=4, top=6, bottom=4)
