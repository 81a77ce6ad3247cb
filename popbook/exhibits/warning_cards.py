"""The warnings that are on, as cards of the shape of the target board: what, how far, since when, and the way there.

Plain HTML like the board (:mod:`popbook.exhibits.board`): it reads the same without style sheet or script.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from popbook.exhibits.chapters.problems.early_warning import compared_words, value_fact
from popbook.exhibits.charts import sparkline
from popbook.exhibits.inline import inline_html
from popbook.exhibits.model import Html
from popbook.exhibits.tables import status_html
from popbook.exhibits.theme import COLOURS
from popbook.monitoring.demand import SECTION as DEMAND
from popbook.monitoring.derived import monitored_series

if TYPE_CHECKING:
    from popbook.exhibits.model import Fact
    from popbook.exhibits.report import Report
    from popbook.monitoring.warnings import Warning

SPARK_WIDTH = 72
SPARK_HEIGHT = 36
# Kinds whose limit stands in the unit of the series, so that it can be drawn through it.
_LEVELS = ("above", "below", "below_path", "rise", "fall")


def warning_cards(report: Report, fired: Sequence[Warning]) -> Html:
    """Return one card for each warning, in the order given.

    Parameters
    ----------
    report
        The edition.
    fired
        Warnings that are on.

    Returns
    -------
    Html
        One ``<section class="pb-board pb-warnings">``; every measured number in it is a registered fact.

    Examples
    --------
    >>> from popbook.exhibits.report import open_report
    >>> from popbook.monitoring.warnings import FIRED, evaluate_warnings
    >>> report = open_report(2024)
    >>> fired = [w for w in evaluate_warnings(report.ledger) if w.state == FIRED and w.headline]
    >>> warning_cards(report, fired).markup.count("pb-warning-card")
    3
    """
    cards = "".join(_card(report, warning) for warning in fired)
    return Html(
        f'<section class="pb-board pb-warnings" aria-label="{report.edition}年度版触发的预警">'
        f'<ul class="pb-cards">{cards}</ul><p class="pb-board-key">{_KEY}</p></section>'
    )


_KEY = (
    "标“首要”的是每类问题的首要规则。小图：实线和圆点为公布数，口径不同或缺年处断开，虚线和空心圈为界限；人口需求两项的圆点为预测。"
    "起始年从规划基期年算起；学龄和高龄人口为第一个触发的年度版。"
)


def _card(report: Report, warning: Warning) -> str:
    fact = _shown(report, warning)
    value, place = "", ""
    if fact is not None:
        where = "" if fact.region_id == report.region_id else report.ledger.regions[fact.region_id].name_zh
        place = f"{where}{warning.year}年{'预测' if warning.section == DEMAND else ''}"
        value = f'<p class="pb-card-value">{inline_html(f"{fact}")}<span class="pb-card-year">{html.escape(place)}</span></p>'
    first = '<span class="pb-card-first">首要</span>' if warning.headline else ""
    more = len(warning.regions) - 1
    others = f"，另{more}个区县" if more > 0 else ""
    return (
        f'<li class="pb-card pb-card-risk pb-warning-card"><p class="pb-card-name">{html.escape(warning.name)}{first}</p>'
        f'<div class="pb-card-body"><div class="pb-card-numbers">{value}'
        f'<p class="pb-card-goal">{inline_html(_compared(report, warning))}{others}</p></div>{_spark(report, warning, fact)}</div>'
        f'<p class="pb-card-state">{status_html(warning.state)}<span class="pb-card-chance">{warning.since}年起</span></p></li>'
    )


def _shown(report: Report, warning: Warning) -> Fact | None:
    if warning.section != DEMAND:
        return value_fact(report, warning)
    return report.fact(
        f"fact-warning-{_stem(warning)}-forecast-{warning.year}", f"{report.edition}年度版对{warning.year}年的预测：{warning.name}",
        warning.value, "万人", 1, year=warning.year or report.edition, basis="resident",
        source_ids=(warning.source_id,) if warning.source_id in report.ledger.sources else (),
    )  # fmt: skip


def _compared(report: Report, warning: Warning) -> str:
    if warning.section != DEMAND:
        return compared_words(report, warning)
    now = report.fact(
        f"fact-warning-{_stem(warning)}-now-{report.edition}", f"{report.edition}年度版预测起点：{warning.name}", warning.limit,
        "万人", 1, year=report.edition, basis="resident",
    )  # fmt: skip
    return f"{'高于' if warning.kind == 'rise' else '低于'}起点{now}"


def _stem(warning: Warning) -> str:
    return warning.rule_id.partition("-")[2]


def _spark(report: Report, warning: Warning, fact: Fact | None) -> str:
    if fact is None or warning.year is None:
        return ""
    values = _forecast_values(report, warning) if warning.section == DEMAND else _published_values(report, warning, fact.region_id)
    limit = (warning.year, warning.limit) if warning.kind in _LEVELS and warning.limit is not None else None
    colour = COLOURS["forecast" if warning.section == DEMAND else "actual"]
    return sparkline(values, target=limit, width=SPARK_WIDTH, height=SPARK_HEIGHT, colour=colour)


def _forecast_values(report: Report, warning: Warning) -> list[tuple[int, float | None]]:
    return [(report.edition, warning.limit), (warning.year or report.edition, warning.value)]


def _published_values(report: Report, warning: Warning, region_id: str) -> list[tuple[int, float | None]]:
    """Figures of confidence A or B up to the one that fires, with a gap at breaks and over years without a figure."""
    series = monitored_series(report.ledger, warning.indicator_id, region_id)
    census = series.indicator.reference == "census_day"
    first = report.plan.base_year if not census else 0
    values: list[tuple[int, float | None]] = []
    before = None
    for seen in series.observations():
        if seen.confidence == "C" or not first <= seen.year <= (warning.year or 0) or not math.isfinite(seen.value):
            continue
        if before is not None and (before.behind != seen.behind or (seen.year - before.year > 1 and not census)):
            values.append((seen.year, None))
        values.append((seen.year, seen.value))
        before = seen
    return values
