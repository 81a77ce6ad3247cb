"""What a schema cannot say about the data: identities, plausibility, dates, and promises the tables make to each other.

Each rule takes all tables and yields problems; a rule never assumes that the schema holds, because all problems are
reported in one run. `RULES` lists them in the order of the report.
"""

from __future__ import annotations

import calendar
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median
from typing import Any

import pandas as pd

from popbook.ledger.errors import Problem
from popbook.ledger.model import Break
from popbook.ledger.store import select_values
from popbook.ledger.tableschema import NUMBER, Table

Tables = dict[str, Table]
Rule = Callable[[Tables], Iterator[Problem]]

BINARY_SLACK = 1e-6
"""Added to every tolerance: decimal fractions are not exact in binary."""

LEVEL_UNITS = frozenset(
    {"万人", "人", "万户", "户", "亿元", "元", "万元", "元/人", "万元/人", "人年", "万人年"}
)
"""Units whose values are judged by growth rates; all others (%, ‰, years, ratios) by differences."""

ADDITIVE_UNITS = frozenset({"万人", "人", "万户", "户"})
"""Units in which districts add up to the city."""

MAGNITUDE_FACTOR = 3.0
"""No city aggregate triples between two neighbouring published years; 人 typed for 万人 is a factor of 10,000."""

MAGNITUDE_YEARS = 3
"""Beyond a gap of three years a tripling (GDP, teams) becomes possible."""

JUMP_HISTORY = 4
"""Fewer other changes than this tell nothing about what is usual."""

JUMP_SPREADS = 6.0
"""Robust standard deviations; above five even heavy-tailed annual changes of a city are rare."""

JUMP_FLOOR_LEVEL = 0.015
"""Growth differences below 1.5 points a year are never called unusual on their own (times `JUMP_SPREADS`)."""

JUMP_FLOOR_RATE = 0.25
"""The same for rates and shares, in their own unit; a birth rate moves by 1 to 2 per mille in a lunar-year effect."""

MAD_TO_SPREAD = 1.4826
"""Median absolute deviation of a normal distribution times this is its standard deviation."""

NEEDED_COLUMNS: dict[str, tuple[str, ...]] = {
    "indicators": ("indicator_id", "name_zh", "unit", "basis", "reference", "decimals", "lower", "upper", "target_id"),
    "regions": (
        "region_id",
        "level",
        "parent_id",
        "scheme",
        "valid_from",
        "valid_to",
        "tile_row",
        "tile_col",
    ),
    "sources": ("source_id", "title", "publisher", "published", "date_precision", "note"),
    "observations": (
        "indicator_id",
        "region_id",
        "year",
        "value",
        "status",
        "vintage",
        "source_id",
        "published",
        "confidence",
        "note",
    ),
    "breaks": tuple(Break.__dataclass_fields__),
    "corrections": ("guard",),
    "editions": ("edition", "cut_off"),
    "revisions": ("edition", "revision", "published"),
    "booklet_revisions": ("edition", "revision", "published", "region_id"),
    "plans": (
        "region_id",
        "base_year",
        "first_year",
        "target_year",
        "horizon_year",
        "first_edition",
    ),
    "plan_targets": (
        "target_id",
        "indicator_id",
        "unit_printed",
        "base_value",
        "base_printed",
        "comparison",
        "target_value",
        "target_printed",
        "kind",
    ),
    "plan_scenario_paths": ("plan_id", "year", "scenario", "concept", "value"),
    "plan_table1_population": (
        "plan_id", "year", "concept", "total", "total_printed", "increment", "increment_printed",
    ),
    "plan_table2_hukou_60plus": (
        "plan_id",
        "region_id",
        "year",
        "share",
        "share_printed",
        "share_change",
        "share_change_printed",
    ),
    "plan_evidence": ("source_id", "published"),
    "census_age_sex": ("census_year", "region_id", "sex", "age", "width", "population"),
    "panel_resident": ("year", "published"),
    "panel_hukou": ("year", "published"),
    "panel_gdp_growth": ("year", "published"),
    "panel_windows": ("first_year", "last_year"),
}
"""Columns the rules read; a data folder may lack a table, not a column of a table it has."""

GUARD = re.compile(r"(?P<table>\w+)\[(?P<key>[^\]]+)\]\.(?P<column>\w+)\s*==\s*(?P<printed>.*)", re.DOTALL)
PRINTED_NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
REFERENCE_END = {
    "year_end": (12, 31),
    "calendar_year": (12, 31),
    "census_day": (11, 1),
    "survey_year": (10, 31),
}
BASIS_PREFIXES = ("resident", "hukou", "floating", "census")
SCENARIO_ORDER = ("low", "medium", "high")


# ---------------------------------------------------------------- observations


@dataclass(frozen=True)
class Identity:
    """A sum that published figures must satisfy: ``sum(weight * value) = total``."""

    name_zh: str
    terms: tuple[tuple[float, str], ...]
    total: float = 0.0


