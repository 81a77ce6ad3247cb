"""The three population concepts."""

from __future__ import annotations

from popbook.exhibits.chapters.status.three_concepts import concepts
from popbook.exhibits.model import Figure, Table
from popbook.exhibits.report import Report, section_exhibits

from .conftest import Amend, heading, text


def _figure(report: Report) -> Figure:
    return next(e for e in section_exhibits(concepts(report)) if isinstance(e, Figure))


def _table(report: Report) -> Table:
    return next(e for e in section_exhibits(concepts(report)) if isinstance(e, Table))


def test_headings_of_2020_and_2024(oldest: Report, newest: Report) -> None:
    assert heading(concepts(oldest)) == "2020年末常住人口1196.5万人，户籍加登记流动超出310.1万人，不能相加"
    assert heading(concepts(newest)) == "2024年末常住人口1262.4万人；2020年户籍加登记流动超出常住310.1万人"


def test_sum_below_residents_flips_the_sentence(amended: Amend) -> None:
    section = concepts(amended(2020, ("floating_population", 2020, 300.0)))
    assert "少于82.7万人" in heading(section)
    assert "高估" not in text(section)


def test_gap_uses_the_last_firm_year(newest: Report) -> None:
    # The registered population of 2022 is a secondary figure (C); the gap stops at 2021: 1220.4 - 834.5428.
    words = text(concepts(newest))
    assert "2021年末常住人口比户籍人口多385.9万人" in words
    assert "到2021年末扩大88.1万人" in words
    assert _figure(newest).title == "2021年末常住人口比户籍人口多385.9万人，比2014年扩大88.1万人"


def test_gap_flips_when_registered_exceed_residents(amended: Amend) -> None:
    words = text(concepts(amended(2024, ("hukou_population", 2021, 1300.0))))
    assert "2021年末常住人口比户籍人口少79.6万人" in words
    assert "户口在外地而住在本市的人，多于" not in words


def test_census_step_is_no_growth(oldest: Report, newest: Report) -> None:
    assert "相差160.5万人，这不是一年的增长" in text(concepts(oldest))
    assert "没有按七普修订，两段不能相连" in text(concepts(oldest))
    assert "1161.3" not in text(concepts(oldest))
    assert "把2019年改为1161.3万人，同口径的2020年增量为35.2万人" in text(concepts(newest))


def test_lines_never_cross_the_breaks(oldest: Report, newest: Report) -> None:
    for report, cut in ((oldest, 2020), (newest, 2014)):
        rows = _figure(report).frame
        residents = rows[rows["口径"] == "常住人口"].set_index("年份")["分段"]
        assert residents[cut] != residents[cut - 1]
        floating = rows[rows["口径"] == "登记流动人口"].set_index("年份")["分段"]
        assert floating[2015] != floating[2016]


def test_census_migrants_appear_once_published(oldest: Report, newest: Report) -> None:
    assert "人户分离" not in text(concepts(oldest))
    assert "2020年为622.10万人" in text(concepts(newest))


def test_table_prints_each_concept_with_its_digits(newest: Report) -> None:
    frame = _table(newest).frame.set_index("concept")
    assert frame["shared"].to_dict() == {"常住人口": "1196.5", "户籍人口": "813.83", "登记流动人口": "692.75", "普查人口": "1193.60"}
    assert frame["year"].to_dict() == {"常住人口": "2024", "户籍人口": "2022", "登记流动人口": "2020", "普查人口": "2020"}


def test_missing_residents_read_unpublished(amended: Amend) -> None:
    nan = float("nan")
    report = amended(2020, *[("resident_population", year, nan) for year in range(2008, 2021)])
    assert heading(concepts(report)) == "年末常住人口未公布"
