"""Reading a file as people send it: a workbook or a CSV of any usual encoding, into sheets of plain cells.

Nothing in a file is executed or followed: formulas are seen as text, links and macros are not looked at, archives are
measured before they are opened.
"""

from __future__ import annotations

import csv
import io
import math
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from popbook.ledger.errors import DataError, Problem
from popbook.ledger.tableschema import shown_text

if TYPE_CHECKING:
    from openpyxl.cell import Cell as BookCell

MOST_BYTES = 20_000_000
"""A filled template has below 100 kB."""

MOST_UNPACKED_BYTES = 60_000_000
"""A workbook is a zip archive; more than this inside is no template (a bomb unpacks to gigabytes)."""

MOST_ENTRIES = 1_000
"""Files inside a workbook; a template has about fifteen."""

MOST_ROWS = 20_000
"""All series of the ledger for a year are some two hundred rows."""

MOST_COLUMNS = 100

MOST_SHEETS = 50

MOST_CHARACTERS = 4_000
"""In one cell; longer text is no note."""

ENCODINGS = ("utf-8-sig", "gb18030")
"""Tried in this order; GB18030 reads nearly any bytes, so that the header has to prove it right."""

DELIMITERS = (",", "\t", ";")

CellValue = str | float | int | date | datetime


@dataclass(frozen=True)
class InboxCell:
    """One cell as it came.

    Parameters
    ----------
    value : str, float, int, date or datetime
        Text "" for an empty cell. A number that Excel shows as a percentage arrives as text with its sign ("84.8%").
    is_formula : bool
        Whether a formula stands in the cell (only workbooks know; a CSV shows text that begins with "=").
    """

    value: CellValue = ""
    is_formula: bool = False

    @property
    def text(self) -> str:
        """The cell as one trimmed text."""
        if isinstance(self.value, float) and self.value.is_integer() and abs(self.value) < 1e15:
            return str(int(self.value))
        if isinstance(self.value, datetime):
            return self.value.date().isoformat()
        if isinstance(self.value, date):
            return self.value.isoformat()
        return str(self.value).strip(" \t\r\n\u00a0\u2000\u200b\u2060\u3000\ufeff")


@dataclass(frozen=True)
class InboxRow:
    """One row: its number as Excel counts and its cells up to the last one that is not empty."""

    number: int
    cells: tuple[InboxCell, ...]

    def cell(self, place: int) -> InboxCell:
        """The cell at a place counted from 0, an empty one beyond the end."""
        return self.cells[place] if place < len(self.cells) else InboxCell()


@dataclass(frozen=True)
class InboxSheet:
    """One sheet of a workbook, or the one table of a CSV.

    Parameters
    ----------
    place : str
        File and sheet for messages: ``"2025.xlsx［数据］"``, or the file alone.
    rows : tuple of InboxRow
        Rows that hold anything.
    """

    place: str
    rows: tuple[InboxRow, ...]


def read_inbox(path: Path) -> tuple[InboxSheet, ...]:
    """Read a workbook or a CSV.

    Parameters
    ----------
    path : Path
        An .xlsx or .csv file; what it is, is decided by its content.

    Returns
    -------
    tuple of InboxSheet

    Raises
    ------
    DataError
        If the file cannot be used at all: missing, too large, encrypted, broken, of another format, of no encoding that
        is in use.
    """
    place = shown_text(path.name)
    try:
        if path.is_dir():
            raise _refusal(place, "file-unreadable", "这是一个文件夹", "写出文件夹中的文件名")
        size = path.stat().st_size
        if size > MOST_BYTES:
            message = f"文件有 {size / 1e6:.0f} MB，超过上限 {MOST_BYTES / 1e6:.0f} MB"
            raise _refusal(place, "file-size", message, "确认是填好的填报表")
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise _refusal(
            place, "file-missing", "文件不存在", "核对文件名；填报表由 popbook new-year 生成"
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        reason = getattr(error, "strerror", None) or "文件名不合规定"
        raise _refusal(
            place, "file-unreadable", f"文件不能读取（{reason}）", "检查文件权限和文件名"
        ) from error
    if content.startswith(b"PK"):
        return _read_workbook(content, place)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refusal(
            place, "file-format", "是旧版 .xls，或设有密码的工作簿", "取消密码，另存为“Excel 工作簿（.xlsx）”"
        )
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"{\\rtf")):
        raise _refusal(place, "file-format", "不是表格文件", "用 .xlsx 或 .csv 格式的填报表")
    return (_read_csv(content, place),)


