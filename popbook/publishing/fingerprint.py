"""Content fingerprints: what a result was made from, and whether it is still what was made."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULT_PACKAGES = (
    "altair",
    "jupyter-book",
    "myst-nb",
    "numpy",
    "pandas",
    "papermill",
    "scipy",
    "sphinx",
    "sphinx-book-theme",
    "statsmodels",
    "vl-convert-python",
)
"""Packages whose version can change what a reader sees."""

BLOCK_BYTES = 1 << 20
"""How much of a file is hashed at once."""

IGNORED_PARTS = {"__pycache__", ".ipynb_checkpoints"}


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    # Most files are small; hashlib.file_digest would clear 256 kB of memory for each.
    with path.open("rb", buffering=0) as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def files_below(*roots: Path) -> list[Path]:
    """Return all files at or below the given places in a fixed order, without caches of the interpreter."""
    found: list[Path] = []
    for root in roots:
        if root.is_file():
            found.append(root)
        else:
            found += [
                path for path in root.rglob("*") if path.is_file() and not IGNORED_PARTS & set(path.parts)
            ]
    return sorted(found, key=lambda path: path.as_posix())


def hash_files(paths: Iterable[Path], root: Path) -> str:
    """Return one SHA-256 over names (relative to root) and contents of files.

    Parameters
    ----------
    paths : iterable of Path
        Files at or below ``root``; their order does not matter.
    root : Path
        Names are taken relative to it, so that a moved checkout keeps its fingerprints.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(root).as_posix(), path) for path in paths):
        digest.update(f"{name}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()


def hash_values(values: Mapping[str, Any]) -> str:
    """Return the SHA-256 of JSON-safe values, independent of their order.

    Examples
    --------
    >>> hash_values({"a": 1, "b": 2}) == hash_values({"b": 2, "a": 1})
    True
    """
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def software_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that can change what a reader sees."""
    return {"python": platform.python_version(), **{name: version(name) for name in RESULT_PACKAGES}}
