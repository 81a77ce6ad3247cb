from __future__ import annotations

import doctest
from dataclasses import replace

from popbook.exhibits.model import Table
from popbook.exhibits.pages import corrections
from popbook.exhibits.report import Report
from popbook.ledger.model import Break
from tests.ledger.plain import plain


def test_every_correction_is_shown_with_what_was_printed(report: Report) -> None:
    (table,) = (block for block in corrections.printed(report).blocks if isinstance(block, Table))
    shown = set(zip(table.frame["printed"], table.frame["used"], table.frame["reason"], strict=True))
    assert shown == {(item.printed, item.used, item.reason) for item in report.ledger.corrections}


def test_the_unit_slip_of_the_birth_rate_is_among_them(newest: Report) -> None:
    (table,) = (block for block in corrections.printed(newest).blocks if isinstance(block, Table))
    assert (table.frame["used"] == "9.92‰").sum() == 1


def test_a_break_announced_after_the_cut_off_is_not_shown(oldest: Report, newest: Report) -> None:
    old = {item.break_id for item in corrections.breaks_known(oldest.ledger)}
    new = {item.break_id for item in corrections.breaks_known(newest.ledger)}
    assert old < new
    assert "resident-2020-rebasing" in old
    assert "gdp-2024-rebasing" in new - old


def test_breaks_of_one_name_stand_together(report: Report) -> None:
    (table,) = (block for block in corrections.breaks(report).blocks if isinstance(block, Table))
    names = table.frame["name"]
    assert (names != names.shift()).sum() == names.nunique()
    assert len(table.frame) == len(corrections.breaks_known(report.ledger))


def test_a_ledger_without_breaks_says_so(newest: Report) -> None:
    bare = replace(newest, ledger=replace(plain(newest.ledger), breaks=(), corrections=()))
    assert corrections.breaks(bare).blocks == ()
    assert "没有" in corrections.printed(bare).heading


def test_every_kind_of_break_has_a_chinese_name(newest: Report) -> None:
    assert {item.kind for item in newest.ledger.breaks} <= set(corrections.BREAK_KINDS_ZH)


def test_a_break_of_all_indicators_is_said_to_be_one(newest: Report) -> None:
    everywhere = Break("b", "", "", 2021, "scope", "", "换口径", "说明", "hz-plan-2021")
    alone = replace(newest, ledger=replace(plain(newest.ledger), breaks=(everywhere,)))
    (table,) = (block for block in corrections.breaks(alone).blocks if isinstance(block, Table))
    assert table.frame.loc[0, ["indicator", "where", "name"]].tolist() == ["全部指标", "全部地区", "换口径（2020与2021年之间）"]


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(corrections)
    assert results.attempted >= 1
    assert results.failed == 0


def test_every_clause_has_a_place(newest: Report) -> None:
    places = corrections.clause_places(newest.ledger)
    assert set(places) == set(newest.ledger.plan.clauses["clause_id"])
    assert all(places.values())
    assert places["b1-1"] == "四（七）专栏"
    assert places["c1-1-3-n1"] == "一（一）3脚注"
