"""What changed between two editions: data, definitions, judgements, sentences and the forecast.

Both sides are read as they were known at their cut-off dates. The ledger only grows, so a value that differs is a
later publication, not an overwritten cell.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from popbook.ledger.errors import UsageError
from popbook.ledger.model import Break, Correction, Observation
from popbook.ledger.reads import remember
from popbook.ledger.store import KEY, Ledger, select_values
from popbook.monitoring.claims import Claim, overview_claims
from popbook.monitoring.demand import watch
from popbook.monitoring.forecast_change import decompose_forecast_change
from popbook.monitoring.targets import TargetStatus, assess_targets
from popbook.monitoring.warnings import Warning

#: Why a value of a year differs from the one an earlier edition used.
REBASED: Final = "rebased"
OFFICIAL: Final = "official"
LATER: Final = "later"
REASONS: Final = {REBASED: "数据版次改变", OFFICIAL: "有了A级或B级的数", LATER: "后来的资料公布了不同的数"}
#: Tables of facts that are not observations; schedules and patterns that state no fact about a city do not count.
INPUT_TABLES: Final = ("panel/", "demography/census_age_sex")
REVISION_COLUMNS: Final = (*KEY, "value_before", "vintage_before", "source_before", "value", "vintage", "source_id",
                           "published", "reason")


@dataclass(frozen=True)
class Flip:
    """A judgement that is not the same in two editions.

    Parameters
    ----------
    kind
        "target", "warning" or "claim".
    flip_id, name
        The target, rule or sentence.
    before, after
        The two judgements in Chinese.
    reason
        The later edition's reason, in Chinese; "" for claims.
    """

    kind: str
    flip_id: str
    name: str
    before: str
    after: str
    reason: str = ""


@dataclass(frozen=True, eq=False)
class EditionChanges:
    """Everything in which a later edition differs from an earlier one.

    Parameters
    ----------
    earlier, later
        Data years.
    new
        Rows of observations.csv (the selected value of each indicator, region and year) that the earlier edition did
        not have at all.
    revised
        Columns :data:`REVISION_COLUMNS`: values that both editions have and that differ after rounding.
    inputs
        Columns table, title, rows: rows of other dated tables (peer cities, age structure) that the earlier edition
        did not have.
    corrections
        Corrections whose printed text the earlier edition could not have seen.
    breaks
        Breaks declared by sources that the earlier edition could not have seen.
    moved
        Columns indicator_id, break_id, before, after: city series whose break lies elsewhere, as text
        ("2019/2020"); "" where it does not cut the series.
    targets, warnings, claims
        Judgements that changed.
    forecast
        As from :func:`popbook.monitoring.forecast_change.decompose_forecast_change`.
    """

    earlier: int
    later: int
    new: pd.DataFrame
    revised: pd.DataFrame
    inputs: pd.DataFrame
    corrections: tuple[Correction, ...]
    breaks: tuple[Break, ...]
    moved: pd.DataFrame
    targets: tuple[Flip, ...]
    warnings: tuple[Flip, ...]
    claims: tuple[Flip, ...]
    forecast: pd.DataFrame


def previous_edition(ledger: Ledger) -> int | None:
    """Return the edition before a ledger's own, or None for the first.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> previous_edition(read_ledger().for_edition(2024)), previous_edition(read_ledger().for_edition(2020))
    (2023, None)
    """
    return max((edition for edition in ledger.editions if edition < (ledger.edition or 0)), default=None)


def compare_editions(ledger: Ledger, earlier: int) -> EditionChanges:
    """Compare the edition of a ledger with an earlier one.

    Parameters
    ----------
    ledger
        The ledger of the later edition.
    earlier
        Data year of the earlier edition.

    Returns
    -------
    EditionChanges

    Raises
    ------
    UsageError
        If there is no such edition, or it is not earlier.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> changes = compare_editions(read_ledger().for_edition(2024), 2023)
    >>> [(flip.before, flip.after) for flip in changes.targets if flip.flip_id == "T09"]
    [('难以达成', '已突破')]
    """
    if ledger.edition is None:
        raise UsageError("比较需要某一年度版的台账", "compare_editions", "先用 ledger.for_edition(年份)")
    if earlier in ledger.editions and earlier >= ledger.edition:
        raise UsageError(f"{earlier} 年度版不早于 {ledger.edition} 年度版", "", "先写较早的年份，再写较晚的年份")
    before = ledger.for_edition(earlier)
    new, revised = compare_values(before, ledger)
    targets, warnings, claims = compare_judgements(before, ledger)
    return EditionChanges(
        earlier=earlier,
        later=ledger.edition,
        new=new,
        revised=revised,
        inputs=_new_inputs(before, ledger),
        corrections=_new_corrections(before, ledger),
        breaks=tuple(item for item in ledger.breaks if item not in before.breaks),
        moved=_moved_breaks(before, ledger),
        targets=targets,
        warnings=warnings,
        claims=claims,
        forecast=decompose_forecast_change(before, ledger),
    )


def compare_values(before: Ledger, after: Ledger) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tell new values from revised ones.

    Parameters
    ----------
    before, after
        The earlier and the later ledger.

    Returns
    -------
    tuple of DataFrame
        New values (columns of observations.csv) and revisions (:data:`REVISION_COLUMNS`).
    """
    used, used_before = select_values(after.observations), select_values(before.observations)
    both = used.merge(
        used_before[[*KEY, "value", "vintage", "source_id", "confidence"]], on=KEY, how="left",
        suffixes=("", "_before"), indicator=True)
    is_new = both["_merge"] == "left_only"
    digits = both["indicator_id"].map({key: item.decimals for key, item in after.indicators.items()})
    differs = (both["value"] - both["value_before"]).abs() >= 0.5 * 10.0 ** -digits
    revised = both[~is_new & differs].rename(columns={"source_id_before": "source_before"})
    revised = revised.assign(reason=[
        _revision_reason(row) for row in revised.to_dict("records")])
    return (both.loc[is_new, list(used.columns)].reset_index(drop=True),
            revised[list(REVISION_COLUMNS)].reset_index(drop=True))


