"""Tables: printed cells, HTML with proper heads, and the plain CSV behind every exhibit."""

from __future__ import annotations

import csv
import html
import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from popbook.exhibits.fonts import text_width
from popbook.exhibits.inline import inline_html, plain_text
from popbook.exhibits.model import NOT_PUBLISHED, Column, Table
from popbook.exhibits.theme import STATUS_CLASSES, STATUS_SHAPES
from popbook.monitoring.rounding import rounded_text

# A text column whose cells are all this short stays on one line, also on a phone; with a longer cell it keeps a
# readable width, and the table scrolls instead. The names of the rows may be longer where the page is wide.
MEDIUM_TEXT = 8
NAME_TEXT = 12
LONG_TEXT = 24
# A column's name up to this many Chinese characters wide is never broken.
WHOLE_LABEL = 5.1
_PRINTED_NUMBER = re.compile(r"[+−-]?\d+(\.\d+)?")
_COLUMN_CLASSES = {
    "numeric": "pb-num",
    "emphasis": "pb-strong",
    "short": "pb-short",
    "name": "pb-name",
    "medium": "pb-medium",
    "long": "pb-long",
}
FORMULA_SIGNS = ("=", "@", "+", "-", "\t", "\r")


def is_missing(value: object) -> bool:
    """Whether a cell holds no value."""
    return (
        value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)) or value is pd.NaT
    )


def plain_value(value: Any) -> str:
    """Return a cell as it is written to CSV: shortest exact decimal, empty for missing.

    Examples
    --------
    >>> plain_value(0.1 + 0.2), plain_value(2024.0), plain_value(float("nan")), plain_value("−0.76")
    ('0.3', '2024', '', '-0.76')
    """
    if is_missing(value):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        # A printed number ("−0.76", "+9.4") is a number again in a file.
        text = plain_text(value)
        return text.replace("−", "-").removeprefix("+") if _PRINTED_NUMBER.fullmatch(text) else text
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.10g}"


def neutral_text(text: str) -> str:
    """Return text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> neutral_text("=1+1"), neutral_text("-3.5"), neutral_text("常住")
    ("'=1+1", '-3.5', '常住')
    """
    if not text.startswith(FORMULA_SIGNS):
        return text
    try:
        float(text)
    except ValueError:
        return "'" + text
    return text


