from __future__ import annotations

import csv
import io
import re
import signal
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

import popbook.ledger
from popbook.ledger.check import check_data
from popbook.ledger.errors import DataError, PopbookError
from popbook.ledger.ingest import AGAIN, CODES, NEW, REFERENCE, REVISION, ingest, plan_ingest, previewed
from popbook.ledger.store import read_ledger
from tests.ledger.filled import (
    RESIDENTS,
    codes,
    figure,
    new_edition,
    new_source,
    plan,
    problems_of,
    small_ledger,
    table,
    workbook,
)
from tests.ledger.remembering import unchanged_files_remembered
from tests.ledger.tables import DATA, FUZZ, observation, region, source
from tests.publishing.interrupted import choose_instants, count_instants, needs_fork, stop_at

FILES = ("sources.csv", "observations.csv", "editions.csv")



@pytest.fixture(autouse=True)
def _in_2022(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1652313600")  # 2022-05-12


def state(data_dir: Path) -> dict[str, bytes]:
    read_ledger(data_dir)  # carries out what a killed process left
    return {name: (data_dir / name).read_bytes() for name in FILES}


def added(data_dir: Path, before: dict[str, bytes], name: str) -> list[str]:
    after = (data_dir / name).read_bytes()
    assert after.startswith(before[name])
    return after[len(before[name]) :].decode().splitlines()


# ------------------------------------------------------------ what goes in


def test_a_file_goes_below_the_ledger_as_it_stands(tmp_path: Path):
    data_dir = small_ledger(tmp_path)
    before = state(data_dir)
    ingest(workbook(tmp_path / "a.xlsx", [figure(状态="P")], editions=[new_edition()]), data_dir)
    row = "resident_population,330100,2021,1195.0,P,first-published,b-2022,2022-03-01,A,"
    assert added(data_dir, before, "observations.csv") == [row]
    assert added(data_dir, before, "sources.csv") == ["b-2022,2021年公报,统计局,2022-03-01,day,bulletin,,,"]
    assert added(data_dir, before, "editions.csv") == ["2021,2022-06-30,2021年度版"]
    assert check_data(data_dir) == []


def test_a_csv_does_the_same_as_a_workbook(tmp_path: Path):
    results = []
    for name, content in (
        ("a.csv", table([figure()]).encode("gb18030")),
        ("b.csv", table([figure()], delimiter="\t").encode("utf-16")),
    ):
        data_dir = small_ledger(tmp_path / name)
        (tmp_path / name / name).write_bytes(content)
        ingest(tmp_path / name / name, data_dir)
        results.append(state(data_dir))
    data_dir = small_ledger(tmp_path / "c")
    ingest(workbook(tmp_path / "c.xlsx", [figure()]), data_dir)
    assert results == [state(data_dir)] * 2


def test_planning_writes_nothing(tmp_path: Path):
    data_dir = small_ledger(tmp_path)
    before = state(data_dir)
    assert plan_ingest(workbook(tmp_path / "a.xlsx", [figure()]), data_dir).contents
    assert state(data_dir) == before


def test_the_preview_is_what_will_be(tmp_path: Path):
    data_dir = small_ledger(tmp_path)
    path = workbook(tmp_path / "a.xlsx", [figure()], editions=[new_edition()])
    with previewed(plan_ingest(path, data_dir), data_dir) as copy:
        seen = state(copy)
    assert not copy.exists()
    ingest(path, data_dir)
    assert state(data_dir) == seen


def test_a_second_time_changes_nothing(tmp_path: Path):
    data_dir = small_ledger(tmp_path)
    path = workbook(tmp_path / "a.xlsx", [figure()], editions=[new_edition()])
    ingest(path, data_dir)
    before = state(data_dir)
    again = ingest(path, data_dir)
    assert (again.known, again.rows, again.contents) == (1, (), {}) and state(data_dir) == before


def test_a_source_may_be_named_by_its_title(tmp_path: Path):
    assert plan(tmp_path, figure(来源="《2021年公报》")).rows[0].cells["source_id"] == "b-2022"


def test_sources_that_no_figure_cites_wait(tmp_path: Path):
    other = new_source(来源编号="b-2023", 题名="2022年公报", 发布日期=None)
    assert [
        cells["source_id"] for cells in plan(tmp_path, figure(), sources=[new_source(), other]).sources
    ] == ["b-2022"]


def test_confidence_of_the_row_goes_before_that_of_the_source(tmp_path: Path):
    rows = plan(tmp_path, figure(可信度="c", 说明="二手"), figure(82.0, 指标="城镇化率", 说明="二手")).rows
    assert [row.cells["confidence"] for row in rows] == ["C", "A"]


def test_a_known_source_keeps_the_confidence_it_always_had(tmp_path: Path):
    row = figure(820.0, 指标="户籍人口", 年份=2020, 来源="b-2021", 说明="补录")
    assert plan(tmp_path, row, sources=[]).rows[0].cells["confidence"] == "A"


def test_figures_in_other_units_are_converted_and_say_so(tmp_path: Path):
    (row,) = plan(tmp_path, figure("11,950,000人")).rows
    assert (row.cells["value"], row.printed) == ("1195.0", "11950000人")


def test_the_vintage_is_that_of_the_series(tmp_path: Path):
    rows = [observation(2020, 1173.8, vintage="annual-survey", source_id="b-2021")]
    small_ledger(tmp_path, observations=rows)
    assert plan(tmp_path, figure()).rows[0].cells["vintage"] == "annual-survey"
    assert plan(tmp_path, figure(版次="rebased")).rows[0].cells["vintage"] == "rebased"


# ------------------------------------------------------------ revisions


REVISED = {"年份": 2020, "来源": "2021年公报"}


def test_a_differing_figure_is_a_revision_with_a_reason(tmp_path: Path):
    assert codes(tmp_path, figure(1175.0, **REVISED)) == ["revision-reason"]
    (row,) = plan(tmp_path, figure(1175.0, 说明="按抽样复核修订", **REVISED)).rows
    assert (row.kind, row.cells["status"], row.before) == (REVISION, "R", (RESIDENTS[-1], "", 2020))


def test_a_revision_is_a_new_row_and_the_old_one_stays(tmp_path: Path):
    data_dir = small_ledger(tmp_path)
    before = state(data_dir)
    ingest(workbook(tmp_path / "a.xlsx", [figure(1175.0, 说明="复核", **REVISED)]), data_dir)
    assert len(added(data_dir, before, "observations.csv")) == 1
    ledger = read_ledger(data_dir)
    assert ledger.series("resident_population").at(2020).value == 1175.0  # type: ignore[union-attr]
    assert ledger.as_of("2022-02-28").series("resident_population").at(2020).value == RESIDENTS[-1]  # type: ignore[union-attr]


def test_the_same_figure_from_another_source_is_no_revision(tmp_path: Path):
    assert plan(tmp_path, figure(RESIDENTS[-1], **REVISED)).rows[0].kind == AGAIN


def test_a_doubtful_figure_never_displaces_an_official_one(tmp_path: Path):
    assert plan(tmp_path, figure(1175.0, 可信度="C", **REVISED)).rows[0].kind == REFERENCE


def test_another_figure_of_the_same_source_is_refused(tmp_path: Path):
    assert codes(tmp_path, figure(1175.0, 年份=2020, 来源="b-2021", 说明="录错"), sources=[]) == [
        "same-source"
    ]


def test_a_mistyped_figure_is_mended_by_a_source_of_its_own(tmp_path: Path):
    mended = new_source(
        来源编号="entry-2022-05", 题名="录入更正", 发布机构="编者", 发布日期="2022-05-12", 类型="数据集"
    )
    row = figure(1173.9, 年份=2020, 来源="录入更正", 说明="2020年数录错一位")
    assert plan(tmp_path, row, sources=[mended]).rows[0].kind == REVISION


def test_a_new_figure_is_new(tmp_path: Path):
    assert plan(tmp_path, figure()).rows[0].kind == NEW


# ------------------------------------------------------------ problems


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (figure(11950000), "magnitude"),
        (figure(0.1195), "magnitude"),
        (figure(0.82, 指标="城镇化率"), "magnitude"),
        (figure(820, 指标="城镇化率"), "magnitude"),
        (figure(0.85, 指标="常住出生率"), "magnitude"),
        (figure(85, 指标="常住出生率"), "magnitude"),
        (figure(-3, 指标="城镇化率"), "bounds"),
        (figure(120, 指标="城镇化率"), "bounds"),
        (figure(1330.0), "jump"),
        (figure(1050.0, 状态="P"), "jump"),
        (figure(来源="谁说的"), "source-missing"),
        (figure(发布日期="2022-03-02"), "published-differs"),
        (figure(年份=2023, 说明="预计"), "year-in-future"),
        (figure(来源="b-2020", 说明="补"), "year-in-future"),
        (figure(说明="<script>alert(1)</script>"), "markup"),
        (figure(说明="{{ config }}"), "markup"),
        (figure(说明="{% include 'x' %}"), "markup"),
        (figure(说明="{download}`x <../../x>`"), "markup"),
        (figure(说明=":::{include} ../../etc/passwd"), "markup"),
        (figure(说明="[点这里](javascript:alert(1))"), "markup"),
        (figure(说明="![](http://example.org/x.png)"), "markup"),
        (figure(说明="@SUM(1)"), "formula"),
        (figure(说明="-1+cmd|' /C calc'!A0"), "formula"),
        (figure(说明="零宽\u200b空格\u202e反转"), "control-character"),
    ],
    ids=lambda value: str(value.get("说明") or value["数值"]) if isinstance(value, dict) else value,
)
def test_one_problem_is_one_line(tmp_path: Path, row: dict[str, Any], code: str):
    assert codes(tmp_path, row) == [code]


