from __future__ import annotations

import io
import re

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from popbook.exhibits.fonts import missing_characters
from popbook.exhibits.model import NARROW, WIDE
from popbook.exhibits.render import (
    draw_figure,
    draw_svg,
    drawn_text,
    exhibit_html,
    pdf,
    png,
    spec_script,
    standalone_svg,
)
from popbook.exhibits.report import open_report
from popbook.exhibits.theme import dark_colours
from tests.exhibits.samples import figure, table

VARIANTS = ["wide", "narrow", "titled"]


@pytest.fixture(scope="module")
def drawings() -> dict[str, str]:
    return dict(draw_figure(figure())["svg"])


@pytest.fixture(scope="module")
def bundle() -> dict:
    return open_report(2024).bundle(figure())


def test_two_drawings_of_one_figure_are_equal(drawings: dict[str, str]) -> None:
    assert draw_figure(figure())["svg"] == drawings


@pytest.mark.parametrize(
    ("variant", "width"), [("wide", WIDE.width), ("narrow", NARROW.width), ("titled", WIDE.width)]
)
def test_drawing_is_as_wide_as_its_layout(drawings: dict[str, str], variant: str, width: int) -> None:
    assert re.search(r'width="(\d+)"', drawings[variant])[1] == str(width)  # type: ignore[index]


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_text_is_smaller_than_eleven_pixels(drawings: dict[str, str], variant: str) -> None:
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', drawings[variant])]
    assert sizes
    assert min(sizes) >= 11


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_drawn_character_has_a_glyph(drawings: dict[str, str], variant: str) -> None:
    assert drawn_text(drawings[variant])
    assert missing_characters(drawn_text(drawings[variant])) == set()


@pytest.mark.parametrize("variant", VARIANTS)
def test_drawing_has_one_chinese_name_and_no_english_descriptions(
    drawings: dict[str, str], variant: str
) -> None:
    svg = BeautifulSoup(drawings[variant], "xml").svg
    assert svg is not None
    assert svg["role"] == "img"
    for target, text in zip(str(svg["aria-labelledby"]).split(), (figure().title, figure().alt), strict=True):
        assert svg.find(id=target).text == text  # type: ignore[union-attr]
    assert not re.search(r"aria-roledescription|graphics-|aria-label=", drawings[variant])


def test_ids_are_unique_over_both_drawings_of_a_page(drawings: dict[str, str]) -> None:
    ids = re.findall(r'\bid="([^"]+)"', drawings["wide"] + drawings["narrow"])
    assert len(ids) == len(set(ids))
    assert all(name.startswith("fig-residents-") for name in ids)


def test_every_colour_of_a_drawing_has_a_dark_counterpart(drawings: dict[str, str]) -> None:
    used = {c for svg in drawings.values() for c in re.findall(r'(?:fill|stroke)="(#\w+)"', svg)}
    assert used <= set(dark_colours())


def test_title_stands_in_the_file_but_not_in_the_page(drawings: dict[str, str]) -> None:
    assert figure().title in drawn_text(drawings["titled"])
    assert figure().title not in drawn_text(drawings["wide"])
    assert figure().subtitle in drawn_text(drawings["wide"])


@pytest.mark.parametrize(
    "title", [figure().title, "甲<乙&丙>丁", "常住人口增量连续收窄，2021年为23.9万人，2024年为10.2万人" * 3]
)
@pytest.mark.parametrize("subtitle", [figure().subtitle, ""])
def test_the_drawing_with_title_is_what_the_converter_draws(title: str, subtitle: str) -> None:
    made = draw_figure(figure(title=title, subtitle=subtitle))
    drawn = draw_svg(made["spec"]["titled"], "fig-residents", WIDE, title, figure().alt)
    expected = drawn.replace(f"-{WIDE.name}-", "-titled-").replace(f"pb-{WIDE.name}", "pb-titled")
    assert made["svg"]["titled"] == expected


