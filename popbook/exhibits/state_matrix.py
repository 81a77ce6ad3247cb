"""States of many rules over several editions as a grid of shapes: which fired, which stayed quiet, which had no figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import altair as alt
import pandas as pd

from popbook.exhibits.drawing import MARGIN, at_pixels, compose, key_layers, marks, moved_down, text_layer
from popbook.exhibits.fonts import text_width, wrap_text
from popbook.exhibits.model import Layout
from popbook.exhibits.theme import COLOURS, GRID, INK, MUTED, PAPER, TINT_95, mix, type_scale

Shape = Literal["square", "ring", "dash"]

ROW: Final = 22
GROUP_ROW: Final = 26
_COLUMN: Final = {"wide": 52, "narrow": 31}


def state_matrix(
    frame: pd.DataFrame,
    layout: Layout,
    *,
    row: str,
    columns: Sequence[str],
    states: Mapping[str, tuple[Shape, str]],
    group: str = "",
    texts: Sequence[str] = (),
    latest: str = "",
) -> alt.LayerChart:
    """Draw one shape per row and column, so that a state is told by its shape before its colour.

    Parameters
    ----------
    frame
        One row per rule; one column of state words per edition.
    layout
        Drawing to make.
    row
        Column naming the rows.
    columns
        Columns of states, in order; their names stand over the grid.
    states
        Shape (filled square, ring, dash) and colour by state word, in the order of the key.
    group
        Column whose changes start a new group with a head, or "".
    texts
        Columns of short texts printed to the right of the grid, their names as heads.
    latest
        Column that is tinted as the current one, or "".

    Returns
    -------
    alt.LayerChart
        Chart without title.
    """
    sizes = type_scale(layout)
    pitch = _COLUMN[layout.name]
    rooms = [
        math.ceil(max(text_width(t, sizes.label) for t in (name, *frame[name].astype(str)))) + 8
        for name in texts
    ]
    grid = pitch * len(columns)
    left = layout.width - grid - sum(rooms) - 2 * MARGIN
    y = 0.0
    heads: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    cells: list[dict[str, Any]] = []
    seen = None
    for record in frame.to_dict("records"):
        if group and record[group] != seen:
            seen = record[group]
            y += 4 if heads else 0
            heads.append({"px": MARGIN - left, "py": y + GROUP_ROW / 2, "t": str(seen), "c": INK})
            y += GROUP_ROW
        said = wrap_text(str(record[row]), left - 8, sizes.label, "regular")
        height = ROW + (len(said) - 1) * sizes.label * 1.3
        lines.append({"px": MARGIN - left, "qx": grid + sum(rooms), "py": round(y, 2)})
        middle = y + height / 2
        for place, words in enumerate(said):
            at = middle + (place - (len(said) - 1) / 2) * sizes.label * 1.3
            names.append({"px": MARGIN - left, "py": round(at, 2), "t": words, "c": INK})
        for place, column in enumerate(columns):
            cells.append({
                "px": pitch * (place + 0.5), "py": round(middle, 2), "s": str(record[column]), "n": str(record[row]),
                "e": column,
            })  # fmt: skip
        x = float(grid)
        for room, column in zip(rooms, texts, strict=True):
            text = str(record[column])
            start = x + room - 4 - text_width(text, sizes.label)
            notes.append({"px": round(start, 2), "py": round(middle, 2), "t": text, "c": MUTED})
            x += room
        y += height
    top = round(sizes.label * 1.7)
    column_heads = [
        {"px": pitch * (place + 0.5) - text_width(name, sizes.label) / 2, "py": -top / 2, "t": name,
         "c": INK if name == latest else MUTED}
        for place, name in enumerate(columns)
    ]  # fmt: skip
    x = float(grid)
    for room, name in zip(rooms, texts, strict=True):
        start = x + room - 4 - text_width(name, sizes.label)
        column_heads.append({"px": round(start, 2), "py": -top / 2, "t": name, "c": MUTED})
        x += room
    layers = [at_pixels(marks(lines).mark_rule(color=GRID)).encode(x2=alt.X2("qx:Q"))]
    if latest in columns:
        at = columns.index(latest) * pitch
        tint = marks([{"px": at + 2, "qx": at + pitch - 2, "py": -top, "qy": round(y, 2)}])
        layers.insert(
            0,
            at_pixels(tint.mark_rect(fill=mix(COLOURS["plan"], TINT_95))).encode(
                x2=alt.X2("qx:Q"), y2=alt.Y2("qy:Q")
            ),
        )
    tooltip = [
        alt.Tooltip("n:N", title=row), alt.Tooltip("e:N", title="年度版"), alt.Tooltip("s:N", title="状态"),
    ]  # fmt: skip
    for state, (shape, colour) in states.items():
        part = [cell for cell in cells if cell["s"] == state]
        if not part:
            continue
        kind = {"square": "square", "ring": "circle", "dash": "stroke"}[shape]
        drawn = marks(part).mark_point(
            shape=kind, filled=shape != "dash", fill=PAPER if shape == "ring" else colour, stroke=colour,
            strokeWidth=1.6, size=90 if shape == "square" else 62, opacity=1,
        )  # fmt: skip
        layers.append(at_pixels(drawn).encode(tooltip=tooltip))
    layers += [
        text_layer(column_heads, fontSize=sizes.label),
        text_layer(names, fontSize=sizes.label),
        text_layer(notes, fontSize=sizes.label),
    ]
    if heads:
        layers.append(text_layer(heads, fontSize=sizes.label, fontWeight="bold"))
    present = {cell["s"] for cell in cells}
    key = [(shape, colour, state) for state, (shape, colour) in states.items() if state in present]
    legend, key_height = key_layers(key, -left, layout.width - 6, sizes.label)
    legend = [moved_down(layer, -top) for layer in legend]
    return compose(
        [*legend, *layers],
        layout,
        height=y,
        left=left,
        right=sum(rooms) + 2 * MARGIN,
        top=key_height + top + 6,
        bottom=4,
    )
