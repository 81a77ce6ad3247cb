"""Calls in processes of their own while this one goes on with something else."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache, partial

from popbook.ledger.errors import PopbookError
from popbook.publishing.warm_kernel import can_fork, end_with


@contextmanager
def aside(*calls: Callable[[], object]) -> Iterator[Sequence[Callable[[], object]]]:
    """Run calls, each in a fork of this process, while the context runs; what one raises is raised when the context ends.

    Where forking is not to be had, each call runs when it is waited for. Results are left behind: the calls write files.

    Parameters
    ----------
    calls : callable
        Functions found by their names in their modules, or :func:`functools.partial` of such.

    Yields
    ------
    sequence of callable
        For each call a function that waits until it is done, and raises what it has raised.

    Raises
    ------
    PopbookError
        If a process was killed.

    Examples
    --------
    >>> import os
    >>> with aside(os.getcwd, os.getpid) as (first, second):
    ...     first()
    """
    if not can_fork():
        waits: list[Callable[[], object]] = [cache(partial(_run, call)) for call in calls]
        yield waits
        for wait in waits:
            wait()
        return
    fork = multiprocessing.get_context("fork")
    # All processes are forked with the first call that is handed over, before there is a thread.
    with ProcessPoolExecutor(len(calls), fork, initializer=end_with, initargs=(os.getpid(),)) as pool:
        waits = [partial(_wait_for, pool.submit(_run, call)) for call in calls]
        yield waits
        for wait in waits:
            wait()


def _wait_for(future: Future[None]) -> None:
    try:
        future.result()
    except BrokenProcessPool:
        raise PopbookError("进程中途退出（可能是内存不足）", "", "减少 --jobs 后再运行") from None


def _run(call: Callable[[], object]) -> None:
    call()
