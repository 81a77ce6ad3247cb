"""Weaving: an executed notebook becomes a page of prose and exhibits.

A cell that shows a section emits it as data (:data:`SECTION_MIME`). Markdown that a code cell prints cannot hold
headings in MyST-NB, so the text of each section becomes a Markdown cell of its own; code and everything else that
a cell printed stays in the executed notebook and out of the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

SECTION_MIME = "application/vnd.popbook.section+json"

Payload = dict[str, Any]


@dataclass(frozen=True)
class WovenPage:
    """One page: its notebook of Markdown cells and what its sections carry.

    Parameters
    ----------
    notebook : NotebookNode
        Markdown cells only.
    sections : tuple of dict
        Payloads of the sections in page order.
    """

    notebook: NotebookNode
    sections: tuple[Payload, ...]


def read_sections(notebook: NotebookNode) -> tuple[Payload, ...]:
    """Return the sections that an executed notebook shows, in order."""
    return tuple(
        output["data"][SECTION_MIME]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if SECTION_MIME in output.get("data", {})
    )


def join_sections(sections: Iterable[Payload]) -> str:
    """Return the MyST text of sections as one page part."""
    return "\n\n".join(section["myst"].strip() for section in sections) + "\n"


def weave(notebook: NotebookNode) -> WovenPage:
    """Turn an executed notebook into a page.

    Parameters
    ----------
    notebook : NotebookNode
        Executed copy; not changed.

    Returns
    -------
    WovenPage
        A Markdown cell for each Markdown cell and each section output of the notebook, in their order.

    Examples
    --------
    >>> import nbformat
    >>> shown = nbformat.v4.new_output("display_data", {SECTION_MIME: {"myst": "## 增量收窄"}})
    >>> source = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("show()", outputs=[shown])])
    >>> [cell.source for cell in weave(source).notebook.cells]
    ['## 增量收窄']
    """
    import nbformat

    kept = {key: value for key, value in notebook.metadata.items() if key == "kernelspec"}
    page = nbformat.v4.new_notebook(metadata=kept)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            texts = [cell.source]
        elif cell.cell_type == "code":
            texts = [
                output["data"][SECTION_MIME]["myst"].strip()
                for output in cell.outputs
                if SECTION_MIME in output.get("data", {})
            ]
        else:
            texts = []
        for text in texts:
            woven = nbformat.v4.new_markdown_cell(text)
            # Random ids would make two weavings of one notebook differ.
            woven["id"] = f"section-{len(page.cells) + 1}"
            page.cells.append(woven)
    return WovenPage(page, read_sections(notebook))
