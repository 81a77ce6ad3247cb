from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from popbook.exhibits.model import Column, Section, Table
from popbook.exhibits.report import open_report, section_payload
from popbook.publishing.book import build_pages
from popbook.publishing.edition_run import number_exhibits, write_edition_run
from popbook.publishing.pages import read_pages
from popbook.publishing.search_index import write_search_index
from tests.publishing.projects import make_project
from tests.publishing.test_book import soup
from tests.publishing.test_edition_run import make_run
from tests.publishing.test_search_index import read_search_index
from tests.publishing.test_weave import woven_page


def _section() -> dict[str, Any]:
    report = open_report(2024)
    latest = report.fact_of(("resident_population", 2024))
    table = Table(
        "tbl-small",
        "两年常住人口",
        pd.DataFrame({"year": ["2023", "2024"], "value": [1252.2, 1262.4]}),
        (Column("year", "年份"), Column("value", "常住人口", "万人", 1)),
        "万人",
        "resident",
        "330100",
        (2023, 2024),
        latest.source_ids,
    )
    return section_payload(Section("status-small", f"现状：{latest}", "要点。", (table,), level=1), report)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    section = _section()
    folder = tmp_path_factory.mktemp("book")
    project = make_project(folder, overview="# 总览\n\n见{exhibit-ref}`tbl-small`。\n")
    run = make_run(
        exhibits=number_exhibits({"notebooks/01_status": [section]}),
        facts={fact["id"]: {**fact, "docname": "notebooks/01_status"} for fact in section["facts"]},
        notebooks={"notebooks/01_status": woven_page(section["myst"])},
    )
    write_edition_run(run, project.runs / "2024")
    build_pages(project.root, 2024, folder / "out")
    write_search_index(folder / "out", read_pages(folder / "out"))
    return folder / "out"


def test_an_exhibit_stands_in_its_page_with_number_title_and_values(book: Path) -> None:
    figure = soup(book / "chapters" / "01_status.html").select_one("figure#tbl-small")
    assert "表 1-1" in figure.text
    assert "两年常住人口" in figure.text
    assert "1262.4" in figure.text


def test_its_downloads_are_reached_from_the_chapter(book: Path) -> None:
    figure = soup(book / "chapters" / "01_status.html").select_one("figure#tbl-small")
    assert "../exhibits/tbl-small/data.csv" in [link["href"] for link in figure.select("a")]


def test_a_reference_from_another_page_names_the_number_and_leads_there(book: Path) -> None:
    link = soup(book / "index.html").select_one("article a:has(.pb-exhibit-ref)")
    assert link.text == "表 1-1"
    assert link["href"] == "chapters/01_status.html#tbl-small"


def test_a_number_in_a_heading_leads_to_the_page_of_its_fact(book: Path) -> None:
    number = soup(book / "chapters" / "01_status.html").select_one("h1 .pb-fact")
    assert number["data-fact"] == "fact-resident-population-2024"
    assert number.text == "1262.4万人"
    assert number["href"] == "../exhibits/fact-resident-population-2024/index.html"


def test_a_number_in_a_link_is_no_link_of_its_own(book: Path) -> None:
    for page in ("index.html", "chapters/01_status.html"):
        nested = [
            opened.group()
            for opened in re.finditer(
                r"<a\b[^>]*>(?:(?!</a>).)*?<a\b", (book / page).read_text(encoding="utf-8"), re.DOTALL
            )
        ]
        assert nested == []


def test_the_title_of_the_page_is_plain_text(book: Path) -> None:
    assert "1262.4万人" in soup(book / "chapters" / "01_status.html").title.text


def test_titles_of_exhibits_can_be_searched(book: Path) -> None:
    headings = {anchor: heading for _, _, anchor, heading, _ in read_search_index(book)["passages"]}
    assert headings["tbl-small"] == "表 1-1　两年常住人口"
