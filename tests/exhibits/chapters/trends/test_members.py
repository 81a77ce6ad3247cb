from __future__ import annotations

import pytest

from popbook.exhibits.chapters.trends.evidence import forecasts_of
from popbook.exhibits.chapters.trends.members import _gdp_words, _sign_words
from popbook.exhibits.inline import plain_text
from tests.exhibits.chapters.trends.ledgers import EDITIONS, report_of, section_of, table_of, words


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_heading_spans_the_members(edition: int) -> None:
    members = forecasts_of(report_of(edition)).resident.members
    last = members[members["year"] == 2035]["value"]
    heading = plain_text(section_of("models", edition).heading)
    assert heading.startswith(f"{len(last)}个模型2035年由{last.min():.0f}到{last.max():.0f}万人")


def test_a_member_that_loses_to_the_last_value_is_named_and_left_out() -> None:
    forecast = forecasts_of(report_of(2024)).resident
    assert forecast.skill["log_linear"] > 1
    assert "对数线性趋势连维持末值也没有胜过，不列入组合" in "".join(words(section_of("models", 2024)))
    table = table_of(section_of("models", 2024), "tbl-members").frame.set_index("name")
    assert table.loc["对数线性趋势", "kind"] == "未列入"
    assert table.loc["对数线性趋势", "verdict"] == "不优于"


def test_the_first_edition_cannot_judge_its_members() -> None:
    table = table_of(section_of("models", 2020), "tbl-members").frame
    assert set(table[table["kind"] != "朴素基准"]["verdict"]) == {"不能检验"}


def test_the_rebuilt_decade_is_shown_only_where_it_was_used() -> None:
    ids = {edition: [getattr(block, "id", "") for block in section_of("models", edition).blocks] for edition in (2020, 2021)}
    assert "fig-splice" in ids[2020]
    assert "fig-splice" not in ids[2021]


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_regression_prints_its_size_and_errors_or_says_that_there_is_none(edition: int) -> None:
    section = section_of("factor", edition)
    regression = forecasts_of(report_of(edition)).regression
    if regression is None:
        assert "不作估计" in section.heading
        return
    table = table_of(section, "tbl-factor-regression")
    assert f"n＝{regression.n}" in table.title
    assert table.frame["standard_error"].tolist() == regression.coefficients["standard_error"].tolist()
    assert "不能说明" in "".join(words(section))


@pytest.mark.parametrize(
    ("coefficient", "t", "expected"),
    [(0.02, 0.7, "没有显著差别"), (0.2, 3.0, "显著为正"), (-0.2, -3.0, "显著为负，与预期相反")],
)
def test_the_words_on_growth_of_output_follow_its_coefficient(coefficient: float, t: float, expected: str) -> None:
    assert expected in _gdp_words({"coefficient": coefficient, "t": t})


def test_a_sign_against_expectation_is_said() -> None:
    lag = {"name_zh": "上年增速", "coefficient": 0.5, "t": 9.0}
    wrong = {"name_zh": "经济增速", "coefficient": -0.2, "t": -3.0}
    assert "与预期不符" in _sign_words(lag, wrong)
    assert "与预期不符" not in _sign_words(lag, {**wrong, "coefficient": 0.2, "t": 3.0})
