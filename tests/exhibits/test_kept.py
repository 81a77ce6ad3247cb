from __future__ import annotations

import os
from pathlib import Path

import pytest

from popbook.exhibits.kept import kept
from popbook.ledger.kept import KEPT_VARIABLE, forget_oldest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which things are kept."""
    monkeypatch.setenv(KEPT_VARIABLE, str(tmp_path / "kept"))
    return tmp_path / "kept"


def entries(folder: Path) -> list[Path]:
    """Return the files of the entries."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def refuse() -> bytes:
    raise AssertionError("made again")


def test_the_same_is_made_once(folder: Path) -> None:
    assert kept("png", "a", make=lambda: b"first") == b"first"
    assert kept("png", "a", make=refuse) == b"first"


@pytest.mark.parametrize(("kind", "parts"), [("svg", ("a",)), ("png", ("b",)), ("png", ("a", ""))])
def test_another_kind_or_text_is_made(folder: Path, kind: str, parts: tuple[str, ...]) -> None:
    kept("png", "a", make=lambda: b"first")
    assert kept(kind, *parts, make=lambda: b"second") == b"second"


@pytest.mark.parametrize("damage", [b"", b"x", b"x" * 200])
def test_a_damaged_entry_is_made_again(folder: Path, damage: bytes) -> None:
    kept("png", "a", make=lambda: b"first")
    (entry,) = entries(folder)
    entry.write_bytes(damage)
    assert kept("png", "a", make=lambda: b"again") == b"again"
    assert kept("png", "a", make=refuse) == b"again"


def test_one_changed_bit_is_noticed(folder: Path) -> None:
    kept("png", "a", make=lambda: b"first")
    (entry,) = entries(folder)
    content = bytearray(entry.read_bytes())
    content[-1] ^= 1
    entry.write_bytes(content)
    assert kept("png", "a", make=lambda: b"first") == b"first"


def test_nothing_is_kept_where_no_folder_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEPT_VARIABLE)
    assert kept("png", "a", make=lambda: b"first") == b"first"
    assert kept("png", "a", make=lambda: b"second") == b"second"
    assert not folder.exists()


def test_what_cannot_be_written_is_made_all_the_same(folder: Path) -> None:
    folder.write_text("no folder", encoding="utf-8")
    assert kept("png", "a", make=lambda: b"first") == b"first"


def test_what_has_not_been_asked_for_longest_goes_first(folder: Path) -> None:
    for name in "abc":
        kept("png", name, make=lambda name=name: name.encode() * 1000)
    for age, path in enumerate(entries(folder)):
        os.utime(path, (1000 + age, 1000 + age))
    oldest, *others = sorted(entries(folder), key=lambda path: path.stat().st_mtime)
    forget_oldest(folder, most=2500)
    assert entries(folder) == sorted(others)
    assert not oldest.exists()


def test_what_a_killed_build_has_left_is_removed(folder: Path) -> None:
    kept("png", "a", make=lambda: b"first")
    (entry,) = entries(folder)
    entry.with_name("half.partial").write_bytes(b"half")
    forget_oldest(folder)
    assert entries(folder) == [entry]


def test_a_missing_folder_needs_no_tidying(tmp_path: Path) -> None:
    forget_oldest(tmp_path / "nothing")
