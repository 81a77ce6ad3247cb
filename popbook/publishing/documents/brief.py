"""The brief: two pages with the year in brief, the target board, the warnings and three figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from popbook.publishing.documents.exhibit_blocks import cells_block, drawing
from popbook.publishing.documents.manuscript import Manuscript
from popbook.publishing.documents.tree import Node, cell, div, header, para, plain, span, table, text
from popbook.publishing.documents.widths import TEXT_WIDTH

FIGURES = (
    "fig-plan-paths",
    "fig-growth-components",
    "fig-ageing-share",
    "fig-broad-ages",
    "fig-three-concepts",
)
"""Figures in the order in which they are wanted: size against the plan, where growth comes from, ageing. The first three
that an edition has are taken."""

FIGURE_COUNT = 3
WARNING_TABLE = "tbl-overview-warnings"
TABLE_SIZES = (8.0, 7.0)
GAP = 10.0
"""Space a figure leaves beside it in points."""

SECTIONS = {
    "year": "overview-year",
    "board": "overview-board",
    "warnings": "overview-warnings",
    "changes": "overview-changes",
}


def brief_blocks(manuscript: Manuscript) -> list[Node]:
    """Return the brief as blocks.

    Parameters
    ----------
    manuscript
        Exhibits of the edition, without its pages: no link may lead to what the brief does not hold.
    """
    imprint, run = manuscript.imprint, manuscript.run
    blocks: list[Node] = [header(1, [text(f"{imprint.title}：简报")])]
    year = manuscript.overview(SECTIONS["year"])
    if year:
        blocks += [_as_section(year[0]), *[block for block in year[1:] if not _is_lead(block)]]
    board = manuscript.board(sizes=TABLE_SIZES)
    if board is not None:
        blocks += [*_heading(manuscript, SECTIONS["board"]), board]
    warnings = run.exhibits.get(WARNING_TABLE)
    if warnings is not None:
        blocks += _heading(manuscript, SECTIONS["warnings"])
        blocks.append(_whole(cells_block(warnings["cells"], manuscript.converter, sizes=TABLE_SIZES)))
    blocks += _figures(manuscript)
    source = f"{imprint.disclaimer}各数的口径、来源和不确定性见同版报告全文（report.pdf）和网站；引用写明{imprint.version}。"
    blocks.append(div([para([text(source)])], "pb-under", custom_style="图表注"))
    return blocks


def _whole(block: Node) -> Node:
    """Keep a table on one page."""
    (identifier, classes, pairs), blocks = block["c"]
    return {
        "t": "Div",
        "c": [
            [identifier, classes, [*pairs, *([] if ["kept", "yes"] in pairs else [["kept", "yes"]])]],
            blocks,
        ],
    }


def _as_section(block: Node) -> Node:
    _, _, words = block["c"]
    return header(2, words)


def _heading(manuscript: Manuscript, section: str) -> list[Node]:
    found = manuscript.overview(section)
    return [_as_section(found[0])] if found else []


def _is_lead(block: Node) -> bool:
    return block["t"] == "Div" and "pb-lead" in block["c"][0][1]


def _figures(manuscript: Manuscript) -> list[Node]:
    """Return three figures and what changed since the edition before, two by two."""
    exhibits = manuscript.run.exhibits
    width = TEXT_WIDTH / 2 - GAP
    places = [_figure(manuscript, exhibits[key], width) for key in FIGURES if key in exhibits][:FIGURE_COUNT]
    changes = manuscript.overview(SECTIONS["changes"])
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
