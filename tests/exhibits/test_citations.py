from __future__ import annotations

import pytest

from popbook.exhibits.citations import concept_words, date_words, reference_text, source_words
from popbook.exhibits.report import open_report
from popbook.ledger.model import Source
from tests.exhibits.samples import figure


@pytest.mark.parametrize(
    ("precision", "words"),
    [("year", "2021年"), ("month", "2021年5月"), ("day", "2021年5月8日"), ("bound", "不晚于2021年5月8日")],
)
def test_dates_are_as_exact_as_known(precision: str, words: str) -> None:
    assert date_words("2021-05-08", precision) == words


def test_source_is_named_without_its_mirror() -> None:
    source = Source("s", "公报", "统计局", "2021-05-18", "day", "census", read_via="https://mirror.example")
    assert source_words(source) == "统计局《公报》（2021年5月18日）"


def test_concept_of_a_mixed_exhibit_names_no_basis() -> None:
    assert concept_words("none", "", "杭州市", (2024,)) == "杭州市；2024年"


def test_reference_names_title_number_edition_and_id() -> None:
    bundle = open_report(2024).bundle(figure())
    text = reference_text(bundle, "图 1-3")
    for words in (figure().title, "图 1-3", "2024年度", "r1", "2025-06-30", "fig-residents"):
        assert words in text
    assert text.endswith(".")
