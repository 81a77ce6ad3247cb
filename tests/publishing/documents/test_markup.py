from __future__ import annotations

import pytest

from popbook.publishing.documents.markup import Converter
from popbook.publishing.documents.tree import plain_words


@pytest.fixture
def converter() -> Converter:
    return Converter(
        numbers={"fig-a": "图 1-1", "fig-b": "图 2-1"},
        exhibit=lambda exhibit_id: [{"t": "Para", "c": [{"t": "Str", "c": f"[{exhibit_id}]"}]}],
        anchors={"fig-a", "methods", "methods-b"},
        pages={"methods.md": "methods", "01_status.ipynb": "status"},
    )


def test_headings_carry_their_target_and_an_exhibit_stands_in_its_place(converter: Converter) -> None:
    heading, exhibit = converter.blocks("(a-b)=\n## 标题 {fact}`fact-a|8.2‰`\n\n```{exhibit} fig-a\n```\n")
    assert (heading["t"], heading["c"][0], heading["c"][1][0]) == ("Header", 2, "a-b")
    assert plain_words(heading) == "标题 8.2‰"
    assert plain_words(exhibit) == "[fig-a]"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("{exhibit-ref}`fig-a`", "#fig-a"),
        ("{exhibit-ref}`fig-b`", None),
        ("[方法](methods.md)", "#methods"),
        ("[方法](../book/methods.md#methods-b)", "#methods-b"),
        ("[别处](#nowhere)", None),
        ("[第一章](../notebooks/01_status.ipynb)", None),
        ("[外部](https://example.org)", "https://example.org"),
    ],
)
def test_a_link_leads_into_the_document_or_out_of_it_or_stays_words(
    converter: Converter, source: str, target: str | None
) -> None:
    (node,) = converter.blocks(source)[0]["c"]
    (same,) = converter.inlines(source)
    assert node == same
    assert (node["c"][2][0] if node["t"] == "Link" else None) == target
    assert plain_words(node)


def test_a_number_may_be_emphasised(converter: Converter) -> None:
    nodes = converter.inlines("**{fact}`fact-a|0.89`**起")
    assert plain_words(nodes) == "0.89起"
    assert nodes[0]["t"] == "Strong"


def test_a_link_to_a_script_is_no_link(converter: Converter) -> None:
    nodes = [*converter.blocks("[坏](javascript:alert)"), *converter.inlines("[坏](javascript:alert)")]
    assert "Link" not in str(nodes)
    assert "坏" in plain_words(nodes)


def test_html_and_unknown_markup_stay_the_signs_that_were_written(converter: Converter) -> None:
    written = "<script>alert(1)</script> <b>x</b> {{ a }} #let"
    assert plain_words(converter.blocks(written)) == written
    assert plain_words(converter.blocks(f"<div>{written}</div>")) == f"<div>{written}</div>"


def test_lists_tables_notes_formulas_and_terms_are_what_they_were(converter: Converter) -> None:
    source = (
        "3. 三\n4. 四\n\n- 点\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n$$x_1$$\n\n```{admonition} 方法\n:class: dropdown\n\n文。\n```\n\n"
        "```{glossary}\n口径\n  数的是谁。\n```\n\n> 引文\n\n```{raw} html\n<p>不印</p>\n```\n"
    )
    blocks = converter.blocks(source)
    assert [block["t"] for block in blocks] == [
        "OrderedList",
        "BulletList",
        "Div",
        "Para",
        "Div",
        "DefinitionList",
        "BlockQuote",
    ]
    assert blocks[0]["c"][0][0] == 3
    assert plain_words(blocks[2]) == "ab12"
    assert blocks[3]["c"][0]["t"] == "Math"
    assert plain_words(blocks[4]) == "方法文。"
    assert plain_words(blocks[5]) == "口径数的是谁。"


def test_a_line_broken_in_the_source_leaves_no_space_between_chinese_signs(converter: Converter) -> None:
    assert plain_words(converter.blocks("甲\n乙")) == "甲乙"
    assert plain_words(converter.blocks("a\nb")) == "a b"
