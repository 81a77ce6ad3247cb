"""Chapters, pages and references of an invented plan say nothing of the real one, and say what they lack."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from popbook.exhibits.chapters import problems, projects, status, targets, trends
from popbook.exhibits.chapters.needs import NEEDS, Needs, gap
from popbook.exhibits.citable import Register, cite
from popbook.exhibits.imprint import Imprint, footer_html
from popbook.exhibits.model import Section
from popbook.exhibits.pages import PAGES
from popbook.exhibits.plan_words import fill_in, plan_words
from popbook.exhibits.references import STYLES
from popbook.exhibits.report import Report, open_report, section_payload
from popbook.ledger.check import check_data
from popbook.ledger.store import read_ledger
from popbook.publishing.edition_run import gather_facts, number_exhibits
from tests.exhibits.invented_plan import CITY, EDITIONS, invented_folder
from tests.sharing import made_once

BOOK = Path(__file__).parents[2] / "book"
REAL = ("杭州", "浙江", "亚运", "轨道", "79.74", "hz-plan", "330100", "十四五")
"""Words of the real plan, its city, and what it speaks of."""

CHAPTERS: dict[str, tuple[Callable[[Report], Section], ...]] = {
    "01_status": (
        status.opener, status.concepts, status.components, status.pyramid, status.ages, status.sex, status.urban,
        status.health, status.talent, status.districts,
    ),
    "02_problems": (
        problems.opener, problems.births, problems.fertility, problems.ageing, problems.services, problems.imbalance,
        problems.warnings,
    ),
    "03_trends": (
        trends.opener, trends.plan_paths, trends.resident, trends.scenarios, trends.requirements, trends.hukou,
        trends.floating, trends.models, trends.factor, trends.verification, trends.ages, trends.pyramid,
        trends.districts, trends.backtest, trends.assumptions, trends.events,
    ),
    "04_targets": (
        targets.opener, targets.board, targets.table, targets.guard_rails, targets.reach, targets.arithmetic,
        targets.sensitivity, targets.unpublished, targets.rule,
    ),
    "05_projects": (
        projects.opener, projects.register, projects.timeline, projects.engineering, projects.tasks,
        projects.evidence, projects.conflicts,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder() -> Path:
    made = made_once("invented-plan", invented_folder)
    assert check_data(made) == []
    return made


@cache
def payloads(folder: Path, edition: int) -> dict[str, list[dict[str, Any]]]:
    """Everything that an edition of the invented plan shows, by document name."""
    made = {}
    for chapter, functions in CHAPTERS.items():
        report = open_report(edition, CITY, chapter, folder)
        made[f"notebooks/{chapter}"] = [section_payload(function(report), report) for function in functions]
    for name, page in PAGES.items():
        report = open_report(edition, CITY, name, folder)
        made[f"book/{name}"] = [section_payload(section, report) for section in page(report)]
    return made


@pytest.mark.parametrize("edition", EDITIONS)
def test_no_section_or_exhibit_names_the_real_plan(folder: Path, edition: int) -> None:
    for docname, sections in payloads(folder, edition).items():
        for section in sections:
            text = json.dumps(section, ensure_ascii=False)
            assert [word for word in REAL if word in text] == [], (docname, section["id"])


def test_the_invented_plan_is_what_the_pages_speak_of(folder: Path) -> None:
    text = json.dumps(payloads(folder, EDITIONS[-1]), ensure_ascii=False)
    for said in ("临江市", "《临江市人口规划（2021—2022年）》（2021年5月）", "托育服务工程", "lj-plan-2021"):
        assert said in text


def test_no_reference_names_the_real_plan(folder: Path) -> None:
    edition = EDITIONS[-1]
    ledger = read_ledger(folder).for_edition(edition)
    words = plan_words(ledger)
    imprint = Imprint(
        edition, "r1", ledger.editions[edition].title, ledger.cut_off or "", "ab" * 32,
        producer=words["producer"], disclaimer=words["disclaimer"],
    )  # fmt: skip
    register = Register(ledger.indicators, ledger.regions, ledger.sources)
    shown = payloads(folder, edition)
    rows = [*number_exhibits(shown).values(), *gather_facts(shown).values()]
    assert len(rows) > 20
    for row in rows:
        citation = cite(row, register, imprint)
        text = "\n".join([citation.sentence, str(citation.concept), *(citation.text(style) for style in STYLES)])
        assert "临江市监测组" in citation.text()
        assert [word for word in REAL if word in text] == [], row["id"]
    assert "规划为" not in footer_html(imprint)  # a final text is not called a draft


@pytest.mark.parametrize("path", sorted(BOOK.glob("*.md")), ids=lambda path: path.name)
def test_pages_written_by_hand_name_the_invented_city(folder: Path, path: Path) -> None:
    text = fill_in(path.read_text(encoding="utf-8"), plan_words(read_ledger(folder)))
    assert [word for word in ("杭州", "浙江", "征求意见稿") if word in text] == []


def test_what_the_plan_lacks_is_said_in_a_sentence(folder: Path) -> None:
    shown = {section["id"]: section for page in payloads(folder, EDITIONS[-1]).values() for section in page}
    for id, lacked in (
        ("status-talent", "规划对人才资源总量的目标"),
        ("status-districts", "区县数据"),
        ("problems-ageing", "规划表2：户籍老年人口"),
        ("trends-resident", "同类城市的常住人口"),
        ("trends-hukou", "规划的方案路径"),
        ("trends-assumptions", "规划正文中的有关数字"),
    ):
        assert f"本节需要{lacked}" in shown[id]["myst"], id
        assert "截至2023年6月30日没有公布或没有登记，本版从略。" in shown[id]["myst"]


def test_a_kind_of_project_that_the_plan_does_not_have_is_left_out(folder: Path) -> None:
    shown = {section["id"]: section["myst"] for section in payloads(folder, EDITIONS[-1])["notebooks/05_projects"]}
    assert "规划没有这一类事项" in shown["projects-tasks"]
    assert "规划内部没有发现不一致" in shown["projects-conflicts"]
    assert "规划的一项重点工程" in shown["projects"]


def test_a_plan_without_promises_has_a_chapter_that_says_so(tmp_path: Path) -> None:
    folder = invented_folder(tmp_path / "data")
    for name in ("projects", "commitments"):
        path = folder / "plan" / f"{name}.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    report = open_report(EDITIONS[-1], CITY, "05_projects", folder)
    for function in CHAPTERS["05_projects"]:
        assert "本节需要规划项目表、规划承诺表" in function(report).lead


def test_the_real_editions_lack_nothing_that_a_section_needs() -> None:
    ledger = read_ledger()
    assert len(NEEDS) > 20
    for edition in ledger.editions:
        known = ledger.for_edition(edition)
        lacking = {id: needs.lacking(known) for id, needs in NEEDS.items()}
        assert {id: words for id, words in lacking.items() if words} == {}, edition


def test_every_kind_of_need_is_told(folder: Path) -> None:
    needs = Needs(("census_male",), ("q1",), ("hukou",), ("census_age_sex",), ("w-1",), districts=True)
    assert needs.lacking(read_ledger(folder)) == [
        "规划对男性普查人口的目标", "规划正文中的有关数字", "规划的方案路径", "普查分年龄性别人口", "预警规则", "区县数据",
    ]  # fmt: skip


def test_a_gap_keeps_the_level_of_its_heading(folder: Path) -> None:
    section = gap(open_report(EDITIONS[0], CITY, "x", folder), "a", "预测", ["甲", "乙"], level=1)
    assert (section.id, section.heading, section.level) == ("a", "预测：缺少数据", 1)
    assert section.lead.startswith("本节需要甲、乙，截至2022年6月30日")
