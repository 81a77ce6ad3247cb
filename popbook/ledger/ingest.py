"""`popbook ingest`: a filled template is held against the ledger, shown as a difference, and appended.

Nothing that stands in the ledger is ever changed. A figure that differs from the one in use is a revision: a new row with
a reason. Either every row of a file is appended or none.
"""

from __future__ import annotations

import csv
import io
import math
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from popbook.ledger import rules
from popbook.ledger.datapackage import DESCRIPTOR, DataPackage, find_data_dir, read_datapackage
from popbook.ledger.dates import today
from popbook.ledger.errors import DataError, Problem
from popbook.ledger.inbox import read_inbox
from popbook.ledger.journal import commit, locked
from popbook.ledger.model import Indicator, Region
from popbook.ledger.printed_numbers import number_text
from popbook.ledger.store import KEY, Ledger, read_ledger, select_values
from popbook.ledger.submission import (
    EditionRow,
    Figure,
    Origin,
    SourceRow,
    Submission,
    plain_title,
    read_submission,
)
from popbook.ledger.tableschema import Table, append_records, check_table, shown_text
from popbook.ledger.template import usual_vintage

NEW, REVISION, AGAIN, REFERENCE = "新增", "修订", "另一来源", "参考"
"""What a row is to the ledger: the first figure of a year; another figure than the one in use; the same figure from another
source; a figure that the selection rule leaves unused."""

SLIPS: tuple[tuple[float, str, bool], ...] = (
    (1e4, "像是以“人”“元”为单位填的", True),
    (1e-4, "像是以“亿”为单位填的", True),
    (1e3, "像是差了一千倍", True),
    (1e-3, "像是差了一千倍", True),
    (100.0, "像是小数点移了两位", False),
    (0.01, "像是把百分数写成了小数", False),
    (10.0, "像是把百分数填成千分数，或小数点移了一位", False),
    (0.1, "像是把千分数填成百分数，或小数点移了一位", False),
)
"""Factor by which a figure exceeds what history suggests, what that looks like, and whether no note can explain it."""

SLIP_TOLERANCE = math.log(1.3)
"""A slip shows where the figure divided by the factor is within 30 % of the last one."""
SLIP_YEARS = 6
"""Over a longer gap a tenfold figure may be true (foreign trade, teams of experts)."""

CAUSES = ("magnitude", "bounds", "jump", "revision-reason", "increment")
"""What one wrong number sets off, the plainest first: a slip of the unit also breaks bounds and jumps."""

ARCHIVE = "forecast_archive.csv"
"""The forecasts of earlier editions; a figure outside their 95 % interval wants a note."""
MODELS_WITH_INTERVAL = ("combination", "cohort_trajectories")

CHECKED = (
    "indicators",
    "regions",
    "sources",
    "observations",
    "breaks",
    "editions",
    "plan_evidence",
    "panel_resident",
    "panel_hukou",
    "panel_gdp_growth",
)
"""Tables that the rules for new rows read."""

RULES = (
    rules.check_identities,
    rules.check_increments,
    rules.check_district_sums,
    rules.check_bounds,
    rules.check_publication_dates,
    rules.check_sources,
    rules.check_editions,
)

