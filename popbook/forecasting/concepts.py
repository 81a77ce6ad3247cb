"""Forecasts of the three population concepts to a horizon: members, combination, intervals, coverage.

Residents, registered (hukou) and floating population are three counts with different reference and coverage; they
do not add up, and none of them is derived by adding or subtracting the others as if they did. Each has a forecast
of its own. The one bridge is the ratio ``kappa = (H + F) / R`` (2020: 1.259), the plan's own nearly constant
bookkeeping ratio, which is one of the members for the floating population because only five values are published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from popbook.forecasting.backcast import backcast_residents, draw_backcasts
from popbook.forecasting.batch import forecast_members_batch
from popbook.forecasting.cohort import PERSONS, CohortBase, CohortInputs, close_step, read_cohort_model
from popbook.forecasting.combine import combination_errors, combine_equally, relative_errors, select_members
from popbook.forecasting.factor import NO_PANEL, FactorRegression, fit_factor_regression
from popbook.forecasting.intervals import (
    LEVELS,
    ErrorModel,
    calibrate_errors,
    interval_table,
    own_history,
    student_parameters,
)
from popbook.forecasting.panel import read_windows
from popbook.forecasting.province import forecast_province_share, no_share_reason, panel_errors
from popbook.forecasting.splice import METHOD_NAMES_ZH, SplicedSeries, splice_series
from popbook.forecasting.trend import (
    BENCHMARKS,
    CANDIDATE_MEMBERS,
    DRIFT_WINDOW,
    MEMBER_NAMES_ZH,
    TREND_MEMBERS,
    TrendFit,
    fit_trend_members,
    forecast_benchmarks,
)
from popbook.ledger.errors import MissingDataError
from popbook.ledger.reads import remember
from popbook.ledger.store import Ledger

Array = NDArray[np.float64]

CONCEPTS = {
    "resident": "resident_population",
    "hukou": "hukou_population",
    "floating": "floating_population",
}

MIGRATION_PERSISTENCE = 0.8
"""Share of the distance to the peers' migration that is left after a year: middle of the 0.6-0.9 of the method
brief, 8.5; not estimated, because a city has fewer than ten yearly residuals."""

SPLICE_DRAWS = 1000
SPLICE_SEED = 20201101
"""Census day."""

COVERAGE_NOTE = "覆盖率：逐一留出城市实测；面板城市只用趋势成员，本市的组合另含面板回归和队列要素推算"


@dataclass(frozen=True)
class ConceptForecast:
    """Forecast of one population concept.

    Parameters
    ----------
    concept : str
        "resident", "hukou" or "floating".
    indicator_id : str
    origin_year : int
        Last year used.
    origin_value : float
        万人.
    path : pandas.DataFrame
        Columns ``year, h, point, lo80, hi80, lo95, hi95`` of the combination, 万人.
    members : pandas.DataFrame
        Columns ``year, h, member, name_zh, value`` of each member, 万人.
    benchmarks : pandas.DataFrame
        The same columns for the naive benchmarks.
    half_widths : numpy.ndarray, shape (horizon, 2)
        80 % and 95 % half-widths in logs.
    errors : ErrorModel
        Where the widths come from, and their measured coverage.
    history : pandas.DataFrame
        Columns ``year, value, published``: the spliced series that was fitted.
    fits : dict of str to TrendFit
        All trend members and candidates, also those that do not enter the combination.
    skill : dict of str to float
        Error of each trend member and benchmark in the peer cities over that of the last value carried forward;
        below 1 = better. Empty where nothing could be measured.
    notes : tuple of str
        Chinese sentences for the page.
    """

    concept: str
    indicator_id: str
    origin_year: int
    origin_value: float
    path: pd.DataFrame
    members: pd.DataFrame
    benchmarks: pd.DataFrame
    half_widths: Array
    errors: ErrorModel
    history: pd.DataFrame
    fits: dict[str, TrendFit] = field(default_factory=dict)
    skill: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def probability(self, year: int, comparison: str, bound: float) -> float:
        """Probability that the concept meets a bound in a year, by the distribution behind the interval.

        Parameters
        ----------
        year : int
            A forecast year.
        comparison : {"ge", "gt", "le", "lt"}
        bound : float
            万人.

        Returns
        -------
        float

        Raises
        ------
        KeyError
            If the year is not forecast or the comparison unknown.
        """
        rows = self.path.index[self.path["year"] == year]
        if not len(rows) or comparison not in ("ge", "gt", "le", "lt"):
            raise KeyError(f"no forecast of {year} or unknown comparison {comparison!r}")
        i = int(rows[0])
        freedom, scale = student_parameters(*self.half_widths[i])
        above = float(stats.t.sf(np.log(bound / self.path["point"][i]) / scale, freedom))
        return above if comparison in ("ge", "gt") else 1 - above

    def coverage_at(self, h: int) -> pd.Series | None:
        """Measured coverage at a horizon (``n, cities, covered80, covered95``), or None if not measured."""
        rows = self.errors.coverage[self.errors.coverage["h"] == h]
        return None if rows.empty else rows.iloc[0]


@dataclass(frozen=True)
class ConceptForecasts:
    """The three concepts of an edition; they do not add up.

    Parameters
    ----------
    edition : int or None
    resident, hukou, floating : ConceptForecast
    regression : FactorRegression or None
        The panel regression behind the member "factor"; None where the vintage shows no panel.
    """

    edition: int | None
    resident: ConceptForecast
    hukou: ConceptForecast
    floating: ConceptForecast
    regression: FactorRegression | None

    def concepts(self) -> dict[str, ConceptForecast]:
        """The forecasts by concept."""
        return {"resident": self.resident, "hukou": self.hukou, "floating": self.floating}

    def to_frame(self) -> pd.DataFrame:
        """Archive table of the edition: combination with bounds, members and benchmarks.

        Returns
        -------
        pandas.DataFrame
            Columns ``concept, indicator_id, origin_year, year, h, member, point, lo80, hi80, lo95, hi95``; bounds
            only for the combination.
        """
        parts = []
        for name, item in self.concepts().items():
            both = pd.concat([item.members, item.benchmarks]).rename(columns={"value": "point"})
            table = pd.concat([item.path.assign(member="combination"), both.drop(columns="name_zh")])
            parts.append(table.assign(concept=name, indicator_id=item.indicator_id, origin_year=item.origin_year))
        columns = ["concept", "indicator_id", "origin_year", "year", "h", "member", "point", "lo80", "hi80", "lo95", "hi95"]
        return pd.concat(parts, ignore_index=True)[columns]


def last_year(ledger: Ledger) -> int:
    """Return the last year of a forecast: the last that the calendar of the plan in force names.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> last_year(read_ledger().for_edition(2024))
    2035
    """
    return ledger.plan.document.milestones[-1]


def forecast_concepts(ledger: Ledger, horizon_to: int | None = None) -> ConceptForecasts:
    """Forecast residents, hukou and floating population from what a ledger shows.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition (`Ledger.for_edition`), so that only what was published then is used.
    horizon_to : int, optional
        Last year; that of the plan's calendar if none is given.

    Returns
    -------
    ConceptForecasts
        Deterministic: nothing in it is drawn at random.

    Raises
    ------
    ValueError
        If too little is published for a forecast.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> forecasts = forecast_concepts(read_ledger().for_edition(2024))
    >>> forecasts.resident.origin_year, len(forecasts.resident.path)
    (2024, 11)
    """
    return _forecast_concepts(ledger, horizon_to or last_year(ledger))


@remember(maxsize=16, on_disk=True)
def _forecast_concepts(ledger: Ledger, horizon_to: int) -> ConceptForecasts:
    resident, regression = _forecast_resident(ledger, horizon_to)
    hukou = _forecast_hukou(ledger, horizon_to)
    floating = _forecast_floating(ledger, horizon_to, resident, hukou)
    return ConceptForecasts(ledger.edition, resident, hukou, floating, regression)


def peer_growth(ledger: Ledger) -> tuple[Array, str]:
    """Recent yearly log growth of the peer cities, one value per city, and where it comes from.

    The mean of the last five years in the clean windows; where a vintage shows none, the yearly growth between
    the censuses of 2010 and 2020.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    (numpy.ndarray, str)
        Log growth a year by city; Chinese description.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> growth, source = peer_growth(read_ledger().for_edition(2020))
    >>> len(growth), source
    (30, '30个城市2010—2020年两次普查间的年均增速')
    """
    windows = read_windows(ledger, "resident-rebased", DRIFT_WINDOW + 1)
    if windows:
        last = max(int(window.years[-1]) for window in windows)
        recent = [w for w in windows if int(w.years[-1]) == last]
        growth = np.array([np.diff(np.log(w.values))[-DRIFT_WINDOW:].mean() for w in recent])
        return growth, f"{len(growth)}个城市{last - DRIFT_WINDOW + 1}—{last}年的年均增速"
    panel = ledger.table("panel_resident")
    wide = panel[panel["vintage"].isin(["census-2010", "census-2020"])].pivot(
        index="region_id", columns="year", values="value"
    )
    if not {2010, 2020} <= set(wide.columns):
        raise MissingDataError("同类城市的常住人口")
    wide = wide.dropna()
    growth = np.asarray(np.log(wide[2020] / wide[2010])) / 10
    return growth, f"{len(growth)}个城市2010—2020年两次普查间的年均增速"


def recent_growth(spliced: SplicedSeries) -> float:
    """Log growth a year from which net migration starts: of the last year, or of the whole decade where it is rebuilt.

    Parameters
    ----------
    spliced : SplicedSeries

    Returns
    -------
    float

    Examples
    --------
    >>> years = np.array([2019, 2020])
    >>> series = SplicedSeries("resident_population", years, np.array([100.0, 102.0]), years > 0, "published")
    >>> round(recent_growth(series), 4)
    0.0198
    """
    growth = np.diff(np.log(spliced.values))
    return float(growth[-1] if spliced.method == "published" else growth.mean())


def natural_growth(inputs: CohortInputs, base: CohortBase) -> float:
    """Births less deaths of the first projected year over the jump-off population.

    Parameters
    ----------
    inputs : CohortInputs
    base : CohortBase

    Returns
    -------
    float
    """
    _, births, deaths, _ = close_step(
        base.population, inputs.survival_of(base.year + 1), inputs.fertility, inputs.sex_ratio_at_birth,
        inputs.migration_profile, None,
    )  # fmt: skip
    return float((births - deaths) / base.population.sum())


def cohort_totals(
    ledger: Ledger, spliced: SplicedSeries, horizon_to: int, peer: float, with_migration: bool = True,
    fertility_change: float = 0.0, extra_growth: Mapping[int, float] | None = None,
    mortality_factor: float = 1.0, base_factor: float = 1.0, profile: Array | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Totals of the cohort model with net migration that converges to the peers' growth.

    ``M[t] = P_0 (m_inf + (m_0 - m_inf) 0.8^h)`` with ``m_0`` the city's last growth less its natural rate (the mean of
    the rebuilt decade where the series is a back-cast) and ``m_inf`` the peers' growth less the same natural rate. The
    volume refers to the jump-off population ``P_0``, not to the growing one (Rogers 1990: a net rate held on a growing
    base makes growth out of growth). Gross flows are not modelled: no inflow or outflow by age is published, and the
    ages of the net gains of 2010-2020 leave the outflow undetermined (about 2 per cent of the inflow by least squares).

    Parameters
    ----------
    ledger : Ledger
    spliced : SplicedSeries
        Residents.
    horizon_to : int
    peer : float
        Log growth a year to which the city converges.
    with_migration : bool
        False = closed population, an analytic reference.
    fertility_change : float
        Change of the total fertility rate, reached in 2030 in equal steps and kept.
    extra_growth : mapping of int to float, optional
        Log growth that net migration adds in single years.
    mortality_factor : float
        Factor on all death rates.
    base_factor : float
        Factor on the jump-off population of every age.
    profile : numpy.ndarray, shape (2, 101), optional
        Ages and sexes of net migrants, in place of those of the last decade; sums to 1.

    Returns
    -------
    pandas.DataFrame
        Columns ``year, population, births, deaths, net_migration`` (persons) ``, share_0_14, share_15_59,
        share_60plus, share_65plus`` (per cent).
    """
    inputs, base = read_cohort_model(ledger, horizon_to)
    last = recent_growth(spliced)
    population, rows = base.population * base_factor, []
    ages_of_migrants = inputs.migration_profile if profile is None else profile
    size = float(base.population.sum())
    # Natural growth as it is; a changed assumption must not move migration through the back door.
    natural_0 = natural_growth(inputs, base)
    for year in range(base.year + 1, horizon_to + 1):
        h = year - base.year
        level = inputs.total_fertility + fertility_change * min(h / max(2030 - base.year, 1), 1.0)
        step = (
            inputs.survival_of(year) ** mortality_factor, inputs.fertility * level / inputs.total_fertility,
            inputs.sex_ratio_at_birth, ages_of_migrants,
        )  # fmt: skip
        closed, births, deaths, _ = close_step(population, *step, None)
        rate = (peer + (last - peer) * MIGRATION_PERSISTENCE**h) - natural_0
        rate += (extra_growth or {}).get(year, 0.0)
        if with_migration:
            # Of the jump-off population: a rate of the growing one would make growth out of growth.
            target = np.array(closed.sum() + rate * size)
            population, births, deaths, moved = close_step(population, *step, target)
        else:
            population, moved = closed, np.array(0.0)
        total = population.sum()
        shares = [100 * population[:, a:b].sum() / total for a, b in ((0, 15), (15, 60), (60, 101), (65, 101))]
        rows.append((year, float(total), float(births), float(deaths), float(moved), *map(float, shares)))
    columns = ["year", "population", "births", "deaths", "net_migration"]
    return pd.DataFrame(rows, columns=[*columns, "share_0_14", "share_15_59", "share_60plus", "share_65plus"])


