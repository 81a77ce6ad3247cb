"""Building the HTML pages of one edition with Jupyter Book's own configuration."""

from __future__ import annotations

import io
import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from popbook.ledger.errors import PopbookError
from popbook.publishing.edition_run import read_edition_run
from popbook.publishing.environment import environment
from popbook.publishing.places import Project

LEFTOVERS = (
    ".buildinfo",
    "objects.inv",
    "_static/*.png",
    "_static/doctools.js",
    "_static/images",
    "_static/language_data.js",
    "_static/searchtools.js",
    "_static/sphinx_highlight.js",
    "_static/translations.js",
    "_static/sbt-webpack-macros.html",
    "_static/webpack-macros.html",
)
"""What Sphinx and the theme leave that no reader needs; the first names the machine's settings."""

SHOWN_WARNINGS = 12
ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@contextmanager
def _system_errors_as_they_are() -> Iterator[None]:
    """Raise what the system refused to an extension as such, not as an error of the extension that Sphinx makes of it."""
    from sphinx.errors import ExtensionError

    try:
        yield
    except ExtensionError as error:
        if isinstance(error.orig_exc, OSError):
            raise error.orig_exc from None
        raise


class _Refusals(logging.Handler):
    """Keeps what the system refused to Sphinx, which goes on with a warning; what is not there is its author's mistake."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[OSError] = []

    def emit(self, record: logging.LogRecord) -> None:
        arguments = record.args if isinstance(record.args, tuple) else ()
        refused = [item for item in arguments if isinstance(item, OSError)]
        self.found += [error for error in refused if not isinstance(error, FileNotFoundError)]


@contextmanager
def _refusals_raised() -> Iterator[None]:
    """Raise what the system refused to Sphinx as such: nobody can mend a full disk in the pages that a warning names."""
    from sphinx.util.logging import NAMESPACE

    logger, refusals = logging.getLogger(NAMESPACE), _Refusals()
    logger.addHandler(refusals)
    try:
        yield
    finally:
        logger.removeHandler(refusals)
    if refusals.found:
        raise refusals.found[0]


def build_pages(root: Path, edition: int, output: Path, district: str = "") -> None:
    """Build the pages of an edition that has been run; any warning is an error.

    Parameters
    ----------
    root : Path
        Project folder with _config.yml and _toc.yml.
    edition : int
        Data year.
    output : Path
        Folder for the pages; should be empty, so that no page of an earlier build survives.
    district : str
        District whose booklet it is; "" for the city.

    Raises
    ------
    PopbookError
        With Sphinx's warnings, if there was any.
    OSError
        If the system refuses to write.
    """
    from jupyter_book.config import get_final_config
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils
    from sphinx_external_toc.parsing import parse_toc_yaml

    logging.getLogger("fontTools").setLevel(logging.WARNING)
    project = Project(root, district)
    run = read_edition_run(project.runs, edition)
    epoch = int(datetime.fromisoformat(run.cut_off).replace(tzinfo=UTC).timestamp())
    config, _ = get_final_config(
        user_yaml=root / "_config.yml",
        cli_config={"latex_individualpages": False, "popbook_edition": edition},
        sourcedir=root,
        raise_on_invalid=True,
    )
    toc = project.notebooks / "_toc.yml" if district else root / "_toc.yml"
    config["external_toc_path"] = toc.relative_to(root).as_posix()
    # Only these are looked at; the other way is to search the whole project, its packages included, for what to leave out.
    config |= {"include_patterns": [f"{name}.*" for name in parse_toc_yaml(toc)], "external_toc_exclude_missing": False}
    if district:
        config["popbook_runs"] = project.runs.relative_to(root).as_posix()
    warnings = io.StringIO()
    doctrees = output.with_name(output.name + ".doctrees")
    # Times in Sphinx's output come from the edition, not from the clock.
    with (
        environment(SOURCE_DATE_EPOCH=str(epoch)),
        patch_docutils(str(root)),
        docutils_namespace(),
        _system_errors_as_they_are(),
    ):
        app = Sphinx(
            srcdir=str(root),
            confdir=None,
            outdir=str(output),
            doctreedir=str(doctrees),
            buildername="html",
            confoverrides=config,
            status=None,
            warning=warnings,
            freshenv=True,
            warningiserror=True,
            keep_going=True,
        )
        with _refusals_raised():  # not before: Sphinx begins by removing all handlers
            app.build(force_all=True)
    # Sphinx repeats a warning for every page whose frame it touches.
    found = list(dict.fromkeys(filter(None, ANSI_COLOUR.sub("", warnings.getvalue()).splitlines())))
    if app.statuscode or found:
        shown = [line.replace(f"{root}/", "") for line in found[:SHOWN_WARNINGS]]
        if len(found) > SHOWN_WARNINGS:
            shown.append(f"……另有 {len(found) - SHOWN_WARNINGS} 行")
        raise PopbookError(
            "书稿有警告，未予发布：\n" + "\n".join(shown), f"{edition} 年度版", "按上面的位置修改书稿"
        )
    for pattern in LEFTOVERS:
        for path in output.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
