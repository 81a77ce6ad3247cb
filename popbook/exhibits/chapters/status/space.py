"""Space: the urban share of residents, and the districts on the old and on the new boundaries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from popbook.exhibits.chapters.needs import Needs, or_gap
from popbook.exhibits.chapters.status.evidence import (
    SAME_CENSUS_BASE,
    break_lines,
    doubtful_notes,
    drawn_rows,
    minus,
    plan_target,
    since,
    sources_of,
    unsigned,
)
from popbook.exhibits.charts import Level, line_chart, tile_map
from popbook.exhibits.model import Block, Column, Fact, Figure, Note, Section, Table
from popbook.exhibits.phrases import change_word, list_phrase
from popbook.exhibits.theme import COLOURS
from popbook.ledger.concepts import difference, share
from popbook.ledger.model import Observation, Region

if TYPE_CHECKING:
    from popbook.exhibits.report import Report

URBAN_TARGET = "resident_urban_rate"
NEAR = 0.5
DISTRICT = "district"
OLD_SCHEME, NEW_SCHEME = ("all", "pre-2021"), ("all", "post-2021")
SCENIC = "330106-scenic"
SCHEMATIC = "示意图：方格只表示大致方位，不表示边界和面积。"


@or_gap("status-urban", "城镇化", Needs(targets=("resident_urban_rate",)))
def urban(report: Report) -> Section:
    """Return the section on the urban share of residents.

    Parameters
    ----------
    report
        The edition.
    """
    ledger = report.ledger
    survey, census = ledger.series("resident_urban_rate"), ledger.series("census_urban_rate")
    now, count = survey.latest, census.at(2020)
    # A year without a figure of its own is described by the last survey on the same base, not by the older census.
    yearly = now is not None and count is not None and now.year > count.year and not now.behind
    item = now if yearly else count
    if item is None:
        return Section("status-urban", "城镇化率未公布", "本版截止日以前没有公布的城镇化率。")
    if count is None:
        lead = "没有2020年普查的城镇化率可以对照，本节不作比较；与规划目标的对照见[目标](#targets)。"
        return Section("status-urban", f"{item.year}年末城镇化率{report.fact_of(item)}", lead)
    target = plan_target(ledger, URBAN_TARGET)
    goal, due = target.goal, target.due
    bound = report.fact(
        f"fact-target-urban-rate-{due}",
        f"规划{due}年常住人口城镇化率目标",
        goal,
        "%",
        0,
        year=due,
        basis="resident",
        source_ids=(report.plan_source,),
        indicator_id="resident_urban_rate",
    )
    gap = report.fact(
        f"fact-urban-rate-target-gap-{item.year}",
        f"{item.year}年城镇化率距规划{due}年目标",
        round(abs(goal - item.value), 10),
        "个百分点",
        item.indicator.decimals,
        year=item.year,
        basis=item.indicator.basis,
        source_ids=(item.source_id, report.plan_source),
        derivation=f"{goal:.0f} − {item.value:.{item.indicator.decimals}f}",
    )
    reached = item.value >= goal
    when = f"{item.year}年末" if yearly else f"{item.year}年普查"
    heading = f"{when}城镇化率{report.fact_of(item)}，" + (
        f"高于{due}年{bound}的目标{gap}" if reached else f"距{due}年{bound}的目标差{gap}"
    )
    paragraphs = []
    if yearly and now is not None:
        step = report.fact(
            f"fact-urban-rate-since-census-{now.year}",
            f"{now.year}年末城镇化率比2020年普查增减",
            round(difference(now, count, allow=SAME_CENSUS_BASE), 10),
            "个百分点",
            1,
            year=now.year,
            basis="resident",
            source_ids=sources_of(now, count),
            derivation=minus(now.value, count.value, 2),
        )
        verb = change_word(step.value or 0, "rate", 0.05)
        text = f"比2020年普查的{report.fact_of(count)}{verb}{unsigned(report, step)}。" if verb != "持平" else f"与2020年普查的{report.fact_of(count)}基本持平。"
        text = f"{now.year}年末城镇化率{text}"
        if now.confidence == "C":
            text += f"{now.year}年公报没有单列城镇化率，这个数由公布的城镇人口与常住人口相除得到，列为C级。"
        text += _urban_counts(report, now.year)
        paragraphs.append(text)
    old = survey.at(2019)
    if old is not None and old.behind:
        paragraphs.append(
            f"2019年抽样调查的城镇化率{report.fact_of(old)}以六普为基础，与2020年普查的{report.fact_of(count)}相差的部分含基数调整，不是一年的提高。"
        )
    urban_2010, all_2010 = ledger.observation("census_urban", 2010), ledger.observation("census_population", 2010)
    if urban_2010 is not None and all_2010 is not None:
        first = report.fact(
            "fact-census-urban-rate-2010",
            "2010年普查人口城镇化率（由城镇人口计算）",
            round(share(urban_2010, all_2010), 10),
            "%",
            2,
            year=2010,
            basis="census",
            source_ids=sources_of(urban_2010, all_2010),
            indicator_id="census_urban_rate",
            derivation=f"{urban_2010.value:.2f} ÷ {all_2010.value:.2f}",
        )
        verb = change_word(count.value - (first.value or 0), "rate", 0.005)
        paragraphs.append(f"两次普查对比，城镇化率由2010年的{first}{verb}到2020年的{report.fact_of(count)}。")
    lead = f"居住在城镇的人口{'已经' if reached else ''}占全部常住人口的八成以上。" if item.value >= 80 else "城镇人口占全部常住人口的比重仍有上升空间。"
    if reached:
        policy = "目标已经达到，后续重点是城镇常住人口的住房、学位和社会保障，而不是继续提高比重。"
    else:
        policy = (
            "差距已不足0.5个百分点，比重本身对工作的指引作用有限，重点转到新增城镇人口的住房、学位和社会保障。"
            if (gap.value or 0) < NEAR
            else "缩小差距要靠城镇人口继续增加，住房、学位和社会保障须与之同步。"
        )
    return Section("status-urban", heading, lead, (_figure_urban(report, goal, due), *paragraphs), policy)


def _urban_counts(report: Report, year: int) -> str:
    parts = []
    for name, word in (("resident_urban", "城镇人口"), ("resident_rural", "乡村人口")):
        series = report.ledger.series(name)
        now = series.at(year)
        if now is None:
            continue
        text = f"{word}{report.fact_of(now)}"
        before = series.at(year - 1)
        if before is not None and before.behind == now.behind:
            step = report.difference(now, before)
            verb = change_word(step.value or 0, "level", 0.05)
            text += f"，比上年{verb}{unsigned(report, step)}" if verb != "持平" else "，与上年持平"
        parts.append(text)
    return "；".join(parts) + "。" if parts else ""


def _figure_urban(report: Report, goal: float, due: int) -> Figure:
    ledger = report.ledger
    survey = since(ledger.series("resident_urban_rate"), 2015)
    census = since(ledger.series("census_urban_rate"), 2015)
    rows = pd.concat(
        [drawn_rows(census, "普查", single=True), drawn_rows(survey, "年度抽样调查")], ignore_index=True
    ).rename(columns={"数值": "城镇化率（%）"})
    now, count = survey.latest, census.latest
    assert count is not None
    if now is not None and not now.behind:
        segment = [o for o in survey.observations() if o.behind == now.behind]
        title = f"{now.year}年末城镇化率{now.value:.1f}%"
        if len(segment) > 1:
            rise = now.value - segment[0].value
            title += f"，比{segment[0].year}年{change_word(rise, 'rate', 0.05)}{abs(rise):.1f}个百分点"
    else:
        title = f"2020年普查城镇化率{count.value:.2f}%，与此前的抽样调查数不在同一基数上"
    return Figure(
        id="fig-urban-rate",
        title=title,
        subtitle="城镇人口占全部人口的比重，%；普查为11月1日，抽样调查为年末常住人口",
        alt=f"折线图。抽样调查：{'，'.join(f'{o.year}年{o.value:.1f}%' for o in survey.observations())}；"
        f"2020年普查{count.value:.2f}%；规划{due}年目标{goal:.0f}%。线在七普基数调整处断开。",
        frame=rows,
        draw=lambda layout: line_chart(
            rows, layout, y="城镇化率（%）", series="口径", segment="分段", unit="%", decimals=1,
            colours={"普查": COLOURS["census"], "年度抽样调查": COLOURS["resident"]},
            names={"普查": "2020年普查"},
            breaks=break_lines([survey], until=2020), levels=(Level(goal, f"规划{due}年目标 {goal:.0f}"),), points=True,
        ),
        unit="%",
        basis="none",
        region_id=report.region_id,
        years=tuple(sorted({int(year) for year in rows["年份"]})),
        source_ids=(*sources_of(census, survey), report.plan_source),
        notes=("抽样调查2019年及以前以六普为基础，与七普及以后的数不相连。", *doubtful_notes(survey)),
        indicator_ids=("resident_urban_rate", "census_urban_rate"),
    )  # fmt: skip


@or_gap("status-districts", "区县人口", Needs(districts=True))
def districts(report: Report) -> Section:
    """Return the section on the districts: ten years on the old boundaries, 2020 and later on the new ones.

    Parameters
    ----------
    report
        The edition; the tables on the old boundaries appeared after the first two editions.
    """
    old = _old_table(report)
    new = _new_table(report)
    if new.empty:
        return Section("status-districts", "分区县人口未公布", "本版截止日以前没有公布的分区县人口。")
    blocks: list[Block] = []
    if old.empty:
        heading, lead = _heading_of_shares(report, new)
        blocks += [_figure_new(report, new), _words_new(report, new), _table_new(report, new)]
        blocks.append(
            "2021年4月区划调整以前的13个区县，2020年普查分区县资料在本版截止日以前未公布，2010—2020年按旧区划的增减不能计算。"
            + _words_unchanged(report)
        )
    else:
        heading, lead = _heading_of_growth(report, old)
        blocks += [_figure_old(report, old), _words_old(report, old), _table_old(report, old)]
        blocks += [_figure_new(report, new), _words_new(report, new), _words_later(report), _table_new(report, new)]
    blocks = [block for block in blocks if block != ""]
    blocks.append(
        Note(
            "口径：两套区划",
            "2021年4月，原上城区与原江干区（不含下沙、白杨街道）合并为新的上城区，原下城区与原拱墅区合并为新的拱墅区，"
            "原余杭区分设余杭区和临平区，下沙、白杨街道与萧山区东部5个街道设为钱塘区；区县总数仍为13个。"
            "同名的区在调整前后不是同一块地方，两套区划的数不相减。西湖区区划未变，但七普公报把西湖风景名胜区单列。"
            "滨江、富阳、临安、桐庐、淳安、建德六个区县市的范围没有变化。",
        )
    )
    return Section("status-districts", heading, lead, tuple(blocks), _districts_policy(report, old))


def district_name(region: Region) -> str:
    """Return a district's short name for tiles and sentences, without class of unit and boundary remark.

    Examples
    --------
    >>> district_name(Region("330106-old", "330106", "西湖区（含景区）", "", "district"))
    '西湖'
    """
    return re.sub(r"[区县市]$", "", region.name_zh.split("（")[0])


def _regions(report: Report, schemes: tuple[str, ...]) -> list[Region]:
    return [
        item for item in report.ledger.regions.values()
        if item.parent_id == report.region_id and item.level == DISTRICT and item.scheme in schemes
    ]  # fmt: skip


def _old_table(report: Report) -> pd.DataFrame:
    """Districts on the old boundaries at both censuses; empty unless both are published for all of them."""
    rows = []
    for region in _regions(report, OLD_SCHEME):
        series = report.ledger.series("census_population", region.region_id)
        before, after = series.at(2010), series.at(2020)
        if before is None or after is None:
            return pd.DataFrame()
        rows.append(
            {
                "region": region.region_id, "name": district_name(region), "full": region.name_zh,
                "before": before.value, "after": after.value, "change": round(difference(after, before), 10),
                "growth": 100 * (after.value / before.value - 1), "tile_row": region.tile_row, "tile_col": region.tile_col,
            }
        )  # fmt: skip
    return pd.DataFrame(rows).sort_values("growth", ascending=False, ignore_index=True)


def _new_table(report: Report) -> pd.DataFrame:
    """Districts on the new boundaries: 2020 count, shares of the city at both censuses, latest yearly figure."""
    rows = []
    for region in _regions(report, NEW_SCHEME):
        at = report.ledger.observation
        count = at("census_population", 2020, region.region_id)
        before, after = (at("census_share_of_city", year, region.region_id) for year in (2010, 2020))
        if count is None or before is None or after is None:
            return pd.DataFrame()
        latest = report.ledger.latest("resident_population", region.region_id)
        latest = latest if latest is not None and latest.year > 2020 else None
        rows.append(
            {
                "region": region.region_id, "name": district_name(region), "full": region.name_zh, "count": count.value,
                "before": before.value, "after": after.value, "change": round(difference(after, before), 10),
                "latest": None if latest is None else latest.value,
                "year": "" if latest is None else f"{latest.year}{'*' if latest.confidence == 'C' else ''}",
                "tile_row": region.tile_row, "tile_col": region.tile_col,
            }
        )  # fmt: skip
    return pd.DataFrame(rows).sort_values("count", ascending=False, ignore_index=True)


def _growth_fact(report: Report, row: pd.Series) -> Fact:
    return report.fact(
        f"fact-census-growth-{row['region']}-2010-2020",
        f"{row['full']}2010—2020年普查人口增减幅度",
        round(float(row["growth"]), 10),
        "%",
        1,
        year=2020,
        basis="census",
        region_id=str(row["region"]),
        source_ids=_district_sources(report, str(row["region"])),
        derivation=f"{row['after']:.2f} ÷ {row['before']:.2f} − 1",
    )


def _district_sources(report: Report, region_id: str) -> tuple[str, ...]:
    series = report.ledger.series("census_population", region_id)
    return sources_of(series.at(2010), series.at(2020))


def _heading_of_growth(report: Report, old: pd.DataFrame) -> tuple[str, str]:
    top = old.iloc[0]
    falling = old[old["change"] < 0].sort_values("growth")
    rate = _growth_fact(report, top)
    heading = f"2010—2020年{top['name']}（旧区划）人口增{rate}"
    names = list_phrase(falling["name"])
    if len(falling):
        heading += f"，{names}减少"
    else:
        heading += "，各区县都在增加"
    three = old.sort_values("change", ascending=False).head(3)
    city = _city_change(report)
    part = report.fact(
        "fact-census-top-three-share-2010-2020",
        f"{list_phrase(three['name'])}三区占全市2010—2020年普查人口增量的比重",
        round(100 * float(three["change"].sum()) / (city.value or 1), 10),
        "%",
        0,
        year=2020,
        basis="census",
        source_ids=city.source_ids,
        derivation=f"{three['change'].sum():.2f} ÷ {city.value:.2f}",
    )
    lead = f"全市十年增加{city}，{list_phrase(three['name'])}三个区占{part}（旧区划）。"
    return heading, lead


def _city_change(report: Report) -> Fact:
    series = report.ledger.series("census_population", report.region_id)
    before, after = series.at(2010), series.at(2020)
    assert before is not None and after is not None
    return report.difference(after, before)


def _heading_of_shares(report: Report, new: pd.DataFrame) -> tuple[str, str]:
    up = new.sort_values("change", ascending=False).iloc[0]
    down = new.sort_values("change").iloc[0]
    gain, loss = _share_fact(report, up), _share_fact(report, down)
    heading = f"十年间{up['name']}占全市人口的比重{'升' if up['change'] > 0 else '变动'}{unsigned(report, gain)}"
    if down["change"] < 0:
        heading += f"，{down['name']}降{unsigned(report, loss)}"
    lead = "按2021年4月调整后的区划，公报公布了各区县2020年普查人口和两次普查占全市的比重，没有公布2010年的人数。"
    return heading, lead


def _share_fact(report: Report, row: pd.Series) -> Fact:
    series = report.ledger.series("census_share_of_city", str(row["region"]))
    after, before = series.at(2020), series.at(2010)
    assert after is not None and before is not None
    return report.difference(after, before)


def _words_old(report: Report, old: pd.DataFrame) -> str:
    text = []
    for row in (item for _, item in old.head(3).iterrows()):
        before, after = (report.fact_of(("census_population", year), str(row["region"])) for year in (2010, 2020))
        text.append(f"{row['full']}由{before}到{after}，增{_growth_fact(report, row)}")
    falling = old[old["change"] < 0].sort_values("growth")
    words = "增幅最大的三个区：" + "；".join(text) + "。"
    if len(falling):
        lost = [f"{row['full']}减{unsigned(report, _growth_fact(report, row))}" for _, row in falling.iterrows()]
        words += f"{len(falling)}个区县的人口减少：{'，'.join(lost)}。"
    return words + "两次普查均按旧区划，范围相同，可以比较。"


def _words_unchanged(report: Report) -> str:
    """Compare the censuses for the districts whose boundaries did not change, which needs no table on old boundaries."""
    parts = []
    for region in _regions(report, ("all",)):
        series = report.ledger.series("census_population", region.region_id)
        before, after = series.at(2010), series.at(2020)
        if before is None or after is None:
            continue
        growth = 100 * (after.value / before.value - 1)
        row = pd.Series(
            {"region": region.region_id, "full": region.name_zh, "before": before.value, "after": after.value, "growth": growth}
        )
        parts.append((growth, f"{region.name_zh}{'增' if growth >= 0 else '减'}{unsigned(report, _growth_fact(report, row))}"))
    if not parts:
        return ""
    parts.sort(reverse=True)
    return f"范围没有变化的{len(parts)}个区县市可以直接比较，十年间{'，'.join(words for _, words in parts)}。"


def _words_new(report: Report, new: pd.DataFrame) -> str:
    top, bottom = new.iloc[0], new.iloc[-1]
    text = (
        f"按新区划，2020年普查人口最多的是{top['full']}{report.fact_of(('census_population', 2020), str(top['region']))}，"
        f"最少的是{bottom['full']}{report.fact_of(('census_population', 2020), str(bottom['region']))}。"
    )
    ordered = new.sort_values("change", ascending=False)
    up = [f"{r['name']}（{_share_fact(report, r):a}）" for _, r in ordered[ordered["change"] > 0].head(3).iterrows()]
    down = [f"{r['name']}（{_share_fact(report, r):a}）" for _, r in ordered[ordered["change"] < 0][::-1].head(3).iterrows()]
    if up and down:
        text += f"与2010年相比，占全市比重上升最多的是{'、'.join(up)}，下降最多的是{'、'.join(down)}。"
    return text


def _words_later(report: Report) -> str:
    """Say what was published after the census, district by district, with the difference where the source is firm."""
    known, silent = [], []
    for region in _regions(report, NEW_SCHEME):
        latest = report.ledger.latest("resident_population", region.region_id)
        census = report.ledger.observation("census_population", 2020, region.region_id)
        if latest is None or latest.year <= 2020 or census is None:
            silent.append(region)
            continue
        known.append((region, latest, census))
    if not known:
        return "2020年以后各区县市的年末常住人口，在本版截止日以前未公布。"
    firm = [item for item in known if item[1].confidence != "C"]
    text = f"2020年以后，13个区县市中只有{len(known)}个公布过年末常住人口，其余{len(silent)}个未公布。" if silent else ""
    parts = []
    for region, latest, census in firm:
        step = _since_census(report, region, latest, census)
        verb = change_word(step.value or 0, "level", 0.05)
        parts.append(
            f"{region.name_zh}{latest.year}年{report.fact_of(latest)}，比普查{verb}{unsigned(report, step) if verb != '持平' else ''}"
        )
    if parts:
        text += "主管部门公布的：" + "；".join(parts) + "。普查为2020年11月1日，其余为年末，同以七普为基础。"
    return text


def _since_census(report: Report, region: Region, latest: Observation, census: Observation) -> Fact:
    return report.fact(
        f"fact-resident-since-census-{region.region_id}-{latest.year}",
        f"{region.name_zh}{latest.year}年末常住人口比2020年普查增减",
        round(difference(latest, census, allow=SAME_CENSUS_BASE), 10),
        "万人",
        1,
        year=latest.year,
        basis="resident",
        region_id=region.region_id,
        source_ids=sources_of(latest, census),
        derivation=minus(latest.value, census.value, 2),
    )


def _districts_policy(report: Report, old: pd.DataFrame) -> str:
    if old.empty:
        return "2021年4月以后的学校、医院和交通规划应统一改用新区划口径；旧区划的历史数须按街道重新汇总后才能相接。"
    # A district that was abolished in 2021 has no facilities to plan for; only unchanged ones are named.
    kept = {item.region_id for item in _regions(report, NEW_SCHEME)}
    falling = old[(old["change"] < 0) & old["region"].isin(kept)]["name"]
    text = "人口增加集中在少数区，公共服务的增量宜按区测算，不按全市平均分摊。"
    if len(falling):
        text += f"{list_phrase(falling)}人口减少，设施以整合和改造为主。"
    return text + "各区县逐年的常住人口应随公报一并公布，目前只能逐区查找。"


def _figure_old(report: Report, old: pd.DataFrame) -> Figure:
    top = old.iloc[0]
    falling = old[old["change"] < 0]
    title = f"{top['name']}十年增{top['growth']:.1f}%，{len(falling)}个区县减少" if len(falling) else f"{top['name']}十年增{top['growth']:.1f}%，13个区县市都增加"
    frame = old.rename(columns={"name": "区县", "growth": "增减幅度（%）"})
    shown = frame[["区县", "增减幅度（%）", "before", "after", "change"]].rename(
        columns={"before": "2010年普查（万人）", "after": "2020年普查（万人）", "change": "增减（万人）"}
    )
    return Figure(
        id="fig-district-tiles-2010-2020",
        title=title,
        subtitle="2010—2020年普查人口增减幅度，%；2021年4月以前的区划",
        alt="方格示意图，旧区划13个区县市十年人口增减幅度。"
        + "，".join(f"{r['name']}{r['growth']:+.1f}%".replace("-", "−") for _, r in old.iterrows()) + "。",
        frame=shown.round(2),
        draw=lambda layout: tile_map(
            frame, layout, name="区县", value="增减幅度（%）", unit="%", decimals=1, signed=True, bounds=(0, 20, 40, 60)
        ),
        unit="%",
        basis="census",
        region_id=report.region_id,
        years=(2010, 2020),
        source_ids=tuple(dict.fromkeys(s for region in old["region"] for s in _district_sources(report, region))),
        notes=(SCHEMATIC, "西湖含西湖风景名胜区，江干含下沙，萧山含今钱塘区东部。"),
        indicator_ids=("census_population",),
    )  # fmt: skip


def _figure_new(report: Report, new: pd.DataFrame) -> Figure:
    top = new.iloc[0]
    scenic = report.ledger.observation("census_population", 2020, SCENIC)
    city = report.ledger.observation("census_population", 2020)
    part = 100 * float(new["count"].head(3).sum()) / city.value if city is not None else float("nan")
    title = f"按新区划，{top['name']}{top['count']:.1f}万人最多；前三个区占全市{part:.1f}%"
    frame = new.rename(columns={"name": "区县", "count": "普查人口（万人）"})
    notes = [SCHEMATIC]
    if scenic is not None:
        notes.append(f"公报单列的西湖风景名胜区{scenic.value:.2f}万人不是行政区，未画入。")
    return Figure(
        id="fig-district-tiles-new",
        title=title,
        subtitle="2020年普查人口，万人；2021年4月以后的区划",
        alt="方格示意图，新区划13个区县市2020年普查人口。"
        + "，".join(f"{r['name']}{r['count']:.1f}万人" for _, r in new.iterrows()) + "。",
        frame=frame[["区县", "普查人口（万人）"]].round(4),
        draw=lambda layout: tile_map(
            frame, layout, name="区县", value="普查人口（万人）", unit="万人", decimals=1, bounds=(50, 80, 110, 150)
        ),
        unit="万人",
        basis="census",
        region_id=report.region_id,
        years=(2020,),
        source_ids=("census-2020-bulletin",),
        notes=tuple(notes),
        indicator_ids=("census_population",),
    )  # fmt: skip


def _table_old(report: Report, old: pd.DataFrame) -> Table:
    return Table(
        id="tbl-districts-old",
        title="旧区划13个区县市两次普查的人口",
        frame=old[["full", "before", "after", "change", "growth"]],
        columns=(
            Column("full", "区县市"),
            Column("before", "2010年", "万人", 2, group="普查人口"),
            Column("after", "2020年", "万人", 2, group="普查人口"),
            Column("change", "增减", "万人", 2, signed=True),
            Column("growth", "增减幅度", "%", 1, emphasis=True, signed=True),
        ),
        unit="万人",
        basis="census",
        region_id=report.region_id,
        years=(2010, 2020),
        source_ids=tuple(dict.fromkeys(s for region in old["region"] for s in _district_sources(report, region))),
        notes=("按增减幅度排列。2021年4月以前的区划，名称用2020年的名称。",),
        indicator_ids=("census_population",),
    )


def _table_new(report: Report, new: pd.DataFrame) -> Table:
    columns = [
        Column("full", "区县市"),
        Column("count", "2020年普查", "万人", 2),
        Column("before", "2010年", "%", 2, group="占全市比重"),
        Column("after", "2020年", "%", 2, group="占全市比重"),
        Column("change", "变动", "个百分点", 2, group="占全市比重", signed=True),
    ]
    later = [o for r in new["region"] if (o := report.ledger.latest("resident_population", r)) and o.year > 2020]
    notes = ["按2020年普查人口排列。公报另列西湖风景名胜区，未列入本表，各行相加略小于全市。"]
    if report.edition > 2020:
        columns += [
            Column("latest", "人数", "万人", 1, emphasis=True, group="最新公布的年末常住人口"),
            Column("year", "年份", group="最新公布的年末常住人口"),
        ]
        notes.append("2010年比重由公报按新区划重算。")
        if any(item.confidence == "C" for item in later):
            notes.append("*为C级数据（二手转述，未见原文）。")
    sources = dict.fromkeys(["census-2020-bulletin", *sources_of(*later)])
    return Table(
        id="tbl-districts-new",
        title="新区划13个区县市的人口和占全市比重",
        frame=new[["full", "count", "before", "after", "change", "latest", "year"]],
        columns=tuple(columns),
        unit="万人、%",
        basis="none",
        region_id=report.region_id,
        years=tuple(sorted({2010, 2020, *(item.year for item in later)})),
        source_ids=tuple(sources),
        notes=tuple(notes),
        indicator_ids=("census_population", "census_share_of_city", "resident_population"),
    )
