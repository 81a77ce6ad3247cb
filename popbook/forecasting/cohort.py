"""The city's cohort-component model: base population, assumptions from published figures, yearly steps.

What is known is used as published; what is not is calibrated and named:
- base: the city's census by age and sex of 2020 where its table is visible (from the 2022 edition on), before that
  the census of 2010 carried forward and fitted to the broad ages and sexes of the 2020 bulletin;
- mortality: UN China rates by age and sex, times the factor k that gives the published life expectancy;
- fertility: age shape of a census (Fuzhou 2020), level from the published birth rate of the last three years;
- migration: age shape from the two censuses of the city, volume closed on a yearly total.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from popbook.demography.age_splitting import cohort_births, fit_margins, split_to_single_ages
from popbook.demography.cohort_component import project_cohorts
from popbook.demography.fertility import age_specific_fertility
from popbook.demography.life_table import (
    MAXIMUM_AGE,
    SEXES,
    build_life_table,
    graduate_life_table,
    survival_ratios,
)
from popbook.demography.migration import census_survival_residual, rogers_castro
from popbook.ledger.errors import MissingDataError
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

Array = NDArray[np.float64]

PERSONS = 10_000.0
"""Persons in a unit of the ledger (万人)."""

AGES = np.arange(MAXIMUM_AGE + 1)
CENSUS_YEAR, EARLIER_CENSUS = 2020, 2010
YEAR_END_SHIFT = 2 / 12
"""From census day, 1 November, to the end of the year."""

BIRTH_RATE_YEARS = 3
FERTILITY_PATTERN = "fuzhou-2020-single-year"
MIGRATION_PATTERN = "rogers-castro-1981"
MIGRATION_SHIFT = 1
"""Five-year groups by which a cohort was younger, on average, when it migrated within the decade."""

MARGIN_BOUNDS = (0, 15, 60, 65)
"""Lower bounds of the broad groups that the bulletins print: 0-14, 15-59, 60-64, 65+."""

BASE_CENSUS = "2020年普查分年龄、性别人口"
BASE_FITTED = "2010年普查分年龄、性别人口推至2020年，再与2020年普查公报的性别和大年龄组总数衔接（2020年分年龄表当时尚未公布）"


@dataclass(frozen=True)
class CohortInputs:
    """All that the yearly steps need, for calendar years ``first_year`` on.

    Parameters
    ----------
    first_year : int
        Year in which the first step ends.
    survival : numpy.ndarray, shape (years, 2, 101)
        Survival ratios by year, sex (men, women) and single age.
    fertility : numpy.ndarray, shape (101,)
        Births per woman and year at the calibrated level.
    total_fertility : float
        Children per woman, of residents.
    mortality_scale : float
        k: city over UN China death rates.
    sex_ratio_at_birth : float
        Boys per girl.
    migration_profile : numpy.ndarray, shape (2, 101)
        Shares of net migrants by sex and age; sums to 1.
    notes : tuple of str
        Chinese: where each of them comes from.
    """

    first_year: int
    survival: Array
    fertility: Array
    total_fertility: float
    mortality_scale: float
    sex_ratio_at_birth: float
    migration_profile: Array
    notes: tuple[str, ...]

    def survival_of(self, year: int) -> Array:
        """Survival ratios of the step that ends in a year; the last year known goes on."""
        return self.survival[min(year - self.first_year, len(self.survival) - 1)]


@dataclass(frozen=True)
class CohortBase:
    """Population by sex and single age at a year-end.

    Parameters
    ----------
    year : int
    population : numpy.ndarray, shape (2, 101)
        Persons.
    description : str
        Chinese: how it was made.
    ages_year : int
        Last year whose ages and sexes are published; up to ``year`` the model carries them on, closed on the total.
    hindcast : pandas.DataFrame
        Columns ``year, measure, modelled, published`` (per cent): shares carried forward from the census without
        the bulletins' ages, next to what the bulletins printed.
    """

    year: int
    population: Array
    description: str
    ages_year: int
    hindcast: pd.DataFrame


@remember(maxsize=8, on_disk=True)
def read_cohort_model(
    ledger: Ledger, last_year: int, *, at_ages: bool = False
) -> tuple[CohortInputs, CohortBase]:
    """Inputs and jump-off population of the city's cohort model, from what the ledger shows.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    last_year : int
        Last projection year.
    at_ages : bool
        Let the base stand at the last year whose ages are published, also where a later total is.

    Returns
    -------
    (CohortInputs, CohortBase)
        The base stands at the last year with a published year-end population of confidence A or B.

    Raises
    ------
    ValueError
        If the ledger shows no census by age and sex or no life expectancy.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> inputs, base = read_cohort_model(read_ledger().for_edition(2022), 2035)
    >>> base.year, round(inputs.mortality_scale, 1)
    (2022, 0.6)
    """
    scale, note_mortality = _mortality_scale(ledger)
    survival = _survival_by_year(ledger, EARLIER_CENSUS + 1, last_year, scale)
    sex_ratio = _latest(ledger, "sex_ratio_at_birth") / 100
    shape = _fertility_shape(ledger)
    profile, note_migration = _migration_profile(ledger, survival)
    start, description = _census_base(ledger, survival, shape, sex_ratio, profile)
    # Up to the jump-off the level of fertility follows the published birth rates; a first guess starts the steps.
    draft = CohortInputs(
        CENSUS_YEAR + 1, survival[CENSUS_YEAR - EARLIER_CENSUS :], age_specific_fertility(1.0, shape, 1), 1.0, scale,
        sex_ratio, profile, (),
    )  # fmt: skip
    ages_year = _ages_year(ledger)
    totals = _values(ledger, "resident_population")
    year = ages_year if at_ages else max(totals)
    population, hindcast, implied = _carry_to_jump_off(ledger, draft, start, totals, ages_year, year)
    if implied:
        recent = list(implied.values())[-BIRTH_RATE_YEARS:]
        level = float(np.mean(recent))
        years = sorted(implied)[-BIRTH_RATE_YEARS:]
        span = f"{years[0]}—{years[-1]}年" if len(years) > 1 else f"{years[0]}年"
        note_fertility = f"总和生育率{level:.2f}：{span}常住人口出生率反推，此后保持不变"
    else:
        level = _fertility_of_children(ledger, start, shape, survival)
        note_fertility = f"总和生育率{level:.2f}：由2020年普查0—14岁人口反推的十五年平均，此后保持不变"
    inputs = CohortInputs(
        draft.first_year, draft.survival, age_specific_fertility(level, shape, 1), level, scale, sex_ratio, profile,
        (description, note_mortality, note_fertility, note_migration),
    )  # fmt: skip
    return inputs, CohortBase(year, population, description, ages_year, hindcast)


def close_step(
    population: Array, survival: Array, fertility: Array, sex_ratio: float, profile: Array, target: Array | None
) -> tuple[Array, Array, Array, Array]:
    """One yearly step whose net migration closes the population on a given total.

    Net gains enter by the age profile; net losses leave in proportion to those present times the same profile, so
    that no age group is emptied. Without a target the population is closed.

    Parameters
    ----------
    population : numpy.ndarray, shape (..., 2, ages)
        Persons at the start.
    survival : numpy.ndarray, shape (..., 2, ages)
    fertility : numpy.ndarray, shape (..., ages)
    sex_ratio : float
        Boys per girl.
    profile : numpy.ndarray, shape (..., 2, ages)
        Sums to 1 over sexes and ages.
    target : numpy.ndarray, shape (...), or None
        Persons at the end.

    Returns
    -------
    (population, births, deaths, net_migration)
        Arrays of shapes (..., 2, ages), (...), (...), (...).

    Examples
    --------
    >>> start, ones = np.full((2, 3), 100.0), np.full((2, 3), 1.0)
    >>> end, births, deaths, moved = close_step(start, ones, np.zeros(3), 1.05, ones / 6, np.array(660.0))
    >>> float(end.sum()), float(moved)
    (660.0, 60.0)
    """
    run = project_cohorts(population, survival[None], fertility[None], sex_ratio)
    survivors = run.population[1]
    births, deaths = run.births[0].sum(axis=-1), run.deaths[0].sum(axis=(-2, -1))
    if target is None:
        return survivors, births, deaths, np.zeros_like(births)
    volume = np.asarray(target) - survivors.sum(axis=(-2, -1))
    present = survivors * profile
    leaving = present / present.sum(axis=(-2, -1), keepdims=True)
    share = np.where((volume >= 0)[..., None, None], profile, leaving)
    # A loss larger than the mobile part of a group cannot be closed on; what is left stays non-negative.
    end = np.maximum(survivors + volume[..., None, None] * share, 0.0)
    return end, births, deaths, end.sum(axis=(-2, -1)) - survivors.sum(axis=(-2, -1))


def implied_fertility(births: float, before: Array, after: Array, shape: Array) -> float:
    """Total fertility that the births of a year imply for the women of a population by single age.

    Parameters
    ----------
    births : float
        Persons.
    before, after : numpy.ndarray, shape (2, ages)
        Population at the two year-ends.
    shape : numpy.ndarray, shape (ages,)
        Age shape of fertility, any level.

    Returns
    -------
    float

    Examples
    --------
    >>> women = np.array([[0.0, 0.0], [0.0, 1000.0]])
    >>> implied_fertility(10.0, women, women, np.array([0.0, 1.0]))
    0.01
    """
    women = (before[1] + after[1]) / 2
    return float(births / (women * age_specific_fertility(1.0, shape, 1)).sum())


def _carry_to_jump_off(
    ledger: Ledger, draft: CohortInputs, start: Array, totals: dict[int, float], ages_year: int, last: int
) -> tuple[Array, pd.DataFrame, dict[int, float]]:
    """Yearly steps on the published totals from the census year on, fitted on the way to the last bulletin that prints ages."""
    birth_rates = _values(ledger, "resident_birth_rate")
    population, rows, implied = start, [], {}
    level = 1.0
    for year in range(CENSUS_YEAR + 1, last + 1):
        target = np.array(totals[year] * PERSONS)
        mean = (totals[year] + totals[year - 1]) / 2 * PERSONS
        survival = draft.survival_of(year)
        arguments = (draft.sex_ratio_at_birth, draft.migration_profile, target)
        if year in birth_rates:
            births = birth_rates[year] / 1000 * mean
            trial = close_step(population, survival, draft.fertility, *arguments)[0]
            level = implied_fertility(births, population, trial, draft.fertility)
            implied[year] = level
        population = close_step(population, survival, draft.fertility * level, *arguments)[0]
        if year <= ages_year:
            rows += _hindcast_rows(ledger, year, population)
        if year == ages_year:
            population = _fit_to_bulletin(ledger, year, population)
    return population, pd.DataFrame(rows, columns=["year", "measure", "modelled", "published"]), implied


def _hindcast_rows(ledger: Ledger, year: int, population: Array) -> list[tuple[int, str, float, float]]:
    rows = []
    for measure, (low, high) in {"0_14": (0, 15), "15_59": (15, 60), "60plus": (60, 101), "65plus": (65, 101)}.items():
        published = ledger.observation(f"resident_share_{measure}", year)
        share = 100 * float(population[:, low:high].sum() / population.sum())
        rows.append((year, measure, share, np.nan if published is None else float(published.value)))
    return rows


_MARGINS = (*(f"resident_count_{name}" for name in ("0_14", "15_59", "60plus", "65plus")), *(f"resident_{sex}" for sex in SEXES))


def _ages_year(ledger: Ledger) -> int:
    """Last year with a total and all margins by age and sex; the census where no bulletin gave them since."""
    years = sorted(_values(ledger, "resident_population"), reverse=True)
    return next((year for year in years if all(ledger.observation(name, year) for name in _MARGINS)), CENSUS_YEAR)


def _fit_to_bulletin(ledger: Ledger, year: int, population: Array) -> Array:
    found = [ledger.observation(name, year) for name in _MARGINS]
    child, middle, over60, over65, *sexes = (float(item.value) for item in found if item is not None)
    columns = np.array([child, middle, over60 - over65, over65])
    rows = np.array(sexes)
    total = population.sum()
    groups = np.searchsorted(MARGIN_BOUNDS, AGES, side="right") - 1
    # Printed margins are rounded to 0.1; scaled to one total they agree.
    return fit_margins(population, rows / rows.sum() * total, columns / columns.sum() * total, groups)


def _census_base(
    ledger: Ledger, survival: Array, shape: Array, sex_ratio: float, profile: Array
) -> tuple[Array, str]:
    """Population by single age at the end of 2020, and how it was made."""
    census = ledger.table("census_age_sex")
    census = census[census["region_id"] == ledger.city]
    if (census["census_year"] == CENSUS_YEAR).any():
        population = _split_census(ledger, census, CENSUS_YEAR, survival)
        description = BASE_CENSUS
    else:
        population = _split_census(ledger, census, EARLIER_CENSUS, survival)
        first = population.sum()
        total = _census_margins(ledger)[0].sum()
        fertility = age_specific_fertility(1.0, shape, 1)
        for i in range(CENSUS_YEAR - EARLIER_CENSUS):
            target = np.array(first * (total / first) ** ((i + 1) / (CENSUS_YEAR - EARLIER_CENSUS)))
            population = close_step(population, survival[i], fertility, sex_ratio, profile, target)[0]
        groups = np.searchsorted(MARGIN_BOUNDS, AGES, side="right") - 1
        population = fit_margins(population, *_census_margins(ledger), groups)
        description = BASE_FITTED
    aged = (1 - YEAR_END_SHIFT) * population
    aged[:, 1:] += YEAR_END_SHIFT * population[:, :-1]
    aged[:, 0] = population[:, 0]
    aged[:, -1] = population[:, -1] + YEAR_END_SHIFT * population[:, -2]
    year_end = _values(ledger, "resident_population")[CENSUS_YEAR] * PERSONS
    return aged * (year_end / aged.sum()), description


def _census_margins(ledger: Ledger) -> tuple[Array, Array]:
    def count(name: str) -> float:
        return _latest(ledger, f"census_{name}", CENSUS_YEAR) * PERSONS

    rows = np.array([count("male"), count("female")])
    over60, over65 = count("count_60plus"), count("count_65plus")
    columns = np.array([count("count_0_14"), count("count_15_59"), over60 - over65, over65])
    return rows, columns * rows.sum() / columns.sum()


def _split_census(ledger: Ledger, census: pd.DataFrame, year: int, survival: Array) -> Array:
    births = ledger.table("china_births", as_published=False).set_index("year")["births"]
    weights = cohort_births(births, year, MAXIMUM_AGE)
    result = []
    for i, sex in enumerate(SEXES):
        part = census[(census["census_year"] == year) & (census["sex"] == sex)].sort_values("age")
        stationary = np.cumprod(survival[0, i])
        result.append(split_to_single_ages(part["age"], part["population"], stationary, weights))
    return np.stack(result)


def _mortality_scale(ledger: Ledger) -> tuple[float, str]:
    observed = _values(ledger, "life_expectancy")
    if not observed:
        raise MissingDataError("人均预期寿命的公布数")
    year = max(observed)
    rates = _death_rates(ledger)
    sex_ratio = _latest(ledger, "sex_ratio_at_birth") / 100
    weights = np.array([sex_ratio, 1.0]) / (1 + sex_ratio)

    def gap(k: float) -> float:
        ages = rates["age"]
        both = [
            build_life_table(ages, nmx=k * _interpolate(rates[sex], year), sex=sex)["ex"].iloc[0] for sex in SEXES
        ]
        return float(weights @ np.array(both)) - observed[year]

    scale = float(brentq(gap, 0.2, 2.0, xtol=1e-6))
    note = (
        f"死亡水平：《世界人口展望2024》中国分年龄死亡率乘{scale:.2f}，使预期寿命等于{year}年公布的{observed[year]:.2f}岁"
        "（年龄形状是各年度版共用的方法标准，只有水平随当年公布数）"
    )
    return scale, note


def _survival_by_year(ledger: Ledger, first_year: int, last_year: int, scale: float) -> Array:
    rates = _death_rates(ledger)
    years = []
    for year in range(first_year, last_year + 1):
        by_sex = []
        for sex in SEXES:
            table = build_life_table(rates["age"], nmx=scale * _interpolate(rates[sex], year), sex=sex)
            by_sex.append(survival_ratios(graduate_life_table(table, sex)["nLx"]))
        years.append(np.stack(by_sex))
    return np.stack(years)


def _death_rates(ledger: Ledger) -> dict[str, pd.DataFrame | Array]:
    """UN rates by sex: rows = ages, columns = middle of the five-year periods. A model standard, not a fact of
    the city; the edition's own life expectancy sets its level."""
    table = ledger.table("mortality_rates", as_published=False)
    result: dict[str, pd.DataFrame | Array] = {}
    for sex in SEXES:
        part = table[table["sex"] == sex]
        wide = part.pivot(index="age", columns="first_year", values="nmx")
        wide.columns = pd.Index(wide.columns.to_numpy(dtype=float) + 2.5)
        result[sex] = wide
        result["age"] = wide.index.to_numpy()
    return result


