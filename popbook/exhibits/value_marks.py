"""Which published values in the data of an exhibit are preliminary, revised or estimated, and the note that says so."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from popbook.exhibits.model import STATUS_MARKS, Figure, Table
from popbook.exhibits.phrases import list_phrase, year_spans
from popbook.ledger.store import Ledger

_LEADING_NUMBER = re.compile(r"-?\d+(\.\d+)?")

Mark = dict[str, str | int]


def value_marks(ledger: Ledger, exhibit: Figure | Table, data: str) -> list[Mark]:
    """Return the marked observations that stand in an exhibit's data.

    Parameters
    ----------
    ledger
        Ledger of the edition.
    exhibit
        Figure or table; its ``indicator_ids``, ``region_id`` and ``years`` say which observations it can hold.
    data
        Its data as CSV text.

    Returns
    -------
    list of dict
        ``indicator_id``, ``year`` and ``status`` (P, R or E) of every observation whose value stands in a row or under
        a head that names its year. None where the data name the vintage (版次) of each value themselves.
    """
    marks: list[Mark] = []
    if "版次" in data.split("\n", 1)[0]:
        return marks
    for indicator_id in exhibit.indicator_ids:
        series = ledger.series(indicator_id, exhibit.region_id)
        for year in sorted(set(exhibit.years)):
            found = series.at(year)
            if found is not None and found.status and holds_value(data, year, found.value):
                marks.append({"indicator_id": indicator_id, "year": int(year), "status": found.status})
    return marks


def holds_value(data: str, year: int, value: float) -> bool:
    """Whether CSV data hold a value in a row or under a head that names its year.

    Examples
    --------
    >>> text = "年份,常住人口（万人）\\n2024,1262.4\\n2025,1270\\n"
    >>> holds_value(text, 2025, 1270.0), holds_value(text, 2024, 1270.0)
    (True, False)
    >>> holds_value("指标,2025年\\n年末常住人口,1270.0\\n", 2025, 1270.0)
    True
    """
    head, *rows = csv.reader(io.StringIO(data))
    named = str(year)
    under = {i for i, name in enumerate(head) if named in name}
    for row in rows:
        in_row = any(named in cell for cell in row)
        for i, cell in enumerate(row):
            number = _LEADING_NUMBER.match(cell) if in_row or i in under else None
            if number and abs(float(number[0]) - value) < 1e-9:
                return True
    return False


def mark_notes(marks: Iterable[Mark], ledger: Ledger, notes: Sequence[str]) -> list[str]:
    """Return one note for each kind of mark that no note of the exhibit speaks of yet.

    Parameters
    ----------
    marks
        From :func:`value_marks`.
    ledger
        Ledger of the edition, for the names of indicators.
    notes
        Notes that the exhibit has.
    """
    years: dict[str, dict[str, list[int]]] = {}
    for mark in marks:
        of_status = years.setdefault(str(mark["status"]), {})
        of_status.setdefault(str(mark["indicator_id"]), []).append(int(mark["year"]))
    made = []
    for status, by_indicator in sorted(years.items()):
        word = STATUS_MARKS[status]
        if any(word.removesuffix("数") in note for note in notes):
            continue
        said = [f"{year_spans(found)}年{ledger.indicators[name].name_zh}" for name, found in by_indicator.items()]
        made.append(f"{list_phrase(said)}为{word}。")
    return made
