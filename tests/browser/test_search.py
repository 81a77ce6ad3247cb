"""Search in the built site: any phrase that stands on a page is found, from a server and from disk."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from lxml import html
from playwright.sync_api import Browser, Page

from tests.book.conftest import SITE, editions, pages
from tests.browser.test_pages import DESK, Watched, opened

pytestmark = pytest.mark.browser

PHRASES = 100
LENGTHS = (2, 3, 4, 5, 6, 8, 10, 12)
TEXT_TAGS = ("p", "td", "th", "dt", "dd", "li", "h1", "h2", "h3", "figcaption", "caption")
# Forms, references and the imprint say the same on hundreds of pages.
NOT_SEARCHED = "pb-cites", "pb-filter", "pb-actions", "headerlink"
TERMS = {
    "总和生育率": ("总和生育率",),
    "常住人口总量": ("常住人口", "总量"),
    "85%": ("85%",),
    "60岁": ("60岁",),
    "总和生育率 目标": ("总和生育率", "目标"),
}
"""What readers type, and what the first result must hold, in whichever order it stands there."""

SEARCH = """sample => sample.map(([phrase, source]) => {
  const form = document.querySelector('#pb-search form');
  form.elements.q.value = phrase;
  form.requestSubmit();
  const leads = () => [...document.querySelectorAll('.pb-result-link')].some(link => new URL(link.href).pathname.endsWith(source));
  if (!leads()) document.querySelectorAll('.pb-more').forEach(button => button.click());
  return {
    state: document.querySelector('.pb-search-state').textContent,
    results: document.querySelectorAll('.pb-result').length,
    marks: document.querySelectorAll('.pb-result mark').length,
    leads: leads(),
  };
})"""


def _newest() -> str:
    return max(editions())


@cache
def _blocks(page: Path) -> tuple[str, ...]:
    """Return the texts of the innermost blocks of a page that say something in Chinese."""
    tree = html.document_fromstring(page.read_text(encoding="utf-8"))
    body = tree.find(".//article")
    if body is None:
        for term in list(tree.iter("dt")):
            if term.text_content() in ("年度版", "数据截止", "版本指纹"):
                term.getnext().drop_tree()
        body = tree.get_element_by_id("main")
        # The exhibit itself is found where it stands in the report; the names of rows are the same on all these pages.
        for element in list(body.iter("figure", "h2", "h3", "dt")):
            element.drop_tree()
    for name in NOT_SEARCHED:
        for element in list(body.find_class(name)):
            element.drop_tree()
    leaves = (each for each in body.iter(*TEXT_TAGS) if not any(True for _ in each.iterdescendants(*TEXT_TAGS)))
    texts = (re.sub(r"\s+", " ", leaf.text_content()).strip() for leaf in leaves)
    return tuple(text for text in texts if len(re.sub(r"\s", "", text)) >= 2 and re.search(r"[\u4e00-\u9fff]", text))


def _sample() -> list[tuple[str, str]]:
    """Return phrases and the pages from which they come, the same ones in every run."""
    draw = random.Random(20260701)
    # Half of them from the pages of the report, half from those of exhibits and numbers, which are many more.
    every = [page for page in pages(_newest()) if page.name != "search.html"]
    report = [page for page in every if "exhibits" not in page.relative_to(SITE).parts]
    single = [page for page in every if page not in report]
    found = []
    while len(found) < PHRASES:
        page = draw.choice((report, single)[len(found) % 2])
        if not _blocks(page):
            continue
        text = draw.choice(_blocks(page))
        size = min(draw.choice(LENGTHS), len(text))
        start = draw.randrange(len(text) - size + 1)
        phrase = text[start : start + size].strip()
        found.append((phrase if len(phrase) >= 2 else text[:12], page.relative_to(SITE).as_posix()))
    return found


def _search(page: Page, sample: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Search for phrases, and tell whether a result leads to the page with each."""
    answers: list[dict[str, Any]] = page.evaluate(SEARCH, sample)
    return answers


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_every_phrase_of_a_page_is_found_on_it(browser: Browser, served: str, scheme: str) -> None:
    root = served if scheme == "http" else SITE.as_uri()
    sample = _sample()
    with opened(browser, viewport=DESK) as page:
        watched = Watched(page)
        page.goto(f"{root}/{_newest()}/search.html")
        answers = zip(sample, _search(page, sample), strict=True)
        missed = [
            (*wanted, answer["state"])
            for wanted, answer in answers
            if not (answer["leads"] and answer["state"].startswith("共"))
        ]
        assert missed == []
        assert watched.complaints == []


@pytest.mark.parametrize("term", TERMS)
def test_terms_and_numbers_of_the_plan_are_found(browser: Browser, term: str) -> None:
    with opened(browser, viewport=DESK) as page:
        page.goto((SITE / _newest() / "search.html").as_uri() + f"?q={quote(term)}")
        assert page.locator(".pb-result mark").count() > 0
        first = page.locator(".pb-result").first.inner_text()
        assert all(piece in first for piece in TERMS[term])


def test_a_phrase_that_stands_nowhere_is_cut_into_pieces_that_do(browser: Browser) -> None:
    with opened(browser, viewport=DESK) as page:
        page.goto(f"{(SITE / _newest() / 'search.html').as_uri()}?q=总和生育率与火星")
        state = page.locator(".pb-search-state").inner_text()
        assert "没有原样的“总和生育率与火星”" in state
        assert "“总和生育率" in state
        assert page.locator(".pb-result").count() > 0
        (nothing,) = _search(page, [("龘靐齉", "")])
        assert nothing["state"].startswith("没有找到“龘靐齉”")
        assert nothing["results"] == 0


def test_a_result_is_reached_by_keyboard_and_shows_the_place(browser: Browser) -> None:
    with opened(browser, viewport=DESK) as page:
        page.goto((SITE / _newest() / "search.html").as_uri())
        page.keyboard.type("自然增长率")
        page.keyboard.press("Enter")
        page.wait_for_selector(".pb-result-link")
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.className") == "pb-result-link"
        page.keyboard.press("Enter")
        page.wait_for_selector(".pb-found")
        assert "自然增长率" in page.locator(".pb-found").inner_text()
        assert page.evaluate("CSS.highlights.get('pb-found').size") > 0
        box = page.locator(".pb-found").bounding_box()
        assert box
        assert 0 <= box["y"] < DESK["height"]


def test_what_is_found_in_a_closed_note_is_opened(browser: Browser) -> None:
    home = SITE / _newest() / "chapters" / "01_status.html"
    figure = html.document_fromstring(home.read_text(encoding="utf-8")).find('.//figure[@id="fig-three-concepts"]')
    cell = figure.find(".//details[@class='pb-data']//tbody//td").text_content()
    with opened(browser, viewport=DESK) as page:
        page.goto(f"{home.as_uri()}?find={cell}#fig-three-concepts")
        page.wait_for_selector(".pb-found")
        assert page.locator(".pb-found").first.is_visible()


def test_the_texts_are_loaded_on_the_search_page_only(browser: Browser) -> None:
    with opened(browser, viewport=DESK) as page:
        watched = Watched(page)
        page.goto((SITE / _newest() / "index.html").as_uri())
        assert not [url for url in watched.requests if "search_index" in url]
