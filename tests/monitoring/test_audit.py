"""The plan's own arithmetic: what must pass, what must fail, and that every failure is explained."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from popbook.ledger.store import Ledger, read_ledger
from popbook.monitoring.audit import AUDIT_COLUMNS, audit_plan, unchecked_quantities
from tests.ledger.plain import put_table

FAILURES = {
    "a-t3-slowdown-high", "a-unit-q-c1-2-1-01", "a-unit-q-c1-2-1-03", "a-unit-q-c2-3-p1-02", "a-unit-q-c2-3-p1-03",
    "a-text-floating-growth", "a-text-yearly-hukou", "a-text-productivity", "a-text-share-old-core",
    "a-dependency-15-59-2020", "a-dependency-15-59-2025", "a-talent-density", "a-teams-part",
    "a-t4-fertility", "a-employment", "a-t3-floating-share", "a-conflict-cf-digital-leaders", "a-conflict-cf-digital-teams",
    "a-conflict-cf-health-teams", "a-conflict-cf-leaders", "a-conflict-cf-teams-total", "a-t3-peak-low", "a-t3-peak-medium",
    "a-age-moderate-resident", "a-t2-unit", "a-share-five-named", "a-rate-natural-bound", "a-rate-sex-ratio",
    "a-scale-concepts", "a-scale-census", "a-scale-city-area"}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return read_ledger()


@pytest.fixture(scope="module")
def audit(ledger: Ledger) -> pd.DataFrame:
    return audit_plan(ledger.for_edition(2024)).set_index("check_id")


def test_exactly_the_known_slips_fail(audit: pd.DataFrame) -> None:
    assert set(audit.index[audit["passed"].eq(False).fillna(False)]) == FAILURES


def test_every_failure_is_explained_by_a_declared_correction_or_conflict(ledger: Ledger, audit: pd.DataFrame) -> None:
    declared = {c.correction_id for c in ledger.corrections} | set(ledger.plan.conflicts["conflict_group"])
    for explained in audit.loc[sorted(FAILURES), "explained_by"]:
        assert set(explained.split("；")) <= declared


def test_nothing_waits_for_figures_in_2024(audit: pd.DataFrame) -> None:
    assert not audit["passed"].isna().any()


def test_the_floating_growth_is_off_by_its_base_year(audit: pd.DataFrame) -> None:
    row = audit.loc["a-text-floating-growth"]
    assert row["printed"] == 4.29
    assert row["computed"] == pytest.approx(39.15, abs=0.005)


def test_all_increments_of_table_1_agree_to_the_hundredth(audit: pd.DataFrame) -> None:
    increments = audit[audit.index.str.startswith("a-t1-")]
    assert len(increments) == 15
    assert increments["passed"].all()
    assert increments["tolerance"].max() < 0.016


def test_table_2_adds_up_to_the_text_and_to_table_1(audit: pd.DataFrame) -> None:
    for check in ("a-t2-sum-2015", "a-t2-sum-2020", "a-t2-population-2015", "a-t2-population-2020"):
        assert audit.loc[check, "passed"]
    assert len(audit[audit.index.str.startswith("a-t2-change-")]) == 13


def test_the_dependency_ratio_is_reproduced_from_the_census(audit: pd.DataFrame) -> None:
    assert audit.loc["a-t4-dependency", "computed"] == pytest.approx(32.754, abs=0.001)


def test_the_printed_fertility_does_not_fit_resident_births(audit: pd.DataFrame) -> None:
    row = audit.loc["a-t4-fertility"]
    assert row["printed"] == 1.33
    assert 0.88 < row["computed"] < 0.93


def test_the_bounds_on_births_and_natural_growth_cannot_hold_together(audit: pd.DataFrame) -> None:
    row = audit.loc["a-rate-natural-bound"]
    # 8 per mille less the 5.29 per mille of deaths that 9.92 and 4.63 leave.
    assert row["computed"] == pytest.approx(2.71)
    assert row["explained_by"] == "k-natural-bounds"


def test_the_five_districts_named_reach_the_printed_share_only_with_linping(audit: pd.DataFrame) -> None:
    assert audit.loc["a-share-five-named", "computed"] == pytest.approx(45.862, abs=0.001)
    assert audit.loc["a-share-five-linping", "passed"]
    assert audit.loc["a-share-core-new-scheme", "passed"]


def test_the_urban_area_would_have_to_grow_by_more_than_the_city(audit: pd.DataFrame) -> None:
    row = audit.loc["a-scale-city-area"]
    assert row["computed"] == pytest.approx(1100 - 874.1724)
    assert row["printed"] == pytest.approx(173.5)


def test_the_census_behind_the_printed_growth_is_not_the_year_end(audit: pd.DataFrame) -> None:
    assert audit.loc["a-scale-census", "computed"] == pytest.approx(1193.6, abs=0.05)


def test_the_dependency_ratio_follows_from_the_shares_of_the_text_alone(audit: pd.DataFrame) -> None:
    assert audit.loc["a-age-dependency", "computed"] == pytest.approx(32.75, abs=0.005)


def test_fewer_workers_in_per_cent_are_still_more_workers(audit: pd.DataFrame) -> None:
    assert audit.loc["a-age-labour-resident", "computed"] == pytest.approx(1370 * 0.6684, abs=0.01)
    assert audit.loc["a-age-labour-hukou", "passed"]


def test_growth_peaks_after_the_games_in_two_of_three_scenarios(audit: pd.DataFrame) -> None:
    assert [audit.loc[f"a-t3-peak-{name}", "computed"] for name in ("low", "medium", "high")] == [2023, 2023, 2021]


def test_talent_promised_one_by_one_is_a_third_of_the_rise(audit: pd.DataFrame) -> None:
    row = audit.loc["a-talent-promised"]
    assert row["computed"] == pytest.approx(19.95)
    assert row["printed"] == pytest.approx(335 - 280)


def test_a_bound_that_holds_with_the_deaths_passes(ledger: Ledger) -> None:
    changed = ledger.for_edition(2024)
    targets = changed.table("plan_targets").copy()
    place = targets["target_id"] == "T03"
    targets.loc[place, ["target_printed", "target_value"]] = [">8.5", 8.5]
    changed = replace(changed)
    put_table(changed, "plan_targets", targets)
    assert audit_plan(changed).set_index("check_id").loc["a-rate-natural-bound", "passed"]


def test_checks_wait_for_the_age_table_of_the_census(ledger: Ledger) -> None:
    early = audit_plan(ledger.for_edition(2021)).set_index("check_id")
    assert pd.isna(early.loc["a-t4-fertility", "passed"])


def test_the_implied_employment_exceeds_the_working_ages(audit: pd.DataFrame) -> None:
    row = audit.loc["a-talent-density"]
    assert row["computed"] == pytest.approx(1048.3, abs=0.05)
    assert row["printed"] == pytest.approx(836.92, abs=0.005)


def test_two_ways_to_employment_differ_by_a_third(audit: pd.DataFrame) -> None:
    row = audit.loc["a-employment"]
    assert row["printed"] == pytest.approx(280 / 2671 * 1e4)
    assert row["computed"] == pytest.approx(16206.8 / 21.9, rel=1e-3)
    assert row["explained_by"] == "k-talent-density"


def test_numbers_that_no_identity_uses_are_listed(ledger: Ledger) -> None:
    left = unchecked_quantities(ledger)
    every = ledger.plan.quantities["quantity_id"]
    assert set(left["quantity_id"]) < set(every) and left["quantity_id"].is_unique
    # 4.29 % and the density of talent are computed; the age limit of a leave cannot be.
    assert not {"q-c1-1-1-04", "q-c1-1-3-08", "q-c1-1-3-11"} & set(left["quantity_id"])
    assert "q-c3-1-4-01" in set(left["quantity_id"])


def test_a_restated_commitment_counts_as_computed(ledger: Ledger) -> None:
    left = set(unchecked_quantities(ledger)["quantity_id"])
    in_conflict = ledger.plan.commitments.dropna(subset=["conflict_group"])
    rows = ledger.plan.quantities.merge(in_conflict, left_on=["clause_id", "value"], right_on=["clause_id", "amount"])
    assert len(rows) and not left & set(rows["quantity_id"])


def test_the_difference_is_computed_minus_printed(audit: pd.DataFrame) -> None:
    known = audit.dropna(subset=["computed", "printed"])
    assert ((known["computed"] - known["printed"] - known["difference"]).abs() < 1e-9).all()


def test_every_check_names_an_existing_clause(ledger: Ledger, audit: pd.DataFrame) -> None:
    assert set(audit["clause_id"]) <= set(ledger.plan.clauses["clause_id"])


def test_check_ids_are_unique_and_columns_are_as_documented(ledger: Ledger) -> None:
    frame = audit_plan(ledger.for_edition(2020))
    assert frame["check_id"].is_unique
    assert list(frame.columns) == list(AUDIT_COLUMNS)


def test_a_changed_printed_number_fails_its_check(ledger: Ledger) -> None:
    tampered = replace(ledger.for_edition(2024))
    quantities = tampered.table("plan_quantities").copy()
    place = quantities["quantity_id"] == "q-c1-1-1-03"
    quantities.loc[place, ["printed", "value"]] = ["12.58%", 12.58]
    put_table(tampered, "plan_quantities", quantities)
    assert not audit_plan(tampered).set_index("check_id").loc["a-text-hukou-growth", "passed"]
