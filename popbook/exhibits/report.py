"""One chapter of one edition while it is written: what is known, which numbers it states, what it shows."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from popbook.exhibits.citations import source_words, sources_words
from popbook.exhibits.inline import facts_in, inline_html
from popbook.exhibits.model import STATUS_MARKS, Block, Fact, Figure, Html, Note, Section, Table
from popbook.exhibits.plan_words import report_title
from popbook.exhibits.render import draw_figure, exhibit_html
from popbook.exhibits.tables import frame_csv, is_missing, table_cells, table_data
from popbook.exhibits.value_marks import mark_notes, value_marks
from popbook.ledger.concepts import difference
from popbook.ledger.errors import PopbookError, UsageError
from popbook.ledger.model import Edition, Observation, PlanDocument, Region
from popbook.ledger.reads import take_reads, watch
from popbook.ledger.store import Ledger, read_ledger

SECTION_MIME = "application/vnd.popbook.section+json"
POINT_UNITS = {"%": "个百分点", "‰": "个千分点"}
_READABLE_FENCE = 3


@dataclass(frozen=True, eq=False)
class Report:
    """One chapter of one edition: the ledger as it was known then, and the register of what the chapter states.

    Open it with :func:`open_report`.

    Parameters
    ----------
    edition
        Data year.
    region_id
        GB/T 2260 code of the place.
    chapter
        Chapter or page it is opened for (``01_status``).
    ledger
        Ledger of the edition; notes what is read from it (:mod:`popbook.ledger.reads`).
    facts
        Facts by id, in order of registration.
    results
        Result tables by name.
    """

    edition: int
    region_id: str
    chapter: str
    ledger: Ledger
    facts: dict[str, Fact] = field(default_factory=dict)
    results: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def region(self) -> Region:
        """The place the report is about."""
        return self.ledger.regions[self.region_id]

    @property
    def city(self) -> str:
        """The city's name without 市, for a sentence."""
        return self.region.name_zh.removesuffix("市")

    @property
    def title(self) -> str:
        """Title for references: the edition's, or that of the booklet of a district."""
        return report_title(self.ledger, self.region_id)

    @property
    def plan(self) -> PlanDocument:
        """Name, city and years of the plan that the edition is read against."""
        return self.ledger.plan.document

    @property
    def plan_source(self) -> str:
        """Source id of the plan."""
        return self.plan.source_id

    @property
    def last_year(self) -> int:
        """Last year of the forecasts."""
        return self.plan.milestones[-1]

    @property
    def census_year(self) -> int:
        """Year of the last census that the edition knows, on which the yearly figures stand; without one the plan's base year."""
        census = self.ledger.latest("census_population", self.region_id) if "census_population" in self.ledger.indicators else None
        return census.year if census else self.plan.base_year

    @property
    def about(self) -> Edition:
        """The record of the edition, or of the booklet: cut-off date, revision, title."""
        return self.ledger.about(self.edition, self.region_id if self.region.level == "district" else "")

    def fact(
        self,
        id: str,
        label: str,
        value: float | None,
        unit: str,
        decimals: int,
        *,
        year: int,
        basis: str = "none",
        region_id: str | None = None,
        status: str = "",
        source_ids: Iterable[str] = (),
        indicator_id: str = "",
        derivation: str = "",
    ) -> Fact:
        """Register one number and return it; formatting it in a text (``f"{fact}"``) ties the text to it.

        Parameters
        ----------
        id, label, value, unit, decimals, year, basis, region_id, status, source_ids, indicator_id, derivation
            As in :class:`~popbook.exhibits.model.Fact`; the region defaults to the report's.

        Raises
        ------
        PopbookError
            If the id already stands for another number, or a source is not declared.
        """
        if is_missing(value):
            value = None
        made = Fact(
            id=id,
            label=label,
            value=None if value is None else float(value),
            unit=unit,
            decimals=decimals,
            basis=basis,
            region_id=region_id or self.region_id,
            year=int(year),
            status=status,
            source_ids=self._sources(source_ids, id),
            indicator_id=indicator_id,
            derivation=derivation,
        )
        known = self.facts.setdefault(id, made)
        if known != made:
            raise PopbookError(
                f"数值编号 {id} 已经用于另一个数：{known.label} {known.text()}，现在是：{made.label} {made.text()}",
                self.chapter,
                "给其中一个换一个编号",
            )
        return known

    def fact_of(
        self, observation: Observation | tuple[str, int], region_id: str | None = None, label: str = ""
    ) -> Fact:
        """Register a published value and return it as a fact; a value nobody has published reads 未公布.

        Parameters
        ----------
        observation
            Observation, or (indicator id, year).
        region_id
            Place, where the observation is given as a pair; default the report's.
        label
            Name in Chinese; default place, year and indicator.
        """
        if isinstance(observation, tuple):
            indicator_id, year = observation
            place = region_id or self.region_id
            if indicator_id not in self.ledger.indicators:
                raise UsageError(f"没有编号为“{indicator_id}”的指标", "indicators.csv", "核对指标编号")
            found = self.ledger.observation(indicator_id, year, place)
        else:
            found = observation
            indicator_id, year, place = (
                observation.indicator.indicator_id,
                observation.year,
                observation.region.region_id,
            )
        indicator = self.ledger.indicators[indicator_id]
        region = self.ledger.regions[place]
        stem = indicator_id.replace("_", "-")
        suffix = "" if place == self.ledger.city else f"-{place}"
        return self.fact(
            f"fact-{stem}{suffix}-{year}",
            label or f"{region.name_zh}{year}年{indicator.name_zh}",
            None if found is None else found.value,
            indicator.unit,
            indicator.decimals,
            year=year,
            basis=indicator.basis,
            region_id=place,
            status="" if found is None else found.status,
            source_ids=() if found is None else (found.source_id,),
            indicator_id=indicator_id,
        )

    def difference(
        self,
        later: Observation,
        earlier: Observation,
        *,
        id: str = "",
        label: str = "",
        allow: str | None = None,
    ) -> Fact:
        """Register the difference of two published values, after the concept guard.

        Parameters
        ----------
        later, earlier
            Observations of one unit and one concept, on one side of every break.
        id
            Fact id; default ``fact-<indicator>-change-<earlier year>-<later year>``.
        label
            Name in Chinese; default indicator and both years.
        allow
            Reason why two concepts may meet; see :func:`popbook.ledger.concepts.difference`.

        Raises
        ------
        ConceptError
            If the two values must not be compared.
        """
        value = difference(later, earlier, allow=allow)
        indicator = later.indicator
        decimals = indicator.decimals
        place = "" if later.region.region_id == self.ledger.city else f"-{later.region.region_id}"
        stem = indicator.indicator_id.replace("_", "-")
        return self.fact(
            id or f"fact-{stem}-change{place}-{earlier.year}-{later.year}",
            label or f"{later.region.name_zh}{indicator.name_zh}{later.year}年比{earlier.year}年增减",
            round(value, 10),
            POINT_UNITS.get(indicator.unit, indicator.unit),
            decimals,
            year=later.year,
            basis=indicator.basis,
            region_id=later.region.region_id,
            status=later.status or earlier.status,
            source_ids=dict.fromkeys((later.source_id, earlier.source_id)),
            indicator_id=indicator.indicator_id,
            derivation=f"{later.value:.{decimals}f} − {earlier.value:.{decimals}f}".replace("-", "−"),
        )

    def result(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Register a table behind the chapter (``forecasts``, ``targets``) for the site's CSV files; return it.

        Raises
        ------
        PopbookError
            If the name already stands for another table.
        """
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise UsageError(f"“{name}”不能作结果文件名", self.chapter, "只用小写字母、数字和下划线")
        known = self.results.setdefault(name, frame)
        if known is not frame and not known.equals(frame):
            raise PopbookError(f"结果 {name} 已经登记为另一张表", self.chapter, "换一个名称")
        return frame

    def bundle(self, exhibit: Figure | Table) -> dict[str, Any]:
        """Return an exhibit with everything its page, files and index row are made from, as plain JSON-able data."""
        sources = self._sources(exhibit.source_ids, exhibit.id)
        unknown = [name for name in exhibit.indicator_ids if name not in self.ledger.indicators]
        if unknown:
            raise PopbookError(f"没有编号为“{unknown[0]}”的指标", exhibit.id, "核对 indicators.csv")
        made: dict[str, Any] = {
            "id": exhibit.id,
            "kind": "figure" if isinstance(exhibit, Figure) else "table",
            "title": exhibit.title,
            "subtitle": exhibit.subtitle if isinstance(exhibit, Figure) else "",
            "alt": exhibit.alt if isinstance(exhibit, Figure) else exhibit.title,
            "unit": exhibit.unit,
            "basis": exhibit.basis,
            "region_id": exhibit.region_id,
            "region": self.ledger.regions[exhibit.region_id].name_zh,
            "years": [int(year) for year in exhibit.years],
            "source_ids": list(sources),
            "sources": [
                {"id": source_id, "text": source_words(self.ledger.sources[source_id])}
                for source_id in sources
            ],
            "sources_text": sources_words(self.ledger.sources[source_id] for source_id in sources),
            "publishers": list(
                dict.fromkeys(self.ledger.sources[source_id].publisher for source_id in sources)
            ),
            "notes": list(exhibit.notes),
            "indicator_ids": list(exhibit.indicator_ids),
            "indicators": [
                {
                    "id": item.indicator_id,
                    "name": item.name_zh,
                    "definition": item.definition,
                    "unit": item.unit,
                    "basis": item.basis,
                    "reference": item.reference,
                }
                for item in (self.ledger.indicators[name] for name in exhibit.indicator_ids)
            ],
            "edition": self.edition,
            "revision": self.about.revision,
            "cut_off": str(self.about.cut_off),
            "report_title": self.title,
        }
        if isinstance(exhibit, Figure):
            made["data"] = frame_csv(exhibit.frame)
            made |= draw_figure(exhibit)
        else:
            made["data"] = frame_csv(table_data(exhibit))
            made["cells"] = table_cells(exhibit)
            made |= {"folded": True} if exhibit.folded else {}
        made["marks"] = value_marks(self.ledger, exhibit, made["data"])
        made["notes"] += mark_notes(made["marks"], self.ledger, exhibit.notes)
        return made

    def _sources(self, source_ids: Iterable[str], where: str) -> tuple[str, ...]:
        ids = tuple(dict.fromkeys(source_ids))
        unknown = [name for name in ids if name not in self.ledger.sources]
        if unknown:
            raise PopbookError(f"没有编号为“{unknown[0]}”的来源", where, "在 sources.csv 中登记来源")
        return ids


@cache
def _whole_ledger(data_dir: Path | None) -> Ledger:
    return read_ledger(data_dir)


_opened: list[Report] = []


def open_report(
    edition: int, region: str | None = None, chapter: str = "01_status", data_dir: Path | None = None
) -> Report:
    """Open one chapter of one edition.

    The report opened last is the one :func:`show` takes facts and sources from, so that a cell of a notebook says no
    more than ``show(section)``.

    Parameters
    ----------
    edition
        Data year, one of ``data/editions.csv``.
    region
        GB/T 2260 code of a city in ``data/regions.csv``.
    chapter
        Chapter (``01_status``) or page (``overview``) it is opened for.
    data_dir
        Data folder; default the project's.

    Raises
    ------
    UsageError
        If the edition or the region is not known, or has the wrong type.

    Examples
    --------
    >>> open_report(2024).region.name_zh
    '杭州市'
    """
    _check_types(edition, region)
    ledger = _whole_ledger(data_dir)
    region = region or ledger.city
    cities = [key for key, item in ledger.regions.items() if item.level == "city"]
    if region in booklet_districts(ledger):
        name = ledger.regions[region].name_zh
        remedy = f"{name}见分册：popbook build --regions {region}，笔记本在 notebooks/district/"
        raise UsageError(f"这一章只写全市，没有{name}的数", region, remedy)
    if region not in cities:
        raise UsageError(f"没有地区 {region} 的报告", "regions.csv", f"可选：{'、'.join(cities)}")
    return _open(edition, region, chapter, ledger)


def open_booklet(
    edition: int, region: str, chapter: str = "01_booklet", data_dir: Path | None = None
) -> Report:
    """Open one page of the booklet of a district.

    Parameters
    ----------
    edition
        Data year, one of ``data/editions.csv``.
    region
        GB/T 2260 code of a district of ``data/district_units.csv``.
    chapter
        Notebook or page it is opened for.
    data_dir
        Data folder; default the project's.

    Raises
    ------
    UsageError
        If there is no booklet of the region.

    Examples
    --------
    >>> open_booklet(2024, "330108").title
    '杭州市人口发展规划年度监测报告（2024年度）滨江区分册'
    """
    _check_types(edition, region)
    ledger = _whole_ledger(data_dir)
    known = booklet_districts(ledger)
    if region not in known:
        names = "、".join(f"{code} {ledger.regions[code].name_zh}" for code in known)
        raise UsageError(f"没有地区 {region} 的分册", "district_units.csv", f"可选：{names}")
    return _open(edition, region, chapter, ledger)


def _check_types(edition: object, region: object) -> None:
    if isinstance(edition, bool) or not isinstance(edition, int):
        raise UsageError(f"参数 edition 应为整数年份，现在是 {edition!r}", "", "例如 edition = 2024")
    if region is not None and not isinstance(region, str):
        remedy = '例如 region = "330100"；用 papermill 时写 -r region 330100'
        raise UsageError(f"参数 region 应为文本，现在是 {region!r}", "", remedy)


def _open(edition: int, region: str, chapter: str, ledger: Ledger) -> Report:
    report = Report(edition, region, chapter, watch(ledger.for_edition(edition)))
    _opened[:] = [report]
    return report


def booklet_districts(ledger: Ledger) -> list[str]:
    """Return the codes of the districts that have a booklet, in the order of the data.

    Examples
    --------
    >>> len(booklet_districts(read_ledger()))
    13
    """
    if "district_units" not in ledger.package.resources:
        return []
    return list(dict.fromkeys(ledger.table("district_units")["region_id"]))


def section_to_myst(section: Section) -> str:
    """Return a section as MyST: anchor, heading, lead, blocks in order, policy.

    Exhibits are named by directive (``{exhibit}``); their drawing is put in when the page is built.

    Examples
    --------
    >>> print(section_to_myst(Section("status-a", "增量收窄", "一句话。")))
    (status-a)=
    ## 增量收窄
    <BLANKLINE>
    ```{rst-class} pb-lead
    一句话。
    ```
    """
    parts = [f"({section.id})=\n{'#' * section.level} {section.heading}"]
    if section.lead:
        parts.append(_fenced("{rst-class} pb-lead", section.lead))
    parts += [_block_myst(block) for block in section.blocks]
    if section.policy:
        parts.append(_fenced("{admonition} 政策含义\n:class: pb-policy\n", section.policy))
    return "\n\n".join(parts)


def _block_myst(block: Block) -> str:
    if isinstance(block, Figure | Table):
        return f"```{{exhibit}} {block.id}\n```"
    if isinstance(block, Note):
        return _fenced(f"{{admonition}} {block.title}\n:class: dropdown pb-note\n", block.text)
    if isinstance(block, Html):
        return _fenced("{raw} html", block.markup)
    return block.strip()


def _fenced(opening: str, text: str) -> str:
    """Put a text into a directive whose fence is longer than any fence inside it."""
    inner = max((len(run) for run in re.findall(r"^\s*(`{3,}|~{3,}|:{3,})", text, re.MULTILINE)), default=0)
    fence = "`" * max(_READABLE_FENCE, inner + 1)
    return f"{fence}{opening}\n{text.strip()}\n{fence}"


def section_exhibits(section: Section) -> list[Figure | Table]:
    """Return the figures and tables of a section in order."""
    return [block for block in section.blocks if isinstance(block, Figure | Table)]


def fact_payload(fact: Fact) -> dict[str, Any]:
    """Return a fact as plain data, with the text readers see."""
    return {
        **asdict(fact),
        "source_ids": list(fact.source_ids),
        "text": fact.text(),
        "status_text": STATUS_MARKS.get(fact.status, ""),
    }


def _section_texts(section: Section) -> list[str]:
    texts = [section.heading, section.lead, section.policy]
    for block in section.blocks:
        if isinstance(block, str):
            texts.append(block)
        elif isinstance(block, Note):
            texts += [block.title, block.text]
        elif isinstance(block, Html):
            texts += [f"{{fact}}`{name}|`" for name in re.findall(r'data-fact="([^"]+)"', block.markup)]
        else:
            texts += [block.title, *block.notes]
            if isinstance(block, Table):
                texts += [
                    str(value)
                    for column in block.columns
                    if column.key in block.frame
                    for value in block.frame[column.key]
                    if isinstance(value, str | Fact)
                ]
    return texts


def section_payload(section: Section, report: Report) -> dict[str, Any]:
    """Return a section as plain data: text, exhibits, the facts it names, the chapter's results.

    Raises
    ------
    PopbookError
        If the text names a fact that was never registered.
    """
    named = dict.fromkeys(name for text in _section_texts(section) for name in facts_in(text))
    unknown = [name for name in named if name not in report.facts]
    if unknown:
        raise PopbookError(f"正文引用了没有登记的数值 {unknown[0]}", section.id, "先用 report.fact 登记")
    return {
        "id": section.id,
        "level": section.level,
        "heading": section.heading,
        "myst": section_to_myst(section),
        "exhibits": [report.bundle(exhibit) for exhibit in section_exhibits(section)],
        "facts": [fact_payload(report.facts[name]) for name in named],
        "results": {name: _result_rows(frame) for name, frame in report.results.items()},
    }


def _result_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for record in frame.to_dict("records"):
        row: dict[str, Any] = {}
        for key, value in record.items():
            if is_missing(value):
                row[str(key)] = None
            elif isinstance(value, str | bool):
                row[str(key)] = value
            else:
                number = float(value)
                row[str(key)] = int(number) if number.is_integer() else round(number, 10)
        rows.append(row)
    return rows


@dataclass(frozen=True)
class ShownSection:
    """A section as a notebook shows it: data for the book, a preview for whoever works in JupyterLab."""

    payload: dict[str, Any]
    preview: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {SECTION_MIME: self.payload, "text/html": self.preview}


def show(section: Section, report: Report | None = None) -> ShownSection:
    """Show a section at the end of a notebook cell.

    Parameters
    ----------
    section
        Section to show.
    report
        Report it was made from; default the one opened last.

    Returns
    -------
    ShownSection
        Displays as HTML in JupyterLab; carries the section as data for the book.
    """
    if report is None:
        if not _opened:
            raise UsageError("还没有打开报告", "", "先运行 report = open_report(edition, region, chapter)")
        report = _opened[0]
    payload = {**section_payload(section, report), "reads": sorted(take_reads())}
    return ShownSection(payload, preview_html(section, payload))


def preview_html(section: Section, payload: dict[str, Any]) -> str:
    """Return a section as HTML that looks right inside a notebook."""
    from markdown_it import MarkdownIt

    from popbook.exhibits.files import exhibits_css

    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")

    def prose(text: str) -> str:
        # Roles and links are already HTML when the Markdown is read; it leaves them as they are.
        kept: list[str] = []

        def keep(match: re.Match[str]) -> str:
            kept.append(inline_html(match.group()))
            return f"\x02{len(kept) - 1}\x02"

        rendered = markdown.render(re.sub(r"\{(?:fact|exhibit-ref)\}`[^`]+`", keep, text))
        return re.sub(r"\x02(\d+)\x02", lambda m: kept[int(m[1])], rendered)

    exhibits = {bundle["id"]: bundle for bundle in payload["exhibits"]}
    level = section.level
    parts = [f"<h{level}>{inline_html(section.heading)}</h{level}>"]
    if section.lead:
        parts.append(f'<div class="pb-lead">{prose(section.lead)}</div>')
    for block in section.blocks:
        if isinstance(block, Figure | Table):
            bundle = exhibits[block.id]
            parts.append(exhibit_html(bundle, "图" if bundle["kind"] == "figure" else "表"))
        elif isinstance(block, Note):
            parts.append(
                f"<details class='pb-note'><summary>{html.escape(block.title)}</summary>{prose(block.text)}</details>"
            )
        elif isinstance(block, Html):
            parts.append(block.markup)
        else:
            parts.append(prose(block))
    if section.policy:
        parts.append(f'<div class="pb-policy"><p><strong>政策含义</strong></p>{prose(section.policy)}</div>')
    return f'<style>{exhibits_css(dark=False)}</style><div class="pb-preview">{"".join(parts)}</div>'
