"""The one typeface of every chart: cut to size, measured, and embedded.

The shipped family "Popbook Sans" is a subset of Noto Sans SC (SIL Open Font Licence 1.1) with TrueType outlines, which
is what the SVG, PNG and PDF converters can embed. It carries its own family name, so that an installed Noto or Source
Han with other metrics never takes its place. Pages get a WOFF2 cut of only the characters they show.
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import jieba
import uharfbuzz
import vl_convert

from popbook.exhibits.kept import kept

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

FAMILY = "Popbook Sans"
FALLBACK = f"'{FAMILY}', 'Noto Sans SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
Weight = Literal["regular", "bold"]
Flavor = Literal["woff", "woff2"]
FONT_FOLDER = Path(__file__).parent / "assets" / "fonts"
FONT_FILES: dict[str, Path] = {
    "regular": FONT_FOLDER / "PopbookSans-Regular.ttf",
    "bold": FONT_FOLDER / "PopbookSans-Bold.ttf",
}
LICENCE_FILE = FONT_FOLDER / "OFL.txt"
CSS_WEIGHTS = {"regular": 400, "bold": 700}
# Signs beyond GB 2312 that statistical prose, axes and references use.
EXTRA_SIGNS = "‰−≤≥≈≠±×÷→←↑↓↗↘·–—…“”‘’‹›•▲▼△▽●○◆◇■□★☆✓½²³℃°§№①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㎡〇\u00a0\u2002\u3000"
FULL_WIDTH = {"W", "F"}
# Signs that may not begin a line and those that may not end one, after GB/T 15834.
NOT_AT_LINE_START = set("，。、；：！？）》」』】〉”’%‰…·,.;:!?)]}")
NOT_AT_LINE_END = set("（《「『【〈“‘([{−+")
# What it costs to break a line after a sign, in squared ems of slack.
BREAK_COSTS = {"；：。！？;:": 0.0, "，）》”,": 6.0, "、": 14.0}
WORD_BREAK_COST = 24.0
EVENNESS = 0.25
UNIT_WORDS = ("个百分点", "百分点", "万人", "亿元", "万元", "万个", "公里")
UNIT_SIGNS = set("年月日万亿个岁城区名所位项人")


def gb2312_characters() -> set[str]:
    """Return every character of GB 2312-80: levels 1 and 2, signs, kana, Greek and Cyrillic.

    Examples
    --------
    >>> len([c for c in gb2312_characters() if "\\u4e00" <= c <= "\\u9fff"])
    6763
    """
    found: set[str] = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.add(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


def shipped_characters() -> set[str]:
    """Return the characters the shipped font files are cut to: Latin, GB 2312 and :data:`EXTRA_SIGNS`."""
    latin = {chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x180))}
    kana_and_cyrillic = {
        c for c in gb2312_characters() if "\u3040" <= c <= "\u312f" or "\u0400" <= c <= "\u04ff"
    }
    return (latin | gb2312_characters() | set(EXTRA_SIGNS)) - kana_and_cyrillic


def make_font(source: Path, target: Path, weight: Weight, characters: Iterable[str] | None = None) -> None:
    """Cut a full Noto Sans SC file to the shipped subset and give it the shipped family name.

    Hinting, vertical metrics and layout features other than composition are dropped: charts are drawn horizontally
    and by outline. The same source gives the same bytes.

    Parameters
    ----------
    source
        Noto Sans SC with TrueType outlines (``glyf``), static instance of the wanted weight.
    target
        TTF file to write.
    weight
        ``regular`` or ``bold``.
    characters
        Characters to keep; default :func:`shipped_characters`.

    Raises
    ------
    ValueError
        If the source has no TrueType outlines.
    """
    from fontTools.ttLib import TTFont

    font = TTFont(source, recalcTimestamp=False)
    if "glyf" not in font:
        raise ValueError(f"{source}: no TrueType outlines (glyf); the PDF converter cannot embed it")
    font = _cut(font, characters if characters is not None else shipped_characters())
    style = weight.capitalize()
    postscript = FAMILY.replace(" ", "") + "-" + style
    for record in list(font["name"].names):
        if record.nameID not in (0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 14):
            font["name"].names.remove(record)
    for name_id, text in {1: FAMILY, 2: style, 3: postscript, 4: f"{FAMILY} {style}", 6: postscript}.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    font["OS/2"].usWeightClass = CSS_WEIGHTS[weight]
    target.parent.mkdir(parents=True, exist_ok=True)
    font.save(target)


def _cut(font: TTFont, characters: Iterable[str]) -> TTFont:
    """Subset a font to characters, without hinting or layout features, keeping outlines."""
    from fontTools import subset

    options = subset.Options()
    options.layout_features = ["ccmp", "liga"]
    options.hinting = False
    options.glyph_names = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += ["STAT", "vhea", "vmtx", "BASE", "GDEF", "GPOS", "GSUB", "gasp", "prep", "DSIG"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted({ord(c) for c in characters}))
    cutter.subset(font)
    return font


def make_webfont(characters: Iterable[str], weight: Weight = "regular", flavor: Flavor = "woff2") -> bytes:
    """Return a web font of the shipped font holding only these characters; the same set gives the same bytes.

    Parameters
    ----------
    characters
        Characters or whole texts; repeated ones do not matter.
    weight
        ``regular`` or ``bold``.
    flavor
        ``woff2``, or ``woff``: made ten times as fast, a quarter larger.

    Examples
    --------
    >>> make_webfont("常住人口")[:4]
    b'wOF2'
    """
    wanted = "".join(sorted(set("".join(characters))))
    return _kept_cut(wanted, weight, flavor)


@cache
def _kept_cut(characters: str, weight: str, flavor: Flavor) -> bytes:
    return kept(flavor, characters, weight, make=lambda: _packed(_cut_shipped(characters, weight), flavor))


def _packed(font: bytes, flavor: Flavor) -> bytes:
    from fontTools.ttLib import TTFont

    # The box around all outlines stays that of the whole font: a new one would need every outline read and written.
    packed = TTFont(io.BytesIO(font), recalcTimestamp=False, recalcBBoxes=False)
    # No name of a glyph is written; to think of one for each that says its character takes a quarter of the time.
    packed.setGlyphOrder([".notdef", *(f"g{number}" for number in range(1, packed["maxp"].numGlyphs))])
    packed.flavor = flavor
    buffer = io.BytesIO()
    packed.save(buffer)
    return buffer.getvalue()


@cache
def shipped_font(weight: str) -> uharfbuzz.Font:
    """Return the shipped font, opened once."""
    return uharfbuzz.Font(uharfbuzz.Face(FONT_FILES[weight].read_bytes()))


def _cut_shipped(characters: str, weight: str) -> bytes:
    """Return a TTF of the shipped font with these characters only, and with all of its names and its licence."""
    wanted = uharfbuzz.SubsetInput()
    wanted.flags = uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
    for kept_names in (wanted.name_id_set, wanted.name_lang_id_set):
        kept_names.clear()
        kept_names.invert()
    wanted.unicode_set.update(map(ord, characters))
    return bytes(uharfbuzz.subset(shipped_font(weight).face, wanted).blob.data)


def font_face_css(characters: Iterable[str], weights: Iterable[Weight] = ("regular", "bold")) -> str:
    """Return ``@font-face`` rules with the needed characters embedded as base64 WOFF, for a standalone SVG.

    A drawing of its own is loaded once and alone; WOFF2 would save it some kilobytes and cost a build a tenth of its time.
    """
    text = "".join(characters)
    return "".join(
        f"@font-face{{font-family:'{FAMILY}';font-weight:{CSS_WEIGHTS[weight]};"
        f"src:url(data:font/woff;base64,{base64.b64encode(make_webfont(text, weight, 'woff')).decode()})"
        " format('woff')}"
        for weight in weights
    )


def write_webfonts(characters: Iterable[str], folder: Path) -> dict[str, Path]:
    """Write the WOFF2 files of one edition and the style sheet ``fonts.css`` that names them.

    Parameters
    ----------
    characters
        Characters or texts shown by the charts of the edition.
    folder
        Folder for the files; created if missing.

    Returns
    -------
    dict[str, Path]
        The files by weight, and the style sheet as ``css``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(characters)
    written: dict[str, Path] = {}
    rules = []
    for weight, css_weight in CSS_WEIGHTS.items():
        data = make_webfont(text, weight)  # type: ignore[arg-type]
        name = f"popbook-sans-{weight}.woff2"
        (folder / name).write_bytes(data)
        written[weight] = folder / name
        # The query changes with the content, so that a browser never shows last year's cut of the font.
        version = hashlib.sha256(data).hexdigest()[:8]
        rules.append(
            f"@font-face{{font-family:'{FAMILY}';font-weight:{css_weight};font-style:normal;font-display:swap;"
            f"src:url('{name}?v={version}') format('woff2')}}\n"
        )
    (folder / "fonts.css").write_text("".join(rules), encoding="utf-8")
    written["css"] = folder / "fonts.css"
    return written


