from __future__ import annotations

import doctest
import json
import re

import pytest

from popbook.exhibits import references
from popbook.exhibits.references import STYLES, Work, bibtex, csl_json, gbt7714_2015, gbt7714_2025, ris

EXHIBIT = Work(
    "dataset",
    "编写组",
    "常住人口占84.8%",
    "fact-a-2024",
    "监测报告（2024年度）",
    "2024-r1",
    "2025-06-30",
    "https://example.org/2024/r1/exhibits/fact-a-2024/index.html",
    "0123456789abcdef" * 4,
    note="84.8%；常住人口",
    key="popbook-2024-r1-fact-a-2024",
)


def test_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(references)
    assert results.attempted >= 4
    assert results.failed == 0


# Examples that the standards themselves print, for the kinds of work cited here.
@pytest.mark.parametrize(
    ("work", "printed"),
    [
        (
            Work(
                "report",
                "中国信息通信研究院，等",
                "电信业发展白皮书：2023：新时代高质量发展探索",
                date="2023-12-28",
                address="http://www.caict.ac.cn/kxyj/qwfb/bps/",
            ),
            "中国信息通信研究院，等. 电信业发展白皮书：2023：新时代高质量发展探索[R/OL]. 2023-12-28. "
            "http://www.caict.ac.cn/kxyj/qwfb/bps/.",
        ),
        (
            Work(
                "dataset",
                "周壮，李盛阳，吴薇，等",
                "天宫二号遥感图像自然景物分类科学数据",
                container="国家基础学科公共科学数据中心",
                version="V1.0",
                date="2023-09-10",
                address="https://www.nbsdc.cn/general/dataLinks/CSTR:16666.11.nbsdc.tfpbwtqf",
                accessed="2025-07-15",
            ),
            "周壮，李盛阳，吴薇，等. 天宫二号遥感图像自然景物分类科学数据[DS/OL]. V1.0. "
            "国家基础学科公共科学数据中心(2023-09-10)[2025-07-15]. "
            "https://www.nbsdc.cn/general/dataLinks/CSTR:16666.11.nbsdc.tfpbwtqf.",
        ),
        (
            Work("page", "", "中国国家博物馆", address="https://www.chnmuseum.cn/", accessed="2025-05-06"),
            "中国国家博物馆[EB/OL]. [2025-05-06]. https://www.chnmuseum.cn/.",
        ),
    ],
    ids=["report", "dataset", "page"],
)
def test_gbt7714_2025_sets_the_examples_of_the_standard(work: Work, printed: str) -> None:
    assert gbt7714_2025(work) == printed


@pytest.mark.parametrize(
    ("work", "printed"),
    [
        (
            Work(
                "report",
                "中国互联网络信息中心",
                "第29次中国互联网络发展现状统计报告",
                date="2012-01-16",
                address="http://www.cnnic.net.cn/hlwfzyj/hlwxzbg/201201/P020120709345264469680.pdf",
                accessed="2013-03-26",
            ),
            "中国互联网络信息中心. 第29次中国互联网络发展现状统计报告[R/OL]. (2012-01-16)[2013-03-26]. "
            "http://www.cnnic.net.cn/hlwfzyj/hlwxzbg/201201/P020120709345264469680.pdf.",
        ),
        (
            Work(
                "page",
                "李强",
                "化解医患矛盾需釜底抽薪",
                date="2012-05-03",
                address="http://wenku.baidu.com/view/47e4f206b52acfc789ebc92f.html",
                accessed="2013-03-25",
            ),
            "李强. 化解医患矛盾需釜底抽薪[EB/OL]. (2012-05-03)[2013-03-25]. "
            "http://wenku.baidu.com/view/47e4f206b52acfc789ebc92f.html.",
        ),
    ],
    ids=["report", "page"],
)
def test_gbt7714_2015_sets_the_examples_of_the_standard(work: Work, printed: str) -> None:
    assert gbt7714_2015(work) == printed


def test_a_chart_is_a_part_of_the_report_in_both_years() -> None:
    chart = Work(
        "chart",
        "编写组",
        "图1-2 增量收窄",
        "fig-a",
        "监测报告",
        "2024-r1",
        "2025-06-30",
        accessed="2026-07-05",
    )
    assert gbt7714_2025(chart) == "编写组. 图1-2 增量收窄：fig-a[R/OL]//编写组. 监测报告. 2024-r1. 2025."
    assert (
        gbt7714_2015(chart)
        == "编写组. 图1-2 增量收窄：fig-a[R/OL]//编写组. 监测报告. 2024-r1. 2025[2026-07-05]."
    )


@pytest.mark.parametrize("style", ["gbt7714-2025", "gbt7714-2015"])
@pytest.mark.parametrize("kind", ["report", "dataset", "chart", "page"])
def test_every_entry_ends_with_one_full_stop_and_names_version_address_and_seal(
    style: str, kind: str
) -> None:
    text = STYLES[style](Work(**{**EXHIBIT.__dict__, "kind": kind}))
    assert re.search(r"[^.]\.$", text)
    assert ".." not in text
    for part in ("2024-r1", EXHIBIT.address, "版本指纹:0123456789ab."):
        assert part in text


def test_bibtex_escapes_signs_of_tex_but_not_in_addresses() -> None:
    entry = bibtex(Work("page", "编写组", r"50% & $x_1$ {a} \b ~^", address="https://e.org/a_b%20c", key="k"))
    assert (
        r"title = {{50\% \& \$x\_1\$ \{a\} \textbackslash{}b \textasciitilde{}\textasciicircum{}}}" in entry
    )
    assert "url = {https://e.org/a_b%20c}" in entry


def test_bibtex_balances_its_braces() -> None:
    entry = bibtex(EXHIBIT)
    plain = re.sub(r"\\[{}]", "", entry)
    assert plain.count("{") == plain.count("}")
    assert entry.startswith("@dataset{popbook-2024-r1-fact-a-2024,")


def test_ris_has_one_tag_a_line_and_an_end() -> None:
    lines = ris(EXHIBIT).split("\n")
    assert lines[0] == "TY  - DATA"
    assert lines[-1] == "ER  - "
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines)


def test_csl_json_is_a_list_of_one_item_with_the_whole_fingerprint() -> None:
    (item,) = json.loads(csl_json(EXHIBIT))
    assert item["type"] == "dataset"
    assert item["issued"] == {"date-parts": [[2025, 6, 30]]}
    assert EXHIBIT.fingerprint in item["note"]
    assert "accessed" not in item
