"""Showing how far a build is: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Progress(Protocol):
    """Receives the steps of a build."""

    def expect(self, steps: int) -> None:
        """Announce that so many more steps will come."""

    def done(self, what: str, remark: str = "") -> None:
        """Report one finished step."""

    def note(self, sentence: str) -> None:
        """Say something about the whole build."""


class PlainProgress:
    """One line a step, for logs and pipes."""

    def __init__(self) -> None:
        self._total = 0
        self._finished = 0
        self._started = time.monotonic()

    def expect(self, steps: int) -> None:
        """Announce that so many more steps will come."""
        self._total += steps

    def done(self, what: str, remark: str = "") -> None:
        """Print the step with its place in the whole and the time since the start."""
        self._finished += 1
        seconds = time.monotonic() - self._started
        tail = f"（{remark}）" if remark else ""
        print(f"[{self._finished}/{self._total}] {what}{tail}  {seconds:.0f} 秒", flush=True)

    def note(self, sentence: str) -> None:
        """Print the sentence."""
        print(f"注：{sentence}", flush=True)


class BarProgress:
    """A bar with the latest step."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self.bar = Progress(
            TextColumn("构建"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            transient=True,
        )
        self._task = self.bar.add_task("", total=0)
        self._total = 0

    def expect(self, steps: int) -> None:
        """Lengthen the bar."""
        self._total += steps
        self.bar.update(self._task, total=self._total)

    def done(self, what: str, remark: str = "") -> None:
        """Move the bar on by one step."""
        tail = f"（{remark}）" if remark else ""
        self.bar.update(self._task, advance=1, description=what + tail)

    def note(self, sentence: str) -> None:
        """Print the sentence above the bar."""
        self.bar.console.print(f"注：{sentence}", markup=False)


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Show a bar if someone is watching, else lines."""
    if sys.stdout.isatty():
        shown = BarProgress()
        with shown.bar:
            yield shown
    else:
        yield PlainProgress()
