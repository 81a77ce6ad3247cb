"""Components of change of the residents, year by year, from what an edition knows.

Floor 2 does the arithmetic (:func:`popbook.demography.migration.net_migration_residual`); this module feeds it one
segment at a time, so that no re-basing is ever counted as migration.
"""

from __future__ import annotations

import pandas as pd

from popbook.demography.migration import net_migration_residual
from popbook.ledger.series import Series
from popbook.ledger.store import Ledger

COMPONENT_COLUMNS = ["year", "population", "change", "mean_population", "births", "deaths", "natural", "net_migration",
                     "net_migration_rate"]


def components_of_change(ledger: Ledger, region_id: str | None = None) -> pd.DataFrame:
    """Split each yearly change of residents into natural growth and net migration (the residual).

    Parameters
    ----------
    ledger
        Any ledger.
    region_id
        Id in ``regions.csv``.

    Returns
    -------
    DataFrame
        Columns :data:`COMPONENT_COLUMNS`, counts in 万人, ``net_migration_rate`` in ‰. Only years whose previous
        year-end lies in the same segment and whose rates are published with confidence A or B on the same census
        base as the population. Where only birth and natural growth rates are printed, their difference is the death
        rate.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> table = components_of_change(read_ledger().for_edition(2024)).set_index("year")
    >>> float(table["net_migration"].round(1).loc[2024])
    7.3
    """
    region_id = region_id or ledger.city
    population = ledger.series("resident_population", region_id)
    births, deaths, natural = (ledger.series(f"resident_{name}_rate", region_id) for name in
                               ("birth", "death", "natural"))
    parts = []
    for segment in population.segments():
        years = [o for o in population.observations() if o.year in set(segment["year"]) and o.confidence != "C"]
        stock = pd.Series({o.year: o.value for o in years}, dtype=float)
        same_base = {o.year: {(b.kind, b.year) for b in o.behind} for o in years}
        birth_rate = _rates(births, same_base)
        death_rate = _rates(deaths, same_base).combine_first(birth_rate - _rates(natural, same_base))
        parts.append(net_migration_residual(stock, birth_rate, death_rate).reset_index())
    if not parts:
        return pd.DataFrame(columns=COMPONENT_COLUMNS)
    return pd.concat(parts, ignore_index=True)[COMPONENT_COLUMNS].astype({"year": "int64"})


def _rates(series: Series, same_base: dict[int, set[tuple[str, int]]]) -> pd.Series:
    """Rates per 1,000 by year, where they stand behind the same breaks as the population of that year."""
    return pd.Series({o.year: o.value for o in series.observations()
                      if o.confidence != "C" and same_base.get(o.year) == {(b.kind, b.year) for b in o.behind}},
                     dtype=float)
