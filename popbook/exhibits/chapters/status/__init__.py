"""Chapter 1, 现状: what the latest published figures say, in the order of the plan (size, structure, quality, space).

Every function takes an open report and returns one section; it answers in every edition, also where a figure was not
published yet.
"""

from __future__ import annotations

from popbook.exhibits.chapters.status.growth import components
from popbook.exhibits.chapters.status.opening import opener
from popbook.exhibits.chapters.status.quality import health, talent
from popbook.exhibits.chapters.status.space import districts, urban
from popbook.exhibits.chapters.status.structure import ages, pyramid, sex
from popbook.exhibits.chapters.status.three_concepts import concepts

__all__ = [
    "ages",
    "components",
    "concepts",
    "districts",
    "health",
    "opener",
    "pyramid",
    "sex",
    "talent",
    "urban",
]
