"""Texts of a drawing as outlines of the shipped font, for pictures.

The converter to PNG opens the file of the font again for every sign: that takes a quarter of the time of a picture.
"""

from __future__ import annotations

import html
import re
from functools import cache

from popbook.exhibits.fonts import shipped_font

_TEXT = re.compile(
    r'<text text-anchor="(start|middle|end)" transform="([^"]+)"'
    r'((?: (?:stroke|stroke-width|stroke-linejoin|paint-order)="[^"]*")*)'
    r' font-size="([\d.]+)"(?: font-weight="(normal|bold)")? fill="([^"]+)"( opacity="[^"]+")?>([^<]*)</text>'
)
_RIM_WIDTH = re.compile(r'(?<= stroke-width=")[\d.]+')
_WEIGHTS = {"normal": "regular", "bold": "bold"}
_PART_BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}


def with_outlines(svg: str) -> str:
    """Return a drawing with its texts as paths, which look the same.

    Parameters
    ----------
    svg
        Drawing as made by :func:`popbook.exhibits.render.clean_svg`. A text with a sign that the shipped font lacks, or
        written in another way, stays text.

    Examples
    --------
    >>> text = '<text text-anchor="end" transform="translate(9,9)" font-size="10" fill="#000">-</text>'
    >>> with_outlines(text)[:66]
    '<path transform="translate(9,9) scale(0.01,-0.01)" fill="#000" d="'
    """
    return _TEXT.sub(_as_path, svg)


def _as_path(match: re.Match[str]) -> str:
    anchor, place, rim, size, boldness, fill, opacity, words = match.groups()
    weight = _WEIGHTS[boldness or "normal"]
    steps = _steps(weight, html.unescape(words))
    if steps is None:
        return match.group()
    scale = float(size) / shipped_font(weight).face.upem
    at = -_PART_BEFORE[anchor] * sum(advance for _, advance in steps)
    parts = []
    for outline, advance in steps:
        if outline:
            parts.append(f"M{at:g} 0{outline}")
        at += advance
    rim = _RIM_WIDTH.sub(lambda width: f"{float(width.group()) / scale:.6g}", rim)
    return (
        f'<path transform="{place} scale({scale:.6g},{-scale:.6g})"{rim} fill="{fill}"{opacity or ""}'
        f' d="{"".join(parts)}"/>'
    )


def _steps(weight: str, words: str) -> list[tuple[str, float]] | None:
    """Return outline and advance of every sign of a text; None if the font lacks one, or spaces would be joined."""
    if words != words.strip() or "  " in words:
        return None
    found = [_outline(weight, sign) for sign in words]
    return None if None in found else [step for step in found if step is not None]


@cache
def _outline(weight: str, sign: str) -> tuple[str, float] | None:
    """Return the outline of a sign as path commands from its origin on, each from the end of the last, and its advance."""
    font = shipped_font(weight)
    glyph = font.get_nominal_glyph(ord(sign))
    if not glyph:
        return None
    pen = _Pen()
    font.draw_glyph_with_pen(glyph, pen)
    return "".join(pen.commands), font.get_glyph_h_advance(glyph)


class _Pen:
    """Writes contours as path commands, each place told from the last."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self._at = self._start = (0.0, 0.0)

    def _write(self, command: str, *points: tuple[float, float]) -> None:
        x, y = self._at
        told = " ".join(f"{px - x:g} {py - y:g}" for px, py in points)
        self.commands.append(command + told)
        self._at = points[-1]

    def moveTo(self, point: tuple[float, float]) -> None:
        self._write("m", point)
        self._start = point

    def lineTo(self, point: tuple[float, float]) -> None:
        self._write("l", point)

    def qCurveTo(self, *points: tuple[float, float]) -> None:
        self._write("q", *points)

    def curveTo(self, *points: tuple[float, float]) -> None:
        self._write("c", *points)

    def closePath(self) -> None:
        self.commands.append("z")
        self._at = self._start
