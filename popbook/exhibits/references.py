"""References in the forms that are asked for: GB/T 7714-2025 and 2015, BibTeX, RIS, CSL-JSON.

Four kinds of work are cited here: the report, a data set (a table or one number), a chart in the report, a page of it.
Order and signs of the parts follow the standard's own forms for reports (2025: 8.8), data sets (2025: 8.14), parts of a
whole (2025: 8.2, 2015: 8.2) and web pages; every entry ends with a full stop. GB/T 7714-2015 has no form of its own for
data sets; they are set as a part of the report. A part that is not known (an address, the day of access) is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["report", "dataset", "chart", "page"]

SHOWN_DIGITS = 12
"""Digits of a fingerprint in a printed reference and at the foot of a page; the files hold all of them."""

TYPE_MARKS: dict[Kind, str] = {"report": "R/OL", "dataset": "DS/OL", "chart": "R/OL", "page": "EB/OL"}
_BIBTEX_TYPES: dict[Kind, str] = {
    "report": "techreport",
    "dataset": "dataset",
    "chart": "incollection",
    "page": "online",
}
_RIS_TYPES: dict[Kind, str] = {"report": "RPRT", "dataset": "DATA", "chart": "CHAP", "page": "ELEC"}
_CSL_TYPES: dict[Kind, str] = {"report": "report", "dataset": "dataset", "chart": "figure", "page": "webpage"}
_TEX_SIGNS = re.compile(r"[\\{}%&#$_^~]")
_TEX_WORDS = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}


@dataclass(frozen=True)
class Work:
    """What a reference names.

    Parameters
    ----------
    kind
        Report, data set, chart or page.
    author, title
        Who answers for it, and what it is called.
    detail
        Other information on the title (其他题名信息): the identifier of an exhibit, or "".
    container
        Report that holds it, or the platform of a data set; "" for the report itself.
    version
        Edition and revision ("2024-r1").
    date
        ISO date of its state.
    address
        Permanent address, or "" where no base address is configured.
    fingerprint
        SHA-256 of the edition, 64 hexadecimal digits, or "".
    accessed
        ISO date of access, or "".
    note
        What the exhibit says (value, unit, concept), for formats that have a place for it.
    key
        Identifier of the entry in a bibliography.
    """

    kind: Kind
    author: str
    title: str
    detail: str = ""
    container: str = ""
    version: str = ""
    date: str = ""
    address: str = ""
    fingerprint: str = ""
    accessed: str = ""
    note: str = ""
    key: str = ""


def gbt7714_2025(work: Work) -> str:
    """Return a reference by GB/T 7714-2025.

    Parameters
    ----------
    work
        What is cited.

    Examples
    --------
    >>> gbt7714_2025(Work("report", "编写组", "监测报告（2024年度）", version="2024-r1", date="2025-06-30"))
    '编写组. 监测报告（2024年度）：2024-r1[R/OL]. 2025-06-30.'
    >>> gbt7714_2025(Work("dataset", "编写组", "常住人口", "fact-a", "监测报告", "2024-r1", "2025-06-30"))
    '编写组. 常住人口：fact-a[DS/OL]. 2024-r1. 监测报告(2025-06-30).'
    """
    if work.kind == "report":
        # An electronic report carries its date of publication and no day of access.
        return _entry(work, _titled(work.title, work.detail, work.version), work.date)
    if work.kind == "dataset":
        dates = _dates(work)
        return _entry(work, _titled(work.title, work.detail), work.version, work.container + dates)
    if work.kind == "chart":
        return _part_of_report(work, accessed="")
    return _entry(work, _titled(work.title, work.detail, work.container, work.version), _dates(work))


def gbt7714_2015(work: Work) -> str:
    """Return a reference by GB/T 7714-2015.

    Parameters
    ----------
    work
        What is cited.

    Examples
    --------
    >>> gbt7714_2015(Work("report", "编写组", "监测报告（2024年度）", version="2024-r1", date="2025-06-30"))
    '编写组. 监测报告（2024年度）：2024-r1[R/OL]. (2025-06-30).'
    """
    if work.kind in ("dataset", "chart"):
        return _part_of_report(work, accessed=_bracketed(work.accessed))
    return _entry(work, _titled(work.title, work.detail, work.container, work.version), _dates(work))


def bibtex(work: Work) -> str:
    """Return a reference as a BibTeX entry; kinds that BibTeX lacks are named as biblatex names them.

    Parameters
    ----------
    work
        What is cited.

    Examples
    --------
    >>> print(bibtex(Work("page", "编写组", "占84.8%", date="2025-06-30", key="a")))
    @online{a,
      author = {{编写组}},
      title = {{占84.8\\%}},
      date = {2025-06-30},
      year = {2025},
      language = {chinese}
    }
    """
    holder = {"report": "", "dataset": "publisher", "chart": "booktitle", "page": "organization"}[work.kind]
    fields = {
        "author": f"{{{_tex(work.author)}}}",
        "title": f"{{{_tex(work.title)}}}",
        holder: _tex(work.container),
        "institution": _tex(work.author) if work.kind == "report" else "",
        "number" if work.kind in ("report", "dataset") else "eid": _tex(work.detail),
        "version": _tex(work.version),
        "date": work.date,
        "year": work.date[:4],
        # Between the braces of a url field nothing is escaped.
        "url": work.address,
        "urldate": work.accessed,
        "note": _tex(work.note),
        "addendum": f"SHA-256: {work.fingerprint}" if work.fingerprint else "",
        "language": "chinese",
    }
    lines = ",\n".join(f"  {name} = {{{text}}}" for name, text in fields.items() if name and text)
    return f"@{_BIBTEX_TYPES[work.kind]}{{{work.key},\n{lines}\n}}"


def ris(work: Work) -> str:
    """Return a reference in RIS, one tag a line.

    Parameters
    ----------
    work
        What is cited.
    """
    tags = [
        ("TY", _RIS_TYPES[work.kind]),
        ("ID", work.key),
        ("AU", work.author),
        ("TI", work.title),
        ("T2", work.container),
        ("M1", work.detail),
        ("ET", work.version),
        ("PY", work.date[:4]),
        ("DA", work.date.replace("-", "/")),
        ("UR", work.address),
        ("Y2", work.accessed.replace("-", "/")),
        ("N1", work.note),
        ("N1", f"SHA-256: {work.fingerprint}" if work.fingerprint else ""),
        ("LA", "zh"),
    ]
    return "".join(f"{tag}  - {text}\n" for tag, text in tags if text) + "ER  - "


def csl_json(work: Work) -> str:
    """Return a reference as CSL-JSON: a list of one item.

    Parameters
    ----------
    work
        What is cited.
    """
    note = "；".join(
        part for part in (work.note, f"SHA-256: {work.fingerprint}" if work.fingerprint else "") if part
    )
    item: dict[str, Any] = {
        "id": work.key,
        "type": _CSL_TYPES[work.kind],
        "author": [{"literal": work.author}],
        "title": work.title,
        "publisher" if work.kind == "dataset" else "container-title": work.container,
        "number": work.detail,
        "version": work.version,
        "issued": _date_parts(work.date),
        "accessed": _date_parts(work.accessed),
        "URL": work.address,
        "note": note,
        "language": "zh-CN",
    }
    kept = {name: value for name, value in item.items() if value}
    return json.dumps([kept], ensure_ascii=False)


STYLES: dict[str, Callable[[Work], str]] = {
    "gbt7714-2025": gbt7714_2025,
    "gbt7714-2015": gbt7714_2015,
    "bibtex": bibtex,
    "ris": ris,
    "csl-json": csl_json,
}
"""Forms of a reference by the name that ``popbook cite --style`` takes; the first is the default."""


def _entry(work: Work, title: str, *parts: str) -> str:
    """Put the parts of an entry behind each other, each ended by a full stop."""
    head = ". ".join(part for part in (work.author, title) if part)
    seal = f"版本指纹:{work.fingerprint[:SHOWN_DIGITS]}" if work.fingerprint else ""
    return (
        ". ".join(part for part in (f"{head}[{TYPE_MARKS[work.kind]}]", *parts, work.address, seal) if part)
        + "."
    )


def _part_of_report(work: Work, accessed: str) -> str:
    """Set a work as a part of the report: title // who answers for the report, its title, version, year."""
    seal = f"版本指纹:{work.fingerprint[:SHOWN_DIGITS]}" if work.fingerprint else ""
    head = f"{work.author}. {_titled(work.title, work.detail)}[{TYPE_MARKS[work.kind]}]"
    whole = [
        f"{head}//{work.author}",
        work.container,
        work.version,
        work.date[:4] + accessed,
        work.address,
        seal,
    ]
    return ". ".join(part for part in whole if part) + "."


def _titled(*parts: str) -> str:
    return "：".join(part.rstrip("。") for part in parts if part)


def _dates(work: Work) -> str:
    return (f"({work.date})" if work.date else "") + _bracketed(work.accessed)


def _bracketed(date: str) -> str:
    return f"[{date}]" if date else ""


def _date_parts(date: str) -> dict[str, list[list[int]]] | None:
    return {"date-parts": [[int(part) for part in date.split("-")]]} if date else None


def _tex(text: str) -> str:
    return _TEX_SIGNS.sub(lambda match: _TEX_WORDS.get(match[0], "\\" + match[0]), text)
