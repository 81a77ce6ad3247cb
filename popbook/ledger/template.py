"""The template for a new year: which figures it asks for, and the workbook or CSV an analyst fills in.

A template is one table of figures in the order of the statistical bulletins (``data/template.csv``), one row for the
edition, and the sources that are likely to come: those of last year's figures with the year moved on.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from popbook.ledger.atomic import replace_atomically
from popbook.ledger.datapackage import read_table
from popbook.ledger.errors import PopbookError, UsageError
from popbook.ledger.model import BASIS_ZH, Indicator, Region, Source
from popbook.ledger.store import Ledger

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

INBOX = "inbox"
FORMATS = ("xlsx", "csv")
CENSUS_EVERY = 10
"""Census indicators are asked for in years that end in 0."""
RECENT_YEARS = 10
"""A series that is not in template.csv and has been silent for longer is not asked for."""
SPARE_ROWS = 12
"""Empty rows for revised figures of earlier years and for figures that nobody expected."""
SPARE_SECTION = "修订数和其他"
OTHER_SECTION = "其他指标"
SUCCESSION_YEARS = 4
"""A publication whose last figure is older is not expected again."""
REGULAR_KINDS = ("bulletin", "yearbook", "bureau")
"""Kinds of source that come out every year."""
SUPERSEDED_SCHEME = "pre-2021"

FIGURES_SHEET, SOURCES_SHEET, EDITION_SHEET, HELP_SHEET = "数据", "来源", "年度版", "填表说明"

FIGURE_HEADS = (
    "指标",
    "地区",
    "年份",
    "单位",
    "口径",
    "前一次",
    "最近一次",
    "数值",
    "状态",
    "来源",
    "发布日期",
    "可信度",
    "说明",
    "定义",
    "版次",
    "指标编号",
    "地区编号",
)
SOURCE_HEADS = (
    "来源编号",
    "题名",
    "发布机构",
    "发布日期",
    "日期精度",
    "类型",
    "可信度",
    "读取途径",
    "许可",
    "说明",
)
EDITION_HEADS = ("年度", "截止日期", "题名")

KIND_ZH = {
    "plan": "规划",
    "bulletin": "公报",
    "census": "普查资料",
    "yearbook": "年鉴",
    "news": "新闻报道",
    "dataset": "数据集",
    "bureau": "部门文件",
}
PRECISION_ZH = {"day": "日", "month": "月", "year": "年", "bound": "不晚于该日"}

EXPLANATION = (
    (
        "填哪几格",
        "“数据”页只填浅黄色的格：数值、状态、来源、发布日期、可信度、说明。没有公布的指标留空，不要估、不要补。",
    ),
    (
        "数值",
        "照原文填，单位见“单位”列。原文用别的单位时，把单位写在数后面（12700000人），程序换算并在试运行中显示。"
        "百分数写成84.8或84.8%，千分数写成7.5或7.5‰，二者不互换。",
    ),
    ("状态", "P 初步数，R 修订数，E 估计数；正式数留空。也可以写汉字。"),
    ("来源", "写“来源”页的题名或来源编号。预填的是去年同一指标所据出版物的本年版；实际读的不是它，就改掉。"),
    (
        "发布日期",
        "可以留空，按“来源”页的发布日期；填了就必须与它相同。2026-03-14、2026/3/14、2026.3.14、2026年3月14日都可以。",
    ),
    (
        "可信度",
        "A 官方原文；B 新闻报道、官方文本的转载或年鉴的数字化本；C 二手网页或推算。留空时按“来源”页的可信度。",
    ),
    ("说明", "修订数写修订的理由；变化远超历年的写原因；推算的写算法；一次补录早已公布的数，写补录的原因。"),
    ("年份", "登记以前年份的修订数：在最后的空行中填指标、地区和年份。原有的行只增不改，修订是新的一行。"),
    (
        "来源页",
        "每种出版物一行：官方题名、官方发布机构、发布日期。网址和转载的页面只写在“读取途径”。只知年月的日期写2026年3月，日期精度写月。没有用到的行留着不管。",
    ),
    ("年度版页", "截止日期是本年度版采用数据的最后一天，可以改。已有的年度版不能改。"),
    (
        "填好以后",
        "在项目文件夹中运行：popbook ingest 文件名 --dry-run。程序一次列出全部问题；没有问题时显示写入后会变什么，什么都不写。"
        "满意后去掉 --dry-run 再运行一次。",
    ),
)


@dataclass(frozen=True)
class FigureRow:
    """One figure the template asks for."""

    section: str
    indicator: Indicator
    region: Region
    year: int
    before: tuple[str, str]
    source: Source | None
    vintage: str


@dataclass(frozen=True)
class Template:
    """What a template asks for.

    Parameters
    ----------
    year : int
        Data year.
    figures : tuple of FigureRow
    sources : tuple of Source
        Likely sources that are not in the ledger yet, without a date.
    known_sources : tuple of Source
        Sources of the ledger that were published after the data year began, for the drop-down.
    edition : tuple
        Year, cut-off date, title of the edition.
    """

    year: int
    figures: tuple[FigureRow, ...]
    sources: tuple[Source, ...]
    known_sources: tuple[Source, ...]
    edition: tuple[int, str, str]


def make_template(ledger: Ledger, year: int) -> Template:
    """Say what a new edition needs.

    Parameters
    ----------
    ledger : Ledger
        The whole ledger.
    year : int
        Data year.

    Returns
    -------
    Template

    Raises
    ------
    UsageError
        If the year is before every edition, or leaves a gap after the newest one.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> ledger = read_ledger()
    >>> template = make_template(ledger, max(ledger.editions) + 1)
    >>> template.figures[0].indicator.name_zh, template.figures[0].region.name_zh
    ('年末常住人口', '杭州市')
    """
    newest = max(ledger.editions, default=year - 1)
    if year > newest + 1 or (ledger.editions and year < min(ledger.editions)):
        known = "、".join(map(str, ledger.editions))
        raise UsageError(f"不能为 {year} 年生成填报表", "", f"已有年度版：{known}；下一个是 {newest + 1}")
    figures = tuple(_figure(ledger, year, *row) for row in _rows(ledger, year))
    likely = {row.source.source_id: row.source for row in figures if row.source is not None}
    return Template(
        year=year,
        figures=figures,
        sources=tuple(source for key, source in likely.items() if key not in ledger.sources),
        known_sources=tuple(s for s in ledger.sources.values() if s.published > f"{year}-01-01"),
        edition=_edition(ledger, year),
    )


def write_template(ledger: Ledger, year: int, form: str = "xlsx") -> tuple[Path, Template]:
    """Write ``data/inbox/<year>.xlsx`` or ``.csv``; a template in which anything was filled in is never overwritten.

    Parameters
    ----------
    ledger : Ledger
        The whole ledger.
    year : int
        Data year.
    form : str
        ``"xlsx"`` or ``"csv"``.

    Returns
    -------
    tuple of Path and Template

    Raises
    ------
    PopbookError
        If there is a file of that name that is not just such a template, untouched.
    """
    template = make_template(ledger, year)
    content = workbook_bytes(template) if form == "xlsx" else csv_bytes(template)
    path = ledger.data_dir / INBOX / f"{year}.{form}"
    if path.exists() and not _is_untouched(path, template):
        shown = path.relative_to(ledger.data_dir.parent).as_posix()
        raise PopbookError(
            "填报表已存在，其中有填写或改动", shown, "继续填写它；要重新开始，先把它改名或移走"
        )
    try:
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_name(f".{path.name}.partial")
        fresh.write_bytes(content)
        replace_atomically(fresh, path)
    except OSError as error:
        raise PopbookError(
            f"填报表没有写成（{error.strerror}）", str(path), "关闭正在打开它的程序，检查权限"
        ) from error
    return path, template


def csv_bytes(template: Template) -> bytes:
    """Return the template as one CSV of three tables under their titles, with BOM so that Excel reads its Chinese."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([_title(template)])
    for head, text in EXPLANATION:
        writer.writerow([f"{head}：{text}"])
    for title, heads, rows in _tables(template):
        writer.writerow([])
        writer.writerow([title])
        writer.writerow(heads)
        for row in rows:
            writer.writerow([_csv_cell(cell) for cell in row])
    return buffer.getvalue().encode("utf-8-sig")


