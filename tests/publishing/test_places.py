from __future__ import annotations

from pathlib import Path

import pytest

from popbook.publishing.places import DISTRICTS, Project, find_project
from tests.publishing.projects import ROOT


def test_finds_the_project_upwards(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").touch()
    (tmp_path / "notebooks" / "deep").mkdir(parents=True)
    assert find_project(tmp_path / "notebooks" / "deep").root == tmp_path.resolve()


def test_falls_back_to_the_checkout_of_the_package(tmp_path: Path) -> None:
    assert find_project(tmp_path).root == ROOT


def test_chapters_come_in_order_and_without_other_notebooks(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").touch()
    (tmp_path / "notebooks").mkdir()
    for name in ("02_problems.ipynb", "01_status.ipynb", "scratch.ipynb"):
        (tmp_path / "notebooks" / name).touch()
    assert [path.name for path in find_project(tmp_path).chapters()] == [
        "01_status.ipynb",
        "02_problems.ipynb",
    ]


def test_places_below_the_build_folder() -> None:
    project = find_project(ROOT)
    places = (project.runs, project.failed, project.editions, project.site)
    assert all(place.parent == project.build for place in places)


@pytest.mark.parametrize("name", ["_config.yml", "_toc.yml", "book", "notebooks", "data"])
def test_the_checkout_has_what_the_design_names(name: str) -> None:
    assert (ROOT / name).exists()


@pytest.mark.parametrize(
    ("config", "address"),
    [("", ""), ("html: {}", ""), ('html: {baseurl: "https://example.org/rk/"}', "https://example.org/rk")],
)
def test_the_address_of_published_editions_is_configured_or_empty(
    tmp_path: Path, config: str, address: str
) -> None:
    (tmp_path / "_config.yml").write_text(config, encoding="utf-8")
    assert Project(tmp_path).base_address() == address


def test_a_booklet_has_the_folders_of_the_report_below_its_district() -> None:
    city = Project(Path("report"))
    booklet = city.booklet("330108")
    for folder in ("runs", "failed", "editions", "site"):
        own, other = getattr(city, folder), getattr(booklet, folder)
        assert other == own / DISTRICTS / "330108"
    assert booklet.lock == city.lock


def test_a_booklet_is_published_below_the_address_of_the_report(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("html: {baseurl: https://example.org/rk/}", encoding="utf-8")
    assert Project(tmp_path, "330108").base_address() == "https://example.org/rk/districts/330108"
