"""Fit the constants of the trend engine on public development series and write them into the package.

    python benchmarks/fit_forecast_constants.py FOLDER

1. Pooled regression: least absolute deviations, one horizon at a time, exact (linear programme). Each series enters
   with its last three origins two years apart, whole and cut to its last ten points.
2. Half-widths: quantiles of the engine's own errors in scales of the series, at the same origins, every series with
   equal weight; series cut to 5, 7, 10 and 14 points, and whole for those of 20 and more.
3. Exponent of the width beyond six years: slope of the log 80 % and 95 % quantiles of horizons 6 to 20, at rolling
   origins of the series that are long enough.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from development import SETS, DevelopmentSeries, read_set
from scipy import sparse
from scipy.optimize import linprog

from popbook.forecasting.engine import HISTORY, MEMBERS_ON_LEVELS, EngineConstants, project_members
from popbook.forecasting.error_scale import WidthTable, error_scale, scaled_errors
from popbook.forecasting.pooled import mean_absolute_change, pooled_features

LEVELS = (50, 60, 70, 80, 90, 95, 99)
CUT_LENGTHS = (5, 7, 10, 14)
LONGEST_LENGTH = 20
ORIGINS = 3
STEP = 2
LONG_HORIZON = 20
LONG_PAST = 10


def fit_coefficients(series: Sequence[DevelopmentSeries]) -> np.ndarray:
    """Coefficients of the pooled regression, one row a horizon."""
    features, answers = [], []
    for one in series:
        for past, future in one.origins(ORIGINS, STEP):
            for length in (HISTORY, 10):
                known = past[-length:]
                if np.ptp(known) == 0:
                    continue
                on_logs = known.min() > 0 and future.min() > 0
                start, then = (np.log(known), np.log(future)) if on_logs else (known, future)
                features.append(pooled_features(start))
                answers.append((then - start[-1]) / mean_absolute_change(start))
    design, answer = np.array(features), np.array(answers)
    return np.array([_least_absolute_deviations(design, answer[:, h]) for h in range(answer.shape[1])])


def _least_absolute_deviations(design: np.ndarray, answer: np.ndarray) -> np.ndarray:
    rows, columns = design.shape
    equations = sparse.hstack([sparse.csr_matrix(design), sparse.identity(rows), -sparse.identity(rows)])
    cost = np.append(np.zeros(columns), np.ones(2 * rows))
    bounds = [(None, None)] * columns + [(0, None)] * (2 * rows)
    return linprog(cost, A_eq=equations.tocsr(), b_eq=answer, bounds=bounds, method="highs").x[:columns]


def measure_errors(pasts: Sequence[np.ndarray], futures: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Errors of the engine in scales of each series; one row a series, one column a horizon."""
    recent = [past[-HISTORY:] for past in pasts]
    positive = np.array([past.min() > 0 for past in recent])
    horizon = futures.shape[1]
    members, _ = project_members(recent, positive, coefficients, horizon)
    errors = np.empty(futures.shape)
    for i, past in enumerate(recent):
        paths = members[:, i] if positive[i] else members[:MEMBERS_ON_LEVELS, i]
        scale = error_scale(past, paths[:, len(coefficients) - 1].std())
        errors[i] = scaled_errors(futures[i], paths.mean(axis=0), scale, bool(positive[i]))
    return errors


def weighted_quantiles(values: np.ndarray, weights: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Smallest values below which the given shares of the weight lie."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return values[order][np.minimum(np.searchsorted(reached, np.array(shares) - 1e-9), len(values) - 1)]


def fit_multiples(series: Sequence[DevelopmentSeries], coefficients: np.ndarray) -> np.ndarray:
    """Half-widths in scales: levels x lengths x horizons."""
    tables = []
    for length in (*CUT_LENGTHS, LONGEST_LENGTH):
        pasts, futures, owner = [], [], []
        for number, one in enumerate(series):
            for past, future in one.origins(ORIGINS, STEP):
                known = past if length == LONGEST_LENGTH else past[-length:]
                if len(past) >= length and np.ptp(known) > 0:
                    pasts.append(known)
                    futures.append(future)
                    owner.append(number)
        errors = measure_errors(pasts, np.array(futures), coefficients)
        weights = 1 / np.bincount(owner)[owner]
        shares = [level / 100 for level in LEVELS]
        tables.append(np.array([weighted_quantiles(column, weights, shares) for column in errors.T]).T)
    multiples = np.array(tables).transpose(1, 0, 2)
    return np.maximum.accumulate(np.maximum.accumulate(multiples, axis=2), axis=0)


def fit_exponent(series: Sequence[DevelopmentSeries], coefficients: np.ndarray) -> tuple[float, int]:
    """Power of the horizon with which errors grow beyond six years, and the number of series that show it."""
    pasts, futures, owner = [], [], []
    for number, one in enumerate(series):
        values = np.append(one.past, one.future)
        for end in range(LONG_PAST, len(values) - LONG_HORIZON + 1, 3):
            if np.ptp(values[:end]) > 0:
                pasts.append(values[:end])
                futures.append(values[end : end + LONG_HORIZON])
                owner.append(number)
    errors = measure_errors(pasts, np.array(futures), coefficients)
    weights = 1 / np.bincount(owner)[owner]
    horizons = np.arange(len(coefficients), LONG_HORIZON + 1)
    widths = np.array([weighted_quantiles(errors[:, h - 1], weights, [0.8, 0.95]) for h in horizons])
    slopes = np.polyfit(np.log(horizons), np.log(widths), 1)[0]
    return float(slopes.mean()), len(set(owner))


def fit_constants(series: Sequence[DevelopmentSeries]) -> EngineConstants:
    """All constants of the engine from the given series."""
    coefficients = fit_coefficients(series).round(4)
    exponent, _ = fit_exponent(series, coefficients)
    widths = WidthTable(
        LEVELS, (*CUT_LENGTHS, LONGEST_LENGTH), fit_multiples(series, coefficients).round(3), round(exponent, 2)
    )
    return EngineConstants(coefficients, widths)


def main() -> None:
    """Fit on all sets and write the file that the package ships."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    series = [one for name in SETS for one in read_set(Path(sys.argv[1]), name)]
    constants = fit_constants(series)
    content = {
        "fitted_on": f"{len(series)} demographic annual series of M3, M1 and the 2010 set; benchmarks/fit_forecast_constants.py",
        "pooled_coefficients": constants.coefficients.tolist(),
        "half_widths": {
            "levels": list(constants.widths.levels),
            "lengths": list(constants.widths.lengths),
            "exponent": constants.widths.exponent,
            "multiples": constants.widths.multiples.tolist(),
        },
    }
    place = Path(__file__).resolve().parent.parent / "popbook" / "forecasting" / "constants" / "engine.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"{place.name}: {content['fitted_on']}")


if __name__ == "__main__":
    main()
