from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_main import popbook
from tests.ledger.tables import region, write_tables
from tests.publishing.published import Workshop


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one built edition, and data of its own."""
    monkeypatch.setenv("POPBOOK_DATA", str(write_tables(tmp_path / "data")))
    made = Workshop(tmp_path / "project")
    (made.project.root / "_config.yml").touch()
    made.project.notebooks.mkdir()
    made.write(2020, "初稿")
    return made.project.root


def test_publish_says_what_it_did_and_verify_proves_it(project: Path) -> None:
    first = popbook("publish", "2020", "--to", "../web", cwd=project)
    assert (first.returncode, first.stderr) == (0, "")
    said, fingerprint, page = first.stdout.splitlines()
    assert said == "已发布：2020年度版 r1"
    assert page.removeprefix("请打开：") == str(project.parent / "web" / "2020" / "r1" / "index.html")
    again = popbook("publish", "2020", "--to", "../web", cwd=project)
    assert again.stdout.splitlines()[0] == "没有变化：2020年度版 r1 已在网站上，没有发布"
    proved = popbook("verify", "../web", cwd=project)
    assert proved.returncode == 0
    assert proved.stdout.splitlines() == [
        "逐字节一致：1 个年度版，1 个修订，18 个文件",
        fingerprint.replace("网站指纹", "指纹"),
    ]


def test_booklets_are_published_with_the_words_of_build(project: Path) -> None:
    made, data = Workshop(project), project.parent / "data"
    names = {"330106": "西湖区", "330108": "滨江区"}
    write_tables(
        data,
        regions=[region(), *(region(code, name_zh=name) for code, name in names.items())],
        district_units=[
            {"region_id": code, "unit_id": code, "relation": "same", "note": "范围未变。"} for code in names
        ],
    )
    for district in ("", *names):
        made.write(2020, "初稿", district)
    refused = popbook("publish", "2020", "--to", "../web", "--regions", "all", cwd=project)
    assert refused.returncode == 1
    assert "网站上还没有全市 2020 年度版" in refused.stderr
    popbook("publish", "2020", "--to", "../web", cwd=project)
    one = popbook("publish", "2020", "--to", "../web", "--regions", "330108", cwd=project)
    assert (one.returncode, one.stderr) == (0, "")
    all_of_them = popbook("publish", "2020", "--to", "../web", "--regions", "all", cwd=project).stdout.splitlines()
    assert all_of_them[:2] == [
        "已发布：2020年度版西湖区分册 r1",
        "没有变化：2020年度版滨江区分册 r1 已在网站上，没有发布",
    ]
    proved = popbook("verify", "../web", cwd=project).stdout
    assert proved.startswith("逐字节一致：1 个年度版，2 册区县分册，3 个修订，")
    wrong = popbook("publish", "2020", "--to", "../web", "--regions", "330103", cwd=project)
    assert wrong.returncode == 2
    assert "没有代码为 330103 的区县分册" in wrong.stderr


def test_verify_names_what_differs_and_says_no(project: Path) -> None:
    popbook("publish", "2020", "--to", "../web", cwd=project)
    (project.parent / "web" / "2020" / "r1" / "index.html").write_text("改", encoding="utf-8")
    shown = popbook("verify", "../web", cwd=project)
    assert shown.returncode == 1
    assert shown.stdout.splitlines() == ["2020/r1/index.html：内容已改变", "共 1 处不符"]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["publish"], 2, "缺少年份"),
        (["publish", "2020"], 2, "缺少选项 --to"),
        (["publish", "abc", "--to", "../web"], 2, "年度版应为四位年份"),
        (["publish", "1999", "--to", "../web"], 2, "没有 1999 年度版"),
        (["publish", "2021", "--to", "../web"], 1, "2021 年度版还没有生成"),
        (["publish", "2020", "--to", "."], 1, "里面不是 popbook 发布的网站"),
        (["publish", "2020", "--to", ""], 1, "里面不是 popbook 发布的网站"),
        (["publish", "2020", "--to", ".."], 1, "里面不是 popbook 发布的网站"),
        (["publish", "2020", "--to", "a/b/c"], 1, "上级文件夹不存在"),
        (["publish", "2020", "--to", "_config.yml"], 1, "这是文件，不是文件夹"),
        (["verify"], 2, "缺少文件夹"),
        (["verify", "nowhere"], 1, "没有这个文件夹"),
        (["verify", "."], 1, "不是 popbook 发布的网站"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    project: Path, arguments: list[str], status: int, sentence: str
) -> None:
    shown = popbook(*arguments, cwd=project)
    assert shown.returncode == status
    assert sentence in shown.stderr
    assert len(shown.stderr.splitlines()) == 1


def test_new_identifiers_are_registered_before_they_are_published(project: Path) -> None:
    made = Workshop(project)
    made.ids = ("fig-a",)
    made.write(2020, "初稿")
    refused = popbook("publish", "2020", "--to", "../web", cwd=project)
    assert refused.returncode == 1
    assert "2020 年度版有 1 个图表数值编号没有登记：fig-a → 先运行 popbook ids --write" in refused.stderr
    assert not (project.parent / "web").exists()
    registered = popbook("ids", "--write", cwd=project)
    assert (registered.returncode, registered.stdout.splitlines()) == (
        0,
        ["fig-a  新编号，首见2020年度版", "完成：exhibit_ids.csv 新增1个编号", "新编号0个，丢失编号0个"],
    )
    assert popbook("publish", "2020", "--to", "../web", cwd=project).stdout.startswith("已发布：2020年度版 r1")
