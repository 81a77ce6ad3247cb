"""Steps of a build on other machines: the calls of :mod:`popbook.publishing.processes`, handed to a dask cluster.

Only calls and their outcomes travel through dask; what they read and write lies in the project's folder, which every
machine sees under the same path. A worker runs each call in a process of its own, as a build on one machine does, and
only if its software is that of the build. A call whose worker is lost is given to another worker by the scheduler; what
it had written is not valid without its key and is made again.
"""

from __future__ import annotations

import logging
import multiprocessing
import secrets
import shutil
import socket
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from popbook.ledger.datapackage import DATA_ENVIRONMENT_VARIABLE, find_data_dir
from popbook.ledger.errors import PopbookError, UsageError
from popbook.publishing.environment import environment
from popbook.publishing.fingerprint import files_below, hash_files, software_versions
from popbook.publishing.processes import Processes, StepCrash

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_SECONDS = 10.0
"""How long a scheduler may take to answer; one that runs answers at once."""

PATIENCE_SECONDS = 120.0
"""How long the build waits while there is no worker: a nanny starts a lost one again within a minute."""

STOP_SECONDS = 15.0
"""How long workers may take to end calls that nobody waits for any more; they look every second."""

LOOK_SECONDS = 1.0
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Errand:
    """A call for a worker, and by what the worker knows that it may and should run it.

    Parameters
    ----------
    name : str
        What the user sees.
    call : callable
        What to run; importable.
    arguments : tuple
        Its arguments, picklable.
    data : Path
        Data folder of the build.
    token : Path
        File in the shared folder that is there as long as the build wants the result.
    secret : str
        What the file holds.
    software : dict
        Versions of the packages that results depend on.
    code : str
        Hash of the package.
    """

    name: str
    call: Callable[..., None]
    arguments: tuple[Any, ...]
    data: Path
    token: Path
    secret: str
    software: dict[str, str]
    code: str

    def is_wanted(self) -> bool:
        """Whether the build still waits for it; a network file system that hesitates is no answer."""
        try:
            return self.token.read_text(encoding="utf-8") == self.secret
        except FileNotFoundError:
            return False
        except OSError:
            return True


@cache
def code_fingerprint() -> str:
    """Return the hash of the package as this process runs it; a change on the disk comes with the next process."""
    package = Path(__file__).resolve().parents[1]
    return hash_files(files_below(package), package)


def run_errand(errand: Errand) -> Exception | None:
    """Run a call on a worker.

    Returns
    -------
    Exception or None
        How it ended; a worker that refuses says why.
    """
    refusal = find_refusal(errand)
    if refusal:
        return refusal
    # A worker under a nanny is a "daemon", which may have no children because they would outlive it; ours do not.
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    folder = errand.token.with_name(secrets.token_hex(4))
    with environment(**{DATA_ENVIRONMENT_VARIABLE: str(errand.data)}), Processes(1, folder) as processes:
        processes.start(errand.name, errand.call, errand.arguments)
        while not (ended := processes.wait(LOOK_SECONDS)):
            if not errand.is_wanted():
                return PopbookError("构建已经停止", errand.name)
    return ended[0][1]


def find_refusal(errand: Errand) -> PopbookError | None:
    """Return why this worker must not run a call: other software, or another folder."""
    where = f"工作进程 {socket.gethostname()}"
    here = software_versions()
    different = [
        f"{name} 为 {here.get(name)}，构建方为 {version}"
        for name, version in errand.software.items()
        if here.get(name) != version
    ]
    if different:
        return PopbookError(
            f"软件版本与构建方不同：{'；'.join(different)}",
            where,
            "按同一 requirements.txt 安装，再重启工作进程",
        )
    if code_fingerprint() != errand.code:
        return PopbookError("popbook 的代码与构建方不同", where, "换成同一份代码，再重启工作进程")
    if not errand.is_wanted():
        return PopbookError(
            f"看不到构建方的文件夹 {errand.token.parent}", where, "在每台机器上以同一路径挂载项目文件夹"
        )
    return None


