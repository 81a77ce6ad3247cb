"""The page of one exhibit: figure, table or number, its concept, how to cite it, what to download; works from disk.

It is the exhibit's permanent address. Where no script runs, it is also the cite box.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from typing import Any

from popbook.exhibits.citable import SENTENCE, Citation
from popbook.exhibits.imprint import Imprint, footer_html
from popbook.exhibits.inline import plain_text
from popbook.exhibits.linked_data import dataset_json
from popbook.exhibits.render import concept_line, exhibit_html
from popbook.ledger.model import BASIS_ZH, REFERENCE_ZH

STYLE_NAMES = {
    SENTENCE: "文中引用句",
    "gbt7714-2025": "GB/T 7714—2025",
    "gbt7714-2015": "GB/T 7714—2015",
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl-json": "CSL-JSON",
}
"""Styles of a citation in the order in which readers see them, and their names."""

CITE_FILES = {
    "gbt7714-2025": "cite.txt",
    "bibtex": "cite.bib",
    "ris": "cite.ris",
    "csl-json": "cite.json",
}
"""Styles that have a file in the folder of a figure or table."""


def exhibit_page(
    bundle: Mapping[str, Any],
    citation: Citation,
    imprint: Imprint,
    *,
    root: str = "../../",
    page: str = "",
    numbers: Mapping[str, str] | None = None,
) -> str:
    """Return the page of a figure or table.

    Parameters
    ----------
    bundle
        Exhibit as made by :meth:`popbook.exhibits.report.Report.bundle`, with its printed ``number``.
    citation
        How it is cited.
    imprint
        Edition and revision.
    root
        Relative address of the edition's folder.
    page
        Page of the report where the exhibit stands, relative to the edition's folder.
    numbers
        Numbers of other exhibits by id, for references.
    """
    exhibit = exhibit_html(bundle, bundle["number"], root, numbers=numbers, standalone=True)
    # A link to another section is meant for the page where the exhibit stands.
    exhibit = exhibit.replace('href="#', f'href="{root}{page or "index.html"}#')
    rows = [("编号", bundle["id"]), ("口径", concept_line(bundle))]
    rows += [
        (
            indicator["name"],
            f"{indicator['definition']}（{BASIS_ZH.get(indicator['basis'], '')}，"
            f"{REFERENCE_ZH.get(indicator['reference'], '')}，单位：{indicator['unit']}）",
        )
        for indicator in bundle["indicators"]
    ]
    alt = f"<h2>文字说明</h2><p>{html.escape(bundle['alt'])}</p>" if bundle["kind"] == "figure" else ""
    files = "".join(f'<a href="{name}" download>{name}</a>' for name in CITE_FILES.values())
    body = (
        f'<h1 class="pb-hidden">{html.escape(citation.name)}</h1>\n{exhibit}\n{alt}\n'
        f"<h2>口径</h2>\n{_definitions([*rows, *_imprint_rows(imprint)])}\n"
        f'<h2>引用</h2>\n{citations_html(citation)}\n<p class="pb-actions">著录文件：{files}'
        f'<a href="meta.json" download>meta.json</a></p>'
    )
    data = dataset_json(citation, imprint, plain_text(bundle["alt"]), bundle)
    return _document(citation, imprint, body, root=root, page=page, alt=plain_text(bundle["alt"]), data=data)


def fact_page(citation: Citation, imprint: Imprint, *, root: str = "../../", page: str = "") -> str:
    """Return the page of one number.

    Parameters
    ----------
    citation
        How it is cited.
    imprint
        Edition and revision.
    root
        Relative address of the edition's folder.
    page
        Page of the report that states it first, relative to the edition's folder.
    """
    body = (
        f"<h1>{html.escape(citation.name)}</h1>\n"
        f'<p class="pb-value">{html.escape(citation.value)}</p>\n'
        f"<h2>口径</h2>\n{_definitions([*citation.concept[1:], ('编号', citation.id), *_imprint_rows(imprint)])}\n"
        f"<h2>引用</h2>\n{citations_html(citation)}"
    )
    words = f"{citation.name}：{citation.value}"
    data = dataset_json(citation, imprint, words)
    return _document(citation, imprint, body, root=root, page=page, alt=words, data=data)


def moved_page(
    exhibit_id: str, message: str, imprint: Imprint, target: str = "", *, root: str = "../../"
) -> str:
    """Return the page at the address of an exhibit that has another address now, or none.

    Parameters
    ----------
    exhibit_id
        The old identifier.
    message
        What became of it, in Chinese.
    imprint
        Edition and revision.
    target
        Identifier that took its place, or "".
    root
        Relative address of the edition's folder.
    """
    onward = f"../{target}/index.html"
    refresh = f'<meta http-equiv="refresh" content="0; url={onward}">\n' if target else ""
    link = f'<p><a href="{onward}">{html.escape(target)}</a></p>' if target else ""
    body = f"<h1>{html.escape(exhibit_id)}</h1>\n<p>{html.escape(message)}</p>\n{link}"
    return _frame(f"{exhibit_id}", message, imprint, body, root=root, page="", head=refresh)


def citations_html(citation: Citation) -> str:
    """Return all styles of a citation, each as text that can be selected, with a button where scripts run."""
    parts = []
    for style, name in STYLE_NAMES.items():
        text = html.escape(citation.text(style))
        parts.append(
            f'<div class="pb-cite-style"><h3 id="cite-{style}">{name}</h3>'
            f'<button type="button" class="pb-copy" data-copy="cite-{style}-text" hidden>复制</button>'
            f'<pre id="cite-{style}-text" tabindex="0" role="region" aria-labelledby="cite-{style}">{text}</pre></div>'
        )
    return f'<div class="pb-cites">{"".join(parts)}</div>'


def box_script(citations: Iterable[Citation]) -> str:
    """Return the script that hands the citations of a page to its cite box when a reader asks for one.

    It is a script and not JSON, because a page opened from disk may load the one but not fetch the other.

    Parameters
    ----------
    citations
        Exhibits that the page shows.
    """
    items = {
        citation.id: {
            "name": citation.name,
            "value": citation.value,
            "rows": [list(row) for row in citation.brief],
            "texts": [citation.text(style) for style in STYLE_NAMES],
        }
        for citation in sorted(citations, key=lambda each: each.id)
    }
    value = {"styles": list(STYLE_NAMES.values()), "items": items}
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"window.popbookCites={text};\n"


def _imprint_rows(imprint: Imprint) -> list[tuple[str, str]]:
    return [
        ("年度版", f"{imprint.title}，修订号{imprint.revision}"),
        ("数据截止", f"{imprint.cut_off}以前（含当日）公布的资料"),
        ("版本指纹", imprint.fingerprint),
    ]


def _definitions(rows: Iterable[tuple[str, str]]) -> str:
    items = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(words)}</dd>" for name, words in rows)
    return f'<dl class="pb-concept">{items}</dl>'


def _document(
    citation: Citation, imprint: Imprint, body: str, *, root: str, page: str, alt: str, data: str
) -> str:
    # Names that reference managers read from a page.
    named = {
        "citation_title": citation.work.title,
        "citation_author": citation.work.author,
        "citation_publication_date": citation.work.date.replace("-", "/"),
        "citation_public_url": citation.work.address,
    }
    head = "".join(
        f'<meta name="{name}" content="{html.escape(text)}">\n' for name, text in named.items() if text
    )
    if citation.work.address:
        head += f'<link rel="canonical" href="{html.escape(citation.work.address)}">\n'
    head += f'<script type="application/ld+json">{data}</script>\n'
    anchor = f"{page}#{citation.id}" if page else ""
    return _frame(citation.name, alt, imprint, body, root=root, page=anchor, head=head)


def _frame(
    title: str, description: str, imprint: Imprint, body: str, *, root: str, page: str, head: str
) -> str:
    back = f'<a href="{root}{page}">← 回到正文</a>' if page else f'<a href="{root}index.html">← 回到报告</a>'
    report = html.escape(imprint.title)
    return f"""<!DOCTYPE html>