@dataclass(frozen=True)
class Quotient:
    """A percentage that published figures must satisfy: ``value = 100 * part / whole``."""

    name_zh: str
    value: str
    part: str
    whole: str


def _identities() -> tuple[Identity, ...]:
    found = []
    for basis, name in (("resident", "常住"), ("census", "普查")):
        whole = (-1.0, f"{basis}_population")
        for words, parts in (
            ("城镇＋乡村＝总人口", ("urban", "rural")),
            ("男性＋女性＝总人口", ("male", "female")),
            ("0—14＋15—59＋60岁以上＝总人口", ("count_0_14", "count_15_59", "count_60plus")),
            ("0—14＋15—64＋65岁以上＝总人口", ("count_0_14", "count_15_64", "count_65plus")),
        ):
            found.append(Identity(name + words, (*((1.0, f"{basis}_{part}") for part in parts), whole)))
        for words, parts in (
            ("0—14、15—59、60岁以上占比合计100%", ("0_14", "15_59", "60plus")),
            ("0—14、15—64、65岁以上占比合计100%", ("0_14", "15_64", "65plus")),
        ):
            found.append(
                Identity(name + words, tuple((1.0, f"{basis}_share_{part}") for part in parts), 100.0)
            )
    for basis, name in (("resident", "常住"), ("hukou", "户籍")):
        terms = ((1.0, f"{basis}_birth_rate"), (-1.0, f"{basis}_death_rate"), (-1.0, f"{basis}_natural_rate"))
        found.append(Identity(f"{name}出生率－死亡率＝自然增长率", terms))
    return tuple(found)


def _quotients() -> tuple[Quotient, ...]:
    found = []
    for basis, name in (("resident", "常住"), ("census", "普查"), ("hukou", "户籍")):
        found.append(
            Quotient(f"{name}性别比＝男÷女×100", f"{basis}_sex_ratio", f"{basis}_male", f"{basis}_female")
        )
        whole = f"{basis}_population"
        found.append(Quotient(f"{name}城镇化率＝城镇÷总人口", f"{basis}_urban_rate", f"{basis}_urban", whole))
        for age in ("0_14", "15_59", "15_64", "60plus", "65plus", "80plus"):
            words = f"{name}{age}占比＝人数÷总人口"
            found.append(Quotient(words, f"{basis}_share_{age}", f"{basis}_count_{age}", whole))
    return tuple(found)


IDENTITIES = _identities()
INCREMENTS = (("resident_population", "resident_increment"),)
"""A level, and its printed yearly increment."""
QUOTIENTS = _quotients()


@dataclass(frozen=True)
class Term:
    """One value in an identity: its row, value and half a unit of its last printed digit."""

    row: int
    value: float
    half_unit: float


def check_identities(tables: Tables) -> Iterator[Problem]:
    """Figures of one source, region, year and vintage must agree with each other within their rounding.

    Only figures of one source are compared: across publications, differences of rounding and scope are ordinary and
    are the business of `Ledger.conflicts`.
    """
    table = tables["observations"]
    names = dict(zip(*_columns(tables["indicators"], "indicator_id", "name_zh"), strict=True))
    for terms in _by_source(tables).values():
        for identity in IDENTITIES:
            if all(name in terms for _, name in identity.terms):
                weighted = [(weight, terms[name]) for weight, name in identity.terms]
                gap = sum(weight * term.value for weight, term in weighted) - identity.total
                slack = sum(abs(weight) * term.half_unit for weight, term in weighted)
                if abs(gap) > slack + BINARY_SLACK:
                    parts = "、".join(f"{names.get(key, key)} {terms[key].value:g}" for _, key in identity.terms)
                    message = f"{identity.name_zh}不成立，相差 {gap:+.4g}（{parts}）"
                    yield table.problem(
                        weighted[0][1].row, "value", "identity", message, "对照原文核对各项数值"
                    )
        for quotient in QUOTIENTS:
            if all(name in terms for name in (quotient.value, quotient.part, quotient.whole)):
                value, part, whole = (terms[n] for n in (quotient.value, quotient.part, quotient.whole))
                if whole.value <= whole.half_unit:
                    continue
                implied = 100 * part.value / whole.value
                slack = value.half_unit + (100 * part.half_unit + implied * whole.half_unit) / whole.value
                if abs(value.value - implied) > slack + BINARY_SLACK:
                    message = (
                        f"{quotient.name_zh}不成立：所列 {value.value:g}，"
                        f"按 {part.value:g} 和 {whole.value:g} 推算为 {implied:.4g}"
                    )
                    yield table.problem(value.row, "value", "identity", message, "对照原文核对各项数值")
        yield from _dependency_problems(table, terms)


