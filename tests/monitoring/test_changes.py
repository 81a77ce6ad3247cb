"""What changed between editions: values, breaks and judgements, on the real ledger and on changed ones."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from popbook.ledger.errors import UsageError
from popbook.ledger.store import Ledger, read_ledger
from popbook.monitoring.changes import (
    LATER,
    OFFICIAL,
    REBASED,
    EditionChanges,
    compare_editions,
    compare_values,
    headline_values,
    previous_edition,
)


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return read_ledger()


@pytest.fixture(scope="module")
def newest(ledger: Ledger) -> EditionChanges:
    return compare_editions(ledger.for_edition(2024), 2023)


@pytest.fixture(scope="module")
def rebased(ledger: Ledger) -> EditionChanges:
    return compare_editions(ledger.for_edition(2021), 2020)


def with_row(ledger: Ledger, **overrides: object) -> Ledger:
    like = ledger.observations[
        (ledger.observations["indicator_id"] == "resident_population") & (ledger.observations["year"] == 2023)
    ].iloc[[0]]
    rows = pd.concat([ledger.observations, like.assign(**overrides)], ignore_index=True)
    return replace(ledger, observations=rows)


def test_the_breached_ceiling_is_the_news_of_2024(newest: EditionChanges) -> None:
    flips = {flip.flip_id: (flip.before, flip.after) for flip in newest.targets}
    assert flips["T09"] == ("难以达成", "已突破")
    assert next((f.before, f.after) for f in newest.warnings if f.flip_id == "w-ageing-share") == ("未触发", "触发")
    assert {"ageing", "targets", "warnings"} <= {flip.flip_id for flip in newest.claims}
    assert all(flip.before != flip.after for flip in (*newest.targets, *newest.warnings, *newest.claims))


def test_every_new_value_was_unknown_before(ledger: Ledger, newest: EditionChanges) -> None:
    before = ledger.for_edition(2023)
    assert len(newest.new)
    for row in newest.new.to_dict("records"):
        assert before.observation(row["indicator_id"], row["year"], row["region_id"]) is None


def test_the_rebased_years_are_revisions_with_both_values(rebased: EditionChanges) -> None:
    rows = rebased.revised[rebased.revised["indicator_id"] == "resident_population"].set_index("year")
    assert rows.index.tolist() == [2014, 2015, 2016, 2017, 2018, 2019]
    assert rows.loc[2019, ["value_before", "value", "reason"]].tolist() == [1036.0, 1161.3, REBASED]


def test_the_break_moves_with_the_revision(rebased: EditionChanges) -> None:
    moved = rebased.moved.set_index("indicator_id").loc["resident_population"]
    assert (moved["before"], moved["after"]) == ("2019/2020", "2013/2014")


def test_the_fifth_economic_census_is_a_new_break(newest: EditionChanges) -> None:
    assert newest.moved["break_id"].tolist() == ["gdp-2024-rebasing"]
    assert [item.break_id for item in newest.breaks] == ["gdp-2024-rebasing"]


def test_corrections_of_the_plan_are_the_same_in_every_edition(newest: EditionChanges, rebased: EditionChanges) -> None:
    assert newest.corrections == rebased.corrections == ()


def test_a_later_publication_of_another_value_is_a_revision(ledger: Ledger) -> None:
    whole = with_row(ledger, value=1253.0, published="2025-03-01", status="R")
    _, revised = compare_values(whole.for_edition(2023), whole.for_edition(2024))
    row = revised.set_index(["indicator_id", "year"]).loc[("resident_population", 2023)]
    assert (row["value_before"], row["value"], row["reason"]) == (1252.2, 1253.0, LATER)


def test_the_same_value_published_again_is_no_revision(ledger: Ledger) -> None:
    whole = with_row(ledger, value=1252.2, published="2025-03-01")
    _, revised = compare_values(whole.for_edition(2023), whole.for_edition(2024))
    assert revised.empty


def test_an_official_value_in_the_place_of_a_doubtful_one_says_so(ledger: Ledger) -> None:
    whole = with_row(ledger, indicator_id="hukou_population", year=2023, value=800.0, confidence="C", published="2024-03-01", vintage="v")
    whole = with_row(whole, indicator_id="hukou_population", year=2023, value=810.0, confidence="A", published="2025-03-01", vintage="v")
    _, revised = compare_values(whole.for_edition(2023), whole.for_edition(2024))
    rows = revised[(revised["indicator_id"] == "hukou_population") & (revised["year"] == 2023)]
    assert rows[["value_before", "value", "reason"]].to_numpy().tolist() == [[800.0, 810.0, OFFICIAL]]


def test_monitored_indicators_lead_the_new_values(ledger: Ledger, newest: EditionChanges) -> None:
    values = headline_values(newest, ledger.for_edition(2024))
    assert values[0].indicator.indicator_id == "resident_population"
    assert {value.year for value in values} == {2024}
    assert all(value.confidence != "C" for value in values)


def test_without_a_flip_nothing_is_listed(ledger: Ledger) -> None:
    changes = compare_editions(ledger.for_edition(2023), 2022)
    assert changes.targets == changes.claims == ()


def test_the_first_edition_has_no_predecessor(ledger: Ledger) -> None:
    assert previous_edition(ledger.for_edition(2020)) is None
    assert previous_edition(ledger.for_edition(2022)) == 2021


@pytest.mark.parametrize("earlier", [2024, 2019, 2030])
def test_an_edition_is_compared_with_a_known_earlier_one(ledger: Ledger, earlier: int) -> None:
    with pytest.raises(UsageError):
        compare_editions(ledger.for_edition(2024), earlier)


def test_a_whole_ledger_is_no_edition(ledger: Ledger) -> None:
    with pytest.raises(UsageError):
        compare_editions(ledger, 2023)
