from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
import pytest

from popbook.publishing.forking import can_fork
from popbook.publishing.processes import Processes
from popbook.publishing.run import run_notebook
from popbook.publishing.warm_kernel import JUPYTER_FOLDER, KERNEL_NAME, is_registered
from tests.publishing.projects import write_notebook

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="forks, which only Linux offers safely"
)

LOADED = "import os, sys\n(set(sys.modules) & {'pandas', 'statsmodels', 'altair'}, os.getcwd())"


def _run(folder: Path, name: str, *cells: str) -> list[str]:
    notebook = write_notebook(folder / name / "01_status.ipynb", *cells)
    output = folder / name / "out.ipynb"
    with Processes(1) as processes:
        processes.start(
            name, run_notebook, (notebook, output, {"edition": 2020}, folder / "failed.ipynb", folder)
        )
        ((_, error),) = processes.wait()
    assert error is None
    executed = nbformat.read(output, as_version=4)
    return [cell.outputs[0]["data"]["text/plain"] for cell in executed.cells if cell.get("outputs")]


def test_the_kernelspec_names_the_registered_provisioner() -> None:
    spec = json.loads((JUPYTER_FOLDER / "kernels" / KERNEL_NAME / "kernel.json").read_text(encoding="utf-8"))
    assert spec["metadata"]["kernel_provisioner"]["provisioner_name"] == KERNEL_NAME
    assert is_registered()


def test_a_kernel_begins_with_the_packages_loaded_and_works_in_the_given_folder(tmp_path: Path) -> None:
    (told,) = _run(tmp_path, "a", LOADED)
    assert eval(told) == ({"pandas", "statsmodels", "altair"}, str(tmp_path))


def test_kernels_share_nothing(tmp_path: Path) -> None:
    _run(tmp_path, "a", "import pandas\npandas.left_behind = secret = 1\nimport numpy, random")
    (told,) = _run(tmp_path, "b", "import pandas\n(hasattr(pandas, 'left_behind'), 'secret' in globals())")
    assert told == "(False, False)"


def test_kernels_draw_different_random_numbers(tmp_path: Path) -> None:
    draw = "import numpy, random\n(numpy.random.random(), random.random())"
    first, second = eval(_run(tmp_path, "a", draw)[0]), eval(_run(tmp_path, "b", draw)[0])
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_the_kernel_is_gone_when_the_notebook_is_done(tmp_path: Path) -> None:
    (told,) = _run(tmp_path, "a", "import os\nos.getpid()")
    assert not Path(f"/proc/{told}").exists()


def test_a_process_with_threads_does_not_fork() -> None:
    import threading

    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert not can_fork()
    finally:
        done.set()
        thread.join()
