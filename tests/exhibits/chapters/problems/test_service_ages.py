from __future__ import annotations

import pytest

from popbook.demography.age_structure import read_census
from popbook.exhibits.chapters.problems import service_ages
from tests.exhibits.chapters.problems.ledgers import CITY, heading, report_of, report_with, words


def test_split_groups_keep_the_published_totals() -> None:
    report = report_of(2024)
    table = service_ages.service_table(report).set_index("age")
    census = read_census(report.ledger)
    here = census[(census["region_id"] == CITY) & (census["census_year"] == 2020)]
    under_15 = here.loc[here["age"] < 15, "population"].sum() / 10000
    assert table.loc[["0—5岁", "6—14岁"], "last"].sum() == pytest.approx(under_15)
    assert 0 < table.loc["15—17岁", "last"] < here.loc[here["age"] == 15, "population"].sum() / 10000
    assert table.loc["80岁及以上", "last"] == pytest.approx(28.9279)
    assert table["is_split"].tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("edition", [2020, 2021])
def test_before_the_census_table_only_broad_groups_are_shown(edition: int) -> None:
    table = service_ages.service_table(report_of(edition))
    assert table["age"].tolist() == ["0—14岁", "60岁及以上", "65岁及以上"]
    assert table["last"].round(2).tolist() == [155.35, 201.33, 139.14]


def test_both_definitions_of_the_dependency_ratio() -> None:
    known = service_ages.dependencies(report_of(2024))
    census = {key: next(d.value for d in items if d.year == 2020) for key, items in known.items()}
    assert {key: round(value, 2) for key, value in census.items()} == {"15_64": 32.75, "15_59": 42.62}
    assert {key: round(items[-1].value, 1) for key, items in known.items()} == {"15_64": 36.0, "15_59": 49.0}


def test_the_2020_edition_has_the_printed_ratio_and_no_year_end() -> None:
    known = service_ages.dependencies(report_of(2020))
    assert [(d.year, d.base) for d in known["15_59"]] == [(2010, "普查"), (2020, "普查")]
    assert not known["15_64"][-1].computed
    assert "年末抚养比不能计算" in words(service_ages.services(report_of(2020)))


@pytest.mark.parametrize(
    ("value", "said"), [(157.0, "0—14岁人口减1.9万人"), (160.9, "0—14岁人口增2.0万人")]
)
def test_the_heading_turns_with_the_number_of_children(value: float, said: str) -> None:
    section = service_ages.services(report_with(2024, "resident_count_0_14", 2024, value))
    assert said in heading(section)
    assert ("已转减" in words(section)) == (value < 158.9)


def test_the_lead_counts_falls_of_the_share_of_children() -> None:
    assert "0—14岁占12.4%，连续三年下降" in words(service_ages.services(report_of(2024)))
    more = report_with(2024, "resident_share_0_14", 2024, 13.1)
    assert "0—14岁占13.1%，比上年上升" in words(service_ages.services(more))


def test_estimates_are_marked() -> None:
    report = report_of(2024)
    service_ages.services(report)
    split = [f for f in report.facts.values() if f.id.startswith("fact-census-service-age-0-5-")]
    assert split and all(f.status == "E" for f in split)
    old = [f for f in report.facts.values() if f.id.startswith("fact-census-service-age-60plus-")]
    assert old and all(f.status == "" for f in old)
