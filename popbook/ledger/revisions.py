"""Declaring a new revision of an edition or of a booklet: one row more in ``revisions.csv`` or
``booklet_revisions.csv``, before the pages that carry it are built.

The first publication needs no row. The row of r2 brings that of r1 with it, so that the pages of r2 can say when each
was published. Rows are appended and never changed; pages read the number and the reason from here and from nowhere
else, so that no page can carry a revision that it is not. Booklets are counted each by itself: whoever quotes one is not
told of a revision that only the city, or another district, has had.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple
from functools import partial
from pathlib import Path

from popbook.ledger.atomic import replace_atomically
from popbook.ledger.datapackage import read_datapackage
from popbook.ledger.errors import DataError, PopbookError
from popbook.ledger.model import FIRST_REVISION, BookletRevision, Revision
from popbook.ledger.store import BOOKLET_REVISIONS, REVISIONS, read_ledger
from popbook.ledger.tableschema import check_text

FIRST_REASON = "首次发布"


def next_revision(revision: str) -> str:
    """Return the revision after one.

    Examples
    --------
    >>> next_revision("r9")
    'r10'
    """
    return f"r{int(revision.removeprefix('r')) + 1}"


def revisions_table(district: str = "") -> str:
    """Return the table in which revisions are declared: of the report on the city, or of booklets."""
    return BOOKLET_REVISIONS if district else REVISIONS


def declare_revision(
    data_dir: Path, edition: int, reason: str, published: str, first_published: str, district: str = ""
) -> Revision:
    """Append the next revision of an edition, or of a booklet of it, to its table, in one step.

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
    district : str
        District whose booklet it is; "" for the report on the city.

    Returns
    -------
    Revision
        The new one.

    Raises
    ------
    DataError
        If the reason cannot stand in a data file or a page (empty, too long, markup, formula); nothing is written then.
    PopbookError
        If the data folder is an older one, without a table of revisions of booklets.
    """
    name = revisions_table(district)
    resource = read_datapackage(data_dir).resources.get(name)
    if resource is None:
        raise PopbookError(f"数据文件夹没有数据表 {name}", str(data_dir), "从本项目的 data/ 补上该文件和它在 datapackage.json 中的描述")
    problems = check_text(resource, "reason", reason)
    if problems:
        raise DataError(problems)
    known = read_ledger(data_dir).about(edition, district).revisions
    make = partial(BookletRevision, region_id=district) if district else Revision
    rows = [] if known else [make(edition, FIRST_REVISION, first_published, FIRST_REASON)]
    new = make(edition, next_revision((*known, *rows)[-1].revision), published, reason)
    _append(data_dir / resource.path, [*rows, new])
    return new


def _append(path: Path, rows: Sequence[Revision]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(astuple(row) for row in rows)
    fresh = path.with_suffix(".partial")
    # The old lines are copied as they stand, byte for byte.
    fresh.write_text(path.read_text(encoding="utf-8") + buffer.getvalue(), encoding="utf-8", newline="\n")
    replace_atomically(fresh, path)
