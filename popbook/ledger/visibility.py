"""What an edition sees of the data folder: everything that may reach its pages, and nothing that came later.

An edition that is built again after later data were added must be the same bytes. `Ledger.for_edition` narrows the
observations, breaks, events and tables with a publication date; here are the tables that have none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pandas as pd

from popbook.ledger.store import BOOKLET_REVISIONS, REVISIONS, Ledger


def _known_sources(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    # Method inputs may be younger than the edition; a source that a visible row names must be there to be cited.
    named = {
        source_id
        for resource in ledger.package.resources.values()
        if resource.name != "sources" and "source_id" in resource.dtypes()
        for source_id in visible_rows(ledger, resource.name)["source_id"].dropna().unique()
    }
    return rows[(rows["published"] <= str(ledger.cut_off)) | rows["source_id"].isin(sorted(named))]


def _up_to_edition(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["edition"] <= ledger.edition]


def _own_edition(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["edition"] == ledger.edition]


def _gone_ids(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    # Which identifiers are in use an edition states itself; what reaches its pages is where the others have gone.
    return rows[(rows["status"] != "active") & (rows["first_edition"] <= ledger.edition)]


def _existing_regions(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["region_id"].isin(list(ledger.regions))]


def _used_indicators(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    targets = ledger.plan.targets
    rules = ledger.table("warning_rules", as_published=False)
    named = pd.concat(
        [
            ledger.observations["indicator_id"],
            targets["indicator_id"],
            targets["indicator_base_id"],
            rules["indicator_id"],
        ]
    )
    return rows[rows["indicator_id"].isin(named)]


def _own_corrections(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["correction_id"].isin([item.correction_id for item in ledger.corrections])]


def _begun_plans(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["first_edition"] <= ledger.edition]


def _up_to_year(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["year"] <= ledger.edition]


def _windows_up_to_year(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    # A window that is lengthened when a year is added says no more to an edition before that year.
    return rows.assign(last_year=rows["last_year"].clip(upper=ledger.edition))


def _all(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    return rows


def _no_rows(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    return rows.iloc[:0]


METHOD_INPUTS = (
    "fertility_patterns",
    "mortality_rates",
    "migration_patterns",
    "wpp_china",
    "china_births",
    "warning_rules",
    "demand_rules",
)
"""Schedules, thresholds and other inputs that state no fact about the city; they may be younger than an edition."""

VIEWS: dict[str, Callable[[Ledger, pd.DataFrame], pd.DataFrame]] = {
    **dict.fromkeys(METHOD_INPUTS, _all),
    "sources": _known_sources,
    "editions": _up_to_edition,
    "forecast_archive": _up_to_edition,
    REVISIONS: _own_edition,
    BOOKLET_REVISIONS: _no_rows,  # a booklet looks its own up by the district (`Ledger.about`)
    "exhibit_ids": _gone_ids,
    "regions": _existing_regions,
    "corrections": _own_corrections,
    "plans": _begun_plans,
    "indicators": _used_indicators,
    "template": _used_indicators,
    "china_births": _up_to_year,
    "panel_windows": _windows_up_to_year,
}
"""Resource name → the rows of it that an edition sees, where the table has no publication date that would tell."""


def visible_rows(ledger: Ledger, name: str) -> pd.DataFrame:
    """Return the rows of a table that an edition sees.

    Parameters
    ----------
    ledger
        The ledger of an edition.
    name
        Resource name.

    Returns
    -------
    DataFrame
        Columns as in the file. All rows if the ledger is not narrowed to an edition.
    """
    if ledger.edition is None or name not in VIEWS:
        return ledger.table(name)
    return VIEWS[name](ledger, ledger.table(name, as_published=False)).reset_index(drop=True)


def table_fingerprint(frame: pd.DataFrame) -> str:
    """Return the SHA-256 of a table, written as CSV.

    Parameters
    ----------
    frame
        Any table of the ledger.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> table_fingerprint(pd.DataFrame({"a": [1]}))[:8]
    '309b0e45'
    """
    return hashlib.sha256(frame.to_csv(index=False, lineterminator="\n").encode()).hexdigest()


def whole_fingerprint(ledger: Ledger, name: str) -> str:
    """Return the fingerprint of all rows of a table, whatever the edition sees; computed once for all views of a ledger.

    Parameters
    ----------
    ledger
        Any view.
    name
        Resource name.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    known, key = ledger.fingerprints_of_files, (name, ledger.plan.document.plan_id)
    if key not in known:
        known[key] = table_fingerprint(ledger.table(name, as_published=False))
    return known[key]


def visible_fingerprint(ledger: Ledger, name: str) -> str:
    """Return the fingerprint of the rows of a table that an edition sees; computed once.

    Parameters
    ----------
    ledger
        The ledger of an edition.
    name
        Resource name.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> ledger = read_ledger().for_edition(2020)
    >>> visible_fingerprint(ledger, "regions") == table_fingerprint(visible_rows(ledger, "regions"))
    True
    """
    known = ledger.fingerprints
    if name not in known:
        rows = visible_rows(ledger, name)
        # Most editions see the whole of most tables.
        is_whole = rows.equals(ledger.table(name, as_published=False))
        known[name] = whole_fingerprint(ledger, name) if is_whole else table_fingerprint(rows)
    return known[name]


def data_fingerprint(ledger: Ledger) -> str:
    """Return one SHA-256 over everything that an edition sees: every table's visible rows, and the descriptor.

    Equal fingerprints mean equal inputs: rows published after the cut-off date, later editions, and regions or
    indicators that came later do not change it. Nor does a revision, which is no figure: its pages say it themselves, and
    one of the city is no change of the booklets.

    Parameters
    ----------
    ledger
        The ledger of an edition.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for resource in ledger.package.resources.values():
        if resource.name not in (REVISIONS, BOOKLET_REVISIONS):
            digest.update(f"{resource}\0{visible_fingerprint(ledger, resource.name)}\n".encode())
    return digest.hexdigest()
