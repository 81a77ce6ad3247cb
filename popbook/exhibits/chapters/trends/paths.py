"""The plan's three paths against what was published since, and the growth each path would still need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.trends.evidence import (
    CONCEPTS,
    INDICATORS,
    SCENARIOS,
    change_fact,
    drawn_actuals,
    drawn_paths,
    number,
    peak_year,
    plan_fact,
    published_series,
    signed_gap,
    sources_of,
    whole,
    yearly_growth,
)
from popbook.exhibits.charts import line_chart
from popbook.exhibits.model import Block, Column, Fact, Figure, Note, Section, Table
from popbook.exhibits.theme import COLOURS
from popbook.ledger.model import Observation

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

FIRST_DRAWN = 2014


@or_gap("trends-plan-paths", "规划方案与实际", Needs(paths=("resident", "hukou", "floating")))
def plan_paths(report: Report) -> Section:
    """Return the section on the plan's paths: where the actuals lie, and what would have to be true.

    Parameters
    ----------
    report
        The edition.
    """
    now = published_series(report, "resident").latest
    assert now is not None
    low, high = (plan_fact(report, "resident", name, report.plan.target_year) for name in ("low", "high"))
    blocks: list[Block] = [_figure(report, now)]
    if now.year <= report.plan.base_year:
        heading = f"规划三条路径{report.plan.target_year}年为{low:l}—{high}，本版尚无可对照的实际数"
        lead = (
            f"规划以{report.plan.base_year}年末{report.fact_of(now)}为起点，按低、中、高三种增速给出到{report.plan.horizon_year}年的路径。"
            f"本版截止日以前没有{report.plan.base_year + 1}年以后的公布数，只列路径及其隐含的增长。"
        )
        paragraphs = [_past_words(report, now)]
    else:
        end = "规划期末" if now.year == report.plan.target_year else ""
        heading = f"{end}{now.year}年常住人口{report.fact_of(now)}，{_place_words(report, now)}"
        lead = _lead(report, now)
        paragraphs = [_need_words(report, now), _other_concepts(report)]
    blocks += [text for text in paragraphs if text]
    if now.year < report.plan.target_year:
        blocks.append(_table_needed(report, now))
    blocks += [
        _table_paths(report),
        Note(
            "读法：方案不是区间",
            "低、中、高是规划按三种增速假定画出的方案，没有给出概率。三条路径之间的距离不表示预测误差，"
            "“低方案”也不是下限。本报告的预测区间见后面各节，来源和实测覆盖率随区间写明。",
        ),
    ]
    return Section("trends-plan-paths", heading, lead, tuple(blocks), _policy(report, now))


def _gap(report: Report, concept: str, scenario: str, item: Observation) -> Fact:
    path = plan_fact(report, concept, scenario, item.year)
    return report.fact(
        f"fact-{concept}-gap-{scenario}-path-{item.year}",
        f"{item.year}年{CONCEPTS[concept]}与规划{SCENARIOS[scenario]}之差",
        round(item.value - (path.value or 0), 10), "万人", 1, year=item.year, basis=concept,
        source_ids=(item.source_id, report.plan_source), derivation=f"{item.value:.1f} − {path.value:.0f}",
    )  # fmt: skip


def _unsigned_gap(report: Report, concept: str, scenario: str, item: Observation) -> str:
    return f"{_gap(report, concept, scenario, item):a}"


def _place_words(report: Report, now: Observation) -> str:
    """Say between which paths a value lies; the words follow from the values."""
    gaps = {name: _gap(report, "resident", name, now).value or 0 for name in SCENARIOS}
    if gaps["low"] < 0:
        return f"低于规划低方案{_unsigned_gap(report, 'resident', 'low', now)}"
    if gaps["high"] > 0:
        return f"高于规划高方案{_unsigned_gap(report, 'resident', 'high', now)}"
    if gaps["medium"] < 0:
        return f"在低方案与中方案之间，低于中方案{_unsigned_gap(report, 'resident', 'medium', now)}"
    if gaps["medium"] > 0:
        return f"在中方案与高方案之间，高于中方案{_unsigned_gap(report, 'resident', 'medium', now)}"
    return "与规划中方案相同"


def _lead(report: Report, now: Observation) -> str:
    series = published_series(report, "resident")
    since = [item for item in series.observations() if item.year > report.plan.base_year]
    below = [item for item in since if item.value < (plan_fact(report, "resident", "low", item.year).value or 0)]
    gaps = [_gap(report, "resident", "low", item).value or 0 for item in since]
    if len(below) == len(since):
        words = f"{since[0].year}年以来" if len(since) == 1 else f"{since[0].year}—{now.year}年各年"
        text = f"{words}的公布数都低于规划低方案" if len(since) > 1 else f"{since[0].year}年的公布数低于规划低方案"
        if len(since) > 1 and all(later < earlier for earlier, later in zip(gaps, gaps[1:], strict=False)):
            text += f"，差距由{_gap(report, 'resident', 'low', since[0]):a}扩大到{_gap(report, 'resident', 'low', now):a}"
    elif below:
        text = f"{since[0].year}—{now.year}年的{len(since)}个公布数中，{len(below)}个低于规划低方案"
    else:
        text = f"{since[0].year}—{now.year}年的公布数没有低于规划低方案" if len(since) > 1 else f"{now.year}年的公布数没有低于规划低方案"
    medium = _gap(report, "resident", "medium", now)
    side = signed_gap(medium.value or 0)
    tail = f"与规划采用的中方案相比，{side}{medium:a}" if side != "等于" else "与规划采用的中方案相等"
    return f"{text}。{tail}。"


def needed_growth(report: Report, now: Observation) -> pd.DataFrame:
    """Return what each path of the plan still needs until its target year.

    Parameters
    ----------
    report
        The edition.
    now
        Latest published residents.

    Returns
    -------
    DataFrame
        Columns scenario, name, target, remaining (万人), years, yearly (万人), growth (% a year).
    """
    rows = []
    for scenario, name in SCENARIOS.items():
        target = float(report.ledger.plan.path("resident", scenario)[report.plan.target_year])
        years = report.plan.target_year - now.year
        rows.append(
            {
                "scenario": scenario, "name": name, "target": target, "remaining": target - now.value, "years": years,
                "yearly": (target - now.value) / years, "growth": 100 * ((target / now.value) ** (1 / years) - 1),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _needed_fact(report: Report, now: Observation, scenario: str) -> Fact:
    row = needed_growth(report, now).set_index("scenario").loc[scenario]
    years = whole(row["years"])
    return report.fact(
        f"fact-needed-increase-{scenario}-{now.year}",
        f"{now.year}年以后达到规划{SCENARIOS[scenario]}{report.plan.target_year}年数所需的年均增量",
        round(number(row["yearly"]), 10), "万人", 1, year=report.plan.target_year, basis="resident", source_ids=(now.source_id, report.plan_source),
        derivation=f"（{row['target']:.0f} − {now.value:.1f}）÷ {years}" if years > 1 else f"{row['target']:.0f} − {now.value:.1f}",
    )  # fmt: skip


def _need_words(report: Report, now: Observation) -> str:
    if now.year >= report.plan.target_year:
        return _closing_words(report)
    medium, low = _needed_fact(report, now, "medium"), _needed_fact(report, now, "low")
    years = report.plan.target_year - now.year
    per = f"{now.year + 1}年一年须增加" if years == 1 else f"{now.year + 1}—{report.plan.target_year}年每年须增加"
    if (medium.value or 0) <= 0:
        return f"{now.year}年的数已经达到规划中方案{report.plan.target_year}年的水平。"
    text = f"要达到中方案{report.plan.target_year}年的{plan_fact(report, 'resident', 'medium', report.plan.target_year)}，{per}{medium}"
    text += f"；达到低方案也须增加{low}。" if (low.value or 0) > 0 else "；低方案的数已经达到。"
    growth = yearly_growth(report)
    if not growth.empty and int(growth["year"].iloc[-1]) == now.year:
        last = change_fact(report, now.year)
        best_year = peak_year(growth, "change")
        best = change_fact(report, best_year)
        text += f"{now.year}年实际增加{last}，{growth['year'].iloc[0]}年以来增量最大的{best_year}年为{best}"
        times = (medium.value or 0) / (best.value or 1)
        text += f"，中方案所需的年增量是这一最大增量的{_times(report, times, now.year)}。" if times > 1 else "。"
    return text


def _closing_words(report: Report) -> str:
    """Say what the plan's period brought and what each path had asked of it."""
    series = published_series(report, "resident")
    end, base = series.at(report.plan.target_year), series.at(report.plan.base_year)
    if end is None or base is None or end.behind != base.behind:
        return f"{report.plan.target_year}年的常住人口没有与{report.plan.base_year}年同一基数的公布数，规划期的增量不能计算。"
    grown = report.fact(
        f"fact-resident-period-increase-{report.plan.target_year}", f"{report.plan.base_year}—{report.plan.target_year}年常住人口增量",
        round(end.value - base.value, 10), "万人", 1, year=report.plan.target_year, basis="resident", source_ids=sources_of(end, base),
        derivation=f"{end.value:.1f} − {base.value:.1f}",
    )  # fmt: skip
    shares = []
    for scenario, name in SCENARIOS.items():
        asked = (plan_fact(report, "resident", scenario, report.plan.target_year).value or 0) - base.value
        fact = report.fact(
            f"fact-resident-period-share-{scenario}-{report.plan.target_year}", f"规划期实际增量占{name}所设增量的比例",
            round(100 * (grown.value or 0) / asked, 10), "%", 0, year=report.plan.target_year, basis="resident", source_ids=(*sources_of(end, base), report.plan_source),
            derivation=f"{grown.text('v')} ÷ {asked:.1f}",
        )  # fmt: skip
        shares.append(f"{name}的{fact}")
    return f"规划期五年常住人口增加{grown}，相当于{'、'.join(shares)}。"


