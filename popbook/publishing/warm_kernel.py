"""Warm kernels: an ipykernel forked from a process that has already imported pandas, statsmodels and altair.

Importing them costs seconds in every notebook; a fork costs milliseconds. The process that runs a notebook forks first,
while it still has a single thread and neither an event loop nor a socket, and keeps the child waiting; the kernel
provisioner below, registered as a plug-in of jupyter_client, later tells the child which connection file to serve.
Everything that belongs to a kernel (sockets, threads, event loop, shell) is made after the fork, so kernels share
nothing but memory pages that nobody has written to.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from popbook.publishing.forking import can_fork, end_with

if TYPE_CHECKING:
    from jupyter_client.connect import KernelConnectionInfo

KERNEL_NAME = "popbook-warm"
"""Name of the kernelspec and of the provisioner."""

JUPYTER_FOLDER = Path(__file__).with_name("jupyter")
"""Folder of the kernelspec, for JUPYTER_PATH."""

NO_WARM_KERNELS = "这个系统不能预热内核，改用普通内核：结果相同，只是慢一些"


class ForkedKernel:
    """A forked kernel, seen as :class:`subprocess.Popen` sees a started one.

    Parameters
    ----------
    pid : int
        Process id; the kernel leads a process group of that id.
    orders : int
        Descriptor through which the waiting child gets its orders.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, orders: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._orders = orders

    def serve(self, arguments: list[str], folder: str, environment: dict[str, str]) -> None:
        """Let the child become a kernel."""
        order = {"arguments": arguments, "folder": folder, "environment": environment}
        with os.fdopen(self._orders, "w", encoding="utf-8") as stream:
            json.dump(order, stream)

    def dismiss(self) -> None:
        """End a child that is not needed."""
        os.close(self._orders)
        self.wait()

    def poll(self) -> int | None:
        """Return the exit code, or None while the kernel runs."""
        return self._reap(os.WNOHANG)

    def wait(self) -> int | None:
        """Wait for the end and return the exit code."""
        return self._reap(0)

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel at once."""
        self.send_signal(signal.SIGKILL)

    def _reap(self, flag: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, flag)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


_waiting: list[ForkedKernel] = []


@cache
def is_registered() -> bool:
    """Whether jupyter_client knows the provisioner; not in a package that was installed before it was written."""
    return bool(entry_points(group=KernelProvisionerFactory.GROUP_NAME, name=KERNEL_NAME))


def can_warm() -> bool:
    """Whether kernels of a build on this machine are forked; else ordinary ones are started, and the build says so."""
    return sys.platform.startswith("linux") and is_registered()


def keep_kernel_waiting(errors: Path) -> bool:
    """Fork a child that waits to become the next kernel of this process.

    Parameters
    ----------
    errors : Path
        File for what the kernel says outside of its cells.

    Returns
    -------
    bool
        False where forking is not to be had; an ordinary kernel is started then.
    """
    if not (is_registered() and can_fork()):
        return False
    receive, send = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(send)
        _wait_for_orders(receive, parent, errors)
    os.close(receive)
    # Both sides set it, so that it is set whichever comes first; signals to a kernel reach what it has started, too.
    os.setpgid(pid, pid)
    _waiting.append(ForkedKernel(pid, send))
    return True


def dismiss_waiting_kernels() -> None:
    """End children that never became kernels."""
    while _waiting:
        _waiting.pop().dismiss()


def _wait_for_orders(receive: int, parent: int, errors: Path) -> NoReturn:
    """Wait, serve, exit; nothing of the process this was forked from runs on."""
    status = 1
    try:
        os.setpgid(0, 0)
        end_with(parent)
        with os.fdopen(receive, encoding="utf-8") as stream:
            text = stream.read()
        if text:
            _serve(json.loads(text), errors)
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _serve(order: dict[str, Any], errors: Path) -> None:
    from ipykernel.kernelapp import IPKernelApp

    with Path(os.devnull).open("rb") as nothing, errors.open("ab") as log:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    sys.argv = ["ipykernel_launcher", *order["arguments"]]
    if "numpy" in sys.modules:
        # A fork inherits the state of the generator; each kernel has its own, as a started one has.
        sys.modules["numpy"].random.seed()
    IPKernelApp.launch_instance(order["arguments"])


class WarmProvisioner(LocalProvisioner):
    """Hands a notebook the kernel that waits in this process; starts an ordinary one where none does."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a kernel for the connection file named in the command."""
        if not _waiting:
            return await super().launch_kernel(cmd, **kwargs)
        kernel = _waiting.pop()
        self.cwd = kwargs.get("cwd") or Path.cwd()
        kernel.serve(cmd[cmd.index("-f") :], str(self.cwd), {**os.environ, **kwargs.get("env", {})})
        self.process = kernel  # type: ignore[assignment]
        self.pid = self.pgid = kernel.pid
        return self.connection_info
