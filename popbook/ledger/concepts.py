"""The concept guard: two population concepts, dates, territories or bases meet only by a stated reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import overload

import pandas as pd

from popbook.ledger.errors import ConceptError, UsageError
from popbook.ledger.model import (
    BASIS_ZH,
    REFERENCE_ZH,
    SCHEME_ZH,
    Break,
    Indicator,
    Observation,
)
from popbook.ledger.series import Series

NO_BASIS = "none"
ANY_SCHEME = "all"
UNSTATED = "unstated"


@dataclass(frozen=True)
class Concept:
    """What a figure is about, as far as it decides whether two figures may be combined.

    Parameters
    ----------
    label : str
        Name for messages, e.g. ``"杭州市2019年常住人口"``.
    basis, reference, scheme : str
        Keys of `BASIS_ZH`, `REFERENCE_ZH`, `SCHEME_ZH`; basis ``"none"`` (e.g. GDP) agrees with every basis, scheme
        ``"all"`` with every scheme, ``"unstated"`` with nothing, itself included.
    breaks : tuple of Break
        Breaks declared for the figure.
    behind : tuple of Break
        Those of them on whose old side the figure stands.
    """

    label: str
    basis: str
    reference: str
    scheme: str = ANY_SCHEME
    breaks: tuple[Break, ...] = ()
    behind: tuple[Break, ...] = ()


Combinable = Concept | Indicator | Observation | Series


def concept_of(item: Combinable) -> Concept:
    """Say what a figure, a series or an indicator is about.

    A series stands for its latest segment: its earlier segments are cut off by `Series.segments` anyway.

    Parameters
    ----------
    item : Concept, Indicator, Observation or Series

    Returns
    -------
    Concept

    Examples
    --------
    >>> births = Indicator("hukou_birth_rate", "户籍出生率", "", "", "‰", "hukou", "survey_year", 2)
    >>> concept_of(births).basis
    'hukou'
    """
    if isinstance(item, Concept):
        return item
    if isinstance(item, Indicator):
        return Concept(item.name_zh, item.basis, item.reference)
    if isinstance(item, Series):
        latest = item.latest
        if latest is None:
            label = f"{item.region.name_zh}{item.indicator.name_zh}"
            return Concept(
                label, item.indicator.basis, item.indicator.reference, item.region.scheme, item.breaks
            )
        item = latest
    return Concept(
        f"{item.region.name_zh}{item.year}年{item.indicator.name_zh}",
        item.indicator.basis,
        item.indicator.reference,
        item.region.scheme,
        item.breaks,
        item.behind,
    )


def require_same_concept(*items: Combinable, allow: str | None = None) -> None:
    """Refuse figures that differ in basis, reference date, boundary scheme or side of a break.

    Parameters
    ----------
    *items : Concept, Indicator, Observation or Series
        Figures about to meet in one ratio, difference, chart line or sentence.
    allow : str, optional
        Why they may meet all the same; the only way through. An empty reason is no reason.

    Raises
    ------
    ConceptError
        Naming both sides and every difference between them.

    Examples
    --------
    >>> births = Indicator("hukou_birth_rate", "户籍出生率", "", "", "‰", "hukou", "survey_year", 2)
    >>> residents = Indicator("resident_population", "常住人口", "", "", "万人", "resident", "year_end", 1)
    >>> require_same_concept(births, residents)
    Traceback (most recent call last):
    popbook.ledger.errors.ConceptError: “户籍出生率”与“常住人口”不能合用：统计口径不同（户籍人口；常住人口），\