@cache
def register_fonts() -> None:
    """Tell the chart converter where the shipped font lies; does so once per process."""
    vl_convert.register_font_directory(str(FONT_FOLDER.resolve()))


@cache
def _advances(weight: str) -> tuple[dict[int, int], int]:
    """Return the advance width by code point, and the em, of a shipped font file."""
    font = shipped_font(weight)
    glyphs = {code: font.get_nominal_glyph(code) for code in font.face.unicodes}
    return {code: font.get_glyph_h_advance(glyph) for code, glyph in glyphs.items()}, font.face.upem


def missing_characters(text: str, weight: Weight = "regular") -> set[str]:
    """Return the characters of a text for which the shipped font has no glyph.

    Examples
    --------
    >>> missing_characters("常住人口 1252.2万人，8.2‰")
    set()
    """
    advances, _ = _advances(weight)
    return {c for c in text if ord(c) not in advances and not unicodedata.category(c).startswith("C")}


def text_width(text: str, size: float, weight: Weight = "regular") -> float:
    """Return the width of one line of text in pixels, from the advances of the shipped font.

    Parameters
    ----------
    text
        One line.
    size
        Font size in pixels.
    weight
        ``regular`` or ``bold``.

    Examples
    --------
    >>> text_width("人口", 12)
    24.0
    """
    advances, em = _advances(weight)
    return sum(advances.get(ord(c), em) for c in text) * size / em


