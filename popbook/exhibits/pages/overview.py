"""The overview: the target board, the warnings that are on, three changes, the four fields, the year in eight sentences.

The order is that of a reader with thirty seconds: what is drawn comes first, what is to be read comes after it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.area_sentences import areas
from popbook.exhibits.board import target_board
from popbook.exhibits.citations import date_words
from popbook.exhibits.model import Column, Html, Section, Table
from popbook.exhibits.pages.changes import three_changes
from popbook.exhibits.phrases import change_word, closing_run, list_phrase, run_phrase
from popbook.exhibits.plan_words import plan_words
from popbook.exhibits.target_facts import (
    MOST_URGENT_FIRST,
    WITHOUT_JUDGEMENT,
    base_fact,
    base_margin_fact,
    chance_words,
    count_fact,
    is_base_edition,
    is_closing_edition,
    margin_fact,
    short_name,
    standing,
    status_count,
    target_fact,
    target_statuses,
    target_words,
)
from popbook.exhibits.warning_cards import warning_cards
from popbook.ledger.reads import remember
from popbook.monitoring.components import components_of_change
from popbook.monitoring.demand import watch
from popbook.monitoring.status import BREACHED, NOT_PUBLISHED, OFF_TRACK
from popbook.monitoring.warnings import FIRED, UNKNOWN, Warning

if TYPE_CHECKING:
    from popbook.exhibits.model import Fact
    from popbook.exhibits.report import Report
    from popbook.ledger.model import Observation
    from popbook.monitoring.targets import TargetStatus

RESIDENTS = "resident_population"
_SCENARIOS = (("low", "低方案"), ("medium", "中方案"), ("high", "高方案"))


def overview(report: Report) -> tuple[Section, ...]:
    """Return the sections of the overview: board, warnings, three changes, the four fields, the year, what to read next.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    tuple of Section
    """
    return board(report), warnings(report), *changed(report), areas(report), year(report), reading(report)


def year(report: Report) -> Section:
    """Return the year in eight sentences."""
    sentences = (
        ("总量", population(report)),
        ("对照方案", against_the_plan(report)),
        ("增量来源", components(report)),
        ("老龄化", target_sentence(report, "resident_share_60plus")),
        ("劳动年龄", target_sentence(report, "resident_share_15_59")),
        ("城镇化", target_sentence(report, "resident_urban_rate")),
        ("目标", targets_sentence(report)),
        ("预警", warnings_sentence(report)),
    )
    items = "\n".join(f"{i}. **{name}**　{said}" for i, (name, said) in enumerate(sentences, 1))
    return Section("overview-year", _headline(report), "一年的情况写成八句，每个数都可以单独引用。", (items,))


def board(report: Report) -> Section:
    """Return the target board of the overview."""
    statuses = target_statuses(report)
    total = count_fact(report, "all", len(statuses), "目标总数")
    if is_base_edition(statuses):
        heading = f"{total}目标从{statuses[0].base_year}年出发，本版只列起点"
    else:
        counted = [f"{word}{status_count(report, word)}" for word in MOST_URGENT_FIRST if _has(statuses, word)]
        heading = f"{total}目标：{'、'.join(counted)}" if counted else f"{total}目标没有一项能评估"
        if is_closing_edition(statuses):
            heading = f"规划期满，{heading}"
    return Section(
        "overview-board",
        heading,
        f"{report.edition}年度版，采用{date_words(report.about.cut_off, 'day')}以前公布的数，对照{plan_words(report.ledger)['plan']}。"
        "算式、概率的来历和状态规则见[第四章](../notebooks/04_targets.ipynb)。",
        (target_board(report),),
    )


def warnings(report: Report) -> Section:
    """Return the warnings that are on as cards and, folded, as the table of the documents; the headline rules first."""
    found = _warnings(report)
    fired = sorted((w for w in found if w.state == FIRED), key=lambda w: not w.headline)
    idle = sum(w.state == UNKNOWN for w in found)
    rules = _warning_count(report, "rules", len(found), "预警规则数")
    on = _warning_count(report, "fired", len(fired), "触发的预警数")
    lead = "规则事先写定，每年用公布数检验，本年没有数的记为无法判断。全部规则和历年状态见[第二章](../notebooks/02_problems.ipynb)。"
    if not fired:
        return Section("overview-warnings", f"{rules}预警规则没有一条触发", lead)
    heading = f"{rules}预警规则触发{on}"
    if idle:
        heading += f"，{_warning_count(report, 'unknown', idle, '无法判断的预警数')}没有数可判断"
    # The sentence of a warning ends with its state, which every row of this table shares.
    rows = [
        {"name": w.name, "said": re.sub(f"，{w.since}年(?:度版)?起{FIRED}。$", "", w.sentence) + "。", "since": w.since}
        for w in fired
    ]
    table = Table(
        id="tbl-overview-warnings",
        title=f"{report.edition}年度版触发的预警",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "预警"),
            Column("said", "情况"),
            Column("since", "起始", decimals=0, emphasis=True),
        ),
        unit="",
        basis="unstated",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=tuple(dict.fromkeys(w.source_id for w in fired if w.source_id in report.ledger.sources)),
        notes=(
            "先列每类问题的首要规则。起始为触发的第一年，从规划基期年算起，以前的年份不计；学龄和高龄人口为第一个触发的年度版。",
        ),
        missing="blank",
        folded=True,
    )
    return Section("overview-warnings", heading, lead, (warning_cards(report, fired), table))


def changed(report: Report) -> tuple[Section, ...]:
    """Return three things that changed since the edition before; nothing for the first edition."""
    found = three_changes(report)
    if found is None:
        return ()
    finding, lines = found
    names = ("判断", "预测", "数据")
    items = "\n".join(f"{i}. **{name}**　{said}" for i, (name, said) in enumerate(zip(names, lines, strict=True), 1))
    return (
        Section(
            "overview-changes",
            f"与上年比：{finding}",
            "改变的原因、每处修订和预测变化的分解见[与上年比较](changes.md)。",
            (items,),
        ),
    )


def reading(report: Report) -> Section:
    """Return what to read next, one line each."""
    statuses = target_statuses(report)
    lines = (
        ("[第一章　现状](../notebooks/01_status.ipynb)", "三种人口口径、增减来源、年龄、城镇化、区县。"),
        ("[第二章　问题](../notebooks/02_problems.ipynb)", "生育、老龄化、公共服务、区县差距，各有一条预警规则。"),
        ("[第三章　态势](../notebooks/03_trends.ipynb)", f"到{report.last_year}年的预测和区间，与规划三个方案对照。"),
        (
            "[第四章　目标](../notebooks/04_targets.ipynb)",
            f"{count_fact(report, 'all', len(statuses), '目标总数')}目标的差距、速度、概率和算式。",
        ),
        ("[第五章　重点工程](../notebooks/05_projects.ipynb)", "规划承诺的数量、期限和已公布的进展。"),
        ("[怎样读这份报告](reading.md)", "先认口径和标记。"),
    )
    return Section(
        "overview-reading",
        "接着读什么",
        "五章对应规划的五个部分，每节标题就是该节的结论。",
        ("\n".join(f"- {link}：{said}" for link, said in lines), _downloads()),
    )


def _downloads() -> Html:
    """Return the links to the documents of the edition, which lie beside the overview."""
    documents = (("report", "报告全文"), ("brief", "两页简报"))
    formats = (("pdf", "PDF"), ("docx", "Word"))
    said = "；".join(
        f"{title}："
        + "、".join(f'<a href="{name}.{suffix}" download>{title}（{label}）</a>' for suffix, label in formats)
        for name, title in documents
    )
    return Html(f'<p class="pb-downloads"><strong>下载</strong>　{said}。</p>')


# --- the eight sentences ---------------------------------------------------------------------------------------------


def population(report: Report) -> str:
    """Say the residents at the end of the year, the increment, and how the increment has moved."""
    series = report.ledger.series(RESIDENTS, report.region_id)
    latest = series.at(report.edition)
    if latest is None:
        known = series.latest
        return _no_figure(report, f"{report.edition}年末常住人口", known)
    before = series.at(report.edition - 1)
    said = f"{report.edition}年末常住人口{report.fact_of(latest)}"
    if before is None:
        return f"{said}；上年末的数没有公布。"
    cut = next((p for p in series.break_points() if p.after_year == report.edition), None)
    if cut is not None:
        return (
            f"{said}，以普查为基数；按旧基数公布的{before.year}年末数为{report.fact_of(before)}，"
            "两者之差含基数调整，不是一年的增长。"
        )
    change = report.difference(latest, before)
    said += f"，比上年末{change_word(change.value or 0.0, 'level')}{change:a}"
    run, direction = closing_run(_increments(report), tolerance=0.05)
    if run:
        word = {"up": "扩大", "down": "收窄", "flat": "持平"}[direction]
        said += f"，增量{run_phrase(run) or '比上年'}{word}" if (change.value or 0.0) > 0 else ""
    return f"{said}。"


def against_the_plan(report: Report) -> str:
    """Say between which of the plan's paths the residents stand, and what the target still asks for."""
    status = _residents_status(report)
    value = report.ledger.observation(RESIDENTS, report.edition, report.region_id)
    if not report.ledger.plan.has_paths("resident"):
        asked = f"；{_residents_target(report, status)}" if status else "，也没有常住人口的目标"
        return f"规划没有常住人口的方案路径{asked}。"
    paths = {key: report.ledger.plan.path("resident", key) for key, _ in _SCENARIOS}
    if value is None or any(report.edition not in path.index for path in paths.values()):
        first = min(min(path.index) for path in paths.values())
        return f"规划的低、中、高方案从{first}年起逐年给出；" + (
            f"{status.target_year}年目标为{target_words(report, status)}，"
            f"比{status.base_year}年的{base_fact(report, status)}多{base_margin_fact(report, status):a}。"
            if status
            else "规划没有常住人口的目标。"
        )
    levels = [(name, _path_fact(report, key, name)) for key, name in _SCENARIOS]
    below = [(name, fact) for name, fact in levels if value.value < (fact.value or 0.0)]
    if len(below) == len(levels):
        name, fact = levels[0]
        gap = _gap_fact(report, value, fact, name)
        said = f"比规划{name}的{fact}少{gap:a}"
        since = _below_since(report, paths["low"])
        if since < report.edition:
            said += f"，{since}年以来一直低于{name}"
    elif not below:
        name, fact = levels[-1]
        said = f"不低于规划{name}的{fact}"
    else:
        upper_name, upper = below[0]
        lower_name, lower = levels[len(levels) - len(below) - 1]
        said = f"介于规划{lower_name}的{lower}和{upper_name}的{upper}之间"
    return f"常住人口{said}；{_residents_target(report, status) if status else '规划没有常住人口的目标'}。"


