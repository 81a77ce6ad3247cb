"""Putting a finished file or folder in place, so that nobody ever sees half of it."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2
"""Linux: swap two names in one step (renameat2(2), since Linux 3.15, not on every file system)."""


def replace_atomically(fresh: Path, target: Path) -> None:
    """Put ``fresh`` where ``target`` is; at every instant ``target`` is the whole old one or the whole new one.

    A file is replaced by rename(2). A folder that is not empty cannot be: on Linux the two names are exchanged in one
    step; elsewhere the old folder is moved to ``<target>.old`` first, which leaves an instant without ``target`` (put
    back if the second step fails).

    Parameters
    ----------
    fresh : Path
        Complete file or folder, on the same file system as ``target``. It is gone afterwards.
    target : Path
        The name to take over; it need not exist.

    Raises
    ------
    OSError
        If a rename is refused; ``target`` is the old one then.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     fresh, target = Path(folder, "new"), Path(folder, "site")
    ...     for name, text in ((fresh, "2"), (target, "1")):
    ...         name.mkdir()
    ...         _ = (name / "index.html").write_text(text)
    ...     replace_atomically(fresh, target)
    ...     (target / "index.html").read_text(), fresh.exists()
    ('2', False)
    """
    _write_through(fresh)
    if not fresh.is_dir() or not target.exists():
        fresh.replace(target)
    elif _exchange(fresh, target):
        shutil.rmtree(fresh)
    else:
        _replace_by_two_renames(fresh, target)
    _write_through(target.parent)


def _replace_by_two_renames(fresh: Path, target: Path) -> None:
    before = target.with_name(target.name + ".old")
    shutil.rmtree(before, ignore_errors=True)
    target.rename(before)
    try:
        fresh.rename(target)
    except OSError:
        before.rename(target)
        raise
    shutil.rmtree(before)


def _exchange(first: Path, second: Path) -> bool:
    """Swap two names in one step; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = (os.fsencode(first), os.fsencode(second))
    return rename(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0


def _write_through(path: Path) -> None:
    """Push what is in memory to the disk, so that a power cut after the rename finds the content there."""
    if os.name == "nt":
        return  # Windows syncs neither folders nor files opened for reading
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
