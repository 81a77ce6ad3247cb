"""Changes everything in a copy of the data folder that a result has not read; the result must not change."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

from popbook.ledger.store import read_ledger
from tests.ledger.tables import DATA

Row = dict[str, str]
KEYS = {"sources": "source_id", "indicators": "indicator_id", "regions": "region_id"}
NAMES = {"sources": ("title", "publisher"), "indicators": ("name_zh", "definition"), "regions": ("name_zh",)}
KEPT_WHOLE = {"observations", "editions", "revisions", *KEYS}


def copy_with_unread_changed(folder: Path, reads: set[str], edition: int) -> int:
    """Copy the real data folder and change what was not read.

    Values of other series, of later years and of later publications; a first value of every series that has none; names
    of other sources, indicators and places; and of other tables all rows but the first.

    Parameters
    ----------
    folder : Path
        Where the copy goes.
    reads : set of str
        What was read (`popbook.ledger.reads`).
    edition : int
        Edition that it was read for.

    Returns
    -------
    int
        How many rows were changed or left out.
    """
    ledger = read_ledger()
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("inbox"))
    cut_off = str(ledger.editions[edition].cut_off)
    changed = 0

    def is_read(row: Row) -> bool:
        groups = {f"series {row['indicator_id']} {row['region_id']}", f"rows {row['indicator_id']}", "table observations"}
        return int(row["year"]) <= edition and row["published"] <= cut_off and bool(groups & reads)

    def first_values(rows: list[Row]) -> list[Row]:
        known = {(row["indicator_id"], row["region_id"]) for row in rows}
        missing = [(i, r) for i in ledger.indicators for r in ledger.regions if (i, r) not in known]
        seen = {"year": str(edition), "published": cut_off, "value": "7.7"}
        made = [{**rows[0], **seen, "indicator_id": i, "region_id": r} for i, r in missing]
        return [row for row in made if not is_read(row)]

    def other_value(row: Row) -> Row:
        return row if is_read(row) else {**row, "value": str(float(row["value"]) * 1.37 + 1)}

    changed += _rewrite(folder / "observations.csv", other_value, first_values)
    for table, key in KEYS.items():
        if f"table {table}" not in reads:

            def other_name(row: Row, table: str = table, key: str = key) -> Row:
                known = f"record {table} {row[key]}" in reads
                return row if known else {**row, **{name: f"{row[name]}（改）" for name in NAMES[table]}}

            changed += _rewrite(folder / f"{table}.csv", other_name)
    for resource in ledger.package.resources.values():
        if resource.name not in KEPT_WHOLE and not {f"table {resource.name}", f"all {resource.name}"} & reads:
            path = folder / resource.path
            if path.is_file():
                lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
                path.write_text("".join(lines[:2]), encoding="utf-8")
                changed += len(lines[2:])
    return changed


def _rewrite(path: Path, change: Callable[[Row], Row], more: Callable[[list[Row]], list[Row]] = lambda rows: []) -> int:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        rows, columns = list(reader), list(reader.fieldnames or ())
    made = [change(row) for row in rows]
    added = more(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows([*made, *added])
    return len(added) + sum(old != new for old, new in zip(rows, made, strict=True))
