"""What the plan assumed about the years to 2025, and what has been published since; the Asian Games among it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.trends.evidence import (
    INDICATORS,
    age_outlook,
    growth_fact,
    number,
    published_series,
    sources_of,
    yearly_growth,
)
from popbook.exhibits.charts import BreakLine, line_chart
from popbook.exhibits.model import Block, Column, Fact, Figure, Note, Section, Table
from popbook.exhibits.theme import COLOURS
from popbook.ledger.concepts import ratio

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

#: Numbers of the plan's text (plan_quantities) that carry an assumption.
RATE_QUANTITIES = {"hukou": "q-c1-3-1-11", "resident": "q-c1-3-1-13", "floating": "q-c1-3-1-17"}
WORKING_SHARE, CARED_SHARE, HUKOU_WORKING, URBAN_DISTRICTS = "q-c1-3-4-04", "q-c1-3-4-06", "q-c1-3-4-09", "q-c1-3-1-14"
GAMES_PLANNED, GAMES_HELD_YEAR = 2022, 2023
NO_ACTUAL = "本版尚无可对照的公布数"
UNPUBLISHED = "未公布，无法对照"


@or_gap("trends-assumptions", "规划的假定", Needs(quantities=(*RATE_QUANTITIES.values(), WORKING_SHARE, CARED_SHARE, HUKOU_WORKING, URBAN_DISTRICTS)))
def assumptions(report: Report) -> Section:
    """Return the section on the plan's assumptions and what happened so far.

    Parameters
    ----------
    report
        The edition.
    """
    growth = _growth_since(report)
    assumed = _plan_quantity(report, RATE_QUANTITIES["resident"], "规划假定的常住人口年均增速", 1)
    if growth.empty:
        heading = f"规划假定常住人口年均增长{assumed}，本版尚无公布数可对照"
        lead = "规划的假定写明了增速，没有写明误差。以下逐条列出，供以后各版对照。"
    else:
        mean = _mean_growth(report, "resident")
        last = int(growth["year"].iloc[-1])
        assert mean is not None
        span = f"{report.plan.base_year + 1}年实际" if last == report.plan.base_year + 1 else f"{report.plan.base_year}—{last}年实际年均"
        heading = f"规划假定年均增长{assumed}，{span}{mean}"
        lead = _slow_words(report, growth)
    blocks: list[Block] = []
    if not growth.empty:
        blocks.append(_figure(report, growth))
    blocks += [_games_words(report, growth), _hosts_words(), _table(report), _note()]
    policy = (
        "重大活动、战略和引才政策的作用，应写成可以检验的数：作用于哪一年、多少人、由哪项公布数核对。没有写成数的利好不宜计入人口规模。"
    )
    return Section("trends-assumptions", heading, lead, tuple(blocks), policy)


def _growth_since(report: Report) -> pd.DataFrame:
    growth = yearly_growth(report)
    return growth[growth["year"] > report.plan.base_year].reset_index(drop=True)


def _plan_quantity(report: Report, quantity_id: str, label: str, decimals: int) -> Fact:
    row = report.ledger.plan.quantities.set_index("quantity_id").loc[quantity_id]
    printed: Any = row["year"]
    year = report.plan.target_year if pd.isna(printed) else int(printed)
    return report.fact(
        f"fact-plan-{quantity_id.removeprefix('q-')}", label, number(row["value"]), str(row["unit"]), decimals, year=year,
        source_ids=(report.plan_source,),
    )  # fmt: skip


def _mean_growth(report: Report, concept: str) -> Fact | None:
    """Mean yearly growth since the base year, or None where nothing later is published."""
    series = published_series(report, concept)
    now, base = series.latest, series.at(report.plan.base_year)
    if now is None or base is None or now.year <= report.plan.base_year:
        return None
    years = now.year - report.plan.base_year
    value = 100 * (ratio(now, base) ** (1 / years) - 1)
    digits = now.indicator.decimals
    return report.fact(
        f"fact-{concept}-mean-growth-{report.plan.base_year}-{now.year}", f"{report.plan.base_year}—{now.year}年{now.indicator.name_zh}年均增速",
        round(value, 10), "%", 2, year=now.year, basis=concept, source_ids=sources_of(now, base), indicator_id=INDICATORS[concept],
        derivation=f"（{now.value:.{digits}f} ÷ {base.value:.{digits}f}）" + (f"的{years}次方根 − 1" if years > 1 else " − 1"),
    )  # fmt: skip


def _slow_words(report: Report, growth: pd.DataFrame) -> str:
    listed = "、".join(f"{growth_fact(report, int(year)):v}" for year in growth["year"])
    first, last = int(growth["year"].iloc[0]), int(growth["year"].iloc[-1])
    span = f"{first}—{last}年常住人口增速依次为" if first < last else f"{first}年常住人口增速为"
    text = f"{span}{listed}%。"
    values = growth["growth"].tolist()
    if len(values) > 1 and all(b < a for a, b in zip(values, values[1:], strict=False)):
        text += "规划设想前期快、后期慢；实际从第一年起逐年放缓。"
    plan = _plan_growth(report)
    # The plan says nothing of the years after its last.
    planned = [(int(y), v) for y, v in zip(growth["year"], values, strict=True) if int(y) in plan]
    below = [y for y, v in planned if v < plan[y]]
    if len(below) == len(planned):
        within = "" if len(planned) == len(values) else "规划期内"
        text += f"{within}各年都低于中方案隐含的增速。" if len(planned) > 1 else f"低于中方案隐含的{plan[first]:.2f}%。"
    elif below:
        text += f"其中{'、'.join(map(str, below))}年低于中方案隐含的增速。"
    else:
        text += "没有低于中方案隐含的增速。"
    return text


def _plan_growth(report: Report) -> dict[int, float]:
    """Yearly growth that the plan's medium path implies, per cent."""
    base = published_series(report, "resident").at(report.plan.base_year)
    assert base is not None
    path = report.ledger.plan.path("resident", "medium")
    values = {report.plan.base_year: base.value, **{int(year): float(path[year]) for year in path.index if year <= report.plan.target_year}}
    return {year: 100 * (values[year] / values[year - 1] - 1) for year in range(report.plan.base_year + 1, report.plan.target_year + 1)}


