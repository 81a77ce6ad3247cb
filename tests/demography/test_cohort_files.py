from __future__ import annotations

import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popbook.demography.cohort_component import project_cohorts
from popbook.demography.cohort_files import project_folder, read_projection_inputs
from popbook.demography.life_table import build_life_table, survival_ratios
from popbook.ledger.errors import DataError, UsageError
from tests.demography.tables import PUBLISHED, read_mortality

AGES = [0, 5, 10, 15]
SURVIVAL = [0.99, 0.995, 0.99, 0.5]


def frame(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns)


def both_sexes(ages: list[int], column: str, values: list[float], period: object = None) -> pd.DataFrame:
    parts = [frame(sex=sex, age=ages, **{column: values}) for sex in ("male", "female")]
    table = pd.concat(parts, ignore_index=True)
    if period is not None:
        table.insert(0, "period", period)
    return table


def make_folder(folder: Path, **overrides: object) -> Path:
    """A sound two-sex folder of four five-year groups and two steps; an override replaces a file (None = no file)."""
    files: dict[str, object] = {
        "population": both_sexes(AGES, "value", [100.0, 90.0, 80.0, 200.0]),
        "survival_ratios": both_sexes(AGES, "sx", SURVIVAL, 2020),
        "fertility": frame(period=2020, age=[10, 15], asfr=[0.02, 0.01]),
        "settings": {"start_year": 2020, "step": 5, "steps": 2, "srb": 1.06},
    }
    files |= overrides
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        if content is None:
            continue
        if name == "settings":
            lines = [f"{key}: {value}" for key, value in content.items() if value is not None]
            (folder / "settings.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        elif isinstance(content, pd.DataFrame):
            content.to_csv(folder / f"{name}.csv", index=False)
        else:
            (folder / f"{name}.csv").write_text(str(content), encoding="utf-8")
    return folder


def settings(**changes: object) -> dict[str, object]:
    return {"start_year": 2020, "step": 5, "steps": 2, "srb": 1.06} | changes


def problems_of(folder: Path) -> list[tuple[str, int, str, str]]:
    with pytest.raises(DataError) as refused:
        read_projection_inputs(folder)
    return [(p.file, p.row, p.column, p.code) for p in refused.value.problems]


def sweden_folder(folder: Path, **overrides: object) -> Path:
    table = pd.read_csv(PUBLISHED / "preston_box_6_1_sweden_females_closed.csv")
    return make_folder(folder, **({
        "population": frame(sex="female", age=table["age_start"], value=table["pop_1993"]),
        "survival_ratios": None,
        "life_table": frame(period=1993, sex="female", age=table["age_start"], nLx=table["nLx_radix100000"]),
        "fertility": frame(period=1993, age=table["age_start"], asfr=table["asfr"]),
        "settings": {"start_year": 1993, "step": 5, "steps": 2, "srb": 1.05, "l0": 100000},
    } | overrides))  # fmt: skip


def test_box_6_1_is_reproduced_to_one_person(tmp_path):
    printed = pd.read_csv(PUBLISHED / "preston_box_6_1_sweden_females_closed.csv")
    project_folder(sweden_folder(tmp_path / "in"), tmp_path / "out.csv")
    table = pd.read_csv(tmp_path / "out.csv")
    stock = table[table.component == "population"].pivot(index="age", columns="year", values="value")
    assert np.abs(stock[1998] - printed["expected_pop_1998"].to_numpy()).max() <= 1
    assert np.abs(stock[2003] - printed["expected_pop_2003"].to_numpy()).max() <= 1
    assert [round(total) for total in stock.sum()] == [4_397_428, 4_449_570, 4_478_712]


def test_box_3_1_the_stationary_population_of_the_printed_rates_stays(tmp_path):
    # Austrian men of 1992: the life table that the command builds from nmx and nax is the printed one.
    printed = pd.read_csv(PUBLISHED / "preston_box_3_1_austria_males_1992_life_table.csv")
    rates = printed["deaths"] / printed["mid_year_pop"]
    given = printed["nax"].where(printed["age"].between(5, 80))
    groups = printed.groupby(printed["age"].astype(int) // 5 * 5)["nLx"].sum()
    folder = make_folder(
        tmp_path / "in",
        population=frame(sex="male", age=groups.index, value=groups.to_numpy()),
        survival_ratios=None,
        mortality_rates=frame(period=1992, sex="male", age=printed["age"], nmx=rates, nax=given),
        fertility=frame(period=1992, age=[20], asfr=[0.0]),
        settings={"start_year": 1992, "step": 5, "steps": 1, "srb": 1.05},
    )
    project_folder(folder, tmp_path / "out.csv")
    table = pd.read_csv(tmp_path / "out.csv")
    end = table[(table.component == "population") & (table.year == 1997)]["value"].to_numpy()
    # Without births the first group is empty; everybody else is replaced by those before. Lx is printed in units.
    assert end[0] == 0
    assert np.abs(end[1:] - groups.to_numpy()[1:]).max() <= 1.5


def test_abridged_rates_equal_the_life_table_they_make(tmp_path):
    mortality = read_mortality(2020, "female")
    rates = mortality[["age", "nmx"]].assign(period=2020, sex="female")
    table = build_life_table(mortality.age, nmx=mortality.nmx, sex="female")
    ages = list(range(0, 101, 5))
    common = {
        "population": frame(sex="female", age=ages, value=1000.0), "survival_ratios": None,
        "fertility": frame(period=2020, age=[20, 25], asfr=[0.05, 0.1]),
    }  # fmt: skip
    by_rates = read_projection_inputs(make_folder(tmp_path / "a", mortality_rates=rates, **common))
    abridged = table[["age", "nLx"]].assign(period=2020, sex="female")
    by_table = read_projection_inputs(
        make_folder(tmp_path / "b", life_table=abridged, **common | {"settings": settings(l0=100000)})
    )
    joined = table.groupby(table["age"] // 5)["nLx"].sum()
    assert np.allclose(by_rates.survival[0, 0], survival_ratios(joined, step=5), rtol=1e-12)
    assert np.allclose(by_table.survival, by_rates.survival, rtol=1e-12)


def test_single_years_of_age_and_yearly_periods(tmp_path):
    ages = list(range(5))
    parts = [both_sexes(ages, "sx", [0.9 + 0.01 * i] * 5, 2020 + i) for i in range(3)]
    inputs = read_projection_inputs(make_folder(
        tmp_path / "in", population=both_sexes(ages, "value", [10.0] * 5), survival_ratios=pd.concat(parts),
        fertility=frame(period=["2020-2023"], age=[2], asfr=[0.1]), settings=settings(step=1, steps=3),
    ))  # fmt: skip
    assert inputs.survival[:, 0, 0].round(6).tolist() == [0.9, 0.91, 0.92]
    assert inputs.fertility.tolist() == [[0, 0, 0.1, 0, 0]] * 3


@pytest.mark.parametrize(
    "labels", [["2020", "2025"], ["2020-2025", "2025-2030"], ["2020-2024", "2025–2029"], ["1", "2"], ["0", "1"],
               ["2025", "2020"], ["2020.0", "2025.0"]],
)  # fmt: skip
def test_periods_may_be_years_spans_or_numbers_of_steps(tmp_path, labels):
    in_order = labels != ["2025", "2020"]
    parts = [both_sexes(AGES, "sx", [value, 0.9, 0.9, 0.5], label)
             for label, value in zip(labels, (0.8, 0.9), strict=True)]  # fmt: skip
    inputs = read_projection_inputs(make_folder(tmp_path / "in", survival_ratios=pd.concat(parts)))
    assert inputs.survival[:, 0, 0].tolist() == ([0.8, 0.9] if in_order else [0.9, 0.8])


def test_a_span_holds_in_every_yearly_step_within_it(tmp_path):
    ages = list(range(3))
    parts = [both_sexes(ages, "sx", [value] * 3, label) for label, value in (("2020-2022", 0.8), ("2022-2024", 0.9))]
    inputs = read_projection_inputs(make_folder(
        tmp_path / "in", population=both_sexes(ages, "value", [10.0] * 3), survival_ratios=pd.concat(parts),
        fertility=frame(period=[2020], age=[1], asfr=[0.1]), settings=settings(step=1, steps=4),
    ))  # fmt: skip
    assert inputs.survival[:, 0, 0].tolist() == [0.8, 0.8, 0.9, 0.9]


def test_one_period_holds_in_all_steps_and_periods_beyond_are_named(tmp_path):
    parts = [both_sexes(AGES, "sx", SURVIVAL, year) for year in (2015, 2020, 2025, 2030)]
    inputs = read_projection_inputs(make_folder(tmp_path / "in", survival_ratios=pd.concat(parts)))
    assert "fertility.csv：只有一个期间，各步相同" in inputs.notes
    assert "survival_ratios.csv：期间2015、2030在推算年份以外，没有使用" in inputs.notes


def test_a_run_of_one_sex_is_the_women_of_the_run_of_both(tmp_path):
    both, women = (tmp_path / "both.csv", tmp_path / "women.csv")
    project_folder(make_folder(tmp_path / "a"), both)
    notes = project_folder(make_folder(tmp_path / "b", settings=settings(sexes="[female]")), women)
    expected = pd.read_csv(both)
    expected = expected[expected.sex == "female"].reset_index(drop=True)
    assert pd.read_csv(women).equals(expected)
    assert any("男性的行没有使用" in note for note in notes)


def test_men_alone_receive_the_boys_and_the_reading_of_fertility_is_named(tmp_path):
    inputs = read_projection_inputs(make_folder(tmp_path / "in", settings=settings(sexes="male")))
    births = inputs.project().births[0, 0]
    exposed = project_cohorts(inputs.population, inputs.survival, inputs.fertility, 1.06, step=5, one_sex="female")
    assert births == pytest.approx(1.06 * exposed.births[0, 0])
    assert any("每名男子" in note for note in inputs.notes)


@pytest.mark.parametrize("timing", ["end", "even"])
def test_what_is_written_reconciles_and_is_in_full_precision(tmp_path, timing):
    moved = both_sexes(AGES, "net", [1.1, -2.2, 3.3, 1 / 3], 2020)
    folder = make_folder(tmp_path / "in", migration=moved, settings=settings(migration_timing=timing))
    project_folder(folder, tmp_path / "out.csv")
    table = pd.read_csv(tmp_path / "out.csv")
    assert list(table.columns) == ["year", "sex", "age", "component", "value"]
    total = table.groupby(["sex", "component", "year"])["value"].sum()
    for sex in ("male", "female"):
        for year in (2025, 2030):
            flow = total[sex, "births", year] - total[sex, "deaths", year] + total[sex, "net_migration", year]
            change = total[sex, "population", year] - total[sex, "population", year - 5]
            assert change == pytest.approx(flow, abs=1e-9)
    run = read_projection_inputs(folder).project()
    assert table[table.component == "population"]["value"].tolist() == run.population.ravel().tolist()


def test_even_migrants_bear_children_and_those_at_the_end_do_not(tmp_path):
    moved = both_sexes(AGES, "net", [0, 0, 100, 0], 2020)
    births = {}
    for timing in ("end", "even"):
        folder = make_folder(tmp_path / timing, migration=moved, settings=settings(migration_timing=timing, steps=1))
        births[timing] = read_projection_inputs(folder).project().births.sum()
    # Women 10-14: 50 at the start move to 15+, 50 more arrive at 10-14: 5/2 (0.02 (50 + 50) + 0.01 (50 * 0.5)).
    assert births["even"] - births["end"] == pytest.approx(5 / 2 * (0.02 * 100 + 0.01 * 25))


def test_a_sex_ratio_by_period_takes_the_place_of_the_setting(tmp_path):
    folder = make_folder(tmp_path / "in", srb=frame(period=[2020, 2025], srb=[1.2, 1.05]), settings=settings(srb=None))
    run = read_projection_inputs(folder).project()
    assert (run.births[:, 0] / run.births[:, 1]).tolist() == pytest.approx([1.2, 1.05])


def test_more_steps_than_ages_keep_every_cohort(tmp_path):
    folder = make_folder(
        tmp_path / "in", survival_ratios=both_sexes(AGES, "sx", [1.0] * 4, 2020),
        fertility=frame(period=2020, age=[10], asfr=[0.0]), settings=settings(steps=30),
    )  # fmt: skip
    assert read_projection_inputs(folder).project().population[-1].sum() == pytest.approx(940)


def test_timing_of_migration_left_open_is_named(tmp_path):
    folder = make_folder(tmp_path / "in", migration=both_sexes(AGES, "net", [0.0] * 4, 2020))
    assert any("migration_timing" in note for note in read_projection_inputs(folder).notes)


GOOD_SX = both_sexes(AGES, "sx", SURVIVAL, 2020)
GOOD_POPULATION = both_sexes(AGES, "value", [100.0, 90.0, 80.0, 200.0])


def changed(table: pd.DataFrame, row: int, column: str, value: object) -> pd.DataFrame:
    """The table with one cell changed; ``row`` as a spreadsheet counts it."""
    result = table.astype(object)
    result.loc[row - 2, column] = value
    return result


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"population": None}, ("population.csv", 0, "", "missing-file")),
        ({"fertility": None}, ("fertility.csv", 0, "", "missing-file")),
        ({"survival_ratios": None}, ("", 0, "", "mortality")),
        ({"life_table": both_sexes(AGES, "nLx", [5.0, 4.9, 4.8, 9.0], 2020), "settings": settings(l0=1)},
         ("survival_ratios.csv", 0, "", "mortality")),
        ({"population": GOOD_POPULATION.rename(columns={"value": "v"})},
         ("population.csv", 1, "value", "missing-column")),
        ({"population": "sex,age,value\n"}, ("population.csv", 0, "", "empty")),
        ({"population": ""}, ("population.csv", 1, "sex", "missing-column")),
        ({"population": changed(GOOD_POPULATION, 3, "value", "many")}, ("population.csv", 3, "value", "not-a-number")),
        ({"population": changed(GOOD_POPULATION, 3, "value", "nan")}, ("population.csv", 3, "value", "not-a-number")),
        ({"population": changed(GOOD_POPULATION, 3, "value", "")}, ("population.csv", 3, "value", "missing")),
        ({"population": changed(GOOD_POPULATION, 3, "value", -1)}, ("population.csv", 3, "value", "negative")),
        ({"population": changed(GOOD_POPULATION, 3, "age", "5-9")}, ("population.csv", 3, "age", "age")),
        ({"population": changed(GOOD_POPULATION, 3, "age", 0)}, ("population.csv", 3, "", "duplicate")),
        ({"population": changed(GOOD_POPULATION, 3, "age", 6)}, ("population.csv", 3, "age", "age-groups")),
        ({"population": changed(GOOD_POPULATION, 3, "sex", "both")}, ("population.csv", 3, "sex", "sex")),
        ({"population": GOOD_POPULATION.drop(index=1)}, ("population.csv", 0, "age", "gap")),
        ({"settings": settings(step=1)}, ("population.csv", 0, "age", "age-width")),
        ({"settings": settings(sexes="[male, female]"),
          "population": GOOD_POPULATION[GOOD_POPULATION.sex == "male"]}, ("population.csv", 0, "sex", "missing-sex")),
        ({"survival_ratios": changed(GOOD_SX, 4, "sx", 1.01)}, ("survival_ratios.csv", 4, "sx", "survival")),
        ({"survival_ratios": changed(GOOD_SX, 4, "sx", -0.1)}, ("survival_ratios.csv", 4, "sx", "survival")),
        ({"survival_ratios": GOOD_SX.iloc[:-1]}, ("survival_ratios.csv", 0, "age", "gap")),
        ({"survival_ratios": GOOD_SX[GOOD_SX.sex == "male"]}, ("survival_ratios.csv", 0, "age", "gap")),
        ({"survival_ratios": both_sexes([*AGES, 20], "sx", [*SURVIVAL, 0.4], 2020)},
         ("survival_ratios.csv", 6, "age", "age-groups")),
        ({"survival_ratios": both_sexes([0, 1, 2, 3], "sx", SURVIVAL, 2020)},
         ("survival_ratios.csv", 0, "age", "age-width")),
        ({"fertility": frame(period=2020, age=[10, 15], asfr=[20.0, 10.0])}, ("fertility.csv", 2, "asfr", "unit")),
        ({"fertility": frame(period=2020, age=[10, 15], asfr=[-0.1, 0.1])}, ("fertility.csv", 2, "asfr", "negative")),
        ({"fertility": frame(period=2020, age=[5, 15], asfr=[0.1, 0.1])}, ("fertility.csv", 0, "age", "gap")),
        ({"fertility": frame(period=2020, age=[7], asfr=[0.1])}, ("fertility.csv", 2, "age", "age-groups")),
        ({"fertility": frame(period=[2020, 2030], age=[10, 10], asfr=[0.1, 0.1])},
         ("fertility.csv", 0, "period", "gap")),
        ({"fertility": frame(period=[2020, 2023], age=[10, 10], asfr=[0.1, 0.1])},
         ("fertility.csv", 3, "period", "period")),
        ({"fertility": frame(period=["2020", "now"], age=[10, 10], asfr=[0.1, 0.1])},
         ("fertility.csv", 3, "period", "period")),
        ({"fertility": frame(period=["2020-2030", "2025"], age=[10, 10], asfr=[0.1, 0.1])},
         ("fertility.csv", 3, "period", "overlap")),
        ({"migration": both_sexes(AGES, "net", [0, -999, 0, 0], 2020)},
         ("migration.csv", 3, "net", "negative-population")),
        ({"migration": both_sexes(AGES[:3], "net", [0, 0, 0], 2020)}, ("migration.csv", 0, "age", "gap")),
        ({"settings": settings(speed=3)}, ("settings.yml", 5, "speed", "unknown-setting")),
        ({"settings": settings(step=2)}, ("settings.yml", 2, "step", "setting")),
        ({"settings": settings(steps=0)}, ("settings.yml", 3, "steps", "setting")),
        ({"settings": settings(start_year=None)}, ("settings.yml", 0, "start_year", "missing-setting")),
        ({"settings": settings(srb=105)}, ("settings.yml", 4, "srb", "sex-ratio")),
        ({"settings": settings(srb=None)}, ("settings.yml", 0, "srb", "missing-setting")),
        ({"settings": settings(srb="~")}, ("settings.yml", 0, "srb", "missing-setting")),
        ({"settings": settings(migration_timing="start")}, ("settings.yml", 5, "migration_timing", "setting")),
        ({"settings": settings(sexes="[girls]")}, ("settings.yml", 5, "sexes", "setting")),
        ({"settings": {"a": "{"}}, ("settings.yml", 2, "", "not-yaml")),
        ({"srb": frame(period=[2020], srb=[1.05])}, ("settings.yml", 4, "srb", "sex-ratio")),
        ({"srb": frame(period=[2020], srb=[105]), "settings": settings(srb=None)},
         ("srb.csv", 2, "srb", "sex-ratio")),
    ],
)  # fmt: skip
def test_bad_input_is_named_at_its_cell(tmp_path, overrides, expected):
    folder = make_folder(tmp_path / "in", **overrides)
    if expected[3] == "negative-population":
        with pytest.raises(DataError) as refused:
            read_projection_inputs(folder).project()
        found = [(p.file, p.row, p.column, p.code) for p in refused.value.problems]
    else:
        found = problems_of(folder)
    assert expected in found


