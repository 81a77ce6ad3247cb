from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from popbook.ledger.datapackage import find_data_dir
from popbook.ledger.errors import DataError, PopbookError
from popbook.ledger.store import read_ledger
from popbook.publishing import exhibit_ids
from popbook.publishing.built_edition import BuiltEdition
from popbook.publishing.exhibit_ids import (
    FILE,
    append_ids,
    compare_ids,
    gone_rows,
    lost_ids,
    new_ids,
    read_registry,
    require_kept,
    write_gone_pages,
)
from tests.publishing.test_built_edition import write_edition

DATA = find_data_dir()
EDITIONS = read_ledger().editions
HEAD = "id,first_edition,status,moved_to,reason\n"
MOVED = HEAD + "fig-a,2020,moved,fig-b,合并\nfig-b,2021,active,,\nfig-c,2022,retired,,停止公布\n"


def write(folder: Path, text: str) -> Path:
    """Write a registry and return its folder."""
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(exhibit_ids)
    assert results.attempted >= 3
    assert results.failed == 0


def test_a_project_without_a_registry_has_published_nothing(tmp_path: Path) -> None:
    assert read_registry(tmp_path) == {}


def test_rows_say_what_became_of_an_identifier(tmp_path: Path) -> None:
    registry = read_registry(write(tmp_path, MOVED))
    assert [row.is_gone for row in registry.values()] == [True, False, True]
    assert registry["fig-a"].moved_to == "fig-b"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("abc,2020,active,,", "不是图表数值编号"),
        ("fig-a,年,active,,", "首见年度版应为年份"),
        ("fig-a,2020,gone,,", "状态“gone”未定义"),
        ("fig-a,2020,moved,,合并", "要写明新编号"),
        ("fig-a,2020,moved,fig-x,合并", "没有登记 fig-x"),
        ("fig-a,2020,retired,,", "要写明原因"),
    ],
)
def test_a_faulty_row_is_named(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_registry(write(tmp_path, HEAD + row + "\n"))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_registry(write(tmp_path, HEAD + "a,b,c,,\nfig-a,2020,active,,\nfig-a,2020,active,,\n"))
    assert {problem.code for problem in caught.value.problems} == {"pattern", "type", "enum", "duplicate"}


def test_identifiers_that_move_in_a_circle_are_refused(tmp_path: Path) -> None:
    rows = "fig-a,2020,moved,fig-b,合并\nfig-b,2020,moved,fig-a,合并\n"
    with pytest.raises(DataError, match="改名成环：fig-a、fig-b"):
        read_registry(write(tmp_path, HEAD + rows))


def test_an_edition_without_an_identifier_that_it_has_shown_is_refused(tmp_path: Path) -> None:
    registry = read_registry(write(tmp_path, MOVED))
    require_kept(registry, 2021, ["fig-b", "fig-new"])
    require_kept(registry, 2023, [])
    with pytest.raises(PopbookError, match="已公开的编号不见了：fig-b") as caught:
        require_kept(registry, 2021, ["fig-new"])
    assert "data/exhibit_ids.csv" in str(caught.value)


def test_old_addresses_lead_on_or_say_why_they_are_empty(tmp_path: Path) -> None:
    rows = "fig-old,2020,moved,fig-mid,合并\nfig-mid,2020,moved,fig-a,改名\nfig-a,2020,active,,\n"
    rows += "fig-end,2020,retired,,停止公布\nfig-later,2025,active,,\nfig-early,2020,moved,fig-later,合并\n"
    edition = BuiltEdition(write_edition(tmp_path / "site"))
    write_gone_pages(read_registry(write(tmp_path, HEAD + rows)), edition)
    pages = {
        name: (edition.folder / "exhibits" / name / "index.html").read_text(encoding="utf-8")
        for name in ("fig-old", "fig-mid", "fig-end", "fig-early")
    }
    assert all("0; url=../fig-a/index.html" in pages[name] for name in ("fig-old", "fig-mid"))
    assert "编号 fig-end 已停用：停止公布。" in pages["fig-end"]
    # Where the new exhibit is not in this edition, nothing leads into the void.
    assert "refresh" not in pages["fig-end"] + pages["fig-early"]
    assert not (edition.folder / "exhibits" / "fig-a" / "index.html").exists()


def test_every_identifier_ever_published_is_registered_and_well_formed() -> None:
    registry = read_registry(DATA)
    assert len(registry) > 1500
    assert {name.partition("-")[0] for name in registry} == {"fig", "tbl", "fact"}
    assert min(row.first_edition for row in registry.values()) == min(EDITIONS)
    assert {row.first_edition for row in registry.values()} <= set(EDITIONS)


def test_an_identifier_must_stay_in_the_edition_that_first_showed_it(tmp_path: Path) -> None:
    registry = read_registry(write(tmp_path, MOVED))
    assert lost_ids(registry, {2021: ["fig-b"]}) == []
    assert lost_ids(registry, {2021: ["fig-x"]}) == ["fig-b"]
    assert lost_ids(registry, {2022: []}) == []


def test_new_identifiers_are_appended_and_old_rows_stay(tmp_path: Path) -> None:
    write(tmp_path, MOVED)
    made = {2024: ["fig-b", "fig-d"], 2023: ["fig-d"]}
    new = new_ids(read_registry(tmp_path), made)
    assert new == {"fig-d": 2023}
    append_ids(tmp_path, new)
    assert (tmp_path / FILE).read_text(encoding="utf-8") == MOVED + "fig-d,2023,active,,\n"


def test_old_addresses_are_answered_from_the_first_edition_on(tmp_path: Path) -> None:
    registry = read_registry(write(tmp_path, MOVED))
    assert [row.id for row in gone_rows(registry, 2021, [])] == ["fig-a"]
    assert [row.id for row in gone_rows(registry, 2022, ["fig-a"])] == ["fig-c"]


def test_a_built_site_is_compared_with_the_registry(tmp_path: Path) -> None:
    write_edition(tmp_path / "site")
    write(tmp_path, HEAD + "fig-a,2024,active,,\nfig-z,2024,active,,\n")
    new, lost = compare_ids(tmp_path, tmp_path / "site")
    assert list(new) == ["fact-resident-population-2024", "tbl-a"]
    assert lost == ["fig-z"]
