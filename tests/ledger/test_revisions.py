from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from popbook.ledger.check import check_data
from popbook.ledger.errors import DataError, PopbookError
from popbook.ledger.revisions import declare_revision
from popbook.ledger.store import read_ledger
from tests.ledger.tables import region, write_tables


def _rows(folder: Path) -> list[list[str]]:
    with (folder / "revisions.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))[1:]


def test_an_edition_without_rows_is_r1(tmp_path: Path) -> None:
    assert read_ledger(write_tables(tmp_path)).editions[2020].revision == "r1"


def test_the_second_revision_brings_the_row_of_the_first(tmp_path: Path) -> None:
    folder = write_tables(tmp_path)
    declare_revision(folder, 2020, "更正出生率", "2021-09-01", "2021-07-08")
    assert _rows(folder) == [
        ["2020", "r1", "2021-07-08", "首次发布"],
        ["2020", "r2", "2021-09-01", "更正出生率"],
    ]
    ledger = read_ledger(folder)
    assert (ledger.editions[2020].revision, ledger.editions[2021].revision) == ("r2", "r1")
    assert check_data(folder) == []


def test_the_revisions_of_a_booklet_are_counted_by_themselves(tmp_path: Path) -> None:
    folder = write_tables(tmp_path, regions=[region(), region("330106"), region("330108")])
    declare_revision(folder, 2020, "更正出生率", "2021-09-01", "2021-07-08")
    declare_revision(folder, 2020, "更正年龄", "2021-10-01", "2021-07-09", "330106")
    with (folder / "booklet_revisions.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream))[1:] == [
            ["2020", "r1", "2021-07-09", "首次发布", "330106"],
            ["2020", "r2", "2021-10-01", "更正年龄", "330106"],
        ]
    ledger = read_ledger(folder)
    assert [item.reason for item in ledger.about(2020).revisions] == ["首次发布", "更正出生率"]
    assert [item.reason for item in ledger.about(2020, "330106").revisions] == ["首次发布", "更正年龄"]
    assert (ledger.about(2020, "330108").revision, ledger.about(2021, "330106").revision) == ("r1", "r1")
    assert check_data(folder) == []


def test_a_data_folder_of_before_has_booklets_of_r1_and_says_what_is_missing(tmp_path: Path) -> None:
    folder = write_tables(tmp_path)
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    package["resources"] = [item for item in package["resources"] if item["name"] != "booklet_revisions"]
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    (folder / "booklet_revisions.csv").unlink()
    assert check_data(folder) == []
    assert read_ledger(folder).about(2020, "330106").revision == "r1"
    with pytest.raises(PopbookError, match="没有数据表 booklet_revisions"):
        declare_revision(folder, 2020, "更正", "2021-10-01", "2021-07-09", "330106")


def test_later_revisions_are_appended_to_what_stands_there(tmp_path: Path) -> None:
    folder = write_tables(tmp_path)
    declare_revision(folder, 2020, "更正出生率", "2021-09-01", "2021-07-08")
    before = (folder / "revisions.csv").read_bytes()
    new = declare_revision(folder, 2020, '更正"户籍"，补两处', "2021-10-01", "2099-01-01")
    assert new.revision == "r3"
    after = (folder / "revisions.csv").read_bytes()
    assert after.startswith(before)
    assert _rows(folder)[2:] == [["2020", "r3", "2021-10-01", '更正"户籍"，补两处']]


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("", "“修订原因”不能为空"),
        ("=1+1", "当作公式"),
        ("<script>alert(1)</script>", "标记"),
        ("{{ 7*7 }}", "标记"),
        ("一\n二", "控制字符"),
        ("长" * 201, "有 201 字，超过上限 200 字"),
    ],
)
def test_a_reason_that_cannot_stand_in_a_page_is_refused(tmp_path: Path, reason: str, message: str) -> None:
    folder = write_tables(tmp_path)
    before = (folder / "revisions.csv").read_bytes()
    with pytest.raises(DataError, match=message):
        declare_revision(folder, 2020, reason, "2021-09-01", "2021-07-08")
    assert (folder / "revisions.csv").read_bytes() == before
