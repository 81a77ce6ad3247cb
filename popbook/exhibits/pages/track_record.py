"""The track record: what earlier editions forecast, what came, and how the plan and the naive forecasts did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.charts import line_chart
from popbook.exhibits.model import Block, Column, Figure, Note, Section, Table
from popbook.exhibits.phrases import list_phrase
from popbook.exhibits.plan_words import plan_date
from popbook.exhibits.theme import COLOURS
from popbook.forecasting.concepts import CONCEPTS
from popbook.forecasting.trend import BENCHMARKS, MEMBER_NAMES_ZH
from popbook.monitoring.archive import CURRENT, read_archive
from popbook.monitoring.rounding import rounded_text
from popbook.monitoring.track_record import (
    OWN_MODELS,
    count_hits,
    record_by_horizon,
    score_archive,
    score_plan,
)

if TYPE_CHECKING:
    from popbook.exhibits.model import Fact
    from popbook.exhibits.report import Report

RESIDENTS = "resident_population"
SCENARIOS = {"low": "低方案", "medium": "中方案", "high": "高方案"}
_MADE = {"current": "当版存档", "retrospective": "事后补算"}
_POINTS = {"%": "个百分点"}


def track_record(report: Report) -> tuple[Section, ...]:
    """Return the sections of the page and register the result ``track_record`` (track_record.csv).

    Parameters
    ----------
    report
        The edition; archived forecasts of earlier editions are scored on its figures.

    Returns
    -------
    tuple of Section
        Scores by horizon, residents beside the plan, the archive.
    """
    scores = score_archive(report.ledger)
    if scores.empty:
        return (
            Section(
                "track-record-scores",
                f"{report.edition}年度版还没有可以核对的预测",
                "预测要等以后的公布数来核对。本版的预测已经存档，从下一版起逐年核对，与规划三个方案和朴素基准并列。",
            ),
            archive(report),
        )
    report.result("track_record", scores)
    return by_horizon(report, scores), residents(report, scores), archive(report)


def by_horizon(report: Report, scores: pd.DataFrame) -> Section:
    """Return the scores by indicator and horizon, with the honest counts.

    Parameters
    ----------
    report
        The edition.
    scores
        From :func:`popbook.monitoring.track_record.score_archive`.
    """
    mine = scores[scores["indicator_id"] == RESIDENTS]
    n, hits80, hits95 = count_hits(mine)
    if n:
        facts = [
            _count(report, key, f"常住人口预测{label}", value)
            for key, label, value in (
                ("residents", "核对的次数", n), ("residents-80", "落在80%区间内的次数", hits80), ("residents-95", "落在95%区间内的次数", hits95),
            )
        ]  # fmt: skip
        heading = f"常住人口预测：80%区间{facts[0]}中{facts[1]}，95%区间{facts[0]}中{facts[2]}"
    else:
        heading = f"{report.edition}年度版没有可以核对的常住人口预测"
    total, all80, all95 = count_hits(scores)
    table = record_by_horizon(scores)
    own = table[table["indicator_id"] == RESIDENTS]
    if len(own) > 1:
        ends = [own.iloc[place] for place in (0, -1)]
        sizes = [_size_fact(report, int(row["h"]), float(row["mean_absolute_error"])) for row in ends]
        heading += f"；平均误差{int(ends[0]['h'])}年期{sizes[0]}，{int(ends[1]['h'])}年期{sizes[1]}"
    lead = (
        f"连同户籍人口和年龄结构共核对{_count(report, 'all', '核对预测的次数', total)}，"
        f"80%区间{_count(report, 'all-80', '落在80%区间内的次数', all80)}在内，95%区间{_count(report, 'all-95', '落在95%区间内的次数', all95)}在内。"
        "次数少，同一年的各次误差又彼此相关，只能看方向，不能当作覆盖率的精确估计。"
    )
    plan = score_plan(report.ledger)
    figure = [_horizon_figure(report, own, plan)] if len(own) > 1 else []
    blocks: list[Block] = [*figure, _weak_words(report, table), _horizon_table(report, scores, table, plan), _METHOD]
    return Section("track-record-scores", heading, lead, tuple(block for block in blocks if block))


def residents(report: Report, scores: pd.DataFrame) -> Section:
    """Return the forecasts of residents one by one, beside the plan's paths and the naive forecasts.

    Parameters
    ----------
    report
        The edition.
    scores
        From :func:`popbook.monitoring.track_record.score_archive`.
    """
    mine = scores[scores["indicator_id"] == RESIDENTS]
    plan = score_plan(report.ledger)
    plan = plan[plan["indicator_id"] == RESIDENTS]
    start = report.plan.base_year
    is_shared = bool((mine["edition"] == start).any())
    first = start if is_shared else int(mine["edition"].min())
    plan = plan if is_shared else plan.iloc[:0]
    last = int(mine.loc[mine["edition"] == first, "target_year"].max())
    here = mine[(mine["edition"] == first) & (mine["target_year"] == last)].set_index("model")["error_percent"]
    paths = plan[plan["target_year"] == last].set_index("scenario")["error_percent"]
    own = next(name for name in OWN_MODELS if name in here.index)
    facts = {
        name: _error_fact(report, key, f"{label}对{last}年常住人口的误差", value, last)
        for name, key, label, value in (
            (own, f"{first}-combination", f"{first}年度版组合", float(here[own])),
            *((s, f"plan-{s}", f"规划{SCENARIOS[s]}", float(paths[s])) for s in SCENARIOS if s in paths.index),
        )
    }
    heading = f"{last}年常住人口：{first}年度版预测{_side(float(here[own]))}{facts[own]:a}"
    if "low" in facts:
        heading += f"，规划低方案{_side(float(paths['low']))}{facts['low']:a}"
    naive = [name for name in here.index if name not in OWN_MODELS]
    size = abs(float(here[own]))
    lost = [f"规划{SCENARIOS[s]}" for s in SCENARIOS if s in paths.index and abs(float(paths[s])) < size]
    lost += [MEMBER_NAMES_ZH[name] for name in naive if abs(float(here[name])) < size]
    won = [f"规划{SCENARIOS[s]}" for s in SCENARIOS if s in paths.index and abs(float(paths[s])) > size]
    won += [MEMBER_NAMES_ZH[name] for name in naive if abs(float(here[name])) > size]
    lead = f"{first}年度版与规划同在{first}年末起点，可以直接比较。" if is_shared else ""
    if won:
        lead += f"对{last}年，组合的误差小于{list_phrase(won)}{f'，但大于{list_phrase(lost)}' if lost else ''}。"
    elif lost:
        lead += f"对{last}年，组合的误差大于{list_phrase(lost)}。"
    return Section("track-record-residents", heading, lead, (_residents_table(report, mine), _rivals_table(report, mine[mine["edition"] == first], plan)))


def archive(report: Report) -> Section:
    """Return what stands in the archive and how it came there."""
    rows = read_archive(report.ledger)
    if rows.empty:
        return Section("track-record-archive", "档案里还没有预测", "运行 `popbook archive` 存档以后，从下一版起核对。")
    grouped = rows.groupby("edition").agg(
        rows=("point", "size"), made=("made", "first"), version=("version", "first"), code=("code_hash", "first"), data=("data_hash", "first"),
    ).reset_index()  # fmt: skip
    grouped["made"] = grouped["made"].map(_MADE)
    number = _count(report, "archived", "存档的预测", len(rows), "个")
    late = int((rows.groupby("edition")["made"].first() != CURRENT).sum())
    lead = "档案只增不改：已存档的版不能重写，命令 `popbook archive --verify` 用现在的程序复算，逐版报告是否一致。"
    if late:
        late_fact = _count(report, "retrospective", "事后补算的年度版", late, "版")
        lead += f"其中{late_fact}是事后补算的：数据只用该版截止日以前公布的，程序是后来的，不能当作当年发布的预测。"
    table = Table(
        id="tbl-track-archive",
        title="预测档案",
        frame=grouped,
        columns=(
            Column("edition", "年度版", decimals=0),
            Column("rows", "预测", "个", 0),
            Column("made", "存档方式"),
            Column("version", "程序版本"),
            Column("code", "程序校验码"),
            Column("data", "数据校验码"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=tuple(int(year) for year in grouped["edition"]),
        source_ids=(),
        notes=("校验码为 SHA-256 的前12位。",),
    )
    return Section("track-record-archive", f"档案中有{len(grouped)}版共{number}预测，存档后不改", lead, (table,))


_METHOD = Note(
    "怎样核对",
    "误差＝存档的预测−公布数；总量以万人计，比重和抚养比以百分点计，正为偏高。公布数取本版所知的A级、B级数，与预测起点隔着口径断点的不核对。"
    "年期是预测年份减起点年份。"
    f"朴素基准（{'、'.join(MEMBER_NAMES_ZH[name] for name in BENCHMARKS)}）与各版预测同时存档；年龄结构只有{MEMBER_NAMES_ZH['random_walk']}一种。",
)


def _weak_words(report: Report, table: pd.DataFrame) -> str:
    """Say where a naive benchmark was as good, and where the 80 % interval held less often than it promises."""
    naive = [name for name in table.columns if name in MEMBER_NAMES_ZH]
    beaten, thin = [], []
    for key, rows in table.groupby("indicator_id", sort=False):
        name = report.ledger.indicators[str(key)].name_zh
        best = rows[naive].min(axis=1)
        weak = [int(h) for h, lost in zip(rows["h"], rows["mean_absolute_error"] >= best, strict=True) if lost]
        if weak:
            beaten.append(f"{name}（{'、'.join(map(str, weak))}年期）")
        n, hits = int(rows["n"].sum()), int(rows["inside80"].sum())
        if hits < _PROMISED * n:
            thin.append(f"{name}（{n}次中{hits}次）")
    said = []
    if beaten:
        said.append(f"没有胜过最好的朴素基准的有{list_phrase(beaten)}。")
    if thin:
        said.append(f"80%区间在内次数不足八成的有{list_phrase(thin)}。")
    return "".join(said)


_PROMISED = 0.8


_NAIVE_DRAWN = "random_walk"
"""The benchmark that is drawn: no change at all, the easiest one to explain; the table has all of them."""


def _horizon_figure(report: Report, own: pd.DataFrame, plan: pd.DataFrame) -> Figure:
    """Draw the mean absolute error of residents by horizon: forecasts, the plan's paths, the naive benchmark."""
    paths = plan[plan["indicator_id"] == RESIDENTS]
    ours, naive = "本报告预测", f"朴素基准（{MEMBER_NAMES_ZH[_NAIVE_DRAWN]}）"
    lines = {ours: own.set_index("h")["mean_absolute_error"]}
    if _NAIVE_DRAWN in own.columns:
        lines[naive] = own.set_index("h")[_NAIVE_DRAWN].dropna()
    for key, label in SCENARIOS.items():
        lines[f"规划{label}"] = paths[paths["scenario"] == key].set_index("h")["error"].abs()
    frame = pd.DataFrame([
        {"年期": int(str(h)), "平均绝对误差（万人）": float(value), "预测或方案": name}
        for name, values in lines.items() for h, value in values.items()
    ])  # fmt: skip
    last = int(own["h"].max())
    size = float(own.set_index("h")["mean_absolute_error"][last])
    rivals = {name: float(values[last]) for name, values in lines.items() if name != ours and last in values.index}
    worse = [name for name, value in rivals.items() if value > size]
    better = [name for name, value in rivals.items() if value < size]
    title = f"{last}年期平均误差{rounded_text(size, 1)}万人"
    title += f"，小于{list_phrase(worse)}" if worse else ""
    title += f"，大于{list_phrase(better)}" if better else ""
    listed = "；".join(f"{name}{rounded_text(value, 1)}万人" for name, value in rivals.items())
    return Figure(
        id="fig-track-horizon",
        title=title,
        subtitle="常住人口预测与公布数之差的平均绝对值（万人），横轴为年期（预测年份减起点年份）",
        alt=f"折线图，横轴为年期，纵轴为平均绝对误差。本报告{last}年期{rounded_text(size, 1)}万人；{listed}。",
        frame=frame,
        draw=lambda layout: line_chart(
            frame, layout, x="年期", y="平均绝对误差（万人）", series="预测或方案", zero=True, decimals=1,
            colours={
                ours: COLOURS["forecast"], naive: COLOURS["plan"], **{f"规划{label}": COLOURS[key] for key, label in SCENARIOS.items()},
            },
            names={naive: "朴素基准"},
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(range(report.edition - last + 1, report.edition + 1)),
        source_ids=(*_sources(report, (RESIDENTS,)), report.plan_source),
        notes=(
            f"规划的方案只有{report.plan.base_year}年末一个起点，每个年期只有一次误差；本报告和朴素基准是各版的平均，次数见下表。",
            "规划的方案不是预测，列在这里只看离实际有多远。",
        ),
        indicator_ids=(RESIDENTS,),
    )


def _horizon_table(report: Report, scores: pd.DataFrame, table: pd.DataFrame, plan: pd.DataFrame) -> Table:
    naive = [name for name in MEMBER_NAMES_ZH if name in table.columns]
    sizes = {(r["indicator_id"], r["h"], r["scenario"]): abs(float(r["error"])) for r in plan.to_dict("records")}
    rows = []
    for row in table.to_dict("records"):
        indicator = report.ledger.indicators[str(row["indicator_id"])]
        digits = indicator.decimals if indicator.unit == "万人" else indicator.decimals + 1
        rows.append(
            {
                "indicator": f"{indicator.name_zh}（{_POINTS.get(indicator.unit, indicator.unit)}）",
                "h": f"{int(row['h'])}年",
                "n": int(row["n"]),
                "bias": rounded_text(float(row["bias"]), digits, signed=True),
                "mae": rounded_text(float(row["mean_absolute_error"]), digits),
                "in80": f"{int(row['inside80'])}/{int(row['n'])}",
                "in95": f"{int(row['inside95'])}/{int(row['n'])}",
                **{name: "" if pd.isna(row[name]) else rounded_text(float(row[name]), digits) for name in naive},
                **{
                    key: "" if (size := sizes.get((row["indicator_id"], row["h"], key))) is None else rounded_text(size, digits)
                    for key in SCENARIOS
                },
            }
        )
    indicators = tuple(dict.fromkeys(str(key) for key in table["indicator_id"]))
    return Table(
        id="tbl-track-horizon",
        title="存档预测的核对，按年期",
        frame=pd.DataFrame(rows),
        columns=(
            Column("h", "年期"),
            Column("n", "次数", decimals=0),
            Column("bias", "平均误差", decimals=1, signed=True),
            Column("mae", "平均绝对误差", decimals=1, emphasis=True),
            Column("in80", "80%区间内", decimals=0),
            Column("in95", "95%区间内", decimals=0),
            *(Column(name, MEMBER_NAMES_ZH[name], decimals=1, group="朴素基准的平均绝对误差") for name in naive),
            *(Column(key, label, decimals=1, group="规划方案的绝对误差") for key, label in SCENARIOS.items()),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in scores["target_year"]})),
        source_ids=(*_sources(report, indicators), report.plan_source),
        notes=(f"规划方案只有{report.plan.base_year}年末一个起点，每个年期一次；没有方案或没有区间的留空。",),
        indicator_ids=indicators,
        group_by="indicator",
        missing="blank",
    )


