"""Every CSV and workbook of an edition, read back: the same values, units and marks as the indexes and the drawings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.book.conftest import SITE, editions, read_index
from tests.book.round_trip import exhibit_differences, fact_differences

pytestmark = pytest.mark.book

NEWEST = editions()[-1]
AN_OLD_ONE = editions()[1]
FIGURE = "fig-three-concepts"


@pytest.mark.parametrize("edition", [NEWEST, AN_OLD_ONE])
def test_files_of_every_exhibit_hold_the_same_values(edition: str) -> None:
    rows = read_index(edition, "exhibits.json")
    assert len(rows) > 100
    found = [
        text for row in rows.values() for text in exhibit_differences(SITE / edition / "exhibits" / str(row["id"]), row)
    ]
    assert found == []


@pytest.mark.parametrize("edition", [NEWEST, AN_OLD_ONE])
def test_published_numbers_of_the_text_stand_in_the_exhibits_with_value_unit_and_mark(edition: str) -> None:
    wrong, met = fact_differences(SITE / edition)
    assert wrong == []
    assert met > 40


def _other_number(folder: Path) -> None:
    path = folder / "data.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("664.23", "646.23"), encoding="utf-8")


def _other_cell(folder: Path) -> None:
    book = load_workbook(folder / "data.xlsx")
    book["数据"]["C2"] = 1
    book.save(folder / "data.xlsx")


def _formula(folder: Path) -> None:
    book = load_workbook(folder / "data.xlsx")
    book["注释"]["B2"] = "=1+1"
    book.save(folder / "data.xlsx")


def _open_formula(folder: Path) -> None:
    path = folder / "data.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("登记流动人口", "=1+1"), encoding="utf-8")


def _other_unit(folder: Path) -> None:
    path = folder / "meta.json"
    path.write_text(path.read_text(encoding="utf-8").replace("万人", "千人"), encoding="utf-8")


def _other_drawing(folder: Path) -> None:
    path = folder / "spec.json"
    path.write_text(path.read_text(encoding="utf-8").replace("664.23", "646.23"), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_other_number, "differ"),
        (_other_cell, "differ"),
        (_formula, "is a formula"),
        (_open_formula, "is taken for a formula"),
        (_other_unit, ": unit in meta.json"),
        (_other_drawing, "is not in spec.json"),
    ],
)
def test_a_spoilt_file_is_noticed(spoil: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    row = read_index(NEWEST, "exhibits.json")[FIGURE]
    folder = Path(shutil.copytree(SITE / NEWEST / "exhibits" / FIGURE, tmp_path / FIGURE))
    assert exhibit_differences(folder, row) == []
    spoil(folder)
    assert said in " ".join(exhibit_differences(folder, row))


@pytest.mark.parametrize(
    ("change", "said"),
    [({"value": 1161.4}, "1161.4 is in none"), ({"status": ""}, "the fact nothing"), ({"unit": "户"}, "is not said")],
)
def test_a_number_of_the_text_that_departs_from_its_exhibits_is_noticed(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    for name in read_index(NEWEST, "exhibits.json"):
        target = tmp_path / "exhibits" / name / "data.csv"
        target.parent.mkdir(parents=True)
        shutil.copy(SITE / NEWEST / "exhibits" / name / "data.csv", target)
    shutil.copy(SITE / NEWEST / "exhibits.json", tmp_path)
    facts = json.loads((SITE / NEWEST / "facts.json").read_text(encoding="utf-8"))
    facts["items"]["fact-resident-population-2019"].update(change)
    (tmp_path / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    assert said in " ".join(fact_differences(tmp_path)[0])
