"""The published rule that turns a target's arithmetic into one status word.

The rule is a list that is read from top to bottom; the first row that holds gives the word. Readers see the very
rows that decide (:data:`STATUS_RULE`), so the page cannot describe another rule than the one that was used.

Two kinds of target need two kinds of question. A *reach* target asks whether the pace is enough. A *guard rail*
(stay above, stay below) that was already satisfied in the base year asks how long it will hold: a growth ratio would
call it achieved for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["reach", "stay_above", "stay_below"]

ACHIEVED: Final = "达成"
ON_TRACK: Final = "有望"
AT_RISK: Final = "有风险"
OFF_TRACK: Final = "难以达成"
MISSED: Final = "未达成"
BREACHED: Final = "已突破"
NOT_PUBLISHED: Final = "未公布"
NOT_ASSESSABLE: Final = "无法评估"

#: Every status word, best first; the last two count neither as met nor as missed.
STATUS_WORDS: Final = (ACHIEVED, ON_TRACK, AT_RISK, OFF_TRACK, MISSED, BREACHED, NOT_PUBLISHED, NOT_ASSESSABLE)

# Share of the required linear pace. The two cuts are those of the Open SDG progress measure (and of Eurostat's
# SDG monitoring): 0.95 "substantial", 0.60 "moderate". They are applied to the linear pace instead of the ratio of
# compound growth rates, because a share or a rate per mille has no compound growth.
PACE_ENOUGH: Final = 0.95
PACE_TOO_LITTLE: Final = 0.60

# Calibrated language of the IPCC guidance note (Mastrandrea et al. 2010): "likely" from 66 %, "very unlikely" below 10 %.
CHANCE_LIKELY: Final = 0.66
CHANCE_VERY_UNLIKELY: Final = 0.10

# A figure two or more years older than the edition says where the series was, not where it is.
STALE_YEARS: Final = 2


@dataclass(frozen=True)
class Progress:
    """What the rule looks at: the arithmetic of one target in one edition.

    Parameters
    ----------
    kind
        "reach", "stay_above" or "stay_below".
    edition
        Data year of the edition.
    base_year, target_year
        Years of the plan's base and target.
    published
        Whether anything was published for a year after the base year, whatever its confidence.
    latest_year
        Year of the deciding figure (confidence A or B, after the base year, not after the target year); None if none.
    met
        Whether the deciding figure meets the target; None without a deciding figure.
    pace
        Yearly change from the starting point to the deciding figure, positive towards the good side; None if unknown.
    pace_share
        ``pace`` as a share of the linear pace that leads from the starting point to the target; None where undefined.
    breach_year
        First year in which a guard rail would be broken at the present pace; None if the pace leads away from it.
    chance
        Probability of meeting the target in the target year (0..1); None without a forecast.
    obstacle
        Why the data cannot be judged at all (Chinese), or "".
    """

    kind: Kind
    edition: int
    base_year: int
    target_year: int
    published: bool
    latest_year: int | None = None
    met: bool | None = None
    pace: float | None = None
    pace_share: float | None = None
    breach_year: int | None = None
    chance: float | None = None
    obstacle: str = ""

    @property
    def is_guard_rail(self) -> bool:
        """Whether the target was met in the base year and can only be kept or broken."""
        return self.kind != "reach"

    @property
    def is_due(self) -> bool:
        """Whether the edition's year is the target year or a later one: only the figure of the target year can decide."""
        return self.edition >= self.target_year

    @property
    def age(self) -> int:
        """Years between the deciding figure and the edition or the target year, whichever is earlier (0 without a figure)."""
        return 0 if self.latest_year is None else min(self.edition, self.target_year) - self.latest_year


@dataclass(frozen=True)
class StatusRule:
    """One row of the rule: who it applies to, the condition, the word, why; and the test itself."""

    number: int
    applies_to: str
    condition: str
    word: str
    why: str
    holds: Callable[[Progress], bool]


def _too_little_pace(p: Progress) -> bool:
    stands_or_retreats = p.pace is not None and p.pace <= 0
    return stands_or_retreats or (p.pace_share is not None and p.pace_share < PACE_TOO_LITTLE)


