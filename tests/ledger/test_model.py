from __future__ import annotations

import pytest

from popbook.ledger.model import Observation
from tests.ledger.tables import make_break, make_indicator, make_region


@pytest.mark.parametrize(
    ("indicator_id", "region_id", "expected"),
    [
        ("resident_population", "330100", True),
        ("hukou_population", "330100", False),
        ("resident_population", "330102", False),
    ],
)
def test_break_concerns_its_own_series_only(indicator_id: str, region_id: str, expected: bool):
    assert make_break().concerns(indicator_id, region_id) is expected


def test_break_without_indicator_and_region_concerns_everything():
    assert make_break(indicator_id="", region_id="").concerns("gdp", "330102")


@pytest.mark.parametrize(
    ("vintage_before", "year", "vintage", "expected"),
    [
        ("", 2019, "anything", True),
        ("", 2020, "anything", False),
        ("first-published", 2019, "first-published", True),
        ("first-published", 2019, "rebased-2020-census", False),
        ("first-published", 2020, "first-published", False),
        ("first-published|rebased-2010-census", 2010, "rebased-2010-census", True),
    ],
)
def test_old_side_is_an_earlier_year_of_an_old_vintage(
    vintage_before: str, year: int, vintage: str, expected: bool
):
    assert make_break(vintage_before=vintage_before).has_before(year, vintage) is expected


def test_observation_knows_which_breaks_it_stands_before():
    early, late = make_break(break_id="b2016", year=2016), make_break(break_id="b2020", year=2020)
    value = Observation(
        make_indicator(), make_region(), 2018, 980.6, "", "v", "s", "2019-02-14", "A", "", (early, late)
    )
    assert value.behind == (late,)
