"""Declaring a new revision of an edition: one row more in ``revisions.csv``, before the pages that carry it are built.

The first publication of an edition needs no row. The row of r2 brings that of r1 with it, so that the pages of r2 can
say when each was published. Rows are appended and never changed; pages read the number and the reason from here and
from nowhere else, so that no page can carry a revision that it is not.
"""

from __future__ import annotations

import csv
import io
from dataclasses import astuple
from pathlib import Path

from popbook.ledger.atomic import replace_atomically
from popbook.ledger.datapackage import read_datapackage
from popbook.ledger.errors import DataError
from popbook.ledger.model import FIRST_REVISION, Revision
from popbook.ledger.store import read_ledger
from popbook.ledger.tableschema import check_text

REVISIONS = "revisions"
FIRST_REASON = "首次发布"


def next_revision(revision: str) -> str:
    """Return the revision after one.

    Examples
    --------
    >>> next_revision("r9")
    'r10'
    """
    return f"r{int(revision.removeprefix('r')) + 1}"


def declare_revision(
    data_dir: Path, edition: int, reason: str, published: str, first_published: str
) -> Revision:
    """Append the next revision of an edition to ``revisions.csv``, in one step.

    Parameters
    ----------
    data_dir : Path
        Data folder.
    edition : int
        Data year of an edition that has been published.
    reason : str
        Why the edition is changed, one line for readers.
    published : str
        ISO date of the new revision.
    first_published : str
        ISO date on which r1 was published; used if r1 has no row yet.

    Returns
    -------
    Revision
        The new one.

    Raises
    ------
    DataError
        If the reason cannot stand in a data file or a page (empty, too long, markup, formula); nothing is written then.
    """
    resource = read_datapackage(data_dir).resources[REVISIONS]
    problems = check_text(resource, "reason", reason)
    if problems:
        raise DataError(problems)
    known = read_ledger(data_dir).editions[edition].revisions
    rows = [] if known else [Revision(edition, FIRST_REVISION, first_published, FIRST_REASON)]
    new = Revision(edition, next_revision((*known, *rows)[-1].revision), published, reason)
    _append(data_dir / resource.path, [*rows, new])
    return new


def _append(path: Path, rows: list[Revision]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(astuple(row) for row in rows)
    fresh = path.with_suffix(".partial")
    # The old lines are copied as they stand, byte for byte.
    fresh.write_text(path.read_text(encoding="utf-8") + buffer.getvalue(), encoding="utf-8", newline="\n")
    replace_atomically(fresh, path)
