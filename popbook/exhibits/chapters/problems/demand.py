"""Demand of school age and of the very old: which groups the edition's own forecast sees rise or fall for certain."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from popbook.exhibits.model import Column, Table
from popbook.exhibits.phrases import list_phrase
from popbook.exhibits.report import Report
from popbook.ledger.store import Ledger
from popbook.monitoring.demand import DemandWarning, demand_table, evaluate_demand
from popbook.monitoring.rounding import rounded_text
from popbook.monitoring.warnings import FIRED, QUIET

_SHAPES = {FIRED: "■ 触发", QUIET: "○ 未触发"}


@lru_cache(maxsize=8)
def known_demand(ledger: Ledger) -> tuple[DemandWarning, ...]:
    """Return the demand warnings of an edition's ledger; evaluated once per ledger."""
    return evaluate_demand(ledger)


def demand_words(report: Report) -> str:
    """Say which demand rules fire and how many earlier warnings were taken back; register the result ``demand``.

    Parameters
    ----------
    report
        The edition.
    """
    found = known_demand(report.ledger)
    report.result("demand", demand_table(found))
    fired = [warning for warning in found if warning.state == FIRED]
    total = report.fact(f"fact-demand-rules-{report.edition}", "需求预警规则", len(found), "条", 0, year=report.edition)
    on = report.fact(f"fact-demand-fired-{report.edition}", "触发的需求预警", len(fired), "条", 0, year=report.edition)
    text = f"学龄和高龄人口按本版的分年龄预测另设{total}规则，触发{on}"
    text += f"：{list_phrase(warning.name for warning in fired)}。" if fired else "。"
    alarms = [warning for warning in found if warning.false_alarms]
    if alarms:
        times = report.fact(
            f"fact-demand-false-alarms-{report.edition}", "下一版撤回的需求预警", sum(w.false_alarms for w in alarms), "次", 0,
            year=report.edition,
        )  # fmt: skip
        text += f"以往各版的这类预警有{times}被下一版撤回（{list_phrase(warning.name for warning in alarms)}）。"
    elif len(found[0].history) > 1:
        text += "以往各版的这类预警没有一次被下一版撤回。"
    return text


def demand_exhibit(report: Report) -> Table:
    """Return the demand rules with this edition's figures and the state in every edition.

    Parameters
    ----------
    report
        The edition.
    """
    found = known_demand(report.ledger)
    editions = [edition for edition, _ in found[0].history]
    rows = [
        {
            "name": warning.name,
            "now": warning.origin_value,
            "interval": f"{rounded_text(warning.low, 1)}—{rounded_text(warning.high, 1)}",
            **{f"e{edition}": _SHAPES[state] for edition, state in warning.history},
            "first": "" if warning.first_fired is None else f"{warning.first_fired}年度版",
            "alarms": warning.false_alarms,
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
            *(Column(f"e{e}", f"{e}年度版", emphasis=e == report.edition) for e in editions),
            Column("first", "首次触发"),
            Column("alarms", "撤回", "次", 0),
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=(first.origin_year, first.year),
        source_ids=tuple(dict.fromkeys((*visible, *(() if latest is None else (latest.source_id,))))),
        notes=(
            "上升类：区间整个高于起点人数即触发；下降类：区间整个低于起点人数即触发。床位和学位没有公布的数量界限可依，故以起点人数为界；"
            "各条依据见数据文件 demand_rules.csv。",
            "起点人数由队列要素推算得出，是估计数。各版按当时的预测判断；2022年度版起采用2020年普查的分年龄人口，起点与以前各版不同。",
        ),
        missing="blank",
    )
