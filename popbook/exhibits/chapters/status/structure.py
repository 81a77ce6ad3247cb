"""Structure: the age-sex pyramid of two censuses, the broad age groups to the latest year, the sex ratio."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from popbook.demography.age_structure import broad_age_table, median_age, pyramid_table, read_census
from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.status.evidence import (
    SAME_CENSUS_BASE,
    break_lines,
    doubtful_notes,
    drawn_rows,
    plan_target,
    since,
    sources_of,
    unsigned,
)
from popbook.exhibits.charts import line_chart, pyramid_chart, shares_chart
from popbook.exhibits.model import Block, Column, Fact, Figure, Note, Section, Table
from popbook.exhibits.phrases import change_word
from popbook.exhibits.theme import COLOURS
from popbook.ledger.concepts import difference
from popbook.ledger.model import Observation
from popbook.monitoring.derived import dependency_series

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

CENSUSES = (2010, 2020)
CENSUS_SOURCES = {2010: "census-2010-yearbook", 2020: "census-2020-yearbook"}
YOUNG_ADULTS = (20, 40)
DECADE = 10
AGEING_TARGET = "resident_share_60plus"
GROUPS = {"0_14": "0—14岁", "15_59": "15—59岁", "60plus": "60岁及以上"}
GROUP_COLOURS = {"0—14岁": "age_0_14", "15—59岁": "age_15_59", "60岁及以上": "age_60plus"}
FIRST_SEX_YEAR = 2010


def age_words(label: str) -> str:
    """Return an age group as it is printed in Chinese.

    Examples
    --------
    >>> age_words("30-34"), age_words("85+")
    ('30—34岁', '85岁及以上')
    """
    return label.replace("+", "岁及以上") if label.endswith("+") else label.replace("-", "—") + "岁"


def pyramid(report: Report) -> Section:
    """Return the section on the age-sex pyramids of the two censuses, or of the one that is published.

    Parameters
    ----------
    report
        The edition.
    """
    census = read_census(report.ledger)
    years = [year for year in CENSUSES if _has(census, year, report.region_id)]
    if not years:
        return Section("status-pyramid", "普查分年龄、性别人口未公布", "本版截止日以前没有公布的分年龄、性别普查表。")
    tables = {year: pyramid_table(census, year, report.region_id) for year in years}
    for year in years:
        tables[year]["total"] = (tables[year]["male"] + tables[year]["female"]) / 10_000
    figure = _figure_pyramid(report, tables)
    if len(years) < len(CENSUSES):
        return _pyramid_of_one(report, years[0], tables[years[0]], figure)
    return _pyramid_of_two(report, tables, figure)


def _has(census: pd.DataFrame, year: int, region_id: str) -> bool:
    return bool(((census["census_year"] == year) & (census["region_id"] == region_id)).any())


def _count(report: Report, table: pd.DataFrame, year: int, low: int, high: int) -> Fact:
    """Return the persons of an age range at a census as a fact, ``low`` to ``high`` - 1 years."""
    inside = table[(table["age"] >= low) & (table["age"] < high)]
    return report.fact(
        f"fact-census-age-{low}-{high - 1}-{year}",
        f"{year}年普查{low}—{high - 1}岁人口",
        round(float(inside["total"].sum()), 10),
        "万人",
        1,
        year=year,
        basis="census",
        source_ids=(CENSUS_SOURCES[year],),
    )


def _median(report: Report, table: pd.DataFrame, year: int) -> Fact:
    return report.fact(
        f"fact-census-median-age-{year}",
        f"{year}年普查人口年龄中位数",
        median_age(table["age"].to_numpy(), table["total"].to_numpy()),
        "岁",
        1,
        year=year,
        basis="census",
        source_ids=(CENSUS_SOURCES[year],),
        derivation="五岁组内按均匀分布内插",
    )


def _peak(table: pd.DataFrame) -> pd.Series:
    """Return the row of the largest age group; the youngest of several equal ones."""
    return table.iloc[int(table["total"].to_numpy().argmax())]


def _largest(report: Report, table: pd.DataFrame, year: int) -> tuple[str, Fact]:
    row = _peak(table)
    low = int(row["age"])
    return age_words(str(row["label"])), _count(report, table, year, low, low + 5)


def _cohort(report: Report, tables: dict[int, pd.DataFrame]) -> tuple[Fact, Fact, Fact]:
    """Young adults of the second census, the same people ten years before, and the difference."""
    low, high = YOUNG_ADULTS
    first, second = CENSUSES
    after = _count(report, tables[second], second, low, high)
    before = _count(report, tables[first], first, low - DECADE, high - DECADE)
    gain = report.fact(
        f"fact-census-cohort-gain-{low}-{high - 1}-{second}",
        f"{second}年{low}—{high - 1}岁的人比十年前同一批人的增加数",
        round((after.value or 0) - (before.value or 0), 10),
        "万人",
        1,
        year=second,
        basis="census",
        source_ids=tuple(CENSUS_SOURCES.values()),
        derivation=f"{after.value:.1f} − {before.value:.1f}",
    )
    return after, before, gain


def _pyramid_of_two(report: Report, tables: dict[int, pd.DataFrame], figure: Figure) -> Section:
    first, second = CENSUSES
    after, before, gain = _cohort(report, tables)
    low, high = YOUNG_ADULTS
    more = (gain.value or 0) >= 0
    heading = f"{second}年{low}—{high - 1}岁{after}，比十年前的同一批人{'多' if more else '少'}{unsigned(report, gain)}"
    total = report.ledger.observation("census_population", second)
    earlier = report.ledger.observation("census_population", first)
    lead = "同一批人只因死亡和迁移而增减，多出的部分来自净迁入。" if more else "同一批人减少，死亡之外还有净迁出。"
    text = f"{first}年{low - DECADE}—{high - DECADE - 1}岁的人为{before}，十年后{low}—{high - 1}岁为{after}。"
    if total is not None and earlier is not None:
        increase = report.difference(total, earlier)
        if more and (increase.value or 0) > 0:
            part = report.fact(
                f"fact-census-cohort-gain-share-{second}",
                f"{low}—{high - 1}岁同批人增加数相当于十年普查人口增量的比重",
                round(100 * (gain.value or 0) / (increase.value or 1), 10),
                "%",
                0,
                year=second,
                basis="census",
                source_ids=gain.source_ids,
                derivation=f"{gain.value:.1f} ÷ {increase.value:.2f}",
            )
            text += f"多出的{gain}相当于同期普查人口增量{increase}的{part}。"
    name_1, count_1 = _largest(report, tables[first], first)
    name_2, count_2 = _largest(report, tables[second], second)
    text += f"人数最多的五岁组，{first}年是{name_1}（{count_1}），{second}年是{name_2}（{count_2}）。"
    base_1, base_2 = _count(report, tables[first], first, 0, 5), _count(report, tables[second], second, 0, 5)
    thin_1, thin_2 = _count(report, tables[first], first, 15, 20), _count(report, tables[second], second, 15, 20)
    old_1, old_2 = _count(report, tables[first], first, 60, 70), _count(report, tables[second], second, 60, 70)
    age_1, age_2 = _median(report, tables[first], first), _median(report, tables[second], second)

    def step(a: Fact, b: Fact) -> str:
        return f"由{a}{change_word((b.value or 0) - (a.value or 0), 'level', 0.05)}到{b}"

    text_2 = (
        f"两端也在变：0—4岁{step(base_1, base_2)}，15—19岁{step(thin_1, thin_2)}，60—69岁{step(old_1, old_2)}；"
        f"年龄中位数由{age_1}{change_word((age_2.value or 0) - (age_1.value or 0), 'rate', 0.05)}到{age_2}。"
    )
    policy = (
        f"{low}—{high - 1}岁是就业、婚育和购租住房最集中的年龄，也是对迁移最敏感的年龄。这批人十年后为"
        f"{low + DECADE}—{high + DECADE - 1}岁；后续年龄组如果没有同样规模的迁入，劳动年龄人口将随之变老、变少。"
    ) if more else "青年外流时，应先查明就业和住房原因，再安排公共服务规模。"
    note = Note(
        "方法：同一批人的比较",
        "用两次普查同一出生队列的人数相减，不剔除死亡，因此是净迁入的偏低估计；普查登记完整程度的差别也包含在内。"
        "0岁与1—4岁合为一组，最高组为85岁及以上。",
    )
    return Section("status-pyramid", heading, lead, (figure, text, text_2, note), policy)


def _pyramid_of_one(report: Report, year: int, table: pd.DataFrame, figure: Figure) -> Section:
    name, count = _largest(report, table, year)
    age = _median(report, table, year)
    heading = f"{year}年普查{name}最多，{count}；2020年分年龄性别表尚未公布"
    lead = "本节只能画出上一次普查的年龄结构，不代表本年度；最新的粗分年龄组见下一节。"
    total = report.ledger.observation("census_population", 2020)
    text = (
        f"{year}年普查人口的年龄中位数为{age}。本版截止日以前，2020年普查只公布了总人口和几个大年龄组"
        + (f"（总人口{report.fact_of(total)}）" if total is not None else "")
        + "，没有公布分五岁组、分性别的表，两次普查的年龄金字塔无法对照，本报告不作推算。"
    )
    return Section("status-pyramid", heading, lead, (figure, text))


def _figure_pyramid(report: Report, tables: dict[int, pd.DataFrame]) -> Figure:
    latest = max(tables)
    row = _peak(tables[latest])
    title = f"{latest}年{age_words(str(row['label']))}人数最多，共{row['total']:.1f}万人"
    notes = ["85岁及以上合为一组。"]
    if len(tables) > 1:
        after, _, gain = _cohort(report, tables)
        low, high = YOUNG_ADULTS
        more = "多" if (gain.value or 0) >= 0 else "少"
        title = f"{latest}年{low}—{high - 1}岁{after.value:.1f}万人，比十年前的同一批人{more}{abs(gain.value or 0):.1f}万人"
        notes.append(f"实心柱为{latest}年，折线轮廓为{min(tables)}年。")
    else:
        notes.append("2020年普查分年龄、性别人口在本版截止日以前未公布。")
    return census_pyramid("fig-age-pyramid", title, tables, report.region_id, notes, decimals=2)


def census_pyramid(
    id: str, title: str, tables: dict[int, pd.DataFrame], region_id: str, notes: Iterable[str], decimals: int
) -> Figure:
    """Return the age-sex pyramid of one census, or of the latest with the outline of the earliest.

    Parameters
    ----------
    id, title
        Of the figure.
    tables
        Census year to `popbook.demography.age_structure.pyramid_table`.
    region_id
        City or census unit.
    notes
        Under the figure.
    decimals
        To which the data, in 万人, are rounded.
    """
    rows = pd.concat(
        [
            pd.DataFrame({"年份": year, "年龄": [age_words(a).removesuffix("岁") for a in table["label"]], "性别": name,
                          "人口（万人）": (table[key] / 10_000).round(decimals)})
            for year, table in tables.items()
            for key, name in (("male", "男"), ("female", "女"))
        ],
        ignore_index=True,
    )  # fmt: skip
    latest = max(tables)
    earlier = min(tables) if len(tables) > 1 else None
    return Figure(
        id=id,
        title=title,
        subtitle="普查人口，万人，按五岁组和性别；左男右女",
        alt=f"人口金字塔，{'和'.join(f'{year}年' for year in sorted(tables))}普查，五岁组，左侧男性、右侧女性。{title}。",
        frame=rows,
        draw=lambda layout: pyramid_chart(
            rows, layout, value="人口（万人）", latest=latest, earlier=earlier, unit="万人", decimals=2
        ),
        unit="万人",
        basis="census",
        region_id=region_id,
        years=tuple(sorted(tables)),
        source_ids=tuple(CENSUS_SOURCES[year] for year in sorted(tables)),
        notes=tuple(notes),
        indicator_ids=("census_population",),
    )


def latest_share(report: Report, group: str) -> Observation | None:
    """Return the latest share of a broad age group: the yearly survey of the edition's year, else the census.

    Parameters
    ----------
    report
        The edition.
    group
        ``0_14``, ``15_59``, ``60plus`` or ``65plus``.
    """
    survey = report.ledger.series(f"resident_share_{group}").latest
    census = report.ledger.series(f"census_share_{group}").latest
    if survey is None or (census is not None and survey.year < census.year):
        return census
    return survey


@or_gap("status-ages", "年龄构成", Needs(targets=("resident_share_60plus",)))
def ages(report: Report) -> Section:
    """Return the section on the broad age groups up to the latest year.

    Parameters
    ----------
    report
        The edition.
    """
    old, young, working = (latest_share(report, group) for group in ("60plus", "0_14", "15_59"))
    if old is not None and (young is None or working is None):
        lead = "其余年龄组没有公布，本节不作比较；与规划目标的对照见[目标](#targets)。"
        return Section("status-ages", f"{_when(old)}60岁及以上占{report.fact_of(old)}", lead)
    if old is None or young is None or working is None:
        return Section("status-ages", "年龄构成未公布", "本版截止日以前没有公布的年龄构成。")
    change, base_words = _share_change(report, old)
    word = change_word(change.value or 0, "rate", 0.05)
    heading = f"60岁及以上占{report.fact_of(old)}，比{base_words}{word}{unsigned(report, change)}"
    moves = []
    for item, name in ((young, "0—14岁"), (working, "15—59岁")):
        step, _ = _share_change(report, item)
        verb = change_word(step.value or 0, "rate", 0.05)
        moves.append(f"{name}占{report.fact_of(item)}，{verb}{unsigned(report, step) if verb != '持平' else ''}")
    lead = f"{_when(old)}，{moves[0]}；{moves[1]}（均与{base_words}相比）。"
    paragraphs = [_counts_words(report), _dependency_words(report), _base_words(report)]
    blocks: list[Block] = [_figure_ages(report), *[p for p in paragraphs if p], _table_ages(report)]
    limit = plan_target(report.ledger, AGEING_TARGET)
    bound = report.fact(
        f"fact-target-share-60plus-{limit.due}",
        f"规划{limit.due}年60岁及以上人口比重上限",
        limit.goal,
        "%",
        0,
        year=limit.due,
        basis="resident",
        source_ids=(report.plan_source,),
        indicator_id="resident_share_60plus",
    )
    if old.value >= limit.goal:
        policy = f"规划要求{limit.due}年常住60岁及以上比重低于{bound}，{old.year}年已经越过。养老床位、照护人员和社区适老改造应按已经到来的规模安排，不再按规划期末安排。"
    else:
        room = report.fact(
            f"fact-share-60plus-room-{old.year}",
            f"{old.year}年60岁及以上比重距规划上限",
            round(limit.goal - old.value, 10),
            "个百分点",
            old.indicator.decimals,
            year=old.year,
            basis=old.indicator.basis,
            source_ids=(old.source_id, report.plan_source),
            derivation=f"{limit.goal:.0f} − {old.value:.{old.indicator.decimals}f}",
        )
        policy = f"规划要求{limit.due}年常住60岁及以上比重低于{bound}，目前还有{room}的余量；年龄构成变动缓慢但方向确定，养老和托育设施需要提前布点。"
    return Section("status-ages", heading, lead, tuple(blocks), policy)


def _when(item: Observation) -> str:
    return f"{item.year}年普查" if item.indicator.basis == "census" else f"{item.year}年末"


def _share_change(report: Report, item: Observation) -> tuple[Fact, str]:
    """Change of a share since the 2020 census, or since the 2010 census where the share is the census's own."""
    group = item.indicator.indicator_id.split("share_")[1]
    census = report.ledger.series(f"census_share_{group}")
    if item.indicator.basis == "census":
        before = census.at(item.year - DECADE)
        assert before is not None
        return report.difference(item, before), f"{before.year}年普查"
    before = census.at(2020)
    assert before is not None
    fact = report.fact(
        f"fact-share-{group.replace('_', '-')}-since-census-{item.year}",
        f"{item.year}年末{item.indicator.name_zh}比2020年普查增减",
        round(difference(item, before, allow=SAME_CENSUS_BASE), 10),
        "个百分点",
        1,
        year=item.year,
        basis="resident",
        source_ids=sources_of(item, before),
        derivation=f"{item.value:.1f} − {before.value:.2f}",
    )
    return fact, "2020年普查"


