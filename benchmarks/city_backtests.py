"""Back tests of the city and of every panel city, as the book states them: ``python benchmarks/city_backtests.py``.

Prints, and writes beside this file as `results-city-backtests.md`: the errors of each earlier edition by year, with the
plan and the naive beside them, up to 2025 (`residents_2025.csv`: figures that were published after the cut-off of the last
edition and are used here only); the three intervals; the panel by horizon and member, with the list of members that the
method standard names and with the longer one of earlier builds; every panel city by horizon.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from popbook.demography.life_table import SEXES
from popbook.demography.migration import fit_rogers_castro, rogers_castro
from popbook.forecasting.ages import forecast_ages
from popbook.forecasting.backtest import (
    PANEL_HORIZON,
    score_cities,
    score_intervals,
    score_panel,
    score_vintages,
)
from popbook.forecasting.cohort import AGES, read_cohort_model, rogers_castro_parameters
from popbook.forecasting.combine import combination_errors, select_members
from popbook.forecasting.concepts import forecast_concepts
from popbook.forecasting.factor import evaluate_factor_regression
from popbook.forecasting.intervals import (
    LEVELS,
    calibrate_errors,
    draw_log_errors,
    rolling_errors,
    shelf_life,
)
from popbook.forecasting.panel import Window, read_windows
from popbook.forecasting.province import panel_errors
from popbook.forecasting.trajectories import SERIES, draw_residents, mixture_coverage
from popbook.forecasting.trend import BENCHMARKS, TREND_MEMBERS
from popbook.ledger.store import CITY, Ledger, read_ledger

EDITION = 2024
LATER = 2025
LAST_ORIGIN_OF_FIRST = 2020
EARLIER_MEMBERS = ("log_linear", "damped_holt", "theta", "damped_drift")
"""Members of earlier builds; the share of the province joined on evidence."""

RESULT = Path(__file__).with_name("results-city-backtests.md")
RESIDENTS_LATER = Path(__file__).with_name("residents_2025.csv")


def markdown(table: pd.DataFrame, decimals: int = 2) -> str:
    """Write a frame as a Markdown table; missing cells stay empty."""
    rows = [[str(name) for name in table.columns], ["---"] * table.shape[1]]
    for values in table.itertuples(index=False):
        rows.append(
            ["" if pd.isna(v) else f"{v:.{decimals}f}" if isinstance(v, float) else str(v) for v in values]
        )
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def read_later() -> pd.Series:
    """Residents at the end of 2025 by city (万人)."""
    table = pd.read_csv(RESIDENTS_LATER, dtype={"region_id": str})
    return table[table["year"] == LATER].set_index("region_id")["value"].astype(float)


def score_later(ledger: Ledger, actual: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Errors for 2025 of every member, benchmark, the combination and the plan, by edition; and the intervals."""
    rows, inside = [], []
    for edition in ledger.editions:
        view = ledger.for_edition(edition)
        forecast = forecast_concepts(view).resident
        for kind, table in (("member", forecast.members), ("benchmark", forecast.benchmarks)):
            for row in table[table["year"] == LATER].to_dict("records"):
                rows.append((edition, kind, row["member"], row["value"]))
        path = forecast.path[forecast.path["year"] == LATER].iloc[0]
        rows.append((edition, "combination", "combination", path["point"]))
        inside.append(
            (edition, LATER - edition, path["point"], path["lo80"], path["hi80"], path["lo95"], path["hi95"],
             path["lo80"] <= actual <= path["hi80"], path["lo95"] <= actual <= path["hi95"])
        )  # fmt: skip
        if edition == min(ledger.editions):
            for scenario in ("low", "medium", "high"):
                rows.append((edition, "plan", scenario, float(ledger.plan.path("resident", scenario)[LATER])))
    errors = pd.DataFrame(rows, columns=["vintage", "kind", "member", "forecast"])
    errors["error_percent"] = 100 * (errors["forecast"] / actual - 1)
    columns = ["vintage", "h", "point", "lo80", "hi80", "lo95", "hi95", "inside80", "inside95"]
    return errors, pd.DataFrame(inside, columns=columns)


