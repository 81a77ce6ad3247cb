"""Figures computed from published parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from popbook.ledger.store import Ledger, read_ledger
from popbook.monitoring.derived import (
    DERIVATION,
    dependency_series,
    is_computed,
    monitored_series,
    net_migration_series,
)
from tests.ledger import tables

PARTS = ("resident_count_0_14", "resident_count_65plus", "resident_population")


def ledger_with(folder: Path, *years: int, breaks: tuple = (), **overrides: Any) -> Ledger:
    """157.0 under 15 and 177.2 over 64 among 1262.4 residents."""
    indicators = [tables.indicator(name) for name in PARTS]
    indicators.append(tables.indicator("resident_dependency", unit="%"))
    values = dict(zip(PARTS, (157.0, 177.2, 1262.4), strict=True))
    rows = [tables.observation(year, value, indicator_id=name, **overrides)
            for year in years for name, value in values.items()]
    return tables.make_ledger(folder, indicators=indicators, observations=rows, breaks=list(breaks))


def test_the_ratio_of_2024_is_36_0() -> None:
    latest = dependency_series(read_ledger().for_edition(2024)).latest
    assert latest is not None
    assert (latest.year, latest.value, latest.confidence) == (2024, 36.0, "B")
    assert latest.note.startswith(DERIVATION)


def test_published_ratios_are_not_replaced() -> None:
    at_2019 = dependency_series(read_ledger()).at(2019)
    assert at_2019 is not None
    assert (at_2019.value, at_2019.note) == (34.6, "")


def test_the_weakest_part_gives_the_confidence(tmp_path: Path) -> None:
    ledger = ledger_with(tmp_path, 2024, confidence="C")
    latest = dependency_series(ledger).latest
    assert latest is not None
    assert (latest.value, latest.confidence) == (36.0, "C")


def test_a_year_without_one_part_has_no_ratio(tmp_path: Path) -> None:
    ledger = ledger_with(tmp_path, 2024)
    assert dependency_series(ledger).at(2023) is None


def test_parts_on_two_sides_of_a_break_give_no_ratio(tmp_path: Path) -> None:
    # Only the total is on the old side: its ratio with the age groups would mix two bases.
    cuts = [tables.break_row(break_id=f"b{n}", indicator_id=name, year=2025,
                             vintage_before="first-published" if name == "resident_population" else "other")
            for n, name in enumerate(PARTS)]
    assert len(dependency_series(ledger_with(tmp_path, 2024, breaks=tuple(cuts)))) == 0


def test_net_migration_is_what_natural_growth_leaves_of_the_increment() -> None:
    series = net_migration_series(read_ledger().for_edition(2024))
    latest = series.latest
    assert latest is not None
    # 10.2 more residents; 2.3 per mille of the mean of 1252.2 and 1262.4.
    assert (latest.year, latest.value) == (2024, 7.3)
    assert latest.note == "按公布的总量和自然增长率计算：年末增量－自然增长＝10.2－2.9（万人）。"
    assert is_computed(latest)


def test_net_migration_is_not_taken_across_the_census() -> None:
    assert net_migration_series(read_ledger().for_edition(2020)).at(2020) is None


def test_other_indicators_are_read_as_published() -> None:
    ledger = read_ledger()
    assert monitored_series(ledger, "resident_population").frame.equals(ledger.series("resident_population").frame)


def test_vintages_are_respected() -> None:
    assert dependency_series(read_ledger().for_edition(2021)).frame["year"].max() == 2021
    assert dependency_series(read_ledger().for_edition(2021)).at(2021).value == pytest.approx(34.0)  # type: ignore[union-attr]
