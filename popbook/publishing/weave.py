"""Weaving: an executed notebook becomes a page of prose and exhibits.

A cell that shows a section emits it as data (:data:`SECTION_MIME`). Markdown that a code cell prints cannot hold
headings in MyST-NB, so the text of each section becomes a Markdown cell of its own; code and everything else that
a cell printed stays in the executed notebook and out of the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SECTION_MIME = "application/vnd.popbook.section+json"

Payload = dict[str, Any]


@dataclass(frozen=True)
class WovenPage:
    """One page: its cells of Markdown and what its sections carry.

    Parameters
    ----------
    notebook : dict
        Markdown cells only, as nbformat 4.5 has them.
    sections : tuple of dict
        Payloads of the sections in page order.
    """

    notebook: dict[str, Any]
    sections: tuple[Payload, ...]

    def text(self) -> str:
        """Return the notebook as nbformat writes it."""
        cells = [{**cell, "source": cell["source"].splitlines(keepends=True)} for cell in self.notebook["cells"]]
        return json.dumps({**self.notebook, "cells": cells}, ensure_ascii=False, sort_keys=True, indent=1)


def read_sections(notebook: Mapping[str, Any]) -> tuple[Payload, ...]:
    """Return the sections that an executed notebook shows, in order."""
    return tuple(
        output["data"][SECTION_MIME]
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
        for output in cell["outputs"]
        if SECTION_MIME in output.get("data", {})
    )


def join_sections(sections: Iterable[Payload]) -> str:
    """Return the MyST text of sections as one page part."""
    return "\n\n".join(section["myst"].strip() for section in sections) + "\n"


def weave(notebook: Mapping[str, Any]) -> WovenPage:
    """Turn an executed notebook into a page.

    Parameters
    ----------
    notebook : mapping
        Executed copy, of nbformat or as its file has it; not changed.

    Returns
    -------
    WovenPage
        A Markdown cell for each Markdown cell and each section output of the notebook, in their order.

    Examples
    --------
    >>> shown = {"output_type": "display_data", "data": {SECTION_MIME: {"myst": "## 增量收窄"}}, "metadata": {}}
    >>> source = {"metadata": {}, "cells": [{"cell_type": "code", "source": ["show()"], "outputs": [shown]}]}
    >>> [cell["source"] for cell in weave(source).notebook["cells"]]
    ['## 增量收窄']
    """
    texts: list[str] = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            texts.append("".join(cell["source"]))  # a file holds lines
        elif cell["cell_type"] == "code":
            texts += [section["myst"].strip() for section in read_sections({"cells": [cell]})]
    # Random ids would make two weavings of one notebook differ.
    cells = [
        {"cell_type": "markdown", "id": f"section-{number}", "metadata": {}, "source": text}
        for number, text in enumerate(texts, start=1)
    ]
    kept = {key: value for key, value in notebook["metadata"].items() if key == "kernelspec"}
    page = {"cells": cells, "metadata": kept, "nbformat": 4, "nbformat_minor": 5}
    return WovenPage(page, read_sections(notebook))
