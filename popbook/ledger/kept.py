"""Entries that cost time to make, kept on disk by name: whoever asks again, in this process or another, reads them.

An entry begins with the hash of its own bytes: one that is damaged counts as missing. Nothing is executed or unpacked
when an entry is read.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

KEPT_VARIABLE = "POPBOOK_KEPT"
"""Environment variable that names the folder; without it nothing is kept."""

MOST_BYTES = 300_000_000
"""How large the folder may grow; six editions take a fifth of it."""

DIGEST_BYTES = 32
PARTIAL = ".partial"


def is_keeping() -> bool:
    """Whether this process keeps anything."""
    return bool(os.environ.get(KEPT_VARIABLE))


def entry_name(*parts: str) -> str:
    """Return the name of an entry from texts that say what it is and what it was made from.

    Examples
    --------
    >>> len(entry_name("drawing", "a")), entry_name("a", "b") == entry_name("ab")
    (64, False)
    """
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def read_entry(name: str) -> bytes | None:
    """Return what is kept under a name, or None where nothing is, or it is damaged."""
    folder = os.environ.get(KEPT_VARIABLE)
    if not folder:
        return None
    path = _place(Path(folder), name)
    with suppress(OSError):
        content = path.read_bytes()
        if content[:DIGEST_BYTES] == _digest(content[DIGEST_BYTES:]):
            os.utime(path)
            return content[DIGEST_BYTES:]
    return None


def write_entry(name: str, content: bytes) -> None:
    """Keep bytes under a name, in one step; a full disk is left to be told by what must be written."""
    folder = os.environ.get(KEPT_VARIABLE)
    if folder:
        with suppress(OSError):
            _write(_place(Path(folder), name), _digest(content) + content)


def forget_oldest(folder: Path, most: int = MOST_BYTES) -> None:
    """Delete what has not been asked for longest, until the folder is small enough; nobody may be writing to it.

    Parameters
    ----------
    folder : Path
        Folder of the entries; may be missing.
    most : int
        Bytes.
    """
    entries = []
    for path in folder.glob("*/*"):
        if path.suffix == PARTIAL:  # left by a build that was killed
            path.unlink(missing_ok=True)
            continue
        stated = path.stat()
        entries.append((stated.st_mtime_ns, stated.st_size, path))
    size = sum(entry[1] for entry in entries)
    for _, bytes_, path in sorted(entries):
        if size <= most:
            break
        path.unlink(missing_ok=True)
        size -= bytes_


def hash_folders(folders: Iterable[Path]) -> str:
    """Return the SHA-256 of all files below some folders, with their names."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
            digest.update(path.relative_to(folder.parent).as_posix().encode() + b"\0" + _digest(path.read_bytes()))
    return digest.hexdigest()


def _place(folder: Path, name: str) -> Path:
    return folder / name[:2] / name


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, suffix=PARTIAL)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(partial).replace(path)
    finally:
        Path(partial).unlink(missing_ok=True)
