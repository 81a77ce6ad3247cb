from __future__ import annotations

import pytest

from popbook.exhibits.chapters.problems import early_warning
from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import NARROW, WIDE, Figure, Layout
from popbook.exhibits.report import section_exhibits
from popbook.monitoring.demand import watch
from popbook.monitoring.warnings import evaluate_warnings
from tests.exhibits.chapters.problems.ledgers import heading, report_of, report_with, table, words


def block(report, rule_id: str) -> str:  # type: ignore[no-untyped-def]
    return plain_text(early_warning.warning_block(report, rule_id))


def test_a_fired_rule_says_value_distance_and_since_when() -> None:
    text = block(report_of(2024), "w-ageing-share")
    assert text.startswith("预警指标：60岁及以上占比越过上限——触发。 规则：60岁及以上常住人口比重高于20%即触发。")
    assert "2024年为20.5%，高于界限0.5个百分点，本年起触发。" in text


def test_the_state_turns_with_the_value() -> None:
    text = block(report_with(2024, "resident_share_60plus", 2024, 19.9), "w-ageing-share")
    assert "——未触发" in text and "低于界限0.1个百分点，未触发" in text


def test_a_missing_year_is_not_carried_forward() -> None:
    text = block(report_of(2024), "w-fertility-tfr")
    assert "——无法判断" in text
    assert "最近一次可以判断的是2020年：1.33，高于界限0.23；2024年未公布，无法判断。" in text


def test_a_published_year_without_a_comparable_one_is_not_called_unpublished() -> None:
    text = block(report_of(2021), "w-fertility-birth")
    assert "2021年为7.6‰，但没有可比的往年数，无法判断。" in text


def test_runs_of_falls_are_counted() -> None:
    assert "已连续2年下降，未触发" in block(report_of(2023), "w-fertility-birth")
    falling = report_with(2024, "resident_birth_rate", 2024, 6.2)
    assert "已连续3年下降，本年起触发" in block(falling, "w-fertility-birth")


def test_places_over_the_limit_are_named() -> None:
    assert "越限的有淳安县：2020年为32.90万人，比上次普查减少，2020年起触发" in block(report_of(2024), "w-imbalance-west")


def test_the_computed_ratio_names_its_parts() -> None:
    report = report_of(2024)
    fact = early_warning.value_fact(report, early_warning.warning_of(report, "w-services-dependency"))
    assert fact is not None and fact.text() == "36.0%"
    assert "÷" in fact.derivation


def figure(section, exhibit_id: str) -> Figure:  # type: ignore[no-untyped-def]
    return next(e for e in section_exhibits(section) if isinstance(e, Figure) and e.id == exhibit_id)


def test_every_rule_is_drawn_with_its_state_in_each_edition() -> None:
    report = report_of(2022)
    section = early_warning.warnings(report)
    frame, known = figure(section, "fig-warning-history").frame, watch(report.ledger)
    assert [c for c in frame.columns if c.startswith("2")] == ["2020", "2021", "2022"]
    assert dict(zip(frame["规则"], frame["2022"], strict=True)) == {w.name: w.state for w in known}
    assert report.results["warnings"]["rule_id"].tolist() == [w.rule_id for w in known]


def test_every_rule_on_figures_gives_its_reason() -> None:
    report = report_of(2022)
    frame = table(early_warning.warnings(report), "tbl-warning-rules").frame
    assert len(frame) == len(evaluate_warnings(report.ledger))
    assert frame["reason"].str.len().min() > 0


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_the_history_can_be_drawn(layout: Layout) -> None:
    chart = figure(early_warning.warnings(report_of(2024)), "fig-warning-history").draw(layout)
    assert chart.padding["left"] + chart.width + chart.padding["right"] == layout.width


def test_false_alarms_are_counted_and_named() -> None:
    said = words(early_warning.warnings(report_of(2024)))
    wrong = [w for w in watch(report_of(2024).ledger) if w.false_alarms]
    assert f"其中{sum(w.false_alarms for w in wrong)}次在下一版撤回" in said
    assert all(w.name in said for w in wrong)


def test_the_first_edition_has_no_alarm_to_take_back() -> None:
    assert "没有往年判断可以对照" in words(early_warning.warnings(report_of(2020)))


def test_the_lead_of_a_rule_on_the_pace_over_the_broken_bound_is_said() -> None:
    said = words(early_warning.warnings(report_of(2024)))
    assert "“60岁及以上占比上升过快”2022年首次触发，早于“60岁及以上占比越过上限”2年" in said
    assert "“劳动年龄占比下降过快”2022年首次触发，现为未触发，界限至今没有越过" in said


def test_a_bound_that_holds_turns_the_lead() -> None:
    said = words(early_warning.warnings(report_with(2024, "resident_share_60plus", 2024, 19.9)))
    assert "“60岁及以上占比上升过快”2022年首次触发，现为未触发，界限至今没有越过" in said


def test_net_migration_names_how_it_was_computed() -> None:
    report = report_of(2024)
    fact = early_warning.value_fact(report, early_warning.warning_of(report, "w-migration-need"))
    assert fact is not None and fact.text() == "7.3万人"
    assert "年末增量－自然增长" in fact.derivation


def test_the_heading_counts_what_fired() -> None:
    assert heading(early_warning.warnings(report_of(2023))) == "5项预警指标触发1项：区域布局"
    calm = report_with(2023, "census_population", 2020, 34.0, "330127")
    assert heading(early_warning.warnings(calm)) == "5项预警指标无一触发，1项无法判断"
    assert "没有触发" not in words(early_warning.warnings(report_of(2023)))
