"""Services: how many people are of an age that needs schools and care, and how many of working age stand beside them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from popbook.demography.age_splitting import split_to_single_ages
from popbook.demography.age_structure import broad_age_table, dependency_ratio, read_census
from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.problems.early_warning import warning_block
from popbook.exhibits.chapters.problems.observed import base_word, is_comparable, sources_of
from popbook.exhibits.charts import BreakLine, Level, bar_chart, line_chart
from popbook.exhibits.model import Column, Fact, Figure, Layout, Note, Section, Table
from popbook.exhibits.phrases import closing_run, run_phrase
from popbook.exhibits.report import Report
from popbook.exhibits.theme import COLOURS
from popbook.ledger.concepts import require_same_concept
from popbook.monitoring.derived import dependency_series

FIRST, LAST = 2010, 2020
OLDEST = 100


@dataclass(frozen=True)
class ServiceAge:
    """An age group that a public service is planned for."""

    name: str
    service: str
    low: int
    high: int | None
    is_split: bool


SERVICE_AGES = (
    ServiceAge("0—5岁", "托育、幼儿园", 0, 6, True),
    ServiceAge("6—14岁", "小学、初中", 6, 15, True),
    ServiceAge("15—17岁", "高中、中职", 15, 18, True),
    ServiceAge("60岁及以上", "养老服务", 60, None, False),
    ServiceAge("80岁及以上", "长期照护", 80, None, False),
)
#: Before the second census table is published only the broad groups of the bulletin can be set side by side.
BROAD_AGES = (
    ServiceAge("0—14岁", "托育、幼儿园、小学、初中", 0, 15, False),
    ServiceAge("60岁及以上", "养老服务", 60, None, False),
    ServiceAge("65岁及以上", "养老服务、医疗", 65, None, False),
)

if TYPE_CHECKING:
    import altair as alt
_BROAD_IDS = {"0—14岁": "census_count_0_14", "60岁及以上": "census_count_60plus", "65岁及以上": "census_count_65plus"}


@dataclass(frozen=True)
class Dependency:
    """Dependency ratio of a year under one definition, %."""

    year: int
    value: float
    base: str
    computed: bool
    source_ids: tuple[str, ...]
    derivation: str = ""


PREDICTED_SHARES = "q-c1-3-4-04"
"""Number of the plan's text that predicts the share of working age, on the other of the two definitions."""


@or_gap("problems-services", "公共服务人群", Needs(tables=("census_age_sex",)))
def services(report: Report) -> Section:
    """Return the section on people of service age.

    Parameters
    ----------
    report
        The edition.
    """
    ages = service_table(report)
    return Section(
        "problems-services",
        heading(report),
        _lead(report, ages),
        (
            _figure_ages(report, ages),
            _ages_part(report, ages),
            _table_ages(report, ages),
            _figure_dependency(report),
            _dependency_part(report),
            Note("两种抚养比与分龄估计", _method(report)),
            warning_block(report, "w-services-dependency"),
        ),
        _policy(report, ages),
    )


def _method(report: Report) -> str:
    if _limit(report) is None:
        return _METHOD.format(users="普查公报和本报告的预警", plan="")
    said = "规划的上限对应前一种"
    if PREDICTED_SHARES in set(report.ledger.plan.quantities["quantity_id"]):
        said += f"；规划正文预测的{report.plan.target_year}年老幼与劳动年龄人口占比是15—59岁口径，不能拿来对照这一上限"
    return _METHOD.format(users="规划、普查公报和本报告的预警", plan=f"{said}。\n\n")


_METHOD = """总抚养比有两种算法，不能混用：

- 15—64岁口径：（0—14岁＋65岁及以上）÷15—64岁。{users}用这一种。
- 15—59岁口径：（0—14岁＋60岁及以上）÷15—59岁。把60—64岁算作被抚养，数值总是更高。

{plan}2019年以后公报不再公布抚养比，年末数按公布的年龄组人数计算，计算式见各数的说明。

0—5岁、6—14岁、15—17岁由普查五岁组拆成单岁后加总，是估计数：在累计人口上作单调分段三次插值，各五岁组的合计保持不变。大学新生集中在18—19岁，单调插值未必能分得准，15—17岁的数只用于看量级。60岁及以上、80岁及以上由普查五岁组直接加总，不是估计。"""