def score_later_panel(ledger: Ledger, later: pd.Series) -> pd.DataFrame:
    """The combination of the trend members in the panel cities with a figure for 2025, by horizon; nothing of 2025 calibrates."""
    windows = [
        Window(w.region_id, w.name_zh, w.first_year, np.append(w.values, later[w.region_id]))
        for w in read_windows(ledger, SERIES, 5)
        if w.region_id in later.index and int(w.years[-1]) == EDITION
    ]
    errors = rolling_errors(windows, PANEL_HORIZON)
    errors = errors[errors["origin"] + errors["h"] == LATER]
    known = panel_errors(ledger, SERIES, PANEL_HORIZON)
    rows = []
    for origin, part in errors.groupby("origin"):
        past = known[known["origin"] + known["h"] <= origin]
        chosen = select_members(past)
        now = combination_errors(part, chosen)
        for row in now.to_dict("records"):
            own = combination_errors(past, chosen)
            model = calibrate_errors(
                own[own["region_id"] != row["region_id"]], PANEL_HORIZON, measure_coverage=False
            )
            width = model.half_width.loc[row["h"], list(LEVELS)].to_numpy() * row["scale"]
            naive = part[(part["region_id"] == row["region_id"]) & part["member"].isin(BENCHMARKS)].set_index(
                "member"
            )["error"]
            rows.append(
                (row["h"], row["error"], *(abs(row["error"]) <= width), *(naive[name] for name in BENCHMARKS))
            )
    table = pd.DataFrame(rows, columns=["h", "combination", "covered80", "covered95", *BENCHMARKS])
    grouped = table.groupby("h")
    result = grouped.size().rename("cities").to_frame()
    for name in ("combination", *BENCHMARKS):
        result[f"{name} %"] = 100 * grouped[name].apply(lambda e: e.abs().mean())
    result["bias %"] = 100 * grouped["combination"].mean()
    result[["covered80", "covered95"]] = grouped[["covered80", "covered95"]].mean()
    return result.reset_index()


