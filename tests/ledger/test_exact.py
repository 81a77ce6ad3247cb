from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.ledger.errors import Problem
from popbook.ledger.exact import LENGTH_BYTES, NotExact, from_bytes, to_bytes

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)


@dataclass(frozen=True)
class Foreign:
    """A record of another library."""

    value: int


def same(one: Any, other: Any) -> bool:
    """Whether two plain values are the same, kinds and all; one missing number is as good as another."""
    return type(one) is type(other) and repr(one) == repr(other)


@given(PLAIN)
def test_plain_values_come_back(value: Any) -> None:
    assert same(from_bytes(to_bytes(value)), value)


@given(st.lists(st.floats(width=64), max_size=12))
def test_numbers_come_back_bit_for_bit(values: list[float]) -> None:
    array = np.array(values, dtype=float)
    found = from_bytes(to_bytes(array))
    assert found.dtype == array.dtype
    assert found.tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([[True], [False]]),
        np.zeros((0, 4)),
        np.array(3.5),
        np.array(["a", None, 2], dtype=object),
        np.arange(12.0)[::2],
    ],
)
def test_arrays_come_back_with_shape_and_order(array: np.ndarray[Any, Any]) -> None:
    found = from_bytes(to_bytes(array))
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype
    assert found.flags.f_contiguous == (array.flags.f_contiguous or array.ndim < 2)
    assert found.flags.writeable


TABLES = {
    "kinds": pd.DataFrame(
        {"i": [1, 2], "f": [0.1, np.nan], "b": [True, False], "s": ["常住", None], "o": [("a",), None]}
    ),
    "whole numbers with gaps": pd.DataFrame({"n": pd.array([1, None], dtype="Int64")}),
    "named index": pd.DataFrame({"v": [1.0]}, index=pd.Index([2024], name="year")),
    "levels": pd.DataFrame(
        {"v": [1.0, 2.0]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", "h"])
    ),
    "numbers as columns": pd.DataFrame([[1.0, 2.0]], columns=pd.Index([0.8, 0.95], name="level")),
    "one name twice": pd.DataFrame([[1, 2.5]], columns=["a", "a"]),
    "no rows": pd.DataFrame(columns=["a", "b"]),
    "nothing": pd.DataFrame(),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_come_back(name: str) -> None:
    table = TABLES[name]
    found = from_bytes(to_bytes(table))
    pd.testing.assert_frame_equal(found, table, check_exact=True, check_column_type="exact", check_index_type="exact")
    assert found.dtypes.tolist() == table.dtypes.tolist()


def test_columns_records_and_numbers_come_back() -> None:
    column = pd.Series([1.5, 2.5], index=pd.RangeIndex(2), name="value")
    record = Problem("observations.csv", 2, "value", "range", "超出范围", "核对")
    found = from_bytes(to_bytes({"column": column, "record": record, "number": np.float64(0.1), "set": frozenset({1, 2})}))
    pd.testing.assert_series_equal(found["column"], column)
    assert found["record"] == record
    assert type(found["record"]) is Problem
    assert type(found["number"]) is np.float64
    assert found["set"] == frozenset({1, 2})


@pytest.mark.parametrize("value", [date(2024, 1, 1), object(), print, Foreign(1), pd.Timestamp("2024-01-01"), 1j])
def test_other_kinds_are_refused(value: Any) -> None:
    with pytest.raises(NotExact):
        to_bytes({"inside": [value]})


@pytest.mark.parametrize(
    ("module", "name"),
    [("os", "system"), ("tests.ledger.test_exact", "Foreign"), ("popbook.ledger.store", "read_ledger"), ("popbook", "nothing")],
)
def test_nothing_but_records_of_the_library_is_made(module: str, name: str) -> None:
    header = json.dumps({"record": [module, name, {}]}).encode()
    with pytest.raises((NotExact, AttributeError)):
        from_bytes(len(header).to_bytes(LENGTH_BYTES, "big") + header)
