"""What the sections of this chapter share: forecasts as facts, intervals in words, sources, rows for drawing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from popbook.exhibits.charts import BreakLine
from popbook.exhibits.model import Fact
from popbook.exhibits.theme import COLOURS
from popbook.forecasting.ages import AgeForecast, forecast_ages
from popbook.forecasting.concepts import ConceptForecast, ConceptForecasts, forecast_concepts
from popbook.ledger.errors import MissingDataError
from popbook.ledger.model import Observation
from popbook.ledger.reads import remember
from popbook.ledger.series import Series

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

SCENARIOS = {"low": "低方案", "medium": "中方案", "high": "高方案"}
CONCEPTS = {"resident": "常住人口", "hukou": "户籍人口", "floating": "登记流动人口"}
INDICATORS = {
    "resident": "resident_population",
    "hukou": "hukou_population",
    "floating": "floating_population",
}
CONCEPT_COLOURS = {name: COLOURS[name] for name in CONCEPTS}
PEER_TABLES = {"resident": "panel_resident", "hukou": "panel_hukou"}
NAIVE = {"random_walk": "维持末值", "drift": "近五年平均增速", "last_increment": "近三年平均增量"}
AGE_INPUTS = ("census_age_sex", "mortality_rates", "fertility_patterns", "migration_patterns")
BOUNDS = ("point", "lo80", "hi80", "lo95", "hi95")
_BOUND_NAMES = {
    "point": "中位数", "lo80": "80%区间下限", "hi80": "80%区间上限", "lo95": "95%区间下限", "hi95": "95%区间上限",
}  # fmt: skip


@dataclass(frozen=True)
class Outlook:
    """A forecast of one year: its centre and its two intervals, as facts of the report."""

    year: int
    h: int
    point: Fact
    lo80: Fact
    hi80: Fact
    lo95: Fact
    hi95: Fact

    def span(self, level: int = 80, digits: int = 1) -> str:
        """Return an interval in words: 1261.8万—1289.5万人."""
        low, high = (self.lo80, self.hi80) if level == 80 else (self.lo95, self.hi95)
        # A dash after or before a minus sign is hard to read.
        return f"{low:l.{digits}}{'至' if (low.value or 0) < 0 else '—'}{high:.{digits}}"

    def words(self, digits: int = 1) -> str:
        """Return centre and both intervals in words."""
        return f"{self.point:.{digits}}（80%区间{self.span(80, digits)}，95%区间{self.span(95, digits)}）"

    def holds(self, value: float, level: int = 80) -> bool:
        """Tell whether a value lies inside an interval."""
        low, high = (self.lo80, self.hi80) if level == 80 else (self.lo95, self.hi95)
        return (low.value or 0) <= value <= (high.value or 0)


def horizons(report: Report, after: int) -> tuple[int, ...]:
    """Return the years that tables of a forecast show: those of the plan's calendar that lie ahead of its origin.

    Examples
    --------
    >>> from popbook.exhibits.report import open_report
    >>> report = open_report(2024)
    >>> horizons(report, 2024), horizons(report, 2025)
    ((2025, 2030, 2035), (2030, 2035))
    """
    return tuple(year for year in report.plan.milestones if year > after)


def near_year(report: Report, concept: str = "resident") -> int:
    """Return the nearest year of the plan's calendar that lies ahead of a concept's forecast."""
    return horizons(report, forecasts_of(report).concepts()[concept].origin_year)[0]


def near_age_year(report: Report) -> int:
    """Return the nearest year of the plan's calendar that lies ahead of the forecast of ages."""
    return horizons(report, ages_of(report).origin_year)[0]


def number(value: Any) -> float:
    """Return a cell of a frame as a float."""
    return float(value)


def whole(value: Any) -> int:
    """Return a cell of a frame as an int."""
    return int(value)


def peak_year(table: pd.DataFrame, column: str = "point") -> int:
    """Return the year in which a column is largest.

    Examples
    --------
    >>> peak_year(pd.DataFrame({"year": [2025, 2030], "point": [2.0, 1.0]}))
    2025
    """
    return int(table["year"].to_numpy()[int(table[column].to_numpy().argmax())])


