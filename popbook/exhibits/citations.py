"""How sources and exhibits are named in words: source lines and concept lines."""

from __future__ import annotations

from collections.abc import Iterable

from popbook.ledger.model import BASIS_ZH, REFERENCE_ZH, Indicator, Source


def date_words(published: str, precision: str) -> str:
    """Return a publication date as exactly as it is known.

    Examples
    --------
    >>> date_words("2021-12-31", "year"), date_words("2021-05-31", "month"), date_words("2021-05-18", "day")
    ('2021年', '2021年5月', '2021年5月18日')
    >>> date_words("2021-05-18", "bound")
    '不晚于2021年5月18日'
    """
    year, month, day = (int(part) for part in published.split("-"))
    if precision == "year":
        return f"{year}年"
    if precision == "month":
        return f"{year}年{month}月"
    words = f"{year}年{month}月{day}日"
    return f"不晚于{words}" if precision == "bound" else words


def source_words(source: Source) -> str:
    """Return a source under its official title: publisher, title, date.

    Examples
    --------
    >>> source_words(Source("b", "2024年杭州市人口主要数据公报", "杭州市统计局", "2025-03-14", "day", "bulletin"))
    '杭州市统计局《2024年杭州市人口主要数据公报》（2025年3月14日）'
    """
    return sources_words([source])


def title_words(source: Source) -> str:
    """Return the official title of a source in title marks."""
    return source.title if source.title.startswith("《") else f"《{source.title}》"


def sources_words(sources: Iterable[Source]) -> str:
    """Return several sources as one line, each publisher named once.

    Examples
    --------
    >>> made = [Source(t, t, "统计局", f"{y}-12-31", "year", "yearbook") for t, y in (("年鉴甲", 2020), ("年鉴乙", 2021))]
    >>> sources_words(made)
    '统计局《年鉴甲》（2020年）、《年鉴乙》（2021年）'
    """
    by_publisher: dict[str, list[str]] = {}
    for source in sources:
        date = date_words(source.published, source.date_precision)
        by_publisher.setdefault(source.publisher, []).append(f"{title_words(source)}（{date}）")
    return "；".join(publisher + "、".join(titles) for publisher, titles in by_publisher.items())


def concept_words(basis: str, unit: str, region: str, years: tuple[int, ...] | list[int]) -> str:
    """Return the concept of an exhibit in one line: place, years, population concept, unit.

    Examples
    --------
    >>> concept_words("resident", "万人", "杭州市", (2014, 2024))
    '杭州市；2014—2024年；常住人口；单位：万人'
    """
    parts = [region]
    if years:
        first, last = min(years), max(years)
        parts.append(f"{first}年" if first == last else f"{first}—{last}年")
    if basis != "none":
        parts.append(BASIS_ZH.get(basis, basis))
    if unit:
        parts.append(f"单位：{unit}")
    return "；".join(parts)


def reference_time_words(indicator: Indicator) -> str:
    """Return what moment or period values of an indicator speak of."""
    return REFERENCE_ZH.get(indicator.reference, indicator.reference)