def test_a_note_explains_a_jump_but_no_slip_of_the_unit(tmp_path: Path):
    assert codes(tmp_path, figure(1330.0, 说明="区划调整后增加")) == []
    assert codes(tmp_path, figure(11950000, 说明="确实如此")) == ["magnitude"]
    assert codes(tmp_path, figure(820, 指标="城镇化率", 说明="确实如此")) == ["bounds"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([figure(), figure(1000.0, 指标="城镇人口"), figure(195.0, 指标="乡村人口")], None),
        ([figure(), figure(1000.0, 指标="城镇人口"), figure(196.0, 指标="乡村人口")], "identity"),
        ([figure(), figure(900.0, 指标="城镇人口"), figure(81.0, 指标="城镇化率")], "identity"),
        ([figure(), figure(21.2, 指标="常住人口增量")], None),
        ([figure(), figure(22.2, 指标="常住人口增量")], "increment"),
    ],
)
def test_identities_within_the_file_and_with_last_year(
    tmp_path: Path, rows: list[dict[str, Any]], code: str | None
):
    assert codes(tmp_path, *rows) == ([code] if code else [])


def test_an_identity_is_said_with_names_and_numbers(tmp_path: Path):
    rows = [figure(), figure(1000.0, 指标="城镇人口"), figure(196.0, 指标="乡村人口")]
    (problem,) = problems_of(workbook(tmp_path / "a.xlsx", rows), small_ledger(tmp_path))
    assert (
        problem.message
        == "常住城镇＋乡村＝总人口不成立，相差 +1（城镇人口 1000、乡村人口 196、常住人口 1195）"
    )
    assert problem.column == "数值（D4）"


