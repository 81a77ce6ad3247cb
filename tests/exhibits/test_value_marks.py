from __future__ import annotations

import pandas as pd

from popbook.exhibits.report import open_report
from popbook.exhibits.value_marks import mark_notes, value_marks
from tests.exhibits.samples import figure

FRAME = pd.DataFrame({"年份": [2018, 2019, 2024, 2025], "常住人口（万人）": [1125.4, 1161.3, 1262.4, 1270.0]})
YEARS = (2018, 2019, 2024, 2025)


def _residents(notes: tuple[str, ...] = (), frame: pd.DataFrame = FRAME) -> dict:
    drawn = figure(frame=frame, years=YEARS, indicator_ids=("resident_population",), notes=notes)
    return open_report(2025).bundle(drawn)


def test_preliminary_and_revised_values_are_marked_and_said_under_the_exhibit() -> None:
    made = _residents()
    assert made["marks"] == [
        {"indicator_id": "resident_population", "year": 2018, "status": "R"},
        {"indicator_id": "resident_population", "year": 2019, "status": "R"},
        {"indicator_id": "resident_population", "year": 2025, "status": "P"},
    ]
    assert made["notes"] == ["2025年年末常住人口为初步数。", "2018—2019年年末常住人口为修订数。"]


def test_what_a_note_says_already_is_not_said_twice() -> None:
    own = "2019年及以前为按七普修订的数。"
    assert _residents((own,))["notes"] == [own, "2025年年末常住人口为初步数。"]


def test_value_that_the_exhibit_does_not_hold_is_not_marked() -> None:
    first_published = FRAME.assign(**{"常住人口（万人）": [980.6, 1036.0, 1262.4, 1270.1]})
    assert _residents(frame=first_published)["marks"] == []


def test_data_that_name_the_vintage_of_each_value_need_no_mark() -> None:
    ledger = open_report(2025).ledger
    drawn = figure(frame=FRAME, years=YEARS, indicator_ids=("resident_population",))
    assert value_marks(ledger, drawn, "年份,版次,常住人口（万人）\n2025,census-2020,1270\n") == []


def test_no_mark_is_no_note() -> None:
    assert mark_notes([], open_report(2025).ledger, ()) == []
