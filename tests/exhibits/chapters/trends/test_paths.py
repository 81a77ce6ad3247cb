from __future__ import annotations

import pytest

from popbook.exhibits.chapters import trends
from popbook.exhibits.chapters.trends.paths import needed_growth
from popbook.exhibits.inline import plain_text
from tests.exhibits.chapters.trends.ledgers import (
    EDITIONS,
    report_of,
    section_of,
    table_of,
    with_value,
    words,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1262.4, "低于规划低方案54.6万人"),
        (1320.0, "在低方案与中方案之间，低于中方案16.0万人"),
        (1350.0, "在中方案与高方案之间，高于中方案14.0万人"),
        (1400.0, "高于规划高方案23.0万人"),
    ],
)
def test_the_heading_follows_the_latest_value(value: float, expected: str) -> None:
    report = with_value(2024, "resident_population", 2024, value)
    assert plain_text(trends.plan_paths(report).heading) == f"2024年常住人口{value:.1f}万人，{expected}"


@pytest.mark.parametrize(("edition", "gap"), [(2021, 5.6), (2022, 19.4), (2023, 38.8), (2024, 54.6)])
def test_each_edition_measures_its_own_year(edition: int, gap: float) -> None:
    assert plain_text(section_of("plan_paths", edition).heading).endswith(f"低于规划低方案{gap}万人")


def test_the_first_edition_has_nothing_to_compare() -> None:
    assert plain_text(section_of("plan_paths", 2020).heading) == "规划三条路径2025年为1342万—1423万人，本版尚无可对照的实际数"


def test_what_would_have_to_be_true_is_reckoned_from_the_latest_value() -> None:
    report = report_of(2024)
    now = report.ledger.latest("resident_population")
    assert now is not None
    needed = needed_growth(report, now).set_index("scenario")
    assert needed["yearly"].round(1).to_dict() == {"low": 79.6, "medium": 107.6, "high": 160.6}
    text = "".join(words(section_of("plan_paths", 2024)))
    assert "2025年一年须增加107.6万人" in text
    assert "2024年实际增加10.2万人" in text


def test_a_path_that_is_already_reached_needs_nothing() -> None:
    text = "".join(words(trends.plan_paths(with_value(2024, "resident_population", 2024, 1375.0))))
    assert "已经达到规划中方案2025年的水平" in text


def test_years_nobody_published_read_so_and_later_years_do_not() -> None:
    table = table_of(section_of("plan_paths", 2024), "tbl-plan-paths").frame
    floating = table[table["concept"] == "登记流动人口"].set_index("year")["actual"]
    assert floating["2024年"] == "未公布"
    assert floating["2025年"] == "—"


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_paths_are_called_scenarios_and_never_intervals(edition: int) -> None:
    text = "".join(words(section_of("plan_paths", edition)))
    assert "规划方案，不是预测区间" in text
    assert "没有给出概率" in text
