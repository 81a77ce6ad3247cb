from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from frictionless import Package

from popbook.publishing.outputs import index_row, write_build_record, write_data, write_indexes, write_results
from tests.publishing.test_edition_run import make_run

FACT = {
    "id": "fact-a-2024",
    "label": "常住人口",
    "value": 1262.4,
    "unit": "万人",
    "docname": "notebooks/01_status",
}


def test_an_index_row_names_the_page_and_hashes_the_content() -> None:
    row = index_row(FACT)
    assert row["page"] == "chapters/01_status.html"
    assert row["address"] == "exhibits/fact-a-2024/index.html"
    assert row["value"] == 1262.4
    assert index_row({**FACT, "value": 1262.5})["hash"] != row["hash"]


def test_an_index_row_does_not_change_its_hash_when_the_exhibit_only_moves() -> None:
    assert (
        index_row({**FACT, "docname": "book/overview", "number": "图 1-2"})["hash"] == index_row(FACT)["hash"]
    )


def test_drawings_stay_out_of_the_index() -> None:
    assert "svg" not in index_row({**FACT, "svg": {"wide": "<svg/>"}})


def test_indexes_are_keyed_by_id(tmp_path: Path) -> None:
    write_indexes(make_run(facts={"fact-a-2024": FACT}), tmp_path)
    facts = json.loads((tmp_path / "facts.json").read_text(encoding="utf-8"))
    assert facts["edition"] == 2024
    assert facts["items"]["fact-a-2024"]["unit"] == "万人"
    assert json.loads((tmp_path / "exhibits.json").read_text(encoding="utf-8"))["items"] == {}


def test_results_become_tables_with_all_columns(tmp_path: Path) -> None:
    run = make_run(
        results={"targets": [{"target_id": "T01", "value": 1.5}, {"target_id": "T02", "gap": None}]}
    )
    assert write_results(run, tmp_path) == ["targets.csv"]
    with (tmp_path / "targets.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["target_id", "value", "gap"],
            ["T01", "1.5", ""],
            ["T02", "", ""],
        ]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edition")
    run = make_run(edition=2020, results={"targets": [{"target_id": "T01"}]})
    write_data(run, folder, write_results(run, folder))
    return folder


def test_the_edition_data_are_a_valid_frictionless_package(package: Path) -> None:
    report = Package(str(package / "datapackage.json")).validate()
    assert report.valid, report.flatten(["path", "rowNumber", "fieldName", "type", "note"])


def test_the_edition_data_hold_nothing_published_after_the_cut_off(package: Path) -> None:
    with (package / "data" / "observations.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows
    assert max(row["published"] for row in rows) <= "2021-06-30"


def test_where_a_source_was_read_is_not_published(package: Path) -> None:
    text = (package / "data" / "sources.csv").read_text(encoding="utf-8")
    assert "read_via" not in text
    assert "http" not in text


def test_the_build_record_names_inputs_and_software(tmp_path: Path) -> None:
    record = tmp_path / "edition.json"
    record.write_text("{}", encoding="utf-8")
    write_build_record(make_run(), tmp_path, {"data": "abc"}, record, "https://example.org")
    found = json.loads((tmp_path / "build.json").read_text(encoding="utf-8"))
    assert found["inputs"] == {"data": "abc"}
    assert len(found["edition_hash"]) == 64
    assert found["base"] == "https://example.org"
    assert "statsmodels" in found["software"]
