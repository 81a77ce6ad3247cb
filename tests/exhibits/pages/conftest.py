"""The editions as reports, opened once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

EDITIONS = (2020, 2021, 2022, 2023, 2024)


def _open(edition: int) -> Report:
    from popbook.exhibits.report import open_report

    return open_report(edition, "330100", "pages")


@pytest.fixture(scope="session", params=EDITIONS)
def report(request: pytest.FixtureRequest) -> Report:
    """The report of each edition in turn."""
    return _open(request.param)


@pytest.fixture(scope="session")
def newest() -> Report:
    """The report of the 2024 edition."""
    return _open(2024)


@pytest.fixture(scope="session")
def oldest() -> Report:
    """The report of the 2020 edition."""
    return _open(2020)
