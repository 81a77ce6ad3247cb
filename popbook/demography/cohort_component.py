"""Cohort-component projection: one or two sexes, steps of one or five years, many trajectories at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

TIMINGS = ("end", "even")
FEMALE = -1
"""Women are the last entry of the sex axis, so that one-sex runs use the same arrays."""

BLOCK = 50
"""Trajectories projected together: their arrays stay in the processor's cache."""

Array = NDArray[np.float64]


class NegativePopulationError(ValueError):
    """Migration takes more people from an age group than it holds.

    Parameters
    ----------
    step : int
        Index of the step, from 0.
    cells : numpy.ndarray, shape (cells, axes)
        Index of every negative cell of that step: trajectory axes, sex, age.
    """

    def __init__(self, step: int, cells: NDArray[np.intp]) -> None:
        super().__init__(f"migration takes more people from an age group than it holds in step {step + 1}")
        self.step = step
        self.cells = cells


@dataclass(frozen=True)
class Projection:
    """What a cohort-component run produced.

    Parameters
    ----------
    population : numpy.ndarray, shape (steps + 1, ..., sexes, ages)
        Persons at the start and after each step.
    births : numpy.ndarray, shape (steps, ..., sexes)
        Births of each step.
    deaths : numpy.ndarray, shape (steps, ..., sexes, ages)
        Deaths of each step by the age group that the dead would have reached at its end; the first group holds
        the deaths among the births of the step.
    net_migration : numpy.ndarray, shape (steps, ..., sexes, ages)
        Net migrants of each step.
    step : int
        Years per step.
    """

    population: NDArray[np.float64]
    births: NDArray[np.float64]
    deaths: NDArray[np.float64]
    net_migration: NDArray[np.float64]
    step: int

    @property
    def imbalance(self) -> float:
        """Largest ``|P1 - (P0 + B - D + M)|`` over steps, trajectories and sexes, persons."""
        stock = self.population.sum(axis=-1)
        change = stock[1:] - stock[:-1]
        flows = self.births - self.deaths.sum(axis=-1) + self.net_migration.sum(axis=-1)
        return float(np.abs(change - flows).max())

    def to_frame(self, start_year: int, ages: ArrayLike, sexes: tuple[str, ...] = ("male", "female")) -> pd.DataFrame:
        """Long table ``year, sex, age, component, value`` of a run with one trajectory.

        Parameters
        ----------
        start_year : int
            Year of the first population.
        ages : array of int, shape (ages,)
            Lower bounds.
        sexes : tuple of str
            Names along the sex axis.

        Returns
        -------
        pandas.DataFrame
            Flows carry the year in which their step ends.

        Raises
        ------
        ValueError
            If the run has more than one trajectory.
        """
        if self.population.ndim != 3:
            raise ValueError("to_frame needs a run with one trajectory")
        start = np.asarray(ages, dtype=int)
        births = np.zeros_like(self.net_migration)
        births[..., 0] = self.births
        parts = []
        for component, values, first in (
            ("population", self.population, 0), ("births", births, 1),
            ("deaths", self.deaths, 1), ("net_migration", self.net_migration, 1),
        ):  # fmt: skip
            years = start_year + self.step * (np.arange(len(values)) + first)
            index = pd.MultiIndex.from_product([years, sexes, start], names=["year", "sex", "age"])
            frame = pd.DataFrame({"value": values.reshape(-1)}, index=index).reset_index()
            parts.append(frame.assign(component=component))
        table = pd.concat(parts, ignore_index=True)
        only_births = (table["component"] == "births") & (table["age"] > start[0])
        return table.loc[~only_births, ["year", "sex", "age", "component", "value"]].reset_index(drop=True)


