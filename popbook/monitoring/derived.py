"""Figures computed from published parts, where the figure itself is not published.

The dependency ratio of target 7 was printed until 2019; since then the bulletins print the age groups only. Net
migration has never been printed: it is what natural growth leaves of the increment. Combining published figures of one
basis and one vintage is arithmetic, not estimation; every computed value names its parts and takes the weakest
confidence among them.
"""

from __future__ import annotations

import pandas as pd

from popbook.demography.age_structure import dependency_ratio
from popbook.ledger.concepts import require_same_concept
from popbook.ledger.errors import ConceptError
from popbook.ledger.model import Observation
from popbook.ledger.reads import remember
from popbook.ledger.series import SERIES_COLUMNS, Series
from popbook.ledger.store import Ledger
from popbook.monitoring.components import components_of_change

DEPENDENCY = "resident_dependency"
NET_MIGRATION = "resident_net_migration"
DERIVATION = "按公布的年龄组人数计算：（0—14岁＋65岁及以上）÷15—64岁"
BALANCE = "按公布的总量和自然增长率计算：年末增量－自然增长"


def monitored_series(ledger: Ledger, indicator_id: str, region_id: str | None = None) -> Series:
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
        Computed values are told by :func:`is_computed`.
    """
    region_id = region_id or ledger.city
    if indicator_id == DEPENDENCY:
        return dependency_series(ledger, region_id)
    if indicator_id == NET_MIGRATION:
        return net_migration_series(ledger, region_id)
    return ledger.series(indicator_id, region_id)


def is_computed(observation: Observation) -> bool:
    """Whether a value was computed here; its ``note`` then says from what."""
    return observation.note.startswith((DERIVATION, BALANCE))


@remember(maxsize=64)
def dependency_series(ledger: Ledger, region_id: str | None = None) -> Series:
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
    region_id = region_id or ledger.city
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


@remember(maxsize=64)
def net_migration_series(ledger: Ledger, region_id: str | None = None) -> Series:
    """Net migration of residents, 万人 a year: the increment less natural growth.

    Parameters
    ----------
    ledger
        Any ledger.
    region_id
        Id in ``regions.csv``.

    Returns
    -------
    Series
        Years in which :func:`popbook.monitoring.components.components_of_change` can tell the two apart.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> net_migration_series(read_ledger().for_edition(2024)).latest.value
    7.3
    """
    region_id = region_id or ledger.city
    empty = ledger.series(NET_MIGRATION, region_id)
    population = ledger.series("resident_population", region_id)
    rates = [ledger.series(f"resident_{name}_rate", region_id) for name in ("natural", "birth")]
    rows = []
    for row in components_of_change(ledger, region_id).dropna(subset=["net_migration"]).to_dict("records"):
        year = int(row["year"])
        parts = [o for series in (population, *rates) if (o := series.at(year)) is not None]
        parts += [o for o in (population.at(year - 1),) if o is not None]
        now = parts[0]
        rows.append({
            "year": year,
            "value": round(row["net_migration"], empty.indicator.decimals),
            "status": max(part.status for part in parts),
            "vintage": now.vintage,
            "confidence": max(part.confidence for part in parts),
            "source_id": now.source_id,
            "published": max(part.published for part in parts),
            "note": f"{BALANCE}＝{row['change']:.1f}－{row['natural']:.1f}（万人）。"})
    frame = pd.DataFrame(rows, columns=SERIES_COLUMNS).astype({"year": "int64", "value": "float64"})
    # A change belongs to no side of a break: components_of_change never takes one across.
    return Series(empty.indicator, empty.region, frame, population.breaks)


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
