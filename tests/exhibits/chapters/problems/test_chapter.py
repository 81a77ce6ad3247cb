from __future__ import annotations

import re

import pytest

from popbook.exhibits.chapters import problems
from popbook.exhibits.model import Figure
from popbook.exhibits.report import section_exhibits, section_payload
from tests.exhibits.chapters.problems.ledgers import EDITIONS, heading, report_of, words

SECTIONS = ("opener", "births", "fertility", "ageing", "services", "imbalance", "warnings")


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_can_be_shown_in_every_edition(name: str, edition: int) -> None:
    report = report_of(edition)
    section = getattr(problems, name)(report)
    # The payload draws every figure in both layouts and refuses facts that were never registered.
    payload = section_payload(section, report)
    assert payload["id"] == ("problems" if name == "opener" else f"problems-{name}")
    assert re.search(r"\d", heading(section)), "a heading is a finding with its number"


@pytest.mark.parametrize("edition", EDITIONS)
def test_no_section_speaks_of_a_year_it_cannot_know(edition: int) -> None:
    report = report_of(edition)
    plan_years = {2025, 2026, 2027, 2028, 2029, 2030}
    for name in SECTIONS:
        text = words(getattr(problems, name)(report))
        said = {int(year) for year in re.findall(r"(?<!\d)(20[12]\d)年", text)}
        beyond = {year for year in said if year > edition} - plan_years
        # Ages of entry to kindergarten and the years after the last figure are named, values of them are not.
        for year in beyond:
            assert re.search(rf"{year}年(?:以后|前后|公报|年度版|普查公报|4月)", text), (name, year)


@pytest.mark.parametrize("edition", EDITIONS)
def test_ids_are_unique_over_the_chapter(edition: int) -> None:
    report = report_of(edition)
    ids = [x.id for name in SECTIONS for x in section_exhibits(getattr(problems, name)(report))]
    assert len(ids) == len(set(ids))


def test_headings_of_2024() -> None:
    report = report_of(2024)
    assert [heading(getattr(problems, name)(report)) for name in SECTIONS] == [
        "问题：60岁及以上占常住人口20.5%，越过规划的20%上限",
        "常住出生率2024年升至7.5‰，仍低于2021年的7.6‰",
        "按常住出生推算总和生育率0.89，规划的1.33须有13.8万名新生儿",
        "60岁及以上占常住人口20.5%，越过规划的20%上限",
        "2024年0—14岁人口减1.9万人，60岁及以上增12.3万人",
        "西部三县（市）占比十年由13.49%降至10.26%，淳安减少0.79万人",
        "5项预警指标触发2项：老龄化、区域布局",
    ]


def test_headings_of_2020() -> None:
    report = report_of(2020)
    assert [heading(getattr(problems, name)(report)) for name in SECTIONS] == [
        "问题：2020年60岁及以上人口，户籍占23.13%，常住占16.87%",
        "户籍出生率连续三年下降，2020年为9.92‰",
        "规划列2020年总和生育率1.33，口径未注明，尚不能核对",
        "2020年60岁及以上人口，户籍占23.13%，常住占16.87%",
        "总抚养比由2010年的25.64%升到2020年的32.75%",
        "西部三县（市）占比十年由13.49%降至10.26%，淳安减少0.79万人",
        "5项预警指标触发1项：区域布局",
    ]


@pytest.mark.parametrize("edition", EDITIONS)
def test_no_figure_draws_two_populations_as_one_series(edition: int) -> None:
    section = problems.births(report_of(edition))
    figures = {x.id: x for x in section_exhibits(section) if isinstance(x, Figure)}
    assert figures["fig-birth-rates"].indicator_ids == ("resident_birth_rate",)
    assert figures["fig-birth-rates-hukou"].indicator_ids == ("hukou_birth_rate",)


@pytest.mark.parametrize("name", ["births", "fertility", "ageing", "services", "imbalance"])
def test_every_problem_ends_with_its_early_warning(name: str) -> None:
    last = getattr(problems, name)(report_of(2024)).blocks[-1]
    assert isinstance(last, str)
    assert re.match(r"\*\*预警指标：.+——(触发|未触发|无法判断)。\*\* 规则：.+即触发。", last)
