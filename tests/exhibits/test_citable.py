from __future__ import annotations

import doctest
from typing import Any

import pytest

from popbook.exhibits import citable
from popbook.exhibits.citable import Register, cite, moment_words, page_work, report_work
from popbook.exhibits.imprint import Imprint
from popbook.exhibits.references import STYLES, gbt7714_2025
from popbook.ledger.model import Indicator, Region, Source

IMPRINT = Imprint(
    2024, "r1", "监测报告（2024年度）", "2025-06-30", "0123456789abcdef" * 4, producer="编写组", disclaimer="非官方出版物"
)
REGISTER = Register(
    {
        "resident_population": Indicator(
            "resident_population", "年末常住人口", "", "定义文字", "万人", "resident", "year_end", 1
        )
    },
    {"330100": Region("330100", "330100", "杭州市", "", "city")},
    {
        name: Source(name, f"{name}公报", "市统计局", "2025-03-11", "day", "bulletin")
        for name in ("a", "b", "c", "d")
    },
)


def fact(**overrides: Any) -> dict[str, Any]:
    """Row of facts.json."""
    return {
        "id": "fact-resident-population-2024",
        "label": "杭州市2024年年末常住人口",
        "value": 1262.4,
        "text": "1262.4万人",
        "unit": "万人",
        "decimals": 1,
        "basis": "resident",
        "region_id": "330100",
        "year": 2024,
        "status": "",
        "source_ids": ["a"],
        "indicator_id": "resident_population",
        "derivation": "",
        **overrides,
    }


def figure(**overrides: Any) -> dict[str, Any]:
    """Row of exhibits.json."""
    return {
        "id": "fig-a",
        "kind": "figure",
        "number": "图 1-2",
        "title": "增量收窄，2024年10.2万人",
        "subtitle": "常住人口年增量",
        "unit": "万人",
        "basis": "resident",
        "region_id": "330100",
        "years": [2015, 2024],
        "source_ids": ["a"],
        "indicator_ids": ["resident_population"],
        **overrides,
    }


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(citable)
    assert results.attempted >= 8
    assert results.failed == 0


def test_a_published_number_is_told_with_concept_source_edition_and_identifier() -> None:
    assert cite(fact(), REGISTER, IMPRINT).sentence == (
        "杭州市2024年年末常住人口为1262.4万人（常住人口口径；市统计局《a公报》，2025年3月11日；"
        "引自《监测报告（2024年度）》修订号r1，编号fact-resident-population-2024，版本指纹0123456789ab）。"
    )


def test_the_moment_is_told_where_the_label_does_not_say_it() -> None:
    row = fact(label="常住人口增速", indicator_id="", year=2023)
    assert "（常住人口口径，2023年；" in cite(row, REGISTER, IMPRINT).sentence


@pytest.mark.parametrize(("status", "words"), [("P", "初步数"), ("R", "修订数"), ("E", "估计数")])
def test_a_status_mark_is_told(status: str, words: str) -> None:
    made = cite(fact(status=status), REGISTER, IMPRINT)
    assert f"，{words}；" in made.sentence
    assert ("状态", words) in made.concept
    assert words in made.work.note


def test_a_derived_number_says_so_and_shows_its_arithmetic() -> None:
    made = cite(fact(derivation="1262.4 − 1252.2"), REGISTER, IMPRINT)
    assert "据市统计局《a公报》，2025年3月11日整理计算" in made.sentence
    assert ("算法", "1262.4 − 1252.2") in made.concept


def test_many_sources_are_counted_in_the_sentence_and_named_in_the_concept() -> None:
    made = cite(fact(derivation="x", source_ids=["a", "b", "c", "d"]), REGISTER, IMPRINT)
    assert "据市统计局公布的4种资料整理计算" in made.sentence
    assert "d公报" in dict(made.concept)["来源"]
    assert dict(made.brief)["来源"] == "据市统计局公布的4种资料整理计算"


def test_a_number_nobody_published_is_told_as_such() -> None:
    row = fact(value=None, text="未公布", source_ids=[])
    assert cite(row, REGISTER, IMPRINT).sentence.startswith("杭州市2024年年末常住人口未公布（")


def test_a_difference_that_rounds_to_nothing_is_level() -> None:
    row = fact(label="比重2024年比2023年增减", value=-0.04, text="0.0个百分点", unit="个百分点")
    assert cite(row, REGISTER, IMPRINT).sentence.startswith("比重2024年比2023年持平（")


def test_a_figure_is_told_with_its_number_and_cited_as_a_part_of_the_report() -> None:
    made = cite(figure(), REGISTER, IMPRINT)
    assert made.sentence.startswith(
        "增量收窄，2024年10.2万人（图1-2）（杭州市；2015—2024年；常住人口；单位：万人；"
    )
    assert made.text().startswith(
        "编写组. 图1-2 增量收窄，2024年10.2万人：fig-a[R/OL]//"
    )
    assert ("时点", "年末") in made.concept


def test_a_table_is_cited_as_a_data_set() -> None:
    made = cite(figure(id="tbl-a", kind="table", number="表 1-2"), REGISTER, IMPRINT)
    assert (
        "表1-2 增量收窄，2024年10.2万人：tbl-a[DS/OL]. 2024-r1. 监测报告（2024年度）(2025-06-30)."
        in made.text()
    )


def test_a_configured_address_is_that_of_the_frozen_revision() -> None:
    based = Imprint(2024, "r2", "监测报告", "2025-06-30", "ab" * 32, "https://example.org/rk/")
    address = "https://example.org/rk/2024/r2/exhibits/fact-resident-population-2024/index.html"
    made = cite(fact(), REGISTER, based)
    assert all(address in made.text(style) for style in STYLES)


def test_without_an_address_edition_revision_identifier_and_seal_are_named_and_no_address() -> None:
    for row in (fact(), figure()):
        for style in STYLES:
            text = cite(row, REGISTER, IMPRINT).text(style)
            assert "2024-r1" in text
            assert row["id"] in text
            assert "0123456789ab" in text
            assert "http" not in text


def test_the_day_of_access_stands_where_the_standard_wants_it() -> None:
    text = cite(fact(), REGISTER, IMPRINT, "2026-07-05").text()
    assert "(2025-06-30)[2026-07-05]." in text


def test_a_page_of_the_report_is_a_web_page() -> None:
    text = gbt7714_2025(page_work(IMPRINT, "方法说明", "methods.html", "2026-07-05"))
    assert "方法说明：监测报告（2024年度）：2024-r1[EB/OL]. (2025-06-30)[2026-07-05]." in text
    assert page_work(IMPRINT, "现状", "chapters/01_status.html").key == "popbook-2024-r1-chapters-01_status"
    assert report_work(IMPRINT).key == "popbook-2024-r1"


def test_an_unknown_reference_time_is_the_year() -> None:
    assert moment_words(2024, "unstated") == "2024年"
