from __future__ import annotations

from dataclasses import replace

import pytest

from popbook.exhibits.chapters import projects
from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import NARROW, WIDE, Figure, Layout, Section, Table
from popbook.exhibits.report import Report, open_report, section_exhibits, section_payload
from popbook.ledger.store import read_ledger
from tests.ledger.plain import plain, put_table

EDITIONS = sorted(read_ledger().editions)
SECTIONS = (
    projects.opener, projects.register, projects.timeline, projects.engineering, projects.tasks,
    projects.evidence, projects.conflicts,
)


def _report(edition: int) -> Report:
    return open_report(edition, chapter="05_projects")


def _without_evidence(report: Report, commitment_id: str) -> Report:
    """Return the report as it would be if nothing had been published about one commitment."""
    ledger = replace(plain(report.ledger))
    evidence = ledger.table("plan_evidence", as_published=False)
    put_table(ledger, "plan_evidence", evidence[evidence["commitment_id"] != commitment_id])
    return replace(report, ledger=ledger, facts={}, results={})


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("section", SECTIONS, ids=lambda f: f.__name__)
def test_every_section_stands_in_every_edition(section: object, edition: int) -> None:
    report = _report(edition)
    made: Section = section(report)  # type: ignore[operator]
    payload = section_payload(made, report)
    assert payload["myst"].startswith(f"({made.id})=")
    assert "nan" not in payload["myst"].lower()


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_commitment_of_the_plan_stands_in_exactly_one_table(edition: int) -> None:
    report = _report(edition)
    tables = [
        block for make in (projects.engineering, projects.tasks) for block in section_exhibits(make(report))
        if isinstance(block, Table)
    ]
    shown = [key for table in tables for key in table.frame["commitment_id"]]
    assert sorted(shown) == sorted(report.ledger.plan.commitments["commitment_id"])


def test_the_heading_counts_what_the_register_says() -> None:
    report = _report(2024)
    rows = projects.counted(projects.register_frame(report))
    words = plain_text(projects.opener(report).heading)
    assert f"{len(rows)}项量化承诺" in words
    assert f"{(rows['state'] == '完成').sum()}项公布完成" in words
    assert f"{(rows['state'] == '未公布').sum()}项未见任何公布" in words


def test_a_number_that_is_only_an_age_is_not_counted_as_a_promise() -> None:
    rows = projects.register_frame(_report(2024))
    scope = rows[rows["amount_kind"] == "scope"]
    assert len(scope) > 0
    assert not set(scope["commitment_id"]) & set(projects.counted(rows)["commitment_id"])


def test_the_rail_network_is_reported_complete_once_it_was_published() -> None:
    rows = projects.register_frame(_report(2024)).set_index("commitment_id")
    assert rows.at["cm-c3-3-2-05", "state"] == "完成"
    assert "516公里" in rows.at["cm-c3-3-2-05", "known"]


def test_the_sentence_on_what_is_due_follows_the_evidence() -> None:
    report = _report(2024)
    assert plain_text(projects.timeline(report).heading) == "期限已过6项，3项公布完成"
    silent = _without_evidence(report, "cm-c3-3-2-05")
    assert plain_text(projects.timeline(silent).heading) == "期限已过6项，2项公布完成"
    assert "轨道交通骨干网络总长度" in projects.timeline(silent).lead


def _timeline(report: Report) -> Figure:
    return next(e for e in section_exhibits(projects.timeline(report)) if isinstance(e, Figure))


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_timeline_draws_every_promise_with_evidence_or_past_its_due_date(edition: int) -> None:
    report = _report(edition)
    rows = projects.counted(projects.register_frame(report))
    told = rows[(rows["evidence_count"] > 0) | (rows["state"] == "逾期未见公布")]
    frame = _timeline(report).frame
    assert set(frame["事项"]) == set(told["name_zh"])
    assert frame["日期"].dropna().max() <= str(report.about.cut_off)


def test_the_timeline_loses_a_promise_that_nothing_is_known_about() -> None:
    report = _report(2024)
    assert "新增高技能人才" in set(_timeline(report).frame["事项"])
    assert "新增高技能人才" not in set(_timeline(_without_evidence(report, "cm-c4-5-4-01")).frame["事项"])


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_the_timeline_can_be_drawn(layout: Layout) -> None:
    chart = _timeline(_report(2024)).draw(layout)
    assert chart.padding["left"] + chart.width + chart.padding["right"] == layout.width


def test_published_periods_are_added_up_as_a_lower_bound() -> None:
    report = _report(2024)
    said = plain_text("".join(block for block in projects.evidence(report).blocks if isinstance(block, str)))
    assert "改造老旧小区，2021年1—10月、2023年1—7月、2024年合计645个，为规划数的72%" in said
    silent = _without_evidence(report, "cm-c4-6-2-01")
    assert "改造老旧小区" not in "".join(b for b in projects.evidence(silent).blocks if isinstance(b, str))


def test_nothing_is_due_in_the_first_edition() -> None:
    assert "都未到期" in plain_text(projects.timeline(_report(2020)).heading)


def test_both_numbers_of_a_conflict_are_shown() -> None:
    table = section_exhibits(projects.conflicts(_report(2024)))[0]
    assert isinstance(table, Table)
    leaders = table.frame[table.frame["conflict_group"] == "cf-digital-leaders"]
    assert sorted(leaders["promised"]) == ["不少于150名", "不少于60名"]
    assert sorted(leaders["clause"]) == ["三（二）3", "四（五）2"]


def test_the_leads_of_the_registers_say_where_something_was_published() -> None:
    report = _report(2024)
    assert plain_text(projects.engineering(report).lead) == (
        "有公布的是招才引智杭聚工程1项和居住空间优化工程8项；其余20项未见公布，写“未公布”，不作推算。"
    )
    silent = _without_evidence(report, "cm-c4-5-4-01")
    assert "有公布的是居住空间优化工程8项" in plain_text(projects.engineering(silent).lead)


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_note_is_not_repeated_for_every_row_it_speaks_of(edition: int) -> None:
    for exhibit in section_exhibits(projects.tasks(_report(edition))):
        assert sum("不计入承诺数" in note for note in exhibit.notes) <= 1


def test_amounts_are_printed_as_the_plan_prints_them() -> None:
    promised = projects.register_frame(_report(2024)).set_index("commitment_id")["promised"]
    assert promised["cm-c4-5-4-01"] == "15万名"
    assert promised["cm-c4-6-2-02"] == "约2800万平方米"
    assert promised["cm-c3-2-3-03"] == "5万人次"
