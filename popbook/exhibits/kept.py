"""Drawings, typefaces and scripts that cost time, kept by what they are made from: made once, whoever asks again.

An entry is named by the hash of everything it depends on and begins with the hash of its own bytes: one that is damaged
is made again. Nothing is executed or unpacked when an entry is read.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

KEPT_VARIABLE = "POPBOOK_KEPT"
"""Environment variable that names the folder; without it nothing is kept."""

MOST_BYTES = 300_000_000
"""How large the folder may grow; six editions take a fifth of it."""

PACKAGES = ("brotli", "fonttools", "vl-convert-python")
DIGEST_BYTES = 32
PARTIAL = ".partial"


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
    folder = os.environ.get(KEPT_VARIABLE)
    if not folder:
        return make()
    name = _digest("\0".join((kind, _code(), *parts)).encode()).hex()
    path = Path(folder) / name[:2] / name
    with suppress(OSError):
        content = path.read_bytes()
        if content[:DIGEST_BYTES] == _digest(content[DIGEST_BYTES:]):
            os.utime(path)
            return content[DIGEST_BYTES:]
    made = make()
    with suppress(OSError):  # a full disk is told by what must be written
        _write(path, _digest(made) + made)
    return made


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


@cache
def _code() -> str:
    # Anything of this floor may have a say in what a drawing looks like.
    folder = Path(__file__).parent
    files = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    contents = [path.relative_to(folder).as_posix().encode() + _digest(path.read_bytes()) for path in files]
    versions = [platform.python_version(), *(version(name) for name in PACKAGES)]
    return _digest(b"\0".join([*contents, *(text.encode() for text in versions)])).hex()
