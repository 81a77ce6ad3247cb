from __future__ import annotations

import doctest

import pytest

from popbook.exhibits.chapters.problems import birth_rates
from tests.exhibits.chapters.problems.ledgers import heading, report_of, report_with, table, words


def test_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(birth_rates).failed == 0


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (7.5, "常住出生率2024年升至7.5‰，仍低于2021年的7.6‰"),
        (8.1, "常住出生率2024年升至8.1‰，为2020年以来最高"),
        (6.1, "常住出生率2024年降至6.1‰，为2020年以来最低"),
        (6.7, "常住出生率2024年为6.7‰，与上年持平"),
    ],
)
def test_the_heading_turns_with_the_rate(value: float, said: str) -> None:
    assert heading(birth_rates.births(report_with(2024, "resident_birth_rate", 2024, value))) == said


def test_without_the_resident_rate_the_registered_one_leads_and_says_what_is_missing() -> None:
    section = birth_rates.births(report_of(2020))
    assert heading(section).startswith("户籍出生率连续三年下降")
    assert "2020年常住出生率到本版截止时未公布，最近一次是2019年的11.1‰（六普基础）" in words(section)


def test_a_withdrawn_rate_falls_back_to_the_last_known_one() -> None:
    section = birth_rates.births(report_with(2023, "resident_birth_rate", 2023, None))
    assert "2023年常住出生率到本版截止时未公布，最近一次是2022年的7.2‰（七普基础）" in words(section)


def test_the_dragon_year_is_named_only_for_a_rise() -> None:
    assert "龙年" in words(birth_rates.births(report_of(2024)))
    assert "龙年" not in words(birth_rates.births(report_with(2024, "resident_birth_rate", 2024, 6.1)))
    assert "龙年" not in words(birth_rates.births(report_of(2023)))


def test_births_of_2024_are_a_ninth_more_than_of_2023() -> None:
    made = birth_rates.resident_births(report_of(2024))
    assert round(made[2024].births, 2) == 9.43
    assert round(made[2023].births, 2) == 8.34
    assert "比上年多1.09万人" in words(birth_rates.births(report_of(2024)))


def test_a_change_within_rounding_is_no_change() -> None:
    text = words(birth_rates.births(report_of(2021)))
    assert "与上年大体相当（相差0.04万人" in text
    assert "单年回升" not in text


def test_old_and_new_base_are_not_subtracted() -> None:
    text = words(birth_rates.births(report_of(2024)))
    assert "不计算降幅" in text
    assert "3.34" not in text  # 11.1 − 7.76


def test_the_table_keeps_the_two_populations_apart() -> None:
    frame = table(birth_rates.births(report_of(2024)), "tbl-birth-rates").frame
    groups = list(dict.fromkeys(frame["group"]))
    assert [g[:4] for g in groups] == ["常住人口", "户籍人口"]
    hukou = frame[frame["group"] == groups[1]].set_index("year")
    assert hukou["rate"].to_dict() == {"2017": "14.7", "2018": "12.4", "2019": "11.65", "2020": "9.92"}
    # No births on another base than the year-ends of the edition.
    resident = frame[frame["group"] == groups[0]].set_index("year")
    assert resident["births"].isna().to_dict() | {} == {
        y: y in ("2016", "2018", "2019") for y in resident.index
    }


def test_figures_of_districts_are_marked_when_second_hand() -> None:
    text = words(birth_rates.births(report_of(2024)))
    assert "上城区7.32‰（2023年，二手转述）" in text
    assert "钱塘区9.07‰（2023年）" in text
