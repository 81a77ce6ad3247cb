"""What changed between two editions, on one page: judgements, forecast, data, definitions.

The command ``popbook changes`` prints the same sections (:func:`changes_between`) as plain text.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.charts import waterfall_chart
from popbook.exhibits.citations import date_words, title_words
from popbook.exhibits.model import Column, Figure, Note, Section, Table
from popbook.exhibits.pages.sources import VINTAGES_ZH
from popbook.exhibits.phrases import list_phrase
from popbook.exhibits.target_facts import short_name, target_statuses
from popbook.exhibits.theme import COLOURS
from popbook.forecasting.concepts import forecast_concepts
from popbook.ledger.errors import ConceptError
from popbook.ledger.reads import remember
from popbook.monitoring.changes import (
    REASONS,
    EditionChanges,
    Flip,
    compare_editions,
    headline_values,
    previous_edition,
)
from popbook.monitoring.forecast_change import TERMS, forecast_assumptions
from popbook.monitoring.rounding import rounded_text
from popbook.monitoring.status import AT_RISK, BREACHED, MISSED, NOT_ASSESSABLE, NOT_PUBLISHED, OFF_TRACK
from popbook.monitoring.warnings import FIRED, QUIET

if TYPE_CHECKING:
    from popbook.exhibits.model import Fact
    from popbook.exhibits.report import Report
    from popbook.ledger.model import Observation

TERM_NAMES = {
    "jump_off": "新起点", "births": "出生", "deaths": "死亡", "net_migration": "净迁入", "model": "其他模型",
}  # fmt: skip
_KIND_NAMES = {"target": "目标状态", "warning": "预警", "claim": "概览的句子"}
_PRINTED = 0.05


def changes(report: Report) -> tuple[Section, ...]:
    """Return the sections of the page: the edition beside the one before it.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    tuple of Section
        One section that says so where there is no earlier edition.
    """
    earlier = previous_edition(report.ledger)
    if earlier is None:
        return (
            Section(
                "changes-summary",
                f"{report.edition}年度版是第一版，没有上一版可比",
                "从下一版起，本页逐年列出新数据、修订、口径变化、改变的判断，以及预测变了多少、为什么变。",
            ),
        )
    return changes_between(report, earlier)


def changes_between(report: Report, earlier: int) -> tuple[Section, ...]:
    """Return the sections that set an edition beside an earlier one.

    Parameters
    ----------
    report
        The later edition.
    earlier
        Data year of the earlier edition.

    Returns
    -------
    tuple of Section
        Summary, judgements, forecast, data, definitions.

    Raises
    ------
    UsageError
        If there is no such edition, or it is not earlier.
    """
    found = _compared(report, earlier)
    return (
        summary(report, found),
        judgements(report, found),
        forecast(report, found),
        data(report, found),
        definitions(report, found),
    )


def three_changes(report: Report) -> tuple[str, tuple[str, str, str]] | None:
    """Return the finding and the three changes that a reader should hear of first: judgements, forecast, data.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    tuple or None
        None for the first edition.
    """
    earlier = previous_edition(report.ledger)
    if earlier is None:
        return None
    found = _compared(report, earlier)
    lines = _judgement_line(report, found), _forecast_line(report, found), _data_line(report, found)
    return _headline(report, found), lines


@remember(maxsize=8)
def _compared(report: Report, earlier: int) -> EditionChanges:
    found = compare_editions(report.ledger, earlier)
    short = {status.name: short_name(status) for status in target_statuses(report)}

    def shortened(flips: tuple[Flip, ...]) -> tuple[Flip, ...]:
        for name, shorter in short.items():
            flips = tuple(
                replace(f, **{key: getattr(f, key).replace(name, shorter) for key in ("name", "before", "after")}) for f in flips
            )
        return flips

    return replace(found, targets=shortened(found.targets), claims=shortened(found.claims))


# --- sections ---------------------------------------------------------------------------------------------------------


def summary(report: Report, found: EditionChanges) -> Section:
    """Return the summary: one line for each kind of change."""
    lines = [
        ("判断", _judgement_line(report, found)),
        ("预测", _forecast_line(report, found)),
        ("数据", _data_line(report, found)),
        ("口径", _definition_line(report, found)),
    ]
    heading = _headline(report, found)
    sides = (
        f"{found.later}年度版（数据截止{_cut_off(report, found.later)}）与"
        f"{found.earlier}年度版（数据截止{_cut_off(report, found.earlier)}）比较"
    )
    return Section(
        "changes-summary",
        heading,
        f"{sides}。两版各用各的截止日以前公布的数。",
        ("\n".join(f"- **{name}**　{said}" for name, said in lines),),
    )


def judgements(report: Report, found: EditionChanges) -> Section:
    """Return the targets, warnings and sentences of the overview that are judged differently."""
    flips = (*found.targets, *found.warnings, *found.claims)
    if not flips:
        return Section(
            "changes-judgements",
            "目标状态、预警和概览的句子都没有改变判断",
            "数变了，结论没有变。",
        )
    counted = [
        f"{_count(report, found, key, f'改变的{name}', len(items), unit)}{name}"
        for key, name, items, unit in (
            ("targets", "目标", found.targets, "项"), ("warnings", "预警", found.warnings, "条"), ("claims", "概览的话", found.claims, "句"),
        )
        if items
    ]  # fmt: skip
    heading = f"{list_phrase(counted)}改变了判断"
    rows = [
        {"kind": _KIND_NAMES[flip.kind], "name": flip.name, "before": flip.before, "after": flip.after, "reason": flip.reason}
        for flip in flips
    ]
    with_reason = any(flip.reason for flip in flips)
    table = Table(
        id="tbl-changes-judgements",
        title=f"{found.later}年度版改变的判断",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "项目"),
            Column("before", f"{found.earlier}年度版"),
            Column("after", f"{found.later}年度版", emphasis=True),
            *((Column("reason", "依据"),) if with_reason else ()),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(found.earlier, found.later),
        source_ids=(report.plan_source,),
        notes=("概览的句子按成立的条件比较，不按字面比较；只是数值更新的句子不列。",) if found.claims else (),
        group_by="kind",
        missing="blank",
    )
    return Section("changes-judgements", heading, _judgement_lead(report, found), (table,))


def forecast(report: Report, found: EditionChanges) -> Section:
    """Return by how much the forecast of residents moved, and its five terms."""
    if found.forecast.empty:
        return Section(
            "changes-forecast",
            "两版没有可以比较的预测年份",
            "可以比较的年份都已经有了公布数，预测的好坏见[预测档案](track_record.md)。",
        )
    last = found.forecast.iloc[-1]
    year, change = int(last["year"]), float(last["change"])
    now = _forecast_fact(report, found, "after", year, float(last["after"]))
    then = _forecast_fact(report, found, "before", year, float(last["before"]))
    if abs(change) < _PRINTED:
        heading = f"{year}年常住人口预测没有变化，仍为{now}"
    else:
        term = max(TERMS, key=lambda name: abs(float(last[name])))
        word = "下调" if change < 0 else "上调"
        heading = f"{year}年常住人口预测由{then}{word}到{now}，主要因为{_term_words(term, float(last[term]))}"
    columns = (
        Column("year", "年份", decimals=0),
        Column("before", f"{found.earlier}年度版", "万人", 1),
        Column("after", f"{found.later}年度版", "万人", 1, emphasis=True),
        Column("change", "变化", "万人", 1, signed=True, emphasis=True),
        *(Column(name, TERM_NAMES[name], "万人", 1, group="其中", signed=True) for name in TERMS),
    )
    path = forecast_concepts(report.ledger).resident.path.set_index("year")
    frame = _add_up(found.forecast)
    intervals = [
        f"{y}年{'万—'.join(rounded_text(float(bound), 1) for bound in path.loc[y, ['lo80', 'hi80']])}万人" for y in frame["year"]
    ]
    table = Table(
        id="tbl-changes-forecast",
        title=f"常住人口预测的变化及其分解：{found.later}年度版比{found.earlier}年度版",
        frame=frame,
        columns=columns,
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(int(y) for y in frame["year"]),
        source_ids=_forecast_sources(report),
        notes=(
            "五项相加等于变化。死亡一项以对人口的影响计，死亡增多为负。",
            f"预测为组合预测的中位数；本版80%区间：{'，'.join(intervals)}。",
        ),
        indicator_ids=("resident_population",),
    )
    blocks = (_waterfall(report, found), table, _assumptions(report, found), _METHOD)
    return Section("changes-forecast", heading, _forecast_lead(report, found), blocks)


def data(report: Report, found: EditionChanges) -> Section:
    """Return the new values a reader asks for first, and every revision."""
    total = _count(report, found, "new", "新数据", len(found.new), "个")
    revised = _count(report, found, "revised", "修订的数", len(found.revised), "个")
    tail = f"修订{revised}" if len(found.revised) else "已有的数没有修订"
    heading = f"新增{total}数，{tail}" if len(found.new) else f"没有新增的数，{tail}"
    blocks: list[str | Table] = []
    values = headline_values(found, report.ledger)
    if values:
        blocks.append(_new_table(report, found, values))
    if len(found.revised):
        blocks.append(_revised_table(report, found))
    return Section("changes-data", heading, _data_lead(report, found), tuple(blocks))


def definitions(report: Report, found: EditionChanges) -> Section:
    """Return breaks and corrections that are new, or lie elsewhere."""
    moved, corrections = found.moved, found.corrections
    registered = report.fact(
        f"fact-changes-corrections-known-{found.later}", "登记的勘误", len(report.ledger.corrections), "条", 0, year=found.later,
    )  # fmt: skip
    corrected = (
        f"新登记勘误{_count(report, found, 'corrections', '新登记的勘误', len(corrections), '条')}"
        if corrections
        else f"勘误没有增减，仍为{registered}，都是对规划文本的"
    )
    if moved.empty and not found.breaks:
        return Section(
            "changes-definitions", "口径断点和勘误没有变化", f"两版的数列在同样的地方断开；{corrected}，见[勘误与口径断点](corrections.md)。",
        )  # fmt: skip
    breaks = {item.break_id: item for item in report.ledger.breaks}
    moved_ids = set(moved["break_id"])
    rows = [
        {
            "name": report.ledger.indicators[row["indicator_id"]].name_zh,
            "break": breaks[row["break_id"]].name_zh,
            "before": _between(row["before"]),
            "after": _between(row["after"]),
            "why": breaks[row["break_id"]].description,
        }
        for row in moved.to_dict("records")
    ]
    rows += [
        {"name": _break_subject(report, item.indicator_id, item.region_id), "break": item.name_zh, "before": "尚未公布",
         "after": f"{item.year}年起", "why": item.description}
        for item in found.breaks
        if item.break_id not in moved_ids
    ]  # fmt: skip
    # One cause cuts many series in one place; the reason is said once, at the first of them.
    shown = pd.DataFrame(rows)
    merged = (
        shown.groupby(["break", "before", "after"], sort=False)
        .agg(name=("name", lambda names: "、".join(dict.fromkeys(names))), why=("why", "first"))
        .reset_index()
    )
    number = _count(report, found, "breaks", "口径断点的变化", len(rows), "处")
    table = Table(
        id="tbl-changes-definitions",
        title="口径断点的变化",
        frame=merged,
        columns=(
            Column("name", "数列"),
            Column("break", "断点"),
            Column("before", f"{found.earlier}年度版"),
            Column("after", f"{found.later}年度版", emphasis=True),
            Column("why", "说明"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(found.earlier, found.later),
        source_ids=tuple(dict.fromkeys(breaks[key].source_id for key in (*moved["break_id"], *(b.break_id for b in found.breaks)))),
        missing="blank",
    )
    return Section(
        "changes-definitions", f"口径断点有{number}变化", f"断点两侧的数不相减、不算增速、不连线；{corrected}，见[勘误与口径断点](corrections.md)。", (table,),
    )  # fmt: skip


# --- sentences --------------------------------------------------------------------------------------------------------


def _headline(report: Report, found: EditionChanges) -> str:
    """The finding: judgements that changed for a reader, and the forecast of the last year."""
    real = [flip for flip in found.targets if not _is_silence(flip)]
    parts = []
    if real:
        shown = [f"{flip.name}{_turned(flip)}" for flip in _worst_first(real)[:2]]
        more = _count(report, found, "targets-real", "改变状态的目标", len(real), "项")
        parts.append(f"{'，'.join(shown)}{'' if len(real) <= 2 else f'，共{more}目标改变状态'}")
    else:
        parts.append("目标状态没有改变")
    if len(found.forecast):
        last = found.forecast.iloc[-1]
        change = float(last["change"])
        if abs(change) >= _PRINTED:
            fact = _forecast_fact(report, found, "change", int(last["year"]), change)
            parts.append(f"{int(last['year'])}年常住人口预测{'下调' if change < 0 else '上调'}{fact:a}")
    return "；".join(parts)


def _judgement_line(report: Report, found: EditionChanges) -> str:
    pieces = []
    real = [flip for flip in found.targets if not _is_silence(flip)]
    if real:
        pieces.append("目标：" + "，".join(f"{flip.name}{_turned(flip)}" for flip in _worst_first(real)))
    silent = len(found.targets) - len(real)
    if silent:
        pieces.append(f"{_silent_count(report, found, silent)}目标转为没有数可评")
    if found.warnings:
        pieces.append("预警：" + _warning_words(report, found))
    return ("；".join(pieces) or "目标状态和预警都没有改变") + "。"


def _warning_words(report: Report, found: EditionChanges) -> str:
    on = [flip.name for flip in found.warnings if flip.after == FIRED]
    off = [flip.name for flip in found.warnings if flip.before == FIRED and flip.after == QUIET]
    other = len(found.warnings) - len(on) - len(off)
    parts = [f"新触发{list_phrase(on)}"] if on else []
    parts += [f"不再触发{list_phrase(off)}"] if off else []
    if other:
        number = _count(report, found, "warnings-data", "因有没有数而改变的预警", other, "条")
        parts.append(f"{'另有' if parts else ''}{number}因为有了数或没有数而改变")
    return "，".join(parts)


def _judgement_lead(report: Report, found: EditionChanges) -> str:
    first = [flip for flip in found.targets if _is_silence_word(flip.before) and not _is_silence(flip)]
    ranked = [flip for flip in found.targets if not _is_silence_word(flip.before) and not _is_silence(flip)]
    worse = [flip.name for flip in ranked if _rank(flip.after) > _rank(flip.before)]
    better = [flip.name for flip in ranked if _rank(flip.after) < _rank(flip.before)]
    said = [f"变差的目标是{list_phrase(worse)}"] if worse else []
    said += [f"变好的目标是{list_phrase(better)}"] if better else []
    said += [f"首次得到评估的是{list_phrase(flip.name for flip in _worst_first(first))}"] if first else []
    silent = sum(_is_silence(flip) for flip in found.targets)
    if silent:
        said.append(f"{_silent_count(report, found, silent)}目标转为没有数可评，既不算变好也不算变差")
    return ("；".join(said) or "目标状态没有改变，改变的是预警或概览的句子") + "。"


def _silent_count(report: Report, found: EditionChanges, silent: int) -> Fact:
    return _count(report, found, "targets-silent", "转为没有数可评的目标", silent, "项")


#: Status words from the least to the most serious; a word that is not here is no worse than the first.
_SERIOUSNESS = (AT_RISK, OFF_TRACK, MISSED, BREACHED)


def _rank(word: str) -> int:
    return _SERIOUSNESS.index(word) + 1 if word in _SERIOUSNESS else 0


def _worst_first(flips: tuple[Flip, ...] | list[Flip]) -> list[Flip]:
    return sorted(flips, key=lambda flip: -_rank(flip.after))


def _is_silence(flip: Flip) -> bool:
    """Whether a target only lost, or never had, the figures to be judged by."""
    return _is_silence_word(flip.after)


def _is_silence_word(word: str) -> bool:
    return word in (NOT_PUBLISHED, NOT_ASSESSABLE)


def _turned(flip: Flip) -> str:
    return f"由“{flip.before}”转为“{flip.after}”"


def _forecast_line(report: Report, found: EditionChanges) -> str:
    if found.forecast.empty:
        return "没有可以比较的预测年份。"
    parts = []
    for row in found.forecast.to_dict("records"):
        fact = _forecast_fact(report, found, "change", int(row["year"]), float(row["change"]))
        change = float(row["change"])
        moved = "不变" if abs(change) < _PRINTED else f"{'下调' if change < 0 else '上调'}{fact:a}"
        parts.append(f"{int(row['year'])}年{moved}")
    return f"常住人口预测{'，'.join(parts)}。"


def _forecast_lead(report: Report, found: EditionChanges) -> str:
    last = found.forecast.iloc[-1]
    year = int(last["year"])
    ordered = sorted(TERMS, key=lambda name: -abs(float(last[name])))
    parts = []
    for name in ordered:
        value = float(last[name])
        if abs(value) >= _PRINTED:
            parts.append(f"{TERM_NAMES[name]}{_forecast_fact(report, found, name, year, value):+}")
    change = _forecast_fact(report, found, "change", year, float(last["change"]))
    missed = float(last["jump_off"])
    said = f"{year}年的变化{change:+}，其中{'，'.join(parts)}。"
    if abs(missed) >= _PRINTED:
        side = "低于" if missed < 0 else "高于"
        said += f"新起点一项是{forecast_concepts(report.ledger).resident.origin_year}年末的实际数{side}上版预测的部分。"
    return said


def _term_words(name: str, value: float) -> str:
    up = value > 0
    return {
        "jump_off": f"起点{'高于' if up else '低于'}上版预测",
        "births": f"出生{'增加' if up else '减少'}",
        "deaths": f"死亡{'减少' if up else '增加'}",
        "net_migration": f"净迁入{'调高' if up else '调低'}",
        "model": "组合中其他模型的预测改变",
    }[name]


def _data_line(report: Report, found: EditionChanges) -> str:
    total = _count(report, found, "new", "新数据", len(found.new), "个")
    said = f"新增{total}数" if len(found.new) else "没有新增的数"
    if len(found.revised):
        said += f"，修订{_count(report, found, 'revised', '修订的数', len(found.revised), '个')}（{_revised_names(report, found)}）"
    else:
        said += "，没有修订"
    residents = report.ledger.observation("resident_population", found.later, report.region_id)
    if residents is not None and residents.source_id:
        said += f"；{found.later}年末常住人口{report.fact_of(residents)}"
    return said + "。"


def _revised_names(report: Report, found: EditionChanges) -> str:
    parts = []
    for key, rows in found.revised.groupby("indicator_id", sort=False):
        years = sorted(int(year) for year in set(rows["year"]))
        span = f"{years[0]}年" if len(years) == 1 else f"{years[0]}—{years[-1]}年"
        parts.append(f"{span}{report.ledger.indicators[str(key)].name_zh}")
    return "、".join(parts[:3]) + ("等" if len(parts) > 3 else "")


def _data_lead(report: Report, found: EditionChanges) -> str:
    if found.new.empty:
        said = "本版没有新公布的数。"
    else:
        city = found.new["region_id"] == report.region_id
        this_year = found.new["year"] == found.later
        pieces = [
            f"{_count(report, found, key, label, int(rows.sum()), '个')}{words}"
            for key, label, rows, words in (
                ("new-city", "全市当年的新数据", city & this_year, f"是全市{found.later}年的数"),
                ("new-district", "区县的新数据", ~city, "是区县的数"),
                ("new-past", "全市以往年份的新数据", city & ~this_year, "是全市以往年份补上的数"),
            )
            if rows.any()
        ]
        said = f"其中{'，'.join(pieces)}。"
    if len(found.inputs):
        others = [
            f"{row['title']}{_count(report, found, 'input-' + str(row['table']).replace('_', '-'), str(row['title']), int(row['rows']), '行')}"
            for row in found.inputs.to_dict("records")
        ]
        said += f"另有{'、'.join(others)}首次可用。"
    if len(found.revised):
        said += "修订是后来的资料改了同一年份的数，旧数留在台账中，不删除。"
    return said


def _definition_line(report: Report, found: EditionChanges) -> str:
    rows = len(found.moved) + sum(item.break_id not in set(found.moved["break_id"]) for item in found.breaks)
    breaks = f"口径断点有{_count(report, found, 'breaks', '口径断点的变化', rows, '处')}变化" if rows else "口径断点没有变化"
    count = len(found.corrections)
    added = f"，新登记勘误{_count(report, found, 'corrections', '新登记的勘误', count, '条')}" if count else "，勘误没有增减"
    return f"{breaks}{added}。"


# --- tables and pieces ------------------------------------------------------------------------------------------------


def _new_table(report: Report, found: EditionChanges, values: list[Observation]) -> Table:
    rows = []
    for item in values:
        before = report.ledger.observation(item.indicator.indicator_id, item.year - 1, report.region_id)
        change = _change(report, item, before)
        rows.append(
            {
                "name": item.indicator.name_zh,
                "unit": item.indicator.unit if item.indicator.unit != "-" else "",
                "before": "" if before is None or before.confidence == "C" else report.fact_of(before).text("v"),
                "value": f"{report.fact_of(item):v}",
                "change": change,
            }
        )
    return Table(
        id="tbl-changes-new",
        title=f"{found.later}年度版新增的全市{found.later}年数",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "指标"),
            Column("unit", "单位"),
            Column("before", f"{found.later - 1}年", decimals=1),
            Column("value", f"{found.later}年", decimals=1, emphasis=True),
            Column("change", "变化", decimals=1),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(found.later - 1, found.later),
        source_ids=tuple(dict.fromkeys(item.source_id for item in values)),
        notes=("变化：百分数和千分数为百分点、千分点之差；隔着口径断点的两年不相减，留空。参考级（C级）的数不列。",),
        indicator_ids=tuple(item.indicator.indicator_id for item in values),
        missing="blank",
    )


def _change(report: Report, item: Observation, before: Observation | None) -> str:
    if before is None or before.confidence == "C":
        return ""
    try:
        fact = report.difference(item, before)
    except ConceptError:
        return ""
    return f"{fact:v+}"


def _revised_table(report: Report, found: EditionChanges) -> Table:
    rows = []
    for row in found.revised.to_dict("records"):
        indicator = report.ledger.indicators[row["indicator_id"]]
        source = report.ledger.sources[row["source_id"]]
        place = "" if row["region_id"] == report.region_id else report.ledger.regions[row["region_id"]].name_zh
        vintages = "" if row["vintage"] == row["vintage_before"] else \
            f"：{_vintage(row['vintage_before'])}→{_vintage(row['vintage'])}"  # fmt: skip
        rows.append(
            {
                "name": f"{place}{indicator.name_zh}",
                "year": int(row["year"]),
                "unit": indicator.unit,
                "before": rounded_text(float(row["value_before"]), indicator.decimals),
                "value": rounded_text(float(row["value"]), indicator.decimals),
                "difference": rounded_text(float(row["value"] - row["value_before"]), indicator.decimals, signed=True),
                "reason": f"{REASONS[row['reason']]}{vintages}",
                "source": title_words(source),
            }
        )
    return Table(
        id="tbl-changes-revised",
        title=f"{found.later}年度版修订的数",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "指标"),
            Column("year", "年份", decimals=0),
            Column("unit", "单位"),
            Column("before", f"{found.earlier}年度版", decimals=1),
            Column("value", f"{found.later}年度版", decimals=1, emphasis=True),
            Column("difference", "差", decimals=1),
            Column("reason", "原因"),
            Column("source", "依据"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in found.revised["year"]})),
        source_ids=tuple(dict.fromkeys(found.revised["source_id"])),
        notes=("这里的差是同一年两次公布之差，不是增长。",),
        indicator_ids=tuple(dict.fromkeys(found.revised["indicator_id"])),
        missing="blank",
    )


def _waterfall(report: Report, found: EditionChanges) -> Figure:
    """Draw the terms of the last forecast year, from zero to the change."""
    last = _add_up(found.forecast).iloc[-1]
    year, change = int(last["year"]), float(last["change"])
    total = "合计变化"
    frame = pd.DataFrame([
        *({"项目": TERM_NAMES[name], "变化": float(last[name])} for name in TERMS), {"项目": total, "变化": change},
    ])  # fmt: skip
    term = max(TERMS, key=lambda name: abs(float(last[name])))
    if abs(change) < _PRINTED:
        title = f"{year}年常住人口预测没有变化，各项相抵"
    else:
        title = (
            f"{year}年常住人口预测{'下调' if change < 0 else '上调'}{rounded_text(abs(change), 1)}万人，"
            f"{TERM_NAMES[term]}一项{rounded_text(float(last[term]), 1, signed=True)}万人"
        )
    listed = "，".join(f"{row['项目']}{rounded_text(float(row['变化']), 1, signed=True)}万人" for row in frame.to_dict("records"))
    return Figure(
        id="fig-changes-forecast",
        title=title,
        subtitle=f"{found.later}年度版与{found.earlier}年度版对{year}年末常住人口的预测之差及其分解（万人）",
        alt=f"瀑布图，自上而下每一项从上一项的终点接起，末行为合计。{listed}。",
        frame=frame,
        draw=lambda layout: waterfall_chart(
            frame, layout, category="项目", value="变化", total=total, colour=COLOURS["forecast"], total_colour=COLOURS["actual"],
            unit="万人",
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=(found.earlier, found.later),
        source_ids=_forecast_sources(report),
        notes=("向右为上调，向左为下调；死亡一项以对人口的影响计。各年的分解见下表。",),
        indicator_ids=("resident_population",),
    )


def _assumptions(report: Report, found: EditionChanges) -> Note:
    then, now = forecast_assumptions(report.ledger.for_edition(found.earlier)), forecast_assumptions(report.ledger)
    lines = [f"- {name}：{then[name]} → {now[name]}" if then[name] != now[name] else f"- {name}：{now[name]}，没有改变" for name in now]
    return Note("两版预测的依据", "\n".join(lines))


_METHOD = Note(
    "怎样分解",
    "以本版最后一个公布年为界。新起点：该年的公布数减上版对该年的预测。出生、死亡、净迁入：两版队列要素推算在此后各年的累计之差。"
    "其他模型：组合预测超出队列要素推算的部分在两版之间的变化。五项恒等于总变化，没有余项。",
)


def _add_up(table: pd.DataFrame) -> pd.DataFrame:
    """Round so that the printed terms add up to the printed change.

    The model, itself what the other terms leave, takes the dust; the new jump-off stays the same in every year.
    """
    printed = table.astype({"year": "int64"}).round(dict.fromkeys(("before", "after", *TERMS), 1))
    printed["change"] = (printed["after"] - printed["before"]).round(1)
    printed["model"] = (printed["change"] - printed[list(TERMS[:-1])].sum(axis=1)).round(1)
    return printed


def _forecast_fact(report: Report, found: EditionChanges, what: str, year: int, value: float) -> Fact:
    label = {
        "before": f"{found.earlier}年度版{year}年常住人口预测",
        "after": f"{found.later}年度版{year}年常住人口预测",
        "change": f"{year}年常住人口预测的变化",
    }.get(what, f"{year}年常住人口预测变化中的{TERM_NAMES.get(what, what)}")
    shown = _add_up(found.forecast[found.forecast["year"] == year])
    return report.fact(
        f"fact-changes-forecast-{what.replace('_', '-')}-{year}-{found.earlier}-{found.later}", label,
        float(shown.iloc[0][what]), "万人", 1, year=year, basis="resident", source_ids=_forecast_sources(report),
        derivation="" if what in ("before", "after") else f"{found.later}年度版 − {found.earlier}年度版",
    )  # fmt: skip


def _forecast_sources(report: Report) -> tuple[str, ...]:
    found = report.ledger.latest("resident_population", report.region_id)
    return () if found is None else (found.source_id,)


def _count(report: Report, found: EditionChanges, what: str, label: str, number: int, unit: str) -> Fact:
    return report.fact(
        f"fact-changes-{what}-{found.earlier}-{found.later}", f"{found.later}年度版比{found.earlier}年度版：{label}", number, unit, 0,
        year=found.later,
    )  # fmt: skip


def _cut_off(report: Report, edition: int) -> str:
    return date_words(str(report.ledger.editions[edition].cut_off), "day")


def _between(place: str) -> str:
    return f"在{place.replace('/', '、')}年之间断开" if place else "不断开"


def _break_subject(report: Report, indicator_id: str, region_id: str) -> str:
    region = report.ledger.regions[region_id].name_zh if region_id and region_id != report.region_id else ""
    indicator = report.ledger.indicators[indicator_id].name_zh if indicator_id else "各项指标"
    return f"{region}{indicator}"


def _vintage(vintage: str) -> str:
    return VINTAGES_ZH.get(vintage, vintage)
