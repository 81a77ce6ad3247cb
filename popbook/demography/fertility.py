"""Births, women and fertility rates: which rate a number of births implies, and the reverse."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def general_fertility_rate(births: float, women: ArrayLike) -> float:
    """Births per 1,000 women of childbearing age, ``1000 B / W``.

    Parameters
    ----------
    births : float
        Births of a year, persons.
    women : array of float
        Women by age within 15-49, persons.

    Returns
    -------
    float
        Per 1,000.

    Examples
    --------
    >>> general_fertility_rate(30, [400, 600])
    30.0
    """
    return float(1000 * births / np.asarray(women, dtype=float).sum())


def implied_total_fertility(births: float, women: ArrayLike, shape: ArrayLike, width: int = 5) -> float:
    """Total fertility rate that a number of births implies, given women by age and the shape of fertility.

    Indirect standardisation: ``TFR = B / sum_x W[x] c[x] / n`` where the shape ``c`` is scaled to sum to 1.

    Parameters
    ----------
    births : float
        Births of a year, persons, of the same population as the women.
    women : array of float, shape (ages,)
        Women by age group, persons.
    shape : array of float, shape (ages,)
        Age-specific fertility of any level.
    width : int
        Width of the age groups, years.

    Returns
    -------
    float
        Children per woman.

    Raises
    ------
    ValueError
        If women and shape differ in length or the shape is empty of fertility.

    Examples
    --------
    >>> implied_total_fertility(50.0, [1000.0, 1000.0], [60.0, 40.0])
    0.25
    """
    return float(births / expected_births(1.0, women, shape, width))


def expected_births(total_fertility: float, women: ArrayLike, shape: ArrayLike, width: int = 5) -> float:
    """Births of a year that a total fertility rate implies, ``B = TFR sum_x W[x] c[x] / n``.

    Parameters
    ----------
    total_fertility : float
        Children per woman.
    women, shape : array of float, shape (ages,)
        Women by age (persons) and age-specific fertility of any level.
    width : int
        Width of the age groups, years.

    Returns
    -------
    float
        Persons.

    Raises
    ------
    ValueError
        If women and shape differ in length or the shape is empty of fertility.

    Examples
    --------
    >>> expected_births(2.0, [1000.0, 1000.0], [60.0, 40.0])
    400.0
    """
    group = np.asarray(women, dtype=float)
    rates = age_specific_fertility(1.0, shape, width)
    if group.shape != rates.shape:
        raise ValueError(f"women have {group.shape} groups, the fertility shape {rates.shape}")
    return float(total_fertility * (group * rates).sum())


def age_specific_fertility(total_fertility: float, shape: ArrayLike, width: int = 5) -> NDArray[np.float64]:
    """Scale an age pattern to a total fertility rate: ``f[x] = TFR c[x] / n``, births per woman and year.

    Parameters
    ----------
    total_fertility : float
        Children per woman.
    shape : array of float, shape (ages,)
        Age-specific fertility of any level.
    width : int
        Width of the age groups, years.

    Returns
    -------
    numpy.ndarray, shape (ages,)

    Raises
    ------
    ValueError
        If the shape is negative or sums to nothing.

    Examples
    --------
    >>> age_specific_fertility(1.0, [3.0, 1.0]).tolist()
    [0.15, 0.05]
    """
    pattern = np.asarray(shape, dtype=float)
    if (pattern < 0).any() or pattern.sum() <= 0:
        raise ValueError("a fertility pattern must not be negative and must sum to more than zero")
    return total_fertility * pattern / pattern.sum() / width


def mean_age_at_childbearing(shape: ArrayLike, age: ArrayLike, width: int = 5) -> float:
    """Mean age of mothers of a fertility schedule, ``sum (x + n/2) f / sum f``, years.

    Parameters
    ----------
    shape : array of float, shape (ages,)
        Age-specific fertility of any level.
    age : array of int, shape (ages,)
        Lower bounds.
    width : int
        Years.

    Returns
    -------
    float

    Examples
    --------
    >>> mean_age_at_childbearing([1.0, 1.0], [20, 30], 5)
    27.5
    """
    pattern = np.asarray(shape, dtype=float)
    return float(((np.asarray(age, dtype=float) + width / 2) * pattern).sum() / pattern.sum())
