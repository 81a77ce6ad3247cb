"""Model cards: for each model its data, assumptions, known failures and accuracy measured in this edition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.needs import gap
from popbook.exhibits.chapters.trends.evidence import number
from popbook.exhibits.model import Column, Section, Table
from popbook.forecasting.backtest import score_panel, score_vintages
from popbook.forecasting.concepts import forecast_concepts
from popbook.forecasting.trend import MEMBER_NAMES_ZH
from popbook.ledger.errors import MissingDataError

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

HORIZONS = (1, 3, 5)
COMBINATION = "combination"


@dataclass(frozen=True)
class Card:
    """What is said of a model beside its measured accuracy.

    Parameters
    ----------
    id : str
        Member id where it has measured errors, else a name of its own.
    name_zh, use, data, assumption, failure, avoid : str
        Chinese: name; what it is for; its data; what it assumes; where it is known to fail; when not to use it.
    method : str
        Label on the methods page.
    """

    id: str
    name_zh: str
    use: str
    data: str
    assumption: str
    failure: str
    avoid: str
    method: str


OWN = "本市常住、户籍人口的无断点年度数列，至少五个数"

CARDS = (
    Card(
        "log_linear", MEMBER_NAMES_ZH["log_linear"], "总量，候选成员",
        OWN, "最近十年的平均增速不变",
        "增速放缓时持续偏高，年期越长越偏",
        "增速正在转折时", "methods-trend",
    ),
    Card(
        "damped_holt", MEMBER_NAMES_ZH["damped_holt"], "总量，趋势成员",
        OWN, "最近的增速按每年0.9衰减",
        "增速回升时偏低；数列短，平滑系数常停在边界",
        "超过十年的年期单独使用", "methods-trend",
    ),
    Card(
        "theta", MEMBER_NAMES_ZH["theta"], "总量，趋势成员",
        OWN, "近期水平加半个长期趋势",
        "增速急变时反应慢",
        "数列有断点时", "methods-trend",
    ),
    Card(
        "damped_drift", MEMBER_NAMES_ZH["damped_drift"], "总量，候选成员",
        OWN, "近五年平均增速按每年0.9衰减",
        "五年内增速下降时偏高",
        "五年内有非常年份时", "methods-trend",
    ),
    Card(
        "local_linear", MEMBER_NAMES_ZH["local_linear"], "总量，候选成员",
        OWN, "水平和斜率随机游走，当前斜率延续",
        "不衰减，年期长时误差增长快；短数列的方差常为零",
        "五年以上年期单独使用", "methods-trend",
    ),
    Card(
        "arima_drift", MEMBER_NAMES_ZH["arima_drift"], "总量，候选成员",
        OWN, "增速向本数列的平均增速回归",
        "平均增速含早年高增长时偏高",
        "增速水平已经改变时", "methods-trend",
    ),
    Card(
        "province_share", MEMBER_NAMES_ZH["province_share"], "常住总量，趋势成员",
        "全省各市同一基数的常住人口", "占全省比重的变动按每年0.9衰减",
        "只能在省内各市检验；全省总数由各市相加，误差相关",
        "没有同一基数的全省数时", "methods-trend",
    ),
    Card(
        "factor", MEMBER_NAMES_ZH["factor"], "常住总量，成员",
        "各城市常住人口和生产总值增速", "增速惯性与相对经济增长，年份效应取近三年平均",
        "滞后项系数有偏误，未来的年份效应未知；不能说明因果",
        "单独作为目标依据", "methods-factor",
    ),
    Card(
        "cohort", MEMBER_NAMES_ZH["cohort"], "常住总量和年龄结构",
        "普查分年龄、性别人口，出生率、预期寿命、两次普查的净变化", "净迁移由本市最近水平向同类城市靠拢，生育水平不变",
        "误差主要来自迁移；死亡借用全国年龄形状",
        "把方案当作区间", "methods-cohort-city",
    ),
    Card(
        "fixed_ratio", MEMBER_NAMES_ZH["fixed_ratio"], "登记流动人口，成员",
        "三个口径的最近公布数", "（户籍＋流动）÷常住保持不变",
        "登记范围改变时失效；公布数中断时不能核对",
        "把三个口径相加减", "methods-combination",
    ),
    Card(
        COMBINATION, MEMBER_NAMES_ZH[COMBINATION], "常住、户籍、流动人口的预测和区间",
        "各成员的预测，同类城市的误差", "成员等权，取对数平均；误差分布与同类城市相同",
        "成员同向出错时组合也错：增速持续放缓时偏高；不含下次普查的基数调整",
        "把中间值当作目标", "methods-combination",
    ),
    Card(
        "ages", "年龄结构轨迹", "年龄比重、抚养比、服务人口",
        "队列要素模型，组合预测的总量", "生育、死亡、起点和迁移年龄随机变动",
        "只有数年可比，覆盖率不能实测",
        "分区使用", "methods-forecast-ages",
    ),
    Card(
        "hamilton_perry", "队列变动比", "年龄结构的核对",
        "两次普查的分年龄人口", "上个十年的队列变动按预期迁移缩小",
        "上个十年的登记差异留在比率里",
        "作为主要预测", "methods-hamilton-perry",
    ),
    Card(
        "districts", "分区推算", "旧区界13个区县的总量",
        "两次普查的分区人口，全市组合预测", "份额变动按每年0.9衰减，与全市衔接",
        "2021年区划调整后没有同一区界的数，覆盖率不能实测",
        "现行区界的规划", "methods-coherence",
    ),
    Card(
        "backcast", "普查间回推", "无断点数列",
        "两次普查、旧数列、户籍人口、自然增长率", "四种方法都符合两次普查，取对数平均",
        "各方法中间年份分歧大；旧数列偏低",
        "当作公布数引用", "methods-splice",
    ),
    Card(
        "events", "重大活动比较", "检验赛事是否推升增长",
        "主办城市和对照城市的常住人口", "对照城市代表没有赛事时的变动",
        "主办城市不是随机选取；两次赛事在普查年",
        "推断因果", "methods-events",
    ),
)


def model_cards(report: Report) -> tuple[Section, ...]:
    """Return one section with a table of accuracy and one with a card per model.

    Parameters
    ----------
    report
        The edition.

    Returns
    -------
    tuple of Section
    """
    try:
        accuracy = accuracy_frame(report)
    except MissingDataError as error:
        return (gap(report, "model-cards-accuracy", "模型的实测误差", [error.what]),)
    report.result("model_accuracy", accuracy)
    return (_accuracy(report, accuracy), *(_card(card, accuracy) for card in CARDS))


def accuracy_frame(report: Report) -> pd.DataFrame:
    """Return the measured accuracy of every model that has one.

    Returns
    -------
    DataFrame
        Columns member, name_zh, entered, panel1, panel3, panel5 (mean absolute error in the cities, %), bias5 (mean
        log error, %, negative = forecasts too high), cities, city, city_n (mean absolute error of earlier editions
        for the city, %, and how many).
    """
    resident = forecast_concepts(report.ledger).resident
    panel = score_panel(report.ledger)
    own = score_vintages(report.ledger)
    entered = {*resident.members["member"], COMBINATION}
    by_horizon = panel.set_index(["member", "h"]) if len(panel) else pd.DataFrame()
    rows = []
    for card in CARDS:
        known = [h for h in HORIZONS if (card.id, h) in by_horizon.index]
        scored = own[(own["member"] == card.id) & own["kind"].isin(["member", COMBINATION])] if len(own) else own
        if not known and scored.empty:
            continue
        row: dict[str, object] = {"member": card.id, "name_zh": card.name_zh, "entered": "列入" if card.id in entered else "未列入"}
        for h in HORIZONS:
            row[f"panel{h}"] = number(by_horizon.at[(card.id, h), "mae_percent"]) if h in known else float("nan")
        row["bias5"] = number(by_horizon.at[(card.id, 5), "bias_percent"]) if 5 in known else float("nan")
        row["cities"] = number(by_horizon.at[(card.id, known[0]), "cities"]) if known else float("nan")
        row["city"] = float(scored["error_percent"].abs().mean()) if len(scored) else float("nan")
        row["city_n"] = float(len(scored))
        rows.append(row)
    columns = ["member", "name_zh", "entered", "panel1", "panel3", "panel5", "bias5", "cities", "city", "city_n"]
    return pd.DataFrame(rows, columns=columns)


def _accuracy(report: Report, frame: pd.DataFrame) -> Section:
    lead = (
        "同类城市的误差按年期列出，本市的误差是以前各版到本版为止的平均。两者口径不同，不能相减。"
        if len(frame)
        else "本版没有可用的同口径城市序列，也没有以前的版次，各模型的误差都不能实测。"
    )
    if frame.empty:
        return Section("model-cards-accuracy", "实测误差", lead, ())
    table = Table(
        id="tbl-model-accuracy",
        title="各模型的实测平均绝对误差（常住人口）",
        frame=frame,
        columns=(
            Column("name_zh", "模型"),
            Column("entered", "组合"),
            *(Column(f"panel{h}", f"{h}年期", "%", 2, group="同类城市") for h in HORIZONS),
            Column("bias5", "5年期偏误", "%", 2, signed=True, group="同类城市"),
            Column("cities", "城市", "个", 0, group="同类城市"),
            Column("city", "平均", "%", 2, group="本市以前各版"),
            Column("city_n", "次数", "次", 0, group="本市以前各版"),
        ),
        unit="%",
        basis="resident",
        region_id=report.region_id,
        years=(report.edition,),
        source_ids=tuple(dict.fromkeys(report.ledger.table("panel_resident")["source_id"])),
        notes=("偏误为对数误差的平均，负值表示预测偏高。空格表示没有实测。组合在同类城市只含趋势成员。",),
        missing="blank",
    )
    return Section("model-cards-accuracy", "实测误差", lead, (table,))


def _card(card: Card, accuracy: pd.DataFrame) -> Section:
    rows = accuracy[accuracy["member"] == card.id]
    # Numbers stand in the table above; a card says whether there are any.
    measured = "见上表" if len(rows) else "没有实测误差"
    lines = (
        ("数据", card.data), ("假定", card.assumption), ("已知的失误", card.failure), ("不宜用于", card.avoid),
        ("实测误差", measured),
    )  # fmt: skip
    text = "\n".join(f"- **{name}：** {value}。" for name, value in lines)
    return Section(f"model-cards-{card.id.replace('_', '-')}", card.name_zh, f"用途：{card.use}。", (f"{text}\n- **公式：** [方法说明](#{card.method})。",))
