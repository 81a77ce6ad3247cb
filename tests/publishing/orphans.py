"""Looking for processes and folders that a build should not have left behind."""

from __future__ import annotations

import os
import time
from pathlib import Path

PATIENCE_SECONDS = 60.0
"""A process that is told to end while it still imports does so when it has; on a busy machine that takes longest."""


def descendants(marker: str) -> list[int]:
    """Return the processes whose environment holds a marker, without this one.

    Parameters
    ----------
    marker : str
        ``NAME=value`` given to the process that was started; whatever it starts inherits it.
    """
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            if marker.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def wait_for_none(marker: str) -> list[int]:
    """Return which such processes are still there after a while; ends as soon as there is none."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (found := descendants(marker)) and time.monotonic() < until:
        time.sleep(0.05)
    return found
