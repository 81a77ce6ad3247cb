"""Where the interval of residents comes from: measured errors, the cohort model's own draws, and a mixture of all members.

Three intervals stand beside each other. The headline takes the errors that the combination had in the peer cities
(`popbook.forecasting.intervals`). The cohort model draws its own uncertain inputs: fertility, mortality, ages, and
above all the volume of net migration. The mixture pools equal numbers of trajectories of every member, each with the
errors that this member had, so that the disagreement of the models is part of the spread (methods brief, 9.4-9.6).
Model-based intervals that carry only the scatter of one series are not used: with ten points they cover far too little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from popbook.forecasting.ages import SEED, draw_cohort_inputs
from popbook.forecasting.cohort import PERSONS, close_step, read_cohort_model
from popbook.forecasting.combine import combination_errors, select_members
from popbook.forecasting.concepts import (
    MIGRATION_PERSISTENCE,
    forecast_concepts,
    last_year,
    natural_growth,
    peer_growth,
    recent_growth,
)
from popbook.forecasting.intervals import (
    LEVELS,
    ErrorPool,
    calibrate_errors,
    draw_log_errors,
    student_parameters,
)
from popbook.forecasting.panel import read_windows, without_city
from popbook.forecasting.province import panel_errors
from popbook.forecasting.splice import splice_series
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

Array = NDArray[np.float64]

PATHS = 1000
"""Trajectories of each member."""

ASSUMED_MIGRATION_SD = 0.005
"""Yearly innovation of net migration over population where no peer city is visible: middle of the 4-6 per thousand of
the methods brief (9.4)."""

NORMAL_MAD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""

SERIES = "resident-rebased"
SOURCE_NAMES_ZH = {
    "combination": "组合预测的实测误差（本报告采用）",
    "cohort": "队列要素轨迹",
    "mixture": "各模型轨迹混合",
}


@dataclass(frozen=True)
class ResidentDraws:
    """Trajectories of residents by member.

    Parameters
    ----------
    years : numpy.ndarray of int, shape (horizon,)
    members : dict of str to numpy.ndarray, shape (paths, horizon)
        万人; as many paths for every member.
    imbalance : float
        Largest deviation of a trajectory of the cohort model from births - deaths + net migration, persons.
    """

    years: NDArray[np.int64]
    members: dict[str, Array]
    imbalance: float

    @property
    def mixture(self) -> Array:
        """All trajectories together, shape (members x paths, horizon)."""
        return np.concatenate(list(self.members.values()))


def draw_residents(ledger: Ledger, horizon_to: int | None = None, paths: int = PATHS) -> ResidentDraws:
    """Draw trajectories of every member of the combination.

    A trend member or the panel regression: its path times errors with the margins that the member had in the peer
    cities (those of the combination where fewer than twelve cities measure it), hanging together over the years. The
    cohort model: see `cohort_trajectories`.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    horizon_to : int, optional
        Last year; that of the plan's calendar if none is given.
    paths : int
        Trajectories of each member; seeded, so that the same ledger gives the same numbers.

    Returns
    -------
    ResidentDraws

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> drawn = draw_residents(read_ledger().for_edition(2020), paths=20)
    >>> sorted(drawn.members), drawn.mixture.shape
    (['cohort', 'damped_holt', 'theta'], (60, 15))
    """
    return _draw_residents(ledger, horizon_to or last_year(ledger), paths)


@remember(maxsize=16, on_disk=True)
def _draw_residents(ledger: Ledger, horizon_to: int, paths: int) -> ResidentDraws:
    resident = forecast_concepts(ledger, horizon_to).resident
    years = resident.path["year"].to_numpy(dtype=np.int64)
    horizon = len(years)
    generator = np.random.default_rng(SEED + (ledger.edition or int(years[0]) - 1))
    errors = panel_errors(ledger, SERIES, horizon)
    history = resident.history["value"].to_numpy(dtype=float)
    drawn = {}
    imbalance = 0.0
    for name, rows in resident.members.groupby("member", sort=False):
        member = str(name)
        if member == "cohort":
            drawn[member], imbalance = cohort_trajectories(ledger, horizon_to, paths, generator)
            continue
        model = calibrate_errors(errors[errors["member"] == member], horizon, measure_coverage=False)
        widths = model.log_half_widths(history, horizon) if model.is_scaled else resident.half_widths
        drawn[member] = rows["value"].to_numpy(dtype=float) * np.exp(
            draw_log_errors(widths, paths, generator)
        )
    return ResidentDraws(years, drawn, imbalance)


def cohort_trajectories(
    ledger: Ledger, horizon_to: int, paths: int, generator: np.random.Generator
) -> tuple[Array, float]:
    """Draw residents from the cohort model with uncertain fertility, mortality, ages and net migration.

    ``M[t] = P_0 (m_inf + (m_0 - m_inf) 0.8^h + d[t])``: the level ``m_inf`` is the recent growth of a peer city drawn
    at random, ``d`` a first-order autoregression with persistence 0.8 whose innovations have the spread of the peers'
    changes of growth. Fertility, mortality and ages as in `popbook.forecasting.ages.draw_cohort_inputs`.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    horizon_to : int, optional
        Last year; that of the plan's calendar if none is given.
    paths : int
    generator : numpy.random.Generator
        Seeded by the caller.

    Returns
    -------
    (numpy.ndarray, shape (paths, years), float)
        万人, and the largest deviation from the accounting identity, persons.
    """
    inputs, base = read_cohort_model(ledger, horizon_to)
    years = np.arange(base.year + 1, horizon_to + 1)
    draws = draw_cohort_inputs(ledger, inputs, base, len(years), paths, generator)
    peers, _ = peer_growth(ledger)
    level = generator.choice(peers, size=paths)
    start, size = recent_growth(splice_series(ledger, "resident_population")), float(base.population.sum())
    natural = natural_growth(inputs, base)
    shocks = migration_spread(ledger) * generator.standard_normal((paths, len(years)))
    population, deviation, imbalance = draws.start, np.zeros(paths), 0.0
    result = np.empty((paths, len(years)))
    for t, year in enumerate(years):
        deviation = MIGRATION_PERSISTENCE * deviation + shocks[:, t]
        rate = level + (start - level) * MIGRATION_PERSISTENCE ** (t + 1) + deviation - natural
        step = (
            inputs.survival_of(int(year)) ** draws.mortality[:, t, None, None], inputs.fertility * draws.fertility[:, t, None],
            inputs.sex_ratio_at_birth, draws.profile,
        )  # fmt: skip
        closed, births, deaths, _ = close_step(population, *step, None)
        after, _, _, moved = close_step(population, *step, closed.sum(axis=(1, 2)) + rate * size)
        change = after.sum(axis=(1, 2)) - population.sum(axis=(1, 2))
        imbalance = max(imbalance, float(np.abs(change - (births - deaths + moved)).max()))
        population = after
        result[:, t] = after.sum(axis=(1, 2)) / PERSONS
    return result, imbalance


def migration_spread(ledger: Ledger) -> float:
    """Standard deviation of the yearly change of growth in the peer cities, from the median absolute change.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.

    Returns
    -------
    float
        Log growth; `ASSUMED_MIGRATION_SD` where the vintage shows no clean window.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> migration_spread(read_ledger().for_edition(2020))
    0.005
    """
    windows = without_city(read_windows(ledger, SERIES, 4), ledger.city)
    if not windows:
        return ASSUMED_MIGRATION_SD
    changes = np.concatenate([np.diff(np.log(window.values), n=2) for window in windows])
    return float(NORMAL_MAD * np.median(np.abs(changes)))


def compare_intervals(ledger: Ledger, horizon_to: int | None = None) -> pd.DataFrame:
    """Intervals of residents from the three sources.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    horizon_to : int, optional
        Last year; that of the plan's calendar if none is given.

    Returns
    -------
    pandas.DataFrame
        Columns ``source, name_zh, year, h, median, lo80, hi80, lo95, hi95`` (万人); ``source`` is a key of
        `SOURCE_NAMES_ZH`.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> table = compare_intervals(read_ledger().for_edition(2020), 2025)
    >>> table.groupby("source").size().to_dict()
    {'cohort': 5, 'combination': 5, 'mixture': 5}
    """
    path = forecast_concepts(ledger, horizon_to).resident.path
    drawn = draw_residents(ledger, horizon_to)
    parts = [path.rename(columns={"point": "median"}).assign(source="combination")]
    for source, draws in (("cohort", drawn.members["cohort"]), ("mixture", drawn.mixture)):
        quantiles = np.quantile(draws, [0.5, 0.1, 0.9, 0.025, 0.975], axis=0)
        table = pd.DataFrame(quantiles.T, columns=["median", "lo80", "hi80", "lo95", "hi95"])
        parts.append(table.assign(source=source, year=drawn.years, h=np.arange(1, len(drawn.years) + 1)))
    result = pd.concat(parts, ignore_index=True)
    result["name_zh"] = result["source"].map(SOURCE_NAMES_ZH)
    return result[["source", "name_zh", "year", "h", "median", "lo80", "hi80", "lo95", "hi95"]]


@remember(maxsize=16, on_disk=True)
def panel_mixture_coverage(ledger: Ledger, horizon: int) -> pd.DataFrame:
    """How often the mixture held the truth in the peer cities that an edition shows: :func:`mixture_coverage` of residents.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    horizon : int
        Longest horizon.

    Returns
    -------
    pandas.DataFrame
        As of :func:`mixture_coverage`; every caller must leave it as it is.
    """
    return mixture_coverage(panel_errors(ledger, SERIES, horizon), horizon)


def mixture_coverage(errors: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """How often the mixture of the trend members held the truth in the peer cities, each city scored without itself.

    The mixture of Student distributions, one for each member around its own path, is computed in closed form: an
    actual lies inside the 80 % interval if the mean of the members' distribution functions there is between 0.1 and 0.9.

    Parameters
    ----------
    errors : pandas.DataFrame
        From `popbook.forecasting.province.panel_errors`.
    horizon : int
        Longest horizon.

    Returns
    -------
    pandas.DataFrame
        Columns ``h, n, cities, covered80, covered95``; empty if nothing can be measured.

    Examples
    --------
    >>> mixture_coverage(pd.DataFrame(columns=["region_id", "origin", "h", "member", "error", "scale"]), 5).empty
    True
    """
    columns = ["h", "n", "cities", "covered80", "covered95"]
    if errors.empty:
        return pd.DataFrame(columns=columns)
    chosen = select_members(errors)
    known = errors[errors["member"].isin(chosen)]
    combined = combination_errors(errors, chosen)
    pool, every = ErrorPool.of(known), ErrorPool.of(combined)
    city, member = known["region_id"].to_numpy(), known["member"].to_numpy()
    parts = []
    for region, own in known.groupby("region_id"):
        fallback = every.part(combined["region_id"].to_numpy() != region).widths(horizon)
        if fallback is None:
            continue
        share = np.empty(len(own))
        for name, rows in own.groupby("member").indices.items():
            found = pool.part((city != region) & (member == name)).widths(horizon)
            freedom, scale = np.array([student_parameters(*width) for width in (found or fallback)[0]]).T
            h = own["h"].to_numpy(dtype=int)[rows] - 1
            ratio = own["error"].to_numpy(dtype=float)[rows] / own["scale"].to_numpy(dtype=float)[rows]
            share[rows] = stats.t.cdf(ratio / scale[h], freedom[h])
        mean = own.assign(share=share).groupby(["origin", "h"])["share"].mean().reset_index()
        parts.append(mean.assign(region_id=region))
    if not parts:
        return pd.DataFrame(columns=columns)
    table = pd.concat(parts, ignore_index=True)
    for level in LEVELS:
        tail = (1 - level) / 2
        table[f"covered{100 * level:.0f}"] = table["share"].between(tail, 1 - tail)
    grouped = table.groupby("h")
    counts = grouped.agg(n=("share", "size"), cities=("region_id", "nunique"))
    return counts.join(grouped[["covered80", "covered95"]].mean()).reset_index()[columns]