def _residents_table(report: Report, mine: pd.DataFrame) -> Table:
    own = mine[mine["model"].isin(OWN_MODELS)].sort_values(["edition", "target_year"])
    rows = [
        {
            "edition": f"{int(row['edition'])}年度版",
            "year": f"{int(row['target_year'])}年",
            "h": int(row["h"]),
            "point": row["point"],
            "interval": "—".join(rounded_text(float(row[name]), 1) for name in ("lo80", "hi80")),
            "actual": row["actual"],
            "error": row["error_percent"],
            "in80": "内" if row["inside80"] else "外",
            "in95": "内" if row["inside95"] else "外",
        }
        for row in own.to_dict("records")
    ]
    return Table(
        id="tbl-track-residents",
        title="常住人口：各版存档的预测与公布数",
        frame=pd.DataFrame(rows),
        columns=(
            Column("year", "年份"),
            Column("h", "年期", decimals=0),
            Column("point", "预测", "万人", 1),
            Column("interval", "80%区间", "万人", 1),
            Column("actual", "公布数", "万人", 1, emphasis=True),
            Column("error", "误差", "%", 1, signed=True),
            Column("in80", "80%", group="公布数在区间"),
            Column("in95", "95%", group="公布数在区间"),
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in own["target_year"]})),
        source_ids=_sources(report, (RESIDENTS,)),
        indicator_ids=(RESIDENTS,),
        group_by="edition",
    )


