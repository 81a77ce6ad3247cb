"""Sheets and texts of a workbook, put into a frame that XlsxWriter makes once: styles, theme and relations never differ.

What comes out is, byte for byte, what XlsxWriter makes of the same cells; it would take most of its time for parts that
are the same in every workbook.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from itertools import groupby
from zipfile import ZipFile

STRINGS = "xl/sharedStrings.xml"
"""Part of a workbook that holds all its texts."""

TITLE, WRAPPED, HEAD = 1, 2, 3
"""Styles of cells, in the order in which the frame uses them."""

MOST_SIGNS = 32_767
ROWS_OF_A_SPAN = 16
_HEAD_OF_TEXTS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
)
_SHEET = re.compile(r"(.*)<dimension [^>]*/>(.*?)<sheetData>.*</sheetData>(.*)", re.DOTALL)
_ESCAPE = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")
_CONTROL = re.compile("[\0-\x08\x0b-\x1f\ufffe\uffff]")
_OUTER_SPACE = re.compile(r"^\s|\s$")

Change = Callable[[bytes], bytes]


class Texts:
    """All texts of a workbook; each is stored once, and cells name its place."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._count = 0

    def place(self, text: str) -> int:
        """Return the place of a text."""
        self._count += 1
        return self._places.setdefault(text[:MOST_SIGNS], len(self._places))

    def xml(self, _: bytes) -> bytes:
        """Return the part of the workbook that holds the texts."""
        items = "".join(map(_item, self._places))
        counts = f'count="{self._count}" uniqueCount="{len(self._places)}"'
        return f"{_HEAD_OF_TEXTS} {counts}>{items}</sst>".encode()


def _item(text: str) -> str:
    text = _CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", _ESCAPE.sub("_x005F_", text))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    kept = ' xml:space="preserve"' if _OUTER_SPACE.search(text) else ""
    return f"<si><t{kept}>{text}</t></si>"


class Sheet:
    """Cells of a sheet.

    Parameters
    ----------
    texts
        Texts of the workbook.
    widths
        Widths of the columns, in digits.
    """

    def __init__(self, texts: Texts, widths: Sequence[int]) -> None:
        self._texts = texts
        self._widths = widths
        self._rows: list[dict[int, str]] = []

    def write(self, row: int, column: int, value: str | float, style: int = 0) -> None:
        """Put a text or a number into a cell; columns of a row are written from left to right."""
        while len(self._rows) <= row:
            self._rows.append({})
        where = f'<c r="{_letters(column)}{row + 1}"' + (f' s="{style}"' if style else "")
        if isinstance(value, str):
            cell = f'{where} t="s"><v>{self._texts.place(value)}</v></c>'
        elif math.isfinite(value):
            cell = f"{where}><v>{value:.16G}</v></c>"
        else:
            raise ValueError(f"{value}: a workbook holds finite numbers only")
        self._rows[row][column] = cell

    def xml(self, frame: bytes) -> bytes:
        """Return the sheet with its cells in the place of those of the frame."""
        match = _SHEET.fullmatch(frame.decode())
        assert match is not None, "XlsxWriter makes sheets of another shape"
        before, view, after = match.groups()
        columns = [column for row in self._rows for column in row]
        last = f"{_letters(max(columns))}{len(self._rows)}"
        size = last if last == "A1" else f"A1:{last}"
        cells = "".join(self._rows_xml(start) for start in range(0, len(self._rows), ROWS_OF_A_SPAN))
        return (
            f'{before}<dimension ref="{size}"/>{view}{_columns_xml(self._widths)}'
            f"<sheetData>{cells}</sheetData>{after}"
        ).encode()

    def _rows_xml(self, start: int) -> str:
        rows = self._rows[start : start + ROWS_OF_A_SPAN]
        columns = [column for row in rows for column in row]
        if not columns:
            return ""
        spans = f'spans="{min(columns) + 1}:{max(columns) + 1}"'
        return "".join(
            f'<row r="{start + i}" {spans}>{"".join(row.values())}</row>'
            for i, row in enumerate(rows, 1)
            if row
        )


def _columns_xml(widths: Sequence[int]) -> str:
    written, first = "", 1
    for width, same in groupby(widths):
        last = first + len(list(same)) - 1
        # Sheets state widths with the margins of a cell, in digits of seven pixels.
        stated = (7 * width + 5) * 256 // 7 / 256
        written += f'<col min="{first}" max="{last}" width="{stated:.16g}" customWidth="1"/>'
        first = last + 1
    return f"<cols>{written}</cols>"


@cache
def _letters(column: int) -> str:
    upper, lower = divmod(column, 26)
    return (_letters(upper - 1) if upper else "") + chr(ord("A") + lower)


@cache
def frame(author: str, day: str) -> bytes:
    """Return a workbook with the sheets 封面, 注释 and 数据, one cell in each.

    Parameters
    ----------
    author
        Who made it.
    day
        ISO date on which it was made.
    """
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    # Every entry of the archive bears the same date, whenever it is written.
    book = Workbook(buffer, {"in_memory": True})
    stamp = datetime.combine(date.fromisoformat(day), datetime.min.time())
    book.set_properties({"author": author, "created": stamp})
    title, head = book.add_format({"bold": True, "font_size": 14}), book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    cover, notes, data = (book.add_worksheet(name) for name in ("封面", "注释", "数据"))
    for place, style in enumerate((title, wrapped, head)):
        cover.write_string(place, 0, "-", style)
    for sheet in (notes, data):
        sheet.write_string(0, 0, "-", head)
        sheet.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()


def with_parts(data: bytes, changes: Mapping[str, Change]) -> bytes:
    """Return a workbook with some parts changed; every other part of the archive stays as it is.

    Parameters
    ----------
    data
        Workbook.
    changes
        Name of a part and what gives the changed one for the one that is there.
    """
    buffer = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as source, ZipFile(buffer, "w") as target:
        for part in source.infolist():
            text = source.read(part)
            change = changes.get(part.filename)
            target.writestr(part, change(text) if change else text)
    return buffer.getvalue()
