"""Age structure: pyramids, broad groups, dependency under both definitions, and what changed between censuses.

All functions take the long table of `census_age_sex.csv` or one cut from it: columns ``census_year, region_id,
sex, age, population`` (persons; age = lower bound of the group, the last group open).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from popbook.ledger.store import Ledger

BROAD_GROUPS: dict[str, tuple[int, int | None]] = {
    "0_14": (0, 15),
    "15_59": (15, 60),
    "15_64": (15, 65),
    "60plus": (60, None),
    "65plus": (65, None),
    "80plus": (80, None),
}
"""Broad group -> lower bound, upper bound (exclusive); the names of the indicator ids."""

DEPENDENCY_DEFINITIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "15_64": ("15_64", ("0_14", "65plus")),
    "15_59": ("15_59", ("0_14", "60plus")),
}
"""Definition -> working-age group, dependent groups. The plan and the census bulletins print 15-64."""

KEY = ["census_year", "region_id"]


def read_census(ledger: Ledger) -> pd.DataFrame:
    """The census tables by age and sex that were published by the ledger's date.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    pandas.DataFrame
        Rows of `census_age_sex.csv`.
    """
    return ledger.table("census_age_sex")


def pyramid_table(census: pd.DataFrame, census_year: int, region_id: str) -> pd.DataFrame:
    """Population pyramid of one region: five-year groups, men, women, shares of the total.

    Ages 0 and 1-4 are joined, because a pyramid with groups of unequal width misleads the eye.

    Parameters
    ----------
    census : pandas.DataFrame
        Long table, see module.
    census_year : int
    region_id : str

    Returns
    -------
    pandas.DataFrame
        Columns ``age, label, male, female, male_share, female_share`` (persons; per cent of both sexes).

    Raises
    ------
    KeyError
        If the table has no such census or region.

    Examples
    --------
    >>> rows = [(2020, "r", s, a, 25) for s in ("male", "female") for a in (0, 5)]
    >>> census = pd.DataFrame(rows, columns=["census_year", "region_id", "sex", "age", "population"])
    >>> pyramid_table(census, 2020, "r")["male_share"].tolist()
    [25.0, 25.0]
    """
    part = census[(census["census_year"] == census_year) & (census["region_id"] == region_id)]
    if part.empty:
        raise KeyError(f"no census of {census_year} for region {region_id}")
    group = (part["age"] // 5 * 5).rename("age")
    table = part.groupby([group, "sex"])["population"].sum().unstack("sex")[["male", "female"]]
    total = table.to_numpy().sum()
    last = table.index[-1]
    result = table.reset_index()
    result.columns.name = None
    result.insert(1, "label", [f"{a}+" if a == last else f"{a}-{a + 4}" for a in table.index])
    for sex in ("male", "female"):
        result[f"{sex}_share"] = 100 * result[sex] / total
    return result


def broad_age_table(census: pd.DataFrame) -> pd.DataFrame:
    """Broad groups, shares and structure measures of every census and region of a table.

    Parameters
    ----------
    census : pandas.DataFrame
        Long table, see module.

    Returns
    -------
    pandas.DataFrame
        One row per census and region: ``total, male, female``, ``count_*`` (persons) and ``share_*`` (per cent)
        of each broad group, ``sex_ratio`` (men per 100 women), ``dependency_15_64``, ``dependency_15_59``,
        ``child_dependency``, ``aged_dependency`` (both over 15-64, per cent), ``ageing_index`` (65+ per 100
        aged 0-14) and ``median_age`` (years).

    Examples
    --------
    >>> rows = [(2020, "r", s, a, p) for s in ("male", "female") for a, p in ((0, 10), (15, 30), (60, 5), (65, 5))]
    >>> census = pd.DataFrame(rows, columns=["census_year", "region_id", "sex", "age", "population"])
    >>> broad_age_table(census)[["share_60plus", "dependency_15_64", "dependency_15_59"]].round(1).values.tolist()
    [[20.0, 42.9, 66.7]]
    """
    keys = [census[name] for name in KEY]
    table = census.groupby([*keys, "sex"])["population"].sum().unstack("sex")[["male", "female"]]
    table.insert(0, "total", table.sum(axis=1))
    for name, (low, high) in BROAD_GROUPS.items():
        inside = census[(census["age"] >= low) & (True if high is None else census["age"] < high)]
        counts = inside.groupby(KEY)["population"].sum()
        table[f"count_{name}"] = counts.reindex(table.index, fill_value=0)
    for name in BROAD_GROUPS:
        table[f"share_{name}"] = 100 * table[f"count_{name}"] / table["total"]
    table["sex_ratio"] = 100 * table["male"] / table["female"]
    for definition in DEPENDENCY_DEFINITIONS:
        table[f"dependency_{definition}"] = _dependency(table, definition)
    table["child_dependency"] = 100 * table["count_0_14"] / table["count_15_64"]
    table["aged_dependency"] = 100 * table["count_65plus"] / table["count_15_64"]
    table["ageing_index"] = 100 * table["count_65plus"] / table["count_0_14"]
    by_age = census.groupby([*KEY, "age"])["population"].sum()
    table["median_age"] = by_age.groupby(KEY).apply(
        lambda s: median_age(s.index.get_level_values("age"), s.to_numpy())
    )
    table.columns.name = None
    return table.reset_index()


def dependency_ratio(child: float, working: float, aged: float) -> float:
    """Dependants per 100 persons of working age, ``100 (child + aged) / working``.

    Two definitions are in use and must not be mixed: (0-14 and 65+) over 15-64, printed by the plan and the
    census, and (0-14 and 60+) over 15-59, which needs the 15-59 and 60+ counts.

    Parameters
    ----------
    child, working, aged : float
        Counts or shares of one definition.

    Returns
    -------
    float
        Per cent.

    Raises
    ------
    ValueError
        If nobody is of working age.

    Examples
    --------
    >>> round(dependency_ratio(13.02, 75.33, 11.66), 2)
    32.76
    """
    if working <= 0:
        raise ValueError("the working-age group is empty")
    return 100 * (child + aged) / working


def median_age(age: ArrayLike, population: ArrayLike) -> float:
    """Median age by linear interpolation within the group that holds it, years.

    Parameters
    ----------
    age : array of int, shape (groups,)
        Lower bounds, rising; the last group is open and must not hold the median.
    population : array of float, shape (groups,)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the median lies in the open group or nobody is counted.

    Examples
    --------
    >>> round(median_age([0, 10, 20], [10, 30, 5]), 2)
    14.17
    """
    bound = np.asarray(age, dtype=float)
    count = np.asarray(population, dtype=float)
    half = count.sum() / 2
    if half <= 0:
        raise ValueError("the population is empty")
    cumulative = np.cumsum(count)
    i = int(np.searchsorted(cumulative, half))
    if i == len(count) - 1:
        raise ValueError("the median lies in the open age group")
    below = cumulative[i] - count[i]
    return float(bound[i] + (half - below) / count[i] * (bound[i + 1] - bound[i]))


def compare_censuses(census: pd.DataFrame, first: int = 2010, second: int = 2020) -> pd.DataFrame:
    """Change of structure between two censuses, region by region, on the same boundaries.

    Parameters
    ----------
    census : pandas.DataFrame
        Long table, see module.
    first, second : int
        Census years.

    Returns
    -------
    pandas.DataFrame
        Per region: ``total_first, total_second, change, growth`` (per cent over the period), ``annual_growth``
        (per cent a year, geometric), and for each share ``share_*_first, share_*_second, share_*_change``
        (percentage points); regions present at both censuses only.

    Raises
    ------
    KeyError
        If one of the censuses is not in the table.

    Examples
    --------
    >>> rows = [(y, "r", s, a, n * k) for y, n in ((2010, 1), (2020, 2)) for s in ("male", "female")
    ...         for a, k in ((0, 10), (15, 30), (60, 10))]
    >>> census = pd.DataFrame(rows, columns=["census_year", "region_id", "sex", "age", "population"])
    >>> compare_censuses(census)[["growth", "annual_growth"]].round(2).values.tolist()
    [[100.0, 7.18]]
    """
    table = broad_age_table(census).set_index(KEY)
    for year in (first, second):
        if year not in table.index.get_level_values("census_year"):
            raise KeyError(f"no census of {year} in the table")
    before, after = table.loc[first], table.loc[second]
    common = before.index.intersection(after.index)
    before, after = before.loc[common], after.loc[common]
    result = pd.DataFrame({"total_first": before["total"], "total_second": after["total"]})
    result["change"] = result["total_second"] - result["total_first"]
    result["growth"] = 100 * result["change"] / result["total_first"]
    ratio = result["total_second"] / result["total_first"]
    result["annual_growth"] = 100 * (ratio ** (1 / (second - first)) - 1)
    for name in BROAD_GROUPS:
        column = f"share_{name}"
        result[f"{column}_first"] = before[column]
        result[f"{column}_second"] = after[column]
        result[f"{column}_change"] = after[column] - before[column]
    return result.reset_index()


def _dependency(table: pd.DataFrame, definition: str) -> pd.Series:
    working, dependants = DEPENDENCY_DEFINITIONS[definition]
    return 100 * sum(table[f"count_{name}"] for name in dependants) / table[f"count_{working}"]
