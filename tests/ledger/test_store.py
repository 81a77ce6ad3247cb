from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.ledger import store
from popbook.ledger.datapackage import DataPackage, read_table
from popbook.ledger.errors import DataError, UsageError
from popbook.ledger.store import KEY, Ledger, read_ledger, select_values
from tests.ledger.tables import (
    DATA,
    break_row,
    census_ages,
    edition,
    indicator,
    make_ledger,
    observation,
    source,
    write_tables,
)

OLD, NEW = "first-published", "rebased-2020-census"
YEARBOOK = source("yearbook", published="2021-12-31", date_precision="bound")
REBASED = {"vintage": NEW, "source_id": "yearbook", "published": "2021-12-31", "confidence": "B"}


@pytest.fixture(scope="module")
def real() -> Ledger:
    return read_ledger(DATA)


def rebased_ledger(folder: Path) -> Ledger:
    """The 2020 census in small: first-published to 2019, and 2018-2019 re-based half a year after the census."""
    return make_ledger(
        folder,
        sources=[source(), YEARBOOK],
        observations=[
            observation(2017, 946.8),
            observation(2018, 980.6),
            observation(2019, 1036.0),
            observation(2020, 1196.5, vintage="annual-survey-on-2020-census"),
            observation(2018, 1125.4, **REBASED),
            observation(2019, 1161.3, **REBASED),
        ],
        breaks=[break_row(vintage_before=OLD)],
    )


def segments(ledger: Ledger) -> list[list[float]]:
    return [segment["value"].tolist() for segment in ledger.series("resident_population").segments()]


# ------------------------------------------------------------ selection


def rows(*overrides: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([observation(**override) for override in overrides])


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [
        ({"confidence": "C", "published": "2023-01-01"}, {"confidence": "B"}, 2),
        ({"published": "2022-01-01", "confidence": "B"}, {"confidence": "A"}, 1),
        ({"confidence": "B"}, {"confidence": "A"}, 2),
        ({"source_id": "b"}, {"source_id": "a"}, 2),
    ],
    ids=["a or b before c", "then the latest", "then a before b", "then source id"],
)
def test_selection_rule(first: dict[str, Any], second: dict[str, Any], winner: int):
    chosen = select_values(rows({"value": 1, **first}, {"value": 2, **second}))
    assert chosen["value"].tolist() == [winner]


any_row = st.fixed_dictionaries(
    {
        "year": st.integers(2018, 2020),
        "value": st.integers(1, 5),
        "confidence": st.sampled_from("ABC"),
        "published": st.sampled_from(["2021-01-01", "2022-01-01"]),
        "source_id": st.sampled_from("ab"),
        "vintage": st.sampled_from([OLD, NEW]),
    }
)


@given(items=st.lists(any_row, min_size=1, max_size=12), seed=st.randoms())
def test_selection_does_not_depend_on_the_order_of_rows(items: list[dict[str, Any]], seed: Any):
    shuffled = items.copy()
    seed.shuffle(shuffled)
    columns = [*KEY, "value", "vintage", "source_id", "confidence", "published"]
    pd.testing.assert_frame_equal(
        select_values(rows(*items))[columns], select_values(rows(*shuffled))[columns]
    )


# ------------------------------------------------------------ vintages


def test_publication_of_the_day_itself_is_known(tmp_path: Path):
    ledger = make_ledger(tmp_path)
    assert len(ledger.as_of("2021-03-01").observations) == 1
    assert len(ledger.as_of(date(2021, 2, 28)).observations) == 0


