"""Forecast a file of annual series with statsforecast: the peers of the benchmarks. Runs in its own environment.

    python peers.py INPUT.csv FOLDER [MODEL ...]

INPUT has series_id,year,value. Writes FOLDER/<model>.csv (series_id,h,point,lo80,hi80,lo95,hi95) and prints the seconds
of each model after one warm-up series, so that compiling is not counted.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from statsforecast.models import AutoCES, AutoETS, AutoTheta, DynamicOptimizedTheta, Holt, RandomWalkWithDrift

HORIZON = 6
MODELS = {
    "AutoETS": lambda: AutoETS(season_length=1),
    "AutoTheta": lambda: AutoTheta(season_length=1),
    "DynamicOptimizedTheta": lambda: DynamicOptimizedTheta(season_length=1),
    "AutoCES": lambda: AutoCES(season_length=1),
    "DampedHolt": lambda: AutoETS(season_length=1, model="AAN", damped=True),
    "Holt": lambda: Holt(season_length=1),
    "Drift": lambda: RandomWalkWithDrift(),
}


def forecast_one(make, values: np.ndarray, horizon: int) -> tuple[dict[str, np.ndarray], bool]:
    """Forecast one series; the last value is carried forward where the peer fails."""
    try:
        with np.errstate(all="ignore"):
            result = make().forecast(y=values, h=horizon, level=[80, 95])
        bounds = {f"{side}{level}": result[f"{side}-{level}"] for level in (80, 95) for side in ("lo", "hi")}
        if np.isfinite(result["mean"]).all():
            return {"point": result["mean"], **bounds}, False
    except Exception:  # a peer may fail in any way of its own; failures are counted and printed
        pass
    return {name: np.full(horizon, values[-1]) for name in ("point", "lo80", "hi80", "lo95", "hi95")}, True


def main() -> None:
    """Run the peers."""
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    table = pd.read_csv(source, dtype={"series_id": str}).sort_values(["series_id", "year"])
    series = {name: group["value"].to_numpy(dtype=float) for name, group in table.groupby("series_id")}
    folder.mkdir(parents=True, exist_ok=True)
    seconds = {}
    for model in sys.argv[3:] or MODELS:
        make = MODELS[model]
        forecast_one(make, next(iter(series.values())), HORIZON)
        started, failures, parts = time.perf_counter(), 0, []
        for name, values in series.items():
            columns, failed = forecast_one(make, values, HORIZON)
            failures += failed
            parts.append(pd.DataFrame({"series_id": name, "h": np.arange(1, HORIZON + 1), **columns}))
        seconds[model] = time.perf_counter() - started
        pd.concat(parts).to_csv(folder / f"{model}.csv", index=False)
        if failures:
            print(f"{model}: {failures} series failed; last value carried forward", file=sys.stderr)
    print(json.dumps({model: round(value, 2) for model, value in seconds.items()}))


if __name__ == "__main__":
    main()
