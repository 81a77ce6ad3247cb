"""Writing several files of the data folder as one: after a crash at any instant, all of them are old or all are new.

A change is first written whole into ``.journal.new/``, which becomes ``.journal/`` in one step. From that instant on the
change is made: whoever reads or writes the ledger next carries out what a killed process left (:func:`recover`). Before
that instant nothing has happened. One lock file beside the data folder keeps two writers apart.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from popbook.ledger.atomic import replace_atomically, write_through
from popbook.ledger.errors import PopbookError

JOURNAL = ".journal"
MANIFEST = "manifest.json"
LOCK_SUFFIX = ".lock"
LOCK_SECONDS = 60
"""An ingest takes two seconds; who waits a minute waits for something that hangs."""

STEADY_ATTEMPTS = 20

Result = TypeVar("Result")


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Keep every other writer of a data folder out; the same process may enter again.

    Parameters
    ----------
    data_dir : Path
        The data folder; the lock is ``.<name>.lock`` beside it, so that it is no part of the data.

    Raises
    ------
    PopbookError
        If another process holds the lock for a minute, or the lock cannot be written.
    """
    from filelock import FileLock, Timeout

    path = data_dir.with_name(f".{data_dir.name}{LOCK_SUFFIX}")
    lock = FileLock(path, timeout=LOCK_SECONDS, is_singleton=True)
    try:
        lock.acquire()
    except Timeout as error:
        raise PopbookError("另一个程序正在写台账", str(data_dir), "等它结束后重试") from error
    except OSError as error:
        raise PopbookError(f"不能为写台账加锁（{error.strerror}）", str(path), "检查文件夹权限") from error
    try:
        yield
    finally:
        lock.release()


def commit(data_dir: Path, contents: Mapping[str, bytes]) -> None:
    """Replace files of the data folder by new contents, all or none.

    Parameters
    ----------
    data_dir : Path
        The data folder.
    contents : mapping
        File name → new content. The files are put in place in this order, so that one that others refer to goes first.

    Raises
    ------
    PopbookError
        If the change cannot be written (disk full, no permission); nothing has changed then.
    """
    with locked(data_dir):
        recover(data_dir)
        fresh = data_dir / f"{JOURNAL}.new"
        try:
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir()
            for name, content in contents.items():
                (fresh / name).write_bytes(content)
                write_through(fresh / name)
            manifest = {
                name: {"old": _digest(data_dir / name), "new": hashlib.sha256(content).hexdigest()}
                for name, content in contents.items()
            }
            (fresh / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
            write_through(fresh / MANIFEST)
            replace_atomically(fresh, data_dir / JOURNAL)
        except OSError as error:
            shutil.rmtree(fresh, ignore_errors=True)
            raise PopbookError(
                f"台账没有写入（{error.strerror}）", str(data_dir), "检查磁盘空间和权限后重试"
            ) from error
        recover(data_dir)


def recover(data_dir: Path) -> bool:
    """Carry out a change that was made but not put in place; nothing to do in nearly all calls.

    Parameters
    ----------
    data_dir : Path
        The data folder.

    Returns
    -------
    bool
        Whether there was such a change.

    Raises
    ------
    PopbookError
        If it cannot be carried out: no permission, or somebody has edited a file in between.
    """
    journal = data_dir / JOURNAL
    if not journal.exists():
        return False
    with locked(data_dir):
        if not journal.exists():  # the process that held the lock has done it
            return False
        try:
            manifest: dict[str, dict[str, str]] = json.loads((journal / MANIFEST).read_text(encoding="utf-8"))
            for name, digests in manifest.items():
                if _digest(data_dir / name) not in digests.values():
                    raise PopbookError(
                        f"上次写入中断后，{name} 又被改动",
                        str(journal),
                        f"核对该文件夹中的 {name}，合并后删除该文件夹",
                    )
            for name in manifest:
                partial = data_dir / f".{name}.partial"
                shutil.copyfile(journal / name, partial)
                replace_atomically(partial, data_dir / name)
            done = data_dir / f"{JOURNAL}.done"
            shutil.rmtree(done, ignore_errors=True)
            journal.rename(done)
            shutil.rmtree(done, ignore_errors=True)
        except OSError as error:
            message = f"上次写入没有完成，现在也不能完成（{error.strerror}）"
            raise PopbookError(message, str(data_dir), "检查磁盘空间和权限后重试") from error
    return True


def read_steadily(data_dir: Path, names: tuple[str, ...], read: Callable[[], Result]) -> Result:
    """Read several files as they stood at one instant: read again if one of them was replaced in between.

    Parameters
    ----------
    data_dir : Path
        The data folder.
    names : tuple of str
        The files that one change may touch together.
    read : callable
        Reads them.

    Returns
    -------
    Result of ``read``.
    """
    for _ in range(STEADY_ATTEMPTS):
        recover(data_dir)
        before = _stamps(data_dir, names)
        result = read()
        if _stamps(data_dir, names) == before and not (data_dir / JOURNAL).exists():
            return result
    raise PopbookError("台账一直在变动，读不到完整的一版", str(data_dir), "等写入结束后重试")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _stamps(data_dir: Path, names: tuple[str, ...]) -> list[tuple[int, int, int]]:
    found = []
    for name in names:
        try:
            status = (data_dir / name).stat()
        except FileNotFoundError:
            found.append((0, 0, 0))
        else:
            found.append((status.st_ino, status.st_mtime_ns, status.st_size))
    return found
