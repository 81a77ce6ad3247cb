"""Dates as people write them, and today's date."""

from __future__ import annotations

import calendar
import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

EPOCH_VARIABLE = "SOURCE_DATE_EPOCH"
"""Seconds since 1970 that stand for now (reproducible-builds.org); set where a run must not depend on the clock."""

EXCEL_DAY_ZERO = date(1899, 12, 30)
"""Excel counts days from here (its day 60 is the 29 February 1900 that never was)."""

SERIALS = range(10_000, 80_000)
"""Serial numbers that are taken for dates: May 1927 to January 2119."""

_DAY = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})[日号]|(\d{4})(\d{2})(\d{2})"
)
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{4})年(\d{1,2})月份?")
_YEAR = re.compile(r"(\d{4})年?")
_CLOCK = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")


@dataclass(frozen=True)
class WrittenDate:
    """A date with the precision it was written in.

    Parameters
    ----------
    iso : str
        ISO date; the last day of the month or year where only that was written.
    precision : str
        ``"day"``, ``"month"`` or ``"year"``, as in the column date_precision of sources.csv.
    """

    iso: str
    precision: str


def read_date(cell: object) -> WrittenDate | None:
    """Read a date in any of the ways it is written in Chinese offices.

    Parameters
    ----------
    cell : object
        A date or datetime, an Excel serial number, or text: 2026-03-14, 2026/3/14, 2026.3.14, 20260314, 2026年3月14日,
        2026年3月, 2026年. Two-digit years and day-first order are not read: they are ambiguous.

    Returns
    -------
    WrittenDate or None
        None if the cell is no date.

    Examples
    --------
    >>> read_date("2026年3月14日"), read_date(46095.0), read_date("2026年2月")
    (WrittenDate(iso='2026-03-14', precision='day'), WrittenDate(iso='2026-03-14', precision='day'), WrittenDate(iso='2026-02-28', precision='month'))
    >>> read_date("14/3/26") is None
    True
    """
    if isinstance(cell, datetime):
        return WrittenDate(cell.date().isoformat(), "day")
    if isinstance(cell, date):
        return WrittenDate(cell.isoformat(), "day")
    if isinstance(cell, (int, float)):
        return _from_number(cell)
    text = _CLOCK.sub("", str(cell).strip())
    if match := _DAY.fullmatch(text):
        year, month, day = (
            match[1] or match[5] or match[8],
            match[3] or match[6] or match[9],
            match[4] or match[7] or match[10],
        )
        return _written(int(year), int(month), int(day))
    if match := _MONTH.fullmatch(text):
        return _written(int(match[1] or match[3]), int(match[2] or match[4]), None)
    if match := _YEAR.fullmatch(text):
        return _written(int(match[1]), None, None)
    return _from_number(float(text)) if re.fullmatch(r"\d{5}(\.\d+)?", text) else None


def today() -> date:
    """Return today's date, in UTC that of SOURCE_DATE_EPOCH if it is set.

    Returns
    -------
    date
    """
    text = os.environ.get(EPOCH_VARIABLE, "")
    if re.fullmatch(r"\d{1,11}", text):
        return datetime.fromtimestamp(int(text), UTC).date()
    return date.today()


def _from_number(number: float) -> WrittenDate | None:
    # Excel can hold a number too large for a float, and a float that is no number.
    if not 0 < number < 1e8:
        return None
    if number == int(number) and 1900 <= number <= 2100:
        return _written(int(number), None, None)
    if number == int(number) and 19000101 <= number <= 21001231:
        return read_date(str(int(number)))
    if int(number) in SERIALS:
        return WrittenDate((EXCEL_DAY_ZERO + timedelta(days=int(number))).isoformat(), "day")
    return None


def _written(year: int, month: int | None, day: int | None) -> WrittenDate | None:
    precision = "year" if month is None else "month" if day is None else "day"
    month = 12 if month is None else month
    if not (1900 <= year <= 2100 and 1 <= month <= 12):
        return None
    last = calendar.monthrange(year, month)[1]
    day = last if day is None else day
    return WrittenDate(date(year, month, day).isoformat(), precision) if 1 <= day <= last else None