def test_the_same_row_twice(tmp_path: Path):
    (problem,) = problems_of(
        workbook(tmp_path / "a.xlsx", [figure(), figure(1196.0)]), small_ledger(tmp_path)
    )
    assert (problem.code, problem.row) == ("duplicate", 4) and "第 3 行" in problem.message


def test_an_identity_with_rows_that_stand_in_the_ledger(tmp_path: Path):
    about = {"source_id": "b-2021", "published": "2021-03-01"}
    rows = [
        observation(2020, 1000.0, **about),
        observation(2020, 900.0, indicator_id="resident_urban", **about),
    ]
    small_ledger(tmp_path, observations=rows)
    row = figure(79.0, 指标="城镇化率", 年份=2020, 来源="b-2021", 说明="补")
    assert codes(tmp_path, row, sources=[]) == ["identity"]


@pytest.mark.parametrize(
    ("sources", "code"),
    [
        ([new_source(发布日期=None)], "source-incomplete"),
        ([new_source(发布机构=None)], "source-incomplete"),
        ([new_source(类型=None)], "source-incomplete"),
        ([new_source(可信度=None)], "confidence"),
        ([new_source(发布日期="2022-06-01")], "future-date"),
        ([new_source(), new_source(来源编号="b-2022-b")], "source-missing"),
        ([new_source(), new_source()], "unique"),
        ([new_source(来源编号=None)], "source-missing"),
        ([new_source(来源编号="../../b")], "pattern"),
        ([new_source(题名="2021年公报<b>")], "source-missing"),
        ([new_source(说明="见 https://example.org")], "address"),
        ([new_source(日期精度="月")], "date-precision"),
        ([new_source(读取途径="=HYPERLINK(1)")], "formula"),
    ],
)
def test_problems_of_sources(tmp_path: Path, sources: list[dict[str, Any]], code: str):
    assert code in codes(tmp_path, figure(), sources=sources)