def frame_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV text: UTF-8 text, LF, header row, empty for missing, no formulas.

    Examples
    --------
    >>> frame_csv(pd.DataFrame({"年份": [2024], "常住人口（万人）": [1262.4]}))
    '年份,常住人口（万人）\\n2024,1262.4\\n'
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([neutral_text(str(name)) for name in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        writer.writerow([neutral_text(plain_value(value)) for value in row])
    return buffer.getvalue()


def table_data(table: Table) -> pd.DataFrame:
    """Return the values of a table under its printed heads (with units), for download."""
    keys = [column.key for column in table.columns]
    extra = [key for key in (table.group_by, table.status_column) if key and key not in keys]
    heads = {column.key: _head(column) for column in table.columns}
    heads |= {table.group_by: "组", table.status_column: "状态"} if extra else {}
    frame = table.frame[[*extra, *keys]]
    return frame.set_axis([heads.get(key, key) for key in frame.columns], axis=1)


def _head(column: Column) -> str:
    group = f"{column.group} " if column.group else ""
    return f"{group}{column.label}" + (f"（{column.unit}）" if column.unit else "")


def print_number(value: object, column: Column, missing: str = "unpublished") -> str:
    """Return one cell as readers see it.

    Examples
    --------
    >>> print_number(-0.04, Column("a", "差", decimals=1, signed=True))
    '0.0'
    >>> print_number(None, Column("a", "差", decimals=1))
    '未公布'
    """
    if is_missing(value):
        return NOT_PUBLISHED if missing == "unpublished" and column.decimals is not None else ""
    if column.decimals is None or isinstance(value, str):
        return str(value) if isinstance(value, str) else plain_value(value)
    number = float(value)  # type: ignore[arg-type]
    return rounded_text(number, column.decimals, column.signed)


def table_cells(table: Table) -> dict[str, Any]:
    """Return a table as JSON-able columns and printed rows.

    Returns
    -------
    dict
        ``columns`` (label, unit, group, numeric, emphasis, status) and ``rows`` (group, cells: list of str).
    """
    columns = [
        {
            "key": column.key,
            "label": column.label,
            "unit": column.unit,
            "group": column.group,
            "numeric": column.decimals is not None,
            "emphasis": column.emphasis,
            "status": column.key == table.status_column,
        }
        for column in table.columns
    ]
    rows: list[dict[str, Any]] = []
    for record in table.frame.to_dict("records"):
        cells = [print_number(record[column.key], column, table.missing) for column in table.columns]
        group = record[table.group_by] if table.group_by else ""
        rows.append({"group": "" if is_missing(group) else str(group), "cells": cells})
    for i, column in enumerate(columns):
        longest = max((len(plain_text(row["cells"][i])) for row in rows), default=0)
        column["short"] = 0 < longest <= MEDIUM_TEXT and not column["numeric"]
        column["name"] = i == 0 and MEDIUM_TEXT < longest <= NAME_TEXT and not column["numeric"]
        column["medium"] = MEDIUM_TEXT < longest <= LONG_TEXT and not column["numeric"] and not column["name"]
        column["long"] = longest > LONG_TEXT
    return {"columns": columns, "rows": rows}


def status_html(word: str) -> str:
    """Return a status as a badge: shape and word first, colour second.

    Examples
    --------
    >>> status_html("有望")
    '<span class="pb-status pb-status-likely"><span class="pb-shape" aria-hidden="true">◆</span>有望</span>'
    """
    kind, shape = STATUS_CLASSES.get(word, "unassessed"), STATUS_SHAPES.get(word, "□")
    return (
        f'<span class="pb-status pb-status-{kind}"><span class="pb-shape" aria-hidden="true">{shape}</span>'
        f"{html.escape(word)}</span>"
    )


def cells_html(
    cells: Mapping[str, Any],
    caption: str,
    *,
    hidden_caption: bool = False,
    numbers: Mapping[str, str] | None = None,
    root: str = "",
) -> str:
    """Return columns and rows (:func:`table_cells`) as an HTML table inside its scroll frame.

    Parameters
    ----------
    cells
        Columns and rows.
    caption
        HTML of the caption.
    hidden_caption
        Whether the caption is for screen readers only.
    numbers, root
        As in :func:`popbook.exhibits.inline.inline_html`.
    """
    columns = cells["columns"]
    hidden = ' class="pb-hidden"' if hidden_caption else ""
    label = html.escape(plain_text(_strip_tags(caption)))
    parts = [
        f'<div class="pb-scroll" tabindex="0" role="region" aria-label="{label}">',
        f'<table class="pb-table"><caption{hidden}><span class="pb-caption">{caption}</span></caption>',
        f"<thead>{_head_rows(columns)}</thead>",
    ]
    group = ""
    body: list[str] = []
    classes = [_classes(column) for column in columns]
    for i, row in enumerate(cells["rows"]):
        if row["group"] != group or i == 0:
            if body:
                parts.append(f"<tbody>{''.join(body)}</tbody>")
                body = []
            group = row["group"]
            if group:
                body.append(
                    f'<tr class="pb-group"><th scope="rowgroup" colspan="{len(columns)}">'
                    f"{inline_html(group, numbers, root)}</th></tr>"
                )
        body.append(_body_row(columns, classes, row["cells"], numbers, root))
    parts.append(f"<tbody>{''.join(body)}</tbody></table></div>")
    return "".join(parts)


def _strip_tags(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


def _head_rows(columns: Sequence[Mapping[str, Any]]) -> str:
    def head(column: Mapping[str, Any], rowspan: int) -> str:
        unit = f'<span class="pb-unit">（{html.escape(column["unit"])}）</span>' if column["unit"] else ""
        span = f' rowspan="{rowspan}"' if rowspan > 1 else ""
        label = html.escape(column["label"])
        if text_width(column["label"], 1) <= WHOLE_LABEL:
            label = f'<span class="pb-whole">{label}</span>'
        return f'<th scope="col"{span}{_classes(column)}>{label}{unit}</th>'

    if not any(column["group"] for column in columns):
        return "<tr>" + "".join(head(column, 1) for column in columns) + "</tr>"
    upper, lower, i = [], [], 0
    while i < len(columns):
        group = columns[i]["group"]
        if not group:
            upper.append(head(columns[i], 2))
            i += 1
            continue
        span = 1
        while i + span < len(columns) and columns[i + span]["group"] == group:
            span += 1
        upper.append(f'<th scope="colgroup" class="pb-span" colspan="{span}">{html.escape(group)}</th>')
        lower += [head(column, 1) for column in columns[i : i + span]]
        i += span
    return f"<tr>{''.join(upper)}</tr><tr>{''.join(lower)}</tr>"


def _classes(column: Mapping[str, Any]) -> str:
    names = [name for key, name in _COLUMN_CLASSES.items() if column.get(key)]
    return f' class="{" ".join(names)}"' if names else ""


def _body_row(
    columns: Sequence[Mapping[str, Any]],
    classes: Sequence[str],
    cells: Sequence[str],
    numbers: Mapping[str, str] | None,
    root: str,
) -> str:
    parts = []
    for i, (column, shown, text) in enumerate(zip(columns, classes, cells, strict=True)):
        if column["status"] and text:
            content = status_html(text)
        elif text == NOT_PUBLISHED:
            content = f'<span class="pb-missing">{NOT_PUBLISHED}</span>'
        else:
            content = inline_html(text, numbers, root)
        tag = '<th scope="row"' if i == 0 else "<td"
        parts.append(f"{tag}{shown}>{content}{'</th>' if i == 0 else '</td>'}")
    return f"<tr>{''.join(parts)}</tr>"


def csv_cells(text: str) -> dict[str, Any]:
    """Return CSV text as columns and rows for :func:`cells_html`; a column of numbers is right-aligned."""
    head, *body = list(csv.reader(io.StringIO(text)))

    def numeric(index: int) -> bool:
        values = [row[index] for row in body if row[index] not in ("", NOT_PUBLISHED)]
        return bool(values) and all(_is_number(value) for value in values)

    columns = [
        {
            "key": name,
            "label": name,
            "unit": "",
            "group": "",
            "numeric": numeric(i),
            "emphasis": False,
            "status": False,
        }
        for i, name in enumerate(head)
    ]
    rows = [
        {"group": "", "cells": [cell.replace("-", "−") if _is_number(cell) else cell for cell in row]}
        for row in body
    ]
    return {"columns": columns, "rows": rows}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
