"""Tables that several tests of the demography floor read: the curated data and two textbook cases."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

DATA = Path(__file__).parents[2] / "data" / "demography"
PUBLISHED = Path(__file__).parent / "published"


def read_census() -> pd.DataFrame:
    return pd.read_csv(DATA / "census_age_sex.csv", dtype={"region_id": str})


def read_mortality(first_year: int, sex: str) -> pd.DataFrame:
    table = pd.read_csv(DATA / "mortality_rates.csv")
    return table[(table.first_year == first_year) & (table.sex == sex)].reset_index(drop=True)


def read_fertility(pattern_id: str) -> pd.DataFrame:
    table = pd.read_csv(DATA / "fertility_patterns.csv")
    return table[table.pattern_id == pattern_id].reset_index(drop=True)


def women_15_49(census_year: int = 2020) -> pd.Series:
    census = read_census()
    part = census[(census.census_year == census_year) & (census.region_id == "330100") & (census.sex == "female")]
    return part[part.age.between(15, 45)].set_index("age")["population"]