def _counts_words(report: Report) -> str:
    """Say how many people the shares stand for, and how the counts moved since the first year on the census base."""
    ledger = report.ledger
    parts = []
    for group, name in GROUPS.items():
        series = ledger.series(f"resident_count_{group}")
        latest = series.latest
        if latest is None or latest.year != report.edition:
            continue
        words = f"{name}{report.fact_of(latest)}"
        segment = [o for o in series.observations() if o.behind == latest.behind]
        if len(segment) > 1:
            step = report.difference(latest, segment[0])
            verb = change_word(step.value or 0, "level", 0.05)
            words += f"（比{segment[0].year}年末{verb}{unsigned(report, step) if verb != '持平' else ''}）"
        parts.append(words)
    if parts:
        return f"{report.edition}年末，{'，'.join(parts)}。"
    items = [(name, ledger.observation(f"census_count_{group}", 2020)) for group, name in GROUPS.items()]
    known = [f"{name}{report.fact_of(item)}" for name, item in items if item is not None]
    return f"2020年普查，{'，'.join(known)}。{report.edition}年末的年龄构成未单独公布。" if known else ""


def _dependency_words(report: Report) -> str:
    series = dependency_series(report.ledger)
    latest = series.latest
    census = report.ledger.observation("census_dependency", 2020)
    if census is None:
        return ""
    text = f"总抚养比（每100名15—64岁人口对应的0—14岁和65岁及以上人口）2020年普查为{report.fact_of(census)}"
    if latest is not None and latest.year > 2020:
        computed = report.fact(
            f"fact-resident-dependency-{latest.year}",
            f"{latest.year}年末总抚养比（按公布的年龄组人数计算）",
            latest.value,
            "%",
            1,
            year=latest.year,
            basis="resident",
            source_ids=sources_of(latest),
            indicator_id="resident_dependency",
            derivation=latest.note.split("＝")[-1].rstrip("。"),
        )
        side = {"上升": "高于普查", "下降": "低于普查", "持平": "与普查持平"}[change_word(latest.value - census.value, "rate", 0.05)]
        text += f"；按公布的年龄组人数计算，{latest.year}年末为{computed}，{side}"
    return text + "。"


