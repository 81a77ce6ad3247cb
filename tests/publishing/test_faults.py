"""What goes wrong while a report is built: the last good site stays, one sentence says it, nothing is left behind."""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from popbook.publishing.manifest import find_differences
from popbook.publishing.places import Project
from tests.publishing.disks import limit_files, mount_small, unmount
from tests.publishing.orphans import wait_for_none
from tests.publishing.projects import (
    OPENER,
    SECTION,
    SETUP,
    begin_with_shared,
    make_project,
    shared_data,
    write_notebook,
)

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="processes are looked for in /proc, which only Linux has"
)

INTERRUPTS = int(os.environ.get("POPBOOK_KILLS", "5"))
"""How often a build is interrupted; `POPBOOK_KILLS=50 pytest tests/publishing/test_faults.py` for a long run."""

COMMAND = """
from popbook.ledger import check
check.check_data = lambda: []  # only reads, for as long as the whole build of this little report takes
from popbook.cli import main
main()
"""

CHAPTER = (SETUP, OPENER, SECTION)


def changed(text: str) -> tuple[str, ...]:
    """Return the cells of a chapter that says something else."""
    return SETUP, OPENER, SECTION.replace("这是要点", text)


LEFTOVERS = (".new", ".old", ".doctrees")


@dataclass(frozen=True)
class Bench:
    """A little report with a good site, and a folder for temporary files that must stay empty.

    Parameters
    ----------
    project : Project
        The report.
    temporary : Path
        TMPDIR of its builds.
    """

    project: Project
    temporary: Path

    def start(
        self, *options: str, before: Callable[[], None] | None = None, **variables: str
    ) -> subprocess.Popen[str]:
        """Start ``popbook build`` in a process group of its own."""

        def prepare() -> None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # what runs in the background of a shell ignores Ctrl-C
            if before:
                before()

        return subprocess.Popen(
            [sys.executable, "-c", COMMAND, "build", "--edition", "2024", "--jobs", "1", *options],
            cwd=self.project.root,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "TMPDIR": str(self.temporary),
                "POPBOOK_DATA": str(shared_data()),
                "POPBOOK_TEST_MARKER": str(self.temporary),
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=prepare,
        )

    def build(
        self, *options: str, before: Callable[[], None] | None = None, **variables: str
    ) -> tuple[int, str, str]:
        """Build; return status, output and what was said about an error."""
        process = self.start(*options, before=before, **variables)
        said = process.communicate()
        return process.returncode, *said

    def write(self, *cells: str) -> Path:
        """Write the chapter."""
        return write_notebook(self.project.notebooks / "01_status.ipynb", *cells)

    def site(self) -> dict[str, bytes]:
        """Return every byte of the site."""
        return {
            path.relative_to(self.project.site).as_posix(): path.read_bytes()
            for path in sorted(self.project.site.rglob("*"))
            if path.is_file()
        }

    def leftovers(self) -> list[str]:
        """Return what a build should not have left behind."""
        processes = [f"process {pid}" for pid in wait_for_none(f"POPBOOK_TEST_MARKER={self.temporary}")]
        folders = [path.name for path in self.temporary.iterdir()]
        halves = [path.name for path in self.project.build.rglob("*") if path.suffix in LEFTOVERS]
        return [*processes, *folders, *halves, *(["tmp"] if self.project.temporary.exists() else [])]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("faults")
    (folder / "tmp").mkdir()
    (folder / "project").mkdir()
    bench = Bench(make_project(folder / "project", *CHAPTER), folder / "tmp")
    with begin_with_shared(bench.project):
        status, _, error = bench.build()
    assert status == 0, error
    return bench


@pytest.fixture
def bench(made: Bench) -> Iterator[Bench]:
    """The bench; whatever the test does, the site is the same afterwards and nothing is left behind."""
    before = made.site()
    yield made
    made.write(*CHAPTER)
    assert made.leftovers() == []
    assert made.site() == before


# ------------------------------------------------------------ notebooks

