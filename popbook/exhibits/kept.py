"""Drawings, typefaces and scripts that cost time, kept by what they are made from: made once, whoever asks again."""

from __future__ import annotations

import platform
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from popbook.ledger.kept import entry_name, hash_folders, is_keeping, read_entry, write_entry

PACKAGES = ("brotli", "fonttools", "uharfbuzz", "vl-convert-python", "xlsxwriter")


def kept(kind: str, *parts: str, make: Callable[[], bytes]) -> bytes:
    """Return bytes that depend on nothing but their kind, some texts, and this floor of the library.

    Parameters
    ----------
    kind : str
        What is made.
    parts : str
        What it is made from.
    make : callable
        Makes it.

    Examples
    --------
    >>> kept("example", "a", make=lambda: b"made")
    b'made'
    """
    if not is_keeping():
        return make()
    name = entry_name(kind, library_code(), *parts)
    found = read_entry(name)
    if found is None:
        found = make()
        write_entry(name, found)
    return found


@cache
def library_code() -> str:
    """Return the hash of all code of this floor, and of the packages that draw.

    Examples
    --------
    >>> len(library_code())
    64
    """
    # Anything of this floor may have a say in what a drawing looks like.
    versions = [platform.python_version(), *(version(name) for name in PACKAGES)]
    return entry_name(hash_folders([Path(__file__).parent]), *versions)