STATUS_RULE: Final = (
    StatusRule(1, "全部", "数据有缺陷，不能比较（如同一年有两个数）", NOT_ASSESSABLE,
               "先改正数据，再作评估。", lambda p: bool(p.obstacle)),
    StatusRule(2, "全部", "年度版的数据年份不晚于基期年", NOT_ASSESSABLE,
               "基期当年没有进展可言。", lambda p: p.edition <= p.base_year),
    StatusRule(3, "全部", "基期年之后没有公布过任何数", NOT_PUBLISHED,
               "没有数就不评估，既不算达成，也不算未达成。", lambda p: not p.published),
    StatusRule(4, "全部", "基期年之后只有参考级（C级）的数", NOT_ASSESSABLE,
               "二手来源的数只作参考，不单独定级。", lambda p: p.latest_year is None),
    StatusRule(5, "全部", "已到目标年，目标年的数没有公布；最近的数已越过界限的保持类除外", NOT_PUBLISHED,
               "目标只能用目标年的数检验，公布以前既不算达成，也不算未达成。",
               lambda p: p.is_due and p.latest_year is not None and p.latest_year < p.target_year
               and not (p.is_guard_rail and p.met is False)),
    StatusRule(6, "全部", "目标年的数已公布，符合目标", ACHIEVED,
               "目标年的数是最终检验。", lambda p: p.latest_year == p.target_year and p.met is True),
    StatusRule(7, "达到类", "目标年的数已公布，不符合目标", MISSED,
               "目标年的数是最终检验。",
               lambda p: not p.is_guard_rail and p.latest_year == p.target_year and p.met is False),
    StatusRule(8, "保持类", "最近的数越过界限", BREACHED,
               "上下限的含义是一直不越过。", lambda p: p.is_guard_rail and p.met is False),
    StatusRule(9, "达到类", "最近的数已提前符合目标", ACHIEVED,
               "提前达到也是达到；以后各年仍逐年检验。", lambda p: not p.is_guard_rail and p.met is True),
    StatusRule(10, "全部", "既算不出进度，也没有预测概率", NOT_ASSESSABLE,
               "没有依据，不作判断。", lambda p: p.pace is None and p.chance is None),
    StatusRule(11, "达到类", f"进度停滞或后退，或不足应有进度的{PACE_TOO_LITTLE:.0%}；或达到的概率低于{CHANCE_VERY_UNLIKELY:.0%}",
               OFF_TRACK, "进度与概率两项中，按较差的一项定级。",
               lambda p: not p.is_guard_rail
               and (_too_little_pace(p) or (p.chance is not None and p.chance < CHANCE_VERY_UNLIKELY))),
    StatusRule(12, "保持类", f"按现在的速度，目标年之前就会越过界限；或守住的概率低于{CHANCE_VERY_UNLIKELY:.0%}", OFF_TRACK,
               "速度与概率两项中，按较差的一项定级。",
               lambda p: p.is_guard_rail
               and ((p.breach_year is not None and p.breach_year < p.target_year)
                    or (p.chance is not None and p.chance < CHANCE_VERY_UNLIKELY))),
    StatusRule(13, "达到类", f"进度不足应有进度的{PACE_ENOUGH:.0%}；或达到的概率低于{CHANCE_LIKELY:.0%}", AT_RISK,
               "进度与概率两项中，按较差的一项定级。",
               lambda p: not p.is_guard_rail
               and ((p.pace_share is not None and p.pace_share < PACE_ENOUGH)
                    or (p.chance is not None and p.chance < CHANCE_LIKELY))),
    StatusRule(14, "保持类", f"按现在的速度，恰在目标年越过界限；或守住的概率低于{CHANCE_LIKELY:.0%}", AT_RISK,
               "速度与概率两项中，按较差的一项定级。",
               lambda p: p.is_guard_rail
               and ((p.breach_year is not None and p.breach_year <= p.target_year)
                    or (p.chance is not None and p.chance < CHANCE_LIKELY))),
    StatusRule(15, "全部", f"最近的数比年度版早{STALE_YEARS}年或更久", AT_RISK,
               "数据过旧，不评“有望”。", lambda p: p.age >= STALE_YEARS),
    StatusRule(16, "全部", "以上都不是", ON_TRACK,
               "进度够、概率够、数据新。", lambda p: True),
)


def decide_status(progress: Progress) -> StatusRule:
    """Return the first row of :data:`STATUS_RULE` that holds.

    Parameters
    ----------
    progress
        The arithmetic of one target.

    Returns
    -------
    StatusRule
        The deciding row; its ``word`` is the status.

    Examples
    --------
    >>> ceiling = Progress("stay_below", 2024, 2020, 2025, published=True, latest_year=2024, met=False, pace=-0.9)
    >>> decide_status(ceiling).word
    '已突破'
    """
    return next(rule for rule in STATUS_RULE if rule.holds(progress))