def _dependency_problems(table: Table, terms: dict[str, Term]) -> Iterator[Problem]:
    for basis in ("resident", "census"):
        names = (f"{basis}_dependency", f"{basis}_share_0_14", f"{basis}_share_65plus")
        if not all(name in terms for name in names):
            continue
        value, young, old = (terms[name] for name in names)
        dependants = young.value + old.value
        if not 0 <= dependants < 100:
            continue
        implied = 100 * dependants / (100 - dependants)
        # d(100x / (100 - x)) / dx = 10000 / (100 - x)²
        slack = value.half_unit + (young.half_unit + old.half_unit) * 1e4 / (100 - dependants) ** 2
        if abs(value.value - implied) > slack + BINARY_SLACK:
            message = f"总抚养比与0—14岁、65岁以上占比不符：所列 {value.value:g}，推得 {implied:.4g}"
            yield table.problem(value.row, "value", "identity", message, "对照原文核对各项数值")


def check_increments(tables: Tables) -> Iterator[Problem]:
    """Last year's value plus the printed increment is this year's value, within their rounding and one vintage.

    The increment and this year's value come from one source; last year's is the value of the same vintage that the
    selection rule takes.
    """
    table = tables["observations"]
    usable = table.values.dropna(subset=["year", "value"]).assign(row=lambda frame: frame.index)
    wanted = usable[usable["indicator_id"].isin([name for pair in INCREMENTS for name in pair])]
    if wanted.empty:
        return
    groups = _by_source(tables)
    chosen: dict[tuple[str, float, str, str], Term] = {}
    columns = ["indicator_id", "region_id", "year", "vintage", "source_id"]
    for _, rows in wanted.groupby("vintage"):
        for indicator, region, year, vintage, source in select_values(rows)[columns].itertuples(index=False, name=None):
            chosen[region, year, vintage, indicator] = groups[region, year, source, vintage][indicator]
    for (region, year, _, vintage), terms in groups.items():
        for level, increment in INCREMENTS:
            before = chosen.get((region, year - 1, vintage, level))
            if before is None or level not in terms or increment not in terms:
                continue
            now, change = terms[level], terms[increment]
            gap = before.value + change.value - now.value
            if abs(gap) > before.half_unit + change.half_unit + now.half_unit + BINARY_SLACK:
                message = (
                    f"上年 {before.value:.10g} 加增量 {change.value:.10g} 为 {before.value + change.value:.10g}，"
                    f"与本年 {now.value:.10g} 相差 {gap:+.10g}"
                )
                yield table.problem(change.row, "value", "increment", message, "对照原文核对本年数、上年数和增量")


def check_district_sums(tables: Tables) -> Iterator[Problem]:
    """The units of one boundary scheme add up to the territory above them, within one source.

    Compared only where a source lists every unit that has a place on the tile map of the scheme; zones that a bulletin
    lists beside the districts are added too. Tolerance: half a unit of the last printed digit of every figure added.
    """
    table, regions = tables["observations"], tables["regions"].values
    units = dict(zip(*_columns(tables["indicators"], "indicator_id", "unit"), strict=True))
    complete = _complete_schemes(regions)
    parents = dict(zip(regions["region_id"], regions["parent_id"], strict=True))
    schemes = dict(zip(regions["region_id"], regions["scheme"], strict=True))
    groups: dict[tuple[Any, ...], dict[str, Term]] = defaultdict(dict)
    for (region, year, source, vintage), terms in _by_source(tables).items():
        for indicator, term in terms.items():
            if units.get(indicator) in ADDITIVE_UNITS:
                groups[indicator, year, source, vintage][region] = term
    for (indicator, *_), terms in groups.items():
        for (parent, scheme), required in complete.items():
            if parent not in terms or not required <= terms.keys():
                continue
            parts = [
                term
                for region, term in terms.items()
                if parents.get(region) == parent and schemes.get(region) in ("all", scheme)
            ]
            whole = terms[parent]
            gap = sum(term.value for term in parts) - whole.value
            slack = sum(term.half_unit for term in parts) + whole.half_unit
            if abs(gap) > slack + BINARY_SLACK:
                message = f"“{indicator}”各区县合计与全市相差 {gap:+.4g}（{len(parts)} 个地区，{scheme}）"
                yield table.problem(whole.row, "value", "district-sum", message, "核对各区县数值和区划版本")


def _complete_schemes(regions: pd.DataFrame) -> dict[tuple[str, str], set[str]]:
    districts = regions[(regions["level"] == "district") & regions["tile_row"].notna()]
    found = {}
    for parent in sorted(set(districts["parent_id"])):
        for scheme in ("pre-2021", "post-2021"):
            own = districts[(districts["parent_id"] == parent) & districts["scheme"].isin(["all", scheme])]
            if len(own) > 1:
                found[parent, scheme] = set(own["region_id"])
    return found


