from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from popbook.ledger.check import check_data
from popbook.ledger.errors import Problem
from tests.ledger.tables import (
    Row,
    break_row,
    census_ages,
    clause,
    correction,
    edition,
    indicator,
    observation,
    quantity,
    region,
    source,
    target,
    write_tables,
)

SURVEY = {"unit": "‰", "reference": "survey_year", "decimals": 2, "lower": -20, "upper": 50}
SHARE = {"unit": "%", "decimals": 2, "upper": 100}


def problems(folder: Path, code: str, **tables: Any) -> list[Problem]:
    return [item for item in check_data(write_tables(folder, **tables)) if item.code == code]


def at(found: list[Problem]) -> list[tuple[str, int, str]]:
    return [(item.file, item.row, item.column) for item in found]


def values(**by_indicator: float | str) -> list[Row]:
    return [observation(2020, number, indicator_id=name) for name, number in by_indicator.items()]


# ------------------------------------------------------------ identities


def identity_problems(folder: Path, rows: list[Row], **kind: Any) -> list[Problem]:
    names = sorted({row["indicator_id"] for row in rows})
    return problems(
        folder, "identity", indicators=[indicator(name, **kind) for name in names], observations=rows
    )


@pytest.mark.parametrize(
    ("rural", "wrong"),
    [("196.5", False), ("196.6", False), ("196.7", True)],
    ids=["exact", "rounded", "wrong"],
)
def test_urban_and_rural_add_up_within_rounding(tmp_path: Path, rural: str, wrong: bool):
    rows = values(resident_urban="1000.0", resident_rural=rural, resident_population="1196.5")
    assert bool(identity_problems(tmp_path, rows)) is wrong


def test_figures_of_different_sources_are_not_added(tmp_path: Path):
    rows = values(resident_male=600.0, resident_female=500.0)
    rows.append(observation(2020, 1196.5, source_id="other", published="2021-03-02"))
    names = ("resident_male", "resident_female", "resident_population")
    found = problems(
        tmp_path,
        "identity",
        indicators=[indicator(name) for name in names],
        sources=[source(), source("other", published="2021-03-02")],
        observations=rows,
    )
    assert found == []


@pytest.mark.parametrize(("natural", "wrong"), [("2.94", False), ("2.95", False), ("2.98", True)])
def test_births_less_deaths_is_natural_growth(tmp_path: Path, natural: str, wrong: bool):
    rows = values(resident_birth_rate="7.70", resident_death_rate="4.76", resident_natural_rate=natural)
    assert bool(identity_problems(tmp_path, rows, **SURVEY)) is wrong


def test_broad_ages_make_a_hundred_per_cent(tmp_path: Path):
    rows = values(resident_share_0_14=13.02, resident_share_15_59=70.12, resident_share_60plus=16.87)
    assert identity_problems(tmp_path, rows, **SHARE) == []
    rows = values(resident_share_0_14=13.02, resident_share_15_59=70.12, resident_share_60plus=17.86)
    assert at(identity_problems(tmp_path / "wrong", rows, **SHARE)) == [("observations.csv", 2, "value")]


def test_share_is_part_over_whole(tmp_path: Path):
    kinds = [indicator("resident_urban_rate", **SHARE), indicator("resident_urban"), indicator()]
    rows = values(resident_urban_rate=83.6, resident_urban=1020.3, resident_population=1220.4)
    assert problems(tmp_path, "identity", indicators=kinds, observations=rows) == []
    rows[0]["value"] = 84.6
    assert at(problems(tmp_path, "identity", indicators=kinds, observations=rows)) == [
        ("observations.csv", 2, "value")
    ]


@pytest.mark.parametrize(("dependency", "wrong"), [(32.75, False), (42.61, True)])
def test_dependency_ratio_follows_from_the_shares(tmp_path: Path, dependency: float, wrong: bool):
    rows = values(census_dependency=dependency, census_share_0_14=13.02, census_share_65plus=11.65)
    kind = {**SHARE, "reference": "census_day"}
    assert bool(identity_problems(tmp_path, rows, **kind)) is wrong


def test_lost_trailing_zero_does_not_widen_the_tolerance_beyond_one_digit(tmp_path: Path):
    rows = values(resident_birth_rate="8", resident_death_rate="5", resident_natural_rate="3.4")
    assert len(identity_problems(tmp_path, rows, **SURVEY)) == 1


