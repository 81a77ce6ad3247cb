from __future__ import annotations

import pytest

from popbook.exhibits.chapters.problems import area_groups
from tests.exhibits.chapters.problems.ledgers import heading, report_of, report_with, table, words


def test_shares_on_the_new_boundaries_reproduce_the_plan() -> None:
    shares = area_groups.new_boundary_shares(report_of(2020))
    assert shares[2020].round(2).to_dict() == {"core": 34.03, "new": 55.71, "west": 10.26}
    assert shares[2010].round(2).to_dict() == {"core": 37.35, "new": 49.15, "west": 13.49}
    assert shares[2020].sum() == pytest.approx(100)


def test_counts_on_the_old_boundaries_add_up_to_the_city() -> None:
    counts = area_groups.old_boundary_counts(report_of(2024))
    assert counts is not None
    assert counts[["first", "last"]].sum().round(4).tolist() == [870.0373, 1193.601]
    west = counts[counts["group"] == "west"]
    assert round(100 * west["last"].sum() / counts["last"].sum(), 2) == 10.26


@pytest.mark.parametrize("edition", [2020, 2021])
def test_old_boundaries_wait_for_the_census_table(edition: int) -> None:
    report = report_of(edition)
    assert area_groups.old_boundary_counts(report) is None
    frame = table(area_groups.imbalance(report), "tbl-area-groups").frame
    assert frame["name"].tolist() == ["主城区", "新区", "西部三县（市）"]


def test_the_heading_names_the_counties_that_lost_people() -> None:
    assert heading(area_groups.imbalance(report_of(2024))).endswith("淳安减少0.79万人")
    grown = report_with(2024, "census_population", 2020, 34.0, "330127")
    assert "淳安" not in heading(area_groups.imbalance(grown))
    two = report_with(2024, "census_population", 2020, 40.0, "330122")
    assert heading(area_groups.imbalance(two)).endswith("桐庐和淳安人口减少")


def test_the_survey_of_2016_stands_close_to_the_census_before_it() -> None:
    report = report_of(2020)
    survey = area_groups.survey_shares(report)
    assert survey is not None
    assert survey.round(2).to_dict() == {"core": 36.92, "new": 49.81, "west": 13.27}
    text = words(area_groups.imbalance(report))
    assert "只比2010年普查低0.22个百分点（同为六普基础）" in text
    assert "这一变化本报告不采用" in text


def test_both_ends_of_the_plan_are_laid_open() -> None:
    frame = table(area_groups.imbalance(report_of(2024)), "tbl-area-vintages").frame.set_index("name")
    assert frame["plan_first"].round(2).tolist() == [36.93, 49.61, 13.46]
    assert frame["census_change"].round(2).tolist() == [-3.32, 6.56, -3.23]


def test_later_figures_are_only_those_of_the_year() -> None:
    assert "萧山区和余杭区的增量合计占全市17.2万人的63%" in words(area_groups.imbalance(report_of(2022)))
    assert "淳安县32.5万人（一年减0.3万人）" in words(area_groups.imbalance(report_of(2022)))
    last = words(area_groups.imbalance(report_of(2024)))
    assert "上城区139.8万人（一年增0.8万人，二手转述）" in last
    assert "占全市10.2万人" not in last


def test_the_west_is_oldest() -> None:
    assert "主城区15.2%、新区16.1%、西部三县（市）27.0%" in words(area_groups.imbalance(report_of(2024)))
