"""How to cite one number, with the newest number of residents as the example."""

from __future__ import annotations

from typing import TYPE_CHECKING

from popbook.exhibits.citations import source_words
from popbook.exhibits.model import Section

if TYPE_CHECKING:
    from popbook.exhibits.report import Report


def citing(report: Report) -> tuple[Section, ...]:
    """Return the section with an example of one number; none where nothing has been published.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    tuple of Section
    """
    example = _number_example(report)
    if not example:
        return ()
    number = Section(
        "citing-number",
        "引用一个数",
        "写全五项：指标和口径、地区、年份、数值和单位、来源。口径和年份不能省略。",
        (example,),
    )
    return (number,)


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
