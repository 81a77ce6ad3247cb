from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from pypdf import PdfReader

from popbook.publishing.built_edition import BuiltEdition
from popbook.publishing.export import export_exhibit
from tests.publishing.documents.small import bundle
from tests.publishing.test_built_edition import write_edition
from tests.publishing.test_exhibit_ids import HEAD, write


def test_a_table_and_a_figure_are_exported_as_documents_that_say_how_to_cite_them(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "fig-a,2020,active,,\n")
    home = write_edition(tmp_path / "site")
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": [{"a": 1, "b": 2}]},
        "mark": "point",
        "encoding": {"x": {"field": "a", "type": "quantitative"}},
    }
    for name, kind in (("fig-a", "figure"), ("tbl-a", "table")):
        meta = {
            key: value
            for key, value in bundle(name, kind, "图 1-1", "题").items()
            if key not in ("svg", "cells")
        }
        folder = home / "exhibits" / name
        (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
        (folder / "data.csv").write_text("指标,数（万人）\n常住,1262.4\n", encoding="utf-8")
        (folder / "spec.js").write_text(
            f'(window.a||{{}})["{name}"]={json.dumps({"wide": spec})};\n', encoding="utf-8"
        )
    for name in ("fig-a", "tbl-a"):
        for format in ("pdf", "docx"):
            export_exhibit(tmp_path / "site", tmp_path, name, format, tmp_path / f"{name}.{format}")
        said = "".join(page.extract_text() for page in PdfReader(tmp_path / f"{name}.pdf").pages)
        reference = BuiltEdition(home).cite(name).text()
        assert "图 1-1" in said and "2024-r1" in said and reference[:10] in said.replace("\n", "")
        with zipfile.ZipFile(io.BytesIO((tmp_path / f"{name}.docx").read_bytes())) as archive:
            assert "2024-r1" in archive.read("word/document.xml").decode()
    assert "1262.4" in "".join(page.extract_text() for page in PdfReader(tmp_path / "tbl-a.pdf").pages)
