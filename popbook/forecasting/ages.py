"""Broad ages to the horizon: the cohort model closed, year by year, on the forecast of all residents.

One run follows the central forecast of residents; seeded trajectories around it draw the total from the same
distribution as its interval, and fertility, mortality, the ages of the jump-off and the ages of migrants beside
it. In every trajectory the ages sum to the total and the accounting identity holds; quantiles are taken of shares
and ratios, never added.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from popbook.demography.life_table import SEXES
from popbook.demography.migration import rogers_castro
from popbook.forecasting.cohort import (
    AGES,
    MARGIN_BOUNDS,
    PERSONS,
    CohortBase,
    CohortInputs,
    close_step,
    read_cohort_model,
    rogers_castro_parameters,
)
from popbook.forecasting.concepts import forecast_concepts, last_year
from popbook.forecasting.intervals import draw_log_errors
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

Array = NDArray[np.float64]

PATHS = 1000
SEED = 20210630
"""Cut-off date of the first edition; the edition year is added, so that editions draw independently."""

# Method brief, 9.4; a first-order process for fertility, a random walk for mortality.
FERTILITY_SD, FERTILITY_PERSISTENCE = 0.05, 0.9
MORTALITY_SD = 0.01
BASE_SD = 0.005

# What is forecast is the share that the yearly survey will print. Its sample is about 5 per mille of residents (survey
# bulletin of 2016), drawn as whole blocks; ages cluster within blocks, and a design effect of 5 is assumed for that.
SURVEY_FRACTION = 0.005
DESIGN_EFFECT = 5.0

RULE = (
    "1000条队列要素轨迹的分位数；总量、生育、死亡、起点年龄和迁移年龄模式同时变动，并含年度抽样调查的抽样误差"
    "（样本约5‰，整群抽样，设计效应按5计）；只有一城数年可比，覆盖率不能实测"
)

Group = tuple[int, int]
COUNTS: dict[str, Group] = {
    "0_2": (0, 3),
    "3_5": (3, 6),
    "6_14": (6, 15),
    "15_17": (15, 18),
    "0_14": (0, 15),
    "15_59": (15, 60),
    "15_64": (15, 65),
    "60plus": (60, 101),
    "65plus": (65, 101),
    "80plus": (80, 101),
}
"""Broad ages and ages of services; upper bounds exclusive, 101 = open."""

SHARES = ("0_14", "15_59", "15_64", "60plus", "65plus", "80plus")

MEASURE_NAMES_ZH = {
    **{f"count_{name}": f"{label}人口" for name, label in {
        "0_2": "0—2岁", "3_5": "3—5岁", "6_14": "6—14岁", "15_17": "15—17岁", "0_14": "0—14岁", "15_59": "15—59岁",
        "15_64": "15—64岁", "60plus": "60岁及以上", "65plus": "65岁及以上", "80plus": "80岁及以上"}.items()},
    **{f"share_{name}": f"{label}比重" for name, label in {
        "0_14": "0—14岁", "15_59": "15—59岁", "15_64": "15—64岁", "60plus": "60岁及以上", "65plus": "65岁及以上",
        "80plus": "80岁及以上"}.items()},
    "dependency_15_64": "总抚养比（15—64岁口径）",
    "dependency_15_59": "总抚养比（15—59岁口径）",
    "births": "出生人数",
    "deaths": "死亡人数",
    "net_migration": "净迁入",
}  # fmt: skip


@dataclass(frozen=True)
class AgeForecast:
    """Broad ages and components of change of an edition, with intervals.

    Parameters
    ----------
    origin_year : int
        Jump-off: the last year whose ages are published. Totals that are published for later years are kept to.
    table : pandas.DataFrame
        Columns ``year, measure, name_zh, unit, point, lo80, hi80, lo95, hi95``; ``measure`` is a key of
        `MEASURE_NAMES_ZH`. Counts and flows in 万人, shares and ratios in per cent. Includes the jump-off year for
        shares, ratios and counts, with bounds equal to the point.
    pyramids : pandas.DataFrame
        Columns ``year, age, sex, population`` (persons, five-year groups, last open) of the central run at the
        jump-off and every fifth year.
    draws : dict of str to numpy.ndarray, shape (paths, years)
        The trajectories behind the intervals, by measure.
    years : numpy.ndarray of int
        Forecast years of the draws.
    hindcast : pandas.DataFrame
        Columns ``year, measure, modelled, published`` (per cent): the model run from the census without the ages of
        the bulletins, beside the bulletins.
    notes : tuple of str
        Chinese: base, mortality, fertility, migration, rule of the intervals.
    imbalance : float
        Largest deviation from births - deaths + net migration over all trajectories and years, persons.
    """

    origin_year: int
    table: pd.DataFrame
    pyramids: pd.DataFrame
    draws: dict[str, Array]
    years: NDArray[np.int64]
    hindcast: pd.DataFrame
    notes: tuple[str, ...]
    imbalance: float

    def measure(self, name: str) -> pd.DataFrame:
        """Rows of one measure, by year."""
        return self.table[self.table["measure"] == name].reset_index(drop=True)

    def probability(self, name: str, year: int, comparison: str, bound: float) -> float:
        """Share of the trajectories that meet a bound in a year.

        Parameters
        ----------
        name : str
            A measure of the draws.
        year : int
            A forecast year.
        comparison : {"ge", "gt", "le", "lt"}
        bound : float
            In the unit of the measure.

        Returns
        -------
        float
            Never exactly 0 or 1: with n trajectories it stays within half a trajectory of them.

        Raises
        ------
        KeyError
            If measure, year or comparison is unknown.
        """
        test: dict[str, Callable[[Array, float], NDArray[np.bool_]]] = {
            "ge": np.greater_equal, "gt": np.greater, "le": np.less_equal, "lt": np.less,
        }  # fmt: skip
        if year not in self.years or name not in self.draws or comparison not in test:
            raise KeyError(f"no draws of {name!r} for {year}, or unknown comparison {comparison!r}")
        values = self.draws[name][:, int(year - self.years[0])]
        half = 0.5 / len(values)
        return float(np.clip(test[comparison](values, bound).mean(), half, 1 - half))


def forecast_ages(ledger: Ledger, horizon_to: int | None = None, paths: int = PATHS) -> AgeForecast:
    """Forecast broad ages, dependency, service ages and components of change.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    horizon_to : int, optional
        Last year; that of the plan's calendar if none is given.
    paths : int
        Trajectories; seeded, so that the same ledger gives the same numbers.

    Returns
    -------
    AgeForecast

    Raises
    ------
    ValueError
        If too little is published.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> ages = forecast_ages(read_ledger().for_edition(2024), paths=50)
    >>> ages.origin_year, ages.imbalance < 0.001
    (2024, True)
    """
    return _forecast_ages(ledger, horizon_to or last_year(ledger), paths)


@remember(maxsize=16, on_disk=True)
def _forecast_ages(ledger: Ledger, horizon_to: int, paths: int) -> AgeForecast:
    resident = forecast_concepts(ledger, horizon_to).resident
    inputs, base = read_cohort_model(ledger, horizon_to, at_ages=True)
    # A total may be out before its ages are: those years are run on the published total, without an error of their own.
    known = resident.history.set_index("year")["value"].loc[lambda values: values.index > base.year]
    years = np.concatenate([known.index, resident.path["year"]]).astype(np.int64)
    centre = np.concatenate([known, resident.path["point"]]).astype(float) * PERSONS
    generator = np.random.default_rng(SEED + (ledger.edition or int(years[0]) - 1))
    central = _run(inputs, base.population[None], years, centre[None], _still(ledger, inputs, len(years)))
    errors = np.pad(draw_log_errors(resident.half_widths, paths, generator), ((0, 0), (len(known), 0)))
    drawn = draw_cohort_inputs(ledger, inputs, base, len(years), paths, generator)
    spread = _run(inputs, drawn.start, years, centre * np.exp(errors), drawn)
    table = _quantile_table(central, spread, years)
    start = _measures(base.population[None])
    jump_off = [_row(base.year, name, float(values[0]), *[float(values[0])] * 4) for name, values in start.items()]
    return AgeForecast(
        origin_year=base.year,
        table=pd.concat([pd.DataFrame(jump_off), table], ignore_index=True),
        pyramids=_pyramids(base, central, years),
        draws=spread.measures,
        years=years,
        hindcast=base.hindcast,
        notes=(*inputs.notes, f"区间：{RULE}"),
        imbalance=max(central.imbalance, spread.imbalance),
    )


@dataclass(frozen=True)
class CohortDraws:
    """What varies between trajectories of the cohort model; leading axis = trajectories.

    Parameters
    ----------
    start : numpy.ndarray, shape (paths, 2, ages)
        Jump-off population, persons; every trajectory has the published total.
    fertility, mortality : numpy.ndarray, shape (paths, years)
        Factors on fertility and on the hazard of death.
    profile : numpy.ndarray, shape (paths, 2, ages)
        Ages and sexes of net migrants; sums to 1.
    survey : numpy.ndarray, shape (paths, years, broad groups)
        Standard normal: sampling error of the yearly survey.
    """

    start: Array
    fertility: Array
    mortality: Array
    profile: Array
    survey: Array


@dataclass(frozen=True)
class _Run:
    population: Array  # (years, paths, 2, ages)
    measures: dict[str, Array]  # (paths, years)
    imbalance: float


def _still(ledger: Ledger, inputs: CohortInputs, steps: int) -> CohortDraws:
    ones = np.ones((1, steps))
    middle = (_model_profile(ledger) + inputs.migration_profile) / 2
    return CohortDraws(np.empty(0), ones, ones, middle[None], np.zeros((1, steps, len(MARGIN_BOUNDS))))


def _model_profile(ledger: Ledger) -> Array:
    return np.stack([rogers_castro(AGES, rogers_castro_parameters(ledger))] * 2) / 2


def draw_cohort_inputs(
    ledger: Ledger, inputs: CohortInputs, base: CohortBase, steps: int, paths: int, generator: np.random.Generator
) -> CohortDraws:
    """Draw fertility, mortality, jump-off ages, ages of migrants and survey errors of the cohort model.

    Parameters
    ----------
    ledger : Ledger
    inputs : CohortInputs
    base : CohortBase
    steps, paths : int
        Years and trajectories.
    generator : numpy.random.Generator
        Seeded by the caller.

    Returns
    -------
    CohortDraws
    """
    noise = generator.standard_normal((paths, steps))
    fertility = np.empty_like(noise)
    state = np.zeros(paths)
    for t in range(steps):
        state = FERTILITY_PERSISTENCE * state + FERTILITY_SD * noise[:, t]
        fertility[:, t] = state
    mortality = np.cumsum(MORTALITY_SD * generator.standard_normal((paths, steps)), axis=1)
    group = np.searchsorted(MARGIN_BOUNDS, AGES, side="right") - 1
    factor = np.exp(BASE_SD * generator.standard_normal((paths, len(MARGIN_BOUNDS))))[:, group]
    start = base.population * factor[:, None, :]
    start *= base.population.sum() / start.sum(axis=(1, 2), keepdims=True)
    # Ages of future migrants lie somewhere between those of the last decade and the model schedule.
    weight = generator.uniform(size=(paths, 1, 1))
    profile = weight * _model_profile(ledger) + (1 - weight) * inputs.migration_profile
    survey = generator.standard_normal((paths, steps, len(MARGIN_BOUNDS)))
    return CohortDraws(start, np.exp(fertility), np.exp(mortality), profile, survey)


def _run(inputs: CohortInputs, start: Array, years: NDArray[np.int64], totals: Array, draws: CohortDraws) -> _Run:
    population = start
    stocks, flows, imbalance = [], [], 0.0
    for t, year in enumerate(years):
        # Proportional hazards: a factor on all death rates is a power of the survival ratios.
        survival = inputs.survival_of(int(year)) ** draws.mortality[:, t, None, None]
        fertility = inputs.fertility * draws.fertility[:, t, None]
        after, births, deaths, moved = close_step(
            population, survival, fertility, inputs.sex_ratio_at_birth, draws.profile, totals[:, t]
        )
        change = after.sum(axis=(1, 2)) - population.sum(axis=(1, 2))
        imbalance = max(imbalance, float(np.abs(change - (births - deaths + moved)).max()))
        stocks.append(after)
        flows.append(np.stack([births, deaths, moved]) / PERSONS)
        population = after
    by_year = [_measures(_as_surveyed(stock, draws.survey[:, t])) for t, stock in enumerate(stocks)]
    measures = {name: np.stack([year[name] for year in by_year], axis=1) for name in by_year[0]}
    for i, name in enumerate(("births", "deaths", "net_migration")):
        measures[name] = np.stack([flow[i] for flow in flows], axis=1)
    return _Run(np.stack(stocks), measures, imbalance)


def _as_surveyed(population: Array, noise: Array) -> Array:
    """Population whose broad ages carry the sampling error of the yearly survey; the total stays.

    Multinomial errors of the shares: ``e[g] = z[g] - p[g] sum(z)`` with ``z[g] ~ N(0, p[g] / n)``.
    """
    group = np.searchsorted(MARGIN_BOUNDS, AGES, side="right") - 1
    by_age = population.sum(axis=-2)
    total = by_age.sum(axis=-1, keepdims=True)
    share = np.stack([by_age[..., group == g].sum(axis=-1) for g in range(len(MARGIN_BOUNDS))], axis=-1) / total
    shock = noise * np.sqrt(share * DESIGN_EFFECT / (SURVEY_FRACTION * total))
    factor = 1 + (shock - share * shock.sum(axis=-1, keepdims=True)) / share
    return population * factor[..., None, group]


def _measures(population: Array) -> dict[str, Array]:
    by_age = population.sum(axis=-2)
    total = by_age.sum(axis=-1)
    count = {name: by_age[..., low:high].sum(axis=-1) for name, (low, high) in COUNTS.items()}
    result = {f"count_{name}": values / PERSONS for name, values in count.items()}
    result |= {f"share_{name}": 100 * count[name] / total for name in SHARES}
    result["dependency_15_64"] = 100 * (count["0_14"] + count["65plus"]) / count["15_64"]
    result["dependency_15_59"] = 100 * (count["0_14"] + count["60plus"]) / count["15_59"]
    return result


def _quantile_table(central: _Run, spread: _Run, years: NDArray[np.int64]) -> pd.DataFrame:
    rows = []
    for name, values in spread.measures.items():
        bounds = np.quantile(values, [0.10, 0.90, 0.025, 0.975], axis=0)
        for t, year in enumerate(years):
            point = float(central.measures[name][0, t])
            low80, high80, low95, high95 = (float(bound) for bound in bounds[:, t])
            # The central run is not the median of a skewed spread; the interval always contains it.
            rows.append(
                _row(int(year), name, point, min(low80, point), max(high80, point), min(low95, point), max(high95, point))
            )
    return pd.DataFrame(rows)


def _row(year: int, name: str, point: float, lo80: float, hi80: float, lo95: float, hi95: float) -> dict[str, object]:
    unit = "%" if name.startswith(("share", "dependency")) else "万人"
    return {
        "year": year, "measure": name, "name_zh": MEASURE_NAMES_ZH[name], "unit": unit, "point": point,
        "lo80": lo80, "hi80": hi80, "lo95": lo95, "hi95": hi95,
    }  # fmt: skip


def _pyramids(base: CohortBase, central: _Run, years: NDArray[np.int64]) -> pd.DataFrame:
    chosen = {base.year: base.population}
    chosen |= {int(year): central.population[t, 0] for t, year in enumerate(years) if year % 5 == 0}
    group = np.minimum(AGES // 5 * 5, 85)
    rows = []
    for year, population in chosen.items():
        for i, sex in enumerate(SEXES):
            totals = np.bincount(group // 5, weights=population[i])
            rows += [(year, 5 * g, sex, float(value)) for g, value in enumerate(totals)]
    return pd.DataFrame(rows, columns=["year", "age", "sex", "population"])
