from __future__ import annotations

import pytest

from popbook.exhibits.inline import plain_text
from popbook.exhibits.report import section_exhibits
from popbook.forecasting.event_study import NONE, study_events
from tests.exhibits.chapters.trends.ledgers import EDITIONS, report_of, section_of, table_of


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_table_prints_the_study_of_the_edition(edition: int) -> None:
    table = table_of(section_of("events", edition), "tbl-event-effects")
    effects = study_events(report_of(edition).ledger).effects
    assert table.frame["event"].tolist() == effects["event"].tolist()
    assert table.frame["verdict"].tolist() == effects["verdict"].tolist()


def test_hangzhou_is_judged_only_once_its_years_are_published() -> None:
    assert "杭州亚运会" not in plain_text(section_of("events", 2020).heading)
    assert "尚不能比较" in plain_text(section_of("events", 2021).lead)
    effects = study_events(report_of(2024).ledger).effects.set_index("event_id")
    heading = plain_text(section_of("events", 2024).heading)
    assert ("未见提高" in heading) == (effects.loc["own-held", "verdict"] == NONE)


def test_the_drawing_joins_no_two_series() -> None:
    figure = next(item for item in section_exhibits(section_of("events", 2024)) if item.id == "fig-event-growth")
    host = figure.frame[(figure.frame["赛事"] == "广州2010年亚运会") & (figure.frame["系列"] == "主办城市")]
    assert host["距赛事年数"].max() == 0  # 2011 stands on the base of another census
