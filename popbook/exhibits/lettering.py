"""The texts of a drawing, set without the converter: it is given them empty, and they are put in where it left room.

The converter measures every text that it draws, and opens the typeface several times for each character; that is a
third of the time of a drawing. Texts of charts stand at measured places (:func:`popbook.exhibits.drawing.text_layer`),
where their width changes nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

_EMPTY_TEXT = re.compile(r"(<text[^>]*)/>")
TEXT = {"field": "t", "type": "nominal"}
"""How the texts of a layer are named."""


def without_texts(spec: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a specification whose layers of text are empty, and their texts in drawing order.

    Parameters
    ----------
    spec
        Vega-Lite specification made by :func:`popbook.exhibits.drawing.framed_specs`; it is not changed.

    Examples
    --------
    >>> layer = {"mark": {"type": "text"}, "encoding": {"text": TEXT}, "data": {"name": "a"}}
    >>> emptied, texts = without_texts({"layer": [layer], "datasets": {"a": [{"px": 1, "t": "人口"}]}})
    >>> emptied["layer"][0]["data"], texts
    ({'values': [{'px': 1, 't': ''}]}, ['人口'])
    """
    texts: list[str] = []
    layers = [_emptied(layer, spec["datasets"], texts) for layer in spec["layer"]]
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
