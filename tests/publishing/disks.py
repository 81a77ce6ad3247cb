"""Disks with little room: one of its own where it may be mounted, else a limit on the size of every file."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def mount_small(place: Path, kilobytes: int) -> bool:
    """Mount an empty disk of so many kB on a folder; False where the system does not permit that."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "popbook-test", str(place)]
    found = shutil.which("mount")
    return found is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0


def unmount(place: Path) -> None:
    """Take such a disk away, with what is on it."""
    subprocess.run(["umount", str(place)], check=True)


def limit_files(size: int) -> None:
    """Let no file of this process, and of those it starts, grow beyond so many bytes, for good."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@contextmanager
def files_limited(size: int | None = None) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes for a while; without a number, as far as they may."""
    import resource

    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most if size is None else size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))
