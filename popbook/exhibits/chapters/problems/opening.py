"""The opening of the chapter: its problems in three sentences."""

from __future__ import annotations

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.problems import area_groups, birth_rates, older_people
from popbook.exhibits.chapters.problems.early_warning import PROBLEMS, headline_warnings
from popbook.exhibits.model import Section
from popbook.exhibits.phrases import list_phrase
from popbook.exhibits.report import Report
from popbook.monitoring.warnings import FIRED, UNKNOWN


@or_gap("problems", "问题", Needs(rules=tuple(problem.rule_id for problem in PROBLEMS)), level=1)
def opener(report: Report) -> Section:
    """Return the opening of the chapter.

    Parameters
    ----------
    report
        The edition.
    """
    main = headline_warnings(report)
    fired = [p.name for p, w in zip(PROBLEMS, main, strict=True) if w.state == FIRED]
    unknown = [p.name for p, w in zip(PROBLEMS, main, strict=True) if w.state == UNKNOWN]
    state = f"本年触发预警的有{list_phrase(fired)}" if fired else "本年没有一项触发预警"
    if unknown:
        state += f"，{list_phrase(unknown)}缺当年的或可比的数，无法判断"
    shares = area_groups.new_boundary_shares(report)
    return Section(
        "problems",
        f"问题：{older_people.heading(report)}",
        f"{birth_rates.heading(report)}。{area_groups.heading(report, shares)}。"
        f"本章看五类问题：{list_phrase(p.name for p in PROBLEMS)}；每类以一条明写规则的预警指标收尾，{state}。",
        level=1,
    )
