"""Files of an exhibit (drawing, data, metadata, landing page) and the assets pages need to show exhibits."""

from __future__ import annotations

import html
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import vl_convert

from popbook.exhibits.citations import reference_text
from popbook.exhibits.fonts import write_webfonts
from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import NOT_PUBLISHED
from popbook.exhibits.render import concept_line, drawn_text, exhibit_html, png, spec_script, standalone_svg
from popbook.exhibits.tables import csv_cells, neutral_text
from popbook.exhibits.theme import dark_css
from popbook.ledger.model import BASIS_ZH, REFERENCE_ZH

ASSETS = Path(__file__).parent / "assets"
STYLE_FILE = "exhibits.css"
# Sheets in the package that make up the one sheet of a site.
STYLE_PARTS = ("exhibits.css", "board.css")
SCRIPT_FILE = "exhibits.js"
VEGA_FILE = "vega-bundle.js"
VEGA_GLOBALS = "window.vegaEmbed = vegaEmbed; window.vega = vega; window.vegaLite = vegaLite;"
DISCLAIMER = "根据公开资料编制，非官方发布；规划为2021年6月征求意见稿，正式文本可能不同。"
# Zip entries carry a date; a fixed one keeps workbooks byte-identical.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def exhibits_css(dark: bool = True) -> str:
    """Return the style sheet of exhibits; with the rules that recolour charts on a dark page by default."""
    text = "".join((ASSETS / name).read_text(encoding="utf-8") for name in STYLE_PARTS)
    return text + dark_css() if dark else text


@cache
def _vega_bundle() -> str:
    return str(vl_convert.javascript_bundle(VEGA_GLOBALS))


def write_vega_bundle(path: Path) -> None:
    """Write Vega, Vega-Lite and Vega-Embed as one script that asks for nothing from the network."""
    path.write_text(_vega_bundle(), encoding="utf-8", newline="\n")


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
        ``exhibits.css``, ``exhibits.js``, ``vega-bundle.js`` and ``fonts/fonts.css``; link the style sheets and the
        first script, the bundle is loaded when a reader asks for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(
        drawn_text(svg) for bundle in bundles if bundle["kind"] == "figure" for svg in bundle["svg"].values()
    )
    fonts = write_webfonts(text + "0123456789.,%‰−+—–→年月日", folder / "fonts")
    (folder / STYLE_FILE).write_text(exhibits_css(), encoding="utf-8", newline="\n")
    (folder / SCRIPT_FILE).write_text(
        (ASSETS / SCRIPT_FILE).read_text(encoding="utf-8"), encoding="utf-8", newline="\n"
    )
    write_vega_bundle(folder / VEGA_FILE)
    return [folder / STYLE_FILE, folder / SCRIPT_FILE, folder / VEGA_FILE, fonts["css"]]


def write_exhibit_files(
    bundle: Mapping[str, Any],
    folder: Path,
    number: str,
    *,
    root: str = "../../",
    page: str = "",
    numbers: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write the folder of one exhibit.

    Parameters
    ----------
    bundle
        Exhibit as made by :meth:`popbook.exhibits.report.Report.bundle`.
    folder
        ``exhibits/<id>``; created if missing.
    number
        Printed number ("图 1-3").
    root
        Relative address of the edition's folder from ``folder``.
    page
        Address of the exhibit in its chapter relative to the edition's folder (``chapters/01_status.html``).
    numbers
        Numbers of other exhibits by id, for references.

    Returns
    -------
    list[Path]
        Figures: ``chart.svg chart.png spec.json spec.js``; both kinds: ``data.csv data.xlsx meta.json index.html``.
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
    files["data.xlsx"] = workbook(bundle, number)
    files["meta.json"] = _json(exhibit_metadata(bundle, number))
    files["index.html"] = landing_page(bundle, number, root=root, page=page, numbers=numbers).encode()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in files]


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def exhibit_metadata(bundle: Mapping[str, Any], number: str) -> dict[str, Any]:
    """Return what describes an exhibit, without its drawing and cells."""
    hidden = ("svg", "spec", "cells", "data", "docname", "number")
    described = {key: value for key, value in bundle.items() if key not in hidden}
    return {**described, "number": number, "reference": reference_text(bundle, number)}


