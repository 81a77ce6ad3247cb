"""Every identifier of an exhibit that was ever published, and what became of it.

``data/exhibit_ids.csv`` is append-only: an identifier that somebody may have cited keeps its row for good. One that has
another name now is ``moved`` and names the new one; one that is no longer made is ``retired`` and says why.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from popbook.exhibits.landing import moved_page
from popbook.exhibits.model import EXHIBIT_ID
from popbook.ledger.errors import DataError, PopbookError, Problem
from popbook.publishing.built_edition import BuiltEdition, built_editions

FILE = "exhibit_ids.csv"
ACTIVE, MOVED, RETIRED = "active", "moved", "retired"
STATES = (ACTIVE, MOVED, RETIRED)
SHOWN_IDS = 5


@dataclass(frozen=True)
class PublishedId:
    """One identifier.

    Parameters
    ----------
    id : str
        ``fig-…``, ``tbl-…`` or ``fact-…``.
    first_edition : int
        Earliest edition that shows it.
    status : str
        ``active``, ``moved`` or ``retired``.
    moved_to : str
        Identifier that took its place, or "".
    reason : str
        Why it was moved or retired, for readers, or "".
    """

    id: str
    first_edition: int
    status: str
    moved_to: str
    reason: str

    @property
    def is_gone(self) -> bool:
        """Whether its address leads elsewhere or nowhere."""
        return self.status != ACTIVE


def read_registry(data_dir: Path) -> dict[str, PublishedId]:
    """Read the registry.

    Parameters
    ----------
    data_dir : Path
        Data folder.

    Returns
    -------
    dict
        Identifier to its row, in the order of the file; empty if there is no registry yet.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    path = data_dir / FILE
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        columns = [field.name for field in fields(PublishedId)]
        if reader.fieldnames != columns:
            raise DataError([Problem(FILE, 1, "", "columns", f"列应为 {','.join(columns)}", "恢复表头")])
        rows = list(reader)
    problems = [problem for row, cells in enumerate(rows, start=2) for problem in _row_problems(row, cells)]
    known = {cells["id"] for cells in rows}
    for row, cells in enumerate(rows, start=2):
        if cells["moved_to"] and cells["moved_to"] not in known:
            problems.append(
                Problem(FILE, row, "moved_to", "reference", f"没有登记 {cells['moved_to']}", "先登记新编号")
            )
    if len(known) < len(rows):
        doubled = sorted(
            {cells["id"] for cells in rows if sum(other["id"] == cells["id"] for other in rows) > 1}
        )
        problems.append(
            Problem(FILE, 0, "id", "duplicate", f"编号重复：{'、'.join(doubled)}", "每个编号一行")
        )
    if problems:
        raise DataError(problems)
    registry = {cells["id"]: _published_id(cells) for cells in rows}
    circles = [row.id for row in registry.values() if row.is_gone and last_row(registry, row.id) is None]
    if circles:
        raise DataError(
            [Problem(FILE, 0, "moved_to", "circle", f"改名成环：{'、'.join(circles)}", "让最后一个编号为 active")]
        )
    return registry


def last_row(registry: Mapping[str, PublishedId], name: str) -> PublishedId | None:
    """Return the row at which an identifier that was moved, perhaps more than once, has arrived; None for a circle.

    Parameters
    ----------
    registry : mapping
        Identifier to its row.
    name : str
        A registered identifier.

    Examples
    --------
    >>> rows = {"fig-a": PublishedId("fig-a", 2020, "moved", "fig-b", "合并"), "fig-b": PublishedId("fig-b", 2021, "active", "", "")}
    >>> last_row(rows, "fig-a").id
    'fig-b'
    """
    passed = set()
    row = registry[name]
    while row.status == MOVED:
        if row.id in passed:
            return None
        passed.add(row.id)
        row = registry[row.moved_to]
    return row


def _published_id(cells: Mapping[str, str]) -> PublishedId:
    return PublishedId(
        cells["id"], int(cells["first_edition"]), cells["status"], cells["moved_to"], cells["reason"]
    )