def test_districts_add_up_to_the_city(tmp_path: Path):
    regions = [
        region(),
        region("330102-old", scheme="pre-2021", tile_row=1, tile_col=1),
        region("330103-old", scheme="pre-2021", tile_row=1, tile_col=2),
        region("330102", scheme="post-2021", tile_row=1, tile_col=1),
    ]
    rows = [observation(2020, 10.0, region_id=key) for key in ("330102-old", "330103-old", "330102")]
    rows.insert(0, observation(2020, "20.0"))
    assert problems(tmp_path, "district-sum", regions=regions, observations=rows) == []
    rows[0]["value"] = "21.0"
    assert at(problems(tmp_path, "district-sum", regions=regions, observations=rows)) == [
        ("observations.csv", 2, "value")
    ]


def test_incomplete_set_of_districts_is_not_added(tmp_path: Path):
    regions = [region(), *(region(f"33010{n}", tile_row=1, tile_col=n) for n in (2, 3))]
    rows = [observation(2020, 20.0), observation(2020, 5.0, region_id="330102")]
    assert problems(tmp_path, "district-sum", regions=regions, observations=rows) == []


# ------------------------------------------------------------ plausibility


@pytest.mark.parametrize(("value", "wrong"), [(10000, False), (10000.1, True), (-0.1, True)])
def test_value_lies_within_the_indicators_bounds(tmp_path: Path, value: float, wrong: bool):
    assert bool(problems(tmp_path, "bounds", observations=[observation(value=value)])) is wrong


HISTORY = [2014, 2015, 2016, 2017, 2018, 2019]
RESIDENTS = [889.2, 901.8, 918.8, 946.8, 980.6, 1036.0]


def history(last: float, **override: Any) -> list[Row]:
    rows = [observation(year, value) for year, value in zip(HISTORY, RESIDENTS, strict=True)]
    return [*rows, observation(2020, last, **override)]


def test_census_step_without_a_break_is_a_jump(tmp_path: Path):
    found = problems(tmp_path, "jump", observations=history(1196.5))
    assert at(found) == [("observations.csv", 8, "value")]
    assert "1036" in found[0].message and "1196.5" in found[0].message


@pytest.mark.parametrize("override", [{"note": "七普调整基数"}, {"status": "E"}])
def test_note_or_status_explains_a_jump(tmp_path: Path, override: dict[str, str]):
    assert problems(tmp_path, "jump", observations=history(1196.5, **override)) == []


def test_declared_break_explains_a_jump(tmp_path: Path):
    assert problems(tmp_path, "jump", observations=history(1196.5), breaks=[break_row()]) == []


def test_ordinary_change_is_no_jump(tmp_path: Path):
    assert problems(tmp_path, "jump", observations=history(1075.0)) == []


def test_a_later_figure_makes_no_jump_of_an_earlier_one(tmp_path: Path):
    values = [860.0, 960.0, 961.0, 962.0, 963.0, 964.0]
    rows = [observation(year, value) for year, value in zip(HISTORY, values, strict=True)]
    assert problems(tmp_path, "jump", observations=rows) == []
    # The same step, entered when the others were there to compare it with, is one.
    found = problems(tmp_path, "jump", observations=[*rows[1:], rows[0]])
    assert len(found) == 1 and "960" in found[0].message


def test_rate_jumps_by_difference(tmp_path: Path):
    kind = indicator("resident_birth_rate", **SURVEY)
    rates = [7.8, 7.7, 7.6, 7.5, 7.4, 7.3]
    rows = [
        observation(year, rate, indicator_id="resident_birth_rate")
        for year, rate in zip(HISTORY, rates, strict=True)
    ]
    ordinary = [*rows, observation(2020, 6.2, indicator_id="resident_birth_rate")]
    assert problems(tmp_path, "jump", indicators=[kind], observations=ordinary) == []
    wrong = [*rows, observation(2020, 73.0, indicator_id="resident_birth_rate")]
    assert len(problems(tmp_path, "jump", indicators=[kind], observations=wrong)) == 1


def test_persons_typed_for_ten_thousands_needs_no_history(tmp_path: Path):
    kind = indicator(upper=1e9)
    rows = [observation(2019, 1036.0), observation(2020, 11965000)]
    assert at(problems(tmp_path, "magnitude", indicators=[kind], observations=rows)) == [
        ("observations.csv", 3, "value")
    ]


# ------------------------------------------------------------ dates


def test_publication_date_is_the_sources(tmp_path: Path):
    rows = [observation(published="2021-03-02")]
    assert at(problems(tmp_path, "published-differs", observations=rows)) == [
        ("observations.csv", 2, "published")
    ]


