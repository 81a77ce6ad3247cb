from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest

from popbook.exhibits.chapters import targets
from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import Figure, Section, Table
from popbook.exhibits.render import draw_figure
from popbook.exhibits.report import Report, section_exhibits, section_payload
from popbook.exhibits.tables import table_cells
from popbook.monitoring.status import STATUS_RULE
from popbook.monitoring.targets import assess_targets
from tests.exhibits.amending import EDITIONS, amended, heading, report_of, words

Make = Callable[[Report], Section]
SECTIONS: tuple[Make, ...] = (
    targets.opener, targets.board, targets.table, targets.guard_rails, targets.reach, targets.arithmetic,
    targets.sensitivity, targets.growth_ratio, targets.unpublished, targets.rule,
)  # fmt: skip
HEADINGS = {
    2025: (
        "目标：规划期满，16项中没有一项见到达成，已突破1项、未达成1项，14项没有定论",
        "60岁及以上比重20.5%，已突破上限20%；常住人口1270.0万人，没有达到1370万人",
        "16项中6项有基期以后的可用数，1项更新到2025年",
        "保持类目标：60岁及以上比重已突破上限20%，总抚养比和15—59岁比重没有公布2025年的数",
        "达到类目标：常住人口没有达到1370万人，其余9项没有公布2025年的可用数",
        "6项目标的算式逐步列出，可用计算器复算",
        "换用其他起算年，6项的状态都不变",
        "换用增长率之比，2项结论都相同",
        "4项只公布到2025年以前，9项没有公布基期以后的数，1项只有参考级的数",
        r"状态由16条规则自上而下判定，本版用到\d条",
    ),
    2024: (
        r"目标：16项中已突破1项、难以达成1项、有风险\d项、有望\d项，10项不能评估",
        "60岁及以上比重20.5%，已突破上限20%；常住人口1262.4万人，难以达到1370万人",
        "16项中6项有基期以后的可用数，5项更新到2024年",
        r"保持类目标：60岁及以上比重已突破上限20%，15—59岁比重余量1.1个百分点，守住的概率\d+%",
        "达到类目标：常住人口速度只有应有的47%，常住人口城镇化率不慢于应有速度",
        "6项目标的算式逐步列出，可用计算器复算",
        "换用其他起算年，6项的状态都不变；若不看概率、只看速度，1项会变：常住人口",
        "换用增长率之比，6项中3项结论不同，其中2项是把只能守住的界限算作已实现",
        "9项没有公布基期以后的数，1项只有参考级的数",
        r"状态由16条规则自上而下判定，本版用到\d条",
    ),
    2020: (
        "目标：2020年是基期，16项从2021年度版起评估",
        "6项在基期已符合，10项要在2025年前达到",
        "16项目标的基期值全部来自规划表4",
        "保持类6项，15—59岁比重的基期余量最小：4.12个百分点",
        "达到类10项：常住人口每年应增加34.7万人",
        "16项目标的算式逐步列出，可用计算器复算",
        "2020年以后没有可用的数，还不能换起算年",
        "2020年以后没有可用的数，还不能与增长率之比对照",
        "2020年是基期，还没有一项目标有后续的数",
        "状态由16条规则自上而下判定，本版用到1条",
    ),
}


@cache
def sections(edition: int) -> tuple[Section, ...]:
    return tuple(make(report_of(edition)) for make in SECTIONS)


def table_of(section: Section, table_id: str) -> Table:
    return next(e for e in section_exhibits(section) if isinstance(e, Table) and e.id == table_id)


def column(table: Table, label: str) -> dict[str, str]:
    cells = table_cells(table)
    place = [c["label"] for c in cells["columns"]].index(label)
    return {row["cells"][0]: row["cells"][place] for row in cells["rows"]}


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("place", range(len(SECTIONS)), ids=[make.__name__ for make in SECTIONS])
def test_every_section_stands_in_every_edition(edition: int, place: int) -> None:
    section = sections(edition)[place]
    payload = section_payload(section, report_of(edition))
    assert section.level == (1 if place == 0 else 2)
    assert section.lead
    assert not re.search(r"nan|None|inf\b", words(section))
    assert {fact["id"] for fact in payload["facts"]} <= set(report_of(edition).facts)


@pytest.mark.parametrize("edition", HEADINGS)
def test_headings_are_the_findings_of_the_edition(edition: int) -> None:
    for section, expected in zip(sections(edition), HEADINGS[edition], strict=True):
        assert re.fullmatch(expected, heading(section)), heading(section)