def check_bounds(tables: Tables) -> Iterator[Problem]:
    """Every value lies within its indicator's lower and upper bound."""
    table = tables["observations"]
    columns = _columns(tables["indicators"], "indicator_id", "lower", "upper", "unit")
    limits = {key: limit for key, *limit in zip(*columns, strict=True)}
    values = table.values
    for row, key, value in zip(values.index, values["indicator_id"], values["value"], strict=True):
        if key not in limits or math.isnan(value):
            continue
        lower, upper, unit = limits[key]
        if value < lower or value > upper:  # a missing bound is NaN and never violated
            message = f"{value:g} {unit} 超出“{key}”的可能范围 {_bound(lower)}～{_bound(upper)}"
            yield table.problem(row, "value", "bounds", message, "核对数值和单位（人与万人、% 与 ‰）")


def _bound(value: float) -> str:
    return "不限" if math.isnan(value) else f"{value:g}"


def check_jumps(tables: Tables) -> Iterator[Problem]:
    """A change far beyond the history of the series needs a break, a note or a status.

    History is what the ledger held when the figure was entered, for rows are only ever appended: a figure that was
    accepted does not become a mistake because of what came later.
    """
    table = tables["observations"]
    units = dict(zip(*_columns(tables["indicators"], "indicator_id", "unit"), strict=True))
    breaks = _breaks(tables)
    usable = table.values.dropna(subset=["year", "value"]).assign(row=lambda frame: frame.index)
    series: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in select_values(usable).to_dict("records"):
        series[record["indicator_id"], record["region_id"]].append({str(k): v for k, v in record.items()})
    for (indicator, region), records in sorted(series.items()):
        concerned = [b for b in breaks if b.concerns(indicator, region)]
        steps = [
            (before, after)
            for before, after in pairwise(records)
            if not any(
                b.has_before(before["year"], before["vintage"])
                != b.has_before(after["year"], after["vintage"])
                for b in concerned
            )
        ]
        level = units.get(indicator) in LEVEL_UNITS
        changes = [_yearly_change(before, after, level) for before, after in steps]
        for number, (before, after) in enumerate(steps):
            explained = after["note"] or before["note"] or after["status"]
            change = changes[number]
            if explained or change is None:
                continue
            words = (
                f"{before['year']:.0f} 年 {before['value']:g} 至 {after['year']:.0f} 年 {after['value']:g}"
            )
            remedy = "核对数值和单位；确实如此时在“说明”（note）中写原因，口径变化时登记口径断点"
            span = after["year"] - before["year"]
            if level and span <= MAGNITUDE_YEARS and abs(change) * span > math.log(MAGNITUDE_FACTOR):
                yield table.problem(after["row"], "value", "magnitude", f"数量级突变：{words}", remedy)
            elif _is_unusual(
                change,
                [
                    other
                    for i, (other, step) in enumerate(zip(changes, steps, strict=True))
                    if i != number and other is not None and _entered(step) <= _entered(steps[number])
                ],
                level,
            ):
                yield table.problem(after["row"], "value", "jump", f"变化远超历年：{words}", remedy)


def _entered(step: tuple[dict[str, Any], dict[str, Any]]) -> int:
    return max(int(record["row"]) for record in step)


def _yearly_change(before: dict[str, Any], after: dict[str, Any], level: bool) -> float | None:
    span = after["year"] - before["year"]
    if level:
        if before["value"] <= 0 or after["value"] <= 0:
            return None
        return math.log(after["value"] / before["value"]) / span
    return (after["value"] - before["value"]) / span


def _is_unusual(change: float, others: Sequence[float], level: bool) -> bool:
    if len(others) < JUMP_HISTORY:
        return False
    centre = median(others)
    spread = MAD_TO_SPREAD * median(abs(other - centre) for other in others)
    floor = JUMP_FLOOR_LEVEL if level else JUMP_FLOOR_RATE
    return abs(change - centre) > JUMP_SPREADS * max(spread, floor)


