from __future__ import annotations

from pathlib import Path

import pytest

from popbook.ledger import tableschema
from popbook.ledger.datapackage import read_datapackage
from popbook.ledger.errors import Problem
from popbook.ledger.tableschema import Table, check_foreign_keys, check_table
from tests.ledger.tables import edition, observation, source, write_tables


def check(folder: Path, name: str) -> tuple[Table, list[Problem]]:
    package = read_datapackage(folder)
    return check_table(package, package.resources[name])


def places(problems: list[Problem]) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in problems]


def rewrite(folder: Path, name: str, old: bytes, new: bytes) -> None:
    path = folder / name
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


def test_right_table_has_no_problem_and_keeps_text_and_numbers(tmp_path: Path):
    table, problems = check(write_tables(tmp_path), "observations")
    assert problems == []
    assert table.values.loc[2, "value"] == 1196.5 and table.cells.loc[2, "value"] == "1196.5"


# ------------------------------------------------------------ files


def test_missing_file(tmp_path: Path):
    (write_tables(tmp_path) / "events.csv").unlink()
    table, problems = check(tmp_path, "events")
    assert places(problems) == [(0, "", "file-missing")] and table.values.empty


def test_empty_file(tmp_path: Path):
    (write_tables(tmp_path) / "events.csv").write_bytes(b"")
    assert places(check(tmp_path, "events")[1]) == [(0, "", "file-empty")]


def test_file_of_absurd_size_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tableschema, "MAXIMUM_BYTES", 10)
    assert places(check(write_tables(tmp_path), "observations")[1]) == [(0, "", "file-size")]


def test_folder_in_place_of_a_file(tmp_path: Path):
    (write_tables(tmp_path) / "events.csv").unlink()
    (tmp_path / "events.csv").mkdir()
    assert places(check(tmp_path, "events")[1]) == [(0, "", "file-unreadable")]


def test_byte_order_mark_is_reported_and_the_rest_still_read(tmp_path: Path):
    rewrite(write_tables(tmp_path), "editions.csv", b"edition,", b"\xef\xbb\xbfedition,")
    table, problems = check(tmp_path, "editions")
    assert places(problems) == [(0, "", "bom")] and len(table.values) == 2


def test_windows_line_ends_are_reported_once(tmp_path: Path):
    rewrite(write_tables(tmp_path), "editions.csv", b"\n", b"\r\n")
    assert places(check(tmp_path, "editions")[1]) == [(1, "", "line-end")]


def test_missing_last_line_end(tmp_path: Path):
    path = write_tables(tmp_path) / "editions.csv"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert [problem.code for problem in check(tmp_path, "editions")[1]] == ["line-end"]


def test_other_encoding_names_the_row(tmp_path: Path):
    path = write_tables(tmp_path) / "editions.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert places(check(tmp_path, "editions")[1]) == [(2, "", "encoding")]


def test_open_quotation_mark(tmp_path: Path):
    path = write_tables(tmp_path) / "editions.csv"
    path.write_bytes(path.read_bytes() + b'2022,2023-06-30,r1,"open\n')
    assert [problem.code for problem in check(tmp_path, "editions")[1]] == ["csv"]


# ------------------------------------------------------------ shape


def test_renamed_column_is_missing_and_unknown(tmp_path: Path):
    rewrite(write_tables(tmp_path), "editions.csv", b"cut_off", b"cutoff")
    assert places(check(tmp_path, "editions")[1]) == [
        (1, "cut_off", "column-missing"),
        (1, "cutoff", "column-unknown"),
    ]


def test_repeated_column(tmp_path: Path):
    rewrite(write_tables(tmp_path), "editions.csv", b"cut_off,title", b"cut_off,title,title")
    codes = {problem.code for problem in check(tmp_path, "editions")[1]}
    assert codes == {"column-repeated", "cell-count"}


def test_columns_in_another_order(tmp_path: Path):
    (write_tables(tmp_path) / "editions.csv").write_text(
        "cut_off,edition,title\n2021-06-30,2020,题名\n", encoding="utf-8"
    )
    table, problems = check(tmp_path, "editions")
    assert places(problems) == [(1, "", "column-order")]
    assert table.values.loc[2, "edition"] == 2020


def test_empty_row_and_row_of_wrong_length(tmp_path: Path):
    path = write_tables(tmp_path) / "editions.csv"
    path.write_bytes(path.read_bytes() + b",,\n2022,2023-06-30\n")
    assert places(check(tmp_path, "editions")[1]) == [
        (4, "", "row-empty"),
        (5, "", "cell-count"),
        (5, "title", "required"),
    ]


# ------------------------------------------------------------ cells


