"""Scores of archived forecasts: closed answers on small archives, honest counts on the real one."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from popbook.ledger.errors import UsageError
from popbook.ledger.store import Ledger, read_ledger
from popbook.monitoring.archive import read_archive
from popbook.monitoring.track_record import (
    OWN_MODELS,
    count_hits,
    record_by_horizon,
    score_archive,
    score_plan,
)

ACTUAL_2024 = 1262.4


@pytest.fixture(scope="module")
def newest() -> Ledger:
    return read_ledger().for_edition(2024)


def archived(**overrides: object) -> pd.DataFrame:
    row = {
        "edition": 2023, "indicator_id": "resident_population", "model": "combination", "target_year": 2024, "origin_year": 2023,
        "h": 1, "point": 1270.0, "lo80": 1260.0, "hi80": 1280.0, "lo95": 1250.0, "hi95": 1290.0, "made": "retrospective",
    }  # fmt: skip
    return pd.DataFrame([row | overrides])


def test_error_is_forecast_minus_figure(newest: Ledger) -> None:
    row = score_archive(newest, archived()).iloc[0]
    assert row["actual"] == ACTUAL_2024
    assert row["error"] == pytest.approx(1270.0 - ACTUAL_2024)
    assert row["error_percent"] == pytest.approx(100 * (1270.0 / ACTUAL_2024 - 1))
    assert row["inside80"] and row["inside95"]


@pytest.mark.parametrize(
    ("bounds", "inside"),
    [((1262.4, 1263.0), True), ((1262.0, 1262.4), True), ((1262.5, 1280.0), False), ((1200.0, 1262.3), False)],
)
def test_the_ends_of_an_interval_belong_to_it(newest: Ledger, bounds: tuple[float, float], inside: bool) -> None:
    row = score_archive(newest, archived(lo80=bounds[0], hi80=bounds[1])).iloc[0]
    assert bool(row["inside80"]) is inside


def test_a_benchmark_has_no_interval_and_counts_in_no_hit(newest: Ledger) -> None:
    none = dict.fromkeys(("lo80", "hi80", "lo95", "hi95"), float("nan"))
    scores = score_archive(newest, pd.concat([archived(), archived(model="random_walk", **none)]))
    assert scores["inside80"].isna().tolist() == [False, True]
    assert count_hits(scores) == (1, 1, 1)


def test_only_earlier_editions_and_published_years_are_scored(newest: Ledger) -> None:
    rows = pd.concat([archived(edition=2024, origin_year=2023), archived(target_year=2025, h=2), archived()])
    assert len(score_archive(newest, rows)) == 1
    assert score_archive(read_ledger().for_edition(2020)).empty


def test_an_unpublished_concept_is_not_scored(newest: Ledger) -> None:
    assert score_archive(newest, archived(indicator_id="floating_population")).empty


def test_a_doubtful_figure_scores_nothing(newest: Ledger) -> None:
    rows = newest.observations
    hit = (rows["indicator_id"] == "resident_population") & (rows["year"] == 2024)
    doubtful = replace(newest, observations=rows.assign(confidence=rows["confidence"].where(~hit, "C")))
    assert score_archive(doubtful, archived()).empty


def test_no_forecast_is_scored_across_a_break(newest: Ledger) -> None:
    """The gross product of 2024 stands behind the fifth economic census, that of 2023 does not."""
    like = newest.observations[
        (newest.observations["indicator_id"] == "gdp") & (newest.observations["year"] == 2023)].iloc[[0]]
    rows = pd.concat([newest.observations, like.assign(year=2024, value=21860.0, published="2025-03-01")])
    ledger = replace(newest, observations=rows.reset_index(drop=True))
    assert score_archive(ledger, archived(indicator_id="gdp", point=21000.0)).empty
    assert len(score_archive(ledger, archived(indicator_id="gdp", point=20000.0, target_year=2023, origin_year=2022))) == 1


def test_horizons_are_summed_up_beside_the_benchmark_of_the_same_cases(newest: Ledger) -> None:
    none = dict.fromkeys(("lo80", "hi80", "lo95", "hi95"), float("nan"))
    rows = pd.concat([
        archived(point=ACTUAL_2024 + 4), archived(edition=2022, origin_year=2022, point=ACTUAL_2024 - 2, lo80=1300.0),
        archived(model="random_walk", point=ACTUAL_2024 - 10, **none),
        archived(edition=2022, origin_year=2022, model="random_walk", point=ACTUAL_2024 - 20, **none)])
    (row,) = record_by_horizon(score_archive(newest, rows)).to_dict("records")
    assert (row["n"], row["inside80"], row["inside95"]) == (2, 1, 2)
    assert row["bias"] == pytest.approx(1.0)
    assert row["mean_absolute_error"] == pytest.approx(3.0)
    assert row["random_walk"] == pytest.approx(15.0)


def test_the_plan_is_scored_on_the_same_figures(newest: Ledger) -> None:
    table = score_plan(newest).set_index(["indicator_id", "scenario", "target_year"])
    row = table.loc[("resident_population", "low", 2024)]
    assert (row["point"], row["actual"]) == (1317.0, ACTUAL_2024)
    assert row["error_percent"] == pytest.approx(100 * (1317 / ACTUAL_2024 - 1))
    assert max(table.index.get_level_values("target_year")) == 2024
    assert "floating_population" not in table.index.get_level_values("indicator_id")


def test_ten_forecasts_of_residents_are_scored_by_2024(newest: Ledger) -> None:
    scores = score_archive(newest)
    mine = scores[(scores["indicator_id"] == "resident_population") & scores["model"].isin(OWN_MODELS)]
    expected = {(edition, year) for edition in range(2020, 2024) for year in range(edition + 1, 2025)}
    assert set(zip(mine["edition"], mine["target_year"], strict=True)) == expected
    archive = read_archive(newest).set_index(["edition", "indicator_id", "model", "target_year"])["point"]
    for row in mine.to_dict("records"):
        assert row["point"] == archive[row["edition"], "resident_population", row["model"], row["target_year"]]


def test_a_whole_ledger_is_no_edition() -> None:
    with pytest.raises(UsageError):
        score_archive(read_ledger())