def _base_words(report: Report) -> str:
    """Warn that the survey share before the census and the census share make no fall."""
    ledger = report.ledger
    before, census = ledger.observation("resident_share_60plus", 2019), ledger.observation("census_share_60plus", 2020)
    if before is None or census is None or not before.behind:
        return ""
    side = "高于" if before.value > census.value else "低于"
    return (
        f"2019年抽样调查公布的60岁及以上比重为{report.fact_of(before)}，{side}次年普查的{report.fact_of(census)}。"
        "前者以六普为基础推算，后者是普查登记结果，两数相差不表示老龄化程度下降。"
    ) if side == "高于" else ""


def _age_rows(report: Report) -> list[dict[str, object]]:
    """Shares of the three groups by year: censuses first, then the yearly surveys on the 2020 base."""
    ledger = report.ledger
    rows: list[dict[str, object]] = []
    for year in CENSUSES:
        values = {group: ledger.observation(f"census_share_{group}", year) for group in (*GROUPS, "65plus")}
        rows.append({"年份": f"{year}年普查", "year": year, "basis": "census", **values})
    for year in range(2021, report.edition + 1):
        values = {group: ledger.observation(f"resident_share_{group}", year) for group in (*GROUPS, "65plus")}
        rows.append({"年份": f"{year}年末", "year": year, "basis": "resident", **values})
    return [row for row in rows if all(row[group] is not None for group in GROUPS)]