def column_letter(place: int) -> str:
    """Return the letter of a column counted from 0.

    Examples
    --------
    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


# ---------------------------------------------------------------- workbooks


def _read_workbook(content: bytes, place: str) -> tuple[InboxSheet, ...]:
    _measure_archive(content, place)
    # A workbook is XML by anybody; whatever it does to its reader is the file's fault and said so. openpyxl has no common
    # error, so the net is wide, around this one call chain only.
    try:
        return tuple(_sheets(content, place))
    except DataError:
        raise
    except Exception as error:
        message = f"不是完好的 Excel 工作簿（{type(error).__name__}）"
        raise _refusal(
            place, "file-broken", message, "用 Excel 或 WPS 打开后另存为 .xlsx，再试一次"
        ) from error


def _measure_archive(content: bytes, place: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise _refusal(place, "file-broken", "压缩包已损坏", "重新传送或另存一次") from error
    names = {entry.filename for entry in entries}
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED_BYTES:
        message = f"展开后有 {unpacked / 1e6:.0f} MB、{len(entries)} 个文件，不是填报表"
        raise _refusal(place, "file-size", message, "确认是填好的填报表；删去多余的工作表和图片")
    if "xl/workbook.xml" not in names:
        raise _refusal(place, "file-format", "是压缩包，但不是 .xlsx 工作簿", "用 .xlsx 或 .csv 格式的填报表")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _refusal(place, "file-format", "工作簿含宏", "另存为不含宏的“Excel 工作簿（.xlsx）”")


def _sheets(content: bytes, place: str) -> Iterator[InboxSheet]:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about drop-downs and styles that openpyxl leaves out when reading
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        if len(book.sheetnames) > MOST_SHEETS:
            raise _refusal(place, "file-size", f"有 {len(book.sheetnames)} 张工作表", "只留填报表的工作表")
        total = 0
        for sheet in book.worksheets:
            where = f"{place}［{shown_text(sheet.title)}］"
            sheet.reset_dimensions()  # the size a file states for itself may be anything
            rows = []
            for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
                if number > MOST_ROWS:
                    raise _too_many_rows(where)
                row = _trimmed(number, tuple(_book_cell(cell) for cell in cells), where)
                if row is not None:
                    rows.append(row)
                    total += 1
            yield InboxSheet(where, tuple(rows))


def _book_cell(cell: BookCell) -> InboxCell:
    value = cell.value
    if value is None:
        return InboxCell()
    if cell.data_type == "f":
        return InboxCell(str(value), is_formula=True)
    if isinstance(value, bool):
        return InboxCell(str(value).upper())
    if isinstance(value, int):
        try:
            float(value)
        except OverflowError:
            value = math.inf  # Excel itself holds no such number, a made-up file can
    if isinstance(value, (int, float)):
        if "%" in str(cell.number_format):
            return InboxCell(f"{round(value * 100, 10):.10g}%")
        return InboxCell(value)
    if isinstance(value, (datetime, date)):
        return InboxCell(value)
    return InboxCell(str(value))


# ---------------------------------------------------------------- CSV


def _read_csv(content: bytes, place: str) -> InboxSheet:
    text = _decode(content, place)
    if "\0" in text:
        raise _refusal(
            place, "encoding", "含有 NUL 字节，不是文字文件", "在 Excel 中另存为“CSV UTF-8（逗号分隔）”"
        )
    if text.count("\n") + text.count("\r") > 2 * MOST_ROWS:
        raise _too_many_rows(place)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise _refusal(
            place, "csv", f"不能按 CSV 解读（{error}）", "检查引号是否成对，或另存为 .xlsx"
        ) from error
    if len(lines) > MOST_ROWS:
        raise _too_many_rows(place)
    rows = (
        _trimmed(number, tuple(_text_cell(text) for text in line[:MOST_COLUMNS]), place)
        for number, line in enumerate(lines, start=1)
    )
    return InboxSheet(place, tuple(row for row in rows if row is not None))


def _decode(content: bytes, place: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ENCODINGS
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refusal(place, "encoding", "编码不能识别", "在 Excel 中另存为“CSV UTF-8（逗号分隔）”，或用 .xlsx")


def _delimiter(text: str) -> str:
    """The delimiter that occurs most in the first lines; a comma where none does."""
    head = "\n".join(text.splitlines()[:20])
    return max(DELIMITERS, key=lambda mark: (head.count(mark), -DELIMITERS.index(mark)))


def _text_cell(text: str) -> InboxCell:
    return InboxCell(text)


# ---------------------------------------------------------------- both


def _trimmed(number: int, cells: tuple[InboxCell, ...], where: str) -> InboxRow | None:
    last = len(cells)
    while last and cells[last - 1].text == "":
        last -= 1
    for place, cell in enumerate(cells[:last]):
        if isinstance(cell.value, str) and len(cell.value) > MOST_CHARACTERS:
            message = f"一格有 {len(cell.value)} 个字"
            raise DataError(
                [Problem(where, number, column_letter(place), "cell-size", message, "每格只写一句话")]
            )
    return InboxRow(number, cells[:last]) if last else None


def _too_many_rows(where: str) -> DataError:
    return _refusal(
        where, "file-size", f"超过 {MOST_ROWS} 行", "确认是填好的填报表；删去表下方的空行和多余内容"
    )


def _refusal(place: str, code: str, message: str, remedy: str) -> DataError:
    return DataError([Problem(place, 0, "", code, message, remedy)])
