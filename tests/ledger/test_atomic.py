from __future__ import annotations

import re
from pathlib import Path

import pytest

from popbook.ledger import atomic
from popbook.ledger.atomic import explain_failure, replace_atomically


def folder(path: Path, text: str) -> Path:
    path.mkdir()
    (path / "index.html").write_text(text, encoding="utf-8")
    return path


@pytest.fixture(params=["one step", "two renames"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "two renames":
        monkeypatch.setattr(atomic, "_exchange", lambda first, second: False)


def test_file_is_replaced(tmp_path: Path):
    fresh, target = tmp_path / "new", tmp_path / "target"
    fresh.write_text("new", encoding="utf-8")
    target.write_text("old", encoding="utf-8")
    replace_atomically(fresh, target)
    assert target.read_text(encoding="utf-8") == "new" and not fresh.exists()


def test_folder_takes_a_free_name(tmp_path: Path):
    replace_atomically(folder(tmp_path / "new", "new"), tmp_path / "target")
    assert (tmp_path / "target" / "index.html").read_text(encoding="utf-8") == "new"


@pytest.mark.usefixtures("either_way")
def test_folder_replaces_a_folder_and_nothing_is_left_over(tmp_path: Path):
    target = folder(tmp_path / "target", "old")
    replace_atomically(folder(tmp_path / "new", "new"), target)
    assert (target / "index.html").read_text(encoding="utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_refused_second_rename_puts_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    target, fresh = folder(tmp_path / "target", "old"), folder(tmp_path / "new", "new")
    monkeypatch.setattr(atomic, "_exchange", lambda first, second: False)
    rename = Path.rename

    def refuse(self: Path, other: Path) -> Path:
        if self == fresh:
            raise PermissionError("refused")
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        replace_atomically(fresh, target)
    assert (target / "index.html").read_text(encoding="utf-8") == "old"


def test_missing_new_content_leaves_the_old(tmp_path: Path):
    target = folder(tmp_path / "target", "old")
    with pytest.raises(FileNotFoundError):
        replace_atomically(tmp_path / "new", target)
    assert (target / "index.html").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("place", ["missing/x.csv", "file.txt/x.csv", "folder"])
def test_a_place_that_cannot_be_written_is_explained_without_foreign_words(place: str, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("a", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError) as caught:
        (tmp_path / place).write_text("b", encoding="utf-8")
    failure = explain_failure(caught.value, tmp_path / place, "没有写文件")
    assert failure.what.isascii() is False and not re.search("[A-Za-z]", failure.what + failure.remedy)