@pytest.mark.parametrize(
    ("year", "override", "wrong"),
    [
        (2020, {}, False),
        (2021, {}, True),
        (2021, {"status": "P"}, False),
        (2021, {"note": "截至2月"}, False),
        (2022, {"note": "截至2月"}, True),
    ],
)
def test_nothing_is_published_before_it_can_be_measured(
    tmp_path: Path, year: int, override: dict[str, str], wrong: bool
):
    assert bool(problems(tmp_path, "year-in-future", observations=[observation(year, **override)])) is wrong


def test_month_and_year_precision_stand_at_the_last_day(tmp_path: Path):
    rows = [
        source("a", date_precision="month", published="2021-02-28"),
        source("b", date_precision="month", published="2021-02-15"),
        source("c", date_precision="year", published="2021-12-31"),
        source("d", date_precision="year", published="2021-06-30"),
    ]
    found = problems(tmp_path, "date-precision", sources=rows)
    assert at(found) == [("sources.csv", 3, "published"), ("sources.csv", 5, "published")]


def test_address_in_a_shown_column(tmp_path: Path):
    rows = [source(title="见 https://example.org/a", read_via="https://example.org/a")]
    assert at(problems(tmp_path, "address", sources=rows)) == [("sources.csv", 2, "title")]


def test_editions_close_after_their_year_and_after_each_other(tmp_path: Path):
    rows = [edition(2020, "2020-06-30"), edition(2022, "2023-06-30"), edition(2021, "2022-06-30")]
    found = problems(tmp_path, "order", editions=rows)
    assert at(found) == [("editions.csv", 2, "cut_off"), ("editions.csv", 4, "cut_off")]


def test_revisions_count_up_and_their_dates_do_not_run_back(tmp_path: Path):
    rows = [
        {"edition": 2020, "revision": "r1", "published": "2021-07-08", "reason": "首次发布"},
        {"edition": 2020, "revision": "r3", "published": "2021-09-01", "reason": "更正"},
        {"edition": 2021, "revision": "r1", "published": "2022-07-08", "reason": "首次发布"},
        {"edition": 2021, "revision": "r2", "published": "2022-07-01", "reason": "更正"},
    ]
    found = problems(tmp_path, "order", revisions=rows)
    assert at(found) == [("revisions.csv", 3, "revision"), ("revisions.csv", 5, "published")]


def test_revisions_of_every_booklet_count_up(tmp_path: Path):
    rows = [
        {"edition": 2020, "revision": revision, "published": "2021-07-08", "reason": "更正", "region_id": district}
        for district, revision in (("330106", "r1"), ("330108", "r1"), ("330106", "r2"), ("330108", "r3"))
    ]
    regions = [region(), region("330106"), region("330108")]
    found = problems(tmp_path, "order", regions=regions, booklet_revisions=rows)
    assert at(found) == [("booklet_revisions.csv", 5, "revision")]


# ------------------------------------------------------------ registers


def test_id_prefix_is_the_basis(tmp_path: Path):
    rows = [
        indicator(),
        indicator("hukou_births", basis="resident"),
        indicator("census_x", reference="year_end"),
    ]
    found = problems(tmp_path, "basis", indicators=rows)
    assert at(found) == [("indicators.csv", 3, "basis"), ("indicators.csv", 4, "reference")]


def test_indicator_and_plan_name_each_other(tmp_path: Path):
    rows = [indicator(), indicator("hukou_population", target_id="T01")]
    found = problems(tmp_path, "target-link", indicators=rows, plan_targets=[target()])
    assert at(found) == [("indicators.csv", 3, "target_id")]


def test_two_regions_of_one_scheme_do_not_share_a_tile(tmp_path: Path):
    rows = [
        region(),
        region("330102", scheme="post-2021", tile_row=1, tile_col=1),
        region("330102-old", scheme="pre-2021", tile_row=1, tile_col=1),
        region("330108", tile_row=1, tile_col=1),
    ]
    found = problems(tmp_path, "tile", regions=rows)
    assert at(found) == [("regions.csv", 5, "tile_row"), ("regions.csv", 5, "tile_row")]


def test_break_that_can_never_apply_is_named(tmp_path: Path):
    rows = [break_row(vintage_before="first-publshed"), break_row(break_id="b2", vintage_before="")]
    assert at(problems(tmp_path, "break-idle", breaks=rows)) == [("breaks.csv", 2, "vintage_before")]


