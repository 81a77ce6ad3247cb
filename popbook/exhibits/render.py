"""Drawing: a figure becomes SVG for both layouts, PNG and PDF; an exhibit becomes the HTML of a page.

The converter's SVG is rewritten here: one Chinese title and description instead of English element descriptions, ids
that are unique on the page and the same in every build, the shipped typeface, and nothing that is not drawn.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import vl_convert
from altair.utils.schemapi import debug_mode

from popbook.exhibits.citations import concept_words
from popbook.exhibits.drawer import draw
from popbook.exhibits.drawing import HALO, framed_specs
from popbook.exhibits.fonts import FALLBACK, FAMILY, font_face_css, register_fonts
from popbook.exhibits.inline import inline_html
from popbook.exhibits.kept import kept
from popbook.exhibits.lettering import with_texts, without_texts
from popbook.exhibits.model import NARROW, WIDE, Figure, Layout
from popbook.exhibits.outlines import with_outlines
from popbook.exhibits.tables import cells_html, csv_cells
from popbook.exhibits.theme import PAPER

PNG_SCALE = 2.0
# More sources than this are folded behind the names of their publishers.
SHOWN_SOURCES = 4
LAYOUTS = (WIDE, NARROW)
DOWNLOADS = {
    "figure": (
        ("chart.svg", "SVG图"),
        ("chart.png", "PNG图"),
        ("data.csv", "CSV数据"),
        ("data.xlsx", "Excel数据"),
    ),
    "table": (("data.csv", "CSV数据"), ("data.xlsx", "Excel数据")),
}

_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_EMPTY_BACKGROUND = re.compile(r'<path class="(?:background|foreground)"[^>]*?/>')
_ENGLISH = re.compile(
    r' (?:aria-roledescription|aria-label|aria-hidden|role|class|pointer-events|opacity)="(?:(?<=opacity=")1|[^"]*)"'
)
_PLACE = r'( text-anchor="\w+" transform="[^"]+")'
_RIM = re.compile(rf'<text{_PLACE}[^>]*stroke-width="{HALO}"[^>]*>([^<]*)</text>')
_TEXT = re.compile(rf"<text{_PLACE}([^>]*)>([^<]*)</text>")
_OPENING = re.compile(
    r'(<svg [^>]*?)width="(\d+)" height="(\d+)" viewBox="0 0 \2 \3"(><g [^>]*?transform="translate\(\d+,)(\d+)\)"'
)
"""How the converter begins a drawing: width, height, and how far down the plot begins."""

_FIRST_LAYER = re.compile(r'<g class="mark-\w+ role-mark layer_0_marks"')

_DEFAULTS = (' stroke-miterlimit="10"', ' fill-opacity="1"', ' stroke-opacity="1"')


def figure_specs(figure: Figure, layout: Layout, titled: Sequence[bool] = (True,)) -> list[dict[str, Any]]:
    """Return complete Vega-Lite specifications of a figure in a layout, drawn once.

    Parameters
    ----------
    figure
        Figure to draw.
    layout
        Layout to draw for.
    titled
        For each specification whether the title stands in the drawing (files) or above it (pages); the subtitle always
        stands in it.
    """
    # Checking every mark against the schema takes a third of the time of a drawing; a test checks one of every kind.
    with debug_mode(False):
        titles = [figure.title if wanted else "" for wanted in titled]
        specs = framed_specs(figure.draw(layout), titles, figure.subtitle, layout)
    for spec in specs:
        spec["description"] = figure.alt
    return specs


def draw_svg(spec: Mapping[str, Any], exhibit_id: str, layout: Layout, title: str, description: str) -> str:
    """Draw a specification as SVG for inlining in a page.

    Parameters
    ----------
    spec
        Vega-Lite specification.
    exhibit_id
        Exhibit id; prefixes every id in the drawing.
    layout
        Layout of the drawing; its name is put into the class.
    title, description
        Chinese name and description for screen readers.

    Returns
    -------
    str
        SVG element with role ``img``; the same specification gives the same bytes.
    """
    return clean_svg(_svg(spec), exhibit_id, layout.name, title, description)


def clean_svg(svg: str, exhibit_id: str, variant: str, title: str, description: str) -> str:
    """Rewrite the converter's SVG: accessible name, unique ids, shipped typeface, no dead markup."""
    prefix = f"{exhibit_id}-{variant}"
    opening = re.match(r"<svg[^>]*>", svg)
    if opening is None:
        raise ValueError(f"{exhibit_id}: the converter returned no SVG")
    sizes = re.search(r'width="([\d.]+)" height="([\d.]+)" viewBox="([^"]+)"', opening.group())
    if sizes is None:
        raise ValueError(f"{exhibit_id}: the drawing has no size")
    width, height, view = sizes.groups()
    body = svg[opening.end() : svg.rindex("</svg>")]
    body = _EMPTY_BACKGROUND.sub("", body)
    body = _ENGLISH.sub(lambda m: m.group() if _is_drawn_opacity(m.group()) else "", body)
    for default in _DEFAULTS:
        body = body.replace(default, "")
    body = body.replace(f' font-family="{FAMILY}"', "")
    body = _merge_halos(body)
    body = re.sub(r'font-size="([\d.]+)px"', r'font-size="\1"', body)
    body = _NUMBER.sub(lambda m: f"{float(m.group()):.2f}".rstrip("0").rstrip("."), body)
    body = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", body)
    body = re.sub(r"<g></g>|<g transform=\"translate\([^)]*\)\"></g>", "", body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pb-chart pb-{variant}" width="{width}" height="{height}"'
        f' viewBox="{view}" role="img" aria-labelledby="{prefix}-title {prefix}-desc" font-family="{html.escape(FALLBACK)}">'
        f'<title id="{prefix}-title">{html.escape(title)}</title>'
        f'<desc id="{prefix}-desc">{html.escape(description)}</desc>{body}</svg>'
    )


