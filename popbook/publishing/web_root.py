"""The published web root: every revision of every edition, and of booklets, at its own address for ever, and the front
that leads to them.

::

    DIR/index.html          → the newest edition
    DIR/editions.js         editions and revisions for the switcher (a script, so that it works on file://)
    DIR/exhibit_editions.js which editions hold which exhibit, for the switcher on the pages of exhibits
    DIR/revisions.html      all revisions with date, reason and fingerprint, for readers
    DIR/revisions.json      the register: the same for programs; each entry holds the hash of the one before it
    DIR/sitemap.xml         where the sitemaps of the newest revisions are; robots.txt names it to search engines
    DIR/MANIFEST.sha256     hash of every file of the front and of the manifest of every revision
    DIR/2024/index.html     → the newest revision of this edition
    DIR/2024/editions.js    as above, seen from here: the pages of a revision load ``../editions.js``; likewise
    DIR/2024/exhibit_editions.js
    DIR/2024/r1/            one revision, byte for byte as it was built; never changes
    DIR/2024/r2/
    DIR/districts/index.html             booklets that are published
    DIR/districts/330108/                the front of a booklet, and below it its revisions: 2024/r1/, as those of the city
    DIR/districts/330108/2024/city-2024.html, districts.html   whereto the pages of a booklet lead: ``../city-2024.html``

The front is made from the register and the revisions alone. Frozen pages read the newest list of editions with the
script that was frozen with them: keys of its rows may be added, but never renamed or removed.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from popbook.exhibits.references import SHOWN_DIGITS
from popbook.ledger.errors import PopbookError
from popbook.publishing.booklets import list_page
from popbook.publishing.built_edition import BuiltEdition
from popbook.publishing.discovery import front_files
from popbook.publishing.fingerprint import file_sha256, hash_values
from popbook.publishing.manifest import MANIFEST, manifest_text
from popbook.publishing.places import DISTRICTS
from popbook.publishing.site import (
    EDITIONS_SCRIPT,
    EXHIBITS_SCRIPT,
    booklets_line,
    describe_edition,
    editions_script,
    entry_page,
    exhibits_script,
    read_build_record,
    ways_out,
)

REGISTER = "revisions.json"
REVISIONS_PAGE = "revisions.html"
DISTRICT = re.compile("[0-9]*")
PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="{icon}">
<title>全部年度版和修订</title>
<style>
body{{font:1rem/1.8 "Noto Serif CJK SC",SimSun,serif;max-width:60em;margin:0 auto;padding:2em 1.25em;color:#1c1c1c}}
h1{{font-size:1.5rem;line-height:1.4}}
div{{overflow-x:auto}}
table{{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}}
th,td{{text-align:left;vertical-align:top;padding:.4em 1em .4em 0;border-bottom:1px solid #ddd;white-space:nowrap}}
th{{border-bottom:2px solid #888}}
td.reason{{white-space:normal;min-width:9em}}
a{{color:#0b5394}}
@media (prefers-color-scheme:dark){{body{{background:#14181c;color:#e4e4e4}}a{{color:#8ab8e6}}th,td{{border-color:#444}}}}
</style>
</head>
<body>
<h1>全部年度版和修订</h1>
<p>每个修订发布后不再改动，地址永久有效。引用时写明年度版和修订号。</p>
<div><table>
<thead><tr><th scope="col">年度版</th><th scope="col">修订号</th><th scope="col">修订原因</th>\
<th scope="col">发布日期</th><th scope="col">数据截止</th><th scope="col">版本指纹</th></tr></thead>
<tbody>
{rows}
</tbody>
</table></div>
<p>核对：<code>popbook verify</code>，或 <code>sha256sum --check MANIFEST.sha256</code>。</p>
</body>
</html>
"""