def test_no_inline_style_or_handler(drawings: dict[str, str]) -> None:
    for svg in drawings.values():
        assert "style=" not in svg
        assert not re.search(r"\son\w+=", svg)


def test_standalone_file_carries_its_typeface(drawings: dict[str, str]) -> None:
    text = standalone_svg(drawings["titled"])
    assert text.count("@font-face") == 2
    assert BeautifulSoup(text, "xml").svg is not None
    assert re.findall(r'(?:href|src)="http', text) == []


def test_png_has_twice_the_size_on_white_paper(drawings: dict[str, str]) -> None:
    image = Image.open(io.BytesIO(png(drawings["titled"])))
    assert image.width == 2 * WIDE.width
    assert image.convert("RGBA").getpixel((2, image.height - 2)) == (255, 255, 255, 255)


def test_pdf_embeds_text(drawings: dict[str, str]) -> None:
    data = pdf(drawings["titled"])
    assert data.startswith(b"%PDF")
    assert b"PopbookSans" in data


def test_exhibit_markup_is_semantic(bundle: dict) -> None:
    page = BeautifulSoup(exhibit_html(bundle, "图 1-3", "../"), "lxml")
    box = page.find("figure", id="fig-residents")
    assert box is not None
    assert box.figcaption.get_text() == f"图 1-3　{figure().title}"
    assert len(box.find_all("svg")) == 2
    assert "杭州市第七次人口普查主要数据公报" in box.find(class_="pb-source").get_text()
    assert box.find(class_="pb-notes").get_text() == "注：2020年起为七普修正后口径。"
    assert box.details.table is not None
    links = [a["href"] for a in box.find_all("a")]
    assert "../exhibits/fig-residents/chart.svg" in links
    assert "../exhibits/fig-residents/data.csv" in links
    assert box.button["data-bundle"] == "../_static/vega-bundle.js"
    assert box.button.has_attr("hidden")


def test_many_sources_are_folded_behind_their_publishers() -> None:
    report = open_report(2024)
    ids = tuple(list(report.ledger.sources)[:6])
    page = BeautifulSoup(exhibit_html(report.bundle(figure(source_ids=ids)), "图 1-3"), "lxml")
    folded = page.find("details", class_="pb-source")
    assert folded.summary.get_text().endswith("共6种资料")
    for name in ids:
        assert report.ledger.sources[name].title.strip("《》") in folded.p.get_text()


def test_exhibit_has_no_script_style_or_handler(bundle: dict) -> None:
    markup = exhibit_html(bundle, "图 1-3")
    assert "<script" not in markup
    assert "style=" not in markup
    assert not re.search(r"\son\w+=", markup)


def test_table_exhibit_has_its_number_in_the_caption() -> None:
    made = open_report(2024).bundle(table())
    page = BeautifulSoup(exhibit_html(made, "表 1-2"), "lxml")
    assert page.find("caption").get_text() == "表 1-2　三项指标中一项达成"
    assert page.find("button") is None


def test_a_folded_table_is_closed_in_the_page_and_open_on_its_own_page() -> None:
    made = open_report(2024).bundle(table(folded=True))
    page = BeautifulSoup(exhibit_html(made, "表 1-2"), "lxml")
    assert (
        page.select_one("figure > details:not([open]) > summary").get_text()
        == "列成表：表 1-2　三项指标中一项达成"
    )
    assert page.select_one("details table caption")
    assert not BeautifulSoup(exhibit_html(made, "表 1-2", standalone=True), "lxml").select(".pb-folded")


def test_mirror_addresses_are_never_shown(bundle: dict) -> None:
    assert "http" not in exhibit_html(bundle, "图 1-3").replace("http://www.w3.org/2000/svg", "")


def test_specification_script_cannot_end_the_script_element(bundle: dict) -> None:
    tricky = {**bundle, "spec": {"wide": {"description": "</script>"}, "narrow": {}}}
    assert "</script>" not in spec_script(tricky)
    assert spec_script(bundle).startswith("(window.popbookSpecs")