def _value(item: object) -> float | None:
    return item.value if isinstance(item, Observation) else None


def _figure_ages(report: Report) -> Figure:
    known = _age_rows(report)
    rows = pd.DataFrame(
        [{"年份": row["年份"], **{name: _value(row[group]) for group, name in GROUPS.items()}} for row in known]
    )
    first, last = known[0], known[-1]
    old_first, old_last = _value(first["60plus"]) or 0, _value(last["60plus"]) or 0
    census = next(row for row in known if row["year"] == 2020)
    work_first, work_last = _value(census["15_59"]) or 0, _value(last["15_59"]) or 0
    digits = 2 if last["basis"] == "census" else 1
    if last["basis"] == "census":
        work_first = _value(first["15_59"]) or 0
    title = (
        f"60岁及以上比重由{first['年份']}{old_first:.{2}f}%{change_word(old_last - old_first, 'rate')}到"
        f"{last['年份']}{old_last:.{digits}f}%，15—59岁{change_word(work_last - work_first, 'rate')}到{work_last:.{digits}f}%"
    )
    items = [row[group] for row in known for group in GROUPS]
    observed = [item for item in items if isinstance(item, Observation)]
    return Figure(
        id="fig-broad-ages",
        title=title,
        subtitle="占全部人口的比重，%；普查为11月1日，其余为年末常住人口",
        alt="堆叠条形图，各年三个年龄组的比重。"
        + "；".join(f"{r['年份']}：" + "，".join(f"{n}{r[n]:.1f}%" for n in GROUPS.values()) for r in rows.to_dict("records"))
        + "。",
        frame=rows.rename(columns={name: f"{name}（%）" for name in GROUPS.values()}),
        draw=lambda layout: shares_chart(
            rows, layout, category="年份", parts={n: COLOURS[c] for n, c in GROUP_COLOURS.items()},
            breaks_after=("2010年普查", "2020年普查"),
        ),
        unit="%",
        basis="none",
        region_id=report.region_id,
        years=tuple(int(str(row["year"])) for row in known),
        source_ids=sources_of(*observed),
        notes=("各组比重分别取位，合计与100%可差0.1。", *_survey_note(report)),
        indicator_ids=tuple(dict.fromkeys(item.indicator.indicator_id for item in observed)),
    )  # fmt: skip


