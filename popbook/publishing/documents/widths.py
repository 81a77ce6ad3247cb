"""How wide the columns of a table are, so that it fills the page and never runs out of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from popbook.exhibits.fonts import text_width
from popbook.exhibits.inline import RANGE

TEXT_WIDTH = 442.2
"""Width of the type area in points: 156 mm, as GB/T 9704 has it."""

SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5)
"""Type sizes a table may be set in, in points; the largest that fits is taken."""

PADDING = 9.0
"""Space left and right of a cell together, in points, and the little that rounding of shares takes."""

LONG_TOKEN = 20
"""A run of signs without a place to break that is longer than this may be broken anywhere (fingerprints, addresses)."""

_RUN = re.compile(r"[^\s\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]+")
_ONE_LINE = 110.0
"""A column that needs no more than this, in points, is not wrapped as long as others can be."""


@dataclass(frozen=True)
class Widths:
    """Columns of a table.

    Parameters
    ----------
    shares
        Share of the type area for each column; together 1.
    size
        Type size in points.
    height
        Estimated height in points, with its heads.
    """

    shares: tuple[float, ...]
    size: float
    height: float


def column_widths(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    whole: Sequence[bool],
    width: float = TEXT_WIDTH,
    sizes: Sequence[float] = SIZES,
) -> Widths:
    """Return the widths of the columns of a table.

    Columns of numbers and of short words stay on one line; the columns of long text share what is left, more to the one
    that has more to say.

    Parameters
    ----------
    heads
        Head of each column with its unit; a head may take two lines.
    rows
        Plain text of the cells.
    whole
        Whether the cells of a column are never wrapped (numbers, status words).
    width
        Width of the table in points.
    sizes
        Type sizes to try, largest first.

    Examples
    --------
    >>> made = column_widths(["年份", "说明"], [["2024", "甲" * 200]], [True, False])
    >>> made.size, round(sum(made.shares), 6), made.shares[0] < 0.2
    (9.0, 1.0, True)
    """
    for size in sizes:
        natural, least = _needs(heads, rows, whole, size)
        if sum(least) <= width:
            break
    widths = _share_out(natural, least, width)
    total = sum(widths)
    return Widths(
        tuple(each / total for each in widths),
        size,
        _height(heads, rows, [each * width / total for each in widths], size),
    )


def _needs(
    heads: Sequence[str], rows: Sequence[Sequence[str]], whole: Sequence[bool], size: float
) -> tuple[list[float], list[float]]:
    natural, least = [], []
    for i, head in enumerate(heads):
        cells = [row[i] for row in rows if i < len(row)]
        body = max((text_width(cell, size) for cell in cells), default=0.0)
        head_width = text_width(head, size)
        # A head is set in two lines where its column is narrow.
        natural.append(max(body, head_width / 2 + size if head_width > body else 0.0) + PADDING)
        longest = max((_longest_run(cell, size) for cell in [head, *cells]), default=0.0)
        keeps = whole[i] or body + PADDING <= 4.5 * size + PADDING
        least.append(
            max(body if keeps else min(4.0 * size, body), longest, min(head_width, 2.2 * size)) + PADDING
        )
    return [max(n, m) for n, m in zip(natural, least, strict=True)], least


def _longest_run(words: str, size: float) -> float:
    runs = [run for run in _RUN.findall(words) if len(run) <= LONG_TOKEN]
    ranges = [match.group() for match in RANGE.finditer(words)]
    return max((text_width(run, size) for run in [*runs, *ranges]), default=0.0)


def _share_out(natural: Sequence[float], least: Sequence[float], width: float) -> list[float]:
    if sum(natural) <= width:
        spare = width - sum(natural)
        return [each + spare * each / sum(natural) for each in natural]
    # Columns that fit on one line keep it, the rest is shared by how much text there is.
    kept = [n if n <= _ONE_LINE else m for n, m in zip(natural, least, strict=True)]
    if sum(kept) > width:
        kept = list(least)
    spare = max(width - sum(kept), 0.0)
    wants = [max(n - k, 0.0) ** 0.6 for n, k in zip(natural, kept, strict=True)]
    total = sum(wants) or 1.0
    return [k + spare * want / total for k, want in zip(kept, wants, strict=True)]


def _height(
    heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], size: float
) -> float:
    def lines(cells: Sequence[str]) -> int:
        return max(
            (
                int(text_width(words, size) * 1.06 // max(width - PADDING, size)) + 1
                for words, width in zip(cells, widths, strict=False)
            ),
            default=1,
        )

    return sum(lines(row) * size * 1.45 + 5.0 for row in [heads, *rows])


def breakable(words: str) -> list[str]:
    """Return the parts of a long run of signs between which a line may break; short words stay whole.

    Examples
    --------
    >>> breakable("ab12" * 16)[0], breakable("常住人口")
    ('ab12ab12', ['常住人口'])
    """
    parts: list[str] = []
    last = 0
    for match in _RUN.finditer(words):
        if len(match.group()) <= LONG_TOKEN:
            continue
        pieces = [
            piece[i : i + 8]
            for piece in re.findall(r"[^/._\-?&=]*[/._\-?&=]+|[^/._\-?&=]+", match.group())
            for i in range(0, len(piece), 8)
        ]
        parts += [words[last : match.start()] + pieces[0], *pieces[1:]]
        last = match.end()
    if last == 0:
        return [words]
    if last < len(words):
        parts.append(words[last:])
    return parts
