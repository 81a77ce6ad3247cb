from __future__ import annotations

import io
import struct
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from popbook.ledger import inbox
from popbook.ledger.errors import DataError
from popbook.ledger.inbox import InboxCell, column_letter, read_inbox

TEXT = "指标,数值,来源\n常住人口,1270.0,公报\n"


def texts(path: Path) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for sheet in read_inbox(path) for row in sheet.rows]


def refusal(path: Path) -> tuple[str, str]:
    with pytest.raises(DataError) as refused:
        read_inbox(path)
    (problem,) = refused.value.problems
    assert problem.message and problem.remedy
    return problem.code, problem.message


def saved(path: Path, *rows: list[object]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def archive(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return path


# ------------------------------------------------------------ as people send it


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_csv_of_any_usual_encoding(tmp_path: Path, encoding: str, ending: str):
    path = tmp_path / "填报.csv"
    path.write_bytes(TEXT.replace("\n", ending).encode(encoding))
    assert texts(path) == [["指标", "数值", "来源"], ["常住人口", "1270.0", "公报"]]


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_tabs_and_semicolons_separate_too(tmp_path: Path, delimiter: str):
    path = tmp_path / "a.csv"
    path.write_text(TEXT.replace(",", delimiter), encoding="utf-8")
    assert texts(path)[1] == ["常住人口", "1270.0", "公报"]


def test_a_workbook_named_csv_is_a_workbook(tmp_path: Path):
    saved(tmp_path / "a.xlsx", ["指标"]).rename(tmp_path / "a.csv")
    assert texts(tmp_path / "a.csv") == [["指标"]]


def test_rows_keep_the_numbers_that_excel_shows(tmp_path: Path):
    path = saved(tmp_path / "a.xlsx", ["填报表"], [None], [], ["指标", None, 7])
    (sheet,) = read_inbox(path)
    assert [row.number for row in sheet.rows] == [1, 4]
    assert sheet.place == "a.xlsx［Sheet］"


def test_numbers_dates_and_percentages_of_a_workbook(tmp_path: Path):
    book = Workbook()
    sheet = book.active
    sheet.append([1270.0, 0.848, datetime(2026, 4, 30), True])
    sheet["B1"].number_format = "0.0%"
    book.save(tmp_path / "a.xlsx")
    assert texts(tmp_path / "a.xlsx") == [["1270", "84.8%", "2026-04-30", "TRUE"]]


def test_a_formula_is_seen_and_not_computed(tmp_path: Path):
    path = saved(tmp_path / "a.xlsx", ["=1262.4+7.6", "=cmd|'/c calc'!A0"])
    cells = read_inbox(path)[0].rows[0].cells
    assert [cell.is_formula for cell in cells] == [True, True]
    assert cells[0].value == "=1262.4+7.6"


def test_merged_titles_are_one_cell(tmp_path: Path):
    book = Workbook()
    book.active["A1"] = "2026年度填报表"
    book.active.merge_cells("A1:XFD3")
    book.save(tmp_path / "a.xlsx")
    assert texts(tmp_path / "a.xlsx") == [["2026年度填报表"]]


def test_spaces_that_cannot_be_seen_are_trimmed():
    assert InboxCell("\u3000 1270.0\u00a0\u200b").text == "1270.0"
    assert InboxCell(date(2026, 4, 30)).text == "2026-04-30"


@given(st.integers(0, 16383))
def test_columns_are_lettered_as_in_excel(place: int):
    from openpyxl.utils import get_column_letter

    assert column_letter(place) == get_column_letter(place + 1)


# ------------------------------------------------------------ what is refused


def test_missing_file_and_folder(tmp_path: Path):
    assert refusal(tmp_path / "no.xlsx")[0] == "file-missing"
    assert refusal(tmp_path)[0] == "file-unreadable"
    assert refusal(Path("a\0b.xlsx"))[0] == "file-unreadable"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "file-format"),
        (b"%PDF-1.7\n", "file-format"),
        (b"PK\x03\x04 and then nothing of the kind", "file-broken"),
        (b"PK", "file-broken"),
        ("指标,数值".encode() + b"\0\0\0", "encoding"),
        (b"\xff\xfe\x00", "encoding"),
        (b"\x80\x81\xff\xff\xfe", "encoding"),
    ],
)
def test_other_formats_broken_files_and_wrong_encodings(tmp_path: Path, content: bytes, code: str):
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert refusal(path)[0] == code


def test_one_endless_cell_is_refused_whatever_the_limit_of_the_csv_reader(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'"' + b"a" * 200_000)
    assert refusal(path)[0] in ("csv", "cell-size")


