from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from popbook import __version__
from popbook.ledger.errors import Problem
from popbook.publishing.places import Project
from tests.publishing.projects import make_project, share_kept, shared_data, write_notebook


def popbook(*arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user would."""
    command = [sys.executable, "-c", "from popbook.cli import main; main()", *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, check=False)


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["check", "--help"]])
def test_help_is_chinese(arguments: list[str]) -> None:
    shown = popbook(*arguments)
    assert shown.returncode == 0
    assert shown.stdout.startswith("用法：popbook")
    for english in ("Usage", "Options", "Commands", "Show this message", "[OPTIONS]"):
        assert english not in shown.stdout


def test_version() -> None:
    assert popbook("--version").stdout.strip() == f"popbook {__version__}"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["build", "--edition", "abc"], "年度版应为四位年份，例如 2024；现为“abc”"),
        (["build", "--edition", "２０２４"], "年度版应为四位年份"),
        (["build", "--edition", "1999"], "没有 1999 年度版 → 可选：2020、2021、2022、2023、2024、2025"),
        (["build", "--edition"], "选项 --edition 缺少取值"),
        (["build", "--regions", "999999"], "没有代码为 999999 的区县分册 → 可选：all（全部）、330102 上城区"),
        (["build", "--regions", "all", "--edition", "1999"], "没有 1999 年度版"),
        (["cite", "fig-a", "--region", "all"], "--region：一次只能引用一个区县的分册 → 写一个区县代码"),
        (["build", "--jobs", "0"], "--jobs 应为正整数；现为“0”"),
        (["build", "--speed"], "没有选项 --speed"),
        (["build", "2024"], "多余的参数：2024"),
        (["changes", "2024", "2023"], "2024 年度版不早于 2023 年度版 → 先写较早的年份，再写较晚的年份"),
        (["changes", "2024", "2024"], "2024 年度版不早于 2024 年度版"),
        (["changes", "2019", "2024"], "没有 2019 年度版 → 可选：2020、2021、2022、2023、2024、2025"),
        (["changes", "2023", "2030"], "没有 2030 年度版"),
        (["changes", "2023"], "缺少较晚年份"),
        (["archive", "1999"], "没有 1999 年度版"),
        (["bild"], "没有命令 bild"),
        ([], "用法：popbook"),
    ],
)
def test_wrong_usage_is_one_sentence_and_status_2(arguments: list[str], sentence: str) -> None:
    shown = popbook(*arguments)
    assert shown.returncode == 2
    assert sentence in shown.stderr
    assert "Traceback" not in shown.stderr
    assert shown.stdout == ""


def test_changes_prints_what_the_page_says() -> None:
    from popbook.exhibits.pages.changes import changes
    from popbook.exhibits.plain import plain_sections
    from popbook.exhibits.report import open_report

    shown = popbook("changes", "2023", "2024")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout == plain_sections(changes(open_report(2024, chapter="changes"))) + "\n"


def test_an_archived_edition_is_not_archived_again() -> None:
    shown = popbook("archive", "2024")
    assert shown.returncode == 1
    assert "2024 年度版的预测已经存档，不能重写" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_archived_forecasts_are_made_again() -> None:
    shown = popbook("archive", "--verify")
    assert shown.returncode == 0, shown.stdout
    assert [line[:8] for line in shown.stdout.splitlines()] == [f"{year}年度版 " for year in range(2020, 2026)]


def test_a_console_without_chinese_gets_no_traceback() -> None:
    shown = popbook("bild", PYTHONIOENCODING="ascii")
    assert shown.returncode == 2
    assert "bild" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_outside_a_project_the_checkout_of_the_package_is_used(tmp_path: Path) -> None:
    assert "没有 1999 年度版" in popbook("build", "--edition", "1999", cwd=tmp_path).stderr


def test_check_prints_every_problem_and_exits_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from popbook.cli import main
    from popbook.ledger import check

    problems = [Problem("observations.csv", row, "value", "range", "超出范围", "核对") for row in (2, 9)]
    monkeypatch.setattr(check, "check_data", lambda: problems)
    monkeypatch.setattr(sys, "argv", ["popbook", "check"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "observations.csv:2:value  range  超出范围 → 核对"
    assert lines[-1] == "共 2 处问题"


def test_check_of_sound_data_exits_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from popbook.cli import main
    from popbook.ledger import check

    monkeypatch.setattr(check, "check_data", list)
    monkeypatch.setattr(sys, "argv", ["popbook", "check"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 0
    assert capsys.readouterr().out == "数据没有问题\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("POPBOOK_DATA", str(shared_data()))
    return share_kept(make_project(tmp_path))


@pytest.mark.slow
def test_build_names_the_page_to_open_in_its_last_line(project: Project) -> None:
    shown = popbook("build", "--edition", "2024", "--jobs", "1", cwd=project.root)
    assert shown.returncode == 0, shown.stderr
    last = shown.stdout.splitlines()[-1]
    assert last == f"请打开：{project.site / 'index.html'}"
    assert Path(last.removeprefix("请打开：")).is_file()


@pytest.mark.slow
def test_a_failing_notebook_exits_1_and_names_cell_error_and_copy(project: Project) -> None:
    write_notebook(project.notebooks / "01_status.ipynb", "1 / 0")
    shown = popbook("build", "--edition", "2024", "--jobs", "1", cwd=project.root)
    assert shown.returncode == 1
    copy = project.failed / "2024" / "01_status.ipynb"
    for part in ("01_status.ipynb", "1 / 0", "ZeroDivisionError", str(copy)):
        assert part in shown.stderr
    assert copy.is_file()
    assert "Traceback" not in shown.stderr
    assert not project.site.exists()


@pytest.mark.slow
def test_a_notebook_without_our_parameters_exits_2_before_anything_runs(project: Project) -> None:
    write_notebook(project.notebooks / "01_status.ipynb", "1", parameters="year = 2024")
    shown = popbook("build", "--edition", "2024", cwd=project.root)
    assert shown.returncode == 2
    assert "没有参数 edition → 可用参数：year" in shown.stderr
    assert not project.runs.exists()
