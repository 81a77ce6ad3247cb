"""The Open SDG measure and where it parts from ours."""

from __future__ import annotations

import pandas as pd
import pytest

from popbook.ledger.store import read_ledger
from popbook.monitoring.open_sdg import open_sdg_measure, open_sdg_table
from popbook.monitoring.targets import assess_targets


@pytest.mark.parametrize(("value", "word"), [
    (120.0, "目标已实现"), (109.2, "进展显著"), (106.0, "进展一般"), (101.0, "进展有限"), (99.0, "倒退")])
def test_categories_follow_the_ratio_of_growth_rates(value: float, word: str) -> None:
    # Required: 100 → 120 in ten years (1.84 % a year); observed over five years.
    assert open_sdg_measure(2015, 100.0, 2020, value, 2025, 120.0, True)[1] == word


def test_a_decrease_counts_where_lower_is_better() -> None:
    ratio, word = open_sdg_measure(2020, 100.0, 2021, 90.0, 2022, 81.0, False)
    assert (ratio, word) == (pytest.approx(1.0), "进展显著")


def test_a_base_of_zero_is_replaced_not_divided_by() -> None:
    assert open_sdg_measure(2020, 0.0, 2021, 5.0, 2025, 10.0, True)[1] == "进展显著"


def test_base_equal_to_target_and_lost_is_deterioration() -> None:
    assert open_sdg_measure(2020, 100.0, 2021, 99.0, 2025, 100.0, True) == (None, "倒退")


@pytest.mark.parametrize("values", [(2020, -1.0, 2021, 5.0), (2020, 1.0, 2020, 5.0)])
def test_mixed_signs_and_no_time_are_refused(values: tuple[int, float, int, float]) -> None:
    with pytest.raises(ValueError, match="measure|sign"):
        open_sdg_measure(*values, 2025, 10.0, True)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return open_sdg_table(assess_targets(read_ledger().for_edition(2024))).set_index("target_id")


def test_guard_rails_are_called_achieved_there_and_dated_here(table: pd.DataFrame) -> None:
    row = table.loc["T08"]
    assert (row["open_sdg"], row["agrees"]) == ("目标已实现", False)
    assert "2026年" in row["why"]


def test_a_broken_ceiling_is_counted_as_progress_or_decline_of_the_wrong_thing(table: pd.DataFrame) -> None:
    assert table.loc["T09", "status"] == "已突破"
    assert table.loc["T09", "open_sdg"] != "目标已实现"


def test_unpublished_targets_are_not_compared(table: pd.DataFrame) -> None:
    assert "T05" not in table.index


def test_every_disagreement_says_why(table: pd.DataFrame) -> None:
    assert (table.loc[~table["agrees"], "why"] != "").all()
    assert (table.loc[table["agrees"], "why"] == "").all()