def workbook_bytes(template: Template) -> bytes:
    """Return the template as an Excel workbook with drop-downs, number formats and an explaining sheet."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = "popbook"
    book.properties.title = _title(template)
    figures = book.active
    figures.title = FIGURES_SHEET
    sources, edition, explanation = (
        book.create_sheet(name) for name in (SOURCES_SHEET, EDITION_SHEET, HELP_SHEET)
    )
    tables = {title: (heads, rows) for title, heads, rows in _tables(template)}
    _write_figures(figures, template, *tables[FIGURES_SHEET])
    _write_sources(sources, template, *tables[SOURCES_SHEET])
    _write_edition(edition, *tables[EDITION_SHEET])
    _write_explanation(explanation, template)
    return _saved(book)


# ---------------------------------------------------------------- what is asked for


def _rows(ledger: Ledger, year: int) -> Iterator[tuple[str, Indicator, Region]]:
    """Section, indicator and region of every figure, in the order of template.csv; then what it does not name."""
    asked = {
        key: item
        for key, item in ledger.indicators.items()
        if item.basis != "census" or year % CENSUS_EVERY == 0
    }
    last = ledger.observations.groupby(["indicator_id", "region_id"])["year"].max()
    alive = {key for key, newest in last.items() if newest > year - RECENT_YEARS}
    regions = [r for r in ledger.regions.values() if _exists(r, year)]
    order = {ledger.city: 0} | {r.region_id: 1 + (r.level != "district") for r in regions if r.region_id != ledger.city}
    regions.sort(key=lambda region: order[region.region_id])
    listed = _listed(ledger)
    others = [(OTHER_SECTION, key, "") for key in asked if key not in {row[1] for row in listed}]
    for section, indicator_id, where in (*listed, *others):
        if indicator_id not in asked:
            continue
        for region in regions:
            is_listed = region.region_id == ledger.city and bool(where)
            is_listed |= where == "districts" and region.level == "district"
            if is_listed or (indicator_id, region.region_id) in alive:
                yield section, asked[indicator_id], region


def _listed(ledger: Ledger) -> list[tuple[str, str, str]]:
    resource = ledger.package.resources.get("template")
    if resource is None or not (ledger.data_dir / resource.path).exists():
        return []
    frame = read_table(ledger.package, "template")
    return list(frame[["section", "indicator_id", "regions"]].itertuples(index=False, name=None))


def _exists(region: Region, year: int) -> bool:
    """Whether a region is one of the present boundaries at the end of a year."""
    return region.scheme != SUPERSEDED_SCHEME and not (region.valid_to and region.valid_to < f"{year}-12-31")


def _figure(ledger: Ledger, year: int, section: str, indicator: Indicator, region: Region) -> FigureRow:
    series = ledger.series(indicator.indicator_id, region.region_id)
    earlier = [item for item in series.observations() if item.year < year]
    shown = [
        f"{_full(item.value, indicator.decimals)}{item.status}（{item.year}年）" for item in earlier[-2:]
    ]
    rows = ledger.observations
    rows = rows[(rows["indicator_id"] == indicator.indicator_id) & (rows["region_id"] == region.region_id)]
    return FigureRow(
        section=section,
        indicator=indicator,
        region=region,
        year=year,
        before=("", *shown)[-2:] if shown else ("", ""),  # type: ignore[arg-type]
        source=_successor(ledger.sources.get(earlier[-1].source_id), ledger, earlier[-1].year, year)
        if earlier
        else None,
        vintage=usual_vintage(ledger, rows.to_dict("records")),
    )


def _full(value: float, decimals: int) -> str:
    """All digits that were published, at least those the indicator is published with."""
    text = f"{value:.10g}"
    return text if len(text.partition(".")[2]) > decimals else f"{value:.{decimals}f}"


def usual_vintage(ledger: Ledger, rows: Iterable[Any]) -> str:
    """Return the vintage that a new figure of a series carries: that of its newest figure, plan and census apart.

    Parameters
    ----------
    ledger : Ledger
    rows : iterable of mapping
        Rows of observations.csv of one series.
    """
    usual = [
        (row["year"], row["published"], row["vintage"])
        for row in rows
        if not row["vintage"].startswith(("plan-", "census-")) and row["source_id"] in ledger.sources
    ]
    return str(max(usual)[2]) if usual else "first-published"


def _successor(source: Source | None, ledger: Ledger, last_year: int, year: int) -> Source | None:
    """The same publication for the new year: its id and title with the year moved on, without a date."""
    if source is None or source.kind not in REGULAR_KINDS or year - last_year > SUCCESSION_YEARS:
        return None
    for offset in (0, 1):  # a bulletin carries the data year, a yearbook the year after
        old, new = str(last_year + offset), str(year + offset)
        if old in source.source_id and old in source.title:
            key = source.source_id.replace(old, new)
            if key in ledger.sources:
                return ledger.sources[key]
            return Source(key, source.title.replace(old, new), source.publisher, "", "", source.kind)
    return None


def _edition(ledger: Ledger, year: int) -> tuple[int, str, str]:
    if year in ledger.editions:
        known = ledger.editions[year]
        return year, known.cut_off, known.title
    if not ledger.editions:
        return year, f"{year + 1}-06-30", f"人口发展规划年度监测报告（{year}年度）"
    last = ledger.editions[max(ledger.editions)]
    cut_off = date.fromisoformat(last.cut_off)
    day = min(cut_off.day, 28) if cut_off.month == 2 else cut_off.day
    cut_off = cut_off.replace(year=cut_off.year + year - last.edition, day=day)
    return year, cut_off.isoformat(), last.title.replace(str(last.edition), str(year))


# ---------------------------------------------------------------- the tables


def _title(template: Template) -> str:
    return f"{template.year}年度填报表"


def _tables(template: Template) -> tuple[tuple[str, tuple[str, ...], list[list[Any]]], ...]:
    """Title, heads and rows of the three tables; a row of one cell is the title of a section."""
    figures: list[list[Any]] = []
    section = ""
    for row in template.figures:
        if row.section != section:
            section = row.section
            figures.append([section])
        figures.append(
            [
                row.indicator.name_zh,
                row.region.name_zh,
                row.year,
                row.indicator.unit,
                BASIS_ZH[row.indicator.basis],
                *row.before,
                None,
                None,
                row.source.title if row.source else None,
                None,
                None,
                None,
                row.indicator.definition,
                row.vintage,
                row.indicator.indicator_id,
                row.region.region_id,
            ]
        )
    figures += [[SPARE_SECTION], *([None] * len(FIGURE_HEADS) for _ in range(SPARE_ROWS))]
    sources: list[list[Any]] = [
        [s.source_id, s.title, s.publisher, None, None, KIND_ZH[s.kind], None, None, None, None]
        for s in template.sources
    ]
    sources += [[None] * len(SOURCE_HEADS) for _ in range(SPARE_ROWS)]
    return (
        (FIGURES_SHEET, FIGURE_HEADS, figures),
        (SOURCES_SHEET, SOURCE_HEADS, sources),
        (EDITION_SHEET, EDITION_HEADS, [list(template.edition)]),
    )


def _csv_cell(cell: Any) -> Any:
    """A cell of a CSV that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and re.match(r"[=@+\t\r]|-(?![0-9])", cell):
        return "'" + cell
    return "" if cell is None else cell


