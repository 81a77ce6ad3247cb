"""Stopping a call at a chosen instant of its work.

The instants are what the interpreter reports to audit hooks: every opening, linking, renaming and removing of a file.
A call that is stopped at each of them has been stopped between any two things that it does to the disk, and at the same
places on every machine.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


def count_instants(call: Callable[[], Any]) -> int:
    """Run a call in a process of its own and return how many instants it has."""
    reader, writer = os.pipe()

    def counted() -> None:
        seen = 0

        def note(*_: object) -> None:
            nonlocal seen
            seen += 1

        sys.addaudithook(note)
        call()
        os.write(writer, str(seen).encode())

    assert _run(counted) == 0
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        return int(stream.read())


def choose_instants(count: int, number: int = 50) -> list[int]:
    """Choose instants at random, the same ones every time."""
    return sorted(random.Random(20210630).sample(range(1, count + 1), min(number, count)))


def stop_at(call: Callable[[], Any], instant: int, how: signal.Signals) -> int:
    """Run a call in a process of its own and stop that at an instant; return its exit status, negative for a signal."""

    def stopped() -> None:
        left = instant

        def note(*_: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), how)

        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.addaudithook(note)
        call()

    return _run(stopped)


def _run(call: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        _end(call)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _end(call: Callable[[], None]) -> NoReturn:
    status = 99
    try:
        call()
        status = 0
    except KeyboardInterrupt:
        status = 130
    finally:
        os._exit(status)
