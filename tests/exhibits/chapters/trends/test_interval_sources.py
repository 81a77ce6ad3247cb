from __future__ import annotations

import pytest

from popbook.exhibits.chapters.trends.interval_sources import measured_coverage
from popbook.forecasting.backtest import score_intervals
from popbook.forecasting.trajectories import compare_intervals
from tests.exhibits.chapters.trends.ledgers import EDITIONS, report_of, section_of, table_of, words


@pytest.mark.parametrize("edition", EDITIONS)
def test_three_intervals_stand_side_by_side_and_the_headline_is_the_first(edition: int) -> None:
    frame = table_of(section_of("resident", edition), "tbl-interval-sources").frame
    assert len(frame) == 3
    assert "本报告采用" in frame["name"][0]
    own = compare_intervals(report_of(edition).ledger).set_index(["source", "year"])
    assert frame["lo80-2035"].tolist() == [own.at[(s, 2035), "lo80"] for s in ("combination", "cohort", "mixture")]


def test_coverage_is_left_blank_where_it_cannot_be_measured() -> None:
    frame = table_of(section_of("resident", 2024), "tbl-interval-sources").frame
    assert frame[["cover1", "cover3", "cover5"]].isna().all(axis=1).tolist() == [False, True, False]
    first = table_of(section_of("resident", 2020), "tbl-interval-sources").frame
    assert first[["cover1", "cover3", "cover5"]].isna().all().all()
    assert set(first["hits80"]) == {"未实测"}
    assert "三种都不能在同类城市实测" in "".join(words(section_of("resident", 2020)))


def test_counts_of_earlier_editions_follow_the_scores() -> None:
    scored = score_intervals(report_of(2024).ledger)
    frame = table_of(section_of("resident", 2024), "tbl-interval-sources").frame
    for source, cell in zip(("combination", "cohort", "mixture"), frame["hits80"], strict=True):
        rows = scored[scored["source"] == source]
        assert cell == f"{int(rows['inside80'].sum())}/{len(rows)}"


def test_the_coverage_of_both_methods_is_of_the_same_cities() -> None:
    tables = measured_coverage(report_of(2024))
    assert tables["combination"]["n"].tolist() == tables["mixture"]["n"].tolist()


def test_the_shelf_life_is_said_where_cities_measure_it() -> None:
    assert "应当重做" in "".join(words(section_of("resident", 2024)))
    assert "应当重做" not in "".join(words(section_of("resident", 2020)))