def _event(report: Report, event_id: str) -> Any:
    events = report.ledger.events
    found = list(events.values()) if isinstance(events, dict) else list(events)
    return next((event for event in found if event.event_id == event_id), None)


def games_lift(growth: pd.DataFrame, year: int) -> str:
    """Tell whether growth rose in the year of the games or the year before it: "rose", "none" or "unknown".

    Parameters
    ----------
    growth
        Columns year, growth (%), consecutive years on one base.
    year
        Year of the games.

    Examples
    --------
    >>> growth = pd.DataFrame({"year": [2021, 2022, 2023, 2024], "growth": [2.0, 1.41, 1.18, 0.81]})
    >>> games_lift(growth, 2023), games_lift(growth.assign(growth=[2.0, 1.4, 1.9, 0.8]), 2023), games_lift(growth, 2026)
    ('none', 'rose', 'unknown')
    """
    known = dict(zip(growth["year"].astype(int), growth["growth"].astype(float), strict=True))
    if not {year - 2, year - 1, year} <= set(known):
        return "unknown"
    return "rose" if known[year] > known[year - 1] or known[year - 1] > known[year - 2] else "none"


def _games_words(report: Report, growth: pd.DataFrame) -> str:
    text = f"规划把亚运会列为增长的主要依据之一，原定{GAMES_PLANNED}年举行，设想举办当年和前一年增速提高。"
    postponed, held = _event(report, "asian-games-postponed"), _event(report, "asian-games-held")
    known = "、".join(f"{year}年{growth_fact(report, year)}" for year in growth["year"].astype(int))
    if held is not None and known:
        text += f"亚运会推迟到2023年9月23日至10月8日举行。各年增速为{known}，"
        return text + {
            "none": "举办当年和前一年都没有提高，未见推升作用。推迟和疫情同在这几年，单凭一个城市不能分开各自的影响。",
            "rose": "举办当年或前一年有提高；疫情同在这几年，单凭一个城市不能归因于亚运会。",
            "unknown": "尚不能判断。",
        }[games_lift(yearly_growth(report), GAMES_HELD_YEAR)]
    if postponed is not None:
        text += "2022年5月宣布推迟，新日期为2023年9月23日至10月8日，本版截止日以前尚未举行。"
    if not known:
        return text + "本版截止日以前没有可以检验的增速。"
    text += f"已公布的增速为{known}。按原定日期，{GAMES_PLANNED - 1}年和{GAMES_PLANNED}年应当提高；"
    rates = yearly_growth(report).set_index("year")["growth"]
    checked = [y for y in (GAMES_PLANNED - 1, GAMES_PLANNED) if y in rates.index and y - 1 in rates.index]
    rose = [y for y in checked if rates[y] > rates[y - 1]]
    if rose:
        return text + f"{'、'.join(map(str, rose))}年有提高，单凭一个城市不能归因于亚运会。"
    return text + f"{'、'.join(map(str, checked))}年都没有提高。" if len(checked) > 1 else text + f"{checked[0]}年没有提高。"


