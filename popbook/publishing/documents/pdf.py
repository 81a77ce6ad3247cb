"""A pandoc tree as PDF: pandoc writes typst, typst sets it with the shipped fonts."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from popbook.exhibits.fonts import FONT_FOLDER
from popbook.ledger.errors import PopbookError
from popbook.publishing.documents.exhibit_blocks import FLOAT_FRAME, is_table
from popbook.publishing.documents.pandoc import run_pandoc
from popbook.publishing.documents.serif import SERIF_FOLDER
from popbook.publishing.documents.tree import Node, document, plain_words, raw_block, raw_inline, rewrite
from popbook.publishing.documents.typst_table import (
    BREAK,
    literal,
    quoted,
    span_call,
    table_markup,
    words_inlines,
)

if TYPE_CHECKING:
    import typst

STYLE = Path(__file__).parent / "assets" / "style.typ"
_PREFIX = "pb-"


@dataclass(frozen=True)
class Style:
    """How a document is set.

    Parameters
    ----------
    name
        Function of the style sheet (``report``, ``brief``).
    size
        Type size in points, for a style that takes one.
    """

    name: str
    size: float | None = None


def make_pdf(
    blocks: list[Node],
    drawings: Mapping[str, str],
    meta: Mapping[str, Any],
    style: Style,
    epoch: int,
) -> bytes:
    """Return blocks as PDF; the same input gives the same bytes.

    Parameters
    ----------
    blocks
        Pandoc blocks.
    drawings
        SVG by the name images have in the blocks.
    meta
        ``title``, ``author``, ``keywords``, ``description``, ``foot``: what the style sheet prints around the text.
    style
        How it is set.
    epoch
        Seconds since 1970 that stand for the time of writing.

    Raises
    ------
    PopbookError
        If it cannot be set.
    """
    return set_body(typst_body(blocks, epoch), drawings, meta, style, epoch)


def typst_body(blocks: list[Node], epoch: int) -> str:
    """Return blocks as typst, without the style sheet."""
    return run_pandoc(document(rewrite(blocks, _lower, is_table)), "typst", epoch=epoch).decode()


def set_body(
    body: str, drawings: Mapping[str, str], meta: Mapping[str, Any], style: Style, epoch: int
) -> bytes:
    """Return the PDF of a body (:func:`typst_body`); the rest as in :func:`make_pdf`."""
    import typst

    size = "" if style.size is None else f", {style.size:g}"
    with tempfile.TemporaryDirectory(prefix="popbook-") as name:
        folder = Path(name)
        (folder / "style.typ").write_bytes(STYLE.read_bytes())
        (folder / "meta.json").write_text(json.dumps(dict(meta), ensure_ascii=False), encoding="utf-8")
        for file_name, svg in drawings.items():
            (folder / file_name).write_text(svg, encoding="utf-8")
        source = f'#import "style.typ": *\n#show: {style.name}.with(json("meta.json"){size})\n{body}'
        main = folder / "main.typ"
        main.write_text(source, encoding="utf-8")
        try:
            return bytes(typst.compile(str(main), font_paths=_fonts(), timestamp=epoch, format="pdf"))
        except typst.TypstError as error:
            raise PopbookError(f"文档没有排成：{error}", style.name) from None


@cache
def _fonts() -> typst.Fonts:
    import typst

    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(FONT_FOLDER), str(SERIF_FOLDER)],
    )


def _lower(node: Node) -> Any:
    kind = node["t"]
    if kind == "Str":
        return words_inlines(node["c"])
    if kind == "Code":
        return raw_inline("typst", f"#pb-code[{literal(node['c'][1])}]")
    if kind == "Image":
        (_, _, pairs), alt, (path, _) = node["c"]
        sizes = dict(pairs)
        call = ", ".join((quoted(path), sizes["width"], sizes["height"], quoted(_alt(alt))))
        return raw_inline("typst", f"#pb-image({call})")
    if kind == "Span":
        return _lower_span(node)
    if kind == "Div":
        return _lower_div(node)
    return node


def _alt(inlines: list[Node]) -> str:
    # The words of an image have been lowered before the image itself.
    return "".join(
        plain_words(each) if each["t"] != "RawInline" else _unquoted(each["c"][1]) for each in inlines
    )


def _unquoted(literal: str) -> str:
    found = re.fullmatch(r'#(?:box\()?(".*")\)?;', literal, re.DOTALL)
    if found is None:
        return ""
    return re.sub(r"\\(.)", r"\1", found[1][1:-1].replace(BREAK, ""))


def _lower_span(node: Node) -> Any:
    _, inlines = node["c"]
    call = span_call(node)
    if not call:
        return inlines
    return [raw_inline("typst", f"#{call}["), *inlines, raw_inline("typst", "]")]


def _lower_div(node: Node) -> Any:
    (identifier, classes, pairs), blocks = node["c"]
    if is_table(node):
        markup = table_markup(blocks[0])
        blocks = rewrite(blocks, _lower) if markup is None else [raw_block("typst", markup)]
    name = next((each for each in classes if each.startswith(_PREFIX)), "")
    named = ", ".join(f"{key}: {quoted(value)}" for key, value in pairs if key not in ("custom-style",))
    if name and not blocks:
        return raw_block("typst", f"#{name}({named})[]" if name != "pb-run" else f"#{name}({named})")
    if name == FLOAT_FRAME:
        # A block around it would hold it back; its name goes inside.
        label = f"#metadata(none) <{identifier}>" if identifier else ""
        return [raw_block("typst", f"#{name}[{label}"), *blocks, raw_block("typst", "]")]
    if name:
        call = f"#{name}({named})[" if named else f"#{name}["
        blocks = [raw_block("typst", call), *blocks, raw_block("typst", "]")]
    if identifier:
        return {"t": "Div", "c": [[identifier, [], []], blocks]}
    return blocks
