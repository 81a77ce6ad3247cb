from __future__ import annotations

import re

import pytest

from popbook.exhibits import inline
from popbook.exhibits.inline import facts_in, inline_html, plain_text


def test_fact_role_becomes_a_link_to_the_page_of_the_number() -> None:
    assert (
        inline_html("{fact}`fact-a-2020|1.2万人`")
        == '<a class="pb-fact" href="exhibits/fact-a-2020/index.html" data-fact="fact-a-2020">1.2万人</a>'
    )


def test_exhibit_reference_shows_its_number() -> None:
    markup = inline_html("见{exhibit-ref}`fig-a`", {"fig-a": "图 1-3"}, "../")
    assert markup == '见<a class="pb-exhibit-ref" href="../exhibits/fig-a/index.html">图 1-3</a>'


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("methods.md", "../methods.html"),
        ("overview.md#board", "../index.html#board"),
        ("../notebooks/01_status.ipynb", "../chapters/01_status.html"),
        ("#here", "#here"),
    ],
)
def test_links_between_sources_point_at_built_pages(target: str, address: str) -> None:
    assert inline_html(f"[x]({target})", root="../") == f'<a href="{address}">x</a>'


def test_everything_else_is_escaped() -> None:
    assert inline_html("a < b & `c<d`") == "a &lt; b &amp; <code>c&lt;d</code>"


def test_plain_text_keeps_the_words_only() -> None:
    assert plain_text("**常住**{fact}`fact-a-2020|1.2万人`、`码`、[方法](m.md)") == "常住1.2万人、码、方法"


def test_facts_are_found_in_order() -> None:
    assert facts_in("{fact}`fact-b-1|x` {exhibit-ref}`fig-a` {fact}`fact-a-1|y`") == ["fact-b-1", "fact-a-1"]


PIECES = ("1252.2", "a", "<", "&", "**b**", "`c`", "[d](e.md)", "15—59岁", "{fact}`fact-a-2020|1`", "{exhibit-ref}`fig-a`", "]", "*")


@pytest.mark.parametrize("pair", [(first, second) for first in PIECES for second in PIECES], ids="".join)
def test_text_without_a_mark_is_not_looked_at_further(pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    short = inline_html("".join(pair))
    monkeypatch.setattr(inline, "_MARKED", re.compile(""))
    assert inline_html("".join(pair)) == short
