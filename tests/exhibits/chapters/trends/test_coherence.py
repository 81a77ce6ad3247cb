from __future__ import annotations

import pytest

from popbook.forecasting.register_ratio import draw_concepts
from tests.exhibits.chapters.trends.ledgers import EDITIONS, report_of, section_of, table_of, words


@pytest.mark.parametrize("edition", EDITIONS)
def test_own_and_reconciled_forecasts_stand_side_by_side(edition: int) -> None:
    frame = table_of(section_of("floating", edition), "tbl-concepts-reconciled").frame
    drawn = draw_concepts(report_of(edition).ledger)
    assert drawn is not None
    row = drawn.table.query("concept == 'hukou' and year == 2035").iloc[0]
    cells = frame[(frame["group"] == "户籍人口（万人）") & (frame["when"] == "2035年")].iloc[0]
    assert (cells["single"], cells["point"]) == (f"{row['single']:.1f}", f"{row['point']:.1f}")


def test_the_words_say_that_the_concepts_do_not_add() -> None:
    text = "".join(words(section_of("floating", 2024)))
    assert "三个口径不能相加" in text
    assert "不是人口相加" in text
