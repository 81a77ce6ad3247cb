"""The text of an edition for its search page: every passage of every page, with the address at which it stands.

A browser looks for what was typed as it was typed, letter by letter, so that any phrase that stands on a page is found:
no dictionary decides where a Chinese word begins. The texts come as a script, because a page opened from disk may load a
script but not fetch a file; only the search page loads it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import html as lxml_html
from lxml.html import HtmlElement

FILE = "search_index.js"

PROSE, EXHIBIT, FACT, LIST = range(4)
"""Kinds of passages, in the order in which a reader sees them: text, figures and tables, numbers, lists of all these."""

SKIPPED_TAGS = {"script", "style", "form", "button", "noscript", "template"}
SKIPPED_CLASSES = {"headerlink", "pb-narrow", "pb-actions", "pb-live"}
IMPRINT_ROWS = {"年度版", "数据截止", "版本指纹"}
"""Rows of the page of an exhibit that say the same on all of them; the page on the version has them."""

LIST_CLASS = "pb-filter"
SENTENCE_ID = "cite-text-text"
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
BLOCKS = {
    "blockquote",
    "caption",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "li",
    "ol",
    "p",
    *HEADINGS,
}
BLOCKS |= {"pre", "section", "summary", "svg", "table", "tr", "ul"}
CELLS = {"dd", "desc", "td", "text", "th", "title"}
"""Elements that share a line with what stands beside them: cells of a row, words of a drawing, a term's meaning."""

EDGES = {**dict.fromkeys(CELLS, "\t"), **dict.fromkeys(BLOCKS, "\n")}
"""What stands at both edges of an element; nothing at those of a word."""

PASSED_THROUGH = {"div", "details", "section"}
PLACES = ("figure", "section")
"""Elements that are passages of their own where they carry an identifier."""

EXHIBIT_PAGE = re.compile(r"exhibits/[^/]+/index\.html")

GAP = "\u3000"
CELL_EDGE = re.compile(r"[ \u3000]*\t[ \t\u3000]*")
SPACE = re.compile(r"[ \r\f\v\xa0]+")
_ONE_NUMBER = re.compile(r'<span class="pb-number">.*?</span>', re.DOTALL)
_REFERENCE = re.compile(r'<div class="pb-cite-style">.*?</div>', re.DOTALL)


@dataclass(frozen=True)
class Passage:
    """One passage: what stands under a heading, in an exhibit, or on the page of a number.

    Parameters
    ----------
    kind : int
        :data:`PROSE`, :data:`EXHIBIT`, :data:`FACT` or :data:`LIST`.
    anchor : str
        Identifier of the place on the page, or "" for its beginning.
    heading : str
        Heading, caption or name.
    text : str
        Its paragraphs, rows and captions, one a line.
    """

    kind: int
    anchor: str
    heading: str
    text: str


def read_passages(markup: str) -> list[Passage]:
    """Return the passages of a page of the report in their order.

    Parameters
    ----------
    markup : str
        HTML of a whole page; only its article is read.

    Examples
    --------
    >>> page = '<article><section id="a"><h1>甲</h1><p>一</p><section id="b"><h2>乙</h2><p>二</p></section></section></article>'
    >>> [(passage.anchor, passage.heading, passage.text) for passage in read_passages(page)]
    [('a', '甲', '一'), ('b', '乙', '二')]
    """
    article = lxml_html.document_fromstring(markup).find(".//article")
    if article is None:
        return []
    passages = [passage for passage in _walk(article) if passage.heading or passage.text]
    if article.find_class(LIST_CLASS):
        return [replace(passage, kind=LIST) for passage in passages]
    return passages


def read_exhibit_page(markup: str) -> Passage:
    """Return what the page of an exhibit or number says about it, without the exhibit itself, as one passage.

    Parameters
    ----------
    markup : str
        HTML of the page.
    """
    within = markup[markup.index("<main") : markup.rindex("</main>")]
    # What is left out anyway is large; cut off before it is parsed, it costs nothing.
    before, is_exhibit, rest = within.partition("<figure")
    if is_exhibit:
        drawn, _, after = rest.rpartition("</figure>")
        number = _line(lxml_html.fragment_fromstring(_ONE_NUMBER.findall(drawn)[0]))
        within = before + after
    main = lxml_html.fragment_fromstring(f"{_REFERENCE.sub(_sentence_only, within)}</main>")
    name = main.find(".//h1")
    heading = _line(name)
    name.drop_tree()
    for term in list(main.iter("dt")):
        if _line(term) in IMPRINT_ROWS:
            term.getnext().drop_tree()
            term.drop_tree()
    for title in list(main.iter("h2", "h3")):
        title.drop_tree()
    lines = _lines(main)
    if is_exhibit:
        return Passage(EXHIBIT, "", f"{number}　口径与引用", "\n".join(lines))
    # The value stands first; with it the name is a whole statement.
    return Passage(FACT, "", f"{heading}：{lines[0]}", "\n".join(lines[1:]))


