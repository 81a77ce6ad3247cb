"""Putting a finished file or folder in place, so that nobody ever sees half of it."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path

from popbook.ledger.errors import PopbookError

AT_FDCWD = -100
RENAME_EXCHANGE = 2
"""Linux: swap two names in one step (renameat2(2), since Linux 3.15, not on every file system)."""

FAILURES = {
    errno.ENOSPC: ("磁盘空间不足", "腾出空间后再运行"),
    errno.EDQUOT: ("磁盘配额已满", "腾出空间后再运行"),
    errno.EACCES: ("没有写入权限", "检查文件夹的权限"),
    errno.EPERM: ("没有写入权限", "检查文件夹的权限"),
    errno.EROFS: ("文件系统只读", "换一个可以写入的文件夹"),
    errno.EFBIG: ("文件超过系统允许的大小", "检查磁盘和账户的限额"),
    errno.ENAMETOOLONG: ("名称太长", "换一个短的名称"),
    errno.ENOENT: ("文件夹不存在", "先建立文件夹，或换一个位置"),
    errno.ENOTDIR: ("路径中有一段是文件，不是文件夹", "换一个位置"),
    errno.EISDIR: ("已有同名的文件夹", "换一个名称"),
}


def explain_failure(error: OSError, where: Path, state: str) -> PopbookError:
    """Turn a refusal of the system into a sentence for people.

    Parameters
    ----------
    error : OSError
        What the system said.
    where : Path
        What was being written; used if the error names no file.
    state : str
        What state things are in now, Chinese.

    Returns
    -------
    PopbookError

    Examples
    --------
    >>> print(explain_failure(OSError(28, "No space left on device"), Path("site"), "网站没有改动"))
    site：磁盘空间不足，网站没有改动 → 腾出空间后再运行
    """
    what, remedy = FAILURES.get(error.errno or 0, (f"读写失败（{error.strerror or error}）", "检查后再运行"))
    return PopbookError(f"{what}，{state}", str(error.filename or where), remedy)


def write_text(path: Path, text: str) -> None:
    """Write a text file in one step, with its folders; after a power cut it may be the old one.

    Parameters
    ----------
    path : Path
        The file.
    text : str
        UTF-8, with the line ends of Unix.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def replace_atomically(fresh: Path, target: Path) -> None:
    """Put ``fresh`` where ``target`` is; at every instant ``target`` is the whole old one or the whole new one.

    A file is replaced by rename(2). A folder that is not empty cannot be: on Linux the two names are exchanged in one
    step; elsewhere the old folder is moved to ``.<target>.old`` first, which leaves an instant without ``target`` (put
    back if the second step fails, and by `restore_interrupted` if the process was killed in it). What is left of the old
    folder afterwards is removed as far as the system permits.

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
    write_through(fresh)
    if not fresh.is_dir() or not target.exists():
        fresh.replace(target)
    elif _exchange(fresh, target):
        shutil.rmtree(fresh, ignore_errors=True)
    else:
        _replace_by_two_renames(fresh, target)
    write_through(target.parent)


def restore_interrupted(target: Path) -> None:
    """Put the old folder back if a replacement was killed between its two renames; else do nothing."""
    before = _set_aside(target)
    if before.is_dir() and not before.is_symlink() and not target.exists():
        before.rename(target)


def _set_aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _replace_by_two_renames(fresh: Path, target: Path) -> None:
    before = _set_aside(target)
    shutil.rmtree(before, ignore_errors=True)
    target.rename(before)
    try:
        fresh.rename(target)
    except OSError:
        before.rename(target)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _exchange(first: Path, second: Path) -> bool:
    """Swap two names in one step; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = (os.fsencode(first), os.fsencode(second))
    return rename(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0


def write_through(path: Path) -> None:
    """Push what is in memory to the disk, so that a power cut after the rename finds the content there."""
    if os.name == "nt":
        return  # Windows syncs neither folders nor files opened for reading
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