def test_a_zip_that_is_no_workbook(tmp_path: Path):
    assert refusal(archive(tmp_path / "a.xlsx", **{"../../etc/passwd": b"x"}))[0] == "file-format"
    assert refusal(archive(tmp_path / "b.xlsx", **{"xl/workbook.xml": b"<not xml"}))[0] == "file-broken"
    assert (
        refusal(archive(tmp_path / "c.xlsx", **{"xl/workbook.xml": b"", "xl/vbaProject.bin": b""}))[0]
        == "file-format"
    )


def test_a_zip_bomb_is_measured_not_unpacked(tmp_path: Path):
    path = archive(
        tmp_path / "bomb.xlsx", **{"xl/workbook.xml": b"", "xl/worksheets/sheet1.xml": b"\0" * 200_000_000}
    )
    assert path.stat().st_size < 1_000_000
    assert refusal(path)[0] == "file-size"


def test_a_zip_bomb_that_lies_about_its_size(tmp_path: Path):
    path = archive(tmp_path / "bomb.xlsx", **{"xl/workbook.xml": b"\0" * 100_000_000})
    content = bytearray(path.read_bytes())
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = struct.pack("<I", 100)
    path.write_bytes(bytes(content))
    assert refusal(path)[0] == "file-broken"


def test_entities_are_not_expanded(tmp_path: Path):
    bomb = (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + i, (b"&%c;" % (97 + i)) * 10) for i in range(20))
        + b"]><workbook>&t;</workbook>"
    )
    good = saved(tmp_path / "good.xlsx", ["a"])
    with zipfile.ZipFile(good) as source:
        entries = {name: source.read(name) for name in source.namelist()}
    assert (
        refusal(archive(tmp_path / "bad.xlsx", **(entries | {"xl/workbook.xml": bomb})))[0] == "file-broken"
    )


def test_too_many_rows(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("1,2\n" * 1_000_000, encoding="utf-8")
    assert refusal(path) == ("file-size", f"超过 {inbox.MOST_ROWS} 行")


def test_a_row_at_the_end_of_the_sheet_is_too_many_rows(tmp_path: Path):
    book = Workbook()
    book.active["A1048576"] = 1
    book.save(tmp_path / "a.xlsx")
    assert refusal(tmp_path / "a.xlsx")[0] == "file-size"


def test_columns_beyond_any_template_are_left_out(tmp_path: Path):
    path = saved(tmp_path / "a.xlsx", [1] * 16000)
    assert len(read_inbox(path)[0].rows[0].cells) == inbox.MOST_COLUMNS


def test_very_long_text(tmp_path: Path):
    path = saved(tmp_path / "a.xlsx", ["长" * 30_000])
    assert refusal(path)[0] == "cell-size"


def test_the_name_of_a_file_cannot_break_a_line(tmp_path: Path):
    path = tmp_path / "a\n\x1b[31m.xlsx"
    with pytest.raises(DataError) as refused:
        read_inbox(path)
    assert "\n" not in str(refused.value.problems[0]) and "\x1b" not in str(refused.value.problems[0])


# ------------------------------------------------------------ never a traceback


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("good") / "a.xlsx", ["指标", "数值"], ["常住人口", 1270.0])


@settings(max_examples=200)
@given(content=st.binary(max_size=200), as_archive=st.booleans())
def test_arbitrary_bytes_are_read_or_refused(good: Path, content: bytes, as_archive: bool):
    path = good.with_name("any.csv")
    path.write_bytes(b"PK\x03\x04" + content if as_archive else content)
    try:
        read_inbox(path)
    except DataError as error:
        assert error.problems


@settings(max_examples=200)
@given(data=st.data())
def test_damaged_workbooks_are_read_or_refused(good: Path, data: st.DataObject):
    content = bytearray(good.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = good.with_name("damaged.xlsx")
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]))
    try:
        read_inbox(path)
    except DataError as error:
        assert error.problems


@settings(max_examples=100)
@given(
    part=st.sampled_from(
        ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml"]
    ),
    data=st.data(),
)
def test_workbooks_with_strange_parts_are_read_or_refused(good: Path, part: str, data: st.DataObject):
    with zipfile.ZipFile(good) as source:
        entries = {name: source.read(name) for name in source.namelist()}
    text = entries[part].decode()
    cut = data.draw(st.integers(0, len(text)))
    entries[part] = (
        text[:cut] + data.draw(st.text(max_size=20)) + text[data.draw(st.integers(cut, len(text))) :]
    ).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, content in entries.items():
            target.writestr(name, content)
    path = good.with_name("strange.xlsx")
    path.write_bytes(buffer.getvalue())
    try:
        read_inbox(path)
    except DataError as error:
        assert error.problems
