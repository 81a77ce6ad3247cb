"""Checks of the engine's parts: the regression on cities left out and past origins, and the back-casts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.trends.evidence import (
    count_fact,
    forecast_sources,
    number,
    published_series,
    whole,
)
from popbook.exhibits.model import Block, Column, Note, Section, Table
from popbook.exhibits.plan_words import plan_words
from popbook.forecasting.backcast import METHOD_NAMES_ZH, LevelShift, backcast_residents, estimate_level_shift
from popbook.forecasting.factor import FactorEvaluation, evaluate_factor_regression

if TYPE_CHECKING:
    from popbook.exhibits.report import Report


def verification(report: Report) -> Section:
    """Return the section on the checks of regression and back-casts.

    Parameters
    ----------
    report
        The edition.
    """
    evaluation = evaluate_factor_regression(report.ledger)
    rebuilt = backcast_residents(report.ledger)
    shift = estimate_level_shift(report.ledger)
    blocks: list[Block] = []
    if evaluation is None:
        heading = "回推的几种方法互有出入，已计入区间"
        lead = "本版没有可用的同口径城市序列，面板回归不能检验。"
    else:
        report.result("factor_specifications", evaluation.specifications)
        report.result("factor_left_out", evaluation.left_out)
        scores = evaluation.scores
        beaten = [int(row["h"]) for row in scores.to_dict("records") if row["mae_ex_post"] < row["mae_naive"]]
        if not beaten:
            helped = bool((scores["mae_ex_post"] < scores["mae_ex_ante"]).any())
            heading = "面板回归没有胜过“上年增速不变”" + ("" if helped else "，因子已知也没有改善")
        elif len(beaten) == len(scores):
            heading = "面板回归各年期都胜过“上年增速不变”，幅度不大"
        else:
            heading = f"面板回归只在{'、'.join(map(str, beaten))}年期胜过“上年增速不变”"
        lead = _left_out_words(report, evaluation)
        blocks += [_table_specifications(report, evaluation), _table_scores(report, evaluation)]
    if len(rebuilt):
        blocks += [_splice_words(report, rebuilt, shift), _table_splice(report, rebuilt)]
    blocks.append(
        Note(
            "方法：事前与事后误差",
            "事后误差用起点以后实际的生产总值增速，事前误差用起点当时能写明的路径；两者之差是因子预测的误差，与回归本身的误差分开。"
            "两种误差都不知道未来的年份效应。公式见[因子回归](#methods-factor)、[回推](#methods-splice)。",
        )
    )
    policy = "以经济增速推算人口的做法没有得到各城市数据的支持，不宜单独作为人口目标的依据。" if evaluation is not None else ""
    return Section("trends-verification", heading, lead, tuple(blocks), policy)


def _left_out_words(report: Report, evaluation: FactorEvaluation) -> str:
    table = evaluation.left_out
    better = count_fact(
        report, f"fact-left-out-better-{report.edition}", "逐一留出时回归误差小于上年增速不变的城市数",
        int((table["mae_model"] < table["mae_naive"]).sum()), "个", report.edition,
    )
    total = count_fact(report, f"fact-left-out-cities-{report.edition}", "逐一留出检验的城市数", len(table), "个城市", report.edition)
    migration = evaluation.specifications[evaluation.specifications["specification"] == "province_migration"]
    wrong = evaluation.specifications[~evaluation.specifications["sign_holds"]]
    text = f"逐一留出{total}，{better}的误差小于“上年增速不变”。"
    if len(migration):
        text += f"{plan_words(report.ledger)['province']}各市以净迁移率为因变量时，"
        text += "各系数符号与事先写明的一致。" if "province_migration" not in set(wrong["specification"]) else (
            f"{'、'.join(wrong[wrong['specification'] == 'province_migration']['factor_zh'])}的符号与事先写明的相反。"
        )
    return text


def _table_specifications(report: Report, evaluation: FactorEvaluation) -> Table:
    frame = evaluation.specifications.assign(
        t=lambda x: x["coefficient"] / x["standard_error"], sign=lambda x: x["sign_holds"].map({True: "一致", False: "相反"}),
        sample=lambda x: x["first_year"].astype(str) + "—" + x["last_year"].astype(str) + "年",
    )  # fmt: skip
    return Table(
        id="tbl-factor-samples",
        title="同一方程在三个样本中的系数",
        frame=frame[["name_zh", "factor_zh", "coefficient", "standard_error", "t", "sign", "n", "cities", "sample"]],
        columns=(
            Column("factor_zh", "因素"),
            Column("coefficient", "系数", decimals=2, signed=True, emphasis=True),
            Column("standard_error", "标准误", decimals=2),
            Column("t", "系数÷标准误", decimals=1, signed=True),
            Column("sign", "符号"),
            Column("n", "观测", "个", 0),
            Column("cities", "城市", "个", 0),
            Column("sample", "年份"),
        ),
        unit="",
        basis="resident",
        region_id=report.region_id,
        years=(int(evaluation.specifications["first_year"].min()), int(evaluation.specifications["last_year"].max())),
        source_ids=_panel_sources(report, "panel_natural_growth"),
        notes=(
            "都含城市效应和年份效应，标准误按城市聚类。符号事先写明为正。",
            f"净迁移率为对数增速减自然增长率；自然增长率口径未注明，与{report.city}常住口径相同的年份已核对。",
        ),
        group_by="name_zh",
    )


def _table_scores(report: Report, evaluation: FactorEvaluation) -> Table:
    return Table(
        id="tbl-factor-scores",
        title="面板回归在过去各起点的平均绝对误差（累计增速）",
        frame=evaluation.scores.assign(when=lambda t: t["h"].astype(str) + "年期"),
        columns=(
            Column("when", "年期"),
            Column("mae_ex_ante", "事前", "个百分点", 2, emphasis=True),
            Column("mae_ex_post", "事后（因子已知）", "个百分点", 2),
            Column("mae_naive", "上年增速不变", "个百分点", 2),
            Column("n", "次数", "次", 0),
        ),
        unit="个百分点",
        basis="resident",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=_panel_sources(report),
        notes=("各城市、各起点的平均；城市数列是今天的版次。",),
    )


def _splice_words(report: Report, rebuilt: pd.DataFrame, shift: LevelShift | None) -> str:
    first, last = int(rebuilt.index[0]), int(rebuilt.index[-1])
    middle = rebuilt.iloc[1:-1]
    widths = (middle.max(axis=1) - middle.min(axis=1)).to_numpy(dtype=float)
    gap, width = whole(middle.index[int(widths.argmax())]), number(widths.max())
    fact = report.fact(
        f"fact-backcast-gap-{report.edition}", f"{gap}年常住人口各回推方法的最大分歧", round(width, 10), "万人", 1, year=gap,
        basis="resident", source_ids=forecast_sources(report, "resident"), derivation="最高的方法 − 最低的方法",
    )  # fmt: skip
    text = f"{first}—{last}年之间没有按七普修订的数，用{len(rebuilt.columns)}种方法回推，{gap}年分歧最大，相差{fact}。"
    text += "拟合取各方法的对数平均，分歧计入区间。" if report.edition == last else f"{last}年起有官方修订数，回推只作参照，不进入拟合。"
    if shift is not None:
        step = report.fact(
            f"fact-level-shift-{report.edition}", f"{shift.year}年基数调整的估计", round(shift.shift, 10), "%", 1, year=shift.year,
            basis="resident", source_ids=forecast_sources(report, "resident"), derivation="断点当年对数增速 − 其余各年平均",
        )  # fmt: skip
        error = report.fact(
            f"fact-level-shift-error-{report.edition}", "基数调整估计的标准误", round(shift.standard_error, 10), "个百分点", 1, year=shift.year,
            source_ids=forecast_sources(report, "resident"),
        )  # fmt: skip
        text += f"作为核对，把断点作为水平位移估计，{shift.year}年的位移为{step}，标准误{error}；只作核对，不用于预测。"
    return text


def _table_splice(report: Report, rebuilt: pd.DataFrame) -> Table:
    names = {name: METHOD_NAMES_ZH[name] for name in rebuilt.columns}
    series = published_series(report, "resident")
    old = {
        int(year): float(value) for year, value in zip(series.frame["year"], series.frame["value"], strict=True)
        if int(year) < int(rebuilt.index[-1])
    }  # fmt: skip
    frame = rebuilt.reset_index().assign(when=lambda t: t["year"].astype(str) + "年", old=lambda t: t["year"].map(old))
    # The end points are the counts that every method meets; what was published on the old base stands beside them.
    columns = [Column("when", "年份"), Column("old", "公布数（原基数）", "万人", 1)]
    columns += [Column(name, label, "万人", 1, group="本报告回推") for name, label in names.items()]
    return Table(
        id="tbl-backcast",
        title=f"{int(rebuilt.index[0])}—{int(rebuilt.index[-1])}年常住人口的回推，按方法",
        frame=frame,
        columns=tuple(columns),
        unit="万人",
        basis="resident",
        region_id=report.region_id,
        years=tuple(int(year) for year in rebuilt.index),
        source_ids=forecast_sources(report, "resident"),
        notes=("回推是模型结果，不是公布数，不进入台账。首尾两年为各方法共同衔接的数：首年为普查数，末年为七普基数的年末数。空格为没有公布或只有二手转述。",),
        indicator_ids=("resident_population",),
        missing="blank",
    )


def _panel_sources(report: Report, *more: str) -> tuple[str, ...]:
    found: list[str] = []
    for name in ("panel_resident", "panel_gdp_growth", *more):
        found += list(report.ledger.table(name)["source_id"])
    return tuple(dict.fromkeys(source for source in found if source in report.ledger.sources))
