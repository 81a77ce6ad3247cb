"""The workbook of an exhibit: cover, notes, plain table."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from popbook.exhibits.citable import Citation
from popbook.exhibits.imprint import Imprint
from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import NOT_PUBLISHED
from popbook.exhibits.render import concept_line
from popbook.exhibits.tables import csv_cells, neutral_text

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

STRINGS = "xl/sharedStrings.xml"
"""Part of a workbook that holds all its texts."""


def workbook(bundle: Mapping[str, Any], citation: Citation, imprint: Imprint) -> bytes:
    """Return the exhibit's data as an Excel file: cover, notes, plain table; the same data give the same bytes.

    Parameters
    ----------
    bundle, citation, imprint
        As in :func:`popbook.exhibits.landing.exhibit_page`.

    Returns
    -------
    bytes
        Sheets 封面, 注释 and 数据.

    Notes
    -----
    Numbers are numbers, text that a spreadsheet would take for a formula stays text.
    """
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    # Every entry of the archive bears the same date, whenever it is written.
    book = Workbook(buffer, {"in_memory": True})
    stamp = datetime.combine(date.fromisoformat(imprint.cut_off), datetime.min.time())
    book.set_properties({"author": imprint.title, "created": stamp})
    title, head = book.add_format({"bold": True, "font_size": 14}), book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})

    cover = book.add_worksheet("封面")
    cover.write_string(0, 0, neutral_text(citation.name), title)
    lines = [
        ("说明", bundle["subtitle"]),
        ("口径", concept_line(bundle)),
        ("年度版", f"{imprint.title}，修订号{imprint.revision}，数据截止{imprint.cut_off}"),
        ("版本指纹", imprint.fingerprint),
        ("编号", bundle["id"]),
        ("引用句", citation.sentence),
        ("引用格式", citation.text()),
        ("声明", imprint.disclaimer),
    ]
    _write_pairs(cover, [line for line in lines if line[1]], wrapped)

    notes = book.add_worksheet("注释")
    _write_heads(notes, ["类别", "内容"], head)
    sources = [("资料来源", source["text"]) for source in bundle["sources"]]
    _write_pairs(notes, [*(("注", plain_text(note)) for note in bundle["notes"]), *sources], wrapped)

    sheet = book.add_worksheet("数据")
    cells = csv_cells(bundle["data"])
    _write_heads(sheet, [column["label"] for column in cells["columns"]], head)
    for i, column in enumerate(cells["columns"]):
        sheet.set_column(i, i, min(max(len(column["label"]) * 2 + 2, 10), 40))
        for place, row in enumerate(cells["rows"], 1):
            text = row["cells"][i]
            if column["numeric"] and text and text != NOT_PUBLISHED:
                sheet.write_number(place, i, float(text.replace("−", "-")))
            elif text:
                # As text, even where it begins like a formula.
                sheet.write_string(place, i, text)
    book.close()
    return buffer.getvalue()


def _write_heads(sheet: Worksheet, heads: Sequence[str], style: Format) -> None:
    for i, label in enumerate(heads):
        sheet.write_string(0, i, label, style)
    sheet.freeze_panes(1, 0)


def _write_pairs(sheet: Worksheet, lines: Iterable[tuple[str, str]], style: Format) -> None:
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 90)
    for place, line in enumerate(lines, 1):
        for i, text in enumerate(line):
            sheet.write_string(place, i, neutral_text(text), style)


def with_strings(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with its texts changed; every other part of the archive stays as it is.

    Parameters
    ----------
    data
        Workbook as made by :func:`workbook`.
    change
        Gives the changed part for the one that is there.
    """
    buffer = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as source, ZipFile(buffer, "w") as target:
        for part in source.infolist():
            text = source.read(part)
            target.writestr(part, change(text) if part.filename == STRINGS else text)
    return buffer.getvalue()
