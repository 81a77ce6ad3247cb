"""Generated parts of the hand-written pages; a page is one function from the report to its sections.

``book/<name>.md`` holds the page's title, its introduction and the mark ``<!-- popbook: <name> -->``; the sections of
``PAGES[<name>]`` take the place of the mark.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from popbook.exhibits.model import Section
from popbook.exhibits.pages import (
    audit,
    changes,
    citing,
    colophon,
    corrections,
    dictionary,
    methods,
    model_cards,
    overview,
    sources,
    track_record,
)

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

PAGES: dict[str, Callable[[Report], tuple[Section, ...]]] = {
    "overview": overview.overview,
    "methods": methods.methods,
    "model_cards": model_cards.model_cards,
    "dictionary": dictionary.dictionary,
    "sources": sources.sources,
    "corrections": corrections.corrections,
    "changes": changes.changes,
    "track_record": track_record.track_record,
    "audit": audit.audit,
    "citing": citing.citing,
    "colophon": colophon.colophon,
}
