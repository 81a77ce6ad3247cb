"""The command line with builds that take no time: everything is real but what the pages say."""

from __future__ import annotations

from popbook.cli import main
from popbook.publishing import build, publish
from popbook.publishing.build import BuildReport
from popbook.publishing.places import Project
from tests.publishing.published import Workshop


def build_site(project: Project, editions: tuple[int, ...], *_: object, **__: object) -> BuildReport:
    """Write pages that carry the text of the overview."""
    workshop = Workshop(project.root)
    text = (project.root / "book" / "overview.md").read_text(encoding="utf-8")
    workshop.texts = dict.fromkeys(editions, text)
    workshop.ids = ("fig-a",)
    return workshop.build_site(project, editions)


def run() -> None:
    """Run the command line."""
    build.build_site = publish.build_site = build_site  # type: ignore[assignment]
    main()
