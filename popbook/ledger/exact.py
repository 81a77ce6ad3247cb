"""Results of computations as bytes and back, bit for bit: numbers, texts, tables, and records of this library.

Only data are written, never code: reading makes nothing but values of the kinds listed here, and records whose class is
a dataclass of this library. It may therefore be read from a folder that others can write to.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

PACKAGE = "popbook"
LENGTH_BYTES = 8
FIXED_KINDS = "biuf"
"""Kinds of arrays that are written as their bytes: truth values, whole numbers, floating-point numbers."""


class NotExact(TypeError):
    """A value of a kind that cannot be written."""


def to_bytes(value: Any) -> bytes:
    """Return a value as bytes.

    Parameters
    ----------
    value
        Numbers, texts, None, tuples, lists, dicts, sets, arrays, pandas tables, columns and indexes, dataclasses of this
        library, nested at will.

    Returns
    -------
    bytes
        The same for equal values.

    Raises
    ------
    NotExact
        For a value of another kind.

    Examples
    --------
    >>> from_bytes(to_bytes({"years": (2020, 2021), "share": 0.1}))
    {'years': (2020, 2021), 'share': 0.1}
    """
    arrays: list[bytes] = []
    header = json.dumps(_described(value, arrays), ensure_ascii=False).encode()
    return b"".join([len(header).to_bytes(LENGTH_BYTES, "big"), header, *arrays])


def from_bytes(content: bytes) -> Any:
    """Return the value that :func:`to_bytes` wrote.

    Raises
    ------
    NotExact
        If the bytes name a class that is no dataclass of this library.
    ValueError, KeyError, TypeError, IndexError
        If the bytes were written by something else.
    """
    length = int.from_bytes(content[:LENGTH_BYTES], "big")
    header = json.loads(content[LENGTH_BYTES : LENGTH_BYTES + length])
    return _Reader(content[LENGTH_BYTES + length :]).value(header)


def _described(value: Any, arrays: list[bytes]) -> Any:
    """Describe a value in JSON; the bytes of arrays are added to the list."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    for kind, make in _WRITERS.items():
        if type(value) is kind:
            return make(value, arrays)
    if isinstance(value, np.generic) and value.dtype.kind in FIXED_KINDS:
        return {"number": _fixed(np.asarray(value), arrays)}
    if isinstance(value, pd.Index):
        return _index(value, arrays)
    if is_dataclass(value) and not isinstance(value, type) and type(value).__module__.startswith(f"{PACKAGE}."):
        content = {item.name: _described(getattr(value, item.name), arrays) for item in fields(value)}
        return {"record": [type(value).__module__, type(value).__qualname__, content]}
    raise NotExact(f"{type(value).__module__}.{type(value).__qualname__}")


def _items(name: str) -> Callable[[Any, list[bytes]], Any]:
    return lambda value, arrays: {name: [_described(item, arrays) for item in value]}


def _pairs(value: dict[Any, Any], arrays: list[bytes]) -> Any:
    return {"dict": [[_described(key, arrays), _described(item, arrays)] for key, item in value.items()]}


def _fixed(value: np.ndarray[Any, Any], arrays: list[bytes]) -> list[Any]:
    # The order of the axes in memory decides in which order a sum is made, and so its last digit.
    order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
    arrays.append(value.tobytes("A"))
    return [value.dtype.str, list(value.shape), order, len(arrays[-1])]


def _array(value: Any, arrays: list[bytes]) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind in FIXED_KINDS:
        return {"array": _fixed(value, arrays)}
    if isinstance(value, np.ndarray) and value.dtype == object:
        return {"objects": [list(value.shape), [_described(item, arrays) for item in value.ravel()]]}
    if isinstance(getattr(value, "dtype", None), pd.StringDtype) or str(getattr(value, "dtype", "")) in NULLABLE:
        texts = [None if missing else item for item, missing in zip(value.tolist(), pd.isna(value), strict=True)]
        marker = "nan" if getattr(value.dtype, "na_value", pd.NA) is np.nan else "NA"
        return {"nullable": [str(value.dtype), marker, _described(texts, arrays)]}
    if isinstance(value, pd.arrays.NumpyExtensionArray):
        return _array(value.to_numpy(), arrays)
    raise NotExact(f"{type(value).__qualname__} of {getattr(value, 'dtype', '')}")


NULLABLE = ("Int64", "Float64", "boolean")


