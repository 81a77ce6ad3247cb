"""Anybody's annual series as a CSV file: read as a stream, checked as a whole, forecast in blocks, written at once.

The file never lies in memory as a whole: blocks of series are forecast while it is being read. Where the rows of a series
do not stand together, they are gathered in a temporary database on disk first. Every row is read before anything is
refused, so that one run names every problem.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
import sqlite3
import tempfile
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np

from popbook.forecasting.engine import MAXIMUM_POINTS, MINIMUM_POINTS, forecast_series
from popbook.forecasting.members import Array
from popbook.ledger.atomic import replace_atomically
from popbook.ledger.encodings import GB18030, text_encoding
from popbook.ledger.errors import DataError, PopbookError, Problem, UsageError

COLUMNS = ("series_id", "year", "value")

BLOCK = 500
"""Series forecast together. The same whatever the number of processes, so that the result is the same."""

QUEUED_BLOCKS = 2
"""Blocks waiting for each process: enough to keep it busy, few enough to keep memory bounded."""

KEPT_PROBLEMS = 10_000
"""Problems spelt out; more of them only mean that the whole file is of another kind."""

LARGEST, SMALLEST = 1e100, 1e-100
"""Absolute values outside would overflow when squared and multiplied."""

_YEAR = re.compile(r"(\d{1,4})(\.0+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True)
class AnnualSeries:
    """One series without a gap.

    Parameters
    ----------
    series_id : str
    last_year : int
    values : numpy.ndarray, shape (n,)
    """

    series_id: str
    last_year: int
    values: Array


@dataclass(frozen=True)
class FileForecast:
    """What was done to a file of series.

    Parameters
    ----------
    models : dict of str to int
        Number of series by model.
    notes : tuple of str
        Chinese: how the file was read, where it needs saying.
    """

    models: dict[str, int]
    notes: tuple[str, ...]


class ScatteredRowsError(Exception):
    """The rows of a series do not stand together: they must be gathered before the file can be streamed."""


_Row = tuple[int, str, str, str]
"""Row number, series, year and value, as written."""


@dataclass
class SeriesReader:
    """Reads a file of series; what cannot be used is a problem, not an exception.

    Parameters
    ----------
    path : Path
        CSV with the columns `COLUMNS`, in any order and case; other columns are left aside.
    gather : bool
        Bring the rows of each series together first. Without it such a file raises `ScatteredRowsError` on reading.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "series.csv")
    ...     _ = path.write_text("series_id,year,value\\n" + "".join(f"a,{2000 + t},{t}\\n" for t in (0, 1, 2, 4, 5)))
    ...     reader = SeriesReader(path)
    ...     list(reader), str(reader.problems[0])
    ([], 'series.csv:5:year  gap  序列“a”缺少2003年 → 补上缺少的年份，或另作一个序列')
    """

    path: Path
    gather: bool = False
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    more_problems: int = 0
    count: int = 0

    def add(self, row: int, column: str, code: str, message: str, remedy: str) -> None:
        """Note a problem; beyond `KEPT_PROBLEMS` only count it."""
        if len(self.problems) < KEPT_PROBLEMS:
            self.problems.append(Problem(self.path.name, row, column, code, message, remedy))
        else:
            self.more_problems += 1

    def all_problems(self) -> list[Problem]:
        """The problems by row, with the number of those that were not kept."""
        listed = sorted(self.problems, key=lambda problem: problem.row)
        if self.more_problems:
            message = f"另有{self.more_problems}处问题，没有逐一列出"
            listed.append(Problem(self.path.name, 0, "", "more", message, "先改正以上各处，再运行一次"))
        return listed

    def __iter__(self) -> Iterator[AnnualSeries]:
        """Yield the series that can be forecast, in the order in which they first occur."""
        try:
            encoding = text_encoding(self.path)
            if encoding is None:
                self.add(0, "", "encoding", "文件不是UTF-8编码，也不是GB18030编码的CSV", "另存为“CSV UTF-8”")
                return
            if encoding == GB18030:
                self.notes.append(f"{self.path.name}不是UTF-8编码，按GB18030读入")
            with self.path.open(encoding=encoding, newline="") as file:
                rows = self._rows(csv.reader(file))
                yield from self._series(_gathered(rows) if self.gather else rows)
        except csv.Error as error:
            self.add(0, "", "not-csv", f"不是CSV文件（{error}）", "另存为“CSV UTF-8”")
        except OSError as error:
            self.add(0, "", "unreadable", f"文件读不出（{error.strerror}）", "核对权限")
        if not self.count and not self.problems:
            self.add(0, "", "empty", "没有数据行", "填入数据")

    def _rows(self, lines: Iterator[list[str]]) -> Iterator[_Row]:
        written = next(lines, [])
        header = [name.strip().lower() for name in written]
        for name in COLUMNS:
            if name not in header:
                self.add(1, name, "missing-column", "缺少这一列", f"表头应有 {','.join(COLUMNS)}，用逗号分隔")
            elif header.count(name) > 1:
                self.add(1, name, "duplicate-column", "这一列出现多次", "只留一列")
        if self.problems:
            return
        place = [header.index(name) for name in COLUMNS]
        for row, cells in enumerate(lines, start=2):
            if not any(cell and not cell.isspace() for cell in cells):
                continue
            self.count += 1
            if any(cell.strip() for cell in cells[len(header) :]):
                message = f"有{len(cells)}格，表头只有{len(header)}列"
                self.add(row, "", "too-many-cells", message, "数字不加千位分隔符")
            name, year, value = (cells[i].strip() if i < len(cells) else "" for i in place)
            if name:
                yield row, name, year, value
            else:
                self.add(row, "series_id", "missing", "空白", "填入序列的编号")

    def _series(self, rows: Iterator[_Row]) -> Iterator[AnnualSeries]:
        seen: set[str] = set()
        block: list[tuple[int, str, str]] = []
        current = ""
        for row, name, year, value in rows:
            if name != current:
                if name in seen:
                    raise ScatteredRowsError
                yield from self._finish(current, block)
                block, current = [], name
                seen.add(name)
            if len(block) <= MAXIMUM_POINTS:  # one more than allowed is enough to know
                block.append((row, year, value))
        yield from self._finish(current, block)

    def _finish(self, name: str, block: Sequence[tuple[int, str, str]]) -> Iterator[AnnualSeries]:
        if not block:
            return
        before = len(self.problems) + self.more_problems
        if len(block) > MAXIMUM_POINTS:
            message = f"序列“{name}”超过{MAXIMUM_POINTS}年"
            self.add(block[-1][0], "", "too-long", message, f"只留最近{MAXIMUM_POINTS}年")
            return
        years: dict[int, int] = {}
        values: dict[int, float] = {}
        readable = True
        for row, year_text, value_text in block:
            year = self._year(row, year_text)
            value = self._value(row, value_text)
            if year is None:
                readable = False
            elif year in years:
                message = f"序列“{name}”{year}年与第{years[year]}行重复"
                self.add(row, "year", "duplicate", message, "只留一行")
            else:
                years[year] = row
                values[year] = value
        if readable:  # years that cannot be read might be the missing ones
            self._check_span(name, years)
        if len(self.problems) + self.more_problems == before:
            yield AnnualSeries(name, max(values), np.array([values[year] for year in sorted(values)]))

    def _year(self, row: int, text: str) -> int | None:
        match = _YEAR.fullmatch(text)
        if match:
            return int(match[1])
        if text:
            self.add(row, "year", "not-a-year", f"“{text}”不是年份", "写四位年份，如2020")
        else:
            self.add(row, "year", "missing", "空白", "填入年份")
        return None

    def _value(self, row: int, text: str) -> float:
        if not text:
            self.add(row, "value", "missing", "空白", "填入数值；没有数的年份不能预测")
            return math.nan
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
        if math.isnan(number):
            self.add(row, "value", "not-a-number", f"“{text}”不是数", "填入数值，不带单位和千位分隔符")
        elif number and not SMALLEST <= abs(number) <= LARGEST:
            message = f"{text} 的绝对值不在{SMALLEST:g}与{LARGEST:g}之间"
            self.add(row, "value", "out-of-range", message, "换一个计量单位")
        return number

    def _check_span(self, name: str, years: dict[int, int]) -> None:
        ordered = sorted(years)
        for earlier, later in zip(ordered, ordered[1:], strict=False):
            if later - earlier > 1:
                span = f"{earlier + 1}年" if later - earlier == 2 else f"{earlier + 1}—{later - 1}年"
                message = f"序列“{name}”缺少{span}"
                self.add(years[later], "year", "gap", message, "补上缺少的年份，或另作一个序列")
        if len(ordered) < MINIMUM_POINTS:
            message = f"序列“{name}”只有{len(ordered)}年的数，少于{MINIMUM_POINTS}年，趋势和误差都不能估计"
            self.add(years[ordered[0]], "", "too-short", message, "补充更早的年份，或删去这个序列")


def _gathered(rows: Iterator[_Row]) -> Iterator[_Row]:
    """The rows, series by series in the order in which they first occur; sorted on disk, not in memory."""
    numbers: dict[str, int] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(Path(folder, "rows.db"))) as database,
    ):
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("CREATE TABLE rows (series INTEGER, row INTEGER, name TEXT, year TEXT, value TEXT)")
        database.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?, ?)",
            ((numbers.setdefault(row[1], len(numbers)), *row) for row in rows),
        )
        yield from database.execute("SELECT row, name, year, value FROM rows ORDER BY series, row")


def forecast_file(
    path: Path, out: Path, horizon: int, levels: Sequence[int] = (80, 95), jobs: int = 1
) -> FileForecast:
    """Forecast every series of a file and write the result; on any problem nothing is written.

    Parameters
    ----------
    path : Path
        CSV with the columns ``series_id, year, value``; rows in any order (fastest where those of a series stand together).
    out : Path
        CSV to write: ``series_id, year, h, point``, the bounds of each level, ``model``; an existing file is replaced.
    horizon : int
        Years ahead.
    levels : sequence of int
        Percent, out of those that were measured.
    jobs : int
        Processes; the result does not depend on them.

    Returns
    -------
    FileForecast

    Raises
    ------
    DataError
        With every problem of the file.
    UsageError
        If the file does not exist or the result has no place there.
    PopbookError
        If writing fails.
    """
    if not path.is_file():
        raise UsageError("没有这个文件", str(path), "核对路径")
    if out.is_dir() or not out.resolve().parent.is_dir():
        raise UsageError("结果不能写在这里", str(out), "给出一个已有文件夹里的文件名")
    if out.resolve() == path.resolve():
        raise UsageError("结果会覆盖输入文件", str(out), "换一个文件名")
    fresh = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        try:
            reader = SeriesReader(path)
            models = _write_forecasts(reader, fresh, horizon, levels, jobs)
        except ScatteredRowsError:
            reader = SeriesReader(path, gather=True)
            models = _write_forecasts(reader, fresh, horizon, levels, jobs)
        if reader.problems:
            raise DataError(reader.all_problems())
        replace_atomically(fresh, out)
    except OSError as error:
        raise PopbookError(f"结果写不进去（{error.strerror}）", str(out), "核对权限和磁盘空间") from error
    finally:
        fresh.unlink(missing_ok=True)
    return FileForecast(dict(models), tuple(reader.notes))


def _write_forecasts(
    reader: SeriesReader, path: Path, horizon: int, levels: Sequence[int], jobs: int
) -> Counter[str]:
    models: Counter[str] = Counter()
    with path.open("w", encoding="utf-8", newline="") as file:
        bounds = [f"{side}{level}" for level in levels for side in ("lo", "hi")]
        file.write(",".join(["series_id", "year", "h", "point", *bounds, "model"]) + "\n")
        for text, found in _forecast_blocks(reader, horizon, tuple(levels), jobs):
            file.write(text)
            models.update(found)
    return models


def _forecast_blocks(
    reader: SeriesReader, horizon: int, levels: tuple[int, ...], jobs: int
) -> Iterator[tuple[str, Counter[str]]]:
    """Forecast block by block, in the order of the file; after the first problem only read on."""
    series = iter(reader)
    blocks = iter(lambda: list(islice(series, BLOCK)), [])
    first = next(blocks, [])
    second = next(blocks, []) if jobs > 1 else []
    blocks = chain(filter(None, (first, second)), blocks)
    if not second:  # one block, or one process: starting others would only cost
        for block in blocks:
            if not reader.problems:
                yield forecast_block(block, horizon, levels)
        return
    with ProcessPoolExecutor(jobs) as pool:
        waiting: deque[Future[tuple[str, Counter[str]]]] = deque()
        for block in blocks:
            if not reader.problems:
                waiting.append(pool.submit(forecast_block, block, horizon, levels))
            while len(waiting) > QUEUED_BLOCKS * jobs:
                yield waiting.popleft().result()
        while waiting and not reader.problems:
            yield waiting.popleft().result()
        pool.shutdown(cancel_futures=True)


def forecast_block(
    block: Sequence[AnnualSeries], horizon: int, levels: tuple[int, ...]
) -> tuple[str, Counter[str]]:
    """Forecast some series and write the result as lines of the output file.

    Parameters
    ----------
    block : sequence of AnnualSeries
    horizon : int
        Years ahead.
    levels : tuple of int
        Percent.

    Returns
    -------
    (str, Counter)
        The lines, and the number of series by model.

    Examples
    --------
    >>> text, models = forecast_block([AnnualSeries("a", 2020, np.full(5, 2.0))], 1, (80,))
    >>> text.split(",")[:4], dict(models)
    (['a', '2021', '1', '2'], {'constant': 1})
    """
    forecast = forecast_series([series.values for series in block], horizon, levels)
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    bounds = np.stack([forecast.lower, forecast.upper], axis=1).reshape(-1, *forecast.point.shape)
    cells = np.concatenate([forecast.point[None], bounds]).transpose(1, 2, 0).tolist()
    for series, rows, model in zip(block, cells, forecast.models, strict=True):
        for h, row in enumerate(rows, start=1):
            writer.writerow(
                [series.series_id, series.last_year + h, h, *(f"{value + 0.0:.10g}" for value in row), model]
            )
    return file.getvalue(), Counter(forecast.models)
