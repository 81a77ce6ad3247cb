"""Packing of TrueType fonts for browsers: WOFF 1.0 and WOFF2, with outlines in the compact form of the latter.

fontTools packs the same formats, outline by outline and point by point; here all points of a font are rewritten at once,
which takes a twentieth of the time.
"""

from __future__ import annotations

import struct
import zlib
from itertools import pairwise
from typing import Any

import brotli
import numpy as np
from numpy.typing import NDArray

# Places in the list of known tags of WOFF2.
TAG_NUMBERS = {
    b"cmap": 0,
    b"head": 1,
    b"hhea": 2,
    b"hmtx": 3,
    b"maxp": 4,
    b"name": 5,
    b"OS/2": 6,
    b"post": 7,
    b"glyf": 10,
    b"loca": 11,
}
# Higher levels save one part in a hundred and take several times as long.
BROTLI_QUALITY = 9
ON_CURVE, SHORT_X, SHORT_Y, REPEATED, POSITIVE_X, POSITIVE_Y, OVERLAPPING = (1 << bit for bit in range(7))

Numbers = NDArray[np.int64]


def packed_woff(font: bytes) -> bytes:
    """Return a TrueType font as WOFF 1.0: the same tables, each deflated where that makes it smaller.

    Parameters
    ----------
    font
        Font file.
    """
    tables = _tables(font)
    start = 44 + 20 * len(tables)
    entries, body = b"", b""
    for tag, (checksum, table) in tables.items():
        packed = min(zlib.compress(table), table, key=len)
        entries += struct.pack(">4s4L", tag, start + len(body), len(packed), len(table), checksum)
        body += _padded(packed)
    return _head(b"wOFF", font, start + len(body), tables) + entries + body


def packed_woff2(font: bytes) -> bytes:
    """Return a TrueType font as WOFF2.

    Parameters
    ----------
    font
        Font file whose glyphs are simple outlines without instructions.

    Raises
    ------
    ValueError
        If a glyph is made of others, or has instructions.
    """
    tables = _tables(font)
    stored = {tag: table for tag, (_, table) in tables.items()}
    head = bytearray(stored[b"head"])
    # Says that the font went through a change that keeps what it shows; readers put in the new checksum themselves.
    head[16] |= 1 << 3
    stored[b"head"] = bytes(head)
    directory = b""
    for tag, table in list(stored.items()):
        directory += bytes([TAG_NUMBERS[tag]]) + _base128(len(table))
        if tag == b"glyf":
            stored[tag] = _compact_outlines(
                table,
                _glyph_places(stored[b"loca"], stored[b"head"]),
                index_format=struct.unpack_from(">H", head, 50)[0],
            )
            directory += _base128(len(stored[tag]))
        elif tag == b"loca":
            stored[tag] = b""
            directory += _base128(0)
    body = brotli.compress(b"".join(stored.values()), mode=brotli.MODE_FONT, quality=BROTLI_QUALITY)
    size = 48 + len(directory) + len(body)
    head_of_file = _head(b"wOF2", font, size + -size % 4, tables, len(body))
    return _padded(head_of_file + directory + body)


def _tables(font: bytes) -> dict[bytes, tuple[int, bytes]]:
    """Return checksum and bytes of every table, in the order of their tags."""
    (count,) = struct.unpack_from(">H", font, 4)
    entries = sorted(struct.unpack_from(">4s3L", font, 12 + 16 * i) for i in range(count))
    return {tag: (checksum, font[start : start + length]) for tag, checksum, start, length in entries}