def _forecast_resident(ledger: Ledger, horizon_to: int) -> tuple[ConceptForecast, FactorRegression | None]:
    spliced = splice_series(ledger, "resident_population")
    horizon = horizon_to - spliced.origin_year
    fits = fit_trend_members(spliced.values, horizon)
    errors, chosen, skill = _measure(ledger, "resident-rebased", horizon)
    share = forecast_province_share(ledger, spliced.years, spliced.values, horizon)
    if share is not None:
        fits["province_share"] = TrendFit("province_share", share, {}, len(spliced.values))
    paths = {name: fits[name].values for name in chosen if name in fits}
    notes = [f"拟合序列：{METHOD_NAMES_ZH[spliced.method]}，{spliced.years[0]}—{spliced.origin_year}年"]
    regression = fit_factor_regression(ledger, horizon)
    if regression is None:
        notes.append(f"面板回归未列入组合：{NO_PANEL}")
    else:
        paths["factor"] = spliced.origin_value * np.exp(np.cumsum(regression.growth))
    spread = _splice_spread(ledger, spliced, chosen, len(paths) + 1, horizon)
    if spread is not None:
        notes.append("回推方法不止一种，各方法的分歧按一千次随机加权计入区间")
    growth, source = peer_growth(ledger)
    cohort = cohort_totals(ledger, spliced, horizon_to, float(growth.mean()))
    paths["cohort"] = cohort["population"].to_numpy() / PERSONS
    notes.append(f"队列要素推算的净迁移由本市最近水平向同类城市靠拢：{source}，平均{100 * growth.mean():.2f}%")
    if errors.measured_horizon:
        notes.append(COVERAGE_NOTE)
    if share is None:
        notes.append(no_share_reason(ledger))
    notes += [*_excluded(chosen, skill), "区间不含2030年人口普查可能带来的基数调整"]
    return _assemble("resident", spliced, paths, errors, horizon, fits, notes, skill, spread), regression


