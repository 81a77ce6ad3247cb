from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from popbook.exhibits.model import Column, Fact, Html, Note, Section, Table
from popbook.exhibits.report import (
    SECTION_MIME,
    Report,
    open_report,
    section_payload,
    section_to_myst,
    show,
)
from popbook.ledger.errors import ConceptError, PopbookError, UsageError
from tests.exhibits.samples import figure, table


@pytest.fixture
def report() -> Report:
    return open_report(2024)


def _register(report: Report, **overrides: Any) -> Fact:
    fields: dict[str, Any] = {
        "id": "fact-x-2024",
        "label": "某数",
        "value": 1.0,
        "unit": "万人",
        "decimals": 1,
        "year": 2024,
    }
    return report.fact(**{**fields, **overrides})


@pytest.mark.parametrize("edition", [1999, "2024", True, 2024.0])
def test_wrong_edition_is_one_clear_sentence(edition: Any) -> None:
    with pytest.raises(UsageError, match="年度版|整数年份"):
        open_report(edition)


@pytest.mark.parametrize("region", ["999999", 330100, "330102"])
def test_wrong_region_is_one_clear_sentence(region: Any) -> None:
    with pytest.raises(UsageError, match="region|地区"):
        open_report(2024, region)


def test_a_district_in_a_chapter_of_the_city_is_sent_to_its_booklet_without_a_traceback() -> None:
    with pytest.raises(UsageError) as caught:
        open_report(2024, "330106")
    (shown,) = caught.value._render_traceback_()
    assert shown.startswith("错误：330106：这一章只写全市，没有西湖区的数 → 西湖区见分册：popbook build --regions 330106")


def test_edition_sees_only_its_own_vintage() -> None:
    assert open_report(2020).ledger.observation("resident_population", 2021) is None
    assert open_report(2020).about.cut_off == "2021-06-30"


def test_published_value_becomes_a_fact(report: Report) -> None:
    fact = report.fact_of(("resident_population", 2024))
    assert fact.id == "fact-resident-population-2024"
    assert fact.text() == "1262.4万人"
    assert fact.basis == "resident"
    assert set(fact.source_ids) <= set(report.ledger.sources)


def test_unpublished_value_is_never_filled_in() -> None:
    fact = open_report(2020).fact_of(("resident_population", 2024))
    assert fact.value is None
    assert fact.text() == "未公布"


def test_district_fact_has_its_own_id(report: Report) -> None:
    assert report.fact_of(("census_population", 2020), "330109").id == "fact-census-population-330109-2020"


def test_unknown_indicator_is_refused(report: Report) -> None:
    with pytest.raises(UsageError, match="没有编号"):
        report.fact_of(("no_such", 2020))


def test_same_id_for_another_number_is_an_error(report: Report) -> None:
    assert _register(report) == _register(report)
    with pytest.raises(PopbookError, match="已经用于另一个数"):
        _register(report, value=2.0)


def test_undeclared_source_is_an_error(report: Report) -> None:
    with pytest.raises(PopbookError, match="没有编号"):
        _register(report, source_ids=("nowhere",))


def test_difference_shows_its_arithmetic(report: Report) -> None:
    later, earlier = (report.ledger.observation("resident_population", year) for year in (2024, 2023))
    assert later is not None
    assert earlier is not None
    fact = report.difference(later, earlier)
    assert fact.text("+") == "+10.2万人"
    assert fact.derivation == "1262.4 − 1252.2"


def test_difference_across_concepts_is_refused(report: Report) -> None:
    residents = report.ledger.observation("resident_population", 2020)
    hukou = report.ledger.observation("hukou_population", 2020)
    assert residents is not None
    assert hukou is not None
    with pytest.raises(ConceptError):
        report.difference(residents, hukou)


