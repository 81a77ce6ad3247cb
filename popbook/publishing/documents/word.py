"""A pandoc tree as Word document: pandoc writes it on the project's own style template."""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
    TABLE_SIZES,
    ZIP_DATE,
    PageStyle,
    reference_docx,
    sized_style,
)

TABLE_STYLE = re.compile(r"^表(格|头)")
"""Names of the styles for the text of tables; there is one of each for every size of :data:`TABLE_SIZES`."""

_CAPTION_NUMBER = re.compile(r"([图表]) (.*?)(\d+)")

CONTENTS_TITLE = "目录"
LONGEST_BOOKMARK = 40
_BEFORE_BORDERS = {"cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge"}
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def make_docx(
    blocks: list[Node],
    pictures: Mapping[str, bytes],
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
        PNG by the name that images have in the blocks.
    meta
        ``title``, ``author``, ``keywords``, ``description`` and ``foot``.
    style
        Sizes of the document.
    epoch
        Seconds since 1970 that stand for the time of writing.
    """
    entries = _contents(blocks)
    counts: dict[str, int] = {}
    lowered = rewrite(blocks, lambda node: _lower(node, entries, counts))
    properties = {
        "subject": meta["description"],
        "keywords": "、".join(meta["keywords"]),
        "lang": "zh-CN",
    }
    with tempfile.TemporaryDirectory(prefix="popbook-") as name:
        folder = Path(name)
        (folder / "reference.docx").write_bytes(reference_docx(style, meta["title"], meta["foot"]))
        for path, data in pictures.items():
            (folder / _png_name(path)).write_bytes(data)
        data = run_pandoc(
            # Title and author stand on the cover or over the text; the writer would set them once more.
            document(lowered, properties),
            "docx",
            ["--reference-doc=reference.docx"],
            epoch=epoch,
            folder=folder,
        )
    return _finish(data, {"title": meta["title"], "creator": meta["author"]})


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


def _lower(node: Node, entries: list[tuple[int, str, str]], counts: dict[str, int]) -> Any:
    kind = node["t"]
    if kind == "Image":
        attributes, alt, (path, title) = node["c"]
        return {"t": "Image", "c": [attributes, alt, [_png_name(path), title]]}
    if kind == "Span":
        (_, classes, _), inlines = node["c"]
        if "exhibit-number" in classes:
            return _number(plain_words(inlines), counts)
        status = next((name.removeprefix("status-") for name in classes if name.startswith("status-")), "")
        return span(inlines, custom_style=f"状态 {status}") if status else inlines
    if kind == "Div":
        return _lower_div(node, entries)
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
    field = _char("begin") + _instruction(rf"SEQ {label} \* ARABIC{restart}") + _char("separate") + shown + _char("end")
    return [text(f"{label} {lead}"), raw_inline("openxml", field)]


def _lower_div(node: Node, entries: list[tuple[int, str, str]]) -> Any:
    (identifier, classes, pairs), blocks = node["c"]
    if "pb-run" in classes:
        return []
    if "pb-contents" in classes:
        return _contents_blocks(entries)
    named = dict(pairs)
    if "size" in named:
        size = next((each for each in TABLE_SIZES if each <= float(named["size"])), TABLE_SIZES[-1])
        blocks = rewrite(blocks, lambda inner: _size_style(inner, size))
    kept = {"custom-style": named["custom-style"]} if "custom-style" in named else {}
    if not identifier and not kept:
        return blocks
    if kept:
        # A block without space around it would take a style of the writer's own.
        blocks = [{**block, "t": "Para"} if block["t"] == "Plain" else block for block in blocks]
    return {"t": "Div", "c": [[identifier, [], list(map(list, kept.items()))], blocks]}


def _size_style(node: Node, size: float) -> Node:
    if node["t"] != "Div":
        return node
    (identifier, classes, pairs), blocks = node["c"]
    sized = [
        [key, sized_style(value, size) if key == "custom-style" and TABLE_STYLE.match(value) else value]
        for key, value in pairs
    ]
    return {"t": "Div", "c": [[identifier, classes, sized], blocks]}


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


def _finish(data: bytes, names: Mapping[str, str]) -> bytes:
    """Give a document its title and its tables their rules, and the archive a fixed date."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            content = source.read(entry.filename)
            if entry.filename == "word/document.xml":
                content = _finish_tables(content)
            elif entry.filename == "docProps/core.xml":
                content = _name(content, names)
            fixed = zipfile.ZipInfo(entry.filename, ZIP_DATE)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(fixed, content)
    return buffer.getvalue()


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
    """Draw the rule under the heads of every table, and let no row break between two pages."""
    from lxml import etree

    root = etree.fromstring(content)
    for table in root.iter(f"{_W}tbl"):
        heads = []
        for row in table.iterchildren(f"{_W}tr"):
            properties = row.find(f"{_W}trPr")
            if properties is None:
                properties = etree.Element(f"{_W}trPr")
                row.insert(0, properties)
            if properties.find(f"{_W}tblHeader") is not None:
                heads.append(row)
            etree.SubElement(properties, f"{_W}cantSplit")
            _style_empty_cells(row)
        if not heads:
            _remove_rules(table)
        else:
            for cell in heads[-1].iterchildren(f"{_W}tc"):
                _rule_below(cell)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _style_empty_cells(row: Any) -> None:
    """Give the empty cells of a row the style of its other cells, or they would be as high as a line of text."""
    from lxml import etree

    paragraphs = [cell.find(f"{_W}p") for cell in row.iterchildren(f"{_W}tc")]
    found = [
        each.find(f"{_W}pPr/{_W}pStyle")
        for each in paragraphs
        if each is not None and each.find(f"{_W}r") is not None
    ]
    styles = [each.get(f"{_W}val") for each in found if each is not None]
    if not styles:
        return
    for each in paragraphs:
        if each is not None and each.find(f"{_W}r") is None and each.find(f"{_W}hyperlink") is None:
            properties = each.find(f"{_W}pPr")
            if properties is None:
                properties = etree.Element(f"{_W}pPr")
                each.insert(0, properties)
            for old in properties.findall(f"{_W}pStyle"):
                properties.remove(old)
            style = etree.Element(f"{_W}pStyle")
            style.set(f"{_W}val", styles[0])
            properties.insert(0, style)


def _remove_rules(table: Any) -> None:
    """Take the rules from a table without heads: it only puts things side by side."""
    from lxml import etree

    properties = table.find(f"{_W}tblPr")
    borders = etree.SubElement(properties, f"{_W}tblBorders")
    margins = etree.SubElement(properties, f"{_W}tblCellMar")
    for side in ("top", "bottom"):
        etree.SubElement(borders, f"{_W}{side}").set(f"{_W}val", "nil")
    for side in ("left", "right"):
        margin = etree.SubElement(margins, f"{_W}{side}")
        margin.set(f"{_W}w", "30")
        margin.set(f"{_W}type", "dxa")
    for late in properties.findall(f"{_W}tblLook"):
        properties.append(late)


def _rule_below(cell: Any) -> None:
    from lxml import etree

    properties = cell.find(f"{_W}tcPr")
    if properties is None:
        properties = etree.Element(f"{_W}tcPr")
        cell.insert(0, properties)
    borders = etree.Element(f"{_W}tcBorders")
    # The order of the properties of a cell is fixed.
    before = sum(1 for each in properties if etree.QName(each).localname in _BEFORE_BORDERS)
    properties.insert(before, borders)
    line = etree.SubElement(borders, f"{_W}bottom")
    for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "000000")):
        line.set(f"{_W}{key}", value)
