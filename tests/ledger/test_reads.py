from __future__ import annotations

from pathlib import Path

import pytest

from popbook.ledger.errors import UsageError
from popbook.ledger.reads import collect_reads, note_read, read_state, remember, take_reads, watch
from popbook.ledger.store import Ledger, read_ledger
from tests.ledger.later_data import copy_with_later_data


@pytest.fixture
def ledger() -> Ledger:
    """The watched ledger of an edition."""
    return watch(read_ledger().for_edition(2024))


def test_a_watched_ledger_answers_as_the_ledger_does(ledger: Ledger) -> None:
    plain = read_ledger().for_edition(2024)
    assert ledger.observation("resident_population", 2024) == plain.observation("resident_population", 2024)
    assert ledger.latest("hukou_population") == plain.latest("hukou_population")
    assert ledger.city == plain.city
    assert list(ledger.regions) == list(plain.regions)
    assert len(ledger.sources) == len(plain.sources)
    assert ledger.table("breaks").equals(plain.table("breaks"))
    assert ledger.plan.targets.equals(plain.plan.targets)
    assert ledger.as_of("2022-06-30").observations.equals(plain.as_of("2022-06-30").observations)
    assert ledger.conflicts().equals(plain.conflicts())


def test_a_series_without_values_counts_as_read(ledger: Ledger) -> None:
    with collect_reads() as reads:
        assert ledger.latest("life_expectancy", "330127") is None
    assert "series life_expectancy 330127" in reads


def test_a_key_that_is_not_there_counts_as_read(ledger: Ledger) -> None:
    with collect_reads() as reads:
        assert "nothing" not in ledger.indicators
        with pytest.raises(UsageError):
            ledger.series("nobody_counts_this")
    assert {"record indicators nothing", "record indicators nobody_counts_this"} <= reads


def test_narrower_views_note_the_same_groups(ledger: Ledger) -> None:
    for view in (ledger.for_edition(2021), ledger.as_of("2022-06-30"), ledger.without_breaks()):
        with collect_reads() as reads:
            view.series("resident_population")
        assert "series resident_population 330100" in reads


def test_looking_through_a_table_counts_as_reading_it_whole(ledger: Ledger) -> None:
    with collect_reads() as reads:
        sorted(ledger.sources)
    assert reads == {"table sources"}


def test_what_is_not_spelt_out_counts_as_everything(ledger: Ledger) -> None:
    with collect_reads() as reads:
        assert ledger.data_dir.is_dir()
    assert reads == {"everything"}


def test_who_finds_a_remembered_result_counts_as_reader_too() -> None:
    calls = []

    @remember()
    def outer(key: str) -> str:
        note_read("table outer")
        return inner(key)

    @remember()
    def inner(key: str) -> str:
        calls.append(key)
        note_read(f"record t {key}")
        return key

    for _ in range(2):
        with collect_reads() as reads:
            assert outer("a") == "a"
        assert reads == {"table outer", "record t a"}
    assert calls == ["a"]
    take_reads()


def test_what_a_failing_computation_has_read_is_noted() -> None:
    @remember()
    def fails() -> None:
        note_read("series missing 330100")
        raise UsageError("没有")

    with collect_reads() as reads:
        for _ in range(2):
            with pytest.raises(UsageError):
                fails()
    assert reads == {"series missing 330100"}


def test_later_data_leave_the_state_of_an_edition_as_it_was(tmp_path: Path) -> None:
    before = read_state(read_ledger().for_edition(2021))
    after = read_state(read_ledger(copy_with_later_data(tmp_path / "data")).for_edition(2021))
    differ = {name.split()[0] for name in before if before[name] != after[name]}
    assert differ <= {"all", "everything"}


def test_every_value_of_an_edition_is_in_its_state(tmp_path: Path) -> None:
    view = read_ledger().for_edition(2021)
    names = {f"series {row.indicator_id} {row.region_id}" for row in view.observations.itertuples()}
    assert names <= read_state(view).keys()
