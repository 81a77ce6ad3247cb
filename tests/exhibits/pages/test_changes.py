"""The page of changes: its finding, its tables, and that every printed sum is right."""

from __future__ import annotations

import re

import pytest

from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import Figure, Section, Table
from popbook.exhibits.pages.changes import TERM_NAMES, changes, changes_between
from popbook.exhibits.plain import plain_sections
from popbook.exhibits.render import draw_figure
from popbook.exhibits.report import Report, open_report, section_payload
from tests.exhibits.amending import amended


def tables_of(sections: tuple[Section, ...]) -> dict[str, Table]:
    return {block.id: block for section in sections for block in section.blocks if isinstance(block, Table)}


def test_the_first_edition_says_that_it_has_no_predecessor(oldest: Report) -> None:
    (section,) = changes(oldest)
    assert section.heading == "2020年度版是第一版，没有上一版可比"


def test_the_finding_of_2024(newest: Report) -> None:
    heading = plain_text(changes(newest)[0].heading)
    assert heading.startswith("60岁及以上比重由“难以达成”转为“已突破”")
    assert re.search(r"2035年常住人口预测[上下]调\d+\.\d万人", heading)


def test_printed_terms_add_up_to_the_printed_change(report: Report) -> None:
    for table in tables_of(changes(report)).values():
        if table.id == "tbl-changes-forecast":
            for row in table.frame.to_dict("records"):
                assert round(row["after"] - row["before"], 1) == row["change"]
                assert round(sum(row[name] for name in TERM_NAMES), 1) == row["change"]


def test_the_waterfall_shows_the_terms_of_the_last_year_and_their_sum(newest: Report) -> None:
    section = next(s for s in changes(newest) if s.id == "changes-forecast")
    figure = next(b for b in section.blocks if isinstance(b, Figure))
    last = tables_of((section,))["tbl-changes-forecast"].frame.iloc[-1]
    drawn = figure.frame.set_index("项目")["变化"]
    assert drawn.drop("合计变化").to_dict() == {TERM_NAMES[name]: last[name] for name in TERM_NAMES}
    assert drawn["合计变化"] == last["change"]
    assert re.fullmatch(r"2035年常住人口预测下调27\.4万人，净迁入一项−26\.6万人", figure.title)
    assert set(draw_figure(figure)["svg"]) == {"wide", "narrow", "titled"}


def test_the_new_jump_off_is_the_same_in_every_year(newest: Report) -> None:
    assert tables_of(changes(newest))["tbl-changes-forecast"].frame["jump_off"].nunique() == 1


def test_revisions_name_old_value_new_value_and_reason() -> None:
    report = open_report(2021, chapter="pages")
    rows = tables_of(changes(report))["tbl-changes-revised"].frame.set_index(["name", "year"])
    row = rows.loc[("年末常住人口", 2019)]
    assert row[["before", "value", "difference"]].tolist() == ["1036.0", "1161.3", "+125.3"]
    assert row["reason"] == "数据版次改变：首次公布→按七普修订"


def test_no_difference_across_a_break_is_printed() -> None:
    report = amended(2024, ("gdp", 2024, 21860.0), chapter="changes")
    rows = tables_of(changes_between(report, 2023))["tbl-changes-new"].frame.set_index("name")
    assert rows.loc["地区生产总值", "change"] == ""
    assert rows.loc["年末常住人口", "change"] != ""


def test_a_figure_that_keeps_the_ceiling_takes_the_finding_away() -> None:
    report = amended(2024, ("resident_share_60plus", 2024, 19.9), chapter="changes")
    heading = plain_text(changes_between(report, 2023)[0].heading)
    assert "已突破" not in heading


def test_any_two_editions_can_be_compared() -> None:
    report = open_report(2024, chapter="changes")
    sections = changes_between(report, 2020)
    for section in sections:
        section_payload(section, report)
    assert "2020年度版" in plain_sections(sections)


@pytest.mark.parametrize("edition", [2021, 2022, 2023, 2024])
def test_the_page_is_read_in_two_minutes(edition: int) -> None:
    """Some 400 characters a minute: the summary must fit, tables are looked up."""
    report = open_report(edition, chapter="pages")
    summary = changes(report)[0]
    text = plain_text("".join([summary.heading, summary.lead, *map(str, summary.blocks)]))
    assert len(text) < 800