def compare_lists(errors: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute error of the combination by list of members; members are chosen on errors known at each origin."""

    def of_earlier_builds(known: pd.DataFrame) -> Sequence[str]:
        return (*EARLIER_MEMBERS, *(name for name in ("province_share",) if name in set(known["member"])))

    lists: dict[str, Callable[[pd.DataFrame], Sequence[str]]] = {
        "method standard, candidates on evidence (this report)": select_members,
        "method standard, no candidates": lambda _: TREND_MEMBERS,
        "earlier builds: log-linear and damped drift as well": of_earlier_builds,
    }
    rows = []
    for years, last in ((f"targets to {LAST_ORIGIN_OF_FIRST}", LAST_ORIGIN_OF_FIRST), ("all", EDITION)):
        for name, choose in lists.items():
            parts = [
                combination_errors(
                    errors[(errors["origin"] == origin) & (errors["origin"] + errors["h"] <= last)],
                    tuple(choose(errors[errors["origin"] + errors["h"] <= origin])),
                )
                for origin in sorted(errors["origin"].unique())
            ]
            table = pd.concat(parts)
            mean = 100 * table.groupby("h")["error"].apply(lambda e: e.abs().mean())
            rows.append(
                {"years": years, "members": name, **{f"h={h}": float(value) for h, value in mean.items()}}
            )
    return pd.DataFrame(rows)


def rank_score(draws: np.ndarray, actual: float) -> float:
    """Continuous ranked probability score of draws: mean |X - y| - mean |X - X'| / 2."""
    ordered = np.sort(draws)
    n = len(ordered)
    spread = 2 * (ordered * (2 * np.arange(1, n + 1) - n - 1)).sum() / n**2
    return float(np.abs(draws - actual).mean() - spread / 2)


def rank_scores(ledger: Ledger) -> pd.DataFrame:
    """Rank score of the three distributions and of the last value kept, by edition and year, in 万人."""
    actual = ledger.series("resident_population").frame.set_index("year")["value"].astype(float)
    rows = []
    for edition in (e for e in ledger.editions if e < EDITION):
        view = ledger.for_edition(edition)
        forecast = forecast_concepts(view).resident
        drawn = draw_residents(view)
        generator = np.random.default_rng(edition)
        own = forecast.path["point"].to_numpy() * np.exp(
            draw_log_errors(forecast.half_widths, 4000, generator)
        )
        for t, year in enumerate(drawn.years):
            if year > EDITION:
                break
            truth = float(actual[year])
            rows.append(
                (edition, int(year), rank_score(own[:, t], truth), rank_score(drawn.members["cohort"][:, t], truth),
                 rank_score(drawn.mixture[:, t], truth), abs(forecast.origin_value - truth))
            )  # fmt: skip
    return pd.DataFrame(rows, columns=["vintage", "year", "combination", "cohort", "mixture", "last value"])


def age_dissimilarity(ledger: Ledger) -> pd.DataFrame:
    """Half the sum of absolute differences of age shares, model run from the census beside the bulletin, percentage points."""
    table = forecast_ages(ledger).hindcast
    table = table[table["measure"].isin(["0_14", "15_59", "60plus"])]
    gap = (table["modelled"] - table["published"]).abs().groupby(table["year"]).sum() / 2
    return gap.rename("dissimilarity").reset_index()


def outflow_share(ledger: Ledger) -> dict[str, float]:
    """Outflow over inflow if the ages of net gains are split into an inflow and an outflow by least squares."""
    inputs, base = read_cohort_model(ledger, EDITION + 1)
    ages = AGES[:80]
    model = rogers_castro(AGES, rogers_castro_parameters(ledger))
    found = {}
    for i, sex in enumerate(SEXES):
        profile = inputs.migration_profile[i][:80]
        inflow = rogers_castro(ages, fit_rogers_castro(ages, profile, components=("student",)).parameters)
        outflow = (model * base.population[i])[:80]
        volumes, _ = nnls(np.stack([inflow, -outflow / outflow.sum()], axis=1), profile)
        found[sex] = float(volumes[1] / volumes[0])
    return found


def main() -> None:
    """Compute, print and write the tables."""
    started = time.process_time()
    full = read_ledger()
    ledger = full.for_edition(EDITION)
    later = read_later()
    vintages = score_vintages(ledger)
    errors = vintages.pivot_table(
        index=["vintage", "kind", "member"], columns="year", values="error_percent"
    ).reset_index()
    after, inside_later = score_later(full, float(later[CITY]))
    errors = errors.merge(
        after[["vintage", "kind", "member", "error_percent"]].rename(columns={"error_percent": LATER}),
        on=["vintage", "kind", "member"], how="outer",
    )  # fmt: skip
    inside = vintages[vintages["kind"] == "combination"][["vintage", "year", "h", "inside80", "inside95"]]
    intervals = score_intervals(ledger)
    sources = (
        intervals.groupby("source", sort=False)[["inside80", "inside95", "winkler80", "winkler95"]]
        .mean()
        .reset_index()
    )
    panel = score_panel(ledger).drop(columns="name_zh")
    rolling = panel_errors(ledger, SERIES, PANEL_HORIZON + 4)
    combined = combination_errors(rolling, select_members(rolling))
    evaluation = evaluate_factor_regression(ledger)
    outflow = outflow_share(ledger)
    parts = [
        f"# Back tests of the {EDITION} edition",
        "Residents. Errors in per cent of the actual value: positive = forecast too high. `python benchmarks/city_backtests.py`.",
        "## The city, by edition",
        f"{LATER}: {float(later[CITY]):.1f} (万人), published in 2026, after the cut-off of every edition here; `residents_2025.csv`.",
        markdown(errors),
        "Inside the intervals of the combination:", markdown(inside),
        f"Intervals for {LATER} (万人), built without it:", markdown(inside_later, 1),
        "## Three intervals of residents, earlier editions",
        "Shares inside; interval score in per cent of the actual value, smaller = better.", markdown(sources),
        "Continuous ranked probability score, 万人:", markdown(rank_scores(full)),
        "Mixture of the trend members in the panel, each city scored without itself:",
        markdown(mixture_coverage(rolling, PANEL_HORIZON + 4), 3),
        "## Panel of cities, by horizon",
        "Means of log errors in per cent (negative bias = forecasts too high); coverage as shares; interval score in per cent.",
        markdown(panel, 3),
        f"Shelf life (four in five forecasts within the margin): {shelf_life(combined, 0.05)} years within 5 %, "
        f"{shelf_life(combined, 0.10)} years within 10 %; longest horizon measured {int(combined['h'].max())} years.",
        "## Lists of members: mean absolute error of the combination in the panel, per cent",
        markdown(compare_lists(panel_errors(ledger, SERIES, PANEL_HORIZON))),
        f"## Panel cities with a figure for {LATER}", "Mean absolute log errors, per cent; members and widths from errors known at the origin.",
        markdown(score_later_panel(ledger, later)),
        "## Every panel city (combination)", markdown(score_cities(ledger)),
    ]  # fmt: skip
    if evaluation is not None:
        parts += [
            "## Factor regression at past origins (percentage points of cumulated growth)",
            markdown(evaluation.scores, 3),
        ]
    parts += [
        "## Ages", "Index of dissimilarity between the model run from the census and the bulletin, percentage points:",
        markdown(age_dissimilarity(ledger)),
        "Outflow over inflow if the ages of net gains are split by least squares: "
        + ", ".join(f"{sex} {100 * share:.1f} %" for sex, share in outflow.items()) + ".",
    ]  # fmt: skip
    text = "\n\n".join(parts) + "\n"
    RESULT.write_text(text, encoding="utf-8")
    print(text)
    print(f"{time.process_time() - started:.1f} s of the processor")


if __name__ == "__main__":
    main()
