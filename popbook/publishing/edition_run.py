"""What all notebooks of one edition said, gathered in one place: numbered exhibits, facts, results, pages.

The book, the landing pages and the machine-readable indexes are all made from this record, so that a figure has one
number and a fact one value wherever they appear.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from popbook.ledger.atomic import write_text
from popbook.ledger.errors import PopbookError
from popbook.publishing.weave import Payload, join_sections, weave

RECORD = "edition.json"
OVERVIEW = "overview"
KIND_NAMES = {"figure": "图", "table": "表"}
OVERVIEW_MARK = "总"
APPENDIX_MARK = "附"


@dataclass(frozen=True)
class EditionRun:
    """One edition as its notebooks left it.

    Parameters
    ----------
    edition : int
        Data year.
    region : str
        GB/T 2260 code.
    cut_off : str
        ISO date up to which publications were seen.
    revision : str
        ``r1``, ``r2`` …
    title : str
        Title of the edition for readers.
    revisions : list of dict
        Its declared revisions (revision, published, reason) in their order; empty if it was never changed.
    exhibits : dict
        Exhibit id to its payload with ``number`` ("图 1-3") and ``docname`` of its home page.
    facts : dict
        Fact id to its payload with ``docname`` of the page that first states it.
    results : dict
        Result name to rows (list of records).
    notebooks : dict
        Sphinx document name to the woven notebook as JSON text.
    pages : dict
        Generated page name to MyST text.
    words : dict
        What stands for the placeholders of hand-written pages (`popbook.exhibits.plan_words`).
    """

    edition: int
    region: str
    cut_off: str
    revision: str
    title: str
    revisions: list[dict[str, str]]
    exhibits: dict[str, Payload]
    facts: dict[str, Payload]
    results: dict[str, Any]
    notebooks: dict[str, str]
    pages: dict[str, str]
    words: dict[str, str]


def number_exhibits(sections: Mapping[str, Iterable[Payload]]) -> dict[str, Payload]:
    """Number figures and tables in order of appearance within their chapter.

    An exhibit that appears on several pages keeps the number of the first; chapters come before other pages.

    Parameters
    ----------
    sections : mapping
        Sphinx document name to section payloads, in reading order.

    Returns
    -------
    dict
        Exhibit id to payload with ``number`` and ``docname``.

    Examples
    --------
    >>> numbered = number_exhibits({"notebooks/01_status": [{"exhibits": [{"id": "fig-a", "kind": "figure"}]}]})
    >>> numbered["fig-a"]["number"]
    '图 1-1'
    """
    home_first = sorted(sections, key=lambda docname: not chapter_mark(docname).isdigit())
    numbered: dict[str, Payload] = {}
    counts: dict[tuple[str, str], int] = {}
    for docname in home_first:
        mark = chapter_mark(docname)
        for section in sections[docname]:
            for exhibit in section["exhibits"]:
                if exhibit["id"] in numbered:
                    continue
                key = (mark, exhibit["kind"])
                counts[key] = counts.get(key, 0) + 1
                number = f"{KIND_NAMES[exhibit['kind']]} {mark}-{counts[key]}"
                numbered[exhibit["id"]] = {**exhibit, "number": number, "docname": docname}
    return numbered


def chapter_mark(docname: str) -> str:
    """Return what stands before the dash of an exhibit number on a page.

    Examples
    --------
    >>> chapter_mark("notebooks/03_trends"), chapter_mark("book/overview"), chapter_mark("book/sources")
    ('3', '总', '附')
    >>> chapter_mark("book/district/02_change")
    '2'
    """
    name = docname.rpartition("/")[2]
    if name[:2].isdigit():
        return str(int(name[:2]))
    return OVERVIEW_MARK if name == OVERVIEW else APPENDIX_MARK


def split_chapters(sections: Iterable[Payload]) -> dict[str, list[Payload]]:
    """Split the sections of a booklet, which is one notebook, into pages: one for each section of the first level.

    Parameters
    ----------
    sections : iterable of dict
        In reading order; the first is of level 1.

    Returns
    -------
    dict
        ``01_<id of the opening section>`` … to the sections of the page.

    Examples
    --------
    >>> ids = [("ages", 1), ("booklet-pyramid", 2), ("change", 1)]
    >>> pages = split_chapters({"id": name, "level": level} for name, level in ids)
    >>> {name: len(page) for name, page in pages.items()}
    {'01_ages': 2, '02_change': 1}
    """
    pages: dict[str, list[Payload]] = {}
    for section in sections:
        if section["level"] == 1:
            page = pages.setdefault(f"{len(pages) + 1:02d}_{section['id']}", [])
        page.append(section)
    return pages


def gather_facts(sections: Mapping[str, Iterable[Payload]]) -> dict[str, Payload]:
    """Gather the facts of all pages; one id must mean one number.

    Raises
    ------
    PopbookError
        If two pages give one fact id different values or units.
    """
    facts: dict[str, Payload] = {}
    for docname, page in sections.items():
        for section in page:
            for fact in section["facts"]:
                known = facts.setdefault(fact["id"], {**fact, "docname": docname})
                for key in ("value", "unit", "basis", "year"):
                    if known.get(key) != fact.get(key):
                        raise PopbookError(
                            f"同一数值编号 {fact['id']} 出现两个取值：{known.get(key)!r} 和 {fact.get(key)!r}",
                            f"{known['docname']}、{docname}",
                            "给其中一个数值换一个编号",
                        )
    return dict(sorted(facts.items()))


def gather_edition(folder: Path, edition: int, region: str) -> EditionRun:
    """Read the executed notebooks and generated pages of an edition and put them together.

    Parameters
    ----------
    folder : Path
        Folder with ``chapters/*.ipynb`` and ``pages.json``.
    edition : int
        Data year.
    region : str
        GB/T 2260 code.

    Returns
    -------
    EditionRun
        The record, not yet written.
    """
    from popbook.exhibits.plan_words import plan_words, report_title
    from popbook.ledger.store import read_ledger

    ledger = read_ledger().for_edition(edition)
    is_booklet = ledger.regions[region].level == "district"
    about = ledger.about(edition, region if is_booklet else "")
    below = "district/" if is_booklet else ""
    notebooks: dict[str, str] = {}
    sections: dict[str, tuple[Payload, ...]] = {}
    generated: dict[str, list[Payload]] = json.loads((folder / "pages.json").read_text(encoding="utf-8"))
    for path in sorted((folder / "chapters").glob("*.ipynb")):
        woven = weave(json.loads(path.read_text(encoding="utf-8")))
        if is_booklet:
            generated = {**split_chapters(woven.sections), **generated}
            continue
        docname = f"notebooks/{path.stem}"
        notebooks[docname] = woven.text()
        sections[docname] = woven.sections
    for name, payloads in generated.items():
        sections[f"book/{below}{name}"] = tuple(payloads)
    results: dict[str, Any] = {}
    for page in sections.values():
        for section in page:
            results.update(section.get("results", {}))
    return EditionRun(
        edition=edition,
        region=region,
        cut_off=str(about.cut_off),
        revision=about.revision,
        title=report_title(ledger, region),
        revisions=[
            {"revision": item.revision, "published": item.published, "reason": item.reason}
            for item in about.revisions
        ],
        exhibits=number_exhibits(sections),
        facts=gather_facts(sections),
        results=dict(sorted(results.items())),
        notebooks=notebooks,
        pages={name: join_sections(payloads) for name, payloads in generated.items()},
        words=plan_words(ledger, region),
    )


def write_edition_run(run: EditionRun, folder: Path) -> Path:
    """Write the record of an edition in one step and return its path."""
    path = folder / RECORD
    write_text(path, json.dumps(vars(run), ensure_ascii=False))
    return path


def read_edition_run(runs: Path, edition: int | None = None) -> EditionRun:
    """Read the record of an edition, the newest one if none is named.

    Parameters
    ----------
    runs : Path
        Folder with one folder per edition.
    edition : int, optional
        Data year.

    Returns
    -------
    EditionRun
        As written by :func:`write_edition_run`.

    Raises
    ------
    PopbookError
        If the edition, or any edition, has not been run yet.
    """
    found = {int(path.parent.name): path for path in runs.glob(f"[0-9][0-9][0-9][0-9]/{RECORD}")}
    wanted = edition or max(found, default=0)
    if wanted not in found:
        what = f"{wanted} 年度版的笔记本还没有运行过" if wanted else "笔记本还没有运行过"
        raise PopbookError(what, str(runs), "请先运行 popbook build")
    return _parse(found[wanted].read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _parse(record: str) -> EditionRun:
    # The book of an edition asks three times.
    return EditionRun(**json.loads(record))
