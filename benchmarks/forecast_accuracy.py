"""Accuracy of the trend engine on the public development series, beside its peers.

    python benchmarks/forecast_accuracy.py FOLDER [--peers PYTHON] [--cross]

Scores the constants of the package on every set, whole and with the last ten points of each series only. ``--cross``
fits the constants anew on the other sets and scores those. ``--peers PYTHON`` runs statsforecast in the environment of
that interpreter. The M3 entrants come from published_forecasts.csv.

sMAPE    mean of 200 |y - f| / (|y| + |f|)
MASE     mean over series of mean |y - f| / scale; scale = mean |y[t] - y[t-1]| of the whole past
OWA      (sMAPE / sMAPE of the last value + MASE / MASE of the last value) / 2
coverage share of actuals inside the interval, percent
MSIS95   mean over series of mean [(hi - lo) + 40 (lo - y)+ + 40 (y - hi)+] / scale
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from development import SETS, DevelopmentSeries, read_set
from fit_forecast_constants import fit_constants

from popbook.forecasting.engine import EngineConstants, forecast_series

PEERS = ("AutoETS", "AutoTheta", "DynamicOptimizedTheta", "AutoCES", "DampedHolt")
LAST = 10
ENTRANTS = 5


@dataclass(frozen=True)
class Forecasts:
    """Point forecasts and, where there are any, bounds; one row a series, one column a horizon."""

    point: np.ndarray
    bounds: dict[int, tuple[np.ndarray, np.ndarray]]


def score(series: Sequence[DevelopmentSeries], forecasts: Forecasts) -> dict[str, float]:
    """All scores of one method on one set."""
    actual = np.array([one.future for one in series])
    scale = np.array([one.scale for one in series])
    naive = np.repeat([[one.past[-1]] for one in series], actual.shape[1], axis=1)

    def smape(point: np.ndarray) -> float:
        size = np.abs(actual) + np.abs(point)
        return float((200 * np.abs(actual - point) / np.where(size == 0, 1, size)).mean())

    def mase(point: np.ndarray) -> float:
        return float((np.abs(actual - point).mean(axis=1) / scale).mean())

    point = forecasts.point
    row = {
        "OWA": (smape(point) / smape(naive) + mase(point) / mase(naive)) / 2,
        "sMAPE": smape(point),
        "MASE": mase(point),
    }
    for level, (lower, upper) in forecasts.bounds.items():
        row[f"cov{level}"] = 100 * float(((lower <= actual) & (actual <= upper)).mean())
    if 95 in forecasts.bounds:
        lower, upper = forecasts.bounds[95]
        miss = np.maximum(lower - actual, 0) + np.maximum(actual - upper, 0)
        row["MSIS95"] = float((((upper - lower) + 40 * miss).mean(axis=1) / scale).mean())
    return row


def forecast_engine(series: Sequence[DevelopmentSeries], constants: EngineConstants | None) -> Forecasts:
    """The engine with the constants of the package, or with others."""
    result = forecast_series([one.past for one in series], len(series[0].future), (80, 95), constants)
    return Forecasts(result.point, {80: (result.lower[0], result.upper[0]), 95: (result.lower[1], result.upper[1])})


def forecast_peers(series: Sequence[DevelopmentSeries], python: Path) -> dict[str, Forecasts]:
    """The peers, run by the interpreter of their environment."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "series.csv")
        write_series(series, source)
        command = [str(python), str(Path(__file__).with_name("peers.py")), str(source), folder, *PEERS]
        print(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout), "seconds")
        for name in PEERS:
            table = pd.read_csv(Path(folder, f"{name}.csv"), dtype={"series_id": str})
            wide = {
                column: table.pivot(index="series_id", columns="h", values=column)
                .loc[[one.series_id for one in series]]
                .to_numpy()
                for column in ("point", "lo80", "hi80", "lo95", "hi95")
            }
            bounds = {level: (wide[f"lo{level}"], wide[f"hi{level}"]) for level in (80, 95)}
            found[name] = Forecasts(wide["point"], bounds)
    return found


def write_series(series: Sequence[DevelopmentSeries], path: Path) -> None:
    """Write series as the command reads them."""
    with path.open("w", encoding="utf-8") as file:
        file.write("series_id,year,value\n")
        for one in series:
            file.writelines(f"{one.series_id},{t},{value!r}\n" for t, value in enumerate(one.past.tolist(), start=1))


def forecast_entrants(series: Sequence[DevelopmentSeries], folder: Path) -> dict[str, Forecasts]:
    """What the M3 competitors handed in."""
    table = pd.read_csv(folder / SETS["M3"] / "published_forecasts.csv", dtype={"series_id": str})
    names = [one.series_id for one in series]
    columns = [f"h{h}" for h in range(1, 7)]
    return {
        method: Forecasts(group.set_index("series_id").loc[names, columns].to_numpy(dtype=float), {})
        for method, group in table.groupby("method")
        if set(names) <= set(group["series_id"])
    }


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers", type=Path, metavar="PYTHON")
    parser.add_argument("--cross", action="store_true")
    arguments = parser.parse_args()
    sets = {name: read_set(arguments.folder, name) for name in SETS}
    rows: list[dict[str, object]] = []
    for name, series in sets.items():
        for label, constants in _constants_to_score(name, sets, arguments.cross):
            for part in (series, [one.cut(LAST) for one in series]):
                points = "all" if part is series else f"last {LAST}"
                row = score(part, forecast_engine(part, constants))
                rows.append({"set": f"{name} ({len(series)})", "points": points, "method": label, **row})
        if arguments.peers:
            for method, forecasts in forecast_peers(series, arguments.peers).items():
                row = score(series, forecasts)
                rows.append({"set": f"{name} ({len(series)})", "points": "all", "method": method, **row})
    for name in ("M3", "M1"):
        others = read_set(arguments.folder, name, demographic=False)
        row = score(others, forecast_engine(others, None))
        rows.append({"set": f"{name} rest ({len(others)})", "points": "all", "method": "popbook", **row})
    entrants = {
        method: score(sets["M3"], forecasts)
        for method, forecasts in forecast_entrants(sets["M3"], arguments.folder).items()
    }
    for method in sorted(entrants, key=lambda method: entrants[method]["OWA"])[:ENTRANTS]:
        label = {"set": f"M3 ({len(sets['M3'])})", "points": "all", "method": f"M3 entrant {method.strip()}"}
        rows.append({**label, **entrants[method]})
    print(pd.DataFrame(rows).to_string(index=False, float_format=lambda value: f"{value:.3f}", na_rep="-"))


def _constants_to_score(
    name: str, sets: dict[str, list[DevelopmentSeries]], cross: bool
) -> list[tuple[str, EngineConstants | None]]:
    choices: list[tuple[str, EngineConstants | None]] = [("popbook", None)]
    if cross:
        others = [one for other, series in sets.items() if other != name for one in series]
        choices.append(("popbook, fitted on the other sets", fit_constants(others)))
    return choices


if __name__ == "__main__":
    main()
