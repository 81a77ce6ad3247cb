"""Back tests by vintage: what each edition said with what was published then, and what happened.

Two scores. The city: every earlier edition is run again on its own view of the ledger, and every member, the
combination, the naive benchmarks and the plan's three paths are held against what was published since. The panel:
the same code at the same origins in every city with a clean window, intervals calibrated only on errors whose
target year was known at the origin.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from popbook.forecasting.combine import combination_errors, select_members
from popbook.forecasting.concepts import forecast_concepts
from popbook.forecasting.intervals import LEVELS, ErrorPool, interval_score
from popbook.forecasting.province import panel_errors
from popbook.forecasting.trajectories import compare_intervals
from popbook.forecasting.trend import BENCHMARKS, MEMBER_NAMES_ZH
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

PLAN_NAMES_ZH = {"low": "规划低方案", "medium": "规划中方案", "high": "规划高方案"}
PANEL_HORIZON = 5


def score_vintages(ledger: Ledger, concept: str = "resident") -> pd.DataFrame:
    """Score the forecasts of all earlier editions, and the plan, against what the ledger shows now.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition; editions before it are scored on its values.
    concept : {"resident", "hukou"}
        Floating population has had no published value since 2020 and cannot be scored.

    Returns
    -------
    pandas.DataFrame
        Columns ``vintage, kind, member, name_zh, year, h, forecast, actual, error_percent, inside80, inside95``:
        one row per vintage, member and year; ``kind`` = member, combination, benchmark or plan; ``error_percent`` =
        100 (forecast / actual - 1); ``inside*`` only for the combination. The plan is listed with
        the vintage of its base year. Empty for the first edition.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> table = score_vintages(read_ledger().for_edition(2022))
    >>> sorted(table.vintage.unique().tolist()), sorted(table.year.unique().tolist())
    ([2020, 2021], [2021, 2022])
    """
    indicator_id = forecast_concepts(ledger).concepts()[concept].indicator_id
    frame = ledger.series(indicator_id).frame
    # Values of confidence C are shown but decide nothing, here neither.
    frame = frame[frame["confidence"] != "C"]
    actual = {int(year): float(value) for year, value in zip(frame["year"], frame["value"], strict=True)}
    last = ledger.edition if ledger.edition is not None else max(actual)
    rows: list[tuple[int, str, str, str, int, int, float, float, bool | None, bool | None]] = []
    vintages = [edition for edition in ledger.editions if edition < last]
    for vintage in vintages:
        forecast = forecast_concepts(ledger.for_edition(vintage)).concepts()[concept]
        for kind, table in (("member", forecast.members), ("benchmark", forecast.benchmarks)):
            for member, year, h, value in zip(*(table[c] for c in ("member", "year", "h", "value")), strict=True):
                if year in actual and year <= last:
                    rows.append((vintage, kind, member, MEMBER_NAMES_ZH[member], year, h, value, actual[year], None, None))
        for row in forecast.path.to_dict("records"):
            year = int(row["year"])
            if year in actual and year <= last:
                value = actual[year]
                inside = [bool(row[f"lo{level}"] <= value <= row[f"hi{level}"]) for level in (80, 95)]
                rows.append(
                    (vintage, "combination", "combination", MEMBER_NAMES_ZH["combination"], year, int(row["h"]),
                     float(row["point"]), value, inside[0], inside[1])
                )  # fmt: skip
    # The plan starts from its base year: it stands beside the forecasts made from there.
    start = next((vintage for vintage in vintages if vintage >= ledger.plan.document.base_year), None)
    if start is not None:
        paths = ledger.plan.scenario_paths
        for row in paths[paths["concept"] == concept].to_dict("records"):
            year = int(row["year"])
            if year in actual and start < year <= last:
                name = str(row["scenario"])
                rows.append(
                    (start, "plan", name, PLAN_NAMES_ZH[name], year, year - start, float(row["value"]),
                     actual[year], None, None)
                )  # fmt: skip
    columns = ["vintage", "kind", "member", "name_zh", "year", "h", "forecast", "actual", "inside80", "inside95"]
    table = pd.DataFrame(rows, columns=columns)
    table.insert(8, "error_percent", 100 * (table["forecast"] / table["actual"] - 1))
    return table


def score_intervals(ledger: Ledger) -> pd.DataFrame:
    """Hold the three intervals of residents of all earlier editions against what the ledger shows now.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition; editions before it are scored on its values.

    Returns
    -------
    pandas.DataFrame
        Columns ``vintage, source, name_zh, year, h, actual, inside80, inside95, winkler80, winkler95``: one row per
        vintage, source (a key of `popbook.forecasting.trajectories.SOURCE_NAMES_ZH`) and year; ``winkler*`` = interval
        score in per cent of the actual value, smaller = better (Gneiting & Raftery 2007). Empty for the first edition.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> table = score_intervals(read_ledger().for_edition(2021))
    >>> table.source.tolist(), table.year.unique().tolist()
    (['combination', 'cohort', 'mixture'], [2021])
    """
    frame = ledger.series("resident_population").frame
    frame = frame[frame["confidence"] != "C"]
    actual = {int(year): float(value) for year, value in zip(frame["year"], frame["value"], strict=True)}
    last = ledger.edition if ledger.edition is not None else max(actual)
    parts = []
    for vintage in (edition for edition in ledger.editions if edition < last):
        table = compare_intervals(ledger.for_edition(vintage))
        table = table[table["year"].isin(actual) & (table["year"] <= last)]
        truth = table["year"].map(actual)
        table = table.assign(vintage=vintage, actual=truth)
        for level in LEVELS:
            name = f"{100 * level:.0f}"
            low, high = table[f"lo{name}"], table[f"hi{name}"]
            table[f"inside{name}"] = truth.between(low, high)
            table[f"winkler{name}"] = 100 * interval_score(truth, low, high, level) / truth
        parts.append(table)
    columns = ["vintage", "source", "name_zh", "year", "h", "actual", "inside80", "inside95", "winkler80", "winkler95"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def score_panel(ledger: Ledger, series: str = "resident-rebased", horizon: int = PANEL_HORIZON) -> pd.DataFrame:
    """Score the trend members, their combination and its intervals in every city with a clean window.

    At each origin year the choice of members and the widths come from errors whose target year is not later than
    the origin and from other cities; only the values themselves are of today's vintage.

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
        Columns ``h, member, name_zh, n, cities, bias_percent, mae_percent, rmse_percent, covered80, covered95, winkler80,
        winkler95``: means of 100 x log error (negative bias = forecasts too high) over cities and origins; coverage
        and interval score (per cent, in logs) only for the combination, over those origins at which an interval could
        be measured. Empty without a panel.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> score_panel(read_ledger().for_edition(2020)).empty
    True
    """
    return _score_panel(ledger, series, horizon).copy()


@remember(maxsize=32, on_disk=True)
def _score_panel(ledger: Ledger, series: str, horizon: int) -> pd.DataFrame:
    errors = panel_errors(ledger, series, horizon)
    columns = ["h", "member", "name_zh", "n", "cities", "bias_percent", "mae_percent", "rmse_percent", "covered80", "covered95",
               "winkler80", "winkler95"]  # fmt: skip
    if errors.empty:
        return pd.DataFrame(columns=columns)
    combined = _origin_honest_combination(ledger, series, horizon)
    keep = ["region_id", "h", "member", "error", "inside80", "inside95", "winkler80", "winkler95"]
    table = pd.concat([errors.reindex(columns=keep), combined[keep]], ignore_index=True)
    grouped = table.groupby(["h", "member"])
    result = grouped.agg(
        n=("error", "size"), cities=("region_id", "nunique"),
        bias_percent=("error", lambda e: 100 * e.mean()), mae_percent=("error", lambda e: 100 * e.abs().mean()),
        rmse_percent=("error", lambda e: 100 * float(np.sqrt((e**2).mean()))),
    )  # fmt: skip
    for level in LEVELS:
        name = f"{100 * level:.0f}"
        measured = combined.dropna(subset=[f"inside{name}"]).groupby(["h", "member"])
        result[f"covered{name}"] = measured[f"inside{name}"].mean().reindex(result.index)
        result[f"winkler{name}"] = measured[f"winkler{name}"].mean().reindex(result.index)
    result = result.reset_index()
    result.insert(2, "name_zh", result["member"].map(MEMBER_NAMES_ZH))
    order = {name: i for i, name in enumerate(["combination", *BENCHMARKS])}
    return result.sort_values(["h", "member"], key=lambda c: c.map(order).fillna(-1) if c.name == "member" else c)[
        columns
    ].reset_index(drop=True)


def score_cities(ledger: Ledger, series: str = "resident-rebased", horizon: int = PANEL_HORIZON) -> pd.DataFrame:
    """Score the combination and its intervals city by city: the same code, nothing tuned per city.

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
        Columns ``region_id, name_zh, h, n, bias_percent, mae_percent, naive_mae_percent, scored, covered80,
        covered95``: errors as in `score_panel`; ``naive`` = the last value kept; ``scored`` = origins at which an
        interval could be measured. Empty without a panel.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> score_cities(read_ledger().for_edition(2024)).name_zh.nunique()
    27
    """
    errors = panel_errors(ledger, series, horizon)
    columns = ["region_id", "name_zh", "h", "n", "bias_percent", "mae_percent", "naive_mae_percent", "scored", "covered80",
               "covered95"]  # fmt: skip
    if errors.empty:
        return pd.DataFrame(columns=columns)
    combined = _origin_honest_combination(ledger, series, horizon)
    keys = ["region_id", "name_zh", "h"]
    grouped = combined.groupby(keys, sort=True)
    table = grouped.agg(
        n=("error", "size"), bias_percent=("error", lambda e: 100 * e.mean()),
        mae_percent=("error", lambda e: 100 * e.abs().mean()), scored=("inside80", "count"), covered80=("inside80", "mean"),
        covered95=("inside95", "mean"),
    )  # fmt: skip
    naive = errors[errors["member"] == "random_walk"].groupby(keys)["error"]
    table["naive_mae_percent"] = naive.apply(lambda e: 100 * e.abs().mean())
    return table.reset_index()[columns]


@remember(maxsize=32, on_disk=True)
def _origin_honest_combination(ledger: Ledger, series: str, horizon: int) -> pd.DataFrame:
    """Errors of the combination in the panel, in windows that are not empty; both scores read them, none writes."""
    errors = panel_errors(ledger, series, horizon)
    combinations: dict[tuple[str, ...], pd.DataFrame] = {}
    parts = []
    for origin in sorted(errors["origin"].unique()):
        known = errors[errors["origin"] + errors["h"] <= origin]
        chosen = select_members(known)
        if chosen not in combinations:  # origins and horizons are combined each by itself, so all of them at once
            combinations[chosen] = combination_errors(errors, chosen)
        combined = combinations[chosen]
        now = combined[combined["origin"] == origin].reset_index(drop=True)
        past = combined[combined["origin"] + combined["h"] <= origin]
        steps, scale = now["h"].to_numpy(dtype=int), now["scale"].to_numpy(dtype=float)
        scores = np.full((len(now), 2 * len(LEVELS)), np.nan)
        pool, cities = ErrorPool.of(past), past["region_id"].to_numpy()
        for region, rows in now.groupby("region_id").indices.items():
            found = pool.part(cities != region).widths(horizon)
            if found is not None:  # otherwise nothing had been measured at this origin
                widths = found[0][steps[rows] - 1] * scale[rows, None]
                error = now["error"].to_numpy(dtype=float)[rows, None]
                inside = (np.abs(error) <= widths).astype(float)
                scores[rows] = np.hstack([inside, 100 * interval_score(error, -widths, widths, np.array(LEVELS))])
        columns = ["inside80", "inside95", "winkler80", "winkler95"]
        scored = pd.DataFrame(scores, index=now.index, columns=columns)
        parts.append(now.join(scored))
    return pd.concat(parts, ignore_index=True)
