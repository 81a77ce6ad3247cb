from __future__ import annotations

from popbook.exhibits.chapters.problems.opening import opener
from tests.exhibits.chapters.problems.ledgers import report_of, report_with, words


def test_the_opening_says_what_fired_and_what_is_unknown() -> None:
    text = words(opener(report_of(2024)))
    assert "本年触发预警的有老龄化和区域布局，生育水平缺当年的或可比的数，无法判断。" in text


def test_the_opening_turns_with_the_figures() -> None:
    section = opener(report_with(2024, "resident_share_60plus", 2024, 19.0))
    assert "本年触发预警的有区域布局" in words(section)
    assert "越过" not in section.heading


def test_the_opening_shows_no_exhibit() -> None:
    section = opener(report_of(2020))
    assert section.level == 1 and section.blocks == ()
