"""Births: what the resident and the registered birth rate each say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.problems.early_warning import warning_block
from popbook.exhibits.chapters.problems.observed import (
    Births,
    base_word,
    births_from_rate,
    is_comparable,
    sources_of,
)
from popbook.exhibits.charts import BreakLine, line_chart
from popbook.exhibits.model import Column, Fact, Figure, Layout, Note, Section, Table
from popbook.exhibits.phrases import closing_run, direction_of, list_phrase, run_phrase
from popbook.exhibits.report import Report
from popbook.exhibits.theme import COLOURS
from popbook.ledger.model import Observation
from popbook.ledger.series import Series

if TYPE_CHECKING:
    import altair as alt

FIRST_YEAR = 2016
DRAGON = 8  # years of the dragon leave this remainder when divided by twelve
_NURSERY_AGE, _SCHOOL_AGE = 3, 6


def digits_of(value: float) -> int:
    """Return how many digits after the point a rate was published with, one or two.

    Examples
    --------
    >>> digits_of(7.5), digits_of(7.76)
    (1, 2)
    """
    return 1 if round(value, 1) == round(value, 2) else 2


def rate_text(fact: Fact) -> str:
    """Return a rate or a change of rates with the digits it was published with: 7.5‰, but 7.76‰."""
    assert fact.value is not None
    return format(fact, f"a.{digits_of(fact.value)}")


def resident_births(report: Report) -> dict[int, Births]:
    """Return births of residents by year, from rate and mean population."""
    ledger = report.ledger
    return births_from_rate(
        ledger.series("resident_birth_rate", report.region_id), ledger.series("resident_population", report.region_id)
    )


def hukou_births(report: Report) -> dict[int, Births]:
    """Return births of the registered population by year, from rate and mean population."""
    ledger = report.ledger
    return births_from_rate(
        ledger.series("hukou_birth_rate", report.region_id), ledger.series("hukou_population", report.region_id)
    )


def births_fact(report: Report, births: Births) -> Fact:
    """Register a number of births as a fact."""
    rate = births.rate
    basis = rate.indicator.basis
    return report.fact(
        f"fact-{basis}-births-{rate.year}",
        f"{rate.region.name_zh}{rate.year}年{'常住' if basis == 'resident' else '户籍'}人口出生人数（推算）",
        births.births,
        "万人",
        2,
        year=rate.year,
        basis=basis,
        status="E",
        source_ids=births.source_ids,
        derivation=births.derivation,
    )


def rounding_margin(*made: Births) -> float:
    """Return the largest error, 万人, that rates rounded to one digit leave in a difference of births.

    Examples
    --------
    >>> rounding_margin()
    0.0
    """
    return sum((0.05 * one.mean_population / 1000 for one in made), 0.0)


@or_gap("problems-births", "生育水平", Needs(rules=("w-fertility-birth",)))
def births(report: Report) -> Section:
    """Return the section on birth rates.

    Parameters
    ----------
    report
        The edition.
    """
    resident = report.ledger.series("resident_birth_rate", report.region_id)
    hukou = report.ledger.series("hukou_birth_rate", report.region_id)
    return Section(
        "problems-births",
        heading(report),
        _lead(report, resident, hukou),
        (
            *_resident_part(report, resident),
            *_hukou_part(report, hukou),
            _table(report, resident, hukou),
            Note("两个出生率为什么不能接成一条线", _WHY),
            warning_block(report, "w-fertility-birth"),
        ),
        _policy(report, resident),
    )


_WHY = """常住出生率的分母是居住在本市的人口，不论户籍；户籍出生率的分母是户口登记在本市的人口，不论住在哪里。外来家庭在本市生育，计入前者不计入后者；
户籍人口在外地生育则相反。

时期也不同：常住出生率按上年11月1日至当年10月31日，由人口变动抽样调查推算；户籍出生率按自然年，由户籍登记汇总。

两个率的高低反映两种人口的年龄构成，不能互相验证，也不能相除。常住出生率另有一处口径断点：2019年及以前以六普为基础，2020年起以七普为基础，断点两侧不计算升降。

