"""The editions as reports, and reports on a ledger in which single figures were changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import Section
from popbook.exhibits.report import Report, open_report, section_to_myst
from tests.ledger.plain import with_observations

EDITIONS = (2020, 2021, 2022, 2023, 2024)
Change = tuple[str, int, float] | tuple[str, int, float, str]
Amend = Callable[..., Report]


def heading(section: Section) -> str:
    """Return a heading as readers see it."""
    return plain_text(section.heading)


def text(section: Section) -> str:
    """Return all words of a section as readers see them, without its exhibits."""
    return plain_text(section_to_myst(section))


@pytest.fixture(scope="session", params=EDITIONS)
def report(request: pytest.FixtureRequest) -> Report:
    """Each edition in turn."""
    return open_report(request.param)


@pytest.fixture(scope="session")
def newest() -> Report:
    """The 2024 edition."""
    return open_report(2024)


@pytest.fixture(scope="session")
def oldest() -> Report:
    """The 2020 edition."""
    return open_report(2020)


@pytest.fixture
def amended() -> Amend:
    """Report of an edition in whose ledger (indicator, year, value[, region]) were replaced, or removed by NaN."""

    def make(edition: int, *changes: Change) -> Report:
        report = open_report(edition)
        rows = report.ledger.observations.copy()
        for indicator_id, year, value, *place in changes:
            hit = (
                (rows["indicator_id"] == indicator_id)
                & (rows["year"] == year)
                & (rows["region_id"] == (place[0] if place else "330100"))
            )
            assert hit.any(), f"no observation to change: {indicator_id} {year}"
            if pd.isna(value):
                rows = rows[~hit]
            else:
                rows.loc[hit, "value"] = value
        return replace(report, ledger=with_observations(report.ledger, rows))

    return make
