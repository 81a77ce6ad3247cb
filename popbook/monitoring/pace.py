"""The arithmetic of a target: is it met, how far, how fast, how fast it would need to be, and when.

All of it is linear in time. Shares, rates per mille and years of life have no compound growth, and a reader can check
a straight line with a pocket calculator.
"""

from __future__ import annotations

import math
from typing import Final, Literal

Comparison = Literal["gt", "ge", "lt", "le", "about"]

# Differences of printed decimals carry binary dust (20.0 - 19.6 = 0.39999999999999858); it must not move a year.
_DIGITS: Final = 9


def good_side(comparison: Comparison, base_value: float | None, target_value: float) -> int:
    """Return +1 if higher is better, -1 if lower is better.

    "about" has no side of its own; it takes the one that leads from the base to the target.

    Examples
    --------
    >>> good_side("lt", 16.87, 20), good_side("about", 1196.5, 1370)
    (-1, 1)
    """
    if comparison in ("gt", "ge"):
        return 1
    if comparison in ("lt", "le"):
        return -1
    return -1 if base_value is not None and base_value > target_value else 1


def is_met(value: float, comparison: Comparison, target_value: float, side: int = 1) -> bool:
    """Return whether a value meets the target.

    "about" (the plan writes 左右 without a tolerance) counts as met from the target value on, on the good side.

    Examples
    --------
    >>> is_met(20.0, "lt", 20.0), is_met(1370.0, "about", 1370.0)
    (False, True)
    """
    difference = round(value - target_value, _DIGITS)
    if comparison == "gt":
        return difference > 0
    if comparison == "ge":
        return difference >= 0
    if comparison == "lt":
        return difference < 0
    if comparison == "le":
        return difference <= 0
    return side * difference >= 0


def yearly_pace(from_year: int, from_value: float, to_year: int, to_value: float) -> float | None:
    """Return the mean yearly change, (to - from) / years; None if no time has passed.

    Examples
    --------
    >>> yearly_pace(2020, 1196.5, 2024, 1262.4)
    16.475
    """
    if to_year <= from_year:
        return None
    return round((to_value - from_value) / (to_year - from_year), _DIGITS)


def pace_share(pace: float, required: float) -> float | None:
    """Return the pace so far as a share of the required pace; None if nothing is required.

    Examples
    --------
    >>> round(pace_share(16.475, 34.7), 3)
    0.475
    """
    return None if required == 0 else round(pace / required, _DIGITS)


def reach_year(latest_year: int, latest_value: float, pace: float, comparison: Comparison, target_value: float,
               side: int) -> int | None:
    """Return the first year in which a straight line from the latest value meets the target; None if never.

    Examples
    --------
    >>> reach_year(2024, 1262.4, 16.475, "ge", 1370.0, 1)
    2031
    """
    if is_met(latest_value, comparison, target_value, side):
        return latest_year
    if side * pace <= 0:
        return None
    return _crossing_year(latest_year, latest_value, pace, target_value, inclusive=comparison in ("ge", "le", "about"))


def breach_year(latest_year: int, latest_value: float, pace: float, comparison: Comparison, target_value: float,
                side: int) -> int | None:
    """Return the first year in which a straight line from the latest value no longer meets the bound; None if never.

    Examples
    --------
    >>> breach_year(2024, 67.1, -0.755, "gt", 66.0, 1)
    2026
    """
    if not is_met(latest_value, comparison, target_value, side):
        return latest_year
    if side * pace >= 0:
        return None
    return _crossing_year(latest_year, latest_value, pace, target_value, inclusive=comparison in ("gt", "lt"))


def _crossing_year(year: int, value: float, pace: float, bound: float, *, inclusive: bool) -> int:
    years = round((bound - value) / pace, _DIGITS)
    # A strict bound is crossed by touching it, a non-strict one only by passing it.
    return year + (math.ceil(years) if inclusive else math.floor(years) + 1)
