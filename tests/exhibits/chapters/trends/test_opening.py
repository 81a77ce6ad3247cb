from __future__ import annotations

import pytest

from popbook.exhibits.chapters import trends
from popbook.exhibits.chapters.trends.evidence import concept_outlook, near_year
from popbook.exhibits.inline import plain_text
from tests.exhibits.chapters.trends.ledgers import EDITIONS, report_of, section_of, with_plan_path


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_heading_is_the_forecast_with_its_interval(edition: int) -> None:
    outlook = concept_outlook(report_of(edition), "resident", near_year(report_of(edition)))
    heading = plain_text(section_of("opener", edition).heading)
    assert outlook.point.text(".0") in heading
    assert f"80%区间{plain_text(outlook.span(80, 0))}" in heading


def test_the_lead_says_where_the_plan_lies_against_the_interval() -> None:
    assert "中方案不在80%区间之内" in plain_text(section_of("opener", 2024).lead)
    moved = with_plan_path(2024, "resident", "medium", 2025, 1276)
    assert "中方案在80%区间之内" in plain_text(trends.opener(moved).lead)


def test_the_first_edition_has_no_year_to_hold_against_the_low_path() -> None:
    assert "低方案" not in plain_text(section_of("opener", 2020).lead)