def check_publication_dates(tables: Tables) -> Iterator[Problem]:
    """A figure carries its source's date, and nothing is published before it could be measured."""
    table = tables["observations"]
    references = dict(zip(*_columns(tables["indicators"], "indicator_id", "reference"), strict=True))
    sources = dict(zip(*_columns(tables["sources"], "source_id", "published"), strict=True))
    columns = ["indicator_id", "year", "source_id", "published", "status", "note"]
    for row, indicator, year, source, published, status, note in table.values[columns].itertuples(name=None):
        if source in sources and published != sources[source]:
            message = f"发布日期 {published} 与来源表的 {sources[source]} 不一致"
            yield table.problem(row, "published", "published-differs", message, "以来源表为准，改成一致")
        if math.isnan(year) or not published:
            continue
        month, day = REFERENCE_END.get(references.get(indicator, ""), (1, 1))
        if published < f"{year:04.0f}":
            message = f"{year:.0f} 年的数值在 {published} 发布，早于该年"
            yield table.problem(row, "year", "year-in-future", message, "核对年份和发布日期")
        elif published < f"{year:04.0f}-{month:02d}-{day:02d}" and not (status or note):
            message = f"{year:.0f} 年的数值在 {published} 发布，早于其参考时点"
            remedy = "核对年份；确实如此时把 status 记为 P 或 E，或在 note 中写明截至何时"
            yield table.problem(row, "year", "year-in-future", message, remedy)
    evidence = tables["plan_evidence"]
    for row, source, published in evidence.values[["source_id", "published"]].itertuples(name=None):
        if source in sources and published != sources[source]:
            message = f"发布日期 {published} 与来源表的 {sources[source]} 不一致"
            yield evidence.problem(row, "published", "published-differs", message, "以来源表为准，改成一致")
    for name in ("panel_resident", "panel_hukou", "panel_gdp_growth"):
        panel = tables[name]
        for row, year, published in panel.values[["year", "published"]].itertuples(name=None):
            if published and not math.isnan(year) and published < f"{year:04.0f}-12-31":
                message = f"{year:.0f} 年的数值在 {published} 发布，早于年末"
                yield panel.problem(row, "year", "year-in-future", message, "核对年份和发布日期")


# ---------------------------------------------------------------- registers


def check_indicators(tables: Tables) -> Iterator[Problem]:
    """Basis and reference date agree with the id's prefix, bounds with each other, target ids with the plan."""
    table, targets = tables["indicators"], tables["plan_targets"]
    monitored = dict(zip(*_columns(targets, "target_id", "indicator_id"), strict=True))
    for row, item in table.values.iterrows():
        prefix = str(item["indicator_id"]).split("_")[0]
        if prefix in BASIS_PREFIXES and item["basis"] != prefix:
            message = f"编号以 {prefix}_ 开头，口径却是“{item['basis']}”"
            yield table.problem(_row(row), "basis", "basis", message, "编号前缀与口径保持一致")
        if item["basis"] == "census" and item["reference"] not in ("census_day", "survey_year"):
            message = "普查口径的参考时点应为 census_day，出生、死亡等为 survey_year"
            yield table.problem(_row(row), "reference", "basis", message, "改正参考时点")
        if item["lower"] > item["upper"]:
            yield table.problem(_row(row), "lower", "bounds", "下限大于上限", "改正上下限")
        target = item["target_id"]
        if target in monitored and monitored[target] != item["indicator_id"]:
            message = f"规划表 {target} 的监测指标是“{monitored[target]}”"
            yield table.problem(_row(row), "target_id", "target-link", message, "两表改成一致")


def check_regions(tables: Tables) -> Iterator[Problem]:
    """No two regions of one boundary scheme share a tile of the map; validity dates run forward."""
    table = tables["regions"]
    for scheme in ("pre-2021", "post-2021"):
        taken: dict[tuple[float, float], int] = {}
        shown = table.values[table.values["scheme"].isin(["all", scheme])].dropna(
            subset=["tile_row", "tile_col"]
        )
        for row, tile_row, tile_col in shown[["tile_row", "tile_col"]].itertuples(name=None):
            first = taken.setdefault((tile_row, tile_col), row)
            if first != row:
                message = f"示意图方格（{tile_row:.0f}，{tile_col:.0f}）与第 {first} 行重叠"
                yield table.problem(row, "tile_row", "tile", message, "为每个地区安排不同的方格")
    for row, start, end in table.values[["valid_from", "valid_to"]].itertuples(name=None):
        if start and end and end < start:
            yield table.problem(row, "valid_to", "order", "失效日期早于生效日期", "改正日期")


def check_sources(tables: Tables) -> Iterator[Problem]:
    """Dates known to the month or year stand at its last day; no address stands in a shown column."""
    table = tables["sources"]
    for row, published, precision in table.values[["published", "date_precision"]].itertuples(name=None):
        day = _date(published)
        if day is None:
            continue
        last = calendar.monthrange(day.year, day.month)[1]
        if (precision == "month" and day.day != last) or (
            precision == "year" and (day.month, day.day) != (12, 31)
        ):
            message = f"日期精度为 {precision}，发布日期 {published} 却不在该期末日"
            yield table.problem(
                row, "published", "date-precision", message, "只知年月的取月末，只知年份的取 12-31"
            )
    for column in ("title", "publisher", "note"):
        for row, text in table.values[column].items():
            if re.search(r"https?://|www\.", str(text)):
                message = "显示给读者的列中含网址"
                yield table.problem(_row(row), column, "address", message, "网址只写在 read_via 列")


