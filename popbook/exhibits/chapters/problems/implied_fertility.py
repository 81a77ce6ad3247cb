"""Fertility: which total fertility rate the births of residents imply, and which births the plan's rate would need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from popbook.demography.age_structure import read_census
from popbook.demography.fertility import expected_births, general_fertility_rate, implied_total_fertility
from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.problems.birth_rates import births_fact, resident_births
from popbook.exhibits.chapters.problems.early_warning import warning_block
from popbook.exhibits.charts import bar_chart
from popbook.exhibits.model import NOT_PUBLISHED, Column, Fact, Figure, Layout, Note, Section, Table
from popbook.exhibits.phrases import list_phrase
from popbook.exhibits.report import Report
from popbook.exhibits.theme import COLOURS
from popbook.ledger.errors import MissingDataError
from popbook.ledger.model import Observation

if TYPE_CHECKING:
    import altair as alt

CENSUS = 2020
CHILDBEARING = (15, 50)
#: Age patterns of fertility that may stand in for the city's own, which is not published; the first one leads.
PATTERNS = {"fuzhou-2020-five-year": "福州市2020年普查", "un-china-2020-2025": "联合国中国2020—2025年"}


@dataclass(frozen=True)
class Pattern:
    """Age pattern of fertility of five-year groups."""

    pattern_id: str
    name: str
    shape: tuple[float, ...]
    source_id: str


@dataclass(frozen=True)
class Check:
    """What is known for the check of the total fertility rate, and what follows.

    Parameters
    ----------
    rate
        Resident birth rate of the census year, or None where it is not published.
    women
        Women aged 15-49 by five-year group at the census, persons; empty where not published.
    newborn
        Residents aged 0 at the census, persons, or None.
    total
        Census population, 万人, or None.
    patterns
        Published age patterns.
    """

    rate: Observation | None
    women: tuple[float, ...]
    newborn: float | None
    total: Observation | None
    patterns: tuple[Pattern, ...]

    @property
    def births(self) -> float | None:
        """Births of the year before the census day at the size of the census population, persons."""
        if self.rate is None or self.total is None:
            return None
        return self.rate.value * self.total.value * 10

    @property
    def is_complete(self) -> bool:
        """Whether a rate can be computed."""
        return self.births is not None and bool(self.women) and bool(self.patterns)

    def implied(self, pattern: Pattern, births: float | None = None) -> float:
        """Total fertility rate that the births imply under a pattern."""
        return implied_total_fertility(self.births if births is None else births, self.women, pattern.shape)  # type: ignore[arg-type]

    def needed(self, pattern: Pattern, total_fertility: float) -> float:
        """Births, persons, that a total fertility rate needs under a pattern."""
        return expected_births(total_fertility, self.women, pattern.shape)


def read_check(report: Report) -> Check:
    """Collect what the edition knows for the check."""
    ledger = report.ledger
    census = read_census(ledger)
    here = census[(census["census_year"] == CENSUS) & (census["region_id"] == report.region_id)]
    low, high = CHILDBEARING
    women = here[(here["sex"] == "female") & (here["age"] >= low) & (here["age"] < high)].sort_values("age")
    table = ledger.table("fertility_patterns")
    patterns = []
    for pattern_id, name in PATTERNS.items():
        rows = table[table["pattern_id"] == pattern_id].sort_values("age")
        if len(rows):
            patterns.append(Pattern(pattern_id, name, tuple(rows["value"]), str(rows["source_id"].iloc[0])))
    return Check(
        rate=ledger.observation("resident_birth_rate", CENSUS, report.region_id),
        women=tuple(float(n) for n in women["population"]),
        newborn=float(here.loc[here["age"] == 0, "population"].sum()) if len(here) else None,
        total=ledger.observation("census_population", CENSUS, report.region_id),
        patterns=tuple(patterns),
    )


@or_gap("problems-fertility", "总和生育率", Needs(rules=("w-fertility-tfr",)))
def fertility(report: Report) -> Section:
    """Return the section on the total fertility rate.

    Parameters
    ----------
    report
        The edition.
    """
    check = read_check(report)
    printed = report.ledger.observation("total_fertility_rate", CENSUS, report.region_id)
    if printed is None:
        return Section(
            "problems-fertility", "总和生育率未公布", "规划之外没有见到全市总和生育率。", (warning_block(report, "w-fertility-tfr"),)
        )
    if printed.source_id != report.plan_source:
        raise MissingDataError("现行规划所列的总和生育率")
    plan = report.fact_of(printed)
    if not check.is_complete:
        return _open_section(report, check, plan)
    return _checked_section(report, check, plan)


def _open_section(report: Report, check: Check, plan: Fact) -> Section:
    missing = []
    if check.rate is None:
        missing.append(f"{CENSUS}年常住出生率")
    if not check.women:
        missing.append("七普分年龄育龄妇女数")
    if not check.patterns:
        missing.append("可借用的分年龄生育模式")
    known = ""
    if check.births is not None:
        known = f"按常住出生率和普查人口，{CENSUS}年常住人口出生约{_births_fact(report, check)}，只差分母。"
    return Section(
        "problems-fertility",
        f"规划列{CENSUS}年总和生育率{plan}，口径未注明，尚不能核对",
        f"总和生育率须用同一种人口的出生数和分年龄妇女数计算。到本版截止日，{list_phrase(missing)}未公布，不能推算。{known}",
        (
            "规划的出生率、自然增长率写明是户籍口径，总和生育率没有写明。常住与户籍的出生数和育龄妇女数都不同，"
            f"把一种人口的生育率用到另一种人口上，出生数会错。{_women_before(report)}",
            _table(report, check, plan),
            warning_block(report, "w-fertility-tfr"),
        ),
        "在口径说明和分年龄数据公布以前，规划的总和生育率不宜直接用于常住人口预测或学位测算。",
    )


def _women_before(report: Report) -> str:
    share = report.ledger.observation("census_women_15_49_share", 2010, report.region_id)
    if share is None:
        return ""
    return f"2010年普查，15—49岁妇女占常住人口{report.fact_of(share)}；2020年的同一数字须待普查分县资料。"


def _checked_section(report: Report, check: Check, plan: Fact) -> Section:
    lead_pattern = check.patterns[0]
    implied, needed, births = (
        _implied_fact(report, check, lead_pattern),
        _needed_fact(report, check, lead_pattern, plan),
        _births_fact(report, check),
    )
    assert implied.value is not None and plan.value is not None and needed.value is not None and births.value is not None
    gap = report.fact(
        f"fact-births-gap-{CENSUS}",
        f"总和生育率{plan.text()}所需出生数与{CENSUS}年常住出生数之差",
        needed.value - births.value,
        "万人",
        2,
        year=CENSUS,
        basis="resident",
        status="E",
        source_ids=needed.source_ids,
        derivation=f"{needed.value:.2f} − {births.value:.2f}",
    )
    fits = abs(implied.value - plan.value) < 0.05
    if fits:
        heading = f"按常住出生推算总和生育率{implied}，与规划的{plan}一致"
        lead = "规划的总和生育率与常住人口的出生数相符。"
    else:
        heading = f"按常住出生推算总和生育率{implied}，规划的{plan}须有{needed:v.1}万名新生儿"
        side = "少" if gap.value > 0 else "多"  # type: ignore[operator]
        lead = (
            f"规划所列{plan}与常住出生数对不上：{CENSUS}年常住出生约{births}，比{plan}所需的{needed}{side}{gap:a}。"
            f"规划没有注明口径；不论按哪种口径编制，{plan}都不能用于常住人口。"
        )
    return Section(
        "problems-fertility",
        heading,
        lead,
        (
            _figure(report, check, plan),
            _reading(report, check, plan, implied),
            _table(report, check, plan),
            _women_part(report, check),
            Note("推算方法与误差", _method(report, check)),
            warning_block(report, "w-fertility-tfr"),
        ),
        _policy(report, check, plan, lead_pattern),
    )


def _births_fact(report: Report, check: Check) -> Fact:
    assert check.rate is not None and check.total is not None and check.births is not None
    return report.fact(
        f"fact-resident-births-census-{CENSUS}",
        f"{CENSUS}年常住人口出生数（出生率×普查人口）",
        check.births / 10000,
        "万人",
        2,
        year=CENSUS,
        basis="resident",
        status="E",
        source_ids=(check.rate.source_id, check.total.source_id),
        derivation=f"{check.rate.value:g}‰ × {check.total.value:.2f}万人",
    )


def _pattern_sources(check: Check, pattern: Pattern) -> tuple[str, ...]:
    assert check.rate is not None and check.total is not None
    return (check.rate.source_id, "census-2020-yearbook", pattern.source_id)


def _implied_fact(report: Report, check: Check, pattern: Pattern) -> Fact:
    return report.fact(
        f"fact-implied-tfr-{pattern.pattern_id}-{CENSUS}",
        f"{CENSUS}年常住人口总和生育率（推算，生育模式：{pattern.name}）",
        check.implied(pattern),
        "",
        2,
        year=CENSUS,
        basis="resident",
        status="E",
        source_ids=_pattern_sources(check, pattern),
        derivation="出生数 ÷ Σ（各年龄组妇女 × 生育模式）",
    )


def _needed_fact(report: Report, check: Check, pattern: Pattern, rate: Fact) -> Fact:
    assert rate.value is not None
    return report.fact(
        f"fact-births-needed-{round(rate.value * 100)}-{pattern.pattern_id}-{CENSUS}",
        f"总和生育率{rate.text()}所需的出生数（生育模式：{pattern.name}）",
        check.needed(pattern, rate.value) / 10000,
        "万人",
        2,
        year=CENSUS,
        basis="resident",
        status="E",
        source_ids=(*rate.source_ids, "census-2020-yearbook", pattern.source_id),
        derivation=f"{rate.text()} × Σ（各年龄组妇女 × 生育模式）",
    )


def _target_fact(report: Report) -> Fact | None:
    targets = report.ledger.plan.targets
    row = targets[targets["indicator_id"] == "total_fertility_rate"]
    if row.empty:
        return None
    year = int(row["target_year"].iloc[0])
    return report.fact(
        f"fact-total-fertility-rate-target-{year}",
        f"规划{year}年总和生育率目标下限",
        float(row["target_value"].iloc[0]),
        "",
        1,
        year=year,
        basis="unstated",
        source_ids=(report.plan_source,),
        indicator_id="total_fertility_rate",
    )


def _range(check: Check, report: Report) -> tuple[float, float]:
    """Least and greatest rate over the age patterns and the ways to count births."""
    births = [check.births, check.newborn]
    mean = resident_births(report).get(CENSUS)
    births += [mean.births * 10000] if mean else []
    values = [check.implied(pattern, count) for pattern in check.patterns for count in births if count]
    return min(values), max(values)


def _figure(report: Report, check: Check, plan: Fact) -> Figure:
    pattern = check.patterns[0]
    needed, births = _needed_fact(report, check, pattern, plan), _births_fact(report, check)
    target = _target_fact(report)
    rows = [(f"总和生育率{plan.text()}（规划所列）所需", needed.value, "按规划总和生育率倒推")]
    if target is not None and target.value is not None:
        below = check.needed(pattern, target.value) / 10000
        rows.append((f"总和生育率{target.text()}（规划下限）所需", below, "按规划总和生育率倒推"))
    rows.append((f"{CENSUS}年出生率×普查人口", births.value, "由公布数得出"))
    if check.newborn:
        rows.append(("普查0岁常住人口", check.newborn / 10000, "由公布数得出"))
    frame = pd.DataFrame(rows, columns=["项目", "人数（万人）", "来历"])
    title = f"总和生育率{plan.text()}须有{needed.text('v.1')}万名新生儿，{CENSUS}年常住出生约{births.text('v.1')}万名"
    return Figure(
        id="fig-implied-tfr",
        title=title,
        subtitle=f"一年出生数，万人；常住人口，{CENSUS}年11月1日育龄妇女，生育模式取{pattern.name}",
        alt=f"横条图，四项出生数：{'；'.join(f'{name}{value:.2f}万人' for name, value, _ in rows)}。",
        frame=frame,
        draw=partial(_draw, frame),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=(CENSUS,),
        source_ids=tuple(dict.fromkeys((*_pattern_sources(check, pattern), births.source_ids[1], report.plan_source))),
        notes=("倒推的出生数不是预测，只说明规划所列总和生育率在常住育龄妇女中意味着多少出生。",),
        indicator_ids=("total_fertility_rate", "resident_birth_rate", "census_population"),
    )


def _draw(frame: pd.DataFrame, layout: Layout) -> alt.LayerChart:
    return bar_chart(
        frame,
        layout,
        category="项目",
        value="人数（万人）",
        unit="万人",
        decimals=2,
        group="来历",
        colours={"按规划总和生育率倒推": COLOURS["plan"], "由公布数得出": COLOURS["resident"]},
        sort=False,
    )


def _reading(report: Report, check: Check, plan: Fact, implied: Fact) -> str:
    low, high = _range(check, report)
    bounds = [
        report.fact(
            f"fact-implied-tfr-{key}-{CENSUS}",
            f"{CENSUS}年常住人口总和生育率推算的{word}",
            value,
            "",
            2,
            year=CENSUS,
            basis="resident",
            status="E",
            source_ids=tuple(dict.fromkeys(s for p in check.patterns for s in _pattern_sources(check, p))),
        )
        for key, word, value in (("low", "下端", low), ("high", "上端", high))
    ]
    parts = []
    if check.newborn:
        newborn = report.fact(
            f"fact-census-age-0-{CENSUS}",
            f"{CENSUS}年普查0岁常住人口",
            check.newborn / 10000,
            "万人",
            2,
            year=CENSUS,
            basis="census",
            source_ids=("census-2020-yearbook",),
        )
        parts.append(f"两个来源互相印证：出生率乘普查人口得{_births_fact(report, check)}，普查登记的0岁人口为{newborn}。")
        mean = resident_births(report).get(CENSUS)
        if mean is not None:
            parts.append(f"{{exhibit-ref}}`tbl-birth-rates`按年平均人口推算为{births_fact(report, mean)}，差别只在所乘的人口数。")
    choices = "生育模式和出生数" if len(check.patterns) > 1 else "出生数"
    parts.append(f"换用不同的{choices}，推算值在{bounds[0]}至{bounds[1]}之间")
    parts.append(f"，都低于规划的{plan}。" if high < (plan.value or 0) else f"，规划的{plan}不在其外。")
    parts.append(
        "规划同一张表的出生率、自然增长率都是户籍口径。户籍育龄妇女的分年龄数没有公布，规划的数按户籍口径是否成立，同样无法核对。"
    )
    if report.edition > CENSUS:
        parts.append(f"{CENSUS + 1}年以后，全市总和生育率未公布。")
    return "".join(parts)


def _women_part(report: Report, check: Check) -> str:
    census = read_census(report.ledger)
    low, high = CHILDBEARING
    women = census[(census["region_id"] == report.region_id) & (census["sex"] == "female")]
    counts, prime = {}, {}
    for year in (2010, CENSUS):
        here = women[women["census_year"] == year]
        if here.empty:
            return ""
        counts[year] = float(here.loc[(here["age"] >= low) & (here["age"] < high), "population"].sum()) / 10000
        prime[year] = float(here.loc[(here["age"] >= 20) & (here["age"] < 35), "population"].sum()) / 10000
    made = {
        (key, year): report.fact(
            f"fact-census-women-{key}-{year}",
            f"{year}年普查{word}常住妇女",
            values[year],
            "万人",
            1,
            year=year,
            basis="census",
            source_ids=(f"census-{year}-yearbook",),
        )
        for key, word, values in (("15-49", "15—49岁", counts), ("20-34", "20—34岁", prime))
        for year in (2010, CENSUS)
    }
    shares = [report.ledger.observation("census_women_15_49_share", year, report.region_id) for year in (2010, CENSUS)]
    verb = "增加" if counts[CENSUS] > counts[2010] else "减少"
    text = (
        f"规划提到育龄妇女减少。常住口径的15—49岁妇女，由2010年的{made['15-49', 2010]}{verb}到2020年的{made['15-49', CENSUS]}，"
        f"其中20—34岁由{made['20-34', 2010]}到{made['20-34', CENSUS]}"
    )
    if shares[0] and shares[1]:
        fall = shares[1].value < shares[0].value
        text += f"；占常住人口的比重由{report.fact_of(shares[0])}{'降' if fall else '升'}为{report.fact_of(shares[1])}"
    return text + "。人数与比重的方向可以不同，说“减少”须写明是哪一个、哪种人口。"


def _table(report: Report, check: Check, plan: Fact) -> Table:
    rows: list[dict[str, str]] = []
    width = max(1, len(check.patterns))

    def add(step: str, arithmetic: str, values: list[str]) -> None:
        values = values if len(values) == width else values * width
        rows.append({"step": step, "arithmetic": arithmetic} | {f"v{i}": v for i, v in enumerate(values)})

    add("①", f"常住出生率（{CENSUS - 1}年11月—{CENSUS}年10月）",
        [f"{report.fact_of(check.rate):.2}" if check.rate else NOT_PUBLISHED])
    add("②", "普查常住人口（11月1日）", [f"{report.fact_of(check.total)}" if check.total else NOT_PUBLISHED])
    add("③", "出生数＝①×②", [f"{_births_fact(report, check)}" if check.births else "无法推算"])
    women = sum(check.women)
    if women:
        total = report.fact(
            f"fact-census-women-15-49-{CENSUS}", f"{CENSUS}年普查15—49岁常住妇女", women / 10000, "万人", 1, year=CENSUS,
            basis="census", source_ids=(f"census-{CENSUS}-yearbook",),
        )
        add("④", "15—49岁常住妇女（普查）", [f"{total:.2}"])
    else:
        add("④", "15—49岁常住妇女（普查）", [NOT_PUBLISHED])
    if check.is_complete:
        assert check.births is not None
        general = report.fact(
            f"fact-general-fertility-rate-{CENSUS}", f"{CENSUS}年一般生育率（常住，推算）",
            general_fertility_rate(check.births, check.women), "‰", 1, year=CENSUS, basis="resident", status="E",
            source_ids=(check.rate.source_id, "census-2020-yearbook") if check.rate else (),
            derivation="出生数 ÷ 15—49岁妇女",
        )
        add("⑤", "一般生育率＝③÷④", [f"{general}"])
        implied = [_implied_fact(report, check, p) for p in check.patterns]
        needed = [_needed_fact(report, check, p, plan) for p in check.patterns]
        add("⑥", "推算的总和生育率＝③÷Σ（各年龄组妇女×生育模式）", [f"**{f}**" for f in implied])
        add("⑦", f"总和生育率为{plan}时所需出生数", [f"{f}" for f in needed])
        add("⑧", "所需出生数与③之差", [f"{_gap_fact(report, check, p, n)}" for p, n in zip(check.patterns, needed, strict=True)])
    else:
        add("⑤", "推算的总和生育率", ["无法推算"])
    add("规划", f"规划表4所列{CENSUS}年总和生育率（口径未注明）", [f"{plan}"])
    columns = [Column("step", "步骤"), Column("arithmetic", "项目与算法")]
    if len(check.patterns) > 1:
        columns += [Column(f"v{i}", p.name, group="生育模式") for i, p in enumerate(check.patterns)]
    else:
        columns.append(Column("v0", check.patterns[0].name if check.is_complete else "数"))
    sources = [o.source_id for o in (check.rate, check.total) if o]
    if check.women:
        sources.append("census-2020-yearbook")
    if check.is_complete:
        sources += [p.source_id for p in check.patterns]
    return Table(
        id="tbl-fertility-check",
        title=f"{CENSUS}年总和生育率的核对" + ("" if check.is_complete else "：缺少的数"),
        frame=pd.DataFrame(rows),
        columns=tuple(columns),
        unit="",
        basis="resident",
        region_id=report.region_id,
        years=(CENSUS,),
        source_ids=tuple(dict.fromkeys([*sources, report.plan_source])),
        notes=(f"①由{CENSUS + 1}年公报公布的升降幅度推得。",) if check.rate else (),
        indicator_ids=("total_fertility_rate", "resident_birth_rate", "census_population"),
        missing="blank",
    )


def _gap_fact(report: Report, check: Check, pattern: Pattern, needed: Fact) -> Fact:
    assert check.births is not None and needed.value is not None
    return report.fact(
        f"fact-births-gap-{pattern.pattern_id}-{CENSUS}",
        f"所需出生数与{CENSUS}年常住出生数之差（生育模式：{pattern.name}）",
        needed.value - check.births / 10000,
        "万人",
        2,
        year=CENSUS,
        basis="resident",
        status="E",
        source_ids=needed.source_ids,
        derivation=f"{needed.value:.2f} − {check.births / 10000:.2f}",
    )


def _method(report: Report, check: Check) -> str:
    names = list_phrase(p.name for p in check.patterns)
    text = (
        "总和生育率是各年龄妇女生育率之和。本市分年龄生育率没有公布，用间接标准化推算：借用别处生育率随年龄变化的形状，"
        "把它的水平调到刚好得出本市的出生数。水平由本市的出生数和妇女数决定，形状只带来小的差别（见表中两列或上下端）。\n\n"
        f"所用形状：{names}。出生数和妇女数都按普查日的人口计，使分子、分母属于同一人口、同一时点。"
    )
    mean = resident_births(report).get(CENSUS)
    if mean is not None:
        births = births_fact(report, mean)
        value = report.fact(
            f"fact-implied-tfr-mean-population-{CENSUS}", f"{CENSUS}年总和生育率推算值（按年平均人口的出生数）",
            check.implied(check.patterns[0], mean.births * 10000), "", 2, year=CENSUS, basis="resident", status="E",
            source_ids=(*mean.source_ids, "census-2020-yearbook", check.patterns[0].source_id),
        )
        text += f"若改用年平均人口，出生数为{births}，推算值为{value}。"
    return text + "\n\n出生率由抽样调查推算，2020年的数又由次年公报的升降幅度推得；推算值是量级核对，不是公布的统计数。"


def _policy(report: Report, check: Check, plan: Fact, pattern: Pattern) -> str:
    target = _target_fact(report)
    text = f"评估生育目标须先由编制部门说明{plan}的口径。"
    if target is None:
        return text
    needed = _needed_fact(report, check, pattern, target)
    text += f"若目标按常住口径考核，{target}的下限也需约{needed:v.1}万名新生儿（按{CENSUS}年育龄妇女）"
    latest = resident_births(report).get(report.edition)
    if latest is not None and needed.value is not None:
        fact = births_fact(report, latest)
        text += f"，{report.edition}年常住出生约{fact}，{'不足此数' if latest.births < needed.value else '已达此数'}"
    return text + "。学位和托育测算应直接用常住出生数，不经总和生育率换算。"
