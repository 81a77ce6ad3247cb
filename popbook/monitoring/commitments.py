"""The register of commitments: what was promised, by when, and what has been published about it.

The plan names some sixty amounts; most have never been reported on. The register says so instead of guessing: a state
other than 未公布 needs a dated piece of evidence, or a due date that has passed. Only a published completion (evidence
of state ``done``) closes a commitment. Figures of single periods are added up only as what has been done at least: the
periods between are not published.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from popbook.ledger.errors import UsageError
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

DONE: Final = "完成"
UNDER_WAY: Final = "进行中"
OVERDUE: Final = "逾期未见公布"
NOT_PUBLISHED: Final = "未公布"

#: Every state with its meaning, in the order they are shown.
COMMITMENT_STATES: Final = {
    DONE: "已公布完成，并达到规划的数量",
    UNDER_WAY: "有进展的公布，没有见到完成的公布，期限未到",
    OVERDUE: "期限已过，没有见到完成的公布",
    NOT_PUBLISHED: "期限未到，没有见到任何公布",
}

COMPARISON_ZH: Final = {"ge": "不少于", "gt": "多于", "le": "不超过", "lt": "少于", "eq": "", "about": "约", "all": "全覆盖"}

REGISTER_COLUMNS: Final = (
    "commitment_id", "project_id", "project_name", "project_kind", "clause_id", "clause_title", "name_zh", "amount",
    "unit", "amount_kind", "comparison", "comparison_zh", "due_year", "frequency", "field", "state", "reason",
    "evidence_value", "evidence_unit", "evidence_period", "evidence_note", "evidence_published",
    "evidence_source_id", "evidence_count", "known_amount", "known_share", "known_periods",
    "conflict_group", "conflict_name", "conflict_with", "conflict_clauses", "note")


def commitment_register(ledger: Ledger) -> pd.DataFrame:
    """List every commitment of the plan with its evidence and state on the cut-off date.

    Parameters
    ----------
    ledger
        A ledger narrowed to a date (``for_edition`` or ``as_of``).

    Returns
    -------
    DataFrame
        Columns :data:`REGISTER_COLUMNS`, in the order of the plan's projects. ``state`` is one of
        :data:`COMMITMENT_STATES`; ``conflict_with`` and ``conflict_clauses`` list ids separated by "；";
        ``known_amount`` and ``known_share`` (of the promised amount) as from :func:`known_progress`.

    Raises
    ------
    UsageError
        If the ledger has no cut-off date: whether something is overdue depends on it.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> register = commitment_register(read_ledger().for_edition(2024))
    >>> bool(set(register["state"]) <= set(COMMITMENT_STATES))
    True
    """
    if ledger.cut_off is None:
        raise UsageError("登记表需要截止日期", "commitment_register", "先用 ledger.for_edition(年份)")
    return _register(ledger, ledger.cut_off).copy()


@remember(maxsize=16)
def _register(ledger: Ledger, cut_off: str) -> pd.DataFrame:
    plan = ledger.plan
    projects = plan.projects.set_index("project_id")
    titles = plan.clauses.set_index("clause_id")["title"]
    conflict_names = plan.conflicts.set_index("conflict_group")["name_zh"]
    evidence = plan.evidence
    commitments = plan.commitments
    rows = []
    for commitment in commitments.to_dict("records"):
        found = evidence[evidence["commitment_id"] == commitment["commitment_id"]].sort_values(
            ["published", "evidence_id"])
        latest = deciding_evidence(found)
        state, reason = judge_commitment(commitment, latest, cut_off)
        if not latest and len(found):
            background = found.sort_values(["published", "evidence_id"]).iloc[-1].to_dict()
            reason += f"另见{_said(background)}范围不同，不作依据。"
        amount, share, periods = known_progress(commitment, found)
        if state != DONE and share is not None:
            reason += f"{periods}合计{amount:.10g}{_text(commitment['unit'])}，为规划数的{share:.0%}，是已完成数的下限。"
        group = commitment["conflict_group"]
        partners = commitments[(commitments["conflict_group"] == group)
                               & (commitments["commitment_id"] != commitment["commitment_id"])]
        clauses = sorted({commitment["clause_id"], *partners["clause_id"]}) if len(partners) else []
        rows.append({
            **commitment,
            "project_name": projects["name_zh"].get(commitment["project_id"], ""),
            "project_kind": projects["kind"].get(commitment["project_id"], ""),
            "clause_title": titles.get(commitment["clause_id"], ""),
            "comparison_zh": COMPARISON_ZH.get(commitment["comparison"], ""),
            "state": state, "reason": reason,
            "evidence_value": latest.get("value"), "evidence_unit": latest.get("unit", ""),
            "evidence_period": latest.get("period", ""), "evidence_note": latest.get("note", ""),
            "evidence_published": latest.get("published", ""), "evidence_source_id": latest.get("source_id", ""),
            "evidence_count": len(found),
            "known_amount": amount, "known_share": share, "known_periods": periods,
            "conflict_name": "" if pd.isna(group) else conflict_names.get(group, ""),
            "conflict_with": "；".join(partners["commitment_id"]), "conflict_clauses": "；".join(clauses)})
    order = {project: place for place, project in enumerate(projects.index)}
    frame = pd.DataFrame(rows, columns=list(REGISTER_COLUMNS))
    return frame.sort_values("commitment_id").sort_values(
        "project_id", key=lambda ids: ids.map(order), kind="stable", ignore_index=True)


def deciding_evidence(found: pd.DataFrame) -> dict[Any, Any]:
    """Choose the row of evidence a state rests on: a published completion, else the newest progress.

    Parameters
    ----------
    found
        Rows of ``plan/evidence.csv`` on one commitment.

    Returns
    -------
    dict
        The row; empty if there is none. Background rows (another scope, or before the plan) never decide.
    """
    for state in ("done", "progress"):
        rows = found[found["state"] == state].sort_values(["published", "evidence_id"])
        if len(rows):
            return rows.iloc[-1].to_dict()
    return {}


def known_progress(commitment: Mapping[Any, Any], found: pd.DataFrame) -> tuple[float | None, float | None, str]:
    """Add up what was published for single periods that do not overlap: done at least, and its share of the promise.

    Parameters
    ----------
    commitment
        A row of ``plan/commitments.csv``.
    found
        Rows of ``plan/evidence.csv`` on it.

    Returns
    -------
    tuple
        Amount, share of the promised amount, and the periods; (None, None, "") where fewer than two periods can be added.

    Examples
    --------
    >>> rows = pd.DataFrame({"adds": [True, True, False], "unit": "个", "value": [201.0, 212.0, 1057.0],
    ...                      "period": ["2021年", "2024年", "截至2022年末"], "published": ["a", "b", "c"]})
    >>> known_progress({"amount": 900, "unit": "个"}, rows)[0]
    413.0
    """
    parts = found[found["adds"].astype(bool) & (found["unit"] == commitment["unit"]) & found["value"].notna()]
    parts = parts.sort_values("published", kind="stable")
    if len(parts) < 2 or not commitment["amount"]:
        return None, None, ""
    total = float(parts["value"].sum())
    return total, total / float(commitment["amount"]), "、".join(parts["period"].astype(str))


def judge_commitment(commitment: Mapping[Any, Any], evidence: Mapping[Any, Any], cut_off: str) -> tuple[str, str]:
    """Return the state of one commitment and the reason.

    Parameters
    ----------
    commitment
        A row of ``plan/commitments.csv``.
    evidence
        The deciding row of ``plan/evidence.csv`` on it, or an empty dict.
    cut_off
        ISO date up to which publications count.

    Returns
    -------
    tuple of str
        State and Chinese sentence.

    Examples
    --------
    >>> rail = {"amount": 516, "unit": "公里", "comparison": "eq", "due_year": 2022}
    >>> judge_commitment(rail, {}, "2025-06-30")
    ('逾期未见公布', '期限为2022年，截至2025-06-30没有见到完成的公布。')
    """
    due = int(commitment["due_year"])
    # A commitment for a year can be kept until its last day.
    passed = f"{due}-12-31" < cut_off
    if not evidence:
        if passed:
            return OVERDUE, f"期限为{due}年，截至{cut_off}没有见到完成的公布。"
        return NOT_PUBLISHED, f"期限为{due}年，截至{cut_off}没有见到公布。"
    said = _said(evidence)
    if evidence["state"] == "done" and fulfils(commitment, evidence):
        return DONE, said
    if passed:
        return OVERDUE, f"{said}期限为{due}年，没有见到完成的公布。"
    return UNDER_WAY, f"{said}期限为{due}年。"


def fulfils(commitment: Mapping[Any, Any], evidence: Mapping[Any, Any]) -> bool:
    """Whether published evidence reaches the amount; a completion published without a number counts as it says.

    An amount without a sign (``eq``) and one marked 约 (``about``) are reached from the printed amount on.

    Examples
    --------
    >>> rail = {"amount": 516, "unit": "公里", "comparison": "eq"}
    >>> fulfils(rail, {"value": 516, "unit": "公里"}), fulfils(rail, {"value": 480, "unit": "公里"})
    (True, False)
    """
    if pd.isna(evidence.get("value")):
        return True
    return _text(evidence.get("unit")) == _text(commitment["unit"]) and evidence["value"] >= commitment["amount"]


def commitment_counts(register: pd.DataFrame) -> pd.DataFrame:
    """Count the states by project (the board of chapter five).

    Returns
    -------
    DataFrame
        One row per project in the order of the register; columns project_id, project_name, one per state, total.

    Examples
    --------
    >>> register = pd.DataFrame({"project_id": ["P1"], "project_name": ["甲"], "state": ["未公布"]})
    >>> commitment_counts(register)["total"].tolist()
    [1]
    """
    counts = (register.groupby(["project_id", "project_name", "state"], sort=False).size()
              .unstack(fill_value=0).reindex(columns=list(COMMITMENT_STATES), fill_value=0))
    counts["total"] = counts.sum(axis=1)
    return counts.reset_index().rename_axis(columns=None)


def conflict_register(register: pd.DataFrame) -> pd.DataFrame:
    """List the conflicts inside the plan, one row per pair of statements that give different numbers to one programme.

    Parameters
    ----------
    register
        From :func:`commitment_register`.

    Returns
    -------
    DataFrame
        The rows of the register that belong to a conflict group of two or more, ordered by group and clause.
    """
    conflicting = register[register["conflict_with"] != ""]
    return conflicting.sort_values(["conflict_group", "clause_id", "commitment_id"], ignore_index=True)


def _said(evidence: Mapping[Any, Any]) -> str:
    amount = "" if pd.isna(evidence.get("value")) else f"{evidence['value']:.10g}{_text(evidence.get('unit'))}"
    note = _text(evidence.get("note")).rstrip("。")
    return f"{_text(evidence.get('period'))}：{'，'.join(part for part in (amount, note) if part)}。"


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)
