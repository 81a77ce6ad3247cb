from __future__ import annotations

import pytest

from popbook.publishing.progress import PlainProgress, show_progress


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
