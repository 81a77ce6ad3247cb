from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from popbook.ledger.errors import PopbookError
from popbook.publishing.manifest import MANIFEST
from popbook.publishing.web_root import Published, make_entry, newest_of, read_register, write_front
from tests.publishing.test_manifest import needs_sha256sum
from tests.publishing.test_site import make_edition


def make_root(root: Path, *revisions: tuple[int, str]) -> tuple[Published, ...]:
    """Write a web root with revisions in the order of publication."""
    register: tuple[Published, ...] = ()
    for edition, revision in revisions:
        made = make_edition(
            root.parent / f"{edition}-{revision}", edition, f"{edition} {revision}", revision=revision
        )
        made.rename(root / str(edition) / revision) if (root / str(edition)).is_dir() else _move(
            made, root / str(edition) / revision
        )
        entry = make_entry(root / str(edition) / revision, "2025-07-08", f"原因<{revision}>", register)
        register = (*register, entry)
    write_front(root, register)
    return register


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True)
    source.rename(target)


def listed(script: Path) -> list[dict[str, object]]:
    """Read a list of editions."""
    text = script.read_text(encoding="utf-8")
    rows: list[dict[str, object]] = json.loads(text.removeprefix("window.POPBOOK_EDITIONS = ").rstrip(";\n"))
    return rows


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_root(tmp_path / "web", (2023, "r1"), (2024, "r1"), (2024, "r2"), (2023, "r2"))
    return tmp_path / "web"


def test_ten_comes_after_nine(tmp_path: Path) -> None:
    register = make_root(tmp_path / "web", (2024, "r9"), (2024, "r10"))
    assert newest_of(register)[2024].revision == "r10"


def test_the_way_in_leads_to_the_newest_revision_of_the_newest_edition(root: Path) -> None:
    assert '<a href="2024/r2/index.html">' in (root / "index.html").read_text(encoding="utf-8")


def test_an_edition_leads_to_its_newest_revision(root: Path) -> None:
    assert '<a href="r2/index.html">' in (root / "2023" / "index.html").read_text(encoding="utf-8")


def test_the_list_of_editions_has_addresses_that_exist_wherever_it_is_read(root: Path) -> None:
    for script in (root / "editions.js", root / "2023" / "editions.js"):
        rows = listed(script)
        assert [(row["edition"], row["revision"]) for row in rows] == [(2024, "r2"), (2023, "r2")]
        for row in rows:
            for item in (row, *row["revisions"]):  # type: ignore[misc]
                assert (script.parent / item["address"] / "index.html").is_file()


def test_the_list_of_editions_tells_every_revision_with_its_reason(root: Path) -> None:
    revisions = listed(root / "editions.js")[0]["revisions"]
    assert [item["reason"] for item in revisions] == ["原因<r1>", "原因<r2>"]  # type: ignore[attr-defined]


def test_readers_see_all_revisions_newest_first(root: Path) -> None:
    page = (root / "revisions.html").read_text(encoding="utf-8")
    places = [
        page.index(f'href="{address}/index.html"') for address in ("2024/r2", "2024/r1", "2023/r2", "2023/r1")
    ]
    assert places == sorted(places)
    assert "原因&lt;r2&gt;" in page


@needs_sha256sum
def test_the_ordinary_command_can_check_front_and_manifests(root: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", MANIFEST], cwd=root, check=True)


def test_every_entry_holds_the_hash_of_the_one_before(root: Path) -> None:
    register = read_register(root)
    assert [item.previous for item in register] == ["", *(item.chained() for item in register[:-1])]


@pytest.mark.parametrize("text", ["", "{}", '{"revisions": [{}]}', '{"revisions": 1}', "[1]", "\x00"])
def test_a_damaged_register_is_one_sentence(root: Path, text: str) -> None:
    (root / "revisions.json").write_text(text, encoding="utf-8")
    with pytest.raises(PopbookError, match="登记表不能解读"):
        read_register(root)


def test_which_editions_hold_an_exhibit_is_told_beside_every_list_of_editions(tmp_path: Path) -> None:
    root = tmp_path / "web"
    register = make_root(root, (2023, "r1"), (2024, "r1"))
    for edition, name in ((2023, "fig-a"), (2024, "fig-a"), (2024, "fact-b")):
        page = root / str(edition) / "r1" / "exhibits" / name / "index.html"
        page.parent.mkdir(parents=True)
        page.touch()
    write_front(root, register)
    for script in (root / "exhibit_editions.js", root / "2023" / "exhibit_editions.js"):
        text = script.read_text(encoding="utf-8").removeprefix("window.POPBOOK_EXHIBITS = ").rstrip(";\n")
        assert json.loads(text) == {"fact-b": [2024], "fig-a": [2024, 2023]}
