"""Edition views of the real ledger, read once for all tests of the forecasting floor."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from popbook.forecasting.panel import Window
from popbook.ledger.store import Ledger, read_ledger

EDITIONS = (2020, 2021, 2022, 2023, 2024)


@cache
def full_ledger() -> Ledger:
    return read_ledger()


@cache
def edition(year: int) -> Ledger:
    return full_ledger().for_edition(year)


def window(region: str = "r", growth: float = 0.02, years: int = 12, first_year: int = 2011, noise: float = 0.0,
           seed: int = 0) -> Window:  # fmt: skip
    shocks = noise * np.random.default_rng(seed).standard_normal(years - 1)
    log = np.concatenate([[0.0], np.cumsum(growth + shocks)])
    return Window(region, f"城市{region}", first_year, 100 * np.exp(log))


def many_windows(cities: int = 20, **overrides: float) -> list[Window]:
    return [
        window(f"{i:02d}", growth=0.005 + 0.001 * i, noise=0.01, seed=i, **overrides)  # type: ignore[arg-type]
        for i in range(cities)
    ]


def errors_of(rows: list[tuple[str, int, float]]) -> pd.DataFrame:
    """Errors of one method from (region, h, error), origin 2020, scale 1."""
    table = pd.DataFrame(rows, columns=["region_id", "h", "error"])
    return table.assign(name_zh=table["region_id"], origin=2020, member="combination", scale=1.0)
