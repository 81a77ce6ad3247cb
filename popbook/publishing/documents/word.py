"""A pandoc tree as Word document: pandoc writes it on the project's own style template."""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from popbook.publishing.documents.exhibit_blocks import is_table, status_kind
from popbook.publishing.documents.pandoc import run_pandoc
from popbook.publishing.documents.tree import (
    Node,
    div,
    document,
    link,
    para,
    plain_words,
    raw_inline,
    rewrite,
    span,
    text,
)
from popbook.publishing.documents.word_reference import (
    ZIP_DATE,
    PageStyle,
    reference_docx,
)
from popbook.publishing.documents.word_table import table_blocks

_CAPTION_NUMBER = re.compile(r"([图表]) (.*?)(\d+)")

CONTENTS_TITLE = "目录"
LONGEST_BOOKMARK = 40
PICTURE_LEVEL = 3
"""How hard pictures are compressed, of 9."""
_ADJACENT = re.compile(rb"</w:tbl>(?=\s*<w:tbl>)")
_LAYOUT = re.compile(rb'(<w:tblLayout [^>]*>)(<w:tblLook w:firstRow="0")')
_SHOWN = re.compile(rb'<pic:cNvPr descr="([^"]*)".*?<a:blip [^>]*>', re.DOTALL)
_NO_BORDERS = b'<w:tblBorders><w:top w:val="nil"/><w:bottom w:val="nil"/></w:tblBorders>'
_NARROW = b'<w:tblCellMar><w:left w:w="30" w:type="dxa"/><w:right w:w="30" w:type="dxa"/></w:tblCellMar>'


@dataclass(frozen=True)
class Picture:
    """A drawing for Word.

    Parameters
    ----------
    data
        PNG.
    hidden
        How much of its height at its head is not shown.
    """

    data: bytes
    hidden: float = 0.0


def make_docx(
    blocks: list[Node],
    pictures: Mapping[str, Picture],
    meta: Mapping[str, Any],
    style: PageStyle,
    epoch: int,
) -> bytes:
    """Return blocks as Word document; the same input gives the same bytes.

    Parameters
    ----------
    blocks
        Pandoc blocks.
    pictures
        Pictures by the name that images have in the blocks.
    meta
        ``title``, ``author``, ``keywords``, ``description`` and ``foot``.
    style
        Sizes of the document.
    epoch
        Seconds since 1970 that stand for the time of writing.
    """
    entries = _contents(blocks)
    counts: dict[str, int] = {}

    def lower(some: list[Node]) -> Any:
        return rewrite(some, lambda node: _lower(node, entries, counts, lower), is_table)

    properties = {
        "subject": meta["description"],
        "keywords": "、".join(meta["keywords"]),
        "lang": "zh-CN",
    }
    with tempfile.TemporaryDirectory(prefix="popbook-") as name:
        folder = Path(name)
        (folder / "reference.docx").write_bytes(reference_docx(style, meta["title"], meta["foot"]))
        for path in pictures:
            # The size is in the tree; the pictures themselves are put in when the archive is finished.
            (folder / _png_name(path)).write_text(path, encoding="utf-8")
        data = run_pandoc(
            # Title and author stand on the cover or over the text; the writer would set them once more.
            document(lower(blocks), properties),
            "docx",
            ["--reference-doc=reference.docx"],
            epoch=epoch,
            folder=folder,
        )
    return _finish(data, pictures, {"title": meta["title"], "creator": meta["author"]})


def _png_name(path: str) -> str:
    return re.sub(r"\.svg$", ".png", path)


def _contents(blocks: list[Node]) -> list[tuple[int, str, str]]:
    from popbook.publishing.documents.manuscript import headings

    return list(headings(blocks))


def bookmark(identifier: str) -> str:
    """Return the bookmark that pandoc makes of a name; Word takes no more than forty signs.

    Examples
    --------
    >>> bookmark("status"), len(bookmark("a" * 50))
    ('status', 40)
    """
    if identifier[:1].isalpha() and len(identifier) <= LONGEST_BOOKMARK:
        return identifier
    return "X" + hashlib.sha1(identifier.encode()).hexdigest()[1:]


def _lower(
    node: Node,
    entries: list[tuple[int, str, str]],
    counts: dict[str, int],
    lower: Callable[[list[Node]], list[Node]],
) -> Any:
    kind = node["t"]
    if kind == "Image":
        attributes, alt, (path, title) = node["c"]
        return {"t": "Image", "c": [attributes, alt, [_png_name(path), title]]}
    if kind == "Span":
        (_, classes, _), inlines = node["c"]
        if "exhibit-number" in classes:
            return _number(plain_words(inlines), counts)
        status = status_kind(node)
        return span(inlines, custom_style=f"状态 {status}") if status else inlines
    if kind == "Div":
        return _lower_div(node, entries, lower)
    return node


