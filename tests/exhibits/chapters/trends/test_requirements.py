from __future__ import annotations

import pytest

from popbook.exhibits.chapters.trends.requirements import required_frame
from popbook.exhibits.inline import plain_text
from tests.exhibits.chapters.trends.ledgers import EDITIONS, report_of, section_of, with_plan_path


@pytest.mark.parametrize("edition", EDITIONS)
def test_growth_of_each_stretch_is_natural_growth_and_migration(edition: int) -> None:
    frame = required_frame(report_of(edition))
    path = report_of(edition).ledger.plan.path("resident", "medium")
    for row in frame[frame["scenario"] == "medium"].to_dict("records"):
        assert row["population"] == pytest.approx(path[row["until"]])
        if row["since"] > edition + 1:
            years = row["until"] - row["since"] + 1
            gained = path[row["until"]] - path[row["since"] - 1]
            assert years * (row["natural"] + row["net_migration"]) == pytest.approx(gained, abs=1e-6)


def test_a_higher_plan_requires_more_and_the_heading_follows() -> None:
    plain = required_frame(report_of(2024)).set_index(["scenario", "until"])["net_migration"]
    raised = with_plan_path(2024, "resident", "medium", 2025, 1380.0)
    higher = required_frame(raised).set_index(["scenario", "until"])["net_migration"]
    assert higher["medium", 2025] - plain["medium", 2025] == pytest.approx(10.0, abs=0.2)
    assert f"{plain['medium', 2025]:.1f}" in plain_text(section_of("requirements", 2024).heading)
