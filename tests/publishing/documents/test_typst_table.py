"""Tables as typst has them: what the PDF says of cells, whatever signs stand in them."""

from __future__ import annotations

import io

from pypdf import PdfReader

from popbook.publishing.documents.markup import Converter
from popbook.publishing.documents.pdf import Style, make_pdf
from popbook.publishing.documents.tree import Node, cell, code, div, link, plain, strong, table, text
from popbook.publishing.documents.typst_table import table_markup
from tests.publishing.documents.small import EPOCH, HOSTILE, META


def said(blocks: list[Node]) -> str:
    made = make_pdf(blocks, {}, META, Style("single"), EPOCH)
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)


def one_cell(*inlines: Node) -> Node:
    rows = [[cell([div([plain(list(inlines))], custom_style="表格文字")])]]
    head = [[cell([div([plain([text("列")])], "pb-head", custom_style="表头")])]]
    return table([("AlignLeft", 1.0)], head, rows, "exhibit-table")


def test_signs_of_markup_in_a_cell_are_words() -> None:
    made = one_cell(text("],)#panic(1)"), strong([text(HOSTILE)]), code("a]b*c"), text("(1)$x$ // y"))
    assert table_markup(made) is not None
    words = said([div([made], "pb-table", size="9")]).replace("\n", "")
    for part in ("],)#panic(1)", "a]b*c", "(1)$x$ // y"):
        assert part in words


def test_a_link_in_a_cell_leads_where_it_says() -> None:
    markup = table_markup(
        one_cell(link([text("局")], 'https://example.org/"x'), link([text("章")], "#status"))
    )
    assert markup is not None
    assert '#link("https://example.org/\\"x")[局]' in markup and '#link(label("status"))[章]' in markup


def test_a_table_with_a_formula_is_left_to_pandoc() -> None:
    blocks = Converter({}, lambda _: []).blocks("| 式 |\n|---|\n| $a+b$ 甲 |\n")
    (made,) = blocks[0]["c"][1]
    assert table_markup(made) is None
    assert "甲" in said(blocks)
