"""Reports whose ledger says something else, to see sentences turn with the numbers."""

from __future__ import annotations

from functools import cache

from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import Section, Table
from popbook.exhibits.report import Report, open_report, section_exhibits, section_to_myst
from tests.ledger.plain import with_observations

CITY = "330100"
EDITIONS = (2020, 2021, 2022, 2023, 2024)


@cache
def report_of(edition: int) -> Report:
    """The report of an edition as it is, opened once."""
    return open_report(edition, CITY, "02_problems")


def report_with(
    edition: int, indicator_id: str, year: int, value: float | None, region_id: str = CITY
) -> Report:
    """The report of an edition with one published value changed, or withdrawn (None)."""
    report = report_of(edition)
    rows = report.ledger.observations
    chosen = (rows["indicator_id"] == indicator_id) & (rows["year"] == year) & (rows["region_id"] == region_id)
    assert chosen.any(), (indicator_id, year, region_id)
    changed = rows[~chosen] if value is None else rows.assign(value=rows["value"].mask(chosen, value))
    ledger = with_observations(report.ledger, changed)
    return Report(edition, CITY, "02_problems", ledger)


def words(section: Section) -> str:
    """The section as a reader reads it."""
    return plain_text(section_to_myst(section))


def heading(section: Section) -> str:
    return plain_text(section.heading)


def table(section: Section, exhibit_id: str) -> Table:
    (found,) = (x for x in section_exhibits(section) if x.id == exhibit_id)
    assert isinstance(found, Table)
    return found
