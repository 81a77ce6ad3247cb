"""Event study: did residents of host cities grow faster around the Games than before, and than other cities?

The lift of a city around year T is ``L = (g[T-1] + g[T]) / 2 - (g[T-3] + g[T-2]) / 2``, percentage points of yearly
growth within one series on one base; the plan argues that growth rises in the year before and the year itself.
The effect is the host's lift less the median lift of control cities in the same years. Placebo lifts are those of
control cities in every year they have, and of the host in years that do not touch the event; with k of n placebos
at least as large as the host's lift, ``p = (1 + k) / (1 + n)`` says how unusual it is. Nothing here is a cause: the hosts were
chosen because they grew, and two of the Games fall on census years.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from popbook.forecasting.panel import read_windows
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

GAMES_YEARS = {"beijing-1990": 1990, "beijing-2008": 2008, "guangzhou-2010": 2010}
GAMES_NAMES_ZH = {
    "beijing-1990": "北京1990年亚运会",
    "beijing-2008": "北京2008年奥运会",
    "guangzhou-2010": "广州2010年亚运会",
    "own-planned": "{city}亚运会（原定2022年）",
    "own-held": "{city}亚运会（2023年举行）",
}
LIMITS_ZH = {
    "beijing-1990": "没有对照城市；1990年是人口普查年，当年数的基数有变",
    "beijing-2008": "2006—2009年按2010年普查修订，各年增量是分摊的结果；首次公布的增速较低",
    "guangzhou-2010": "2010年是人口普查年，以前各年按普查平滑，增速逐年上升不能归因于赛事",
    "own-planned": "疫情与原定日期同年，靠与其他城市同年比较扣除，不能完全分开",
    "own-held": "疫情、延期与赛事同在这几年，靠与其他城市同年比较扣除，不能完全分开",
}
CLEAR_SHARE = 0.1
"""A lift with p below a tenth would be called unusual; with fewer than nine placebos none can be."""

NONE, WITHIN, UNUSUAL, UNKNOWN = "未见推升", "有提高，不能与偶然区分", "提高少见，原因不明", "数据不足，不能判断"


@dataclass(frozen=True)
class EventStudy:
    """Growth around the Games and what it says.

    Parameters
    ----------
    growth : pandas.DataFrame
        Columns ``event_id, event, role, region_id, name_zh, series, year, relative_year, growth`` (per cent).
    effects : pandas.DataFrame
        Columns ``event_id, event, year, host, lift, controls, control_lift, effect, placebos, p,
        verdict, limits``: percentage points; NaN where it cannot be computed.
    """

    growth: pd.DataFrame
    effects: pd.DataFrame


def lift(growth: pd.Series, year: int) -> float:
    """Mean growth of the year and the year before, less that of the two years before them.

    Parameters
    ----------
    growth : pandas.Series
        Per cent, index = year.
    year : int

    Returns
    -------
    float
        Percentage points; NaN if one of the four years is missing.

    Examples
    --------
    >>> lift(pd.Series([1.0, 1.0, 2.0, 4.0], index=[2005, 2006, 2007, 2008]), 2008)
    2.0
    """
    return _lift(dict(zip(growth.index, growth, strict=True)), year)


def _lift(growth: Mapping[int, float], year: int) -> float:
    first, second, third, last = (growth.get(year - ago, np.nan) for ago in (3, 2, 1, 0))
    return (third + last) / 2 - (first + second) / 2


@remember(maxsize=16, on_disk=True)
def study_events(ledger: Ledger) -> EventStudy:
    """Compare host cities with controls and placebos, on what the ledger shows.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition: the Hangzhou rows appear only when their years are published, and the held date
        only when it was announced.

    Returns
    -------
    EventStudy

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> effects = study_events(read_ledger().for_edition(2024)).effects.set_index("event_id")
    >>> effects.loc["own-held", "verdict"]
    '未见推升'
    """
    city = ledger.regions[ledger.city].name_zh
    growth = pd.concat([_curated(ledger), _own(ledger)], ignore_index=True)
    short = city.removesuffix("市")
    growth["event"] = [GAMES_NAMES_ZH[event_id].format(city=short) for event_id in growth["event_id"]]
    rows = [_effect(str(event_id), part, city) for event_id, part in growth.groupby("event_id", sort=False)]
    return EventStudy(growth, pd.DataFrame(rows))


def games_years(ledger: Ledger) -> tuple[int, ...]:
    """Years of the city's Games and the year before, as far as their date was known at the edition.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.

    Returns
    -------
    tuple of int
        Empty while the Games were postponed without a new date.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> [games_years(read_ledger().for_edition(year)) for year in (2020, 2021, 2022)]
    [(2021, 2022), (), (2022, 2023)]
    """
    year = _own_year(ledger, "asian-games-held")
    if year is None and _own_year(ledger, "asian-games-postponed") is None:
        year = _own_year(ledger, "asian-games-planned")
    return () if year is None else (year - 1, year)


def _curated(ledger: Ledger) -> pd.DataFrame:
    table = ledger.table("panel_events_growth")
    parts = []
    for (event_id, role, region_id, series), part in table.groupby(["event_id", "role", "region_id", "series"]):
        levels = part.set_index("year")["value"].sort_index()
        name = str(part["name_zh"].iloc[0])
        parts.append(_growth_rows(str(event_id), GAMES_YEARS[str(event_id)], str(role), str(region_id), name, str(series), levels))
    return pd.concat(parts, ignore_index=True)


def _own(ledger: Ledger) -> pd.DataFrame:
    parts = []
    for event_id, name in (("own-planned", "asian-games-planned"), ("own-held", "asian-games-held")):
        year = _own_year(ledger, name)
        if year is None:
            continue
        for window in read_windows(ledger, "resident-rebased", 2):
            role = "host" if window.region_id == ledger.city else "control"
            levels = pd.Series(window.values, index=window.years)
            parts.append(_growth_rows(event_id, year, role, window.region_id, window.name_zh, "resident-rebased", levels))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _own_year(ledger: Ledger, event_id: str) -> int | None:
    # The table, not `ledger.events`: a date that was announced counts also while it lies ahead of the edition.
    events = ledger.table("events")
    found = events[events["event_id"] == event_id]
    return None if found.empty else int(found["year"].iloc[0])


def _growth_rows(
    event_id: str, event_year: int, role: str, region_id: str, name_zh: str, series: str, levels: pd.Series
) -> pd.DataFrame:
    growth = (100 * (levels / levels.shift(1) - 1)).iloc[1:]
    return pd.DataFrame(
        {
            "event_id": event_id, "event": "", "event_year": event_year, "role": role,
            "region_id": region_id, "name_zh": name_zh, "series": series, "year": growth.index,
            "relative_year": growth.index - event_year, "growth": growth.to_numpy(),
        }
    )  # fmt: skip


def _effect(event_id: str, rows: pd.DataFrame, city: str) -> dict[str, object]:
    year = int(rows["event_year"].iloc[0])
    host_rows = rows[rows["role"] == "host"]
    host = _by_year(host_rows)
    own = _lift(host, year)
    lifts, placebos = [], []
    for _, part in rows[rows["role"] == "control"].groupby(["region_id", "series", _stretch(rows)]):
        growth = _by_year(part)
        lifts.append(_lift(growth, year))
        placebos += [_lift(growth, other) for other in growth]
    placebos += [_lift(host, other) for other in host if abs(other - year) > 1]
    control = np.array([value for value in lifts if np.isfinite(value)])
    other = np.array([value for value in placebos if np.isfinite(value)])
    control_lift = float(np.median(control)) if len(control) else np.nan
    p = (1 + int((other >= own).sum())) / (1 + len(other)) if np.isfinite(own) else np.nan
    return {
        "event_id": event_id, "event": rows["event"].iloc[0], "year": year,
        "host": host_rows["name_zh"].iloc[0] if len(host_rows) else city, "lift": own, "controls": len(control),
        "control_lift": control_lift, "effect": own - control_lift, "placebos": len(other), "p": p,
        "verdict": _verdict(own, own - control_lift, p), "limits": LIMITS_ZH[event_id],
    }  # fmt: skip


def _by_year(rows: pd.DataFrame) -> dict[int, float]:
    return dict(zip(rows["year"].tolist(), rows["growth"].tolist(), strict=True))


def _stretch(rows: pd.DataFrame) -> pd.Series:
    """Number of the stretch of consecutive years that a row belongs to, so that no lift spans a gap."""
    return (rows.groupby(["region_id", "series", "role"])["year"].diff() != 1).cumsum().rename("stretch")


def _verdict(own: float, effect: float, p: float) -> str:
    if not np.isfinite(own):
        return UNKNOWN
    if own <= 0 or (np.isfinite(effect) and effect <= 0):
        return NONE
    return UNUSUAL if p < CLEAR_SHARE else WITHIN
