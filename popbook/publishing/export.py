"""One exhibit out of a built edition: its reference as text, its drawing or data as a file, its page as a document."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from popbook.exhibits.citable import SENTENCE
from popbook.exhibits.references import STYLES
from popbook.ledger.errors import PopbookError, UsageError
from popbook.publishing.built_edition import BuiltEdition, built_editions, find_edition, unknown_id
from popbook.publishing.exhibit_ids import gone_message, last_row, read_registry

REPORT = "report"
"""What ``popbook cite`` takes instead of an identifier for the whole report."""

CITE_STYLES = (*STYLES, SENTENCE)

Exporter = Callable[[BuiltEdition, str], bytes]
"""Function of an edition and the id of a figure or table that returns a file's bytes."""


def _file(name: str) -> Exporter:
    def read(edition: BuiltEdition, exhibit_id: str) -> bytes:
        return (edition.folder / "exhibits" / exhibit_id / name).read_bytes()

    return read


def _document(format: str) -> Exporter:
    def make(edition: BuiltEdition, exhibit_id: str) -> bytes:
        from popbook.publishing.documents.single import exhibit_document

        return exhibit_document(edition, exhibit_id, format)

    return make


DOCUMENTS = {"pdf": _document("pdf"), "docx": _document("docx")}

EXPORTERS: dict[str, dict[str, Exporter]] = {
    "figure": {
        "svg": _file("chart.svg"),
        "png": _file("chart.png"),
        "csv": _file("data.csv"),
        "xlsx": _file("data.xlsx"),
        **DOCUMENTS,
    },
    "table": {"csv": _file("data.csv"), "xlsx": _file("data.xlsx"), **DOCUMENTS},
    "fact": {},
}
"""What can be made of each kind of exhibit, by format."""

KIND_NAMES = {"figure": "图", "table": "表", "fact": "数值"}
EXPORT_FORMATS = tuple(dict.fromkeys(name for formats in EXPORTERS.values() for name in formats))


def cite_exhibit(
    site: Path,
    data_dir: Path,
    exhibit_id: str,
    edition: int | None = None,
    style: str = CITE_STYLES[0],
    accessed: str = "",
) -> str:
    """Return the reference of an exhibit, or of the whole report.

    Parameters
    ----------
    site : Path
        Folder of the built site.
    data_dir : Path
        Data folder with the registry of identifiers.
    exhibit_id : str
        ``fig-…``, ``tbl-…``, ``fact-…``, or ``report``.
    edition : int, optional
        Data year; the newest one if not given.
    style : str
        One of :data:`CITE_STYLES`.
    accessed : str
        ISO date of access, or "".

    Returns
    -------
    str
        Text without a line feed at its end.

    Raises
    ------
    UsageError
        If the edition or the identifier is unknown, or the style does not apply.
    PopbookError
        If the identifier is retired.
    """
    from popbook.exhibits.citable import report_work

    found = find_edition(site, edition)
    if exhibit_id == REPORT:
        if style == SENTENCE:
            return f"《{found.imprint.title}》（修订号{found.imprint.revision}，数据截止{found.imprint.cut_off}）"
        return STYLES[style](report_work(found.imprint, accessed))
    known, _ = _held_as(found, site, data_dir, exhibit_id)
    return found.cite(known, accessed).text(style)


def export_exhibit(
    site: Path, data_dir: Path, exhibit_id: str, format: str, out: Path, edition: int | None = None
) -> None:
    """Write an exhibit as a file.

    Parameters
    ----------
    site, data_dir, exhibit_id, edition
        As in :func:`cite_exhibit`.
    format : str
        One of :data:`EXPORT_FORMATS`.
    out : Path
        File to write; replaced in one step, never left half-written.

    Raises
    ------
    UsageError
        If the edition or the identifier is unknown, or the exhibit has no such format.
    PopbookError
        If the identifier is retired, or the file cannot be written.
    """
    from popbook.ledger.atomic import explain_failure, replace_atomically

    found = find_edition(site, edition)
    known, _ = _held_as(found, site, data_dir, exhibit_id)
    kind = _kind(found.row(known))
    if format not in EXPORTERS[kind]:
        possible = "、".join(EXPORTERS[kind])
        remedy = f"可选：{possible}" if possible else "引用一个数用 popbook cite"
        raise UsageError(f"{KIND_NAMES[kind]} {known} 不能导出为 {format}", "--format", remedy)
    if out.is_dir():
        raise UsageError("这是一个文件夹，不是文件", str(out), "写明文件名")
    data = EXPORTERS[kind][format](found, known)
    partial = out.with_name(f".{out.name}.partial")
    try:
        partial.write_bytes(data)
        replace_atomically(partial, out)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        # Named without the file's own name, which is that of the unfinished copy.
        raise explain_failure(OSError(error.errno, error.strerror), out, "没有写文件") from None


def _kind(row: Any) -> str:
    return "fact" if "label" in row else str(row["kind"])


def current_id(site: Path, data_dir: Path, exhibit_id: str, edition: int | None = None) -> tuple[str, str]:
    """Return under which identifier an edition holds an exhibit, and a sentence if that is not the one asked for.

    Parameters
    ----------
    site, data_dir, exhibit_id, edition
        As in :func:`cite_exhibit`.

    Returns
    -------
    tuple of str and str
        The identifier, and what became of the one asked for, or "".

    Raises
    ------
    UsageError
        If the edition or the identifier is unknown.
    PopbookError
        If the identifier is retired.
    """
    return _held_as(find_edition(site, edition), site, data_dir, exhibit_id)


def _held_as(found: BuiltEdition, site: Path, data_dir: Path, exhibit_id: str) -> tuple[str, str]:
    if exhibit_id == REPORT or found.row(exhibit_id) is not None:
        return exhibit_id, ""
    registry = read_registry(data_dir)
    gone = registry.get(exhibit_id)
    if gone is None or not gone.is_gone:
        raise unknown_id(exhibit_id, found, built_editions(site).values())
    last = last_row(registry, exhibit_id)
    if last is None or last.is_gone:
        raise PopbookError(gone_message(last or gone), exhibit_id)
    if found.row(last.id) is None:
        raise unknown_id(last.id, found, built_editions(site).values())
    return last.id, f"{gone_message(gone)}。以下是 {last.id}"
