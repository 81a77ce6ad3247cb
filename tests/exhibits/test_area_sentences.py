"""One sentence on each field of the plan: what it says in 2024, and what it says when the data say otherwise."""

from __future__ import annotations

import pytest

from popbook.exhibits.area_sentences import FIELDS, areas
from popbook.exhibits.inline import plain_text
from popbook.exhibits.report import Report, open_report
from tests.exhibits.amending import amended, heading


def said(report: Report) -> dict[str, str]:
    (block,) = areas(report).blocks
    lines = [plain_text(line).removeprefix("- ") for line in str(block).splitlines()]
    return {line[:2]: line[3:] for line in lines}


@pytest.mark.parametrize("edition", [2020, 2021, 2024])
def test_each_field_has_one_sentence(edition: int) -> None:
    found = said(open_report(edition, chapter="areas"))
    assert list(found) == [word for _, word, _ in FIELDS]
    assert all(text.count("。") == 1 and text.endswith("。") for text in found.values())
    assert "None" not in "".join(found.values())


def test_the_fields_of_2024() -> None:
    report = open_report(2024, chapter="areas")
    found = said(report)
    assert "1262.4万人，距2025年目标（1370万人左右）差107.6万人" in found["总量"]
    assert "2021年户籍人口834.54万人，此后没有可用的新数" in found["总量"]
    assert "0—14岁占12.4%、15—59岁占67.1%、60岁及以上占20.5%，其中60岁及以上比上年上升0.9个百分点" in found["结构"]
    assert "劳动年龄受教育年限最近一次是2020年的12.03年" in found["素质"]
    assert "83.12岁（2021年的83.63岁为参考级，不作依据）" in found["素质"]
    assert found["素质"].endswith("6项目标中未公布5项、无法评估1项。")
    assert "城镇化率84.8%" in found["分布"]
    assert "13个区县中没有一个有2024年末常住人口的可用数" in found["分布"]
    assert heading(areas(report)) == "总量、结构和分布有目标可以评估，素质没有一项能评估"


def test_the_base_edition_has_starting_points_only() -> None:
    report = open_report(2020, chapter="areas")
    assert heading(areas(report)) == "总量、结构、素质、分布：2020年的起点"
    assert "2020年末的年龄结构没有公布，最近一次是2020年普查" in said(report)["结构"]


def test_a_published_year_of_schooling_takes_the_silence_back() -> None:
    report = amended(2024, ("schooling_years_working_age", 2024, 12.3), chapter="areas")
    assert "2024年劳动年龄受教育年限12.3" in said(report)["素质"]
    assert "素质没有一项能评估" not in heading(areas(report))


def test_a_share_that_falls_is_said_to_fall() -> None:
    report = amended(2024, ("resident_share_60plus", 2024, 19.5), chapter="areas")
    assert "60岁及以上比上年下降0.1个百分点" in said(report)["结构"]
    assert "已突破" not in said(report)["结构"]


def test_age_groups_nobody_published_leave_the_latest_ones() -> None:
    gone = [(f"resident_share_{group}", 2024, None) for group in ("0_14", "15_59", "60plus")]
    report = amended(2024, *gone, chapter="areas")  # type: ignore[arg-type]
    assert "2024年末的年龄结构没有公布，最近一次是2023年末：0—14岁占12.7%" in said(report)["结构"]
