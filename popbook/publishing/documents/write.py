"""Writing the documents of an edition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from popbook.exhibits.imprint import Imprint
from popbook.exhibits.references import SHOWN_DIGITS
from popbook.ledger.datapackage import find_data_dir
from popbook.ledger.errors import PopbookError
from popbook.publishing.aside import aside
from popbook.publishing.built_edition import BuiltEdition
from popbook.publishing.documents.brief import ROOMS, brief_blocks, read_brief_figures
from popbook.publishing.documents.exhibit_blocks import own_size
from popbook.publishing.documents.manuscript import Manuscript, edition_pages
from popbook.publishing.documents.pdf import Style, make_pdf, set_body, typst_body
from popbook.publishing.documents.report import report_blocks
from popbook.publishing.documents.tree import Node, nodes
from popbook.publishing.documents.word import Picture, make_docx
from popbook.publishing.documents.word_reference import BRIEF_STYLE, REPORT_STYLE
from popbook.publishing.edition_run import EditionRun
from popbook.publishing.exhibit_ids import read_registry

BRIEF_PAGES = 2
BRIEF_SIZES = (11.0, 10.5, 10.0, 9.5, 9.0)
"""Type sizes of the brief in points, the largest first."""


def document_meta(imprint: Imprint, title: str) -> dict[str, Any]:
    """Return what stands around the text of a document and in its properties."""
    return {
        "title": title,
        "author": imprint.producer,
        "keywords": ["人口", "规划", "监测", f"{imprint.edition}年度"],
        "description": imprint.disclaimer,
        "foot": f"{imprint.edition}年度版 · 修订号{imprint.revision} · 数据截止{imprint.cut_off} · 版本指纹{imprint.fingerprint[:SHOWN_DIGITS]}",
    }


def writing_time(imprint: Imprint) -> int:
    """Return the time that stands for the time of writing: the cut-off date of the edition, in seconds since 1970."""
    return int(datetime.fromisoformat(imprint.cut_off).replace(tzinfo=UTC).timestamp())


def drawings(run: EditionRun) -> Mapping[str, str]:
    """Return the drawings of all figures by the names they have in a document."""
    return {
        f"{key}.{variant}.svg": bundle["svg"][variant]
        for key, bundle in run.exhibits.items()
        if bundle["kind"] == "figure"
        for variant in ("wide", "narrow")
    }


def pictures(run: EditionRun, names: Iterable[str]) -> dict[str, Picture]:
    """Return drawings as PNG, because Word shows no SVG everywhere.

    A wide drawing is the one in the folder of its figure, which takes long to draw, without the title above it.

    Parameters
    ----------
    run
        The edition.
    names
        Names of the drawings (:func:`drawings`).
    """
    svgs = drawings(run)
    titled = {
        f"{key}.wide.svg": bundle["svg"].get("titled", "")
        for key, bundle in run.exhibits.items()
        if bundle["kind"] == "figure"
    }
    return {name: _picture(svgs[name], titled.get(name, "")) for name in names}


def _picture(svg: str, titled: str) -> Picture:
    from popbook.exhibits.render import png

    if titled:
        (width, height), (titled_width, titled_height) = own_size(svg), own_size(titled)
        if titled_width == width:
            return Picture(png(titled), 1 - height / titled_height)
    return Picture(png(svg))


def image_names(blocks: Any) -> list[str]:
    """Return the names of the images in a tree, each once."""
    return list(dict.fromkeys(node["c"][2][0] for node in nodes(blocks, "Image")))


def write_documents(root: Path, run: EditionRun, output: Path) -> list[Path]:
    """Write report and brief of an edition as PDF and as Word.

    Parameters
    ----------
    root
        Project folder.
    run
        The edition.
    output
        Its folder, which already holds the build record.

    Returns
    -------
    list of Path
        ``report.pdf``, ``report.docx``, ``brief.pdf`` and ``brief.docx``.

    Raises
    ------
    PopbookError
        If one of them cannot be set, or the choice of the brief's figures names one that there is not.
    """
    imprint = BuiltEdition(output).imprint
    epoch = writing_time(imprint)
    report = report_blocks(Manuscript(edition_pages(root, run), run, imprint))
    about_report = document_meta(imprint, run.title)
    about_brief = document_meta(imprint, f"{run.title}：简报")
    svgs = drawings(run)
    # Setting a long text takes four times the memory of everything else, and typst keeps it: it goes with its process.
    with aside(partial(_write_pdf, output / "report.pdf", report, svgs, about_report, epoch)):
        pass
    figures = read_brief_figures(root, {*read_registry(find_data_dir()), *run.exhibits})
    brief, brief_pdf = make_brief(Manuscript([], run, imprint), figures, svgs, about_brief, epoch)
    files = {
        "report.docx": make_docx(
            report, pictures(run, image_names(report)), about_report, REPORT_STYLE, epoch
        ),
        "brief.pdf": brief_pdf,
        "brief.docx": make_docx(brief, pictures(run, image_names(brief)), about_brief, BRIEF_STYLE, epoch),
    }
    for name, data in files.items():
        (output / name).write_bytes(data)
    return [output / "report.pdf", *(output / name for name in files)]


def _write_pdf(
    path: Path, blocks: list[Node], svgs: Mapping[str, str], meta: Mapping[str, Any], epoch: int
) -> None:
    path.write_bytes(make_pdf(blocks, svgs, meta, Style("report"), epoch))


def make_brief(
    manuscript: Manuscript,
    figures: Sequence[str],
    svgs: Mapping[str, str],
    meta: Mapping[str, Any],
    epoch: int,
) -> tuple[list[Node], bytes]:
    """Return the brief as blocks and as PDF, with the most room and the largest type at which it takes two pages.

    Raises
    ------
    PopbookError
        If it takes more pages with the least room.
    """
    for room in ROOMS:
        blocks = brief_blocks(manuscript, figures, room)
        names = image_names(blocks)
        body = typst_body(blocks, epoch)
        used = {name: svgs[name] for name in names}
        smallest = set_body(body, used, meta, Style("brief", BRIEF_SIZES[-1]), epoch)
        if page_count(smallest) > BRIEF_PAGES:
            continue
        for size in BRIEF_SIZES[:-1]:
            made = set_body(body, used, meta, Style("brief", size), epoch)
            if page_count(made) <= BRIEF_PAGES:
                return blocks, made
        return blocks, smallest
    raise PopbookError(f"简报超过{BRIEF_PAGES}页", "brief.pdf", "缩短概览的文字")


def page_count(pdf: bytes) -> int:
    """Return how many pages a PDF of :func:`make_pdf` has."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
