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

from popbook.ledger.atomic import write_text
from popbook.ledger.errors import NotebookError, UsageError
from popbook.publishing.environment import DETERMINISTIC_ENVIRONMENT, environment
from popbook.publishing.notebook_text import notebook_text
from popbook.publishing.parameters import check_parameters
from popbook.publishing.warm_kernel import (
    JUPYTER_FOLDER,
    KERNEL_NAME,
    dismiss_waiting_kernels,
    keep_kernel_waiting,
)

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from papermill.exceptions import PapermillExecutionError

INJECTED_CELL_ID = "injected-parameters"
CELL_TIMEOUT_SECONDS = 600
"""A cell of this report takes seconds; one that takes ten minutes hangs."""

CELL_SECONDS_VARIABLE = "POPBOOK_CELL_SECONDS"

ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

FAILING_LINE = re.compile(r"^-+> *\d+ (.*)$", re.MULTILINE)
"""How IPython points at the line of a cell that raised."""


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
    # The kernels of this interpreter and package must win over others that some installation registered, and connection
    # files must not depend on a home folder that can be written to.
    own = os.pathsep.join((str(JUPYTER_FOLDER), str(Path(sys.prefix) / "share" / "jupyter")))
    runtime = tempfile.mkdtemp(prefix="popbook-")
    try:
        with environment(
            **DETERMINISTIC_ENVIRONMENT, JUPYTER_PATH=own, JUPYTER_RUNTIME_DIR=runtime, IPYTHONDIR=runtime
        ):
            yield Path(runtime)
    finally:
        dismiss_waiting_kernels()
        shutil.rmtree(runtime, ignore_errors=True)


def _kernel_config(runtime: Path, cwd: Path) -> Any:
    from traitlets.config import Config

    # Sockets in a private folder cannot collide, TCP ports of kernels that start together can (nteract/papermill
    # issue 511). Papermill and kernel both work in `cwd`, and seen from there the name is short: a socket's may have
    # no more than 107 bytes.
    place = os.path.relpath(runtime / "k", cwd)
    if os.name == "nt" or not _takes_sockets(runtime):
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": place}})


def _takes_sockets(folder: Path) -> bool:
    """Whether a socket can be made in a folder; some network file systems cannot hold one."""
    import socket

    before = Path.cwd()
    os.chdir(folder)
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.bind("probe")
        return True
    except OSError:
        return False
    finally:
        os.chdir(before)


def cell_seconds() -> int:
    """Return how long a cell may run: POPBOOK_CELL_SECONDS, else :data:`CELL_TIMEOUT_SECONDS`.

    Raises
    ------
    UsageError
        If the variable is no positive whole number.
    """
    text = os.environ.get(CELL_SECONDS_VARIABLE) or str(CELL_TIMEOUT_SECONDS)
    if not (text.isascii() and text.isdigit() and int(text)):
        raise UsageError(f"单元格时限应为正整数秒；现为“{text}”", CELL_SECONDS_VARIABLE, "改正或取消这个环境变量")
    return int(text)


def _failing_line(error: PapermillExecutionError) -> str:
    trace = ANSI_COLOUR.sub("", "\n".join(error.traceback))
    arrow = FAILING_LINE.search(trace)
    return arrow[1].strip() if arrow else str(error.source).strip().splitlines()[-1]