def components(report: Report) -> str:
    """Say how much of the increment is natural growth and how much net migration."""
    table = components_of_change(report.ledger, report.region_id)
    table = table.dropna(subset=["natural", "net_migration"])
    rows = table[table["year"] == report.edition]
    if rows.empty:
        if table.empty:
            return f"{report.edition}年的增量不能分解为自然增长和净迁入：没有同一基数的总量和自然增长率。"
        last = table.iloc[-1]
        natural, migration = (_component_fact(report, int(last["year"]), key, float(last[key])) for key in _COMPONENTS)
        seen = report.ledger.observation(RESIDENTS, int(last["year"]), report.region_id)
        old = "（旧基数）" if seen is not None and seen.behind else ""
        return (
            f"{report.edition}年的增量不能分解：没有同一基数的上年总量或自然增长率。"
            f"最近能分解的是{int(last['year'])}年{old}：{_signed_words(natural, migration)}。"
        )
    row = rows.iloc[0]
    natural, migration = (_component_fact(report, report.edition, key, float(row[key])) for key in _COMPONENTS)
    tail = ""
    if (migration.value or 0) > (natural.value or 0) > 0:
        tail = "，增长主要来自迁入"
    elif (migration.value or 0) > 0 >= (natural.value or 0):
        tail = "，增长全部来自迁入"
    elif (natural.value or 0) > (migration.value or 0):
        tail = "，增长主要来自自然增长" if (migration.value or 0) > 0 else "，迁移减少人口"
    whole = "增量" if float(row["change"]) > 0 else "总量变动"
    return f"{whole}中{_signed_words(natural, migration)}{tail}；净迁入是总量变动减自然增长的余数。"


