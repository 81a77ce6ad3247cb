"""The whole edition as one manuscript: its pages in reading order, numbered as a printed report is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from popbook.exhibits.imprint import Imprint
from popbook.exhibits.plan_words import fill_in
from popbook.exhibits.target_facts import WITHOUT_JUDGEMENT
from popbook.publishing.documents.exhibit_blocks import cells_block, exhibit_blocks
from popbook.publishing.documents.markup import Converter
from popbook.publishing.documents.tree import Node, div, header, para, plain_words, span, text
from popbook.publishing.edition_run import EditionRun

GENERATED_PAGE = re.compile(r"^<!-- popbook: ([a-z_]+) -->$", re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
TARGET = re.compile(r"^\(([a-z0-9-]+)\)=$", re.MULTILINE)

OVERVIEW = "book/overview"
OVERVIEW_TITLE = "年度要点"
LEFT_OUT = ("book/figures", "book/tables", "book/facts", "book/citing")
"""Pages that only make sense in the site: lists that lead to pages of exhibits, and how to copy a reference from them."""

APPENDIX = "附录"
BOARD_TABLE = "tbl-targets"
BOARD_MARK = 'class="pb-board"'
BOARD_COLUMNS = ("name", "base", "latest", "year", "target", "status", "chance")
"""Columns of the table of targets that make up the board."""

NUMERALS = "〇一二三四五六七八九十"


@dataclass(frozen=True)
class Page:
    """One page of the site as a part of the manuscript.

    Parameters
    ----------
    docname
        Sphinx document name.
    title
        Short title of the table of contents.
    label
        What stands before the title ("第一章", "附录二"), or "".
    source
        MyST text.
    """

    docname: str
    title: str
    label: str
    source: str

    @property
    def anchor(self) -> str:
        """Name of the page in the document: its first target, else its own name."""
        found = TARGET.search(self.source)
        return found[1] if found else "page-" + re.sub(r"[^a-z0-9]+", "-", self.docname.lower())

    @property
    def file_name(self) -> str:
        """Name by which links of the sources mean the page."""
        name = self.docname.rsplit("/", 1)[-1]
        return f"{name}.ipynb" if self.docname.startswith("notebooks/") else f"{name}.md"


def numeral(number: int) -> str:
    """Return a small number in Chinese.

    Examples
    --------
    >>> numeral(5), numeral(10), numeral(12), numeral(20), numeral(21)
    ('五', '十', '十二', '二十', '二十一')
    """
    tens, ones = divmod(number, 10)
    if not tens:
        return NUMERALS[ones]
    return ("" if tens == 1 else NUMERALS[tens]) + "十" + (NUMERALS[ones] if ones else "")


def edition_pages(root: Path, run: EditionRun) -> list[Page]:
    """Return the pages of an edition in the order of the table of contents.

    Parameters
    ----------
    root
        Project folder with ``_toc.yml`` and ``book/``.
    run
        The edition.
    """
    import yaml

    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    pages = [Page(OVERVIEW, OVERVIEW_TITLE, "", _page_source(root, run, OVERVIEW))]
    chapters = appendices = 0
    for part in contents["parts"]:
        for entry in part["chapters"]:
            docname = entry["file"]
            if docname in LEFT_OUT:
                continue
            label = ""
            if part.get("numbered"):
                chapters += 1
                label = f"第{numeral(chapters)}章"
            elif part.get("caption") == APPENDIX:
                appendices += 1
                label = f"附录{numeral(appendices)}"
            pages.append(Page(docname, entry["title"], label, _page_source(root, run, docname)))
    return pages


def _page_source(root: Path, run: EditionRun, docname: str) -> str:
    if docname in run.notebooks:
        cells = json.loads(run.notebooks[docname])["cells"]
        return "\n\n".join("".join(cell["source"]) for cell in cells)
    source = (root / f"{docname}.md").read_text(encoding="utf-8")
    source = fill_in(source, run.words, docname)
    source = GENERATED_PAGE.sub(lambda match: run.pages.get(match[1], ""), source)
    return COMMENT.sub("", source)


class Manuscript:
    """Pages and exhibits of an edition, ready to be set.

    Parameters
    ----------
    pages
        Pages in reading order.
    run
        The edition.
    imprint
        Edition and revision.
    """

    def __init__(self, pages: list[Page], run: EditionRun, imprint: Imprint) -> None:
        self.pages = pages
        self.run = run
        self.imprint = imprint
        self._shown: set[str] = set()
        self._sections = 0
        self._page: Page | None = None
        text_of_all = "\n".join(page.source for page in pages)
        exhibits = {key for key in run.exhibits if f"{{exhibit}} {key}\n" in text_of_all}
        self.converter = Converter(
            numbers={key: bundle["number"] for key, bundle in run.exhibits.items()},
            exhibit=self._exhibit,
            anchors={*TARGET.findall(text_of_all), *(page.anchor for page in pages), *exhibits},
            pages={page.file_name: page.anchor for page in pages},
            raw=self._raw,
            number_heading=self._number,
        )

    def parts(self) -> Iterator[tuple[Page, list[Node]]]:
        """Return each page with its blocks, heading first."""
        for page in self.pages:
            self._page = page
            self._sections = 0
            yield page, self._page_blocks(page)

    def overview(self, section: str) -> list[Node]:
        """Return one section of the overview, heading first; nothing if the edition has no such section."""
        blocks = self.converter.blocks(self.run.pages.get("overview", ""))
        made: list[Node] = []
        inside = False
        for block in blocks:
            if block["t"] == "Header":
                inside = block["c"][1][0] == section
            if inside:
                made.append(block)
        return made

    def board(self, sizes: tuple[float, ...] | None = None) -> Node | None:
        """Return the target board as a table, or None where an edition judges no targets."""
        bundle = self.run.exhibits.get(BOARD_TABLE)
        if bundle is None:
            return None
        columns = [column["key"] for column in bundle["cells"]["columns"]]
        keys = [key for key in BOARD_COLUMNS if key in columns]
        cells = {**bundle["cells"], "rows": [_without_idle_chance(row, columns) for row in bundle["cells"]["rows"]]}
        return cells_block(cells, self.converter, keys, sizes=sizes)

    def _page_blocks(self, page: Page) -> list[Node]:
        blocks = self.converter.blocks(page.source)
        if not blocks or blocks[0]["t"] != "Header" or blocks[0]["c"][0] != 1:
            blocks.insert(0, header(1, [text(page.title)]))
        first = blocks[0]
        words = first["c"][2]
        if page.docname == OVERVIEW:
            words = [text(page.title)]
        if page.label:
            words = [span([text(page.label)], "heading-number"), text("　"), *words]
        blocks[0] = header(1, words, page.anchor)
        return blocks

    def _number(self, level: int) -> str:
        if level != 2 or self._page is None or not self._page.docname.startswith("notebooks/"):
            return ""
        self._sections += 1
        chapter = int(self._page.docname.rsplit("/", 1)[-1][:2])
        return f"{chapter}.{self._sections}"

    def _exhibit(self, exhibit_id: str) -> list[Node]:
        bundle: dict[str, Any] = self.run.exhibits[exhibit_id]
        if exhibit_id in self._shown:
            words = [text("见"), self.converter.reference(exhibit_id), text("。")]
            return [div([para(words)], custom_style="图表注")]
        self._shown.add(exhibit_id)
        return exhibit_blocks(
            bundle, self.converter, identifier=exhibit_id, address=self.imprint.address(exhibit_id)
        )

    def _raw(self, markup: str) -> list[Node]:
        # Of the pieces of HTML only the board says something that stands nowhere else.
        board = self.board() if BOARD_MARK in markup else None
        return [] if board is None else [board]


def _without_idle_chance(row: Mapping[str, Any], columns: list[str]) -> dict[str, Any]:
    # As on the cards of the board: beside 无法评估 a chance would read as a judgement after all. The chapter on targets
    # gives it, with its reservations.
    cells = dict(zip(columns, row["cells"], strict=True))
    if cells.get("status") in WITHOUT_JUDGEMENT and "chance" in cells:
        cells["chance"] = ""
    return {**row, "cells": list(cells.values())}


def headings(blocks: list[Node], deepest: int = 2) -> Iterator[tuple[int, str, str]]:
    """Return level, words and name of the headings of a tree."""
    for block in blocks:
        if block["t"] == "Header" and block["c"][0] <= deepest:
            yield block["c"][0], plain_words(block["c"][2]), block["c"][1][0]
