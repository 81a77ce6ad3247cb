"""The plan audited by its own arithmetic: every identity that can be computed, computed, with its clause.

A check passes when the printed number and the computed one may be the same number within the rounding of everything
that went into them (:mod:`popbook.monitoring.rounding`). A check that fails names the correction or the declared
conflict that explains it; one without explanation is news.

The checks are written for the text of one plan, number by number, and so are their years; for a plan whose numbers are
not these, :func:`has_checks` is false and the page says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import pandas as pd

from popbook.demography.fertility import implied_total_fertility
from popbook.ledger.errors import DataError, Problem
from popbook.ledger.store import Ledger
from popbook.monitoring.rounding import Rounded

CONCEPT_ZH: Final = {"resident": "常住人口", "hukou": "户籍人口", "floating": "流动人口"}
SCENARIO_ZH: Final = {"low": "低方案", "medium": "中方案", "high": "高方案"}
HUNDRED: Final = Rounded.exact(100.0)
ONE: Final = Rounded.exact(1.0)
PER_MILLE_IN_PER_CENT: Final = 0.1

# The text quotes table 1, table 3 and table 4; a quotation must be the number quoted.
_QUOTES_OF_TARGETS: Final = (
    ("q-c1-1-2-01", "T10", "base"), ("q-c1-1-3-05", "T15", "base"), ("q-c1-1-3-09", "T14", "base"),
    ("q-c1-2-2-07", "T09", "base"), ("q-c1-3-4-03", "T08", "base"), ("q-c2-3-p0-01", "T01", "target"),
    ("q-c2-3-p1-01", "T05", "target"), ("q-c2-3-p1-04", "T01", "target"), ("q-c2-3-p2-01", "T09", "target"),
    ("q-c2-3-p2-02", "T07", "target"), ("q-c2-3-p3-01", "T10", "target"), ("q-c2-3-p3-02", "T15", "target"),
    ("q-c2-3-p3-03", "T13", "target"), ("q-c2-3-p3-04", "T14", "target"), ("q-c2-3-p4-01", "T16", "target"),
    ("q-c3-1-p0-02", "T05", "target"), ("q-c4-5-4-02", "T14", "target"))
_QUOTES_OF_TABLE_1: Final = (
    ("q-c1-1-1-01", "hukou"), ("q-c1-1-1-02", "floating"), ("q-c1-3-1-09", "hukou"), ("q-c1-3-1-12", "resident"),
    ("q-c1-3-1-15", "floating"))
_QUOTES_OF_TABLE_3: Final = (
    ("q-c1-3-1-06", "low", "resident"), ("q-c1-3-1-07", "medium", "resident"), ("q-c1-3-1-08", "high", "resident"),
    ("q-c1-3-1-10", "medium", "hukou"), ("q-c1-3-1-16", "medium", "floating"), ("q-c1-3-3-01", "medium", "floating"))
_RATES_IN_PER_CENT: Final = ("q-c1-2-1-01", "q-c1-2-1-03", "q-c2-3-p1-02", "q-c2-3-p1-03")
_COMPLEMENTS: Final = (("q-c1-3-4-03", "q-c1-3-4-05"), ("q-c1-3-4-04", "q-c1-3-4-06"),
                       ("q-c1-3-4-08", "q-c1-3-4-10"), ("q-c1-3-4-09", "q-c1-3-4-11"))
_PERIODS_AROUND_2020: Final = ("2020", "2015-2020", "2020-2025")
_OLD_CORE: Final = ("330102-old", "330103-old", "330104-old", "330105-old", "330106-old", "330108")
_WEST: Final = ("330122", "330127", "330182")
_NEW_CORE: Final = ("330102", "330105", "330106", "330106-scenic", "330108")
# The five districts named in the text, and Linping, which was split off from one of them in April 2021.
_NEW_NAMED: Final = ("330109", "330110", "330111", "330112", "330114")
_LINPING: Final = "330113"
# "以上城、拱墅、西湖构建的城市发展核心区"
_INNER_CORE: Final = ("330102", "330105", "330106", "330106-scenic")
# Numbers of persons that chapters three and four promise one by one; all of them are talent.
_TALENT_PROMISED: Final = (
    "q-c3-2-2-04", "q-c3-2-3-04", "q-c3-2-3-09", "q-c3-2-3-10", "q-c4-5-1-02", "q-c4-5-1-03", "q-c4-5-1-04", "q-c4-5-4-01")
# The sex ratio at birth without intervention lies between 103 and 107 boys to 100 girls (UN, Methods of Appraisal of
# Quality of Basic Data for Population Estimates, 1955; used in Chinese official statistics).
_NATURAL_SEX_RATIO: Final = 107.0
# A population of which 20 % are aged 60 and over counts as 中度老龄化 (National Health Commission, 2022).
_MODERATE_AGEING: Final = 20.0


@dataclass(frozen=True)
class Check:
    """One identity of the plan.

    Parameters
    ----------
    kind
        Chinese name of the family of checks.
    formula
        How the number was computed, in Chinese, with the numbers.
    printed, computed
        What the plan prints and what follows; in ``unit``.
    tolerance
        Difference that rounding alone may cause; 0 for counts of violations and for bounds.
    passed
        None where a figure needed is not visible in this edition.
    explained_by
        Ids of corrections or conflict groups that declare the deviation.
    """

    check_id: str
    kind: str
    clause_id: str
    name_zh: str
    formula: str
    printed: float
    computed: float | None
    tolerance: float
    unit: str
    passed: bool | None
    explained_by: str = ""

    @property
    def difference(self) -> float | None:
        """Computed minus printed."""
        return None if self.computed is None else self.computed - self.printed


AUDIT_COLUMNS: Final = ("check_id", "kind", "clause_id", "name_zh", "formula", "printed", "computed", "difference",
                        "tolerance", "unit", "passed", "explained_by")


def has_checks(ledger: Ledger) -> bool:
    """Whether the plan is one whose text the checks of this module are written for.

    Parameters
    ----------
    ledger
        The ledger of an edition.
    """
    return not {name for name, _, _ in _QUOTES_OF_TARGETS}.isdisjoint(ledger.plan.quantities["quantity_id"])


def audit_plan(ledger: Ledger) -> pd.DataFrame:
    """Compute every identity of the plan.

    Parameters
    ----------
    ledger
        Any ledger with the plan; census counts that some checks need must be visible in it.

    Returns
    -------
    DataFrame
        Columns :data:`AUDIT_COLUMNS`, one row per check; ``passed`` is True, False or missing.

    Raises
    ------
    DataError
        If a quantity that a check names is not in ``plan/quantities.csv``.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> audit = audit_plan(read_ledger().for_edition(2024))
    >>> bool(audit.set_index("check_id").loc["a-text-floating-growth", "passed"])
    False
    """
    plan = _PlanNumbers(ledger)
    checks = [check for family in _FAMILIES for check in family(plan)]
    rows = [{name: getattr(check, name) for name in AUDIT_COLUMNS} for check in checks]
    for row in rows:
        if row["passed"]:
            row["explained_by"] = ""
    frame = pd.DataFrame(rows, columns=list(AUDIT_COLUMNS))
    return frame.astype({"passed": "boolean", "computed": "float64", "difference": "float64"})


def unchecked_quantities(ledger: Ledger) -> pd.DataFrame:
    """Return the numbers of the text that no identity uses.

    A number alone in its clause (a limit, a count of years, an age) can be read wrongly but not computed.

    Parameters
    ----------
    ledger
        Any ledger with the plan.

    Returns
    -------
    DataFrame
        Columns quantity_id, clause_id, name_zh, printed, in the order of ``plan/quantities.csv``.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> len(unchecked_quantities(read_ledger())) < len(read_ledger().plan.quantities)
    True
    """
    plan = _PlanNumbers(ledger)
    for family in _FAMILIES:
        for _ in family(plan):
            pass
    rows = ledger.plan.quantities
    # A conflict is computed from the register of commitments, which restates the numbers of its two clauses.
    compared = plan.commitments.dropna(subset=["conflict_group"])
    restated = set(zip(compared["clause_id"], compared["amount"].astype(float), strict=True))
    again = [pair in restated for pair in zip(rows["clause_id"], rows["value"].astype(float), strict=True)]
    left = rows[~rows["quantity_id"].isin(plan.used) & ~pd.Series(again, index=rows.index)]
    return left[["quantity_id", "clause_id", "name_zh", "printed"]].reset_index(drop=True)


class _PlanNumbers:
    """The plan's numbers by name, and the corrections that guard them."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        plan = ledger.plan
        self.quantities: dict[str, Any] = {row["quantity_id"]: row for row in plan.quantities.to_dict("records")}
        self.targets: dict[str, Any] = {row["target_id"]: row for row in plan.targets.to_dict("records")}
        self.table1: dict[tuple[str, int], Any] = {
            (row["concept"], int(row["year"])): row for row in plan.table1.to_dict("records")}
        self.table2: dict[tuple[str, int], Any] = {
            (row["region_id"], int(row["year"])): row for row in plan.table2.to_dict("records")}
        self.paths: dict[tuple[str, str, int], float] = {
            (row["scenario"], row["concept"], int(row["year"])): float(row["value"])
            for row in plan.scenario_paths.to_dict("records")}
        self.commitments = plan.commitments
        self.used: set[str] = set()

    def quantity(self, quantity_id: str) -> Rounded:
        row = self._row(quantity_id)
        return Rounded.of(float(row["value"]), str(row["printed"]))

    def value(self, quantity_id: str) -> float:
        """A number that is no rounded measure: a count, a year; it may be printed in characters."""
        return float(self._row(quantity_id)["value"])

    def clause(self, quantity_id: str) -> str:
        return str(self._row(quantity_id)["clause_id"])

    def name(self, quantity_id: str) -> str:
        return str(self._row(quantity_id)["name_zh"])

    def unit(self, quantity_id: str) -> str:
        unit = self._row(quantity_id)["unit"]
        return "" if pd.isna(unit) or unit == "-" else str(unit)

    def total(self, concept: str, year: int) -> Rounded:
        row = self.table1[concept, year]
        return Rounded.of(float(row["total"]), str(row["total_printed"]))

    def path(self, scenario: str, concept: str, year: int) -> Rounded:
        return Rounded.of(float(self.paths[scenario, concept, year]), "0")

    def target(self, target_id: str, which: str) -> Rounded:
        row = self.targets[target_id]
        return Rounded.of(float(row[f"{which}_value"]), str(row[f"{which}_printed"]))

    def observed(self, indicator_id: str, year: int, region_id: str | None = None) -> Rounded | None:
        if indicator_id not in self.ledger.indicators or (region_id or self.ledger.city) not in self.ledger.regions:
            return None
        found = self.ledger.observation(indicator_id, year, region_id)
        if found is None:
            return None
        half = 0.5 * 10.0 ** -found.indicator.decimals
        return Rounded(found.value, found.value - half, found.value + half)

    def explained(self, *keys: str) -> str:
        """Corrections whose guard names one of the cells; keys look like ``quantity_id=q-c1-1-1-04``."""
        found = [c.correction_id for c in self.ledger.corrections
                 if any(key in c.guard.replace("]", ",").replace("[", ",").split(",") for key in keys)]
        return "；".join(found)

    def guarded(self, *parts: str) -> str:
        """Corrections whose guard holds every part (cells with a key of several columns)."""
        return "；".join(c.correction_id for c in self.ledger.corrections if all(part in c.guard for part in parts))

    def _row(self, quantity_id: str) -> Any:
        if quantity_id not in self.quantities:
            raise DataError([Problem("plan/quantities.csv", 0, "quantity_id", "quantity-missing",
                                     f"核验要用的数量“{quantity_id}”不在表中", "补上该数量，或在核验中改用新的编号")])
        self.used.add(quantity_id)
        return self.quantities[quantity_id]