def _row_problems(row: int, cells: Mapping[str, str]) -> Iterable[Problem]:
    if not EXHIBIT_ID.match(cells["id"] or ""):
        yield Problem(
            FILE, row, "id", "pattern", f"“{cells['id']}”不是图表数值编号", "形如 fig-… tbl-… fact-…"
        )
    if not (cells["first_edition"] or "").isdigit():
        yield Problem(FILE, row, "first_edition", "type", "首见年度版应为年份", "写四位年份")
    status = cells["status"]
    if status not in STATES:
        yield Problem(FILE, row, "status", "enum", f"状态“{status}”未定义", f"可选：{'、'.join(STATES)}")
    if (status == MOVED) != bool(cells["moved_to"]):
        yield Problem(
            FILE, row, "moved_to", "required", "改名的编号要写明新编号，其他编号不写", "核对状态和新编号"
        )
    if status in (MOVED, RETIRED) and not cells["reason"]:
        yield Problem(FILE, row, "reason", "required", "改名或停用的编号要写明原因", "用一句话写给读者")


def first_editions(made: Mapping[int, Iterable[str]]) -> dict[str, int]:
    """Return every identifier that editions show, with the earliest of them.

    Parameters
    ----------
    made : mapping
        Data year to identifiers.

    Examples
    --------
    >>> first_editions({2024: ["fig-a", "fig-b"], 2023: ["fig-a"]})
    {'fig-a': 2023, 'fig-b': 2024}
    """
    # The earliest edition comes last and wins.
    return {name: edition for edition in sorted(made, reverse=True) for name in made[edition]}


def lost_ids(registry: Mapping[str, PublishedId], made: Mapping[int, Iterable[str]]) -> list[str]:
    """Return the active identifiers that the edition which first showed them does not show any more.

    Parameters
    ----------
    registry : mapping
        As read by :func:`read_registry`.
    made : mapping
        Data year to identifiers; other editions are not judged.
    """
    shown = {edition: set(names) for edition, names in made.items()}
    return [
        row.id
        for row in registry.values()
        if not row.is_gone and row.first_edition in shown and row.id not in shown[row.first_edition]
    ]


def new_ids(registry: Mapping[str, PublishedId], made: Mapping[int, Iterable[str]]) -> dict[str, int]:
    """Return the identifiers that editions show and the registry does not hold, with their first edition."""
    return {name: edition for name, edition in sorted(first_editions(made).items()) if name not in registry}


def compare_ids(data_dir: Path, site: Path) -> tuple[dict[str, int], list[str]]:
    """Compare the registry with the editions of a site.

    Parameters
    ----------
    data_dir : Path
        Data folder.
    site : Path
        Folder of the built site.

    Returns
    -------
    tuple of dict and list
        Identifiers that are not registered yet, with their first edition; registered ones that are lost.
    """
    made = {year: [*built.exhibits, *built.facts] for year, built in built_editions(site).items()}
    registry = read_registry(data_dir)
    return new_ids(registry, made), lost_ids(registry, made)


def append_ids(data_dir: Path, names: Mapping[str, int]) -> None:
    """Append identifiers to the registry in one step; rows that are there stay byte for byte.

    Parameters
    ----------
    data_dir : Path
        Data folder.
    names : mapping
        New identifiers and the first edition of each.
    """
    from popbook.ledger.atomic import replace_atomically

    path = data_dir / FILE
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    if not path.is_file():
        writer.writerow([field.name for field in fields(PublishedId)])
    writer.writerows(astuple(PublishedId(name, edition, ACTIVE, "", "")) for name, edition in names.items())
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    partial = path.with_suffix(".partial")
    partial.write_text(before + buffer.getvalue(), encoding="utf-8", newline="\n")
    replace_atomically(partial, path)


