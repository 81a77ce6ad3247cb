from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from popbook.ledger import template as template_module
from popbook.ledger.errors import PopbookError, UsageError
from popbook.ledger.inbox import read_inbox
from popbook.ledger.ingest import plan_ingest
from popbook.ledger.model import STATUS_ZH
from popbook.ledger.store import read_ledger
from popbook.ledger.submission import read_submission
from popbook.ledger.template import EXPLANATION, make_template, write_template
from tests.ledger.filled import problems_of, small_ledger
from tests.ledger.tables import DATA, edition, indicator, observation, region

REAL = read_ledger(DATA)
NEXT = max(REAL.editions) + 1


def asked(folder: Path, year: int = 2021, **tables: object) -> list[tuple[str, str]]:
    made = make_template(read_ledger(small_ledger(folder, **tables)), year)
    return [(row.indicator.indicator_id, row.region.region_id) for row in made.figures]


# ------------------------------------------------------------ what is asked for


def test_every_indicator_of_the_plan_and_every_living_series_is_asked_for():
    made = make_template(REAL, NEXT)
    rows = [(row.indicator.indicator_id, row.region.region_id) for row in made.figures]
    assert len(rows) == len(set(rows))
    named = {indicator for indicator, _ in rows}
    assert set(REAL.plan.targets["indicator_id"]) <= named
    recent = REAL.observations[REAL.observations["year"] >= NEXT - 3]
    recent = recent[~recent["indicator_id"].str.startswith("census_")]
    assert set(recent[["indicator_id", "region_id"]].itertuples(index=False, name=None)) <= set(rows)


@pytest.mark.parametrize(("year", "expected"), [(2029, False), (2030, True)])
def test_census_indicators_are_asked_for_in_census_years_only(tmp_path: Path, year: int, expected: bool):
    listed = [{"section": "一", "indicator_id": "census_population", "regions": "city"}]
    census = indicator("census_population", reference="census_day")
    about = {"indicators": [indicator(), census], "template": listed}
    found = asked(tmp_path, year, editions=[edition(year - 1, f"{year}-06-30")], **about)
    assert (("census_population", "330100") in found) is expected


def test_districts_follow_the_present_boundaries():
    regions = {row.region.region_id for row in make_template(REAL, NEXT).figures}
    assert "330113" in regions and not any(name.endswith("-old") for name in regions)


def test_a_region_that_ended_is_not_asked_for(tmp_path: Path):
    ended = region("330103", valid_to="2021-04-08")
    rows = [observation(2019, 30.0, region_id="330103"), observation(2019, 30.0, region_id="330102")]
    found = asked(tmp_path, regions=[region(), region("330102"), ended], observations=rows, template=[])
    assert ("resident_population", "330102") in found and ("resident_population", "330103") not in found


def test_an_indicator_that_is_not_listed_comes_last_while_it_lives(tmp_path: Path):
    listed = [{"section": "一", "indicator_id": "hukou_population", "regions": "city"}]
    found = asked(tmp_path, template=listed)
    assert found[0] == ("hukou_population", "330100")
    assert ("resident_population", "330100") in found[1:]
    assert ("gdp", "330100") not in found  # never published, not listed


def test_the_last_two_figures_stand_beside_the_empty_cell():
    row = next(
        row
        for row in make_template(REAL, NEXT).figures
        if row.indicator.indicator_id == "resident_population"
    )
    assert row.before == ("1262.4（2024年）", "1270.0P（2025年）")


def test_likely_sources_are_last_years_moved_on():
    made = make_template(read_ledger(DATA), NEXT)
    assert all(source.published == "" and str(NEXT - 1) not in source.title for source in made.sources)
    titles = [source.title for source in made.sources]
    assert any("公报" in title and str(NEXT) in title for title in titles)
    assert not any(source.source_id in REAL.sources for source in made.sources)


def test_the_edition_is_last_years_moved_on():
    made = make_template(REAL, NEXT)
    assert made.edition[0] == NEXT and made.edition[1] == f"{NEXT + 1}-06-30" and str(NEXT) in made.edition[2]


@pytest.mark.parametrize("year", [2019, 2022])
def test_a_year_before_the_first_edition_or_after_a_gap_is_refused(tmp_path: Path, year: int):
    with pytest.raises(UsageError, match=f"不能为 {year} 年"):
        make_template(read_ledger(small_ledger(tmp_path)), year)


