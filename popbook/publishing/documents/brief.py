"""The brief: two pages with the year in brief, the target board, the warnings and three figures."""

from __future__ import annotations

import csv
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from popbook.ledger.errors import PopbookError
from popbook.publishing.documents.exhibit_blocks import cells_block, drawing
from popbook.publishing.documents.manuscript import Manuscript
from popbook.publishing.documents.tree import Node, cell, div, header, para, plain, span, table, text
from popbook.publishing.documents.widths import TEXT_WIDTH

FIGURE_FILE = Path("book") / "brief.csv"
"""Figures in the order in which they are wanted, each with the reason; the first ones that an edition has are taken."""

FIGURE_COUNT = 3
WARNING_TABLE = "tbl-overview-warnings"


@dataclass(frozen=True)
class Room:
    """How much room the brief takes for its tables.

    Parameters
    ----------
    board, warnings
        Type sizes to try for the board and the warnings, in points.
    is_loose
        Whether the rows of the board stand apart.
    most_warnings
        How many warnings are listed; the rest is counted.
    """

    board: tuple[float, ...]
    warnings: tuple[float, ...]
    is_loose: bool = False
    most_warnings: int = 99


ROOMS = (
    Room((9.0, 8.0, 7.0), (8.0, 7.0), is_loose=True),
    Room((8.0, 7.0), (8.0, 7.0)),
    Room((8.0, 7.0), (7.0,)),
    Room((7.0,), (7.0,), most_warnings=12),
    Room((7.0,), (7.0,), most_warnings=6),
)
"""What is tried until the brief takes two pages, most room first."""

GAP = 20.0
"""Space a figure leaves beside it in points."""

SECTIONS = {
    "year": "overview-year",
    "board": "overview-board",
    "warnings": "overview-warnings",
    "changes": "overview-changes",
}


def read_brief_figures(root: Path, known: Container[str]) -> list[str]:
    """Read which figures the brief shows.

    Parameters
    ----------
    root
        Project folder.
    known
        Identifiers that an edition has or had.

    Returns
    -------
    list of str
        Identifiers in order; empty for a project that chooses none.

    Raises
    ------
    PopbookError
        If a row names no figure, an unknown one, one twice, or no reason.
    """
    path = root / FIGURE_FILE
    if not path.is_file():
        return []
    name = FIGURE_FILE.as_posix()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        if rows.fieldnames != ["exhibit_id", "reason"]:
            raise PopbookError("列应为 exhibit_id,reason", f"{name}:1", "恢复表头")
        wanted: list[str] = []
        for line, row in enumerate(rows, 2):
            key = row["exhibit_id"] or ""
            fault = (
                ("不是图的编号", "填 fig- 开头的编号") if not key.startswith("fig-")
                else ("各年度版都没有这张图", "在图目中核对编号") if key not in known
                else ("已在前面的行中", "删去一行") if key in wanted
                else ("没有写明理由", "在 reason 列写一句为什么取这张图") if not row["reason"]
                else None
            )
            if fault:
                raise PopbookError(f"“{key}”{fault[0]}", f"{name}:{line}", fault[1])
            wanted.append(key)
    return wanted


def brief_blocks(manuscript: Manuscript, figures: Sequence[str], room: Room = ROOMS[0]) -> list[Node]:
    """Return the brief as blocks.

    Parameters
    ----------
    manuscript
        Exhibits of the edition, without its pages: no link may lead to what the brief does not hold.
    figures
        Figures in the order in which they are wanted (:func:`read_brief_figures`).
    room
        How much room its tables take.
    """
    imprint, run = manuscript.imprint, manuscript.run
    blocks: list[Node] = [header(1, [text(f"{imprint.title}：简报")])]
    year = manuscript.overview(SECTIONS["year"])
    if year:
        blocks += [_as_section(year[0]), *[block for block in year[1:] if not _is_lead(block)]]
    board = manuscript.board(sizes=room.board)
    if board is not None:
        loose = {"loose": "yes"} if room.is_loose else {}
        blocks += [*_heading(manuscript, SECTIONS["board"]), _marked(board, kept="alone", **loose)]
    warnings = run.exhibits.get(WARNING_TABLE)
    if warnings is not None:
        blocks += _heading(manuscript, SECTIONS["warnings"])
        rows = warnings["cells"]["rows"]
        cells = {**warnings["cells"], "rows": rows[: room.most_warnings]}
        blocks.append(_marked(cells_block(cells, manuscript.converter, sizes=room.warnings), kept="alone"))
        if len(rows) > room.most_warnings:
            rest = f"另有{len(rows) - room.most_warnings}条，见报告全文。"
            blocks.append(div([para([text(rest)])], "pb-under", custom_style="图表注"))
    blocks += _figures(manuscript, figures)
    source = f"{imprint.disclaimer}各数的口径、来源和不确定性见同版报告全文（report.pdf）和网站；引用写明{imprint.version}。"
    blocks.append(div([para([text(source)])], "pb-under", custom_style="图表注"))
    return blocks


def _marked(block: Node, **marks: str) -> Node:
    """Return a table with marks for the style sheet."""
    (identifier, classes, pairs), blocks = block["c"]
    return div(blocks, *classes, identifier=identifier, **{**dict(pairs), **marks})


def _as_section(block: Node) -> Node:
    _, _, words = block["c"]
    return header(2, words)


def _heading(manuscript: Manuscript, section: str) -> list[Node]:
    found = manuscript.overview(section)
    return [_as_section(found[0])] if found else []


def _is_lead(block: Node) -> bool:
    return block["t"] == "Div" and "pb-lead" in block["c"][0][1]


def _figures(manuscript: Manuscript, wanted: Sequence[str]) -> list[Node]:
    """Return three figures and what changed since the edition before, two by two."""
    exhibits = manuscript.run.exhibits
    width = TEXT_WIDTH / 2 - GAP
    changes = manuscript.overview(SECTIONS["changes"])
    # The first edition has none before it; a figure takes the place of what changed.
    count = FIGURE_COUNT if changes else FIGURE_COUNT + 1
    places = [_figure(manuscript, exhibits[key], width) for key in wanted if key in exhibits][:count]
    if changes:
        title = div([plain(changes[0]["c"][2])], "pb-side-title", custom_style="说明标题")
        places.append([title, *(block for block in changes[1:] if not _is_lead(block))])
    if not places:
        return []
    if len(places) % 2:
        places.append([])
    rows = [[cell(places[i]), cell(places[i + 1])] for i in range(0, len(places), 2)]
    return [div([table([("AlignLeft", 0.5), ("AlignLeft", 0.5)], [], rows, "layout")], "pb-grid")]


def _figure(manuscript: Manuscript, bundle: Mapping[str, Any], width: float) -> list[Node]:
    caption = [
        span([text(bundle["number"])], "exhibit-number"),
        text("　"),
        *manuscript.converter.inlines(bundle["title"]),
    ]
    title = div([para(caption)], "pb-caption", custom_style="图题")
    return [div([drawing(bundle, "narrow", width), title], identifier=bundle["id"])]
