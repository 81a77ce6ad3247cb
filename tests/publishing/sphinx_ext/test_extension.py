from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from popbook.publishing.edition_run import write_edition_run
from tests.publishing.projects import make_project
from tests.publishing.test_book import FACT, soup
from tests.publishing.test_edition_run import make_run
from tests.publishing.test_weave import woven_page


def _jupyter_book(root: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(root)]
    environment = {**os.environ, **variables, "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.mark.slow
def test_plain_jupyter_book_shows_the_newest_edition_or_the_named_one(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    for edition in (2022, 2023):
        chapter = {"notebooks/01_status": woven_page("# 现状：{fact}`fact-a-2024|1262.4万人`\n")}
        run = make_run(
            edition=edition, title=f"第{edition}年", facts={"fact-a-2024": FACT}, notebooks=chapter
        )
        write_edition_run(run, project.runs / str(edition))
    page = project.build / "html" / "chapters" / "01_status.html"
    for variables, title in (({}, "第2023年"), ({"POPBOOK_EDITION": "2022"}, "第2022年")):
        result = _jupyter_book(project.root, **variables)
        assert result.returncode == 0, result.stderr
        assert title in soup(page).select_one("footer.bd-footer-content").text
    assert "1262.4万人" in soup(page).select_one("article").text


@pytest.mark.slow
def test_plain_jupyter_book_before_any_run_says_what_to_do(tmp_path: Path) -> None:
    result = _jupyter_book(make_project(tmp_path).root)
    assert result.returncode != 0
    assert "笔记本还没有运行过 → 请先运行 popbook build" in result.stdout + result.stderr
