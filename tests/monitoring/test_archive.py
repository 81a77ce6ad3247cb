"""The archive is written once, holds only what an edition could know, and is made again to the last digit."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from popbook.ledger.check import check_data
from popbook.ledger.errors import DataError, PopbookError, UsageError
from popbook.ledger.store import Ledger, read_ledger
from popbook.monitoring import archive
from popbook.monitoring.archive import (
    CODE_CHANGED,
    COLUMNS,
    DATA_CHANGED,
    FILE,
    KEY,
    SAME,
    UNEXPLAINED,
    append_archive,
    archive_rows,
    data_hash,
    read_archive,
    verify_archive,
)
from tests.ledger.tables import DATA


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return read_ledger()


_forecasts: dict[tuple[str, int | None, str], Any] = {}


def _remembered(name: str) -> Callable[[Ledger], Any]:
    """Forecast once from the same facts: copies of the data folder differ only in their archive."""
    make = getattr(archive, name)

    def forecast(view: Ledger) -> Any:
        key = (name, view.edition, data_hash(view))
        if key not in _forecasts:
            _forecasts[key] = make(view)
        return _forecasts[key]

    return forecast


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data folder without an archive."""
    for name in ("forecast_concepts", "forecast_ages"):
        monkeypatch.setattr(archive, name, _remembered(name))
    copy = tmp_path / "data"
    shutil.copytree(DATA, copy)
    (copy / FILE).unlink()
    return copy


def test_every_edition_is_archived(ledger: Ledger) -> None:
    rows = read_archive(ledger)
    assert sorted(set(rows["edition"])) == sorted(ledger.editions)
    assert not rows.duplicated(list(KEY)).any()


def test_what_stands_in_the_archive_is_made_again_or_its_change_is_named(ledger: Ledger) -> None:
    found = verify_archive(ledger)
    assert found["edition"].tolist() == sorted(ledger.editions)
    assert UNEXPLAINED not in set(found["state"])


def test_bounds_are_in_order_and_horizons_are_years(ledger: Ledger) -> None:
    rows = read_archive(ledger)
    assert (rows["target_year"] - rows["origin_year"] == rows["h"]).all()
    own = rows.dropna(subset=["lo80"])
    for low, high in (("lo95", "lo80"), ("lo80", "point"), ("point", "hi80"), ("hi80", "hi95")):
        assert (own[low] <= own[high] + 0.001).all()
    assert rows.loc[rows["lo80"].isna(), "model"].isin(["random_walk", "drift", "last_increment"]).all()


def test_no_forecast_starts_after_its_edition(ledger: Ledger) -> None:
    rows = read_archive(ledger)
    assert (rows["origin_year"] <= rows["edition"]).all()


def test_rows_do_not_know_the_future(ledger: Ledger) -> None:
    """Figures published after the cut-off may say anything."""
    cut_off = ledger.editions[2022].cut_off
    later = ledger.observations["published"] > cut_off
    wild = ledger.observations.assign(value=ledger.observations["value"].where(~later, ledger.observations["value"] * 1.5))
    rows = archive_rows(replace(ledger, observations=wild).for_edition(2022))
    pd.testing.assert_frame_equal(rows, archive_rows(ledger.for_edition(2022)))


def test_a_figure_that_was_known_moves_the_rows(ledger: Ledger) -> None:
    known = (ledger.observations["indicator_id"] == "resident_population") & (ledger.observations["year"] == 2022)
    values = ledger.observations["value"].where(~known, 1240.0)
    changed = replace(ledger, observations=ledger.observations.assign(value=values)).for_edition(2022)
    assert not archive_rows(changed)["point"].equals(archive_rows(ledger.for_edition(2022))["point"])
    assert data_hash(changed) != data_hash(ledger.for_edition(2022))


