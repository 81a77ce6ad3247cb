"""The booklet of a district: its figures, its ages, its change between two censuses, its projection, its place.

Age and sex were published on the boundaries before April 2021 only, totals on both. A booklet is about a district of
today; what stands on old boundaries is shown for the old census units and says so, and the two are never joined.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from popbook.exhibits.booklet import ages, change, comparison, evidence, outlook, profile

if TYPE_CHECKING:
    from popbook.exhibits.model import Section
    from popbook.exhibits.report import Report

__all__ = ["BOOKLET_PAGES", "ages", "change", "comparison", "outlook", "profile"]

BOOKLET_PAGES: dict[str, Callable[[Report], tuple[Section, ...]]] = {
    "overview": profile.overview,
    "sources": evidence.sources,
}
"""Generated parts of ``book/district/<name>.md``, as `popbook.exhibits.pages.PAGES` for the city."""
