from __future__ import annotations

import pytest

from popbook.exhibits.chapters import trends
from popbook.exhibits.chapters.trends.back_test import archive_frame
from popbook.exhibits.inline import plain_text
from popbook.forecasting.backtest import score_vintages
from tests.exhibits.chapters.trends.ledgers import (
    EDITIONS,
    report_of,
    section_of,
    table_of,
    with_value,
    words,
)


@pytest.mark.parametrize("edition", [2022, 2023, 2024])
def test_the_heading_counts_the_scores(edition: int) -> None:
    table = score_vintages(report_of(edition).ledger)
    combined = table[table["kind"] == "combination"]
    heading = plain_text(section_of("backtest", edition).heading)
    assert heading.startswith(f"{len(combined)}次回测")
    assert f"{int(combined['inside80'].sum())}次落在80%区间内" in heading
    assert ("全部偏高" in heading) == bool((combined["error_percent"] > 0).all())


def test_a_higher_actual_turns_the_heading() -> None:
    higher = with_value(2022, "resident_population", 2022, 1300.0)
    assert "全部偏高" not in plain_text(trends.backtest(higher).heading)


def test_the_first_edition_has_nothing_to_score_and_still_archives_its_forecasts() -> None:
    assert "第一版" in section_of("backtest", 2020).heading
    assert len(archive_frame(report_of(2020))) > 0


def test_the_plan_stands_beside_every_member_of_the_first_vintage() -> None:
    frame = table_of(section_of("backtest", 2024), "tbl-backtest").frame
    plan = frame[frame["group"].str.startswith("规划")].set_index("name")
    assert plan["2020-2024"].to_dict() == {"低方案": "+4.3", "中方案": "+5.8", "高方案": "+9.1"}
    assert (plan[["2021-2024", "2022-2024", "2023-2024"]] == "").all(axis=None)
    actual = frame[frame["name"] == "实际（万人）"].iloc[0]
    assert actual["2020-2024"] == actual["2023-2024"] == "1262.4"


def test_a_plan_path_that_did_better_is_named() -> None:
    text = "".join(words(section_of("backtest", 2024)))
    table = score_vintages(report_of(2024).ledger)
    last = table[(table["vintage"] == 2020) & (table["year"] == 2024)].set_index(["kind", "member"])["error_percent"].abs()
    assert ("没有胜过规划低方案" in text) == bool(last["plan", "low"] < last["combination", "combination"])


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_archive_holds_every_concept_and_age_to_the_horizon_with_its_coverage(edition: int) -> None:
    section_of("backtest", edition)
    frame = report_of(edition).results["forecasts"]
    assert list(frame.columns) == [
        "indicator", "indicator_id", "unit", "origin_year", "year", "h", "model", "point", "lo80", "hi80", "lo95", "hi95",
        "coverage80", "coverage95", "coverage_n",
    ]  # fmt: skip
    assert {"resident_population", "hukou_population", "floating_population", "share_60plus"} <= set(frame["indicator_id"])
    assert frame.groupby("indicator_id")["year"].max().eq(2035).all()
    assert (frame["year"] == frame["origin_year"] + frame["h"]).all()
    combined = frame[(frame["model"] == "combination") & (frame["indicator_id"] == "hukou_population")]
    assert combined["coverage80"].notna().any()
    assert frame[frame["model"] == "random_walk"][["lo80", "coverage80"]].isna().all(axis=None)
