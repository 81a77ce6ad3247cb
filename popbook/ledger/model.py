"""What has identity in the ledger, as frozen records; missing text is the empty string, missing numbers None."""

from __future__ import annotations

from dataclasses import dataclass

BASIS_ZH = {
    "resident": "常住人口",
    "hukou": "户籍人口",
    "floating": "流动人口",
    "census": "普查人口",
    "none": "不涉及人口口径",
    "unstated": "口径未说明",
}
REFERENCE_ZH = {
    "year_end": "年末",
    "census_day": "普查时点（11月1日零时）",
    "survey_year": "调查年度（上年11月1日至当年10月31日）",
    "calendar_year": "全年",
    "unstated": "时点未说明",
}
SCHEME_ZH = {"all": "不受区划调整影响", "pre-2021": "2021年4月区划调整前", "post-2021": "2021年4月区划调整后"}
STATUS_ZH = {"": "", "P": "初步数", "R": "修订数", "E": "估计数"}


@dataclass(frozen=True)
class Indicator:
    """One measured quantity with one unit and one basis."""

    indicator_id: str
    name_zh: str
    name_en: str
    definition: str
    unit: str
    basis: str
    reference: str
    decimals: int
    lower: float | None = None
    upper: float | None = None
    direction: str = ""
    group: str = ""
    target_id: str = ""


@dataclass(frozen=True)
class Region:
    """A territory in one boundary scheme; a district re-drawn in 2021 is two regions."""

    region_id: str
    gb_code: str
    name_zh: str
    name_en: str
    level: str
    parent_id: str = ""
    scheme: str = "all"
    valid_from: str = ""
    valid_to: str = ""
    group: str = ""
    tile_row: int | None = None
    tile_col: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Source:
    """A publication, under its official title and publisher."""

    source_id: str
    title: str
    publisher: str
    published: str
    date_precision: str
    kind: str
    read_via: str = ""
    licence: str = ""
    note: str = ""


@dataclass(frozen=True)
class Break:
    """A declared change of definition or base between ``year - 1`` and ``year``.

    An empty ``indicator_id`` or ``region_id`` stands for all of them. ``vintage_before`` names the vintages that stand on
    the old side, joined by ``|``; empty stands for every vintage.
    """

    break_id: str
    indicator_id: str
    region_id: str
    year: int
    kind: str
    vintage_before: str
    name_zh: str
    description: str
    source_id: str

    def concerns(self, indicator_id: str, region_id: str) -> bool:
        """Tell whether the break is declared for this indicator and region."""
        return self.indicator_id in ("", indicator_id) and self.region_id in ("", region_id)

    def has_before(self, year: int, vintage: str) -> bool:
        """Tell whether a value of this year and vintage stands on the old side of the break.

        A value of an earlier year is on the old side only if it carries the old vintage: re-based figures published
        later for earlier years already stand on the new side.

        Examples
        --------
        >>> rebasing = Break("b", "resident_population", "", 2020, "rebasing", "first-published", "", "", "")
        >>> rebasing.has_before(2019, "first-published"), rebasing.has_before(2019, "rebased-2020-census")
        (True, False)
        """
        return year < self.year and (not self.vintage_before or vintage in self.vintage_before.split("|"))


@dataclass(frozen=True)
class Observation:
    """One published value, with everything needed to judge and to cite it.

    ``breaks`` are the breaks declared for its indicator and region; `behind` are those it stands before.
    """

    indicator: Indicator
    region: Region
    year: int
    value: float
    status: str
    vintage: str
    source_id: str
    published: str
    confidence: str
    note: str = ""
    breaks: tuple[Break, ...] = ()

    @property
    def behind(self) -> tuple[Break, ...]:
        """Breaks on whose old side this value stands."""
        return tuple(b for b in self.breaks if b.has_before(self.year, self.vintage))


@dataclass(frozen=True)
class Correction:
    """A declared deviation from what a source printed; the guard fails once the printed cell changes."""

    correction_id: str
    clause_id: str
    field: str
    printed: str
    used: str
    reason: str
    guard: str
    status: str


FIRST_REVISION = "r1"


@dataclass(frozen=True)
class Revision:
    """One published state of an edition: ``r1``, ``r2`` …, when it was published (ISO date) and why it was made."""

    edition: int
    revision: str
    published: str
    reason: str


@dataclass(frozen=True)
class BookletRevision(Revision):
    """One published state of the booklet of a district; booklets are counted apart from the report on the city."""

    region_id: str


@dataclass(frozen=True)
class Edition:
    """The report for one data year, built from what was published by ``cut_off`` (ISO date, inclusive).

    ``revisions`` are the declared ones in their order; an edition without any has never been changed after publication.

    Examples
    --------
    >>> changed = (Revision(2020, "r1", "2021-07-08", "首次发布"), Revision(2020, "r2", "2021-09-01", "更正一处"))
    >>> Edition(2020, "2021-06-30", "").revision, Edition(2020, "2021-06-30", "", changed).revision
    ('r1', 'r2')
    """

    edition: int
    cut_off: str
    title: str
    revisions: tuple[Revision, ...] = ()

    @property
    def revision(self) -> str:
        """The revision that a build of this edition is."""
        return self.revisions[-1].revision if self.revisions else FIRST_REVISION


MILESTONE_STEP = 5
"""Plans, and the years that readers compare, come every five years."""


@dataclass(frozen=True)
class PlanDocument:
    """One plan: what it is called, which city and years it is about, and from which edition on it is monitored.

    ``version`` says that the text is no final one ("征求意见稿"), else "".

    Examples
    --------
    >>> draft = PlanDocument("p", "990100", "plan", "某市人口规划", "征求意见稿", "“十五五”时期", 2025, 2026, 2030, 2035, 2026, "报告", "编写组")
    >>> draft.named("2026年6月")
    '《某市人口规划》（征求意见稿，2026年6月）'
    """

    plan_id: str
    region_id: str
    source_id: str
    title: str
    version: str
    period: str
    base_year: int
    first_year: int
    target_year: int
    horizon_year: int
    first_edition: int
    report_title: str
    producer: str
    note: str = ""

    @property
    def period_years(self) -> range:
        """Years from the first to the last of the plan."""
        return range(self.first_year, self.target_year + 1)

    @property
    def milestones(self) -> tuple[int, ...]:
        """Years that forecasts are told for: the plan's last and every fifth after it, to its horizon or ten years on.

        Examples
        --------
        >>> PlanDocument("p", "990100", "plan", "规划", "", "“十五五”时期", 2025, 2026, 2030, 2030, 2026, "报告", "编写组").milestones
        (2030, 2035, 2040)
        """
        last = max(self.horizon_year, self.target_year + 2 * MILESTONE_STEP)
        return (*range(self.target_year, last, MILESTONE_STEP), last)

    def named(self, dated: str) -> str:
        """The plan with its kind of text and its date in brackets, for a sentence."""
        return f"《{self.title}》（{'，'.join(filter(None, (self.version, dated)))}）"


@dataclass(frozen=True)
class Event:
    """Something that happened to the city and helps to read a series."""

    event_id: str
    start: str
    end: str
    year: int
    name_zh: str
    kind: str
    description: str
    source_id: str
