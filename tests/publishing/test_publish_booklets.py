from __future__ import annotations

import json
import re
import shutil
import signal
from pathlib import Path

import pytest

from popbook.ledger.errors import PopbookError
from popbook.publishing import publish
from popbook.publishing.manifest import MANIFEST, manifest_text, read_manifest
from popbook.publishing.publish import PublishReport, publish_booklets
from popbook.publishing.site import ways_out
from popbook.publishing.verify import verify
from popbook.publishing.web_root import read_register
from tests.ledger.tables import observation, region, write_tables
from tests.publishing.interrupted import choose_instants, count_instants, needs_fork, stop_at
from tests.publishing.published import Silent, Workshop
from tests.publishing.test_publish import REASON, contents, fail_at, put, revisions

WEST, RIVER = "330106", "330108"


@pytest.fixture
def workshop(workshop: Workshop) -> Workshop:
    """The workshop with two districts, whose booklets of 2020 are built."""
    data = workshop.project.root.parent / "data"
    write_tables(data, regions=[region(), region(WEST, name_zh="西湖区"), region(RIVER, name_zh="滨江区")])
    for district in ("", WEST, RIVER):
        workshop.write(2020, "初稿", district)
    return workshop


@pytest.fixture
def root(workshop: Workshop, tmp_path: Path) -> Path:
    """A web root that holds the edition of the city."""
    (tmp_path / "www").mkdir()
    put(workshop, tmp_path / "www" / "report")
    return tmp_path / "www" / "report"


def put_booklets(
    workshop: Workshop, root: Path, *districts: str, reason: str = ""
) -> tuple[PublishReport, ...]:
    return publish_booklets(workshop.project, 2020, districts, root, Silent(), reason)


def states(root: Path) -> list[str]:
    """What is published, after proving every byte of it."""
    assert verify(root).differences == ()
    return [item.name for item in read_register(root)]


def declared(workshop: Workshop) -> list[str]:
    path = workshop.project.root.parent / "data" / "booklet_revisions.csv"
    return path.read_text(encoding="utf-8").splitlines()[1:]


# ------------------------------------------------------------ r1, r2, nothing new


def test_a_booklet_is_frozen_below_the_edition_as_it_was_built(workshop: Workshop, root: Path) -> None:
    city = contents(root / "2020")
    (report,) = put_booklets(workshop, root, WEST)
    frozen = root / "districts" / WEST / "2020" / "r1"
    assert (report.published.name, report.published.reason, report.is_new) == (f"{WEST} 2020 r1", "首次发布", True)
    assert report.page == frozen / "index.html"
    assert contents(frozen) == contents(workshop.project.booklet(WEST).site / "2020")
    assert states(root) == ["2020 r1", f"{WEST} 2020 r1"]
    found = verify(root)
    assert (found.editions, found.booklets, found.revisions) == (1, 1, 2)
    assert contents(root / "2020" / "r1") == {
        name.removeprefix("r1/"): content for name, content in city.items() if name.startswith("r1/")
    }


def test_identifiers_of_booklets_need_not_be_registered(workshop: Workshop, root: Path) -> None:
    workshop.ids = (f"fig-pyramid-{WEST}",)
    workshop.write(2020, "初稿", WEST)
    put_booklets(workshop, root, WEST)
    assert states(root) == ["2020 r1", f"{WEST} 2020 r1"]


def test_nothing_new_publishes_nothing(workshop: Workshop, root: Path) -> None:
    put_booklets(workshop, root, WEST, RIVER)
    before, inode = contents(root), root.stat().st_ino
    assert [report.is_new for report in put_booklets(workshop, root, WEST, RIVER, reason="多余的原因")] == [False] * 2
    assert (contents(root), root.stat().st_ino, declared(workshop)) == (before, inode, [])


def test_a_changed_booklet_needs_a_reason(workshop: Workshop, root: Path) -> None:
    put_booklets(workshop, root, WEST)
    before = contents(root)
    workshop.write(2020, "二稿", WEST)
    with pytest.raises(PopbookError, match=f"2020 年度版 {WEST} 分册与已发布的 r1 不同，改版须写明原因"):
        put_booklets(workshop, root, WEST)
    assert contents(root) == before