def compare_judgements(
    before: Ledger, after: Ledger
) -> tuple[tuple[Flip, ...], tuple[Flip, ...], tuple[Flip, ...]]:
    """Return the judgements that differ between two ledgers of editions: of two editions, or of one before and after an ingest.

    Parameters
    ----------
    before, after
        Ledgers of editions.

    Returns
    -------
    tuple of tuples of Flip
        Targets, warnings, claims of the overview.
    """
    old, now = _judgements(before), _judgements(after)
    return (
        tuple(_flipped_targets(old[0], now[0])),
        tuple(_flipped_warnings(old[1], now[1])),
        tuple(_flipped_claims(old[2], now[2])),
    )


def headline_values(changes: EditionChanges, ledger: Ledger) -> list[Observation]:
    """Return the new values a reader asks for first: the city's values of the edition's year.

    Returns
    -------
    list of Observation
        Monitored indicators of the plan first, in its order, then the order of indicators.csv; without confidence C.
    """
    rows = changes.new
    rows = rows[(rows["region_id"] == ledger.city) & (rows["year"] == changes.later) & (rows["confidence"] != "C")]
    planned = list(ledger.plan.targets.sort_values("number")["indicator_id"])
    order = {key: place for place, key in enumerate(dict.fromkeys([*planned, *ledger.indicators]))}
    found = [ledger.observation(key, changes.later) for key in sorted(rows["indicator_id"], key=order.__getitem__)]
    return [item for item in found if item is not None]


@remember(maxsize=16)
def _judgements(
    ledger: Ledger,
) -> tuple[tuple[TargetStatus, ...], tuple[Warning, ...], tuple[Claim, ...]]:
    statuses, warnings = assess_targets(ledger), watch(ledger)
    return statuses, warnings, overview_claims(ledger, statuses, warnings)


def _revision_reason(row: Mapping[Hashable, Any]) -> str:
    if row["vintage"] != row["vintage_before"]:
        return REBASED
    return OFFICIAL if row["confidence_before"] == "C" and row["confidence"] != "C" else LATER


def _new_inputs(before: Ledger, after: Ledger) -> pd.DataFrame:
    rows = []
    for name, resource in after.package.resources.items():
        if resource.path.startswith(INPUT_TABLES):
            added = len(after.table(name)) - len(before.table(name))
            if added:
                rows.append((name, resource.title, added))
    return pd.DataFrame(rows, columns=["table", "title", "rows"])


def _new_corrections(before: Ledger, after: Ledger) -> tuple[Correction, ...]:
    # Every correction concerns the plan, which is one source; its date decides who could see the printed text.
    known = {item.correction_id for item in before.corrections}
    return tuple(item for item in after.corrections if item.correction_id not in known)


def _moved_breaks(before: Ledger, after: Ledger) -> pd.DataFrame:
    rows = []
    for indicator_id in after.indicators:
        old, new = _break_places(before, indicator_id), _break_places(after, indicator_id)
        rows += [(indicator_id, break_id, old.get(break_id, ""), new.get(break_id, ""))
                 for break_id in sorted(old | new) if old.get(break_id) != new.get(break_id)]
    return pd.DataFrame(rows, columns=["indicator_id", "break_id", "before", "after"])


def _break_places(ledger: Ledger, indicator_id: str) -> dict[str, str]:
    points = ledger.series(indicator_id).break_points()
    return {point.cause.break_id: f"{point.before_year}/{point.after_year}" for point in points}


def _flipped_targets(before: Sequence[TargetStatus], after: Sequence[TargetStatus]) -> Iterable[Flip]:
    old = {status.target_id: status for status in before}
    for status in after:
        then = old.get(status.target_id)
        if then is not None and then.status != status.status:
            yield Flip("target", status.target_id, status.name, then.status, status.status, status.reason)


def _flipped_warnings(before: Sequence[Warning], after: Sequence[Warning]) -> Iterable[Flip]:
    old = {warning.rule_id: warning for warning in before}
    for warning in after:
        then = old.get(warning.rule_id)
        if then is not None and then.state != warning.state:
            yield Flip("warning", warning.rule_id, warning.name, then.state, warning.state, warning.sentence)


def _flipped_claims(before: Sequence[Claim], after: Sequence[Claim]) -> Iterable[Flip]:
    old = {claim.claim_id: claim for claim in before}
    for claim in after:
        then = old[claim.claim_id]
        if then.condition != claim.condition:
            yield Flip("claim", claim.claim_id, claim.name, then.words, claim.words)