def _is_untouched(path: Path, template: Template) -> bool:
    """Whether a file holds what a fresh template holds, cell by cell."""
    from popbook.ledger.errors import DataError
    from popbook.ledger.inbox import read_inbox

    def cells(sheets: Any) -> list[list[str]]:
        return [[cell.text for cell in row.cells] for sheet in sheets for row in sheet.rows]

    fresh = path.with_name(f".{path.name}.fresh{path.suffix}")
    try:
        fresh.write_bytes(workbook_bytes(template) if path.suffix == ".xlsx" else csv_bytes(template))
        return cells(read_inbox(path)) == cells(read_inbox(fresh))
    except (DataError, OSError):
        return False
    finally:
        fresh.unlink(missing_ok=True)


# ---------------------------------------------------------------- the workbook

_WIDTHS = {
    "指标": 26,
    "地区": 14,
    "年份": 7,
    "单位": 8,
    "口径": 12,
    "前一次": 17,
    "最近一次": 17,
    "数值": 12,
    "状态": 7,
    "来源": 34,
    "发布日期": 13,
    "可信度": 8,
    "说明": 30,
    "定义": 60,
    "版次": 28,
    "指标编号": 26,
    "地区编号": 12,
    "来源编号": 24,
    "题名": 44,
    "发布机构": 30,
    "日期精度": 11,
    "类型": 10,
    "读取途径": 40,
    "许可": 12,
    "年度": 8,
    "截止日期": 14,
}
_FILLED_IN = ("数值", "状态", "来源", "发布日期", "可信度", "说明")
_DATE_HEADS = ("发布日期", "截止日期")


