from __future__ import annotations

from typing import Any

import nbformat
import nbformat.v4 as v4
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.publishing.engine import put_back
from popbook.publishing.notebook_text import notebook_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def executed(payload: Any) -> Any:
    outputs = [
        v4.new_output("display_data", data={"text/plain": "一\n二", "application/vnd.popbook+json": payload}),
        v4.new_output("stream", name="stdout", text="三\n"),
    ]
    cells = [v4.new_markdown_cell("# 题\n", id="a"), v4.new_code_cell("1\n2", id="b", outputs=outputs)]
    return v4.new_notebook(cells=cells, metadata={"signature": "x", "language_info": {"name": "python"}})


@given(VALUES)
def test_the_text_is_what_nbformat_writes(payload: Any) -> None:
    expected = nbformat.writes(executed(payload))
    assert notebook_text(executed(payload)) == expected


def test_outputs_go_back_to_their_cells() -> None:
    notebook = executed({"a": 1})
    taken = [cell.get("outputs", []) for cell in notebook.cells]
    for cell in notebook.cells:
        if "outputs" in cell:
            cell["outputs"] = []
    assert put_back(notebook, taken) == executed({"a": 1})
    with pytest.raises(ValueError):
        put_back(notebook, taken[1:])