def target_sentence(report: Report, indicator_id: str) -> str:
    """Say where the target of an indicator stands."""
    status = next((item for item in target_statuses(report) if item.indicator_id == indicator_id), None)
    if status is None:
        return f"规划没有{report.ledger.indicators[indicator_id].name_zh}的目标。"
    return standing(report, status)


def targets_sentence(report: Report) -> str:
    """Count the targets by status, and those that cannot be judged."""
    statuses = target_statuses(report)
    total = count_fact(report, "all", len(statuses), "目标总数")
    if is_base_edition(statuses):
        rails = [s for s in statuses if s.is_guard_rail]
        return (
            f"{total}目标中，{count_fact(report, 'reach', len(statuses) - len(rails), '达到类目标数')}要从基期走到目标，"
            f"{count_fact(report, 'rails', len(rails), '保持类目标数')}在基期已符合、只能保持；评估从{report.edition + 1}年度版开始。"
        )
    counted = [f"{word}{status_count(report, word)}" for word in MOST_URGENT_FIRST if _has(statuses, word)]
    without = [f"{word}{status_count(report, word)}" for word in WITHOUT_JUDGEMENT if _has(statuses, word)]
    said = f"{total}目标中，{'、'.join(counted)}" if counted else f"{total}目标没有一项能评估"
    if without:
        silent = [short_name(s) for s in statuses if s.status == NOT_PUBLISHED]
        said += f"；{'、'.join(without)}，既不算达成也不算未达成"
        if silent:
            figure = f"{statuses[0].target_year}年数" if is_closing_edition(statuses) else ""
            said += f"（没有公布{figure}的有{list_phrase(silent[:3])}{'等' if len(silent) > 3 else ''}）"
    return f"{said}。"


