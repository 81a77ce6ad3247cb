"""The documents of every edition in the built site."""

from __future__ import annotations

import re
import zipfile
from functools import cache
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from tests.book.conftest import SITE, editions, read_index

DOCUMENTS = ("report.pdf", "report.docx", "brief.pdf", "brief.docx")
CHAPTERS = ("第一章", "第二章", "第三章", "第四章", "第五章")
NEWEST = max(editions())

pytestmark = pytest.mark.book


@cache
def report_pages() -> list[str]:
    """Return the text of the pages of the newest report, without white space."""
    return [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(SITE / NEWEST / "report.pdf").pages]


@pytest.mark.parametrize("edition", editions())
def test_every_edition_has_its_documents_and_the_overview_leads_to_them(edition: str) -> None:
    folder = SITE / edition
    overview = (folder / "index.html").read_text(encoding="utf-8")
    manifest = (folder / "MANIFEST.sha256").read_text(encoding="utf-8")
    for name in DOCUMENTS:
        assert (folder / name).stat().st_size > 10_000
        assert f'href="{name}"' in overview
        assert f"  {name}\n" in manifest


@pytest.mark.parametrize("edition", editions())
def test_the_brief_has_two_pages_with_board_warnings_and_three_figures(edition: str) -> None:
    reader = PdfReader(SITE / edition / "brief.pdf")
    assert len(reader.pages) == 2
    said = re.sub(r"\s", "", "".join(page.extract_text() for page in reader.pages))
    assert f"（{edition}年度）" in said
    assert "达标概率" in said or "目标" in said
    assert len(set(re.findall(r"图[1-5总附]-\d+", said))) >= 3


def test_the_report_names_every_chapter_and_every_exhibit() -> None:
    said = "".join(report_pages())
    assert [chapter for chapter in CHAPTERS if f"{chapter}　" not in said and chapter not in said] == []
    numbers = [str(row["number"]).replace(" ", "") for row in read_index(NEWEST, "exhibits.json").values()]
    assert len(numbers) > 100
    assert [number for number in numbers if number not in said] == []


def test_every_page_but_the_cover_has_its_number_and_the_contents_are_right() -> None:
    pages = report_pages()
    assert [i for i, said in enumerate(pages[1:], 2) if f"—{i}—" not in said] == []
    reader = PdfReader(SITE / NEWEST / "report.pdf")
    chapters = [
        entry for entry in reader.outline if not isinstance(entry, list) and entry.title.startswith("第")
    ]
    assert len(chapters) == len(CHAPTERS)
    # Line by line: the next entry begins with a digit too.
    contents = "\n".join(re.sub(r"[^\S\n]", "", page.extract_text()) + "\n" for page in reader.pages[1:6])
    for entry in chapters:
        number = (reader.get_destination_page_number(entry) or 0) + 1
        title = re.sub(r"\s", "", entry.title)
        assert title in pages[number - 1]
        assert re.search(r"\n?".join(map(re.escape, title)) + rf"\.*\n?{number}\n", contents), title


def test_the_report_names_its_edition_on_every_page() -> None:
    assert [i for i, said in enumerate(report_pages()[1:], 2) if f"{NEWEST}年度版·修订号" not in said] == []


@pytest.mark.parametrize("name", ["report.docx", "brief.docx"])
@pytest.mark.parametrize("edition", editions())
def test_word_documents_are_whole(edition: str, name: str) -> None:
    with zipfile.ZipFile(SITE / edition / name) as archive:
        assert archive.testzip() is None
        body = ElementTree.fromstring(archive.read("word/document.xml"))
        pictures = [part for part in archive.namelist() if part.startswith("word/media/")]
    space = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
    words = [each.get("descr") or "" for each in body.iter(f"{space}docPr")]
    assert len(words) >= len(pictures) >= 3
    assert all(words)
