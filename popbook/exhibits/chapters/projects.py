"""Chapter 5, 重点工程: what the plan promised in numbers, what has been published about it, and where it disagrees.

The chapter counts only promises whose number is an amount, a coverage or a standard; a number that is merely an age or
a name (``amount_kind`` scope) is listed but never counted as a promise kept or missed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.charts import shares_chart, timeline_chart
from popbook.exhibits.citations import date_words
from popbook.exhibits.model import NOT_PUBLISHED as UNPUBLISHED_WORD
from popbook.exhibits.model import Block, Column, Fact, Figure, Note, Section, Table
from popbook.exhibits.phrases import list_phrase
from popbook.exhibits.theme import STATUS_COLOURS
from popbook.monitoring.commitments import (
    COMMITMENT_STATES,
    DONE,
    NOT_PUBLISHED,
    OVERDUE,
    UNDER_WAY,
    commitment_counts,
    commitment_register,
    conflict_register,
)

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

STATE_COLOURS = {state: STATUS_COLOURS[state] for state in COMMITMENT_STATES}
#: What a piece of evidence does for the judgement, in Chinese.
ROLES = {"done": "完成", "progress": "进展", "background": "背景"}
REGISTER_COLUMNS = (
    Column("name_zh", "事项"),
    Column("promised", "规划数量"),
    Column("due", "期限"),
    Column("field", "领域"),
    Column("state", "状态", emphasis=True),
    Column("known", "已公布情况"),
    Column("clause", "条款"),
)


PROMISED = ("plan_projects", "plan_commitments")
"""Tables without which the chapter has nothing to say."""


def clause_name(clause_id: str) -> str:
    """Return a clause id as readers cite it.

    Examples
    --------
    >>> clause_name("c4-5-2"), clause_name("c3-2")
    ('四（五）2', '三（二）')
    """
    numerals = "零一二三四五六七八九十"
    if not re.fullmatch(r"c\d-\d(-.*)?", clause_id):
        return clause_id
    chapter, section, *rest = clause_id.removeprefix("c").split("-")
    return f"{numerals[int(chapter)]}（{numerals[int(section)]}）" + "".join(rest[:1])


def promised_words(amount: float, unit: str, comparison: str) -> str:
    """Return a promised amount as printed in a table.

    Examples
    --------
    >>> promised_words(1500, "名", "ge"), promised_words(100, "%", "all"), promised_words(28000000, "平方米", "about")
    ('不少于1500名', '全覆盖', '约2800万平方米')
    """
    if comparison == "all" and unit == "%":
        return "全覆盖"
    words = {"ge": "不少于", "gt": "多于", "le": "不超过", "lt": "少于", "about": "约", "all": "全部"}
    return f"{words.get(comparison, '')}{amount_words(amount, unit)}"


def amount_words(amount: float, unit: str) -> str:
    """Return an amount with its unit, from ten thousand on in 万.

    Examples
    --------
    >>> amount_words(50200, "名"), amount_words(516, "公里")
    ('5.02万名', '516公里')
    """
    return f"{amount / 1e4:.10g}万{unit}" if amount >= 1e4 else f"{amount:.10g}{unit}"


def register_frame(report: Report) -> pd.DataFrame:
    """Return the register of the edition with the printed columns of the tables.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    DataFrame
        The columns of :func:`~popbook.monitoring.commitments.commitment_register`, and ``promised``, ``due``,
        ``clause``, ``known`` in Chinese.
    """
    register = commitment_register(report.ledger)
    yearly = register["frequency"] == "yearly"
    return register.assign(
        promised=[
            promised_words(amount, unit, comparison) + ("/年" if each else "")
            for amount, unit, comparison, each in zip(
                register["amount"], register["unit"], register["comparison"], yearly, strict=True
            )
        ],
        due=["每年" if each else f"{year}年" for year, each in zip(register["due_year"], yearly, strict=True)],
        clause=[clause_name(clause) for clause in register["clause_id"]],
        known=[_known_words(row) for row in register.to_dict("records")],
    )


def counted(register: pd.DataFrame) -> pd.DataFrame:
    """Return the promises that can be kept or missed: those whose number is an amount, a coverage or a standard."""
    return register[register["amount_kind"] != "scope"]


@or_gap("projects", "重点工程", Needs(tables=PROMISED), level=1)
def opener(report: Report) -> Section:
    """Return the opening of the chapter.

    Parameters
    ----------
    report
        The edition.
    """
    register = counted(register_frame(report))
    report.result("commitments", commitment_register(report.ledger))
    total, done, silent = _total(report), _count(report, register, DONE), _count(report, register, NOT_PUBLISHED)
    heading = f"重点工程：{total}量化承诺，{_done_words(done)}，{silent}未见任何公布"
    overdue = register[register["state"] == OVERDUE]
    late = f"期限已过而没有见到完成公布的有{_count(report, register, OVERDUE)}。" if len(overdue) else ""
    return Section(
        "projects",
        heading,
        f"规划的{_kinds_words(report)}，共有{total}写明了数量、覆盖面或标准。"
        f"截至本版截止日，{_done_words(done)}，{_count(report, register, UNDER_WAY)}有进展公布。{late}"
        "没有公布不等于没有完成，本报告不替责任部门作判断。",
        level=1,
    )


def _kinds_words(report: Report) -> str:
    return "和".join(filter(None, (_kind_words(report, "task", "主要任务"), _kind_words(report, "project", "重点工程"))))


def _kind_words(report: Report, kind: str, name: str) -> str:
    """How many tasks or projects the plan has, in words; "" for none."""
    number = int((report.ledger.plan.projects["kind"] == kind).sum())
    words = "零一两三四五六七八九十"
    return f"{words[number] if number < len(words) else number}项{name}" if number else ""


@or_gap("projects-register", "承诺登记表", Needs(tables=PROMISED))
def register(report: Report) -> Section:
    """Return the board: states by task and project.

    Parameters
    ----------
    report
        The edition.
    """
    rows = counted(register_frame(report))
    counts = commitment_counts(rows)
    least = [_short(row["project_name"]) for row in counts.to_dict("records") if row[NOT_PUBLISHED] == row["total"]]
    named = report.ledger.plan.projects
    empty = [_short(name) for name in named["name_zh"] if name not in set(counts["project_name"])]
    largest = counts.sort_values("total", ascending=False, kind="stable").head(3)
    most = report.fact(
        f"fact-commitments-largest-{report.edition}", f"{list_phrase(largest['project_name'])}的量化承诺合计",
        int(largest["total"].sum()), "项", 0, year=report.edition, source_ids=(report.plan_source,),
        derivation=" + ".join(str(int(value)) for value in largest["total"]),
    )
    frame = counts.rename(columns={"project_name": "任务或工程"})[["任务或工程", *COMMITMENT_STATES]]
    frame["任务或工程"] = [
        f"{row['project_id'].replace('M', '任务').replace('P', '工程')} {_short(row['project_name'])}"
        for row in counts.to_dict("records")
    ]
    figure = Figure(
        id="fig-commitment-states",
        title=_states_title(rows),
        subtitle=f"各主要任务和重点工程的量化承诺数，按公布状态分（项），截至{date_words(report.about.cut_off, 'day')}",
        alt=f"横向堆叠条形图，每行是一项主要任务或重点工程，分段为完成、进行中、逾期未见公布和未公布的承诺数。{_states_title(rows)}。",
        frame=frame,
        draw=lambda layout: shares_chart(
            frame, layout, category="任务或工程", parts=STATE_COLOURS, unit="项", decimals=0
        ),
        unit="项",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=_sources(report, rows),
        notes=("数字只是年龄或名称的事项不计入。", *_empty_note(empty)),
    )
    blocks: list[Block] = [figure]
    if least:
        blocks.append(f"{list_phrase(least)}的全部承诺都没有见到公布。")
    if empty:
        blocks.append(f"{list_phrase(empty)}没有写明数量，只能看有没有做，无法看做到多少。")
    blocks.append(Note("状态和领域怎样判定", "\n".join(f"- **{state}**：{text}。" for state, text in COMMITMENT_STATES.items())
                       + "\n\n互不重叠时段的完成数相加，只作已完成数的下限，不据以判定完成。背景资料（范围不同或规划期以前）只列出，不作依据。"
                       "\n\n领域按事项内容归类；规划没有写明责任单位。"))
    return Section(
        "projects-register",
        f"{_total(report)}承诺中，{_count(report, rows, NOT_PUBLISHED)}没有见到任何公布",
        f"{_most_words(largest)}{list_phrase(_short(str(name)) for name in largest['project_name'])}，合计{most}。",
        tuple(blocks),
        policy="每项承诺应有一个公布的口径和每年一次的完成数；没有数字的工程应补充可以核对的目标。",
    )


def _most_words(largest: pd.DataFrame) -> str:
    return "承诺最多的三项是" if len(largest) == 3 else "承诺都属于"


@or_gap("projects-engineering", "重点工程的承诺", Needs(tables=PROMISED))
def engineering(report: Report) -> Section:
    """Return the projects of the plan, one table each.

    Parameters
    ----------
    report
        The edition.
    """
    rows = register_frame(report)
    projects = report.ledger.plan.projects.query("kind == 'project'")
    return _by_project(report, rows, projects, "projects-engineering", _kind_words(report, "project", "重点工程"))


@or_gap("projects-tasks", "主要任务的承诺", Needs(tables=PROMISED))
def tasks(report: Report) -> Section:
    """Return the main tasks of the plan, one table each.

    Parameters
    ----------
    report
        The edition.
    """
    rows = register_frame(report)
    projects = report.ledger.plan.projects.query("kind == 'task'")
    return _by_project(report, rows, projects, "projects-tasks", _kind_words(report, "task", "主要任务"))


@or_gap("projects-timeline", "承诺的期限", Needs(tables=PROMISED))
def timeline(report: Report) -> Section:
    """Return the promises in time: due date, what was published when, where the edition stands.

    Parameters
    ----------
    report
        The edition.
    """
    rows = counted(register_frame(report))
    passed = rows[[f"{year}-12-31" < report.about.cut_off for year in rows["due_year"]]]
    passed = passed[passed["frequency"] != "yearly"]
    due = report.fact(f"fact-commitments-due-{report.edition}", "期限已过的量化承诺", len(passed), "项", 0,
                      year=report.edition, source_ids=(report.plan_source,))
    if len(passed):
        open_names = [str(name) for name in passed.loc[passed["state"] == OVERDUE, "name_zh"]]
        met = _count(report, passed, DONE, "due")
        heading = f"期限已过{due}，{met}公布完成"
        late = f"没有见到完成公布的是：{'、'.join(open_names)}。" if open_names else "期限已过的都已公布完成。"
        lead = f"{_due_words(report, rows)}{late}"
        policy = "期限已过的事项应公布结果，包括没有完成的原因。"
        if any(event.event_id == "asian-games-held" and event.year in report.plan.period_years for event in report.ledger.events):
            policy = policy[:-1] + "；亚运会延期到2023年举行，规划没有写明期限是否顺延。"
    else:
        heading = f"{_total(report)}承诺都未到期"
        lead, policy = _due_words(report, rows), ""
    if not ((rows["evidence_count"] > 0) | (rows["state"] == OVERDUE)).any():
        return Section("projects-timeline", heading, f"{lead}没有一项见到公布，也没有一项到期。", policy=policy)
    return Section("projects-timeline", heading, lead, (_timeline_figure(report, rows, passed),), policy=policy)


def _due_words(report: Report, rows: pd.DataFrame) -> str:
    """When the promises are due: those before the plan's last year by their fields, the others together."""
    last = report.plan.target_year
    early = rows[(rows["due_year"] < last) & (rows["frequency"] != "yearly")]
    if early.empty:
        return f"各项承诺都以规划期末{last}年为期。"
    fields = "、".join(dict.fromkeys(str(field) for field in early["field"]))
    years = "、".join(str(year) for year in sorted(set(early["due_year"])))
    return f"规划把{len(early)}项{fields}事项的期限定在{years}年，其余事项以规划期末{last}年为期。"


