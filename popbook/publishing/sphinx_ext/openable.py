"""Notes that a reader may open: ``<details>`` of HTML itself, so that they work without a script and print open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

DROPDOWN_CLASS = "dropdown"


class openable(nodes.General, nodes.Element):
    """A note that stands closed in the page."""


class openable_title(nodes.General, nodes.TextElement):
    """The words that open it."""


class OpenableNotes(SphinxPostTransform):
    """Turn admonitions of class ``dropdown`` into notes that can be opened."""

    default_priority = 400
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace them in the page."""
        for node in list(self.document.findall(nodes.admonition)):
            if DROPDOWN_CLASS in node["classes"]:
                title, *rest = node.children
                node.replace_self(openable("", openable_title("", "", *title.children), *rest))


def _visit_note(translator: HTML5Translator, node: openable) -> None:
    translator.body.append('<details class="pb-note">\n')


def _depart_note(translator: HTML5Translator, node: openable) -> None:
    translator.body.append("</details>\n")


def _visit_title(translator: HTML5Translator, node: openable_title) -> None:
    translator.body.append("<summary>")


def _depart_title(translator: HTML5Translator, node: openable_title) -> None:
    translator.body.append("</summary>\n")


def add_openable_notes(app: Sphinx) -> None:
    """Register the nodes and the transform."""
    app.add_node(openable, html=(_visit_note, _depart_note))
    app.add_node(openable_title, html=(_visit_title, _depart_title))
    app.add_post_transform(OpenableNotes)
