from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from popbook.publishing.manifest import MANIFEST, find_differences, hash_below, write_manifest

needs_sha256sum = pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    (tmp_path / "chapters").mkdir()
    (tmp_path / "index.html").write_text("总览", encoding="utf-8")
    (tmp_path / "chapters" / "01_status.html").write_text("现状", encoding="utf-8")
    write_manifest(tmp_path)
    return tmp_path


def test_an_untouched_edition_has_no_differences(edition: Path) -> None:
    assert find_differences(edition) == []


def test_names_are_sorted_and_leave_the_manifest_out(edition: Path) -> None:
    names = [line.split("  ")[1] for line in (edition / MANIFEST).read_text(encoding="utf-8").splitlines()]
    assert names == ["chapters/01_status.html", "index.html"]


def test_what_was_written_since_it_was_hashed_is_hashed_again(edition: Path) -> None:
    hashed = hash_below(edition)
    (edition / "index.html").write_text("改动", encoding="utf-8")
    (edition / "report.pdf").write_bytes(b"%PDF")
    write_manifest(edition, hashed)
    assert find_differences(edition) == []


def test_what_was_hashed_before_is_not_read_again(edition: Path) -> None:
    hashed = {name: (state, "0" * 64) for name, (state, _) in hash_below(edition).items()}
    write_manifest(edition, hashed)
    assert find_differences(edition) == ["chapters/01_status.html：内容已改变", "index.html：内容已改变"]


def test_every_kind_of_difference_is_named(edition: Path) -> None:
    (edition / "index.html").write_text("改", encoding="utf-8")
    (edition / "chapters" / "01_status.html").unlink()
    (edition / "new.html").touch()
    assert find_differences(edition) == [
        "chapters/01_status.html：缺少",
        "index.html：内容已改变",
        "new.html：清单中没有",
    ]


def test_a_link_is_no_file_whatever_it_points_to(edition: Path) -> None:
    kept = (edition / "index.html").rename(edition.parent / "kept.html")
    (edition / "index.html").symlink_to(kept)
    (edition / "elsewhere").symlink_to(edition.parent)
    assert find_differences(edition) == [
        "elsewhere：是符号链接，不是文件",
        "index.html：是符号链接，不是文件",
    ]


def test_caches_are_files_too(edition: Path) -> None:
    (edition / "__pycache__").mkdir()
    (edition / "__pycache__" / "hidden.pyc").touch()
    assert find_differences(edition) == ["__pycache__/hidden.pyc：清单中没有"]


def test_a_missing_manifest_is_a_difference(edition: Path) -> None:
    (edition / MANIFEST).unlink()
    assert "MANIFEST.sha256：缺少" in find_differences(edition)


@pytest.mark.parametrize("line", ["abc", f"{'0' * 63}g  index.html", ""])
def test_a_line_that_is_no_manifest_line_is_a_difference(edition: Path, line: str) -> None:
    with (edition / MANIFEST).open("a", encoding="utf-8") as stream:
        stream.write(f"{line}\n")
    assert find_differences(edition) == ["MANIFEST.sha256：第 3 行不是清单的写法"]


def test_a_file_listed_twice_is_a_difference(edition: Path) -> None:
    text = (edition / MANIFEST).read_text(encoding="utf-8")
    (edition / MANIFEST).write_text(text + text.splitlines()[0] + "\n", encoding="utf-8")
    assert find_differences(edition) == ["MANIFEST.sha256：第 3 行不是清单的写法"]


@needs_sha256sum
def test_the_ordinary_command_can_check_it(edition: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--quiet", MANIFEST], cwd=edition, check=True)
