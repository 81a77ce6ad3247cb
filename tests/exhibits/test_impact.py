from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from popbook.exhibits.impact import impact_text
from popbook.ledger.ingest import plan_ingest
from tests.ledger.filled import workbook
from tests.ledger.tables import DATA

YEAR = 2024
CUT_OFF = "2025-06-30"


@pytest.fixture(autouse=True)
def _soon_after(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1752537600")  # 2025-07-15


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real data as they were before the edition of 2024: its rows and its edition are taken out again."""
    folder = tmp_path_factory.mktemp("earlier") / "data"
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("inbox"))
    _keep(folder / "editions.csv", lambda line: int(line[:4]) < YEAR)
    _keep(folder / "observations.csv", lambda line: not line.split(",")[7] > "2024-12-31")
    _keep(folder / "forecast_archive.csv", lambda line: int(line[:4]) < YEAR)
    return folder


def _keep(path: Path, wanted: object) -> None:
    head, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    assert callable(wanted)
    path.write_text(head + "".join(line for line in lines if wanted(line)), encoding="utf-8")


def planned(folder: Path, *rows: dict[str, object], editions: tuple[dict[str, object], ...] = ()):
    figures = [
        {"地区": "杭州市", "年份": YEAR, "来源": "hz-popbulletin-2024", "可信度": "B", "说明": "复核"} | row
        for row in rows
    ]
    path = workbook(folder.parent / "a.xlsx", figures, sources=[], editions=list(editions))
    return plan_ingest(path, folder)


EDITION = {"年度": YEAR, "截止日期": CUT_OFF, "题名": "杭州市人口发展规划年度监测报告（2024年度）"}


def test_a_new_edition_shows_what_flips_and_what_will_be_written(earlier: Path):
    addition = planned(
        earlier,
        {"指标": "年末常住人口", "数值": 1262.4},
        {"指标": "60岁及以上常住人口比重", "数值": 20.5},
        editions=(EDITION,),
    )
    said = impact_text(addition, earlier)
    assert "判断的变化（2023年度版 → 2024年度版）" in said
    assert "  规划指标  T09 60岁及以上人口比重（常住人口）：难以达成 → 已突破" in said
    assert (
        "2024年度版的概览将写成：" in said
        and "1. 总量　2024年末常住人口1262.4万人，比上年末增加10.2万人" in said
    )


def test_a_figure_that_an_edition_sees_late_shows_the_sentences_that_change(earlier: Path):
    rows = {"指标": "年末常住人口", "数值": 1250.0, "年份": 2023, "来源": "录入更正", "可信度": "A"}
    mended = {
        "来源编号": "entry-2024",
        "题名": "录入更正",
        "发布机构": "编者",
        "发布日期": "2024-06-01",
        "类型": "数据集",
    }
    path = workbook(
        earlier.parent / "b.xlsx", [{"指标": "", "地区": "杭州市", "说明": "更正"} | rows], sources=[mended]
    )
    said = impact_text(plan_ingest(path, earlier), earlier)
    assert "2023年度版会改变" in said
    assert (
        "  原：1. 总量　2023年末常住人口1252.2万人" in said
        and "  现：1. 总量　2023年末常住人口1250.0万人" in said
    )


def test_a_figure_that_no_edition_sees_changes_none(earlier: Path):
    said = impact_text(planned(earlier, {"指标": "年末常住人口", "数值": 1262.4}), earlier)
    assert said.startswith("没有年度版会看到这些数")


def test_nothing_to_write_changes_nothing(earlier: Path):
    row = {"指标": "年末常住人口", "数值": 1252.2, "年份": 2023, "来源": "hz-popbulletin-2023"}
    assert impact_text(planned(earlier, row), earlier) == "台账不变，各年度版不变。"