def _splice_spread(
    ledger: Ledger, spliced: SplicedSeries, chosen: tuple[str, ...], members: int, horizon: int
) -> Array | None:
    """Standard deviation of the combination, in logs, over drawn mixtures of the back-cast methods; None without one."""
    if spliced.method != "census-closure":
        return None
    drawn = draw_backcasts(backcast_residents(ledger), SPLICE_DRAWS, np.random.default_rng(SPLICE_SEED))
    paths = forecast_members_batch(np.log(drawn), horizon)
    total = np.sum([paths[name] for name in chosen if name in paths], axis=0)
    # Members that do not rest on the rebuilt years are the same in every draw.
    return (total / members).std(axis=0, ddof=1)


def _forecast_hukou(ledger: Ledger, horizon_to: int) -> ConceptForecast:
    spliced = splice_series(ledger, "hukou_population")
    horizon = horizon_to - spliced.origin_year
    fits = fit_trend_members(spliced.values, horizon)
    errors, chosen, skill = _measure(ledger, "hukou", horizon)
    latest = ledger.latest("hukou_population")
    notes = ["户籍人口受落户政策影响，同类城市的误差大于常住人口，区间因此较宽", *_excluded(chosen, skill)]
    if latest is not None and latest.year > spliced.origin_year:
        notes.append(f"{latest.year}年的{latest.value:g}万人为二手转述（C级），只作对照，不作为预测起点")
    paths = {name: fits[name].values for name in chosen if name in fits}
    return _assemble("hukou", spliced, paths, errors, horizon, fits, notes, skill)


