from __future__ import annotations

from popbook.exhibits.chapters.problems import early_warning
from popbook.exhibits.inline import plain_text
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


def test_every_rule_stands_in_the_table_with_the_state_of_each_edition() -> None:
    report = report_of(2022)
    section = early_warning.warnings(report)
    frame = table(section, "tbl-warning-rules").frame
    known = early_warning.known_warnings(report.ledger)
    assert len(frame) == len(known)
    assert [c for c in frame.columns if c.startswith("e2")] == ["e2020", "e2021", "e2022"]
    assert report.results["warnings"]["rule_id"].tolist() == [w.rule_id for w in known]


def test_the_heading_counts_what_fired() -> None:
    assert heading(early_warning.warnings(report_of(2023))) == "5项预警指标触发1项：区域布局"
    calm = report_with(2023, "census_population", 2020, 34.0, "330127")
    assert heading(early_warning.warnings(calm)) == "5项预警指标无一触发，1项无法判断"
    assert "没有触发" not in words(early_warning.warnings(report_of(2023)))
