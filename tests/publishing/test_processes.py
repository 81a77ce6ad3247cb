from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from multiprocessing import forkserver
from pathlib import Path

import pytest

from popbook.ledger.errors import PopbookError, UsageError
from popbook.publishing.processes import Processes, StepCrash
from tests.publishing import calls
from tests.publishing.orphans import PATIENCE_SECONDS, wait_for_none

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="forks, which only Linux offers safely"
)


def _run(*steps: tuple[object, ...], jobs: int = 2) -> dict[str, Exception | None]:
    waiting = [(str(number), *step) for number, step in enumerate(steps)]
    ended: dict[str, Exception | None] = {}
    with Processes(jobs) as processes:
        while waiting or processes.busy:
            while waiting and processes.has_room:
                name, call, *arguments = waiting.pop(0)
                processes.start(name, call, tuple(arguments))  # type: ignore[arg-type]
            ended.update(processes.wait())
    return ended


def _is_gone(pid: int) -> bool:
    until = time.monotonic() + PATIENCE_SECONDS
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    return not Path(f"/proc/{pid}").exists()


def test_each_call_tells_how_it_ended(tmp_path: Path) -> None:
    ended = _run((calls.write, str(tmp_path / "out"), "结果"), (calls.refuse,), (calls.crash,), (calls.die,))
    assert (tmp_path / "out").read_text(encoding="utf-8") == "结果"
    assert ended["0"] is None
    assert isinstance(ended["1"], UsageError)
    assert str(ended["1"]) == "这里：不行 → 换一个"
    assert isinstance(ended["2"], StepCrash)
    assert "a defect" in str(ended["2"])
    assert isinstance(ended["3"], PopbookError)
    assert "信号 9" in str(ended["3"])


def test_a_temporary_folder_may_have_a_long_name(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    script = "from tests.publishing.test_processes import _run, calls; print(_run((calls.refuse,)))"
    variables = {**os.environ, "TMPDIR": str(folder), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", script], env=variables, capture_output=True, text=True, check=False)
    assert done.stdout == "{'0': UsageError('不行', '这里', '换一个')}\n", done.stderr
    assert list(folder.iterdir()) == []


def test_a_process_begins_warm_with_one_thread_and_the_same_surroundings(tmp_path: Path) -> None:
    _run((calls.tell, str(tmp_path / "a")), (calls.tell, str(tmp_path / "b")), jobs=1)
    first, second = (json.loads((tmp_path / name).read_text(encoding="utf-8")) for name in "ab")
    assert {"pandas", "statsmodels", "altair", "papermill", "sphinx"} <= set(first["modules"])
    assert first["threads"] == 1
    assert first["variables"]["PYTHONHASHSEED"] == "0"
    assert first["hash"] == second["hash"]


def test_a_service_answers_all_calls_and_ends_with_the_context(tmp_path: Path) -> None:
    with Processes(2, tmp_path / "tmp", ("POPBOOK_TEST_SERVICE", calls.serve)) as processes:
        for name in "ab":
            processes.start(name, calls.ask, (str(tmp_path / name), "POPBOOK_TEST_SERVICE"))
        ended: list[object] = []
        while processes.busy:
            ended += [error for _, error in processes.wait()]
        assert ended == [None, None]
        first, second = ((tmp_path / name).read_text(encoding="utf-8") for name in "ab")
        assert first == second
        assert Path(f"/proc/{first}").exists()
    assert _is_gone(int(first))
    assert not (tmp_path / "tmp").exists()


def test_a_service_whose_socket_would_have_too_long_a_name_is_left_out(tmp_path: Path) -> None:
    temporary = tmp_path / ("long" * 30)
    with Processes(1, temporary, ("POPBOOK_TEST_SERVICE", calls.serve)) as processes:
        processes.start("a", calls.tell, (str(tmp_path / "a"),))
        assert processes.wait() == [("a", None)]
    variables = json.loads((tmp_path / "a").read_text(encoding="utf-8"))["variables"]
    assert "POPBOOK_TEST_SERVICE" not in variables


def test_what_a_call_has_started_ends_with_it(tmp_path: Path) -> None:
    _run((calls.leave_child, str(tmp_path / "pid")))
    assert _is_gone(int((tmp_path / "pid").read_text(encoding="utf-8")))


def test_leaving_the_context_ends_what_still_runs(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Processes(1) as processes:
        processes.start("hangs", calls.hang, (str(tmp_path / "pid"),))
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text(encoding="utf-8"):
            time.sleep(0.02)
        raise KeyboardInterrupt
    assert _is_gone(int((tmp_path / "pid").read_text(encoding="utf-8")))


def test_a_server_that_was_killed_is_started_again(tmp_path: Path) -> None:
    for name in ("a", "b"):
        _run((calls.write, str(tmp_path / name), "结果"))
        assert (tmp_path / name).read_text(encoding="utf-8") == "结果"
        server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
        os.kill(server, signal.SIGKILL)
        os.waitid(os.P_PID, server, os.WEXITED | os.WNOWAIT)


def test_nothing_survives_a_build_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    script = (
        "from popbook.publishing.processes import Processes\n"
        "from tests.publishing import calls\n"
        "with Processes(1) as processes:\n"
        f"    processes.start('hangs', calls.hang, ({str(tmp_path / 'pid')!r},))\n"
        "    processes.wait()\n"
    )
    marker = f"POPBOOK_TEST_MARKER={tmp_path}"
    name, value = marker.split("=", 1)
    build = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, name: value, "TMPDIR": str(tmp_path / "tmp")})
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text(encoding="utf-8"):
        assert build.poll() is None
        time.sleep(0.05)
    build.kill()
    build.wait()
    assert wait_for_none(marker) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_calls_that_take_much_memory_leave_each_other_two_cores() -> None:
    assert [Processes(jobs).most_large for jobs in (1, 2, 3, 4)] == [1, 1, 1, 2]
