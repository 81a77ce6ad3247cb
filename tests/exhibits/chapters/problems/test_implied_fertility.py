from __future__ import annotations

import pytest

from popbook.exhibits.chapters.problems import implied_fertility
from popbook.exhibits.inline import plain_text
from tests.exhibits.chapters.problems.ledgers import heading, report_of, report_with, table, words


def test_the_check_reproduces_the_arithmetic() -> None:
    check = implied_fertility.read_check(report_of(2024))
    lead = check.patterns[0]
    assert check.births == pytest.approx(7.76 * 1193.601 * 10)
    assert sum(check.women) == 3095098
    assert check.newborn == 92390
    assert round(check.implied(lead), 2) == 0.89
    assert round(check.needed(lead, 1.33)) == 137720
    # What a rate needs and what births imply are one relation read both ways.
    assert check.implied(lead, check.needed(lead, 1.33)) == pytest.approx(1.33)


def test_the_second_pattern_is_known_only_after_its_publication() -> None:
    assert [len(implied_fertility.read_check(report_of(e)).patterns) for e in (2020, 2021, 2022, 2023, 2024)] == [0, 0, 1, 1, 2]


def test_before_the_census_table_nothing_is_computed() -> None:
    for edition, missing in ((2020, "2020年常住出生率、七普分年龄育龄妇女数"), (2021, "七普分年龄育龄妇女数")):
        section = implied_fertility.fertility(report_of(edition))
        assert "尚不能核对" in heading(section)
        assert f"到本版截止日，{missing}" in words(section)
        cells = table(section, "tbl-fertility-check").frame["v0"].tolist()
        assert "无法推算" in cells and "未公布" in cells


def test_every_step_stands_in_the_table() -> None:
    frame = table(implied_fertility.fertility(report_of(2024)), "tbl-fertility-check").frame
    printed = [plain_text(cell) for cell in frame["v0"]]
    assert printed == ["7.76‰", "1193.60万人", "9.26万人", "309.51万人", "29.9‰", "0.89", "13.77万人", "4.51万人", "1.33"]
    assert [plain_text(cell) for cell in frame["v1"]][5:8] == ["0.92", "13.43万人", "4.17万人"]


def test_a_rate_that_fits_is_said_to_fit() -> None:
    section = implied_fertility.fertility(report_with(2024, "total_fertility_rate", 2020, 0.90))
    assert heading(section) == "按常住出生推算总和生育率0.89，与规划的0.90一致"
    assert "对不上" not in words(section)


def test_the_policy_compares_with_the_births_of_the_year() -> None:
    assert "2024年常住出生约9.43万人，不足此数" in words(implied_fertility.fertility(report_of(2024)))
    many = report_with(2024, "resident_birth_rate", 2024, 11.0)
    assert "已达此数" in words(implied_fertility.fertility(many))


def test_the_number_of_women_rose_while_their_share_fell() -> None:
    text = words(implied_fertility.fertility(report_of(2024)))
    assert "由2010年的263.1万人增加到2020年的309.5万人" in text
    assert "由30.24%降为25.93%" in text
