from __future__ import annotations

import io
import random

import brotli
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.ttProgram import Program
from fontTools.ttLib.woff2 import pack255UShort, packBase128

from popbook.exhibits import webfont
from popbook.exhibits.fonts import _cut_shipped, gb2312_characters
from popbook.exhibits.webfont import packed_woff, packed_woff2

HEAD_SIGN = b"\x5f\x0f\x3c\xf5"
"""Stands in every table "head", behind the checksum."""

REACHES = (3, 60, 64, 65, 700, 768, 769, 1279, 1280, 4095, 4096, 9000)


def _font(glyphs: int = 60, composite: bool = False, program: bool = False) -> bytes:
    """Return a font with outlines whose points lie near and far, long runs of equal flags among them."""
    shapes = {".notdef": _outline(random.Random(0), 9), "space": TTGlyphPen(None).glyph()}
    for number in range(glyphs):
        shapes[f"g{number}"] = _outline(random.Random(number), REACHES[number % len(REACHES)])
    if composite:
        pen = TTGlyphPen(shapes)
        pen.addComponent("g0", (1, 0, 0, 1, 5, 5))
        shapes["both"] = pen.glyph()
    if program:
        shapes["g0"].program = Program()
        shapes["g0"].program.fromBytecode(b"\x4f")
    builder = FontBuilder(1000)
    builder.setupGlyphOrder(list(shapes))
    builder.setupCharacterMap({0x4E00 + i: name for i, name in enumerate(shapes)})
    builder.setupGlyf(shapes)
    builder.setupHorizontalMetrics(dict.fromkeys(shapes, (1000, 0)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Example"})
    builder.setupOS2()
    builder.setupPost(keepGlyphNames=False)
    buffer = io.BytesIO()
    builder.save(buffer)
    return buffer.getvalue()


def _outline(chance: random.Random, reach: int):  # type: ignore[no-untyped-def]
    pen = TTGlyphPen(None)
    for _ in range(chance.randint(1, 3)):
        pen.moveTo((0, 0))
        for _ in range(chance.choice([3, 40, 300])):
            x, y = (chance.choice([0, chance.randint(-reach, reach)]) for _ in range(2))
            if chance.random() < 0.5:
                pen.lineTo((x, y))
            else:
                pen.qCurveTo((y, x), (x, y))
        pen.closePath()
    glyph = pen.glyph()
    if chance.random() < 0.5:
        glyph.flags[0] |= 0x40
    return glyph


def _by_fonttools(font: bytes) -> bytes:
    whole = TTFont(io.BytesIO(font), recalcTimestamp=False, recalcBBoxes=False)
    whole.flavor = "woff2"
    buffer = io.BytesIO()
    whole.save(buffer)
    return buffer.getvalue()


def _unpacked(monkeypatch: pytest.MonkeyPatch, pack, font: bytes) -> bytes:  # type: ignore[no-untyped-def]
    """Return what is handed to brotli, without the checksum of the whole, which readers make themselves."""
    seen: list[bytes] = []
    monkeypatch.setattr(brotli, "compress", lambda data, **_: seen.append(data) or b"")
    pack(font)
    monkeypatch.undo()
    place = seen[0].rindex(HEAD_SIGN) - 4
    return seen[0][:place] + seen[0][place + 4 :]


def test_tables_are_those_of_the_usual_packer_byte_for_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    for font in (_font(), _cut_shipped("".join(sorted(gb2312_characters()))[:700], "bold")):
        assert _unpacked(monkeypatch, packed_woff2, font) == _unpacked(monkeypatch, _by_fonttools, font)


@pytest.mark.parametrize("pack", [packed_woff, packed_woff2])
def test_a_packed_font_is_read_again_as_it_was(pack) -> None:  # type: ignore[no-untyped-def]
    font = _font()
    before, after = TTFont(io.BytesIO(font)), TTFont(io.BytesIO(pack(font)), checkChecksums=2)
    assert list(after.keys()) == list(before.keys())
    for one, other in zip(before.getGlyphOrder(), after.getGlyphOrder(), strict=True):
        shape, packed = before["glyf"][one], after["glyf"][other]
        assert packed.getCoordinates(after["glyf"]) == shape.getCoordinates(before["glyf"])
        assert [getattr(packed, side, None) for side in ("xMin", "yMin", "xMax", "yMax")] == [
            getattr(shape, side, None) for side in ("xMin", "yMin", "xMax", "yMax")
        ]
    for tag in ("cmap", "hmtx", "hhea", "maxp", "name", "OS/2", "post"):
        assert after.reader[tag] == before.reader[tag]


def test_a_box_that_is_not_the_outlines_own_is_kept() -> None:
    font = TTFont(io.BytesIO(_font()), recalcBBoxes=False)
    name = font.getGlyphOrder()[3]
    font["glyf"][name].xMax = 4321
    buffer = io.BytesIO()
    font.save(buffer)
    packed = TTFont(io.BytesIO(packed_woff2(buffer.getvalue())))
    assert packed["glyf"][packed.getGlyphOrder()[3]].xMax == 4321


def test_a_glyph_made_of_others_or_with_instructions_is_refused() -> None:
    with pytest.raises(ValueError, match="made of other glyphs"):
        packed_woff2(_font(composite=True))
    with pytest.raises(ValueError, match="instructions"):
        packed_woff2(_font(program=True))


def test_numbers_are_written_as_the_format_says() -> None:
    for number in (*range(1100), 65535):
        assert webfont._short_number(number) == pack255UShort(number)
        assert webfont._base128(number * 4000) == packBase128(number * 4000)