@pytest.mark.parametrize(
    ("published", "day", "known"),
    [
        ("2021-06-30", "2021-06-29", False),
        ("2021-06-30", "2021-06-30", True),
        ("2021-06-30", "2021-07-01", True),
        ("2022-01-01", "2021-12-31", False),
        ("2021-12-31", "2021-12-31", True),
        ("2024-02-29", "2024-02-28", False),
        ("2024-02-29", "2024-03-01", True),
    ],
)
@pytest.mark.parametrize("of", ["values", "breaks", "events", "tables by date", "tables by source"])
def test_everything_becomes_known_on_its_day(tmp_path: Path, published: str, day: str, known: bool, of: str):
    dated = source("dated", published=published)
    item = {"event_id": "e", "start": "2020-01-01", "end": "2020-12-31", "year": 2020, "name_zh": "事"}
    item |= {"kind": "policy", "source_id": "dated"}
    panel = {"region_id": "330100", "name_zh": "市", "year": 2020, "value": 1, "vintage": "v", "published": published}
    ledger = make_ledger(
        tmp_path,
        sources=[source(), dated],
        observations=[observation(published=published, source_id="dated")],
        breaks=[break_row(source_id="dated")],
        events=[item],
        panel_resident=[panel | {"source_id": "dated", "confidence": "A"}],
        census_age_sex=census_ages(source_id="dated"),
    ).as_of(day)
    found = {
        "values": ledger.observations,
        "breaks": ledger.breaks,
        "events": ledger.events,
        "tables by date": ledger.table("panel_resident"),
        "tables by source": ledger.table("census_age_sex"),
    }[of]
    assert (len(found) > 0) == known


def test_a_cut_off_day_belongs_to_the_edition(tmp_path: Path):
    rows = [
        observation(2019, published="2021-06-30", source_id="a"),
        observation(2018, published="2021-07-01", source_id="b"),
    ]
    sources = [source("a", published="2021-06-30"), source("b", published="2021-07-01"), source()]
    ledger = make_ledger(tmp_path, observations=rows, sources=sources)
    assert ledger.for_edition(2020).observations["year"].tolist() == [2019]
    assert sorted(ledger.for_edition(2021).observations["year"]) == [2018, 2019]


@given(
    days=st.tuples(st.dates(date(2005, 1, 1), date(2026, 1, 1)), st.dates(date(2005, 1, 1), date(2026, 1, 1)))
)
def test_what_was_known_only_grows_with_time(real: Ledger, days: tuple[date, date]):
    early, late = (real.as_of(day) for day in sorted(days))
    keys = [*KEY, "vintage", "source_id", "published"]
    known = set(late.observations[keys].itertuples(index=False, name=None))
    assert set(early.observations[keys].itertuples(index=False, name=None)) <= known


def test_narrowing_twice_gives_the_earlier_day(real: Ledger):
    twice = real.as_of("2023-01-01").as_of("2021-01-01")
    assert twice.cut_off == real.as_of("2021-01-01").as_of("2023-01-01").cut_off == "2021-01-01"
    pd.testing.assert_frame_equal(twice.observations, real.as_of("2021-01-01").observations)


def test_text_that_is_no_date_is_refused(real: Ledger):
    with pytest.raises(UsageError, match="不是日期"):
        real.as_of("去年")


def test_edition_sees_no_later_year_even_if_published_early(tmp_path: Path):
    ledger = make_ledger(tmp_path, observations=[observation(2020), observation(2021, 1, status="E")])
    assert ledger.for_edition(2020).observations["year"].tolist() == [2020]


def test_an_edition_has_one_view_however_it_is_reached(tmp_path: Path):
    folder = write_tables(tmp_path, observations=[observation(2020), observation(2021, 1200.0)])
    view = read_ledger(folder).for_edition(2020)
    assert read_ledger(folder).for_edition(2020) is view
    assert read_ledger(folder).for_edition(2021).for_edition(2020) is view
    late = replace(view, observations=view.observations.assign(value=1.0))
    assert late.for_edition(2020) is not view
    assert late.for_edition(2020).observations["value"].tolist() == [1.0]


def test_a_view_follows_its_files(tmp_path: Path):
    folder = write_tables(tmp_path)
    view = read_ledger(folder).for_edition(2020)
    events = folder / "events.csv"
    events.write_bytes(events.read_bytes() + b"\n")
    assert read_ledger(folder).for_edition(2020) is not view


