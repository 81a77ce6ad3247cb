from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from popbook.exhibits.board import spark_values, target_board
from popbook.exhibits.files import ASSETS, exhibits_css
from popbook.exhibits.report import Report
from popbook.exhibits.target_facts import target_statuses
from popbook.exhibits.theme import STATUS_SHAPES
from tests.exhibits.amending import EDITIONS, amended, report_of


def cards(report: Report) -> dict[str, Tag]:
    page = BeautifulSoup(target_board(report).markup, "html.parser")
    return {card.select_one(".pb-card-name").text: card for card in page.select(".pb-card")}


def values(report: Report, target_id: str) -> list[tuple[int, float | None]]:
    return spark_values(report, next(s for s in target_statuses(report) if s.target_id == target_id))


@pytest.mark.parametrize("edition", EDITIONS)
def test_sixteen_cards_in_the_four_groups_of_the_plan(edition: int) -> None:
    page = BeautifulSoup(target_board(report_of(edition)).markup, "html.parser")
    groups = {g.select_one(".pb-board-head b").text: len(g.select(".pb-card")) for g in page.select(".pb-board-group")}
    assert groups == {"人口规模": 5, "人口结构": 4, "人口素质": 6, "人口分布": 1}


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_status_is_a_word_with_its_shape(edition: int) -> None:
    report = report_of(edition)
    for status, card in zip(target_statuses(report), cards(report).values(), strict=True):
        badge = card.select_one(".pb-card-state .pb-status").text
        assert badge == STATUS_SHAPES[status.status] + status.status


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_number_is_a_registered_fact(edition: int) -> None:
    report = report_of(edition)
    named = re.findall(r'data-fact="([^"]+)"', target_board(report).markup)
    assert len(named) >= 2 * 16
    assert set(named) <= set(report.facts)


def test_the_summary_counts_every_card_once() -> None:
    page = BeautifulSoup(target_board(report_of(2024)).markup, "html.parser")
    counted = {item.select_one(".pb-status").text[1:]: int(item.select_one("b").text) for item in page.select(".pb-board-sum li")}
    assert sum(counted.values()) == 16
    assert (counted["已突破"], counted["难以达成"]) == (1, 1)


def test_a_card_without_figure_says_so_and_gives_the_last_one_known() -> None:
    value = cards(report_of(2024))["户籍出生率"].select_one(".pb-card-value").text
    assert value == "未公布最近2020年9.92‰"


def test_a_published_figure_takes_the_place_of_the_missing_one() -> None:
    card = cards(amended(2024, ("hukou_birth_rate", 2024, 7.5)))["户籍出生率"]
    assert card.select_one(".pb-card-value").text == "7.50‰2024年"
    assert card.select_one(".pb-status").text == "■已突破"


def test_the_edition_of_the_base_year_shows_where_the_targets_start() -> None:
    assert cards(report_of(2020))["常住人口"].select_one(".pb-card-value").text == "1196.5万人2020年（基期）"


def test_the_line_does_not_join_a_census_base_to_yearly_figures() -> None:
    assert values(report_of(2024), "T09")[:3] == [(2020, 16.87), (2021, None), (2021, 17.3)]


def test_the_line_does_not_bridge_a_year_without_figure() -> None:
    assert (2024, None) in values(report_of(2024), "T16")


def test_the_line_joins_figures_of_one_concept() -> None:
    assert values(report_of(2024), "T01") == [
        (2020, 1196.5), (2021, 1220.4), (2022, 1237.6), (2023, 1252.2), (2024, 1262.4),
    ]  # fmt: skip


def test_the_line_knows_nothing_of_later_years() -> None:
    assert max(year for year, _ in values(report_of(2022), "T01")) == 2022


def test_a_doubtful_figure_is_not_drawn() -> None:
    assert all(year < 2022 for year, _ in values(report_of(2024), "T02"))


def test_the_board_needs_no_script_and_no_inline_style() -> None:
    markup = target_board(report_of(2024)).markup
    assert not re.search(r"<script|\son\w+=|\sstyle=", markup)


def test_the_sheet_of_the_site_holds_the_board() -> None:
    assert ".pb-board" in exhibits_css()


@pytest.mark.parametrize("sheet", sorted(ASSETS.glob("*.css")), ids=lambda path: path.name)
def test_every_sheet_closes_what_it_opens(sheet: Path) -> None:
    # Sheets are joined into one: a brace too many in one of them takes away the first rule of the next.
    depth = 0
    for brace in re.findall(r"[{}]", sheet.read_text(encoding="utf-8")):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