def service_table(report: Report) -> pd.DataFrame:
    """Return people by service age at both censuses.

    Returns
    -------
    DataFrame
        ``age, service, first, last`` (万人), ``change`` (万人), ``growth`` (%), ``is_split``; with the broad groups
        of the bulletin where the second census table is not published.
    """
    census = read_census(report.ledger)
    here = census[census["region_id"] == report.region_id]
    single = {year: _single_ages(here[here["census_year"] == year]) for year in (FIRST, LAST)}
    rows = []
    full = single[LAST] is not None and single[FIRST] is not None
    for group in SERVICE_AGES if full else BROAD_AGES:
        values = []
        for year in (FIRST, LAST):
            counts = single[year]
            if counts is not None:
                values.append(float(counts[group.low : group.high].sum()) / 10000)
            else:
                found = report.ledger.observation(_BROAD_IDS[group.name], year, report.region_id)
                values.append(found.value if found else np.nan)
        rows.append((group.name, group.service, *values, group.is_split))
    table = pd.DataFrame(rows, columns=["age", "service", "first", "last", "is_split"])
    table["change"] = table["last"] - table["first"]
    table["growth"] = 100 * (table["last"] / table["first"] - 1)
    return table


def _single_ages(rows: pd.DataFrame) -> np.ndarray | None:
    if rows.empty:
        return None
    counts = rows.groupby("age")["population"].sum()
    # The open group is only ever summed as a whole, so its tail may have any shape.
    return split_to_single_ages(counts.index.to_numpy(), counts.to_numpy(float), np.ones(OLDEST + 1))


def _is_full(ages: pd.DataFrame) -> bool:
    return bool(ages["is_split"].any())


def heading(report: Report) -> str:
    """Return the finding: yearly change of children and older people, or the rise of the dependency ratio."""
    young, old = (report.ledger.series(f"resident_count_{key}", report.region_id) for key in ("0_14", "60plus"))
    year = report.edition
    pairs = [(s.at(year - 1), s.at(year)) for s in (young, old)]
    if all(b and n and is_comparable(b, n) for b, n in pairs):
        changes = [report.difference(n, b) for b, n in pairs if b and n]
        verbs = ["增" if (c.value or 0) > 0 else "减" for c in changes]
        return f"{year}年0—14岁人口{verbs[0]}{changes[0]:a}，60岁及以上{verbs[1]}{changes[1]:a}"
    known = dependencies(report)["15_64"]
    latest = known[-1]
    first = next(d for d in known if d.year == FIRST)
    if latest.base != "普查":
        return f"{latest.year}年末每100名15—64岁人口负担{_dependency_fact(report, latest, '15_64'):v}名老幼"
    return (
        f"总抚养比由{FIRST}年的{_dependency_fact(report, first, '15_64')}"
        f"{'升' if latest.value > first.value else '降'}到{latest.year}年的{_dependency_fact(report, latest, '15_64')}"
    )


def _lead(report: Report, ages: pd.DataFrame) -> str:
    series = report.ledger.series("resident_share_0_14", report.region_id)
    now = series.at(report.edition)
    if now is None:
        first, last = ages.iloc[0], ages[ages["age"] == "60岁及以上"].iloc[0]
        return (
            f"两次普查之间，{first['age']}和{last['age']}人口各增加{_age_fact(report, first, 'growth')}、"
            f"{_age_fact(report, last, 'growth')}，幼儿园、学校和养老服务的对象同时增多。"
        )
    segment = [o.value for o in series.observations() if is_comparable(o, now) and o.year <= now.year]
    run, direction = closing_run(segment)
    words = {"down": "下降", "up": "上升", "flat": "持平"}[direction]
    trend = f"{run_phrase(run)}{words}" if run > 1 else (f"比上年{words}" if run else "")
    text = f"0—14岁占{report.fact_of(now)}{'，' + trend if trend else ''}。"
    old = report.ledger.observation("resident_count_60plus", report.edition, report.region_id)
    count = report.ledger.observation("resident_count_0_14", report.edition, report.region_id)
    if old and count:
        more = report.fact(
            f"fact-older-per-child-{now.year}",
            f"{now.year}年60岁及以上与0—14岁人数之比",
            old.value / count.value,
            "倍",
            2,
            year=now.year,
            basis="resident",
            source_ids=sources_of([old, count]),
            derivation=f"{old.value:.1f} ÷ {count.value:.1f}",
        )
        text += f"60岁及以上人口是0—14岁的{more}。"
    before = report.ledger.observation("resident_count_0_14", report.edition - 1, report.region_id)
    if count and before and is_comparable(count, before) and count.value < before.value and direction == "down":
        text += "服务压力的重心由学位转向养老。"
    return text


