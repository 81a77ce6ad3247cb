"""``data/plan/README.md`` describes the tables as they are declared; two plans can stand beside each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from popbook.ledger.check import check_data
from popbook.ledger.datapackage import Resource, read_datapackage
from popbook.ledger.errors import DataError
from popbook.ledger.store import Ledger, read_ledger
from popbook.ledger.visibility import visible_rows
from tests.ledger.tables import (
    DATA,
    clause,
    correction,
    edition,
    make_ledger,
    plan,
    quantity,
    source,
    target,
    write_tables,
)

README = (DATA / "plan" / "README.md").read_text(encoding="utf-8")
RESOURCES = {
    Path(item.path).name: item
    for item in read_datapackage(DATA).resources.values()
    if item.path.startswith("plan/")
}


def described(name: str) -> list[tuple[str, bool]]:
    """The columns that the README gives for a table, in its order, and whether it calls them required."""
    section = re.split(r"^###? ", README.split(f"### {name} ")[1], maxsplit=1, flags=re.MULTILINE)[0]
    return [(column, bool(star)) for column, star in re.findall(r"^\| `(\w+)`( \*)? \|", section, re.MULTILINE)]


def test_every_table_of_the_plan_is_described_and_no_other() -> None:
    assert sorted(re.findall(r"^### (\S+\.csv) ", README, re.MULTILINE)) == sorted(RESOURCES)


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda item: item.name)
def test_the_columns_described_are_those_declared(resource: Resource) -> None:
    declared = [(field.name, bool(field.constraints.get("required"))) for field in resource.fields]
    assert described(Path(resource.path).name) == declared


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda item: item.name)
def test_every_choice_of_a_column_is_explained(resource: Resource) -> None:
    section = README.split(f"### {Path(resource.path).name} ")[1]
    for field in resource.fields:
        row = re.search(rf"^\| `{field.name}`.*$", section, re.MULTILINE)
        if row and field.name != "concept":
            assert all(f"`{choice}`" in row[0] for choice in field.constraints.get("enum", ()))


NEXT = {"plan_id": "plan-2"}


def two_plans(folder: Path) -> Path:
    """A plan of 2021-2025 and the next one, which the edition of 2026 begins to follow."""
    return write_tables(
        folder,
        sources=[source(), source("plan-2", published="2026-08-01")],
        editions=[edition(2025, "2026-06-30"), edition(2026, "2027-06-30")],
        plans=[
            plan(),
            plan(
                **NEXT, source_id="plan-2", title="下一个规划", version="", base_year=2025, first_year=2026,
                target_year=2030, first_edition=2026,
            ),
        ],
        plan_clauses=[clause(), clause("b-c1", **NEXT)],
        plan_targets=[
            target(),
            target(
                **NEXT, target_id="B01", base_year=2025, base_value=1270, base_printed="1270", target_year=2030,
                target_value=1350, target_printed="1350", clause_id="b-c1",
            ),
        ],
        plan_quantities=[quantity(), quantity(quantity_id="q2", clause_id="b-c1", **NEXT)],
        plan_scenario_paths=[
            {"plan_id": name, "year": 2025, "scenario": "low", "concept": "resident", "value": value, "clause_id": key}
            for name, value, key in (("plan-1", 1300, "c1"), ("plan-2", 1271, "b-c1"))
        ],
        corrections=[
            correction(),
            correction(
                correction_id="k2", clause_id="b-c1", guard="plan_quantities[quantity_id=q2].printed == 14.7%"
            ),
        ],
    )  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    folder = two_plans(tmp_path_factory.mktemp("plans") / "data")
    assert check_data(folder) == []
    return read_ledger(folder)


def test_each_edition_is_read_against_the_plan_then_in_force(both: Ledger) -> None:
    before, after = both.for_edition(2025), both.for_edition(2026)
    assert [item.plan.document.target_year for item in (before, after, both)] == [2025, 2030, 2030]
    assert [item.plan.targets["target_id"].tolist() for item in (before, after)] == [["T01"], ["B01"]]
    assert [item.plan.path("resident", "low").tolist() for item in (before, after)] == [[1300.0], [1271.0]]
    assert [[k.correction_id for k in item.corrections] for item in (before, after)] == [["k1"], ["k2"]]


def test_an_edition_sees_nothing_of_a_later_plan(both: Ledger) -> None:
    before = both.for_edition(2025)
    for name in ("plans", "plan_clauses", "plan_targets", "plan_quantities", "plan_scenario_paths", "corrections"):
        assert len(visible_rows(before, name)) == 1, name
    assert "plan-2" not in visible_rows(before, "sources")["source_id"].tolist()


def test_the_city_is_the_plan_s(tmp_path: Path) -> None:
    regions = [{"region_id": "990100", "name_zh": "某市", "name_en": "", "level": "city", "scheme": "all"}]
    ledger = make_ledger(tmp_path, regions=regions, observations=[], plans=[plan(region_id="990100")])
    assert ledger.city == ledger.series("resident_population").region.region_id == "990100"


def test_without_a_plan_the_message_names_the_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"plans\.csv.*没有登记规划"):
        make_ledger(tmp_path, plans=[]).city  # noqa: B018


@pytest.mark.parametrize(
    ("overrides", "column"),
    [({"first_year": 2020}, "first_year"), ({"target_year": 2019}, "target_year"), ({"horizon_year": 2024}, "horizon_year")],
)  # fmt: skip
def test_the_years_of_a_plan_run_forward(tmp_path: Path, overrides: dict[str, int], column: str) -> None:
    problems = [p for p in check_data(write_tables(tmp_path, plans=[plan(**overrides)])) if p.code == "order"]
    assert [(p.file, p.row, p.column) for p in problems] == [("plan/plans.csv", 2, column)]


def test_two_plans_of_a_city_do_not_begin_with_the_same_edition(tmp_path: Path) -> None:
    problems = check_data(write_tables(tmp_path, plans=[plan(), plan(plan_id="plan-2")]))
    assert [(p.code, p.row, p.column) for p in problems] == [("order", 3, "first_edition")]
