from __future__ import annotations

import numpy as np
import pytest

from popbook.forecasting.backtest import score_cities, score_intervals, score_panel, score_vintages
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


def test_the_three_intervals_are_scored_on_the_same_years():
    table = score_intervals(edition(2024))
    assert table.groupby("source").size().to_dict() == {"combination": 10, "cohort": 10, "mixture": 10}
    own = score_vintages(edition(2024)).query("kind == 'combination'")
    assert table.query("source == 'combination'")["inside80"].tolist() == own["inside80"].astype(bool).tolist()
    # The score is the width where the actual lies inside, and more where it does not.
    inside = table[table.inside80]
    assert (inside.winkler80 < 30).all()
    assert (table[table.inside95].winkler95 > table[table.inside95].winkler80.where(table.inside80)).dropna().any()
    assert score_intervals(edition(2020)).empty


def test_hukou_is_scored_without_values_of_confidence_c():
    table = score_vintages(edition(2024), "hukou")
    assert set(table.year) == {2021}


def test_panel_coverage_is_nominal_on_years_that_did_not_calibrate_it():
    table = score_panel(edition(2024)).set_index(["member", "h"])
    combination = table.loc["combination"]
    assert combination.index.tolist() == [1, 2, 3, 4, 5]
    # No horizon falls short by more than two standard errors of a share, as if its errors were independent.
    for level, covered in ((0.80, combination.covered80), (0.95, combination.covered95)):
        assert (covered >= level - 2 * np.sqrt(level * (1 - level) / combination.n)).all()
    assert (combination.cities >= 20).all()


def test_the_panel_combination_beats_every_benchmark_beyond_one_year():
    table = score_panel(edition(2024)).pivot(index="h", columns="member", values="mae_percent")
    for benchmark in ("random_walk", "drift"):
        assert (table["combination"] < table[benchmark]).all()


def test_cities_add_to_the_panel():
    cities, panel = score_cities(edition(2024)), score_panel(edition(2024))
    combination = panel[panel.member == "combination"].set_index("h")
    weights = cities.assign(total=cities.mae_percent * cities.n).groupby("h")[["total", "n"]].sum()
    assert weights.n.tolist() == combination.n.tolist()
    assert (weights.total / weights.n).to_numpy() == pytest.approx(combination.mae_percent.to_numpy())
    assert (cities.scored <= cities.n).all()
    assert set(cities.region_id) >= {"330100", "330200", "440300"}


def test_no_panel_no_cities():
    assert score_cities(edition(2020)).empty