def _index(value: pd.Index, arrays: list[bytes]) -> Any:
    names = _described(list(value.names), arrays)
    if isinstance(value, pd.RangeIndex):
        return {"range": [value.start, value.stop, value.step, names]}
    if isinstance(value, pd.MultiIndex):
        levels = [_index(level, arrays) for level in value.levels]
        return {"levels": [levels, [_array(np.asarray(codes), arrays) for codes in value.codes], names]}
    if type(value) is pd.Index:
        return {"index": [_array(value.array, arrays), names]}
    raise NotExact(type(value).__qualname__)


def _series(value: pd.Series, arrays: list[bytes]) -> Any:
    return {"series": [_array(value.array, arrays), _index(value.index, arrays), _described(value.name, arrays)]}


def _frame(value: pd.DataFrame, arrays: list[bytes]) -> Any:
    columns = [_array(value.iloc[:, place].array, arrays) for place in range(value.shape[1])]
    return {"frame": [columns, _index(value.index, arrays), _index(value.columns, arrays)]}


_WRITERS: dict[type, Callable[[Any, list[bytes]], Any]] = {
    tuple: _items("tuple"),
    list: _items("list"),
    dict: _pairs,
    frozenset: lambda value, arrays: {"frozenset": [_described(item, arrays) for item in sorted(value)]},
    set: lambda value, arrays: {"set": [_described(item, arrays) for item in sorted(value)]},
    np.ndarray: _array,
    pd.DataFrame: _frame,
    pd.Series: _series,
}


class _Reader:
    """Makes values of their description; takes the bytes of arrays in the order in which they were written."""

    def __init__(self, arrays: bytes) -> None:
        self._arrays = arrays
        self._place = 0

    def value(self, described: Any) -> Any:
        """Return a value."""
        if not isinstance(described, dict):
            return described
        ((kind, content),) = described.items()
        return getattr(self, f"_{kind}")(content)

    def _tuple(self, content: Any) -> Any:
        return tuple(map(self.value, content))

    def _list(self, content: Any) -> Any:
        return list(map(self.value, content))

    def _frozenset(self, content: Any) -> Any:
        return frozenset(map(self.value, content))

    def _set(self, content: Any) -> Any:
        return set(map(self.value, content))

    def _dict(self, content: Any) -> Any:
        return {self.value(key): self.value(item) for key, item in content}

    def _number(self, content: Any) -> Any:
        return self._array(content)[()]

    def _array(self, content: Any) -> Any:
        dtype, shape, order, length = content
        raw = self._arrays[self._place : self._place + length]
        self._place += length
        # A copy of its own, which may be written to.
        return np.frombuffer(raw, dtype=np.dtype(dtype)).copy().reshape(shape, order=order)

    def _objects(self, content: Any) -> Any:
        shape, items = content
        made = np.empty(len(items), dtype=object)
        for place, item in enumerate(items):
            made[place] = self.value(item)
        return made.reshape(shape)

    def _nullable(self, content: Any) -> Any:
        dtype, marker, items = content
        known = pd.StringDtype(na_value=np.nan if marker == "nan" else pd.NA)
        return pd.array(self.value(items), dtype=known if dtype.startswith("str") else dtype)

    def _range(self, content: Any) -> Any:
        start, stop, step, names = content
        return pd.RangeIndex(start, stop, step).set_names(self.value(names))

    def _levels(self, content: Any) -> Any:
        levels, codes, names = content
        made_levels = [self.value(level) for level in levels]
        made_codes = [self.value(code) for code in codes]
        return pd.MultiIndex(levels=made_levels, codes=made_codes, names=self.value(names), verify_integrity=False)

    def _index(self, content: Any) -> Any:
        items, names = content
        found = self.value(items)
        return pd.Index(found, dtype=found.dtype).set_names(self.value(names))

    def _series(self, content: Any) -> Any:
        items, index, name = content
        found = self.value(items)
        return pd.Series(found, index=self.value(index), dtype=found.dtype, name=self.value(name))

    def _frame(self, content: Any) -> Any:
        columns, index, names = content
        found = [self.value(column) for column in columns]
        made_index, made_names = self.value(index), self.value(names)
        # By place, because two columns may have one name.
        frame = pd.DataFrame(
            {place: pd.Series(column, index=made_index, dtype=column.dtype) for place, column in enumerate(found)},
            index=made_index,
        )
        frame.columns = made_names
        return frame

    def _record(self, content: Any) -> Any:
        module, name, described = content
        if not module.startswith(f"{PACKAGE}."):
            raise NotExact(module)
        kind = getattr(import_module(module), name)
        if not (isinstance(kind, type) and is_dataclass(kind)):
            raise NotExact(f"{module}.{name}")
        made = object.__new__(kind)
        for key, item in described.items():
            object.__setattr__(made, key, self.value(item))
        return made
