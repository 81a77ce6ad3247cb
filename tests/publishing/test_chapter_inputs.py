from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from popbook.exhibits import render, report
from popbook.exhibits.booklet import BOOKLET_PAGES
from popbook.exhibits.pages import PAGES
from popbook.ledger.reads import EVERYTHING, collect_reads, read_state
from popbook.ledger.store import read_ledger
from popbook.publishing.chapter_inputs import notebook_inputs, notebook_reads, page_inputs, shared_inputs
from popbook.publishing.weave import SECTION_MIME
from tests.ledger.unread import copy_with_unread_changed
from tests.publishing.projects import ROOT, SETUP, make_notebook, write_notebook

NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
FEW = ("methods", "corrections", "citing", "audit")
"""Pages that read only a part of the ledger."""


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave out the drawing of figures: it sees nothing but their specification."""
    monkeypatch.setattr(render.vl_convert, "vegalite_to_svg", lambda spec: "<svg></svg>")
    monkeypatch.setattr(render, "clean_svg", lambda svg, *_: svg)
    yield
    report._whole_ledger.cache_clear()


def payloads(name: str, edition: int, data: Path | None) -> tuple[str, set[str]]:
    """Return what a chapter or page says as text, and what it has read."""
    opened = report.open_report(edition, None, name, data)
    with collect_reads() as reads:
        sections = PAGES[name](opened) if name in PAGES else _chapter_sections(name, opened)
        shown = [report.section_payload(section, opened) for section in sections]
    return json.dumps(shown, ensure_ascii=False, sort_keys=True), reads


def _chapter_sections(name: str, opened: report.Report) -> list[Any]:
    found: list[Any] = []
    space: dict[str, Any] = {"report": opened, "show": found.append, "display": lambda shown: None}
    for cell in nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells:
        if cell.cell_type == "code" and "open_report" in cell.source:
            exec(cell.source.splitlines()[0], space)
        elif cell.cell_type == "code" and "show(" in cell.source:
            exec(cell.source, space)
    return found


CASES = (
    *(("03_trends", 2020), ("02_problems", 2024), ("04_targets", 2024), ("05_projects", 2024)),
    *(("01_status", 2020), ("01_status", 2025), *((name, 2024) for name in FEW)),
)


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("name", "edition"), CASES)
def test_what_a_chapter_has_not_read_cannot_change_it(name: str, edition: int, tmp_path: Path) -> None:
    before, reads = payloads(name, edition, None)
    changed = copy_with_unread_changed(tmp_path / "data", reads, edition)
    assert changed > 1000
    after, reads_again = payloads(name, edition, tmp_path / "data")
    assert after == before
    assert reads_again == reads


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
def test_every_series_that_a_chapter_has_read_is_in_the_state_of_its_edition() -> None:
    _, reads = payloads("01_status", 2024, None)
    state = read_state(read_ledger().for_edition(2024))
    assert {name for name in reads if name not in state} <= {name for name in reads if name.startswith(("series", "record"))}
    assert state["series resident_population 330100"] and "series resident_population 330100" in reads


def test_a_chapter_depends_on_the_modules_it_runs_and_no_others() -> None:
    status, targets = (notebook_inputs(ROOT / "notebooks" / f"{name}.ipynb") for name in ("01_status", "04_targets"))
    assert "popbook/forecasting/concepts.py" in targets
    assert "popbook/forecasting/concepts.py" not in status
    assert "popbook/exhibits/report.py" in status
    assert "popbook/exhibits/chapters/targets.py" not in status
    assert all(len(value) == 64 for value in status.values())


def test_a_notebook_that_imports_anything_else_depends_on_everything(tmp_path: Path) -> None:
    wide = write_notebook(tmp_path / "01_status.ipynb", SETUP, "import pandas")
    magic = write_notebook(tmp_path / "02_magic.ipynb", SETUP, "%time 1")
    assert {"popbook/forecasting/concepts.py", "popbook/demography/life_table.py"} <= notebook_inputs(wide).keys()
    assert notebook_inputs(wide).keys() - {"notebooks/01_status.ipynb"} == notebook_inputs(magic).keys() - {"notebooks/02_magic.ipynb"}


def test_an_executed_notebook_says_what_it_has_read(tmp_path: Path) -> None:
    def executed(*cells: str, **payload: object) -> Path:
        notebook = make_notebook(*cells)
        shown = nbformat.v4.new_output("display_data", {SECTION_MIME: payload})
        notebook.cells[-1].outputs = [shown] if payload else []
        nbformat.write(notebook, tmp_path / "executed.ipynb")
        return tmp_path / "executed.ipynb"

    assert notebook_reads(executed(SETUP, "show(1)", reads=["table breaks"])) == {"table breaks"}
    assert notebook_reads(executed(SETUP, "import os", reads=["table breaks"])) == {"table breaks", EVERYTHING}
    assert notebook_reads(executed(SETUP, "show(1)", myst="")) == {EVERYTHING}
    assert notebook_reads(executed(SETUP, "1 + 1")) == {EVERYTHING}


def test_every_generated_page_has_inputs_of_its_own() -> None:
    by_page = page_inputs()
    assert {sections.__module__ for sections in PAGES.values()} <= by_page.keys()
    assert "popbook/forecasting/ages.py" in by_page["popbook.exhibits.pages.overview"]
    assert "popbook/forecasting/ages.py" not in by_page["popbook.exhibits.pages.citing"]
    assert {sections.__module__ for sections in BOOKLET_PAGES.values()} <= page_inputs(is_booklet=True).keys()


def test_parameters_and_packages_are_inputs() -> None:
    here = shared_inputs({"edition": 2024})
    there = shared_inputs({"edition": 2023})
    assert {name for name in here if here[name] != there[name]} == {"参数"}
    assert "软件包 pandas " in here
    assert "popbook/publishing/run.py" in here
