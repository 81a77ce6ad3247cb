from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError
from sphinx.util.logging import getLogger

from popbook.ledger.errors import PopbookError
from popbook.publishing.book import _refusals_raised, _system_errors_as_they_are, build_pages
from popbook.publishing.edition_run import write_edition_run
from popbook.publishing.pages import read_pages
from popbook.publishing.search_index import write_search_index
from tests.publishing.projects import make_project
from tests.publishing.test_edition_run import make_run
from tests.publishing.test_search_index import read_search_index
from tests.publishing.test_weave import woven_page

FACT = {"id": "fact-a-2024", "label": "常住人口", "value": 1262.4, "unit": "万人", "text": "1262.4万人"}

CHAPTER = """(status-top)=
# 现状：常住人口{fact}`fact-a-2024|1262.4万人`

(status-a)=
## 增量收窄

$r = \\frac{B - D}{P}$

```{admonition} 方法
:class: dropdown pb-note
公式见上。
```
"""


def build(folder: Path, overview: str = "# 总览\n\n正文。\n", chapter: str = CHAPTER) -> Path:
    """Build a book of a chapter and an overview and return its folder."""
    project = make_project(folder, overview=overview)
    notebooks = {"notebooks/01_status": woven_page(chapter)}
    run = make_run(facts={"fact-a-2024": FACT}, notebooks=notebooks, pages={"overview": "## 八句话\n"})
    write_edition_run(run, project.runs / "2024")
    output = project.editions / "2024"
    build_pages(project.root, 2024, output)
    write_search_index(output, read_pages(output))  # the pages of an edition are indexed when all of them are there
    return output


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(
        tmp_path_factory.mktemp("book"), "# 总览\n\n<!-- popbook: overview -->\n\n见{ref}`status-a`。\n"
    )


def soup(page: Path) -> BeautifulSoup:
    """Parse a page."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "lxml")


def test_pages_have_short_addresses(book: Path) -> None:
    pages = sorted(path.relative_to(book).as_posix() for path in book.rglob("*.html"))
    assert pages == ["chapters/01_status.html", "index.html", "search.html"]


def test_links_between_pages_lead_to_the_short_addresses(book: Path) -> None:
    links = [link["href"] for link in soup(book / "index.html").select("article a.reference.internal")]
    assert links == ["chapters/01_status.html#status-a"]


def test_the_search_index_knows_the_short_addresses(book: Path) -> None:
    index = read_search_index(book)
    assert [address for address, _ in index["pages"]] == ["index.html", "chapters/01_status.html"]
    assert not list(book.rglob("searchtools.js"))


def test_generated_sections_take_the_place_of_their_mark(book: Path) -> None:
    assert "八句话" in soup(book / "index.html").select_one("article h2").text


def test_chapters_are_numbered_and_carry_their_facts(book: Path) -> None:
    heading = soup(book / "chapters" / "01_status.html").select_one("article h1")
    assert heading.select_one(".section-number").text.strip() == "1"
    assert heading.select_one('[data-fact="fact-a-2024"]').text == "1262.4万人"


def test_the_table_of_contents_has_short_names(book: Path) -> None:
    entry = soup(book / "index.html").select_one('nav a[href="chapters/01_status.html"]')
    assert entry.text.split()[-1] == "现状"


def test_formulas_need_no_script(book: Path) -> None:
    page = soup(book / "chapters" / "01_status.html")
    assert page.select_one("math mfrac") is not None
    assert not [script for script in page.select("script[src]") if "mathjax" in script["src"].lower()]


def test_notes_are_elements_that_open_without_a_script(book: Path) -> None:
    note = soup(book / "chapters" / "01_status.html").select_one("details.pb-note")
    assert note.summary.text == "方法"
    assert "公式见上" in note.text


def test_nothing_of_the_icon_font_is_shipped(book: Path) -> None:
    assert not list(book.rglob("*fontawesome*"))
    assert not list(book.rglob("*.map"))


def test_two_builds_are_the_same_bytes(book: Path, tmp_path: Path) -> None:
    again = build(tmp_path, "# 总览\n\n<!-- popbook: overview -->\n\n见{ref}`status-a`。\n")
    first, second = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (book, again)
    )
    assert first == second


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("{fact}`fact-b-2024|1`", "没有编号为 fact-b-2024 的数值"),
        ("{exhibit-ref}`fig-b`", "没有编号为 fig-b 的图表"),
        ("```{exhibit} fig-b\n```", "没有编号为 fig-b 的图表"),
        ("<!-- popbook: nothing -->", "没有名为 nothing 的生成页面"),
    ],
)
def test_what_nobody_knows_stops_the_build(tmp_path: Path, text: str, warning: str) -> None:
    with pytest.raises(PopbookError, match=warning):
        build(tmp_path, f"# 总览\n\n{text}\n")


@pytest.mark.parametrize(("raised", "told"), [(OSError(28, "full"), OSError), (ValueError("wrong"), ExtensionError)])
def test_what_the_system_refuses_to_sphinx_is_told_as_such(raised: Exception, told: type[Exception]) -> None:
    with pytest.raises(told), _system_errors_as_they_are():
        raise ExtensionError("handler threw an exception", raised)


def test_what_the_system_refuses_is_not_taken_for_a_warning_of_the_book() -> None:
    warn = getLogger("sphinx.builders.html").warning
    with pytest.raises(OSError, match="full"), _refusals_raised():
        warn("cannot copy %s: %r", "a.js", OSError(28, "full"))
    with _refusals_raised():
        warn("cannot copy %s: %r", "a.png", FileNotFoundError(2, "not there"))
