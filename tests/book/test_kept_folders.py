"""Folders of exhibits that were kept while the edition had another fingerprint, beside folders made afresh."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from popbook.exhibits import files
from popbook.ledger.kept import KEPT_VARIABLE
from popbook.publishing.edition_run import read_edition_run
from popbook.publishing.outputs import write_exhibits
from tests.book.conftest import SITE, editions
from tests.publishing.projects import ROOT

pytestmark = pytest.mark.book

EDITION = editions()[-1]


def written(folder: Path, fingerprint: str = "") -> dict[str, bytes]:
    """Write the folders of all exhibits of the edition and return their files; with a fingerprint of one's own."""
    shutil.copytree(SITE / EDITION / "data", folder / "data")
    for name in ("build.json", "exhibits.json", "facts.json"):
        shutil.copy(SITE / EDITION / name, folder / name)
    if fingerprint:
        record = json.loads((folder / "build.json").read_text(encoding="utf-8"))
        (folder / "build.json").write_text(
            json.dumps({**record, "edition_hash": fingerprint}), encoding="utf-8"
        )
    write_exhibits(read_edition_run(ROOT / "_build" / "runs", int(EDITION)), folder)
    exhibits = folder / "exhibits"
    return {path.relative_to(exhibits).as_posix(): path.read_bytes() for path in exhibits.rglob("*.*")}


def refuse(*_: object, **__: object) -> None:
    """Stand where something would be made again."""
    raise AssertionError("made again")


def test_files_kept_under_another_fingerprint_are_those_made_afresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEPT_VARIABLE, raising=False)
    fresh = written(tmp_path / "fresh")
    monkeypatch.setenv(KEPT_VARIABLE, str(tmp_path / "kept"))
    other = written(tmp_path / "other", "5a" * 32)
    monkeypatch.setattr(files, "_exhibit_files", refuse)
    again = written(tmp_path / "again")
    assert len(fresh) > 1000
    assert again == fresh
    # The fingerprint is in all that is cited, and in nothing else.
    unlike = {Path(name).name for name in fresh if other[name] != fresh[name]}
    assert unlike == {"index.html", "meta.json", "data.xlsx", "cite.txt", "cite.bib", "cite.ris", "cite.json"}
