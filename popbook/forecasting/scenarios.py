"""Scenarios: named sets of assumptions run through the cohort model. A scenario carries no probability.

The assumptions are data (`data/demography/scenarios.csv`): the change of the total fertility rate by 2030, the
quantile of the peer cities' recent growth to which net migration converges, whether there is migration, and the
growth that the Games add in their year and the year before (zero but for the high scenario).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from popbook.forecasting.cohort import PERSONS
from popbook.forecasting.concepts import cohort_totals, last_year, peer_growth
from popbook.forecasting.event_study import games_years
from popbook.forecasting.splice import splice_series
from popbook.ledger.store import Ledger

SCENARIOS = ("low", "medium", "high", "no_migration")


def project_scenarios(ledger: Ledger, horizon_to: int | None = None) -> pd.DataFrame:
    """Project residents under every scenario of the data folder.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    horizon_to : int, optional
        Last year; that of the plan's calendar if none is given.

    Returns
    -------
    pandas.DataFrame
        Columns ``scenario, name_zh, year, population, births, deaths, net_migration`` (万人), ``share_0_14,
        share_15_59, share_60plus, share_65plus`` (per cent); scenarios in the order of `SCENARIOS`.

    Raises
    ------
    KeyError
        If an assumption of a scenario is missing.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> table = project_scenarios(read_ledger().for_edition(2024))
    >>> last = table[table.year == 2035].set_index("scenario").population
    >>> bool(last["low"] < last["medium"] < last["high"])
    True
    """
    spliced = splice_series(ledger, "resident_population")
    peers, _ = peer_growth(ledger)
    horizon_to = horizon_to or last_year(ledger)
    declared = ledger.table("scenarios", as_published=False)
    parts = []
    for scenario in SCENARIOS:
        rows = declared[declared["scenario"] == scenario]
        assumption = dict(zip(rows["assumption"], rows["value"].astype(float), strict=True))
        table = cohort_totals(
            ledger, spliced, horizon_to,
            peer=float(np.quantile(peers, assumption["migration_peer_quantile"])),
            with_migration=bool(assumption["with_migration"]),
            fertility_change=assumption["fertility_change_2030"],
            extra_growth=dict.fromkeys(games_years(ledger), assumption["games_lift"] / 100),
        )  # fmt: skip
        flows = ["population", "births", "deaths", "net_migration"]
        table[flows] = table[flows] / PERSONS
        table.insert(0, "name_zh", rows["name_zh"].iloc[0])
        table.insert(0, "scenario", scenario)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)
