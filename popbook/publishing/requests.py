"""Proof that no page asks another host for anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

LOADING_ATTRIBUTE = re.compile(
    r"<(?:script|img|iframe|audio|video|source|embed|object|input|image|use)\b[^>]*?\s"
    r"(?:src|srcset|data|href|xlink:href)\s*=\s*[\"']?((?:https?:)?//[^\"'\s>]+)",
    re.IGNORECASE,
)
LINKED_RESOURCE = re.compile(r"<link\b[^>]*>", re.IGNORECASE)
LINK_ADDRESS = re.compile(r"\bhref\s*=\s*[\"']?((?:https?:)?//[^\"'\s>]+)", re.IGNORECASE)
POSSIBLE = re.compile(
    r"//(?::s?ptth)?[\"']?\s*(?:=\s*(?:crs|tescrs|atad|ferh)|\(lru|\stropmi@)", re.IGNORECASE
)
"""What each of the others holds, read from its end: two slashes are rare, and most pages are done with."""
STYLE_ADDRESS = re.compile(r"(?:@import\s+|url\()\s*[\"']?((?:https?:)?//[^\"')\s]+)", re.IGNORECASE)


def find_foreign_requests(folder: Path, pages: Mapping[str, str]) -> list[str]:
    """Return every place in a built edition that would make a browser ask another host.

    Links that a reader may follow are not requests; scripts, styles, fonts, pictures and frames are.

    Parameters
    ----------
    folder : Path
        A built edition.
    pages : mapping
        Name of a page to its HTML.

    Returns
    -------
    list of str
        ``page → address``.
    """
    found = []
    for name, text in (*pages.items(), *_other_files(folder)):
        if not POSSIBLE.search(text[::-1]):
            continue
        addresses = STYLE_ADDRESS.findall(text)
        if not name.endswith(".css"):
            addresses += LOADING_ATTRIBUTE.findall(text)
            for link in LINKED_RESOURCE.findall(text):
                addresses += LINK_ADDRESS.findall(link)
        found += [f"{name} → {address}" for address in addresses]
    return found


def _other_files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((*folder.rglob("*.css"), *folder.rglob("*.svg"))):
        yield path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8")
