"""Makes the pages of a finished edition citable: anchors for numbers, data for the cite box of every page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from popbook.exhibits.landing import box_script
from popbook.publishing.built_edition import BuiltEdition

BOX_FOLDER = "cites"
_CITED = re.compile(r'<a [^>]*?data-(?:fact|cite)="([^"]+)"')
_FROM_TOP = re.compile(r'(<a (?:id="[^"]+" )?class="pb-fact[^"]*" href=")(?=exhibits/)')
_FACT = re.compile(r'<a class="pb-fact[^"]*" (?=[^>]*data-fact="([^"]+)")')


def cited_ids(markup: str) -> set[str]:
    """Return the exhibits and numbers that a page shows with a way to cite them.

    Examples
    --------
    >>> cited_ids('<a class="pb-fact" href="x" data-fact="fact-a">1</a><a data-cite="fig-b">引用</a>') == {"fact-a", "fig-b"}
    True
    """
    return set(_CITED.findall(markup))


def anchor_facts(markup: str, facts: Iterable[str]) -> str:
    """Give the first mention of each number on its home page an anchor, so that its own page can lead back.

    Parameters
    ----------
    markup : str
        HTML of a page.
    facts : iterable of str
        Numbers whose home the page is.

    Examples
    --------
    >>> anchor_facts('<a class="pb-fact" href="x" data-fact="fact-a">1</a>', ["fact-a"])
    '<a id="fact-a" class="pb-fact" href="x" data-fact="fact-a">1</a>'
    """
    waiting = set(facts)

    def add(match: re.Match[str]) -> str:
        if match[1] not in waiting:
            return match[0]
        waiting.discard(match[1])
        return f'<a id="{match[1]}" {match[0].removeprefix("<a ")}'

    return _FACT.sub(add, markup)


def lead_to_facts(markup: str, depth: int) -> str:
    """Lead the numbers of a page to their own pages, also where a piece of page does not know how deep it stands.

    Parameters
    ----------
    markup : str
        HTML of a page.
    depth : int
        Folders between the page and its edition.

    Examples
    --------
    >>> lead_to_facts('<a class="pb-fact" href="exhibits/fact-a/index.html" data-fact="fact-a">1</a>', 1)
    '<a class="pb-fact" href="../exhibits/fact-a/index.html" data-fact="fact-a">1</a>'
    """
    return _FROM_TOP.sub(lambda match: match[1] + "../" * depth, markup)


def make_citable(edition: BuiltEdition, pages: dict[str, str]) -> None:
    """Finish the pages of an edition: anchors of numbers, and a script with the citations of each page.

    Parameters
    ----------
    edition : BuiltEdition
        Indexes and data are there; the scripts are written to its folder.
    pages : dict
        Name of a page to its HTML, which is changed.
    """
    homes = _homes(edition.facts)
    for name, markup in pages.items():
        if name.startswith("_static/"):
            continue
        anchored = anchor_facts(markup, homes.get(name, ()))
        pages[name] = lead_to_facts(anchored, name.count("/"))
        cited = cited_ids(markup)
        if cited:
            script = edition.folder / BOX_FOLDER / PurePosixPath(name).with_suffix(".js")
            script.parent.mkdir(parents=True, exist_ok=True)
            script.write_text(box_script(map(edition.cite, cited)), encoding="utf-8", newline="\n")


def _homes(facts: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    homes: dict[str, list[str]] = {}
    for fact_id, row in facts.items():
        homes.setdefault(row["page"], []).append(fact_id)
    return homes
