"""The next plan of the same city stands beside the first: its editions speak of its years, the earlier ones do not change."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from popbook.exhibits.chapters import status, trends
from popbook.exhibits.inline import plain_text
from popbook.exhibits.pages import PAGES
from popbook.exhibits.pages.overview import overview
from popbook.exhibits.report import Report, open_report, section_payload, section_to_myst
from popbook.forecasting.backtest import score_vintages
from popbook.ledger.check import check_data
from popbook.ledger.reads import watch
from popbook.ledger.store import read_ledger
from popbook.ledger.visibility import data_fingerprint
from popbook.monitoring.track_record import score_plan
from tests.exhibits.next_plan import EDITION, next_plan_folder
from tests.exhibits.test_invented_plan import CHAPTERS
from tests.sharing import made_once

CITY = "330100"
PLAN = "《杭州市人口规划（2026—2030年）》（2026年7月）"
PAST = re.compile("“十四五”时期|规划期末2025|规划2025年|规划目标约?1370|到2035年的|目标要求2021|2025年低于20%|2025年目标")
"""What only the first plan says of its own years."""


@pytest.fixture(scope="module")
def folder() -> Path:
    made = made_once("next-plan", next_plan_folder)
    assert check_data(made) == []
    return made


@cache
def payloads(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Everything that the edition of the next plan shows, by chapter and page."""
    shown = {}
    for chapter, functions in CHAPTERS.items():
        report = open_report(EDITION, CITY, chapter, folder)
        shown[chapter] = [section_payload(function(report), report) for function in functions]
    for name, page in PAGES.items():
        report = open_report(EDITION, CITY, name, folder)
        shown[name] = [section_payload(section, report) for section in page(report)]
    return shown


def words(sections: Any, report: Report) -> str:
    return "\n".join(plain_text(section_to_myst(section)) for section in sections)


@pytest.mark.slow
def test_every_chapter_and_page_speaks_of_the_plan_in_force(folder: Path) -> None:
    shown = payloads(folder)
    assert PLAN in json.dumps(shown, ensure_ascii=False)
    for name, sections in shown.items():
        for section in sections:
            # What a rule rests on, what an earlier edition said and where a figure was printed stay as they were.
            text = re.sub("设定依据：[^\n]*", "", plain_text(section["myst"]))
            if name not in ("changes", "sources", "corrections", "dictionary"):
                assert PAST.findall(text) == [], (name, section["id"])
            assert not re.search(r"\bnan\b|None|。。|，。|（）", text), (name, section["id"])


@pytest.mark.slow
def test_forecasts_go_to_the_calendar_of_the_plan_in_force(folder: Path) -> None:
    text = {section["id"]: plain_text(section["myst"]) for section in payloads(folder)["03_trends"]}
    assert "预计2040年常住人口" in text["trends-resident"]
    assert "规划没有列出2040年的方案数" in text["trends-resident"]
    assert "预测中位数" in text["trends-resident"] and "规划2030年的1330万人" in text["trends-resident"]
    assert "2026年常住人口1276.1万人，在低方案与中方案之间" in text["trends-plan-paths"]
    assert "规划目标要求2026—2030年年均增加12.0万人" in plain_text(
        next(s["myst"] for s in payloads(folder)["01_status"] if s["id"] == "status-components")
    )


@pytest.mark.slow
def test_the_plan_is_scored_from_its_own_base_year(folder: Path) -> None:
    ledger = watch(read_ledger(folder).for_edition(EDITION))
    paths = score_plan(ledger)
    assert set(zip(paths["target_year"], paths["h"], strict=True)) == {(EDITION, 1)}
    table = score_vintages(ledger)
    assert set(table.loc[table["kind"] == "plan", "vintage"]) == {2025}


def test_an_edition_of_the_first_plan_is_the_same_beside_the_next(folder: Path) -> None:
    for edition in (2020, 2025):
        assert data_fingerprint(read_ledger(folder).for_edition(edition)) == data_fingerprint(read_ledger().for_edition(edition))


@pytest.mark.slow
def test_a_plan_without_a_target_for_residents_says_so(tmp_path: Path) -> None:
    folder = next_plan_folder(tmp_path / "data", targets=("B02", "B03"))
    report = open_report(EDITION, CITY, "overview", folder)
    said = words(overview(report), report)
    assert "2026年末常住人口1276.1万人，没有一项目标已突破或难以达成" in said
    assert "常住人口介于规划低方案的1276万人和中方案的1282万人之间；规划没有常住人口的目标。" in said
    chapter = open_report(EDITION, CITY, "01_status", folder)
    assert "本节需要规划对年末常住人口的目标" in status.components(chapter).lead
    assert "预计2040年常住人口" in words([trends.resident(open_report(EDITION, CITY, "03_trends", folder))], report)


@pytest.mark.slow
def test_a_plan_without_targets_and_paths_of_residents_says_so(tmp_path: Path) -> None:
    folder = next_plan_folder(tmp_path / "data", targets=("B02", "B03"))
    path = folder / "plan" / "scenario_paths.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("hangzhou-2026")), encoding="utf-8")
    report = open_report(EDITION, CITY, "overview", folder)
    assert "规划没有常住人口的方案路径，也没有常住人口的目标。" in words(overview(report), report)
    for function in CHAPTERS["03_trends"]:
        chapter = open_report(EDITION, CITY, "03_trends", folder)
        assert function(chapter).heading
