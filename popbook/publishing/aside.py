"""One call in a process of its own while this one goes on with something else."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from popbook.ledger.errors import PopbookError
from popbook.publishing.warm_kernel import can_fork, end_with


@contextmanager
def aside(call: Callable[..., object], *arguments: Any) -> Iterator[None]:
    """Run a call in a fork of this process while the context runs; what it raises is raised when the context ends.

    Where forking is not to be had, the call runs when the context ends. Its result is left behind: it writes files.

    Parameters
    ----------
    call : callable
        Found by its name in its module.
    arguments
        Its arguments.

    Raises
    ------
    PopbookError
        If the process was killed.

    Examples
    --------
    >>> import os
    >>> with aside(os.getcwd):
    ...     pass
    """
    if not can_fork():
        yield
        call(*arguments)
        return
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, fork, initializer=end_with, initargs=(os.getpid(),)) as pool:
        under_way = pool.submit(_run, call, arguments)
        yield
        try:
            under_way.result()
        except BrokenProcessPool:
            raise PopbookError("进程中途退出（可能是内存不足）", call.__name__, "减少 --jobs 后再运行") from None


def _run(call: Callable[..., object], arguments: tuple[Any, ...]) -> None:
    call(*arguments)
