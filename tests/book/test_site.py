"""The built site as a reader gets it, checked file by file."""

from __future__ import annotations

import csv
import json
import re
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

from popbook.exhibits.model import LOWER_BOUND_UNITS, NOT_PUBLISHED
from popbook.exhibits.plan_words import plan_words
from popbook.ledger.store import read_ledger
from popbook.publishing.exhibit_ids import read_registry
from popbook.publishing.manifest import find_differences
from popbook.publishing.pages import read_pages
from popbook.publishing.requests import find_foreign_requests
from popbook.publishing.sphinx_ext.builder import page_address
from tests.book.conftest import SITE, editions, pages, read_index
from tests.publishing.projects import ROOT

pytestmark = pytest.mark.book

CHAPTERS = ("01_status", "02_problems", "03_trends", "04_targets", "05_projects")
SPOKEN = "//@title | //@aria-label | //@alt | //@placeholder | //@summary"
FRAME = " or ".join(f"ancestor::{name}" for name in ("nav", "footer", "header", "button", "summary"))
WORDS = "{}//text()[not(parent::script or parent::style)]"
# A Chinese sentence may name Excel or ARIMA; words of the frame that hold no Chinese at all were left untranslated.
ENGLISH_WORD = re.compile(r"[A-Za-z]{3,}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMES = {"Ctrl"}
BIBTEX_ENTRY = re.compile(r"@[a-z]+\{[\w-]+,\n(?:  [a-z]+ = \{.*\},?\n)+\}")


@lru_cache(maxsize=1000)
def _tree(path: Path) -> html.HtmlElement:
    return html.document_fromstring(path.read_text(encoding="utf-8"))


@cache
def _targets(path: Path) -> frozenset[str]:
    return frozenset(_tree(path).xpath("//@id"))


@pytest.mark.parametrize("edition", editions())
def test_every_page_of_the_book_is_there(edition: str) -> None:
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    wanted = [page_address(docname) for docname in re.findall(r"(?:file|root): (\S+)", toc)]
    assert len(wanted) > len(CHAPTERS)
    missing = [page for page in (*wanted, "search") if not (SITE / edition / f"{page}.html").is_file()]
    assert missing == []


@pytest.mark.parametrize("edition", editions())
def test_every_link_leads_somewhere(edition: str) -> None:
    broken = []
    for page in pages(edition):
        for link in _tree(page).xpath("//a/@href | //link/@href | //script/@src | //img/@src"):
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = (page.parent / unquote(address.path)).resolve() if address.path else page
            if target.is_dir():
                target /= "index.html"
            wanted = unquote(address.fragment)
            if not target.is_file() or (
                wanted and target.suffix == ".html" and wanted not in _targets(target)
            ):
                broken.append(f"{page.relative_to(SITE)} → {link}")
    assert broken == []


@pytest.mark.parametrize("edition", editions())
def test_no_page_asks_another_host(edition: str) -> None:
    assert find_foreign_requests(SITE / edition, read_pages(SITE / edition)) == []


@pytest.mark.parametrize("edition", editions())
def test_pages_say_that_they_are_chinese(edition: str) -> None:
    wrong = [page for page in pages(edition) if _tree(page).get("lang") not in ("zh-CN", "zh_CN")]
    assert wrong == []


@pytest.mark.parametrize("edition", editions())
def test_every_page_says_what_the_report_is(edition: str) -> None:
    disclaimer = plan_words(read_ledger())["disclaimer"]
    for page in pages(edition):
        footer = " ".join(element.text_content() for element in _tree(page).iter("footer"))
        assert disclaimer in footer
        assert "修订号" in footer
        assert "数据截止" in footer
        assert "版本指纹" in footer


@pytest.mark.parametrize("edition", editions())
def test_pages_show_the_fingerprint_that_the_build_record_holds(edition: str) -> None:
    record = json.loads((SITE / edition / "build.json").read_text(encoding="utf-8"))
    (footer,) = _tree(SITE / edition / "colophon.html").find_class("bd-footer-content")
    assert f"版本指纹 {record['edition_hash'][:12]}" in footer.text_content()


@pytest.mark.parametrize("edition", editions())
def test_the_words_of_the_page_frame_are_chinese(edition: str) -> None:
    found = []
    for page in pages(edition):
        tree = _tree(page)
        spoken = tree.xpath(SPOKEN)
        frame = tree.xpath(f"{WORDS.format('')}[{FRAME}]")
        assert frame, page
        found += [
            f"{page.relative_to(SITE)}: {text[:60]}"
            for text in (*spoken, *map(str.strip, frame))
            if ENGLISH_WORD.search(text) and not CHINESE.search(text) and text not in NAMES
        ]
    assert found == []


@pytest.mark.parametrize("edition", editions())
def test_no_source_text_shows_through(edition: str) -> None:
    # What Markdown, MyST, pandas or Python leave in a page when something went wrong.
    leak = re.compile(r"\{(?:fact|exhibit-ref|ref|term)\}`|```|\bNaN\b|\bnan\b|\bNone\b|<Series|dtype:|\{\{")
    found = []
    for page in pages(edition):
        tree = _tree(page)
        article = next(tree.iter("article"), None)
        if article is None:
            article = next(tree.iter("main"))
        # A whole BibTeX entry is meant to be there, double braces and all; anything around it is looked at.
        text = BIBTEX_ENTRY.sub("", " ".join(article.xpath(WORDS.format("."))))
        found += [f"{page.relative_to(SITE)}: {match[0]}" for match in leak.finditer(text)]
    assert found == []


@pytest.mark.parametrize("edition", editions())
def test_ids_are_unique_on_their_page(edition: str) -> None:
    for page in pages(edition):
        ids = _tree(page).xpath("//@id")
        assert len(ids) == len(set(ids)), f"{page}: {sorted({name for name in ids if ids.count(name) > 1})}"


@pytest.mark.parametrize("edition", editions())
def test_every_manifest_is_right(edition: str) -> None:
    assert find_differences(SITE / edition) == []


@pytest.mark.parametrize("edition", editions())
def test_every_chapter_has_sections_with_evidence(edition: str) -> None:
    for chapter in CHAPTERS:
        article = next(_tree(SITE / edition / "chapters" / f"{chapter}.html").iter("article"))
        assert len(list(article.iter("h2"))) >= 3, chapter
        assert article.find_class("pb-exhibit"), chapter
        assert article.find_class("pb-fact"), chapter


@pytest.mark.parametrize("edition", editions())
def test_every_number_in_a_page_is_a_known_fact_and_reads_as_it_stands_in_the_index(edition: str) -> None:
    facts = read_index(edition, "facts.json")
    for page in pages(edition):
        for element in _tree(page).xpath("//*[@data-fact][ancestor::article or ancestor::main]"):
            fact = facts[element.get("data-fact")]
            said, where = element.text_content(), f"{page}: {html.tostring(element, encoding='unicode')[:200]}"
            if fact["value"] is None:
                assert said == NOT_PUBLISHED, where
                continue
            number = re.match(r"[+−]?(\d+(?:\.(\d+))?)", said)
            assert number, where
            rest = said[number.end() :]
            if rest not in ("", fact["unit"]):
                # The lower bound of a range keeps a part of the unit, and only there.
                assert rest == LOWER_BOUND_UNITS[fact["unit"]], where
                assert (element.tail or "").startswith(("—", "至")), where
            half_a_digit = 0.5 * 10.0 ** -len(number[2] or "")
            assert abs(float(number[1]) - abs(float(str(fact["value"])))) <= half_a_digit + 1e-9, where


@pytest.mark.parametrize("edition", editions())
def test_every_exhibit_stands_on_its_page_and_has_its_folder(edition: str) -> None:
    exhibits = read_index(edition, "exhibits.json")
    assert exhibits
    for name, row in exhibits.items():
        assert name in _targets(SITE / edition / str(row["page"])), name
        files = {path.name for path in (SITE / edition / "exhibits" / name).iterdir()}
        wanted = {"index.html", "data.csv", "data.xlsx", "meta.json"}
        if row["kind"] == "figure":
            wanted |= {"chart.svg", "chart.png"}
        assert wanted <= files, name


@pytest.mark.parametrize("edition", editions())
def test_every_identifier_ever_published_has_an_answer_at_its_address(edition: str) -> None:
    registry = read_registry(ROOT / "data").values()
    due = [row.id for row in registry if row.first_edition == int(edition) or (row.is_gone and row.first_edition < int(edition))]
    assert due
    assert [name for name in due if not (SITE / edition / "exhibits" / name / "index.html").is_file()] == []


@pytest.mark.parametrize("edition", editions())
def test_numbers_of_exhibits_run_without_gaps(edition: str) -> None:
    seen: dict[str, set[int]] = {}
    for row in read_index(edition, "exhibits.json").values():
        series, _, position = str(row["number"]).rpartition("-")
        seen.setdefault(series, set()).add(int(position))
    assert all(positions == set(range(1, len(positions) + 1)) for positions in seen.values())


@pytest.mark.parametrize("edition", editions())
@pytest.mark.parametrize("name", ["forecasts", "targets", "warnings", "commitments"])
def test_results_behind_the_chapters_are_there(edition: str, name: str) -> None:
    with (SITE / edition / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.DictReader(stream))) > 0


