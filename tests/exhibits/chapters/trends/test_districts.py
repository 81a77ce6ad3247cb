from __future__ import annotations

import pytest

from popbook.exhibits.inline import plain_text
from popbook.forecasting.concepts import forecast_concepts
from tests.exhibits.chapters.trends.ledgers import report_of, section_of, table_of


@pytest.mark.parametrize("edition", [2022, 2024])
def test_the_districts_of_the_table_add_to_the_city(edition: int) -> None:
    frame = table_of(section_of("districts", edition), "tbl-districts").frame
    path = forecast_concepts(report_of(edition).ledger).resident.path.set_index("year")["point"]
    assert frame["last"].sum() == pytest.approx(path[2035]) and frame["middle"].sum() == pytest.approx(path[2030])
    assert frame["share1"].sum() == pytest.approx(100) and frame["share0"].sum() == pytest.approx(100)
    assert len(frame) == 13


def test_the_heading_names_the_district_whose_share_rises_most() -> None:
    frame = table_of(section_of("districts", 2024), "tbl-districts").frame
    assert frame.loc[frame["change"].idxmax(), "name"] in plain_text(section_of("districts", 2024).heading)


def test_an_edition_without_the_tables_says_so() -> None:
    section = section_of("districts", 2021)
    assert not section.blocks and "不能按区推算" in section.lead
