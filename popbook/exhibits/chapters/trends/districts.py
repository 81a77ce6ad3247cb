"""Districts on the old boundaries, forecast so that they add to the city in every trajectory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.trends.evidence import forecast_sources
from popbook.exhibits.model import Column, Note, Section, Table
from popbook.forecasting.districts import CENSUS_TABLES, NO_TABLES, RULE, SECOND_CENSUS, forecast_districts

if TYPE_CHECKING:
    from popbook.exhibits.report import Report



def districts(report: Report) -> Section:
    """Return the section on the old districts.

    Parameters
    ----------
    report
        The edition.
    """
    result = forecast_districts(report.ledger)
    if result is None:
        return Section(
            "trends-districts", "本版没有按区推算所需的数", f"{NO_TABLES}。2021年区划调整以后的历年分区常住人口没有成套公布，也不能推算。", ()
        )
    frame = _frame(report, result.table)
    report.result("districts", result.table)
    largest = frame.sort_values("change").iloc[-1]
    change = report.fact(
        f"fact-district-share-change-{report.edition}", f"{largest['name']}占全市比重：{report.last_year}年推算比{SECOND_CENSUS}年普查",
        round(float(largest["change"]), 10), "个百分点", 1, year=report.last_year, basis="resident", source_ids=_sources(report),
        derivation="推算的比重 − 普查的比重",
    )  # fmt: skip
    heading = f"按旧区界推算，{largest['name']}的比重提高最多，到{report.last_year}年提高{change}"
    lead = "各区推算在每条轨迹中都与全市之和相等。区间很宽：各区只有两次普查的数，2021年区划调整后没有同一区界的历年数。"
    note = Note(
        "方法：分区推算怎样与全市衔接",
        f"{RULE}。衔接时全市不动，误差大的区让得多；逐条轨迹衔接，区间由衔接后的轨迹取分位数，各区区间不能相加。公式见[衔接](#methods-coherence)。",
    )
    policy = "教育、医疗和托育设施按区布点时，宜用区间上下限分别核算，并尽快公布现行区界的历年常住人口。"
    return Section("trends-districts", heading, lead, (_table(report, frame), note), policy)


def _frame(report: Report, table: pd.DataFrame) -> pd.DataFrame:
    census = report.ledger.rows_of("census_population")
    rows = census[census["source_id"] == CENSUS_TABLES[1]]
    base = rows.set_index("region_id")["value"].astype(float)
    wide = table.set_index(["region_id", "year"])
    result = []
    for region_id in dict.fromkeys(table["region_id"]):
        middle, last = wide.loc[(region_id, report.plan.milestones[-2])], wide.loc[(region_id, report.last_year)]
        share = 100 * base[region_id] / base.drop(report.region_id, errors="ignore").sum()
        result.append(
            {
                "name": last["name_zh"], "census": base[region_id], "middle": middle["point"], "last": last["point"],
                "low": last["lo80"], "high": last["hi80"], "share0": share, "share1": last["share"], "change": last["share"] - share,
            }
        )  # fmt: skip
    return pd.DataFrame(result).sort_values("last", ascending=False, ignore_index=True)


def _table(report: Report, frame: pd.DataFrame) -> Table:
    return Table(
        id="tbl-districts",
        title=f"各区县（2021年区划调整以前的区界）常住人口推算，到{report.last_year}年",
        frame=frame,
        columns=(
            Column("name", "区县"),
            Column("census", f"{SECOND_CENSUS}年普查", "万人", 1),
            Column("middle", f"{report.plan.milestones[-2]}年", "万人", 1, group="推算"),
            Column("last", f"{report.last_year}年", "万人", 1, emphasis=True, group="推算"),
            Column("low", "下限", "万人", 1, group=f"{report.last_year}年80%区间"),
            Column("high", "上限", "万人", 1, group=f"{report.last_year}年80%区间"),
            Column("share0", f"{SECOND_CENSUS}年普查", "%", 1, group="占全市比重"),
            Column("share1", f"{report.last_year}年", "%", 1, group="占全市比重"),
        ),
        unit="万人、%",
        basis="resident",
        region_id=report.region_id,
        years=(SECOND_CENSUS, report.plan.milestones[-2], report.last_year),
        source_ids=_sources(report),
        notes=("普查为11月1日零时，推算为年末。点推算之和等于全市，各区区间之和不等于全市区间。覆盖率不能实测。",),
        indicator_ids=("resident_population",),
    )


def _sources(report: Report) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*CENSUS_TABLES, *forecast_sources(report, "resident"))))
