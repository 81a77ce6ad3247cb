"""The permissions of files, also for the administrator."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

VERSION_3 = 0x20080522
"""Of capget(2) and capset(2)."""
OVERRIDE = 1 << 1
"""CAP_DAC_OVERRIDE: to write what is read-only (capabilities(7))."""


@contextmanager
def permissions_obeyed() -> Iterator[None]:
    """Keep this thread from writing what is read-only, whoever runs it (Linux)."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    before = sets[0]
    sets[0] = before & ~OVERRIDE
    assert libc.capset(header, sets) == 0
    try:
        yield
    finally:
        sets[0] = before
        assert libc.capset(header, sets) == 0
