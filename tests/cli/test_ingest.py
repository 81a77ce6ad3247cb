from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_main import popbook
from tests.ledger.filled import figure, new_edition, small_ledger, workbook

TODAY = {"SOURCE_DATE_EPOCH": "1652313600"}  # 2022-05-12


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return small_ledger(tmp_path)


def run(data_dir: Path, *arguments: str):
    return popbook(*arguments, cwd=data_dir.parent, POPBOOK_DATA=str(data_dir), **TODAY)


def test_new_year_writes_a_template_and_says_what_to_do_next(data_dir: Path):
    shown = run(data_dir, "new-year", "2021")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.splitlines() == [
        "完成：data/inbox/2021.xlsx，3 项，1 个地区，0 个待登记的来源",
        "填好后运行：popbook ingest data/inbox/2021.xlsx --dry-run",
    ]
    assert (data_dir / "inbox" / "2021.xlsx").exists()
    assert run(data_dir, "new-year", "2021", "--format", "csv").returncode == 0
    assert (data_dir / "inbox" / "2021.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["new-year", "2031"], 2, "不能为 2031 年生成填报表"),
        (["new-year", "2021", "--format", "pdf"], 2, "--format 可选 xlsx、csv；现为“pdf”"),
        (["new-year"], 2, "缺少年份"),
        (["ingest"], 2, "缺少文件"),
        (["ingest", "no.xlsx"], 1, "no.xlsx::  file-missing  文件不存在"),
        (["ingest", "data"], 1, "file-unreadable  这是一个文件夹"),
    ],
)
def test_mistakes_are_one_sentence(data_dir: Path, arguments: list[str], status: int, sentence: str):
    shown = run(data_dir, *arguments)
    assert shown.returncode == status and sentence in shown.stderr
    assert "Traceback" not in shown.stderr and shown.stdout == ""


def test_ingest_lists_all_problems_and_writes_nothing(data_dir: Path, tmp_path: Path):
    before = (data_dir / "observations.csv").read_bytes()
    path = workbook(tmp_path / "a.xlsx", [figure(11950000), figure(0.85, 指标="常住出生率")])
    shown = run(data_dir, "ingest", str(path))
    assert shown.returncode == 1 and shown.stdout == ""
    assert shown.stderr.splitlines()[-1] == "共 2 处问题，没有写结果"
    assert shown.stderr.startswith("a.xlsx［数据］:3:数值（D3）  magnitude  ")
    assert (data_dir / "observations.csv").read_bytes() == before


def test_ingest_shows_the_difference_and_appends_it(data_dir: Path, tmp_path: Path):
    path = workbook(tmp_path / "a.xlsx", [figure()], editions=[new_edition()])
    shown = run(data_dir, "ingest", str(path))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("读到 1 个数\n\n新增的数（1）\n") and shown.stdout.endswith(
        "\n已写入台账。\n"
    )
    assert "resident_population,330100,2021,1195.0," in (data_dir / "observations.csv").read_text(
        encoding="utf-8"
    )
    assert run(data_dir, "ingest", str(path)).stdout.endswith("\n台账已有全部内容，没有写入。\n")


def test_a_dry_run_writes_nothing(data_dir: Path, tmp_path: Path):
    before = (data_dir / "observations.csv").read_bytes()
    path = workbook(tmp_path / "a.xlsx", [figure(发布日期="2022-03-01")])
    shown = run(data_dir, "ingest", str(path), "--dry-run")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.endswith(f"\n试运行，没有写入。确认后运行：popbook ingest {path}\n")
    assert (data_dir / "observations.csv").read_bytes() == before
