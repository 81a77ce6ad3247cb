"""A small edition for the tests of the documents: one chapter, one figure, one table, an overview; hostile where asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from popbook.exhibits.imprint import Imprint
from popbook.publishing.documents.manuscript import Manuscript, edition_pages
from popbook.publishing.documents.write import document_meta
from popbook.publishing.edition_run import EditionRun

IMPRINT = Imprint(
    2024,
    "r1",
    "监测报告（2024年度）",
    "2025-06-30",
    "ab" * 32,
    producer="编写组",
    disclaimer="非官方出版物。",
)
META = document_meta(IMPRINT, IMPRINT.title)
EPOCH = 1751241600

HOSTILE = (
    '<script>alert(1)</script> <img src=x onerror=y> #import "@preview/x:1" #read("/etc/passwd") $x^2$ @ref <label> '
    "=cmd|' /C calc'!A0 {{ jinja }} {% raw %} // 注 /* 注 */ _a_ ~ -- ... \\u{41} \\# 100%"
)
"""Text that means something to a browser, to typst, to a spreadsheet, to a template engine; none of MyST's own signs."""

CHAPTER = """(status)=
# 现状：常住人口{fact}`fact-a-2024|1262.4万人`

```{rst-class} pb-lead
一句话说明全章。
```

(status-size)=
## 增量收窄

见{exhibit-ref}`fig-a`和{exhibit-ref}`tbl-a`，方法见[方法](../book/methods.md)，表目见[表目](tables.md)，又见[外部](https://example.org/a?b=1&c=2)。

```{exhibit} fig-a
```

```{exhibit} tbl-a
```

1. 第一条
2. 第二条 $a_x + b$

```{admonition} 方法：怎样算
:class: dropdown pb-note

- 一
- 二
```

```{admonition} 政策含义
:class: pb-policy

按常住人口配置。
```
"""

OVERVIEW = """(overview-year)=
## 常住人口{fact}`fact-a-2024|1262.4万人`

```{rst-class} pb-lead
导语。
```

1. **总量**　第一句。见[第一章](../notebooks/01_status.ipynb)。

(overview-board)=
## 目标

```{raw} html
<section class="pb-board"><p>板</p></section>
```
"""


def svg(width: int = 680) -> str:
    """Return a drawing with one word in it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="200" viewBox="0 0 {width} 200" '
        "font-family=\"'Popbook Sans', sans-serif\"><title>a</title><desc>b</desc>"
        '<text x="20" y="40" font-size="12">图中文字</text></svg>'
    )


def bundle(id: str, kind: str, number: str, title: str, **more: Any) -> dict[str, Any]:
    """Return an exhibit as a section carries it."""
    column = {"group": "", "emphasis": False, "status": False, "numeric": False, "unit": ""}
    made: dict[str, Any] = {
        "id": id,
        "kind": kind,
        "number": number,
        "title": title,
        "subtitle": "",
        "alt": f"{title}（替代文字）",
        "unit": "万人",
        "basis": "resident",
        "region": "杭州市",
        "region_id": "330100",
        "years": [2023, 2024],
        "notes": ["一条注。"],
        "sources": [{"id": "a", "text": "市统计局《公报》"}],
        "sources_text": "市统计局《公报》",
        "publishers": ["市统计局"],
        "docname": "notebooks/01_status",
    }
    if kind == "figure":
        made["svg"] = {"wide": svg(), "narrow": svg(342)}
    else:
        made["cells"] = {
            "columns": [
                {**column, "key": "name", "label": "指标"},
                {**column, "key": "value", "label": "数", "unit": "万人", "numeric": True, "group": "公布"},
                {**column, "key": "status", "label": "状态", "status": True, "group": "公布"},
            ],
            "rows": [
                {"group": "规模", "cells": ["常住", "1262.4", "有望"]},
                {"group": "规模", "cells": ["户籍", "未公布", "未公布"]},
            ],
        }
    return {**made, **more}


def small_run(title: str = "图的标题", cell: str = "常住") -> EditionRun:
    """Return the edition; its figure has the title, its table the cell that is asked for."""
    table = bundle("tbl-a", "table", "表 1-1", "表的标题")
    table["cells"]["rows"][0]["cells"][0] = cell
    notebook = {"cells": [{"cell_type": "markdown", "source": CHAPTER}]}
    return EditionRun(
        edition=2024,
        region="330100",
        cut_off="2025-06-30",
        revision="r1",
        title=IMPRINT.title,
        revisions=[],
        exhibits={"fig-a": bundle("fig-a", "figure", "图 1-1", title), "tbl-a": table},
        facts={},
        results={},
        notebooks={"notebooks/01_status": json.dumps(notebook)},
        pages={"overview": OVERVIEW},
        words={"producer": "编写组"},
    )


def write_book(root: Path) -> Path:
    """Write the table of contents and the hand-written pages of the edition."""
    (root / "book").mkdir(parents=True)
    (root / "_toc.yml").write_text(
        "root: book/overview\nparts:\n"
        "- {caption: 监测报告, numbered: 2, chapters: [{file: notebooks/01_status, title: 现状}]}\n"
        "- {caption: 附录, chapters: [{file: book/methods, title: 方法说明}, {file: book/tables, title: 表目}]}\n",
        encoding="utf-8",
    )
    (root / "book" / "overview.md").write_text(
        "# {{ producer }}\n\n<!-- popbook: overview -->\n", encoding="utf-8"
    )
    (root / "book" / "methods.md").write_text(
        "(methods)=\n# 方法说明\n\n<!-- 不印 -->\n\n| 项 | 值 |\n|---|---|\n| 甲 | 乙 |\n\n```{glossary}\n口径\n  数的是谁。\n```\n",
        encoding="utf-8",
    )
    return root


def manuscript(root: Path, run: EditionRun) -> Manuscript:
    """Return the manuscript of the edition."""
    return Manuscript(edition_pages(write_book(root), run), run, IMPRINT)
