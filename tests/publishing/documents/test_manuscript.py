from __future__ import annotations

from pathlib import Path

import pytest

from popbook.ledger.errors import PopbookError
from popbook.publishing.documents.brief import FIGURE_COUNT, FIGURE_FILE, read_brief_figures
from popbook.publishing.documents.manuscript import Manuscript, edition_pages
from popbook.publishing.documents.tree import plain_words
from popbook.publishing.documents.write import drawings, make_brief, page_count
from popbook.publishing.exhibit_ids import read_registry
from tests.publishing.documents.small import EPOCH, IMPRINT, META, bundle, manuscript, small_run, write_book
from tests.publishing.projects import ROOT


def test_pages_stand_in_the_order_of_the_contents_with_chapters_and_appendices_numbered(
    tmp_path: Path,
) -> None:
    pages = edition_pages(write_book(tmp_path), small_run())
    assert [(page.label, page.title, page.anchor) for page in pages] == [
        ("", "年度要点", "overview-year"),
        ("第一章", "现状", "status"),
        ("附录一", "方法说明", "methods"),
    ]
    assert "不印" not in pages[2].source


def test_the_board_is_a_table_of_the_targets_and_no_html_is_left(tmp_path: Path) -> None:
    run = small_run()
    run.exhibits["tbl-targets"] = bundle("tbl-targets", "table", "表 4-1", "目标")
    _, blocks = next(iter(manuscript(tmp_path, run).parts()))
    said = plain_words(blocks)
    assert "常住1" not in said and "指标" in said and "有望" in said
    assert "板" not in said and "section" not in said


def test_the_board_gives_no_chance_beside_a_target_that_is_not_judged(tmp_path: Path) -> None:
    run = small_run()
    targets = bundle("tbl-targets", "table", "表 4-1", "目标")
    column = targets["cells"]["columns"][0]
    targets["cells"] = {
        "columns": [{**column, "key": key, "status": key == "status"} for key in ("name", "status", "chance")],
        "rows": [
            {"group": "", "cells": ["寿命", "无法评估", "97%"]},
            {"group": "", "cells": ["城镇化率", "未公布", "86%"]},
            {"group": "", "cells": ["老龄化", "已突破", "<1%"]},
        ],
    }
    run.exhibits["tbl-targets"] = targets
    _, blocks = next(iter(manuscript(tmp_path, run).parts()))
    said = plain_words(blocks)
    assert "无法评估" in said and "97%" not in said and "86%" not in said
    assert "<1%" in said


def test_an_exhibit_that_stands_on_two_pages_is_shown_once(tmp_path: Path) -> None:
    run = small_run()
    run.pages["overview"] += "\n```{exhibit} tbl-a\n```\n"
    said = plain_words([blocks for _, blocks in manuscript(tmp_path, run).parts()])
    assert said.count("表的标题") == 1
    assert "见表 1-1。" in said


def test_the_brief_takes_two_pages_at_most_and_holds_no_link_into_the_report() -> None:
    run = small_run()
    run.exhibits["fig-plan-paths"] = bundle("fig-plan-paths", "figure", "图 3-1", "对照")
    blocks, made = make_brief(Manuscript([], run, IMPRINT), ["fig-plan-paths"], drawings(run), META, EPOCH)
    said = plain_words(blocks)
    assert "总量" in said and "图 3-1" in said and "见第一章" in said
    assert "'Link'" not in str(blocks)
    assert 1 <= page_count(made) <= 2


def test_a_brief_with_too_many_warnings_counts_those_it_does_not_list() -> None:
    run = small_run()
    warnings = bundle("tbl-overview-warnings", "table", "表 总-1", "预警")
    warnings["cells"]["rows"] = warnings["cells"]["rows"] * 60
    run.exhibits["tbl-overview-warnings"] = warnings
    blocks, made = make_brief(Manuscript([], run, IMPRINT), ["fig-plan-paths"], drawings(run), META, EPOCH)
    assert page_count(made) <= 2
    assert "另有" in plain_words(blocks)


def _brief_file(folder: Path, *rows: str) -> Path:
    (folder / "book").mkdir()
    (folder / FIGURE_FILE).write_text("\n".join(("exhibit_id,reason", *rows)) + "\n", encoding="utf-8")
    return folder


def test_the_figures_of_the_brief_are_data() -> None:
    known = {*read_registry(ROOT / "data")}
    wanted = read_brief_figures(ROOT, known)
    assert len(wanted) >= FIGURE_COUNT
    assert set(wanted) <= known


def test_a_project_that_chooses_no_figures_has_a_brief_without(tmp_path: Path) -> None:
    assert read_brief_figures(tmp_path, set()) == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("fig-none,因为",), "各年度版都没有这张图"),
        (("tbl-a,因为",), "不是图的编号"),
        (("fig-a,因为", "fig-a,因为"), "已在前面的行中"),
        (("fig-a,",), "没有写明理由"),
        ((",",), "不是图的编号"),
    ],
)
def test_a_wrong_choice_of_figures_is_one_clear_sentence(rows: tuple[str, ...], said: str, tmp_path: Path) -> None:
    with pytest.raises(PopbookError, match=said) as caught:
        read_brief_figures(_brief_file(tmp_path, *rows), {"fig-a", "tbl-a"})
    assert caught.value.where == f"book/brief.csv:{len(rows) + 1}"
