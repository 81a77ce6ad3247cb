from __future__ import annotations

import pandas as pd
import pytest

from popbook.exhibits.chapters.problems.observed import base_word, births_from_rate, is_comparable, sources_of
from popbook.ledger.model import Break, Indicator, Region
from popbook.ledger.series import SERIES_COLUMNS, Series

CITY = Region("330100", "330100", "杭州市", "Hangzhou", "city")


def series(name: str, unit: str, values: dict[int, tuple[float, str]], breaks: tuple[Break, ...] = ()) -> Series:
    rows = [(y, v, "", vintage, "A", f"s-{y}", "2024-01-01", "") for y, (v, vintage) in values.items()]
    indicator = Indicator(name, name, "", "", unit, "resident", "year_end", 1)
    return Series(indicator, CITY, pd.DataFrame(rows, columns=SERIES_COLUMNS), breaks)


def rebasing(indicator_id: str) -> Break:
    return Break("b", indicator_id, "", 2020, "rebasing", "first-published", "七普调整基数", "", "s")


def test_births_are_rate_times_mean_population() -> None:
    rates = series("rate", "‰", {2023: (6.7, "new")})
    stock = series("stock", "万人", {2022: (1237.6, "new"), 2023: (1252.2, "new")})
    made = births_from_rate(rates, stock)
    assert made[2023].births == pytest.approx(6.7 * (1237.6 + 1252.2) / 2 / 1000)
    assert made[2023].source_ids == ("s-2023", "s-2022")


def test_no_births_across_a_break_of_the_stock() -> None:
    rates = series("rate", "‰", {2020: (7.76, "new")}, (rebasing("rate"),))
    stock = series("stock", "万人", {2019: (1036.0, "first-published"), 2020: (1196.5, "new")}, (rebasing("stock"),))
    assert births_from_rate(rates, stock) == {}


def test_no_births_from_a_rate_on_another_base() -> None:
    rates = series("rate", "‰", {2019: (11.1, "first-published")}, (rebasing("rate"),))
    stock = series("stock", "万人", {2018: (1125.4, "rebased"), 2019: (1161.3, "rebased")}, (rebasing("stock"),))
    assert births_from_rate(rates, stock) == {}


def test_comparable_figures_stand_on_one_side() -> None:
    both = series("s", "%", {2019: (19.9, "first-published"), 2021: (17.3, "new"), 2022: (18.4, "new")}, (rebasing("s"),))
    old, first, second = both.observations()
    assert not is_comparable(old, first)
    assert is_comparable(first, second)


def test_bases_and_sources_are_named() -> None:
    both = series("s", "%", {2019: (19.9, "first-published"), 2021: (17.3, "annual-survey-on-2020-census")})
    assert [base_word(o) for o in both.observations()] == ["六普基础", "七普基础"]
    assert sources_of([*both.observations(), None, both.latest]) == ("s-2019", "s-2021")
