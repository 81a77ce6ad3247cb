"""Does a status depend on the year from which the pace is counted, or on a break that a reader overlooks?

Every published figure before the deciding one can serve as a starting point. The concept guard decides which of them
may: a figure on the other side of a declared break is refused. What a naive reader would get from it is computed all the
same, marked as refused, and never used, so that the page can say what the break is worth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from popbook.forecasting.probability import chance as forecast_chance
from popbook.ledger.concepts import require_same_concept
from popbook.ledger.errors import ConceptError
from popbook.ledger.model import Observation
from popbook.ledger.store import Ledger
from popbook.monitoring.derived import monitored_series
from popbook.monitoring.status import decide_status
from popbook.monitoring.targets import (
    ALLOW_PLAN_BASE,
    ChanceFunction,
    TargetStatus,
    restart,
    sided_comparison,
)

#: Year of the sixth census. Earlier figures stand on still older bases and lie more than ten years before the plan's.
FIRST_START: Final = 2010

USED: Final = "本报告所用"
OTHER: Final = "可用"
REFUSED: Final = "不采用"

START_COLUMNS: Final = (
    "edition", "target_id", "number", "name", "unit", "kind", "comparison", "side", "target_year", "target_value",
    "latest_year", "latest_value", "start_year", "start_value", "start_indicator_id", "start_vintage", "use", "breaks",
    "pace", "pace_required", "pace_share", "projected_value", "reach_year", "breach_year", "chance", "status_by_pace",
    "status", "agrees",
)  # fmt: skip


@dataclass(frozen=True)
class _Start:
    year: int
    value: float
    indicator_id: str
    vintage: str
    breaks: tuple[str, ...] = ()


def compare_starting_points(
    ledger: Ledger, statuses: Iterable[TargetStatus], chance: ChanceFunction | None = forecast_chance
) -> pd.DataFrame:
    """Judge every target again from each figure that its pace could be counted from.

    Parameters
    ----------
    ledger
        The ledger of the edition that the statuses belong to.
    statuses
        From :func:`popbook.monitoring.targets.assess_targets`.
    chance
        Where the probability without the declared breaks comes from; None keeps the probability of the status. The
        starting point does not move a probability, because forecasts are fitted to the whole segment.

    Returns
    -------
    DataFrame
        Columns :data:`START_COLUMNS`, one row for each target with a pace and starting point, in order of years.
        ``use`` is :data:`USED`, :data:`OTHER` or :data:`REFUSED`; ``breaks`` names the breaks in between.
        ``status_by_pace`` is the word by the same rule without a probability, ``status`` the word with it.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> from popbook.monitoring.targets import assess_targets
    >>> ledger = read_ledger().for_edition(2023)
    >>> table = compare_starting_points(ledger, assess_targets(ledger, chance=None), chance=None)
    >>> row = table[(table["target_id"] == "T09") & (table["start_year"] == 2019)].iloc[0]
    >>> row["use"], row["breaks"], row["status"], bool(row["agrees"])
    ('不采用', '七普调整基数', '有望', False)
    """
    blind = ledger.without_breaks()
    rows = []
    for status in statuses:
        if status.pace is None or status.latest_year is None or status.target_value is None:
            continue
        starts = _starts(ledger, status)
        naive = status.chance
        if chance is not None and any(start.breaks for start in starts):
            naive = chance(
                blind, status.indicator_id, status.target_year, sided_comparison(status), status.target_value
            ).probability
        for start in starts:
            again = replace(restart(status, start.year, start.value), chance=naive if start.breaks else status.chance)
            word = decide_status(again.progress).word
            used = (start.year, start.value) == (status.from_year, status.from_value)
            rows.append({
                **{name: getattr(again, name) for name in START_COLUMNS if hasattr(again, name)},
                "start_year": start.year, "start_value": start.value, "start_indicator_id": start.indicator_id,
                "start_vintage": start.vintage, "use": REFUSED if start.breaks else USED if used else OTHER,
                "breaks": "、".join(start.breaks),
                "status_by_pace": decide_status(replace(again, chance=None).progress).word,
                "status": word, "agrees": word == status.status,
            })  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(START_COLUMNS))
    years = [name for name in START_COLUMNS if name.endswith("_year")]
    return frame.astype(dict.fromkeys(years, "Int64"))


def count_starting_points(table: pd.DataFrame) -> pd.DataFrame:
    """Sum the comparison up to one row per target, for the columns of targets.csv.

    Parameters
    ----------
    table
        From :func:`compare_starting_points`.

    Returns
    -------
    DataFrame
        Index target_id; columns ``starts_compared`` and ``starts_agreeing`` (figures that may be used, the report's own
        included), ``starts`` (each as year=status) and ``starts_refused`` (each as year=what a naive reader would get).
    """
    rows = {}
    for target_id, group in table.groupby("target_id", sort=False):
        refused = group["use"] == REFUSED
        listed = [f"{year}={word}" for year, word in zip(group["start_year"], group["status"], strict=True)]
        rows[target_id] = {
            "starts_compared": int((~refused).sum()),
            "starts_agreeing": int((~refused & group["agrees"]).sum()),
            "starts": ";".join(text for text, off in zip(listed, refused, strict=True) if not off),
            "starts_refused": ";".join(text for text, off in zip(listed, refused, strict=True) if off),
        }
    columns = ["starts_compared", "starts_agreeing", "starts", "starts_refused"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _starts(ledger: Ledger, status: TargetStatus) -> list[_Start]:
    """Figures of confidence A or B before the deciding one, the plan's base and earlier counts of its kind."""
    series = monitored_series(ledger, status.indicator_id)
    latest = series.at(status.latest_year or 0)
    if latest is None:
        return []
    found: dict[int, _Start] = {}
    if status.base_indicator_id in ledger.indicators:
        for count in ledger.series(status.base_indicator_id).observations():
            found |= _start_at(count, latest, status, allow=ALLOW_PLAN_BASE)
    for observation in series.observations():
        found |= _start_at(observation, latest, status)
    if status.from_year is not None and status.from_value is not None:
        known = found.get(status.from_year)
        if known is None or known.value != status.from_value:
            found[status.from_year] = _Start(status.from_year, status.from_value, status.base_indicator_id, "")
    return [found[year] for year in sorted(found)]


def _start_at(start: Observation, latest: Observation, status: TargetStatus, allow: str = "") -> dict[int, _Start]:
    if start.confidence == "C" or not FIRST_START <= start.year < latest.year:
        return {}
    breaks: tuple[str, ...] = ()
    try:
        require_same_concept(start, latest, allow=allow or None)
    except ConceptError:
        apart = {cut.break_id for cut in start.behind} ^ {cut.break_id for cut in latest.behind}
        breaks = tuple(dict.fromkeys(cut.name_zh for cut in start.breaks if cut.break_id in apart))
        if not breaks:
            # Refused for another reason than a break (basis, reference date): not even a naive reader's number.
            return {}
    return {start.year: _Start(start.year, start.value, start.indicator.indicator_id, start.vintage, breaks)}
