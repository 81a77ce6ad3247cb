"""Which census units a booklet speaks of, and what they have to do with the district of today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from popbook.demography.age_structure import broad_age_table, read_census
from popbook.exhibits.chapters.status.structure import CENSUS_SOURCES
from popbook.exhibits.model import Fact, Section
from popbook.exhibits.phrases import change_word
from popbook.ledger.model import Region
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

FIRST, SECOND = 2010, 2020
CENSUSES = (FIRST, SECOND)
BULLETIN = "census-2020-bulletin"
PERSONS = 10_000
"""Persons in 万人."""

GROUP_NAMES = {"0_14": "0—14岁", "15_59": "15—59岁", "60plus": "60岁及以上", "65plus": "65岁及以上", "80plus": "80岁及以上"}


@dataclass(frozen=True)
class Unit:
    """A census unit with ages and sexes.

    Parameters
    ----------
    region
        The unit.
    relation
        ``same``, ``whole``, ``part`` or ``scope``, see the data dictionary of ``district_units.csv``.
    note
        What became of its boundaries, in Chinese.
    """

    region: Region
    relation: str
    note: str

    @property
    def id(self) -> str:
        """Region code."""
        return self.region.region_id

    @property
    def name(self) -> str:
        """Name, with its mark where today's district of that name is another territory."""
        return self.region.name_zh

    @property
    def scope_notes(self) -> tuple[str, ...]:
        """What stands under a figure of the unit where its boundaries are not today's."""
        return () if self.relation == "same" else (f"2021年4月以前的区界：{self.note}",)


def units_of(report: Report) -> tuple[Unit, ...]:
    """Return the census units of the district of a booklet, in the order of the data."""
    table = report.ledger.table("district_units")
    own = table[table["region_id"] == report.region_id]
    return tuple(
        Unit(report.ledger.regions[row["unit_id"]], row["relation"], row["note"]) for row in own.to_dict("records")
    )


def all_units(report: Report) -> list[Region]:
    """Return all census units of the city, each once, in the order of their codes."""
    ids = sorted(set(report.ledger.table("district_units")["unit_id"]))
    return [report.ledger.regions[unit_id] for unit_id in ids]


def is_redrawn(report: Report) -> bool:
    """Whether the district of today is another territory, or otherwise counted, than its census units."""
    return any(unit.relation != "same" for unit in units_of(report))


def scope_words(report: Report) -> str:
    """Say for which territory the ages on a page are; "" where the boundaries did not change."""
    units = units_of(report)
    if not is_redrawn(report):
        return ""
    names = "、".join(unit.name for unit in units)
    return (
        f"分年龄、性别的普查资料只按2021年4月以前的区界公布，本页的数属于{names}，"
        f"不是今{report.region.name_zh}的数，两套区界的数不相减、不拼接。"
    )


def scope_short(report: Report) -> str:
    """Say in few words on which boundaries a section stands."""
    return "2021年4月以前的区界。" if is_redrawn(report) else "两次普查范围相同，可以直接比较。"


def broad(report: Report) -> dict[tuple[int, str], dict[str, float]]:
    """Return the broad ages (`popbook.demography.age_structure.broad_age_table`) by census and unit, as far as seen."""
    return _broad(report.ledger)


@remember(maxsize=8)
def _broad(ledger: Ledger) -> dict[tuple[int, str], dict[str, float]]:
    census = read_census(ledger)
    if census.empty:
        return {}
    rows = broad_age_table(census).to_dict("records")
    return {
        (int(row["census_year"]), str(row["region_id"])): {
            str(key): float(value) for key, value in row.items() if key not in ("census_year", "region_id")
        }
        for row in rows
    }


def has(report: Report, *years: int) -> bool:
    """Whether the edition sees the ages of all units of the booklet at these censuses."""
    table = broad(report)
    return all((year, unit.id) in table for year in years for unit in units_of(report))


def census_fact(report: Report, unit_id: str, year: int, measure: str, label: str, unit: str, decimals: int) -> Fact:
    """Return a measure of `popbook.demography.age_structure.broad_age_table` of a census unit as a fact.

    Parameters
    ----------
    report
        The booklet.
    unit_id
        Census unit or city.
    year
        Census.
    measure
        Column of the table; counts are given in 万人.
    label
        What it is, in Chinese, without place and year.
    unit, decimals
        How it is printed.
    """
    value = broad(report)[year, unit_id][measure]
    counted = measure.startswith("count_") or measure == "total"
    return report.fact(
        f"fact-{unit_id}-{measure.replace('_', '-')}-{year}",
        f"{report.ledger.regions[unit_id].name_zh}{year}年普查{label}",
        value / PERSONS if counted else value,
        unit,
        decimals,
        year=year,
        basis="census",
        region_id=unit_id,
        source_ids=(CENSUS_SOURCES[year],),
        derivation="" if counted else "由分年龄、性别的普查人数计算",
    )


def share_fact(report: Report, unit_id: str, year: int, group: str) -> Fact:
    """Return the share of a broad age group as a fact."""
    return census_fact(report, unit_id, year, f"share_{group}", f"{GROUP_NAMES[group]}比重", "%", 1)


def step_fact(report: Report, unit_id: str, later: Fact, earlier: Fact, what: str, unit: str = "") -> Fact:
    """Return the difference of two facts of one census unit as a fact; the unit's boundaries are those of both."""
    decimals = later.decimals
    return report.fact(
        f"fact-{unit_id}-{what}-change-{earlier.year}-{later.year}",
        f"{later.label}比{earlier.year}年增减",
        (later.value or 0) - (earlier.value or 0),
        unit or later.unit,
        decimals,
        year=later.year,
        basis=later.basis,
        region_id=unit_id,
        source_ids=dict.fromkeys((*later.source_ids, *earlier.source_ids)),
        derivation=f"{later.value:.{decimals + 2}f} − {earlier.value:.{decimals + 2}f}",
    )


def growth_rate(report: Report, unit_id: str) -> float:
    """Return the growth of a census unit, or of the city, between the censuses, per cent."""
    before, after = (broad(report)[year, unit_id]["total"] / PERSONS for year in CENSUSES)
    return 100 * (after / before - 1)


def growth_fact(report: Report, unit_id: str) -> Fact:
    """Return :func:`growth_rate` as a fact."""
    before, after = (broad(report)[year, unit_id]["total"] / PERSONS for year in CENSUSES)
    return report.fact(
        f"fact-{unit_id}-census-growth-{FIRST}-{SECOND}",
        f"{report.ledger.regions[unit_id].name_zh}2010—2020年普查人口增减幅度",
        growth_rate(report, unit_id),
        "%",
        1,
        year=SECOND,
        basis="census",
        region_id=unit_id,
        source_ids=tuple(CENSUS_SOURCES.values()),
        derivation=f"{after:.4f} ÷ {before:.4f} − 1",
    )


def growth_words(report: Report, unit: Unit) -> str:
    """Say how much a census unit grew or shrank between the censuses."""
    rate = growth_fact(report, unit.id)
    verb = change_word(rate.value or 0, "level", 0.05)
    return f"{unit.name}2010—2020年人口{verb}{rate:a}" if verb != "持平" else f"{unit.name}2010—2020年人口持平"


def gap(report: Report, id: str, what: str, level: int = 2) -> Section:
    """Return the section that stands where the edition does not see the ages of the units."""
    lead = f"{what}要用两次普查分区县、分年龄的资料；2020年普查的这张表在本版截止日（{report.about.cut_off}）以前没有公布。"
    return Section(id, f"{what}未公布", lead, level=level)
