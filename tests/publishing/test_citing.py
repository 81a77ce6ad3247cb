from __future__ import annotations

import doctest
import json
from pathlib import Path

from popbook.publishing import citing
from popbook.publishing.built_edition import BuiltEdition
from popbook.publishing.citing import anchor_facts, make_citable
from tests.publishing.test_built_edition import write_edition

NUMBER = '<a class="pb-fact" href="x" data-fact="fact-resident-population-2024">1262.4万人</a>'


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(citing)
    assert results.attempted >= 2
    assert results.failed == 0


def test_only_the_first_mention_of_a_number_gets_its_anchor() -> None:
    anchored = anchor_facts(NUMBER + NUMBER, ["fact-resident-population-2024"])
    assert anchored.count('id="fact-resident-population-2024"') == 1
    assert anchored.index("id=") < len(NUMBER)


def test_a_number_is_anchored_on_its_home_page_only_and_cited_on_every_page(tmp_path: Path) -> None:
    edition = BuiltEdition(write_edition(tmp_path))
    edition.facts["fact-resident-population-2024"]["page"] = "chapters/a.html"
    pages = dict.fromkeys(["chapters/a.html", "index.html"], f'<p>{NUMBER}</p><a data-cite="fig-a">引用</a>')
    make_citable(edition, pages)
    assert 'id="fact' in pages["chapters/a.html"]
    assert 'id="fact' not in pages["index.html"]
    for name in ("cites/chapters/a.js", "cites/index.js"):
        script = (edition.folder / name).read_text(encoding="utf-8")
        items = json.loads(script.removeprefix("window.popbookCites=").rstrip(";\n"))["items"]
        assert set(items) == {"fact-resident-population-2024", "fig-a"}


def test_a_page_without_anything_to_cite_has_no_script(tmp_path: Path) -> None:
    edition = BuiltEdition(write_edition(tmp_path))
    edition.facts["fact-resident-population-2024"]["page"] = "index.html"
    make_citable(edition, {"index.html": "<p>无</p>"})
    assert not (edition.folder / "cites").exists()