def warnings_sentence(report: Report) -> str:
    """Count the warnings that are on, and name the most urgent: the headline rules of the five problems."""
    found = _warnings(report)
    fired = [w for w in found if w.state == FIRED]
    rules = _warning_count(report, "rules", len(found), "预警规则数")
    if not fired:
        return f"{rules}预警规则没有一条触发。"
    on = _warning_count(report, "fired", len(fired), "触发的预警数")
    head = [f"{w.name}（{w.since}年起）" for w in fired if w.headline]
    tail = f"，首要的是{list_phrase(head)}" if head else "，各类问题的首要规则都没有触发"
    return f"{rules}预警规则触发{on}{tail}。"


# --- pieces ----------------------------------------------------------------------------------------------------------

_COMPONENTS = ("natural", "net_migration")
_COMPONENT_NAMES = {"natural": "自然增长", "net_migration": "净迁入"}


def _headline(report: Report) -> str:
    """The finding of the year: the population, and the target that is worst off."""
    latest = report.ledger.observation(RESIDENTS, report.edition, report.region_id)
    said = f"{report.edition}年末常住人口{report.fact_of((RESIDENTS, report.edition))}" if latest else f"{report.edition}年度"
    statuses = target_statuses(report)
    if is_base_edition(statuses):
        status = _residents_status(report)
        return f"{said}，规划目标{status.target_year}年{target_words(report, status)}" if status else said
    residents = _residents_status(report)
    if residents is not None and residents.status == OFF_TRACK:
        said += f"，难以达到规划目标{target_fact(report, residents)}"
    if residents is not None and residents.is_final:
        said += f"，{'达到' if residents.met else '没有达到'}规划目标{target_fact(report, residents)}"
    broken, lost = (
        [short_name(s) for s in statuses if s.status == word and s is not residents] for word in (BREACHED, OFF_TRACK)
    )
    parts = [f"{list_phrase(broken)}已越过规划界限"] if broken else []
    parts += [f"{list_phrase(lost)}难以达成规划目标"] if lost else []
    if parts:
        return f"{said}；{'，'.join(parts)}"
    is_told = residents is not None and (residents.status == OFF_TRACK or residents.is_due)
    return said if is_told else f"{said}，没有一项目标已突破或难以达成"


