from __future__ import annotations

from pathlib import Path

import pytest

from popbook.publishing.pages import read_pages
from popbook.publishing.requests import find_foreign_requests


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://cdn.example/a.js"></script>',
        '<script async\n src="//cdn.example/a.js"></script>',
        '<link rel="stylesheet" href="https://cdn.example/a.css">',
        "<img alt='' src='http://cdn.example/a.png'>",
        '<style>@import "https://cdn.example/a.css";</style>',
        '<div style="background:url(https://cdn.example/a.png)"></div>',
    ],
)
def test_finds_what_a_browser_would_load(tmp_path: Path, markup: str) -> None:
    (tmp_path / "a.html").write_text(markup, encoding="utf-8")
    found = find_foreign_requests(tmp_path, read_pages(tmp_path))
    assert len(found) == 1
    assert found[0].startswith("a.html → ")


def test_finds_fonts_in_style_sheets(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("@font-face{src:url('https://cdn.example/a.woff2')}", encoding="utf-8")
    assert find_foreign_requests(tmp_path, read_pages(tmp_path)) == ["a.css → https://cdn.example/a.woff2"]


def test_links_for_readers_are_no_requests(tmp_path: Path) -> None:
    markup = '<a href="https://www.example">来源</a><script src="_static/a.js"></script><svg xmlns="http://www.w3.org/2000/svg"></svg>'
    (tmp_path / "a.html").write_text(markup, encoding="utf-8")
    assert find_foreign_requests(tmp_path, read_pages(tmp_path)) == []
