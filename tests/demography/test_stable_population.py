from __future__ import annotations

import numpy as np
import pytest

from popbook.demography.cohort_component import project_cohorts
from popbook.demography.life_table import build_life_table, survival_ratios
from popbook.demography.stable_population import (
    intrinsic_birth_rate,
    intrinsic_growth_rate,
    mean_length_of_generation,
    net_maternity,
    net_reproduction_rate,
    population_momentum,
    stable_age_distribution,
)
from tests.demography.tables import read_fertility, read_mortality

# Preston, Heuveline & Guillot (2001), box 7.3: Western Asia 1995-2000, women (thousands), 5Lx per newborn girl
# and maternity (girls per woman and year) to age 50; all women 87,176 thousand, e0 70.3 years.
AGES = np.arange(0, 50, 5)
WOMEN = np.array([12013, 11027, 9856, 8614, 7694, 6893, 6135, 5318, 4376, 3510.0])
LIVED = np.array([4.834, 4.803, 4.789, 4.773, 4.748, 4.716, 4.678, 4.631, 4.570, 4.483])
GIRLS = np.array([0, 0, 0, 0.043, 0.112, 0.112, 0.058, 0.029, 0.007, 0])


def five_year_female_table() -> tuple[np.ndarray, np.ndarray, float]:
    """Person-years of five-year groups 0-4, ..., 85+ of Chinese women, their fertility, and e0."""
    mortality = read_mortality(2020, "female")
    table = build_life_table(mortality.age, nmx=mortality.nmx, sex="female")
    lived = table.groupby(np.minimum(table.age // 5, 17))["nLx"].sum().to_numpy()
    shape = read_fertility("fuzhou-2020-five-year").set_index("age")["value"] / 1000
    return lived, shape.reindex(range(0, 90, 5), fill_value=0).to_numpy(), float(table["ex"].iloc[0])


def test_box_7_3_net_reproduction_and_momentum_to_the_printed_digit():
    # Girls per woman are births per woman over 1 + SRB.
    maternity = net_maternity(2.05 * GIRLS, LIVED, 1.05, radix=1)
    assert net_reproduction_rate(2.05 * GIRLS, LIVED, 1.05, radix=1) == pytest.approx(1.70282, abs=5e-6)
    momentum = population_momentum(WOMEN, LIVED, maternity, AGES, 87_176, 70.3, radix=1)
    assert momentum == pytest.approx(1.609443, abs=5e-7)


def test_box_7_3_mean_age_at_replacement():
    maternity = net_maternity(2.05 * GIRLS, LIVED, 1.05, radix=1)
    assert mean_length_of_generation(maternity / maternity.sum(), AGES) == pytest.approx(26.60, abs=0.005)


def test_box_7_1_net_reproduction_and_intrinsic_rate_of_egypt():
    # 5Lx per newborn girl and girls per woman and year at 15-49; Lotka's r = 0.01424 after three iterations.
    lived = np.array([4.66740, 4.63097, 4.58518, 4.53206, 4.46912, 4.39135, 4.28969])
    girls = np.array([0.00567, 0.06627, 0.11204, 0.07889, 0.05075, 0.01590, 0.00610])
    assert (lived * girls).sum() == pytest.approx(1.527414, abs=5e-7)
    assert intrinsic_growth_rate(lived * girls, np.arange(15, 50, 5)) == pytest.approx(0.01424406, abs=5e-9)


def test_box_7_2_stable_equivalent_of_women_of_the_united_states():
    lived = np.array([4.95804, 4.95002, 4.94603, 4.93804, 4.92552, 4.91138, 4.89356, 4.86941, 4.83577, 4.78475, 4.70374, 4.57712,
                      4.38502, 4.10756, 3.71990, 3.19192, 2.49203, 2.73044])  # fmt: skip
    girls = np.array([0, 0, 0.0007, 0.0303, 0.0566, 0.0578, 0.0388, 0.0157, 0.0027, 0.0001, *[0] * 8])
    age = np.arange(0, 90, 5)
    rate = intrinsic_growth_rate(lived * girls, age)
    assert rate == pytest.approx(-0.0001664824, abs=5e-11)
    assert intrinsic_birth_rate(lived, rate, age, 6.79, radix=1) == pytest.approx(0.012584262, abs=5e-10)
    shares = stable_age_distribution(lived, rate, age, 6.79, radix=1)
    assert shares[[0, 5, 10, 17]] == pytest.approx([0.0624192, 0.0620897, 0.0597127, 0.0348897], abs=5e-8)
    assert shares.sum() == pytest.approx(1)


def test_childbearing_at_one_age_gives_the_growth_of_compound_interest():
    # Everybody bears R0 daughters at exact age 27.5: R0 = exp(27.5 r).
    assert intrinsic_growth_rate([1.7], [25], 5) == pytest.approx(np.log(1.7) / 27.5, abs=1e-12)
    assert mean_length_of_generation([1.7], [25], 5) == pytest.approx(27.5)


@pytest.mark.parametrize("level", [0.6, 1.0, 2.5])
def test_the_intrinsic_rate_is_the_growth_to_which_a_projection_converges(level):
    lived, shape, _ = five_year_female_table()
    fertility = level * shape
    steps = 200
    run = project_cohorts(
        [np.full(18, 1e6)], np.tile(survival_ratios(lived, step=5), (steps, 1, 1)), np.tile(fertility, (steps, 1)), 1.05,
        step=5,
    )  # fmt: skip
    total = run.population[:, 0].sum(axis=-1)
    observed = np.log(total[-1] / total[-2]) / 5
    rate = intrinsic_growth_rate(net_maternity(fertility, lived, 1.05), np.arange(0, 90, 5))
    # Five-year groups place births at the middle of the group; the projection averages two of them.
    assert rate == pytest.approx(observed, abs=3e-4)


def test_momentum_is_the_final_size_of_a_projection_at_replacement():
    lived, fertility, e0 = five_year_female_table()
    women = np.linspace(1.5e6, 3e5, 18)
    maternity = net_maternity(fertility, lived, 1.05)
    momentum = population_momentum(women[:10], lived[:10], maternity[:10], AGES, women.sum(), e0)
    steps = 200
    run = project_cohorts(
        [women], np.tile(survival_ratios(lived, step=5), (steps, 1, 1)),
        np.tile(fertility / maternity.sum(), (steps, 1)), 1.05, step=5,
    )  # fmt: skip
    assert momentum == pytest.approx(run.population[-1].sum() / women.sum(), rel=0.01)


def test_a_stationary_population_has_no_momentum():
    lived, fertility, e0 = five_year_female_table()
    maternity = net_maternity(fertility, lived, 1.05)
    momentum = population_momentum(lived[:10], lived[:10], maternity[:10], AGES, lived.sum(), e0)
    assert momentum == pytest.approx(1, abs=1e-9)


def test_fertility_of_chinese_cities_is_far_below_replacement():
    lived, fertility, _ = five_year_female_table()
    r0 = net_reproduction_rate(fertility, lived, 1.07)
    maternity = net_maternity(fertility, lived, 1.07)
    assert r0 < 0.75
    assert intrinsic_growth_rate(maternity, np.arange(0, 90, 5)) < -0.01
    assert 28 < mean_length_of_generation(maternity, np.arange(0, 90, 5)) < 31


def test_impossible_input_is_refused():
    with pytest.raises(ValueError, match="boys per girl"):
        net_maternity([0.1], [5.0], 105)
    with pytest.raises(ValueError, match="ages"):
        net_maternity([0.1, 0.1], [5.0], 1.05)
    with pytest.raises(ValueError, match="more than zero"):
        intrinsic_growth_rate([0.0], [20])
    with pytest.raises(ValueError, match="no growth rate"):
        intrinsic_growth_rate([1e9], [20])
    with pytest.raises(ValueError, match="ages"):
        stable_age_distribution([1.0, 2.0], 0.0, [0], 1)
    with pytest.raises(ValueError, match="same groups"):
        population_momentum([1.0], [1.0, 2.0], [1.0], [0], 1, 1)
    with pytest.raises(ValueError, match="fertile"):
        population_momentum([1.0], [1.0], [0.0], [0], 1, 1)