def _head(
    signature: bytes, font: bytes, size: int, tables: dict[bytes, tuple[int, bytes]], *packed: int
) -> bytes:
    """Return the head of a WOFF file; that of WOFF2 also holds the packed size of all tables."""
    unpacked = 12 + 16 * len(tables) + sum(len(_padded(table)) for _, table in tables.values())
    sizes = struct.pack(f">{1 + len(packed)}L", unpacked, *packed)
    start = struct.pack(">4s4sL2H", signature, font[:4], size, len(tables), 0)
    return start + sizes + struct.pack(">2H5L", 1, 0, 0, 0, 0, 0, 0)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _base128(number: int) -> bytes:
    digits = [number & 127]
    while number := number >> 7:
        digits.append(number & 127 | 128)
    return bytes(reversed(digits))


def _short_number(number: int) -> bytes:
    """Return a count of points in the one to three bytes of WOFF2's ``255UInt16``."""
    if number < 253:
        return bytes([number])
    if number < 762:
        return bytes([255, number - 253]) if number < 506 else bytes([254, number - 506])
    return struct.pack(">BH", 253, number)


def _glyph_places(loca: bytes, head: bytes) -> list[tuple[int, int]]:
    """Return where each glyph begins and ends in ``glyf``."""
    places = np.frombuffer(loca, ">u4") if head[51] else np.frombuffer(loca, ">u2").astype(int) * 2
    return list(pairwise(places.tolist()))


