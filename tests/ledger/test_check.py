from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import popbook.ledger
from popbook.ledger.check import CODES, check_data
from popbook.ledger.datapackage import DESCRIPTOR
from popbook.ledger.errors import PopbookError
from tests.ledger.remembering import unchanged_files_remembered
from tests.ledger.tables import DATA, FUZZ, observation, source, write_tables


def test_small_right_ledger_has_no_problem(tmp_path: Path):
    assert check_data(write_tables(tmp_path)) == []


def test_real_data_has_no_problem():
    assert [str(problem) for problem in check_data(DATA)] == []


def test_all_problems_come_in_one_run_in_the_order_of_files_and_rows(tmp_path: Path):
    folder = write_tables(
        tmp_path,
        observations=[
            observation(2019, "很多"),
            observation(2020, indicator_id="gdp", published="2021-05-05"),
        ],
        sources=[source(published="去年")],
    )
    found = [(problem.file, problem.row, problem.code) for problem in check_data(folder)]
    assert found == [
        ("sources.csv", 2, "type"),
        ("observations.csv", 2, "published-differs"),
        ("observations.csv", 2, "type"),
        ("observations.csv", 3, "foreign-key"),
        ("observations.csv", 3, "published-differs"),
    ]


def test_problems_speak_chinese_and_name_a_remedy(tmp_path: Path):
    folder = write_tables(tmp_path, observations=[observation(value="很多", status="X", published="")])
    for problem in check_data(folder):
        assert re.search("[一-鿿]", problem.message) and re.search("[一-鿿]", problem.remedy)


def test_every_code_in_the_source_has_a_chinese_name_and_none_is_idle():
    folder = Path(popbook.ledger.__file__).parent
    text = "".join((folder / name).read_text(encoding="utf-8") for name in ("rules.py", "tableschema.py"))
    text += (folder / "check.py").read_text(encoding="utf-8").partition("def check_data")[2]
    text += (folder / "datapackage.py").read_text(encoding="utf-8")
    assert [code for code in CODES if f'"{code}"' not in text] == []


def test_undeclared_csv_is_reported_but_the_inbox_is_left_alone(tmp_path: Path):
    folder = write_tables(tmp_path)
    (folder / "inbox").mkdir()
    for name in ("inbox/2025.csv", "extra.csv"):
        (folder / name).write_text("a\n", encoding="utf-8")
    assert [(item.file, item.code) for item in check_data(folder)] == [("extra.csv", "file-undeclared")]


def test_broken_descriptor_is_one_problem(tmp_path: Path):
    (tmp_path / DESCRIPTOR).write_text("{", encoding="utf-8")
    assert [item.code for item in check_data(tmp_path)] == ["descriptor"]


def test_descriptor_that_lacks_a_column_the_rules_need_is_a_problem(tmp_path: Path):
    folder = write_tables(tmp_path)
    text = (folder / DESCRIPTOR).read_text(encoding="utf-8").replace('"cut_off"', '"cutoff"')
    (folder / DESCRIPTOR).write_text(text, encoding="utf-8")
    assert ("descriptor", "cut_off") in [(item.code, item.column) for item in check_data(folder)]


def test_folder_without_a_table_of_the_plan_is_checked_all_the_same(tmp_path: Path):
    folder = write_tables(tmp_path, observations=[observation(value=20000)])
    descriptor = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
    descriptor["resources"] = [r for r in descriptor["resources"] if r["name"] != "plan_table2_hukou_60plus"]
    (folder / DESCRIPTOR).write_text(json.dumps(descriptor), encoding="utf-8")
    (folder / "plan" / "table2_hukou_60plus.csv").unlink()
    assert [item.code for item in check_data(folder)] == ["bounds"]


def test_missing_folder_is_an_error_of_one_sentence(tmp_path: Path):
    with pytest.raises(PopbookError):
        check_data(tmp_path / "nowhere")


# ------------------------------------------------------------ whatever stands in the files

TABLES = sorted(path.relative_to(DATA).as_posix() for path in DATA.rglob("*.csv"))
cell = st.one_of(
    st.sampled_from(
        ["", "0", "-1", "2020", "1e308", "99999999999999999999", "NaN", "=1+1", "<b>", "１", "é"]
    ),
    st.text(max_size=8),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tables(tmp_path_factory.mktemp("fuzzed"))


@settings(max_examples=FUZZ // 2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(TABLES), content=st.binary(max_size=300), append=st.booleans())
def test_generated_bytes_are_checked_without_a_traceback(folder: Path, name: str, content: bytes, append: bool):
    path = folder / name
    before = path.read_bytes()
    try:
        path.write_bytes(before + content if append else content)
        with unchanged_files_remembered():
            found = {problem.code for problem in check_data(folder)}
        assert found <= CODES.keys()
    finally:
        path.write_bytes(before)


@settings(max_examples=FUZZ // 2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), name=st.sampled_from(TABLES))
def test_generated_cells_of_real_rows_are_checked_without_a_traceback(folder: Path, data: st.DataObject, name: str):
    path = folder / name
    before = path.read_bytes()
    header, *real = (DATA / name).read_text(encoding="utf-8").splitlines()[:6]
    rows = [line.split(",") for line in real] or [[""]]
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.sampled_from(rows))
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(cell)
    try:
        path.write_text(
            "\n".join([header, *map(",".join, rows), ""]), encoding="utf-8", errors="surrogatepass"
        )
        with unchanged_files_remembered():
            found = {problem.code for problem in check_data(folder)}
        assert found <= CODES.keys()
    finally:
        path.write_bytes(before)