def test_results_are_registered_once(report: Report) -> None:
    frame = pd.DataFrame({"a": [1]})
    assert report.result("targets", frame) is frame
    report.result("targets", frame.copy())
    with pytest.raises(PopbookError, match="已经登记"):
        report.result("targets", pd.DataFrame({"a": [2]}))
    with pytest.raises(UsageError, match="结果文件名"):
        report.result("../targets", frame)


def test_section_becomes_myst_in_order(report: Report) -> None:
    fact = _register(report)
    section = Section(
        "status-a",
        f"结论{fact}",
        "意义。",
        ("段落。", figure(), table(), Note("方法", "正文"), Html("<div>x</div>")),
        "政策。",
        level=3,
    )
    myst = section_to_myst(section)
    wanted = [
        "(status-a)=\n### 结论{fact}`fact-x-2024|1.0万人`",
        "```{rst-class} pb-lead\n意义。\n```",
        "段落。",
        "```{exhibit} fig-residents\n```",
        "```{exhibit} tbl-targets\n```",
        "```{admonition} 方法\n:class: dropdown pb-note\n\n正文\n```",
        "```{raw} html\n<div>x</div>\n```",
        "```{admonition} 政策含义\n:class: pb-policy\n\n政策。\n```",
    ]
    places = [myst.index(part) for part in wanted]
    assert places == sorted(places)


def test_fence_is_longer_than_any_fence_inside() -> None:
    myst = section_to_myst(Section("status-a", "结论", "", (Note("方法", "```{math}\na\n```"),)))
    assert "````{admonition} 方法" in myst
    assert myst.rstrip().endswith("````")


def test_payload_is_json_and_carries_only_the_facts_it_names(report: Report) -> None:
    fact = _register(report)
    _register(report, id="fact-other-2024")
    report.result("targets", pd.DataFrame({"名": ["a"], "值": [float("nan")]}))
    payload = section_payload(Section("status-a", f"结论{fact}", "", (figure(), table())), report)
    back = json.loads(json.dumps(payload, ensure_ascii=False, allow_nan=False))
    assert [item["id"] for item in back["facts"]] == ["fact-x-2024"]
    assert [item["id"] for item in back["exhibits"]] == ["fig-residents", "tbl-targets"]
    assert back["results"] == {"targets": [{"名": "a", "值": None}]}
    assert back["facts"][0]["text"] == "1.0万人"


def test_facts_in_table_cells_are_carried(report: Report) -> None:
    fact = _register(report)
    frame = table().frame.assign(指标=[f"{fact}", "b", "c"])
    payload = section_payload(Section("status-a", "结论", "", (table(frame=frame),)), report)
    assert [item["id"] for item in payload["facts"]] == ["fact-x-2024"]


def test_unregistered_fact_in_a_text_is_an_error(report: Report) -> None:
    with pytest.raises(PopbookError, match="没有登记的数值"):
        section_payload(Section("status-a", "{fact}`fact-none-2024|1`", ""), report)


def test_bundle_is_the_same_twice(report: Report) -> None:
    assert report.bundle(figure()) == report.bundle(figure())


def test_show_uses_the_report_opened_last() -> None:
    report = open_report(2024)
    fact = _register(report)
    bundle = show(Section("status-a", f"结论{fact}", "意义。", (figure(),)))._repr_mimebundle_()
    assert bundle[SECTION_MIME]["id"] == "status-a"
    preview = bundle["text/html"]
    assert "{fact}" not in preview
    assert "<svg" in preview
    assert "意义。" in preview


def test_facts_in_cells_of_numeric_columns_travel_with_the_section() -> None:
    report = open_report(2024)
    latest = report.fact_of(("resident_population", 2024))
    frame = pd.DataFrame({"name": ["常住人口"], "value": [f"{latest:v}"]})
    columns = (Column("name", "指标"), Column("value", "数值", "万人", 1))
    cells = Table("tbl-cells", "一格一个数", frame, columns, "万人", "resident", "330100", (2024,), ())
    payload = section_payload(Section("status-cells", "标题", "", (cells,)), report)
    assert [fact["id"] for fact in payload["facts"]] == [latest.id]