def wrap_text(text: str, width: float, size: float, weight: Weight = "regular") -> list[str]:
    """Break a Chinese text into as few lines as fit a width, at the best places.

    Chinese has no spaces. A line never breaks inside a number, a Latin word or a Chinese word, never between a number
    and its unit, never before a closing and never after an opening sign. Among the ways that need the fewest lines the
    one is taken that costs least: breaks after punctuation are cheap, and so are lines of even length.

    Parameters
    ----------
    text
        Text without line breaks.
    width
        Greatest width of a line in pixels.
    size
        Font size in pixels.
    weight
        ``regular`` or ``bold``.

    Returns
    -------
    list[str]
        Lines; their concatenation is the text without the spaces at breaks.

    Examples
    --------
    >>> wrap_text("常住人口增量连续收窄：2021年23.9万人", 170, 15)
    ['常住人口增量连续收窄：', '2021年23.9万人']
    """
    pieces: list[str] = []
    for piece in _pieces(text):
        if text_width(piece, size, weight) > width:
            pieces.extend(piece)
        else:
            pieces.append(piece)
    count = len(pieces)
    # What it costs to break behind each piece; nothing behind the last.
    breaks = [*(_break_cost(piece[-1]) for piece in pieces[:-1]), 0.0]
    # best[i]: (lines, cost, start of the last line) for the first i pieces
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)] + [(count + 1, math.inf, 0)] * count
    for end in range(1, count + 1):
        line = ""
        for start in range(end - 1, -1, -1):
            line = pieces[start] + line
            line_width = text_width(line.strip(), size, weight)
            if line_width > width and start < end - 1:
                break
            lines, cost, _ = best[start]
            slack = (width - line_width) / size
            loss = cost + EVENNESS * slack**2 + breaks[end - 1]
            best[end] = min(best[end], (lines + 1, loss, start))
    result: list[str] = []
    end = count
    while end:
        start = best[end][2]
        result.append("".join(pieces[start:end]).strip())
        end = start
    return result[::-1]


