from __future__ import annotations

import doctest

import pytest

from popbook.exhibits.model import NOT_PUBLISHED, Section, Table
from popbook.exhibits.pages import dictionary
from popbook.exhibits.report import Report
from popbook.ledger.datapackage import Field


def table_of(section: Section) -> Table:
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    return table


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(dictionary)
    assert results.attempted >= 1
    assert results.failed == 0


@pytest.mark.parametrize(
    ("constraints", "said"),
    [
        ({}, ""),
        ({"enum": ["P", "R", "E"]}, "`P`、`R`、`E`"),
        ({"required": True, "unique": True}, "必填；不重复"),
        ({"minimum": 1900, "maximum": 2100}, "1900—2100"),
        ({"maximum": 100}, "不大于100"),
    ],
)
def test_constraints_are_said_in_words(constraints: dict, said: str) -> None:
    assert dictionary.allowed_values(Field("f", "string", "", "", constraints)) == said


def test_every_indicator_of_the_edition_is_listed_once(report: Report) -> None:
    frame = table_of(dictionary.indicators(report)).frame
    listed = set(frame["indicator_id"])
    assert len(listed) == len(frame)
    assert set(report.ledger.observations["indicator_id"]) <= listed <= set(report.ledger.indicators)
    assert set(report.ledger.plan.targets["indicator_id"]) <= listed
    shown = zip(frame["definition"], frame["indicator_id"], strict=True)
    assert all(definition.endswith(f"`{indicator_id}`") for definition, indicator_id in shown)


def test_no_edition_lists_years_after_its_own(report: Report) -> None:
    frame = table_of(dictionary.indicators(report)).frame
    named = frame["years"].str.findall(r"\d{4}").explode().dropna().astype(int)
    assert named.max() <= report.edition


def test_an_indicator_without_a_figure_is_said_to_be_unpublished(oldest: Report, newest: Report) -> None:
    def years(report: Report, indicator_id: str) -> str:
        frame = table_of(dictionary.indicators(report)).frame.set_index("indicator_id")
        return str(frame.loc[indicator_id, "years"])

    assert years(newest, "census_population") == "2000、2010、2020；区县市2010、2020"
    assert years(oldest, "resident_share_15_59") == NOT_PUBLISHED
    assert not years(newest, "resident_share_15_59").startswith(NOT_PUBLISHED)


def test_an_indicator_that_nobody_had_heard_of_is_not_listed_yet(oldest: Report, newest: Report) -> None:
    assert "gdp_per_capita" not in set(table_of(dictionary.indicators(oldest)).frame["indicator_id"])
    assert "gdp_per_capita" in set(table_of(dictionary.indicators(newest)).frame["indicator_id"])


def test_groups_stand_together(newest: Report) -> None:
    groups = table_of(dictionary.indicators(newest)).frame["group"]
    assert (groups != groups.shift()).sum() == groups.nunique()


def test_every_table_and_column_of_the_descriptor_is_listed(newest: Report) -> None:
    resources = newest.ledger.package.resources
    tables = table_of(dictionary.tables(newest)).frame
    assert list(tables["path"]) == [resource.path for resource in resources.values()]
    fields = table_of(dictionary.fields(newest)).frame
    assert len(fields) == sum(len(resource.fields) for resource in resources.values())


def test_an_older_edition_sees_fewer_observations(oldest: Report, newest: Report) -> None:
    def rows(report: Report) -> int:
        frame = table_of(dictionary.tables(report)).frame.set_index("path")
        return int(frame.loc["observations.csv", "rows"])

    assert rows(oldest) == len(oldest.ledger.observations) < rows(newest)


def test_what_a_source_does_not_say_is_said_to_be_missing(newest: Report) -> None:
    frame = table_of(dictionary.indicators(newest)).frame.set_index("indicator_id")
    for indicator in newest.ledger.indicators.values():
        unstated = "unstated" in (indicator.basis, indicator.reference)
        assert ("未说明" in frame.loc[indicator.indicator_id, "concept"]) == unstated
