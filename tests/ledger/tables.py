"""Factories of tiny tables: each gives one valid row, and a test overrides what it is about."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from popbook.ledger.model import Break, Indicator, Region
from popbook.ledger.store import Ledger, read_ledger

DATA = Path(__file__).parents[2] / "data"
FUZZ = int(os.environ.get("POPBOOK_FUZZ", "500"))
"""Files that are generated for ingest, and as many for check; `POPBOOK_FUZZ=10000 pytest tests/ledger -k generated` for a long run."""
PLAN = "plan-1"
"""The plan to which rows of the plan's tables belong, unless they say otherwise."""

Row = dict[str, Any]


def indicator(indicator_id: str = "resident_population", **overrides: Any) -> Row:
    row = {
        "indicator_id": indicator_id,
        "name_zh": indicator_id,
        "name_en": indicator_id,
        "definition": "定义",
        "unit": "万人",
        "basis": indicator_id.split("_")[0],
        "reference": "year_end",
        "decimals": 1,
        "lower": 0,
        "upper": 10000,
        "direction": "none",
        "group": "人口规模",
    }
    return row | overrides


def region(region_id: str = "330100", **overrides: Any) -> Row:
    level = "city" if region_id == "330100" else "district"
    parent = "" if level == "city" else "330100"
    row = {"region_id": region_id, "name_zh": f"地区{region_id}", "name_en": region_id, "level": level}
    return row | {"gb_code": region_id[:6], "parent_id": parent, "scheme": "all"} | overrides


def source(source_id: str = "bulletin-2021", **overrides: Any) -> Row:
    row = {"source_id": source_id, "title": "公报", "publisher": "统计局", "published": "2021-03-01"}
    return row | {"date_precision": "day", "kind": "bulletin"} | overrides


def observation(year: int = 2020, value: float | str = 1196.5, **overrides: Any) -> Row:
    row = {
        "indicator_id": "resident_population",
        "region_id": "330100",
        "year": year,
        "value": value,
        "status": "",
        "vintage": "first-published",
        "source_id": "bulletin-2021",
        "published": "2021-03-01",
        "confidence": "A",
        "note": "",
    }
    return row | overrides


def break_row(**overrides: Any) -> Row:
    row = {
        "break_id": "b1",
        "indicator_id": "resident_population",
        "region_id": "330100",
        "year": 2020,
        "kind": "rebasing",
        "vintage_before": "",
        "name_zh": "七普调整基数",
        "description": "说明",
        "source_id": "bulletin-2021",
    }
    return row | overrides


def edition(year: int = 2020, cut_off: str = "2021-06-30", **overrides: Any) -> Row:
    return {"edition": year, "cut_off": cut_off, "title": f"{year}年度"} | overrides


def plan(**overrides: Any) -> Row:
    row = {
        "plan_id": PLAN,
        "region_id": "330100",
        "source_id": "bulletin-2021",
        "title": "某市人口规划",
        "version": "征求意见稿",
        "period": "“十四五”时期",
        "base_year": 2020,
        "first_year": 2021,
        "target_year": 2025,
        "horizon_year": 2035,
        "first_edition": 1990,
        "report_title": "某市人口规划监测报告",
        "producer": "某市编写组",
    }
    return row | overrides


def clause(clause_id: str = "c1", **overrides: Any) -> Row:
    row = {"clause_id": clause_id, "chapter": "1", "title": "条款", "summary": "摘要", "has_number": "true"}
    return row | overrides


def target(**overrides: Any) -> Row:
    row = {
        "target_id": "T01",
        "number": 1,
        "field_zh": "人口规模",
        "name_zh": "常住人口",
        "indicator_id": "resident_population",
        "indicator_base_id": "resident_population",
        "unit_printed": "万人",
        "base_year": 2020,
        "base_value": 1196.5,
        "base_printed": "1196.5",
        "target_year": 2025,
        "comparison": "ge",
        "target_value": 1370,
        "target_printed": "1370",
        "kind": "reach",
        "clause_id": "c1",
    }
    return row | overrides


def correction(**overrides: Any) -> Row:
    row = {
        "correction_id": "k1",
        "clause_id": "c1",
        "field": "出生率单位",
        "printed": "14.7%",
        "used": "14.7‰",
        "reason": "表4为‰",
        "guard": "plan_quantities[quantity_id=q1].printed == 14.7%",
        "status": "applied",
    }
    return row | overrides


def quantity(**overrides: Any) -> Row:
    row = {"quantity_id": "q1", "clause_id": "c1", "name_zh": "出生率", "printed": "14.7%", "value": 14.7}
    return row | {"unit": "%", "year": 2017} | overrides


def census_ages(**overrides: Any) -> list[Row]:
    """One census of 1000 persons: three age groups for each sex."""
    row = {"census_year": 2020, "region_id": "330100", "source_id": "bulletin-2021"} | overrides
    groups = [(0, 5, 100), (5, 60, 300), (65, "", 100)]
    return [
        row | {"sex": sex, "age": age, "width": width, "population": population}
        for sex in ("female", "male")
        for age, width, population in groups
    ]


def base_tables() -> dict[str, list[Row]]:
    """A small ledger that is right in every respect."""
    return {
        "indicators": [indicator(), indicator("hukou_population")],
        "regions": [region()],
        "sources": [source()],
        "observations": [observation()],
        "editions": [edition(), edition(2021, "2022-06-30")],
        "plan_clauses": [clause()],
    }


def write_tables(folder: Path, **overrides: Sequence[Mapping[str, Any]]) -> Path:
    """Write a data folder with the real datapackage.json; tables not named are `base_tables`, else empty."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(DATA / "datapackage.json", folder)
    tables: dict[str, Sequence[Mapping[str, Any]]] = {**base_tables(), **overrides}
    if "plans" not in overrides:
        tables["plans"] = [plan(source_id=row["source_id"]) for row in tables["sources"][:1]]
    resources = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    assert tables.keys() <= {resource["name"] for resource in resources}
    for resource in resources:
        path = folder / resource["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        names = [field["name"] for field in resource["schema"]["fields"]]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
            writer.writeheader()
            own = {"plan_id": PLAN} if resource["name"].startswith("plan_") else {}
            writer.writerows(own | dict(row) for row in tables.get(resource["name"], []))
    return folder


def make_ledger(folder: Path, **overrides: Sequence[Mapping[str, Any]]) -> Ledger:
    """`write_tables`, then read."""
    return read_ledger(write_tables(folder, **overrides))


def make_indicator(**overrides: Any) -> Indicator:
    row = {"indicator_id": "resident_population", "name_zh": "常住人口", "name_en": "", "definition": ""}
    row |= {"unit": "万人", "basis": "resident", "reference": "year_end", "decimals": 1}
    return Indicator(**(row | overrides))


def make_region(**overrides: Any) -> Region:
    row = {"region_id": "330100", "gb_code": "330100", "name_zh": "杭州市", "name_en": "", "level": "city"}
    return Region(**(row | overrides))


def make_break(**overrides: Any) -> Break:
    return Break(**break_row(**overrides))