def _break_cost(sign: str) -> float:
    return next((cost for signs, cost in BREAK_COSTS.items() if sign in signs), WORD_BREAK_COST)


class _Words:
    """Frequencies of words, and 0 for the beginnings of words, from a dictionary of jieba (``word frequency kind``).

    A word is looked up when it is asked for: titles use few of them.
    """

    def __init__(self, text: str) -> None:
        self._lines = sorted(text.splitlines())
        self._found: dict[str, int | None] = {}
        self.total = sum(map(int, re.findall(r" (\d+)", text)))

    def __contains__(self, word: str) -> bool:
        return self.get(word) is not None

    def __getitem__(self, word: str) -> int:
        found = self.get(word)
        if found is None:
            raise KeyError(word)
        return found

    def get(self, word: str) -> int | None:
        """Return the frequency of a word, or None."""
        if word not in self._found:
            self._found[word] = self._look_up(word)
        return self._found[word]

    def _look_up(self, word: str) -> int | None:
        # Lines are in order of their words; the one of the word itself, where there is one, is the first that begins so.
        place = bisect_left(self._lines, word)
        line = self._lines[place] if place < len(self._lines) else ""
        if not line.startswith(word):
            return None
        return int(line.split(" ", 2)[1]) if line.startswith(f"{word} ") else 0


@cache
def _word_cutter() -> jieba.Tokenizer:
    jieba.setLogLevel(logging.WARNING)
    cutter = jieba.Tokenizer()
    # Not `initialize`: it loads what anybody may have put into the system's temporary folder, and writes there itself;
    # nor `gen_pfdict`, which takes a fifth of the time in which a build gets ready.
    with cutter.get_dict_file() as stream:
        cutter.FREQ = _Words(stream.read().decode("utf-8"))
    cutter.total = cutter.FREQ.total
    cutter.initialized = True
    return cutter


def _pieces(text: str) -> list[str]:
    """Cut a text into the parts that may not be broken."""
    pieces: list[str] = []
    for word in _word_cutter().cut(text, HMM=False):
        if pieces and _joins(pieces[-1], word):
            pieces[-1] += word
        else:
            pieces.append(word)
    return pieces


def _joins(before: str, after: str) -> bool:
    """Whether no line may break between two neighbouring words."""
    last, first = before[-1], after[0]
    if first in NOT_AT_LINE_START or last in NOT_AT_LINE_END:
        return True
    if last.isspace() or first.isspace():
        return False
    wide = [unicodedata.east_asian_width(sign) in FULL_WIDTH for sign in (last, first)]
    if not any(wide):
        return True
    number_before = last.isdigit() or last in "%‰"
    return number_before and (after in UNIT_WORDS or first in UNIT_SIGNS)


def main(arguments: list[str] | None = None) -> None:
    """Make the shipped font files from a folder with the two full Noto Sans SC files (see assets/fonts/README.md)."""
    import argparse

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("regular", type=Path, help="full Noto Sans SC Regular, TrueType outlines")
    parser.add_argument("bold", type=Path, help="full Noto Sans SC Bold, TrueType outlines")
    chosen = parser.parse_args(arguments)
    make_font(chosen.regular, FONT_FILES["regular"], "regular")
    make_font(chosen.bold, FONT_FILES["bold"], "bold")


if __name__ == "__main__":
    main()
