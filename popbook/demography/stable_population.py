"""Reproduction and the long run: net reproduction, intrinsic growth, the stable population, momentum."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from popbook.demography.life_table import RADIX

STEEPEST_GROWTH = 0.2
"""Bound of the search for the intrinsic rate, per year; no human population comes near it."""


def net_maternity(
    fertility: ArrayLike, person_years: ArrayLike, sex_ratio_at_birth: float, radix: float = RADIX
) -> NDArray[np.float64]:
    """Daughters that a newborn girl will bear in each age group, ``f[x] L[x] / l0 / (1 + SRB)``.

    Parameters
    ----------
    fertility : array of float, shape (ages,)
        Births per woman and year.
    person_years : array of float, shape (ages,)
        ``nLx`` of women, same age groups.
    sex_ratio_at_birth : float
        Boys per girl.
    radix : float
        ``l0`` of the table.

    Returns
    -------
    numpy.ndarray, shape (ages,)

    Raises
    ------
    ValueError
        If fertility and person-years differ in length or the sex ratio looks like a percentage.

    Examples
    --------
    >>> net_maternity([0.0, 0.2], [500_000, 490_000], 1.0).tolist()
    [0.0, 0.49]
    """
    rates = np.asarray(fertility, dtype=float)
    lived = np.asarray(person_years, dtype=float)
    if rates.shape != lived.shape:
        raise ValueError(f"fertility has {rates.shape} ages, person-years {lived.shape}")
    if not 0.5 < sex_ratio_at_birth < 2:
        raise ValueError("the sex ratio at birth is boys per girl, about 1.05")
    return rates * lived / radix / (1 + sex_ratio_at_birth)


def net_reproduction_rate(
    fertility: ArrayLike, person_years: ArrayLike, sex_ratio_at_birth: float, radix: float = RADIX
) -> float:
    """Daughters per newborn girl under the rates of a period (Preston, Heuveline & Guillot 2001, section 5.4).

    Parameters
    ----------
    fertility, person_years, sex_ratio_at_birth, radix
        As for `net_maternity`.

    Returns
    -------
    float
        ``R0``; 1 = replacement.

    Examples
    --------
    >>> net_reproduction_rate([0.0, 0.2], [500_000, 490_000], 1.0)
    0.49
    """
    return float(net_maternity(fertility, person_years, sex_ratio_at_birth, radix).sum())


def intrinsic_growth_rate(maternity: ArrayLike, age: ArrayLike, width: float = 5) -> float:
    """Growth rate of the stable population, Lotka's ``r``: ``sum_x exp(-r (x + n/2)) maternity[x] = 1``.

    Parameters
    ----------
    maternity : array of float, shape (ages,)
        As returned by `net_maternity`.
    age : array of float, shape (ages,)
        Lower bounds.
    width : float
        Width of the groups, years.

    Returns
    -------
    float
        Per year.

    Raises
    ------
    ValueError
        If there is no fertility, or no rate between -20 and 20 per cent a year solves the equation.

    Examples
    --------
    >>> round(intrinsic_growth_rate([1.0, 1.0], [25, 25], 5) * 27.5, 6)  # ln 2
    0.693147
    """
    daughters = np.asarray(maternity, dtype=float)
    middle = np.asarray(age, dtype=float) + width / 2

    def excess(rate: float) -> float:
        return float((np.exp(-rate * middle) * daughters).sum()) - 1

    if daughters.min() < 0 or daughters.sum() <= 0:
        raise ValueError("net maternity must not be negative and must sum to more than zero")
    if excess(-STEEPEST_GROWTH) < 0 or excess(STEEPEST_GROWTH) > 0:
        raise ValueError("no growth rate between -20 and 20 per cent a year solves Lotka's equation")
    return float(brentq(excess, -STEEPEST_GROWTH, STEEPEST_GROWTH, xtol=1e-14))


def mean_length_of_generation(maternity: ArrayLike, age: ArrayLike, width: float = 5) -> float:
    """Years in which the stable population multiplies by ``R0``, ``T = ln R0 / r``.

    At replacement the limit is taken: the mean age at childbearing of the stationary population.

    Parameters
    ----------
    maternity, age, width
        As for `intrinsic_growth_rate`.

    Returns
    -------
    float
        Years.

    Examples
    --------
    >>> mean_length_of_generation([0.5, 0.5], [20, 30], 5)
    27.5
    """
    daughters = np.asarray(maternity, dtype=float)
    rate = intrinsic_growth_rate(daughters, age, width)
    if abs(rate) < 1e-9:
        return float(((np.asarray(age, dtype=float) + width / 2) * daughters).sum() / daughters.sum())
    return float(np.log(daughters.sum()) / rate)


def intrinsic_birth_rate(
    person_years: ArrayLike,
    rate: float,
    age: ArrayLike,
    open_life_expectancy: float,
    width: float = 5,
    radix: float = RADIX,
) -> float:
    """Birth rate of the stable population, ``b = 1 / sum_x exp(-r y[x]) L[x] / l0`` (Preston and others 2001, 7.1).

    ``y[x]`` is the middle of the group, for the open group its lower bound plus the years still lived there.

    Parameters
    ----------
    person_years : array of float, shape (ages,)
        ``nLx`` of all ages, the last group open (``Tx``).
    rate : float
        Intrinsic growth rate, per year (`intrinsic_growth_rate`).
    age : array of float, shape (ages,)
        Lower bounds.
    open_life_expectancy : float
        Years still lived by those who reach the open group.
    width : float
        Width of the closed groups, years.
    radix : float
        ``l0`` of the table.

    Returns
    -------
    float
        Births per person and year.

    Raises
    ------
    ValueError
        If person-years and ages differ in length.

    Examples
    --------
    >>> intrinsic_birth_rate([500_000.0, 500_000.0], 0.0, [0, 5], 5.0)  # stationary: 1 / e0
    0.1
    """
    return float(1 / _discounted(person_years, rate, age, open_life_expectancy, width, radix).sum())


def stable_age_distribution(
    person_years: ArrayLike,
    rate: float,
    age: ArrayLike,
    open_life_expectancy: float,
    width: float = 5,
    radix: float = RADIX,
) -> NDArray[np.float64]:
    """Age distribution of the stable population, ``c[x] = b exp(-r y[x]) L[x] / l0`` (the stable equivalent).

    Parameters
    ----------
    person_years, rate, age, open_life_expectancy, width, radix
        As for `intrinsic_birth_rate`.

    Returns
    -------
    numpy.ndarray, shape (ages,)
        Shares; they sum to 1.

    Raises
    ------
    ValueError
        If person-years and ages differ in length.

    Examples
    --------
    >>> stable_age_distribution([500_000.0, 500_000.0], 0.0, [0, 5], 5.0).tolist()
    [0.5, 0.5]
    """
    weight = _discounted(person_years, rate, age, open_life_expectancy, width, radix)
    return weight / weight.sum()


def _discounted(
    person_years: ArrayLike,
    rate: float,
    age: ArrayLike,
    open_life_expectancy: float,
    width: float,
    radix: float,
) -> NDArray[np.float64]:
    lived = np.asarray(person_years, dtype=float)
    middle = np.asarray(age, dtype=float) + width / 2
    if lived.shape != middle.shape:
        raise ValueError(f"person-years have {lived.shape} ages, the ages {middle.shape}")
    middle[-1] += open_life_expectancy - width / 2
    return np.exp(-rate * middle) * lived / radix


def population_momentum(
    women: ArrayLike,
    person_years: ArrayLike,
    maternity: ArrayLike,
    age: ArrayLike,
    total: float,
    life_expectancy: float,
    width: float = 5,
    radix: float = RADIX,
) -> float:
    """Final over present size if fertility went to replacement at once and nobody migrated (Preston & Guillot 1997).

    ``M = sum_x w[x] c[x] / s[x]`` with the present age distribution ``c = N / N_total``, the stationary one
    ``s = L / (l0 e0)`` and ``w[x]`` the share of a girl's births still to come at age x over the mean age at
    childbearing. Fertility is divided by the net reproduction rate at all ages.

    Parameters
    ----------
    women : array of float, shape (ages,)
        Women in closed age groups from 0 to the end of childbearing.
    person_years : array of float, shape (ages,)
        ``nLx`` of the same groups.
    maternity : array of float, shape (ages,)
        As returned by `net_maternity`.
    age : array of float, shape (ages,)
        Lower bounds.
    total : float
        Women of all ages.
    life_expectancy : float
        ``e0`` of women, years.
    width : float
        Width of the groups, years.
    radix : float
        ``l0`` of the table.

    Returns
    -------
    float
        1.2 = the population would grow by another fifth.

    Raises
    ------
    ValueError
        If the arrays differ in length or nobody is fertile.

    Examples
    --------
    >>> stationary = [500_000.0, 500_000.0]
    >>> round(population_momentum(stationary, stationary, [0.0, 0.8], [0, 5], 1_000_000, 10.0), 6)
    1.0
    """
    stock = np.asarray(women, dtype=float)
    lived = np.asarray(person_years, dtype=float)
    daughters = np.asarray(maternity, dtype=float)
    start = np.asarray(age, dtype=float)
    if not stock.shape == lived.shape == daughters.shape == start.shape:
        raise ValueError("women, person-years, maternity and ages must have the same groups")
    if daughters.sum() <= 0:
        raise ValueError("nobody is fertile")
    replacement = daughters / daughters.sum()
    mean_age = float(((start + width / 2) * replacement).sum())
    still_to_come = replacement / 2 + (1 - replacement.cumsum())
    weight = width * still_to_come / mean_age
    return float((weight * (stock / total) / (lived / radix / life_expectancy)).sum())
