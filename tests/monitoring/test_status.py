"""The published status rule, row by row, and its order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.monitoring.status import STATUS_RULE, STATUS_WORDS, Progress, decide_status


def progress(**overrides: Any) -> Progress:
    """A reach target in 2024 that is on track."""
    values: dict[str, Any] = {
        "kind": "reach", "edition": 2024, "base_year": 2020, "target_year": 2025, "published": True,
        "latest_year": 2024, "met": False, "pace": 1.0, "pace_share": 1.1, "breach_year": None, "chance": 0.9,
        "obstacle": ""}
    return Progress(**{**values, **overrides})


def guard(**overrides: Any) -> Progress:
    """A guard rail in 2024 that holds."""
    return progress(**{"kind": "stay_above", "met": True, "pace": -0.1, "pace_share": None, "breach_year": 2040,
                       **overrides})


@pytest.mark.parametrize(("case", "word", "row"), [
    (progress(obstacle="同一年有两个数"), "无法评估", 1),
    (progress(edition=2020), "无法评估", 2),
    (progress(published=False, latest_year=None, met=None), "未公布", 3),
    (progress(latest_year=None, met=None, pace=None, pace_share=None), "无法评估", 4),
    (progress(edition=2026, latest_year=2024), "未公布", 5),
    (progress(edition=2025, latest_year=2025, met=True), "达成", 6),
    (guard(edition=2025, latest_year=2025), "达成", 6),
    (progress(edition=2025, latest_year=2025, met=False), "未达成", 7),
    (guard(edition=2025, latest_year=2025, met=False), "已突破", 8),
    (guard(met=False), "已突破", 8),
    (progress(met=True), "达成", 9),
    (progress(pace=None, pace_share=None, chance=None), "无法评估", 10),
    (progress(pace_share=0.59), "难以达成", 11),
    (progress(chance=0.09), "难以达成", 11),
    (progress(pace=0.0, pace_share=0.0), "难以达成", 11),
    (progress(pace=-1.0, pace_share=None), "难以达成", 11),
    (guard(breach_year=2024, edition=2023, latest_year=2023), "难以达成", 12),
    (guard(chance=0.05), "难以达成", 12),
    (progress(pace_share=0.94), "有风险", 13),
    (progress(chance=0.5), "有风险", 13),
    (guard(breach_year=2025), "有风险", 14),
    (guard(chance=0.5), "有风险", 14),
    (progress(latest_year=2022), "有风险", 15),
    (progress(), "有望", 16),
    (guard(), "有望", 16),
    (guard(breach_year=None, chance=None), "有望", 16),
])
def test_each_row_of_the_rule_decides_its_case(case: Progress, word: str, row: int) -> None:
    rule = decide_status(case)
    assert (rule.word, rule.number) == (word, row)


def test_rows_are_numbered_in_reading_order() -> None:
    assert [rule.number for rule in STATUS_RULE] == list(range(1, len(STATUS_RULE) + 1))


def test_every_row_uses_a_known_word_and_every_word_is_used() -> None:
    assert {rule.word for rule in STATUS_RULE} == set(STATUS_WORDS)


def test_a_guard_rail_met_in_the_base_year_is_not_achieved_before_the_target_year() -> None:
    assert decide_status(guard(edition=2021, latest_year=2021)).word != "达成"


@given(low=st.floats(-2, 3), high=st.floats(-2, 3), chance=st.one_of(st.none(), st.floats(0, 1)))
def test_a_larger_pace_never_gives_a_worse_reach_status(low: float, high: float, chance: float | None) -> None:
    low, high = sorted((low, high))
    worse = decide_status(progress(pace=low, pace_share=low, chance=chance)).word
    better = decide_status(progress(pace=high, pace_share=high, chance=chance)).word
    assert STATUS_WORDS.index(better) <= STATUS_WORDS.index(worse)


@given(low=st.floats(0, 1), high=st.floats(0, 1), year=st.one_of(st.none(), st.integers(2025, 2040)))
def test_a_larger_chance_never_gives_a_worse_guard_status(low: float, high: float, year: int | None) -> None:
    low, high = sorted((low, high))
    worse = decide_status(guard(chance=low, breach_year=year)).word
    better = decide_status(guard(chance=high, breach_year=year)).word
    assert STATUS_WORDS.index(better) <= STATUS_WORDS.index(worse)


def test_thresholds_are_printed_in_the_conditions() -> None:
    text = "".join(rule.condition for rule in STATUS_RULE)
    assert all(part in text for part in ("60%", "95%", "66%", "10%", "2年"))
