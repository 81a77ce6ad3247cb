"""What every generated page promises, whatever it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from popbook.exhibits.model import Figure, Section, Table
from popbook.exhibits.pages import PAGES
from popbook.exhibits.report import Report, section_payload
from popbook.publishing.sphinx_ext.imprinted import IMPRINTED

BOOK = Path(__file__).parents[3] / "book"
MARK = re.compile(r"^<!-- popbook: ([a-z_]+) -->$", re.MULTILINE)


def words(section: Section) -> str:
    """All text that a section carries into the site, downloads included."""
    parts = [section.heading, section.lead, section.policy]
    for block in section.blocks:
        if isinstance(block, Table | Figure):
            parts += [block.title, *block.notes, block.frame.to_csv()]
        else:
            parts.append(str(block))
    return "\n".join(parts)


def test_each_page_is_marked_in_one_file_of_its_name() -> None:
    marks = [
        (path.stem, name) for path in BOOK.glob("*.md") for name in MARK.findall(path.read_text("utf-8"))
    ]
    # What is made when the book is bound, with the edition's fingerprint or numbering, may stand in any one page.
    bound = [name for _, name in marks if name in IMPRINTED]
    assert sorted(bound) == sorted(IMPRINTED)
    assert sorted(mark for mark in marks if mark[1] not in IMPRINTED) == sorted(
        (name, name) for name in PAGES
    )


@pytest.mark.parametrize("name", PAGES)
def test_sections_stand_below_the_title_and_say_something(name: str, report: Report) -> None:
    sections = PAGES[name](report)
    assert sections
    for section in sections:
        assert section.level >= 2
        assert section.heading.strip()
        assert section.lead.strip()
        assert section.id.startswith(f"{name.replace('_', '-')}-")


@pytest.mark.parametrize("name", PAGES)
def test_sections_can_go_into_the_book(name: str, report: Report) -> None:
    for section in PAGES[name](report):
        payload = section_payload(section, report)
        assert payload["myst"].startswith(f"({section.id})=\n")


@pytest.mark.parametrize("name", PAGES)
def test_no_address_at_which_a_source_was_read_reaches_the_reader(name: str, report: Report) -> None:
    text = "\n".join(words(section) for section in PAGES[name](report))
    addresses = {source.read_via for source in report.ledger.sources.values() if source.read_via}
    assert addresses
    assert not [address for address in addresses if address in text]
    assert not re.search(r"https?://|www\.", text)


def test_exhibits_have_one_home(report: Report) -> None:
    ids = [
        block.id
        for page in PAGES.values()
        for section in page(report)
        for block in section.blocks
        if isinstance(block, Table | Figure)
    ]
    assert len(ids) == len(set(ids))


def test_no_table_is_empty_and_every_column_exists(report: Report) -> None:
    for page in PAGES.values():
        for section in page(report):
            for block in section.blocks:
                if isinstance(block, Table):
                    assert len(block.frame)
                    assert {column.key for column in block.columns} <= set(block.frame.columns)
