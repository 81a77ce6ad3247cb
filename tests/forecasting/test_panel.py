from __future__ import annotations

import numpy as np

from popbook.forecasting.panel import read_windows, without_city
from tests.forecasting.editions import edition, full_ledger


def names(year: int, series: str = "resident-rebased") -> dict[str, list[tuple[int, int]]]:
    result: dict[str, list[tuple[int, int]]] = {}
    for w in read_windows(edition(year), series):
        result.setdefault(w.name_zh, []).append((int(w.years[0]), int(w.years[-1])))
    return result


def test_the_first_edition_sees_no_rebased_city():
    assert names(2020) == {}


def test_windows_end_with_the_edition():
    for year in (2021, 2022, 2023, 2024):
        assert max(last for spans in names(year).values() for _, last in spans) == year


def test_changes_of_scope_cut_a_city_into_windows():
    spans = names(2024)
    assert spans["成都市"] == [(2011, 2015), (2016, 2024)]
    assert spans["西安市"] == [(2011, 2016), (2017, 2019), (2021, 2024)]
    assert spans["杭州市"] == [(2014, 2024)]
    assert len(spans) == 30


def test_no_window_holds_a_jump_of_vintage_or_territory():
    # Shenzhen grew 7.5 % in 2011-12; a re-basing is at least half as large again.
    for w in read_windows(edition(2024), "resident-rebased"):
        assert np.abs(np.diff(np.log(w.values))).max() < 0.08, w.name_zh


def test_every_window_has_a_reason_and_years_that_exist():
    declared = full_ledger().table("panel_windows")
    assert (declared["reason"].str.len() > 10).all()
    assert (declared["last_year"] > declared["first_year"]).all()
    assert declared["last_year"].max() == 2024


def test_hangzhou_agrees_with_the_ledger():
    own = next(w for w in read_windows(edition(2024), "resident-rebased") if w.region_id == "330100")
    frame = edition(2024).series("resident_population").frame.set_index("year")["value"]
    assert own.values.tolist() == frame.loc[2014:2024].tolist()


def test_a_city_can_be_left_out():
    windows = read_windows(edition(2024), "resident-rebased")
    assert "杭州市" not in {w.name_zh for w in without_city(windows, "330100")}
    assert len(without_city(windows, "330100")) == len(windows) - 1
