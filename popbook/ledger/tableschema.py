"""Checking one CSV against its resource: encoding, shape, types, constraints, keys and dangerous text.

Frictionless validates the same descriptor (the data package passes it); this reader exists because analysts need every
problem at its cell, in Chinese, with a remedy, and because hostile text (formulas, markup) is no part of Table Schema.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from popbook.ledger.datapackage import DataPackage, Field, Resource
from popbook.ledger.errors import Problem

MAXIMUM_BYTES = 50_000_000
"""Far above any table of a city's ledger (the largest real one is below 1 MB); keeps a wrong file from filling memory."""

FIRST_DATA_ROW = 2
"""A spreadsheet counts the header as row 1."""

MISSING_NUMBER = float("nan")

INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
PLAIN_NUMBER_TEXT = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?\s*[%‰]?|[-+=]")
"""Text that starts like a formula but is a printed number, or a bare dash for "not given"."""
FORMULA = re.compile(r"[=+\-@\t\r]")
MARKUP = re.compile(
    r"<\s*[A-Za-z/!?]|&#|&[a-z]+;|(?:javascript|vbscript|data|file):|\{\{|\{%|\{#|`|\{[\w:-]+\}|\]\(|\]\[|:::|\$\$|\$\{|<%|\\\\",
    re.IGNORECASE,
)
"""HTML, script and data addresses, Jinja, MyST roles, directives, links and mathematics, shares of a Windows network."""
FULL_WIDTH = re.compile(r"[０-９Ａ-Ｚａ-ｚ．％]")
ORDINARY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""Ids, numbers and dates, which are most cells: nothing in them can be dangerous."""
EDGE_SPACE = re.compile(r"^\s|\s$")


@dataclass(frozen=True)
class Table:
    """What could be read of one CSV.

    Parameters
    ----------
    resource : Resource
    cells : DataFrame
        Text of every cell of a declared column, "" where missing; index = spreadsheet row.
    values : DataFrame
        The same cells with numbers as float64 (NaN where missing or unreadable) and text as text.
    """

    resource: Resource
    cells: pd.DataFrame
    values: pd.DataFrame

    def problem(self, row: int, column: str, code: str, message: str, remedy: str) -> Problem:
        """A problem in this table."""
        return Problem(self.resource.path, int(row), column, code, message, remedy)


def check_table(package: DataPackage, resource: Resource) -> tuple[Table, list[Problem]]:
    """Read one CSV leniently and list everything in it that its resource forbids.

    Parameters
    ----------
    package : DataPackage
    resource : Resource

    Returns
    -------
    Table
        Every cell that could be read; empty if the file could not be read at all.
    list of Problem
    """
    rows, problems = _read_rows(package.folder / resource.path, resource.path)
    names = [field.name for field in resource.fields]
    header = rows[0] if rows else []
    if rows:
        problems += _header_problems(resource, header, names)
    positions = {name: header.index(name) for name in names if name in header}
    records: list[list[str]] = []
    numbers: list[int] = []
    for number, row in enumerate(rows[1:], start=FIRST_DATA_ROW):
        if not any(row):
            problems.append(Problem(resource.path, number, "", "row-empty", "空行", "删除该行"))
            continue
        if len(row) != len(header):
            problems.append(
                Problem(
                    resource.path,
                    number,
                    "",
                    "cell-count",
                    f"该行有 {len(row)} 格，表头有 {len(header)} 列",
                    "检查是否漏了逗号，或含逗号的文字没有加引号",
                )
            )
        numbers.append(number)
        records.append(
            [row[positions[n]] if n in positions and positions[n] < len(row) else "" for n in names]
        )
    cells = pd.DataFrame(records, columns=names, index=pd.Index(numbers, dtype="int64"), dtype="object")
    values, cell_problems = _check_cells(resource, cells, present=set(positions))
    table = Table(resource, cells, values)
    return table, [*problems, *cell_problems, *_key_problems(table)]


def check_text(resource: Resource, column: str, text: str) -> list[Problem]:
    """List what a resource forbids in one text, before it is written into a cell.

    Parameters
    ----------
    resource : Resource
    column : str
        Name of a text column.
    text : str

    Returns
    -------
    list of Problem
        At the file as a whole, because the text has no row yet.
    """
    field = _field(resource, column)
    if not text:
        return [Problem(resource.path, 0, column, "required", f"“{field.title}”不能为空", "补上该值")]
    found = [*_text_problems(field, text), *_constraint_problems(field, text, MISSING_NUMBER)]
    return [Problem(resource.path, 0, column, *parts) for parts in found]


def append_records(table: Table, records: Sequence[Mapping[str, str]]) -> tuple[Table, list[Problem]]:
    """Put rows below a table and list everything in them that the resource forbids.

    Parameters
    ----------
    table : Table
        A table as read by `check_table`.
    records : sequence of mapping
        Column → text of the cell.

    Returns
    -------
    Table
        The longer table; the new rows are numbered as they will be in the file.
    list of Problem
        Problems of the new rows alone, repeated keys included.
    """
    names = [field.name for field in table.resource.fields]
    first = int(table.cells.index[-1]) + 1 if len(table.cells) else FIRST_DATA_ROW
    index = pd.Index(range(first, first + len(records)), dtype="int64")
    cells = pd.DataFrame(
        [[record.get(name, "") for name in names] for record in records], columns=names, index=index, dtype="object"
    )
    values, problems = _check_cells(table.resource, cells, present=set(names))
    longer = Table(table.resource, pd.concat([table.cells, cells]), pd.concat([table.values, values]))
    return longer, [*problems, *(problem for problem in _key_problems(longer) if problem.row >= first)]


def check_foreign_keys(tables: dict[str, Table]) -> list[Problem]:
    """List values that refer to nothing.

    Parameters
    ----------
    tables : dict
        Resource name → Table.

    Returns
    -------
    list of Problem
    """
    problems = []
    registered: dict[tuple[str, tuple[str, ...]], set[tuple[str, ...]]] = {}
    for table in tables.values():
        for key in table.resource.foreign_keys:
            target = tables.get(key.resource)
            if target is None:
                continue
            place = (key.resource, key.reference_fields)
            if place not in registered:
                registered[place] = set(_tuples(target, key.reference_fields))
            for row, cell in zip(table.cells.index, _tuples(table, key.fields), strict=True):
                if any(cell) and cell not in registered[place]:
                    problems.append(
                        table.problem(
                            row,
                            key.fields[0],
                            "foreign-key",
                            f"“{'，'.join(map(shown_text, cell))}”在 {target.resource.path} 中没有登记",
                            f"改正编号，或先在 {target.resource.path} 中登记",
                        )
                    )
    return problems


def _tuples(table: Table, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return zip(*(table.cells[column].tolist() for column in columns), strict=True)


def _read_rows(path: Path, shown: str) -> tuple[list[list[str]], list[Problem]]:
    def whole(code: str, message: str, remedy: str, row: int = 0) -> Problem:
        return Problem(shown, row, "", code, message, remedy)

    try:
        size = path.stat().st_size
        if size > MAXIMUM_BYTES:
            message = f"文件有 {size / 1e6:.0f} MB，超过上限 {MAXIMUM_BYTES / 1e6:.0f} MB"
            return [], [whole("file-size", message, "确认放入的是台账文件")]
        content = path.read_bytes()
    except FileNotFoundError:
        return [], [whole("file-missing", "文件不存在", "放回该文件，或从 datapackage.json 中删去这张表")]
    except OSError as error:
        return [], [whole("file-unreadable", f"文件不能读取（{error.strerror}）", "检查文件权限")]
    problems = []
    if content.startswith(b"\xef\xbb\xbf"):
        problems.append(whole("bom", "文件开头有 BOM 标记", "另存为“UTF-8（无 BOM）”"))
        content = content[3:]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        return [], [*problems, whole("encoding", "文件不是 UTF-8 编码", "用“CSV UTF-8”格式另存", row)]
    if "\r" in text:
        row = text[: text.index("\r")].count("\n") + 1
        problems.append(whole("line-end", "换行符不是 LF", "用 LF 换行另存", row))
    if text and not text.endswith("\n"):
        problems.append(whole("line-end", "文件末行没有换行", "在末尾补一个换行，否则追加的行会接在末行之后"))
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        return [], [*problems, whole("csv", f"不能按 CSV 解读（{error}）", "检查引号是否成对")]
    if not rows:
        problems.append(whole("file-empty", "文件是空的", "至少写上表头"))
    return rows, problems


def _header_problems(resource: Resource, header: list[str], names: list[str]) -> list[Problem]:
    def column(name: str, code: str, message: str, remedy: str) -> Problem:
        return Problem(resource.path, 1, shown_text(name), code, message, remedy)

    missing = [name for name in names if name not in header]
    unknown = [name for name in header if name not in names]
    repeated = sorted({name for name in header if header.count(name) > 1})
    problems = [
        *(column(n, "column-missing", f"缺少列“{n}”", "补上该列，列名见数据字典") for n in missing),
        *(
            column(n, "column-unknown", f"多出列“{shown_text(n)}”", "删除该列，或在 datapackage.json 中说明")
            for n in unknown
        ),
        *(column(n, "column-repeated", f"列“{shown_text(n)}”出现多次", "只保留一列") for n in repeated),
    ]
    if not problems and header != names:
        problems.append(
            column("", "column-order", "列的次序与 datapackage.json 不一致", f"按此次序：{'、'.join(names)}")
        )
    return problems


def _check_cells(
    resource: Resource, cells: pd.DataFrame, present: set[str]
) -> tuple[pd.DataFrame, list[Problem]]:
    problems: list[Problem] = []
    columns: dict[str, list[float] | list[str]] = {}
    for field in resource.fields:
        texts = cells[field.name].tolist()
        numeric = field.type in ("integer", "number", "year")
        parsed: list[float] = []
        first_seen: dict[str, int] = {}
        checked: dict[str, tuple[float, list[tuple[str, str, str]]]] = {}  # most texts of a column come again
        for row, text in zip(cells.index.tolist(), texts, strict=True):
            number = MISSING_NUMBER
            found = []
            if text:
                if text not in checked:
                    checked[text] = _check_text(field, text, numeric)
                number, known = checked[text]
                found = list(known)
                if field.constraints.get("unique") and first_seen.setdefault(text, row) != row:
                    message = f"“{shown_text(text)}”与第 {first_seen[text]} 行重复"
                    found.append(("unique", message, "每个编号只出现一次"))
            elif field.constraints.get("required") and field.name in present:
                found.append(("required", f"“{field.title}”不能为空", "补上该值"))
            problems += [Problem(resource.path, row, field.name, *parts) for parts in found]
            parsed.append(number)
        columns[field.name] = parsed if numeric else texts
    return pd.DataFrame(columns, index=cells.index), problems


def _check_text(field: Field, text: str, numeric: bool) -> tuple[float, list[tuple[str, str, str]]]:
    """Return the number that a cell holds, and what is wrong with its text, wherever it stands in the column."""
    number = MISSING_NUMBER
    found = list(_text_problems(field, text))
    if numeric:
        number = _parse_number(field, text)
        if math.isnan(number) and not found:
            found.append(_type_problem(field, text))
    elif not found and not _is_of_type(field, text):
        found.append(_type_problem(field, text))
    if not found:
        found = list(_constraint_problems(field, text, number))
    return number, found


def _text_problems(field: Field, text: str) -> Iterator[tuple[str, str, str]]:
    if ORDINARY.fullmatch(text):
        return
    if not text.isprintable() and any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") for c in text):
        yield "control-character", "含看不见的控制字符", "删去后重新键入该格"
    if EDGE_SPACE.search(text):
        yield "space", "首尾有空格", "删去首尾空格"
    if FULL_WIDTH.search(text):
        yield "full-width", f"含全角数字或字母“{shown_text(text)}”", "改为半角"
    if field.type == "string":
        if FORMULA.match(text) and not PLAIN_NUMBER_TEXT.fullmatch(text):
            message = f"文字以“{shown_text(text[0])}”开头，表格软件会当作公式执行"
            yield "formula", message, "改写，使其不以 = + - @ 开头"
        if MARKUP.search(text):
            yield "markup", "含网页、模板或脚本标记", "改为普通文字"


def _parse_number(field: Field, text: str) -> float:
    pattern = NUMBER if field.type == "number" else INTEGER
    number = float(text) if pattern.fullmatch(text) else MISSING_NUMBER
    return number if math.isfinite(number) else MISSING_NUMBER


def _is_of_type(field: Field, text: str) -> bool:
    if field.type == "boolean":
        return text in ("true", "false")
    if field.type == "date":
        try:
            return date.fromisoformat(text).isoformat() == text
        except ValueError:
            return False
    return True


def _type_problem(field: Field, text: str) -> tuple[str, str, str]:
    expected = {
        "integer": ("整数", "只写数字，不带千分位、单位和小数"),
        "year": ("年份", "写四位数字"),
        "number": ("数", "只写数字，不带千分位、单位和百分号"),
        "boolean": ("true 或 false", "写 true 或 false"),
        "date": ("日期", "按 2024-06-30 的形式写"),
    }[field.type]
    return "type", f"“{shown_text(text)}”不是{expected[0]}", expected[1]


def _constraint_problems(field: Field, text: str, number: float) -> Iterator[tuple[str, str, str]]:
    constraints = field.constraints
    if len(text) > constraints.get("maxLength", len(text)):
        yield "bounds", f"有 {len(text)} 字，超过上限 {constraints['maxLength']} 字", "写短一些"
    if "enum" in constraints and text not in constraints["enum"]:
        yield "enum", f"“{shown_text(text)}”不在可选值中", f"可选：{'、'.join(map(str, constraints['enum']))}"
    if "pattern" in constraints and not re.fullmatch(constraints["pattern"], text):
        yield "pattern", f"“{shown_text(text)}”的写法不符合规定", f"规定的写法：{constraints['pattern']}"
    bounds: tuple[tuple[str, Callable[[float, float], bool], str], ...] = (
        ("minimum", lambda value, bound: value < bound, "小于最小值"),
        ("maximum", lambda value, bound: value > bound, "大于最大值"),
    )
    for name, violates, words in bounds:
        if name in constraints and violates(number, float(constraints[name])):
            yield "bounds", f"{shown_text(text)} {words} {constraints[name]}", "核对数值和单位"


def _key_problems(table: Table) -> list[Problem]:
    key = list(table.resource.primary_key)
    if not key or any(name not in table.cells for name in key):
        return []
    if len(key) == 1 and _field(table.resource, key[0]).constraints.get("unique"):
        return []  # already reported at the cell
    problems = []
    first: dict[tuple[str, ...], int] = {}
    for row, *cell in table.cells[key].itertuples(name=None):
        known = first.setdefault(tuple(cell), row)
        if known != row:
            message = f"与第 {known} 行重复（{'，'.join(map(shown_text, cell))}）"
            problems.append(table.problem(row, key[0], "primary-key", message, "合并或删去其中一行"))
    return problems


def _field(resource: Resource, name: str) -> Field:
    return next(field for field in resource.fields if field.name == name)


def shown_text(text: str) -> str:
    """Text fit for one line of a terminal: no control characters, not endless."""
    clean = "".join(c if c.isprintable() else "�" for c in text)
    return clean if len(clean) <= 40 else clean[:39] + "…"
