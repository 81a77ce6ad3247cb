"""Proof that no page asks another host for anything."""

from __future__ import annotations

import re
from pathlib import Path

LOADING_ATTRIBUTE = re.compile(
    r"<(?:script|img|iframe|audio|video|source|embed|object|input|image|use)\b[^>]*?\s"
    r"(?:src|srcset|data|href|xlink:href)\s*=\s*[\"']?((?:https?:)?//[^\"'\s>]+)",
    re.IGNORECASE,
)
LINKED_RESOURCE = re.compile(r"<link\b[^>]*>", re.IGNORECASE)
LINK_ADDRESS = re.compile(r"\bhref\s*=\s*[\"']?((?:https?:)?//[^\"'\s>]+)", re.IGNORECASE)
POSSIBLE = re.compile(r"(?:=|url\(|@import\s)\s*[\"']?(?:https?:)?//", re.IGNORECASE)
"""What each of the others holds; most pages do not, and are done with."""
STYLE_ADDRESS = re.compile(r"(?:@import\s+|url\()\s*[\"']?((?:https?:)?//[^\"')\s]+)", re.IGNORECASE)


def find_foreign_requests(folder: Path) -> list[str]:
    """Return every place in a built edition that would make a browser ask another host.

    Links that a reader may follow are not requests; scripts, styles, fonts, pictures and frames are.

    Parameters
    ----------
    folder : Path
        A built edition.

    Returns
    -------
    list of str
        ``page → address``.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".html", ".css", ".svg"):
            continue
        text = path.read_text(encoding="utf-8")
        if not POSSIBLE.search(text):
            continue
        addresses = STYLE_ADDRESS.findall(text)
        if path.suffix != ".css":
            addresses += LOADING_ATTRIBUTE.findall(text)
            for link in LINKED_RESOURCE.findall(text):
                addresses += LINK_ADDRESS.findall(link)
        found += [f"{path.relative_to(folder).as_posix()} → {address}" for address in addresses]
    return found
