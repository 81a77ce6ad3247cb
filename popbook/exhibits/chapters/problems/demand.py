"""Demand of school age and of the very old: which groups the edition's own forecast sees rise or fall for certain."""

from __future__ import annotations

import pandas as pd

from popbook.exhibits.model import Column, Table
from popbook.exhibits.phrases import list_phrase
from popbook.exhibits.report import Report
from popbook.monitoring.demand import demand_table, evaluate_demand
from popbook.monitoring.rounding import rounded_text
from popbook.monitoring.warnings import FIRED, QUIET, UNKNOWN

#: A state as tables print it: the shape before the word.
STATE_SIGNS = {FIRED: "■ 触发", QUIET: "○ 未触发", UNKNOWN: "□ 无法判断"}


def demand_words(report: Report) -> str:
    """Say which demand rules fire; register the result ``demand``.

    Parameters
    ----------
    report
        The edition.
    """
    found = evaluate_demand(report.ledger)
    report.result("demand", demand_table(found))
    fired = [warning for warning in found if warning.state == FIRED]
    total = report.fact(f"fact-demand-rules-{report.edition}", "需求预警规则", len(found), "条", 0, year=report.edition)
    on = report.fact(f"fact-demand-fired-{report.edition}", "触发的需求预警", len(fired), "条", 0, year=report.edition)
    text = f"学龄和高龄人口按本版的分年龄预测另设{total}规则，触发{on}"
    text += f"：{list_phrase(warning.name for warning in fired)}。" if fired else "。"
    return text


def demand_exhibit(report: Report) -> Table:
    """Return the demand rules with this edition's figures and the state in every edition.

    Parameters
    ----------
    report
        The edition.
    """
    found = evaluate_demand(report.ledger)
    rows = [
        {
            "name": warning.name,
            "now": warning.origin_value,
            "interval": f"{rounded_text(warning.low, 1)}—{rounded_text(warning.high, 1)}",
            "state": STATE_SIGNS[warning.state],
            "reason": warning.reason,
        }
        for warning in found
    ]
    first = found[0]
    visible = (w.source_id for w in found if w.source_id and report.ledger.sources[w.source_id].published <= str(report.about.cut_off))
    latest = report.ledger.latest("resident_population", report.region_id)
    return Table(
        id="tbl-demand",
        title="学龄和高龄人口的需求预警",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "预警"),
            Column("now", f"{first.origin_year}年末", "万人", 1),
            Column("interval", f"{first.year}年{first.level}%区间", "万人", 1, emphasis=True),
            Column("state", "状态"),
            Column("reason", "依据"),
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=(first.origin_year, first.year),
        source_ids=tuple(dict.fromkeys((*visible, *(() if latest is None else (latest.source_id,))))),
        notes=(
            "上升类：区间整个高于起点人数即触发；下降类：区间整个低于起点人数即触发。",
            "起点人数由队列要素推算得出，是估计数。各版按当时的预测判断；2022年度版起采用2020年普查的分年龄人口，起点与以前各版不同。",
        ),
        missing="blank",
    )
