"""Chapter 02 问题: births, fertility, ageing, services, imbalance, and the early warnings that watch them."""

from __future__ import annotations

from popbook.exhibits.chapters.problems.area_groups import imbalance
from popbook.exhibits.chapters.problems.birth_rates import births
from popbook.exhibits.chapters.problems.early_warning import warnings
from popbook.exhibits.chapters.problems.implied_fertility import fertility
from popbook.exhibits.chapters.problems.older_people import ageing
from popbook.exhibits.chapters.problems.opening import opener
from popbook.exhibits.chapters.problems.service_ages import services

__all__ = ["ageing", "births", "fertility", "imbalance", "opener", "services", "warnings"]
