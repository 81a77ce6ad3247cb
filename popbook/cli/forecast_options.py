"""Options and help of ``popbook forecast``, as an analyst reads them."""

from __future__ import annotations

from typing import Any

import click

LONGEST_HORIZON = 100

FORECAST_HELP = """\b
用任意年度序列作趋势预测，给出区间，结果写入一个CSV。

\b
输入：series_id,year,value
  每个序列5—800年，逐年不缺；单位不限；行的次序不限。
  有零或负数的序列不取对数；全为正数的序列，预测和区间也为正；
  没有负数的序列，预测和区间不低于零。

\b
结果：series_id,year,h,point,lo80,hi80,lo95,hi95,model
  h      往后第几年
  point  点预测；lo、hi 为区间下限和上限
  model  combination         五个模型等权
         combination_levels  有零或负数，三个模型等权，不取对数
         combination_capped  某个模型走得太远，按上下限截住
         constant            各年相等，保持不变

区间来自公开序列的实测误差，6年以内实测，以后按幂律放宽。输入有问题时一次列出全部问题，不写结果。方法见“方法说明”的“任意年度序列的趋势引擎”一节。"""

MODEL_NOTES = {
    "combination_levels": "个序列有零或负数，没有取对数",
    "combination_capped": "个序列有模型走得太远，已按上下限截住",
    "constant": "个序列各年相等，保持不变",
}


class Horizon(click.ParamType):
    """Years ahead."""

    name = "年数"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of years."""
        if isinstance(value, int):
            return value
        if not (
            value.isascii() and value.isdigit() and len(value) <= 3 and 1 <= int(value) <= LONGEST_HORIZON
        ):
            raise click.UsageError(f"--horizon 应为1到{LONGEST_HORIZON}的整数；现为“{value}”")
        return int(value)


class Levels(click.ParamType):
    """Levels of intervals in percent, joined by commas."""

    name = "百分数"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the levels, rising."""
        from popbook.forecasting.engine import read_constants

        measured = read_constants().widths.levels
        words = [word.strip() for word in str(value).split(",")]
        if len(set(words)) < len(words) or not {*words} <= {str(level) for level in measured}:
            choice = "、".join(map(str, measured))
            raise click.UsageError(f"--levels 应取自 {choice}，用逗号分开，各写一次；现为“{value}”")
        return tuple(sorted(map(int, words)))
