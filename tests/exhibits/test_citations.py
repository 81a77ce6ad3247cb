from __future__ import annotations

import pytest

from popbook.exhibits.citations import concept_words, date_words, source_words
from popbook.ledger.model import Source


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