def _compare(plan: _PlanNumbers, check_id: str, kind: str, quantity_id: str, formula: str, computed: Rounded | None,
             printed: Rounded | None = None) -> Check:
    said = printed or plan.quantity(quantity_id)
    return Check(
        check_id, kind, plan.clause(quantity_id), plan.name(quantity_id), formula, said.value,
        None if computed is None else computed.value,
        said.tolerance + (0.0 if computed is None else computed.tolerance), plan.unit(quantity_id),
        None if computed is None else said.meets(computed),
        plan.explained(f"quantity_id={quantity_id}"))


def _count(check_id: str, kind: str, clause_id: str, name: str, formula: str, violations: int,
           explained: str = "") -> Check:
    return Check(check_id, kind, clause_id, name, formula, 0.0, float(violations), 0.0, "处", violations == 0, explained)


def _table_1(plan: _PlanNumbers) -> Iterator[Check]:
    for (concept, year), row in sorted(plan.table1.items()):
        if pd.isna(row["increment"]):
            continue
        now, before = plan.total(concept, year), plan.total(concept, year - 1)
        # The column drops trailing zeros ("28" for 28.00); it is kept in hundredths like the totals.
        said = Rounded.of(float(row["increment"]), "0.00")
        computed = now - before
        yield Check(f"a-t1-{concept}-{year}", "增量", "t1", f"{CONCEPT_ZH[concept]}{year}年增量",
                    f"{now.value:.2f}－{before.value:.2f}", said.value, computed.value,
                    said.tolerance + computed.tolerance, "万人", said.meets(computed),
                    plan.guarded("plan_table1_population", f"year={year}", f"concept={concept}"))


