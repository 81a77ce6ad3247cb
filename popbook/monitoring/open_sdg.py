"""The Open SDG progress measure beside our own, to show where a growth ratio misleads.

Method: Open SDG 2.4 ``progress`` (sdg-build, ``sdg/ProgressMeasure.py``), after Eurostat's SDG monitoring report: the
compound annual growth observed since the base, over the one required to reach the target on time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd

from popbook.monitoring.status import (
    ACHIEVED,
    AT_RISK,
    BREACHED,
    MISSED,
    NOT_ASSESSABLE,
    NOT_PUBLISHED,
    OFF_TRACK,
    ON_TRACK,
)
from popbook.monitoring.targets import TargetStatus

SUBSTANTIAL: Final = 0.95
MODERATE: Final = 0.60
# The measure replaces a base or target of zero by this, because a growth rate needs a positive start.
ZERO_REPLACEMENT: Final = 0.001

TARGET_ACHIEVED: Final = "目标已实现"
#: The measure's own words, best first, as Open SDG translates its categories.
OPEN_SDG_WORDS: Final = (TARGET_ACHIEVED, "进展显著", "进展一般", "进展有限", "倒退")

# What each of our words would have to be called there for the two to agree.
_AGREEING: Final = {
    ACHIEVED: (TARGET_ACHIEVED,), ON_TRACK: ("进展显著",), AT_RISK: ("进展一般",), OFF_TRACK: ("进展有限", "倒退"),
    MISSED: ("进展一般", "进展有限", "倒退"), BREACHED: ("进展一般", "进展有限", "倒退")}


def open_sdg_measure(base_year: int, base_value: float, year: int, value: float, target_year: int,
                     target_value: float, higher_is_better: bool) -> tuple[float | None, str]:
    """Return the ratio of observed to required compound growth, and the category.

    ``CAGR = (current / base) ** (1 / years) - 1``; ratio = direction * CAGR observed / abs(CAGR required);
    0.95 and more is substantial, 0.60 moderate, 0 limited, below 0 deterioration. A target already reached overrides.

    Parameters
    ----------
    base_year, base_value, year, value, target_year, target_value
        Years and values in one unit.
    higher_is_better
        Direction of the indicator.

    Returns
    -------
    tuple
        Ratio (None where the target is reached or nothing is required) and one of :data:`OPEN_SDG_WORDS`.

    Raises
    ------
    ValueError
        If base, value and target do not have one sign, or no time has passed: the measure refuses these too.

    Examples
    --------
    >>> ratio, word = open_sdg_measure(2020, 1196.5, 2024, 1262.4, 2025, 1370.0, True)
    >>> round(ratio, 2), word
    (0.49, '进展有限')
    """
    if year <= base_year or target_year <= base_year:
        raise ValueError("the measure needs a year after the base year")
    base, target = base_value or ZERO_REPLACEMENT, target_value or ZERO_REPLACEMENT
    if not (base > 0 and target > 0 and value >= 0):
        raise ValueError("a compound growth rate needs values of one sign")
    if (value >= target_value) if higher_is_better else (value <= target_value):
        return None, TARGET_ACHIEVED
    observed = (value / base) ** (1 / (year - base_year)) - 1
    required = (target / base) ** (1 / (target_year - base_year)) - 1
    if required == 0:
        return None, "倒退"
    ratio = (1 if higher_is_better else -1) * observed / abs(required)
    if ratio >= SUBSTANTIAL:
        return ratio, "进展显著"
    if ratio >= MODERATE:
        return ratio, "进展一般"
    return ratio, "进展有限" if ratio >= 0 else "倒退"


def open_sdg_table(statuses: Iterable[TargetStatus]) -> pd.DataFrame:
    """Put the Open SDG category beside our status for every target with a figure, and say why they differ.

    Parameters
    ----------
    statuses
        From :func:`popbook.monitoring.targets.assess_targets`.

    Returns
    -------
    DataFrame
        Columns target_id, name, kind, status, open_sdg_ratio, open_sdg, agrees, why.
    """
    rows = []
    for status in statuses:
        if status.status in (NOT_PUBLISHED, NOT_ASSESSABLE) or status.base_value is None \
                or status.latest_year is None or status.latest_value is None or status.target_value is None:
            continue
        ratio, word = open_sdg_measure(status.base_year, status.base_value, status.latest_year, status.latest_value,
                                       status.target_year, status.target_value, status.side > 0)
        agrees = word in _AGREEING[status.status]
        rows.append({"target_id": status.target_id, "name": status.name, "kind": status.kind, "status": status.status,
                     "open_sdg_ratio": ratio, "open_sdg": word, "agrees": agrees,
                     "why": "" if agrees else _why(status, word)})
    columns = ["target_id", "name", "kind", "status", "open_sdg_ratio", "open_sdg", "agrees", "why"]
    return pd.DataFrame(rows, columns=columns)


def _why(status: TargetStatus, word: str) -> str:
    if status.is_guard_rail and word == TARGET_ACHIEVED:
        outlook = f"，按现有速度{status.breach_year}年越过界限" if status.breach_year else ""
        return f"基期已在界限以内，增长率之比只看是否到过目标，不看余量和方向{outlook}。"
    if status.is_guard_rail:
        return "界限已被越过；增长率之比仍以基期到界限的距离作为“应有的增长”，把靠近界限算作进展。"
    if status.progress.age > 0:
        return f"最近的数是{status.latest_year}年，增长率之比不看数据新旧。"
    if status.chance is not None:
        return f"增长率之比不看今后的不确定性；按预测，达到目标的概率为{status.chance:.0%}。"
    return "增长率之比按复利计算，本报告按每年的量计算。"
