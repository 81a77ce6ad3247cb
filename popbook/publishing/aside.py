"""Calls in processes of their own while this one goes on with something else."""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from multiprocessing.connection import Connection
from typing import Any

from popbook.ledger.errors import PopbookError
from popbook.publishing.forking import can_fork, end_with


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
        waits: list[Callable[[], object]] = [cache(partial(_leave_result, call)) for call in calls]
        yield waits
        for wait in waits:
            wait()
        return
    forks = [_Fork(call) for call in calls]
    try:
        yield [fork.wait for fork in forks]
        for fork in forks:
            fork.wait()
    finally:
        for fork in forks:
            fork.end()


def _leave_result(call: Callable[[], object]) -> None:
    call()


class _Fork:
    """A call in a fork of this process, which is gone, with its memory, as soon as the call is done."""

    def __init__(self, call: Callable[[], object]) -> None:
        fork: Any = multiprocessing.get_context("fork")
        self._outcome, send = fork.Pipe(duplex=False)
        self._process = fork.Process(target=_run, args=(send, call, os.getpid()))
        self._process.start()
        send.close()
        self.wait = cache(self._wait)

    def _wait(self) -> None:
        try:
            error: Exception | None = self._outcome.recv()
        except EOFError:
            raise PopbookError("进程中途退出（可能是内存不足）", "", "减少 --jobs 后再运行") from None
        self._process.join()
        if error is not None:
            raise error

    def end(self) -> None:
        """End it, whether it is done or not."""
        self._process.kill()
        self._process.join()
        self._outcome.close()


def _run(outcome: Connection, call: Callable[[], object], parent: int) -> None:
    end_with(parent)
    error: Exception | None = None
    try:
        call()
    except Exception as raised:
        # The trace of calls stays behind in this process otherwise.
        raised.add_note(traceback.format_exc())
        error = raised
    outcome.send(error)