def _table_2(plan: _PlanNumbers) -> Iterator[Check]:
    def share(region: str, year: int) -> Rounded:
        row = plan.table2[region, year]
        return Rounded.of(float(row["share"]), str(row["share_printed"]))

    regions = list(dict.fromkeys(region for region, _ in plan.table2))
    for region in regions:
        row = plan.table2[region, 2020]
        now, before = share(region, 2020), share(region, 2015)
        said = Rounded.of(float(row["share_change"]), str(row["share_change_printed"]))
        computed = now - before
        yield Check(f"a-t2-change-{region}", "占比", "t2", f"{row['name_zh']}60岁及以上占比变化",
                    f"{now.value:.1f}－{before.value:.1f}", said.value, computed.value,
                    said.tolerance + computed.tolerance, "个百分点", said.meets(computed),
                    plan.guarded("plan_table2_hukou_60plus", f"region_id={region}"))
    for year, quantity_id in ((2015, "q-c1-2-2-02"), (2020, "q-c1-2-2-03")):
        persons = {region: float(plan.table2[region, year]["count"]) for region in regions}
        total = sum(persons.values())
        yield _compare(plan, f"a-t2-sum-{year}", "合计", quantity_id, f"表2十三个区、县（市）合计{total:.0f}人÷10000",
                       Rounded.exact(total / 1e4))
        whole = sum((Rounded.exact(persons[region] / 1e4) * HUNDRED / share(region, year) for region in regions),
                    start=Rounded.exact(0.0))
        said = plan.total("hukou", year)
        yield Check(f"a-t2-population-{year}", "合计", "t2", f"由表2倒推的{year}年户籍人口",
                    "各区、县（市）60岁及以上人数÷占比，再合计，与表1比较", said.value, whole.value,
                    said.tolerance + whole.tolerance, "万人", said.meets(whole))


def _table_3(plan: _PlanNumbers) -> Iterator[Check]:
    years = sorted({year for _, _, year in plan.paths})
    for concept, name in CONCEPT_ZH.items():
        order = sum(not (plan.paths["low", concept, y] < plan.paths["medium", concept, y]
                         < plan.paths["high", concept, y]) for y in years)
        yield _count(f"a-t3-order-{concept}", "方案", "t3", f"{name}三方案的高低次序",
                     f"{years[0]}—{years[-1]}年逐年低方案＜中方案＜高方案", order)
        for scenario, scenario_name in SCENARIO_ZH.items():
            falls = sum(plan.paths[scenario, concept, b] < plan.paths[scenario, concept, a]
                        for a, b in pairwise(years))
            yield _count(f"a-t3-rise-{scenario}-{concept}", "方案", "t3", f"{name}{scenario_name}逐年不减",
                         f"{years[0]}—{years[-1]}年", falls)
    for scenario, scenario_name in SCENARIO_ZH.items():
        path = [plan.total("resident", 2020).value, *(plan.paths[scenario, "resident", y] for y in range(2021, 2026))]
        steps = [b - a for a, b in pairwise(path)]
        early, late = sum(steps[:3]) / 3, sum(steps[3:]) / 2
        yield Check(f"a-t3-slowdown-{scenario}", "方案", "c1-3-1", f"{scenario_name}前期快、后期慢",
                    "2024—2025年平均每年增量应小于2021—2023年", early, late, 0.0, "万人/年", late < early,
                    plan.guarded("plan_scenario_paths", "concept=resident"))
    base = plan.total("floating", 2020) / plan.total("resident", 2020)
    same = sum((plan.path(s, "floating", y) / plan.path(s, "resident", y)).meets(base)
               for s in SCENARIO_ZH for y in years)
    yield Check("a-t3-floating-share", "方案", "t3", "流动人口路径独立于常住人口路径",
                f"流动÷常住与2020年比例{100 * base.value:.2f}%在四舍五入范围内相等的组数，应少于{3 * len(years)}组的一半",
                1.5 * len(years), float(same), 0.0, "组", same < 1.5 * len(years),
                plan.guarded("plan_scenario_paths", "concept=floating"))
    said = Rounded.of(plan.quantity("q-c2-3-p0-02").value, "0")
    # "1500 or so": the printed zeros are not digits, the last one that counts is the hundred.
    about = Rounded(said.value, said.value - 50, said.value + 50)
    yield _compare(plan, "a-t3-2035", "引用", "q-c2-3-p0-02", "表3中方案2035年", plan.path("medium", "resident", 2035), about)