def _age_fact(report: Report, row: pd.Series, key: str) -> Fact:
    words, unit, decimals, year = {
        "first": (f"{FIRST}年普查", "万人", 1, FIRST),
        "last": (f"{LAST}年普查", "万人", 1, LAST),
        "change": (f"{FIRST}—{LAST}年增减", "万人", 1, LAST),
        "growth": (f"{FIRST}—{LAST}年增幅", "%", 1, LAST),
    }[key]
    name = row["age"].replace("岁及以上", "plus").replace("岁", "").replace("—", "-")
    sources = _age_sources(report)
    return report.fact(
        f"fact-census-service-age-{name}-{key}-{year}",
        f"{report.region.name_zh}{row['age']}人口{words}{'（估计）' if row['is_split'] else ''}",
        float(row[key]),
        unit,
        decimals,
        year=year,
        basis="census",
        status="E" if row["is_split"] else "",
        source_ids=sources,
        derivation="普查五岁组拆分单岁后加总" if row["is_split"] else "普查年龄组加总",
    )


def _age_sources(report: Report) -> tuple[str, ...]:
    census = read_census(report.ledger)
    used = tuple(dict.fromkeys(census["source_id"]))
    return used if len(used) > 1 else (*used, "census-2020-bulletin")


def _figure_ages(report: Report, ages: pd.DataFrame) -> Figure:
    top = ages.sort_values("growth", ascending=False).iloc[0]
    title = f"{FIRST}—{LAST}年，{top['age']}人口增加{top['growth']:.0f}%，在{len(ages)}个服务年龄组中最快"
    frame = ages[["age", "service", "first", "last", "growth"]].set_axis(
        ["年龄组", "对应服务", f"{FIRST}年（万人）", f"{LAST}年（万人）", "增幅（%）"], axis=1
    )
    notes = ["0—5岁、6—14岁、15—17岁为单岁估计后的加总（E），其余为普查数。"] if _is_full(ages) else []
    if not _is_full(ages):
        notes = [f"{LAST}年普查的分年龄资料到本版截止时未公布，暂列公报的大年龄组。"]
    return Figure(
        id="fig-service-ages",
        title=title,
        subtitle=f"按服务年龄分组的常住人口，万人；{FIRST}年与{LAST}年普查（11月1日）",
        alt="横条图，各组两次普查的人数："
        + "；".join(f"{r['age']}{r['first']:.1f}万人到{r['last']:.1f}万人" for r in ages.to_dict("records"))
        + "。",
        frame=frame,
        draw=partial(_draw_ages, frame),
        unit="万人",
        basis="census",
        region_id=report.region_id,
        years=(FIRST, LAST),
        source_ids=_age_sources(report),
        notes=tuple(notes),
    )


def _draw_ages(frame: pd.DataFrame, layout: Layout) -> alt.LayerChart:
    return bar_chart(
        frame.rename(columns={f"{LAST}年（万人）": f"{LAST}年普查"}),
        layout,
        category="年龄组",
        value=f"{LAST}年普查",
        unit="万人",
        decimals=1,
        colour=COLOURS["census"],
        marker=f"{FIRST}年（万人）",
        marker_name=f"{FIRST}年普查",
        sort=False,
    )


def _ages_part(report: Report, ages: pd.DataFrame) -> str:
    def grew(row: pd.Series) -> str:
        change = _age_fact(report, row, "growth")
        return f"{row['age']}{_age_fact(report, row, 'last')}，十年{'增加' if row['growth'] > 0 else '减少'}{change:a}"

    text = f"{LAST}年普查，" + "；".join(grew(row) for _, row in ages.iterrows()) + "。"
    return text + _newborn(report) + _latest_counts(report)


