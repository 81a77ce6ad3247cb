"""The short way of a build: nothing that anything is made from has changed since it was made.

One hash stands for all inputs together (data, notebooks, pages, library, packages), so this needs neither pandas nor a
check of the data: the same bytes were checked when the note was written.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from popbook.ledger.atomic import write_text
from popbook.ledger.datapackage import find_data_dir
from popbook.publishing.fingerprint import (
    file_sha256,
    files_below,
    hash_files,
    hash_values,
    software_versions,
)
from popbook.publishing.manifest import MANIFEST, file_marks, find_differences
from popbook.publishing.places import Project

PACKAGE = Path(__file__).resolve().parents[1]
PROJECT_SOURCES = ("_config.yml", "_toc.yml", "book", "notebooks")
UNREAD_SUFFIXES = {".mo", ".pyc"}


def fingerprint_inputs(project: Project, region: str) -> str:
    """Return one SHA-256 over everything a build reads, or "" where a file cannot be read."""
    try:
        return _fingerprint(project, region)
    except OSError:
        return ""  # the check of the data names the file


def _fingerprint(project: Project, region: str) -> str:
    data = find_data_dir()
    sources = [path for name in PROJECT_SOURCES for path in files_below(project.root / name)]
    sources = [path for path in sources if path.suffix not in UNREAD_SUFFIXES and path.is_file()]
    return hash_values(
        {
            "region": region,
            "data": hash_files(files_below(data), data),
            "library": hash_files(files_below(PACKAGE), PACKAGE),
            "project": hash_files(sources, project.root),
            "software": software_versions(),
        }
    )


def note_whole(project: Project, inputs: str, steps: Mapping[int, Sequence[str]]) -> None:
    """Note that editions were made from these inputs; what was noted for other inputs is forgotten.

    Parameters
    ----------
    project : Project
        The report.
    inputs : str
        :func:`fingerprint_inputs` from before the build began.
    steps : mapping
        Edition to the names of its steps.
    """
    kept = _read_note(project)
    editions = kept["editions"] if kept.get("inputs") == inputs else {}
    for edition, names in steps.items():
        editions[str(edition)] = {
            "steps": list(names),
            "manifest": _manifest(project.editions / str(edition)),
            "marks": file_marks(project.site / str(edition)),
        }
    write_text(_note(project), json.dumps({"inputs": inputs, "editions": editions}, ensure_ascii=False))


def unchanged_steps(project: Project, inputs: str, editions: Sequence[int]) -> list[str] | None:
    """Return the names of all steps of editions that are whole as they are.

    Parameters
    ----------
    project : Project
        The report.
    inputs : str
        :func:`fingerprint_inputs`.
    editions : sequence of int
        Data years; empty for all of data/editions.csv.

    Returns
    -------
    list of str or None
        None if anything has changed, is missing or was never noted.
    """
    kept = _read_note(project)
    if not inputs or kept.get("inputs") != inputs or not (project.site / "index.html").is_file():
        return None
    names: list[str] = []
    for edition in editions or all_editions():
        noted = kept["editions"].get(str(edition))
        places = (project.editions / str(edition), project.site / str(edition))
        if noted is None or any(_manifest(place) != noted["manifest"] for place in places):
            return None
        if file_marks(places[1]) != noted.get("marks") and find_differences(places[1]):
            return None
        names += noted["steps"]
    return names or None


def _note(project: Project) -> Path:
    # Every report notes what it is made from by itself; only some booklets may have been built.
    return (project.editions if project.district else project.build) / "whole.json"


def _read_note(project: Project) -> dict[str, Any]:
    try:
        kept = json.loads(_note(project).read_text(encoding="utf-8"))
        return kept if isinstance(kept.get("editions"), dict) else {}
    except (OSError, ValueError, AttributeError):
        return {}


def _manifest(folder: Path) -> str:
    path = folder / MANIFEST
    return file_sha256(path) if path.is_file() else ""


def all_editions() -> list[int]:
    """Return the editions of data/editions.csv, newest first."""
    with (find_data_dir() / "editions.csv").open(encoding="utf-8", newline="") as stream:
        return sorted((int(row["edition"]) for row in csv.DictReader(stream)), reverse=True)
