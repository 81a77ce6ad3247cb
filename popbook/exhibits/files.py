"""Files of an exhibit (drawing, data, metadata, references) and the assets pages need to show exhibits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from popbook.exhibits.citable import SENTENCE, Citation, Register, cite, cited_rows
from popbook.exhibits.fonts import write_webfonts
from popbook.exhibits.imprint import Imprint
from popbook.exhibits.landing import CITE_FILES, exhibit_page
from popbook.exhibits.references import STYLES
from popbook.exhibits.render import drawn_text, png, spec_script, standalone_svg
from popbook.exhibits.sealing import sealed_files
from popbook.exhibits.theme import dark_css
from popbook.exhibits.vega import VEGA_FILE, write_vega_bundle
from popbook.exhibits.workbook import workbook

ASSETS = Path(__file__).parent / "assets"
STYLE_FILE = "exhibits.css"
# Sheets in the package that make up the one sheet of a site.
STYLE_PARTS = ("exhibits.css", "board.css", "cite.css")
SCRIPT_FILES = ("colour.js", "exhibits.js", "cite.js")


def exhibits_css(dark: bool = True) -> str:
    """Return the style sheet of exhibits; with the rules that recolour charts on a dark page by default."""
    text = "".join((ASSETS / name).read_text(encoding="utf-8") for name in STYLE_PARTS)
    return text + dark_css() if dark else text


def write_assets(folder: Path, bundles: Iterable[Mapping[str, Any]]) -> list[Path]:
    """Write everything a page needs to show exhibits into its ``_static`` folder.

    Parameters
    ----------
    folder
        The ``_static`` folder of an edition; created if missing.
    bundles
        All exhibits of the edition: the web fonts hold exactly the characters their drawings show.

    Returns
    -------
    list[Path]
        ``exhibits.css``, ``colour.js``, ``exhibits.js``, ``cite.js``, ``vega-bundle.js`` and ``fonts/fonts.css``; the
        bundle is loaded when a reader asks for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(
        drawn_text(svg) for bundle in bundles if bundle["kind"] == "figure" for svg in bundle["svg"].values()
    )
    fonts = write_webfonts(text + "0123456789.,%‰−+—–→年月日", folder / "fonts")
    (folder / STYLE_FILE).write_text(exhibits_css(), encoding="utf-8", newline="\n")
    for name in SCRIPT_FILES:
        (folder / name).write_bytes((ASSETS / name).read_bytes())
    write_vega_bundle(folder / VEGA_FILE)
    return [folder / STYLE_FILE, *(folder / name for name in SCRIPT_FILES), folder / VEGA_FILE, fonts["css"]]


def write_exhibit_files(
    bundle: Mapping[str, Any],
    row: Mapping[str, Any],
    register: Register,
    folder: Path,
    *,
    imprint: Imprint,
    root: str = "../../",
    page: str = "",
    numbers: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write the folder of one figure or table.

    Parameters
    ----------
    bundle
        Exhibit as made by :meth:`popbook.exhibits.report.Report.bundle`, with its printed ``number`` ("图 1-3").
    row
        Its row of ``exhibits.json``, by which it is cited; files are kept by its ``hash``, the one over the exhibit.
    register
        What the row points at.
    folder
        ``exhibits/<id>``; created if missing.
    imprint
        Edition and revision.
    root
        Relative address of the edition's folder from ``folder``.
    page
        Address of the exhibit in its chapter relative to the edition's folder (``chapters/01_status.html``).
    numbers
        Numbers of other exhibits by id, for references.

    Returns
    -------
    list[Path]
        Figures: ``chart.svg chart.png spec.json spec.js``; both kinds: ``data.csv data.xlsx meta.json index.html`` and
        the references ``cite.txt cite.bib cite.ris cite.json``.
    """

    def make(imprint: Imprint) -> dict[str, bytes]:
        citation = cite(row, register, imprint)
        return _exhibit_files(bundle, citation, imprint, root=root, page=page, numbers=numbers)

    if "hash" in row:
        cited = cited_rows(row, register)
        key = [json.dumps(part, sort_keys=True) for part in (dict(row), root, page, dict(numbers or {}))]
        # The drawings for pages and the specifications are under the hash, and make up most of an exhibit.
        shown = {name: value for name, value in bundle.items() if name != "spec"}
        files = sealed_files([*key, repr(cited)], shown, imprint, make)
    else:
        files = make(imprint)
    if bundle["kind"] == "figure":
        # Kept by itself: it is large, and the same whatever else is said of the exhibit.
        files["chart.png"] = png(bundle["svg"]["titled"])
    return write_folder(folder, files)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder, which is made if it is missing, and return where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        # Thousands of small files: a path object for each takes longer than its bytes.
        with open(f"{folder}/{name}", "wb") as stream:  # noqa: PTH123
            stream.write(data)
    return [folder / name for name in files]


def _exhibit_files(
    bundle: Mapping[str, Any],
    citation: Citation,
    imprint: Imprint,
    *,
    root: str,
    page: str,
    numbers: Mapping[str, str] | None,
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    if bundle["kind"] == "figure":
        files["chart.svg"] = standalone_svg(bundle["svg"]["titled"]).encode()
        files["spec.json"] = _json(bundle["spec"]["titled"])
        files["spec.js"] = spec_script(bundle).encode()
    files["data.csv"] = bundle["data"].encode()
    files["data.xlsx"] = workbook(bundle, citation, imprint)
    files["meta.json"] = _json(exhibit_metadata(bundle, citation))
    files |= {name: f"{citation.text(style)}\n".encode() for style, name in CITE_FILES.items()}
    files["index.html"] = exhibit_page(
        bundle, citation, imprint, root=root, page=page, numbers=numbers
    ).encode()
    return files


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def exhibit_metadata(bundle: Mapping[str, Any], citation: Citation) -> dict[str, Any]:
    """Return what describes an exhibit, without its drawing and cells, and how it is cited."""
    hidden = ("svg", "spec", "cells", "data", "docname", "folded")
    described = {key: value for key, value in bundle.items() if key not in hidden}
    return {**described, "citations": {style: citation.text(style) for style in (SENTENCE, *STYLES)}}
