"""Assembling the site: editions side by side, the way in, the list of editions; swapped in as a whole."""

from __future__ import annotations

import html
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from popbook.ledger.atomic import replace_atomically, restore_interrupted, write_text
from popbook.publishing.built_edition import BUILD_RECORD
from popbook.publishing.content_policy import with_policy
from popbook.publishing.discovery import front_files
from popbook.publishing.manifest import MANIFEST, find_differences, list_files
from popbook.publishing.places import DISTRICTS

EDITIONS_SCRIPT = "editions.js"
EXHIBITS_SCRIPT = "exhibit_editions.js"

ENTRY_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="0; url={address}index.html">
{icon}<title>{title}</title>
<style>body{{font:1.125rem/1.8 "Noto Serif CJK SC",SimSun,serif;max-width:36em;margin:20vh auto 0;padding:0 1.5em}}</style>
</head>
<body>
<p><a href="{address}index.html">{title}</a></p>
</body>
</html>
"""


ICON = '<link rel="icon" href="{address}_static/favicon.svg">\n'


def list_pages(folder: Path) -> list[str]:
    """Return the addresses of the pages of an edition, without the landing pages of single exhibits."""
    pages = (path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    return sorted(page for page in pages if not page.startswith(("_static/", "exhibits/")))


def read_build_record(folder: Path) -> dict[str, Any]:
    """Read build.json of a finished edition."""
    record: dict[str, Any] = json.loads((folder / BUILD_RECORD).read_text(encoding="utf-8"))
    return record


def describe_edition(folder: Path) -> dict[str, Any]:
    """Return the row of an edition in the list for the switcher, read from its build record."""
    record = read_build_record(folder)
    row = {key: record[key] for key in ("edition", "title", "revision", "cut_off")}
    return {**row, "address": f"{record['edition']}/", "pages": list_pages(folder)}


def editions_script(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the list of editions as a script: a page opened from disk may not fetch a file but may load a script."""
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True, indent=1)
    return f"window.POPBOOK_EDITIONS = {text};\n"


def booklets_line(up: str = "") -> str:
    """Return what the list of editions says where there are booklets: the menu of editions leads to them, too.

    Parameters
    ----------
    up : str
        The folder that holds the list of booklets' folder, as seen from the list of editions.
    """
    return f'window.POPBOOK_DISTRICTS = "{up}{DISTRICTS}/index.html";\n'


def tell_of_booklets(site: Path) -> None:
    """Let the list of editions of a site say that there are booklets; without a list there is nothing to say.

    Parameters
    ----------
    site : Path
        The site of the city.
    """
    script = site / EDITIONS_SCRIPT
    if not script.is_file() or not (site / DISTRICTS / "index.html").is_file():
        return
    text = script.read_text(encoding="utf-8")
    if booklets_line() not in text:
        write_text(script, text + booklets_line())


def exhibits_script(editions: Mapping[int, Path]) -> str:
    """Return which editions hold a page for each figure, table and number, newest first, as a script.

    It is a list of its own, because only the pages of exhibits ask for it.

    Parameters
    ----------
    editions : mapping
        Data year to the folder of the edition.
    """
    holders: dict[str, list[int]] = {}
    for edition in sorted(editions, reverse=True):
        for page in editions[edition].glob("exhibits/*/index.html"):
            holders.setdefault(page.parent.name, []).append(edition)
    text = json.dumps(holders, sort_keys=True, separators=(",", ":"))
    return f"window.POPBOOK_EXHIBITS = {text};\n"


def entry_page(address: str, title: str, has_icon: bool = True) -> str:
    """Return the page that leads on to an edition.

    Parameters
    ----------
    address : str
        Folder of the edition, as seen from the page, with a slash at its end.
    title : str
        Its title.
    has_icon : bool
        Whether the folder holds an icon, as an edition does.
    """
    words = {"address": html.escape(address), "title": html.escape(title)}
    return with_policy(ENTRY_PAGE.format(icon=ICON.format(**words) if has_icon else "", **words))