@dataclass(frozen=True)
class Published:
    """One published revision, as the register of a web root holds it.

    Parameters
    ----------
    edition : int
        Data year.
    revision, title, cut_off : str
        As in its build record.
    published : str
        ISO date.
    reason : str
        Why it was made; "首次发布" for the first.
    edition_hash : str
        Version fingerprint printed at the foot of its pages.
    manifest : str
        SHA-256 of its MANIFEST.sha256.
    previous : str
        Hash over the entry before it in the register; empty for the first.
    district : str
        GB/T 2260 code of the district whose booklet it is; "" for the report on the city.
    """

    edition: int
    revision: str
    title: str
    cut_off: str
    published: str
    reason: str
    edition_hash: str
    manifest: str
    previous: str = ""
    district: str = ""

    @property
    def home(self) -> str:
        """Folder of its report below the web root, with a slash at its end; "" for the city."""
        return f"{DISTRICTS}/{self.district}/" if self.district else ""

    @property
    def place(self) -> str:
        """Folder below that of its report, with a slash at its end."""
        return f"{self.edition}/{self.revision}/"

    @property
    def address(self) -> str:
        """Folder below the web root, with a slash at its end.

        Examples
        --------
        >>> Published(2024, "r2", "", "", "", "", "", "").address
        '2024/r2/'
        >>> Published(2024, "r1", "", "", "", "", "", "", district="330108").address
        'districts/330108/2024/r1/'
        """
        return f"{self.home}{self.place}"

    @property
    def name(self) -> str:
        """Short name for messages.

        Examples
        --------
        >>> Published(2024, "r1", "", "", "", "", "", "", district="330108").name
        '330108 2024 r1'
        """
        return f"{self.district} {self.edition} {self.revision}".lstrip()

    @property
    def number(self) -> int:
        """The number in the revision."""
        return int(self.revision[1:])

    def row(self) -> dict[str, Any]:
        """The entry as the register holds it; one of the city names no district."""
        return {key: value for key, value in asdict(self).items() if key != "district" or value}

    def chained(self) -> str:
        """Hash over this entry, which the next one holds."""
        return hash_values(self.row())


def read_register(root: Path) -> tuple[Published, ...]:
    """Read the register of a web root, in the order of publication.

    Raises
    ------
    PopbookError
        If it is damaged.
    """
    path = root / REGISTER
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["revisions"]
        found = tuple(Published(**row) for row in rows)
        if not all(
            type(item.edition) is int and int(item.revision[1:]) > 0 and DISTRICT.fullmatch(item.district)
            for item in found
        ):
            raise ValueError(REGISTER)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PopbookError(
            f"登记表不能解读（{type(error).__name__}）", str(path), "从备份恢复该文件"
        ) from error
    return found


def newest_of(register: Sequence[Published]) -> dict[int, Published]:
    """Return the newest revision of every edition of one report, newest edition first."""
    newest: dict[int, Published] = {}
    for item in sorted(register, key=lambda item: (-item.edition, item.number)):
        newest[item.edition] = item
    return newest


def write_front(root: Path, register: Sequence[Published]) -> None:
    """Write everything of a web root but the revisions themselves.

    Parameters
    ----------
    root : Path
        Folder that holds every revision of the register.
    register : sequence of Published
        In the order of publication.
    """
    reports: dict[str, list[Published]] = {}
    for item in sorted(register, key=lambda item: item.district):  # the city first
        reports.setdefault(item.district, []).append(item)
    newest = {district: newest_of(entries) for district, entries in reports.items()}
    booklets = {
        district: _district_name(root, next(iter(newest[district].values()))) for district in reports if district
    }
    cities = {edition: item.address for edition, item in newest[""].items()}
    files = {
        REGISTER: json.dumps({"revisions": [item.row() for item in register]}, ensure_ascii=False, indent=1) + "\n",
        REVISIONS_PAGE: _revisions_page(register, booklets),
        **front_files(
            (item.address, read_build_record(root / item.address)) for own in newest.values() for item in own.values()
        ),
    }
    for district, entries in reports.items():
        files |= _front_of(root, entries, bool(booklets) and not district)
        if district:
            for edition, item in newest[district].items():
                pages = ways_out("../../../", {edition: cities[edition]})
                files |= {f"{item.home}{edition}/{name}": text for name, text in pages.items()}
    if booklets:
        files[f"{DISTRICTS}/index.html"] = list_page(booklets)
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8", newline="\n")
    listed = [*files, *(f"{item.address}{MANIFEST}" for item in register)]
    (root / MANIFEST).write_text(manifest_text(root, listed), encoding="utf-8", newline="\n")


