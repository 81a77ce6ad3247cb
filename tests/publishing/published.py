"""Editions as a build leaves them and web roots made of them, without notebooks or Sphinx."""

from __future__ import annotations

import json
from pathlib import Path

from popbook.ledger.store import read_ledger
from popbook.ledger.visibility import data_fingerprint
from popbook.publishing.build import BuildReport
from popbook.publishing.manifest import write_manifest
from popbook.publishing.places import Project
from popbook.publishing.progress import PlainProgress
from popbook.publishing.publish import REVISIONS_TABLE
from popbook.publishing.site import assemble_site

PAGES = ("index.html", "chapters/01_status.html", "exhibits/fig-a/index.html")


class Silent(PlainProgress):
    """Says nothing."""

    def done(self, what: str, remark: str = "") -> None:
        """Keep quiet."""


class Workshop:
    """A project whose builds take no time: pages carry the text and the revision that the ledger gives the edition.

    Parameters
    ----------
    root : Path
        Empty folder.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.project = Project(root)
        self.texts: dict[int, str] = {}
        self.builds: list[int] = []
        self.ids: tuple[str, ...] = ()

    def write(self, edition: int, text: str) -> None:
        """Change what an edition says, and build it."""
        self.texts[edition] = text
        self._build(edition)

    def build_site(
        self, project: Project, editions: tuple[int, ...], *_: object, **__: object
    ) -> BuildReport:
        """Stand in for the real one."""
        self.builds += editions
        for edition in editions:
            self._build(edition)
        return BuildReport(project.site / "index.html", (), ())

    def _build(self, edition: int) -> None:
        about = read_ledger().editions[edition]
        home = self.project.editions / str(edition)
        for page in PAGES:
            (home / page).parent.mkdir(parents=True, exist_ok=True)
            (home / page).write_text(f"{page} {self.texts[edition]} {about.revision}\n", encoding="utf-8")
        record = {
            "edition": edition,
            "title": about.title,
            "revision": about.revision,
            "revisions": [
                {"revision": item.revision, "published": item.published, "reason": item.reason}
                for item in about.revisions
            ],
            "cut_off": about.cut_off,
            "edition_hash": f"{edition:064d}",
            "inputs": {"data": data_fingerprint(read_ledger().for_edition(edition))},
        }
        (home / "build.json").write_text(json.dumps(record), encoding="utf-8")
        listed = (*self.ids, *(() if about.revision == "r1" else (REVISIONS_TABLE,)))
        for name, ids in (("exhibits.json", listed), ("facts.json", ())):
            (home / name).write_text(json.dumps({"items": {key: {} for key in ids}}), encoding="utf-8")
        write_manifest(home)
        assemble_site(self.project.site, [home])
