from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from popbook.ledger.errors import Problem
from popbook.ledger.inbox import InboxCell, InboxRow, InboxSheet, read_inbox
from popbook.ledger.store import Ledger, read_ledger
from popbook.ledger.submission import Figure, Origin, Submission, plain_title, read_submission
from tests.ledger.filled import figure, new_edition, new_source, small_ledger, table, workbook


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return read_ledger(small_ledger(tmp_path_factory.mktemp("small")))


def understood(tmp_path: Path, ledger: Ledger, *figures: dict[str, Any], **tables: Any) -> Submission:
    return read_submission(read_inbox(workbook(tmp_path / "a.xlsx", figures, **tables)), ledger)


def only(submission: Submission) -> Figure:
    assert submission.problems == ()
    (found,) = submission.figures
    return found


def problem(submission: Submission) -> Problem:
    assert submission.figures == ()
    (found,) = submission.problems
    return found


def sheet(*rows: tuple[str, ...]) -> InboxSheet:
    made = (InboxRow(n, tuple(InboxCell(text) for text in row)) for n, row in enumerate(rows, start=1))
    return InboxSheet("a.csv", tuple(made))


# ------------------------------------------------------------ finding the tables


def test_heads_are_found_below_titles_and_tables_follow_each_other(tmp_path: Path, ledger: Ledger):
    path = tmp_path / "a.csv"
    path.write_text(table([figure()], editions=[new_edition()]), encoding="utf-8")
    submission = read_submission(read_inbox(path), ledger)
    assert (len(submission.figures), len(submission.sources), len(submission.editions)) == (1, 1, 1)


def test_english_heads_of_the_ledger_itself(ledger: Ledger):
    heads = ("indicator_id", "region_id", "year", "value", "status", "source_id", "vintage", "note")
    row = ("resident_population", "330100", "2021", "1195.0", "P", "b-2022", "first-published", "")
    found = only(read_submission([sheet(heads, row)], ledger))
    assert (found.region_id, found.year, str(found.value), found.status) == ("330100", 2021, "1195.0", "P")


def test_heads_with_units_spaces_and_line_breaks(ledger: Ledger):
    heads = ("指 标", "数值（万人）", "年\n份", "资料来源 ")
    found = only(read_submission([sheet(heads, ("常住人口", "1195.0", "2021年", "b-2022"))], ledger))
    assert found.indicator.indicator_id == "resident_population" and found.region_id == "330100"


def test_section_rows_and_remarks_are_passed_over(ledger: Ledger):
    rows = (
        ("指标", "数值", "年份", "来源"),
        ("一、常住人口",),
        ("注：不含保密单位",),
        ("常住人口", "1195.0", "2021", "b-2022"),
    )
    assert only(read_submission([sheet(*rows)], ledger)).origin.row == 4


def test_the_year_of_the_edition_stands_for_a_missing_column(ledger: Ledger):
    rows = (
        ("年度", "截止日期", "题名"),
        ("2021", "2022-06-30", "题名"),
        ("指标", "数值", "来源"),
        ("常住人口", "1195.0", "b-2022"),
    )
    assert only(read_submission([sheet(*rows)], ledger)).year == 2021


def test_no_table_at_all(ledger: Ledger):
    found = problem(read_submission([sheet(("随便", "什么"), ("1", "2"))], ledger))
    assert found.code == "header-missing"


def test_the_same_head_twice(ledger: Ledger):
    rows = (("指标", "数值", "数值", "年份", "来源"), ("常住人口", "1195.0", "1", "2021", "b-2022"))
    assert [p.code for p in read_submission([sheet(*rows)], ledger).problems] == ["column-repeated"]


# ------------------------------------------------------------ cells


def test_a_problem_names_file_sheet_row_and_cell(tmp_path: Path, ledger: Ledger):
    submission = understood(tmp_path, ledger, figure(), figure("若干"))
    (found,) = submission.problems
    assert (found.file, found.row, found.column) == ("a.xlsx［数据］", 4, "数值（D4）")
    assert str(found).startswith("a.xlsx［数据］:4:数值（D4）  number  “若干”不是数 → ")


@pytest.mark.parametrize(
    ("written", "value", "printed"),
    [
        ("1,195.0", "1195.0", ""),
        ("１１９５．０", "1195.0", ""),
        (" 1195.0 万人", "1195.0", ""),
        (1195, "1195", ""),
        ("11,950,000人", "1195", "11950000人"),
    ],
)
def test_values_as_people_type_them(tmp_path: Path, ledger: Ledger, written: Any, value: str, printed: str):
    found = only(understood(tmp_path, ledger, figure(written)))
    assert (str(found.value), found.printed) == (value, printed)


@pytest.mark.parametrize("blank", [None, "", "—", "…", "……", "　", "未公布"])
def test_blanks_are_counted_not_read(tmp_path: Path, ledger: Ledger, blank: Any):
    submission = understood(tmp_path, ledger, figure(blank), figure())
    assert (submission.blanks, len(submission.figures), submission.problems) == (1, 1, ())


