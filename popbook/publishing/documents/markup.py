"""The MyST of chapters and pages as pandoc blocks.

Only what the report's own texts use means anything: headings, lists, tables, emphasis, code, formulas, links, and the
roles and directives of exhibits, numbers, terms and notes. Everything else, HTML included, comes out as the signs that
were written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from popbook.publishing.documents.tree import (
    Node,
    attributes,
    cell,
    code,
    div,
    header,
    link,
    para,
    plain,
    plain_words,
    span,
    strong,
    table,
    text,
)
from popbook.publishing.documents.widths import column_widths

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_INLINE = re.compile(
    r"\{(?P<role>fact|exhibit-ref)\}`(?P<target>[^`|]+)(?:\|(?P<shown>[^`]*))?`"
    r"|`(?P<code>[^`]+)`"
    r"|\[(?P<words>[^\]]+)\]\((?P<address>[^)\s]+)\)"
    r"|\*\*(?P<strong>[^*]+)\*\*"
)
_DIRECTIVE = re.compile(r"^\{([a-z-]+)\}\s*(.*)$")
_OPTION = re.compile(r"^:[a-z-]+:.*$")
_OUTSIDE = re.compile(r"^(https?:|mailto:)")
POLICY_TITLE = "政策含义"


@dataclass
class Converter:
    """Turns texts of one document into blocks.

    Parameters
    ----------
    numbers
        Numbers of exhibits by id ("图 1-3").
    exhibit
        Function of an exhibit id that returns its blocks.
    anchors
        Names in the document that links may lead to; a link to any other place of the site stays words.
    pages
        Source name of a page (``methods.md``, ``01_status.ipynb``) to its name in the document.
    raw
        Function of a piece of raw HTML that returns the blocks that stand for it.
    number_heading
        Function of a heading's level that returns what stands before it ("1.2"), or "".
    """

    numbers: Mapping[str, str]
    exhibit: Callable[[str], list[Node]]
    anchors: set[str] = field(default_factory=set)
    pages: Mapping[str, str] = field(default_factory=dict)
    raw: Callable[[str], list[Node]] = field(default=lambda markup: [])
    number_heading: Callable[[int], str] = field(default=lambda level: "")

    def blocks(self, source: str) -> list[Node]:
        """Return a MyST text as blocks."""
        return self._blocks(_parser().parse(source))

    def inlines(self, words: str) -> list[Node]:
        """Return the text of a cell, a note or a title; only facts, references, code, links and emphasis mean anything.

        Parameters
        ----------
        words
            As :func:`popbook.exhibits.inline.inline_html` takes it.

        Examples
        --------
        >>> plain_words(Converter({}, lambda _: []).inlines("**1** < {fact}`fact-a|2‰` #x"))
        '1 < 2‰ #x'
        """
        made: list[Node] = []
        last = 0
        for match in _INLINE.finditer(words):
            if match.start() > last:
                made.append(text(words[last : match.start()]))
            last = match.end()
            if match["role"]:
                made.append(self._role(match["role"], f"{match['target']}|{match['shown'] or ''}"))
            elif match["code"]:
                made.append(code(match["code"]))
            elif match["words"]:
                made.append(self._link([text(match["words"])], match["address"]))
            else:
                made.append(strong(self.inlines(match["strong"])))
        if last < len(words):
            made.append(text(words[last:]))
        return made

    def reference(self, exhibit_id: str, shown: str = "") -> Node:
        """Return the number of an exhibit as a link to it."""
        words = [text(shown or self.numbers.get(exhibit_id, "图表"))]
        return link(words, f"#{exhibit_id}") if exhibit_id in self.anchors else span(words)

    def _role(self, name: str, content: str) -> Node:
        target, _, shown = content.partition("|")
        if name == "fact":
            return span([text(shown)], "fact")
        if name == "exhibit-ref":
            return self.reference(target, shown)
        # A term: its words, with the entry of the glossary behind them where they differ.
        return span([text(re.sub(r"\s*<[^>]*>$", "", content))])

    def _link(self, inlines: list[Node], address: str) -> Node:
        if _OUTSIDE.match(address):
            return link(inlines, address)
        path, _, anchor = address.partition("#")
        target = anchor or self.pages.get(path.rsplit("/", 1)[-1], "")
        return link(inlines, f"#{target}") if target in self.anchors else span(inlines)

    def _blocks(self, tokens: list[Token]) -> list[Node]:
        made: list[Node] = []
        anchor = ""
        i = 0
        while i < len(tokens):
            token = tokens[i]
            end = _closing(tokens, i)
            inner = tokens[i + 1 : end]
            if token.type == "myst_target":
                anchor = token.content
            elif token.type == "heading_open":
                level = int(token.tag[1:])
                words = self._inline(inner[0].children or [])
                number = self.number_heading(level)
                if number:
                    words = [span([text(number)], "heading-number"), text("　"), *words]
                made.append(header(level, words, anchor))
                anchor = ""
            elif token.type == "paragraph_open":
                words = self._inline(inner[0].children or [])
                made.append(plain(words) if token.hidden else para(words))
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                made.append(self._list(token, inner))
            elif token.type == "blockquote_open":
                made.append({"t": "BlockQuote", "c": self._blocks(inner)})
            elif token.type == "table_open":
                made.append(self._table(inner))
            elif token.type in ("fence", "colon_fence"):
                made += self._fence(token.info.strip(), token.content)
            elif token.type == "code_block":
                made.append({"t": "CodeBlock", "c": [attributes(), token.content]})
            elif token.type == "math_block":
                made.append(para([_math(token.content, "DisplayMath")]))
            i = end + 1
        return made

    def _list(self, opening: Token, tokens: list[Token]) -> Node:
        items = []
        i = 0
        while i < len(tokens):
            end = _closing(tokens, i)
            items.append(self._blocks(tokens[i + 1 : end]))
            i = end + 1
        if opening.type == "bullet_list_open":
            return {"t": "BulletList", "c": items}
        start = int(opening.attrs.get("start", 1))
        return {"t": "OrderedList", "c": [[start, {"t": "Decimal"}, {"t": "Period"}], items]}

    def _table(self, tokens: list[Token]) -> Node:
        rows: list[list[list[Node]]] = []
        for i, token in enumerate(tokens):
            if token.type == "tr_open":
                rows.append([])
            elif token.type in ("th_open", "td_open"):
                rows[-1].append(self._inline(tokens[i + 1].children or []))
        texts = [[plain_words(words) for words in row] for row in rows]
        widths = column_widths(texts[0], texts[1:], [False] * len(texts[0]))
        columns = [("AlignLeft", share) for share in widths.shares]
        head, *body = [
            [cell([div([plain(words)], *classes, custom_style=style)]) for words in row]
            for row, (style, *classes) in zip(
                rows, [("表头", "pb-head"), *[("表格文字",)] * len(rows)], strict=False
            )
        ]
        return div([table(columns, [head], body, "exhibit-table")], "pb-table", size=str(widths.size))

    def _fence(self, info: str, content: str) -> list[Node]:
        match = _DIRECTIVE.match(info)
        if match is None:
            return [{"t": "CodeBlock", "c": [attributes(), content.rstrip("\n")]}]
        name, argument = match.groups()
        if name == "exhibit":
            return self.exhibit(argument.strip())
        if name == "raw":
            return self.raw(content)
        lines = content.splitlines()
        while lines and _OPTION.match(lines[0]):
            lines.pop(0)
        body = "\n".join(lines)
        if name == "rst-class":
            return [div(self.blocks(body), "pb-lead", custom_style="导语")]
        if name == "glossary":
            return [_glossary(body, self)]
        kind = "pb-policy" if argument == POLICY_TITLE else "pb-note"
        title = div([plain(self.inlines(argument))], f"{kind}-title", custom_style="说明标题")
        return [div([title, div(self.blocks(body), f"{kind}-text", custom_style="说明文字")], kind)]

    def _inline(self, tokens: list[Token]) -> list[Node]:
        made: list[Node] = []
        i = 0
        while i < len(tokens):
            token = tokens[i]
            end = _closing(tokens, i)
            inner = tokens[i + 1 : end]
            if token.type == "myst_role":
                made.append(self._role(token.meta["name"], token.content))
            elif token.type == "strong_open":
                made.append(strong(self._inline(inner)))
            elif token.type == "em_open":
                made.append({"t": "Emph", "c": self._inline(inner)})
            elif token.type == "link_open":
                made.append(self._link(self._inline(inner), str(token.attrs.get("href", ""))))
            elif token.type == "code_inline":
                made.append(code(token.content))
            elif token.type == "math_inline":
                made.append(_math(token.content, "InlineMath"))
            elif token.type == "softbreak":
                if not _stands_between_wide(tokens, i):
                    made.append({"t": "Space"})
            elif token.type == "hardbreak":
                made.append({"t": "LineBreak"})
            elif token.content:
                made.append(text(token.content))
            i = end + 1
        return made


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.colon_fence import colon_fence_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.myst_blocks import myst_block_plugin
    from mdit_py_plugins.myst_role import myst_role_plugin

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    return parser.use(myst_role_plugin).use(myst_block_plugin).use(dollarmath_plugin).use(colon_fence_plugin)


def _closing(tokens: list[Token], start: int) -> int:
    """Return the index of the token that closes the one at an index; its own for one that opens nothing."""
    depth = 0
    for i in range(start, len(tokens)):
        depth += tokens[i].nesting
        if depth == 0:
            return i
    return len(tokens)


def _stands_between_wide(tokens: list[Token], i: int) -> bool:
    """Whether a line of the source was broken between two Chinese signs, where no space belongs."""
    before = tokens[i - 1].content[-1:] if i else ""
    after = tokens[i + 1].content[:1] if i + 1 < len(tokens) else ""
    return any(sign and unicodedata.east_asian_width(sign) in "WF" for sign in (before, after))


def _math(formula: str, kind: str) -> Node:
    return {"t": "Math", "c": [{"t": kind}, formula.strip()]}


def _glossary(body: str, converter: Converter) -> Node:
    entries: list[list[Any]] = []
    terms: list[str] = []
    for line in body.splitlines():
        if line.startswith(" "):
            if terms:
                entries.append([converter.inlines("、".join(terms)), [[]]])
                terms = []
            entries[-1][1][0] += [para(nodes) for nodes in _term_texts(line.strip(), converter)]
        elif line.strip():
            terms.append(line.strip())
    return {"t": "DefinitionList", "c": entries}


def _term_texts(line: str, converter: Converter) -> list[list[Node]]:
    return [block["c"] for block in converter.blocks(line) if block["t"] in ("Para", "Plain")]
