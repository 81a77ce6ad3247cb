from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from popbook.exhibits import drawer
from popbook.exhibits.drawer import DRAWER_VARIABLE, draw, serve_drawings
from popbook.exhibits.model import NARROW
from popbook.exhibits.render import figure_specs
from tests.exhibits.samples import figure

BROKEN = '{"mark": 1}'


@pytest.fixture
def spec() -> str:
    return json.dumps(figure_specs(figure(), NARROW)[0], ensure_ascii=False)


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BaseProcess]:
    """A drawer; this process does not draw while it is there."""
    address = tmp_path / "socket"
    # Started afresh: the converter of this process may be running, and does not survive a fork.
    process = multiprocessing.get_context("spawn").Process(target=serve_drawings, args=(str(address),))
    process.start()
    until = time.monotonic() + 60
    while not address.exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    monkeypatch.setenv(DRAWER_VARIABLE, str(address))
    yield process
    process.kill()
    process.join()


def test_the_drawer_draws_the_same_bytes(spec: str, serving: BaseProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    here = drawer._convert(spec)

    def refuse(_: str) -> bytes:
        raise AssertionError("drawn here")

    monkeypatch.setattr(drawer, "_convert", refuse)
    assert [draw(spec), draw(spec)] == [here, here]


def test_what_the_converter_refuses_is_told_and_the_drawer_goes_on(spec: str, serving: BaseProcess) -> None:
    with pytest.raises(ValueError, match="conversion failed"):
        draw(BROKEN)
    assert draw(spec).startswith(b"<svg")
    assert serving.is_alive()


def test_without_a_drawer_a_process_draws_for_itself(
    spec: str, serving: BaseProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = draw(spec)
    os.kill(serving.pid or 0, signal.SIGKILL)
    serving.join()
    assert draw(spec) == drawn
    monkeypatch.setenv(DRAWER_VARIABLE, "/nowhere")
    assert draw(spec) == drawn


def test_a_drawer_that_does_not_answer_is_not_waited_for(
    spec: str, serving: BaseProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = draw(spec)
    os.kill(serving.pid or 0, signal.SIGSTOP)
    monkeypatch.setattr(drawer, "LONGEST_WAIT", 0.1)
    assert draw(spec) == drawn
