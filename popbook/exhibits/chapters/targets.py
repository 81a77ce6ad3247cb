"""Chapter 04 目标: the sixteen targets of the plan, how far, how fast, how likely, and the arithmetic laid open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from popbook.exhibits.board import spark_values, target_board
from popbook.exhibits.charts import dumbbell_chart, small_multiples
from popbook.exhibits.model import Column, Figure, Note, Section, Table
from popbook.exhibits.phrases import list_phrase, year_spans
from popbook.exhibits.target_facts import (
    MOST_URGENT_FIRST,
    WITHOUT_JUDGEMENT,
    base_margin_fact,
    by_urgency,
    chance_words,
    count_fact,
    is_base_edition,
    is_closing_edition,
    latest_fact,
    margin_fact,
    needed_fact,
    newest_fact,
    outlook_fact,
    pace_digits,
    pace_words,
    share_fact,
    short_name,
    standing,
    status_count,
    target_fact,
    target_sign,
    target_statuses,
    target_words,
)
from popbook.exhibits.theme import COLOURS
from popbook.ledger.reads import remember
from popbook.monitoring.open_sdg import MODERATE, SUBSTANTIAL, TARGET_ACHIEVED, open_sdg_table
from popbook.monitoring.pace import is_met
from popbook.monitoring.rounding import rounded_text
from popbook.monitoring.starting_points import (
    FIRST_START,
    REFUSED,
    USED,
    compare_starting_points,
    count_starting_points,
)
from popbook.monitoring.status import (
    ACHIEVED,
    AT_RISK,
    BREACHED,
    MISSED,
    NOT_PUBLISHED,
    OFF_TRACK,
    ON_TRACK,
    PACE_ENOUGH,
    STALE_YEARS,
    STATUS_RULE,
    STATUS_WORDS,
)
from popbook.monitoring.targets import TargetStatus, targets_table

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

_KINDS = {"reach": "达到类", "stay_above": "保持类（下限）", "stay_below": "保持类（上限）"}


def opener(report: Report) -> Section:
    """Return the chapter's title and its three sentences."""
    statuses = target_statuses(report)
    total = count_fact(report, "all", len(statuses), "目标总数")
    if is_base_edition(statuses):
        rails, reach = _rails(statuses), _reach(statuses)
        inside = count_fact(report, "inside-base", sum(_base_met(s) for s in rails), "基期已在界限以内的保持类目标数")
        met = "在基期都已符合" if all(_base_met(s) for s in rails) else f"中有{inside}在基期符合"
        return Section(
            "targets",
            f"目标：{report.edition}年是基期，{total}从{report.edition + 1}年度版起评估",
            f"规划为{statuses[0].target_year}年定了{total}目标。"
            f"其中{count_fact(report, 'reach', len(reach), '达到类目标数')}要从基期走到目标，"
            f"{count_fact(report, 'rails', len(rails), '保持类目标数')}{met}，只能保持或被突破。"
            "基期当年没有进展可言，本版只列起点、目标和应有的速度。",
            level=1,
        )
    urgent = by_urgency(statuses)
    words = [f"{word}{status_count(report, word)}" for word in MOST_URGENT_FIRST if _with(statuses, word)]
    idle = [status for status in statuses if status.status in WITHOUT_JUDGEMENT]
    without = count_fact(report, "without-judgement", len(idle), "不能评估的目标数（未公布、无法评估）")
    closing = is_closing_edition(statuses)
    none = "" if _with(statuses, ACHIEVED) else "没有一项见到达成，"
    heading = (
        f"目标：规划期满，{total:v}项中{none}{'、'.join(words)}，{without}没有定论" if closing
        else f"目标：{total:v}项中{'、'.join(words)}，{without}不能评估"
    )  # fmt: skip
    lead = "".join(standing(report, status) for status in urgent[:2])
    if idle and closing:
        year = statuses[0].target_year
        lead += f"另有{without}没有定论，其中{status_count(report, NOT_PUBLISHED)}没有公布{year}年的数；没有定论的既不算达成，也不算未达成。"
    elif idle:
        unpublished = _with(statuses, NOT_PUBLISHED)
        tail = f"，其中{status_count(report, NOT_PUBLISHED)}没有公布基期以后的数" if unpublished else ""
        if len(unpublished) == len(idle):
            tail = "，原因都是没有公布基期以后的数"
        lead += f"另有{without}不能评估{tail}；不能评估的既不算达成，也不算未达成。"
    return Section("targets", heading, lead, level=1)


def board(report: Report) -> Section:
    """Return the board of all targets with its most urgent finding."""
    statuses = target_statuses(report)
    urgent = by_urgency(statuses)
    if is_base_edition(statuses):
        rails = _rails(statuses)
        heading = (
            f"{count_fact(report, 'rails', len(rails), '保持类目标数')}在基期已符合，"
            f"{count_fact(report, 'reach', len(_reach(statuses)), '达到类目标数')}要在{statuses[0].target_year}年前达到"
            if all(_base_met(s) for s in rails)
            else f"{count_fact(report, 'all', len(statuses), '目标总数')}目标的起点"
        )
        lead = "每张卡片列基期值、目标和两者的位置。达标概率是以基期以前资料作的预测，不是评估结论。"
    else:
        heading = "；".join(_verdict(report, status) for status in urgent[:2]) or "没有一项目标可以评估"
        lead = "每张卡片列最近的数、目标、状态和达标概率；状态由本章末的规则判定。"
        if is_closing_edition(statuses):
            lead = f"规划期满，只有{statuses[0].target_year}年的数能定论；没有公布的列最近的数和年份，不推断。状态由本章末的规则判定。"
        # The change of a single year dates nothing.
        near = [s for s in urgent if not s.is_due and s.is_guard_rail and s.met and s.breach_year and _years_passed(s) > 1]
        near.sort(key=lambda s: s.breach_year or 0)
        if near:
            first = near[0]
            edge = "跌破下限" if first.side > 0 else "突破上限"
            lead += (
                f"仍在界限以内的各项中，最先到界限的是{short_name(first)}："
                f"按{first.from_year}年以来的速度，{outlook_fact(report, first)}{edge}。"
            )
    return Section("targets-board", heading, lead, (target_board(report),))