@pytest.mark.parametrize(
    ("guard", "words"),
    [
        ("plan_quantities[quantity_id=q1].printed == 14.7‰", "不再成立"),
        ("plan_quantities[quantity_id=q9].printed == 14.7%", "0 格"),
        ("plan_quantities[nothing=q1].printed == 14.7%", "没有名为“nothing”的列"),
        ("plan_quantities[quantity_id=q1].nothing == 14.7%", "没有名为“nothing”的列"),
        ("nothing[quantity_id=q1].printed == 14.7%", "没有名为“nothing”的表"),
        ("一看便知", "写法应为"),
    ],
)
def test_correction_whose_guard_fails(tmp_path: Path, guard: str, words: str):
    found = problems(tmp_path, "guard", corrections=[correction(guard=guard)], plan_quantities=[quantity()])
    assert at(found) == [("corrections.csv", 2, "guard")] and words in found[0].message


def test_correction_whose_guard_holds(tmp_path: Path):
    assert problems(tmp_path, "guard", corrections=[correction()], plan_quantities=[quantity()]) == []


# ------------------------------------------------------------ the plan


def table1(increment: float = 17.0, printed: str = "17.00") -> list[Row]:
    row = {"concept": "resident"}
    return [
        row | {"year": 2015, "total": 901.8, "total_printed": "901.80", "increment_printed": "-"},
        row
        | {
            "year": 2016,
            "total": 918.8,
            "total_printed": "918.80",
            "increment": increment,
            "increment_printed": printed,
        },
    ]


def test_increment_is_the_difference_of_the_totals(tmp_path: Path):
    assert problems(tmp_path, "increment", plan_table1_population=table1()) == []
    found = problems(tmp_path, "increment", plan_table1_population=table1(17.1, "17.10"))
    assert at(found) == [("plan/table1_population.csv", 3, "increment")]


def test_declared_correction_silences_a_slip_of_the_plan(tmp_path: Path):
    guard = "plan_table1_population[year=2016,concept=resident].increment_printed == 17.10"
    found = problems(
        tmp_path,
        "increment",
        plan_table1_population=table1(17.1, "17.10"),
        corrections=[correction(guard=guard)],
    )
    assert found == []


@pytest.mark.parametrize(("change", "wrong"), [(4.1, False), (4.2, False), (4.3, True)])
def test_change_of_share_is_rounded_by_itself(tmp_path: Path, change: float, wrong: bool):
    row = {"region_id": "330100", "name_zh": "杭州市", "count": 1000}
    rows = [
        row | {"year": 2015, "share": 29.0, "share_printed": "29.0%"},
        row
        | {
            "year": 2020,
            "share": 33.1,
            "share_printed": "33.1%",
            "share_change": change,
            "share_change_printed": f"{change}%",
        },
    ]
    assert bool(problems(tmp_path, "increment", plan_table2_hukou_60plus=rows)) is wrong


@pytest.mark.parametrize(
    ("override", "wrong"),
    [({}, False), ({"base_printed": "1196.6"}, True), ({"target_printed": ">1370"}, False)],
)
def test_value_is_what_is_printed(tmp_path: Path, override: dict[str, str], wrong: bool):
    assert bool(problems(tmp_path, "printed", plan_targets=[target(**override)])) is wrong


@pytest.mark.parametrize(("printed", "wrong"), [("万人", False), ("-", False), ("%", True)])
def test_printed_unit_is_the_indicators(tmp_path: Path, printed: str, wrong: bool):
    assert bool(problems(tmp_path, "unit", plan_targets=[target(unit_printed=printed)])) is wrong


@pytest.mark.parametrize(
    ("comparison", "base", "bound", "kind", "wrong"),
    [
        ("gt", 9.92, 8, "stay_above", False),
        ("gt", 9.92, 8, "reach", True),
        ("lt", 32.75, 40, "stay_below", False),
        ("lt", 107.95, 107.5, "reach", False),
        ("lt", 107.95, 107.5, "stay_below", True),
        ("about", 1196.5, 1370, "reach", False),
    ],
)
def test_kind_of_target_follows_from_the_base_year(
    tmp_path: Path, comparison: str, base: float, bound: float, kind: str, wrong: bool
):
    row = target(
        comparison=comparison,
        base_value=base,
        base_printed=str(base),
        target_value=bound,
        target_printed=str(bound),
        kind=kind,
    )
    assert bool(problems(tmp_path, "target-kind", plan_targets=[row])) is wrong


