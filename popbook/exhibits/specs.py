"""Layers of a chart as the plain values of a Vega-Lite specification: what Altair makes of them, in a tenth of its time.

Altair asks of every number and word whether it is a table, an array, a date or some class that converts itself, two
milliseconds for a layer. Layers of this report are made of rows, numbers, words and Altair's own objects.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

import altair as alt
import numpy as np
from altair.utils import parse_shorthand

SHORTHAND = "shorthand"
"""Under this key Altair's channels keep a field and its kind, as ``year:Q``."""


def layer_spec(layer: alt.SchemaBase, datasets: dict[str, Any]) -> dict[str, Any]:
    """Return the specification of a layer; its rows are added to the data sets by name, as Altair names them.

    Parameters
    ----------
    layer
        Mark and encoding with rows of their own.
    datasets
        Rows by name; rows are named by their content.

    Examples
    --------
    >>> named = {}
    >>> spec = layer_spec(alt.Chart(alt.InlineData(values=[{"x": 1}])).mark_rule().encode(x=alt.X("x:Q")), named)
    >>> spec["mark"], spec["encoding"], list(named.values())
    ({'type': 'rule'}, {'x': {'field': 'x', 'type': 'quantitative'}}, [[{'x': 1}]])
    """
    given = dict(layer._kwds)
    rows, mark = given.pop("data").values, given.pop("mark")
    name = _dataset_name(rows)
    datasets[name] = rows
    return {
        "data": {"name": name},
        "mark": {"type": mark} if isinstance(mark, str) else _plain(mark),
        **_plain(given),
    }


def _dataset_name(rows: Sequence[Mapping[str, Any]]) -> str:
    content = json.dumps(rows, sort_keys=True, default=str)
    return "data-" + hashlib.sha256(content.encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, np.number):
        return float(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item is not alt.Undefined}
    if SHORTHAND in value._kwds:
        return _channel(value)
    return _plain(value._args[0] if value._args else value._kwds)


def _channel(value: alt.SchemaBase) -> dict[str, Any]:
    """Return a channel with field and kind in the places that Altair has for them."""
    given = dict(value._kwds)
    for key, item in _parsed(given.pop(SHORTHAND)).items():
        # Channels of a second end (x2, y2) have no kind of their own.
        has_place = key in given or key != "type"
        if has_place and given.get(key, alt.Undefined) is alt.Undefined:
            given[key] = item
    return cast(dict[str, Any], _plain(given))


@cache
def _parsed(shorthand: Any) -> Mapping[str, Any]:
    return parse_shorthand(shorthand) if isinstance(shorthand, str) else {}
