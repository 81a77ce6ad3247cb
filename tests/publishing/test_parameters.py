from __future__ import annotations

import sys
from pathlib import Path

import pytest

from popbook.ledger.errors import UsageError
from popbook.ledger.kept import KEPT_VARIABLE
from popbook.publishing import parameters
from popbook.publishing.parameters import check_parameters, read_parameters
from tests.publishing.projects import write_notebook


def test_reads_names_and_typed_defaults(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb")
    assert read_parameters(notebook) == {"edition": 2024, "region": "330100"}


def test_reads_defaults_that_carry_a_comment(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb", parameters="edition = 2024  # data year")
    assert read_parameters(notebook) == {"edition": 2024}


def test_a_later_process_reads_what_an_earlier_one_has_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEPT_VARIABLE, str(tmp_path / "kept"))
    notebook = write_notebook(tmp_path / "a.ipynb")
    first = read_parameters(notebook)
    parameters._declared.cache_clear()
    monkeypatch.setitem(sys.modules, "papermill", None)
    assert read_parameters(notebook) == first
    write_notebook(notebook, parameters="edition = 2020")
    parameters._declared.cache_clear()
    with pytest.raises(ImportError):
        read_parameters(notebook)


def test_accepts_declared_values(tmp_path: Path) -> None:
    check_parameters(write_notebook(tmp_path / "a.ipynb"), {"edition": 2020})


def test_refuses_an_unknown_name_and_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="没有参数 year → 可用参数：edition、region"):
        check_parameters(write_notebook(tmp_path / "a.ipynb"), {"year": 2020})


@pytest.mark.parametrize("value", ["2020", 2020.0, True])
def test_refuses_another_type(tmp_path: Path, value: object) -> None:
    with pytest.raises(UsageError, match="参数 edition 应为整数"):
        check_parameters(write_notebook(tmp_path / "a.ipynb"), {"edition": value})


def test_refuses_a_notebook_without_parameters(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="没有标记为 parameters 的单元格"):
        read_parameters(write_notebook(tmp_path / "a.ipynb", parameters="pass"))


def test_refuses_a_default_that_is_no_literal(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="只能写字面量"):
        read_parameters(write_notebook(tmp_path / "a.ipynb", parameters="edition = max(2020, 2024)"))