def _newborn(report: Report) -> str:
    """Fewer infants than in the years before: the turn of the demand for kindergartens, straight from the census."""
    census = read_census(report.ledger)
    here = census[(census["region_id"] == report.region_id) & (census["census_year"] == LAST)]
    if here.empty:
        return ""
    counts = here.groupby("age")["population"].sum()
    infants, mean = float(counts[0]) / 10000, float(counts[1]) / 4 / 10000
    facts = [
        report.fact(id_, label, value, "万人", 2, year=LAST, basis="census", source_ids=("census-2020-yearbook",), derivation=how)
        for id_, label, value, how in (
            (f"fact-census-age-0-{LAST}", f"{LAST}年普查0岁常住人口", infants, ""),
            (f"fact-census-age-1-4-mean-{LAST}", f"{LAST}年普查1—4岁平均每岁常住人口", mean, "1—4岁 ÷ 4"),
        )
    ]
    if infants >= mean:
        return f"0岁人口{facts[0]}，不少于1—4岁平均每岁的{facts[1]}。"
    return f"0岁人口只有{facts[0]}，少于1—4岁平均每岁的{facts[1]}：不计迁移，{LAST + 3}年前后入园的孩子开始转少。"


def _latest_counts(report: Report) -> str:
    young = report.ledger.observation("resident_count_0_14", report.edition, report.region_id)
    old = report.ledger.observation("resident_count_60plus", report.edition, report.region_id)
    if young is None or old is None:
        return ""
    mark = "（由公布数相减推得）" if old.confidence == "C" else ""
    return (
        f"{report.edition}年末，0—14岁{report.fact_of(young)}，60岁及以上{report.fact_of(old)}{mark}。"
        "普查以后，细分年龄组未公布。"
    )


def _table_ages(report: Report, ages: pd.DataFrame) -> Table:
    frame = ages.assign(kind=["估计" if split else "普查" for split in ages["is_split"]])
    return Table(
        id="tbl-service-ages",
        title=f"按服务年龄分组的常住人口，{FIRST}年与{LAST}年",
        frame=frame[["age", "service", "first", "last", "change", "growth", "kind"]],
        columns=(
            Column("age", "年龄组"),
            Column("service", "对应服务"),
            Column("first", f"{FIRST}年", "万人", 1),
            Column("last", f"{LAST}年", "万人", 1, emphasis=True),
            Column("change", "增减", "万人", 1, signed=True),
            Column("growth", "增幅", "%", 1, signed=True),
            Column("kind", "性质"),
        ),
        unit="万人",
        basis="census",
        region_id=report.region_id,
        years=(FIRST, LAST),
        source_ids=_age_sources(report),
        notes=("估计：由五岁组拆分单岁后加总。",) if _is_full(ages) else (),
    )


def dependencies(report: Report) -> dict[str, list[Dependency]]:
    """Return the dependency ratio by definition (``15_64``, ``15_59``), census years and year-ends in order of time."""
    ledger = report.ledger
    made: dict[str, list[Dependency]] = {"15_64": [], "15_59": []}
    census = read_census(ledger)
    for year in (FIRST, LAST):
        here = census[(census["census_year"] == year) & (census["region_id"] == report.region_id)]
        if len(here):
            row = broad_age_table(here).iloc[0]
            source = (str(here["source_id"].iloc[0]),)
            for key in made:
                how = "按普查分年龄人数计算"
                made[key].append(Dependency(year, float(row[f"dependency_{key}"]), "普查", True, source, how))
        else:
            made["15_64"] += _published_census(report, year)
            made["15_59"] += _from_parts(report, "census", year)
    for found in dependency_series(ledger, report.region_id).observations():
        if found.year >= FIRST:
            made["15_64"].append(
                Dependency(found.year, found.value, base_word(found), bool(found.note), (found.source_id,), found.note)
            )
    for year in sorted(ledger.series("resident_count_15_59", report.region_id).frame["year"]):
        made["15_59"] += _from_parts(report, "resident", int(year))
    return {key: sorted(values, key=lambda d: (d.year, d.base != "普查")) for key, values in made.items()}


def _published_census(report: Report, year: int) -> list[Dependency]:
    found = report.ledger.observation("census_dependency", year, report.region_id)
    return [Dependency(year, found.value, "普查", False, (found.source_id,))] if found else []


