"""Every kind of page by the rules of WCAG 2.2 AA, in light and dark, enlarged, and in the colours of the system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.book.conftest import SITE, editions, read_index
from tests.browser.test_pages import DESK, opened

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Further rows of long lists, and the lines within a drawing, which is one picture to whoever hears it: axe looks at every
# element, and these are thousands of the same few.
PRUNE = """() => document.querySelectorAll(
  'tbody tr:nth-of-type(n+6), .pb-index li:nth-of-type(n+6), .pb-drawing svg > :not(title):not(desc), .pb-data tbody'
).forEach(element => element.remove())"""
COLOURED = {"index.html", "search.html", "figures.html", "methods.html", "02_problems.html", "04_targets.html"}
"""Pages that between them hold everything that has a colour of its own."""

# 1440 at 200 %, and 1280 at 400 % (WCAG 1.4.10).
ENLARGED = (720, 320)

DRAWINGS = """() => [...document.querySelectorAll('.pb-drawing svg')].map(svg => ({
  id: svg.closest('figure').id,
  role: svg.getAttribute('role'),
  words: svg.getAttribute('aria-labelledby').split(' ').map(id => document.getElementById(id).textContent.length),
  table: !!svg.closest('figure').querySelector('details table'),
}))"""


def _pages() -> list[Path]:
    """Return one page of every kind of the newest edition."""
    home = SITE / max(editions())
    exhibits = read_index(max(editions()), "exhibits.json")
    singles = [next(name for name, row in exhibits.items() if row["kind"] == kind) for kind in ("figure", "table")]
    singles.append(next(iter(read_index(max(editions()), "facts.json"))))
    names = ("index", "figures", "facts", "search", "dictionary", "methods")
    return [
        *(home / f"{name}.html" for name in names),
        *sorted((home / "chapters").glob("*.html")),
        *(home / "exhibits" / name / "index.html" for name in singles),
    ]


def _violations(found: dict[str, Any]) -> Iterator[str]:
    for rule in found["violations"]:
        for node in rule["nodes"][:3]:
            yield f"{rule['id']}: {node['target']} {node['html'][:100]}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_accessibility(browser: Browser, scheme: str) -> None:
    # Only colours change with the scheme, and they come from the same sheets on every page: they are the dearest to check.
    tags = {"type": "tag", "values": RULES}
    colours = {"type": "rule", "values": ["color-contrast"]}
    axe = Axe()
    found = []
    with opened(browser, viewport=DESK, color_scheme=scheme, reduced_motion="reduce") as page:
        for path in _pages():
            if scheme == "dark" and path.name not in COLOURED:
                continue
            page.goto(path.as_uri() + ("?q=总和生育率" if path.name == "search.html" else ""))
            page.evaluate(PRUNE)
            rules = {"color-contrast": {"enabled": path.name in COLOURED}} if scheme == "light" else {}
            chosen = tags if scheme == "light" else colours
            answer = axe.run(page, options={"runOnly": chosen, "rules": rules, "resultTypes": ["violations"]})
            found += [f"{path.relative_to(SITE)} {words}" for words in _violations(answer.response)]
    assert found == []


def test_every_drawing_is_told_in_words_and_as_a_table(browser: Browser) -> None:
    with opened(browser, viewport=DESK) as page:
        for path in sorted((SITE / max(editions()) / "chapters").glob("*.html")):
            page.goto(path.as_uri())
            drawings = page.evaluate(DRAWINGS)
            assert drawings
            for drawing in drawings:
                assert drawing["role"] == "img", drawing
                name, description = drawing["words"]
                assert name > 5, drawing
                assert description > 20, drawing
                assert drawing["table"], drawing


def test_an_enlarged_page_is_not_wider_than_its_window(browser: Browser) -> None:
    wide = []
    with opened(browser, viewport={"width": ENLARGED[0], "height": 450}) as page:
        for path in _pages():
            page.goto(path.as_uri())
            for width in ENLARGED:
                page.set_viewport_size({"width": width, "height": 450})
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    wide.append(f"{path.relative_to(SITE)} {width}")
    assert wide == []


def test_nothing_moves_for_whoever_asked_for_stillness(browser: Browser) -> None:
    with opened(browser, viewport=DESK, reduced_motion="reduce") as page:
        page.goto(_pages()[0].as_uri())
        moving = page.evaluate("""() => [...document.querySelectorAll('*')].filter(element => {
          const style = getComputedStyle(element);
          return style.scrollBehavior === 'smooth' || style.transitionDuration.split(',').some(time => parseFloat(time) > 0);
        }).map(element => element.outerHTML.slice(0, 80))""")
        assert moving == []


SEEN_WHEN_FOCUSED = (
    "nav a.reference",
    "a.headerlink, a.pb-fact",
    ".pb-editions summary",
    ".pb-live-button",
    ".pb-exhibit summary",
    ".pb-scroll[tabindex]",
    "a",
)
FOCUSED = """(element) => {
  element.focus();
  const style = getComputedStyle(element);
  return [element.matches(':focus-visible'), style.outlineStyle, parseFloat(style.outlineWidth)];
}"""
MARKS = """() => [...document.querySelectorAll('.pb-status')].map(mark => {
  const style = getComputedStyle(mark);
  return [style.borderTopStyle, parseFloat(style.borderTopWidth), mark.querySelector('.pb-shape').textContent.trim().length];
})"""
PAPER = "() => [...document.querySelectorAll('.pb-drawing')].map(drawing => getComputedStyle(drawing).backgroundColor)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_vanishes_where_the_system_sets_the_colours(browser: Browser, scheme: str) -> None:
    home = SITE / max(editions())
    names = ("index.html", "chapters/04_targets.html", "search.html", "exhibits/fig-three-concepts/index.html")
    met = set()
    with opened(browser, viewport=DESK, forced_colors="active", color_scheme=scheme) as page:
        for name in names:
            page.goto((home / name).as_uri())
            page.keyboard.press("Tab")  # from here on a focus is one of the keyboard
            for kind in SEEN_WHEN_FOCUSED:
                found = next((one for one in page.locator(kind).all() if one.is_visible()), None)
                if found is not None:
                    met.add(kind)
                    by_keyboard, style, width = found.evaluate(FOCUSED)
                    assert by_keyboard, f"{name} {kind}"
                    assert style not in ("none", "") and width >= 2, f"{name} {kind}: no ring"
            for style, width, shapes in page.evaluate(MARKS):
                assert style != "none" and width >= 1 and shapes, f"{name}: a status without border or shape"
            papers = page.evaluate(PAPER)
            assert "rgba(0, 0, 0, 0)" not in papers, f"{name}: a drawing without paper of its own"
    assert met == set(SEEN_WHEN_FOCUSED)
