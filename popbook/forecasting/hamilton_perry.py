"""Hamilton-Perry beside the cohort model: the city's two censuses carried ten years on, as a structural cross-check.

Both methods are given the same total, so that what differs is the age structure. The untempered run repeats the
migration of 2010-2020 and is an upper reference, the run without migration a lower one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from popbook.demography.age_structure import dependency_ratio
from popbook.demography.hamilton_perry import project_hamilton_perry
from popbook.demography.life_table import SEXES
from popbook.forecasting.ages import forecast_ages
from popbook.forecasting.cohort import (
    CENSUS_YEAR,
    EARLIER_CENSUS,
    PERSONS,
    five_year_survival,
    read_cohort_model,
)
from popbook.ledger.errors import MissingDataError
from popbook.ledger.store import Ledger

Array = NDArray[np.float64]

TARGET_YEAR = 2 * CENSUS_YEAR - EARLIER_CENSUS
"""Cohort change ratios of a decade reach one decade beyond the second census."""

CENSUS_SHARE_OF_YEAR = 10 / 12
"""1 November between two year-ends."""

METHOD_NAMES_ZH = {
    "cohort_component": "队列要素推算（与组合预测同总量）",
    "tempered": "队列变动比（调低到同一总量）",
    "untempered": "队列变动比（重复2010—2020年的迁移）",
    "no_migration": "队列变动比（没有迁移）",
}


def census_groups(ledger: Ledger, region_id: str, year: int) -> Array | None:
    """Persons of a region at a census in five-year groups, men and women.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    region_id : str
        Region with a census by age and sex.
    year : int
        Census.

    Returns
    -------
    numpy.ndarray, shape (2, 18), or None
        None where the edition does not show that census.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> int(census_groups(read_ledger().for_edition(2024), "330127", 2020).sum())
    328957
    """
    census = ledger.table("census_age_sex")
    part = census[(census["region_id"] == region_id) & (census["census_year"] == year)]
    if part.empty:
        return None
    table = part.groupby([part["age"] // 5, "sex"])["population"].sum().unstack("sex")
    return table[list(SEXES)].to_numpy(dtype=float).T


def decade_survival(ledger: Ledger) -> Array:
    """Survival over five years by sex and five-year group, averaged over the decade after the last census.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.

    Returns
    -------
    numpy.ndarray, shape (2, groups)
        The model's table starts after the census; a decade's improvement is small beside the migration measured.
    """
    inputs, _ = read_cohort_model(ledger, TARGET_YEAR)
    decade = inputs.survival[: TARGET_YEAR - CENSUS_YEAR].mean(axis=0)
    return np.stack([five_year_survival(decade[i]) for i in range(len(SEXES))])


def on_census_day(by_year: Any) -> Any:
    """Interpolate year-end figures to 1 November 2030.

    Parameters
    ----------
    by_year : pandas.Series or pandas.DataFrame
        Figures by year; of a table, the columns are years.

    Returns
    -------
    float or pandas.Series
    """
    before, after = by_year[TARGET_YEAR - 1], by_year[TARGET_YEAR]
    return (1 - CENSUS_SHARE_OF_YEAR) * before + CENSUS_SHARE_OF_YEAR * after


def compare_hamilton_perry(ledger: Ledger) -> pd.DataFrame:
    """Age structure of 2030 by the cohort model and by Hamilton-Perry.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition that shows the 2020 census by age and sex.

    Returns
    -------
    pandas.DataFrame
        Rows in the order of `METHOD_NAMES_ZH`; columns ``method, name_zh, year, theta`` (migration over that of
        2010-2020; NaN for the cohort model), ``population`` (万人), ``share_0_14, share_15_59, share_60plus,
        share_65plus, dependency_15_64`` (per cent). Day: 1 November 2030.

    Raises
    ------
    ValueError
        If the ledger does not show both censuses by age and sex.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> table = compare_hamilton_perry(read_ledger().for_edition(2024))
    >>> table.set_index("method").theta.between(0, 1)["tempered"].item()
    True
    """
    first, second = (_city_groups(ledger, year) for year in (EARLIER_CENSUS, CENSUS_YEAR))
    survival = decade_survival(ledger)
    forecast = forecast_ages(ledger)

    def point(name: str) -> float:
        return float(on_census_day(forecast.measure(name).set_index("year")["point"]))

    model = {name: point(name) for name in (*_SHARES, "dependency_15_64")}
    shares = [f"count_{name}" for name in ("0_14", "15_59", "60plus")]
    total = sum(point(name) for name in shares)

    def excess(theta: float) -> float:
        return float(project_hamilton_perry(first, second, survival, theta).sum()) / PERSONS - total

    theta = float(brentq(excess, -1.0, 2.0, xtol=1e-9))
    rows = [{"method": "cohort_component", "theta": np.nan, "population": total} | model]
    for method, value in (("tempered", theta), ("untempered", 1.0), ("no_migration", 0.0)):
        population = project_hamilton_perry(first, second, survival, value)
        rows.append({"method": method, "theta": value} | _structure(population.sum(axis=0)))
    table = pd.DataFrame(rows)
    table.insert(1, "name_zh", table["method"].map(METHOD_NAMES_ZH))
    table.insert(2, "year", TARGET_YEAR)
    return table


_SHARES = ("share_0_14", "share_15_59", "share_60plus", "share_65plus")


def _city_groups(ledger: Ledger, year: int) -> Array:
    groups = census_groups(ledger, ledger.city, year)
    if groups is None:
        raise MissingDataError(f"{year}年普查分年龄、性别人口")
    return groups


def _structure(by_age: Array) -> dict[str, float]:
    total = float(by_age.sum())
    child, aged, old = by_age[:3].sum(), by_age[12:].sum(), by_age[13:].sum()
    return {
        "population": total / PERSONS,
        "share_0_14": 100 * child / total,
        "share_15_59": 100 * (total - child - aged) / total,
        "share_60plus": 100 * aged / total,
        "share_65plus": 100 * old / total,
        "dependency_15_64": dependency_ratio(child, total - child - old, old),
    }
