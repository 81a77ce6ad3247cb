from __future__ import annotations

import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from popbook.ledger import journal
from popbook.ledger.errors import PopbookError
from popbook.ledger.journal import commit, locked, read_steadily, recover
from tests.publishing.interrupted import count_instants, needs_fork, stop_at

OLD = {"sources.csv": b"old sources\n", "observations.csv": b"old figures\n"}
NEW = {
    "sources.csv": b"old sources\nnew\n",
    "observations.csv": b"old figures\nnew\n",
    "editions.csv": b"2026\n",
}


def data(folder: Path) -> Path:
    folder = folder / "data"
    folder.mkdir()
    for name, content in OLD.items():
        (folder / name).write_bytes(content)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    recover(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def test_all_files_are_replaced_and_nothing_is_left_over(tmp_path: Path):
    folder = data(tmp_path)
    commit(folder, NEW)
    assert contents(folder) == NEW
    assert sorted(path.name for path in folder.iterdir()) == sorted(NEW)


def test_nothing_to_recover(tmp_path: Path):
    assert not recover(data(tmp_path))


def test_a_reader_carries_out_what_a_killed_writer_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = data(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(
            journal, "recover", lambda _: False
        )  # killed after the change was made, before it was put in place
        commit(folder, NEW)
    assert (folder / "sources.csv").read_bytes() == OLD["sources.csv"]
    assert recover(folder) and contents(folder) == NEW


def test_a_change_that_was_not_complete_is_forgotten(tmp_path: Path):
    folder = data(tmp_path)
    (folder / ".journal.new").mkdir()
    (folder / ".journal.new" / "sources.csv").write_bytes(b"half")
    assert not recover(folder) and contents(folder) == OLD
    commit(folder, NEW)
    assert contents(folder) == NEW and not (folder / ".journal.new").exists()


def test_a_file_edited_in_between_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = data(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(journal, "recover", lambda _: False)
        commit(folder, NEW)
    (folder / "observations.csv").write_bytes(b"edited by hand\n")
    with pytest.raises(PopbookError, match="又被改动"):
        recover(folder)
    assert (folder / "observations.csv").read_bytes() == b"edited by hand\n"


def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = data(tmp_path)

    def refuse(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(PopbookError, match="台账没有写入"):
        patch.setattr(Path, "write_bytes", refuse)
        commit(folder, NEW)
    assert contents(folder) == OLD


def test_reading_waits_for_one_state(tmp_path: Path):
    folder = data(tmp_path)
    readings = []

    def read() -> tuple[bytes, bytes]:
        first = (folder / "sources.csv").read_bytes()
        if not readings:
            commit(folder, NEW)  # somebody writes between the two files
        readings.append(first)
        return first, (folder / "observations.csv").read_bytes()

    assert read_steadily(folder, tuple(NEW), read) == (NEW["sources.csv"], NEW["observations.csv"])
    assert len(readings) == 2


def test_the_lock_keeps_a_second_writer_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = data(tmp_path)
    code = (
        "import pathlib, sys, time\nfrom popbook.ledger.journal import locked\n"
        "with locked(pathlib.Path(sys.argv[1])):\n    print('in', flush=True)\n    time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None and holder.stdout.readline() == b"in\n"
        monkeypatch.setattr(journal, "LOCK_SECONDS", 0.2)
        with pytest.raises(PopbookError, match="另一个程序正在写台账"), locked(folder):
            pass
    finally:
        holder.kill()
        holder.wait()
    with locked(folder), locked(folder):  # a killed holder holds nothing; the same process may enter twice
        pass


def test_threads_do_not_mix_their_changes(tmp_path: Path):
    folder = data(tmp_path)

    def append(number: int) -> None:
        with locked(folder):
            commit(folder, {"sources.csv": (folder / "sources.csv").read_bytes() + f"{number}\n".encode()})

    threads = [threading.Thread(target=append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (folder / "sources.csv").read_text().splitlines()
    assert sorted(lines[1:]) == [str(number) for number in range(8)]


# ------------------------------------------------------------ killed


@needs_fork
def test_killed_at_any_instant_it_is_the_old_or_the_new_state(tmp_path: Path):
    (tmp_path / "whole").mkdir()
    whole = data(tmp_path / "whole")
    count = count_instants(lambda: commit(whole, NEW))
    outcomes = []
    for instant in range(1, count + 1):
        (tmp_path / str(instant)).mkdir()
        folder = data(tmp_path / str(instant))
        assert stop_at(partial(commit, folder, NEW), instant, signal.SIGKILL) == -signal.SIGKILL
        outcomes.append(contents(folder))
        assert outcomes[-1] in (OLD, NEW), f"killed at instant {instant} of {count}"
    assert OLD in outcomes and NEW in outcomes


@needs_fork
def test_killed_while_recovering_it_is_the_new_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def left_behind(name: str) -> Path:
        (tmp_path / name).mkdir()
        folder = data(tmp_path / name)
        with monkeypatch.context() as patch:
            patch.setattr(journal, "recover", lambda _: False)
            commit(folder, NEW)
        return folder

    whole = left_behind("whole")
    for instant in range(1, count_instants(lambda: recover(whole)) + 1):
        folder = left_behind(str(instant))
        stop_at(partial(recover, folder), instant, signal.SIGKILL)
        assert contents(folder) == NEW, f"killed at instant {instant}"
