from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.ledger.model import Break
from popbook.ledger.series import SERIES_COLUMNS, Series
from tests.ledger.tables import make_break, make_indicator, make_region

OLD, NEW = "first-published", "rebased-2020-census"


def make_series(*values: tuple[int, float, str], breaks: tuple[Break, ...] = ()) -> Series:
    rows: list[dict[str, Any]] = [
        {"year": year, "value": value, "vintage": vintage, "confidence": "A", "source_id": "s"}
        for year, value, vintage in values
    ]
    frame = pd.DataFrame(rows, columns=SERIES_COLUMNS).astype({"year": "int64", "value": "float64"})
    return Series(make_indicator(), make_region(), frame, breaks)


REBASING = make_break(year=2020, vintage_before=OLD)


def test_value_of_a_year_comes_with_indicator_and_region():
    value = make_series((2019, 1036.0, OLD)).at(2019)
    assert value is not None
    assert (value.value, value.indicator.unit, value.region.name_zh, value.note) == (
        1036.0,
        "万人",
        "杭州市",
        "",
    )


def test_year_without_value_is_none():
    assert make_series((2019, 1036.0, OLD)).at(2020) is None


def test_latest_is_the_last_year():
    latest = make_series((2019, 1036.0, OLD), (2020, 1196.5, NEW)).latest
    assert latest is not None and latest.year == 2020


def test_empty_series_has_no_latest_no_segments_and_no_changes():
    series = make_series()
    assert series.latest is None and series.segments() == [] and series.changes().empty


def test_first_published_values_are_cut_at_the_census():
    series = make_series((2018, 980.6, OLD), (2019, 1036.0, OLD), (2020, 1196.5, NEW), breaks=(REBASING,))
    assert [segment["year"].tolist() for segment in series.segments()] == [[2018, 2019], [2020]]


def test_rebased_values_join_the_census_and_leave_older_ones_behind():
    series = make_series(
        (2013, 884.4, OLD), (2014, 1013.5, NEW), (2019, 1161.3, NEW), (2020, 1196.5, NEW), breaks=(REBASING,)
    )
    assert [segment["year"].tolist() for segment in series.segments()] == [[2013], [2014, 2019, 2020]]
    point = series.break_points()[0]
    assert (point.before_year, point.after_year, point.cause) == (2013, 2014, REBASING)


def test_break_of_another_year_beyond_the_data_cuts_nothing():
    series = make_series((2018, 1.0, OLD), (2019, 2.0, OLD), breaks=(REBASING,))
    assert series.break_points() == [] and len(series.segments()) == 1


def test_two_causes_at_one_place_make_one_cut():
    other = make_break(break_id="b2", year=2020)
    series = make_series((2019, 1.0, OLD), (2020, 2.0, NEW), breaks=(REBASING, other))
    assert len(series.break_points()) == 2 and len(series.segments()) == 2


def test_change_across_a_break_is_not_reported():
    series = make_series((2018, 980.6, OLD), (2019, 1036.0, OLD), (2020, 1196.5, NEW), breaks=(REBASING,))
    changes = series.changes()
    assert changes["year"].tolist() == [2019]
    assert changes["change"].tolist() == pytest.approx([55.4])


def test_change_over_unpublished_years_is_reported_on_request_only():
    series = make_series((2015, 10.0, OLD), (2018, 16.0, OLD))
    assert series.changes().empty
    pairs = series.changes(gaps=True)
    assert pairs.iloc[0].to_dict() == {"from_year": 2015, "year": 2018, "span": 3, "change": 6.0}


def test_growth_over_several_years_is_the_compound_yearly_rate():
    series = make_series((2015, 100.0, OLD), (2017, 121.0, OLD))
    assert series.growth(gaps=True)["growth"].tolist() == pytest.approx([10.0])


def test_growth_from_zero_or_below_is_not_a_number():
    assert make_series((2019, 0.0, OLD), (2020, 1.0, OLD)).growth()["growth"].isna().tolist() == [True]


@given(
    years=st.sets(st.integers(1990, 2040), min_size=1, max_size=20),
    breaks=st.lists(st.builds(make_break, year=st.integers(1985, 2045)), max_size=4),
    old=st.sets(st.integers(1990, 2040)),
)
def test_segments_partition_the_series_and_no_pair_crosses_a_break(
    years: set[int], breaks: list[Break], old: set[int]
):
    values = [(year, float(year), OLD if year in old else NEW) for year in sorted(years)]
    series = make_series(*values, breaks=tuple(breaks))
    segments = series.segments()
    pd.testing.assert_frame_equal(pd.concat(segments, ignore_index=True), series.frame)
    cuts = {(point.before_year, point.after_year) for point in series.break_points()}
    pairs = series.changes(gaps=True)
    assert cuts.isdisjoint(zip(pairs["from_year"], pairs["year"], strict=True))
    assert len(pairs) == len(series) - len(segments)
