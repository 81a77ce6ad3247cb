from __future__ import annotations

import io
import re
import time
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest

from popbook.publishing.documents.tree import para, span, text
from popbook.publishing.documents.word import Picture, bookmark, make_docx
from popbook.publishing.documents.word_reference import BRIEF_STYLE, REPORT_STYLE, reference_docx
from tests.publishing.documents.small import EPOCH, HOSTILE, META

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
Report = tuple[list[Any], dict[str, str], dict[str, Picture]]


@pytest.fixture(scope="module")
def made(report: Report) -> bytes:
    return make_docx(report[0], report[2], META, REPORT_STYLE, EPOCH)


@pytest.fixture(scope="module")
def parts(made: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def body(parts: dict[str, bytes]) -> ElementTree.Element:
    return ElementTree.fromstring(parts["word/document.xml"])


def words(element: ElementTree.Element) -> str:
    return "".join(node.text or "" for node in element.iter(f"{W}t"))


def test_every_part_is_xml_and_hostile_text_is_text(
    parts: dict[str, bytes], body: ElementTree.Element
) -> None:
    for name, data in parts.items():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(data)
    assert words(body).count(HOSTILE) == 2
    fields = "".join(node.text or "" for node in body.iter(f"{W}instrText"))
    assert set(re.findall(r"[A-Z]{3,}", fields)) == {"TOC", "PAGEREF", "SEQ", "ARABIC"}


def test_chapters_are_headings_and_captions_notes_and_cells_have_styles_of_their_own(
    parts: dict[str, bytes], body: ElementTree.Element
) -> None:
    used = {node.get(f"{W}val") for node in body.iter(f"{W}pStyle")}
    styles = ElementTree.fromstring(parts["word/styles.xml"])
    known = {node.get(f"{W}styleId"): node for node in styles.iter(f"{W}style")}
    names = {known[style].find(f"{W}name").get(f"{W}val") for style in used}  # type: ignore[union-attr]
    assert {
        "heading 1",
        "heading 2",
        "图题",
        "表题",
        "图表注",
        "表格文字",
        "表头",
        "说明文字",
        "toc 1",
    } <= names
    fonts = {
        known[style].find(f".//{W}rFonts").get(f"{W}eastAsia")
        for style in used
        if known[style].find(f".//{W}rFonts") is not None
    }  # type: ignore[union-attr]
    assert {"仿宋", "黑体", "楷体", "宋体"} <= fonts


def test_the_page_is_that_of_gb_t_9704(body: ElementTree.Element) -> None:
    margins = next(body.iter(f"{W}pgMar"))
    found = [
        round(int(margins.get(f"{W}{side}", "0")) / 56.693) for side in ("top", "bottom", "left", "right")
    ]
    assert found == [37, 35, 28, 26]
    assert next(body.iter(f"{W}docGrid")).get(f"{W}linePitch") == str(round(28.95 * 20))


def test_tables_are_native_repeat_their_heads_and_break_no_row(body: ElementTree.Element) -> None:
    table = next(found for found in body.iter(f"{W}tbl") if "公布" in words(found))
    rows = list(table.iter(f"{W}tr"))
    assert len([row for row in rows if row.find(f"{W}trPr/{W}tblHeader") is not None]) == 2
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)


def test_pictures_are_png_with_words_for_who_cannot_see_them(parts: dict[str, bytes]) -> None:
    pictures = [data for name, data in parts.items() if name.startswith("word/media/")]
    assert len(pictures) == 1 and pictures[0].startswith(b"\x89PNG")
    assert parts["word/document.xml"].decode().count("（替代文字）") >= 1