LIVED = both_sexes(AGES, "nLx", [4.9e5, 4.85e5, 4.8e5, 9e5], 2020)
RATES = both_sexes(AGES, "nmx", [0.01, 0.001, 0.001, 0.05], 2020)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"life_table": LIVED}, ("settings.yml", 0, "l0", "missing-setting")),
        ({"life_table": LIVED, "settings": settings(l0="~")}, ("settings.yml", 0, "l0", "missing-setting")),
        ({"life_table": LIVED, "settings": settings(l0=1)}, ("life_table.csv", 2, "nLx", "l0")),
        ({"life_table": LIVED, "settings": settings(l0=100_000_000)}, ("life_table.csv", 2, "nLx", "l0")),
        ({"life_table": changed(LIVED, 3, "nLx", 4.95e5), "settings": settings(l0=100_000)},
         ("life_table.csv", 3, "nLx", "survival")),
        ({"life_table": changed(LIVED, 3, "nLx", -4.95e5), "settings": settings(l0=100_000)},
         ("life_table.csv", 3, "nLx", "negative")),
        ({"mortality_rates": changed(RATES, 2, "nmx", 10.5)}, ("mortality_rates.csv", 2, "nmx", "unit")),
        ({"mortality_rates": changed(RATES, 2, "nmx", -0.1)}, ("mortality_rates.csv", 2, "nmx", "negative")),
        ({"mortality_rates": changed(RATES, 5, "nmx", 0)}, ("mortality_rates.csv", 5, "nmx", "open-group")),
        ({"mortality_rates": changed(RATES, 3, "nmx", 1.5)}, ("mortality_rates.csv", 0, "nmx", "life-table")),
    ],
)  # fmt: skip
def test_bad_mortality_is_named_at_its_cell(tmp_path, overrides, expected):
    assert expected in problems_of(make_folder(tmp_path / "in", survival_ratios=None, **overrides))


