"""A timeline of promises: from the plan to the due date, with what was published on the way and where the edition stands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal

import altair as alt
import pandas as pd

from popbook.exhibits.drawing import MARGIN, at_pixels, compose, key_layers, marks, moved_down, text_layer
from popbook.exhibits.fonts import text_width, wrap_text
from popbook.exhibits.model import Layout
from popbook.exhibits.theme import COLOURS, GRID, INK, MUTED, PAPER, type_scale

Shape = Literal["dot", "diamond", "ring"]

ROW: Final = 26
_NAMES: Final = 168


def timeline_chart(
    rows: pd.DataFrame,
    events: pd.DataFrame,
    layout: Layout,
    *,
    row: str,
    due: str,
    state: str,
    when: str,
    kind: str,
    start: date,
    today: date,
    today_name: str,
    colours: Mapping[str, str],
    kinds: Mapping[str, tuple[Shape, str]],
    group: str = "",
) -> alt.LayerChart:
    """Draw one line per promise from the start to its due date, its evidence as marks, its state as a word at the end.

    Parameters
    ----------
    rows
        One row per promise: its name, due date (ISO) and state word.
    events
        One row per piece of evidence: name of the promise, date (ISO) and kind.
    layout
        Drawing to make.
    row, due, state
        Columns of ``rows``; ``row`` also of ``events``.
    when, kind
        Columns of ``events``.
    start
        First day of the axis (the plan).
    today, today_name
        The day up to which publications count, and its name; drawn as a dotted vertical.
    colours
        Colour by state word.
    kinds
        Shape and colour by kind of evidence, in the order of the key.
    group
        Column of ``rows`` whose changes start a new group with a head, or "".

    Returns
    -------
    alt.LayerChart
        Chart without title.
    """
    sizes = type_scale(layout)
    shown = rows.to_dict("records")
    words = {str(record[state]) for record in shown}
    right = math.ceil(max(text_width(word, sizes.label, "bold") for word in words)) + 12
    # A phone has no room beside the lines: names stand over them.
    above = layout.is_narrow
    left = MARGIN if above else _NAMES
    width = layout.width - left - right
    ends = [date.fromisoformat(str(record[due])) for record in shown]
    last = max([*ends, today])
    span = (last - start).days or 1

    def x_pixel(day: date) -> float:
        return round(6 + min(max((day - start).days / span, 0.0), 1.0) * (width - 12), 2)

    line = round(sizes.label * 1.35)
    y = 0.0
    heads: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    tails: list[dict[str, Any]] = []
    rails: list[dict[str, Any]] = []
    stops: list[dict[str, Any]] = []
    places: dict[str, float] = {}
    seen = None
    for record, end in zip(shown, ends, strict=True):
        if group and record[group] != seen:
            seen = record[group]
            y += 6 if heads else 0
            heads.append({"px": MARGIN - left, "py": y + line * 0.75, "t": str(seen), "c": INK})
            y += line * 1.5
        name = str(record[row])
        said = wrap_text(name, (layout.width if above else left) - 10, sizes.label, "regular")
        height = len(said) * line + ROW - line + (8 if above else 0)
        centre = y + height - 11 if above else y + height / 2
        first = y + 4 + line / 2 if above else centre - (len(said) - 1) * line / 2
        for place, text in enumerate(said):
            names.append({"px": MARGIN - left, "py": round(first + place * line, 2), "t": text, "c": INK})
        centre = round(centre, 2)
        places[name] = centre
        rails.append({"px": x_pixel(start), "qx": x_pixel(end), "py": centre})
        stops.append(
            {"px": x_pixel(end), "py": centre - 6, "qy": centre + 6, "n": name, "d": str(record[due])}
        )
        word = str(record[state])
        tails.append({"px": width + 8, "py": centre, "t": word, "c": colours[word]})
        y += height
    ticks = [day for year in range(start.year + 1, last.year + 2) if (day := date(year, 1, 1)) <= last]
    # A due date is the last day of its year: the year's name stands in the middle of the year, not at its first day.
    foot = []
    for year in range(start.year, last.year + 1):
        middle = (x_pixel(max(date(year, 1, 1), start)) + x_pixel(min(date(year, 12, 31), last))) / 2
        room = text_width(str(year), sizes.label)
        foot.append({"px": round(middle - room / 2, 2), "py": y + line * 0.8, "t": str(year), "c": MUTED})
    grid = [{"px": x_pixel(day), "py": 0, "qy": round(y, 2)} for day in ticks]
    at = x_pixel(today)
    room = text_width(today_name, sizes.label)
    caption = {"px": round(min(max(at - room / 2, -left), width + right - room), 2), "py": -line / 2 - 3,
               "t": today_name, "c": MUTED}  # fmt: skip
    layers = [
        at_pixels(marks(grid).mark_rule(color=GRID)).encode(y2=alt.Y2("qy:Q")),
        at_pixels(marks(rails).mark_rule(color=COLOURS["plan"], strokeWidth=2)).encode(x2=alt.X2("qx:Q")),
        at_pixels(marks(stops).mark_rule(color=INK, strokeWidth=2)).encode(
            y2=alt.Y2("qy:Q"), tooltip=[alt.Tooltip("n:N", title=row), alt.Tooltip("d:N", title=due)]
        ),
        at_pixels(
            marks([{"px": at, "py": -3, "qy": round(y, 2)}]).mark_rule(
                color=INK, strokeDash=[1.5, 3], strokeWidth=1.4
            )
        ).encode(y2=alt.Y2("qy:Q")),
    ]
    dots = [
        {"px": x_pixel(date.fromisoformat(str(record[when]))), "py": places[str(record[row])], "n": str(record[row]),
         "d": str(record[when]), "k": str(record[kind])}
        for record in events.to_dict("records")
        if str(record[row]) in places
    ]  # fmt: skip
    tooltip = [alt.Tooltip("n:N", title=row), alt.Tooltip("d:N", title=when), alt.Tooltip("k:N", title=kind)]
    for name, (shape, colour) in kinds.items():
        part = [dot for dot in dots if dot["k"] == name]
        if part:
            drawn = marks(part).mark_point(
                shape="diamond" if shape == "diamond" else "circle", filled=True,
                fill=PAPER if shape == "ring" else colour, stroke=colour, strokeWidth=1.6, size=78, opacity=1,
            )  # fmt: skip
            layers.append(at_pixels(drawn).encode(tooltip=tooltip))
    layers += [
        text_layer(names, fontSize=sizes.label),
        text_layer(tails, fontSize=sizes.label, fontWeight="bold"),
        text_layer(foot, fontSize=sizes.label),
        text_layer([caption], fontSize=sizes.label),
    ]
    if heads:
        layers.append(text_layer(heads, fontSize=sizes.label, fontWeight="bold"))
    present = {dot["k"] for dot in dots}
    key = [(shape, colour, name) for name, (shape, colour) in kinds.items() if name in present]
    legend, key_height = key_layers(key, -left, layout.width - 6, sizes.label)
    legend = [moved_down(layer, -line - 4) for layer in legend]
    return compose(
        [*legend, *layers], layout, height=y, left=left, right=right, top=key_height + line + 10,
        bottom=round(line * 1.6),
    )  # fmt: skip
