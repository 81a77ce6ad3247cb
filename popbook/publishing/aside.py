"""Calls in processes of their own while this one goes on with something else."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from popbook.ledger.errors import PopbookError
from popbook.publishing.warm_kernel import can_fork, end_with


@contextmanager
def aside(*calls: Callable[[], object]) -> Iterator[None]:
    """Run calls, each in a fork of this process, while the context runs; what one raises is raised when the context ends.

    Where forking is not to be had, the calls run when the context ends. Results are left behind: the calls write files.

    Parameters
    ----------
    calls : callable
        Functions found by their names in their modules, or :func:`functools.partial` of such.

    Raises
    ------
    PopbookError
        If a process was killed.

    Examples
    --------
    >>> import os
    >>> with aside(os.getcwd, os.getpid):
    ...     pass
    """
    if not can_fork():
        yield
        for call in calls:
            call()
        return
    fork = multiprocessing.get_context("fork")
    # All processes are forked with the first call that is handed over, before there is a thread.
    with ProcessPoolExecutor(len(calls), fork, initializer=end_with, initargs=(os.getpid(),)) as pool:
        under_way = [pool.submit(_run, call) for call in calls]
        yield
        try:
            for future in under_way:
                future.result()
        except BrokenProcessPool:
            raise PopbookError("进程中途退出（可能是内存不足）", "", "减少 --jobs 后再运行") from None


def _run(call: Callable[[], object]) -> None:
    call()
