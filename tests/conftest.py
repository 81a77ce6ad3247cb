"""Settings of all tests: property tests draw the same examples every time and have no deadline (shared machines)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import settings

from popbook.ledger.kept import KEPT_VARIABLE
from tests import sharing

settings.register_profile("steady", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("steady")


# Whole chapters and pages in all five editions, real builds and fuzzing: minutes, not seconds, on two cores.
SLOW = (
    "tests/cli/test_ingest.py",
    "tests/cli/test_main.py",
    "tests/exhibits/booklet/",
    "tests/exhibits/chapters/",
    "tests/exhibits/pages/",
    "tests/exhibits/test_area_sentences.py",
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

SHARING = (
    "tests/cli/test_main.py::test_changes_prints_what_the_page_says",
    "tests/exhibits/booklet/",
    "tests/exhibits/chapters/",
    "tests/exhibits/pages/",
    "tests/exhibits/test_area_sentences.py",
    "tests/exhibits/test_board.py",
    "tests/exhibits/test_impact.py",
    "tests/exhibits/test_invented_plan.py",
    "tests/exhibits/test_next_plan.py",
    "tests/exhibits/test_plan_words.py",
    "tests/exhibits/test_target_facts.py",
    "tests/exhibits/test_warning_cards.py",
    "tests/monitoring/test_claims.py",
    "tests/monitoring/test_targets.py",
    "tests/publishing/test_rehearsal.py",
)
"""Tests of what is made of forecasts and drawings. Those of computing, drawing and keeping itself share nothing."""

NO_EDITION = 9999


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Let the tests of :data:`SHARING` keep forecasts and drawings."""
    with pytest.MonkeyPatch.context() as patch:
        if item.nodeid.startswith(SHARING):
            patch.setenv(KEPT_VARIABLE, str(sharing.kept_results()))
        return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that the processes of this run share."""
    if not hasattr(config, "workerinput"):
        sharing.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove it."""
    if not hasattr(config, "workerinput"):
        sharing.end()


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
