"""Residents, registered and floating population together: they do not add, but the ratio of the two registers to residents
can be modelled, and every joint draw can be made to keep it.

``kappa = (H + F) / R`` is a relation between registers and nothing else: hukou counts include absent people, the register
of floating people includes short stays, so ``kappa`` is above 1. It was published for five years. Its logit between 1 and
`HIGHEST_RATIO` is a random walk from the last value, with the spread of its yearly changes; residents do not move, hukou
and floating population share the gap in proportion to their error variances (minimum trace with one constraint whose
coefficient is drawn anew in every draw).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from popbook.forecasting.ages import SEED
from popbook.forecasting.concepts import ConceptForecast, forecast_concepts, last_year
from popbook.forecasting.intervals import draw_log_errors
from popbook.forecasting.splice import splice_series
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

Array = NDArray[np.float64]

PATHS = 1000
LOWEST_RATIO, HIGHEST_RATIO = 1.0, 1.5
"""Bounds of the ratio: nobody who lives here is in neither register; beyond 1.5 every second resident would be in both."""

MINIMUM_YEARS = 4


@dataclass(frozen=True)
class ConceptDraws:
    """Joint trajectories of the three concepts, coherent in every draw; axis 0 = draws, axis 1 = years.

    Parameters
    ----------
    years : numpy.ndarray of int, shape (horizon,)
        Years that all three forecasts reach beyond their last published values.
    resident, hukou, floating : numpy.ndarray, shape (paths, horizon)
        万人; ``hukou + floating = ratio * resident``.
    ratio : numpy.ndarray, shape (paths, horizon)
    table : pandas.DataFrame
        Columns ``concept, year, single, point, lo80, hi80, lo95, hi95``: the concept's own forecast, the reconciled one and
        the quantiles of its draws; ``concept`` = resident, hukou, floating (万人) or ratio (no unit).
    """

    years: NDArray[np.int64]
    resident: Array
    hukou: Array
    floating: Array
    ratio: Array
    table: pd.DataFrame


def published_ratio(ledger: Ledger) -> pd.Series:
    """Ratio of hukou and floating population to residents in the years for which all three are known on one base.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.

    Returns
    -------
    pandas.Series
        By year; residents of rebuilt years count where nothing else is published.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> published_ratio(read_ledger().for_edition(2024)).round(3).to_dict()
    {2016: 1.32, 2017: 1.264, 2018: 1.245, 2019: 1.24, 2020: 1.259}
    """
    names = ("resident_population", "hukou_population", "floating_population")
    resident, hukou, floating = (
        pd.Series(item.values, index=item.years) for item in (splice_series(ledger, name) for name in names)
    )
    return ((hukou + floating) / resident).dropna()


def keep_ratio(
    resident: ArrayLike,
    hukou: ArrayLike,
    floating: ArrayLike,
    ratio: ArrayLike,
    variances: tuple[ArrayLike, ArrayLike],
) -> tuple[Array, Array]:
    """Move hukou and floating population the least so that ``hukou + floating = ratio * resident``.

    Minimum trace with one constraint: the gap is shared in proportion to the error variances. A part that would fall
    below zero stays at zero and the other one takes the rest.

    Parameters
    ----------
    resident, hukou, floating, ratio : array of float
        Shapes that broadcast.
    variances : (array of float, array of float)
        Error variances of hukou and floating population.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray)
        Hukou and floating population.

    Examples
    --------
    >>> h, f = keep_ratio([100.0], [60.0], [80.0], [1.2], (1.0, 3.0))
    >>> h.tolist(), f.tolist()
    ([55.0], [65.0])
    """
    whole = np.asarray(ratio, dtype=float) * np.asarray(resident, dtype=float)
    own, other = np.asarray(hukou, dtype=float), np.asarray(floating, dtype=float)
    first, second = (np.asarray(variance, dtype=float) for variance in variances)
    moved = own - (own + other - whole) * first / (first + second)
    moved = np.clip(moved, 0.0, whole)
    return moved, whole - moved


def draw_concepts(ledger: Ledger, horizon_to: int | None = None, paths: int = PATHS) -> ConceptDraws | None:
    """Draw the three concepts together.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    horizon_to : int, optional
        Last year; that of the plan's calendar if none is given.
    paths : int
        Seeded, so that the same ledger gives the same numbers.

    Returns
    -------
    ConceptDraws or None
        None where the ratio is known for fewer than four years.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> drawn = draw_concepts(read_ledger().for_edition(2024), paths=20)
    >>> bool(np.allclose(drawn.hukou + drawn.floating, drawn.ratio * drawn.resident))
    True
    """
    return _draw_concepts(ledger, horizon_to or last_year(ledger), paths)


@remember(maxsize=16, on_disk=True)
def _draw_concepts(ledger: Ledger, horizon_to: int, paths: int) -> ConceptDraws | None:
    known = published_ratio(ledger)
    if len(known) < MINIMUM_YEARS:
        return None
    forecasts = forecast_concepts(ledger, horizon_to)
    concepts = forecasts.concepts()
    first = max(item.origin_year for item in concepts.values()) + 1
    years = np.arange(first, horizon_to + 1)
    generator = np.random.default_rng(SEED + (ledger.edition or first - 1))
    draws = {name: _draw_one(item, years, paths, generator) for name, item in concepts.items()}
    centre = {
        name: item.path.set_index("year")["point"].reindex(years).to_numpy(dtype=float)
        for name, item in concepts.items()
    }
    variances = tuple(
        np.log(draws[name] / centre[name]).std(axis=0) ** 2 * centre[name] ** 2
        for name in ("hukou", "floating")
    )
    ratio = _draw_ratio(known, years, paths, generator)
    middle = np.full(len(years), float(known.iloc[-1]))
    hukou, floating = keep_ratio(
        draws["resident"], draws["hukou"], draws["floating"], ratio, (variances[0], variances[1])
    )
    points = keep_ratio(
        centre["resident"], centre["hukou"], centre["floating"], middle, (variances[0], variances[1])
    )
    rows = []
    for name, single, point, values in (
        ("resident", centre["resident"], centre["resident"], draws["resident"]), ("hukou", centre["hukou"], points[0], hukou),
        ("floating", centre["floating"], points[1], floating), ("ratio", middle, middle, ratio),
    ):  # fmt: skip
        bounds = np.quantile(values, [0.1, 0.9, 0.025, 0.975], axis=0)
        rows += [(name, int(year), single[t], point[t], *bounds[:, t]) for t, year in enumerate(years)]
    table = pd.DataFrame(rows, columns=["concept", "year", "single", "point", "lo80", "hi80", "lo95", "hi95"])
    return ConceptDraws(years, draws["resident"], hukou, floating, ratio, table)


def _draw_one(
    item: ConceptForecast, years: NDArray[np.int64], paths: int, generator: np.random.Generator
) -> Array:
    kept = item.path["year"].isin(years).to_numpy()
    errors = draw_log_errors(item.half_widths, paths, generator)
    return item.path["point"].to_numpy(dtype=float)[kept] * np.exp(errors[:, kept])


def _draw_ratio(
    known: pd.Series, years: NDArray[np.int64], paths: int, generator: np.random.Generator
) -> Array:
    years_known, values = known.index.to_numpy(dtype=int), known.to_numpy(dtype=float)
    share = (values - LOWEST_RATIO) / (HIGHEST_RATIO - LOWEST_RATIO)
    logit = np.log(share / (1 - share))
    changes = np.diff(logit) / np.diff(years_known)
    steps = years - years_known[-1]
    walk = np.cumsum(generator.standard_normal((paths, int(steps[-1]))), axis=1)[:, steps - 1]
    drawn = logit[-1] + np.sqrt((changes**2).mean()) * walk
    return np.asarray(LOWEST_RATIO + (HIGHEST_RATIO - LOWEST_RATIO) / (1 + np.exp(-drawn)))