# ------------------------------------------------------------ the file


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_an_empty_template_says_that_nothing_is_filled_in(tmp_path: Path, form: str):
    path, made = write_template(read_ledger(small_ledger(tmp_path)), 2021, form)
    submission = read_submission(read_inbox(path), read_ledger(tmp_path / "data"))
    assert submission.problems == () and submission.figures == ()
    assert submission.blanks == len(made.figures)
    assert [row.edition for row in submission.editions] == [2021]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_an_empty_template_of_the_real_ledger_is_understood(tmp_path: Path, form: str):
    made = make_template(REAL, NEXT)
    path = tmp_path / f"{NEXT}.{form}"
    path.write_bytes(
        template_module.workbook_bytes(made) if form == "xlsx" else template_module.csv_bytes(made)
    )
    submission = read_submission(read_inbox(path), REAL)
    assert submission.problems == () and submission.blanks == len(made.figures)
    assert {row.source_id for row in submission.sources} == {source.source_id for source in made.sources}


def test_an_untouched_template_is_written_again_and_a_touched_one_never(tmp_path: Path):
    ledger = read_ledger(small_ledger(tmp_path))
    path, _ = write_template(ledger, 2021)
    assert write_template(ledger, 2021)[0] == path
    book = load_workbook(path)
    book["数据"]["H5"] = 1195.0
    book.save(path)
    before = path.read_bytes()
    with pytest.raises(PopbookError, match="其中有填写或改动"):
        write_template(ledger, 2021)
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir()] == ["2021.xlsx"]


def test_a_file_that_is_no_template_is_not_overwritten(tmp_path: Path):
    ledger = read_ledger(small_ledger(tmp_path))
    path = tmp_path / "data" / "inbox" / "2021.xlsx"
    path.parent.mkdir()
    path.write_bytes(b"something else")
    with pytest.raises(PopbookError):
        write_template(ledger, 2021)
    assert path.read_bytes() == b"something else"


def test_drop_downs_formats_and_explanation(tmp_path: Path):
    path, made = write_template(read_ledger(small_ledger(tmp_path)), 2021)
    book = load_workbook(path)
    assert book.sheetnames == ["数据", "来源", "年度版", "填表说明"]
    sheet = book["数据"]
    heads = {cell.value: cell.column_letter for cell in sheet[3]}
    lists = {
        str(rule.sqref).split(":")[0].rstrip("0123456789"): rule.formula1
        for rule in sheet.data_validations.dataValidation
    }
    assert lists[heads["状态"]] == '"P,R,E"' and lists[heads["可信度"]] == '"A,B,C"'
    assert lists[heads["来源"]].startswith("来源!")
    rate = next(
        row for row in range(4, sheet.max_row) if sheet[f"{heads['指标']}{row}"].value == "常住出生率"
    )
    assert sheet[f"{heads['数值']}{rate}"].number_format == "0.0"
    assert sheet[f"{heads['定义']}{rate}"].value == "定义"
    said = "".join(str(cell.value or "") for row in book["填表说明"].iter_rows() for cell in row)
    assert all(text in said for _, text in EXPLANATION)
    assert all(word in said for word in filter(None, STATUS_ZH.values()))


def test_a_filled_template_goes_into_the_ledger(tmp_path: Path):
    data_dir = small_ledger(tmp_path)
    path, _ = write_template(read_ledger(data_dir), 2021)
    book = load_workbook(path)
    heads = {cell.value: cell.column_letter for cell in book["数据"][3]}
    row = next(r for r in range(4, 20) if book["数据"][f"A{r}"].value == "常住人口")
    book["数据"][f"{heads['数值']}{row}"] = 1195.0
    book["数据"][f"{heads['来源']}{row}"] = "b-2022"
    for column, value in zip(
        "ABCDFG", ("b-2022", "2021年公报", "统计局", "2022/3/1", "公报", "A"), strict=True
    ):
        book["来源"][f"{column}2"] = value
    book.save(path)
    assert problems_of(path, data_dir) == []
    addition = plan_ingest(path, data_dir)
    assert [row.cells["value"] for row in addition.rows] == ["1195.0"]
    assert [cells["edition"] for cells in addition.editions] == ["2021"]


def test_text_of_the_ledger_is_text_in_the_workbook(tmp_path: Path):
    data_dir = small_ledger(
        tmp_path, indicators=[indicator(name_zh="=1+1", definition="@cmd")], observations=[observation()]
    )
    path, _ = write_template(read_ledger(data_dir), 2021)
    cells = [cell for sheet in load_workbook(path) for row in sheet.iter_rows() for cell in row]
    assert "=1+1" in [cell.value for cell in cells] and all(cell.data_type != "f" for cell in cells)
    written = write_template(read_ledger(data_dir), 2021, "csv")[0].read_text(encoding="utf-8-sig")
    assert "'=1+1" in written and "'@cmd" in written
