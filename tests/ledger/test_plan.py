from __future__ import annotations

from pathlib import Path

import pytest

from popbook.ledger.errors import UsageError
from popbook.ledger.plan import Plan
from popbook.ledger.store import read_ledger
from tests.ledger.tables import DATA, make_ledger, source, target

PATHS = [
    {"year": year, "scenario": "low", "concept": "resident", "value": value, "clause_id": "c1"}
    for year, value in ((2022, 1246), (2021, 1226))
]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_ledger(DATA).plan


def test_path_is_a_series_by_year_in_order(tmp_path: Path):
    path = make_ledger(tmp_path, plan_scenario_paths=PATHS).plan.path("resident", "low")
    assert path.to_dict() == {2021: 1226.0, 2022: 1246.0} and path.index.tolist() == [2021, 2022]


def test_unknown_path_names_the_known_ones(tmp_path: Path):
    with pytest.raises(UsageError, match="口径可选：resident；方案可选：low"):
        make_ledger(tmp_path, plan_scenario_paths=PATHS).plan.path("hukou", "low")


def test_targets_are_read_as_printed(tmp_path: Path):
    targets = make_ledger(tmp_path, plan_targets=[target(target_printed=">8")]).plan.targets
    assert targets.loc[0, "target_printed"] == ">8" and targets.loc[0, "base_value"] == 1196.5


def test_evidence_published_after_the_cut_off_is_not_known(tmp_path: Path):
    row = {"commitment_id": "m1", "value": 10, "state": "done", "period": "2022年", "note": ""}
    evidence = [
        {"evidence_id": "e1", "source_id": "bulletin-2021", "published": "2021-03-01", **row},
        {"evidence_id": "e2", "source_id": "late", "published": "2022-05-01", **row},
    ]
    ledger = make_ledger(
        tmp_path, sources=[source(), source("late", published="2022-05-01")], plan_evidence=evidence
    )
    assert ledger.for_edition(2020).plan.evidence["evidence_id"].tolist() == ["e1"]
    assert ledger.for_edition(2021).plan.evidence["evidence_id"].tolist() == ["e1", "e2"]


def test_plan_has_sixteen_targets_and_nine_paths_to_2035(plan: Plan):
    assert plan.targets["target_id"].tolist() == [f"T{number:02d}" for number in range(1, 17)]
    assert len(plan.scenario_paths.groupby(["concept", "scenario"])) == 9
    assert plan.path("resident", "high").index[-1] == 2035


@pytest.mark.parametrize(
    "name",
    ["table1", "table2", "clauses", "quantities", "projects", "commitments", "conflicts", "evidence"],
)
def test_every_table_of_the_plan_can_be_read(plan: Plan, name: str):
    assert len(getattr(plan, name))


def test_plan_is_the_same_in_every_edition():
    ledger = read_ledger(DATA)
    for year in ledger.editions:
        assert len(ledger.for_edition(year).plan.targets) == 16
