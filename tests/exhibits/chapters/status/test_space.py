"""Urban share and districts."""

from __future__ import annotations

import pytest

from popbook.exhibits.chapters.status.space import districts, urban
from popbook.exhibits.model import Figure, Table
from popbook.exhibits.report import Report, section_exhibits
from popbook.exhibits.tables import table_cells

from .conftest import Amend, heading, text


def _tables(report: Report) -> dict[str, dict[str, list[str]]]:
    return {
        e.id: {row["cells"][0]: row["cells"][1:] for row in table_cells(e)["rows"]}
        for e in section_exhibits(districts(report))
        if isinstance(e, Table)
    }


def test_urban_headings(oldest: Report, newest: Report) -> None:
    assert heading(urban(oldest)) == "2020年普查城镇化率83.29%，距2025年85%的目标差1.71个百分点"
    assert heading(urban(newest)) == "2024年末城镇化率84.8%，距2025年85%的目标差0.2个百分点"


def test_urban_target_reached_flips_heading_and_policy(amended: Amend) -> None:
    section = urban(amended(2024, ("resident_urban_rate", 2024, 85.3)))
    assert heading(section) == "2024年末城镇化率85.3%，高于2025年85%的目标0.3个百分点"
    assert "目标已经达到" in section.policy


def test_urban_line_is_cut_at_the_census(report: Report) -> None:
    figure = next(e for e in section_exhibits(urban(report)) if isinstance(e, Figure))
    survey = figure.frame[figure.frame["口径"] == "年度抽样调查"]
    assert all(max(years) < 2020 or min(years) > 2020 for _, years in survey.groupby("分段")["年份"])
    assert "不是一年的提高" in text(urban(report))


def test_urban_counts_move_with_the_data(newest: Report, amended: Amend) -> None:
    assert "乡村人口192.2万人，比上年减少5.7万人" in text(urban(newest))
    assert "乡村人口199.9万人，比上年增加2.0万人" in text(urban(amended(2024, ("resident_rural", 2024, 199.9))))


def test_district_headings(oldest: Report, newest: Report) -> None:
    assert heading(districts(oldest)) == "十年间余杭占全市人口的比重升3.59个百分点，拱墅降3.00个百分点"
    assert heading(districts(newest)) == "2010—2020年余杭（旧区划）人口增105.3%，下城和淳安减少"


def test_old_boundaries_wait_for_their_tables(report: Report) -> None:
    known = report.edition >= 2022
    assert ("tbl-districts-old" in _tables(report)) is known
    assert ("按旧区划的增减不能计算" in text(districts(report))) is not known


def test_districts_add_up_to_the_city(newest: Report) -> None:
    tables = _tables(newest)
    old, new = tables["tbl-districts-old"], tables["tbl-districts-new"]
    assert len(old) == len(new) == 13
    assert sum(float(row[0]) for row in old.values()) == pytest.approx(870.04, abs=0.07)
    assert sum(float(row[1]) for row in old.values()) == pytest.approx(1193.60, abs=0.07)
    # The bulletin lists the scenic area apart.
    assert sum(float(row[0]) for row in new.values()) + 2.3763 == pytest.approx(1193.60, abs=0.07)


def test_growing_district_leaves_the_heading(amended: Amend) -> None:
    section = districts(amended(2024, ("census_population", 2020, 60.0, "330103-old")))
    assert heading(section) == "2010—2020年余杭（旧区划）人口增105.3%，淳安减少"


def test_policy_names_no_abolished_district(newest: Report) -> None:
    policy = districts(newest).policy
    assert "淳安人口减少" in policy and "下城" not in policy


def test_later_years_are_shown_where_published(newest: Report, oldest: Report) -> None:
    words = text(districts(newest))
    assert "只有5个公布过年末常住人口，其余8个未公布" in words
    assert "萧山区2023年214.0万人，比普查增加12.8万人" in words
    assert "上城区2024年" not in words  # a secondary figure stays in the table
    assert _tables(newest)["tbl-districts-new"]["上城区"][-2:] == ["139.8", "2024*"]
    assert _tables(newest)["tbl-districts-new"]["临平区"][-2:] == ["未公布", ""]
    assert len(_tables(oldest)["tbl-districts-new"]["临平区"]) == 4


def test_tiles_cover_each_place_once(newest: Report) -> None:
    for scheme in ("pre-2021", "post-2021"):
        places = [
            (r.tile_row, r.tile_col) for r in newest.ledger.regions.values() if r.level == "district" and r.scheme in ("all", scheme)
        ]
        assert len(places) == len(set(places)) == 13


def test_unchanged_districts_are_compared_without_old_tables(oldest: Report) -> None:
    words = text(districts(oldest))
    assert "范围没有变化的6个区县市可以直接比较，十年间滨江区增57.9%" in words
    assert "淳安县减2.3%" in words