def require_kept(registry: Mapping[str, PublishedId], edition: int, shown: Iterable[str]) -> None:
    """Refuse an edition in which an identifier that it has shown before is missing.

    Parameters
    ----------
    registry : mapping
        As read by :func:`read_registry`.
    edition : int
        Data year.
    shown : iterable of str
        Identifiers that the edition shows.

    Raises
    ------
    PopbookError
        With all of them: somebody may have cited one.
    """
    lost = lost_ids(registry, {edition: shown})
    if lost:
        raise PopbookError(
            f"已公开的编号不见了：{'、'.join(lost)}",
            f"{edition} 年度版",
            f"恢复这些编号；确要改名或停用的，在 data/{FILE} 中把状态改为 {MOVED}（写明新编号）或 {RETIRED}，并写明原因",
        )


def require_registered(registry: Mapping[str, PublishedId], edition: int, shown: Iterable[str]) -> None:
    """Refuse to publish an edition that shows an identifier which is not registered: nothing would keep it.

    Parameters
    ----------
    registry : mapping
        As read by :func:`read_registry`.
    edition : int
        Data year.
    shown : iterable of str
        Identifiers that the edition shows.

    Raises
    ------
    PopbookError
        With the first of them and their number.

    Examples
    --------
    >>> require_registered({}, 2024, ["fig-a"])
    Traceback (most recent call last):
    popbook.ledger.errors.PopbookError: exhibit_ids.csv：2024 年度版有 1 个图表数值编号没有登记：fig-a → 先运行 popbook ids --write，核对新编号后再发布
    """
    unknown = list(new_ids(registry, {edition: shown}))
    if unknown:
        first = "、".join(unknown[:SHOWN_IDS]) + (" 等" if len(unknown) > SHOWN_IDS else "")
        raise PopbookError(
            f"{edition} 年度版有 {len(unknown)} 个图表数值编号没有登记：{first}",
            FILE,
            "先运行 popbook ids --write，核对新编号后再发布",
        )


def write_gone_pages(registry: Mapping[str, PublishedId], edition: BuiltEdition) -> None:
    """Write a page at the address of every identifier that an edition does not show any more.

    A moved one leads on at once, with a link where the browser does not follow; a retired one says why.

    Parameters
    ----------
    registry : mapping
        As read by :func:`read_registry`.
    edition : BuiltEdition
        The edition; its own exhibits have their pages.
    """
    shown = {*edition.exhibits, *edition.facts}
    for row in gone_rows(registry, edition.imprint.edition, shown):
        last = last_row(registry, row.id)
        target = last.id if last is not None and last.id in shown else ""
        folder = edition.folder / "exhibits" / row.id
        folder.mkdir(parents=True, exist_ok=True)
        page = moved_page(row.id, f"{gone_message(row)}。", edition.imprint, target)
        (folder / "index.html").write_text(page, encoding="utf-8", newline="\n")


def gone_rows(registry: Mapping[str, PublishedId], edition: int, shown: Iterable[str]) -> list[PublishedId]:
    """Return the moved and retired identifiers whose old address an edition must answer.

    Parameters
    ----------
    registry : mapping
        As read by :func:`read_registry`.
    edition : int
        Data year.
    shown : iterable of str
        Identifiers that the edition itself shows.
    """
    present = set(shown)
    return [
        row
        for row in registry.values()
        if row.is_gone and row.first_edition <= edition and row.id not in present
    ]


def gone_message(row: PublishedId) -> str:
    """Return what became of a moved or retired identifier, one Chinese sentence without a full stop.

    Examples
    --------
    >>> gone_message(PublishedId("fig-a", 2020, "moved", "fig-b", "与另一图合并"))
    '编号 fig-a 已改为 fig-b：与另一图合并'
    >>> gone_message(PublishedId("fig-a", 2020, "retired", "", "来源停止公布"))
    '编号 fig-a 已停用：来源停止公布'
    """
    state = f"已改为 {row.moved_to}" if row.status == MOVED else "已停用"
    return f"编号 {row.id} {state}：{row.reason}"
