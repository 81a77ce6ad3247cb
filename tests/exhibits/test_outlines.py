from __future__ import annotations

import io

import numpy as np
import pytest
import vl_convert
from PIL import Image

from popbook.exhibits.fonts import register_fonts
from popbook.exhibits.outlines import with_outlines
from popbook.exhibits.render import add_paper, png
from popbook.exhibits.report import open_report
from tests.exhibits.samples import figure

RIM = ' stroke="#ffffff" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'


def drawing(*texts: str) -> str:
    """Return texts over dark stripes."""
    stripes = "".join(f'<path d="M0 {y}h400" stroke="#345" stroke-width="4"/>' for y in range(5, 200, 20))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200" viewBox="0 0 400 200"'
        f' font-family="Popbook Sans"><desc></desc>{stripes}{"".join(texts)}</svg>'
    )


def text(
    words: str, place: str, anchor: str = "start", size: str = "12", rim: str = "", more: str = ""
) -> str:
    """Return a text as the drawings of exhibits have it."""
    return f'<text text-anchor="{anchor}" transform="{place}"{rim} font-size="{size}"{more}>{words}</text>'


TEXTS = (
    text("常住人口 1252.2万人", "translate(20,30)", more=' fill="#000"'),
    text("A&amp;B &lt;3%—5‰", "translate(200,60)", "middle", "16", more=' font-weight="bold" fill="#a00"'),
    text("预计2035年", "translate(380,90)", "end", "11.5", RIM, ' font-weight="normal" fill="#00a"'),
    text("（万人）", "translate(30,180) rotate(-90)", "middle", "12.5", RIM, ' fill="#070"'),
    text("淡", "translate(300,150)", more=' fill="#000" opacity="0.4"'),
)


def pixels(svg: str) -> np.ndarray:
    """Return a drawing as the converter paints it."""
    register_fonts()
    picture = Image.open(io.BytesIO(vl_convert.svg_to_png(add_paper(svg), scale=2.0)))
    return np.asarray(picture.convert("RGB")).astype(int)


@pytest.mark.parametrize("svg", [drawing(each) for each in TEXTS] + [drawing(*TEXTS)])
def test_outlines_look_like_the_texts(svg: str) -> None:
    assert "<text" not in with_outlines(svg)
    difference = abs(pixels(svg) - pixels(with_outlines(svg))).max(axis=2)
    # A few points of light at the edges of rims, of 320 000.
    assert difference.max() <= 48
    assert (difference > 8).sum() <= 20
    bare = svg[: svg.index("<text")] + "</svg>"
    assert (abs(pixels(svg) - pixels(bare)).max(axis=2) > 60).sum() > 50


def test_the_picture_of_a_figure_looks_like_its_drawing() -> None:
    svg = open_report(2024).bundle(figure())["svg"]["titled"]
    assert "<text" in svg
    picture = np.asarray(Image.open(io.BytesIO(png(svg))).convert("RGB")).astype(int)
    difference = abs(pixels(svg) - picture).max(axis=2)
    assert difference.max() <= 24
    assert (difference > 8).sum() <= 10


@pytest.mark.parametrize(
    "kept",
    [
        text("\U00020000口", "translate(9,9)", more=' fill="#000"'),
        text("人  口", "translate(9,9)", more=' fill="#000"'),
        text(" 人口", "translate(9,9)", more=' fill="#000"'),
        text("人口", "translate(9,9)", more=' fill="#000" letter-spacing="3"'),
    ],
)
def test_what_would_look_different_stays_text(kept: str) -> None:
    assert with_outlines(kept) == kept