def _timeline_figure(report: Report, rows: pd.DataFrame, passed: pd.DataFrame) -> Figure:
    told = rows[(rows["evidence_count"] > 0) | (rows["state"] == OVERDUE)]
    lines = pd.DataFrame({
        "组": [_short(str(name)) for name in told["project_name"]],
        "事项": told["name_zh"],
        "期限": [f"{year}-12-31" for year in told["due_year"]],
        "状态": told["state"],
    }).reset_index(drop=True)  # fmt: skip
    found = report.ledger.plan.evidence
    found = found[found["commitment_id"].isin(told["commitment_id"])]
    names = told.set_index("commitment_id")["name_zh"]
    events = pd.DataFrame({
        "事项": found["commitment_id"].map(names), "日期": found["published"],
        "作用": [ROLES[state] for state in found["state"]],
    }).sort_values(["事项", "日期"], ignore_index=True)  # fmt: skip
    start = date.fromisoformat(report.ledger.sources[report.plan_source].published)
    begin = min([start, *(date.fromisoformat(str(day)) for day in events["日期"])]).replace(month=1, day=1)
    done = int((passed["state"] == DONE).sum())
    title = f"期限已过的{len(passed)}项中，{done}项公布完成" if len(passed) else f"到{date_words(report.about.cut_off, 'day')}还没有承诺到期"
    silent = len(rows) - len(told)
    return Figure(
        id="fig-commitment-timeline",
        title=title,
        subtitle="有公布资料或期限已过的承诺：横线到期限为止，竖线为期限，标记为公布日期，右端为状态",
        alt=f"时间线图，每行一项承诺，横线到期限为止，标记是公布资料的日期和作用，右端写状态。{title}。",
        frame=lines.merge(events, on="事项", how="left"),
        draw=lambda layout: timeline_chart(
            lines, events, layout, row="事项", due="期限", state="状态", when="日期", kind="作用", start=begin,
            today=date.fromisoformat(str(report.about.cut_off)), today_name=f"截至{date_words(report.about.cut_off, 'day')}",
            colours=STATE_COLOURS, group="组",
            kinds={
                "完成": ("dot", STATE_COLOURS[DONE]), "进展": ("diamond", STATE_COLOURS[UNDER_WAY]),
                "背景": ("ring", STATE_COLOURS[NOT_PUBLISHED]),
            },
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(report.plan_source, *sorted(set(found["source_id"]) - {report.plan_source})),
        notes=(
            f"没有单列期限的事项按规划期末{report.plan.target_year}年计。背景资料的范围不同或早于规划，不作判断依据。",
            *((f"其余{silent}项没有见到任何公布，不在图中，见{{exhibit-ref}}`fig-commitment-states`。",) if silent else ()),
        ),
    )  # fmt: skip


@or_gap("projects-evidence", "承诺的进展", Needs(tables=PROMISED))
def evidence(report: Report) -> Section:
    """Return what has been published about the promises, with sources.

    Parameters
    ----------
    report
        The edition.
    """
    found = report.ledger.plan.evidence
    rows = register_frame(report).set_index("commitment_id")
    found = found.assign(
        name=found["commitment_id"].map(rows["name_zh"]),
        promised=found["commitment_id"].map(rows["promised"]),
        shown=[UNPUBLISHED_WORD if pd.isna(value) else amount_words(value, _text(unit))
               for value, unit in zip(found["value"], found["unit"], strict=True)],
        role=[ROLES[state] for state in found["state"]],
        source=[_title(report, source_id) for source_id in found["source_id"]],
    ).sort_values(["commitment_id", "published", "evidence_id"], ignore_index=True)
    having = set(found.loc[found["state"] != "background", "commitment_id"])
    number = report.fact(f"fact-commitments-evidence-{report.edition}", "有公开资料的承诺", len(having), "项", 0,
                         year=report.edition, source_ids=tuple(dict.fromkeys(found["source_id"])))
    table = Table(
        id="tbl-evidence",
        title="已查到的公开资料，按事项和日期",
        frame=found.fillna({"note": "", "period": ""}),
        columns=(
            Column("name", "事项"),
            Column("promised", "规划数量"),
            Column("period", "时段"),
            Column("shown", "公布数", emphasis=True),
            Column("role", "作用"),
            Column("note", "说明"),
            Column("source", "来源"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(report.plan_source, *dict.fromkeys(found["source_id"])),
        notes=("作用为“背景”的资料范围不同或早于规划，不作判断依据。公布数写“未公布”的资料只报告了状态，没有数量。",),
    )
    if not len(found):
        return Section("projects-evidence", "还没有查到公开的进展资料", "截至本版截止日没有可以登记的公开资料。")
    return Section(
        "projects-evidence",
        f"查到公开资料的承诺有{number}",
        "资料来自政府工作报告、民生实事公告、统计公报和公开报道，逐条注明时段和范围。",
        (table, *_lower_bounds(report, rows.reset_index())),
        policy="公布进展时应写明是当年数还是规划期累计数、范围是否与规划相同，否则不能与规划数量核对。",
    )


def _lower_bounds(report: Report, rows: pd.DataFrame) -> tuple[str, ...]:
    """Say what the published periods add up to, where a commitment has several of them."""
    said = []
    for row in rows[rows["known_share"].notna() & (rows["state"] != DONE)].to_dict("records"):
        stem = str(row["commitment_id"]).removeprefix("cm-")
        large = row["known_amount"] >= 1e4
        total = report.fact(
            f"fact-commitment-{stem}-known-{report.edition}", f"{row['name_zh']}：已公布各时段合计",
            row["known_amount"] / 1e4 if large else row["known_amount"], f"{'万' if large else ''}{row['unit']}",
            2 if large else 0, year=report.edition, source_ids=(str(row["evidence_source_id"]),),
            derivation=f"{row['known_periods']}公布数相加",
        )  # fmt: skip
        share = report.fact(
            f"fact-commitment-{stem}-share-{report.edition}", f"{row['name_zh']}：已公布合计占规划数", 100 * row["known_share"], "%", 0,
            year=report.edition, source_ids=(report.plan_source,), derivation=f"{row['known_amount']:.10g} ÷ {row['amount']:.10g}",
        )  # fmt: skip
        said.append(f"{row['name_zh']}，{row['known_periods']}合计{total}，为规划数的{share}")
    if not said:
        return ("年度数与规划期总量不能直接相比：中间年份没有公布，不推算。",)
    return (f"已公布的各时段互不重叠，可以相加，但中间时段没有公布，合计只是已完成数的下限：{'；'.join(said)}。",)


@or_gap("projects-conflicts", "规划内部的不一致", Needs(tables=PROMISED))
def conflicts(report: Report) -> Section:
    """Return the places where chapters three and four give one programme two numbers, shown as conflicts.

    Parameters
    ----------
    report
        The edition.
    """
    rows = conflict_register(register_frame(report))
    described = report.ledger.plan.conflicts.set_index("conflict_group")
    groups = list(dict.fromkeys(rows["conflict_group"]))
    if not groups:
        return Section("projects-conflicts", "规划内部没有发现不一致", "没有一个事项在规划中出现两个不同的数量。")
    number = report.fact(f"fact-plan-conflicts-{report.edition}", "规划内部数量不一致的事项", len(groups), "处", 0,
                         year=report.edition, source_ids=(report.plan_source,))
    frame = rows.assign(
        group=rows["conflict_group"].map(described["name_zh"] + "：" + described["description"])
    )
    table = Table(
        id="tbl-conflicts",
        title="同一事项在第三章和第四章的数量",
        frame=frame,
        columns=(
            Column("name_zh", "事项"),
            Column("promised", "规划数量", emphasis=True),
            Column("due", "期限"),
            Column("clause", "条款"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.plan.target_year,),
        source_ids=(report.plan_source,),
        group_by="group",
    )
    differing = [key for key in groups if rows.loc[rows["conflict_group"] == key, "amount"].nunique() > 1]
    names = [str(described.at[key, "name_zh"]) for key in differing]
    return Section(
        "projects-conflicts",
        f"规划内部有{number}数量或写法不一致",
        f"其中{list_phrase(names)}的数量不同。两个数都登记在册，本报告不合并、不取舍，也不以任何一个判定完成。",
        (table,),
        policy="年度考核前应由规划编制单位明确以哪一处为准，或说明两处统计范围的差别。",
    )


def _by_project(report: Report, rows: pd.DataFrame, projects: pd.DataFrame, section_id: str, name: str) -> Section:
    if projects.empty:
        return Section(section_id, "规划没有这一类事项", "规划的工程和任务表没有登记这一类，本节从略。")
    part = rows[rows["project_id"].isin(projects["project_id"])]
    counts = counted(part)
    done = report.fact(f"fact-{section_id}-done-{report.edition}", f"{name}已公布完成的承诺",
                       int((counts["state"] == DONE).sum()), "项", 0, year=report.edition, source_ids=(report.plan_source,))
    total = report.fact(f"fact-{section_id}-total-{report.edition}", f"{name}的量化承诺", len(counts), "项", 0,
                        year=report.edition, source_ids=(report.plan_source,))
    blocks: list[Block] = []
    for project in projects.to_dict("records"):
        key, title = str(project["project_id"]), str(project["name_zh"])
        own = part[part["project_id"] == key]
        blocks.append(f"### {_short(title)}：{_finding(counted(own))}")
        if not len(own):
            blocks.append(f"{title}（{clause_name(str(project['clause_id']))}）没有写明数量、覆盖面或标准，没有可以登记的量化承诺。")
            continue
        scope = own[own["amount_kind"] == "scope"]
        notes = []
        if len(scope):
            named = list_phrase(f"“{item}”" for item in scope["name_zh"])
            notes.append(f"{named}中的数字是适用年龄、时段或名称，不计入承诺数。")
        if (own["conflict_with"] != "").any():
            notes.append("部分数量在规划另一章有不同写法，见[规划内部不一致](#projects-conflicts)。")
        blocks.append(Table(
            id=f"tbl-commitments-{key.lower()}",
            title=f"{title}：写明数字的事项及公布情况",
            frame=own,
            columns=REGISTER_COLUMNS,
            unit="",
            basis="none",
            region_id=report.region_id,
            years=(report.edition,),
            source_ids=_sources(report, own),
            notes=tuple(notes),
            status_column="state",
        ))
    return Section(
        section_id,
        f"{name}的{total}承诺，{_done_words(done)}",
        _published_words(report, counts, section_id),
        tuple(blocks),
        policy=_silent_policy(counts),
    )


def _published_words(report: Report, rows: pd.DataFrame, section_id: str) -> str:
    """Say where something was published, project by project."""

    def number(key: str, label: str, value: int) -> Fact:
        return report.fact(f"fact-{section_id}-{key}-{report.edition}", label, value, "项", 0, year=report.edition,
                           source_ids=(report.plan_source,))

    known = rows[~rows["state"].isin((NOT_PUBLISHED, OVERDUE))]
    if not len(known):
        return f"{number('unpublished', '未见公布的承诺', len(rows))}都没有见到公布。"
    named = [
        f"{_short(str(project))}{number(f'published-{str(key).lower()}', f'{project}有公布的承诺', len(part))}"
        for (key, project), part in known.groupby(["project_id", "project_name"], sort=False)
    ]
    parts = [f"有公布的是{list_phrase(named)}"]
    late, silent = int((rows["state"] == OVERDUE).sum()), int((rows["state"] == NOT_PUBLISHED).sum())
    if late:
        parts.append(f"期限已过而未见公布的有{number('overdue', '期限已过而未见公布的承诺', late)}")
    if silent:
        parts.append(f"其余{number('unpublished', '未见公布的承诺', silent)}未见公布，写“{UNPUBLISHED_WORD}”，不作推算")
    return "；".join(parts) + "。"


def _silent_policy(rows: pd.DataFrame) -> str:
    """Say in which fields most of the promises without publication lie: those are the offices to ask."""
    silent = rows[rows["state"].isin((NOT_PUBLISHED, OVERDUE))]
    if not len(silent):
        return "各项承诺都有公布，宜保持逐年公布。"
    largest = silent.groupby("field", sort=False).size().sort_values(ascending=False, kind="stable").head(3)
    return f"未见公布的承诺以{list_phrase(str(field) for field in largest.index)}领域为多，宜在期末评估前公布中期数。"


def _finding(rows: pd.DataFrame) -> str:
    if not len(rows):
        return "没有量化承诺"
    done, silent = int((rows["state"] == DONE).sum()), int((rows["state"] == NOT_PUBLISHED).sum())
    if silent == len(rows):
        return f"{len(rows)}项承诺{'都' if len(rows) > 1 else ''}未见公布"
    words = [f"{len(rows)}项承诺", f"{done}项公布完成" if done else "尚无公布完成"]
    return "，".join(words + ([f"{silent}项未见公布"] if silent else []))


def _done_words(done: Fact) -> str:
    return f"{done}公布完成" if done.value else "尚无公布完成"


def _states_title(rows: pd.DataFrame) -> str:
    silent = int((rows["state"] == NOT_PUBLISHED).sum())
    return f"{len(rows)}项量化承诺中，{silent}项没有见到任何公布"


def _known_words(row: Mapping[Any, Any]) -> str:
    if row["state"] == NOT_PUBLISHED or not _text(row["evidence_source_id"]):
        return UNPUBLISHED_WORD
    value, unit = row["evidence_value"], row["evidence_unit"]
    amount = "" if pd.isna(value) else amount_words(value, _text(unit))
    note = _text(row["evidence_note"]).rstrip("。")
    said = f"{row['evidence_period']}：{'，'.join(part for part in (amount, note) if part)}"
    if row["state"] != DONE and not pd.isna(row["known_share"]):
        total = amount_words(row["known_amount"], _text(row["unit"]))
        said += f"；已公布的各时段合计至少{total}，占{row['known_share']:.0%}"
    return said


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _count(report: Report, rows: pd.DataFrame, state: str, part: str = "all") -> Fact:
    names = {DONE: "done", UNDER_WAY: "under-way", OVERDUE: "overdue", NOT_PUBLISHED: "unpublished"}
    return report.fact(
        f"fact-commitments-{names[state]}{'' if part == 'all' else f'-{part}'}-{report.edition}",
        f"{'期限已过且' if part == 'due' else ''}状态为“{state}”的量化承诺",
        int((rows["state"] == state).sum()), "项", 0, year=report.edition, source_ids=(report.plan_source,),
        derivation="登记表逐项计数，数字只是年龄或名称的事项不计",
    )


def _total(report: Report) -> Fact:
    rows = counted(register_frame(report))
    return report.fact(f"fact-commitments-total-{report.edition}", "规划第三、四章的量化承诺", len(rows), "项", 0,
                       year=report.edition, source_ids=(report.plan_source,), derivation="登记表逐项计数，数字只是年龄或名称的事项不计")


def _sources(report: Report, rows: pd.DataFrame) -> tuple[str, ...]:
    found = [str(name) for name in rows["evidence_source_id"] if isinstance(name, str) and name]
    return (report.plan_source, *sorted(set(found) - {report.plan_source}))


def _title(report: Report, source_id: str) -> str:
    source = report.ledger.sources[source_id]
    return f"{source.title}（{source.publisher}）" if source.publisher else source.title


def _short(name: str) -> str:
    return name.split("，")[0]


def _empty_note(empty: list[str]) -> tuple[str, ...]:
    return (f"没有写明数量的工程不在图中：{'、'.join(empty)}。",) if empty else ()
