"""What the files of an exhibit say when they are read back, compared with one another and with the indexes."""

from __future__ import annotations

import csv
import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from popbook.exhibits.value_marks import holds_value

Rows = list[list[str]]

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
UNSAFE = ("=", "@", "+", "\t", "\r")
# Columns of a figure's data that no mark draws as it stands; every other number must be found in the specification.
NOT_DRAWN = {
    "fig-age-pyramid": {"人口（万人）"},  # the outline of the earlier census is drawn as steps, signed and paired
    "fig-pyramid-2030": {"人口（万人）"},
    "fig-pyramid-2035": {"人口（万人）"},
    "fig-ageing-districts": {"变化（个百分点）"},  # seen as the distance of two dots
    "fig-district-tiles-2010-2020": {"2010年普查（万人）", "2020年普查（万人）", "增减（万人）"},  # tiles show the rate
    # The later census is labelled; the earlier one is an outline at a place in pixels, growth the distance of the two.
    "fig-service-ages": {"2010年（万人）", "增幅（%）"},
    # The value of 2010 lies left of the drawn years.
    "fig-forecast-ages": {"年份", "数值（%）"},
    "fig-forecast-working-ages": {"年份", "数值（%）"},
}
# Published values that an exhibit by years of the same indicator does not show, and why.
NOT_SHOWN = {
    "fact-census-population-2020": "the pyramid shows ages, not their sum",
    "fact-labour-productivity-2020": "the table shows the newest value of each indicator",
}


def read_csv(path: Path) -> Rows:
    """Return the rows of a CSV, head first."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def read_sheet(path: Path) -> tuple[Rows, list[str]]:
    """Return the plain table of a workbook as text, head first, and the cells in it that a spreadsheet would reckon."""
    book = load_workbook(path, read_only=True)
    try:
        rows: Rows = []
        formulas = []
        for sheet in book.worksheets:
            for line in sheet.iter_rows():
                formulas += [f"{sheet.title}!{cell.coordinate}" for cell in line if cell.data_type == "f"]
                if sheet.title == "数据":
                    rows.append([_cell_text(cell.value) for cell in line])
        return rows, formulas
    finally:
        book.close()


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def differs(one: Rows, other: Rows) -> bool:
    """Whether two readings of a table hold different cells; numbers are compared as numbers."""
    if len(one) != len(other) or [len(row) for row in one] != [len(row) for row in other]:
        return True
    cells = zip((c for row in one for c in row), (c for row in other for c in row), strict=True)
    return any(a != b and not _same_number(a, b) for a, b in cells)


def _same_number(one: str, other: str) -> bool:
    one, other = one.replace("−", "-"), other.replace("−", "-")
    return bool(NUMBER.fullmatch(one) and NUMBER.fullmatch(other)) and float(one) == float(other)


def drawn_numbers(spec: dict[str, Any]) -> list[float]:
    """Return the absolute numbers in the data of a Vega-Lite specification, numbers within its labels too, sorted."""

    def walk(value: object) -> Iterator[float]:
        if isinstance(value, dict):
            for each in value.values():
                yield from walk(each)
        elif isinstance(value, list):
            for each in value:
                yield from walk(each)
        elif isinstance(value, str):
            yield from (abs(float(number)) for number in NUMBER.findall(value))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield abs(float(value))

    return sorted(set(walk(spec["datasets"])))


def is_drawn(text: str, drawn: list[float]) -> bool:
    """Whether a number of the data stands in a drawing: to its last digit (drawings keep six), or as a shorter label."""
    value = abs(float(text))
    digits = len(text.partition(".")[2])
    near = max(0.5 * 10.0**-digits, 1e-6) if digits else 0.005
    return _has(drawn, value, near + 1e-9) or any(_has(drawn, round(value, k), 1e-9) for k in (2, 1))


def _has(drawn: list[float], value: float, near: float) -> bool:
    i = bisect_left(drawn, value - near)
    return i < len(drawn) and drawn[i] <= value + near


def exhibit_differences(folder: Path, row: dict[str, Any]) -> list[str]:
    """Return what is wrong in the folder of one exhibit.

    Parameters
    ----------
    folder
        ``exhibits/<id>``.
    row
        Its row in exhibits.json.
    """
    name = row["id"]
    data = read_csv(folder / "data.csv")
    sheet, formulas = read_sheet(folder / "data.xlsx")
    found = [f"{name}: {cell} is a formula" for cell in formulas]
    found += [
        f"{name}: {cell!r} is taken for a formula"
        for line in data
        for cell in line
        if cell.startswith(UNSAFE) or (cell.startswith("-") and not NUMBER.fullmatch(cell))
    ]
    if differs(data, sheet):
        found.append(f"{name}: data.csv and data.xlsx differ")
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    found += [
        f"{name}: {key} in meta.json is not that of exhibits.json"
        for key in ("id", "kind", "title", "unit", "basis", "region_id", "years", "notes", "marks", "source_ids")
        if meta[key] != row[key]
    ]
    if row["kind"] == "figure":
        drawn = drawn_numbers(json.loads((folder / "spec.json").read_text(encoding="utf-8")))
        head, *lines = data
        found += [
            f"{name}: {column} {cell} is not in spec.json"
            for line in lines
            for column, cell in zip(head, line, strict=True)
            if NUMBER.fullmatch(cell) and column not in NOT_DRAWN.get(name, ()) and not is_drawn(cell, drawn)
        ]
    return found


def unit_is_said(unit: str, row: dict[str, Any], data: str) -> bool:
    """Whether an exhibit's data or metadata say a unit: in a head, in a column of units, or as the unit of the whole."""
    return unit in data or unit in row["unit"] or unit in row["subtitle"]


