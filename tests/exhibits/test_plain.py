"""Sections as plain text: aligned tables, no markup."""

from __future__ import annotations

import re

from popbook.exhibits.model import Html, Note, Section
from popbook.exhibits.plain import plain_sections, plain_table
from tests.exhibits.samples import figure, table


def width(text: str) -> int:
    return len(text) + len(re.findall(r"[\u2e80-\uffef]", text))


def test_columns_are_aligned_in_terminal_columns() -> None:
    lines = plain_table(table(notes=("一条说明。",))).splitlines()
    assert lines[0] == "三项指标中一项达成"
    assert lines[-1] == "注：一条说明。"
    assert "【人口总量】" in lines and "【人口结构】" in lines
    starts = {width(line[: line.rindex(word)]) for line, word in ((lines[1], "状态"), (lines[3], "达成"), (lines[6], "有风险"))}
    assert len(starts) == 1


def test_numbers_stand_on_the_right() -> None:
    lines = [line for line in plain_table(table()).splitlines() if "常住人口" in line or "抚养比" in line]
    first, second = (line.index("1036.0") + len("1036.0") if "1036.0" in line else 0 for line in lines)
    assert first and not second
    assert all(line == line.rstrip() for line in lines)


def test_markup_is_gone_and_blocks_keep_their_order() -> None:
    section = Section(
        "a-b", "发现", "见{fact}`fact-a-2024|1项`。", ("**一**", table(), figure(), Note("方法", "说明。"), Html("<p>无</p>")), policy="应对。"
    )
    text = plain_sections([section])
    order = [text.index(word) for word in ("## 发现", "见1项。", "一", "三项指标", "图：常住人口增量", "方法\n说明。", "政策含义\n应对。")]
    assert order == sorted(order)
    assert not set("{}<>`*") & set(text)
