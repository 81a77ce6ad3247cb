from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from popbook.ledger.errors import UsageError
from popbook.publishing.built_edition import BuiltEdition, built_editions, find_edition, unknown_id
from tests.exhibits.test_citable import fact, figure

INDICATORS = "indicator_id,name_zh,name_en,definition,unit,basis,reference,decimals,lower\nresident_population,年末常住人口,,定义,万人,resident,year_end,1,\n"
REGIONS = "region_id,gb_code,name_zh,name_en,level,tile_row\n330100,330100,杭州市,,city,\n"
SOURCES = (
    "source_id,title,publisher,published,date_precision,kind\na,a公报,市统计局,2025-03-11,day,bulletin\n"
)


def write_edition(folder: Path, edition: int = 2024, **overrides: Any) -> Path:
    """Write what a built edition holds about its exhibits, and the files of one figure and one table."""
    home = folder / str(edition)
    (home / "data").mkdir(parents=True)
    record = {
        "edition": edition,
        "revision": "r1",
        "title": f"监测报告（{edition}年度）",
        "cut_off": f"{edition + 1}-06-30",
        "edition_hash": "ab" * 32,
        "producer": "编写组",
        "disclaimer": "非官方出版物。",
    }
    exhibits = {"fig-a": figure(), "tbl-a": figure(id="tbl-a", kind="table", number="表 1-1")}
    facts = {row["id"]: row for row in (fact(),)}
    for name, value in (
        ("build", {**record, **overrides}),
        ("exhibits", {"items": exhibits}),
        ("facts", {"items": facts}),
    ):
        (home / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    for name, text in (("indicators", INDICATORS), ("regions", REGIONS), ("sources", SOURCES)):
        (home / "data" / f"{name}.csv").write_text(text, encoding="utf-8")
    for name, files in (
        ("fig-a", ("chart.svg", "chart.png", "data.csv", "data.xlsx")),
        ("tbl-a", ("data.csv", "data.xlsx")),
    ):
        (home / "exhibits" / name).mkdir(parents=True)
        for file in files:
            (home / "exhibits" / name / file).write_text(f"{name} {file}", encoding="utf-8")
    return home


def test_a_citation_is_made_from_the_files_of_the_edition_alone(tmp_path: Path) -> None:
    made = BuiltEdition(write_edition(tmp_path)).cite("fact-resident-population-2024")
    assert made.sentence.startswith(
        "杭州市2024年年末常住人口为1262.4万人（常住人口口径；市统计局《a公报》，2025年3月11日；"
    )
    assert made.work.version == "2024-r1"


def test_a_configured_base_address_is_taken_from_the_record(tmp_path: Path) -> None:
    edition = BuiltEdition(write_edition(tmp_path, base="https://example.org"))
    assert edition.cite("fig-a").work.address == "https://example.org/2024/r1/exhibits/fig-a/index.html"


def test_the_newest_edition_is_taken_if_none_is_named(tmp_path: Path) -> None:
    for year in (2023, 2024):
        write_edition(tmp_path, year)
    assert find_edition(tmp_path).imprint.edition == 2024
    assert find_edition(tmp_path, 2023).imprint.edition == 2023
    assert sorted(built_editions(tmp_path)) == [2023, 2024]


def test_an_edition_that_is_not_built_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="请先运行 popbook build"):
        find_edition(tmp_path)
    write_edition(tmp_path)
    with pytest.raises(UsageError, match="2020 年度版还没有生成.*已有：2024"):
        find_edition(tmp_path, 2020)


def test_an_unknown_identifier_is_answered_with_near_ones_or_other_editions(tmp_path: Path) -> None:
    edition = BuiltEdition(write_edition(tmp_path))
    other = BuiltEdition(write_edition(tmp_path, 2023))
    assert "是否指 fact-resident-population-2024" in str(
        unknown_id("fact-resident-populaton-2024", edition, [])
    )
    assert "见 2023 年度版，加 --edition 2023" in str(unknown_id("fig-a", edition, [other]))
    assert "在图目、表目、数值目" in str(unknown_id("zzz", edition, [other]))