def test_all_problems_of_all_files_come_at_once_and_an_unreadable_value_is_not_also_a_gap(tmp_path):
    folder = make_folder(
        tmp_path / "in", population=changed(GOOD_POPULATION, 2, "value", "x"),
        survival_ratios=changed(GOOD_SX, 9, "sx", 2), fertility=frame(period=2020, age=[10], asfr=[99]),
        settings=settings(colour="red"),
    )  # fmt: skip
    assert problems_of(folder) == [
        ("settings.yml", 5, "colour", "unknown-setting"),
        ("population.csv", 2, "value", "not-a-number"),
        ("survival_ratios.csv", 9, "sx", "survival"),
        ("fertility.csv", 2, "asfr", "unit"),
    ]


def test_other_ages_than_the_step_do_not_hide_the_problems_of_the_other_files(tmp_path):
    folder = make_folder(
        tmp_path / "in", population=both_sexes([0, 1, 2, 3], "value", [1.0] * 4),
        survival_ratios=changed(GOOD_SX, 3, "sx", 1.5), settings=settings(srb=None),
        fertility=frame(period=[2020, 2030], age=[10, 10], asfr=[-0.1, 0.1]),
    )  # fmt: skip
    assert problems_of(folder) == [
        ("settings.yml", 0, "srb", "missing-setting"),
        ("population.csv", 0, "age", "age-width"),
        ("population.csv", 0, "age", "age-width"),
        ("survival_ratios.csv", 3, "sx", "survival"),
        ("fertility.csv", 0, "period", "gap"),
        ("fertility.csv", 2, "asfr", "negative"),
    ]


