"""The texts of a drawing, set without the converter: it is given them empty, and they are put in where it left room.

The converter measures every text that it draws, and opens the typeface several times for each character; that is a
third of the time of a drawing. Texts of charts stand at measured places (:func:`popbook.exhibits.drawing.text_layer`),
where their width changes nothing, and labels of axes are chosen so that they stand apart.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from popbook.exhibits.fonts import text_width

_EMPTY_TEXT = re.compile(r"(<text[^>]*)/>")
NUMBER_FORMAT = re.compile(r"d|(?P<sign>\+?)\.(?P<digits>\d)f")
"""How axes of numbers are written: whole, or with some digits."""

LEAST_GAP = 2
"""Pixels between labels of an axis from which on the converter is sure to show all of them."""

TEXT = {"field": "t", "type": "nominal"}
"""How the texts of a layer are named."""


def without_texts(spec: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a specification whose layers of text are empty, and their texts in drawing order.

    Parameters
    ----------
    spec
        Vega-Lite specification; it is not changed. One without layers, which
        :func:`popbook.exhibits.drawing.framed_specs` does not make, keeps its texts.

    Examples
    --------
    >>> layer = {"mark": {"type": "text"}, "encoding": {"text": TEXT}, "data": {"name": "a"}}
    >>> emptied, texts = without_texts({"layer": [layer], "datasets": {"a": [{"px": 1, "t": "人口"}]}})
    >>> emptied["layer"][0]["data"], texts
    ({'values': [{'px': 1, 't': ''}]}, ['人口'])
    """
    texts: list[str] = []
    if "layer" not in spec:
        return dict(spec), texts
    layers = list(spec["layer"])
    for channel in ("x", "y"):  # the converter draws axes before marks, in this order
        labels = _axis_labels(spec, channel)
        if labels:
            layers = [_without_labels(layer, channel) for layer in layers]
            texts += labels
    layers = [_emptied(layer, spec["datasets"], texts) for layer in layers]
    return {**spec, "layer": layers}, texts


def with_texts(svg: str, texts: list[str]) -> str | None:
    """Return a drawing of a specification by :func:`without_texts` with its texts; None if it has other room for them.

    Examples
    --------
    >>> with_texts('<g><text x="1"/></g>', ["<15岁"]), with_texts("<g></g>", ["<15岁"])
    ('<g><text x="1">&lt;15岁</text></g>', None)
    """
    pieces = _EMPTY_TEXT.split(svg)
    # A split at one group: what lies between, and what was found, by turns.
    if len(pieces) != 2 * len(texts) + 1:
        return None
    for place, text in enumerate(texts):
        pieces[2 * place + 1] += f">{html.escape(text, quote=False)}</text>" if text else "/>"
    return "".join(pieces)


def _axis_labels(spec: Mapping[str, Any], channel: str) -> list[str]:
    """Return the labels of an axis of numbers; none if there is no such axis, or the converter may leave some out."""
    shown = [layer["encoding"][channel] for layer in spec["layer"] if _axis(layer, channel)]
    domains = [each["scale"]["domain"] for each in shown if "domain" in (each.get("scale") or {})]
    if (
        not domains
        or any(each["axis"] != shown[0]["axis"] for each in shown)
        or any(d != domains[0] for d in domains)
    ):
        return []
    axis = shown[0]["axis"]
    written = NUMBER_FORMAT.fullmatch(axis.get("format", ""))
    if not written or "labelExpr" in axis or "values" not in axis:
        return []
    values, (low, high) = axis["values"], domains[0]
    style = f"{written['sign'] or ''}.{written['digits'] or 0}f"
    # As the converter writes numbers: with the sign of a subtraction, and a zero without.
    labels = [f"{value or 0:{style}}".replace("-", "−") for value in values]
    if axis.get("labelOverlap") is not False:
        step = min((after - before for before, after in pairwise(values)), default=high - low)
        room = step / (high - low) * spec["width"]
        size = spec["config"]["axis"]["labelFontSize"]
        # Labels at both ends are moved inside, so that two of them may stand whole between two places.
        if channel == "y" or room < 2 * max(text_width(label, size) for label in labels) + LEAST_GAP:
            return []
    return labels if all(low <= value <= high for value in values) else []


def _axis(layer: Mapping[str, Any], channel: str) -> Any:
    return layer["encoding"].get(channel, {}).get("axis")


def _without_labels(layer: Mapping[str, Any], channel: str) -> Mapping[str, Any]:
    axis = _axis(layer, channel)
    if not axis:
        return layer
    emptied = {**layer["encoding"][channel], "axis": {**axis, "labelExpr": "''"}}
    return {**layer, "encoding": {**layer["encoding"], channel: emptied}}


def _emptied(layer: Mapping[str, Any], datasets: Mapping[str, Any], texts: list[str]) -> Mapping[str, Any]:
    """Return a layer without its texts, which are added to the list; any other layer as it is."""
    mark = layer["mark"]
    if mark["type"] != "text" or "limit" in mark or layer["encoding"]["text"] != TEXT:
        return layer
    rows = datasets[layer["data"]["name"]]
    found = [row["t"] for row in rows]
    # The converter would strip them.
    if not all(isinstance(text, str) and text == text.strip() for text in found):
        return layer
    texts += found
    return {**layer, "data": {"values": [{**row, "t": ""} for row in rows]}}
