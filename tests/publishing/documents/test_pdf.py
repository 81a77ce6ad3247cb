from __future__ import annotations

import io
import re
import time
from typing import Any

import pytest
from pypdf import PdfReader

from popbook.ledger.errors import PopbookError
from popbook.publishing.documents.exhibit_blocks import FLOATS_FROM, drawing_size, exhibit_blocks
from popbook.publishing.documents.markup import Converter
from popbook.publishing.documents.pdf import Style, make_pdf
from popbook.publishing.documents.tree import code, link, para, raw_block, text
from tests.publishing.documents.small import EPOCH, HOSTILE, META, bundle

Report = tuple[list[Any], dict[str, str], dict[str, bytes]]


@pytest.fixture(scope="module")
def made(report: Report) -> bytes:
    return make_pdf(report[0], report[1], META, Style("report"), EPOCH)


@pytest.fixture(scope="module")
def reader(made: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(made))


def words(reader: PdfReader) -> str:
    return "".join(page.extract_text() for page in reader.pages)


def bare(written: str) -> str:
    return re.sub(r"[\s\u200b]", "", written)


def test_hostile_titles_and_cells_come_out_as_the_signs_that_were_written(reader: PdfReader) -> None:
    assert bare(words(reader)).count(bare(HOSTILE)) == 2


def test_chapters_exhibits_contents_page_numbers_and_bookmarks_are_there(reader: PdfReader) -> None:
    found = bare(words(reader))
    for wanted in (
        "目录",
        "第一章现状：常住人口1262.4万人",
        "1.1增量收窄",
        "图1-1",
        "表1-1",
        "附录一方法说明",
        "—2—",
        "图中文字",
    ):
        assert bare(wanted) in found, wanted
    titles = [bare(entry.title) for entry in reader.outline if not isinstance(entry, list)]
    assert titles == ["年度要点", "第一章现状：常住人口1262.4万人", "附录一方法说明"]


def test_references_to_exhibits_and_pages_are_links_into_the_document(reader: PdfReader) -> None:
    links = [annotation.get_object() for page in reader.pages for annotation in page.get("/Annots") or []]
    outside = [each["/A"]["/URI"] for each in links if "/A" in each and "/URI" in each["/A"]]
    assert outside == ["https://example.org/a?b=1&c=2"]
    assert len(links) - len(outside) >= 3


def test_fonts_are_embedded_and_no_program_or_foreign_file_is(made: bytes, reader: PdfReader) -> None:
    assert not re.search(rb"/JavaScript|/JS\b|/Launch|/EmbeddedFile", made)
    fonts = {
        font.get_object()["/BaseFont"]
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert fonts and all(re.match(r"/[A-Z]{6}\+", name) for name in fonts)
    assert any("PopbookSerif" in name for name in fonts)


def test_a_picture_has_its_words(reader: PdfReader) -> None:
    def alternatives(node: Any) -> list[str]:
        node = node.get_object()
        if isinstance(node, list):
            return [found for each in node for found in alternatives(each)]
        if not hasattr(node, "get"):
            return []
        own = [str(node["/Alt"])] if "/Alt" in node else []
        return own + (alternatives(node["/K"]) if "/K" in node else [])

    assert alternatives(reader.trailer["/Root"]["/StructTreeRoot"]) == [f"{HOSTILE}（替代文字）"]


def test_same_blocks_same_bytes_whatever_the_clock_says(
    made: bytes, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    monkeypatch.setattr(time, "time", lambda: 1.0)
    assert make_pdf(report[0], report[1], META, Style("report"), EPOCH) == made


def test_links_and_names_of_programs_cannot_leave_their_string() -> None:
    blocks = [para([link([text("x")], 'https://a.b/"]#read("x")'), code('a`"]#read("x")')])]
    found = words(PdfReader(io.BytesIO(make_pdf(blocks, {}, META, Style("single"), EPOCH))))
    assert bare('a`"]#read("x")') in bare(found)


def test_what_cannot_be_set_is_one_sentence() -> None:
    with pytest.raises(PopbookError, match="文档没有排成"):
        make_pdf([raw_block("typst", "#nothing")], {}, META, Style("single"), EPOCH)


def test_nothing_is_taken_from_the_machine() -> None:
    from popbook.publishing.documents.pdf import _fonts

    families = set(_fonts().families())
    assert {"Popbook Sans", "Popbook Serif"} <= families
    assert not any("Noto" in family for family in families)


def test_a_high_figure_that_does_not_fit_goes_to_the_next_page_and_the_text_runs_on() -> None:
    drawn = bundle("fig-high", "figure", "图 1-1", "高图")
    drawn["svg"]["wide"] = drawn["svg"]["wide"].replace('height="200"', 'height="600"')
    assert drawing_size(drawn["svg"]["wide"])[1] >= FLOATS_FROM
    before = [para([text(f"前文{i}。" * 40)]) for i in range(8)]
    figure = exhibit_blocks(drawn, Converter({}, lambda _: []), identifier="fig-high")
    after = [para([text("后文。"), link([text("见图")], "#fig-high")])]
    made = make_pdf([*before, *figure, *after], {"fig-high.wide.svg": drawn["svg"]["wide"]}, META, Style("report"), EPOCH)
    first, second = PdfReader(io.BytesIO(made)).pages
    assert "后文" in first.extract_text() and "高图" in second.extract_text()
    assert len(first["/Annots"]) == 1