def _interpolate(rates: pd.DataFrame | Array, year: int) -> Array:
    assert isinstance(rates, pd.DataFrame)
    middle = rates.columns.to_numpy(dtype=float)
    log = np.log(rates.to_numpy(dtype=float))
    return np.exp([np.interp(year + 0.5, middle, row) for row in log])


def _fertility_shape(ledger: Ledger) -> Array:
    table = ledger.table("fertility_patterns", as_published=False)
    part = table[table["pattern_id"] == FERTILITY_PATTERN]
    shape = np.zeros(len(AGES))
    shape[part["age"].to_numpy(dtype=int)] = part["value"]
    return shape


def _fertility_of_children(ledger: Ledger, population: Array, shape: Array, survival: Array) -> float:
    """Fertility of the fifteen years before the census, by reviving the children aged 0-14 (reverse survival)."""
    rates = age_specific_fertility(1.0, shape, 1)
    births_at_one, revived = 0.0, 0.0
    women = population[1].copy()
    for age in range(15):
        alive = np.prod(survival[-1][:, : age + 1], axis=1)
        revived += float((population[:, age] / alive).sum())
        births_at_one += float((women * rates).sum())
        # Women a year earlier: a year younger. Migrants of the year are counted as if always here, as are children.
        women = np.append(women[1:], 0.0)
    return revived / births_at_one