class Cluster:
    """Runs calls on the workers of a dask scheduler; leaving the context stops whatever still runs.

    Parameters
    ----------
    address : str
        ``tcp://host:port`` or ``tls://host:port``; certificates as dask's own configuration names them.
    temporary : Path
        Folder that all machines see; emptied at the beginning and removed at the end.
    """

    is_elsewhere = True
    """Whether results are written by another machine, and may take a while to be seen."""

    def __init__(self, address: str, temporary: Path) -> None:
        self._address = address
        self._temporary = temporary
        self._token = temporary / "token"
        self._secret = secrets.token_hex(16)
        self._running: dict[Future, str] = {}
        self._threads = 0
        self._seen = self._asked = 0.0

    def __enter__(self) -> Cluster:
        self._software, self._code = software_versions(), code_fingerprint()
        self._client = self._connect()
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir(parents=True)
        self._token.write_text(self._secret, encoding="utf-8")
        self._seen = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self._token.unlink(missing_ok=True)
        until = time.monotonic() + STOP_SECONDS
        while self._threads and not all(future.done() for future in self._running):
            if time.monotonic() > until:
                break
            time.sleep(POLL_SECONDS)
        with suppress(OSError):
            self._client.close(timeout=CONNECT_SECONDS)
        shutil.rmtree(self._temporary, ignore_errors=True)

    @property
    def busy(self) -> int:
        """How many calls have been handed over."""
        return len(self._running)

    @property
    def has_room(self) -> bool:
        """Whether another one may be handed over."""
        self._look()
        return len(self._running) < self._threads

    @property
    def most_large(self) -> int:
        """How many calls that take much memory may be handed over: as many as others, the memory is not of this machine."""
        return self._threads

    def start(self, name: str, call: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        """Hand over a call; it must be importable, and so must its arguments be picklable."""
        errand = Errand(
            name, call, arguments, find_data_dir(), self._token, self._secret, self._software, self._code
        )
        key = f"{name} {secrets.token_hex(4)}"
        self._running[self._client.submit(run_errand, errand, key=key, pure=False)] = name

    def wait(self) -> list[tuple[str, Exception | None]]:
        """Wait until a call has ended, or another worker is there.

        Returns
        -------
        list of (str, exception or None)
            Name and what was raised, in the order of the starts.

        Raises
        ------
        PopbookError
            If the scheduler is gone, or there has been no worker for :data:`PATIENCE_SECONDS`.
        """
        room = self._threads
        while not (ended := [future for future in self._running if future.done()]):
            self._look()
            if self._threads > room:
                break
            time.sleep(POLL_SECONDS)
        return [
            (name, self._outcome(future, name)) for future in ended for name in [self._running.pop(future)]
        ]

    def _connect(self) -> Client:
        from distributed import Client

        # What goes wrong is said in one sentence of our own.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            return Client(self._address, timeout=CONNECT_SECONDS, set_as_default=False)
        except ValueError as error:
            raise UsageError(
                f"调度器地址不对：{error}", "--scheduler", "写作 tcp://主机:端口 或 tls://主机:端口"
            ) from None
        except (OSError, TypeError, RuntimeError) as error:
            # dask names a missing certificate by a TypeError or RuntimeError.
            reason = "" if isinstance(error, TimeoutError) else f"（{error}）"
            raise PopbookError(
                f"连不上调度器{reason}",
                self._address,
                "检查地址、dask scheduler 是否在运行；tls:// 还要检查证书的配置",
            ) from None

    def _look(self) -> None:
        """Count the workers, at most once in a while; tell of a scheduler that is gone and of workers that stay away."""
        now = time.monotonic()
        if now - self._asked < LOOK_SECONDS and self._threads:
            return
        self._asked = now
        try:
            self._threads = sum(self._client.nthreads().values())
        except (OSError, RuntimeError):
            self._threads = 0
            raise self._gone() from None
        if self._threads:
            self._seen = now
        elif now - self._seen > PATIENCE_SECONDS:
            raise PopbookError(
                f"{PATIENCE_SECONDS:.0f} 秒里没有工作进程",
                self._address,
                "启动 dask worker 后再运行；已完成的步骤会沿用",
            )

    def _gone(self) -> PopbookError:
        return PopbookError(
            "与调度器的连接断了", self._address, "重启调度器和工作进程后再运行；已完成的步骤会沿用"
        )

    def _outcome(self, future: Future, name: str) -> Exception | None:
        from concurrent.futures import CancelledError

        from distributed.scheduler import KilledWorker

        try:
            outcome: Exception | None = future.result()
            return outcome
        except KilledWorker:
            return PopbookError(
                "运行它的工作进程接连中断，可能是内存不足", name, "查看工作进程的日志；给每个进程更多内存"
            )
        except (CancelledError, OSError) as error:
            # What the system refused to the worker is an error of the call; anything else means a broken connection.
            return error if future.status == "error" and isinstance(error, OSError) else self._gone()
        except Exception as error:
            if isinstance(error, ImportError) or isinstance(error.__cause__, ImportError):
                return PopbookError(
                    f"工作进程上没有可用的 popbook（{error.__cause__ or error}）",
                    name,
                    "按同一 requirements.txt 和同一份代码安装",
                )
            return StepCrash("".join(traceback.format_exception(error)))


def check_address(address: str) -> None:
    """Refuse what is no address of a scheduler before anything runs.

    Raises
    ------
    UsageError
        If it has another form than ``tcp://host:port``.

    Examples
    --------
    >>> check_address("tcp://10.0.0.5:8786")
    >>> check_address("10.0.0.5")
    Traceback (most recent call last):
    popbook.ledger.errors.UsageError: --scheduler：调度器地址不对：10.0.0.5 → 写作 tcp://主机:端口 或 tls://主机:端口
    """
    protocol, mark, place = address.partition("://")
    host, colon, port = place.rpartition(":")
    if not (
        protocol in ("tcp", "tls") and mark and host and colon and port.isdecimal() and int(port) < 65536
    ):
        raise UsageError(
            f"调度器地址不对：{address}", "--scheduler", "写作 tcp://主机:端口 或 tls://主机:端口"
        )