def run_notebook(
    notebook: Path,
    output: Path,
    parameters: Mapping[str, Any],
    failed: Path,
    cwd: Path,
    seconds: int | None = None,
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
    seconds : int, optional
        How long a cell may run; :func:`cell_seconds` if not given.

    Raises
    ------
    UsageError
        If the notebook cannot take the parameters, or the time-out is no number; nothing has run then.
    NotebookError
        If a cell raises, hangs or prints too much, or the kernel dies; names the cell, the error and the executed
        copy.
    """
    check_parameters(notebook, parameters)
    seconds = seconds or cell_seconds()
    output.parent.mkdir(parents=True, exist_ok=True)
    failed.parent.mkdir(parents=True, exist_ok=True)
    failed.unlink(missing_ok=True)
    with _kernel_environment() as runtime:
        # Before anything that makes threads or sockets.
        is_warm = keep_kernel_waiting(runtime / "kernel.log")
        executed = _execute(notebook, parameters, failed, cwd, _kernel_config(runtime, cwd), is_warm, seconds)
    failed.unlink(missing_ok=True)
    write_text(output, notebook_text(stable_notebook(executed)) + "\n")


def _execute(
    notebook: Path,
    parameters: Mapping[str, Any],
    failed: Path,
    cwd: Path,
    config: Any,
    is_warm: bool,
    seconds: int,
) -> NotebookNode:
    import logging

    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    from popbook.publishing.engine import ENGINE_NAME, MOST_OUTPUT_BYTES, TooMuchOutput, put_back

    logging.getLogger("papermill").setLevel(logging.ERROR)
    taken: list[Any] = []
    try:
        executed = papermill.execute_notebook(
            str(notebook),
            str(failed),
            parameters=dict(parameters),
            engine_name=ENGINE_NAME,
            request_save_on_cell_execute=False,
            unfinished=str(failed),
            taken=taken,
            kernel_name=KERNEL_NAME if is_warm else "python3",
            progress_bar=False,
            cwd=str(cwd),
            execution_timeout=seconds,
            config=config,
            # Nothing in a kernel of the report is worth waiting for once its cells have run.
            shutdown_kernel="immediate",
            # A kernel that is told to stop reports the interruption as an error of its own.
            extra_arguments=["--log-level=50", "--HistoryManager.enabled=False"],
        )
        return put_back(executed, taken)
    except PapermillExecutionError as error:
        message = ANSI_COLOUR.sub("", f"{error.ename}: {error.evalue}").strip().splitlines()[0]
        what = f"单元格 {_failing_line(error)} 出错：{message}"
    except CellTimeoutError:
        what = f"一个单元格运行超过 {seconds} 秒，已停止"
    except DeadKernelError:
        what = "运行内核中途退出（可能是内存不足）"
    except TooMuchOutput:
        what = f"单元格的输出超过 {MOST_OUTPUT_BYTES // 1_000_000} MB，已停止"
    except RuntimeError as error:
        raise NotebookError(f"运行内核没有启动：{error}", notebook.name, "稍后重试，或减少 --jobs") from None
    raise NotebookError(what, notebook.name, f"执行到出错处的副本见 {failed}")


def run_pages(
    output: Path,
    edition: int,
    region: str,
    inputs: Mapping[str, Mapping[str, str]] | None = None,
    state: Mapping[str, str] | None = None,
) -> None:
    """Write what the generated pages (overview, data dictionary, sources …) say in an edition or booklet.

    Each page is kept by itself, beside ``output``, and made again only if its own inputs have changed.

    Parameters
    ----------
    output : Path
        JSON file: page name to a list of section payloads as notebooks emit them.
    edition : int
        Data year.
    region : str
        GB/T 2260 code of the place.
    inputs : mapping, optional
        Module that makes a page to what the page is made from, without the ledger; all pages are made if not given.
    state : mapping, optional
        Fingerprints of all that can be read from the ledger.
    """
    from popbook.exhibits.booklet import BOOKLET_PAGES
    from popbook.exhibits.pages import PAGES
    from popbook.exhibits.report import open_booklet, open_report
    from popbook.ledger.store import read_ledger
    from popbook.publishing.kept_pages import KeptPages

    is_booklet = read_ledger().regions[region].level == "district"
    opened = open_booklet if is_booklet else open_report
    kept = KeptPages(page_folder(output), edition, region, inputs or {}, state or {}, opened)
    pages = {
        name: kept.sections(name, sections_of)
        for name, sections_of in (BOOKLET_PAGES if is_booklet else PAGES).items()
    }
    write_text(output, json.dumps(pages, ensure_ascii=False, indent=1))


def run_forecasts(output: Path, edition: int) -> None:
    """Compute what chapters of this and of later editions share, and write which rows were read for it.

    The results themselves are kept by :func:`popbook.ledger.reads.remember`.

    Parameters
    ----------
    output : Path
        JSON file: names of what was read from the ledger.
    edition : int
        Data year.
    """
    from popbook.ledger.reads import watch
    from popbook.ledger.store import read_ledger
    from popbook.monitoring.shared import compute_shared

    write_text(output, json.dumps(compute_shared(watch(read_ledger().for_edition(edition)))))


def page_folder(output: Path) -> Path:
    """Return the folder of the pages kept one by one beside the file of all pages."""
    return output.with_suffix("")
