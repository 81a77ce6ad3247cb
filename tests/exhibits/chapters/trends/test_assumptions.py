from __future__ import annotations

import pandas as pd
import pytest

from popbook.exhibits.chapters import trends
from popbook.exhibits.chapters.trends.assumptions import games_lift
from popbook.exhibits.inline import plain_text
from tests.exhibits.chapters.trends.ledgers import section_of, table_of, with_value, words


@pytest.mark.parametrize(
    ("edition", "heading"),
    [
        (2020, "规划假定常住人口年均增长2.8%，本版尚无公布数可对照"),
        (2021, "规划假定年均增长2.8%，2021年实际2.00%"),
        (2022, "规划假定年均增长2.8%，2020—2022年实际年均1.70%"),
        (2024, "规划假定年均增长2.8%，2020—2024年实际年均1.35%"),
    ],
)
def test_the_heading_sets_the_assumed_growth_beside_the_published(edition: int, heading: str) -> None:
    assert plain_text(section_of("assumptions", edition).heading) == heading


@pytest.mark.parametrize("edition", [2023, 2024])
def test_no_lift_by_the_games_is_said_once_they_were_held(edition: int) -> None:
    assert "举办当年和前一年都没有提高，未见推升作用" in "".join(words(section_of("assumptions", edition)))


@pytest.mark.parametrize("edition", [2020, 2021, 2022])
def test_no_edition_before_the_games_judges_them(edition: int) -> None:
    text = "".join(words(section_of("assumptions", edition)))
    assert "未见推升" not in text
    assert ("2023年9月23日" in text) == (edition == 2022)


def test_a_rise_in_the_year_of_the_games_turns_the_sentence_and_the_table() -> None:
    section = trends.assumptions(with_value(2023, "resident_population", 2023, 1262.0))
    assert "未见推升" not in "".join(words(section))
    assert "不能单凭" in "".join(words(section)) or "单凭一个城市不能归因于亚运会" in "".join(words(section))
    table = table_of(section, "tbl-plan-assumptions").frame.set_index("what")
    assert table.loc["亚运会推升增速", "verdict"] == "增速有提高，不能归因"


def test_a_lift_needs_both_years_before() -> None:
    growth = pd.DataFrame({"year": [2022, 2023], "growth": [1.4, 1.9]})
    assert games_lift(growth, 2023) == "unknown"


def test_the_floating_assumption_cannot_be_checked_after_the_census_year() -> None:
    frame = table_of(section_of("assumptions", 2024), "tbl-plan-assumptions").frame.set_index("what")
    assert frame.loc["登记流动人口年均增速", "verdict"] == "未公布，无法对照"
    assert frame.loc["常住人口年均增速", "verdict"] == "低于假定"


def test_the_verdict_on_growth_follows_the_value() -> None:
    section = trends.assumptions(with_value(2024, "resident_population", 2024, 1350.0))
    frame = table_of(section, "tbl-plan-assumptions").frame.set_index("what")
    assert frame.loc["常住人口年均增速", "verdict"] == "高于假定"


def test_the_share_of_working_ages_is_judged_by_the_interval() -> None:
    found = plain_text(table_of(section_of("assumptions", 2024), "tbl-plan-assumptions").frame.set_index("what").loc["常住15—59岁比重", "found"])
    assert "80%区间" in found
    assert "95%区间" in found
