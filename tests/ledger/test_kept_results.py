from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from popbook.forecasting.trajectories import ResidentDraws, draw_residents
from popbook.ledger import reads
from popbook.ledger.kept import KEPT_VARIABLE
from popbook.ledger.reads import collect_reads, remember, watch
from popbook.ledger.store import Ledger, read_ledger
from tests.ledger.tables import DATA

ROW = "life_expectancy_female,330100,2020,"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which results are kept."""
    monkeypatch.setenv(KEPT_VARIABLE, str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that may be changed."""
    return shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns("inbox"))


def counted(calls: list[str]) -> Callable[..., float]:
    """Return a function whose results are kept, as a new process would define it; it tells when it computes."""

    @remember(on_disk=True)
    def share(ledger: Ledger, times: int = 1) -> float:
        calls.append(f"{ledger.edition} {times}")
        found = ledger.latest("resident_share_60plus")
        return times * (found.value if found else 0.0)

    return share


def view(data: Path, edition: int = 2024) -> Ledger:
    """Return the watched ledger of an edition, read anew."""
    return watch(read_ledger(data).for_edition(edition))


def change(data: Path, row: str) -> None:
    """Change the value of the first row that begins so."""
    path = data / "observations.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if line.startswith(row))
    value, _, rest = lines[place].removeprefix(row).partition(",")
    lines[place] = f"{row}{float(value) + 0.01:.2f},{rest}"
    path.write_text("".join(lines), encoding="utf-8")


def test_another_process_reads_the_result_and_counts_as_reader(folder: Path, data: Path) -> None:
    calls: list[str] = []
    first = counted(calls)(view(data))
    with collect_reads() as noted:
        assert counted(calls)(view(data)) == first
    assert calls == ["2024 1"]
    assert "series resident_share_60plus 330100" in noted


def test_editions_and_arguments_are_kept_apart(folder: Path, data: Path) -> None:
    calls: list[str] = []
    for _ in range(2):
        share = counted(calls)
        share(view(data)), share(view(data), 2), share(view(data, 2023)), share(view(data), times=2)
    assert sorted(set(calls)) == ["2023 1", "2024 1", "2024 2"]
    assert len(calls) == 4  # the keyword is another call


def test_a_row_that_was_not_read_leaves_the_result_valid(folder: Path, data: Path) -> None:
    calls: list[str] = []
    counted(calls)(view(data))
    change(data, ROW)
    counted(calls)(view(data))
    assert calls == ["2024 1"]


def test_a_row_that_was_read_makes_it_anew(folder: Path, data: Path) -> None:
    calls: list[str] = []
    before = counted(calls)(view(data))
    year = view(data).latest("resident_share_60plus").year  # type: ignore[union-attr]
    change(data, f"resident_share_60plus,330100,{year},")
    assert counted(calls)(view(data)) == pytest.approx(before + 0.01)
    assert len(calls) == 2


def test_other_code_makes_it_anew(folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    counted(calls)(view(data))
    monkeypatch.setattr(reads, "results_code", lambda: "other")
    counted(calls)(view(data))
    assert len(calls) == 2


@pytest.mark.parametrize("damage", [b"", b"x" * 200])
def test_a_damaged_result_is_made_anew(folder: Path, data: Path, damage: bytes) -> None:
    calls: list[str] = []
    counted(calls)(view(data))
    for path in folder.glob("*/*"):
        path.write_bytes(damage)
    assert counted(calls)(view(data)) == counted([])(view(data))
    assert len(calls) == 2


def test_a_whole_entry_that_says_something_else_is_made_anew(
    folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    counted(calls)(view(data))
    monkeypatch.setattr(reads, "read_entry", lambda name: b"\0" * 40)
    monkeypatch.setattr(reads, "state_of", lambda ledger: {})
    counted(calls)(view(data))
    assert len(calls) == 2


@pytest.mark.parametrize(
    "seen",
    [
        lambda ledger: ledger.as_of("2024-01-01"),
        lambda ledger: ledger.without_breaks(),
        lambda ledger: ledger.unwatched,
    ],
)
def test_only_the_watched_ledger_of_an_edition_is_sure_enough(
    folder: Path, data: Path, seen: Callable[[Any], Ledger]
) -> None:
    calls: list[str] = []
    for _ in range(2):
        counted(calls)(seen(view(data)))
    assert len(calls) == 2
    assert not folder.exists()


def test_what_never_looked_at_a_break_is_read_for_a_ledger_without_them(folder: Path, data: Path) -> None:
    calls: list[str] = []

    @remember(on_disk=True)
    def scenarios(ledger: Ledger) -> int:
        calls.append("scenarios")
        return len(ledger.table("scenarios"))

    @remember(on_disk=True)
    def breaks(ledger: Ledger) -> int:
        calls.append("breaks")
        return len(ledger.series("resident_population").break_points())

    ledger = view(data)
    blind = ledger.without_breaks()
    assert scenarios(ledger) == scenarios(blind) > 0
    assert breaks(ledger) > breaks(blind) == 0
    assert calls == ["scenarios", "breaks", "breaks"]


def test_nothing_is_kept_where_no_folder_is_named(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEPT_VARIABLE, raising=False)
    calls: list[str] = []
    for _ in range(2):
        counted(calls)(view(data))
    assert len(calls) == 2


def test_a_forecast_from_the_disk_is_the_computed_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn() -> ResidentDraws:
        return draw_residents(watch(read_ledger().for_edition(2020)), paths=21)

    with monkeypatch.context() as patch:
        patch.delenv(KEPT_VARIABLE)
        computed = drawn()
    _forget()
    first = drawn()
    _forget()
    entries = {path: path.stat().st_mtime_ns for path in folder.glob("*/*")}
    second = drawn()
    assert len(entries) == len(list(folder.glob("*/*")))
    for found in (first, second):
        assert list(found.members) == list(computed.members)
        for name, paths in computed.members.items():
            np.testing.assert_array_equal(found.members[name], paths)
        assert isinstance(found.years, np.ndarray)


def _forget() -> None:
    """Forget what this process remembers, as a new one would."""
    from popbook.forecasting import ages, cohort, concepts, province, trajectories

    for module in (ages, cohort, concepts, province, trajectories):
        for item in vars(module).values():
            remembered = getattr(item, "forget", None)
            if remembered:
                remembered()
