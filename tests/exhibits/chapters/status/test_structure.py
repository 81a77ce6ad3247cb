"""Pyramid, broad ages, sex ratio."""

from __future__ import annotations

from dataclasses import replace

import pytest

from popbook.exhibits.chapters.status.structure import ages, pyramid, sex
from popbook.exhibits.model import Figure, Table
from popbook.exhibits.report import Report, section_exhibits
from popbook.exhibits.tables import table_cells
from tests.ledger.plain import plain, put_table

from .conftest import Amend, heading, text


def _figure(section: object) -> Figure:
    return next(e for e in section_exhibits(section) if isinstance(e, Figure))  # type: ignore[arg-type]


def test_pyramid_headings(oldest: Report, newest: Report) -> None:
    assert heading(pyramid(oldest)) == "2010年普查20—24岁最多，100.1万人；2020年分年龄性别表尚未公布"
    assert heading(pyramid(newest)) == "2020年20—39岁432.9万人，比十年前的同一批人多165.3万人"


def test_pyramid_without_the_2020_table_says_so(report: Report) -> None:
    section = pyramid(report)
    known = report.edition >= 2022
    assert ("无法对照，本报告不作推算" in text(section)) is not known
    assert set(_figure(section).frame["年份"]) == ({2010, 2020} if known else {2010})


def test_pyramid_counts_add_up_to_the_census(newest: Report) -> None:
    frame = _figure(pyramid(newest)).frame
    totals = frame.groupby("年份")["人口（万人）"].sum()
    assert totals[2010] == pytest.approx(870.0373, abs=0.2)
    assert totals[2020] == pytest.approx(1193.601, abs=0.2)


def test_pyramid_flips_when_the_cohort_shrinks(newest: Report) -> None:
    ledger = replace(plain(newest.ledger))
    census = newest.ledger.table("census_age_sex", as_published=False)
    hit = (census["census_year"] == 2020) & census["age"].between(20, 39)
    census.loc[hit, "population"] //= 2
    put_table(ledger, "census_age_sex", census)
    section = pyramid(replace(newest, ledger=ledger, facts={}))
    assert "比十年前的同一批人少51.1万人" in heading(section)
    assert "还有净迁出" in text(section)


def test_age_headings(oldest: Report, newest: Report) -> None:
    assert heading(ages(oldest)) == "60岁及以上占16.87%，比2010年普查上升3.47个百分点"
    assert heading(ages(newest)) == "60岁及以上占20.5%，比2020年普查上升3.6个百分点"


def test_ageing_flips(amended: Amend) -> None:
    section = ages(amended(2024, ("resident_share_60plus", 2024, 15.5)))
    assert heading(section) == "60岁及以上占15.5%，比2020年普查下降1.4个百分点"
    assert "还有4.5个百分点的余量" in text(section)


def test_limit_crossed_only_when_it_is(newest: Report, report: Report) -> None:
    assert "2024年已经越过" in text(ages(newest))
    assert ("已经越过" in text(ages(report))) is (report.edition == 2024)


def test_survey_of_2019_is_no_fall(report: Report) -> None:
    assert "两数相差不表示老龄化程度下降" in text(ages(report))


def test_age_table_holds_published_numbers(newest: Report) -> None:
    table = next(e for e in section_exhibits(ages(newest)) if isinstance(e, Table))
    rows = {row["cells"][0]: row["cells"][1:] for row in table_cells(table)["rows"]}
    assert rows["2024年末"] == ["157.0", "847.2", "258.2", "177.2", "12.4", "67.1", "20.5", "14.0", "36.0"]
    assert rows["2010年普查"][:4] == ["99.1", "654.3", "116.6", "78.4"]


def test_sex_headings(oldest: Report, newest: Report) -> None:
    assert heading(sex(oldest)) == "2020年普查人口性别比108.67，男性比女性多49.6万人"
    assert heading(sex(newest)) == "2024年末人口性别比108.6，男性比女性多52.2万人"


def test_sex_flips(amended: Amend) -> None:
    section = sex(amended(2024, ("resident_male", 2024, 600.0), ("resident_sex_ratio", 2024, 99.2)))
    assert heading(section) == "2024年末人口性别比99.2，男性比女性少5.1万人"
    assert "小于100，表示男性少于女性" in text(section)


def test_survey_and_census_sex_ratios_are_never_joined(report: Report) -> None:
    frame = _figure(sex(report)).frame
    assert frame.groupby("分段")["口径"].nunique().max() == 1
    assert (frame[frame["口径"] == "普查"].groupby("分段").size() == 1).all()
    survey = frame[frame["口径"] == "年度抽样调查"]
    assert all(max(years) < 2020 or min(years) > 2020 for _, years in survey.groupby("分段")["年份"])
