"""What the cite box hands over is what `popbook cite` prints, from disk and from a server, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from popbook.exhibits.landing import STYLE_NAMES
from popbook.publishing.export import cite_exhibit
from tests.book.conftest import SITE, editions
from tests.browser.test_pages import DESK, opened
from tests.publishing.projects import ROOT

pytestmark = pytest.mark.browser

NEWEST = max(editions())


def _copied(page: Page) -> str:
    """What a reader gets who pastes, without the clipboard's own permission to be read."""
    page.evaluate("""() => {
      const area = document.createElement('textarea');
      area.id = 'pasted';
      document.body.append(area);
      area.focus();
    }""")
    page.keyboard.press("Control+V")
    text = page.locator("#pasted").input_value()
    page.evaluate("document.getElementById('pasted').remove()")
    return text


def _printed(exhibit_id: str, style: str) -> str:
    return cite_exhibit(SITE, ROOT / "data", exhibit_id, int(NEWEST), style)


@pytest.mark.parametrize("scheme", ["http", "file"])
@pytest.mark.parametrize("kind", ["fact", "cite"])
def test_every_style_of_the_box_is_copied_as_the_command_prints_it(
    browser: Browser, served: str, scheme: str, kind: str
) -> None:
    root = served if scheme == "http" else SITE.as_uri()
    with opened(browser, viewport=DESK) as page:
        page.goto(f"{root}/{NEWEST}/chapters/01_status.html")
        trigger = page.locator(f"article a[data-{kind}]").first
        exhibit_id = trigger.get_attribute(f"data-{kind}")
        assert exhibit_id
        for place, style in enumerate(STYLE_NAMES):
            trigger.click()
            page.locator("#pb-cite-box .pb-copy").nth(place).click()
            page.locator("#pb-cite-box .pb-copy", has_text="已复制").wait_for()
            assert _copied(page) == _printed(exhibit_id, style), style
            page.keyboard.press("Escape")


def test_the_keyboard_opens_the_box_and_gives_the_focus_back(browser: Browser) -> None:
    with opened(browser, viewport=DESK) as page:
        page.goto((SITE / NEWEST / "chapters" / "01_status.html").as_uri())
        trigger = page.locator("article a[data-fact]").first
        trigger.focus()
        page.keyboard.press("Enter")
        page.locator("#pb-cite-box").wait_for(state="visible")
        page.keyboard.press("Escape")
        page.locator("#pb-cite-box").wait_for(state="hidden")
        assert page.evaluate("document.activeElement.dataset.fact") == trigger.get_attribute("data-fact")


def test_without_scripts_the_number_leads_to_a_page_that_says_the_same(browser: Browser) -> None:
    with opened(browser, viewport=DESK, java_script_enabled=False) as page:
        page.goto((SITE / NEWEST / "chapters" / "01_status.html").as_uri())
        trigger = page.locator("article a[data-fact]").first
        exhibit_id = trigger.get_attribute("data-fact")
        assert exhibit_id
        trigger.click()
        page.wait_for_url(f"**/exhibits/{exhibit_id}/index.html")
        for style in STYLE_NAMES:
            assert page.locator(f"#cite-{style}-text").text_content() == _printed(exhibit_id, style)
