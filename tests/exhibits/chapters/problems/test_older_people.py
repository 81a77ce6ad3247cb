from __future__ import annotations

import pytest

from popbook.exhibits.chapters.problems import older_people
from popbook.exhibits.report import section_exhibits
from tests.exhibits.chapters.problems.ledgers import heading, report_of, report_with, words


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (20.5, "60岁及以上占常住人口20.5%，越过规划的20%上限"),
        (20.0, "60岁及以上占常住人口20.0%，越过规划的20%上限"),  # the plan asks for less than 20
        (19.8, "60岁及以上占常住人口19.8%，距规划上限0.2个百分点"),
    ],
)
def test_the_heading_turns_at_the_limit(value: float, said: str) -> None:
    assert heading(older_people.ageing(report_with(2024, "resident_share_60plus", 2024, value))) == said


def test_the_pace_is_held_against_what_the_plan_allows() -> None:
    assert "平均每年升1.07个百分点，快于规划所留的0.63个百分点" in words(older_people.ageing(report_of(2024)))
    slow = report_with(2024, "resident_share_60plus", 2024, 18.0)
    assert "没有快于规划所留的0.63个百分点" in words(older_people.ageing(slow))


def test_the_registered_share_of_the_city_follows_from_count_and_total() -> None:
    report = report_of(2020)
    shares = [older_people.hukou_share(report, year) for year in (2015, 2020)]
    assert [s.text() for s in shares if s] == ["21.07%", "23.13%"]


def test_districts_rank_by_share_and_change() -> None:
    table = older_people.district_table(report_of(2024)).set_index("name")
    assert table.index[0] == "上城区" and table.index[-1] == "滨江区"
    assert table["rank_change"].idxmin() == "临安区"
    assert table.loc[["江干区", "余杭区"], "change"].tolist() == [-0.3, -0.1]
    assert (table["change"] < 0).sum() == 2


def test_where_the_share_fell_the_young_grew_faster() -> None:
    table = older_people.district_table(report_of(2024)).set_index("name")
    falling = table[table["change"] < 0]
    assert (falling["older_growth"] > 25).all()
    assert (falling["younger_growth"] > falling["older_growth"]).all()
    text = words(older_people.ageing(report_of(2024)))
    assert "江干60岁及以上增加32.7%、60岁以下增加35.4%，比重降0.3个百分点" in text
    assert "超出的部分只能来自户口迁入" in text


def test_the_census_witness_waits_for_its_publication() -> None:
    assert "余杭增129.0%" in words(older_people.ageing(report_of(2022)))
    early = words(older_people.ageing(report_of(2021)))
    assert "129.0%" not in early and "待普查分县资料公布后" in early


def test_changes_of_shares_are_percentage_points() -> None:
    text = words(older_people.ageing(report_of(2024)))
    assert "上升4.1个百分点，不是上升4.1%" in text


def test_no_line_joins_a_census_to_a_year_end() -> None:
    figure = next(x for x in section_exhibits(older_people.ageing(report_of(2024))) if x.id == "fig-ageing-share")
    frame = figure.frame
    assert frame[frame["基础"] == "普查"]["年份"].tolist() == [2010, 2020]
    assert frame[frame["基础"] == "七普基础"]["年份"].tolist() == [2021, 2022, 2023, 2024]


def test_the_policy_changes_once_the_limit_is_passed() -> None:
    assert "上限已被越过" in words(older_people.ageing(report_of(2024)))
    assert "上限已被越过" not in words(older_people.ageing(report_of(2023)))