def table(report: Report) -> Section:
    """Return the table of all targets; registers the results ``targets``."""
    statuses = target_statuses(report)
    report.result("targets", _with_starts(targets_table(statuses), _starting_points(report)))
    judged = [status for status in statuses if status.latest_year is not None]
    fresh = [status for status in judged if status.latest_year == report.edition]
    total = count_fact(report, "all", len(statuses), "目标总数")
    if is_base_edition(statuses):
        heading = f"{total}目标的基期值全部来自规划表4"
        census = [short_name(s) for s in statuses if report.ledger.indicators[s.base_indicator_id].basis == "census"]
        lead = f"基期为{statuses[0].base_year}年。"
        lead += f"其中{list_phrase(census)}的基期等于人口普查数，时点为11月1日。" if census else ""
    else:
        usable = count_fact(report, "judged", len(judged), "有基期以后可用数的目标数")
        recent = count_fact(report, "fresh", len(fresh), "最近的数为本年度的目标数")
        heading = f"{total:v}项中{usable}有基期以后的可用数，{recent}更新到{report.edition}年"
        lead = "可用数指可信度为A级、B级的公布数，或由公布数按公开算式得到的数。参考级（C级）的数只列出，不定级。"
    first = statuses[0]
    columns: tuple[Column, ...] = (
        Column("name", "指标"),
        Column("status", "状态"),
        Column("base", f"基期{first.base_year}", decimals=1, emphasis=is_base_edition(statuses)),
        Column("target", f"目标{first.target_year}", decimals=1),
    )
    if not is_base_edition(statuses):
        columns += (
            Column("latest", "最近", decimals=1, emphasis=True),
            Column("year", "年份", decimals=0),
            Column("margin", "差距或余量", decimals=1),
            Column("pace", "年均变化", decimals=1),
        )
        if not is_closing_edition(statuses):
            columns += (Column("needed", "还需年均", decimals=1),)
    columns += (Column("chance", "达标概率", decimals=0),)
    notes = ["达标概率由预测得出；没有预测模型的指标留空。"] if is_base_edition(statuses) else [
        "差距或余量＝最近的数与目标之差：正数为已符合目标的余量，负数为未达到的差距。",
        f"年均变化从基期算到最近的数。达标概率只给{first.target_year}年的数没有公布的指标，是按已公布的数作的预测，不是结论。"
        if is_closing_edition(statuses)
        else "年均变化从基期算到最近的数；还需年均变化从最近的数算到目标年，已符合目标的不再计算。",
        "人口以万人计，比重之差以个百分点计，率之差以个千分点计。",
    ]
    mixed = [short_name(s) for s in statuses if s.basis_note]
    if mixed:
        notes.append(f"{list_phrase(mixed)}的基期是普查数（11月1日），以后各年是年末抽样调查数，年均变化为近似值。")
    if any(s.latest_year is None and s.newest_year is not None for s in statuses):
        notes.append("（C）为参考级的数，不作定级依据。")
    notes += [f"{short_name(s)}：{s.latest_derivation.rstrip('。')}。" for s in statuses if s.latest_derivation]
    marked = [short_name(s) for s in statuses if s.latest_mark == "P"]
    if marked:
        notes.append(f"{list_phrase(marked)}最近的数为初步数（P）。")
    rows = [_target_row(status) for status in statuses]
    exhibit = Table(
        id="tbl-targets",
        title=f"{report.edition}年度版：{len(statuses)}项目标的"
        + ("基期和目标" if is_base_edition(statuses) else "基期、最近的数、速度、状态和概率"),
        frame=pd.DataFrame(rows),
        columns=columns,
        unit="",
        basis="unstated",
        region_id=report.region_id,
        years=(statuses[0].base_year, report.edition),
        source_ids=_sources(report, statuses),
        notes=tuple(notes),
        indicator_ids=tuple(dict.fromkeys(s.indicator_id for s in statuses)),
        group_by="field",
        status_column="status",
        missing="blank",
    )
    return Section("targets-table", heading, lead, (exhibit,))


def guard_rails(report: Report) -> Section:
    """Return the section on targets that were met in the base year and can only be kept or broken."""
    rails = _rails(target_statuses(report))
    known = [status for status in rails if status.latest_year is not None]
    broken = [status for status in known if not status.met]
    count = count_fact(report, "rails", len(rails), "保持类目标数")
    if not known:
        tight = min((s for s in rails if s.base_value is not None), key=_relative_base_margin, default=None)
        heading = f"保持类{count}在基期以内"
        if tight is not None:
            heading = f"保持类{count}，{short_name(tight)}的基期余量最小：{base_margin_fact(report, tight):a}"
        lead = "保持类目标在基期已经符合，看的是余量和方向。基期以后的数公布后，逐年检验余量还剩多少。"
        if not is_base_edition(rails):
            lead = "保持类目标在基期已经符合，看的是余量和方向。基期以后没有可用的数，无从检验。"
    else:
        open_ = [status for status in known if status.met]
        parts = [f"{short_name(s)}已{'跌破下限' if s.side > 0 else '突破上限'}{target_fact(report, s)}" for s in broken]
        closing = is_closing_edition(rails)
        parts += [f"{short_name(s)}余量{margin_fact(report, s):a}，{_keeping(report, s)}" for s in by_urgency(open_)[:1]]
        waiting = [s for s in open_ if s.is_due and not s.is_final]
        if waiting:
            parts.append(f"{list_phrase(short_name(s) for s in waiting)}没有公布{waiting[0].target_year}年的数")
        heading = "保持类目标：" + "，".join(parts)
        lead = (
            f"保持类{count}在基期都已符合，增长率之比会把它们一直算作已实现；本报告看余量还剩多少、朝哪个方向走、哪年用完。"
            if all(_base_met(s) for s in rails)
            else f"保持类{count}只能守住或被突破，看余量还剩多少、朝哪个方向走、哪年用完。"
        )
        if closing:
            lead = f"保持类{count}看{rails[0].target_year}年的数是否仍在界限以内；没有公布的列最近的余量，不推断守住与否。"
    blocks: list[Any] = []
    if known:
        blocks.append(_figure_headroom(report, known))
    blocks.append(_table_headroom(report, rails))
    blocks.append("\n".join(f"- {_rail_sentence(report, status)}" for status in (known or rails)))
    idle = [status for status in rails if status.latest_year is None]
    if known and idle:
        blocks.append(f"{list_phrase(short_name(s) for s in idle)}没有基期以后的可用数，不画线，也不推断仍在界限以内。")
    return Section("targets-guard-rails", heading, lead, tuple(blocks), _rail_policy(report, known))