def _write_figures(
    sheet: Worksheet, template: Template, heads: tuple[str, ...], rows: list[list[Any]]
) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    asked, paper = PatternFill("solid", fgColor="FFF8DC"), PatternFill("solid", fgColor="EEF1F4")
    line = Border(*(Side("thin", color="D8D2BC"),) * 4)
    widest = get_column_letter(len(heads))
    for text, size in (
        (_title(template), 14),
        ("只填浅黄色的格；没有公布的留空。怎样填见“填表说明”页。", 10),
    ):
        sheet.append([text])
        sheet.merge_cells(f"A{sheet.max_row}:{widest}{sheet.max_row}")
        sheet.cell(sheet.max_row, 1).font = Font(bold=size > 10, size=size)
    _write_heads(sheet, heads)
    top = sheet.max_row
    columns = {name: place for place, name in enumerate(heads, start=1)}
    units = iter(template.figures)
    for number, row in enumerate(rows, start=top + 1):
        for place, value in enumerate(row, start=1):
            sheet.cell(number, place, value)
        if len(row) == 1:
            sheet.merge_cells(f"A{number}:{widest}{number}")
            sheet.cell(number, 1).font = Font(bold=True)
            sheet.cell(number, 1).fill = paper
            continue
        figure = next(units, None)
        decimals = figure.indicator.decimals if figure else 2
        for name, place in columns.items():
            cell = sheet.cell(number, place)
            cell.alignment = Alignment(
                vertical="top",
                wrap_text=name in ("指标", "来源", "说明"),
                horizontal="right" if name in ("前一次", "最近一次", "数值") else None,
            )
            if name in _FILLED_IN or figure is None:
                cell.fill, cell.border = asked, line
            if name == "数值" and figure:
                cell.number_format = f"0.{'0' * decimals}" if decimals else "0"
            if name == "发布日期":
                cell.number_format = "yyyy-mm-dd"
            if isinstance(cell.value, str):
                cell.data_type = "s"
    bottom = sheet.max_row
    choices: dict[str, tuple[str, str]] = {
        "状态": ('"P,R,E"', "P 初步数，R 修订数，E 估计数；正式数留空"),
        "可信度": ('"A,B,C"', "A 官方原文，B 转载，C 二手或推算；留空按“来源”页"),
        "来源": (f"{SOURCES_SHEET}!$B$2:$B$60", "选“来源”页的题名；那里没有的，先在那里登记"),
    }
    for name, (formula, prompt) in choices.items():
        letter = get_column_letter(columns[name])
        choice = DataValidation("list", formula1=formula, allow_blank=True, showErrorMessage=False)
        choice.promptTitle, choice.prompt, choice.showInputMessage = name, prompt, True
        choice.add(f"{letter}{top + 1}:{letter}{bottom}")
        sheet.add_data_validation(choice)
    sheet.freeze_panes = f"C{top + 1}"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for side in ("left", "right", "top", "bottom"):
        setattr(sheet.page_margins, side, 0.4)
    sheet.print_title_rows = f"{top}:{top}"
    sheet.print_area = f"A1:{get_column_letter(columns['说明'])}{bottom}"


