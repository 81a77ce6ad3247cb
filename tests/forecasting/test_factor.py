from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from popbook.forecasting.factor import fit_factor_regression, panel_table, relative_growth
from tests.forecasting.editions import edition, window


def test_the_first_edition_has_no_panel_to_regress_on():
    assert fit_factor_regression(edition(2020), 5) is None


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024])
def test_the_regression_prints_its_size_and_both_factors(year):
    result = fit_factor_regression(edition(year), 11)
    assert result is not None
    assert result.last_year == year
    assert result.cities >= 27
    assert result.n > 200
    assert result.coefficients.index.tolist() == ["growth_lag", "gdp_relative_lag"]
    assert (result.coefficients.standard_error > 0).all()
    assert np.isfinite(result.growth).all()
    # Growth persists, less than fully: otherwise the forecast would explode.
    assert 0 < result.coefficients.coefficient["growth_lag"] < 1


def test_coefficients_are_those_of_two_way_demeaning():
    # Frisch-Waugh: residuals of both sides on city and year dummies give the same slopes.
    from popbook.forecasting.panel import read_windows

    ledger = edition(2024)
    gdp = ledger.table("panel_gdp_growth")
    table = panel_table(read_windows(ledger, "resident-rebased", 3), gdp)
    dummies = pd.get_dummies(table[["region_id", "year"]].astype(str), dtype=float).to_numpy()
    columns = table[["growth", "growth_lag", "gdp_relative_lag"]].to_numpy(dtype=float)
    rest = columns - dummies @ np.linalg.lstsq(dummies, columns, rcond=None)[0]
    slopes = np.linalg.lstsq(rest[:, 1:], rest[:, 0], rcond=None)[0]
    result = fit_factor_regression(ledger, 1)
    assert result is not None
    assert result.coefficients.coefficient.to_numpy() == pytest.approx(slopes, abs=1e-8)
    explained = 1 - ((rest[:, 0] - rest[:, 1:] @ slopes) ** 2).sum() / (rest[:, 0] ** 2).sum()
    assert result.r_squared_within == pytest.approx(explained, abs=1e-8)


def test_no_growth_crosses_two_windows_of_a_city():
    gdp = pd.DataFrame({"region_id": "a", "year": range(2010, 2025), "value": 5.0})
    first, second = window("a", years=4, first_year=2011), window("a", years=3, first_year=2016)
    assert panel_table([first, second], gdp).year.tolist() == [2013, 2014, 2018]


def test_relative_growth_sums_to_nothing_each_year():
    table = relative_growth(edition(2024).table("panel_gdp_growth"))
    assert table.groupby("year").relative.sum().abs().max() < 1e-9