def project_cohorts(
    population: ArrayLike,
    survival: ArrayLike,
    fertility: ArrayLike,
    sex_ratio_at_birth: ArrayLike,
    net_migration: ArrayLike | None = None,
    step: int = 1,
    timing: str = "end",
    one_sex: str = "female",
) -> Projection:
    """Project a population by cohorts (Preston, Heuveline & Guillot 2001, boxes 6.1 and 6.2).

    Survivors are ``S[x] P[x-1]``, the open group ``S[w] (P[w-1] + P[w])``. Births are
    ``step * sum_x f[x] (W0[x] + W1[x]) / 2`` with the women at the start and at the end of the step, boys
    ``SRB / (1 + SRB)`` of them, and ``S[0]`` of the births survive into the first group. Timing ``"end"``: all
    migrants arrive after survival and bear no children within the step. Timing ``"even"``: half of them are
    added before survival and half after it, and both halves count as women at risk.

    Parameters
    ----------
    population : array of float, shape (..., sexes, ages)
        Persons by age groups of ``step`` years, the last one open; women are the last sex. Leading axes are
        trajectories.
    survival : array of float, shape (steps, ..., sexes, ages)
        Survival ratios in the convention of `popbook.demography.life_table.survival_ratios`.
    fertility : array of float, shape (steps, ..., ages)
        Births per woman and year; in a run of men alone per man.
    sex_ratio_at_birth : float or array, shape (steps, ...)
        Boys per girl, about 1.05 (not per hundred).
    net_migration : array of float, shape (steps, ..., sexes, ages), optional
        Net migrants of a whole step, persons. None = closed population.
    step : {1, 5}
        Years per step and per age group.
    timing : {"end", "even"}
        When migrants arrive.
    one_sex : {"female", "male"}
        Which sex a population with one sex is: it receives the girls or the boys among the births.

    Returns
    -------
    Projection

    Raises
    ------
    ValueError
        If shapes disagree, a number is missing, a ratio leaves [0, 1], or a sex ratio looks like a percentage.
    NegativePopulationError
        If migration takes more people from a group than it holds.

    Examples
    --------
    >>> run = project_cohorts([[100.0, 100.0, 100.0]], [[[1.0, 1.0, 0.5]]], [[0.0, 0.0, 0.0]], 1.05)
    >>> run.population[1].tolist()
    [[0.0, 100.0, 100.0]]
    """
    start = np.asarray(population, dtype=float)
    ratios = np.asarray(survival, dtype=float)
    rates = np.asarray(fertility, dtype=float)
    boys_per_girl = np.asarray(sex_ratio_at_birth, dtype=float)
    moved = None if net_migration is None else np.asarray(net_migration, dtype=float)
    _check_inputs(start, ratios, rates, boys_per_girl, moved, step, timing, one_sex)
    steps = len(ratios)
    boys_per_girl = np.broadcast_to(boys_per_girl, (steps, *boys_per_girl.shape[1:]))
    parts = [start.shape[:-2], ratios.shape[1:-2], rates.shape[1:-1], boys_per_girl.shape[1:]]
    lead = np.broadcast_shapes(*parts, () if moved is None else moved.shape[1:-2])
    sexes, ages = start.shape[-2:]
    stock = np.empty((steps + 1, *lead, sexes, ages))
    births = np.empty((steps, *lead, sexes))
    deaths = np.empty((steps, *lead, sexes, ages))
    arrived = np.broadcast_to(np.zeros(()) if moved is None else moved, (steps, *lead, sexes, ages))
    early = 0.5 if timing == "even" and moved is not None else 0.0
    stock[0] = start
    for t in range(steps):
        # Half of the migrants that come evenly are there from the start and survive with everybody else.
        at_risk = stock[t] + early * arrived[t] if early else stock[t]
        if early and at_risk.min() < 0:
            raise NegativePopulationError(t, np.argwhere(at_risk < 0))
        _survive(at_risk, ratios[t], stock[t + 1], deaths[t])
        women_end = stock[t + 1, ..., FEMALE, :]
        if early:
            women_end = women_end + early * arrived[t, ..., FEMALE, :]
        # The first group of the survivors is still empty; it holds no mothers.
        total = step * (rates[t] * (at_risk[..., FEMALE, :] + women_end)).sum(axis=-1) / 2
        girls = 1 / (1 + boys_per_girl[t])
        if sexes == 2:
            births[t, ..., 0] = total * (1 - girls)
            births[t, ..., 1] = total * girls
        else:
            births[t, ..., 0] = total * (girls if one_sex == "female" else 1 - girls)
        stock[t + 1, ..., 0] = births[t] * ratios[t][..., 0]
        deaths[t, ..., 0] = births[t] * (1 - ratios[t][..., 0])
        if moved is not None:
            stock[t + 1] += (1 - early) * arrived[t]
            if stock[t + 1].min() < 0:
                raise NegativePopulationError(t, np.argwhere(stock[t + 1] < 0))
    return Projection(stock, births, deaths, arrived, step)


