"""Building blocks of a pandoc tree, as the plain JSON that pandoc reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Node = dict[str, Any]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

API_VERSION = [1, 23, 1]
"""Version of pandoc's tree; pandoc refuses another one."""


def attributes(identifier: str = "", classes: Sequence[str] = (), **pairs: str) -> list[Any]:
    """Return the attributes of a node; underscores in names become hyphens.

    Examples
    --------
    >>> attributes("fig-a", ["figure"], custom_style="图题")
    ['fig-a', ['figure'], [['custom-style', '图题']]]
    """
    return [identifier, list(classes), [[name.replace("_", "-"), value] for name, value in pairs.items()]]


def text(words: str) -> Node:
    """Return words as they are; no sign in them means anything to any writer, and none is invisible."""
    return {"t": "Str", "c": _CONTROL.sub("", words)}


def strong(inlines: list[Node]) -> Node:
    """Return emphasised words."""
    return {"t": "Strong", "c": inlines}


def code(words: str) -> Node:
    """Return a name of a program, a file or a command."""
    return {"t": "Code", "c": [attributes(), _CONTROL.sub("", words)]}


def link(inlines: list[Node], target: str) -> Node:
    """Return a link; a target that begins with ``#`` lies in the document."""
    return {"t": "Link", "c": [attributes(), inlines, [target, ""]]}


def image(alt: str, path: str, **pairs: str) -> Node:
    """Return an image with the words that stand for it."""
    return {"t": "Image", "c": [attributes(**pairs), [text(alt)], [path, ""]]}


def span(inlines: list[Node], *classes: str, identifier: str = "", **pairs: str) -> Node:
    """Return inlines of a kind of their own."""
    return {"t": "Span", "c": [attributes(identifier, classes, **pairs), inlines]}


def plain(inlines: list[Node]) -> Node:
    """Return inlines as a block without space around it."""
    return {"t": "Plain", "c": inlines}


def para(inlines: list[Node]) -> Node:
    """Return a paragraph."""
    return {"t": "Para", "c": inlines}


def div(blocks: list[Node], *classes: str, identifier: str = "", **pairs: str) -> Node:
    """Return blocks of a kind of their own."""
    return {"t": "Div", "c": [attributes(identifier, classes, **pairs), blocks]}


def header(level: int, inlines: list[Node], identifier: str = "", *classes: str) -> Node:
    """Return a heading."""
    return {"t": "Header", "c": [level, attributes(identifier, classes), inlines]}


def raw_block(writer: str, markup: str) -> Node:
    """Return markup of one writer; never made from the words of a report."""
    return {"t": "RawBlock", "c": [writer, markup]}


def raw_inline(writer: str, markup: str) -> Node:
    """Return inline markup of one writer; never made from the words of a report."""
    return {"t": "RawInline", "c": [writer, markup]}


def cell(blocks: list[Node], rows: int = 1, columns: int = 1, align: str = "AlignDefault") -> list[Any]:
    """Return a cell of a table that spans rows and columns."""
    return [attributes(), {"t": align}, rows, columns, blocks]


def table(
    columns: Sequence[tuple[str, float]],
    head: Sequence[list[Any]],
    body: Sequence[list[Any]],
    *classes: str,
    **pairs: str,
) -> Node:
    """Return a table without caption.

    Parameters
    ----------
    columns
        Alignment (``AlignLeft`` …) and share of the width of each column.
    head, body
        Rows: lists of cells (:func:`cell`).
    classes, pairs
        Its attributes.
    """
    widths = [[{"t": align}, {"t": "ColWidth", "c": share}] for align, share in columns]

    def rows(cells: Sequence[list[Any]]) -> list[Any]:
        return [[attributes(), row] for row in cells]

    return {
        "t": "Table",
        "c": [
            attributes("", classes, **pairs),
            [None, []],
            widths,
            [attributes(), rows(head)],
            [[attributes(), 0, [], rows(body)]],
            [attributes(), []],
        ],
    }


def document(blocks: list[Node], meta: Mapping[str, str] | None = None) -> Node:
    """Return a whole document.

    Parameters
    ----------
    blocks
        Its blocks.
    meta
        Properties such as ``title``.
    """
    values = {name: {"t": "MetaInlines", "c": [text(value)]} for name, value in (meta or {}).items()}
    return {"pandoc-api-version": API_VERSION, "meta": values, "blocks": blocks}


def rewrite(
    node: Any, change: Callable[[Node], Any], is_whole: Callable[[Node], bool] = lambda node: False
) -> Any:
    """Return a copy of a tree in which a function has replaced nodes, from the leaves up.

    Parameters
    ----------
    node
        A node, or a list that holds nodes at any depth.
    change
        Gets every node that has a type; returns a node, or a list of nodes to stand in its place.
    is_whole
        Tells of a node whether it is replaced as it stands, with all that it holds.

    Examples
    --------
    >>> rewrite([text("甲"), text("乙")], lambda node: text(node["c"] * 2))
    [{'t': 'Str', 'c': '甲甲'}, {'t': 'Str', 'c': '乙乙'}]
    """
    if isinstance(node, list):
        return _rewrite_all(node, change, is_whole)
    return _rewrite_node(node, change, is_whole) if isinstance(node, dict) else node


def _rewrite_all(
    items: list[Any], change: Callable[[Node], Any], is_whole: Callable[[Node], bool]
) -> list[Any]:
    # A report has a million values in its trees; a call for each of them would take longer than the changes.
    made: list[Any] = []
    for item in items:
        if isinstance(item, dict):
            changed = _rewrite_node(item, change, is_whole)
            if isinstance(changed, list):
                made += changed
            else:
                made.append(changed)
        else:
            made.append(_rewrite_all(item, change, is_whole) if isinstance(item, list) else item)
    return made


def _rewrite_node(node: Node, change: Callable[[Node], Any], is_whole: Callable[[Node], bool]) -> Any:
    if "t" in node and is_whole(node):
        return change(node)
    copy = {
        key: value if isinstance(value, str) else rewrite(value, change, is_whole)
        for key, value in node.items()
    }
    return change(copy) if "t" in copy else copy


def nodes(tree: Any, kind: str) -> Iterator[Node]:
    """Yield all nodes of a kind in a tree, in their order.

    Examples
    --------
    >>> [node["c"] for node in nodes([para([text("甲"), text("乙")])], "Str")]
    ['甲', '乙']
    """
    waiting = [tree]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if item.get("t") == kind:
                yield item
            waiting.append(item.get("c"))
        elif isinstance(item, list):
            waiting += reversed(item)


def plain_words(node: Any) -> str:
    """Return all words of a tree in their order.

    Examples
    --------
    >>> plain_words(para([text("常住"), strong([text("人口")])]))
    '常住人口'
    """
    if isinstance(node, list):
        return "".join(plain_words(item) for item in node)
    if not isinstance(node, dict):
        return ""
    kind, content = node.get("t"), node.get("c")
    if kind == "Str":
        return str(content)
    if kind == "Code" and isinstance(content, list):
        return str(content[1])
    if kind in ("Space", "SoftBreak", "LineBreak"):
        return " "
    if kind in ("RawInline", "RawBlock", "Math"):
        return ""
    if kind == "Link" and isinstance(content, list):
        return plain_words(content[1])
    if kind == "Image" and isinstance(content, list):
        return ""
    return plain_words(content)
