"""Tiny report projects for tests: one chapter, two pages, the real look."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import yaml

from popbook.ledger.kept import PARTIAL
from popbook.publishing.places import Project
from tests.ledger.tables import DATA
from tests.sharing import kept_results, made_once

ROOT = Path(__file__).resolve().parents[2]

PARAMETERS = 'edition = 2024\nregion = "330100"'

SETUP = """from popbook.exhibits.model import Column, Note, Section, Table
from popbook.exhibits.report import open_report, show
report = open_report(edition, region, "01_status")
series = report.ledger.series("resident_population")
latest = report.fact_of(series.latest)"""

OPENER = 'show(Section("status-top", f"现状：常住人口{latest}", "一句话说明全章。", level=1))'

SECTION = """table = Table(
    "tbl-resident", "常住人口", series.frame[["year", "value"]].tail(3), (Column("year", "年份"), Column("value", "常住人口", "万人", 1)),
    "万人", "resident", region, (edition,), ())
show(Section("status-resident", f"{latest}，增量收窄", "这是要点。", (f"见{table}。", table, Note("方法", "见 $a+b$。")), "按常住人口配置。"))"""


BOOKLET_SETUP = """from popbook.exhibits.model import Column, Section, Table
from popbook.exhibits.report import open_booklet, show
report = open_booklet(edition, region, "01_booklet")
census = report.ledger.series("census_population", region)"""

BOOKLET = """table = Table(
    f"tbl-census-{region}", "普查人口", census.frame[["year", "value"]], (Column("year", "年份"), Column("value", "普查人口", "万人", 2)),
    "万人", "census", region, (2020,), ())
show(Section("ages", f"{report.region.name_zh}的普查人口", "一句话说明全页。", (table,), level=1))"""


def make_notebook(*cells: str, parameters: str = PARAMETERS) -> nbformat.NotebookNode:
    """Return a notebook whose first cell is tagged ``parameters``."""
    first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    notebook = nbformat.v4.new_notebook(cells=[first, *(nbformat.v4.new_code_cell(cell) for cell in cells)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return notebook


def write_notebook(path: Path, *cells: str, parameters: str = PARAMETERS) -> Path:
    """Write such a notebook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(make_notebook(*cells, parameters=parameters), path)
    return path


def make_project(folder: Path, *cells: str, overview: str = "# 总览\n\n正文。\n") -> Project:
    """Write a project with one chapter and an overview, with the configuration and look of the real one.

    Parameters
    ----------
    folder : Path
        Empty folder.
    cells : str
        Code cells of the chapter; a whole real chapter if none is given.
    overview : str
        Text of the overview.

    Returns
    -------
    Project
        Ready to be built.
    """
    shutil.copy(ROOT / "_config.yml", folder)
    for name in ("_static", "_templates", "_locale"):
        shutil.copytree(ROOT / "book" / name, folder / "book" / name, ignore=shutil.ignore_patterns("*.mo"))
    (folder / "book" / "overview.md").write_text(overview, encoding="utf-8")
    chapters = [
        {"caption": "监测报告", "numbered": 2, "chapters": [{"file": "notebooks/01_status", "title": "现状"}]}
    ]
    toc = {"format": "jb-book", "root": "book/overview", "parts": chapters}
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc, allow_unicode=True), encoding="utf-8")
    write_notebook(folder / "notebooks" / "01_status.ipynb", *(cells or (SETUP, OPENER, SECTION)))
    return Project(folder)


def add_booklet(project: Project, *cells: str) -> None:
    """Add a booklet of districts with one page to a project, beside the first page and the sources that are generated.

    Parameters
    ----------
    project : Project
        As made by :func:`make_project`.
    cells : str
        Code cells of its notebook; the first section that they show is of level 1 and has the id ``ages``.
    """
    book = project.root / "book" / "district"
    book.mkdir()
    for name in ("overview", "01_ages", "sources"):
        shutil.copy(ROOT / "book" / "district" / f"{name}.md", book)
    pages = [{"file": f"book/district/{name}"} for name in ("01_ages", "sources")]
    toc = {"format": "jb-book", "root": "book/district/overview", "parts": [{"caption": "区县分册", "chapters": pages}]}
    notebook = write_notebook(project.root / "notebooks" / "district" / "01_booklet.ipynb", *cells)
    notebook.with_name("_toc.yml").write_text(yaml.safe_dump(toc, allow_unicode=True), encoding="utf-8")


def share_kept(project: Project) -> Project:
    """Let builds of a project take forecasts, drawings and typefaces from other builds of the run, and leave theirs."""
    project.build.mkdir(exist_ok=True)
    project.kept.symlink_to(kept_results())
    return project


@contextmanager
def begin_with_shared(project: Project) -> Iterator[None]:
    """Share what is kept as :func:`share_kept` for a first build only; later ones find a folder of their own with it."""
    share_kept(project)
    began = time.time_ns()
    yield
    project.kept.unlink()
    for entry in kept_results().glob("*/*"):
        if entry.suffix != PARTIAL and entry.stat().st_mtime_ns >= began:  # written or read since
            mine = project.kept / entry.relative_to(kept_results())
            mine.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(entry, mine)


def own_data(folder: Path) -> Path:
    """Copy the data with an empty register of identifiers: a tiny report shows few of those that the real one has shown.

    Returns
    -------
    Path
        The copy, for ``POPBOOK_DATA``.
    """
    data = Path(shutil.copytree(DATA, folder / "data", ignore=shutil.ignore_patterns("inbox")))
    register = data / "exhibit_ids.csv"
    register.write_text(register.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    return data


def shared_data() -> Path:
    """Return a folder as :func:`own_data` makes it, the same one for all tests of the run, which may not change it."""
    return made_once("small-report", own_data) / "data"
