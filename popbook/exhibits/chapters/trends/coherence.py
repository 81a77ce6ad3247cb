"""The three concepts together: they do not add, but every joint draw keeps the ratio of the two registers to residents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.trends.evidence import (
    CONCEPTS,
    forecast_sources,
    horizons,
    number,
    whole,
)
from popbook.exhibits.model import Block, Column, Table
from popbook.forecasting.register_ratio import ConceptDraws, draw_concepts, published_ratio

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

RATIO = "（户籍＋流动）÷常住"


def coherence_blocks(report: Report) -> tuple[Block, ...]:
    """Return words and table of the reconciled concepts; nothing where the ratio is not known for enough years.

    Parameters
    ----------
    report
        The edition.
    """
    drawn = draw_concepts(report.ledger)
    return () if drawn is None else (_words(report, drawn), _table(report, drawn))


def _sources(report: Report) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source for concept in CONCEPTS for source in forecast_sources(report, concept)))


def _words(report: Report, drawn: ConceptDraws) -> str:
    known = published_ratio(report.ledger)
    last = whole(known.index[-1])
    ratio = report.fact(
        f"fact-register-ratio-{last}", f"{last}年{RATIO}", round(number(known.iloc[-1]), 10), "", 2, year=last, source_ids=_sources(report),
        derivation="户籍、登记流动与常住三个公布数的登记关系，不表示人口相加",
    )  # fmt: skip
    rows = drawn.table[drawn.table["year"] == report.last_year].set_index("concept")
    moved = []
    for concept in ("hukou", "floating"):
        change = number(rows.at[concept, "point"]) - number(rows.at[concept, "single"])
        fact = report.fact(
            f"fact-reconciled-change-{concept}-{report.edition}", f"衔接使{report.last_year}年{CONCEPTS[concept]}中心值变动", round(change, 10),
            "万人", 1, year=report.last_year, source_ids=_sources(report), derivation="衔接后 − 衔接前",
        )  # fmt: skip
        moved.append(f"{CONCEPTS[concept]}{fact:+}")
    return (
        f"三个口径不能相加，能衔接的只有登记比率：{RATIO}在{whole(known.index[0])}—{last}年间由{known.iloc[0]:.2f}到{ratio}。"
        f"逐条轨迹随机抽取这一比率，使户籍加流动等于比率乘常住；常住不动，户籍和流动按误差大小分摊差数。"
        f"{report.last_year}年的中心值因此变动：{'，'.join(moved)}。各口径单独的预测和实测覆盖率仍以前面的表为准。"
    )


def _table(report: Report, drawn: ConceptDraws) -> Table:
    shown = horizons(report, int(drawn.table["year"].min()) - 1)
    table = drawn.table[drawn.table["year"].isin(shown)]
    rows = []
    for concept, label in {**CONCEPTS, "ratio": RATIO}.items():
        decimals = 2 if concept == "ratio" else 1
        for row in table[table["concept"] == concept].to_dict("records"):
            cells = {key: f"{number(row[key]):.{decimals}f}" for key in ("single", "point", "lo80", "hi80", "lo95", "hi95")}
            rows.append({"group": label if concept == "ratio" else f"{label}（万人）", "when": f"{row['year']}年", **cells})
    columns = [Column("when", "年份"), Column("single", "单独预测", decimals=1), Column("point", "中心值", decimals=1, emphasis=True, group="衔接后")]
    for level in (80, 95):
        columns += [Column(f"{side}{level}", f"{level}%{name}", decimals=1, group="衔接后") for side, name in (("lo", "下限"), ("hi", "上限"))]
    return Table(
        id="tbl-concepts-reconciled",
        title="三个口径按登记比率衔接后的预测",
        frame=pd.DataFrame(rows),
        columns=tuple(columns),
        unit="万人",
        basis="none",
        region_id=report.region_id,
        years=shown,
        source_ids=_sources(report),
        notes=(
            f"{RATIO}是登记关系，不是人口相加。比率取1至1.5之间的逻辑变换，随机游走，离散程度取已公布各年的变动。",
            "每条轨迹都衔接到相等，区间由轨迹取分位数；分位数不相加。覆盖率不能实测。",
        ),
        indicator_ids=("resident_population", "hukou_population", "floating_population"),
        group_by="group",
    )
