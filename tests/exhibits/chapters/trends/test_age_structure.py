from __future__ import annotations

import pytest

from popbook.exhibits.chapters.trends.age_structure import OLD_TARGET, WORK_TARGET, _rail
from popbook.exhibits.chapters.trends.evidence import Outlook, age_outlook, ages_of
from popbook.exhibits.inline import plain_text
from tests.exhibits.chapters.trends.ledgers import EDITIONS, report_of, section_of, table_of, words


def _outlook(low: float, high: float) -> Outlook:
    report = report_of(2024)
    facts = [
        report.fact(f"fact-test-{name}-{low:.0f}-{high:.0f}", "试", value, "%", 1, year=2025)
        for name, value in (("point", (low + high) / 2), ("lo80", low), ("hi80", high), ("lo95", low - 1), ("hi95", high + 1))
    ]
    return Outlook(2025, 1, *facts)


@pytest.mark.parametrize(
    ("low", "high", "target", "side", "expected"),
    [
        (18, 19, OLD_TARGET, "lt", "全部低于规划目标界限20%"),
        (19, 21, OLD_TARGET, "lt", "尚不确定"),
        (21, 22, OLD_TARGET, "lt", "全部越过规划目标界限（低于20%）"),
        (67, 68, WORK_TARGET, "gt", "全部高于规划目标界限66%"),
        (64, 65, WORK_TARGET, "gt", "全部越过规划目标界限（高于66%）"),
    ],
)
def test_a_guard_rail_is_judged_by_the_interval(low: float, high: float, target: int, side: str, expected: str) -> None:
    assert expected in plain_text(_rail(report_of(2024), _outlook(low, high), target, side))


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_heading_is_the_share_of_older_people_with_its_interval(edition: int) -> None:
    outlook = age_outlook(report_of(edition), "share_60plus", 2035)
    heading = plain_text(section_of("ages", edition).heading)
    assert outlook.point.text() in heading
    assert plain_text(outlook.span()) in heading


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_run_from_the_census_is_set_beside_the_bulletins_where_both_exist(edition: int) -> None:
    ids = [getattr(block, "id", "") for block in section_of("ages", edition).blocks]
    assert ("tbl-age-hindcast" in ids) == (not ages_of(report_of(edition)).hindcast.empty)


def test_an_edition_before_the_census_table_names_its_makeshift_base() -> None:
    assert "没有公布" in "".join(words(section_of("ages", 2020)))
    assert "2010年普查分年龄、性别人口" in "".join(words(section_of("ages", 2020)))


@pytest.mark.parametrize("edition", EDITIONS)
def test_service_ages_are_sorted_into_rising_and_falling_by_their_values(edition: int) -> None:
    ages = ages_of(report_of(edition))
    lead = plain_text(section_of("pyramid", edition).lead)
    change = {
        name: ages.measure(f"count_{name}")["point"].iloc[-1] - ages.measure(f"count_{name}")["point"].iloc[0]
        for name in ("0_2", "3_5", "6_14", "15_17", "60plus", "80plus")
    }
    if all(value >= 0 for value in change.values()):
        assert "都增加" in lead
    else:
        falling = lead.split("中位数增加，")[1]
        assert ("6—14岁" in falling) == (change["6_14"] < 0)
        assert ("0—2岁" in falling) == (change["0_2"] < 0)


def test_pyramids_stand_for_now_and_both_later_years() -> None:
    section = section_of("pyramid", 2024)
    years = {block.id: block.years for block in section.blocks if getattr(block, "id", "").startswith("fig-pyramid")}  # type: ignore[union-attr]
    assert years == {"fig-pyramid-2030": (2024, 2030), "fig-pyramid-2035": (2024, 2035)}


def test_the_table_of_service_ages_carries_both_intervals() -> None:
    frame = table_of(section_of("pyramid", 2024), "tbl-service-ages-forecast").frame
    assert len(frame) == 18
    assert ((frame["lo95"] <= frame["lo80"]) & (frame["hi80"] <= frame["hi95"])).all()
