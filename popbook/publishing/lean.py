"""Style sheets of the theme without what no page of the edition uses: three quarters of them.

A rule goes only if every one of its selectors names a class or an identifier that stands in no page and in no script of
the edition. What a selector excludes or offers as a choice (``:not()``, ``:is()`` …) is never a reason to drop it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from pathlib import Path

OWN_SHEETS = {"popbook.css", "exhibits.css", "fonts.css"}
DATA_SCRIPTS = {"vega-bundle.js", "search_index.js"}
"""Scripts that give no element of a page a class of the theme."""

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
ATTRIBUTE = re.compile(r"""=(?:(?<=\bclass=)|(?<=\bid=))("[^"]*"|'[^']*'|[^\s"'>]+)""")
"""Begins with the sign that is looked for fastest."""

WORD = re.compile(r"[A-Za-z_][\w-]*")
NAME = re.compile(r"[.#]((?:[\w-]|\\.)+)")
CHOICE = re.compile(r":(?:not|is|where|has|host|nth-[a-z-]+)\((?:[^()]|\([^()]*\))*\)")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
RULE_SIGN = re.compile(r"""["';{]""")
BLOCK_SIGN = re.compile(r"""["'{}]""")
GROUPING = ("@media", "@supports", "@layer", "@container")
MISSING_FONT = "Font Awesome"


def used_names(folder: Path, pages: Iterable[str]) -> set[str]:
    """Return all classes and identifiers in the pages of an edition, and all words in its scripts."""
    names: set[str] = set()
    for page in pages:
        for value in set(ATTRIBUTE.findall(page)):
            names.update(value.strip("\"'").split())
    for script in (folder / "_static").rglob("*.js"):
        if script.name not in DATA_SCRIPTS:
            names.update(WORD.findall(script.read_text(encoding="utf-8")))
    return names


def without_unused(sheet: str, names: Set[str]) -> str:
    """Return a style sheet without rules that can apply to nothing.

    Parameters
    ----------
    sheet : str
        CSS.
    names : set of str
        Classes and identifiers that occur.

    Examples
    --------
    >>> without_unused(".a,.b{top:0}.c p{top:1px}@media print{.c{top:0}.a:not(.c){top:0}}", {"a"})
    '.a{top:0}@media print{.a:not(.c){top:0}}'
    """
    return "".join(_kept(COMMENT.sub("", sheet), names))


def _kept(sheet: str, names: Set[str]) -> Iterator[str]:
    for head, body in _rules(sheet):
        if body is None:
            yield f"{head};"
        elif head.startswith(GROUPING):
            inner = "".join(_kept(body, names))
            if inner:
                yield f"{head}{{{inner}}}"
        elif head.startswith("@font-face"):
            if MISSING_FONT not in body:
                yield f"{head}{{{body}}}"
        elif head.startswith("@"):
            yield f"{head}{{{body}}}"
        else:
            selectors = [part for part in _selectors(head) if _applies(part, names)]
            if selectors:
                yield f"{','.join(selectors)}{{{body}}}"


def _rules(sheet: str) -> Iterator[tuple[str, str | None]]:
    """Yield heads and bodies of the rules of one level; a statement without a block has no body."""
    start = at = 0
    while next_sign := RULE_SIGN.search(sheet, at):
        at, sign = next_sign.start(), next_sign[0]
        if sign in "\"'":
            found = STRING.match(sheet, at)
            at = found.end() if found else at + 1
        elif sign == ";":
            if head := sheet[start:at].strip():
                yield head, None
            start = at = at + 1
        else:
            end = _block_end(sheet, at)
            yield sheet[start:at].strip(), sheet[at + 1 : end]
            start = at = end + 1


def _block_end(sheet: str, opening: int) -> int:
    depth, at = 0, opening
    while next_sign := BLOCK_SIGN.search(sheet, at):
        at, sign = next_sign.start(), next_sign[0]
        if sign in "\"'":
            found = STRING.match(sheet, at)
            at = found.end() if found else at + 1
            continue
        depth += (sign == "{") - (sign == "}")
        if not depth:
            return at
        at += 1
    raise ValueError("style sheet ends inside a block")


def _selectors(head: str) -> list[str]:
    """Split a list of selectors at the commas that stand outside brackets and strings."""
    parts, depth, last, at = [], 0, 0, 0
    while at < len(head):
        sign = head[at]
        if sign in "\"'":
            found = STRING.match(head, at)
            at = found.end() if found else at + 1
            continue
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            parts.append(head[last:at])
            last = at + 1
        at += 1
    return [part.strip() for part in (*parts, head[last:])]


def _applies(selector: str, names: Set[str]) -> bool:
    plain = CHOICE.sub("", STRING.sub("", selector))
    plain = re.sub(r"\[[^\]]*\]", "", plain)
    return all(name.replace("\\", "") in names for name in NAME.findall(plain))


def lighten(folder: Path, pages: Iterable[str]) -> None:
    """Take out of the theme's style sheets what no page of an edition uses.

    Parameters
    ----------
    folder : Path
        Built edition with all its scripts.
    pages : iterable of str
        HTML of all its pages.
    """
    names = used_names(folder, pages)
    for path in sorted((folder / "_static").rglob("*.css")):
        if path.name not in OWN_SHEETS:
            text = without_unused(path.read_text(encoding="utf-8"), names)
            path.write_text(text, encoding="utf-8", newline="\n")
