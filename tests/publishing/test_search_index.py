from __future__ import annotations

import doctest
import json
from pathlib import Path
from typing import Any

from popbook.publishing import search_index
from popbook.publishing.search_index import (
    EXHIBIT,
    FACT,
    FILE,
    LIST,
    PROSE,
    read_exhibit_page,
    read_passages,
    write_search_index,
)

FIGURE = """<figure id="fig-a"><figcaption class="pb-caption"><span class="pb-number">图 1-1</span>　增量收窄</figcaption>
<div class="pb-drawing"><svg class="pb-wide"><title>增量收窄</title><text>2023</text><text>2024</text></svg>
<svg class="pb-narrow"><text>2024窄</text></svg></div><details><table><tr><th>年份</th><td>2024</td></tr></table></details>
<p class="pb-actions"><a>CSV数据</a></p></figure>"""
PAGE = f"""<nav class="bd-docs-nav"><ul><li><a href="#">总览</a></li><li><a href="a.html">1　现状</a></li></ul></nav>
<article><section id="top"><h1>现状<a class="headerlink">#</a></h1><p>年末<b>常住</b>
人口。</p><section id="deep"><h2>增量</h2>{FIGURE}<p>后文</p></section>
<dl class="glossary"><dt id="term-0">口径</dt><dd><p>数的是谁</p></dd></dl></section></article>"""
FACT_PAGE = """<main id="main"><h1>常住人口</h1><p class="pb-value">1262.4万人</p><h2>口径</h2><dl><dt>地区</dt><dd>杭州市</dd>
<dt>版本指纹</dt><dd>f8dd</dd></dl><h2>引用</h2><div class="pb-cite-style"><h3>句</h3><pre id="cite-text-text">为1262.4万人</pre></div>
<div class="pb-cite-style"><h3>RIS</h3><pre id="cite-ris-text">TY</pre></div></main>"""


def read_search_index(folder: Path) -> dict[str, Any]:
    """Return the index of a built edition."""
    text = (folder / "_static" / FILE).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text.removeprefix("window.popbookSearch=").removesuffix(";\n"))
    return found


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(search_index)
    assert results.attempted >= 2
    assert results.failed == 0


def test_sections_terms_and_exhibits_are_passages_with_their_place() -> None:
    found = [(each.kind, each.anchor, each.heading) for each in read_passages(PAGE)]
    assert found == [
        (PROSE, "top", "现状"),
        (PROSE, "deep", "增量"),
        (EXHIBIT, "fig-a", "图 1-1　增量收窄"),
        (PROSE, "term-0", "口径"),
    ]


def test_a_phrase_is_not_broken_by_markup_or_by_a_line_of_the_source() -> None:
    assert read_passages(PAGE)[0].text == "年末常住 人口。"
    assert read_passages(PAGE)[1].text == "后文"


def test_words_of_a_drawing_and_cells_of_a_row_share_a_line_and_only_one_drawing_counts() -> None:
    assert read_passages(PAGE)[2].text.split("\n") == ["增量收窄　2023　2024", "年份　2024"]


def test_the_page_of_a_number_gives_name_and_value_its_concept_and_the_sentence() -> None:
    found = read_exhibit_page(FACT_PAGE)
    assert (found.kind, found.heading) == (FACT, "常住人口：1262.4万人")
    assert found.text.split("\n") == ["地区　杭州市", "为1262.4万人"]


def test_the_page_of_a_figure_does_not_say_the_figure_again() -> None:
    page = f'<main id="main"><h1>图 1-1 增量收窄</h1>{FIGURE}<h2>文字说明</h2><p>折线图。</p></main>'
    found = read_exhibit_page(page)
    assert (found.kind, found.heading, found.text) == (EXHIBIT, "图 1-1　口径与引用", "折线图。")


def test_lists_of_exhibits_come_after_everything_else() -> None:
    page = '<article><section id="a"><h1>图目</h1><form class="pb-filter"></form></section></article>'
    assert [each.kind for each in read_passages(page)] == [LIST]


def test_pages_come_in_reading_order_and_an_exhibit_once(tmp_path: Path) -> None:
    pages = {"a.html": PAGE, "exhibits/fact-a/index.html": FACT_PAGE, "index.html": PAGE}
    write_search_index(tmp_path, pages)
    index = read_search_index(tmp_path)
    assert index["pages"] == [
        ["index.html", "总览"],
        ["a.html", "1　现状"],
        ["exhibits/fact-a/index.html", ""],
    ]
    assert [passage[1] for passage in index["passages"] if passage[2] == "fig-a"] == [0]
