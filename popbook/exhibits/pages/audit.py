"""The plan checked by its own arithmetic: what agrees, what does not, and what explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.needs import gap
from popbook.exhibits.charts import shares_chart
from popbook.exhibits.model import Column, Figure, Section, Table
from popbook.exhibits.pages.corrections import clause_places
from popbook.exhibits.pages.counts import count
from popbook.exhibits.theme import STATUS_COLOURS
from popbook.ledger.store import Ledger
from popbook.monitoring.audit import audit_plan, has_checks, unchecked_quantities
from popbook.monitoring.rounding import rounded_text

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

AGREES, DIFFERS, WAITS = "相符", "不符", "待核验"
_COLOURS = {AGREES: STATUS_COLOURS["完成"], DIFFERS: STATUS_COLOURS["难以达成"], WAITS: STATUS_COLOURS["未公布"]}
#: Deviations that change how a number of the plan may be used; said only while the check fails.
_WARNINGS = {
    "a-scale-concepts": "户籍、流动、常住三种人口不能相加，也不能互相推算。",
    "a-scale-census": "常住人口的十年增量对应两次普查的时点，不对应表1的年末数。",
    "a-text-floating-growth": "流动人口的“十三五”增幅以2016年为基期，与同句户籍人口的基期不同。",
    "a-rate-natural-bound": "户籍出生率和自然增长率的两个下限不能同时取到：出生率降到下限时，自然增长率已低于下限。",
    "a-share-five-named": "2020年的区县占比按2021年4月调整后的区划计算，“五区”实际含临平。",
    "a-t4-fertility": "规划所列总和生育率与常住出生数不符，不能用来测算常住出生。",
    "a-talent-density": "每万名就业人口的人才数不能用来倒推就业人口。",
    "a-dependency-15-59-2025": "抚养比的上限只与15—64岁口径比较。",
}
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
    if not has_checks(report.ledger):
        return (gap(report, "audit-deviations", "规划数字核验", ["为本规划写明的核验算式"]),)
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
    return Section(
        "audit-deviations", f"核验{total}，{differing}不符", lead, (_summary_figure(report, checks), table, *_for_use(report, failed)),
    )  # fmt: skip


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
        "相符指印刷值与复算值在各数取位误差之内可以是同一个数；界限类的核验看复算的数是否在界限以内。"
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
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(report.plan_source,),
        missing="blank",
    )
    return Section(
        "audit-unchecked",
        f"正文登记的{total}数中，{alone}不能由其他数推出",
        "多是年龄界限、年份、次数、名称中的数，或只出现一次的数量。逐个读过，列在这里，不算相符也不算不符。",
        (table,),
    )


def _summary_figure(report: Report, checks: pd.DataFrame) -> Figure:
    passed, failed = checks["passed"].eq(True).fillna(False), checks["passed"].eq(False).fillna(False)
    frame = pd.DataFrame({"类别": checks["kind"], AGREES: passed, DIFFERS: failed, WAITS: ~(passed | failed)})
    frame = frame.groupby("类别", sort=False).sum().astype("int64").reset_index()
    if not frame[WAITS].any():
        frame = frame.drop(columns=WAITS)
    parts = {name: _COLOURS[name] for name in frame.columns if name in _COLOURS}
    worst = frame.iloc[int(frame[DIFFERS].to_numpy().argmax())]
    title = f"{len(checks)}项核验中{int(failed.sum())}项不符，“{worst['类别']}”类最多，{int(worst[DIFFERS])}项"
    return Figure(
        id="fig-audit",
        title=title,
        subtitle="按类别分的核验项数（项）",
        alt=f"横向堆叠条形图，每行一类核验，分段为相符、不符{'和待核验' if WAITS in parts else ''}的项数。{title}。",
        frame=frame,
        draw=lambda layout: shares_chart(frame, layout, category="类别", parts=parts, unit="项", decimals=0),
        unit="项",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(report.plan_source,),
    )


def _for_use(report: Report, failed: pd.DataFrame) -> tuple[str, ...]:
    """Say of which deviations a reader of the plan must know before using its numbers."""
    said = [text for check_id, text in _WARNINGS.items() if check_id in set(failed["check_id"])]
    if not said:
        return ()
    return ("引用规划数字前应知道：\n\n" + "\n".join(f"- {text}" for text in said),)


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
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(report.plan_source,),
        group_by="kind",
        missing="blank",
    )


def _reasons(ledger: Ledger) -> dict[str, str]:
    """What a reader is shown for the id of a correction or of a conflict."""
    corrections = {item.correction_id: f"勘误：{item.field}" for item in ledger.corrections}
    conflicts = ledger.plan.conflicts
    named = zip(conflicts["conflict_group"], conflicts["name_zh"], strict=True)
    return corrections | {str(key): f"规划内部不一致：{name}" for key, name in named}
