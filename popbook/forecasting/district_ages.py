"""Ages of the districts on the boundaries before April 2021: migration of the decade, and ten years ahead.

Cohorts of a district follow their change between two censuses (Hamilton-Perry), tempered towards the total
that `popbook.forecasting.districts` gives it; then all districts together are fitted to the city's ages of the
cohort model (iterative proportional fitting), so that districts add to the city by age and ages to districts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from popbook.demography.age_splitting import fit_margins
from popbook.demography.hamilton_perry import project_hamilton_perry
from popbook.demography.life_table import SEXES
from popbook.demography.migration import census_survival_residual
from popbook.forecasting.ages import forecast_ages
from popbook.forecasting.cohort import PERSONS
from popbook.forecasting.concepts import last_year
from popbook.forecasting.districts import FIRST_CENSUS, SECOND_CENSUS, forecast_districts
from popbook.forecasting.hamilton_perry import TARGET_YEAR, census_groups, decade_survival, on_census_day
from popbook.ledger.errors import MissingDataError
from popbook.ledger.store import Ledger

Array = NDArray[np.float64]

AGE_GROUPS: dict[str, slice] = {
    "0_14": slice(0, 3),
    "15_59": slice(3, 12),
    "60_64": slice(12, 13),
    "65plus": slice(13, None),
}
"""Groups that are fitted to the city, as slices of five-year groups."""

THETAS = np.linspace(0.0, 1.0, 101)
"""Migration over that of the decade before: from none to the same again. Beyond, the ages become absurd before the
total of a shrinking district is reached; the fitting scales what is left."""

CENTRAL_PATHS = 2
"""Only the central run of the city's ages is used; it does not depend on how many trajectories are drawn."""

RULE = (
    "各区同一批人按两次普查间的变动推到2030年，迁移调低到最接近该区总量推算，再与全市队列要素推算的年龄构成逐组配平："
    "各区之和等于全市，各年龄组之和等于该区总量；年龄构成没有可实测的区间"
)


def decade_migration(ledger: Ledger, unit_id: str) -> pd.DataFrame | None:
    """Net migration of the cohorts of a census unit between the two censuses, by forward survival.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    unit_id : str
        Region with a census by age and sex.

    Returns
    -------
    pandas.DataFrame or None
        Columns ``age`` (lower bound at the second census, from 10 on), ``before``, ``survivors``, ``after``,
        ``net_migration`` (万人, both sexes). None where the edition does not show both censuses.
    """
    first, second = (census_groups(ledger, unit_id, year) for year in (FIRST_CENSUS, SECOND_CENSUS))
    if first is None or second is None:
        return None
    survival = decade_survival(ledger)
    parts = [census_survival_residual(first[i], second[i], survival[i]) for i in range(len(SEXES))]
    columns = ["before", "survivors", "after", "net_migration"]
    total = sum((part[columns] for part in parts[1:]), parts[0][columns]) / PERSONS
    total.insert(0, "age", 5 * parts[0]["group"])
    return total.reset_index(drop=True)


@dataclass(frozen=True)
class DistrictAges:
    """Ages of all old districts on 1 November 2030.

    Parameters
    ----------
    table : pandas.DataFrame
        Index unit, columns `AGE_GROUPS`; 万人.
    city : pandas.Series
        The city by the same groups; the sum of the districts.
    theta : pandas.Series
        Migration over that of 2010-2020 at which the cohorts come nearest to the district's total.
    """

    table: pd.DataFrame
    city: pd.Series
    theta: pd.Series

    def broad(self, unit_id: str | None) -> list[float]:
        """Persons aged 0-14, 15-59 and 60 and over in a district, or in the city for None; 万人."""
        row = self.city if unit_id is None else self.table.T[unit_id]
        child, working, *older = (float(value) for value in row)
        return [child, working, sum(older)]

    def share(self, unit_id: str, *groups: str) -> float:
        """Share of age groups in a district, per cent."""
        row = dict(zip(AGE_GROUPS, self.table.loc[[unit_id]].to_numpy(dtype=float)[0], strict=True))
        return float(100 * sum(row[name] for name in groups) / sum(row.values()))


def project_district_ages(ledger: Ledger) -> DistrictAges | None:
    """Project the ages of the old districts to 2030, fitted to the city.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.

    Returns
    -------
    DistrictAges or None
        None where the edition does not show both censuses of the districts.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> project_district_ages(read_ledger().for_edition(2021)) is None
    True
    """
    totals = forecast_districts(ledger)
    if totals is None:
        return None
    wide = totals.table.pivot(index="region_id", columns="year", values="point")
    on_day = on_census_day(wide)
    survival = decade_survival(ledger)
    rows, thetas = {}, {}
    for unit_id, wanted in on_day.items():
        first, second = (census_groups(ledger, str(unit_id), year) for year in (FIRST_CENSUS, SECOND_CENSUS))
        if first is None or second is None:
            return None

        runs = [project_hamilton_perry(first, second, survival, theta).sum(axis=0) / PERSONS for theta in THETAS]
        nearest = int(np.argmin([abs(ages.sum() - wanted) for ages in runs]))
        rows[unit_id] = {name: runs[nearest][groups].sum() for name, groups in AGE_GROUPS.items()}
        thetas[unit_id] = THETAS[nearest]
    seed = pd.DataFrame(rows).T[list(AGE_GROUPS)]
    city = _city_groups(ledger)
    city *= on_day.sum() / city.sum()
    fitted = fit_margins(seed.to_numpy(), on_day.to_numpy(), city.to_numpy())
    return DistrictAges(pd.DataFrame(fitted, index=seed.index, columns=seed.columns), city, pd.Series(thetas))


def _city_groups(ledger: Ledger) -> pd.Series:
    table = forecast_ages(ledger, last_year(ledger), CENTRAL_PATHS).table
    wide = table[table["measure"].str.startswith("count_")].pivot(index="measure", columns="year", values="point")
    if TARGET_YEAR not in wide.columns:
        raise MissingDataError(f"{TARGET_YEAR}年的全市年龄推算")
    on_day = on_census_day(wide)
    counts = {name: on_day[f"count_{name}"] for name in ("0_14", "15_59", "65plus")}
    counts["60_64"] = on_day["count_60plus"] - counts["65plus"]
    return pd.Series(counts)[list(AGE_GROUPS)]
