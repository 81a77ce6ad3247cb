"""Net migration: as a residual of stocks and vital rates, as a residual of two censuses, and by model schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares, nnls

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
    state = survive_ten_years(start, ratio)
    before = np.concatenate([start[:-3], [start[-3:].sum()]])
    return pd.DataFrame(
        {
            "group": np.arange(2, len(start)), "before": before, "after": end[2:], "survivors": state[2:],
            "net_migration": end[2:] - state[2:], "cohort_change_ratio": end[2:] / before,
        }
    )  # fmt: skip


def survive_ten_years(population: ArrayLike, survival: ArrayLike) -> NDArray[np.float64]:
    """Survivors of a population in five-year groups after ten years, without births and migration.

    Parameters
    ----------
    population, survival : array of float, shape (..., groups)
        Persons and five-year survival ratios, the last group open.

    Returns
    -------
    numpy.ndarray, shape (..., groups)
        The first two groups are empty.

    Examples
    --------
    >>> survive_ten_years([10, 10, 10, 10], [1, 1, 0.5, 0.5]).tolist()
    [0.0, 0.0, 5.0, 7.5]
    """
    state = np.asarray(population, dtype=float)
    ratio = np.asarray(survival, dtype=float)
    for _ in range(2):
        moved = np.zeros_like(state)
        moved[..., 1:] = state[..., :-1]
        moved[..., -1] += state[..., -1]
        state = moved * ratio
    return state


def rogers_castro(
    age: ArrayLike, parameters: Mapping[str, float], normalise: bool = True
) -> NDArray[np.float64]:
    """Model schedule of migration by age (Rogers & Castro 1981; Wilson 2010), scaled to sum to 1 unless told otherwise.

    Always childhood ``a1 exp(-alpha1 x)``, labour force ``a2 exp(-alpha2 (x - mu2) - exp(-lambda2 (x - mu2)))``
    and the constant ``c``: seven parameters. A retirement peak of the labour curve's form (``a3, alpha3, mu3,
    lambda3``), an upward slope of old age ``a4 exp(lambda4 x)`` and a student peak of the labour curve's form
    (``a5, alpha5, mu5, lambda5``; Wilson's student curve) join in when their parameters are given: 11, 13 or more.

    Parameters
    ----------
    age : array of float, shape (ages,)
        Exact ages or lower bounds of single years.
    parameters : mapping
        ``a1, alpha1, a2, alpha2, mu2, lambda2, c`` and those of the further components.
    normalise : bool
        False returns the rates themselves, at the level that the parameters give.

    Returns
    -------
    numpy.ndarray, shape (ages,)
        Proportions, or rates.

    Raises
    ------
    KeyError
        If a parameter is missing or unknown.

    Examples
    --------
    >>> fundamental = dict(a1=0.02, alpha1=0.1, a2=0.06, alpha2=0.1, mu2=20, lambda2=0.4, c=0.003)
    >>> int(rogers_castro(range(101), fundamental).argmax())
    23
    >>> student = dict(a5=0.3, alpha5=0.8, mu5=18, lambda5=1.5)
    >>> int(rogers_castro(range(101), fundamental | student).argmax())
    19
    >>> rogers_castro([0], fundamental, normalise=False).round(4).tolist()  # a1 + c, the labour curve is zero there
    [0.023]
    """
    level = _schedule(np.asarray(age, dtype=float), parameters)
    return level / level.sum() if normalise else level


PEAKS = {"labour": "2", "retirement": "3", "student": "5"}
"""Components of the double exponential form and the number that their parameters carry."""

_STANDARD = ("a1", "alpha1", "a2", "alpha2", "mu2", "lambda2", "c")
_COMPONENTS: dict[str, tuple[str, ...]] = {
    "retirement": ("a3", "alpha3", "mu3", "lambda3"),
    "elderly": ("a4", "lambda4"),
    "student": ("a5", "alpha5", "mu5", "lambda5"),
}

# Search ranges and starts of the parameters that shape a component: (lowest, start, highest).
_RANGES = {
    "alpha1": (0.005, 0.1, 2.0),
    "alpha2": (0.01, 0.1, 1.5), "mu2": (15.0, 20.0, 45.0), "lambda2": (0.05, 0.4, 5.0),
    "alpha3": (0.02, 0.3, 3.0), "mu3": (50.0, 62.0, 80.0), "lambda3": (0.05, 0.5, 5.0),
    "lambda4": (0.0, 0.03, 0.12),
    "alpha5": (0.1, 0.8, 5.0), "mu5": (15.0, 18.0, 24.0), "lambda5": (0.2, 1.5, 10.0),
}  # fmt: skip
_LABOUR_STARTS = (18.0, 22.0, 27.0)
TOLERANCE = 1e-5
"""Where the search stops; real profiles leave long flat valleys in which nothing is gained by going on."""


@dataclass(frozen=True)
class ScheduleFit:
    """A model schedule fitted to migrants by age.

    Parameters
    ----------
    parameters : dict of str to float
        For `rogers_castro`.
    fitted : numpy.ndarray, shape (ages,)
        Proportions of the groups that were fitted.
    mean_absolute_error : float
        Mean of ``|fitted - observed|`` over the groups, as a per cent of the mean observed proportion.
    """

    parameters: dict[str, float]
    fitted: NDArray[np.float64]
    mean_absolute_error: float


def fit_rogers_castro(
    age: ArrayLike, migrants: ArrayLike, components: Sequence[str] = (), width: int = 1
) -> ScheduleFit:
    """Fit a model schedule to migrants by age by bounded least squares, from several starts.

    The levels ``a`` and ``c`` are solved by non-negative least squares for each trial of the other parameters
    (variable projection, Golub & Pereyra 1973): levels and positions of the peaks hardly tell themselves apart.

    Parameters
    ----------
    age : array of int, shape (ages,)
        Lower bounds of the groups.
    migrants : array of float, shape (ages,)
        Migrants or a residual profile, any level; single negative groups are allowed, the sum must be positive.
    components : sequence of {"retirement", "elderly", "student"}
        What joins the seven parameters of the standard schedule.
    width : int
        Width of the groups, years; the schedule is summed over the single ages of each.

    Returns
    -------
    ScheduleFit

    Raises
    ------
    ValueError
        If there are fewer groups than parameters, the migrants do not sum to more than zero, a component is
        unknown, or no start converges.

    Examples
    --------
    >>> truth = dict(a1=0.03, alpha1=0.12, a2=0.08, alpha2=0.09, mu2=21, lambda2=0.35, c=0.002)
    >>> fit = fit_rogers_castro(range(90), rogers_castro(range(90), truth))
    >>> round(fit.parameters["mu2"], 2), round(fit.mean_absolute_error, 3)
    (21.0, 0.0)
    """
    start = np.asarray(age, dtype=float)
    observed = np.asarray(migrants, dtype=float)
    unknown = set(components) - set(_COMPONENTS)
    if unknown:
        raise ValueError(f"unknown components: {sorted(unknown)}")
    names = [*_STANDARD, *(name for component in components for name in _COMPONENTS[component])]
    if start.shape != observed.shape or len(start) < len(names):
        raise ValueError(f"{len(start)} groups cannot determine {len(names)} parameters")
    if not observed.sum() > 0:
        raise ValueError("migrants must sum to more than zero")
    share = observed / observed.sum()
    single = start[:, None] + np.arange(width, dtype=float)
    levels = [name for name in names if name not in _RANGES]
    shapes = [name for name in names if name in _RANGES]

    def solve_levels(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        shape = dict(zip(shapes, values, strict=True))
        columns = [
            _schedule(single, shape | {other: float(other == level) for other in levels}).sum(axis=1) for level in levels
        ]
        basis = np.stack(columns, axis=1)
        scale = np.maximum(basis.sum(axis=0), 1e-300)
        return basis, nnls(basis / scale, share)[0] / scale

    def errors(values: NDArray[np.float64]) -> NDArray[np.float64]:
        basis, level = solve_levels(values)
        # Scaled to the mean group, so that tolerances mean the same at any number of groups.
        return (basis @ level - share) * len(share)

    low, first, high = (np.array([_RANGES[name][i] for name in shapes]) for i in range(3))
    best = None
    for labour in _LABOUR_STARTS:
        guess = first.copy()
        guess[shapes.index("mu2")] = labour
        found = least_squares(
            errors, guess, bounds=(low, high), x_scale="jac", ftol=TOLERANCE, xtol=TOLERANCE, gtol=1e-9,
            max_nfev=500,
        )  # fmt: skip
        if found.success and (best is None or found.cost < best.cost):
            best = found
    if best is None:
        raise ValueError("the schedule did not converge from any start")
    basis, level = solve_levels(best.x)
    fitted = basis @ level
    error = 100 * float(np.abs(fitted - share).mean() / np.abs(share).mean())
    parameters = dict(zip(shapes, map(float, best.x), strict=True)) | dict(zip(levels, map(float, level), strict=True))
    return ScheduleFit({name: parameters[name] for name in names}, fitted / fitted.sum(), error)


def _schedule(x: NDArray[np.float64], parameters: Mapping[str, float]) -> NDArray[np.float64]:
    p = parameters
    known = {*_STANDARD, *(name for names in _COMPONENTS.values() for name in names)}
    if set(p) - known:
        raise KeyError(f"unknown parameters: {sorted(set(p) - known)}")
    level = p["a1"] * np.exp(-p["alpha1"] * x) + p["c"]
    for peak, i in PEAKS.items():
        if peak == "labour" or any(name in p for name in _COMPONENTS[peak]):
            past = x - p[f"mu{i}"]
            # Far below the peak the inner exponential overflows; the curve is zero there.
            rise = np.exp(np.minimum(-p[f"lambda{i}"] * past, 700.0))
            level = level + p[f"a{i}"] * np.exp(np.minimum(-p[f"alpha{i}"] * past - rise, 700.0))
    if any(name in p for name in _COMPONENTS["elderly"]):
        level = level + p["a4"] * np.exp(p["lambda4"] * x)
    return level