def _survey_note(report: Report) -> tuple[str, ...]:
    return ("2011—2019年抽样调查以六普为基础，且没有公布15—59岁比重，不画入图中。",)


def _table_ages(report: Report) -> Table:
    ledger = report.ledger
    dependency = dependency_series(ledger)
    rows = []
    used: list[Observation] = []
    # Counts of a census whose bulletin prints only shares are sums over its published table by age.
    by_age: dict[tuple[int, str], float] = {}
    for record in broad_age_table(read_census(ledger)).to_dict("records"):
        if record["region_id"] == report.region_id:
            year = int(record["census_year"])
            by_age |= {(year, group): float(record[f"count_{group}"]) / 10_000 for group in (*GROUPS, "65plus")}
            by_age[year, "dependency"] = float(record["dependency_15_64"])
    for row in _age_rows(report):
        year, basis = int(str(row["year"])), str(row["basis"])
        record = {"when": row["年份"]}
        for group in ("0_14", "15_59", "60plus", "65plus"):
            count = ledger.observation(f"{basis}_count_{group}", year)
            record[f"count_{group}"] = count.value if count is not None else by_age.get((year, group)) if basis == "census" else None
            share = row[group]
            record[f"share_{group}"] = _value(share)
            used += [item for item in (count, share) if isinstance(item, Observation)]
        ratio = ledger.observation("census_dependency", year) if basis == "census" else dependency.at(year)
        record["dependency"] = ratio.value if ratio is not None else by_age.get((year, "dependency")) if basis == "census" else None
        used += [ratio] if ratio is not None else []
        rows.append(record)
    names = {**GROUPS, "65plus": "其中65岁及以上"}
    digits = 2 if len(rows) == 2 else 1
    columns = [Column("when", "时点")]
    columns += [Column(f"count_{group}", name, "万人", 1, group="人数") for group, name in names.items()]
    columns += [Column(f"share_{group}", name, "%", digits, group="比重") for group, name in names.items()]
    columns += [Column("dependency", "总抚养比", "%", digits)]
    counts = [ledger.series(f"resident_count_{group}") for group in GROUPS]
    notes = ["总抚养比＝（0—14岁＋65岁及以上）÷15—64岁；2021年起按公布的年龄组人数计算。"] if report.edition > 2020 else [
        "总抚养比＝（0—14岁＋65岁及以上）÷15—64岁。"
    ]
    return Table(
        id="tbl-broad-ages",
        title="三个年龄组的人数、比重和总抚养比",
        frame=pd.DataFrame(rows),
        columns=tuple(columns),
        unit="万人、%",
        basis="none",
        region_id=report.region_id,
        years=tuple(int(str(row["year"])) for row in _age_rows(report)),
        source_ids=(*sources_of(*used), CENSUS_SOURCES[2010]),
        notes=(*notes, "2010年人数和总抚养比由普查分年龄表汇总。", *doubtful_notes(*(since(item, 2020) for item in counts))),
        indicator_ids=tuple(dict.fromkeys(item.indicator.indicator_id for item in used)),
    )


