from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from popbook.exhibits.fonts import text_width
from popbook.publishing.documents.widths import PADDING, SIZES, TEXT_WIDTH, breakable, column_widths

WORDS = st.text(alphabet="常住人口1234.5—%，ab", max_size=60)


@given(
    st.lists(st.lists(WORDS, min_size=4, max_size=4), min_size=1, max_size=5),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_columns_fill_the_page_and_none_is_empty(rows: list[list[str]], whole: list[bool]) -> None:
    made = column_widths(["年份", "指标", "数值（万人）", "说明"], rows, whole)
    assert abs(sum(made.shares) - 1) < 1e-9
    assert min(made.shares) * TEXT_WIDTH >= PADDING
    assert made.size in SIZES
    assert made.height > 0


def test_numbers_and_short_words_stay_on_one_line_beside_long_text() -> None:
    rows = [["公共服务", "1317万—1377万", "甲" * 300, "乙" * 200]]
    made = column_widths(["问题", "范围", "说明", "依据"], rows, [False, True, False, False])
    for place in (0, 1):
        assert made.shares[place] * TEXT_WIDTH >= text_width(rows[0][place], made.size) + 7
    assert made.shares[2] > made.shares[3] > made.shares[1]


def test_a_wide_table_is_set_smaller() -> None:
    row = ["1269.5万—1521.8万"] * 6
    assert column_widths(["数"] * 6, [row], [True] * 6).size < SIZES[0]


def test_a_long_run_may_break_and_loses_no_sign() -> None:
    assert breakable("2024年1262.4万人") == ["2024年1262.4万人"]
    fingerprint = "指纹" + "0123456789abcdef" * 4 + "。"
    parts = breakable(fingerprint)
    assert "".join(parts) == fingerprint
    assert max(map(len, parts)) <= 11