def _migration_profile(ledger: Ledger, survival: Array) -> tuple[Array, str]:
    census = ledger.table("census_age_sex")
    census = census[census["region_id"] == ledger.city]
    fundamental = rogers_castro(AGES, rogers_castro_parameters(ledger))
    if not (census["census_year"] == CENSUS_YEAR).any():
        return np.stack([fundamental, fundamental]) / 2, "迁移年龄模式：Rogers-Castro基本模式，男女各半"
    profile = []
    for i, sex in enumerate(SEXES):
        part = census[census["sex"] == sex]
        table = part.groupby(["census_year", part["age"] // 5])["population"].sum().unstack("census_year")
        before, after = table[EARLIER_CENSUS], table[CENSUS_YEAR]
        residual = census_survival_residual(before, after, five_year_survival(survival[:10, i].mean(axis=0)))
        moved = np.maximum(residual["net_migration"].to_numpy(), 0.0)
        shifted = np.zeros(len(before))
        shifted[2 - MIGRATION_SHIFT : len(shifted) - MIGRATION_SHIFT] = moved
        shifted[0] = shifted[1]  # children under five come with their parents, like those a little older
        bounds = 5 * np.arange(len(shifted))
        profile.append(split_to_single_ages(bounds, shifted, np.cumprod(survival[0, i])))
    result = np.stack(profile)
    return result / result.sum(), "迁移年龄模式：2010年与2020年两次普查同一批人的净变化"


def rogers_castro_parameters(ledger: Ledger) -> dict[str, float]:
    """Parameters of the fundamental Rogers-Castro schedule in the data folder.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    dict of str to float
        Keys as `popbook.demography.migration.rogers_castro` wants them.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> rogers_castro_parameters(read_ledger())["mu2"]
    20.0
    """
    table = ledger.table("migration_patterns", as_published=False)
    part = table[table["pattern_id"] == MIGRATION_PATTERN]
    return dict(zip(part["parameter"], part["value"].astype(float), strict=True))


def five_year_survival(ratios: Array) -> Array:
    """Five-year ratios of the groups 0-4, ..., 85+ from single-year ratios of a stationary population.

    Parameters
    ----------
    ratios : numpy.ndarray, shape (101,)
        Convention of `popbook.demography.life_table.survival_ratios`.

    Returns
    -------
    numpy.ndarray, shape (18,)

    Examples
    --------
    >>> five_year_survival(np.full(101, 0.99))[1].round(6) == round(0.99**5, 6)
    np.True_
    """
    lived = np.cumprod(ratios)
    lived[-1] = lived[-2] * ratios[-1] / (1 - ratios[-1])  # the open group lives on
    groups = np.bincount(np.minimum(AGES // 5, 17), weights=lived)
    return survival_ratios(groups, radix=1.0, step=5)


def _values(ledger: Ledger, indicator_id: str) -> dict[int, float]:
    """Values of one vintage since the census, confidence A or B, by year (life expectancy: all years)."""
    frame = ledger.series(indicator_id).frame
    frame = frame[frame["confidence"] != "C"]
    if indicator_id != "life_expectancy":
        frame = frame[frame["year"] >= CENSUS_YEAR]
    return {int(year): float(value) for year, value in zip(frame["year"], frame["value"], strict=True)}


def _latest(ledger: Ledger, indicator_id: str, year: int | None = None) -> float:
    found = ledger.latest(indicator_id) if year is None else ledger.observation(indicator_id, year)
    if found is None:
        raise MissingDataError(f"{ledger.indicators[indicator_id].name_zh}的公布数")
    return float(found.value)
