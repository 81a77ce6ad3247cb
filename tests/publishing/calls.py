"""Calls that tests run in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from multiprocessing.connection import Client, Listener
from pathlib import Path

from popbook.ledger.errors import UsageError


def write(path: str, text: str) -> None:
    """Write a text."""
    Path(path).write_text(text, encoding="utf-8")


def refuse() -> None:
    """Raise what a user can mend."""
    raise UsageError("不行", "这里", "换一个")


def crash() -> None:
    """Raise what a user cannot mend."""
    raise KeyError("a defect")


def die() -> None:
    """End as a process does that the system kills for its memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def leave_child(path: str) -> None:
    """Start a process, note its id and return."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    write(path, str(child.pid))


def hang(path: str) -> None:
    """Say that this has begun and never end."""
    write(path, str(os.getpid()))
    time.sleep(600)


def tell(path: str) -> None:
    """Write what the process is like."""
    told = {
        "modules": sorted(sys.modules),
        "variables": dict(os.environ),
        "hash": hash("人口"),
        "threads": len(list(Path("/proc/self/task").iterdir())),
    }
    write(path, json.dumps(told))


def serve(address: str) -> None:
    """Answer whoever asks with the own process id."""
    with Listener(address, family="AF_UNIX") as listener:
        while True:
            with listener.accept() as client:
                client.send_bytes(str(os.getpid()).encode())


def ask(path: str, variable: str) -> None:
    """Note what the service answers, waiting until it is there."""
    address = os.environ[variable]
    while not Path(address).exists():
        time.sleep(0.01)
    with Client(address, family="AF_UNIX") as service:
        Path(path).write_bytes(service.recv_bytes())