def forecasts_of(report: Report) -> ConceptForecasts:
    """Return the forecasts of the three concepts; computed once per edition."""
    return forecast_concepts(report.ledger)


def ages_of(report: Report) -> AgeForecast:
    """Return the forecast of ages; computed once per edition."""
    return forecast_ages(report.ledger)


def concept_outlook(report: Report, concept: str, year: int) -> Outlook:
    """Return the combination's forecast of a concept in a year.

    Parameters
    ----------
    report
        The edition.
    concept
        "resident", "hukou" or "floating".
    year
        A forecast year.
    """
    forecast = forecasts_of(report).concepts()[concept]
    row = forecast.path.set_index("year").loc[year]
    return _outlook(
        report, f"fact-forecast-{concept}", f"{year}年{CONCEPTS[concept]}预测", row, year, whole(row["h"]), "万人", 1,
        concept, forecast_sources(report, concept), INDICATORS[concept],
        f"以{forecast.origin_year}年为起点的等权组合预测",
    )  # fmt: skip


def age_outlook(report: Report, measure: str, year: int) -> Outlook:
    """Return the forecast of an age group, ratio or flow in a year."""
    ages = ages_of(report)
    row = ages.measure(measure).set_index("year").loc[year]
    return _outlook(
        report, f"fact-forecast-{measure.replace('_', '-')}", f"{year}年{row['name_zh']}预测", row, year,
        year - ages.origin_year, str(row["unit"]), 1, "resident", age_sources(report), "",
        f"以{ages.origin_year}年为起点的队列要素推算，1000条轨迹",
    )  # fmt: skip


def _outlook(
    report: Report, stem: str, label: str, row: Any, year: int, h: int, unit: str, decimals: int, basis: str,
    sources: Iterable[str], indicator_id: str, derivation: str,
) -> Outlook:  # fmt: skip
    ids = tuple(sources)
    facts = {
        bound: report.fact(
            f"{stem}-{year}" + ("" if bound == "point" else f"-{bound}"),
            f"{label}{_BOUND_NAMES[bound]}", round(float(row[bound]), 10), unit, decimals, year=year, basis=basis,
            source_ids=ids, indicator_id=indicator_id, derivation=derivation,
        )
        for bound in BOUNDS
    }  # fmt: skip
    return Outlook(year=year, h=h, **facts)


def plan_fact(report: Report, concept: str, scenario: str, year: int) -> Fact:
    """Return one value of the plan's scenario paths as a fact."""
    path = report.ledger.plan.path(concept, scenario)
    if year not in path.index:
        raise MissingDataError(f"规划{SCENARIOS[scenario]}{year}年的数")
    return report.fact(
        f"fact-plan-path-{concept}-{scenario}-{year}",
        f"规划{SCENARIOS[scenario]}{year}年{CONCEPTS[concept]}",
        float(path[year]),
        "万人", 0, year=year, basis=concept, source_ids=(report.plan_source,), indicator_id=INDICATORS[concept],
    )  # fmt: skip


def has_path(report: Report, concept: str, year: int) -> bool:
    """Tell whether the plan's scenario paths reach a year."""
    return year in report.ledger.plan.path(concept, "medium").index


def count_fact(report: Report, id: str, label: str, value: float, unit: str, year: int, derivation: str = "") -> Fact:
    """Return a count of things as a fact."""
    return report.fact(id, label, value, unit, 0, year=year, derivation=derivation)


def signed_gap(gap: float) -> str:
    """Return 高于 or 低于 for a gap that is not zero at one digit, else 等于.

    Examples
    --------
    >>> signed_gap(-54.6), signed_gap(0.04), signed_gap(3.0)
    ('低于', '等于', '高于')
    """
    if round(gap, 1) == 0:
        return "等于"
    return "高于" if gap > 0 else "低于"


def sources_of(*items: Series | Observation | None) -> tuple[str, ...]:
    """Return the source ids of observations and series in order of first use, each once."""
    ids: dict[str, None] = {}
    for item in items:
        if isinstance(item, Series):
            ids |= dict.fromkeys(str(name) for name in item.frame["source_id"])
        elif item is not None:
            ids[item.source_id] = None
    return tuple(ids)


