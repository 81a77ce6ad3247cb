"""An invented city with an invented plan of two years and four targets; nothing of it exists, and most series are missing."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from tests.ledger.tables import DATA, Row, clause, edition, observation, plan, source, target, write_tables

CITY, PROVINCE = "990100", "990000"
EDITIONS = (2021, 2022)
BULLETIN, PLAN_SOURCE = "lj-bulletin-{}", "lj-plan-2021"

RESIDENTS = {2016: 391.2, 2017: 395.0, 2018: 399.4, 2019: 402.1, 2020: 405.5, 2021: 409.0, 2022: 410.2}
URBAN = {2020: 61.2, 2021: 62.0, 2022: 62.9}
LIFE = {2020: 78.1}
OLD = {2020: 19.0, 2021: 19.6}


def invented_folder(folder: Path) -> Path:
    """Write the data folder of the invented plan."""
    with (DATA / "indicators.csv").open(encoding="utf-8", newline="") as file:
        indicators = [{**row, "target_id": ""} for row in csv.DictReader(file)]
    bulletins = [
        source(BULLETIN.format(year), title=f"{year}年临江市统计公报", publisher="临江市统计局", published=f"{year + 1}-03-01")
        for year in RESIDENTS
    ]
    document = source(
        PLAN_SOURCE, title="临江市人口规划", publisher="临江市人民政府", published="2021-05-31", date_precision="month", kind="plan"
    )  # fmt: skip
    return write_tables(
        folder,
        indicators=indicators,
        regions=[
            {"region_id": PROVINCE, "gb_code": PROVINCE, "name_zh": "海东省", "name_en": "Haidong", "level": "province", "scheme": "all"},
            {"region_id": CITY, "gb_code": CITY, "name_zh": "临江市", "name_en": "Linjiang", "level": "city",
             "parent_id": PROVINCE, "scheme": "all"},
        ],
        sources=[*bulletins, document],
        editions=[
            edition(year, f"{year + 1}-06-30", title=f"临江市人口监测报告（{year}年度）") for year in EDITIONS
        ],
        observations=[
            *_values("resident_population", RESIDENTS),
            *_values("resident_urban_rate", URBAN),
            *_values("resident_share_60plus", OLD),
            *_values("life_expectancy", LIFE),
        ],
        plans=[
            plan(
                region_id=CITY, source_id=PLAN_SOURCE, title="临江市人口规划（2021—2022年）", version="",
                period="规划期", base_year=2020, first_year=2021, target_year=2022, horizon_year=2022,
                first_edition=2021, report_title="临江市人口监测报告", producer="临江市监测组",
            )
        ],
        plan_clauses=[clause("lj-1", title="人口发展目标"), clause("lj-2", chapter="2", title="主要任务")],
        plan_targets=[
            _target("L1", 1, "人口规模", "常住人口", "resident_population", "万人", 405.5, 412.0, "about"),
            _target("L2", 2, "人口分布", "城镇化率", "resident_urban_rate", "%", 61.2, 63.0, "ge"),
            _target("L3", 3, "人口结构", "60岁及以上占比", "resident_share_60plus", "%", 19.0, 20.0, "lt", kind="stay_below"),
            _target("L4", 4, "人口素质", "人均预期寿命", "life_expectancy", "岁", 78.1, 78.5, "ge"),
        ],
        plan_scenario_paths=[
            {"year": year, "scenario": scenario, "concept": "resident", "value": value, "clause_id": "lj-1"}
            for year, values in ((2021, (407.0, 408.8, 410.0)), (2022, (408.5, 412.0, 415.0)))
            for scenario, value in zip(("low", "medium", "high"), values, strict=True)
        ],
        plan_projects=[{"project_id": "LP1", "kind": "project", "name_zh": "托育服务工程", "clause_id": "lj-2"}],
        plan_commitments=[
            {"commitment_id": "lc-1", "project_id": "LP1", "clause_id": "lj-2", "name_zh": "新增托位", "amount": 3000,
             "unit": "个", "amount_kind": "quantity", "comparison": "ge", "due_year": 2022, "frequency": "once",
             "field": "卫生健康"},
            {"commitment_id": "lc-2", "project_id": "LP1", "clause_id": "lj-2", "name_zh": "社区托育覆盖", "amount": 100,
             "unit": "%", "amount_kind": "coverage", "comparison": "all", "due_year": 2022, "frequency": "once",
             "field": "卫生健康"},
        ],
    )  # fmt: skip


def _values(indicator_id: str, values: dict[int, float]) -> list[Row]:
    return [
        observation(
            year, value, indicator_id=indicator_id, region_id=CITY,
            source_id=BULLETIN.format(year), published=f"{year + 1}-03-01",
        )
        for year, value in values.items()
    ]  # fmt: skip


def _target(
    target_id: str, number: int, field: str, name: str, indicator_id: str, unit: str, base: float, goal: float,
    comparison: str, **overrides: Any,
) -> Row:  # fmt: skip
    signs = {"lt": "<", "gt": ">"}
    return target(
        target_id=target_id, number=number, field_zh=field, name_zh=name, indicator_id=indicator_id,
        indicator_base_id=indicator_id, unit_printed=unit, base_value=base, base_printed=f"{base:g}",
        target_year=2022, target_value=goal, target_printed=f"{signs.get(comparison, '')}{goal:g}",
        comparison=comparison, clause_id="lj-1", **overrides,
    )  # fmt: skip
