"""Sphinx extension: shows the executed edition in the book.

Loaded from _config.yml, so that plain ``jupyter-book build .`` works for whoever knows only that. It swaps the stored
notebooks for the woven ones of an edition, fills in generated pages, and knows facts and exhibits.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.errors import ExtensionError

from popbook.exhibits.imprint import Imprint, change_words, footer_html
from popbook.exhibits.plan_words import fill_in
from popbook.ledger.errors import PopbookError
from popbook.publishing.edition_run import RECORD, EditionRun, read_edition_run
from popbook.publishing.fingerprint import file_sha256
from popbook.publishing.pages import read_pages
from popbook.publishing.search_index import write_search_index
from popbook.publishing.sphinx_ext.builder import PageAddressBuilder, page_address
from popbook.publishing.sphinx_ext.citable import add_citables, resolve_exhibit_reference
from popbook.publishing.sphinx_ext.imprinted import IMPRINTED
from popbook.publishing.sphinx_ext.mathml import add_mathml_renderer
from popbook.publishing.sphinx_ext.openable import add_openable_notes
from popbook.publishing.sphinx_ext.ranges import add_ranges

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

GENERATED_PAGE = re.compile(r"^<!-- popbook: ([a-z0-9_]+) -->$", re.MULTILINE)

BEFORE_THEME, AFTER_THEME = 400, 999
"""Priorities of what happens to a page before and after the theme's own part."""

EDITION_VARIABLE = "POPBOOK_EDITION"
"""Environment variable that chooses the edition for plain ``jupyter-book build .``."""


def _load_edition(app: Sphinx, config: Config) -> None:
    wanted = config.popbook_edition or int(os.environ.get(EDITION_VARIABLE) or 0) or None
    try:
        run = read_edition_run(Path(app.srcdir) / config.popbook_runs, wanted)
    except PopbookError as error:
        # Sphinx prints an ExtensionError as one sentence, other exceptions as a traceback.
        raise ExtensionError(str(error)) from None
    app.popbook_run = run  # type: ignore[attr-defined]
    config.html_title = run.title
    config.project = run.words["report_title"]
    config.author = run.words["producer"]
    record = Path(app.srcdir) / config.popbook_runs / str(run.edition) / RECORD
    base, config.html_baseurl = config.html_baseurl, ""
    imprint = Imprint(
        run.edition,
        run.revision,
        run.title,
        run.cut_off,
        file_sha256(record),
        base,
        change_words(run.revisions),
        run.words["producer"],
        run.words["disclaimer"],
    )
    app.popbook_imprint = imprint  # type: ignore[attr-defined]
    config.html_theme_options["extra_footer"] = footer_html(imprint)
    config.html_context.update(popbook_imprint=imprint, popbook_title=run.title)


def _write_exhibit_assets(app: Sphinx) -> None:
    # Before the pages, so that their links carry the content hash of what they link to.
    if app.builder.format == "html":
        from popbook.exhibits.files import write_assets

        run: EditionRun = app.popbook_run  # type: ignore[attr-defined]
        write_assets(Path(app.outdir) / "_static", run.exhibits.values())


def _swap_source(app: Sphinx, docname: str, source: list[str]) -> None:
    run: EditionRun = app.popbook_run  # type: ignore[attr-defined]
    app.env.note_dependency(str(Path(app.srcdir) / app.config.popbook_runs / str(run.edition) / RECORD))
    if docname in run.notebooks:
        source[0] = run.notebooks[docname]
        return

    def generated(match: re.Match[str]) -> str:
        if match[1] in IMPRINTED:
            return IMPRINTED[match[1]](app)
        if match[1] not in run.pages:
            from sphinx.util import logging

            logging.getLogger(__name__).warning("没有名为 %s 的生成页面", match[1], location=docname)
            return ""
        return run.pages[match[1]]

    try:
        written = fill_in(source[0], run.words, docname)
    except PopbookError as error:
        raise ExtensionError(str(error)) from None
    source[0] = GENERATED_PAGE.sub(generated, written)


def _name_permanent_address(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    imprint: Imprint = app.popbook_imprint  # type: ignore[attr-defined]
    if imprint.base:
        context["pageurl"] = imprint.page(f"{page_address(pagename)}.html")


def _shorten_neighbours(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    # Headings of chapters are findings; a link to the next page needs only its name in the table of contents.
    _, previous, following = getattr(app.builder, "relations", {}).get(pagename, (None, None, None))
    for key, docname in (("prev", previous), ("next", following)):
        entry = app.config.external_site_map.get(docname) if docname else None
        if entry is not None and entry.title and context.get(key):
            context[key]["title"] = entry.title


FILLED = ("sidebars", "theme_article_header_end")
"""Places of the theme whose templates have something to say on every page."""


def _hide_filled(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    # The theme renders every template once more only to see whether it is empty.
    context["popbook_filled"] = {place: context.pop(place) for place in FILLED if place in context}


def _show_filled(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    context.update(context.pop("popbook_filled"))


UNUSED_SCRIPTS = ("doctools.js", "sphinx_highlight.js", "translations.js")
"""Scripts of Sphinx that serve its own search and its keyboard shortcuts; the pages have their own."""


def _drop_scripts(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    context["script_files"] = [
        script
        for script in context["script_files"]
        if not str(script.filename or "").endswith(UNUSED_SCRIPTS)
    ]


def _write_search_index(app: Sphinx, exception: Exception | None) -> None:
    # A build that names its edition adds pages after these, and writes the index over all of them.
    if exception is None and app.builder.format == "html" and not app.config.popbook_edition:
        write_search_index(Path(app.outdir), read_pages(Path(app.outdir)))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.add_config_value("popbook_runs", "_build/runs", "env", types=(str,))
    app.add_config_value("popbook_edition", 0, "env", types=(int,))
    # Jupyter Book always sets it; sphinx_comments, whose value it is, would load scripts from other hosts.
    app.add_config_value("comments_config", {}, "", types=(dict,))
    app.add_builder(PageAddressBuilder, override=True)
    app.connect("config-inited", _load_edition)
    app.connect("builder-inited", _write_exhibit_assets)
    app.connect("source-read", _swap_source)
    app.connect("missing-reference", resolve_exhibit_reference)
    app.connect("html-page-context", _hide_filled, priority=BEFORE_THEME)
    app.connect("html-page-context", _show_filled, priority=AFTER_THEME)
    app.connect("html-page-context", _shorten_neighbours)
    app.connect("html-page-context", _name_permanent_address)
    app.connect("html-page-context", _drop_scripts)
    app.connect("build-finished", _write_search_index)
    add_citables(app)
    add_openable_notes(app)
    add_ranges(app)
    add_mathml_renderer(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
