"""The built site that the tests of this folder read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.publishing.projects import ROOT

SITE = ROOT / "_build" / "site"


def editions() -> list[str]:
    """Return the editions of data/editions.csv as folder names."""
    rows = (ROOT / "data" / "editions.csv").read_text(encoding="utf-8").splitlines()[1:]
    return [row.split(",")[0] for row in rows]


def pages(edition: str) -> list[Path]:
    """Return the HTML pages of an edition."""
    return sorted((SITE / edition).rglob("*.html"))


def read_index(edition: str, name: str) -> dict[str, dict[str, object]]:
    """Return the items of exhibits.json or facts.json."""
    found = json.loads((SITE / edition / name).read_text(encoding="utf-8"))
    items: dict[str, dict[str, object]] = found["items"]
    return items


@pytest.fixture(scope="session", autouse=True)
def built_site() -> Path:
    """The site; building it is the step before these tests."""
    assert (SITE / "index.html").is_file(), "run `popbook build` first"
    return SITE
