"""Facts and exhibits in the text: the roles ``fact`` and ``exhibit-ref`` and the directive ``exhibit``.

An unknown id is a warning, and a warning stops the build: a number in prose cannot lose what proves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.nodes import make_refnode

from popbook.exhibits.inline import fact_opening

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.writers.html5 import HTML5Translator

    from popbook.publishing.edition_run import EditionRun

logger = logging.getLogger(__name__)

EXHIBIT_REFERENCE = "popbook-exhibit"


class fact(nodes.inline):
    """One number in prose."""


class exhibit(nodes.General, nodes.Element):
    """A figure or table; its children are its words for the search index and for builders without HTML."""


def _run(env: BuildEnvironment) -> EditionRun:
    return env.app.popbook_run  # type: ignore[attr-defined]


class FactRole(SphinxRole):
    """``{fact}`id|text```: a number, shown as text, tied to its fact."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number's node."""
        fact_id, _, text = self.text.partition("|")
        known = _run(self.env).facts.get(fact_id)
        if known is None:
            logger.warning("没有编号为 %s 的数值", fact_id, location=self.get_location())
        shown = text or (known or {}).get("text", fact_id)
        return [fact("", shown, fact_id=fact_id)], []


class ExhibitReferenceRole(SphinxRole):
    """``{exhibit-ref}`id```: the number of a figure or table, linked to it on whichever page it stands."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the reference, resolved after all pages are read."""
        known = _run(self.env).exhibits.get(self.text)
        if known is None:
            logger.warning("没有编号为 %s 的图表", self.text, location=self.get_location())
            return [nodes.literal(text=self.text)], []
        shown = nodes.inline("", known["number"], classes=["pb-exhibit-ref"])
        return [
            pending_xref(
                "",
                shown,
                reftype=EXHIBIT_REFERENCE,
                reftarget=self.text,
                refdoc=self.env.docname,
                refwarn=True,
            )
        ], []


class ExhibitDirective(SphinxDirective):
    """The whole figure or table: number, title, picture or cells, notes, sources, downloads."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the exhibit's node."""
        exhibit_id = self.arguments[0]
        known = _run(self.env).exhibits.get(exhibit_id)
        if known is None:
            logger.warning("没有编号为 %s 的图表", exhibit_id, location=self.get_location())
            return []
        words = nodes.paragraph("", f"{known['number']}　{known['title']}")
        return [exhibit("", words, exhibit_id=exhibit_id, docname=self.env.docname)]


def resolve_exhibit_reference(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.reference | None:
    """Point a reference at the page where its exhibit stands."""
    if node.get("reftype") != EXHIBIT_REFERENCE:
        return None
    target = node["reftarget"]
    home = _run(env).exhibits[target]["docname"]
    return make_refnode(
        app.builder, node["refdoc"], home, target, content, _run(env).exhibits[target]["title"]
    )


def _classed(opening: str, node: fact) -> str:
    """Return a fact's opening tag with the further classes of its node."""
    return opening.replace('class="pb-fact"', f'class="{" ".join(["pb-fact", *node["classes"]])}"', 1)


def _visit_fact(translator: HTML5Translator, node: fact) -> None:
    if _is_in_link(node):
        # A heading's number, repeated in a table of contents: a link cannot hold another one.
        translator.body.append(_classed('<span class="pb-fact">', node))
        return
    depth = translator.builder.get_target_uri(translator.builder.current_docname).count("/")
    translator.body.append(_classed(fact_opening(node["fact_id"], "../" * depth), node))


def _depart_fact(translator: HTML5Translator, node: fact) -> None:
    translator.body.append("</span>" if _is_in_link(node) else "</a>")


def _is_in_link(node: nodes.Node) -> bool:
    parent = node.parent
    while parent is not None:
        if isinstance(parent, nodes.reference):
            return True
        parent = parent.parent
    return False


def _visit_exhibit(translator: HTML5Translator, node: exhibit) -> None:
    from popbook.exhibits.render import exhibit_html

    exhibits = _run(translator.builder.env).exhibits
    known = exhibits[node["exhibit_id"]]
    depth = translator.builder.get_target_uri(node["docname"]).count("/")
    numbers = {exhibit_id: other["number"] for exhibit_id, other in exhibits.items()}
    translator.body.append(exhibit_html(known, known["number"], "../" * depth, numbers=numbers))
    raise nodes.SkipNode


def _pass(translator: Any, node: nodes.Element) -> None:
    """Show only the words, in builders that have no HTML."""


def add_citables(app: Sphinx) -> None:
    """Register roles, directive and nodes."""
    words_only = (_pass, _pass)
    app.add_node(
        fact, html=(_visit_fact, _depart_fact), latex=words_only, text=words_only, texinfo=words_only
    )
    app.add_node(exhibit, html=(_visit_exhibit, None), latex=words_only, text=words_only, texinfo=words_only)
    app.add_role("fact", FactRole())
    app.add_role("exhibit-ref", ExhibitReferenceRole())
    app.add_directive("exhibit", ExhibitDirective)
