from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.ledger.printed_numbers import (
    PrintedNumber,
    UnreadableNumberError,
    half_width,
    in_unit,
    number_text,
    read_number,
)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("1270.0", "1270.0"),
        ("1,270.0", "1270.0"),
        ("１，２７０．０", "1270.0"),
        (" 1270.0　", "1270.0"),
        ("1 270.0", "1270.0"),
        ("12,700,000人", "12700000人"),
        ("1270.0 万人", "1270.0万人"),
        ("84.8％", "84.8%"),
        ("7.5‰", "7.5‰"),
        ("−3.2", "-3.2"),
        ("+9.4", "9.4"),
        ("1.27e3", "1270"),
        (1270, "1270"),
        (84.8, "84.8"),
        (0.1 + 0.2, "0.30000000000000004"),
        ("0", "0"),
        ("1200人/10万人", "1200人/10万人"),
    ],
)
def test_numbers_as_people_print_them(cell: object, text: str):
    assert str(read_number(cell)) == text


@pytest.mark.parametrize(
    "cell", [None, "", " ", "　", "—", "——", "－", "…", "……", "...", "未公布", "N/A", "ｎ／ａ", "/"]
)
def test_blanks_are_no_number(cell: object):
    assert read_number(cell) is None


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("约1270", "约数"),
        ("1270左右", "约数"),
        ("1270多", "约数"),
        ("1270～1280", "范围"),
        ("1270-1280", "范围"),
        ("1270①", "注释符号"),
        ("1270*", "注释符号"),
        ("1270（初步）", "注释符号"),
        ("=1262.4+7.6", "公式"),
        ("@SUM(A1)", "公式"),
        ("#REF!", "错误值"),
        ("1,27", "不是数"),
        ("12.5.3", "不是数"),
        ("一千二百七十", "不是数"),
        (True, "不是数"),
        ("9" * 30, "位数"),
        (float("nan"), "可以登记的范围"),
        ("1e99", "可以登记的范围"),
    ],
)
def test_anything_else_says_what_it_is(cell: object, words: str):
    with pytest.raises(UnreadableNumberError) as refused:
        read_number(cell)
    assert words in refused.value.what and refused.value.remedy


@pytest.mark.parametrize(
    ("cell", "unit", "text"),
    [
        ("12700000人", "万人", "1270"),
        ("12700500人", "万人", "1270.05"),
        ("1270.0万人", "万人", "1270.0"),
        ("1270.0", "万人", "1270.0"),
        ("2.3011万亿元", "亿元", "23011"),
        ("76777元", "元", "76777"),
        ("26.5万元/人", "万元/人", "26.5"),
        ("83.6岁", "岁", "83.6"),
    ],
)
def test_a_written_unit_is_converted_exactly(cell: str, unit: str, text: str):
    number = read_number(cell)
    assert number is not None
    converted = in_unit(number, unit)
    assert converted is not None and f"{converted.value:f}" == text


@pytest.mark.parametrize(
    ("cell", "unit"), [("7.5%", "‰"), ("84.8‰", "%"), ("7万人", "%"), ("3套", "万人"), ("5%", "")]
)
def test_units_of_another_kind_are_not_converted(cell: str, unit: str):
    number = read_number(cell)
    assert number is not None and in_unit(number, unit) is None


@given(st.one_of(st.text(max_size=20), st.floats(), st.integers(), st.booleans(), st.none()))
def test_any_cell_is_a_number_a_blank_or_refused(cell: object):
    try:
        number = read_number(cell)
    except UnreadableNumberError:
        return
    assert number is None or number.value.is_finite()


@given(st.decimals(-(10**6), 10**6, places=2), st.sampled_from(["", "万人", "%"]))
def test_printing_and_reading_agree(value: Decimal, unit: str):
    assert read_number(f"{value:,f}{unit}") == PrintedNumber(value, unit)


def test_one_lost_zero_is_put_back():
    assert number_text(Decimal("1270"), 1) == "1270.0"
    assert number_text(Decimal("1270"), 0) == "1270"
    assert number_text(Decimal("83.60"), 2) == "83.60"
    assert number_text(Decimal("-0.0"), 1) == "0.0"


def test_half_width_leaves_chinese_alone():
    assert half_width("ＡＢ１２．５％　万人，") == "AB12.5% 万人,".replace(" ", "　")
