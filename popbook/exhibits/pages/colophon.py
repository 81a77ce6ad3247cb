"""What this copy of the report is made from: edition, cut-off date, data with fingerprints, software, licences."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.citations import date_words
from popbook.exhibits.model import Column, Section, Table
from popbook.exhibits.pages.counts import count
from popbook.ledger.visibility import table_fingerprint, visible_rows

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

#: Distribution → what it does for the report. Every package whose version can change what a reader sees.
SOFTWARE = {
    "popbook": "本报告的程序库",
    "pandas": "数据表",
    "numpy": "数组计算",
    "scipy": "插值、优化和分布",
    "statsmodels": "趋势与回归预测",
    "altair": "图的描述",
    "vl-convert-python": "图的绘制",
    "papermill": "按年度版运行笔记本",
    "myst-nb": "笔记本转为网页",
    "jupyter-book": "成书",
    "sphinx": "成书",
    "sphinx-book-theme": "版式",
}
#: Digits of a fingerprint shown; enough to tell two tables apart.
SHOWN_DIGITS = 16


def colophon(report: Report) -> tuple[Section, ...]:
    """Return the sections of the colophon: edition, data, software, revisions if the edition was changed.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    tuple of Section
    """
    changed = (revisions(report),) if report.about.revisions else ()
    return edition(report), inputs(report), software(report), *changed


def edition(report: Report) -> Section:
    """Return the section that says which edition and revision this is and what was known to it."""
    about = report.about
    text = f"数据年份为{about.edition}年，只采用{date_words(about.cut_off, 'day')}以前（含当日）公布的资料。"
    return Section(
        "colophon-edition",
        f"{about.edition}年度版，修订号{about.revision}",
        text,
        (
            "年度版一经发布不再改动。发现错误时另出新的修订号，改动写入[勘误与口径断点](corrections.md)。"
            "旧版按当时所知编制，不因后来的资料而改写。",
        ),
    )


def inputs(report: Report) -> Section:
    """Return the section with the rows the edition sees of every table, and their fingerprints."""
    ledger = report.ledger
    rows = []
    for resource in ledger.package.resources.values():
        frame = visible_rows(ledger, resource.name)
        digest = table_fingerprint(frame)
        rows.append(
            {
                "title": resource.title,
                "path": f"`{resource.path}`",
                "rows": len(frame),
                "fingerprint": f"`{digest[:SHOWN_DIGITS]}`",
            }
        )
    table = Table(
        id="tbl-inputs",
        title=f"本版所用的{len(rows)}个数据表和指纹",
        frame=pd.DataFrame(rows),
        columns=(
            Column("title", "数据表"),
            Column("path", "文件"),
            Column("rows", "可见行数", decimals=0),
            Column("fingerprint", "指纹"),
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(),
        notes=(f"指纹是可见行按CSV写出后的SHA-256，印前{SHOWN_DIGITS}位。",),
        missing="blank",
    )
    return Section(
        "colophon-inputs",
        f"数据：{count(report, 'data-table', '数据表', len(rows), '个')}表，指纹可核对",
        "指纹相同，数据就相同。截止日以后公布的行不计入指纹。",
        (table,),
    )


def software(report: Report) -> Section:
    """Return the section with the software and its versions."""
    rows = [{"name": "Python", "version": platform.python_version(), "role": "运行环境"}] + [
        {"name": name, "version": version(name), "role": role} for name, role in SOFTWARE.items()
    ]
    table = Table(
        id="tbl-software",
        title="软件和版本",
        frame=pd.DataFrame(rows),
        columns=(Column("name", "软件"), Column("version", "版本"), Column("role", "用途")),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(),
        missing="blank",
    )
    return Section(
        "colophon-software",
        "软件：全部开源，版本固定",
        "数据、程序和软件版本相同时，生成的报告逐字节相同。",
        (table,),
    )


def revisions(report: Report) -> Section:
    """Return the section with every revision of the edition, when it was published and why it was made.

    It stands last, so that no table of an edition gets another number when the edition is revised.
    """
    declared = report.about.revisions
    rows = [
        {"revision": item.revision, "published": date_words(item.published, "day"), "reason": item.reason}
        for item in declared
    ]
    table = Table(
        id="tbl-edition-revisions",
        title=f"{report.edition}年度版的{len(rows)}个修订",
        frame=pd.DataFrame(rows),
        columns=(Column("revision", "修订号"), Column("published", "发布日期"), Column("reason", "原因")),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=(),
        missing="blank",
    )
    return Section(
        "colophon-revisions",
        f"修订：{declared[-1].revision}，{date_words(declared[-1].published, 'day')}发布",
        "每个修订都留在自己的地址，引用时写明修订号。",
        (table,),
    )