CODES: dict[str, str] = {
    "file-missing": "文件不存在",
    "file-unreadable": "文件不能读取",
    "file-size": "文件过大",
    "file-format": "不是填报表的格式",
    "file-broken": "工作簿已损坏",
    "encoding": "编码不能识别",
    "csv": "不是合规的 CSV",
    "cell-size": "一格文字过长",
    "header-missing": "没有表头",
    "column-repeated": "列名重复",
    "nothing": "没有可写入的内容",
    "indicator-unknown": "没有这个指标",
    "indicator-differs": "编号与名称不符",
    "region-unknown": "没有这个地区",
    "region-expired": "该年没有这个地区",
    "year": "不是年份",
    "number": "不是数",
    "formula": "公式",
    "unit": "单位不符",
    "basis": "口径不符",
    "value-missing": "没有填数值",
    "status": "状态不认识",
    "confidence": "可信度不明",
    "date": "不是日期",
    "enum": "不在可选值中",
    "required": "不能为空",
    "pattern": "写法不合规定",
    "type": "类型不对",
    "bounds": "超出可能范围",
    "magnitude": "数量级不对",
    "jump": "变化远超历年或预测",
    "identity": "恒等关系不成立",
    "increment": "增量与前后两期不符",
    "district-sum": "区县合计与全市不符",
    "source-missing": "没有来源",
    "source-differs": "与已登记的来源不同",
    "source-incomplete": "来源没有登记完整",
    "published-differs": "发布日期与来源不一致",
    "future-date": "发布日期在今天之后",
    "year-in-future": "发布早于数值所属时点",
    "duplicate": "重复",
    "revision-reason": "修订没有理由",
    "same-source": "同一来源已有不同的数",
    "late": "补录没有说明",
    "edition-differs": "与已有的年度版不同",
    "order": "次序不对",
    "date-precision": "日期与精度不符",
    "address": "显示列中含网址",
    "unique": "编号重复",
    "primary-key": "主键重复",
    "space": "首尾有空格",
    "full-width": "全角数字或字母",
    "control-character": "控制字符",
    "markup": "含标记或脚本",
}
"""Every code a problem of an ingested file can carry, with its Chinese name."""


@dataclass(frozen=True)
class NewRow:
    """One row that goes into observations.csv.

    Parameters
    ----------
    cells : dict
        Column of observations.csv → text.
    kind : str
        `NEW`, `REVISION`, `AGAIN` or `REFERENCE`.
    indicator : Indicator
    region : Region
    before : tuple or None
        Value, status and year of the figure in use so far for the same year; for a new year, the last one before it.
    printed : str
        As it stood in the file, where it was converted.
    """

    cells: dict[str, str]
    kind: str
    indicator: Indicator
    region: Region
    before: tuple[float, str, int] | None
    printed: str = ""


@dataclass(frozen=True)
class Addition:
    """What an ingest appends to the ledger.

    Parameters
    ----------
    rows : tuple of NewRow
    sources, editions : tuple of dict
        New rows of sources.csv and editions.csv.
    known : int
        Figures of the file that stand in the ledger already.
    blanks : int
        Figures that the file asks for and that are not filled in.
    contents : dict
        File name → its new content, in the order of writing.
    """

    rows: tuple[NewRow, ...]
    sources: tuple[dict[str, str], ...]
    editions: tuple[dict[str, str], ...]
    known: int
    blanks: int
    contents: dict[str, bytes]


def plan_ingest(path: Path, data_dir: Path | str | None = None) -> Addition:
    """Hold a filled template against the ledger; write nothing.

    Parameters
    ----------
    path : Path
        The .xlsx or .csv file.
    data_dir : Path, str or None
        Data folder; None finds it.

    Returns
    -------
    Addition

    Raises
    ------
    DataError
        With every problem of the file.
    PopbookError
        If there is no data folder, or the ledger itself is not in order.
    """
    sheets = read_inbox(path)
    ledger = read_ledger(data_dir)
    return _Plan(ledger, read_submission(sheets, ledger), shown_text(path.name)).addition()


def ingest(path: Path, data_dir: Path | str | None = None) -> Addition:
    """Append a filled template to the ledger: all of it, or nothing.

    Parameters, returns and raises as `plan_ingest`. Two ingests at once wait for each other, and the later one is held
    against what the earlier one wrote.
    """
    sheets = read_inbox(path)
    folder = find_data_dir(data_dir)
    with locked(folder):
        ledger = read_ledger(folder)
        addition = _Plan(ledger, read_submission(sheets, ledger), shown_text(path.name)).addition()
        if addition.contents:
            commit(folder, addition.contents)
    return addition


