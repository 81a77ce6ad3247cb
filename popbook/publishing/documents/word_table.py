"""Tables of a pandoc tree as WordprocessingML.

A report has ten thousand cells; written here, they need not be carried to pandoc, and read and written there, one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import Any

from popbook.publishing.documents.exhibit_blocks import status_kind
from popbook.publishing.documents.tree import Node, div, para, raw_block
from popbook.publishing.documents.word_reference import TABLE_SIZES, sized_style

MARKUP = "openxml"
"""Name of the markup of Word among the raw blocks of pandoc."""

_CHINESE = re.compile(r"(\S*[一-\ua4cf\uf900-\ufaff\ufe10-\ufe1f\ufe30-\ufe6f\uff00-\uffee]\S*)")
"""A word with a Chinese sign: the signs in it that both fonts have are set in the Chinese one."""

_HINT = '<w:rFonts w:hint="eastAsia"/>'
_STRONG = "<w:b/><w:bCs/>"
_BREAK = "<w:br/>"
_CODE = '<w:rStyle w:val="VerbatimChar"/>'
_RULE = '<w:tcBorders><w:bottom w:val="single" w:sz="4" w:space="0" w:color="000000"/></w:tcBorders>'
_GRID = 7920
"""Sum of the widths of columns, which stand to each other as they say; the table itself is as wide as the text."""


def table_blocks(table: Node, size: float, lower: Callable[[list[Node]], list[Node]]) -> list[Node]:
    """Return a table as blocks for pandoc, nearly all of it finished markup.

    Parameters
    ----------
    table
        Table with heads; each cell is a block that names the style of its text.
    size
        Type size in points.
    lower
        Makes the blocks of a cell that holds more than words and marks ready for pandoc.
    """
    _, _, columns, (_, heads), ((_, _, _, rows),), _ = table["c"]
    known = next((each for each in TABLE_SIZES if each <= size), TABLE_SIZES[-1])
    made: list[Node] = []
    markup = [_opening([width["c"] for _, width in columns])]
    for piece in _rows(heads, rows, len(columns), known):
        if isinstance(piece, str):
            markup.append(piece)
        else:
            made += [raw_block(MARKUP, "".join(markup)), *lower([piece])]
            markup = []
    return [*made, raw_block(MARKUP, "".join([*markup, "</w:tbl>"]))]


def _opening(shares: Sequence[float]) -> str:
    grid = "".join(f'<w:gridCol w:w="{int(_GRID * share)}"/>' for share in shares)
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="Table"/><w:tblW w:type="pct" w:w="5000"/><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="0" w:noVBand="0"'
        f' w:val="0020"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
    )


def _rows(heads: Sequence[Any], rows: Sequence[Any], width: int, size: float) -> Iterator[str | Node]:
    """Yield the rows as markup, and in its place what of a cell pandoc has to write."""
    # Cells that reach into the next row by their column: how many rows deep, over how many columns, in which style.
    reaching: dict[int, tuple[int, int, str]] = {}
    for i, (_, cells) in enumerate([*heads, *rows]):
        yield f"<w:tr><w:trPr>{'<w:tblHeader/>' if i < len(heads) else ''}<w:cantSplit/></w:trPr>"
        rule = _RULE if i == len(heads) - 1 else ""
        waiting = iter(cells)
        column = 0
        while column < width:
            runs: str | None = ""
            if column in reaching:
                deeper, columns, style = reaching.pop(column)
                merge = '<w:vMerge w:val="continue"/>'
            else:
                _, _, deep, columns, (block,) = next(waiting)
                style, inlines = _text(block)
                runs = _runs(inlines)
                deeper, merge = deep - 1, '<w:vMerge w:val="restart"/>' if deep > 1 else ""
            if deeper:
                reaching[column] = (deeper - 1, columns, style)
            span = f'<w:gridSpan w:val="{columns}"/>' if columns > 1 else ""
            yield f"<w:tc><w:tcPr>{span}{merge}{rule}</w:tcPr>"
            named = sized_style(style, size)
            if runs is None:
                yield div([para(inlines)], custom_style=named)
            else:
                yield f'<w:p><w:pPr><w:pStyle w:val="{named}"/></w:pPr>{runs}</w:p>'
            yield "</w:tc>"
            column += columns
        yield "</w:tr>"


def _text(block: Node) -> tuple[str, list[Node]]:
    """Return style and words of a cell."""
    (_, _, pairs), (words,) = block["c"]
    return dict(pairs)["custom-style"], words["c"]


def _runs(inlines: Sequence[Node]) -> str | None:
    """Return words as runs, or None if there is something else among them, such as a link or a formula."""
    pieces: list[tuple[str, str, str]] = []
    if not _add_pieces(pieces, inlines, "", ""):
        return None
    made = []
    # Words that look alike are one text, as pandoc has it, also where a number among them is a fact.
    for (style, strong), alike in groupby(pieces, key=itemgetter(0, 1)):
        if style == _BREAK:
            made.append(f"<w:r>{_BREAK}</w:r>")
            continue
        for i, part in enumerate(_CHINESE.split("".join(words for _, _, words in alike))):
            if part:
                properties = f"{style}{_HINT if i % 2 else ''}{strong}"
                look = f"<w:rPr>{properties}</w:rPr>" if properties else ""
                made.append(f'<w:r>{look}<w:t xml:space="preserve">{escape(part, quote=False)}</w:t></w:r>')
    return "".join(made)


def _add_pieces(pieces: list[tuple[str, str, str]], inlines: Sequence[Node], style: str, strong: str) -> bool:
    """Add words with their style and emphasis; tell whether there are only words."""
    for node in inlines:
        kind, content = node["t"], node.get("c", "")
        if kind == "Str":
            pieces.append((style, strong, content))
        elif kind == "Code":
            pieces.append((_CODE, strong, content[1]))
        elif kind == "Space":
            pieces.append((style, strong, " "))
        elif kind == "LineBreak":
            pieces.append((_BREAK, "", ""))
        elif kind == "Strong":
            if not _add_pieces(pieces, content, style, _STRONG):
                return False
        elif kind == "Span":
            if not _add_pieces(pieces, content[1], _span_style(node) or style, strong):
                return False
        else:
            return False
    return True


def _span_style(node: Node) -> str:
    kind = status_kind(node)
    return f'<w:rStyle w:val="status-{kind}"/>' if kind else ""
