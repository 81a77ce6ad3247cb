from __future__ import annotations

from pathlib import Path

import pytest

from popbook.ledger.reads import collect_reads, read_state, watch
from popbook.ledger.store import Ledger, read_ledger
from popbook.ledger.visibility import (
    data_fingerprint,
    table_fingerprint,
    visible_fingerprint,
    visible_rows,
    whole_fingerprint,
)
from tests.ledger.later_data import copy_with_later_data
from tests.ledger.tables import correction, indicator, make_ledger, observation, region, source, target


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return read_ledger(copy_with_later_data(tmp_path_factory.mktemp("later") / "data"))


def test_later_data_change_nothing_that_an_edition_sees(later: Ledger) -> None:
    now = read_ledger()
    for edition in now.editions:
        before, after = now.for_edition(edition), later.for_edition(edition)
        for name in now.package.resources:
            assert visible_rows(after, name).equals(visible_rows(before, name)), (edition, name)
        assert data_fingerprint(after) == data_fingerprint(before)
        assert (after.breaks, after.events, after.regions) == (before.breaks, before.events, before.regions)


def test_the_edition_of_that_time_sees_all_of_them(later: Ledger) -> None:
    view = later.for_edition(2098)
    assert {"later"} <= set(view.observations["source_id"])
    assert "330199" in view.regions
    assert [item.break_id for item in view.breaks].count("later") == 1
    assert "resident_new_measure" in set(visible_rows(view, "indicators")["indicator_id"])
    assert visible_rows(view, "revisions")["revision"].tolist() == ["r1", "r2"]
    assert visible_rows(view, "china_births")["year"].max() < 2099
    assert visible_rows(later.for_edition(2099), "china_births")["year"].max() == 2099


def test_editions_archives_and_revisions_of_later_editions_are_not_seen(tmp_path: Path) -> None:
    rows = [
        {"edition": edition, "revision": "r1", "published": "2030-01-01", "reason": "首次发布"}
        for edition in (2020, 2021)
    ]
    view = make_ledger(tmp_path, revisions=rows).for_edition(2020)
    assert visible_rows(view, "editions")["edition"].tolist() == [2020]
    # Its own revision is seen, although it is published after the cut-off date.
    assert visible_rows(view, "revisions")["edition"].tolist() == [2020]


def test_a_revision_of_a_booklet_is_seen_by_that_booklet_alone(tmp_path: Path) -> None:
    regions = [region(), region("330106"), region("330108")]
    row = {"edition": 2020, "revision": "r1", "published": "2021-01-01", "reason": "首次发布", "region_id": "330106"}
    before = make_ledger(tmp_path / "a", regions=regions).for_edition(2020)
    after = make_ledger(tmp_path / "b", regions=regions, booklet_revisions=[row]).for_edition(2020)
    assert visible_rows(after, "booklet_revisions").empty
    assert data_fingerprint(after) == data_fingerprint(before)
    old, new = read_state(before), read_state(after)
    changed = {name for name in new if new[name] != old.get(name)}
    assert changed == {"record booklet_revisions 2020 330106", "everything"}
    with collect_reads() as reads:
        watch(after).about(2020, "330106")
    assert reads & changed == {"record booklet_revisions 2020 330106"}
    with collect_reads() as reads:
        watch(after).about(2020), watch(after).about(2020, "330108")
    assert not reads & changed


def test_a_revision_is_no_change_of_the_data(tmp_path: Path) -> None:
    rows = [{"edition": 2020, "revision": "r1", "published": "2021-01-01", "reason": "首次发布"}]
    before, after = make_ledger(tmp_path / "a"), make_ledger(tmp_path / "b", revisions=rows)
    assert data_fingerprint(after.for_edition(2020)) == data_fingerprint(before.for_edition(2020))


def test_a_declared_correction_does_change_what_an_edition_sees(tmp_path: Path) -> None:
    before = make_ledger(tmp_path / "a").for_edition(2020)
    after = make_ledger(tmp_path / "b", corrections=[correction()]).for_edition(2020)
    assert data_fingerprint(after) != data_fingerprint(before)


@pytest.mark.parametrize("changed", [{"value": 1.0}, {"status": "P"}, {"note": "另注"}])
def test_a_changed_cell_changes_the_fingerprint(tmp_path: Path, changed: dict[str, object]) -> None:
    before = make_ledger(tmp_path / "a").for_edition(2020)
    after = make_ledger(tmp_path / "b", observations=[observation(**changed)]).for_edition(2020)  # type: ignore[arg-type]
    assert data_fingerprint(after) != data_fingerprint(before)


def test_an_indicator_is_listed_from_its_first_value_on_and_a_target_always(tmp_path: Path) -> None:
    ledger = make_ledger(
        tmp_path,
        indicators=[indicator(), indicator("hukou_population"), indicator("talent_total")],
        sources=[source(), source("later", published="2022-01-01")],
        observations=[
            observation(indicator_id="hukou_population", source_id="later", published="2022-01-01")
        ],
        plan_targets=[target(indicator_id="talent_total", indicator_base_id="talent_total")],
    )
    assert visible_rows(ledger.for_edition(2020), "indicators")["indicator_id"].tolist() == ["talent_total"]
    listed = visible_rows(ledger.for_edition(2021), "indicators")["indicator_id"].tolist()
    assert listed == ["hukou_population", "talent_total"]


def test_a_window_that_was_lengthened_says_no_more_to_earlier_editions(tmp_path: Path) -> None:
    def last_years(folder: Path, last_year: int) -> list[int]:
        window = {"region_id": "330100", "series": "resident", "first_year": 2010, "last_year": last_year}
        view = make_ledger(folder, panel_windows=[window]).for_edition(2021)
        return visible_rows(view, "panel_windows")["last_year"].tolist()

    assert last_years(tmp_path / "a", 2024) == last_years(tmp_path / "b", 2026) == [2021]
    assert last_years(tmp_path / "c", 2016) == [2016]


def test_a_ledger_without_edition_sees_everything(later: Ledger) -> None:
    assert len(visible_rows(later, "editions")) == len(later.editions)


def test_a_region_exists_from_its_first_day_on(tmp_path: Path) -> None:
    ledger = make_ledger(tmp_path, regions=[region(), region("330113", valid_from="2021-04-09")])
    assert set(ledger.as_of("2021-04-08").regions) == {"330100"}
    assert set(ledger.as_of("2021-04-09").regions) == {"330100", "330113"}


@pytest.mark.parametrize("edition", sorted(read_ledger().editions))
def test_every_source_that_a_visible_row_names_is_visible(edition: int) -> None:
    view = read_ledger().for_edition(edition)
    known = set(visible_rows(view, "sources")["source_id"])
    for resource in view.package.resources.values():
        if "source_id" in resource.dtypes():
            assert set(visible_rows(view, resource.name)["source_id"].dropna()) <= known, resource.name


@pytest.mark.parametrize("edition", [2020, 2024])
def test_fingerprints_that_are_computed_once_are_those_of_the_rows(edition: int) -> None:
    whole = read_ledger()
    assert data_fingerprint(whole.for_edition(2022))  # another edition has been asked before
    ledger = whole.for_edition(edition)
    for name in ledger.package.resources:
        assert visible_fingerprint(ledger, name) == table_fingerprint(visible_rows(ledger, name)), name
        assert whole_fingerprint(ledger, name) == table_fingerprint(ledger.table(name, as_published=False))