def reach(report: Report) -> Section:
    """Return the section on targets that lead from the base to a value, and whether the pace is enough."""
    targets = _reach(target_statuses(report))
    paced = [status for status in targets if status.pace_share is not None]
    count = count_fact(report, "reach", len(targets), "达到类目标数")
    if not paced:
        return Section(
            "targets-reach",
            f"达到类{count}：{_required_heading(report, targets)}",
            "基期以后没有可用的数，只能给出从基期直线到达目标所需的年均变化。"
            if not is_base_edition(targets)
            else "应有的速度按直线计算：目标与基期之差除以年数。以后各年度版用实际速度同它相比。",
            (_table_required(report, targets),),
        )
    # A pace of years ago is shown below, and is no finding of this year.
    current = [status for status in paced if status.progress.age < STALE_YEARS] or paced
    slow = sorted((s for s in current if _share(s) < PACE_ENOUGH), key=_share)
    quick = sorted((s for s in current if _share(s) >= PACE_ENOUGH), key=_share, reverse=True)
    parts = [f"{short_name(s)}速度只有应有的{share_fact(report, s)}" for s in slow[:1]]
    parts += [f"{list_phrase(short_name(s) for s in quick)}不慢于应有速度"] if quick else []
    if is_closing_edition(targets):
        final = [s for s in targets if s.is_final]
        parts = [f"{short_name(s)}{'达到了' if s.met else '没有达到'}{target_fact(report, s)}" for s in final]
        parts.append(f"其余{len(targets) - len(final)}项没有公布{targets[0].target_year}年的可用数")
    heading = "达到类目标：" + "，".join(parts)
    lead = (
        f"达到类{count}，能算进度的{count_fact(report, 'paced', len(paced), '能算进度的达到类目标数')}。"
        f"进度比＝已有年均变化÷应有年均变化，{PACE_ENOUGH:.0%}以上算够快。"
    )
    if is_closing_edition(targets):
        lead += f"速度快慢不能代替{targets[0].target_year}年的数。"
    figure = _figure_pace(report, paced)
    text = "\n".join(f"- {_reach_sentence(report, status)}" for status in paced)
    idle = [status for status in targets if status.pace_share is None]
    blocks: list[Any] = [figure, text]
    if idle:
        blocks.append(
            f"其余{count_fact(report, 'reach-idle', len(idle), '算不出进度的达到类目标数')}"
            f"（{'、'.join(short_name(s) for s in idle)}）算不出进度。"
        )
    return Section("targets-reach", heading, lead, tuple(blocks), _reach_policy(report, paced))


def arithmetic(report: Report) -> Section:
    """Return the section that lays every component of every judgement open."""
    statuses = target_statuses(report)
    shown = [status for status in statuses if status.latest_year is not None]
    if not shown:
        shown = [status for status in statuses if status.base_value is not None and status.target_value is not None]
    steps = [row for status in shown for row in _steps(status)]
    count = count_fact(report, "arithmetic", len(shown), "列出算式的目标数")
    heading = f"{count}目标的算式逐步列出，可用计算器复算"
    exhibit = Table(
        id="tbl-target-arithmetic",
        title=f"{report.edition}年度版：{len(shown)}项目标的算式",
        frame=pd.DataFrame(steps),
        columns=(Column("step", "步骤"), Column("formula", "算式"), Column("result", "结果", decimals=3, emphasis=True)),
        unit="",
        basis="unstated",
        region_id=report.region_id,
        years=(statuses[0].base_year, report.edition),
        source_ids=_sources(report, shown),
        notes=(
            "全部按直线计算。比重、率和岁数没有复利增长，直线可以用计算器核对。",
            "判定所依的行号见状态规则表。",
        ),
        group_by="target",
        missing="blank",
    )
    return Section(
        "targets-arithmetic",
        heading,
        "每项从起点、最近的数和目标出发，依次得到距离、已有速度和应有速度，最后是所用的规则行。"
        if is_closing_edition(statuses)
        else "每项从起点、最近的数和目标出发，依次得到距离、已有速度、应有速度、还需速度和按现有速度的去向，最后是所用的规则行。",
        (exhibit,),
    )


def sensitivity(report: Report) -> Section:
    """Return the section that asks whether the words depend on the starting year or on overlooked breaks.

    Registers the results ``target_starts``.
    """
    statuses = target_statuses(report)
    starts = _starting_points(report)
    if starts.empty:
        return Section(
            "targets-sensitivity",
            f"{statuses[0].base_year}年以后没有可用的数，还不能换起算年",
            "有了基期以后的数，本节换用其他起算年、不看口径断点，各算一遍，看状态会不会变。",
        )
    report.result("target_starts", starts)
    usable = starts[starts["use"] != REFUSED]
    compared = [s for s in statuses if (usable["target_id"] == s.target_id).sum() > 1]
    unstable = [s for s in compared if not usable.loc[usable["target_id"] == s.target_id, "agrees"].all()]
    moved = [s for s in compared if _words_by_pace(usable, s) != {_used_word(starts, s)}]
    total = count_fact(report, "starts-compared", len(compared), "有其他起算年可比的目标数")
    if not compared:
        heading = "只有一个可用的起算年，还不能比较起算年"
    elif unstable:
        number = count_fact(report, "starts-unstable", len(unstable), "状态随起算年改变的目标数")
        heading = f"换用其他起算年，{total}中{number}状态会变：{list_phrase(short_name(s) for s in unstable)}"
    else:
        heading = f"换用其他起算年，{total}的状态都不变"
    if moved:
        number = count_fact(report, "starts-moved", len(moved), "只看速度时状态随起算年改变的目标数")
        heading += f"；若不看概率、只看速度，{number}会变：{list_phrase(short_name(s) for s in moved)}"
    lead = (
        f"每个可用起算年各算一遍速度和状态，从{FIRST_START}年的数起。"
        "起算年只影响速度；达标概率由整段数列得出，不随起算年改变。状态取速度与概率中较差的一项。"
    )
    if is_closing_edition(statuses):
        lead = f"规划期满，状态只看{statuses[0].target_year}年的数，与起算年无关；从{FIRST_START}年起，各起算年的速度列出备查。"
    refused = starts[starts["use"] == REFUSED]
    blocks: list[Any] = [_table_starts(report, starts, statuses)]
    if len(refused):
        blocks.append(_refused_words(starts, statuses))
    return Section("targets-sensitivity", heading, lead, tuple(blocks))


def growth_ratio(report: Report) -> Section:
    """Return the section that sets the Open SDG measure beside the statuses."""
    statuses = target_statuses(report)
    if is_closing_edition(statuses):
        # A target that waits for the figure of its year has no verdict that another measure could differ from.
        statuses = tuple(status for status in statuses if status.status not in WITHOUT_JUDGEMENT) or statuses
    sdg = open_sdg_table(statuses)
    if sdg.empty:
        return Section(
            "targets-growth-ratio",
            f"{statuses[0].base_year}年以后没有可用的数，还不能与增长率之比对照",
            "有了基期以后的数，本节把本报告的状态与国际上常用的增长率之比并列，说明何处不同、为什么。",
        )
    differ = sdg[~sdg["agrees"].astype(bool)]
    total = count_fact(report, "compared-sdg", len(sdg), "能与增长率之比对照的目标数")
    unlike = count_fact(report, "unlike-sdg", len(differ), "增长率之比与本报告结论不同的目标数")
    heading = f"换用增长率之比，{total}中{unlike}结论不同" if len(differ) else f"换用增长率之比，{total}结论都相同"
    kept = [s for s in statuses if s.is_guard_rail and s.target_id in set(differ.loc[differ["open_sdg"] == TARGET_ACHIEVED, "target_id"])]
    if kept:
        number = count_fact(report, "kept-as-achieved", len(kept), "增长率之比算作已实现的保持类目标数")
        heading += f"，其中{number}是把只能守住的界限算作已实现"
    lead = "增长率之比是国际上常用的进展度量。要守住的界限不因到过一次就算已经实现。"
    note = Note(
        "方法：增长率之比",
        "已有的年均复合增长率除以到达目标所需的年均复合增长率，"
        f"{SUBSTANTIAL:.2f}以上为进展显著，{MODERATE:.2f}以上为进展一般，0以上为进展有限，小于0为倒退，到过目标即为已实现。"
        "它不区分要达到的目标和要守住的界限，也不看数据新旧和今后的不确定性。",
    )
    return Section("targets-growth-ratio", heading, lead, (_table_open_sdg(report, sdg, statuses), note))


