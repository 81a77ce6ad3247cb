"""The cards of the warnings that are on: figure, distance, year, sparkline, and that no state is told by colour alone."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from popbook.exhibits.report import Report, open_report
from popbook.exhibits.warning_cards import warning_cards
from popbook.monitoring.demand import watch
from popbook.monitoring.warnings import FIRED


@pytest.fixture(scope="module")
def report() -> Report:
    return open_report(2024, chapter="warning_cards")


@pytest.fixture(scope="module")
def cards(report: Report) -> dict[str, str]:
    fired = [w for w in watch(report.ledger) if w.state == FIRED]
    found = BeautifulSoup(warning_cards(report, fired).markup, "html.parser").select(".pb-warning-card")
    return {w.rule_id: str(card) for w, card in zip(fired, found, strict=True)}


def said(card: str) -> str:
    return BeautifulSoup(card, "html.parser").get_text(" ", strip=True)


def test_a_card_says_figure_year_distance_state_and_since_when(cards: dict[str, str]) -> None:
    words = said(cards["w-ageing-share"])
    for part in ("60岁及以上占比越过上限", "首要", "20.5%", "2024年", "高于界限", "0.5个百分点", "▲", "触发", "2024年起"):
        assert part in words


def test_a_run_of_falls_is_counted(cards: dict[str, str]) -> None:
    assert "已连续3年减少" in said(cards["w-migration-fall"])


def test_an_outlier_names_its_district_and_its_score(cards: dict[str, str]) -> None:
    words = said(cards["w-imbalance-outlier-ageing"])
    assert "滨江区2020年" in words
    assert "低于各区县中位数 4.6个稳健标准差" in words


def test_demand_is_shown_as_a_forecast_beside_its_start(cards: dict[str, str]) -> None:
    assert "2029年预测 高于起点 33.6万人" in said(cards["d-care-rise"])


def test_the_state_is_told_by_shape_and_word(cards: dict[str, str]) -> None:
    for card in cards.values():
        badge = BeautifulSoup(card, "html.parser").select_one(".pb-status")
        assert badge is not None
        assert badge.text == "▲触发"


def test_only_levels_have_a_limit_drawn_through_the_figures(cards: dict[str, str]) -> None:
    assert "stroke-dasharray" in cards["w-ageing-share"]
    assert "stroke-dasharray" not in cards["w-ageing-pace"]


def test_only_the_headline_rules_are_called_so(cards: dict[str, str], report: Report) -> None:
    first = {w.rule_id for w in watch(report.ledger) if w.headline and w.state == FIRED}
    assert {key for key, card in cards.items() if "首要" in card} == first


def test_every_measured_number_is_a_registered_fact(cards: dict[str, str], report: Report) -> None:
    for card in cards.values():
        for link in BeautifulSoup(card, "html.parser").select("[data-fact]"):
            assert report.facts[str(link["data-fact"])].text("a").lstrip("−") == link.text.lstrip("−")