@pytest.mark.parametrize(
    "overrides", [{"题名": "别的公报"}, {"发布机构": "别人"}, {"发布日期": "2021-03-02"}, {"类型": "年鉴"}]
)
def test_a_registered_source_is_not_changed(tmp_path: Path, overrides: dict[str, Any]):
    known = {
        "来源编号": "b-2021",
        "题名": "2020年公报",
        "发布机构": "统计局",
        "发布日期": "2021-03-01",
        "类型": "公报",
    }
    assert codes(tmp_path, figure(), sources=[new_source(), known]) == []
    assert codes(tmp_path, figure(), sources=[new_source(), known | overrides]) == ["source-differs"]


def test_a_registered_edition_is_not_changed(tmp_path: Path):
    same = {"年度": 2020, "截止日期": "2021-06-30", "题名": "2020年度"}
    assert codes(tmp_path, figure(), editions=[same]) == []
    assert codes(tmp_path, figure(), editions=[same | {"截止日期": "2021-07-31"}]) == ["edition-differs"]
    assert codes(tmp_path, figure(), editions=[new_edition(), new_edition()]) == ["unique"]
    assert codes(tmp_path, figure(), editions=[new_edition(截止日期="2021-06-30")]) == ["order", "order"]
    assert codes(tmp_path, figure(), editions=[new_edition(题名=None)]) == ["required"]


def test_a_figure_that_a_closed_edition_would_have_seen_needs_a_word(tmp_path: Path):
    row = {"指标": "户籍人口", "年份": 2020, "来源": "b-2021"}
    (problem,) = problems_of(
        workbook(tmp_path / "a.xlsx", [figure(820.0, **row)], sources=[]), small_ledger(tmp_path)
    )
    assert problem.code == "late" and "2020" in problem.message
    assert codes(tmp_path, figure(820.0, 说明="当年漏录", **row), sources=[]) == []


def test_a_region_that_ended(tmp_path: Path):
    small_ledger(
        tmp_path,
        regions=[region(name_zh="杭州市"), region("330103", name_zh="下城区", valid_to="2020-04-08")],
    )
    assert codes(tmp_path, figure(50.0, 地区="下城区")) == ["region-expired"]


def test_outside_the_interval_that_the_last_edition_published(tmp_path: Path):
    data_dir = small_ledger(tmp_path)
    head = (DATA / "forecast_archive.csv").read_text(encoding="utf-8").splitlines()[0]
    row = dict.fromkeys(head.split(","), "")
    row |= {
        "edition": "2020",
        "indicator_id": "resident_population",
        "model": "combination",
        "target_year": "2021",
    }
    row |= {
        "origin_year": "2020",
        "h": "1",
        "point": "1197",
        "lo80": "1194",
        "hi80": "1200",
        "lo95": "1196",
        "hi95": "1202",
    }
    (data_dir / "forecast_archive.csv").write_text(f"{head}\n{','.join(row.values())}\n", encoding="utf-8")
    (problem,) = problems_of(workbook(tmp_path / "a.xlsx", [figure()]), data_dir)
    assert problem.code == "jump" and "2020 年度版预测的95%区间 1196～1202" in problem.message
    assert codes(tmp_path, figure(1197.0)) == [] and codes(tmp_path, figure(说明="抽样")) == []


def test_nothing_filled_in(tmp_path: Path):
    assert codes(tmp_path, figure(None)) == ["nothing"]


def test_all_problems_of_a_file_come_at_once_and_nothing_is_written(tmp_path: Path):
    data_dir = small_ledger(tmp_path)
    before = state(data_dir)
    rows = [
        figure(11950000),
        figure("0.85%", 指标="常住出生率"),
        figure(指标="无此指标"),
        figure(1.0, 地区="无此地区"),
        figure(820.0, 指标="户籍人口"),
    ]
    path = workbook(tmp_path / "a.xlsx", rows, sources=[new_source(发布日期="三月")])
    with pytest.raises(DataError) as refused:
        ingest(path, data_dir)
    found = refused.value.problems
    assert {p.code for p in found} >= {"unit", "indicator-unknown", "region-unknown", "date"}
    assert all(re.search("[一-鿿]", p.message) and re.search("[一-鿿]", p.remedy) for p in found)
    assert state(data_dir) == before


