from __future__ import annotations

import numpy as np
import pytest

from popbook.forecasting.concepts import cohort_totals, forecast_concepts, peer_growth
from popbook.forecasting.splice import splice_series
from popbook.forecasting.trend import BENCHMARKS, CANDIDATE_MEMBERS, TREND_MEMBERS
from tests.forecasting.editions import EDITIONS, edition, full_ledger


@pytest.mark.parametrize("year", EDITIONS)
def test_every_edition_forecasts_from_its_own_last_value_to_2035(year):
    forecasts = forecast_concepts(edition(year))
    assert forecasts.resident.origin_year == year
    assert forecasts.resident.origin_value == edition(year).observation("resident_population", year).value
    assert forecasts.floating.origin_year == 2020
    for item in forecasts.concepts().values():
        assert item.path.year.tolist() == list(range(item.origin_year + 1, 2036))


@pytest.mark.parametrize("year", EDITIONS)
def test_intervals_are_ordered_widen_and_stay_positive(year):
    for item in forecast_concepts(edition(year)).concepts().values():
        path = item.path
        assert (path.lo95 > 0).all()
        for low, high in (("lo95", "lo80"), ("lo80", "point"), ("point", "hi80"), ("hi80", "hi95")):
            assert (path[low] <= path[high]).all()
        for level in (80, 95):
            assert (np.diff(np.log(path[f"hi{level}"] / path[f"lo{level}"])) >= -1e-12).all()


def test_the_combination_is_the_geometric_mean_of_the_members_shown():
    for item in forecast_concepts(edition(2024)).concepts().values():
        mean = np.exp(np.log(item.members.pivot(index="year", columns="member", values="value")).mean(axis=1))
        assert item.path.point.to_numpy() == pytest.approx(mean.to_numpy())


def test_candidates_that_do_not_beat_the_best_naive_forecast_do_not_enter_and_are_named():
    resident = forecast_concepts(edition(2024)).resident
    best = min(resident.skill[name] for name in BENCHMARKS)
    worse = [name for name in CANDIDATE_MEMBERS if resident.skill[name] > best]
    assert "log_linear" in worse
    assert not set(worse) & set(resident.members.member)
    assert any("对数线性趋势" in note and "不列入组合" in note for note in resident.notes)


def test_where_nothing_is_measured_the_members_named_beforehand_enter_and_no_candidate():
    first = forecast_concepts(edition(2020))
    assert set(first.resident.members.member) == {"damped_holt", "theta", "cohort"}  # no province, no panel yet
    assert set(first.floating.members.member) == {"damped_holt", "theta", "fixed_ratio"}
    assert set(TREND_MEMBERS) <= set(forecast_concepts(edition(2024)).resident.members.member)


def test_net_migration_is_a_volume_and_does_not_grow_with_the_population():
    ledger = edition(2024)
    spliced = splice_series(ledger, "resident_population")
    growth = float(np.log(spliced.values[-1] / spliced.values[-2]))
    table = cohort_totals(ledger, spliced, 2035, growth)  # what it converges to is what it is now
    assert np.ptp(table.net_migration) < 1.0


def test_the_factor_regression_enters_when_a_panel_is_published():
    assert "factor" not in set(forecast_concepts(edition(2020)).resident.members.member)
    for year in (2021, 2022, 2023, 2024):
        assert "factor" in set(forecast_concepts(edition(year)).resident.members.member)


def test_a_forecast_uses_nothing_that_was_published_later():
    # The view of an edition taken from a narrower ledger is the same view.
    again = full_ledger().for_edition(2024).for_edition(2021)
    assert forecast_concepts(again).to_frame().equals(forecast_concepts(edition(2021)).to_frame())


def test_the_same_ledger_gives_the_same_numbers():
    other = full_ledger().for_edition(2023)
    assert forecast_concepts(other).to_frame().equals(forecast_concepts(edition(2023)).to_frame())


def test_probabilities_agree_with_the_bounds():
    item = forecast_concepts(edition(2024)).resident
    row = item.path.iloc[5]
    year = int(row.year)
    assert item.probability(year, "ge", row.point) == pytest.approx(0.5)
    assert item.probability(year, "gt", row.hi80) == pytest.approx(0.1, abs=1e-6)
    assert item.probability(year, "le", row.lo80) == pytest.approx(0.1, abs=1e-6)
    assert item.probability(year, "ge", row.lo95) == pytest.approx(0.975, abs=0.01)
    with pytest.raises(KeyError):
        item.probability(2099, "ge", 1)
    with pytest.raises(KeyError):
        item.probability(year, "about", 1)


def test_coverage_is_stated_where_it_was_measured_and_absent_where_not():
    new, old = forecast_concepts(edition(2024)), forecast_concepts(edition(2020))
    row = new.resident.coverage_at(5)
    assert row is not None and row.cities >= 20
    assert old.resident.coverage_at(1) is None
    assert new.floating.coverage_at(1) is None
    assert any("不能实测" in note for note in new.floating.notes)


def test_the_archive_table_has_bounds_for_the_combination_only():
    table = forecast_concepts(edition(2024)).to_frame()
    assert table[table.member == "combination"].lo80.notna().all()
    assert table[table.member != "combination"].lo80.isna().all()
    assert not table.duplicated(["concept", "year", "member"]).any()


def test_net_migration_converges_to_the_peers():
    ledger = edition(2024)
    spliced = splice_series(ledger, "resident_population")
    growth, _ = peer_growth(ledger)
    table = cohort_totals(ledger, spliced, 2060, float(growth.mean()))
    rate = table.net_migration / table.population
    assert abs(rate.iloc[-1] - rate.iloc[-2]) < abs(rate.iloc[1] - rate.iloc[0])
    natural = table.births - table.deaths
    assert table.population.diff().iloc[1:].to_numpy() == pytest.approx(
        (natural + table.net_migration).iloc[1:].to_numpy(), abs=1e-3
    )


def test_a_closed_city_only_ages():
    ledger = edition(2024)
    spliced = splice_series(ledger, "resident_population")
    table = cohort_totals(ledger, spliced, 2035, 0.0, with_migration=False)
    assert (table.net_migration == 0).all()
    assert table.share_60plus.is_monotonic_increasing
