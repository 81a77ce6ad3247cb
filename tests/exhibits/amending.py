"""Reports on a ledger in which single figures were changed, taken out or added: does the sentence follow?"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd

from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import Section
from popbook.exhibits.report import Report, open_report, section_to_myst
from tests.ledger.plain import with_observations

EDITIONS = (2020, 2021, 2022, 2023, 2024)
CITY = "330100"


@cache
def report_of(edition: int) -> Report:
    """Return the report of an edition, opened once: its forecasts take a second."""
    return open_report(edition, chapter="04_targets")


def words(section: Section) -> str:
    """Return heading, lead, prose and policy of a section as readers see them, without its exhibits."""
    return plain_text(section_to_myst(section))


def heading(section: Section) -> str:
    """Return a heading as readers see it."""
    return plain_text(section.heading)


def amended(edition: int, *changes: tuple[str, int, float | None], chapter: str = "04_targets") -> Report:
    """Return the report of an edition in whose ledger (indicator, year, value) were set, or taken out by None.

    A figure that is not there yet is added, published like the edition's other figures.
    """
    report = open_report(edition, chapter=chapter)
    rows = report.ledger.observations.copy()
    for indicator_id, year, value in changes:
        hit = (rows["indicator_id"] == indicator_id) & (rows["year"] == year) & (rows["region_id"] == CITY)
        if value is None:
            rows = rows[~hit]
        elif hit.any():
            rows.loc[hit, "value"] = value
            rows.loc[hit, "confidence"] = "A"
        else:
            like = rows[(rows["region_id"] == CITY) & (rows["indicator_id"] == "resident_population")].iloc[[-1]]
            new = like.assign(indicator_id=indicator_id, year=year, value=value, status="", confidence="A", note="")
            rows = pd.concat([rows, new])
    ledger = with_observations(report.ledger, rows)
    return replace(report, ledger=ledger, facts={}, results={})