<html lang="zh-CN" data-content_root="{root}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{html.escape(description)}">
<title>{html.escape(title)} - {report}</title>
<script src="{root}_static/colour.js"></script>
<link rel="icon" href="{root}_static/favicon.svg">
<link rel="stylesheet" href="{root}_static/fonts/fonts.css">
<link rel="stylesheet" href="{root}_static/exhibits.css">
<script src="{root}_static/exhibits.js" defer></script>
<script src="{root}_static/cite.js" defer></script>
<script src="{root}_static/popbook.js" defer></script>
<script src="{root}_static/found.js" defer></script>
<script src="{root}../editions.js" defer></script>
{head}</head>
<body class="pb-landing">
<a class="pb-skip" href="#main">跳到内容</a>
<header><p><a href="{root}index.html">{report}</a></p><p>{back}</p>{editions_menu(imprint, root)}</header>
<p class="pb-banner" id="pb-banner" hidden></p>
<main id="main">
{body}
</main>
<footer>{footer_html(imprint)}</footer>
</body>
</html>
"""


def editions_menu(imprint: Imprint, root: str) -> str:
    """Return the switcher between editions as it stands before its script has run."""
    return (
        f'<details class="pb-editions" id="pb-editions" data-edition="{imprint.edition}"'
        f' data-revision="{html.escape(imprint.revision)}"><summary>{imprint.edition}年度版</summary>'
        f'<ul><li><a href="{root}../index.html">最新年度版</a></li></ul></details>'
    )