def _rivals_table(report: Report, here: pd.DataFrame, plan: pd.DataFrame) -> Table:
    first = int(here["edition"].iloc[0])
    years = sorted(int(year) for year in set(here["target_year"]))

    def cells(rows: pd.DataFrame) -> dict[str, float]:
        return {f"y{int(r['target_year'])}": float(r["error_percent"]) for r in rows.to_dict("records")}

    names = {name: MEMBER_NAMES_ZH.get(name, name) for name in dict.fromkeys(here["model"])}
    rows = [{"kind": "本报告", "name": f"{first}年度版组合预测", **cells(here[here["model"].isin(OWN_MODELS)])}]
    named = f"规划（{plan_date(report.ledger)}）"
    rows += [
        {"kind": named, "name": label, **cells(plan[plan["scenario"] == key])} for key, label in SCENARIOS.items() if len(plan)
    ]
    rows += [
        {"kind": "朴素基准", "name": label, **cells(here[here["model"] == name])} for name, label in names.items() if name not in OWN_MODELS
    ]
    return Table(
        id="tbl-track-rivals",
        title=f"同在{first}年末起点：对以后各年常住人口的误差（%）",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "预测或方案"),
            *(Column(f"y{year}", f"{year}年", "%", 1, signed=True, emphasis=year == years[-1]) for year in years),
        ),
        unit="%",
        basis="resident",
        region_id=report.region_id,
        years=tuple(years),
        source_ids=(*_sources(report, (RESIDENTS,)), report.plan_source),
        notes=("误差＝预测÷公布数−1，正为偏高。规划的方案不是预测，没有区间；列在这里只看离实际有多远。",),
        indicator_ids=(RESIDENTS,),
        group_by="kind",
        missing="blank",
    )