def _from_parts(report: Report, prefix: str, year: int) -> list[Dependency]:
    parts = [
        report.ledger.observation(f"{prefix}_count_{key}", year, report.region_id) for key in ("0_14", "15_59", "60plus")
    ]
    young, working, old = parts
    if young is None or working is None or old is None:
        return []
    require_same_concept(young, working, old)
    value = dependency_ratio(young.value, working.value, old.value)
    base = "普查" if prefix == "census" else base_word(working)
    how = f"（{young.value:.1f} + {old.value:.1f}）÷ {working.value:.1f}"
    return [Dependency(year, value, base, True, sources_of([young, working, old]), how)]


_DEFINITIONS = {"15_64": "15—64岁口径", "15_59": "15—59岁口径"}


def _dependency_fact(report: Report, item: Dependency, key: str) -> Fact:
    basis = "census" if item.base == "普查" else "resident"
    if key == "15_64" and basis == "resident" and item.computed:
        # The same number as in the warning: one fact.
        observation = dependency_series(report.ledger, report.region_id).at(item.year)
        assert observation is not None
        return report.fact(
            f"fact-resident-dependency-computed-{item.year}",
            f"{report.region.name_zh}{item.year}年总抚养比（15—64岁口径，由公布的年龄组计算）",
            observation.value,
            "%",
            observation.indicator.decimals,
            year=item.year,
            basis="resident",
            status=observation.status,
            source_ids=(observation.source_id,),
            indicator_id=observation.indicator.indicator_id,
            derivation=observation.note,
        )
    return report.fact(
        f"fact-{basis}-dependency-{key.replace('_', '-')}-{item.year}",
        f"{report.region.name_zh}{item.year}年{'普查' if basis == 'census' else '年末'}总抚养比（{_DEFINITIONS[key]}）",
        item.value,
        "%",
        2 if basis == "census" else 1,
        year=item.year,
        basis=basis,
        source_ids=item.source_ids,
        derivation=item.derivation,
    )


def _limit(report: Report) -> Fact | None:
    """The plan's upper limit of the dependency ratio, if it has one."""
    rows = report.ledger.plan.targets
    rows = rows[rows["indicator_id"] == "resident_dependency"]
    if rows.empty:
        return None
    row = rows.iloc[0]
    year = int(row["target_year"])
    return report.fact(
        f"fact-dependency-limit-{year}", f"规划{year}年总抚养比上限", float(row["target_value"]), "%", 0, year=year,
        basis="resident", source_ids=(report.plan_source,), indicator_id="resident_dependency",
    )


def _figure_dependency(report: Report) -> Figure:
    known = dependencies(report)
    limit = _limit(report)
    rows: list[tuple[int, str, float | None, str, str]] = []
    for key, items in known.items():
        previous: Dependency | None = None
        for item in items:
            segment = f"{key}{item.base}{item.year if item.base == '普查' else ''}"
            if previous is not None and previous.base == item.base != "普查" and item.year - previous.year > 1:
                rows.append((previous.year + 1, _DEFINITIONS[key], None, item.base, segment))
            rows.append((item.year, _DEFINITIONS[key], round(item.value, 2), item.base, segment))
            previous = item
    frame = pd.DataFrame(rows, columns=["年份", "口径", "总抚养比（%）", "基础", "段"])
    latest = {key: items[-1] for key, items in known.items() if items}
    year = latest["15_64"].year
    digits = 2 if latest["15_64"].base == "普查" else 1
    words = f"{latest['15_64'].value:.{digits}f}%"
    title = f"{year}年{'普查' if digits == 2 else '末'}总抚养比，15—64岁口径{words}"
    if "15_59" in latest and latest["15_59"].year == year:
        title += f"，15—59岁口径{latest['15_59'].value:.{digits}f}%"
    sources = tuple(dict.fromkeys(s for items in known.values() for item in items for s in item.source_ids))
    has_old = bool(frame["基础"].eq("六普基础").any())
    return Figure(
        id="fig-dependency",
        title=title,
        subtitle="每100名劳动年龄常住人口负担的少儿和老年人口，%；两种口径",
        alt="折线图，两种口径的总抚养比："
        + "；".join(
            f"{_DEFINITIONS[key]}" + "、".join(f"{i.year}年{i.value:.1f}%" for i in items) for key, items in known.items()
        )
        + (f"。规划上限{limit.text()}只适用15—64岁口径。" if limit else "。"),
        frame=frame.dropna(subset=["总抚养比（%）"])[["年份", "口径", "总抚养比（%）", "基础"]],
        draw=partial(_draw_dependency, frame, limit, has_old, digits),
        unit="%",
        basis="resident",
        region_id=report.region_id,
        years=tuple(sorted(int(y) for y in set(frame["年份"]))),
        source_ids=(*sources, report.plan_source) if report.plan_source not in sources else sources,
        notes=(
            "普查为11月1日时点数，单独成点，与年末数不相连。",
            "2018、2019年末的15—64岁口径为公布数，以六普为基础。",
            *(("2020年以后的年末数按公布的年龄组计算。",) if year > LAST else ()),
        ),
        indicator_ids=("resident_dependency", "census_dependency"),
    )