@pytest.mark.parametrize("edition", editions())
def test_nothing_published_after_the_cut_off_is_cited(edition: str) -> None:
    record = json.loads((SITE / edition / "build.json").read_text(encoding="utf-8"))
    with (SITE / edition / "data" / "observations.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert max(row["published"] for row in rows) <= record["cut_off"]
    assert max(int(row["year"]) for row in rows) <= int(edition)
    facts = read_index(edition, "facts.json")
    observed = [
        row
        for name, row in facts.items()
        if name.startswith(f"fact-{str(row['indicator_id']).replace('_', '-')}-2")
    ]
    assert observed
    assert max(int(str(row["year"])) for row in observed if row["value"] is not None) <= int(edition)


def test_where_figures_were_read_is_never_shown() -> None:
    source_rows = csv.DictReader(
        (SITE.parents[1] / "data" / "sources.csv").read_text(encoding="utf-8").splitlines()
    )
    mirrors = {
        host for row in source_rows for host in re.findall(r"https?://([^/\s;]+)", row["read_via"] or "")
    }
    for edition in editions():
        for path in (SITE / edition).rglob("*"):
            if path.suffix in {".html", ".csv", ".json", ".js"} and "_static" not in path.parts:
                text = path.read_text(encoding="utf-8")
                assert not [host for host in mirrors if host in text], path
