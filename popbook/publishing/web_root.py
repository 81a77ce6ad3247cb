"""The published web root: every revision of every edition at its own address for ever, and the front that leads to them.

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

The front is made from the register and the revisions alone. Frozen pages read the newest list of editions with the
script that was frozen with them: keys of its rows may be added, but never renamed or removed.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from popbook.exhibits.references import SHOWN_DIGITS
from popbook.ledger.errors import PopbookError
from popbook.publishing.discovery import front_files
from popbook.publishing.fingerprint import file_sha256, hash_values
from popbook.publishing.manifest import MANIFEST, manifest_text
from popbook.publishing.site import (
    EDITIONS_SCRIPT,
    EXHIBITS_SCRIPT,
    describe_edition,
    editions_script,
    entry_page,
    exhibits_script,
    read_build_record,
)

REGISTER = "revisions.json"
REVISIONS_PAGE = "revisions.html"
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

    @property
    def address(self) -> str:
        """Folder below the web root, with a slash at its end.

        Examples
        --------
        >>> Published(2024, "r2", "", "", "", "", "", "").address
        '2024/r2/'
        """
        return f"{self.edition}/{self.revision}/"

    @property
    def number(self) -> int:
        """The number in the revision."""
        return int(self.revision[1:])

    def chained(self) -> str:
        """Hash over this entry, which the next one holds."""
        return hash_values(asdict(self))


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
        if not all(type(item.edition) is int and int(item.revision[1:]) > 0 for item in found):
            raise ValueError(REGISTER)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PopbookError(
            f"登记表不能解读（{type(error).__name__}）", str(path), "从备份恢复该文件"
        ) from error
    return found


def newest_of(register: Sequence[Published]) -> dict[int, Published]:
    """Return the newest revision of every edition, newest edition first."""
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
    newest = newest_of(register)
    rows = [
        {
            **describe_edition(root / item.address),
            "address": item.address,
            "revisions": _listed(register, edition),
        }
        for edition, item in newest.items()
    ]
    first = next(iter(newest.values()))
    exhibits = exhibits_script({edition: root / item.address for edition, item in newest.items()})
    files = {
        REGISTER: json.dumps({"revisions": [asdict(item) for item in register]}, ensure_ascii=False, indent=1)
        + "\n",
        EDITIONS_SCRIPT: editions_script(rows),
        EXHIBITS_SCRIPT: exhibits,
        "index.html": entry_page(first.address, first.title),
        REVISIONS_PAGE: _revisions_page(register),
        **front_files((item.address, read_build_record(root / item.address)) for item in newest.values()),
    }
    for edition, item in newest.items():
        files[f"{edition}/{EDITIONS_SCRIPT}"] = editions_script([_seen_from_edition(row) for row in rows])
        files[f"{edition}/{EXHIBITS_SCRIPT}"] = exhibits
        files[f"{edition}/index.html"] = entry_page(f"{item.revision}/", item.title)
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8", newline="\n")
    listed = [*files, *(f"{item.address}{MANIFEST}" for item in register)]
    (root / MANIFEST).write_text(manifest_text(root, listed), encoding="utf-8", newline="\n")


def make_entry(built: Path, published: str, reason: str, register: Sequence[Published]) -> Published:
    """Return the register's entry for a built edition that is about to be published.

    Parameters
    ----------
    built : Path
        The edition, with build.json and MANIFEST.sha256.
    published : str
        ISO date.
    reason : str
        Why it was made.
    register : sequence of Published
        What has been published before.
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
    )


def _listed(register: Sequence[Published], edition: int) -> list[dict[str, str]]:
    return [
        {
            "revision": item.revision,
            "published": item.published,
            "reason": item.reason,
            "address": item.address,
        }
        for item in register
        if item.edition == edition
    ]


def _seen_from_edition(row: dict[str, Any]) -> dict[str, Any]:
    revisions = [{**item, "address": f"../{item['address']}"} for item in row["revisions"]]
    return {**row, "address": f"../{row['address']}", "revisions": revisions}


def _revisions_page(register: Sequence[Published]) -> str:
    ordered = sorted(register, key=lambda item: (-item.edition, -item.number))
    rows = "\n".join(
        f'<tr><td><a href="{item.address}index.html">{item.edition}年度版</a></td><td>{html.escape(item.revision)}</td>'
        f'<td class="reason">{html.escape(item.reason)}</td>'
        f"<td>{html.escape(item.published)}</td><td>{html.escape(item.cut_off)}</td>"
        f"<td><code>{html.escape(item.edition_hash[:SHOWN_DIGITS])}</code></td></tr>"
        for item in ordered
    )
    return PAGE.format(icon=f"{ordered[0].address}_static/favicon.svg", rows=rows)