def unpublished(report: Report) -> Section:
    """Return the section on targets without usable figures, with the last value known."""
    statuses = target_statuses(report)
    closing = is_closing_edition(statuses)
    idle = [status for status in statuses if status.latest_year is None or status.status == NOT_PUBLISHED]
    if is_base_edition(statuses):
        return Section(
            "targets-unpublished",
            f"{report.edition}年是基期，还没有一项目标有后续的数",
            f"本版截止日以前没有{report.edition + 1}年以后的数。哪些指标不再公布，从下一年度版起列出。",
        )
    if not idle:
        return Section(
            "targets-unpublished",
            f"{count_fact(report, 'all', len(statuses), '目标总数')}目标都有基期以后的可用数",
            "没有因为未公布而不能评估的目标。",
        )
    silent = [status for status in idle if status.newest_year is None]
    doubtful = [status for status in idle if status.newest_year is not None and status.latest_year is None]
    early = [status for status in idle if status.latest_year is not None]
    parts = []
    if early:
        year = statuses[0].target_year
        parts.append(f"{count_fact(report, 'early', len(early), '有基期以后的数而没有目标年数的目标数')}只公布到{year}年以前")
    if silent:
        parts.append(f"{count_fact(report, 'silent', len(silent), '基期以后没有公布任何数的目标数')}没有公布基期以后的数")
    if doubtful:
        parts.append(f"{count_fact(report, 'doubtful', len(doubtful), '只有参考级数的目标数')}只有参考级的数")
    rows = [
        {
            "field": status.field,
            "name": status.name,
            "base": _printed(status, status.base_value, status.base_printed),
            "year": status.latest_year or status.newest_year or status.base_year,
            "newest": next((rounded_text(v, status.decimals) for v in (status.latest_value, status.newest_value) if v is not None), None),
            "target": target_sign(status),
            "unit": status.unit,
            "status": status.status,
            "chance": status.chance_reason or (f"概率{_percent(status.chance)}：{status.chance_model}" if status.chance is not None else ""),
        }
        for status in idle
    ]
    exhibit = Table(
        id="tbl-unpublished",
        title=f"{'没有定论' if closing else '不能评估'}的{len(idle)}项目标：最近一次公布的数",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "指标"),
            Column("unit", "单位"),
            Column("base", f"基期{statuses[0].base_year}", decimals=1),
            Column("newest", "基期以后", decimals=1),
            Column("year", "最近年份", decimals=0, emphasis=True),
            Column("target", "目标", decimals=1),
            Column("status", "状态"),
            Column("chance", "预测"),
        ),
        unit="",
        basis="unstated",
        region_id=report.region_id,
        years=(statuses[0].base_year, report.edition),
        source_ids=_sources(report, idle),
        notes=(f"{list_phrase(short_name(s) for s in doubtful)}基期以后只有参考级（C级）的数，列出备查，不作定级依据。",)
        if doubtful and early
        else ("基期以后一栏只有参考级（C级）的数，列出备查，不作定级依据。",)
        if doubtful
        else (),
        indicator_ids=tuple(dict.fromkeys(s.indicator_id for s in idle)),
        group_by="field",
        status_column="status",
    )
    blocks: list[Any] = [exhibit]
    blocks += [
        f"{short_name(s)}：{s.newest_year}年有参考级的数{newest_fact(report, s)}，目标{target_words(report, s)}；核实为公布数以后即可定级。"
        for s in doubtful
    ]
    by_field = [
        (field, [s for s in idle if s.field == field], [s for s in statuses if s.field == field])
        for field in dict.fromkeys(s.field for s in statuses)
    ]
    blank = [field for field, missing, members in by_field if len(missing) == len(members)]
    policy = ""
    if blank:
        policy = f"{list_phrase(blank)}的目标没有一项能评估，规划的这一部分目前无从检验。"
    if closing:
        policy += f"规划期已满，{statuses[0].target_year}年的数公布一项，定论一项；公布以前，总结材料不宜写作已经达到，也不宜写作没有达到。"
    else:
        policy += "既列为目标，就需要逐年公布；公布一次即可恢复评估，公布以前不宜写作已经达到。"
    return Section(
        "targets-unpublished", "，".join(parts), "没有数就不评估，也不用别的口径代替：常住人口的出生率不能代替户籍人口的出生率。",
        tuple(blocks), policy,
    )


