"""The opening of the chapter: where residents are heading, against the plan, in one heading and three sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.trends.evidence import (
    age_outlook,
    concept_outlook,
    near_year,
    plan_fact,
    published_series,
    signed_gap,
)
from popbook.exhibits.model import Section

if TYPE_CHECKING:
    from popbook.exhibits.report import Report


@or_gap("trends", "态势", Needs(paths=("resident",)), level=1)
def opener(report: Report) -> Section:
    """Return the chapter's opening section.

    Parameters
    ----------
    report
        The edition.
    """
    now = published_series(report, "resident").latest
    assert now is not None
    ahead = near_year(report)
    near, far = concept_outlook(report, "resident", ahead), concept_outlook(report, "resident", report.last_year)
    medium = plan_fact(report, "resident", "medium", ahead)
    heading = f"态势：{ahead}年常住人口预计{near.point:.0}，80%区间{near.span(80, 0)}"
    side = signed_gap((near.point.value or 0) - (medium.value or 0))
    held = "在" if near.holds(medium.value or 0) else "不在"
    first = f"{now.year}年末常住人口{report.fact_of(now)}"
    if now.year > report.plan.base_year:
        path = plan_fact(report, "resident", "low", now.year)
        first += f"，{signed_gap(now.value - (path.value or 0))}规划低方案的{path}"
    second = f"{ahead}年预计{near.words()}，中位数{side}规划中方案{medium}，中方案{held}80%区间之内"
    third = f"{report.last_year}年预计{far.words(0)}"
    old = age_outlook(report, "share_60plus", report.last_year)
    fourth = f"60岁及以上占比{report.last_year}年预计{old.words()}"
    return Section("trends", heading, f"{first}；{second}。{third}。{fourth}。", level=1)