def check_editions(tables: Tables) -> Iterator[Problem]:
    """Editions are in order, and each closes after its data year and after the edition before it."""
    table = tables["editions"]
    rows = [
        (row, edition, cut_off)
        for row, edition, cut_off in table.values[["edition", "cut_off"]].itertuples(name=None)
        if not math.isnan(edition)
    ]
    for row, edition, cut_off in rows:
        if cut_off and cut_off <= f"{edition:04.0f}-12-31":
            message = f"{edition:.0f} 年度版的截止日期 {cut_off} 不晚于该年年末"
            yield table.problem(row, "cut_off", "order", message, "截止日期应在下一年")
    for (_, before, before_cut), (row, after, after_cut) in pairwise(rows):
        if after <= before or after_cut <= before_cut:
            message = "年度或截止日期没有逐行递增"
            yield table.problem(row, "cut_off", "order", message, "按年度排列，截止日期逐年推后")


def check_revisions(tables: Tables) -> Iterator[Problem]:
    """The revisions of an edition are r1, r2 … without a gap, each published no earlier than the one before it; so are
    those of every booklet of an edition."""
    for name, keys in (("revisions", ["edition"]), ("booklet_revisions", ["edition", "region_id"])):
        for (edition, *_), rows in tables[name].values.groupby(keys):
            yield from _count_up(tables[name], f"{edition:.0f} 年度版", rows)


def _count_up(table: Table, whose: str, rows: pd.DataFrame) -> Iterator[Problem]:
    before = ""
    for number, (row, revision, published) in enumerate(
        rows[["revision", "published"]].itertuples(name=None), start=1
    ):
        if revision != f"r{number}":
            message = f"{whose}的第 {number} 个修订应为 r{number}，现为“{revision}”"
            yield table.problem(row, "revision", "order", message, "修订只追加，逐次加一")
        if published and published < before:
            message = f"发布日期 {published} 早于上一修订的 {before}"
            yield table.problem(row, "published", "order", message, "核对发布日期")
        before = published


def check_breaks(tables: Tables) -> Iterator[Problem]:
    """A break that names a vintage must find values of that vintage, else it can never apply."""
    table, observations = tables["breaks"], tables["observations"].values
    for row, item in table.values.iterrows():
        vintage, year = item["vintage_before"], item["year"]
        if not vintage or math.isnan(year):
            continue
        rows = observations[observations["vintage"].isin(vintage.split("|")) & (observations["year"] < year)]
        for column in ("indicator_id", "region_id"):
            if item[column]:
                rows = rows[rows[column] == item[column]]
        if rows.empty:
            message = f"断点前没有版次为“{vintage}”的数值，断点不起作用"
            yield table.problem(_row(row), "vintage_before", "break-idle", message, "改正版次，或删去该断点")


def check_corrections(tables: Tables) -> Iterator[Problem]:
    """Every correction's guard still finds the printed text it mends."""
    table = tables["corrections"]
    for row, guard in table.values["guard"].items():
        if not guard:
            continue
        found = _guarded_cell(tables, guard)
        if isinstance(found, str):
            yield table.problem(_row(row), "guard", "guard", found, "原文已改则删去勘误，写错则改正守卫条件")


def _guarded_cell(tables: Tables, guard: str) -> tuple[str, int] | str:
    """Table and row a guard points to, or what is wrong with it."""
    parsed = GUARD.fullmatch(guard)
    if not parsed:
        return "守卫条件的写法应为：表名[键=值].列 == 所印文字"
    table = tables.get(parsed["table"])
    if table is None:
        return f"守卫条件中没有名为“{parsed['table']}”的表"
    cells = table.cells
    for condition in parsed["key"].split(","):
        column, _, value = condition.partition("=")
        if column.strip() not in cells:
            return f"守卫条件中没有名为“{column.strip()}”的列"
        cells = cells[cells[column.strip()] == value.strip()]
    if parsed["column"] not in cells:
        return f"守卫条件中没有名为“{parsed['column']}”的列"
    if len(cells) != 1:
        return f"守卫条件应恰好指向一格，现指向 {len(cells)} 格"
    printed = str(cells[parsed["column"]].iloc[0])
    if printed != parsed["printed"].strip():
        return f"守卫条件不再成立：该格现为“{printed[:40]}”"
    return parsed["table"], int(cells.index[0])


def _corrected_rows(tables: Tables) -> set[tuple[str, int]]:
    found = (_guarded_cell(tables, guard) for guard in tables["corrections"].values["guard"] if guard)
    return {cell for cell in found if not isinstance(cell, str)}


# ---------------------------------------------------------------- the plan


def check_plans(tables: Tables) -> Iterator[Problem]:
    """The years of a plan run forward; no two plans of one city begin to be monitored with the same edition."""
    table = tables["plans"]
    begun: dict[tuple[str, float], int] = {}
    order = ("base_year", "first_year", "target_year", "horizon_year")
    for row, item in table.values.iterrows():
        for earlier, later in pairwise(order):
            if item[earlier] > item[later] or (earlier == "base_year" and item[earlier] == item[later]):
                message = f"{later}（{item[later]:.0f}）早于或等于 {earlier}（{item[earlier]:.0f}）"
                yield table.problem(_row(row), later, "order", message, "基期年份早于起始年份，以后各年依次不早于前一项")
        first = begun.setdefault((item["region_id"], item["first_edition"]), _row(row))
        if first != _row(row):
            message = f"与第 {first} 行的规划从同一个年度版起用"
            yield table.problem(_row(row), "first_edition", "order", message, "每个规划从不同的年度版起用")


