"""Pieces of Chinese sentences that follow from values, so that a sentence cannot outlive its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal

Direction = Literal["up", "down", "flat"]

_CHANGE_WORDS: dict[str, dict[Direction, str]] = {
    "level": {"up": "增加", "down": "减少", "flat": "持平"},
    "rate": {"up": "上升", "down": "下降", "flat": "持平"},
    "increment": {"up": "扩大", "down": "收窄", "flat": "持平"},
}
_NUMERALS = "零一两三四五六七八九十"


def direction_of(change: float, tolerance: float = 0.0) -> Direction:
    """Tell whether a change is up, down or flat.

    Parameters
    ----------
    change
        Later value minus earlier value.
    tolerance
        Changes of at most this size, in the unit of the change, count as flat (half the last printed digit).

    Examples
    --------
    >>> direction_of(-0.4), direction_of(0.04, tolerance=0.05)
    ('down', 'flat')
    """
    if abs(change) <= tolerance:
        return "flat"
    return "up" if change > 0 else "down"


def change_word(change: float, kind: Literal["level", "rate", "increment"], tolerance: float = 0.0) -> str:
    """Return the verb for a change: 增加/减少 for a level, 上升/下降 for a rate, 扩大/收窄 for an increment.

    Parameters
    ----------
    change
        Later value minus earlier value.
    kind
        What changed.
    tolerance
        As in :func:`direction_of`.

    Examples
    --------
    >>> change_word(-0.5, "rate"), change_word(12.0, "level"), change_word(-4.4, "increment")
    ('下降', '增加', '收窄')
    """
    return _CHANGE_WORDS[kind][direction_of(change, tolerance)]


def closing_run(values: Sequence[float], tolerance: float = 0.0) -> tuple[int, Direction]:
    """Count how many times in a row, up to the last value, the values moved in the same direction.

    Parameters
    ----------
    values
        Values in time order.
    tolerance
        As in :func:`direction_of`.

    Returns
    -------
    tuple of int and direction
        Number of closing moves in the direction of the last move, and that direction; ``(0, "flat")`` for fewer
        than two values or when the last move is flat.

    Examples
    --------
    >>> closing_run([30.7, 35.2, 23.9, 17.2, 14.6, 10.2])
    (4, 'down')
    """
    moves = [direction_of(b - a, tolerance) for a, b in zip(values, values[1:], strict=False)]
    if not moves or moves[-1] == "flat":
        return 0, "flat"
    run = 0
    for move in reversed(moves):
        if move != moves[-1]:
            break
        run += 1
    return run, moves[-1]


def run_phrase(count: int) -> str:
    """Return 连续N年 for a run of at least two, else an empty string; small numbers are written in characters.

    Examples
    --------
    >>> run_phrase(4), run_phrase(1), run_phrase(12)
    ('连续四年', '', '连续12年')
    """
    if count < 2:
        return ""
    return f"连续{_NUMERALS[count] if count <= 10 else count}年"


def list_phrase(items: Iterable[str], last: str = "和") -> str:
    """Join items as a Chinese list: 甲、乙和丙.

    Examples
    --------
    >>> list_phrase(["上城", "拱墅", "西湖"]), list_phrase(["上城"])
    ('上城、拱墅和西湖', '上城')
    """
    parts = list(items)
    if len(parts) < 2:
        return "".join(parts)
    return "、".join(parts[:-1]) + last + parts[-1]


def year_spans(years: Iterable[int]) -> str:
    """Write years as spans: 2006—2008、2010.

    Parameters
    ----------
    years
        Years in any order; duplicates count once.

    Returns
    -------
    str
        Spans in order of years; "" for no year.

    Examples
    --------
    >>> year_spans([2010, 2006, 2008, 2007, 2008])
    '2006—2008、2010'
    """
    # Within a run of consecutive years, year minus position is constant.
    runs = groupby(enumerate(sorted(set(years))), key=lambda pair: pair[1] - pair[0])
    spans = []
    for _, run in runs:
        members = [year for _, year in run]
        spans.append(str(members[0]) if len(members) == 1 else f"{members[0]}—{members[-1]}")
    return "、".join(spans)
