"""The finished pages of an edition, read once for all that looks at them and changes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def read_pages(folder: Path) -> dict[str, str]:
    """Return the pages of an edition by their names, in the order of folders and names.

    Parameters
    ----------
    folder : Path
        Built edition.
    """
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.html"))
    }


def write_pages(folder: Path, pages: Mapping[str, str], read: Mapping[str, str]) -> None:
    """Write the pages that are not as they were read.

    Parameters
    ----------
    folder : Path
        Built edition.
    pages : mapping
        Name of a page to its HTML.
    read : mapping
        The same as it stands in the folder.
    """
    for name, markup in pages.items():
        if markup != read[name]:
            (folder / name).write_text(markup, encoding="utf-8", newline="\n")
