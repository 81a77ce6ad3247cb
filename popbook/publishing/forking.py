"""Whether this process may be forked, and how a fork ends with it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
"""Linux: signal a process gets when its parent dies (prctl(2))."""

THREADS = Path("/proc/self/task")


def can_fork() -> bool:
    """Whether this process may fork: on Linux, with a single thread (a lock held by another thread would stay held)."""
    return sys.platform.startswith("linux") and len(list(THREADS.iterdir())) == 1


def end_with(parent: int) -> None:
    """Let this process be killed when the process that forked it ends, however it ends (Linux).

    Parameters
    ----------
    parent : int
        Process id of the parent, as it was before the fork.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
