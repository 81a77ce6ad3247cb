"""Cohort-component projection: one or two sexes, steps of one or five years, many trajectories at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

TIMINGS = ("end", "even")
FEMALE = -1
"""Women are the last entry of the sex axis, so that one-sex (female) runs use the same arrays."""


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
        Births per woman and year.
    sex_ratio_at_birth : float or array, shape (steps, ...)
        Boys per girl, about 1.05 (not per hundred).
    net_migration : array of float, shape (steps, ..., sexes, ages), optional
        Net migrants of a whole step, persons. None = closed population.
    step : {1, 5}
        Years per step and per age group.
    timing : {"end", "even"}
        When migrants arrive.

    Returns
    -------
    Projection

    Raises
    ------
    ValueError
        If shapes disagree, a ratio leaves [0, 1], a sex ratio looks like a percentage, or migration takes more
        people from a group than it holds.

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
    steps = len(ratios)
    if timing not in TIMINGS:
        raise ValueError(f"timing must be one of {TIMINGS}, not {timing!r}")
    if step not in (1, 5):
        raise ValueError(f"step must be 1 or 5 years, not {step}")
    if start.shape[-2] not in (1, 2) or ratios.shape[-2:] != start.shape[-2:] or rates.shape[-1] != start.shape[-1]:
        raise ValueError("population, survival and fertility disagree in sexes or ages")
    if len(rates) != steps:
        raise ValueError(f"fertility has {len(rates)} steps, survival {steps}")
    if (ratios < 0).any() or (ratios > 1).any():
        raise ValueError("a survival ratio lies outside [0, 1]")
    if (start < 0).any() or (rates < 0).any():
        raise ValueError("population and fertility must not be negative")
    if (boys_per_girl <= 0.5).any() or (boys_per_girl >= 2).any():
        raise ValueError("the sex ratio at birth is boys per girl, about 1.05")
    boys_per_girl = np.broadcast_to(boys_per_girl, (steps, *boys_per_girl.shape[1:]))
    lead = np.broadcast_shapes(start.shape[:-2], ratios.shape[1:-2], rates.shape[1:-1], boys_per_girl.shape[1:])
    if net_migration is None:
        migrants = np.zeros((steps, *([1] * len(lead)), *start.shape[-2:]))
    else:
        migrants = np.asarray(net_migration, dtype=float)
        if len(migrants) != steps or migrants.shape[-2:] != start.shape[-2:]:
            raise ValueError("net_migration must have the steps, sexes and ages of survival")
        lead = np.broadcast_shapes(lead, migrants.shape[1:-2])
    sexes, ages = start.shape[-2:]
    stock = np.empty((steps + 1, *lead, sexes, ages))
    births = np.empty((steps, *lead, sexes))
    deaths = np.empty((steps, *lead, sexes, ages))
    arrived = np.broadcast_to(migrants, (steps, *lead, sexes, ages))
    stock[0] = start
    early = 0.5 if timing == "even" else 0.0
    for t in range(steps):
        at_risk = stock[t] + early * arrived[t]
        stock[t + 1], deaths[t] = _survive(at_risk, ratios[t])
        women_end = stock[t + 1, ..., FEMALE, :] + early * arrived[t, ..., FEMALE, :]
        # The first group of the survivors is still empty; it holds no mothers.
        total = step * (rates[t] * (at_risk[..., FEMALE, :] + women_end)).sum(axis=-1) / 2
        girls = 1 / (1 + boys_per_girl[t])
        births[t] = np.stack([total * (1 - girls), total * girls], axis=-1)[..., -sexes:]
        stock[t + 1, ..., 0] = births[t] * ratios[t][..., 0]
        deaths[t, ..., 0] = births[t] * (1 - ratios[t][..., 0])
        stock[t + 1] += (1 - early) * arrived[t]
        if (stock[t + 1] < 0).any():
            raise ValueError(f"migration takes more people from an age group than it holds in step {t + 1}")
    return Projection(stock, births, deaths, arrived, step)


def _survive(population: NDArray[np.float64], ratios: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
    before = np.empty(np.broadcast_shapes(population.shape, ratios.shape))
    before[..., 0] = 0.0
    before[..., 1:] = population[..., :-1]
    before[..., -1] += population[..., -1]
    survivors = before * ratios
    return survivors, before - survivors
