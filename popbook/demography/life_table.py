"""Period life tables: abridged or single-year, from death rates or probabilities."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq

RADIX = 100_000.0
SEXES = ("male", "female")
MAXIMUM_AGE = 100
"""Open age group of single-year work; the open group of the UN tables."""

# Coale & Demeny (1983), West model; Preston, Heuveline & Guillot (2001), table 3.3.
# sex: (a0 at high mortality, a0 intercept, a0 slope, 4a1 at high mortality, 4a1 intercept, 4a1 slope)
_COALE_DEMENY = {
    "male": (0.330, 0.045, 2.684, 1.352, 1.651, -2.816),
    "female": (0.350, 0.053, 2.800, 1.361, 1.522, -1.518),
}
_HIGH_INFANT_MORTALITY = 0.107


def average_years_lived(nmx: ArrayLike, age: ArrayLike, sex: str) -> NDArray[np.float64]:
    """Average years lived in each age interval by those who die in it, ``nax``.

    Ages 0 and 1-4 by Coale and Demeny (1983); 5-9 half the interval; from 10 on the formula of Greville as
    used by the United Nations, ``a = n/2 - (n^2/12) (m - ln(m[x+n] / m[x-n]) / (2n))``; single years half a
    year; open interval ``1/m``.

    Parameters
    ----------
    nmx : array of float, shape (ages,)
        Death rates per person-year.
    age : array of int, shape (ages,)
        Lower bounds; the last interval is open.
    sex : {"male", "female"}
        Chooses the coefficients for ages 0 and 1-4.

    Returns
    -------
    numpy.ndarray, shape (ages,)
        Years.

    Raises
    ------
    ValueError
        If the sex is unknown or a rate is negative.

    Examples
    --------
    >>> average_years_lived([0.008743, 0.00037, 0.000153, 0.01], [0, 1, 5, 10], "male").round(3).tolist()
    [0.068, 1.626, 2.5, 100.0]
    """
    rate, start = _rates_and_ages(nmx, age)
    if sex not in _COALE_DEMENY:
        raise ValueError(f"sex must be 'male' or 'female', not {sex!r}")
    width = np.diff(start).astype(float)
    years = np.empty_like(rate)
    years[:-1] = width / 2
    high0, base0, slope0, high1, base1, slope1 = _COALE_DEMENY[sex]
    is_high = start[0] == 0 and rate[0] >= _HIGH_INFANT_MORTALITY
    for i in range(len(width)):
        if start[i] == 0 and width[i] == 1:
            years[i] = high0 if is_high else base0 + slope0 * rate[0]
        elif start[i] == 1 and width[i] == 4:
            years[i] = high1 if is_high else base1 + slope1 * rate[0]
        elif (
            start[i] >= 10
            and width[i] > 1
            and width[i] == width[i - 1]
            and rate[i - 1] > 0
            and rate[i + 1] > 0
        ):
            n = width[i]
            trend = np.log(rate[i + 1] / rate[i - 1]) / (2 * n)
            years[i] = n / 2 - n**2 / 12 * (rate[i] - trend)
    years[-1] = 1 / rate[-1] if rate[-1] > 0 else np.inf
    return years


def build_life_table(
    age: ArrayLike,
    nmx: ArrayLike | None = None,
    nqx: ArrayLike | None = None,
    nax: ArrayLike | None = None,
    sex: str = "female",
    radix: float = RADIX,
) -> pd.DataFrame:
    """Build a period life table from death rates or from probabilities of dying.

    ``q = n m / (1 + (n - a) m)``, ``L = n l[x+n] + a d``, ``T`` and ``e`` by summation (Preston, Heuveline &
    Guillot 2001, box 3.1). Given ``nqx`` the rates follow from ``m = q / (n - (n - a) q)``.

    Parameters
    ----------
    age : array of int, shape (ages,)
        Lower bounds of the intervals, the last one open.
    nmx, nqx : array of float, shape (ages,), optional
        Death rates per person-year, or probabilities; exactly one of the two. The last ``nqx`` must be 1.
    nax : array of float, shape (ages,), optional
        Average years lived by those who die; NaN entries and omission use `average_years_lived`. With ``nqx``
        it is required for the open interval, because probabilities do not say how long the last survivors live.
    sex : {"male", "female"}
        For the default ``nax`` at ages below 5.
    radix : float
        ``l0``.

    Returns
    -------
    pandas.DataFrame
        Columns ``age, width, nmx, nax, nqx, npx, lx, ndx, nLx, Tx, ex``; the open width is NaN.

    Raises
    ------
    ValueError
        If the inputs contradict each other, nobody dies in the open interval, or a probability leaves [0, 1].

    Examples
    --------
    >>> table = build_life_table([0, 1, 5], nmx=[0.01, 0.001, 0.02], sex="male")
    >>> round(float(table.ex[0]), 2)
    54.25
    >>> again = build_life_table([0, 1, 5], nqx=table.nqx, nax=[np.nan, np.nan, 50.0], sex="male")
    >>> again.nmx.round(6).tolist()
    [0.01, 0.001, 0.02]
    """
    if (nmx is None) == (nqx is None):
        raise ValueError("give exactly one of nmx and nqx")
    if nax is not None and len(np.asarray(nax)) != len(np.asarray(age)):
        raise ValueError("nax and age must have the same length; NaN where an entry is to be computed")
    start = np.asarray(age, dtype=int)
    width = np.append(np.diff(start).astype(float), np.nan)
    given = np.full(len(start), np.nan) if nax is None else np.asarray(nax, dtype=float)
    if nmx is not None:
        rate, start = _rates_and_ages(nmx, start)
        if rate[-1] == 0:
            raise ValueError("the open interval needs a death rate above 0: its people would live for ever")
        years = np.where(np.isnan(given), average_years_lived(rate, start, sex), given)
        probability = width * rate / (1 + (width - years) * rate)
        probability[-1] = 1.0
    else:
        probability = np.asarray(nqx, dtype=float)
        if len(probability) != len(start) or (np.diff(start) <= 0).any():
            raise ValueError("nqx and age must have the same length, ages must rise")
        if not np.isclose(probability[-1], 1) or np.isnan(given[-1]):
            raise ValueError(
                "the open interval needs nqx = 1 and a given nax: probabilities do not say how long its people live on"
            )
        years = np.where(np.isnan(given), width / 2, given)
        for _ in range(200):  # nax and nmx depend on each other; the map contracts, slowly at the oldest ages
            rate = probability / (width - (width - years) * probability)
            rate[-1] = 1 / years[-1]
            before, years = years, np.where(np.isnan(given), average_years_lived(rate, start, sex), given)
            if np.allclose(years, before, rtol=1e-14, atol=0):
                break
    if ((probability < 0) | (probability > 1)).any():
        raise ValueError("a probability of dying lies outside [0, 1]; check the rates and nax")
    survivors = radix * np.concatenate([[1.0], np.cumprod(1 - probability[:-1])])
    dying = survivors * probability
    lived = np.append(width[:-1] * survivors[1:] + years[:-1] * dying[:-1], survivors[-1] * years[-1])
    above = lived[::-1].cumsum()[::-1]
    return pd.DataFrame(
        {
            "age": start, "width": width, "nmx": rate, "nax": years, "nqx": probability, "npx": 1 - probability,
            "lx": survivors, "ndx": dying, "nLx": lived, "Tx": above, "ex": above / survivors,
        }
    )  # fmt: skip


def survival_ratios(person_years: ArrayLike, radix: float = RADIX, step: int = 1) -> NDArray[np.float64]:
    """Turn life-table person-years into survival ratios, in the convention of the United Nations.

    ``s[0] = L0 / (step * l0)`` survives births into the first group, ``s[x] = L[x] / L[x-1]`` brings the group
    before into group x, and the last ratio ``L[w] / (L[w-1] + L[w])`` (``L[w] = T[w]``) is for the two oldest
    groups together.

    Parameters
    ----------
    person_years : array of float, shape (..., ages)
        ``nLx`` of equal age groups of ``step`` years, the last one open.
    radix : float
        ``l0`` of the table.
    step : int
        Width of the groups and of the projection step, years.

    Returns
    -------
    numpy.ndarray, shape (..., ages)

    Examples
    --------
    >>> survival_ratios([99_000, 98_000, 50_000, 60_000]).round(4).tolist()
    [0.99, 0.9899, 0.5102, 0.5455]
    """
    lived = np.asarray(person_years, dtype=float)
    ratios = np.empty_like(lived)
    ratios[..., 0] = lived[..., 0] / (step * radix)
    ratios[..., 1:-1] = lived[..., 1:-1] / lived[..., :-2]
    ratios[..., -1] = lived[..., -1] / (lived[..., -2] + lived[..., -1])
    return ratios


def graduate_life_table(table: pd.DataFrame, sex: str, maximum_age: int = MAXIMUM_AGE) -> pd.DataFrame:
    """Graduate an abridged life table to single years of age.

    The logarithm of ``l(x)`` is interpolated by a monotone piecewise cubic (Fritsch & Carlson 1980), so that
    survivors never rise and every abridged ``l(x)`` is kept.

    Parameters
    ----------
    table : pandas.DataFrame
        As returned by `build_life_table`; must have ``maximum_age`` as the bound of its open interval.
    sex : {"male", "female"}
        For ``a0``.
    maximum_age : int
        Bound of the open group.

    Returns
    -------
    pandas.DataFrame
        Same columns, ages 0, 1, ..., ``maximum_age``.

    Raises
    ------
    ValueError
        If the open group of the table starts elsewhere.

    Examples
    --------
    >>> abridged = build_life_table([0, 1, *range(5, 101, 5)], nmx=[0.003] + [0.001] * 20 + [0.4])
    >>> len(graduate_life_table(abridged, "female"))
    101
    """
    if int(table["age"].iloc[-1]) != maximum_age:
        raise ValueError(f"open group starts at {int(table['age'].iloc[-1])}, not at {maximum_age}")
    ages = np.arange(maximum_age + 1)
    radix = float(table["lx"].iloc[0])
    survivors = np.exp(PchipInterpolator(table["age"], np.log(table["lx"]))(ages))
    probability = np.append(1 - survivors[1:] / survivors[:-1], 1.0)
    years = np.full(len(ages), 0.5)
    years[0] = table["nax"].iloc[0]
    years[-1] = table["nax"].iloc[-1]
    return build_life_table(ages, nqx=probability, nax=years, sex=sex, radix=radix)


def life_expectancy(nmx: ArrayLike, age: ArrayLike, sex: str) -> float:
    """Life expectancy at birth of a schedule of death rates (years).

    Parameters
    ----------
    nmx : array of float, shape (ages,)
        Death rates per person-year.
    age : array of int, shape (ages,)
        Lower bounds, the last one open.
    sex : {"male", "female"}

    Returns
    -------
    float

    Examples
    --------
    >>> round(life_expectancy([0.0125, 0.0125, 0.0125], [0, 1, 5], "male"), 1)
    80.0
    """
    return float(build_life_table(age, nmx=nmx, sex=sex)["ex"].iloc[0])


def scale_to_life_expectancy(nmx: ArrayLike, age: ArrayLike, sex: str, target: float) -> float:
    """Factor ``k`` that, multiplied into every death rate, gives a published life expectancy at birth.

    Parameters
    ----------
    nmx : array of float, shape (ages,)
        Model death rates per person-year.
    age : array of int, shape (ages,)
        Lower bounds, the last one open.
    sex : {"male", "female"}
    target : float
        Published life expectancy at birth, years.

    Returns
    -------
    float
        ``k``; below 1 = lower mortality than the model.

    Raises
    ------
    ValueError
        If no factor between 0.1 and 5 reaches the target.

    Examples
    --------
    >>> round(scale_to_life_expectancy([0.0125, 0.0125, 0.0125], [0, 1, 5], "male", 100.0), 3)
    0.8
    """
    rate = np.asarray(nmx, dtype=float)

    def gap(k: float) -> float:
        return life_expectancy(k * rate, age, sex) - target

    if gap(0.1) < 0 or gap(5.0) > 0:
        raise ValueError(f"no factor between 0.1 and 5 gives a life expectancy of {target}")
    return float(brentq(gap, 0.1, 5.0, xtol=1e-8))


def relate_life_table(
    nmx: ArrayLike, age: ArrayLike, sex: str, alpha: float, beta: float = 1.0
) -> pd.DataFrame:
    """Life table related to a standard by Brass's logits: ``Y(x) = alpha + beta Y_s(x)``, ``Y = ln((1 - l) / l) / 2``.

    Survivors of the standard are shifted on the logit scale (Brass 1971; Preston, Heuveline & Guillot 2001,
    section 9.1). The rate of the open interval is the standard's times the ratio of the hazards in the interval
    before it, because logits end where the open interval begins.

    Parameters
    ----------
    nmx : array of float, shape (ages,)
        Standard death rates per person-year.
    age : array of int, shape (ages,)
        Lower bounds from 0, the last one open.
    sex : {"male", "female"}
    alpha : float
        Level; negative = lower mortality than the standard.
    beta : float
        Slope; above 1 = lower mortality in youth and higher in old age.

    Returns
    -------
    pandas.DataFrame
        As returned by `build_life_table`.

    Raises
    ------
    ValueError
        If ages do not start at 0 or nobody dies in an interval of the standard.

    Examples
    --------
    >>> rates = [0.0125, 0.0125, 0.0125]
    >>> bool(relate_life_table(rates, [0, 1, 5], "male", -0.2).ex[0] > 80)
    True
    """
    standard = build_life_table(age, nmx=nmx, sex=sex, radix=1.0)
    if standard["age"].iloc[0] != 0 or not (standard["nqx"] > 0).all():
        raise ValueError("the standard must start at age 0 and have deaths in every interval")
    alive = standard["lx"].to_numpy()[1:]
    logit = np.log((1 - alive) / alive) / 2
    related = np.concatenate([[1.0], 1 / (1 + np.exp(2 * (alpha + beta * logit)))])
    probability = np.append(1 - related[1:] / related[:-1], 1.0)
    hazards = np.log1p(-probability[-2]) / np.log1p(-standard["nqx"].iloc[-2])
    years = np.full(len(probability), np.nan)
    years[-1] = standard["nax"].iloc[-1] / hazards
    return build_life_table(age, nqx=probability, nax=years, sex=sex)


def shift_to_life_expectancy(
    nmx: ArrayLike, age: ArrayLike, sex: str, target: float, beta: float = 1.0
) -> float:
    """Brass's ``alpha`` that shifts a standard to a published life expectancy at birth.

    Parameters
    ----------
    nmx, age, sex, beta
        As for `relate_life_table`.
    target : float
        Published life expectancy at birth, years.

    Returns
    -------
    float
        ``alpha``.

    Raises
    ------
    ValueError
        If no shift between -2 and 2 reaches the target.

    Examples
    --------
    >>> rates = [0.0125, 0.0125, 0.0125]
    >>> alpha = shift_to_life_expectancy(rates, [0, 1, 5], "male", 90.0)
    >>> round(float(relate_life_table(rates, [0, 1, 5], "male", alpha).ex[0]), 6)
    90.0
    """

    def gap(alpha: float) -> float:
        return float(relate_life_table(nmx, age, sex, alpha, beta)["ex"].iloc[0]) - target

    if gap(-2.0) < 0 or gap(2.0) > 0:
        raise ValueError(f"no shift between -2 and 2 gives a life expectancy of {target}")
    return float(brentq(gap, -2.0, 2.0, xtol=1e-12))


def _rates_and_ages(nmx: ArrayLike, age: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rate = np.asarray(nmx, dtype=float)
    start = np.asarray(age, dtype=np.int64)
    if rate.shape != start.shape or len(start) < 2 or (np.diff(start) <= 0).any():
        raise ValueError("nmx and age must have the same length of at least two, ages must rise")
    if (rate < 0).any() or np.isnan(rate).any():
        raise ValueError("death rates must not be negative or missing")
    return rate, start
