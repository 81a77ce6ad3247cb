from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from popbook.ledger.errors import NotebookError, UsageError
from popbook.publishing.run import run_notebook, stable_notebook
from tests.publishing.projects import make_notebook, write_notebook


def _run(folder: Path, *cells: str, **parameters: object) -> Path:
    notebook = write_notebook(folder / "01_status.ipynb", *cells)
    output = folder / "out" / "01_status.ipynb"
    run_notebook(notebook, output, parameters, folder / "failed" / "01_status.ipynb", folder)
    return output


def test_values_reach_the_notebook(tmp_path: Path) -> None:
    output = _run(tmp_path, "edition + 1", edition=2020)
    cell = nbformat.read(output, as_version=4).cells[-1]
    assert cell.outputs[0]["data"]["text/plain"] == "2021"


def test_two_runs_are_the_same_bytes(tmp_path: Path) -> None:
    runs = [
        _run(tmp_path, "sorted({'甲', '乙', '丙'}), hash('丁')", edition=2020).read_bytes() for _ in range(2)
    ]
    assert runs[0] == runs[1]


def test_a_failing_cell_is_named_and_its_copy_kept(tmp_path: Path) -> None:
    with pytest.raises(NotebookError) as caught:
        _run(tmp_path, "value = 1\nvalue / 0\nvalue + 1", edition=2020)
    message = str(caught.value)
    assert "01_status.ipynb" in message
    assert "value / 0" in message
    assert "ZeroDivisionError" in message
    assert str(tmp_path / "failed" / "01_status.ipynb") in message
    kept = nbformat.read(tmp_path / "failed" / "01_status.ipynb", as_version=4)
    assert any(output.output_type == "error" for cell in kept.cells for output in cell.get("outputs", []))


def test_a_failing_cell_leaves_the_last_result_untouched(tmp_path: Path) -> None:
    before = _run(tmp_path, "1", edition=2020).read_bytes()
    with pytest.raises(NotebookError):
        _run(tmp_path, "1 / 0", edition=2020)
    assert (tmp_path / "out" / "01_status.ipynb").read_bytes() == before


def test_a_kernel_that_dies_is_reported_without_traceback(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="运行内核中途退出"):
        _run(tmp_path, "import os; os._exit(9)", edition=2020)


def test_wrong_parameters_stop_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        _run(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w')", year=2020)
    assert not (tmp_path / "ran").exists()


def test_stable_notebook_drops_times_paths_and_random_ids() -> None:
    notebook = make_notebook("1")
    notebook.metadata["papermill"] = {"duration": 1.0}
    notebook.cells[0].metadata["papermill"] = {"start_time": "now"}
    notebook.cells[1].metadata["execution"] = {"iopub.status.busy": "now"}
    notebook.cells[1].metadata["tags"] = ["injected-parameters"]
    stable = stable_notebook(notebook)
    assert "papermill" not in stable.metadata
    assert stable.cells[0].metadata == {"tags": ["parameters"]}
    assert stable.cells[1].metadata == {"tags": ["injected-parameters"]}
    assert stable.cells[1]["id"] == "injected-parameters"


def test_what_a_hanging_notebook_had_said_is_kept(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "01_status.ipynb", "print('before')", "import time; time.sleep(60)")
    failed = tmp_path / "failed" / "01_status.ipynb"
    with pytest.raises(NotebookError, match="运行超过 2 秒"):
        run_notebook(notebook, tmp_path / "out.ipynb", {"edition": 2020}, failed, tmp_path, seconds=2)
    kept = nbformat.read(failed, as_version=4)
    assert "before" in str([cell.get("outputs") for cell in kept.cells])
