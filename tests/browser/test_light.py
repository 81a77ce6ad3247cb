"""What a chapter costs before a reader does anything, in bytes; and that nothing jumps while it comes."""

from __future__ import annotations

import gzip
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.book.conftest import SITE, editions
from tests.browser.test_pages import DESK, PHONE, Watched, opened

pytestmark = pytest.mark.browser

MOST_BYTES = 300_000
COMPRESSED = {".woff2", ".png"}
"""Files that a server sends as they are."""

SHIFTS = """window.shifted = 0;
new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shifted += entry.value; }))
  .observe({type: 'layout-shift', buffered: true});"""


def _transferred(url: str) -> int:
    path = Path(unquote(urlsplit(url).path))
    data = path.read_bytes() if path.is_file() else b""
    return len(data) if path.suffix in COMPRESSED else len(gzip.compress(data, 6))


def test_chapters_are_light_and_do_not_jump(browser: Browser) -> None:
    with opened(browser, viewport=DESK) as page:
        page.add_init_script(SHIFTS)
        watched = Watched(page)
        for chapter in sorted((SITE / max(editions()) / "chapters").glob("*.html")):
            watched.requests.clear()
            page.goto(chapter.as_uri(), wait_until="networkidle")
            asked = set(watched.requests)
            size = sum(_transferred(url) for url in asked)
            assert 20_000 < size <= MOST_BYTES, f"{chapter.name}: {size} bytes"
            assert not [url for url in asked if "vega" in url or "spec.js" in url or "/cites/" in url]
            assert page.evaluate("window.shifted") < 0.01, chapter.name


def test_the_bundle_of_the_interactive_view_comes_when_it_is_asked_for(browser: Browser) -> None:
    with opened(browser, viewport=DESK) as page:
        watched = Watched(page)
        page.goto((SITE / max(editions()) / "chapters" / "01_status.html").as_uri())
        assert not [url for url in watched.requests if "vega" in url]
        page.locator(".pb-live-button").first.click()
        page.wait_for_selector(".pb-live:not([hidden]) svg")
        assert [url for url in watched.requests if "vega" in url]


def test_the_way_back_to_the_top_shows_itself_to_whoever_scrolls_up(browser: Browser) -> None:
    with opened(browser, viewport=PHONE) as page:
        page.goto((SITE / max(editions()) / "methods.html").as_uri())
        button = page.locator("#pst-back-to-top")
        assert not button.is_visible()
        page.evaluate("window.scrollTo(0, 4000)")
        page.wait_for_function("window.scrollY > 3900")
        page.evaluate("window.scrollTo(0, 3500)")
        button.wait_for(state="visible")
        button.click()
        page.wait_for_function("window.scrollY === 0")
