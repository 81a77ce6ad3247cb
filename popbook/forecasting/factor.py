"""Factor regression on the panel of cities: growth on last year's growth and last year's relative GDP growth.

``g[i,t] = a[i] + c[t] + r g[i,t-1] + b x[i,t-1] + e[i,t]``: log growth of residents (per cent a year) with city
and year effects; ``x`` is the real growth of GDP less the mean of all cities of that year (percentage points).
Signs stated beforehand: both positive. Standard errors are clustered by city.

What it cannot tell: nothing about causes (people follow jobs and jobs follow people); the lag coefficient is
biased downward by about ``(1 + r) / T`` (Nickell 1981); the year effects of the future are unknown and are set to
the mean of the last three; GDP growth beyond the last published year is carried forward.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from numpy.typing import NDArray

from popbook.forecasting.panel import Window, read_windows
from popbook.ledger.store import CITY, Ledger

MINIMUM_CITIES = 12
MINIMUM_YEARS = 4
RECENT_YEARS = 3
"""Years whose mean year effect stands for the future."""

NO_PANEL = "按七普回溯的城市序列当时尚未公布，不能回归"
LIMITS = (
    "回归只说明相关，不说明因果；滞后项系数有向下的偏误；未来的年份效应未知，取最近三年平均；国内生产总值增速缺最新一年时沿用上一年。"
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
        Forecast log growth of the city, a year.
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
    limits: str = LIMITS


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


def fit_factor_regression(ledger: Ledger, horizon: int, region_id: str = CITY) -> FactorRegression | None:
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
    windows = read_windows(ledger, "resident-rebased", 3)
    gdp = ledger.table("panel_gdp_growth")
    if ledger.edition is not None:
        gdp = gdp[gdp["year"] <= ledger.edition]
    table = panel_table(windows, gdp)
    own = [window for window in windows if window.region_id == region_id]
    if table["region_id"].nunique() < MINIMUM_CITIES or table["year"].nunique() < MINIMUM_YEARS or not own:
        return None
    result = smf.ols("growth ~ growth_lag + gdp_relative_lag + C(region_id) + C(year)", data=table).fit(
        cov_type="cluster", cov_kwds={"groups": table["region_id"].astype("category").cat.codes}
    )
    names = {"growth_lag": "上年常住人口增速", "gdp_relative_lag": "上年生产总值相对增速"}
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
    return FactorRegression(
        coefficients=coefficients,
        n=int(result.nobs),
        cities=int(table["region_id"].nunique()),
        first_year=int(table["year"].min()),
        last_year=int(table["year"].max()),
        r_squared_within=float(1 - result.ssr / base.ssr),
        growth=_forecast_growth(result.params, table, gdp, own[-1], horizon),
    )


def _forecast_growth(
    params: pd.Series, table: pd.DataFrame, gdp: pd.DataFrame, own: Window, horizon: int
) -> NDArray[np.float64]:
    city = float(params.get(f"C(region_id)[T.{own.region_id}]", 0.0))
    recent = sorted(table["year"].unique())[-RECENT_YEARS:]
    year_effect = float(np.mean([params.get(f"C(year)[T.{year}]", 0.0) for year in recent]))
    relative = relative_growth(gdp)
    latest = relative[relative["region_id"] == own.region_id].sort_values("year")["relative"]
    constant = params["Intercept"] + city + year_effect + params["gdp_relative_lag"] * float(latest.iloc[-1])
    growth = np.empty(horizon)
    last = 100 * float(np.log(own.values[-1] / own.values[-2]))
    for h in range(horizon):
        last = constant + params["growth_lag"] * last
        growth[h] = last / 100
    return growth