def rule(report: Report) -> Section:
    """Return the published status rule, row by row, with how often each row decided in this edition."""
    statuses = target_statuses(report)
    used = [status.rule_number for status in statuses]
    rows = [
        {
            "number": row.number,
            "applies_to": row.applies_to,
            "condition": row.condition,
            "word": row.word,
            "why": row.why,
            "used": used.count(row.number) or None,
        }
        for row in STATUS_RULE
    ]
    total = count_fact(report, "rule-rows", len(STATUS_RULE), "状态规则的行数", "条")
    kinds = count_fact(report, "rule-used", len(set(used)), "本版用到的规则行数", "条")
    exhibit = Table(
        id="tbl-status-rule",
        title="状态规则：自上而下，第一条成立的定级",
        frame=pd.DataFrame(rows),
        columns=(
            Column("number", "行", decimals=0),
            Column("applies_to", "适用"),
            Column("condition", "条件"),
            Column("word", "状态"),
            Column("why", "理由"),
            Column("used", "本版目标数", decimals=0, emphasis=True),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(report.plan_source,),
        status_column="word",
        missing="blank",
    )
    return Section(
        "targets-rule",
        f"状态由{total}规则自上而下判定，本版用到{kinds}",
        f"规则印在这里，程序判定用的就是这几行。状态词共{len(STATUS_WORDS)}个，定级只看公布数、速度和概率，不看解释。",
        (exhibit,),
    )


# --- pieces ----------------------------------------------------------------------------------------------------------


def _rails(statuses: tuple[TargetStatus, ...]) -> list[TargetStatus]:
    return [status for status in statuses if status.is_guard_rail]


def _reach(statuses: tuple[TargetStatus, ...]) -> list[TargetStatus]:
    return [status for status in statuses if not status.is_guard_rail]


def _with(statuses: tuple[TargetStatus, ...], word: str) -> list[TargetStatus]:
    return [status for status in statuses if status.status == word]


def _base_met(status: TargetStatus) -> bool:
    if status.base_value is None or status.target_value is None:
        return False
    return is_met(status.base_value, status.comparison, status.target_value, status.side)  # type: ignore[arg-type]


def _share(status: TargetStatus) -> float:
    return status.pace_share or 0.0


def _years_passed(status: TargetStatus) -> int:
    """Years between the starting point of the pace and the deciding figure."""
    return 0 if status.latest_year is None or status.from_year is None else status.latest_year - status.from_year


def _keeping(report: Report, status: TargetStatus) -> str:
    """How a guard rail that still holds is likely to fare, for a heading."""
    if status.is_final:
        return "守住了"
    words = chance_words(report, status)
    if words:
        return f"守住的概率{words}"
    return f"按已有速度{outlook_fact(report, status)}用完" if status.breach_year else "没有缩小"


def _relative_base_margin(status: TargetStatus) -> float:
    base, goal = status.base_value or 0.0, status.target_value or 1.0
    return status.side * (base - goal) / goal


def _percent(share: float | None) -> str:
    if share is None:
        return ""
    return "<1%" if share < 0.01 else ">99%" if share > 0.99 else f"{share:.0%}"


def _sources(report: Report, statuses: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys([report.plan_source, *(s.latest_source_id for s in statuses if s.latest_source_id)]))


def _printed(status: TargetStatus, value: float | None, printed: str) -> str | None:
    return None if value is None else rounded_text(value, max(len(printed.partition(".")[2]), 0))


def _verdict(report: Report, status: TargetStatus) -> str:
    """One target's word in a heading, with the figure and the bound that prove it."""
    said, goal = f"{short_name(status)}{latest_fact(report, status)}", target_fact(report, status)
    if status.is_guard_rail:
        bound = f"{'下限' if status.side > 0 else '上限'}{goal}"
        words = {
            BREACHED: f"已{'跌破' if status.side > 0 else '突破'}{bound}", OFF_TRACK: f"难以守住{bound}",
            AT_RISK: f"守住{bound}有风险", ON_TRACK: f"有望守住{bound}", ACHIEVED: f"守住了{bound}",
        }  # fmt: skip
    else:
        words = {
            MISSED: f"没有达到{goal}", OFF_TRACK: f"难以达到{goal}", AT_RISK: f"达到{goal}有风险",
            ON_TRACK: f"有望达到{goal}", ACHIEVED: f"已达到{goal}",
        }  # fmt: skip
    return f"{said}，{words[status.status]}"


def _target_row(status: TargetStatus) -> dict[str, Any]:
    def text(value: float | None, digits: int, signed: bool = False) -> str | None:
        return None if value is None else rounded_text(value, digits, signed)

    latest = text(status.latest_value, status.decimals)
    if latest is None and status.edition > status.base_year:
        doubtful = text(status.newest_value, status.decimals)
        latest = NOT_PUBLISHED if doubtful is None else f"{doubtful}（C）"
    return {
        "field": status.field,
        "name": f"{short_name(status)}（{status.unit}）" if status.unit else short_name(status),
        "base": _printed(status, status.base_value, status.base_printed),
        "target": target_sign(status),
        "latest": latest,
        "year": status.latest_year or status.newest_year,
        "margin": text(status.margin, status.decimals, signed=True),
        "pace": text(status.pace, pace_digits(status, status.pace or 0.0), signed=True),
        "needed": text(status.pace_needed, pace_digits(status, status.pace_needed or 0.0), signed=True),
        "status": status.status,
        "chance": _percent(status.chance) or None,
    }


def _figure_headroom(report: Report, known: list[TargetStatus]) -> Figure:
    rows = []
    for status in known:
        panel = f"{short_name(status)}（{status.unit}）" if status.unit else short_name(status)
        segment = 0
        for year, value in spark_values(report, status):
            if value is None:
                segment += 1
                continue
            rows.append({"指标": panel, "年份": year, "数值": value, "项目": "公布数", "段": str(segment)})
        for year in (status.base_year, status.target_year):
            rows.append({"指标": panel, "年份": year, "数值": status.target_value, "项目": "界限", "段": "界限"})
    frame = pd.DataFrame(rows)
    broken = [s for s in known if not s.met]
    said = [f"{short_name(s)}{s.breached_since}年起越过界限" for s in broken]
    for status in by_urgency(s for s in known if s.met)[:1]:
        if status.breach_year and not status.is_due and _years_passed(status) > 1:
            said.append(f"{short_name(status)}按已有速度{status.breach_year}年越过")
        else:
            left = rounded_text(abs(status.margin or 0.0), status.decimals)
            said.append(f"{short_name(status)}离界限还有{left}{status.difference_unit}")
    waiting = [s for s in known if s.met and s.is_due and not s.is_final]
    if waiting:
        year = waiting[0].latest_year or 0
        said.append(f"{list_phrase(short_name(s) for s in waiting)}{year}年在界限以内，{waiting[0].target_year}年的数没有公布")
    title = "，".join(said) or "各项都在界限以内"
    described = "；".join(
        f"{short_name(s)}从{s.base_year}年的{s.base_printed}{s.unit}变为{s.latest_year}年的"
        f"{rounded_text(s.latest_value or 0.0, s.decimals)}{s.unit}，界限{rounded_text(s.target_value or 0.0, 0)}{s.unit}"
        for s in known
    )
    return Figure(
        id="fig-headroom",
        title=title,
        subtitle="保持类目标的公布数与规划界限；各图纵轴不同，不从零开始",
        alt=f"{len(known)}幅小图，每幅一条公布数折线和一条界限水平线。{described}。",
        frame=frame,
        draw=lambda layout: small_multiples(
            frame, layout, panel="指标", y="数值", series="项目", segment="段", decimals=1, shared=False,
            colours={"公布数": COLOURS["actual"], "界限": COLOURS["plan"]},
            columns=2 if layout.is_narrow else min(3, len(known)),
        ),
        unit="%",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in frame["年份"] if year <= report.edition})),
        source_ids=_sources(report, known),
        notes=("基期为普查数（11月1日），以后为年末抽样调查数，两者不连线。",)
        if any(s.base_indicator_id != s.indicator_id for s in known)
        else (),
        indicator_ids=tuple(s.indicator_id for s in known),
    )


