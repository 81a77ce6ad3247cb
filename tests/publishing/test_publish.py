from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from popbook.ledger.datapackage import find_data_dir
from popbook.ledger.errors import DataError, PopbookError, UsageError
from popbook.publishing import publish
from popbook.publishing.build import BuildReport
from popbook.publishing.exhibit_ids import append_ids, read_registry
from popbook.publishing.manifest import list_files
from popbook.publishing.publish import REVISIONS_TABLE, PublishReport, publish_edition
from popbook.publishing.verify import verify
from popbook.publishing.web_root import read_register
from tests.ledger.tables import observation, write_tables
from tests.publishing.disks import files_limited, mount_small, unmount
from tests.publishing.interrupted import choose_instants, count_instants, needs_fork, stop_at
from tests.publishing.permissions import permissions_obeyed
from tests.publishing.published import Silent, Workshop

REASON = "更正一处"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "www").mkdir()
    return tmp_path / "www" / "report"


def put(workshop: Workshop, root: Path, edition: int = 2020, reason: str = "") -> PublishReport:
    return publish_edition(workshop.project, edition, root, Silent(), reason)


def states(root: Path) -> list[tuple[int, str]]:
    """What is published, after proving every byte of it."""
    if not root.exists():
        return []
    assert verify(root).differences == ()
    return [(item.edition, item.revision) for item in read_register(root)]


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in list_files(folder)}


def revisions(workshop: Workshop) -> str:
    return (workshop.project.root.parent / "data" / "revisions.csv").read_text(encoding="utf-8")


# ------------------------------------------------------------ r1, r2, nothing new


def test_an_edition_with_an_unregistered_identifier_is_refused_before_anything_is_frozen(workshop: Workshop, root: Path) -> None:
    workshop.ids = ("fig-a", "fig-new")
    workshop.write(2020, "初稿")
    data = find_data_dir()
    append_ids(data, {"fig-a": 2020})
    with pytest.raises(PopbookError, match=r"exhibit_ids\.csv：2020 年度版有 1 个图表数值编号没有登记：fig-new → 先运行 popbook ids --write"):
        put(workshop, root)
    assert not root.exists() and list(root.parent.iterdir()) == []
    append_ids(data, {"fig-new": 2020})
    put(workshop, root)
    assert states(root) == [(2020, "r1")]


def test_the_table_of_revisions_that_comes_with_r2_is_registered_by_publishing(workshop: Workshop, root: Path) -> None:
    put(workshop, root)
    assert REVISIONS_TABLE not in read_registry(find_data_dir())
    workshop.write(2020, "改稿")
    put(workshop, root, reason=REASON)
    assert states(root) == [(2020, "r1"), (2020, "r2")]
    assert read_registry(find_data_dir())[REVISIONS_TABLE].first_edition == 2020


def test_a_revision_with_an_unregistered_identifier_is_not_declared(workshop: Workshop, root: Path) -> None:
    put(workshop, root)
    before, declared = contents(root), revisions(workshop)
    workshop.ids = ("fig-new",)
    workshop.write(2020, "改稿")
    with pytest.raises(PopbookError, match="fig-new"):
        put(workshop, root, reason=REASON)
    assert (contents(root), revisions(workshop)) == (before, declared)


def test_the_first_publication_freezes_what_was_built(workshop: Workshop, root: Path) -> None:
    report = put(workshop, root)
    assert (report.published.revision, report.is_new) == ("r1", True)
    assert report.page == root / "2020" / "r1" / "index.html"
    assert contents(root / "2020" / "r1") == contents(workshop.project.site / "2020")
    assert report.published.published == "2021-07-08"
    assert states(root) == [(2020, "r1")]


def test_an_empty_folder_becomes_a_web_root_and_keeps_its_mode(workshop: Workshop, root: Path) -> None:
    root.mkdir(mode=0o750)
    put(workshop, root)
    assert states(root) == [(2020, "r1")]
    assert root.stat().st_mode & 0o777 == 0o750


