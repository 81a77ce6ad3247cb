from __future__ import annotations

import pytest

from popbook.forecasting.backtest import score_panel, score_vintages
from popbook.forecasting.concepts import forecast_concepts
from tests.forecasting.editions import edition


def test_the_first_edition_has_nothing_to_score():
    assert score_vintages(edition(2020)).empty
    assert score_panel(edition(2020)).empty


def test_each_edition_is_scored_on_what_it_said_itself():
    table = score_vintages(edition(2024))
    said = forecast_concepts(edition(2022)).resident.path.set_index("year").point
    row = table[(table.vintage == 2022) & (table.kind == "combination") & (table.year == 2024)].iloc[0]
    assert row.forecast == pytest.approx(said[2024])
    assert row.actual == 1262.4
    assert row.error_percent == pytest.approx(100 * (said[2024] / 1262.4 - 1))
    assert row.h == 2


def test_the_plan_is_scored_beside_the_forecasts_of_its_year():
    table = score_vintages(edition(2024))
    plan = table[table.kind == "plan"]
    assert set(plan.vintage) == {2020}
    medium = plan[(plan.member == "medium")].set_index("year").error_percent
    assert medium.index.tolist() == [2021, 2022, 2023, 2024]
    assert medium.is_monotonic_increasing  # the gap grew every year


def test_no_year_after_the_edition_is_scored():
    for year in (2021, 2022, 2023):
        assert score_vintages(edition(year)).year.max() == year


def test_the_combination_beats_the_naive_growth_benchmarks_in_every_vintage():
    table = score_vintages(edition(2024))
    for _, part in table[table.kind != "plan"].groupby("vintage"):
        size = part.assign(size=part.error_percent.abs()).groupby("member")["size"].mean()
        assert size["combination"] < size["drift"]


def test_hukou_is_scored_without_values_of_confidence_c():
    table = score_vintages(edition(2024), "hukou")
    assert set(table.year) == {2021}


def test_panel_coverage_is_at_least_nominal_on_years_that_did_not_calibrate_it():
    table = score_panel(edition(2024)).set_index(["member", "h"])
    combination = table.loc["combination"]
    assert combination.index.tolist() == [1, 2, 3, 4, 5]
    assert (combination.covered80 >= 0.78).all()
    assert (combination.covered95 >= 0.93).all()
    assert (combination.cities >= 20).all()


def test_the_panel_combination_beats_every_benchmark_beyond_one_year():
    table = score_panel(edition(2024)).pivot(index="h", columns="member", values="mae_percent")
    for benchmark in ("random_walk", "drift"):
        assert (table["combination"] < table[benchmark]).all()
