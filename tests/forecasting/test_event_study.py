from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.forecasting.concepts import cohort_totals
from popbook.forecasting.event_study import NONE, UNKNOWN, games_years, lift, study_events
from popbook.forecasting.splice import splice_series
from tests.forecasting.editions import EDITIONS, edition


@given(st.floats(-5, 5), st.floats(-1, 1))
def test_steady_or_evenly_changing_growth_has_the_lift_of_its_slope(level, slope):
    growth = pd.Series(level + slope * np.arange(4), index=range(2005, 2009))
    assert lift(growth, 2008) == pytest.approx(2 * slope, abs=1e-9)


def test_a_missing_year_leaves_the_lift_unknown():
    assert np.isnan(lift(pd.Series([1.0, 1.0, 1.0], index=[2005, 2007, 2008]), 2008))


def test_beijing_1990_by_hand():
    row = study_events(edition(2024)).effects.set_index("event_id").loc["beijing-1990"]
    g = {1987: 1047 / 1028, 1988: 1061 / 1047, 1989: 1075 / 1061, 1990: 1086 / 1075}
    assert row["lift"] == pytest.approx(50 * (g[1989] + g[1990] - g[1987] - g[1988]))
    assert row["controls"] == 0 and np.isnan(row["effect"]) and row["verdict"] == NONE


def test_hangzhou_shows_no_lift_at_either_date_once_the_years_are_published():
    effects = study_events(edition(2024)).effects.set_index("event_id")
    for event in ("own-planned", "own-held"):
        assert effects.loc[event, "controls"] >= 20
        assert effects.loc[event, "effect"] < 0 and effects.loc[event, "verdict"] == NONE


def test_no_edition_knows_a_later_year_or_date():
    assert not study_events(edition(2020)).effects.event_id.str.startswith("hangzhou").any()
    effects = study_events(edition(2022)).effects.set_index("event_id")
    assert effects.loc["own-held", "verdict"] == UNKNOWN
    for year in EDITIONS:
        growth = study_events(edition(year)).growth
        assert growth.year.max() <= max(year, 2012)
    assert games_years(edition(2020)) == (2021, 2022)  # the plan's date
    assert games_years(edition(2021)) == ()  # postponed on 6 May 2022, new date on 19 July
    assert games_years(edition(2023)) == (2022, 2023)


def test_placebos_and_growth_stay_within_one_series():
    growth = study_events(edition(2024)).growth
    assert growth.growth.abs().max() < 13  # Tianjin or Nanjing across the census step of 2010 would show here
    tianjin = growth[(growth.event_id == "beijing-2008") & (growth.region_id == "120000")]
    assert tianjin.year.max() == 2009
    assert study_events(edition(2024)).effects.p.dropna().between(0, 1, inclusive="right").all()


def test_only_the_high_scenario_carries_a_lift():
    table = edition(2020).table("scenarios", as_published=False)
    lifts = table[table.assumption == "games_lift"].set_index("scenario").value
    assert lifts.to_dict() == {"high": 0.3, "low": 0, "medium": 0, "no_migration": 0}


def test_extra_growth_raises_the_total_by_itself_from_its_year_on():
    ledger = edition(2020)
    spliced = splice_series(ledger, "resident_population")
    plain = cohort_totals(ledger, spliced, 2025, 0.01).set_index("year").population
    lifted = cohort_totals(ledger, spliced, 2025, 0.01, extra_growth={2022: 0.003}).set_index("year").population
    ratio = np.log(lifted / plain)
    assert ratio[2021] == 0
    # Migrants of one year: a share of the jump-off population, slowly diluted as the rest grows.
    assert ratio.loc[2022:].to_numpy() == pytest.approx(np.full(4, 0.003), abs=3e-4)
    assert (np.diff(ratio.loc[2022:]) < 1e-4).all()
