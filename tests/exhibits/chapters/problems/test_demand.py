"""The demand rules as the chapter shows them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from popbook.exhibits.chapters.problems import demand
from popbook.exhibits.inline import plain_text
from popbook.exhibits.report import Report, open_report
from popbook.monitoring.demand import evaluate_demand

EDITIONS = (2020, 2024)


@pytest.fixture(params=EDITIONS)
def report(request: pytest.FixtureRequest) -> Report:
    return open_report(request.param, chapter="02_problems")


def test_words_name_every_rule_that_fires(report: Report) -> None:
    said = plain_text(demand.demand_words(report))
    fired = [w.name for w in evaluate_demand(report.ledger) if w.state == "触发"]
    assert f"触发{len(fired)}条：" in said
    assert all(name in said for name in fired)


def test_a_rule_that_stops_firing_leaves_the_sentence(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    calm = tuple(replace(w, state="未触发", false_alarms=0) for w in evaluate_demand(report.ledger))
    monkeypatch.setattr(demand, "known_demand", lambda ledger: calm)
    said = plain_text(demand.demand_words(replace(report, facts={}, results={})))
    assert "触发0条。" in said and "被下一版撤回（" not in said


def test_the_table_has_a_column_for_every_edition_so_far(report: Report) -> None:
    table = demand.demand_exhibit(report)
    shown = [column.label for column in table.columns if column.label.endswith("年度版")]
    assert shown == [f"{edition}年度版" for edition in range(2020, report.edition + 1)]
    assert len(table.frame) == len(evaluate_demand(report.ledger))
