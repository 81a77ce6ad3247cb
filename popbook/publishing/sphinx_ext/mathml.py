"""Formulas as MathML: drawn by the browser itself, without a script and without a font from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


def to_mathml(latex: str, display: bool = False) -> str:
    """Return a formula as MathML.

    Parameters
    ----------
    latex : str
        Formula in LaTeX notation.
    display : bool
        Whether it stands on a line of its own.

    Returns
    -------
    str
        A ``<math>`` element.

    Examples
    --------
    >>> to_mathml("x").startswith("<math")
    True
    """
    from latex2mathml.converter import convert

    return str(convert(latex, display="block" if display else "inline"))


def _visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(to_mathml(node.astext()))
    raise nodes.SkipNode


def _visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="pb-math">{to_mathml(node.astext(), display=True)}</div>')
    raise nodes.SkipNode


def add_mathml_renderer(app: Sphinx) -> None:
    """Make ``html_math_renderer = "mathml"`` available."""
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_block, None))
