from __future__ import annotations

import doctest
import json
import re
from pathlib import Path
from xml.etree import ElementTree

from popbook.publishing import discovery
from popbook.publishing.built_edition import BuiltEdition
from popbook.publishing.discovery import NAMESPACE, describe_report, front_files, write_sitemap
from popbook.publishing.pages import read_pages
from tests.publishing.test_built_edition import write_edition

HEAD = "<html><head><title>总览</title>\n</head><body></body></html>"
MOVED = '<html><head><meta http-equiv="refresh" content="0; url=../fig-a/index.html"></head></html>'


def _edition(folder: Path, base: str = "") -> BuiltEdition:
    home = write_edition(folder, base=base)
    pages = {"index.html": HEAD, "search.html": HEAD, "chapters/01_status.html": HEAD}
    for name, text in {**pages, "exhibits/fig-a/index.html": HEAD, "exhibits/fig-old/index.html": MOVED}.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    resources = {"resources": [{"name": "targets", "path": "targets.csv"}]}
    (home / "datapackage.json").write_text(json.dumps(resources), encoding="utf-8")
    return BuiltEdition(home)


def _locations(text: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(text).iter(f"{{{NAMESPACE}}}loc")]


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(discovery)
    assert results.attempted >= 2
    assert results.failed == 0


def test_the_sitemap_names_pages_that_can_be_read_and_none_that_only_lead_on(tmp_path: Path) -> None:
    edition = _edition(tmp_path)
    write_sitemap(edition, read_pages(edition.folder))
    found = _locations((edition.folder / "sitemap.xml").read_text(encoding="utf-8"))
    assert found == ["chapters/01_status.html", "exhibits/fig-a/index.html", "index.html"]


def test_a_declared_address_makes_full_addresses(tmp_path: Path) -> None:
    edition = _edition(tmp_path, base="https://example.org/rk")
    write_sitemap(edition, read_pages(edition.folder))
    found = _locations((edition.folder / "sitemap.xml").read_text(encoding="utf-8"))
    assert found[-1] == "https://example.org/rk/2024/r1/index.html"
    front = front_files([("2024/r1/", edition.record)])
    assert _locations(front["sitemap.xml"]) == ["https://example.org/rk/2024/r1/sitemap.xml"]
    assert front["robots.txt"].endswith("Sitemap: https://example.org/rk/sitemap.xml\n")


def test_the_first_page_describes_the_edition_as_a_data_set(tmp_path: Path) -> None:
    edition = _edition(tmp_path)
    pages = read_pages(edition.folder)
    describe_report(edition, pages)
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>\n</head>', pages["index.html"])
    assert block
    found = json.loads(block[1])
    assert found["@type"] == "Dataset"
    assert found["version"] == "2024-r1"
    assert [each["contentUrl"] for each in found["distribution"]] == [
        "exhibits.json",
        "facts.json",
        "datapackage.json",
        "targets.csv",
    ]
