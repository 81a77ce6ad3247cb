"""Parts of pages that follow from the imprint or the numbering of an edition, and so are made with the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from popbook.exhibits.citable import report_work
from popbook.exhibits.imprint import Imprint
from popbook.exhibits.indexes import Home, exhibit_index, fact_index
from popbook.exhibits.landing import STYLE_NAMES
from popbook.exhibits.references import STYLES
from popbook.publishing.sphinx_ext.builder import page_address

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SHOWN_STYLES = ("gbt7714-2025", "gbt7714-2015", "bibtex")


def report_references(imprint: Imprint) -> str:
    """Return the references of the whole report as MyST.

    Parameters
    ----------
    imprint
        Edition and revision.
    """
    work = report_work(imprint)
    return "\n\n".join(
        f"**{STYLE_NAMES[style]}**\n\n```text\n{STYLES[style](work)}\n```" for style in SHOWN_STYLES
    )


def list_homes(app: Sphinx) -> list[Home]:
    """Return the pages of the book in reading order, as the table of contents names them."""
    site_map = app.config.external_site_map
    return [
        Home(docname, site_map[docname].title or "总览", f"{page_address(docname)}.html")
        for docname in site_map
        if docname in app.env.found_docs
    ]


def _figure_index(app: Sphinx) -> str:
    return exhibit_index("figure", app.popbook_run.exhibits.values(), list_homes(app))  # type: ignore[attr-defined]


def _table_index(app: Sphinx) -> str:
    return exhibit_index("table", app.popbook_run.exhibits.values(), list_homes(app))  # type: ignore[attr-defined]


def _fact_index(app: Sphinx) -> str:
    from popbook.ledger.store import read_ledger

    names = {name: item.name_zh for name, item in read_ledger().indicators.items()}
    return fact_index(app.popbook_run.facts.values(), list_homes(app), names)  # type: ignore[attr-defined]


IMPRINTED: dict[str, Callable[[Sphinx], str]] = {
    "report_references": lambda app: report_references(app.popbook_imprint),  # type: ignore[attr-defined]
    "figure_index": _figure_index,
    "table_index": _table_index,
    "fact_index": _fact_index,
}
"""Marks in pages written by hand, and what stands for them."""
