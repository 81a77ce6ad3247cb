from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from popbook.exhibits.model import Section
from popbook.exhibits.report import Report, open_report
from popbook.ledger.reads import read_state
from popbook.ledger.store import CITY, read_ledger
from popbook.publishing.kept_pages import KeptPages, page_reads

State = dict[str, str]


@pytest.fixture
def state() -> State:
    """What can be read from the ledger of an edition."""
    return read_state(read_ledger().for_edition(2024))


@pytest.fixture
def page() -> Callable[[Report], tuple[Section, ...]]:
    """A page that reads one series and counts how often it is made."""
    made: list[int] = []

    def sections(report: Report) -> tuple[Section, ...]:
        made.append(1)
        return (Section("page-a", f"{report.fact_of(('resident_population', 2024))}，第{len(made)}次", ""),)

    return sections


def make(folder: Path, page: Callable[[Report], tuple[Section, ...]], state: State, code: str = "a") -> Any:
    """Return the heading of the page."""
    inputs = {page.__module__: {"popbook/exhibits/pages/page.py": code}} if code else {}
    return KeptPages(folder / "pages", 2024, CITY, inputs, state, open_report).sections("page", page)[0]["heading"]


def test_a_page_is_made_once_while_nothing_it_read_has_changed(tmp_path: Path, page: Any, state: State) -> None:
    first = make(tmp_path, page, state)
    assert first.endswith("第1次")
    assert make(tmp_path, page, {**state, "series births 330100": "new", "table breaks_of_others": "new"}) == first


@pytest.mark.parametrize("name", ["series resident_population 330100", "record indicators resident_population", "table breaks"])
def test_a_page_is_made_again_when_what_it_read_has_changed(tmp_path: Path, page: Any, state: State, name: str) -> None:
    make(tmp_path, page, state)
    assert name in state
    assert make(tmp_path, page, {**state, name: "new"}).endswith("第2次")


def test_a_page_is_made_again_when_its_code_has_changed(tmp_path: Path, page: Any, state: State) -> None:
    make(tmp_path, page, state)
    assert make(tmp_path, page, state, code="b").endswith("第2次")


def test_a_page_without_known_inputs_is_always_made(tmp_path: Path, page: Any, state: State) -> None:
    make(tmp_path, page, state, code="")
    assert make(tmp_path, page, state, code="").endswith("第2次")


@pytest.mark.parametrize("damage", ["", "{}", "[]", None])
def test_a_damaged_page_is_made_again(tmp_path: Path, page: Any, state: State, damage: str | None) -> None:
    make(tmp_path, page, state)
    kept = tmp_path / "pages" / "page.json"
    text = kept.read_text(encoding="utf-8").replace("第1次", "第9次") if damage is None else damage
    kept.write_text(text, encoding="utf-8")
    assert make(tmp_path, page, state).endswith("第2次")


def test_the_reads_of_all_pages_are_gathered(tmp_path: Path, page: Any, state: State) -> None:
    make(tmp_path, page, state)
    assert "series resident_population 330100" in page_reads(tmp_path / "pages.json")
