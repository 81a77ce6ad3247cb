from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.ledger.dates import WrittenDate, read_date, today

DAY = WrittenDate("2026-03-14", "day")


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-14",
        "2026-3-14",
        "2026/3/14",
        "2026.03.14",
        "20260314",
        "2026年3月14日",
        "2026年03月14号",
        "2026-03-14 09:30:00",
        "2026-03-14T00:00",
        " 2026/03/14 ",
        46095,
        46095.0,
        46095.75,
        "46095",
        20260314,
        date(2026, 3, 14),
        datetime(2026, 3, 14, 9, 30),
    ],
)
def test_the_same_day_in_every_style(written: object):
    assert read_date(written) == DAY


@pytest.mark.parametrize(
    ("written", "iso", "precision"),
    [
        ("2026年2月", "2026-02-28", "month"),
        ("2024-02", "2024-02-29", "month"),
        ("2026.12", "2026-12-31", "month"),
        ("2026年", "2026-12-31", "year"),
        ("2026", "2026-12-31", "year"),
        (2026, "2026-12-31", "year"),
    ],
)
def test_a_month_or_year_stands_at_its_last_day(written: object, iso: str, precision: str):
    assert read_date(written) == WrittenDate(iso, precision)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "14/3/2026",
        "3月14日",
        "26-3-14",
        "2026-13-01",
        "2026-02-30",
        "2026-3/14",
        "明年三月",
        "99999999",
        "1",
        0,
        -1,
        1e12,
        float("inf"),
        10**400,
        "1850",
    ],
)
def test_what_is_ambiguous_or_impossible_is_no_date(written: object):
    assert read_date(written) is None


@given(st.one_of(st.text(max_size=15), st.floats(), st.integers()))
def test_any_cell_is_read_or_refused(cell: object):
    found = read_date(cell)
    assert found is None or date.fromisoformat(found.iso)


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_excel_serials_count_from_their_day_zero(day: date):
    serial = (day - date(1899, 12, 30)).days
    assert read_date(serial) == WrittenDate(day.isoformat(), "day")


def test_today_can_be_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1777593600")
    assert today() == date(2026, 5, 1)
    for senseless in ("", "soon"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", senseless)
        assert today() == date.today()