def _quotations(plan: _PlanNumbers) -> Iterator[Check]:
    for quantity_id, target_id, which in _QUOTES_OF_TARGETS:
        yield _compare(plan, f"a-quote-{quantity_id}", "引用", quantity_id,
                       f"表4第{int(plan.targets[target_id]['number'])}项", plan.target(target_id, which))
    for quantity_id, concept in _QUOTES_OF_TABLE_1:
        yield _compare(plan, f"a-quote-{quantity_id}", "引用", quantity_id, "表1的2020年数", plan.total(concept, 2020))
    for quantity_id, scenario, concept in _QUOTES_OF_TABLE_3:
        yield _compare(plan, f"a-quote-{quantity_id}", "引用", quantity_id, f"表3{SCENARIO_ZH[scenario]}2025年数",
                       plan.path(scenario, concept, 2025))
    for target_id, concept in (("T01", "resident"), ("T02", "hukou")):
        said, computed = plan.target(target_id, "target"), plan.path("medium", concept, 2025)
        yield Check(f"a-quote-{target_id}", "引用", "t4", f"{CONCEPT_ZH[concept]}2025年目标", "表3中方案2025年数",
                    said.value, computed.value, said.tolerance + computed.tolerance, "万人", said.meets(computed))
        base, total = plan.target(target_id, "base"), plan.total(concept, 2020)
        yield Check(f"a-quote-{target_id}-base", "引用", "t4", f"{CONCEPT_ZH[concept]}2020年实际值", "表1的2020年数",
                    base.value, total.value, base.tolerance + total.tolerance, "万人", base.meets(total))


def _units(plan: _PlanNumbers) -> Iterator[Check]:
    for quantity_id in _RATES_IN_PER_CENT:
        said = plan.quantity(quantity_id)
        yield _compare(plan, f"a-unit-{quantity_id}", "单位", quantity_id,
                       f"表4的单位是‰，{said.value:g}‰＝{said.value * PER_MILLE_IN_PER_CENT:g}%",
                       said * Rounded.exact(PER_MILLE_IN_PER_CENT))


def _growth(plan: _PlanNumbers) -> Iterator[Check]:
    def rise(end: Rounded, start: Rounded) -> Rounded:
        return (end / start - ONE) * HUNDRED

    yield _compare(plan, "a-text-hukou-growth", "增速", "q-c1-1-1-03", "813.83÷723.55－1（2015—2020年）",
                   rise(plan.total("hukou", 2020), plan.total("hukou", 2015)))
    yield _compare(plan, "a-text-floating-growth", "增速", "q-c1-1-1-04", "692.75÷497.83－1（2015—2020年）",
                   rise(plan.total("floating", 2020), plan.total("floating", 2015)))
    for check_id, concept, quantity_id in (("hukou", "hukou", "q-c1-3-1-11"), ("resident", "resident", "q-c1-3-1-13"),
                                           ("floating", "floating", "q-c1-3-1-17")):
        start, end = plan.total(concept, 2020), plan.path("medium", concept, 2025)
        yield _compare(plan, f"a-text-yearly-{check_id}", "增速", quantity_id,
                       f"（{end.value:g}÷{start.value:g}）^(1/5)－1，复利", ((end / start) ** 0.2 - ONE) * HUNDRED)
    total = plan.quantity("q-c1-1-3-12") / HUNDRED + ONE
    yield _compare(plan, "a-text-productivity", "增速", "q-c1-1-3-10", "（1＋43.3%）^(1/5)－1，复利",
                   (total ** 0.2 - ONE) * HUNDRED)
    census_2010, census_2020 = plan.observed("census_population", 2010), plan.observed("census_population", 2020)
    yield _compare(plan, "a-text-census-increment", "增量", "q-c1-1-1-07", "2020年普查人口－2010年普查人口",
                   census_2020 - census_2010 if census_2010 and census_2020 else None)
    yield _compare(plan, "a-text-census-growth", "增速", "q-c1-1-1-08", "2020年普查人口÷2010年普查人口－1",
                   rise(census_2020, census_2010) if census_2010 and census_2020 else None)
    before = plan.observed("life_expectancy", 2015)
    yield _compare(plan, "a-text-life-expectancy", "增量", "q-c1-1-2-03", "83.12－2015年公布的预期寿命",
                   None if before is None else plan.quantity("q-c1-1-2-01") - before)


