from __future__ import annotations

import io
import tempfile
from pathlib import Path

import jieba
import pytest
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

from popbook.exhibits import fonts
from popbook.exhibits.fonts import (
    FAMILY,
    FONT_FILES,
    LICENCE_FILE,
    NOT_AT_LINE_END,
    NOT_AT_LINE_START,
    Flavor,
    Weight,
    font_face_css,
    gb2312_characters,
    make_font,
    make_webfont,
    missing_characters,
    text_width,
    wrap_text,
    write_webfonts,
)
from tests.ledger.tables import DATA

TITLE = "预计2035年常住人口1350.4万人（80%区间1270—1430万人），低于规划低方案；户籍人口为1010.2万人"


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_shipped_font_has_truetype_outlines_under_its_own_name(weight: str) -> None:
    font = TTFont(FONT_FILES[weight])
    assert "glyf" in font
    assert font["name"].getDebugName(1) == FAMILY
    assert font["name"].getDebugName(2) == weight.capitalize()
    assert FONT_FILES[weight].stat().st_size < 2_300_000


def test_licence_lies_beside_the_font() -> None:
    assert "SIL OPEN FONT LICENSE Version 1.1" in LICENCE_FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_font_covers_gb2312_ideographs_and_statistical_signs(weight: str) -> None:
    ideographs = "".join(sorted(c for c in gb2312_characters() if "\u4e00" <= c <= "\u9fff"))
    assert missing_characters(ideographs + "‰%−×≤≥≈→±·“”《》①⑳㎡—…▲▼◆●■○□✓¥Ⅱ", weight) == set()  # type: ignore[arg-type]


def test_missing_characters_are_named() -> None:
    assert missing_characters("常住\U00020000") == {"\U00020000"}


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_digits_have_one_width(weight: str) -> None:
    assert len({text_width(digit, 100, weight) for digit in "0123456789"}) == 1  # type: ignore[arg-type]


def test_every_character_of_the_data_and_the_pages_has_a_glyph() -> None:
    root = Path(__file__).resolve().parents[2]
    files = [*root.glob("data/**/*.csv"), *root.glob("book/*.md")]
    assert files
    for path in files:
        assert missing_characters(path.read_text(encoding="utf-8")) == set(), path.name


def test_webfont_holds_only_the_asked_characters_and_is_deterministic() -> None:
    first = make_webfont("常住人口2024")
    make_webfont.__globals__["_kept_cut"].cache_clear()
    assert make_webfont("4202口人住常") == first
    assert len(first) < 5000


@pytest.mark.parametrize("flavor", ["woff", "woff2"])
@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_both_flavors_hold_outlines_advances_and_metrics_of_the_font(flavor: Flavor, weight: Weight) -> None:
    asked = "常住人口0（Áé）"
    whole, cut = TTFont(FONT_FILES[weight]), TTFont(io.BytesIO(make_webfont(asked, weight, flavor)))
    assert set(cut.getBestCmap()) == set(map(ord, asked))
    for code, name in cut.getBestCmap().items():
        assert _drawn(cut, name) == _drawn(whole, whole.getBestCmap()[code])
    for table in ("hhea", "OS/2"):
        for key in (
            "ascent",
            "descent",
            "lineGap",
            "sTypoAscender",
            "sTypoDescender",
            "usWinAscent",
            "usWinDescent",
        ):
            assert getattr(cut[table], key, None) == getattr(whole[table], key, None)
    assert cut["head"].unitsPerEm == whole["head"].unitsPerEm
    assert [(r.nameID, str(r)) for r in cut["name"].names] == [(r.nameID, str(r)) for r in whole["name"].names]


def _drawn(font: TTFont, name: str) -> tuple[str, float]:
    glyph = font.getGlyphSet()[name]
    pen = SVGPathPen(font.getGlyphSet())
    glyph.draw(pen)
    return pen.getCommands(), glyph.width


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_widths_are_the_advances_that_the_font_states(weight: Weight) -> None:
    font = TTFont(FONT_FILES[weight])
    for code, name in font.getBestCmap().items():
        assert text_width(chr(code), font["head"].unitsPerEm, weight) == font["hmtx"].metrics[name][0]


def test_web_fonts_are_written_with_their_style_sheet(tmp_path: Path) -> None:
    written = write_webfonts("人口", tmp_path)
    css = written["css"].read_text(encoding="utf-8")
    assert written["regular"].name in css
    assert written["bold"].name in css
    assert "http" not in css


def test_embedded_font_face_has_no_address() -> None:
    assert "url(data:font/woff;base64," in font_face_css("人口")
    assert "http" not in font_face_css("人口")


def test_font_can_be_cut_again_from_a_font_file(tmp_path: Path) -> None:
    make_font(FONT_FILES["regular"], tmp_path / "a.ttf", "regular", "人口0")
    make_font(FONT_FILES["regular"], tmp_path / "b.ttf", "regular", "人口0")
    assert (tmp_path / "a.ttf").read_bytes() == (tmp_path / "b.ttf").read_bytes()
    assert sorted(TTFont(tmp_path / "a.ttf").getBestCmap()) == sorted(ord(c) for c in "人口0")


@pytest.mark.parametrize("width", [120, 180, 240, 330])
def test_wrapped_lines_fit_and_lose_nothing(width: int) -> None:
    lines = wrap_text(TITLE, width, 15, "bold")
    assert "".join(lines) == TITLE
    assert all(text_width(line, 15, "bold") <= width for line in lines)


@pytest.mark.parametrize("width", [150, 180, 210, 240, 270, 300, 330])
def test_lines_break_at_permitted_places_only(width: int) -> None:
    lines = wrap_text(TITLE, width, 15, "bold")
    for line in lines[1:]:
        assert line[0] not in NOT_AT_LINE_START
    for line, following in zip(lines, lines[1:], strict=False):
        assert line[-1] not in NOT_AT_LINE_END
        assert not (line[-1].isdigit() and (following[0].isdigit() or following[0] in "万年%."))


def test_line_breaks_after_punctuation_rather_than_inside_a_clause() -> None:
    assert wrap_text("三种人口口径，万人，年末；常住、户籍、流动口径不同，不能相加", 334, 12) == [
        "三种人口口径，万人，年末；",
        "常住、户籍、流动口径不同，不能相加",
    ]


def test_a_word_longer_than_the_line_is_cut() -> None:
    assert wrap_text("abcdefghij", 30, 12) != ["abcdefghij"]


def test_the_words_do_not_come_from_the_temporary_folder_of_all_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "jieba.cache").write_bytes(b"planted")
    fonts._word_cutter.cache_clear()
    assert wrap_text("常住人口增量收窄", 60, 12) == ["常住人口", "增量收窄"]
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"planted"]


def test_words_are_cut_as_with_the_whole_dictionary() -> None:
    whole = jieba.Tokenizer()
    whole.FREQ, whole.total = whole.gen_pfdict(whole.get_dict_file())
    whole.initialized = True
    cutter = fonts._word_cutter()
    assert cutter.total == whole.total
    texts = [
        path.read_text(encoding="utf-8")
        for path in (DATA / "indicators.csv", DATA / "regions.csv", DATA / "sources.csv")
    ]
    for line in "\n".join(texts).splitlines():
        assert list(cutter.cut(line, HMM=False)) == list(whole.cut(line, HMM=False))
