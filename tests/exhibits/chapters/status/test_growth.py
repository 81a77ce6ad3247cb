"""Components of the yearly change."""

from __future__ import annotations

import pytest

from popbook.exhibits.chapters.status.growth import Growth, components, growth_fact, yearly_growth
from popbook.exhibits.model import Figure, Table
from popbook.exhibits.report import Report, section_exhibits
from popbook.exhibits.tables import table_cells
from popbook.ledger.errors import ConceptError

from .conftest import Amend, heading, text


def _rows(report: Report) -> dict[str, list[str]]:
    table = next(e for e in section_exhibits(components(report)) if isinstance(e, Table))
    return {row["cells"][0]: row["cells"][1:] for row in table_cells(table)["rows"]}


def test_headings_of_2020_and_2024(oldest: Report, newest: Report) -> None:
    assert heading(components(oldest)) == "2020年增量因换基数不可比；2019年增加55.4万人，净迁入约49.4万人"
    assert heading(components(newest)) == "常住人口增量连续五年收窄：2024年增加10.2万人，其中净迁入约7.3万人"


def test_wider_increment_ends_the_run(amended: Amend) -> None:
    section = components(amended(2024, ("resident_population", 2024, 1280.0)))
    assert heading(section) == "2024年增加27.8万人，其中净迁入约24.9万人"


def test_decrease_is_called_a_decrease(amended: Amend) -> None:
    section = components(amended(2024, ("resident_population", 2024, 1250.0)))
    assert "2024年减少2.2万人，其中净迁出约5.1万人" in heading(section)


def test_natural_growth_is_rate_times_mean_population(newest: Report) -> None:
    rows = _rows(newest)
    natural = 2.3 / 1000 * (1252.2 + 1262.4) / 2
    assert rows["2024"] == ["1262.4", "+10.2", "7.5", "5.2", "2.3", f"+{natural:.1f}", f"+{10.2 - natural:.1f}"]


def test_rates_on_the_old_base_are_not_set_beside_rebased_people(newest: Report) -> None:
    rows = _rows(newest)
    assert rows["2019"] == ["1161.3", "+35.9", "口径不同", "未公布", "口径不同", "—", "—"]


def test_census_step_has_no_increment(oldest: Report) -> None:
    rows = _rows(oldest)
    assert rows["2020"][1] == "不可比"
    assert rows["2019"] == ["1036.0", "+55.4", "11.1", "未公布", "6.0", "+6.0", "+49.4"]
    with pytest.raises(ConceptError):
        growth_fact(oldest, 2020)


def test_birth_rate_reversal_is_one_year_only(newest: Report, amended: Amend) -> None:
    words = text(components(newest))
    assert "出生率7.5‰，比上年上升0.8个千分点" in words
    assert "在此前连续两年下降之后回升，只有一年的数" in words
    flipped = text(components(amended(2024, ("resident_birth_rate", 2024, 6.5))))
    assert "比上年下降0.2个千分点" in flipped
    assert "回升" not in flipped


def test_old_edition_has_no_birth_rate_of_its_year(oldest: Report) -> None:
    assert "2020年常住人口出生率在本版截止日以前未公布，最近一个公布数为2019年11.1‰" in text(components(oldest))


def test_policy_follows_the_distance_to_the_plan(newest: Report, amended: Amend) -> None:
    assert "年均增加34.7万人，2024年实际为10.2万人" in text(components(newest))
    reached = text(components(amended(2024, ("resident_population", 2024, 1290.0))))
    assert "不低于规划目标要求的年均34.7万人" in reached


def test_figure_splits_only_what_can_be_split(newest: Report) -> None:
    figure = next(e for e in section_exhibits(components(newest)) if isinstance(e, Figure))
    frame = figure.frame.set_index("年份")
    assert frame.loc[2020, ["自然增长", "净迁移（余额）"]].isna().all() and frame.loc[2020, "未拆分"] == 35.2
    split = frame.loc[2021:]
    assert ((split["自然增长"] + split["净迁移（余额）"] - split["年增量"]).abs() < 0.011).all()


def test_growth_stays_within_one_base(report: Report) -> None:
    growth = yearly_growth(report)
    assert growth is not None
    assert max(abs(value) for value in growth.values) < 60
    assert growth.year == (2019 if report.edition == 2020 else report.edition)


@pytest.mark.parametrize(
    ("values", "words"),
    [((3.0, 2.0), "收窄"), ((3.0, 2.0, 1.0), "连续两年收窄"), ((1.0, 2.0), "扩大"), ((2.0, 2.0), "与上年持平"), ((2.0,), "")],
)
def test_words_of_growth(values: tuple[float, ...], words: str) -> None:
    assert Growth(tuple(range(2020, 2020 + len(values))), values).words == words


def test_old_series_is_called_provisional_only_where_it_is_used(report: Report) -> None:
    assert ("可能在回溯修订时改变" in text(components(report))) is (report.edition == 2020)
