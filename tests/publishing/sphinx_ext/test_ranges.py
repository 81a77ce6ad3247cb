from __future__ import annotations

import pytest
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document

from popbook.publishing.sphinx_ext.citable import fact
from popbook.publishing.sphinx_ext.ranges import AFTER_WORDS_CLASS, RANGE_CLASS, KeepRanges


class _App:
    class builder:
        format = "html"


class _Env:
    app = _App()


def transformed(*children: nodes.Node) -> nodes.paragraph:
    document = new_document("page", get_default_settings())
    paragraph = nodes.paragraph("", "", *children)
    document += paragraph
    document.settings.env = _Env()
    KeepRanges(document).run()
    return paragraph


def spans(paragraph: nodes.paragraph) -> list[str]:
    return [node.astext() for node in paragraph.findall(nodes.inline) if RANGE_CLASS in node["classes"]]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("15—59岁比重下降", ["15—59岁"]),
        ("2021—2024年各年", ["2021—2024年"]),
        ("由26.9%—30.7%，到1263.0万—1290.3万人", ["26.9%—30.7%", "1263.0万—1290.3万人"]),
        ("破折号——不是范围，2020年—七普", []),
    ],
)
def test_ranges_of_figures_stay_together(words: str, kept: list[str]) -> None:
    paragraph = transformed(nodes.Text(words))
    assert spans(paragraph) == kept
    assert paragraph.astext() == words


def test_the_bounds_of_an_interval_stay_together_though_each_is_a_fact() -> None:
    low, high = (
        fact("", "1263.0万", fact_id="fact-low-2025", label=""),
        fact("", "1290.3万人", fact_id="fact-high-2025", label=""),
    )
    assert spans(transformed(nodes.Text("80%区间"), low, nodes.Text("—"), high)) == ["1263.0万—1290.3万人"]


def test_facts_joined_by_other_words_are_left_alone() -> None:
    low, high = (
        fact("", "−0.7万", fact_id="fact-low-2025", label=""),
        fact("", "24.5万人", fact_id="fact-high-2025", label=""),
    )
    assert spans(transformed(low, nodes.Text("至"), high)) == []


def test_code_and_formulas_are_left_alone() -> None:
    assert spans(transformed(nodes.literal("", "1—2"), nodes.math("", "1—2"))) == []


def test_only_a_fact_behind_a_word_is_set_off_from_it() -> None:
    behind_word = fact("", "1%", fact_id="fact-a-2025", label="")
    behind_bracket = fact("", "2%", fact_id="fact-b-2025", label="")
    transformed(nodes.Text("低于"), behind_word, nodes.Text("（"), behind_bracket)
    assert behind_word["classes"] == [AFTER_WORDS_CLASS]
    assert behind_bracket["classes"] == []
