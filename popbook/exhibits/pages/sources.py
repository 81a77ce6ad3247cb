"""Where the figures come from: the sources an edition uses, and which of several published values is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.citations import source_words
from popbook.exhibits.model import Column, Note, Section, Table
from popbook.exhibits.pages.counts import count
from popbook.ledger.model import Indicator, Source
from popbook.ledger.store import Ledger
from popbook.ledger.visibility import METHOD_INPUTS, visible_rows
from popbook.monitoring.rounding import rounded_text

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

KINDS_ZH = {
    "plan": "规划",
    "census": "人口普查",
    "bulletin": "统计公报",
    "yearbook": "统计年鉴",
    "bureau": "部门发布",
    "dataset": "数据集",
    "news": "新闻报道",
}
#: Vintage labels of the ledger as readers see them; a label of a later year without an entry is shown as it stands.
VINTAGES_ZH = {
    "first-published": "首次公布",
    "first-published-2000-base": "首次公布（五普基础）",
    "rebased-2010-census": "按六普修订",
    "rebased-2020-census": "按七普修订",
    "annual-survey-on-2020-census": "年度调查（七普基础）",
    "census-2000": "五普",
    "census-2010": "六普",
    "census-2020": "七普",
    "plan-2021": "规划",
    "yearbook": "年鉴",
    "revised-2018-economic-census": "按第四次经济普查修订",
}
#: The monitored plan; its tables under data/plan/ name no source because they have only this one.


@dataclass(frozen=True)
class SourceUse:
    """What an edition uses one source for.

    Parameters
    ----------
    source
        The source.
    observations
        Rows of the ledger that name it.
    tables
        Titles of the other tables that name it, in the order of the descriptor.
    is_method
        Whether only method inputs use it.
    """

    source: Source
    observations: int
    tables: tuple[str, ...]
    is_method: bool


def sources_used(ledger: Ledger) -> list[SourceUse]:
    """List the sources that any row of the edition names, and for what.

    Parameters
    ----------
    ledger
        The ledger of an edition.

    Returns
    -------
    list of SourceUse
        By source id.
    """
    counts = ledger.observations["source_id"].value_counts()
    uses: dict[str, list[str]] = {source_id: [] for source_id in counts.index}
    facts = set(counts.index)
    for resource in ledger.package.resources.values():
        if resource.name in ("observations", "sources") or "source_id" not in resource.dtypes():
            continue
        method = resource.name in METHOD_INPUTS
        named = set(visible_rows(ledger, resource.name)["source_id"].dropna())
        for source_id in named:
            if method or _is_known(ledger, source_id):
                uses.setdefault(source_id, []).append(resource.title)
                facts |= set() if method else {source_id}
    plan_source = ledger.plan.document.source_id
    if plan_source in ledger.sources:
        uses.setdefault(plan_source, []).append("规划全文")
        facts.add(plan_source)
    return [
        SourceUse(
            ledger.sources[source_id], int(counts.get(source_id, 0)), tuple(uses[source_id]), source_id not in facts
        )
        for source_id in sorted(uses)
    ]


def sources(report: Report) -> tuple[Section, ...]:
    """Return the sections of the sources page: list, selection rule with conflicts, revisions.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    tuple of Section
    """
    return used(report), conflicts(report), revisions(report)


def used(report: Report) -> Section:
    """Return the section that lists the sources by official title and publisher."""
    ledger = report.ledger
    listing = sources_used(ledger)
    kinds = list(KINDS_ZH)
    listing.sort(key=lambda use: (use.is_method, kinds.index(use.source.kind), use.source.published))
    rows = []
    for use in listing:
        named = [f"观测值{use.observations}个"] if use.observations else []
        rows.append(
            {
                "kind": "方法参数（不含本市实际数）" if use.is_method else KINDS_ZH[use.source.kind],
                "source": source_words(use.source),
                "use": "；".join([*named, "、".join(use.tables)] if use.tables else named),
                "source_id": f"`{use.source.source_id}`",
            }
        )
    frame = pd.DataFrame(rows)
    table = Table(
        id="tbl-sources",
        title=f"本版采用的{len(frame)}种资料",
        frame=frame,
        columns=(
            Column("source", "发布单位、资料名称和发布日期"),
            Column("use", "用于"),
            Column("source_id", "标识"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(),  # the rows are the sources
        notes=(
            "发布日期只知到月或年的，分别按当月、当年最后一天计入截止日的判断；“不晚于”表示只知最迟的公开日期。",
            "方法参数是年龄模式、参照死亡率、预警界限等，不含本市的实际数，发布日期可以晚于截止日。",
        ),
        group_by="kind",
        missing="blank",
    )
    return Section(
        "sources-used",
        f"本版采用{count(report, 'source', '本版采用的资料', len(frame), '种')}资料",
        "资料按正式名称和发布单位列出。实际数都在截止日以前公布。",
        (table,),
    )


SELECTION_RULE = (
    "1. 可信度A、B级的数先于C级的数。\n"
    "2. 同为A、B级，取发布日期最晚的数。\n"
    "3. 发布日期相同，A级先于B级。\n"
    "4. 仍相同，按来源标识的字母顺序取第一个，使结果不随行序改变。"
)


def conflicts(report: Report) -> Section:
    """Return the section with the selection rule and every conflict between sources of one vintage."""
    rows = _rivals(report.ledger, "conflict")
    number = len(rows[["indicator_id", "region_id", "year"]].drop_duplicates())
    rule = Note("同一指标、同一地区、同一年有几个公布数时怎样选", SELECTION_RULE)
    if not number:
        return Section(
            "sources-conflicts", "本版资料之间没有冲突的数", "同一版次内，同一个数没有两种说法。", (rule,)
        )
    table = _rivals_table(report, rows, "tbl-source-conflicts", f"来源之间的冲突：{number}处，各数都保留，选用一个")
    return Section(
        "sources-conflicts",
        f"来源之间有{count(report, 'source-conflict', '来源之间的冲突', number, '处')}冲突，按同一规则选用",
        "冲突的数都留在台账里，选用规则公开，读者可以改选后重算。",
        (table, rule),
    )


def revisions(report: Report) -> Section:
    """Return the section with every value that a later vintage replaced."""
    rows = _rivals(report.ledger, "revision")
    number = len(rows[["indicator_id", "region_id", "year"]].drop_duplicates())
    if not number:
        return Section(
            "sources-revisions",
            "本版没有经过修订的数",
            "截止日以前没有查到对先前公布数的修订。",
        )
    table = _rivals_table(report, rows, "tbl-revisions", f"修订：{number}个数有不同版次")
    return Section(
        "sources-revisions",
        f"{count(report, 'revision', '有不同版次的数', number, '个')}数有不同版次，采用最近公布的一个",
        "版次不同的数编制基础不同，不能连成一条线；需要旧数列时按版次取用。",
        (table,),
    )


def _rivals(ledger: Ledger, kind: str) -> pd.DataFrame:
    rivals = ledger.conflicts()
    return rivals[rivals["kind"] == kind].reset_index(drop=True)


def _rivals_table(report: Report, rows: pd.DataFrame, table_id: str, title: str) -> Table:
    ledger = report.ledger
    cells = []
    for row in rows.to_dict("records"):
        indicator = ledger.indicators[row["indicator_id"]]
        source = ledger.sources[row["source_id"]]
        cells.append(
            {
                "what": f"{ledger.regions[row['region_id']].name_zh}{row['year']}年{_name_with_unit(indicator)}".replace("年年末", "年末"),
                "value": rounded_text(float(row["value"]), indicator.decimals),
                "used": "采用" if row["used"] else "",
                "vintage": VINTAGES_ZH.get(row["vintage"], row["vintage"]),
                "confidence": row["confidence"],
                "source": source_words(source),
            }
        )
    frame = pd.DataFrame(cells)
    return Table(
        id=table_id,
        title=title,
        frame=frame,
        columns=(
            Column("value", "公布值"),
            Column("used", "采用"),
            Column("confidence", "可信度"),
            Column("source", "来源"),
            Column("vintage", "版次"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in rows["year"]})),
        source_ids=(),  # each row names its own
        indicator_ids=tuple(sorted(set(rows["indicator_id"]))),
        group_by="what",
        missing="blank",
    )


def _name_with_unit(indicator: Indicator) -> str:
    unit = indicator.unit.replace("-", "")
    return f"{indicator.name_zh}（{unit}）" if unit else indicator.name_zh


def _is_known(ledger: Ledger, source_id: str) -> bool:
    source = ledger.sources.get(source_id)
    return source is not None and (ledger.cut_off is None or source.published <= ledger.cut_off)
