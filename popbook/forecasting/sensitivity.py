"""What each assumption of the cohort model is worth, and what a given path of residents would require.

One assumption is changed at a time; the differences carry no probability and do not add. The migration rate is the
same whichever other assumption changes, so that a row shows that assumption alone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from popbook.demography.migration import rogers_castro
from popbook.forecasting.cohort import AGES, PERSONS, close_step, read_cohort_model, rogers_castro_parameters
from popbook.forecasting.concepts import cohort_totals, peer_growth
from popbook.forecasting.splice import splice_series
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

WORTH_YEAR = 2030

MORTALITY_STEP = 0.10
"""Death rates a tenth higher or lower: about a year of life expectancy, as much as a decade of improvement."""

BASE_STEP = 0.005
"""Half a per cent of the jump-off population, the base error of the method brief (9.4)."""


@remember(maxsize=16, on_disk=True)
def assumption_worth(ledger: Ledger, year: int = WORTH_YEAR) -> pd.DataFrame:
    """Run the cohort model with one assumption changed at a time.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    year : int
        Year of the comparison.

    Returns
    -------
    pandas.DataFrame
        Columns ``assumption, change, key`` (Chinese, Chinese, id) ``, population, worth`` (万人; worth = difference
        from the medium scenario); first row = medium scenario, then fertility, mortality, migration level, ages of
        migrants, jump-off, closed population.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> table = assumption_worth(read_ledger().for_edition(2024)).set_index("key")
    >>> bool(table.worth["migration_high"] > table.worth["fertility_high"] > 0 > table.worth["mortality_high"])
    True
    """
    spliced = splice_series(ledger, "resident_population")
    peers, _ = peer_growth(ledger)
    declared = ledger.table("scenarios", as_published=False).set_index(["scenario", "assumption"])["value"].astype(float)

    def quantile(scenario: str) -> float:
        return float(declared.loc[(scenario, "migration_peer_quantile")])

    def peer(scenario: str) -> float:
        return float(np.quantile(peers, quantile(scenario)))

    def total(migration: str = "medium", **changes: object) -> float:
        table = cohort_totals(ledger, spliced, year, peer(migration), **changes)  # type: ignore[arg-type]
        return float(table["population"].iloc[-1]) / PERSONS

    rows = [("中方案", "各项取中方案", "medium", total())]
    for scenario in ("low", "high"):
        change = float(declared.loc[(scenario, "fertility_change_2030")])
        name = f"2030年总和生育率{change:+.2f}".replace("-", "−")
        rows.append(("生育", name, f"fertility_{scenario}", total(fertility_change=change)))
    for key, factor, word in (("low", 1 - MORTALITY_STEP, "低"), ("high", 1 + MORTALITY_STEP, "高")):
        name = f"各年龄死亡率{word}{100 * MORTALITY_STEP:.0f}%"
        rows.append(("死亡", name, f"mortality_{key}", total(mortality_factor=factor)))
    for scenario in ("low", "high"):
        name = f"净迁移靠拢同类城市增速第{100 * quantile(scenario):.0f}百分位（每年{100 * peer(scenario):.2f}%）"
        rows.append(("迁移水平", name.replace("-", "−"), f"migration_{scenario}", total(scenario)))
    model = np.stack([rogers_castro(AGES, rogers_castro_parameters(ledger))] * 2) / 2
    rows.append(("迁移年龄", "年龄模式改用Rogers-Castro基本模式，男女各半", "migration_ages", total(profile=model)))
    for key, factor in (("low", 1 - BASE_STEP), ("high", 1 + BASE_STEP)):
        name = f"起点人口{100 * (factor - 1):+.1f}%".replace("-", "−")
        rows.append(("起点人口", name, f"base_{key}", total(base_factor=factor)))
    rows.append(("迁移水平", "没有迁移（分析参照）", "no_migration", total(with_migration=False)))
    table = pd.DataFrame(rows, columns=["assumption", "change", "key", "population"])
    return table.assign(worth=table["population"] - table["population"].iloc[0])


def required_migration(ledger: Ledger, path: pd.Series) -> pd.DataFrame:
    """Net migration that residents would need to follow a path, with the model's fertility and mortality.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    path : pandas.Series
        Residents (万人) by year, in some later years; between them growth is constant.

    Returns
    -------
    pandas.DataFrame
        Columns ``year, population, births, deaths, natural, net_migration`` (万人), from the year after the jump-off to the
        last year of the path.

    Raises
    ------
    ValueError
        If the path has no year after the jump-off.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> table = required_migration(read_ledger().for_edition(2024), pd.Series({2025: 1370.0}))
    >>> table.population.tolist(), bool(table.net_migration.item() > 100)
    ([1370.0], True)
    """
    last = int(max(path.index))
    inputs, base = read_cohort_model(ledger, last)
    ahead = path[path.index > base.year].sort_index()
    if ahead.empty:
        raise ValueError(f"the path has no year after {base.year}")
    known = pd.concat([pd.Series({base.year: base.population.sum() / PERSONS}), ahead])
    years = np.arange(base.year + 1, last + 1)
    totals = np.exp(np.interp(years, known.index.to_numpy(dtype=float), np.log(known.to_numpy(dtype=float))))
    population, rows = base.population, []
    for year, total in zip(years, totals, strict=True):
        population, births, deaths, moved = close_step(
            population, inputs.survival_of(int(year)), inputs.fertility, inputs.sex_ratio_at_birth,
            inputs.migration_profile, np.array(total * PERSONS),
        )  # fmt: skip
        flows = [float(value) / PERSONS for value in (births, deaths, moved)]
        rows.append((int(year), round(float(population.sum()) / PERSONS, 9), flows[0], flows[1], flows[0] - flows[1], flows[2]))
    return pd.DataFrame(rows, columns=["year", "population", "births", "deaths", "natural", "net_migration"])
