"""The early-warning indicator at the end of each problem, and all of them together."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.problems.demand import STATE_SIGNS, demand_exhibit, demand_words
from popbook.exhibits.charts import state_matrix
from popbook.exhibits.model import Column, Fact, Figure, Note, Section, Table
from popbook.exhibits.phrases import list_phrase
from popbook.exhibits.report import POINT_UNITS, Report
from popbook.exhibits.state_matrix import Shape
from popbook.exhibits.theme import AXIS, STATUS_COLOURS
from popbook.ledger.model import Indicator
from popbook.monitoring.demand import SECTION as DEMAND
from popbook.monitoring.demand import watch
from popbook.monitoring.derived import DEPENDENCY, NET_MIGRATION, is_computed, monitored_series
from popbook.monitoring.warnings import (
    COUNTED,
    FIRED,
    QUIET,
    SCENARIO_ZH,
    UNKNOWN,
    Warning,
    evaluate_warnings,
    read_rules,
    regions_of,
    warnings_table,
)


@dataclass(frozen=True)
class Problem:
    """One problem of the chapter and the rule that watches it."""

    name: str
    section_id: str
    rule_id: str


PROBLEMS = (
    Problem("出生", "problems-births", "w-fertility-birth"),
    Problem("生育水平", "problems-fertility", "w-fertility-tfr"),
    Problem("老龄化", "problems-ageing", "w-ageing-share"),
    Problem("公共服务", "problems-services", "w-services-dependency"),
    Problem("区域布局", "problems-imbalance", "w-imbalance-west"),
)
_SECTIONS = {
    "total": "人口总量", "migration": "迁移", "fertility": "出生与生育", "ageing": "老龄化", "services": "公共服务",
    "imbalance": "区域布局", DEMAND: "学龄和高龄需求",
}  # fmt: skip
_SHAPES = STATE_SIGNS
_DRAWN: dict[str, tuple[Shape, str]] = {
    FIRED: ("square", STATUS_COLOURS[FIRED]), QUIET: ("ring", STATUS_COLOURS[QUIET]), UNKNOWN: ("dash", AXIS),
}  # fmt: skip
_UNITS = {"女=100": "", "个": ""}
_COMPUTED = {
    DEPENDENCY: "总抚养比（15—64岁口径，由公布的年龄组计算）", NET_MIGRATION: "常住人口净迁入（由公布的总量和自然增长率计算）",
}  # fmt: skip


def warning_of(report: Report, rule_id: str) -> Warning:
    """Return one warning of the report's edition.

    Raises
    ------
    KeyError
        If there is no such rule.
    """
    for warning in evaluate_warnings(report.ledger):
        if warning.rule_id == rule_id:
            return warning
    raise KeyError(rule_id)


def headline_warnings(report: Report) -> list[Warning]:
    """Return the warning of each problem of the chapter, in the order of its sections."""
    return [warning_of(report, problem.rule_id) for problem in PROBLEMS]


def rule_words(warning: Warning, indicator: Indicator, region: str = "") -> str:
    """Return a rule in words, as it stands in ``warning_rules.csv``.

    Parameters
    ----------
    warning
        The evaluated rule.
    indicator
        Its indicator.
    region
        Words for the places a rule looks at, if not the city.
    """
    limit = f"{warning.threshold}{_UNITS.get(warning.unit, warning.unit)}"
    name = f"{region}{indicator.name_zh}"
    if warning.kind == "below":
        return f"{name}低于{limit}即触发"
    if warning.kind == "above":
        return f"{name}高于{limit}即触发"
    if warning.kind in ("rises_by", "falls_by"):
        return f"{name}一年{'上升' if warning.kind == 'rises_by' else '下降'}超过{warning.threshold}个百分点即触发"
    if warning.kind in ("outlier", "outlier_growth"):
        measured = f"{name}{'年均增速' if warning.kind == 'outlier_growth' else ''}"
        return f"{measured}与各区县中位数相差超过{warning.threshold}个稳健标准差即触发"
    if warning.kind == "below_path":
        return f"{name}低于规划{SCENARIO_ZH[warning.threshold]}当年的数即触发"
    if warning.unit == "次":
        return f"{name}比上次普查减少即触发"
    return f"{name}连续{warning.threshold}{warning.unit}{_fall_word(indicator)}即触发"


def warning_block(report: Report, rule_id: str) -> str:
    """Return the paragraph that ends a section: rule, threshold, this year's figure, state and since when.

    Parameters
    ----------
    report
        The edition.
    rule_id
        Rule in ``data/warning_rules.csv``.
    """
    warning = warning_of(report, rule_id)
    indicator = report.ledger.indicators[warning.indicator_id]
    rule = rule_words(warning, indicator, _region_words(warning))
    return f"**预警指标：{warning.name}——{warning.state}。** 规则：{rule}。{_reading(report, warning)}设定依据：{warning.rule_reason}"


@or_gap("problems-warnings", "预警", Needs(tables=("warning_rules",)))
def warnings(report: Report) -> Section:
    """Return the section with every early-warning rule and its state in this edition.

    Parameters
    ----------
    report
        The edition; also registers the result ``warnings`` (warnings.csv).
    """
    known = watch(report.ledger)
    report.result("warnings", warnings_table(known))
    main = headline_warnings(report)
    year = report.edition
    fired = [w for w in main if w.state == FIRED]
    unknown = [w for w in main if w.state == UNKNOWN]
    count = _count(report, "fired", "本章触发的预警指标", len(fired))
    total = _count(report, "problems", "本章预警指标", len(main))
    open_count = _count(report, "unknown", "本章无法判断的预警指标", len(unknown))
    names = "、".join(p.name for p, w in zip(PROBLEMS, main, strict=True) if w.state == FIRED)
    if fired:
        heading = f"{total}预警指标触发{count}：{names}"
    elif unknown:
        heading = f"{total}预警指标无一触发，{open_count}无法判断"
    else:
        heading = f"{total}预警指标无一触发"
    lead = f"{year}年度版按当时已公布的数逐条判断。"
    if unknown:
        lead += f"{open_count}缺当年的或可比的数（{list_phrase(_quoted(unknown))}），写明现状，不沿用旧结论。"
    else:
        lead += "五类问题当年都有可用的数。"
    table, matrix, rules = _headline_table(report, main), _history_figure(report, known), _rules_table(report)
    every = _count(report, "rules", "预警规则", len(known), unit="条")
    on = _count(report, "rules-fired", "触发的预警规则", sum(w.state == FIRED for w in known), unit="条")
    text = f"五类问题各由一条规则领头，见{table}。连同从其他侧面观察的规则共{every}，本年触发{on}；各版的判断见{matrix}，规则和依据见{rules}。"
    return Section(
        "problems-warnings",
        heading,
        lead,
        (
            text, table, matrix, _taken_back(report, known), *_lead_times(report), rules, demand_words(report),
            demand_exhibit(report), Note("预警规则怎样使用", _METHOD),
        ),
        _policy(fired, unknown),
    )  # fmt: skip


def _taken_back(report: Report, known: tuple[Warning, ...]) -> str:
    """Say how often a rule cried wolf: fired in one edition, and not in the next."""
    if report.edition == min(report.ledger.editions):
        return "本版为首个年度版，没有往年判断可以对照。"
    wrong = [w for w in known if w.false_alarms]
    earlier = sum(state == FIRED for w in known for edition, state in w.history if edition < report.edition)
    if not wrong:
        return "以往各版发出的预警，没有一次在下一版因不再越限而撤回。"
    back = _count(report, "false-alarms", "下一版撤回的预警", sum(w.false_alarms for w in wrong), unit="次")
    before = _count(report, "alarms", "以往各版发出的预警", earlier, unit="次")
    return f"误报：以往各版共发出预警{before}，其中{back}在下一版撤回（{list_phrase(_quoted(wrong))}）。"


def _lead_times(report: Report) -> tuple[str, ...]:
    """Say, for every bound with a rule on its pace, how many years earlier that rule fired."""
    known = evaluate_warnings(report.ledger)
    said = []
    for pace in (w for w in known if w.kind in ("rises_by", "falls_by")):
        bound = next((w for w in known if w.indicator_id == pace.indicator_id and w.kind in ("above", "below")), None)
        if bound is None or pace.first_fired is None:
            continue
        if bound.first_fired is None:
            state = "仍在触发" if pace.state == FIRED else f"现为{pace.state}"
            said.append(f"“{pace.name}”{pace.first_fired}年首次触发，{state}，界限至今没有越过")
        elif bound.first_fired > pace.first_fired:
            years = _count(report, f"lead-{pace.rule_id.removeprefix('w-')}", f"“{pace.name}”早于“{bound.name}”的年数",
                           bound.first_fired - pace.first_fired, unit="年")  # fmt: skip
            said.append(f"“{pace.name}”{pace.first_fired}年首次触发，早于“{bound.name}”{years}")
        else:
            said.append(f"“{pace.name}”没有早于“{bound.name}”触发")
    return (f"提前量：{'；'.join(said)}。",) if said else ()


_METHOD = """规则、界限和依据都列在数据文件 warning_rules.csv 和 demand_rules.csv 中，改动须在版本库留痕。判断只用可信度为A级或B级的公布数，不用二手转述，不跨口径断点。

