"""Settings of all tests: property tests draw the same examples every time and have no deadline (shared machines)."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("steady")
