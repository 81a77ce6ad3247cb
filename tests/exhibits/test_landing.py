from __future__ import annotations

import json
import re

import pytest
from bs4 import BeautifulSoup

from popbook.exhibits.citable import SENTENCE, cite
from popbook.exhibits.landing import STYLE_NAMES, box_script, exhibit_page, fact_page, moved_page
from popbook.exhibits.references import STYLES
from popbook.exhibits.report import open_report
from tests.exhibits.samples import figure as figure_sample
from tests.exhibits.test_citable import IMPRINT, REGISTER, fact, figure


@pytest.fixture(scope="module")
def bundle() -> dict:
    return {**open_report(2024).bundle(figure_sample()), "number": "图 1-2"}


def _texts(markup: str) -> list[str]:
    return [pre.text for pre in BeautifulSoup(markup, "lxml").select(".pb-cites pre")]


def test_the_page_of_a_figure_tells_concept_source_and_every_style(bundle: dict) -> None:
    made = cite(figure(id="fig-residents"), REGISTER, IMPRINT)
    page = BeautifulSoup(exhibit_page(bundle, made, IMPRINT, page="chapters/01_status.html"), "lxml")
    text = page.get_text()
    for words in (
        "杭州市；2014—2024年；常住人口；单位：万人",
        "杭州市第七次人口普查主要数据公报",
        figure_sample().alt,
        "非官方出版物",
        IMPRINT.fingerprint,
    ):
        assert words in text
    assert page.find("a", string="← 回到正文")["href"] == "../../chapters/01_status.html#fig-residents"
    assert page.html["lang"] == "zh-CN"


def test_every_style_stands_in_the_page_without_a_script() -> None:
    made = cite(fact(), REGISTER, IMPRINT)
    assert _texts(fact_page(made, IMPRINT)) == [made.text(style) for style in STYLE_NAMES]
    assert set(STYLE_NAMES) == {SENTENCE, *STYLES}


def test_the_page_of_a_number_leads_back_to_where_it_stands() -> None:
    page = BeautifulSoup(
        fact_page(cite(fact(), REGISTER, IMPRINT), IMPRINT, page="chapters/01_status.html"), "lxml"
    )
    link = page.find("a", string="← 回到正文")
    assert link["href"] == "../../chapters/01_status.html#fact-resident-population-2024"
    assert page.select_one(".pb-value").text == "1262.4万人"


def test_pages_run_no_script_of_their_own_and_ask_for_nothing_outside(bundle: dict) -> None:
    pages = (
        exhibit_page(bundle, cite(figure(), REGISTER, IMPRINT), IMPRINT),
        fact_page(cite(fact(), REGISTER, IMPRINT), IMPRINT),
        moved_page("fig-a", "编号 fig-a 已停用：合并", IMPRINT),
    )
    for markup in pages:
        assert re.findall(r'(?:src|href)="(?:https?:)?//', markup) == []
        assert "style=" not in markup
        assert not re.search(r'<script(?![^>]*src)(?! type="application/ld\+json")', markup)
        assert not re.search(r"\son[a-z]+=", markup)


def test_what_a_label_holds_is_text_and_not_markup() -> None:
    markup = fact_page(cite(fact(label="<script>alert(1)</script>"), REGISTER, IMPRINT), IMPRINT)
    assert "<script>alert" not in markup


def test_a_moved_exhibit_leads_to_the_new_one_and_a_retired_one_explains() -> None:
    moved = BeautifulSoup(moved_page("fig-a", "编号 fig-a 已改为 fig-b：合并", IMPRINT, "fig-b"), "lxml")
    assert moved.select_one('meta[http-equiv="refresh"]')["content"].endswith("url=../fig-b/index.html")
    assert moved.select_one('main a[href="../fig-b/index.html"]')
    retired = BeautifulSoup(moved_page("fig-a", "编号 fig-a 已停用：停止公布", IMPRINT), "lxml")
    assert retired.select_one('meta[http-equiv="refresh"]') is None
    assert "停止公布" in retired.main.text


def test_the_box_gets_the_texts_in_the_order_of_the_names() -> None:
    made = cite(fact(), REGISTER, IMPRINT)
    data = json.loads(box_script([made]).removeprefix("window.popbookCites=").rstrip(";\n"))
    assert data["styles"] == list(STYLE_NAMES.values())
    assert data["items"][made.id]["texts"] == [made.text(style) for style in STYLE_NAMES]
    assert data["items"][made.id]["value"] == "1262.4万人"


def test_the_box_does_not_depend_on_the_order_of_exhibits() -> None:
    first, second = cite(fact(), REGISTER, IMPRINT), cite(figure(), REGISTER, IMPRINT)
    assert box_script([first, second]) == box_script([second, first])