def fact_differences(edition: Path) -> tuple[list[str], int]:
    """Compare published values stated in the text with the exhibits that show the same indicator, place and year.

    Parameters
    ----------
    edition
        Folder of an edition.

    Returns
    -------
    tuple of list of str and int
        What is wrong, and how many facts were found in the data of at least one exhibit.
    """
    exhibits = json.loads((edition / "exhibits.json").read_text(encoding="utf-8"))["items"]
    facts = json.loads((edition / "facts.json").read_text(encoding="utf-8"))["items"]
    texts = {name: (edition / "exhibits" / name / "data.csv").read_text(encoding="utf-8") for name in exhibits}
    wrong = []
    met = 0
    for fact in facts.values():
        # A fact named after its indicator is the published value itself; others are reckoned from such values.
        if fact["id"] != f"fact-{fact['indicator_id'].replace('_', '-')}-{fact['year']}" or fact["value"] is None:
            continue
        homes = [
            row
            for row in exhibits.values()
            if fact["indicator_id"] in row["indicator_ids"]
            and fact["region_id"] == row["region_id"]
            and holds_value(texts[row["id"]], fact["year"], fact["value"])
        ]
        met += bool(homes)
        for row in homes:
            where = f"{fact['id']} in {row['id']}"
            if fact["unit"] and not unit_is_said(fact["unit"], row, texts[row["id"]]):
                wrong.append(f"{where}: unit {fact['unit']} is not said")
            marks = {(mark["indicator_id"], mark["year"]): mark["status"] for mark in row["marks"]}
            mark = marks.get((fact["indicator_id"], fact["year"]), "")
            if fact["year"] in row["years"] and mark != fact["status"] and "版次" not in texts[row["id"]]:
                wrong.append(f"{where}: marked {mark or 'nothing'}, the fact {fact['status'] or 'nothing'}")
        dated = [
            row["id"]
            for row in exhibits.values()
            if fact["indicator_id"] in row["indicator_ids"]
            and fact["region_id"] == row["region_id"]
            and names_year(texts[row["id"]], fact["year"])
        ]
        if dated and not homes and fact["id"] not in NOT_SHOWN:
            wrong.append(f"{fact['id']}: {fact['value']} is in none of {dated}")
    return wrong, met


def names_year(data: str, year: int) -> bool:
    """Whether data are by year and have a row for one."""
    head, *rows = csv.reader(data.splitlines())
    return "年份" in head and any(row[head.index("年份")] == str(year) for row in rows)
