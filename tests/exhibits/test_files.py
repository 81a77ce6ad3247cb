from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook

from popbook.exhibits.citable import Citation, cite
from popbook.exhibits.files import exhibits_css, write_assets, write_exhibit_files
from popbook.exhibits.report import open_report
from popbook.exhibits.workbook import workbook
from tests.exhibits.samples import figure, table
from tests.exhibits.test_citable import IMPRINT, REGISTER
from tests.exhibits.test_citable import figure as row


@pytest.fixture(scope="module")
def bundle() -> dict:
    return {**open_report(2024).bundle(figure()), "number": "图 1-3"}


@pytest.fixture(scope="module")
def table_bundle() -> dict:
    return {**open_report(2024).bundle(table()), "number": "表 1-2"}


def row_of(made: dict) -> dict:
    """The row of an exhibit in the index."""
    return row(**{name: made[name] for name in ("id", "kind", "number", "title")})


def cited(made: dict) -> Citation:
    """How an exhibit is cited."""
    return cite(row_of(made), REGISTER, IMPRINT)


def write(made: dict, folder: Path, **settings: str) -> list[Path]:
    """Write the folder of an exhibit."""
    return write_exhibit_files(made, row_of(made), REGISTER, folder, imprint=IMPRINT, **settings)


def test_figure_folder_is_complete_and_deterministic(bundle: dict, tmp_path: Path) -> None:
    first = write(bundle, tmp_path / "a")
    second = write(bundle, tmp_path / "b")
    assert sorted(path.name for path in first) == [
        "chart.png",
        "chart.svg",
        "cite.bib",
        "cite.json",
        "cite.ris",
        "cite.txt",
        "data.csv",
        "data.xlsx",
        "index.html",
        "meta.json",
        "spec.js",
        "spec.json",
    ]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_table_folder_has_no_drawing(table_bundle: dict, tmp_path: Path) -> None:
    names = {path.name for path in write(table_bundle, tmp_path)}
    assert names == {
        *("data.csv", "data.xlsx", "index.html", "meta.json"),
        *("cite.txt", "cite.bib", "cite.ris", "cite.json"),
    }


def test_every_offered_download_exists(bundle: dict, table_bundle: dict, tmp_path: Path) -> None:
    for made in (bundle, table_bundle):
        folder = tmp_path / "exhibits" / made["id"]
        write(made, folder, page="chapters/01_status.html")
        page = BeautifulSoup((folder / "index.html").read_text(encoding="utf-8"), "lxml")
        offered = [a["href"] for a in page.find_all("a") if a.has_attr("download")]
        assert offered
        for address in offered:
            assert (folder / address).resolve().exists(), address


def test_csv_and_workbook_hold_the_values_of_the_figure(bundle: dict, tmp_path: Path) -> None:
    write(bundle, tmp_path)
    frame = figure().frame
    from_csv = pd.read_csv(tmp_path / "data.csv")
    from_excel = pd.read_excel(tmp_path / "data.xlsx", sheet_name="数据")
    for read in (from_csv, from_excel):
        assert read["常住人口（万人）"].tolist() == frame["常住人口（万人）"].tolist()
        assert read["年份"].tolist() == frame["年份"].tolist()


def test_workbook_has_cover_notes_and_data(bundle: dict) -> None:
    book = load_workbook(io.BytesIO(workbook(bundle, cited(bundle), IMPRINT)))
    assert book.sheetnames == ["封面", "注释", "数据"]
    assert figure().title in book["封面"]["A1"].value
    assert any("资料来源" in str(line[0].value) for line in book["注释"].iter_rows())
    cover = {line[0].value: line[1].value for line in book["封面"].iter_rows(min_row=2)}
    assert cover["版本指纹"] == IMPRINT.fingerprint
    assert cover["引用格式"] == cited(bundle).text()


def test_formula_in_the_data_stays_text(bundle: dict) -> None:
    book = load_workbook(io.BytesIO(workbook({**bundle, "data": "名\n=1+1\n"}, cited(bundle), IMPRINT)))
    cell = book["数据"]["A2"]
    assert cell.data_type == "s"


def test_metadata_has_no_drawing_but_the_reference(bundle: dict, tmp_path: Path) -> None:
    write(bundle, tmp_path)
    meta = json.loads((tmp_path / "meta.json").read_text(encoding="utf-8"))
    assert "svg" not in meta
    assert meta["number"] == "图 1-3"
    assert meta["citations"]["gbt7714-2025"] == cited(bundle).text()
    assert (tmp_path / "cite.txt").read_text(encoding="utf-8") == cited(bundle).text() + "\n"


def test_assets_are_complete_and_ask_for_nothing_outside(bundle: dict, tmp_path: Path) -> None:
    written = write_assets(tmp_path, [bundle])
    assert all(path.exists() for path in written)
    assert "vegaEmbed" in (tmp_path / "vega-bundle.js").read_text(encoding="utf-8")
    for name in ("exhibits.css", "colour.js", "exhibits.js", "cite.js", "fonts/fonts.css"):
        assert "http" not in (tmp_path / name).read_text(encoding="utf-8")


def test_style_sheet_shows_one_layout_at_a_time_and_prints_the_wide_one() -> None:
    css = exhibits_css()
    assert "@container (max-width: 620px)" in css
    assert "@media print" in css
    assert "text-autospace: no-autospace" in css
    assert 'html[data-theme="dark"] .pb-chart' in css
    assert 'html[data-theme="dark"] .pb-chart' not in exhibits_css(dark=False)
