"""What there is to say about one exhibit when it is cited: value, concept, moment, status, sentence, reference.

Everything follows from the rows of ``exhibits.json`` and ``facts.json`` and the imprint of the edition, so that pages,
files and commands that name one exhibit of one revision say the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from popbook.exhibits.citations import concept_words, date_words, sources_words, title_words
from popbook.exhibits.imprint import Imprint
from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import NOT_PUBLISHED, STATUS_MARKS
from popbook.exhibits.references import SHOWN_DIGITS, STYLES, Kind, Work
from popbook.ledger.model import BASIS_ZH, REFERENCE_ZH, Indicator, Region, Source
from popbook.monitoring.rounding import rounded_text

SENTENCE = "text"
"""Name of the style that is a sentence and not a reference."""

NAMED_SOURCES = 3
"""More sources than this are counted in a sentence and not named."""

DIFFERENCE = "增减"
"""How labels of differences end; a sentence says 增加 or 减少 instead."""

POINTS = ("个百分点", "个千分点")


@dataclass(frozen=True)
class Register:
    """What rows of an index point at: indicators, regions and sources by id."""

    indicators: Mapping[str, Indicator]
    regions: Mapping[str, Region]
    sources: Mapping[str, Source]


@dataclass(frozen=True)
class Citation:
    """One exhibit, ready to be cited.

    Parameters
    ----------
    id, kind
        Identifier; ``figure``, ``table`` or ``fact``.
    name
        What it is: number and title, or the label of a fact.
    value
        Value with unit of a fact, else "".
    concept
        Rows (name, words) on value, concept, moment, status and sources.
    origin
        Where it comes from, short enough for a sentence; 来源 in ``concept`` names every source.
    sentence
        A sentence in policy wording that can be copied as it is.
    work
        What references are made from.
    """

    id: str
    kind: str
    name: str
    value: str
    concept: tuple[tuple[str, str], ...]
    origin: str
    sentence: str
    work: Work

    @property
    def brief(self) -> tuple[tuple[str, str], ...]:
        """Concept rows for a small box: sources are counted where there are many, long texts are left to the page."""
        return tuple(
            (name, self.origin if name == "来源" else words)
            for name, words in self.concept
            if name not in ("数值", "定义")
        )

    def text(self, style: str = next(iter(STYLES))) -> str:
        """Return the citation in a style of :data:`~popbook.exhibits.references.STYLES`, or the sentence (``text``)."""
        return self.sentence if style == SENTENCE else STYLES[style](self.work)


def cited_rows(row: Mapping[str, Any], register: Register) -> list[Indicator | Region | Source | None]:
    """Return everything in the register that the citation of an exhibit tells, for whoever keeps what it says.

    Parameters
    ----------
    row
        A row of ``exhibits.json``.
    register
        What it points at.
    """
    return [
        *(register.indicators.get(name) for name in row["indicator_ids"]),
        register.regions.get(row["region_id"]),
        *(register.sources.get(name) for name in row["source_ids"]),
    ]


def report_work(imprint: Imprint, accessed: str = "") -> Work:
    """Return the whole report as a work.

    Examples
    --------
    >>> from popbook.exhibits.references import gbt7714_2025
    >>> gbt7714_2025(report_work(Imprint(2024, "r1", "监测报告（2024年度）", "2025-06-30", "", producer="编写组")))
    '编写组. 监测报告（2024年度）：2024-r1[R/OL]. 2025-06-30.'
    """
    return Work(
        kind="report",
        author=imprint.producer,
        title=imprint.title,
        version=imprint.version,
        date=imprint.cut_off,
        address=imprint.page("index.html"),
        fingerprint=imprint.fingerprint,
        accessed=accessed,
        key=f"popbook-{imprint.version}",
    )


def page_work(imprint: Imprint, title: str, path: str, accessed: str = "") -> Work:
    """Return one page of the report as a work.

    Parameters
    ----------
    imprint
        Edition and revision.
    title
        Title of the page.
    path
        Address of the page relative to the edition ("methods.html").
    accessed
        ISO date of access, or "".
    """
    return Work(
        kind="page",
        author=imprint.producer,
        title=title,
        container=imprint.title,
        version=imprint.version,
        date=imprint.cut_off,
        address=imprint.page(path),
        fingerprint=imprint.fingerprint,
        accessed=accessed,
        key=f"popbook-{imprint.version}-{path.removesuffix('.html').replace('/', '-')}",
    )


def cite(row: Mapping[str, Any], register: Register, imprint: Imprint, accessed: str = "") -> Citation:
    """Return the citation of an exhibit.

    Parameters
    ----------
    row
        Its row of ``exhibits.json`` or ``facts.json``.
    register
        What the row points at.
    imprint
        Edition and revision.
    accessed
        ISO date of access, or "".
    """
    made = _cite_fact if "label" in row else _cite_exhibit
    return made(row, register, imprint, accessed)


def fact_clause(label: str, value: float | None, text: str, unit: str, decimals: int) -> str:
    """Return what a fact says, without a full stop; a difference is told as a move.

    Examples
    --------
    >>> fact_clause("常住人口2024年比2023年增减", 10.2, "10.2万人", "万人", 1)
    '常住人口2024年比2023年增加10.2万人'
    >>> fact_clause("比重2024年比2023年增减", -0.3, "−0.3个百分点", "个百分点", 1)
    '比重2024年比2023年下降0.3个百分点'
    >>> fact_clause("2024年城镇化率", 84.8, "84.8%", "%", 1), fact_clause("总和生育率", None, "未公布", "", 2)
    ('2024年城镇化率为84.8%', '总和生育率未公布')
    """
    if value is None:
        return f"{label}{NOT_PUBLISHED}"
    if not label.endswith(DIFFERENCE):
        return f"{label}为{text}"
    stem = label.removesuffix(DIFFERENCE)
    if round(value, decimals) == 0:
        return f"{stem}持平"
    up, down = ("上升", "下降") if unit in POINTS else ("增加", "减少")
    return f"{stem}{up if value > 0 else down}{rounded_text(abs(value), decimals)}{unit}"


def moment_words(year: int, reference: str) -> str:
    """Return the moment or period that a value of a year speaks of.

    Examples
    --------
    >>> moment_words(2024, "year_end"), moment_words(2020, "census_day"), moment_words(2024, "")
    ('2024年末', '2020年11月1日零时（普查时点）', '2024年')
    >>> moment_words(2023, "survey_year"), moment_words(2023, "calendar_year")
    ('2022年11月1日至2023年10月31日（调查年度）', '2023年全年')
    """
    return {
        "year_end": f"{year}年末",
        "census_day": f"{year}年11月1日零时（普查时点）",
        "survey_year": f"{year - 1}年11月1日至{year}年10月31日（调查年度）",
        "calendar_year": f"{year}年全年",
    }.get(reference, f"{year}年")


def basis_words(basis: str) -> str:
    """Return the population concept of a value for a sentence; "" where there is none.

    Examples
    --------
    >>> basis_words("resident"), basis_words("none"), basis_words("unstated")
    ('常住人口口径', '', '口径未说明')
    """
    if basis == "none":
        return ""
    words = BASIS_ZH.get(basis, basis)
    return words if basis == "unstated" else f"{words}口径"


def _cite_fact(row: Mapping[str, Any], register: Register, imprint: Imprint, accessed: str) -> Citation:
    indicator = register.indicators.get(row["indicator_id"])
    region = register.regions.get(row["region_id"])
    sources = [register.sources[name] for name in row["source_ids"]]
    moment = moment_words(row["year"], indicator.reference if indicator else "")
    status = STATUS_MARKS.get(row["status"], "")
    label, value = row["label"], row["text"]
    known = [
        ("数值", value),
        ("口径", basis_words(row["basis"])),
        ("地区", region.name_zh if region else ""),
        ("时点", moment),
        ("状态", status),
        ("定义", indicator.definition if indicator and not row["derivation"] else ""),
        ("算法", row["derivation"]),
        ("来源", sources_words(sources)),
    ]
    clause = fact_clause(label, row["value"], value, row["unit"], row["decimals"])
    basis = basis_words(row["basis"])
    said = f"{row['year']}年" in clause and (
        moment == f"{row['year']}年" or (moment.endswith("末") and "年末" in clause)
    )
    remarks = [basis, "" if said else moment, status]
    origin = _origin(sources, bool(row["derivation"]))
    note = "；".join(filter(None, (f"{label}：{value}", basis, moment, status)))
    return Citation(
        id=row["id"],
        kind="fact",
        name=label,
        value=value,
        concept=_rows(known),
        origin=origin,
        sentence=_sentence(clause, remarks, origin, row["id"], imprint),
        work=_work("dataset", row["id"], label, note, imprint, accessed),
    )


def _cite_exhibit(row: Mapping[str, Any], register: Register, imprint: Imprint, accessed: str) -> Citation:
    title = plain_text(row["title"])
    region = register.regions.get(row["region_id"])
    sources = [register.sources[name] for name in row["source_ids"]]
    concept = concept_words(row["basis"], row["unit"], region.name_zh if region else "", row["years"])
    moments = dict.fromkeys(
        REFERENCE_ZH.get(register.indicators[name].reference, "")
        for name in row["indicator_ids"]
        if name in register.indicators
    )
    known = [
        ("说明", row.get("subtitle", "")),
        ("口径", concept),
        ("时点", "、".join(filter(None, moments))),
        ("来源", sources_words(sources)),
    ]
    number = row["number"].replace(" ", "")
    kind: Kind = "chart" if row["kind"] == "figure" else "dataset"
    origin = _origin(sources, derived=True)
    return Citation(
        id=row["id"],
        kind=row["kind"],
        name=f"{row['number']} {title}",
        value="",
        concept=_rows(known),
        origin=origin,
        sentence=_sentence(f"{title}（{number}）", [concept], origin, row["id"], imprint),
        work=_work(kind, row["id"], f"{number} {title}", concept, imprint, accessed),
    )


def _work(kind: Kind, exhibit_id: str, title: str, note: str, imprint: Imprint, accessed: str) -> Work:
    return Work(
        kind=kind,
        author=imprint.producer,
        title=title,
        detail=exhibit_id,
        container=imprint.title,
        version=imprint.version,
        date=imprint.cut_off,
        address=imprint.address(exhibit_id),
        fingerprint=imprint.fingerprint,
        accessed=accessed,
        note=note,
        key=f"popbook-{imprint.version}-{exhibit_id}",
    )


def _rows(rows: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, words) for name, words in rows if words)


def _origin(sources: list[Source], derived: bool) -> str:
    """Where a value comes from, short enough for a sentence."""
    if not sources:
        return "本报告统计"
    if len(sources) > NAMED_SOURCES:
        publishers = list(dict.fromkeys(source.publisher for source in sources))
        named = f"{publishers[0]}{'等' if len(publishers) > 1 else ''}公布的{len(sources)}种资料"
    else:
        named = "、".join(
            f"{source.publisher}{title_words(source)}，{date_words(source.published, source.date_precision)}"
            for source in sources
        )
    return f"据{named}整理计算" if derived else named


def _sentence(clause: str, remarks: Iterable[str], origin: str, exhibit_id: str, imprint: Imprint) -> str:
    where = f"引自《{imprint.title}》修订号{imprint.revision}，编号{exhibit_id}，版本指纹{imprint.fingerprint[:SHOWN_DIGITS]}"
    bracket = "；".join(part for part in ("，".join(filter(None, remarks)), origin, where) if part)
    return f"{clause}（{bracket}）。"
