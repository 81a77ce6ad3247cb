from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from popbook.publishing.manifest import MANIFEST, find_differences, write_manifest


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


def test_every_kind_of_difference_is_named(edition: Path) -> None:
    (edition / "index.html").write_text("改", encoding="utf-8")
    (edition / "chapters" / "01_status.html").unlink()
    (edition / "new.html").touch()
    assert find_differences(edition) == [
        "chapters/01_status.html：缺少",
        "index.html：内容已改变",
        "new.html：清单中没有",
    ]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_the_ordinary_command_can_check_it(edition: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--quiet", MANIFEST], cwd=edition, check=True)
