from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from popbook.ledger.errors import DataError, PopbookError, Problem, UsageError
from popbook.publishing import warm_kernel
from popbook.publishing.build import build_site, check_request, finish_edition
from popbook.publishing.manifest import MANIFEST, find_differences
from popbook.publishing.places import Project
from popbook.publishing.warm_kernel import NO_WARM_KERNELS
from tests.publishing.orphans import wait_for_none
from tests.publishing.projects import (
    OPENER,
    SECTION,
    SETUP,
    begin_with_shared,
    make_project,
    own_data,
    shared_data,
    write_notebook,
)  # fmt: skip

KILLS = int(os.environ.get("POPBOOK_KILLS", "5"))
"""How often the last test kills a build; `POPBOOK_KILLS=50 pytest tests/publishing/test_build.py -k killed` for a long run."""


class Watched:
    """Keeps what a build reports."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.expected = 0
        self.notes: list[str] = []

    def expect(self, steps: int) -> None:
        """Count what is announced."""
        self.expected += steps

    def done(self, what: str, remark: str = "") -> None:
        """Keep a step."""
        self.steps.append(f"{what}|{remark}")

    def note(self, sentence: str) -> None:
        """Keep a sentence."""
        self.notes.append(sentence)


def test_all_editions_are_built_newest_first() -> None:
    assert check_request((), "330100")[:2] == (2025, 2024)


def test_an_unknown_edition_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="没有 1999 年度版 → 可选：2020、2021"):
        check_request((1999,), "330100")


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(UsageError, match="没有代码为 999999 的地区"):
        check_request((2024,), "999999")


def test_data_with_a_problem_are_not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from popbook.ledger import check

    monkeypatch.setattr(
        check, "check_data", lambda: [Problem("observations.csv", 2, "value", "range", "超出范围", "核对")]
    )
    project = make_project(tmp_path)
    with pytest.raises(DataError, match="observations.csv:2:value"):
        build_site(project, (2024,), Watched(), jobs=1)
    assert not project.build.exists()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Two editions of a tiny project, built once for the tests below, which restore what they change."""
    project = make_project(tmp_path_factory.mktemp("project"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POPBOOK_DATA", str(shared_data()))
        watched = Watched()
        with begin_with_shared(project):
            report = build_site(project, (2024, 2020), watched, jobs=2)
        assert report.entry == project.site / "index.html"
        assert len(watched.steps) == watched.expected == 6
        yield project


@pytest.mark.slow
def test_a_build_makes_complete_editions(built: Project) -> None:
    for edition in ("2020", "2024"):
        assert find_differences(built.site / edition) == []
    page = (built.site / "2024" / "chapters" / "01_status.html").read_text(encoding="utf-8")
    assert 'data-fact="fact-resident-population-2024"' in page
    assert "表 1-1" in page
    assert "show(Section" not in page
    assert (built.site / "2024" / "exhibits" / "tbl-resident" / "data.csv").is_file()


@pytest.mark.slow
def test_an_edition_shows_what_was_known_then(built: Project) -> None:
    page = (built.site / "2020" / "chapters" / "01_status.html").read_text(encoding="utf-8")
    assert "fact-resident-population-2020" in page
    assert "2024" not in page.split("<article", 1)[1].split("</article>")[0]


@pytest.mark.parametrize(("is_warm", "notes"), [(True, []), (False, [NO_WARM_KERNELS])])
def test_where_kernels_cannot_be_forked_the_build_says_so(
    built: Project, monkeypatch: pytest.MonkeyPatch, is_warm: bool, notes: list[str]
) -> None:
    monkeypatch.setattr(warm_kernel, "can_warm", lambda: is_warm)
    monkeypatch.setattr("popbook.ledger.check.check_data", list)
    monkeypatch.setattr("popbook.publishing.build.unchanged_steps", lambda *_: None)
    watched = Watched()
    build_site(built, (2024,), watched, jobs=1)
    assert watched.notes == notes


@pytest.mark.slow
def test_nothing_changed_reuses_everything(built: Project) -> None:
    watched = Watched()
    report = build_site(built, (2024, 2020), watched, jobs=2)
    assert report.ran == ()
    assert all(step.endswith("|未变") for step in watched.steps)


@pytest.mark.slow
def test_a_forced_build_of_an_edition_gives_the_same_bytes(built: Project) -> None:
    before = (built.site / "2024" / MANIFEST).read_bytes()
    watched = Watched()
    report = build_site(built, (2024,), watched, jobs=1, force=True)
    assert len(report.ran) == 3
    assert watched.steps[0] == "2024 01_status|--force"
    assert (built.site / "2024" / MANIFEST).read_bytes() == before


@pytest.mark.slow
def test_an_edition_is_held_against_the_register_of_its_own_data(
    built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = own_data(tmp_path)
    with (data / "exhibit_ids.csv").open("a", encoding="utf-8") as register:
        register.write("fig-once-shown,2024,active,,\n")
    monkeypatch.setenv("POPBOOK_DATA", str(data))
    with pytest.raises(PopbookError, match="2024 年度版：已公开的编号不见了：fig-once-shown"):
        finish_edition(built.root, 2024, {})


@pytest.mark.slow
def test_a_failing_notebook_leaves_the_site_untouched(built: Project) -> None:
    before = (built.site / "2024" / MANIFEST).read_bytes()
    notebook = built.notebooks / "01_status.ipynb"
    kept = notebook.read_bytes()
    write_notebook(notebook, SETUP, "report.no_such_thing()")
    try:
        with pytest.raises(
            PopbookError, match=r"2024 年度版 01_status\.ipynb：单元格 report\.no_such_thing\(\) 出错"
        ):
            build_site(built, (2024,), Watched(), jobs=1)
    finally:
        notebook.write_bytes(kept)
    assert (built.site / "2024" / MANIFEST).read_bytes() == before
    assert (built.failed / "2024" / "01_status.ipynb").is_file()


@pytest.mark.slow
def test_a_warning_of_the_book_leaves_the_site_untouched(built: Project) -> None:
    before = (built.site / "2024" / MANIFEST).read_bytes()
    overview = built.root / "book" / "overview.md"
    kept = overview.read_text(encoding="utf-8")
    overview.write_text(kept + "\n{fact}`fact-nobody-knows-2024|1`\n", encoding="utf-8")
    try:
        with pytest.raises(PopbookError, match="没有编号为 fact-nobody-knows-2024 的数值"):
            build_site(built, (2024,), Watched(), jobs=1)
    finally:
        overview.write_text(kept, encoding="utf-8")
    assert (built.site / "2024" / MANIFEST).read_bytes() == before


@pytest.mark.slow
def test_a_changed_notebook_runs_again_and_only_it(built: Project) -> None:
    notebook = built.notebooks / "01_status.ipynb"
    kept = notebook.read_bytes()
    write_notebook(notebook, SETUP, OPENER, SECTION, "1 + 1")
    try:
        watched = Watched()
        report = build_site(built, (2024,), watched, jobs=1)
    finally:
        notebook.write_bytes(kept)
    assert "2024 01_status|notebooks/01_status.ipynb 变了" in watched.steps
    assert "2024 附录与总览" in report.reused


@pytest.mark.slow
def test_two_builds_at_once_are_refused(built: Project) -> None:
    from filelock import FileLock

    with FileLock(str(built.build / ".lock")), pytest.raises(PopbookError, match="另一个构建正在进行"):
        build_site(built, (2024,), Watched(), jobs=1)


@pytest.mark.slow
def test_the_list_of_editions_names_both(built: Project) -> None:
    script = (built.site / "editions.js").read_text(encoding="utf-8")
    rows = json.loads(script.removeprefix("window.POPBOOK_EDITIONS = ").rstrip(";\n"))
    assert [row["edition"] for row in rows] == [2024, 2020]


BUILD = """
from popbook.ledger import check
from popbook.publishing.build import build_site
from popbook.publishing.places import find_project
from tests.publishing.published import Silent
check.check_data = lambda: []  # reads only; it would be most of what is killed
build_site(find_project(), (2024,), Silent(), jobs=1)
"""


@pytest.mark.slow
def test_killed_at_any_instant_the_site_is_the_last_good_one_or_the_new_one(built: Project, tmp_path: Path) -> None:
    project = Project(shutil.copytree(built.root, tmp_path / "project"))
    marker = f"POPBOOK_TEST_MARKER={tmp_path}"
    environment = {**os.environ, "POPBOOK_TEST_MARKER": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    page = project.root / "book" / "overview.md"

    def build(text: str, patience: float | None = None) -> bool:
        page.write_text(f"# 总览\n\n{text}。\n", encoding="utf-8")
        process = subprocess.Popen([sys.executable, "-c", BUILD], cwd=project.root, env=environment)
        try:
            return process.wait(patience) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return False

    def shown() -> str:
        assert [find_differences(project.site / edition) for edition in ("2020", "2024")] == [[], []]
        words = (project.site / "2024" / "index.html").read_text(encoding="utf-8")
        return next(text for text in texts[::-1] if f"{text}。" in words)

    texts = ["第一稿"]
    began = time.monotonic()
    assert build(texts[0])
    duration = time.monotonic() - began
    good, instants = texts[0], random.Random(20210630)
    for number in range(KILLS):
        texts.append(f"改动{number:03}号")
        build(texts[-1], instants.uniform(0, duration))
        assert wait_for_none(marker) == []
        assert shown() in (good, texts[-1])
        good = shown()
    texts.append("定稿")
    assert build(texts[-1])
    assert shown() == "定稿"
    left = [path.name for path in project.build.rglob("*") if path.suffix in (".new", ".old", ".partial", ".doctrees")]
    assert left == []
