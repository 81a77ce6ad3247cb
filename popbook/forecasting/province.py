"""Share of the province: the city's residents as a damped share of a total that is forecast on its own.

``y[t] = s[t] P[t]``. The logit of the share moves by its mean change of the last five years, fading by 0.9 a year,
so that the share stays between 0 and 1; the total moves by its own damped drift. Zhejiang's total is the sum of
its eleven cities on one base, because no re-based provincial series is in the data folder; the sum equals the
published provincial totals of 2020-2023 to the digit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from popbook.forecasting.intervals import rolling_errors, series_scale
from popbook.forecasting.panel import Window, read_windows
from popbook.forecasting.trend import DAMPING, DRIFT_WINDOW, MINIMUM_POINTS
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

Array = NDArray[np.float64]

PROVINCE_PREFIX = "33"
"""The province whose cities the panel holds complete, by the first digits of their codes."""
CITIES_OF_PROVINCE = 11
SHARE_SERIES = "resident-rebased"

NO_PROVINCE = "按七普回溯的全省各市数当时不足五年，全省份额法不能用"
NO_PROVINCE_YEAR = "起点年的全省各市数尚未公布，全省份额法不能用"


def province_totals(windows: Sequence[Window]) -> pd.Series:
    """Residents of Zhejiang by year: the sum of its eleven cities in the years in which all of them are known.

    Parameters
    ----------
    windows : sequence of Window
        Clean windows of all cities on one base.

    Returns
    -------
    pandas.Series
        万人, index = year; empty without all eleven cities.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> totals = province_totals(read_windows(read_ledger().for_edition(2023), "resident-rebased"))
    >>> totals.loc[[2020, 2021, 2022, 2023]].round(1).tolist()
    [6468.0, 6540.0, 6577.0, 6627.0]
    """
    own = [window for window in windows if window.region_id.startswith(PROVINCE_PREFIX)]
    table = pd.DataFrame({w.region_id: pd.Series(w.values, index=w.years) for w in own})
    if table.shape[1] < CITIES_OF_PROVINCE:
        return pd.Series(dtype=float)
    return table.dropna().sum(axis=1)


def forecast_share(values: ArrayLike, totals: ArrayLike, horizon: int) -> Array:
    """Forecast a part of a whole by its damped share and the damped growth of the whole.

    Parameters
    ----------
    values, totals : array of float, shape (..., n)
        Yearly levels of the part and of the whole, same years; at least `MINIMUM_POINTS`.
    horizon : int
        Years ahead.

    Returns
    -------
    numpy.ndarray, shape (..., horizon)

    Raises
    ------
    ValueError
        If there are too few years or a part is not smaller than its whole.

    Examples
    --------
    >>> forecast_share([10.0] * 5, [100.0] * 5, 2).round(6).tolist()
    [10.0, 10.0]
    """
    part, whole = np.asarray(values, dtype=float), np.asarray(totals, dtype=float)
    if part.shape[-1] < MINIMUM_POINTS:
        raise ValueError(f"{part.shape[-1]} points; a share needs at least {MINIMUM_POINTS}")
    if not ((part > 0) & (part < whole)).all():
        raise ValueError("a part must be positive and smaller than its whole")
    fade = np.cumsum(DAMPING ** np.arange(1, horizon + 1))
    logit = np.log(part) - np.log(whole - part)
    ahead = logit[..., -1:] + _recent(logit) * fade
    log_whole = np.log(whole)
    return np.exp(log_whole[..., -1:] + _recent(log_whole) * fade) / (1 + np.exp(-ahead))


def share_errors(windows: Sequence[Window], horizon: int) -> pd.DataFrame:
    """Rolling-origin errors of the share method in the province's cities, shaped like `rolling_errors`.

    Parameters
    ----------
    windows : sequence of Window
    horizon : int

    Returns
    -------
    pandas.DataFrame
        Columns ``region_id, name_zh, origin, h, member, error, scale``.
    """
    totals = province_totals(windows)
    rows = []
    for window in windows:
        if not window.region_id.startswith(PROVINCE_PREFIX) or totals.empty:
            continue
        values = pd.Series(window.values, index=window.years).reindex(totals.index).dropna()
        whole = totals.reindex(values.index).to_numpy()
        level, years = values.to_numpy(), values.index.to_numpy()
        for n in range(MINIMUM_POINTS, len(level)):
            ahead = min(horizon, len(level) - n)
            path = forecast_share(level[:n], whole[:n], ahead)
            # Scale of the whole window up to the origin, as for the other members, so that errors share one pool.
            past = np.log(window.values[window.years <= years[n - 1]])
            for h in range(ahead):
                error = float(np.log(level[n + h] / path[h]))
                rows.append((window.region_id, window.name_zh, int(years[n - 1]), h + 1, "province_share", error,
                             series_scale(past)))  # fmt: skip
    return pd.DataFrame(rows, columns=["region_id", "name_zh", "origin", "h", "member", "error", "scale"])


def panel_errors(ledger: Ledger, series: str, horizon: int) -> pd.DataFrame:
    """Rolling-origin errors of every member and benchmark in the clean windows of the cities.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    series : str
        A key of `popbook.forecasting.panel.SERIES_VINTAGES`.
    horizon : int
        Longest horizon.

    Returns
    -------
    pandas.DataFrame
        Columns as `rolling_errors`; the share of the province only for residents and only in its cities.
    """
    errors = _panel_errors(ledger, series)
    return errors[errors["h"] <= horizon].reset_index(drop=True)


@remember(maxsize=64, on_disk=True)
def _panel_errors(ledger: Ledger, series: str) -> pd.DataFrame:
    """Errors as far ahead as the windows reach: what is known of a horizon does not depend on longer ones."""
    windows = read_windows(ledger, series, MINIMUM_POINTS + 1)
    horizon = max((len(window.values) for window in windows), default=1)
    errors = rolling_errors(windows, horizon)
    if series != SHARE_SERIES or errors.empty:
        return errors
    shares = share_errors(windows, horizon)
    return pd.concat([errors, shares], ignore_index=True) if len(shares) else errors


def no_share_reason(ledger: Ledger) -> str:
    """Say why `forecast_province_share` gives nothing: too few years of the whole province, or none for the jump-off.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> no_share_reason(read_ledger().for_edition(2020)) == NO_PROVINCE
    True
    """
    totals = province_totals(read_windows(ledger, SHARE_SERIES, MINIMUM_POINTS + 1))
    return NO_PROVINCE if len(totals) < MINIMUM_POINTS else NO_PROVINCE_YEAR


def forecast_province_share(ledger: Ledger, years: ArrayLike, values: ArrayLike, horizon: int) -> Array | None:
    """Forecast a city by its share of the province, or None where the vintage cannot show one.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    years, values : array, shape (n,)
        The city's own series; its years within those of the provincial total are used.
    horizon : int

    Returns
    -------
    numpy.ndarray, shape (horizon,), or None
        None with fewer than `MINIMUM_POINTS` common years, or if the series does not end with the total.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> forecast_province_share(read_ledger().for_edition(2020), [2020], [1196.5], 3) is None
    True
    """
    if not ledger.city.startswith(PROVINCE_PREFIX):
        return None
    totals = province_totals(read_windows(ledger, SHARE_SERIES, MINIMUM_POINTS + 1))
    own = pd.Series(np.asarray(values, dtype=float), index=np.asarray(years, dtype=int))
    common = own.index.intersection(totals.index)
    if len(common) < MINIMUM_POINTS or common[-1] != own.index[-1] or common[-1] != totals.index[-1]:
        return None
    return forecast_share(own[common].to_numpy(), totals[common].to_numpy(), horizon)


def _recent(log: Array) -> Array:
    return np.diff(log, axis=-1)[..., -DRIFT_WINDOW:].mean(axis=-1, keepdims=True)
