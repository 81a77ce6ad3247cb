"""The target board: all targets at one look, as cards of one shape in the groups of the plan.

A card says name, latest figure and its year, the target, where it stands on the way there (a word-sized chart), the
status (shape, word, colour in this order) and the chance. Plain HTML: it reads the same without style sheet or script.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from popbook.exhibits.charts import sparkline
from popbook.exhibits.inline import inline_html
from popbook.exhibits.model import NOT_PUBLISHED, Html
from popbook.exhibits.tables import status_html
from popbook.exhibits.target_facts import (
    MOST_URGENT_FIRST,
    SIGNS,
    WITHOUT_JUDGEMENT,
    base_fact,
    chance_words,
    is_closing_edition,
    latest_fact,
    newest_fact,
    short_name,
    target_fact,
    target_statuses,
)
from popbook.monitoring.derived import monitored_series

if TYPE_CHECKING:
    from popbook.exhibits.model import Fact
    from popbook.exhibits.report import Report
    from popbook.monitoring.targets import TargetStatus

SPARK_WIDTH = 84
SPARK_HEIGHT = 42


def target_board(report: Report) -> Html:
    """Return the board of an edition.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    Html
        One ``<section class="pb-board">``; every number in it is a registered fact.

    Examples
    --------
    >>> from popbook.exhibits.report import open_report
    >>> board = target_board(open_report(2024)).markup
    >>> board.count('class="pb-card ')
    16
    """
    statuses = target_statuses(report)
    groups = "".join(_group(report, field, list(members)) for field, members in _fields(statuses))
    return Html(
        f'<section class="pb-board" aria-label="{report.edition}年度目标一览">'
        f'<ul class="pb-board-sum" aria-label="各状态的目标数">{_summary(statuses)}</ul>{groups}'
        f'<p class="pb-board-key">{_key(statuses)}</p></section>'
    )


def spark_values(report: Report, status: TargetStatus) -> list[tuple[int, float | None]]:
    """Return what the small chart of a card draws: base and published figures, with a gap wherever concepts change.

    Parameters
    ----------
    report
        The edition.
    status
        One target.

    Returns
    -------
    list
        (year, value); None stands where the line must not run on: at a declared break, between a census base and yearly
        figures, and over years without a figure. Figures of confidence C are left out, as they decide nothing.
    """
    series = monitored_series(report.ledger, status.indicator_id, report.region_id)
    last = min(report.edition, status.target_year)
    seen = [o for o in series.observations() if status.base_year <= o.year <= last and o.confidence != "C"]
    values: list[tuple[int, float | None]] = []
    if status.base_value is not None and (
        status.base_indicator_id != status.indicator_id or not seen or seen[0].year > status.base_year
    ):
        values.append((status.base_year, status.base_value))
    before = None
    for observation in seen:
        gap = values and (
            before is None or before.behind != observation.behind or observation.year - before.year > 1
        )
        if gap:
            values.append((observation.year, None))
        values.append((observation.year, observation.value))
        before = observation
    return [(year, value) for year, value in values if value is None or math.isfinite(value)]


def _fields(statuses: Iterable[TargetStatus]) -> Iterable[tuple[str, Iterable[TargetStatus]]]:
    return groupby(statuses, key=lambda status: status.field)


def _key(statuses: Sequence[TargetStatus]) -> str:
    years = sorted({status.target_year for status in statuses})
    spans = sorted({f"{status.base_year}—{status.target_year}年" for status in statuses})
    key = (
        f"目标年为{'、'.join(str(year) for year in years)}年。小图：横轴{'、'.join(spans)}，实线和圆点为公布数，"
        "口径不同或缺年处断开，虚线和空心圈为目标。"
    )
    if any(status.chance is not None for status in statuses):
        key += "达标概率由预测得出，没有预测模型或不能评估的指标不给概率。"
    if is_closing_edition(statuses):
        key += f"规划期满：{'、'.join(str(year) for year in years)}年的数没有公布的不作定论。"
    return key


def _summary(statuses: Iterable[TargetStatus]) -> str:
    words = [status.status for status in statuses]
    return "".join(
        f"<li>{status_html(word)}<b>{words.count(word)}</b></li>"
        for word in (*MOST_URGENT_FIRST, *WITHOUT_JUDGEMENT)
        if word in words
    )


def _group(report: Report, field: str, members: list[TargetStatus]) -> str:
    words = [status.status for status in members]
    counts = "、".join(
        f"{word}{words.count(word)}" for word in (*MOST_URGENT_FIRST, *WITHOUT_JUDGEMENT) if word in words
    )
    cards = "".join(_card(report, status) for status in members)
    return (
        f'<div class="pb-board-group"><p class="pb-board-head"><b>{html.escape(field)}</b>'
        f"<span>{len(members)}项：{counts}</span></p>"
        f'<ul class="pb-cards">{cards}</ul></div>'
    )


def _card(report: Report, status: TargetStatus) -> str:
    kind = status_html(status.status).split("pb-status-")[1].split('"')[0]
    spark = ""
    if status.target_value is not None:
        spark = sparkline(
            spark_values(report, status), target=(status.target_year, status.target_value),
            width=SPARK_WIDTH, height=SPARK_HEIGHT,
        )
    return (
        f'<li class="pb-card pb-card-{kind}"><p class="pb-card-name">{html.escape(short_name(status))}</p>'
        f'<div class="pb-card-body"><div class="pb-card-numbers">{_value(report, status)}{_goal(report, status)}</div>'
        f"{spark}</div>"
        f'<p class="pb-card-state">{status_html(status.status)}{_chance(report, status)}</p></li>'
    )


def _value(report: Report, status: TargetStatus) -> str:
    """The latest figure with its year, or 未公布 with the last one known."""
    missing = ""
    if status.latest_year is not None:
        shown, year = _fact(latest_fact(report, status)), f"{status.latest_year}年"
    elif status.edition <= status.base_year and status.base_value is not None:
        shown, year = _fact(base_fact(report, status)), f"{status.base_year}年（基期）"
    elif status.newest_year is not None:
        missing, shown = " pb-card-missing", "无可用数"
        year = f"{status.newest_year}年参考数{_fact(newest_fact(report, status))}"
    else:
        missing, shown = " pb-card-missing", NOT_PUBLISHED
        known = status.base_value is not None
        year = f"最近{status.base_year}年{_fact(base_fact(report, status))}" if known else "此前也没有数"
    return f'<p class="pb-card-value{missing}">{shown}<span class="pb-card-year">{year}</span></p>'


def _goal(report: Report, status: TargetStatus) -> str:
    if status.target_value is None:
        return '<p class="pb-card-goal">没有目标值</p>'
    return f'<p class="pb-card-goal">目标{html.escape(SIGNS[status.comparison])}{_fact(target_fact(report, status))}</p>'


def _chance(report: Report, status: TargetStatus) -> str:
    # A chance beside 无法评估 would read as a judgement after all; chapter four gives it with its reservations.
    words = "" if status.status in WITHOUT_JUDGEMENT else chance_words(report, status)
    return f'<span class="pb-card-chance">达标概率{inline_html(words)}</span>' if words else ""


def _fact(fact: Fact) -> str:
    return inline_html(f"{fact}")
