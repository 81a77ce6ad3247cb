"""Every page carries a policy that its own code satisfies and that everything else fails."""

from __future__ import annotations

import base64
import hashlib

import pytest

from popbook.ledger.errors import PopbookError
from popbook.publishing.content_policy import add_policies, find_inline_code, policy_of, with_policy

PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><style>p{color:red}</style>
<script>let a = 1</script><script src="x.js"></script>
<script type="application/ld+json">{"@type": "Dataset"}</script></head><body><p>正文</p></body></html>"""


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_inline_scripts_and_styles_are_named_by_their_hash() -> None:
    page = with_policy(PAGE)
    assert f"'sha256-{_hash('let a = 1')}'" in page
    assert f"'sha256-{_hash('p{color:red}')}'" in page
    assert page.count("sha256-") == 2


def test_the_policy_comes_before_everything_it_speaks_of() -> None:
    page = with_policy(PAGE)
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_nothing_unsafe_is_allowed() -> None:
    policy = policy_of(["a"], ["b"])
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
    assert policy.startswith("default-src 'none'")


def test_a_page_gets_its_policy_once() -> None:
    assert with_policy(with_policy(PAGE)) == with_policy(PAGE)


@pytest.mark.parametrize(
    "tag",
    [
        '<p onclick="go()">',
        "<svg onload=go()>",
        '<p style="color:red">',
        '<a href="javascript:go()">',
        "<img ONERROR='x'>",
    ],
)
def test_inline_code_is_found(tag: str) -> None:
    assert find_inline_code(f"<body>{tag}</body>") == [tag]


@pytest.mark.parametrize(
    "text", ["<p>onclick=甲</p>", '<p class="style">x</p>', '<p data-on="1">x</p>', "<style>a{}</style>"]
)
def test_words_are_not_code(text: str) -> None:
    assert find_inline_code(text) == []


def test_pages_with_inline_code_are_refused_with_all_places() -> None:
    pages = {"a.html": '<meta charset="utf-8"><p onclick="go()">', "b.html": "<p>没有字符集</p>"}
    with pytest.raises(PopbookError) as refusal:
        add_policies(pages)
    assert "a.html" in str(refusal.value)
    assert "b.html" in str(refusal.value)
