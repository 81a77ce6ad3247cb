"""Figures and lines: a range of figures ("15—59岁", the bounds of an interval) never breaks in two.

A line may end on either side of a dash, and Chinese text offers the browser no better place nearby.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from popbook.exhibits.inline import RANGE
from popbook.publishing.sphinx_ext.citable import fact

if TYPE_CHECKING:
    from sphinx.application import Sphinx

RANGE_CLASS = "pb-range"
AFTER_WORDS_CLASS = "pb-after-words"

_DASH = "—"
_NOT_PROSE = (
    nodes.FixedTextElement,
    nodes.literal,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.comment,
    fact,
)
_IDEOGRAPH_AT_END = re.compile(r"[\u4e00-\u9fff]$")


class KeepRanges(SphinxPostTransform):
    """Put every range of figures into one span that does not break, and mark the facts that follow a Chinese word."""

    default_priority = 500

    def run(self, **kwargs: Any) -> None:
        """Change the document in place."""
        if self.app.builder.format != "html":
            return
        for node in list(self.document.findall(fact)):
            _mark_after_words(node)
            _join_bounds(node)
        for text in list(self.document.findall(nodes.Text)):
            if RANGE.search(text) and not _is_inside(text, _NOT_PROSE):
                text.parent.replace(text, _with_spans(text))


def _mark_after_words(node: fact) -> None:
    """Mark a fact behind an ideograph: there the sheet sets the thin space between words and figures."""
    before = _neighbour(node, -1)
    if before is not None and _IDEOGRAPH_AT_END.search(before.astext()):
        node["classes"].append(AFTER_WORDS_CLASS)


def _join_bounds(node: fact) -> None:
    """Join two facts with a dash between them."""
    dash = _neighbour(node, 1)
    upper = _neighbour(dash, 1) if dash is not None else None
    if isinstance(dash, nodes.Text) and dash == _DASH and isinstance(upper, fact):
        parent = node.parent
        at = parent.index(node)
        span = nodes.inline("", "", classes=[RANGE_CLASS])
        parent.insert(at, span)
        for part in (node, dash, upper):
            parent.remove(part)
            span += part


def _neighbour(node: nodes.Node, step: int) -> nodes.Node | None:
    siblings = node.parent.children
    at = next(i for i, sibling in enumerate(siblings) if sibling is node) + step
    return siblings[at] if 0 <= at < len(siblings) else None


def _is_inside(node: nodes.Node, kinds: tuple[type[nodes.Node], ...]) -> bool:
    parent = node.parent
    while parent is not None:
        if isinstance(parent, kinds):
            return True
        parent = parent.parent
    return False


def _with_spans(text: nodes.Text) -> list[nodes.Node]:
    parts: list[nodes.Node] = []
    words, at = str(text), 0
    for match in RANGE.finditer(words):
        if match.start() > at:
            parts.append(nodes.Text(words[at : match.start()]))
        parts.append(nodes.inline("", match[0], classes=[RANGE_CLASS]))
        at = match.end()
    if at < len(words):
        parts.append(nodes.Text(words[at:]))
    return parts


def add_ranges(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(KeepRanges)
