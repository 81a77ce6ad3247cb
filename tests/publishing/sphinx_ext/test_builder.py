from __future__ import annotations

import pytest

from popbook.publishing.sphinx_ext.builder import page_address


@pytest.mark.parametrize(
    ("docname", "address"),
    [
        ("book/overview", "index"),
        ("book/methods", "methods"),
        ("notebooks/03_trends", "chapters/03_trends"),
        ("search", "search"),
        ("bookshelf", "bookshelf"),
    ],
)
def test_addresses_follow_the_report_and_not_the_repository(docname: str, address: str) -> None:
    assert page_address(docname) == address
