"""The plan checked by its own arithmetic: what agrees, what does not, and what explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.model import Column, Section, Table
from popbook.exhibits.pages.corrections import clause_places
from popbook.exhibits.pages.counts import count
from popbook.exhibits.pages.sources import PLAN_SOURCE
from popbook.ledger.store import CITY, Ledger
from popbook.monitoring.audit import audit_plan, unchecked_quantities
from popbook.monitoring.rounding import rounded_text

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

_COLUMNS = (
    Column("name", "核验的数"),
    Column("printed", "规划的数"),
    Column("computed", "复算的数"),
    Column("formula", "算法"),
    Column("explained", "说明"),
    Column("clause", "位置"),
)


def printed_number(value: float | None, unit: str) -> str:
    """Write a number of the plan with its unit, with at most two digits after the point.

    Examples
    --------
    >>> printed_number(4.29, "%"), printed_number(-37.62, "万人"), printed_number(1370.0, "万人"), printed_number(None, "")
    ('4.29%', '−37.62万人', '1370万人', '未公布')
    """
    if value is None or pd.isna(value):
        return "未公布"
    return rounded_text(float(value), 2).rstrip("0").rstrip(".") + unit


def audit(report: Report) -> tuple[Section, ...]:
    """Return the sections of the audit: deviations, all checks, numbers that enter none.

    Registers the result ``plan_audit`` (plan_audit.csv).

    Parameters
    ----------
    report
        The edition; checks that need figures it does not know stay open.

    Returns
    -------
    tuple of Section
    """
    checks = audit_plan(report.ledger)
    report.result("plan_audit", checks)
    return deviations(report, checks), agreements(report, checks), unchecked(report)


def deviations(report: Report, checks: pd.DataFrame) -> Section:
    """Return the section with every check that fails and what explains it.

    Parameters
    ----------
    report
        The edition.
    checks
        From :func:`popbook.monitoring.audit.audit_plan`.
    """
    failed = checks[checks["passed"].eq(False).fillna(False)]
    if failed.empty:
        return Section("audit-deviations", f"{len(checks)}项核验没有发现不符", "规划的数字互相一致。")
    total = count(report, "audit-check", "对规划数字的核验", len(checks), "项")
    differing = count(report, "audit-deviation", "核验不符的项", len(failed), "项")
    agreeing = count(report, "audit-agreement", "核验相符的项", int(checks["passed"].fillna(False).sum()), "项")
    unexplained = int((failed["explained_by"] == "").sum())
    lead = f"其余{agreeing}在取位误差之内相符。"
    if unexplained:
        open_ones = count(report, "audit-unexplained", "没有说明的不符项", unexplained, "项")
        lead += f"不符的各项中有{open_ones}没有对应的勘误或冲突登记，表中注“未说明”。"
    else:
        lead += "不符的各项都有勘误或冲突登记。"
    table = _checks_table(report, failed, "tbl-audit-deviations", f"核验不符的{len(failed)}项")
    return Section("audit-deviations", f"核验{total}，{differing}不符", lead, (table,))


def agreements(report: Report, checks: pd.DataFrame) -> Section:
    """Return the section with every check that passes or cannot be made yet.

    Parameters
    ----------
    report
        The edition.
    checks
        From :func:`popbook.monitoring.audit.audit_plan`.
    """
    others = checks[~checks["passed"].eq(False).fillna(False)]
    waiting = int(others["passed"].isna().sum())
    title = f"核验相符的{len(others) - waiting}项" + (f"和待核验的{waiting}项" if waiting else "")
    table = _checks_table(report, others, "tbl-audit-agreements", title)
    return Section(
        "audit-agreements",
        title,
        "相符指印刷值与复算值在各数取位误差之内可以是同一个数。"
        + ("待核验的项所需的数在本版截止日以前没有公布。" if waiting else ""),
        (table,),
    )


def unchecked(report: Report) -> Section:
    """Return the section with the numbers of the text that no identity uses.

    Parameters
    ----------
    report
        The edition.
    """
    ledger = report.ledger
    left, every = unchecked_quantities(ledger), len(ledger.plan.quantities)
    total = count(report, "audit-quantity", "规划正文和表中登记的数", every, "个")
    if left.empty:
        return Section("audit-unchecked", f"登记的{total}数全部进入核验", "没有不能复算的数。")
    alone = count(report, "audit-unchecked", "不能由其他数推出的数", len(left), "个")
    places = clause_places(ledger)
    table = Table(
        id="tbl-audit-unchecked",
        title="不能由其他数推出的数",
        frame=left.assign(clause=left["clause_id"].map(places)),
        columns=(Column("name_zh", "数"), Column("printed", "印刷"), Column("clause", "位置")),
        unit="",
        basis="none",
        region_id=CITY,
        years=(report.edition,),
        source_ids=(PLAN_SOURCE,),
        missing="blank",
    )
    return Section(
        "audit-unchecked",
        f"正文登记的{total}数中，{alone}不能由其他数推出",
        "多是年龄界限、年份、次数、名称中的数，或只出现一次的数量。逐个读过，列在这里，不算相符也不算不符。",
        (table,),
    )


def _checks_table(report: Report, checks: pd.DataFrame, table_id: str, title: str) -> Table:
    ledger = report.ledger
    places = clause_places(ledger)
    reasons = _reasons(ledger)
    frame = pd.DataFrame(
        [
            {
                "kind": check["kind"],
                "name": check["name_zh"],
                "printed": printed_number(check["printed"], check["unit"]),
                "computed": printed_number(check["computed"], check["unit"]),
                "formula": check["formula"],
                "explained": "；".join(reasons[key] for key in check["explained_by"].split("；") if key)
                or ("" if check["passed"] is True or pd.isna(check["passed"]) else "未说明"),
                "clause": places[check["clause_id"]],
                "check_id": check["check_id"],
            }
            for check in checks.to_dict("records")
        ]
    )
    return Table(
        id=table_id,
        title=title,
        frame=frame,
        columns=_COLUMNS,
        unit="",
        basis="none",
        region_id=CITY,
        years=(report.edition,),
        source_ids=(PLAN_SOURCE,),
        group_by="kind",
        missing="blank",
    )


def _reasons(ledger: Ledger) -> dict[str, str]:
    """What a reader is shown for the id of a correction or of a conflict."""
    corrections = {item.correction_id: f"勘误：{item.field}" for item in ledger.corrections}
    conflicts = ledger.plan.conflicts
    named = zip(conflicts["conflict_group"], conflicts["name_zh"], strict=True)
    return corrections | {str(key): f"规划内部不一致：{name}" for key, name in named}
