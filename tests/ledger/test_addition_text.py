from __future__ import annotations

from pathlib import Path

import pytest

from popbook.ledger.addition_text import addition_text
from tests.ledger.filled import RESIDENTS, figure, new_edition, new_source, plan, small_ledger, workbook


@pytest.fixture(autouse=True)
def _in_2022(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1652313600")  # 2022-05-12


def test_new_figures_stand_beside_last_years(tmp_path: Path):
    said = addition_text(
        plan(
            tmp_path,
            figure("11,950,000人", 状态="P"),
            figure(None, 指标="户籍人口"),
            editions=[new_edition()],
        )
    )
    assert said.splitlines() == [
        "读到 1 个数；1 项没有填，仍为未公布",
        "",
        "新增的数（1）",
        "  常住人口  杭州市  2021年  1195.0万人  初步数  （2020年 1173.8）  b-2022  A级  由 11950000人 换算",
        "",
        "新增的来源（1）",
        "  b-2022  《2021年公报》，统计局，2022-03-01",
        "",
        "新增的年度版（1）",
        "  2021年度版  截止日期 2022-06-30  2021年度版",
        "",
        "写入的文件：sources.csv 增 1 行，observations.csv 增 1 行，editions.csv 增 1 行",
    ]


def test_a_revision_says_what_it_replaces_and_why(tmp_path: Path):
    row = figure(1175.0, 年份=2020, 说明="抽样复核")
    said = addition_text(plan(tmp_path, row, sources=[new_source(发布日期="2022年3月")]))
    assert "修订的数（原有的行不动，以后采用新行）（1）" in said
    assert "2020年  1175.0万人  修订数  （现用 1173.8）  b-2022  A级  说明：抽样复核" in said
    assert "2022-03-31（月）" in said


def test_other_kinds_have_their_own_heads(tmp_path: Path):
    again = figure(RESIDENTS[-1], 年份=2020)
    doubtful = figure(84.0, 指标="城镇化率", 年份=2020, 可信度="C", 说明="二手")
    said = addition_text(plan(tmp_path, again, doubtful))
    assert "另一来源的同一个数（1）" in said and "只作参考的数（不改变采用的数）（1）" in said


def test_what_stands_in_the_ledger_already_is_counted(tmp_path: Path):
    from popbook.ledger.ingest import ingest, plan_ingest

    data_dir = small_ledger(tmp_path)
    path = workbook(tmp_path / "a.xlsx", [figure()])
    ingest(path, data_dir)
    assert addition_text(plan_ingest(path, data_dir)) == "读到 1 个数；其中 1 个台账已有，不重复写入"
