"""Speed and memory of `popbook build`, beside what a user would write instead: a loop of papermill, then jupyter-book.

``python benchmarks/build_speed.py [--rounds 5] [--only MEASURE …] [--fresh]`` works in a copy of the project in a
temporary folder and writes ``benchmarks/results.md``. Every round measures everything once, one after the other; what is
reported is the median of the ratios within the rounds. What has been measured for the same program and data is kept in
``_build/bench``: a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from popbook.publishing.fingerprint import files_below, hash_files

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("_config.yml", "_toc.yml", "pyproject.toml", "book", "notebooks", "data", "popbook")
RESULTS = Path(__file__).parent / "results.md"
KEPT = ROOT / "_build" / "bench"
ROUNDS = 5
EDITION = 2024
FIVE = (2020, 2021, 2022, 2023, 2024)
REGION = "330100"
CHANGED_ROW = "life_expectancy_female,330100,2020,"
"""Beginning of a row that one chapter shows (and the overview counts)."""

SAMPLE_SECONDS = 0.25
PACKAGES = ("jupyter-book", "papermill", "ipykernel", "pandas", "statsmodels", "altair")

PLAIN_CONFIG = """title: 人口发展规划年度监测报告
execute:
  execute_notebooks: "off"
sphinx:
  config:
    language: zh_CN
"""

PLAIN_LOOP = """set -e
for notebook in notebooks/[0-9]*.ipynb; do
  papermill "$notebook" "plain/$(basename "$notebook")" -k python3 -p edition {edition} -r region {region} \\
    --no-progress-bar --log-level ERROR
