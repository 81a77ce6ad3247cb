"""One figure or table as a page of its own, as PDF and as Word, with what is needed to cite it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from popbook.exhibits.model import WIDE
from popbook.exhibits.render import concept_line, draw_svg, png
from popbook.exhibits.tables import csv_cells
from popbook.publishing.built_edition import BuiltEdition
from popbook.publishing.documents.exhibit_blocks import exhibit_blocks
from popbook.publishing.documents.markup import Converter
from popbook.publishing.documents.pdf import Style, make_pdf
from popbook.publishing.documents.tree import Node, div, para, text
from popbook.publishing.documents.word import Picture, make_docx
from popbook.publishing.documents.word_reference import EXHIBIT_STYLE
from popbook.publishing.documents.write import document_meta, writing_time


def exhibit_document(edition: BuiltEdition, exhibit_id: str, format: str) -> bytes:
    """Return a figure or table of a built edition as a document.

    Parameters
    ----------
    edition
        The edition in the site.
    exhibit_id
        Id of a figure or table that it has.
    format
        ``pdf`` or ``docx``.

    Returns
    -------
    bytes
        Drawing or table with number, title, notes, sources, concept and reference; the same site gives the same bytes.
    """
    bundle = read_bundle(edition.folder / "exhibits" / exhibit_id)
    numbers = {key: row["number"] for key, row in edition.exhibits.items()}
    blocks = single_blocks(bundle, numbers, edition.cite(exhibit_id).text())
    about = document_meta(edition.imprint, f"{bundle['number']}　{bundle['title']}")
    epoch = writing_time(edition.imprint)
    drawings = {f"{exhibit_id}.wide.svg": bundle["svg"]["wide"]} if "svg" in bundle else {}
    if format == "pdf":
        return make_pdf(blocks, drawings, about, Style("single"), epoch)
    pictures = {name: Picture(png(svg)) for name, svg in drawings.items()}
    return make_docx(blocks, pictures, about, EXHIBIT_STYLE, epoch)


def single_blocks(bundle: Mapping[str, Any], numbers: Mapping[str, str], reference: str) -> list[Node]:
    """Return the page of one exhibit.

    Parameters
    ----------
    bundle
        Figure or table (:func:`read_bundle`).
    numbers
        Numbers of exhibits by id.
    reference
        How it is cited.
    """
    converter = Converter(numbers=numbers, exhibit=lambda exhibit_id: [])
    lines = [bundle["subtitle"], f"口径：{concept_line(bundle)}", f"引用格式：{reference}"]
    return [
        *exhibit_blocks(bundle, converter, identifier=bundle["id"]),
        *(div([para([text(line)])], "pb-under", custom_style="图表注") for line in lines if line),
    ]


def read_bundle(folder: Path) -> dict[str, Any]:
    """Read an exhibit back from its folder in a site.

    Parameters
    ----------
    folder
        ``exhibits/<id>``.

    Returns
    -------
    dict
        As :meth:`popbook.exhibits.report.Report.bundle` makes it, with the drawing for wide pages or the cells of the
        table; a table has the heads of its CSV.
    """
    bundle: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    if bundle["kind"] == "figure":
        script = (folder / "spec.js").read_text(encoding="utf-8")
        spec = json.loads(script[script.index("]=") + 2 : script.rindex(";")])["wide"]
        bundle["svg"] = {"wide": draw_svg(spec, bundle["id"], WIDE, bundle["title"], bundle["alt"])}
    else:
        bundle["cells"] = csv_cells((folder / "data.csv").read_text(encoding="utf-8"))
    return bundle
