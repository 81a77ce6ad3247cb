"""An executed notebook as text: the bytes of nbformat, in half of its time.

nbformat copies the notebook first, and Python's encoder goes through every bracket of an indented text in Python; for a
chapter of some megabytes that takes a second.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

_encode = json.JSONEncoder(ensure_ascii=False).encode

if TYPE_CHECKING:
    from nbformat import NotebookNode


def notebook_text(notebook: NotebookNode) -> str:
    r"""Return what nbformat writes of a notebook, which is split into lines in place.

    Parameters
    ----------
    notebook : NotebookNode
        A valid notebook of version 4; use it no more.

    Examples
    --------
    >>> import nbformat.v4
    >>> cell = nbformat.v4.new_code_cell("a = 1\nb = 2", id="first", outputs=[nbformat.v4.new_output("stream", text="x")])
    >>> notebook = nbformat.v4.new_notebook(cells=[cell])
    >>> expected = nbformat.writes(notebook)
    >>> notebook_text(notebook) == expected
    True
    """
    from nbformat.v4.rwbase import split_lines, strip_transient

    return _text(strip_transient(split_lines(notebook)), "\n")


def _text(value: Any, margin: str) -> str:
    """Return a value as JSON, its further lines behind a margin that begins with a line break."""
    if not value or not isinstance(value, dict | list):
        return _encode(value)
    deeper = margin + " "
    if isinstance(value, dict):
        rows = [_encode(key) + ": " + _text(item, deeper) for key, item in sorted(value.items())]
        return "{" + deeper + ("," + deeper).join(rows) + margin + "}"
    return "[" + deeper + ("," + deeper).join([_text(item, deeper) for item in value]) + margin + "]"