def test_a_changed_booklet_becomes_r2_and_everything_else_stays(workshop: Workshop, root: Path) -> None:
    put_booklets(workshop, root, WEST, RIVER)
    homes = [root / address for address in ("2020/r1", f"districts/{WEST}/2020/r1", f"districts/{RIVER}/2020/r1")]
    before = [contents(home) for home in homes]
    workshop.write(2020, "二稿", WEST)
    changed, kept = put_booklets(workshop, root, WEST, RIVER, reason=REASON)
    assert (changed.published.name, changed.published.reason, changed.is_new) == (f"{WEST} 2020 r2", REASON, True)
    assert (kept.published.name, kept.is_new) == (f"{RIVER} 2020 r1", False)
    assert [contents(home) for home in homes] == before
    assert states(root) == ["2020 r1", f"{WEST} 2020 r1", f"{RIVER} 2020 r1", f"{WEST} 2020 r2"]
    assert workshop.builds == [WEST]
    page = (root / "districts" / WEST / "2020" / "r2" / "index.html").read_text(encoding="utf-8")
    assert page == "index.html 二稿 r2\n"
    assert declared(workshop) == [f"2020,r1,2021-07-08,首次发布,{WEST}", f"2020,r2,2021-07-08,{REASON},{WEST}"]
    assert revisions(workshop).count("\n") == 1


def test_city_and_booklets_are_counted_apart(workshop: Workshop, root: Path) -> None:
    put_booklets(workshop, root, WEST)
    workshop.write(2020, "二稿")
    put(workshop, root, reason=REASON)
    assert [report.is_new for report in put_booklets(workshop, root, WEST, RIVER)] == [False, True]
    workshop.write(2020, "二稿", WEST)
    put_booklets(workshop, root, WEST, reason=REASON)
    assert not put(workshop, root).is_new
    assert states(root) == ["2020 r1", f"{WEST} 2020 r1", "2020 r2", f"{RIVER} 2020 r1", f"{WEST} 2020 r2"]


def test_a_register_without_booklets_names_no_district(workshop: Workshop, root: Path) -> None:
    assert "district" not in (root / "revisions.json").read_text(encoding="utf-8")
    assert not (root / "districts").exists()


# ------------------------------------------------------------ what must not be published


@pytest.mark.parametrize("missing", [["330127"], ["330122", "330127"]])
def test_booklets_that_were_not_built_name_the_command(workshop: Workshop, root: Path, missing: list[str]) -> None:
    before = contents(root)
    command = f"popbook build --edition 2020 --regions {','.join(missing)}"
    with pytest.raises(PopbookError, match=f"2020 年度版 {'、'.join(missing)} 分册还没有生成 → 请先运行 {command}"):
        put_booklets(workshop, root, WEST, *missing)
    assert contents(root) == before


def test_a_booklet_older_than_its_data_is_not_published_unseen(workshop: Workshop, root: Path) -> None:
    before = contents(root)
    regions = [region(), region(WEST, name_zh="西湖区"), region(RIVER, name_zh="滨江区")]
    write_tables(workshop.project.root.parent / "data", regions=regions, observations=[observation(2020, 1200.0)])
    command = f"popbook build --edition 2020 --regions {WEST},{RIVER}"
    with pytest.raises(PopbookError, match=f"生成以后数据又改过 → 先运行 {command}，看过再发布"):
        put_booklets(workshop, root, WEST, RIVER)
    assert contents(root) == before


def test_a_booklet_changed_by_hand_is_not_published(workshop: Workshop, root: Path) -> None:
    (workshop.project.booklet(WEST).site / "2020" / "index.html").write_text("改", encoding="utf-8")
    with pytest.raises(PopbookError, match="内容与清单不符：index.html：内容已改变"):
        put_booklets(workshop, root, WEST)
    assert states(root) == ["2020 r1"]


