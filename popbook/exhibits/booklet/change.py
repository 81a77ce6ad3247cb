"""Change of a district between the censuses: births, deaths and migration of cohorts; and what came out later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.booklet.units import (
    BULLETIN,
    CENSUS_SOURCES,
    CENSUSES,
    PERSONS,
    SECOND,
    Unit,
    census_fact,
    gap,
    growth_fact,
    growth_words,
    has,
    scope_short,
    scope_words,
    units_of,
)
from popbook.exhibits.chapters.status.evidence import SAME_CENSUS_BASE, sources_of
from popbook.exhibits.charts import bar_chart
from popbook.exhibits.model import Block, Column, Fact, Figure, Note, Section, Table
from popbook.exhibits.phrases import change_word
from popbook.exhibits.theme import COLOURS
from popbook.forecasting.district_ages import decade_migration
from popbook.forecasting.hamilton_perry import census_groups
from popbook.ledger.concepts import difference

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

GAIN, LOSS = "净迁入", "净迁出"
GAIN_COLOURS = {GAIN: COLOURS["migration"], LOSS: COLOURS["plan"]}
OPEN_AGE = 85
YEARLY = ("resident_population", "hukou_population", "floating_population")


def opener(report: Report) -> Section:
    """Return the opening of the page."""
    if not has(report, *CENSUSES):
        return gap(report, "change", f"{report.region.name_zh}2010—2020年的变化", level=1)
    units = units_of(report)
    words = []
    for unit in units:
        before, after = (census_fact(report, unit.id, year, "total", "人口", "万人", 2) for year in CENSUSES)
        rate = growth_fact(report, unit.id)
        words.append(f"{unit.name}由{before}{change_word(rate.value or 0, 'level', 0.05)}到{after}")
    city = growth_fact(report, report.ledger.city)
    heading = f"变化：{'；'.join(growth_words(report, unit) for unit in units)}"
    return Section("change", heading, f"{scope_words(report)}{'；'.join(words)}。同期全市增减幅度{city:+}。", level=1)


def cohorts(report: Report) -> Section:
    """Return the section on the cohorts: where the change of the decade comes from, by age."""
    if not has(report, *CENSUSES):
        return gap(report, "booklet-cohorts", "同一批人的增减")
    blocks: list[Block] = []
    heading, parts = "", []
    for unit in units_of(report):
        moved = decade_migration(report.ledger, unit.id)
        assert moved is not None
        total = _migration_fact(report, unit, moved)
        word = GAIN if (total.value or 0) >= 0 else LOSS
        heading = heading or f"{unit.name}十年{word}{total:a}"
        parts.append(_balance(report, unit, moved))
        gains, losses = moved[moved["net_migration"] > 0], moved[moved["net_migration"] < 0]
        text = f"{unit.name}2020年10岁及以上的人中，十年{word}约{total:a}。"
        if len(gains):
            top = gains.sort_values("net_migration", kind="stable").iloc[-1]
            text += f"净迁入最多的是{_group_words(int(top['age']))}，{_group_fact(report, unit, top):a}。"
        if len(losses):
            low = losses.sort_values("net_migration", kind="stable").iloc[0]
            text += f"净迁出最多的是{_group_words(int(low['age']))}，{_group_fact(report, unit, low):a}。"
        blocks += [_figure(report, unit, moved, total), text]
    note = Note(
        "方法：怎样估计净迁移",
        "把2010年每个五岁组按全市的存活率推到2020年，与2020年普查同一批人的实际人数相减，差额是净迁移的估计，含两次普查登记完整程度的差别。"
        "存活率不分区县公布，用全市的，各区县健康水平的差别没有计入。2020年不满10岁的孩子2010年还没有出生，不能这样估计，单列一行。"
        "2020年的年龄比2010年大10岁；75岁及以上三组合入85岁及以上。",
    )
    lead = "同一批人只因死亡和迁移而增减，除去死亡就是净迁移。" + scope_short(report)
    return Section("booklet-cohorts", heading, lead, (*blocks, _table(report, parts), note))


def _group_words(age: int) -> str:
    return f"{age}岁及以上" if age >= OPEN_AGE else f"{age}—{age + 4}岁"


def _group_fact(report: Report, unit: Unit, row: pd.Series) -> Fact:
    age = int(row["age"])
    return report.fact(
        f"fact-{unit.id}-net-migration-{age}-{SECOND}", f"{unit.name}2010—2020年净迁移（2020年{_group_words(age)}）",
        float(row["net_migration"]), "万人", 2, year=SECOND, basis="census", region_id=unit.id, status="E",
        source_ids=tuple(CENSUS_SOURCES.values()), derivation=f"{row['after']:.4f} − {row['survivors']:.4f}",
    )  # fmt: skip


def _migration_fact(report: Report, unit: Unit, moved: pd.DataFrame) -> Fact:
    return report.fact(
        f"fact-{unit.id}-net-migration-10plus-{SECOND}", f"{unit.name}2010—2020年净迁移（2020年10岁及以上）",
        float(moved["net_migration"].sum()), "万人", 2, year=SECOND, basis="census", region_id=unit.id, status="E",
        source_ids=tuple(CENSUS_SOURCES.values()), derivation=f"{moved['after'].sum():.4f} − {moved['survivors'].sum():.4f}",
    )  # fmt: skip


def _figure(report: Report, unit: Unit, moved: pd.DataFrame, total: Fact) -> Figure:
    frame = pd.DataFrame(
        {
            "2020年年龄": [_group_words(int(age)).removesuffix("岁") for age in moved["age"]],
            "净迁移（万人）": moved["net_migration"].round(4),
            "方向": [GAIN if value >= 0 else LOSS for value in moved["net_migration"]],
        }
    )
    top = moved.iloc[int(moved["net_migration"].abs().to_numpy().argmax())]
    word = GAIN if top["net_migration"] >= 0 else LOSS
    title = f"{unit.name}{word}最多的是2020年{_group_words(int(top['age']))}的人，十年{abs(top['net_migration']):.2f}万人"
    return Figure(
        id=f"fig-migration-{unit.id}",
        title=title,
        subtitle="2010—2020年净迁移（估计），万人，按2020年的年龄；正数为净迁入",
        alt=f"条形图，各年龄的净迁移。{title}。10岁及以上合计{total.text('+')}。",
        frame=frame,
        draw=lambda layout: bar_chart(
            frame, layout, category="2020年年龄", value="净迁移（万人）", unit="万人", decimals=2, group="方向",
            colours=GAIN_COLOURS, sort=False, signed=True,
        ),
        unit="万人",
        basis="census",
        region_id=unit.id,
        years=CENSUSES,
        source_ids=tuple(CENSUS_SOURCES.values()),
        notes=("由两次普查同一批人的差额和全市存活率估计，含登记完整程度的差别。", *unit.scope_notes),
        indicator_ids=("census_population",),
    )  # fmt: skip


def _balance(report: Report, unit: Unit, moved: pd.DataFrame) -> dict[str, float | str]:
    first, second = (census_groups(report.ledger, unit.id, year) for year in CENSUSES)
    assert first is not None and second is not None
    return {
        "name": unit.name,
        "before": first.sum() / PERSONS,
        "deaths": float(moved["survivors"].sum()) - first.sum() / PERSONS,
        "moved": float(moved["net_migration"].sum()),
        "born": second[:, :2].sum() / PERSONS,
        "after": second.sum() / PERSONS,
    }


def _table(report: Report, rows: list[dict[str, float | str]]) -> Table:
    return Table(
        id=f"tbl-components-{report.region_id}",
        title="2010年到2020年普查人口变动的来源",
        frame=pd.DataFrame(rows),
        columns=(
            Column("name", "地区"),
            Column("before", "2010年普查", "万人", 2),
            Column("deaths", "2010年的人口十年间死亡", "万人", 2, signed=True, group="估计"),
            Column("moved", "10岁及以上净迁移", "万人", 2, signed=True, group="估计"),
            Column("born", "2020年0—9岁", "万人", 2, signed=True),
            Column("after", "2020年普查", "万人", 2, emphasis=True),
        ),
        unit="万人",
        basis="census",
        region_id=report.region_id,
        years=CENSUSES,
        source_ids=tuple(CENSUS_SOURCES.values()),
        notes=("各行：2010年普查＋死亡＋净迁移＋2020年0—9岁＝2020年普查。0—9岁包括这十年出生和随父母迁入的孩子。",),
        indicator_ids=("census_population",),
    )


def later(report: Report) -> Section:
    """Return the section on the yearly figures of today's district since the census; what is not out reads 未公布."""
    ledger, place, name = report.ledger, report.region_id, report.region.name_zh
    census = ledger.observation("census_population", SECOND, place)
    before, after = (ledger.observation("census_share_of_city", year, place) for year in CENSUSES)
    latest = ledger.latest("resident_population", place)
    latest = latest if latest is not None and latest.year > SECOND else None
    words = []
    if before is not None and after is not None:
        step = report.difference(after, before)
        verb = change_word(step.value or 0, "rate", 0.005)
        words.append(
            f"按现行区界，{name}占全市普查人口的比重由2010年的{report.fact_of(before)}{verb}到2020年的{report.fact_of(after)}"
            "（2010年的比重由公报按现行区界重算，人数没有公布）。"
        )
    if latest is None or census is None:
        heading = f"{name}2021年以来的年末常住人口未公布"
        lead = f"本版截止日（{report.about.cut_off}）以前，没有查到主管部门公布的{name}2021年以来的年末常住人口；最近的数是2020年普查。"
    else:
        step = report.fact(
            f"fact-resident-since-census-{place}-{latest.year}", f"{name}{latest.year}年末常住人口比2020年普查增减",
            difference(latest, census, allow=SAME_CENSUS_BASE), "万人", 1, year=latest.year, basis="resident", region_id=place,
            source_ids=sources_of(latest, census), derivation=f"{latest.value:.2f} − {census.value:.2f}",
        )  # fmt: skip
        verb = change_word(step.value or 0, "level", 0.05)
        heading = f"{name}{latest.year}年末常住人口{report.fact_of(latest)}，比2020年普查{verb}{step:a}"
        lead = "普查为2020年11月1日，其余为年末，同以第七次人口普查为基础，按现行区界。"
        if latest.confidence == "C":
            lead += f"{latest.year}年的数为C级数据（{latest.note}），不单独作判断依据。"
    return Section("booklet-later", heading, lead, (*words, _yearly(report)))