def test_a_ledger_that_is_not_in_order_takes_nothing(tmp_path: Path):
    data_dir = small_ledger(tmp_path)
    path = data_dir / "observations.csv"
    path.write_text(path.read_text(encoding="utf-8") + "resident_population,330100,x\n", encoding="utf-8")
    with pytest.raises(PopbookError):
        plan_ingest(workbook(tmp_path / "a.xlsx", [figure()]), data_dir)


def test_every_code_has_a_chinese_name_and_none_is_idle():
    folder = Path(popbook.ledger.__file__).parent
    names = ("ingest.py", "submission.py", "inbox.py", "tableschema.py", "rules.py")
    text = "".join((folder / name).read_text(encoding="utf-8") for name in names).partition("CODES: dict")
    code = text[0] + text[2].partition('"""Every code')[2]
    assert [name for name in CODES if f'"{name}"' not in code] == []


# ------------------------------------------------------------ two at once, and killed


def test_two_ingests_at_once_lose_no_row(tmp_path: Path):
    data_dir = small_ledger(tmp_path)
    rows = [
        figure(),
        figure(81.0, 指标="城镇化率"),
        figure(8.2, 指标="常住出生率"),
        figure(830.0, 指标="户籍人口"),
    ]
    code = "import sys, pathlib\nfrom popbook.ledger.ingest import ingest\ningest(pathlib.Path(sys.argv[1]), sys.argv[2])"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(workbook(tmp_path / f"{n}.xlsx", [row])), str(data_dir)]
        )
        for n, row in enumerate(rows)
    ]
    assert [process.wait() for process in running] == [0] * len(rows)
    lines = (data_dir / "observations.csv").read_text(encoding="utf-8").splitlines()
    assert sorted(line.split(",")[0] for line in lines if ",2021," in line) == sorted(
        ["resident_population", "resident_urban_rate", "resident_birth_rate", "hukou_population"]
    )
    assert (data_dir / "sources.csv").read_text(encoding="utf-8").count("b-2022,") == 1
    assert check_data(data_dir) == []


@pytest.mark.slow
@needs_fork
def test_stopped_at_fifty_instants_the_ledger_is_the_old_or_the_new_one(tmp_path: Path):
    path = workbook(tmp_path / "a.xlsx", [figure()], editions=[new_edition()])
    ingest(path, small_ledger(tmp_path / "warm"))  # what is remembered is remembered before the instants are counted
    whole = small_ledger(tmp_path / "whole")
    old = state(whole)
    count = count_instants(lambda: ingest(path, whole))
    new = state(whole)
    assert all(old[name] != new[name] for name in FILES) and check_data(whole) == []
    outcomes = []
    # The writing is the last fifth of the work; half of the instants lie there.
    instants = [*choose_instants(count, 25), *range(count - 24, count + 1)]
    for instant in instants:
        data_dir = small_ledger(tmp_path / str(instant))
        assert stop_at(partial(ingest, path, data_dir), instant, signal.SIGKILL) == -signal.SIGKILL
        outcomes.append(state(data_dir))
        assert outcomes[-1] in (old, new), f"stopped at instant {instant} of {count}"
        ingest(path, data_dir)  # run again, it finishes what was stopped, and doubles nothing
        assert state(data_dir) == new
    assert len(outcomes) >= 50 and old in outcomes and new in outcomes


# ------------------------------------------------------------ hostile and random files


HOSTILE = [
    "=1+1",
    "=cmd|'/c calc'!A0",
    "@SUM(1)",
    "+1+1",
    "-1+1",
    "<script>alert(1)</script>",
    "<img src=x onerror=1>",
    "{{7*7}}",
    "{% raw %}",
    "{fact}`x`",
    "```{code-cell}\nimport os\n```",
    ":::{include} x",
    "../../etc/passwd",
    "C:\\Windows",
    "\u202e",
    "\ufeff",
    "𝟏𝟐",
    "𠮷",
    "％",
    "1e308",
    "-0",
    "NaN",
    "٣",
    "0x10",
    "1_000",
    "'1",
    "\\N",
    "data:text/html,x",
    "$x$",
    "\x07",
    "é" * 50,
]
CELL = st.one_of(
    st.sampled_from(HOSTILE),
    st.sampled_from(
        [
            "常住人口",
            "杭州市",
            "2021",
            "1195.0",
            "P",
            "b-2022",
            "2022-03-01",
            "A",
            "2021年公报",
            "—",
            "",
            "数值",
            "年度",
            "题名",
        ]
    ),
    st.text(max_size=12),
    st.floats(allow_nan=False),
    st.integers(-(10**20), 10**20),
)
ROW = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        (
            "指标",
            "地区",
            "年份",
            "数值",
            "状态",
            "来源",
            "发布日期",
            "可信度",
            "说明",
            "单位",
            "口径",
            "版次",
            "指标编号",
        ),
        CELL,
    ),
)
SOURCE = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("来源编号", "题名", "发布机构", "发布日期", "日期精度", "类型", "可信度", "读取途径", "说明"), CELL
    ),
)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_ledger(tmp_path_factory.mktemp("fuzzed"))