def test_nothing_new_publishes_nothing(workshop: Workshop, root: Path) -> None:
    put(workshop, root)
    before, inode = contents(root), root.stat().st_ino
    report = put(workshop, root, reason="多余的原因")
    assert not report.is_new
    assert (contents(root), root.stat().st_ino) == (before, inode)
    assert revisions(workshop).count("\n") == 1


def test_a_changed_edition_needs_a_reason(workshop: Workshop, root: Path) -> None:
    put(workshop, root)
    before = contents(root)
    workshop.write(2020, "二稿")
    with pytest.raises(PopbookError, match="2020 年度版与已发布的 r1 不同，改版须写明原因") as caught:
        put(workshop, root)
    assert caught.value.exit_code == 1
    assert contents(root) == before


def test_a_changed_edition_becomes_r2_and_r1_stays_at_its_address(workshop: Workshop, root: Path) -> None:
    put(workshop, root)
    before = contents(root / "2020" / "r1")
    workshop.write(2020, "二稿")
    report = put(workshop, root, reason=REASON)
    assert (report.published.revision, report.published.reason, report.is_new) == ("r2", REASON, True)
    assert contents(root / "2020" / "r1") == before
    assert states(root) == [(2020, "r1"), (2020, "r2")]
    assert '"r2/index.html"' in (root / "2020" / "index.html").read_text(encoding="utf-8")


def test_every_page_of_r2_says_r2(workshop: Workshop, root: Path) -> None:
    put(workshop, root)
    workshop.write(2020, "二稿")
    put(workshop, root, reason=REASON)
    pages = list((root / "2020" / "r2").rglob("*.html"))
    assert len(pages) == 3
    assert all(path.read_text(encoding="utf-8").endswith("二稿 r2\n") for path in pages)
    assert workshop.builds == [2020]


def test_the_third_change_is_r3_and_rows_are_only_appended(workshop: Workshop, root: Path) -> None:
    put(workshop, root)
    for text in ("二稿", "三稿"):
        workshop.write(2020, text)
        put(workshop, root, reason=text)
    assert states(root)[-1] == (2020, "r3")
    assert revisions(workshop).splitlines()[1:] == [
        "2020,r1,2021-07-08,首次发布",
        "2020,r2,2021-07-08,二稿",
        "2020,r3,2021-07-08,三稿",
    ]


def test_another_edition_stands_beside_the_first(workshop: Workshop, root: Path) -> None:
    put(workshop, root)
    workshop.write(2021, "新年")
    put(workshop, root, 2021)
    assert states(root) == [(2020, "r1"), (2021, "r1")]
    assert '"2021/r1/index.html"' in (root / "index.html").read_text(encoding="utf-8")


def test_an_older_edition_published_later_does_not_become_the_way_in(workshop: Workshop, root: Path) -> None:
    workshop.write(2021, "新年")
    put(workshop, root, 2021)
    put(workshop, root, 2020)
    assert '"2021/r1/index.html"' in (root / "index.html").read_text(encoding="utf-8")


def test_the_same_history_gives_the_same_bytes(workshop: Workshop, root: Path, tmp_path: Path) -> None:
    assert put(workshop, root).fingerprint == put(workshop, tmp_path / "second").fingerprint


