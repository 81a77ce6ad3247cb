"""Back tests of the city and of every panel city, as the book states them: ``python benchmarks/city_backtests.py``.

Prints, and writes beside this file as `results-city-backtests.md`: the errors of each earlier edition by year, with
the plan and the naive beside them; the panel by horizon and member; every panel city by horizon.
"""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd

from popbook.forecasting.backtest import score_cities, score_panel, score_vintages
from popbook.forecasting.factor import evaluate_factor_regression
from popbook.ledger.store import read_ledger

EDITION = 2024
RESULT = Path(__file__).with_name("results-city-backtests.md")


def markdown(table: pd.DataFrame, decimals: int = 2) -> str:
    """Write a frame as a Markdown table; missing cells stay empty."""
    rows = [[str(name) for name in table.columns], ["---"] * table.shape[1]]
    for values in table.itertuples(index=False):
        rows.append(
            ["" if pd.isna(v) else f"{v:.{decimals}f}" if isinstance(v, float) else str(v) for v in values]
        )
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main() -> None:
    """Compute, print and write the tables."""
    started = time.process_time()
    ledger = read_ledger().for_edition(EDITION)
    vintages = score_vintages(ledger)
    errors = vintages.pivot_table(index=["vintage", "kind", "member"], columns="year", values="error_percent").reset_index()
    inside = vintages[vintages["kind"] == "combination"][["vintage", "year", "h", "inside80", "inside95"]]
    panel = score_panel(ledger).drop(columns="name_zh")
    evaluation = evaluate_factor_regression(ledger)
    parts = [
        f"# Back tests of the {EDITION} edition",
        "Residents. Errors in per cent of the actual value: positive = forecast too high. `python benchmarks/city_backtests.py`.",
        "## The city, by edition", markdown(errors),
        "Inside the intervals of the combination:", markdown(inside),
        "## Panel of cities, by horizon", "Means of log errors in per cent (negative bias = forecasts too high); coverage as shares.",
        markdown(panel, 3),
        "## Every panel city (combination)", markdown(score_cities(ledger)),
    ]  # fmt: skip
    if evaluation is not None:
        parts += ["## Factor regression at past origins (percentage points of cumulated growth)", markdown(evaluation.scores, 3)]
    text = "\n\n".join(parts) + "\n"
    RESULT.write_text(text, encoding="utf-8")
    print(text)
    print(f"{time.process_time() - started:.1f} s of the processor")


if __name__ == "__main__":
    main()
