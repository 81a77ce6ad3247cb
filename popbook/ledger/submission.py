"""What a filled template says: figures, sources and the edition, each with the cell it came from.

The tables are found by their heads, wherever they stand: title rows, section rows and empty rows are passed over. Every
cell that cannot be understood becomes a problem; what can be understood goes on to be held against the ledger.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from popbook.ledger.dates import WrittenDate, read_date
from popbook.ledger.errors import Problem
from popbook.ledger.inbox import InboxCell, InboxRow, InboxSheet, column_letter
from popbook.ledger.model import BASIS_ZH, STATUS_ZH, Indicator
from popbook.ledger.printed_numbers import BLANKS, UnreadableNumberError, half_width, in_unit, read_number
from popbook.ledger.store import Ledger
from popbook.ledger.tableschema import shown_text
from popbook.ledger.template import KIND_ZH, PRECISION_ZH

FIGURES, SOURCES, EDITION = "figures", "sources", "edition"

HEADS: dict[str, dict[str, tuple[str, ...]]] = {
    FIGURES: {
        "indicator_id": ("指标编号", "indicator_id"),
        "indicator": ("指标", "指标名称", "name_zh"),
        "region_id": ("地区编号", "region_id"),
        "region": ("地区", "地区名称"),
        "year": ("年份", "year"),
        "unit": ("单位", "计量单位", "unit"),
        "basis": ("口径", "统计口径", "basis"),
        "value": ("数值", "value"),
        "status": ("状态", "status"),
        "source": ("来源", "资料来源", "来源编号", "source_id"),
        "published": ("发布日期", "published"),
        "confidence": ("可信度", "confidence"),
        "vintage": ("版次", "数据版次", "vintage"),
        "note": ("说明", "备注", "note"),
    },
    SOURCES: {
        "source_id": ("来源编号", "source_id"),
        "title": ("题名", "title"),
        "publisher": ("发布机构", "publisher"),
        "published": ("发布日期", "published"),
        "date_precision": ("日期精度", "date_precision"),
        "kind": ("类型", "kind"),
        "confidence": ("可信度", "confidence"),
        "read_via": ("读取途径", "read_via"),
        "licence": ("许可", "licence"),
        "note": ("说明", "备注", "note"),
    },
    EDITION: {
        "edition": ("年度", "edition"),
        "cut_off": ("截止日期", "cut_off"),
        "title": ("题名", "title"),
    },
}
"""Column → the heads it may stand under."""

MARKS: dict[str, tuple[frozenset[str], ...]] = {
    FIGURES: (frozenset({"value", "indicator_id"}), frozenset({"value", "indicator"})),
    SOURCES: (frozenset({"title", "publisher"}),),
    EDITION: (frozenset({"edition", "cut_off"}),),
}
"""Columns that tell which table a row of heads belongs to."""

STATUS_WORDS = {
    "": "",
    **{mark: mark for mark in "PRE"},
    **{word: mark for mark, word in STATUS_ZH.items() if mark},
}
STATUS_WORDS |= {"初步": "P", "修订": "R", "估计": "E", "正式数": "", "正式": ""}
BASIS_WORDS = {word: key for key, zh in BASIS_ZH.items() for word in (key, zh)}


@dataclass(frozen=True)
class Origin:
    """The row of a file that something came from, and the columns of its table."""

    place: str
    row: int
    columns: Mapping[str, int] = field(default_factory=dict)

    def problem(self, column: str, code: str, message: str, remedy: str) -> Problem:
        """A problem in this row; ``column`` is a key of `HEADS` or ""."""
        table = next(
            (heads for heads in HEADS.values() if column in heads and self.columns.keys() <= heads.keys()), {}
        )
        shown = table[column][0] if column in table else column
        if column in self.columns:
            shown += f"（{column_letter(self.columns[column])}{self.row}）"
        return Problem(self.place, self.row, shown, code, message, remedy)


@dataclass(frozen=True)
class Figure:
    """One figure as submitted.

    Parameters
    ----------
    value : Decimal
        In the unit of the indicator.
    printed : str
        As it stood in the cell, where it was converted; else "".
    source : str
        What the source cell says: an id or a title.
    published : WrittenDate or None
        What the date cell says, if anything.
    vintage, confidence : str
        "" if the cell is empty.
    """

    origin: Origin
    indicator: Indicator
    region_id: str
    year: int
    value: Decimal
    printed: str
    status: str
    source: str
    published: WrittenDate | None
    vintage: str
    confidence: str
    note: str


@dataclass(frozen=True)
class SourceRow:
    """One row of the table of sources; ``published`` None where no date was filled in."""

    origin: Origin
    source_id: str
    title: str
    publisher: str
    published: WrittenDate | None
    date_precision: str
    kind: str
    confidence: str
    read_via: str
    licence: str
    note: str


@dataclass(frozen=True)
class EditionRow:
    """The row of an edition."""

    origin: Origin
    edition: int
    cut_off: str
    title: str


@dataclass(frozen=True)
class Submission:
    """All that a file says.

    Parameters
    ----------
    figures, sources, editions : tuple
        What could be understood.
    blanks : int
        Figures that the file asks for and that are not filled in.
    problems : tuple of Problem
        What could not.
    """

    figures: tuple[Figure, ...] = ()
    sources: tuple[SourceRow, ...] = ()
    editions: tuple[EditionRow, ...] = ()
    blanks: int = 0
    problems: tuple[Problem, ...] = ()


def read_submission(sheets: Iterable[InboxSheet], ledger: Ledger) -> Submission:
    """Understand a filled template.

    Parameters
    ----------
    sheets : iterable of InboxSheet
        From `popbook.ledger.inbox.read_inbox`.
    ledger : Ledger
        The whole ledger, for its indicators and regions.

    Returns
    -------
    Submission
    """
    sheets = tuple(sheets)
    problems: list[Problem] = []
    rows: dict[str, list[tuple[Origin, dict[str, InboxCell]]]] = defaultdict(list)
    tables = 0
    for sheet in sheets:
        for kind, origin, cells, repeated in _table_rows(sheet):
            if cells is None:
                tables += 1
                problems += (
                    origin.problem(name, "column-repeated", "同一列出现两次", "只留一列") for name in repeated
                )
            else:
                rows[kind].append((origin, cells))
    if not tables:
        place = sheets[0].place.partition("［")[0] if sheets else ""
        message = "没有找到填报表的表头（指标、数值、来源……）"
        return Submission(
            problems=(
                Problem(
                    place, 0, "", "header-missing", message, "用 popbook new-year 生成的填报表，保留它的表头"
                ),
            )
        )
    editions = tuple(found for row in rows[EDITION] if (found := _edition(*row, problems)) is not None)
    reader = _FigureReader(ledger, editions[0].edition if editions else None, problems)
    figures = tuple(figure for row in rows[FIGURES] if (figure := reader.read(*row)) is not None)
    sources = tuple(source for row in rows[SOURCES] if (source := _source(*row, problems)) is not None)
    return Submission(figures, sources, editions, reader.blanks, tuple(problems))


def plain_title(text: str) -> str:
    """Return a title for comparison: half-width, without spaces and book-title marks."""
    return re.sub(r"[\s《》]+", "", half_width(text))


# ---------------------------------------------------------------- tables


def _table_rows(
    sheet: InboxSheet,
) -> Iterator[tuple[str, Origin, dict[str, InboxCell] | None, list[str]]]:
    """Every row below a row of heads, with its cells by column; the row of heads itself with None."""
    kind = ""
    columns: dict[str, int] = {}
    for row in sheet.rows:
        found = _heads(row)
        if found is not None:
            kind, columns, repeated = found
            yield kind, Origin(sheet.place, row.number, columns), None, repeated
        elif kind:
            cells = {name: row.cell(place) for name, place in columns.items()}
            yield kind, Origin(sheet.place, row.number, columns), cells, []


def _heads(row: InboxRow) -> tuple[str, dict[str, int], list[str]] | None:
    names = [re.sub(r"\s+|[(（].*$", "", half_width(cell.text)) for cell in row.cells]
    for kind, heads in HEADS.items():
        columns: dict[str, int] = {}
        repeated = []
        for name, words in heads.items():
            places = [place for place, text in enumerate(names) if text in words]
            if places:
                columns[name] = places[0]
                # 来源 and 来源编号 may stand side by side; the same head twice may not.
                if len(places) > len({names[place] for place in places}):
                    repeated.append(name)
        if any(marks <= columns.keys() for marks in MARKS[kind]):
            return kind, columns, repeated
    return None


# ---------------------------------------------------------------- figures


class _FigureReader:
    """Reads rows of figures; keeps count of those left blank."""

    def __init__(self, ledger: Ledger, edition: int | None, problems: list[Problem]) -> None:
        self.ledger, self.edition, self.problems = ledger, edition, problems
        self.blanks = 0
        self.indicators = _by_name((key, item.name_zh) for key, item in ledger.indicators.items())
        self.regions = _by_name((key, item.name_zh) for key, item in ledger.regions.items())

    def read(self, origin: Origin, cells: dict[str, InboxCell]) -> Figure | None:
        """Return the figure of a row; None where it is blank or cannot be understood."""
        before = len(self.problems)
        raw = cells["value"]
        if not raw.is_formula and half_width(raw.text).replace(" ", "") in BLANKS:
            self._pass_over(origin, cells)
            return None
        indicator = self._indicator(origin, cells)
        region_id = self._region(origin, cells)
        year = self._year(origin, cells)
        status = self._status(origin, cells)
        published = _date(origin, cells, "published", self.problems)
        confidence = _confidence(origin, cells, self.problems)
        number = self._number(origin, raw, indicator)
        source = _text(cells, "source")
        if not source:
            remedy = "写“来源”页的题名或来源编号；合并的单元格只有首格有内容，须逐行填写"
            self.problems.append(origin.problem("source", "source-missing", "没有写来源", remedy))
        if len(self.problems) > before or indicator is None or year is None or number is None:
            return None
        value, printed = number
        return Figure(
            origin,
            indicator,
            region_id,
            year,
            value,
            printed,
            status,
            source,
            published,
            _text(cells, "vintage"),
            confidence,
            _text(cells, "note"),
        )

    def _pass_over(self, origin: Origin, cells: dict[str, InboxCell]) -> None:
        if (
            _text(cells, "indicator_id") not in self.indicators
            and _text(cells, "indicator") not in self.indicators
        ):
            return  # a title, a section, a remark
        self.blanks += 1
        for name in ("status", "published"):
            if _text(cells, name):
                words = HEADS[FIGURES][name][0]
                message = f"填了{words}，没有填数值"
                self.problems.append(
                    origin.problem("value", "value-missing", message, f"补上数值，或清空{words}")
                )

    def _indicator(self, origin: Origin, cells: dict[str, InboxCell]) -> Indicator | None:
        key, name = _text(cells, "indicator_id"), _text(cells, "indicator")
        known = [self.indicators[text] for text in (key, name) if text in self.indicators]
        column = "indicator_id" if key or "indicator" not in cells else "indicator"
        if not known or (key and key not in self.indicators):
            words = f"没有“{shown_text(key or name)}”这个指标" if key or name else "没有写指标"
            self.problems.append(
                origin.problem(
                    column, "indicator-unknown", words, "照填报表写指标；新指标先在 indicators.csv 登记"
                )
            )
            return None
        if len(set(known)) > 1:
            words = f"编号“{shown_text(key)}”与名称“{shown_text(name)}”不是同一指标"
            self.problems.append(
                origin.problem("indicator", "indicator-differs", words, "核对这一行是否错位")
            )
            return None
        indicator = self.ledger.indicators[known[0]]
        basis = _text(cells, "basis")
        if basis and BASIS_WORDS.get(basis) != indicator.basis:
            words = f"口径写的是“{shown_text(basis)}”，“{indicator.name_zh}”是{BASIS_ZH[indicator.basis]}口径"
            self.problems.append(
                origin.problem("basis", "basis", words, "核对原文是哪一种人口，填到那个口径的指标")
            )
        unit = half_width(_text(cells, "unit"))
        if unit not in ("", "-", "—", half_width(indicator.unit)):
            words = f"单位写的是“{shown_text(unit)}”，“{indicator.name_zh}”的单位是“{indicator.unit or '无'}”"
            self.problems.append(
                origin.problem("unit", "unit", words, "单位列不改；原文用别的单位时，写在数值后面")
            )
        return indicator

    def _region(self, origin: Origin, cells: dict[str, InboxCell]) -> str:
        key, name = _text(cells, "region_id"), _text(cells, "region")
        known = [self.regions[text] for text in (key, name) if text in self.regions]
        column = "region_id" if key or "region" not in cells else "region"
        if "region" not in cells and "region_id" not in cells:
            return self.ledger.city
        if not known or (key and key not in self.regions):
            words = f"没有“{shown_text(key or name)}”这个地区" if key or name else "没有写地区"
            self.problems.append(
                origin.problem(
                    column, "region-unknown", words, "照 regions.csv 写名称或编号；2021年以前的区加“（旧）”"
                )
            )
            return ""
        if len(set(known)) > 1:
            words = f"编号“{shown_text(key)}”与名称“{shown_text(name)}”不是同一地区"
            self.problems.append(origin.problem("region", "region-unknown", words, "核对这一行是否错位"))
        return known[0]

    def _year(self, origin: Origin, cells: dict[str, InboxCell]) -> int | None:
        text = half_width(_text(cells, "year")).removesuffix("年").removesuffix(".0")
        if not text and "year" not in cells and self.edition is not None:
            return self.edition
        if not (re.fullmatch(r"\d{4}", text) and 1900 <= int(text) <= 2100):
            words = f"“{shown_text(text)}”不是年份" if text else "没有写年份"
            self.problems.append(origin.problem("year", "year", words, "写四位年份"))
            return None
        return int(text)

    def _status(self, origin: Origin, cells: dict[str, InboxCell]) -> str:
        text = half_width(_text(cells, "status"))
        text = "" if text in BLANKS else text
        if text.upper() in STATUS_WORDS:
            return STATUS_WORDS[text.upper()]
        words = f"状态“{shown_text(text)}”不认识"
        self.problems.append(
            origin.problem("status", "status", words, "P 初步数，R 修订数，E 估计数；正式数留空")
        )
        return ""

    def _number(
        self, origin: Origin, raw: InboxCell, indicator: Indicator | None
    ) -> tuple[Decimal, str] | None:
        if raw.is_formula:
            self.problems.append(
                origin.problem("value", "formula", "数值格中是公式", "复制该格，选择性粘贴为数值")
            )
            return None
        try:
            number = read_number(raw.value if isinstance(raw.value, (int, float)) else _cell_text(raw))
        except UnreadableNumberError as error:
            code = "formula" if error.what == "是公式" else "number"
            self.problems.append(origin.problem("value", code, shown_text(error.what), error.remedy))
            return None
        if number is None or indicator is None:
            return None
        converted = in_unit(number, indicator.unit)
        if converted is None:
            words = f"数值的单位是“{shown_text(number.unit)}”，“{indicator.name_zh}”的单位是“{indicator.unit or '无'}”"
            remedy = (
                "% 与 ‰ 不能互换，核对原文"
                if {number.unit, indicator.unit} <= {"%", "‰"}
                else "核对原文的单位和指标"
            )
            self.problems.append(origin.problem("value", "unit", words, remedy))
            return None
        is_converted = number.unit not in ("", indicator.unit)
        return converted.value, str(number) if is_converted else ""


# ---------------------------------------------------------------- sources and editions


def _source(origin: Origin, cells: dict[str, InboxCell], problems: list[Problem]) -> SourceRow | None:
    texts = {name: _text(cells, name) for name in HEADS[SOURCES]}
    if not (texts["source_id"] or texts["title"]) or (
        len([t for t in texts.values() if t]) == 1 and not texts["title"]
    ):
        return None
    before = len(problems)
    published = _date(origin, cells, "published", problems)
    kind = _word(origin, "kind", texts["kind"], KIND_ZH, problems)
    precision = _word(origin, "date_precision", texts["date_precision"], PRECISION_ZH, problems)
    confidence = _confidence(origin, cells, problems)
    if len(problems) > before:
        return None
    return SourceRow(
        origin,
        texts["source_id"],
        texts["title"],
        texts["publisher"],
        published,
        precision or (published.precision if published else ""),
        kind,
        confidence,
        texts["read_via"],
        texts["licence"],
        texts["note"],
    )


def _edition(origin: Origin, cells: dict[str, InboxCell], problems: list[Problem]) -> EditionRow | None:
    text = half_width(_text(cells, "edition")).removesuffix("年度").removesuffix("年")
    if not any(_text(cells, name) for name in HEADS[EDITION]):
        return None
    before = len(problems)
    if not re.fullmatch(r"(19|20)\d{2}", text):
        words = f"“{shown_text(text)}”不是年份"
        problems.append(origin.problem("edition", "year", words, "写四位年份"))
    cut_off = _date(origin, cells, "cut_off", problems)
    if cut_off is None and len(problems) == before:
        problems.append(origin.problem("cut_off", "date", "没有写截止日期", "按 2026-06-30 的形式写"))
    if len(problems) > before or cut_off is None:
        return None
    return EditionRow(origin, int(text), cut_off.iso, _text(cells, "title"))


# ---------------------------------------------------------------- cells


def _text(cells: Mapping[str, InboxCell], name: str) -> str:
    return _cell_text(cells[name]) if name in cells else ""


def _cell_text(cell: InboxCell) -> str:
    """Text of a cell on one line, with full-width letters and digits made half-width; punctuation stays Chinese."""
    text = re.sub(r"\s+", " ", cell.text)
    return re.sub(r"[０-９Ａ-Ｚａ-ｚ．％]", lambda match: half_width(match[0]), text)


def _date(
    origin: Origin, cells: dict[str, InboxCell], name: str, problems: list[Problem]
) -> WrittenDate | None:
    cell = cells.get(name, InboxCell())
    text = half_width(cell.text)
    if text in BLANKS and not cell.is_formula:
        return None
    found = None if cell.is_formula else read_date(cell.value if not isinstance(cell.value, str) else text)
    if found is None:
        words = "日期格中是公式" if cell.is_formula else f"“{shown_text(text)}”不是日期"
        problems.append(origin.problem(name, "date", words, "按 2026-03-14 或 2026年3月14日 的形式写"))
    return found


def _confidence(origin: Origin, cells: dict[str, InboxCell], problems: list[Problem]) -> str:
    text = half_width(_text(cells, "confidence")).upper().removesuffix("级")
    if text in BLANKS:
        return ""
    if text not in ("A", "B", "C"):
        words = f"可信度“{shown_text(text)}”不认识"
        problems.append(origin.problem("confidence", "confidence", words, "A 官方原文，B 转载，C 二手或推算"))
    return text


def _word(origin: Origin, name: str, text: str, words: Mapping[str, str], problems: list[Problem]) -> str:
    key = {zh: key for key, zh in words.items()}.get(text, text)
    if key in ("", *words):
        return key
    message = f"{HEADS[SOURCES][name][0]}“{shown_text(text)}”不认识"
    problems.append(origin.problem(name, "enum", message, f"可选：{'、'.join(words.values())}"))
    return ""


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Id and Chinese name → id; a name that two records share stands for neither."""
    found: dict[str, str] = {}
    names: dict[str, list[str]] = defaultdict(list)
    for key, name in pairs:
        found[key] = key
        names[name].append(key)
    return {**{name: keys[0] for name, keys in names.items() if len(keys) == 1}, **found}
