from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from popbook.exhibits import files, sealing
from popbook.exhibits.citable import cite
from popbook.exhibits.files import write_exhibit_files
from popbook.exhibits.report import open_report
from popbook.exhibits.sealing import STAND_IN, sealed
from popbook.exhibits.workbook import with_strings, workbook
from popbook.ledger.kept import KEPT_VARIABLE
from tests.exhibits.samples import figure, table
from tests.exhibits.test_citable import IMPRINT, REGISTER
from tests.exhibits.test_citable import figure as index_row

OTHER = replace(IMPRINT, fingerprint="5a" * 32)


@pytest.fixture(scope="module", params=[figure, table], ids=["figure", "table"])
def bundle(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A figure and a table."""
    return {**open_report(2024).bundle(request.param()), "number": "图 1-3"}


@pytest.fixture
def keeping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep files in a folder of the test."""
    monkeypatch.setenv(KEPT_VARIABLE, str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Fingerprints with which files were made."""
    seen: list[str] = []
    make: Callable[..., dict[str, bytes]] = files._exhibit_files

    def note(bundle: Any, citation: Any, imprint: Any, **settings: Any) -> dict[str, bytes]:
        seen.append(imprint.fingerprint)
        return make(bundle, citation, imprint, **settings)

    monkeypatch.setattr(files, "_exhibit_files", note)
    return seen


def row_of(bundle: dict[str, Any], **overrides: Any) -> dict[str, Any]:
    """Row of exhibits.json."""
    names = {name: bundle[name] for name in ("id", "kind", "number", "title")}
    return index_row(**{**names, "hash": "a", **overrides})


def written(
    bundle: dict[str, Any], folder: Path, imprint: Any = IMPRINT, **settings: Any
) -> dict[str, bytes]:
    """Write the folder of an exhibit and return its files."""
    given = {
        "row": row_of(bundle),
        "register": REGISTER,
        "page": "chapters/01_status.html",
        "numbers": {},
        **settings,
    }
    row, register = given.pop("row"), given.pop("register")
    paths = write_exhibit_files(bundle, row, register, folder, imprint=imprint, **given)
    return {path.name: path.read_bytes() for path in paths}


@pytest.mark.usefixtures("keeping")
def test_files_kept_for_one_fingerprint_are_written_with_another_without_making_them_again(
    bundle: dict[str, Any], tmp_path: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (written(bundle, tmp_path / i.fingerprint, i) for i in (IMPRINT, OTHER))
    assert made == [STAND_IN]
    monkeypatch.delenv(KEPT_VARIABLE)
    assert first == written(bundle, tmp_path / "a", IMPRINT)
    assert second == written(bundle, tmp_path / "b", OTHER)
    assert not any(STAND_IN[:12].encode() in data for data in first.values())


@pytest.mark.usefixtures("keeping")
@pytest.mark.parametrize(
    "change",
    [
        {"imprint": replace(IMPRINT, cut_off="2025-07-01")},
        {"imprint": replace(IMPRINT, change="r2修订")},
        {"numbers": {"fig-b": "图 2-1"}},
        {"page": "chapters/02_problems.html"},
        {"hash": "b"},
        {"title": "另一个标题"},
        {
            "register": replace(
                REGISTER, sources={**REGISTER.sources, "a": replace(REGISTER.sources["a"], publisher="局")}
            )
        },
    ],
    ids=str,
)
def test_what_they_are_made_from_makes_them_again(
    bundle: dict[str, Any], tmp_path: Path, made: list[str], change: dict[str, Any]
) -> None:
    written(bundle, tmp_path / "a")
    of_row = {name: change[name] for name in ("hash", "title") if name in change}
    settings = {name: value for name, value in change.items() if name not in of_row}
    written(bundle, tmp_path / "b", row=row_of(bundle, **of_row), **settings)
    assert len(made) == 2


@pytest.mark.usefixtures("keeping")
def test_a_source_that_the_exhibit_does_not_name_leaves_them(
    bundle: dict[str, Any], tmp_path: Path, made: list[str]
) -> None:
    sources = {**REGISTER.sources, "d": replace(REGISTER.sources["d"], publisher="局")}
    written(bundle, tmp_path / "a")
    written(bundle, tmp_path / "b", register=replace(REGISTER, sources=sources))
    assert len(made) == 1


@pytest.mark.usefixtures("keeping")
def test_an_exhibit_that_shows_the_stand_in_is_made_with_the_fingerprint_itself(
    bundle: dict[str, Any], tmp_path: Path, made: list[str]
) -> None:
    odd = {**bundle, "notes": [f"数{STAND_IN[:12]}"]}
    files_made = written(odd, tmp_path / "a", row=row_of(odd, hash="c"))
    assert made == [IMPRINT.fingerprint]
    assert STAND_IN[:12] in files_made["index.html"].decode()
    assert (
        written(odd, tmp_path / "b", OTHER, row=row_of(odd, hash="c"))["index.html"]
        != files_made["index.html"]
    )
    assert made[1:] == [OTHER.fingerprint]


def test_a_sealed_workbook_is_the_one_made_with_the_fingerprint(bundle: dict[str, Any]) -> None:
    def book(imprint: Any) -> bytes:
        return workbook(bundle, cite(row_of(bundle), REGISTER, imprint), imprint)

    blank = book(replace(IMPRINT, fingerprint=STAND_IN))
    assert sealed("data.xlsx", blank, IMPRINT.fingerprint) == book(IMPRINT)
    assert with_strings(blank, lambda text: text) == blank


def test_texts_that_only_begin_like_the_stand_in_are_left() -> None:
    text = (STAND_IN[:11] + "x").encode()
    assert sealing.sealed("a.txt", text, "ab" * 32) == text