def _shares(plan: _PlanNumbers) -> Iterator[Check]:
    q = plan.quantity
    for first, second in _COMPLEMENTS:
        yield _compare(plan, f"a-sum-{second}", "合计", second, f"100－{q(first).value:g}", HUNDRED - q(first))
    yield _compare(plan, "a-sum-district-shares", "合计", "q-c1-1-4-08", "100－34.03－55.71",
                   HUNDRED - q("q-c1-1-4-02") - q("q-c1-1-4-05"))
    yield _compare(plan, "a-sum-district-changes", "合计", "q-c1-1-4-09", "0－（－2.9）－6.1",
                   Rounded.exact(0.0) - q("q-c1-1-4-04") - q("q-c1-1-4-06"))
    yield _compare(plan, "a-text-hukou-60plus-change", "占比", "q-c1-2-2-04", "188.26÷813.83－152.43÷723.55",
                   (q("q-c1-2-2-03") / plan.total("hukou", 2020) - q("q-c1-2-2-02") / plan.total("hukou", 2015)) * HUNDRED)
    for age, quantity_id, base in (("60plus", "q-c1-2-2-11", "q-c1-2-2-07"), ("65plus", "q-c1-2-2-12", "q-c1-2-2-09")):
        before = plan.observed(f"census_share_{age}", 2010)
        yield _compare(plan, f"a-text-census-{age}", "占比", quantity_id, f"{q(base).value:g}－2010年普查占比",
                       None if before is None else q(base) - before)
    for check_id, quantity_id, regions, label in (
            ("old-core", "q-c1-1-4-02", _OLD_CORE, "文中列名的六个区（调整前区划）"), ("west", "q-c1-1-4-08", _WEST, "三县（市）")):
        parts = [plan.observed("census_population", 2020, region) for region in regions]
        city = plan.observed("census_population", 2020)
        share = None
        if city is not None and all(part is not None for part in parts):
            share = sum((p for p in parts if p is not None), start=Rounded.exact(0.0)) / city * HUNDRED
        yield _compare(plan, f"a-text-share-{check_id}", "占比", quantity_id, f"{label}普查人口÷全市普查人口", share)


def _concepts(plan: _PlanNumbers) -> Iterator[Check]:
    q = plan.quantity
    young, old, whole = (plan.observed(name, 2020) for name in
                         ("census_count_0_14", "census_count_65plus", "census_population"))
    said = plan.target("T07", "base")
    ratio = None
    if young is not None and old is not None and whole is not None:
        ratio = (young + old) / (whole - young - old) * HUNDRED
    yield Check("a-t4-dependency", "口径", "t4", "总人口抚养比（2020年）", "（0—14岁＋65岁及以上）÷15—64岁，七普", said.value,
                None if ratio is None else ratio.value, said.tolerance + (0.0 if ratio is None else ratio.tolerance),
                "%", None if ratio is None else said.meets(ratio))
    for year, part, rest in ((2020, "q-c1-3-4-05", "q-c1-3-4-03"), (2025, "q-c1-3-4-06", "q-c1-3-4-04")):
        wide = q(part) / q(rest) * HUNDRED
        limit = plan.target("T07", "target")
        yield Check(f"a-dependency-15-59-{year}", "口径", "c1-3-4", f"{year}年抚养比按15—59岁口径不超过目标上限",
                    f"{q(part).value:g}÷{q(rest).value:g}", limit.value, wide.value, 0.0, "%", wide.value < limit.value,
                    plan.explained("quantity_id=q-c1-3-4-06"))
    implied = _implied_fertility(plan.ledger)
    said = plan.target("T05", "base")
    yield Check("a-t4-fertility", "口径", "t4", "总和生育率与常住出生数相符（2020年）",
                "普查0岁人口与15—49岁妇女年龄结构，按三种生育年龄分布推算", said.value,
                None if implied is None else implied.value, said.tolerance + (0.0 if implied is None else implied.tolerance),
                "", None if implied is None else said.meets(implied), plan.explained("target_id=T05"))
    employed = q("q-c1-1-3-05") / q("q-c1-1-3-08") * Rounded.exact(1e4)
    people = plan.observed("census_count_15_59", 2020)
    yield Check("a-talent-density", "口径", "c1-1-3", "由人才密度倒推的就业人口不超过15—59岁人口", "280÷2671×10000",
                float("nan") if people is None else people.value, employed.value, 0.0, "万人",
                None if people is None else employed.low <= people.high, plan.explained("quantity_id=q-c1-1-3-08"))
    product = plan.observed("gdp", 2020)
    implied = None if product is None else product / q("q-c1-1-3-11")
    yield Check("a-employment", "口径", "c1-1-3", "由人才密度和由劳动生产率倒推的就业人口相同",
                "280÷2671×10000，与2020年地区生产总值÷21.9比较", employed.value, None if implied is None else implied.value,
                employed.tolerance + (0.0 if implied is None else implied.tolerance), "万人",
                None if implied is None else employed.meets(implied), plan.explained("quantity_id=q-c1-1-3-08"))
    mean = (plan.total("hukou", 2019) + plan.total("hukou", 2020)) / Rounded.exact(2.0)
    natural = plan.target("T04", "base") * mean / Rounded.exact(1e3)
    step = plan.total("hukou", 2020) - plan.total("hukou", 2019)
    yield Check("a-mechanical-growth", "口径", "c1-1-1", "户籍增长以机械增长为主（2020年）",
                f"1－4.63‰×{mean.value:.2f}÷{step.value:.2f}，应大于50%", 50.0,
                100 * (1 - natural.value / step.value), 0.0, "%", natural.value / step.value < 0.5)