def _merge_halos(body: str) -> str:
    """Turn a text drawn twice, rim and fill, into one text whose rim is painted first."""
    rims = {(m[1], m[2]) for m in _RIM.finditer(body)}
    body = _RIM.sub("", body)

    def add_rim(match: re.Match[str]) -> str:
        if (match[1], match[3]) not in rims:
            return match.group()
        rim = f'stroke="{PAPER}" stroke-width="{HALO}" stroke-linejoin="round" paint-order="stroke"'
        return f"<text{match[1]} {rim}{match[2]}>{match[3]}</text>"

    return _TEXT.sub(add_rim, body)


def _is_drawn_opacity(attribute: str) -> bool:
    return attribute.startswith(' opacity="') and attribute != ' opacity="1"'


def add_paper(svg: str) -> str:
    """Return a drawing on white paper, for files that are used outside the page."""
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if size is None:
        raise ValueError("the drawing has no view box")
    paper = f'<rect width="{size[1]}" height="{size[2]}" fill="{PAPER}"/>'
    return svg.replace("</desc>", "</desc>" + paper, 1)


def drawn_text(svg: str) -> str:
    """Return all characters that a drawing shows."""
    return "".join(html.unescape(part) for part in re.findall(r"<text[^>]*>([^<]*)", svg))


def standalone_svg(svg: str) -> str:
    """Return a drawing as a file of its own: white paper, and the needed characters of the typeface embedded."""
    text = drawn_text(svg)
    style = f"<style>{font_face_css(text)}</style>"
    return add_paper(svg).replace("</desc>", "</desc>" + style, 1) + "\n"


def png(svg: str, scale: float = PNG_SCALE) -> bytes:
    """Return a drawing as PNG on white paper, at twice its size by default."""

    def draw() -> bytes:
        register_fonts()
        return bytes(vl_convert.svg_to_png(with_outlines(add_paper(svg)), scale=scale))

    return kept("png", svg, str(scale), make=draw)