PRINT_MUCH = "for _ in range(100):\n    print('x' * 1_000_000)"
CHILD = "import subprocess\nsubprocess.Popen(['sleep', '600'])\n1 / 0"


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (
            CHILD,
            "2024 年度版 01_status.ipynb：单元格 1 / 0 出错：ZeroDivisionError: division by zero → 执行到出错处的副本见 ",
        ),
        ("import time\ntime.sleep(600)", "2024 年度版 01_status.ipynb：一个单元格运行超过 5 秒，已停止 → "),
        (PRINT_MUCH, "2024 年度版 01_status.ipynb：单元格的输出超过 50 MB，已停止 → "),
        (
            "import os\nos.kill(os.getpid(), 9)",
            "2024 年度版 01_status.ipynb：运行内核中途退出（可能是内存不足） → ",
        ),
        (
            "import os\nos.kill(os.getppid(), 9)",
            "2024 01_status：进程中途退出（信号 9，可能是内存不足） → 减少 --jobs",
        ),
    ],
    ids=["raises", "hangs", "prints", "kernel-killed", "process-killed"],
)
def test_a_notebook_that_goes_wrong(bench: Bench, cell: str, sentence: str) -> None:
    bench.write(*CHAPTER, cell)
    status, _, error = bench.build(POPBOOK_CELL_SECONDS="5")
    assert status == 1
    assert sentence in error
    assert error.startswith("错误：")
    assert error.count("\n") == 1


def test_a_time_limit_that_is_no_number_is_wrong_usage(bench: Bench) -> None:
    bench.write(*CHAPTER, "1")
    status, _, error = bench.build(POPBOOK_CELL_SECONDS="soon")
    assert status == 2
    assert "单元格时限应为正整数秒；现为“soon”" in error


# ------------------------------------------------------------ the disk


Room = Callable[[int, bool], Callable[[], None] | None]