def _table_headroom(report: Report, rails: list[TargetStatus]) -> Table:
    rows = []
    for status in rails:
        base = None
        if status.base_value is not None and status.target_value is not None:
            margin = status.side * (status.base_value - status.target_value)
            base = rounded_text(margin, max(len(status.base_printed.partition(".")[2]), 0), signed=True)
        rows.append(
            {
                "name": short_name(status),
                "bound": f"{target_sign(status)}{status.unit}",
                "base": base,
                "year": status.latest_year,
                "margin": None if status.margin is None else rounded_text(status.margin, status.decimals, signed=True),
                "pace": None
                if status.pace is None
                else rounded_text(status.side * status.pace, pace_digits(status, status.pace), signed=True),
                "breach": status.breached_since or (None if status.is_due else status.breach_year),
                "status": status.status,
            }
        )
    columns: tuple[Column, ...] = (
        Column("name", "指标"),
        Column("bound", "界限", decimals=0),
        Column("base", f"{rails[0].base_year}年余量", decimals=1, emphasis=is_base_edition(rails)),
    )
    notes = ["余量为正表示在界限以内，为负表示已越过；率以个千分点计，比重以个百分点计。"]
    if not is_base_edition(rails):
        columns += (
            Column("margin", "最近余量", decimals=1, emphasis=True),
            Column("year", "年份", decimals=0),
            Column("pace", "余量年均变化", decimals=1),
            Column("breach", "越界年份", decimals=0),
        )
        notes.append("余量年均变化为负表示在缩小。")
        notes.append(
            "越界年份为实际年份；空白表示没有见到越过。" if is_closing_edition(rails)
            else "越界年份：已越过的为实际年份，其余按已有速度直线推算；空白表示没有数或不会越过。"
        )  # fmt: skip
    columns += (Column("status", "状态"),)
    return Table(
        id="tbl-headroom",
        title=f"保持类{len(rails)}项目标的余量",
        frame=pd.DataFrame(rows),
        columns=columns,
        unit="",
        basis="unstated",
        region_id=report.region_id,
        years=(rails[0].base_year, report.edition),
        source_ids=_sources(report, rails),
        notes=tuple(notes),
        indicator_ids=tuple(dict.fromkeys(s.indicator_id for s in rails)),
        status_column="status",
        missing="blank",
    )


def _rail_sentence(report: Report, status: TargetStatus) -> str:
    words = pace_words(report, status)
    return standing(report, status) + (f"{words}。" if words else "")


def _rail_policy(report: Report, known: list[TargetStatus]) -> str:
    parts = []
    for status in known:
        if not status.met and status.is_due:
            until = "" if status.is_final else f"{status.target_year}年的数公布以前没有回到界限以内的依据，"
            parts.append(f"{short_name(status)}已越过界限，{until}公共服务宜按越过界限以后的水平安排；下一期规划不宜沿用这一界限。")
        elif not status.met and status.last_change is not None and status.side * status.last_change < 0:
            parts.append(f"{short_name(status)}仍在远离界限，{status.target_year}年前回到界限以内没有依据，公共服务宜按越过界限以后的水平安排。")
        elif not status.met:
            parts.append(f"{short_name(status)}已越过界限，是否回到界限以内以后续公布数为准。")
    for status in by_urgency(s for s in known if s.met):
        name, verdict = short_name(status), chance_words(report, status)
        if status.status in (OFF_TRACK, AT_RISK):
            grounds = f"{status.target_year}年守住的概率{verdict}" if verdict else "按已有速度守不到目标年"
            advice = "相关安排宜按越过界限作准备" if status.status == OFF_TRACK else "宜逐年复核"
            parts.append(f"{name}目前仍在界限以内，但{grounds}，{advice}。")
        elif status.breach_year == status.target_year + 1 and _years_passed(status) > 1:
            parts.append(
                f"按已有速度，{name}到{status.target_year}年仍在界限以内，{outlook_fact(report, status)}用完余量；"
                "下一期规划若沿用这一界限，第一年就会越过。"
            )
    return "".join(parts)


def _figure_pace(report: Report, paced: list[TargetStatus]) -> Figure:
    rows = [
        {
            "指标": short_name(status),
            "已有速度": round(100 * _share(status), 2),
            "今后每年所需": None
            if status.pace_needed is None or not status.pace_required
            else round(100 * status.pace_needed / status.pace_required, 2),
            "应有速度（100）": 100.0,
        }
        for status in paced
    ]
    frame = pd.DataFrame(rows)
    slow = sorted((s for s in paced if _share(s) < PACE_ENOUGH), key=_share)
    title = f"{len(paced)}项都不慢于应有进度"
    if slow:
        title = f"{short_name(slow[0])}的速度只有应有速度的{_share(slow[0]):.0%}"
        if slow[0].pace_needed is not None and slow[0].pace_required:
            title += f"，今后每年要达到{slow[0].pace_needed / slow[0].pace_required:.0%}"
    described = "；".join(
        f"{short_name(status)}已有{rounded_text(100 * _share(status), 0)}%"
        + (
            f"、今后需{rounded_text(100 * status.pace_needed / status.pace_required, 0)}%"
            if status.pace_needed is not None and status.pace_required
            else ""
        )
        for status in paced
    )
    return Figure(
        id="fig-pace",
        title=title,
        subtitle="年均变化相当于应有年均变化（基期直线到目标）的百分比（%）",
        alt=(
            f"圆圈为已有速度，菱形为应有速度100%。{described}。" if is_closing_edition(paced)
            else f"圆圈为已有速度，圆点为今后每年所需速度，菱形为应有速度100%。{described}。"
        ),
        frame=frame,
        draw=lambda layout: dumbbell_chart(
            frame, layout, category="指标", start="已有速度", end="今后每年所需", target="应有速度（100）", decimals=0,
            unit="%", colour=COLOURS["actual"], sort=False,
        ),
        unit="%",
        basis="unstated",
        region_id=report.region_id,
        years=(paced[0].base_year, report.edition),
        source_ids=_sources(report, paced),
        notes=tuple(
            f"{short_name(s)}最近的数是{s.latest_year}年。" for s in paced if s.latest_year != report.edition
        ),
        indicator_ids=tuple(s.indicator_id for s in paced),
    )


def _reach_sentence(report: Report, status: TargetStatus) -> str:
    said = standing(report, status)
    if status.met:
        return said
    said += f"{pace_words(report, status)}，为应有速度的{share_fact(report, status)}"
    if status.pace_needed is not None and status.latest_year is not None:
        first, last = status.latest_year + 1, status.target_year
        years = f"{last}年" if first == last else f"{first}—{last}年每年"
        verb = "增加" if status.difference_unit == status.unit else "上升"
        verb = verb if status.pace_needed > 0 else {"增加": "减少", "上升": "下降"}[verb]
        said += f"；要按期达到，{years}需{verb}{needed_fact(report, status):a}"
    return f"{said}。"