def landing_page(
    bundle: Mapping[str, Any],
    number: str,
    *,
    root: str = "../../",
    page: str = "",
    numbers: Mapping[str, str] | None = None,
) -> str:
    """Return the page of one exhibit: the exhibit, its concept, sources, reference and downloads; works from disk."""
    exhibit = exhibit_html(bundle, number, root, numbers=numbers, standalone=True)
    # A link to another section is meant for the page where the exhibit stands.
    exhibit = exhibit.replace('href="#', f'href="{root}{page or "index.html"}#')
    rows = [("编号", bundle["id"]), ("口径", concept_line(bundle))]
    rows += [
        (
            indicator["name"],
            f"{indicator['definition']}（{BASIS_ZH.get(indicator['basis'], '')}，"
            f"{REFERENCE_ZH.get(indicator['reference'], '')}，单位：{indicator['unit']}）",
        )
        for indicator in bundle["indicators"]
    ]
    rows += [
        ("年度版", f"{bundle['report_title']}，修订号{bundle['revision']}"),
        ("数据截止", f"{bundle['cut_off']}以前（含当日）公布的资料"),
    ]
    concepts = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in rows)
    title = html.escape(f"{number} {plain_text(bundle['title'])}")
    back = (
        f'<a href="{root}{page}#{bundle["id"]}">← 回到正文</a>'
        if page
        else f'<a href="{root}index.html">← 回到报告</a>'
    )
    alt = f"<h2>文字说明</h2><p>{html.escape(bundle['alt'])}</p>" if bundle["kind"] == "figure" else ""
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{html.escape(plain_text(bundle["alt"]))}">
<title>{title} - {html.escape(bundle["report_title"])}</title>
<link rel="icon" href="{root}_static/favicon.svg">
<link rel="stylesheet" href="{root}_static/fonts/fonts.css">
<link rel="stylesheet" href="{root}_static/{STYLE_FILE}">
<script src="{root}_static/{SCRIPT_FILE}" defer></script>
</head>
<body class="pb-landing">
<header><p><a href="{root}index.html">{html.escape(bundle["report_title"])}</a></p><p>{back}</p></header>
<main>
<h1 class="pb-hidden">{title}</h1>
{exhibit}
{alt}
<h2>口径</h2>
<dl class="pb-concept">{concepts}</dl>
<h2>引用格式</h2>
<p class="pb-reference">{html.escape(reference_text(bundle, number))}</p>
</main>
<footer><p>{DISCLAIMER}</p></footer>
</body>
</html>
"""


def workbook(bundle: Mapping[str, Any], number: str) -> bytes:
    """Return the exhibit's data as an Excel file: cover, notes, plain table; the same data give the same bytes.

    Numbers are numbers, text that a spreadsheet would take for a formula stays text.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    stamp = datetime.combine(date.fromisoformat(bundle["cut_off"]), datetime.min.time())
    book.properties.creator = bundle["report_title"]
    book.properties.created = stamp
    cover = book.active
    cover.title = "封面"
    lines = [
        (f"{number} {plain_text(bundle['title'])}", ""),
        ("说明", bundle["subtitle"]),
        ("口径", concept_line(bundle)),
        ("年度版", f"{bundle['report_title']}，修订号{bundle['revision']}，数据截止{bundle['cut_off']}"),
        ("编号", bundle["id"]),
        ("引用格式", reference_text(bundle, number)),
        ("声明", DISCLAIMER),
    ]
    for row in lines:
        if row[1] or row is lines[0]:
            cover.append([neutral_text(cell) for cell in row if cell])
    cover["A1"].font = Font(bold=True, size=14)
    notes = book.create_sheet("注释")
    notes.append(["类别", "内容"])
    for note in bundle["notes"]:
        notes.append(["注", neutral_text(plain_text(note))])
    for source in bundle["sources"]:
        notes.append(["资料来源", neutral_text(source["text"])])
    sheet = book.create_sheet("数据")
    cells = csv_cells(bundle["data"])
    sheet.append([column["label"] for column in cells["columns"]])
    for row in cells["rows"]:
        sheet.append(
            [
                _excel_value(text, column["numeric"])
                for text, column in zip(row["cells"], cells["columns"], strict=True)
            ]
        )
    for each, widths in ((cover, (14, 90)), (notes, (14, 90))):
        for i, width in enumerate(widths, 1):
            each.column_dimensions[get_column_letter(i)].width = width
        for line in each.iter_rows(min_row=2):
            for cell in line:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    for i, column in enumerate(cells["columns"], 1):
        sheet.column_dimensions[get_column_letter(i)].width = min(max(len(column["label"]) * 2 + 2, 10), 40)
    for heads in (notes, sheet):
        for cell in heads[1]:
            cell.font = Font(bold=True)
        heads.freeze_panes = "A2"
    # Whatever came in as text is written as text, even where it begins like a formula.
    for each in book.worksheets:
        for line in each.iter_rows():
            for cell in line:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
    buffer = io.BytesIO()
    book.save(buffer)
    return _stable_zip(buffer.getvalue(), stamp)


def _excel_value(text: str, numeric: bool) -> str | float | int | None:
    if not text:
        return None
    if not numeric or text == NOT_PUBLISHED:
        return text
    value = float(text.replace("−", "-"))
    return int(value) if value.is_integer() else value


def _stable_zip(data: bytes, stamp: datetime) -> bytes:
    """Return a workbook whose dates do not depend on when it was written."""
    import re

    buffer = io.BytesIO()
    modified = stamp.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            content = source.read(entry.filename)
            if entry.filename == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + modified, content)
            fixed = zipfile.ZipInfo(entry.filename, ZIP_DATE)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(fixed, content)
    return buffer.getvalue()
