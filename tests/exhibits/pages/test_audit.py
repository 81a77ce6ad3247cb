from __future__ import annotations

import doctest
from dataclasses import replace

import pytest

from popbook.exhibits.model import Figure, Table
from popbook.exhibits.pages import audit
from popbook.exhibits.report import Report
from popbook.monitoring.audit import audit_plan


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(audit)
    assert results.attempted >= 1
    assert results.failed == 0


@pytest.mark.parametrize(
    ("value", "said"), [(0.0, "0人"), (-0.001, "0人"), (1500.0, "1500人"), (0.39, "0.39人"), (48.0, "48人")]
)
def test_numbers_keep_what_was_printed(value: float, said: str) -> None:
    assert audit.printed_number(value, "人") == said


def test_every_check_is_shown_once(report: Report) -> None:
    shown = [
        check_id
        for section in audit.audit(report)
        for block in section.blocks
        if isinstance(block, Table) and "check_id" in block.frame
        for check_id in block.frame["check_id"]
    ]
    assert sorted(shown) == sorted(audit_plan(report.ledger)["check_id"])


def test_a_deviation_names_what_explains_it(newest: Report) -> None:
    (table,) = (b for b in audit.deviations(newest, audit_plan(newest.ledger)).blocks if isinstance(b, Table))
    row = table.frame.set_index("check_id").loc["a-text-floating-growth"]
    assert (row["printed"], row["computed"]) == ("4.29%", "39.15%")
    assert row["explained"].startswith("勘误：")
    assert (table.frame["explained"] != "").all()


def test_the_summary_counts_every_check_once(report: Report) -> None:
    checks = audit_plan(report.ledger)
    figure = next(b for b in audit.deviations(report, checks).blocks if isinstance(b, Figure))
    assert figure.frame.drop(columns="类别").to_numpy().sum() == len(checks)
    assert figure.frame["不符"].sum() == checks["passed"].eq(False).fillna(False).sum()
    assert ("待核验" in figure.frame.columns) == bool(checks["passed"].isna().any())


def test_a_caution_is_given_only_while_its_check_fails(newest: Report) -> None:
    checks = audit_plan(newest.ledger)
    said = str(audit.deviations(newest, checks).blocks[-1])
    assert "不能相加" in said
    mended = checks.assign(passed=checks["passed"].mask(checks["check_id"] == "a-scale-concepts", True))
    assert "不能相加" not in str(audit.deviations(replace(newest, facts={}, results={}), mended).blocks[-1])


def test_conflicts_name_both_chapters(newest: Report) -> None:
    (table,) = (b for b in audit.deviations(newest, audit_plan(newest.ledger)).blocks if isinstance(b, Table))
    row = table.frame.set_index("check_id").loc["a-conflict-cf-digital-leaders"]
    assert row["formula"] == "同一事项：第三章60，第四章150"


def test_a_plan_without_deviations_is_said_to_agree(newest: Report) -> None:
    checks = audit_plan(newest.ledger)
    section = audit.deviations(newest, checks[checks["passed"].fillna(False)])
    assert "没有发现不符" in section.heading
    assert section.blocks == ()


def test_checks_are_among_the_results(newest: Report) -> None:
    audit.audit(newest)
    assert len(newest.results["plan_audit"]) == len(audit_plan(newest.ledger))


def test_numbers_left_alone_are_listed_with_their_place(newest: Report) -> None:
    section = audit.unchecked(newest)
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    assert f"{len(table.frame)}个" in section.heading
    assert table.frame["clause"].notna().all()
