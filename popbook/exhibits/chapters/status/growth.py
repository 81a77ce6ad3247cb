"""Size: the yearly change of residents, split into natural growth and net migration as the residual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.status.evidence import (
    doubtful_notes,
    plan_target,
    since,
    sources_of,
    unsigned,
)
from popbook.exhibits.charts import components_chart
from popbook.exhibits.model import Block, Column, Fact, Figure, Note, Section, Table
from popbook.exhibits.phrases import change_word, closing_run, run_phrase
from popbook.exhibits.theme import COLOURS
from popbook.ledger.concepts import difference
from popbook.monitoring.components import components_of_change

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

RESIDENT_TARGET = "resident_population"
FIRST_COMPONENT_YEAR = 2015


@dataclass(frozen=True)
class Growth:
    """Yearly changes of residents on one base, and the last of them."""

    years: tuple[int, ...]
    values: tuple[float, ...]

    @property
    def year(self) -> int:
        """Year of the last change."""
        return self.years[-1]

    @property
    def value(self) -> float:
        """Last change, 万人."""
        return self.values[-1]

    @property
    def run(self) -> tuple[int, str]:
        """Number of closing years in which the change narrowed or widened, and the verb for it."""
        count, direction = closing_run(self.values, tolerance=0.05)
        return count, {"up": "扩大", "down": "收窄", "flat": "持平"}[direction]

    @property
    def words(self) -> str:
        """How the change has moved, e.g. 连续五年收窄; "" where there is only one change."""
        count, verb = self.run
        return f"{run_phrase(count)}{verb}" if count else ("" if len(self.values) < 2 else "与上年持平")


def yearly_growth(report: Report) -> Growth | None:
    """Return the yearly changes of residents within the stretch that holds the last of them.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    Growth or None
        None where no two neighbouring years stand on one base.
    """
    series = report.ledger.series("resident_population")
    changes = series.changes()
    if changes.empty:
        return None
    last = series.at(int(changes["year"].iloc[-1]))
    assert last is not None
    rows = [(int(y), round(float(c), 10)) for y, c in zip(changes["year"], changes["change"], strict=True)]
    same = {o.year for o in series.observations() if o.behind == last.behind}
    rows = [(y, c) for y, c in rows if y in same and y - 1 in same and y >= FIRST_COMPONENT_YEAR]
    return Growth(tuple(y for y, _ in rows), tuple(c for _, c in rows)) if rows else None


def growth_fact(report: Report, year: int) -> Fact:
    """Return the change of residents over a year as a fact; the guard refuses a step across a break."""
    series = report.ledger.series("resident_population")
    later, earlier = series.at(year), series.at(year - 1)
    assert later is not None and earlier is not None
    return report.difference(later, earlier)


@or_gap("status-components", "人口增长的构成", Needs(targets=("resident_population",)))
def components(report: Report) -> Section:
    """Return the section on the components of yearly change: natural growth, and net migration as the residual.

    Parameters
    ----------
    report
        The edition.
    """
    growth = yearly_growth(report)
    table = components_of_change(report.ledger)
    if growth is None or table.empty:
        return Section(
            "status-components",
            "常住人口的增量构成未公布",
            "没有同口径的两个相邻年末数和自然增长率，不能拆分增量。",
        )
    row = table.iloc[-1]
    year = int(row["year"])
    change = growth_fact(report, year)
    natural, migration = _component_facts(report, row)
    rising = "增加" if row["change"] >= 0 else "减少"
    moved = "净迁入" if row["net_migration"] >= 0 else "净迁出"
    if growth.year == report.edition and year == growth.year:
        head = f"常住人口增量{growth.words}：" if growth.run[0] >= 2 else ""
        heading = f"{head}{year}年{rising}{unsigned(report, change)}，其中{moved}约{unsigned(report, migration)}"
    elif growth.year == report.edition:
        heading = f"{growth.year}年常住人口增量{growth_fact(report, growth.year)}，构成未公布"
    else:
        heading = f"{report.edition}年增量因换基数不可比；{year}年增加{change}，{moved}约{unsigned(report, migration)}"
    blocks: list[Block] = [_figure_components(report, table, growth)]
    blocks += [_components_words(report, table), _table_components(report, table), _vital_words(report)]
    blocks.append(
        Note(
            "方法：怎样拆分增量",
            "自然增长＝（出生率−死亡率）×当年平均人口（上年末与本年末的平均）；净迁移＝年末人口之差−自然增长，是余额，"
            "不是登记的迁入迁出数。出生率和死亡率的时期是上年11月1日至当年10月31日，人口之差是日历年，两者错开两个月；"
            f"率只公布一位小数，人口取到0.1万人，取位误差合计最多约{_rounding_fact(report, row)}，抽样误差和普查前后的口径差也落在净迁移里。"
            "只拆分人口数与率同在一个普查基数上、且可信度为A或B的年份。",
        )
    )
    share = _migration_share(report, row)
    lead = "常住人口的变动分为自然增长和净迁移两部分，后者由年末人口之差扣除自然增长得到。"
    if share is not None and row["net_migration"] > 0:
        weight = "主要来自净迁入" if (share.value or 0) > 50 else "主要来自自然增长"
        lead = f"{year}年的增量{weight}：净迁入约占{share}，自然增长约{natural}。"
    return Section("status-components", heading, lead, tuple(blocks), _components_policy(report, table, growth))


def _component_facts(report: Report, row: pd.Series) -> tuple[Fact, Fact]:
    year = int(row["year"])
    ledger = report.ledger
    rates = sources_of(*(ledger.observation(f"resident_{n}_rate", year) for n in ("birth", "death", "natural")))
    stock = sources_of(ledger.observation("resident_population", year), ledger.observation("resident_population", year - 1))
    made = []
    for key, name, text in (
        ("natural", "自然增长", f"自然增长率 × 平均人口{row['mean_population']:.2f}"),
        ("net_migration", "净迁移（余额）", f"{row['change']:.1f} − {row['natural']:.2f}"),
    ):
        made.append(
            report.fact(
                f"fact-resident-{key.replace('_', '-')}-{year}",
                f"{year}年常住人口{name}",
                round(float(row[key]), 10),
                "万人",
                1,
                year=year,
                basis="resident",
                source_ids=(*stock, *rates),
                derivation=text.replace("-", "−"),
            )
        )
    return made[0], made[1]


def _migration_share(report: Report, row: pd.Series) -> Fact | None:
    if row["change"] <= 0:
        return None
    year = int(row["year"])
    _, migration = _component_facts(report, row)
    return report.fact(
        f"fact-net-migration-share-{year}",
        f"{year}年净迁移占常住人口增量的比重",
        round(100 * float(row["net_migration"] / row["change"]), 10),
        "%",
        0,
        year=year,
        basis="resident",
        source_ids=migration.source_ids,
        derivation=f"{row['net_migration']:.2f} ÷ {row['change']:.1f}",
    )


def _rounding_fact(report: Report, row: pd.Series) -> Fact:
    """Largest error that the printed digits alone can put into the residual: two stocks at 0.05, two rates at 0.05‰."""
    year = int(row["year"])
    error = 0.05 + 0.05 + 2 * 0.05 / 1000 * float(row["mean_population"])
    return report.fact(
        f"fact-net-migration-rounding-{year}",
        f"{year}年净迁移的最大取位误差",
        round(error, 10),
        "万人",
        1,
        year=year,
        basis="resident",
        derivation=f"0.05 ＋ 0.05 ＋ 2 × 0.05‰ × {row['mean_population']:.1f}",
    )


def _components_words(report: Report, table: pd.DataFrame) -> str:
    """Say how natural growth and net migration moved over the years that can be split."""
    year = int(table["year"].iloc[-1])
    if len(table) < 2:
        return f"按七普基数能拆分的只有{year}年；更早各年的自然增长率以六普为基础，不与修订后的人口数相配。"
    first, last = table.iloc[0], table.iloc[-1]
    natural_0, migration_0 = _component_facts(report, first)
    natural_1, migration_1 = _component_facts(report, last)

    def moved(key: str, up: str, down: str) -> str:
        step = float(last[key] - first[key])
        return up if step > 0.05 else down if step < -0.05 else "持平于"

    text = (
        f"{int(first['year'])}年至{year}年，净迁移由{migration_0}{moved('net_migration', '升至', '降至')}{migration_1}，"
        f"自然增长由{natural_0}{moved('natural', '升至', '降至')}{natural_1}。"
    )
    fall_m, fall_n = float(last["net_migration"] - first["net_migration"]), float(last["natural"] - first["natural"])
    if fall_m < 0 and fall_m + fall_n < 0:
        part = report.fact(
            f"fact-migration-part-of-narrowing-{year}",
            f"{int(first['year'])}—{year}年增量收窄中净迁移的部分",
            round(100 * fall_m / (fall_m + fall_n), 10),
            "%",
            0,
            year=year,
            basis="resident",
            source_ids=migration_1.source_ids,
            derivation=f"{fall_m:.2f} ÷ {fall_m + fall_n:.2f}".replace("-", "−"),
        )
        text += f"增量收窄的部分中，净迁入减少占{part}。"
    stock = report.ledger.observation("resident_population", year)
    if stock is not None and stock.behind:
        text += "这些年份的人口数以六普为基础，七普登记的人口明显高于这条序列，增量和净迁移都可能在回溯修订时改变。"
    return text


def _vital_words(report: Report) -> str:
    """Say what the birth rate did last, and that one year makes no trend."""
    ledger = report.ledger
    births, deaths = ledger.series("resident_birth_rate"), ledger.series("resident_death_rate")
    now = births.latest
    if now is None or now.year != report.edition:
        known = f"最近一个公布数为{now.year}年{report.fact_of(now)}（{'六' if now.behind else '七'}普基础）。" if now else ""
        return f"{report.edition}年常住人口出生率在本版截止日以前未公布，{known}".rstrip("，")
    text = f"{now.year}年常住人口出生率{report.fact_of(now)}"
    before = births.at(now.year - 1)
    # As in the warning rules: a figure of confidence C counts for no run of years.
    certain = [o for o in births.observations() if o.year < now.year and o.behind == now.behind and o.confidence != "C"]
    run_before, direction = closing_run([o.value for o in certain], tolerance=0.005)
    turned = False
    if before is not None and before.behind == now.behind:
        step = report.difference(now, before)
        word = change_word(step.value or 0, "rate", 0.005)
        text += f"，比上年{word}{unsigned(report, step)}" if word != "持平" else "，与上年持平"
        turned = run_before >= 2 and direction == "down" and word == "上升"
    death = deaths.at(now.year)
    if death is not None:
        text += f"；死亡率{report.fact_of(death)}"
        earlier = deaths.at(now.year - 1)
        if earlier is not None and earlier.behind == death.behind:
            step = report.difference(death, earlier)
            word = change_word(step.value or 0, "rate", 0.005)
            text += f"，{word}{unsigned(report, step)}" if word != "持平" else "，与上年持平"
    text += "。"
    if turned:
        text += (
            f"出生率在此前{run_phrase(run_before)}下降之后回升，只有一年的数，不足以判断趋势是否改变；"
            f"按公布的率和人口推算，出生约{_births_fact(report, now.year)}，上年约{_births_fact(report, now.year - 1)}。"
        )
    return text


def _births_fact(report: Report, year: int) -> Fact:
    stock, rate = report.ledger.series("resident_population"), report.ledger.observation("resident_birth_rate", year)
    later, earlier = stock.at(year), stock.at(year - 1)
    assert later is not None and earlier is not None and rate is not None
    mean = (later.value + earlier.value) / 2
    return report.fact(
        f"fact-resident-births-estimate-{year}",
        f"{year}年常住出生人数（按公布的率推算）",
        round(rate.value / 1000 * mean, 10),
        "万人",
        1,
        year=year,
        basis="resident",
        status="E",
        source_ids=sources_of(rate, later, earlier),
        derivation=f"{rate.value:.1f}‰ × {mean:.2f}",
    )


def _components_policy(report: Report, table: pd.DataFrame, growth: Growth) -> str:
    target = plan_target(report.ledger, RESIDENT_TARGET)
    base, goal, due = target.base, target.goal, target.due
    years = due - target.base_year
    needed = report.fact(
        f"fact-plan-resident-yearly-increment-{due}",
        f"规划目标对应的常住人口年均增量（{target.base_year + 1}—{due}年）",
        round((goal - base) / years, 10),
        "万人",
        1,
        year=due,
        basis="resident",
        source_ids=(report.plan_source,),
        derivation=f"（{goal:.0f} − {base:.1f}）÷ {years}",
    )
    if growth.year < target.base_year + 1:
        return (
            f"规划目标要求{target.base_year + 1}—{due}年年均增加{needed}。换基数以前的年增量不能用来检验它是否可行，"
            "须等七普基础上的逐年数公布。"
        )
    last = growth_fact(report, growth.year)
    if growth.year == due:
        now, start = (report.ledger.observation("resident_population", y) for y in (due, target.base_year))
        if now is not None and start is not None:
            mean = report.fact(
                f"fact-resident-mean-increment-{due}", f"{target.base_year + 1}—{due}年常住人口年均增量",
                round(difference(now, start) / years, 10), "万人", 1, year=due, basis="resident",
                source_ids=sources_of(now, start), derivation=f"（{now.value:.1f} − {start.value:.1f}）÷ {years}",
            )  # fmt: skip
            return (
                f"规划目标要求{target.base_year + 1}—{due}年年均增加{needed}，五年实际年均{mean}，{due}年为{last}。"
                "下一期规划的土地、学位和住房，应以近年实际增量为测算起点，并随净迁移的变化逐年修订。"
            )
    if growth.value < (needed.value or 0):
        return (
            f"规划目标要求{target.base_year + 1}—{due}年年均增加{needed}，{growth.year}年实际为{last}。"
            "按增量配置的土地、学位和住房，应以近年实际增量为测算起点，并随净迁移的变化逐年修订。"
        )
    return f"{growth.year}年实际增量{last}，不低于规划目标要求的年均{needed}，按规划增量配置的公共服务仍有需求支撑。"


def _figure_components(report: Report, table: pd.DataFrame, growth: Growth) -> Figure:
    known = table.set_index("year")
    rows = pd.DataFrame(
        [
            {
                "年份": year,
                "自然增长": round(float(known["natural"].get(year, float("nan"))), 2),
                "净迁移（余额）": round(float(known["net_migration"].get(year, float("nan"))), 2),
                "年增量": value,
            }
            for year, value in zip(growth.years, growth.values, strict=True)
        ]
    )
    split = [int(year) for year in table["year"] if int(year) in growth.years]
    last = rows[rows["年份"] == split[-1]].iloc[0] if split else rows.iloc[-1]
    moved = "净迁入" if last["净迁移（余额）"] >= 0 else "净迁出"
    title = (
        f"{int(last['年份'])}年{'增加' if last['年增量'] >= 0 else '减少'}{abs(last['年增量']):.1f}万人，"
        f"其中{moved}约{abs(last['净迁移（余额）']):.1f}万人"
    )
    peak = max(zip(growth.values, growth.years, strict=True))
    if growth.run[0] >= 2 and growth.year == int(last["年份"]):
        title = f"年增量{growth.words}，由{peak[1]}年{peak[0]:.1f}万人到{growth.year}年{growth.value:.1f}万人"
        if growth.run[1] == "扩大":
            title = f"年增量{growth.words}，{growth.year}年达到{growth.value:.1f}万人，其中{moved}约{abs(last['净迁移（余额）']):.1f}万人"
    unsplit = [year for year in growth.years if year not in split]
    notes = []
    if unsplit:
        notes.append(f"{_year_list(unsplit)}未拆分：当年没有与人口数同一普查基数、可信度A或B的出生率和死亡率。")
    if report.edition not in growth.years:
        notes.append(f"{report.edition}年与上年不在同一普查基数上，没有可比的增量。")
        notes.append("各年均为普查前抽样调查推算的首次公布数（六普基础）。")
    elif growth.years[0] < 2020:
        notes.append("2015—2019年增量由按七普回溯修订的年末数相减。")
    parts = {"净迁移（余额）": COLOURS["migration"], "自然增长": COLOURS["natural"]}
    if unsplit:
        rows.insert(3, "未拆分", [v if y in unsplit else float("nan") for y, v in zip(growth.years, growth.values, strict=True)])
        parts["未拆分"] = COLOURS["plan"]
    return Figure(
        id="fig-growth-components",
        title=title,
        subtitle="常住人口年增量及其构成，万人；净迁移为余额",
        alt=f"柱形图，{growth.years[0]}—{growth.years[-1]}年常住人口年增量，分为自然增长和净迁移。{title}。",
        frame=rows,
        draw=lambda layout: components_chart(rows, layout, parts=parts, total="年增量", unit="万人", decimals=1),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=growth.years,
        source_ids=sources_of(
            since(report.ledger.series("resident_population"), growth.years[0] - 1),
            *(since(report.ledger.series(f"resident_{n}_rate"), growth.years[0]) for n in ("birth", "death", "natural")),
        ),
        notes=tuple(notes),
        indicator_ids=("resident_population", "resident_birth_rate", "resident_death_rate", "resident_natural_rate"),
    )


def _year_list(years: list[int]) -> str:
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]}—{years[-1]}年"
    return "、".join(str(year) for year in years) + "年"


def _table_components(report: Report, table: pd.DataFrame) -> Table:
    ledger = report.ledger
    stock = since(ledger.series("resident_population"), FIRST_COMPONENT_YEAR)
    changes = ledger.series("resident_population").changes().set_index("year")["change"]
    rates = {name: ledger.series(f"resident_{name}_rate") for name in ("birth", "death", "natural")}
    known = table.set_index("year")
    cuts = {point.after_year for point in stock.break_points()}
    rows = []
    for item in stock.observations():
        year = item.year
        row: dict[str, object] = {"year": str(year), "population": item.value}
        row["change"] = "不可比" if year in cuts else float(changes[year]) if year in changes.index else "—"
        for name, series in rates.items():
            rate = series.at(year)
            usable = rate is not None and {(b.kind, b.year) for b in rate.behind} == {(b.kind, b.year) for b in item.behind}
            row[name] = rate.value if rate is not None and usable else ("口径不同" if rate is not None else None)
        split = year in known.index
        row["natural_count"] = float(known["natural"][year]) if split else "—"
        row["migration"] = float(known["net_migration"][year]) if split else "—"
        rows.append(row)
    latest = str(report.edition)
    notes = ["自然增长和净迁移为推算，净迁移是余额，算法见“怎样拆分增量”。"]
    if any("口径不同" in row.values() for row in rows):
        notes.append("“口径不同”：公布的率以六普为基础，与按七普修订的人口数不相配，不并列。")
    if cuts:
        notes.append("“不可比”：与上年不在同一普查基数上。")
    notes += doubtful_notes(*(since(series, FIRST_COMPONENT_YEAR) for series in (*rates.values(), stock)))
    return Table(
        id="tbl-growth-components",
        title=f"常住人口年增量的构成，{rows[0]['year']}—{latest}年",
        frame=pd.DataFrame(rows),
        columns=(
            Column("year", "年份"),
            Column("population", "年末人口", "万人", 1),
            Column("change", "年增量", "万人", 1, signed=True),
            Column("birth", "出生率", "‰", 1),
            Column("death", "死亡率", "‰", 1),
            Column("natural", "自然增长率", "‰", 1),
            Column("natural_count", "自然增长", "万人", 1, signed=True, group="推算"),
            Column("migration", "净迁移", "万人", 1, signed=True, group="推算"),
        ),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(int(str(row["year"])) for row in rows),
        source_ids=sources_of(stock, *(since(series, FIRST_COMPONENT_YEAR) for series in rates.values())),
        notes=tuple(notes),
        indicator_ids=("resident_population", "resident_birth_rate", "resident_death_rate", "resident_natural_rate"),
    )
