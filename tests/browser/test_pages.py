"""Every page of every edition in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.book.conftest import SITE, editions, pages

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
EVERY = 8
"""Of so many pages of single numbers in an older edition one is opened."""

VISIBLE_CHARTS = """() => [...document.querySelectorAll('.pb-figure .pb-drawing')].map(drawing => {
  const shown = [...drawing.querySelectorAll('svg')].filter(svg => svg.getBoundingClientRect().width > 100);
  return {id: drawing.closest('figure').id, shown: shown.length,
          words: shown.length ? shown[0].querySelectorAll('text').length : 0};
})"""

SMALL_TEXT = """() => [...document.querySelectorAll('.pb-drawing svg text')]
  .filter(text => text.getBoundingClientRect().width > 0)
  .map(text => parseFloat(getComputedStyle(text).fontSize) *
       text.ownerSVGElement.getBoundingClientRect().width / text.ownerSVGElement.viewBox.baseVal.width)
  .filter(size => size < 10.9)"""


class Watched:
    """What a page asks for and complains about."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", self._failed)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text) if message.type in ("error", "warning") else None
            ),
        )

    def _failed(self, request: Request) -> None:
        # Going on to the next page cuts off what the last one had not loaded yet (its icon).
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.failure} {request.url}")

    def hosts(self) -> set[str]:
        """Return the hosts asked."""
        return {urlsplit(url).netloc for url in self.requests if not url.startswith("data:")}


@contextmanager
def opened(browser: Browser, **settings: object) -> Iterator[Page]:
    """Open a tab of its own."""
    context = browser.new_context(locale="zh-CN", **settings)  # type: ignore[arg-type]
    try:
        yield context.new_page()
    finally:
        context.close()


def _main_pages(edition: str) -> list[Path]:
    return [page for page in pages(edition) if "exhibits" not in page.relative_to(SITE / edition).parts]


def _visited(edition: str) -> list[Path]:
    """Return the pages of an edition that are opened: all of the newest, and of an older one every eighth number's own.

    The pages of single numbers are five of six pages, one like the other; each older edition begins with another one,
    so that together they show more of them.
    """
    if edition == max(editions()):
        return pages(edition)
    numbers = [page for page in pages(edition) if page.parent.name.startswith("fact-")]
    left_out = set(numbers) - set(numbers[int(edition) % EVERY :: EVERY])
    return [page for page in pages(edition) if page not in left_out]


@pytest.mark.parametrize("edition", editions())
@pytest.mark.parametrize(("scheme", "size"), [("http", PHONE), ("file", DESK)], ids=["http-phone", "file-desk"])
def test_pages_load_without_another_host_or_an_error_and_fit_their_window(
    browser: Browser, served: str, edition: str, scheme: str, size: dict[str, int]
) -> None:
    # One visit asks all that can be asked of a page.
    root = served if scheme == "http" else SITE.as_uri()
    host = urlsplit(served).netloc if scheme == "http" else ""
    wide = []
    with opened(browser, viewport=size) as page:
        watched = Watched(page)
        for path in _visited(edition):
            address = path.relative_to(SITE).as_posix()
            page.goto(f"{root}/{address}", wait_until="load")
            assert watched.complaints == [], path
            if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                wide.append(address)
        assert watched.hosts() <= {host}
    assert wide == []


@pytest.mark.parametrize("edition", editions())
def test_charts_stand_in_the_page_without_javascript(browser: Browser, edition: str) -> None:
    with opened(browser, viewport=DESK, java_script_enabled=False) as page:
        for path in _main_pages(edition):
            page.goto(path.as_uri())
            # Scripts of the page are off; Playwright's own evaluation still works.
            charts = page.evaluate(VISIBLE_CHARTS)
            assert all(chart["shown"] == 1 and chart["words"] > 0 for chart in charts), (path, charts)


def test_text_in_charts_stays_readable_on_a_phone(browser: Browser) -> None:
    newest = max(editions())
    with opened(browser, viewport=PHONE) as page:
        for path in _main_pages(newest):
            page.goto(path.as_uri())
            assert page.evaluate(SMALL_TEXT) == [], path


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_switcher_leads_to_the_same_page_of_another_edition(
    browser: Browser, served: str, scheme: str
) -> None:
    newest, oldest = max(editions()), min(editions())
    root = served if scheme == "http" else SITE.as_uri()
    with opened(browser, viewport=DESK) as page:
        page.goto(f"{root}/{newest}/chapters/02_problems.html")
        page.click("#pb-editions summary")
        assert page.locator("#pb-editions li").count() == len(editions())
        page.click(f"#pb-editions a:text('{oldest}')")
        page.wait_for_url(f"**/{oldest}/chapters/02_problems.html")
        banner = page.locator("#pb-banner")
        assert banner.is_visible()
        assert f"已有{newest}年度版" in banner.inner_text()
        banner.locator("a").click()
        page.wait_for_url(f"**/{newest}/chapters/02_problems.html")
        assert not page.locator("#pb-banner").is_visible()


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_way_in_opens_the_newest_edition(browser: Browser, served: str, scheme: str) -> None:
    root = served if scheme == "http" else SITE.as_uri()
    with opened(browser, viewport=DESK) as page:
        page.goto(f"{root}/index.html")
        page.wait_for_url(f"**/{max(editions())}/index.html")


def test_the_colour_switch_works_and_is_kept(browser: Browser, served: str) -> None:
    with opened(browser, viewport=DESK, color_scheme="light") as page:
        page.goto(f"{served}/{max(editions())}/index.html")
        seen = set()
        for _ in range(3):
            page.click(".theme-switch-button")
            seen.add(page.evaluate("document.documentElement.dataset.mode"))
        assert seen == {"light", "dark", "auto"}


def test_a_printed_page_shows_all_notes_and_nothing_for_the_screen(browser: Browser) -> None:
    path = SITE / max(editions()) / "chapters" / "01_status.html"
    with opened(browser, viewport=DESK) as page:
        page.goto(path.as_uri())
        page.emulate_media(media="print")
        for selector in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer"):
            assert not page.locator(selector).first.is_visible(), selector
        notes = page.locator("details.pb-note > :not(summary)")
        assert all(notes.nth(position).is_visible() for position in range(notes.count()))


def test_the_interactive_view_opens_under_the_pages_policy(browser: Browser) -> None:
    with opened(browser, viewport=DESK) as page:
        watched = Watched(page)
        page.goto((SITE / editions()[0] / "chapters" / "01_status.html").as_uri())
        button = page.locator(".pb-live-button").first
        button.scroll_into_view_if_needed()
        button.click()
        page.wait_for_selector(".pb-live:not([hidden]) svg")
        assert button.get_attribute("aria-pressed") == "true"
        assert watched.complaints == []
