"""Clean windows of the peer cities: stretches of yearly population on one vintage and one territory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

SERIES_VINTAGES: dict[str, tuple[str, tuple[str, ...] | None]] = {
    "resident-rebased": ("panel_resident", ("rebased-2020-census", "annual-survey-on-2020-census")),
    "resident-first-published": ("panel_resident", ("first-published-pre-2020-census",)),
    "hukou": ("panel_hukou", None),
}
"""Name in windows.csv -> table, vintages that it may join (None: the table has one)."""


@dataclass(frozen=True)
class Window:
    """Consecutive yearly levels of one city that may be joined.

    Parameters
    ----------
    region_id, name_zh : str
    first_year : int
    values : numpy.ndarray, shape (years,)
        万人.
    """

    region_id: str
    name_zh: str
    first_year: int
    values: NDArray[np.float64]

    @property
    def years(self) -> NDArray[np.int64]:
        """Calendar years of the values."""
        return np.arange(self.first_year, self.first_year + len(self.values))


def read_windows(ledger: Ledger, series: str, minimum: int = 2) -> list[Window]:
    """The clean windows that were published by the ledger's date, cut at its edition year.

    A window is used from its first year to the last year without a gap; windows of fewer than ``minimum``
    years are left out. Which years may be joined is decided by `data/panel/windows.csv`, with reasons.

    Parameters
    ----------
    ledger : Ledger
    series : str
        A key of `SERIES_VINTAGES`.
    minimum : int
        Years.

    Returns
    -------
    list of Window
        In order of region and first year.

    Raises
    ------
    KeyError
        If the series is unknown.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> windows = read_windows(read_ledger().for_edition(2023), "resident-rebased")
    >>> [(w.first_year, len(w.values)) for w in windows if w.name_zh == "杭州市"]
    [(2014, 10)]
    """
    return list(_read_windows(ledger, series, minimum))


@remember(maxsize=64)
def _read_windows(ledger: Ledger, series: str, minimum: int) -> tuple[Window, ...]:
    table_name, vintages = SERIES_VINTAGES[series]
    levels = ledger.table(table_name)
    if vintages is not None:
        levels = levels[levels["vintage"].isin(vintages)]
    if ledger.edition is not None:
        levels = levels[levels["year"] <= ledger.edition]
    # Where two sources state the same year, the better confidence decides; they agree in the data at hand.
    levels = levels.sort_values(["region_id", "year", "confidence"]).drop_duplicates(["region_id", "year"])
    by_city = {key: part.set_index("year")["value"] for key, part in levels.groupby("region_id")}
    declared = ledger.table("panel_windows")
    windows = []
    for row in declared[declared["series"] == series].to_dict("records"):
        values = by_city.get(row["region_id"], pd.Series(dtype=float))
        years = np.arange(int(row["first_year"]), int(row["last_year"]) + 1)
        found = values.reindex(years).to_numpy(dtype=float)
        length = int(np.argmax(np.isnan(found))) if np.isnan(found).any() else len(found)
        if length >= minimum:
            windows.append(Window(str(row["region_id"]), str(row["name_zh"]), int(years[0]), found[:length]))
    return tuple(windows)


def without_city(windows: list[Window], region_id: str) -> list[Window]:
    """The windows of all other cities.

    Parameters
    ----------
    windows : list of Window
    region_id : str

    Returns
    -------
    list of Window

    Examples
    --------
    >>> without_city([Window("990100", "某市", 2014, np.ones(3))], "990100")
    []
    """
    return [window for window in windows if window.region_id != region_id]
