"""`popbook forecast` as a user calls it: a file in, a file out, or one list of problems and nothing written."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_main import popbook

GOOD = "series_id,year,value\n" + "".join(f"a,{2010 + t},{100 + 3 * t}\n" for t in range(8))


def _run(folder: Path, text: str, *more: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    source, out = folder / "in.csv", folder / "out.csv"
    source.write_text(text, encoding="utf-8")
    return popbook("forecast", "--series", str(source), "--horizon", "4", "--out", str(out), *more), out


def test_every_year_gets_a_point_inside_nested_widening_intervals(tmp_path: Path) -> None:
    result, out = _run(tmp_path, GOOD)
    assert result.returncode == 0, result.stderr
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert list(rows[0])[:8] == ["series_id", "year", "h", "point", "lo80", "hi80", "lo95", "hi95"]
    assert [(row["year"], row["h"]) for row in rows] == [("2018", "1"), ("2019", "2"), ("2020", "3"), ("2021", "4")]
    bounds = [[float(row[key]) for key in ("lo95", "lo80", "point", "hi80", "hi95")] for row in rows]
    assert all(row == sorted(row) and row[0] > 0 for row in bounds)
    widths = [row[-1] - row[0] for row in bounds]
    assert widths == sorted(widths)


def test_the_result_does_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    text = "series_id,year,value\n" + "".join(f"s{k},{2000 + t},{50 + k + t * t}\n" for k in range(30) for t in range(9))
    _, first = _run(tmp_path, text)
    one = first.read_bytes()
    _, second = _run(tmp_path, text, "--jobs", "2")
    assert second.read_bytes() == one


BAD = {
    "a year is missing": GOOD.replace("a,2013,109\n", ""),
    "a year stands twice": GOOD + "a,2017,121\n",
    "a value is text": GOOD.replace("109", "many"),
    "a value is empty": GOOD.replace("109", ""),
    "too few points": "series_id,year,value\na,2019,1\na,2020,2\n",
    "a column is missing": GOOD.replace("series_id,year,value", "series_id,year"),
    "no rows": "series_id,year,value\n",
    "nothing": "",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad_data_is_told_where_it_stands_and_nothing_is_written(tmp_path: Path, text: str) -> None:
    result, out = _run(tmp_path, text)
    assert result.returncode == 1, result.stderr
    said = result.stdout + result.stderr
    assert "in.csv" in said
    assert "→" in said
    assert "Traceback" not in said
    assert not out.exists()


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    result, _ = _run(tmp_path, GOOD.replace("109", "many").replace("115", "") + "b,2020,1\n")
    assert len([line for line in (result.stdout + result.stderr).splitlines() if "in.csv:" in line]) >= 3


def test_wrong_usage_is_status_2(tmp_path: Path) -> None:
    result, out = _run(tmp_path, GOOD, "--levels", "high")
    assert result.returncode == 2
    assert not out.exists()