def test_only_the_newest_edition_is_not_retrospective(ledger: Ledger) -> None:
    made = {edition: archive_rows(ledger.for_edition(edition))["made"].unique().tolist() for edition in (2024, 2025)}
    assert made == {2024: ["retrospective"], 2025: ["current"]}


def test_what_is_written_is_read_and_passes_the_check(folder: Path) -> None:
    assert append_archive(read_ledger(folder), [2020]) == (2020,)
    rows = read_archive(read_ledger(folder))
    assert list(rows.columns) == list(COLUMNS)
    assert rows["edition"].unique().tolist() == [2020]
    assert [problem for problem in check_data(folder) if problem.file == FILE] == []


def test_later_editions_leave_every_line_as_it_stands(folder: Path) -> None:
    append_archive(read_ledger(folder), [2021])
    before = (folder / FILE).read_text(encoding="utf-8").splitlines()
    assert append_archive(read_ledger(folder), [2020]) == (2020,)
    after = (folder / FILE).read_text(encoding="utf-8").splitlines()
    assert after[0] == before[0]
    assert [line for line in after[1:] if line.startswith("2021,")] == before[1:]
    assert after[1].startswith("2020,")


def test_an_archived_edition_is_never_rewritten(folder: Path) -> None:
    append_archive(read_ledger(folder), [2020])
    before = (folder / FILE).read_bytes()
    with pytest.raises(DataError, match="已经存档，不能重写"):
        append_archive(read_ledger(folder), [2020, 2021])
    assert (folder / FILE).read_bytes() == before


def test_without_names_only_what_is_missing_is_written(folder: Path) -> None:
    shutil.copy(DATA / FILE, folder / FILE)
    before = (folder / FILE).read_bytes()
    assert append_archive(read_ledger(folder)) == ()
    assert (folder / FILE).read_bytes() == before


def test_an_unknown_edition_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="没有 1999 年度版"):
        append_archive(read_ledger(folder), [1999])
    assert not (folder / FILE).exists()


def test_a_line_edited_by_hand_is_found(folder: Path) -> None:
    append_archive(read_ledger(folder), [2020])
    assert verify_archive(read_ledger(folder))["state"].tolist() == [SAME]
    path = folder / FILE
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    cells = lines[1].split(",")
    cells[6] = str(float(cells[6]) + 1)
    path.write_text("".join([lines[0], ",".join(cells), *lines[2:]]), encoding="utf-8", newline="\n")
    row = verify_archive(read_ledger(folder)).iloc[0]
    assert row["state"] == UNEXPLAINED
    assert row["largest_difference"] == pytest.approx(1.0, abs=0.01)


def test_a_line_taken_out_by_hand_is_found(folder: Path) -> None:
    append_archive(read_ledger(folder), [2020])
    path = folder / FILE
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8", newline="\n")
    assert verify_archive(read_ledger(folder))["state"].tolist() == [UNEXPLAINED]


def test_changed_data_and_changed_programs_are_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append_archive(read_ledger(folder), [2020])
    real = archive.archive_rows
    monkeypatch.setattr(archive, "archive_rows", lambda view: real(view).assign(point=lambda rows: rows["point"] + 1))
    monkeypatch.setattr(archive, "code_hash", lambda: "0" * 12)
    assert verify_archive(read_ledger(folder))["state"].tolist() == [CODE_CHANGED]
    monkeypatch.setattr(archive, "data_hash", lambda view: "0" * 12)
    assert verify_archive(read_ledger(folder))["state"].tolist() == [DATA_CHANGED]


def test_an_edition_sees_its_own_archive_and_earlier_ones(ledger: Ledger) -> None:
    assert set(read_archive(ledger.for_edition(2022))["edition"]) == {2020, 2021, 2022}


def test_without_a_file_the_archive_is_empty(folder: Path) -> None:
    assert read_archive(read_ledger(folder)).empty


def test_a_whole_ledger_is_no_edition(ledger: Ledger) -> None:
    with pytest.raises(PopbookError):
        archive_rows(ledger)
