from __future__ import annotations

import pytest

from popbook.publishing.progress import BarProgress, PlainProgress, show_progress


def test_plain_progress_counts_steps_over_what_is_expected(capsys: pytest.CaptureFixture[str]) -> None:
    progress = PlainProgress()
    progress.expect(1)
    progress.expect(1)
    progress.done("2024 01_status")
    progress.done("2024 成书", "未变")
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("[1/2] 2024 01_status  ")
    assert second.startswith("[2/2] 2024 成书（未变）  ")


def test_a_log_gets_lines_and_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress() as progress:
        progress.expect(1)
        progress.done("2024 成书")
    assert capsys.readouterr().out.startswith("[1/1] 2024 成书")


def test_a_sentence_about_the_build_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress() as progress:
        progress.note("只是慢一些")
    assert capsys.readouterr().out == "注：只是慢一些\n"


def test_a_bar_prints_it_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    bar = BarProgress()
    with bar.bar:
        bar.note("[一]只是慢一些")
    assert "注：[一]只是慢一些" in capsys.readouterr().out
