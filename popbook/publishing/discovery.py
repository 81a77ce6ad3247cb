"""What machines find an edition by: a map of its pages, and its description as a data set on its first page.

A sitemap should name full addresses. They are known where ``html: baseurl`` of _config.yml says under which address
editions are published; without it the addresses are relative to the file, which is all that a folder on a disk can say.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from typing import Any

from popbook.exhibits.imprint import Imprint
from popbook.exhibits.linked_data import report_json
from popbook.publishing.built_edition import BuiltEdition

SITEMAP, ROBOTS = "sitemap.xml", "robots.txt"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
INDEXES = ("exhibits.json", "facts.json", "datapackage.json")
NO_PAGES = ("_static/", "search.html")
REDIRECT = '<meta http-equiv="refresh"'


def sitemap(addresses: Iterable[str], modified: str) -> str:
    """Return a sitemap.

    Parameters
    ----------
    addresses : iterable of str
        Of pages.
    modified : str
        ISO date of all of them.

    Examples
    --------
    >>> print(sitemap(["index.html"], "2025-06-30").splitlines()[2])
    <url><loc>index.html</loc><lastmod>2025-06-30</lastmod></url>
    """
    rows = "\n".join(
        f"<url><loc>{html.escape(address)}</loc><lastmod>{modified}</lastmod></url>" for address in addresses
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{NAMESPACE}">\n{rows}\n</urlset>\n'


def sitemap_index(addresses: Iterable[str]) -> str:
    """Return the list of the sitemaps of several editions."""
    rows = "\n".join(f"<sitemap><loc>{html.escape(address)}</loc></sitemap>" for address in addresses)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{NAMESPACE}">\n{rows}\n</sitemapindex>\n'


def write_sitemap(edition: BuiltEdition, pages: Mapping[str, str]) -> None:
    """Write the map of the pages of an edition; addresses that only lead on are not in it."""
    imprint = edition.imprint
    names = sorted(name for name in pages if not name.startswith(NO_PAGES) and REDIRECT not in pages[name])
    text = sitemap((imprint.page(name) or name for name in names), imprint.cut_off)
    (edition.folder / SITEMAP).write_text(text, encoding="utf-8", newline="\n")


def describe_report(edition: BuiltEdition, pages: dict[str, str]) -> None:
    """Put the edition's description as a schema.org ``Dataset`` into the head of its first page."""
    package = json.loads((edition.folder / "datapackage.json").read_text(encoding="utf-8"))
    files = [*INDEXES, *(resource["path"] for resource in package["resources"])]
    data = report_json(
        edition.imprint, f"{edition.imprint.title}的数据、图表和结果。{edition.imprint.disclaimer}", files
    )
    script = f'<script type="application/ld+json">{data}</script>\n</head>'
    pages["index.html"] = pages["index.html"].replace("</head>", script, 1)


def front_files(rows: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, str]:
    """Return ``sitemap.xml`` and ``robots.txt`` for the folder around several editions.

    Parameters
    ----------
    rows : iterable of tuple
        Folder of an edition as seen from there, with a slash at its end, and its build record.

    Examples
    --------
    >>> print(front_files([("2024/", {"edition": 2024, "revision": "r1"})])["robots.txt"])
    User-agent: *
    Allow: /
    <BLANKLINE>
    """
    bases = []
    maps = []
    for address, record in rows:
        imprint = Imprint(record["edition"], record["revision"], "", "", "", record.get("base", ""))
        bases.append(imprint.base.rstrip("/"))
        maps.append(imprint.page(SITEMAP) or f"{address}{SITEMAP}")
    # A line without a full address would be no valid one.
    named = f"Sitemap: {bases[0]}/{SITEMAP}\n" if bases and bases[0] else ""
    return {SITEMAP: sitemap_index(maps), ROBOTS: f"User-agent: *\nAllow: /\n{named}"}