def _has(statuses: tuple[TargetStatus, ...], word: str) -> bool:
    return any(status.status == word for status in statuses)


def _residents_status(report: Report) -> TargetStatus | None:
    return next((status for status in target_statuses(report) if status.indicator_id == RESIDENTS), None)


@remember(maxsize=16)
def _warnings(report: Report) -> tuple[Warning, ...]:
    return watch(report.ledger)


def _warning_count(report: Report, what: str, count: int, label: str) -> Fact:
    return report.fact(
        f"fact-warnings-{what}-{report.edition}", f"{report.edition}年度版{label}", count, "条", 0, year=report.edition
    )


def _no_figure(report: Report, what: str, known: Observation | None) -> str:
    if known is None:
        return f"{what}没有公布。"
    return f"{what}没有公布，最近一次是{known.year}年的{report.fact_of(known)}。"


def _increments(report: Report) -> list[float]:
    """Yearly increments of residents up to the edition, on this side of the last break."""
    changes = report.ledger.series(RESIDENTS, report.region_id).changes()
    by_year = dict(zip(changes["year"].tolist(), changes["change"].tolist(), strict=True))
    values: list[float] = []
    while report.edition - len(values) in by_year:
        values.append(round(by_year[report.edition - len(values)], 6))
    return values[::-1]


def _path_fact(report: Report, scenario: str, name: str) -> Fact:
    value = float(report.ledger.plan.path("resident", scenario)[report.edition])
    return report.fact(
        f"fact-plan-path-resident-{scenario}-{report.edition}", f"规划{name}{report.edition}年常住人口", value, "万人", 0,
        year=report.edition, basis="resident", source_ids=(report.plan_source,),
    )


def _gap_fact(report: Report, value: Observation, path: Fact, name: str) -> Fact:
    return report.fact(
        f"fact-resident-below-low-{report.edition}", f"{report.edition}年末常住人口与规划{name}之差",
        round(value.value - (path.value or 0.0), 6), "万人", 1, year=report.edition, basis="resident",
        source_ids=(value.source_id, report.plan_source), derivation=f"{value.value:g} − {path.value:g}",
    )


def _below_since(report: Report, low: pd.Series) -> int:
    """First year of the unbroken run, up to the edition, of year-ends below the low path."""
    series, since = report.ledger.series(RESIDENTS, report.region_id), report.edition
    while since - 1 in low.index:
        before = series.at(since - 1)
        if before is None or before.value >= float(low[since - 1]):
            break
        since -= 1
    return since


def _residents_target(report: Report, status: TargetStatus) -> str:
    if status.met:
        return f"已符合{status.target_year}年目标{target_words(report, status)}"
    if status.is_final:
        return f"没有达到{status.target_year}年目标{target_words(report, status)}，差{margin_fact(report, status):a}"
    if status.is_due:
        return f"{status.target_year}年的数没有公布，不作定论"
    chance = chance_words(report, status)
    tail = f"，达到的概率{chance}" if chance else ""
    return f"距{status.target_year}年目标（{target_words(report, status)}）还差{margin_fact(report, status):a}{tail}"


def _component_fact(report: Report, year: int, key: str, value: float) -> Fact:
    sources = [
        o.source_id
        for name in (RESIDENTS, "resident_natural_rate", "resident_birth_rate")
        if (o := report.ledger.observation(name, year, report.region_id)) is not None
    ]
    how = "自然增长率×年平均人口" if key == "natural" else "总量变动−自然增长"
    return report.fact(
        f"fact-resident-{key.replace('_', '-')}-{year}", f"{year}年常住人口{_COMPONENT_NAMES[key]}", round(value, 6), "万人",
        1, year=year, basis="resident", source_ids=sources, derivation=how,
    )


def _signed_words(natural: Fact, migration: Fact) -> str:
    grown = "自然增长" if (natural.value or 0.0) >= 0 else "自然减少"
    moved = "净迁入" if (migration.value or 0.0) >= 0 else "净迁出"
    return f"{grown}{natural:a}，{moved}{migration:a}"
