"""What a page is made of: facts, figures, tables, notes and the sections that hold them.

An exhibit is anything that can be cited: a figure ``fig-…``, a table ``tbl-…`` or a fact ``fact-…`` (one number
in prose). Every object here is plain frozen data: drawing, HTML and files are made from it elsewhere
(:mod:`popbook.exhibits.render`), so that nothing about an exhibit is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from popbook.monitoring.rounding import rounded_text

if TYPE_CHECKING:
    import altair
    import pandas as pd

EXHIBIT_ID = re.compile(r"^(fig|tbl|fact)-[a-z0-9]+(-[a-z0-9]+)*$")
STATUS_MARKS = {"": "", "P": "初步数", "R": "修订数", "E": "估计数"}
NOT_PUBLISHED = "未公布"


@dataclass(frozen=True)
class Layout:
    """Size and type scale of one drawing of a chart.

    A chart is drawn once per layout, because scaling a wide drawing down to a phone would leave its text unreadable.

    Parameters
    ----------
    name
        ``wide`` (desktop and print) or ``narrow`` (phone).
    width
        Width of the whole drawing in CSS pixels.
    font_size
        Size of axis and mark labels in pixels; never below 11.
    """

    name: Literal["wide", "narrow"]
    width: int
    font_size: int

    @property
    def is_narrow(self) -> bool:
        """Whether this is the drawing for a phone."""
        return self.name == "narrow"


LOWER_BOUND_UNITS = {"%": "%", "‰": "‰", "万人": "万"}
"""What stays behind the lower bound of a range: 15%—30%, 9万—16万人 (GB/T 15835—2011 on figures in print)."""

WIDE = Layout("wide", 680, 12)
NARROW = Layout("narrow", 342, 11)


@dataclass(frozen=True)
class Fact:
    """One number in prose, with all that is needed to defend it.

    Formatting a fact (``f"{fact}"``) gives the MyST role that shows it in the page; the format spec ``v`` leaves the
    unit out, ``l`` prints it as the lower bound of a range, ``+`` prints the sign, ``a`` the absolute value (after 减少),
    ``.0`` other digits than the fact's own.
    A fact without value reads 未公布 and is never filled in.

    Parameters
    ----------
    id
        ``fact-<indicator>-<year>`` or, for a derived number, ``fact-<what>-<year>``; stable across editions.
    label
        What the number is, in Chinese, readable without the sentence around it.
    value
        The number, or None where nobody has published it.
    unit
        Unit as printed behind the number ("万人", "‰", "个百分点", "").
    decimals
        Digits printed after the point.
    basis
        Population concept: resident, hukou, floating, census, none or unstated.
    region_id, year
        Place and year the number speaks of.
    status
        "", P (preliminary), R (revised) or E (estimate).
    source_ids
        Sources in ``data/sources.csv``.
    indicator_id
        Indicator of the ledger, or "" for a derived number.
    derivation
        Chinese arithmetic behind a derived number ("1262.4 − 1252.2"), or "".
    """

    id: str
    label: str
    value: float | None
    unit: str
    decimals: int
    basis: str
    region_id: str
    year: int
    status: str = ""
    source_ids: tuple[str, ...] = ()
    indicator_id: str = ""
    derivation: str = ""

    def __post_init__(self) -> None:
        if not EXHIBIT_ID.match(self.id) or not self.id.startswith("fact-"):
            raise ValueError(f"not a fact id: {self.id!r}")

    def text(self, spec: str = "") -> str:
        """Return the number as readers see it, for example ``1262.4万人``.

        Examples
        --------
        >>> change = Fact("fact-a-2024", "增量", -10.24, "万人", 1, "resident", "330100", 2024)
        >>> change.text(), change.text("v"), change.text(".0"), change.text("a"), change.text("l")
        ('−10.2万人', '−10.2', '−10万人', '10.2万人', '−10.2万')
        """
        if self.value is None:
            return NOT_PUBLISHED
        shorter = re.search(r"\.(\d)", spec)
        decimals = int(shorter[1]) if shorter else self.decimals
        value = abs(self.value) if "a" in spec else self.value
        number = rounded_text(value, decimals, signed="+" in spec)
        if "l" in spec:
            return number + LOWER_BOUND_UNITS.get(self.unit, "")
        return number if "v" in spec else number + self.unit

    def __format__(self, spec: str) -> str:
        return f"{{fact}}`{self.id}|{self.text(spec)}`"

    def __str__(self) -> str:
        return format(self, "")


@dataclass(frozen=True)
class Figure:
    """A chart with everything that goes with it into the page, the downloads and the index.

    Parameters
    ----------
    id
        ``fig-<what>``; stable across editions.
    title
        The chart's one finding, as a sentence with its number.
    subtitle
        Measure, unit and population concept.
    alt
        What the chart shows and finds, for readers who cannot see it (two to four sentences).
    frame
        Tidy data behind the chart, as offered for download: one row per mark, Chinese column names with units.
    draw
        Function of a :class:`Layout` that returns the Altair chart (without title; the frame of title, subtitle and
        size is put around it by the theme).
    unit, basis, region_id, years
        Concept of the values.
    source_ids
        Sources in ``data/sources.csv``.
    notes
        Sentences printed under the chart (breaks, statuses, what is missing).
    indicator_ids
        Indicators of the ledger that are drawn.
    """

    id: str
    title: str
    subtitle: str
    alt: str
    frame: pd.DataFrame
    draw: Callable[[Layout], altair.LayerChart]
    unit: str
    basis: str
    region_id: str
    years: tuple[int, ...]
    source_ids: tuple[str, ...]
    notes: tuple[str, ...] = ()
    indicator_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not EXHIBIT_ID.match(self.id) or not self.id.startswith("fig-"):
            raise ValueError(f"not a figure id: {self.id!r}")

    def __str__(self) -> str:
        return f"{{exhibit-ref}}`{self.id}`"


@dataclass(frozen=True)
class Column:
    """How one column of a table is headed and printed.

    Parameters
    ----------
    key
        Column of the table's frame.
    label
        Head in Chinese.
    unit
        Unit, printed in the head under the label; "" for text.
    decimals
        Digits after the point for numbers, None for text (left-aligned).
    emphasis
        Whether the column is set strong (the latest year).
    group
        Spanning head over neighbouring columns with the same group, or "".
    signed
        Whether positive numbers carry a plus sign.
    """

    key: str
    label: str
    unit: str = ""
    decimals: int | None = None
    emphasis: bool = False
    group: str = ""
    signed: bool = False


@dataclass(frozen=True)
class Table:
    """A table: typed values, how to print them, and where they come from.

    Missing numbers are printed as 未公布 (``missing="unpublished"``) or left blank (``missing="blank"``) where a cell
    has no meaning. Cells of text columns may hold inline MyST (facts, links).

    Parameters
    ----------
    id
        ``tbl-<what>``; stable across editions.
    title
        The table's finding or, for registers, its content.
    frame
        Values; numbers as numbers.
    columns
        Columns in print order.
    unit, basis, region_id, years, source_ids, notes, indicator_ids
        As in :class:`Figure`.
    group_by
        Column of the frame whose changes start a new group of rows with a group head, or "".
    status_column
        Column holding a status word (达成, 有望, 有风险, 难以达成, 未达成, 已突破, 未公布, 无法评估), drawn as a badge, or "".
    missing
        How a missing number is printed.
    folded
        Whether a page shows it closed, because something before it (cards) shows the same; documents show it.
    """

    id: str
    title: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    unit: str
    basis: str
    region_id: str
    years: tuple[int, ...]
    source_ids: tuple[str, ...]
    notes: tuple[str, ...] = ()
    indicator_ids: tuple[str, ...] = ()
    group_by: str = ""
    status_column: str = ""
    missing: Literal["unpublished", "blank"] = "unpublished"
    folded: bool = False

    def __post_init__(self) -> None:
        if not EXHIBIT_ID.match(self.id) or not self.id.startswith("tbl-"):
            raise ValueError(f"not a table id: {self.id!r}")

    def __str__(self) -> str:
        return f"{{exhibit-ref}}`{self.id}`"


@dataclass(frozen=True)
class Note:
    """Method or definition that a reader may open; closed in the page, open in print."""

    title: str
    text: str


@dataclass(frozen=True)
class Html:
    """A piece of page that is neither prose nor exhibit (the target board); plain HTML without scripts."""

    markup: str


Block = str | Figure | Table | Note | Html


@dataclass(frozen=True)
class Section:
    """One section of a chapter: finding, meaning, evidence, policy.

    Parameters
    ----------
    id
        Anchor, ``<chapter>-<what>``; stable across editions.
    heading
        The finding with the number that proves it (inline MyST; facts allowed).
    lead
        First sentence or sentences: what it means.
    blocks
        Evidence in order: paragraphs (MyST), figures, tables, notes.
    policy
        What it means for policy, or "" where a section has no such part.
    level
        1 for a chapter opener, 2 for a section, 3 for a part of a section.
    """

    id: str
    heading: str
    lead: str
    blocks: tuple[Block, ...] = field(default=())
    policy: str = ""
    level: int = 2