def test_a_booklet_is_not_published_without_the_report_on_the_city(workshop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(PopbookError, match="网站上还没有全市 2020 年度版.*popbook publish 2020 --to"):
        put_booklets(workshop, tmp_path / "empty", WEST)
    assert not (tmp_path / "empty").exists()


# ------------------------------------------------------------ verify


@pytest.mark.parametrize(
    "name",
    [
        "districts/index.html",
        f"districts/{WEST}/index.html",
        f"districts/{WEST}/2020/editions.js",
        f"districts/{WEST}/2020/city-2020.html",
        f"districts/{WEST}/2020/r1/chapters/01_status.html",
    ],
)
def test_a_changed_byte_of_a_booklet_or_of_its_front_is_named(workshop: Workshop, root: Path, name: str) -> None:
    put_booklets(workshop, root, WEST)
    with (root / name).open("a", encoding="utf-8") as stream:
        stream.write(" ")
    assert verify(root).differences == (f"{name}：内容已改变",)
    with pytest.raises(PopbookError, match=f"{name}：内容已改变"):
        put(workshop, root)


def test_a_strange_file_in_a_frozen_booklet_and_a_lost_one_are_named(workshop: Workshop, root: Path) -> None:
    put_booklets(workshop, root, WEST, RIVER)
    (root / "districts" / WEST / "2020" / "r1" / "new.html").touch()
    shutil.rmtree(root / "districts" / RIVER / "2020" / "r1")
    assert verify(root).differences == (
        f"districts/{WEST}/2020/r1/new.html：清单中没有",
        f"districts/{RIVER}/2020/r1/MANIFEST.sha256：缺少",
    )


def move_entry(root: Path, district: object) -> None:
    """Let the register give the booklet to another district, and the manifest of the root say so, too."""
    path = root / "revisions.json"
    register = json.loads(path.read_text(encoding="utf-8"))
    register["revisions"][1]["district"] = district
    path.write_text(json.dumps(register), encoding="utf-8")
    (root / MANIFEST).write_text(manifest_text(root, read_manifest(root)[0]), encoding="utf-8")


def test_an_entry_moved_to_another_district_is_found(workshop: Workshop, root: Path) -> None:
    put_booklets(workshop, root, WEST, RIVER)
    move_entry(root, RIVER)
    assert verify(root).differences == (
        f"districts/{WEST}/2020/r1/MANIFEST.sha256：没有登记",
        f"revisions.json：第 2 条（{RIVER} 2020 r1）与 districts/{RIVER}/2020/r1/build.json 不同",
        f"revisions.json：第 2 条（{RIVER} 2020 r1）所记的清单与 MANIFEST.sha256 不同",
        f"revisions.json：第 3 条（{RIVER} 2020 r1）与前一条不相接",
    )


@pytest.mark.parametrize("district", ["../x", "330106/../..", 330108, None])
def test_an_entry_of_no_district_is_no_address(workshop: Workshop, root: Path, district: object) -> None:
    put_booklets(workshop, root, WEST)
    move_entry(root, district)
    with pytest.raises(PopbookError, match="登记表不能解读"):
        read_register(root)


# ------------------------------------------------------------ addresses


def follow(page: Path) -> Path:
    """The page that a page leads on to."""
    (address,) = re.findall(r'<a href="([^"]+)">', page.read_text(encoding="utf-8"))
    return (page.parent / address).resolve()


def test_what_a_booklet_links_to_is_found_where_it_is_built_and_where_it_is_frozen(
    workshop: Workshop, root: Path
) -> None:
    put_booklets(workshop, root, WEST)
    workshop.write(2020, "二稿")
    put(workshop, root, reason=REASON)
    site = workshop.project.site
    for home, city in (
        (site / "districts" / WEST / "2020", site / "2020" / "index.html"),
        (root / "districts" / WEST / "2020" / "r1", root / "2020" / "r2" / "index.html"),
    ):
        assert follow(home / "../city-2020.html") == city.resolve()
        assert city.is_file()
        front = home.parents[2] if home.name == "r1" else home.parents[1]
        assert follow(home / "../districts.html") == (front / "index.html").resolve()


def test_ways_lead_to_every_published_booklet(workshop: Workshop, root: Path) -> None:
    put_booklets(workshop, root, WEST, RIVER)
    workshop.write(2020, "二稿", WEST)
    put_booklets(workshop, root, WEST, reason=REASON)
    listed = (root / "districts" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<li><a href="([^"]+)">([^<]+)</a>', listed) == [
        (f"{WEST}/index.html", "西湖区人口分册"),
        (f"{RIVER}/index.html", "滨江区人口分册"),
    ]
    for district, revision in ((WEST, "r2"), (RIVER, "r1")):
        home = root / "districts" / district
        newest = (home / "2020" / revision / "index.html").resolve()
        assert follow(home / "index.html") == follow(home / "2020" / "index.html") == newest
    page = (root / "revisions.html").read_text(encoding="utf-8")
    assert re.findall(r'<a href="([^"]+)">(20[^<]+)</a>', page) == [
        ("2020/r1/index.html", "2020年度版"),
        (f"districts/{WEST}/2020/r2/index.html", "2020年度版西湖区分册"),
        (f"districts/{WEST}/2020/r1/index.html", "2020年度版西湖区分册"),
        (f"districts/{RIVER}/2020/r1/index.html", "2020年度版滨江区分册"),
    ]
    sitemap = (root / "sitemap.xml").read_text(encoding="utf-8")
    assert [address in sitemap for address in ("2020/r1/", f"{WEST}/2020/r2/", f"{RIVER}/2020/r1/")] == [True] * 3


