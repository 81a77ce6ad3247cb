"""What hand-written pages, references and the foot of a page say about the plan, in words made from its row in the data."""

from __future__ import annotations

import re

from popbook.exhibits.citations import date_words
from popbook.ledger.errors import PopbookError
from popbook.ledger.store import Ledger

PLACEHOLDER = re.compile(r"\{\{ ([a-z_]+) \}\}")
"""How a hand-written page asks for one of these words: ``{{ city }}``."""


def report_title(ledger: Ledger, region_id: str) -> str:
    """Return the title of a report for references.

    Parameters
    ----------
    ledger
        The ledger of an edition.
    region_id
        City, or district of a booklet.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> report_title(read_ledger().for_edition(2024), "330100")
    '杭州市人口发展规划年度监测报告（2024年度）'
    """
    assert ledger.edition is not None
    title = ledger.editions[ledger.edition].title
    region = ledger.regions[region_id]
    return title if region.level == "city" else f"{title}{region.name_zh}分册"


def plan_words(ledger: Ledger, region_id: str = "") -> dict[str, str]:
    """Return the words by name.

    Parameters
    ----------
    ledger
        The ledger of an edition.
    region_id
        District whose booklet it is; the city if not given. ``report_title`` then names the booklet.

    Returns
    -------
    dict
        ``report_title``, ``producer``, ``city``, ``province`` (in short), ``plan`` (with title marks, kind of text and date), ``period``,
        ``base_year``, ``target_year``, ``horizon_year``, ``targets`` (how many), ``disclaimer`` (the line at the foot
        of every page) and ``draft`` (what a reader must know of a plan that is no final text, else which text it is).

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> plan_words(read_ledger())["disclaimer"]
    '由公开统计数据整理，非官方出版物；规划为2021年6月征求意见稿，正式文本可能不同。'
    """
    plan = ledger.plan.document
    region = ledger.regions[plan.region_id]
    province = ledger.regions.get(region.parent_id)
    dated = plan_date(ledger)
    disclaimer, draft = "由公开统计数据整理，非官方出版物。", f"对照的规划是{dated}的正式文本。"
    if plan.version:
        disclaimer = f"由公开统计数据整理，非官方出版物；规划为{dated}{plan.version}，正式文本可能不同。"
        draft = f"对照的规划是{dated}的{plan.version}，正式文本可能与之不同；与正式文本不一致的，以正式文本为准。"
    place = ledger.regions[region_id or plan.region_id]
    return {
        "report_title": plan.report_title if place.level == "city" else f"{place.name_zh}人口分册",
        "producer": plan.producer,
        "city": region.name_zh,
        "province": province.name_zh.removesuffix("省").removesuffix("自治区") if province else "本省",
        "plan": plan.named(dated),
        "period": plan.period,
        "base_year": str(plan.base_year),
        "target_year": str(plan.target_year),
        "horizon_year": str(plan.horizon_year),
        "targets": str(len(ledger.plan.targets)),
        "disclaimer": disclaimer,
        "draft": draft,
    }


def plan_date(ledger: Ledger) -> str:
    """Return when the plan was published, at the precision of its source.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> plan_date(read_ledger())
    '2021年6月'
    """
    source = ledger.sources[ledger.plan.document.source_id]
    return date_words(source.published, source.date_precision)


def fill_in(text: str, words: dict[str, str], where: str = "") -> str:
    """Return a text with its placeholders replaced.

    Parameters
    ----------
    text
        Markdown of a hand-written page.
    words
        From :func:`plan_words`.
    where
        Page, for the message.

    Raises
    ------
    PopbookError
        If a placeholder asks for a word that does not exist.

    Examples
    --------
    >>> fill_in("# {{ city }}的人口", {"city": "某市"})
    '# 某市的人口'
    """

    def word(match: re.Match[str]) -> str:
        if match[1] not in words:
            raise PopbookError(f"没有名为“{match[1]}”的占位词", where, f"可选：{'、'.join(words)}")
        return words[match[1]]

    return PLACEHOLDER.sub(word, text)
