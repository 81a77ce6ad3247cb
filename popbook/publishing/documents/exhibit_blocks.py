"""Figures and tables as pandoc blocks: what the page shows of them, in the order print has it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from popbook.exhibits.fonts import text_width
from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import NOT_PUBLISHED
from popbook.exhibits.render import SHOWN_SOURCES
from popbook.exhibits.theme import STATUS_CLASSES, STATUS_SHAPES
from popbook.publishing.documents.markup import Converter
from popbook.publishing.documents.tree import (
    Node,
    cell,
    div,
    image,
    link,
    para,
    plain,
    span,
    strong,
    table,
    text,
)
from popbook.publishing.documents.widths import PADDING, SIZES, TEXT_WIDTH, column_widths

MOST_HEIGHT = 500.0
"""Most height of a drawing in points; a taller one is set smaller, so that caption and notes stay on its page."""

FLOATS_FROM = 270.0
"""A drawing at least this high, in points, goes to the head or the foot of a page and the text runs on beside it: kept in
its place it would leave half a page empty whenever it does not fit."""

KEPT_TOGETHER = 330.0
"""A table lower than this, in points, is not broken between two pages."""

FLOAT_FRAME = "pb-float-frame"
"""Class of a figure that floats."""

_SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')


def drawing_size(svg: str, width: float = TEXT_WIDTH, most: float = MOST_HEIGHT) -> tuple[float, float]:
    """Return width and height in points at which a drawing is set.

    Parameters
    ----------
    svg
        The drawing.
    width
        Width of the place it is set in, in points.
    most
        Most height in points.

    Examples
    --------
    >>> drawing_size('<svg width="680" height="340">', 440.0)
    (440.0, 220.0)
    """
    own_width, own_height = own_size(svg)
    ratio = own_height / own_width
    used = min(width, most / ratio)
    return used, used * ratio


def own_size(svg: str) -> tuple[float, float]:
    """Return width and height of a drawing in its own units.

    Raises
    ------
    ValueError
        If it does not say.

    Examples
    --------
    >>> own_size('<svg width="680" height="340">')
    (680.0, 340.0)
    """
    found = _SIZE.search(svg)
    if found is None:
        raise ValueError("the drawing has no size")
    return float(found[1]), float(found[2])


def exhibit_blocks(
    bundle: Mapping[str, Any], converter: Converter, *, identifier: str = "", address: str = ""
) -> list[Node]:
    """Return a figure or a table with caption, notes and sources.

    Parameters
    ----------
    bundle
        Exhibit as made by :meth:`popbook.exhibits.report.Report.bundle`, with its printed ``number``.
    converter
        Converter of the document.
    identifier
        Its name in the document, or "" where it already stands elsewhere.
    address
        Permanent address of its own page, or "".
    """
    caption = [
        span([text(bundle["number"])], "exhibit-number"),
        text("　"),
        *converter.inlines(bundle["title"]),
    ]
    if address:
        caption[0] = link([caption[0]], address)
    under = notes_blocks(bundle, converter)
    if bundle["kind"] == "figure":
        title = div([para(caption)], "pb-caption", custom_style="图题")
        body = [drawing(bundle), title, *under]
        if drawing_size(bundle["svg"]["wide"])[1] >= FLOATS_FROM:
            return [div(body, FLOAT_FRAME, identifier=identifier)]
    else:
        title = div([para(caption)], "pb-caption", custom_style="表题")
        body = [title, cells_block(bundle["cells"], converter), *under]
    return [div(body, f"pb-{bundle['kind']}-frame", identifier=identifier)]


def drawing(bundle: Mapping[str, Any], variant: str = "wide", width: float = TEXT_WIDTH) -> Node:
    """Return the drawing of a figure as a block.

    Parameters
    ----------
    bundle
        Figure.
    variant
        ``wide`` or ``narrow``.
    width
        Width in points of the place it is set in.
    """
    used, height = drawing_size(bundle["svg"][variant], width)
    name = f"{bundle['id']}.{variant}.svg"
    picture = image(bundle["alt"], name, width=f"{used:.1f}pt", height=f"{height:.1f}pt")
    return div([para([picture])], "pb-drawing", custom_style="图")


def notes_blocks(bundle: Mapping[str, Any], converter: Converter) -> list[Node]:
    """Return notes and sources of an exhibit, as :func:`popbook.exhibits.render.notes_html` words them."""
    notes = [converter.inlines(note) for note in bundle["notes"]]
    made = []
    if len(notes) == 1:
        made.append([text("注："), *notes[0]])
    elif notes:
        words: list[Node] = [text("注：")]
        for i, note in enumerate(notes, 1):
            words += [text(f"（{i}）"), *note]
        made.append(words)
    if len(bundle["sources"]) > SHOWN_SOURCES:
        publishers = "、".join(bundle["publishers"])
        made.append([text(f"资料来源：{publishers}，共{len(bundle['sources'])}种资料。")])
    elif bundle["sources_text"]:
        made.append([text(f"资料来源：{bundle['sources_text']}。")])
    return [div([para(words)], "pb-under", custom_style="图表注") for words in made]


def cells_block(
    cells: Mapping[str, Any],
    converter: Converter,
    keys: Sequence[str] = (),
    width: float = TEXT_WIDTH,
    sizes: Sequence[float] | None = None,
) -> Node:
    """Return columns and rows (:func:`popbook.exhibits.tables.table_cells`) as a table.

    Parameters
    ----------
    cells
        Columns and rows.
    converter
        Converter of the document.
    keys
        Columns to take, in print order; all if none is named.
    width
        Width in points.
    sizes
        Type sizes to try; the usual ones if not given.
    """
    known = [column["key"] for column in cells["columns"]]
    places = [known.index(key) for key in keys] if keys else list(range(len(known)))
    columns = [cells["columns"][i] for i in places]
    rows = [(row["group"], [row["cells"][i] for i in places]) for row in cells["rows"]]
    printed = [
        [
            _status_words(words) if column["status"] else plain_text(words)
            for column, words in zip(columns, row, strict=True)
        ]
        for _, row in rows
    ]
    heads = [column["label"] + (f"（{column['unit']}）" if column["unit"] else "") for column in columns]
    numeric = [bool(column["numeric"]) for column in columns]
    whole = [bool(column["numeric"] or column["status"]) for column in columns]
    fitted = column_widths(heads, printed, whole, width, SIZES if sizes is None else sizes)
    alignments = ["AlignRight" if number else "AlignLeft" for number in numeric]
    body: list[list[Any]] = []
    groups = 0
    for group, members in groupby(rows, key=lambda row: row[0]):
        if group:
            groups += 1
            body.append(
                [
                    cell(
                        [div([plain(converter.inlines(group))], "pb-group", custom_style="表格组名")],
                        columns=len(columns),
                    )
                ]
            )
        body += [_row(columns, row, converter) for _, row in members]
    height = fitted.height + groups * fitted.size * 1.9
    places_for_heads = [share * width - PADDING for share in fitted.shares]
    head = _head_rows(
        columns, [_head_inlines(*pair, fitted.size) for pair in zip(columns, places_for_heads, strict=True)]
    )
    made = table(list(zip(alignments, fitted.shares, strict=True)), head, body, "exhibit-table")
    kept = {"kept": "yes"} if height < KEPT_TOGETHER else {}
    return div([made], "pb-table", size=f"{fitted.size:g}", **kept)


def _status_words(word: str) -> str:
    return f"{STATUS_SHAPES.get(word, '□')}{word}" if word else ""


def status_inlines(word: str) -> list[Node]:
    """Return a status as shape and word, coloured by kind."""
    if not word:
        return []
    return [span([text(_status_words(word))], "status", f"status-{STATUS_CLASSES.get(word, 'unassessed')}")]


def is_table(node: Node) -> bool:
    """Whether a node is the table of an exhibit: it is set as a whole.

    Examples
    --------
    >>> is_table(div([], "pb-table")), is_table(para([]))
    (True, False)
    """
    return node["t"] == "Div" and "pb-table" in node["c"][0][1]


def status_kind(node: Node) -> str:
    """Return the kind of a status that a span shows (:func:`status_inlines`), or "" for any other span.

    Examples
    --------
    >>> status_kind(span([text("有风险")], "status", "status-risk")), status_kind(span([]))
    ('risk', '')
    """
    (_, classes, _), _ = node["c"]
    return next((name.removeprefix("status-") for name in classes if name.startswith("status-")), "")


def _row(columns: Sequence[Mapping[str, Any]], row: Sequence[str], converter: Converter) -> list[Any]:
    made = []
    for column, words in zip(columns, row, strict=True):
        if column["status"]:
            inlines = status_inlines(words)
        elif words == NOT_PUBLISHED:
            inlines = [span([text(words)], "missing")]
        else:
            inlines = converter.inlines(words)
        if column["emphasis"] and inlines and words != NOT_PUBLISHED:
            inlines = [strong(inlines)]
        style = "表格数字" if column["numeric"] else "表格文字"
        made.append(cell([div([plain(inlines)], custom_style=style)]))
    return made


def _head_inlines(column: Mapping[str, Any], place: float, size: float) -> list[Node]:
    """Return the head of a column; its unit goes to a line of its own where one line does not hold both."""
    label = text(column["label"])
    if not column["unit"]:
        return [label]
    unit = f"（{column['unit']}）"
    fits = text_width(column["label"] + unit, size, "bold") <= place
    return [text(column["label"] + unit)] if fits else [label, {"t": "LineBreak"}, text(unit)]


def _head_rows(columns: Sequence[Mapping[str, Any]], heads: Sequence[list[Node]]) -> list[list[Any]]:
    def head(i: int, rows: int = 1) -> list[Any]:
        align = "AlignRight" if columns[i]["numeric"] else "AlignLeft"
        style = "表头数字" if columns[i]["numeric"] else "表头"
        return cell([div([plain(heads[i])], "pb-head", custom_style=style)], rows=rows, align=align)

    places = range(len(columns))
    if not any(column["group"] for column in columns):
        return [[head(i) for i in places]]
    upper, lower = [], []
    for group, members in _runs(places, columns):
        if group:
            words = div([plain([text(group)])], "pb-head", custom_style="表头居中")
            upper.append(cell([words], columns=len(members), align="AlignCenter"))
            lower += [head(i) for i in members]
        else:
            upper += [head(i, rows=2) for i in members]
    return [upper, lower]


def _runs(places: Iterable[int], columns: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[int]]]:
    return [(str(group), list(run)) for group, run in groupby(places, key=lambda i: columns[i]["group"])]
