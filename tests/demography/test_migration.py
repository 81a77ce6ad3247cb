from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from popbook.demography.life_table import build_life_table, survival_ratios
from popbook.demography.migration import (
    census_survival_residual,
    fit_rogers_castro,
    net_migration_residual,
    rogers_castro,
    survive_ten_years,
)
from tests.demography.tables import DATA, read_census, read_mortality


def test_residual_of_2021_to_2024_from_the_bulletins():
    stock = pd.Series({2020: 1196.5, 2021: 1220.4, 2022: 1237.6, 2023: 1252.2, 2024: 1262.4})
    birth = pd.Series({2021: 7.6, 2022: 7.2, 2023: 6.7, 2024: 7.5})
    death = pd.Series({2021: 4.7, 2022: 5.0, 2023: 5.4, 2024: 5.2})
    table = net_migration_residual(stock, birth, death)
    # By hand for 2021: 23.9 - 2.9/1000 * 1208.45 = 20.3955
    assert table.net_migration[2021] == pytest.approx(20.3955, abs=1e-4)
    assert table.index.tolist() == [2021, 2022, 2023, 2024]
    assert np.allclose(table.change, table.natural + table.net_migration)


def test_years_without_a_rate_or_a_previous_stock_are_left_out():
    stock = pd.Series({2020: 100.0, 2022: 110.0, 2023: 112.0})
    rates = pd.Series({2022: 8.0, 2023: 8.0})
    assert net_migration_residual(stock, rates, rates).index.tolist() == [2023]


def test_a_year_with_two_values_is_refused():
    stock = pd.Series([1.0, 2.0], index=[2020, 2020])
    with pytest.raises(ValueError, match="twice"):
        net_migration_residual(stock, stock.iloc[:1], stock.iloc[:1])


