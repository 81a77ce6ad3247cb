"""The chance of meeting a target, from the same distributions as the intervals; or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from popbook.forecasting.ages import forecast_ages
from popbook.forecasting.concepts import CONCEPTS, forecast_concepts, last_year
from popbook.ledger.errors import MissingDataError
from popbook.ledger.store import Ledger

COMPARISONS = ("ge", "gt", "le", "lt")
MINIMUM_CHANGES = 4

AGE_MEASURES = {
    **{f"{basis}_share_{group}": f"share_{group}" for basis in ("resident", "census")
       for group in ("0_14", "15_59", "15_64", "60plus", "65plus")},
    "resident_dependency": "dependency_15_64",
    "census_dependency": "dependency_15_64",
}  # fmt: skip

URBAN = ("resident_urban_rate", "census_urban_rate")

MODEL_CONCEPT = "等权组合及其实测误差分布"
MODEL_AGES = "队列要素推算的1000条轨迹"
MODEL_DRIFT = "历年变动的平均与离散（随机游走加漂移，t分布）"
MODEL_URBAN = "城镇化率逻辑变换后的漂移（随机游走加漂移，t分布）"

NO_MODEL = "没有为该指标建立预测模型"
TOO_SHORT = "同口径的年度变动少于四个，不足以估计离散程度"
ALREADY_KNOWN = "目标年数据已公布，不再预测"
PASSED = "目标年以后的数已公布，不再预测目标年"
NOT_PUBLISHED = "基期以来没有公布数，无法预测"
NO_BOUND = "目标没有明确的数值界限"
NO_INPUTS = "缺少建立预测模型所需的数据"


@dataclass(frozen=True)
class Chance:
    """Probability of meeting a bound, or why there is none.

    Parameters
    ----------
    probability : float or None
        0..1.
    model : str
        Chinese name of the model; empty without a probability.
    reason : str
        Chinese: why there is no probability; empty with one.
    """

    probability: float | None
    model: str = ""
    reason: str = ""


def chance(ledger: Ledger, indicator_id: str, target_year: int, comparison: str, bound: float) -> Chance:
    """Probability that an indicator meets a bound in a year, given what the ledger shows.

    Residents, hukou and floating population: the distribution behind the interval of the combination. Shares of
    age groups and the dependency ratio: trajectories of the cohort model. Urbanisation and life expectancy: random
    walk with drift on the within-segment changes (logit and years). Everything else: no model.

    Parameters
    ----------
    ledger : Ledger
        Narrowed to an edition.
    indicator_id : str
    target_year : int
    comparison : str
        "ge", "gt", "le", "lt"; anything else has no bound.
    bound : float
        In the unit of the indicator.

    Returns
    -------
    Chance

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> ledger = read_ledger().for_edition(2024)
    >>> chance(ledger, "resident_population", 2025, "ge", 1370).probability < 0.01
    True
    >>> chance(ledger, "schooling_years_working_age", 2025, "ge", 13).reason
    '没有为该指标建立预测模型'
    """
    if comparison not in COMPARISONS:
        return Chance(None, reason=NO_BOUND)
    latest = ledger.latest(indicator_id) if indicator_id in ledger.indicators else None
    if latest is not None and latest.year >= target_year:
        return Chance(None, reason=ALREADY_KNOWN if ledger.observation(indicator_id, target_year) else PASSED)
    horizon_to = max(last_year(ledger), target_year)
    for concept, known in CONCEPTS.items():
        if indicator_id == known:
            try:
                forecast = forecast_concepts(ledger, horizon_to).concepts()[concept]
            except MissingDataError:
                return Chance(None, reason=NO_INPUTS)
            if target_year <= forecast.origin_year:
                return Chance(None, reason=PASSED)
            return Chance(forecast.probability(target_year, comparison, bound), MODEL_CONCEPT)
    if indicator_id in AGE_MEASURES:
        try:
            ages = forecast_ages(ledger, horizon_to)
        except MissingDataError:
            return Chance(None, reason=NO_INPUTS)
        if target_year <= ages.origin_year:
            return Chance(None, reason=PASSED)
        return Chance(ages.probability(AGE_MEASURES[indicator_id], target_year, comparison, bound), MODEL_AGES)
    if indicator_id in URBAN:
        jump_off = _latest_of(ledger, URBAN)
        return _drift_chance(
            _changes(ledger, URBAN[0], _logit_share), jump_off, target_year, comparison, bound, _logit_share, MODEL_URBAN
        )
    if indicator_id == "life_expectancy":
        changes = _changes(ledger, indicator_id, _same)
        return _drift_chance(
            changes, _latest_of(ledger, (indicator_id,)), target_year, comparison, bound, _same, MODEL_DRIFT
        )
    return Chance(None, reason=NO_MODEL)


def _same(value: float) -> float:
    return value


def _logit_share(value: float) -> float:
    share = value / 100
    return float(np.log(share / (1 - share)))


def _latest_of(ledger: Ledger, indicators: tuple[str, ...]) -> tuple[int, float] | None:
    """Latest value of confidence A or B among indicators that measure the same share on different days."""
    found = []
    for indicator_id in indicators:
        frame = ledger.series(indicator_id).frame
        frame = frame[frame["confidence"] != "C"]
        if len(frame):
            found.append((int(frame["year"].iloc[-1]), float(frame["value"].iloc[-1])))
    return max(found) if found else None


def _changes(ledger: Ledger, indicator_id: str, transform: Callable[[float], float]) -> NDArray[np.float64]:
    """Changes a year within segments, without values of confidence C.

    Several years between two values count as one change, divided by their number.
    """
    result = []
    for segment in ledger.series(indicator_id).segments():
        segment = segment[segment["confidence"] != "C"]
        years = segment["year"].to_numpy(dtype=float)
        values = np.array([transform(value) for value in segment["value"]])
        result += list(np.diff(values) / np.diff(years))
    return np.array(result)


def _drift_chance(
    changes: NDArray[np.float64], jump_off: tuple[int, float] | None, target_year: int, comparison: str, bound: float,
    transform: Callable[[float], float], model: str,
) -> Chance:  # fmt: skip
    if jump_off is None:
        return Chance(None, reason=NOT_PUBLISHED)
    n = len(changes)
    if n < MINIMUM_CHANGES:
        return Chance(None, reason=TOO_SHORT)
    year, value = jump_off
    h = target_year - year
    if h <= 0:
        return Chance(None, reason=PASSED)
    mean, sd = changes.mean(), changes.std(ddof=1)
    # Shocks of h years and the error of the estimated drift; t because the spread is estimated from n changes.
    spread = sd * np.sqrt(h + h**2 / n)
    above = float(stats.t.sf((transform(bound) - transform(value) - h * mean) / spread, n - 1))
    return Chance(above if comparison in ("ge", "gt") else 1 - above, model)
