"""Stable, short addresses: ``index.html``, ``chapters/01_status.html``, ``methods.html``.

Sphinx names pages after source files. Readers cite addresses, so they follow the report and not the repository.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util.fileutil import copy_asset
from sphinx.util.matching import Matcher


def page_address(docname: str) -> str:
    """Return the address of a page within its edition, without suffix; a booklet's pages have those of the report's.

    Parameters
    ----------
    docname : str
        Sphinx document name.

    Returns
    -------
    str
        Address relative to the edition's folder.

    Examples
    --------
    >>> page_address("book/overview"), page_address("notebooks/01_status"), page_address("book/methods")
    ('index', 'chapters/01_status', 'methods')
    """
    docname = docname.replace("/district/", "/")
    if docname == "book/overview":
        return "index"
    folder, _, rest = docname.partition("/")
    if folder == "book" and rest:
        return rest
    if folder == "notebooks" and rest:
        return f"chapters/{rest}"
    return docname


UNREAD = Matcher(
    [
        "**/.*",
        "locales",
        "vendor",
        "images/logo_*",
        "**/*.map",
        "scripts/bootstrap.*",
        "scripts/fontawesome.*",
    ]
)
"""Files of the theme that no page of the report asks for, most of what it brings."""


class PageAddressBuilder(StandaloneHTMLBuilder):
    """The HTML builder with addresses of :func:`page_address`."""

    name = "html"
    # The index of Sphinx knows words that it has cut itself and finds no phrase; the pages have an index of their own.
    search = False

    def get_outdated_docs(self) -> Iterator[str]:
        """Every page: the edition's title and revision stand on each of them."""
        yield from sorted(self.env.found_docs)

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """Return the link to a page."""
        return super().get_target_uri(page_address(docname), typ)

    def get_outfilename(self, pagename: str) -> str:
        """Return the file of a page."""
        return super().get_outfilename(page_address(pagename))

    def copy_theme_static_files(self, context: dict[str, Any]) -> None:
        """Copy the files of the theme, without those that no page asks for."""
        for folder in reversed(self.theme.get_theme_dirs()):
            target = Path(self.outdir, "_static")
            copy_asset(Path(folder, "static"), target, UNREAD, context, self.templates)