@pytest.mark.parametrize("column", ["状态", "发布日期"])
def test_a_row_that_is_half_filled_in(tmp_path: Path, ledger: Ledger, column: str):
    row = figure(None, **{column: "P" if column == "状态" else "2022-03-01"})
    assert [p.code for p in understood(tmp_path, ledger, row).problems] == ["value-missing"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (figure("7.5%", 指标="常住出生率"), "unit"),
        (figure("84.8‰", 指标="城镇化率"), "unit"),
        (figure(单位="人"), "unit"),
        (figure(口径="户籍人口"), "basis"),
        (figure(指标="总人口"), "indicator-unknown"),
        (figure(指标=None), "indicator-unknown"),
        (figure(指标编号="resident_total"), "indicator-unknown"),
        (figure(指标编号="hukou_population"), "indicator-differs"),
        (figure(地区="下城区"), "region-unknown"),
        (figure(地区=None), "region-unknown"),
        (figure(地区编号="330102"), "region-unknown"),
        (figure(年份="去年"), "year"),
        (figure(年份=None), "year"),
        (figure(年份=12021), "year"),
        (figure(状态="X"), "status"),
        (figure(来源=None), "source-missing"),
        (figure(发布日期="三月"), "date"),
        (figure(发布日期="=TODAY()"), "date"),
        (figure(可信度="D"), "confidence"),
        (figure("=1190+5"), "formula"),
        (figure("=cmd|'/c calc'!A0"), "formula"),
        (figure("#REF!"), "number"),
        (figure("约1195"), "number"),
        (figure(datetime(2021, 1, 1)), "number"),
    ],
)
def test_every_cell_that_cannot_be_understood_is_a_problem(
    tmp_path: Path, ledger: Ledger, row: dict[str, Any], code: str
):
    assert problem(understood(tmp_path, ledger, row)).code == code


def test_per_cent_for_per_mille_says_so(tmp_path: Path, ledger: Ledger):
    found = problem(understood(tmp_path, ledger, figure("0.75%", 指标="常住出生率")))
    assert "% 与 ‰ 不能互换" in found.remedy


def test_all_problems_of_a_row_at_once(tmp_path: Path, ledger: Ledger):
    row = figure("约1195", 地区="下城区", 年份="去年", 状态="X", 发布日期="三月", 来源=None)
    found = {p.code for p in understood(tmp_path, ledger, row).problems}
    assert found == {"number", "region-unknown", "year", "status", "date", "source-missing"}


@pytest.mark.parametrize(
    ("word", "mark"),
    [
        ("P", "P"),
        ("ｐ", "P"),
        ("初步数", "P"),
        ("修订", "R"),
        ("估计数", "E"),
        ("正式数", ""),
        ("—", ""),
        (None, ""),
    ],
)
def test_status_marks(tmp_path: Path, ledger: Ledger, word: str | None, mark: str):
    assert only(understood(tmp_path, ledger, figure(状态=word))).status == mark


@pytest.mark.parametrize(
    "written", ["2022-03-01", "2022/3/1", "2022.3.1", "2022年3月1日", "44621", 44621, datetime(2022, 3, 1)]
)
def test_publication_dates(tmp_path: Path, ledger: Ledger, written: Any):
    found = only(understood(tmp_path, ledger, figure(发布日期=written))).published
    assert found is not None and found.iso == "2022-03-01"


def test_notes_keep_their_chinese_punctuation_on_one_line(tmp_path: Path, ledger: Ledger):
    assert (
        only(understood(tmp_path, ledger, figure(说明="五经普修订，\n增加１２．５％。"))).note
        == "五经普修订， 增加12.5%。"
    )


# ------------------------------------------------------------ sources and editions


def test_sources_without_anything_filled_in_are_kept_for_their_titles(tmp_path: Path, ledger: Ledger):
    submission = understood(tmp_path, ledger, sources=[new_source(发布日期=None, 可信度=None)])
    assert submission.problems == () and submission.sources[0].published is None


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        ({"发布日期": "三月"}, "date"),
        ({"类型": "传闻"}, "enum"),
        ({"日期精度": "大约"}, "enum"),
        ({"可信度": "很高"}, "confidence"),
    ],
)
def test_problems_of_sources(tmp_path: Path, ledger: Ledger, overrides: dict[str, Any], code: str):
    assert [p.code for p in understood(tmp_path, ledger, sources=[new_source(**overrides)]).problems] == [
        code
    ]


def test_precision_follows_the_date_as_written(tmp_path: Path, ledger: Ledger):
    found = understood(tmp_path, ledger, sources=[new_source(发布日期="2022年3月")]).sources[0]
    assert found.published is not None and (found.published.iso, found.date_precision) == (
        "2022-03-31",
        "month",
    )


@pytest.mark.parametrize(
    ("overrides", "code"),
    [({"年度": "明年"}, "year"), ({"截止日期": None}, "date"), ({"截止日期": "夏天"}, "date")],
)
def test_problems_of_editions(tmp_path: Path, ledger: Ledger, overrides: dict[str, Any], code: str):
    assert [p.code for p in understood(tmp_path, ledger, editions=[new_edition(**overrides)]).problems] == [
        code
    ]


def test_titles_are_compared_without_marks_and_spaces():
    assert plain_title("《2021年 公报》") == plain_title("２０２１年公报")


def test_a_row_names_the_head_of_its_own_table():
    origin = Origin("a.xlsx［来源］", 3, {"source_id": 0, "title": 1, "publisher": 2, "note": 3})
    assert origin.problem("note", "markup", "错", "改").column == "说明（D3）"
