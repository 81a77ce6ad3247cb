from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.test_main import popbook
from tests.demography.test_cohort_files import both_sexes, frame, make_folder, settings, sweden_folder


def test_help_describes_every_file_in_chinese() -> None:
    shown = popbook("cohort", "--help")
    assert shown.returncode == 0
    for name in ("population.csv", "survival_ratios.csv", "life_table.csv", "mortality_rates.csv", "fertility.csv",
                 "migration.csv", "srb.csv", "settings.yml", "year,sex,age,component,value", "[必填]"):  # fmt: skip
        assert name in shown.stdout
    assert "required" not in shown.stdout


def test_box_6_1_through_the_command(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    shown = popbook("cohort", str(sweden_folder(tmp_path / "in")), "--out", str(out))
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[-1] == f"完成：{out}"
    table = pd.read_csv(out)
    assert list(table.columns) == ["year", "sex", "age", "component", "value"]
    stock = table[table.component == "population"].groupby("year")["value"].sum()
    assert stock.round().tolist() == [4_397_428, 4_449_570, 4_478_712]


def test_notes_say_what_was_assumed(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "in", migration=both_sexes([0, 5, 10, 15], "net", [1, 1, 1, 1], 2020))
    shown = popbook("cohort", str(folder), "--out", str(tmp_path / "out.csv"))
    assert "注：settings.yml没有migration_timing：净迁移按期末（end）计算" in shown.stdout


def test_all_problems_are_listed_and_nothing_is_written(tmp_path: Path) -> None:
    folder = make_folder(
        tmp_path / "in", population=frame(sex="female", age=[0, 5, 10, 15], value=[1, "x", -3, 4]),
        fertility=frame(period=2020, age=[10], asfr=[90.8]), settings=settings(srb=105),
    )  # fmt: skip
    shown = popbook("cohort", str(folder), "--out", str(tmp_path / "out.csv"))
    assert shown.returncode == 1
    assert shown.stdout == ""
    lines = shown.stderr.splitlines()
    assert len(lines) == 5
    assert lines[1] == "population.csv:3:value  not-a-number  “x”不是数 → 填入数值，不带单位和千位分隔符"
    assert lines[-1] == "共 4 处问题，没有写结果"
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["cohort"], "缺少文件夹"),
        (["cohort", "."], "缺少选项 --out"),
        (["cohort", "nowhere", "--out", "out.csv"], "nowhere：没有这个文件夹"),
        (["cohort", ".", "--out", "missing/out.csv"], "结果不能写在这里"),
        (["cohort", ".", "--out", "."], "结果不能写在这里"),
        (["cohort", ".", "--out", "population.csv"], "结果会覆盖输入文件"),
        (["cohort", ".", "--out"], "选项 --out 缺少取值"),
        (["cohort", ".", "--speed"], "没有选项 --speed"),
    ],
)
def test_wrong_usage_is_one_sentence_and_status_2(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    shown = popbook(*arguments, cwd=make_folder(tmp_path / "in"))
    assert shown.returncode == 2
    assert sentence in shown.stderr
    assert "Traceback" not in shown.stderr


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "in")
    for name in ("a.csv", "b.csv"):
        assert popbook("cohort", str(folder), "--out", str(tmp_path / name)).returncode == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_relative_output_is_written_where_the_command_was_called(tmp_path: Path) -> None:
    make_folder(tmp_path / "in")
    command = [sys.executable, "-c", "from popbook.cli import main; main()", "cohort", "in", "--out", "out.csv"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    assert (tmp_path / "out.csv").is_file()