def written(path: Path, tables: list[list[dict[str, Any]]], encoding: str) -> Path:
    """Write tables of random cells; a workbook refuses some of them, and then the file is a CSV."""
    if encoding == "xlsx":
        book = Workbook()
        try:
            for rows in tables:
                sheet = book.create_sheet()
                heads = list(dict.fromkeys(key for row in rows for key in row))
                sheet.append(heads)
                for row in rows:
                    sheet.append([row.get(head) for head in heads])
            book.save(path)
            return path
        except Exception:
            encoding = "utf-8"
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for rows in tables:
        heads = list(dict.fromkeys(key for row in rows for key in row))
        writer.writerow(heads)
        writer.writerows([[row.get(head, "") for head in heads] for row in rows])
    path.write_bytes(buffer.getvalue().encode(encoding, errors="replace"))
    return path


@pytest.mark.slow
@settings(max_examples=FUZZ, suppress_health_check=list(HealthCheck))
@given(
    figures=st.lists(ROW, max_size=4),
    sources=st.lists(SOURCE, max_size=2),
    is_whole=st.lists(st.booleans(), min_size=6, max_size=6),
    encoding=st.sampled_from(["utf-8", "gb18030", "xlsx", "xlsx"]),
)
def test_generated_files_are_ingested_or_refused_with_known_codes(
    target: Path,
    figures: list[dict[str, Any]],
    sources: list[dict[str, Any]],
    is_whole: list[bool],
    encoding: str,
):
    before = {name: (target / name).read_bytes() for name in FILES}
    tables = [
        [(figure() | row) if whole else row for row, whole in zip(figures, is_whole, strict=False)],
        [(new_source() | row) if whole else row for row, whole in zip(sources, is_whole[4:], strict=False)],
        [new_source()],
        [new_edition()],
    ]
    path = written(target.with_name("fuzzed.csv"), tables, encoding)
    try:
        with unchanged_files_remembered():
            ingest(path, target)
    except DataError as error:
        assert {problem.code for problem in error.problems} <= CODES.keys()
        assert {name: (target / name).read_bytes() for name in FILES} == before
    else:
        # What was let in passes every check of the ledger, and no cell of it is dangerous.
        with unchanged_files_remembered():
            assert check_data(target) == []
    finally:
        for name, content in before.items():
            (target / name).write_bytes(content)


@pytest.mark.parametrize("column", ["数值", "发布日期", "年份", "指标"])
@pytest.mark.parametrize("digits", ["9" * 400, "9" * 5000, "1e400", "nan"])
def test_a_number_that_no_computer_holds_is_refused(tmp_path: Path, column: str, digits: str):
    data_dir = small_ledger(tmp_path)
    path = workbook(tmp_path / "a.xlsx", [figure(**{column: 4242})])
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    assert sum(b"<v>4242</v>" in part for part in parts.values()) == 1
    with zipfile.ZipFile(path, "w") as book:
        for name, part in parts.items():
            book.writestr(name, part.replace(b"<v>4242</v>", f"<v>{digits}</v>".encode()))
    with pytest.raises(DataError) as refusal:
        ingest(path, data_dir)
    assert {problem.code for problem in refusal.value.problems} <= CODES.keys()


def test_a_source_of_the_ledger_is_enough(tmp_path: Path):
    small_ledger(
        tmp_path,
        sources=[source(f"b-{y}", title=f"{y - 1}年公报", published=f"{y}-03-01") for y in range(2015, 2023)],
    )
    assert codes(tmp_path, figure(可信度="B"), sources=[]) == []
