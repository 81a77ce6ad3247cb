from __future__ import annotations

import pytest

from popbook.exhibits import target_facts
from popbook.exhibits.inline import facts_in, plain_text
from popbook.exhibits.report import Report
from popbook.exhibits.target_facts import by_urgency, standing, target_statuses
from popbook.monitoring.targets import TargetStatus
from tests.exhibits.amending import EDITIONS, amended, report_of


def status_of(report: Report, target_id: str) -> TargetStatus:
    return next(status for status in target_statuses(report) if status.target_id == target_id)


def said(report: Report, target_id: str) -> str:
    return plain_text(standing(report, status_of(report, target_id)))


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_number_named_in_a_sentence_is_registered(edition: int) -> None:
    report = report_of(edition)
    for status in target_statuses(report):
        named = facts_in(standing(report, status))
        assert named or status.obstacle
        assert set(named) <= set(report.facts)


def test_a_broken_ceiling_is_dated() -> None:
    assert said(report_of(2024), "T09").startswith("2024年60岁及以上比重20.5%，自2024年起突破规划上限20%，超出0.5个百分点")


def test_a_ceiling_that_holds_is_said_to_hold() -> None:
    report = amended(2024, ("resident_share_60plus", 2024, 19.9))
    assert "低于规划上限20%，余量0.1个百分点" in said(report, "T09")
    assert "突破规划上限20%，超出" not in said(report, "T09")


def test_touching_a_strict_bound_is_no_longer_meeting_it() -> None:
    report = amended(2024, ("resident_share_60plus", 2024, 20.0))
    assert "已到规划上限20%，自2024年起不再符合" in said(report, "T09")


def test_a_floor_tells_the_year_in_which_it_would_break() -> None:
    assert "按2020年以来的速度，2026年跌破下限" in said(report_of(2024), "T08")


def test_a_floor_moving_away_is_not_dated() -> None:
    report = amended(2024, ("resident_share_15_59", 2024, 71.0))
    assert "按2020年以来的速度不会跌破下限" in said(report, "T08")


def test_one_year_of_change_dates_nothing() -> None:
    report = report_of(2021)
    assert status_of(report, "T09").breach_year is not None
    assert "的速度" not in said(report, "T09")


def test_a_reach_target_is_met_when_it_is_met() -> None:
    assert "距2025年目标85%差0.2个百分点" in said(report_of(2024), "T16")
    assert "已符合2025年目标85%" in said(amended(2024, ("resident_urban_rate", 2024, 85.0)), "T16")


def test_an_unpublished_figure_shows_the_last_one_known() -> None:
    assert said(report_of(2024), "T03") == "户籍出生率2020年以后没有可用的数，规划基期为9.92‰。"


def test_a_newly_published_figure_ends_the_silence() -> None:
    report = amended(2024, ("hukou_birth_rate", 2024, 7.5))
    assert "自2024年起突破规划下限8‰，缺口0.5" in said(report, "T03")


def test_a_doubtful_figure_is_shown_and_does_not_decide() -> None:
    assert "2021年只有参考级的数83.63岁，不作依据" in said(report_of(2024), "T10")


def test_the_most_urgent_come_first_and_the_unjudged_stay_out() -> None:
    words = [status.status for status in by_urgency(target_statuses(report_of(2024)))]
    assert words[:2] == ["已突破", "难以达成"]
    assert not {"未公布", "无法评估"} & set(words)


def test_chances_at_the_edges_are_not_printed_as_certainty() -> None:
    report = report_of(2024)
    assert target_facts.chance_words(report, status_of(report, "T09")) == "低于1%"
    assert target_facts.chance_words(report, status_of(report, "T07")) == "高于99%"
    assert target_facts.chance_words(report, status_of(report, "T03")) == ""