def _number(words: str, counts: dict[str, int]) -> list[Node]:
    """Return the number of a caption with its last part as a field that Word counts to the same number.

    The field bears the label alone (``SEQ 图``), so that an office inserts its list of figures or tables at once; where
    the count starts anew or skips, as in another chapter, the field says so (``\\r``).

    Parameters
    ----------
    words
        Number as printed ("图 3-2").
    counts
        Last count by label; brought up to this number.
    """
    found = _CAPTION_NUMBER.fullmatch(words)
    if found is None:
        return [text(words)]
    label, lead, count = found[1], found[2], int(found[3])
    restart = "" if counts.get(label, 0) + 1 == count else rf" \r {count}"
    counts[label] = count
    shown = f"<w:r><w:t>{count}</w:t></w:r>"
    field = (
        _char("begin")
        + _instruction(rf"SEQ {label} \* ARABIC{restart}")
        + _char("separate")
        + shown
        + _char("end")
    )
    return [text(f"{label} {lead}"), raw_inline("openxml", field)]


def _lower_div(
    node: Node, entries: list[tuple[int, str, str]], lower: Callable[[list[Node]], list[Node]]
) -> Any:
    (identifier, classes, pairs), blocks = node["c"]
    if "pb-run" in classes:
        return []
    if "pb-contents" in classes:
        return _contents_blocks(entries)
    named = dict(pairs)
    if is_table(node):
        blocks = table_blocks(blocks[0], float(named["size"]), lower)
    kept = {"custom-style": named["custom-style"]} if "custom-style" in named else {}
    if not identifier and not kept:
        return blocks
    if kept:
        # A block without space around it would take a style of the writer's own.
        blocks = [{**block, "t": "Para"} if block["t"] == "Plain" else block for block in blocks]
    return {"t": "Div", "c": [[identifier, [], list(map(list, kept.items()))], blocks]}


def _char(kind: str, more: str = "") -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"{more}/></w:r>'


def _instruction(words: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve"> {words} </w:instrText></w:r>'


def _contents_blocks(entries: list[tuple[int, str, str]]) -> list[Node]:
    """Return a table of contents that can be read at once; Word fills in the page numbers when it opens the document."""
    made = [div([para([text(CONTENTS_TITLE)])], custom_style="TOC Heading")]
    for i, (level, words, identifier) in enumerate(entries):
        inlines: list[Node] = []
        if i == 0:
            opening = (
                _char("begin", ' w:dirty="true"') + _instruction(r'TOC \o "1-2" \h \z \u') + _char("separate")
            )
            inlines.append(raw_inline("openxml", opening))
        inlines.append(link([text(words)], f"#{identifier}") if identifier else text(words))
        if identifier:
            page = (
                "<w:r><w:tab/></w:r>"
                + _char("begin")
                + _instruction(rf"PAGEREF {bookmark(identifier)} \h")
                + _char("separate")
                + "<w:r><w:t></w:t></w:r>"
                + _char("end")
            )
            inlines.append(raw_inline("openxml", page))
        if i == len(entries) - 1:
            inlines.append(raw_inline("openxml", _char("end")))
        made.append(div([para(inlines)], custom_style=f"toc {level}"))
    return made


def _finish(data: bytes, pictures: Mapping[str, Picture], names: Mapping[str, str]) -> bytes:
    """Give a document its pictures and its title, and the archive a fixed date."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            content = source.read(entry.filename)
            if entry.filename == "word/document.xml":
                content = _crop(_finish_tables(content), pictures)
            elif entry.filename == "docProps/core.xml":
                content = _name(content, names)
            fixed = zipfile.ZipInfo(entry.filename, ZIP_DATE)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            level = None
            if entry.filename.startswith("word/media/"):
                # Trying harder takes half as long again and makes the pictures a twentieth smaller.
                content, level = pictures[content.decode()].data, PICTURE_LEVEL
            target.writestr(fixed, content, compresslevel=level)
    return buffer.getvalue()


def _crop(content: bytes, pictures: Mapping[str, Picture]) -> bytes:
    """Hide of every picture what is not shown of it; the place it takes is that of the rest."""
    hidden = {
        _png_name(path).encode(): picture.hidden for path, picture in pictures.items() if picture.hidden
    }

    def crop(found: re.Match[bytes]) -> bytes:
        share = hidden.get(found[1])
        return found[0] if share is None else found[0] + f'<a:srcRect t="{round(share * 100_000)}"/>'.encode()

    return _SHOWN.sub(crop, content)


def _name(content: bytes, names: Mapping[str, str]) -> bytes:
    from lxml import etree

    root = etree.fromstring(content)
    for name, words in names.items():
        tag = f"{{http://purl.org/dc/elements/1.1/}}{name}"
        element = root.find(tag)
        if element is None:
            element = etree.SubElement(root, tag)
        element.text = words
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _finish_tables(content: bytes) -> bytes:
    """Keep tables that follow each other apart; what only puts things side by side gets no rules, and breaks in no row.

    Such a table is one that pandoc has made, without heads; a table with heads is finished (:mod:`word_table`).
    """
    content = _ADJACENT.sub(rb"\g<0><w:p/>", content)
    if not _LAYOUT.search(content):
        return content
    content = _LAYOUT.sub(_NO_BORDERS + rb"\1" + _NARROW + rb"\2", content)
    return content.replace(b"<w:tr><w:tc>", b"<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc>")
