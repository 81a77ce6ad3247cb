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
    monkeypatch.setattr(demand, "evaluate_demand", lambda ledger: calm)
    said = plain_text(demand.demand_words(replace(report, facts={}, results={})))
    assert said.endswith("触发0条。")


def test_the_table_says_the_state_of_every_rule_and_why(report: Report) -> None:
    frame = demand.demand_exhibit(report).frame
    known = evaluate_demand(report.ledger)
    assert [state[2:] for state in frame["state"]] == [w.state for w in known]
    assert frame["reason"].str.len().min() > 0
