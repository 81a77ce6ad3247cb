"""The Content-Security-Policy of a built page: scripts, styles, pictures and fonts of the site itself and nothing else.

The policy stands in each page, so that it holds from a zip on disk as well as from a server. The few scripts and
styles that the theme writes into the page are named by their hash; everything else written into a page (an event
handler, a style attribute, a script that came in with a text) is refused by the browser.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

from popbook.ledger.errors import PopbookError

INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc\s*=)([^>]*)>(.*?)</script>", re.IGNORECASE | re.DOTALL)
INLINE_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.IGNORECASE | re.DOTALL)
DATA_BLOCK = re.compile(r"\btype\s*=\s*[\"']?application/(?:ld\+)?json", re.IGNORECASE)
TAG = re.compile(r"<[a-zA-Z][^<>]*>")
FORBIDDEN_ATTRIBUTE = re.compile(
    r"""\s(on[a-z]+|style)\s*=|\s(?:href|src|action)\s*=\s*["']?\s*(javascript:)""", re.IGNORECASE
)
CHARSET = re.compile(r"<meta\s+charset=[^>]*>", re.IGNORECASE)
MARK = '<meta http-equiv="Content-Security-Policy"'


def _source_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def policy_of(scripts: Iterable[str] = (), styles: Iterable[str] = ()) -> str:
    """Return the policy of a page with these scripts and styles in it.

    Parameters
    ----------
    scripts, styles : iterable of str
        Contents of the ``<script>`` and ``<style>`` elements that stand in the page itself.

    Returns
    -------
    str
        Directives as they go into the ``content`` of the meta element. ``file:`` lets browsers that do not count the
        folder of an unzipped edition as the page's own origin load its files; a page from a server cannot use it.

    Examples
    --------
    >>> "unsafe" in policy_of(["let a = 1"])
    False
    """

    def listed(texts: Iterable[str]) -> str:
        return " ".join(["'self'", "file:", *sorted({_source_hash(text) for text in texts})])

    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {listed(scripts)}",
            f"style-src {listed(styles)}",
            "img-src 'self' file: data:",
            "font-src 'self' file:",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self' file:",
            "object-src 'none'",
        )
    )


def find_inline_code(page: str) -> list[str]:
    """Return the attributes of a page that the policy would refuse: event handlers, styles, ``javascript:`` links.

    Examples
    --------
    >>> find_inline_code('<p onclick="go()">甲</p>')
    ['<p onclick="go()">']
    >>> find_inline_code("<p>onclick = 甲</p>")
    []
    """
    # Most pages hold no such thing anywhere, be it code or not.
    if not FORBIDDEN_ATTRIBUTE.search(page):
        return []
    without_code = INLINE_STYLE.sub("", INLINE_SCRIPT.sub("", page))
    return [tag for tag in TAG.findall(without_code) if FORBIDDEN_ATTRIBUTE.search(tag)]


def with_policy(page: str) -> str:
    """Return a page with its policy as the first thing after the character set.

    Parameters
    ----------
    page : str
        HTML of a whole page.

    Returns
    -------
    str
        The same page with a ``Content-Security-Policy`` element; a page that has one already is returned unchanged.
    """
    if MARK in page:
        return page
    scripts = [text for attributes, text in INLINE_SCRIPT.findall(page) if not DATA_BLOCK.search(attributes)]
    element = f'{MARK} content="{policy_of(scripts, INLINE_STYLE.findall(page))}">'
    return CHARSET.sub(lambda found: f"{found[0]}\n{element}", page, count=1)


def add_policies(pages: dict[str, str]) -> None:
    """Put its policy into every page of a built edition.

    Parameters
    ----------
    pages : dict
        Name of a page to its HTML, which is changed.

    Raises
    ------
    PopbookError
        If a page holds code that its policy would refuse, or no character set to put the policy behind.
    """
    refused = []
    for name, page in pages.items():
        refused += [f"{name}：{tag[:120]}" for tag in find_inline_code(page)]
        pages[name] = with_policy(page)
        if MARK not in pages[name]:
            refused.append(f"{name}：没有 <meta charset>，安全策略无处可放")
    if refused:
        raise PopbookError(
            "页面中有安全策略不允许的代码：\n" + "\n".join(refused), "", "改为站内的脚本和样式文件"
        )