出生人数按“出生率×年平均人口”推算，年平均人口取同一基础的相邻两个年末数的平均；出生率的时期比自然年早两个月，推算数只供看量级。"""


def heading(report: Report) -> str:
    """Return the finding: the resident rate of the year, or the registered rate where that is not published."""
    resident = report.ledger.series("resident_birth_rate", report.region_id)
    now = resident.at(report.edition)
    if now is None:
        return _hukou_heading(report)
    said = rate_text(report.fact_of(now))
    earlier = [o for o in resident.observations() if o.year < now.year and is_comparable(o, now)]
    before = next((o for o in earlier if o.year == now.year - 1), None)
    if before is None:
        return f"常住出生率{now.year}年为{said}"
    change = round(now.value - before.value, 9)
    if change == 0:
        return f"常住出生率{now.year}年为{said}，与上年持平"
    verb = "升至" if change > 0 else "降至"
    stem = f"常住出生率{now.year}年{verb}{said}"
    # Figures of confidence C never carry a finding of their own.
    firm = [o for o in earlier if o.confidence != "C"]
    if change > 0:
        above = [o for o in firm if o.value > now.value]
        if above:
            return f"{stem}，仍低于{above[-1].year}年的{rate_text(report.fact_of(above[-1]))}"
        return f"{stem}，为{min(o.year for o in earlier)}年以来最高"
    if len(firm) > 0 and all(o.value > now.value for o in earlier):
        return f"{stem}，为{min(o.year for o in earlier)}年以来最低"
    size = report.difference(now, before)
    return f"{stem}，比上年低{rate_text(size)}"


def _hukou_heading(report: Report) -> str:
    hukou = report.ledger.series("hukou_birth_rate", report.region_id)
    latest = hukou.latest
    if latest is None:
        return "常住与户籍出生率均未公布"
    run, direction = _run(hukou)
    words = {"down": "下降", "up": "上升", "flat": "持平"}[direction]
    fact = rate_text(report.fact_of(latest))
    if run < 2:
        return f"户籍出生率{latest.year}年为{fact}，常住出生率未公布"
    return f"户籍出生率{run_phrase(run)}{words}，{latest.year}年为{fact}"


def _run(series: Series) -> tuple[int, str]:
    latest = series.latest
    if latest is None:
        return 0, "flat"
    values: list[float] = []
    year = latest.year
    while (found := series.at(year)) is not None and is_comparable(found, latest):
        values.insert(0, found.value)
        year -= 1
    return closing_run(values)


def _lead(report: Report, resident: Series, hukou: Series) -> str:
    made = resident_births(report)
    year, parts = report.edition, []
    if year in made:
        births_now = births_fact(report, made[year])
        said = f"按年平均人口推算，{year}年常住人口出生约{births_now}"
        if year - 1 in made:
            before = made[year - 1]
            change = report.fact(
                f"fact-resident-births-change-{year - 1}-{year}",
                f"{year}年常住人口出生人数比上年增减（推算）",
                made[year].births - before.births,
                "万人",
                2,
                year=year,
                basis="resident",
                status="E",
                source_ids=dict.fromkeys((*made[year].source_ids, *before.source_ids)),
                derivation=f"{made[year].births:.2f} − {before.births:.2f}",
            )
            if abs(made[year].births - before.births) <= rounding_margin(made[year], before):
                said += f"，与上年大体相当（相差{change:a}，在出生率取一位小数的误差之内）"
            else:
                said += f"，比上年{'多' if made[year].births > before.births else '少'}{change:a}"
        parts.append(said + "。")
    elif resident.at(year) is None:
        latest = resident.latest
        known = "" if latest is None else f"，最近一次是{latest.year}年的{rate_text(report.fact_of(latest))}（{base_word(latest)}）"
        parts.append(f"{year}年常住出生率到本版截止时未公布{known}。")
    last = hukou.latest
    if last is not None:
        until = "" if last.year == year else f"，{last.year + 1}年以后市级数未公布"
        parts.append(f"户籍出生率{last.year}年为{rate_text(report.fact_of(last))}{until}。")
    parts.append("两个率各指一种人口，须分开看。")
    return "".join(parts)


def _resident_part(report: Report, resident: Series) -> tuple[str | Figure, ...]:
    shown = [o for o in resident.observations() if o.year >= FIRST_YEAR]
    if not shown:
        return ("常住出生率尚未公布。",)
    old = [o for o in shown if o.behind]
    new = [o for o in shown if not o.behind]
    parts = []
    if new:
        listed = "、".join(f"{o.year}年{rate_text(report.fact_of(o))}" for o in new)
        parts.append(f"以七普为基础的常住出生率，{listed}。")
        if new[0].confidence == "C":
            parts.append(f"其中{new[0].year}年的数由{new[0].year + 1}年公报的升降幅度推得。")
    if old:
        listed = "、".join(f"{o.year}年{rate_text(report.fact_of(o))}" for o in old)
        parts.append(f"以六普为基础的，{listed}。")
    if old and new:
        parts.append(f"{old[-1].year}年与{new[0].year}年之间换了基数，差距中含基数变化，不计算降幅。")
    natural = report.ledger.observation("resident_natural_rate", report.edition, report.region_id)
    if natural is not None:
        before = report.ledger.observation("resident_natural_rate", report.edition - 1, report.region_id)
        parts.append(f"{report.edition}年自然增长率为{report.fact_of(natural)}")
        if before is not None and is_comparable(before, natural):
            change = report.difference(natural, before)
            if change.value:
                parts.append(f"，比上年{'上升' if change.value > 0 else '下降'}{rate_text(change)}")
        parts.append("。")
    now, before = resident.at(report.edition), resident.at(report.edition - 1)
    if now and before and is_comparable(now, before) and now.value > before.value and now.year % 12 == DRAGON:
        parts.append(f"{now.year}年是农历龙年，一年的回升不足以判断走势转向。")
    return _figure_resident(report, shown), "".join(parts)


def _frame(observations: list[Observation], name: str) -> pd.DataFrame:
    """Rows by year; a year without a figure is an empty row, so that no line runs over it."""
    by_year = {o.year: o for o in observations}
    years = range(min(by_year), max(by_year) + 1)
    rows: list[tuple[int, float | None, str, str]] = []
    for year in years:
        found = by_year.get(year)
        remark = "" if found is None else ("由公报升降幅度推得" if found.confidence == "C" else "")
        rows.append((year, None if found is None else found.value, "" if found is None else base_word(found), remark))
    return pd.DataFrame(rows, columns=["年份", f"{name}（‰）", "基础", "说明"])


def _moves(shown: list[Observation], text: str) -> str:
    """Say where the rate went in the latest year, and where it stands beside the earliest certain figure on its base."""
    latest = shown[-1]
    alike = [o for o in shown if is_comparable(o, latest)]
    before = alike[-2]
    step = {"up": "升至", "down": "降至", "flat": "持平于"}[direction_of(latest.value - before.value)]
    title = f"常住出生率由{before.year}年{before.value:.{digits_of(before.value)}f}‰{step}{latest.year}年{text}"
    certain = [o for o in alike[:-2] if o.confidence != "C"]
    if not certain:
        return title
    first = certain[0]
    side = {"up": "高于", "down": "低于", "flat": "等于"}[direction_of(latest.value - first.value)]
    return f"{title}，{side}{first.year}年{first.value:.{digits_of(first.value)}f}‰"


def _figure_resident(report: Report, shown: list[Observation]) -> Figure:
    frame = _frame(shown, "常住人口出生率")
    latest, breaks = shown[-1], []
    if any(o.behind for o in shown) and any(not o.behind for o in shown):
        breaks = [BreakLine(min(o.year for o in shown if not o.behind), "七普调整基数")]
    # Empty rows take the base of the row before, so that a gap does not count as a change of base.
    frame["段"] = frame["基础"].replace("", None).ffill()
    text = report.fact_of(latest).text()
    start = next(o for o in shown if is_comparable(o, latest))
    title = f"常住出生率{latest.year}年{text}"
    alike = [o.value for o in shown if is_comparable(o, latest)]
    if start is not latest and start.value == latest.value:
        title = f"{start.year}—{latest.year}年常住出生率在{min(alike):.1f}‰至{max(alike):.1f}‰之间"
    elif start is not latest:
        title = _moves(shown, text)
    notes = ["2017年未公布。"] if {2016, 2018} <= {o.year for o in shown} and 2017 not in {o.year for o in shown} else []
    notes += ["2019年及以前以六普为基础，2020年起以七普为基础，两段不相连。"] if breaks else []
    derived = [o.year for o in shown if o.confidence == "C"]
    notes += [f"{'、'.join(map(str, derived))}年由下一年公报公布的升降幅度推得。"] if derived else []
    return Figure(
        id="fig-birth-rates",
        title=title,
        subtitle="常住人口出生率，‰；上年11月1日至当年10月31日",
        alt=f"折线图：{shown[0].year}—{latest.year}年常住人口出生率。{title}。"
        + ("2020年有一处口径断点，两侧的线不相连。" if breaks else ""),
        frame=frame[["年份", "常住人口出生率（‰）", "基础", "说明"]],
        draw=partial(_draw, frame, "常住人口出生率（‰）", "resident", breaks),
        unit="‰",
        basis="resident",
        region_id=report.region_id,
        years=tuple(o.year for o in shown),
        source_ids=sources_of(shown),
        notes=tuple(notes),
        indicator_ids=("resident_birth_rate",),
    )


def _draw(frame: pd.DataFrame, y: str, colour: str, breaks: list[BreakLine], layout: Layout) -> alt.LayerChart:
    digits = 2 if colour == "hukou" else 1
    # From zero, so that a change of a tenth does not fill the plot in an edition with few years.
    return line_chart(
        frame,
        layout,
        y=y,
        colours=COLOURS[colour],
        segment="段",
        unit="‰",
        decimals=digits,
        breaks=breaks,
        points=True,
        zero=True,
    )


def _hukou_part(report: Report, hukou: Series) -> tuple[str | Figure, ...]:
    shown = [o for o in hukou.observations() if o.year >= FIRST_YEAR]
    if not shown:
        return ("户籍出生率尚未公布。",)
    peak = max(shown, key=lambda o: o.value)
    latest = shown[-1]
    parts = [f"全面两孩政策2016年起实施。户籍出生率{peak.year}年为{rate_text(report.fact_of(peak))}，是规划所称“十三五”时期的最高值"]
    if latest.year > peak.year:
        fall = report.difference(latest, peak)
        verb = "下降" if latest.value < peak.value else "上升"
        parts.append(f"；{latest.year}年为{report.fact_of(latest)}，{peak.year}—{latest.year}年{verb}{fall:a}")
    parts.append("。规划正文把这两个千分数印作百分数，本报告按‰使用，见[勘误](../book/corrections.md)。")
    natural = report.ledger.observation("hukou_natural_rate", latest.year, report.region_id)
    if natural is not None:
        parts.append(f"同年户籍自然增长率为{report.fact_of(natural)}。")
    if latest.year < report.edition:
        parts.append(f"{latest.year + 1}年以后，全市户籍出生率未公布。")
        parts.append(_districts(report))
    return _figure_hukou(report, shown, peak), "".join(parts)


def _districts(report: Report) -> str:
    """What single districts published after the city stopped; it cannot stand for the city."""
    told = []
    for region in report.ledger.regions.values():
        if region.level == "district":
            found = report.ledger.latest("hukou_birth_rate", region.region_id)
            if found is not None and found.year > 2020:
                mark = "，二手转述" if found.confidence == "C" else ""
                told.append(f"{region.name_zh}{rate_text(report.fact_of(found))}（{found.year}年{mark}）")
    if not told:
        return ""
    return f"区县中只见到{list_phrase(told)}，不能代表全市。"


def _figure_hukou(report: Report, shown: list[Observation], peak: Observation) -> Figure:
    frame = _frame(shown, "户籍人口出生率").assign(段="")
    latest = shown[-1]
    title = f"户籍出生率{latest.year}年{report.fact_of(latest).text()}"
    if peak is not latest:
        title = f"户籍出生率由{peak.year}年{peak.value:.{digits_of(peak.value)}f}‰降至{latest.year}年{report.fact_of(latest).text()}"
    end = "" if latest.year == report.edition else f"{latest.year + 1}年以后未公布。"
    return Figure(
        id="fig-birth-rates-hukou",
        title=title,
        subtitle="户籍人口出生率，‰；1月1日至12月31日",
        alt=f"折线图：{shown[0].year}—{latest.year}年户籍人口出生率。{title}。{end}",
        frame=frame[["年份", "户籍人口出生率（‰）", "说明"]],
        draw=partial(_draw, frame, "户籍人口出生率（‰）", "hukou", []),
        unit="‰",
        basis="hukou",
        region_id=report.region_id,
        years=tuple(o.year for o in shown),
        source_ids=sources_of(shown),
        notes=tuple(n for n in ("与常住出生率不是同一人口，两图的高低不能相比。", end) if n),
        indicator_ids=("hukou_birth_rate",),
    )


def _table(report: Report, resident: Series, hukou: Series) -> Table:
    rows = []
    for group, series, made, natural in (
        ("常住人口（上年11月1日至当年10月31日）", resident, resident_births(report), "resident_natural_rate"),
        ("户籍人口（1月1日至12月31日）", hukou, hukou_births(report), "hukou_natural_rate"),
    ):
        for found in series.observations():
            if found.year < FIRST_YEAR:
                continue
            growth = report.ledger.observation(natural, found.year, report.region_id)
            one = made.get(found.year)
            rows.append(
                {
                    "group": group,
                    "year": str(found.year),
                    "rate": _printed(found.value),
                    "natural": None if growth is None else _printed(growth.value),
                    "mean": None if one is None else one.mean_population,
                    "births": None if one is None else one.births,
                    "base": base_word(found) if found.indicator.basis == "resident" else "户籍登记",
                }
            )
    used = [o for s in (resident, hukou) for o in s.observations() if o.year >= FIRST_YEAR]
    made_sources = [s for m in (resident_births(report), hukou_births(report)) for y, b in m.items() if y >= FIRST_YEAR for s in b.source_ids]
    return Table(
        id="tbl-birth-rates",
        title="两种人口的出生率、自然增长率和推算的出生人数",
        frame=pd.DataFrame(rows, columns=["group", "year", "rate", "natural", "mean", "births", "base"]),
        columns=(
            Column("year", "年份"),
            Column("rate", "出生率", "‰", 2),
            Column("natural", "自然增长率", "‰", 2),
            Column("mean", "年平均人口", "万人", 1),
            Column("births", "出生人数（推算）", "万人", 2, emphasis=True),
            Column("base", "基础"),
        ),
        unit="‰",
        basis="unstated",
        region_id=report.region_id,
        years=tuple(sorted({o.year for o in used})),
        source_ids=tuple(dict.fromkeys([*sources_of(used), *made_sources])),
        notes=(
            "空格：当年数未公布，或出生率与年末人口不在同一普查基础上，不推算。",
            *(
                ("常住出生率公布到小数点后一位；2020年的数由2021年公报的升降幅度推得，有两位。",)
                if any(o.confidence == "C" for o in resident.observations())
                else ()
            ),
        ),
        indicator_ids=("resident_birth_rate", "resident_natural_rate", "hukou_birth_rate", "hukou_natural_rate"),
        group_by="group",
        missing="blank",
    )


def _printed(rate: float) -> str:
    """A rate with the digits it was published with, so that the table claims no more."""
    return f"{rate:.{digits_of(rate)}f}".replace("-", "−")


def _policy(report: Report, resident: Series) -> str:
    made = resident_births(report)
    year = report.edition
    if year not in made:
        return "人口政策评估宜同时看两个率：学位、托育等随常住人口配置，户籍政策和生育登记随户籍人口。只引用其中一个时，须写明口径。"
    births_now = births_fact(report, made[year])
    text = f"托育和学位宜按常住出生人数安排：{year}年出生的约{births_now}，将在{year + _NURSERY_AGE}年前后入园、{year + _SCHOOL_AGE}年前后入学。"
    before = made.get(year - 1)
    if before is None:
        return text + "此前的出生人数以六普为基础，不宜与之相比。"
    if abs(made[year].births - before.births) <= rounding_margin(made[year], before):
        return text + "与上年规模相当，托位和园位可按现有规模滚动安排。"
    if made[year].births > before.births:
        return text + "单年回升宜按波动处理，不据此调高长期布局。"
    return text + "出生人数在减少，新增幼儿园应以存量调剂为先。"