def _times(report: Report, value: float, year: int) -> Fact:
    return report.fact(
        f"fact-needed-over-largest-increase-{year}", "中方案所需年均增量与同口径最大年增量之比", round(value, 10), "倍", 1,
        year=year, basis="resident", source_ids=(report.plan_source,), derivation="所需年均增量 ÷ 同口径最大年增量",
    )  # fmt: skip


def _past_words(report: Report, now: Observation) -> str:
    """Say what each path needs and why the growth before the census is no measure (first edition)."""
    medium = _needed_fact(report, now, "medium")
    text = f"中方案隐含{now.year + 1}—{report.plan.target_year}年每年增加{medium}。"
    old = report.ledger.series("resident_population").at(now.year - 1)
    before = report.ledger.series("resident_population").at(now.year - 2)
    if old is not None and before is not None and old.behind:
        text += (
            f"按六普基础公布的{old.year}年常住人口为{report.fact_of(old)}，当年增加{report.difference(old, before)}；"
            f"{now.year}年的数以七普为基础，两年之间不是一年的增长，不能用来衡量这一增量是否可达。"
        )
    return text


def _other_concepts(report: Report) -> str:
    parts = []
    for concept in ("hukou", "floating"):
        item = published_series(report, concept).latest
        assert item is not None
        if item.year <= report.plan.base_year:
            parts.append(f"{CONCEPTS[concept]}{report.plan.base_year}年以后未公布（最近为{item.year}年{report.fact_of(item)}）")
            continue
        gap = _gap(report, concept, "medium", item)
        side = signed_gap(gap.value or 0)
        tail = f"{side}中方案{gap:a}" if side != "等于" else "与中方案相等"
        words = f"{CONCEPTS[concept]}{item.year}年为{report.fact_of(item)}，{tail}"
        if item.year < report.edition:
            words += "，此后没有主管部门公布数"
        parts.append(words)
    return "；".join(parts) + "。"