def _sentence_only(reference: re.Match[str]) -> str:
    return reference[0] if f'<pre id="{SENTENCE_ID}"' in reference[0] else ""


def _walk(section: HtmlElement) -> Iterator[Passage]:
    """Yield the passage of a section, then those of what it holds: terms, exhibits, sections."""
    inner: list[Passage] = []
    heading = ""
    lines: list[str] = []

    def collect(element: HtmlElement) -> None:
        nonlocal heading
        for child in element:
            if not isinstance(child.tag, str):
                continue
            tag = child.tag
            if tag == "section" and child.get("id"):
                inner.extend(_walk(child))
            elif tag in HEADINGS and not heading:
                heading = _line(child)
            elif tag == "figure" and child.get("id"):
                inner.append(_exhibit(child))
            elif tag == "dl" and "glossary" in child.get("class", "").split():
                inner.extend(_terms(child))
            elif tag in PASSED_THROUGH and any(child.find(f".//{name}[@id]") is not None for name in PLACES):
                collect(child)
            else:
                lines.extend(_lines(child))

    collect(section)
    yield Passage(PROSE, section.get("id", ""), heading, "\n".join(lines))
    yield from inner


def _exhibit(figure: HtmlElement) -> Passage:
    captions = figure.find_class("pb-caption")
    heading = _line(captions[0]) if captions else ""
    lines = [line for line in _lines(figure) if line != heading]
    return Passage(EXHIBIT, figure.get("id"), heading, "\n".join(lines))


def _terms(listed: HtmlElement) -> Iterator[Passage]:
    for term in listed.iterchildren("dt"):
        meaning: list[str] = []
        following = term.getnext()
        while following is not None and following.tag == "dd":
            meaning += _lines(following)
            following = following.getnext()
        yield Passage(PROSE, term.get("id", ""), _line(term), "\n".join(meaning))


def _line(element: HtmlElement) -> str:
    return " ".join(_lines(element))


def _lines(element: HtmlElement) -> list[str]:
    """Return the text of an element, one line for each block; cells of a row and words of a drawing share a line."""
    parts: list[str] = []
    _gather(element, parts)
    lines = (CELL_EDGE.sub(GAP, SPACE.sub(" ", line).strip()).strip() for line in "".join(parts).split("\n"))
    return [line for line in lines if line]


def _gather(element: HtmlElement, parts: list[str]) -> None:
    tag = element.tag
    if tag in SKIPPED_TAGS or not isinstance(tag, str):
        return
    classes = element.get("class")
    if classes and not SKIPPED_CLASSES.isdisjoint(classes.split()):
        return
    edge = EDGES.get(tag, "")
    # A line feed of the source is a space of the text; only edges of blocks end a line.
    parts += (edge, (element.text or "").replace("\n", " "))
    for child in element:
        _gather(child, parts)
        if child.tail:
            parts.append(child.tail.replace("\n", " "))
    parts.append("\t" if tag == "dt" else edge)


def page_order(home: str) -> dict[str, str]:
    """Return the pages of an edition in reading order with their short names, from the contents of its first page.

    Parameters
    ----------
    home : str
        HTML of ``index.html``.
    """
    contents = lxml_html.document_fromstring(home).find_class("bd-docs-nav")[0]
    links = (link for link in contents.iter("a") if link.get("href"))
    named = {link.get("href").partition("#")[0] or "index.html": _line(link) for link in links}
    return {"index.html": named.pop("index.html", "总览"), **named}


def write_search_index(folder: Path, pages: Mapping[str, str]) -> Path:
    """Write the index of an edition and return its path.

    Parameters
    ----------
    folder : Path
        Built edition.
    pages : mapping
        Name of a page to its HTML, in the order of folders and names.

    Returns
    -------
    Path
        A script that sets ``window.popbookSearch``: ``pages`` (address, name) and ``passages`` (kind, place in
        ``pages``, anchor, heading, text), in reading order.
    """
    listed: list[tuple[str, str]] = []
    passages: list[tuple[int, int, str, str, str]] = []

    def add(address: str, name: str, found: Iterable[Passage]) -> None:
        listed.append((address, name))
        for each in found:
            passages.append((each.kind, len(listed) - 1, each.anchor, each.heading, each.text))

    seen: set[str] = set()
    for address, name in page_order(pages["index.html"]).items():
        found = read_passages(pages[address])
        # An exhibit that stands on several pages is found on the first of them.
        add(address, name, [each for each in found if each.kind != EXHIBIT or each.anchor not in seen])
        seen.update(each.anchor for each in found if each.kind == EXHIBIT)
    for address, markup in pages.items():
        if EXHIBIT_PAGE.fullmatch(address):
            add(address, "", [read_exhibit_page(markup)])
    value = {"pages": listed, "passages": passages}
    target = folder / "_static" / FILE
    target.parent.mkdir(exist_ok=True)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    target.write_text(f"window.popbookSearch={text};\n", encoding="utf-8", newline="\n")
    return target
