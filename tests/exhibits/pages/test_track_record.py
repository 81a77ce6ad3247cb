"""The page of the track record: counts are those of the scores, and words follow them."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from popbook.exhibits.inline import plain_text
from popbook.exhibits.model import Figure, Table
from popbook.exhibits.pages import track_record as page
from popbook.exhibits.render import draw_figure
from popbook.exhibits.report import Report, open_report
from popbook.monitoring.track_record import OWN_MODELS, count_hits, score_archive


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return score_archive(open_report(2024, chapter="track_record").ledger)


def blank() -> Report:
    return open_report(2024, chapter="track_record")


def test_the_first_edition_has_nothing_to_score(oldest: Report) -> None:
    sections = page.track_record(oldest)
    assert [section.id for section in sections] == ["track-record-scores", "track-record-archive"]
    assert "还没有可以核对的预测" in sections[0].heading


def test_the_heading_counts_what_was_hit(newest: Report, scores: pd.DataFrame) -> None:
    n, hits80, hits95 = count_hits(scores[scores["indicator_id"] == "resident_population"])
    heading = plain_text(page.track_record(newest)[0].heading)
    assert heading.startswith(f"常住人口预测：80%区间{n}次中{hits80}次，95%区间{n}次中{hits95}次；平均误差1年期")


def test_every_miss_is_counted_as_a_miss(scores: pd.DataFrame) -> None:
    missed = scores.assign(inside80=scores["inside80"].where(scores["inside80"].isna(), False))
    section = page.by_horizon(blank(), missed)
    assert "80%区间10次中0次" in plain_text(section.heading)
    assert "80%区间在内次数不足八成的有年末常住人口（10次中0次）" in plain_text("".join(b for b in section.blocks if isinstance(b, str)))


def test_a_forecast_that_wins_everywhere_is_not_said_to_lose(scores: pd.DataFrame) -> None:
    own = scores["model"].isin(OWN_MODELS)
    section = page.by_horizon(blank(), scores.assign(error=scores["error"].where(~own, 0.0)))
    assert "没有胜过" not in plain_text("".join(block for block in section.blocks if isinstance(block, str)))


def test_a_forecast_that_is_beaten_says_by_whom(newest: Report, scores: pd.DataFrame) -> None:
    section = page.residents(newest, scores)
    rivals = next(b for b in section.blocks if isinstance(b, Table) and b.id == "tbl-track-rivals").frame.set_index("name")
    own = abs(rivals["y2024"].iloc[0])
    _, _, lost = plain_text(section.lead).partition("大于")
    for name, error in rivals["y2024"].iloc[1:].items():
        assert (str(name) in lost) == (abs(error) < own), name


def test_errors_by_horizon_stand_beside_the_plan_and_the_naive_benchmark(scores: pd.DataFrame) -> None:
    figure = next(b for b in page.by_horizon(blank(), scores).blocks if isinstance(b, Figure))
    sizes = figure.frame.pivot(index="年期", columns="预测或方案", values="平均绝对误差（万人）")
    assert sizes.index.tolist() == [1, 2, 3, 4]
    own = scores[(scores["indicator_id"] == "resident_population") & (scores["model"] == "combination")]
    assert sizes["本报告预测"].tolist() == pytest.approx(own.groupby("h")["error"].apply(lambda e: e.abs().mean()).tolist())
    assert sizes.loc[4, ["规划低方案", "规划中方案", "规划高方案"]].tolist() == pytest.approx([54.6, 73.6, 114.6])
    assert "大于规划低方案" in figure.title
    assert set(draw_figure(figure)["svg"]) == {"wide", "narrow", "titled"}


def test_the_table_by_horizon_has_the_plan_beside_the_forecast(scores: pd.DataFrame) -> None:
    section = page.by_horizon(blank(), scores)
    rows = next(b for b in section.blocks if isinstance(b, Table)).frame
    first = rows[rows["indicator"].str.startswith("年末常住人口")].set_index("h").loc["4年"]
    assert first[["low", "medium", "high", "in80"]].tolist() == ["54.6", "73.6", "114.6", "1/1"]
    assert (rows.loc[rows["indicator"].str.startswith("60岁"), "low"] == "").all()


def test_the_archive_is_described_as_it_stands(report: Report) -> None:
    section = page.archive(report)
    (table,) = section.blocks
    assert isinstance(table, Table)
    assert table.frame["edition"].tolist() == list(range(2020, report.edition + 1))
    total = re.search(r"共(\d+)个预测", plain_text(section.heading))
    assert total and int(total[1]) == table.frame["rows"].sum()


def test_scores_are_among_the_results(newest: Report) -> None:
    page.track_record(newest)
    assert len(newest.results["track_record"]) > 50
