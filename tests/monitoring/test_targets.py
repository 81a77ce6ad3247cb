"""Target assessment: the 2024 expectations on real data, each kind of bad input, and the recomputation by hand."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from popbook.forecasting.probability import Chance
from popbook.ledger.errors import ConceptError, UsageError
from popbook.ledger.model import Observation
from popbook.ledger.reads import watch
from popbook.ledger.series import SERIES_COLUMNS, Series
from popbook.ledger.store import Ledger, read_ledger
from popbook.monitoring.status import STATUS_WORDS
from popbook.monitoring.targets import (
    Target,
    TargetStatus,
    assess_targets,
    judge,
    measure_target,
    read_targets,
    restart,
    targets_table,
)
from tests.ledger import tables

EDITIONS = (2020, 2021, 2022, 2023, 2024, 2025)
NOT_PUBLISHED = {"T03", "T04", "T05", "T06", "T11", "T12", "T13", "T14", "T15"}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return read_ledger()


@pytest.fixture(scope="module")
def status_of(ledger: Ledger) -> dict[tuple[int, str], TargetStatus]:
    return {(edition, status.target_id): status
            for edition in EDITIONS for status in assess_targets(watch(ledger.for_edition(edition)))}


@pytest.fixture(scope="module")
def by_pace(ledger: Ledger) -> dict[tuple[int, str], TargetStatus]:
    """The same without probabilities."""
    return {(edition, status.target_id): status
            for edition in EDITIONS for status in assess_targets(ledger.for_edition(edition), chance=None)}


def target(**overrides: Any) -> Target:
    """Residents: reach 1370 by 2025 from 1196.5 in 2020."""
    values: dict[str, Any] = {
        "target_id": "T01", "number": 1, "field": "人口规模", "name": "常住人口", "indicator_id": "resident_population",
        "base_indicator_id": "resident_population", "unit": "万人", "base_year": 2020, "base_value": 1196.5,
        "target_year": 2025, "comparison": "ge", "target_value": 1370.0, "base_printed": "1196.5",
        "target_printed": "1370", "kind": "reach", "clause_id": "t4"}
    return Target(**{**values, **overrides})


def ceiling(**overrides: Any) -> Target:
    """60+ share: stay below 20 until 2025, 16.87 in 2020."""
    return target(**{"kind": "stay_below", "comparison": "lt", "unit": "%", "base_value": 16.87, "target_value": 20.0,
                     "base_printed": "16.87", "target_printed": "<20", **overrides})


def series(*values: tuple[int, float], confidence: str = "A", vintage: str = "annual", breaks: tuple = (),
           **indicator: Any) -> Series:
    rows = [{"year": year, "value": value, "status": "", "vintage": vintage, "confidence": confidence,
             "source_id": "bulletin", "published": f"{year + 1}-03-01", "note": ""} for year, value in values]
    frame = pd.DataFrame(rows, columns=SERIES_COLUMNS).astype({"year": "int64", "value": "float64"})
    return Series(tables.make_indicator(**indicator), tables.make_region(), frame, breaks)


def assess(target: Target, series: Series, edition: int = 2024, base: Observation | None = None) -> TargetStatus:
    return judge(measure_target(target, series, edition, base, series.indicator))


# --- the editions on real data -------------------------------------------------------------------------------------


def test_sixty_plus_ceiling_is_broken_since_2024(status_of: dict) -> None:
    status = status_of[2024, "T09"]
    assert (status.status, status.latest_value, status.breached_since) == ("已突破", 20.5, 2024)
    assert status.headroom == pytest.approx(-0.5)


def test_sixty_plus_ceiling_worsens_edition_by_edition(by_pace: dict) -> None:
    words = [by_pace[edition, "T09"].status for edition in (2021, 2022, 2023, 2024)]
    assert words == ["有望", "有风险", "难以达成", "已突破"]


def test_the_forecast_saw_the_broken_ceiling_before_the_pace_did(status_of: dict) -> None:
    assert status_of[2021, "T09"].status == "难以达成"
    assert status_of[2021, "T09"].chance < 0.10


def test_a_chance_never_lifts_a_status(status_of: dict, by_pace: dict) -> None:
    for key, status in status_of.items():
        if by_pace[key].status not in ("未公布", "无法评估"):
            assert STATUS_WORDS.index(status.status) >= STATUS_WORDS.index(by_pace[key].status)


def test_residents_reach_the_target_with_a_probability_below_one_per_cent(status_of: dict) -> None:
    assert status_of[2024, "T01"].chance < 0.01
    assert "达到目标的概率低于1%" in status_of[2024, "T01"].reason


def test_targets_without_series_say_why_there_is_no_probability(status_of: dict) -> None:
    assert all(s.chance_reason for s in status_of.values() if s.chance is None)


def test_residents_are_out_of_reach_and_need_107_6_in_one_year(status_of: dict) -> None:
    status = status_of[2024, "T01"]
    assert status.status == "难以达成"
    assert status.gap == pytest.approx(107.6)
    assert status.pace_needed == pytest.approx(107.6)
    assert status.last_change == pytest.approx(10.2)
    assert status.pace_share == pytest.approx((1262.4 - 1196.5) / 4 / 34.7)


def test_working_age_floor_has_a_dated_outlook(status_of: dict) -> None:
    status = status_of[2024, "T08"]
    assert status.status in ("有望", "有风险")
    assert status.headroom == pytest.approx(1.1)
    assert status.breach_year == 2026
    assert "2026年跌破下限" in status.reason


def test_urbanisation_is_on_track(status_of: dict) -> None:
    status = status_of[2024, "T16"]
    assert (status.status, status.latest_value, status.reach_year) == ("有望", 84.8, 2025)


def test_dependency_is_computed_from_published_groups(status_of: dict) -> None:
    status = status_of[2024, "T07"]
    assert status.latest_value == 36.0
    assert "按公布的年龄组人数计算" in status.latest_derivation


def test_hukou_population_rests_on_2021_not_on_the_doubtful_2022(status_of: dict) -> None:
    status = status_of[2024, "T02"]
    assert (status.latest_year, status.newest_year, status.newest_confidence) == (2021, 2022, "C")
    assert status.latest_value == pytest.approx(834.5, abs=0.05)
    assert status.status == "有风险"
    assert "846.70万人，不作定级依据" in status.reason


def test_life_expectancy_of_confidence_c_does_not_decide(status_of: dict) -> None:
    status = status_of[2024, "T10"]
    assert (status.status, status.newest_value) == ("无法评估", 83.63)
    assert "参考级" in status.reason


def test_indicators_without_figures_count_neither_way(status_of: dict) -> None:
    silent = {target_id for (edition, target_id), s in status_of.items() if edition == 2024 and s.status == "未公布"}
    assert silent == NOT_PUBLISHED
    assert all("既不算达成，也不算未达成" in status_of[2024, target_id].reason for target_id in silent)


def test_the_base_year_edition_assesses_nothing(status_of: dict) -> None:
    assert {status_of[2020, f"T{n:02}"].status for n in range(1, 17)} == {"无法评估"}


def test_no_guard_rail_is_called_achieved_before_the_target_year(status_of: dict) -> None:
    assert all(s.status != "达成" for s in status_of.values() if s.is_guard_rail)


def test_an_edition_knows_no_later_year(status_of: dict) -> None:
    assert all((s.newest_year or 0) <= edition for (edition, _), s in status_of.items())


def test_census_base_and_survey_figure_meet_with_a_note(status_of: dict) -> None:
    assert "普查" in status_of[2024, "T09"].basis_note
    assert status_of[2024, "T01"].basis_note == ""


def test_sixteen_targets_in_the_order_of_table_4(ledger: Ledger) -> None:
    assert [t.number for t in read_targets(ledger)] == list(range(1, 17))


def test_a_ledger_without_edition_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="年度版"):
        assess_targets(ledger)


def test_chance_enters_the_status_and_the_reason(ledger: Ledger) -> None:
    statuses = assess_targets(ledger.for_edition(2024), chance=lambda *_: Chance(0.05, "趋势组合"))
    urban = statuses[15]
    assert urban.status == "难以达成"
    assert "达到目标的概率为5%（趋势组合）" in urban.reason


def test_no_chance_leaves_the_pace_to_decide(ledger: Ledger) -> None:
    statuses = assess_targets(ledger.for_edition(2024), chance=lambda *_: Chance(None, reason="序列太短"))
    assert statuses[15].status == "有望"
    assert statuses[15].chance_reason == "序列太短"


# --- bad input: each has a defined outcome -------------------------------------------------------------------------


def test_no_target_value_cannot_be_assessed() -> None:
    status = assess(target(target_value=None), series((2024, 1262.4)))
    assert (status.status, status.reason) == ("无法评估", "规划没有给出目标值，无法评估。")


def test_target_year_not_after_base_year_cannot_be_assessed() -> None:
    assert assess(target(target_year=2020), series((2024, 1262.4))).status == "无法评估"


def test_duplicate_years_cannot_be_assessed() -> None:
    status = assess(target(), series((2023, 1250.0), (2024, 1262.4), (2024, 1263.0)))
    assert status.status == "无法评估"
    assert "2024年" in status.reason


def test_a_target_without_base_is_judged_by_chance_or_not_at_all() -> None:
    measured = measure_target(target(base_value=None), series((2024, 1262.4)), 2024, None, tables.make_indicator())
    assert measured.pace is None
    assert judge(measured).status == "无法评估"


def test_a_target_without_base_that_is_met_is_achieved() -> None:
    assert assess(target(base_value=None), series((2024, 1380.0))).status == "达成"


def test_base_of_zero_has_a_linear_pace() -> None:
    status = assess(target(base_value=0.0, target_value=100.0), series((2024, 80.0)))
    assert (status.pace_share, status.status) == (1.0, "有望")


def test_base_equal_to_target_and_kept_is_achieved() -> None:
    assert assess(target(base_value=1370.0), series((2024, 1371.0))).status == "达成"


def test_base_equal_to_target_and_lost_is_off_track() -> None:
    status = assess(target(base_value=1370.0), series((2024, 1365.0)))
    assert (status.pace_share, status.status) == (None, "难以达成")


def test_target_year_reached_and_met_is_achieved() -> None:
    assert assess(target(), series((2025, 1371.0)), edition=2025).status == "达成"


def test_target_year_reached_and_missed_says_so() -> None:
    status = assess(target(), series((2025, 1270.0)), edition=2025)
    assert status.status == "未达成"
    assert "差100.0万人" in status.reason


def test_a_guard_rail_kept_to_the_target_year_is_achieved() -> None:
    assert assess(ceiling(), series((2025, 19.9)), edition=2025).status == "达成"


def test_a_past_target_year_is_judged_by_its_own_figure() -> None:
    status = assess(target(), series((2025, 1371.0), (2026, 1360.0)), edition=2026)
    assert (status.latest_year, status.status) == (2025, "达成")


@pytest.mark.parametrize("edition", [2025, 2026, 2030])
@pytest.mark.parametrize("value", [1262.4, 1400.0])
def test_a_target_year_without_its_own_figure_is_not_published(edition: int, value: float) -> None:
    status = assess(target(), series((2024, value)), edition=edition)
    assert (status.status, status.rule_number, status.pace_needed) == ("未公布", 5, None)
    assert "2025年的数没有公布，既不算达成，也不算未达成" in status.reason
    assert "按此速度" not in status.reason


def test_a_bound_that_was_crossed_stays_broken_while_the_figure_of_the_target_year_is_awaited() -> None:
    assert assess(ceiling(), series((2024, 20.5)), edition=2025).status == "已突破"
    assert assess(ceiling(), series((2024, 20.5), (2025, 20.9)), edition=2025).status == "已突破"
    assert assess(ceiling(), series((2024, 19.5)), edition=2025).status == "未公布"


@pytest.mark.parametrize("edition", [2025, 2026, 2028])
def test_a_verdict_on_the_target_year_does_not_grow_old(edition: int) -> None:
    status = assess(target(), series((2025, 1270.0), (2026, 1275.0)), edition=edition)
    assert (status.status, status.latest_year, status.progress.age) == ("未达成", 2025, 0)
    assert "没有可用的新数" not in status.reason


def test_a_missing_latest_value_falls_back_to_the_year_before() -> None:
    status = assess(target(), series((2023, 1252.2), (2024, math.nan)))
    assert status.latest_year == 2023


def test_a_figure_two_years_old_is_never_on_track() -> None:
    fast = series((2022, 1290.0))
    assert assess(target(), fast, edition=2023).status == "有望"
    assert assess(target(), fast, edition=2024).status == "有风险"


def test_nothing_after_the_base_year_is_not_published() -> None:
    assert assess(target(), series((2020, 1196.5))).status == "未公布"


def test_a_base_in_another_unit_is_refused() -> None:
    with pytest.raises(ConceptError, match="单位不同"):
        measure_target(target(), series((2024, 1262.4)), 2024, None, tables.make_indicator(unit="人"))


def test_after_a_break_the_pace_starts_on_this_side() -> None:
    cut = tables.make_break(year=2022, name_zh="口径变化")
    status = assess(target(), series((2021, 1220.0), (2022, 1300.0), (2024, 1340.0), breaks=(cut,)))
    assert (status.from_year, status.from_value, status.pace) == (2022, 1300.0, 20.0)
    assert "口径变化" in status.reason


def test_a_single_figure_after_a_break_has_no_pace() -> None:
    cut = tables.make_break(year=2024, name_zh="口径变化")
    status = assess(target(), series((2021, 1220.0), (2024, 1300.0), breaks=(cut,)))
    assert (status.pace, status.status) == (None, "无法评估")


def test_last_change_does_not_cross_a_break() -> None:
    cut = tables.make_break(year=2024)
    status = assess(target(), series((2023, 1252.2), (2024, 1262.4), breaks=(cut,)))
    assert status.last_change is None


# --- properties ----------------------------------------------------------------------------------------------------


@given(low=st.integers(11000, 14500), high=st.integers(11000, 14500), edition=st.sampled_from([2021, 2024, 2025]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_better_latest_never_gives_a_worse_status(low: int, high: int, edition: int) -> None:
    low, high = sorted((low, high))
    worse = assess(target(), series((edition, low / 10)), edition).status
    better = assess(target(), series((edition, high / 10)), edition).status
    assert STATUS_WORDS.index(better) <= STATUS_WORDS.index(worse)


@given(low=st.integers(150, 230), high=st.integers(150, 230), edition=st.sampled_from([2021, 2024, 2025]))
def test_a_lower_latest_never_gives_a_worse_ceiling_status(low: int, high: int, edition: int) -> None:
    low, high = sorted((low, high))
    better = assess(ceiling(), series((edition, low / 10)), edition).status
    worse = assess(ceiling(), series((edition, high / 10)), edition).status
    assert STATUS_WORDS.index(better) <= STATUS_WORDS.index(worse)


# --- the file ------------------------------------------------------------------------------------------------------


def recompute(row: pd.Series) -> str:
    """The rule again, from nothing but the numbers in the file."""
    if isinstance(row["obstacle"], str) or row["edition"] <= row["base_year"]:
        return "无法评估"
    if pd.isna(row["newest_year"]):
        return "未公布"
    if pd.isna(row["latest_value"]):
        return "无法评估"
    target_value, value, left = row["target_value"], row["latest_value"], row["target_year"] - row["latest_year"]
    met = {"gt": value > target_value, "ge": value >= target_value, "lt": value < target_value,
           "le": value <= target_value, "about": row["side"] * (value - target_value) >= 0}[row["comparison"]]
    reach = row["kind"] == "reach"
    if left == 0 and met:
        return "达成"
    if not met and not reach:
        return "已突破"
    if left > 0 and row["edition"] >= row["target_year"]:
        return "未公布"
    if met and reach:
        return "达成"
    if left == 0:
        return "未达成"
    pace = (value - row["from_value"]) / (row["latest_year"] - row["from_year"])
    chance = row["chance"]
    share = pace / ((target_value - row["from_value"]) / (row["target_year"] - row["from_year"]))
    years = (target_value - value) / pace if row["side"] * pace < 0 else math.inf
    if (reach and share < 0.60) or (not reach and years <= left - 1) or chance < 0.10:
        return "难以达成"
    if (reach and share < 0.95) or (not reach and years <= left) or chance < 0.66:
        return "有风险"
    return "有风险" if row["edition"] - row["latest_year"] >= 2 else "有望"


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_status_can_be_recomputed_from_the_file_alone(status_of: dict, edition: int) -> None:
    written = targets_table(status_of[edition, f"T{n:02}"] for n in range(1, 17)).to_csv(index=False)
    frame = pd.read_csv(io.StringIO(written))
    assert len(frame) == 16
    assert [recompute(row) for _, row in frame.iterrows()] == frame["status"].tolist()


def test_a_restart_moves_the_pace_and_leaves_the_judgement(by_pace: dict) -> None:
    again = restart(by_pace[2024, "T01"], 2019, 1161.3)
    assert again.pace == pytest.approx((1262.4 - 1161.3) / 5)
    assert again.pace_required == pytest.approx((1370 - 1161.3) / 6)
    assert (again.status, again.base_value) == (by_pace[2024, "T01"].status, 1196.5)


def test_a_restart_without_time_or_figure_changes_nothing(by_pace: dict) -> None:
    assert restart(by_pace[2024, "T01"], 2024, 1262.4) == by_pace[2024, "T01"]
    assert restart(by_pace[2024, "T05"], 2015, 1.2) == by_pace[2024, "T05"]


def test_a_target_read_from_a_tiny_ledger(tmp_path: Path) -> None:
    ledger = tables.make_ledger(tmp_path, plan_targets=[tables.target()], observations=[
        tables.observation(), tables.observation(2021, 1220.4, published="2022-03-01", vintage="annual")])
    (status,) = assess_targets(ledger.for_edition(2021), chance=None)
    assert status.gap == pytest.approx(149.6)
