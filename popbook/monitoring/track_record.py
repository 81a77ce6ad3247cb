"""The track record: archived forecasts of earlier editions, the plan's paths and naive forecasts, held against figures.

A forecast is scored on the figure that the scoring edition knows (confidence A or B), and only if that figure and
the forecast's jump-off stand on the same side of every break.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from popbook.forecasting.concepts import CONCEPTS
from popbook.ledger.errors import UsageError
from popbook.ledger.store import Ledger
from popbook.monitoring.archive import AGE_MEASURES, BOUNDS, COMBINATION, TRAJECTORIES, read_archive
from popbook.monitoring.derived import monitored_series

#: The forecasts that carry an interval, against which the others are naive benchmarks.
OWN_MODELS: Final = (COMBINATION, TRAJECTORIES)
SCORE_COLUMNS: Final = ("edition", "indicator_id", "model", "target_year", "origin_year", "h", "point", *BOUNDS,
                        "actual", "error", "error_percent", "inside80", "inside95", "made")
PLAN_COLUMNS: Final = ("indicator_id", "scenario", "target_year", "h", "point", "actual", "error", "error_percent")
HORIZON_COLUMNS: Final = ("indicator_id", "h", "n", "bias", "mean_absolute_error", "inside80", "inside95")
SCORED: Final = (*CONCEPTS.values(), *AGE_MEASURES)


def score_archive(ledger: Ledger, archive: pd.DataFrame | None = None) -> pd.DataFrame:
    """Score the archived forecasts of all editions before a ledger's own.

    Parameters
    ----------
    ledger
        The ledger of an edition.
    archive
        Rows as from :func:`popbook.monitoring.archive.read_archive`; default those of the data folder.

    Returns
    -------
    DataFrame
        Columns :data:`SCORE_COLUMNS`, one row for each archived number with a published figure; ``error`` = forecast
        - figure in the indicator's unit (percentage points for shares), ``error_percent`` = 100 (forecast / figure
        - 1); ``inside80`` and ``inside95`` missing for benchmarks, which have no interval.

    Raises
    ------
    UsageError
        If the ledger is not the ledger of an edition.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> score_archive(read_ledger().for_edition(2020)).empty
    True
    """
    if ledger.edition is None:
        raise UsageError("核对预测需要某一年度版的台账", "score_archive", "先用 ledger.for_edition(年份)")
    rows = read_archive(ledger) if archive is None else archive
    rows = rows[(rows["edition"] < ledger.edition) & (rows["target_year"] <= ledger.edition)]
    actual = {key: _comparable(ledger, *key) for key in
              {(str(r["indicator_id"]), int(r["origin_year"]), int(r["target_year"])) for r in rows.to_dict("records")}}
    values = [actual[str(i), int(o), int(t)] for i, o, t in
              zip(rows["indicator_id"], rows["origin_year"], rows["target_year"], strict=True)]
    rows = rows.assign(actual=pd.Series(values, index=rows.index, dtype="float64")).dropna(subset=["actual"])
    rows = rows.assign(error=rows["point"] - rows["actual"], error_percent=100 * (rows["point"] / rows["actual"] - 1))
    for level in ("80", "95"):
        inside = rows["actual"].between(rows[f"lo{level}"], rows[f"hi{level}"])
        rows[f"inside{level}"] = inside.astype("boolean").mask(rows[f"lo{level}"].isna())
    return rows[list(SCORE_COLUMNS)].reset_index(drop=True)


def score_plan(ledger: Ledger) -> pd.DataFrame:
    """Score the plan's low, medium and high paths on the same figures.

    Returns
    -------
    DataFrame
        Columns :data:`PLAN_COLUMNS`, one row for each concept, path and published year after the plan's jump-off.
    """
    rows = []
    start = ledger.plan.document.base_year
    for record in ledger.plan.scenario_paths.to_dict("records"):
        indicator_id, year = CONCEPTS[str(record["concept"])], int(record["year"])
        value = None if year > (ledger.edition or year) else _comparable(ledger, indicator_id, start, year)
        if value is not None and year > start:
            point = float(record["value"])
            rows.append((indicator_id, str(record["scenario"]), year, year - start, point, value, point - value,
                         100 * (point / value - 1)))
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS))


def record_by_horizon(scores: pd.DataFrame) -> pd.DataFrame:
    """Sum the scores up by indicator and horizon, each naive benchmark on the same cases.

    Parameters
    ----------
    scores
        From :func:`score_archive`.

    Returns
    -------
    DataFrame
        Columns :data:`HORIZON_COLUMNS` (``bias`` and ``mean_absolute_error`` in the indicator's unit, ``inside80``
        and ``inside95`` as counts out of ``n``) and one column for the mean absolute error of each benchmark, named
        after its model.
    """
    own = scores[scores["model"].isin(OWN_MODELS)]
    grouped = own.groupby(["indicator_id", "h"])
    table = grouped.agg(
        n=("error", "size"), bias=("error", "mean"), mean_absolute_error=("error", lambda e: e.abs().mean()),
        inside80=("inside80", "sum"), inside95=("inside95", "sum")).astype({"inside80": "int64", "inside95": "int64"})
    naive = scores[~scores["model"].isin(OWN_MODELS)]
    sizes = naive.assign(size=naive["error"].abs()).groupby(["indicator_id", "h", "model"])["size"].mean()
    table = table.join(sizes.unstack("model")) if len(naive) else table
    order = {key: place for place, key in enumerate(SCORED)}
    return table.reset_index().sort_values(["indicator_id", "h"], key=lambda c: c.map(order).fillna(99)
                                           if c.name == "indicator_id" else c, ignore_index=True)


def count_hits(scores: pd.DataFrame) -> tuple[int, int, int]:
    """Return how many forecasts with an interval were scored, and how many figures lay inside 80 % and 95 %.

    Examples
    --------
    >>> count_hits(pd.DataFrame({"model": ["combination"], "inside80": [False], "inside95": [True]}))
    (1, 0, 1)
    """
    own = scores[scores["model"].isin(OWN_MODELS)]
    return len(own), int(own["inside80"].sum()), int(own["inside95"].sum())


def _comparable(ledger: Ledger, indicator_id: str, origin: int, year: int) -> float | None:
    series = monitored_series(ledger, indicator_id)
    found, start = series.at(year), series.at(origin)
    if found is None or found.confidence == "C":
        return None
    # Without a figure of the jump-off year (a census stands for it) the figure must at least stand on the newest side.
    if found.behind != (() if start is None else start.behind):
        return None
    return found.value