def test_a_declared_revision_goes_to_a_second_web_root_as_it_is(
    workshop: Workshop, root: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second"
    for place in (root, second):
        put(workshop, place)
    workshop.write(2020, "二稿")
    put(workshop, root, reason=REASON)
    with pytest.raises(PopbookError, match=f"r2 已经登记，原因是“{REASON}”"):
        put(workshop, second, reason="另一个原因")
    assert put(workshop, second).published.reason == REASON
    assert contents(second / "2020" / "r2") == contents(root / "2020" / "r2")


def test_a_lost_table_of_revisions_is_noticed(workshop: Workshop, root: Path) -> None:
    header = revisions(workshop)
    put(workshop, root)
    workshop.write(2020, "二稿")
    put(workshop, root, reason=REASON)
    (workshop.project.root.parent / "data" / "revisions.csv").write_text(header, encoding="utf-8")
    workshop.write(2020, "三稿")
    with pytest.raises(PopbookError, match="网站上的 2020 年度版已是 r2，台账只登记到 r1"):
        put(workshop, root, reason="再改")


@pytest.mark.parametrize("reason", ["=1+1", "<script>x</script>", "两\n行", "长" * 201])
def test_a_reason_that_cannot_stand_in_a_page_changes_nothing(
    workshop: Workshop, root: Path, reason: str
) -> None:
    put(workshop, root)
    workshop.write(2020, "二稿")
    before, table = contents(root), revisions(workshop)
    with pytest.raises(DataError):
        put(workshop, root, reason=reason)
    assert (contents(root), revisions(workshop)) == (before, table)


# ------------------------------------------------------------ what must not be published, and where


def test_an_unknown_edition_is_wrong_usage(workshop: Workshop, root: Path) -> None:
    with pytest.raises(UsageError, match="没有 1999 年度版"):
        put(workshop, root, 1999)


def test_an_edition_that_was_not_built_names_the_command(workshop: Workshop, root: Path) -> None:
    with pytest.raises(PopbookError, match="2021 年度版还没有生成 → 请先运行 popbook build --edition 2021"):
        put(workshop, root, 2021)
    assert not root.exists()


def test_pages_changed_by_hand_are_not_published(workshop: Workshop, root: Path) -> None:
    (workshop.project.site / "2020" / "index.html").write_text("改", encoding="utf-8")
    with pytest.raises(PopbookError, match="内容与清单不符：index.html：内容已改变"):
        put(workshop, root)
    assert not root.exists()


def test_data_that_changed_since_the_build_are_not_published_unseen(workshop: Workshop, root: Path) -> None:
    data = workshop.project.root.parent / "data"
    write_tables(data, observations=[observation(2020, 1200.0)])
    with pytest.raises(PopbookError, match="生成以后数据又改过 → 先运行 popbook build --edition 2020"):
        put(workshop, root)
    write_tables(data, observations=[observation(), observation(2021, published="2022-03-01")])
    assert put(workshop, root).is_new  # later data do not concern this edition


def test_a_damaged_web_root_is_not_published_to(workshop: Workshop, root: Path) -> None:
    put(workshop, root)
    (root / "2020" / "r1" / "index.html").write_text("改", encoding="utf-8")
    workshop.write(2020, "二稿")
    with pytest.raises(PopbookError, match="2020/r1/index.html：内容已改变.*popbook verify"):
        put(workshop, root, reason=REASON)


def test_a_folder_of_somebody_else_is_refused_and_kept(workshop: Workshop, root: Path) -> None:
    root.mkdir()
    (root / "index.html").write_text("别人的", encoding="utf-8")
    with pytest.raises(PopbookError, match="里面不是 popbook 发布的网站"):
        put(workshop, root)
    assert contents(root) == {"index.html": "别人的".encode()}


def test_a_file_in_the_way_is_refused(workshop: Workshop, root: Path) -> None:
    root.write_text("文件", encoding="utf-8")
    with pytest.raises(PopbookError, match="这是文件，不是文件夹"):
        put(workshop, root)


def test_a_missing_folder_above_is_not_made(workshop: Workshop, root: Path) -> None:
    with pytest.raises(PopbookError, match="上级文件夹不存在"):
        put(workshop, root / "deeper" / "still")
    assert not root.exists()


def test_a_link_instead_of_the_web_root_is_refused(workshop: Workshop, root: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    root.symlink_to(tmp_path / "real")
    with pytest.raises(PopbookError, match="这是符号链接.*直接写它指向的文件夹"):
        put(workshop, root)
    assert list((tmp_path / "real").iterdir()) == []


def test_a_link_inside_the_web_root_is_refused_and_not_followed(
    workshop: Workshop, root: Path, tmp_path: Path
) -> None:
    put(workshop, root)
    (tmp_path / "real").mkdir()
    (root / "2021").symlink_to(tmp_path / "real")
    workshop.write(2021, "新年")
    with pytest.raises(PopbookError, match="2021：是符号链接"):
        put(workshop, root, 2021)
    assert list((tmp_path / "real").iterdir()) == []


@pytest.mark.parametrize("name", [".report.new", ".report.lock"])
def test_a_link_where_popbook_works_is_refused_and_not_followed(
    workshop: Workshop, root: Path, tmp_path: Path, name: str
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir() if name.endswith("new") else kept.write_text("留下", encoding="utf-8")
    (root.parent / name).symlink_to(kept)
    with pytest.raises(PopbookError, match=r"\.report\."):
        put(workshop, root)
    assert kept.is_dir() or kept.read_text(encoding="utf-8") == "留下"
    assert not root.exists()


# ------------------------------------------------------------ what the system refuses


def fail_at(number: int, code: int) -> Callable[[Path, Path], None]:
    """Return a copying function that fails at the n-th file."""
    copied = 0

    def copy(source: Path, target: Path) -> None:
        nonlocal copied
        copied += 1
        if copied == number:
            raise OSError(code, os.strerror(code), target)
        shutil.copyfile(source, target)

    return copy


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.ENOSPC, "磁盘空间不足，已发布的网站没有改动"),
        (errno.EACCES, "没有写入权限，已发布的网站没有改动"),
        (errno.EROFS, "文件系统只读，已发布的网站没有改动"),
        (errno.EIO, "读写失败（Input/output error），已发布的网站没有改动"),
    ],
)
def test_a_refusal_of_the_system_is_one_sentence_and_leaves_no_trace(
    workshop: Workshop, root: Path, monkeypatch: pytest.MonkeyPatch, code: int, sentence: str
) -> None:
    put(workshop, root)
    before = contents(root)
    workshop.write(2020, "二稿")
    monkeypatch.setattr(publish, "_copy_through", fail_at(3, code))
    with pytest.raises(PopbookError, match=sentence) as caught:
        put(workshop, root, reason=REASON)
    assert caught.value.exit_code == 1
    assert "\n" not in str(caught.value)
    assert contents(root) == before
    assert sorted(path.name for path in root.parent.iterdir()) == [".report.lock", "report"]


