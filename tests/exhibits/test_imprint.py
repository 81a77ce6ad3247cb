from __future__ import annotations

import doctest

from popbook.exhibits import imprint
from popbook.exhibits.imprint import Imprint, change_words, footer_html


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(imprint)
    assert results.attempted >= 1
    assert results.failed == 0


def test_without_a_base_there_is_no_address() -> None:
    made = Imprint(2024, "r1", "报告", "2025-06-30", "ab" * 32)
    assert made.address("fig-a") == ""
    assert made.page("index.html") == ""


def test_the_footer_says_what_the_report_is_and_which_edition() -> None:
    footer = footer_html(Imprint(2024, "r2", "甲<乙", "2025-06-30", "0123456789abcdef", disclaimer="非官方出版物；甲<乙。"))
    assert "非官方出版物；甲&lt;乙。" in footer
    assert "甲&lt;乙 · 修订号 r2 · 数据截止 2025-06-30 · 版本指纹 0123456789ab</p>" in footer


def test_the_footer_of_a_changed_edition_says_when_and_why() -> None:
    revisions = [
        {"revision": "r1", "published": "2025-07-08", "reason": "首次发布"},
        {"revision": "r2", "published": "2025-09-01", "reason": "甲<乙"},
    ]
    footer = footer_html(Imprint(2024, "r2", "报告", "2025-06-30", "ab" * 32, change=change_words(revisions)))
    assert "r2修订（2025-09-01）：甲&lt;乙</p>" in footer
    assert "首次发布" not in footer
