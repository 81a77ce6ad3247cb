from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from popbook.ledger.errors import PopbookError
from popbook.publishing import aside as module
from popbook.publishing.aside import aside
from tests.publishing.orphans import wait_for_none


def write_process(path: Path) -> None:
    """Write the number of the process."""
    path.write_text(str(os.getpid()), encoding="utf-8")


def meet(folder: Path, own: str, other: str) -> None:
    """Wait until another call is under way, too."""
    (folder / own).touch()
    until = time.monotonic() + 30
    while not (folder / other).exists():
        assert time.monotonic() < until
        time.sleep(0.01)


def refuse() -> None:
    """Fail as a step does."""
    raise PopbookError("简报超过2页", "brief.pdf", "缩短概览的文字")


def end_at_once() -> None:
    """End as the system ends a process that takes too much memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_the_call_runs_in_another_process_and_is_done_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "can_fork", lambda: True)
    with aside(partial(write_process, tmp_path / "out")):
        pass
    assert int((tmp_path / "out").read_text(encoding="utf-8")) != os.getpid()


def test_calls_run_in_processes_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "can_fork", lambda: True)
    with aside(partial(meet, tmp_path, "a", "b"), partial(meet, tmp_path, "b", "a")):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}


def test_one_call_can_be_waited_for_while_another_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "can_fork", lambda: True)
    first, last = partial(meet, tmp_path, "a", "b"), partial(meet, tmp_path, "c", "d")
    with aside(first, last) as (wait_for_first, _):
        (tmp_path / "b").touch()
        wait_for_first()
        assert (tmp_path / "a").exists()
        (tmp_path / "d").touch()


def test_where_it_cannot_fork_a_call_runs_once_when_it_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "can_fork", lambda: False)
    with aside(partial(write_process, tmp_path / "out"), partial(write_process, tmp_path / "last")) as (wait, _):
        assert not list(tmp_path.iterdir())
        wait()
        (tmp_path / "out").unlink()
    assert [path.name for path in tmp_path.iterdir()] == ["last"]


def test_where_it_cannot_fork_the_call_runs_here(tmp_path: Path) -> None:
    done = threading.Event()
    threading.Thread(target=done.wait).start()
    try:
        with aside(partial(write_process, tmp_path / "out")):
            pass
    finally:
        done.set()
    assert int((tmp_path / "out").read_text(encoding="utf-8")) == os.getpid()


def test_what_the_call_raises_is_raised_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "can_fork", lambda: True)
    with pytest.raises(PopbookError, match="简报超过2页"), aside(refuse):
        pass


def test_a_killed_process_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "can_fork", lambda: True)
    with pytest.raises(PopbookError, match="进程中途退出"), aside(end_at_once):
        pass


def test_an_error_of_the_context_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "can_fork", lambda: True)
    with pytest.raises(ValueError, match="here"), aside(partial(write_process, tmp_path / "out")):
        raise ValueError("here")


WAITS = """
import sys, time
from functools import partial
from popbook.publishing.aside import aside
from tests.publishing.orphans import wait_for_none
with aside(partial(time.sleep, 60), partial(time.sleep, 60)):
    print("under way", flush=True)
    time.sleep(60)
"""


def test_the_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    marker = f"POPBOOK_TEST_MARKER={tmp_path}"
    environment = {**os.environ, "POPBOOK_TEST_MARKER": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", WAITS], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "under way\n"
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8").split()
    assert len(children) == 2
    process.kill()
    process.wait()
    process.stdout.close()
    assert wait_for_none(marker) == []
