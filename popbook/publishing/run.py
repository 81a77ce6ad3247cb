"""Running one notebook for one edition with papermill, so that the result is the same bytes every time.

Papermill stamps times, paths and a random cell id into what it executes. They are taken out again here:
an executed notebook is a function of its inputs, and is compared and reused by content.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from popbook.ledger.errors import NotebookError
from popbook.publishing.parameters import check_parameters

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from papermill.exceptions import PapermillExecutionError

INJECTED_CELL_ID = "injected-parameters"
CELL_TIMEOUT_SECONDS = 600
"""A cell of this report takes seconds; one that takes ten minutes hangs."""

DETERMINISTIC_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    # Sums over several threads round differently with the number of cores.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TZ": "UTC",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}

ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

FAILING_LINE = re.compile(r"^-+> *\d+ (.*)$", re.MULTILINE)
"""How IPython points at the line of a cell that raised."""


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Set environment variables for a while; what was there before comes back."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def stable_notebook(notebook: NotebookNode) -> NotebookNode:
    """Take out of an executed notebook what differs from run to run; the notebook is changed in place.

    Parameters
    ----------
    notebook : NotebookNode
        As papermill leaves it.

    Returns
    -------
    NotebookNode
        The same notebook without times, paths and random ids.
    """
    notebook.metadata.pop("papermill", None)
    # The kernel reports its patch version; a notebook must not change with it.
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = INJECTED_CELL_ID
    return notebook


@contextmanager
def _kernel_environment() -> Iterator[Path]:
    # The kernel of this interpreter must win over a `python3` that some other installation registered, and
    # connection files must not depend on a home folder that can be written to.
    own = str(Path(sys.prefix) / "share" / "jupyter")
    runtime = tempfile.mkdtemp(prefix="popbook-")
    try:
        with environment(
            **DETERMINISTIC_ENVIRONMENT, JUPYTER_PATH=own, JUPYTER_RUNTIME_DIR=runtime, IPYTHONDIR=runtime
        ):
            yield Path(runtime)
    finally:
        shutil.rmtree(runtime, ignore_errors=True)


def _kernel_config(runtime: Path) -> Any:
    from traitlets.config import Config

    if os.name == "nt":
        return Config()
    # Sockets in a private folder cannot collide, TCP ports of kernels that start together can
    # (nteract/papermill issue 511). The default socket name is relative to the working folder, which kernels share.
    return Config({"KernelManager": {"transport": "ipc", "ip": str(runtime / "kernel")}})


def _failing_line(error: PapermillExecutionError) -> str:
    trace = ANSI_COLOUR.sub("", "\n".join(error.traceback))
    arrow = FAILING_LINE.search(trace)
    return arrow[1].strip() if arrow else str(error.source).strip().splitlines()[-1]


def run_notebook(
    notebook: Path, output: Path, parameters: Mapping[str, Any], failed: Path, cwd: Path
) -> None:
    """Execute a notebook and write its byte-stable copy.

    Parameters
    ----------
    notebook : Path
        Notebook without outputs.
    output : Path
        Where the executed copy goes; written only on success, in one step.
    parameters : mapping
        Values for the cell tagged ``parameters``.
    failed : Path
        Where the executed copy of a failing notebook is kept.
    cwd : Path
        Working folder of the kernel.

    Raises
    ------
    UsageError
        If the notebook cannot take the parameters; nothing has run then.
    NotebookError
        If a cell raises or the kernel dies; names the cell, the error and the executed copy.
    """
    import logging

    import nbformat
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    check_parameters(notebook, parameters)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    output.parent.mkdir(parents=True, exist_ok=True)
    failed.parent.mkdir(parents=True, exist_ok=True)
    failed.unlink(missing_ok=True)
    try:
        with _kernel_environment() as runtime:
            executed = papermill.execute_notebook(
                str(notebook),
                str(failed),
                parameters=dict(parameters),
                kernel_name="python3",
                progress_bar=False,
                cwd=str(cwd),
                execution_timeout=CELL_TIMEOUT_SECONDS,
                config=_kernel_config(runtime),
                # A kernel that is told to stop reports the interruption as an error of its own.
                extra_arguments=["--log-level=50"],
            )
    except PapermillExecutionError as error:
        message = ANSI_COLOUR.sub("", f"{error.ename}: {error.evalue}").strip().splitlines()[0]
        raise NotebookError(
            f"单元格 {_failing_line(error)} 出错：{message}", notebook.name, f"执行到出错处的副本见 {failed}"
        ) from None
    except (CellTimeoutError, DeadKernelError) as error:
        what = (
            f"一个单元格运行超过 {CELL_TIMEOUT_SECONDS} 秒"
            if isinstance(error, CellTimeoutError)
            else "运行内核中途退出（可能是内存不足）"
        )
        raise NotebookError(what, notebook.name, f"执行到出错处的副本见 {failed}") from None
    except RuntimeError as error:
        raise NotebookError(f"运行内核没有启动：{error}", notebook.name, "稍后重试，或减少 --jobs") from None
    failed.unlink(missing_ok=True)
    partial = output.with_suffix(".partial")
    partial.write_text(nbformat.writes(stable_notebook(executed)) + "\n", encoding="utf-8", newline="\n")
    partial.replace(output)


def run_pages(output: Path, edition: int, region: str) -> None:
    """Write what the generated pages (overview, data dictionary, sources …) say in an edition.

    Parameters
    ----------
    output : Path
        JSON file: page name to a list of section payloads as notebooks emit them.
    edition : int
        Data year.
    region : str
        GB/T 2260 code of the place.
    """
    from popbook.exhibits.pages import PAGES
    from popbook.exhibits.report import open_report, section_payload

    pages = {}
    for name, sections_of in PAGES.items():
        report = open_report(edition, region, name)
        pages[name] = [section_payload(section, report) for section in sections_of(report)]
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_suffix(".partial")
    partial.write_text(json.dumps(pages, ensure_ascii=False, indent=1), encoding="utf-8", newline="\n")
    partial.replace(output)
