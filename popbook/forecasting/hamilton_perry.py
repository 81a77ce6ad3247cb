"""Hamilton-Perry beside the cohort model: the city's two censuses carried ten years on, as a structural cross-check.

Both methods are given the same total, so that what differs is the age structure. The untempered run repeats the
migration of 2010-2020 and is an upper reference, the run without migration a lower one.
"""

from __future__ import annotations

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
    first, second = (_five_year_groups(ledger, year) for year in (EARLIER_CENSUS, CENSUS_YEAR))
    inputs, _ = read_cohort_model(ledger, TARGET_YEAR)
    # The table of survival starts in 2021 and is averaged over the decade that is projected.
    decade = inputs.survival[: TARGET_YEAR - CENSUS_YEAR].mean(axis=0)
    survival = np.stack([five_year_survival(decade[i]) for i in range(len(SEXES))])
    forecast = forecast_ages(ledger)
    model = {name: _on_census_day(forecast.measure(name)) for name in (*_SHARES, "dependency_15_64")}
    shares = [f"count_{name}" for name in ("0_14", "15_59", "60plus")]
    total = sum(_on_census_day(forecast.measure(name)) for name in shares)

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


def _five_year_groups(ledger: Ledger, year: int) -> Array:
    census = ledger.table("census_age_sex")
    part = census[(census["region_id"] == ledger.city) & (census["census_year"] == year)]
    if part.empty:
        raise MissingDataError(f"{year}年普查分年龄、性别人口")
    table = part.groupby([part["age"] // 5, "sex"])["population"].sum().unstack("sex")
    return table[list(SEXES)].to_numpy(dtype=float).T


def _on_census_day(measure: pd.DataFrame) -> float:
    points = measure.set_index("year")["point"]
    return float(
        (1 - CENSUS_SHARE_OF_YEAR) * points[TARGET_YEAR - 1] + CENSUS_SHARE_OF_YEAR * points[TARGET_YEAR]
    )


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