def check_plan_tables(tables: Tables) -> Iterator[Problem]:
    """Increments, shares and printed figures of the plan's tables agree, unless a correction declares that they do not."""
    corrected = _corrected_rows(tables)
    for problem, name in _plan_table_problems(tables):
        if (name, problem.row) not in corrected:
            yield problem


def _plan_table_problems(tables: Tables) -> Iterator[tuple[Problem, str]]:
    remedy = "对照原文；原文如此则在 corrections.csv 登记"
    steps = (
        ("plan_table1_population", "concept", "total", "increment", "年增量"),
        ("plan_table2_hukou_60plus", "region_id", "share", "share_change", "占比变化"),
    )
    for name, group, value, change, words in steps:
        table = tables[name]
        for _, rows in table.values.sort_values("year", kind="stable").groupby(["plan_id", group]):
            for before, after in pairwise(rows.index):
                printed, gap = table.values.loc[after, change], table.values.loc[after, value]
                gap = gap - table.values.loc[before, value] - printed
                slack = sum(
                    _half_unit(table.cells.loc[row, column])
                    for row, column in ((before, value), (after, value), (after, change))
                )
                # Table 1 prints exact differences of what it prints; table 2 rounds each figure by itself.
                if abs(gap) > (BINARY_SLACK if name == "plan_table1_population" else slack + BINARY_SLACK):
                    message = f"所列{words} {printed:g} 与前后两期之差 {printed + gap:g} 不符"
                    yield table.problem(_row(after), change, "increment", message, remedy), name
    pairs = (
        ("plan_table1_population", "total"),
        ("plan_table1_population", "increment"),
        ("plan_table2_hukou_60plus", "share"),
        ("plan_table2_hukou_60plus", "share_change"),
        ("plan_targets", "base"),
        ("plan_targets", "target"),
    )
    for name, stem in pairs:
        table = tables[name]
        column = f"{stem}_value" if f"{stem}_value" in table.values else stem
        for row, value, printed in table.values[[column, f"{stem}_printed"]].itertuples(name=None):
            numbers = [float(text.replace(",", "")) for text in PRINTED_NUMBER.findall(printed)]
            if numbers and not any(abs(abs(value) - number) < BINARY_SLACK for number in numbers):
                message = f"数值 {value:g} 与所印“{printed}”不符"
                yield table.problem(row, column, "printed", message, remedy), name
    targets = tables["plan_targets"]
    units = dict(zip(*_columns(tables["indicators"], "indicator_id", "unit"), strict=True))
    for row, indicator, printed in targets.values[["indicator_id", "unit_printed"]].itertuples(name=None):
        unit = units.get(indicator)
        # A dash prints no unit; the indicator may spell out the denominator that the plan leaves to the name.
        if unit is not None and printed not in ("", "-", unit, unit.split("/")[0]):
            message = f"表4所印单位“{printed}”与指标“{indicator}”的单位“{unit}”不同"
            yield targets.problem(row, "unit_printed", "unit", message, remedy), "plan_targets"


def check_plan_targets(tables: Tables) -> Iterator[Problem]:
    """A target to be kept is one already met in the base year; a target to be reached is not."""
    table = tables["plan_targets"]
    columns = ["comparison", "base_value", "target_value", "kind"]
    for row, comparison, base, target, kind in table.values[columns].itertuples(name=None):
        met = {"gt": base > target, "ge": base >= target, "lt": base < target, "le": base <= target}.get(
            comparison
        )
        if met is None or math.isnan(base) or math.isnan(target):
            continue
        expected = "reach" if not met else "stay_above" if comparison in ("gt", "ge") else "stay_below"
        if kind != expected:
            words = "已满足" if met else "未满足"
            message = f"基期值 {base:g} 对目标 {target:g}（{comparison}）{words}，类型应为 {expected}"
            yield table.problem(row, "kind", "target-kind", message, "改正目标类型、比较方式或数值")


def check_scenarios(tables: Tables) -> Iterator[Problem]:
    """Low, medium and high scenario stand in this order in every year."""
    table = tables["plan_scenario_paths"]
    for (_, year, concept), rows in table.values.groupby(["plan_id", "year", "concept"]):
        paths = {
            scenario: (row, value)
            for row, scenario, value in rows[["scenario", "value"]].itertuples(name=None)
        }
        present = [paths[name] for name in SCENARIO_ORDER if name in paths]
        for (_, lower), (row, higher) in pairwise(present):
            if higher < lower:
                message = f"{year:.0f} 年 {concept} 的方案没有按低、中、高递增（{lower:g} > {higher:g}）"
                yield table.problem(row, "value", "scenario-order", message, "对照原文表3核对")