def test_of_a_picture_its_head_is_hidden_and_the_rest_keeps_its_place(report: Report) -> None:
    blocks, _, shown = report
    hiding = {name: Picture(picture.data, 0.25) for name, picture in shown.items()}

    def picture_of(pictures: dict[str, Picture]) -> tuple[list[str | None], list[dict[str, str]]]:
        made = make_docx(blocks, pictures, META, REPORT_STYLE, EPOCH)
        with zipfile.ZipFile(io.BytesIO(made)) as archive:
            root = ElementTree.fromstring(archive.read("word/document.xml"))
        crops = [each.get("t") for each in root.iter() if each.tag.endswith("}srcRect")]
        return crops, [each.attrib for each in root.iter() if each.tag.endswith("}extent")]

    whole, cropped = picture_of(shown), picture_of(hiding)
    assert whole[0] == [] and cropped[0] == ["25000"]
    assert whole[1] == cropped[1]


def test_references_lead_to_bookmarks_that_exist(body: ElementTree.Element) -> None:
    marks = {node.get(f"{W}name") for node in body.iter(f"{W}bookmarkStart")}
    targets = {node.get(f"{W}anchor") for node in body.iter(f"{W}hyperlink")} - {None}
    pages = set(re.findall(r"PAGEREF (\S+)", "".join(node.text or "" for node in body.iter(f"{W}instrText"))))
    assert {"fig-a", "tbl-a", "methods"} <= targets
    assert targets | pages <= marks


def test_a_long_name_is_the_bookmark_that_the_writer_makes(report: Report) -> None:
    from popbook.publishing.documents.tree import header, link, para, text

    name = "status-" + "long-" * 12 + "name"
    blocks = [header(1, [text("题")], name), para([link([text("见")], f"#{name}")])]
    data = make_docx(blocks, {}, META, BRIEF_STYLE, EPOCH)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert f'w:name="{bookmark(name)}"'.encode() in archive.read("word/document.xml")


def test_same_blocks_same_bytes_whatever_the_clock_says(
    made: bytes, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    monkeypatch.setattr(time, "time", lambda: 1.0)
    assert make_docx(report[0], report[2], META, REPORT_STYLE, EPOCH) == made
    assert reference_docx(REPORT_STYLE, "头", "<脚>") == reference_docx(REPORT_STYLE, "头", "<脚>")


def test_title_author_and_time_are_those_of_the_edition(parts: dict[str, bytes]) -> None:
    core = parts["docProps/core.xml"].decode()
    assert META["title"] in core and META["author"] in core and "2025-06-30T00:00:00Z" in core
    assert META["foot"] in parts["word/footer1.xml"].decode() or any(
        META["foot"] in data.decode()
        for name, data in parts.items()
        if "footer" in name and name.endswith(".xml")
    )


def _fields(body: ElementTree.Element) -> list[tuple[str, str]]:
    """Return instruction and shown result of every field that numbers a caption."""
    found = []
    for paragraph in body.iter(f"{W}p"):
        runs = list(paragraph.iter(f"{W}r"))
        for i, run in enumerate(runs):
            told = run.find(f"{W}instrText")
            if told is not None and "SEQ" in str(told.text):
                found.append((str(told.text).strip(), words(runs[i + 2])))
    return found


def test_word_counts_captions_to_the_numbers_that_are_printed() -> None:
    numbers = ["图 1-1", "表 1-1", "图 1-2", "图 2-1", "图 2-3", "表 附-7", "表 附-8"]
    blocks = [para([span([text(number)], "exhibit-number"), text("　题")]) for number in numbers]
    with zipfile.ZipFile(io.BytesIO(make_docx(blocks, {}, META, REPORT_STYLE, EPOCH))) as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml"))
    assert [words(each).removesuffix("　题") for each in body.iter(f"{W}p") if words(each)] == numbers
    counts: dict[str, int] = {}
    for (told, shown), number in zip(_fields(body), numbers, strict=True):
        label = told.split()[1]
        assert label == number[0]
        restart = re.search(r"\\r (\d+)", told)
        counts[label] = int(restart[1]) if restart else counts.get(label, 0) + 1
        assert str(counts[label]) == shown == re.findall(r"\d+", number)[-1]
    assert [told for told, _ in _fields(body)][:3] == [
        r"SEQ 图 \* ARABIC",
        r"SEQ 表 \* ARABIC",
        r"SEQ 图 \* ARABIC",
    ]
