from __future__ import annotations

import pytest

from popbook.forecasting.ages import forecast_ages
from popbook.forecasting.hamilton_perry import METHOD_NAMES_ZH, compare_hamilton_perry
from popbook.ledger.store import read_ledger


@pytest.fixture(scope="module")
def ledger():
    return read_ledger().for_edition(2024)


def test_both_methods_have_the_same_total_and_nearly_the_same_ages(ledger):
    table = compare_hamilton_perry(ledger).set_index("method")
    assert list(table.index) == list(METHOD_NAMES_ZH)
    model, check = table.loc["cohort_component"], table.loc["tempered"]
    assert check["population"] == pytest.approx(model["population"], abs=1e-4)
    for share in ("share_0_14", "share_15_59", "share_60plus", "share_65plus"):
        assert check[share] == pytest.approx(model[share], abs=2.5)


def test_the_references_enclose_the_forecast(ledger):
    population = compare_hamilton_perry(ledger).set_index("method")["population"]
    assert population["no_migration"] < population["cohort_component"] < population["untempered"]


def test_shares_sum_to_one_hundred_and_the_day_lies_between_two_year_ends(ledger):
    table = compare_hamilton_perry(ledger)
    assert table[["share_0_14", "share_15_59", "share_60plus"]].sum(axis=1).tolist() == pytest.approx([100] * 4)
    shares = forecast_ages(ledger).measure("share_60plus").set_index("year")["point"]
    assert shares[2029] < table["share_60plus"].iloc[0] < shares[2030]


def test_before_the_second_census_is_published_by_age_it_says_so():
    with pytest.raises(ValueError, match="2020"):
        compare_hamilton_perry(read_ledger().for_edition(2021))
