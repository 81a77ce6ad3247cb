"""What the report changed against the printed sources, and where series must not be compared."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from popbook.exhibits.model import Column, Section, Table
from popbook.exhibits.pages.counts import count
from popbook.ledger.model import Break
from popbook.ledger.store import Ledger

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

BREAK_KINDS_ZH = {"rebasing": "换基数", "scope": "改范围", "boundary": "调区划"}
APPLIED = "applied"
NUMERALS = "零一二三四五六七八九十"


def breaks_known(ledger: Ledger) -> tuple[Break, ...]:
    """Return the breaks that had been announced by the edition's cut-off date.

    Parameters
    ----------
    ledger
        The ledger of an edition.

    Returns
    -------
    tuple of Break
        In the order of their file.
    """
    if ledger.cut_off is None:
        return ledger.breaks
    return tuple(item for item in ledger.breaks if ledger.sources[item.source_id].published <= ledger.cut_off)


def clause_places(ledger: Ledger) -> dict[str, str]:
    """Write where each clause stands in the plan: 表4, 一（二）1, 前言.

    Parameters
    ----------
    ledger
        Any ledger with a plan.

    Returns
    -------
    dict of str to str
        Clause id to place; clauses outside the numbered text go by their title.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> places = clause_places(read_ledger())
    >>> places["t4"], places["c1-2-1"], places["c2-3-p1"], places["c0-0-p0"]
    ('表4', '一（二）1', '二（三）', '封面')
    """
    return {str(row["clause_id"]): _place(row) for row in ledger.plan.clauses.to_dict("records")}


def _place(row: Mapping[Hashable, Any]) -> str:
    title = str(row["title"])
    chapter, section, paragraph = ("" if pd.isna(row[key]) else str(row[key]) for key in ("chapter", "section", "paragraph"))
    if re.match(r"[表图]\d", title):
        return title.partition("：")[0]
    if chapter in ("", "0"):
        return title
    place = NUMERALS[int(chapter)] + (f"（{NUMERALS[int(section)]}）" if section else "")
    if paragraph.startswith("b"):
        return place + "专栏"
    number, _, footnote = paragraph.partition("-")
    return place + (number if number.isdigit() else "") + ("脚注" if footnote.startswith("n") else "")


def corrections(report: Report) -> tuple[Section, ...]:
    """Return the sections of the corrections page: corrections of printed figures, and breaks.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    tuple of Section
    """
    return printed(report), breaks(report)


def printed(report: Report) -> Section:
    """Return the section with every deviation from what a source printed."""
    ledger = report.ledger
    places = clause_places(ledger)
    items = ledger.corrections
    if not items:
        return Section("corrections-printed", "本版没有改动来源印刷的数", "全部数字照来源印刷的样子采用。")
    applied = sum(item.status == APPLIED for item in items)
    frame = pd.DataFrame(
        [
            {
                "treatment": "按更正采用" if item.status == APPLIED else "照印保留，只作说明",
                "place": places[item.clause_id],
                "field": item.field,
                "printed": item.printed,
                "used": item.used,
                "reason": item.reason,
                "guard": item.guard,
            }
            for item in sorted(items, key=lambda item: item.status != APPLIED)
        ]
    )
    noted = len(items) - applied
    table = Table(
        id="tbl-corrections",
        title=f"对规划印刷数字的更正（{applied}处）和说明（{noted}处）",
        frame=frame,
        columns=(
            Column("field", "项目"),
            Column("printed", "印刷"),
            Column("used", "采用"),
            Column("reason", "理由"),
            Column("place", "位置"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(report.plan_source,),
        notes=("每条指向数据表中的一个单元格；该单元格的文字一旦改变，数据检查即提示这一条需要复核。",),
        group_by="treatment",
        missing="blank",
    )
    return Section(
        "corrections-printed",
        f"勘误：更正{count(report, 'correction', '对规划印刷数字的更正', applied, '处')}，"
        f"说明{count(report, 'remark', '对规划印刷数字的说明', noted, '处')}",
        "印刷值照原样保存在规划数据表中，只在计算和展示时按下表处理。没有列出的数一律照印采用。",
        (table,),
    )


def breaks(report: Report) -> Section:
    """Return the section with every declared break of definition, base or boundary."""
    ledger = report.ledger
    known = breaks_known(ledger)
    if not known:
        return Section("corrections-breaks", "没有声明的口径断点", "各数列的定义和基数没有改变。")
    rows = [
        {
            "name": f"{item.name_zh}（{item.year - 1}与{item.year}年之间）",
            "kind": BREAK_KINDS_ZH[item.kind],
            "indicator": ledger.indicators[item.indicator_id].name_zh if item.indicator_id else "全部指标",
            "where": ledger.regions[item.region_id].name_zh if item.region_id else "全部地区",
            "description": item.description,
        }
        for item in known
    ]
    # Breaks of one name stand together, in the order in which the names first occur.
    order = list(dict.fromkeys(row["name"] for row in rows))
    rows.sort(key=lambda row: order.index(row["name"]))
    frame = pd.DataFrame(rows)
    table = Table(
        id="tbl-breaks",
        title=f"口径断点：{len(order)}种，{len(frame)}个数列",
        frame=frame,
        columns=(
            Column("indicator", "指标"),
            Column("where", "地区"),
            Column("kind", "性质"),
            Column("description", "说明"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=tuple(sorted({item.year for item in known})),
        source_ids=tuple(sorted({item.source_id for item in known})),
        notes=("“换基数”的断点只作用于换基数以前公布的数；按新基数修订的往年数与断点以后的数可比。",),
        group_by="name",
        missing="blank",
    )
    return Section(
        "corrections-breaks",
        f"口径断点：{count(report, 'break', '口径断点', len(order), '种')}，不跨断点比较",
        "断点两侧的差不是增长。跨断点的增量、增速和趋势一律不计算，确需并列时在图表下注明。",
        (table,),
    )