def _write_sources(
    sheet: Worksheet, template: Template, heads: tuple[str, ...], rows: list[list[Any]]
) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    _write_table(sheet, heads, rows)
    bottom = sheet.max_row
    for name, words in (("日期精度", PRECISION_ZH.values()), ("类型", KIND_ZH.values()), ("可信度", "ABC")):
        letter = get_column_letter(heads.index(name) + 1)
        choice = DataValidation(
            "list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=False
        )
        choice.add(f"{letter}2:{letter}{bottom}")
        sheet.add_data_validation(choice)


def _write_edition(sheet: Worksheet, heads: tuple[str, ...], rows: list[list[Any]]) -> None:
    _write_table(sheet, heads, rows)


def _write_explanation(sheet: Worksheet, template: Template) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.append([_title(template)])
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    known = "、".join(source.title for source in template.known_sources)
    lines = (*EXPLANATION, ("已登记的来源", known)) if known else EXPLANATION
    for head, text in lines:
        sheet.append([head, text])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True)
        for place in (1, 2):
            sheet.cell(sheet.max_row, place).alignment = Alignment(vertical="top", wrap_text=True)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 14, 90


def _write_table(sheet: Worksheet, heads: tuple[str, ...], rows: list[list[Any]]) -> None:
    from openpyxl.styles import Alignment, PatternFill

    asked = PatternFill("solid", fgColor="FFF8DC")
    _write_heads(sheet, heads)
    for number, row in enumerate(rows, start=2):
        for place, (name, value) in enumerate(zip(heads, row, strict=True), start=1):
            cell = sheet.cell(number, place, value)
            cell.fill = asked
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula
            if name in _DATE_HEADS:
                cell.number_format = "yyyy-mm-dd"
    sheet.freeze_panes = "A2"


def _write_heads(sheet: Worksheet, heads: tuple[str, ...]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet.append(list(heads))
    for place, name in enumerate(heads, start=1):
        cell = sheet.cell(sheet.max_row, place)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="D9E2EC")
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS[name]


def _saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
