"""The workbook of an exhibit: cover, notes, plain table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from popbook.exhibits.citable import Citation
from popbook.exhibits.imprint import Imprint
from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import NOT_PUBLISHED
from popbook.exhibits.render import concept_line
from popbook.exhibits.sheets import HEAD, STRINGS, TITLE, WRAPPED, Sheet, Texts, frame, with_parts
from popbook.exhibits.tables import csv_cells, neutral_text


def workbook(bundle: Mapping[str, Any], citation: Citation, imprint: Imprint) -> bytes:
    """Return the exhibit's data as an Excel file: cover, notes, plain table; the same data give the same bytes.

    Parameters
    ----------
    bundle, citation, imprint
        As in :func:`popbook.exhibits.landing.exhibit_page`.

    Returns
    -------
    bytes
        Sheets 封面, 注释 and 数据.

    Notes
    -----
    Numbers are numbers, text that a spreadsheet would take for a formula stays text.
    """
    texts = Texts()
    cover = Sheet(texts, (14, 90))
    cover.write(0, 0, neutral_text(citation.name), TITLE)
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
    _write_pairs(cover, [line for line in lines if line[1]])

    notes = Sheet(texts, (14, 90))
    _write_heads(notes, ["类别", "内容"])
    sources = [("资料来源", source["text"]) for source in bundle["sources"]]
    _write_pairs(notes, [*(("注", plain_text(note)) for note in bundle["notes"]), *sources])

    cells = csv_cells(bundle["data"])
    labels = [column["label"] for column in cells["columns"]]
    table = Sheet(texts, [min(max(len(label) * 2 + 2, 10), 40) for label in labels])
    _write_heads(table, labels)
    for i, column in enumerate(cells["columns"]):
        for place, row in enumerate(cells["rows"], 1):
            text = row["cells"][i]
            if column["numeric"] and text and text != NOT_PUBLISHED:
                table.write(place, i, float(text.replace("−", "-")))
            elif text:
                # As text, even where it begins like a formula.
                table.write(place, i, text)
    sheets = {f"xl/worksheets/sheet{n}.xml": sheet.xml for n, sheet in enumerate((cover, notes, table), 1)}
    return with_parts(frame(imprint.title, imprint.cut_off), {**sheets, STRINGS: texts.xml})


def _write_heads(sheet: Sheet, heads: Sequence[str]) -> None:
    for i, label in enumerate(heads):
        sheet.write(0, i, label, HEAD)


def _write_pairs(sheet: Sheet, lines: Iterable[tuple[str, str]]) -> None:
    for place, line in enumerate(lines, 1):
        for i, text in enumerate(line):
            sheet.write(place, i, neutral_text(text), WRAPPED)
