"""Combination of members: equal weights in logs, of the members that beat the naive forecast elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from popbook.forecasting.trend import BENCHMARKS, CANDIDATE_MEMBERS, TREND_MEMBERS


def combine_equally(paths: Mapping[str, ArrayLike]) -> NDArray[np.float64]:
    """Geometric mean of the members, ``exp(mean log f)``.

    Equal weights, because with a handful of errors per horizon estimated weights are noise (Clemen 1989; M
    competitions). The mean of logs keeps a combination of positive members positive.

    Parameters
    ----------
    paths : mapping of str to array of float, shape (horizon,)
        Positive forecasts by member.

    Returns
    -------
    numpy.ndarray, shape (horizon,)

    Raises
    ------
    ValueError
        If there is no member or one is not positive.

    Examples
    --------
    >>> combine_equally({"a": [100.0], "b": [121.0]}).round(6).tolist()
    [110.0]
    """
    if not paths:
        raise ValueError("no member to combine")
    table = np.array([np.asarray(path, dtype=float) for path in paths.values()])
    if not (table > 0).all():
        raise ValueError("a combination in logs needs positive forecasts")
    return np.exp(np.log(table).mean(axis=0))


def relative_errors(errors: pd.DataFrame, benchmark: str = "random_walk") -> pd.Series:
    """Mean absolute error of each member over that of a benchmark, geometric mean over horizons.

    Both means are taken over the origins and cities that the member has, so that a member measured in some cities
    only is compared with the benchmark in the same cities.

    Parameters
    ----------
    errors : pandas.DataFrame
        From `popbook.forecasting.intervals.rolling_errors`.
    benchmark : str
        Member that is the measure.

    Returns
    -------
    pandas.Series
        By member; below 1 = better than the benchmark. Empty without errors.

    Examples
    --------
    >>> errors = pd.DataFrame({"member": ["theta", "random_walk"], "h": 1, "error": [0.01, -0.02]})
    >>> float(relative_errors(errors)["theta"])
    0.5
    """
    if errors.empty:
        return pd.Series(dtype=float)
    keys = [name for name in ("region_id", "origin", "h") if name in errors]
    sizes = errors.assign(size=errors["error"].abs())
    measure = sizes[sizes["member"] == benchmark][[*keys, "size"]].rename(columns={"size": "benchmark"})
    mean = sizes.merge(measure, on=keys).groupby(["h", "member"])[["size", "benchmark"]].mean()
    ratio = (mean["size"] / mean["benchmark"]).unstack("member")
    return np.exp(np.log(ratio).mean())


def select_members(errors: pd.DataFrame) -> tuple[str, ...]:
    """Members that enter the combination, judged on the errors of the panel that were known at the edition.

    Members named beforehand: no worse than the last value carried forward; all of them where nothing is known.
    Candidates: no worse than the best naive benchmark, and never without evidence. The candidates' bar is higher
    because members that keep past growth are alike and err together: with a growing city the last value carried
    forward is beaten by anything that grows.

    Parameters
    ----------
    errors : pandas.DataFrame
        From `popbook.forecasting.intervals.rolling_errors`.

    Returns
    -------
    tuple of str
        In the order of `popbook.forecasting.trend.TREND_MEMBERS` and `CANDIDATE_MEMBERS`; `TREND_MEMBERS` if
        nothing is known or none passes.

    Examples
    --------
    >>> rows = [("theta", 0.01), ("damped_holt", 0.01), ("log_linear", 0.02), ("damped_drift", 0.01),
    ...         ("random_walk", 0.03), ("drift", 0.01)]
    >>> select_members(pd.DataFrame(rows, columns=["member", "error"]).assign(h=1))
    ('damped_holt', 'theta', 'damped_drift')
    """
    ratio = relative_errors(errors)
    passed = tuple(name for name in TREND_MEMBERS if name in ratio and ratio[name] <= 1)
    bar = min((float(ratio[name]) for name in BENCHMARKS if name in ratio), default=0.0)
    return (passed or TREND_MEMBERS) + tuple(n for n in CANDIDATE_MEMBERS if n in ratio and ratio[n] <= bar)


def combination_errors(errors: pd.DataFrame, members: tuple[str, ...]) -> pd.DataFrame:
    """Errors of the equal-weight combination of some members: in logs, the mean of their errors.

    Parameters
    ----------
    errors : pandas.DataFrame
        From `popbook.forecasting.intervals.rolling_errors`.
    members : tuple of str

    Returns
    -------
    pandas.DataFrame
        Same columns, ``member`` = "combination".

    Examples
    --------
    >>> rows = {"region_id": "r", "name_zh": "城", "origin": 2020, "h": 1, "scale": 0.01}
    >>> errors = pd.DataFrame({**rows, "member": ["theta", "damped_holt"], "error": [0.01, 0.03]})
    >>> combination_errors(errors, ("theta", "damped_holt"))["error"].tolist()
    [0.02]
    """
    part = errors[errors["member"].isin(members)]
    keys = ["region_id", "name_zh", "origin", "h"]
    table = part.groupby(keys, sort=False).agg(error=("error", "mean"), scale=("scale", "first")).reset_index()
    return table.assign(member="combination")[[*keys, "member", "error", "scale"]]