def test_the_closing_edition_asks_nothing_of_years_that_are_over() -> None:
    for section in sections(2025):
        said = words(section)
        assert not re.search("还需|按期|今后每年|2026年|按[^，。]*速度，", said), said
    waiting = words(sections(2025)[3])
    assert "2025年的数没有公布，按已公布的数预测，守住的概率" in waiting


@pytest.mark.parametrize("edition", EDITIONS)
def test_no_edition_knows_a_later_year(edition: int) -> None:
    for section in sections(edition):
        for exhibit in section_exhibits(section):
            assert max(exhibit.years) <= edition
            for source_id in exhibit.source_ids:
                assert report_of(edition).ledger.sources[source_id].published <= str(report_of(edition).about.cut_off)


@pytest.mark.parametrize("edition", EDITIONS)
def test_all_sixteen_stand_in_the_table_with_the_status_of_the_assessment(edition: int) -> None:
    table = table_of(sections(edition)[2], "tbl-targets")
    assert list(table.frame["status"]) == [s.status for s in assess_targets(report_of(edition).ledger)]
    assert len(table.frame) == 16


def test_the_table_prints_the_plan_and_the_latest_figures() -> None:
    table = table_of(sections(2024)[2], "tbl-targets")
    assert column(table, "基期2020")["60岁及以上比重（%）"] == "16.87"
    assert column(table, "目标2025")["常住人口（万人）"] == "约1370"
    assert column(table, "最近")["常住人口（万人）"] == "1262.4"
    assert column(table, "最近")["户籍出生率（‰）"] == "未公布"
    assert column(table, "最近")["人均预期寿命（岁）"] == "83.63（C）"
    assert column(table, "差距或余量")["60岁及以上比重（%）"] == "−0.5"
    assert column(table, "还需年均")["常住人口（万人）"] == "+107.6"


def test_the_results_lay_every_component_open() -> None:
    report = report_of(2024)
    targets.table(report)
    row = report.results["targets"].set_index("target_id").loc["T01"]
    assert row["pace"] == pytest.approx((1262.4 - 1196.5) / 4)
    assert row["pace_share"] == pytest.approx(row["pace"] / row["pace_required"])
    assert row["status"] == "难以达成"


def test_each_step_of_the_arithmetic_gives_its_result() -> None:
    table = table_of(sections(2024)[5], "tbl-target-arithmetic")
    checked = 0
    for row in table.frame.to_dict("records"):
        formula = row["formula"].partition("＝")[2] if "岁" in row["formula"] else row["formula"]
        formula = formula.partition("，进到整年")[0].removesuffix("（万人）").translate(str.maketrans("−＋×÷（）", "-+*/()"))
        if not re.fullmatch(r"[-+*/().\d]+", formula):
            continue
        value = eval(formula)
        result = re.match(r"[+−]?\d+(\.\d+)?", row["result"])
        assert result is not None
        printed = float(result.group().replace("−", "-"))
        if "年份" in row["step"] or row["step"].startswith(("按此速度达到", "按此速度越过")):
            assert 0 <= printed - value < 1
        elif row["result"].endswith("%") and row["step"] == "2024年的数" or row["step"] in ("进度比", "占用比"):
            assert 100 * value == pytest.approx(printed, abs=0.05)
        else:
            assert value == pytest.approx(printed, abs=0.0051)
        checked += 1
    assert checked >= 30


def test_starts_across_a_break_are_shown_as_refused() -> None:
    rows = table_of(sections(2024)[6], "tbl-target-sensitivity").frame
    across = rows[rows["use"] == "不采用"]
    assert across["years"].tolist() == ["2010—2011年", "2018—2019年", "2018—2019年", "2016、2018—2019年"]
    assert (rows["use"] == "采用").sum() == 6
    said = words(sections(2024)[6])
    assert "口径断点（七普调整基数）另一侧的数" in said
    assert "常住人口从2010—2011年起算，只看速度会由“难以达成”误为“有风险”" in said


def test_the_results_say_what_other_starting_years_would_say() -> None:
    report = report_of(2024)
    targets.table(report)
    row = report.results["targets"].set_index("target_id").loc["T01"]
    assert (row["starts_compared"], row["starts_agreeing"]) == (10, 10)
    assert row["starts_refused"] == "2010=难以达成;2011=难以达成"


def test_the_printed_rule_is_the_one_that_decides() -> None:
    table = table_of(sections(2024)[9], "tbl-status-rule")
    assert list(table.frame["condition"]) == [row.condition for row in STATUS_RULE]
    assert table.frame["used"].sum() == 16


