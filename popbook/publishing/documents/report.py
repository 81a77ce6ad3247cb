"""The report: cover, contents, and every page of the edition."""

from __future__ import annotations

from popbook.exhibits.citable import report_work
from popbook.exhibits.imprint import Imprint
from popbook.exhibits.references import STYLES
from popbook.publishing.documents.manuscript import Manuscript
from popbook.publishing.documents.tree import Node, div, para, text


def report_blocks(manuscript: Manuscript) -> list[Node]:
    """Return the whole report as blocks.

    Parameters
    ----------
    manuscript
        Pages and exhibits of the edition.
    """
    blocks = [cover(manuscript.imprint), div([], "pb-contents")]
    for page, parts in manuscript.parts():
        name = "　".join(filter(None, (page.label, page.title)))
        # Behind the heading, which begins the page whose head names it.
        blocks += [parts[0], div([], "pb-run", name=name), *parts[1:]]
    return blocks


def cover(imprint: Imprint) -> Node:
    """Return the cover: what it is, which edition and revision, how to cite it, what it is not.

    Parameters
    ----------
    imprint
        Edition and revision.
    """
    title, _, rest = imprint.title.partition("（")
    lines = [
        f"年度版：{imprint.edition}年度",
        f"修订号：{imprint.revision}",
        f"数据截止：{imprint.cut_off}",
        f"版本指纹：{imprint.fingerprint}",
    ]
    if imprint.change:
        lines.append(imprint.change)
    if imprint.base:
        lines.append(f"固定网址：{imprint.page('index.html')}")
    reference = next(iter(STYLES.values()))(report_work(imprint, ""))
    return div(
        [
            div([para([text(title)])], "pb-cover-title", custom_style="封面标题"),
            div(
                [para([text(f"（{rest}" if rest else f"{imprint.edition}年度")])],
                "pb-cover-subtitle",
                custom_style="封面副题",
            ),
            div([para([text(line)]) for line in lines], "pb-cover-facts", custom_style="封面信息"),
            div(
                [para([text(line)]) for line in (f"引用格式：{reference}", imprint.disclaimer)],
                "pb-cover-foot",
                custom_style="封面说明",
            ),
        ],
        "pb-cover",
    )