def _figure(report: Report, now: Observation) -> Figure:
    rows, breaks = drawn_actuals(report, "resident", 2010 if now.year <= report.plan.base_year else FIRST_DRAWN)
    last = max(report.plan.target_year, now.year)
    paths = drawn_paths(report, "resident", last)
    title = (
        f"规划三条路径{report.plan.target_year}年为{_value(report, 'low'):.0f}万—{_value(report, 'high'):.0f}万人"
        if now.year <= report.plan.base_year
        else f"{now.year}年常住人口{now.value:.1f}万人，规划同年为{_value(report, 'low', now.year):.0f}万—{_value(report, 'high', now.year):.0f}万人"
    )
    data = pd.concat(
        [
            rows.assign(系列="实际")[["年份", "系列", "人口（万人）"]],
            paths.rename(columns={"名称": "系列"}).assign(系列=lambda t: "规划" + t["系列"])[["年份", "系列", "人口（万人）"]],
        ],
        ignore_index=True,
    )
    return Figure(
        id="fig-plan-paths",
        title=title,
        subtitle=f"年末常住人口，万人；实际数与规划低、中、高方案（2021—{last}年）",
        alt="折线图。实际："
        + "，".join(f"{int(r['年份'])}年{r['人口（万人）']:.1f}" for r in rows.to_dict("records"))
        + f"万人。规划{report.plan.target_year}年：低方案{{:.0f}}，中方案{{:.0f}}，高方案{{:.0f}}万人。".format(*(_value(report, name) for name in SCENARIOS))
        + f"{title}。",
        frame=data,
        draw=lambda layout: line_chart(
            rows.assign(系列="实际"), layout, y="人口（万人）", series="系列", segment="分段", decimals=1,
            colours={"实际": COLOURS["actual"]}, breaks=breaks, paths=paths,
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in data["年份"]})),
        source_ids=(*sources_of(published_series(report, "resident")), report.plan_source),
        notes=("灰色虚线为规划方案，不是预测区间。",)
        + (("断点两侧基数不同，不连线，不计算增量。",) if breaks else ()),
        indicator_ids=("resident_population",),
    )  # fmt: skip


