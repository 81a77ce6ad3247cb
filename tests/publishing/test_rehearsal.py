"""The year after the plan, rehearsed with invented figures: ingested, built, compared, published, revised, verified.

The figures exist nowhere but here. The chapters are the real ones; the report that is built is a small one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from popbook.exhibits.pages.changes import changes_between
from popbook.exhibits.pages.overview import overview
from popbook.exhibits.plain import plain_sections
from popbook.exhibits.report import Report, open_report
from popbook.exhibits.target_facts import target_statuses
from popbook.ledger.ingest import ingest
from tests.ledger.filled import workbook
from tests.ledger.tables import DATA
from tests.publishing.projects import ROOT, make_project, share_kept

pytestmark = pytest.mark.slow

YEAR = 2026
TODAY = "1815609600"  # 2027-07-15
SOURCE = {
    "来源编号": "invented-2026", "题名": "试演公报", "发布机构": "试演统计局", "发布日期": "2027-03-10", "类型": "公报",
    "可信度": "A",
}  # fmt: skip
FIGURES = {
    "年末常住人口": 1276.1, "常住人口年增量": 6.1, "城镇常住人口": 1085.0, "乡村常住人口": 191.1, "常住人口城镇化率": 85.0,
    "男性常住人口": 664.0, "女性常住人口": 612.1, "0—14岁常住人口": 151.9, "15—59岁常住人口": 842.2,
    "60岁及以上常住人口": 282.0, "65岁及以上常住人口": 196.0, "0—14岁常住人口比重": 11.9, "15—59岁常住人口比重": 66.0,
    "60岁及以上常住人口比重": 22.1, "常住人口出生率": 7.0, "常住人口死亡率": 5.4, "常住人口自然增长率": 1.6,
}  # fmt: skip
LATE = {"指标": "常住人口城镇化率", "年份": 2025, "数值": 85.2, "说明": "补录：公布晚于上一版的截止日"}
EDITION = {"年度": YEAR, "截止日期": "2027-06-30", "题名": "杭州市人口发展规划年度监测报告（2026年度）"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small report whose data hold the invented year."""
    folder = tmp_path_factory.mktemp("rehearsal") / "report"
    folder.mkdir()
    project = share_kept(make_project(folder))
    data = project.root / "data"
    shutil.copytree(DATA, data, ignore=shutil.ignore_patterns("inbox"))
    shared = {"地区": "杭州市", "来源": SOURCE["题名"]}
    rows = [shared | {"指标": name, "年份": YEAR, "数值": value} for name, value in FIGURES.items()]
    path = workbook(data / "inbox" / "2026.xlsx", [*rows, shared | LATE], sources=[SOURCE], editions=[EDITION])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", TODAY)
        assert ingest(path, data).contents
    return project.root


@pytest.fixture(scope="module")
def opened(root: Path) -> Report:
    """The edition, read once: what one page works out of the ledger the next one need not."""
    return open_report(YEAR, chapter="overview", data_dir=root / "data")


def page_of(opened: Report, chapter: str) -> Report:
    return replace(opened, chapter=chapter, facts={}, results={})


def test_every_section_of_every_chapter_can_be_written(opened: Report) -> None:
    assert (notebooks := sorted((ROOT / "notebooks").glob("*.ipynb")))
    for notebook in notebooks:
        name = notebook.stem[3:]
        cells = "".join("".join(cell["source"]) + "\n" for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"])
        chapter, report = import_module(f"popbook.exhibits.chapters.{name}"), page_of(opened, notebook.stem)
        for section in re.findall(rf"{name}\.(\w+)\(report", cells):
            text = plain_sections([getattr(chapter, section)(report)])
            assert not re.search(r"\bnan\b|None|。。|，。|（）", text), text


def test_the_verdicts_on_the_plan_stay_and_a_late_figure_ends_a_wait(opened: Report) -> None:
    verdicts = {s.target_id: (s.status, s.latest_year) for s in target_statuses(page_of(opened, "04_targets"))}
    assert verdicts["T01"] == ("未达成", 2025)
    assert verdicts["T16"] == ("达成", 2025)
    assert verdicts["T08"] == ("未公布", 2024)
    assert verdicts["T09"] == ("已突破", 2024)


def test_what_changed_since_the_year_before_is_said(opened: Report) -> None:
    said = plain_sections(changes_between(page_of(opened, "changes"), 2025))
    assert re.search(r"常住人口城镇化率 +未公布 +达成", said)
    assert "2026年末常住人口1276.1万人" in plain_sections(overview(page_of(opened, "overview")))


def test_the_edition_is_built_published_revised_and_proved(root: Path) -> None:
    def run(*words: str) -> str:
        variables = {**os.environ, "POPBOOK_DATA": str(root / "data"), "SOURCE_DATE_EPOCH": TODAY}
        variables["PYTHONPATH"] = os.pathsep.join(sys.path)
        command = [sys.executable, "-c", "from popbook.cli import main; main()", *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=variables, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "index.html" in run("build", "--edition", str(YEAR))
    assert "丢失编号0个" in run("ids", "--write")
    assert "已发布：2026年度版 r1\n" in run("publish", str(YEAR), "--to", "../web")
    page = root / "book" / "overview.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n补一句。\n", encoding="utf-8")
    run("build", "--edition", str(YEAR))
    words = ("publish", str(YEAR), "--to", "../web", "--reason", "补一句")
    assert "已发布：2026年度版 r2\n" in run(*words)
    assert run("verify", "../web").startswith("逐字节一致：1 个年度版，2 个修订")
    web = root.parent / "web" / str(YEAR)
    first, second = ((web / name / "index.html").read_text(encoding="utf-8") for name in ("r1", "r2"))
    assert "补一句" not in first and "补一句" in second
    assert "补一句" in (root.parent / "web" / "revisions.html").read_text(encoding="utf-8")
