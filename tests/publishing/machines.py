"""A dask scheduler and its workers on this machine, each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTING_SECONDS = 60.0


class Machines:
    """A scheduler with workers.

    Parameters
    ----------
    folder : Path
        For what they write beside the results.
    options : str
        Of the scheduler.
    variables : dict
        Added to their environment.
    """

    def __init__(self, folder: Path, *options: str, **variables: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "TMPDIR": str(folder),
            **variables,
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        note = folder / "scheduler.json"
        place = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(note))
        self._start("scheduler", *place, "--no-dashboard", *options)
        until = time.monotonic() + STARTING_SECONDS
        while not (note.is_file() and note.read_text(encoding="utf-8").endswith("}")):
            assert time.monotonic() < until, (folder / "scheduler.log").read_text(encoding="utf-8")
            time.sleep(0.05)
        self.address: str = json.loads(note.read_text(encoding="utf-8"))["address"]

    def add_worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Start a worker; the scheduler knows it a second or two later."""
        return self._start("worker", self.address, "--nthreads", "1", "--no-dashboard", *options)

    def close(self) -> None:
        """End all of them."""
        for process in self.processes[::-1]:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, kind: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments]
        with (self._folder / f"{kind}.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=self._environment, cwd=self._folder, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process


@contextmanager
def machines(folder: Path, *options: str, **variables: str) -> Iterator[Machines]:
    """Start a scheduler, and end it and all workers."""
    made = Machines(folder, *options, **variables)
    try:
        yield made
    finally:
        made.close()