def test_unknown_edition_lists_the_known_ones(tmp_path: Path):
    with pytest.raises(UsageError, match="2020、2021"):
        make_ledger(tmp_path).for_edition(2031)


def test_first_edition_shows_first_published_values_cut_at_the_census(tmp_path: Path):
    assert segments(rebased_ledger(tmp_path).for_edition(2020)) == [[946.8, 980.6, 1036.0], [1196.5]]


def test_next_edition_joins_rebased_values_to_the_census(tmp_path: Path):
    assert segments(rebased_ledger(tmp_path).for_edition(2021)) == [[946.8], [1125.4, 1161.3, 1196.5]]


def test_break_published_later_is_not_known_yet(tmp_path: Path):
    late = break_row(source_id="yearbook")
    ledger = make_ledger(tmp_path, sources=[source(), YEARBOOK], breaks=[late])
    assert ledger.for_edition(2020).breaks == () and len(ledger.for_edition(2021).breaks) == 1


def test_tables_of_an_edition_leave_out_later_sources_unless_asked(tmp_path: Path):
    late = {"area": "中国", "first_year": 2020, "last_year": 2025, "sex": "male", "age": 0, "nmx": 0.01}
    ledger = make_ledger(
        tmp_path, sources=[source(), YEARBOOK], mortality_rates=[{**late, "source_id": "yearbook"}]
    ).for_edition(2020)
    assert ledger.table("mortality_rates").empty
    assert len(ledger.table("mortality_rates", as_published=False)) == 1


def test_panel_rows_follow_their_own_publication_date(real: Ledger):
    known = real.for_edition(2020).table("panel_resident")
    assert len(known) and known["published"].max() <= "2021-06-30"


def test_table_is_a_copy(real: Ledger):
    mine = real.table("editions")
    mine["title"] = ""
    assert (real.table("editions")["title"] != "").all()


# ------------------------------------------------------------ asking


def test_series_of_one_vintage(tmp_path: Path):
    series = rebased_ledger(tmp_path).series("resident_population", vintage=OLD)
    assert series.frame["value"].tolist() == [946.8, 980.6, 1036.0]


def test_indicator_without_values_gives_an_empty_series_and_no_latest(tmp_path: Path):
    ledger = make_ledger(tmp_path)
    assert len(ledger.series("hukou_population")) == 0
    assert ledger.latest("hukou_population") is None
    assert ledger.observation("hukou_population", 2020) is None


def test_unknown_indicator_and_region_are_named(tmp_path: Path):
    ledger = make_ledger(tmp_path)
    with pytest.raises(UsageError, match="没有编号为“gdp”的指标"):
        ledger.series("gdp")
    with pytest.raises(UsageError, match="没有编号为“330199”的地区"):
        ledger.latest("resident_population", "330199")


def test_records_are_plain_python_values(tmp_path: Path):
    ledger = make_ledger(tmp_path)
    item = ledger.indicators["resident_population"]
    assert (type(item.decimals), type(item.lower), item.target_id) == (int, float, "")
    assert ledger.regions["330100"].tile_row is None


def test_missing_column_is_a_data_error(tmp_path: Path):
    folder = write_tables(tmp_path)
    (folder / "events.csv").write_text("event_id\n", encoding="utf-8")
    with pytest.raises(DataError, match="缺少列"):
        read_ledger(folder)


# ------------------------------------------------------------ conflicts


def test_values_that_differ_within_a_vintage_are_a_conflict(tmp_path: Path):
    other = observation(2020, 1194.0, source_id="yearbook", published="2021-12-31", confidence="C")
    listed = make_ledger(
        tmp_path, sources=[source(), YEARBOOK], observations=[observation(2020, 1193.6), other]
    ).conflicts()
    assert listed["kind"].tolist() == ["conflict", "conflict"]
    assert dict(zip(listed["value"], listed["used"], strict=True)) == {1193.6: True, 1194.0: False}


