from __future__ import annotations

from popbook.exhibits.model import Table
from popbook.exhibits.pages import methods
from popbook.exhibits.report import Report
from popbook.forecasting.scenarios import SCENARIOS


def test_the_assumptions_are_those_of_the_data_folder(newest: Report) -> None:
    (table,) = (block for block in methods.scenarios(newest).blocks if isinstance(block, Table))
    declared = newest.ledger.table("scenarios", as_published=False)
    fertility = declared[declared["assumption"] == "fertility_change_2030"].set_index("scenario")["value"]
    assert table.frame["fertility"].tolist() == [float(fertility[name]) for name in SCENARIOS]


def test_low_lies_below_medium_below_high(newest: Report) -> None:
    (table,) = (block for block in methods.scenarios(newest).blocks if isinstance(block, Table))
    low, medium, high = table.frame["quantile"].iloc[:3]
    assert low < medium < high


def test_the_reference_without_migration_has_no_place_among_the_peers(newest: Report) -> None:
    (table,) = (block for block in methods.scenarios(newest).blocks if isinstance(block, Table))
    closed = table.frame.set_index("name").loc["无迁移参照"]
    assert closed.isna()["quantile"]
    assert "不是方案" in closed["reason"]