def test_the_next_run_after_a_full_disk_publishes_the_declared_revision(
    workshop: Workshop, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(workshop, root)
    workshop.write(2020, "二稿")
    with monkeypatch.context() as patched:
        patched.setattr(publish, "_copy_through", fail_at(1, errno.ENOSPC))
        with pytest.raises(PopbookError):
            put(workshop, root, reason=REASON)
    assert put(workshop, root).published.revision == "r2"
    assert states(root) == [(2020, "r1"), (2020, "r2")]


SMALL = 512
"""kB of the small disk; what the big page needs is more."""


@pytest.fixture(params=[True, False], ids=["mounted", "limited"])
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder that is a disk of its own where one may be mounted; else a plain one, for files that are limited."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = request.param and mount_small(place, SMALL)
    yield place
    if mounted:
        unmount(place)


def test_a_disk_that_is_really_full(
    workshop: Workshop, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build_elsewhere(*request: Any, **options: Any) -> BuildReport:
        with files_limited():  # the project lies on another disk, which has room
            return workshop.build_site(*request, **options)

    monkeypatch.setattr(publish, "build_site", build_elsewhere)
    root = small_disk / "report"
    put(workshop, root)
    before = contents(root)
    workshop.write(2020, "大" * 200_000)
    full: AbstractContextManager[None] = nullcontext()
    sentence = "磁盘空间不足，已发布的网站没有改动 → 腾出空间后再运行"
    if not small_disk.is_mount():
        full, sentence = files_limited(SMALL * 1024), "文件超过系统允许的大小，已发布的网站没有改动 → 检查磁盘"
    with full, pytest.raises(PopbookError, match=sentence) as caught:
        put(workshop, root, reason=REASON)
    assert "\n" not in str(caught.value)
    assert workshop.builds == [2020]
    assert states(root) == [(2020, "r1")]
    assert contents(root) == before
    assert sorted(path.name for path in small_disk.iterdir()) == [".report.lock", "report"]


def test_the_root_of_a_disk_is_refused(workshop: Workshop, small_disk: Path) -> None:
    with pytest.raises(PopbookError, match="这是挂载点，不能整体替换"):
        put(workshop, small_disk if small_disk.is_mount() else Path("/"))


def test_a_folder_that_may_not_be_written(workshop: Workshop, root: Path) -> None:
    put(workshop, root)
    workshop.write(2020, "二稿")
    root.parent.chmod(0o555)
    try:
        with permissions_obeyed(), pytest.raises(PopbookError, match="没有写入权限"):
            put(workshop, root, reason=REASON)
    finally:
        root.parent.chmod(0o755)
    assert states(root) == [(2020, "r1")]


def test_a_file_system_without_links_gets_copies(
    workshop: Workshop, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    put(workshop, root)
    workshop.write(2020, "二稿")
    put(workshop, root, reason=REASON)
    assert states(root) == [(2020, "r1"), (2020, "r2")]


# ------------------------------------------------------------ stopped half-way


@needs_fork
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=lambda item: item.name)
def test_stopped_at_any_instant_the_site_is_the_old_or_the_new_one(
    workshop: Workshop, root: Path, how: signal.Signals
) -> None:
    put(workshop, root)
    workshop.write(2020, "二稿")
    base = root.parent.parent / "base"
    table = workshop.project.root.parent / "data" / "revisions.csv"
    shutil.copytree(root.parent, base)
    kept = table.read_bytes()

    def change() -> None:
        put(workshop, root, reason=REASON)

    def start_again() -> None:
        shutil.rmtree(root.parent)
        shutil.copytree(base, root.parent)
        table.write_bytes(kept)
        workshop.write(2020, "二稿")

    start_again()
    change()  # what is computed once in a process is computed before the instants are counted
    start_again()
    count = count_instants(change)
    # The site is exchanged near the end of the work; half of the instants lie there.
    instants = [*choose_instants(count - 25, 25), *range(count - 24, count + 1)]
    assert len(instants) == 50
    found = set()
    for number, instant in enumerate(instants):
        start_again()
        assert stop_at(change, instant, how) in (-how, 130, 0)
        after = states(root)
        assert after in ([(2020, "r1")], [(2020, "r1"), (2020, "r2")])
        found.add(len(after))
        if number % 4 and instant < count - 8:
            continue  # that the next run goes on from there is tried after some of them: it costs as much again
        change()
        assert states(root) == [(2020, "r1"), (2020, "r2")]
        assert sorted(path.name for path in root.parent.iterdir()) == [".report.lock", "report"]
    assert found == {1, 2}


@needs_fork
def test_killed_between_two_renames_the_next_run_puts_the_old_site_back(
    workshop: Workshop, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from popbook.ledger import atomic

    put(workshop, root)
    workshop.write(2021, "新年")
    root.rename(root.with_name(".report.old"))
    monkeypatch.setattr(atomic, "_exchange", lambda first, second: False)
    put(workshop, root, 2021)
    assert states(root) == [(2020, "r1"), (2021, "r1")]
    assert sorted(path.name for path in root.parent.iterdir()) == [".report.lock", "report"]


# ------------------------------------------------------------ two at once

TWO_AT_ONCE = """
import sys
from pathlib import Path
from popbook.publishing import publish
from popbook.publishing.exhibit_ids import append_ids, read_registry
from tests.publishing.published import Silent, Workshop
workshop = Workshop(Path(sys.argv[1]))
workshop.texts = {(2020, ""): "二稿"}
publish.build_site = workshop.build_site
print("ready", flush=True)
sys.stdin.readline()
report = publish.publish_edition(workshop.project, 2020, Path(sys.argv[2]), Silent(), sys.argv[3])
print(report.published.revision, report.is_new)
"""


def test_two_publications_at_once_make_one_revision(workshop: Workshop, root: Path) -> None:
    put(workshop, root)
    workshop.write(2020, "二稿")
    command = [sys.executable, "-c", TWO_AT_ONCE, str(workshop.project.root), str(root), REASON]
    both = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    said = {process.communicate("go\n")[0] for process in both}
    assert said == {"r2 True\n", "r2 False\n"}
    assert states(root) == [(2020, "r1"), (2020, "r2")]
    assert revisions(workshop).count("r2") == 1
