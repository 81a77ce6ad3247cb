from __future__ import annotations

import doctest

import pytest

from popbook.exhibits.pages import counts
from popbook.exhibits.report import Report
from popbook.ledger.errors import PopbookError


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(counts)
    assert results.attempted >= 2
    assert results.failed == 0


def test_a_count_belongs_to_its_edition(newest: Report, oldest: Report) -> None:
    assert counts.count(newest, "thing", "东西", 3, "件").id == "fact-thing-count-2024"
    assert counts.count(oldest, "thing", "东西", 2, "件").id == "fact-thing-count-2020"


def test_one_count_cannot_have_two_values(newest: Report) -> None:
    counts.count(newest, "other-thing", "东西", 3, "件")
    with pytest.raises(PopbookError):
        counts.count(newest, "other-thing", "东西", 4, "件")