def _value(report: Report, scenario: str, year: int | None = None) -> float:
    return float(report.ledger.plan.path("resident", scenario)[year or report.plan.target_year])


def _table_needed(report: Report, now: Observation) -> Table:
    rows = needed_growth(report, now)
    growth = yearly_growth(report)
    compare = ""
    if not growth.empty and int(growth["year"].iloc[-1]) == now.year:
        last = growth.iloc[-1]
        compare = f"对照：{now.year}年实际增加{last['change']:.1f}万人，增速{last['growth']:.2f}%。".replace("-", "−")
    years = report.plan.target_year - now.year
    return Table(
        id="tbl-needed-growth",
        title=f"达到规划{report.plan.target_year}年各方案，{now.year + 1}年起须有的增长" if years > 1 else f"达到规划{report.plan.target_year}年各方案，当年须有的增长",
        frame=rows,
        columns=(
            Column("name", "方案"),
            Column("target", f"{report.plan.target_year}年规划数", "万人", 0),
            Column("remaining", f"比{now.year}年须增加", "万人", 1, signed=True, emphasis=years == 1),
            *([Column("yearly", "年均增量", "万人", 1, signed=True, emphasis=True)] if years > 1 else []),
            Column("growth", "年均增速" if years > 1 else "增速", "%", 2, signed=True),
        ),
        unit="万人、%",
        basis="resident",
        region_id=report.region_id,
        years=(now.year, report.plan.target_year),
        source_ids=(now.source_id, report.plan_source),
        notes=tuple(text for text in (f"起点为{now.year}年末公布数{now.value:.1f}万人。", compare) if text),
        indicator_ids=("resident_population",),
    )


def _table_paths(report: Report) -> Table:
    rows: list[dict[str, Any]] = []
    used: list[Observation] = []
    last = max(report.plan.target_year, report.edition)
    for concept, name in CONCEPTS.items():
        series = published_series(report, concept)
        for year in range(report.plan.base_year, last + 1):
            item = series.at(year)
            used += [item] if item is not None else []
            paths = {s: report.ledger.plan.path(concept, s).get(year) for s in SCENARIOS}
            rows.append(
                {
                    "concept": name, "year": f"{year}年",
                    "actual": _actual_words(item, year, report.edition), **paths,
                    **{
                        f"gap_{s}": None if item is None or paths[s] is None else item.value - number(paths[s])
                        for s in ("low", "medium")
                    },
                }
            )  # fmt: skip
    return Table(
        id="tbl-plan-paths",
        title="规划路径与实际数，按口径分列",
        frame=pd.DataFrame(rows),
        columns=(
            Column("year", "年份"),
            Column("actual", "实际", "万人", 1, emphasis=True),
            Column("low", "低方案", "万人", 0, group="规划"),
            Column("medium", "中方案", "万人", 0, group="规划"),
            Column("high", "高方案", "万人", 0, group="规划"),
            Column("gap_low", "比低方案", "万人", 1, group="实际与规划之差", signed=True),
            Column("gap_medium", "比中方案", "万人", 1, group="实际与规划之差", signed=True),
        ),
        unit="万人",
        basis="none",
        region_id=report.region_id,
        years=tuple(range(report.plan.base_year, last + 1)),
        source_ids=(*sources_of(*used), report.plan_source),
        notes=(
            "三个口径有重叠，不能相加。",
            f"{report.plan.base_year}年是规划的起点，没有路径值；“未公布”指截止日以前没有公布的当年数"
            + ("。" if report.edition >= report.plan.target_year else "，“—”指该年在本版之后。"),
        ),
        indicator_ids=tuple(INDICATORS.values()),
        group_by="concept",
        missing="blank",
    )


def _actual_words(item: Observation | None, year: int, edition: int) -> float | str:
    if item is not None:
        return item.value
    return "未公布" if year <= edition else "—"


def _policy(report: Report, now: Observation) -> str:
    if now.year <= report.plan.base_year:
        return (
            "三条路径只差增速，没有说明哪一条在什么条件下成立。设施、用地和财政安排宜同时给出低方案下的规模，并约定每年用公布数核对。"
        )
    gaps = {name: _gap(report, "resident", name, now).value or 0 for name in SCENARIOS}
    if gaps["low"] < 0:
        return (
            "以中方案安排的设施、用地和财政规模，宜按实际数和本章预测区间重新核算；分期实施的项目以当年人口为触发条件，不以规划年份为触发条件。"
        )
    if gaps["high"] > 0:
        return "实际数高于高方案，按中方案安排的设施可能不足，宜先核对学位、床位和住房的当年缺口。"
    return "实际数在三条路径之内，按中方案安排的项目可以继续执行，每年用公布数核对一次。"
