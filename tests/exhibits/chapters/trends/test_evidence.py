from __future__ import annotations

import pytest

from popbook.exhibits.chapters.trends import evidence
from popbook.exhibits.inline import plain_text
from tests.exhibits.chapters.trends.ledgers import report_of


def test_coverage_is_an_honest_count() -> None:
    report = report_of(2024)
    forecast = evidence.forecasts_of(report).resident
    row = forecast.errors.coverage.set_index("h").loc[1]
    hits = round(float(row["covered80"]) * int(row["n"]))
    assert evidence.coverage_cell(forecast, 2025, 80) == f"{hits}/{int(row['n'])}"
    assert f"实测{int(row['n'])}次，80%区间覆盖{hits}次" in plain_text(evidence.coverage_sentence(report, "resident", 2025))


def test_a_horizon_beyond_the_measured_ones_is_called_unmeasured() -> None:
    report = report_of(2024)
    assert "未实测" in evidence.coverage_sentence(report, "resident", 2035)
    assert evidence.coverage_cell(evidence.forecasts_of(report).resident, 2035, 80) == "未实测"


def test_the_first_edition_could_measure_nothing_for_residents() -> None:
    assert "不能实测" in evidence.coverage_sentence(report_of(2020), "resident", 2025)


def test_an_interval_that_begins_below_zero_is_not_written_with_a_dash() -> None:
    moved = evidence.age_outlook(report_of(2024), "net_migration", 2025)
    assert (moved.lo80.value or 0) < 0
    assert "至" in plain_text(moved.span())


@pytest.mark.parametrize("level", [80, 95])
def test_an_outlook_holds_its_own_bounds_and_nothing_beyond(level: int) -> None:
    outlook = evidence.concept_outlook(report_of(2024), "resident", 2025)
    low = (outlook.lo80 if level == 80 else outlook.lo95).value or 0
    assert outlook.holds(low, level)
    assert not outlook.holds(low - 0.1, level)


def test_growth_is_taken_only_on_the_base_of_the_latest_census() -> None:
    assert evidence.yearly_growth(report_of(2020)).empty
    growth = evidence.yearly_growth(report_of(2024)).set_index("year")["growth"].round(2)
    assert int(growth.index.min()) == 2015
    assert growth.loc[[2021, 2022, 2023, 2024]].tolist() == [2.00, 1.41, 1.18, 0.81]


def test_the_plan_starts_no_line_across_the_census_break() -> None:
    rows, breaks = evidence.drawn_actuals(report_of(2020), "resident", 2010)
    segment = rows.set_index("年份")["分段"]
    assert segment[2019] != segment[2020]
    assert [line.year for line in breaks] == [2020]


def test_schedules_published_after_the_cut_off_are_named() -> None:
    assert "出版晚于本版截止日" in evidence.late_inputs_note(report_of(2020))[0]
    assert evidence.late_inputs_note(report_of(2024)) == ()