参考时点不同（调查年度（上年11月1日至当年10月31日）；年末） → 改用口径一致的指标；确需合用时，用 allow 写明理由
    >>> require_same_concept(births, residents, allow="仅用于说明两种口径的差别")
    """
    if allow is not None and not allow.strip():
        raise UsageError("allow 不能为空", "概念守卫", "写明为什么可以合用")
    if allow:
        return
    for first, second in combinations([concept_of(item) for item in items], 2):
        differences = _differences(first, second)
        if differences:
            raise ConceptError(
                f"“{first.label}”与“{second.label}”不能合用：{'，'.join(differences)}",
                "",
                "改用口径一致的指标；确需合用时，用 allow 写明理由",
            )


@overload
def difference(a: Observation, b: Observation, allow: str | None = None) -> float: ...
@overload
def difference(a: Series, b: Series, allow: str | None = None) -> pd.DataFrame: ...
def difference(
    a: Observation | Series, b: Observation | Series, allow: str | None = None
) -> float | pd.DataFrame:
    """Subtract, after the guard: ``a - b`` in their common unit.

    Parameters
    ----------
    a, b : Observation, or both Series
        Of one unit. Two series are combined on the years both have; every such year passes the guard.
    allow : str, optional
        See `require_same_concept`. A reason does not excuse different units.

    Returns
    -------
    float, or DataFrame with columns year, value

    Raises
    ------
    ConceptError
        If the concepts or the units differ.
    """
    _require_same_unit(a, b)
    return _combine(a, b, allow, lambda x, y: x - y)


@overload
def ratio(a: Observation, b: Observation, allow: str | None = None) -> float: ...
@overload
def ratio(a: Series, b: Series, allow: str | None = None) -> pd.DataFrame: ...
def ratio(a: Observation | Series, b: Observation | Series, allow: str | None = None) -> float | pd.DataFrame:
    """Divide, after the guard: ``a / b``; NaN where b is zero.

    Parameters
    ----------
    a, b : Observation, or both Series
        Units may differ (GDP per resident); the caller names the unit of the result.
    allow : str, optional
        See `require_same_concept`.

    Returns
    -------
    float, or DataFrame with columns year, value

    Raises
    ------
    ConceptError
        If the concepts differ.
    """
    return _combine(a, b, allow, lambda x, y: x / y if y else float("nan"))


@overload
def share(part: Observation, whole: Observation, allow: str | None = None) -> float: ...
@overload
def share(part: Series, whole: Series, allow: str | None = None) -> pd.DataFrame: ...
def share(
    part: Observation | Series, whole: Observation | Series, allow: str | None = None
) -> float | pd.DataFrame:
    """Share of a part in a whole in per cent, after the guard: ``100 * part / whole``.

    Parameters
    ----------
    part, whole : Observation, or both Series
        Of one unit.
    allow : str, optional
        See `require_same_concept`. A reason does not excuse different units.

    Returns
    -------
    float, or DataFrame with columns year, value (per cent)

    Raises
    ------
    ConceptError
        If the concepts or the units differ.
    """
    _require_same_unit(part, whole)
    return _combine(part, whole, allow, lambda x, y: 100 * x / y if y else float("nan"))


def _combine(
    a: Observation | Series,
    b: Observation | Series,
    allow: str | None,
    operation: Callable[[float, float], float],
) -> float | pd.DataFrame:
    if isinstance(a, Observation) and isinstance(b, Observation):
        require_same_concept(a, b, allow=allow)
        return operation(a.value, b.value)
    if not (isinstance(a, Series) and isinstance(b, Series)):
        raise UsageError(
            "观测值只能与观测值合用，序列只能与序列合用", "概念守卫", "先用 Series.at(year) 取出观测值"
        )
    others = {observation.year: observation for observation in b.observations()}
    rows = []
    for observation in a.observations():
        other = others.get(observation.year)
        if other is not None:
            require_same_concept(observation, other, allow=allow)
            rows.append((observation.year, operation(observation.value, other.value)))
    return pd.DataFrame(rows, columns=["year", "value"]).astype({"year": "int64", "value": "float64"})


def _require_same_unit(a: Observation | Series, b: Observation | Series) -> None:
    if a.indicator.unit != b.indicator.unit:
        raise ConceptError(
            f"“{a.indicator.name_zh}”（{a.indicator.unit}）与“{b.indicator.name_zh}”（{b.indicator.unit}）单位不同",
            "",
            "改用单位一致的指标，单位不作暗中换算",
        )


def _differences(first: Concept, second: Concept) -> list[str]:
    found = []
    if NO_BASIS not in (first.basis, second.basis) and _differ(first.basis, second.basis):
        found.append(_pair("统计口径", BASIS_ZH, first.basis, second.basis))
    if _differ(first.reference, second.reference):
        found.append(_pair("参考时点", REFERENCE_ZH, first.reference, second.reference))
    if ANY_SCHEME not in (first.scheme, second.scheme) and first.scheme != second.scheme:
        found.append(_pair("行政区划", SCHEME_ZH, first.scheme, second.scheme))
    for cause in _separating_breaks(first, second):
        found.append(f"分处口径断点“{cause.name_zh}”两侧")
    return found


def _differ(first: str, second: str) -> bool:
    return first != second or first == UNSTATED


def _pair(what: str, words: dict[str, str], first: str, second: str) -> str:
    if first == second == UNSTATED:
        return f"{what}均未说明，无法确认一致"
    return f"{what}不同（{words.get(first, first)}；{words.get(second, second)}）"


def _separating_breaks(first: Concept, second: Concept) -> list[Break]:
    """Breaks (by kind and year) declared for both sides, of which only one side stands behind."""
    declared = _keys(first.breaks) & _keys(second.breaks)
    apart = (_keys(first.behind) ^ _keys(second.behind)) & declared
    causes = {(b.kind, b.year): b for b in (*second.behind, *first.behind)}
    return [causes[key] for key in sorted(apart)]


def _keys(breaks: tuple[Break, ...]) -> set[tuple[str, int]]:
    return {(b.kind, b.year) for b in breaks}
