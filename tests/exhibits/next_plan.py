"""The real data with an invented next plan of the same city beside the first, and an invented year that lies in it."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.ledger.tables import DATA, Row, clause, edition, plan, source, target

EDITION = 2026
PLAN = "hangzhou-2026-2030"
TARGETS = (
    ("B01", "人口规模", "全市常住人口", "resident_population", "万人", 1270.0, 1330.0, "about", "reach"),
    ("B02", "人口结构", "60岁及以上人口比重", "resident_share_60plus", "%", 20.6, 25.0, "lt", "stay_below"),
    ("B03", "人口分布", "常住人口城镇化率", "resident_urban_rate", "%", 85.2, 87.0, "ge", "reach"),
)
FIGURES = {"resident_population": 1276.1, "resident_urban_rate": 85.6, "resident_share_60plus": 21.3, "resident_birth_rate": 5.1,
           "resident_natural_rate": 0.2, "gdp": 24100}  # fmt: skip
STEPS = {"low": 6.0, "medium": 12.0, "high": 18.0}


def next_plan_folder(folder: Path, targets: Iterable[str] = ("B01", "B02", "B03")) -> Path:
    """Write the data folder: a plan for 2026-2030 with some targets, paths, one project, and the edition of 2026.

    Parameters
    ----------
    folder
        Does not exist yet.
    targets
        Which of :data:`TARGETS` the plan has.
    """
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("inbox"))
    bulletin = source("b-bulletin-2026", title="2026年公报", published="2027-03-10")
    document = source("b-plan", title="杭州市人口规划（2026—2030年）", published="2026-07-31", date_precision="month", kind="plan")
    _append(folder, "sources", bulletin, document)
    _append(folder, "editions", edition(EDITION, f"{EDITION + 1}-06-30", title=f"杭州市人口发展规划年度监测报告（{EDITION}年度）"))
    shared = {"region_id": "330100", "year": EDITION, "source_id": "b-bulletin-2026", "published": "2027-03-10", "confidence": "A"}
    _append(
        folder, "observations",
        *({**shared, "indicator_id": key, "value": value, "vintage": _vintage(folder, key)} for key, value in FIGURES.items()),
    )  # fmt: skip
    _append(
        folder, "plan/plans",
        plan(
            plan_id=PLAN, source_id="b-plan", title="杭州市人口规划（2026—2030年）", version="", period="“十五五”时期",
            base_year=2025, first_year=2026, target_year=2030, horizon_year=2035, first_edition=EDITION,
            report_title="杭州市人口发展规划年度监测报告", producer="杭州市人口发展规划年度监测报告编写组",
        ),
    )  # fmt: skip
    _append(folder, "plan/clauses", clause("b-1", title="人口发展目标", plan_id=PLAN), clause("b-2", chapter="2", title="任务", plan_id=PLAN))
    _append(
        folder, "plan/targets",
        *(
            target(
                plan_id=PLAN, target_id=id, number=number, field_zh=field, name_zh=name, indicator_id=key, indicator_base_id=key,
                unit_printed=unit, base_year=2025, base_value=base, base_printed=f"{base:g}", target_year=2030, target_value=goal,
                target_printed=f"{goal:g}", comparison=comparison, kind=kind, clause_id="b-1",
            )
            for number, (id, field, name, key, unit, base, goal, comparison, kind) in enumerate(TARGETS, 1)
            if id in set(targets)
        ),
    )  # fmt: skip
    _append(
        folder, "plan/scenario_paths",
        *(
            {"plan_id": PLAN, "year": year, "scenario": name, "concept": concept, "value": start + step * share * (year - 2025), "clause_id": "b-1"}
            for concept, start, share in (("resident", 1270, 1), ("hukou", 900, 0.5), ("floating", 700, 0.5))
            for year in range(2026, 2036) for name, step in STEPS.items()
        ),
    )  # fmt: skip
    _append(folder, "plan/projects", {"plan_id": PLAN, "project_id": "B-P1", "kind": "project", "name_zh": "托育服务工程", "clause_id": "b-2"})
    _append(
        folder, "plan/commitments",
        {"plan_id": PLAN, "commitment_id": "b-cm-1", "project_id": "B-P1", "clause_id": "b-2", "name_zh": "新增托位", "amount": 3000, "unit": "个",
         "amount_kind": "quantity", "comparison": "ge", "due_year": 2030, "frequency": "once", "field": "卫生健康"},
    )  # fmt: skip
    return folder


def _vintage(folder: Path, indicator_id: str) -> str:
    """The vintage of the last figure of an indicator, which the invented one goes on from."""
    with (folder / "observations.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["indicator_id"] == indicator_id and row["region_id"] == "330100"]
    return max(rows, key=lambda row: int(row["year"]))["vintage"]


def _append(folder: Path, name: str, *rows: Row) -> None:
    path = folder / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, columns, restval="", lineterminator="\n").writerows(rows)
