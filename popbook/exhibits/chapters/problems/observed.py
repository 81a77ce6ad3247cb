"""What published observations say when they are put together: sources, bases, births from a rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from popbook.ledger.concepts import require_same_concept
from popbook.ledger.model import Observation
from popbook.ledger.series import Series

_BASES = {
    "first-published": "六普基础",
    "first-published-2000-base": "五普基础",
    "rebased-2010-census": "六普基础",
    "rebased-2020-census": "七普基础",
    "annual-survey-on-2020-census": "七普基础",
    "census-2010": "普查",
    "census-2020": "普查",
}
_MEAN_POPULATION = "出生率的分母就是年平均人口，由同一基础的相邻两个年末数平均"


@dataclass(frozen=True)
class Births:
    """Births of a year computed from a published rate.

    Parameters
    ----------
    rate
        Published crude birth rate, ‰.
    mean_population
        Mean of the two year-ends, 万人.
    births
        万人.
    derivation
        Chinese arithmetic.
    source_ids
        Sources of the rate and of both year-ends.
    """

    rate: Observation
    mean_population: float
    births: float
    derivation: str
    source_ids: tuple[str, ...]


def sources_of(observations: Iterable[Observation | None]) -> tuple[str, ...]:
    """Return the sources of observations, each once, in order.

    Examples
    --------
    >>> sources_of([None])
    ()
    """
    return tuple(dict.fromkeys(o.source_id for o in observations if o is not None))


def base_word(observation: Observation) -> str:
    """Return the census base a resident or census figure stands on, in Chinese; "" where bases do not apply."""
    return _BASES.get(observation.vintage, "")


def is_comparable(first: Observation, second: Observation) -> bool:
    """Tell whether two figures of one indicator stand on the same side of every break."""
    return {b.break_id for b in first.behind} == {b.break_id for b in second.behind}


def births_from_rate(rates: Series, stock: Series) -> dict[int, Births]:
    """Compute births by year from a crude rate and year-end populations: ``B = b (P[t-1] + P[t]) / 2``.

    Parameters
    ----------
    rates
        Crude birth rate, ‰.
    stock
        Year-end population of the same basis, 万人.

    Returns
    -------
    dict
        By year; only years whose rate and both year-ends stand on the same census base.
    """
    made = {}
    for rate in rates.observations():
        before, end = stock.at(rate.year - 1), stock.at(rate.year)
        if before is None or end is None or not is_comparable(before, end):
            continue
        if {(b.kind, b.year) for b in rate.behind} != {(b.kind, b.year) for b in end.behind}:
            continue
        require_same_concept(before, end)
        mean = (before.value + end.value) / 2
        made[rate.year] = Births(
            rate,
            mean,
            rate.value * mean / 1000,
            f"{rate.value:g}‰ ×（{before.value:g} + {end.value:g}）÷ 2，{_MEAN_POPULATION}",
            sources_of([rate, before, end]),
        )
    return made
