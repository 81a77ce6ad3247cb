"""A small ledger and filled templates for it: a test states only the figure, source or edition it is about."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from popbook.ledger.errors import DataError, Problem
from popbook.ledger.ingest import Addition, plan_ingest
from tests.ledger.tables import Row, edition, indicator, observation, region, source, write_tables

RATE = {"unit": "‰", "reference": "survey_year", "lower": 0, "upper": 30, "basis": "resident"}
SHARE = {"unit": "%", "upper": 100}
RESIDENTS = (1012.3, 1040.0, 1063.5, 1094.0, 1121.3, 1150.1, 1173.8)
"""Invented year-end residents of 2014-2020."""

FIGURE_HEADS = ("指标", "地区", "年份", "数值", "状态", "来源", "发布日期", "可信度", "说明")
SOURCE_HEADS = ("来源编号", "题名", "发布机构", "发布日期", "日期精度", "类型", "可信度", "读取途径", "说明")
EDITION_HEADS = ("年度", "截止日期", "题名")


def small_ledger(folder: Path, **overrides: Any) -> Path:
    """Write a ledger of seven years of residents, rates and shares; everything in it is in order."""
    rows: list[Row] = []
    for year, value in zip(range(2014, 2021), RESIDENTS, strict=True):
        about = {"source_id": f"b-{year + 1}", "published": f"{year + 1}-03-01"}
        rows.append(observation(year, value, **about))
        rows.append(observation(year, 8.5, indicator_id="resident_birth_rate", **about))
        rows.append(observation(year, 80.0, indicator_id="resident_urban_rate", **about))
    tables: dict[str, Any] = {
        "indicators": [
            indicator(name_zh="常住人口", upper=2500),
            indicator(
                "resident_increment", name_zh="常住人口增量", reference="calendar_year", lower=-50, upper=100
            ),
            indicator("resident_urban", name_zh="城镇人口", upper=2500),
            indicator("resident_rural", name_zh="乡村人口", upper=2500),
            indicator("resident_urban_rate", name_zh="城镇化率", **SHARE),
            indicator("resident_birth_rate", name_zh="常住出生率", **RATE),
            indicator("hukou_birth_rate", name_zh="户籍出生率", **(RATE | {"basis": "hukou"})),
            indicator("hukou_population", name_zh="户籍人口", upper=2000),
            indicator(
                "gdp",
                name_zh="生产总值",
                unit="亿元",
                basis="none",
                reference="calendar_year",
                decimals=0,
                upper=1e6,
            ),
        ],
        "regions": [region(name_zh="杭州市"), region("330102", name_zh="上城区")],
        "sources": [
            source(f"b-{year}", title=f"{year - 1}年公报", published=f"{year}-03-01")
            for year in range(2015, 2022)
        ],
        "observations": rows,
        "editions": [edition(2020, "2021-06-30")],
    }
    return write_tables(folder / "data", **(tables | overrides))


def figure(value: Any = 1195.0, **overrides: Any) -> dict[str, Any]:
    """One row of figures: residents of 2021, from the bulletin of 2022."""
    row = {"指标": "常住人口", "地区": "杭州市", "年份": 2021, "数值": value, "来源": "2021年公报"}
    return row | overrides


def new_source(**overrides: Any) -> dict[str, Any]:
    """The bulletin of 2022."""
    row = {
        "来源编号": "b-2022",
        "题名": "2021年公报",
        "发布机构": "统计局",
        "发布日期": "2022年3月1日",
        "类型": "公报",
    }
    return row | {"可信度": "A"} | overrides


def new_edition(**overrides: Any) -> dict[str, Any]:
    """The edition of 2021."""
    return {"年度": 2021, "截止日期": "2022-06-30", "题名": "2021年度版"} | overrides


def workbook(
    path: Path,
    figures: Sequence[dict[str, Any]] = (),
    sources: Sequence[dict[str, Any]] | None = None,
    editions: Sequence[dict[str, Any]] = (),
) -> Path:
    """Write a filled template as people send it: title rows above the heads."""
    book = Workbook()
    book.active.title = "数据"
    tables = (
        ("数据", FIGURE_HEADS, figures),
        ("来源", SOURCE_HEADS, [new_source()] if sources is None else sources),
        ("年度版", EDITION_HEADS, editions),
    )
    for name, heads, rows in tables:
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        sheet.append([f"{name}（填报表）"])
        sheet.merge_cells("A1:E1")
        used = [*heads, *dict.fromkeys(key for row in rows for key in row if key not in heads)]
        sheet.append(used)
        for row in rows:
            sheet.append([row.get(head) for head in used])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def table(
    figures: Sequence[dict[str, Any]] = (),
    sources: Sequence[dict[str, Any]] | None = None,
    editions: Sequence[dict[str, Any]] = (),
    delimiter: str = ",",
) -> str:
    """Give the same as one CSV of three tables."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    for heads, rows in (
        (FIGURE_HEADS, figures),
        (SOURCE_HEADS, [new_source()] if sources is None else sources),
        (EDITION_HEADS, editions),
    ):
        writer.writerow(["填报表"])
        writer.writerow(heads)
        writer.writerows([[row.get(head, "") for head in heads] for row in rows])
    return buffer.getvalue()


def problems_of(path: Path, data_dir: Path) -> list[Problem]:
    """Every problem of a file; none if it can be ingested."""
    try:
        plan_ingest(path, data_dir)
    except DataError as error:
        return list(error.problems)
    return []


def plan(folder: Path, *figures: dict[str, Any], **tables: Any) -> Addition:
    """Hold figures in a workbook against the small ledger."""
    data_dir = folder / "data" if (folder / "data").exists() else small_ledger(folder)
    return plan_ingest(workbook(folder / "inbox.xlsx", figures, **tables), data_dir)


def codes(folder: Path, *figures: dict[str, Any], **tables: Any) -> list[str]:
    """Codes of the problems of figures in a workbook, held against the small ledger."""
    data_dir = folder / "data" if (folder / "data").exists() else small_ledger(folder)
    return [
        problem.code for problem in problems_of(workbook(folder / "inbox.xlsx", figures, **tables), data_dir)
    ]