def _implied_fertility(ledger: Ledger) -> Rounded | None:
    """Total fertility that the children aged 0 of the 2020 census imply, over the five-year age patterns of its time."""
    census = ledger.table("census_age_sex")
    census = census[(census["census_year"] == 2020) & (census["region_id"] == ledger.city)]
    patterns = ledger.table("fertility_patterns", as_published=False)
    patterns = patterns[(patterns["width"] == 5) & patterns["period"].isin(_PERIODS_AROUND_2020)]
    if census.empty or patterns.empty:
        return None
    births = float(census.loc[census["age"] == 0, "population"].sum())
    women = census[census["sex"] == "female"].set_index("age")["population"]
    rates = [implied_total_fertility(births, women.loc[shape["age"]].to_numpy(), shape["value"].to_numpy())
             for _, shape in patterns.groupby("pattern_id")]
    return Rounded(sum(rates) / len(rates), min(rates), max(rates))


def _commitments(plan: _PlanNumbers) -> Iterator[Check]:
    q = plan.quantity
    yield _compare(plan, "a-rail-lines", "合计", "q-c3-3-2-06", "10＋1＋2",
                   q("q-c3-3-2-03") + q("q-c3-3-2-04") + q("q-c3-3-2-05"))
    leaders, inside = q("q-c3-2-2-01"), q("q-c3-2-2-02") + q("q-c3-2-2-03")
    yield Check("a-leaders-part", "合计", "c3-2-2", "国家级人才不多于领军人才总数", "200＋100", leaders.value, inside.value,
                0.0, "名", inside.value <= leaders.value)
    teams, parts = q("q-c4-5-1-05"), q("q-c4-5-2-04") + q("q-c4-5-2-05")
    yield Check("a-teams-part", "合计", "c4-5-1", "分领域团队之和不多于团队总数", "60＋25", teams.value, parts.value, 0.0, "个",
                parts.value <= teams.value, "cf-teams-total")
    grouped = plan.commitments[plan.commitments["conflict_group"].notna()]
    names = plan.ledger.plan.conflicts.set_index("conflict_group")["name_zh"]
    for group, rows in grouped.groupby("conflict_group", sort=True):
        ordered = rows.sort_values("clause_id")
        first, last = float(ordered["amount"].iloc[0]), float(ordered["amount"].iloc[-1])
        chapters = [f"第{'一二三四五'[int(str(clause)[1]) - 1]}章{amount:g}" for clause, amount in
                    zip(ordered["clause_id"], ordered["amount"], strict=True)]
        yield Check(f"a-conflict-{group}", "两处不一", str(ordered["clause_id"].iloc[-1]), str(names.get(group, group)),
                    f"同一事项：{'，'.join(chapters)}", last, first, 0.0, str(ordered["unit"].iloc[0]), first == last, str(group))


def _bound(plan: _PlanNumbers, check_id: str, kind: str, clause_id: str, name: str, formula: str, limit: float,
           computed: float | None, unit: str, passed: bool, *guards: str) -> Check:
    """A computed number held against a limit that the plan states or implies; rounding is not at stake."""
    return Check(check_id, kind, clause_id, name, formula, limit, computed, 0.0, unit,
                 None if computed is None else passed, plan.explained(*guards))


def _population(plan: _PlanNumbers, regions: Iterable[str]) -> Rounded | None:
    """Census population of 2020 of several regions together; None if one is not known."""
    parts = [plan.observed("census_population", 2020, region) for region in regions]
    known = [part for part in parts if part is not None]
    return sum(known, start=Rounded.exact(0.0)) if known and len(known) == len(parts) else None


def _named(plan: _PlanNumbers) -> Iterator[Check]:
    """Numbers that count what is named or tabled elsewhere; often printed in characters, never rounded."""
    regions = [region for region in plan.ledger.regions.values() if region.level == "district"]
    counties = sum(region.group == "west" for region in regions)
    districts = sum(region.scheme in ("post-2021", "all") and region.name_zh.endswith("区") for region in regions)
    year = {name: int(plan.value(name)) for name in ("q-c0-0-p3-01", "q-c0-0-p3-02")}
    for quantity_id, formula, counted in (
            ("q-c1-1-4-01", "句中列名的区：上城、下城、拱墅、西湖、江干、滨江", len(_OLD_CORE)),
            ("q-c1-1-4-10", "句中列名的区：萧山、余杭、富阳、临安、钱塘", len(_NEW_NAMED)),
            ("q-c1-1-4-07", "桐庐、淳安、建德", counties),
            ("q-c1-3-3-03", "桐庐、淳安、建德", counties),
            ("q-c3-3-2-08", "2021年4月以后的区", districts),
            ("q-c1-3-1-05", "表3的方案", len({scenario for scenario, _, _ in plan.paths})),
            ("q-c0-0-p2-04", "2025－2021＋1", year["q-c0-0-p3-02"] - year["q-c0-0-p3-01"] + 1),
            ("q-c1-1-1-06", "七普（2020年）－六普（2010年）", 2020 - 2010),
            ("q-c3-2-3-06", "第四章同一事项的人数", int(plan.value("q-c4-5-2-02")))):
        yield _compare(plan, f"a-named-{quantity_id}", "计数", quantity_id, formula, Rounded.exact(float(counted)),
                       Rounded.exact(plan.value(quantity_id)))