def _reach_policy(report: Report, paced: list[TargetStatus]) -> str:
    parts = []
    for status in paced:
        if status.status == OFF_TRACK and status.last_change is not None and status.pace_needed:
            many = status.pace_needed / status.last_change if status.last_change else 0.0
            if many > 1:
                times = report.fact(
                    f"fact-target-{status.number:02d}-times-{status.latest_year}",
                    f"{status.name}：还需年均变化为最近一年变化的倍数", round(many, 9), "倍", 1,
                    year=status.latest_year or report.edition, source_ids=_sources(report, [status]),
                    derivation=f"{status.pace_needed:g} ÷ {status.last_change:g}",
                )
                first, last = (status.latest_year or report.edition) + 1, status.target_year
                when = f"{last}年" if first == last else f"{first}—{last}年每年"
                parts.append(
                    f"{short_name(status)}要按期达到目标，{when}的变化须为最近一年的{times}。"
                    "以该目标为前提的用地、住房和公共服务规模宜按实际路径复核。"
                )
            else:
                parts.append(f"{short_name(status)}的目标按现有速度不能按期达到，以它为前提的规模宜复核。")
    return "".join(parts)


def _required_heading(report: Report, targets: list[TargetStatus]) -> str:
    first = next((s for s in targets if s.base_value is not None and s.target_value is not None), None)
    if first is None or first.base_value is None or first.target_value is None:
        return "没有可以计算的起点"
    years = first.target_year - first.base_year
    required = report.fact(
        f"fact-target-{first.number:02d}-required-{first.base_year}", f"{first.name}：应有年均变化",
        round((first.target_value - first.base_value) / years, 9), first.difference_unit, first.decimals,
        year=first.base_year, source_ids=(report.plan_source,), indicator_id=first.indicator_id,
        derivation=f"（{first.target_value:g} − {first.base_value:g}）÷{years}",
    )
    return f"{short_name(first)}每年应{'增加' if (required.value or 0) > 0 else '减少'}{required:a}"


def _table_required(report: Report, targets: list[TargetStatus]) -> Table:
    rows = []
    for status in targets:
        if status.base_value is None or status.target_value is None:
            continue
        years = status.target_year - status.base_year
        required = (status.target_value - status.base_value) / years
        rows.append(
            {
                "name": short_name(status),
                "unit": status.unit,
                "base": _printed(status, status.base_value, status.base_printed),
                "target": target_sign(status),
                "required": rounded_text(required, pace_digits(status, required), signed=True),
                "chance": _percent(status.chance) or None,
            }
        )
    return Table(
        id="tbl-required-pace",
        title=f"达到类{len(rows)}项目标应有的年均变化",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "指标"),
            Column("unit", "单位"),
            Column("base", f"基期{targets[0].base_year}", decimals=1),
            Column("target", f"目标{targets[0].target_year}", decimals=1),
            Column("required", "应有年均变化", decimals=1, emphasis=True),
            Column("chance", "达标概率", decimals=0),
        ),
        unit="",
        basis="unstated",
        region_id=report.region_id,
        years=(targets[0].base_year,),
        source_ids=(report.plan_source,),
        notes=("应有年均变化＝（目标−基期）÷年数。", "达标概率由预测得出；没有预测模型的指标留空。"),
        missing="blank",
    )


def _steps(status: TargetStatus) -> list[dict[str, str]]:
    """The arithmetic of one target as a reader would write it down."""
    base, goal = status.base_value, status.target_value
    title = f"{status.number}　{short_name(status)}（{_KINDS[status.kind]}，目标{target_sign(status)}{status.unit}）"
    rows: list[tuple[str, str, str]] = []
    unit, more = status.difference_unit, status.decimals + 2
    if base is not None and goal is not None and status.latest_year is None:
        years = status.target_year - status.base_year
        name = "恰好用完余量的年均变化" if status.is_guard_rail else "应有年均变化"
        rows.append((name, f"（{_n(goal)}−{_n(base)}）÷{years}", _with_unit((goal - base) / years, more, unit)))
    if status.latest_year is not None and status.latest_value is not None and goal is not None:
        latest = status.latest_value
        parts = (latest, goal) if status.side > 0 else (goal, latest)
        name = "余量" if (status.margin or 0) >= 0 else "差距"
        rows.append((f"{status.latest_year}年{name}", f"{_n(parts[0])}−{_n(parts[1])}", _with_unit(status.margin, status.decimals, unit)))
        if status.latest_derivation:
            rows.append((f"{status.latest_year}年的数", status.latest_derivation.partition("：")[2].rstrip("。"), f"{_n(latest)}{status.unit}"))
        if status.pace is not None and status.from_year is not None and status.from_value is not None:
            span = status.latest_year - status.from_year
            rows.append(("已有年均变化", f"（{_n(latest)}−{_n(status.from_value)}）÷{span}", _with_unit(status.pace, more, unit)))
            left = status.target_year - status.latest_year
            if status.pace_required is not None:
                rows.append((
                    "应有年均变化" if not status.is_guard_rail else "恰好用完余量的年均变化",
                    f"（{_n(goal)}−{_n(status.from_value)}）÷{status.target_year - status.from_year}",
                    _with_unit(status.pace_required, more, unit),
                ))
            if status.pace_share is not None:
                rows.append((
                    "进度比" if not status.is_guard_rail else "占用比",
                    f"{_factor(status.pace)}÷{_factor(status.pace_required)}", f"{status.pace_share:.1%}".replace("-", "−"),
                ))
            if status.pace_needed is not None:
                rows.append(("还需年均变化", f"（{_n(goal)}−{_n(latest)}）÷{left}", _with_unit(status.pace_needed, more, unit)))
            if status.projected_value is not None and left > 0 and not status.is_due:
                rows.append((
                    f"按此速度{status.target_year}年", f"{_n(latest)}＋{_factor(status.pace)}×{left}",
                    f"{rounded_text(status.projected_value, status.decimals + 1)}{status.unit}",
                ))
            if status.reach_year and not status.met and (status.is_final or not status.is_due):
                rows.append(("按此速度达到", f"{status.latest_year}＋（{_n(goal)}−{_n(latest)}）÷{_factor(status.pace)}，进到整年", f"{status.reach_year}年"))
            if status.breach_year and status.met and not status.is_due:
                rows.append(("按此速度越过", f"{status.latest_year}＋（{_n(goal)}−{_n(latest)}）÷{_factor(status.pace)}，进到整年", f"{status.breach_year}年"))
    if status.chance is not None:
        rows.append(("达标概率", status.chance_model, _percent(status.chance)))
    deciding = STATUS_RULE[status.rule_number - 1]
    rows.append((f"规则第{status.rule_number}行", deciding.condition, status.status))
    return [{"target": title, "step": step, "formula": formula, "result": result} for step, formula, result in rows]


def _n(value: float | None) -> str:
    return "" if value is None else f"{round(value, 6):.8g}".replace("-", "−")


def _factor(value: float | None) -> str:
    return f"（{_n(value)}）" if value is not None and value < 0 else _n(value)