def _survive(population: Array, ratios: Array, survivors: Array, deaths: Array) -> None:
    """Fill survivors and deaths by the group reached at the end of the step; the first group is left empty."""
    survivors[..., 0] = 0.0
    np.multiply(population[..., :-1], ratios[..., 1:], out=survivors[..., 1:])
    np.subtract(population[..., :-1], survivors[..., 1:], out=deaths[..., 1:])
    oldest = population[..., -1]
    survivors[..., -1] += oldest * ratios[..., -1]
    deaths[..., -1] += oldest * (1 - ratios[..., -1])


def _check_inputs(
    start: Array, ratios: Array, rates: Array, boys_per_girl: Array, moved: Array | None, step: int, timing: str,
    one_sex: str,
) -> None:  # fmt: skip
    if timing not in TIMINGS:
        raise ValueError(f"timing must be one of {TIMINGS}, not {timing!r}")
    if one_sex not in ("female", "male"):
        raise ValueError(f"one_sex must be 'female' or 'male', not {one_sex!r}")
    if step not in (1, 5):
        raise ValueError(f"step must be 1 or 5 years, not {step}")
    if start.shape[-2] not in (1, 2) or ratios.shape[-2:] != start.shape[-2:] or rates.shape[-1] != start.shape[-1]:
        raise ValueError("population, survival and fertility disagree in sexes or ages")
    if start.shape[-1] < 2:
        raise ValueError("a population needs at least one closed and one open age group")
    if len(rates) != len(ratios):
        raise ValueError(f"fertility has {len(rates)} steps, survival {len(ratios)}")
    # Comparisons are written so that a missing number (NaN) fails them.
    if not (ratios.min() >= 0 and ratios.max() <= 1):
        raise ValueError("a survival ratio lies outside [0, 1] or is missing")
    if not (start.min() >= 0 and rates.min() >= 0):
        raise ValueError("population and fertility must not be negative or missing")
    if not (boys_per_girl.min() > 0.5 and boys_per_girl.max() < 2):
        raise ValueError("the sex ratio at birth is boys per girl, about 1.05")
    if moved is not None and (len(moved) != len(ratios) or moved.shape[-2:] != start.shape[-2:]):
        raise ValueError("net_migration must have the steps, sexes and ages of survival")
    if moved is not None and np.isnan(moved.sum()):
        raise ValueError("net_migration must not be missing")


@dataclass(frozen=True)
class Trajectories:
    """What a stochastic run produced; the axis of trajectories comes second, after the steps.

    Parameters
    ----------
    population : numpy.ndarray, shape (steps + 1, paths, sexes, ages)
        Persons at the start and after each step.
    births, deaths, net_migration : numpy.ndarray, shape (steps, paths, sexes)
        Flows of each step, persons.
    imbalance : float
        Largest ``|P1 - (P0 + B - D + M)|`` over all steps, trajectories and sexes, persons.
    """

    population: Array
    births: Array
    deaths: Array
    net_migration: Array
    imbalance: float