def test_silent_targets_are_neither_met_nor_missed() -> None:
    section = sections(2024)[8]
    rows = table_of(section, "tbl-unpublished").frame
    assert set(rows["status"]) == {"未公布", "无法评估"}
    assert "既不算达成，也不算未达成" in plain_text(sections(2024)[0].lead)


# --- a flipped value flips the sentence ---------------------------------------------------------------------------


def test_a_share_below_the_ceiling_takes_back_the_breach() -> None:
    report = amended(2024, ("resident_share_60plus", 2024, 19.9))
    assert "已突破" not in heading(targets.opener(report))
    assert "已突破" not in heading(targets.board(report))
    assert "已突破" not in heading(targets.guard_rails(report))


def test_a_broken_floor_enters_the_headings() -> None:
    report = amended(2024, ("resident_share_15_59", 2024, 65.9))
    assert "已突破2项" in heading(targets.opener(report))
    assert "15—59岁比重已跌破下限66%" in heading(targets.guard_rails(report))


def test_residents_at_the_target_turn_the_finding() -> None:
    report = amended(2024, ("resident_population", 2024, 1370.0))
    assert "难以达成" not in heading(targets.opener(report))
    assert "达成1项" in heading(targets.opener(report))
    assert "只有应有的" not in heading(targets.reach(report))


def test_a_slow_year_takes_urbanisation_off_the_pace() -> None:
    report = amended(2024, ("resident_urban_rate", 2024, 83.6))
    assert re.search(r"常住人口城镇化率速度只有应有的\d+%", heading(targets.reach(report)))


def test_a_status_that_depends_on_the_starting_year_enters_the_heading() -> None:
    # Fast until 2023, then a fall: from the base still enough, from the year before a retreat.
    report = amended(2024, ("resident_urban_rate", 2023, 85.5))
    assert re.search(r"6项中\d项状态会变：.*常住人口城镇化率", heading(targets.sensitivity(report)))


def test_a_published_birth_rate_leaves_the_list_of_the_silent() -> None:
    report = amended(2024, ("hukou_birth_rate", 2024, 8.5))
    assert heading(targets.unpublished(report)).startswith("8项没有公布")
    assert "户籍出生率" not in "".join(table_of(targets.unpublished(report), "tbl-unpublished").frame["name"])
    assert column(table_of(targets.table(report), "tbl-targets"), "最近")["户籍出生率（‰）"] == "8.50"


def test_a_year_without_figures_is_said_to_be_stale() -> None:
    report = amended(2024, *[(name, 2024, None) for name in ("resident_share_60plus", "resident_population")])
    assert "已突破" not in heading(targets.opener(report))
    assert "5项更新到2024年" not in heading(targets.table(report))


# --- figures ------------------------------------------------------------------------------------------------------


def test_the_headroom_figure_draws_bounds_over_the_whole_plan_period() -> None:
    figure = next(e for e in section_exhibits(sections(2024)[3]) if isinstance(e, Figure))
    bounds = figure.frame[figure.frame["项目"] == "界限"].groupby("指标")["年份"].agg(["min", "max"])
    assert set(bounds["min"]) == {2020}
    assert set(bounds["max"]) == {2025}


def test_the_headroom_figure_keeps_the_census_base_apart() -> None:
    figure = next(e for e in section_exhibits(sections(2024)[3]) if isinstance(e, Figure))
    rows = figure.frame[(figure.frame["指标"] == "60岁及以上比重（%）") & (figure.frame["项目"] == "公布数")]
    assert rows.set_index("年份")["段"].loc[2020] != rows.set_index("年份")["段"].loc[2021]


def test_the_pace_figure_shows_what_is_still_needed() -> None:
    figure = next(e for e in section_exhibits(sections(2024)[4]) if isinstance(e, Figure))
    row = figure.frame.set_index("指标").loc["常住人口"]
    assert row["已有速度"] == pytest.approx(100 * 16.475 / 34.7, abs=0.01)
    assert row["今后每年所需"] == pytest.approx(100 * 107.6 / 34.7, abs=0.01)


@pytest.mark.parametrize("edition", (2021, 2024))
def test_figures_can_be_drawn_in_every_layout(edition: int) -> None:
    drawn = [draw_figure(e)["svg"] for s in sections(edition) for e in section_exhibits(s) if isinstance(e, Figure)]
    assert len(drawn) == 2
    assert all(set(svg) == {"wide", "narrow", "titled"} for svg in drawn)
