from __future__ import annotations

import pickle

import pytest

from popbook.ledger.errors import (
    SHOWN_PROBLEMS,
    ConceptError,
    DataError,
    NotebookError,
    PopbookError,
    Problem,
    UsageError,
)


def problem(row: int = 2) -> Problem:
    return Problem("a.csv", row, "value", "type", "“x”不是数", "只写数字")


def test_message_says_where_what_and_what_to_do():
    assert str(PopbookError("没有该年", "a.csv", "补上")) == "a.csv：没有该年 → 补上"


def test_message_without_place_or_remedy_has_no_leftover_signs():
    assert str(PopbookError("没有该年")) == "没有该年"


def test_problem_prints_as_one_line_with_file_row_and_column():
    assert str(problem(12)) == "a.csv:12:value  type  “x”不是数 → 只写数字"


def test_problem_of_a_whole_file_prints_no_row():
    assert str(Problem("a.csv", 0, "", "bom", "有 BOM", "另存")).startswith("a.csv::  bom")


def test_wrong_usage_exits_with_two_and_everything_else_with_one():
    assert UsageError("x").exit_code == 2
    assert (
        ConceptError("x").exit_code == NotebookError("x").exit_code == DataError([problem()]).exit_code == 1
    )


def test_data_error_keeps_all_problems_and_shows_the_first():
    error = DataError([problem(row) for row in range(2, 40)])
    assert len(error.problems) == 38
    assert str(error).count("a.csv:") == SHOWN_PROBLEMS
    assert f"另有 {38 - SHOWN_PROBLEMS} 处" in str(error)


@pytest.mark.parametrize("error", [ConceptError("甲", "乙", "丙"), DataError([problem(), problem(3)])])
def test_errors_survive_the_way_between_processes(error: PopbookError):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error) and str(again) == str(error)
