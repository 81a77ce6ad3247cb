from __future__ import annotations

import pytest

from popbook.exhibits.chapters import trends
from popbook.exhibits.chapters.trends.evidence import concept_outlook, near_year
from popbook.exhibits.inline import plain_text
from popbook.forecasting.backtest import score_panel
from tests.exhibits.chapters.trends.ledgers import (
    EDITIONS,
    report_of,
    section_of,
    table_of,
    with_plan_path,
    words,
)


def test_the_plan_is_placed_against_the_intervals() -> None:
    lead = plain_text(section_of("resident", 2024).lead)
    assert lead.endswith("规划2025年的低方案1342万人、中方案1370万人和高方案1423万人都在95%区间之外。")
    moved = plain_text(trends.resident(with_plan_path(2024, "resident", "low", 2025, 1280)).lead)
    assert "低方案1280万人在80%区间之内，中方案1370万人和高方案1423万人都在95%区间之外" in moved


def test_the_policy_follows_the_place_of_the_plan() -> None:
    assert "在95%区间之外" in section_of("resident", 2024).policy
    assert "在95%区间之外" not in trends.resident(with_plan_path(2024, "resident", "medium", 2025, 1276)).policy
    assert "分期建设" in section_of("resident", 2020).policy


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("concept", ["resident", "hukou", "floating"])
def test_the_table_sets_plan_and_naive_beside_the_forecast(concept: str, edition: int) -> None:
    table = table_of(section_of(concept, edition), f"tbl-forecast-{concept}")
    year = near_year(report_of(edition), concept)
    cells = table.frame.set_index("name")[str(year)]
    outlook = concept_outlook(report_of(edition), concept, year)
    assert f"{cells['中位数']}万人" == outlook.point.text()
    assert f"{cells['95%上限']}万人" == outlook.hi95.text()
    assert cells["中方案"] == f"{report_of(edition).ledger.plan.path(concept, 'medium')[year]:.0f}"
    assert {"维持末值", "近五年平均增速", "近三年平均增量"} <= set(cells.index)


@pytest.mark.parametrize("concept", ["resident", "hukou"])
def test_a_combination_that_does_not_beat_the_naive_says_so(concept: str) -> None:
    ledger = report_of(2024).ledger
    wide = score_panel(ledger, {"resident": "resident-rebased", "hukou": "hukou"}[concept]).pivot(
        index="h", columns="member", values="mae_percent"
    )
    best = wide[["random_walk", "drift", "last_increment"]].min(axis=1)
    lost = [h for h in wide.index if wide.at[h, "combination"] >= best[h]]
    text = "".join(words(section_of(concept, 2024)))
    assert ("没有胜过最好的朴素基准" in text) == bool(lost)
    assert ("组合都没有胜过" in text) == (len(lost) == len(wide))


def test_the_first_edition_claims_no_victory_it_could_not_measure() -> None:
    assert "不作优于基准的说法" in "".join(words(section_of("resident", 2020)))


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_floating_population_is_unpublished_after_the_census_year(edition: int) -> None:
    section = section_of("floating", edition)
    assert ("2020年后未公布" in section.heading) == (edition > 2020)
    assert "不能实测" in "".join(words(section))


def test_hukou_years_that_passed_unpublished_stay_forecasts() -> None:
    assert "2022—2024年已经过去，但没有主管部门公布数" in "".join(words(section_of("hukou", 2024)))
    assert "已经过去" not in "".join(words(section_of("hukou", 2020)))