def five_year_survival(sex: str, scale: float) -> np.ndarray:
    lived = 0
    for first_year in (2010, 2015):
        mortality = read_mortality(first_year, sex)
        table = build_life_table(mortality.age, nmx=scale * mortality.nmx, sex=sex)
        groups = table.groupby(np.minimum(table.age // 5 * 5, 85))["nLx"].sum()
        lived = lived + groups.to_numpy() / 2
    return survival_ratios(lived, step=5)


def test_cohorts_of_2010_to_2020_gained_2_57_million_by_migration():
    census = read_census()
    census = census[census.region_id == "330100"]
    total = 0.0
    for sex in ("male", "female"):
        tables = [
            census[(census.census_year == year) & (census.sex == sex)]
            .groupby(census.age // 5 * 5)["population"].sum().to_numpy()
            for year in (2010, 2020)
        ]  # fmt: skip
        residual = census_survival_residual(*tables, five_year_survival(sex, 0.6))
        # Universities and young workers: the cohorts aged 20-34 in 2020 carry the peak.
        assert residual.net_migration.idxmax() + 2 in (4, 5, 6)
        total += residual.net_migration.sum()
    assert total / 1e6 == pytest.approx(2.57, abs=0.02)


def test_without_migration_the_residual_is_zero():
    start = np.array([100.0, 90, 80, 70, 60])
    ratio = np.array([0.99, 0.98, 0.97, 0.9, 0.5])
    middle = np.append(0, start[:-1] * ratio[1:])
    middle[-1] = (start[-2] + start[-1]) * ratio[-1]
    end = np.append(0, middle[:-1] * ratio[1:])
    end[-1] = (middle[-2] + middle[-1]) * ratio[-1]
    assert np.allclose(census_survival_residual(start, end, ratio).net_migration, 0)


def test_rogers_castro_fundamental_schedule_peaks_in_the_early_twenties_and_sums_to_one():
    table = pd.read_csv(DATA / "migration_patterns.csv")
    schedule = rogers_castro(np.arange(101), dict(zip(table.parameter, table.value, strict=True)))
    assert schedule.sum() == pytest.approx(1)
    assert 20 <= schedule.argmax() <= 25
    assert (schedule > 0).all()


FUNDAMENTAL = {"a1": 0.02, "alpha1": 0.1, "a2": 0.06, "alpha2": 0.1, "mu2": 20, "lambda2": 0.4, "c": 0.003}
STUDENT = {"a5": 0.3, "alpha5": 0.8, "mu5": 18, "lambda5": 1.5}
RETIREMENT = {"a3": 0.02, "alpha3": 0.3, "mu3": 62, "lambda3": 0.5}
SINGLE = np.arange(101)


def test_the_schedule_is_the_sum_of_its_components_by_hand():
    x = 25.0
    labour = 0.06 * np.exp(-0.1 * 5 - np.exp(-0.4 * 5))
    student = 0.3 * np.exp(-0.8 * 7 - np.exp(-1.5 * 7))
    expected = 0.02 * np.exp(-0.1 * x) + labour + student + 0.003
    at_zero = 0.02 + 0.06 * np.exp(2 - np.exp(8)) + 0.3 * np.exp(0.8 * 18 - np.exp(27)) + 0.003
    schedule = rogers_castro([0.0, x], FUNDAMENTAL | STUDENT)
    assert schedule[1] / schedule[0] == pytest.approx(expected / at_zero)


@pytest.mark.parametrize(
    ("truth", "components"),
    [(FUNDAMENTAL, ()), (FUNDAMENTAL | STUDENT, ("student",)), (FUNDAMENTAL | RETIREMENT, ("retirement",))],
)
def test_fitting_recovers_the_schedule_that_made_the_migrants(truth, components):
    migrants = 5e5 * rogers_castro(SINGLE, truth)
    fit = fit_rogers_castro(SINGLE, migrants, components)
    assert fit.mean_absolute_error < 0.1
    for name in ("alpha1", "mu2", "lambda2", *(["mu5"] if "student" in components else [])):
        assert fit.parameters[name] == pytest.approx(truth[name], rel=0.02)
    assert np.allclose(rogers_castro(SINGLE, fit.parameters), migrants / migrants.sum(), atol=1e-5)


def test_a_student_peak_needs_its_own_component():
    migrants = rogers_castro(SINGLE, FUNDAMENTAL | STUDENT)
    assert fit_rogers_castro(SINGLE, migrants).mean_absolute_error > 10


def test_five_year_groups_give_a_schedule_by_single_years():
    truth = rogers_castro(np.arange(100), FUNDAMENTAL)
    fit = fit_rogers_castro(np.arange(0, 100, 5), truth.reshape(20, 5).sum(axis=1), width=5)
    assert fit.fitted.sum() == pytest.approx(1)
    assert np.allclose(rogers_castro(np.arange(100), fit.parameters), truth, atol=5e-4)


def test_hangzhou_gains_between_the_censuses_have_a_peak_before_the_labour_ages():
    census = read_census()
    census = census[census.region_id == "330100"]
    tables = [
        census[(census.census_year == year) & (census.sex == "female")]
        .groupby(census.age // 5 * 5)["population"].sum().to_numpy()
        for year in (2010, 2020)
    ]  # fmt: skip
    residual = census_survival_residual(*tables, five_year_survival("female", 0.6))["net_migration"].to_numpy()
    # The residual says nothing of those born within the decade; they come with parents, like those aged 10-14.
    gains = np.concatenate([[residual[0], residual[0]], residual])
    groups = np.arange(0, 90, 5)
    standard = fit_rogers_castro(groups, gains, width=5)
    student = fit_rogers_castro(groups, gains, ("student",), width=5)
    assert student.mean_absolute_error < 0.8 * standard.mean_absolute_error


def test_what_cannot_be_fitted_is_refused():
    with pytest.raises(ValueError, match="cannot determine"):
        fit_rogers_castro([20, 25, 30], [1, 2, 3])
    with pytest.raises(ValueError, match="more than zero"):
        fit_rogers_castro(SINGLE, -np.ones(101))
    with pytest.raises(ValueError, match="unknown components"):
        fit_rogers_castro(SINGLE, np.ones(101), ("dragon",))
    with pytest.raises(KeyError, match="unknown"):
        rogers_castro(SINGLE, FUNDAMENTAL | {"zeta": 1.0})
    with pytest.raises(KeyError):
        rogers_castro(SINGLE, {"a1": 0.1})


def test_ten_years_of_survival_join_the_oldest_groups_twice():
    # 85+ after ten years: 75-79, 80-84 and 85+ of the start.
    assert survive_ten_years([0, 8.0, 4.0, 2.0], [1, 1, 1, 0.5]).tolist() == [0, 0, 0, (8 + (4 + 2) * 0.5) * 0.5]
