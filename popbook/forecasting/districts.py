"""Districts to the horizon, on the boundaries before April 2021, coherent with the city in every draw.

Two censuses give each of the thirteen old units one change of its share (in logits); it fades by 0.9 a year like
the city's damped drift. Shares that move one by one do not add to one; the units are reconciled with the city draw
by draw (`popbook.forecasting.reconciliation`), the city kept as it is. No yearly figures exist on these boundaries,
so the widths are borrowed from the cities' errors, scaled by each unit's growth (at least the median unit's), and
cannot be measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from popbook.forecasting.concepts import ConceptForecast, forecast_concepts
from popbook.forecasting.intervals import LEVELS, draw_log_errors
from popbook.forecasting.reconciliation import reconcile, sum_constraint
from popbook.forecasting.trend import DAMPING
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

PATHS = 1000
SEED = 20210409
"""Day of the re-division of districts; the edition year is added."""

FIRST_CENSUS, SECOND_CENSUS = 2010, 2020
CENSUS_TABLES = ("census-2010-yearbook", "census-2020-yearbook")
NO_TABLES = "按旧区界的两次普查分区人口当时没有同时公布，不能按区推算"
RULE = "各区份额在两次普查间的变动按每年0.9衰减，逐条轨迹与全市预测衔接；各区没有历年数，区间宽度借用同类城市的误差，不能实测"


@dataclass(frozen=True)
class DistrictForecast:
    """Forecast of the old districts.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``region_id, name_zh, year, point, lo80, hi80, lo95, hi95, share`` (万人, share of the city in per
        cent); points add to the city's in every year, bounds do not.
    draws : numpy.ndarray, shape (paths, years, districts)
        万人; every draw adds to ``city_draws``.
    city_draws : numpy.ndarray, shape (paths, years)
    moved : float
        Largest share by which reconciliation moved a unit's own point forecast, per cent.
    """

    table: pd.DataFrame
    draws: NDArray[np.float64]
    city_draws: NDArray[np.float64]
    moved: float


@remember(maxsize=8, on_disk=True)
def forecast_districts(ledger: Ledger, horizon_to: int | None = None, paths: int = PATHS) -> DistrictForecast | None:
    """Forecast the thirteen old districts so that they add to the city.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    horizon_to : int
    paths : int
        Seeded draws.

    Returns
    -------
    DistrictForecast or None
        None where the edition does not show both censuses on these boundaries (`NO_TABLES`).

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> forecast_districts(read_ledger().for_edition(2021)) is None
    True
    """
    census = _census(ledger)
    if census is None:
        return None
    resident = forecast_concepts(ledger, horizon_to).resident
    years = resident.path["year"].to_numpy(dtype=int)
    city = resident.path["point"].to_numpy(dtype=float)
    first, second = (census[year].to_numpy(dtype=float) for year in (FIRST_CENSUS, SECOND_CENSUS))
    share0, share1 = first / first.sum(), second / second.sum()
    change = (_logit(share1) - _logit(share0)) / (SECOND_CENSUS - FIRST_CENSUS)
    since = years - SECOND_CENSUS
    fade = DAMPING * (1 - DAMPING**since) / (1 - DAMPING)
    own = city[:, None] / (1 + np.exp(-_logit(share1) - np.outer(fade, change)))
    # Widths run from the census, the last figure of a district, not from the city's last year.
    growth = np.abs(np.log(second / first)) / (SECOND_CENSUS - FIRST_CENSUS)
    scale = np.maximum(growth, np.median(growth))
    widths = _per_scale(resident, since)[:, None, :] * scale[None, :, None]
    generator = np.random.default_rng(SEED + (ledger.edition or int(years[0]) - 1))
    city_draws = city * np.exp(draw_log_errors(resident.half_widths, paths, generator))
    errors = np.stack([draw_log_errors(widths[:, i], paths, generator) for i in range(len(scale))], axis=-1)
    draws, point = np.empty_like(errors), np.empty_like(own)
    constraint = sum_constraint(len(scale))
    for t in range(len(years)):
        variance = np.append((own[t] * widths[t, :, 0]) ** 2, 0.0)
        base = np.column_stack([own[t] * np.exp(errors[:, t]), city_draws[:, t]])
        draws[:, t] = reconcile(base, constraint, variance)[:, :-1]
        point[t] = reconcile(np.append(own[t], city[t]), constraint, variance)[:-1]
    bounds = np.quantile(draws, [0.10, 0.90, 0.025, 0.975], axis=0)
    names = {region_id: ledger.regions[str(region_id)].name_zh for region_id in census.index}
    rows = [
        (region_id, names[region_id], int(year), point[t, i], *(min(b[t, i], point[t, i]) if j % 2 == 0 else
         max(b[t, i], point[t, i]) for j, b in enumerate(bounds)), 100 * point[t, i] / city[t])
        for i, region_id in enumerate(census.index) for t, year in enumerate(years)
    ]  # fmt: skip
    columns = ["region_id", "name_zh", "year", "point", "lo80", "hi80", "lo95", "hi95", "share"]
    moved = float(np.abs(100 * (point / own - 1)).max())
    return DistrictForecast(pd.DataFrame(rows, columns=columns), draws, city_draws, moved)


def _per_scale(resident: ConceptForecast, since: NDArray[np.int64]) -> NDArray[np.float64]:
    """Half-widths of the cities' errors in multiples of a scale, also beyond the horizon of the city's forecast."""
    table = resident.errors.half_width
    last = int(table.index[-1])
    within = table.reindex(np.minimum(since, last))[list(LEVELS)].to_numpy()
    return within * (np.maximum(since / last, 1.0) ** resident.errors.exponent)[:, None]


def _logit(share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log(share / (1 - share))


def _census(ledger: Ledger) -> pd.DataFrame | None:
    table = ledger.rows_of("census_population")
    rows = table[table["source_id"].isin(CENSUS_TABLES)]
    wide = rows[rows["region_id"] != ledger.city].pivot(index="region_id", columns="year", values="value")
    if not {FIRST_CENSUS, SECOND_CENSUS} <= set(wide.columns):
        return None
    return wide.dropna().astype(float)
