from __future__ import annotations

from pathlib import Path

import pytest

from popbook.exhibits.references import STYLES
from popbook.ledger.errors import PopbookError, UsageError
from popbook.publishing.export import CITE_STYLES, EXPORTERS, cite_exhibit, current_id, export_exhibit
from tests.publishing.test_built_edition import write_edition
from tests.publishing.test_exhibit_ids import HEAD, write

FACT = "fact-resident-population-2024"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(
        tmp_path,
        HEAD
        + "fig-old,2020,moved,fig-a,合并\nfig-a,2020,active,,\nfig-end,2020,retired,,停止公布\n"
        + "fig-lost,2020,moved,fig-end,合并\nfig-later,2025,active,,\nfig-early,2020,moved,fig-later,合并\n",
    )
    return write_edition(tmp_path / "site").parent


def test_every_style_gives_one_text(site: Path) -> None:
    assert (*STYLES, "text") == CITE_STYLES
    texts = {style: cite_exhibit(site, site.parent, FACT, style=style) for style in CITE_STYLES}
    assert len(set(texts.values())) == len(CITE_STYLES)
    assert all(text and not text.endswith("\n") for text in texts.values())


def test_the_whole_report_is_cited_too(site: Path) -> None:
    assert cite_exhibit(site, site.parent, "report").endswith(
        "：2024-r1[R/OL]. 2025-06-30. 版本指纹:abababababab."
    )
    assert cite_exhibit(site, site.parent, "report", style="text").startswith(
        "《监测报告（2024年度）》（修订号r1"
    )


def test_an_unknown_identifier_is_a_usage_error_with_near_ones(site: Path) -> None:
    with pytest.raises(UsageError, match="没有编号为 fig-aa 的图、表或数值 → 是否指 fig-a"):
        cite_exhibit(site, site.parent, "fig-aa")


def test_a_moved_identifier_is_followed_and_told(site: Path, tmp_path: Path) -> None:
    assert current_id(site, site.parent, "fig-old") == ("fig-a", "编号 fig-old 已改为 fig-a：合并。以下是 fig-a")
    assert current_id(site, site.parent, "fig-a") == ("fig-a", "")
    assert cite_exhibit(site, site.parent, "fig-old") == cite_exhibit(site, site.parent, "fig-a")
    export_exhibit(site, site.parent, "fig-old", "svg", tmp_path / "out")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "fig-a chart.svg"


@pytest.mark.parametrize("name", ["fig-end", "fig-lost"])
def test_a_retired_identifier_is_told_and_status_1(site: Path, name: str) -> None:
    with pytest.raises(PopbookError, match="编号 fig-end 已停用：停止公布") as caught:
        cite_exhibit(site, site.parent, name)
    assert caught.value.exit_code == 1


def test_a_moved_identifier_whose_place_is_empty_in_an_edition_is_a_usage_error(site: Path) -> None:
    with pytest.raises(UsageError, match="没有编号为 fig-later"):
        cite_exhibit(site, site.parent, "fig-early")


@pytest.mark.parametrize(
    ("name", "format", "file"), [("fig-a", "svg", "chart.svg"), ("tbl-a", "xlsx", "data.xlsx")]
)
def test_a_file_is_the_bytes_of_the_site(
    site: Path, tmp_path: Path, name: str, format: str, file: str
) -> None:
    out = tmp_path / "out"
    out.write_text("旧", encoding="utf-8")
    export_exhibit(site, site.parent, name, format, out)
    assert out.read_bytes() == (site / "2024" / "exhibits" / name / file).read_bytes()


@pytest.mark.parametrize(
    ("name", "format", "words"),
    [
        ("tbl-a", "svg", "表 tbl-a 不能导出为 svg → 可选：csv、xlsx、pdf、docx"),
        (FACT, "csv", f"数值 {FACT} 不能导出为 csv → 引用一个数用 popbook cite"),
        ("fig-x", "svg", "没有编号为 fig-x"),
    ],
)
def test_what_cannot_be_exported_is_refused_and_nothing_written(
    site: Path, tmp_path: Path, name: str, format: str, words: str
) -> None:
    out = tmp_path / "out"
    with pytest.raises(UsageError, match=words):
        export_exhibit(site, site.parent, name, format, out)
    assert not out.exists()


def test_a_place_that_cannot_be_written_is_told_and_nothing_left(site: Path, tmp_path: Path) -> None:
    with pytest.raises(PopbookError, match="没有写文件"):
        export_exhibit(site, site.parent, "fig-a", "svg", tmp_path / "none" / "a.svg")
    with pytest.raises(UsageError, match="这是一个文件夹"):
        export_exhibit(site, site.parent, "fig-a", "svg", tmp_path)
    assert not list(tmp_path.glob("*.partial")) + list(tmp_path.glob(".*"))


def test_every_kind_of_exhibit_has_its_formats() -> None:
    assert set(EXPORTERS) == {"figure", "table", "fact"}
    assert set(EXPORTERS["table"]) < set(EXPORTERS["figure"])
