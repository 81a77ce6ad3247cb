"""Life expectancy, talent, labour productivity."""

from __future__ import annotations

from popbook.exhibits.chapters.status.quality import health, talent
from popbook.exhibits.model import Figure, Table
from popbook.exhibits.report import Report, section_exhibits

from .conftest import Amend, heading, text


def test_health_headings(oldest: Report, newest: Report) -> None:
    assert heading(health(oldest)) == "2020年户籍人口预期寿命83.12岁，五年提高1.27岁"
    assert heading(health(newest)) == "2020年户籍人口预期寿命83.12岁，此后没有主管部门公布数"


def test_secondary_figure_never_leads(report: Report) -> None:
    section = health(report)
    assert "83.63" not in heading(section) and "83.63" not in section.policy
    assert ("83.63岁，未注明口径" in text(section)) is (report.edition >= 2022)
    figure = next(e for e in section_exhibits(section) if isinstance(e, Figure))
    assert "83.63" not in figure.title


def test_life_expectancy_flips(amended: Amend) -> None:
    section = health(amended(2020, ("life_expectancy", 2020, 81.0)))
    assert heading(section) == "2020年户籍人口预期寿命81.00岁，五年降低0.85岁"
    assert "低于规划2025年83.88岁的目标2.88岁" in text(section)


def test_target_met_is_said(amended: Amend) -> None:
    assert "已高于规划2025年83.88岁的目标0.12岁" in text(health(amended(2020, ("life_expectancy", 2020, 84.0))))


def test_lines_of_life_expectancy_leave_unpublished_years_open(newest: Report) -> None:
    figure = next(e for e in section_exhibits(health(newest)) if isinstance(e, Figure))
    total = figure.frame[figure.frame["口径"] == "合计"].set_index("年份")["分段"]
    assert total[2010] != total[2015] and total[2016] != total[2018] and total[2018] == total[2020]


def test_talent_headings(oldest: Report, newest: Report) -> None:
    assert heading(talent(oldest)) == "2020年人才资源总量280万人、劳动生产率21.9万元/人"
    assert heading(talent(newest)) == "2020年人才资源总量280万人，此后未公布；2023年劳动生产率26.5万元/人"


def test_density_slip_is_laid_open_and_flips(newest: Report, amended: Amend) -> None:
    assert "就业人口应为1048万人，超过2020年普查全部15—59岁人口836.92万人" in text(talent(newest))
    assert "两数可以并存" in text(talent(amended(2024, ("talent_per_10k_employed", 2020, 4000.0))))


def test_labour_productivity_is_not_one_series(newest: Report) -> None:
    words = text(talent(newest))
    assert "按当年价计算增长7.7%" in words
    assert "不计算2020年以来的增幅" in words
    assert "口径不同，不与2020年相连" in words


def test_labour_table_says_what_is_silent(newest: Report, oldest: Report) -> None:
    table = next(e for e in section_exhibits(talent(newest)) if isinstance(e, Table))
    assert table.title == "7项人才和劳动力指标中，6项在2020年以后没有公布数"
    assert (table.frame["since"] == "未公布").all()
    first = next(e for e in section_exhibits(talent(oldest)) if isinstance(e, Table))
    assert "since" not in {column.key for column in first.columns}
