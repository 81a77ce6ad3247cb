"""How to cite the report: a reference built from the edition's own record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from popbook.exhibits.model import Section
from popbook.exhibits.pages.colophon import chinese_date
from popbook.ledger.model import Edition

if TYPE_CHECKING:
    from popbook.exhibits.report import Report


def report_reference(edition: Edition, part: str = "") -> str:
    """Write the GB/T 7714 reference of an edition, or of a part of it.

    The entry starts with the title, as the standard allows where no author is named; report online is ``R/OL``. The
    reader adds the day of access and the address at which the report was read.

    Parameters
    ----------
    edition
        The edition.
    part
        What is cited in it ("第一章 图1-3 三种口径的人口"), or "" for the whole report.

    Returns
    -------
    str
        Reference ending with a full stop.

    Examples
    --------
    >>> report_reference(Edition(2020, "2021-06-30", "r1", "监测报告（2020年度）"))
    '监测报告（2020年度）[R/OL]. 修订号r1，数据截止2021-06-30[引用日期]. 网址.'
    >>> report_reference(Edition(2020, "2021-06-30", "r1", "监测报告（2020年度）"), "图1-3")
    '图1-3[R/OL]//监测报告（2020年度）. 修订号r1，数据截止2021-06-30[引用日期]. 网址.'
    """
    carrier = f"{part}[R/OL]//{edition.title}" if part else f"{edition.title}[R/OL]"
    return f"{carrier}. 修订号{edition.revision}，数据截止{edition.cut_off}[引用日期]. 网址."


def citing(report: Report) -> tuple[Section, ...]:
    """Return the section with the reference of this edition and a sentence for the text of a document.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    tuple of Section
    """
    about = report.ledger.editions[report.edition]
    reference = (
        "GB/T 7714 格式：\n\n"
        f"> {report_reference(about)}\n\n"
        f"“引用日期”和“网址”由引用人填写。报告没有署名的编制单位，条目从题名开始。"
    )
    number = _number_example(report)
    sections = [
        Section(
            "citing-report",
            "引用整份报告",
            f"写明年度版和修订号。本版为{about.edition}年度版，修订号{about.revision}，"
            f"数据截止{chinese_date(about.cut_off)}。",
            (reference,),
        )
    ]
    if number:
        sections.append(
            Section(
                "citing-number",
                "引用一个数",
                "写全五项：指标和口径、地区、年份、数值和单位、来源。口径和年份不能省略。",
                (number,),
            )
        )
    return tuple(sections)


def _number_example(report: Report) -> str:
    latest = report.ledger.latest("resident_population")
    if latest is None:
        return ""
    source = report.ledger.sources[latest.source_id]
    about = report.ledger.editions[report.edition]
    return (
        "例：\n\n"
        f"> {latest.year}年末{latest.region.name_zh}常住人口{report.fact_of(latest)}"
        f"（{source.publisher}：《{source.title.strip('《》')}》；转引自《{about.title}》，修订号{about.revision}）。\n\n"
        "数字的权威来源是原发布单位。正式文件宜直接引用原来源，本报告作为核对依据。"
    )