def _hosts_words() -> str:
    return (
        "规划举出的先例是北京1990年亚运会、北京2008年奥运会和广州2010年亚运会。其中1990年和2010年是人口普查年，当年数与上年数基数不同，"
        "增速的升降含普查调整，不能当作赛事的作用；规划没有给出各城市的增速。与对照城市、安慰剂年份的比较见[重大活动一节](#trends-events)，中方案不计赛事作用。"
    )


def _figure(report: Report, growth: pd.DataFrame) -> Figure:
    known = yearly_growth(report)
    rows = pd.DataFrame({"年份": known["year"], "增速（%）": known["growth"], "系列": "实际"})
    plan = _plan_growth(report)
    paths = pd.DataFrame({"年份": list(plan), "增速（%）": list(plan.values()), "名称": "规划中方案"})
    last = int(growth["year"].iloc[-1])
    value = float(growth["growth"].iloc[-1])
    title = f"{last}年实际增速{value:.2f}%，中方案隐含{plan[last]:.2f}%" if last in plan else f"{last}年实际增速{value:.2f}%"
    marks = []
    if _event(report, "asian-games-postponed") is not None:
        marks.append(BreakLine(GAMES_PLANNED + 0.5, "亚运会原定"))
    if _event(report, "asian-games-held") is not None:
        marks.append(BreakLine(GAMES_HELD_YEAR + 0.5, "亚运会举行"))
    notes = ["实际为七普同一基数的数；规划增速由中方案各年数相除得出。"]
    if marks:
        notes.append("竖点线是事件，不是口径断点。")
    return Figure(
        id="fig-growth-assumed",
        title=title,
        subtitle="常住人口年增速，%；实际与规划中方案隐含的增速",
        alt="折线图。实际：" + "，".join(f"{int(r['年份'])}年{r['增速（%）']:.2f}%" for r in rows.to_dict("records"))
        + "。规划中方案：" + "，".join(f"{year}年{rate:.2f}%" for year, rate in plan.items()) + "。",
        frame=pd.concat([rows[["年份", "系列", "增速（%）"]], paths.rename(columns={"名称": "系列"})[["年份", "系列", "增速（%）"]]], ignore_index=True).round(4),
        draw=lambda layout: line_chart(
            rows, layout, y="增速（%）", series="系列", decimals=2, colours={"实际": COLOURS["actual"]}, breaks=marks, paths=paths, zero=True,
        ),
        unit="%",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({*rows["年份"].astype(int), *plan})),
        source_ids=(*sources_of(published_series(report, "resident")), report.plan_source),
        notes=tuple(notes),
        indicator_ids=("resident_population",),
    )  # fmt: skip


