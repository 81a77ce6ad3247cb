from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from popbook.exhibits.model import Column
from popbook.exhibits.tables import (
    cells_html,
    csv_cells,
    frame_csv,
    neutral_text,
    plain_value,
    print_number,
    table_cells,
    table_data,
)
from tests.exhibits.samples import table


@pytest.fixture(scope="module")
def page() -> BeautifulSoup:
    return BeautifulSoup(cells_html(table_cells(table()), "表 1-2　标题"), "lxml")


def test_heads_span_neighbouring_columns_of_a_group(page: BeautifulSoup) -> None:
    span = page.find("th", scope="colgroup")
    assert span.get_text() == "数值"
    assert span["colspan"] == "2"
    assert page.find("th", string="状态")["rowspan"] == "2"


def test_units_stand_in_the_head(page: BeautifulSoup) -> None:
    heads = [th.get_text() for th in page.find_all("th", scope="col")]
    assert "2024年（万人）" in heads
    assert "差距（个百分点）" in heads


def test_group_rows_and_row_heads(page: BeautifulSoup) -> None:
    assert [th.get_text() for th in page.find_all("th", scope="rowgroup")] == ["人口总量", "人口结构"]
    assert len(page.find_all("th", scope="row")) == 3
    assert len(page.find_all("tbody")) == 2


def test_numbers_are_right_aligned_and_the_latest_column_strong(page: BeautifulSoup) -> None:
    cell = page.find("td", string="1262.4")
    assert cell["class"] == ["pb-num", "pb-strong"]


def test_missing_number_reads_unpublished(page: BeautifulSoup) -> None:
    assert len(page.find_all(class_="pb-missing")) == 2


def test_missing_number_may_be_blank() -> None:
    cells = table_cells(table(missing="blank"))
    assert cells["rows"][1]["cells"][2] == ""


def test_status_is_told_by_shape_and_word(page: BeautifulSoup) -> None:
    badge = page.find(class_="pb-status-risk")
    assert badge.get_text() == "▲有风险"
    assert badge.span["aria-hidden"] == "true"


def test_scroll_frame_is_reachable_by_keyboard(page: BeautifulSoup) -> None:
    frame = page.find(class_="pb-scroll")
    assert frame["tabindex"] == "0"
    assert frame["role"] == "region"
    assert frame["aria-label"]


def test_text_columns_keep_a_readable_width() -> None:
    frame = table().frame.assign(指标=["短", "不短不长的一段文字说明", "长" * 30])
    classes = [c["long"] for c in table_cells(table(frame=frame))["columns"]]
    assert classes == [True, False, False, False, False]
    frame = frame.assign(指标=["短", "不短不长的一段文字说明", "短"])
    assert 'class="pb-name"' in cells_html(table_cells(table(frame=frame)), "标题")
    frame = frame.assign(指标=["短", "不短不长但是比一个名字还长的文字", "短"])
    assert 'class="pb-medium"' in cells_html(table_cells(table(frame=frame)), "标题")


def test_link_in_a_cell_points_at_the_page() -> None:
    markup = cells_html(table_cells(table()), "标题", root="../")
    assert '<a href="../methods.html">方法</a>' in markup


def test_markup_in_cells_is_escaped() -> None:
    frame = table().frame.assign(指标=["<script>", "b", "c"])
    assert "<script>" not in cells_html(table_cells(table(frame=frame)), "标题")


def test_csv_round_trip() -> None:
    frame = pd.DataFrame({"年份": [2023, 2024], "常住人口（万人）": [1252.2, None], "备注": ["a,b", '引"号']})
    back = pd.read_csv(io.StringIO(frame_csv(frame)))
    assert back["年份"].tolist() == [2023, 2024]
    assert back["常住人口（万人）"].tolist()[0] == 1252.2
    assert back["常住人口（万人）"].isna().tolist() == [False, True]
    assert back["备注"].tolist() == ["a,b", '引"号']


def test_csv_has_full_precision_but_no_binary_noise() -> None:
    assert plain_value(0.1 + 0.2) == "0.3"
    assert plain_value(1262.4 - 1252.2) == "10.2"
    assert plain_value(0.123456789) == "0.123456789"


def test_formulas_are_neutralised_but_numbers_stay() -> None:
    rows = list(csv.reader(io.StringIO(frame_csv(pd.DataFrame({"a": ["=1+1", "@x", -3.5, "+12"]})))))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'@x", "-3.5", "12"]
    assert neutral_text("-cmd") == "'-cmd"


def test_downloaded_table_has_units_groups_and_status() -> None:
    assert table_data(table()).columns.tolist() == [
        "组",
        "指标",
        "数值 2020年（万人）",
        "数值 2024年（万人）",
        "差距（个百分点）",
        "状态",
    ]


def test_signed_zero_has_no_sign() -> None:
    column = Column("a", "差", decimals=1, signed=True)
    assert print_number(0.04, column) == "0.0"
    assert print_number(-2.0, column) == "−2.0"
    assert print_number(2.0, column) == "+2.0"


def test_csv_columns_of_numbers_are_recognised() -> None:
    cells = csv_cells("年份,名称,值\n2024,,1.5\n2023,甲,未公布\n")
    assert [column["numeric"] for column in cells["columns"]] == [True, False, True]


def test_printed_numbers_are_numbers_again_in_files() -> None:
    assert [plain_value(text) for text in ("−0.76", "+9.4", "1262.4", "1—2", "−")] == [
        "-0.76",
        "9.4",
        "1262.4",
        "1—2",
        "−",
    ]
