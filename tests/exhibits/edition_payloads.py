"""Everything that an edition says, without kernels and without Sphinx: the cells of its notebooks and its pages, run here.

``python -m tests.exhibits.edition_payloads EDITION FILE`` writes it as JSON, for the data folder of ``POPBOOK_DATA``.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat

from popbook.exhibits.pages import PAGES
from popbook.exhibits.report import ShownSection, open_report, section_payload
from popbook.ledger.store import CITY

ROOT = Path(__file__).resolve().parents[2]

Payloads = dict[str, list[dict[str, Any]]]


def run_cells(notebook: Path, edition: int, region: str) -> list[dict[str, Any]]:
    """Run the code cells of a notebook and return the payloads of the sections that they show."""
    shown: list[dict[str, Any]] = []

    def display(value: object) -> None:
        if isinstance(value, ShownSection):
            shown.append(value.payload)

    names: dict[str, Any] = {"display": display}
    for cell in nbformat.read(str(notebook), as_version=4).cells:
        if cell.cell_type == "code":
            _run(cell.source, names, display)
            if "parameters" in cell.metadata.get("tags", []):
                names |= {"edition": edition, "region": region}
    return shown


def _run(source: str, names: dict[str, Any], display: Callable[[object], None]) -> None:
    statements = ast.parse(source).body
    shown = statements.pop() if isinstance(statements[-1], ast.Expr) else None
    exec(compile(ast.Module(statements, []), "<cell>", "exec"), names)
    if isinstance(shown, ast.Expr):
        display(eval(compile(ast.Expression(shown.value), "<cell>", "eval"), names))


def edition_payloads(edition: int, region: str = CITY) -> Payloads:
    """Return the section payloads of all chapters and generated pages of an edition."""
    found = {
        path.stem: run_cells(path, edition, region)
        for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    }
    for name, sections_of in PAGES.items():
        report = open_report(edition, region, name)
        found[name] = [section_payload(section, report) for section in sections_of(report)]
    return found


def payloads_from(data: Path, edition: int, out: Path, region: str = CITY) -> Payloads:
    """Return the payloads of an edition made from another data folder, in a process of its own."""
    import os

    command = [sys.executable, "-m", "tests.exhibits.edition_payloads", str(edition), str(out), region]
    environment = {**os.environ, "POPBOOK_DATA": str(data), "PYTHONHASHSEED": "0"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    payloads: Payloads = json.loads(out.read_text(encoding="utf-8"))
    return payloads


if __name__ == "__main__":
    made = edition_payloads(int(sys.argv[1]), sys.argv[3])
    Path(sys.argv[2]).write_text(
        json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8"
    )