def test_the_menus_tell_of_booklets_and_of_newer_revisions(workshop: Workshop, root: Path) -> None:
    put_booklets(workshop, root, WEST)
    workshop.write(2020, "二稿", WEST)
    put_booklets(workshop, root, WEST, reason=REASON)
    for script in (root / "editions.js", root / "2020" / "editions.js"):
        (address,) = re.findall(r'POPBOOK_DISTRICTS = "([^"]+)"', script.read_text(encoding="utf-8"))
        assert (script.parent / address).resolve() == (root / "districts" / "index.html").resolve()
    script = root / "districts" / WEST / "2020" / "editions.js"
    (row,) = json.loads(script.read_text(encoding="utf-8").removeprefix("window.POPBOOK_EDITIONS = ").rstrip(";\n"))
    assert [(item["revision"], item["reason"]) for item in row["revisions"]] == [("r1", "首次发布"), ("r2", REASON)]
    for item in (row, *row["revisions"]):
        assert (script.parent / item["address"] / "index.html").is_file()


def test_the_page_that_leads_to_the_list_asks_for_no_icon_that_is_not_there() -> None:
    pages = ways_out("../../", {2020: "2020/"})
    assert 'rel="icon"' not in pages["districts.html"]
    assert 'href="../../2020/_static/favicon.svg"' in pages["city-2020.html"]


# ------------------------------------------------------------ all or nothing


def test_a_full_disk_at_the_second_booklet_publishes_none(
    workshop: Workshop, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(root)
    files = len(contents(workshop.project.booklet(WEST).site / "2020"))
    monkeypatch.setattr(publish, "_copy_through", fail_at(files + 2, 28))
    with pytest.raises(PopbookError, match="磁盘空间不足，已发布的网站没有改动"):
        put_booklets(workshop, root, WEST, RIVER)
    assert contents(root) == before
    assert sorted(path.name for path in root.parent.iterdir()) == [".report.lock", "report"]


@needs_fork
def test_killed_at_any_instant_all_booklets_are_the_old_or_the_new_ones(workshop: Workshop, root: Path) -> None:
    put_booklets(workshop, root, WEST, RIVER)
    table = workshop.project.root.parent / "data" / "booklet_revisions.csv"
    base, kept, old = root.parent.parent / "base", table.read_bytes(), states(root)
    shutil.copytree(root.parent, base)

    def change() -> None:
        put_booklets(workshop, root, WEST, RIVER, reason=REASON)

    def start_again() -> None:
        shutil.rmtree(root.parent)
        shutil.copytree(base, root.parent)
        table.write_bytes(kept)
        for district in (WEST, RIVER):
            workshop.write(2020, "二稿", district)

    start_again()
    change()  # what is computed once in a process is computed before the instants are counted
    new = states(root)
    assert new == [*old, f"{WEST} 2020 r2", f"{RIVER} 2020 r2"]
    start_again()
    count = count_instants(change)
    found = []
    # The two rows are declared early; the web root is exchanged near the end.
    for instant in [*choose_instants(count - 8, 6), *range(count - 7, count + 1)]:
        start_again()
        assert stop_at(change, instant, signal.SIGKILL) in (-signal.SIGKILL, 0)
        after = states(root)
        assert after in (old, new)
        found.append(after)
        if len(found) % 5 == 0:
            change()
            assert states(root) == new
            assert sorted(path.name for path in root.parent.iterdir()) == [".report.lock", "report"]
    assert old in found and new in found
