"""Files of an exhibit (drawing, data, metadata, references) and the assets pages need to show exhibits."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from popbook.exhibits.citable import SENTENCE, Citation
from popbook.exhibits.fonts import write_webfonts
from popbook.exhibits.imprint import Imprint
from popbook.exhibits.inline import plain_text
from popbook.exhibits.landing import CITE_FILES, exhibit_page
from popbook.exhibits.model import NOT_PUBLISHED
from popbook.exhibits.references import STYLES
from popbook.exhibits.render import concept_line, drawn_text, png, spec_script, standalone_svg
from popbook.exhibits.tables import csv_cells, neutral_text
from popbook.exhibits.theme import dark_css
from popbook.exhibits.vega import VEGA_FILE, write_vega_bundle

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

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
    citation: Citation,
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
    citation
        How it is cited.
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
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, bytes] = {}
    if bundle["kind"] == "figure":
        titled = bundle["svg"]["titled"]
        files["chart.svg"] = standalone_svg(titled).encode()
        files["chart.png"] = png(titled)
        files["spec.json"] = _json(bundle["spec"]["titled"])
        files["spec.js"] = spec_script(bundle).encode()
    files["data.csv"] = bundle["data"].encode()
    files["data.xlsx"] = workbook(bundle, citation, imprint)
    files["meta.json"] = _json(exhibit_metadata(bundle, citation))
    files |= {name: f"{citation.text(style)}\n".encode() for style, name in CITE_FILES.items()}
    files["index.html"] = exhibit_page(
        bundle, citation, imprint, root=root, page=page, numbers=numbers
    ).encode()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in files]


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def exhibit_metadata(bundle: Mapping[str, Any], citation: Citation) -> dict[str, Any]:
    """Return what describes an exhibit, without its drawing and cells, and how it is cited."""
    hidden = ("svg", "spec", "cells", "data", "docname", "folded")
    described = {key: value for key, value in bundle.items() if key not in hidden}
    return {**described, "citations": {style: citation.text(style) for style in (SENTENCE, *STYLES)}}


def workbook(bundle: Mapping[str, Any], citation: Citation, imprint: Imprint) -> bytes:
    """Return the exhibit's data as an Excel file: cover, notes, plain table; the same data give the same bytes.

    Parameters
    ----------
    bundle, citation, imprint
        As in :func:`write_exhibit_files`.

    Returns
    -------
    bytes
        Sheets 封面, 注释 and 数据.

    Notes
    -----
    Numbers are numbers, text that a spreadsheet would take for a formula stays text.
    """
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    # Every entry of the archive bears the same date, whenever it is written.
    book = Workbook(buffer, {"in_memory": True})
    stamp = datetime.combine(date.fromisoformat(imprint.cut_off), datetime.min.time())
    book.set_properties({"author": imprint.title, "created": stamp})
    title, head = book.add_format({"bold": True, "font_size": 14}), book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})

    cover = book.add_worksheet("封面")
    cover.write_string(0, 0, neutral_text(citation.name), title)
    lines = [
        ("说明", bundle["subtitle"]),
        ("口径", concept_line(bundle)),
        ("年度版", f"{imprint.title}，修订号{imprint.revision}，数据截止{imprint.cut_off}"),
        ("版本指纹", imprint.fingerprint),
        ("编号", bundle["id"]),
        ("引用句", citation.sentence),
        ("引用格式", citation.text()),
        ("声明", imprint.disclaimer),
    ]
    _write_pairs(cover, [line for line in lines if line[1]], wrapped)

    notes = book.add_worksheet("注释")
    _write_heads(notes, ["类别", "内容"], head)
    sources = [("资料来源", source["text"]) for source in bundle["sources"]]
    _write_pairs(notes, [*(("注", plain_text(note)) for note in bundle["notes"]), *sources], wrapped)

    sheet = book.add_worksheet("数据")
    cells = csv_cells(bundle["data"])
    _write_heads(sheet, [column["label"] for column in cells["columns"]], head)
    for i, column in enumerate(cells["columns"]):
        sheet.set_column(i, i, min(max(len(column["label"]) * 2 + 2, 10), 40))
        for place, row in enumerate(cells["rows"], 1):
            text = row["cells"][i]
            if column["numeric"] and text and text != NOT_PUBLISHED:
                sheet.write_number(place, i, float(text.replace("−", "-")))
            elif text:
                # As text, even where it begins like a formula.
                sheet.write_string(place, i, text)
    book.close()
    return buffer.getvalue()


def _write_heads(sheet: Worksheet, heads: Sequence[str], style: Format) -> None:
    for i, label in enumerate(heads):
        sheet.write_string(0, i, label, style)
    sheet.freeze_panes(1, 0)


def _write_pairs(sheet: Worksheet, lines: Iterable[tuple[str, str]], style: Format) -> None:
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 90)
    for place, line in enumerate(lines, 1):
        for i, text in enumerate(line):
            sheet.write_string(place, i, neutral_text(text), style)