def forecast_sources(report: Report, concept: str) -> tuple[str, ...]:
    """Return the sources behind a forecast: the fitted series, and the peer cities that gave the interval."""
    forecast = forecasts_of(report).concepts()[concept]
    series = report.ledger.series(INDICATORS[concept])
    used = series.frame[series.frame["year"] >= int(forecast.history["year"].iloc[0])]
    ids = list(dict.fromkeys(used["source_id"]))
    if concept in PEER_TABLES:
        ids += list(report.ledger.table(PEER_TABLES[concept])["source_id"].unique())
    return tuple(dict.fromkeys(ids))


@remember(maxsize=16)
def age_sources(report: Report) -> tuple[str, ...]:
    """Return the sources behind the forecast of ages: census, bulletins, model schedules, total."""
    ledger = report.ledger
    ids = list(ledger.table("census_age_sex")["source_id"].unique())
    for name in AGE_INPUTS[1:]:
        ids += list(ledger.table(name, as_published=False)["source_id"].unique())
    for group in ("0_14", "15_59", "60plus", "65plus"):
        frame = ledger.series(f"resident_share_{group}").frame
        ids += list(frame[frame["year"] >= report.census_year]["source_id"])
    return tuple(dict.fromkeys(ids))


def late_inputs_note(report: Report) -> tuple[str, ...]:
    """Return a sentence naming model schedules that were published after the edition's cut-off, if there are any."""
    cut_off = str(report.about.cut_off)
    late = [report.ledger.sources[name] for name in age_sources(report) if report.ledger.sources[name].published > cut_off]
    if not late:
        return ()
    names = "、".join(f"《{source.title.strip('《》')}》（{source.published[:4]}年）" for source in late)
    return (f"年龄模式取自{names}，出版晚于本版截止日；它们是方法输入，不是本市事实。",)


def published_series(report: Report, concept: str) -> Series:
    """Return the published values of a concept without those of confidence C at the end."""
    series = report.ledger.series(INDICATORS[concept])
    frame = series.frame[series.frame["confidence"] != "C"].reset_index(drop=True)
    return Series(series.indicator, series.region, frame, series.breaks)


def drawn_actuals(report: Report, concept: str, first: int) -> tuple[pd.DataFrame, list[BreakLine]]:
    """Return published values from a year on as rows for drawing, and the breaks that cut them.

    Returns
    -------
    (DataFrame, list of BreakLine)
        Columns 年份, 人口（万人）, 分段; a line never runs across a break or an unpublished year.
    """
    series = published_series(report, concept)
    frame = series.frame[series.frame["year"] >= first].reset_index(drop=True)
    shown = Series(series.indicator, series.region, frame, series.breaks)
    rows = []
    part, before = 0, None
    cuts = {point.after_year for point in shown.break_points()}
    for year, value in zip(frame["year"], frame["value"], strict=True):
        if before is not None and (year in cuts or year > before + 1):
            part += 1
        rows.append((int(year), float(value), str(part)))
        before = int(year)
    lines = [BreakLine(point.after_year, point.cause.name_zh) for point in shown.break_points()]
    return pd.DataFrame(rows, columns=["年份", "人口（万人）", "分段"]), lines


def drawn_forecast(forecast: ConceptForecast) -> pd.DataFrame:
    """Return the combination as rows for a fan; the first row repeats the last published value."""
    start = {"year": forecast.origin_year, **dict.fromkeys(BOUNDS, forecast.origin_value)}
    table = pd.concat([pd.DataFrame([start]), forecast.path], ignore_index=True)
    names = {
        "year": "年份", "point": "预测中位数", "lo80": "下限80", "hi80": "上限80", "lo95": "下限95", "hi95": "上限95",
    }  # fmt: skip
    return table[list(names)].rename(columns=names)


def drawn_paths(report: Report, concept: str, last: int | None = None) -> pd.DataFrame:
    """Return the plan's three paths as rows for thin grey lines."""
    paths = report.ledger.plan.scenario_paths
    rows = paths[(paths["concept"] == concept) & (paths["year"] <= (last or report.last_year))]
    return pd.DataFrame(
        {
            "年份": rows["year"].astype(int),
            "人口（万人）": rows["value"].astype(float),
            "名称": rows["scenario"].map(SCENARIOS),
        }
    ).sort_values(["名称", "年份"], ignore_index=True)