def _count(report: Report, what: str, label: str, number: int, unit: str = "次") -> Fact:
    return report.fact(f"fact-track-{what}-{report.edition}", label, number, unit, 0, year=report.edition)


def _size_fact(report: Report, h: int, value: float) -> Fact:
    return report.fact(
        f"fact-track-size-{h}-{report.edition}", f"常住人口{h}年期预测的平均绝对误差", round(value, 9), "万人", 1, year=report.edition,
        basis=_BASIS[RESIDENTS], source_ids=_sources(report, (RESIDENTS,)),
    )  # fmt: skip


def _error_fact(report: Report, key: str, label: str, value: float, year: int) -> Fact:
    return report.fact(
        f"fact-track-error-{key}-{year}", label, round(value, 10), "%", 1, year=year, basis=_BASIS[RESIDENTS],
        source_ids=(*_sources(report, (RESIDENTS,)), report.plan_source), derivation="预测 ÷ 公布数 − 1",
    )  # fmt: skip


_BASIS = {indicator_id: concept for concept, indicator_id in CONCEPTS.items()}


def _side(error: float) -> str:
    return "偏高" if error > 0 else "偏低"


def _sources(report: Report, indicators: tuple[str, ...]) -> tuple[str, ...]:
    found = [report.ledger.latest(key) for key in indicators if key in report.ledger.indicators]
    return tuple(dict.fromkeys(item.source_id for item in found if item is not None))
