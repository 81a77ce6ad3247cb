from __future__ import annotations

from bs4 import BeautifulSoup

from popbook.exhibits.indexes import Home, exhibit_index, fact_index

HOMES = [
    Home("notebooks/01_status", "现状", "chapters/01_status.html"),
    Home("book/methods", "方法说明", "methods.html"),
]
FIGURE = {
    "id": "fig-a",
    "kind": "figure",
    "number": "图 1-1",
    "title": "增量收窄至**10.2**万人",
    "docname": "notebooks/01_status",
    "basis": "resident",
    "unit": "万人",
    "region": "杭州市",
    "years": [2015, 2024],
    "indicator_ids": ["resident_population"],
    "indicators": [{"id": "resident_population", "name": "年末常住人口"}],
}
FACT = {
    "id": "fact-a-2024",
    "label": "2024年<常住>人口",
    "text": "1262.4万人",
    "docname": "notebooks/01_status",
    "basis": "resident",
    "indicator_id": "resident_population",
}


def test_figures_are_listed_under_their_chapter_with_place_page_and_files() -> None:
    text = exhibit_index("figure", [FIGURE, {**FIGURE, "id": "tbl-a", "kind": "table"}], HOMES)
    assert "## 现状（1）" in text
    assert "方法说明" not in text
    links = [link["href"] for link in BeautifulSoup(text, "lxml").select("li a")]
    assert links == [
        "chapters/01_status.html#fig-a",
        "exhibits/fig-a/index.html",
        *(f"exhibits/fig-a/{name}" for name in ("chart.svg", "chart.png", "data.csv", "data.xlsx")),
    ]
    assert "增量收窄至10.2万人" in text


def test_tables_offer_no_drawing() -> None:
    text = exhibit_index("table", [{**FIGURE, "kind": "table"}], HOMES)
    assert "chart.svg" not in text
    assert "data.xlsx" in text


def test_the_list_can_be_narrowed_by_the_indicators_it_holds() -> None:
    found = BeautifulSoup(exhibit_index("figure", [FIGURE], HOMES), "lxml")
    assert [each["value"] for each in found.select("option")] == ["", "resident_population"]
    assert found.select_one("form").has_attr("hidden")


def test_numbers_lead_to_their_page_and_to_their_place() -> None:
    text = fact_index(
        [FACT, {**FACT, "id": "fact-b", "indicator_id": ""}], HOMES, {"resident_population": "年末常住人口"}
    )
    row = BeautifulSoup(text, "lxml").select_one("tbody tr")
    assert [link["href"] for link in row.select("a")] == [
        "exhibits/fact-a-2024/index.html",
        "chapters/01_status.html#fact-a-2024",
    ]
    assert row.select_one("a").text == "2024年<常住>人口"
    assert "## 现状（2）" in text
