"""The yearly manual is executed: every command of book/manual/README.md, in its order, in a copy of the project's data.

Data, checks, forecasts, builds and the text of every screen are the real ones; only the report that is built is a small
one, for time.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.ledger.tables import DATA
from tests.publishing.projects import ROOT, make_project, share_kept

MANUAL = ROOT / "book" / "manual" / "README.md"
YEAR = 2025
TODAY = {"SOURCE_DATE_EPOCH": "1784073600"}  # 2026-07-15
ANYTHING = "……"
"""A line of its own in a shown screen: any number of lines were left out."""

COUNTS = re.compile(r"[\d…]+(?= ?(?:步|个文件|个编号))")
"""What a smaller report has fewer of."""
UNPREDICTABLE = re.compile(r"(?<=指纹：)\S+|(?<=请打开：)\S+(?=/(?:\d{4}/|index\.html))|(?<=错误：)\S+(?=/_build)")
"""Fingerprints and the folder that the reader works in."""


def blocks() -> Iterator[tuple[str, str]]:
    """Yield what the manual asks for in its order: ``("command", screen)``, ``("table", rows)`` and ``("do", words)``."""
    pieces = re.finditer(
        r"^```text\n(?P<command>.*?)^```$|^(?P<table>(?:\|[^\n]*\n)+)|^<!-- test: (?P<do>[^\n]*) -->$",
        MANUAL.read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    for piece in pieces:
        kind = piece.lastgroup
        assert kind is not None
        yield kind, piece[kind]


def rows_of(table: str) -> list[dict[str, str]]:
    """Read a table of the manual."""
    head, _, *lines = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
    return [dict(zip(head, line, strict=True)) for line in lines]


def fill(path: Path, page: str, rows: list[dict[str, str]]) -> None:
    """Type the rows of a table into a page of the template; the first column, with the region, says where."""
    book = load_workbook(path)
    sheet = book[page]
    lines = list(sheet.iter_rows())
    heads = next(line for line in lines if line[0].value == next(iter(rows[0])))
    column = {cell.value: cell.column - 1 for cell in heads if cell.value}
    for row in rows:
        keys = [key for key in (next(iter(row)), "地区") if key in row]
        found = [line for line in lines if all(line[column[key]].value == row[key] for key in keys)]
        assert len(found) == 1, row
        for name, value in row.items():
            if name not in keys and value:
                is_number = re.fullmatch(r"-?\d+(\.\d+)?", value)
                found[0][column[name]].value = float(value) if is_number else value
    book.save(path)


def normalised(screen: str) -> str:
    """Take out of a screen what depends on the size of the report and on the folder."""
    return COUNTS.sub("若干", UNPREDICTABLE.sub("略", screen)).strip()


def matches(shown: str, printed: str) -> bool:
    """Tell whether the manual shows what was printed, line by line, but for the lines it leaves out."""
    parts = [re.escape(part) for part in f"\n{normalised(shown)}".split(f"\n{ANYTHING}")]
    return re.fullmatch("(?:\n.*)*".join(parts), f"\n{normalised(printed)}") is not None


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A small report with the real data as they were before the year of the manual."""
    (tmp_path / "report").mkdir()
    root = share_kept(make_project(tmp_path / "report")).root
    shutil.copytree(DATA, root / "data", ignore=shutil.ignore_patterns("inbox"))
    for name, is_new in {
        "editions.csv": lambda cells: cells[0] == str(YEAR),
        "forecast_archive.csv": lambda cells: cells[0] == str(YEAR),
        "exhibit_ids.csv": lambda cells: cells[1] == str(YEAR),
        "sources.csv": lambda cells: cells[0] == f"hz-communique-{YEAR}",
        "observations.csv": lambda cells: cells[6] == f"hz-communique-{YEAR}",
    }.items():
        lines = (root / "data" / name).read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not is_new(line.split(","))]
        assert len(kept) < len(lines)
        (root / "data" / name).write_text("".join(kept), encoding="utf-8")
    return root


def run(root: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the manual in the copy."""
    program, *words = shlex.split(line)
    assert program == "popbook"
    variables = {**os.environ, **TODAY, "POPBOOK_DATA": str(root / "data"), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", "from popbook.cli import main; main()", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=root, env=variables, check=False)


@pytest.mark.slow
def test_every_command_of_the_manual_prints_what_the_manual_shows(copy: Path) -> None:
    inbox = copy / "data" / "inbox" / f"{YEAR}.xlsx"
    tables: list[list[dict[str, str]]] = []
    ran = []
    for kind, text in blocks():
        if kind == "table":
            tables.append(rows_of(text))
        elif kind == "do" and text.startswith("fill "):
            page, number = text.split()[1:]
            fill(inbox, page, tables[int(number)])
        elif kind == "do":
            page = copy / "book" / "overview.md"
            page.write_text(page.read_text(encoding="utf-8") + "\n又一句。\n", encoding="utf-8")
        else:
            line, _, screen = text.partition("\n")
            done = run(copy, line.removeprefix("$ "))
            printed = done.stdout if done.returncode == 0 else done.stderr
            assert "Traceback" not in done.stderr
            assert matches(screen, printed), f"{line}\n{printed}"
            ran.append(line.split()[2])
    assert ran == [
        "new-year", "ingest", "ingest", "ingest", "check", "archive", "build", "changes", "ids", "publish", "verify", "build",
        "publish", "publish", "verify",
    ]  # fmt: skip
    # What the walk leaves behind is what the project's own data hold.
    for name in ("editions.csv", "sources.csv", "observations.csv"):
        assert sorted((copy / "data" / name).read_bytes().splitlines()) == sorted((DATA / name).read_bytes().splitlines())
    assert sorted(path.name for path in (copy.parent / "web" / str(YEAR)).iterdir() if path.is_dir()) == ["r1", "r2"]


def test_a_screen_may_leave_out_lines_but_not_change_them() -> None:
    assert matches("甲\n……\n丙", "甲\n乙\n乙\n丙\n")
    assert matches("……\n丙", "甲\n乙\n丙")
    assert matches("……\n丙", "丙")
    assert matches("完成：运行 7 步，沿用 0 步", "完成：运行 3 步，沿用 0 步")
    assert not matches("甲\n……\n丙", "甲\n乙\n丁\n")
    assert not matches("甲", "甲\n乙")
