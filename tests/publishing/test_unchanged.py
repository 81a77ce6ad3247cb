from __future__ import annotations

from pathlib import Path

import pytest

from popbook.ledger.datapackage import DATA_ENVIRONMENT_VARIABLE
from popbook.publishing.manifest import MANIFEST
from popbook.publishing.places import Project
from popbook.publishing.unchanged import fingerprint_inputs, note_whole, unchanged_steps
from tests.ledger.tables import write_tables

REGION = "330100"
STEPS = {2020: ["2020 01_status", "2020 成书"], 2021: ["2021 01_status", "2021 成书"]}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose two editions are built and noted."""
    monkeypatch.setenv(DATA_ENVIRONMENT_VARIABLE, str(write_tables(tmp_path / "data")))
    made = Project(tmp_path / "report")
    for name in ("notebooks/01_status.ipynb", "book/overview.md", "_config.yml", "_toc.yml"):
        (made.root / name).parent.mkdir(parents=True, exist_ok=True)
        (made.root / name).write_text(name, encoding="utf-8")
    for place in (made.editions, made.site):
        for edition in STEPS:
            (place / str(edition)).mkdir(parents=True)
            (place / str(edition) / MANIFEST).write_text(str(edition), encoding="utf-8")
    (made.site / "index.html").write_text("", encoding="utf-8")
    note_whole(made, fingerprint_inputs(made, REGION), STEPS)
    return made


def _known(project: Project, *editions: int, region: str = REGION) -> list[str] | None:
    return unchanged_steps(project, fingerprint_inputs(project, region), editions)


def test_what_was_noted_is_known(project: Project) -> None:
    assert _known(project) == [*STEPS[2021], *STEPS[2020]]
    assert _known(project, 2020) == STEPS[2020]


@pytest.mark.parametrize(
    "name", ["notebooks/01_status.ipynb", "book/overview.md", "_toc.yml", "../data/sources.csv"]
)
def test_any_changed_input_ends_the_short_way(project: Project, name: str) -> None:
    path = project.root / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert _known(project) is None


@pytest.mark.parametrize("folder", ["editions", "site"])
def test_a_missing_or_other_result_ends_the_short_way(project: Project, folder: str) -> None:
    manifest = project.build / folder / "2020" / MANIFEST
    manifest.write_text("another", encoding="utf-8")
    assert _known(project) is None
    manifest.unlink()
    assert _known(project) is None
    assert _known(project, 2021) == STEPS[2021]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"inputs": 1}'])
def test_a_damaged_note_is_no_note(project: Project, damage: bytes) -> None:
    (project.build / "whole.json").write_bytes(damage)
    assert _known(project) is None


def test_another_region_and_an_edition_that_was_never_built_are_not_known(project: Project) -> None:
    assert _known(project, region="330200") is None
    assert _known(project, 2019) is None


def test_noting_one_edition_keeps_the_others_of_the_same_inputs_only(project: Project) -> None:
    note_whole(project, fingerprint_inputs(project, REGION), {2021: ["anew"]})
    assert _known(project) == ["anew", *STEPS[2020]]
    (project.root / "_config.yml").write_text("other", encoding="utf-8")
    note_whole(project, fingerprint_inputs(project, REGION), {2021: ["anew"]})
    assert _known(project) is None
    assert _known(project, 2021) == ["anew"]


def test_a_file_that_cannot_be_read_is_left_to_the_check(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise PermissionError

    monkeypatch.setattr("popbook.publishing.unchanged.hash_files", refuse)
    assert fingerprint_inputs(project, REGION) == ""
    assert _known(project) is None
