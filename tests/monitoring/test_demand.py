"""Demand rules hold the whole interval against the jump-off, by each edition's own forecast."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from popbook.forecasting.ages import AgeForecast, forecast_ages
from popbook.ledger.errors import DataError, UsageError
from popbook.ledger.store import Ledger, read_ledger
from popbook.monitoring.demand import (
    DemandRule,
    DemandWarning,
    as_warning,
    demand_table,
    evaluate_demand,
    judge_demand,
    read_demand_rules,
    watch,
)
from popbook.monitoring.warnings import read_rules
from tests.ledger.tables import DATA


@pytest.fixture(scope="module")
def newest() -> Ledger:
    return read_ledger().for_edition(2024)


def rule(**overrides: Any) -> DemandRule:
    values: dict[str, Any] = {
        "rule_id": "d-a", "measure": "count_80plus", "name": "名称", "direction": "rise", "years": 5, "level": 80, "reason": "",
        "source_id": "",
    }  # fmt: skip
    return DemandRule(**{**values, **overrides})


def ages(low: float, high: float) -> AgeForecast:
    """100 in 2024; in 2029 an interval, twice as wide at 95 %."""
    row = {"measure": "count_80plus", "name_zh": "", "unit": "万人"}
    table = pd.DataFrame([
        row | {"year": 2024, "point": 100.0, "lo80": 100.0, "hi80": 100.0, "lo95": 100.0, "hi95": 100.0},
        row | {"year": 2029, "point": (low + high) / 2, "lo80": low, "hi80": high, "lo95": low - 10, "hi95": high + 10}])
    return AgeForecast(2024, table, pd.DataFrame(), {}, np.array([2029]), pd.DataFrame(), (), 0.0)


@pytest.mark.parametrize(
    ("direction", "low", "high", "state"),
    [
        ("rise", 101.0, 120.0, "触发"), ("rise", 100.0, 120.0, "未触发"), ("rise", 90.0, 99.0, "未触发"),
        ("fall", 80.0, 99.0, "触发"), ("fall", 80.0, 100.0, "未触发"), ("fall", 101.0, 120.0, "未触发"),
    ],
)  # fmt: skip
def test_the_whole_interval_must_lie_beyond_the_jump_off(direction: str, low: float, high: float, state: str) -> None:
    assert judge_demand(rule(direction=direction), ages(low, high), 2024).state == state


def test_a_wider_interval_fires_less() -> None:
    assert judge_demand(rule(level=80), ages(105, 120), 2024).state == "触发"
    assert judge_demand(rule(level=95), ages(105, 120), 2024).state == "未触发"


def test_the_very_old_will_be_more(newest: Ledger) -> None:
    warning = next(w for w in evaluate_demand(newest) if w.rule_id == "d-care-rise")
    assert warning.state == "触发"
    table = forecast_ages(newest).measure("count_80plus").set_index("year")
    assert warning.low == table.at[2029, "lo80"] > warning.origin_value == table.at[2024, "point"]


def test_history_is_what_each_edition_said(newest: Ledger) -> None:
    ledger = read_ledger()
    said = {edition: {w.rule_id: w.state for w in evaluate_demand(ledger.for_edition(edition))} for edition in (2021, 2023)}
    for warning in evaluate_demand(newest):
        history = dict(warning.history)
        assert list(history) == [2020, 2021, 2022, 2023, 2024]
        assert {edition: history[edition] for edition in said} == {e: states[warning.rule_id] for e, states in said.items()}
        assert warning.first_fired == min((e for e, state in history.items() if state == "触发"), default=None)


def test_a_warning_that_the_next_edition_took_back_is_counted(newest: Ledger) -> None:
    for warning in evaluate_demand(newest):
        states = [state for _, state in warning.history]
        assert warning.false_alarms == sum(a == "触发" and b == "未触发" for a, b in zip(states, states[1:], strict=False))


def test_the_watch_holds_every_rule_of_both_files(newest: Ledger) -> None:
    found = watch(newest)
    assert [w.rule_id for w in found] == [r.rule_id for r in (*read_rules(newest), *read_demand_rules(newest))]
    assert all(w.sentence.endswith("。") for w in found)


def demand(**overrides: Any) -> DemandWarning:
    """80+ of 30 in 2024, 40 to 50 in 2029, fired since the edition of 2023."""
    values: dict[str, Any] = {
        "edition": 2024, "rule_id": "d-a", "measure": "count_80plus", "name": "名称", "direction": "rise", "level": 80,
        "reason": "", "source_id": "", "origin_year": 2024, "origin_value": 30.0, "year": 2029, "point": 45.0, "low": 40.0,
        "high": 50.0, "state": "触发", "first_fired": 2021,
        "history": ((2021, "触发"), (2022, "未触发"), (2023, "触发"), (2024, "触发")), "false_alarms": 1,
    }  # fmt: skip
    return DemandWarning(**{**values, **overrides})


def test_a_demand_warning_says_interval_origin_and_since_when() -> None:
    said = as_warning(demand(), "330100")
    assert said.since == 2023
    assert said.sentence == "2024年末约30.0万人，预测2029年40.0万—50.0万人（80%区间），整个高于起点，2023年度版起触发。"


def test_a_quiet_demand_rule_says_so() -> None:
    said = as_warning(demand(low=28.0, state="未触发", history=((2023, "触发"), (2024, "未触发"))), "330100")
    assert said.since is None
    assert said.sentence.endswith("没有整个高于起点，未触发。")


def test_an_unknown_measure_is_named_with_its_cell(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    path = folder / "demand_rules.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("count_15_17", "count_18_21"), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_demand_rules(read_ledger(folder))
    assert "demand_rules.csv:7:measure" in str(caught.value.problems[0])


def test_the_table_holds_every_component(newest: Ledger) -> None:
    table = demand_table(evaluate_demand(newest))
    for row in table.to_dict("records"):
        beyond = row["low"] > row["origin_value"] if row["direction"] == "rise" else row["high"] < row["origin_value"]
        assert (row["state"] == "触发") == beyond


def test_a_whole_ledger_is_no_edition() -> None:
    with pytest.raises(UsageError):
        evaluate_demand(read_ledger())
