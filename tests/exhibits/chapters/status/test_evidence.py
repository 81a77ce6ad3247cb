"""Sources, doubts and drawn rows of series."""

from __future__ import annotations

import pandas as pd
import pytest

from popbook.exhibits.chapters.status.evidence import (
    break_lines,
    doubtful_notes,
    drawn_rows,
    plan_target,
    since,
    sources_of,
    unsigned,
)
from popbook.exhibits.report import Report
from popbook.ledger.model import Break, Indicator, Region
from popbook.ledger.series import SERIES_COLUMNS, Series

REBASING = Break("b", "i", "", 2020, "rebasing", "old", "七普调整基数", "", "s")


def make_series(*rows: tuple[int, float, str, str, str], breaks: tuple[Break, ...] = (REBASING,)) -> Series:
    """Build a series from (year, value, vintage, confidence, note)."""
    frame = pd.DataFrame(
        [(year, value, "", vintage, grade, f"s{year}", "2021-01-01", note) for year, value, vintage, grade, note in rows],
        columns=SERIES_COLUMNS,
    )
    indicator = Indicator("i", "年末人口", "", "", "万人", "resident", "year_end", 1)
    return Series(indicator, Region("r", "r", "市", "", "city"), frame, breaks)


def test_lines_end_at_breaks_and_at_missing_years() -> None:
    series = make_series(
        (2017, 1.0, "old", "A", ""), (2019, 2.0, "old", "A", ""), (2020, 5.0, "new", "A", ""), (2021, 6.0, "new", "A", "")
    )  # fmt: skip
    assert drawn_rows(series, "常住")["分段"].tolist() == ["常住1", "常住2", "常住3", "常住3"]


def test_censuses_stand_apart() -> None:
    series = make_series((2020, 5.0, "new", "A", ""), (2021, 6.0, "new", "A", ""))
    assert drawn_rows(series, "普查", single=True)["分段"].nunique() == 2


def test_break_is_drawn_between_the_years_it_separates() -> None:
    series = make_series((2019, 2.0, "old", "A", ""), (2021, 6.0, "new", "A", ""))
    assert [(line.year, line.name) for line in break_lines([series])] == [(2020, "七普调整基数")]
    moved = make_series((2013, 2.0, "old", "A", ""), (2014, 6.0, "new", "A", ""))
    assert [line.year for line in break_lines([moved])] == [2014]


def test_break_is_drawn_for_an_old_series_beside_a_newer_one() -> None:
    series = make_series((2018, 2.0, "old", "A", ""), (2019, 2.0, "old", "A", ""))
    assert break_lines([series]) == []
    assert [line.year for line in break_lines([series], until=2020)] == [2020]
    assert break_lines([series], until=2019) == []


def test_doubtful_values_share_a_sentence() -> None:
    series = make_series(
        (2012, 1.0, "old", "C", "由公布的增减量推得：2011年加3"), (2013, 2.0, "old", "C", "由公布的增减量推得：2012年加4"),
        (2014, 2.0, "old", "A", ""),
    )  # fmt: skip
    assert doubtful_notes(series) == ["2012、2013年人口为C级数据（由公布的增减量推得），不单独作判断依据。"]


def test_firm_values_need_no_sentence() -> None:
    assert doubtful_notes(make_series((2014, 2.0, "old", "B", "转述"))) == []


def test_sources_come_once_and_in_order() -> None:
    series = make_series((2019, 2.0, "old", "A", ""), (2020, 6.0, "new", "A", ""))
    assert sources_of(series.at(2020), series, None) == ("s2020", "s2019")


def test_since_keeps_breaks() -> None:
    series = since(make_series((2018, 2.0, "old", "A", ""), (2019, 2.0, "old", "A", "")), 2019)
    assert series.frame["year"].tolist() == [2019] and series.breaks == (REBASING,)


def test_plan_target_is_read_by_number(newest: Report) -> None:
    target = plan_target(newest.ledger, "resident_population")
    assert (target.goal, target.due, target.base, target.base_year) == (1370, 2025, 1196.5, 2020)
    with pytest.raises(StopIteration):
        plan_target(newest.ledger, "nothing")


def test_unsigned_keeps_value_and_origin(newest: Report) -> None:
    fact = newest.fact("fact-x-2024", "测试增减", -1.5, "万人", 1, year=2024, derivation="1 − 2.5")
    assert unsigned(newest, fact).text() == "1.5万人"
    assert unsigned(newest, fact).derivation == "1 − 2.5"
    positive = newest.fact("fact-y-2024", "增减", 1.5, "万人", 1, year=2024)
    assert unsigned(newest, positive) is positive
