"""The same inputs give the same bytes: another folder, clock, time zone, language, hash seed and number of processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from popbook.publishing.manifest import MANIFEST
from popbook.publishing.verify import verify

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("_config.yml", "_toc.yml", "book", "notebooks", "data", "popbook")

ELSEWHERE = {
    "PYTHONHASHSEED": "20210630",
    "TZ": "America/St_Johns",
    "LANG": "C",
    "LC_ALL": "C",
    "SOURCE_DATE_EPOCH": "86400",
    "COLUMNS": "40",
    "OMP_NUM_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "2",
}


def manifest_lines(edition: Path) -> set[str]:
    return set((edition / MANIFEST).read_text(encoding="utf-8").splitlines())


@pytest.mark.book
@pytest.mark.slow
def test_an_edition_built_elsewhere_is_the_same_to_the_last_byte(built_site: Path, tmp_path: Path) -> None:
    home = tmp_path / "另一处 (copy)"
    home.mkdir()
    for name in SOURCES:
        source = ROOT / name
        ignored = shutil.ignore_patterns("__pycache__", "*.mo", "inbox")
        shutil.copytree(source, home / name, ignore=ignored) if source.is_dir() else shutil.copy(source, home)
    variables = {**os.environ, **ELSEWHERE, "PYTHONPATH": str(home), "POPBOOK_DATA": str(home / "data")}
    command = [
        sys.executable,
        "-c",
        "from popbook.cli import main; main()",
        "build",
        "--edition",
        "2020",
        "--jobs",
        "3",
    ]
    shown = subprocess.run(command, cwd=home, env=variables, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    built = home / "_build" / "site" / "2020"
    assert verify(built).differences == ()
    assert manifest_lines(built) ^ manifest_lines(built_site / "2020") == set()
