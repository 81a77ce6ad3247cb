from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.demography.life_table import (
    average_years_lived,
    build_life_table,
    graduate_life_table,
    life_expectancy,
    relate_life_table,
    scale_to_life_expectancy,
    shift_to_life_expectancy,
    survival_ratios,
)
from tests.demography.tables import PUBLISHED, read_mortality


@pytest.fixture(scope="module")
def austria() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Preston, Heuveline & Guillot (2001), box 3.1, and our table from its deaths and population."""
    printed = pd.read_csv(PUBLISHED / "preston_box_3_1_austria_males_1992_life_table.csv")
    # The book takes nax at 5-80 from Keyfitz & Flieger; ages 0, 1-4 and 85+ follow from the rates.
    borrowed = printed["nax"].where(printed["age"].between(5, 80))
    return printed, build_life_table(printed["age"], nmx=printed["deaths"] / printed["mid_year_pop"], nax=borrowed,
                                     sex="male")  # fmt: skip


@pytest.mark.parametrize(
    ("column", "decimals"), [("nmx", 6), ("nqx", 6), ("npx", 6), ("ndx", 0), ("nLx", 0), ("ex", 3), ("nax", 3)]
)
def test_box_3_1_is_reproduced_to_one_unit_of_the_last_printed_digit(austria, column, decimals):
    printed, ours = austria
    assert np.abs(ours[column] - printed[column]).max() <= 1.0 * 10.0**-decimals + 1e-12


def test_box_3_1_survivors_and_life_expectancy(austria):
    printed, ours = austria
    assert np.abs(ours["lx"] - printed["lx"]).max() < 0.02
    assert abs(ours["Tx"][0] - 7_288_901) <= 30
    assert round(ours["ex"][0], 3) == 72.889


def test_a_constant_death_rate_gives_the_exponential_life_expectancy():
    # With m constant, e0 = 1/m whatever the intervals, if nax is the exponential one.
    age = np.array([0, 1, 5, 10, 15])
    m, n = 0.02, np.array([1, 4, 5, 5])
    nax = np.append(1 / m - n * np.exp(-n * m) / (1 - np.exp(-n * m)), np.nan)
    assert build_life_table(age, nmx=np.full(5, m), nax=nax)["ex"][0] == pytest.approx(50, abs=1e-9)


def test_nobody_lives_for_ever_in_the_open_interval():
    with pytest.raises(ValueError, match="open interval"):
        build_life_table([0, 1, 5], nmx=[0.01, 0.001, 0.0])
    with pytest.raises(ValueError, match="open interval"):
        build_life_table([0, 1, 5], nqx=[0.01, 0.004, 1.0])
    with pytest.raises(ValueError, match="same length"):
        build_life_table([0, 1, 5], nmx=[0.01, 0.001, 0.1], nax=[0.1])


def test_probabilities_and_rates_give_the_same_table():
    mortality = read_mortality(2020, "female")
    table = build_life_table(mortality.age, nmx=mortality.nmx, sex="female")
    nax = table["nax"].where(table["age"] == 100)
    again = build_life_table(mortality.age, nqx=table["nqx"], nax=nax, sex="female")
    assert np.allclose(again["nmx"], table["nmx"], rtol=1e-8)


def test_united_nations_life_expectancy_of_china_is_reproduced():
    # WPP 2024, China, mean of 2020-2024 of the single years: males 75.3, females 81.0.
    wpp = pd.read_csv(PUBLISHED.parents[2] / "data" / "demography" / "wpp_china.csv")
    for sex in ("male", "female"):
        part = wpp[(wpp.variable == f"life_expectancy_{sex}") & wpp.year.between(2020, 2024)]
        mortality = read_mortality(2020, sex)
        assert life_expectancy(mortality.nmx, mortality.age, sex) == pytest.approx(part.value.mean(), abs=0.15)


def test_coale_demeny_separation_factors_switch_at_high_infant_mortality():
    low = average_years_lived([0.02, 0.001, 0.01], [0, 1, 5], "female")
    high = average_years_lived([0.12, 0.001, 0.01], [0, 1, 5], "female")
    assert low[0] == pytest.approx(0.053 + 2.8 * 0.02)
    assert (high[0], high[1]) == (0.35, 1.361)


def test_survival_ratios_of_the_open_group_use_both_oldest_groups():
    assert survival_ratios([5.0, 4.0, 6.0], radix=1, step=5)[-1] == pytest.approx(0.6)


def test_graduation_keeps_every_abridged_survivor_and_life_expectancy():
    mortality = read_mortality(2020, "male")
    abridged = build_life_table(mortality.age, nmx=mortality.nmx, sex="male")
    single = graduate_life_table(abridged, "male")
    assert len(single) == 101
    assert np.allclose(single["lx"].iloc[abridged["age"]], abridged["lx"], rtol=1e-12)
    assert single["ex"][0] == pytest.approx(abridged["ex"][0], abs=0.05)
    assert (np.diff(single["lx"]) < 0).all()


@given(st.floats(0.3, 2.0))
def test_scale_recovers_the_factor_that_made_the_life_expectancy(k):
    mortality = read_mortality(2020, "female")
    target = life_expectancy(k * mortality.nmx, mortality.age, "female")
    assert scale_to_life_expectancy(mortality.nmx, mortality.age, "female", target) == pytest.approx(k, abs=1e-5)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="exactly one"):
        build_life_table([0, 1])
    with pytest.raises(ValueError, match="negative"):
        build_life_table([0, 1], nmx=[-0.1, 0.2])
    with pytest.raises(ValueError, match="no factor"):
        scale_to_life_expectancy([0.01, 0.01, 0.01], [0, 1, 5], "male", 5000)
    with pytest.raises(ValueError, match="sex"):
        average_years_lived([0.1, 0.1], [0, 1], "both")


@given(st.floats(-0.8, 0.8))
def test_logits_of_the_related_table_lie_on_a_straight_line(alpha):
    mortality = read_mortality(2020, "female")
    standard = build_life_table(mortality.age, nmx=mortality.nmx, sex="female", radix=1)
    related = relate_life_table(mortality.nmx, mortality.age, "female", alpha, beta=1.1)

    def logits(survivors):
        return np.log((1 - survivors) / survivors) / 2

    assert np.allclose(
        logits(related["lx"].iloc[1:] / 100_000), alpha + 1.1 * logits(standard["lx"].iloc[1:]), atol=1e-9
    )


def test_the_identity_of_logits_gives_the_standard_back():
    mortality = read_mortality(2020, "male")
    standard = build_life_table(mortality.age, nmx=mortality.nmx, sex="male")
    related = relate_life_table(mortality.nmx, mortality.age, "male", 0.0)
    assert np.allclose(related["nmx"], standard["nmx"], rtol=1e-8)


@given(st.floats(60, 88))
def test_the_shift_reaches_a_published_life_expectancy(target):
    mortality = read_mortality(2020, "female")
    alpha = shift_to_life_expectancy(mortality.nmx, mortality.age, "female", target)
    table = relate_life_table(mortality.nmx, mortality.age, "female", alpha)
    assert table["ex"][0] == pytest.approx(target, abs=1e-8)
    assert (np.diff(table["lx"]) < 0).all()


def test_factor_and_logit_agree_at_the_life_expectancy_of_hangzhou_but_differ_by_age():
    mortality = read_mortality(2020, "female")
    k = scale_to_life_expectancy(mortality.nmx, mortality.age, "female", 85.5)
    alpha = shift_to_life_expectancy(mortality.nmx, mortality.age, "female", 85.5)
    by_factor = build_life_table(mortality.age, nmx=k * mortality.nmx, sex="female")
    by_logit = relate_life_table(mortality.nmx, mortality.age, "female", alpha)
    assert by_factor["ex"][0] == pytest.approx(by_logit["ex"][0], abs=1e-6)
    assert (by_logit["nmx"][1:10] < by_factor["nmx"][1:10]).all()  # logits lower youth more than old age


def test_single_year_tables_from_rates_and_from_probabilities_agree():
    # Gompertz mortality by single years to 100; e0 from the integral of the survivor function.
    age = np.arange(101)
    level, slope = 5e-5, 0.09
    exact = np.exp(-level / slope * (np.exp(slope * np.linspace(0, 130, 130_001)) - 1))
    expected = float((exact[:-1] + exact[1:]).sum() / 2 * 0.001)
    survivors = np.exp(-level / slope * (np.exp(slope * np.append(age, 101)) - 1))
    probability = np.append(1 - survivors[1:-1] / survivors[:-2], 1.0)
    nax = np.full(101, np.nan)
    nax[0], nax[-1] = 0.5, float(exact[100_000:].sum() * 0.001 / exact[100_000])
    by_probability = build_life_table(age, nqx=probability, nax=nax)
    again = build_life_table(age, nmx=by_probability["nmx"], nax=nax)
    assert by_probability["ex"][0] == pytest.approx(expected, abs=0.005)
    assert again["ex"][0] == pytest.approx(by_probability["ex"][0], abs=1e-9)


def test_impossible_relations_are_refused():
    with pytest.raises(ValueError, match="age 0"):
        relate_life_table([0.01, 0.01, 0.1], [5, 10, 15], "male", 0.1)
    with pytest.raises(ValueError, match="no shift"):
        shift_to_life_expectancy(read_mortality(2020, "male").nmx, read_mortality(2020, "male").age, "male", 150)
