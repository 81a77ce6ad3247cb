from __future__ import annotations

import pandas as pd

from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import Table
from popbook.exhibits.pages import sources
from popbook.exhibits.report import Report


def test_every_source_of_an_observation_is_listed(report: Report) -> None:
    named = {use.source.source_id for use in sources.sources_used(report.ledger)}
    assert set(report.ledger.observations["source_id"]) <= named
    assert report.plan_source in named


def test_only_method_inputs_may_be_younger_than_the_edition(report: Report) -> None:
    cut_off = report.ledger.cut_off
    late = [use for use in sources.sources_used(report.ledger) if use.source.published > str(cut_off)]
    assert all(use.is_method and not use.observations for use in late)


def test_titles_and_publishers_are_printed(newest: Report) -> None:
    (table,) = (block for block in sources.used(newest).blocks if isinstance(block, Table))
    row = table.frame.set_index("source_id").loc["`hz-plan-2021`"]
    assert row["source"] == "杭州市发展和改革委员会《杭州市人口发展“十四五”规划（征求意见稿）》（2021年6月）"


def test_each_conflict_marks_exactly_one_value_as_used(report: Report) -> None:
    for section in (sources.conflicts(report), sources.revisions(report)):
        for block in section.blocks:
            if isinstance(block, Table):
                used = (block.frame["used"] == "采用").groupby(block.frame["what"]).sum()
                assert (used == 1).all()
                assert (block.frame.groupby("what").size() > 1).all()


def test_the_rebased_residents_replace_the_first_published(oldest: Report, newest: Report) -> None:
    def used(report: Report) -> pd.DataFrame:
        (table,) = (block for block in sources.revisions(report).blocks if isinstance(block, Table))
        return table.frame[table.frame["used"] == "采用"].set_index("what")["value"]

    assert used(newest)["杭州市2019年末常住人口（万人）"] == "1161.3"
    assert "杭州市2019年末常住人口（万人）" not in used(oldest)


def test_the_heading_counts_the_conflicts(newest: Report) -> None:
    rivals = newest.ledger.conflicts()
    number = len(rivals[rivals["kind"] == "conflict"][["indicator_id", "region_id", "year"]].drop_duplicates())
    assert f"{number}处冲突" in plain_text(sources.conflicts(newest).heading)


def test_every_vintage_of_the_ledger_has_a_chinese_name(newest: Report) -> None:
    assert set(newest.ledger.observations["vintage"]) <= set(sources.VINTAGES_ZH)
