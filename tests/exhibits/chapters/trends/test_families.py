from __future__ import annotations

import numpy as np
import pytest

from popbook.exhibits.chapters.trends.evidence import forecasts_of
from popbook.exhibits.chapters.trends.families import families
from popbook.exhibits.model import Figure
from tests.exhibits.chapters.trends.ledgers import EDITIONS, report_of


def figures(edition: int) -> dict[str, Figure]:
    return {block.id: block for block in families(report_of(edition)) if isinstance(block, Figure)}


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_family_has_words_and_a_figure_of_its_own(edition: int) -> None:
    blocks = families(report_of(edition))
    texts = [block for block in blocks if isinstance(block, str)]
    assert [text.split("**")[1] for text in texts] == ["趋势模型", "城市面板回归", "队列要素推算"]
    assert all(text.count("。") == 2 for text in texts)
    has_panel = forecasts_of(report_of(edition)).regression is not None
    assert list(figures(edition)) == ["fig-members", *(["fig-factor-paths"] if has_panel else []), "fig-cohort-trajectories"]


def test_the_medium_path_of_the_factor_is_the_member() -> None:
    frame = figures(2024)["fig-factor-paths"].frame
    drawn = frame[(frame["系列"] == "中路径") & (frame["年份"] > 2024)]["人口（万人）"].to_numpy()
    members = forecasts_of(report_of(2024)).resident.members
    assert drawn == pytest.approx(members[members["member"] == "factor"]["value"].to_numpy(), abs=0.01)
    ends = frame[frame["年份"] == 2035].set_index("系列")["人口（万人）"]
    assert ends["低路径"] < ends["中路径"] < ends["高路径"]


def test_the_fan_of_the_cohort_model_widens() -> None:
    frame = figures(2024)["fig-cohort-trajectories"].frame.pivot(index="年份", columns="系列", values="数值（万人）").dropna(subset=["上限80"])
    assert (np.diff(frame["上限80"] - frame["下限80"]) > 0).all()


def test_trends_are_drawn_without_the_other_families() -> None:
    names = set(figures(2024)["fig-members"].frame["模型"])
    assert {"阻尼霍尔特", "Theta法", "全省份额"} <= names
    assert not names & {"城市面板回归", "队列要素推算"}