def _with_unit(value: float | None, digits: int, unit: str) -> str:
    return "" if value is None else f"{rounded_text(value, digits, signed=True)}{unit}"


@remember(maxsize=16)
def _starting_points(report: Report) -> pd.DataFrame:
    return compare_starting_points(report.ledger, target_statuses(report))


def _with_starts(table: pd.DataFrame, starts: pd.DataFrame) -> pd.DataFrame:
    """Add what other starting years say to the components of each status."""
    joined = table.join(count_starting_points(starts), on="target_id")
    counts = ["starts_compared", "starts_agreeing"]
    return joined.astype(dict.fromkeys(counts, "Int64")).fillna({"starts": "", "starts_refused": ""})


def _used_word(starts: pd.DataFrame, status: TargetStatus) -> str:
    """The word by pace alone from the report's own starting point."""
    mine = starts[(starts["target_id"] == status.target_id) & (starts["use"] == USED)]
    return str(mine["status_by_pace"].iloc[0]) if len(mine) else ""


def _words_by_pace(starts: pd.DataFrame, status: TargetStatus) -> set[str]:
    return set(starts.loc[starts["target_id"] == status.target_id, "status_by_pace"])


def _refused_words(starts: pd.DataFrame, statuses: tuple[TargetStatus, ...]) -> str:
    """Say what starting on the far side of a break would have made a reader believe."""
    refused = starts[starts["use"] == REFUSED]
    by_id = {status.target_id: status for status in statuses}
    said = []
    for target_id, rows in refused.groupby("target_id", sort=False):
        status = by_id[str(target_id)]
        word = _used_word(starts, status)
        other = rows[rows["status_by_pace"] != word]
        if len(other):
            words = list_phrase(f"“{name}”" for name in dict.fromkeys(other["status_by_pace"]))
            said.append(f"{short_name(status)}从{year_spans(other['start_year'].tolist())}年起算，只看速度会由“{word}”误为{words}")
    names = list_phrase(short_name(by_id[str(key)]) for key in dict.fromkeys(refused["target_id"]))
    breaks = list_phrase(dict.fromkeys(name for cell in refused["breaks"] for name in str(cell).split("、")))
    text = f"{names}另有口径断点（{breaks}）另一侧的数，口径检查不许它们作起点；表中标“不采用”的各行，是不知道有断点的读者会算出的结果。"
    return text + ("；".join(said) + "。" if said else "其中没有一行会改变只看速度的状态，但速度本身不可信。")


def _table_starts(report: Report, starts: pd.DataFrame, statuses: tuple[TargetStatus, ...]) -> Table:
    by_id = {status.target_id: status for status in statuses}
    # Neighbouring years that lead to the same words stand in one row.
    keys = ["target_id", "use", "breaks", "status_by_pace", "status"]
    run = (starts[keys] != starts[keys].shift()).any(axis=1).cumsum()
    rows = []
    for _, group in starts.groupby(run, sort=True):
        status = by_id[str(group["target_id"].iloc[0])]
        first = group.iloc[0]

        def span(name: str, digits: int, signed: bool = False, group: pd.DataFrame = group) -> str:
            ends = [rounded_text(float(group[name].iloc[place]), digits, signed) for place in (0, -1)]
            return ends[0] if ends[0] == ends[1] else "～".join(ends)

        rows.append(
            {
                "target": f"{status.number}　{short_name(status)}（{status.unit}）" if status.unit else short_name(status),
                "years": f"{year_spans(group['start_year'].tolist())}年",
                # The plan prints its base with more digits than the yearly figures have.
                "value": status.base_printed
                if len(group) == 1 and first["start_value"] == status.base_value
                else span("start_value", status.decimals),
                "pace": span("pace", pace_digits(status, float(group["pace"].abs().max())), signed=True),
                "projected": span("projected_value", status.decimals),
                "by_pace": first["status_by_pace"],
                "chance": _percent(None if pd.isna(first["chance"]) else float(first["chance"])) or None,
                "status": first["status"],
                "use": "采用" if first["use"] == USED else first["use"],
            }
        )
    year = statuses[0].target_year
    idle = len(statuses) - starts["target_id"].nunique()
    return Table(
        id="tbl-target-sensitivity",
        title="换用起算年、不看口径断点：速度、去向和状态",
        frame=pd.DataFrame(rows),
        columns=(
            Column("years", "起算年"),
            Column("use", "起点"),
            Column("value", "起算年的数", decimals=1),
            Column("pace", "年均变化", decimals=1),
            Column("projected", f"按此{year}年", decimals=1),
            Column("by_pace", "只看速度"),
            Column("chance", "达标概率", decimals=0),
            Column("status", "状态", emphasis=True),
        ),
        unit="",
        basis="unstated",
        region_id=report.region_id,
        years=tuple(sorted({*(int(y) for y in starts["start_year"]), report.edition})),
        source_ids=_sources(report, [s for s in statuses if s.target_id in set(starts["target_id"])]),
        notes=(
            "“采用”为本报告所用的起点，“可用”为口径一致的其他起点。相邻的起算年结论相同的并为一行，“～”前后为首尾两年的数。参考级（C级）的数不作起点。",
            "标“不采用”的起算年在口径断点另一侧，其达标概率是去掉断点重新预测的；这些行只供对照，本报告不用。",
            *((f"其余{idle}项没有基期以后的可用数，没有速度可换算。",) if idle else ()),
            "全部起算年及其算式见本版数据文件 target_starts.csv。",
        ),
        indicator_ids=tuple(dict.fromkeys(by_id[str(key)].indicator_id for key in dict.fromkeys(starts["target_id"]))),
        group_by="target",
        status_column="status",
        missing="blank",
    )


def _table_open_sdg(report: Report, sdg: pd.DataFrame, statuses: tuple[TargetStatus, ...]) -> Table:
    by_id = {status.target_id: status for status in statuses}
    rows = [
        {
            "name": short_name(by_id[row["target_id"]]),
            "kind": _KINDS[row["kind"]].partition("（")[0],
            "status": row["status"],
            "ratio": row["open_sdg_ratio"],
            "word": row["open_sdg"],
            "why": row["why"],
        }
        for row in sdg.to_dict("records")
    ]
    return Table(
        id="tbl-open-sdg",
        title="本报告的状态与增长率之比的评语",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "指标"),
            Column("kind", "类型"),
            Column("status", "本报告"),
            Column("ratio", "增长率之比", decimals=2),
            Column("word", "其评语"),
            Column("why", "不同的原因"),
        ),
        unit="",
        basis="unstated",
        region_id=report.region_id,
        years=(statuses[0].base_year, report.edition),
        source_ids=_sources(report, [s for s in statuses if s.target_id in set(sdg["target_id"])]),
        notes=("已到过目标的不再算增长率之比，留空。",),
        status_column="status",
        missing="blank",
    )