def test_scenarios_stand_in_order(tmp_path: Path):
    def paths(**by_scenario: float) -> list[Row]:
        row = {"year": 2021, "concept": "resident", "clause_id": "c1"}
        return [row | {"scenario": name, "value": value} for name, value in by_scenario.items()]

    assert problems(tmp_path, "scenario-order", plan_scenario_paths=paths(high=3, low=1, medium=2)) == []
    found = problems(tmp_path, "scenario-order", plan_scenario_paths=paths(high=3, low=2, medium=1))
    assert at(found) == [("plan/scenario_paths.csv", 4, "value")]


def test_evidence_carries_its_sources_date(tmp_path: Path):
    project = {"project_id": "P1", "kind": "project", "name_zh": "工程", "clause_id": "c1"}
    commitment = {
        "commitment_id": "m1",
        "project_id": "P1",
        "clause_id": "c1",
        "name_zh": "承诺",
        "amount": 1,
        "amount_kind": "quantity",
        "comparison": "ge",
        "frequency": "once",
    }
    evidence = {
        "evidence_id": "e1",
        "commitment_id": "m1",
        "source_id": "bulletin-2021",
        "published": "2021-03-05",
        "state": "done",
        "period": "2020年",
        "note": "说明",
    }
    found = problems(
        tmp_path,
        "published-differs",
        plan_clauses=[clause()],
        plan_projects=[project],
        plan_commitments=[commitment],
        plan_evidence=[evidence],
    )
    assert at(found) == [("plan/evidence.csv", 2, "published")]


# ------------------------------------------------------------ demography and panel


def test_age_groups_follow_each_other_to_an_open_end(tmp_path: Path):
    assert problems(tmp_path, "age-groups", census_age_sex=census_ages()) == []
    gap = [row for row in census_ages() if row["age"] != 5]
    assert len(problems(tmp_path, "age-groups", census_age_sex=gap)) == 2
    closed = [row | {"width": 35} if row["age"] == 65 else row for row in census_ages()]
    assert [item.column for item in problems(tmp_path, "age-groups", census_age_sex=closed)] == ["width"] * 2


@pytest.mark.parametrize(("total", "wrong"), [("0.1", False), ("0.1000", False), ("0.1001", True)])
def test_ages_add_up_to_the_published_census_total(tmp_path: Path, total: str, wrong: bool):
    found = problems(
        tmp_path,
        "age-total",
        indicators=[indicator("census_population", reference="census_day", decimals=0)],
        observations=[observation(2020, total, indicator_id="census_population")],
        census_age_sex=census_ages(),
    )
    assert bool(found) is wrong


def test_window_ends_after_it_begins(tmp_path: Path):
    row = {"region_id": "330100", "name_zh": "杭州市", "series": "hukou", "reason": "说明"}
    rows = [row | {"first_year": 2015, "last_year": 2014}]
    assert at(problems(tmp_path, "order", panel_windows=rows)) == [("panel/windows.csv", 2, "last_year")]


def test_panel_figure_is_not_published_before_its_year_ends(tmp_path: Path):
    row = {"region_id": "330100", "name_zh": "杭州市", "year": 2021, "value": 800, "confidence": "B"}
    rows = [row | {"published": "2021-06-30", "source_id": "bulletin-2021"}]
    assert at(problems(tmp_path, "year-in-future", panel_hukou=rows)) == [("panel/hukou.csv", 2, "year")]


# ------------------------------------------------------------ increments


INCREMENT = [indicator(), indicator("resident_increment", reference="calendar_year", lower=-50, upper=100)]


@pytest.mark.parametrize(
    ("increment", "overrides", "wrong"),
    [
        ("23.9", {}, False),
        ("24.0", {}, False),
        ("24.2", {}, True),
        ("50.0", {"vintage": "rebased"}, False),
        ("50.0", {"source_id": "bulletin-2023"}, False),
    ],
    ids=["exact", "rounded", "wrong", "another vintage", "another source"],
)
def test_last_year_and_increment_make_this_year(tmp_path: Path, increment: str, overrides: Row, wrong: bool):
    now = {"source_id": "bulletin-2022", "published": "2022-03-01"}
    rows = [
        observation(2020, "1196.5"),
        observation(2021, "1220.4", **now),
        observation(2021, increment, indicator_id="resident_increment", **(now | overrides)),
    ]
    sources = [source(), source("bulletin-2022", published="2022-03-01"), source("bulletin-2023", published="2022-03-01")]
    found = problems(tmp_path, "increment", indicators=INCREMENT, observations=rows, sources=sources)
    assert at(found) == ([("observations.csv", 4, "value")] if wrong else [])