def sex(report: Report) -> Section:
    """Return the section on the sex ratio: censuses and surveys side by side, never joined.

    Parameters
    ----------
    report
        The edition.
    """
    ledger = report.ledger
    survey, census = ledger.series("resident_sex_ratio"), ledger.series("census_sex_ratio")
    now, count = survey.latest, census.at(2020)
    if count is None:
        return Section("status-sex", "人口性别比未公布", "本版截止日以前没有公布的人口性别比。")
    yearly = now is not None and now.year == report.edition and not now.behind
    basis = "resident" if yearly else "census"
    item = now if yearly and now is not None else count
    men, women = (ledger.observation(f"{basis}_{name}", item.year) for name in ("male", "female"))
    heading = f"{_when(item)}人口性别比{report.fact_of(item)}"
    if men is not None and women is not None:
        surplus = report.fact(
            f"fact-{basis}-men-minus-women-{item.year}",
            f"{_when(item)}男性与女性人口之差",
            round(difference(men, women), 10),
            "万人",
            1,
            year=item.year,
            basis=basis,
            source_ids=sources_of(men, women),
            derivation=f"{men.value:.{men.indicator.decimals}f} − {women.value:.{women.indicator.decimals}f}",
        )
        more = "多" if (surplus.value or 0) >= 0 else "少"
        heading += f"，男性比女性{more}{unsigned(report, surplus)}"
    before = census.at(2010)
    paragraphs = []
    if before is not None:
        step = report.difference(count, before)
        verb = change_word(step.value or 0, "rate", 0.005)
        paragraphs.append(
            f"两次普查之间，性别比由2010年{report.fact_of(before)}到2020年{report.fact_of(count)}，{verb}{unsigned(report, step)}。"
        )
    if yearly and now is not None:
        segment = [o for o in survey.observations() if o.behind == now.behind]
        if len(segment) > 1:
            step = report.difference(now, segment[0])
            verb = change_word(step.value or 0, "rate", 0.05)
            tail = f"，比{segment[0].year}年{verb}{unsigned(report, step)}" if verb != "持平" else f"，与{segment[0].year}年持平"
            paragraphs[-1:] = [(paragraphs[-1] if paragraphs else "") + f"以七普为基础的年度数{now.year}年为{report.fact_of(now)}{tail}。"]
    by_age = _sex_by_age(report)
    if by_age:
        paragraphs.append(by_age)
    old = survey.at(2019)
    if old is not None and old.behind:
        paragraphs.append(
            f"2019年抽样调查公布的性别比为{report.fact_of(old)}，以六普为基础；它与2020年普查的{report.fact_of(count)}之间隔着基数调整，"
            "图中不连线，也不计算差额。"
        )
    birth = ledger.observation("sex_ratio_at_birth", 2020)
    if birth is not None:
        who = "规划" if birth.source_id == report.plan_source else ""
        paragraphs.append(
            f"出生人口性别比是另一项指标：{who}公布2020年为{report.fact_of(birth)}，此后未公布。全部人口的性别比受迁入人口的年龄和性别影响，不能由它推断出生性别比。"
            if report.edition > 2020
            else f"出生人口性别比是另一项指标，{who}公布2020年为{report.fact_of(birth)}。全部人口的性别比受迁入人口的年龄和性别影响，不能由它推断出生性别比。"
        )
    lead = "性别比以女性为100。" + (
        "大于100，表示男性多于女性；普查与抽样调查不是同一种数，分开看。"
        if item.value >= 100
        else "小于100，表示男性少于女性；普查与抽样调查不是同一种数，分开看。"
    )
    policy = "出生人口性别比的目标不能用全部人口的性别比评估，应每年公布出生人口性别比。"
    if by_age:
        policy += "住房、职业培训和婚育服务宜按分性别、分年龄的常住人口测算。"
    return Section("status-sex", heading, lead, (_figure_sex(report), *paragraphs), policy)


