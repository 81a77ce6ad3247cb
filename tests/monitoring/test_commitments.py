"""The register of commitments: states, evidence, due dates, conflicts."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from popbook.ledger.errors import UsageError
from popbook.ledger.store import Ledger, read_ledger
from popbook.monitoring.commitments import (
    COMMITMENT_STATES,
    commitment_counts,
    commitment_register,
    conflict_register,
    deciding_evidence,
    judge_commitment,
    known_progress,
)


def commitment(**overrides: Any) -> dict[str, Any]:
    """516 kilometres of rail by 2022."""
    return {"amount": 516.0, "unit": "公里", "comparison": "eq", "due_year": 2022} | overrides


def evidence(**overrides: Any) -> dict[str, Any]:
    return {"evidence_id": "e1", "state": "progress", "period": "2021年", "value": 306.0, "unit": "公里",
            "published": "2021-04-02", "note": ""} | overrides


@pytest.mark.parametrize(("found", "cut_off", "state"), [
    ({}, "2022-06-30", "未公布"),
    ({}, "2022-12-31", "未公布"),
    ({}, "2023-06-30", "逾期未见公布"),
    (evidence(), "2022-06-30", "进行中"),
    (evidence(), "2023-06-30", "逾期未见公布"),
    (evidence(state="done", value=516.0), "2023-06-30", "完成"),
    (evidence(state="done", value=480.0), "2023-06-30", "逾期未见公布"),
    (evidence(state="done", value=float("nan")), "2022-06-30", "完成"),
    (evidence(state="done", value=516.0, unit="条"), "2022-06-30", "进行中"),
])
def test_state_follows_evidence_and_due_date(found: dict[str, Any], cut_off: str, state: str) -> None:
    assert judge_commitment(commitment(), found, cut_off)[0] == state


def test_a_completion_stays_even_if_newer_progress_is_reported() -> None:
    rows = pd.DataFrame([evidence(evidence_id="a", state="done", published="2022-01-01"),
                         evidence(evidence_id="b", published="2023-01-01")])
    assert deciding_evidence(rows)["evidence_id"] == "a"


def test_background_never_decides() -> None:
    assert deciding_evidence(pd.DataFrame([evidence(state="background", value=1057.0)])) == {}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return read_ledger()


@pytest.fixture(scope="module")
def register(ledger: Ledger) -> pd.DataFrame:
    return commitment_register(ledger.for_edition(2024))


def test_every_commitment_of_the_plan_is_registered_once(ledger: Ledger, register: pd.DataFrame) -> None:
    assert sorted(register["commitment_id"]) == sorted(ledger.plan.commitments["commitment_id"])
    assert len(register) > 40
    assert set(register["state"]) <= set(COMMITMENT_STATES)


def test_the_rail_length_is_done_and_the_lines_are_overdue(register: pd.DataFrame) -> None:
    states = register.set_index("commitment_id")["state"]
    assert states["cm-c3-3-2-05"] == "完成"
    assert states["cm-c3-3-2-02"] == "完成"
    assert states["cm-c3-3-2-01"] == "逾期未见公布"


def test_yearly_figures_of_old_estates_do_not_close_the_plan_period(register: pd.DataFrame) -> None:
    assert register.set_index("commitment_id").loc["cm-c4-6-2-01", "state"] == "进行中"


def test_published_periods_add_up_to_what_is_done_at_least(register: pd.DataFrame) -> None:
    row = register.set_index("commitment_id").loc["cm-c4-6-2-01"]
    assert row["known_amount"] == 201 + 232 + 212
    assert row["known_share"] == pytest.approx(645 / 900)
    assert "合计645个，为规划数的72%，是已完成数的下限。" in row["reason"]


def progress_rows(**overrides: Any) -> pd.DataFrame:
    columns: dict[str, Any] = {"adds": [True, True], "unit": "公里", "value": [100.0, 50.0], "period": ["2021年", "2023年"],
                               "published": ["2022-01-01", "2024-01-01"]}  # fmt: skip
    return pd.DataFrame({**columns, **overrides})


@pytest.mark.parametrize(("overrides", "amount"), [
    ({}, 150.0), ({"adds": [True, False]}, None), ({"unit": ["公里", "条"]}, None), ({"value": [100.0, float("nan")]}, None)])
def test_only_periods_of_one_unit_that_do_not_overlap_are_added(overrides: dict[str, Any], amount: float | None) -> None:
    assert known_progress(commitment(), progress_rows(**overrides))[0] == amount


def test_a_commitment_without_amount_has_no_share() -> None:
    assert known_progress(commitment(amount=0.0), progress_rows()) == (None, None, "")


def test_every_number_of_chapters_three_and_four_is_registered_or_said_to_be_none(ledger: Ledger) -> None:
    """A number of the text is an amount of the register, a name, a condition or a year; nothing is left over."""
    quantities = ledger.plan.quantities
    chapter = quantities[quantities["clause_id"].str.match(r"c[34]-|b1-")]
    registered = {(row["clause_id"], float(row["amount"])) for row in ledger.plan.commitments.to_dict("records")}
    no_amount = ("名称", "年份", "年限", "机构数", "技术代次", "构成", "条件", "国家级试点个数", "实验室个数", "版本号", "级下限",
                 "孩", "可生育子女数", "空间格局", "期次", "模式", "年龄")  # fmt: skip
    left = [
        row["name_zh"] for row in chapter.to_dict("records")
        if not {(row["clause_id"], float(row["value"]) * scale) for scale in (1, 1e4)} & registered
        and not any(word in f"{row['name_zh']}{row['note']}" for word in no_amount)
    ]  # fmt: skip
    assert left == []


def test_one_district_is_no_evidence_for_the_city(register: pd.DataFrame) -> None:
    row = register.set_index("commitment_id").loc["cm-c4-5-3-02"]
    assert row["state"] == "未公布"
    assert "范围不同，不作依据" in row["reason"]


def test_an_edition_sees_no_later_evidence(ledger: Ledger) -> None:
    early = commitment_register(ledger.for_edition(2020))
    seen = early.loc[early["evidence_published"] != "", "evidence_published"]
    assert (seen <= "2021-06-30").all()
    assert (early.set_index("commitment_id").loc["cm-c3-3-2-05", "state"]) == "未公布"


def test_conflicts_link_both_clauses(register: pd.DataFrame) -> None:
    digital = conflict_register(register).query("conflict_group == 'cf-digital-leaders'")
    assert digital["amount"].tolist() == [60.0, 150.0]
    assert set(digital["conflict_clauses"]) == {"c3-2-3；c4-5-2"}
    assert digital["conflict_with"].tolist() == digital["commitment_id"].tolist()[::-1]


def test_counts_by_project_add_up(register: pd.DataFrame) -> None:
    counts = commitment_counts(register)
    assert counts["total"].sum() == len(register)
    assert counts[list(COMMITMENT_STATES)].sum().to_dict() == {
        state: int((register["state"] == state).sum()) for state in COMMITMENT_STATES}


def test_a_ledger_without_cut_off_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UsageError):
        commitment_register(ledger)
