from __future__ import annotations

import io
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from xlsxwriter import Workbook

from popbook.exhibits.sheets import HEAD, STRINGS, TITLE, WRAPPED, Sheet, Texts, frame, with_parts

Cells = dict[tuple[int, int], str | float]

TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            " 前",
            "后 ",
            "a&b<c>\"'",
            "_x0041_",
            "\x01",
            "\ufffe",
            "两\n行",
            "=1+1",
            "万人",
            "\U0001f600",
            "图 1-3",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(
        lambda text: not text.startswith("<r>")
    ),
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
CELLS = st.dictionaries(
    st.tuples(st.integers(0, 70), st.integers(0, 60)), st.one_of(TEXTS, NUMBERS), min_size=1, max_size=40
)


def by_xlsxwriter(cover: Cells, notes: Cells, data: Cells, widths: list[int]) -> bytes:
    """Return what XlsxWriter makes of cells, the way the library is meant to be used."""
    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    book.set_properties({"author": "组", "created": datetime(2025, 6, 30)})
    title, head = book.add_format({"bold": True, "font_size": 14}), book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for name, cells, style in (("封面", cover, wrapped), ("注释", notes, head), ("数据", data, None)):
        sheet = book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        if name == "封面":
            sheet.write_string(0, 0, "题", title)
            sheet.write_string(1, 0, "说明", wrapped)
        else:
            sheet.write_string(0, 0, "头", head)
            sheet.freeze_panes(1, 0)
        for (row, column), value in sorted(cells.items()):
            if isinstance(value, str):
                sheet.write_string(row + 2, column, value, style)
            else:
                sheet.write_number(row + 2, column, value, style)
    book.close()
    return buffer.getvalue()


def by_sheets(cover: Cells, notes: Cells, data: Cells, widths: list[int]) -> bytes:
    """Return what is made of the same cells here."""
    texts = Texts()
    parts = {}
    for number, (cells, style) in enumerate(((cover, WRAPPED), (notes, HEAD), (data, 0)), 1):
        sheet = Sheet(texts, widths)
        if number == 1:
            sheet.write(0, 0, "题", TITLE)
            sheet.write(1, 0, "说明", WRAPPED)
        else:
            sheet.write(0, 0, "头", HEAD)
        for (row, column), value in sorted(cells.items()):
            sheet.write(row + 2, column, value, style)
        parts[f"xl/worksheets/sheet{number}.xml"] = sheet.xml
    return with_parts(frame("组", "2025-06-30"), {**parts, STRINGS: texts.xml})


@given(cover=CELLS, notes=CELLS, data=CELLS, widths=st.lists(st.integers(10, 90), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None)
def test_a_workbook_is_byte_for_byte_the_one_of_xlsxwriter(
    cover: Cells, notes: Cells, data: Cells, widths: list[int]
) -> None:
    assert by_sheets(cover, notes, data, widths) == by_xlsxwriter(cover, notes, data, widths)


def test_a_text_that_looks_like_markup_of_a_workbook_stays_text() -> None:
    odd: Cells = {(0, 0): "<r><t>加粗</t></r>"}
    book = load_workbook(io.BytesIO(by_sheets(odd, odd, odd, [10])))
    assert book["数据"]["A3"].value == "<r><t>加粗</t></r>"


def test_a_number_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Sheet(Texts(), [10]).write(0, 0, float("nan"))
