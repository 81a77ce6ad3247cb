"""What several chapters, pages and later editions ask of one edition's ledger, computed ahead of them."""

from __future__ import annotations

from contextlib import suppress

from popbook.forecasting.ages import forecast_ages
from popbook.forecasting.trajectories import draw_residents
from popbook.ledger.reads import collect_reads
from popbook.ledger.store import Ledger
from popbook.monitoring.warnings import evaluate_rules

SHARED = (forecast_ages, draw_residents, evaluate_rules)
"""Each keeps its result on disk, and those of the computations that it begins with."""


def compute_shared(ledger: Ledger) -> list[str]:
    """Compute the forecasts and judgements of an edition that more than one reader asks for.

    What cannot be computed is left out: whoever asks for it is told why, in the place where it belongs.

    Parameters
    ----------
    ledger
        The ledger of an edition, watched (`popbook.ledger.reads.watch`).

    Returns
    -------
    list of str
        Names of what was read from the ledger, sorted.

    Examples
    --------
    >>> from popbook.ledger.reads import watch
    >>> from popbook.ledger.store import read_ledger
    >>> "series resident_population 330100" in compute_shared(watch(read_ledger().for_edition(2020)))
    True
    """
    with collect_reads() as reads:
        for compute in SHARED:
            with suppress(Exception):
                compute(ledger)
    return sorted(reads)
