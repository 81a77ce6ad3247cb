"""What an ingest would change for readers: judgements and the sentences of the overview, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from popbook.exhibits.pages.overview import year
from popbook.exhibits.plain import plain_sections
from popbook.exhibits.report import Report, open_report
from popbook.ledger.datapackage import find_data_dir
from popbook.ledger.ingest import Addition, previewed
from popbook.ledger.store import Ledger, read_ledger
from popbook.monitoring.changes import Flip, compare_judgements

KINDS = (("规划指标", 0), ("预警", 1), ("概览的论断", 2))


def impact_text(addition: Addition, data_dir: Path | None = None) -> str:
    """Return what an addition changes in the editions that see it.

    Parameters
    ----------
    addition
        From :func:`popbook.ledger.ingest.plan_ingest`; not written yet.
    data_dir
        Data folder; default the project's.

    Returns
    -------
    str
        Chinese lines: for a new edition, its judgements beside those of the edition before, and the sentences of its
        overview; for an edition that exists already, what becomes different in it.
    """
    folder = find_data_dir(data_dir)
    if not addition.contents:
        return "台账不变，各年度版不变。"
    before = read_ledger(folder)
    parts = []
    with previewed(addition, folder) as copy:
        after = read_ledger(copy)
        for edition in after.editions:
            if edition not in before.editions:
                parts.append(_new_edition(before, edition, folder, copy))
            elif _sees_more(before, after, edition):
                parts.append(_changed_edition(edition, folder, copy))
    if not parts:
        return "没有年度版会看到这些数：它们在各年度版的截止日期之后公布，或属于还没有年度版的年份。"
    return "\n\n".join(parts)


def _sees_more(before: Ledger, after: Ledger, edition: int) -> bool:
    return len(after.for_edition(edition).observations) != len(before.for_edition(edition).observations)


def _new_edition(before: Ledger, edition: int, folder: Path, copy: Path) -> str:
    new = open_report(edition, chapter="overview", data_dir=copy)
    earlier = max((known for known in before.editions if known < edition), default=None)
    if earlier is None:
        return f"{edition}年度版的概览将写成：\n\n{_overview(new)}"
    old = open_report(earlier, chapter="overview", data_dir=folder)
    flips = _flips(old, new)
    head = f"判断的变化（{earlier}年度版 → {edition}年度版）"
    return f"{head}\n{flips or '  没有变化'}\n\n{edition}年度版的概览将写成：\n\n{_overview(new)}"


def _changed_edition(edition: int, folder: Path, copy: Path) -> str:
    old = open_report(edition, chapter="overview", data_dir=folder)
    new = open_report(edition, chapter="overview", data_dir=copy)
    said_before, said = _overview(old).splitlines(), _overview(new).splitlines()
    sentences = [
        f"  原：{was}\n  现：{now}" for was, now in zip(said_before, said, strict=True) if was != now
    ]
    return "\n".join(
        [
            f"{edition}年度版会改变",
            _flips(old, new) or "  判断没有变化",
            *(sentences or ["  概览的句子没有变化"]),
        ]
    )


def _flips(old: Report, new: Report) -> str:
    found = compare_judgements(old.ledger, new.ledger)
    return "\n".join(line for name, place in KINDS for line in _flip_lines(name, found[place]))


def _flip_lines(name: str, flips: Iterable[Flip]) -> Iterable[str]:
    for flip in flips:
        # A claim of the overview is named by its sentence; a target or a warning by its id, which leads to its page.
        shown = flip.name if flip.kind == "claim" else f"{flip.flip_id} {flip.name}"
        yield f"  {name}  {shown}：{flip.before} → {flip.after}"


def _overview(report: Report) -> str:
    return plain_sections([year(report)])
