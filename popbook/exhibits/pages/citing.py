"""How to cite the report: a reference built from the edition's own record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from popbook.exhibits.citations import PRODUCER, date_words, source_words
from popbook.exhibits.model import Section
from popbook.ledger.model import Edition

if TYPE_CHECKING:
    from popbook.exhibits.report import Report


def report_reference(edition: Edition) -> str:
    """Write the GB/T 7714 reference of an edition; report online is ``R/OL``.

    Parameters
    ----------
    edition
        The edition.

    Returns
    -------
    str
        Reference ending with a full stop; day of access and address are the reader's to add.

    Examples
    --------
    >>> report_reference(Edition(2020, "2021-06-30", "监测报告（2020年度）"))
    '杭州市人口发展规划年度监测报告编写组. 监测报告（2020年度）[R/OL]. 修订号r1. 数据截止2021-06-30.'
    """
    return f"{PRODUCER}. {edition.title}[R/OL]. 修订号{edition.revision}. 数据截止{edition.cut_off}."


def citing(report: Report) -> tuple[Section, ...]:
    """Return the sections with the reference of this edition and an example of one number.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    tuple of Section
    """
    about = report.about
    whole = Section(
        "citing-report",
        "引用整份报告",
        f"写明年度版和修订号。本版为{about.edition}年度版，修订号{about.revision}，"
        f"数据截止{date_words(about.cut_off, 'day')}。",
        (
            f"按 GB/T 7714 著录：\n\n> {report_reference(about)}\n\n"
            "从网站引用的，在句末加引用日期（方括号内）和网址；从磁盘或打印件引用的，不加。",
        ),
    )
    example = _number_example(report)
    if not example:
        return (whole,)
    number = Section(
        "citing-number",
        "引用一个数",
        "写全五项：指标和口径、地区、年份、数值和单位、来源。口径和年份不能省略。",
        (example,),
    )
    return whole, number


def _number_example(report: Report) -> str:
    latest = report.ledger.latest("resident_population")
    if latest is None:
        return ""
    source = report.ledger.sources[latest.source_id]
    about = report.about
    return (
        "例：\n\n"
        f"> {latest.year}年末{latest.region.name_zh}常住人口{report.fact_of(latest)}"
        f"（{source_words(source)}；转引自《{about.title}》，修订号{about.revision}）。\n\n"
        "数字的权威来源是原发布单位。正式文件宜直接引用原来源，本报告作为核对依据。"
    )
