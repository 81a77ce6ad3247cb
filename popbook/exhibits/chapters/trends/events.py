"""The Games: growth of host cities before and after, beside control cities and placebo years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.trends.evidence import count_fact
from popbook.exhibits.charts import small_multiples
from popbook.exhibits.model import Block, Column, Figure, Note, Section, Table
from popbook.exhibits.phrases import list_phrase
from popbook.exhibits.theme import COLOURS
from popbook.forecasting.event_study import NONE, UNKNOWN, EventStudy, study_events

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

AROUND = range(-4, 4)
HOST, CONTROLS = "主办城市", "对照（中位数）"
OWN_EVENTS = ("own-planned", "own-held")
RELATIVE = "距赛事年数"


@or_gap("trends-events", "重大活动", Needs(tables=("panel_events_growth",)))
def events(report: Report) -> Section:
    """Return the section on growth around the Games.

    Parameters
    ----------
    report
        The edition.
    """
    study = study_events(report.ledger)
    report.result("events", study.effects)
    effects = study.effects.set_index("event_id")
    judged = effects[effects["verdict"] != UNKNOWN]
    own = [name for name in OWN_EVENTS if name in judged.index]
    others = judged[~judged.index.isin(OWN_EVENTS)]
    none = int((others["verdict"] == NONE).sum())
    total = count_fact(report, f"fact-games-studied-{report.edition}", "可以计算提高幅度的先例", len(others), "次", report.edition)
    if own:
        lifted = [name for name in own if effects.loc[name, "verdict"] != NONE]
        heading = f"{report.city}亚运会前后增速未见提高，先例也不足以支持推升的设想" if not lifted else f"{report.city}亚运会前后增速有提高，但不能归因于赛事"
        lead = _own_words(report, effects.loc[own]) + f"规划举出的{total}先例，{_others_words(others)}。"
    else:
        heading = "规划所举先例不足以支持亚运会推升人口增长的设想"
        lead = f"规划举出的{total}先例，{_others_words(others)}。{report.city}亚运会前后的数本版尚不能比较。"
    blocks: list[Block] = [_figure(report, study, none, len(others)), _table(report, study)]
    blocks.append(
        Note(
            "方法：怎样比较",
            "提高幅度为赛事前一年和当年的平均增速，减去再前两年的平均增速；再减对照城市同期提高幅度的中位数，为扣除共同变动后的差。"
            "安慰剂是同一算法用在对照城市各年和主办城市其他年份的结果，“偶然概率”为不小于主办城市的安慰剂所占份额（分子、分母各加1）。"
            "增速只在同一数列内计算，不跨普查基数调整。主办城市本来就是增长较快的城市，比较不说明因果。"
            "中方案和预测不计赛事作用，只有高方案在赛事前一年和当年各加0.3个百分点。公式见[重大活动](#methods-events)。",
        )
    )
    policy = "重大赛事不宜作为人口增量的依据。确需考虑时，应写明作用的年份和幅度，只放在高方案。"
    return Section("trends-events", heading, lead, tuple(blocks), policy)


def _own_words(report: Report, own: pd.DataFrame) -> str:
    parts = []
    for event_id, row in own.iterrows():
        lift = report.fact(
            f"fact-lift-{event_id}-{report.edition}", f"{row['event']}前后增速的提高幅度", round(float(row["lift"]), 10), "个百分点", 2,
            year=int(row["year"]), basis="resident", source_ids=_sources(report),
            derivation="赛事前一年与当年平均增速 − 再前两年平均增速",
        )  # fmt: skip
        control = report.fact(
            f"fact-control-lift-{event_id}-{report.edition}", f"{row['event']}同期对照城市提高幅度的中位数",
            round(float(row["control_lift"]), 10), "个百分点", 2, year=int(row["year"]), source_ids=_sources(report),
            derivation=f"{int(row['controls'])}个对照城市的中位数",
        )  # fmt: skip
        when = "原定" if event_id == "own-planned" else "实际举行的"
        parts.append(f"按{when}{int(row['year'])}年，前一年和当年的平均增速比再前两年变动{lift:+}，对照城市变动{control:+}")
    return "；".join(parts) + "。"


def _others_words(others: pd.DataFrame) -> str:
    words = []
    for verdict, part in others.groupby("verdict", sort=False):
        words.append(f"{list_phrase(part['event'])}{verdict}")
    return "，".join(words)


def _rows(study: EventStudy) -> pd.DataFrame:
    growth = study.growth[study.growth["relative_year"].isin(AROUND)]
    parts = []
    for _, part in growth.groupby("event_id", sort=False):
        host = part[part["role"] == "host"][["relative_year", "growth"]].assign(系列=HOST)
        control = part[part["role"] == "control"].groupby("relative_year")["growth"].agg(["median", "size"])
        control = control[control["size"] >= 2]["median"].rename("growth").reset_index().assign(系列=CONTROLS)
        both = pd.concat([host, control], ignore_index=True)
        both["段"] = both.groupby("系列")["relative_year"].transform(lambda years: (years.diff() != 1).cumsum()).astype(str)
        parts.append(both.assign(赛事=part["event"].iloc[0]))
    table = pd.concat(parts, ignore_index=True).rename(columns={"relative_year": RELATIVE, "growth": "增速（%）"})
    return table[["赛事", "系列", RELATIVE, "增速（%）", "段"]]


def _figure(report: Report, study: EventStudy, none: int, total: int) -> Figure:
    rows = _rows(study)
    effects = study.effects.set_index("event_id")
    own = [name for name in OWN_EVENTS if name in effects.index and effects.loc[name, "verdict"] == NONE]
    title = f"{total}次先例中{none}次未见推升"
    if own:
        title += f"，{report.city}{'按原定和实际日期都' if len(own) == 2 else '按原定日期'}未见推升"
    names = list(dict.fromkeys(rows["赛事"]))
    described = "；".join(
        f"{name}：提高{row['lift']:.2f}个百分点" for name, row in zip(effects["event"], effects.to_dict("records"), strict=True)
        if np.isfinite(row["lift"])
    ).replace("-", "−")
    return Figure(
        id="fig-event-growth",
        title=title,
        subtitle="年末常住人口增速，%；横轴0为赛事年，−1为前一年",
        alt=f"分格折线图，{len(names)}格。{described}。{title}。",
        frame=rows.drop(columns="段").round(3),
        draw=lambda layout: small_multiples(
            rows, layout, panel="赛事", x=RELATIVE, y="增速（%）", series="系列", segment="段", decimals=1, unit="%",
            colours={HOST: COLOURS["actual"], CONTROLS: COLOURS["plan"]}, columns=2, zero=True,
        ),
        unit="%",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in study.effects["year"]})),
        source_ids=_sources(report),
        notes=(
            "北京1990年没有对照城市。北京2008年、广州2010年为普查后修订数。对照不足两个城市的年份不画。",
        ),
        indicator_ids=("resident_population",),
    )  # fmt: skip


def _table(report: Report, study: EventStudy) -> Table:
    frame = study.effects[
        ["event", "lift", "controls", "control_lift", "effect", "placebos", "p", "verdict", "limits"]
    ].assign(controls=lambda t: t["controls"].astype(float), placebos=lambda t: t["placebos"].astype(float))
    return Table(
        id="tbl-event-effects",
        title="赛事前后增速的提高幅度，与对照城市和安慰剂比较",
        frame=frame,
        columns=(
            Column("event", "赛事"),
            Column("lift", "主办城市", "个百分点", 2, signed=True, group="提高幅度"),
            Column("control_lift", "对照中位数", "个百分点", 2, signed=True, group="提高幅度"),
            Column("effect", "两者之差", "个百分点", 2, signed=True, emphasis=True, group="提高幅度"),
            Column("controls", "对照城市", "个", 0),
            Column("placebos", "安慰剂", "个", 0),
            Column("p", "偶然概率", decimals=2),
            Column("verdict", "结论"),
            Column("limits", "局限"),
        ),
        unit="个百分点",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in study.effects["year"]})),
        source_ids=_sources(report),
        notes=("空格表示没有对照城市，或所需年份本版尚未公布。偶然概率是描述，不是检验：赛事和对照都不是随机选取。",),
        missing="blank",
    )


def _sources(report: Report) -> tuple[str, ...]:
    found = [*report.ledger.table("panel_events_growth")["source_id"]]
    if any(event in study_events(report.ledger).effects["event_id"].to_numpy() for event in OWN_EVENTS):
        found += [*report.ledger.table("panel_resident")["source_id"]]
    known = report.ledger.sources
    return tuple(dict.fromkeys(source for source in (*found, report.plan_source) if source in known))
