"""Settings of all tests: property tests draw the same examples every time and have no deadline (shared machines)."""

from __future__ import annotations

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
    "tests/forecasting/test_examples.py",
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the long-running modules, so that `make test-fast` leaves them to `make test`."""
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