# ---------------------------------------------------------------- demography and panel


def check_census_ages(tables: Tables) -> Iterator[Problem]:
    """Age groups of a census follow each other without gap up to an open group, and add up to the published total."""
    table = tables["census_age_sex"]
    usable = table.values.dropna(subset=["census_year", "age", "population"])
    for (year, region, sex), rows in usable.groupby(["census_year", "region_id", "sex"]):
        records = list(rows.sort_values("age", kind="stable")[["age", "width"]].itertuples(name=None))
        for (_, age, width), (row, next_age, _) in pairwise(records):
            if age + width != next_age:  # an open group before the last gives NaN, which differs too
                message = f"{year:.0f} 年 {region} {sex} 的年龄组在 {age:.0f} 岁后不相接"
                yield table.problem(row, "age", "age-groups", message, "补齐年龄组，只有最后一组可以开口")
        row, age, width = records[-1]
        if not math.isnan(width):
            message = f"{year:.0f} 年 {region} {sex} 的最后一组（{age:.0f} 岁起）不是开口组"
            yield table.problem(row, "width", "age-groups", message, "最后一组的组距留空")
    published = _published_census_totals(tables)
    for (year, region), rows in usable.groupby(["census_year", "region_id"]):
        totals = published.get((str(region), float(str(year))), [])
        persons = rows["population"].sum()
        if totals and set(rows["sex"]) == {"male", "female"}:
            nearest = min(totals, key=lambda term: abs(1e4 * term.value - persons))
            if abs(1e4 * nearest.value - persons) > 1e4 * nearest.half_unit + BINARY_SLACK:
                message = (
                    f"{year:.0f} 年 {region} 分年龄合计 {persons:.0f} 人，台账总数 {nearest.value:g} 万人"
                )
                yield table.problem(
                    _row(rows.index[0]), "population", "age-total", message, "核对分年龄数和总数"
                )


def _published_census_totals(tables: Tables) -> dict[tuple[str, float], list[Term]]:
    found = defaultdict(list)
    for (region, year, _, _), terms in _by_source(tables).items():
        if "census_population" in terms:
            found[region, year].append(terms["census_population"])
    return found


def check_panel_windows(tables: Tables) -> Iterator[Problem]:
    """A window of usable years ends after it begins."""
    table = tables["panel_windows"]
    for row, first, last in table.values[["first_year", "last_year"]].itertuples(name=None):
        if last < first:
            yield table.problem(row, "last_year", "order", "结束年份早于起始年份", "改正年份")


RULES: tuple[Rule, ...] = (
    check_identities,
    check_increments,
    check_district_sums,
    check_bounds,
    check_jumps,
    check_publication_dates,
    check_indicators,
    check_regions,
    check_sources,
    check_editions,
    check_revisions,
    check_breaks,
    check_corrections,
    check_plans,
    check_plan_tables,
    check_plan_targets,
    check_scenarios,
    check_census_ages,
    check_panel_windows,
)


# ---------------------------------------------------------------- shared arithmetic


def _by_source(tables: Tables) -> dict[tuple[str, float, str, str], dict[str, Term]]:
    """(region, year, source, vintage) → indicator → term."""
    table = tables["observations"]
    decimals = dict(zip(*_columns(tables["indicators"], "indicator_id", "decimals"), strict=True))
    groups: dict[tuple[str, float, str, str], dict[str, Term]] = defaultdict(dict)
    columns = ["indicator_id", "region_id", "year", "value", "vintage", "source_id"]
    for (row, indicator, region, year, value, vintage, source), text in zip(
        table.values[columns].itertuples(name=None), table.cells["value"], strict=True
    ):
        if not (math.isnan(year) or math.isnan(value)):
            groups[region, year, source, vintage][indicator] = Term(
                row, value, _half_unit(text, at_least=min(1.0, decimals.get(indicator, 0.0)))
            )
    return groups


def _half_unit(text: str, at_least: float = 0.0) -> float:
    """Half a unit of the last printed digit.

    Trailing zeros may be lost on the way into a CSV ("8.0" becomes 8), so an indicator that is published with decimals
    is taken to have at least one.
    """
    if not NUMBER.fullmatch(text) or "e" in text.lower():
        return 0.0
    printed = len(text.partition(".")[2])
    return 0.5 * 10.0 ** -max(printed, 0.0 if math.isnan(at_least) else at_least)


def _breaks(tables: Tables) -> list[Break]:
    rows = tables["breaks"].values.dropna(subset=["year"])
    names = list(Break.__dataclass_fields__)
    return [Break(**{name: record[name] for name in names}) for record in rows.to_dict("records")]


def _columns(table: Table, *names: str) -> tuple[list[Any], ...]:
    return tuple(table.values[name].tolist() for name in names)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _row(label: Any) -> int:
    return int(label)
