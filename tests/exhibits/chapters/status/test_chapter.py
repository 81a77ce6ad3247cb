"""What holds for every section of the chapter in every edition."""

from __future__ import annotations

import re
from functools import cache

import pytest

from popbook.exhibits.chapters import status
from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import Figure, Section, Table
from popbook.exhibits.report import Report, open_report, section_exhibits, section_payload

from .conftest import text

PLAN_YEARS = {2025}
# The plan's period and the re-drawing of the districts were known when the first edition closed in June 2021.
KNOWN_EARLY = re.compile(r"2021—2025年|2021年4月")
FIGURES = {
    2020: {
        "fig-three-concepts", "fig-growth-components", "fig-age-pyramid", "fig-broad-ages", "fig-sex-ratio",
        "fig-urban-rate", "fig-life-expectancy", "fig-talent", "fig-district-tiles-new",
    },
}  # fmt: skip
FIGURES[2021] = FIGURES[2020]
FIGURES[2022] = FIGURES[2023] = FIGURES[2024] = FIGURES[2020] | {"fig-district-tiles-2010-2020"}


@cache
def _sections(report: Report) -> tuple[Section, ...]:
    return tuple(getattr(status, name)(report) for name in status.__all__)


def test_every_edition_has_every_section_once(report: Report) -> None:
    sections = _sections(report)
    names = {section.id for section in sections}
    assert names == {"status"} | {f"status-{name}" for name in status.__all__ if name != "opener"}
    assert [section.level for section in sections if section.id == "status"] == [1]


def test_every_edition_has_its_figures(report: Report) -> None:
    found = [e.id for s in _sections(report) for e in section_exhibits(s) if isinstance(e, Figure)]
    assert len(found) == len(set(found))
    assert set(found) == FIGURES[report.edition]


def test_every_heading_carries_a_number(report: Report) -> None:
    for section in _sections(report):
        assert re.search(r"\d", plain_text(section.heading)), section.id
        assert not re.search(r"nan|None|inf", text(section)), section.id


def test_no_edition_speaks_of_a_later_year(report: Report) -> None:
    for section in _sections(report):
        words = text(section) + "".join(
            f"{e.title}{''.join(e.notes)}{e.alt if isinstance(e, Figure) else ''}{e.frame.to_csv()}"
            for e in section_exhibits(section)
        )
        years = {int(year) for year in re.findall(r"(?<![\d.])(20[0-4]\d)(?=年|末|\*|—20)", KNOWN_EARLY.sub("", words))}
        assert not {year for year in years if year > report.edition} - PLAN_YEARS, section.id
        shown = [year for e in section_exhibits(section) for year in e.years]
        assert all(year <= report.edition for year in shown), section.id


def test_no_source_is_younger_than_the_cut_off(report: Report) -> None:
    for section in _sections(report):
        for exhibit in section_exhibits(section):
            assert exhibit.source_ids
            for source_id in exhibit.source_ids:
                if source_id in ("census-2010-yearbook", "census-2020-yearbook") and exhibit.id == "fig-age-pyramid":
                    continue
                assert report.ledger.sources[source_id].published <= str(report.about.cut_off), (exhibit.id, source_id)


def test_facts_of_the_text_equal_the_ledger(report: Report) -> None:
    _sections(report)
    checked = 0
    for fact in report.facts.values():
        if fact.indicator_id and not fact.derivation and not fact.id.startswith("fact-target"):
            found = report.ledger.observation(fact.indicator_id, fact.year, fact.region_id)
            if fact.id == "fact-resident-population-first-published-2019":
                assert fact.value == 1036.0
                continue
            assert found is not None and found.value == fact.value, fact.id
            assert fact.source_ids == (found.source_id,)
            checked += 1
    assert checked > 25


@pytest.mark.parametrize("edition", [2020, 2024])
def test_sections_can_be_drawn(edition: int) -> None:
    report = open_report(edition)
    for section in _sections(report):
        payload = section_payload(section, report)
        for bundle in payload["exhibits"]:
            if bundle["kind"] == "figure":
                for svg in bundle["svg"].values():
                    assert svg.count("<text") > 3
                    assert not re.search(r"NaN|undefined|>null<", svg)


def test_titles_of_figures_carry_the_finding(report: Report) -> None:
    for section in _sections(report):
        for exhibit in section_exhibits(section):
            if isinstance(exhibit, Figure):
                assert re.search(r"\d", exhibit.title), exhibit.id
                assert exhibit.subtitle and exhibit.alt
            assert isinstance(exhibit, Table) or "万人、" not in exhibit.unit
