from __future__ import annotations

import json
from pathlib import Path

import frictionless
import pandas as pd
import pytest

from popbook.ledger.datapackage import (
    DATA_ENVIRONMENT_VARIABLE,
    DESCRIPTOR,
    find_data_dir,
    read_datapackage,
    read_table,
)
from popbook.ledger.errors import DataError, PopbookError
from tests.ledger.tables import DATA, observation, region, write_tables


def test_named_folder_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    named, other = write_tables(tmp_path / "named"), write_tables(tmp_path / "other")
    monkeypatch.setenv(DATA_ENVIRONMENT_VARIABLE, str(other))
    assert find_data_dir(named) == named.resolve()


def test_environment_wins_over_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = write_tables(tmp_path)
    monkeypatch.setenv(DATA_ENVIRONMENT_VARIABLE, str(folder))
    assert find_data_dir() == folder.resolve()


def test_default_is_the_data_folder_beside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(DATA_ENVIRONMENT_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    assert find_data_dir() == DATA.resolve()


def test_missing_folder_is_named_in_one_sentence(tmp_path: Path):
    with pytest.raises(PopbookError, match="没有 datapackage.json") as caught:
        find_data_dir(tmp_path / "nowhere")
    assert "nowhere" in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"resources": [{}]}', '{"resources": 3}', "[" * 5000])
def test_broken_descriptor_is_a_data_error(tmp_path: Path, text: str):
    (tmp_path / DESCRIPTOR).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="不能解读"):
        read_datapackage(tmp_path)


def test_years_and_values_are_numbers_and_region_ids_are_text(tmp_path: Path):
    table = read_table(read_datapackage(write_tables(tmp_path)), "observations")
    assert table["year"].dtype == "int64" and table["value"].dtype == "float64"
    assert table["region_id"].tolist() == ["330100"]


def test_missing_text_is_missing_but_the_word_na_is_text(tmp_path: Path):
    rows = [observation(2019, note="NA"), observation(2020)]
    table = read_table(read_datapackage(write_tables(tmp_path, observations=rows)), "observations")
    assert table["note"].tolist()[0] == "NA" and pd.isna(table["note"].iloc[1])


def test_missing_integers_stay_missing(tmp_path: Path):
    rows = [region(), region("330102", tile_row=3, tile_col=1)]
    table = read_table(read_datapackage(write_tables(tmp_path, regions=rows)), "regions")
    assert table["tile_row"].isna().tolist() == [True, False]


def test_unknown_table_lists_the_known_ones(tmp_path: Path):
    with pytest.raises(PopbookError, match="observations"):
        read_table(read_datapackage(write_tables(tmp_path)), "nothing")


def test_missing_file_and_wrong_type_name_the_file(tmp_path: Path):
    package = read_datapackage(write_tables(tmp_path, observations=[observation(value="很多")]))
    with pytest.raises(DataError, match="observations.csv"):
        read_table(package, "observations")
    (tmp_path / "sources.csv").unlink()
    with pytest.raises(DataError, match="文件不存在"):
        read_table(package, "sources")


def test_every_table_and_column_has_a_chinese_title_and_description():
    descriptor = json.loads((DATA / DESCRIPTOR).read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        for item in (resource, *resource["schema"]["fields"]):
            assert any("一" <= character <= "鿿" for character in item["title"]), item
            assert item["description"].endswith("。"), item


def test_every_csv_of_the_data_folder_is_described():
    described = {resource.path for resource in read_datapackage(DATA).resources.values()}
    assert described == {path.relative_to(DATA).as_posix() for path in DATA.rglob("*.csv")}


def test_frictionless_accepts_the_real_data():
    report = frictionless.validate(str(DATA / DESCRIPTOR))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])[:5]
