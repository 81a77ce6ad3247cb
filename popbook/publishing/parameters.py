"""Notebook parameters, checked before anything runs.

Papermill only warns about a parameter that a notebook does not have, and passes any type on
(nteract/papermill pull request 701). A typing mistake must not cost a run of five notebooks.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from popbook.ledger.errors import UsageError
from popbook.ledger.kept import entry_name, read_entry, write_entry

TYPE_NAMES = {int: "整数", str: "文本", float: "小数", bool: "真假值"}


@lru_cache(maxsize=64)
def _declared(notebook: Path, modified: int) -> dict[str, Any]:
    entry = entry_name("parameters", version("papermill"), notebook.read_text(encoding="utf-8"))
    known = read_entry(entry)
    if known is None:
        import papermill  # takes half a second to import

        found = papermill.inspect_notebook(str(notebook))
        known = json.dumps({name: item["default"] for name, item in found.items()}).encode()
        write_entry(entry, known)
    return {name: ast.literal_eval(default) for name, default in json.loads(known).items()}


def read_parameters(notebook: Path) -> dict[str, Any]:
    """Return the parameters a notebook declares, with their default values.

    Parameters
    ----------
    notebook : Path
        Notebook whose first code cell is tagged ``parameters`` and holds typed literals only.

    Returns
    -------
    dict
        Name to default value.

    Raises
    ------
    UsageError
        If the notebook declares none or a default is not a literal.
    """
    try:
        declared = _declared(notebook, notebook.stat().st_mtime_ns)
    except (ValueError, SyntaxError) as error:
        raise UsageError("参数单元格只能写字面量", notebook.name, "例如 edition = 2024") from error
    if not declared:
        raise UsageError(
            "没有标记为 parameters 的单元格", notebook.name, "给第一个代码单元格加上 parameters 标签"
        )
    return dict(declared)


def check_parameters(notebook: Path, values: Mapping[str, Any]) -> None:
    """Refuse values that a notebook cannot take.

    Parameters
    ----------
    notebook : Path
        The notebook.
    values : mapping
        Parameter name to value.

    Raises
    ------
    UsageError
        For a name that the notebook does not declare or a value of another type than its default.
    """
    declared = read_parameters(notebook)
    for name, value in values.items():
        if name not in declared:
            raise UsageError(f"没有参数 {name}", notebook.name, f"可用参数：{'、'.join(declared)}")
        wanted = type(declared[name])
        if type(value) is not wanted:
            raise UsageError(
                f"参数 {name} 应为{TYPE_NAMES.get(wanted, wanted.__name__)}，现为 {value!r}",
                notebook.name,
                f"例如 {declared[name]!r}",
            )
