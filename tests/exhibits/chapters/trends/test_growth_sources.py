from __future__ import annotations

import pytest

from popbook.exhibits.chapters.trends.evidence import ages_of
from popbook.exhibits.inline import plain_text
from popbook.forecasting.sensitivity import assumption_worth
from tests.exhibits.chapters.trends.ledgers import EDITIONS, report_of, section_of


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_heading_names_the_first_year_in_which_deaths_exceed_births_for_good(edition: int) -> None:
    ages = ages_of(report_of(edition))
    births, deaths = (ages.measure(name).set_index("year")["point"] for name in ("births", "deaths"))
    below = [int(year) for year in births.index if (deaths.loc[year:] > births.loc[year:]).all()]
    assert plain_text(section_of("scenarios", edition).heading).startswith(f"推算{below[0]}年起死亡多于出生")


@pytest.mark.parametrize("edition", EDITIONS)
def test_each_assumption_moves_the_total_in_its_own_direction(edition: int) -> None:
    worth = assumption_worth(report_of(edition).ledger).set_index("key")["worth"]
    assert worth["medium"] == 0
    assert worth["fertility_low"] < 0 < worth["fertility_high"]
    assert worth["migration_low"] < 0 < worth["migration_high"]


def test_the_policy_follows_what_is_worth_more() -> None:
    worth = assumption_worth(report_of(2024).ledger).set_index("key")["worth"]
    migration = worth["migration_high"] - worth["migration_low"]
    fertility = worth["fertility_high"] - worth["fertility_low"]
    assert ("迁移假定对总量的影响大于生育假定" in section_of("scenarios", 2024).policy) == (migration > fertility)
