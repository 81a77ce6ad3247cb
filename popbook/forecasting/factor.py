"""Factor regression on the panel of cities: growth on last year's growth and last year's relative GDP growth.

``g[i,t] = a[i] + c[t] + r g[i,t-1] + b x[i,t-1] + e[i,t]``: log growth of residents (per cent a year) with city
and year effects; ``x`` is the real growth of GDP less the mean of all cities of that year (percentage points).
Signs stated beforehand: both positive. Standard errors are clustered by city.

The future of ``x`` is a declared path (`data/panel/factor_paths.csv`, low, medium, high); the member follows the
medium one. `evaluate_factor_regression` fits the same equation to Zhejiang's eleven cities, and to their net
migration rate (growth less natural growth) where natural growth is known, and scores the panel equation on cities
that were left out and at origins in the past, with the factor known (ex post) and not known (ex ante).

What it cannot tell: nothing about causes (people follow jobs and jobs follow people); the lag coefficient is
biased downward by about ``(1 + r) / T`` (Nickell 1981); the year effects of the future are unknown and are set to
the mean of the last three.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from numpy.typing import NDArray

from popbook.forecasting.panel import Window, read_windows
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

MINIMUM_CITIES = 12
MINIMUM_YEARS = 4
RECENT_YEARS = 3
"""Years whose mean year effect stands for the future."""

SCORED_HORIZON = 3
PATH_YEARS = 5
"""Years in which relative GDP growth returns to the mean of the cities, in the ex-ante scores and on the paths."""

MINIMUM_PROVINCE_CITIES = 10
FACTORS = ["growth_lag", "gdp_relative_lag"]
FACTOR_NAMES_ZH = {"growth_lag": "上年常住人口增速", "gdp_relative_lag": "上年生产总值相对增速"}
SPECIFICATION_NAMES_ZH = {
    "panel": "各城市，常住人口增速（列入组合）",
    "province": "{province}各市，常住人口增速",
    "province_migration": "{province}各市，净迁移率（有自然增长率的年份）",
}

NO_PANEL = "按七普回溯的城市序列当时尚未公布，不能回归"
LIMITS = (
    "回归只说明相关，不说明因果；滞后项系数有向下的偏误；未来的年份效应未知，取最近三年平均；生产总值相对增速按写明的中路径取值。"
)


@dataclass(frozen=True)
class FactorRegression:
    """A fitted panel regression and what it forecasts for one city.

    Parameters
    ----------
    coefficients : pandas.DataFrame
        Index ``growth_lag, gdp_relative_lag``; columns ``name_zh, coefficient, standard_error, t, p, expected_sign``.
    n, cities : int
        Observations and cities.
    first_year, last_year : int
        Years of the dependent variable.
    r_squared_within : float
        Share of the variance within cities and years that the two factors explain.
    growth : numpy.ndarray, shape (horizon,)
        Forecast log growth of the city, a year, on the medium path of the factor.
    path_growth : pandas.DataFrame
        Index h; columns low, medium, high: log growth of the city on the declared paths of the factor. Paths, not
        intervals.
    limits : str
        Chinese: what the regression cannot tell.
    """

    coefficients: pd.DataFrame
    n: int
    cities: int
    first_year: int
    last_year: int
    r_squared_within: float
    growth: NDArray[np.float64]
    path_growth: pd.DataFrame
    limits: str = LIMITS


@dataclass(frozen=True)
class FactorEvaluation:
    """What the regression looks like in narrower samples, and how well it forecasts.

    Parameters
    ----------
    specifications : pandas.DataFrame
        Columns ``specification, name_zh, dependent, factor, factor_zh, coefficient, standard_error, expected_sign,
        sign_holds, n, cities, first_year, last_year``.
    left_out : pandas.DataFrame
        One row per city: ``region_id, name_zh, n, mae_model, mae_naive``: mean absolute error, percentage points of
        yearly growth, of the equation fitted without the city (year effects known), beside last year's growth.
    scores : pandas.DataFrame
        Columns ``h, n, mae_ex_ante, mae_ex_post, mae_naive``: mean absolute error of the cumulated growth, per cent,
        at past origins; ex post = factor known, year effects not; naive = last year's growth goes on.
    """

    specifications: pd.DataFrame
    left_out: pd.DataFrame
    scores: pd.DataFrame


def panel_table(windows: list[Window], gdp_growth: pd.DataFrame) -> pd.DataFrame:
    """Estimation table: growth, its lag and lagged relative GDP growth, within windows only.

    Parameters
    ----------
    windows : list of Window
        Clean windows of residents.
    gdp_growth : pandas.DataFrame
        Columns ``region_id, year, value`` (per cent, real).

    Returns
    -------
    pandas.DataFrame
        Columns ``region_id, year, growth`` (per cent), ``growth_lag, gdp_relative_lag``; complete rows.

    Examples
    --------
    >>> window = Window("r", "城市", 2010, np.array([100.0, 101.0, 102.0]))
    >>> gdp = pd.DataFrame({"region_id": ["r", "q"], "year": [2011, 2011], "value": [9.0, 7.0]})
    >>> panel_table([window], gdp).round(3).values.tolist()
    [['r', 2012, 0.985, 0.995, 1.0]]
    """
    parts = []
    for window in windows:
        growth = 100 * np.diff(np.log(window.values))
        parts.append(
            pd.DataFrame(
                {
                    "region_id": window.region_id, "year": window.years[2:], "growth": growth[1:],
                    "growth_lag": growth[:-1],
                }
            )
        )  # fmt: skip
    columns = ["region_id", "year", "growth", "growth_lag"]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    relative = relative_growth(gdp_growth)
    lagged = relative.assign(year=relative["year"] + 1).rename(columns={"relative": "gdp_relative_lag"})
    return table.merge(lagged, how="inner", on=["region_id", "year"])


def relative_growth(gdp_growth: pd.DataFrame) -> pd.DataFrame:
    """GDP growth less the mean of all cities of the year, percentage points.

    Parameters
    ----------
    gdp_growth : pandas.DataFrame
        Columns ``region_id, year, value``.

    Returns
    -------
    pandas.DataFrame
        Columns ``region_id, year, relative``.

    Examples
    --------
    >>> relative_growth(pd.DataFrame({"region_id": ["r", "q"], "year": 2011, "value": [9.0, 7.0]})).relative.tolist()
    [1.0, -1.0]
    """
    mean = gdp_growth.groupby("year")["value"].transform("mean")
    return gdp_growth[["region_id", "year"]].assign(relative=gdp_growth["value"] - mean)


def fit_factor_regression(ledger: Ledger, horizon: int, region_id: str | None = None) -> FactorRegression | None:
    """Fit the panel regression on what the ledger shows and forecast the growth of one city.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    horizon : int
        Years.
    region_id : str

    Returns
    -------
    FactorRegression or None
        None if the vintage shows too few clean windows (`NO_PANEL`).

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> fit_factor_regression(read_ledger().for_edition(2020), 5) is None
    True
    """
    region_id = region_id or ledger.city
    windows = read_windows(ledger, "resident-rebased", 3)
    gdp = _known_gdp(ledger)
    table = panel_table(windows, gdp)
    own = [window for window in windows if window.region_id == region_id]
    if table["region_id"].nunique() < MINIMUM_CITIES or table["year"].nunique() < MINIMUM_YEARS or not own:
        return None
    result = _fit(table)
    names = FACTOR_NAMES_ZH
    coefficients = pd.DataFrame(
        {
            "name_zh": names,
            "coefficient": result.params[list(names)],
            "standard_error": result.bse[list(names)],
            "t": result.tvalues[list(names)],
            "p": result.pvalues[list(names)],
            "expected_sign": "+",
        }
    )
    base = smf.ols("growth ~ C(region_id) + C(year)", data=table).fit()
    paths = {
        name: _forecast_growth(result.params, table, own[-1], path)
        for name, path in _factor_paths(ledger, gdp, region_id, horizon).items()
    }
    return FactorRegression(
        coefficients=coefficients,
        n=int(result.nobs),
        cities=int(table["region_id"].nunique()),
        first_year=int(table["year"].min()),
        last_year=int(table["year"].max()),
        r_squared_within=float(1 - result.ssr / base.ssr),
        growth=paths["medium"],
        path_growth=pd.DataFrame(paths, index=pd.Index(range(1, horizon + 1), name="h")),
    )


@remember(maxsize=16, on_disk=True)
def evaluate_factor_regression(ledger: Ledger) -> FactorEvaluation | None:
    """Fit the equation to Zhejiang and to net migration, and score it on cities left out and on past origins.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.

    Returns
    -------
    FactorEvaluation or None
        None where the vintage shows too few clean windows.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> evaluate_factor_regression(read_ledger().for_edition(2024)).scores.h.tolist()
    [1, 2, 3]
    """
    windows = read_windows(ledger, "resident-rebased", 3)
    gdp = _known_gdp(ledger)
    table = panel_table(windows, gdp)
    if table["region_id"].nunique() < MINIMUM_CITIES or table["year"].nunique() < MINIMUM_YEARS:
        return None
    names = {window.region_id: window.name_zh for window in windows}
    return FactorEvaluation(
        _specifications(table, _known(ledger.table("panel_natural_growth"), ledger), ledger),
        _left_out(table, names), _past_scores(table, relative_growth(gdp)),
    )  # fmt: skip


def _specifications(table: pd.DataFrame, natural: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    province = table[table["region_id"].str.startswith(ledger.city[:2])]
    home = ledger.regions.get(ledger.regions[ledger.city].parent_id)
    place = home.name_zh.removesuffix("省") if home else "本省"
    rates = natural[["region_id", "year", "value"]].rename(columns={"value": "natural"})
    # Growth in logs per cent, natural growth per thousand.
    migration = province.merge(rates, on=["region_id", "year"]).assign(growth=lambda t: t["growth"] - t["natural"] / 10)
    rows = []
    for name, dependent, sample in (
        ("panel", "常住人口增速", table), ("province", "常住人口增速", province), ("province_migration", "净迁移率", migration),
    ):  # fmt: skip
        if sample["region_id"].nunique() < MINIMUM_PROVINCE_CITIES or sample["year"].nunique() < MINIMUM_YEARS:
            continue
        result = _fit(sample)
        for factor, label in FACTOR_NAMES_ZH.items():
            coefficient = float(result.params[factor])
            rows.append(
                {
                    "specification": name, "name_zh": SPECIFICATION_NAMES_ZH[name].format(province=place), "dependent": dependent, "factor": factor,
                    "factor_zh": label, "coefficient": coefficient, "standard_error": float(result.bse[factor]),
                    "expected_sign": "+", "sign_holds": coefficient > 0, "n": int(result.nobs),
                    "cities": int(sample["region_id"].nunique()), "first_year": int(sample["year"].min()),
                    "last_year": int(sample["year"].max()),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _left_out(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    rows = []
    for region_id, own in table.groupby("region_id"):
        slopes, city, year = _effects(table[table["region_id"] != region_id])
        # A city that the equation has never seen gets the mean city effect.
        fitted = own[FACTORS].to_numpy(dtype=float) @ slopes + city.mean() + year.reindex(own["year"]).to_numpy()
        error = own["growth"].to_numpy(dtype=float) - fitted
        naive = (own["growth"] - own["growth_lag"]).to_numpy(dtype=float)
        known = np.isfinite(error)
        rows.append(
            (region_id, names[str(region_id)], int(known.sum()), np.abs(error[known]).mean(), np.abs(naive[known]).mean())
        )
    return pd.DataFrame(rows, columns=["region_id", "name_zh", "n", "mae_model", "mae_naive"])


def _past_scores(table: pd.DataFrame, relative: pd.DataFrame) -> pd.DataFrame:
    actual = table.set_index(["region_id", "year"])["growth"]
    factor = relative.set_index(["region_id", "year"])["relative"]
    errors = []
    years = sorted(table["year"].unique())
    for origin in years[MINIMUM_YEARS - 1 : -1]:
        slopes, city, year = _effects(table[table["year"] <= origin])
        recent = float(year.iloc[-RECENT_YEARS:].mean())
        for region_id in city.index:
            if (region_id, origin) not in actual.index or (region_id, origin) not in factor.index:
                continue
            start = last_ante = last_post = float(actual[region_id, origin])
            known = float(factor[region_id, origin])
            sums = np.zeros(3)
            for h in range(1, SCORED_HORIZON + 1):
                key = (region_id, origin + h)
                if key not in actual.index or (region_id, origin + h - 1) not in factor.index:
                    break
                ahead = known * max(1 - (h - 1) / PATH_YEARS, 0.0)
                constant = city[region_id] + recent
                last_ante = constant + slopes @ [last_ante, ahead]
                last_post = constant + slopes @ [last_post, float(factor[region_id, origin + h - 1])]
                sums += float(actual[key]) - np.array([last_ante, last_post, start])
                errors.append((h, *np.abs(sums)))
    columns = ["h", "mae_ex_ante", "mae_ex_post", "mae_naive"]
    grouped = pd.DataFrame(errors, columns=columns).groupby("h")
    result = grouped.mean()
    result.insert(0, "n", grouped.size())
    return result.reset_index()


def _effects(table: pd.DataFrame) -> tuple[NDArray[np.float64], pd.Series, pd.Series]:
    """Slopes, city effects and year effects (mean zero) by least squares on dummies."""
    city, cities = pd.factorize(table["region_id"], sort=True)
    year, years = pd.factorize(table["year"], sort=True)
    design = np.hstack([table[FACTORS].to_numpy(dtype=float), np.eye(len(cities))[city], np.eye(len(years))[year]])
    estimate = np.linalg.lstsq(design, table["growth"].to_numpy(dtype=float), rcond=None)[0]
    city_effect = pd.Series(estimate[2 : 2 + len(cities)], index=cities)
    year_effect = pd.Series(estimate[2 + len(cities) :], index=years)
    shift = float(year_effect.mean())
    return estimate[:2], city_effect + shift, year_effect - shift


def _fit(table: pd.DataFrame) -> Any:
    return smf.ols("growth ~ growth_lag + gdp_relative_lag + C(region_id) + C(year)", data=table).fit(
        cov_type="cluster", cov_kwds={"groups": table["region_id"].astype("category").cat.codes}
    )


def _known(table: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    return table if ledger.edition is None else table[table["year"] <= ledger.edition]


def _known_gdp(ledger: Ledger) -> pd.DataFrame:
    return _known(ledger.table("panel_gdp_growth"), ledger)


def _factor_paths(
    ledger: Ledger, gdp: pd.DataFrame, region_id: str, horizon: int
) -> dict[str, NDArray[np.float64]]:
    """Relative growth that enters each forecast year: the last known value first, then a straight line to the path."""
    relative = relative_growth(gdp)
    latest = float(relative[relative["region_id"] == region_id].sort_values("year")["relative"].iloc[-1])
    declared = ledger.table("panel_factor_paths", as_published=False)
    steps = np.arange(horizon)
    return {
        str(row["scenario"]): latest + (float(row["value"]) - latest) * np.minimum(steps / int(row["years_to_reach"]), 1.0)
        for row in declared.sort_values("value").to_dict("records")
    }


def _forecast_growth(
    params: pd.Series, table: pd.DataFrame, own: Window, path: NDArray[np.float64]
) -> NDArray[np.float64]:
    city = float(params.get(f"C(region_id)[T.{own.region_id}]", 0.0))
    recent = sorted(table["year"].unique())[-RECENT_YEARS:]
    year_effect = float(np.mean([params.get(f"C(year)[T.{year}]", 0.0) for year in recent]))
    constant = float(params["Intercept"]) + city + year_effect
    growth = np.empty(len(path))
    last = 100 * float(np.log(own.values[-1] / own.values[-2]))
    for h, relative in enumerate(path):
        last = constant + float(params["growth_lag"]) * last + float(params["gdp_relative_lag"]) * relative
        growth[h] = last / 100
    return growth
