from __future__ import annotations

import hashlib
from pathlib import Path

from popbook.publishing.fingerprint import (
    file_sha256,
    files_below,
    hash_files,
    hash_values,
    software_versions,
)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_file_hash_is_plain_sha256(tmp_path: Path) -> None:
    assert file_sha256(_write(tmp_path / "a", "一")) == hashlib.sha256("一".encode()).hexdigest()


def test_caches_of_the_interpreter_are_no_input(tmp_path: Path) -> None:
    kept = _write(tmp_path / "a.py", "")
    _write(tmp_path / "__pycache__" / "a.pyc", "")
    assert files_below(tmp_path) == [kept]


def test_hash_does_not_depend_on_where_the_project_lies(tmp_path: Path) -> None:
    first, second = (_write(tmp_path / place / "a.csv", "1").parent for place in ("one", "two"))
    assert hash_files(files_below(first), first) == hash_files(files_below(second), second)


def test_hash_changes_with_content_and_with_name(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", "1")
    before = hash_files([path], tmp_path)
    _write(path, "2")
    changed = hash_files([path], tmp_path)
    renamed = path.rename(tmp_path / "b.csv")
    assert len({before, changed, hash_files([renamed], tmp_path)}) == 3


def test_value_hash_tells_text_from_number() -> None:
    assert hash_values({"edition": 2024}) != hash_values({"edition": "2024"})


def test_versions_name_what_draws_and_computes() -> None:
    assert {"python", "pandas", "statsmodels", "vl-convert-python", "sphinx"} <= set(software_versions())
