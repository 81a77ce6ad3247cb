from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from popbook.exhibits import plan_words as module
from popbook.exhibits.plan_words import PLACEHOLDER, fill_in, plan_words
from popbook.ledger.errors import PopbookError
from popbook.ledger.store import read_ledger
from tests.ledger.tables import make_ledger, plan

BOOK = Path(__file__).parents[2] / "book"


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(module)
    assert results.attempted >= 2
    assert results.failed == 0


def test_a_final_text_is_not_called_a_draft(tmp_path: Path) -> None:
    words = plan_words(make_ledger(tmp_path, plans=[plan(version="", title="某市规划")]))
    assert words["disclaimer"] == "由公开统计数据整理，非官方出版物。"
    assert words["draft"] == "对照的规划是2021年3月1日的正式文本。"
    assert words["plan"] == "《某市规划》（2021年3月1日）"


def test_an_unknown_placeholder_is_named_with_its_page() -> None:
    with pytest.raises(PopbookError, match=r"book/reading.*没有名为“nothing”的占位词.*可选：city"):
        fill_in("{{ nothing }}", {"city": "某市"}, "book/reading")


@pytest.mark.parametrize("path", sorted(BOOK.glob("*.md")), ids=lambda path: path.name)
def test_pages_written_by_hand_ask_only_for_words_that_exist_and_name_no_city(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(PLACEHOLDER.findall(text)) <= plan_words(read_ledger()).keys()
    assert "杭州" not in fill_in(text, dict.fromkeys(PLACEHOLDER.findall(text), ""))
