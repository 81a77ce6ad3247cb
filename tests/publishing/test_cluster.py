"""Builds on a real scheduler with real workers, all on this machine."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from popbook.ledger.errors import PopbookError, UsageError
from popbook.publishing import cluster
from popbook.publishing.cluster import Cluster, Errand, code_fingerprint, find_refusal, run_errand
from popbook.publishing.fingerprint import software_versions
from popbook.publishing.manifest import MANIFEST
from tests.publishing import calls
from tests.publishing.machines import Machines, machines
from tests.publishing.orphans import wait_for_none
from tests.publishing.projects import (
    BOOKLET,
    BOOKLET_SETUP,
    OPENER,
    SECTION,
    SETUP,
    add_booklet,
    make_project,
    own_data,
)

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="forks, which only Linux offers safely"
)

CERTIFICATE = Path(__file__).with_name("certificate")
"""A key for these tests only, signed by itself."""

ONCE_SLOW = """import os, pathlib, time
began = pathlib.Path(os.environ["POPBOOK_TEST_BEGAN"])
if not began.exists():
    began.write_text(str(os.getpid()))
    time.sleep(600)"""
"""A cell that never ends the first time, on whatever worker."""

BUILD = """
import sys
from popbook.ledger import check
from popbook.publishing import cluster
from popbook.publishing.build import build_site
from popbook.publishing.places import find_project
from tests.publishing.published import Silent
check.check_data = lambda: []  # reads only
scheduler, *districts = sys.argv[1:]
build_site(find_project(), (2024,), Silent(), jobs=1, scheduler=scheduler)
build_site(find_project(), (2024, 2025), Silent(), jobs=2, scheduler=scheduler, districts=districts)
"""
"""The report on the city, then the booklets of districts by editions, by one process."""

DISTRICTS = ("330108", "330127")


def _build(project: Path, began: Path, scheduler: str = "") -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "POPBOOK_TEST_BEGAN": str(began),
        "POPBOOK_DATA": str(began.with_name("data")),
    }
    command = [sys.executable, "-c", BUILD, scheduler, *DISTRICTS]
    return subprocess.Popen(command, cwd=project, env=environment, stderr=subprocess.PIPE, text=True)


def _wait_for(path: Path, process: subprocess.Popen[str]) -> str:
    until = time.monotonic() + 240
    while not (path.is_file() and path.read_text(encoding="utf-8")):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < until
        time.sleep(0.05)
    return path.read_text(encoding="utf-8")


def _ancestors(pid: int) -> Iterator[int]:
    while pid > 1:
        yield pid
        pid = int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


def test_a_lost_worker_is_replaced_and_the_bytes_are_those_of_one_machine(tmp_path: Path) -> None:
    local, shared, began = tmp_path / "local", tmp_path / "shared", tmp_path / "began"
    own_data(tmp_path)
    for folder in (local, shared):
        folder.mkdir()
        add_booklet(make_project(folder, SETUP, OPENER, SECTION, ONCE_SLOW), BOOKLET_SETUP, BOOKLET)
    marker = {"POPBOOK_TEST_MARKER": str(tmp_path), "POPBOOK_TEST_BEGAN": str(began)}
    with machines(tmp_path / "machines", **marker) as made:
        workers = {made.add_worker("--no-nanny").pid for _ in range(2)}
        build = _build(shared, began, made.address)
        kernel = int(_wait_for(began, build))
        (lost,) = workers & set(_ancestors(kernel))
        os.kill(lost, signal.SIGKILL)
        made.add_worker("--no-nanny")
        assert build.communicate()[1] == ""
        assert build.returncode == 0
        assert not Path(f"/proc/{kernel}").exists()
    assert wait_for_none(f"POPBOOK_TEST_MARKER={tmp_path}") == []
    assert not (shared / "_build" / "tmp").exists()
    alone = _build(local, began)
    assert alone.communicate()[1] == ""
    manifests = [_manifests(root / "_build" / "site") for root in (shared, local)]
    booklets = {f"districts/{district}/{edition}" for district in DISTRICTS for edition in (2024, 2025)}
    assert manifests[0].keys() == {"2024", *booklets}
    assert manifests[0] == manifests[1]


def _manifests(site: Path) -> dict[str, bytes]:
    return {path.parent.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob(MANIFEST)}


# ------------------------------------------------------------ one worker, as dask starts it (under a nanny)


@pytest.fixture(scope="module")
def one_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with machines(tmp_path_factory.mktemp("machines")) as made:
        made.add_worker()
        yield made


def _run(address: str, folder: Path, *steps: tuple[object, ...]) -> dict[str, Exception | None]:
    waiting = [(str(number), *step) for number, step in enumerate(steps)]
    ended: dict[str, Exception | None] = {}
    with Cluster(address, folder / "tmp") as workers:
        while waiting or workers.busy:
            while waiting and workers.has_room:
                name, call, *arguments = waiting.pop(0)
                workers.start(name, call, tuple(arguments))  # type: ignore[arg-type]
            ended.update(workers.wait())
    assert not (folder / "tmp").exists()
    return ended


def test_what_a_call_raises_arrives_as_on_one_machine(one_worker: Machines, tmp_path: Path) -> None:
    ended = _run(
        one_worker.address,
        tmp_path,
        (calls.write, str(tmp_path / "out"), "结果"),
        (calls.refuse,),
        (calls.crash,),
        (calls.die,),
    )
    assert (tmp_path / "out").read_text(encoding="utf-8") == "结果"
    assert ended["0"] is None
    assert isinstance(ended["1"], UsageError)
    assert str(ended["1"]) == "这里：不行 → 换一个"
    assert "a defect" in str(ended["2"])
    assert "信号 9" in str(ended["3"])


def test_a_call_begins_warm_on_a_worker_too(one_worker: Machines, tmp_path: Path) -> None:
    _run(one_worker.address, tmp_path, (calls.tell, str(tmp_path / "told")))
    told = json.loads((tmp_path / "told").read_text(encoding="utf-8"))
    assert "pandas" in told["modules"]
    assert told["threads"] == 1
    assert told["variables"]["PYTHONHASHSEED"] == "0"
    assert told["variables"]["TMPDIR"].startswith(str(tmp_path / "tmp"))


def test_leaving_the_context_ends_what_runs_on_workers(one_worker: Machines, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(KeyboardInterrupt), Cluster(one_worker.address, tmp_path / "tmp") as workers:
        assert workers.has_room
        workers.start("hangs", calls.hang, (str(note),))
        while not note.exists() or not note.read_text(encoding="utf-8"):
            time.sleep(0.05)
        raise KeyboardInterrupt
    assert not Path(f"/proc/{note.read_text(encoding='utf-8')}").exists()
    assert not (tmp_path / "tmp").exists()


def test_a_worker_with_other_code_refuses(
    one_worker: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "code_fingerprint", lambda: "other")
    (error,) = _run(one_worker.address, tmp_path, (calls.write, str(tmp_path / "out"), "")).values()
    assert isinstance(error, PopbookError)
    assert "popbook 的代码与构建方不同 → 换成同一份代码，再重启工作进程" in str(error)
    assert not (tmp_path / "out").exists()


@pytest.fixture
def errand(tmp_path: Path) -> Errand:
    (tmp_path / "token").write_text("s", encoding="utf-8")
    return Errand(
        "一步", calls.refuse, (), tmp_path, tmp_path / "token", "s", software_versions(), code_fingerprint()
    )


def test_nothing_is_refused_where_all_is_the_same(errand: Errand) -> None:
    assert find_refusal(errand) is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"software": {**software_versions(), "pandas": "0.1"}},
            "软件版本与构建方不同：pandas 为 .*，构建方为 0.1",
        ),
        ({"secret": "another"}, "看不到构建方的文件夹"),
        (
            {"token": Path("/no/such/token")},
            "看不到构建方的文件夹 /no/such → 在每台机器上以同一路径挂载项目文件夹",
        ),
    ],
)
def test_other_software_or_another_folder_is_refused(
    errand: Errand, change: dict[str, object], sentence: str
) -> None:
    refusal = run_errand(replace(errand, **change))  # type: ignore[arg-type]
    assert re.search(sentence, str(refusal))


# ------------------------------------------------------------ nobody there


def test_an_unreachable_scheduler_is_one_sentence_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)
    with pytest.raises(PopbookError, match="tcp://127.0.0.1:9：连不上调度器.* → 检查地址") as caught:
        _run("tcp://127.0.0.1:9", tmp_path, (calls.refuse,))
    assert caught.value.exit_code == 1
    assert "\n" not in str(caught.value)


def test_a_cluster_that_loses_all_workers_is_given_up_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 2.0)
    with machines(tmp_path / "machines") as made:
        worker = made.add_worker("--no-nanny")
        killer = threading.Thread(target=_kill_when, args=(worker, tmp_path / "pid"))
        killer.start()
        with pytest.raises(PopbookError, match="2 秒里没有工作进程 → 启动 dask worker"):
            _run(made.address, tmp_path, (calls.hang, str(tmp_path / "pid")))
        killer.join()


def _kill_when(process: subprocess.Popen[bytes], note: Path) -> None:
    while not note.exists() and process.poll() is None:
        time.sleep(0.05)
    process.kill()


def test_a_scheduler_that_goes_away_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 2.0)
    with (
        machines(tmp_path / "machines") as made,
        pytest.raises(PopbookError, match="与调度器的连接断了"),
        Cluster(made.address, tmp_path / "tmp") as workers,
    ):
        made.close()
        workers.wait()
    assert not (tmp_path / "tmp").exists()


def test_what_the_system_refuses_to_a_worker_is_not_taken_for_a_lost_connection(tmp_path: Path) -> None:
    def result() -> None:
        raise OSError(28, "No space left on device")

    workers = Cluster("tcp://127.0.0.1:9", tmp_path / "tmp")
    failed, lost = (SimpleNamespace(status=status, result=result) for status in ("error", "lost"))
    assert isinstance(workers._outcome(failed, "一步"), OSError)  # type: ignore[arg-type]
    assert "与调度器的连接断了" in str(workers._outcome(lost, "一步"))  # type: ignore[arg-type]


# ------------------------------------------------------------ encrypted


def test_certificates_of_dask_s_own_configuration_are_used_and_required(tmp_path: Path) -> None:
    import dask

    pair = {"cert": str(CERTIFICATE / "certificate.pem"), "key": str(CERTIFICATE / "key.pem")}
    tls = {"ca-file": pair["cert"], "scheduler": pair, "worker": pair, "client": pair}
    comm = {"require-encryption": True, "tls": tls}
    (tmp_path / "dask").mkdir()
    (tmp_path / "dask" / "tls.yaml").write_text(json.dumps({"distributed": {"comm": comm}}), encoding="utf-8")
    with machines(tmp_path / "machines", "--protocol", "tls", DASK_CONFIG=str(tmp_path / "dask")) as made:
        assert made.address.startswith("tls://")
        made.add_worker("--no-nanny")
        # In a process of its own, as a build is: a client that fails leaves its event loop behind.
        script = "import pathlib, sys; from popbook.publishing.cluster import Cluster\n"
        script += "Cluster(sys.argv[1], pathlib.Path(sys.argv[2])).__enter__()"
        path = os.pathsep.join(filter(None, sys.path))
        refused = subprocess.run(
            [sys.executable, "-c", script, made.address, str(tmp_path / "tmp")],
            env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert re.search("PopbookError: .*连不上调度器.*证书", refused.stderr)
        with dask.config.set(dask.config.merge(dask.config.config, {"distributed": {"comm": comm}})):
            assert isinstance(_run(made.address, tmp_path, (calls.refuse,))["0"], UsageError)
