"""Rules of the house that a reader of the code relies on."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MODULES = sorted((ROOT / "popbook").rglob("*.py"))

MOST_CODE_CELLS = 14
MOST_LINES = 9


def test_floors_import_only_downwards() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([str(lint)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_there_is_one_notebook_for_each_chapter() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "01_status",
        "02_problems",
        "03_trends",
        "04_targets",
        "05_projects",
    ]


def _code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_first_code_cell_holds_typed_literals_only(path: Path) -> None:
    first = _code_cells(path)[0]
    assert first.metadata.get("tags") == ["parameters"]
    values = {}
    for statement in ast.parse(first.source).body:
        assert isinstance(statement, ast.Assign)
        (target,) = statement.targets
        assert isinstance(target, ast.Name)
        values[target.id] = ast.literal_eval(statement.value)
    assert values == {"edition": 2024, "region": "330100"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_load_call_and_show_only(path: Path) -> None:
    cells = _code_cells(path)
    assert len(cells) <= MOST_CODE_CELLS
    for cell in cells:
        assert len(cell.source.splitlines()) <= MOST_LINES
        tree = ast.parse(cell.source)
        for node in ast.walk(tree):
            assert not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef | ast.For | ast.While), (
                cell.source
            )
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.search(r"[/\\]|\.(csv|json|ipynb)$", node.value), (
                    f"a path in {path.name}: {node.value}"
                )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_stored_without_outputs(path: Path) -> None:
    for cell in _code_cells(path):
        assert cell.outputs == []
        assert cell.execution_count is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_keep_readable_cell_ids(path: Path) -> None:
    ids = [cell["id"] for cell in nbformat.read(path, as_version=4).cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", name) for name in ids)


def test_no_module_is_a_drawer_for_everything() -> None:
    assert not [
        path for path in MODULES if path.stem in {"utils", "util", "helpers", "helper", "misc", "common"}
    ]


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert silent == []


def test_no_file_names_a_place_on_a_machine() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout")
    machine = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/\w|[A-Z]:\\\\Users")
    found = []
    for name in tracked:
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".yml", ".toml", ".txt", ".csv", ".json", ".ipynb", ".cff"}
            and path.is_file()
        ):
            found += [name for line in path.read_text(encoding="utf-8").splitlines() if machine.search(line)]
    assert found == []


def test_requirements_are_pinned_with_hashes_and_name_no_registry() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--find-links" not in text
    requirements = [line for line in text.splitlines() if re.match(r"[a-z]", line)]
    assert requirements
    assert all("==" in line for line in requirements)
    assert text.count("--hash=sha256:") >= len(requirements)


def test_requirements_hold_what_the_design_asks_for() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    versions = dict(re.findall(r"^([a-z0-9-]+)==([0-9.]+)", text, re.MULTILINE))
    assert versions["jupyter-book"].startswith("1.")
    assert versions["sphinx"].startswith("7.")


def test_version_is_the_same_everywhere() -> None:
    from popbook import __version__

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__
    assert f"version: {__version__}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"[{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_continuous_integration_runs_what_a_newcomer_runs() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "make test"


def test_the_command_line_starts_without_heavy_packages() -> None:
    code = "import sys, popbook.cli; print(sorted({'pandas', 'altair', 'sphinx', 'papermill', 'statsmodels'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_what_is_computed_from_a_ledger_is_remembered_with_what_it_read() -> None:
    # A result of `functools.lru_cache` would be found without a trace of the rows that it was made from.
    plain = re.compile(r"@(?:lru_cache|cache)\b[^\n]*\ndef (\w+)\([^)]*: (?:Ledger|Report)\b")
    found = [
        f"{path.relative_to(ROOT)}:{match[1]}"
        for path in MODULES
        for match in plain.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