def coverage_sentence(report: Report, concept: str, year: int) -> str:
    """Say how often intervals of this horizon held in the peer cities, or that it could not be measured."""
    forecast = forecasts_of(report).concepts()[concept]
    h = year - forecast.origin_year
    row = forecast.coverage_at(h)
    if row is None:
        if forecast.errors.measured_horizon:
            last = forecast.errors.measured_horizon
            return f"{h}年期超出同类城市可以实测的{last}年，区间按幂律外推，覆盖率未实测"
        return "本版没有可用的同口径城市序列，覆盖率不能实测"
    n, cities = int(row["n"]), int(row["cities"])
    hits = {level: round(float(row[f"covered{level}"]) * n) for level in (80, 95)}
    total = count_fact(report, f"fact-coverage-{concept}-h{h}-n", f"{CONCEPTS[concept]}{h}年期区间实测次数", n, "次", year)
    inside = {
        level: count_fact(
            report, f"fact-coverage-{concept}-h{h}-hits{level}", f"{CONCEPTS[concept]}{h}年期{level}%区间覆盖次数", hits[level],
            "次", year, f"{hits[level]} ÷ {n} = {100 * hits[level] / n:.1f}%",
        )
        for level in (80, 95)
    }  # fmt: skip
    return (
        f"{h}年期的区间在{cities}个同类城市实测{total}，80%区间覆盖{inside[80]}（{_percent(hits[80], n)}），"
        f"95%区间覆盖{inside[95]}（{_percent(hits[95], n)}）"
    )


def coverage_cell(forecast: ConceptForecast, year: int, level: int) -> str:
    """Return a measured coverage as an honest count for a table: 178/220."""
    row = forecast.coverage_at(year - forecast.origin_year)
    if row is None:
        return "未实测"
    n = int(row["n"])
    return f"{round(float(row[f'covered{level}']) * n)}/{n}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%"


def naive_value(forecast: ConceptForecast, member: str, year: int) -> float:
    """Return a naive forecast of a year, 万人."""
    table = forecast.benchmarks
    return float(table[(table["member"] == member) & (table["year"] == year)]["value"].iloc[0])


def chance_words(probability: float) -> str:
    """Return a probability in words a reader can use; extremes are not given false precision.

    Examples
    --------
    >>> chance_words(0.0004), chance_words(0.123), chance_words(0.998)
    ('不到1%', '约12%', '超过99%')
    """
    if probability < 0.01:
        return "不到1%"
    if probability > 0.99:
        return "超过99%"
    return f"约{100 * probability:.0f}%"


@remember(maxsize=16)
def yearly_growth(report: Report) -> pd.DataFrame:
    """Return the published yearly growth of residents on the base of the 2020 census: year, growth (%), change (万人).

    Every caller must leave it as it is.
    """
    series = published_series(report, "resident")
    changes = series.changes().set_index("year")
    growth = series.growth().set_index("year")
    segment = {int(year) for year in series.segments()[-1]["year"]} if len(series) else set()
    years = [int(year) for year in growth.index if int(year) in segment]
    return pd.DataFrame(
        {
            "year": years,
            "growth": [number(growth.at[year, "growth"]) for year in years],
            "change": [number(changes.at[year, "change"]) for year in years],
        }
    )


def growth_fact(report: Report, year: int) -> Fact:
    """Return the growth of residents in a year as a fact."""
    series = published_series(report, "resident")
    now, before = series.at(year), series.at(year - 1)
    assert now is not None and before is not None
    row = yearly_growth(report).set_index("year").loc[year]
    return report.fact(
        f"fact-resident-growth-{year}", f"{year}年常住人口增速", round(number(row["growth"]), 10), "%", 2, year=year,
        basis="resident", source_ids=sources_of(now, before), indicator_id="resident_population",
        derivation=f"{now.value:.1f} ÷ {before.value:.1f} − 1",
    )  # fmt: skip


def change_fact(report: Report, year: int) -> Fact:
    """Return the increase of residents in a year as a fact."""
    series = published_series(report, "resident")
    now, before = series.at(year), series.at(year - 1)
    assert now is not None and before is not None
    return report.difference(now, before)