def _sex_by_age(report: Report) -> str:
    """Say at which ages men outnumber women, where the census table is published."""
    census = read_census(report.ledger)
    if not _has(census, 2020, report.region_id):
        return "2020年普查分年龄的性别构成在本版截止日以前未公布。"
    table = pyramid_table(census, 2020, report.region_id)

    def ratio(low: int, high: int) -> Fact:
        inside = table[(table["age"] >= low) & (table["age"] < high)]
        name = f"{low}—{high - 1}岁" if high < 200 else f"{low}岁及以上"
        key = f"{low}-{high - 1}" if high < 200 else f"{low}plus"
        return report.fact(
            f"fact-census-sex-ratio-{key}-2020",
            f"2020年普查{name}人口性别比",
            100 * float(inside["male"].sum()) / float(inside["female"].sum()),
            "",
            1,
            year=2020,
            basis="census",
            source_ids=(CENSUS_SOURCES[2020],),
            derivation=f"{inside['male'].sum():.0f} ÷ {inside['female'].sum():.0f} × 100",
        )

    young, working, old = ratio(0, 15), ratio(15, 60), ratio(60, 200)
    highest = "15—59岁" if (working.value or 0) >= (young.value or 0) else "0—14岁"
    return f"按年龄看，2020年普查0—14岁的性别比为{young}，15—59岁为{working}，60岁及以上为{old}，{highest}最高。"


