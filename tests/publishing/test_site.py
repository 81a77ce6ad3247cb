from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from popbook.publishing.manifest import find_differences, write_manifest
from popbook.publishing.site import assemble_site, list_pages


def make_edition(
    folder: Path,
    edition: int,
    text: str = "总览",
    pages: tuple[str, ...] = ("index.html",),
    revision: str = "r1",
) -> Path:
    """Write a finished edition."""
    home = folder / str(edition)
    for page in pages:
        (home / page).parent.mkdir(parents=True, exist_ok=True)
        (home / page).write_text(text, encoding="utf-8")
    record = {
        "edition": edition,
        "title": f"{edition}年度",
        "revision": revision,
        "revisions": [],
        "cut_off": f"{edition + 1}-06-30",
        "edition_hash": f"{edition:064d}",
    }
    (home / "build.json").write_text(json.dumps(record), encoding="utf-8")
    write_manifest(home)
    return home


def _listed(site: Path) -> list[dict[str, object]]:
    script = (site / "editions.js").read_text(encoding="utf-8")
    return json.loads(script.removeprefix("window.POPBOOK_EDITIONS = ").rstrip(";\n"))


def _holders(site: Path) -> dict[str, list[int]]:
    script = (site / "exhibit_editions.js").read_text(encoding="utf-8")
    return json.loads(script.removeprefix("window.POPBOOK_EXHIBITS = ").rstrip(";\n"))


def test_the_way_in_leads_to_the_newest_edition_and_can_be_clicked(tmp_path: Path) -> None:
    entry = assemble_site(tmp_path / "site", [make_edition(tmp_path, year) for year in (2023, 2024, 2022)])
    text = entry.read_text(encoding="utf-8")
    assert 'content="0; url=2024/index.html"' in text
    assert '<a href="2024/index.html">' in text


def test_editions_are_listed_newest_first_with_their_pages(tmp_path: Path) -> None:
    site = tmp_path / "site"
    old = make_edition(tmp_path, 2020)
    new = make_edition(
        tmp_path, 2024, pages=("index.html", "chapters/01_status.html", "exhibits/fig-a/index.html")
    )
    assemble_site(site, [old, new])
    rows = _listed(site)
    assert [row["edition"] for row in rows] == [2024, 2020]
    assert rows[0]["pages"] == ["chapters/01_status.html", "index.html"]
    assert [row["address"] for row in rows] == ["2024/", "2020/"]
    assert _holders(site) == {"fig-a": [2024]}


def test_building_one_edition_keeps_the_others(tmp_path: Path) -> None:
    site = tmp_path / "site"
    assemble_site(site, [make_edition(tmp_path / "a", 2023), make_edition(tmp_path / "a", 2024)])
    assemble_site(site, [make_edition(tmp_path / "b", 2024, "修订")])
    assert (site / "2023" / "index.html").read_text(encoding="utf-8") == "总览"
    assert (site / "2024" / "index.html").read_text(encoding="utf-8") == "修订"
    assert [row["edition"] for row in _listed(site)] == [2024, 2023]


def test_kept_editions_are_copied_where_a_file_can_have_no_second_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    site = tmp_path / "site"
    assemble_site(site, [make_edition(tmp_path / "a", 2023), make_edition(tmp_path / "a", 2024)])
    assemble_site(site, [make_edition(tmp_path / "b", 2024, "修订")])
    assert (site / "2023" / "index.html").read_text(encoding="utf-8") == "总览"
    assert find_differences(site / "2023") == []


def test_what_is_written_into_the_site_by_hand_does_not_reach_the_finished_edition(tmp_path: Path) -> None:
    site = tmp_path / "site"
    old, new = make_edition(tmp_path / "a", 2023), make_edition(tmp_path / "a", 2024)
    assemble_site(site, [old, new])
    assemble_site(site, [make_edition(tmp_path / "b", 2024, "修订")])
    (site / "2023" / "index.html").write_text("手改", encoding="utf-8")
    assert find_differences(site / "2023") and find_differences(old) == []


def test_a_page_that_is_gone_does_not_stay_in_the_site(tmp_path: Path) -> None:
    site = tmp_path / "site"
    assemble_site(site, [make_edition(tmp_path / "a", 2024, pages=("index.html", "old.html"))])
    assemble_site(site, [make_edition(tmp_path / "b", 2024)])
    assert list_pages(site / "2024") == ["index.html"]


def test_an_unchanged_site_is_not_touched(tmp_path: Path) -> None:
    site = tmp_path / "site"
    edition = make_edition(tmp_path, 2024)
    assemble_site(site, [edition])
    inode = site.stat().st_ino
    assemble_site(site, [edition])
    assert site.stat().st_ino == inode


def test_nothing_but_the_site_is_left(tmp_path: Path) -> None:
    site = tmp_path / "build" / "site"
    for text in ("一", "二"):
        assemble_site(site, [make_edition(tmp_path / text, 2024, text)])
    assert [path.name for path in site.parent.iterdir()] == ["site"]
