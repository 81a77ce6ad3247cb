"""Every page carries a policy that its own code satisfies and that everything else fails."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from popbook.ledger.errors import PopbookError
from popbook.publishing.content_policy import find_inline_code, policy_of, with_policy, write_policies

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


def test_a_folder_with_inline_code_is_refused_with_all_places(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<meta charset="utf-8"><p onclick="go()">', encoding="utf-8")
    (tmp_path / "b.html").write_text("<p>没有字符集</p>", encoding="utf-8")
    with pytest.raises(PopbookError) as refusal:
        write_policies(tmp_path)
    assert "a.html" in str(refusal.value)
    assert "b.html" in str(refusal.value)
