"""Words and tables of a pandoc tree as markup of typst.

A report has ten thousand cells; written here, they need not be carried to pandoc, and read and written there, one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from popbook.exhibits.inline import RANGE
from popbook.publishing.documents.exhibit_blocks import status_kind
from popbook.publishing.documents.tree import Node, raw_inline
from popbook.publishing.documents.widths import breakable

BREAK = "\\u{200b}"
_MARKUP = re.compile(r"[!-/:-@\[-`{-~\u2010-\u2027\u200b]|^\s|\s$")
_SPANS = {"heading-number": "pb-number", "exhibit-number": "pb-exhibit-number", "missing": "pb-missing"}
_SIDES = {"AlignLeft": "left", "AlignRight": "right", "AlignCenter": "center"}


def quoted(words: str) -> str:
    """Return words as a string of typst; nothing in it is markup.

    Examples
    --------
    >>> quoted('#import "x"')
    '"#import \\\\"x\\\\""'
    """
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ")
    return f'"{escaped}"'


def words_inlines(words: str) -> list[Node]:
    """Return words, with the ranges in them ("15—59岁") in one piece."""
    made: list[Node] = []
    last = 0
    for match in RANGE.finditer(words):
        made += [_literal(words[last : match.start()])] if match.start() > last else []
        made.append(raw_inline("typst", f"#box({quoted(match.group())});"))
        last = match.end()
    return [*made, _literal(words[last:])] if last < len(words) else made


def _literal(words: str) -> Node:
    if _MARKUP.search(words):
        return raw_inline("typst", literal(words))
    return {"t": "Str", "c": words}


def literal(words: str) -> str:
    """Return words as they are, breaking also within long names.

    Examples
    --------
    >>> literal("*")
    '#"*";'
    """
    parts = [quoted(part)[1:-1] for part in breakable(words)]
    return f'#"{BREAK.join(parts)}";'


def span_call(node: Node) -> str:
    """Return the function of the style sheet that sets a span, or "" if none does."""
    kind = status_kind(node)
    if kind:
        return f"pb-status({quoted(kind)})"
    (_, classes, _), _ = node["c"]
    return next((_SPANS[name] for name in classes if name in _SPANS), "")


def table_markup(table: Node) -> str | None:
    """Return a table, or None if a cell holds what only pandoc can write, such as a formula.

    Parameters
    ----------
    table
        Table with heads; each cell is a block of words.
    """
    _, _, columns, (_, heads), ((_, _, _, rows),), _ = table["c"]
    try:
        head = ", ".join(_cell(cell) for _, cells in heads for cell in cells)
        body = "\n".join(_row(cells) for _, cells in rows)
    except _NotWords:
        return None
    shares = ", ".join(f"{width['c']:.2%}" for _, width in columns)
    sides = ", ".join(_SIDES[side["t"]] for side, _ in columns)
    return (
        f"#figure(\n  align(center)[#table(\n    columns: ({shares},),\n    align: ({sides},),\n"
        f"    table.header({head}),\n    table.hline(),\n{body}\n  )]\n  , kind: table\n  )"
    )


class _NotWords(Exception):
    """A cell holds more than words."""


def _row(cells: Sequence[Any]) -> str:
    _, _, _, columns, _ = cells[0]
    made = ", ".join(_cell(cell) for cell in cells)
    # A row that heads a group is a head of the second level: it never stands alone at the foot of a page.
    return f"    table.header(level: 2, repeat: false, {made})," if columns > 1 else f"    {made},"


def _cell(cell: Any) -> str:
    _, side, rows, columns, (block,) = cell
    (_, classes, _), (content,) = block["c"]
    words = _inlines(content["c"])
    call = next((name for name in classes if name.startswith("pb-")), "")
    body = f"[#{call}[{words}]]" if call else f"[{words}]"
    options = [
        *([f"align: {_SIDES[side['t']]}"] if side["t"] in _SIDES else []),
        *([f"colspan: {columns}"] if columns > 1 else []),
        *([f"rowspan: {rows}"] if rows > 1 else []),
    ]
    return f"table.cell({', '.join(options)}){body}" if options else body


def _inlines(inlines: Iterable[Node]) -> str:
    made = []
    for node in inlines:
        kind, content = node["t"], node.get("c", "")
        if kind == "Str":
            made += [each["c"] if each["t"] == "Str" else each["c"][1] for each in words_inlines(content)]
        elif kind == "Code":
            made.append(f"#pb-code[{literal(content[1])}]")
        elif kind == "Space":
            made.append(" ")
        elif kind == "LineBreak":
            made.append("#linebreak();")
        elif kind == "Strong":
            made.append(f"#strong[{_inlines(content)}]")
        elif kind == "Span":
            call = span_call(node)
            made.append(f"#{call}[{_inlines(content[1])}]" if call else _inlines(content[1]))
        elif kind == "Link":
            _, words, (target, _) = content
            place = f"label({quoted(target[1:])})" if target.startswith("#") else quoted(target)
            made.append(f"#link({place})[{_inlines(words)}]")
        else:
            raise _NotWords
    return "".join(made)