@contextmanager
def previewed(addition: Addition, data_dir: Path | str | None = None) -> Iterator[Path]:
    """Give a copy of the data folder as it will be, for looking ahead; it is gone afterwards.

    Parameters
    ----------
    addition : Addition
        From `plan_ingest`.
    data_dir : Path, str or None
        Data folder; None finds it.

    Yields
    ------
    Path
        The copy.
    """
    package = read_datapackage(find_data_dir(data_dir))
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "data"
        for name in (DESCRIPTOR, *(resource.path for resource in package.resources.values())):
            if (package.folder / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(package.folder / name, copy / name)
        for name, content in addition.contents.items():
            (copy / name).write_bytes(content)
        yield copy


class _Plan:
    """One file held against one ledger: collects problems, then gives the addition."""

    def __init__(self, ledger: Ledger, submission: Submission, place: str) -> None:
        self.ledger, self.submission, self.place = ledger, submission, place
        self.problems = list(submission.problems)
        self.tables, found = _read_tables(ledger.package)
        if found:
            raise DataError(found)
        self.cited: dict[str, Origin] = {}
        self.today = today().isoformat()

    def addition(self) -> Addition:
        offered = self._offered_sources()
        figures = [item for figure in self.submission.figures if (item := self._with_source(figure, offered))]
        sources = self._new_sources(offered)
        editions = self._new_editions()
        rows, known, origins = self._new_rows(figures, sources)
        self._check_rows(rows, origins, sources, editions, offered)
        if self.problems:
            raise DataError(_plainest(self.problems))
        if not (rows or sources or editions or known):
            message = "没有填任何数值"
            raise DataError(
                [Problem(self.place, 0, "", "nothing", message, "在“数值”列填写公布的数，再运行一次")]
            )
        tables = {
            "sources": list(sources.values()),
            "observations": [row.cells for row in rows],
            "editions": [item for item, _ in editions],
        }
        return Addition(
            rows=tuple(rows),
            sources=tuple(tables["sources"]),
            editions=tuple(tables["editions"]),
            known=known,
            blanks=self.submission.blanks,
            contents=_contents(self.ledger.package, tables),
        )

    # ------------------------------------------------------------ sources and editions

    def _offered_sources(self) -> dict[str, SourceRow]:
        """Sources of the file that are dated, or at least named, by id."""
        offered: dict[str, SourceRow] = {}
        for row in self.submission.sources:
            if not row.source_id:
                if row.published is not None:
                    self._say(
                        row.origin,
                        "source_id",
                        "required",
                        f"“{shown_text(row.title)}”没有来源编号",
                        "写一个英文编号，例如 hz-communique-2026",
                    )
                continue
            if row.source_id in offered:
                first = offered[row.source_id].origin.row
                self._say(
                    row.origin, "source_id", "unique", f"来源编号与第 {first} 行重复", "每种出版物只写一行"
                )
                continue
            offered[row.source_id] = row
            known = self.ledger.sources.get(row.source_id)
            if known is not None:
                self._compare_source(row, known)
        return offered

    def _compare_source(self, row: SourceRow, known: Any) -> None:
        for name in ("title", "publisher", "kind"):
            said, stands = getattr(row, name), getattr(known, name)
            if said and plain_title(said) != plain_title(stands):
                words = f"“{row.source_id}”已登记为“{shown_text(stands)}”"
                self._say(
                    row.origin, name, "source-differs", words, "已登记的来源不改；另一种出版物用另一个编号"
                )
        if row.published is not None and row.published.iso != known.published:
            words = f"“{row.source_id}”已登记的发布日期是 {known.published}"
            self._say(
                row.origin, "published", "source-differs", words, "已登记的来源不改；另一次发布用另一个编号"
            )

    def _with_source(
        self, figure: Figure, offered: Mapping[str, SourceRow]
    ) -> tuple[Figure, str, str] | None:
        """The figure with the id and date of its source; None where there is none to be had."""
        key = self._source_id(figure, offered)
        if key is None:
            return None
        if key in self.ledger.sources:
            published = self.ledger.sources[key].published
        else:
            row = offered[key]
            self.cited.setdefault(key, figure.origin)
            if row.published is None:
                return None  # said once, at the source
            published = row.published.iso
        if figure.published is not None and figure.published.iso != published:
            words = f"发布日期 {figure.published.iso} 与来源的 {published} 不一致"
            self._say(
                figure.origin,
                "published",
                "published-differs",
                words,
                "核对日期；两次发布是两个来源，分别登记",
            )
            return None
        if published > self.today:
            words = f"发布日期 {published} 在今天（{self.today}）之后"
            self._say(figure.origin, "published", "future-date", words, "核对日期；还没有公布的数不登记")
            return None
        confidence = figure.confidence or self._usual_confidence(key, offered)
        if not confidence:
            self._say(
                figure.origin, "confidence", "confidence", "没有写可信度", "在本行或“来源”页写 A、B 或 C"
            )
            return None
        return replace(figure, confidence=confidence), key, published

    def _source_id(self, figure: Figure, offered: Mapping[str, SourceRow]) -> str | None:
        if figure.source in self.ledger.sources or figure.source in offered:
            return figure.source
        title = plain_title(figure.source)
        found = {row.source_id for row in offered.values() if plain_title(row.title) == title}
        found |= {key for key, source in self.ledger.sources.items() if plain_title(source.title) == title}
        if len(found) == 1:
            return found.pop()
        shown = shown_text(figure.source)
        if found:
            self._say(
                figure.origin,
                "source",
                "source-missing",
                f"题名“{shown}”有 {len(found)} 个来源",
                f"写来源编号：{'、'.join(sorted(found))}",
            )
        else:
            self._say(
                figure.origin,
                "source",
                "source-missing",
                f"来源“{shown}”没有登记",
                "在“来源”页登记题名、发布机构和发布日期",
            )
        return None

    def _usual_confidence(self, key: str, offered: Mapping[str, SourceRow]) -> str:
        """What the table of sources says, else the confidence that every figure of a known source has."""
        if key in offered and offered[key].confidence:
            return offered[key].confidence
        rows = self.ledger.observations
        usual = set(rows.loc[rows["source_id"] == key, "confidence"])
        return usual.pop() if len(usual) == 1 else ""

    def _new_sources(self, offered: Mapping[str, SourceRow]) -> dict[str, dict[str, str]]:
        """New rows of sources.csv: those that a figure cites. The others wait until they are needed."""
        found: dict[str, dict[str, str]] = {}
        for key, cited_by in self.cited.items():
            row = offered[key]
            missing = [
                words
                for words, there in (
                    ("题名", row.title),
                    ("发布机构", row.publisher),
                    ("发布日期", row.published),
                    ("类型", row.kind),
                )
                if not there
            ]
            if missing:
                message = f"来源“{shown_text(row.title or key)}”缺{'、'.join(missing)}，{cited_by.place}第 {cited_by.row} 行的数引用了它"
                column = "published" if "发布日期" in missing else ""
                self._say(row.origin, column, "source-incomplete", message, "补齐；引用错了就改那一行的来源")
                continue
            found[key] = {
                "source_id": key,
                "title": row.title.strip("《》"),
                "publisher": row.publisher,
                "published": row.published.iso if row.published else "",
                "date_precision": row.date_precision,
                "kind": row.kind,
                "read_via": row.read_via,
                "licence": row.licence,
                "note": row.note,
            }
        return found

    def _new_editions(self) -> list[tuple[dict[str, str], Origin]]:
        found: list[tuple[dict[str, str], Origin]] = []
        years: set[int] = set()
        for row in self.submission.editions:
            known = self.ledger.editions.get(row.edition)
            if row.edition in years:
                self._say(row.origin, "edition", "unique", f"{row.edition} 年度版写了两次", "只留一行")
            elif known is not None:
                self._compare_edition(row, known)
            elif not row.title:
                self._say(row.origin, "title", "required", "年度版没有题名", "补上题名")
            else:
                cells = {"edition": str(row.edition), "cut_off": row.cut_off, "title": row.title}
                found.append((cells, row.origin))
            years.add(row.edition)
        return found

    def _compare_edition(self, row: EditionRow, known: Any) -> None:
        for name, words in (("cut_off", "截止日期"), ("title", "题名")):
            said, stands = str(getattr(row, name)), str(getattr(known, name))
            if said and said != stands:
                message = f"{row.edition} 年度版的{words}已登记为“{shown_text(stands)}”"
                self._say(row.origin, name, "edition-differs", message, "已登记的年度版不改；删去改动")

    # ------------------------------------------------------------ figures

    def _new_rows(
        self, figures: list[tuple[Figure, str, str]], sources: Mapping[str, Mapping[str, str]]
    ) -> tuple[list[NewRow], int, list[Origin]]:
        """Rows for observations.csv, the number of figures that stand there already, where each row came from."""
        rows = self.ledger.observations
        stored = {
            (i, r, y, v, s): value
            for i, r, y, v, s, value in rows[[*KEY, "vintage", "source_id", "value"]].itertuples(
                index=False, name=None
            )
        }
        by_series = {
            key: frame.to_dict("records") for key, frame in rows.groupby(["indicator_id", "region_id"])
        }
        used: dict[tuple[Any, ...], dict[str, Any]] = {
            (item["indicator_id"], item["region_id"], item["year"]): {
                str(name): cell for name, cell in item.items()
            }
            for item in select_values(rows).to_dict("records")
        }
        found: list[NewRow] = []
        origins: list[Origin] = []
        seen: dict[tuple[Any, ...], int] = {}
        known = 0
        for figure, source_id, published in figures:
            indicator, place = figure.indicator, (figure.indicator.indicator_id, figure.region_id)
            vintage = figure.vintage or usual_vintage(self.ledger, by_series.get(place, ()))
            key = (*place, figure.year, vintage, source_id)
            text = number_text(figure.value, indicator.decimals)
            value = float(text)
            if key in seen:
                words = f"与第 {seen[key]} 行是同一指标、地区、年份和来源"
                self._say(figure.origin, "value", "duplicate", words, "只留一行")
                continue
            seen[key] = figure.origin.row
            if not self._exists(figure):
                continue
            if key in stored:
                if math.isclose(stored[key], value, rel_tol=1e-9, abs_tol=1e-12):
                    known += 1
                else:
                    words = f"台账中同一来源已有 {stored[key]:.10g}，台账只增不改"
                    remedy = "修订来自新的出版物时登记那个来源；从前录错时登记一个题为“录入更正”、发布日期为今天的来源，并写说明"
                    self._say(figure.origin, "value", "same-source", words, remedy)
                continue
            current = used.get((*place, figure.year))
            kind = self._kind(figure, published, value, current)
            status = figure.status or ("R" if kind == REVISION else "")
            if kind == REVISION and not figure.note and current is not None:
                words = f"台账现用 {current['value']:.10g}（{current['source_id']}），这里是 {value:.10g}"
                self._say(
                    figure.origin,
                    "note",
                    "revision-reason",
                    words,
                    "在“说明”中写修订的理由，例如“第五次经济普查修订”",
                )
            self._check_closed_editions(figure, published)
            self._check_slips(figure, value, by_series.get(place, ()))
            self._check_forecast(figure, value)
            cells = {
                "indicator_id": place[0],
                "region_id": place[1],
                "year": str(figure.year),
                "value": text,
                "status": status,
                "vintage": vintage,
                "source_id": source_id,
                "published": published,
                "confidence": figure.confidence,
                "note": figure.note,
            }
            before = (
                current
                if current is not None
                else _last_before(by_series.get(place, ()), used, place, figure.year)
            )
            shown = (
                None
                if before is None
                else (float(before["value"]), _mark(before["status"]), int(before["year"]))
            )
            found.append(
                NewRow(cells, kind, indicator, self.ledger.regions[figure.region_id], shown, figure.printed)
            )
            origins.append(figure.origin)
        return found, known, origins

    def _exists(self, figure: Figure) -> bool:
        region = self.ledger.regions[figure.region_id]
        if (
            region.valid_to
            and region.valid_to < f"{figure.year}-01-01"
            and figure.year > int(region.valid_to[:4])
        ):
            words = f"“{region.name_zh}”在 {region.valid_to} 以后没有"
            self._say(figure.origin, "region", "region-expired", words, "改用现行区划的地区")
            return False
        return True

    def _kind(self, figure: Figure, published: str, value: float, current: Mapping[str, Any] | None) -> str:
        if current is None:
            return NEW
        if abs(current["value"] - value) < 0.5 * 10.0**-figure.indicator.decimals:
            return AGAIN
        doubtful, trusted = figure.confidence == "C", current["confidence"] != "C"
        if doubtful and trusted:
            return REFERENCE
        replaces = (not doubtful and not trusted) or published >= str(current["published"])
        return REVISION if replaces else REFERENCE

    def _check_closed_editions(self, figure: Figure, published: str) -> None:
        """A figure that a closed edition would have seen changes it; that wants a word of why it comes so late."""
        closed = [
            edition
            for edition, about in self.ledger.editions.items()
            if figure.year <= edition and published <= str(about.cut_off) < self.today
        ]
        if closed and not figure.note:
            words = f"{published} 公布，早于 {closed[0]} 年度版的截止日期，会改变已截止的年度版（{'、'.join(map(str, closed))}）"
            self._say(figure.origin, "note", "late", words, "在“说明”中写为什么补录")

    def _check_slips(self, figure: Figure, value: float, series: Iterable[Mapping[Any, Any]]) -> None:
        near = [
            row
            for row in series
            if row["year"] != figure.year and abs(row["year"] - figure.year) <= SLIP_YEARS
        ]
        if not near or not value:
            return
        last = min(near, key=lambda row: (abs(row["year"] - figure.year), row["published"]))
        if last["value"] * value <= 0:
            return
        ratio = math.log(value / last["value"])
        for factor, words, is_certain in SLIPS:
            if abs(ratio - math.log(factor)) <= SLIP_TOLERANCE:
                if figure.note and not is_certain:
                    return
                unit = figure.indicator.unit
                said = f"{value:.10g}{unit}，{int(last['year'])}年是{last['value']:.10g}{unit}：{words}"
                remedy = (
                    "核对单位，按“单位”列填；原文用别的单位时写在数值后面"
                    if is_certain
                    else "核对单位和小数点；确实如此时在“说明”中写原因"
                )
                self._say(figure.origin, "value", "magnitude", said, remedy)
                return

    def _check_forecast(self, figure: Figure, value: float) -> None:
        """Outside the 95 % interval that the newest edition before it published for the year: ask for a note."""
        bounds = self._forecasts().get((figure.indicator.indicator_id, figure.year))
        if bounds is None or figure.region_id != self.ledger.city or figure.note:
            return
        edition, lower, upper = bounds
        if not lower <= value <= upper:
            words = f"{value:.10g} 在 {edition} 年度版预测的95%区间 {lower:.10g}～{upper:.10g} 之外"
            self._say(figure.origin, "value", "jump", words, "核对数值；确实如此时在“说明”中写原因")

    def _forecasts(self) -> dict[tuple[str, int], tuple[int, float, float]]:
        if not hasattr(self, "_bounds"):
            self._bounds = _forecast_bounds(self.ledger)
        return self._bounds

    # ------------------------------------------------------------ the rules of the ledger

    def _check_rows(
        self,
        rows: list[NewRow],
        origins: list[Origin],
        sources: Mapping[str, dict[str, str]],
        editions: list[tuple[dict[str, str], Origin]],
        offered: Mapping[str, SourceRow],
    ) -> None:
        """Hold the longer tables against schema and rules; what they say of new rows is said of the cells of the file."""
        source_origins = [offered[key].origin for key in sources]
        additions: dict[str, tuple[list[dict[str, str]], list[Origin]]] = {
            "sources": (list(sources.values()), source_origins),
            "observations": ([row.cells for row in rows], origins),
            "editions": ([cells for cells, _ in editions], [origin for _, origin in editions]),
        }
        tables, found = dict(self.tables), []
        places: dict[tuple[str, int], Origin] = {}
        for name, (records, where) in additions.items():
            tables[name], problems = append_records(self.tables[name], records)
            found += problems
            new = tables[name].cells.index[len(self.tables[name].cells) :]
            path = self.tables[name].resource.path
            places |= {(path, int(row)): origin for row, origin in zip(new, where, strict=True)}
        found += [problem for rule in RULES for problem in rule(tables)]
        found += _jumps(tables, len(self.tables["observations"].cells))
        before: set[Problem] | None = None
        for problem in found:
            origin = places.get((problem.file, problem.row))
            if (
                origin is None
            ):  # said of an old row: the fault of the new ones only if it was not there before
                before = before if before is not None else {p for rule in RULES for p in rule(self.tables)}
                if problem not in before:
                    self.problems.append(problem)
                continue
            column = (
                {"source_id": "source"}.get(problem.column, problem.column)
                if problem.file == "observations.csv"
                else problem.column
            )
            self.problems.append(origin.problem(column, problem.code, problem.message, problem.remedy))

    def _say(self, origin: Origin, column: str, code: str, message: str, remedy: str) -> None:
        self.problems.append(origin.problem(column, code, message, remedy))


def _jumps(tables: Mapping[str, Table], old: int) -> Iterator[Problem]:
    """Changes far beyond history in new rows that carry no note; that a figure is preliminary explains no jump."""
    table = tables["observations"]
    values = table.values.copy()
    values.loc[values.index[old:], "status"] = ""
    first = int(table.cells.index[old]) if len(table.cells) > old else math.inf
    plain = {**tables, "observations": Table(table.resource, table.cells, values)}
    yield from (problem for problem in rules.check_jumps(plain) if problem.row >= first)


def _read_tables(package: DataPackage) -> tuple[dict[str, Table], list[Problem]]:
    tables: dict[str, Table] = {}
    problems: list[Problem] = []
    for name in CHECKED:
        tables[name], found = check_table(package, package.resources[name])
        problems += found
    return tables, problems


def _last_before(
    series: Iterable[Mapping[Any, Any]],
    used: Mapping[tuple[Any, ...], Mapping[Any, Any]],
    place: tuple[str, str],
    year: int,
) -> Mapping[Any, Any] | None:
    years = [int(row["year"]) for row in series if row["year"] < year]
    return used.get((*place, max(years))) if years else None


def _forecast_bounds(ledger: Ledger) -> dict[tuple[str, int], tuple[int, float, float]]:
    path = ledger.data_dir / ARCHIVE
    if not path.exists():
        return {}
    frame = pd.read_csv(path, usecols=["edition", "indicator_id", "model", "target_year", "lo95", "hi95"])
    frame = frame[frame["model"].isin(MODELS_WITH_INTERVAL) & (frame["edition"] < frame["target_year"])]
    frame = frame.sort_values("edition").drop_duplicates(["indicator_id", "target_year"], keep="last")
    return {
        (str(item["indicator_id"]), int(item["target_year"])): (
            int(item["edition"]),
            float(item["lo95"]),
            float(item["hi95"]),
        )
        for item in frame.to_dict("records")
    }


def _contents(package: DataPackage, tables: Mapping[str, list[dict[str, str]]]) -> dict[str, bytes]:
    """The files as they will be: the old bytes as they stand, the new rows below."""
    found = {}
    for name, records in tables.items():
        if records:
            resource = package.resources[name]
            buffer = io.StringIO()
            writer = csv.DictWriter(
                buffer, [field.name for field in resource.fields], restval="", lineterminator="\n"
            )
            writer.writerows(records)
            found[resource.path] = (package.folder / resource.path).read_bytes() + buffer.getvalue().encode(
                "utf-8"
            )
    return found


def _plainest(problems: Iterable[Problem]) -> list[Problem]:
    """Problems in the order of the file; of those that one wrong number causes in its row, only the plainest."""
    kept: list[Problem] = []
    for _, row in groupby(sorted(set(problems)), key=lambda problem: (problem.file, problem.row)):
        found = list(row)
        present = {problem.code for problem in found}
        cause = next((code for code in CAUSES if code in present), "")
        caused = CAUSES[CAUSES.index(cause) + 1 :] if cause else ()
        first = next((problem for problem in found if problem.code == cause), None)
        kept += [p for p in found if p.code not in caused and (p is first or p.code != cause)]
    return kept


def _mark(status: Any) -> str:
    return status if isinstance(status, str) else ""
