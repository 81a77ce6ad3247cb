"""Sections as plain text for a terminal: the same headings, sentences and tables as the page, without markup."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import Figure, Html, Note, Section, Table
from popbook.exhibits.tables import table_cells


def plain_sections(sections: Iterable[Section]) -> str:
    """Return sections as one plain text.

    Parameters
    ----------
    sections
        Sections of a page, in order.

    Returns
    -------
    str
        Markdown headings and lists; tables as aligned columns with two spaces between; no trailing spaces.

    Examples
    --------
    >>> print(plain_sections([Section("changes-a", "增加{fact}`fact-a-2024|1项`", "见[方法](methods.md)。")]))
    ## 增加1项
    <BLANKLINE>
    见方法。
    """
    return "\n\n".join(_plain_section(section) for section in sections)


def _plain_section(section: Section) -> str:
    parts = [f"{'#' * section.level} {plain_text(section.heading)}", plain_text(section.lead)]
    for block in section.blocks:
        if isinstance(block, Table):
            parts.append(plain_table(block))
        elif isinstance(block, Figure):
            parts.append(f"图：{plain_text(block.title)}\n{plain_text(block.alt)}")
        elif isinstance(block, Note):
            parts.append(f"{plain_text(block.title)}\n{plain_text(block.text)}")
        elif not isinstance(block, Html):
            parts.append(plain_text(block))
    if section.policy:
        parts.append(f"政策含义\n{plain_text(section.policy)}")
    return "\n\n".join(part for part in parts if part)


def plain_table(table: Table) -> str:
    """Return a table as aligned text: title, head, rows under their group heads, notes.

    Parameters
    ----------
    table
        The table.
    """
    cells = table_cells(table)
    columns = cells["columns"]
    head = [
        "".join((f"{c['group']}：" if c["group"] else "", c["label"], f"（{c['unit']}）" if c["unit"] else "")) for c in columns
    ]
    body = [[plain_text(text) for text in row["cells"]] for row in cells["rows"]]
    widths = [max(_width(row[i]) for row in [head, *body]) for i in range(len(columns))]
    numeric = [bool(column["numeric"]) for column in columns]
    lines = [plain_text(table.title), _line(head, widths, numeric)]
    group = ""
    for row, texts in zip(cells["rows"], body, strict=True):
        if row["group"] != group:
            group = row["group"]
            lines.append(f"【{group}】")
        lines.append(_line(texts, widths, numeric))
    return "\n".join([*lines, *(f"注：{plain_text(note)}" for note in table.notes)])


def _line(texts: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    padded = [
        " " * (width - _width(text)) + text if right else text + " " * (width - _width(text))
        for text, width, right in zip(texts, widths, numeric, strict=True)
    ]
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Columns that a text takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
