"""Speed and memory of ``popbook forecast --jobs 1``, beside AutoETS of statsforecast in the same run.

    python benchmarks/forecast_speed.py FOLDER [--peers PYTHON]

The peer gets the 2010 set (992 series) in its own environment, without its start and its compiling; the command is timed
as a user runs it, with its start. Then random walks of 12 to 39 years show how time and memory grow with the number of
series.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from development import read_set
from forecast_accuracy import write_series

SIZES = (1_000, 10_000, 100_000)


def run_command(source: Path, folder: Path, jobs: int) -> tuple[float, float, bytes]:
    """Seconds, megabytes at most, and the result of one run of the command."""
    out = folder / "forecast.csv"
    code = "from popbook.cli import main; main()"
    arguments = ["forecast", "--series", str(source), "--horizon", "6", "--out", str(out), "--jobs", str(jobs)]
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"the command ended with {status}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024, out.read_bytes()


def write_walks(count: int, path: Path) -> None:
    """Write random walks of the logs."""
    generator = np.random.default_rng(1)
    with path.open("w", encoding="utf-8") as file:
        file.write("series_id,year,value\n")
        for number in range(count):
            walk = 100 * np.exp(np.cumsum(generator.normal(0.01, 0.02, int(generator.integers(12, 40)))))
            file.writelines(f"s{number},{1980 + t},{value:.4f}\n" for t, value in enumerate(walk.tolist()))


def main() -> None:
    """Print the timings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers", type=Path, metavar="PYTHON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "series.csv"
        series = read_set(arguments.folder, "2010")
        write_series(series, source)
        seconds, megabytes, _ = run_command(source, folder, 1)
        print(f"popbook forecast, {len(series)} series: {seconds:.2f} s, {megabytes:.0f} MB")
        if arguments.peers:
            command = [str(arguments.peers), str(Path(__file__).with_name("peers.py")), str(source), name, "AutoETS"]
            peer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)["AutoETS"]
            print(f"AutoETS, {len(series)} series: {peer:.2f} s; popbook / AutoETS = {seconds / peer:.2f}")
        for size in SIZES:
            write_walks(size, source)
            seconds, megabytes, result = run_command(source, folder, 1)
            print(f"{size} series, --jobs 1: {seconds:.2f} s, {1000 * seconds / size:.2f} s per 1,000, {megabytes:.0f} MB")
            if size == SIZES[1]:
                seconds, _, other = run_command(source, folder, 2)
                print(f"{size} series, --jobs 2: {seconds:.2f} s, same result: {other == result}")


if __name__ == "__main__":
    main()
