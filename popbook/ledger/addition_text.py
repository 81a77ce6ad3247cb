"""What an ingest adds to the ledger, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from popbook.ledger.ingest import AGAIN, NEW, REFERENCE, REVISION, Addition, NewRow
from popbook.ledger.model import STATUS_ZH
from popbook.ledger.template import PRECISION_ZH

KIND_HEADS = (
    (NEW, "新增的数"),
    (REVISION, "修订的数（原有的行不动，以后采用新行）"),
    (AGAIN, "另一来源的同一个数"),
    (REFERENCE, "只作参考的数（不改变采用的数）"),
)


def addition_text(addition: Addition) -> str:
    """Return the difference that an addition makes to the ledger.

    Parameters
    ----------
    addition : Addition
        From `popbook.ledger.ingest.plan_ingest`.

    Returns
    -------
    str
        Chinese lines, one for each row, without a line break at the end.
    """
    lines = [_summary(addition)]
    for kind, head in KIND_HEADS:
        rows = [row for row in addition.rows if row.kind == kind]
        if rows:
            lines += ["", f"{head}（{len(rows)}）", *(f"  {_row_text(row)}" for row in rows)]
    if addition.sources:
        lines += ["", f"新增的来源（{len(addition.sources)}）"]
        for source in addition.sources:
            precision = (
                "" if source["date_precision"] == "day" else f"（{PRECISION_ZH[source['date_precision']]}）"
            )
            lines.append(
                f"  {source['source_id']}  《{source['title']}》，{source['publisher']}，{source['published']}{precision}"
            )
    if addition.editions:
        lines += ["", f"新增的年度版（{len(addition.editions)}）"]
        lines += [f"  {e['edition']}年度版  截止日期 {e['cut_off']}  {e['title']}" for e in addition.editions]
    if addition.contents:
        lines += ["", f"写入的文件：{'，'.join(_files(addition))}"]
    return "\n".join(lines)


def _summary(addition: Addition) -> str:
    parts = [f"读到 {len(addition.rows) + addition.known} 个数"]
    if addition.known:
        parts.append(f"其中 {addition.known} 个台账已有，不重复写入")
    if addition.blanks:
        parts.append(f"{addition.blanks} 项没有填，仍为未公布")
    return "；".join(parts)


def _row_text(row: NewRow) -> str:
    cells = row.cells
    status = STATUS_ZH[cells["status"]]
    said = f"{row.indicator.name_zh}  {row.region.name_zh}  {cells['year']}年  {cells['value']}{row.indicator.unit}"
    parts = [said, *([status] if status else [])]
    if row.before is not None:
        value, mark, year = row.before
        before = f"{value:.10g}{mark}"
        parts.append(f"（{year}年 {before}）" if str(year) != cells["year"] else f"（现用 {before}）")
    parts.append(f"{cells['source_id']}  {cells['confidence']}级")
    if row.printed:
        parts.append(f"由 {row.printed} 换算")
    if cells["note"]:
        parts.append(f"说明：{cells['note']}")
    return "  ".join(parts)


def _files(addition: Addition) -> Iterable[str]:
    counts = {
        "sources.csv": len(addition.sources),
        "observations.csv": len(addition.rows),
        "editions.csv": len(addition.editions),
    }
    return (f"{name} 增 {counts[name]} 行" for name in addition.contents if name in counts)
