from __future__ import annotations

import pytest

from popbook.exhibits.pages.model_cards import CARDS, accuracy_frame, model_cards
from popbook.exhibits.report import open_report
from popbook.forecasting.backtest import score_panel
from popbook.forecasting.concepts import forecast_concepts
from popbook.forecasting.trend import CANDIDATE_MEMBERS, TREND_MEMBERS


def test_every_member_has_a_card() -> None:
    ids = [card.id for card in CARDS]
    assert len(ids) == len(set(ids))
    assert {*TREND_MEMBERS, *CANDIDATE_MEMBERS, "factor", "cohort", "fixed_ratio", "combination"} <= set(ids)
    for card in CARDS:
        assert all((card.use, card.data, card.assumption, card.failure, card.avoid))


def test_accuracy_is_what_the_back_test_measures() -> None:
    report = open_report(2024, chapter="model_cards")
    table = accuracy_frame(report).set_index("member")
    panel = score_panel(report.ledger).set_index(["member", "h"])
    assert table.loc["theta", "panel3"] == pytest.approx(panel.loc[("theta", 3), "mae_percent"])
    members = set(forecast_concepts(report.ledger).resident.members["member"])
    for member, row in table.drop("combination").iterrows():
        assert (row["entered"] == "列入") == (member in members)
    assert table["city_n"].max() == 10  # four editions, one to four years each


def test_the_first_edition_says_that_nothing_is_measured() -> None:
    sections = model_cards(open_report(2020, chapter="model_cards"))
    assert not sections[0].blocks and "不能实测" in sections[0].lead
    assert all("没有实测误差" in str(section.blocks[0]) for section in sections[1:])