普查指标以最近一次普查为准，直到下次普查；其余指标只认当年数，当年没有公布、或没有可比的往年数，即为无法判断。分区县的规则逐个区县检验，写出越限的区县。

离群规则在同一区划的各区县之间比较：与中位数之差，除以绝对离差中位数折算的标准差。它不受离群值本身影响；不足8个区县有数的年份不比较。净迁入是年末增量减自然增长的余数，只在同一基数的相邻两年计算。

“起始年”是本轮连续触发的第一年。往年状态由各年度版按当时能知道的数判断，不因后来的修订改写。"""


def _policy(fired: list[Warning], unknown: list[Warning]) -> str:
    parts = []
    if fired:
        parts.append(f"已触发的{list_phrase(_quoted(fired))}，宜列入下一年度的专题评估，说明原因、影响和应对。")
    if unknown:
        parts.append(f"无法判断的{list_phrase(_quoted(unknown))}缺少数据，请主管部门公布，或说明不公布的原因。")
    return "".join(parts) or "本年没有触发的预警指标，按年复核即可。"


def _quoted(warnings: list[Warning]) -> list[str]:
    """Return the names of rules in quotation marks: many of them read like statements of their own."""
    return [f"“{warning.name}”" for warning in warnings]


def _count(report: Report, key: str, label: str, value: int, unit: str = "项") -> Fact:
    return report.fact(f"fact-warning-{key}-{report.edition}", label, value, unit, 0, year=report.edition)


def _region_words(warning: Warning) -> str:
    return {"west": "西部三县（市）中任一县（市）", "district": "任一区县"}.get(warning.region, "")


def value_fact(report: Report, warning: Warning) -> Fact | None:
    """Return the figure a warning rests on as a fact; None where there is none."""
    if warning.year is None or warning.value is None:
        return None
    indicator = report.ledger.indicators[warning.indicator_id]
    for region_id in _regions(report, warning):
        found = monitored_series(report.ledger, warning.indicator_id, region_id).at(warning.year)
        if found is None or found.value != warning.value:
            continue
        if not is_computed(found):
            return report.fact_of(found)
        return report.fact(
            f"fact-{indicator.indicator_id.replace('_', '-')}-computed-{warning.year}",
            f"{report.region.name_zh}{warning.year}年{_COMPUTED[indicator.indicator_id]}",
            found.value,
            indicator.unit,
            indicator.decimals,
            year=warning.year,
            basis=indicator.basis,
            status=found.status,
            source_ids=(found.source_id,),
            indicator_id=indicator.indicator_id,
            derivation=found.note,
        )
    return None


def _regions(report: Report, warning: Warning) -> tuple[str, ...]:
    rule = next(r for r in read_rules(report.ledger) if r.rule_id == warning.rule_id)
    return regions_of(rule, report.ledger)


def _reading(report: Report, warning: Warning) -> str:
    fact = value_fact(report, warning)
    if fact is None:
        return f"没有可用的数，{UNKNOWN}。"
    if warning.measure is None or warning.limit is None:
        return f"最近的数是{warning.year}年{fact}，没有可比的数，{UNKNOWN}。"
    compared = compared_words(report, warning)
    if warning.state == UNKNOWN:
        current = monitored_series(report.ledger, warning.indicator_id, _regions(report, warning)[0]).at(report.edition)
        if current is not None and current.year != warning.year:
            return f"{report.edition}年为{report.fact_of(current)}，但没有可比的往年数，{UNKNOWN}。"
        return f"最近一次可以判断的是{warning.year}年：{fact}，{compared}；{report.edition}年未公布，{UNKNOWN}。"
    said = f"{warning.year}年为{fact}，{compared}"
    if warning.state == QUIET:
        return f"{said}，未触发。"
    places = f"越限的有{list_phrase(warning.regions)}：" if len(warning.regions) == 1 else ""
    if len(warning.regions) > 1:
        name = report.ledger.regions[fact.region_id].name_zh
        places = f"越限的有{list_phrase(warning.regions)}，最突出的是{name}："
    since = "本年起触发" if warning.since == report.edition else f"{warning.since}年起触发"
    return f"{places}{said}，{since}。"


def compared_words(report: Report, warning: Warning) -> str:
    """Say what was held against the limit of a warning, and how far it lies beyond.

    Parameters
    ----------
    report
        The edition.
    warning
        A warning that could be judged.

    Returns
    -------
    str
        Inline MyST ("高于界限0.5个百分点", "已连续3年减少").
    """
    assert warning.measure is not None and warning.limit is not None
    if warning.kind in ("outlier", "outlier_growth"):
        score = report.fact(
            f"fact-warning-{warning.rule_id.removeprefix('w-')}-score-{warning.year}",
            f"{warning.year}年{warning.name}：与各区县中位数之差", abs(warning.measure), "个稳健标准差", 1,
            year=warning.year or 0,
        )  # fmt: skip
        return f"{'高于' if warning.measure > 0 else '低于'}各区县中位数{score}"
    if warning.kind == "falls_for":
        falls = int(warning.measure)
        if warning.unit == "次":
            return "比上次普查减少" if falls else "比上次普查没有减少"
        word = _fall_word(report.ledger.indicators[warning.indicator_id])
        if falls > 1:
            return f"已连续{falls}{warning.unit}{word}"
        return f"比上年{word}" if falls else f"比上年没有{word}"
    indicator = report.ledger.indicators[warning.indicator_id]
    unit = POINT_UNITS.get(indicator.unit, indicator.unit)
    stem = warning.rule_id.removeprefix("w-")
    if warning.kind in ("rises_by", "falls_by"):
        change = report.fact(
            f"fact-warning-{stem}-change-{warning.year}", f"{warning.year}年{indicator.name_zh}比上年变化", warning.measure,
            unit, indicator.decimals, year=warning.year or 0, basis=indicator.basis, indicator_id=indicator.indicator_id,
        )
        return f"比上年{'上升' if warning.measure > 0 else '下降'}{change:a}"
    distance = report.fact(
        f"fact-warning-{stem}-distance-{warning.year}",
        f"{warning.year}年{indicator.name_zh}与预警界限之差",
        round(warning.measure - warning.limit, 9),
        unit,
        indicator.decimals,
        year=warning.year or 0,
        basis=indicator.basis,
        indicator_id=indicator.indicator_id,
        derivation=f"{warning.measure:g} − {warning.limit:g}",
    )
    if not distance.value:
        return "等于界限"
    return f"{'高于' if distance.value > 0 else '低于'}界限{distance:a}"


def _headline_table(report: Report, main: list[Warning]) -> Table:
    rows = []
    for problem, warning in zip(PROBLEMS, main, strict=True):
        indicator = report.ledger.indicators[warning.indicator_id]
        fact = value_fact(report, warning)
        rows.append(
            {
                "problem": f"[{problem.name}](#{problem.section_id})",
                "rule": rule_words(warning, indicator, _region_words(warning)),
                "value": "未公布" if fact is None else f"{warning.year}年 {fact}",
                "state": _SHAPES[warning.state],
                "since": "" if warning.since is None else f"{warning.since}年",
                "regions": list_phrase(warning.regions),
            }
        )
    return Table(
        id="tbl-warnings",
        title=f"本章五类问题的预警指标（{report.edition}年度版）",
        frame=pd.DataFrame(rows),
        columns=(
            Column("problem", "问题"),
            Column("rule", "规则"),
            Column("value", "最近的数"),
            Column("state", "状态", emphasis=True),
            Column("since", "起始年"),
            Column("regions", "越限的区县"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=warning_sources(report, main),
        notes=("当年没有公布、或没有可比的往年数，状态为无法判断；普查指标以最近一次普查为准。",),
        indicator_ids=tuple(dict.fromkeys(w.indicator_id for w in main)),
        missing="blank",
    )


def _history_figure(report: Report, known: tuple[Warning, ...]) -> Figure:
    order = list(_SECTIONS)
    editions = [edition for edition, _ in known[0].history]
    rows = [
        {
            "类别": _SECTIONS[warning.section],
            "规则": warning.name,
            **{str(edition): state for edition, state in warning.history},
            "首次": "" if warning.first_fired is None else str(warning.first_fired),
            "撤回": str(warning.false_alarms) if warning.false_alarms else "",
        }
        for warning in sorted(known, key=lambda w: (order.index(w.section), not w.headline))
    ]
    frame = pd.DataFrame(rows)
    fired = sum(warning.state == FIRED for warning in known)
    unknown = sum(warning.state == UNKNOWN for warning in known)
    title = f"{len(known)}条规则在{report.edition}年度版触发{fired}条，{unknown}条没有数可判断"
    return Figure(
        id="fig-warning-history",
        title=title,
        subtitle=f"每条规则在各年度版的状态；首次为{report.plan.base_year}年以来首次触发的年份，撤回为下一版改判的次数",
        alt=f"状态图，每行一条预警规则，每列一个年度版，实心方块为触发，圆圈为未触发，短横为无法判断。{title}。",
        frame=frame,
        draw=lambda layout: state_matrix(
            frame, layout, row="规则", columns=[str(e) for e in editions], states=_DRAWN, group="类别",
            texts=("首次", "撤回"), latest=str(report.edition),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=tuple(editions),
        source_ids=warning_sources(report, [w for w in known if w.section != DEMAND]),
        notes=(
            f"首次是{report.plan.base_year}年以来第一个越过界限的数据年份，学龄和高龄需求为第一个触发的年度版；撤回是触发以后下一版改判未触发的次数，空白为没有。",
            f"各年度版按当时已公布的数判断。{editions[0]}年末的分项数公布较少，{editions[0]}年度版的多数规则因此无法判断。",
        ),
        indicator_ids=tuple(dict.fromkeys(w.indicator_id for w in known if w.section != DEMAND)),
    )  # fmt: skip


def _rules_table(report: Report) -> Table:
    order = list(_SECTIONS)
    known = evaluate_warnings(report.ledger)
    rows = []
    for warning in sorted(known, key=lambda w: (order.index(w.section), not w.headline)):
        indicator = report.ledger.indicators[warning.indicator_id]
        rows.append(
            {
                "section": _SECTIONS[warning.section],
                "rule": rule_words(warning, indicator, _region_words(warning)),
                "state": _SHAPES[warning.state],
                "reason": warning.rule_reason,
            }
        )
    return Table(
        id="tbl-warning-rules",
        title="按公布数判断的预警规则：界限和依据",
        frame=pd.DataFrame(rows),
        columns=(Column("rule", "规则"), Column("state", "状态", emphasis=True), Column("reason", "设定依据")),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=warning_sources(report, known),
        indicator_ids=tuple(dict.fromkeys(w.indicator_id for w in known)),
        group_by="section",
        missing="blank",
    )


def _fall_word(indicator: Indicator) -> str:
    return "减少" if indicator.unit in COUNTED else "下降"


def warning_sources(report: Report, warnings: list[Warning] | tuple[Warning, ...]) -> tuple[str, ...]:
    """Return the sources of the figures and of the limits of some warnings, as far as the edition knows them.

    Parameters
    ----------
    report
        The edition.
    warnings
        Evaluated rules.
    """
    used = []
    for warning in warnings:
        if warning.year is not None:
            for region_id in _regions(report, warning):
                found = monitored_series(report.ledger, warning.indicator_id, region_id).at(warning.year)
                used += [found.source_id] if found is not None else []
        used.append(warning.source_id)
    visible = [s for s in used if s and report.ledger.sources[s].published <= str(report.about.cut_off)]
    return tuple(dict.fromkeys(visible))
