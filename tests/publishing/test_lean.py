from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from popbook.publishing import lean
from popbook.publishing.lean import lighten, used_names, without_unused


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(lean)
    assert results.attempted >= 1
    assert results.failed == 0


@pytest.mark.parametrize(
    ("sheet", "kept"),
    [
        ("p{top:0}", "p{top:0}"),
        (".used .none{top:0}", ""),
        (".none,.used>a[href*='.none']{top:0}", ".used>a[href*='.none']{top:0}"),
        ("#used:not(.none):hover{top:0}", "#used:not(.none):hover{top:0}"),
        (":is(.none,.used) p{top:0}", ":is(.none,.used) p{top:0}"),
        (r".md\:used{top:0}", ""),
        ("@media print{.none{top:0}}", ""),
        ("@keyframes none{from{top:0}to{top:1px}}", "@keyframes none{from{top:0}to{top:1px}}"),
        ('@font-face{font-family:"Font Awesome 6"}', ""),
        ('@import url("a;b.css");.used::after{content:"}"}', '@import url("a;b.css");.used::after{content:"}"}'),
        ("/* .used{} */.none{top:0}", ""),
    ],
)
def test_a_rule_goes_only_if_nothing_can_match_it(sheet: str, kept: str) -> None:
    assert without_unused(sheet, {"used"}) == kept


def test_what_scripts_add_to_a_page_counts_as_used(tmp_path: Path) -> None:
    (tmp_path / "_static").mkdir()
    pages = ['<p class="one two" id=three>']
    (tmp_path / "_static" / "a.js").write_text('element.classList.add("four-five")', encoding="utf-8")
    assert {"one", "two", "three", "four-five"} <= used_names(tmp_path, pages)
    for name in ("theme.css", "popbook.css"):
        (tmp_path / "_static" / name).write_text(".one{top:0}.six{top:0}", encoding="utf-8")
    lighten(tmp_path, pages)
    assert (tmp_path / "_static" / "theme.css").read_text(encoding="utf-8") == ".one{top:0}"
    assert (tmp_path / "_static" / "popbook.css").read_text(encoding="utf-8") == ".one{top:0}.six{top:0}"