def _compact_outlines(glyf: bytes, places: list[tuple[int, int]], index_format: int) -> bytes:
    """Return the table ``glyf`` as WOFF2 has it: a stream each of contours, counts, flags, points and boxes."""
    contours, counts, flags = b"", b"", bytearray()
    drawn, firsts, starts = [], [], []
    for number, (start, end) in enumerate(places):
        if start == end:
            contours += b"\0\0"
            continue
        flags_before = len(flags)
        ends, at = _ends_of_contours(glyf, start, number)
        contours += glyf[start : start + 2]
        counts += b"".join(_short_number(last - before) for before, last in pairwise([-1, *ends]))
        while len(flags) - flags_before <= ends[-1]:
            flag = glyf[at]
            repeats = glyf[at + 1] if flag & REPEATED else 0
            flags += bytes([flag]) * (1 + repeats)
            at += 2 if flag & REPEATED else 1
        drawn.append(number)
        firsts.append(flags_before)
        starts.append(at)

    outlines = _Outlines(glyf, np.frombuffer(flags, np.uint8), np.array(firsts), np.array(starts))
    point_flags, points = outlines.triplets()
    count = len(places)
    of_file = [glyf[places[number][0] + 2 : places[number][0] + 10] for number in drawn]
    unlike = [i for i, box in enumerate(outlines.boxes()) if box != of_file[i]]
    boxes = _bits([drawn[i] for i in unlike], (count + 31) // 32 * 4) + b"".join(of_file[i] for i in unlike)
    overlapping = [
        number for number, first in zip(drawn, firsts, strict=True) if flags[first] & OVERLAPPING
    ]
    streams = (contours, counts, point_flags, points, b"", boxes, b"")
    head = struct.pack(">4H7L", 0, bool(overlapping), count, index_format, *map(len, streams))
    return head + b"".join(streams) + (_bits(overlapping, (count + 7) // 8) if overlapping else b"")


def _ends_of_contours(glyf: bytes, start: int, number: int) -> tuple[tuple[int, ...], int]:
    """Return the last point of each contour of a glyph, and where its flags begin."""
    (contours,) = struct.unpack_from(">h", glyf, start)
    if contours < 0:
        raise ValueError(f"glyph {number} is made of other glyphs: not packed")
    *ends, instructions = struct.unpack_from(f">{contours + 1}H", glyf, start + 10)
    if instructions:
        raise ValueError(f"glyph {number} has instructions: not packed")
    return tuple(ends), start + 12 + 2 * contours


def _bits(numbers: list[int], size: int) -> bytes:
    """Return a bitmap of some bytes in which these bits are set, the highest bit of a byte first."""
    bitmap = np.zeros(8 * size, bool)
    bitmap[numbers] = True
    return np.packbits(bitmap).tobytes()


class _Outlines:
    """All points of all glyphs, as steps from one to the next.

    Parameters
    ----------
    glyf
        The table.
    flags
        Flags of all points, repeated ones written out.
    firsts, starts
        For each glyph its first point, and where its steps begin in the table.
    """

    def __init__(self, glyf: bytes, flags: NDArray[np.uint8], firsts: Numbers, starts: Numbers) -> None:
        self.flags, self.firsts = flags, firsts
        self._bytes = np.frombuffer(glyf + b"\0\0", np.uint8).astype(np.int64)
        self._glyph = np.repeat(np.arange(len(firsts)), np.diff([*firsts, len(flags)]))
        self.x, starts = self._steps(SHORT_X, POSITIVE_X, starts)
        self.y, _ = self._steps(SHORT_Y, POSITIVE_Y, starts)

    def _steps(self, short: int, positive: int, starts: Numbers) -> tuple[Numbers, Numbers]:
        """Return the steps in one direction, and where those of each glyph end in the table."""
        is_short, is_positive = (self.flags & short) > 0, (self.flags & positive) > 0
        sizes = np.where(is_short, 1, np.where(is_positive, 0, 2))
        at = starts[self._glyph] + self._since_first(np.cumsum(sizes) - sizes)
        first, second = self._bytes[at], self._bytes[at + 1]
        long = (first << 8 | second) - ((first & 128) << 9)
        steps = np.where(is_short, np.where(is_positive, first, -first), np.where(is_positive, 0, long))
        return steps, starts + np.add.reduceat(sizes, self.firsts)

    def _since_first(self, values: Numbers) -> Numbers:
        return values - values[self.firsts][self._glyph]

    def boxes(self) -> list[bytes]:
        """Return the box around each glyph as the table has it."""
        sides: list[Any] = []
        for lowest in (np.minimum, np.maximum):
            for steps in (self.x, self.y):
                places = np.cumsum(steps)
                within = self._since_first(places) + steps[self.firsts][self._glyph]
                sides.append(lowest.reduceat(within, self.firsts))
        return [row.tobytes() for row in np.stack(sides, axis=1).astype(">i2")]

    def triplets(self) -> tuple[bytes, bytes]:
        """Return a flag for every point, and its step in one to four bytes; behind each glyph a 0: no instructions."""
        x, y = abs(self.x), abs(self.y)
        signs = (self.x >= 0) + 2 * (self.y >= 0)
        kinds = [
            (self.x == 0) & (y < 1280),
            (self.y == 0) & (x < 1280),
            (x < 65) & (y < 65),
            (x < 769) & (y < 769),
            (x < 4096) & (y < 4096),
            np.full(len(x), True),
        ]
        near = 20 + ((x - 1) & 0x30) + ((y - 1 & 0x30) >> 2) + signs
        far = 84 + 12 * (x - 1 >> 8) + (y - 1 >> 8) * 4 + signs
        flags = np.select(
            kinds,
            [
                (y >> 8) * 2 + (self.y >= 0),
                10 + (x >> 8) * 2 + (self.x >= 0),
                near,
                far,
                120 + signs,
                124 + signs,
            ],
        )
        flags += np.where(self.flags & ON_CURVE, 0, 128)
        sizes = np.select(kinds, [1, 1, 1, 2, 3, 4])
        steps = np.select(
            kinds,
            [
                y & 255,
                x & 255,
                (x - 1 & 15) << 4 | y - 1 & 15,
                (x - 1 & 255) << 8 | y - 1 & 255,
                x << 12 | y,
                x << 16 | y,
            ],
        )
        # The bytes of a step stand at the left of four.
        four = (steps << 32 - 8 * sizes).astype(">u4").view(np.uint8).reshape(-1, 4)
        written = four[np.arange(4) < sizes[:, None]]
        ends = np.cumsum(np.add.reduceat(sizes, self.firsts))
        return flags.astype(np.uint8).tobytes(), np.insert(written, ends, 0).tobytes()
