"""What the processes of one test run share, and no other run: forecasts, drawings, and folders that take long to make."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

VARIABLE = "POPBOOK_TEST_SHARED"
"""Environment variable that names the folder of the run."""


def begin() -> None:
    """Make the folder of this run; processes that are started later inherit its name."""
    os.environ[VARIABLE] = tempfile.mkdtemp(prefix="popbook-tests-")
    kept_results().mkdir()


def end() -> None:
    """Remove it."""
    shutil.rmtree(os.environ.pop(VARIABLE), ignore_errors=True)


def kept_results() -> Path:
    """The folder for ``POPBOOK_KEPT``: what is kept there is named by the code and the content that it is made from."""
    return Path(os.environ[VARIABLE]) / "kept"


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that only the first process of the run that asks makes.

    Parameters
    ----------
    name : str
        Name of the folder.
    make : callable
        Fills the folder that it is given, which is not there yet; nobody may change it afterwards.
    """
    place = Path(os.environ[VARIABLE]) / name
    with FileLock(f"{place}.lock"):
        if not place.is_dir():
            half = place.with_name(f"{name}.half")
            shutil.rmtree(half, ignore_errors=True)
            make(half)
            half.rename(place)
    return place