def _ages(plan: _PlanNumbers) -> Iterator[Check]:
    """Age groups must add up to the whole, in one year and against the targets."""
    q = plan.quantity
    children = q("q-c1-3-4-05") - q("q-c1-2-2-07")
    seen = plan.observed("census_share_0_14", 2020)
    yield Check("a-age-children", "占比", "c1-3-4", "2020年0—14岁占比（由老幼合计减老年推得）", "29.88－16.87，与七普公布数比较",
                float("nan") if seen is None else seen.value, children.value,
                children.tolerance + (0.0 if seen is None else seen.tolerance), "%",
                None if seen is None else children.meets(seen))
    dependants = children + q("q-c1-2-2-09")
    ratio = dependants / (HUNDRED - dependants) * HUNDRED
    said = plan.target("T07", "base")
    yield Check("a-age-dependency", "占比", "t4", "总人口抚养比（2020年，只用规划正文的占比）",
                "（13.01＋11.66）÷（100－13.01－11.66）", said.value, ratio.value, said.tolerance + ratio.tolerance, "%",
                said.meets(ratio))
    for target_id, indicator_id, name in (("T08", "census_share_15_59", "15—59岁占比"), ("T09", "census_share_60plus", "60岁及以上占比"),
                                          ("T16", "census_urban_rate", "城镇化率")):
        base, counted = plan.target(target_id, "base"), plan.observed(indicator_id, 2020)
        yield Check(f"a-census-{target_id}", "引用", "t4", f"{name}（2020年实际值）", "七普公布数", base.value,
                    None if counted is None else counted.value, base.tolerance + (0.0 if counted is None else counted.tolerance),
                    "%", None if counted is None else base.meets(counted))
    forecast, floor = q("q-c1-3-4-04"), plan.target("T08", "target")
    yield _bound(plan, "a-age-forecast-floor", "占比", "c1-3-4", "2025年15—59岁占比预测满足目标", "预测66.84，目标大于66",
                 floor.value, forecast.value, "%", forecast.value > floor.value)
    for concept, first, second, years in (("resident", "q-c1-3-4-03", "q-c1-3-4-04", "15—59岁常住"),
                                          ("hukou", "q-c1-3-4-08", "q-c1-3-4-09", "18—59岁户籍")):
        before = plan.total(concept, 2020) * q(first) / HUNDRED
        after = plan.path("medium", concept, 2025) * q(second) / HUNDRED
        yield _bound(plan, f"a-age-labour-{concept}", "占比", "c2-3-p2", f"{years}劳动年龄人口总量提高",
                     f"{plan.path('medium', concept, 2025).value:g}×{q(second).value:g}%，应大于"
                     f"{plan.total(concept, 2020).value:g}×{q(first).value:g}%",
                     round(before.value, 2), round(after.value, 2), "万人", after.value > before.value)
    old = q("q-c1-2-2-03") / plan.total("hukou", 2020) * HUNDRED
    yield _bound(plan, "a-age-moderate-hukou", "口径", "c1-2-2", "“中度老龄化”（60岁及以上达到20%），户籍人口", "188.26÷813.83",
                 _MODERATE_AGEING, old.value, "%", old.value >= _MODERATE_AGEING)
    resident = q("q-c1-2-2-07")
    yield _bound(plan, "a-age-moderate-resident", "口径", "c1-2-2", "“中度老龄化”（60岁及以上达到20%），常住人口", "七普16.87%",
                 _MODERATE_AGEING, resident.value, "%", resident.value >= _MODERATE_AGEING, "quantity_id=q-c1-2-2-04")
    first, now = plan.table2["330102-old", 2015], plan.table2["330102-old", 2020]
    share_before, share_now = (Rounded.of(float(row["share"]), str(row["share_printed"])) for row in (first, now))
    said = Rounded.of(float(now["share_change"]), str(now["share_change_printed"]))
    relative = (share_now / share_before - ONE) * HUNDRED
    yield Check("a-t2-unit", "单位", "t2", "上城区占比增幅按“%”理解", "33.1÷29.0－1；两个百分比之差应为个百分点", said.value,
                relative.value, said.tolerance + relative.tolerance, "%", said.meets(relative),
                plan.guarded("plan_table2_hukou_60plus", "region_id=330102-old"))


def _vital_rates(plan: _PlanNumbers) -> Iterator[Check]:
    """Bounds on births, natural growth and fertility must be able to hold together."""
    deaths = plan.target("T03", "base") - plan.target("T04", "base")
    left = plan.target("T03", "target") - deaths
    floor = plan.target("T04", "target")
    yield _bound(plan, "a-rate-natural-bound", "方案", "t4", "出生率在下限时自然增长率仍在下限以上（死亡率不变）",
                 f"8－（9.92－4.63）＝8－{deaths.value:.2f}，应大于3", floor.value, left.value, "‰", left.value > floor.value,
                 "target_id=T04")
    births = plan.target("T03", "base") * plan.target("T05", "target") / plan.target("T05", "base")
    floor = plan.target("T03", "target")
    yield _bound(plan, "a-rate-fertility-bound", "方案", "t4", "总和生育率在下限时出生率仍在下限以上（年龄结构不变）",
                 "9.92×1.1÷1.33，应大于8", floor.value, births.value, "‰", births.value > floor.value)
    peak = plan.quantity("q-c1-2-1-01")
    others = [plan.observed("hukou_birth_rate", year) for year in (2018, 2019, 2020)]
    known = [other.value for other in others if other is not None]
    yield _bound(plan, "a-rate-peak", "增速", "c1-2-1", "户籍出生率2017年最高，以后回落", "2018—2020年公布数的最大值，应小于14.7",
                 peak.value, max(known) if known else None, "‰", bool(known) and max(known) < peak.value)
    limit = plan.target("T06", "target")
    yield _bound(plan, "a-rate-sex-ratio", "口径", "c2-3-p2", "出生性别比的目标与“实现自然平衡”相符",
                 "通行的正常范围为103—107，目标小于107.5", _NATURAL_SEX_RATIO, limit.value, "",
                 limit.value <= _NATURAL_SEX_RATIO, "target_id=T06")