def _table(report: Report) -> Table:
    rows: list[dict[str, str]] = []
    names = {"resident": "常住人口", "hukou": "户籍人口", "floating": "登记流动人口"}
    for concept, name in names.items():
        assumed = _plan_quantity(report, RATE_QUANTITIES[concept], f"规划假定的{name}年均增速", 1)
        rows.append({"what": f"{name}年均增速", "assumed": f"{assumed}", **_rate_row(report, concept, assumed)})
    plan = _plan_growth(report)
    rows.append(
        {
            "what": "增速先快后慢", "assumed": f"中方案：{'、'.join(f'{year}年{plan[year]:.2f}%' for year in (2021, 2023, 2025))}",
            **_order_row(report),
        }
    )  # fmt: skip
    rows.append({"what": "亚运会推升增速", "assumed": f"举办当年和前一年提高（原定{GAMES_PLANNED}年）", **_games_row(report)})
    rows.append(_share_row(report, WORKING_SHARE, "常住15—59岁比重", ("15_59",), "share_15_59"))
    rows.append(_share_row(report, CARED_SHARE, "常住0—14岁与60岁及以上比重之和", ("0_14", "60plus"), ""))
    hukou_working = _plan_quantity(report, HUKOU_WORKING, f"规划预测{report.plan.target_year}年户籍18—59岁比重", 2)
    rows.append({"what": "户籍18—59岁比重", "assumed": f"{report.plan.target_year}年{hukou_working}", "found": "18—59岁比重未公布", "verdict": UNPUBLISHED})
    urban = _plan_quantity(report, URBAN_DISTRICTS, f"规划预计{report.plan.target_year}年城区人口", 0)
    rows.append({"what": "城区人口", "assumed": f"{report.plan.target_year}年超过{urban}", "found": "规划所指城区的范围和历年数未公布", "verdict": UNPUBLISHED})
    return Table(
        id="tbl-plan-assumptions",
        title="规划的假定与已公布的情况",
        frame=pd.DataFrame(rows),
        columns=(
            Column("what", "项目"), Column("assumed", "规划假定"), Column("found", "已公布的情况"), Column("verdict", "对照", emphasis=True),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.plan.base_year, report.plan.target_year),
        source_ids=(*sources_of(*(published_series(report, concept) for concept in names)), report.plan_source),
        notes=(
            f"规划期满；{report.plan.target_year}年的假定只用{report.plan.target_year}年的公布数定论，没有公布的不作定论。" if report.edition >= report.plan.target_year
            else f"“对照”只说到{report.edition}年为止的情况；{report.plan.target_year}年的假定要到{report.plan.target_year}年数公布后才能定论。",
        ),
    )  # fmt: skip


def _rate_row(report: Report, concept: str, assumed: Fact) -> dict[str, str]:
    mean = _mean_growth(report, concept)
    if mean is None:
        item = published_series(report, concept).latest
        assert item is not None
        if report.edition > report.plan.base_year:
            return {"found": f"{report.plan.base_year}年后未公布（{item.year}年{report.fact_of(item)}）", "verdict": UNPUBLISHED}
        return {"found": f"{item.year}年{report.fact_of(item)}", "verdict": NO_ACTUAL}
    gap = round(mean.value or 0, 1) - (assumed.value or 0)
    word = "低于假定" if gap < 0 else "高于假定" if gap > 0 else "与假定相当"
    span = f"{report.plan.base_year}—{mean.year}年年均{mean}" if mean.year > report.plan.base_year + 1 else f"{mean.year}年{mean}"
    tail = f"，{mean.year + 1}年起未公布" if mean.year < report.edition else ""
    return {"found": span + tail, "verdict": word if not tail else f"到{mean.year}年{word}"}


def _order_row(report: Report) -> dict[str, str]:
    growth = _growth_since(report)
    if growth.empty:
        return {"found": f"{report.plan.base_year}年后尚无公布数", "verdict": NO_ACTUAL}
    listed = "、".join(f"{year}年{growth_fact(report, year)}" for year in growth["year"].astype(int))
    values = growth["growth"].tolist()
    if len(values) == 1:
        plan = _plan_growth(report)[int(growth["year"].iloc[0])]
        return {"found": listed, "verdict": "第一年低于中方案" if values[0] < plan else "第一年不低于中方案"}
    falling = all(b < a for a, b in zip(values, values[1:], strict=False))
    return {"found": listed, "verdict": "从第一年起逐年放缓，没有前期加快" if falling else "没有逐年放缓"}


