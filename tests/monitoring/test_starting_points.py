"""Whether statuses depend on the starting year: which starts the guard lets through, and their arithmetic by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from popbook.forecasting.probability import Chance
from popbook.ledger.store import Ledger, read_ledger
from popbook.monitoring.starting_points import (
    OTHER,
    REFUSED,
    START_COLUMNS,
    USED,
    compare_starting_points,
    count_starting_points,
)
from popbook.monitoring.targets import assess_targets
from tests.ledger import tables


def table_of(edition: int) -> pd.DataFrame:
    ledger = read_ledger().for_edition(edition)
    return compare_starting_points(ledger, assess_targets(ledger, chance=None), chance=None)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return table_of(2024)


def starts(table: pd.DataFrame, target_id: str) -> pd.DataFrame:
    return table[table["target_id"] == target_id].set_index("start_year")


def test_the_row_of_the_report_itself_agrees_with_its_status(table: pd.DataFrame) -> None:
    used = table[table["use"] == USED]
    assert used["target_id"].tolist() == table["target_id"].drop_duplicates().tolist()
    assert used["agrees"].all()


def test_figures_across_the_census_step_are_refused_and_named(table: pd.DataFrame) -> None:
    rows = starts(table, "T09")
    assert rows.loc[2019, ["use", "breaks", "start_value"]].tolist() == [REFUSED, "七普调整基数", 19.9]
    assert rows.loc[2021, ["use", "breaks"]].tolist() == [OTHER, ""]


def test_rebased_figures_before_the_base_year_may_be_used(table: pd.DataFrame) -> None:
    rows = starts(table, "T01")
    assert rows.loc[2014, ["use", "start_value"]].tolist() == [OTHER, 1013.5]
    assert rows.loc[2011, "use"] == REFUSED


def test_the_census_before_last_may_stand_for_a_census_base(table: pd.DataFrame) -> None:
    assert starts(table, "T09").loc[2010, ["use", "start_value", "start_indicator_id"]].tolist() == [
        OTHER, 13.4, "census_share_60plus"]  # fmt: skip


def test_doubtful_figures_are_no_starting_points(table: pd.DataFrame) -> None:
    assert {2015, 2017, 2023}.isdisjoint(starts(table, "T16").index)


def test_every_row_can_be_recomputed_from_its_own_numbers(table: pd.DataFrame) -> None:
    years = table["latest_year"] - table["start_year"]
    pace = (table["latest_value"] - table["start_value"]) / years
    needed = (table["target_value"] - table["start_value"]) / (table["target_year"] - table["start_year"])
    assert table["pace"].tolist() == pytest.approx(pace.tolist())
    assert table["pace_share"].tolist() == pytest.approx((pace / needed).tolist())
    ahead = table["latest_value"] + pace * (table["target_year"] - table["latest_year"])
    assert table["projected_value"].tolist() == pytest.approx(ahead.tolist())


def test_before_the_breach_a_naive_start_would_have_called_the_ceiling_safe() -> None:
    rows = starts(table_of(2023), "T09")
    assert rows.loc[2019, ["use", "status_by_pace"]].tolist() == [REFUSED, "有望"]
    assert set(rows.loc[rows["use"] != REFUSED, "status_by_pace"]) == {"难以达成"}


def test_a_chance_is_asked_again_only_without_the_breaks() -> None:
    ledger = read_ledger().for_edition(2024)
    asked: list[tuple[str, int]] = []

    def chance(known: Ledger, indicator_id: str, *_: Any) -> Chance:
        asked.append((indicator_id, len(known.breaks)))
        return Chance(0.01, "不看断点")

    table = compare_starting_points(ledger, assess_targets(ledger, chance=None), chance)
    assert asked == [(name, 0) for name in (
        "resident_population", "resident_dependency", "resident_share_60plus", "resident_urban_rate")]  # fmt: skip
    assert set(table.loc[table["use"] == REFUSED, "chance"]) == {0.01}
    assert table.loc[table["use"] != REFUSED, "chance"].isna().all()
    assert starts(table, "T16").loc[2019, ["status_by_pace", "status"]].tolist() == ["有望", "难以达成"]


def test_the_summary_lists_each_start_with_its_word(table: pd.DataFrame) -> None:
    row = count_starting_points(table).loc["T16"]
    assert row.tolist() == [3, 3, "2020=有望;2021=有望;2022=有望", "2016=有望;2018=有望;2019=有望"]


def test_the_base_edition_has_nothing_to_compare() -> None:
    table = table_of(2020)
    assert table.empty
    assert list(table.columns) == list(START_COLUMNS)
    assert count_starting_points(table).empty


def test_a_base_that_only_the_plan_prints_is_a_starting_point(tmp_path: Path) -> None:
    ledger = tables.make_ledger(tmp_path, plan_targets=[tables.target()], observations=[
        tables.observation(2021, 1220.4, published="2022-03-01", vintage="annual")]).for_edition(2021)
    table = compare_starting_points(ledger, assess_targets(ledger, chance=None), chance=None)
    assert table[["start_year", "start_value", "use"]].values.tolist() == [[2020, 1196.5, USED]]
