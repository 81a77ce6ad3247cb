"""Hamilton-Perry: projection by cohort change ratios between two censuses, tempered by the migration expected.

A cross-check on the cohort-component model: it needs two censuses by age and sex and no assumption about fertility
or the ages of migrants. Untempered it repeats the migration of the decade.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from popbook.demography.migration import survive_ten_years

MOTHERS_OF_0_4 = slice(4, 9)
"""Women aged 20-44, five-year groups: mothers of the children aged 0-4."""

MOTHERS_OF_5_9 = slice(5, 10)
"""Women aged 25-49: the same mothers five years later."""


def cohort_change_ratios(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Ratio of a cohort at the second census to the same cohort ten years younger at the first.

    Parameters
    ----------
    first, second : array of float, shape (..., groups)
        Persons in five-year groups, the last one open, at two censuses ten years apart.

    Returns
    -------
    numpy.ndarray, shape (..., groups - 2)
        Groups 10-14, 15-19, ..., open; the open group stands over the three oldest groups of the first census.

    Raises
    ------
    ValueError
        If the censuses have different groups or a group of the first census is empty.

    Examples
    --------
    >>> cohort_change_ratios([10, 10, 10, 10], [5, 5, 12, 15]).tolist()
    [1.2, 0.5]
    """
    before = np.asarray(first, dtype=float)
    after = np.asarray(second, dtype=float)
    if before.shape != after.shape:
        raise ValueError("the two censuses must have the same groups")
    base = _bases(before)
    if base.min() <= 0:
        raise ValueError("an age group of the first census is empty")
    return after[..., 2:] / base


def temper_ratios(ratios: ArrayLike, survival: ArrayLike, theta: float) -> NDArray[np.float64]:
    """Draw cohort change ratios towards survival: ``S (CCR / S) ** theta``.

    Parameters
    ----------
    ratios, survival : array of float, same shape
        Cohort change ratios and the survival over the same ten years.
    theta : float
        Migration expected over migration of the decade of the ratios: 1 repeats it, 0 is no migration.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    ValueError
        If a survival ratio is not positive.

    Examples
    --------
    >>> temper_ratios([1.44, 0.81], [1.0, 0.9], 0.5).round(4).tolist()
    [1.2, 0.8538]
    """
    change = np.asarray(ratios, dtype=float)
    alive = np.asarray(survival, dtype=float)
    if not alive.min() > 0:
        raise ValueError("survival must be positive")
    return alive * (change / alive) ** theta


def project_hamilton_perry(
    first: ArrayLike, second: ArrayLike, survival: ArrayLike, theta: float = 1.0
) -> NDArray[np.float64]:
    """Project a population ten years beyond its second census (Hamilton & Perry 1962; Smith, Tayman & Swanson 2013).

    Cohorts follow their tempered change ratios; children aged 0-4 and 5-9 keep their ratio of the second census
    to women aged 20-44 and 25-49.

    Parameters
    ----------
    first, second : array of float, shape (2, groups)
        Men and women in five-year groups 0-4, 5-9, ..., open (at least 50+) at two censuses ten years apart.
    survival : array of float, shape (2, groups)
        Five-year survival ratios, convention of `popbook.demography.life_table.survival_ratios`.
    theta : float
        As for `temper_ratios`.

    Returns
    -------
    numpy.ndarray, shape (2, groups)
        Persons ten years after the second census.

    Raises
    ------
    ValueError
        If the shapes disagree or a group is empty.

    Examples
    --------
    >>> census = np.full((2, 11), 100.0)
    >>> project_hamilton_perry(census, census, np.full((2, 11), 0.9)).sum().round(6)
    np.float64(2200.0)
    """
    before = np.asarray(first, dtype=float)
    after = np.asarray(second, dtype=float)
    ratios = np.asarray(survival, dtype=float)
    if after.ndim != 2 or after.shape[0] != 2 or after.shape[1] < 11 or ratios.shape != after.shape:
        raise ValueError("men and women in at least eleven five-year groups are needed, and survival for each")
    alive = survive_ten_years(after, ratios)[..., 2:]
    base = _bases(after)
    change = temper_ratios(cohort_change_ratios(before, after), alive / base, theta)
    result = np.empty_like(after)
    result[:, 2:] = change * base
    women, women_before = result[1], after[1]
    result[:, 0] = after[:, 0] * women[MOTHERS_OF_0_4].sum() / women_before[MOTHERS_OF_0_4].sum()
    result[:, 1] = after[:, 1] * women[MOTHERS_OF_5_9].sum() / women_before[MOTHERS_OF_5_9].sum()
    return result


def _bases(population: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cohorts ten years before: the open group gathers the three oldest."""
    return np.concatenate([population[..., :-3], population[..., -3:].sum(axis=-1, keepdims=True)], axis=-1)
