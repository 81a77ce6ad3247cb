"""The style template of the Word documents, made by code: styles an office can edit, after the habits of GB/T 9704.

Names of fonts are those a Chinese Windows has (仿宋, 黑体, 楷体, 宋体) with the names that stand in elsewhere; the margins
are 37, 35, 28 and 26 mm, the pitch of the lines 28.95 points where the text is set in size three (16 points).
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from xml.sax.saxutils import escape

ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_P = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

LATIN = "Times New Roman"
SONG, FANG, HEI, KAI, TITLE_SONG = "宋体", "仿宋", "黑体", "楷体", "方正小标宋简体"
ALTERNATIVES = {
    SONG: "SimSun,Noto Serif CJK SC",
    FANG: "FangSong,仿宋_GB2312,FangSong_GB2312",
    HEI: "SimHei,Noto Sans CJK SC",
    KAI: "KaiTi,楷体_GB2312,KaiTi_GB2312",
    TITLE_SONG: "方正小标宋_GBK,华文中宋,宋体",
}
STATUS_COLOURS = {
    "met": "1B6E3C",
    "likely": "1B6E3C",
    "risk": "8A5A00",
    "unlikely": "B03A00",
    "missed": "A11D1D",
    "breached": "A11D1D",
    "unpublished": "595959",
    "unassessed": "595959",
}


@dataclass(frozen=True)
class PageStyle:
    """Sizes of a kind of document.

    Parameters
    ----------
    body
        Size of the text in points.
    pitch
        Distance of its lines in points.
    title, heading
        Sizes of the title or the headings of chapters, and of the headings of sections.
    table
        Size of the text of tables.
    margins
        Top, bottom, left and right margin in millimetres.
    is_book
        Whether chapters begin on a page of their own and the first page is a cover.
    """

    body: float = 16
    pitch: float = 28.95
    title: float = 18
    heading: float = 16
    table: float = 9
    margins: tuple[float, float, float, float] = (37, 35, 28, 26)
    is_book: bool = True


TABLE_SIZES = (9.0, 8.0, 7.0)
"""Sizes of the text of tables in points."""


def sized_style(name: str, size: float) -> str:
    """Return the name of a style for tables at a size.

    Examples
    --------
    >>> sized_style("表格文字", 9.0), sized_style("表格文字", 8.0)
    ('表格文字', '表格文字8磅')
    """
    return name if size == TABLE_SIZES[0] else f"{name}{size:g}磅"


REPORT_STYLE = PageStyle()
BRIEF_STYLE = PageStyle(
    body=9.5, pitch=14.5, title=16, heading=10.5, table=8, margins=(20, 18, 28, 26), is_book=False
)
EXHIBIT_STYLE = PageStyle(body=12, pitch=22, title=16, heading=14, is_book=False)


def _fonts(chinese: str) -> str:
    return f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:cs="{LATIN}" w:eastAsia="{chinese}" w:hint="eastAsia"/>'


def _run(font: str, size: float, *, bold: bool = False, colour: str = "") -> str:
    return (
        "<w:rPr>"
        + _fonts(font)
        + ("<w:b/><w:bCs/>" if bold else "")
        + (f'<w:color w:val="{colour}"/>' if colour else '<w:color w:val="000000"/>')
        + f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/></w:rPr>'
    )


def _lines(pitch: float, *, exact: bool = True, before: float = 0, after: float = 0) -> str:
    rule = "exact" if exact else "atLeast"
    return (
        f'<w:spacing w:before="{round(before * 20)}" w:after="{round(after * 20)}"'
        f' w:line="{round(pitch * 20)}" w:lineRule="{rule}"/>'
    )


def _style(name: str, properties: str, run: str, *, based: str = "Normal", following: str = "") -> str:
    identifier = _IDS.get(name, name)
    after = f'<w:next w:val="{following}"/>' if following else ""
    base = f'<w:basedOn w:val="{based}"/>' if based and identifier != "Normal" else ""
    default = ' w:default="1"' if identifier == "Normal" else ' w:customStyle="1"' if name not in _IDS else ""
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{escape(identifier)}"><w:name w:val="{escape(name)}"/>'
        f"{base}{after}<w:qFormat/><w:pPr>{properties}</w:pPr>{run}</w:style>"
    )


_IDS = {
    "Normal": "Normal",
    "Body Text": "BodyText",
    "First Paragraph": "FirstParagraph",
    "Compact": "Compact",
    "heading 1": "Heading1",
    "heading 2": "Heading2",
    "heading 3": "Heading3",
    "heading 4": "Heading4",
    "Block Text": "BlockText",
    "Definition Term": "DefinitionTerm",
    "Definition": "Definition",
    "toc 1": "TOC1",
    "toc 2": "TOC2",
    "TOC Heading": "TOCHeading",
    "header": "Header",
    "footer": "Footer",
    "Source Code": "SourceCode",
}


def styles_xml(style: PageStyle) -> str:
    """Return ``word/styles.xml``.

    Parameters
    ----------
    style
        Sizes of the document.
    """
    indent = f'<w:ind w:firstLineChars="200" w:firstLine="{round(style.body * 40)}"/>'
    flush = '<w:ind w:firstLineChars="0" w:firstLine="0"/>'
    free = '<w:snapToGrid w:val="0"/>'
    keep = "<w:keepNext/><w:keepLines/>"
    small = style.table
    tight = small * 1.3
    body = _run(FANG, style.body)
    newpage = "<w:pageBreakBefore/>" if style.is_book else ""
    small_body = min(style.body, 12)
    note = f'<w:shd w:val="clear" w:color="auto" w:fill="F3F5F8"/>{free}'

    def table_text(name: str, align: str, size: float, font: str, keep_next: bool) -> str:
        together = "<w:keepNext/>" if keep_next else ""
        return _style(
            name,
            f'{together}{free}{_lines(size * 1.3)}{flush}<w:jc w:val="{align}"/>',
            _run(font, size),
        )

    parts = [
        _style("Normal", _lines(style.pitch) + '<w:jc w:val="both"/>', body),
        _style("Body Text", indent, body),
        _style("First Paragraph", indent, body, based="BodyText", following="BodyText"),
        _style("Compact", _lines(style.pitch), body),
        _style(
            "heading 1",
            f"{newpage}{keep}{free}{_lines(style.title * 1.5, exact=False, after=12 if style.is_book else 5)}{flush}"
            '<w:jc w:val="center"/><w:outlineLvl w:val="0"/>',
            _run(TITLE_SONG, style.title),
            following="BodyText",
        ),
        _style(
            "heading 2",
            f"{keep}{free}{_lines(style.heading * 1.5, exact=False, before=style.heading * 0.6, after=style.heading * 0.25)}"
            f'{flush}<w:jc w:val="left"/><w:outlineLvl w:val="1"/>',
            _run(HEI, style.heading),
            following="BodyText",
        ),
        _style(
            "heading 3",
            f'{keep}{_lines(style.pitch)}{flush}<w:jc w:val="left"/><w:outlineLvl w:val="2"/>',
            _run(KAI, style.heading, bold=True),
            following="BodyText",
        ),
        _style(
            "heading 4",
            f'{keep}{_lines(style.pitch)}{flush}<w:jc w:val="left"/><w:outlineLvl w:val="3"/>',
            _run(FANG, style.body, bold=True),
            following="BodyText",
        ),
        _style("Block Text", f'<w:ind w:left="{round(style.body * 40)}"/>', _run(KAI, style.body)),
        _style("Definition Term", f"{keep}{flush}", _run(HEI, style.body)),
        _style("Definition", f'<w:ind w:left="{round(style.body * 40)}"/>', body),
        _style("Source Code", f"{free}{_lines(small * 1.4)}{flush}", _run(SONG, small)),
        _style("导语", f"{keep}{free}{_lines(style.pitch)}{indent}", _run(KAI, style.body)),
        _style(
            "图", f'<w:keepNext/>{free}{_lines(12, exact=False, before=6)}{flush}<w:jc w:val="center"/>', body
        ),
        _style(
            "图题",
            f'<w:keepLines/>{free}{_lines(tight + 3, exact=False, before=3, after=3)}{flush}<w:jc w:val="center"/>',
            _run(HEI, small + 1.5),
        ),
        _style(
            "表题",
            f'{keep}{free}{_lines(tight + 3, exact=False, before=8, after=3)}{flush}<w:jc w:val="center"/>',
            _run(HEI, small + 1.5),
        ),
        _style(
            "图表注",
            f'{free}{_lines(tight, exact=False, before=2, after=3)}{flush}<w:jc w:val="left"/>',
            _run(SONG, small - 0.5, colour="404040"),
        ),
        *(
            table_text(sized_style(name, size), align, size, font, keep_next)
            for size in TABLE_SIZES
            for name, align, font, keep_next in (
                ("表头", "left", HEI, True),
                ("表头数字", "right", HEI, True),
                ("表头居中", "center", HEI, True),
                ("表格文字", "left", SONG, False),
                ("表格数字", "right", SONG, False),
                ("表格组名", "left", HEI, True),
            )
        ),
        _style(
            "说明标题",
            f"{keep}{note}{_lines(small_body * 1.6, exact=False, before=6)}{flush}",
            _run(HEI, small_body),
        ),
        _style("说明文字", f"{note}{_lines(small_body * 1.6, exact=False)}{flush}", _run(FANG, small_body)),
        _style(
            "封面标题",
            f'{free}{_lines(44, exact=False, before=150, after=12)}{flush}<w:jc w:val="center"/>',
            _run(TITLE_SONG, 26),
        ),
        _style(
            "封面副题",
            f'{free}{_lines(30, exact=False, after=90)}{flush}<w:jc w:val="center"/>',
            _run(KAI, 18),
        ),
        _style("封面信息", f'{free}{_lines(24, exact=False)}{flush}<w:jc w:val="center"/>', _run(FANG, 12)),
        _style(
            "封面说明",
            f'{free}{_lines(18, exact=False, before=40)}{flush}<w:jc w:val="left"/>',
            _run(SONG, 9, colour="404040"),
        ),
        _style(
            "TOC Heading",
            f'{newpage}{_lines(30, exact=False, after=10)}{flush}<w:jc w:val="center"/>',
            _run(TITLE_SONG, 18),
        ),
        _style(
            "toc 1",
            f'{free}<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="8844"/></w:tabs>{_lines(19, exact=False, before=6)}'
            '<w:ind w:left="0" w:right="567" w:firstLineChars="0" w:firstLine="0"/><w:jc w:val="left"/>',
            _run(HEI, 10.5),
        ),
        _style(
            "toc 2",
            f'{free}<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="8844"/></w:tabs>{_lines(16, exact=False)}'
            '<w:ind w:left="420" w:right="567" w:firstLineChars="0" w:firstLine="0"/><w:jc w:val="left"/>',
            _run(FANG, 10.5),
        ),
        _style(
            "header",
            f'{free}{_lines(12, exact=False)}{flush}<w:jc w:val="center"/>',
            _run(SONG, 9, colour="595959"),
        ),
        _style(
            "footer",
            f'{free}{_lines(12, exact=False)}{flush}<w:jc w:val="center"/>',
            _run(SONG, 9, colour="404040"),
        ),
    ]
    characters = [
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/></w:style>',
        '<w:style w:type="character" w:styleId="VerbatimChar"><w:name w:val="Verbatim Char"/><w:rPr>'
        f'<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:eastAsia="{FANG}"/></w:rPr></w:style>',
        '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr>'
        '<w:color w:val="1F4E79"/></w:rPr></w:style>',
        *(
            f'<w:style w:type="character" w:customStyle="1" w:styleId="status-{kind}"><w:name w:val="状态 {kind}"/>'
            f'<w:rPr><w:b/><w:color w:val="{colour}"/></w:rPr></w:style>'
            for kind, colour in STATUS_COLOURS.items()
        ),
    ]
    line = '<w:{} w:val="single" w:sz="{}" w:space="0" w:color="000000"/>'
    table = (
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
        '<w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/>'
        "</w:tblCellMar></w:tblPr></w:style>"
        '<w:style w:type="table" w:styleId="Table"><w:name w:val="Table"/><w:basedOn w:val="TableNormal"/><w:qFormat/>'
        f"<w:tblPr><w:tblBorders>{line.format('top', 8)}{line.format('bottom', 8)}</w:tblBorders>"
        '<w:tblCellMar><w:top w:w="20" w:type="dxa"/><w:left w:w="60" w:type="dxa"/><w:bottom w:w="20" w:type="dxa"/>'
        '<w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
    )
    defaults = f'<w:docDefaults><w:rPrDefault><w:rPr>{_fonts(FANG)}<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
    return f'{_DECLARATION}<w:styles xmlns:w="{_W}">{defaults}{"".join(parts)}{"".join(characters)}{table}</w:styles>'


def _font_table() -> str:
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/><w:pitch w:val="variable"/></w:font>'
        for name, others in ALTERNATIVES.items()
    )
    return f'{_DECLARATION}<w:fonts xmlns:w="{_W}">{fonts}<w:font w:name="{LATIN}"><w:charset w:val="00"/></w:font></w:fonts>'


def _section(style: PageStyle) -> str:
    top, bottom, left, right = (round(margin * 56.693) for margin in style.margins)
    head = '<w:headerReference w:type="default" r:id="rIdHead"/>' if style.is_book else ""
    cover = "<w:titlePg/>" if style.is_book else ""
    return (
        f'<w:sectPr>{head}<w:footerReference w:type="default" r:id="rIdFoot"/><w:pgSz w:w="11906" w:h="16838"/>'
        f'<w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}" w:header="851" w:footer="{min(992, bottom - 400)}" w:gutter="0"/>'
        f'{cover}<w:docGrid w:type="lines" w:linePitch="{round(style.pitch * 20)}"/></w:sectPr>'
    )


def _field(instruction: str) -> str:
    def char(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    return (
        f'{char("begin")}<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>'
        f"{char('separate')}<w:r><w:t>1</w:t></w:r>{char('end')}"
    )


def reference_docx(style: PageStyle, head: str, foot: str) -> bytes:
    """Return the template that pandoc takes styles, page, header and footer from; the same input gives the same bytes.

    Parameters
    ----------
    style
        Sizes of the document.
    head, foot
        Words at the head and at the foot of every page.
    """
    ns = f'xmlns:w="{_W}" xmlns:r="{_R}"'
    types = (
        f'{_DECLARATION}<Types xmlns="{_P}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_OFFICE}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{_OFFICE}.styles+xml"/>'
        f'<Override PartName="/word/settings.xml" ContentType="{_OFFICE}.settings+xml"/>'
        f'<Override PartName="/word/fontTable.xml" ContentType="{_OFFICE}.fontTable+xml"/>'
        f'<Override PartName="/word/header1.xml" ContentType="{_OFFICE}.header+xml"/>'
        f'<Override PartName="/word/footer1.xml" ContentType="{_OFFICE}.footer+xml"/></Types>'
    )
    relations = "".join(
        f'<Relationship Id="{name}" Type="{_R}/{kind}" Target="{target}"/>'
        for name, kind, target in (
            ("rIdStyles", "styles", "styles.xml"),
            ("rIdSettings", "settings", "settings.xml"),
            ("rIdFonts", "fontTable", "fontTable.xml"),
            ("rIdHead", "header", "header1.xml"),
            ("rIdFoot", "footer", "footer1.xml"),
        )
    )
    head_words = f'<w:r><w:t xml:space="preserve">{escape(head)}</w:t></w:r>'
    foot_words = f'<w:r><w:rPr><w:sz w:val="15"/></w:rPr><w:t xml:space="preserve">{escape(foot)}</w:t></w:r>'
    number = f'<w:r><w:t xml:space="preserve">— </w:t></w:r>{_field("PAGE")}<w:r><w:t xml:space="preserve"> —</w:t></w:r>'
    foot_paragraphs = (
        f'<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{number}</w:p>'
        f'<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{foot_words}</w:p>'
    )
    parts = {
        "[Content_Types].xml": types,
        "_rels/.rels": (
            f'{_DECLARATION}<Relationships xmlns="{_P}/relationships">'
            f'<Relationship Id="rId1" Type="{_R}/officeDocument" Target="word/document.xml"/></Relationships>'
        ),
        "word/document.xml": f"{_DECLARATION}<w:document {ns}><w:body><w:p/>{_section(style)}</w:body></w:document>",
        "word/styles.xml": styles_xml(style),
        "word/settings.xml": (
            f'{_DECLARATION}<w:settings {ns}><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/>'
            '<w:characterSpacingControl w:val="compressPunctuation"/>'
            '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word"'
            ' w:val="15"/></w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
        ),
        "word/fontTable.xml": _font_table(),
        "word/header1.xml": (
            f'{_DECLARATION}<w:hdr {ns}><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>{head_words}</w:p></w:hdr>'
        ),
        "word/footer1.xml": f"{_DECLARATION}<w:ftr {ns}>{foot_paragraphs}</w:ftr>",
        "word/_rels/document.xml.rels": f'{_DECLARATION}<Relationships xmlns="{_P}/relationships">{relations}</Relationships>',
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content.encode())
    return buffer.getvalue()