def test_values_that_differ_between_vintages_are_a_revision(tmp_path: Path):
    listed = rebased_ledger(tmp_path).conflicts()
    assert set(listed["kind"]) == {"revision"} and sorted(set(listed["year"])) == [2018, 2019]


def test_values_that_agree_at_the_published_precision_are_no_conflict(tmp_path: Path):
    more_digits = observation(2020, 1193.601, source_id="yearbook", published="2021-12-31")
    ledger = make_ledger(
        tmp_path, sources=[source(), YEARBOOK], observations=[observation(2020, 1193.6), more_digits]
    )
    assert ledger.conflicts().empty


def test_ledger_without_observations_has_no_conflicts(tmp_path: Path):
    assert make_ledger(tmp_path, observations=[]).conflicts().empty


# ------------------------------------------------------------ the real ledger


def test_2020_edition_ends_old_residents_before_the_census(real: Ledger):
    parts = real.for_edition(2020).series("resident_population").segments()
    assert parts[-1]["value"].tolist() == [1196.5]
    assert parts[-2]["value"].tolist()[-5:] == [901.8, 918.8, 946.8, 980.6, 1036.0]


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024])
def test_later_editions_join_rebased_residents_from_2014(real: Ledger, year: int):
    last = real.for_edition(year).series("resident_population").segments()[-1]
    assert last["year"].tolist() == list(range(2014, year + 1))
    assert last["value"].tolist()[:7] == [1013.5, 1038.0, 1061.0, 1092.1, 1125.4, 1161.3, 1196.5]


def test_step_of_the_census_is_never_a_change(real: Ledger):
    for year in real.editions:
        changes = real.for_edition(year).series("resident_population").changes()
        assert changes["change"].max() < 60


def test_step_of_the_floating_count_in_2016_is_never_a_change(real: Ledger):
    changes = real.for_edition(2024).series("floating_population").changes()
    assert 2016 not in changes["year"].tolist() and 2017 in changes["year"].tolist()


def test_no_edition_holds_a_value_of_a_later_year_or_publication(real: Ledger):
    for year, item in real.editions.items():
        known = real.for_edition(year).observations
        assert known["year"].max() <= year and known["published"].max() <= item.cut_off


def test_a_table_is_read_once_and_only_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    read: list[str] = []

    def counted(package: DataPackage, name: str) -> pd.DataFrame:
        read.append(name)
        return read_table(package, name)

    monkeypatch.setattr(store, "read_table", counted)
    # Another test may hold the same view with its tables already read.
    monkeypatch.setattr(store, "_views", {})
    ledger = read_ledger(DATA).for_edition(2024)
    ledger.series("resident_population").segments()
    assert len(read) == len(set(read)) and "observations" in read and "census_age_sex" not in read
    read.clear()
    for _ in range(2):
        ledger.series("hukou_population")
        ledger.table("census_age_sex")
    assert read == ["census_age_sex"]


def test_editions_are_listed_by_year(tmp_path: Path):
    ledger = make_ledger(
        tmp_path, editions=[edition(2020), edition(2021, "2022-06-30")], indicators=[indicator()]
    )
    assert list(ledger.editions) == [2020, 2021]


def test_what_was_read_ahead_is_given_out_only_while_the_files_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_ahead", {})
    folder = make_ledger(tmp_path, observations=[observation(2020, 10.0)]).data_dir
    ahead = store.read_ahead(folder)
    assert read_ledger(folder) is ahead
    path = folder / "observations.csv"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("10.0", "11.0"), encoding="utf-8")
    assert read_ledger(folder).observations["value"].tolist() == [11.0]
    path.write_text(before, encoding="utf-8")
    assert read_ledger(folder).observations["value"].tolist() == [10.0]
    descriptor = folder / "datapackage.json"
    descriptor.write_text(descriptor.read_text(encoding="utf-8").replace("title", "name_of", 1), encoding="utf-8")
    assert read_ledger(folder) is not ahead
