from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from popbook.ledger.errors import UsageError
from popbook.publishing.booklets import choose_districts, district_names, newest_edition, write_list
from popbook.publishing.build import build_site
from popbook.publishing.manifest import MANIFEST
from popbook.publishing.places import Project
from popbook.publishing.publish import publish_booklets
from popbook.publishing.site import assemble_site
from popbook.publishing.verify import find_differences, verify
from tests.publishing.projects import ROOT, share_kept
from tests.publishing.test_build import Watched
from tests.publishing.test_site import make_edition
from tests.publishing.test_web_root import make_root

DISTRICT = "330127"


def test_all_means_every_district_and_a_code_means_one() -> None:
    assert choose_districts(["all"]) == tuple(district_names())
    assert choose_districts([DISTRICT]) == (DISTRICT,)
    assert choose_districts([]) == ()


@pytest.mark.parametrize("word", ["999999", "330100", "330103", "滨江"])
def test_a_district_without_booklet_is_refused_with_the_list(word: str) -> None:
    with pytest.raises(UsageError, match=f"没有代码为 {word} 的区县分册.*330108 滨江区"):
        choose_districts([word])


def test_without_a_year_the_newest_edition_is_built() -> None:
    assert newest_edition() == (2025,)


def test_the_list_names_finished_booklets_only(tmp_path: Path) -> None:
    city = Project(tmp_path)
    booklet = city.booklet("330108")
    assemble_site(booklet.site, [make_edition(tmp_path, 2024)])
    assemble_site(city.site, [make_edition(tmp_path, 2024)])
    page = write_list(city).read_text(encoding="utf-8")
    assert '<a href="330108/index.html">滨江区人口分册</a>' in page
    assert "淳安" not in page
    assert "Content-Security-Policy" in page
    told = (city.site / "editions.js").read_text(encoding="utf-8")
    assert told.count('window.POPBOOK_DISTRICTS = "districts/index.html";') == 1
    write_list(city)
    assert (city.site / "editions.js").read_text(encoding="utf-8") == told


def test_booklets_stay_when_the_city_is_assembled_anew(tmp_path: Path) -> None:
    city = Project(tmp_path)
    assemble_site(city.site, [make_edition(tmp_path, 2024)])
    assemble_site(city.booklet("330108").site, [make_edition(tmp_path / "own", 2024)])
    assemble_site(city.site, [make_edition(tmp_path, 2024, "改后")])
    assert (city.site / "districts" / "330108" / "2024" / "index.html").is_file()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The real notebooks and pages of a booklet, built once for one district."""
    root = tmp_path_factory.mktemp("booklet")
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, root)
    for name in ("_static", "_templates", "_locale", "district"):
        shutil.copytree(ROOT / "book" / name, root / "book" / name, ignore=shutil.ignore_patterns("*.mo"))
    shutil.copytree(ROOT / "notebooks" / "district", root / "notebooks" / "district")
    made = share_kept(Project(root))
    watched = Watched()
    report = build_site(made, (2024,), watched, jobs=2, districts=(DISTRICT,))
    assert report.entry == made.site / "districts" / "index.html"
    assert len(watched.steps) == watched.expected
    own = [step for step in watched.steps if f" {DISTRICT} " in step]
    shared = [step for step in watched.steps if " 推算" in step]
    assert len(own) == 3
    assert len(own) + len(shared) == len(watched.steps)
    return made


@pytest.mark.slow
def test_a_booklet_is_complete_in_itself(project: Project) -> None:
    home = project.booklet(DISTRICT).site / "2024"
    assert find_differences(home) == []
    record = json.loads((home / "build.json").read_text(encoding="utf-8"))
    assert (record["region"], record["edition"]) == (DISTRICT, 2024)
    pages = [f"{name}.html" for name in ("index", "01_ages", "02_change", "03_outlook", "04_comparison")]
    for page in [*pages, "sources.html", "citing.html", "search.html"]:
        text = (home / page).read_text(encoding="utf-8")
        assert "淳安县分册" in text and "Content-Security-Policy" in text
    figure = home / "exhibits" / f"fig-pyramid-{DISTRICT}"
    assert {"chart.svg", "data.csv", "data.xlsx", "index.html"} <= {path.name for path in figure.iterdir()}
    assert not (project.site / "2024").exists()


def broken_links(home: Path) -> list[str]:
    """What the pages of a booklet, and the pages beside it that lead on, link to and is not there."""
    pages = [*home.rglob("*.html"), *home.parent.glob("*.html")]
    return [
        f"{page.relative_to(home.parent)}: {address}"
        for page in pages
        for address in re.findall(r'(?:href|src)="([^"#?]+)', page.read_text(encoding="utf-8"))
        if not address.startswith(("https:", "data:")) and not (page.parent / address).resolve().exists()
    ]


@pytest.mark.slow
def test_every_link_of_a_booklet_leads_somewhere(project: Project) -> None:
    # The report on the city lies beside the booklets, where it has been built.
    city = "../../2024/"
    assert broken_links(project.booklet(DISTRICT).site / "2024") == [
        f"city-2024.html: {city}{name}" for name in ("_static/favicon.svg", "index.html")
    ]


@pytest.mark.slow
def test_a_frozen_booklet_is_the_built_one_and_every_link_leads_somewhere(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "web"
    make_root(root, (2024, "r1"))
    (report,) = publish_booklets(project, 2024, [DISTRICT], root, Watched())
    home = root / "districts" / DISTRICT / "2024" / "r1"
    assert report.page == home / "index.html"
    assert (home / MANIFEST).read_bytes() == (project.booklet(DISTRICT).site / "2024" / MANIFEST).read_bytes()
    assert verify(root).differences == ()
    # The city's edition is a stand-in without an icon.
    assert broken_links(home) == ["city-2024.html: ../../../2024/r1/_static/favicon.svg"]
    assert "淳安县人口分册" in (root / "districts" / "index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_booklet_is_cited_by_its_own_title(project: Project) -> None:
    home = project.booklet(DISTRICT).site / "2024"
    page = (home / "exhibits" / f"fig-pyramid-{DISTRICT}" / "index.html").read_text(encoding="utf-8")
    assert "杭州市人口发展规划年度监测报告（2024年度）淳安县分册" in page


@pytest.mark.slow
def test_an_unchanged_booklet_is_left_alone(project: Project) -> None:
    watched = Watched()
    report = build_site(project, (2024,), watched, jobs=1, districts=(DISTRICT,))
    assert report.ran == () and len(report.reused) == 3
    assert all(step.endswith("|未变") for step in watched.steps)
