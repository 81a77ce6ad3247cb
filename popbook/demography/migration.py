"""Net migration: as a residual of stocks and vital rates, as a residual of two censuses, and by model schedule."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

PER_THOUSAND = 1000.0


def net_migration_residual(population: pd.Series, birth_rate: pd.Series, death_rate: pd.Series) -> pd.DataFrame:
    """Split the yearly change of a population into natural growth and net migration.

    ``M = P1 - P0 - (CBR - CDR) / 1000 * (P0 + P1) / 2``: rates refer to the mean population, so the natural
    growth is rate times the mean of two year-ends. The residual carries every error of the other three numbers
    (published rates have one decimal and refer to 1 November - 31 October). The caller must pass one vintage:
    a step across a re-basing would be counted as migration.

    Parameters
    ----------
    population : pandas.Series
        Year-end population by year, any unit.
    birth_rate, death_rate : pandas.Series
        Per 1,000 mean population, by year.

    Returns
    -------
    pandas.DataFrame
        Index year; columns ``population, change, mean_population, births, deaths, natural, net_migration`` (unit
        of the population) and ``net_migration_rate`` (per 1,000). Years without a previous year-end or without
        both rates are left out.

    Raises
    ------
    ValueError
        If a year occurs twice.

    Examples
    --------
    >>> stock = pd.Series({2020: 100.0, 2021: 102.0})
    >>> net_migration_residual(stock, pd.Series({2021: 8.0}), pd.Series({2021: 5.0})).net_migration.round(3).tolist()
    [1.697]
    """
    for series in (population, birth_rate, death_rate):
        if series.index.has_duplicates:
            raise ValueError("a year occurs twice; pass one value per year")
    stock = population.sort_index().astype(float)
    before = stock.reindex(stock.index - 1).to_numpy()
    frame = pd.DataFrame({"population": stock, "change": stock - before, "mean_population": (stock + before) / 2})
    frame["births"] = birth_rate.reindex(frame.index).astype(float) / PER_THOUSAND * frame["mean_population"]
    frame["deaths"] = death_rate.reindex(frame.index).astype(float) / PER_THOUSAND * frame["mean_population"]
    frame["natural"] = frame["births"] - frame["deaths"]
    frame["net_migration"] = frame["change"] - frame["natural"]
    frame["net_migration_rate"] = PER_THOUSAND * frame["net_migration"] / frame["mean_population"]
    frame.index.name = "year"
    return frame.dropna()


def census_survival_residual(first: ArrayLike, second: ArrayLike, survival: ArrayLike) -> pd.DataFrame:
    """Net migration of cohorts between two censuses ten years apart, by forward survival.

    ``M[x+10] = P2[x+10] - P1[x] * S(x -> x+10)``; the open group joins the three oldest groups of the first
    census. Migrants are measured at the end of the decade; differences in census coverage are part of them.

    Parameters
    ----------
    first, second : array of float, shape (groups,)
        One sex at the two censuses, five-year groups 0-4, 5-9, ..., open.
    survival : array of float, shape (groups,)
        Five-year survival ratios, convention of `popbook.demography.life_table.survival_ratios`.

    Returns
    -------
    pandas.DataFrame
        Columns ``group`` (index of the group at the second census, from 2 on), ``before``, ``after``,
        ``survivors``, ``net_migration``, ``cohort_change_ratio``.

    Raises
    ------
    ValueError
        If the three arrays differ in length.

    Examples
    --------
    >>> census_survival_residual([10, 10, 10, 10], [5, 5, 12, 11], [1, 1, 0.5, 0.5]).net_migration.tolist()
    [7.0, 3.5]
    """
    start = np.asarray(first, dtype=float)
    end = np.asarray(second, dtype=float)
    ratio = np.asarray(survival, dtype=float)
    if not start.shape == end.shape == ratio.shape:
        raise ValueError("the two censuses and the survival ratios must have the same groups")
    state = start.copy()
    for _ in range(2):
        moved = np.zeros_like(state)
        moved[1:] = state[:-1]
        moved[-1] += state[-1]
        state = moved * ratio
    before = np.concatenate([start[:-3], [start[-3:].sum()]])
    return pd.DataFrame(
        {
            "group": np.arange(2, len(start)), "before": before, "after": end[2:], "survivors": state[2:],
            "net_migration": end[2:] - state[2:], "cohort_change_ratio": end[2:] / before,
        }
    )  # fmt: skip


def rogers_castro(age: ArrayLike, parameters: Mapping[str, float]) -> NDArray[np.float64]:
    """Model schedule of migration by age (Rogers & Castro 1981), scaled to sum to 1.

    ``m(x) = a1 exp(-alpha1 x) + a2 exp(-alpha2 (x - mu2) - exp(-lambda2 (x - mu2))) + c``: childhood, labour
    force and constant components.

    Parameters
    ----------
    age : array of float, shape (ages,)
        Exact ages or lower bounds of single years.
    parameters : mapping
        ``a1, alpha1, a2, alpha2, mu2, lambda2, c``.

    Returns
    -------
    numpy.ndarray, shape (ages,)
        Proportions.

    Raises
    ------
    KeyError
        If a parameter is missing.

    Examples
    --------
    >>> fundamental = dict(a1=0.02, alpha1=0.1, a2=0.06, alpha2=0.1, mu2=20, lambda2=0.4, c=0.003)
    >>> int(rogers_castro(range(101), fundamental).argmax())
    23
    """
    x = np.asarray(age, dtype=float)
    p = parameters
    childhood = p["a1"] * np.exp(-p["alpha1"] * x)
    labour = p["a2"] * np.exp(-p["alpha2"] * (x - p["mu2"]) - np.exp(-p["lambda2"] * (x - p["mu2"])))
    level = childhood + labour + p["c"]
    return level / level.sum()
