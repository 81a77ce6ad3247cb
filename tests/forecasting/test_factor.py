from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from popbook.forecasting.factor import (
    _effects,
    evaluate_factor_regression,
    fit_factor_regression,
    panel_table,
    relative_growth,
)
from popbook.forecasting.panel import read_windows
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


def test_paths_of_the_factor_are_ordered_and_the_member_follows_the_medium_one():
    result = fit_factor_regression(edition(2024), 11)
    assert result is not None
    paths = result.path_growth
    assert (paths["low"] <= paths["medium"]).all() and (paths["medium"] <= paths["high"]).all()
    assert paths.iloc[0].nunique() == 1  # the first year rests on the factor already published
    assert result.growth == pytest.approx(paths["medium"].to_numpy())


def test_narrower_samples_print_their_size_and_whether_the_sign_holds():
    evaluation = evaluate_factor_regression(edition(2024))
    assert evaluation is not None
    table = evaluation.specifications.set_index(["specification", "factor"])
    main = fit_factor_regression(edition(2024), 1)
    assert main is not None
    for factor in main.coefficients.index:
        assert table.loc[("panel", factor), "coefficient"] == pytest.approx(main.coefficients.coefficient[factor])
    assert (table.loc["province", "cities"] == 11).all()
    assert (table.loc["province_migration", "last_year"] == 2021).all()  # natural growth is known up to 2021
    assert (table["sign_holds"] == (table["coefficient"] > 0)).all()


def test_the_first_edition_has_nothing_to_evaluate():
    assert evaluate_factor_regression(edition(2020)) is None


def test_effects_are_found_again_in_a_made_panel():
    generator = np.random.default_rng(2)
    cities, years = [f"{i:02d}" for i in range(20)], range(2012, 2022)
    rows = []
    for i, city in enumerate(cities):
        lag = 1.0
        for year in years:
            factor = generator.standard_normal()
            growth = 0.1 * i + 0.05 * (year - 2012) + 0.5 * lag + 0.3 * factor
            rows.append((city, year, growth, lag, factor))
            lag = growth
    table = pd.DataFrame(rows, columns=["region_id", "year", "growth", "growth_lag", "gdp_relative_lag"])
    slopes, city, year = _effects(table)
    assert slopes == pytest.approx([0.5, 0.3])
    assert np.diff(city) == pytest.approx(np.full(19, 0.1))
    assert np.diff(year) == pytest.approx(np.full(9, 0.05)) and year.mean() == pytest.approx(0)


def test_a_city_left_out_is_scored_by_an_equation_that_never_saw_it():
    evaluation = evaluate_factor_regression(edition(2024))
    assert evaluation is not None
    table = evaluation.left_out.set_index("region_id")
    assert len(table) == 30 and (table[["mae_model", "mae_naive"]] > 0).all().all()
    windows = read_windows(edition(2024), "resident-rebased", 3)
    sample = panel_table(windows, edition(2024).table("panel_gdp_growth"))
    own, rest = sample[sample.region_id == "330200"], sample[sample.region_id != "330200"]
    slopes, city, year = _effects(rest)
    fitted = city.mean() + own.year.map(year) + slopes[0] * own.growth_lag + slopes[1] * own.gdp_relative_lag
    assert table.loc["330200", "mae_model"] == pytest.approx((own.growth - fitted).abs().mean())


def test_at_one_year_the_factor_is_known_so_ex_ante_is_ex_post():
    evaluation = evaluate_factor_regression(edition(2024))
    assert evaluation is not None
    scores = evaluation.scores.set_index("h")
    assert scores.loc[1, "mae_ex_ante"] == pytest.approx(scores.loc[1, "mae_ex_post"])
    assert scores.loc[3, "mae_ex_ante"] != pytest.approx(scores.loc[3, "mae_ex_post"])
    assert scores.n.is_monotonic_decreasing