def _forecast_floating(
    ledger: Ledger, horizon_to: int, resident: ConceptForecast, hukou: ConceptForecast
) -> ConceptForecast:
    spliced = splice_series(ledger, "floating_population")
    horizon = horizon_to - spliced.origin_year
    fits = fit_trend_members(spliced.values, horizon)
    paths = {name: fits[name].values for name in TREND_MEMBERS if name in fits}
    years = np.arange(spliced.origin_year, horizon_to + 1)
    r = _joined(resident).reindex(years).to_numpy(dtype=float)
    h = _joined(hukou).reindex(years).to_numpy(dtype=float)
    ratio = float((h[0] + spliced.origin_value) / r[0])
    # The three concepts do not add; their bookkeeping ratio is held at its last value, and nothing else is implied.
    bridged = (ratio * r - h)[1:]
    notes = [
        f"登记流动人口{spliced.origin_year}年后未公布，预测从{spliced.origin_year}年起",
        f"固定比率成员：（户籍＋流动）÷常住保持{spliced.origin_year}年的{ratio:.3f}；三个口径不可相加，该比率只是一种登记关系",
        "2015年与2016年之间口径有变，只用2016年起的五个数",
    ]
    if (bridged > 0).all():
        paths["fixed_ratio"] = bridged
    errors = own_history(spliced.values, horizon)
    return _assemble("floating", spliced, paths, errors, horizon, fits, notes)


