"""Editions of the real ledger, and the same with one published value or one plan number changed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from popbook.exhibits.chapters import trends
from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import Figure, Note, Section, Table
from popbook.exhibits.report import Report, open_report
from popbook.ledger.store import CITY, read_ledger
from tests.ledger.plain import plain, put_table, with_observations

EDITIONS = sorted(read_ledger().editions)
SECTIONS = (
    "opener", "plan_paths", "resident", "scenarios", "requirements", "hukou", "floating", "models", "factor", "verification", "ages",
    "pyramid", "districts", "backtest", "assumptions", "events",
)  # fmt: skip


@cache
def report_of(edition: int) -> Report:
    """An edition's report; its forecasts are computed once."""
    return open_report(edition, chapter="03_trends")


@cache
def section_of(name: str, edition: int) -> Section:
    """A section of an edition, made once."""
    made: Section = getattr(trends, name)(report_of(edition))
    return made


def with_value(edition: int, indicator_id: str, year: int, value: float) -> Report:
    """The edition as it would be if another value had been published."""
    ledger = report_of(edition).ledger
    rows = ledger.observations.copy()
    here = (rows["indicator_id"] == indicator_id) & (rows["year"] == year) & (rows["region_id"] == CITY)
    assert here.any()
    rows.loc[here, "value"] = value
    return replace(report_of(edition), ledger=with_observations(ledger, rows), facts={}, results={})


def with_plan_path(edition: int, concept: str, scenario: str, year: int, value: float) -> Report:
    """The edition as it would be if the plan's table 3 had printed another number."""
    ledger = replace(plain(report_of(edition).ledger))
    paths = ledger.table("plan_scenario_paths").copy()
    here = (paths["concept"] == concept) & (paths["scenario"] == scenario) & (paths["year"] == year)
    assert here.sum() == 1
    paths.loc[here, "value"] = value
    put_table(ledger, "plan_scenario_paths", paths)
    return replace(report_of(edition), ledger=ledger, facts={}, results={})


def words(section: Section) -> list[str]:
    """Every piece of prose of a section as plain text: heading, lead, paragraphs, notes, titles, policy."""
    texts = [section.heading, section.lead, section.policy]
    for block in section.blocks:
        if isinstance(block, str):
            texts.append(block)
        elif isinstance(block, Note):
            texts.append(block.text)
        elif isinstance(block, Figure | Table):
            texts += [block.title, *block.notes]
    return [plain_text(text) for text in texts if text]


def table_of(section: Section, id: str) -> Table:
    """A table of a section by its id."""
    return next(block for block in section.blocks if isinstance(block, Table) and block.id == id)
