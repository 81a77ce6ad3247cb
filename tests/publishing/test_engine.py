from __future__ import annotations

from pathlib import Path

import pytest

from popbook.ledger.errors import NotebookError
from popbook.publishing import engine
from popbook.publishing.run import run_notebook
from tests.publishing.projects import write_notebook


def _run(folder: Path, *cells: str, seconds: int = 60) -> None:
    notebook = write_notebook(folder / "01_status.ipynb", *cells)
    run_notebook(notebook, folder / "out.ipynb", {"edition": 2020}, folder / "failed.ipynb", folder, seconds)


@pytest.mark.parametrize(
    "cell", ["print('人' * 40_000)", "'人' * 40_000", "for _ in range(400): print('人口' * 50)"]
)
def test_a_notebook_that_prints_too_much_is_stopped(
    tmp_path: Path, cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "MOST_OUTPUT_BYTES", 20_000)
    with pytest.raises(NotebookError, match=r"01_status\.ipynb：单元格的输出超过 0 MB，已停止"):
        _run(tmp_path, cell)
    assert not (tmp_path / "out.ipynb").exists()


def test_a_notebook_that_hangs_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"01_status\.ipynb：一个单元格运行超过 1 秒，已停止"):
        _run(tmp_path, "import time\ntime.sleep(600)", seconds=1)
    assert (tmp_path / "failed.ipynb").is_file()


def test_an_ordinary_notebook_is_not_stopped(tmp_path: Path) -> None:
    _run(tmp_path, "print('常住人口')")
    assert "常住人口" in (tmp_path / "out.ipynb").read_text(encoding="utf-8")