def _draw_dependency(frame: pd.DataFrame, limit: Fact | None, has_old: bool, digits: int, layout: Layout) -> alt.LayerChart:
    return line_chart(
        frame,
        layout,
        y="总抚养比（%）",
        series="口径",
        segment="段",
        colours={"15—64岁口径": COLOURS["actual"], "15—59岁口径": COLOURS["age_60plus"]},
        unit="%",
        decimals=digits,
        points=True,
        breaks=[BreakLine(2020, "七普调整基数")] if has_old else [],
        levels=[Level(limit.value, f"规划上限{limit.text()}（15—64岁口径）")] if limit and limit.value is not None else [],
    )


def _dependency_part(report: Report) -> str:
    known = dependencies(report)
    parts = []
    census = {key: {d.year: d for d in items if d.base == "普查"} for key, items in known.items()}
    both = [census[key].get(LAST) for key in known]
    if both[0] and both[1]:
        parts.append(
            f"{LAST}年普查，总抚养比按15—64岁口径为{_dependency_fact(report, both[0], '15_64')}，"
            f"按15—59岁口径为{_dependency_fact(report, both[1], '15_59')}。{'规划的数是前一种。' if _limit(report) else ''}"
        )
    ends = [items[-1] for items in known.values() if items and items[-1].base != "普查"]
    if len(ends) == 2:
        limit = _limit(report)
        first = next(d for d in known["15_64"] if d.base == ends[0].base)
        parts.append(
            f"{ends[0].year}年末按公布的年龄组计算，前一种为{_dependency_fact(report, ends[0], '15_64')}，"
            f"后一种为{_dependency_fact(report, ends[1], '15_59')}。"
        )
        if first.year < ends[0].year:
            start = _dependency_fact(report, first, "15_64")
            parts.append(f"前一种自{first.year}年末的{start}{'升' if ends[0].value > first.value else '降'}来，")
            if limit is None:
                parts.append("规划没有抚养比的上限。")
            else:
                side = "仍低于" if ends[0].value < (limit.value or 0) else "已达到或高于"
                parts.append(f"{side}规划的{limit}上限。")
        parts.append("两种口径相差的，正是60—64岁这一组：前者把他们算作劳动年龄，后者算作被抚养。")
    elif both[0] and not ends:
        parts.append(f"{report.edition}年末的年龄组人数到本版截止时未公布，年末抚养比不能计算。")
    return "".join(parts)


def _policy(report: Report, ages: pd.DataFrame) -> str:
    young = report.ledger.series("resident_count_0_14", report.region_id)
    now, before = young.at(report.edition), young.at(report.edition - 1)
    parts = []
    if now and before and is_comparable(now, before):
        if now.value < before.value:
            parts.append("0—14岁人数已转减，新增学位宜随人口导入片区布点，其余片区以跨学段调剂为主。")
        else:
            parts.append("0—14岁人数还在增加，义务教育学位须继续增加，幼儿园则应按减少的出生人数安排。")
    else:
        parts.append("少儿与老年人口同时增加，教育和养老设施用地宜一并预留，并按可转换用途设计。")
    limit = _limit(report)
    parts.append("引用抚养比须写明口径" + (f"；{limit.text()}上限只与15—64岁口径比较。" if limit else "。"))
    return "".join(parts)
