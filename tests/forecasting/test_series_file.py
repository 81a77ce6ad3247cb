from __future__ import annotations

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest

from popbook.forecasting import series_file
from popbook.forecasting.engine import MAXIMUM_POINTS, forecast_series
from popbook.forecasting.series_file import SeriesReader, forecast_file
from popbook.ledger.errors import DataError, UsageError

HEAD = "series_id,year,value\n"


def rows_of(name: str, values: list[float], first: int = 2000) -> list[str]:
    return [f"{name},{first + t},{value!r}\n" for t, value in enumerate(values)]


def write(folder: Path, rows: list[str], head: str = HEAD) -> Path:
    path = folder / "series.csv"
    path.write_text(head + "".join(rows), encoding="utf-8")
    return path


def forecast(path: Path, **changes) -> tuple[list[dict[str, str]], series_file.FileForecast]:
    out = path.with_name("out.csv")
    done = forecast_file(path, out, **({"horizon": 3} | changes))
    return list(csv.DictReader(out.read_text(encoding="utf-8").splitlines())), done


def codes(path: Path) -> list[tuple[int, str, str]]:
    with pytest.raises(DataError) as caught:
        forecast_file(path, path.with_name("out.csv"), 3)
    assert not path.with_name("out.csv").exists()
    return [(problem.row, problem.column, problem.code) for problem in caught.value.problems]


def test_the_file_holds_what_the_engine_says(tmp_path):
    values = [100.0, 103.0, 105.0, 109.0, 110.0, 114.0]
    rows, done = forecast(write(tmp_path, rows_of("a", values)))
    expected = forecast_series([np.array(values)], 3)
    assert [float(row["point"]) for row in rows] == pytest.approx(expected.point[0])
    assert [float(row["lo95"]) for row in rows] == pytest.approx(expected.lower[1, 0])
    assert [(row["year"], row["h"]) for row in rows] == [("2006", "1"), ("2007", "2"), ("2008", "3")]
    assert done.models == {"combination": 1}


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_order_of_rows_does_not_matter(tmp_path, monkeypatch, jobs):
    monkeypatch.setattr(series_file, "BLOCK", 2)
    apart = [rows_of(f"s{k}", [50.0 + k + 2 * t for t in range(7)]) for k in range(5)]
    together, _ = forecast(write(tmp_path, list(itertools.chain(*apart))))
    by_year = list(itertools.chain(*zip(*apart, strict=True)))
    assert forecast(write(tmp_path, by_year), jobs=jobs)[0] == together
    by_year_backwards = [row for year in reversed(list(zip(*apart, strict=True))) for row in year]
    assert forecast(write(tmp_path, by_year_backwards), jobs=jobs)[0] == together


def test_a_series_that_comes_twice_is_named_at_its_rows(tmp_path):
    a, b = rows_of("a", [1.0, 2, 3, 4, 5]), rows_of("b", [1.0, 2, 3, 4, 5])
    assert codes(write(tmp_path, a + b + a)) == [(row, "year", "duplicate") for row in range(12, 17)]


def test_columns_may_stand_in_any_order_and_case(tmp_path):
    plain, _ = forecast(write(tmp_path, rows_of("a", [1.0, 2, 3, 5, 8])))
    turned = [
        f"{value.strip()},x,{name},{year}\n"
        for name, year, value in (r.split(",") for r in rows_of("a", [1.0, 2, 3, 5, 8]))
    ]
    assert forecast(write(tmp_path, turned, "Value,note,SERIES_ID,Year\n"))[0] == plain


def test_a_file_as_chinese_windows_writes_it_is_read_and_named(tmp_path):
    path = tmp_path / "series.csv"
    path.write_bytes((HEAD + "".join(rows_of("杭州", [1.0, 2, 3, 4, 6]))).encode("gbk"))
    rows, done = forecast(path)
    assert {row["series_id"] for row in rows} == {"杭州"}
    assert done.notes == ("series.csv不是UTF-8编码，按GB18030读入",)
    path.write_bytes((HEAD + "".join(rows_of("杭州", [1.0, 2, 3, 4, 6]))).encode("utf-16"))
    path.with_name("out.csv").unlink()
    assert codes(path) == [(0, "", "encoding")]


@pytest.mark.parametrize("points", [1, 4])
def test_too_few_points_are_told(tmp_path, points):
    assert codes(write(tmp_path, rows_of("a", [float(t) for t in range(points)]))) == [(2, "", "too-short")]


def test_the_longest_series_is_forecast_and_a_longer_one_refused(tmp_path):
    values = [float(100 + t % 7) for t in range(MAXIMUM_POINTS)]
    assert len(forecast(write(tmp_path, rows_of("a", values, 1000)))[0]) == 3
    path = write(tmp_path, rows_of("a", [*values, 1.0], 1000))
    path.with_name("out.csv").unlink()
    assert codes(path) == [(MAXIMUM_POINTS + 2, "", "too-long")]


@pytest.mark.parametrize(
    ("values", "model"),
    [
        ([10.0**k for k in range(12)], "combination_capped"),
        ([10.0 ** (12 - k) for k in range(12)], "combination_capped"),
        ([1e-90 * (5 + k) for k in range(12)], "combination"),
        ([1e90 * (5 + k) for k in range(12)], "combination"),
    ],
)
def test_positive_series_stay_positive_at_any_scale_and_bounds_are_ordered(tmp_path, values, model):
    rows, done = forecast(write(tmp_path, rows_of("a", values)), horizon=40, levels=(50, 80, 90, 95))
    assert done.models == {model: 1}
    for row in rows:
        bounds = [
            float(row[key])
            for key in ("lo95", "lo90", "lo80", "lo50", "point", "hi50", "hi80", "hi90", "hi95")
        ]
        assert bounds == sorted(bounds)
        assert bounds[0] > 0


def test_a_series_with_zeros_is_not_forecast_below_zero_and_one_with_negative_values_may_be(tmp_path):
    ebbing = [5.0, 4, 3, 2, 1, 0, 0, 1, 0]
    rows, done = forecast(write(tmp_path, rows_of("a", ebbing)), horizon=10)
    assert done.models == {"combination_levels": 1}
    assert min(float(row["lo95"]) for row in rows) == 0
    rows, _ = forecast(write(tmp_path, rows_of("a", [value - 3 for value in ebbing])), horizon=10)
    assert min(float(row["lo95"]) for row in rows) < -3


def test_more_problems_than_are_kept_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(series_file, "KEPT_PROBLEMS", 3)
    reader = SeriesReader(write(tmp_path, [f"a,{2000 + t},x\n" for t in range(9)]))
    assert list(reader) == []
    assert "另有6处问题" in str(reader.all_problems()[-1])


def test_the_input_is_never_overwritten(tmp_path):
    path = write(tmp_path, rows_of("a", [1.0, 2, 3, 4, 5]))
    with pytest.raises(UsageError, match="覆盖"):
        forecast_file(path, path, 3)
    with pytest.raises(UsageError, match="没有这个文件"):
        forecast_file(tmp_path / "absent.csv", tmp_path / "out.csv", 3)


def test_on_a_problem_the_old_result_stays(tmp_path):
    (tmp_path / "out.csv").write_text("old", encoding="utf-8")
    with pytest.raises(DataError):
        forecast_file(write(tmp_path, ["a,2000,x\n"]), tmp_path / "out.csv", 3)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "series.csv"]