def project_trajectories(
    population: ArrayLike,
    survival: ArrayLike,
    fertility: ArrayLike,
    sex_ratio_at_birth: ArrayLike,
    net_migration: ArrayLike,
    mortality_factor: ArrayLike,
    fertility_factor: ArrayLike,
    migration_factor: ArrayLike,
    step: int = 1,
    timing: str = "end",
) -> Trajectories:
    """Project many trajectories whose levels of mortality, fertility and migration are drawn.

    Each trajectory is a run of `project_cohorts` with survival ratios ``S ** k`` (a factor ``k`` on all hazards
    is a power of survival), fertility ``f g`` and net migrants ``M c``. Trajectories are projected in blocks, so
    that memory beyond the result does not grow with their number.

    Parameters
    ----------
    population : array of float, shape (sexes, ages) or (paths, sexes, ages)
        Persons at the start.
    survival : array of float, shape (steps, sexes, ages)
        Central survival ratios, above 0.
    fertility : array of float, shape (steps, ages)
        Central births per woman and year.
    sex_ratio_at_birth : float or array, shape (steps,)
        Boys per girl.
    net_migration : array of float, shape (steps, sexes, ages)
        Central net migrants of a step, persons.
    mortality_factor, fertility_factor, migration_factor : array of float, shape (steps, paths)
        ``k``, ``g`` (not negative) and ``c`` (any sign).
    step, timing
        As for `project_cohorts`.

    Returns
    -------
    Trajectories

    Raises
    ------
    ValueError
        If factors disagree in shape, or `project_cohorts` refuses a trajectory.

    Examples
    --------
    >>> ones = np.ones((1, 2))
    >>> run = project_trajectories(
    ...     np.full((2, 3), 100.0), np.full((1, 2, 3), 0.9), np.zeros((1, 3)), 1.05, np.ones((1, 2, 3)),
    ...     [[1.0, 2.0]], ones, ones)
    >>> run.population[1, :, 0, 1].round(6).tolist()
    [91.0, 82.0]
    """
    start = np.asarray(population, dtype=float)
    centre = np.asarray(survival, dtype=float)
    rates = np.asarray(fertility, dtype=float)
    moved = np.asarray(net_migration, dtype=float)
    hazard = np.asarray(mortality_factor, dtype=float)
    level = np.asarray(fertility_factor, dtype=float)
    volume = np.asarray(migration_factor, dtype=float)
    if not hazard.shape == level.shape == volume.shape or hazard.ndim != 2:
        raise ValueError("the factors must have the shape (steps, paths)")
    if not (centre.min() > 0 and centre.max() <= 1 and hazard.min() >= 0):
        raise ValueError("survival ratios must lie in (0, 1] and factors must not be negative")
    log_survival = np.log(centre)[:, None]
    boys_per_girl = np.asarray(sex_ratio_at_birth, dtype=float).reshape(-1, 1)
    steps, paths = hazard.shape
    sexes, ages = start.shape[-2:]
    stock = np.empty((steps + 1, paths, sexes, ages))
    flows = np.empty((3, steps, paths, sexes))
    imbalance = 0.0
    for first in range(0, paths, BLOCK):
        block = slice(first, min(first + BLOCK, paths))
        ratios = log_survival * hazard[:, block, None, None]
        run = project_cohorts(
            start[block] if start.ndim == 3 else start, np.exp(ratios, out=ratios), rates[:, None] * level[:, block, None],
            boys_per_girl, moved[:, None] * volume[:, block, None, None], step, timing,
        )  # fmt: skip
        stock[:, block] = run.population
        flows[0, :, block] = run.births
        flows[1, :, block] = run.deaths.sum(axis=-1)
        flows[2, :, block] = run.net_migration.sum(axis=-1)
        imbalance = max(imbalance, run.imbalance)
    return Trajectories(stock, flows[0], flows[1], flows[2], imbalance)