def pdf(svg: str) -> bytes:
    """Return a drawing as PDF on white paper, text as text."""
    register_fonts()
    return bytes(vl_convert.svg_to_pdf(add_paper(svg)))


def draw_figure(figure: Figure) -> dict[str, Any]:
    """Draw a figure in all its variants.

    Returns
    -------
    dict
        ``spec`` with ``wide`` and ``narrow`` (as in the page) and ``titled``; ``svg`` with ``wide`` and ``narrow`` for
        the page (title above the drawing, as caption) and ``titled`` for files.
    """
    wide, titled = figure_specs(figure, WIDE, (False, True))
    (narrow,) = figure_specs(figure, NARROW, (False,))
    drawn = {"wide": _svg(wide), "narrow": _svg(narrow)}
    drawn["titled"] = _add_title(drawn["wide"], wide, titled) or _svg(titled)
    return {
        "spec": {"wide": wide, "narrow": narrow, "titled": titled},
        "svg": {
            variant: clean_svg(svg, figure.id, variant, figure.title, figure.alt)
            for variant, svg in drawn.items()
        },
    }


def _add_title(svg: str, spec: Mapping[str, Any], titled: Mapping[str, Any]) -> str | None:
    """Return the drawing of a specification with the title of another that differs in nothing else; None if it cannot.

    The converter would draw the same chart a second time to set one or two lines of text above it.
    """
    opening, first = _OPENING.match(svg), _FIRST_LAYER.search(svg)
    if opening is None or first is None:
        return None
    head, width, height, root, top = opening.groups()
    room = titled["padding"]["top"] - spec["padding"]["top"]
    size = f'width="{width}" height="{int(height) + room}" viewBox="0 0 {width} {int(height) + room}"'
    added = titled["layer"][: len(titled["layer"]) - len(spec["layer"])]
    lines = [
        _text_mark(layer["mark"], row) for layer in added for row in titled["datasets"][layer["data"]["name"]]
    ]
    body = f"{svg[opening.end() : first.start()]}{''.join(lines)}{svg[first.start() :]}"
    return f'{head}{size}{root}{int(top) + room})"{body}'