done
jupyter-book build plain --quiet
"""


@dataclass(frozen=True)
class Measure:
    """One thing that is timed.

    Parameters
    ----------
    name : str
        How it is called on the command line.
    seconds : float
        How long it takes about, for the estimate.
    run : callable
        Does it once and returns what was measured, at least ``seconds``.
    is_repeated : bool
        Whether every round measures it.
    """

    name: str
    seconds: float
    run: Callable[[Bench], dict[str, Any]]
    is_repeated: bool = True


@dataclass
class Bench:
    """A copy of the project, and what has been measured.

    Parameters
    ----------
    folder : Path
        The copy.
    """

    folder: Path
    changes: int = field(default=0)

    def popbook(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command in the copy."""
        command = [sys.executable, "-c", "from popbook.cli import main; main()", *arguments]
        return self.call(command)

    def call(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run any command in the copy; stop if it fails."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
        return done

    def environment(self) -> dict[str, str]:
        """Return the environment in which the copy is used and nothing else."""
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
        data = str(self.folder / "data")
        return {**os.environ, "PATH": path, "PYTHONPATH": str(self.folder), "POPBOOK_DATA": data}

    def timed(self, *arguments: str) -> dict[str, Any]:
        """Run the command and return seconds and the steps that ran."""
        began = time.perf_counter()
        done = self.popbook(*arguments)
        seconds = time.perf_counter() - began
        steps = re.findall(r"^\[\d+/\d+\] (.+?)（([^）]*)）", done.stdout, flags=re.MULTILINE)
        return {"seconds": seconds, "ran": [name for name, remark in steps if remark != "未变"]}

    def clear(self) -> None:
        """Forget every earlier build."""
        shutil.rmtree(self.folder / "_build", ignore_errors=True)

    def restore(self) -> None:
        """Put the data back as they were."""
        shutil.copy(ROOT / "data" / "observations.csv", self.folder / "data" / "observations.csv")


def run_plain(bench: Bench) -> dict[str, Any]:
    """Run the plain loop."""
    plain = bench.folder / "plain"
    shutil.rmtree(plain, ignore_errors=True)
    plain.mkdir()
    notebooks = sorted(path.stem for path in (bench.folder / "notebooks").glob("[0-9]*.ipynb"))
    first, *others = notebooks
    chapters = "".join(f"- file: {name}\n" for name in others)
    (plain / "_config.yml").write_text(PLAIN_CONFIG, encoding="utf-8")
    (plain / "_toc.yml").write_text(f"format: jb-book\nroot: {first}\nchapters:\n{chapters}", encoding="utf-8")
    script = PLAIN_LOOP.format(edition=EDITION, region=REGION)
    began = time.perf_counter()
    bench.call(["bash", "-c", script])
    seconds = time.perf_counter() - began
    shutil.rmtree(plain)
    return {"seconds": seconds}


def run_cold(bench: Bench) -> dict[str, Any]:
    """Build one edition with nothing kept."""
    bench.clear()
    return bench.timed("build", "--edition", str(EDITION))


def run_changed(bench: Bench) -> dict[str, Any]:
    """Build the edition again after one value of one chapter was changed."""
    _have_built(bench)
    path = bench.folder / "data" / "observations.csv"
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    number = next(place for place, row in enumerate(rows) if row.startswith(CHANGED_ROW))
    bench.changes += 1
    value, _, rest = rows[number].removeprefix(CHANGED_ROW).partition(",")
    rows[number] = f"{CHANGED_ROW}{float(value) + 0.01:.2f},{rest}"
    path.write_text("".join(rows), encoding="utf-8")
    try:
        return bench.timed("build", "--edition", str(EDITION))
    finally:
        bench.restore()
        bench.popbook("build", "--edition", str(EDITION))


def run_unchanged(bench: Bench) -> dict[str, Any]:
    """Build the edition again with nothing changed; the whole process."""
    _have_built(bench)
    return bench.timed("build", "--edition", str(EDITION))


def run_five(bench: Bench) -> dict[str, Any]:
    """Build five editions with nothing kept."""
    bench.clear()
    return bench.timed("build", *(word for edition in FIVE for word in ("--edition", str(edition))))


def run_districts(bench: Bench) -> dict[str, Any]:
    """Build the booklets of all districts with nothing kept."""
    bench.clear()
    return bench.timed("build", "--edition", str(EDITION), "--regions", "all")


def run_help(bench: Bench) -> dict[str, Any]:
    """Ask for help."""
    return bench.timed("--help")


def run_memory(bench: Bench) -> dict[str, Any]:
    """Build five editions with nothing kept and return the largest memory of all processes together."""
    with sampled_memory() as peak:
        measured = run_five(bench)
    return {**measured, "bytes": peak[0]}


MEASURES = (
    Measure("plain", 75, run_plain),
    Measure("cold", 40, run_cold),
    Measure("changed", 35, run_changed),
    Measure("unchanged", 1, run_unchanged),
    Measure("help", 1, run_help),
    Measure("five", 130, run_five),
    Measure("districts", 80, run_districts),
    Measure("memory", 150, run_memory, is_repeated=False),
)


def _have_built(bench: Bench) -> None:
    if not (bench.folder / "_build" / "site" / str(EDITION)).is_dir():
        run_cold(bench)


@contextlib.contextmanager
def sampled_memory() -> Iterator[list[int]]:
    """Note the largest sum of proportional set sizes (PSS) of all processes below this one (Linux)."""
    peak, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            peak[0] = max(peak[0], sum(map(_pss, _descendants(os.getpid()))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def _descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
                children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(folder.name))
    found, waiting = [], [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _pss(process: int) -> int:
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8")
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, flags=re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


class Kept:
    """What has been measured, one file for each state of program and data."""

    def __init__(self, is_fresh: bool) -> None:
        sources = files_below(*(ROOT / name for name in SOURCES))
        state = hash_files([path for path in sources if path.suffix not in (".mo", ".pyc")], ROOT)
        self._path = KEPT / f"{state[:16]}.json"
        self.rounds: dict[str, list[dict[str, Any]]] = {}
        if self._path.is_file() and not is_fresh:
            self.rounds = json.loads(self._path.read_text(encoding="utf-8"))

    def add(self, name: str, measured: dict[str, Any]) -> None:
        """Keep one more value."""
        self.rounds.setdefault(name, []).append(measured)
        KEPT.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_suffix(".partial")
        partial.write_text(json.dumps(self.rounds, ensure_ascii=False, indent=1), encoding="utf-8")
        partial.replace(self._path)

    def seconds(self, name: str) -> list[float]:
        """Return the seconds of a measure, round by round."""
        return [value["seconds"] for value in self.rounds.get(name, [])]


def report(kept: Kept) -> str:
    """Return the report in Markdown: every figure with its goal, and whether it is met."""
    lines = [
        "# Speed of a build",
        "",
        "`make bench` or `python benchmarks/build_speed.py`. The plain loop is what a user would write instead: a shell",
        f"loop of `papermill` over the five notebooks (edition {EDITION}, an ordinary kernel), then `jupyter-book build`.",
        "Ratios are medians of the ratios within the rounds; every round measures all of them one after the other.",
        "A cold build has nothing kept and makes more than the plain loop: the generated pages, a folder with files for",
        "every exhibit and number, PDF and Word documents, the search index, the manifest.",
        "",
        "| measure | rounds | median | goal | met |",
        "|---|---|---|---|---|",
        _ratio(kept, "one edition cold / plain loop", "cold", "plain", 0.30),
        _seconds(kept, "nothing changed, whole process", "unchanged", 1.0),
        _ratio(kept, "one row of one chapter changed / one edition cold", "changed", "cold", 0.25),
        _ratio(kept, "five editions cold / one edition cold", "five", "cold", 2.5),
        _ratio(kept, "booklets of all districts cold / one edition cold", "districts", "cold", 2.0),
        _memory(kept),
        _seconds(kept, "`popbook --help`", "help", 0.3),
        "",
        "| seconds by the clock | median | least | most |",
        "|---|---|---|---|",
    ]
    for measure in MEASURES:
        found = kept.seconds(measure.name)
        if found:
            middle = statistics.median(found)
            lines.append(f"| {measure.name} | {middle:.2f} | {min(found):.2f} | {max(found):.2f} |")
    changed = kept.rounds.get("changed")
    if changed:
        lines += ["", f"After the changed row ran: {'、'.join(changed[-1]['ran'])}."]
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    lines += ["", f"{_machine()}. Python {platform.python_version()}, {packages}."]
    return "\n".join(lines) + "\n"


def _row(label: str, count: int, text: str, goal: str, is_met: bool) -> str:
    return f"| {label} | {count} | {text} | ≤ {goal} | {'yes' if is_met else 'no'} |"


def _ratio(kept: Kept, label: str, above: str, below: str, goal: float) -> str:
    pairs = list(zip(kept.seconds(above), kept.seconds(below), strict=False))
    if not pairs:
        return f"| {label} | 0 | not measured | ≤ {goal:.2f} | – |"
    found = statistics.median(a / b for a, b in pairs)
    return _row(label, len(pairs), f"{found:.2f}", f"{goal:.2f}", found <= goal)


def _seconds(kept: Kept, label: str, name: str, goal: float) -> str:
    found = kept.seconds(name)
    if not found:
        return f"| {label} | 0 | not measured | ≤ {goal:.1f} s | – |"
    middle = statistics.median(found)
    return _row(label, len(found), f"{middle:.2f} s", f"{goal:.1f} s", middle <= goal)


def _memory(kept: Kept, goal: float = 1.5) -> str:
    label = "peak memory of all processes together, five editions cold (sum of PSS)"
    found = [value["bytes"] / 1e9 for value in kept.rounds.get("memory", [])]
    if not found:
        return f"| {label} | 0 | not measured | ≤ {goal} GB | – |"
    return _row(label, len(found), f"{max(found):.2f} GB", f"{goal} GB", max(found) <= goal)


def _machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    models = re.findall(r"model name\s*: (.+)", cpuinfo.read_text(encoding="utf-8")) if cpuinfo.is_file() else []
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = models[0] if models else platform.machine()
    return f"{platform.system()}, {model}, {os.cpu_count()} cores, {memory:.0f} GiB"


@contextlib.contextmanager
def copied_project() -> Iterator[Bench]:
    """Copy the project without anything built, compiled once so that no measure pays for it."""
    with tempfile.TemporaryDirectory(prefix="popbook-bench-") as name:
        folder = Path(name)
        ignored = shutil.ignore_patterns("__pycache__", "*.mo", "inbox")
        for source in (ROOT / item for item in SOURCES):
            if source.is_dir():
                shutil.copytree(source, folder / source.name, ignore=ignored)
            else:
                shutil.copy(source, folder)
        bench = Bench(folder)
        bench.call([sys.executable, "-m", "compileall", "-q", "popbook"])
        yield bench


def main() -> None:
    """Measure what is still missing and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [measure.name for measure in MEASURES]
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"paired runs of each measure; default {ROUNDS}")
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="measure only these")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    wanted = parser.parse_args()
    kept = Kept(wanted.fresh)
    missing = [
        measure
        for number in range(wanted.rounds)
        for measure in MEASURES
        if measure.name in wanted.only
        and (measure.is_repeated or number == 0)
        and len(kept.seconds(measure.name)) <= number
    ]
    print(f"{len(missing)} runs, about {sum(measure.seconds for measure in missing) / 60:.0f} minutes")
    with copied_project() as bench:
        for place, measure in enumerate(missing, 1):
            measured = measure.run(bench)
            kept.add(measure.name, measured)
            print(f"[{place}/{len(missing)}] {measure.name}: {measured['seconds']:.2f} s", flush=True)
            RESULTS.write_text(report(kept), encoding="utf-8")
    RESULTS.write_text(report(kept), encoding="utf-8")
    print(report(kept))


if __name__ == "__main__":
    main()
