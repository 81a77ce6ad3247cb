"""Cells of the ledger that mean something to a spreadsheet, a browser, MyST or Jinja stay text in everything made of them."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from popbook.exhibits.chapters import projects
from popbook.exhibits.citable import Register, cite
from popbook.exhibits.files import write_exhibit_files
from popbook.exhibits.imprint import Imprint
from popbook.exhibits.report import open_report, section_payload
from popbook.ledger.check import check_data
from popbook.publishing.documents.single import read_bundle, single_blocks
from popbook.publishing.documents.word import make_docx
from popbook.publishing.documents.word_reference import EXHIBIT_STYLE
from popbook.publishing.documents.write import document_meta, writing_time
from popbook.publishing.edition_run import number_exhibits
from tests.ledger.tables import DATA

HOSTILE = "=cmd|'/C calc'!A0 <script>alert(1)</script> {eval-rst} {{ 7*7 }} {% raw %}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real data with hostile text as the name of a commitment and in the title of the plan's source."""
    data = Path(shutil.copytree(DATA, tmp_path_factory.mktemp("hostile") / "data", ignore=shutil.ignore_patterns("inbox")))
    for name, column, found in (("plan/commitments", "name_zh", ""), ("sources", "title", "hz-plan-2021")):
        path = data / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        hit = next(row for row in rows if not found or row["source_id"] == found)
        hit[column] = HOSTILE
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return data


def test_the_check_names_both_cells(folder: Path) -> None:
    assert {(p.file, p.code) for p in check_data(folder)} >= {
        (name, code) for name in ("plan/commitments.csv", "sources.csv") for code in ("formula", "markup")
    }


def test_past_the_check_they_are_still_text_in_page_csv_workbook_and_word(folder: Path, tmp_path: Path) -> None:
    report = open_report(2024, chapter="05_projects", data_dir=folder)
    payload = section_payload(projects.tasks(report), report)
    ledger = report.ledger
    imprint = Imprint(2024, "r1", "报告", str(ledger.cut_off), "ab" * 32, producer="组", disclaimer="无。")
    shown = number_exhibits({"notebooks/05_projects": [payload]})
    bundles = [bundle for bundle in shown.values() if "calc" in str(bundle.get("data"))]
    assert bundles
    register = Register(ledger.indicators, ledger.regions, ledger.sources)
    for bundle in bundles:
        citation = cite(bundle, register, imprint)
        home = tmp_path / bundle["id"]
        write_exhibit_files(bundle, bundle, register, home, imprint=imprint, page="chapters/05_projects.html", numbers={})
        page = (home / "index.html").read_text(encoding="utf-8")
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page
        cells = [cell for row in csv.reader(io.StringIO((home / "data.csv").read_text(encoding="utf-8"))) for cell in row]
        assert f"'{HOSTILE}" in cells
        assert not any(cell.startswith("=") for cell in cells)
        book = load_workbook(home / "data.xlsx")
        found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if "calc" in str(cell.value)]
        assert found and all(cell.data_type == "s" and not str(cell.value).startswith("=") for cell in found)
        read = read_bundle(home)
        word = make_docx(
            single_blocks(read, {}, citation.text()), {}, document_meta(imprint, bundle["title"]), EXHIBIT_STYLE, writing_time(imprint)
        )  # fmt: skip
        with zipfile.ZipFile(io.BytesIO(word)) as archive:
            document = ElementTree.fromstring(archive.read("word/document.xml"))
        said = "".join(part.text or "" for part in document.iter(f"{WORD}t")).replace("\u200b", "")
        # A field code is what Word would run.
        assert not any("calc" in (field.text or "") for field in document.iter(f"{WORD}instrText"))
        for part in ("<script>alert(1)</script>", "{eval-rst}", "{{ 7*7 }}", "{% raw %}"):
            assert part in said, part
    assert "<script>alert" not in payload["myst"]
