"""The chapter's opening."""

from __future__ import annotations

from popbook.exhibits.chapters.status.opening import opener
from popbook.exhibits.report import Report

from .conftest import Amend, heading, text


def test_headings_of_2020_and_2024(oldest: Report, newest: Report) -> None:
    assert heading(opener(oldest)) == "现状：常住人口1196.5万人，60岁及以上占16.87%"
    assert heading(opener(newest)) == "现状：常住人口1262.4万人，增量连续五年收窄，60岁及以上占20.5%"


def test_opening_flips_with_the_increment(amended: Amend) -> None:
    section = opener(amended(2024, ("resident_population", 2024, 1280.0)))
    assert heading(section) == "现状：常住人口1280.0万人，增量扩大，60岁及以上占20.5%"
    falling = text(opener(amended(2024, ("resident_population", 2024, 1250.0))))
    assert "比上年减少2.2万人" in falling


def test_opening_names_what_is_silent(oldest: Report, newest: Report) -> None:
    assert "均有当年公布数" in text(opener(oldest))
    assert "户籍人口、登记流动人口、人均预期寿命、人才资源总量在本版截止日以前没有2024年的主管部门公布数" in text(opener(newest))


def test_old_opening_warns_of_the_base(oldest: Report) -> None:
    assert "与2019年及以前的公布数不能直接相减" in text(opener(oldest))