def _scale(plan: _PlanNumbers) -> Iterator[Check]:
    """Totals of different concepts and of parts of the city."""
    q = plan.quantity
    both = plan.total("hukou", 2020) + plan.total("floating", 2020)
    said = plan.total("resident", 2020)
    yield Check("a-scale-concepts", "口径", "t1", "户籍与流动人口相加等于常住人口（2020年）", "813.83＋692.75", said.value, both.value,
                said.tolerance + both.tolerance, "万人", said.meets(both),
                plan.guarded("plan_table1_population", "year=2020", "concept=floating"))
    increment, growth = q("q-c1-1-1-07"), q("q-c1-1-1-08")
    implied = increment / (growth / HUNDRED) + increment
    yield Check("a-scale-census", "口径", "c1-1-1", "由十年增量和增幅倒推的2020年人口等于表1", "323.56÷37.19%＋323.56", said.value,
                implied.value, said.tolerance + implied.tolerance, "万人", said.meets(implied),
                plan.explained("quantity_id=q-c1-1-1-07"))
    target, urban = plan.target("T01", "target"), q("q-c1-3-1-14")
    west = _population(plan, _WEST)
    yield _bound(plan, "a-scale-districts", "方案", "c1-3-1", "2025年市辖区人口突破1100万人（三县市不变）",
                 "1370－三县（市）普查人口", urban.value, None if west is None else target.value - west.value, "万人",
                 west is not None and target.value - west.value > urban.value)
    built = plan.observed("census_city_area_population", 2020)
    rise = None if built is None else urban.value - built.value
    whole = target.value - plan.target("T01", "base").value
    yield _bound(plan, "a-scale-city-area", "方案", "c1-3-1", "城区（普查口径）到1100万人所需的增量不多于全市的增量",
                 "1100－2020年普查城区人口；全市1370－1196.5", whole, rise, "万人", rise is not None and rise <= whole,
                 "quantity_id=q-c1-3-1-14")
    inner, city = _population(plan, _INNER_CORE), plan.observed("census_population", 2020)
    held = None if inner is None else 100 * inner.value / target.value
    before = float("nan") if inner is None or city is None else 100 * inner.value / city.value
    yield _bound(plan, "a-scale-inner-core", "方案", "c1-3-3", "核心区（上城、拱墅、西湖）总量不变则占比下降",
                 "核心区普查人口÷1370，应小于÷1193.60", before, held, "%", held is not None and held < before)


def _districts(plan: _PlanNumbers) -> Iterator[Check]:
    """Shares of the districts named in the text, counted on either side of the reform of April 2021."""
    city = plan.observed("census_population", 2020)
    for check_id, quantity_id, regions, label in (
            ("a-share-core-new-scheme", "q-c1-1-4-02", _NEW_CORE, "调整后的上城、拱墅、西湖（含景区）、滨江"),
            ("a-share-five-named", "q-c1-1-4-05", _NEW_NAMED, "句中列名的五个区（调整后区划）"),
            ("a-share-five-linping", "q-c1-1-4-05", (*_NEW_NAMED, _LINPING), "列名的五个区加临平（调整后区划）")):
        part = _population(plan, regions)
        share = None if part is None or city is None else part / city * HUNDRED
        yield _compare(plan, check_id, "占比", quantity_id, f"{label}普查人口÷全市普查人口", share)


def _talent(plan: _PlanNumbers) -> Iterator[Check]:
    q = plan.quantity
    start = q("q-c1-1-3-05") / (q("q-c1-1-3-07") / HUNDRED + ONE)
    between = plan.observed("talent_total", 2017)
    yield _bound(plan, "a-talent-2015", "增速", "c1-1-3", "由增幅倒推的2015年人才总量低于2017年公布数", "280÷（1＋36.9%），应小于2017年公布数",
                 float("nan") if between is None else between.value, None if between is None else start.value, "万人",
                 between is not None and start.value < between.value)
    rise = plan.target("T15", "target") - plan.target("T15", "base")
    promised = sum((q(quantity_id) * Rounded.exact(1e4 if plan.unit(quantity_id).startswith("万") else 1.0)
                    for quantity_id in _TALENT_PROMISED), start=q("q-c4-5-3-01") * Rounded.exact(5.0))
    yield _bound(plan, "a-talent-promised", "合计", "c2-3-p3", "第三、四章列出的人才数之和不多于人才总量的增量",
                 "技能15万、金融3.3万、数智英才1万等逐项相加，博士后按五年计；335－280", rise.value,
                 round(promised.value / 1e4, 2), "万人", promised.value / 1e4 <= rise.value)


def _peak(plan: _PlanNumbers) -> Iterator[Check]:
    """The text sees growth peak in the year of the Games and the year before: not after 2022."""
    for scenario, name in SCENARIO_ZH.items():
        path = {2020: plan.total("resident", 2020).value,
                **{year: plan.paths[scenario, "resident", year] for year in range(2021, 2026)}}
        growth = {year: round(100 * (path[year] / path[year - 1] - 1), 4) for year in range(2021, 2026)}
        top = max(growth, key=lambda year: growth[year])
        yield Check(f"a-t3-peak-{scenario}", "方案", "c1-3-1", f"{name}增速最高的年份不晚于办赛的2022年",
                    f"2021—2025年增速最高为{growth[top]:.2f}%", 2022.0, float(top), 0.0, "年", top <= 2022,
                    plan.guarded("plan_scenario_paths", "year=2023", "concept=resident"))


_FAMILIES: Final[Iterable[Callable[[_PlanNumbers], Iterator[Check]]]] = (
    _table_1, _table_2, _table_3, _peak, _named, _quotations, _units, _growth, _shares, _ages, _districts, _vital_rates,
    _scale, _concepts, _talent, _commitments)