def _front_of(root: Path, entries: Sequence[Published], tells_of_booklets: bool) -> dict[str, str]:
    """Return what lies around the revisions of one report, the city's or a booklet: ways in, lists for the switcher."""
    newest = newest_of(entries)
    rows = [
        {
            **describe_edition(root / item.address),
            "address": item.place,
            "revisions": _listed(entries, edition),
        }
        for edition, item in newest.items()
    ]
    first = next(iter(newest.values()))
    exhibits = exhibits_script({edition: root / item.address for edition, item in newest.items()})
    files = {
        EDITIONS_SCRIPT: editions_script(rows) + (booklets_line() if tells_of_booklets else ""),
        EXHIBITS_SCRIPT: exhibits,
        "index.html": entry_page(first.place, first.title),
    }
    seen = editions_script([_seen_from_edition(row) for row in rows])
    for edition, item in newest.items():
        files[f"{edition}/{EDITIONS_SCRIPT}"] = seen + (booklets_line("../") if tells_of_booklets else "")
        files[f"{edition}/{EXHIBITS_SCRIPT}"] = exhibits
        files[f"{edition}/index.html"] = entry_page(f"{item.revision}/", item.title)
    return {f"{first.home}{name}": text for name, text in files.items()}


def _district_name(root: Path, item: Published) -> str:
    return BuiltEdition(root / item.address).register.regions[item.district].name_zh


def make_entry(
    built: Path, published: str, reason: str, register: Sequence[Published], district: str = ""
) -> Published:
    """Return the register's entry for a built edition, or a booklet of it, that is about to be published.

    Parameters
    ----------
    built : Path
        Its folder, with build.json and MANIFEST.sha256.
    published : str
        ISO date.
    reason : str
        Why it was made.
    register : sequence of Published
        What has been published before.
    district : str
        District whose booklet it is; "" for the report on the city.
    """
    record = read_build_record(built)
    return Published(
        edition=record["edition"],
        revision=record["revision"],
        title=record["title"],
        cut_off=record["cut_off"],
        published=published,
        reason=reason,
        edition_hash=record["edition_hash"],
        manifest=file_sha256(built / MANIFEST),
        previous=register[-1].chained() if register else "",
        district=district,
    )


def _listed(register: Sequence[Published], edition: int) -> list[dict[str, str]]:
    return [
        {
            "revision": item.revision,
            "published": item.published,
            "reason": item.reason,
            "address": item.place,
        }
        for item in register
        if item.edition == edition
    ]


def _seen_from_edition(row: dict[str, Any]) -> dict[str, Any]:
    revisions = [{**item, "address": f"../{item['address']}"} for item in row["revisions"]]
    return {**row, "address": f"../{row['address']}", "revisions": revisions}


def _revisions_page(register: Sequence[Published], booklets: Mapping[str, str]) -> str:
    ordered = sorted(register, key=lambda item: (-item.edition, item.district, -item.number))
    names = {"": "", **{district: f"{name}分册" for district, name in booklets.items()}}
    rows = "\n".join(
        f'<tr><td><a href="{item.address}index.html">{item.edition}年度版{html.escape(names[item.district])}</a></td><td>{html.escape(item.revision)}</td>'
        f'<td class="reason">{html.escape(item.reason)}</td>'
        f"<td>{html.escape(item.published)}</td><td>{html.escape(item.cut_off)}</td>"
        f"<td><code>{html.escape(item.edition_hash[:SHOWN_DIGITS])}</code></td></tr>"
        for item in ordered
    )
    return PAGE.format(icon=f"{ordered[0].address}_static/favicon.svg", rows=rows)