def _text_mark(mark: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    # The converter sets the foot of a text that is centred on a place three tenths of its size below it, in whole pixels.
    foot = round(row["py"] + math.floor(0.3 * mark["fontSize"] + 0.5), 2)
    return (
        f'<g><text text-anchor="start" transform="translate({row["px"]},{foot:g})" font-family="{FAMILY}"'
        f' font-size="{mark["fontSize"]:g}px" font-weight="{mark["fontWeight"]}" fill="{row["c"]}">'
        f"{html.escape(row['t'], quote=False)}</text></g>"
    )


def _svg(spec: Mapping[str, Any]) -> str:
    emptied, texts = without_texts(spec)
    return with_texts(_converted(emptied), texts) or _converted(spec)


def _converted(spec: Mapping[str, Any]) -> str:
    text = json.dumps(spec, ensure_ascii=False)
    return kept("svg", text, make=lambda: draw(text)).decode()


def exhibit_html(
    bundle: Mapping[str, Any],
    number: str,
    root: str = "",
    *,
    numbers: Mapping[str, str] | None = None,
    standalone: bool = False,
) -> str:
    """Return an exhibit as it stands in a page: caption, drawing or table, source, notes, data, downloads.

    Parameters
    ----------
    bundle
        Exhibit as made by :meth:`popbook.exhibits.report.Report.bundle`.
    number
        Printed number ("图 1-3").
    root
        Relative address of the edition's folder ("../" from ``chapters/x.html``).
    numbers
        Numbers of other exhibits by id, for references in cells and notes.
    standalone
        Whether this is the exhibit's own landing page (no link to itself).

    Returns
    -------
    str
        ``<figure id="fig-…" class="pb-exhibit">``, without scripts, event handlers or inline styles.
    """
    title = inline_html(bundle["title"], numbers, root)
    caption = f'<span class="pb-number">{html.escape(number)}</span>　<span class="pb-title">{title}</span>'
    home = f"{root}exhibits/{bundle['id']}/"
    if bundle["kind"] == "figure":
        data = cells_html(
            csv_cells(bundle["data"]),
            f"{html.escape(number)} 数据",
            hidden_caption=True,
            numbers=numbers,
            root=root,
        )
        middle = (
            f'<figcaption class="pb-caption">{caption}</figcaption>'
            f'<div class="pb-drawing">{bundle["svg"]["wide"]}{bundle["svg"]["narrow"]}</div>'
            '<div class="pb-live pb-chart" hidden></div>'
        )
        details = f'<details class="pb-data"><summary>数据表</summary>{data}</details>'
        live = (
            f'<button type="button" class="pb-live-button" data-spec="{home}spec.js"'
            f' data-bundle="{root}_static/vega-bundle.js" aria-pressed="false" hidden>交互视图</button>'
        )
    else:
        middle = cells_html(bundle["cells"], caption, numbers=numbers, root=root)
        details = live = ""
    links = [f'<a href="{home}{name}" download>{label}</a>' for name, label in DOWNLOADS[bundle["kind"]]]
    if not standalone:
        links.append(f'<a href="{home}index.html" data-cite="{bundle["id"]}">口径与引用</a>')
    shown = (
        f'{middle}<div class="pb-under">{notes_html(bundle, numbers, root)}'
        f'<p class="pb-actions">{live}{"".join(links)}</p>{details}</div>'
    )
    if bundle.get("folded") and not standalone:
        shown = f'<details class="pb-folded"><summary>列成表：{caption}</summary>{shown}</details>'
    return f'<figure id="{bundle["id"]}" class="pb-exhibit pb-{bundle["kind"]}">{shown}</figure>'


def notes_html(bundle: Mapping[str, Any], numbers: Mapping[str, str] | None = None, root: str = "") -> str:
    """Return notes and source line of an exhibit."""
    notes = [inline_html(note, numbers, root) for note in bundle["notes"]]
    parts = []
    if len(notes) == 1:
        parts.append(f'<p class="pb-notes">注：{notes[0]}</p>')
    elif notes:
        parts.append(
            '<p class="pb-notes">注：' + "".join(f"（{i}）{note}" for i, note in enumerate(notes, 1)) + "</p>"
        )
    words = html.escape(bundle["sources_text"])
    if len(bundle["sources"]) > SHOWN_SOURCES:
        publishers = html.escape("、".join(bundle["publishers"]))
        parts.append(
            f'<details class="pb-source"><summary>资料来源：{publishers}，共{len(bundle["sources"])}种资料</summary>'
            f"<p>{words}。</p></details>"
        )
    elif words:
        parts.append(f'<p class="pb-source">资料来源：{words}。</p>')
    return "".join(parts)


def concept_line(bundle: Mapping[str, Any]) -> str:
    """Return place, years, population concept and unit of an exhibit in one line."""
    return concept_words(bundle["basis"], bundle["unit"], bundle["region"], bundle["years"])


def spec_script(bundle: Mapping[str, Any]) -> str:
    """Return the script that hands the specifications of a figure to the page when a reader asks for them.

    It is a script and not JSON, because a page opened from disk may load the one but not fetch the other.
    """
    specs = {name: bundle["spec"][name] for name in ("wide", "narrow")}
    text = json.dumps(specs, ensure_ascii=False, sort_keys=True, separators=(",", ":")).replace("</", "<\\/")
    return f"(window.popbookSpecs=window.popbookSpecs||{{}})[{json.dumps(bundle['id'])}]={text};\n"
