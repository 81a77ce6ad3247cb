"""Notebooks from elsewhere are not run unless asked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from popbook.ledger.errors import UsageError
from popbook.publishing import trust
from popbook.publishing.trust import check_notebooks, find_foreign_notebooks
from tests.publishing.projects import make_project, write_notebook


def test_own_notebooks_run(tmp_path: Path) -> None:
    check_notebooks(make_project(tmp_path))


def test_a_link_out_of_the_project_is_refused_and_named(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    project = make_project(tmp_path / "report")
    stranger = write_notebook(tmp_path / "elsewhere" / "x.ipynb", "1")
    (project.notebooks / "02_problems.ipynb").symlink_to(stranger)
    with pytest.raises(UsageError, match=r"notebooks/02_problems\.ipynb") as refusal:
        check_notebooks(project)
    assert "01_status" not in str(refusal.value)
    assert "--trust-notebooks" in str(refusal.value)


def test_a_link_inside_the_project_is_its_own(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    (project.notebooks / "02_problems.ipynb").symlink_to(project.notebooks / "01_status.ipynb")
    assert find_foreign_notebooks(project) == []


def test_files_of_another_user_are_foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_project(tmp_path)
    owned = [*project.chapters(), tmp_path / "_config.yml", tmp_path / "_toc.yml"]
    if os.getuid() == 0:
        # The administrator's files are trusted, so the files must be somebody else's.
        for path in owned:
            os.chown(path, 12345, 12345)
    monkeypatch.setattr(trust.os, "getuid", lambda: 54321)
    assert find_foreign_notebooks(project) == owned


def test_whoever_asks_may_run_them(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    project = make_project(tmp_path / "report")
    stranger = write_notebook(tmp_path / "elsewhere" / "x.ipynb", "1")
    (project.notebooks / "02_problems.ipynb").symlink_to(stranger)
    check_notebooks(project, trusted=True)
