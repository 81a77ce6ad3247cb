"""Tables as Word has them: what a reader sees of cells, heads that reach over others, and tables that follow each other."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from xml.etree import ElementTree

from popbook.publishing.documents.tree import (
    Node,
    cell,
    code,
    div,
    link,
    plain,
    span,
    strong,
    table,
    text,
)
from popbook.publishing.documents.word import make_docx
from popbook.publishing.documents.word_reference import REPORT_STYLE
from tests.publishing.documents.small import EPOCH, META

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def words_cell(*inlines: Node, rows: int = 1, columns: int = 1, style: str = "表格文字") -> list[Any]:
    return cell([div([plain(list(inlines))], custom_style=style)], rows=rows, columns=columns)


def small_table(*body: list[Any], size: str = "9") -> Node:
    head = [
        [words_cell(text("区"), rows=2, style="表头"), words_cell(text("人口"), columns=2, style="表头居中")],
        [words_cell(text("2023"), style="表头数字"), words_cell(text("2024"), style="表头数字")],
    ]
    columns = [("AlignLeft", 0.5), ("AlignRight", 0.25), ("AlignRight", 0.25)]
    return div([table(columns, head, body, "exhibit-table")], "pb-table", size=size)


def body_of(*blocks: Node) -> ElementTree.Element:
    made = make_docx(list(blocks), {}, META, REPORT_STYLE, EPOCH)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml")).find(f"{W}body")
    assert body is not None
    return body


def values(element: ElementTree.Element, name: str) -> list[str | None]:
    return [each.get(f"{W}val") for each in element.iter(f"{W}{name}")]


def said(element: ElementTree.Element) -> str:
    return "".join(each.text or "" for each in element.iter(f"{W}t"))


def test_a_cell_has_its_words_with_their_look_and_signs_of_markup_are_words() -> None:
    row = [
        words_cell(text("甲 <b>&"), code("a_b")),
        words_cell(strong([span([text("◆有风险")], "status", "status-risk")])),
        words_cell(),
    ]
    last = list(body_of(small_table(row)).iter(f"{W}tr"))[-1]
    first, second, third = last.iter(f"{W}tc")
    assert said(first) == "甲 <b>&a_b"
    assert values(first, "rStyle") == ["VerbatimChar"]
    assert values(second, "rStyle") == ["status-risk"] and len(list(second.iter(f"{W}b"))) == 1
    assert said(third) == "" and values(third, "pStyle") == ["表格文字"]


def test_a_head_reaches_down_and_over_and_the_rule_is_below_the_last_one() -> None:
    row = [words_cell(text("乙")), words_cell(text("1")), words_cell(text("2"))]
    upper, lower, body = body_of(small_table(row, size="8.5")).iter(f"{W}tr")
    assert values(upper, "vMerge") == ["restart"] and values(upper, "gridSpan") == ["2"]
    assert values(lower, "vMerge") == ["continue"] and len(list(lower.iter(f"{W}tc"))) == 3
    assert [len(list(each.iter(f"{W}tblHeader"))) for each in (upper, lower, body)] == [1, 1, 0]
    assert [len(list(each.iter(f"{W}tcBorders"))) for each in (upper, lower, body)] == [0, 3, 0]
    assert values(body, "pStyle") == ["表格文字8磅"] * 3


def test_a_link_in_a_cell_stays_a_link_in_the_style_of_the_table() -> None:
    row = [words_cell(link([text("统计局")], "https://example.org/")), words_cell(), words_cell()]
    first = next(list(body_of(small_table(row)).iter(f"{W}tr"))[-1].iter(f"{W}tc"))
    assert [said(each) for each in first.iter(f"{W}hyperlink")] == ["统计局"]
    assert values(first, "pStyle") == ["表格文字"]


def test_two_tables_that_follow_each_other_stay_two() -> None:
    row = [words_cell(text("乙")), words_cell(), words_cell()]
    body = body_of(small_table(row), small_table(row))
    kinds = [each.tag.removeprefix(W) for each in body]
    assert kinds[:3] == ["tbl", "p", "tbl"]
