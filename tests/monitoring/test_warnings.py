"""Early-warning rules: each kind, the states, since when, false alarms, and the real editions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from popbook.ledger.errors import DataError, UsageError
from popbook.ledger.store import Ledger, read_ledger
from popbook.monitoring.warnings import (
    Warning,
    count_false_alarms,
    evaluate_warnings,
    read_rules,
    warnings_table,
)
from tests.ledger import tables

EDITIONS = (2020, 2021, 2022, 2023, 2024)


def rule(**overrides: Any) -> dict[str, Any]:
    """Fires when residents fall below 1200."""
    return {"rule_id": "w1", "chapter_section": "total", "indicator_id": "resident_population", "name_zh": "人口过少",
            "kind": "below", "threshold": "1200", "unit": "万人", "region": "330100", "headline": "true",
            "reason": "理由", "source_id": "bulletin-2021"} | overrides


def residents(*values: tuple[int, float], **overrides: Any) -> list[dict[str, Any]]:
    """Year-end residents, each published in the March after."""
    return [tables.observation(year, value, published=f"{year + 1}-03-01", vintage="annual", **overrides)
            for year, value in values]


def ledger_with(folder: Path, rules: list[dict[str, Any]], observations: list[dict[str, Any]], **more: Any) -> Ledger:
    editions = [tables.edition(year, f"{year + 1}-06-30") for year in EDITIONS]
    return tables.make_ledger(folder, warning_rules=rules, observations=observations, editions=editions,
                              plan_targets=[tables.target()], **more)


def one(folder: Path, row: dict[str, Any], observations: list[dict[str, Any]], edition: int = 2024, **more: Any) -> Warning:
    (warning,) = evaluate_warnings(ledger_with(folder, [row], observations, **more).for_edition(edition))
    return warning


@pytest.mark.parametrize(("kind", "value", "state"), [
    ("below", 1199.9, "触发"), ("below", 1200.0, "未触发"), ("above", 1200.1, "触发"), ("above", 1200.0, "未触发")])
def test_bounds_fire_beyond_the_threshold_not_at_it(tmp_path: Path, kind: str, value: float, state: str) -> None:
    assert one(tmp_path, rule(kind=kind), residents((2024, value))).state == state


def test_no_figure_for_the_year_is_not_judged_and_names_the_last_one(tmp_path: Path) -> None:
    warning = one(tmp_path, rule(), residents((2022, 1190.0)))
    assert warning.state == "无法判断"
    assert "最近一次可以判断的是2022年" in warning.sentence
    assert warning.since is None


def test_a_doubtful_figure_never_fires(tmp_path: Path) -> None:
    assert one(tmp_path, rule(), residents((2024, 1190.0), confidence="C")).state == "无法判断"


def test_since_is_the_start_of_the_present_run(tmp_path: Path) -> None:
    warning = one(tmp_path, rule(), residents((2021, 1190.0), (2022, 1210.0), (2023, 1195.0), (2024, 1190.0)))
    assert (warning.since, warning.first_fired) == (2023, 2021)


def test_falls_for_counts_falls_in_a_row(tmp_path: Path) -> None:
    falling = residents((2021, 1204.0), (2022, 1203.0), (2023, 1202.0), (2024, 1201.0))
    row = rule(kind="falls_for", threshold="3", unit="年")
    assert one(tmp_path / "a", row, falling).state == "触发"
    assert one(tmp_path / "b", row, falling, edition=2023).state == "未触发"


def test_a_missing_year_breaks_a_run_of_falls(tmp_path: Path) -> None:
    gap = residents((2020, 1205.0), (2021, 1204.0), (2023, 1202.0), (2024, 1201.0))
    warning = one(tmp_path, rule(kind="falls_for", threshold="2", unit="年"), gap)
    assert (warning.state, warning.measure) == ("未触发", 1.0)


def test_falls_are_not_counted_across_a_break(tmp_path: Path) -> None:
    falling = residents((2022, 1203.0), (2023, 1202.0), (2024, 1201.0))
    cut = tables.break_row(year=2024)
    assert one(tmp_path, rule(kind="falls_for", threshold="2", unit="年"), falling, breaks=[cut]).state != "触发"


def test_rises_by_compares_with_the_year_before(tmp_path: Path) -> None:
    row = rule(kind="rises_by", threshold="10", unit="万人/年")
    assert one(tmp_path / "a", row, residents((2023, 1200.0), (2024, 1210.1))).state == "触发"
    assert one(tmp_path / "b", row, residents((2023, 1200.0), (2024, 1210.0))).state == "未触发"
    assert one(tmp_path / "c", row, residents((2022, 1100.0), (2024, 1210.0))).state == "无法判断"


def test_falls_by_compares_with_the_year_before(tmp_path: Path) -> None:
    row = rule(kind="falls_by", threshold="10", unit="万人/年")
    assert one(tmp_path / "a", row, residents((2023, 1200.0), (2024, 1189.9))).state == "触发"
    assert one(tmp_path / "b", row, residents((2023, 1200.0), (2024, 1190.0))).state == "未触发"
    assert one(tmp_path / "c", row, residents((2023, 1200.0), (2024, 1220.0))).state == "未触发"


def districts(*values: float, year: int = 2024, scheme: str = "all") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """As many districts as values, and one figure for each."""
    names = [f"33010{n}" for n in range(1, len(values) + 1)]
    regions = [tables.region(name, name_zh=f"第{n}区", scheme=scheme) for n, name in enumerate(names, 1)]
    rows = [row for name, value in zip(names, values, strict=True) for row in residents((year, value), region_id=name)]
    return regions, rows


@pytest.mark.parametrize(("last", "state", "side"), [(40.0, "触发", "高于"), (1.0, "触发", "低于"), (24.0, "未触发", "高于")])
def test_an_outlier_is_far_from_the_median_of_the_districts(tmp_path: Path, last: float, state: str, side: str) -> None:
    # Median 20.5 and median absolute deviation 2: 3.5 robust standard deviations are 10.4.
    regions, rows = districts(17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, last)
    warning = one(tmp_path, rule(kind="outlier", threshold="3.5", unit="个", region="district"), rows,
                  regions=[tables.region(), *regions])  # fmt: skip
    assert warning.state == state
    if state == "触发":
        assert warning.regions == ("第8区",)
        assert f"{side}各区县中位数" in warning.sentence


def test_an_outlier_is_measured_in_robust_standard_deviations(tmp_path: Path) -> None:
    regions, rows = districts(17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 40.0)
    warning = one(tmp_path, rule(kind="outlier", threshold="3.5", unit="个", region="district"), rows,
                  regions=[tables.region(), *regions])  # fmt: skip
    assert warning.measure == pytest.approx(0.6745 * (40.0 - 20.5) / 2.0)


def test_too_few_districts_give_no_outlier(tmp_path: Path) -> None:
    regions, rows = districts(17.0, 18.0, 19.0, 20.0, 90.0)
    warning = one(tmp_path, rule(kind="outlier", threshold="3.5", unit="个", region="district"), rows,
                  regions=[tables.region(), *regions])  # fmt: skip
    assert warning.state == "无法判断"


def test_districts_that_are_all_alike_have_no_outlier(tmp_path: Path) -> None:
    regions, rows = districts(*[20.0] * 8)
    assert one(tmp_path, rule(kind="outlier", threshold="3.5", unit="个", region="district"), rows,
               regions=[tables.region(), *regions]).state == "未触发"  # fmt: skip


def test_old_and_new_districts_are_never_in_one_comparison(tmp_path: Path) -> None:
    # Five districts of each scheme: together ten, apart too few.
    old_regions, old_rows = districts(17.0, 18.0, 19.0, 20.0, 90.0, scheme="pre-2021")
    names = [f"3301{n}" for n in range(21, 26)]
    new_regions = [tables.region(name, name_zh=f"新{name}", scheme="post-2021") for name in names]
    new_rows = [row for name in names for row in residents((2024, 20.0), region_id=name)]
    warning = one(tmp_path, rule(kind="outlier", threshold="3.5", unit="个", region="district"), old_rows + new_rows,
                  regions=[tables.region(), *old_regions, *new_regions])  # fmt: skip
    assert warning.state == "无法判断"


def test_outlying_growth_looks_at_the_mean_yearly_rate(tmp_path: Path) -> None:
    regions, before = districts(*[100.0] * 8, year=2020)
    _, after = districts(108.0, 109.0, 110.0, 111.0, 112.0, 113.0, 114.0, 160.0)
    warning = one(tmp_path, rule(kind="outlier_growth", threshold="3.5", unit="个", region="district"), before + after,
                  regions=[tables.region(), *regions])  # fmt: skip
    assert (warning.state, warning.regions) == ("触发", ("第8区",))
    assert "年均增速12.47%" in warning.sentence


def test_below_path_reads_the_plan_path_of_the_year(tmp_path: Path) -> None:
    path = [{"year": year, "scenario": "low", "concept": "resident", "value": value, "clause_id": "c1"}
            for year, value in ((2023, 1291), (2024, 1317))]
    warning = one(tmp_path, rule(kind="below_path", threshold="low"), residents((2024, 1262.4)), plan_scenario_paths=path)
    assert (warning.state, warning.limit) == ("触发", 1317.0)
    assert "低于低方案1317万人，相差54.6万人" in warning.sentence


def test_a_group_rule_names_the_regions_that_fire(tmp_path: Path) -> None:
    regions = [tables.region(), tables.region("330122", name_zh="桐庐县", group="west"),
               tables.region("330127", name_zh="淳安县", group="west"), tables.region("330106", name_zh="西湖区", group="core")]
    figures = [row for region, value in (("330122", 50.0), ("330127", 30.0), ("330106", 10.0))
               for row in residents((2024, value), region_id=region)]
    warning = one(tmp_path, rule(region="west", threshold="40"), figures, regions=regions)
    assert (warning.state, warning.regions) == ("触发", ("淳安县",))


def test_a_warning_taken_back_by_the_next_edition_is_a_false_alarm(tmp_path: Path) -> None:
    warning = one(tmp_path, rule(), residents((2022, 1190.0), (2023, 1210.0), (2024, 1220.0)))
    assert dict(warning.history) == {2020: "无法判断", 2021: "无法判断", 2022: "触发", 2023: "未触发", 2024: "未触发"}
    assert warning.false_alarms == 1


def test_past_editions_are_judged_by_what_they_knew(tmp_path: Path) -> None:
    first = residents((2022, 1190.0))
    revised = [tables.observation(2022, 1205.0, published="2024-03-01", vintage="annual", source_id="bulletin-2021")]
    warning = one(tmp_path, rule(), first + revised + residents((2023, 1210.0)), edition=2023)
    assert dict(warning.history)[2022] == "触发"
    assert warning.first_fired is None


def test_not_judged_is_no_false_alarm() -> None:
    assert count_false_alarms(["触发", "无法判断", "未触发"]) == 0


@pytest.mark.parametrize(("overrides", "column"), [
    ({"kind": "sideways"}, "kind"), ({"threshold": "许多"}, "threshold"), ({"kind": "below_path", "threshold": "30"}, "threshold")])
def test_a_rule_that_cannot_be_read_names_its_cell(tmp_path: Path, overrides: dict[str, str], column: str) -> None:
    with pytest.raises(DataError) as caught:
        read_rules(ledger_with(tmp_path, [rule(), rule(rule_id="w2", **overrides)], []))
    assert [(p.row, p.column) for p in caught.value.problems] == [(3, column)]


def test_a_ledger_without_edition_is_refused() -> None:
    with pytest.raises(UsageError):
        evaluate_warnings(read_ledger())


@pytest.fixture(scope="module")
def real() -> dict[tuple[int, str], Warning]:
    ledger = read_ledger()
    return {(edition, w.rule_id): w for edition in EDITIONS for w in evaluate_warnings(ledger.for_edition(edition))}


def test_residents_are_below_the_low_path_since_2021(real: dict) -> None:
    warning = real[2024, "w-total-resident"]
    assert (warning.state, warning.since, warning.false_alarms) == ("触发", 2021, 0)
    assert "1317" in warning.sentence


def test_sixty_plus_warning_goes_on_in_2024(real: dict) -> None:
    assert [real[edition, "w-ageing-share"].state for edition in (2022, 2023, 2024)] == ["未触发", "未触发", "触发"]


def test_the_pace_of_ageing_warned_two_years_before_the_ceiling_broke(real: dict) -> None:
    assert real[2024, "w-ageing-pace"].first_fired == 2022


def test_the_births_rule_stays_quiet_after_the_dragon_year(real: dict) -> None:
    assert real[2023, "w-fertility-birth"].measure == 2
    assert real[2024, "w-fertility-birth"].state == "未触发"


def test_chunan_is_named_among_the_western_counties(real: dict) -> None:
    assert real[2024, "w-imbalance-west"].regions == ("淳安县",)


def test_net_migration_no_longer_carries_the_target(real: dict) -> None:
    warning = real[2024, "w-migration-need"]
    assert (warning.state, warning.since, warning.value) == ("触发", 2021, 7.3)
    assert real[2024, "w-migration-out"].state == "未触发"
    assert "连续3年减少" in real[2024, "w-migration-fall"].sentence


def test_a_pace_that_slows_is_a_false_alarm(real: dict) -> None:
    warning = real[2024, "w-services-working-age-pace"]
    assert [state for _, state in warning.history] == ["无法判断", "无法判断", "触发", "触发", "未触发"]
    assert warning.false_alarms == 1


def test_young_binjiang_stands_apart_from_the_other_districts(real: dict) -> None:
    warning = real[2024, "w-imbalance-outlier-ageing"]
    assert warning.regions == ("滨江区",)
    assert "低于各区县中位数25.0%" in warning.sentence


def test_every_rule_has_a_state_and_a_sentence_in_every_edition(real: dict) -> None:
    assert all(w.state in ("触发", "未触发", "无法判断") and w.sentence.endswith("。") for w in real.values())


def test_the_table_holds_one_row_per_rule(real: dict) -> None:
    table = warnings_table([w for (edition, _), w in real.items() if edition == 2024])
    assert len(table) == len(read_rules(read_ledger()))
    assert table.set_index("rule_id").loc["w-ageing-share", "history"].endswith("2024:触发")
