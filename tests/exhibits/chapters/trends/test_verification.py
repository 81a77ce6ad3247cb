from __future__ import annotations

import pytest

from popbook.exhibits.inline import plain_text
from popbook.forecasting.backcast import backcast_residents
from popbook.forecasting.factor import evaluate_factor_regression
from tests.exhibits.chapters.trends.ledgers import EDITIONS, report_of, section_of, table_of


@pytest.mark.parametrize("edition", [year for year in EDITIONS if year > 2020])
def test_the_heading_says_whether_the_regression_beats_the_naive(edition: int) -> None:
    evaluation = evaluate_factor_regression(report_of(edition).ledger)
    assert evaluation is not None
    beaten = (evaluation.scores["mae_ex_post"] < evaluation.scores["mae_naive"]).sum()
    heading = plain_text(section_of("verification", edition).heading)
    assert ("没有胜过" in heading) == (beaten == 0)
    assert (table_of(section_of("verification", edition), "tbl-factor-scores").frame["h"] == evaluation.scores["h"]).all()


def test_the_first_edition_shows_the_back_casts_and_no_regression() -> None:
    section = section_of("verification", 2020)
    assert "不能检验" in section.lead
    frame = table_of(section, "tbl-backcast").frame.set_index("year")
    rebuilt = backcast_residents(report_of(2020).ledger)
    assert frame.loc[2015, "bridge"] == pytest.approx(rebuilt.loc[2015, "bridge"])
    assert frame.loc[2019, "old"] == 1036.0


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_published_column_ends_before_the_new_base(edition: int) -> None:
    frame = table_of(section_of("verification", edition), "tbl-backcast").frame
    assert frame["old"].isna().iloc[-1]
