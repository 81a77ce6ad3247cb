"""The forecast archive: what each edition forecast, written once and never again.

``data/forecast_archive.csv`` holds one row for each edition, indicator, model and year. The command
``popbook archive`` appends the rows of editions that are not in it yet; rows that stand there are never touched.
A row is made from the edition's own view of the ledger (published by its cut-off date) and from nothing else.

Editions that were archived when a later one already existed are marked ``retrospective``: they use only the data of
their time, but the program is younger than they are.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

import popbook
from popbook.forecasting.ages import forecast_ages
from popbook.forecasting.concepts import forecast_concepts
from popbook.ledger.atomic import replace_atomically
from popbook.ledger.errors import DataError, PopbookError, Problem
from popbook.ledger.store import Ledger

ARCHIVE: Final = "forecast_archive"
FILE: Final = "forecast_archive.csv"
COMBINATION: Final = "combination"
TRAJECTORIES: Final = "cohort_trajectories"
#: Measures of :func:`popbook.forecasting.ages.forecast_ages` whose figures are published, by indicator.
AGE_MEASURES: Final = {
    "resident_share_0_14": "share_0_14",
    "resident_share_15_59": "share_15_59",
    "resident_share_60plus": "share_60plus",
    "resident_share_65plus": "share_65plus",
    "resident_dependency": "dependency_15_64",
}
RETROSPECTIVE: Final = "retrospective"
CURRENT: Final = "current"
BOUNDS: Final = ("lo80", "hi80", "lo95", "hi95")
KEY: Final = ("edition", "indicator_id", "model", "target_year")
COLUMNS: Final = (*KEY, "origin_year", "h", "point", *BOUNDS, "made", "version", "code_hash", "data_hash")
#: Digits kept: finer than anything published, coarse enough not to depend on the machine's arithmetic library.
DECIMALS: Final = 3
_HASH_LENGTH: Final = 12
_DATA_TABLES: Final = ("panel/", "demography/")
_VALUE_COLUMNS: Final = ["indicator_id", "region_id", "year", "value", "vintage", "published", "confidence"]

SAME: Final = "一致"
CODE_CHANGED: Final = "程序已改"
DATA_CHANGED: Final = "数据已改"
UNEXPLAINED: Final = "不符"


def archive_rows(ledger: Ledger) -> pd.DataFrame:
    """Return the archive rows of an edition.

    Parameters
    ----------
    ledger
        The ledger of the edition.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`, sorted by :data:`KEY`. Residents, hukou and floating population in 万人: the
        combination with its bounds and the naive benchmarks. Shares of age groups and the dependency ratio in per
        cent: the cohort trajectories with their bounds, and the last value carried forward.

    Raises
    ------
    PopbookError
        If the ledger is not the ledger of an edition.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> rows = archive_rows(read_ledger().for_edition(2025))
    >>> rows["made"].unique().tolist(), int(rows["target_year"].min())
    (['current'], 2021)
    """
    if ledger.edition is None:
        raise PopbookError("预测档案按年度版建立", "archive_rows", "先用 ledger.for_edition(年份)")
    parts = []
    for item in forecast_concepts(ledger).concepts().values():
        naive = item.benchmarks.rename(columns={"value": "point", "member": "model"})
        both = pd.concat([item.path.assign(model=COMBINATION), naive], ignore_index=True)
        parts.append(both.assign(indicator_id=item.indicator_id, origin_year=item.origin_year))
    ages = forecast_ages(ledger)
    for indicator_id, measure in AGE_MEASURES.items():
        table = ages.table[ages.table["measure"] == measure]
        last = float(table.loc[table["year"] == ages.origin_year, "point"].iloc[0])
        table = table[table["year"] > ages.origin_year].assign(model=TRAJECTORIES)
        naive = table[["year"]].assign(model="random_walk", point=last)
        parts.append(pd.concat([table, naive], ignore_index=True).assign(
            indicator_id=indicator_id, origin_year=ages.origin_year))
    rows = pd.concat(parts, ignore_index=True).rename(columns={"year": "target_year"})
    later = any(edition > ledger.edition for edition in ledger.editions)
    rows = rows.assign(
        edition=ledger.edition, h=rows["target_year"] - rows["origin_year"], made=RETROSPECTIVE if later else CURRENT,
        version=popbook.__version__, code_hash=code_hash(), data_hash=data_hash(ledger))
    rows = rows.round(dict.fromkeys(("point", *BOUNDS), DECIMALS))
    return rows[list(COLUMNS)].sort_values(list(KEY), ignore_index=True)


def append_archive(ledger: Ledger, editions: Sequence[int] = ()) -> tuple[int, ...]:
    """Write the forecasts of editions that are not archived yet.

    Parameters
    ----------
    ledger
        The whole ledger.
    editions
        Data years; () stands for every edition that is not in the archive.

    Returns
    -------
    tuple of int
        The editions that were written.

    Raises
    ------
    DataError
        If an edition that is named is archived already; nothing is written then.
    UsageError
        If there is no such edition.
    """
    known = set(read_archive(ledger)["edition"].tolist())
    repeated = sorted(known & set(editions))
    if repeated:
        raise DataError([Problem(FILE, 0, "edition", "archived", f"{edition} 年度版的预测已经存档，不能重写",
                                 "存档的预测不改；要比较新旧程序，用 popbook archive --verify") for edition in repeated])
    wanted = tuple(sorted(editions)) or tuple(sorted(set(ledger.editions) - known))
    if not wanted:
        return ()
    # The old lines are copied as they stand, byte for byte.
    path = ledger.data_dir / FILE
    old = path.read_text(encoding="utf-8") if path.exists() else ",".join(COLUMNS) + "\n"
    new = "".join(_csv_lines(archive_rows(ledger.for_edition(edition))) for edition in wanted)
    lines = (old + new).splitlines(keepends=True)
    fresh = path.with_suffix(".partial")
    fresh.write_text(lines[0] + "".join(sorted(lines[1:], key=_line_key)), encoding="utf-8", newline="\n")
    replace_atomically(fresh, path)
    return wanted


def read_archive(ledger: Ledger) -> pd.DataFrame:
    """Read the archive; an edition's ledger shows the rows of editions before it and its own.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`; empty if nothing has been archived.
    """
    if not (ledger.data_dir / FILE).exists():
        return pd.DataFrame(columns=list(COLUMNS)).astype({"edition": "int64", "target_year": "int64"})
    rows = ledger.table(ARCHIVE)
    return rows if ledger.edition is None else rows[rows["edition"] <= ledger.edition].reset_index(drop=True)


def verify_archive(ledger: Ledger) -> pd.DataFrame:
    """Make the archived forecasts again and compare them with what stands in the archive.

    Parameters
    ----------
    ledger
        The whole ledger.

    Returns
    -------
    DataFrame
        Columns edition, rows, largest_difference (of any point or bound, in the indicator's unit), state: 一致 if
        every number is made again; 程序已改 or 数据已改 if not and the program or the edition's data are no longer
        those of the archive; 不符 if they are, which means that the archive was edited.
    """
    archive, found = read_archive(ledger), []
    for edition, rows in archive.groupby("edition"):
        view = ledger.for_edition(int(str(edition)))
        merged = rows.merge(archive_rows(view), on=list(KEY), how="outer", suffixes=("", "_again"), indicator=True)
        gaps = [(merged[name] - merged[f"{name}_again"]).abs().max() for name in ("point", *BOUNDS)]
        complete = bool((merged["_merge"] == "both").all())
        largest = float(pd.Series(gaps).max())
        if complete and largest <= 1.5 * 10.0**-DECIMALS:
            state = SAME
        elif (rows["data_hash"] != data_hash(view)).any():
            state = DATA_CHANGED
        else:
            state = CODE_CHANGED if (rows["code_hash"] != code_hash()).any() else UNEXPLAINED
        found.append((int(str(edition)), len(rows), largest, state))
    return pd.DataFrame(found, columns=["edition", "rows", "largest_difference", "state"])


def code_hash() -> str:
    """Return the hash of the program that makes forecasts: the floors of demography and forecasting."""
    folder = Path(popbook.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(p for floor in ("demography", "forecasting") for p in (folder / floor).rglob("*") if p.is_file()):
        if "__pycache__" not in path.parts:
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:_HASH_LENGTH]


def data_hash(ledger: Ledger) -> str:
    """Return the hash of the facts that an edition's forecasts may use."""
    digest = hashlib.sha256()
    rows = ledger.observations[_VALUE_COLUMNS].sort_values(_VALUE_COLUMNS, ignore_index=True)
    digest.update(rows.to_csv(index=False, lineterminator="\n").encode())
    for name, resource in sorted(ledger.package.resources.items()):
        if resource.path.startswith(_DATA_TABLES):
            digest.update(ledger.table(name).to_csv(index=False, lineterminator="\n").encode())
    return digest.hexdigest()[:_HASH_LENGTH]


def _csv_lines(rows: pd.DataFrame) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in rows.itertuples(index=False, name=None):
        writer.writerow(["" if pd.isna(cell) else f"{cell:.10g}" if isinstance(cell, float) else cell for cell in row])
    return buffer.getvalue()


def _line_key(line: str) -> tuple[str, ...]:
    return tuple(line.split(",")[: len(KEY)])
