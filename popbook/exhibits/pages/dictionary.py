"""The data dictionary: every indicator, every table and every column of the edition, from the descriptor itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.model import NOT_PUBLISHED, Column, Section, Table
from popbook.exhibits.pages.counts import count
from popbook.exhibits.phrases import year_spans
from popbook.ledger.datapackage import Field
from popbook.ledger.model import Indicator
from popbook.ledger.visibility import visible_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from popbook.exhibits.report import Report

BASIS_SHORT = {
    "resident": "常住",
    "hukou": "户籍",
    "floating": "流动",
    "census": "普查",
}
REFERENCE_SHORT = {
    "year_end": "年末",
    "census_day": "时点",
    "survey_year": "调查年度",
    "calendar_year": "全年",
}
TYPES_ZH = {
    "string": "文字",
    "integer": "整数",
    "year": "年份",
    "number": "数字",
    "date": "日期",
    "boolean": "是或否",
}


def allowed_values(field: Field) -> str:
    """Say in Chinese which values the descriptor allows in a column.

    Parameters
    ----------
    field
        Column of a resource of datapackage.json.

    Returns
    -------
    str
        For example ``必填；P、R、E``; "" where everything of the type is allowed.

    Examples
    --------
    >>> allowed_values(Field("value", "number", "", "", {"required": True, "minimum": 0}))
    '必填；不小于0'
    """
    rules = field.constraints
    parts = []
    if rules.get("required"):
        parts.append("必填")
    if "enum" in rules:
        codes = [f"`{code}`" for code in rules["enum"] if code != ""]
        parts.append("、".join(codes) + ("或空" if "" in rules["enum"] else ""))
    low, high = rules.get("minimum"), rules.get("maximum")
    if low is not None and high is not None:
        parts.append(f"{low}—{high}")
    elif low is not None:
        parts.append(f"不小于{low}")
    elif high is not None:
        parts.append(f"不大于{high}")
    if rules.get("unique"):
        parts.append("不重复")
    return "；".join(parts)


def dictionary(report: Report) -> tuple[Section, ...]:
    """Return the sections of the data dictionary: indicators, tables, columns.

    Parameters
    ----------
    report
        The edition; coverage counts only what it may know.

    Returns
    -------
    tuple of Section
    """
    return indicators(report), tables(report), fields(report)


def indicators(report: Report) -> Section:
    """Return the section that lists every indicator with unit, concept, definition and the years at hand."""
    ledger = report.ledger
    levels = ledger.observations["region_id"].map({key: region.level for key, region in ledger.regions.items()})
    known = ledger.observations.groupby([levels, "indicator_id"])["year"].unique().to_dict()
    rows = [
        {
            "group": item.group,
            "name": item.name_zh,
            "concept": _concept(item),
            "definition": f"{item.definition} `{item.indicator_id}`",
            "years": _coverage(
                known.get(("city", item.indicator_id), ()), known.get(("district", item.indicator_id), ())
            ),
            "indicator_id": item.indicator_id,
        }
        for item in map(ledger.indicators.get, visible_rows(ledger, "indicators")["indicator_id"])
        if item is not None
    ]
    frame = pd.DataFrame(rows)
    # The plan's own fields first, in its order; then the groups the plan does not have.
    groups = dict.fromkeys([*ledger.plan.targets["field_zh"], *frame["group"]])
    order = {group: number for number, group in enumerate(groups)}
    frame = frame.sort_values("group", key=lambda column: column.map(order), kind="stable", ignore_index=True)
    unpublished = int(frame["years"].str.startswith(NOT_PUBLISHED).sum())
    table = Table(
        id="tbl-indicators",
        title=f"指标表：{len(frame)}项指标的单位、口径、定义和本版年份",
        frame=frame,
        columns=(
            Column("name", "指标"),
            Column("concept", "单位和口径"),
            Column("definition", "定义和标识"),
            Column("years", "数据年份"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(),
        notes=(
            "调查年度指上年11月1日至当年10月31日，普查时点为11月1日零时。",
            "年份先列全市，再列区县市。“未公布”指到本版截止日没有查到全市的公布数。年份之间的空缺同样是未公布，不作内插。",
        ),
        group_by="group",
        missing="blank",
    )
    total = count(report, "indicator", "台账中的指标", len(frame), "项")
    heading = f"指标：{total}，每项一个单位、一个口径"
    lead = "口径不同的数另立指标，不在同一指标内混用。"
    if unpublished:
        missing = count(report, "indicator-unpublished", "没有全市公布数的指标", unpublished, "项")
        lead += f"本版有{missing}没有全市公布数。"
    return Section("dictionary-indicators", heading, lead, (table,))


def _concept(item: Indicator) -> str:
    stated = BASIS_SHORT.get(item.basis, "") + REFERENCE_SHORT.get(item.reference, "")
    unclear = [
        word for word, key in (("口径", item.basis), ("时点", item.reference)) if key == "unstated"
    ]
    parts = [item.unit.replace("-", ""), stated, f"{'和'.join(unclear)}未说明" if unclear else ""]
    return "，".join(filter(None, parts))


def _coverage(city: Iterable[int], districts: Iterable[int]) -> str:
    spans = year_spans(city) or NOT_PUBLISHED
    below = year_spans(districts)
    return f"{spans}；区县市{below}" if below else spans


def tables(report: Report) -> Section:
    """Return the section that lists the data files and how many rows this edition sees."""
    ledger = report.ledger
    rows = [
        {
            "title": resource.title,
            "description": f"{resource.description} `{resource.path}`",
            "path": resource.path,
            "key": "、".join(f"`{name}`" for name in resource.primary_key),
            "rows": len(visible_rows(ledger, resource.name)),
        }
        for resource in ledger.package.resources.values()
    ]
    table = Table(
        id="tbl-data-tables",
        title=f"数据表：{len(rows)}个CSV文件",
        frame=pd.DataFrame(rows),
        columns=(
            Column("title", "数据表"),
            Column("description", "内容和文件"),
            Column("key", "主键"),
            Column("rows", "本版可见行数", decimals=0),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(),
        notes=("文件为UTF-8编码、逗号分隔，空格即缺失。全部文件由 `datapackage.json`（Frictionless 数据包）描述。",),
        missing="blank",
    )
    return Section(
        "dictionary-tables",
        f"数据表：{count(report, 'data-table', '数据表', len(rows), '个')}文件",
        "台账只增不改。年度版只看见截止日以前公布的行，可见行数因版而异。",
        (table,),
    )


def fields(report: Report) -> Section:
    """Return the section that lists every column of every data file."""
    rows = [
        {
            "table": f"{resource.title}（{resource.path}）",
            "field": f"`{field.name}`",
            "description": f"**{field.title}** {field.description}",
            "allowed": "；".join(filter(None, (TYPES_ZH.get(field.type, field.type), allowed_values(field)))),
        }
        for resource in report.ledger.package.resources.values()
        for field in resource.fields
    ]
    table = Table(
        id="tbl-data-fields",
        title=f"字段表：{len(rows)}个字段",
        frame=pd.DataFrame(rows),
        columns=(
            Column("field", "字段"),
            Column("description", "名称和说明"),
            Column("allowed", "类型和取值"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(),
        group_by="table",
        missing="blank",
    )
    return Section(
        "dictionary-fields",
        f"字段：{count(report, 'data-field', '数据表的字段', len(rows), '个')}",
        "字段、类型和取值与数据检查所用的描述文件一致。",
        (table,),
    )
