"""Stable, short addresses: ``index.html``, ``chapters/01_status.html``, ``methods.html``.

Sphinx names pages after source files. Readers cite addresses, so they follow the report and not the repository.
"""

from __future__ import annotations

from collections.abc import Iterator

from sphinx.builders.html import StandaloneHTMLBuilder


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
