"""Settings of all tests: property tests draw the same examples every time and have no deadline (shared machines)."""

from __future__ import annotations

import re

import pytest
from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("steady")


# Whole chapters and pages in all five editions, real builds and fuzzing: minutes, not seconds, on two cores.
SLOW = (
    "tests/cli/test_ingest.py",
    "tests/cli/test_main.py",
    "tests/exhibits/chapters/",
    "tests/exhibits/pages/",
    "tests/exhibits/test_board.py",
    "tests/exhibits/test_impact.py",
    "tests/exhibits/test_target_facts.py",
    "tests/forecasting/test_backtest.py",
    "tests/ledger/test_check.py",
    "tests/monitoring/test_archive.py",
    "tests/monitoring/test_changes.py",
    "tests/monitoring/test_claims.py",
    "tests/monitoring/test_demand.py",
    "tests/monitoring/test_forecast_change.py",
    "tests/monitoring/test_track_record.py",
    "tests/publishing/",
    "popbook/exhibits/",
    "popbook/monitoring/",
)


NO_EDITION = 9999


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the long-running modules, so that `make test-fast` leaves them to `make test`; sort them by edition."""
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
    items.sort(key=_edition)


def _edition(item: pytest.Item) -> int:
    """Tests of an edition stand together: the process that has computed it, or read its pages, goes on with it."""
    if not any(item.get_closest_marker(name) for name in ("slow", "book", "browser")):
        return 0
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    years = [int(value) for value in values if re.fullmatch(r"20\d\d", str(value))]
    return max(years, default=NO_EDITION)
