"""The public development series: annual series with known futures (M3, M1, and an M4 of 2010; demographic ones).

A folder of sets, each with train.csv (series_id,t,value), test.csv (series_id,h,value) and meta.csv
(series_id,demographic,scale): the layout of the folder that the scoring script reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

SETS = {"M3": "m3_yearly", "2010": "m4comp2010_demographic", "M1": "m1_yearly"}


@dataclass(frozen=True)
class DevelopmentSeries:
    """One series: its past, its next six years, and the mean absolute change of its whole past."""

    series_id: str
    past: np.ndarray
    future: np.ndarray
    scale: float

    def cut(self, points: int) -> DevelopmentSeries:
        """The series as if only its last points were known; the scale stays that of the whole past."""
        return DevelopmentSeries(self.series_id, self.past[-points:], self.future, self.scale)

    def origins(self, count: int, step: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Past and future at the last origin and at earlier ones, the newest first."""
        values = np.append(self.past, self.future)
        for end in range(len(self.past), len(self.past) - count * step, -step):
            if end >= 5 and np.ptp(values[:end]) > 0:
                yield values[:end], values[end : end + len(self.future)]


def read_set(folder: Path, name: str, demographic: bool = True) -> list[DevelopmentSeries]:
    """Read the demographic (or the other) series of one set."""
    place = folder / SETS[name]
    meta = pd.read_csv(place / "meta.csv", dtype={"series_id": str})
    meta = meta[meta["demographic"] == int(demographic)]
    past = dict(iter(pd.read_csv(place / "train.csv", dtype={"series_id": str}).groupby("series_id")))
    future = dict(iter(pd.read_csv(place / "test.csv", dtype={"series_id": str}).groupby("series_id")))
    return [
        DevelopmentSeries(
            row.series_id,
            past[row.series_id].sort_values("t")["value"].to_numpy(dtype=float),
            future[row.series_id].sort_values("h")["value"].to_numpy(dtype=float),
            row.scale,
        )
        for row in meta.itertuples()
    ]