def _yearly(report: Report) -> Table:
    ledger, place = report.ledger, report.region_id
    rows, used, doubtful = [], [], False
    for year in range(SECOND + 1, report.edition + 1):
        row: dict[str, object] = {"year": f"{year}年末"}
        for indicator_id in YEARLY:
            found = ledger.observation(indicator_id, year, place)
            row[indicator_id] = None if found is None else found.value
            if found is not None:
                used.append(found)
                doubtful = doubtful or found.confidence == "C"
                row["year"] = f"{year}年末*" if found.confidence == "C" else row["year"]
        rows.append(row)
    census = ledger.observation("census_population", SECOND, place)
    rows.insert(0, {"year": "2020年11月1日（普查）", "resident_population": None if census is None else census.value})
    notes = ["未公布：本版截止日以前没有查到主管部门的公布数。三种口径不能相加或相减。"]
    if doubtful:
        notes.append("*该年有C级数据（二手转述，未见原文）。")
    return Table(
        id=f"tbl-yearly-{report.region_id}",
        title=f"{report.region.name_zh}2020年普查以来的人口，现行区界",
        frame=pd.DataFrame(rows, columns=["year", *YEARLY]),
        columns=(
            Column("year", "时点"),
            Column("resident_population", "常住人口", "万人", 1, emphasis=True),
            Column("hukou_population", "户籍人口", "万人", 2),
            Column("floating_population", "登记流动人口", "万人", 2),
        ),
        unit="万人",
        basis="none",
        region_id=place,
        years=tuple(range(SECOND, report.edition + 1)),
        source_ids=(BULLETIN, *sources_of(*used)),
        notes=tuple(notes),
        indicator_ids=("census_population", *YEARLY),
    )

