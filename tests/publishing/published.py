"""Editions as a build leaves them and web roots made of them, without notebooks or Sphinx."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from popbook.ledger.store import Ledger, read_ledger
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
        self.texts: dict[tuple[int, str], str] = {}
        self.builds: list[int | str] = []
        self.ids: tuple[str, ...] = ()

    def write(self, edition: int, text: str, district: str = "") -> None:
        """Change what an edition, or the booklet of a district, says, and build it."""
        self.texts[edition, district] = text
        self._build(edition, district)

    def build_site(
        self, project: Project, editions: tuple[int, ...], *_: object, districts: Sequence[str] = (), **__: object
    ) -> BuildReport:
        """Stand in for the real one."""
        self.builds += districts or editions
        for edition in editions:
            for district in districts or ("",):
                self._build(edition, district)
        return BuildReport(project.site / "index.html", (), ())

    def _build(self, edition: int, district: str) -> None:
        ledger = read_ledger()
        about = ledger.about(edition, district)
        report = self.project.booklet(district)
        home = report.editions / str(edition)
        for page in PAGES:
            (home / page).parent.mkdir(parents=True, exist_ok=True)
            (home / page).write_text(f"{page} {self.texts[edition, district]} {about.revision}\n", encoding="utf-8")
        if district:
            write_data(home, ledger)
        record = {
            "edition": edition,
            "title": about.title + district,
            "revision": about.revision,
            "revisions": [
                {"revision": item.revision, "published": item.published, "reason": item.reason}
                for item in about.revisions
            ],
            "cut_off": about.cut_off,
            "edition_hash": f"{edition}{district}".zfill(64),
            "inputs": {"data": data_fingerprint(ledger.for_edition(edition))},
        }
        (home / "build.json").write_text(json.dumps(record), encoding="utf-8")
        listed = (*self.ids, *(() if about.revision == "r1" else (REVISIONS_TABLE,)))
        for name, ids in (("exhibits.json", listed), ("facts.json", ())):
            (home / name).write_text(json.dumps({"items": {key: {} for key in ids}}), encoding="utf-8")
        write_manifest(home)
        assemble_site(report.site, [home])


def write_data(home: Path, ledger: Ledger) -> None:
    """Write the tables below ``data/`` that name what an edition speaks of."""
    (home / "data").mkdir(exist_ok=True)
    for name in ("indicators", "regions", "sources"):
        ledger.table(name).to_csv(home / "data" / f"{name}.csv", index=False)
