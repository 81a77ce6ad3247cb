"""Chapter 3, 态势: forecasts to 2035 with measured intervals, beside the plan's paths and a naive benchmark.

Every function takes an open report and returns one section; it answers in every edition with what was known then.
"""

from __future__ import annotations

from popbook.exhibits.chapters.trends.age_structure import ages, pyramid
from popbook.exhibits.chapters.trends.assumptions import assumptions
from popbook.exhibits.chapters.trends.back_test import backtest
from popbook.exhibits.chapters.trends.districts import districts
from popbook.exhibits.chapters.trends.events import events
from popbook.exhibits.chapters.trends.growth_sources import scenarios
from popbook.exhibits.chapters.trends.members import factor, models
from popbook.exhibits.chapters.trends.opening import opener
from popbook.exhibits.chapters.trends.paths import plan_paths
from popbook.exhibits.chapters.trends.populations import floating, hukou, resident
from popbook.exhibits.chapters.trends.requirements import requirements
from popbook.exhibits.chapters.trends.verification import verification

__all__ = [
    "ages",
    "assumptions",
    "backtest",
    "districts",
    "events",
    "factor",
    "floating",
    "hukou",
    "models",
    "opener",
    "plan_paths",
    "pyramid",
    "requirements",
    "resident",
    "scenarios",
    "verification",
]
