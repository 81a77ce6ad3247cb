"""Time and memory of 10,000 stochastic two-sex single-age trajectories over 30 years, on one core.

Run by ``make bench`` or ``python benchmarks/cohort_speed.py``; writes ``benchmarks/results-cohort.md``. The naive
loop that it is compared with projects one path after the other by `project_cohorts`.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from popbook.demography.cohort_component import project_cohorts, project_trajectories
from popbook.demography.fertility import age_specific_fertility
from popbook.demography.life_table import build_life_table, graduate_life_table, survival_ratios
from popbook.demography.migration import rogers_castro
from popbook.ledger.store import read_ledger

PATHS, YEARS, AGES = 10_000, 30, 101
NAIVE_PATHS = 500
REPEATS = 5
SEED = 20210630
RESULTS = Path(__file__).parent / "results-cohort.md"
LIMIT_SECONDS, LIMIT_GIB = 2.0, 2.0


def make_case(paths: int) -> dict[str, np.ndarray | float]:
    """Inputs of realistic shape: UN China mortality, Fuzhou fertility, Rogers-Castro migrants."""
    ledger = read_ledger()
    rates = ledger.table("mortality_rates", as_published=False)
    survival = []
    for sex in ("male", "female"):
        part = rates[(rates["sex"] == sex) & (rates["first_year"] == 2020)]
        table = build_life_table(part["age"], nmx=part["nmx"], sex=sex)
        survival.append(survival_ratios(graduate_life_table(table, sex)["nLx"]))
    patterns = ledger.table("fertility_patterns", as_published=False)
    part = patterns[patterns["pattern_id"] == "fuzhou-2020-single-year"]
    shape = np.zeros(AGES)
    shape[part["age"].to_numpy(dtype=int)] = part["value"]
    schedule = ledger.table("migration_patterns", as_published=False)
    profile = rogers_castro(np.arange(AGES), dict(zip(schedule["parameter"], schedule["value"], strict=True)))
    generator = np.random.default_rng(SEED)
    return {
        "population": np.tile(np.cumprod(survival[0]) * 80_000, (2, 1)),
        "survival": np.tile(np.stack(survival), (YEARS, 1, 1)),
        "fertility": np.tile(age_specific_fertility(0.9, shape, 1), (YEARS, 1)),
        "sex_ratio_at_birth": 1.06,
        "net_migration": np.tile(np.stack([profile, profile]) * 50_000, (YEARS, 1, 1)),
        "mortality_factor": np.exp(np.cumsum(generator.normal(0, 0.01, (YEARS, paths)), axis=0)),
        "fertility_factor": np.exp(generator.normal(0, 0.05, (YEARS, paths))),
        "migration_factor": generator.normal(1, 0.3, (YEARS, paths)),
    }


def run_vectorised() -> None:
    """Print first and best seconds by the clock and of the processor, imbalance, memory before and at the peak."""
    case = make_case(PATHS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, processor = [], []
    for _ in range(REPEATS):
        start, used = time.perf_counter(), time.process_time()
        run = project_trajectories(**case)
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
        imbalance, size = run.imbalance, float(run.population.sum(axis=(-2, -1)).max())
        del run
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(seconds[0], processor[0], min(seconds), min(processor), imbalance / size, before, peak)


def run_naive() -> None:
    """Print processor seconds per path of a loop over paths."""
    case = make_case(NAIVE_PATHS)
    start = time.process_time()
    for path in range(NAIVE_PATHS):
        project_cohorts(
            case["population"], case["survival"] ** case["mortality_factor"][:, path, None, None],
            case["fertility"] * case["fertility_factor"][:, path, None], case["sex_ratio_at_birth"],
            case["net_migration"] * case["migration_factor"][:, path, None, None],
        )  # fmt: skip
    print((time.process_time() - start) / NAIVE_PATHS)


def measure(what: str) -> list[float]:
    """Run one measurement in a process of its own, bound to one core where the system can."""
    command = [sys.executable, __file__, what]
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    bind = (lambda: os.sched_setaffinity(0, {allowed[-1]})) if allowed else None
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    output = subprocess.run(
        command, capture_output=True, text=True, check=True, preexec_fn=bind, env=os.environ | one_thread
    )
    return [float(number) for number in output.stdout.split()]


def main() -> None:
    """Measure and write the results."""
    first, first_used, best, best_used, imbalance, before, peak = measure("vectorised")
    (per_path,) = measure("naive")
    gib = peak / 2**20
    naive = per_path * PATHS
    verdict = "yes" if first_used <= LIMIT_SECONDS and gib <= LIMIT_GIB else "NO"
    RESULTS.write_text(
        f"""# Cohort-component engine: speed

{PATHS:,} stochastic trajectories, two sexes, single ages 0-100+, {YEARS} years, migrants at the end of the year, one
core; every trajectory kept whole (population by sex and age of every year). `python benchmarks/cohort_speed.py`.

| measure | value |
|---|---|
| first run in a fresh process, seconds of the processor (about 1 s of it: the system hands out 0.5 GB for the result) | {first_used:.2f} |
| the same by the clock (other work on the machine counts) | {first:.2f} |
| best of {REPEATS} runs, seconds of the processor | {best_used:.2f} |
| the same by the clock | {best:.2f} |
| peak memory of the process, GiB | {gib:.2f} (inputs and libraries alone {before / 2**20:.2f}) |
| a loop over paths, seconds of the processor ({NAIVE_PATHS} paths measured, scaled to {PATHS:,}) | {naive:.1f} |
| first run, times faster than the loop | {naive / first_used:.1f} |
| largest error of the accounting identity over the population | {imbalance:.1e} |
| first run within {LIMIT_SECONDS:.0f} s of the processor and {LIMIT_GIB:.0f} GiB | {verdict} |

Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}, {os.cpu_count()} cores in the machine.
""",
        encoding="utf-8",
    )
    print(RESULTS.read_text(encoding="utf-8"))


if __name__ == "__main__":
    {"vectorised": run_vectorised, "naive": run_naive}.get(sys.argv[1] if len(sys.argv) > 1 else "", main)()
