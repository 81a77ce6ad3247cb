from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import Html, Table
from popbook.exhibits.pages import changes, overview
from popbook.exhibits.report import Report
from popbook.monitoring.demand import watch
from popbook.monitoring.warnings import FIRED
from tests.exhibits.amending import amended, heading


def parsed(block: Html) -> BeautifulSoup:
    return BeautifulSoup(block.markup, "html.parser")


def sentences(report: Report) -> list[str]:
    (block,) = overview.year(report).blocks
    return [plain_text(line) for line in str(block).splitlines()]


def test_the_year_is_told_in_eight_sentences(report: Report) -> None:
    said = sentences(report)
    assert [line.partition(".")[0] for line in said] == [str(i) for i in range(1, 9)]
    assert all(line.endswith("。") for line in said)
    assert not re.search(r"nan|None", "".join(said))


def test_every_sentence_of_numbers_is_made_of_facts(report: Report) -> None:
    (block,) = overview.year(report).blocks
    assert all(line.count("{fact}") >= 1 for line in str(block).splitlines())


def test_the_newest_edition_says_what_the_bulletins_say(newest: Report) -> None:
    said = "".join(sentences(newest))
    for expected in (
        "2024年末常住人口1262.4万人，比上年末增加10.2万人，增量连续五年收窄",
        "比规划低方案的1317万人少54.6万人，2021年以来一直低于低方案",
        "还差107.6万人",
        "自然增长2.9万人，净迁入7.3万人",
        "60岁及以上比重20.5%，自2024年起突破规划上限20%",
        "15—59岁比重67.1%，高于规划下限66%，余量1.1个百分点",
        "常住人口城镇化率84.8%，距2025年目标85%差0.2个百分点",
        "16项目标中，已突破1项、难以达成1项",
        "；未公布9项、无法评估1项，既不算达成也不算未达成",
    ):
        assert expected in said
    assert heading(overview.year(newest)) == (
        "2024年末常住人口1262.4万人，难以达到规划目标1370万人；60岁及以上比重已越过规划界限"
    )


def test_the_oldest_edition_takes_no_difference_across_the_census(oldest: Report) -> None:
    said = sentences(oldest)[0]
    assert "两者之差含基数调整，不是一年的增长" in said
    assert "160.5" not in said
    assert "不能分解" in sentences(oldest)[2]


def test_the_board_stands_on_the_page(report: Report) -> None:
    assert any(isinstance(block, Html) for block in overview.board(report).blocks)


def test_the_board_comes_first_then_what_is_on_what_changed_and_the_four_fields(report: Report) -> None:
    ids = [section.id for section in overview.overview(report)]
    changed = ["overview-changes"] if report.edition > 2020 else []
    assert ids == ["overview-board", "overview-warnings", *changed, "overview-areas", "overview-year", "overview-reading"]


def test_every_warning_that_is_on_is_drawn(report: Report) -> None:
    cards, table = overview.warnings(report).blocks
    assert isinstance(cards, Html)
    assert isinstance(table, Table)
    drawn = [card.select_one(".pb-card-name").contents[0] for card in parsed(cards).select(".pb-warning-card")]
    fired = [w for w in watch(report.ledger) if w.state == FIRED]
    assert drawn == [w.name for w in sorted(fired, key=lambda w: not w.headline)]
    assert table.frame["name"].tolist() == drawn
    assert not table.frame["said"].str.contains("触发").any()
    assert table.folded, "the page shows warnings once, as cards"
    assert f"触发{len(fired)}条" in heading(overview.warnings(report))


def test_all_five_chapters_are_linked(report: Report) -> None:
    links, downloads = overview.reading(report).blocks
    assert isinstance(downloads, Html)
    assert all(f'href="{name}"' in downloads.markup for name in ("report.pdf", "report.docx", "brief.pdf", "brief.docx"))
    chapters = re.findall(r"notebooks/(\d\d)_\w+\.ipynb", str(links))
    assert chapters == ["01", "02", "03", "04", "05"]


def test_three_changes_are_told_except_in_the_first_edition(report: Report) -> None:
    found = overview.changed(report)
    assert len(found) == (report.edition > 2020)
    for section in found:
        (block,) = section.blocks
        assert [line[:2] for line in str(block).splitlines()] == ["1.", "2.", "3."]
        assert heading(section) == "与上年比：" + plain_text(changes.changes(report)[0].heading)


# --- a flipped value flips the sentence ---------------------------------------------------------------------------


def test_a_larger_increment_is_said_to_widen() -> None:
    report = amended(2024, ("resident_population", 2024, 1290.0), chapter="overview")
    assert "增加37.8万人，增量比上年扩大" in sentences(report)[0]


def test_a_falling_population_is_said_to_fall() -> None:
    report = amended(2024, ("resident_population", 2024, 1250.0), chapter="overview")
    assert "比上年末减少2.2万人。" in sentences(report)[0]
    assert "总量变动中自然增长" in sentences(report)[2]
    assert "净迁出" in sentences(report)[2]


def test_an_unpublished_population_names_the_last_one_known() -> None:
    report = amended(2024, ("resident_population", 2024, None), chapter="overview")
    assert sentences(report)[0].endswith("2024年末常住人口没有公布，最近一次是2023年的1252.2万人。")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1320.0, "介于规划低方案的1317万人和中方案"),
        (1400.0, "不低于规划高方案"),
        (1300.0, "比规划低方案的1317万人少17.0万人"),
    ],
)
def test_the_place_among_the_plan_paths_follows_the_population(value: float, said: str) -> None:
    report = amended(2024, ("resident_population", 2024, value), chapter="overview")
    assert said in sentences(report)[1]


def test_one_year_above_the_low_path_shortens_the_run() -> None:
    report = amended(2024, ("resident_population", 2022, 1260.0), chapter="overview")
    assert "2023年以来一直低于低方案" in sentences(report)[1]


def test_a_share_below_the_ceiling_silences_headline_and_warning() -> None:
    report = amended(2024, ("resident_share_60plus", 2024, 19.9), chapter="overview")
    assert "已越过" not in heading(overview.year(report))
    assert "60岁及以上占比越过上限" not in sentences(report)[7]
    assert "余量0.1个百分点" in sentences(report)[3]


def test_a_reached_population_leaves_the_headline() -> None:
    report = amended(2024, ("resident_population", 2024, 1370.0), chapter="overview")
    assert "难以达到" not in heading(overview.year(report))
    assert "已符合2025年目标" in sentences(report)[1]


def test_a_share_below_the_ceiling_is_no_change_for_the_worse() -> None:
    (section,) = overview.changed(amended(2024, ("resident_share_60plus", 2024, 19.9), chapter="overview"))
    assert "已突破" not in heading(section)
