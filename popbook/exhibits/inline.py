"""Inline text of cells, notes and titles: the little MyST that may stand in them, as HTML or as plain words."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

_ROLE = re.compile(r"\{(fact|exhibit-ref)\}`([^`|]+)(?:\|([^`]*))?`")
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_STRONG = re.compile(r"\*\*([^*]+)\*\*")

_MARKED = re.compile(r"[{`\[*&<>—\0]")
"""What everything begins with that is no plain word."""

RANGE = re.compile(r"\d[\d.]*[%‰万]?—\d[\d.]*(?:[%‰年岁月日]|万人)?")
"""A range of figures with the one sign or word behind it: a line breaks before or after a dash, and must not here."""


def plain_text(text: str) -> str:
    """Return inline MyST as plain words.

    Examples
    --------
    >>> plain_text("常住人口{fact}`fact-resident-2024|1262.4万人`，见[方法](methods.md)")
    '常住人口1262.4万人，见方法'
    """
    text = _ROLE.sub(lambda m: m[3] or "", text)
    text = _CODE.sub(r"\1", text)
    text = _LINK.sub(r"\1", text)
    return _STRONG.sub(r"\1", text)


def inline_html(text: str, numbers: Mapping[str, str] | None = None, root: str = "") -> str:
    """Return inline MyST (facts, exhibit references, code, links, strong) as HTML; everything else is escaped.

    Ranges of figures ("15—59岁") are marked, so that no line breaks inside them.

    Parameters
    ----------
    text
        Inline MyST.
    numbers
        Numbers of exhibits by id ("图 1-3"), for references.
    root
        Relative address of the edition's folder.

    Examples
    --------
    >>> inline_html("**1** < {fact}`fact-a-2020|2‰`")
    '<strong>1</strong> &lt; <a class="pb-fact" href="exhibits/fact-a-2020/index.html" data-fact="fact-a-2020">2‰</a>'
    """
    # Most cells hold a number.
    if not _MARKED.search(text):
        return text
    kept: list[str] = []

    def keep(markup: str) -> str:
        kept.append(markup)
        return f"\x00{len(kept) - 1}\x00"

    def role(match: re.Match[str]) -> str:
        kind, target, shown = match[1], match[2], match[3] or ""
        if kind == "fact":
            return keep(f"{fact_opening(target, root)}{html.escape(shown)}</a>")
        number = (numbers or {}).get(target, "图表")
        address = f"{root}exhibits/{target}/index.html"
        return keep(
            f'<a class="pb-exhibit-ref" href="{html.escape(address)}">{html.escape(shown or number)}</a>'
        )

    text = _ROLE.sub(role, text)
    text = _CODE.sub(lambda m: keep(f"<code>{html.escape(m[1])}</code>"), text)
    text = _LINK.sub(
        lambda m: keep(f'<a href="{html.escape(_address(m[2], root))}">{html.escape(m[1])}</a>'), text
    )
    text = html.escape(text, quote=False)
    text = RANGE.sub(r'<span class="pb-range">\g<0></span>', text)
    text = _STRONG.sub(r"<strong>\1</strong>", text)
    return re.sub(r"\x00(\d+)\x00", lambda m: kept[int(m[1])], text)


def fact_opening(fact_id: str, root: str = "") -> str:
    """Return the opening tag of the link from a number to its page.

    Parameters
    ----------
    fact_id
        Id of the fact.
    root
        Relative address of the edition's folder.

    Examples
    --------
    >>> fact_opening("fact-a-2020", "../")
    '<a class="pb-fact" href="../exhibits/fact-a-2020/index.html" data-fact="fact-a-2020">'
    """
    name = html.escape(fact_id)
    return f'<a class="pb-fact" href="{html.escape(root)}exhibits/{name}/index.html" data-fact="{name}">'


def facts_in(text: str) -> list[str]:
    """Return the ids of the facts a text names, in order.

    Examples
    --------
    >>> facts_in("{fact}`fact-a-2020|1`")
    ['fact-a-2020']
    """
    return [match[2] for match in _ROLE.finditer(text) if match[1] == "fact"]


def _address(target: str, root: str) -> str:
    """Point a link between source pages at the built page."""
    if re.match(r"^(https?:|mailto:|#)", target):
        return target
    path, mark, anchor = target.partition("#")
    chapter = re.search(r"(?:^|/)notebooks/(.+)\.ipynb$", path)
    if chapter:
        return f"{root}chapters/{chapter[1]}.html{mark}{anchor}"
    if path.endswith(".md"):
        name = path.rsplit("/", 1)[-1].removesuffix(".md")
        return f"{root}{'index' if name == 'overview' else name}.html{mark}{anchor}"
    return target