def _measure(ledger: Ledger, series: str, horizon: int) -> tuple[ErrorModel, tuple[str, ...], pd.Series]:
    """Error model of the combination, members that enter it, and their errors relative to the last value kept."""
    errors = panel_errors(ledger, series, horizon)
    chosen = select_members(errors)
    return calibrate_errors(combination_errors(errors, chosen), horizon), chosen, relative_errors(errors)


def _excluded(chosen: tuple[str, ...], skill: pd.Series) -> list[str]:
    def names(members: tuple[str, ...], measured: bool) -> str:
        return "、".join(MEMBER_NAMES_ZH[n] for n in members if n not in chosen and (n in skill) == measured)

    notes = []
    if worse := names(TREND_MEMBERS, True):
        notes.append(f"{worse}在同类城市上不优于维持末值，退出组合")
    if beaten := names(CANDIDATE_MEMBERS, True):
        notes.append(f"{beaten}为候选模型，在同类城市上不优于最好的朴素基准，不列入组合")
    if unknown := names(CANDIDATE_MEMBERS, False):
        notes.append(f"{unknown}为候选模型，当时没有同类城市的误差可以检验，不列入组合")
    return notes


def _joined(forecast: ConceptForecast) -> pd.Series:
    """Published values of the fitted series and, after them, the combination, by year."""
    past = forecast.history.set_index("year")["value"]
    return pd.concat([past, forecast.path.set_index("year")["point"]])


def _assemble(
    concept: str, spliced: SplicedSeries, paths: dict[str, Array], errors: ErrorModel, horizon: int,
    fits: dict[str, TrendFit], notes: list[str], skill: pd.Series | None = None, spread: Array | None = None,
) -> ConceptForecast:  # fmt: skip
    years = spliced.origin_year + np.arange(1, horizon + 1)
    point = combine_equally(paths)
    widths = errors.log_half_widths(spliced.values, horizon)
    if spread is not None:
        # Independent of the forecast error: half-widths add as standard deviations do.
        widths = np.sqrt(widths**2 + (spread[:, None] * stats.norm.ppf((1 + np.array(LEVELS)) / 2)) ** 2)
    naive = forecast_benchmarks(spliced.values, horizon)
    return ConceptForecast(
        concept=concept,
        indicator_id=CONCEPTS[concept],
        origin_year=spliced.origin_year,
        origin_value=spliced.origin_value,
        path=interval_table(point, widths, years),
        members=_long(paths, years),
        benchmarks=_long({name: naive[name].to_numpy() for name in BENCHMARKS}, years),
        half_widths=widths,
        errors=errors,
        history=pd.DataFrame({"year": spliced.years, "value": spliced.values, "published": spliced.published}),
        fits=fits,
        skill={} if skill is None else {str(name): float(value) for name, value in skill.items()},
        notes=(*notes, f"区间：{errors.rule}"),
    )


def _long(paths: dict[str, Array], years: NDArray[np.int64]) -> pd.DataFrame:
    return pd.concat(
        [
            pd.DataFrame(
                {"year": years, "h": np.arange(1, len(years) + 1), "member": name, "name_zh": MEMBER_NAMES_ZH[name],
                 "value": path}
            )
            for name, path in paths.items()
        ],
        ignore_index=True,
    )  # fmt: skip

