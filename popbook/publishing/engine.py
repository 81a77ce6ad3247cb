"""The papermill engine of the report: papermill's own, which also stops a cell that floods the notebook with output.

Papermill can write the notebook before and after every cell; with a chapter of some megabytes that takes as long as its
cells. Here it is written when it is complete, or cannot go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.iorw import write_ipynb

if TYPE_CHECKING:
    from nbformat import NotebookNode

ENGINE_NAME = "popbook"

MOST_OUTPUT_BYTES = 50_000_000
"""What the cells of a notebook may print together; the largest chapter needs a tenth of it."""


class TooMuchOutput(Exception):
    """The cells of a notebook print more than :data:`MOST_OUTPUT_BYTES`."""


class GuardedClient(PapermillNotebookClient):
    """Counts what the kernel sends."""

    _received = 0

    def process_message(self, msg: Mapping[str, Any], *arguments: Any, **options: Any) -> Any:
        """Take up a message of the kernel; when it is too much, end the kernel and take up no more."""
        self._received += sum(len(text) for text in _texts(msg["content"]))
        if self._received <= MOST_OUTPUT_BYTES:
            return super().process_message(msg, *arguments, **options)
        # An exception from here would leave the client's other tasks behind; a dead kernel it knows how to report.
        self.km.provisioner.process.kill()
        return None

    def execute(self, **options: Any) -> Any:
        """Run the notebook.

        Raises
        ------
        TooMuchOutput
            If the notebook would become too large.
        """
        try:
            return super().execute(**options)
        except DeadKernelError:
            if self._received > MOST_OUTPUT_BYTES:
                raise TooMuchOutput from None
            raise


def _texts(content: Mapping[str, Any]) -> list[str]:
    data = content.get("data")
    values = [content.get("text"), *(data.values() if isinstance(data, Mapping) else ())]
    return [value for value in values if isinstance(value, str)]


class GuardedEngine(NBClientEngine):
    """Runs a notebook with a :class:`GuardedClient`."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        input_path: str = "",
        unfinished: str = "",
        taken: list[Any] | None = None,
        **options: Any,
    ) -> Any:
        """Run the notebook that papermill manages; one that cannot go on is written to the path ``unfinished``.

        The outputs of one that has run to its end are handed over in ``taken`` (:func:`put_back`).
        """
        client = GuardedClient(
            nb_man,
            timeout=execution_timeout,
            startup_timeout=start_timeout,
            kernel_name=kernel_name,
            **options,
        )
        try:
            executed = client.execute()
        except Exception:
            if unfinished:
                write_ipynb(nb_man.nb, unfinished)
            raise
        if taken is not None and not any(cell.metadata.get("papermill", {}).get("exception") for cell in nb_man.nb.cells):
            taken += _take_outputs(nb_man.nb)
        return executed


def _take_outputs(notebook: NotebookNode) -> list[Any]:
    """Take out the outputs of a notebook: papermill would write them to a file that nobody reads."""
    taken = [cell.get("outputs", []) for cell in notebook.cells]
    for cell in notebook.cells:
        if "outputs" in cell:
            cell["outputs"] = []
    return taken


def put_back(notebook: NotebookNode, taken: Sequence[Any]) -> NotebookNode:
    """Return an executed notebook with the outputs that the engine has handed over."""
    for cell, outputs in zip(notebook.cells, taken, strict=True):
        if "outputs" in cell:
            cell["outputs"] = outputs
    return notebook


papermill_engines.register(ENGINE_NAME, GuardedEngine)
