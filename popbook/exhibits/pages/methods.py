"""The part of the methods page that is data: the assumptions of the scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.needs import gap
from popbook.exhibits.model import Column, Section, Table
from popbook.forecasting.scenarios import SCENARIOS

if TYPE_CHECKING:
    from popbook.exhibits.report import Report


def methods(report: Report) -> tuple[Section, ...]:
    """Return the generated sections of the methods page.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    tuple of Section
    """
    return (scenarios(report),)


def scenarios(report: Report) -> Section:
    """Return the section with the assumptions that make a scenario, as the projection reads them."""
    declared = report.ledger.table("scenarios", as_published=False)
    if declared.empty:
        return gap(report, "methods-scenarios", "推算方案的假设", ["推算方案的假设"])
    rows = []
    for scenario in SCENARIOS:
        own = declared[declared["scenario"] == scenario].to_dict("records")
        value = {row["assumption"]: float(row["value"]) for row in own}
        reason = {row["assumption"]: str(row["reason"]) for row in own}
        has_migration = value["with_migration"] == 1
        told = reason if has_migration else {"with_migration": reason["with_migration"]}
        rows.append(
            {
                "name": own[0]["name_zh"],
                "fertility": value["fertility_change_2030"],
                "quantile": 100 * value["migration_peer_quantile"] if has_migration else None,
                "reason": "；".join(told.values()),
            }
        )
    table = Table(
        id="tbl-scenario-assumptions",
        title="推算方案的假设",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "方案"),
            Column("fertility", "2030年总和生育率变化", decimals=2, signed=True),
            Column("quantile", "净迁移靠拢的百分位", decimals=0),
            Column("reason", "说明"),
        ),
        unit="",
        basis="resident",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(),
        notes=("百分位指同类城市最近五年平均增速由低到高的位置；生育水平到2030年等步变化，此后不变。",),
        missing="blank",
    )
    return Section(
        "methods-scenarios",
        "推算方案",
        "方案是有名称的假设，用队列要素模型推算，不带概率。无迁移参照只用来看自然变动，不是方案。",
        (table,),
    )