@pytest.fixture
def little_room(bench: Bench) -> Iterator[Room]:
    """Give the build folder a disk of its own with so many kB of room; if that may not be, limit every file to them."""
    build, kept = bench.project.build, bench.project.root / "kept"
    mounted = []

    def give(kilobytes: int, may_mount: bool) -> Callable[[], None] | None:
        if not may_mount:
            return lambda: limit_files(kilobytes * 1024)
        size = sum(-(-path.stat().st_size // 4096) * 4 for path in build.rglob("*") if path.is_file())
        build.rename(kept)
        build.mkdir()
        if not mount_small(build, size + kilobytes):
            build.rmdir()
            kept.rename(build)
            return lambda: limit_files(kilobytes * 1024)
        mounted.append(build)
        shutil.copytree(kept, build, dirs_exist_ok=True)
        return None

    yield give
    if mounted:
        left = bench.leftovers()
        unmount(build)
        build.rmdir()
        kept.rename(build)
        assert left == []


@pytest.mark.parametrize(
    ("kilobytes", "may_mount"),
    [(16, True), (1500, True), (500, False)],  # the largest file of an edition, the script of the live views, has 880
    ids=["16-mounted", "1500-mounted", "500-limited"],
)
def test_a_full_disk(bench: Bench, little_room: Room, kilobytes: int, may_mount: bool) -> None:
    before = bench.site()
    bench.write(*changed("装不下"))
    status, _, error = bench.build(before=little_room(kilobytes, may_mount))
    assert status == 1, error
    assert (
        "磁盘空间不足，网站仍是上一次完整的版本 → 腾出空间后再运行" in error
        or "文件超过系统允许的大小" in error
    )
    assert error.count("\n") == 1
    assert bench.site() == before


def _obey_permissions() -> None:
    """Take from the administrator, for this process and what it starts, the right to write what is read-only."""
    if os.getuid() == 0:
        # prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE): the next program begins without it (capabilities(7)).
        assert ctypes.CDLL(None).prctl(24, 1) == 0


def _set_mode(folder: Path, folders: int, files: int) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(folders if path.is_dir() else files)


def _can_write(folder: Path) -> bool:
    command = ["touch", str(folder / "probe")]
    return (
        subprocess.run(command, preexec_fn=_obey_permissions, capture_output=True, check=False).returncode
        == 0
    )


def test_a_read_only_data_folder_is_enough(bench: Bench, tmp_path: Path) -> None:
    data = Path(shutil.copytree(shared_data(), tmp_path / "data"))
    _set_mode(data, 0o555, 0o444)
    try:
        assert not _can_write(data)
        status, output, error = bench.build("--force", before=_obey_permissions, POPBOOK_DATA=str(data))
    finally:
        _set_mode(data, 0o755, 0o644)
    assert (status, error) == (0, "")
    assert "完成：运行 3 步" in output


def test_a_build_folder_that_may_not_be_written(bench: Bench) -> None:
    bench.write(*CHAPTER, "1 + 1")
    bench.project.build.chmod(0o555)
    try:
        assert not _can_write(bench.project.build)
        status, _, error = bench.build(before=_obey_permissions)
    finally:
        bench.project.build.chmod(0o755)
    assert status == 1
    assert "没有写入权限，网站仍是上一次完整的版本 → 检查文件夹的权限" in error
    assert error.count("\n") == 1


# ------------------------------------------------------------ two at once, Ctrl-C


def _start_and_wait(bench: Bench, began: Path) -> subprocess.Popen[str]:
    """Start a build that does not end, and return it when its notebook runs."""
    bench.write(*CHAPTER, f"import pathlib, time\npathlib.Path({str(began)!r}).touch()\ntime.sleep(600)")
    build = bench.start(POPBOOK_CELL_SECONDS="120")  # sooner than never, should the interrupt be lost
    while not began.exists():
        assert build.poll() is None
        time.sleep(0.05)
    return build


def test_two_builds_at_once(bench: Bench, tmp_path: Path) -> None:
    first = _start_and_wait(bench, tmp_path / "began")
    status, _, error = bench.build()
    assert status == 1
    assert error.startswith("错误：")
    assert "另一个构建正在进行 → 等它结束后再运行" in error
    assert first.poll() is None
    os.killpg(first.pid, signal.SIGINT)
    assert "已中断" in first.communicate()[1]
    assert first.returncode == 130


def test_interrupted_at_any_instant(bench: Bench) -> None:
    instants = random.Random(20210630)
    began = time.monotonic()
    assert bench.build("--force")[0] == 0
    duration = time.monotonic() - began
    before, interrupted = bench.site(), 0
    for number in range(INTERRUPTS):
        bench.write(*changed(f"改动{number}"))
        build = bench.start()
        # What the interpreter itself needs to begin is no part of the build.
        with suppress(subprocess.TimeoutExpired):
            build.wait(instants.uniform(0.15, 0.9) * duration)
        with suppress(ProcessLookupError):
            os.killpg(build.pid, signal.SIGINT)
        error = build.communicate()[1]
        assert bench.leftovers() == []
        assert find_differences(bench.project.site / "2024") == []
        if build.returncode != 0:
            interrupted += 1
            assert build.returncode == 130, error
            assert error.strip() == "已中断；网站仍是完整的一版，没有写到一半的内容"
            assert bench.site() == before
        before = bench.site()
    assert interrupted
    bench.write(*CHAPTER)
    assert bench.build()[0] == 0


def test_what_a_killed_build_has_left_is_swept_by_the_next(bench: Bench, tmp_path: Path) -> None:
    build = _start_and_wait(bench, tmp_path / "began")
    os.kill(build.pid, signal.SIGKILL)
    build.communicate()
    assert wait_for_none(f"POPBOOK_TEST_MARKER={bench.temporary}") == []
    assert list(bench.project.temporary.iterdir()), "what its steps had open is still there"
    bench.write(*CHAPTER, "1 / 0")
    assert bench.build()[0] == 1
    assert bench.leftovers() == []


# ------------------------------------------------------------ the clock, the cache


def test_a_clock_set_back_changes_nothing(bench: Bench) -> None:
    for path in (bench.project.root, *bench.project.root.rglob("*")):
        os.utime(path, (2**32, 2**32))  # files from the year 2106
    status, output, _ = bench.build(SOURCE_DATE_EPOCH="0")
    assert (status, "完成：运行 0 步，沿用 3 步" in output) == (0, True)
    notebook = bench.write(*changed("另一句"))
    os.utime(notebook, (0, 0))
    kept = bench.site()
    assert "完成：运行 2 步，沿用 1 步" in bench.build()[1]
    assert bench.site() != kept
    bench.write(*CHAPTER)
    assert "完成：运行 2 步，沿用 1 步" in bench.build()[1]


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("runs/2024/chapters/01_status.ipynb", 1),
        ("runs/2024/chapters/01_status.key", 1),
        ("runs/2024/pages.json", 1),
        ("editions/2024/index.html", 1),
        ("site/2024/index.html", 0),
    ],
)
def test_a_damaged_result_is_found_by_its_hash_and_made_again(bench: Bench, name: str, steps: int) -> None:
    good = bench.site()
    path = bench.project.build / name
    kept = path.read_bytes()
    path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))  # as long as before
    if not name.startswith("site"):
        (bench.project.build / "whole.json").unlink()
    status, output, _ = bench.build()
    assert status == 0
    assert f"完成：运行 {steps} 步，沿用 {3 - steps} 步" in output
    assert path.read_bytes() == kept
    assert bench.site() == good
