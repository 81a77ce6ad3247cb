"""Figures computed from published parts, where the figure itself is no longer published.

The dependency ratio of target 7 was printed until 2019; since then the bulletins print the age groups only. Dividing
published counts of one date, one basis and one vintage is arithmetic, not estimation; every computed value names its
parts and takes the weakest confidence among them.
"""

from __future__ import annotations

import pandas as pd

from popbook.demography.age_structure import dependency_ratio
from popbook.ledger.concepts import require_same_concept
from popbook.ledger.errors import ConceptError
from popbook.ledger.model import Observation
from popbook.ledger.series import SERIES_COLUMNS, Series
from popbook.ledger.store import CITY, Ledger

DEPENDENCY = "resident_dependency"
DERIVATION = "按公布的年龄组人数计算：（0—14岁＋65岁及以上）÷15—64岁"


def monitored_series(ledger: Ledger, indicator_id: str, region_id: str = CITY) -> Series:
    """Return the series that monitoring looks at: the published one, completed by what can be computed openly.

    Parameters
    ----------
    ledger
        Any ledger.
    indicator_id, region_id
        Ids in ``indicators.csv`` and ``regions.csv``.

    Returns
    -------
    Series
        Computed values carry :data:`DERIVATION` at the start of their ``note``.
    """
    if indicator_id == DEPENDENCY:
        return dependency_series(ledger, region_id)
    return ledger.series(indicator_id, region_id)


def dependency_series(ledger: Ledger, region_id: str = CITY) -> Series:
    """Total dependency ratio of residents, 100 (P0-14 + P65+) / (P - P0-14 - P65+), in per cent.

    Parameters
    ----------
    ledger
        Any ledger.
    region_id
        Id in ``regions.csv``.

    Returns
    -------
    Series
        Published ratios as they are; other years computed from the published counts of the same year. A year whose
        parts the concept guard keeps apart (different bases) has no ratio.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> dependency_series(read_ledger().for_edition(2024)).latest.value
    36.0
    """
    published = ledger.series(DEPENDENCY, region_id)
    young, aged, total = (ledger.series(name, region_id) for name in
                          ("resident_count_0_14", "resident_count_65plus", "resident_population"))
    known = set(published.frame["year"])
    rows = []
    for part in young.observations():
        other, whole = aged.at(part.year), total.at(part.year)
        if part.year in known or other is None or whole is None:
            continue
        try:
            require_same_concept(part, other, whole)
        except ConceptError:
            # In 2008 the age groups stand on the 2000 census, the total on the 2010 census: no ratio of that year.
            continue
        rows.append(_computed(part, other, whole, published.indicator.decimals))
    if not rows:
        return published
    # concat of an empty frame would turn the columns into objects
    frames = [frame for frame in (published.frame, pd.DataFrame(rows)) if len(frame)]
    frame = pd.concat(frames, ignore_index=True).sort_values("year", ignore_index=True)
    return Series(published.indicator, published.region, frame[SERIES_COLUMNS], published.breaks)


def _computed(young: Observation, aged: Observation, total: Observation, decimals: int) -> dict[str, object]:
    parts = (young, aged, total)
    value = dependency_ratio(young.value, total.value - young.value - aged.value, aged.value)
    return {
        "year": young.year,
        "value": round(value, decimals),
        "status": max(part.status for part in parts),
        "vintage": young.vintage,
        "confidence": max(part.confidence for part in parts),
        "source_id": young.source_id,
        "published": max(part.published for part in parts),
        "note": f"{DERIVATION}＝（{young.value:.1f}＋{aged.value:.1f}）÷{total.value - young.value - aged.value:.1f}（万人）。"}