def test_every_group_that_migration_would_empty_is_named(tmp_path):
    moved = both_sexes(AGES, "net", [0, -500, -500, 0], 2020)
    with pytest.raises(DataError) as refused:
        read_projection_inputs(make_folder(tmp_path / "in", migration=moved)).project()
    messages = [problem.message for problem in refused.value.problems]
    assert [problem.row for problem in refused.value.problems] == [3, 4, 7, 8]
    assert "2020年起的一步，男5—9岁净迁出多于现有人数" in messages[0]


def test_on_a_problem_the_old_result_stays_and_nothing_else_is_written(tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("old")
    folder = make_folder(tmp_path / "in", fertility=None)
    with pytest.raises(DataError):
        project_folder(folder, out)
    assert out.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out.csv"]


@pytest.mark.parametrize("name", ["population.csv", "migration.csv", "life_table.csv", "settings.yml"])
def test_an_input_is_never_overwritten(tmp_path, name):
    folder = make_folder(tmp_path / "in")
    with pytest.raises(UsageError, match="覆盖"):
        project_folder(folder, folder / name)


def test_files_from_spreadsheets_are_read(tmp_path):
    # A byte order mark, CRLF, blank lines, Chinese sexes, a plus at the open group, a further column.
    rows = ["sex,age,value,备注", "男,0,100,", "男,5,90,", "男,10,80,", "男,15+,200,开口", "", "女,0,100,", "女,5,90,",
            "女,10,80,", "女,15+,200,"]  # fmt: skip
    folder = make_folder(tmp_path / "in")
    plain = read_projection_inputs(folder)
    (folder / "population.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(rows).encode())
    assert np.array_equal(read_projection_inputs(folder).population, plain.population)


def test_a_file_as_chinese_windows_writes_it_is_read_and_named(tmp_path):
    folder = make_folder(tmp_path / "in")
    plain = read_projection_inputs(folder)
    text = (folder / "population.csv").read_text(encoding="utf-8").replace("female", "女").replace("male", "男")
    (folder / "population.csv").write_bytes(text.encode("gbk"))
    found = read_projection_inputs(folder)
    assert np.array_equal(found.population, plain.population)
    assert "population.csv不是UTF-8编码，按GB18030读入" in found.notes


def test_a_file_in_another_encoding_is_named(tmp_path):
    folder = make_folder(tmp_path / "in")
    (folder / "population.csv").write_bytes("sex,age,value\n男,0,1\n".encode("utf-16"))
    assert ("population.csv", 0, "", "encoding") in problems_of(folder)


def test_the_head_may_be_written_in_capitals(tmp_path):
    folder = make_folder(tmp_path / "in")
    plain = read_projection_inputs(folder)
    for name in ("population.csv", "survival_ratios.csv"):
        head, rest = (folder / name).read_text(encoding="utf-8").split("\n", 1)
        (folder / name).write_text(f"{head.upper()}\n{rest}", encoding="utf-8")
    found = read_projection_inputs(folder)
    assert np.array_equal(found.population, plain.population)
    assert np.array_equal(found.survival, plain.survival)


def test_a_wrong_step_does_not_hide_what_is_missing_in_the_files(tmp_path):
    folder = make_folder(tmp_path / "in")
    settings = (folder / "settings.yml").read_text(encoding="utf-8")
    (folder / "settings.yml").write_text(settings.replace("step: 5", "step: 3"), encoding="utf-8")
    lines = (folder / "survival_ratios.csv").read_text(encoding="utf-8").splitlines()
    (folder / "survival_ratios.csv").write_text("\n".join(lines[:1] + lines[2:]), encoding="utf-8")
    found = problems_of(folder)
    assert ("survival_ratios.csv", 0, "age", "gap") in found
    assert any(code == "setting" for *_, code in found)


JUNK = ["", "x", "-1", "1e400", "nan", "2020-2025", "１２", "0.5", "1,2", '"', "male", "女", "85+", "null", "[1]", "{", "- 1", ":", "#", "true",
        "0", "2021", "999"]  # fmt: skip


@given(st.sampled_from(["population.csv", "survival_ratios.csv", "fertility.csv", "migration.csv", "settings.yml"]),
       st.integers(0, 60), st.sampled_from(JUNK))  # fmt: skip
def test_a_damaged_cell_gives_problems_or_a_finite_result_and_never_a_traceback(name, place, junk):
    with tempfile.TemporaryDirectory() as name_of_folder:
        folder = make_folder(Path(name_of_folder, "in"), migration=both_sexes(AGES, "net", [1, 2, 3, 4], 2020))
        pieces = re.split(r"([,\n:])", (folder / name).read_text(encoding="utf-8"))
        pieces[place % len(pieces)] = junk
        (folder / name).write_text("".join(pieces), encoding="utf-8")
        try:
            run = read_projection_inputs(folder).project()
        except DataError as error:
            assert error.problems
        else:
            assert np.isfinite(run.population).all()
            assert (run.population >= 0).all()
            assert run.imbalance < 1e-9
