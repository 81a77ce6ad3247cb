"""Steps of a build, each in a process of its own.

On Linux every process is forked from one that has already imported what steps need (the fork server of
:mod:`multiprocessing`, with :mod:`popbook.publishing.preload`); elsewhere it is started afresh. A step cannot disturb
another one, and when it ends, or the build does, whatever it has started ends with it.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from popbook.ledger.errors import PopbookError
from popbook.publishing.environment import DETERMINISTIC_ENVIRONMENT, environment

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

IS_LINUX = sys.platform.startswith("linux")
PRELOAD = "popbook.publishing.preload"

DESCRIPTORS = "/proc/self/fd"
"""Where Linux shows what this process has open, under names of its own."""

END_SECONDS = 5.0
"""How long processes that were told to end may take; the system needs milliseconds."""

LONGEST_ADDRESS = 107
"""Bytes that the name of a socket may have."""


class StepCrash(Exception):
    """A step ended in an error that is no user's mistake; the text is its traceback."""


@dataclass(frozen=True)
class Running:
    """A step under way.

    Parameters
    ----------
    name : str
        What the user sees.
    process : BaseProcess
        Its process.
    outcome : Connection
        Where it says how it ended.
    """

    name: str
    process: BaseProcess
    outcome: Connection


class Processes:
    """Runs calls side by side; leaving the context ends whatever still runs.

    Parameters
    ----------
    jobs : int
        Processes at once.
    temporary : Path, optional
        Folder for the temporary files of the calls: emptied at the beginning, for a build that was killed leaves its own
        there, and removed at the end. The system's folder if not given.
    service : (str, callable), optional
        A call that serves the others for as long as the context lasts, at the address of a socket that it is given, and
        the environment variable by which they learn that address. Without a temporary folder there is none: whoever
        does not find it does without.
    """

    is_elsewhere = False
    """Whether results are written by another machine, and may take a while to be seen."""

    def __init__(
        self,
        jobs: int,
        temporary: Path | None = None,
        service: tuple[str, Callable[[str], None]] | None = None,
    ) -> None:
        self._jobs = jobs
        self._temporary = temporary
        self._service = service
        self._running: list[Running] = []
        self._serving: list[Running] = []
        self._variables: dict[str, str] = {}
        self._context: Any = multiprocessing.get_context("forkserver" if IS_LINUX else "spawn")

    def __enter__(self) -> Processes:
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            for running in (*self._running, *self._serving):
                _end(running)
            self._running.clear()
            self._serving.clear()
        finally:
            # A call that is killed cannot remove what it has made.
            if self._temporary:
                shutil.rmtree(self._temporary, ignore_errors=True)

    @property
    def busy(self) -> int:
        """How many run."""
        return len(self._running)

    @property
    def has_room(self) -> bool:
        """Whether another one may start."""
        return len(self._running) < self._jobs

    @property
    def most_large(self) -> int:
        """How many calls that take much memory may run at once; each of them keeps two cores busy."""
        return max(1, self._jobs // 2)

    def start(self, name: str, call: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        """Start a call; it must be importable, and so must its arguments be picklable."""
        start_server()
        if self._service:
            self._start_service(*self._service)
            self._service = None
        self._launch(self._running, name, call, arguments)

    def _start_service(self, variable: str, call: Callable[[str], None]) -> None:
        address = str(self._temporary / variable.lower()) if self._temporary and IS_LINUX else ""
        if address and len(os.fsencode(address)) <= LONGEST_ADDRESS:
            self._launch(self._serving, variable, call, (address,))
            self._variables[variable] = address

    def _launch(
        self, running: list[Running], name: str, call: Callable[..., None], arguments: tuple[Any, ...]
    ) -> None:
        receive, send = self._context.Pipe(duplex=False)
        variables = {**os.environ, **DETERMINISTIC_ENVIRONMENT, **self._variables}
        if self._temporary:
            variables["TMPDIR"] = str(self._temporary)
        process = self._context.Process(target=_run, args=(send, call, arguments, variables), name=name)
        # Half a message would be an error of the new process, which nobody should see.
        with environment(**DETERMINISTIC_ENVIRONMENT), _without_interrupts():
            process.start()
            running.append(Running(name, process, receive))
        send.close()

    def wait(self, seconds: float | None = None) -> list[tuple[str, Exception | None]]:
        """Wait until at least one call has ended.

        Parameters
        ----------
        seconds : float, optional
            How long at most; for ever if not given.

        Returns
        -------
        list of (str, exception or None)
            Name and what was raised, in the order of the starts.
        """
        handles = {item.outcome: item for item in self._running}
        sentinels = {item.process.sentinel: item for item in self._running}
        ready = wait([*handles, *sentinels], seconds)
        ended = [item for item in self._running if item.outcome in ready or item.process.sentinel in ready]
        self._running = [item for item in self._running if item not in ended]
        return [(item.name, _outcome(item)) for item in ended]


def start_server() -> None:
    """Start the process that is forked, unless it runs; it imports what steps need while this process goes on."""
    if not IS_LINUX:
        return
    from multiprocessing import forkserver, resource_tracker

    if _is_running(forkserver._forkserver._forkserver_pid):  # type: ignore[attr-defined]
        return
    # It starts with the server and would let interrupts through again.
    resource_tracker.ensure_running()
    forkserver.set_forkserver_preload([PRELOAD])
    with environment(**DETERMINISTIC_ENVIRONMENT), _without_interrupts():
        _listen_without_name()


def _is_running(child: int | None) -> bool:
    return child is not None and os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def _listen_without_name() -> None:
    """Start the server, and take the name of its socket away: a build that is killed leaves no folder behind.

    This process reaches the socket by a descriptor from then on, and no other process does. Nor does it matter how long
    the name of the temporary folder is: that of a descriptor stays below :data:`LONGEST_ADDRESS`.
    """
    from multiprocessing import forkserver

    server: Any = forkserver._forkserver
    config = multiprocessing.current_process()._config  # type: ignore[attr-defined]
    kept = config.get("tempdir")
    with tempfile.TemporaryDirectory(prefix="popbook-") as name:
        folder = os.open(name, os.O_PATH)
        config["tempdir"] = f"{DESCRIPTORS}/{folder}"
        try:
            server.ensure_running()
            server._forkserver_address = f"{DESCRIPTORS}/{os.open(server._forkserver_address, os.O_PATH)}"
        finally:
            config["tempdir"] = kept
            os.close(folder)


def _outcome(item: Running) -> Exception | None:
    error: Exception | None = None
    try:
        error = item.outcome.recv()
    except (EOFError, OSError):
        item.process.join()
        code = item.process.exitcode or 0
        reason = f"信号 {-code}，可能是内存不足" if code < 0 else f"退出码 {code}"
        error = PopbookError(f"进程中途退出（{reason}）", item.name, "减少 --jobs 后再运行")
    _end(item)
    return error


def _end(item: Running) -> None:
    """End a process and everything it has started."""
    if IS_LINUX and item.process.pid:
        end_session(item.process.pid)
    else:
        item.process.kill()
    item.process.join(END_SECONDS)
    item.outcome.close()


def end_session(leader: int) -> None:
    """Kill every process of a session (Linux): a step, its kernel, and whatever a cell has started.

    Parameters
    ----------
    leader : int
        Process id of the session's leader, which is the session's id.
    """
    until = time.monotonic() + END_SECONDS
    while (members := _session_members(leader)) and time.monotonic() < until:
        for pid in members:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _session_members(leader: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            # pid (name) state ppid pgrp session …; the name may hold anything.
            fields = (
                (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            )
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append(int(folder.name))
    return found


@contextmanager
def _without_interrupts() -> Iterator[None]:
    # The server inherits the mask: Ctrl-C is for the build alone, also while the server still imports.
    if not IS_LINUX:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run(
    outcome: Connection, call: Callable[..., None], arguments: tuple[Any, ...], variables: dict[str, str]
) -> None:
    os.environ.clear()
    os.environ.update(variables)
    tempfile.tempdir = variables.get("TMPDIR")  # what was found before the fork is not asked for again
    # The build answers Ctrl-C for all of its processes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if IS_LINUX:
        os.setsid()
        _end_with_parent()
    error: Exception | None = None
    try:
        call(*arguments)
    except PopbookError as raised:
        error = raised
    except OSError as raised:
        error = raised
    except Exception:
        error = StepCrash(traceback.format_exc())
    outcome.send(error)


def _end_with_parent() -> None:
    """Die when the build does, even when it is killed: its end of a pipe closes, and the system sends SIGIO."""
    import fcntl

    parent = multiprocessing.parent_process()
    if parent is None:
        return
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(parent.sentinel, fcntl.F_GETFL)
    fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)
    if wait([parent.sentinel], 0):
        os._exit(1)