def ways_out(up: str, cities: Mapping[int, str]) -> dict[str, str]:
    """Return the pages beside a booklet that lead on to the report on the city and to the list of booklets, by their names.

    A frozen booklet lies a folder deeper than a built one; by these pages its links are right at both places.

    Parameters
    ----------
    up : str
        The folder of the report on the city, as seen from the pages.
    cities : mapping
        Data year to the edition of the city, as seen from that folder.
    """
    return {
        f"{DISTRICTS}.html": entry_page(f"{up}{DISTRICTS}/", "区县分册", has_icon=False),
        **{
            f"city-{edition}.html": entry_page(f"{up}{address}", f"全市{edition}年度版")
            for edition, address in cities.items()
        },
    }


def write_entry(site: Path) -> None:
    """Write the list of editions and the page that leads to the newest one.

    Parameters
    ----------
    site : Path
        Folder with one folder per edition.
    """
    rows = [
        describe_edition(path.parent) for path in sorted(site.glob(f"[0-9][0-9][0-9][0-9]/{BUILD_RECORD}"))
    ]
    rows.sort(key=lambda row: row["edition"], reverse=True)
    (site / EDITIONS_SCRIPT).write_text(editions_script(rows), encoding="utf-8", newline="\n")
    tell_of_booklets(site)
    homes = {row["edition"]: site / row["address"] for row in rows}
    (site / EXHIBITS_SCRIPT).write_text(exhibits_script(homes), encoding="utf-8", newline="\n")
    for name, text in front_files(
        (row["address"], read_build_record(homes[row["edition"]])) for row in rows
    ).items():
        (site / name).write_text(text, encoding="utf-8", newline="\n")
    pages = {"index.html": entry_page(rows[0]["address"], rows[0]["title"])}
    if site.parent.name == DISTRICTS:
        pages |= ways_out("../../", {row["edition"]: row["address"] for row in rows})
    for name, text in pages.items():
        (site / name).write_text(text, encoding="utf-8", newline="\n")


def is_current(site: Path, finished: Sequence[Path]) -> bool:
    """Whether the site already holds exactly these finished editions."""
    return (site / EDITIONS_SCRIPT).is_file() and all(
        (site / folder.name / MANIFEST).is_file()
        and (site / folder.name / MANIFEST).read_bytes() == (folder / MANIFEST).read_bytes()
        and not find_differences(site / folder.name)
        for folder in finished
    )


def assemble_site(site: Path, finished: Sequence[Path]) -> Path:
    """Put finished editions into the site; readers see the old site or the new one, never a mixture.

    Editions of the present site that are not among the finished ones stay as they are.

    Parameters
    ----------
    site : Path
        The site's folder.
    finished : sequence of Path
        Folders named by edition, each with build.json and MANIFEST.sha256.

    Returns
    -------
    Path
        The page to open.
    """
    restore_interrupted(site)
    if not is_current(site, finished):
        fresh = site.with_name(site.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        names = {folder.name for folder in finished}
        kept = [
            path.parent
            for path in site.glob(f"[0-9][0-9][0-9][0-9]/{BUILD_RECORD}")
            if path.parent.name not in names
        ]
        try:
            for folder in finished:
                _copy(folder, fresh / folder.name)
            # The old site, which shares these files for a moment, is deleted when the new one is in its place.
            for folder in kept:
                _copy(folder, fresh / folder.name, _link)
            if (site / DISTRICTS).is_dir():
                _copy(site / DISTRICTS, fresh / DISTRICTS, _link)
            write_entry(fresh)
            replace_atomically(fresh, site)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return site / "index.html"


def _copy(source: Path, target: Path, copy_file: Callable[[str, str], object] = shutil.copyfile) -> None:
    # Not shutil.copytree: it goes on after a failure and hides what the system said.
    made: set[str] = set()
    for name in list_files(source):
        folder = name.rpartition("/")[0]
        if folder not in made:
            (target / folder).mkdir(parents=True, exist_ok=True)
            made.add(folder)
        copy_file(f"{source}/{name}", f"{target}/{name}")


def _link(source: str, target: str) -> None:
    """Give a file a second name; copy it where the file system has none to give."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