def _figure_sex(report: Report) -> Figure:
    ledger = report.ledger
    survey, census = ledger.series("resident_sex_ratio"), since(ledger.series("census_sex_ratio"), FIRST_SEX_YEAR)
    rows = pd.concat(
        [drawn_rows(census, "普查", single=True), drawn_rows(survey, "年度抽样调查")], ignore_index=True
    ).rename(columns={"数值": "性别比"})
    last = census.latest
    assert last is not None
    before = census.at(2010)
    title = f"2020年普查性别比{last.value:.2f}"
    if before is not None:
        step = last.value - before.value
        title += f"，比2010年{change_word(step, 'rate', 0.005)}{abs(step):.2f}"
    newest = survey.latest
    if newest is not None and not newest.behind:
        title += f"；{newest.year}年末{newest.value:.1f}"
    notes = ["普查为11月1日零时，相隔十年的点不连线；抽样调查2019年及以前以六普为基础，2021年起以七普为基础，两段不相连。"]
    if newest is not None and newest.behind:
        notes = ["普查为11月1日零时，相隔十年的点不连线；抽样调查以六普为基础，与2020年普查不相连。"]
    return Figure(
        id="fig-sex-ratio",
        title=title,
        subtitle="人口性别比，女性＝100；普查与年度抽样调查两个口径",
        alt=f"折线图。普查性别比：{'，'.join(f'{o.year}年{o.value:.2f}' for o in census.observations())}。"
        f"抽样调查：{'，'.join(f'{o.year}年{o.value:.1f}' for o in survey.observations())}。两个口径不连线。",
        frame=rows,
        draw=lambda layout: line_chart(
            rows, layout, y="性别比", series="口径", segment="分段", decimals=1,
            colours={"普查": COLOURS["census"], "年度抽样调查": COLOURS["resident"]},
            breaks=break_lines([survey], until=2020), points=True,
        ),
        unit="",
        basis="none",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in rows["年份"]})),
        source_ids=sources_of(census, survey),
        notes=tuple(notes),
        indicator_ids=("census_sex_ratio", "resident_sex_ratio"),
    )  # fmt: skip