@pytest.mark.parametrize(
    ("override", "column", "code"),
    [
        ({"value": ""}, "value", "required"),
        ({"value": "1,196.5"}, "value", "type"),
        ({"value": "1196.5万"}, "value", "type"),
        ({"value": "1e999"}, "value", "type"),
        ({"value": "nan"}, "value", "type"),
        ({"value": "１１９６"}, "value", "full-width"),
        ({"value": " 1196.5"}, "value", "space"),
        ({"year": "2020.5"}, "year", "type"),
        ({"year": "20200"}, "year", "bounds"),
        ({"published": "2021/3/1"}, "published", "type"),
        ({"published": "20210301"}, "published", "type"),
        ({"published": "2021-02-30"}, "published", "type"),
        ({"status": "X"}, "status", "enum"),
        ({"confidence": "D"}, "confidence", "enum"),
        ({"note": "数值 "}, "note", "space"),
        ({"note": "\u3000数值"}, "note", "space"),
        ({"note": "２０２０年"}, "note", "full-width"),
        ({"note": "零\u200b宽"}, "note", "control-character"),
        ({"note": "a\x00b"}, "note", "control-character"),
        ({"note": "=cmd|' /C calc'!A0"}, "note", "formula"),
        ({"note": "@SUM(A1)"}, "note", "formula"),
        ({"note": "+86电话"}, "note", "formula"),
        ({"note": "<script>alert(1)</script>"}, "note", "markup"),
        ({"note": "见{{ secret }}"}, "note", "markup"),
        ({"note": "{eval}`1+1`"}, "note", "markup"),
    ],
)
def test_bad_cell_is_found_at_its_place(tmp_path: Path, override: dict[str, str], column: str, code: str):
    rows = [observation(2019), observation() | override]
    assert places(check(write_tables(tmp_path, observations=rows), "observations")[1]) == [(3, column, code)]


@pytest.mark.parametrize("note", ["-0.5%", "-", "+4.29%", "老年人口占比<20%", "A & B", "见“备注”"])
def test_printed_numbers_and_ordinary_signs_are_no_danger(tmp_path: Path, note: str):
    assert check(write_tables(tmp_path, observations=[observation(note=note)]), "observations")[1] == []


def test_cell_that_cannot_be_read_is_missing_for_the_rules(tmp_path: Path):
    table, _ = check(write_tables(tmp_path, observations=[observation(value="很多")]), "observations")
    assert table.values["value"].isna().all()


def test_pattern_and_unique_are_checked(tmp_path: Path):
    rows = [source(), source(), source("有空格 x")]
    assert places(check(write_tables(tmp_path, sources=rows), "sources")[1]) == [
        (3, "source_id", "unique"),
        (4, "source_id", "pattern"),
    ]


def test_repeated_key_names_the_first_row(tmp_path: Path):
    rows = [observation(2019), observation(2020), observation(2019, 1.0)]
    problems = check(write_tables(tmp_path, observations=rows), "observations")[1]
    assert places(problems) == [(4, "indicator_id", "primary-key")]
    assert "第 2 行" in problems[0].message


def test_boolean_is_true_or_false(tmp_path: Path):
    clause = {"clause_id": "c1", "chapter": 1, "title": "条", "summary": "摘", "has_number": "是"}
    assert places(check(write_tables(tmp_path, plan_clauses=[clause]), "plan_clauses")[1]) == [
        (2, "has_number", "type")
    ]


def test_message_is_short_and_printable_whatever_the_cell_holds(tmp_path: Path):
    problems = check(write_tables(tmp_path, editions=[edition(cut_off="x\x1b[31m" + "y" * 500)]), "editions")[
        1
    ]
    assert all(problem.message.isprintable() and len(problem.message) < 100 for problem in problems)


# ------------------------------------------------------------ references


def test_value_that_refers_to_nothing_is_found_and_missing_ones_are_not(tmp_path: Path):
    package = read_datapackage(
        write_tables(tmp_path, observations=[observation(indicator_id="gdp", source_id="nowhere")])
    )
    tables = {name: check_table(package, item)[0] for name, item in package.resources.items()}
    assert [(p.file, p.row, p.column) for p in check_foreign_keys(tables)] == [
        ("observations.csv", 2, "indicator_id"),
        ("observations.csv", 2, "source_id"),
    ]


def test_table_may_refer_to_itself(tmp_path: Path):
    package = read_datapackage(
        write_tables(tmp_path, regions=[{"region_id": "330102", "parent_id": "330100"}])
    )
    regions = check_table(package, package.resources["regions"])[0]
    assert [problem.column for problem in check_foreign_keys({"regions": regions})] == ["parent_id"]