def _games_row(report: Report) -> dict[str, str]:
    growth = _growth_since(report)
    held, postponed = _event(report, "asian-games-held"), _event(report, "asian-games-postponed")
    if growth.empty:
        return {"found": "本版截止日以前尚无增速", "verdict": NO_ACTUAL}
    if held is None:
        return {"found": "宣布推迟，尚未举行" if postponed is not None else "尚未举行", "verdict": "尚不能判断"}
    around = [y for y in (GAMES_HELD_YEAR - 1, GAMES_HELD_YEAR, GAMES_HELD_YEAR + 1) if y in set(growth["year"].astype(int))]
    listed = "、".join(f"{year}年{growth_fact(report, year)}" for year in around)
    state = games_lift(yearly_growth(report), GAMES_HELD_YEAR)
    verdict = {"none": "未见推升", "rose": "增速有提高，不能归因", "unknown": "尚不能判断"}[state]
    return {"found": f"推迟到{GAMES_HELD_YEAR}年举行；{listed}", "verdict": verdict}


def _share_row(report: Report, quantity_id: str, name: str, groups: tuple[str, ...], measure: str) -> dict[str, str]:
    assumed = _plan_quantity(report, quantity_id, f"规划预测{report.plan.target_year}年{name}", 2)
    items = [report.ledger.series(f"resident_share_{group}").latest for group in groups]
    row = {"what": name, "assumed": f"{report.plan.target_year}年{assumed}"}
    known = [item for item in items if item is not None and item.year > report.plan.base_year and not item.behind]
    if len(known) < len(groups) or len({item.year for item in known}) > 1:
        census = [report.ledger.observation(f"census_share_{group}", report.plan.base_year) for group in groups]
        words = "、".join(f"{report.fact_of(item)}" for item in census if item is not None)
        return {**row, "found": f"{report.plan.base_year}年普查{words}" + ("（两组）" if len(groups) > 1 else ""), "verdict": NO_ACTUAL}
    year = known[0].year
    total = sum(item.value for item in known)
    if len(known) == 1:
        found = f"{year}年末{report.fact_of(known[0])}"
    else:
        fact = report.fact(
            f"fact-resident-share-cared-{year}", f"{year}年末0—14岁与60岁及以上比重之和", round(total, 10), "%", 1, year=year,
            basis="resident", source_ids=sources_of(*known), derivation=" + ".join(f"{item.value:.1f}" for item in known),
        )  # fmt: skip
        found = f"{year}年末{fact}"
    if year >= report.plan.target_year:
        at_end = [report.ledger.observation(f"resident_share_{group}", report.plan.target_year) for group in groups]
        total = sum(item.value for item in at_end if item is not None)
        gap = round(total, 1) - round(assumed.value or 0, 1)
        verdict = "低于假定" if gap < 0 else "高于假定" if gap > 0 else "与假定相当"
        verdict = verdict if None not in at_end else UNPUBLISHED
    elif measure:
        outlook = age_outlook(report, measure, report.plan.target_year)
        inside = outlook.holds(assumed.value or 0)
        side = "在" if inside else "不在"
        found += f"；{report.plan.target_year}年预计{outlook.point}（80%区间{outlook.span()}，95%区间{outlook.span(95)}）"
        verdict = f"假定{side}80%区间之内"
        if not inside:
            verdict += "，实际可能更低" if (outlook.hi80.value or 0) < (assumed.value or 0) else "，实际可能更高"
    else:
        verdict = "与15—59岁比重互补，结论同上一行"
    return {**row, "found": found, "verdict": verdict}


def _note() -> Note:
    return Note(
        "读法：假定与误差",
        "规划采用国际人口预测模型、趋势递推和线性因子回归三类方法，再按重大事件和战略修正；没有公布模型参数、修正幅度和误差，本报告只能按给出的数逐条对照。"
        "对照时不跨口径断点，不混用常住、户籍和流动三个口径。",
    )
